"""Boundaries: GeoJSON, TopoJSON, GeoPackage or zipped shapefile → polygons by UBIGEO code."""

import re
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from ..core import places
from ..core.errors import DataError, there_are
from ..core.paths import relative
from .formats import Format, Found, unnamed
from .raw import RawTable, check_codes
from .sidecar import read_sidecar
from .text import GPKG, JSON, ZIP, head, kind

PERU = (-81.33, -18.35, -68.65, -0.04)  # west, south, east, north
INSIDE = (".shp", ".gpkg", ".geojson", ".topojson")  # what an archive may hold one of
NATURAL_EARTH = "gn_a1_code"  # its column of codes
# How publishers call the column of codes, the finest first; then that of departments' names.
CODES = ("ubigeo", "first_idpr", "idprov", "first_iddp", "iddpto", "coddep", "ccdd", NATURAL_EARTH)
CODES += ("nombdep", "departamento", "departamen", "dpto")


# The provinces of each department, in the order of codes; Loreto had 7 until 2014.
PROVINCES = (7, 20, 7, 8, 11, 13, 1, 13, 7, 11, 5, 9, 12, 3, 10, 8, 3, 3, 3, 8, 13, 10, 4, 3, 4)
LORETO = "16"


class Layer(RawTable):
    """Polygons of one level, in longitude and latitude; they become maps, and no rows.

    ``level`` is ``department`` or ``province``, ``codes`` the column that codes were read from;
    ``shapes`` a GeoDataFrame: index ``code`` (UBIGEO, two or four digits), columns ``name``,
    ``geometry`` and ``place`` (the features that it is made of: ``feature 3``).
    """

    level: str
    codes: str
    shapes: gpd.GeoDataFrame


def read_boundaries(path: Path, codes: str | dict | None = None) -> Layer:
    """Return the polygons of departments or provinces in a file, dissolved by their codes.

    ``codes`` names the column of UBIGEO codes (or of names of departments). Without it the first
    of `CODES` that is there is taken. With ``{column: …, words: {…}}`` the words that it has for
    parts of a department are read as ours: its polygons are joined.
    """
    declared = codes if isinstance(codes, dict) else {"column": codes}
    features = read_features(path)
    if kinds := set(features.geom_type) - {"Polygon", "MultiPolygon"}:
        raise DataError(f"{relative(path)}: {', '.join(sorted(kinds))}, expected polygons")
    table = pd.DataFrame(features.drop(columns=features.geometry.name))
    # As text: whole numbers without ".0", nothing as "".
    texts = table.convert_dtypes().astype("string").fillna("").astype(object).map(str.strip)
    texts = texts.replace({declared["column"]: declared.get("words", {})})
    layer = Layer(path, texts)
    layer.codes, found = _code_column(layer, declared["column"])
    is_province = len(found.iloc[0]) > 2
    layer.level = "province" if is_province else "department"
    _refuse_parts(found, layer)
    names = _names(texts, found) if is_province else found.map(places.name)
    layer.shapes = _dissolved(found, names, _located(features.geometry, layer), layer)
    layer.frame = layer.whole = pd.DataFrame()
    layer.unused = {"polygons, for the maps": len(features)}
    return layer


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a file as published, by their number (``feature 1``)."""
    source, name = _source(path), relative(path)
    try:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always")
            layers = [str(layer) for layer, shape in pyogrio.list_layers(source) if shape]
            features = pyogrio.read_dataframe(source, layer=layers[0]) if layers else None
        # A reader that is in doubt about a file only warns: unclosed rings, missing records.
        doubts = [warning.message for warning in noted if warning.category is RuntimeWarning]
    except (RuntimeError, ValueError, shapely.errors.ShapelyError) as problem:
        doubts = [problem]
    if doubts:
        message = " ".join(str(doubts[0]).replace(source, path.name).split())
        raise DataError(f"{name}: can't be read ({message[:200]})")
    if len(layers) != 1 or features.empty:
        there = ", ".join(layers) or "without geometry"
        raise DataError(f"{name}: layers {there}, expected one, with features in it")
    features.index = [f"feature {number}" for number in range(1, len(features) + 1)]
    for place in features.index[features.geometry.isna() | features.geometry.is_empty]:
        raise DataError(f"{name}, {place}: no geometry")
    return features


def _source(path: Path) -> str:
    """Return the name under which GDAL opens a file, if its content is one of what we read.

    GDAL opens much more, virtual layers that read other files and addresses among it.
    """
    if kind(path, JSON, GPKG, ZIP) != ZIP:
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        truncated = "a truncated archive (the end of the file is missing)"
        raise DataError(f"{relative(path)}: {truncated}") from None
    layers = [name for name in names if name.lower().endswith(INSIDE)]
    if len(layers) != 1:
        expected = f"expected one of {', '.join(INSIDE)}"
        raise DataError(f"{relative(path)}: {len(layers)} layers in the archive, {expected}")
    endings = {Path(name).suffix.lower() for name in names}
    if ".shp" in endings and not endings >= {".shx", ".dbf", ".prj"}:
        raise DataError(f"{relative(path)}: a shapefile has its .shx, .dbf and .prj in the archive")
    return f"/vsizip/{{{path}}}/{layers[0]}"


def code_of(text: str) -> str | None:
    """Return the UBIGEO code of a department or a province that a text is, if it is one.

    Natural Earth's ``gn_a1_code`` is INEI's number too (``PE.21`` is Puno, whose ``name`` reads
    "Callao" there); Lima's capital province stands apart as ``PE.LMA``.

    >>> code_of("8"), code_of("080000"), code_of("PE.21"), code_of("10100"), code_of("26")
    ('08', '08', '21', '0101', None)
    """
    number = "15" if text == "PE.LMA" else text.removeprefix("PE.")
    code = places.restored(number, 2) or places.restored(number, 4) or ""
    # No department has more than 20 provinces.
    is_known = code[:2] in places.codes() and 1 <= int(code[2:] or 1) <= 20
    return code if is_known else None


def _code_column(table: RawTable, declared: str | None) -> tuple[str, pd.Series]:
    """Return the column of codes (or of names of departments) and the code of each feature."""
    texts = table.frame
    headers = {column.casefold(): column for column in texts}
    column = declared or next((headers[name] for name in CODES if name in headers), "ubigeo")
    if column not in texts:
        raise DataError(
            f"{table.file}: no column {column!r}{there_are(column, texts)}: name the one of UBIGEO "
            "codes, or of departments, under `codes` in the sidecar"
        )
    codes = texts[column].map(code_of)
    if codes.isna().all():
        codes = texts[column].map(places.named).replace(places.COUNTRY, None)
    usual = codes.str.len().mode()
    codes = codes.where(codes.str.len().isin(usual[:1]), None)
    expected = "expected a UBIGEO code or a department, one level in the file"
    table.refuse(codes.isna(), column, expected)
    if column != NATURAL_EARTH:  # which calls two features Callao
        check_codes(table, column, codes.str[:2])
    restored = codes.index[(codes != texts[column]) & texts[column].str.isdigit()]
    for place in restored[:1]:
        why = f"UBIGEO codes restored: {len(restored)}"
        table.note("header", column, texts.at[place, column], codes[place], why)
    return column, codes


def _refuse_parts(codes: pd.Series, layer: Layer) -> None:
    """Refuse a file that has not all the departments, or not all the provinces of each."""
    counts = codes.drop_duplicates().str[:2].value_counts()
    of_each = PROVINCES if layer.level == "province" else (1,) * len(PROVINCES)
    for code, most in zip(places.codes(), of_each, strict=True):
        is_older = code == LORETO and counts.get(code) == most - 1 > 0
        if counts.get(code, 0) != most and not is_older:
            raise DataError(
                f"{layer.file}: {counts.sum()} {layer.level}s, {counts.get(code, 0)} in "
                f"{places.name(code)}, expected {most}: a map needs all {sum(of_each)} of Peru "
                "(the whole country as INEI, IGN or MINAM publish it, with UBIGEO codes)"
            )


def _names(texts: pd.DataFrame, codes: pd.Series) -> pd.Series:
    """Return the names of provinces, as a column of names gives them, else their codes."""
    for _, names in texts.items():
        if names.str.fullmatch(r"[^\d]{3,}").all() and names.nunique() > 0.8 * len(names):
            return names.map(lambda name: places.capitalised(name) if name.isupper() else name)
    return codes


def _located(geometry: gpd.GeoSeries, layer: Layer) -> gpd.GeoSeries:
    """Return valid geometries in longitude and latitude, which must have Peru's bounds."""
    geometry = gpd.GeoSeries(shapely.force_2d(geometry.values), geometry.index, geometry.crs)
    system = f"coordinate system {geometry.crs.name!r}" if geometry.crs else "no coordinate system"
    if geometry.crs is None:
        reason = "none declared; the bounds are Peru's in degrees"
        layer.note("header", "coordinate system", "", "EPSG:4326", reason)
        geometry = geometry.set_crs("EPSG:4326")
    try:
        geometry = geometry.to_crs("EPSG:4326")
    except RuntimeError as problem:
        raise DataError(f"{layer.file}: {system}: {problem}") from None
    bounds = geometry.total_bounds
    if not np.allclose(bounds, PERU, rtol=0, atol=0.5):
        found, expected = ", ".join(f"{side:.6g}" for side in bounds), ", ".join(map(str, PERU))
        raise DataError(
            f"{layer.file}: {system}, bounds {found}, expected Peru's {expected} in degrees"
        )
    for place, reason in geometry[~geometry.is_valid].is_valid_reason().items():
        layer.note(place, "geometry", reason.partition("[")[0], "valid", "repaired (make_valid)")
    return geometry.make_valid(method="structure", keep_collapsed=False)


def _dissolved(
    codes: pd.Series, names: pd.Series, geometry: gpd.GeoSeries, layer: Layer
) -> gpd.GeoDataFrame:
    """Return one polygon a code; parts with several names take that of the largest."""
    columns = {"code": codes, "name": names, "place": codes.index, "size": shapely.area(geometry)}
    features = gpd.GeoDataFrame(columns, geometry=geometry).sort_values("size", ascending=False)
    for code, parts in features[features["code"].duplicated(keep=False)].groupby("code"):
        was = f"{len(parts)} parts: {', '.join(parts['name'].unique())}"
        now = f"{code} {parts['name'].iloc[0]}"
        layer.note(parts.index[0], "geometry", was, now, "dissolved by code")
    return features.dissolve("code", aggfunc={"name": "first", "place": " ".join})


def fits(path: Path) -> bool:
    """Return whether a file holds geometries: GeoJSON, TopoJSON, GeoPackage or shapefile."""
    found, start = kind(path), head(path)
    if found == ZIP:
        with zipfile.ZipFile(path) as archive:
            return any(member.lower().endswith(INSIDE) for member in archive.namelist())
    if found == JSON:
        return re.search(rb'"type"\s*:\s*"(FeatureCollection|Topology)"', start) is not None
    return "shapefile" in found or start[68:72] == b"GPKG"


def describe(path: Path) -> Found:
    """Return what a file of boundaries holds; provinces are drawn, departments when asked."""
    layer = read_boundaries(path)
    sidecar = {"codes": layer.codes}
    use = "the maps keep Natural Earth's departments; `table: boundaries` draws these"
    if layer.level == "province":
        sidecar["table"] = "provinces"
        use = "vc.map(…) of codes of four digits draws them"
    features = sum(layer.unused.values())
    repairs = [f"repaired: {row}, {column}: {why}" for row, column, *_, why in layer.repairs[:5]]
    contents = (f"{len(layer.shapes)} {layer.level}s of {features} features", *repairs, use)
    return unnamed(path, contents, kind="dataset", **sidecar)


def _read(path: Path) -> Layer:
    return read_boundaries(path, read_sidecar(path).codes)


FORMAT = Format("boundaries", fits, describe, _read, feeds=())
