"""Camelids and fibre: which count is shown, and what follows from printed heads and shares."""

import pytest

from valuechains.core.errors import ParameterError
from valuechains.core.scope import Scope
from valuechains.report import with_bounds
from valuechains.select import camelids, prefer

REPORT = Scope(("08", "21"), 2000, 2013)


def herd(species, *years, region="21"):
    return camelids.herd(species, Scope((region,), *years)).set_index("ubigeo")


def test_vicuna_heads_implied_by_the_shares():
    table = herd("vicuna", 2000, 2013)
    assert set(table["count_name"]) == {"CONACS 2000"} and set(table["total"]) == {118678}
    # 34, 15.3 and 14.9 % of 118,678.
    assert table["heads"].round().to_dict() == {"05": 40351, "21": 18158, "15": 17683}
    assert table["is_implied"].all()


def test_alpaca_shares_of_puno_by_source():
    rows = camelids.published_shares("alpaca", ("21",)).set_index(["count_name", "is_computed"])[
        "share"
    ]
    assert rows["CONACS 2004", False] == 0.59
    assert rows["SPAR 2010", False] == 0.5215
    assert rows["CENAGRO 2012", False] == 0.396
    assert rows["CENAGRO 2012", True] == pytest.approx(1459903 / 3685516)


def test_printed_heads_go_before_a_share():
    table = herd("alpaca", 2000, 2013)
    assert table.loc["05", "heads"] == 230910
    assert table.loc["05", "share"] == pytest.approx(230910 / 3685516)
    assert table.loc["03", "is_implied"]
    assert table.loc["03", "heads"] == pytest.approx(0.059 * 3685516)


def test_bounds_of_the_latest_count():
    table = herd("vicuna", 2014, 2025)
    assert table.loc["21", ["heads", "bound"]].tolist() == [50000, "more_than"]
    assert table["share"].isna().all()  # the national figure is itself a bound
    assert "more than 50,000" in with_bounds(table["heads"], table["bound"])
    assert camelids.summary(table.reset_index())["total_bound"].tolist() == ["more_than"]


@pytest.mark.parametrize(
    ("species", "years", "found"),
    [
        # Inside 2005 to 2012 only Áncash's 435 vicuñas were found: a single figure ranks nobody.
        ("vicuna", (2005, 2012), 2000),
        ("vicuna", (2001, 2022), 2000),
        # No count inside the years: the nearest.
        ("llama", (2006, 2010), 2004),
    ],
)
def test_the_fullest_count_or_the_nearest(species, years, found):
    assert set(herd(species, *years)["year"]) == {found}


def test_every_figure_of_a_region_is_listed():
    rows = camelids.published(Scope(("15",), 2012, 2013))
    assert with_bounds(rows["heads"], rows["bound"]) == ["40,909", ""]
    assert rows["share_printed_pct"].tolist()[1] == 14.9
    llamas = camelids.published(Scope(("12",), 2012, 2013)).query("species == 'llama'")
    assert llamas[["region", "ubigeo", "share_printed_pct"]].values.tolist() == [
        ["12", "08+09+12+21", 77.47]
    ]


def test_joint_figures_keep_their_codes_and_contain_their_departments():
    table = camelids.herd("llama", REPORT)
    assert table["ubigeo"].tolist() == ["08+09+12+21", "21"]
    assert table["heads"].tolist() == pytest.approx([0.7747 * 1006614, 0.357 * 1006614])
    summary = camelids.summary(table).iloc[0]
    assert summary[["figures", "total"]].tolist() == [2, 1006614]


def test_a_count_without_a_national_figure_is_summed_up_too():
    # The agricultural census of 1994, as quoted: Puno and Huancavelica, no figure for Peru.
    summary = camelids.summary(camelids.herd("alpaca", Scope(("21",), 1994, 1994)))
    assert summary[["count_name", "figures"]].to_numpy().tolist() == [["CENAGRO 1994", 2]]
    assert summary["total"].isna().all()


def test_regions_without_camelids_are_refused():
    with pytest.raises(ParameterError, match="no camelid figure for Tumbes; there is Áncash"):
        camelids.require(Scope(("24",), 2000, 2013))
    camelids.require(Scope(("12",), 2000, 2013))  # Junín: part of a joint figure


def test_people_are_those_of_the_nearest_full_list():
    # 2012: the estimate of that year; 2008: the census of 2007; 2018: 2017 has two censuses;
    # 2005: the census of 2007, as near as the estimates of 2003.
    for year, found in ((2012, 2012), (2008, 2007), (2018, 2017), (1950, 1993), (2005, 2007)):
        table = prefer.whole_list("department_population", "population_persons", year)
        assert len(table) == 25 and set(table["year"]) == {found}
    assert set(
        prefer.whole_list("department_population", "population_persons", 2008)["concept"]
    ) == {"census, counted"}
    assert set(
        prefer.whole_list("department_population", "population_persons", 2018)["concept"]
    ) == {"census, counted plus omitted"}


def test_every_figure_on_exports_is_a_total_or_a_part():
    # 12 totals, and three of all products that are printed as a product.
    exports = camelids.exports()
    parts = exports["breakdown"].value_counts().to_dict()
    assert parts == {
        "product": 23, "total": 15, "destination": 12, "department": 7, "company": 3,
    }  # fmt: skip
    assert (
        exports.query("scope == 'camelid chain' and breakdown == 'total'")["value_musd"].item()
        == 140
    )
    # Arequipa, January to May 2024 and 2025: of the totals of the same months.
    arequipa = exports.query("item == 'Arequipa'")["share"].tolist()
    assert arequipa == pytest.approx([74.3 / 89, 74 / 88.85])
    # A printed share stays, one without a total is missing; dollars a kilogram need tonnes.
    china = exports.query("item == 'China'")["share"].round(3).tolist()
    assert str(china[0]) == "nan" and china[1:] == [0.703, 0.331, 0.334]
    prices = exports["usd_per_kg"].dropna().tolist()
    assert prices == pytest.approx([166599 / 6500, 99600 / 5978.857, 4600 / 14.887])


def test_stages_and_what_is_left_add_up_to_what_is_printed():
    stages = camelids.stages().set_index(["period", "scope", "item"])["value_musd"]
    groups = stages.groupby(["period", "scope"]).sum().unstack("period").round(3)
    assert groups.loc["raw material"].tolist() == [31.932, 46.805, 52.494]  # 67.108 less 35.176
    assert groups.loc["value added"].tolist() == [35.176, 42.197, 36.356]
    # 2024: 42,197 less the 41,528 of seven products; 2023 names no stage.
    assert stages["2024-01/2024-05", "value added", "not itemised"] == pytest.approx(0.669)
    assert stages["2023-01/2023-05"].index.get_level_values("item").unique() == ["not itemised"]
    assert camelids.stages().groupby("period")["share"].sum().tolist() == pytest.approx([1, 1, 1])


def test_fibre_by_hand():
    price = camelids.quality().set_index("fibre_name")
    assert price.loc["Alpaca Baby", ["fineness_um", "over_cashmere"]].tolist() == [22.5, 14 / 80]
    assert set(price.index[price["is_camelid"]]) == {
        "Vicuña", "Alpaca Baby", "Alpaca Suri", "Super-thin Alpaca",
    }  # fmt: skip


def test_the_yearbooks_herds_of_the_first_and_last_year():
    # Livestock yearbook of 2024, C.36, and of 2021 for 2005: Puno 1,986,790 of 3,594,515 alpacas
    # in 2005; 2,017,990 of 4,545,820 in 2024.
    change = camelids.change("alpaca", Scope(("21",), 2000, 2025)).set_index("ubigeo")
    assert change["share"].sum() == pytest.approx(1) and change["points"].sum() == pytest.approx(0)
    assert change.loc["21", ["value_first", "value"]].tolist() == [1986790, 2017990]
    assert change.loc["21", "share_first"] == pytest.approx(1986790 / 3594515, abs=1e-4)
    # From 55.3 to 44.4 % of Peru's.
    assert change.loc["21", "points"] == pytest.approx(-10.9, abs=0.05)
    assert (change.loc["21", "first"], change.loc["21", "last"]) == (2005, 2024)
    assert camelids.change("alpaca", Scope(("21",), 1990, 2005)).empty
    assert len(change) == 16  # of 24 departments in the yearbook; the others had none in both years
    fibre = camelids.change("alpaca", Scope(("21",), 2000, 2013), "fibre_t").set_index("ubigeo")
    assert fibre.loc["21", ["value_first", "value"]].tolist() == [2370, 2707]
    # Áncash printed 10 t in 2005 and a dash in 2013, which is no zero.
    assert fibre.loc["02", ["value_first", "value"]].isna().tolist() == [False, True]


def test_fibre_of_the_last_year_with_the_country_beside_it():
    fibre = camelids.fibre_by_department(Scope(("21",), 2000, 2025)).set_index("ubigeo")
    # 2024: Puno 2,754 t of Peru's 4,615 t.
    assert fibre.loc["21", "fibre_t"] == pytest.approx(2754.163, abs=1e-3)
    assert fibre["share"].sum() == pytest.approx(1)
    puno = fibre.loc["21"]
    assert puno["kg_per_shorn"] == pytest.approx(1000 * puno["fibre_t"] / puno["shorn_heads"])


def test_a_kilogram_of_vicuna_costs_many_times_what_other_fibres_cost():
    over = camelids.quality().set_index("fibre_name")["vicuna_over"]
    assert over["Vicuña"] == 1
    assert over["Alpaca Baby"] == pytest.approx(850 / 14)  # US$ per kg, as printed
