"""The ministry's livestock yearbooks and bulletins, INEI's value added: as published, as entered.

The workbooks are not part of the project: without the folder beside it this is skipped.
"""

import io
import shutil

import pandas as pd
import pytest

from valuechains import tables
from valuechains.core.paths import RAW, ROOT
from valuechains.extract import add as incoming
from valuechains.extract.registry import FORMATS
from valuechains.tables import build as making

SHARED = ROOT.parent / "shared"
SAMPLES, FIGURES = SHARED / "samples", SHARED / "figures"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no folder of samples")
HERDS = "camelids/midagri_livestock_yearbooks_camelids_by_department.csv"
CROPS = "crops/midagri_bulletins_production_t_by_department_2020_2025.csv"
NATION = "coffee/midagri_bulletins_national_coffee_and_camelids_2000_2025.csv"
ACTIVITIES = "economies/inei_value_added_by_department_activity_2007_2025.csv"


def figures(frame, key):
    """Return the figures of a table across years by key and year (a dash is none)."""
    years = [name for name in frame if name.isdigit()]
    long = frame.melt(key, years, "year").set_index([*key, "year"])["value"]
    return pd.to_numeric(long, errors="coerce").dropna()


def entered(name, key, **where):
    frame = pd.read_csv(FIGURES / name, dtype=str, keep_default_na=False)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return figures(frame, key)


def compare(ours, theirs, count, rounding=0.0):
    """Every figure is there, once, and the same but for the digits with which it was entered."""
    assert ours.index.is_unique and set(ours.index) == set(theirs.index) and len(ours) == count
    off = (ours - theirs.reindex(ours.index)).abs()
    wrong = off[off > rounding + 1e-9 * ours]
    assert wrong.empty, wrong.head()


LIVESTOCK = {2017: 2671, 2019: 3076, 2021: 3439, 2023: 3809, 2024: 3994}


@pytest.mark.parametrize("year", LIVESTOCK)
def test_livestock(year):
    key = ["edition", "species", "variable", "unit", "ubigeo", "printed_name"]
    table = FORMATS["midagri_livestock"].read(SAMPLES / f"livestock/anuario_pecuario_{year}.xlsx")
    theirs = entered(HERDS, key, edition=str(year))
    compare(figures(table.frame, key), theirs, LIVESTOCK[year], rounding=5e-4)
    misprints = [one.row for one in table.repairs if one.action == "read"]
    assert misprints == (["C_38!Q5"] if year > 2019 else [])
    doubtful = {one.row for one in table.repairs if one.action == "flag"}
    assert ({"C_36!Q6", "C_36!R6"} <= doubtful) == (year > 2019) and "C_42!D6" in doubtful


def test_other_species():
    file = SAMPLES / "livestock/anuario_pecuario_2024.xlsx"
    wanted = {"species": ["sheep", "cattle", "pig", "goat"]}
    table = FORMATS["midagri_livestock"].read(file, wanted=wanted)
    assert table.frame.groupby("species").size().to_dict() == {
        "cattle": 100, "goat": 100, "pig": 100, "sheep": 175
    }  # fmt: skip
    nation = table.frame.query("ubigeo == '00' and variable == 'fibre'")
    assert float(nation["2024"].iloc[0]) == pytest.approx(8031.46, rel=1e-3)  # also table C.84


BULLETINS = {2021: 330, 2022: 345, 2024: 375, 2025: 390}


@pytest.mark.parametrize("year", BULLETINS)
def test_bulletin(year):
    file = SAMPLES / f"bulletins/el_agro_en_cifras_{year}_diciembre.xlsx"
    frame = FORMATS["midagri_bulletin"].read(file, aside=[]).frame
    edition = f"{year}-12"
    assert set(frame["edition"]) == {edition}
    key = ["crop_printed", "ubigeo", "printed_name"]
    theirs = entered(CROPS, key, edition=edition)
    compare(figures(frame[frame["crop_printed"] != ""], key), theirs, 2916)
    key = ["product_printed", "unit"]
    theirs = entered(NATION, key, edition=edition)
    nation = frame[(frame["product_printed"] != "") & (frame["ubigeo"] == "")]
    compare(figures(nation, key), theirs, BULLETINS[year])
    # The value of all regions is the nation's in the series.
    value = figures(frame[frame["unit"].str.startswith("million")], ["product_printed", "ubigeo"])
    for year in {place[-1] for place in value.loc[:, "00"].index}:
        assert value["Sector Agropecuario", "00", year] == pytest.approx(
            value["Sector Agropecuario", "", year], rel=1e-3
        )


WORKBOOKS = {"dep07": "08", "dep08": "09", "dep20": "21", "peru_actividades": "00"}


@pytest.mark.parametrize("file", WORKBOOKS)
def test_value_added(file):
    key = ["ubigeo", "price_basis", "activity"]
    table = FORMATS["inei_value_added"].read(SAMPLES / f"gdp/pbi_{file}_17.xlsx")
    frame = table.frame
    theirs = entered(ACTIVITIES, key, ubigeo=WORKBOOKS[file])
    # Cusco's last activity at current prices was entered as printed there; it is the same one.
    rest = "Otras actividades (incl. pesca y acuicultura)"
    theirs = theirs.rename(index={"Otros Servicios": rest})
    compare(figures(frame, key), theirs, 19 * len(frame), rounding=5e-4)
    marks = {
        year: set(frame[f"{year} status"]) for year in ("2007", "2022", "2023", "2024", "2025")
    }
    assert list(marks.values()) == [{"A"}, {"A"}, {"P"}, {"P"}, {"E"}]


@pytest.mark.parametrize(
    "file, folder, feeds",
    [
        ("livestock/anuario_pecuario_2024.xlsx", "midagri_livestock_2024", "camelid_yearbooks"),
        (
            "bulletins/el_agro_en_cifras_2025_diciembre.xlsx",
            "midagri_cifras_2025",
            "crop_production",
        ),
        ("gdp/pbi_dep20_17.xlsx", "inei_pbi_2025", "value_added"),
    ],
)
def test_add_knows_a_workbook(tmp_path, file, folder, feeds):
    (tmp_path / "raw").mkdir()
    said = incoming.add(SAMPLES / file, tmp_path / "raw")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == [folder] and feeds in said
    if "livestock" in file:
        assert "repaired: C_38!Q5: '2020' read as '2019'" in said and "doubtful: C_36!R6" in said


def test_the_tables_take_workbooks_beside_what_was_entered(tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(RAW, raw)
    for file in ("livestock/anuario_pecuario_2024", "bulletins/el_agro_en_cifras_2025_diciembre"):
        incoming.add(SAMPLES / f"{file}.xlsx", raw)
    for number in ("07", "20"):
        incoming.add(SAMPLES / f"gdp/pbi_dep{number}_17.xlsx", raw)
    made = making.make(raw)
    # By table, what the workbook gives: the same as what was entered of it, row by row.
    for name, entered_as, added_as, of_it in (
        ("camelid_yearbooks", "midagri_livestock", "midagri_livestock_2024", "edition == '2024'"),
        ("crop_production", "midagri_cifras", "midagri_cifras_2025", "edition == '2025-12'"),
        ("coffee_regional", "midagri_cifras", "midagri_cifras_2025", "edition == '2025-12'"),
        ("national_series", "midagri_cifras", "midagri_cifras_2025", "edition == '2025-12'"),
        ("value_added", "inei_pbi_2026", "inei_pbi_2025", "ubigeo in ['08', '21']"),
    ):
        text = dict.fromkeys(("ubigeo", "edition", "price_basis"), str)
        table = pd.read_csv(io.BytesIO(made[f"{name}.csv"]), dtype=text)
        key = [x for x in tables.schema()["tables"][name]["key"] if x != "source"]
        before, added = (
            table[table["source"] == source].query(of_it).set_index(key).sort_index()
            for source in (entered_as, added_as)
        )
        assert len(added) > 50 and (table["source"] == added_as).sum() == len(added)
        columns = before.columns.drop(["source", "origin"])
        pd.testing.assert_frame_equal(before[columns], added[columns], rtol=1e-6, atol=6e-4)
