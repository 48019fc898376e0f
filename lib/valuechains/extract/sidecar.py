"""Where every figure comes from: the sidecar beside each raw file, and its checksum."""

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator, Field

from ..core.declared import Declared, Text, checked, read_yaml
from ..core.errors import DataError
from ..core.paths import RAW, relative

SUFFIX = ".source.yml"
CORRECTIONS = ".corrections.yml"


def _date(value: object) -> str:
    form = "%Y-%m-%d"[: 2 + 3 * str(value).count("-")]
    return dt.datetime.strptime(str(value), form).strftime(form)


def _day(value: object) -> dt.date:
    return dt.date.fromisoformat(str(value))


class Provenance(Declared):
    """Where a raw file comes from: what every sidecar says."""

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
    published: Annotated[str, BeforeValidator(_date)] | None = Field(
        description="a year, a month or a day like 2025-05-31"
    )
    obtained: Text
    entered: Annotated[dt.date, BeforeValidator(_day)] = Field(description="a day like 2025-05-31")
    licence: Text
    renewal: str = Field(
        pattern="^(none|P[0-9]{1,3}[YMD])$", description="none or a time like P1Y, P6M or P30D"
    )
    sha256: str
    notes: list[Text] | None


FIELDS = tuple(Provenance.model_fields)


class Sidecar(Provenance):
    """What is known of a raw file; the fields of its own only where they are needed.

    ``via`` is the third party whose copy was read, ``format`` names the reader of a file as
    published, ``guessed`` the fields that nobody confirmed yet; ``table``, ``columns``, ``skip``
    and ``summed`` say what a table that nobody foresaw feeds, and how; ``codes`` are those of
    boundaries (`read_boundaries`).
    """

    via: Text | None = None
    format: str | None = None
    guessed: list[Literal[FIELDS]] | None = None  # type: ignore[valid-type]
    table: str | None = None
    columns: Any = None
    skip: Any = None
    summed: Any = None
    codes: str | dict | None = None


def read_sidecar(path: Path) -> Sidecar:
    """Return the checked sidecar of a raw file.

    >>> read_sidecar(RAW / "natural_earth_10m" / "land.geojson").kind
    'dataset'
    """
    beside = path.with_name(path.name + SUFFIX)
    if not beside.exists():
        raise DataError(
            f"{relative(path)}: no {beside.name} beside it to say where it comes from: "
            "`make add FILE=…` writes one for a published format"
        )
    fields, found = checked(Sidecar, read_yaml(beside), beside), digest(path)
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
        if not path.is_file() or re.search(r"\s", name) or not name.isprintable():
            expected = "expected a regular file whose name is UTF-8 without a blank"
            raise DataError(f"{relative(path)}: {expected}, the name of its folder too")
        if not path.name.endswith((SUFFIX, CORRECTIONS)):
            files.append(path)
    return files


def sidecars(root: Path = RAW) -> dict[Path, Sidecar]:
    """Return the checked sidecar of every raw file, by its path."""
    return {path: read_sidecar(path) for path in raw_files(root)}


def catalogue(known: dict[Path, Sidecar]) -> pd.DataFrame:
    """Return one row a raw file with its provenance (the table ``sources``)."""
    rows = [
        {"source": path.parent.name, "file": path.name, **fields.model_dump()}
        | {name: " ".join(getattr(fields, name) or ()) for name in ("guessed", "notes")}
        for path, fields in known.items()
    ]
    first = [name for name in FIELDS if name not in ("published", "notes")]
    columns = ["source", "file", *first, "published", "via", "format", "guessed", "notes"]
    return pd.DataFrame(rows, columns=columns).replace({"notes": {r"\s+": " "}}, regex=True)


def names(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the short name, the kind, the copy read and the vintage of every publication.

    Checksums would make every report stale. The ``vintage`` is the day or year of publication, or
    of entry where that is unknown.
    """
    short = catalogue[["source", "short", "kind", "via"]].drop_duplicates()
    for key in short.loc[short["source"].duplicated(), "source"]:
        raise DataError(f"data/raw/{key}: its sidecars have different short names, kinds or copies")
    since = catalogue["published"].fillna(catalogue["entered"].astype(str))
    return short.assign(vintage=short["source"].map(since.groupby(catalogue["source"]).max()))
