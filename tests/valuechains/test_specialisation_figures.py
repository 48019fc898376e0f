"""What the figures of specialisation show: candidates, people, densities."""

import pytest

from valuechains.core.scope import Scope
from valuechains.select import camelids as herds
from valuechains.select import crops

SOURCE = ["midagri_seia_bd_2024"]


def test_dots_number_the_best_candidates_and_name_coffee():
    land = crops.landscape()
    found, lq = crops.candidates(land, "08"), land.lq.loc["08"]
    dots = crops.dots(found, lq, 3)
    # Alfalfa 0.83 and kiwicha 0.89 are nearly specialisations, quince is not grown; coffee is one.
    assert dots.loc[dots["key"] != "", "key"].tolist() == [
        "1 alfalfa*", "2 kiwicha (amaranth)*", "3 quince",
    ]  # fmt: skip
    assert set(dots["label"]) == {"", "1", "2", "3"}
    assert dots["strong"].sum() == found["is_candidate"].sum()
    dots = crops.dots(crops.candidates(land, "21"), land.lq.loc["21"], 3)
    assert dots.loc["coffee", ["label", "key"]].tolist() == ["coffee", ""]
    dear = crops.candidates(land, "21", crops.value_per_tonne())
    assert crops.dots(dear, land.lq.loc["21"]).loc["coffee", "key"] == "4 coffee"


def test_people_are_those_of_the_nearest_full_list():
    # 2012: the estimate of that year; 2008: the census of 2007; 2018: 2017 has two censuses;
    # 2005: the census of 2007, as near as the estimates of 2003.
    for year, found in ((2012, 2012), (2008, 2007), (2018, 2017), (1950, 1993), (2005, 2007)):
        table = herds.population(year)
        assert len(table) == 25 and set(table["year"]) == {found}
    assert set(herds.population(2008)["concept"]) == {"census, counted"}
    assert set(herds.population(2018)["concept"]) == {"census, counted"}


def test_densities_by_hand():
    # Puno, CENAGRO 2012: 1,459,903 alpacas; 1,377,122 people in 2012, 66,997 km² (CEPLAN).
    one = herds.densities(herds.herd("alpaca", Scope(("21",), 2000, 2013))).set_index("ubigeo")
    assert one.loc["21", "heads_per_thousand"] == pytest.approx(1000 * 1_459_903 / 1_377_122)
    assert one.loc["21", "written"] == "1,459,903"
    assert one.loc["21", "heads_per_km2"] == pytest.approx(1_459_903 / 66_997, rel=1e-3)
    llamas = herds.densities(herds.herd("llama", Scope(("21",), 2000, 2013)))
    assert not llamas["ubigeo"].str.contains("+", regex=False).any()
    # 35.7 % of 1,006,614 is 359,361: three figures, as the share has.
    assert llamas.set_index("ubigeo").loc["21", "written"] == "about 359,000"
    # UNIDO's shares of 2010 are of no total: no heads, no density.
    assert herds.densities(herds.herd("alpaca", Scope(("04",), 2010, 2011))).empty


def test_heads_and_share_of_one_count_that_do_not_fit():
    # Ayacucho: 230,910 heads printed; 2.8 % of 3,685,516 is 103,194. Arequipa's 12.7 % fits.
    here = Scope(("21",), 2000, 2013)
    found = herds.contradictions("alpaca", herds.herd("alpaca", here))
    assert found["ubigeo"].tolist() == ["05"]
    assert found["heads"].item() == 230_910 and found["share"].item() == pytest.approx(0.028)
    assert found["implied_heads"].item() == pytest.approx(103_194.4, abs=0.1)
    assert herds.contradictions("vicuna", herds.herd("vicuna", here)).empty
