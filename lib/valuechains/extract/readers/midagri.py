"""MIDAGRI's yearbook "Producción Agrícola" (.xls, .xlsx) → a crop's figures by department.

A crop has a sheet with its tables, in one of two forms: field crops monthly tables of area,
production, yield and price, whose first column is the year's figure; tree crops a yearly table
and monthly ones of production and price. What the tables say twice is compared, so a slip in one
cell, row, column or table is refused: the ministry's own figures agree to the last digit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ...core.errors import DataError, candidates
from .formats import Format, Found, recogniser
from .table import RawTable, Repair
from .workbook import Workbook
from .yearbook import (
    NATION,
    OVERVIEW,
    Head,
    Series,
    heads,
    name_of,
    overview,
    read_column,
    read_table,
)

PRODUCTION, AREA, YIELD, PRICE = (
    "production_t", "area_ha", "yield_kg_per_ha", "farm_price_pen_per_kg",
)  # fmt: skip
# Words for the form in which a crop is weighed: "café" is the yearbook's "café pergamino".
FORMS = {"pergamino", "cascara", "rama"}


class Yearbook:
    """An opened yearbook: the tables of each crop, found by their titles.

    Raises
    ------
    DataError
        When the file is no workbook, or has no table of a crop by region.
    """

    def __init__(self, path: Path) -> None:
        self.book = Workbook(path)
        found = [head for name in self.book.sheets for head in heads(self.book.sheet(name))]
        wide = [head for head in found if head.crop.startswith(OVERVIEW)]
        self.crops = list(_groups([head for head in found if not head.crop.startswith(OVERVIEW)]))
        years = Counter(one.year for crop in self.crops for one in crop if one.year)
        if not years:
            raise DataError(f"{self.book.file}: no table of a crop by region with a year")
        self.year = years.most_common(1)[0][0]
        self.overviews = {
            (head.measures[0], _bare(name)): (head, column)
            for head in wide
            if head.year == self.year
            for name, column in overview(head).items()
        }

    def crop(self, name: str) -> list[Head]:
        """Return the tables of one crop.

        Raises
        ------
        DataError
            When none, or more than one, goes by that name.
        """
        wanted = name_of(name)
        hits = [one for one in self.crops if wanted in _names(one)]
        hits = hits or [one for one in self.crops if _bare(wanted) in map(_bare, _names(one))]
        if len(hits) == 1:
            return hits[0]
        if hits:
            there = " and ".join(f"{max(_names(one))} (sheet {one[0].sheet.name})" for one in hits)
            raise DataError(f"{self.book.file}: crop {name!r} stands there as {there}")
        known = sorted(set().union(*map(_names, self.crops)))
        near = [one for one in known if wanted and wanted in one.split()]
        hint = f" (there are {', '.join(near)})" if near else candidates(wanted, known)
        hidden = f"; {len(self.book.hidden)} sheets are hidden" if self.book.hidden else ""
        raise DataError(f"{self.book.file}: no tables of the crop {name!r}{hint}{hidden}")


def _groups(found: list[Head]) -> Iterator[list[Head]]:
    """Yield the tables of one crop: of one name in one sheet.

    A shorter name ("arroz" among tables of "arroz cáscara") is the same crop where it stands for
    the tables that the longer one lacks.
    """
    groups: dict[tuple[str, str], list[Head]] = {}
    for head in found:
        groups.setdefault((head.sheet.name, head.crop), []).append(head)
    for sheet, name in sorted(groups, key=lambda key: len(key[1])):
        for longer in [one for one in groups if one[0] == sheet and one[1].startswith(name + " ")]:
            kinds = [{one.measures for one in groups[key]} for key in ((sheet, name), longer)]
            if not kinds[0] & kinds[1]:
                groups[longer] += groups.pop((sheet, name))
                break
    yield from groups.values()


def _names(crop: list[Head]) -> set[str]:
    return {head.crop for head in crop}


def _bare(name: str) -> str:
    return " ".join(word for word in name.split() if word not in FORMS)


def read_yearbook(path: Path, crop: str = "café", monthly: bool = False) -> RawTable:
    """Return a crop's figures by department, or by department and month.

    Parameters
    ----------
    crop : str
        Its name in the yearbook (``"papa"``, ``"arveja grano seco"``); case, accents and the
        form it is weighed in ("café pergamino") do not matter.

    Returns
    -------
    RawTable
        ``region, year, production_t, area_ha, yield_kg_per_ha, farm_price_pen_per_kg``, or with
        `monthly` ``region, year, month`` and what the monthly tables give. The first region is
        ``Nacional``; Lima Metropolitana is not in Lima. A row stands where its production
        stands. Yield and price are blank where the sheet prints 0: no crop.

    Raises
    ------
    DataError
        When the crop or one of its tables is not there, or the tables contradict each other.
    """
    return _read(Yearbook(path), crop, monthly)


def _read(yearbook: Yearbook, crop: str, monthly: bool = False) -> RawTable:
    tables = [one for one in yearbook.crop(crop) if one.measures != ("sown_ha",)]
    for head in tables:
        if head.year != yearbook.year:
            raise head.error(f"the title {head.title!r}: expected the year {yearbook.year}")
    repairs: list[Repair] = []
    series = [one for head in tables for one in read_table(head, repairs)]
    yearly = _by_measure(one for one in series if len(one.columns) == 1)
    months = _by_measure(one for one in series if len(one.columns) > 1)
    of_year = months | yearly
    sheet = f"{yearbook.book.file}, sheet {yearbook.crop(crop)[0].sheet.name!r}"
    for measure in (PRODUCTION, AREA, YIELD):
        if measure not in of_year:
            raise DataError(f"{sheet}: no table of {measure} of {crop}")
    if monthly and PRODUCTION not in months:
        raise DataError(f"{sheet}: no monthly table of {PRODUCTION} of {crop}")
    _check(yearly, months)
    _check_overview(of_year, yearbook)
    rows = (
        _monthly_rows(months, yearbook, repairs) if monthly else _rows(of_year, yearbook, repairs)
    )
    if not any(float(row[PRODUCTION] or 0) for row in rows.values()):
        raise DataError(f"{sheet}: no production of {crop} anywhere")
    table = RawTable(yearbook.book.path, pd.DataFrame.from_dict(rows, orient="index", dtype=object))
    table.repairs = repairs
    return table


def _by_measure(series: Iterator[Series]) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for one in series:
        if one.measure in found:
            raise one.head.error(f"{one.measure} stands also at {found[one.measure].head.origin}")
        found[one.measure] = one
    return found


def _text(figure: float | None) -> str:
    return "" if figure is None else repr(figure)


def _rows(of_year: dict[str, Series], yearbook: Yearbook, repairs: list[Repair]) -> dict:
    """Return one row an area; 0 for "no crop" becomes blank in yield and price."""
    out = {}
    for area in of_year[PRODUCTION].rows:
        figures = {
            one: of_year[one].figures[area, 0] if one in of_year else None
            for one in (PRODUCTION, AREA, YIELD, PRICE)
        }
        place = of_year[PRODUCTION].row_of(area)
        for measure in (YIELD, PRICE):
            if figures[measure] == 0:
                figures[measure] = None
                if figures[PRODUCTION]:
                    repairs.append(Repair(place, measure, "read", "0.0", "",
                                          f"0 beside a production is no {measure}"))  # fmt: skip
        out[place] = {"region": area, "year": str(yearbook.year)} | {
            one: _text(figure) for one, figure in figures.items()
        }
    if PRICE not in of_year:
        place = of_year[PRODUCTION].head.origin
        repairs.append(Repair(place, PRICE, "read", "", "", "the crop has no table of prices"))
    return out


def _monthly_rows(months: dict[str, Series], yearbook: Yearbook, repairs: list[Repair]) -> dict:
    production = months[PRODUCTION]
    out = {}
    for area in production.rows:
        for month in range(1, 13):
            figures = {one: months[one].figures[area, month] for one in months if one != YIELD}
            if figures.get(PRICE) == 0:
                figures[PRICE] = None
            elif figures.get(PRICE) and not figures[PRODUCTION]:
                text = _text(figures[PRICE])
                repairs.append(Repair(months[PRICE].at(area, month), PRICE, "flag", text, text,
                                      "a price without a production"))  # fmt: skip
            out[production.at(area, month)] = {
                "region": area, "year": str(yearbook.year), "month": str(month),
                **{one: _text(figures.get(one)) for one in (PRODUCTION, AREA, PRICE)},
            }  # fmt: skip
    return out


def _check(yearly: dict[str, Series], months: dict[str, Series]) -> None:
    """Compare all that the tables say twice; the tolerance is what rounding in print allows.

    In the yearbooks of 2019, 2020 and 2022 all of it holds to nine digits, but for the crops
    that are refused for it.
    """
    of_year = months | yearly
    areas = set(of_year[PRODUCTION].rows)
    for one in (*yearly.values(), *months.values()):
        if other := areas ^ set(one.rows):
            raise one.head.error(f"{', '.join(sorted(other))} is not in every table of the crop")
    for one in (*yearly.values(), *months.values()):
        if one.measure in (PRODUCTION, AREA):
            _check_sums(one)
    for area in sorted(areas):
        _check_blank(of_year, area)
        for measure in set(yearly) & set(months):
            one, other = yearly[measure], months[measure]
            _compare(one, area, 0, other.figures[area, 0] or 0.0, one.half + other.half,
                     f"the year in {other.at(area)}")  # fmt: skip
        _check_yield(of_year, area, 0)
        if {PRODUCTION, AREA, YIELD} <= set(months):
            for month in range(1, 13):
                _check_yield(months, area, month)
        if {PRODUCTION, PRICE} <= set(months):
            weights = {month: months[PRODUCTION].figures[area, month] for month in range(1, 13)}
            _check_price(months, area, 0, {(area, one): weight for one, weight in weights.items()})
    for level in (of_year, months):
        if {PRODUCTION, PRICE} <= set(level):
            for month in level[PRODUCTION].columns.keys() & level[PRICE].columns.keys():
                parts = level[PRODUCTION].parts(month)
                _check_price(level, NATION, month,
                             {(area, month): weight for area, weight in parts.items()})  # fmt: skip


def _check_overview(of_year: dict[str, Series], yearbook: Yearbook) -> None:
    """Compare with the overviews of all crops, where they call the crop by the same name.

    Only this sees a slip that all tables of the crop have in common (a whole sheet ×10).
    """
    names = {_bare(one.head.crop) for one in of_year.values()}
    for measure, one in of_year.items():
        for name in names & {crop for what, crop in yearbook.overviews if what == measure}:
            other = read_column(*yearbook.overviews[measure, name])
            for area in sorted(set(one.rows) & set(other.rows)):
                if other.figures[area, 0] is not None:
                    _compare(one, area, 0, other.figures[area, 0], one.half + other.half,
                             f"the overview in {other.at(area)}")  # fmt: skip


def _compare(one: Series, area: str, period: int, expected: float, slack: float, what: str) -> None:
    found = one.figures[area, period]
    slack = slack if found and expected else 0.0  # no crop: zero is exact
    if found is None and area == NATION and one.measure in (PRODUCTION, AREA):
        return  # 2019 leaves the country's area blank
    if abs((found or 0.0) - expected) > slack + 1e-9 * expected:
        raise one.error(area, period, f"{one.measure} of {area}: {what} gives {expected:.8g}")


def _check_blank(of_year: dict[str, Series], area: str) -> None:
    """Refuse an area with only one of production and area; the country's may be blank."""
    blank = [one for one in (PRODUCTION, AREA) if of_year[one].figures[area, 0] is None]
    if len(blank) == 1 and area != NATION:
        raise of_year[blank[0]].error(area, 0, f"no {blank[0]} of {area}")


def _check_sums(one: Series) -> None:
    """Check the country as the sum of its areas, and the year as the sum of its months."""
    for period in one.columns:
        parts = one.parts(period)
        _compare(one, NATION, period, sum(parts.values()), one.slack(parts.values()),
                 "the sum of the areas")  # fmt: skip
    if len(one.columns) > 1:
        for area in one.rows:
            months = [one.figures[area, month] or 0.0 for month in range(1, 13)]
            _compare(one, area, 0, sum(months), one.slack(months), "the sum of the months")


def _check_yield(level: dict[str, Series], area: str, period: int) -> None:
    """Check a yield as 1000 × production / area; 0 is printed where there is no area."""
    amount, land, ratio = (level[one] for one in (PRODUCTION, AREA, YIELD))
    tonnes, hectares = amount.figures[area, period], land.figures[area, period]
    slack = ratio.half
    if area == NATION and hectares is None:
        hectares, slack = sum(land.parts(period).values()), slack + 0.01
    expected = 0.0
    if tonnes and hectares:
        expected = 1000 * tonnes / hectares
        slack += expected * (amount.fine / tonnes + land.fine / hectares)
    _compare(ratio, area, period, expected, slack, "production by area")


def _check_price(level: dict[str, Series], area: str, period: int, weights: dict) -> None:
    """Check a price as the mean of others weighted by production, the ministry's own rule.

    Production without a price weighs in with 0, as the ministry has it.
    """
    price = level[PRICE]
    whole = sum(weight or 0.0 for weight in weights.values())
    expected = slack = 0.0
    if whole:
        prices = {one: price.figures[one] or 0.0 for one in weights}
        expected = sum(prices[one] * (weights[one] or 0.0) for one in weights) / whole
        spread = max(prices.values()) - min(prices.values())
        grown = sum(1 for weight in weights.values() if weight)
        slack = price.half + spread * grown * level[PRODUCTION].fine / whole
    _compare(price, area, period, expected, slack + price.half,
             "the mean weighted by production")  # fmt: skip


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file is a workbook with a table of a crop by region."""
    book = Workbook(path)
    sheets = (book.sheet(name, calculated=False) for name in book.sheets)
    return any(next(heads(one), None) for one in sheets)


def describe(path: Path) -> Found:
    """Return what a yearbook holds, of coffee and of all crops.

    Raises
    ------
    DataError
        When its coffee can't be read.
    """
    yearbook = Yearbook(path)
    coffee = _read(yearbook, "café")
    grown = coffee.frame["production_t"].astype(float).gt(0).sum() - 1
    tables, refused = sum(map(len, yearbook.crops)), []
    for crop in yearbook.crops:
        try:
            _read(yearbook, max(_names(crop), key=len))
        except DataError as problem:
            refused.append(str(problem).partition(", ")[2])
    origin = next(iter(coffee.frame.index))
    return Found(
        key=f"midagri_anuario_{yearbook.year}",
        publisher="MIDAGRI",
        title=f"Cuadros en Excel del anuario Producción Agrícola {yearbook.year}",
        short=f"MIDAGRI yearbook {yearbook.year}",
        locator=f"{coffee.frame.index[0]} and below (café, by region)",
        licence="not stated in the workbook",
        renewal="P1Y",
        contents=(
            f"year {yearbook.year}: {tables} tables of {len(yearbook.crops)} crops by region",
            f"coffee: {len(coffee.frame)} rows from {origin}, {grown} departments with production",
            *(f"repaired: {one.row}: {one.was!r} read as {one.now!r}" for one in coffee.repairs),
            f"{len(yearbook.crops) - len(refused)} crops pass the checks",
            *(f"crop refused: {one}" for one in refused),
        ),
    )


FORMAT = Format("midagri_yearbook", recognise, describe, read_yearbook, ("coffee_regional",))
