"""Any delimited table with a header → text cells; its sidecar says what they mean."""

from collections import Counter
from pathlib import Path

from ..core.errors import DataError
from ..core.paths import relative
from .formats import Format, Found, unnamed
from .raw import RawTable, rectangle
from .text import JSON, encoding_of, head, is_spanish, kind, read_cells

MARKS = "\t;,"


def read_tidy(path: Path) -> RawTable:
    """Return the cells of a delimited table, by the names of its header.

    The header is the first row with two filled cells; titles above it and empty rows are passed
    over, and counted. A column without a name is dropped when empty, else called ``column 3``.
    """
    lines = read_cells(path, _delimiter(path) or ",", spanish=True)
    filled = {row: cells for row, cells in enumerate(lines, start=1) if _filled(cells)}
    top = next((row for row, cells in filled.items() if _filled(cells) > 1), None)
    if top is None:
        raise DataError(f"{relative(path)}: no header (a row of two filled cells or more) in it")
    names = [" ".join(cell.split()) for cell in filled[top]]
    header = [name or f"column {place}" for place, name in enumerate(names, start=1)]
    body = {row: cells for row, cells in filled.items() if row > top}
    frame = rectangle(path, header, body)
    unnamed = [column for column, name in zip(header, names, strict=True) if not name]
    blank = [column for column in unnamed if not frame[column].str.strip().any()]
    table = RawTable(path, frame.drop(columns=blank))
    passed = {"above the header": top - 1, "empty row": len(lines) - top - len(body)}
    table.unused = {why: n for why, n in passed.items() if n}
    if is_spanish(path.read_bytes()):
        why = "the only encoding in which a department's name is one"
        table.note(top, names[0], "not UTF-8", "Windows-1252", why)
    return table


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _delimiter(path: Path) -> str | None:
    """Return the delimiter that stands equally often in most lines of the file's head, if any.

    Of two alike the one that is in more lines.
    """
    start = head(path).decode(encoding_of(path), errors="ignore")
    lines = (start[: start.rfind("\n") + 1] or start).splitlines()
    alike = {mark: Counter(line.count(mark) for line in lines if mark in line) for mark in MARKS}
    found = max(MARKS, key=lambda mark: (max(alike[mark].values(), default=0), alike[mark].total()))
    return found if alike[found] else None


def fits(path: Path) -> bool:
    """Return whether a file is a delimited table with a header (asked after all other formats)."""
    return kind(path) != JSON and _delimiter(path) is not None


def describe(path: Path) -> Found:
    """Return what can be said of such a table, with a draft of its sidecar to complete."""
    table = read_tidy(path)
    columns = {column: {"column": column} for column in table.frame}
    contents = (
        f"{len(table.frame)} rows",
        "columns: " + ", ".join(table.frame.columns),
        "to complete in the sidecar: publisher, locator, the table it feeds and, under columns, "
        "its fields; or for yourself alone, take it to data/own/<name>.csv with <name>.yml (title, "
        "source, unit)",
    )
    return unnamed(path, contents, table="?", columns=columns)


FORMAT = Format("tidy", fits, describe, read_tidy, feeds=())
