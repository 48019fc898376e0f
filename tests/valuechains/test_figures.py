"""The figures of November 2026: values of the files, editions, joint areas, rows accounted for."""

import pandas as pd
import pytest

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.scope import Scope
from valuechains.extract.raw import RawTable
from valuechains.select import accounts, coffee, figures, prefer
from valuechains.tables import build, checks, fill, load, schema
from valuechains.tables.model import Source


def latest(table: str, column: str, **where) -> pd.DataFrame:
    rows = load(table)
    for field, value in where.items():
        rows = rows[rows[field] == value]
    return prefer.preferred(table, rows, column)


@pytest.mark.parametrize(
    ("year", "nation", "puno"),
    [(2005, 3594515, 55.3), (2010, 4177499, 52.0), (2024, 4545820, 44.4)],
)
def test_alpacas_and_the_falling_share_of_puno(year, nation, puno):
    rows = latest("camelid_yearbooks", "heads", species="alpaca", year=year)
    heads = rows.set_index("ubigeo")["heads"]
    assert heads["00"] == nation
    assert round(100 * heads["21"] / heads["00"], 1) == puno
    assert len(heads) == 25 or year != 2005  # zeros are printed in 2005, dashes later


def test_the_latest_edition_is_preferred_and_its_rivals_told():
    fact = prefer.where("camelid_yearbooks", "heads", species="alpaca", ubigeo="08", year=2015)
    assert fact.chosen["edition"].tolist() == ["2024"]
    assert fact.rivals["edition"].tolist() == ["2023", "2021", "2020", "2019", "2018", "2017"]
    # The edition goes before the vintage of the source, what the table prefers before both.
    coffee_2020 = prefer.where("coffee_regional", "production_t", ubigeo="08", year=2021)
    assert coffee_2020.chosen["source"].tolist() == ["midagri_anuario_2021"]
    assert coffee_2020.rivals["edition"].tolist() == ["2022-12", "2021-12"]


def test_the_later_release_of_faostat_is_shown():
    fact = prefer.where("coffee_national", "production_t", year=2023)
    assert fact.chosen[["source", "value"]].to_numpy().tolist() == [["faostat_qcl_2026", 366940.03]]
    assert fact.rivals["source"].tolist() == ["faostat_qcl_2025", "midagri_national_series"]


def test_coffee_of_2015_is_revised():
    fact = prefer.where("coffee_regional", "production_t", ubigeo="22", year=2015)
    assert round(fact.chosen["value"].item()) == 82164
    assert fact.rivals["value"].round().tolist() == [58365]
    assert 2015 in coffee.full_years(Scope(("08",), 2014, 2016))
    last = figures("coffee_regional", "production_t", Scope(("08",), 2024, 2025))
    assert last["value"].tolist() == [29184, 25334.35]  # edition 2025; that of 2024 has 27,546


def test_lima_counts_with_callao():
    rows = accounts.per_head().query("year == 2023").set_index("ubigeo")
    assert {"07", "15"}.isdisjoint(rows.index) and len(rows) == 25
    # 246,543,182 thousand soles (row 325) by 11,147,924 + 1,190,860 people; without Callao 22.1.
    assert rows.loc["07+15", "value"] == pytest.approx(20.0, abs=0.05)
    counted = accounts.people().query("year == 2013").set_index("ubigeo")["value"]
    assert counted["07+15"] == 968519 + 9214448
    assert counted.drop("07+15").drop("00").sum() == counted["00"] == 29341346


def test_value_added_ends_where_inei_ends():
    rows = load("value_added").query("activity == 'all' and price_basis == 'current'")
    last = rows.groupby("ubigeo")["year"].max()
    assert sorted(last.index[last == 2023]) == ["03", "11"]
    assert (last.drop(["03", "11"]) == 2025).all()
    status = rows.drop_duplicates("year").set_index("year")["obs_status"]
    assert status[[2022, 2023, 2024, 2025]].tolist() == ["A", "P", "P", "E"]


def test_methods_and_columns_stay_apart():
    cusco = load("human_development").query("ubigeo == '08' and year == 2019").set_index("method")
    assert cusco["hdi_0_1"].round(3).tolist() == [0.512, 0.582]
    poverty = load("monetary_poverty").query("year == 2011")
    assert set(poverty["poverty_column"]) == {"last value before 2012"}


def test_crops_and_animal_products():
    lima = load("crop_production").query("crop == 'cassava' and ubigeo == '15' and year == 2020")
    assert "+" in lima["origin"].item()  # Lima and its metropolis are one department
    fibre = load("livestock_products").query("product == 'alpaca fibre' and ubigeo == '00'")
    assert fibre["product_t"].round().tolist() == [4438, 4508]
    national = latest("national_series", "product_t", product="coffee", year=2024)
    assert national["edition"].item() == "2025-12"


def test_peru_sells_a_third_of_its_coffee_to_germany():
    flows = load("baci_coffee_flows")
    flows = flows.query("exporter_iso3 == 'PER' and year == 2013").set_index("importer_iso3")
    total = load("baci_coffee").query("partner_iso3 == 'PER' and year == 2013")["export_value_usd"]
    share = 100 * flows["value_usd"] / total.item()  # 247.18 and 174.65 of 764.09 million
    assert share.round(1).to_dict() == {"DEU": 32.3, "USA": 22.9}
    world = load("baci_coffee").groupby("year")[["export_value_usd", "import_value_usd"]].sum()
    assert (world["export_value_usd"] / world["import_value_usd"]).between(0.999, 1.001).all()
    assert "Côte d'Ivoire" in set(load("baci_coffee")["partner_name"])


@pytest.mark.parametrize("name", ["camelid_yearbooks", "value_added", "people", "monetary_poverty"])
def test_joint_areas_are_lima_with_callao_alone(name):
    assert set(load(name)["ubigeo"]) <= {*places.codes(), "00", "07+15"}


def test_years_across_and_sums_of_parts(tmp_path):
    frame = pd.DataFrame({"place": ["a", "b"], "2019": ["1", "-"], "2020": ["", "-"]}, index=[2, 3])
    table = RawTable(tmp_path / "herds" / "x.csv", frame)
    part = fill.year_by_year(table)
    assert part.frame.to_numpy().tolist() == [["a", "2019", "1"]]
    source = {"columns": {"place": None, "year": None, "t": "figure"}, "years_across": True}
    kinds = {"place": "string", "year": "integer", "t": "number"}
    spec = {"key": ["place", "year"], "fields": {name: {"type": kinds[name]} for name in kinds}}
    filler = fill.Filler(spec, "declared/x.yml", {})
    filled = filler.fill(table, Source.model_validate(source))
    assert filled[["place", "year", "t"]].to_numpy().tolist() == [["a", 2019, 1]]
    assert table.rejected == {3: fill.EMPTY}
    rows = pd.DataFrame(
        {"ubigeo": ["15", "15"], "t": [1.0, 2.0], "origin": ["x:2", "x:3"]}, index=[2, 3]
    )
    mapping = Source.model_validate({"columns": {"t": "t"}, "summed": "part"})
    spec = {"key": ["ubigeo"], "fields": {"t": {"unit": "t"}}}
    table.frame = pd.DataFrame({"part": ["Lima", "Lima Metropolitana"]}, index=[2, 3])
    whole = fill.summed(rows, table, mapping, spec)
    assert whole[["t", "origin"]].to_numpy().tolist() == [[3, "x:2 x:3"]]
    table.frame = pd.DataFrame({"part": ["Lima", "Lima"]}, index=[2, 3])
    with pytest.raises(DataError, match="x:3: Lima stands twice among the rows that are added up"):
        fill.summed(rows, table, mapping, spec)


def test_a_herd_that_does_not_add_up_is_refused():
    rows = load("camelid_yearbooks").query("species == 'alpaca' and edition == '2024'").copy()
    rows.loc[rows["ubigeo"] == "21", "heads"] *= 10
    said = {"of": "heads", "by": ["species", "edition", "year"], "low": 0.99, "high": 1.006}
    data = checks.Data("camelid_yearbooks", rows, load)
    with pytest.raises(DataError, match="the parts of heads of alpaca of 2024 of 2005 add up to"):
        build.check_declared(data, [{"adds_up": said}])
    assert "edition" in schema()["tables"]["camelid_yearbooks"]["key"]
