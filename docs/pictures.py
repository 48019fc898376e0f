"""Take the README's pictures out of the executed notebooks (``make notebooks`` runs it)."""

import base64
import json
from pathlib import Path

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


if __name__ == "__main__":
    for name in PICTURES:
        path = DOCS / f"{name}.png"
        if not path.is_file() or path.read_bytes() != picture(name):
            path.write_bytes(picture(name))
