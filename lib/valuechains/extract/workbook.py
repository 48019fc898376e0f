"""Excel workbooks (.xls, .xlsx) → cells with their place, refused where they can't be trusted."""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from openpyxl.utils import column_index_from_string, get_column_letter
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    ZipError,
)

from ..core.errors import DataError
from ..core.paths import relative
from .text import head, is_web_page

# Ten times the largest yearbook: more than that unpacked is a bomb, not statistics.
LARGEST_UNPACKED = 100_000_000
# A sheet is read as a whole rectangle from A1: one stray cell in its last corner would be 17e9.
MOST_CELLS = 2_000_000
DAMAGE = (
    *(CalamineError, ZipError, zipfile.BadZipFile, zlib.error, ET.ParseError),
    *(OSError, ValueError, EOFError, RuntimeError, KeyError),
)
OLE = b"\xd0\xcf\x11\xe0"  # the container of Excel 97
Cell = str | float | dt.date


def place(sheet: str, row: int, column: int | None = None) -> str:
    """Return where a cell (or a row) stands, both counted from 0.

    Examples
    --------
    >>> place("cafe", 6, 16), place("Monthly Prices", 6)
    ('cafe!Q7', 'Monthly_Prices!7')
    """
    name = re.sub(r"[\s+:]", "_", sheet)  # what separates origins must not stand in one
    return f"{name}!{'' if column is None else get_column_letter(column + 1)}{row + 1}"


@dataclass(frozen=True, eq=False)
class Sheet:
    """One visible sheet: ``cells[row][column]``, counted from 0, all rows of one length.

    A cell is text (blanks at the ends removed, ``""`` when empty), a float or a date.
    """

    file: str
    name: str
    cells: list[list[Cell]]

    def error(self, row: int, column: int, problem: object) -> DataError:
        """Return the refusal of a cell: file, sheet and cell, its value, what is wrong."""
        value = self.cells[row][column]
        return DataError(f"{self.file}, {place(self.name, row, column)}: {value!r}: {problem}")

    def refusal(self, problem: str) -> DataError:
        """Return the refusal of the whole sheet."""
        return DataError(f"{self.file}, sheet {self.name!r}: {problem}")


class Workbook:
    """An opened workbook; sheets are read when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = relative(path)
        data = _checked(path)
        try:
            # By its content: a publisher's .xls can be an .xlsx.
            self._parts, data = ({}, data) if data.startswith(OLE) else _unpacked(data, self.file)
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        except PasswordError:
            raise DataError(f"{self.file}: the workbook is locked with a password") from None
        except BaseException as problem:
            raise _refusal(problem, f"{self.file}: not a whole Excel workbook") from None
        sheets = [one for one in self._book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        self.sheets = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
        self.hidden = [one.name for one in sheets if one.visible != SheetVisibleEnum.Visible]
        # For messages: what is hidden is not read.
        self.unread = f"; hidden: {', '.join(self.hidden)}" if self.hidden else ""

    def sheet(self, name: str, calculated: bool = True) -> Sheet:
        """Return a visible sheet; `calculated` refuses formulas that have no result."""
        if name not in self.sheets:
            there = ", ".join(self.sheets[:12]) + (" …" if len(self.sheets) > 12 else "")
            raise DataError(f"{self.file}: no sheet {name!r}; there are {there}{self.unread}")
        errors: dict[tuple[int, int], str] = {}
        try:
            if self._parts:  # BIFF keeps errors and results of formulas in the cells themselves
                errors = self._inspected(name, calculated)
            read = self._book.get_sheet_by_name(name)
            if read.total_height * read.total_width > MOST_CELLS:
                raise DataError(f"{self.file}, sheet {name!r}: more than {MOST_CELLS:,} cells")
            rows = read.to_python(skip_empty_area=False)
        except DataError:
            raise
        except BaseException as problem:
            raise _refusal(problem, f"{self.file}, sheet {name!r}: can't be read") from None
        for (row, column), error in errors.items():
            rows[row][column] = error
        return Sheet(self.file, name, [[_cell(value) for value in row] for row in rows])

    def _inspected(self, name: str, calculated: bool) -> dict[tuple[int, int], str]:
        """Return the errors (``#N/A``) of a sheet's XML, which calamine reads as empty cells.

        Refuses, before memory is taken, cells that are too many or too far apart, and what
        would read as an empty cell: a formula that was never calculated.
        """
        errors, count, width, height, row = {}, 0, 0, 0, 0
        for _, element in ET.iterparse(io.BytesIO(self._parts[name])):
            if element.tag.rpartition("}")[2] != "row":
                continue
            row, column = int(element.get("r") or row + 1), 0
            for cell in element:
                count, column = count + 1, column + 1
                found = re.fullmatch("([A-Z]+)([0-9]+)", cell.get("r", ""))
                if found:
                    column, row = column_index_from_string(found[1]), int(found[2])
                parts = {part.tag.rpartition("}")[2]: part for part in cell}
                if not parts:
                    continue
                width, height = max(width, column), max(height, row)
                text = parts["v"].text if "v" in parts else None
                if "f" in parts and not text and calculated:
                    raise DataError(
                        f"{self.file}, {place(name, row - 1, column - 1)}: a formula without its "
                        "result; open the workbook in a spreadsheet program and save it"
                    )
                if cell.get("t") == "e":
                    errors[row - 1, column - 1] = text or "#"
            element.clear()
        if count > MOST_CELLS:
            raise DataError(f"{self.file}, sheet {name!r}: more than {MOST_CELLS:,} cells")
        if width * height > MOST_CELLS:
            raise DataError(
                f"{self.file}, sheet {name!r}: reaches to {get_column_letter(width)}{height}, "
                f"expected at most {MOST_CELLS:,} cells: delete what stands far from the tables"
            )
        return errors


def _refusal(problem: BaseException, what: str) -> BaseException:
    """Return the error of a file that calamine can't read; anything else as it is.

    On some broken files calamine panics, which is no ``Exception`` and has no public name.
    """
    if isinstance(problem, DataError):
        return problem
    if isinstance(problem, DAMAGE) or type(problem).__name__ == "PanicException":
        return DataError(f"{what} ({' '.join(str(problem).split())[:200]})")
    return problem


def _unpacked(data: bytes, file: str) -> tuple[dict[str, bytes], bytes]:
    """Return the XML of each sheet by its name, and the workbook packed anew.

    A member of a zip can be larger than it says; what is packed anew is what was counted.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST_UNPACKED:
            most = f"expected at most {LARGEST_UNPACKED / 1e6:,.0f} MB"
            raise DataError(f"{file}: unpacks to {size / 1e6:,.0f} MB, {most}")
        members = {name: archive.read(name) for name in archive.namelist()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    relations = ET.fromstring(members["xl/_rels/workbook.xml.rels"])
    targets = {one.get("Id"): posixpath.join("/xl", one.get("Target", "")) for one in relations}
    parts = {}
    for element in ET.fromstring(members["xl/workbook.xml"]).iter():
        if element.tag.endswith("}sheet"):
            keys = [value for key, value in element.items() if key.endswith("}id")]
            target = posixpath.normpath(targets[keys[0]]).lstrip("/")
            parts[element.get("name", "")] = members[target]
    return parts, packed.getvalue()


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).upper()
    return float(value) if isinstance(value, int | float) else value  # type: ignore[return-value]


def is_workbook(path: Path) -> bool:
    """Return whether a file begins like a workbook (an OLE container or a zip with one)."""
    start = head(path)
    if start.startswith(b"PK") and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return "xl/workbook.xml" in archive.namelist()
        except DAMAGE:
            return False
    return start.startswith(OLE)


def _end_of_container(data: bytes) -> int:
    """Return how long an OLE container must be: to the end of the last sector that it uses.

    The allocation table has a word for each sector ([MS-CFB] 2.2, 2.3); the header lists where
    its first 109 sectors stand (7 MB).
    """
    header = data[:512].ljust(512, b"\0")
    size = 1 << min(int.from_bytes(header[30:32], "little"), 12)
    count = min(int.from_bytes(header[44:48], "little"), 109)
    free, end = b"\xff" * 4, 512
    for number, sector in enumerate(struct.unpack_from(f"<{count}I", header, 76)):
        table = data[(sector + 1) * size : (sector + 2) * size]
        if len(table) < size:
            return (sector + 2) * size
        words = [table[i : i + 4] for i in range(0, size, 4)]
        used = max((i for i, word in enumerate(words) if word != free), default=-1)
        end = max(end, (number * len(words) + used + 2) * size)
    return end


def _checked(path: Path) -> bytes:
    """Return the bytes of a workbook; refuse, in one line, what can't be a readable one."""
    start, name = head(path), relative(path)
    data, problem = path.read_bytes(), ""
    is_old = start.startswith(OLE)
    whole = len(data) >= _end_of_container(data) if is_old else zipfile.is_zipfile(path)
    if is_web_page(start):
        problem = (
            "a web page or XML, not an Excel workbook: open it in a spreadsheet program and save "
            "it as .xlsx"
        )
    elif is_old and "EncryptedPackage".encode("utf-16-le") in data:
        problem = "the workbook is locked with a password"
    elif not start.startswith((OLE, b"PK")):
        problem = "not an Excel workbook"
    elif not whole:
        problem = "a truncated workbook (the end of the file is missing)"
    elif not is_workbook(path):
        problem = "no Excel workbook (.xlsx) is in this file: save it as one"
    if problem:
        raise DataError(f"{name}: {problem}")
    return data
