"""The departments that ``reports.yml`` makes reports of, from the processed tables.

Free of pandas, so that the press knows them before anything heavy is loaded.
"""

import csv

from ..core import places
from ..core.errors import ParameterError
from ..core.paths import PROCESSED


def departments() -> list[str]:
    """Return all departments, alphabetically."""
    return sorted(map(places.name, places.codes()), key=places.fold)


def largest_and_report() -> list[str]:
    """Return the report's two regions and the four largest coffee departments of the last year."""
    path = PROCESSED / "coffee_regional.csv"
    if not path.is_file():
        raise ParameterError(f"data/processed/{path.name} is missing: run `make data`")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["production_t"]]
    last = max(row["year"] for row in rows)
    tonnes = {row["ubigeo"]: float(row["production_t"]) for row in rows if row["year"] == last}
    largest = sorted({*tonnes} - {places.COUNTRY}, key=tonnes.get, reverse=True)[:4]
    return list(dict.fromkeys(["Cusco", "Puno", *map(places.name, largest)]))
