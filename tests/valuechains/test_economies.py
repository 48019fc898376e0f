"""Departments compared: what the sources say, typed from them, and the rules that choose."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuechains import plot
from valuechains.core import places
from valuechains.core.scope import Scope
from valuechains.select import economies, structure
from valuechains.tables import load

HERE = Scope(("08", "21"), 2000, 2013)

# Chapter 5 of the report, sections 5.2 and 5.3, in the order of its sentences.
SHARES = {
    ("08", "territory by zone"): [21, 23, 56],
    ("08", "GDP by sector"): [22.4, 14.5, 11, 10.7, 8.6],
    ("08", "labour by sector"): [53.9, 27.3],
    ("21", "labour by sector"): [49.5, 14.4, 8.1, 6.7, 3, 18.3],
    ("21", "people by province"): [17.27, 16.48],
}
# Section 5.1.
RANKS = {61, 99, 135, 128, 122, 118}


def statistics():
    return load("report_statistics")


def test_shares_of_the_report_and_what_they_add_up_to():
    rows = statistics()
    for (code, topic), printed in SHARES.items():
        found = rows[(rows["ubigeo"] == code) & (rows["topic"] == topic)]["value"]
        assert sorted(found) == sorted(printed)
    # 22.4 + 14.5 + 11 + 10.7 + 8.6 = 67.2; 53.9 + 27.3 = 81.2; Puno's six make the whole.
    sums = rows[rows["unit"] == "pct"].groupby(["ubigeo", "topic"])["value"].sum()
    assert sums["08", "GDP by sector"] == pytest.approx(67.2)
    assert sums["08", "labour by sector"] == pytest.approx(81.2)
    assert sums["21", "labour by sector"] == pytest.approx(100)
    assert sums["08", "territory by zone"] == 100


def test_national_context_of_the_report():
    rows = statistics()
    assert set(rows.loc[rows["unit"] == "place", "value"]) == RANKS | {8}
    spent = rows[rows["topic"] == "research and development over GDP"].set_index("item")["value"]
    assert spent.to_dict() == {"Peru": 0.15, "Brazil": 0.9, "China": 0.65}
    places = rows[rows["topic"] == "export destination"]
    assert len(places) == 6 and places["value"].isna().all()
    puno = rows[rows["ubigeo"] == "21"].set_index("item")
    assert puno.loc["GDP", ["value", "bound", "unit"]].tolist() == [3.75e9, "more_than", "PEN"]
    assert puno.loc["labour force", ["value", "bound"]].tolist() == [800000, "about"]


def test_poverty_says_what_its_figures_are():
    rows = load("department_poverty")
    middle = rows[rows["figure_kind"] == "group midpoint"]
    assert middle["poverty_low_pct"].isna().all() and middle["poverty_high_pct"].isna().all()
    interval = rows[rows["figure_kind"] == "group interval"]
    assert interval["poverty_midpoint_pct"].isna().all()
    # Amazonas, Áncash, Apurímac, Callao, Cusco, Junín, La Libertad, Loreto, Piura, Tumbes.
    found = structure.poverty(HERE)
    total = found[found["measure"] == "Total poverty, middle of the group"].set_index("ubigeo")
    assert total.loc["08", ["low", "high", "departments"]].tolist() == [0.3295, 0.3295, 10]
    extreme = found[found["measure"] == "Extreme poverty, interval of the group"]
    # 2013 lies inside the source's years and is the scope's last.
    assert set(extreme["year"]) == {2013}
    assert extreme.set_index("ubigeo").loc["21", ["low", "high"]].tolist() == [0.057, 0.075]


def test_lima_has_the_figures_of_its_two_parts():
    found = structure.poverty(Scope(("15",), 2000, 2013))
    assert sorted(found["place"]) == ["", "", "Provincia de Lima", "Región Lima"]


def test_puno_borders_on_what_the_report_names():
    # 5.3: Madre de Dios, Tacna, Moquegua, Arequipa and Cuzco (Bolivia is no department).
    around = plot.neighbours(places.codes())
    assert {places.name(code) for code in around["21"]} == {
        "Madre de Dios", "Tacna", "Moquegua", "Arequipa", "Cusco",
    }  # fmt: skip
    assert all(code in around[other] for code in around for other in around[code])
    assert around["07"] == ["15"]


@given(st.lists(st.integers(1960, 2030), min_size=1), st.integers(1960, 2030))
def test_nearest_year_is_one_of_them_and_none_is_nearer(years, wanted):
    found = structure.nearest(years, wanted)
    assert found in years
    away = abs(found - wanted)
    assert all(abs(year - wanted) >= away for year in years)
    assert not (found > wanted and 2 * wanted - found in years)


@pytest.mark.parametrize(
    ("end", "year", "concept", "cusco"),
    [
        (2013, 2012, "estimate or projection", 1292175),
        (2016, 2017, "census, counted plus omitted", 1315220),
        (1965, 1993, "census, counted", 1028763),
        (2030, 2025, "projection, sum of districts", 1406165),
    ],
)
def test_people_are_of_one_complete_list(end, year, concept, cusco):
    facts = {fact.label: fact for fact in economies.facts(Scope(("08",), 1960, end))}
    people = facts[f"People: {concept}"]
    assert (people.year, people.values["08"]) == (year, cusco)
    assert len(people.values) == 25 and people.peru == people.values.sum()


def test_facts_worked_out_by_hand():
    facts = {fact.label: fact for fact in economies.facts(HERE)}
    # 1,292,175 people of 2012 on 71,986.5 km².
    assert facts["People per km²"].values["08"] == pytest.approx(17.950, abs=5e-4)
    # 865,771 urban and 449,449 rural; Peru 25,579,018 and 5,658,371.
    urban = facts["Urban people, with those missed"]
    assert urban.values["08"] == pytest.approx(865771 / 1315220)
    assert urban.peru == pytest.approx(25579018 / 31237389)
    # Fifth and sixth of ten: Moquegua, 119,809 soles or 423.65 %; Callao, 40,037 or 141.57 %.
    middle = (119809 / 4.2365 + 40037 / 1.4157) / 2
    assert facts["GDP per head, S/"].peru == pytest.approx(middle, abs=1e-6)
    assert "21" not in facts["GDP per head, S/"].values
    # The province of Lima is listed, the department is not.
    assert "15" not in facts["GDP per head, S/"].values
    assert facts["Human development index"].values[["08", "21"]].tolist() == [0.4434, 0.3942]
    assert facts["Agricultural producers in the register"].peru == 2030290


def test_profile_takes_no_difference_of_poverty_nor_of_three():
    two = economies.profile(HERE).set_index("indicator")
    assert two.loc["Human development index", ["year", "08", "21", "difference"]].tolist() == [
        "2012", "0.443", "0.394", "+0.049",
    ]  # fmt: skip
    # 0.81965 less 0.89808.
    assert two.loc["Informal work", "difference"] == "−7.8 pp"
    assert two.loc["GDP per head, S/", ["08", "21", "difference"]].tolist() == ["35,862", "", ""]
    poverty = two[two.index.str.contains("poverty")]
    assert len(poverty) == 3
    assert (poverty[["difference", "peru", "median"]] == "").all(axis=None)
    assert poverty["08"].tolist() == ["1.5–2.6%", "7.30%", "32.95%"]
    three = economies.profile(Scope(("08", "21", "15"), 2000, 2013))
    assert (three["difference"] == "").all()
    assert "Provincia de Lima 0.0–0.3%; Región Lima 1.5–2.6%" in set(three["15"])


def test_sources_that_disagree_stand_side_by_side():
    found = economies.disagreements(HERE)
    provinces = found[(found["fact"] == "Provinces") & (found["08"] != "")]
    provinces = provinces.set_index("source")["08"]
    assert provinces.pop("EU–Peru report 2016") == "3"
    assert len(provinces) == 1 and set(provinces) == {"13"}
    # All sources agree on Puno's.
    assert "Provinces" not in set(economies.disagreements(Scope(("21",), 2000, 2013))["fact"])
    income = found[found["fact"] == "Income, S/ a month"]
    assert income[["08", "21"]].to_numpy().tolist() == [["553", "426"], ["786", "567"]]
    # 865,771 of 1,315,220 in the census file, 0.598293 in the survey of the same year.
    urban = found[found["fact"] == "Urban people"]
    assert urban[["year", "08"]].to_numpy().tolist() == [["2017", "65.8%"], ["2017", "59.8%"]]
    districts = found[found["fact"] == "Districts"].set_index("year")
    assert districts.loc["2007", ["08", "21"]].tolist() == ["108", "109"]
    assert districts.loc["2022, 2025", ["08", "21"]].tolist() == ["116", "110"]
    # INEI's first figures of growth name neither; of Junín there are two.
    assert "Growth of GDP" not in set(found["fact"])
    growth = economies.disagreements(Scope(("12",), 2000, 2013))
    assert growth.loc[growth["fact"] == "Growth of GDP", "12"].tolist() == ["16.8%", "16.3%"]


def test_people_by_district_fall_in_classes_with_their_lower_limit(monkeypatch):
    districts = pd.DataFrame(
        {
            "ubigeo": ["08", "08", "08", "21", "21"],
            "poverty_midpoint_pct": [19.95, 20.0, 60.0, 0.0, 100.0],
            "population_persons": [1, 2, 7, 15, 5],
        }
    )
    monkeypatch.setattr(structure, "load", lambda name: districts)
    table = structure.by_district(HERE)
    assert table.loc["08"].tolist() == [0.1, 0.2, 0, 0.7]
    assert table.loc["21"].tolist() == [0.75, 0, 0, 0.25]
    # (1 + 15, 2, 0, 7 + 5) of 30.
    assert table.loc["00"].tolist() == pytest.approx([16 / 30, 2 / 30, 0, 12 / 30])


def test_low_ends_make_fewer_poor_districts_than_high_ends():
    low, middle, high = (
        structure.by_district(HERE, f"poverty_{end}_pct")[[60, 100]].sum(axis=1)
        for end in ("low", "midpoint", "high")
    )
    assert (low <= middle).all() and (middle <= high).all() and (low < high).all()


def test_accounts_are_shares_or_an_index_and_end_with_what_was_measured():
    found = structure.accounts(HERE)
    gdp, source = found["GDP, share of Peru"]
    assert source == "inei_puno_pbi"
    assert gdp.loc[1970, "21"] == pytest.approx(55.767 / 2518.595)
    mining, _ = found["Mining, share of Peru"]
    assert mining.index[-1] == 1995 and mining.loc[1990, "08"] == pytest.approx(0.02731, abs=5e-6)
    made, _ = found["Manufacturing, 2007 = 100"]
    assert (made.loc[2007] == 100).all()
    assert made.loc[2016, "08"] == pytest.approx(100 * 1107939 / 1284624)
    assert structure.accounts(Scope(("24",), 2000, 2013)) == {}


def test_the_shares_of_1996_only_repeat_those_of_1995():
    rows = load("department_economy")
    rows = rows[rows["source"].isin(["inei_9_48", "inei_9_60"])]
    wide = rows.pivot(index=["activity", "ubigeo"], columns="year", values="value")
    share = wide / wide.xs("00", level="ubigeo").reindex(wide.index, level="activity")
    assert (share[1996] - share[1995]).abs().max() < 1e-6 < (share[1995] - share[1994]).abs().max()


def test_sectors_and_zones_name_what_is_left_out():
    sectors = structure.sectors(HERE, {"08": "blue", "21": "red"})
    rest = sectors[sectors["label"] == "not named"].set_index("group")["value"]
    # 100 − 67.2 and 100 − 81.2; Puno's labour is complete.
    assert rest.round(6).to_dict() == {"Cusco, GDP, 2011": 0.328, "Cusco, work, 2011": 0.188}
    zones = structure.zones(HERE)
    assert list(zones) == ["08"]
    assert zones["08"].sum(axis=1).tolist() == pytest.approx([1, 1])
    assert zones["08"].loc["People", "not given"] == 0.82
    elsewhere = Scope(("07", "24"), 2000, 2013)
    assert structure.sectors(elsewhere, {}).empty and structure.zones(elsewhere) == {}


def test_what_else_the_report_states_keeps_bounds_and_units():
    found = structure.stated(HERE)
    said = found.set_index(["region", "fact"])[["figure", "section"]]
    assert said.loc[("Puno", "GDP")].tolist() == ["more than 3,750 million soles", "5.3"]
    assert said.loc[("Puno", "labour: labour force"), "figure"] == "about 800,000"
    assert said.loc[("Cusco", "GDP: place among the regions")].tolist() == ["place 8", "5.2"]
    assert said.loc[("Cusco", "people by province: Cusco"), "figure"] == "32.7%"
    assert structure.stated(Scope(("07",), 2000, 2013)).empty


def test_projections_and_counts_of_people_stay_apart():
    puno = structure.population(HERE)["21"]
    assert puno.loc[2017].dropna().to_dict() == {
        "census, counted": 1172697, "census, counted plus omitted": 1226936,
    }  # fmt: skip
    assert puno.loc[2013].dropna().to_dict() == {"as quoted": 1389684}
    assert puno.loc[2014].isna().all()


def test_many_regions_are_named_by_their_ends_unless_tied():
    values = pd.Series({"08": 0.5, "21": 0.3, "12": 0.4, "15": 0.1})
    write = "{:.1f}".format
    assert economies.listed(values[:2], write) == "Cusco 0.5 and Puno 0.3"
    assert economies.listed(values, write) == "highest Cusco 0.5, lowest Lima 0.1"
    tied = economies.listed(values.replace(0.3, 0.1), write)
    assert tied == "highest Cusco 0.5, lowest Puno and Lima 0.1"
    assert economies.listed(values.replace(0.5, 0.1).replace(0.3, 0.1), write) == "from 0.1 to 0.4"


def test_first_and_last_figure_in_words():
    values = pd.Series({2001: None, 2002: 5.0, 2004: 7.0, 2005: None})
    assert economies.ends(values, "{:.0f}".format) == "5 in 2002, 7 in 2004"
    assert economies.ends(values[:2], "{:.0f}".format) == "5 in 2002"
    assert economies.ends(values[:1], "{:.0f}".format) == "no figure"


def test_coverage_names_regions_that_no_source_has():
    found = economies.coverage(HERE).set_index("fact")
    assert found.loc[found["without"] != "", "without"].to_dict() == {
        "GDP per head, S/": "Puno", "GDP, share of Peru": "Cusco",
        "Manufacturing, 2007 = 100": "Puno", "Mining, share of Peru": "Puno",
        "Trade and hotels, share of Peru": "Puno", "GDP by sector": "Puno",
        "Territory and people by zone": "Puno",
    }  # fmt: skip
    assert found.loc["Growth of GDP", "sources"] == "Tole 2024 (ENAHO, INEI) (2010–2021)"
    for other in ("Statoids", "INEI projections 2012-2014"):
        assert other not in " ".join(found["sources"])
    puno = economies.coverage(Scope(("21",), 2000, 2013)).set_index("fact")["sources"]
    assert puno["Mining, share of Peru"] == ""
    assert puno["GDP per head, S/"] == "Wikipedia 2023 (MINCETUR, INEI) (2023)"
    assert puno["Peru: competitiveness, research, exports"].startswith("EU–Peru report 2016")
    # With Callao in one row only: not a figure of Lima.
    lima = economies.coverage(Scope(("15",), 2000, 2013)).set_index("fact")["without"]
    assert lima["Trade and hotels, share of Peru"] == lima["GDP per head, S/"] == "Lima"


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]
