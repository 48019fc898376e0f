"""Raw tables: the text cells of a file, which know their row and column until they are numbers."""

import copy
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, Self

import pandas as pd
import yaml

from ..core import places
from ..core.declared import read_yaml
from ..core.errors import DataError, ValueChainsError, there_are
from ..core.paths import relative
from . import values
from .text import read_cells

LONGEST = 300  # characters of a problem with a cell that an error line shows


class Repair(NamedTuple):
    """A cell that no longer reads as it stands in the file.

    ``action`` is ``read`` for what a reader put right by itself, else that of the correction.
    """

    row: int | str
    column: str
    action: str
    was: str
    now: str
    reason: str


class RawTable:
    """The text cells of one raw file, parsed column by column, with errors that name the cell.

    ``frame`` has the cells; its index is the row's number in the file (from 1), in a workbook its
    place (``cafe!7``), and headers of several rows are joined with `` | ``. ``whole`` includes the
    rows that a correction dropped. ``source`` is the publication's key, ``name`` the file's place
    below data/raw, ``rejected`` the rows left out and why, ``repairs`` the cells put right,
    ``unused`` how many rows were passed over by reason.

    >>> frame = pd.DataFrame({"Región": ["Cuzco"], "Precio": ["3,10"]}, index=[2])
    >>> table = RawTable(Path("/report_2016/prices.csv"), frame)
    >>> table.origin()[2]
    'report_2016/prices.csv:2'
    >>> table.numbers("Precio")
    Traceback (most recent call last):
    valuechains.core.errors.DataError: prices.csv, row 2, column 'Precio': '3,10' is not a number \
written like 1,234.5
    """

    def __init__(self, path: Path, frame: pd.DataFrame) -> None:
        self.path = path
        self.file = relative(path)
        self.source, self.name = path.parent.name, f"{path.parent.name}/{path.name}"
        self.frame = frame
        self.whole = frame
        self.rejected: dict[int | str, str] = {}
        self.repairs: list[Repair] = []
        self.unused: dict[str, int] = {}

    def error(self, row: int | str, column: str, problem: object) -> DataError:
        place = row if isinstance(row, str) else f"row {row}"
        message = str(problem)
        message = message if len(message) <= LONGEST else message[:LONGEST] + "…"
        return DataError(f"{self.file}, {place}, column {column!r}: {message}")

    def note(self, row: int | str, column: str, was: str, now: str, reason: str) -> None:
        """Record what the reader put right."""
        self.repairs.append(Repair(row, column, "read", was, now, reason))

    def text(self, column: str) -> pd.Series:
        """Return a column's cells as printed, blanks at the ends removed."""
        if column not in self.frame:
            raise DataError(f"{self.file}: no column {column!r}{there_are(column, self.frame)}")
        cells = self.frame[column]  # many small columns: pandas' own strip takes five times as long
        return pd.Series([cell.strip() for cell in cells], cells.index, dtype=object, name=column)

    def parse(self, column: str, parser: Callable[[str], Any]) -> pd.Series:
        """Return a column with `parser` applied to each cell; a refusal names the cell."""
        parsed: dict = {}
        cells = self.text(column)
        for row, cell in cells.items():
            if cell not in parsed:  # columns of years, names and units repeat themselves
                try:
                    parsed[cell] = parser(cell)
                except (ValueChainsError, ValueError) as problem:
                    raise self.error(row, column, problem) from None
        return pd.Series([parsed[cell] for cell in cells], index=cells.index, dtype=object)

    def numbers(self, column: str) -> pd.Series:
        """Return a column of plain numbers from 0, as English prints them; blanks are missing."""

        def plain(cell: str) -> float | None:
            figure = values.quantity(cell)
            if figure != values.Quantity(figure.value) or (figure.value or 0) < 0:
                raise DataError(f"{cell!r}, expected a plain number from 0")
            return figure.value

        return self.parse(column, plain).astype("float64")

    def refuse(self, wrong: pd.Series, column: str, problem: str) -> None:
        """Refuse the first row that is marked as wrong, by its cell in a column."""
        for row in wrong.index[wrong]:
            raise self.error(row, column, f"{problem}, not {self.frame.at[row, column]!r}")

    def where(self, keep: pd.Series, reason: str) -> Self:
        """Return the rows where `keep` holds; the others are recorded as rejected, with why."""
        self.rejected |= dict.fromkeys(self.frame.index[~keep], reason)
        return self.select(keep)

    def select(self, keep: pd.Series) -> Self:
        """Return some rows of the table, for a file that feeds several tables."""
        return self.having(self.frame[keep])

    def having(self, frame: pd.DataFrame) -> Self:
        """Return the table with other cells; its rejections and repairs are those of the file."""
        part = copy.copy(self)
        part.frame = frame
        return part

    def origin(self) -> pd.Series:
        """Return where each row stands, as ``folder/file:row``."""
        return pd.Series([f"{self.name}:{row}" for row in self.frame.index], self.frame.index)


def read_table(path: Path, header_rows: int = 1) -> RawTable:
    """Read a transcribed table (CSV with commas, the header on top) as text.

    A blank in an upper row of the header repeats the cell on its left, as merged cells have it.
    """
    lines = read_cells(path, ",")
    rows = [[cell.strip() for cell in line] for line in lines[:header_rows]]
    for row in rows[:-1]:
        for place in range(1, len(row)):
            row[place] = row[place] or row[place - 1]
    columns = zip_longest(*rows, fillvalue="")
    header = [" | ".join(filter(None, dict.fromkeys(parts))) for parts in columns]
    body = dict(enumerate(lines[header_rows:], start=header_rows + 1))
    return RawTable(path, rectangle(path, header, body))


def departments_in(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of which most cells are names of departments, as their codes."""
    named = frame.map(lru_cache(places.named))
    return named.loc[:, named.notna().mean() > 0.5]


def check_codes(table: RawTable, column: str, codes: pd.Series) -> None:
    """Refuse departments' codes that names in other columns contradict (RENIEC's codes)."""
    named = departments_in(table.frame.loc[codes.index].drop(columns=column))
    for other in named.loc[:, named.nunique().gt(1)]:
        names = named[other]
        for row in names.index[names.notna() & (names != codes)]:
            named_so = f"{places.name(names[row])}, which column {other!r} says"
            raise table.error(row, column, f"{codes[row]} is not the code of {named_so}")


def rectangle(path: Path, header: list[str], body: dict[int, list[str]]) -> pd.DataFrame:
    """Return rows of cells under their header, refusing what is not one table."""
    name = relative(path)
    if not body:
        raise DataError(f"{name}: no rows under the header")
    for row, cells in body.items():
        if len(cells) != len(header):
            raise DataError(f"{name}, row {row}: {len(cells)} cells, the header has {len(header)}")
        if not any(map(str.strip, cells)):
            raise DataError(f"{name}, row {row}: an empty row")
    frame = pd.DataFrame.from_dict(body, orient="index", columns=header, dtype=object)
    for column in frame.columns[frame.columns.duplicated()]:
        raise DataError(f"{name}: the header has {column} more than once")
    return frame


def read_entries(path: Path, fields: tuple[str, ...]) -> RawTable:
    """Read a YAML file of one list as text; its rows are the lines that entries start on.

    A mapping inside an entry becomes columns ``outer.inner``, a list is joined with blanks, and
    each heading beside the list is a column that repeats.
    """
    name = relative(path)
    root = read_yaml(path, nodes=True)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    lists = [value for _, value in pairs if isinstance(value, yaml.SequenceNode)]
    if len(lists) != 1 or not lists[0].value:
        raise DataError(f"{name}: expected headings and one list of entries")
    headings = {key.value: node.value for key, node in pairs if isinstance(node, yaml.ScalarNode)}
    rows = {}
    for entry in lists[0].value:
        line = entry.start_mark.line + 1
        if not isinstance(entry, yaml.MappingNode):
            raise DataError(f"{name}, row {line}: expected fields and values")
        rows[line] = headings | dict.fromkeys(fields, "") | dict(_cells(entry))
        for key in rows[line].keys() - headings.keys() - set(fields):
            raise DataError(f"{name}, row {line}: unknown field {key!r}{there_are(key, fields)}")
    return RawTable(path, pd.DataFrame.from_dict(rows, orient="index", dtype=object))


def _cells(entry: yaml.MappingNode, outer: str = "") -> Iterator[tuple[str, str]]:
    for key, node in entry.value:
        field = f"{outer}{key.value}"
        if isinstance(node, yaml.MappingNode):
            yield from _cells(node, field + ".")
        elif isinstance(node, yaml.SequenceNode):
            yield field, " ".join(str(item.value) for item in node.value)
        else:
            missing = node.tag == "tag:yaml.org,2002:null"
            yield field, "" if missing else " ".join(node.value.split())
