"""Concentration and inequality: shares, Herfindahl–Hirschman index, Lorenz curve, Gini."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..core.errors import DataError


class Bounds(NamedTuple):
    """A lowest and a highest possible value."""

    low: float
    high: float


def _checked(values: Sequence[float] | pd.Series, what: str) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.size and (np.isnan(array).any() or (array < 0).any()):
        raise DataError(f"{what} must be numbers that are not negative, without gaps")
    return array


def shares(values: pd.Series) -> pd.Series:
    """Return values over their sum; all missing when the sum is zero.

    >>> shares(pd.Series([3, 1])).tolist()
    [0.75, 0.25]
    """
    total = values.sum()
    return values / total if total else values * float("nan")


def hhi(parts: Sequence[float] | pd.Series) -> float:
    """Return the Herfindahl–Hirschman index (0 to 1) of shares or of amounts.

    Σ s², with s the parts over their sum. 1 is one holder, 1/n is n equal holders.

    >>> hhi([2, 2])
    0.5
    """
    array = _checked(parts, "the parts of an HHI")
    total = array.sum()
    return float(((array / total) ** 2).sum()) if total > 0 else float("nan")


def hhi_normalised(parts: Sequence[float] | pd.Series) -> float:
    """Return the HHI stretched to 0 (equal holders) to 1 (one holder); NaN below two holders.

    ``(HHI − 1/n) / (1 − 1/n)``, n the number of parts: what econcomplex calls HHI by default.

    >>> hhi_normalised([2, 2])
    0.0
    """
    n = len(parts)
    return (hhi(parts) - 1 / n) / (1 - 1 / n) if n > 1 else float("nan")


def hhi_bounds(
    known: Sequence[float], open_ended: Sequence[bool] | None = None, are_largest: bool = True
) -> Bounds:
    """Return the lowest and highest HHI that published top shares allow.

    `known` are ratios of the whole (0.4), each a holder of its own; `open_ended` says which are
    printed as "more than", so that the holder may have any of the rest too; `are_largest`, that
    nobody unlisted is larger than the smallest share listed.

    Low: the rest is spread so thin that it adds nothing. High: the rest is as lumped as it can
    be — with one open-ended holder all of it goes to the largest of these; else to unlisted
    holders no larger than the smallest listed one (or to a single one, with
    ``are_largest=False``).

    >>> [round(bound, 2) for bound in hhi_bounds([0.4, 0.2])]
    [0.2, 0.28]
    """
    array = np.sort(_checked(known, "shares"))[::-1]
    rest = 1 - array.sum()
    if rest < -1e-9:
        raise DataError(f"the shares add up to {array.sum():.3f}, more than the whole")
    rest = max(rest, 0.0)
    low = float((array**2).sum())
    candidates = [low]
    if open_ended is not None and any(open_ended):
        largest = max(s for s, is_open in zip(known, open_ended, strict=True) if is_open)
        candidates.append(low - largest**2 + (largest + rest) ** 2)
    if not are_largest or not len(array):
        candidates.append(low + rest**2)
    elif array[-1] > 0:
        whole, part = divmod(rest, array[-1])
        candidates.append(low + whole * array[-1] ** 2 + part**2)
    return Bounds(low, float(max(candidates)))


def concentration_ratio(parts: pd.Series, n: int) -> float:
    """Return the share of the `n` largest parts (CR\\ :sub:`n`).

    >>> concentration_ratio(pd.Series([5, 3, 2]), 2)
    0.8
    """
    return float(shares(parts).nlargest(n).sum())


def gini(parts: Sequence[float] | pd.Series) -> float:
    """Return the Gini coefficient (0 equal parts, (n − 1)/n all in one).

    One less twice the area under the Lorenz curve, without a small-sample correction.

    >>> gini([3, 1])
    0.25
    """
    array = np.sort(_checked(parts, "the parts of a Gini coefficient"))
    if not array.sum() > 0:
        raise DataError("a Gini coefficient needs a positive sum")
    lorenz = np.concatenate([[0.0], np.cumsum(array) / array.sum()])
    return float(1 - 2 * np.trapezoid(lorenz, dx=1 / len(array)))
