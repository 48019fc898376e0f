"""Specialisation: hand-worked, degenerate and random cases; figures that econcomplex gives.

The figures of econcomplex 1.0.1 on the processed table are typed here; with the extra `reference`
installed, test_reference.py compares with the libraries themselves.
"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from valuechains import indicators as ind
from valuechains.core import language
from valuechains.core.errors import DataError, ParameterError
from valuechains.core.scope import Scope
from valuechains.indicators import specialisation as sp
from valuechains.report import departments
from valuechains.select import crops
from valuechains.tables import load

HERE = Scope(("08", "21"), 2000, 2013)


def table(*rows, columns="xyzuvw"):
    index, columns = list("ABCDEF"[: len(rows)]), list(columns[: len(rows[0])])
    return pd.DataFrame(list(rows), index=index, columns=columns)


def tables(cells, low=2):
    """Regions × crops of 2 to 6 by 2 to 6."""
    return st.tuples(st.integers(low, 6), st.integers(2, 6)).flatmap(
        lambda size: st.lists(
            st.lists(cells, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
        ).map(lambda rows: table(*rows))
    )


amounts = tables(st.floats(0, 1e6).map(lambda x: round(x, 3)))
yes_no = tables(st.booleans())


def test_location_quotient_by_hand():
    # National shares 0.4 and 0.6; A has 0.75 and 0.25, B 1/6 and 5/6.
    lq = sp.location_quotient(table([30.0, 10], [10, 50]))
    assert np.allclose(lq, [[1.875, 0.25 / 0.6], [1 / 2.4, 5 / 3.6]])


def test_location_quotient_of_nothing():
    lq = sp.location_quotient(table([30.0, 10, 0], [0, 0, 0], [10, 50, 0]))
    assert lq.loc["B"].isna().all() and lq["z"].isna().all()
    assert lq.notna().sum().sum() == 4
    assert not (lq >= 1).loc["B"].any()
    for wrong in (-1.0, math.nan):
        with pytest.raises(DataError, match="not negative"):
            sp.location_quotient(table([1.0, 2], [3, wrong]))


@given(amounts)
def test_location_quotients_weighted_with_national_shares_are_one(values):
    assume(values.to_numpy().sum() > 0)
    national = values.sum() / values.to_numpy().sum()
    lq = sp.location_quotient(values)
    mean = (lq * national).sum(axis=1)[values.sum(axis=1) > 0]
    assert np.allclose(mean, 1)


#    A: x y    B: x y z    C: z       each crop in two regions; x and y always together
SPECIAL = table([True, True, False], [True, True, True], [False, False, True])


def test_proximity_by_hand():
    phi = sp.proximity(SPECIAL)
    assert phi.to_numpy().tolist() == [[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]]
    assert np.diag(sp.proximity(SPECIAL, with_self=True)).tolist() == [1, 1, 1]
    # A crop in two regions and one in a single one of them: the larger number counts.
    assert sp.proximity(table([True, True], [True, False])).loc["x", "y"] == 0.5
    nowhere = sp.proximity(table([True, False], [True, False]), with_self=True)
    assert nowhere.to_numpy().tolist() == [[1, 0], [0, 0]]


def test_density_with_and_without_self_by_hand():
    # C has z only. Around x: y (1) and z (0.5), of which 0.5 is there; itself adds 1 below.
    without = sp.density(SPECIAL, sp.proximity(SPECIAL))
    with_self = sp.density(SPECIAL, sp.proximity(SPECIAL, with_self=True))
    assert without.loc["C", "x"] == pytest.approx(1 / 3)
    assert with_self.loc["C", "x"] == pytest.approx(0.2)
    assert without.loc["A", "z"] == 1 and with_self.loc["A", "z"] == 0.5
    assert with_self.loc["B"].tolist() == [1, 1, 1]
    nowhere = table([True, True, False], [True, True, False])
    assert sp.density(nowhere, sp.proximity(nowhere))["z"].isna().all()


@given(yes_no, st.booleans())
def test_density_is_a_share(special, with_self):
    found = sp.density(special, sp.proximity(special, with_self)).to_numpy()
    assert np.all(np.isnan(found) | ((found >= 0) & (found <= 1 + 1e-12)))
    everything = special | True
    full = sp.density(everything, sp.proximity(everything, with_self)).to_numpy()
    assert np.allclose(full, 1)


NESTED = table([True, True, True], [True, True, False], [True, False, False])


def test_complexity_by_hand():
    # D⁻¹MU⁻¹Mᵀ has eigenvalues 1, 1/4, 1/9; that of 1/4 is (2, −1, −4), mean −1, deviations
    # 3, 0, −3. Crops have the means −1, ½, 2 of it, deviations −1.5, 0, 1.5.
    found = sp.complexity(NESTED)
    assert found.regions.tolist() == pytest.approx([math.sqrt(1.5), 0, -math.sqrt(1.5)])
    assert found.crops.tolist() == pytest.approx([-math.sqrt(1.5), 0, math.sqrt(1.5)])
    # What has nothing is left out.
    wider = NESTED.assign(u=False)
    wider.loc["D"] = False
    found = sp.complexity(wider)
    assert found.regions.iloc[:3].tolist() == pytest.approx(sp.complexity(NESTED).regions.tolist())
    assert found.regions.isna().tolist() == [False] * 3 + [True]
    assert found.crops.isna().tolist() == [False] * 3 + [True]


@pytest.mark.parametrize(
    "special",
    [
        table([True, False], [True, True]),  # two regions: no order among them but their diversity
        table([True, True, False], [True, False, False], [False, False, True]),  # two parts
        table([True, True], [True, True], [True, True]),  # all alike
        # Every region has two crops that two have: nothing fixes the sign, or the order.
        table([True, True, False], [False, True, True], [True, False, True]),
        table([False, False], [False, False], [False, False]),
        # Eigenvalues 1, ½, ½, 0: any mixture of two vectors is a second one.
        table([0, 0, 0, 1], [0, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]) > 0,
    ],
)
def test_complexity_that_is_not_determined_is_missing(special):
    found = sp.complexity(special)
    assert found.regions.isna().all() and found.crops.isna().all()
    assert list(found.regions.index) == list(special.index)


@given(tables(st.booleans(), low=3))
def test_complexity_is_standardised_and_follows_diversity(special):
    found = sp.complexity(special).regions.dropna()
    assume(len(found))
    assert (found.mean(), found.std(ddof=0)) == (pytest.approx(0), pytest.approx(1))
    assert found.corr(special.sum(axis=1).astype(float)) > 0
    again = sp.complexity(special.iloc[::-1, ::-1]).regions.reindex(found.index)
    assert np.allclose(again, found, atol=1e-6)  # the order of rows and columns does not matter


def test_krugman_by_hand():
    first, second = pd.Series([30.0, 10]), pd.Series([10.0, 50])
    # |0.75 − 1/6| + |0.25 − 5/6|
    assert sp.krugman(first, second) == pytest.approx(7 / 6)
    assert sp.krugman(pd.Series([1.0, 0]), pd.Series([0.0, 9])) == 2
    assert math.isnan(sp.krugman(first, pd.Series([0.0, 0])))


@given(amounts)
def test_krugman_is_symmetric_and_within_two(values):
    first, second = values.iloc[0], values.iloc[1]
    assume(first.sum() > 0 and second.sum() > 0)
    assert sp.krugman(first, second) == pytest.approx(sp.krugman(second, first))
    assert -1e-12 <= sp.krugman(first, second) <= 2 + 1e-9
    assert sp.krugman(first, 3 * first) == pytest.approx(0, abs=1e-9)


def test_entries_by_hand():
    special = table([True, False, False, False, False], [True] * 5, columns="vwxyz")
    near = table([0.9, 0.4, 0.1, 0.3, math.nan], [0.0] * 5, columns="vwxyz")
    worth = pd.Series({"v": 9.0, "w": 3, "x": 1, "y": 2, "z": 5})
    found = sp.entries(special, near, worth, "A")
    # v is there already, z has no density. Of w, y, x the medians are 0.3 and 2: w is above both.
    assert found.index.tolist() == ["w", "y", "x"]
    assert found["score"].tolist() == pytest.approx([1, 2 / 3, 1 / 3])
    assert found["is_candidate"].tolist() == [True, False, False]
    assert sp.entries(special, near, worth, "B").empty


def test_rank_mobility_by_hand():
    before = pd.Series([10, 20, 30, 40], index=list("abcd"))
    # Turned round: 4→1, 3→2, 2→3, 1→4: (3 + 1 + 1 + 3)/4 = 2 places.
    assert sp.rank_mobility(before, -before) == (pytest.approx(-1), 2, 4)
    assert sp.rank_mobility(before, before**2) == (pytest.approx(1), 0, 4)
    # Only a, b and d are in both: ranks 3, 2, 1 and 3, 1, 2; ρ = 1 − 6·2/(3·8) = 0.5.
    after = pd.Series({"a": 1, "b": 9, "d": 5, "e": 7})
    assert sp.rank_mobility(before, after) == (pytest.approx(0.5), pytest.approx(2 / 3), 3)
    assert math.isnan(sp.rank_mobility(before, before * 0).spearman)
    assert sp.rank_mobility(before, pd.Series(dtype=float)).n == 0


# rca of coffee in Cusco, eci of Cusco, Puno and San Martín, pci of coffee, relatedness density of
# coffee in Puno, krugman_index and (normalised) herfindahl of Puno: econcomplex 1.0.1, all crops.
REFERENCE = {
    "rca": 1.5256717155791562,
    "eci": [0.5841775022249291, 0.32046373068458667, -1.8400080863884534],
    "pci": -0.9324844904389971,
    "density": 0.10673198897686026,
    "krugman": 1.3182327141447947,
    "hhi": 0.24797557125432082,
}


def test_figures_that_econcomplex_gives():
    found = crops.landscape(least=0)
    assert found.special.shape == (24, 158)
    assert found.lq.loc["08", "coffee"] == pytest.approx(REFERENCE["rca"], abs=1e-9)
    eci = found.complexity.regions
    assert eci[["08", "21", "22"]].tolist() == pytest.approx(REFERENCE["eci"], abs=1e-9)
    assert found.complexity.crops["coffee"] == pytest.approx(REFERENCE["pci"], abs=1e-9)
    assert found.density.loc["21", "coffee"] == pytest.approx(REFERENCE["density"], abs=1e-9)
    table = crops.values()
    assert sp.krugman(table.loc["21"], table.sum()) == pytest.approx(REFERENCE["krugman"], abs=1e-9)
    least = 1 / table.shape[1]
    hhi = (ind.hhi(table.loc["21"]) - least) / (1 - least)
    assert hhi == pytest.approx(REFERENCE["hhi"], abs=1e-9)


def test_coffee_in_cusco_and_puno():
    # 113,309.6 of Puno's 4,052,611.946 thousand soles against 3,631,880.511 of 55,826,523.877.
    table = crops.values()
    assert table.loc["21"].sum() == pytest.approx(4_052_611.946)
    expected = (113_309.6 / 4_052_611.946) / (3_631_880.511 / table.to_numpy().sum())
    rows = crops.strengths(Scope(("21",), 2000, 2013))
    coffee = rows.set_index("crop").loc["coffee"]
    assert coffee["lq"] == pytest.approx(expected) and coffee["lq"] < 1
    assert coffee["share"] == pytest.approx(0.02796, abs=5e-6)
    assert coffee["rank"] > 10 and len(rows) == 11  # shown though it is not among the ten
    assert coffee["origin"].startswith("midagri_seia_bd_2024/crop_output_by_department_2023.csv:")
    summary = crops.summary(HERE).set_index("ubigeo")
    assert summary.loc["21", ["coffee_rank", "ranked"]].tolist() == [13, 13]
    assert summary.loc["21", "coffee_national_share"] == pytest.approx(0.06506, abs=5e-6)


def test_the_heaviest_specialisation_is_among_the_strengths():
    # Potato in Cusco is number 12 by quotient, and 37 % of the value.
    rows = crops.strengths(HERE).set_index(["ubigeo", "crop"])
    assert rows.loc[("08", "potato"), "rank"] == 12 and rows.loc[("08", "potato"), "share"] > 0.36
    assert list(rows.loc["08"].index[10:]) == ["potato", "coffee"]
    # Quinoa of Puno: far more at the prices of 2007 than at those of 2023.
    table = crops.values(crops.VALUE_2007)
    mine, country = table.loc["21", "quinoa"] / table.loc["21"].sum(), table.sum()
    expected = mine / (country["quinoa"] / country.sum())
    quinoa = rows.loc[("21", "quinoa")]
    assert quinoa["lq_2007"] == pytest.approx(expected) and expected > 2 * quinoa["lq"]


@pytest.mark.parametrize(
    ("lq", "written"),
    [(0.99986, "<1.00"), (0.9949, "0.99"), (0.995, "<1.00"), (1.0, "1.00"), (1.949, "1.95"),
     (1.95, "2.0"), (14.46, "14.5"), (0.0, "0.00")],
)  # fmt: skip
def test_a_quotient_below_one_reads_below_one(lq, written):
    assert departments.quotient(lq) == written


def test_farm_output_by_hand():
    farm = crops.farm_output().set_index(["ubigeo", "good"])
    # Puno 2016: 2,732.52955 t of alpaca fibre at 18.08053 soles.
    fibre = farm.loc[("21", "alpaca fibre")]
    assert fibre["value_thousand_pen"] == pytest.approx(2732.52955 * 18.08053, rel=1e-6)
    part = fibre["value_thousand_pen"] / farm.loc["21", "value_thousand_pen"].sum()
    assert fibre["share"] == pytest.approx(part) and np.isnan(fibre["pen_per_ha"])
    whole = farm["value_thousand_pen"].sum()
    of_peru = farm.xs("alpaca fibre", level="good")["value_thousand_pen"].sum() / whole
    assert fibre["lq"] == pytest.approx(part / of_peru)
    # Yield times price: tonnes a hectare by soles a tonne, as printed.
    coffee = farm.loc[("08", "coffee")]
    printed = coffee["crop_yield_t_per_ha"] * coffee["crop_price_pen_per_t"]
    assert coffee["pen_per_ha"] == pytest.approx(printed, rel=1e-3)
    # No price: neither a value nor a zero.
    goods = farm.index.get_level_values("good")
    assert not goods.isin(["live ducks", "Caña de azúcar para azúcar"]).any()


def test_fodder_share_by_hand():
    # Alfalfa, oats, barley and the rest of the group in Puno over all its crops.
    expected = 1 - crops.values(fodder=False).loc["21"].sum() / 4_052_611.946
    summary = crops.summary(HERE).set_index("ubigeo")
    assert summary.loc["21", "fodder_share"] == pytest.approx(expected)
    assert expected == pytest.approx(0.439, abs=5e-4)


def test_strengths_leave_small_crops_out_and_the_summary_counts_them():
    rows = crops.strengths(HERE, most=400)
    assert (rows["share"] >= crops.LEAST_OF_REGION).all()
    # Ayacucho's peaches are 0.54 % of its crop value, its dry beans 0.49 %.
    ranks = crops.quotients(Scope(("05",), 2000, 2013)).set_index("crop")["rank"]
    assert ranks[["peach", "bean_dry"]].notna().tolist() == [True, False]
    lq = crops.landscape(least=0).lq.loc["08"]
    cusco = crops.summary(HERE).set_index("ubigeo").loc["08"]
    assert cusco["special"] == (lq >= 1).sum() == 33
    assert cusco["large"] == ((rows["ubigeo"] == "08") & (rows["lq"] >= 1)).sum() == 17
    callao = Scope(("07",), 2000, 2013)
    assert crops.strengths(callao).empty and crops.summary(callao).empty
    with pytest.raises(ParameterError, match="no crops are recorded for Callao"):
        crops.require(callao)
    ordered = crops.quotients(Scope(("21", "07", "08"), 2000, 2013))
    assert list(ordered["ubigeo"].unique()) == ["21", "08"]
    assert ordered[ordered["ubigeo"] == "21"]["lq"].is_monotonic_decreasing


def test_landscape_keeps_to_its_choices():
    ours, every = crops.landscape(), crops.landscape(least=0)
    total = crops.values().sum()
    kept = total.index[total >= 0.0001 * total.sum()]
    assert list(ours.lq) == list(kept) and len(kept) == 136
    # The quotients are of all crops, whichever are left out afterwards.
    assert np.allclose(ours.lq, every.lq[kept])
    strict = crops.landscape(threshold=1.25)
    assert strict.special.equals(ours.lq >= 1.25) and not strict.special.equals(ours.special)
    # Puno: without fodder, 44 % of its crop value is gone, and coffee weighs more.
    without = crops.landscape(fodder=False)
    assert "alfalfa" in ours.lq and "alfalfa" not in without.lq
    assert without.lq.loc["21", "coffee"] > 1.5 * ours.lq.loc["21", "coffee"]


@pytest.mark.parametrize("by", crops.WORTHS)
def test_candidates_and_robustness_are_of_the_same_entries(by):
    here = Scope(("21", "07"), 2000, 2013)
    rows, found = crops.candidates(here, by), crops.robustness(here)
    assert set(found["ubigeo"]) == set(rows["ubigeo"]) == {"21"}  # Callao grows nothing
    land = crops.landscape()

    def entries(land):
        worth = land.complexity.crops if by == "complexity" else crops.value_per_tonne()
        return sp.entries(land.special, land.density, worth, "21")

    best = entries(land).query("is_candidate").index[:10]
    assert rows.loc[rows["is_first"], "crop"].tolist() == list(best)
    assert rows["place"].dropna().tolist()[:10] == list(range(1, 11))
    stay = found[f"stay_{by}"]
    assert rows["stays"].sum() == stay.iloc[1:].sum() and stay.min() < stay.max() == 10
    assert found.loc[0, ["choice", f"of_{by}", f"correlation_{by}"]].tolist() == ["ours", 10, 1]
    # By the next choice the crops that can be entered have other scores; ranks are compared.
    other = crops.landscape(**crops.CHOICES[found.at[1, "choice"]])
    ranks = pd.concat([entries(one)["score"] for one in (land, other)], axis=1).dropna().rank()
    assert found.at[1, f"correlation_{by}"] == pytest.approx(ranks.corr().iloc[0, 1]) != 1
    assert found[f"correlation_{by}"].between(-1, 1).all()
    # Of the row's own crops: without fodder 125, with the smallest 158.
    assert found["crops"].tolist() == [136, 125, 136, 136, 136, 131, 158]
    assert departments.robustness(found)[f"stay_{by}"].iloc[0] == "10 of 10"


def test_candidates_have_their_place_by_the_other_worth():
    ours, theirs = (crops.candidates(HERE, by).set_index(["ubigeo", "crop"]) for by in crops.WORTHS)
    # Kiwicha in Cusco is second by both; alfalfa is first by complexity, and none by value.
    assert ours.loc[("08", "kiwicha"), ["place", "other_place"]].tolist() == [2, 2]
    assert ours.loc[("08", "alfalfa"), "place"] == 1
    assert math.isnan(ours.loc[("08", "alfalfa"), "other_place"])
    places = theirs["place"].reindex(ours.index)
    assert ours["other_place"].equals(places.rename("other_place"))
    lq = crops.landscape(least=0).lq.loc["08", ["fig", "quinoa"]]
    assert ours.loc["08"].loc[["fig", "quinoa"], "lq"].tolist() == lq.tolist()


def test_dots_number_the_best_candidates_and_name_coffee():
    rows = departments.candidates(crops.candidates(HERE)).set_index("ubigeo")
    # Alfalfa 0.83 and kiwicha 0.89 are nearly specialisations, quince is not grown; coffee is one.
    listed = rows.loc["08", "listed"]
    assert listed[listed != ""].tolist()[:3] == ["1 alfalfa*", "2 kiwicha (amaranth)*", "3 quince†"]
    assert set(rows.loc["08", "label"]) == {"", *map(str, range(1, 11))}
    coffee = rows.loc["21"].set_index("key").loc["coffee", ["label", "listed"]]
    assert coffee.tolist() == ["coffee", ""]
    dear = departments.candidates(crops.candidates(HERE, "value")).set_index(["ubigeo", "key"])
    assert dear.loc[("21", "coffee"), "listed"] == "4 coffee"


def test_differences_are_of_every_pair_and_of_the_rest_of_the_country():
    found = crops.differences(Scope(("08", "07", "21"), 2000, 2013))
    assert found["krugman"].is_monotonic_decreasing
    value = found.set_index(["ubigeo", "other"])["krugman"]
    assert set(value.index) == {("21", "rest"), ("08", "rest"), ("08", "21")}
    # x times the country less the region: Puno's distance from all of Peru, itself included, is
    # that from the rest, times the rest's share of Peru's value.
    rest = 1 - 4_052_611.946 / crops.values().to_numpy().sum()
    assert value["21", "rest"] * rest == pytest.approx(REFERENCE["krugman"], abs=1e-6)


def test_districts_of_coffee_by_hand():
    rows = crops.coffee_districts(HERE)
    assert rows.groupby("ubigeo")["share"].sum().tolist() == pytest.approx([1, 1])
    cusco = crops.coffee_concentration(HERE).set_index("ubigeo").loc["08"]
    # Echarate 12,340 t and Yanatile 5,705 t are 64.8 % of 27,843.44 t.
    assert cusco[["districts", "half_in", "province_name"]].tolist() == [15, 2, "La Convención"]
    assert rows["share"].iloc[:2].sum() == pytest.approx(18045 / 27843.44)


def test_half_is_reached_with_the_district_that_makes_it_half(monkeypatch):
    shares = {"05": [48.0, 32, 20], "08": [52.0, 48], "21": [50.0, 30, 20]}
    rows = [(code, share) for code in shares for share in shares[code]]
    table = pd.DataFrame(rows, columns=["ubigeo", "production_t"]).assign(province_name="one")
    table["share"] = table["production_t"] / 100
    monkeypatch.setattr(crops, "coffee_districts", lambda scope: table)
    half_in = crops.coffee_concentration(HERE).set_index("ubigeo")["half_in"]
    assert half_in.to_dict() == {"05": 2, "08": 1, "21": 1}


def test_names_are_those_of_the_language(monkeypatch):
    assert departments.crop("potato") == "potato"
    monkeypatch.setattr(language, "_current", "es")
    table = load("crops")
    assert table["crop"].map(departments.crop).tolist() == table["crop_name_es"].tolist()


def test_a_specialisation_is_shared_with_so_many_others_on_average():
    special = crops.landscape().special.astype(bool)
    own = special.columns[special.loc["08"]]
    others = [int(special[crop].sum()) - 1 for crop in own]
    shared = crops.summary(HERE).set_index("ubigeo").loc["08", "shared_with"]
    assert shared == pytest.approx(sum(others) / len(own))
