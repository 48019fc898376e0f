"""Indicators: hand-worked, degenerate and random cases."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from valuechains import indicators as ind
from valuechains.core.errors import DataError, ValueChainsError

YEARS_AS_DAYS = pd.date_range("2000", periods=2, freq="YS")
amounts = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12)


def series(*values, start=2000):
    return pd.Series(values, index=range(start, start + len(values)), dtype=float)


@pytest.mark.parametrize(
    ("values", "rate"),
    [
        ((100, 110, 121), 0.1),
        ((100, math.nan, 121), 0.1),
        ((5, 0), -1),
        ((0.2, 0.3), 0.5),  # a share, or a price below one sol
        ((100,), math.nan),
        ((0, 5), math.nan),
        ((5, -1), math.nan),
    ],
)
def test_cagr(values, rate):
    assert ind.cagr(series(*values)) == pytest.approx(rate, nan_ok=True)


@pytest.mark.parametrize(
    ("index", "values", "message"),
    [
        (YEARS_AS_DAYS, [1.0, 2.0], "by datetime64.*, expected by year"),
        (["2000", "2001"], [1.0, 2.0], "by (object|str), expected by year"),
        ([2000, 2000], [1.0, 2.0], "2000 stands more than once"),
        ([177, 178], [1.0, 2.0], "by int64, expected by year"),  # the rows of a table
        ([2000, 2001], ["1", "2"], "expected numbers, found"),
    ],
)
def test_what_is_not_by_year_is_refused_in_one_line(index, values, message):
    broken = pd.Series(values, index=index, name="price")
    for function in (ind.cagr, lambda one: ind.leader(pd.DataFrame({"08": one, "21": one}))):
        with pytest.raises(DataError, match=message) as problem:
            function(broken)
        assert "\n" not in str(problem.value)


MIX = pd.Series({"coffee": 3.0, "maize": 1.0, "rice": 2.0})
CROPS = pd.DataFrame({"coffee": [30.0, 10, 5], "maize": [10.0, 50, 8]}, index=["08", "21", "22"])
WIDE = pd.DataFrame({"08": [1.0, 2, 3, 4], "21": [2.0, 1, 5, 3]}, index=range(2000, 2004))
BESIDE = pd.DataFrame(1 - np.eye(3), index=CROPS.index, columns=CROPS.index)
LONG, NAMES = pd.Series([1.0, 0, 0, 3]), pd.Series(list("AABB"))
GOOD = {
    **dict.fromkeys(("gini", "hhi", "shares", "coefficient_of_variation"), (MIX,)),
    **dict.fromkeys(("complexity", "location_quotient", "proximity"), (CROPS,)),
    **dict.fromkeys(("leader", "summary", "years_ahead"), (WIDE,)),
    **dict.fromkeys(("local_moran", "moran"), (CROPS["coffee"], BESIDE)),
    **dict.fromkeys(("pass_through", "revenue_split"), (WIDE["08"], WIDE["21"])),
    **dict.fromkeys(("krugman", "rank_mobility"), (MIX, MIX * 2)),
    "cagr": [WIDE["08"]],
    "contiguity": [pd.Series([shapely.box(x, 0, x + 1, 1) for x in (0, 1, 5)])],
    "deflate": [WIDE, WIDE["08"]],
    "density": [CROPS, ind.proximity(CROPS)],
    "entries": [CROPS > 9, CROPS, MIX, "08"],
    "expand": [CROPS.assign(stratum="a"), pd.Series({"a": 5}), "coffee"],
    "gap_split": [WIDE, WIDE],
    "hhi_bounds": [[0.4, 0.2]],
    "shift_share": [MIX, MIX, MIX, MIX],
    "slope_without_effects": [LONG, LONG**2, NAMES, pd.Series(list("xyxy"))],
    "without_effects": [LONG, NAMES, pd.Series(list("xyxy"))],
}


def wrong(right):
    """What is no input of an indicator, or one of which nothing is determined."""
    if not isinstance(right, pd.Series | pd.DataFrame):
        return [None, "zz", ["a", "b"], 3, []]
    months = pd.date_range("2000", periods=len(right), freq="MS")
    same, other = [right.index[0]] * len(right), ["other", *right.index[1:]]
    indexes = [months, same, other, range(len(right))]
    tables = [right.set_axis(index) for index in indexes]
    tables += [pd.concat([right], keys=["k"]), pd.concat([right, right.set_axis(indexes[3])])]
    tables += [right.iloc[:0], right.astype(str), right.mask(right.notna())]
    other = right.to_frame("v") if isinstance(right, pd.Series) else right.iloc[:, :1]
    return [None, "zz", ["a", "b"], 3, *tables, other, other.assign(year=2011), other.iloc[:, :0]]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", sorted({*ind.__all__} - {"PassThrough"}))
def test_a_wrong_input_of_any_indicator_is_refused_in_one_line_or_gives_nothing(name):
    for place, right in enumerate(GOOD[name]):
        for other in wrong(right):
            try:
                getattr(ind, name)(*GOOD[name][:place], other, *GOOD[name][place + 1 :])
            except ValueChainsError as problem:
                assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        ("hhi", pd.Series({"08": 1.0, "00": 3.0}), "parts: '00' is no part"),
        ("hhi", pd.Series({"Cusco": 1.0, "Total": 3.0}), "parts: 'Total' is no part"),
        ("gini", pd.Series({"08": [1.0], "year": [2]}).str[0], "parts: 'year' is a year"),
        ("location_quotient", CROPS.assign(year=2011), "values: 'year' is a year"),
        ("location_quotient", CROPS.assign(**{"2011": 1.0}), "values: '2011' is a year"),
        ("leader", WIDE.assign(year=2011), "wide: 'year' is a year"),
        ("proximity", pd.DataFrame({"a": ["x"]}), "special: a: expected numbers, found"),
    ],
)
def test_a_total_or_a_year_is_no_part(function, given, message):
    with pytest.raises(DataError, match=message):
        getattr(ind, function)(given)


def test_small_ones_by_hand():
    # Values 2, 4, 6: mean 4, sample standard deviation 2.
    assert ind.coefficient_of_variation(series(2, 4, 6)) == pytest.approx(0.5)
    assert ind.coefficient_of_variation(series(3, 3, 3)) == 0
    assert math.isnan(ind.coefficient_of_variation(series(3)))
    assert math.isnan(ind.coefficient_of_variation(series(-2, 2)))  # a mean of 0 is no measure
    assert ind.deflate(series(5, 5), series(100, 125)).tolist() == [5, 4]


def test_years_ahead():
    wide = pd.DataFrame({"08": [1, 3, 2, math.nan], "21": [2, 1, 2, 5]}, index=range(2000, 2004))
    assert ind.years_ahead(wide).tolist()[:2] == ["21", "08"]
    assert ind.years_ahead(wide).isna().tolist() == [False, False, True, True]


def test_the_leader_by_hand():
    price = pd.DataFrame({"08": [1, 3, 2, math.nan, 3], "21": [2, 1, 2, 5, 4]}, range(2000, 2005))
    # 2002 is tied, 2003 has one price only: of four common years "21" leads two, "08" one.
    empty = price.assign(**{"12": math.nan})
    assert ind.leader(empty) == ("21", ["08"], 2, 4, (2 + 1 + 2 + 4) / 4)
    assert ind.leader(price.loc[:2001]).region is None  # one year each
    assert ind.leader(price.loc[[2000, 2004]]).region is None  # ahead in both: two are too few
    assert ind.leader(price[["08"]]).region is None
    assert ind.leader(price.iloc[:0]).region is None


def test_revenue_split_by_hand():
    # From 2 S/kg × 500 kg to 3 × 400: +200. Price: 1 × 450 = 450; yield: −100 × 2.5 = −250.
    split = ind.revenue_split(series(2, 3), series(500, 400))
    assert split.loc[2001].to_dict() == {"change": 200, "price": 450, "yield": -250}
    gap = ind.revenue_split(series(2, math.nan, 3), series(500, 500, 400))
    assert gap["change"].isna().all()


@given(st.lists(st.tuples(st.floats(0.1, 50), st.floats(1, 3000)), min_size=2, max_size=8))
def test_revenue_split_is_exact(points):
    price, crop = (series(*values) for values in zip(*points, strict=True))
    split = ind.revenue_split(price, crop)
    assert np.allclose(split["price"] + split["yield"], split["change"], atol=1e-6)
    assert split["change"].sum() == pytest.approx(
        price.iloc[-1] * crop.iloc[-1] - price.iloc[0] * crop.iloc[0], abs=1e-6
    )


def test_pass_through():
    # Every doubling of the world price doubles the farm price: elasticity one, ratio one half.
    world = series(1, 2, 1, 4, 2)
    found = ind.pass_through(world / 2, world, at_least=4)
    assert (found.elasticity, found.r_squared) == (pytest.approx(1), pytest.approx(1))
    assert found.ratio.tolist() == [0.5] * 5
    assert found.changes == 4
    # Through two changes a line always fits: three are the least, whatever is asked for.
    assert ind.pass_through(world[:4] / 2, world[:4], 3).elasticity == pytest.approx(1)
    assert math.isnan(ind.pass_through(world[:3] / 2, world[:3], at_least=2).elasticity)
    # The square root is passed on.
    assert ind.pass_through(np.sqrt(world), world, 4).elasticity == pytest.approx(0.5)
    assert math.isnan(ind.pass_through(world / 2, world).elasticity)  # four changes: too few


def test_pass_through_of_too_little():
    assert math.isnan(ind.pass_through(series(1, 2), series(1, 2)).elasticity)
    assert ind.pass_through(series(), series()).changes == 0
    with warnings.catch_warnings(action="error"):  # of a division by nothing, on a page
        constant = ind.pass_through(series(1, 2, 3, 4), series(2, 2, 2, 2), 3)
    assert math.isnan(constant.elasticity) and math.isnan(constant.r_squared)
    gaps = pd.Series([1.0, 2.0, 4.0], index=[2000, 2002, 2004])
    assert ind.pass_through(gaps, gaps).changes == 0
    with pytest.raises(DataError, match="farm, world: 0, expected prices above zero"):
        ind.pass_through(series(1, 0, 2), series(1, 2, 3))


def test_hhi_by_hand():
    assert ind.hhi([0.5, 0.3, 0.2]) == ind.hhi([50, 30, 20]) == pytest.approx(0.38)
    assert ind.hhi([1]) == 1
    assert math.isnan(ind.hhi([0, 0]))
    for wrong in (-0.1, math.nan):
        with pytest.raises(DataError, match="not negative"):
            ind.hhi([0.5, wrong])


@given(amounts)
def test_hhi_lies_between_equal_and_single(parts):
    assert 1 / len(parts) - 1e-9 <= ind.hhi(parts) <= 1 + 1e-9


def test_hhi_bounds_by_hand():
    # 40 and 20 % known, nobody else above 20 %: rest 40 % = two of 20 %.
    assert ind.hhi_bounds([0.4, 0.2]) == pytest.approx((0.20, 0.28))
    assert ind.hhi_bounds([0.6, 0.4]) == pytest.approx((0.52, 0.52))
    with pytest.raises(DataError, match="more than the whole"):
        ind.hhi_bounds([0.8, 0.4])


@given(amounts, st.integers(1, 12))
def test_hhi_bounds_hold_the_true_value(parts, known):
    """Hide all but the largest shares: the bounds still hold the HHI of them all."""
    shares = sorted((part / sum(parts) for part in parts), reverse=True)
    low, high = ind.hhi_bounds([min(s, 1) for s in shares[:known]])
    assert low - 1e-9 <= ind.hhi(shares) <= high + 1e-9


def test_gini_by_hand():
    # Two holders, 1 and 3: the Lorenz curve passes (0.5, 0.25); Gini = 1 − 2 × 0.375 = 0.25.
    assert ind.gini([3, 1]) == pytest.approx(0.25)
    assert ind.gini([2, 2, 2]) == pytest.approx(0)
    assert ind.gini([0, 0, 0, 1]) == pytest.approx(0.75)
    with pytest.raises(DataError, match="positive sum"):
        ind.gini([0, 0])


@given(amounts)
def test_gini_matches_mean_absolute_difference(parts):
    array = np.array(parts)
    by_pairs = np.abs(array[:, None] - array[None, :]).mean() / (2 * array.mean())
    assert ind.gini(parts) == pytest.approx(by_pairs, abs=1e-9)


@given(amounts)
def test_shares_add_up(parts):
    assume(sum(parts) > 0)
    assert ind.shares(pd.Series(parts)).sum() == pytest.approx(1)


@given(st.lists(st.tuples(*[st.floats(0.01, 1e4)] * 4), min_size=1, max_size=6))
def test_the_gap_between_two_regions_is_split_exactly(figures):
    price = pd.DataFrame([(a, b) for a, b, _, _ in figures], columns=["08", "21"])
    crop_yield = pd.DataFrame([(c, d) for _, _, c, d in figures], columns=["08", "21"])
    split = ind.gap_split(price, crop_yield)
    revenue = price * crop_yield
    assert split["gap"].tolist() == pytest.approx((revenue["08"] - revenue["21"]).tolist())
    both = (split["price"] + split["yield"]).tolist()
    scale = revenue.max(axis=None)
    assert both == pytest.approx(split["gap"].tolist(), abs=1e-9 * scale)
    # Seen from the other region it is the same with its sign turned.
    turned = ind.gap_split(price[["21", "08"]], crop_yield)
    assert turned["price"].tolist() == pytest.approx((-split["price"]).tolist())


def test_a_year_without_all_four_figures_is_not_split():
    price = pd.DataFrame({"08": [1.0, 2.0], "21": [1.0, np.nan]})
    crop_yield = pd.DataFrame({"08": [5.0, 5.0], "21": [4.0, 4.0]})
    assert ind.gap_split(price, crop_yield).index.tolist() == [0]


def test_whole_years_may_be_floats_and_a_negative_part_has_no_share():
    series = pd.Series([100.0, 121.0], index=[2010.0, 2012.0])
    assert ind.cagr(series) == pytest.approx(0.1)
    with pytest.raises(DataError, match="expected by year"):
        ind.cagr(series.set_axis([2010.5, 2012.0]))
    with pytest.raises(DataError, match="parts, not negative"):
        ind.shares(pd.Series({"coffee": 1.0, "potato": -3.0}))
    with pytest.raises(DataError, match="'ubigeo' names places"):
        ind.location_quotient(pd.DataFrame({"ubigeo": [8, 21], "coffee": [1, 2]}))
