"""Text files: what they are by their first bytes, and the cells of a delimited one."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ..core.errors import DataError
from ..core.paths import relative

LARGEST = 100_000_000  # bytes that are read whole; larger files need a reader that streams


def head(path: Path, size: int = 65536) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    DataError
        When it is missing, empty, or holds nothing but zeros.
    """
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except (FileNotFoundError, IsADirectoryError):
        raise DataError(f"{relative(path)}: the file is missing") from None
    if not start.strip():
        raise DataError(f"{relative(path)}: empty")
    if not start.strip(b"\0"):
        raise DataError(f"{relative(path)}: holds nothing but zeros")
    return start


def is_web_page(start: bytes) -> bool:
    """Return whether a file begins like HTML or XML, whatever its name says."""
    return (
        start.lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<div"))
    )


def refuse_no_text(path: Path) -> str:
    """Return the encoding of a text file: UTF-8, or UTF-16 where its first bytes say so.

    Raises
    ------
    DataError
        For what is no text: a workbook, a web page, zeros.
    """
    start, name = head(path), relative(path)
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise DataError(f"{name}: a workbook or an archive, expected text")
    if is_web_page(start):
        raise DataError(f"{name}: a web page or XML, expected a table as text")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in start:
        raise DataError(f"{name}: zero bytes in it, expected text in UTF-8")
    return "utf-8-sig"


def read_cells(path: Path, delimiter: str = "") -> list[list[str]]:
    """Return the cells of a delimited text file, row by row (the first is the header).

    Parameters
    ----------
    delimiter : str
        By default the one of comma, semicolon and tab that the first line has most of.

    Raises
    ------
    DataError
        When the file is no text in UTF-8 (or UTF-16 with its mark), or its quotes don't match.
    """
    name, encoding = relative(path), refuse_no_text(path)
    if path.stat().st_size > LARGEST:
        raise DataError(f"{name}: larger than {LARGEST / 1e6:,.0f} MB")
    data = path.read_bytes()
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        raise DataError(
            f"{name}, row {row}: byte {data[problem.start]:#04x} is no UTF-8: save the file as "
            "UTF-8 (it may be Latin-1, Windows-1252 or CP437, which can't be told apart)"
        ) from None
    first = text[: text.find("\n") + 1 or len(text)]
    delimiter = delimiter or max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as problem:
        raise DataError(f"{name}: not a table delimited by {delimiter!r} ({problem})") from None
