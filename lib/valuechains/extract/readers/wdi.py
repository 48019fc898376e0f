"""World Bank, World Development Indicators, CSV with one column a year → one country's series.

Two layouts: the download (title lines, ``Indicator Code``, ``1960``, a column too many at the
end; the bulk file has no title lines) and the databank (``Series Code``, ``1960 [YR1960]``,
``..`` for missing, footer lines). Read line by line: the bulk file has over 200 MB.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd

from ...core.errors import DataError
from ...core.paths import relative
from . import values
from .formats import Format, Found, recogniser
from .table import RawTable, Repair
from .text import head, refuse_no_text

NAME = "World Development Indicators"
# What an indicator's name must say for its figures to be in the unit that the project uses.
INDICATORS = {"PA.NUS.FCRF": "LCU per US$, period average", "FP.CPI.TOTL": "2010 = 100"}
LABELS = ("Country Name", "Country Code", "Indicator Name", "Indicator Code")
FOOTERS = ("Data from database:", "Last Updated:")
_YEAR = re.compile(r"(\d{4})(?P<databank> \[YR\1\])?")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][-+]?\d+)?")
_UPDATED = re.compile(r"Last Updated(?: Date)?\W+(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})")
_DATABASE = re.compile(r"(?:Data Source\W+|Data from database: *)(\w[\w ]*\w)")


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file has the header of this database and names no other one."""
    _header(path)
    return _database(path) == NAME


def describe(path: Path) -> Found:
    """Return what a file says of itself.

    Raises
    ------
    DataError
    """
    frame = read_wdi(path).frame
    figures = frame[[column for column in frame if column.isdigit()]] != ""
    years = figures.columns[figures.any()]
    found = _UPDATED.search(_ends(path))
    updated = _day(path, found[1]) if found else None
    return Found(
        key=f"wdi_{updated:%Y_%m}" if updated else f"wdi_to_{years[-1]}",
        publisher="World Bank",
        title=NAME,
        short=f"{NAME}, {updated:%B %Y}" if updated else f"{NAME}, to {years[-1]}",
        locator=f"{' and '.join(frame['Indicator Code'])}, Peru, {years[0]} to {years[-1]}",
        licence="CC BY 4.0 (World Bank, terms of use for datasets)",
        renewal="P1Y",
        contents=tuple(
            f"{frame.at[row, 'Indicator Code']}, {frame.at[row, 'Indicator Name']}, "
            f"{frame.at[row, 'Country Name']}: {figures.loc[row].sum()} years"
            for row in frame.index
        ),
        published=updated.isoformat() if updated else None,
    )


def _database(path: Path) -> str:
    """Return the database that a file names (the bulk file names none: it is this one)."""
    found = _DATABASE.search(_ends(path))
    return found[1] if found else NAME


def _day(path: Path, text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d" if "-" in text else "%m/%d/%Y").date()
    except ValueError:
        raise DataError(f"{relative(path)}: last updated {text!r} is no date") from None


def _ends(path: Path) -> str:
    """Return the first and last lines of a file, where titles and footers stand."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        both = head(path, 4096) + b"\n" + file.read()
    return both.replace(b"\0", b"").decode("utf-8", "replace")  # the ASCII of UTF-16 as well


def read_wdi(path: Path, country: str = "PER") -> RawTable:
    """Return one country's rows of :data:`INDICATORS`, one column a year (``1990``).

    An indicator that the file does not have has no row; missing is blank.

    Raises
    ------
    DataError
        When it is of another database, there is none of them, one is doubled or in another unit,
        years are missing or out of order, a row is not as long as the header, or a cell is no
        number.
    """
    name = relative(path)
    columns, start, delimiter = _header(path)
    if _database(path) != NAME:
        raise DataError(f"{name}: data of {_database(path)!r}, expected {NAME}")
    country_at, code_at = columns.index("Country Code"), columns.index("Indicator Code")
    years = [column for column in columns if column.isdigit()]
    rows: dict[int, dict[str, str]] = {}
    repairs: list[Repair] = []
    passed = 0
    for line, cells in _rows(path, start, delimiter):
        if not any(cells[1:]) and (not any(cells) or cells[0].startswith(FOOTERS)):
            continue
        if len(cells) != len(columns):
            raise DataError(
                f"{name}, row {line}: {len(cells)} cells, the header has {len(columns)}"
            )
        code = cells[code_at].strip()
        if cells[country_at].strip() != country or code not in INDICATORS:
            passed += 1
            continue
        row = {label: cell.strip() for label, cell in zip(columns, cells, strict=True)}
        if any(code == one["Indicator Code"] for one in rows.values()):
            raise DataError(f"{name}, row {line}: {country}, {code} stands more than once")
        if INDICATORS[code].casefold() not in row["Indicator Name"].casefold():
            raise DataError(
                f"{name}, row {line}: {code} is {row['Indicator Name']!r}, expected a name with "
                f"{INDICATORS[code]!r}"
            )
        if row.pop("", ""):
            raise DataError(f"{name}, row {line}: a figure without a year")
        rows[line] = row | _figures(name, line, {year: row[year] for year in years}, repairs)
    if not rows:
        raise DataError(f"{name}: no row of {country} with {' or '.join(INDICATORS)}")
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
    table = RawTable(path, frame[[*LABELS, *years]])
    table.repairs = repairs
    table.unused = {"other countries and indicators": passed}
    return table


def _figures(
    name: str, line: int, printed: dict[str, str], repairs: list[Repair]
) -> dict[str, str]:
    """Return the cells of a row as plain numbers, blank where there is none."""
    out = {}
    for year, cell in printed.items():
        out[year] = "" if cell in values.MISSING else cell
        if _NUMBER.fullmatch(cell):
            out[year] = f"{Decimal(cell):f}"  # 1.8E-9 in plain digits
        elif out[year]:
            try:
                number = values.number(cell, "auto")
            except DataError as problem:
                raise DataError(f"{name}, row {line}, column {year!r}: {problem}") from None
            if number < 0:
                raise DataError(f"{name}, row {line}, column {year!r}: {cell} is negative")
            out[year] = repr(number)
            repairs.append(Repair(line, year, "read", cell, out[year], "can be read one way only"))
    known = [year for year in out if out[year]]
    if gaps := [year for year in out if not out[year] and known and known[0] < year < known[-1]]:
        raise DataError(f"{name}, row {line}, column {gaps[0]!r}: a gap between two figures")
    return out


def _header(path: Path) -> tuple[list[str], int, str]:
    """Return the names of the columns, the number of the header's line, and the delimiter.

    Years are plain (``1990``), labels as in :data:`LABELS`, a column too many is blank.
    """
    name = relative(path)
    text = head(path).decode(refuse_no_text(path), "replace")
    lines = list(itertools.islice(io.StringIO(text, newline=""), 20))
    number = next((i for i, one in enumerate(lines, 1) if "country code" in one.casefold()), 0)
    if not number:
        raise DataError(f"{name}: no header with {', '.join(LABELS)} and years")
    delimiter = max(",;\t", key=lines[number - 1].count)
    cells = next(csv.reader([lines[number - 1]], delimiter=delimiter))
    known = {one.casefold(): one for one in LABELS}
    columns, last = [], None
    for cell in map(str.strip, cells):
        if year := _YEAR.fullmatch(cell):
            this = int(year[1])
            # In the databank years are chosen; a download has them all.
            if last and (this <= last or (this > last + 1 and not year["databank"])):
                raise DataError(f"{name}, row {number}: the year {cell} after {last}")
            last = this
        label = known.get(cell.casefold().replace("series", "indicator"), cell)
        columns.append(year[1] if year else label)
    strange = [one for one in columns if one and one not in LABELS and not one.isdigit()]
    if last is None or strange or any(columns.count(label) != 1 for label in LABELS):
        raise DataError(
            f"{name}, row {number}: expected the columns {', '.join(LABELS)} (or Series …) and "
            f"years, found {', '.join(columns[:6])} …" + (f" and {strange[0]!r}" if strange else "")
        )
    return columns, number, delimiter


def _rows(path: Path, start: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows under the header, each with its line."""
    name, line = relative(path), start
    with path.open(encoding=refuse_no_text(path), newline="") as file:
        try:
            for _ in range(start):
                file.readline()
            for cells in (reader := csv.reader(file, delimiter=delimiter, strict=True)):
                line = start + reader.line_num
                yield line, cells
        except UnicodeDecodeError as problem:
            raise DataError(
                f"{name}, after row {line}: byte {problem.object[problem.start]:#04x} is no UTF-8: "
                "save the file as UTF-8"
            ) from None
        except csv.Error as problem:
            raise DataError(f"{name}, row {line + 1}: not a row of cells ({problem})") from None


FORMAT = Format("wdi", recognise, describe, read_wdi, feeds=("peru_prices",))
