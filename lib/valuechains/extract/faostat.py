"""Rules of FAOSTAT's files: items, elements and areas whose codes agree, yields that are ratios.

References
----------
FAOSTAT, "Definitions and standards": element codes, M49 and FAO area codes, CPC and FAO items.
"""

from ..core.errors import DataError, candidates
from .long import Cells, LongLayout, check_year, country, country_named
from .raw import RawTable
from .sheets import fold

PERU, PERU_OF_FAO = "PER", "170"
RATIO = ("production_t", "area_ha", "yield_kg_per_ha")


class Faostat(LongLayout):
    """FAOSTAT's layout: the item, its elements, and codes of areas that are no country."""

    def search(self, at: dict[str, int]) -> tuple[str, ...]:
        code = self.item["cpc" if "cpc" in at else "fao_item"]
        return code.lstrip("0"), self.item["item"]

    def words(self, table: RawTable) -> dict[str, object]:
        trade = bool(table.frame["measure"].str.contains("port_").any())
        domain = "TCL" if trade else "QCL"
        return {"domain": domain, "tcl": domain.lower(), "trade": "trade " * trade}

    def choose(self, cells: Cells) -> str:
        # Our item's name in another column than its own shows that cells are shifted.
        printed = {name: cells[name] for name in self.item if cells[name] is not None}
        same = {_bare(text) == _bare(self.item[name]) for name, text in printed.items()}
        if same == {False} and self.item["item"] not in cells.values():
            return self.others
        if same != {True}:
            expected = " ".join(self.item.values())
            raise DataError(f"item {cells['item']!r}, code and name: expected {expected}")
        if fold(cells["element"]) in self.passed_over:
            return "other elements"
        cells["measure"] = self._measure(cells["element"], cells["element_code"], cells["unit"])
        cells["iso3"] = self._area(cells["area"], cells["m49"], cells["fao"])
        if self.only.get(cells["measure"], cells["iso3"]) != cells["iso3"]:
            return "other areas"
        if cells["iso3"] is None:
            return f"no country: {cells['area']}"
        check_year(cells["year"], cells["year_code"])
        if not cells["value"] and cells["flag"] not in self.no_figure:
            raise DataError(f"no value, but flag {cells['flag']!r}, which goes with a figure")
        return "" if cells["value"] else "no figure"

    def _measure(self, element: str, code: str, unit: str) -> str:
        printed = fold(f"{element} {code} {unit}")
        if printed not in self.measures:
            near = candidates(printed, self.measures) or f", expected {', '.join(self.measures)}"
            raise DataError(f"element {element!r}, code, unit: {printed!r}{near}")
        return self.measures[printed]

    def _area(self, name: str, m49: str | None, fao: str | None) -> str | None:
        """Return the ISO code of an area: empty for a former state, None for what is no country."""
        m49, fao, named = m49 and m49.zfill(3), (fao or "0").lstrip("0"), country_named(name)
        if fao and not fao.isdecimal():
            raise DataError(f"area code {fao!r} of {name}, expected a number")
        is_group = m49 in self.groups or fao in self.groups or int(fao or 0) >= self.first_group
        if is_group and named != PERU:
            return None
        if m49 is None:
            iso3 = self.former_fao.get(fao, named or None)
        else:
            iso3 = "" if m49 in self.former else country(m49) or None
        if named and iso3 not in ("", named):
            raise DataError(f"area code {m49 or fao} is {iso3 or 'none'}, the name is {name}")
        if fao and (fao == PERU_OF_FAO) != (iso3 == PERU):
            raise DataError(f"FAO's area code {fao} with {name}; {PERU_OF_FAO} is Peru")
        return iso3

    def check(self, table: RawTable) -> None:
        """Put figures into our units; refuse a yield that is not production by area.

        It may be off by the rounding of all three.
        """
        for row, factor in table.frame["unit"].map(fold).map(self.factors).dropna().items():
            was = table.frame.at[row, "value"]
            table.frame.at[row, "value"] = now = repr(round(float(was) * factor, 6))
            table.note(row, "value", was, now, "put into our unit")
        rows = table.frame.assign(row=table.frame.index)
        if not {*RATIO} <= set(rows["measure"]):
            return
        wide = rows.pivot(index=["area", "year"], columns="measure", values=["value", "row"])
        tonnes, hectares, printed = (wide["value", name].astype("float64") for name in RATIO)
        ratio = 1000 * tonnes / hectares
        # Half a unit of the last digit: 0.1 kg/ha, 1 ha, 1 t (0.01 t in later years).
        wrong = (printed - ratio).abs() > 0.06 + (0.5 * ratio + 500) / hectares
        for area, year in wrong.index[wrong]:
            row, found = wide.at[(area, year), ("row", RATIO[2])], printed[area, year]
            raise DataError(
                f"{table.file}, row {row}: a yield of {found} kg/ha in {area} {year}, "
                f"but production by area is {ratio[area, year]:.1f} kg/ha"
            )


def _bare(text: str) -> str:
    return fold(text).lstrip("0")
