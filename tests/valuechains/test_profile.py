"""One department beside all others, against figures worked out from the published files."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuechains import indicators
from valuechains.core.errors import ParameterError
from valuechains.core.scope import Scope
from valuechains.report import departments
from valuechains.select import accounts, economies


def glance(*codes, end=2025):
    return economies.glance(Scope(codes, 2000, end)).set_index("indicator")


def test_puno_by_hand():
    table = glance("21", "08")
    row = table.loc["alpaca_heads"]
    # Yearbook of 2024, C.36: Puno 2,017,990 of 4,545,820; Cusco 677,045; 16 departments with any.
    assert (row["value"], row["peru"], row["rank"], row["n"]) == (2017990, 4545820, 1, 16)
    assert row["year"] == 2024 and row["08"] == 677045
    assert pd.isna(table.loc["poverty_share", "rank"])  # not ranked
    drawn = economies.through_time(Scope(("21",), 2010, 2025), ["poverty_share"])
    assert set(drawn["bound"]) == {"about"}  # so that no mark tells a rank
    # The last one up to the end year; in its source 2011 is another column.
    years = glance("21", end=2012)["year"]
    assert years[["alpaca_heads", "poverty_share"]].tolist() == [2012, 2012]


@pytest.mark.parametrize(("least", "is_ranked"), [(16, True), (17, False)])
def test_a_rank_and_a_median_are_of_so_many_departments(monkeypatch, least, is_ranked):
    monkeypatch.setattr(economies, "LEAST", least)  # 16 departments have alpacas
    assert glance("21").loc["alpaca_heads", ["rank", "median"]].notna().tolist() == [is_ranked] * 2


def test_lima_and_callao_are_counted_together_where_their_source_does():
    lima, callao = glance("15"), glance("07")
    for table in (lima, callao):
        assert table.loc["value_added_per_head", "counted_as"] == "07+15"
    assert lima.loc["value_added_per_head", "value"] == callao.loc["value_added_per_head", "value"]
    assert lima.loc["people", "value"] != callao.loc["people", "value"]
    # The joint area is one of the 22 with a figure of 2025: 25 less one, less Apurímac and Ica.
    assert lima.loc["value_added_per_head", "n"] == 22
    assert lima.loc["people", "n"] == 25
    assert callao.loc["coffee_yield_kg_per_ha", ["value", "rank"]].isna().all()


def test_the_poor_are_written_in_bands():
    # 2024: 27.07 % in Ucayali, 26.325 % in the median department, and no sampling error.
    table = departments.of_each(glance("25").reset_index(), "indicator").set_index("indicator")
    poor = table.loc["poverty_share"]
    assert [poor["spec"](poor[name]) for name in ("value", "median")] == ["20 to 30%"] * 2


@pytest.mark.parametrize("code", ["03", "07", "15", "21"])
def test_shares_of_activities_add_up(code):
    table = accounts.structure(Scope((code,), 2000, 2025))
    for column in ("share", "share_first", "peru_share"):
        assert table[column].sum() == pytest.approx(1)
    assert len(table) == 11
    assert accounts.structure(Scope((code,), 2000, 2004)).empty  # before there are accounts


AMOUNTS = st.lists(st.floats(1, 1e6), min_size=8, max_size=8)


@given(AMOUNTS, AMOUNTS)
def test_shift_share_adds_up(before, after):
    before, after = pd.Series(before), pd.Series(after)
    own = (before[:4], after[:4])
    whole = [pd.Series(x[:4].to_numpy() + x[4:].to_numpy()) for x in (before, after)]
    parts = indicators.shift_share(*own, *whole)
    together = parts[["national", "mix", "own"]].sum(axis=1)
    assert together.tolist() == pytest.approx((own[1] - own[0]).tolist(), rel=1e-6, abs=1e-3)
    # A country is its own measure: it has no mix and nothing of its own, in sum.
    assert indicators.shift_share(*whole, *whole)[["mix", "own"]].sum().tolist() == pytest.approx(
        [0, 0], abs=1e-2
    )


def test_cusco_grew_by_what_is_its_own():
    row = accounts.growth(Scope(("08",), 2000, 2013)).iloc[0]
    # INEI, prices of 2007, thousand soles: Cusco and Peru in 2007 and 2013.
    cusco, peru = 20_708_699 / 10_913_725, 413_533_783 / 293_189_822
    assert (row["first"], row["last"]) == (2007, 2013)
    assert row["growth"] == pytest.approx(cusco - 1)
    assert row["national"] == pytest.approx(peru - 1, rel=1e-6)
    assert row["a_year"] == pytest.approx((cusco) ** (1 / 6) - 1)
    # INEI's people of the two years: 1,214,667 and 1,244,174; Peru 28,122,158 and 29,341,346.
    per_head, peru_per_head = cusco * 1_214_667 / 1_244_174, peru * 28_122_158 / 29_341_346
    assert row["per_head_a_year"] == pytest.approx(per_head ** (1 / 6) - 1)
    assert row["peru_per_head_a_year"] == pytest.approx(peru_per_head ** (1 / 6) - 1, rel=1e-6)


def test_growth_needs_two_years_of_accounts():
    accounts.require(Scope(("08",), 2000, 2008))
    said = "no value added of Cusco in two years of 2000–2007; there are 2007 to 2025"
    with pytest.raises(ParameterError, match=said):
        accounts.require(Scope(("08",), 2000, 2007))


def test_the_economies_in_short_by_hand():
    table = accounts.in_short(Scope(("08", "21"), 2000, 2013)).set_index("ubigeo")
    structure = accounts.structure(Scope(("08", "21"), 2000, 2013))
    puno = structure[structure["ubigeo"] == "21"].set_index("activity")
    assert puno["share"].idxmax() == accounts.REST and table.loc["21", "largest"] == "agriculture"
    assert table.loc["21", "share"] == puno.loc["agriculture", "share"]
    assert accounts.in_short(Scope(("08",), 2000, 2007)).empty  # one year of accounts


def test_report_sectors_beside_inei_are_of_one_year_and_activity():
    table = accounts.beside_report(Scope(("08", "21"), 2000, 2013)).set_index("item")
    # Cusco 2011 alone has shares of GDP: mining 22.4 % as printed.
    assert set(table["ubigeo"]) == {"08"} and set(table["year"]) == {2011}
    assert table.loc["mining and hydrocarbons", "reported"] == pytest.approx(0.224)
    assert table.loc["mining and hydrocarbons", "share"] == pytest.approx(0.452669, abs=1e-6)
