"""GeoJSON → geometries by UBIGEO code."""

from __future__ import annotations

import json
from pathlib import Path

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ..errors import DataError
from ..paths import relative


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


def natural_earth_code(properties: dict) -> str:
    """Return the UBIGEO code of a Natural Earth admin-1 feature of Peru.

    ``gn_a1_code`` holds INEI's number (``PE.21`` is Puno, whose ``name`` reads "Callao"); Lima's
    capital province stands apart as ``PE.LMA``. Names are not used: two features are "Callao".
    """
    code = str(properties.get("gn_a1_code"))
    if code == "PE.LMA":
        return "15"
    country, _, number = code.partition(".")
    if country != "PE" or not number.isdigit() or not 1 <= int(number) <= 25:
        raise DataError(
            f"feature {properties.get('adm1_code')}: gn_a1_code {code!r}, expected PE.01 to PE.25"
        )
    return number.zfill(2)
