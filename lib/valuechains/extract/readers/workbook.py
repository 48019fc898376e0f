"""Excel workbooks (.xls, .xlsx) → cells with their place, refused where they can't be trusted."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    ZipError,
)

from ...core.errors import DataError
from ...core.paths import relative
from .text import head, is_web_page

# Ten times the largest yearbook: more than that unpacked is a bomb, not statistics.
LARGEST_UNPACKED = 100_000_000
# A sheet is read as a whole rectangle from A1: one stray cell in its last corner would be 17e9.
MOST_CELLS = 2_000_000
DAMAGE = (CalamineError, ZipError, OSError, ValueError, EOFError, RuntimeError,
          zipfile.BadZipFile, zlib.error, ET.ParseError)  # fmt: skip
Cell = str | float | dt.date


def place(sheet: str, row: int, column: int | None = None) -> str:
    """Return where a cell (or a row) stands, both counted from 0: ``cafe!Q7`` (``cafe!7``)."""
    name = re.sub(r"[\s+:]", "_", sheet)  # what separates origins must not stand in one
    return f"{name}!{'' if column is None else letter(column)}{row + 1}"


def letter(column: int) -> str:
    """Return the name of a column counted from 0 (0 → ``A``, 27 → ``AB``)."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True)
class Sheet:
    """One visible sheet: ``cells[row][column]``, counted from 0, all rows of one length.

    A cell is text (blanks at the ends removed, ``""`` when empty), a float or a date.
    """

    file: str
    name: str
    cells: list[list[Cell]]

    def error(self, row: int, column: int, problem: str) -> DataError:
        """Return the refusal of a cell: file, sheet and cell, its value, what is wrong."""
        value = self.cells[row][column]
        return DataError(f"{self.file}, {place(self.name, row, column)}: {value!r}: {problem}")


class Workbook:
    """An opened workbook; sheets are read when asked for.

    Raises
    ------
    DataError
        One line for what is no workbook: missing, empty, a web page, truncated, locked with a
        password, or one that unpacks to an unreasonable size.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = relative(path)
        refuse_no_workbook(path)
        try:
            # By its content: a publisher's .xls can be an .xlsx.
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
            self._archive = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
            self._parts = _parts(self._archive) if self._archive else {}
        except PasswordError:
            raise DataError(f"{self.file}: the workbook is locked with a password") from None
        except BaseException as problem:
            raise _refusal(problem, f"{self.file}: not a whole Excel workbook") from None
        worksheets = [s for s in self._book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
        self.sheets = [s.name for s in worksheets if s.visible == SheetVisibleEnum.Visible]
        self.hidden = [s.name for s in worksheets if s.visible != SheetVisibleEnum.Visible]

    def sheet(self, name: str, calculated: bool = True) -> Sheet:
        """Return a visible sheet; `calculated` refuses formulas that have no result.

        Raises
        ------
        DataError
            When there is none of that name, it is hidden, or a formula in it has no result.
        """
        if name not in self.sheets:
            hidden = " (it is hidden)" if name in self.hidden else ""
            there = ", ".join(self.sheets[:12]) + (" …" if len(self.sheets) > 12 else "")
            raise DataError(f"{self.file}: no sheet {name!r}{hidden}; there are {there}")
        try:
            # BIFF, which has 256 columns, keeps a formula's result in the cell itself.
            part = self._parts.get(name)
            text = self._archive.read(part).decode("utf-8", "replace") if part else ""
            self._refuse_far_cells(name, text)
            rows = self._book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if calculated:
                self._refuse_formulas_without_result(name, text)
        except DataError:
            raise
        except BaseException as problem:
            raise _refusal(problem, f"{self.file}, sheet {name!r}: can't be read") from None
        for row, column, error in _errors(text) if 't="e"' in text else ():
            rows[row][column] = error
        return Sheet(self.file, name, [[_cell(one) for one in row] for row in rows])

    def _refuse_far_cells(self, name: str, text: str) -> None:
        """Refuse a sheet whose cells are too many or too far apart, before memory is taken."""
        if text.count("<c>") + text.count("<c ") > MOST_CELLS:
            raise DataError(f"{self.file}, sheet {name!r}: more than {MOST_CELLS:,} cells")
        filled = re.findall(
            r"<(?:\w+:)?c\s(?:[^>]*?\s)?r=\"([A-Z]+)([0-9]+)\"[^>]*(?<!/)>\s*<(?!/)", text
        )
        width = max({column for column, _ in filled}, key=lambda one: (len(one), one), default="")
        height = max({int(row) for _, row in filled}, default=0)
        if _number(width) * height > MOST_CELLS:
            raise DataError(
                f"{self.file}, sheet {name!r}: reaches to {width}{height}, expected at most "
                f"{MOST_CELLS:,} cells: delete what stands far from the tables"
            )

    def _refuse_formulas_without_result(self, name: str, text: str) -> None:
        """Refuse what would read as an empty cell: a formula that was never calculated."""
        for cell in re.finditer(
            r"<c\s[^>]*?r=\"([A-Z]+[0-9]+)\"[^>]*?(?<!/)>(.*?)</c>", text, re.S
        ):
            if "<f" in cell[2] and not re.search(r"<v[^>]*>[^<]", cell[2]):
                raise DataError(
                    f"{self.file}, {place(name, 0)[:-1]}{cell[1]}: a formula without its result; "
                    "open the workbook in a spreadsheet program and save it"
                )


def _number(column: str) -> int:
    """Return the number of a column from 1 by its name (``A`` → 1, ``AB`` → 28)."""
    number = 0
    for one in column:
        number = 26 * number + ord(one) - 64
    return number


def _errors(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the cells of a sheet's XML with an error (``#N/A``), which calamine reads empty."""
    for cell in re.finditer(
        r"<(?:\w+:)?c\s([^>]*\bt=\"e\"[^>]*)>.*?<(?:\w+:)?v[^>]*>([^<]*)", text, re.S
    ):
        if where := re.search(r"\br=\"([A-Z]+)([0-9]+)\"", cell[1]):
            yield int(where[2]) - 1, _number(where[1]) - 1, cell[2]


def _refusal(problem: BaseException, what: str) -> BaseException:
    """Return the error of a file that calamine can't read; anything else as it is.

    On some broken files calamine panics, which is no ``Exception`` and has no public name.
    """
    if isinstance(problem, DAMAGE) or type(problem).__name__ == "PanicException":
        return DataError(f"{what} ({' '.join(str(problem).split())[:200]})")
    return problem


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet's XML inside an .xlsx file."""
    try:
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ET.ParseError):
        return {}
    targets = {one.get("Id"): one.get("Target", "").lstrip("/") for one in relations}
    there, parts = set(archive.namelist()), {}
    for one in book.iter():
        if one.tag.endswith("}sheet"):
            key = next((value for name, value in one.items() if name.endswith("}id")), "")
            target = targets.get(key, "")
            found = target if target.startswith("xl/") else f"xl/{target}"
            if found in there:
                parts[one.get("name", "")] = found
    return parts


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
    return start.startswith(b"\xd0\xcf\x11\xe0")


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


def refuse_no_workbook(path: Path) -> None:
    """Refuse, in one line, a file that can't be a readable workbook."""
    start, name = head(path), relative(path)
    if is_web_page(start):
        raise DataError(
            f"{name}: a web page or XML, not an Excel workbook: open it in a spreadsheet program "
            "and save it as .xlsx"
        )
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        data = path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise DataError(f"{name}: the workbook is locked with a password")
        if len(data) < _end_of_container(data):
            raise DataError(f"{name}: a truncated workbook (the end of the file is missing)")
    elif not start.startswith(b"PK"):
        raise DataError(f"{name}: not an Excel workbook")
    elif not zipfile.is_zipfile(path):
        raise DataError(f"{name}: a truncated workbook (the end of the file is missing)")
    else:
        try:
            with zipfile.ZipFile(path) as archive:
                size = sum(one.file_size for one in archive.infolist())
        except DAMAGE as problem:
            raise DataError(f"{name}: not a whole Excel workbook ({problem})") from None
        if size > LARGEST_UNPACKED:
            raise DataError(
                f"{name}: unpacks to {size / 1e6:,.0f} MB, expected at most "
                f"{LARGEST_UNPACKED / 1e6:,.0f} MB"
            )
        if not is_workbook(path):
            raise DataError(f"{name}: no Excel workbook (.xlsx) is in this file: save it as one")
