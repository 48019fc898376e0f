"""The published formats that are read without being named in code: one reader each.

A raw file whose sidecar says ``format: <name>`` is read by that reader, wherever it lies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import DataError, candidates
from .table import RawTable


@dataclass(frozen=True)
class Found:
    """What a published file says of itself.

    ``key`` is the folder it belongs to in ``data/raw`` (``midagri_anuario_2022``), ``contents``
    lines for people: tables, years, departments, rows. ``published`` is a year, a month or a day
    (ISO) where the file states it. ``sidecar`` holds further fields of its sidecar.
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
    suffix: str = ""
    sidecar: dict = field(default_factory=dict)


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


FORMATS: dict[str, Format] = {}


def known(name: str, file: str) -> Format:
    """Return a format by the name that a sidecar gives.

    Raises
    ------
    DataError
    """
    if name not in FORMATS:
        raise DataError(
            f"{file}: format {name!r}{candidates(str(name), FORMATS)}, "
            f"expected one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]
