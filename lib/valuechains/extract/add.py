"""``make add FILE=…``: a published file → its place in ``data/raw``, with a sidecar to complete."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import yaml

from ..core.errors import DataError
from ..core.paths import RAW, relative
from ..core.places import fold
from .readers import FORMATS
from .readers.formats import Format, Found
from .readers.text import head, is_web_page
from .readers.workbook import Workbook, is_workbook
from .sources import FIELDS, SUFFIX, digest, raw_files, sidecar

LARGEST_UNPACKED = 600_000_000  # bytes: the bulk files of FAOSTAT and WDI stay below
LONGEST = 100  # characters of a file's name, and of its ending
# What no file says of itself; a person has to confirm it.
GUESSED = ["publisher", "title", "short", "locator", "obtained", "licence", "renewal"]
HEAD = (
    "# Written by `make add`: check the fields named in `guessed`, then take them off that list.\n"
)


def add(file: Path, raw: Path = RAW, today: dt.date | None = None) -> str:
    """Copy a published file to ``data/raw/<key>/`` with a sidecar; return what it is, in lines.

    A file that lies in a folder of ``data/raw`` already only gets its sidecar. Nothing is ever
    overwritten: a second vintage of a publication gets a folder of its own (``<key>_v2``).

    Raises
    ------
    DataError
        One line: the file is of no known format, can't be read whole, or is there already.
    """
    if not file.is_file():
        raise DataError(f"{file}: {'a folder' if file.is_dir() else 'no such file'}")
    with tempfile.TemporaryDirectory() as scratch:
        source = _unpacked(file, Path(scratch))
        size, sha256 = source.stat().st_size, digest(source)
        for known in raw_files(raw):
            if (
                known.resolve() != file.resolve()
                and known.stat().st_size == size
                and digest(known) == sha256
            ):
                raise DataError(f"{file}: the same file is in the project: {relative(known)}")
        form, found = recognise(source)
        if not found.sidecar:  # else the sidecar has to be completed before it can be read
            form.read(source)
        target = _place(file, source.name, found, raw)
        beside = target.with_name(target.name + SUFFIX)
        fields = _sidecar(target, source, file.name, form, found, today or dt.date.today())
        text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)
        _write(target, None if target == file.resolve() else source, beside, HEAD + text)
    feeds = ", ".join(form.feeds) or fields.get("table", "?").strip("?")
    return "\n".join(
        [f"{found.title}: {found.publisher}", *(f"  {line}" for line in found.contents),
         f"  feeds {feeds}" if feeds else "  feeds the table that its sidecar will name",
         f"written: {relative(target)}", f"complete: {relative(beside)}; then `make data`"]
    )  # fmt: skip


def recognise(path: Path) -> tuple[Format, Found]:
    """Return the format of a file, by its content, and what it says of itself.

    Raises
    ------
    DataError
    """
    start = head(path)  # refuses what is empty or zeros
    for form in FORMATS.values():
        if form.recognise(path):
            return form, form.describe(path)
    hidden = ""
    if (
        is_web_page(start)
        or is_workbook(path)
        or (start.startswith(b"PK") and not zipfile.is_zipfile(path))
    ):
        book = Workbook(path)  # a workbook that can't be read says why
        for name in book.sheets:
            book.sheet(name, calculated=False)
        hidden = f"; hidden sheets: {', '.join(book.hidden)}" if book.hidden else ""
    raise DataError(
        f"{path.name}: by its content none of the formats {', '.join(FORMATS)}; any table can be "
        f"added as CSV{hidden}"
    )


def _write(target: Path, source: Path | None, beside: Path, text: str) -> None:
    """Write the sidecar and copy the file (None: it lies there); whatever fails leaves nothing."""
    fresh = not target.parent.exists()
    partial = target.with_name(f".{target.name}")  # no raw file yet, if the process is killed
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source:
            shutil.copyfile(source, partial)
        beside.write_text(text, encoding="utf-8")
        if source:
            partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        beside.unlink(missing_ok=True)
        if fresh and target.parent.exists():
            target.parent.rmdir()
        raise


def _unpacked(file: Path, scratch: Path) -> Path:
    """Return a copy of the file under a plain name, unpacked where it is gzipped."""
    with file.open("rb") as opened:
        packed = opened.read(2) == b"\x1f\x8b"
    name = re.sub(r"[^a-z0-9.]+", "-", fold(file.name)).strip("-.")
    stem, dot, suffix = (name.removesuffix(".gz") if packed else name).rpartition(".")
    # One point only: what ends in .source.yml would be taken for a sidecar.
    target = scratch / ((stem.replace(".", "-")[:LONGEST] + dot + suffix[:LONGEST]) or "file")
    if not packed:
        target.symlink_to(file.resolve())
        return target
    with gzip.open(file) as inside, target.open("wb") as outside:
        try:
            while block := inside.read(1 << 20):
                outside.write(block)
                if outside.tell() > LARGEST_UNPACKED:
                    raise DataError(f"{file}: unpacks to more than {LARGEST_UNPACKED:,} bytes")
        except (OSError, EOFError) as problem:
            raise DataError(f"{file}: not a whole gzip file ({problem})") from None
    return target


def _place(file: Path, name: str, found: Found, raw: Path) -> Path:
    """Return where the file belongs: where it lies in data/raw, or a folder that is not there."""
    here = file.resolve()  # a link to it counts as the file
    if here.parent.parent == raw.resolve():
        if here.with_name(here.name + SUFFIX).exists():
            raise DataError(f"{relative(here)}: has a sidecar already")
        return here
    folder, vintage = raw / found.key, 1
    while folder.exists():
        vintage += 1
        folder = raw / f"{found.key}_v{vintage}"
    return folder / name


def _sidecar(
    target: Path, source: Path, name: str, form: Format, found: Found, today: dt.date
) -> dict:
    beside = [one for one in raw_files(target.parent.parent) if one.parent == target.parent]
    short = next((sidecar(one)["short"] for one in beside if one != target), None)
    vintage = re.search(r"_v(\d+)$", target.parent.name)
    fields = {
        "publisher": found.publisher,
        "title": found.title,
        "short": short or found.short + (f" (vintage {vintage[1]})" if vintage else ""),
        "kind": found.kind,
        "locator": found.locator,
        "address": None,
        "published": found.published,
        "obtained": f"File {name}, added on {today.isoformat()}",
        "entered": today,
        "licence": found.licence,
        "renewal": found.renewal,
        "sha256": digest(source),
        "notes": [],
    }
    assert set(fields) == set(FIELDS)
    guessed = GUESSED + ([] if found.published else ["published"])
    return fields | {"format": form.name, **found.sidecar, "guessed": guessed}
