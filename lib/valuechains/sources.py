"""Where every figure comes from: the sidecar beside each raw file, and its checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pandas as pd
import yaml

from .errors import DataError
from .paths import RAW, relative
from .readers.entries import read_entries
from .readers.table import RawTable, read_table

FIELDS = (
    "publisher", "title", "short", "kind", "locator", "address", "published", "obtained",
    "entered", "licence", "renewal", "sha256", "notes",
)  # fmt: skip
KINDS = ("official statistics", "report", "dataset", "research", "press", "project")
SUFFIX = ".source.yml"


def sidecar(path: Path) -> dict:
    """Return the checked sidecar of a raw file.

    Raises
    ------
    DataError
        When it is missing, lacks a field, has an unknown one, or the file's SHA-256 differs.
    """
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        raise DataError(f"{relative(path)}: no {beside.name} beside it to say where it comes from")
    try:
        fields = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise DataError(f"{relative(beside)}: not YAML ({str(problem).splitlines()[0]})") from None
    if not isinstance(fields, dict) or set(fields) != set(FIELDS):
        given = set(fields) if isinstance(fields, dict) else set()
        missing, unknown = sorted(set(FIELDS) - given), sorted(given - set(FIELDS))
        raise DataError(
            f"{relative(beside)}: fields missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(map(str, unknown)) or 'none'}"
        )
    if fields["kind"] not in KINDS:
        raise DataError(
            f"{relative(beside)}: kind {fields['kind']!r}, expected one of {', '.join(KINDS)}"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if fields["sha256"] != found:
        raise DataError(
            f"{relative(path)}: its SHA-256 is {found[:12]}…, the sidecar says "
            f"{str(fields['sha256'])[:12]}…: the raw file or its sidecar was changed"
        )
    return fields


def raw_files(root: Path = RAW) -> list[Path]:
    """Return every raw data file, sorted."""
    return sorted(
        path
        for path in root.glob("*/[!.]*")
        if path.is_file() and not path.name.endswith((SUFFIX, "~"))
    )


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
                "notes": " ".join(" ".join(str(note).split()) for note in fields["notes"]),
            }
        )
    return pd.DataFrame(rows)


def names(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the short name of every publication: what source lines need, and no checksums.

    Raises
    ------
    DataError
        When two files of one publication call it by different names.
    """
    short = catalogue[["source", "short"]].drop_duplicates()
    if (doubled := short["source"].duplicated()).any():
        key = short.loc[doubled, "source"].iloc[0]
        raise DataError(f"data/raw/{key}: its sidecars have different short names")
    return short


class Ledger:
    """Reads raw tables and remembers each row's fate: kept in a table, or rejected and why."""

    def __init__(self, root: Path = RAW) -> None:
        self.root = root
        self.tables: list[RawTable] = []

    def read(self, name: str, fields: tuple[str, ...] = (), header_rows: int = 1) -> RawTable:
        """Read ``<source key>/<file>`` (CSV, or YAML entries with `fields`) after its sidecar."""
        path = self.root / name
        for known in self.tables:
            if known.path == path:
                return known
        if path.is_file():
            sidecar(path)
        table = read_entries(path, fields) if fields else read_table(path, header_rows)
        self.tables.append(table)
        return table

    def account(self, processed: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return (rows in, kept, rejected by file; the rejected rows with reasons).

        Kept is counted in what was made: rows that an ``origin`` of a processed table names.

        Raises
        ------
        DataError
            When a raw row is neither kept nor rejected, or both.
        """
        kept: dict[str, set[int]] = {}
        for frame in processed.values():
            for origins in frame.get("origin", pd.Series(dtype=object)):
                for origin in origins.split(" "):
                    file, _, rows = origin.rpartition(":")
                    kept.setdefault(file, set()).update(int(row) for row in rows.split("+"))
        files, rejected = [], []
        for table in sorted(self.tables, key=lambda one: one.file):
            name = f"{table.source}/{table.path.name}"
            here = kept.get(name, set())
            for row in sorted(table.rows - here - set(table.rejected)):
                raise DataError(f"{table.file}, row {row}: neither kept nor rejected with a reason")
            for row in sorted(here & set(table.rejected)):
                raise DataError(f"{table.file}, row {row}: both kept and rejected")
            files.append(
                {"file": name, "rows_in": len(table.rows), "rows_kept": len(here),
                 "rows_rejected": len(table.rejected)}
            )  # fmt: skip
            for row, reason in sorted(table.rejected.items()):
                rejected.append(
                    {"file": name, "row": row, "reason": reason,
                     "cells": " · ".join(filter(None, table.frame.loc[row]))}
                )  # fmt: skip
        return pd.DataFrame(files), pd.DataFrame(
            rejected, columns=["file", "row", "reason", "cells"]
        )
