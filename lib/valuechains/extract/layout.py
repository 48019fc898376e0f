"""The layout of a published format: what a YAML file in ``layouts`` says, and what all share."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ..core.declared import Declared
from ..core.errors import DataError
from ..core.paths import relative
from .formats import Format, Found, recogniser
from .raw import RawTable


class Layout(Declared):
    """What all layouts declare: what a file says of itself, as its sidecar has it.

    ``folder`` to ``locator`` are patterns of text with the words in braces that `describe`
    knows: ``first`` and ``last`` year, ``release``, ``edition``, ``stamp``, ``row``, and the
    columns of the first row. ``released`` finds the year of release in a file's name (else it
    is two after the last year with figures), ``updated`` a day in the file's own text, written
    in one of the forms of ``days``.
    """

    name: str
    engine: str
    feeds: tuple[str, ...]
    folder: str
    publisher: str
    title: str
    short: str
    locator: str
    licence: str
    renewal: str = "P1Y"
    year: str = "year"
    released: str = "(?!)"
    updated: str = "(?!)"
    days: tuple[str, ...] = ()

    def fits(self, path: Path) -> bool:
        """Return whether a file has this layout, by its content."""
        raise NotImplementedError

    def table(self, path: Path) -> RawTable:
        """Return the rows of a file that the project uses."""
        raise NotImplementedError

    def texts(self, path: Path) -> Iterable[str]:
        """Return the texts of a file in which its day of publication may stand."""
        return ()

    def periods_of(self, table: RawTable) -> pd.Series:
        """Return the years of a table's figures, as text."""
        return table.frame[self.year]

    def words(self, table: RawTable) -> dict[str, object]:
        """Return further words for ``title``, ``short`` and the like."""
        return {}

    def notes(self, path: Path) -> tuple[str, ...]:
        """Return further lines for people on what a file holds."""
        return ()

    def read(self, path: Path, **changed: object) -> RawTable:
        """Return the rows of a file, with some fields of the layout changed.

        Raises
        ------
        DataError
            For whatever is not as the layout says.
        """
        return self.model_copy(update=changed).table(path)

    def describe(self, path: Path) -> Found:
        """Return what a file says of itself.

        Raises
        ------
        DataError
        """
        table = self.read(path)
        first, last = self.periods_of(table).min(), self.periods_of(table).max()
        release = re.search(self.released, path.name)
        days = [self._day(path, hit) for text in self.texts(path) for hit in self._updates(text)]
        day = max(days, default=None)
        words = dict(table.frame.iloc[0]) | {
            "first": first,
            "last": last,
            "row": table.frame.index[0],
            "release": release[1] if release else int(last[:4]) + 2,
            "edition": f"{day:%B %Y}" if day else f"to {last}",
            "stamp": f"{day:%Y_%m}" if day else f"to_{last}",
        }
        words |= self.words(table)
        texts = {
            field: getattr(self, field).format_map(words) for field in ("title", "short", "locator")
        }
        return Found(
            key=self.folder.format_map(words),
            publisher=self.publisher,
            licence=self.licence,
            renewal=self.renewal,
            published=day.isoformat() if day else None,
            contents=(
                f"{first} to {last}, {len(table.frame):,} rows: {', '.join(table.frame.columns)}",
                *(f"{n:,} rows passed over: {why}" for why, n in table.unused.items()),
                *(f"rejected: {row}: {why}" for row, why in table.rejected.items()),
                *(f"repaired: {one.row}: {one.was!r} read as {one.now!r}" for one in table.repairs),
                *self.notes(path),
            ),
            **texts,
        )

    def format(self) -> Format:
        """Return the layout as one of the project's formats."""
        return Format(self.name, recogniser(self.fits), self.describe, self.read, self.feeds)

    def _updates(self, text: str) -> list[str]:
        return re.findall(self.updated, text)

    def _day(self, path: Path, text: str) -> dt.date:
        for form in self.days:
            try:
                return dt.datetime.strptime(text, form).date()
            except ValueError:
                continue
        raise DataError(f"{relative(path)}: updated on {text!r}, expected a day like May 02, 2025")
