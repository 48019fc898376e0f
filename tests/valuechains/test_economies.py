"""Departments compared: what the sources say, typed from them, and the rules that choose."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuechains.core import places
from valuechains.core.scope import Scope
from valuechains.plot import neighbours
from valuechains.report import departments, table
from valuechains.select import economies, prefer, rows
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


def test_figures_of_the_report_and_what_they_add_up_to():
    table = load("report_statistics")
    values = table.groupby(["ubigeo", "topic"])["value"]
    for key, printed in SHARES.items():
        assert sorted(values.get_group(key)) == sorted(printed)
    # 22.4 + 14.5 + 11 + 10.7 + 8.6 = 67.2; 53.9 + 27.3 = 81.2; Puno's six make the whole.
    sums = table[table["unit"] == "pct"].groupby(["ubigeo", "topic"])["value"].sum()
    assert sums["08"][["GDP by sector", "labour by sector"]].tolist() == pytest.approx([67.2, 81.2])
    assert sums["08", "territory by zone"] == sums["21", "labour by sector"] == pytest.approx(100)
    assert set(table.loc[table["unit"] == "place", "value"]) == RANKS | {8}
    spent = table[table["topic"] == "research and development over GDP"].set_index("item")["value"]
    assert spent.to_dict() == {"Peru": 0.15, "Brazil": 0.9, "China": 0.65}
    destinations = table[table["topic"] == "export destination"]["value"]
    assert len(destinations) == 6 and destinations.isna().all()
    puno = table[table["ubigeo"] == "21"].set_index("item")
    assert puno.loc["GDP", ["value", "bound", "unit"]].tolist() == [3.75e9, "more_than", "PEN"]
    assert puno.loc["labour force", ["value", "bound"]].tolist() == [800000, "about"]


def test_poverty_says_what_its_figures_are():
    table = load("department_poverty").set_index("figure_kind")
    assert (
        table.loc["group midpoint", ["poverty_low_pct", "poverty_high_pct"]].isna().all(axis=None)
    )
    assert table.loc["group interval", "poverty_midpoint_pct"].isna().all()
    # Amazonas, Áncash, Apurímac, Callao, Cusco, Junín, La Libertad, Loreto, Piura, Tumbes.
    found = economies.poverty(HERE)
    total = found[found["measure"] == "total"].set_index("ubigeo")
    assert total.loc["08", ["low", "high", "departments"]].tolist() == [0.3295, 0.3295, 10]
    assert total.loc["08", "origin"].startswith("jmcastagnetto_2022/poverty.csv:")
    extreme = found[found["figure_kind"] == "group interval"]
    # 2013 lies inside the source's years and is the scope's last.
    assert set(extreme["year"]) == {2013}
    assert extreme.set_index("ubigeo").loc["21", ["low", "high"]].tolist() == [0.057, 0.075]
    words = departments.poverty(found)[["what", "label", "words"]].agg("; ".join, axis=1).tolist()
    assert words[0] == "Extreme poverty, interval of the group, 2013; Cusco; 1.5–2.6%, group of 7"
    assert words[4] == "Total poverty, middle of the group, 2020; Cusco; 32.95%, group of 10"


def test_lima_has_the_figures_of_its_two_parts():
    found = departments.poverty(economies.poverty(Scope(("15",), 2000, 2013)))
    assert sorted(found["label"]) == ["Lima", "Lima", "Provincia de Lima", "Región Lima"]
    both = found[found["what"].str.contains("interval")].set_index("label")["words"]
    assert both["Provincia de Lima"][:6] == "0–0.3%" and both["Región Lima"][:8] == "1.5–2.6%"


def test_puno_borders_on_what_the_report_names():
    # 5.3: Madre de Dios, Tacna, Moquegua, Arequipa and Cuzco (Bolivia is no department).
    around = neighbours(places.codes())
    assert {places.name(code) for code in around["21"]} == {
        "Madre de Dios", "Tacna", "Moquegua", "Arequipa", "Cusco",
    }  # fmt: skip
    assert all(code in around[other] for code in around for other in around[code])
    assert around["07"] == ["15"]


@given(st.lists(st.integers(1960, 2030), min_size=1), st.integers(1960, 2030))
def test_nearest_year_is_one_of_them_and_none_is_nearer(years, wanted):
    found = prefer.nearest(years, wanted)
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
    rows = economies.comparison(Scope(("08",), 1960, end)).set_index("indicator")
    people = rows.loc["population_persons"].set_index("ubigeo")
    assert set(people["year"]) == {year} and set(people["concept"]) == {concept}
    assert people.loc["08", "value"] == cusco
    assert len(people) == 26 and people["value"]["00"] == people["value"].drop("00").sum()


def test_indicators_worked_out_by_hand():
    values = economies.comparison(HERE).set_index(["indicator", "ubigeo"])["value"]
    # 1,292,175 people of 2012 on 71,986.5 km².
    assert values["people_per_km2", "08"] == pytest.approx(17.950, abs=5e-4)
    # Peru's: all departments' 30,135,875 people on their 1,280,172.28 km².
    assert values["people_per_km2", "00"] == pytest.approx(30_135_875 / 1_280_172.28)
    # 865,771 urban and 449,449 rural; Peru 25,579,018 and 5,658,371.
    assert values["urban_share_0_1", "08"] == pytest.approx(865771 / 1315220)
    assert values["urban_share_0_1", "00"] == pytest.approx(25579018 / 31237389)
    # Fifth and sixth of ten: Moquegua, 119,809 soles or 423.65 %; Callao, 40,037 or 141.57 %.
    middle = (119809 / 4.2365 + 40037 / 1.4157) / 2
    assert values["gdp_per_head_pen", "00"] == pytest.approx(middle, abs=1e-6)
    # Puno is not listed; the province of Lima is, the department is not.
    assert not {"21", "15"} & set(values["gdp_per_head_pen"].index)
    assert values["hdi_0_1"][["08", "21"]].tolist() == [0.4434, 0.3942]
    assert values["producers_n", "00"] == 2030290
    # Printed for Peru: 11,649,716.06 of 128,655,184.95 ha.
    assert values["agricultural_share_0_1", "00"] == pytest.approx(11649716.06 / 128655184.95)
    # Areas are those of CEPLAN's list of 2022, whatever the years of the scope.
    years = economies.comparison(HERE).groupby("indicator")["year"].unique()
    assert years["area_km2"].tolist() == [2022]
    ranks = economies.comparison(HERE).set_index(["indicator", "ubigeo"])["rank"]
    # Eleven departments have more than Cusco's 0.4434.
    assert ranks["hdi_0_1", "08"] == 12 == (values["hdi_0_1"] > 0.4434).sum() + 1


def test_indicators_by_year_as_published():
    table = economies.over_time("hdi_0_1", "secondary_share_0_1")
    wide = table[table["ubigeo"] == "08"].pivot(index="year", columns="indicator", values="value")
    # UNDP's table of Cusco, 2012 and 2003: 0.4434 and 0.2771; secondary completed by 69.5 %.
    assert wide["hdi_0_1"][[2003, 2012]].tolist() == [0.2771, 0.4434]
    assert wide["secondary_share_0_1"][2012] == pytest.approx(0.695)


def as_read(frame, key, columns):
    """What a table shows of some columns."""
    rows = departments.of_each(frame, key)
    signed = {"difference": list(rows["spec_difference"])}
    heads = {name: (name, signed.get(name, list(rows["spec"]))) for name in columns}
    return pd.DataFrame(table(rows, heads).rows, rows["label"], columns)


def test_profile_is_numbers_and_is_written_by_what_a_row_is():
    numbers = economies.side_by_side(HERE).set_index("indicator")
    assert numbers.loc["hdi_0_1", "difference"] == pytest.approx(0.0492)
    two = as_read(economies.side_by_side(HERE), "indicator", ["08", "21", "difference", "peru"])
    assert two.loc["Human development index"].tolist() == ["0.443", "0.394", "+0.049", "–"]
    assert numbers.loc["hdi_0_1", "year"] == 2012
    # 0.81965 less 0.89808.
    assert two.loc["Informal work", "difference"] == "−7.8 pp"
    assert two.loc["GDP per head, S/", ["08", "21", "difference"]].tolist() == ["35,862", "–", "–"]
    assert two.loc["People: estimate or projection", "08"] == "1,292,175"
    # The median only where all 25 have a figure.
    assert numbers.index[numbers["median"].isna()].tolist() == ["gdp_per_head_pen"]
    assert not two.index.str.contains("poverty").any()


def test_sources_that_disagree_stand_side_by_side():
    found = economies.disagreements(HERE)
    provinces = found[(found["fact"] == "provinces_n") & found["08"].notna()]
    assert provinces["08"].tolist() == [13, 3]
    assert provinces["sources"].tolist()[1] == ["report_eu_peru_2016"]
    # All sources agree on Puno's.
    assert "provinces_n" not in set(economies.disagreements(Scope(("21",), 2000, 2013))["fact"])
    income = found[found["fact"] == "income_pen_per_month"]
    assert income[["08", "21"]].to_numpy().tolist() == [[553, 426], [786, 567]]
    # 865,771 of 1,315,220 in the census file, 0.598293 in the survey of the same year.
    urban = found[found["fact"] == "urban"]
    assert urban["years"].tolist() == [[2017], [2017]]
    assert as_read(urban, "fact", ["08"])["08"].tolist() == ["65.8%", "59.8%"]
    districts = found[found["fact"] == "districts_n"]
    districts = districts.assign(years=districts["years"].map(tuple)).set_index("years")
    assert districts.loc[[(2007,)], ["08", "21"]].to_numpy().tolist() == [[108, 109]]
    assert districts.loc[[(2022, 2025)], ["08", "21"]].to_numpy().tolist() == [[116, 110]]
    # INEI's first figures of growth name neither; of Junín there are two.
    assert "gdp_growth_ratio" not in set(found["fact"])
    growth = economies.disagreements(Scope(("12",), 2000, 2013))
    assert set(growth.loc[growth["fact"] == "gdp_growth_ratio", "12"]) == {0.168, 0.163}


def test_people_by_district_fall_in_classes_with_their_lower_limit(monkeypatch):
    districts = pd.DataFrame(
        {
            "ubigeo": ["08", "08", "08", "21", "21"],
            "poverty_midpoint_pct": [19.95, 20.0, 60.0, 0.0, 100.0],
            "population_persons": [1, 2, 7, 15, 5],
        }
    )
    for end in ("low", "high"):
        districts[f"poverty_{end}_pct"] = districts["poverty_midpoint_pct"]
    monkeypatch.setattr(economies, "rows", lambda name: districts.assign(year=2018, source="x"))
    wide = economies.by_district(HERE).pivot(index="ubigeo", columns="below_pct", values="value")
    assert wide.loc["08"].tolist() == [0.1, 0.2, 0, 0.7]
    assert wide.loc["21"].tolist() == [0.75, 0, 0, 0.25]
    # (1 + 15, 2, 0, 7 + 5) of 30.
    assert wide.loc["00"].tolist() == pytest.approx([16 / 30, 2 / 30, 0, 12 / 30])


def test_low_ends_make_fewer_poor_districts_than_high_ends():
    table = economies.by_district(HERE)
    assert list(table["ubigeo"].unique()) == ["08", "21", "00"]
    poor = table[table["below_pct"] > 40].groupby("ubigeo")[["low", "value", "high"]].sum()
    assert (poor.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (poor["low"] < poor["high"]).all()


def test_the_shares_of_1996_only_repeat_those_of_1995():
    rows = load("department_economy")
    rows = rows[rows["source"].isin(["inei_9_48", "inei_9_60"])]
    wide = rows.pivot(index=["activity", "ubigeo"], columns="year", values="value")
    share = wide / wide.xs("00", level="ubigeo").reindex(wide.index, level="activity")
    assert (share[1996] - share[1995]).abs().max() < 1e-6 < (share[1995] - share[1994]).abs().max()


def test_sectors_and_zones_name_what_is_left_out():
    sectors = economies.report_shares(HERE, ["GDP by sector", "labour by sector"])
    rest = sectors[sectors["item"] == "rest"].set_index(["ubigeo", "topic"])["value"]
    # 100 − 67.2 and 100 − 81.2; Puno's labour is complete.
    assert rest.round(6).to_dict() == {
        ("08", "GDP by sector"): 0.328, ("08", "labour by sector"): 0.188,
    }  # fmt: skip
    groups = departments.report_parts(sectors).groupby("group", sort=False)["label"].agg(list)
    assert list(groups.index) == ["Cusco: GDP by sector, 2011", "Cusco: Work by sector, 2011",
                                  "Puno: Work by sector, 2009"]  # fmt: skip
    assert groups.iloc[1] == ["agriculture and livestock", "trade and other services", "not named"]
    zones = economies.report_shares(HERE, ["territory by zone", "people by zone"])
    assert set(zones["ubigeo"]) == {"08"}
    assert zones.groupby("topic")["value"].sum().tolist() == pytest.approx([1, 1])
    people = zones[zones["topic"] == "people by zone"].set_index("item")["value"]
    assert people["rest"] == pytest.approx(0.82)
    assert economies.report_shares(Scope(("07", "24"), 2000, 2013), economies.DRAWN).empty


def test_what_else_the_report_states_keeps_bounds_and_units():
    found = departments.stated(rows("report_statistics", HERE))
    said = found.set_index(["ubigeo", "fact"])[["figure", "section"]]
    assert said.loc[("21", "GDP")].tolist() == ["more than 3,750 million soles", "5.3"]
    assert said.loc[("21", "labour: labour force"), "figure"] == "about 800,000"
    assert said.loc[("08", "GDP: place among the regions")].tolist() == ["place 8", "5.2"]
    assert said.loc[("08", "people by province: Cusco"), "figure"] == "32.7%"


def test_projections_and_counts_of_people_stay_apart():
    counts = economies.population(HERE)
    puno = counts[counts["ubigeo"] == "21"].set_index(["year", "kind"])["value"]
    assert puno[2017].to_dict() == {
        "census, counted": 1172697, "census, counted plus omitted": 1226936,
    }  # fmt: skip
    assert puno[2013].to_dict() == {"as quoted": 1389684}
    assert 2014 not in puno.index
    last = economies.censuses(HERE).set_index(["region", "year"]).loc[("21", 2017)]
    assert last[["counted", "whole"]].tolist() == [1172697, 1226936]
    assert last[["before", "before_year"]].tolist() == [1377122, 2012]


def test_regions_with_their_figures_come_largest_first():
    values = pd.Series({"08": 0.5, "21": None, "12": 0.74, "15": 0.1})
    assert departments.by_region(values, "1") == ["0.7 in Junín", "0.5 in Cusco", "0.1 in Lima"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_number_depends_on_the_language(language, monkeypatch):
    from valuechains.core import language as tongue

    before = [economies.side_by_side(HERE), economies.disagreements(HERE)]
    monkeypatch.setattr(tongue, "_current", language)
    after = [economies.side_by_side(HERE), economies.disagreements(HERE)]
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))
