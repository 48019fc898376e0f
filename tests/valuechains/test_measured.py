"""Competitive gaps beside measured indicators."""

import pandas as pd
import pytest

from valuechains.core.scope import Scope
from valuechains.select import gaps

CUSCO_PUNO = gaps.measured(Scope(("08", "21"), 2000, 2013)).set_index(["indicator", "ubigeo"])


def test_figures_are_those_of_the_sources_near_2013_and_last():
    """Yield: report 2013 and yearbook 2022. Fibre a shorn animal: tonnes over heads, yearbooks."""
    yields = CUSCO_PUNO.loc[("coffee_yield", "08")]
    assert (yields["year_before"], yields["before"], yields["year_after"]) == (2013, 684, 2022)
    assert yields["moved"] == -1
    exports = CUSCO_PUNO.loc[("value_added_exports", "00")]
    assert round(exports["before"], 9) == round(35176 / 67108, 9)
    assert round(exports["after"], 9) == round(36356 / 88850, 9)
    assert exports["moved"] == -1


def test_a_farm_price_over_the_world_price_and_fibre_of_a_shorn_alpaca_by_hand():
    """Report: 4.23 S/kg; Pink Sheet 3.076 USD/kg at 2.7019 S/USD; 2,707 t from 1,543,890 shorn."""
    price = CUSCO_PUNO.loc[("farm_over_world_price", "08")]
    assert price["year_before"] == 2013
    assert price["before"] == pytest.approx(4.23 / 3.076 / 2.7019, abs=1e-6)
    # Puno's prices of 2012 and 2013, above 80% of the world price, are doubtful: no place to begin.
    assert CUSCO_PUNO.loc[("farm_over_world_price", "21"), "year_before"] == 2014
    fibre = CUSCO_PUNO.loc[("fibre_per_shorn_alpaca", "21")]
    assert (fibre["year_before"], fibre["before"]) == (2013, 1000 * 2707 / 1543890)


def test_fewer_poor_people_are_better_and_a_band_is_no_change():
    poor = CUSCO_PUNO.loc[("poverty", "21"), ["before", "after", "moved"]]
    assert poor.to_list() == [0.3, 0.3, 0]
    amazonas = gaps.measured(Scope(("01",), 2000, 2013)).set_index("indicator").loc["poverty"]
    assert amazonas["after"] < amazonas["before"] and amazonas["moved"] == 1


def test_a_region_without_figures_and_one_with_a_single_year():
    table = gaps.measured(Scope(("06", "07"), 2000, 2013)).set_index(["indicator", "ubigeo"])
    assert pd.isna(table.loc[("coffee_yield", "07"), "before"])
    once = table.loc[("fibre_per_shorn_alpaca", "06")]
    assert pd.notna(once["before"]) and pd.isna(once["after"]) and pd.isna(once["moved"])


def test_every_step_of_the_road_map_has_a_figure_or_says_what_is_needed():
    table = gaps.steps(Scope(("08", "21"), 2000, 2013))
    assert len(table[["path", "item_number"]].drop_duplicates()) == 9
    needed = table[table["indicator"].isna()]
    assert len(needed) == 6 and needed["before"].isna().all() and needed["ubigeo"].isna().all()
    # Peru's 764.09 of 19,824.52 million dollars of green coffee in 2013 (BACI, all added up).
    coffee = table[table["indicator"] == "coffee_world_share"].iloc[0]
    assert coffee["before"] == pytest.approx(764.09 / 19824.52) and coffee["moved"] == -1
