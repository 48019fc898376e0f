"""The layout of a published format: what a YAML file in ``layouts`` says, and what all share."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict

from ..core.errors import DataError
from ..core.paths import relative
from .formats import Format, Found, recogniser
from .raw import RawTable


class Layout(BaseModel):
    """What all layouts declare; what only one engine needs stands in its YAML, with comments.

    ``folder``, ``title``, ``short`` and ``locator`` are texts with the words in braces that
    `describe` knows: ``first`` and ``last`` year, ``release``, ``edition``, ``stamp``, ``row``,
    and the columns of the first row. ``released`` finds the year of release in a file's name
    (else it is two after the last year with figures), ``updated`` a day in the file's own text,
    written in one of the forms of ``days``. An engine has the methods ``fits(path)`` and
    ``table(path)``, and where it needs them ``text`` and ``words``.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str
    engine: str
    feeds: tuple[str, ...]
    publisher: str
    licence: str
    released: str = "(?!)"
    updated: str = "(?!)"
    days: tuple[str, ...] = ()
    joins: bool = False  # one of several files of a publication

    def text(self, path: Path) -> str:
        """Return the text of a file in which its day of publication may stand."""
        return ""

    def words(self, table: RawTable) -> dict[str, object]:
        """Return further words for ``title``, ``short`` and the like."""
        return {}

    def read(self, path: Path, **changed: object) -> RawTable:
        """Return the rows of a file, with some fields of the layout changed."""
        return self.model_copy(update=changed).table(path)

    def describe(self, path: Path) -> Found:
        """Return what a file says of itself."""
        table = self.read(path)
        named = [name for name in table.frame if re.search("(?i)year", name)]
        across = [name for name in table.frame if re.fullmatch(r"\d{4}", name)]
        years = table.frame[named[0]] if named else pd.Series(across)
        release = re.search(self.released, path.name)
        days = [self._day(path, text) for text in re.findall(self.updated, self.text(path))]
        day = max(days, default=None)
        words = dict(table.frame.iloc[0]) | {
            "first": years.min(),
            "last": years.max(),
            "row": table.frame.index[0],
            "release": release[1] if release else int(years.max()[:4]) + 2,
            "edition": f"{day:%B %Y}" if day else f"to {years.max()}",
            "stamp": f"{day:%Y_%m}" if day else f"to_{years.max()}",
        }
        texts = {
            name: getattr(self, name).format_map(words | self.words(table))
            for name in ("folder", "title", "short", "locator")
        }
        read = [one for one in table.repairs if one.action != "flag"]
        doubtful = [one for one in table.repairs if one.action == "flag"]
        contents = [
            f"{years.min()} to {years.max()}, {len(table.frame):,} rows: {', '.join(table.frame)}",
            *(f"{n:,} rows passed over: {why}" for why, n in table.unused.items()),
            *(f"rejected: {row}: {why}" for row, why in table.rejected.items()),
            *(f"repaired: {one.row}: {one.was!r} read as {one.now!r}" for one in read),
            *(f"doubtful: {one.row}: {one.column} {one.was}: {one.reason}" for one in doubtful),
        ]
        return Found(
            key=texts.pop("folder"),
            publisher=self.publisher,
            licence=self.licence,
            renewal="P1Y",
            joins=self.joins,
            published=day and day.isoformat(),
            contents=tuple(contents),
            **texts,
        )

    def format(self) -> Format:
        """Return the layout as one of the project's formats."""
        return Format(self.name, recogniser(self.fits), self.describe, self.read, self.feeds)

    def _day(self, path: Path, text: str) -> dt.date:
        for form in self.days:
            try:
                return dt.datetime.strptime(text, form).date()
            except ValueError:
                continue
        raise DataError(f"{relative(path)}: updated on {text!r}, expected a day like May 02, 2025")


def raw(path: Path, rows: dict, repairs: list, unused: dict[str, int]) -> RawTable:
    """Return rows (a mapping of columns to text each, by its place) as a raw table."""
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object).fillna("")
    table = RawTable(path, frame)
    table.repairs, table.unused = repairs, {why: n for why, n in unused.items() if n}
    return table
