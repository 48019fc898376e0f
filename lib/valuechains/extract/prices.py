"""Sheets of prices by month or year: the World Bank's Pink Sheet.

A sheet has title lines, a row of names, a row of units and one row a month (``1960M01``) or
year. Sheets and columns are found by what they say, not where they stand.
"""

import re
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from .formats import Layout
from .raw import RawTable
from .sheets import Grid, label, written
from .workbook import Sheet, Workbook, place


class Prices(Layout):
    """The layout of such workbooks: kinds of sheets, their columns, units and periods."""

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        return len(book.sheets) < 10 and bool(self._sheets(book))

    def text(self, path: Path) -> str:
        sheets = self._sheets(Workbook(path))
        return "\n".join(line for _, sheet in sheets for line in titles(sheet))

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        sheets = self._sheets(book)
        kinds = [kind for kind, _ in sheets]
        if kinds not in self.together:
            expected = ", or ".join(" and ".join(one) for one in self.together)
            raise DataError(
                f"{book.file}: no sheet titled like, or not once each, {expected} prices; "
                f"there are {', '.join(kinds or book.sheets)}{book.unread}"
            )
        parts = [self._prices(sheet, kind) for kind, sheet in sheets]
        prices = pd.concat(parts)  # a printed year before the mean of its months
        columns = [f"{name}, {basis} ($/kg)" for basis in self.bases for name in self.commodities]
        table = book.table(prices.reindex(columns=["Year", *columns]).to_dict("index"), {})
        empty = (table.whole.drop(columns="Year") == "").all(axis=1)
        why = "a year without all of its twelve months: no mean"
        table.rejected = dict.fromkeys(table.whole.index[empty], why)
        table.frame = table.whole[~empty]
        return table

    def _sheets(self, book: Workbook) -> list[tuple[str, Sheet]]:
        """Return the sheets of prices, each with its kind as its title says it."""
        likely = [name for name in book.sheets if "prices" in name.casefold()] or book.sheets
        known = {kind for kinds in self.together for kind in kinds}
        sheets = []
        for sheet in map(book.sheet, likely):
            found = [re.search(self.titled, line) for line in titles(sheet)]
            for title in list(filter(None, found))[:1]:
                kind = f"{title[1]} {title[2].replace('constant', 'real')}"
                basis = re.search(self.basis, sheet.name.casefold())
                if kind not in known or (basis and basis[1] not in kind):
                    raise sheet.refusal(f"titled {kind} prices, expected {sorted(known)}")
                sheets.append((kind, sheet))
        return sorted(sheets, key=lambda one: one[0])

    def _prices(self, sheet: Sheet, kind: str) -> pd.DataFrame:
        """Return the prices of a sheet, a row a year: as printed, or the mean of its months."""
        every, basis = kind.split(" ", 1)
        columns, units = self._columns(sheet)
        periods = self._periods(sheet, units, every, list(columns.values()))
        grid = Grid(sheet, periods, columns, "price ($/kg)")
        prices = grid.data
        grid.refuse(prices == 0, "expected a price above zero")
        gap = prices.isna() & prices.ffill().notna() & prices.bfill().notna()
        grid.refuse(gap, "a gap between two prices")
        step = prices / prices.shift()
        far = (step > self.steps) | (step < 1 / self.steps)
        grid.refuse(far & (every == "monthly"), "far from the month before")
        rows = pd.Series(periods)
        year = rows.index.str[:4]
        places = pd.Series([place(sheet.name, row) for row in rows], rows.index)
        out = pd.DataFrame({"Year": year.unique()}, places.groupby(year).agg("+".join))
        means = prices.groupby(year)
        figures = means.agg(pd.Series.mean)
        figures = figures.where(means.count() == (12 if every == "monthly" else 1)).map(written)
        for name in columns:
            out[f"{name}, {basis} ($/kg)"] = figures[name].to_numpy()
        return out

    def _columns(self, sheet: Sheet) -> tuple[dict[str, int], int]:
        """Return the column of each commodity, and the row of units."""
        cells = sheet.cells[:20]
        printed = [[re.fullmatch(r"\(.+\)", str(cell)) for cell in row] for row in cells]
        number = next((n for n, row in enumerate(printed) if sum(map(bool, row)) > 1), 0)
        above = next((row for row in cells[:number][::-1] if any(row)), [])
        if not above:
            raise sheet.refusal("no row of units like ($/kg) under the names")
        names = [re.sub(r"[\s*]+", " ", str(cell)).strip().casefold() for cell in above]
        columns = {}
        for name in self.commodities:
            if names.count(name.casefold()) != 1:
                near = candidates(name, [one for one in names if one not in ("", name.casefold())])
                raise sheet.refusal(f"{names.count(name.casefold())} columns {name!r}{near}")
            column = names.index(name.casefold())
            if re.sub(r"\s", "", str(cells[number][column])) != "($/kg)":
                raise sheet.error(number, column, "expected the unit ($/kg)")
            columns[name] = column
        return columns, number

    def _periods(self, sheet: Sheet, units: int, every: str, prices: list[int]) -> dict[str, int]:
        """Return the row of each period: one after the other, left of the prices."""
        form, body = self.periods[every], range(units + 1, len(sheet.cells))
        cells = {(row, c): label(sheet.cells[row][c]) for row in body for c in range(min(prices))}
        left = next((c for (_, c), text in cells.items() if re.fullmatch(form, text)), None)
        if left is None:
            raise sheet.refusal(f"no period like {form} left of the prices")
        periods: dict[str, int] = {}
        before = 0
        for row in body:
            filled = [sheet.cells[row][column] for column in prices]
            period = re.fullmatch(form, cells[row, left])
            if period and "" in filled:
                raise sheet.error(row, prices[0], "empty, expected a price or … if there is none")
            if period:
                number = int(period[1]) * 12 + int(period[2] or 1)
                if before and number - before != (1 if every == "monthly" else 12):
                    raise sheet.error(row, left, f"not the {every} period after the one above")
                periods[period[0]], before = row, number
            # Above the first period, text may be a series' code.
            elif any(cell != "" and (periods or not isinstance(cell, str)) for cell in filled):
                raise sheet.error(row, left, f"prices without a period like {form}")
        return periods


def titles(sheet: Sheet) -> list[str]:
    """Return the texts of a sheet's first rows."""
    return [cell.casefold() for row in sheet.cells[:12] for cell in row if isinstance(cell, str)]
