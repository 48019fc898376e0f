"""Indicators: pure functions on numbers, Series and DataFrames. Formulas in docs/methods.md."""

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


def cagr(series: pd.Series) -> float:
    """Return the compound annual growth rate between the first and last year with a value.

    Parameters
    ----------
    series : Series
        Positive values by year (index). Gaps inside do not matter.

    Returns
    -------
    float
        Ratio a year (0.05 is 5 %); NaN with fewer than two years or a first value of zero.

    Notes
    -----
    ``(last / first) ** (1 / (last year - first year)) - 1``.
    """
    known = series.dropna().sort_index()
    if len(known) < 2 or known.iloc[0] <= 0:
        return float("nan")
    span = int(known.index[-1]) - int(known.index[0])
    return float((known.iloc[-1] / known.iloc[0]) ** (1 / span) - 1)


def coefficient_of_variation(series: pd.Series) -> float:
    """Return the sample standard deviation (n - 1) over the mean; NaN below two values."""
    known = series.dropna()
    if len(known) < 2 or known.mean() == 0:
        return float("nan")
    return float(known.std(ddof=1) / known.mean())


def summary(wide: pd.DataFrame) -> pd.DataFrame:
    """Return mean, CAGR and coefficient of variation of each column of a year-by-region table.

    Returns
    -------
    DataFrame
        Index: the columns of `wide`. Columns ``years`` (with a value), ``mean``, ``cagr``,
        ``coefficient_of_variation``.
    """
    return pd.DataFrame(
        {
            "years": wide.count(),
            "mean": wide.mean(),
            "cagr": wide.apply(cagr),
            "coefficient_of_variation": wide.apply(coefficient_of_variation),
        }
    )


def years_ahead(wide: pd.DataFrame) -> pd.Series:
    """Return the column with the highest value of each year.

    A year in which any column is missing, or in which the highest value is tied, has no leader
    (missing).
    """
    full = wide.dropna()
    top = full.max(axis=1)
    single = full.eq(top, axis=0).sum(axis=1) == 1
    return full[single].idxmax(axis=1).reindex(wide.index)


def revenue_per_ha(price: pd.DataFrame, crop_yield: pd.DataFrame) -> pd.DataFrame:
    """Return farm-gate revenue, price (PEN/kg) × yield (kg/ha), in soles per hectare."""
    return price * crop_yield


def revenue_split(price: pd.Series, crop_yield: pd.Series) -> pd.DataFrame:
    """Return the exact split of each year's change of revenue into price and yield.

    Returns
    -------
    DataFrame
        Index: years. Columns ``change`` (R_t − R_{t−1}), ``price`` and ``yield``, in the unit of
        price × yield; the two parts add up to the change with no remainder. Years whose year
        before has no value are missing.

    Notes
    -----
    Bennet (1920): price part = mean yield × change of price, yield part = mean price × change
    of yield. It treats both years alike, so running time backwards only turns the signs.
    """
    years = pd.RangeIndex(int(price.index.min()), int(price.index.max()) + 1)
    p, y = price.reindex(years), crop_yield.reindex(years)
    p_before, y_before = p.shift(), y.shift()
    return pd.DataFrame(
        {
            "change": p * y - p_before * y_before,
            "price": (p - p_before) * (y + y_before) / 2,
            "yield": (y - y_before) * (p + p_before) / 2,
        }
    ).iloc[1:]


def deflate(nominal: pd.DataFrame | pd.Series, cpi: pd.Series) -> pd.DataFrame | pd.Series:
    """Return values in prices of the year in which the index is 100."""
    return nominal.mul(100 / cpi.reindex(nominal.index), axis=0)


class PassThrough(NamedTuple):
    """How farm prices follow the world price."""

    ratio: pd.Series
    elasticity: float
    r_squared: float
    changes: int


def pass_through(farm: pd.Series, world: pd.Series, at_least: int = 8) -> PassThrough:
    """Return the ratio of farm to world price, and how far yearly changes are passed on.

    Parameters
    ----------
    farm, world : Series
        Prices by year in the same currency and per the same weight.

    Returns
    -------
    PassThrough
        ``ratio`` by year; ``elasticity`` and ``r_squared`` of the least-squares line through
        the yearly changes of the logarithms, on ``changes`` pairs of consecutive years (NaN
        below `at_least`).
    """
    both = pd.concat({"farm": farm, "world": world}, axis=1).dropna()
    ratio = both["farm"] / both["world"]
    if both.empty:
        return PassThrough(ratio, float("nan"), float("nan"), 0)
    logs = np.log(both).reindex(range(int(both.index.min()), int(both.index.max()) + 1))
    steps = logs.diff().dropna()
    if len(steps) < max(at_least, 3) or steps["world"].var() == 0:
        return PassThrough(ratio, float("nan"), float("nan"), len(steps))
    slope = steps["farm"].cov(steps["world"]) / steps["world"].var()
    return PassThrough(
        ratio, float(slope), float(steps["farm"].corr(steps["world"]) ** 2), len(steps)
    )


def shares(values: pd.Series) -> pd.Series:
    """Return values over their sum; all missing when the sum is zero."""
    total = values.sum()
    return values / total if total else values * float("nan")


def hhi(parts: Sequence[float] | pd.Series) -> float:
    """Return the Herfindahl–Hirschman index (0 to 1) of shares or of amounts.

    Notes
    -----
    Σ s², with s the parts over their sum. 1 is one holder, 1/n is n equal holders.
    """
    array = _checked(parts, "the parts of an HHI")
    total = array.sum()
    return float(((array / total) ** 2).sum()) if total > 0 else float("nan")


def hhi_normalised(parts: Sequence[float] | pd.Series) -> float:
    """Return the HHI stretched to 0 (equal holders) to 1 (one holder); NaN below two holders.

    Notes
    -----
    ``(HHI − 1/n) / (1 − 1/n)``, n the number of parts: what econcomplex calls HHI by default.
    """
    n = len(parts)
    return (hhi(parts) - 1 / n) / (1 - 1 / n) if n > 1 else float("nan")


def hhi_bounds(
    known: Sequence[float], open_ended: Sequence[bool] | None = None, are_largest: bool = True
) -> Bounds:
    """Return the lowest and highest HHI that published top shares allow.

    Parameters
    ----------
    known : sequence of float
        Shares as ratios of the whole (0.4), each a holder of its own.
    open_ended : sequence of bool, optional
        Shares printed as "more than": the holder may have any of the rest too.
    are_largest : bool
        Whether nobody unlisted is larger than the smallest share listed.

    Notes
    -----
    Low: the rest is spread so thin that it adds nothing. High: the rest is as lumped as it can
    be — with one open-ended holder all of it goes to the largest of these; else to unlisted
    holders no larger than the smallest listed one (or to a single one, with
    ``are_largest=False``).
    """
    array = np.sort(_checked(known, "shares"))[::-1]
    rest = 1 - array.sum()
    if rest < -1e-9:
        raise DataError(f"the shares add up to {array.sum():.3f}, more than the whole")
    rest = max(rest, 0.0)
    low = float((array**2).sum())
    candidates = []
    if open_ended is not None and any(open_ended):
        largest = max(s for s, is_open in zip(known, open_ended, strict=True) if is_open)
        candidates.append(low - largest**2 + (largest + rest) ** 2)
    if not are_largest or not len(array):
        candidates.append(low + rest**2)
    elif array[-1] > 0:
        whole, part = divmod(rest, array[-1])
        candidates.append(low + whole * array[-1] ** 2 + part**2)
    else:
        candidates.append(low)
    return Bounds(low, float(max(candidates)))


def concentration_ratio(parts: pd.Series, n: int) -> float:
    """Return the share of the `n` largest parts (CR\\ :sub:`n`)."""
    return float(shares(parts).nlargest(n).sum())


def lorenz(parts: Sequence[float] | pd.Series) -> pd.DataFrame:
    """Return the Lorenz curve: ``population_share`` and ``value_share``, from (0, 0) to (1, 1)."""
    array = np.sort(_checked(parts, "the parts of a Lorenz curve"))
    if not array.sum() > 0:
        raise DataError("a Lorenz curve needs a positive sum")
    return pd.DataFrame(
        {
            "population_share": np.arange(len(array) + 1) / len(array),
            "value_share": np.concatenate([[0.0], np.cumsum(array) / array.sum()]),
        }
    )


def gini(parts: Sequence[float] | pd.Series) -> float:
    """Return the Gini coefficient (0 equal parts, (n − 1)/n all in one).

    Notes
    -----
    One less twice the area under the Lorenz curve, without a small-sample correction.
    """
    curve = lorenz(parts)
    area = np.trapezoid(curve["value_share"], curve["population_share"])
    return float(1 - 2 * area)
