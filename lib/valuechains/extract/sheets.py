"""Tables in sheets: their figures by row and column, each with its cell, and what must agree."""

from decimal import Decimal
from functools import cached_property

import pandas as pd

from ..core.errors import DataError
from . import values
from .workbook import Cell, Sheet, place


def label(cell: Cell) -> str:
    """Return a cell as text: blanks joined, a whole number (a year) without its point."""
    whole = isinstance(cell, float) and cell.is_integer()
    return " ".join(str(int(cell) if whole else cell).split())


def written(figure: float | None) -> str:
    """Return a figure in plain digits, as a raw table has it."""
    return "" if pd.isna(figure) else f"{Decimal(repr(float(figure))):f}"


def half_digit(figure: float) -> float:
    """Return half of a figure's last printed digit (of six at most)."""
    return 0.5 * 10.0 ** -min(len(written(figure).partition(".")[2].rstrip("0")), 6)


class Grid:
    """The figures of a table, ``data``, by what their rows and columns are called.

    `rows` and `columns` say where each stands in the sheet, `what` is the measure for messages,
    `scale` what one of the printed unit is in ours.
    """

    noise = 0.0  # what two computations of a figure can differ by, relative to it

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
        slack = (
            (0 * expected + slack)
            .reindex_like(expected)
            .where((printed != 0) & (expected != 0), 0.0)
        )
        off = (printed - expected).abs() > slack + self.noise * expected
        self.refuse(off, f"{why} gives {expected.where(off).max().max():.8g}")

    def add_up(self, total: object, parts: list, why: str, axis: int = 0) -> None:
        """Refuse a row (or column) that is not the sum of others, as far as rounding allows."""
        given = self.data.reindex(parts, axis=axis).fillna(0.0)
        sums, counts = given.sum(axis=axis).to_frame(total), (given > 0).sum(axis=axis)
        slack = (self.half * (1 + counts)).to_frame(total)
        self.agree(*((sums, slack) if axis else (sums.T, slack.T)), why)
