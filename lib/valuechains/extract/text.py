"""Text files: what they are by their first bytes, their cells, and large ones row by row."""

import csv
import io
import re
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from ..core.errors import DataError
from ..core.paths import relative

LARGEST = 100_000_000  # bytes that are read whole; larger files need a reader that streams
LONGEST = 1_000_000  # bytes of a row; no published table has rows of this length
START = 65_536  # bytes that tell what a file is
BLOCK = 262_144  # bytes that are looked through at once: they stay in the processor's cache
BOM = b"\xef\xbb\xbf"
NO_QUOTES = bytes(set(range(256)) - set(b'"\n'))
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
    found = "zero bytes in it" if b"\0" in start else TEXT
    if len(start) == START and not set(b"\r\n") & set(start):
        found = f"a first row of more than {START:,} bytes"
    for name, begins in reversed(KINDS.items()):
        if start.startswith(begins) or bare.startswith(begins):
            found = name
    if expected and found not in expected:
        raise DataError(f"{relative(path)}: {found}; expected {' or '.join(expected)}")
    return found


def refuse_no_text(path: Path) -> str:
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
    name, encoding = relative(path), refuse_no_text(path)
    if path.stat().st_size > LARGEST:
        raise DataError(f"{name}: larger than {LARGEST / 1e6:,.0f} MB")
    data = path.read_bytes()
    try:
        text = data.decode("cp1252" if spanish and is_spanish(data) else encoding)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        raise DataError(
            f"{name}, row {row}: byte {data[problem.start]:#04x} is no UTF-8: save the file as "
            "UTF-8 (it may be Latin-1, Windows-1252 or CP437, which can't be told apart)"
        ) from None
    except csv.Error as problem:
        raise DataError(f"{name}: not a table delimited by {delimiter!r} ({problem})") from None


class Rows:
    """The rows of a large delimited file, one at a time.

    ``header`` has the names in line ``top``: the first one, or the first of twenty that holds the
    word `titled`. ``count`` are the rows below it that were passed so far; ``latin`` the first row
    that is no UTF-8 and was read as Latin-1, as older releases are written. With `comma_ends` every
    row may end with a comma that the header has not.
    """

    def __init__(
        self, path: Path, comma_ends: bool = False, titled: str = "", delimiters: str = ","
    ) -> None:
        self.path, self.file, self.comma_ends = path, relative(path), comma_ends
        if refuse_no_text(path) != "utf-8-sig":
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
        word, and the last one, are taken apart, so that millions of others cost little.
        """
        wanted = [word.encode() for word in words]
        with self.path.open("rb") as file:
            for _ in range(self.top):
                file.readline()
            number = self.top + 1
            while block := self._block(file, number):
                is_last = not block.endswith(b"\n")
                # Are the quotes of every line balanced, so that each line is a row?
                is_simple = b'"' not in block.translate(None, NO_QUOTES).replace(b'""', b"")
                lines = block.count(b"\n")
                if is_simple and not is_last and not any(word in block for word in wanted):
                    self.count += lines
                    number += lines
                    continue
                for before, line in _joined(block):
                    self.count += 1
                    if any(word in line for word in wanted):
                        yield number + before, self._row(line, number + before)
                if is_last:
                    self._row(line, number + before)
                number += lines

    def _block(self, file: BufferedReader, number: int) -> bytes:
        """Return the next rows, the first of which has a number; empty at the end."""
        block = more = file.read(BLOCK) + file.readline(LONGEST)
        while more and block.count(b'"') & 1 and len(block) < BLOCK + LONGEST:
            more = file.read(BLOCK) + file.readline(LONGEST)
            block += more
        problem = ""
        if block.count(b'"') & 1:
            problem = "a quote that is never closed: is the file cut short?"
        elif len(block) - block.rstrip(b"\n").rfind(b"\n") >= LONGEST:
            problem = f"longer than {LONGEST / 1e6:g} MB, expected a row of a table"
        if problem:
            raise self.error(number + list(_joined(block))[-1][0], problem)
        if b"\0" in block:
            raise self.error(number + block[: block.index(b"\0")].count(b"\n"), "zero bytes in it")
        return block

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
                if letter > "\x7f" and not letter.isalpha():
                    problem = f"byte {ord(letter):#04x} is neither UTF-8 nor a letter of Latin-1"
                    raise self.error(row, f"{problem}: save the file as UTF-8") from None
            self.latin = self.latin or row
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as problem:
            said = f"not a row delimited by {self.delimiter!r} ({problem})"
            raise self.error(row, said) from None


def _joined(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each row of a block, lines with an open quote joined, and how many lines precede it."""
    lines, first, odd = [], 0, False
    for before, line in enumerate(block.removesuffix(b"\n").split(b"\n")):
        first = first if lines else before
        lines.append(line + b"\n")
        odd ^= bool(line.count(b'"') & 1)
        if not odd:
            yield first, b"".join(lines)
            lines = []
    if lines:
        yield first, b"".join(lines)
