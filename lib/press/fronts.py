"""What the index and the editions' fronts show of a report: findings, state, a row of figures."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from press.job import Failure
from press.manifest import PAGE, SUMMARY, THUMBNAIL

FEWEST = 3  # findings that stand for a report none of whose findings is a headline
SPARK_WIDTH, SPARK_HEIGHT = 72, 18  # of a series in a cell, in pixels


def read_json(path: Path) -> dict[str, Any]:
    """A file's mapping; empty when it is not there or is something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def about_report(
    slug: str, entry: dict[str, Any], out: Path, why: str, made: dict[str, Any]
) -> dict[str, Any]:
    """One report for the templates, its key findings with links to their places.

    `why` says why it is not up to date, `made` when it was made, how long it took, of which commit.
    """
    job, page, known = entry["job"], out / (slug + PAGE), read_json(out / (slug + SUMMARY))
    href = quote(slug + PAGE) if page.is_file() else ""
    findings = [
        found | {"href": f"{href}#{quote(found['anchor'])}"} for found in known.get("findings", [])
    ]
    headlines = [found for found in findings if found["headline"]] or findings[:FEWEST]
    if entry.get("error"):
        why = str(Failure(**entry["error"]))
    state = "fresh" if href and not why else "stale" if href else "failed"
    if not href and entry["status"] == "new":
        state = "waiting"
    return {
        **{name: job[name] for name in ("title", "caption", "item", "edition", "notebook")},
        "href": href,
        "headings": known.get("headings", []),
        "findings": findings,
        "headlines": headlines,
        "values": {found["key"]: found["values"] for found in findings},
        "thumbnail": quote(slug + THUMBNAIL) if (out / (slug + THUMBNAIL)).is_file() else "",
        "alt": entry.get("alt", ""),
        "state": state,
        "why": why,
        "made": made,
    }


def cells(report: dict[str, Any], columns: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A report's row in the table of its edition: the values of findings that its columns name."""
    row = []
    for column in columns:
        value = report["values"].get(column["finding"], {}).get(column["value"])
        is_series = isinstance(value, list) and all(map(is_number, value)) and len(value) > 1
        row.append(
            {
                "text": _written(value, column),
                "number": is_number(value),
                "points": _points(value) if is_series else "",
            }
        )
    return row


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(value: Any, column: dict[str, Any]) -> str:
    """A value as the table shows it; of a series the last figure."""
    if isinstance(value, list):
        words = ", ".join(map(str, value))
        return _written(value[-1], column) if value and is_number(value[-1]) else words
    if not is_number(value):
        return "" if value is None else str(value)
    digits, share = column["digits"], column["percent"]
    return f"{value:,.{digits}{'%' if share else 'f'}}".replace("-", "−")


def _points(series: list[float]) -> str:
    """A series as the points of a line, in a box of the size of a sparkline."""
    low, step = min(series), SPARK_WIDTH / (len(series) - 1)
    scale = SPARK_HEIGHT / ((max(series) - low) or 1)
    heights = [SPARK_HEIGHT - (value - low) * scale for value in series]
    return " ".join(f"{place * step:.0f},{height:.0f}" for place, height in enumerate(heights))
