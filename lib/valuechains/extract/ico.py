"""Sheets of countries by years: the International Coffee Organization's historical tables.

A table has one row a country and one column a crop year (``1990/91``) or calendar year, group
headings between the countries, and (some) totals: parts must add up to them.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from .panels import Panel, Panels
from .raw import RawTable
from .sheets import Grid, fold, label, written
from .workbook import Workbook, looked_at

OTHER = "another table"
TOTAL = "total"  # other rows are called group/country, a group's heading group/


class Ico(Panels):
    """The layout of such tables: which of them a sheet is, its rows, what adds up.

    The sheet's name and the label of the years tell which table it is; no other unit than the
    ``printed`` one may stand there.
    """

    def fits(self, path: Path) -> bool:
        return len(looked_at(path).sheets) < 5 and super().fits(path)

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        panels = list(self._panels(book).values())
        kinds = [panel.kind for panel in panels]
        if len(kinds) != 1 or kinds == [OTHER]:
            what = f"tables of countries by years: {', '.join(kinds) or 'none'}"
            raise DataError(f"{book.file}: {what}; expected one of ICO's{book.unread}")
        panel, table = panels[0], panels[0].table
        above = [label(cell) for row in panel.sheet.cells[: panel.row] for cell in row]
        unit = re.search(self.unitlike, re.sub(table["printed"], "", " | ".join(above).casefold()))
        if unit:
            raise panel.error(f"its titles name {unit[0]!r}, expected {table['value']}")
        years = self._columns(panel)
        rows = self.names(panel, panel.row + 1, years.values(), self._names(panel, years), [TOTAL])
        grid = Grid(panel.sheet, rows, years, table["value"])
        if table["totals"]:
            level = _checked_totals(grid)
        else:
            grid.refuse(grid.data == 0, "expected a price above zero")
            level = grid.data.median()
        for year in level.index[(level < table["low"]) | (level > table["high"])]:
            message = f"{level[year]:g}, expected a level of {table['low']:,} to {table['high']:,}"
            raise panel.sheet.error(panel.row, years[year], message)
        shared = {"table": panel.kind}
        kept = {
            grid.at(row, year): shared | {table["year"]: year, table["value"]: written(value)}
            for row, line in grid.data.iterrows()
            if row.partition("/")[2] == fold(self.country)
            for year, value in line.dropna().items()
        }
        if not kept:
            near = candidates(fold(self.country), {row.partition("/")[2] for row in rows})
            raise DataError(f"{book.file}: no figure of {self.country!r}{near}")
        others = int(grid.data.count().sum()) - len(kept)
        return book.table(kept, {"figures of other countries, groups and totals": others})

    def _columns(self, panel: Panel) -> dict[str, int]:
        """Return the columns of the years: one after the other, all of one kind."""
        line, printed = self._years(panel.sheet, panel.row)
        columns = {}
        for year, column in self._placed(panel, line, printed).items():
            is_crop = "Crop" in panel.table["year"]
            expected = f"{year}/{(int(year) + 1) % 100:02}" if is_crop else year
            if line != panel.row or label(panel.sheet.cells[line][column]) != expected:
                raise panel.sheet.error(line, column, f"expected the year {expected}")
            columns[expected] = column
        return columns

    def _names(self, panel: Panel, years: dict[str, int]) -> Callable[[int, int, str], str]:
        """Return what names a row: heading, country or total.

        What follows an empty row without figures is a heading.
        """
        sheet, left, right = panel.sheet, min(years.values()), max(years.values()) + 1
        known, group, is_over = [fold(name) for name in self.groups], "", False

        def named(row: int, column: int, text: str) -> str:
            nonlocal group, is_over
            name, cells = fold(text), sheet.cells[row]
            figures = any(cell != "" for cell in cells[left:right])
            beyond = cells[:left] + cells[right:]
            is_stray = any(isinstance(cell, float) and cell for cell in beyond)
            if is_stray or (figures and is_over):
                raise sheet.error(row, left, "figures outside the years, or under the Total")
            is_after_blank = not any(label(cell) for cell in sheet.cells[row - 1][:left])
            if not is_over and name not in known and not figures and is_after_blank:
                raise sheet.error(row, 0, f"not one of {', '.join(self.groups)}")
            if is_over or name == TOTAL:
                is_first, is_over = not is_over, True
                return TOTAL if is_first else ""
            group = name if name in known else group
            return f"{group}/{'' if name in known else name}"

        return named


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
