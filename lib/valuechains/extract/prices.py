"""Sheets of prices by month or year: the World Bank's Pink Sheet.

A sheet has title lines, a row of names, a row of units and one row a month (``1960M01``) or
year. Sheets and columns are found by what they say, not where they stand.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from .formats import Layout
from .raw import RawTable
from .sheets import Grid, label, written
from .workbook import Sheet, Workbook, looked_at, place

TOP = 20  # rows of a sheet in which the names of columns stand


class Prices(Layout):
    """The layout of such workbooks: kinds of sheets, their columns, units and periods."""

    def fits(self, path: Path) -> bool:
        book = looked_at(path)
        return len(book.sheets) < 10 and bool(self._sheets(book, book.head))

    def text(self, path: Path) -> str:
        book = looked_at(path)
        sheets = self._sheets(book, book.head)
        return "\n".join(line for _, sheet in sheets for line in titles(sheet))

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        sheets = self._sheets(book, book.sheet)
        kinds = [kind for kind, _ in sheets]
        if kinds not in self.together:
            expected = ", or ".join(" and ".join(wanted) for wanted in self.together)
            raise DataError(
                f"{book.file}: no sheet titled like, or not once each, {expected} prices; "
                f"there are {', '.join(kinds or book.sheets)}{book.unread}"
            )
        rows: dict[str, dict] = {}
        for kind, sheet in sheets:  # a printed year before the mean of its months
            rows |= self._prices(sheet, *kind.split(" ", 1))
        columns = [f"{name}, {basis} ($/kg)" for basis in self.bases for name in self.commodities]
        table = book.table(rows, {})
        table.whole = table.frame.reindex(columns=["Year", *columns], fill_value="")
        empty = (table.whole.drop(columns="Year") == "").all(axis=1)
        why = "a year without all of its twelve months: no mean"
        table.rejected = dict.fromkeys(table.whole.index[empty], why)
        table.frame = table.whole[~empty]
        return table

    def _sheets(self, book: Workbook, read: Callable[[str], Sheet]) -> list[tuple[str, Sheet]]:
        """Return the sheets of prices, each with its kind as its title says it."""
        likely = [name for name in book.sheets if "prices" in name.casefold()] or book.sheets
        known = {kind for kinds in self.together for kind in kinds}
        sheets = []
        for sheet in map(read, likely):
            title = re.search(self.titled, "\n".join(titles(sheet)), re.MULTILINE)
            if title:
                kind = f"{title[1]} {title[2].replace('constant', 'real')}"
                basis = re.search(self.basis, sheet.name.casefold())
                if kind not in known or (basis and basis[1] not in kind):
                    raise sheet.refusal(f"titled {kind} prices, expected {sorted(known)}")
                sheets.append((kind, sheet))
        return sorted(sheets, key=lambda pair: pair[0])

    def _prices(self, sheet: Sheet, every: str, basis: str) -> dict[str, dict]:
        """Return the prices of a sheet, a row a year: as printed, or the mean of its months."""
        columns, top = self._columns(sheet)
        periods = self._periods(sheet, every, list(columns.values()), top)
        grid = Grid(sheet, periods, columns, "price ($/kg)")
        prices, most = grid.data, 12 if every == "monthly" else 1
        grid.refuse(prices == 0, "expected a price above zero")
        gap = prices.isna() & prices.ffill().notna() & prices.bfill().notna()
        grid.refuse(gap, "a gap between two prices")
        step = prices / prices.shift()
        far = (step > self.steps) | (step < 1 / self.steps)
        grid.refuse(far & (every == "monthly"), "far from the month before")
        years = prices.groupby(prices.index.str[:4])
        means = years.agg(pd.Series.mean).where(years.count() == most)
        rows = {}
        for year, figures in means.iterrows():
            places = [place(sheet.name, row) for at, row in periods.items() if at[:4] == year]
            named = {f"{name}, {basis} ($/kg)": written(x) for name, x in figures.items()}
            rows["+".join(places)] = {"Year": year} | named
        return rows

    def _columns(self, sheet: Sheet) -> tuple[dict[str, int], int]:
        """Return the column of each commodity, and the row below their units."""
        names = {
            (row, column): re.sub(r"[\s*]+", " ", str(cell)).strip().casefold()
            for row, cells in enumerate(sheet.cells[:TOP])
            for column, cell in enumerate(cells)
        }
        columns, top = {}, 0
        for name in self.commodities:
            found = [at for at, text in names.items() if text == name.casefold()]
            if len(found) != 1:
                near = candidates(name, {*names.values()} - {name.casefold()})
                raise sheet.refusal(f"{len(found)} columns {name!r}{near}")
            row, columns[name] = found[0]
            top = row + 2
            if re.sub(r"\s", "", names.get((row + 1, columns[name]), "")) != "($/kg)":
                raise sheet.error(row, columns[name], "expected the unit ($/kg) below it")
        return columns, top

    def _periods(self, sheet: Sheet, every: str, prices: list[int], top: int) -> dict[str, int]:
        """Return the row of each period: one after the other, left of the prices."""
        form, step = self.periods[every], 1 if every == "monthly" else 12
        periods: dict[str, int] = {}
        before = 0
        for row in range(top, len(sheet.cells)):
            filled = [sheet.cells[row][column] for column in prices]
            hits = [re.fullmatch(form, label(cell)) for cell in sheet.cells[row][: min(prices)]]
            period = next(filter(None, hits), None)
            if period is None:
                # Above the first period, text may be a series' code.
                if any(cell != "" and (periods or not isinstance(cell, str)) for cell in filled):
                    raise sheet.error(row, 0, f"prices without a period like {form}")
                continue
            if "" in filled:
                raise sheet.error(row, prices[0], "empty, expected a price or … if there is none")
            number = int(period[1]) * 12 + int(period[2] or 1)
            if periods and number - before != step:
                raise sheet.error(row, 0, f"not the {every} period after the one above")
            periods[period[0]], before = row, number
        if not periods:
            raise sheet.refusal(f"no period like {form} left of the prices")
        return periods


def titles(sheet: Sheet) -> list[str]:
    """Return the texts of a sheet's first rows."""
    return [cell.casefold() for row in sheet.cells[:12] for cell in row if isinstance(cell, str)]
