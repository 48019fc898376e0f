"""The numbers of a report for other programs, as `values.json` beside its page.

Findings, tables, and figures that class their rows (the column `class`: maps), by their anchors. A
number has a unit where one is said, and a tolerance: half of the last digit that is printed, else
half of the third digit that counts.
"""

import math
import re
from typing import Any

PRINTED = re.compile(r"\{(\w+):\+?(%?)(\d*)\}")  # how a sentence prints a value
BESIDE = {"source", "sources", "origin"}


def is_number(value: Any) -> bool:
    """Whether a value is a figure that can be shown; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def tolerance(value: Any) -> float:
    """Half a unit: of whole numbers, or of the third digit that counts."""
    if not is_number(value) or isinstance(value, int) or not value:
        return 0.5
    return 0.5 * 10 ** (math.floor(math.log10(abs(value))) - 2)


def printed(sentence: str) -> dict[str, tuple[str, float]]:
    """Of the values that a sentence prints: the unit, and half of the last digit."""
    found = {}
    for name, percent, digits in PRINTED.findall(sentence):
        places = int(digits or 0) + (2 if percent else 0)
        found[name] = "ratio" if percent else "", 0.5 / 10**places
    return found


def of_finding(record: dict[str, Any]) -> dict[str, Any]:
    """A finding's sentence, and of its values unit and tolerance; words have neither."""
    known, values = printed(record.get("sentence", "")), {}
    for name, value in record.get("values", {}).items():
        values[name] = {"value": value}
        first = value[0] if isinstance(value, list) and value else value
        if is_number(first):
            unit, half = known.get(name, ("", tolerance(first)))
            values[name] |= {"unit": unit, "tolerance": half}
    about = {
        "key": record.get("key", ""),
        "headline": bool(record.get("headline")),
        "values": values,
    }
    return about | {"text": record.get("text") or record.get("sentence", "")}


def of_table(resource: dict[str, Any]) -> dict[str, Any]:
    """The columns of a table with unit and tolerance, and its rows without where they are from."""
    head, *rows = resource["data"]
    fields = {field["name"]: field for field in resource.get("schema", {}).get("fields", [])}
    kept = [place for place, name in enumerate(head) if name not in BESIDE]
    columns = []
    for place in kept:
        about = fields.get(head[place], {})
        column = {
            "name": head[place],
            "title": about.get("title", ""),
            "unit": about.get("unit", ""),
        }
        numbers = [row[place] for row in rows if is_number(row[place])]
        if numbers:
            column["tolerance"] = about.get("tolerance") or min(map(tolerance, numbers))
        columns.append(column)
    shown = [[row[place] for place in kept] for row in rows]
    return {"title": resource.get("title", ""), "columns": columns, "rows": shown}
