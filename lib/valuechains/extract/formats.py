"""What a published format offers, and what a published file says of itself."""

from __future__ import annotations

import functools
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core import places
from ..core.errors import DataError
from .raw import RawTable


@dataclass(frozen=True)
class Found:
    """What a published file says of itself.

    ``key`` is the folder it belongs to in ``data/raw`` (``midagri_anuario_2022``), ``contents``
    lines for people: tables, years, departments, rows. ``published`` is a year, a month or a day
    (ISO) where the file states it. ``joins``: it is one of several files that belong in one
    folder. ``sidecar`` holds further fields of its sidecar.
    """

    key: str
    publisher: str
    title: str
    short: str
    locator: str
    licence: str
    renewal: str
    contents: tuple[str, ...]
    published: str | None = None
    kind: str = "official statistics"
    joins: bool = False
    sidecar: dict = field(default_factory=dict)

    @classmethod
    def by_name(cls, path: Path, contents: tuple[str, ...], **more: Any) -> Found:
        """A file that says nothing of itself but by its name; a person has to say the rest."""
        stem = path.name.partition(".")[0]
        return cls(
            key=re.sub(r"[^a-z0-9]+", "_", places.fold(stem)).strip("_") or "added",
            publisher="?",
            title=stem,
            short=stem,
            locator="?",
            licence="not stated",
            renewal="none",
            contents=contents,
            **more,
        )


def recogniser(look: Callable[[Path], bool]) -> Callable[[Path], bool]:
    """Let a look at a file's content never raise: what can't be opened is not of that format."""

    @functools.wraps(look)
    def recognise(path: Path) -> bool:
        try:
            return look(path)
        except (DataError, OSError, zipfile.BadZipFile):
            return False

    return recognise


@dataclass(frozen=True)
class Format:
    """One published format.

    ``recognise`` tells it from a file's content and never raises; ``describe`` reads what the
    file says of itself; ``read`` returns the rows that the project uses; ``feeds`` names the
    processed tables that they go to.
    """

    name: str
    recognise: Callable[[Path], bool]
    describe: Callable[[Path], Found]
    read: Callable[..., RawTable]
    feeds: tuple[str, ...]
