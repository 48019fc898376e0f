"""Tables in sheets: known by header cells, rows by their names, figures with their cells.

A table with a title begins at a header cell (Región, Actividades). Above it stand title and unit,
in its row or below it the columns, under it the names, each with its row of figures. Names of
sheets, addresses of cells and the numbers of tables are not trusted: they vary and err.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd
from pydantic import Field

from ..core import places
from ..core.errors import DataError, ParameterError
from . import values
from .formats import Layout
from .workbook import Cell, Sheet, looked_at, place

fold = lru_cache(maxsize=20_000)(places.fold)  # a workbook repeats its words
NOISE = 1e-9  # what two computations of a figure can differ by, relative to it


def label(cell: Cell) -> str:
    """Return a cell as text: blanks joined, a whole number (a year) without its point."""
    whole = isinstance(cell, float) and cell.is_integer()
    return " ".join(str(int(cell) if whole else cell).split())


def written(figure: float | None) -> str:
    """Return a figure in plain digits, as a raw table has it."""
    return "" if pd.isna(figure) else f"{Decimal(repr(float(figure))):f}"


def half_digit(figure: float) -> float:
    """Return half of a figure's last printed digit (of six at most).

    >>> half_digit(12.50), half_digit(1 / 3)
    (0.05, 5e-07)
    """
    return 0.5 * 10.0 ** -min(len(written(figure).partition(".")[2].rstrip("0")), 6)


class Grid:
    """The figures of a table, ``data``, by what their rows and columns are called.

    `rows` and `columns` say where each stands in the sheet, `what` is the measure for messages,
    `scale` what one of the printed unit is in ours.
    """

    noise = 0.0  # printed sums are exact, but where the publisher computed them

    def __init__(
        self, sheet: Sheet, rows: dict, columns: dict, what: str, scale: float = 1
    ) -> None:
        self.sheet, self.rows, self.columns, self.what = sheet, rows, columns, what
        figures = [
            [self._figure(row, column, scale) for column in columns.values()]
            for row in rows.values()
        ]
        self.data = pd.DataFrame(figures, list(rows), list(columns), dtype="float64")

    def _figure(self, row: int, column: int, scale: float) -> float | None:
        cell = self.sheet.cells[row][column]
        if isinstance(cell, str):
            if cell in values.MISSING:
                return None
            try:
                number = values.number(cell, "auto")
            except DataError as problem:
                raise self.sheet.error(row, column, f"{self.what}: {problem}") from None
            self.sheet.note(row, column, self.what, f"{number}", "a number stored as text")
            cell = number
        if not isinstance(cell, float) or not 0 <= cell < 1e12:
            raise self.sheet.error(row, column, f"{self.what}: expected a number from 0")
        # Twelve digits: a product by 0.001 must not show the noise of binary fractions.
        return cell if scale == 1 else float(f"{cell * scale:.12g}")

    def at(self, row: str, column: object) -> str:
        """Return the cell of a figure."""
        return place(self.sheet.name, self.rows[row], self.columns[column])

    def error(self, row: object, column: object, problem: str) -> DataError:
        return self.sheet.error(self.rows[row], self.columns[column], f"{self.what}: {problem}")

    def flag(self, row: object, column: object, why: str) -> None:
        """Report a doubtful figure, which stays as it is."""
        now = written(self.data.at[row, column])
        self.sheet.note(self.rows[row], self.columns[column], self.what, now, why, "flag")

    def refuse(self, wrong: pd.DataFrame, problem: str) -> None:
        """Refuse the first figure that is marked as wrong."""
        for column in wrong:
            for row in wrong.index[wrong[column]]:
                raise self.error(row, column, problem)

    @cached_property
    def half(self) -> float:
        """Half of the last printed digit: what rounding can change a figure by."""
        fractions = [figure for figure in self.data.to_numpy().ravel() if figure % 1 > 0]
        return min(map(half_digit, fractions), default=0.5)

    def agree(self, expected: pd.DataFrame, slack: pd.DataFrame | float, why: str) -> None:
        """Refuse figures that are not the expected ones, within a slack; zero is exact."""
        printed = self.data.reindex(index=expected.index, columns=expected.columns).fillna(0.0)
        is_exact = (printed == 0) | (expected == 0)
        slack = (0 * expected + slack).reindex_like(expected).mask(is_exact, 0.0)
        off = (printed - expected).abs() > slack + self.noise * expected
        self.refuse(off, f"{why} gives {expected.where(off).max().max():.8g}")

    def add_up(self, total: object, parts: list, why: str, axis: int = 0) -> None:
        """Refuse a row (or column) that is not the sum of others, as far as rounding allows."""
        given = self.data.reindex(parts, axis=axis).fillna(0.0)
        sums, counts = given.sum(axis=axis).to_frame(total), (given > 0).sum(axis=axis)
        slack = (self.half * (1 + counts)).to_frame(total)
        self.agree(*((sums, slack) if axis else (sums.T, slack.T)), why)


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
        book = looked_at(path)
        return any(True for sheet in map(book.head, book.sheets) for _ in self.heads(sheet))

    def is_header(self, cell: object) -> bool:
        return isinstance(cell, str) and bool(re.fullmatch(self.header, fold(cell)))

    def headers(self, sheet: Sheet) -> Iterator[tuple[int, int]]:
        """Yield where the header cells of a sheet stand."""
        for row, cells in enumerate(sheet.cells):
            yield from ((row, column) for column, cell in enumerate(cells) if self.is_header(cell))

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
        if missing := [x for x in expected if x not in rows and x not in self.need_not]:
            names = [places.name(x) if x.isdigit() else x for x in missing]
            raise head.error(f"the table has no row of {', '.join(names)}")

    def area(self, sheet: Sheet, row: int, column: int, text: str) -> str:
        """Return the code of an area: of a department, the nation, or a part with one of ours."""
        bare = re.sub(r" +[0-9]+/?$", "", fold(text))  # a footnote's mark
        if re.fullmatch(self.nation, bare):
            return places.COUNTRY
        if re.fullmatch(self.mangled, bare):
            now = places.name("17")
            if bare != fold(now):
                sheet.note(row, column, "Región", now, "a name mangled by a replacement of 'Mad'")
            return "17"
        try:
            return self.areas.get(bare) or places.resolve(bare)
        except ParameterError as problem:
            raise sheet.error(row, column, problem) from None


def first_text(sheet: Sheet, row: int, start: int, end: int) -> tuple[int, str]:
    """Return the first text of a row's columns, and where it stands."""
    cells = enumerate(sheet.cells[row][start:end], start)
    return next(((column, x) for column, x in cells if isinstance(x, str) and x), (start, ""))
