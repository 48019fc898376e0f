"""``python -m valuechains data``: make data/processed, unless nothing it is made of changed."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from .errors import ValueChainsError
from .paths import CACHE, PROCESSED, RAW

STAMP = CACHE / "data.sha256"


def fingerprint() -> str:
    """Return a hash of the raw files, this package and the tables as they stand."""
    package = Path(__file__).parent
    files = [
        *(path for path in RAW.glob("*/*") if path.is_file()),
        *(path for path in package.rglob("*") if path.suffix in (".py", ".yml")),
        *(path for path in PROCESSED.glob("*") if path.is_file()),
    ]
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def main(arguments: list[str]) -> int:
    if arguments != ["data"]:
        print("usage: python -m valuechains data", file=sys.stderr)
        return 2
    if STAMP.is_file() and STAMP.read_text() == fingerprint():
        return 0
    from . import tables

    try:
        changed = tables.write(tables.make())
    except ValueChainsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    CACHE.mkdir(exist_ok=True)
    STAMP.write_text(fingerprint())
    print("data/processed: " + (", ".join(changed) if changed else "as the raw files give it"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
