"""A transcribed table (CSV) → text cells that know their file, row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...core import places
from ...core.errors import DataError, ValueChainsError, candidates
from ...core.paths import relative
from . import values
from .text import read_cells


@dataclass(frozen=True)
class Repair:
    """A cell that no longer reads as it stands in the file: where, what it was and is, and why.

    ``action`` is ``read`` for what a reader put right by itself, else that of the declared
    correction, whose ``number`` in its file then stands here.
    """

    row: int | str
    column: str
    action: str
    was: str
    now: str
    reason: str
    number: int = 0


class RawTable:
    """The text cells of one raw file, parsed column by column, with errors that name the cell.

    Attributes
    ----------
    frame : DataFrame of str
        Index: the row's number in the file (the first line of the file is 1). Headers of
        several rows are joined with `` | ``, a blank header repeating the one on its left.
    whole : DataFrame of str
        All rows of the file, those that a correction dropped included.
    source : str
        The key of the publication (the folder's name).
    rejected : dict of int to str
        Rows left out, with the reason.
    repairs : list of Repair
        Cells that were put right while reading, or by a declared correction.
    unused : dict of str to int
        How many rows of a large file were passed over while reading, by reason.

    In a workbook a row is numbered by its place (``cafe!7``, one cell ``cafe!Q7``).
    """

    def __init__(self, path: Path, frame: pd.DataFrame) -> None:
        self.path = path
        self.file = relative(path)
        self.source = path.parent.name
        self.frame = frame
        self.whole = frame
        self.rejected: dict[int | str, str] = {}
        self.repairs: list[Repair] = []
        self.unused: dict[str, int] = {}

    def error(self, row: int | str, column: str, problem: object) -> DataError:
        place = row if isinstance(row, str) else f"row {row}"
        return DataError(f"{self.file}, {place}, column {column!r}: {problem}")

    def text(self, column: str) -> pd.Series:
        """Return a column's cells as printed, blanks at the ends removed."""
        if column not in self.frame:
            raise DataError(
                f"{self.file}: no column {column!r}{candidates(column, self.frame.columns)}; "
                f"there are {', '.join(self.frame.columns)}"
            )
        return self.frame[column].str.strip()

    def parse(self, column: str, parser: Callable[[str], Any]) -> pd.Series:
        """Return a column with `parser` applied to each cell; a refusal names the cell."""
        out: dict = {}
        texts = self.text(column)
        for row, text in texts.items():
            if text not in out:  # columns of years, names and units repeat themselves
                try:
                    out[text] = parser(text)
                except (ValueChainsError, ValueError) as problem:
                    raise self.error(row, column, problem) from None
        return pd.Series([out[text] for text in texts], index=texts.index, dtype=object)

    def quantities(
        self, column: str, style: values.Style = "en", units: tuple[str | None, ...] = (None,)
    ) -> pd.DataFrame:
        """Return columns ``value`` (float), ``bound``, ``unit``, ``footnote`` of a column.

        Raises
        ------
        DataError
            For a cell that is no number, or carries a unit that is not in `units`.
        """
        parsed = self.parse(column, lambda text: values.quantity(text, style))
        for row, one in parsed.items():
            if one.value is not None and one.unit not in units:
                expected = " or ".join(str(unit or "no unit") for unit in units)
                raise self.error(row, column, f"unit {one.unit!r}, expected {expected}")
        return pd.DataFrame(
            {
                "value": [one.value for one in parsed],
                "bound": [one.bound for one in parsed],
                "unit": [one.unit for one in parsed],
                "footnote": [one.footnote for one in parsed],
            },
            index=parsed.index,
        ).astype({"value": "float64"})

    def numbers(
        self, column: str, style: values.Style = "en", low: float = 0, high: float = float("inf")
    ) -> pd.Series:
        """Return a column of plain numbers between `low` and `high`; blanks are missing."""
        figures = self.quantities(column, style)
        bounds, found = figures["bound"], figures["value"]
        for row in figures.index[(bounds != "exact") | (found < low) | (found > high)][:1]:
            if bounds[row] != "exact":
                raise self.error(row, column, f"{bounds[row]} where a plain number is expected")
            raise self.error(row, column, f"{found[row]:g} is outside {low:g} to {high:g}")
        return found

    def years(self, column: str, low: int = 1900, high: int = 2100) -> pd.Series:
        """Return a column of years as integers."""
        return self._whole(column, low, high, "a year").astype("int64")

    def counts(self, column: str, high: float = float("inf")) -> pd.Series:
        """Return a column of whole numbers (``Int64``, blanks missing)."""
        return self._whole(column, 0, high, "a whole number").astype("Int64")

    def _whole(self, column: str, low: float, high: float, what: str) -> pd.Series:
        found = self.numbers(column, low=low, high=high)
        wrong = (found % 1 != 0) & (found.notna() | (what == "a year"))
        for row in found.index[wrong][:1]:
            raise self.error(row, column, f"{self.frame.at[row, column]!r} is not {what}")
        return found

    def departments(self, column: str) -> pd.Series:
        """Return a column of department names as UBIGEO codes (``00`` for the country)."""
        return self.parse(column, places.resolve)

    def choice(self, column: str, known: Mapping[str, str]) -> pd.Series:
        """Return a column of published words as our terms; an unknown word is refused."""

        def term(text: str) -> str:
            if text not in known:
                raise DataError(
                    f"{text!r} is unknown{candidates(text, known)}; there are {', '.join(known)}"
                )
            return known[text]

        return self.parse(column, term)

    def where(self, keep: pd.Series, reason: str) -> RawTable:
        """Return the rows where `keep` holds; the others are recorded as rejected, with why."""
        self.rejected |= dict.fromkeys(self.frame.index[~keep], reason)
        return self.select(keep)

    def select(self, keep: pd.Series) -> RawTable:
        """Return some rows of the table, for a file that feeds several tables."""
        part = RawTable(self.path, self.frame[keep])
        part.rejected, part.repairs = self.rejected, self.repairs
        return part

    def origin(self) -> pd.Series:
        """Return where each row stands, as ``folder/file:row``."""
        place = f"{self.source}/{self.path.name}:"
        return pd.Series([f"{place}{row}" for row in self.frame.index], index=self.frame.index)


def read_table(path: Path, header_rows: int = 1) -> RawTable:
    """Read a transcribed table as text.

    Raises
    ------
    DataError
        When the file is missing, empty, not UTF-8, or a row has more or fewer cells than the
        header.
    """
    name = relative(path)
    lines = read_cells(path, ",")
    if len(lines) <= header_rows:
        raise DataError(f"{name}: no rows under the header")
    width = len(lines[0])
    for row, cells in enumerate(lines, start=1):
        if len(cells) != width:
            raise DataError(f"{name}, row {row}: {len(cells)} cells, the header has {width}")
        if not any(cell.strip() for cell in cells):
            raise DataError(f"{name}, row {row}: an empty row")
    header = _header(lines[:header_rows])
    if doubled := {one for one in header if header.count(one) > 1}:
        raise DataError(f"{name}: the header has {', '.join(sorted(doubled))} more than once")
    body = lines[header_rows:]
    index = range(header_rows + 1, header_rows + 1 + len(body))
    return RawTable(path, pd.DataFrame(body, columns=header, index=index, dtype=object))


def _header(rows: list[list[str]]) -> list[str]:
    filled = []
    for depth, row in enumerate(rows):
        last, line = "", []
        for cell in row:
            # Only the upper rows have merged cells: their text stands in the leftmost one.
            last = cell.strip() or (last if depth < len(rows) - 1 else "")
            line.append(last)
        filled.append(line)
    return [" | ".join(filter(None, dict.fromkeys(parts))) for parts in zip(*filled, strict=True)]
