"""From tables to series: the preferences between sources, and the headline numbers by hand."""

import statistics

import pandas as pd
import pytest

from valuechains import indicators, select
from valuechains.audit.recompute import Data
from valuechains.core import places
from valuechains.core.errors import DataError, ParameterError
from valuechains.core.scope import Scope
from valuechains.select import coffee, prefer
from valuechains.tables import load

REPORT = Scope(("08", "21"), 2000, 2013)
PRICE = "farm_price_pen_per_kg"
# Yields of the report's table (kg/ha), typed from the document.
CUSCO = [540, 627, 716, 543, 740, 467, 817, 392, 623, 349, 661, 894, 610, 684]
PUNO = [785, 744, 782, 787, 794, 733, 873, 673, 663, 692, 657, 663, 722, 670]


@pytest.fixture(scope="module")
def price():
    return select.wide(select.figures("coffee_regional", PRICE, REPORT), REPORT)


@pytest.fixture(scope="module")
def crop_yield():
    return select.wide(select.figures("coffee_regional", "yield_kg_per_ha", REPORT), REPORT)


def test_puno_has_the_higher_price_in_8_of_14_years(price):
    """2000, 2002, 2006 to 2009, 2012 and 2013, read off the report's table."""
    ahead = indicators.years_ahead(price)
    assert list(ahead.index[ahead == "21"]) == [2000, 2002, 2006, 2007, 2008, 2009, 2012, 2013]
    assert (ahead == "08").sum() == 6


def test_both_swings_of_yield(crop_yield):
    for code, printed in (("08", CUSCO), ("21", PUNO)):
        expected = statistics.stdev(printed) / statistics.mean(printed)
        assert indicators.coefficient_of_variation(crop_yield[code]) == pytest.approx(expected)
    assert statistics.stdev(CUSCO) / statistics.mean(CUSCO) == pytest.approx(0.2474, abs=5e-5)
    assert statistics.stdev(PUNO) / statistics.mean(PUNO) == pytest.approx(0.0900, abs=5e-5)


def test_cuscos_revenue_in_2011(price, crop_yield):
    revenue = price * crop_yield
    assert revenue.loc[2011, "08"] == pytest.approx(8.89 * 894)  # 7,947.66 soles
    split = indicators.revenue_split(price["08"], crop_yield["08"])
    # First to last year: 3.10 × 540 = 1,674.00; 4.23 × 684 = 2,893.32.
    assert split["change"].sum() == pytest.approx(2893.32 - 1674)


def test_report_goes_before_yearbook_before_bulletin():
    scope = Scope(("08",), 2012, 2022)
    rows = select.figures("coffee_regional", PRICE, scope).set_index("year")["source"]
    assert rows[2013] == "report_eu_peru_2016"
    assert rows[2014] == "crofils_minagri_boletin"
    assert rows[2019] == "midagri_anuario_2019"
    assert rows[2015] == rows[2016] == "midagri_anuario_2016"
    assert not {2017, 2018} & set(rows.index)
    wide = select.wide(select.figures("coffee_regional", PRICE, scope), scope)
    assert list(wide.index[wide["08"].isna()]) == [2017, 2018]  # gaps stay gaps


def test_median_needs_five_departments():
    everywhere = select.figures("coffee_regional", PRICE, REPORT, ubigeo=places.codes())
    median = coffee.median(everywhere, REPORT)
    # In 2000 and 2004 only the report's two departments have a price.
    assert list(median.index[median.isna()]) == [2000, 2004]


@pytest.mark.parametrize(("departments", "median"), [(4, None), (5, 3.0)])
def test_a_median_of_four_departments_is_none(departments, median):
    prices = pd.DataFrame({"year": 2001, "value": range(1, departments + 1)})
    found = coffee.median(prices.astype({"value": float}), Scope(("08",), 2001, 2001))
    assert found.dropna().tolist() == ([] if median is None else [median])


def test_the_area_that_production_and_yield_imply():
    # Cusco 2006: 44,848.087 t of the bulletin (row 90) at 817 kg/ha of the report (row 9).
    found = coffee.implied_area(Scope(("08",), 2006, 2006)).iloc[0]
    assert found["area_ha"] == pytest.approx(44_848_087 / 817)
    # The median of its thirteen years is that of 2013: 38,544.7 t (row 203) at 684 kg/ha (row 16).
    assert found["off"] == pytest.approx((44_848_087 / 817) / (38_544_700 / 684) - 1)


def test_coverage_names_years_and_sources():
    scope = Scope(("08",), 2012, 2022)
    rows = coffee.coverage(scope, [PRICE])
    assert rows["years"].tolist() == [
        [2012, 2013], [2014], [2015, 2016, 2019, 2020, 2021, 2022]
    ]  # fmt: skip
    assert list(map(len, rows["sources"])) == [1, 1, 5]  # the yearbooks on one line
    assert set(map(type, rows["sources"])) == {list}  # what the table's CSV writes as words


def test_regions_and_years_without_coffee_are_refused_in_one_line():
    for column, scope, message in (
        ("production_t", (("08", "23"), 2000, 2013), "series for Tacna in 2000–2013; there is"),
        (PRICE, (("08",), 1970, 1980), "series for Cusco in 1970–1980; .* 2000 to 2022"),
        (PRICE, (("12",), 2004, 2004), "series for Junín in 2004; there is Cusco"),  # no prices
    ):
        with pytest.raises(ParameterError, match=f"no coffee {message}"):
            coffee.require(Scope(*scope), column)
    with pytest.raises(ParameterError, match=r"no year of 2001–2003 has coffee of all departments"):
        coffee.require_production(Scope(("08",), 2001, 2003))


def test_ranking_of_2013():
    ranking = coffee.ranking(2013).set_index("ubigeo")
    assert ranking.loc["08", "rank"] == 4
    assert ranking["share"].sum() == pytest.approx(1)
    assert list(ranking.index[:3]) == ["12", "06", "22"]


def test_incomplete_years_have_no_rank():
    table = coffee.ranking(*coffee.full_years(REPORT)).query("ubigeo in ('08', '21')")
    assert table.query("ubigeo == '08'").set_index("year")["rank"].to_dict() == {
        2004: 2, 2006: 3, 2007: 5, 2008: 4, 2009: 5, 2010: 5, 2011: 4, 2012: 4, 2013: 4,
    }  # fmt: skip
    assert table.groupby("year")["share"].sum().max() < 1


def test_a_map_tells_none_from_no_figure():
    grown = coffee.grown(2013).set_index("ubigeo")["value"]
    assert grown["23"] == 0  # Tacna: the yearbooks print zero, the bulletins never name it
    assert "03" not in grown  # Apurímac: in the bulletins of other years, not in this one's
    of_2016 = coffee.grown(2016).set_index("ubigeo")["source"]
    assert of_2016["23"] == "midagri_anuario_2016"  # a zero is of its year's list


def test_national_series_takes_the_newer_release():
    national = coffee.national("production_t").set_index(["publisher", "year"])["value"]
    assert national["FAOSTAT", 2022] == 357346.42
    assert national["FAOSTAT", 1961] == 42643
    fact = prefer.where("coffee_national", "production_t", year=2022)
    assert fact.chosen["value"].tolist() == [357346.42]
    assert fact.rivals[["source", "value"]].values.tolist()[0] == ["faostat_qcl_2025", 358177.68]


def test_largest_partners_end_with_the_rest():
    rows = coffee.largest("exporter", "green coffee", 2013, always="PER")
    assert rows["share"].sum() == pytest.approx(1)
    assert rows["partner_iso3"].tolist()[:3] == ["BRA", "VNM", "COL"] and len(rows) == 6 + 1 + 1
    peru = rows[rows["partner_iso3"] == "PER"].iloc[0]
    assert (round(peru["share"], 4), peru["tone"], peru["rank"]) == (0.0367, "highlight", 9)
    printed = coffee.largest("importer", "coffee, all forms", 2013)
    assert set(printed["partner_iso3"]) == {"USA", "DEU", "FRA", "ITA", "JPN", ""}  # not Europe
    assert printed.iloc[-1]["share"] == pytest.approx(1 - 0.18 - 0.13 - 0.06 - 0.06 - 0.05)


def latest_first(table, sources):
    return dict.fromkeys(sorted(set(sources), reverse=True), 0)


def test_newer_releases_are_preferred_year_by_year(monkeypatch):
    def fake(name):
        table = load(name)
        key = {"coffee_national": "faostat_qcl_2026", "coffee_trade_peru": "faostat_tcl_2025"}[name]
        newer = table[(table["source"] == key) & (table["year"] == 2023)].copy()
        for column in ("production_t", "export_t"):
            if column in newer:
                newer[column] = 1.0
        return pd.concat([newer.assign(source=key[:-4] + "2031"), table], ignore_index=True)

    monkeypatch.setattr(select, "load", fake)
    monkeypatch.setattr(prefer, "_declared", latest_first)
    national = coffee.national("production_t").query("publisher == 'FAOSTAT'").set_index("year")
    # 2023: the new release; 2022 as before.
    assert national.loc[[2022, 2023], "value"].tolist() == [357346.42, 1.0]
    peru = select.shown("coffee_trade_peru", "export_t").set_index("year")
    assert peru.index.is_unique
    assert peru.loc[[2022, 2023], "export_t"].tolist() == [236946.24, 1.0]


def test_official_statistics_on_herds_go_before_a_later_press_report(monkeypatch):
    kinds = {"inei_1994": "official statistics", "efe_2025": "press"}
    names = pd.DataFrame(
        {"source": kinds.keys(), "kind": kinds.values(), "vintage": ["1996", "2025"]}
    )
    monkeypatch.setattr(prefer, "load", {"source_names": names}.__getitem__)
    assert prefer.order("camelid_herds", kinds) == ["inei_1994", "efe_2025"]


def test_a_release_for_few_countries_is_no_list_of_the_worlds(monkeypatch):
    table = load("coffee_trade")
    all_of_it = table[table["source"] == "faostat_tcl_2025"].assign(source="faostat_tcl_2031")
    before = coffee.partners("exporter", "green coffee", 2013)
    monkeypatch.setattr(prefer, "_declared", latest_first)
    for newer, doubled in ((all_of_it[all_of_it["partner_iso3"] == "PER"], 1), (all_of_it, 2)):
        changed = newer.assign(value_usd=doubled * newer["value_usd"])
        both = pd.concat([table, changed], ignore_index=True)
        monkeypatch.setattr(select, "load", lambda name, both=both: both)
        found = coffee.partners("exporter", "green coffee", 2013)
        assert len(found) == len(before)
        assert found["share"].sum() == pytest.approx(1)
        assert found["value_usd"].sum() == pytest.approx(doubled * before["value_usd"].sum())


def test_the_same_fact_has_the_same_source_whoever_asks():
    """The door, a notebook's series, its coverage and the ledger of statements."""
    everywhere = Scope(places.codes(), 2000, 2022)
    shown = select.figures("coffee_regional", PRICE, everywhere)
    covered = coffee.coverage(everywhere, [PRICE]).explode("years")
    for row in shown.sample(40, random_state=1).itertuples():
        fact = prefer.where("coffee_regional", PRICE, ubigeo=row.ubigeo, year=row.year).chosen
        assert fact[["value", "source", "origin"]].to_numpy().tolist() == [list(row[3:])]
        line = covered[(covered["ubigeo"] == row.ubigeo) & (covered["years"] == row.year)]
        assert row.source in line["sources"].item()
        data = Data(load("claims"), "book")
        assert data.figure("coffee_regional", PRICE, ubigeo=row.ubigeo, year=row.year) == row.value
        assert data.sources == {row.source}


def test_people_of_one_year_are_the_same_for_every_notebook():
    """Nearest year, then census before estimate before projection, then the earlier year."""
    for year, nearest, concept, puno in (
        (2000, 2003, "estimate", 1280555),  # 1996 is four years off
        (2005, 2007, "census, counted", 1268441),  # 2003 has an estimate
        (2013, 2012, "estimate or projection", 1377122),
        (2017, 2017, "census, counted plus omitted", 1226936),
        (2030, 2025, "projection, sum of districts", 1199636),
    ):
        people = prefer.whole_list("department_population", "population_persons", year).set_index(
            "ubigeo"
        )
        row = people.loc["21", ["year", "concept", "population_persons"]]
        assert (row.tolist(), len(people)) == ([nearest, concept, puno], 25)
        fact = prefer.where("department_population", ubigeo="21", year=nearest).chosen
        assert fact[["value", "source"]].values.tolist() == [[puno, people.loc["21", "source"]]]


def test_where_tells_the_rule_and_the_rivals():
    fact = prefer.where("coffee_regional", PRICE, ubigeo="08", year=2011)
    order = ["report_eu_peru_2016", "midagri_anuario", "midagri_cifras", "crofils_minagri_boletin"]
    assert fact.rule == {"prefer": order}
    # The report prints 8.89 for Cusco in 2011.
    assert fact.chosen[["value", "origin"]].values.tolist() == [
        [8.89, "report_eu_peru_2016/coffee_price_yield.csv:14"]
    ]
    assert fact.rivals["source"].tolist() == ["crofils_minagri_boletin"]
    side_by_side = prefer.where("coffee_ico", "export_thousand_60kg_bags", year=1990)
    assert side_by_side.rule == {"prefer": "latest"} and side_by_side.rivals.empty
    assert prefer.where("alpaca_national", year=2010).rule == {}


@pytest.mark.parametrize(
    ("table", "key", "message"),
    [
        ("coffee_regionl", {}, "no table 'coffee_regionl' .did you mean coffee_regional"),
        ("coffee_regional", {"ubigeo": "08"}, "several facts .* expected ubigeo, year"),
        ("coffee_regional", {"ubigeo": ["08", "21"], "year": 2011}, "several facts .* expected"),
        ("coffee_regional", {"yeer": 2011}, "no column 'yeer' .did you mean year"),
        ("coffee_regional", {"year": 1990}, "no year 1990; there are 2000, 2001"),
        ("coffee_regional", {"field": "prize", "ubigeo": "08", "year": 2011}, "no figure 'prize'"),
    ],
)
def test_a_fact_that_is_not_there_is_refused_in_one_line(table, key, message):
    with pytest.raises(DataError, match=message) as problem:
        prefer.where(table, **key)
    assert "\n" not in str(problem.value)


def test_a_measure_or_source_that_is_not_there_is_named_with_the_nearest():
    here = Scope(("08",), 2000, 2013)
    for call, message in (
        (lambda: select.figures("coffee_regional", "price", here), "no column 'price'; there are"),
        (lambda: coffee.national("production"), "no column 'production' .did you mean prod"),
        (lambda: prefer.order("coffee_regional", ["faostat_qcl_206"]), "mean faostat_qcl_2026"),
    ):
        with pytest.raises(DataError, match=message):
            call()


def test_the_fall_after_2011_by_hand():
    fall = coffee.fall(2011, 2016).set_index("ubigeo")
    # FAOSTAT: 331,547 t in 2011, 222,047 in 2014; Junín's least is that of 2014, Cusco's of 2015.
    assert fall.loc["00", "change"] == pytest.approx(222047 / 331547 - 1)
    assert fall.loc[["00", "12", "08", "22"], "low_year"].tolist() == [2014, 2014, 2015, 2013]
    assert fall.loc["12", "loss"] == pytest.approx(86519.081 - 30201.766)
    assert fall.loc["10", "loss"] < 0  # Huánuco never fell below 2011
    # The year after counts: Cusco 53,548.4 t in 2011, 40,984.48 t in 2012.
    cusco = coffee.fall(2011, 2012).set_index("ubigeo").loc["08"]
    assert cusco["low_year"] == 2012 and cusco["loss"] == pytest.approx(53548.4 - 40984.48)
    # Who grew none in the first year can't fall: the yearbook of 2019 prints 0 t for Callao (07).
    assert not {"07", "15"} & set(coffee.fall(2019, 2022)["ubigeo"])


def test_baci_is_a_scope_of_its_own():
    peru, buyers = coffee.baci()
    assert peru.loc[[1995, 2011, 2024], "rank"].tolist() == [15, 4, 8]
    assert peru.loc[2024, "export_value_usd"] == 1147.55e6
    # 2024, million US$: 336.14 to the United States and 213.87 to Germany.
    of_2024 = buyers.query("year == 2024").set_index("partner_iso3")["share"]
    assert of_2024[["USA", "DEU"]].tolist() == pytest.approx([336.14 / 1147.55, 213.87 / 1147.55])
