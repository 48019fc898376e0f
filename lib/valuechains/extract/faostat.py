"""Rules of FAOSTAT's files: items, elements and areas whose codes agree, yields that are ratios.

References
----------
FAOSTAT, "Definitions and standards": element codes, M49 and FAO area codes, CPC and FAO items.
"""

import pandas as pd

from ..core import countries
from ..core.errors import DataError, candidates
from ..core.places import fold
from .long import Facts, LongLayout
from .raw import RawTable

PERU, PERU_OF_FAO = "PER", "170"


class Faostat(LongLayout):
    """FAOSTAT's layout: the item, its elements, and codes of areas that are no country."""

    def search(self, at: dict[str, int]) -> tuple[str, ...]:
        code = self.item["cpc" if "cpc" in at else "fao_item"]
        return code.lstrip("0"), self.item["item"]

    def words(self, table: RawTable) -> dict[str, object]:
        trade = bool(table.frame["measure"].str.contains("port_").any())
        domain = "TCL" if trade else "QCL"
        return {"domain": domain, "tcl": domain.lower(), "trade": "trade " * trade}

    def choose(self, facts: Facts) -> None:
        facts.set("item", ["item"], fold)
        wanted = self.item | {"item": fold(self.item["item"])}
        codes = facts.frame[[name for name in wanted if facts.frame[name].notna().any()]]
        same = codes.apply(lambda cells: cells.str.lstrip("0") == wanted[cells.name].lstrip("0"))
        misplaced = facts.frame.isin([self.item["item"]]).any(axis=1) & ~same.any(axis=1)
        apart = same.any(axis=1) & ~same.all(axis=1)
        expected = " ".join(self.item.values())
        facts.refuse_if(apart | misplaced, f"item {{item!r}}, expected {expected}")
        facts.frame = facts.frame[same.all(axis=1)]
        facts.set("element", ["element"], fold)
        facts.drop(facts.frame["element"].isin(self.passed_over), "other elements")
        facts.set("measure", ["element", "element_code", "unit"], self._measure)
        facts.set("iso3", ["area", "m49", "fao"], self._area)
        only = facts.frame["measure"].map(self.only)
        facts.drop(only.notna() & (only != facts.frame["iso3"]), "other areas")
        for area in facts.frame.loc[facts.frame["iso3"].isna(), "area"].unique():
            facts.drop(facts.frame["area"] == area, f"no country: {area}")
        facts.set("factor", ["unit"], lambda unit: self.factors.get(fold(unit), 1))

    def _measure(self, element: str, code: str, unit: str) -> str:
        printed = fold(f"{element} {code} {unit}")
        if printed not in self.measures:
            near = candidates(printed, self.measures) or f", expected {', '.join(self.measures)}"
            raise DataError(f"element {element!r}, code, unit: {printed!r}{near}")
        return self.measures[printed]

    def _area(self, name: str, m49: str | None, fao: str | None) -> str | None:
        """Return the ISO code of an area: empty for a former state, None for what is no country."""
        if fao is not None and not fao.isdecimal():
            raise DataError(f"area code {fao!r} of {name}, expected a number")
        m49, fao = m49 and m49.zfill(3), fao and fao.lstrip("0")
        named = countries.from_name(name) if countries.is_known(name) else None
        if m49 in self.groups or fao in self.groups or (fao and int(fao) >= self.first_group):
            if named == PERU:
                raise DataError(f"{name} with the code of a group, {m49 or fao}")
            return None
        if m49 is None:
            iso3 = self.former_fao.get(fao or "", named)
        elif m49 in self.former:
            iso3 = ""
        else:
            try:
                iso3 = countries.from_m49(m49)
            except DataError:
                if named:
                    raise
                iso3 = None
        if named and iso3 and named != iso3:
            raise DataError(f"area code {m49 or fao} is {iso3}, the name is {name}")
        if fao is not None and (fao == PERU_OF_FAO) != (iso3 == PERU):
            raise DataError(f"FAO's area code {fao} with {name}; {PERU_OF_FAO} is Peru")
        return iso3

    def complete(self, facts: Facts) -> None:
        blank = facts.frame["value"] == ""
        why = "no value, but flag {flag!r}, which goes with a figure"
        facts.refuse_if(blank & ~facts.frame["flag"].isin(self.no_figure), why)
        facts.drop(blank, "no figure")

    def check(self, facts: Facts) -> dict[int, str]:
        """Refuse a yield that is not production by area, within the rounding of all three."""
        figures = facts.frame.astype({"value": "float64"})
        wide = figures.pivot(index=["area", "year"], columns="measure", values="value")
        yields = figures[figures["measure"] == "yield_kg_per_ha"]
        if {"production_t", "area_ha"} <= set(wide) and len(yields):
            here = wide.loc[pd.MultiIndex.from_frame(yields[["area", "year"]])]
            here = here.set_axis(yields.index)
            tonnes, hectares = here["production_t"], here["area_ha"]
            ratio = 1000 * tonnes / hectares
            # Half a unit of the last digit: 0.1 kg/ha, 1 ha, 1 t (0.01 t in later years).
            right = (yields["value"] - ratio).abs() <= 0.06 + (0.5 * ratio + 500) / hectares
            wrong = ~right & tonnes.notna() & hectares.notna()
            facts.frame = facts.frame.assign(ratio=ratio)
            why = "a yield of {value} kg/ha in {area} {year}, but production by area is {ratio:.1f}"
            facts.refuse_if(wrong, f"{why} kg/ha")
        return {}
