"""Long text files, a figure a row: FAOSTAT's and UN Comtrade's, read row by row.

A bulk file holds every item of the world, 4 million rows, of which we need a few hundred.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from ..core.errors import DataError
from . import values
from .layout import Layout, raw
from .raw import RawTable, Repair
from .text import Rows

Cell = dict[str, str]


class Passed(Exception):  # noqa: N818  (no error: such a row is counted)
    """A row that is not used, and why."""


class LongLayout(Layout):
    """What the layouts of long text files share.

    The YAML's ``columns`` gives for our names those in the header, of which the first that is
    there is taken; of each list of ``one_of`` one is needed, the rest of ``optional`` need not be
    there. Names are compared as they stand, or by their ``letters``. A row is counted ``once`` by
    the columns of that name. ``exponents`` is the pattern of numbers like 1e+05 that are exact.
    A format's own rules are: ``search`` (words one of which every wanted row holds), ``wanted``
    (a row is of the item, and its codes agree), ``area`` (what a country's codes and name stand
    for), ``record`` (a row under our names; raises `Passed`), `complete` and `check`.
    """

    def complete(self, row: int, cell: Cell, record: dict, repairs: list[Repair]) -> None:
        """Check a row when its figures are read."""

    def check(self, rows: Rows, table: RawTable) -> None:
        """Check all rows together; those that repeat others are rejected."""

    def fits(self, path: Path) -> bool:
        return bool(self.locate(Rows(path, self.comma_ends)))

    def locate(self, rows: Rows) -> dict[str, int]:
        """Return where our columns stand."""
        header = rows.header
        if self.letters:
            header = [re.sub("[^0-9a-z]", "", name.casefold()) for name in header]
        known, at = {**self.columns, **self.optional}, {}
        for column, names in known.items():
            there = [name for name in names if name in header]
            if there and header.count(there[0]) > 1:
                raise rows.error(1, f"more than one column {there[0]!r}, expected one")
            if there:
                at[column] = header.index(there[0])
        for needed in (*([column] for column in self.columns), *self.one_of):
            if not any(column in at for column in needed):
                names = " or ".join(name for column in needed for name in known[column])
                there = ", ".join(rows.header)[:200]
                raise rows.error(1, f"no column {names}; there are {there}")
        return at

    def table(self, path: Path) -> RawTable:
        rows = Rows(path, self.comma_ends)
        at = self.locate(rows)
        kept: dict[int, dict] = {}
        seen: dict[tuple, int] = {}
        unused: Counter = Counter()
        repairs: list[Repair] = []
        area = cache(self.area)  # a file repeats its countries
        for row, cells in rows.holding(*(word.encode() for word in self.search(at))):
            # Apostrophes keep spreadsheets from changing codes.
            cell = {name: cells[column].strip(" '\t") for name, column in at.items()}
            try:
                if not self.wanted(cell):
                    continue
                record = self.record(cell, area) | {"year": _year(cell)}
                fact = tuple(record[column] for column in self.once)
                if seen.setdefault(fact, row) != row:
                    raise DataError(f"{' '.join(fact)} stands in row {seen[fact]} already")
                for column in self.figures:
                    self._read(row, column, record, repairs)
                self.complete(row, cell, record, repairs)
            except Passed as reason:
                unused[str(reason)] += 1
                continue
            except DataError as problem:
                raise rows.error(row, problem) from None
            kept[row] = record
        if not kept:
            passed = "".join(f"; {n:,} of {why}" for why, n in unused.items())
            raise DataError(f"{rows.file}: {rows.count:,} rows, {self.nothing}{passed}")
        if rows.latin:
            why = "names in this and later rows; codes decide"
            repairs.append(Repair(rows.latin, self.output[1], "read", "not UTF-8", "Latin-1", why))
        unused[self.others] = rows.count - len(kept) - unused.total()
        table = raw(path, kept, repairs, unused)
        self.check(rows, table)
        table.whole = table.whole[self.output]
        table.frame = table.whole.drop(index=list(table.rejected))
        return table

    def _read(self, row: int, column: str, record: dict, repairs: list[Repair]) -> None:
        """Put a figure of a row into plain digits and our unit; what changes is a repair."""
        text = record[column]
        if text in self.missing:
            record[column] = ""
            return
        try:
            now = values.plain(text, self.exponents)
        except DataError as problem:
            raise DataError(f"{column}: {problem}") from None
        why = "a number written otherwise"
        if (factor := record.get("factor", 1)) != 1:
            now, why = repr(round(float(now) * factor, 6)), f"times {factor:g}, to our unit"
        if now != text:
            repairs.append(Repair(row, column, "read", text, now, why))
        record[column] = now


def _year(cell: Cell) -> str:
    """Return the year of a row, four digits; a second column of it must say the same."""
    text = cell["year"]
    if not re.fullmatch("(19|20)[0-9]{2}", text):
        raise DataError(f"year {text!r}, expected four digits from 1900")
    if cell.get("year_code", text) != text:
        raise DataError(f"year {text} with year code {cell['year_code']!r}")
    return text
