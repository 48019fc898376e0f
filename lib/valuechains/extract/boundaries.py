"""Boundaries: GeoJSON, TopoJSON, GeoPackage or zipped shapefile → polygons by UBIGEO code."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from ..core import places
from ..core.errors import DataError, candidates
from ..core.paths import relative
from .formats import Format, Found, recogniser
from .raw import RawTable, Repair
from .sidecar import read_sidecar
from .text import LARGEST, head, is_web_page

PERU = (-81.33, -18.35, -68.65, -0.04)  # west, south, east, north
INSIDE = (".shp", ".gpkg", ".geojson", ".topojson")  # what an archive may hold one of
LEVELS = {2: "department", 4: "province", 6: "district"}  # by the digits of a UBIGEO code
# How publishers call the column of codes, the finest first; then that of departments' names.
CODES = ("ubigeo", "first_idpr", "idprov", "first_iddp", "iddpto", "coddep", "ccdd", "gn_a1_code")
CODES += ("nombdep", "departamento", "departamen", "dpto")


class Layer(RawTable):
    """Polygons of one level, in longitude and latitude; they become maps, and no rows.

    ``level`` is ``department`` or ``province``, ``codes`` the column that codes were read from;
    ``shapes`` a GeoDataFrame: index ``code`` (UBIGEO, two or four digits), columns ``name``,
    ``geometry`` and ``place`` (the features that it is made of: ``feature 3``).
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, pd.DataFrame())
        self.level, self.codes, self.shapes = "", "", gpd.GeoDataFrame()

    def note(self, place: str, column: str, was: str, now: str, reason: str) -> None:
        """Record what was put right while reading."""
        self.repairs.append(Repair(place, column, "read", was, now, reason))


def read_boundaries(path: Path, codes: str | dict | None = None) -> Layer:
    """Return the polygons of departments or provinces in a file, dissolved by their codes.

    ``codes`` names the column of UBIGEO codes (or of names of departments). Without it the first
    of `CODES` that is there is taken. With ``{column: …, words: …}`` the words that it has for
    parts of a department are read as ours: its polygons are joined.
    """
    words = codes.get("words", {}) if isinstance(codes, dict) else {}
    codes = codes.get("column") if isinstance(codes, dict) else codes
    features = read_features(path)
    layer = Layer(path)
    if kinds := set(features.geom_type) - {"Polygon", "MultiPolygon"}:
        raise DataError(f"{layer.file}: {', '.join(sorted(kinds))}, expected polygons")
    table = pd.DataFrame(features.drop(columns=features.geometry.name))
    # As text: whole numbers without ".0", nothing as "".
    texts = table.convert_dtypes().astype("string").fillna("").astype(object).map(str.strip)
    if words and codes in texts:
        texts[codes] = texts[codes].replace(words)
    layer.codes, found = _code_column(texts, layer, codes)
    layer.level = LEVELS[len(found.iloc[0])]
    if layer.level == "district":
        raise DataError(f"{layer.file}: districts, expected departments or provinces")
    names = found.map(places.name) if layer.level == "department" else _names(texts, found)
    geometry = _valid(_located(features.geometry, layer), layer)
    layer.shapes = _dissolved(found, names, geometry, layer)
    layer.unused = {"polygons, for the maps": len(features)}
    return layer


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a file as published, by their number (``feature 1``).

    What GDAL reads only with a warning, has several layers or no geometry is refused.
    """
    source, name = _source(path), relative(path)
    try:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always")
            layers = [str(layer) for layer, kind in pyogrio.list_layers(source) if kind]
            features = pyogrio.read_dataframe(source, layer=layers[0]) if layers else None
        # A reader that is in doubt about a file only warns: unclosed rings, missing records.
        doubts = [warning.message for warning in noted if warning.category is RuntimeWarning]
    except (RuntimeError, ValueError, shapely.errors.ShapelyError) as problem:
        doubts = [problem]
    if doubts:
        said = " ".join(str(doubts[0]).replace(source, path.name).split())
        raise DataError(f"{name}: can't be read ({said[:200]})")
    if len(layers) != 1:
        raise DataError(f"{name}: layers {', '.join(layers) or 'without geometry'}, expected one")
    if features.empty:
        raise DataError(f"{name}: no features in it")
    features.index = [f"feature {number}" for number in range(1, len(features) + 1)]
    for place in features.index[features.geometry.isna() | features.geometry.is_empty]:
        raise DataError(f"{name}, {place}: no geometry")
    return features


def _source(path: Path) -> str:
    """Return the name under which GDAL opens a file, if its content is one of what we read."""
    start, name = head(path), relative(path)
    if is_web_page(start):
        raise DataError(f"{name}: a web page or XML, expected GeoJSON, GeoPackage or shapefile")
    if start.startswith(b"PK"):
        return f"/vsizip/{{{path}}}/{_member(path)}"
    if path.stat().st_size > LARGEST:
        raise DataError(f"{name}: larger than {LARGEST / 1e6:,.0f} MB")
    if start.startswith(b"\0\0\x27\x0a"):
        raise DataError(
            f"{name}: one of the several files of a shapefile: pack them all into one .zip, and "
            "add that"
        )
    # GDAL opens much more, virtual layers that read other files and addresses among it.
    if not start.startswith(b"SQLite format 3\0") and not _is_json(start):
        raise DataError(f"{name}: not GeoJSON, GeoPackage or shapefile")
    return str(path)


def _is_json(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _member(path: Path) -> str:
    """Return the name of the one layer in an archive, refusing what unpacks too large."""
    name = relative(path)
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
    except (zipfile.BadZipFile, OSError):
        raise DataError(f"{name}: a truncated archive (the end of the file is missing)") from None
    total, most = sum(sizes.values()) / 1e6, 3 * LARGEST / 1e6
    if total > most:
        raise DataError(f"{name}: unpacks to {total:,.0f} MB, expected at most {most:,.0f} MB")
    layers = [member for member in sizes if member.lower().endswith(INSIDE)]
    if len(layers) != 1:
        expected = ", ".join(INSIDE)
        raise DataError(f"{name}: {len(layers)} layers in the archive, expected one of {expected}")
    members = {member.lower() for member in sizes}
    for suffix in (".shx", ".dbf", ".prj") if layers[0].lower().endswith(".shp") else ():
        if layers[0].lower().removesuffix(".shp") + suffix not in members:
            raise DataError(f"{name}: no {suffix} in the archive beside {layers[0]}")
    return layers[0]


def code_of(text: str) -> str | None:
    """Return the UBIGEO code of two, four or six digits that a text is, if it is one.

    Natural Earth's ``gn_a1_code`` is INEI's number too (``PE.21`` is Puno, whose ``name`` reads
    "Callao" there); Lima's capital province stands apart as ``PE.LMA``.

    >>> code_of("8"), code_of("080000"), code_of("PE.21"), code_of("10100"), code_of("26")
    ('08', '08', '21', '0101', None)
    """
    number = "15" if text == "PE.LMA" else text.removeprefix("PE.")
    for digits in LEVELS:
        code = places.restored(number, digits)
        # No department has more than 20 provinces; district numbers run on to 50 and more.
        is_part = code and 1 <= int(code[2:4] or 1) <= 20 and code[4:] != "00"
        if is_part and code[:2] in places.codes():
            return code
    return None


def _code_column(texts: pd.DataFrame, layer: Layer, declared: str | None) -> tuple[str, pd.Series]:
    """Return the column of codes (or of names of departments) and the code of each feature.

    A code that is none is refused, and one that a name of its department contradicts: codes can
    be RENIEC's, which differ from INEI's from Callao on.
    """
    headers = {column.casefold(): column for column in texts}
    known = [headers[name] for name in CODES if name in headers]
    column = declared or next(iter(known), "ubigeo")
    if column not in texts:
        near = candidates(column, texts.columns)
        raise DataError(
            f"{layer.file}: no column {column!r}{near}; there are {', '.join(texts)}: name the one "
            f"of UBIGEO codes, or of departments, under `codes` in the sidecar (known without it: "
            f"{', '.join(CODES)})"
        )
    named, codes = _named(texts, layer), texts[column].map(code_of)
    if codes.isna().all() and column in named:
        codes = named[column]
    usual = codes.str.len().mode()
    codes = codes.where(codes.str.len().isin(usual[:1]), None)
    for place in codes.index[codes.isna()]:
        near = candidates(texts.at[place, column].title(), map(places.name, places.codes()))
        raise DataError(
            f"{layer.file}, {place}: {column} {texts.at[place, column]!r}{near}, expected a UBIGEO "
            "code or a department"
        )
    for other, names in named.items():
        for place in codes.index[names.notna() & (names != codes.str[:2])]:
            raise DataError(
                f"{layer.file}, {place}: {column} {texts.at[place, column]!r} is "
                f"{places.name(codes[place][:2])} in INEI's codes, {other} says "
                f"{texts.at[place, other]!r}"
            )
    restored = codes.index[(codes != texts[column]) & texts[column].str.isdigit()]
    if len(restored):
        was, now = texts.at[restored[0], column], codes[restored[0]]
        layer.note("header", column, was, now, f"UBIGEO codes restored: {len(restored)}")
    return column, codes


def _named(texts: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Return the columns of names of departments, as codes.

    Natural Earth's older file calls two features Callao; by its ``gn_a1_code`` one is Puno.
    """
    named = texts.map(places.named).replace(places.COUNTRY, None)
    named = named.loc[:, named.notna().mean() > 0.5]
    if "gn_a1_code" in texts:
        for column in named:
            for place in named.index[(texts["gn_a1_code"] == "PE.21") & (named[column] == "07")]:
                named.at[place, column] = "21"
                why = "Natural Earth calls two features Callao"
                layer.note(place, column, "Callao", "Puno", why)
    return named


def _names(texts: pd.DataFrame, codes: pd.Series) -> pd.Series:
    """Return the names of provinces, as a column of names gives them, else their codes."""
    for _, names in texts.items():
        if names.str.fullmatch(r"[^\d]{3,}").all() and names.nunique() > 0.8 * len(names):
            return names.map(lambda name: places.capitalised(name) if name.isupper() else name)
    return codes


def _located(geometry: gpd.GeoSeries, layer: Layer) -> gpd.GeoSeries:
    """Return geometries in longitude and latitude, refused where they do not lie in Peru."""
    geometry = gpd.GeoSeries(shapely.force_2d(geometry.values), geometry.index, geometry.crs)
    said = f"coordinate system {geometry.crs.name!r}" if geometry.crs else "no coordinate system"
    if geometry.crs is None:
        reason = "none declared; the bounds are Peru's in degrees"
        layer.note("header", "coordinate system", "", "EPSG:4326", reason)
        geometry = geometry.set_crs("EPSG:4326")
    try:
        bounds = geometry.to_crs("EPSG:4326").total_bounds
    except RuntimeError as problem:
        raise DataError(f"{layer.file}: {said}: {problem}") from None
    if not all(abs(side - peru) < 0.5 for side, peru in zip(bounds, PERU, strict=True)):
        found = ", ".join(f"{side:.6g}" for side in bounds)
        expected = ", ".join(map(str, PERU))
        raise DataError(
            f"{layer.file}: {said}, bounds {found}, expected Peru's {expected} in degrees"
        )
    return geometry.to_crs("EPSG:4326")


def _valid(geometry: gpd.GeoSeries, layer: Layer) -> gpd.GeoSeries:
    """Return geometries that are valid polygons."""
    for place, reason in geometry[~geometry.is_valid].is_valid_reason().items():
        layer.note(place, "geometry", reason.partition("[")[0], "valid", "repaired (make_valid)")
    return geometry.make_valid(method="structure", keep_collapsed=False)


def _dissolved(
    codes: pd.Series, names: pd.Series, geometry: gpd.GeoSeries, layer: Layer
) -> gpd.GeoDataFrame:
    """Return one polygon a code; parts with several names take that of the largest."""
    columns = {"code": codes, "name": names, "place": codes.index, "size": shapely.area(geometry)}
    features = gpd.GeoDataFrame(columns, geometry=geometry).sort_values("size", ascending=False)
    for code, parts in features.groupby("code"):
        if len(parts) > 1:
            was = f"{len(parts)} parts: {', '.join(parts['name'].unique())}"
            now = f"{code} {parts['name'].iloc[0]}"
            layer.note(parts.index[0], "geometry", was, now, "dissolved by code")
    return features.dissolve("code", aggfunc={"name": "first", "place": " ".join})


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file holds geometries: GeoJSON, TopoJSON, GeoPackage or shapefile."""
    start = head(path)
    if start.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            return any(member.lower().endswith(INSIDE) for member in archive.namelist())
    if _is_json(start):
        return re.search(rb'"type"\s*:\s*"(FeatureCollection|Topology)"', start) is not None
    return start.startswith(b"\0\0\x27\x0a") or start[68:72] == b"GPKG"


def describe(path: Path) -> Found:
    """Return what a file of boundaries holds; provinces are drawn, departments when asked."""
    layer = read_boundaries(path)
    sidecar = {"codes": layer.codes}
    use = "the maps keep Natural Earth's departments; `table: boundaries` draws these"
    if layer.level == "province":
        sidecar["table"] = "provinces"
        use = "plot.map(..., level='province') draws them"
    features = sum(layer.unused.values())
    repairs = [f"repaired: {one.row}, {one.column}: {one.reason}" for one in layer.repairs[:5]]
    contents = (f"{len(layer.shapes)} {layer.level}s of {features} features", *repairs, use)
    return Found.by_name(path, contents=contents, kind="dataset", sidecar=sidecar)


def _read(path: Path) -> Layer:
    return read_boundaries(path, read_sidecar(path).codes)


FORMAT = Format("boundaries", recognise, describe, _read, feeds=())
