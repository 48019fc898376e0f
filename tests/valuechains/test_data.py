"""The processed tables: made again byte for byte, keyed, accounted for, true to the sources."""

import hashlib
import json

import pandas as pd
import pytest

from valuechains import tables
from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import PROCESSED, RAW
from valuechains.extract import sidecar
from valuechains.tables import build as making
from valuechains.tables import load
from valuechains.tables.checks import check


@pytest.fixture(scope="module")
def made():
    return making.make()


def test_tables_are_made_again_byte_for_byte(made):
    assert {path.name for path in PROCESSED.iterdir()} == set(made)
    for name, data in made.items():
        assert (PROCESSED / name).read_bytes() == data, f"{name}: run make data"


def test_data_package_describes_every_file():
    package = json.loads((PROCESSED / "datapackage.json").read_bytes())
    for resource in package["resources"]:
        data = (PROCESSED / resource["path"]).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        if resource["format"] == "csv":
            header = data.decode().splitlines()[0].split(",")
            assert header == [field["name"] for field in resource["schema"]["fields"]]


@pytest.mark.parametrize("name", tables.schema()["tables"])
def test_table_reads_with_its_types_and_unique_key(name):
    frame = load(name)
    assert len(frame)
    assert not frame.duplicated(tables.schema()["tables"][name]["key"]).any()
    pd.testing.assert_frame_equal(check(name, frame), frame)


HEADS = {"report_eu_peru_2016/coffee_price_yield.csv": 2}


def test_every_raw_file_is_used_and_every_row_accounted_for():
    report = load("cleaning_report").set_index("file")
    assert (report["rows_in"] == report["rows_kept"] + report["rows_rejected"]).all()
    files = {f"{p.parent.name}/{p.name}" for p in sidecar.raw_files()}
    assert set(report.index) == {name for name in files if name.endswith((".csv", ".yml"))}
    lines = {name: (RAW / name).read_text(encoding="utf-8").splitlines() for name in report.index}
    rows = {
        name: sum(line.startswith("  - id:") for line in text)
        if name.endswith(".yml") else len(text) - HEADS.get(name, 1)
        for name, text in lines.items()
    }  # fmt: skip
    assert report["rows_in"].to_dict() == rows
    rejected = load("rejected_rows")
    assert len(rejected) == report["rows_rejected"].sum()
    assert rejected["reason"].str.len().min() > 10


def test_every_source_key_has_a_sidecar():
    known = set(load("sources")["source"])
    for name, spec in tables.schema()["tables"].items():
        if "source" in spec["fields"]:
            assert set(load(name)["source"]) <= known


def test_units_close_column_names():
    units = {"kg/ha": "_kg_per_ha", "PEN/kg": "_pen_per_kg", "km2": "_km2", "t": "_t", "ha": "_ha",
             "pct": "_pct", "USD": "_usd", "um": "_um", "PEN/USD": "_pen_per_usd",
             "years": "_years", "PEN/month": "_pen_per_month",
             "lb/year": "_lb_per_year", "kg/year": "_kg_per_year", "deg": "_deg",
             "persons": "_persons", "heads": "heads", "index": "_100",
             "thousand PEN": "_thousand_pen", "thousand 60-kg bags": "_thousand_60kg_bags",
             "US cents/lb": "_us_cents_per_lb", "t/ha": "_t_per_ha", "PEN/t": "_pen_per_t",
             "thousand heads": "_thousand_heads", "kg/animal": "_kg_per_animal"}  # fmt: skip
    for name, field in tables.schema()["fields"].items():
        if field.get("unit") == "USD/kg":
            assert "_usd" in name and name.endswith("_per_kg")
        elif "unit" in field:
            assert name.endswith(units[field["unit"]]), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(extra=1), "columns without a field: extra"),
        (
            lambda f: pd.concat([f, f.iloc[:1]]),
            "00, 2015, midagri_anuario_2016 stands more than once: midagri",
        ),
        (
            lambda f: f.assign(yield_kg_per_ha=7000),
            "yield_kg_per_ha: 7000, which is outside 50 to 3000, in ",
        ),
        (lambda f: f.assign(ubigeo="8"), "ubigeo: '8', expected text like"),
        (lambda f: f.assign(sum_check="perhaps"), "expected one of adds up"),
        (lambda f: f.assign(year="x"), "coffee_regional, year"),
    ],
)
def test_a_table_that_breaks_its_schema_is_refused(change, message):
    with pytest.raises(DataError, match=message):
        check("coffee_regional", change(load("coffee_regional")))


def test_a_refusal_leaves_what_was_there(tmp_path):
    (tmp_path / ".new-1-a.csv").write_text("of a run that was killed")
    making.write({"a.csv": b"old\n"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert making.write({"a.csv": b"old\n"}, tmp_path) == []
    assert making.write({"a.csv": b"new\n"}, tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"new\n"


def test_unknown_table_is_named():
    with pytest.raises(DataError, match=r"no table 'cofee_regional' .did you mean coffee_regional"):
        load("cofee_regional")


# --- what the sources print, typed here from the documents -------------------------------------

REPORT = """
2000 3.10 3.83 540 785
2001 2.16 2.02 627 744
2002 1.63 2.01 716 782
2003 2.27 2.08 543 787
2004 2.52 2.39 740 794
2005 4.80 3.07 467 733
2006 3.72 4.08 817 873
2007 4.41 5.79 392 673
2008 4.83 5.80 623 663
2009 4.83 6.70 349 692
2010 6.17 6.09 661 657
2011 8.89 8.41 894 663
2012 6.48 9.75 610 722
2013 4.23 7.49 684 670
"""


def test_report_table_of_28_prices_and_28_yields():
    rows = load("coffee_regional")
    rows = rows[rows["source"] == "report_eu_peru_2016"].set_index(["ubigeo", "year"])
    assert len(rows) == 28
    for line in REPORT.split("\n")[1:-1]:
        year, *figures = line.split()
        for code, price, crop in (("08", *figures[::2]), ("21", *figures[1::2])):
            row = rows.loc[(code, int(year))]
            assert (row["farm_price_pen_per_kg"], row["yield_kg_per_ha"]) == (
                float(price),
                float(crop),
            )


def test_coffee_departments_add_up_to_the_yearbooks_nation():
    rows = load("coffee_regional")
    for year in (2019, 2020, 2021, 2022):
        book = rows[rows["source"] == f"midagri_anuario_{year}"].set_index("ubigeo")
        assert len(book) == 26
        total = book.loc["00", "production_t"]
        assert book.drop("00")["production_t"].sum() == pytest.approx(total, rel=1e-6)
    book = rows[(rows["source"] == "midagri_anuario_2022") & (rows["ubigeo"] == "08")].iloc[0]
    assert (book["production_t"], book["area_ha"]) == (27680.44, 50728)


def test_bulletin_sums_agree_with_their_flag():
    """The flag says in which years the departments add up; the sums say the same."""
    rows = load("coffee_regional")
    bulletins = rows[rows["source"] == "crofils_minagri_boletin"]
    national = load("coffee_national").pivot(index="year", columns="source", values="production_t")
    ratio = bulletins.groupby("year")["production_t"].sum() / national["faostat_qcl_2025"]
    flags = bulletins.groupby("year")["sum_check"].first()
    assert len(flags) == 15
    for year, flag in flags.items():
        off = abs(ratio[year] - 1)
        expected = "adds up" if off < 0.0011 else "nearly" if off < 0.03 else "months missing"
        assert flag == expected, year


def test_national_series_cover_their_years():
    years = load("coffee_national").groupby("source")["year"].agg(["min", "max"])
    assert tuple(years.loc["faostat_qcl_2025"]) == (1961, 2023)
    assert years.loc["faostat_qcl_2026", "max"] == 2024
    assert tuple(years.loc["midagri_national_series"]) == (2000, 2025)
    assert tuple(load("coffee_world_price")["year"].agg(["min", "max"])) == (1960, 2024)
    assert tuple(load("peru_prices")["year"].agg(["min", "max"])) == (1990, 2024)
    assert tuple(load("alpaca_national")["year"].agg(["min", "max"])) == (1992, 2022)


def test_two_scopes_of_coffee_trade_are_kept_apart():
    rows = load("coffee_trade").query("year == 2013 and role == 'exporter'").set_index("scope")
    brazil = rows[rows["partner_iso3"] == "BRA"]
    assert brazil.loc["coffee, all forms", "share_printed_pct"] == 18
    assert pd.isna(brazil.loc["green coffee", "share_printed_pct"])
    green = rows.loc["green coffee"]
    share = brazil.loc["green coffee", "value_usd"] / green["value_usd"].sum()
    assert share == pytest.approx(0.2418, abs=5e-5)


def test_camelid_figures_keep_their_bounds_and_sources():
    herds = load("camelid_herds").set_index(["species", "year", "ubigeo", "source"])
    assert herds.loc[("vicuna", 2025, "21", "latinanoticias_2025"), "bound"] == "more_than"
    assert (
        herds.loc[("llama", 2004, "08+09+12+21", "report_eu_peru_2016"), "share_printed_pct"]
        == 77.47
    )
    for year, source, share in (
        (2004, "report_eu_peru_2016", 59),
        (2010, "desco_spar_2010", 52.15),
        (2012, "perulactea_2019", 39.6),
    ):
        assert herds.loc[("alpaca", year, "21", source), "share_printed_pct"] == share
    companies = load("camelid_exports").query("breakdown == 'company'").set_index("item")
    assert companies.loc["Michell", ["share_printed_pct", "bound"]].tolist() == [40, "more_than"]
    assert companies.loc["Inca Tops", ["share_printed_pct", "bound"]].tolist() == [20, "about"]


def test_fibre_yield_in_kilograms():
    found = load("fibre_yield").set_index("producers")["fibre_yield_kg_per_year"]
    assert found["Small producers"] == pytest.approx(3.5 * 0.45359237)
    assert found["Large businesses"] == pytest.approx(2.26796185)


def test_population_concepts_stay_apart():
    rows = load("department_population")
    puno = rows[(rows["ubigeo"] == "21") & (rows["year"] == 2017)].set_index("concept")
    assert puno["population_persons"].to_dict() == {
        "census, counted": 1172697,
        "census, counted plus omitted": 1226936,
    }
    full = rows[rows["ubigeo"] != places.COUNTRY].groupby(["source", "year", "concept"])
    total = full["population_persons"].sum()
    assert total["perou_org", 1993, "census, counted"] == 22048356
    assert total["census2017_districts", 2017, "census, counted"] == 29381884


def test_divisions_of_the_two_regions():
    rows = load("department_divisions").set_index(["ubigeo", "year", "source"])
    assert rows.loc[("08", 2007, "peru_geojson"), ["provinces_n", "districts_n"]].tolist() == [
        13,
        108,
    ]
    # The report's "three provinces" of Cusco is kept as it says.
    assert rows.loc[("08", 2011, "report_eu_peru_2016"), "provinces_n"] == 3


def test_a_table_that_one_changes_is_as_it_was_for_the_next(tmp_path):
    one = tables.load("coffee_regional")
    one.loc[0, "year"], one["source"] = 1, "x"
    assert tables.load("coffee_regional").loc[0, "year"] > 1
    assert "x" not in set(tables.load("coffee_regional")["source"])
    copy = tmp_path / "coffee_regional.csv"
    text = (tables.PROCESSED / copy.name).read_text(encoding="utf-8")
    copy.write_text(text, encoding="utf-8")
    assert len(tables.load("coffee_regional", tmp_path)) == len(one)
    copy.unlink()
    copy.write_text("".join(text.splitlines(keepends=True)[:3]), encoding="utf-8")
    assert len(tables.load("coffee_regional", tmp_path)) == 2
