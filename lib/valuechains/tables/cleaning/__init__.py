"""Raw rows → tidy tables, one module a dataset, with checks before and after.

Every function takes ``read`` (a :class:`~valuechains.sources.Ledger`: ``read(name)`` one raw
file, ``read.every(format)`` all of a published format) and returns one tidy table whose rows
carry ``source`` and ``origin`` (``folder/file:row``).
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ...core.errors import DataError
from ...extract.readers.table import RawTable
from ...extract.sources import Ledger

Read = Ledger


def frame(table: RawTable, **columns: object) -> pd.DataFrame:
    """Return columns of one raw table with its ``source`` and ``origin``."""
    return pd.DataFrame(
        {**columns, "source": table.source, "origin": table.origin()}, index=table.frame.index
    )


def stack(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of the same columns, one under the other."""
    return pd.concat(list(parts), ignore_index=True)


def check_between(
    values: pd.Series, low: float, high: float, what: str, origins: pd.Series
) -> None:
    """Refuse values that no figure of their kind can have; the first one is named by its row.

    Such checks are wide: they catch a slipped decimal point or a swapped column, and let any
    real change pass. Missing values are let through.
    """
    wrong = (values < low) | (values > high)
    if wrong.any():
        row = wrong.idxmax()
        raise DataError(
            f"{origins[row]}: {what} is {values[row]:.4g}, expected {low:g} to {high:g}"
        )


def check_steps(values: pd.Series, factor: float, what: str, origins: pd.Series) -> None:
    """Refuse a series (sorted by year) that grows or falls by more than `factor` in a step."""
    known = values.dropna()
    check_between(
        known / known.shift(), 1 / factor, factor, f"{what} over the value before", origins
    )


def check_vintages(
    rows: pd.DataFrame, fact: list[str], column: str, factor: float, least: float = 0
) -> None:
    """Refuse a fact whose figures in several sources lie further apart than by `factor`.

    A revision passes, a slipped point, another unit or another base does not. Figures of at
    most `least` are let through: a revision can change them by any factor.

    Raises
    ------
    DataError
    """
    for _, part in rows[rows[column] > least].groupby(fact, dropna=False):
        low, high = part.loc[part[column].idxmin()], part.loc[part[column].idxmax()]
        if high[column] > factor * low[column]:
            raise DataError(
                f"{high['origin']}: {column} is {high[column]:,.6g}, in {low['origin']} it is "
                f"{low[column]:,.6g}, expected within a factor of {factor:g}"
            )


def check_parts(
    parts: pd.Series, total: float, what: str, tolerance: float = 0.0005, origin: str = ""
) -> None:
    """Refuse parts that do not add up to the published total.

    Parameters
    ----------
    tolerance : float
        Relative; the default allows for rounding in print.

    Raises
    ------
    DataError
    """
    found = parts.sum()
    if abs(found - total) > tolerance * total:
        raise DataError(
            f"{origin or what}: the parts of {what} add up to {found:,.2f}, "
            f"the published total is {total:,.2f}"
        )


def merge_files(rows: pd.DataFrame, fact: list[str], within: float = 0.001) -> pd.DataFrame:
    """Return one row a fact and source: what several files of one publication say of it.

    Of a figure that several have the first is kept, and the others must agree (relative
    difference of at most `within`: they may be rounded).
    """
    key = [*fact, "source"]
    grouped = rows.groupby(key, sort=False)
    how = dict.fromkeys(rows.columns.drop(key), "first") | {"origin": " ".join}
    for column in rows.select_dtypes("float64"):
        check_between(
            rows[column] / grouped[column].transform("first"), 1 - within, 1 + within,
            f"{column} over what another file of {rows['source'].iloc[0]} has", rows["origin"],
        )  # fmt: skip
    return grouped.agg(how).reset_index()
