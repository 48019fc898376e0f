"""World Bank, Commodity Price Data (The Pink Sheet), monthly and annual workbooks → prices.

A sheet of prices has title lines, a row of names, a row of units and one row a month
(``1960M01``) or year. Sheets and columns are found by what they say, not where they stand.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from ...core.errors import DataError, candidates
from . import values
from .formats import Format, Found, recogniser
from .table import RawTable, Repair
from .workbook import Cell, Sheet, Workbook, place

COFFEE = ("Coffee, Arabica", "Coffee, Robusta")
KINDS = ("monthly nominal", "annual nominal", "annual real 2010")
# What one of a printed unit is in US dollars per kg; any other unit is refused.
UNITS = {
    "$/kg": 1.0, "$/mt": 0.001, "¢/kg": 0.01, "cents/kg": 0.01, "$/lb": 1 / values.KG_PER_LB,
    "¢/lb": 0.01 / values.KG_PER_LB, "cents/lb": 0.01 / values.KG_PER_LB,
}  # fmt: skip
_TITLE = re.compile(r"^(monthly|annual) prices\b.*?\b(nominal|(?:real|constant) \d{4}) us dollars")
_UPDATED = re.compile(r"updated (?:on|as of:?) ([a-z]+ \d{1,2}, \d{4})")


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a workbook has sheets of Pink Sheet prices (by their names or titles)."""
    book = Workbook(path)
    named = [*book.sheets, *book.hidden]
    return any(re.match(r"(monthly|annual) prices\b", one.casefold()) for one in named) or (
        len(named) < 10 and bool(_price_sheets(book))
    )


def describe(path: Path) -> Found:
    """Return what a workbook says of itself.

    Raises
    ------
    DataError
    """
    book = Workbook(path)
    frame = read_pink_sheet(path).frame
    lines = [line for sheet, _ in _price_sheets(book) for line in _titles(sheet)]
    dates = [found[1] for line in lines if (found := _UPDATED.search(line))]
    updated = max((_day(book, one) for one in dates), default=None)
    last = f"to {frame['period'].iloc[-1].replace('M', '-')}"
    named = f"{updated:%B %Y}" if updated else last
    return Found(
        key="wb_pink_sheet_" + re.sub(r"\W", "_", f"{updated:%Y-%m}" if updated else last),
        publisher="World Bank",
        title=f"Commodity Price Data (The Pink Sheet), {named}",
        short=f"World Bank Pink Sheet, {named}",
        locator=f"{' and '.join(frame['prices'].unique())}: {' and '.join(COFFEE)}",
        licence="World Bank terms of use",
        renewal="P1Y",
        contents=tuple(
            f"{kind}, {' and '.join(COFFEE)}, {part['period'].iloc[0]} to "
            f"{part['period'].iloc[-1]}: {len(part):,} rows"
            for kind, part in frame.groupby("prices", sort=False)
        ),
        published=updated.isoformat() if updated else None,
    )


def _day(book: Workbook, text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%B %d, %Y").date()
    except ValueError:
        raise DataError(f"{book.file}: updated on {text!r}, expected like May 02, 2025") from None


def read_pink_sheet(path: Path, commodities: tuple[str, ...] = COFFEE) -> RawTable:
    """Return the prices of some commodities, one row a month or year.

    Returns
    -------
    RawTable
        ``prices`` (one of :data:`KINDS`), ``period`` (``1960M01``, ``1960``) and a column a
        commodity, in US dollars per kg: ``Coffee, Arabica ($/kg)``. Missing is blank.

    Raises
    ------
    DataError
        For a sheet, commodity or unit that is not there or not known, a doubled name, periods
        missing or out of order, a cell that is no price, or a gap inside a series.
    """
    book = Workbook(path)
    if not (sheets := _price_sheets(book)):
        hidden = f"; hidden: {', '.join(book.hidden)}" if book.hidden else ""
        raise DataError(
            f"{book.file}: no sheet titled like 'monthly prices in nominal US dollars'; "
            f"there are {', '.join(book.sheets)}{hidden}"
        )
    kinds = [kind for _, kind in sheets]
    if sorted(kinds) not in ([KINDS[0]], sorted(KINDS[1:]), sorted(KINDS)):
        raise DataError(
            f"{book.file}: sheets of {' and '.join(kinds)} prices, expected {KINDS[0]}, or "
            f"{' and '.join(KINDS[1:])}, or all three, each once"
        )
    repairs: list[Repair] = []
    table = RawTable(
        path, pd.concat([_rows(sheet, kind, commodities, repairs) for sheet, kind in sheets])
    )
    table.repairs = repairs
    return table


def _titles(sheet: Sheet) -> list[str]:
    return [cell.casefold() for row in sheet.cells[:12] for cell in row if isinstance(cell, str)]


def _price_sheets(book: Workbook) -> list[tuple[Sheet, str]]:
    """Return the sheets of prices, each with its kind as its title says it."""
    likely = [name for name in book.sheets if "prices" in name.casefold()] or book.sheets
    found = []
    for sheet in map(book.sheet, likely):
        kinds = [one for line in _titles(sheet) if (one := _TITLE.search(line))]
        if not kinds:
            continue
        kind = f"{kinds[0][1]} {kinds[0][2].replace('constant', 'real')}"
        basis = re.search(r"\b(nominal|real)\b", sheet.name.casefold())
        if kind not in KINDS or (basis and basis[1] not in kind):
            raise DataError(
                f"{book.file}, sheet {sheet.name!r}: titled {kind} prices, expected "
                f"{' or '.join(KINDS)}, as the sheet's name says"
            )
        found.append((sheet, kind))
    return found


def _rows(
    sheet: Sheet, kind: str, commodities: tuple[str, ...], repairs: list[Repair]
) -> pd.DataFrame:
    names, units = _header(sheet)
    columns = {name: _column(sheet, names, name) for name in commodities}
    factors = {
        name: _factor(sheet, units, column, name, repairs) for name, column in columns.items()
    }
    period = re.compile(r"(\d{4})M(0[1-9]|1[0-2])" if kind.startswith("monthly") else r"(\d{4})")
    where = _period_column(sheet, units, period, min(columns.values()))
    rows: dict[int, dict[str, float | None]] = {}
    before = None
    for row in range(units + 1, len(sheet.cells)):
        found = period.fullmatch(_text(sheet.cells[row][where]))
        if not found:
            if any(_filled(sheet.cells[row][column], bool(rows)) for column in columns.values()):
                raise sheet.error(row, where, f"prices without a period like {period.pattern}")
            continue
        number = int(found[1]) * 12 + int(found[2]) if found.lastindex == 2 else int(found[1])
        if before is not None and number != before + 1:
            raise sheet.error(row, where, f"not the {kind.split()[0]} period after the one above")
        before = number
        rows[row] = {
            name: _price(sheet, row, column, name, factors[name], repairs)
            for name, column in columns.items()
        }
    if not rows:
        raise DataError(f"{sheet.file}, sheet {sheet.name!r}: no row with a period")
    prices = pd.DataFrame.from_dict(rows, orient="index", dtype="float64")
    for name, column in columns.items():
        known = prices[name].dropna().index
        inside = prices.loc[known.min() : known.max(), name] if len(known) else prices[name]
        if inside.isna().any():
            raise sheet.error(inside.index[inside.isna()][0], column, f"a gap in {name}")
    out = prices.map(lambda price: "" if pd.isna(price) else repr(price)).astype(object)
    out.columns = [f"{name} ($/kg)" for name in out]
    out.insert(0, "prices", kind)
    out.insert(1, "period", [_text(sheet.cells[row][where]) for row in out.index])
    out.index = [place(sheet.name, row) for row in out.index]
    return out


def _text(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _name(cell: Cell) -> str:
    return re.sub(r"[\s*]+", " ", str(cell)).strip().casefold()


def _header(sheet: Sheet) -> tuple[list[str], int]:
    """Return the names of the columns, and which row has their units."""
    above: list[Cell] = []
    for number, row in enumerate(sheet.cells[:20]):
        filled = [cell for cell in row if cell != ""]
        printed = [cell for cell in filled if re.fullmatch(r"\(.+\)", str(cell))]
        if len(printed) > 1 and 2 * len(printed) > len(filled):
            return [_name(cell) for cell in above], number
        above = row if filled else above
    raise DataError(
        f"{sheet.file}, sheet {sheet.name!r}: no row of units like ($/kg) under the names"
    )


def _column(sheet: Sheet, names: list[str], name: str) -> int:
    found = [column for column, one in enumerate(names) if one == name.casefold()]
    if len(found) != 1:
        raise DataError(
            f"{sheet.file}, sheet {sheet.name!r}: {len(found)} columns {name!r}, expected one"
            + candidates(name, [one for one in names if one and one != name.casefold()])
        )
    return found[0]


def _factor(sheet: Sheet, units: int, column: int, name: str, repairs: list[Repair]) -> float:
    printed = str(sheet.cells[units][column])
    unit = re.sub(r"\s", "", printed).strip("()").casefold()
    if unit not in UNITS:
        raise sheet.error(units, column, f"a unit that is not one of {', '.join(UNITS)}")
    if unit != "$/kg":
        repairs.append(
            Repair(place(sheet.name, units), f"{name} ($/kg)", "read", printed, "($/kg)",
                   f"every price of the column times {UNITS[unit]:.6g}")
        )  # fmt: skip
    return UNITS[unit]


def _period_column(sheet: Sheet, units: int, period: re.Pattern, before: int) -> int:
    for row in sheet.cells[units + 1 :]:
        for column in range(before):
            if period.fullmatch(_text(row[column])):
                return column
    raise DataError(
        f"{sheet.file}, sheet {sheet.name!r}: no period like {period.pattern} left of the prices"
    )


def _filled(cell: Cell, text: bool) -> bool:
    """Return whether a cell holds a price (above the first row, text may be a series' code)."""
    if isinstance(cell, str) and (not text or cell in values.MISSING):
        return False
    return cell != ""


def _price(
    sheet: Sheet, row: int, column: int, name: str, factor: float, repairs: list[Repair]
) -> float | None:
    cell = sheet.cells[row][column]
    if isinstance(cell, str) and cell in values.MISSING:
        if not cell:
            raise sheet.error(row, column, "empty, expected a price or … where there is none")
        return None
    if isinstance(cell, str):
        try:
            number = values.number(cell, "auto")
        except DataError as problem:
            raise sheet.error(row, column, str(problem)) from None
        repairs.append(
            Repair(place(sheet.name, row), f"{name} ($/kg)", "read", cell, repr(number),
                   "a number kept as text")
        )  # fmt: skip
        cell = number
    if not isinstance(cell, float) or not cell > 0:
        raise sheet.error(row, column, "expected a price above zero")
    return cell if factor == 1 else cell * factor


FORMAT = Format("pink_sheet", recognise, describe, read_pink_sheet, feeds=("coffee_world_price",))
