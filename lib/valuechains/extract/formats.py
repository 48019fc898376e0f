"""Published formats: what they offer, and what all layouts (``layouts/*.yml``) share."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict

from ..core import places
from ..core.errors import DataError
from .raw import RawTable

# What a layout says for the sidecar of its files.
TEXTS = ("publisher", "title", "short", "locator", "licence")
OFFICIAL = {"kind": "official statistics", "published": None, "licence": "not stated"}


class Found(NamedTuple):
    """What a published file says of itself.

    ``key`` is the folder it belongs to in ``data/raw`` (``midagri_anuario_2022``), ``contents``
    lines for people: tables, years, departments, rows; ``said`` the fields of its sidecar.
    ``joins``: it is one of several files that belong in one folder.
    """

    key: str
    contents: tuple[str, ...]
    said: dict[str, Any]
    joins: bool = False


def unnamed(path: Path, contents: tuple[str, ...], **said: Any) -> Found:
    """Return what is known of a file that says nothing of itself: a person has to say the rest."""
    stem = path.name.partition(".")[0]
    key = re.sub(r"[^a-z0-9]+", "_", places.fold(stem)).strip("_") or "added"
    known = {"publisher": "?", "title": stem, "short": stem, "locator": "?", "renewal": "none"}
    return Found(key, contents, OFFICIAL | known | said)


class Recognised:
    """What can be told from a file's content: an engine has the method ``fits(path)``."""

    def recognise(self, path: Path) -> bool:
        """Return whether a file is of this format; what can't be opened is not."""
        try:
            return bool(self.fits(path))
        except (DataError, OSError, zipfile.BadZipFile):
            return False


@dataclass(frozen=True)
class Format(Recognised):
    """A format without a layout: boundaries, any table. A `Layout` offers the same.

    ``describe`` reads what the file says of itself; ``read`` returns the rows that the project
    uses; ``feeds`` names the processed tables that they go to.
    """

    name: str
    fits: Callable[[Path], bool]
    describe: Callable[[Path], Found]
    read: Callable[..., RawTable]
    feeds: tuple[str, ...]


class Layout(Recognised, BaseModel):
    """What all layouts declare; what only one engine needs stands in its YAML, with comments.

    ``folder``, ``title``, ``short`` and ``locator`` are texts with the words in braces that
    `describe` knows: ``first`` and ``last`` year, ``release``, ``edition``, ``stamp``, ``row``,
    ``found`` (columns with figures), and the columns of the first row. ``released`` finds the year
    of release in a file's name (else it is two after the last year with figures), ``updated`` a day
    in the file's own text.
    An engine has the methods ``fits(path)`` and ``table(path)``, and where it needs them `text`
    and `words`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str
    feeds: tuple[str, ...]
    publisher: str
    licence: str
    released: str = "(?!)"
    updated: str = "(?!)"
    joins: bool = False  # one of several files of a publication

    def text(self, path: Path) -> str:
        """Return the text of a file in which its day of publication may stand."""
        return ""

    def words(self, table: RawTable) -> dict[str, object]:
        """Return further words for ``title``, ``short`` and the like."""
        return {}

    def read(self, path: Path, **changed: object) -> RawTable:
        """Return the rows of a file, with some fields of the layout changed."""
        return self.model_copy(update=changed).table(path)

    def describe(self, path: Path) -> Found:
        """Return what a file says of itself."""
        table = self.read(path)
        frame = table.frame
        named = [name for name in frame if re.search("(?i)year", name)]
        across = [name for name in frame if re.fullmatch(r"\d{4}", name)]
        years = frame[named[0]] if named else pd.Series(across)
        filled = [name for name in frame if any(frame[name])]
        first, last = years.min(), years.max()
        release = re.search(self.released, path.name)
        days = re.findall(self.updated, self.text(path))
        day = pd.to_datetime(pd.Series(days), format="mixed", errors="coerce").max()
        published = None if pd.isna(day) else f"{day:%Y-%m-%d}"
        words = dict(frame.iloc[0]) | self.words(table)
        words |= {
            "first": first,
            "last": last,
            "found": " and ".join(filled[1:]),
            "row": frame.index[0],
            "release": release[1] if release else int(last[:4]) + 2,
            "edition": f"{day:%B %Y}" if published else f"to {last}",
            "stamp": f"{day:%Y_%m}" if published else f"to_{last}",
        }
        told = {"read": "repaired: {0}: {3!r} read as {4!r}", "flag": "doubtful: {0}: {1} {3}: {5}"}
        repairs = sorted(table.repairs, key=lambda repair: repair.action, reverse=True)
        contents = (
            f"{first} to {last}, {len(frame):,} rows: {', '.join(filled)}",
            *(f"{n:,} rows passed over: {why}" for why, n in table.unused.items()),
            *(f"rejected: {row}: {why}" for row, why in table.rejected.items()),
            *(told[repair.action].format(*repair) for repair in repairs),
        )
        texts = {name: getattr(self, name).format_map(words) for name in TEXTS}
        said = OFFICIAL | texts | {"published": published, "renewal": "P1Y"}
        return Found(self.folder.format_map(words), contents, said, self.joins)
