"""The search of an index: titles, findings and headings of its reports, in a script of its own.

From disk a page may not fetch data, but may load a script: data and search are one file.
"""

import json
from collections.abc import Iterable
from typing import Any


def search_data(reports: Iterable[dict[str, Any]]) -> str:
    """The reports that have a page, as JSON: headings that several share are kept once."""
    lists: dict[str, int] = {}
    entries = []
    for report in reports:
        if report["href"]:
            headings = json.dumps(
                [[heading["text"], heading["id"]] for heading in report["headings"]],
                ensure_ascii=False,
            )
            findings = [[found["sentence"], found["anchor"]] for found in report["findings"]]
            number = lists.setdefault(headings, len(lists))
            title = " · ".join(filter(None, [report["title"], report["caption"]]))
            entries.append([report["href"], title, findings, number])
    listed = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return f'{{"headings":[{",".join(lists)}],"reports":{listed}}}'
