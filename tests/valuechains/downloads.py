"""Published files as tests make them, and a copy of the raw folder to put them in."""

import csv
import hashlib
import io
import shutil

import yaml

from valuechains.core.paths import RAW, ROOT
from valuechains.extract.ledger import Ledger
from valuechains.extract.sidecar import FIELDS, SUFFIX
from valuechains.tables import build as making

SAMPLES = ROOT.parent / "shared" / "samples"


def as_csv(rows, quoting=csv.QUOTE_MINIMAL, end="\n"):
    """Return rows as the bytes of a CSV; the header is never quoted, as publishers do."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow(rows[0])
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows[1:])
    return out.getvalue().encode()


def copied(root):
    """Return a copy of data/raw without the boundaries, which take no part."""
    shutil.copytree(RAW, root, ignore=shutil.ignore_patterns("natural_earth*"))
    return root


def placed(root, name, data, format):
    """Put a file of a format in a raw folder, as `make add` does; return its path."""
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    fields = dict.fromkeys(FIELDS) | {
        "publisher": "a test", "title": "a test", "short": path.parent.name, "kind": "dataset",
        "locator": "here", "renewal": "none", "entered": "2026-11-22", "notes": ["made by a test"],
        "format": format, "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    beside = path.with_name(path.name + SUFFIX)
    beside.write_text(yaml.safe_dump(fields), encoding="utf-8")
    return path


def made(root, table):
    """Return a processed table made from a raw folder."""
    return making.Build(Ledger(root)).table(table)
