"""Every folder of the project, named once, from the package's own location."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
CACHE = ROOT / ".cache"


def relative(path: Path) -> str:
    """Return the path as the project names it (``data/raw/...``), for messages and records."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return path.name
