"""The ledger: reads raw files after their sidecars, and accounts for each of their rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from ..core.errors import DataError
from ..core.paths import RAW, relative
from .corrections import correct
from .limits import within_limits
from .raw import RawTable, Repair, read_entries, read_table
from .registry import known
from .sidecar import CORRECTIONS, SUFFIX, sidecars

ACCOUNT = ["file", "rows_in", "rows_kept", "rows_rejected", "rows_unused", "unused_reason"]
REJECTED = ["file", "row", "reason", "cells"]


class Ledger:
    """Reads raw files and remembers each row's fate: kept in a table, or rejected and why.

    ``root`` has the raw files, ``<source key>/<file>``; ``tables`` are the files read, with their
    corrections made.

    >>> ledger = Ledger()
    >>> table = ledger.read("project_names/departments.csv")
    >>> len(table.frame), ledger.sidecars[table.path].kind
    (26, 'project')
    """

    def __init__(self, root: Path = RAW) -> None:
        self.root = root
        self.sidecars = sidecars(root)
        self.tables: list[RawTable] = []
        for path, beside in self.sidecars.items():
            if beside.format is not None:
                known(beside.format, relative(path) + SUFFIX)

    def read(self, name: str, fields: tuple[str, ...] = (), header_rows: int = 1) -> RawTable:
        """Return ``<source key>/<file>``: CSV, or YAML entries with `fields`."""
        if fields:
            return self._once(self.root / name, read_entries, fields)
        return self._once(self.root / name, read_table, header_rows)

    def every(self, format: str) -> list[RawTable]:
        """Return every raw file of a published format."""
        reader = known(format, "a declared layout").read
        files = [path for path, beside in self.sidecars.items() if beside.format == format]
        return [self._once(path, within_limits, reader) for path in files]

    def matching(self, pattern: str) -> list[str]:
        """Return the ``<source key>/<file>`` of every transcribed table that matches a pattern."""
        known = self.sidecars.items()
        files = [path for path, beside in known if beside.format is None and path.match(pattern)]
        return [path.relative_to(self.root).as_posix() for path in files]

    def _once(self, path: Path, read: Callable[..., RawTable], *options: Any) -> RawTable:
        table = next((table for table in self.tables if table.path == path), None)
        if table is None:
            table = correct(read(path, *options), path.with_name(path.name + CORRECTIONS))
            self.tables.append(table)
        return table

    def account(self, processed: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return (rows in, kept, rejected by file; the rejected rows with reasons).

        Kept are rows that an ``origin`` of a processed table names; one that joins others
        (``F7+F8``) counts as these.
        """
        kept = defaultdict(set)
        for table in processed.values():
            for origin in table.get("origin", pd.Series(dtype=str)).str.split(" ").explode():
                file, _, rows = origin.rpartition(":")
                kept[file].update(rows.split("+"))
        files, rejected = [], []
        for table in sorted(self.tables, key=attrgetter("file")):
            rows, out = _parts(table.whole.index), _parts(table.rejected)
            here = kept[table.name].intersection(rows)
            for row in rows:
                if (row in here) == (row in out):
                    fate = "both kept and rejected" if row in out else "neither kept nor rejected"
                    raise DataError(f"{table.file}, row {row}: {fate}, expected one")
            reasons = "; ".join(f"{why}: {n:,}" for why, n in table.unused.items())
            counts = [len(rows), len(here), len(out), sum(table.unused.values())]
            files.append([table.name, *counts, reasons])
            for row, reason in table.rejected.items():
                cells = " · ".join(filter(None, table.whole.loc[row]))
                rejected.append([table.name, str(row), reason, cells])
        return pd.DataFrame(files, columns=ACCOUNT), pd.DataFrame(rejected, columns=REJECTED)

    def repairs(self) -> pd.DataFrame:
        """Return every cell that does not read as it stands in its file (``corrections``)."""
        tables = sorted(self.tables, key=attrgetter("file"))
        rows = [(table.name, *repair) for table in tables for repair in table.repairs]
        return pd.DataFrame(rows, columns=["file", *Repair._fields], dtype=object).map(str)


def _parts(rows: Iterable[int | str]) -> dict[str, None]:
    """Return rows as text, joined ones in their parts (a dict keeps the order)."""
    return dict.fromkeys(part for row in rows for part in str(row).split("+"))
