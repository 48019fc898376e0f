"""Concentration and inequality: shares, Herfindahl–Hirschman index, Lorenz curve, Gini.

Parts are shares or amounts, none negative, without gaps.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.errors import DataError
from .inputs import takes


def _checked(parts: Sequence[float] | pd.Series) -> np.ndarray:
    array = np.asarray(parts, dtype=float)
    if not (array >= 0).all():
        raise DataError("expected numbers for parts, not negative, without gaps")
    return array


@takes("part", "values")
def shares(values: pd.Series) -> pd.Series:
    """Return values over their sum; all missing when the sum is zero.

    >>> shares(pd.Series([3, 1])).tolist()
    [0.75, 0.25]
    """
    _checked(values.dropna())
    total = values.sum()
    return values / total if total else values * float("nan")


@takes("part", "parts")
def hhi(parts: Sequence[float] | pd.Series) -> float:
    """Return the Herfindahl–Hirschman index Σ s², s the parts over their sum: 1/n (equal) to 1.

    >>> hhi([2, 2])
    0.5
    """
    array = _checked(parts)
    total = array.sum()
    return float(((array / total) ** 2).sum()) if total > 0 else float("nan")


@takes("part", "known")
def hhi_bounds(known: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest HHI that published top shares allow.

    `known` are ratios of the whole (0.4). Low: the rest is spread so thin that it adds nothing.
    High: unlisted holders are as large as the smallest listed one.

    >>> [round(bound, 2) for bound in hhi_bounds([0.4, 0.2])]
    [0.2, 0.28]
    """
    array = _checked(known)
    rest = 1 - array.sum()
    if rest < -1e-9:
        raise DataError(f"the shares add up to {array.sum():.3f}, more than the whole")
    rest = max(rest, 0.0)
    low = high = float((array**2).sum())
    smallest = min(array, default=1.0)
    if smallest > 0:
        whole, part = divmod(rest, smallest)
        high = low + whole * smallest**2 + part**2
    return low, float(high)


@takes("part", "parts")
def gini(parts: Sequence[float] | pd.Series) -> float:
    """Return the Gini coefficient: one less twice the area under the Lorenz curve.

    0 equal parts, (n − 1)/n all in one: without a small-sample correction.

    >>> gini([3, 1])
    0.25
    """
    array = np.sort(_checked(parts))
    if not array.sum() > 0:
        raise DataError("a Gini coefficient needs a positive sum")
    lorenz = np.concatenate([[0.0], np.cumsum(array) / array.sum()])
    return float(1 - 2 * np.trapezoid(lorenz, dx=1 / len(array)))
