"""Long text files, a figure a row: FAOSTAT's, UN Comtrade's, the World Bank's indicators.

A bulk file holds every item of the world, 4 million rows, of which we need a few hundred: only
rows with a wanted word are taken apart, then refused, passed over or kept, one by one.
"""

import re
import sys
from collections import Counter
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd

from ..core import countries
from ..core.errors import DataError
from . import values
from .formats import Layout
from .raw import RawTable
from .text import Rows

Cells = dict[str, str | None]  # of a row, by our names; None where the file has no such column


class LongLayout(Layout):
    """What the layouts of long text files share.

    The YAML's ``columns`` gives for our names those in the header, of which the first that is
    there is taken; of each list of ``one_of`` one is needed, the rest of ``optional`` need not be
    there (its cells are None). Names are compared as they stand, or by their ``letters``. A row
    is counted ``once`` by the columns of that name. ``exponents`` is the pattern of numbers like
    1e+05 that are exact. A format's own rules are: ``search`` (words one of which every wanted row
    holds), ``choose`` (completes the cells of a row, and says why it is passed over, if it is) and
    `check` (all rows).
    """

    one_of: tuple[tuple[str, ...], ...] = ()

    def opened(self, path: Path) -> Rows:
        """Return the rows of a file."""
        return Rows(path, self.comma_ends)

    def check(self, table: RawTable) -> None:
        """Check all rows together; reject those that repeat others."""

    def fits(self, path: Path) -> bool:
        return bool(self.locate(self.opened(path)))

    def locate(self, rows: Rows) -> dict[str, int]:
        """Return where our columns stand."""
        header = rows.header
        if self.letters:
            header = [re.sub("[^0-9a-z]", "", name.casefold()) for name in header]
        known, at = {**self.columns, **self.optional}, {}
        for column, names in known.items():
            there = [name for name in names if name in header]
            if there and header.count(there[0]) > 1:
                raise rows.error(rows.top, f"more than one column {there[0]!r}, expected one")
            if there:
                at[column] = header.index(there[0])
        for needed in (*([column] for column in self.columns), *self.one_of):
            if not at.keys() & set(needed):
                names = " or ".join(name for column in needed for name in known[column])
                there = ", ".join(rows.header)[:200]
                raise rows.error(rows.top, f"no column {names}; there are {there}")
        return at

    def table(self, path: Path) -> RawTable:
        rows, unused = self.opened(path), Counter()
        at = self.locate(rows)
        kept: dict[int, Cells] = {}
        for row, printed in rows.holding(*self.search(at)):
            # Apostrophes keep spreadsheets from changing codes; a file repeats its words.
            cells: Cells = dict.fromkeys(self.optional)
            for name, column in at.items():
                cells[name] = sys.intern(printed[column].strip(" '\t"))
            try:
                passed = self.choose(cells)
            except DataError as problem:
                raise rows.error(row, problem) from None
            if passed:
                unused[passed] += 1
            else:
                kept[row] = cells
        unused[self.others] += rows.count - len(kept) - unused.total()
        frame = pd.DataFrame.from_dict(kept, orient="index", dtype=object)
        table = RawTable(path, frame)
        table.unused = dict(+unused)
        if rows.latin:
            why = "names in this and later rows; codes decide"
            table.note(rows.latin, self.output[1], "not UTF-8", "Latin-1", why)
        if kept:
            for row in frame.index[frame.duplicated(self.once)]:
                fact = " ".join(frame.loc[row, self.once])
                raise rows.error(row, f"{fact} stands in an earlier row already")
            for column in self.figures or [name for name in at if name.isdigit()]:
                self._read(table, column)
            self.check(table)
        if table.frame.empty:
            passed = "".join(f"; {n:,} of {why}" for why, n in table.unused.items())
            raise DataError(f"{rows.file}: {rows.count:,} rows, {self.nothing}{passed}")
        table.whole = table.frame[self.output]
        table.frame = table.whole.drop(index=list(table.rejected))
        table.repairs.sort(key=lambda repair: repair.row)
        return table

    def _read(self, table: RawTable, column: str) -> None:
        """Put figures into plain digits; what changes is a repair."""
        printed = table.frame[column]
        table.frame[column] = printed.mask(printed.isin(self.missing), "")
        was = table.frame[column]
        table.frame[column] = table.parse(column, partial(values.plain, exponents=self.exponents))
        for row, figure in table.frame[column][table.frame[column] != was].items():
            table.note(row, column, was[row], figure, "a number written otherwise")


def check_year(text: str, code: str | None) -> None:
    """Refuse a year that is not four digits, or that a second column of it gives otherwise."""
    if not re.fullmatch("(19|20)[0-9]{2}", text) or code not in (None, text):
        other = "" if code is None else f" with year code {code!r}"
        raise DataError(f"year {text!r}{other}, expected four digits from 1900")


@lru_cache(maxsize=2000)
def country(code: str) -> str:
    """Return the ISO code of an M49 number; empty when it is no country of today."""
    try:
        return countries.from_m49(code)
    except DataError:
        return ""


@lru_cache(maxsize=2000)
def country_named(name: str | None) -> str:
    """Return the ISO code of a printed name; empty when it is no country's."""
    return countries.from_name(name) if countries.is_known(name) else ""
