"""Where every figure comes from: the sidecar beside each raw file, and its checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator, Field, field_validator

from ..core.declared import Declared, Text, checked, read_yaml
from ..core.errors import DataError
from ..core.paths import RAW, relative

SUFFIX = ".source.yml"
CORRECTIONS = ".corrections.yml"


def _date(value: object) -> str:
    """Return a year, a month or a day as text: vintages are sorted by it."""
    written = str(value)
    try:
        _day((written + "-01-01")[: max(len(written), 10)])
    except ValueError:
        raise ValueError("expected a year, a month or a day like 2025-05-31") from None
    return written


def _day(value: object) -> dt.date:
    try:
        return dt.datetime.strptime(str(value), "%Y-%m-%d").date()
    except ValueError:
        raise ValueError("expected a day like 2025-05-31") from None


def _duration(value: object) -> str:
    if not re.fullmatch("none|P[0-9]{1,3}[YMD]", str(value)):
        raise ValueError("expected none or a time like P1Y, P6M or P30D")
    return str(value)


class Sidecar(Declared):
    """What is known of a raw file: all fields have to be there, the last eight only where needed.

    ``via`` is the third party whose copy was read, ``format`` names the reader of a file as
    published, ``guessed`` the fields that nobody confirmed yet; ``table``, ``columns``, ``skip``
    and ``summed`` say what a table that nobody foresaw feeds, and how; ``codes`` names the column
    of UBIGEO codes, or of departments, in a file of boundaries (with ``words`` for parts of these:
    ``{column: …, words: {…: Lima}}``).
    """

    publisher: Text
    title: Text
    short: Text
    kind: Literal[
        "official statistics",
        "copy of official statistics",
        "report",
        "dataset",
        "research",
        "press",
        "project",
    ]
    locator: Text
    address: Text | None
    published: Annotated[str, BeforeValidator(_date)] | None
    obtained: Text
    entered: Annotated[dt.date, BeforeValidator(_day)]
    licence: Text
    renewal: Annotated[str, BeforeValidator(_duration)]
    sha256: str
    notes: list[Text]
    via: Text | None = None
    format: str | None = None
    guessed: list[str] = Field(default_factory=list)
    table: str | None = None
    columns: Any = None
    skip: Any = None
    summed: Any = None
    codes: str | dict | None = None

    @field_validator("notes", "guessed", mode="before")
    @classmethod
    def _no_list(cls, value: object) -> object:
        return [] if value is None else value

    @field_validator("guessed")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        if set(value) - set(FIELDS):
            raise ValueError("expected a list of the sidecar's fields")
        return value


FIELDS = tuple(name for name, field in Sidecar.model_fields.items() if field.is_required())


def read_sidecar(path: Path) -> Sidecar:
    """Return the checked sidecar of a raw file.

    Examples
    --------
    >>> read_sidecar(RAW / "natural_earth_10m" / "land.geojson").kind
    'dataset'
    """
    beside = path.with_name(path.name + SUFFIX)
    if not beside.exists():
        raise DataError(
            f"{relative(path)}: no {beside.name} beside it to say where it comes from: "
            "`make add FILE=…` writes one for a published format"
        )
    fields = checked(Sidecar, read_yaml(beside), relative(beside))
    found = digest(path)
    if fields.sha256 != found:
        raise DataError(
            f"{relative(path)}: its SHA-256 is {found[:12]}…, the sidecar says "
            f"{fields.sha256[:12]}…: the raw file or its sidecar was changed"
        )
    return fields


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, whatever its size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raw_files(root: Path = RAW) -> list[Path]:
    """Return every raw data file, sorted; what begins with a point does not count."""
    files = []
    for path in sorted(root.glob("[!.]*/[!.]*")):
        if path.is_dir() or path.name.endswith("~"):
            continue
        name = f"{path.parent.name}/{path.name}"
        if re.search(r"\s", name):
            raise DataError(
                f"{relative(path)}: a blank in the name of the file or its folder, expected none: "
                "rename it"
            )
        if not name.isprintable():
            raise DataError(f"{relative(path)}: the name is not UTF-8: rename it")
        if not path.is_file():
            raise DataError(f"{relative(path)}: expected a regular file")
        if not path.name.endswith((SUFFIX, CORRECTIONS)):
            files.append(path)
    return files


def sidecars(root: Path = RAW) -> dict[Path, Sidecar]:
    """Return the checked sidecar of every raw file, by its path."""
    return {path: read_sidecar(path) for path in raw_files(root)}


def catalogue(known: dict[Path, Sidecar]) -> pd.DataFrame:
    """Return one row a raw file with its provenance (the table ``sources``)."""
    rows = []
    for path, fields in known.items():
        columns = [name for name in FIELDS if name not in ("published", "notes")]
        row = {"source": path.parent.name, "file": path.name}
        row |= {name: getattr(fields, name) for name in (*columns, "published", "via", "format")}
        row["guessed"] = " ".join(fields.guessed)
        row["notes"] = " ".join(" ".join(note.split()) for note in fields.notes)
        rows.append(row)
    return pd.DataFrame(rows)


def names(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the short name, the kind, the copy read and the vintage of every publication.

    That is what source lines and preferences need; checksums would make every report stale. The
    ``vintage`` is the day or year of publication, or of entry where that is unknown.
    """
    short = catalogue[["source", "short", "kind", "via"]].drop_duplicates()
    doubled = short["source"].duplicated()
    if doubled.any():
        key = short.loc[doubled, "source"].iloc[0]
        raise DataError(f"data/raw/{key}: its sidecars have different short names, kinds or copies")
    since = catalogue["published"].fillna(catalogue["entered"].astype(str))
    return short.assign(vintage=short["source"].map(since.groupby(catalogue["source"]).max()))
