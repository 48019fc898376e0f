"""FAOSTAT, crops (QCL) and their trade (TCL): the website's download and the bulk file.

Both are long: one area, item, element and year a row. A bulk file holds every item of the world,
4 million rows and more, of which we need a few hundred: it is read row by row.

References
----------
FAOSTAT, "Definitions and standards": element codes, M49 and FAO area codes, CPC and FAO items.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ...core import countries
from ...core.errors import DataError, candidates
from ...core.places import fold
from . import values
from .formats import Format, Found, recogniser
from .rows import Rows
from .table import RawTable, Repair


class Item(NamedTuple):
    """A FAOSTAT item: name, FAO's own code, CPC code."""

    name: str
    fao: str
    cpc: str


COFFEE = Item("Coffee, green", "656", "01610")
PERU = "PER"
TONNES, DOLLARS = {"t": 1, "tonnes": 1}, {"1000 usd": 1, "1000 us$": 1}
HECTOGRAMS = {"hg/ha": 0.1, "100 g/ha": 0.1}
# Element → our measure, and by code of each vintage the units it comes in (their factors).
PRODUCTION = {
    "production": ("production_t", {"5510": TONNES, "2510": TONNES}),
    "area harvested": ("area_ha", {"5312": {"ha": 1}, "2312": {"ha": 1}}),
    "yield": ("yield_kg_per_ha", {"5412": {"kg/ha": 1}, "5419": HECTOGRAMS, "2413": HECTOGRAMS}),
}
TRADE = {
    "export quantity": ("export_t", {"5910": TONNES}),
    "export value": ("export_thousand_usd", {"5922": DOLLARS}),
    "import quantity": ("import_t", {"5610": TONNES}),
    "import value": ("import_thousand_usd", {"5622": DOLLARS}),
}
ELEMENTS = PRODUCTION | TRADE
PASSED_OVER = {"seed"}  # stood in the domain of crops until 2013
# A cell may be blank only where the flag says that there is no figure.
NO_FIGURE = {"", "M", "O", "L", "Q", "NR", "NV"}
# China as mainland, Taiwan, Hong Kong and Macao, which have rows of their own: its M49 number and
# FAO's code. FAO numbers all groups of countries from 5000.
CHINA, FIRST_GROUP = ("159", "351"), 5000
# Former states by M49 number and by FAO's code; one that has a successor of its name has its code.
FORMER = dict.fromkeys(("058", "200", "530", "582", "810", "890", "891"), "")
FORMER_FAO = {"15": "", "51": "", "62": "ETH", "151": "", "164": "", "186": "", "206": "SDN",
              "228": "", "248": ""}  # fmt: skip
COLUMNS = ["iso3", "area", "year", "measure", "value", "flag"]


class _Columns:
    """Where the cells of a row stand."""

    def __init__(self, rows: Rows) -> None:
        self.area, self.item = rows.column("Area"), rows.column("Item")
        self.element, self.element_code = rows.column("Element"), rows.column("Element Code")
        self.year, self.unit = rows.column("Year"), rows.column("Unit")
        self.value, self.flag = rows.column("Value"), rows.column("Flag")
        has = rows.header.__contains__
        # "Area Code" alone is FAO's; beside an M49 column, too.
        fao_area, fao_item = ("Area Code (FAO)", "Area Code"), ("Item Code (FAO)", "Item Code")
        self.m49 = rows.column("Area Code (M49)") if has("Area Code (M49)") else None
        self.fao = rows.column(*fao_area) if self.m49 is None or any(map(has, fao_area)) else None
        self.cpc = rows.column("Item Code (CPC)") if has("Item Code (CPC)") else None
        self.fao_item = (
            rows.column(*fao_item) if self.cpc is None or any(map(has, fao_item)) else None
        )
        self.year_code = rows.column("Year Code") if has("Year Code") else None


def read_faostat(path: Path, item: Item = COFFEE, areas: tuple[str, ...] | None = None) -> RawTable:
    """Read one item of a FAOSTAT file.

    Parameters
    ----------
    item : Item
    areas : tuple of str, optional
        ISO 3166 alpha-3 codes. By default Peru for production and every country for trade.

    Returns
    -------
    RawTable
        Columns ``iso3`` (empty for a former state), ``area``, ``year``, ``measure``
        (``production_t``, ``area_ha``, ``yield_kg_per_ha``, ``export_t``,
        ``export_thousand_usd``, ``import_t``, ``import_thousand_usd``), ``value``, ``flag``.
        Yields in hectograms are put in kilograms.

    Raises
    ------
    DataError
        For a file of another layout, codes and names that contradict each other, a unit or an
        element that is not the item's, a figure twice, a negative one, or a yield that is not
        production by area.
    """
    rows = Rows(path)
    at = _Columns(rows)
    kept, unused, repairs = {}, Counter(), []
    seen: dict[tuple, int] = {}
    word = (item.fao if at.cpc is None else item.cpc.lstrip("0")).encode()
    for row, cells in rows.holding(word, item.name.encode()):
        if not _is_item(rows, row, cells, at, item):
            continue
        try:
            measure, factor = _measure(
                cells[at.element].strip(), _code(cells[at.element_code]), cells[at.unit]
            )
            if measure is None:
                unused["other elements"] += 1
                continue
            area = cells[at.area].strip()
            iso3 = _country(
                area,
                None if at.m49 is None else _code(cells[at.m49]).zfill(3),
                None if at.fao is None else _code(cells[at.fao]).lstrip("0"),
            )
            wanted = (PERU,) if areas is None and measure in _measures(PRODUCTION) else areas
            if wanted and iso3 not in wanted:
                unused["other areas"] += 1
                continue
            if iso3 is None:
                unused[f"no country: {area}"] += 1
                continue
            year = _year(cells, at)
            if (first := seen.setdefault((area, measure, year), row)) != row:
                raise DataError(f"{measure} of {area} in {year} stands in row {first} already")
            text, flag = cells[at.value].strip(), cells[at.flag].strip()
            if not text:
                if flag not in NO_FIGURE:
                    raise DataError(f"no value, but flag {flag!r}, which goes with a figure")
                unused["no figure"] += 1
                continue
            value, plain = values.dotted(text)
            if value < 0:
                raise DataError(f"{measure} is {text}, expected no negative figure")
        except DataError as problem:
            raise rows.error(row, str(problem)) from None
        if factor != 1 or not plain:
            now = repr(round(value * factor, 6))
            why = "a number written otherwise" if factor == 1 else f"{cells[at.unit]} in kg/ha"
            repairs.append(Repair(row, "value", "read", text, now, why))
            text = now
        kept[row] = [iso3, area, str(year), measure, text, flag]
    if not kept:
        raise DataError(
            f"{rows.file}: {rows.count:,} rows, none of {item.name} ({item.cpc} or {item.fao})"
            f" with a figure{f' of {areas}' if areas else ''}"
        )
    table = RawTable(
        path, pd.DataFrame.from_dict(kept, orient="index", columns=COLUMNS, dtype=object)
    )
    _check_yields(rows, kept)
    table.repairs += repairs
    if rows.latin:
        table.repairs.append(
            Repair(rows.latin, "area", "read", "not UTF-8", "Latin-1",
                   "names of areas in this and later rows; codes decide")
        )  # fmt: skip
    table.unused = {"other items": rows.count - len(kept) - unused.total(), **unused}
    table.unused = {why: n for why, n in table.unused.items() if n}
    return table


def _measures(elements: dict) -> list[str]:
    return [measure for measure, _ in elements.values()]


def _is_item(rows: Rows, row: int, cells: list[str], at: _Columns, item: Item) -> bool:
    """Return whether a row is the item's by name and codes, which must not contradict."""
    found = [fold(cells[at.item]) == fold(item.name)]
    if at.cpc is not None:
        found.append(_code(cells[at.cpc]).lstrip("0") == item.cpc.lstrip("0"))
    if at.fao_item is not None:
        found.append(_code(cells[at.fao_item]).lstrip("0") == item.fao)
    if len(set(found)) > 1 or (item.name in cells and not any(found)):
        there = " ".join(cells[one] for one in (at.cpc, at.fao_item, at.item) if one is not None)
        raise rows.error(
            row, f"item {there!r}, expected {item.name} with CPC {item.cpc} and FAO {item.fao}"
        )
    return found[0]


def _code(text: str) -> str:
    """Return a code without the apostrophe and blanks that keep spreadsheets from changing it."""
    return text.strip().lstrip("'").strip()


@lru_cache(maxsize=4096)
def _measure(element: str, code: str, unit: str) -> tuple[str | None, float]:
    """Return our measure of an element (None for one that is passed over) and its unit's factor."""
    if fold(element) in PASSED_OVER:
        return None, 1
    if fold(element) not in ELEMENTS:
        known = [one.capitalize() for one in ELEMENTS]
        raise DataError(f"element {element!r}{candidates(element, known)}, expected "
                        f"one of {', '.join(known)}")  # fmt: skip
    measure, codes = ELEMENTS[fold(element)]
    if code not in codes:
        raise DataError(f"{element} with element code {code!r}, expected {' or '.join(codes)}")
    if (factor := codes[code].get(fold(unit))) is None:
        raise DataError(f"{element} ({code}) in {unit!r}, expected {' or '.join(codes[code])}")
    return measure, factor


@lru_cache(maxsize=4096)
def _country(name: str, m49: str | None, fao: str | None) -> str | None:
    """Return the ISO code of an area: empty for a former state, None for what is no country."""
    if fao is not None and not fao.isdecimal():
        raise DataError(f"area code {fao!r} of {name}, expected a number")
    named = countries.from_name(name) if countries.is_known(name) else None
    if m49 in CHINA or fao in CHINA or (fao and int(fao) >= FIRST_GROUP):
        if named == PERU:
            raise DataError(f"{name} with the code of a group, {m49 or fao}")
        return None
    iso3 = FORMER_FAO.get(fao, named) if m49 is None else FORMER.get(m49)
    if m49 is not None and iso3 is None:
        try:
            iso3 = countries.from_m49(m49)
        except DataError:
            if named:
                raise
    if named and iso3 and named != iso3:
        raise DataError(f"area code {m49 or fao} is {iso3}, the name is {name}")
    if fao is not None and (fao == "170") != (iso3 == PERU):
        raise DataError(f"FAO's area code {fao} with {name}; 170 is Peru")
    return iso3


def _year(cells: list[str], at: _Columns) -> int:
    text = cells[at.year].strip()
    if not re.fullmatch("(19|20)[0-9]{2}", text):
        raise DataError(f"year {text!r}, expected four digits from 1900")
    if at.year_code is not None and _code(cells[at.year_code]) != text:
        raise DataError(f"year {text} with year code {cells[at.year_code]!r}")
    return int(text)


def _check_yields(rows: Rows, kept: dict[int, list[str]]) -> None:
    """Refuse a yield that is not production by area, within the rounding of all three."""
    facts: dict[tuple, dict[str, tuple[float, int]]] = {}
    for row, (_, area, year, measure, value, _) in kept.items():
        facts.setdefault((area, year), {})[measure] = float(value), row
    for (area, year), found in facts.items():
        if not set(_measures(PRODUCTION)) <= set(found):
            continue
        tonnes, hectares = found["production_t"][0], found["area_ha"][0]
        printed, row = found["yield_kg_per_ha"]
        if not hectares:
            raise rows.error(found["area_ha"][1], f"a yield of {area} in {year} on no area")
        ratio = 1000 * tonnes / hectares
        # Half a unit of the last digit: 0.1 kg/ha, 1 ha, 1 t (0.01 t in later years).
        if abs(printed - ratio) > 0.06 + 0.5 * ratio / hectares + 500 / hectares:
            raise rows.error(
                row, f"a yield of {printed:g} kg/ha in {area} {year}, but production by area is "
                f"{ratio:.1f} kg/ha"
            )  # fmt: skip


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file has the header of a FAOSTAT download or bulk file."""
    codes = {one.partition(" (")[0] for one in Rows(path).header}
    return {"Area Code", "Item Code", "Element Code", "Element", "Year"} <= codes


def describe(path: Path) -> Found:
    """Return what a FAOSTAT file holds of coffee.

    Notes
    -----
    The file does not say when it was released. The website names a download by its day; else
    the year is taken to be two after the last with figures, when FAO's file of them is current.
    """
    table = read_faostat(path)
    years = sorted(set(table.frame["year"]))
    trade = bool(table.frame["measure"].isin(_measures(TRADE)).any())
    day = re.search(r"(?i)faostat.data.*?[0-9]{1,2}-[0-9]{1,2}-(20[0-9]{2})", path.name)
    release = int(day[1]) if day else int(years[-1]) + 2
    domain = "TCL" if trade else "QCL"
    named = table.frame["area"].unique()
    passed = "; ".join(f"{n:,} rows passed over: {why}" for why, n in table.unused.items())
    return Found(
        key=f"faostat_{domain.lower()}_{release}",
        publisher="FAO",
        title=f"FAOSTAT, domain {domain} Crops and livestock products" + " (trade)" * trade,
        short=f"FAOSTAT {'trade ' * trade}{release}",
        locator=f"item {COFFEE.cpc} {COFFEE.name}, {years[0]}-{years[-1]}",
        licence="FAO terms",
        renewal="P1Y",
        contents=(
            f"{COFFEE.name}: {', '.join(sorted(set(table.frame['measure'])))}",
            f"{years[0]}-{years[-1]}",
            f"{len(named)} countries" if len(named) > 1 else named[0],
            f"{len(table.frame):,} rows" + f" ({passed})" * bool(passed),
        ),
    )


FORMAT = Format(
    "faostat", recognise, describe, read_faostat,
    feeds=("coffee_national", "coffee_trade", "coffee_trade_peru"),
)  # fmt: skip
