"""Every folder of the project, named once, from the package's own location."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
CACHE = ROOT / ".cache"


def relative(path: Path) -> str:
    """Return the path as the project names it (``data/raw/...``), for messages and records.

    What can't be printed in a name (a byte that is not UTF-8, a line end) becomes ``?``.
    """
    whole = path.resolve()
    name = whole.relative_to(ROOT).as_posix() if whole.is_relative_to(ROOT) else path.name
    return "".join(letter if letter.isprintable() else "?" for letter in name)
