"""Polygons: joined on codes, of the right size, in the right place."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import Point

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract.boundaries import code_of, read_boundaries, read_features
from valuechains.plot import geography as maps
from valuechains.tables import boundaries, load
from valuechains.tables.boundaries import DEPARTMENTS, LAKE, check

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
    lake = read_features(RAW / LAKE).union_all()
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


def test_codes_not_names_join(tmp_path):
    """Two features of Natural Earth's file are named Callao; the one with PE.21 is Puno."""
    assert [code_of(text) for text in ("PE.21", "PE.LMA", "PE.7")] == ["21", "15", "07"]
    assert [code_of(text) for text in ("", "PE.26", "PE.", "BO.04")] == [None] * 4
    layer = read_boundaries(RAW / DEPARTMENTS)
    assert (layer.codes, layer.level, len(layer.shapes)) == ("gn_a1_code", "department", 25)
    assert layer.shapes.at["21", "name"] == "Puno"
    bad = tmp_path / "per.json"
    bad.write_text((RAW / DEPARTMENTS).read_text().replace('"PE.08"', '"PE.26"'))
    with pytest.raises(DataError, match=r"per.json, feature \d+, .*gn_a1_code': .* not 'PE.26'"):
        read_boundaries(bad)


def test_swapped_polygons_are_refused(shapes):
    made = {name: load(name) for name in ("departments", "department_area")}
    degrees = shapes.to_crs("EPSG:4326")
    check(degrees, "x", made, degrees)
    swapped = degrees.rename(index={"01": "08", "08": "01"})
    with pytest.raises(DataError, match="x: Chachapoyas is not in the polygon of Amazonas"):
        check(swapped, "x", made, degrees)


@pytest.mark.parametrize(
    ("km", "said"), [(4.8, []), (5.2, ["a (01) and b (02) overlap by 520 km²"])]
)
def test_polygons_have_at_most_a_twentieth_of_the_smaller_in_common(km, said):
    """Squares of 100 km, the second so far to the left that a strip is in both."""
    shapes = [shapely.box(0, 0, 100e3, 100e3), shapely.box(100e3 - km * 1e3, 0, 300e3, 100e3)]
    layer = {"place": ["a", "b"], "geometry": shapes}
    layer = gpd.GeoDataFrame(layer, index=["01", "02"], crs=places.EQUAL_AREA)
    assert list(boundaries._overlaps(layer)) == said


@pytest.mark.parametrize(("east", "count"), [(1.019, 0), (1.021, 1)])
def test_a_capital_lies_at_most_two_kilometres_outside(east, count):
    """A hundredth of a degree is 1.1 km; the department ends at 1° east."""
    town = {"ubigeo": "01", "department_name": "Amazonas", "capital_name": "Chachapoyas"}
    town |= {"capital_longitude_deg": east, "capital_latitude_deg": 0.5}
    polygons = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], index=["01"])
    assert len(list(boundaries._capitals_outside(polygons, pd.DataFrame([town])))) == count


def test_a_feature_without_geometry_is_refused(tmp_path):
    path = tmp_path / "x.json"
    none, square = '{"type":"Feature","properties":{},"geometry":null}', shapely.box(0, 0, 1, 1)
    good = none.replace("null", shapely.to_geojson(square))
    path.write_text(f'{{"type":"FeatureCollection","features":[{good},{none}]}}')
    with pytest.raises(DataError, match=r"x.json, feature 2: no geometry"):
        read_features(path)
