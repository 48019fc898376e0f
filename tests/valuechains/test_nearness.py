"""Did nearness predict: a made-up table worked by hand, effects that sum to zero, real figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuechains import indicators as ind
from valuechains.indicators import specialisation
from valuechains.select import crops


def pairs(density, happened):
    """Return a department × crop table, written row by row, as long cells."""
    size = len(density), len(density[0])
    return pd.DataFrame(
        {
            "ubigeo": np.repeat(list("ABC")[: size[0]], size[1]),
            "crop": np.tile(list("xyz")[: size[1]], size[0]),
            "density": np.ravel(density),
            "happened": np.ravel(happened),
        }
    )


def test_rates_and_slope_by_hand():
    # Six pairs: the two nearest (0.5, 0.6) both entered, one of the middle, none of the far.
    found = crops.rate(pairs([[0.1, 0.3, 0.6], [0.2, 0.4, 0.5]], [[0, 0, 1], [0, 1, 1]]))
    assert [found[third] for third in crops.THIRDS] == [0, 0.5, 1]
    assert (found["n"], found["events"], found["near_n"], found["middle_events"]) == (6, 3, 2, 1)
    # Rows' means of density 1/3 and 11/30, crops' 0.15, 0.35, 0.55, all 0.35. Left of the first
    # row: -1/30, -1/30, 2/30 (the second its negative); of happened -0.5/3 ... = 1/6, -1/3, 1/6.
    near, did = np.array([-1, -1, 2]) / 30, np.array([1, -2, 1]) / 6
    assert found["slope"] == pytest.approx(near @ did / (near @ near))


def test_a_department_that_enters_everything_near_or_not_says_nothing():
    # A is nearer to all crops and enters all: taken out with its level, nothing is left to link.
    found = crops.rate(pairs([[0.8, 0.9], [0.1, 0.2]], [[1, 1], [0, 0]]))
    assert (found["far"], found["near"]) == (0, 1)
    assert np.isnan(found["slope"]) and np.isnan(found["p"])


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("xyzw"), st.floats(-1e3, 1e3)),
        min_size=1,
        max_size=16,
        unique_by=lambda cell: cell[:2],
    )
)
def test_what_is_left_sums_to_zero_over_every_department_and_crop(cells):
    table = pd.DataFrame(cells, columns=["ubigeo", "crop", "value"])
    left = ind.without_effects(table["value"], table["ubigeo"], table["crop"])
    for by in ("ubigeo", "crop"):
        assert left.groupby(table[by]).sum().abs().max() < 1e-8
    again = ind.without_effects(left, table["ubigeo"], table["crop"])
    assert np.allclose(again, left, atol=1e-8)


def test_lists_are_comparable():
    reason = crops.comparable()
    assert reason["cassava"] == "short" and (reason == "kept").sum() == 111
    cells = crops.cells()
    assert not cells["ubigeo"].isin(crops.LEFT_OUT).any() and cells["ubigeo"].nunique() == 23
    assert not cells["crop"].isin(reason.index[reason != "kept"]).any()
    # A specialisation is grown; who did not grow a crop had none.
    assert cells.loc[cells["was_special"], "was_grown"].all()
    assert cells.loc[cells["is_special"], "is_grown"].all()


def test_figures_as_recomputed_with_plain_pandas(monkeypatch):
    monkeypatch.setattr(specialisation, "PERMUTATIONS", 499)
    rates = crops.rates().set_index("event")
    events = rates[["n", "events", "far_events", "near_events"]].astype(int)
    assert events.loc["entered_new"].tolist() == [1469, 18, 1, 14]
    assert events.loc["entered_grown"].tolist() == [572, 34, 9, 16]
    # Of the 572 those that were no near-specialisation either, a quotient below 0.8.
    assert events.loc["entered_below"].tolist() == [511, 17, 4, 7]
    assert events.loc["left"].tolist() == [512, 80, 32, 19]
    assert rates["slope"].round(3).iloc[[0, 1, 3]].tolist() == [0.102, 0.443, -0.400]
    assert rates.loc["left", "p"] > 0.05 > rates.loc["entered_new", "p"]
