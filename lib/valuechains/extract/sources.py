"""Where every figure comes from: the sidecar beside each raw file, and its checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

from ..core.errors import DataError
from ..core.paths import RAW, relative
from .readers import known
from .readers.corrections import correct
from .readers.entries import read_entries
from .readers.table import RawTable, Repair, read_table

FIELDS = (
    "publisher", "title", "short", "kind", "locator", "address", "published", "obtained",
    "entered", "licence", "renewal", "sha256", "notes",
)  # fmt: skip
# format: the reader of a file as published. guessed: fields that nobody confirmed yet. table,
# columns, skip: what a table that nobody foresaw feeds, and how (cleaning/tidy.py).
OPTIONAL = ("format", "guessed", "table", "columns", "skip")
KINDS = ("official statistics", "report", "dataset", "research", "press", "project")
SUFFIX = ".source.yml"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CORRECTIONS = ".corrections.yml"


def sidecar(path: Path) -> dict:
    """Return the checked sidecar of a raw file.

    Raises
    ------
    DataError
        When it is missing, lacks a field, has an unknown one, or the file's SHA-256 differs.
    """
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        raise DataError(
            f"{relative(path)}: no {beside.name} beside it to say where it comes from: "
            "`make add FILE=…` writes one for a published format"
        )
    try:
        fields = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise DataError(f"{relative(beside)}: not YAML ({str(problem).splitlines()[0]})") from None
    given = set(fields) if isinstance(fields, dict) else set()
    if given - set(OPTIONAL) != set(FIELDS):
        missing, unknown = sorted(set(FIELDS) - given), given - set(FIELDS) - set(OPTIONAL)
        raise DataError(
            f"{relative(beside)}: fields missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(sorted(map(str, unknown))) or 'none'}"
        )
    if fields["kind"] not in KINDS:
        raise DataError(
            f"{relative(beside)}: kind {fields['kind']!r}, expected one of {', '.join(KINDS)}"
        )
    guessed = fields.get("guessed") or []
    if not isinstance(guessed, list) or set(guessed) - set(FIELDS):
        raise DataError(f"{relative(beside)}: guessed {guessed!r}, expected a list of its fields")
    fields["notes"] = fields["notes"] or []
    if not isinstance(fields["notes"], list):
        raise DataError(f"{relative(beside)}: notes {fields['notes']!r}, expected a list")
    if open_ := [one for one in ("short", "entered") if fields[one] in (None, "")]:
        raise DataError(f"{relative(beside)}: nothing under {', '.join(open_)}")
    # Vintages are sorted by these: words would count as the latest.
    for name, pattern in (("published", "[0-9]{4}(-[0-9]{2}){0,2}|None"), ("entered", _DAY)):
        if not re.fullmatch(pattern, str(fields[name])):
            raise DataError(
                f"{relative(beside)}: {name} {fields[name]!r}, expected "
                f"{'a year, a month or ' if name == 'published' else ''}a day like 2025-05-31"
            )
    found = digest(path)
    if fields["sha256"] != found:
        raise DataError(
            f"{relative(path)}: its SHA-256 is {found[:12]}…, the sidecar says "
            f"{str(fields['sha256'])[:12]}…: the raw file or its sidecar was changed"
        )
    return fields


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, whatever its size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raw_files(root: Path = RAW) -> list[Path]:
    """Return every raw data file, sorted.

    Raises
    ------
    DataError
        For a name with a blank: blanks separate the origins of a figure.
    """
    found = sorted(
        path
        for path in root.glob("*/[!.]*")
        if path.is_file() and not path.name.endswith((SUFFIX, CORRECTIONS, "~"))
    )
    for path in found:
        if re.search(r"\s", f"{path.parent.name}/{path.name}"):
            raise DataError(
                f"{relative(path)}: a blank in the name of the file or its folder, expected none: "
                "rename it"
            )
    return found


def catalogue(root: Path = RAW) -> pd.DataFrame:
    """Return one row a raw file with its provenance (the table ``sources``)."""
    rows = []
    for path in raw_files(root):
        fields = sidecar(path)
        published = fields["published"]
        rows.append(
            {
                "source": path.parent.name,
                "file": path.name,
                **{key: fields[key] for key in FIELDS if key not in ("published", "notes")},
                "published": published.isoformat() if isinstance(published, dt.date) else published,
                "format": fields.get("format"),
                "guessed": " ".join(fields.get("guessed") or ()),
                "notes": " ".join(" ".join(str(note).split()) for note in fields["notes"]),
            }
        )
    return pd.DataFrame(rows)


def names(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the short name, the kind and the vintage of every publication.

    That is what source lines and preferences need; checksums would make every report stale. The
    ``vintage`` is the day or year of publication, or of entry where that is unknown.

    Raises
    ------
    DataError
        When two files of one publication call it by different names.
    """
    short = catalogue[["source", "short", "kind"]].drop_duplicates()
    if (doubled := short["source"].duplicated()).any():
        key = short.loc[doubled, "source"].iloc[0]
        raise DataError(f"data/raw/{key}: its sidecars have different short names or kinds")
    since = catalogue["published"].fillna(catalogue["entered"].astype(str)).astype(str)
    return short.assign(vintage=short["source"].map(since.groupby(catalogue["source"]).max()))


class Ledger:
    """Reads raw files and remembers each row's fate: kept in a table, or rejected and why.

    ``without`` names a correction that is not made: (``<source key>/<file>``, its number).
    """

    def __init__(self, root: Path = RAW, without: tuple[str, int] = ("", 0)) -> None:
        self.root = root
        self.without = without
        self.tables: list[RawTable] = []
        self._sidecars: dict[Path, dict] = {}

    def __call__(self, name: str, fields: tuple[str, ...] = (), header_rows: int = 1) -> RawTable:
        """Read ``<source key>/<file>`` (CSV, or YAML entries with `fields`) after its sidecar."""
        path = self.root / name
        if path.is_file():
            self._sidecar(path)
        return self._once(
            path, lambda: read_entries(path, fields) if fields else read_table(path, header_rows)
        )

    def every(self, format: str) -> list[RawTable]:
        """Read every raw file of a published format, in the order of their keys.

        Raises
        ------
        DataError
        """
        reader = known(format, "Ledger.every").read
        return [
            self._once(path, lambda path=path: reader(path))
            for path in raw_files(self.root)
            if self._sidecar(path).get("format") == format
        ]

    def matching(
        self, pattern: str, fields: tuple[str, ...] = (), header_rows: int = 1
    ) -> list[RawTable]:
        """Read every transcribed table whose ``<source key>/<file>`` matches a glob pattern.

        A file whose sidecar has a format is read by that (:meth:`every`).
        """
        names = [
            path.relative_to(self.root).as_posix()
            for path in raw_files(self.root)
            if path.match(pattern) and "format" not in self._sidecar(path)
        ]
        return [self(name, fields, header_rows) for name in names]

    def says(self, table: RawTable) -> dict:
        """Return the sidecar of a file that was read."""
        return self._sidecar(table.path)

    def published(self, table: RawTable) -> str:
        """Return when a file was published (entered, where that is unknown), as text to sort by."""
        return str(self.says(table)["published"] or self.says(table)["entered"])

    def _sidecar(self, path: Path) -> dict:
        if path not in self._sidecars:
            self._sidecars[path] = sidecar(path)
            if "format" in self._sidecars[path]:
                known(self._sidecars[path]["format"], relative(path) + SUFFIX)
        return self._sidecars[path]

    def _once(self, path: Path, read: Callable[[], RawTable]) -> RawTable:
        for table in self.tables:
            if table.path == path:
                return table
        name, number = self.without
        skipped = number if path == self.root / name else 0
        self.tables.append(correct(read(), path.with_name(path.name + CORRECTIONS), skipped))
        return self.tables[-1]

    def account(self, processed: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return (rows in, kept, rejected by file; the rejected rows with reasons).

        Kept is counted in what was made: rows that an ``origin`` of a processed table names.

        Raises
        ------
        DataError
            When a raw row is neither kept nor rejected, or both.
        """
        kept: dict[str, set[str]] = {}
        for frame in processed.values():
            for origins in frame.get("origin", pd.Series(dtype=object)):
                for origin in origins.split(" "):
                    file, _, rows = origin.rpartition(":")
                    kept.setdefault(file, set()).update(rows.split("+"))
        files, rejected = [], []
        for table in sorted(self.tables, key=lambda one: one.file):
            name = f"{table.source}/{table.path.name}"
            rows, named = table.whole.index, kept.get(name, set())
            here = {row for row in rows if str(row) in named}
            for row in rows[~rows.isin(here | set(table.rejected))]:
                raise DataError(f"{table.file}, row {row}: neither kept nor rejected with a reason")
            for row in here & set(table.rejected):
                raise DataError(f"{table.file}, row {row}: both kept and rejected")
            files.append(
                {"file": name, "rows_in": len(rows), "rows_kept": len(here),
                 "rows_rejected": len(table.rejected), "rows_unused": sum(table.unused.values()),
                 "unused_reason": "; ".join(f"{why}: {n:,}" for why, n in table.unused.items())}
            )  # fmt: skip
            for row, reason in table.rejected.items():
                rejected.append(
                    {"file": name, "row": str(row), "reason": reason,
                     "cells": " · ".join(filter(None, table.whole.loc[row]))}
                )  # fmt: skip
        return pd.DataFrame(files), pd.DataFrame(
            rejected, columns=["file", "row", "reason", "cells"]
        )

    def repairs(self) -> pd.DataFrame:
        """Return every cell that does not read as it stands in its file (``corrections``)."""
        rows = [
            {
                "file": f"{table.source}/{table.path.name}",
                **{k: str(v) for k, v in vars(one).items()},
            }
            for table in sorted(self.tables, key=lambda one: one.file)
            for one in table.repairs
        ]
        return pd.DataFrame(rows, columns=["file", *Repair.__dataclass_fields__])
