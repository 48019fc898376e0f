"""Tables in sheets that are known by their titles: header cells, names of rows, years.

A table begins at a header cell (Región, Actividades). Above it stand title and unit, in its row or
below it the columns, under it the names, each with its row of figures. Names of sheets, addresses
of cells and the numbers of tables are not trusted: they vary and err.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from ..core import places
from ..core.errors import ParameterError
from .formats import Layout
from .workbook import Sheet, Workbook

fold = lru_cache(maxsize=20_000)(places.fold)  # a workbook repeats its words


class Titled(Layout):
    """What the layouts of such workbooks share, in patterns of text as `fold` returns it.

    ``header`` is the cell that a table begins at, ``notes`` begin lines below it, ``nation`` are
    names of the whole, ``areas`` the codes of parts that are no department; those of ``need_not``
    need not be there. ``mangled`` is what replacing "Mad" by the name of a sheet made of Madre de
    Dios. An engine has ``heads(sheet)``, which finds the tables of a sheet.
    """

    header: str
    notes: str = "(?!)"
    nation: str = "(?!)"
    mangled: str = "(?!)"
    areas: dict[str, str] = Field({})
    need_not: tuple[str, ...] = ()

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        sheets = (book.sheet(name, calculated=False) for name in book.sheets)
        return any(True for sheet in sheets for _ in self.heads(sheet))

    def is_header(self, cell: object) -> bool:
        return isinstance(cell, str) and bool(re.fullmatch(self.header, fold(cell)))

    def names(
        self, head: object, start: int, columns: Iterable[int], named: Callable, known: Iterable
    ) -> dict[str, int]:
        """Return the rows of a table by their names, up to the notes below it; none missing.

        `named` makes a name of a row, a column and their text, or passes over it.
        """
        sheet, left = head.sheet, min(columns)
        expected = list(known) or [places.COUNTRY, *places.codes()]
        rows: dict[str, int] = {}
        for row in range(start, len(sheet.cells)):
            column, text = first_text(sheet, row, head.column, left)
            if text and re.match(self.notes, fold(text)):
                break
            figures = [sheet.cells[row][at] for at in columns]
            if not text and any(isinstance(cell, float) and cell for cell in figures):
                raise sheet.error(row, left, "figures without a name")
            if not text and not known and rows.keys() >= set(expected):
                break
            name = text and named(row, column, text)
            if name in rows:
                raise sheet.error(row, column, f"stands twice, also in row {rows[name] + 1}")
            if name:
                rows[name] = row
        self.refuse_missing(head, rows, expected)
        return rows

    def refuse_missing(self, head: object, rows: Iterable[str], expected: Iterable[str]) -> None:
        if missing := [one for one in expected if one not in rows and one not in self.need_not]:
            names = [places.name(one) if one.isdigit() else one for one in missing]
            raise head.error(f"the table has no row of {', '.join(names)}")

    def area(self, sheet: Sheet, row: int, column: int, text: str) -> str:
        """Return the code of an area: of a department, the nation, or a part with one of ours."""
        bare = re.sub(r" +[0-9]+/?$", "", fold(text))  # a footnote's mark
        if re.fullmatch(self.nation, bare):
            return places.COUNTRY
        if re.fullmatch(self.mangled, bare):
            now = places.name("17")
            if bare != fold(now):
                why = "a name mangled by a replacement of 'Mad'"
                sheet.note(row, column, "Región", now, why)
            return "17"
        try:
            return self.areas.get(bare) or places.resolve(bare)
        except ParameterError as problem:
            raise sheet.error(row, column, problem) from None


def headers(layout: Titled, sheet: Sheet) -> Iterator[tuple[int, int]]:
    """Yield where the header cells of a sheet stand."""
    for row, cells in enumerate(sheet.cells):
        yield from ((row, column) for column, cell in enumerate(cells) if layout.is_header(cell))


def first_text(sheet: Sheet, row: int, start: int, end: int) -> tuple[int, str]:
    """Return the first text of a row's columns, and where it stands."""
    cells = enumerate(sheet.cells[row][start:end], start)
    return next(((column, x) for column, x in cells if isinstance(x, str) and x), (start, ""))
