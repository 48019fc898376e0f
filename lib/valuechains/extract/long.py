"""Long text files, a figure a row: FAOSTAT's and UN Comtrade's.

A bulk file holds every item of the world, 4 million rows, of which we need a few hundred: only
rows with a wanted word are kept, then refused, passed over or read together.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ..core.errors import DataError
from . import values
from .formats import Layout
from .raw import RawTable
from .text import Rows


class Facts(RawTable):
    """Rows of a file, by their number, under our names; fewer with each that is passed over."""

    def __init__(self, rows: Rows, frame: pd.DataFrame) -> None:
        super().__init__(rows.path, frame)
        self.rows, self.unused = rows, Counter()

    def refuse_if(self, wrong: pd.Series, problem: str) -> None:
        """Refuse the first row that is marked; columns in braces stand for its cells."""
        for row in wrong.index[wrong]:
            raise self.rows.error(row, problem.format_map(self.frame.loc[row]))

    def drop(self, passed: pd.Series, why: str) -> None:
        """Pass over the rows that are marked, and count them."""
        self.unused[why] += int(passed.sum())
        self.frame = self.frame[~passed]

    def set(self, name: str, columns: list[str], of: Callable) -> None:
        """Set a column to a function of others, computed once for cells that repeat."""
        found: dict[tuple, object] = {}
        cells = list(self.frame[columns].itertuples(index=False, name=None))
        for row, one in zip(self.frame.index, cells, strict=True):
            if one not in found:
                try:
                    found[one] = of(*one)
                except DataError as problem:
                    raise self.rows.error(row, f"{name}: {problem}") from None
        column = pd.Series([found[one] for one in cells], self.frame.index, dtype=object)
        self.frame = self.frame.assign(**{name: column})

    def repair(self, changed: pd.Series, column: str, was: pd.Series, why: str) -> None:
        """Report the rows that are marked: what stood in a column and what now stands there."""
        for row in changed.index[changed]:
            self.note(row, column, was[row], self.frame.at[row, column], why)


class LongLayout(Layout):
    """What the layouts of long text files share.

    The YAML's ``columns`` gives for our names those in the header, of which the first that is
    there is taken; of each list of ``one_of`` one is needed, the rest of ``optional`` need not be
    there (its cells are None). Names are compared as they stand, or by their ``letters``. A row
    is counted ``once`` by the columns of that name. ``exponents`` is the pattern of numbers like
    1e+05 that are exact. A format's own rules are: ``search`` (words one of which every wanted row
    holds), ``choose`` (wanted rows, by our columns), `complete` and `check`.
    """

    one_of: tuple[tuple[str, ...], ...] = ()

    def opened(self, path: Path) -> Rows:
        """Return the rows of a file."""
        return Rows(path, self.comma_ends)

    def complete(self, facts: Facts) -> None:
        """Check rows when their figures are read."""

    def check(self, facts: Facts) -> dict[int, str]:
        """Check all rows together; return those that repeat others, and why."""
        return {}

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
        rows = self.opened(path)
        at = self.locate(rows)
        # Apostrophes keep spreadsheets from changing codes; a file repeats its words.
        found = {
            row: [sys.intern(cells[column].strip(" '\t")) for column in at.values()]
            for row, cells in rows.holding(*self.search(at))
        }
        frame = pd.DataFrame.from_dict(found, orient="index", columns=list(at), dtype=object)
        absent = {*self.optional, "year_code"} - at.keys()
        facts = Facts(rows, frame.assign(factor=1, **dict.fromkeys(absent)))
        self.choose(facts)
        if rows.latin:
            why = "names in this and later rows; codes decide"
            facts.note(rows.latin, self.output[1], "not UTF-8", "Latin-1", why)
        facts.unused[self.others] = rows.count - len(facts.frame) - facts.unused.total()
        if "year" in self.columns:
            facts.set("year", ["year", "year_code"], _year)
        what = " ".join(f"{{{name}}}" for name in self.once)
        is_again = facts.frame.duplicated(self.once)
        facts.refuse_if(is_again, f"{what} stands in an earlier row already")
        for column in self.figures or [name for name in at if name.isdigit()]:
            self._read(facts, column)
        self.complete(facts)
        if facts.frame.empty:
            passed = "".join(f"; {n:,} of {why}" for why, n in facts.unused.items() if n)
            raise DataError(f"{rows.file}: {rows.count:,} rows, {self.nothing}{passed}")
        facts.rejected = self.check(facts)
        facts.whole = facts.frame[self.output]
        facts.frame = facts.whole.drop(index=list(facts.rejected))
        facts.repairs.sort(key=lambda repair: repair.row)
        facts.unused = {why: n for why, n in facts.unused.items() if n}
        return facts

    def _read(self, facts: Facts, column: str) -> None:
        """Put figures into plain digits and our unit; what changes is a repair."""

        def plain(text: str, factor: float) -> str:
            if text in self.missing:
                return ""
            figure = values.plain(text, self.exponents)
            return figure if factor == 1 else repr(round(float(figure) * factor, 6))

        was, is_ours = facts.frame[column], facts.frame["factor"] == 1
        facts.set(column, [column, "factor"], plain)
        changed = (facts.frame[column] != was) & ~was.isin(self.missing)
        facts.repair(changed & is_ours, column, was, "a number written otherwise")
        facts.repair(changed & ~is_ours, column, was, "put into our unit")


def _year(text: str, code: str | None) -> str:
    """Return the year of a row, four digits; a second column of it must say the same."""
    if not re.fullmatch("(19|20)[0-9]{2}", text):
        raise DataError(f"year {text!r}, expected four digits from 1900")
    if code not in (None, text):
        raise DataError(f"year {text} with year code {code!r}")
    return text
