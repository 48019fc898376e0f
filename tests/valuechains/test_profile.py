"""One department beside all others, against figures worked out from the published files."""

import pytest

from valuechains.core.scope import Scope
from valuechains.select import profile


def glance(*codes, end=2025):
    return profile.glance(Scope(codes, 2000, end)).set_index("indicator")


def test_puno_has_most_alpacas_of_those_that_have_any():
    row = glance("21", "08").loc["alpaca_heads"]
    # Yearbook of 2024, C.36: Puno 2,017,990 of 4,545,820; Cusco 677,045; 16 departments with any.
    assert (row["value"], row["peru"], row["rank"], row["n"]) == (2017990, 4545820, 1, 16)
    assert row["year"] == 2024 and row["08"] == 677045


def test_a_figure_is_the_last_one_up_to_the_end_year():
    table = glance("21", end=2012)
    assert table.loc["alpaca_heads", "year"] == 2012
    assert table.loc["poverty_share", "year"] == 2012  # 2011 is another column of its source


def test_poverty_is_not_ranked():
    assert glance("21")["rank"].isna()["poverty_share"]


def test_lima_and_callao_are_counted_together_where_their_source_does():
    lima, callao = glance("15"), glance("07")
    for table in (lima, callao):
        assert table.loc["value_added_per_head", "counted_as"] == "07+15"
    assert lima.loc["value_added_per_head", "value"] == callao.loc["value_added_per_head", "value"]
    assert lima.loc["people", "value"] != callao.loc["people", "value"]
    # The joint area is one of the 22 with a figure of 2025: 25 less one, less Apurímac and Ica.
    assert lima.loc["value_added_per_head", "n"] == 22
    assert lima.loc["people", "n"] == 25


def test_what_is_not_there_is_missing():
    row = glance("07").loc["coffee_yield_kg_per_ha"]
    assert row[["value", "rank"]].isna().all()


@pytest.mark.parametrize("code", ["03", "07", "15", "21"])
def test_shares_of_activities_add_up(code):
    table = profile.activities(Scope((code,), 2000, 2025))
    assert table["share"].sum() == pytest.approx(1) and table["peru_share"].sum() == pytest.approx(
        1
    )
    assert table["lq"].tolist() == pytest.approx((table["share"] / table["peru_share"]).tolist())
    assert len(table) == 11
