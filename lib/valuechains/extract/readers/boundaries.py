"""Boundaries: GeoJSON, GeoPackage or shapefile → polygons by UBIGEO code."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError
from pyproj.exceptions import ProjError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ...core import places
from ...core.errors import DataError
from ...core.paths import relative
from .formats import Format, Found, recogniser
from .table import RawTable, Repair
from .text import LARGEST, head, is_web_page
from .ubigeo import codes_of, names_of, texts_of

PERU = (-81.33, -18.35, -68.65, -0.04)  # west, south, east, north
INSIDE = (".shp", ".gpkg", ".geojson", ".topojson")  # what an archive may hold one of


class Layer(RawTable):
    """Polygons of one level, in longitude and latitude; they become maps, and no rows.

    Attributes
    ----------
    level : str
        ``department`` or ``province``.
    shapes : GeoDataFrame
        Index ``code`` (UBIGEO, two or four digits), columns ``name``, ``geometry`` and
        ``place`` (the features that it is made of: ``feature 3``).
    """

    def __init__(self, path: Path, level: str, shapes: gpd.GeoDataFrame, features: int) -> None:
        super().__init__(path, pd.DataFrame())
        self.level, self.shapes = level, shapes
        self.unused = {"polygons, for the maps": features}


def read_boundaries(path: Path) -> Layer:
    """Return the polygons of departments or provinces in a file, dissolved by their codes.

    The column of codes is found by its content, then names are compared with it; departments
    can have names alone. What is not valid is repaired, and noted in ``repairs``.

    Raises
    ------
    DataError
        For what is no such file, districts and points, a code or a name that is unknown, code
        and name that contradict each other, a feature without geometry, a coordinate system
        that is not declared or not right.
    """
    found = _read(path)
    name = relative(path)
    kinds = set(found.geom_type.dropna())
    if wrong := kinds - {"Polygon", "MultiPolygon"}:
        raise DataError(f"{name}: {', '.join(sorted(wrong))}, expected polygons")
    found.index = [f"feature {number}" for number in range(1, len(found) + 1)]
    texts = {
        str(column): texts_of(found[column]) for column in found.columns.drop(found.geometry.name)
    }
    repairs: list[Repair] = []
    level, codes = codes_of(texts, name, repairs)
    if level == "district":
        raise DataError(f"{name}: districts are not supported, expected departments or provinces")
    if (empty := found.geometry.isna() | found.geometry.is_empty).any():
        raise DataError(f"{name}, {found.index[empty][0]} ({codes[empty].iloc[0]}): no geometry")
    geometry = _valid(_located(found.geometry, name, repairs), repairs)
    names = codes.map(places.name) if level == "department" else names_of(texts, codes, repairs)
    out = Layer(path, level, _dissolved(codes, names, geometry, repairs), len(found))
    out.repairs = repairs
    return out


def _source(path: Path) -> str:
    """Return the name under which GDAL opens a file, if its content is one of what we read."""
    start, name = head(path), relative(path)
    if is_web_page(start):
        raise DataError(f"{name}: a web page or XML, expected GeoJSON, GeoPackage or shapefile")
    if start.startswith(b"PK"):
        return _inside(path)
    if path.stat().st_size > LARGEST:
        raise DataError(f"{name}: larger than {LARGEST / 1e6:,.0f} MB")
    if start.startswith(b"\0\0\x27\x0a"):
        for suffix in (".shx", ".dbf", ".prj"):
            if not path.with_suffix(suffix).is_file():
                raise DataError(f"{name}: no {path.with_suffix(suffix).name} beside it: pack all "
                                "files of the shapefile into one .zip")  # fmt: skip
    elif not start.startswith(b"SQLite format 3\0") and not _is_json(start):
        raise DataError(f"{name}: not GeoJSON, GeoPackage or shapefile")
    return str(path)


def _is_json(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _inside(path: Path) -> str:
    """Return the name of the one layer in an archive, refusing what unpacks too large."""
    name = relative(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise DataError(f"{name}: a truncated archive (the end of the file is missing)") from None
    if (size := sum(one.file_size for one in members)) > 3 * LARGEST:
        raise DataError(f"{name}: unpacks to {size / 1e6:,.0f} MB, expected at most "
                        f"{3 * LARGEST / 1e6:,.0f} MB")  # fmt: skip
    files = {one.filename for one in members}
    layers = [one for one in sorted(files) if one.lower().endswith(INSIDE)]
    if len(layers) != 1:
        raise DataError(f"{name}: {len(layers)} layers in the archive, expected one of "
                        f"{', '.join(INSIDE)}")  # fmt: skip
    (layer,) = layers
    if layer.lower().endswith(".shp"):
        lower = {one.lower() for one in files}
        for suffix in (".shx", ".dbf", ".prj"):
            if layer.lower().removesuffix(".shp") + suffix not in lower:
                raise DataError(f"{name}: no {suffix} in the archive beside {layer}")
    return f"/vsizip/{{{path}}}/{layer}"


def _read(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a file as published; a warning of GDAL is a refusal."""
    source, name = _source(path), relative(path)
    try:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always")
            layers = [str(one) for one, kind in pyogrio.list_layers(source) if kind]
            if len(layers) != 1:
                raise DataError(f"{name}: layers {', '.join(layers) or 'without geometry'}, "
                                "expected one")  # fmt: skip
            found = pyogrio.read_dataframe(source, layer=layers[0])
        # A reader that is in doubt about a file only warns: unclosed rings, missing records.
        problem = next((one.message for one in noted if one.category is RuntimeWarning), None)
    except (DataSourceError, DataLayerError, FeatureError, GeometryError, ProjError,
            UnicodeDecodeError, shapely.errors.ShapelyError) as refused:  # fmt: skip
        problem = refused
    if problem is not None:
        text = " ".join(str(problem).replace(source, path.name).split())
        raise DataError(f"{name}: can't be read ({text[:200]})")
    if found.empty:
        raise DataError(f"{name}: no features in it")
    return found


def read_features(path: Path) -> list[tuple[dict, BaseGeometry]]:
    """Return (properties, geometry) of every feature of a GeoJSON file in longitude/latitude.

    Raises
    ------
    DataError
        When the file is no FeatureCollection, or a feature has no or an invalid geometry.
    """
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        read = [(one["properties"] or {}, one["geometry"]) for one in features]
    except FileNotFoundError:
        raise DataError(f"{relative(path)}: the file is missing") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise DataError(f"{relative(path)}: not a GeoJSON FeatureCollection ({problem})") from None
    out = []
    for number, (properties, geometry) in enumerate(read, start=1):
        if geometry is None:
            raise DataError(f"{relative(path)}, feature {number}: no geometry")
        polygon = shape(geometry)
        if not polygon.is_valid:
            raise DataError(f"{relative(path)}, feature {number}: the geometry is not valid")
        out.append((properties, polygon))
    return out


def _located(geometry: gpd.GeoSeries, name: str, repairs: list[Repair]) -> gpd.GeoSeries:
    """Return geometries in longitude and latitude, refused where they do not lie in Peru."""
    geometry = gpd.GeoSeries(shapely.force_2d(geometry.values), geometry.index, geometry.crs)
    if geometry.crs is None:
        _check_place(geometry, name, "it declares no coordinate system, and ")
        repairs.append(Repair("header", "coordinate system", "read", "", "EPSG:4326",
                              "none declared; the bounds are Peru's in degrees"))  # fmt: skip
        return geometry.set_crs("EPSG:4326")
    try:
        geometry = geometry.to_crs("EPSG:4326")
    except ProjError as problem:
        raise DataError(f"{name}: coordinate system {geometry.crs.name!r}: {problem}") from None
    _check_place(geometry, name, f"coordinate system {geometry.crs.name!r}: ")
    return geometry


def _check_place(geometry: gpd.GeoSeries, name: str, says: str) -> None:
    found = geometry.total_bounds
    west, south, east, north = found
    if all(abs(one - side) < 0.5 for one, side in zip(found, PERU, strict=True)):
        return
    is_swapped = all(
        abs(one - side) < 0.5 for one, side in zip((south, west, north, east), PERU, strict=True)
    )
    why = "latitude and longitude are swapped" if is_swapped else (
        f"from {west:.6g}, {south:.6g} to {east:.6g}, {north:.6g}, expected Peru's bounds "
        f"{', '.join(map(str, PERU))} in degrees"
    )  # fmt: skip
    raise DataError(f"{name}: {says}{why}")


def _valid(geometry: gpd.GeoSeries, repairs: list[Repair]) -> gpd.GeoSeries:
    """Return geometries that are valid polygons."""
    geometry = geometry.copy()
    for place in geometry.index[~geometry.is_valid]:
        mended = shapely.make_valid(geometry[place], method="structure")
        parts = [one for one in shapely.get_parts(mended) if one.geom_type.endswith("Polygon")]
        why = shapely.is_valid_reason(geometry[place]).partition("[")[0]
        repairs.append(Repair(place, "geometry", "read", why, "valid", "repaired (make_valid)"))
        geometry[place] = shapely.union_all(parts)
    return geometry


def _dissolved(
    codes: pd.Series, names: pd.Series, geometry: gpd.GeoSeries, repairs: list[Repair]
) -> gpd.GeoDataFrame:
    """Return one polygon a code; parts with several names take that of the largest."""
    rows = {}
    for code, rows_of_code in codes.groupby(codes).groups.items():
        parts = geometry[rows_of_code]
        largest = rows_of_code[shapely.area(parts.values).argmax()]
        rows[code] = (names[largest], shapely.union_all(parts.values), " ".join(rows_of_code))
        if len(parts) > 1:
            called = ", ".join(dict.fromkeys(names[rows_of_code]))
            repairs.append(Repair(largest, "geometry", "read", f"{len(parts)} parts: {called}",
                                  f"{code} {names[largest]}", "dissolved by code"))  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["name", "geometry", "place"])
    return gpd.GeoDataFrame(frame.rename_axis("code"), geometry="geometry", crs=geometry.crs)


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file holds geometries: GeoJSON, TopoJSON, GeoPackage or shapefile."""
    start = head(path)
    if start.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            return any(one.lower().endswith(INSIDE) for one in archive.namelist())
    if _is_json(start):
        return re.search(rb'"type"\s*:\s*"(FeatureCollection|Topology)"', start) is not None
    return start.startswith(b"\0\0\x27\x0a") or start[68:72] == b"GPKG"


def describe(path: Path) -> Found:
    """Return what a file of boundaries holds; provinces are drawn, departments when asked."""
    if head(path).startswith(b"\0\0\x27\x0a"):
        raise DataError(f"{relative(path)}: one of the several files of a shapefile: pack them all "
                        "into one .zip, and add that")  # fmt: skip
    layer = read_boundaries(path)
    is_default = layer.level == "department"
    use = (
        "the maps keep Natural Earth's departments; `table: boundaries` in the sidecar draws these"
        if is_default
        else "plot.map(..., level='province') draws them"
    )
    return Found.by_name(
        path,
        contents=(
            f"{len(layer.shapes)} {layer.level}s of {sum(layer.unused.values())} features",
            *(f"repaired: {one.row}, {one.column}: {one.reason}" for one in layer.repairs[:5]),
            use,
        ),
        kind="dataset",
        sidecar={} if is_default else {"table": "provinces"},
    )


FORMAT = Format("boundaries", recognise, describe, read_boundaries, feeds=())
