"""Sheets of countries by years: the International Coffee Organization's historical tables.

A table has one row a country and one column a crop year (``1990/91``) or calendar year, group
headings between the countries, and (some) totals: parts must add up to them.
"""

import re
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from ..core.places import fold
from .formats import Layout
from .raw import RawTable
from .sheets import Grid, label, written
from .workbook import Sheet, Workbook

TOTAL = "total"  # other rows are called group/country, a group's heading group/


class Countries(Layout):
    """The layout of such tables: which of them a sheet is, its years, its rows, what adds up.

    ``header`` begins the row of years. A table is the one that is ``called`` like the sheet's name
    with what stands above and in that row; no other unit than the ``printed`` one may stand there.
    """

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        sheets = (book.sheet(name, calculated=False) for name in book.sheets)
        return len(book.sheets) < 5 and any(self._header(one) for one in sheets)

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        sheet, header, name = self._sheet(book)
        table = self.tables[name]
        years = self._years(sheet, header, "Crop" in table["year"])
        rows = self._rows(sheet, header, years)
        grid = Grid(sheet, rows, years, table["value"])
        if not table["totals"]:
            grid.refuse(grid.data == 0, "expected a price above zero")
            level = grid.data.median()
        else:
            level = _checked_totals(grid)
        for year in level.index[(level < table["low"]) | (level > table["high"])]:
            said = f"{level[year]:g}, expected a level of {table['low']:,} to {table['high']:,}"
            raise sheet.error(header, years[year], said)
        kept = {
            grid.at(row, year): {"table": name, table["year"]: year, table["value"]: written(value)}
            for row, line in grid.data.iterrows()
            if row.partition("/")[2] == fold(self.country)
            for year, value in line.dropna().items()
        }
        if not kept:
            near = candidates(fold(self.country), {row.partition("/")[2] for row in rows})
            raise DataError(f"{sheet.file}: no figure of {self.country!r}{near}")
        others = int(grid.data.count().sum()) - len(kept)
        return book.table(kept, {"figures of other countries, groups and totals": others})

    def _header(self, sheet: Sheet) -> list[int]:
        """Return the row that has the years, after a label that says which kind of years."""
        for row, cells in enumerate(sheet.cells[:20]):
            labels = [label(cell) for cell in cells if cell != ""]
            years = [one for one in labels if re.fullmatch(r"\d{4}(/\d{2})?", one)]
            if len(years) > 1 and re.match(self.header, fold(labels[0])):
                return [row]
        return []

    def _sheet(self, book: Workbook) -> tuple[Sheet, int, str]:
        """Return the sheet of the table, its header and which table it is."""
        sheets = [book.sheet(name) for name in book.sheets]
        headed = [(sheet, row) for sheet in sheets for row in self._header(sheet)]
        if len(headed) != 1:
            what = f"{len(headed)} sheets with a header of crop or calendar years"
            raise DataError(f"{book.file}: {what}, expected one{book.unread}")
        sheet, header = headed[0]
        titles = [label(cell) for row in sheet.cells[:header] for cell in row if cell != ""]
        first = next(label(cell) for cell in sheet.cells[header] if cell != "")
        said = " | ".join([sheet.name, *titles, first]).casefold()
        named = [key for key, table in self.tables.items() if re.search(table["called"], said)]
        if len(named) != 1:
            expected = ", ".join(table["value"] for table in self.tables.values())
            raise sheet.refusal(f"{said[:200]!r} is not one of {expected}")
        table = self.tables[named[0]]
        strange = re.search(self.unitlike, re.sub(table["printed"], "", said.partition(" | ")[2]))
        if strange:
            raise sheet.refusal(f"its titles name {strange[0]!r}, expected {table['value']}")
        return sheet, header, named[0]

    def _years(self, sheet: Sheet, header: int, is_crop: bool) -> dict[str, int]:
        """Return the columns of the years: one after the other, all of one kind."""
        labels = [label(cell) for cell in sheet.cells[header]]
        printed = [column for column, text in enumerate(labels) if text][1:]
        first = re.match(r"\d{4}", labels[printed[0]])
        years: dict[str, int] = {}
        for column in range(printed[0], printed[-1] + 1):
            year = int(first[0]) + len(years) if first else 0
            expected = f"{year}/{(year + 1) % 100:02}" if is_crop else f"{year}"
            if labels[column] != expected:
                raise sheet.error(header, column, f"expected the year {expected}")
            years[expected] = column
        return years

    def _rows(self, sheet: Sheet, header: int, years: dict[str, int]) -> dict[str, int]:
        """Return where each heading, country and total stands.

        What follows an empty row without figures is a heading.
        """
        left, right = min(years.values()), max(years.values()) + 1
        rows: dict[str, int] = {}
        group, is_after_blank = "", False
        for row in range(header + 1, len(sheet.cells)):
            cells = sheet.cells[row]
            names = [fold(label(cell)) for cell in cells[:left] if isinstance(cell, str) and cell]
            figures = any(cell != "" for cell in cells[left:right])
            beside = cells[:left] + cells[right:]
            is_stray = any(isinstance(cell, float) and cell for cell in beside)
            if is_stray or (figures and (not names or TOTAL in rows)):
                problem = "figures outside the years, without a country, or under the Total"
                raise sheet.error(row, left, problem)
            if names and TOTAL not in rows:
                is_group = names[0] in map(fold, self.groups)
                if not is_group and not figures and is_after_blank:
                    raise sheet.error(row, 0, f"not one of {', '.join(self.groups)}")
                group = names[0] if is_group else group
                key = f"{group}/{'' if is_group else names[0]}" if names[0] != TOTAL else TOTAL
                if key in rows:
                    raise sheet.error(row, 0, f"{names[0]} stands twice in {group or 'the table'}")
                rows[key] = row
            is_after_blank = not names
        return rows


def _checked_totals(grid: Grid) -> pd.Series:
    """Return the totals; countries must add up to their group's and the table's."""
    if TOTAL not in grid.rows:
        raise grid.sheet.refusal("no row 'Total' at its end")
    countries = [row for row in grid.rows if row.partition("/")[2]]
    for total in grid.rows:
        if total == TOTAL or (total.endswith("/") and grid.data.loc[total].fillna(0.0).any()):
            parts = [row for row in countries if total == TOTAL or row.startswith(total)]
            grid.add_up(total, parts, f"{total} in all: what its countries add up to")
    return grid.data.loc[TOTAL]
