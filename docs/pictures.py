"""Take the README's pictures out of the executed notebooks (``make notebooks`` runs it).

The outlines of the departments too, by which the index of the reports leads to their profiles.
"""

import base64
import json
from pathlib import Path

import numpy as np
import shapely

from valuechains.core import places

DOCS = Path(__file__).parent
# picture: notebook, cell
PICTURES = {
    "prices": ("02-coffee-prices", "price-lines"),
    "alpacas": ("04-camelids", "1396feed"),
}


def picture(name: str) -> bytes:
    """Return the first image of the cell that a picture is taken from."""
    notebook, cell = PICTURES[name]
    cells = json.loads((DOCS.parent / "notebooks" / f"{notebook}.ipynb").read_bytes())["cells"]
    outputs = next(one["outputs"] for one in cells if one["id"] == cell)
    return base64.b64decode(next(o["data"]["image/png"] for o in outputs if "data" in o))


def outlines(height: int = 600) -> str:
    """Return the departments as an SVG of simple paths, each with the name as id."""
    text = (DOCS.parent / "data/processed/boundaries.geojson").read_text(encoding="utf-8")
    rows = json.loads(text)["features"]
    names = [places.fold(row["properties"]["name"]).replace(" ", "-") for row in rows]
    shapes = shapely.from_geojson([json.dumps(row["geometry"]) for row in rows])
    shapes = shapely.coverage_simplify(shapes, 0.06)
    west, south, east, north = shapely.total_bounds(shapes)
    narrower = np.cos(np.radians((south + north) / 2))
    scale = height / (north - south)
    lines = []
    for name, shape in zip(names, shapes, strict=True):
        largest = max(shapely.get_parts(shape), key=shapely.area)
        x, y = shapely.get_coordinates(shapely.get_exterior_ring(largest)).T
        x, y = (x - west) * narrower * scale, (north - y) * scale
        course = " ".join(f"{across:.0f},{down:.0f}" for across, down in zip(x, y, strict=True))
        lines.append(f'<path id="{name}" d="M{course}Z"/>')
    box = f"0 0 {(east - west) * narrower * scale:.0f} {height}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
    return "\n".join([svg, *lines, "</svg>\n"])


if __name__ == "__main__":
    for name in PICTURES:
        path = DOCS / f"{name}.png"
        if not path.is_file() or path.read_bytes() != picture(name):
            path.write_bytes(picture(name))
    (DOCS.parent / "notebooks/departments.svg").write_text(outlines(), encoding="utf-8")
