"""International Coffee Organization, historical data, tables 1a, 2a and 3a → one country's figures.

A table has one row a country and one column a crop year (``1990/91``) or calendar year, group
headings between the countries, and (1a, 2a) totals: parts must add up to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd

from ...core.errors import DataError, candidates
from ...core.places import fold
from . import values
from .formats import Format, Found, recogniser
from .table import RawTable, Repair
from .workbook import Cell, Sheet, Workbook, place


@dataclass(frozen=True)
class _Kind:
    """One of the tables: what its sheet is called, its unit, and what a plain table looks like.

    ``low`` and ``high`` bound the Total of every year (the world's coffee is 60 to 200 million
    bags) or, without totals, the median of all figures: the file may not print its unit.
    """

    number: str
    name: str
    called: str
    years: str
    unit: str
    printed: str
    totals: bool
    low: float
    high: float


_BAGS = r"(in )?(thousands? (of )?|000 |1,000 |'000 )60[ -]?(kg|kilo|kilogram)s?[ -]bags"
KINDS = (
    _Kind("1a", "Total production", r"(?<!exportable )production", "crop",
          "thousand 60-kg bags", _BAGS, True, 4e4, 4e5),
    _Kind("2a", "Exports - calendar year", r"(?<!re-)(?<!re)exports?\b", "calendar",
          "thousand 60-kg bags", _BAGS, True, 4e4, 4e5),
    _Kind("3a", "Prices paid to growers", r"grower", "calendar", "US cents/lb",
          r"(in )?us cents( per |/)(lb|pound)\.?", False, 20, 300),
)  # fmt: skip
GROUPS = (
    "April group", "July group", "October group",
    "Colombian Milds", "Other Milds", "Brazilian Naturals", "Robustas",
)  # fmt: skip
COLUMNS = ("table", "country", "group", "year", "value", "unit")
_UNITLIKE = re.compile(r"\b(bags?|tonnes?|tons?|kg|kilos?|lbs?|pounds?|cents|us\$|dollars)\b")


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a workbook is one of ICO's tables: a sheet of countries by (crop) years."""
    book = Workbook(path)
    return len(book.sheets) < 5 and any(
        _header(book.sheet(name, calculated=False)) is not None for name in book.sheets
    )


def describe(path: Path) -> Found:
    """Return what a table says of itself (a file has no date: its key has its last year).

    Raises
    ------
    DataError
    """
    _, kind, _, columns = _table(Workbook(path))
    table, last = read_ico(path), columns[max(columns)]
    years = table.frame["year"]
    return Found(
        key=f"ico_historical_{kind.number}_{last[:4]}",
        publisher="International Coffee Organization",
        title=f"Historical Data on the Global Coffee Trade, {kind.number} {kind.name}",
        short=f"ICO historical data, table {kind.number}, to {last}",
        locator=f"{table.frame['country'].iloc[0]}, {years.iloc[0]} to {years.iloc[-1]}",
        licence="not recorded",
        renewal="P1Y",
        contents=(
            f"{kind.number} {kind.name}, {kind.unit} (the unit of this table, which the file "
            f"need not print), {table.frame['country'].iloc[0]}: {years.iloc[0]} to "
            f"{years.iloc[-1]}, {len(years)} figures",
        ),
    )


def read_ico(path: Path, country: str = "Peru") -> RawTable:
    """Return one country's figures, a row a figure, numbered by its cell (``Production!C14``).

    Returns
    -------
    RawTable
        ``table`` (1a, 2a, 3a), ``country``, ``group``, ``year`` as printed (``1990/91``,
        ``1990``), ``value`` and ``unit``. In 3a a country can stand in several groups.

    Raises
    ------
    DataError
        For a table that is none of these, a unit that is not its own, years missing or out of
        order, an unknown group, a country twice in a group, a cell that is no figure, or parts
        that do not add up to the printed totals.
    """
    sheet, kind, header, years = _table(Workbook(path))
    body = _Body(sheet, header, years)
    lines = list(body.lines())
    if kind.totals:
        _check_sums(body, lines, kind)
    else:
        _check_level(body, lines, kind)
    rows = {}
    for line in lines:
        if line.role == "country" and fold(line.name) == fold(country):
            for column, value in line.values.items():
                if value is not None:
                    rows[place(sheet.name, line.row, column)] = (
                        kind.number, country, line.group, years[column], repr(value), kind.unit,
                    )  # fmt: skip
    if not rows:
        named = sorted({line.name for line in lines if line.role == "country"})
        raise DataError(f"{sheet.file}: no figure of {country!r}{candidates(country, named)}")
    table = RawTable(
        path, pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS), dtype=object)
    )
    table.repairs = body.repairs
    figures = sum(value is not None for line in lines for value in line.values.values())
    table.unused = {"figures of other countries, groups and totals": figures - len(rows)}
    return table


def _label(cell: Cell) -> str:
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return " ".join(text.split())


def _header(sheet: Sheet) -> int | None:
    """Return the row that has the years, after a label that says which kind of years."""
    for row, cells in enumerate(sheet.cells[:20]):
        labels = [_label(cell) for cell in cells]
        first = next(filter(None, labels), "").casefold()
        years = [one for one in labels if re.fullmatch(r"\d{4}(/\d{2})?", one)]
        if re.match(r"(crop|calendar) years?", first) and len(years) > 1:
            return row
    return None


def _table(book: Workbook) -> tuple[Sheet, _Kind, int, dict[int, str]]:
    """Return the sheet of the table, which table it is, its header and the years by column."""
    found = [
        (sheet, row)
        for sheet in map(book.sheet, book.sheets) if (row := _header(sheet)) is not None
    ]  # fmt: skip
    if len(found) != 1:
        hidden = f" (hidden: {', '.join(book.hidden)})" if book.hidden else ""
        raise DataError(
            f"{book.file}: {len(found)} sheets{hidden} with a header of crop or calendar years, "
            "expected one"
        )
    sheet, header = found[0]
    titles = [_label(c) for row in sheet.cells[:header] for c in row if c != ""]
    said = " | ".join([sheet.name, *titles]).casefold()
    named = [kind for kind in KINDS if re.search(kind.called, said)]
    row = sheet.cells[header]
    first = next(column for column, cell in enumerate(row) if cell != "")
    if len(named) != 1 or not str(row[first]).casefold().startswith(named[0].years):
        raise DataError(
            f"{sheet.file}: sheet {sheet.name!r} by {row[first]} is not one of "
            + ", ".join(f"{kind.number} {kind.name} ({kind.years} years)" for kind in KINDS)
        )
    kind = named[0]
    for text in titles:
        rest = re.sub(kind.printed, "", text.casefold())
        if strange := _UNITLIKE.search(rest):
            raise DataError(
                f"{sheet.file}: {text!r} names {strange[0]!r}, expected figures in {kind.unit}"
            )
    return sheet, kind, header, _years(sheet, header, first, kind)


def _years(sheet: Sheet, header: int, first: int, kind: _Kind) -> dict[int, str]:
    """Return the labels of the years by column: one after the other, in the table's form."""
    form = r"\d{4}/\d{2}" if kind.years == "crop" else r"\d{4}"
    years: dict[int, str] = {}
    for column in range(first + 1, len(sheet.cells[header])):
        label = _label(sheet.cells[header][column])
        if not label and (not years or not _column_filled(sheet, header, column)):
            continue
        start = int(label[:4]) if re.fullmatch(form, label) else None
        expected = int(years[column - 1][:4]) + 1 if column - 1 in years else start
        if start is None or (years and start != expected) or (
            kind.years == "crop" and int(label[5:]) != (start + 1) % 100
        ):  # fmt: skip
            raise sheet.error(header, column, f"expected the next {kind.years} year")
        years[column] = label
    return years


def _column_filled(sheet: Sheet, header: int, column: int) -> bool:
    return any(isinstance(row[column], float) for row in sheet.cells[header + 1 :])


@dataclass(frozen=True)
class _Line:
    """One row of a table: what it is (heading, country, total), its figures by column."""

    row: int
    role: str
    name: str
    group: str
    values: dict[int, float | None]


class _Body:
    """The rows under the header, and the cells that were put right while reading them."""

    def __init__(self, sheet: Sheet, header: int, years: dict[int, str]) -> None:
        self.sheet, self.header, self.years = sheet, header, years
        self.repairs: list[Repair] = []

    def lines(self) -> Iterator[_Line]:
        """Yield every row that says something, in order.

        Raises
        ------
        DataError
        """
        first, last = min(self.years), max(self.years)
        group, after_blank, seen = "", False, set()
        for row in range(self.header + 1, len(self.sheet.cells)):
            cells = self.sheet.cells[row]
            name = next((_label(one) for one in cells[:first] if isinstance(one, str) and one), "")
            figures = {column: self._figure(row, column) for column in self.years}
            empty = all(value is None for value in figures.values())
            if any(isinstance(one, float) and one for one in (*cells[:first], *cells[last + 1 :])):
                raise self.sheet.error(row, first, "the row has figures outside the years")
            if not empty and (not name or "Total" in seen):
                raise self.sheet.error(row, first, "figures without a country, or under the Total")
            if name and "Total" not in seen:
                role, group = self._role(row, name, group, empty and after_blank)
                key = "Total" if role == "total" else (group, fold(name), role)
                if key in seen:
                    raise self.sheet.error(row, 0, f"{name} stands twice in {group or 'the table'}")
                seen.add(key)
                yield _Line(row, role, name, group, figures)
            after_blank = not name

    def _role(self, row: int, name: str, group: str, may_head: bool) -> tuple[str, str]:
        if fold(name) in map(fold, GROUPS):
            return "heading", name
        if fold(name) == "total":
            return "total", group
        if may_head:
            raise self.sheet.error(row, 0, f"{name!r} is not one of {', '.join(GROUPS)}")
        return "country", group

    def _figure(self, row: int, column: int) -> float | None:
        cell = self.sheet.cells[row][column]
        if isinstance(cell, str) and cell in values.MISSING:
            return None
        if isinstance(cell, str):
            try:
                number = values.number(cell, "auto")
            except DataError as problem:
                raise self.sheet.error(row, column, str(problem)) from None
            self.repairs.append(
                Repair(place(self.sheet.name, row, column), "value", "read", cell, repr(number),
                       "a number kept as text")
            )  # fmt: skip
            cell = number
        if not isinstance(cell, float) or not 0 <= cell < float("inf"):
            raise self.sheet.error(row, column, "expected a figure that is not negative")
        return cell


def _check_sums(body: _Body, lines: list[_Line], kind: _Kind) -> None:
    """Refuse countries that do not add up to their group's and the table's totals.

    They do so to the last digit in the tables as published: what is allowed is rounding in print.
    """
    countries = [line for line in lines if line.role == "country"]
    if lines[-1].role != "total":
        raise DataError(f"{body.sheet.file}, sheet {body.sheet.name!r}: no row 'Total' at its end")
    headed = [line for line in lines if line.role == "heading" and any(line.values.values())]
    for total in (*headed, lines[-1]):
        parts = [one for one in countries if total.role == "total" or one.group == total.name]
        for column, year in body.years.items():
            given = [one.values[column] or 0.0 for one in parts]
            digits = max(map(_decimals, given), default=0)
            found, printed = sum(given), total.values[column] or 0.0
            if abs(found - printed) > 0.5 * (len(given) + 1) * 10.0**-digits:
                raise body.sheet.error(
                    total.row, column,
                    f"the countries of {total.name!r} add up to {found:,.3f} in {year}",
                )  # fmt: skip
            if total.role == "total" and not kind.low <= printed <= kind.high:
                raise body.sheet.error(
                    total.row, column,
                    f"expected {kind.low:,.0f} to {kind.high:,.0f} {kind.unit} in all",
                )  # fmt: skip


def _check_level(body: _Body, lines: list[_Line], kind: _Kind) -> None:
    """Refuse a table of prices whose median or whose zeros can't be prices in its unit."""
    known = {(line.row, c): v for line in lines for c, v in line.values.items() if v is not None}
    if zero := next((cell for cell, value in known.items() if value == 0), None):
        raise body.sheet.error(*zero, "expected a price above zero")
    if not known or not kind.low <= median(known.values()) <= kind.high:
        found = f"{median(known.values()):.4g}" if known else "missing"
        raise DataError(
            f"{body.sheet.file}, sheet {body.sheet.name!r}: the median of all prices is {found}, "
            f"expected {kind.low:g} to {kind.high:g} {kind.unit}"
        )


def _decimals(value: float) -> int:
    """Return how many decimals are printed (sums carry binary noise behind the sixth)."""
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


FORMAT = Format("ico", recognise, describe, read_ico, feeds=("coffee_ico",))
