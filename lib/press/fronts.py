"""What the index, its search and the fronts show of a report: findings, state, figures."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from press.job import Failure
from press.manifest import PAGE, SUMMARY, THUMBNAIL

FEWEST = 3  # findings that stand for a report none of whose findings is a headline


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
        value = report["values"].get(column["finding"], {}).get(column["value"], "")
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if is_number(value):
            text = f"{value:,.{column['digits']}{'%' if column['percent'] else 'f'}}"
            text = text.replace("-", "−")
        row.append({"text": text, "number": is_number(value)})
    return row


def is_number(value: Any) -> bool:
    """Whether a value is a figure; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def search_data(reports: Iterable[dict[str, Any]]) -> str:
    """What the search looks through, as JSON: headings that several reports share are kept once."""
    lists: dict[str, int] = {}
    entries = []
    for report in reports:
        if report["href"]:
            headings = [[heading["text"], heading["id"]] for heading in report["headings"]]
            number = lists.setdefault(json.dumps(headings, ensure_ascii=False), len(lists))
            findings = [[found["sentence"], found["anchor"]] for found in report["findings"]]
            title = " · ".join(filter(None, [report["title"], report["caption"]]))
            entries.append([report["href"], title, findings, number])
    listed = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return f'{{"headings":[{",".join(lists)}],"reports":{listed}}}'
