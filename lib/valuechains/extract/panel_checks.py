"""What the figures of a publication's tables say of each other: sums, means, ratios, one order."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any

from ..core import places
from .sheets import Grid, half_digit

NOISE = 1e-9  # what two computations of a figure can differ by, relative to it


def check_table(grid: Grid, rules: dict[str, Any]) -> None:
    """Compare a table with itself, as its layout says.

    ``sums`` are totals and their parts (none: all rows that it does not name), missed by no more
    than the share ``within``; ``rounded`` whether they are rounded in print. With ``mean`` the
    nation's row is one, and that many times it, or one over it, is no price of a department.
    """
    sums = rules["sums"]
    named = {*sums, *chain(*sums.values())}
    for total in sums.keys() & set(grid.rows):
        parts = sums[total] or [name for name in grid.rows if name not in named]
        given, printed = grid.data.loc[parts].fillna(0.0), grid.data.loc[total].fillna(0.0)
        rounding = given.map(half_digit).max() * (1 + (given > 0).sum()) * rules["rounded"]
        off = (given.sum() - printed).abs()
        for column in off.index[off > rounding + NOISE * printed]:
            said = f"its parts add up to {given[column].sum():.10g}"
            if off[column] > rules["within"] * printed[column]:
                raise grid.error(total, column, said)
            grid.flag(total, column, said)
    if "mean" in rules:
        prices, most = grid.data.where(grid.data > 0), rules["mean"]  # 0 is no price
        parts, mean = prices.drop(index=places.COUNTRY), prices.loc[places.COUNTRY]
        far = (parts / mean > most) | (parts / mean < 1 / most)
        grid.refuse(far, f"more than {most} times the mean, or less than one over it")
        for column in mean.index[(mean < parts.min()) | (mean > parts.max())]:
            grid.flag(places.COUNTRY, column, "a mean outside of what it is the mean of")


def check_together(panels: dict, ratios: Iterable[dict[str, Any]]) -> None:
    """Compare the tables of a workbook with each other.

    They end in the same year and speak of the same department; one whose names stand in another
    order is reported (two of them may be swapped). ``ratios`` say between which bounds the figures
    `of` one table are `over` those of another one, where these are at `least` so many (``for``: of
    these words alone); with ``steady`` after the ratio is divided by the median of its row (1) or
    column (0).
    """
    orders = Counter(tuple(next(iter(panel.grids.values())).rows) for panel in panels.values())
    first = next(iter(panels.values()))
    for panel in panels.values():
        for what in (max(panel.marks), panel.said.get("department")):
            if what not in (max(first.marks), first.said.get("department")):
                raise panel.error(f"of {what}, other tables of the workbook are not")
        grid = next(iter(panel.grids.values()))
        alike = [order for order in orders if set(order) == set(grid.rows)]
        if tuple(grid.rows) != max(alike, key=orders.get):
            why = "names in another order than in other tables of the workbook"
            panel.sheet.note(panel.row, panel.column, grid.what, "", why, "flag")
    for rule in ratios:
        for (kind, *words), panel in panels.items():
            over = panels.get((rule["over"], *words))
            if kind != rule["of"] or not over or not set(words) <= set(rule.get("for", words)):
                continue
            grid, other = panel.grids[""], over.grids[""]
            below = other.data.reindex_like(grid.data)
            least = rule.get("least", 0)
            ratio = grid.data / below.where(below >= least)
            if "steady" in rule:
                ratio = ratio.div(ratio.median(axis=rule["steady"]), axis=1 - rule["steady"])
            slack = other.half / below
            wrong = (ratio < rule["low"] - slack) | (ratio > rule["high"] + slack)
            wrong |= (below.fillna(0) < least) & (grid.data > rule["high"] * least)
            what = f"over {rule['over']} not from {rule['low']} to {rule['high']}"
            grid.refuse(wrong, what + " times the usual" * ("steady" in rule))
