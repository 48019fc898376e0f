"""Crops and coffee by district: what the workbook prints, typed here; what cleaning refuses."""

import pytest

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.extract.ledger import Ledger
from valuechains.tables import load
from valuechains.tables.build import Build

OUTPUT = "midagri_seia_bd_2024/crop_output_by_department_2023.csv"
VALUE = "Gross value (thousand soles)"
DISTRICTS = "midagri_seia_bd_2024/coffee_by_district_2023.csv"


def test_crops_of_2023():
    rows = load("crop_output").set_index(["ubigeo", "crop"])
    assert len(rows) == 1574 and rows.index.get_level_values("crop").nunique() == 158
    assert set(places.codes()) - set(rows.index.get_level_values("ubigeo")) == {"07"}  # Callao
    # Rows CAFE of Puno, AVENA FORRAJERA of Puno and VID of Ica in the extract.
    assert rows.loc[("21", "coffee"), "production_t"] == 7848.1
    assert rows.loc[("21", "coffee"), "gross_value_thousand_pen"] == 113309.6
    assert rows.loc[("08", "coffee"), "gross_value_thousand_pen"] == 289450.3
    assert load("crops").set_index("crop").loc["barley_fodder", "published_name"] == (
        "CEBADA  FORRAJERA"
    )


def test_coffee_of_the_country():
    districts = load("coffee_district")
    assert len(districts) == 338
    assert districts["production_t"].sum() == pytest.approx(369_500.522, abs=5e-4)
    crops = load("crop_output").query("crop == 'coffee'")
    assert crops["production_t"].sum() == pytest.approx(369_500.522, abs=5e-4)
    # FAOSTAT, from the same ministry, has 50 t more: 369,550.52.
    faostat = load("coffee_national").query("year == 2023 and source == 'faostat_qcl_2025'")
    assert crops["production_t"].sum() == pytest.approx(faostat["production_t"].item(), rel=2e-4)
    oro = districts.set_index("ubigeo_district").loc["211207"]
    assert (oro["province_name"], oro["district_name"]) == ("Sandia", "San Juan del Oro")


@pytest.mark.parametrize(
    ("file", "where", "column", "text", "message"),
    [
        (OUTPUT, "Puno CAFE", "Production (t)", "78481", "price of 2007 "),
        (OUTPUT, "Puno CAFE", VALUE, "11330960", "kilogram .soles. is 1444"),
        (OUTPUT, "Puno CAFE", VALUE, "1133.096", "over the country's is 0.01516"),
        (OUTPUT, "Puno CAFE", "Code", "08", "08 is not the code of Puno"),
        (OUTPUT, "Puno CAFE", "Crop", "CAFÉ", "'CAFÉ' is unknown"),
        (OUTPUT, "Apurímac ANIS", "Crop", "AJO", "garlic stands more than once"),
        (DISTRICTS, "080408", "Production (t)", "57050.0", "production_t of Cusco"),
        (DISTRICTS, "080408", "Code", "21", "080408 is not in Puno"),
    ],
)
def test_a_slip_in_the_workbook_is_refused(file, where, column, text, message):
    read = Ledger()
    frame = read.read(file).frame
    keys = ["Department", "Crop"] if file == OUTPUT else ["District code"]
    (row,) = frame.index[frame[keys].agg(" ".join, axis=1) == where]
    frame.loc[row, column] = text
    with pytest.raises(DataError, match=message):
        Build(read)["crop_output" if file == OUTPUT else "coffee_district"]
