"""Sheets of countries by years: the International Coffee Organization's historical tables.

A table has one row a country and one column a crop year (``1990/91``) or calendar year, group
headings between the countries, and (some) totals: parts must add up to them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from ..core.places import fold
from .formats import Layout, raw
from .raw import RawTable
from .sheets import Grid, label, written
from .workbook import Sheet, Workbook

TOTAL = "total"  # other rows are called group/country, a group's heading group/


class Countries(Layout):
    """The layout of such tables: which of them a sheet is, its years, its rows, what adds up."""

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        sheets = (book.sheet(name, calculated=False) for name in book.sheets)
        return len(book.sheets) < 5 and any(self._header(one) is not None for one in sheets)

    def table(self, path: Path) -> RawTable:
        sheet, header, name = self._sheet(Workbook(path))
        table, repairs = self.tables[name], []
        years = self._years(sheet, header, table["years"])
        rows = self._rows(sheet, header, years)
        grid = Grid(sheet, rows, years, table["value"], repairs)
        self._check_headings(grid)
        figures = pd.Series(grid.data.to_numpy().ravel()).dropna()
        if table["totals"]:
            _check_sums(grid)
            level = grid.data.loc[[TOTAL]]
        else:
            grid.refuse(grid.data == 0, "expected a price above zero")
            level = pd.DataFrame({max(years): figures.median()}, index=list(rows)[-1:])
        wrong = ~((level >= table["low"]) & (level <= table["high"]))
        grid.refuse(wrong, f"expected a level of {table['low']:,} to {table['high']:,}")
        kept = {
            grid.at(row, year): {"table": name, table["year"]: year, table["value"]: written(value)}
            for row, line in grid.data.iterrows()
            if row.partition("/")[2] == fold(self.country)
            for year, value in line.dropna().items()
        }
        if not kept:
            near = candidates(fold(self.country), {row.partition("/")[2] for row in rows})
            raise DataError(f"{sheet.file}: no figure of {self.country!r}{near}")
        others = {"figures of other countries, groups and totals": len(figures) - len(kept)}
        return raw(path, kept, repairs, others)

    def _header(self, sheet: Sheet) -> int | None:
        """Return the row that has the years, after a label that says which kind of years."""
        for row, cells in enumerate(sheet.cells[:20]):
            labels = [label(cell) for cell in cells if cell != ""]
            years = [one for one in labels if re.fullmatch(r"\d{4}(/\d{2})?", one)]
            if labels and re.match(self.header, labels[0].casefold()) and len(years) > 1:
                return row
        return None

    def _sheet(self, book: Workbook) -> tuple[Sheet, int, str]:
        """Return the sheet of the table, its header and which table it is."""
        headed = [(sheet, self._header(sheet)) for sheet in map(book.sheet, book.sheets)]
        headed = [(sheet, row) for sheet, row in headed if row is not None]
        if len(headed) != 1:
            what = f"{len(headed)} sheets with a header of crop or calendar years"
            raise DataError(f"{book.file}: {what}, expected one{book.unread}")
        sheet, header = headed[0]
        titles = [label(cell) for row in sheet.cells[:header] for cell in row if cell != ""]
        said = " | ".join([sheet.name, *titles]).casefold()
        first = next(label(cell) for cell in sheet.cells[header] if cell != "").casefold()
        named = [key for key, table in self.tables.items() if re.search(table["called"], said)]
        if len(named) != 1 or not first.startswith(self.tables[named[0]]["years"]):
            expected = ", ".join(table["value"] for table in self.tables.values())
            raise sheet.refusal(f"by {first}, is not one of {expected}")
        table = self.tables[named[0]]
        strange = re.search(
            self.unitlike, re.sub(table["printed"], "", " | ".join(titles).casefold())
        )
        if strange:
            raise sheet.refusal(f"its titles name {strange[0]!r}, expected {table['value']}")
        return sheet, header, named[0]

    def _years(self, sheet: Sheet, header: int, kind: str) -> dict[str, int]:
        """Return the columns of the years: one after the other, in the table's form."""
        columns = range(len(sheet.cells[header]))
        filled = [
            column
            for column in columns
            if any(isinstance(row[column], float) for row in sheet.cells[header + 1 :])
        ]
        labels = {column: label(sheet.cells[header][column]) for column in columns}
        printed = [column for column in columns if labels[column]][1:]
        years: dict[str, int] = {}
        for column in range(min(printed), max(printed + filled) + 1):
            year = re.fullmatch(self.forms[kind], labels[column])
            start = int(year[1]) if year else 0
            follows = not years or start == int(max(years)[:4]) + 1
            if not year or not follows or (year[2] and int(year[2]) != (start + 1) % 100):
                raise sheet.error(header, column, f"expected the next {kind} year")
            years[labels[column]] = column
        return years

    def _rows(self, sheet: Sheet, header: int, years: dict[str, int]) -> dict[str, int]:
        """Return where each heading, country and total stands."""
        first, last = min(years.values()), max(years.values())
        groups = {fold(group) for group in self.groups}
        rows: dict[str, int] = {}
        group = ""
        for row in range(header + 1, len(sheet.cells)):
            cells = sheet.cells[row]
            names = [label(cell) for cell in cells[:first] if isinstance(cell, str) and cell]
            outside = any(
                isinstance(cell, float) and cell for cell in cells[:first] + cells[last + 1 :]
            )
            filled = any(cell != "" for cell in cells[first : last + 1])
            if outside or (filled and (not names or TOTAL in rows)):
                problem = "figures outside the years, without a country, or under the Total"
                raise sheet.error(row, first, problem)
            if not names or TOTAL in rows:
                continue
            name = fold(names[0])
            group = name if name in groups else group
            key = f"{group}/{'' if name in groups else name}" if name != TOTAL else TOTAL
            if key in rows:
                raise sheet.error(row, 0, f"{names[0]} stands twice in {group or 'the table'}")
            rows[key] = row
        return rows

    def _check_headings(self, grid: Grid) -> None:
        """Refuse a heading that is no known group: a name after a blank row, without figures."""
        for key, row in grid.rows.items():
            above = grid.sheet.cells[row - 1][: min(grid.columns.values())]
            named = any(isinstance(cell, str) and cell for cell in above)
            if key.partition("/")[2] and grid.data.loc[key].isna().all() and not named:
                raise grid.sheet.error(row, 0, f"not one of {', '.join(self.groups)}")


def _check_sums(grid: Grid) -> None:
    """Refuse countries that do not add up to their group's and the table's totals."""
    if TOTAL not in grid.rows:
        raise grid.sheet.refusal("no row 'Total' at its end")
    countries = [row for row in grid.rows if row.partition("/")[2]]
    for total in grid.rows:
        if total == TOTAL or (total.endswith("/") and grid.data.loc[total].fillna(0.0).any()):
            parts = [row for row in countries if total == TOTAL or row.startswith(total)]
            grid.add_up(total, parts, f"{total} in all: what its countries add up to")
