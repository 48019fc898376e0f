"""The numbers of a report for other programs, as `values.json` beside its page.

Findings, tables, and figures that class their rows (the column `class`: maps), by their anchors. A
number has a unit where one is said, and a tolerance: half of the last digit that is printed, else
half of the third digit that counts. What a sentence prints as a percentage is a ratio.
"""

import math
import re
from typing import Any

from press.beside import fields_of

PRINTED = re.compile(r"\{(\w+):\+?(%?)(\d*)\}")  # how a sentence prints a value: a ratio as %
NUMBER = re.compile(r"([-−]?\b\d[\d,]*(?:\.\d+)?)(%?)")
BESIDE = {"source", "sources", "origin"}


def is_number(value: Any) -> bool:
    """Whether a value is a figure that can be shown; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def tolerance(value: Any) -> float:
    """Half a unit: of whole numbers, or of the third digit that counts."""
    if not is_number(value) or isinstance(value, int) or not value:
        return 0.5
    return 0.5 * 10 ** (math.floor(math.log10(abs(value))) - 2)


def in_text(text: str) -> list[dict[str, Any]]:
    """The numbers that stand in words, with their last digit ("Cusco 24.7%"); codes are none."""
    found = []
    for number, percent in [] if text.isdecimal() else NUMBER.findall(text):
        value = float(number.replace(",", "").replace("−", "-"))
        half = 0.5 / 10 ** len(number.partition(".")[2])
        found.append({"value": value, "unit": "%" if percent else None, "tolerance": half})
    return found


def of_finding(record: dict[str, Any]) -> dict[str, Any]:
    """A finding, each of its values with what is known of it: what its sentence prints of it,
    which is a ratio where that is a percentage, its unit where the record's `units` name one.
    """
    written = str(record.get("sentence") or "")
    printed = {name: (percent, int(n or 0)) for name, percent, n in PRINTED.findall(written)}
    units, values = record.get("units"), {}
    for name, value in record["values"].items():
        values[name] = {"value": value}
        parts = value if isinstance(value, list) else [value]
        if parts and all(map(is_number, parts)):
            percent, digits = printed.get(name, ("", None))
            unit = units.get(name) if isinstance(units, dict) else None
            half = (
                tolerance(parts[0]) if digits is None else 0.5 / 10 ** (digits + 2 * bool(percent))
            )
            values[name] |= {"unit": "1" if percent else unit, "tolerance": half}
        elif numbers := [n for part in parts if isinstance(part, str) for n in in_text(part)]:
            values[name]["numbers"] = numbers
    about = {"key": record["key"], "headline": bool(record.get("headline"))}
    text = str(record.get("text") or written or record["key"])
    return about | {"text": text, "sentence": written, "values": values}


def of_table(resource: dict[str, Any]) -> dict[str, Any]:
    """The columns of a table with unit and tolerance, and its rows without where they are from."""
    head, *body = resource["data"]
    rows = [dict(zip(head, row, strict=False)) for row in body]
    fields = {field.get("name"): field for field in fields_of(resource)}
    kept, columns = [name for name in head if name not in BESIDE], []
    for name in kept:
        about = fields.get(name, {})
        column = {"name": name} | {key: about[key] for key in ("title", "unit") if about.get(key)}
        if numbers := [row[name] for row in rows if is_number(row.get(name))]:
            column["tolerance"] = about.get("tolerance") or min(map(tolerance, numbers))
        columns.append(column)
    shown = [[row.get(name) for name in kept] for row in rows]
    return {"title": resource.get("title", ""), "columns": columns, "rows": shown}
