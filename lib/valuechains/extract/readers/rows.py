"""Delimited files too large to be read whole: the rows that hold a wanted word, one at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from ...core.errors import DataError
from ...core.paths import relative
from .text import refuse_no_text

LONGEST = 1_000_000  # bytes of a row; no published table has rows of this length
BLOCK = 262_144  # bytes that are looked through at once: they stay in the processor's cache
NO_QUOTES = bytes(set(range(256)) - set(b'"\n'))


class Rows:
    """The rows of a large comma-separated file with one header row.

    Parameters
    ----------
    comma_ends : bool
        Whether every row may end with a comma that the header has not.

    Attributes
    ----------
    header : list of str
        Blanks at the ends removed.
    count : int
        Rows below the header that were passed so far (blank lines apart).
    latin : int or None
        The first row that is no UTF-8 and was read as Latin-1, as older releases are written.

    Raises
    ------
    DataError
        When the file is no text, or its first row no header.
    """

    def __init__(self, path: Path, comma_ends: bool = False) -> None:
        self.path, self.file, self.comma_ends = path, relative(path), comma_ends
        if refuse_no_text(path) != "utf-8-sig":
            raise DataError(f"{self.file}: written in UTF-16, expected UTF-8: save it as UTF-8")
        self.count = 0
        self.latin: int | None = None
        with path.open("rb") as file:
            first = self._header(file)
        self.header = [one.strip() for one in self._cells(first.removeprefix(b"\xef\xbb\xbf"), 1)]

    def error(self, row: int, problem: str) -> DataError:
        return DataError(f"{self.file}, row {row}: {problem}")

    def column(self, *names: str) -> int:
        """Return where the first column of these names stands, which must be there once."""
        for name in names:
            if (found := self.header.count(name)) > 1:
                raise DataError(f"{self.file}, row 1: {found} columns {name!r}, expected one")
            if found:
                return self.header.index(name)
        wanted, there = " or ".join(map(repr, names)), ", ".join(self.header)[:200]
        raise DataError(f"{self.file}, row 1: no column {wanted}; there are {there}")

    def holding(self, *words: bytes) -> Iterator[tuple[int, list[str]]]:
        """Yield the number (a line of the file, from 1) and the cells of each row with a word.

        Every row is checked for zero bytes, length and balanced quotes; only those that hold a
        word are taken apart, so that millions of others cost little.

        Raises
        ------
        DataError
            When a row is no row, holds more or fewer cells than the header, or the file ends in
            the middle of one.
        """
        with self.path.open("rb") as file:
            self._header(file)
            number = 2
            while block := self._read(file, number):
                if b"\0" in block:
                    raise self.error(
                        number + block.count(b"\n", 0, block.index(b"\0")), "zero bytes in it"
                    )
                # Are the quotes of every line balanced, so that each line is a row?
                simple = b'"' not in block.translate(None, NO_QUOTES).replace(b'""', b"")
                lines = _lines_with(block, words) if simple else _joined(block)
                for before, line in lines:
                    if not simple:
                        self.count -= line.count(b"\n") - 1
                    if any(word in line for word in words):
                        yield number + before, self._row(line, number + before)
                if block.rpartition(b"\n")[2].strip():  # the last row: is it whole?
                    before, line = list(_joined(block))[-1]
                    self._row(line, number + before)
                    self.count += 1
                self.count += block.count(b"\n")
                number += block.count(b"\n")

    def _header(self, file: BufferedReader) -> bytes:
        line = file.readline(LONGEST)
        if len(line) == LONGEST or line.count(b'"') & 1:
            raise self.error(1, "no header of a table")
        return line

    def _read(self, file: BufferedReader, number: int) -> bytes:
        """Return the next rows, the first of which has a number; empty at the end."""
        block = b""
        while not block or (block.count(b'"') & 1 and len(block) < BLOCK + LONGEST):
            if not (more := file.read(BLOCK) + file.readline(LONGEST)):
                break
            block += more
        if block.count(b'"') & 1:
            row = number + list(_joined(block))[-1][0]
            raise self.error(row, "a quote that is never closed: is the file cut short?")
        if len(block) - block.rstrip(b"\n").rfind(b"\n") >= LONGEST:
            row = number + list(_joined(block))[-1][0]
            raise self.error(row, f"longer than {LONGEST / 1e6:g} MB, expected a row of a table")
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
            if strange := next((c for c in text if c > "\x7f" and not c.isalpha()), None):
                raise self.error(
                    row, f"byte {ord(strange):#04x} is neither UTF-8 nor a letter of Latin-1: save "
                    "the file as UTF-8"
                ) from None  # fmt: skip
            self.latin = self.latin or row
        try:
            return next(csv.reader([text], strict=True))
        except csv.Error as problem:
            raise self.error(row, f"not a row delimited by commas ({problem})") from None


def _lines_with(block: bytes, words: tuple[bytes, ...]) -> Iterator[tuple[int, bytes]]:
    """Yield each line of a block that holds one of the words, and how many lines precede it."""
    before = counted = 0
    hits = {word: block.find(word) for word in words}
    while (hit := min((one for one in hits.values() if one >= 0), default=-1)) >= 0:
        start, end = block.rfind(b"\n", 0, hit) + 1, block.find(b"\n", hit) + 1 or len(block)
        before, counted = before + block.count(b"\n", counted, start), start
        yield before, block[start:end]
        hits = {
            word: block.find(word, end) if 0 <= one < end else one for word, one in hits.items()
        }


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
