"""Text files: what they are by their first bytes, their cells, and large ones row by row."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..core.errors import DataError
from ..core.paths import relative

LARGEST = 100_000_000  # bytes that are read whole; larger files need a reader that streams
LONGEST = 1_000_000  # bytes of a row; no published table has rows of this length
START = 65_536  # bytes that tell what a file is
BLOCK = 262_144  # bytes that are taken into lines at once
MOST_LINES = 10_000  # of one row: a text with line ends in quotes
BOM = b"\xef\xbb\xbf"
ACCENTED = {"áncash", "apurímac", "huánuco", "junín", "martín"}  # in names of departments
ZIP, OLE, WEB, JSON = "a zip archive", "an Excel 97 workbook", "a web page or XML", "JSON"
GPKG, WIDE, TEXT = "a GeoPackage", "text in UTF-16", "text"
# What files begin with; what begins otherwise is text.
KINDS = {
    ZIP: (b"PK",),
    OLE: (b"\xd0\xcf\x11\xe0",),
    GPKG: (b"SQLite format 3\0",),
    "one of several files of a shapefile: pack them all into one .zip": (b"\0\0\x27\x0a",),
    WIDE: (b"\xff\xfe", b"\xfe\xff"),
    WEB: (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<div"),
    JSON: (b"{", b"["),
    "a PDF: type its table into a CSV": (b"%PDF",),
}


def head(path: Path, size: int = START) -> bytes:
    """Return the first bytes of a file, which must be there and hold something."""
    if not path.is_file():
        raise DataError(f"{relative(path)}: the file is missing")
    with path.open("rb") as file:
        start = file.read(size)
    if not start.strip(b"\0 \r\n\t"):
        raise DataError(f"{relative(path)}: empty, or holds nothing but zeros")
    return start


def kind(path: Path, *expected: str) -> str:
    """Return what a file is by its first bytes, whatever its name says; else it is refused."""
    start = head(path)
    bare = start.lstrip(BOM + b" \r\n\t").lower()
    hits = (x for x in KINDS if start.startswith(KINDS[x]) or bare.startswith(KINDS[x]))
    found = next(hits, TEXT)
    if found == TEXT and len(start) == START and not set(b"\r\n") & set(start):
        found = f"a first row of more than {START:,} bytes"
    elif found == TEXT and b"\0" in start:
        found = "zero bytes in it"
    if expected and found not in expected:
        raise DataError(f"{relative(path)}: {found}; expected {' or '.join(expected)}")
    return found


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: UTF-8, or UTF-16 where its first bytes say so."""
    return "utf-16" if kind(path, TEXT, WIDE, JSON) == WIDE else "utf-8-sig"


def is_spanish(data: bytes) -> bool:
    """Return whether bytes are certainly Windows-1252: no other encoding makes these words of them.

    Every letter beyond ASCII is one that Spanish has, and a department's name with an accent is
    among the words (the bytes of "Junín" in Mac Roman or CP850 are no name here).
    """
    try:
        data.decode("utf-8")
        return False
    except UnicodeDecodeError:
        words = set(re.findall(r"\w+", data.decode("cp1252", "replace").casefold()))
    letters = {letter for word in words for letter in word if letter > "\x7f"}
    return letters <= set("áéíóúüñºª") and bool(words & ACCENTED)


def read_cells(path: Path, delimiter: str, spanish: bool = False) -> list[list[str]]:
    """Return the cells of a delimited text file, row by row (the first is the header).

    With `spanish` text that is certainly Windows-1252 is read as that; all other is UTF-8.
    """
    name, encoding = relative(path), encoding_of(path)
    if path.stat().st_size > LARGEST:
        raise DataError(f"{name}: larger than {LARGEST / 1e6:,.0f} MB")
    data, rows = path.read_bytes(), []
    try:
        text = data.decode("cp1252" if spanish and is_spanish(data) else encoding)
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        return rows
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        raise DataError(
            f"{name}, row {row}: byte {data[problem.start]:#04x} is no UTF-8: save the file as "
            "UTF-8 (it may be Latin-1, Windows-1252 or CP437, which can't be told apart)"
        ) from None
    except csv.Error as problem:
        why = f"not a table delimited by {delimiter!r}: is a quote not closed? ({problem})"
        raise DataError(f"{name}, row {len(rows) + 1}: {why}") from None


class Rows:
    """The rows of a large delimited file, one at a time.

    ``header`` has the names in line ``top``: the first one, or the first of twenty that holds the
    word `titled`. ``count`` are the rows below it that were passed so far; ``latin`` the first row
    that is no UTF-8 and was read as Latin-1, as older releases are written. With `comma_ends` every
    row may end with a comma that the header has not; without `latin_too` only UTF-8 is read.
    """

    def __init__(
        self,
        path: Path,
        comma_ends: bool = False,
        titled: str = "",
        delimiters: str = ",",
        latin_too: bool = True,
    ) -> None:
        self.path, self.file = path, relative(path)
        self.comma_ends, self.latin_too = comma_ends, latin_too
        if encoding_of(path) != "utf-8-sig":
            raise DataError(f"{self.file}: written in UTF-16, expected UTF-8: save it as UTF-8")
        self.count, self.latin = 0, None
        with path.open("rb") as file:
            lines = [file.readline(LONGEST) for _ in range(20 if titled else 1)]
        word = titled.encode().lower()
        self.top = next((n for n, line in enumerate(lines, start=1) if word in line.lower()), 1)
        line = lines[self.top - 1].removeprefix(BOM)
        if len(line) > LONGEST - 4 or line.count(b'"') & 1:
            raise self.error(1, "no header of a table")
        self.delimiter = max(delimiters, key=line.decode("latin-1").count)
        self.header = [name.strip() for name in self._cells(line, self.top)]

    def error(self, row: int, problem: object) -> DataError:
        return DataError(f"{self.file}, row {row}: {problem}")

    def holding(self, *words: str) -> Iterator[tuple[int, list[str]]]:
        """Yield the number (a line of the file, from 1) and the cells of each row with a word.

        Every row is checked for zero bytes, length and balanced quotes; only those that hold a
        word, and a last one without a line end, are taken apart: millions of others cost little.
        """
        wanted = [word.encode() for word in words]
        row, line = self.top, b"\n"
        for row, line in self._joined():
            self.count += 1
            for word in wanted:
                if word in line:
                    yield row, self._row(line, row)
                    break
        if not line.endswith(b"\n"):
            self._row(line, row)

    def _joined(self) -> Iterator[tuple[int, bytes]]:
        """Yield each row below the header with its number, lines with an open quote joined."""
        parts: list[bytes] = []
        is_open = False
        with self.path.open("rb") as file:
            for _ in range(self.top):
                file.readline()
            lines = itertools.chain.from_iterable(iter(partial(file.readlines, BLOCK), []))
            for number, line in enumerate(lines, self.top + 1):
                if b"\0" in line:
                    raise self.error(number, "zero bytes in it")
                if len(line) > LONGEST:
                    raise self.error(number, f"longer than {LONGEST / 1e6:g} MB, expected a row")
                if line.count(b'"') & 1:
                    is_open = not is_open
                if is_open:
                    parts.append(line)
                    if len(parts) > MOST_LINES:
                        break
                elif parts:
                    yield number - len(parts), b"".join([*parts, line])
                    parts = []
                else:
                    yield number, line
        if is_open:
            problem = "a quote that is never closed: is the file cut short?"
            raise self.error(number - len(parts) + 1, problem)

    def _row(self, line: bytes, row: int) -> list[str]:
        cells = self._cells(line, row)
        if self.comma_ends and len(cells) == len(self.header) + 1 and not cells[-1]:
            cells.pop()
        if len(cells) != len(self.header):
            raise self.error(row, f"{len(cells)} cells, the header has {len(self.header)}")
        return cells

    def _cells(self, line: bytes, row: int) -> list[str]:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("latin-1")
            for letter in text:
                if letter > "\x7f" and not (letter.isalpha() and self.latin_too):
                    problem = f"byte {ord(letter):#04x} is no UTF-8: save the file as UTF-8"
                    raise self.error(row, problem) from None
            self.latin = self.latin or row
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as problem:
            message = f"not a row delimited by {self.delimiter!r} ({problem})"
            raise self.error(row, message) from None
