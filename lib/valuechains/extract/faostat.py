"""Rules of FAOSTAT's files: items, elements and areas whose codes agree, yields that are ratios.

References
----------
FAOSTAT, "Definitions and standards": element codes, M49 and FAO area codes, CPC and FAO items.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ..core import countries, places
from ..core.errors import DataError, candidates
from .long import Cell, LongLayout, Passed
from .raw import RawTable, Repair
from .text import Rows

PERU, PERU_OF_FAO = "PER", "170"
fold = lru_cache(maxsize=4096)(places.fold)  # a file repeats its words


class Faostat(LongLayout):
    """FAOSTAT's layout: the item, its elements, and codes of areas that are no country."""

    def search(self, at: dict[str, int]) -> tuple[str, ...]:
        code = self.item["cpc" if "cpc" in at else "fao_item"]
        return code.lstrip("0"), self.item["item"]

    def words(self, table: RawTable) -> dict[str, object]:
        trade = bool(table.frame["measure"].str.contains("port_").any())
        return {
            "domain": "TCL" if trade else "QCL",
            "tcl": "tcl" if trade else "qcl",
            "trade": "trade " * trade,
        }

    def wanted(self, cell: Cell) -> bool:
        same = [fold(cell["item"]) == fold(self.item["item"])]
        for code in ("cpc", "fao_item"):
            if code in cell:
                same.append(cell[code].lstrip("0") == self.item[code].lstrip("0"))
        misplaced = not any(same) and self.item["item"] in cell.values()
        if len(set(same)) > 1 or misplaced:
            there = " ".join(cell[name] for name in self.item if name in cell)
            raise DataError(f"item {there!r}, expected {' '.join(self.item.values())!r}")
        return same[0]

    def record(self, cell: Cell, area: Callable) -> dict:
        if fold(cell["element"]) in self.passed_over:
            raise Passed("other elements")
        printed = fold(f"{cell['element']} {cell['element_code']} {cell['unit']}")
        if printed not in self.measures:
            near = candidates(printed, self.measures) or f", expected {', '.join(self.measures)}"
            raise DataError(f"element {cell['element']!r}, code, unit: {printed!r}{near}")
        measure = self.measures[printed]
        iso3 = area(cell["area"], cell.get("m49"), cell.get("fao"))
        if iso3 != self.only.get(measure, iso3):
            raise Passed("other areas")
        if iso3 is None:
            raise Passed(f"no country: {cell['area']}")
        return {
            "iso3": iso3,
            "area": cell["area"],
            "measure": measure,
            "value": cell["value"],
            "flag": cell["flag"],
            "factor": self.factors.get(fold(cell["unit"]), 1),
        }

    def complete(self, row: int, cell: Cell, record: dict, repairs: list[Repair]) -> None:
        if not record["value"]:
            if record["flag"] not in self.no_figure:
                raise DataError(f"no value, but flag {record['flag']!r}, which goes with a figure")
            raise Passed("no figure")

    def area(self, name: str, m49: str | None, fao: str | None) -> str | None:
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
        elif named:
            iso3 = countries.from_m49(m49)
        else:
            iso3 = _from_m49(m49)
        if named and iso3 and named != iso3:
            raise DataError(f"area code {m49 or fao} is {iso3}, the name is {name}")
        if fao is not None and (fao == PERU_OF_FAO) != (iso3 == PERU):
            raise DataError(f"FAO's area code {fao} with {name}; {PERU_OF_FAO} is Peru")
        return iso3

    def check(self, rows: Rows, table: RawTable) -> None:
        """Refuse a yield that is not production by area, within the rounding of all three."""
        facts: dict[tuple, dict[str, tuple[float, int]]] = {}
        for row, cell in table.frame.iterrows():
            fact = facts.setdefault((cell["area"], cell["year"]), {})
            fact[cell["measure"]] = float(cell["value"]), row
        for (area, when), figures in facts.items():
            if not {"production_t", "area_ha", "yield_kg_per_ha"} <= set(figures):
                continue
            tonnes, (hectares, row_of_area) = figures["production_t"][0], figures["area_ha"]
            printed, row = figures["yield_kg_per_ha"]
            if not hectares:
                raise rows.error(row_of_area, f"a yield of {area} in {when} on no area")
            ratio = 1000 * tonnes / hectares
            # Half a unit of the last digit: 0.1 kg/ha, 1 ha, 1 t (0.01 t in later years).
            if abs(printed - ratio) > 0.06 + 0.5 * ratio / hectares + 500 / hectares:
                what = f"a yield of {printed:g} kg/ha in {area} {when}"
                raise rows.error(row, f"{what}, but production by area is {ratio:.1f} kg/ha")


def _from_m49(code: str) -> str | None:
    """Return the country of a number, None for a group of countries."""
    try:
        return countries.from_m49(code)
    except DataError:
        return None
