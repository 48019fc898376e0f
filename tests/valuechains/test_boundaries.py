"""Polygons: joined on codes, of the right size, in the right place."""

import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import Point

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract.boundaries import code_of, read_features
from valuechains.plot import maps
from valuechains.tables import load
from valuechains.tables.boundaries import LAKE, check_capitals

# Natural Earth draws at 1:10 million: Callao (147 km²) is 57 km² there, and coasts are smoothed.
LOOSE = {"07": 0.65}


@pytest.fixture(scope="module")
def shapes():
    return maps.departments().set_index("ubigeo")


def test_areas_are_those_of_the_departments(shapes):
    official = load("department_area").query("source == 'jmcastagnetto_2022'")
    official = official.set_index("ubigeo")["area_km2"]
    assert list(shapes.index) == list(places.codes())
    off = (shapes.area / 1e6 / official - 1).abs()
    for code, gap in off.items():
        assert gap < LOOSE.get(code, 0.065), (places.name(code), gap)
    assert (shapes.area.sum() / 1e6) == pytest.approx(official.sum(), rel=0.005)


def test_puno_is_puno_without_its_lake(shapes):
    assert shapes.loc["21"].geometry.area / 1e6 == pytest.approx(66993.52, rel=0.01)
    lake = shapely.union_all([g for _, g in read_features(RAW / LAKE)])
    degrees = shapes.to_crs("EPSG:4326").geometry["21"]
    assert degrees.intersection(lake).area < 0.001 * lake.area


def test_each_capital_lies_in_its_polygon_and_in_no_other(shapes):
    to_metres = Transformer.from_crs("EPSG:4326", shapes.crs, always_xy=True).transform
    for row in load("departments").query("ubigeo != '00'").itertuples():
        capital = Point(to_metres(row.capital_longitude_deg, row.capital_latitude_deg))
        nearest = shapes.distance(capital).idxmin()
        assert nearest == row.ubigeo, (row.department_name, nearest)


def test_polygons_do_not_overlap(shapes):
    parts = shapes.area.sum()
    assert shapely.union_all(shapes.geometry.to_numpy()).area == pytest.approx(parts, rel=1e-4)


def test_codes_not_names_join():
    assert natural_earth_code({"name": "Callao", "gn_a1_code": "PE.21"}) == "21"
    assert natural_earth_code({"name": "Lima Province", "gn_a1_code": "PE.LMA"}) == "15"
    for code in (None, "PE.26", "PE.", "BO.04"):
        with pytest.raises(DataError, match=r"expected PE.01 to PE.25"):
            natural_earth_code({"gn_a1_code": code})


def test_swapped_and_missing_polygons_are_refused():
    square = shapely.box(0, 0, 1, 1)
    with pytest.raises(DataError, match="no polygon for"):
        dissolve([({"gn_a1_code": "PE.08"}, square)])
    polygons = dict.fromkeys(places.codes(), square)
    with pytest.raises(DataError, match="Chachapoyas is not in the polygon of Amazonas"):
        check_capitals(polygons, load("departments"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "not a GeoJSON"),
        ("x", "not a GeoJSON"),
        ('{"features": [{"properties": {}, "geometry": null}]}', "feature 1: no geometry"),
        (
            '{"features": [{"properties": {}, "geometry": {"type": "Polygon", "coordinates":'
            "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}]}",
            "feature 1: the geometry is not valid",
        ),
    ],
)
def test_broken_geojson_is_refused(tmp_path, text, message):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_features(path)
