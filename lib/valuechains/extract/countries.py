"""Sheets of countries by years: the International Coffee Organization's historical tables.

A table has one row a country and one column a crop year (``1990/91``) or calendar year, group
headings between the countries, and (some) totals: parts must add up to them.
"""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

import pandas as pd

from ..core.declared import Declared
from ..core.errors import DataError, candidates
from ..core.places import fold
from .layout import Layout
from .raw import RawTable, Repair
from .sheets import Grid, figure, label, written
from .workbook import Sheet, Workbook, place

HEADING, COUNTRY, TOTAL = "heading", "country", ("total", "", "Total")


class Table(Declared):
    """One of the tables: what its sheet is called, its years and unit, what is plain.

    ``low`` and ``high`` bound the Total of every year (the world's coffee is 60 to 200 million
    bags) or, without totals, the median of all figures: the file may not print its unit.
    """

    called: str
    years: str
    year: str
    value: str
    printed: str
    totals: bool
    low: float
    high: float


class Countries(Layout):
    """What the layout declares: its header, its tables, groups of countries, units' words."""

    country: str
    header: str
    forms: dict[str, str]
    tables: dict[str, Table]
    groups: tuple[str, ...]
    unitlike: str

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        sheets = (book.sheet(name, calculated=False) for name in book.sheets)
        return len(book.sheets) < 5 and any(self._header(one) is not None for one in sheets)

    def table(self, path: Path) -> RawTable:
        sheet, header, name = self._sheet(Workbook(path))
        table = self.tables[name]
        years = self._years(sheet, header, table)
        repairs: list[Repair] = []
        grid = self._grid(sheet, header, years, repairs)
        self._check_sums(grid, table) if table.totals else _check_level(grid, table)
        rows = {
            grid.at(row, year): {"table": name, table.year: year, table.value: written(value)}
            for (row, year), value in grid.figures.items()
            if row[0] == COUNTRY and fold(row[2]) == fold(self.country) and value is not None
        }
        if not rows:
            near = candidates(self.country, {row[2] for row in grid.rows})
            raise DataError(f"{sheet.file}: no figure of {self.country!r}{near}")
        out = RawTable(path, pd.DataFrame.from_dict(rows, orient="index", dtype=object))
        out.repairs = repairs
        known = sum(value is not None for value in grid.figures.values())
        out.unused = {"figures of other countries, groups and totals": known - len(rows)}
        return out

    def periods_of(self, table: RawTable) -> pd.Series:
        return table.frame[self.tables[table.frame["table"].iloc[0]].year]

    def _header(self, sheet: Sheet) -> int | None:
        """Return the row that has the years, after a label that says which kind of years."""
        for row, cells in enumerate(sheet.cells[:20]):
            labels = [label(cell) for cell in cells]
            first = next(filter(None, labels), "").casefold()
            years = [one for one in labels if re.fullmatch(r"\d{4}(/\d{2})?", one)]
            if re.match(self.header, first) and len(years) > 1:
                return row
        return None

    def _sheet(self, book: Workbook) -> tuple[Sheet, int, str]:
        """Return the sheet of the table, its header and which table it is."""
        sheets = {sheet: self._header(sheet) for sheet in map(book.sheet, book.sheets)}
        headed = {sheet: row for sheet, row in sheets.items() if row is not None}
        if len(headed) != 1:
            hidden = f" (hidden: {', '.join(book.hidden)})" if book.hidden else ""
            raise DataError(
                f"{book.file}: {len(headed)} sheets{hidden} with a header of crop or calendar "
                "years, expected one"
            )
        ((sheet, header),) = headed.items()
        titles = [label(cell) for row in sheet.cells[:header] for cell in row if cell != ""]
        said = " | ".join([sheet.name, *titles]).casefold()
        first = next(label(cell) for cell in sheet.cells[header] if cell != "").casefold()
        named = [key for key, table in self.tables.items() if re.search(table.called, said)]
        if len(named) != 1 or not first.startswith(self.tables[named[0]].years):
            expected = ", ".join(table.value for table in self.tables.values())
            raise sheet.refusal(f"by {first}, is not one of {expected}")
        table = self.tables[named[0]]
        for text in titles:
            strange = re.search(self.unitlike, re.sub(table.printed, "", text.casefold()))
            if strange:
                raise sheet.refusal(f"{text!r} names {strange[0]!r}, expected {table.value}")
        return sheet, header, named[0]

    def _years(self, sheet: Sheet, header: int, table: Table) -> dict[str, int]:
        """Return the columns of the years: one after the other, in the table's form."""
        cells = sheet.cells[header]
        first = next(column for column, cell in enumerate(cells) if cell != "")
        years: dict[str, int] = {}
        for column in range(first + 1, len(cells)):
            text = label(cells[column])
            filled = any(isinstance(row[column], float) for row in sheet.cells[header + 1 :])
            if not text and not (years and filled):
                continue
            year = re.fullmatch(self.forms[table.years], text)
            last = max(years, default="")
            follows = not last or (
                bool(year) and int(year[1]) == int(last[:4]) + 1 and years[last] == column - 1
            )
            if not year or not follows or (year[2] and int(year[2]) != (int(year[1]) + 1) % 100):
                raise sheet.error(header, column, f"expected the next {table.years} year")
            years[text] = column
        return years

    def _grid(
        self, sheet: Sheet, header: int, years: dict[str, int], repairs: list[Repair]
    ) -> Grid:
        """Return all figures; a row is called (what it is, its group, its name)."""
        first, last = min(years.values()), max(years.values())
        rows, figures = {}, {}
        group, after_blank = "", False
        for row in range(header + 1, len(sheet.cells)):
            cells = sheet.cells[row]
            name = next((label(one) for one in cells[:first] if isinstance(one, str) and one), "")
            line = {
                year: figure(sheet, row, column, "figure", repairs)
                for year, column in years.items()
            }
            empty = all(value is None for value in line.values())
            if any(isinstance(one, float) and one for one in (*cells[:first], *cells[last + 1 :])):
                raise sheet.error(row, first, "the row has figures outside the years")
            if not empty and (not name or TOTAL in rows):
                raise sheet.error(row, first, "figures without a country, or under the Total")
            if name and TOTAL not in rows:
                key = self._role(name, group)
                if key[0] == COUNTRY and empty and after_blank:
                    raise sheet.error(row, 0, f"{name!r} is not one of {', '.join(self.groups)}")
                if key in rows:
                    raise sheet.error(row, 0, f"{name} stands twice in {group or 'the table'}")
                group, rows[key] = key[1], row
                figures |= {(key, year): value for year, value in line.items()}
            after_blank = not name
        return Grid(sheet, rows, years, figures)

    def _role(self, name: str, group: str) -> tuple[str, str, str]:
        if fold(name) in map(fold, self.groups):
            return HEADING, name, name
        return TOTAL if fold(name) == "total" else (COUNTRY, group, fold(name))

    def _check_sums(self, grid: Grid, table: Table) -> None:
        """Refuse countries that do not add up to their group's and the table's totals."""
        if TOTAL not in grid.rows:
            raise grid.sheet.refusal("no row 'Total' at its end")
        for total in grid.rows:
            printed = any(grid.figures[total, year] for year in grid.columns)
            if total != TOTAL and not (total[0] == HEADING and printed):
                continue
            parts = [row for row in grid.rows if row[0] == COUNTRY]
            parts = [row for row in parts if total == TOTAL or row[1] == total[1]]
            for year in grid.columns:
                given = [grid.figures[row, year] or 0.0 for row in parts]
                grid.add_up(total, year, given, f"{total[2]} in {year}: what its countries add up")
        for year in grid.columns:
            if not table.low <= (grid.figures[TOTAL, year] or 0) <= table.high:
                limits = f"{table.low:,.0f} to {table.high:,.0f}"
                raise grid.error(TOTAL, year, f"expected {limits} in all: {table.value}")


def _check_level(grid: Grid, table: Table) -> None:
    """Refuse a table of prices whose median or whose zeros can't be prices in its unit."""
    known = {cell: value for cell, value in grid.figures.items() if value is not None}
    for cell, value in known.items():
        if value == 0:
            raise grid.error(*cell, "expected a price above zero")
    middle = median(known.values()) if known else 0
    if not table.low <= middle <= table.high:
        limits = f"{table.low:g} to {table.high:g}"
        raise grid.sheet.refusal(f"the median is {middle:.4g}, expected {limits}: {table.value}")
