"""Sheets of prices by month or year: the World Bank's Pink Sheet.

A sheet has title lines, a row of names, a row of units and one row a month (``1960M01``) or
year. Sheets and columns are found by what they say, not where they stand.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from .formats import Layout, raw
from .raw import RawTable, Repair
from .sheets import Grid, label, written
from .workbook import Sheet, Workbook, place

MONTHS = 12


class Prices(Layout):
    """The layout of such workbooks: kinds of sheets, their columns, units and periods."""

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        named = [*book.sheets, *book.hidden]
        titled = any(re.match(self.sheet_names, name.casefold()) for name in named)
        return titled or (len(named) < 10 and bool(self._sheets(book)))

    def text(self, path: Path) -> str:
        sheets = self._sheets(Workbook(path))
        return "\n".join(line for _, sheet in sheets for line in titles(sheet))

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        sheets = self._sheets(book)
        kinds = [kind for kind, _ in sheets]
        if kinds not in [sorted(one) for one in self.together]:
            expected = ", or ".join(" and ".join(one) for one in self.together)
            raise DataError(
                f"{book.file}: no sheet titled like, or not once each, {expected} prices; "
                f"there are {', '.join(kinds or book.sheets)}{book.unread}"
            )
        repairs: list[Repair] = []
        rows: dict[str, dict] = {}
        for kind, sheet in sheets:  # a printed year goes before the mean of its months
            rows |= self._rows(sheet, kind, repairs)
        table = raw(path, rows, repairs, {})
        for basis in self.bases:
            for name in self.commodities:
                if f"{name}, {basis} ($/kg)" not in table.whole:
                    table.whole[f"{name}, {basis} ($/kg)"] = ""
        empty = (table.whole.drop(columns="Year") == "").all(axis=1)
        why = "a year without all of its twelve months: no mean"
        table.rejected = dict.fromkeys(table.whole.index[empty], why)
        table.frame = table.whole[~empty]
        return table

    def _sheets(self, book: Workbook) -> list[tuple[str, Sheet]]:
        """Return the sheets of prices, each with its kind as its title says it."""
        likely = [name for name in book.sheets if "prices" in name.casefold()] or book.sheets
        sheets = []
        for sheet in map(book.sheet, likely):
            found = [re.search(self.titled, line) for line in titles(sheet)]
            kinds = [f"{one[1]} {one[2].replace('constant', 'real')}" for one in found if one]
            if not kinds:
                continue
            basis = re.search(self.basis, sheet.name.casefold())
            known = {kind for kinds in self.together for kind in kinds}
            if kinds[0] not in known or (basis and basis[1] not in kinds[0]):
                raise sheet.refusal(f"titled {kinds[0]} prices, expected {sorted(known)}")
            sheets.append((kinds[0], sheet))
        return sorted(sheets, key=lambda one: one[0])

    def _rows(self, sheet: Sheet, kind: str, repairs: list[Repair]) -> dict[str, dict]:
        """Return the prices of a sheet, a row a year: as printed, or the mean of its months."""
        every, basis = kind.split(" ", 1)
        columns, units = self._columns(sheet, repairs)
        periods = self._periods(sheet, units, every, columns)
        grids = [
            Grid(sheet, periods, {name: column}, f"{name} ($/kg)", repairs, scale)
            for name, (column, scale) in columns.items()
        ]
        rows: dict[str, dict] = {}
        years = sorted({period[:4] for period in periods})
        for grid, name in zip(grids, columns, strict=True):
            self._refuse_breaks(grid, grid.data[name], every)
            for year in years:
                here = [period for period in periods if period[:4] == year]
                prices = grid.data[name][grid.data.index.isin(here)]
                whole = every != "monthly" or prices.count() == MONTHS
                at = "+".join(place(sheet.name, periods[period]) for period in here)
                row = rows.setdefault(at, {"Year": year})
                row[f"{name}, {basis} ($/kg)"] = written(prices.mean() if whole else None)
        return rows

    def _columns(
        self, sheet: Sheet, repairs: list[Repair]
    ) -> tuple[dict[str, tuple[int, float]], int]:
        """Return the column and the unit's factor of each commodity, and the row of units."""
        above: list = []
        for row in sheet.cells[:20]:
            filled = [str(cell) for cell in row if cell != ""]
            printed = [cell for cell in filled if re.fullmatch(r"\(.+\)", cell)]
            if len(printed) > 1 and 2 * len(printed) > len(filled):
                break
            above = row if filled else above
        else:
            raise sheet.refusal("no row of units like ($/kg) under the names")
        number = sheet.cells.index(row)
        names = [re.sub(r"[\s*]+", " ", str(cell)).strip().casefold() for cell in above]
        columns = {}
        for name in self.commodities:
            if names.count(name.casefold()) != 1:
                near = candidates(name, [one for one in names if one not in ("", name.casefold())])
                raise sheet.refusal(f"{names.count(name.casefold())} columns {name!r}{near}")
            column = names.index(name.casefold())
            unit = re.sub(r"\s", "", str(row[column])).strip("()").casefold()
            if unit not in self.units:
                raise sheet.error(number, column, f"a unit, not one of {', '.join(self.units)}")
            columns[name] = column, self.units[unit]
            if self.units[unit] != 1:
                at, was = place(sheet.name, number), str(row[column])
                why = f"every price of the column times {self.units[unit]:.6g}"
                repairs.append(Repair(at, f"{name} ($/kg)", "read", was, "($/kg)", why))
        return columns, number

    def _periods(
        self, sheet: Sheet, units: int, every: str, columns: dict[str, tuple[int, float]]
    ) -> dict[str, int]:
        """Return the row of each period: one after the other, left of the prices."""
        form, right = self.periods[every], [column for column, _ in columns.values()]
        body = range(units + 1, len(sheet.cells))
        left = [
            column
            for row in body
            for column in range(min(right))
            if re.fullmatch(form, label(sheet.cells[row][column]))
        ]
        if not left:
            raise sheet.refusal(f"no period like {form} left of the prices")
        periods: dict[str, int] = {}
        before = 0
        for row in body:
            text, filled = label(sheet.cells[row][left[0]]), [sheet.cells[row][c] for c in right]
            period = re.fullmatch(form, text)
            if period and "" in filled:
                raise sheet.error(row, right[0], "empty, expected a price or … where there is none")
            if period:
                number = int(period[1]) * MONTHS + int(period[2] or 1)
                step = 1 if every == "monthly" else MONTHS
                if before and number != before + step:
                    raise sheet.error(row, left[0], f"not the {every} period after the one above")
                periods[text], before = row, number
            # Above the first period, text may be a series' code.
            elif any(cell != "" and (periods or not isinstance(cell, str)) for cell in filled):
                raise sheet.error(row, left[0], f"prices without a period like {form}")
        return periods

    def _refuse_breaks(self, grid: Grid, prices: pd.Series, every: str) -> None:
        """Refuse a price of 0, a gap, and a month that costs several times the one before."""
        known = prices.dropna()
        grid.refuse(prices.to_frame() == 0, "expected a price above zero")
        inside = prices[known.index.min() : known.index.max()] if len(known) else prices
        grid.refuse(inside.isna().to_frame(), "a gap between two prices")
        step = known / known.shift()
        wrong = (step > self.steps) | (step < 1 / self.steps)
        grid.refuse((wrong & (every == "monthly")).to_frame(), "far from the month before")


def titles(sheet: Sheet) -> list[str]:
    """Return the texts of a sheet's first rows."""
    return [cell.casefold() for row in sheet.cells[:12] for cell in row if isinstance(cell, str)]
