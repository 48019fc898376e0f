"""Crops and coffee by district: what the workbook prints, typed here; what cleaning refuses."""

import hashlib
import shutil

import pytest
import yaml

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract.ledger import Ledger
from valuechains.tables import build as making
from valuechains.tables import load

OUTPUT = "midagri_seia_bd_2024/crop_output_by_department_2023.csv"
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


def with_cell(tmp_path, name, old, new):
    """Return a reader of the raw files in which one piece of text of a file is another."""
    for folder in ("midagri_seia_bd_2024", "project_names"):
        shutil.copytree(RAW / folder, tmp_path / folder)
    path = tmp_path / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    beside = path.with_name(path.name + ".source.yml")
    fields = yaml.safe_load(beside.read_text(encoding="utf-8"))
    fields["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    beside.write_text(yaml.safe_dump(fields), encoding="utf-8")
    return Ledger(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "table", "message"),
    [
        (OUTPUT, "Puno,CAFE,7848.1,", "Puno,CAFE,78481,", "crop_output", "price of 2007 "),
        (OUTPUT, ",113309.6,", ",11330960,", "crop_output", "kilogram .soles. is 1444"),
        (OUTPUT, ",113309.6,", ",1133.096,", "crop_output", "over the country's is 0.01516"),
        (OUTPUT, "21,Puno,CAFE,", "08,Puno,CAFE,", "crop_output", "08 is not the code of Puno"),
        (OUTPUT, "Puno,CAFE,", "Puno,CAFÉ,", "crop_output", "'CAFÉ' is unknown"),
        (OUTPUT, "Apurímac,ANIS,", "Apurímac,AJO,", "crop_output", "anise is not in crop_output"),
        (DISTRICTS, "TILE,5705.0", "TILE,57050.0", "coffee_district", "production_t of Cusco"),
        (DISTRICTS, "080408,08,", "080408,21,", "coffee_district", "080408 is not in Puno"),
    ],
)  # fmt: skip
def test_a_slip_in_the_workbook_is_refused(tmp_path, name, old, new, table, message):
    read = with_cell(tmp_path, name, old, new)
    with pytest.raises(DataError, match=message):
        making.Build(read).table(table)
