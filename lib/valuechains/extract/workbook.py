"""Excel workbooks (.xls, .xlsx) → cells with their place, refused where they can't be trusted."""

import datetime as dt
import io
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from ..core.errors import DataError, refuse_if
from ..core.paths import relative
from .raw import RawTable, Repair
from .text import OLE, ZIP, kind

# A sheet is read as a whole rectangle from A1, as far as its last cell.
MOST_CELLS, WIDEST = 2_000_000, 16_384
MOST_SHEETS = 1_000
HEAD = 1_000  # rows of a sheet in which what a file is can be seen
SECTOR = 512
LOCKED = "EncryptedPackage".encode("utf-16-le")
Cell = str | float | dt.date


def place(sheet: str, row: int, column: int | None = None) -> str:
    """Return where a cell (or a row) stands, both counted from 0.

    >>> place("cafe", 6, 16), place("Monthly Prices", 6)
    ('cafe!Q7', 'Monthly_Prices!7')
    """
    name = re.sub(r"[\s+:]", "_", sheet)  # what separates origins must not stand in one
    return f"{name}!{'' if column is None else get_column_letter(column + 1)}{row + 1}"


@dataclass(frozen=True, eq=False)
class Sheet:
    """One visible sheet: ``cells[row][column]``, counted from 0, all rows of one length.

    A cell is text (blanks at the ends removed, ``""`` when empty), a float or a date. ``repairs``
    are those of the whole workbook.
    """

    file: str
    name: str
    cells: list[list[Cell]]
    repairs: list[Repair] = field(default_factory=list)

    def note(
        self, row: int, column: int, what: str, now: str, why: str, action: str = "read"
    ) -> None:
        """Record what was put right in a cell, or (``flag``) is doubtful."""
        was = str(self.cells[row][column])
        self.repairs.append(Repair(place(self.name, row, column), what, action, was, now, why))

    def error(self, row: int, column: int, problem: object) -> DataError:
        value = self.cells[row][column]
        return DataError(f"{self.file}, {place(self.name, row, column)}: {value!r}: {problem}")

    def refusal(self, problem: str) -> DataError:
        return DataError(f"{self.file}, sheet {self.name!r}: {problem}")


class Workbook:
    """An opened workbook; sheets are read when asked for, hidden ones are only named."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, relative(path)
        is_old = kind(path, ZIP, OLE) == OLE  # a publisher's .xls can be an .xlsx
        data = path.read_bytes()
        problems = {
            "the workbook is locked with a password": LOCKED in data,
            # calamine refuses a container that lacks whole sectors.
            "a truncated workbook (the end of the file is missing)": len(data) % SECTOR,
        }
        refuse_if(self.file, problems if is_old else {})
        with _reading(f"{self.file}: not a whole Excel workbook"):
            self._parts = {} if is_old else _unpacked(data, self.file)
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [x for x in self._book.sheets_metadata if x.typ == SheetTypeEnum.WorkSheet]
        if len(sheets) > MOST_SHEETS:
            raise DataError(
                f"{self.file}: {len(sheets):,} sheets, expected at most {MOST_SHEETS:,}: leave out "
                "the others"
            )
        self.sheets = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
        hidden = [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible]
        self.unread = f"; hidden: {', '.join(hidden)}" if hidden else ""
        self.repairs: list[Repair] = []
        self._heads: dict[str, Sheet] = {}

    def head(self, name: str) -> Sheet:
        """Return the first rows of a sheet, which are read once for all that look at them."""
        if name not in self._heads:
            self._heads[name] = self.sheet(name, calculated=False, most=HEAD)
        return self._heads[name]

    def sheet(self, name: str, calculated: bool = True, most: int | None = None) -> Sheet:
        """Return a visible sheet, or so many of its rows at most.

        `calculated` refuses formulas that have no result.
        """
        with _reading(f"{self.file}, sheet {name!r}: can't be read"):
            read = self._book.get_sheet_by_name(name)
            if read.total_height * read.total_width > MOST_CELLS or read.total_width > WIDEST:
                far = f"more than {MOST_CELLS:,} cells: delete what stands far from the tables"
                raise DataError(f"{self.file}, sheet {name!r}: {far}")
            # BIFF keeps errors and results of formulas in the cells themselves.
            errors = self._inspected(name, calculated, most) if self._parts else {}
            rows = read.to_python(skip_empty_area=False, nrows=most)
            for (row, column), error in errors.items():
                rows[row][column] = error
        cells = [[_cell(value) for value in row] for row in rows]
        return Sheet(self.file, name, cells, self.repairs)

    def table(self, rows: dict[str, dict], unused: dict[str, int]) -> RawTable:
        """Return rows (a mapping of columns to text each, by its place) as a raw table."""
        frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object).fillna("")
        table = RawTable(self.path, frame)
        table.repairs, table.unused = self.repairs, {why: n for why, n in unused.items() if n}
        return table

    def _inspected(
        self, name: str, calculated: bool, most: int | None
    ) -> dict[tuple[int, int], str]:
        """Return the errors (``#N/A``) of a sheet's XML, which calamine reads as empty cells.

        It reads a formula that was never calculated as an empty cell too: that is refused.
        """
        errors, row = {}, 0
        for _, element in ET.iterparse(io.BytesIO(self._parts[name])):
            if not element.tag.endswith("}row"):
                continue
            row, column = int(element.get("r") or row + 1), 0
            if most and row > most:
                break
            for cell in element:
                column += 1
                if cell.get("r"):
                    row, column = coordinate_to_tuple(cell.get("r"))
                parts = {part.tag.rpartition("}")[2]: part.text for part in cell}
                if "f" in parts and not parts.get("v") and calculated:
                    raise DataError(
                        f"{self.file}, {place(name, row - 1, column - 1)}: a formula without its "
                        "result; open the workbook in a spreadsheet program and save it"
                    )
                if cell.get("t") == "e" and parts:
                    errors[row - 1, column - 1] = parts.get("v") or "#"
            element.clear()
        return errors


@lru_cache(1)
def _opened(path: Path, *state: int) -> Workbook:
    return Workbook(path)


def looked_at(path: Path) -> Workbook:
    """Return a workbook of which only the heads are asked for: opened once while it is the same."""
    about = path.stat()
    return _opened(path, about.st_mtime_ns, about.st_size)


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Turn what goes wrong with a damaged file into one line that begins with `what`.

    On some broken files calamine panics, which is no ``Exception`` and has no public name.
    """
    try:
        yield
    except (DataError, MemoryError):
        raise
    except PasswordError:
        raise DataError(f"{what}: the workbook is locked with a password") from None
    except BaseException as problem:
        if not isinstance(problem, Exception) and type(problem).__name__ != "PanicException":
            raise
        raise DataError(f"{what} ({' '.join(str(problem).split())[:200]})") from None


def _unpacked(data: bytes, file: str) -> dict[str, bytes]:
    """Return the XML of each sheet by its name; all members are as large as they say."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise DataError(f"{file}: a zip archive without an Excel workbook: unpack it first")
        members = {name: archive.read(name) for name in archive.namelist()}
    relations = ET.fromstring(members["xl/_rels/workbook.xml.rels"])
    targets = {x.get("Id"): posixpath.join("/xl", x.get("Target", "")) for x in relations}
    parts = {}
    for element in ET.fromstring(members["xl/workbook.xml"]).iter():
        if element.tag.endswith("}sheet"):
            (key,) = (value for key, value in element.items() if key.endswith("}id"))
            parts[element.get("name", "")] = members[posixpath.normpath(targets[key]).lstrip("/")]
    return parts


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).upper()
    return float(value) if isinstance(value, int | float) else value  # type: ignore[return-value]
