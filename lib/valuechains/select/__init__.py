"""What of a table is shown for a scope, and which source is preferred: numbers and codes.

A module is loaded when it is first used (``select.coffee``), so that a report depends on those
that it uses only.
"""

from typing import Any

import pandas as pd

from ..core.kinds import opened
from ..core.scope import Scope
from ..tables import load

_MODULES = (
    "accounts camelids coffee crops economies fibre gaps measured nearness people prefer profile "
    "programmes trade"
)
__all__ = [*_MODULES.split(), "in_order", "rows"]
__getattr__, __dir__ = opened(__name__, dict.fromkeys(__all__, ""))


def rows(table: str, scope: Scope | None = None, /, **where: Any) -> pd.DataFrame:
    """Return rows of a processed table as they stand, of all sources that have them.

    With a scope those of its regions; `where` are values of columns.

    >>> rows("chain_problems", chain="camelids")["problem_letter"].tolist()
    ['A', 'B', 'C', 'E', 'F']
    """
    found = load(table)
    for column, value in where.items():
        found = found[found[column] == value]
    return found if scope is None else found[found["ubigeo"].isin(scope.regions)]


def in_order(table: pd.DataFrame, scope: Scope, *columns: str) -> pd.DataFrame:
    """Return rows by region in the scope's order, then the largest of some columns first."""
    place = table["ubigeo"].map(scope.regions.index)
    ascending = [True] + [False] * len(columns)
    table = table.assign(_place=place).sort_values(
        ["_place", *columns], ascending=ascending, kind="stable"
    )
    return table.drop(columns="_place").reset_index(drop=True)
