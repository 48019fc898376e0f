"""``make add FILE=…``: a published file → its place in ``data/raw``, with a sidecar to complete."""

import datetime as dt
import gzip
import re
import shutil
import tempfile
import time
import zlib
from pathlib import Path

import yaml

from ..core.errors import DataError
from ..core.paths import RAW, relative
from ..core.places import fold
from .formats import Format, Found
from .limits import within_limits
from .registry import FORMATS
from .sidecar import FIELDS, SUFFIX, digest, raw_files, read_sidecar
from .text import OLE, TEXT, WEB, ZIP, kind
from .workbook import Workbook

LARGEST_UNPACKED = 600_000_000  # bytes: the bulk files of FAOSTAT and WDI stay below
LONGEST = 100  # characters of a file's name, and of its ending
# What no file says of itself; a person has to confirm it.
GUESSED = ["publisher", "title", "short", "locator", "obtained", "licence", "renewal"]
HEAD = "# By `make add`: check the fields named in `guessed`, then take them off that list.\n"
STAGING = ".adding-"  # folders that are not there yet; a killed run leaves one


def add(file: Path, raw: Path = RAW, today: dt.date | None = None) -> str:
    """Copy a published file to ``data/raw/<key>/`` with a sidecar; return what it is, in lines.

    A file that lies in a folder of ``data/raw`` already only gets its sidecar. Nothing is ever
    overwritten: a second vintage of a publication gets a folder of its own (``<key>_v2``).
    """
    name = file.name.encode("utf-8", "replace").decode()
    if not file.is_file():
        raise DataError(f"{name}: no such file, or no regular file (an address? download it first)")
    with tempfile.TemporaryDirectory() as scratch:
        source = _unpacked(file, Path(scratch))
        sha256 = digest(source)
        for known in raw_files(raw):
            if known.resolve() != file.resolve() and digest(known) == sha256:
                raise DataError(f"{file.name}: the same file is in the project: {relative(known)}")
        name_of_format, found = within_limits(source, _read)
        form = FORMATS[name_of_format]
        target = _place(file, source.name, found, raw)
        day = today or dt.date.today()
        here = {"obtained": f"File {name}, added on {day}", "entered": day, "sha256": sha256}
        fields = _draft(target, form, found, here)
        text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)
        _write(source, target, HEAD + text)
    after = "" if form.name == "boundaries" else "; then `make data`"
    feeds = ", ".join(form.feeds) or fields.get("table", "?").strip("?")
    lines = [
        f"{found.said['title']}: {found.said['publisher']}",
        *(f"  {line}" for line in found.contents),
        f"  feeds {feeds or 'the table that its sidecar will name'}",
        f"written: {relative(target)}",
        f"complete: {relative(target)}{SUFFIX}{after}",
    ]
    return "\n".join(lines)


def _read(path: Path) -> tuple[str, Found]:
    """Return the format of a file, by its content, and what it says of itself when it is read."""
    for form in FORMATS.values():
        if form.recognise(path):
            return form.name, form.describe(path)
    unread, what = "", kind(path)  # it refuses what is empty or zeros
    if what in (WEB, OLE, ZIP):
        book = Workbook(path)  # a workbook that can't be read says why
        for name in book.sheets:
            book.sheet(name, calculated=False)
        unread, what = book.unread, "a workbook"
    what = "" if what == TEXT else f"{what}; "
    raise DataError(
        f"{path.name}: {what}by its content none of the formats {', '.join(FORMATS)}; any table "
        "can be added as CSV, or for yourself alone as data/own/<name>.csv with <name>.yml (title, "
        f"source, unit), which vc.load(name) reads{unread}"
    )


def _unpacked(file: Path, scratch: Path) -> Path:
    """Return a copy of the file under a plain name, unpacked where it is gzipped."""
    with file.open("rb") as opened:
        is_packed = opened.read(2) == b"\x1f\x8b"
    name = re.sub(r"[^a-z0-9.]+", "-", fold(file.name)).strip("-.")
    stem, dot, suffix = (name.removesuffix(".gz") if is_packed else name).rpartition(".")
    # One point only: what ends in .source.yml would be taken for a sidecar.
    target = scratch / ((stem.replace(".", "-")[:LONGEST] + dot + suffix[:LONGEST]) or "file")
    if not is_packed:
        target.symlink_to(file.resolve())
        return target
    with gzip.open(file) as inside, target.open("wb") as outside:
        try:
            while block := inside.read(1 << 20):
                outside.write(block)
                if outside.tell() > LARGEST_UNPACKED:
                    most = f"{LARGEST_UNPACKED:,} bytes"
                    raise DataError(f"{relative(file)}: unpacks to more than {most}")
        except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
            raise DataError(f"{relative(file)}: not a whole gzip file ({problem})") from None
    return target


def _place(file: Path, name: str, found: Found, raw: Path) -> Path:
    """Return where the file belongs: where it lies in data/raw, or a folder that is not there."""
    here = file.resolve()  # a link to it counts as the file
    if here.parent.parent == raw.resolve():
        if here.with_name(here.name + SUFFIX).exists():
            raise DataError(f"{relative(here)}: has a sidecar already")
        return here
    folder, vintage, taken = raw / found.key, 1, raw_files(raw)
    # A folder without a file is no vintage; one of several files of a publication joins the others.
    while folder / name in taken or (not found.joins and folder in {path.parent for path in taken}):
        vintage += 1
        folder = raw / f"{found.key}_v{vintage}"
    return folder / name


def _draft(target: Path, form: Format, found: Found, known: dict) -> dict:
    """Return the fields of the sidecar, as far as the file says them."""
    beside = {path for path in raw_files(target.parent.parent) if path.parent == target.parent}
    short = next((read_sidecar(path).short for path in sorted(beside - {target})), None)
    vintage = re.search(r"_v(\d+)$", target.parent.name)
    short = short or found.said["short"] + (f" (vintage {vintage[1]})" if vintage else "")
    said = found.said | known | {"short": short, "address": None, "notes": []}
    guessed = GUESSED + ([] if said["published"] else ["published"])
    fields = {name: said[name] for name in FIELDS}
    return fields | {"format": form.name} | said | {"guessed": guessed}


def _write(source: Path, target: Path, text: str) -> None:
    """Put sidecar and file in their place by renaming: half an addition is never a raw file."""
    raw, beside = target.parent.parent, target.name + SUFFIX
    for left in raw.glob(STAGING + "*"):
        if time.time() - left.stat().st_mtime > 3600:  # no other run is at it
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=STAGING, dir=raw) as staging:
        made = {beside: Path(staging) / beside}
        made[beside].write_text(text, encoding="utf-8")
        if not target.exists():  # else it lies in its place
            made[target.name] = Path(staging) / target.name
            shutil.copyfile(source, made[target.name])
        target.parent.mkdir(exist_ok=True)
        try:
            for name, path in made.items():  # a sidecar without its file is no raw file
                path.rename(target.with_name(name))
        except OSError:
            if not any(target.parent.iterdir()):
                target.parent.rmdir()
            raise
