"""The departments that ``reports.yml`` makes reports of, from the processed tables.

Free of pandas, so that the press knows them before anything heavy is loaded.
"""

from __future__ import annotations

import csv

from ..core import places
from ..core.errors import ParameterError
from ..core.paths import PROCESSED


def _rows(table: str) -> list[dict[str, str]]:
    """Return the rows of departments (or joint areas) of a table, as text."""
    path = PROCESSED / f"{table}.csv"
    if not path.is_file():
        raise ParameterError(f"data/processed/{path.name} is missing: run `make data`")
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["ubigeo"] != places.COUNTRY]


def _names(rows: list[dict[str, str]]) -> list[str]:
    return sorted({places.name(row["ubigeo"]) for row in rows}, key=places.fold)


def coffee_departments() -> list[str]:
    """Return the departments with coffee in any year, alphabetically."""
    rows = _rows("coffee_regional")
    return _names(
        [row for row in rows if float(row["production_t"] or 0) or row["farm_price_pen_per_kg"]]
    )


def camelid_departments() -> list[str]:
    """Return the departments with a camelid figure of their own, alphabetically."""
    return _names([row for row in _rows("camelid_herds") if "+" not in row["ubigeo"]])


def largest_and_report() -> list[str]:
    """Return the report's two regions and the four largest coffee departments of the last year."""
    rows = [row for row in _rows("coffee_regional") if row["production_t"]]
    last = max(row["year"] for row in rows)
    tonnes = {row["ubigeo"]: float(row["production_t"]) for row in rows if row["year"] == last}
    largest = sorted(tonnes, key=tonnes.get, reverse=True)[:4]
    return list(dict.fromkeys(["Cusco", "Puno", *(places.name(code) for code in largest)]))
