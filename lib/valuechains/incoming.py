"""``make add FILE=…``: a published file → its place in ``data/raw``, with a sidecar to complete."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import shutil
import tempfile
from pathlib import Path

import yaml

from .errors import DataError
from .paths import RAW, relative
from .readers import FORMATS
from .readers.formats import Format, Found
from .readers.workbook import LARGEST_UNPACKED
from .regions import fold
from .sources import FIELDS, SUFFIX, digest, raw_files, sidecar

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
        raise DataError(f"{file}: no such file")
    with tempfile.TemporaryDirectory() as scratch:
        source = _unpacked(file, Path(scratch))
        form, found = recognise(source)
        if not found.sidecar:  # else the sidecar has to be completed before it can be read
            form.read(source)
        for known in raw_files(raw):
            if known.resolve() != file.resolve() and digest(known) == digest(source):
                raise DataError(f"{file}: the same file is in the project: {relative(known)}")
        target = _place(file, source.name, found, raw)
        beside = target.with_name(target.name + SUFFIX)
        fields = _sidecar(target, source, file.name, form, found, today or dt.date.today())
        target.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)
        # The sidecar first: its checksum refuses a copy that was broken off.
        beside.write_text(HEAD + text, encoding="utf-8")
        if target.resolve() != file.resolve():
            shutil.copyfile(source, target)
    feeds = ", ".join(form.feeds) or fields.get("table", "")
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
    for form in FORMATS.values():
        if form.recognise(path):
            return form, form.describe(path)
    raise DataError(
        f"{path.name}: by its content none of the formats {', '.join(FORMATS)}; any table can be "
        "added as CSV"
    )


def _unpacked(file: Path, scratch: Path) -> Path:
    """Return a copy of the file under a plain name, unpacked where it is gzipped."""
    name = re.sub(r"[^a-z0-9.]+", "-", fold(file.name)).strip("-.") or "file"
    with file.open("rb") as opened:
        packed = opened.read(2) == b"\x1f\x8b"
    target = scratch / (name.removesuffix(".gz") if packed else name)
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
    if file.resolve().parent.parent == raw.resolve():
        if file.with_name(file.name + SUFFIX).exists():
            raise DataError(f"{relative(file)}: has a sidecar already")
        return file
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
