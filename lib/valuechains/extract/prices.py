"""Sheets of prices by month or year: the World Bank's Pink Sheet.

A sheet has title lines, a row of names, a row of units and one row a month (``1960M01``) or
year. Sheets and columns are found by what they say, not where they stand.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from ..core.errors import DataError, candidates
from .layout import Layout
from .raw import RawTable, Repair
from .sheets import figure, label, written
from .workbook import Sheet, Workbook, place

MONTHS = 12


class Prices(Layout):
    """What the layout declares: titles and kinds of sheets, commodities, units, periods.

    ``titled`` finds (with a period and a basis) what a sheet's title says it has; ``basis`` the
    same in its name. ``together`` are the kinds of sheets that one file can have. A month's
    price is at most ``steps`` times the one before.
    """

    sheet_names: str
    titled: str
    basis: str
    together: tuple[tuple[str, ...], ...]
    commodities: tuple[str, ...]
    units: dict[str, float]
    periods: dict[str, str]
    steps: float

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        named = [*book.sheets, *book.hidden]
        return any(re.match(self.sheet_names, name.casefold()) for name in named) or (
            len(named) < 10 and bool(self._sheets(book))
        )

    def texts(self, path: Path) -> list[str]:
        return [line for sheet in self._sheets(Workbook(path)) for line in _titles(sheet)]

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        sheets = self._sheets(book)
        kinds = sorted(sheets.values())
        if kinds not in [sorted(one) for one in self.together]:
            hidden = f"; hidden: {', '.join(book.hidden)}" if book.hidden else ""
            expected = ", or ".join(" and ".join(one) for one in self.together)
            raise DataError(
                f"{book.file}: no sheet titled like, or not once each, {expected} prices; "
                f"there are {', '.join(kinds or book.sheets)}{hidden}"
            )
        repairs: list[Repair] = []
        rejected: dict[int | str, str] = {}
        # A printed year goes before the mean of its months.
        in_order = sorted(sheets.items(), key=lambda item: item[1])
        parts = [self._rows(sheet, kind, repairs, rejected) for sheet, kind in in_order]
        columns = [f"{name}, {basis} ($/kg)" for basis in self._bases() for name in self.commodities]
        whole = pd.concat(parts).reindex(columns=[self.year, *columns]).astype(object)
        table = RawTable(path, whole.fillna(""))
        table.repairs, table.rejected = repairs, rejected
        table.frame = table.whole.drop(index=list(rejected))
        return table

    def _bases(self) -> list[str]:
        """Return "nominal" and "real 2010": the kinds without the words for their periods."""
        return sorted({kind.partition(" ")[2] for kinds in self.together for kind in kinds})

    def _sheets(self, book: Workbook) -> dict[Sheet, str]:
        """Return the sheets of prices, each with its kind as its title says it."""
        likely = [name for name in book.sheets if "prices" in name.casefold()] or book.sheets
        known = {kind for kinds in self.together for kind in kinds}
        sheets = {}
        for sheet in map(book.sheet, likely):
            titles = [re.search(self.titled, line) for line in _titles(sheet)]
            kinds = [f"{one[1]} {one[2].replace('constant', 'real')}" for one in titles if one]
            if not kinds:
                continue
            basis = re.search(self.basis, sheet.name.casefold())
            if kinds[0] not in known or (basis and basis[1] not in kinds[0]):
                expected = " or ".join(sorted(known))
                raise sheet.refusal(f"titled {kinds[0]} prices, expected {expected}, as its name")
            sheets[sheet] = kinds[0]
        return sheets

    def _rows(self, sheet: Sheet, kind: str, repairs: list[Repair], rejected: dict) -> pd.DataFrame:
        """Return the prices of a sheet, a row a year: as printed, or the mean of its months."""
        columns, units = self._columns(sheet)
        scale = {name: self._scale(sheet, units, columns[name], name, repairs) for name in columns}
        form = self.periods[kind.partition(" ")[0]]
        where = _period_column(sheet, units, form, min(columns.values()))
        prices, years = {}, {}
        before = None
        for row in range(units + 1, len(sheet.cells)):
            period = re.fullmatch(form, label(sheet.cells[row][where]))
            if not period:
                filled = [sheet.cells[row][column] for column in columns.values()]
                # Above the first period, text may be a series' code.
                if any(cell != "" and (prices or not isinstance(cell, str)) for cell in filled):
                    raise sheet.error(row, where, f"prices without a period like {form}")
                continue
            parts = [int(one) for one in period.groups()]
            number = parts[0] * MONTHS + parts[1] if len(parts) > 1 else parts[0]
            if before is not None and number != before + 1:
                raise sheet.error(row, where, f"not the {kind.split()[0]} period after {before}")
            before, years[row] = number, period[1]
            prices[row] = {
                name: _price(sheet, row, column, name, repairs, scale[name])
                for name, column in columns.items()
            }
        if not prices:
            raise sheet.refusal("no row with a period")
        out = pd.DataFrame.from_dict(prices, orient="index", dtype="float64")
        for name, column in columns.items():
            self._refuse_breaks(sheet, out[name].dropna(), column, kind)
        if kind.startswith("monthly"):
            out, years = _means(out, pd.Series(years), sheet, rejected)
        else:
            out.index = [place(sheet.name, row) for row in out.index]
        out = out.map(lambda price: "" if pd.isna(price) else written(price)).astype(object)
        out.columns = [f"{name}, {kind.partition(' ')[2]} ($/kg)" for name in out]
        return out.assign(**{self.year: list(years.values())})

    def _columns(self, sheet: Sheet) -> tuple[dict[str, int], int]:
        """Return the columns of the commodities, and which row has their units."""
        above: list = []
        for number, row in enumerate(sheet.cells[:20]):
            filled = [cell for cell in row if cell != ""]
            printed = [cell for cell in filled if re.fullmatch(r"\(.+\)", str(cell))]
            if len(printed) > 1 and 2 * len(printed) > len(filled):
                names = [re.sub(r"[\s*]+", " ", str(cell)).strip().casefold() for cell in above]
                break
            above = row if filled else above
        else:
            raise sheet.refusal("no row of units like ($/kg) under the names")
        columns = {}
        for name in self.commodities:
            if names.count(name.casefold()) != 1:
                near = candidates(name, [one for one in names if one not in ("", name.casefold())])
                count = names.count(name.casefold())
                raise sheet.refusal(f"{count} columns {name!r}, expected one{near}")
            columns[name] = names.index(name.casefold())
        return columns, number

    def _scale(
        self, sheet: Sheet, units: int, column: int, name: str, repairs: list[Repair]
    ) -> float:
        """Return what one of the printed unit is in US dollars per kg."""
        printed = str(sheet.cells[units][column])
        unit = re.sub(r"\s", "", printed).strip("()").casefold()
        if unit not in self.units:
            raise sheet.error(units, column, f"a unit that is not one of {', '.join(self.units)}")
        if self.units[unit] != 1:
            why = f"every price of the column times {self.units[unit]:.6g}"
            at = place(sheet.name, units)
            repairs.append(Repair(at, f"{name} ($/kg)", "read", printed, "($/kg)", why))
        return self.units[unit]

    def _refuse_breaks(self, sheet: Sheet, known: pd.Series, column: int, kind: str) -> None:
        """Refuse a gap inside a series, and a month that costs several times the one before."""
        rows = list(known.index)
        for before, row in zip(rows, rows[1:], strict=False):
            inside = range(before + 1, row)
            gaps = [one for one in inside if sheet.cells[one][column] != ""]
            if gaps:
                raise sheet.error(gaps[0], column, "a gap between two prices")
            step = known[row] / known[before]
            if kind.startswith("monthly") and not 1 / self.steps <= step <= self.steps:
                raise sheet.error(row, column, f"{step:.3g} times the price of the month before")


def _titles(sheet: Sheet) -> list[str]:
    return [cell.casefold() for row in sheet.cells[:12] for cell in row if isinstance(cell, str)]


def _means(
    prices: pd.DataFrame, years: pd.Series, sheet: Sheet, rejected: dict
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the means of the years that have all their months; the others are rejected."""
    means, of = {}, {}
    for year, months in prices.groupby(years):
        row = "+".join(place(sheet.name, one) for one in months.index)
        means[row], of[row] = months.mean().where(months.notna().sum() == MONTHS), year
        if means[row].isna().all():
            rejected[row] = "a year without all of its twelve months: no mean"
    return pd.DataFrame.from_dict(means, orient="index"), of


def _period_column(sheet: Sheet, units: int, form: str, end: int) -> int:
    for row in sheet.cells[units + 1 :]:
        for column in range(end):
            if re.fullmatch(form, label(row[column])):
                return column
    raise sheet.refusal(f"no period like {form} left of the prices")


def _price(
    sheet: Sheet, row: int, column: int, name: str, repairs: list[Repair], scale: float
) -> float | None:
    if sheet.cells[row][column] == "":
        raise sheet.error(row, column, "empty, expected a price or … where there is none")
    price = figure(sheet, row, column, name, repairs, scale)
    if price == 0:
        raise sheet.error(row, column, "expected a price above zero")
    return price
