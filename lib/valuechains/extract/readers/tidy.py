"""Any delimited table with a header → text cells; its sidecar says what they mean.

What a sidecar can say, and how the rows reach a processed table: ``cleaning/tidy.py``.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd

from ...core import places
from ...core.errors import DataError
from ...core.paths import relative
from . import values
from .formats import Format, Found, recogniser
from .table import RawTable
from .text import head, read_cells, refuse_no_text

DELIMITERS = "\t;,"


def read_tidy(path: Path) -> RawTable:
    """Return the cells of a delimited table, by the names of its header.

    The delimiter (comma, semicolon, tab) is the one that cuts most rows alike; the header is the
    first row with two filled cells. Titles above it and empty rows are passed over, and counted.
    A column without a name or a cell in it is dropped; with cells it is called ``column 3``.

    Raises
    ------
    DataError
        When the file is no such table, a header is doubled, or a row has more or fewer cells
        than the header.
    """
    name = relative(path)
    lines = read_cells(path, _delimiter(path) or ",")
    top = next((row for row, cells in enumerate(lines) if _filled(cells) > 1), None)
    if top is None:
        raise DataError(f"{name}: no header (a row of two filled cells or more) in it")
    body = {row: line for row, line in enumerate(lines[top + 1 :], top + 2) if _filled(line)}
    if not body:
        raise DataError(f"{name}: no rows under the header")
    width = len(lines[top])
    for row, cells in body.items():
        if len(cells) != width:
            raise DataError(f"{name}, row {row}: {len(cells)} cells, the header has {width}")
    header = [
        " ".join(cell.split()) or f"column {place}" for place, cell in enumerate(lines[top], 1)
    ]
    if doubled := {one for one in header if header.count(one) > 1}:
        raise DataError(f"{name}: the header has {', '.join(sorted(doubled))} more than once")
    frame = pd.DataFrame.from_dict(body, orient="index", columns=header, dtype=object)
    unnamed = [one for one, cell in zip(header, lines[top], strict=True) if not cell.strip()]
    table = RawTable(
        path, frame.drop(columns=[one for one in unnamed if not frame[one].str.strip().any()])
    )
    passed = {"above the header": top, "empty row": len(lines) - top - 1 - len(body)}
    table.unused = {why: n for why, n in passed.items() if n}
    return table


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _delimiter(path: Path) -> str | None:
    """Return the delimiter that cuts most rows of the file's head alike, if any cuts them."""
    encoding = refuse_no_text(path)
    start = head(path).decode(encoding, errors="ignore")
    whole = start[: start.rfind("\n") + 1] or start
    best, most = None, 1
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        widths = [len(cells) for cells in rows if _filled(cells)]
        alike = max((widths.count(one) for one in set(widths) if one > 1), default=0)
        if alike > most and alike > 0.5 * len(widths):
            best, most = delimiter, alike
    return best


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file is a delimited table with a header (asked after all other formats)."""
    start = head(path, 64).lstrip(b"\xef\xbb\xbf \r\n\t")
    return start[:1] not in (b"{", b"[") and _delimiter(path) is not None


def describe(path: Path) -> Found:
    """Return what can be said of such a table, with a draft of its sidecar to complete."""
    table = read_tidy(path)
    return Found.by_name(
        path,
        contents=(
            f"{len(table.frame)} rows",
            "columns: " + ", ".join(table.frame.columns),
            "to complete in the sidecar: table (which one of data/processed it feeds) and, under "
            "columns, the table's fields in the place of the file's headers",
        ),
        sidecar={"table": "?", "columns": _draft(table)},
    )


def _draft(table: RawTable) -> dict:
    """Return a mapping to complete: departments, years and Spanish numbers as the cells show."""
    drafted = {}
    for column in table.frame:
        cells = [text for text in table.text(column) if text]
        entry = {"column": column}
        field = column
        if cells and sum(places.named(text) is not None for text in cells) > len(cells) / 2:
            field = "ubigeo"
        elif cells and all(re.fullmatch(r"(19|20)\d\d", text) for text in cells):
            field = "year"
        elif any(not _reads(text, "en") and _reads(text, "es") for text in cells):
            entry["style"] = "es"
        drafted[column if field in drafted else field] = entry
    return drafted


def _reads(text: str, style: values.Style) -> bool:
    try:
        return values.number(text, style) is not None
    except DataError:
        return False


FORMAT = Format("tidy", recognise, describe, read_tidy, feeds=())
