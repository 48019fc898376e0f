"""What of a table is shown for a scope, and which source is preferred: numbers and codes.

Most of it is made of :func:`rows`, :func:`figures` and :func:`wide`. A module is loaded when it is
first used (``select.coffee``), so that a report depends on those that it uses only.
"""

from typing import Any

import numpy as np
import pandas as pd

from ..core.kinds import opened
from ..core.scope import Scope
from ..tables import load
from . import prefer

_MODULES = "accounts camelids coffee crops economies gaps programmes"
__all__ = [*_MODULES.split(), "figures", "in_order", "prefer", "rows", "shown", "wide"]
__getattr__, __dir__ = opened(__name__, dict.fromkeys(__all__, ""))
KEYS = ["ubigeo", "year", "value", "source", "origin"]


def rows(table: str, scope: Scope | None = None, /, **where: Any) -> pd.DataFrame:
    """Return rows of a processed table as they stand, of all sources that have them.

    With a scope those of its regions; `where` are values of columns, or lists of these.

    >>> rows("chain_problems", chain="camelids")["problem_letter"].tolist()
    ['A', 'B', 'C', 'E', 'F']
    """
    found = load(table)
    if scope and "ubigeo" in found and "ubigeo" not in where:
        where["ubigeo"] = scope.regions
    for column, value in where.items():
        wanted = value if pd.api.types.is_list_like(value) else [value]
        found = found[found[column].isin(wanted)]
    return found


def shown(table: str, column: str, scope: Scope | None = None, /, **where: Any) -> pd.DataFrame:
    """Return :func:`rows` with a figure in a column: of each fact the one of the preferred source.

    With a scope those of its years; ``ubigeo`` in `where` goes before its regions.
    """
    found = rows(table, scope, **where)
    if scope:
        found = found[found["year"].between(scope.start_year, scope.end_year)]
    return prefer.preferred(table, found, column).dropna(subset=column)


def figures(table: str, measure: str, scope: Scope | None = None, /, **where: Any) -> pd.DataFrame:
    """Return a column of :func:`shown`, or what follows from several, as ``value`` (float).

    With ``ubigeo``, ``year``, ``source``, ``origin``. Years without a figure have no row: nothing
    is interpolated. The source is the one preferred for the first column of the measure.

    >>> figures("coffee_regional", "farm_price_pen_per_kg", Scope(("08",), 2011, 2012))["value"]
    0    8.89
    1    6.48
    Name: value, dtype: float64
    """
    found = shown(table, measure.split()[0], scope, **where)
    value = found.eval(measure).astype("float64")
    found = found.assign(value=value.where(np.isfinite(value))).dropna(subset="value")
    return found[[name for name in KEYS if name in found]].reset_index(drop=True)


def wide(long: pd.DataFrame, scope: Scope, value: str = "value") -> pd.DataFrame:
    """Return a long table as years × regions: all years of the scope, regions in its order."""
    table = long.pivot(index="year", columns="ubigeo", values=value)
    years = pd.RangeIndex(scope.start_year, scope.end_year + 1, name="year")
    return table.reindex(index=years, columns=list(scope.regions)).astype("float64")


def in_order(table: pd.DataFrame, scope: Scope, *columns: str) -> pd.DataFrame:
    """Return rows by region in the scope's order, then the largest of some columns first."""
    table = table.sort_values(list(columns), ascending=False, kind="stable") if columns else table
    places = table["ubigeo"].map(scope.regions.index).to_numpy()
    return table.iloc[places.argsort(kind="stable")].reset_index(drop=True)
