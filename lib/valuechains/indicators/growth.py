"""Growth, swings, who is ahead, revenue and its parts, real prices: functions on yearly series.

Series, and tables with a column a region, have years as index: whole numbers, each once.
"""

from collections import namedtuple
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError
from .inputs import check, takes

NAN = float("nan")


def cagr(series: pd.Series | dict) -> float:
    """Return the compound annual growth rate, ``(last / first) ** (1 / years) - 1`` (0.05 is 5 %).

    Between the first and last year with a value; NaN below two, after zero or with a negative one.

    >>> round(cagr(pd.Series([100.0, 121.0], index=[2010, 2012])), 2)
    0.1
    """
    series = pd.Series(series)  # of {2010: 5.0, 2012: 6.0} too
    check("year", series=series)
    known = series.dropna().sort_index()
    if len(known) < 2 or known.iloc[0] <= 0 or known.iloc[-1] < 0:
        return NAN
    years = int(known.index[-1] - known.index[0])
    return float((known.iloc[-1] / known.iloc[0]) ** (1 / years) - 1)


@takes("", "series")
def coefficient_of_variation(series: pd.Series) -> float:
    """Return the sample standard deviation (n - 1) over the mean; NaN below two values.

    >>> coefficient_of_variation(pd.Series([2.0, 4.0, 6.0]))
    0.5
    """
    known = series.dropna()
    if len(known) < 2 or known.mean() == 0:
        return NAN
    return float(known.std(ddof=1) / known.mean())


@takes("year", "wide")
def summary(wide: pd.DataFrame) -> pd.DataFrame:
    """Return of each region ``years`` (with a value), ``mean`` and how it grew and swung.

    >>> summary(pd.DataFrame({"08": [2.0, 4.0, 6.0]}, index=[2010, 2011, 2012])).columns.tolist()
    ['years', 'mean', 'cagr', 'coefficient_of_variation']
    """
    figures = [wide.count(), wide.mean(), wide.apply(cagr), wide.apply(coefficient_of_variation)]
    return pd.concat(figures, axis=1, keys=["years", "mean", "cagr", "coefficient_of_variation"])


@takes("year", "wide")
def years_ahead(wide: pd.DataFrame) -> pd.Series:
    """Return the column with the highest value of each year; missing where one is, or on a tie.

    >>> price = pd.DataFrame({"08": [1.0, 3.0], "21": [2.0, 1.0]}, index=[2012, 2013])
    >>> years_ahead(price).tolist()
    ['21', '08']
    """
    full = wide.dropna()
    single = full[full.eq(full.max(axis=1), axis=0).sum(axis=1) == 1]
    ahead = {} if wide.shape[1] < 2 else single.idxmax(axis=1)
    return pd.Series(ahead, index=wide.index, dtype=object)


Leader = namedtuple("Leader", ["region", "other_regions", "years", "all", "mean"])


@takes("year", "wide")
def leader(wide: pd.DataFrame) -> Leader:
    """Return the column of years × regions that is ahead in most years, as values of a finding.

    Of the years that all columns with any value have: ahead in ``years`` of ``all``, ``mean`` over
    them. ``region`` is None where two are ahead equally often, or of fewer than three years.

    >>> price = {"08": [1.0, 3.0, 2.0], "21": [2.0, 1.0, 4.0]}
    >>> leader(pd.DataFrame(price, index=[2010, 2011, 2012]))[:4]
    ('21', ['08'], 2, 3)
    """
    common = wide.dropna(axis=1, how="all").dropna()
    times = years_ahead(common).value_counts()
    if len(common) < 3 or times.empty or times.eq(times.iloc[0]).sum() > 1:
        return Leader(None, [], 0, len(common), NAN)
    region = times.index[0]
    others = [code for code in common if code != region]
    return Leader(region, others, int(times.iloc[0]), len(common), float(common[region].mean()))


def _bennet(price: Any, crop_yield: Any, other_price: Any, other_yield: Any) -> list:
    """Return the difference of two products, and its exact parts by price and by yield."""
    return [
        price * crop_yield - other_price * other_yield,
        (price - other_price) * (crop_yield + other_yield) / 2,
        (crop_yield - other_yield) * (price + other_price) / 2,
    ]


@takes("year", "price", "crop_yield")
def revenue_split(price: pd.Series, crop_yield: pd.Series) -> pd.DataFrame:
    """Return the exact split of each year's change of revenue into price and yield (Bennet 1920).

    Of price (PEN/kg) × yield (kg/ha): ``change``, the sum of ``price``, mean yield × change of
    price, and ``yield``, mean price × change of yield; missing where the year before is.

    >>> years = [2000, 2001]
    >>> revenue_split(pd.Series([2, 3], years), pd.Series([500, 400], years)).loc[2001].tolist()
    [200.0, 450.0, -250.0]
    """
    years = range(min(price.index, default=0), max(price.index, default=-1) + 1)
    p, y = price.reindex(years), crop_yield.reindex(years)
    parts = _bennet(p, y, p.shift(), y.shift())
    return pd.concat(parts, axis=1, keys=["change", "price", "yield"]).iloc[1:]


@takes("", "price", "crop_yield")
def gap_split(price: pd.DataFrame, crop_yield: pd.DataFrame) -> pd.DataFrame:
    """Return the exact split, by year, of what a hectare earns more in one region than in another.

    Of years × two regions as :func:`revenue_split` has it: ``gap``, the sum of ``price`` and
    ``yield``. Only years with all four figures.

    >>> price = pd.DataFrame({"08": [3.0], "21": [2.0]}, index=[2000])
    >>> gap_split(price, pd.DataFrame({"08": [400], "21": [500]}, index=[2000])).loc[2000].tolist()
    [200.0, 450.0, -250.0]
    """
    if len(price.columns) != 2 or not price.columns.isin(crop_yield.columns).all():
        raise DataError(f"price, crop_yield: {[*price]}, {[*crop_yield]}, expected the same two")
    first, second = price.columns
    parts = _bennet(price[first], crop_yield[first], price[second], crop_yield[second])
    return pd.concat(parts, axis=1, keys=["gap", "price", "yield"]).dropna()


@takes("part", "before", "after", "whole_before", "whole_after")
def shift_share(
    before: pd.Series, after: pd.Series, whole_before: pd.Series, whole_after: pd.Series
) -> pd.DataFrame:
    """Return the classic shift-share of a region's growth by activity (Dunn 1960).

    Values by activity in constant prices. ``growth`` is the sum of ``national``, value before ×
    growth of the whole; ``mix``, × growth of the activity in the whole less that; ``own``, × growth
    of the activity here less that in the whole.

    >>> here, peru = pd.Series({"mining": 10.0}), pd.Series({"mining": 100.0, "farming": 100.0})
    >>> shift_share(here, here * 1.5, peru, pd.Series({"mining": 120.0, "farming": 90.0})).round(2)
            growth  national  mix  own
    mining     5.0       0.5  1.5  3.0
    """
    whole = whole_after.sum() / (whole_before.sum() or NAN) - 1
    activity = (whole_after / whole_before.replace(0, NAN) - 1).reindex(before.index)
    parts = {
        "growth": after - before,
        "national": before * whole,
        "mix": before * (activity - whole),
        "own": after - before * (1 + activity),
    }
    return pd.DataFrame(parts)


@takes("year", "nominal", "cpi")
def deflate(nominal: pd.DataFrame | pd.Series, cpi: pd.Series) -> pd.DataFrame | pd.Series:
    """Return values in prices of the year in which the index is 100: nominal × 100 / index.

    >>> deflate(pd.Series([6.0], index=[2013]), pd.Series([120.0], index=[2013])).item()
    5.0
    """
    return nominal.mul(100 / cpi.reindex(nominal.index), axis=0)


PassThrough = namedtuple("PassThrough", ["ratio", "elasticity", "r_squared", "changes"])


@takes("year", "farm", "world")
def pass_through(farm: pd.Series, world: pd.Series, at_least: int = 8) -> PassThrough:
    """Return the ratio of farm to world price, and how far yearly changes are passed on.

    In one currency and weight. ``elasticity``, ``r_squared``: least squares through the ``changes``
    of the logarithms in consecutive years (NaN below `at_least`).

    >>> world = pd.Series([1.0, 2.0, 4.0, 2.0, 8.0], index=range(2000, 2005))
    >>> round(pass_through(world**0.5, world, at_least=4).elasticity, 2)
    0.5
    """
    both = pd.concat({"farm": farm, "world": world}, axis=1).dropna()
    if (both <= 0).any(axis=None):
        raise DataError(f"farm, world: {both.min(axis=None):g}, expected prices above zero")
    ratio = both["farm"] / both["world"]
    # Only pairs of consecutive years make a change.
    steps = np.log(both).diff()[both.index.to_series().diff() == 1]
    if len(steps) < max(at_least, 3) or steps["world"].var() == 0:
        return PassThrough(ratio, NAN, NAN, len(steps))
    slope = steps["farm"].cov(steps["world"]) / steps["world"].var()
    fit = steps["farm"].corr(steps["world"]) ** 2
    return PassThrough(ratio, float(slope), float(fit), len(steps))
