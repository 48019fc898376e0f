"""Tables in sheets: their figures by row and column, each with its cell, and what must add up."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ..core.errors import DataError
from . import values
from .raw import Repair
from .workbook import Cell, Sheet, place


def label(cell: Cell) -> str:
    """Return a cell as text: blanks joined, a whole number (a year) without its point."""
    whole = isinstance(cell, float) and cell.is_integer()
    return " ".join(str(int(cell) if whole else cell).split())


def written(figure: float | None) -> str:
    """Return a figure in plain digits, as a raw table has it."""
    return "" if figure is None else f"{Decimal(repr(figure)):f}"


def figure(
    sheet: Sheet, row: int, column: int, name: str, repairs: list[Repair], scale: float = 1
) -> float | None:
    """Return the figure of a cell in our unit, None where a mark says that there is none.

    Raises
    ------
    DataError
        When the cell is no number from 0 on.
    """
    cell = sheet.cells[row][column]
    if isinstance(cell, str):
        if cell in values.MISSING:
            return None
        try:
            number = values.number(cell, "auto")
        except DataError as problem:
            raise sheet.error(row, column, f"{name}: {problem}") from None
        why = "a number stored as text"
        repairs.append(Repair(place(sheet.name, row, column), name, "read", cell, f"{number}", why))
        cell = number
    if not isinstance(cell, float) or not 0 <= cell < 1e12:
        raise sheet.error(row, column, f"{name}: expected a number from 0")
    # Twelve digits: a product by 0.001 must not show the noise of binary fractions.
    return cell if scale == 1 else float(f"{cell * scale:.12g}")


@dataclass(frozen=True)
class Grid:
    """The figures of a table: ``figures[row, column]`` by what their row and column are called."""

    sheet: Sheet
    rows: dict[Hashable, int]
    columns: dict[Hashable, int]
    figures: dict[tuple[Hashable, Hashable], float | None]
    noise = 0.0  # what two computations of a figure can differ by, relative to it

    def at(self, row: Hashable, column: Hashable) -> str:
        """Return the cell of a figure."""
        return place(self.sheet.name, self.rows[row], self.columns[column])

    def error(self, row: Hashable, column: Hashable, problem: str) -> DataError:
        return self.sheet.error(self.rows[row], self.columns[column], problem)

    @cached_property
    def half(self) -> float:
        """Half of the last printed digit: what rounding can change a figure by."""
        decimals = [written(one).partition(".")[2] for one in self.figures.values() if one]
        return 0.5 * 10.0 ** -max((min(len(one), 6) for one in decimals if one != "0"), default=0)

    def slack(self, parts: Iterable[float]) -> float:
        """Return how far rounding can take a total from the sum of its parts (0 is exact)."""
        return self.half * (1 + sum(part > 0 for part in parts))

    def compare(
        self, row: Hashable, column: Hashable, expected: float, slack: float, what: str
    ) -> None:
        """Refuse a figure that is not the expected one; zero is exact."""
        printed = self.figures[row, column] or 0.0
        slack = slack if printed and expected else 0.0
        if abs(printed - expected) > slack + self.noise * expected:
            raise self.error(row, column, f"{what} gives {expected:.8g}")

    def add_up(self, row: Hashable, column: Hashable, parts: list[float], what: str) -> None:
        """Refuse a total that is not the sum of its parts, as far as rounding in print allows."""
        self.compare(row, column, sum(parts), self.slack(parts), what)
