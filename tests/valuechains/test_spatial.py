"""Spatial clustering: hand-worked, degenerate and random cases; figures that esda gives."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.indicators import spatial
from valuechains.plot import geography as maps
from valuechains.select import crops


def line(names):
    """Neighbours of places in a row."""
    n = len(names)
    table = np.eye(n, k=1) + np.eye(n, k=-1)
    return pd.DataFrame(table, index=list(names), columns=list(names))


def row(*values):
    return pd.Series(values, index=list("abcdefgh"[: len(values)]), dtype=float)


FOUR = row(1, 2, 3, 4)


def test_contiguity_by_hand():
    # Two squares side by side, a third at a corner of the second, one apart.
    squares = [shapely.box(x, y, x + 1, y + 1) for x, y in ((0, 0), (1, 0), (2, 1), (9, 9))]
    found = spatial.contiguity(pd.Series(squares, index=list("abcd")))
    assert found.to_numpy().tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0] * 4]


def test_departments_that_touch():
    shapes = maps.departments().set_index("ubigeo").geometry
    found = spatial.contiguity(shapes)
    around = {code: {places.name(c) for c in found.columns[found.loc[code] > 0]} for code in found}
    assert around["07"] == {"Lima"} and around["24"] == {"Piura"}
    assert around["21"] == {"Cusco", "Arequipa", "Moquegua", "Tacna", "Madre de Dios"}
    assert (found == found.T).all(axis=None) and found.sum().min() == 1  # no islands
    # No two departments share only a point: rook contiguity is the same.
    for one, other in itertools.combinations(shapes.index, 2):
        if found.loc[one, other]:
            assert shapely.intersection(shapes[one], shapes[other]).length > 5_000


def test_moran_by_hand():
    # z = −1.5, −0.5, 0.5, 1.5; neighbours' means −0.5, −0.5, 0.5, 0.5: I = 2/5.
    found = spatial.moran(FOUR, line("abcd"))
    assert (found.i, found.expected) == (pytest.approx(0.4), pytest.approx(-1 / 3))
    assert (found.n, found.islands) == (4, [])


def test_moran_p_is_that_of_all_arrangements():
    # Of the 24 arrangements of 1, 2, 3, 4 in a row, count those with an I of 0.4 or more.
    weights = line("abcd").to_numpy() / line("abcd").to_numpy().sum(axis=1, keepdims=True)
    every = np.array(list(itertools.permutations([-1.5, -0.5, 0.5, 1.5])))
    by_chance = np.einsum("pi,ij,pj->p", every, weights, every) / 5
    share = 2 * np.mean(by_chance > 0.4 - 1e-9)  # two-sided
    assert spatial.moran(FOUR, line("abcd")).p == pytest.approx(share, abs=0.02)
    assert spatial.moran(FOUR, line("abcd")) == spatial.moran(FOUR, line("abcd"))  # seeded


def test_moran_p_of_what_no_draw_reaches():
    # Twelve values in their order: one of 240 million arrangements. Twice (0 + 1) / (draws + 1).
    names = "abcdefghijkl"
    ordered = pd.Series(range(12), index=list(names), dtype=float)
    assert spatial.moran(ordered, line(names)).p == 2 / (spatial.PERMUTATIONS + 1)


def test_local_moran_by_hand():
    # 3 · z · lag / 5
    found = spatial.local_moran(FOUR, line("abcd"))
    assert found["i"].tolist() == pytest.approx([0.45, 0.15, 0.15, 0.45])
    assert found["quadrant"].tolist() == ["low-low"] * 2 + ["high-high"] * 2
    # d stays at 4: its one neighbour is 3 in a third of the deals, and never higher; twice that.
    assert found.loc["d", "p"] == pytest.approx(2 / 3, abs=0.03)
    mixed = spatial.local_moran(row(4, 1, 1, 1), line("abcd"))
    assert mixed["quadrant"].tolist()[:2] == ["high-low", "low-high"]


def test_islands_count_and_have_no_neighbours():
    with_island = line("abcde")
    with_island.loc["e"] = with_island["e"] = 0.0
    values = row(1, 2, 3, 4, 5)
    found = spatial.moran(values, with_island)
    # z = −2 … 2, S₀ = 4: 5/4 · (2 + 1 + 0 + 1·0)/10, lags −1, −1, 0, 0: Σ z·lag = 2 + 1 = 3.
    assert found.i == pytest.approx(5 / 4 * 3 / 10) and found.islands == ["e"]
    local = spatial.local_moran(values, with_island)
    assert local.loc["e", "i"] == 0
    assert pd.isna(local.loc["e", "quadrant"]) and pd.isna(local.loc["e", "p"])
    assert local.drop("e").notna().all(axis=None)


def test_a_missing_value_makes_no_neighbour():
    found = spatial.moran(row(1, 2, math.nan, 4, 3), line("abcde"))
    assert found.n == 4 and found.islands == []
    assert spatial.moran(row(1, 2, math.nan, 4), line("abcd")).islands == ["d"]


@pytest.mark.parametrize(
    ("values", "neighbours"),
    [
        (row(3, 3, 3, 3), line("abcd")),
        (row(1, 2), line("ab")),
        (row(), line("ab")),
        (FOUR, line("abcd") * 0),
    ],
)
def test_nothing_to_cluster(values, neighbours):
    found = spatial.moran(values, neighbours)
    assert math.isnan(found.i) and math.isnan(found.p)
    assert spatial.local_moran(values, neighbours)["p"].isna().all()
    with pytest.raises(DataError, match="no neighbours are known for z"):
        spatial.moran(pd.Series({"a": 1.0, "z": 2}), line("ab"))


@given(
    st.lists(st.integers(-50, 50), min_size=4, max_size=8),
    st.floats(0.01, 100) | st.floats(-100, -0.01),
    st.floats(-1000, 1000),
)
def test_moran_does_not_change_with_unit_or_zero(values, factor, shift):
    assume(len(set(values)) > 1)
    values = row(*values)
    before = spatial.moran(values, line(values.index))
    after = spatial.moran(factor * values + shift, line(values.index))
    assert after.i == pytest.approx(before.i, abs=1e-7)
    local = spatial.local_moran(values, line(values.index))["i"]
    # The local ones add up to the global one: Σ I_i = (n − 1)/n · S₀ · I, with S₀ = n.
    assert local.sum() == pytest.approx((len(values) - 1) * before.i, abs=1e-9)


def test_figures_that_esda_gives():
    # esda 2.9.0, Moran and Moran_Local of coffee's location quotient, 9,999 permutations; its p
    # are one-sided.
    lq = crops.landscape().lq["coffee"]
    neighbours = spatial.contiguity(maps.departments().set_index("ubigeo").geometry)
    found = spatial.moran(lq, neighbours)
    assert found.i == pytest.approx(0.11471617934433069, abs=1e-12) and found.n == 24
    assert found.p == pytest.approx(2 * 0.1126, abs=0.03)
    local = spatial.local_moran(lq, neighbours)
    assert local.loc["01", "i"] == pytest.approx(1.544504, abs=1e-6)
    assert (local.loc["01", "quadrant"], local.loc["16", "quadrant"]) == ("high-high", "low-high")
    assert local.loc[["01", "13"], "p"].tolist() == pytest.approx(
        [2 * 0.0333, 2 * 0.0134], abs=0.015
    )
