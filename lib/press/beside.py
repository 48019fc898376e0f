"""What stands beside a page: the data, picture and sources of each figure, and a summary in JSON.

In `<stem>.files/` are `<key>.csv` (what a figure or table shows), its picture,
`<key>.sources.csv` (publications with the rows that were used) and `values.json` (for other
programs: `values`); in `<stem>.json` is all that other pages know of this one (`page.page` makes
it).

A figure or table says what it shows in its output's metadata, under `data`: a Tabular Data Resource
(https://specs.frictionlessdata.io/tabular-data-resource/) with its rows inline, the header first,
as lists or as CSV. In its columns, `source` holds keys of publications and `origin` raw rows
(`folder/file:row`), both with blanks between several; publications that are not in a column stand
in its `sources`, each by its key (`title`), where only a file of it was used with that (`path`) and
its `rows`. A field may have `title`, `unit` and `tolerance`, one of codes their names as
`categories` (`value`, `label`); `primaryKey` are the columns that say which row a row is, else
these are the texts. A figure that draws its rows in classes says in which: `class`.

A figure that is an SVG may say under `frames` how its marks look at other times (or places, …), one
of which it shows: `label` (of the choice), `names` (of the frames), `shown` (the number of the one
that is drawn), `marks` (by their `data-of`: in each frame its look and words), `texts` (by their
`data-text`: one a frame). A look is the fill and stroke of the shape with that `data-look`, such as
a legend has.
"""

import base64
import contextlib
import csv
import io
import json
import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from press.job import slugify

if TYPE_CHECKING:
    from nbformat import NotebookNode  # which takes seconds to load

PICTURES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
PICTURES |= {"image/webp": "webp", "image/gif": "gif"}
# What a spreadsheet takes for a formula, full width too; a text that is a number is none.
FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+\-]?\d[\d.,]*%?")
FRAMES = {"label": str, "names": list, "shown": int, "marks": dict, "texts": dict}
Publications = list[dict[str, str]]  # `source` (key), `file` (its name), and anything else


def _cell(value: Any) -> Any:
    """A cell; a text that a spreadsheet would run gets an apostrophe, a number never."""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    runs = isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value[:50])
    return f"'{value}" if runs else value


def _csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([map(_cell, row) for row in rows])
    return text.getvalue().encode("utf-8", "replace")


def resource_of(output: "NotebookNode") -> dict[str, Any]:
    """The Tabular Data Resource in an output's metadata; empty where there is none."""
    data = output.get("metadata", {}).get("data")
    rows = data.get("data") if isinstance(data, dict) else None
    if isinstance(rows, str):
        head, *cells = list(csv.reader(io.StringIO(rows))) or [[]]
        are_numbers = [field.get("type") in ("integer", "number") for field in fields_of(data)]
        are_numbers += [False] * (len(head) - len(are_numbers))
        rows = [head, *(list(map(_typed, row, are_numbers)) for row in cells)]
        data = {**data, "data": rows}
    is_table = isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)
    return data if is_table else {}


def _mappings(value: Any) -> list[dict[str, Any]]:
    """A list of mappings; empty for anything else, which a notebook may have written as well."""
    fits = isinstance(value, list) and all(isinstance(part, dict) for part in value)
    return value if fits else []


def fields_of(resource: dict[str, Any]) -> list[dict[str, Any]]:
    schema = resource.get("schema")
    return _mappings(schema.get("fields")) if isinstance(schema, dict) else []


def _typed(text: str, is_number: bool) -> Any:
    """What a cell of CSV holds: a number where it is one in a column of numbers."""
    if is_number and text:
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text or None


def _words(value: Any) -> list[str]:
    """The keys in a cell: a list of them, or a text with blanks between them."""
    return [str(part) for part in value] if isinstance(value, list) else str(value or "").split()


def _ranges(rows: Iterable[str]) -> str:
    """Numbers of rows, neighbouring ones as one: "2–26, 40"; of a sum ("3+4") all of its rows."""
    parts = {part for row in rows for part in row.split("+")}
    runs: list[list[int]] = []
    for number in sorted(int(part) for part in parts if part.isdecimal()):
        if not runs or number > runs[-1][1] + 1:
            runs.append([number, number])
        runs[-1][1] = number
    said = [f"{first}–{last}" if first < last else f"{first}" for first, last in runs]
    return ", ".join(said + sorted(part for part in parts if not part.isdecimal()))


def sources_of(
    resource: dict[str, Any], publications: Publications, words: dict[str, str]
) -> list[dict[str, str]]:
    """The publications behind a resource, each file with the rows used, as far as they are said."""
    head, *rows = resource["data"] if resource else [[]]
    listed = _mappings(resource.get("sources"))
    keys = dict.fromkeys(str(about["title"]) for about in listed if about.get("title"))
    used: dict[str, dict[str, None]] = {}
    for about in listed:
        path = str(about.get("path"))
        if "/" in path:
            used[path] = dict.fromkeys(_words(about.get("rows")))
    for row in rows:
        cells = dict(zip(head, row, strict=False))
        keys |= dict.fromkeys([*_words(cells.get("source")), *_words(cells.get("sources"))])
        for place in _words(cells.get("origin")):
            path, _, number = place.rpartition(":")
            used.setdefault(path, {})[number] = None
    in_rows = {path.rpartition("/")[0] for path in used}
    found = []
    for about in publications:
        path = f"{about['source']}/{about.get('file', '')}"
        if path in used or about["source"] in keys.keys() - in_rows:
            unsaid = words["whole" if path in used else "unsaid"]
            first = {"source": about["source"], "file": about.get("file", "")}
            found.append(first | {"rows": _ranges(used.get(path, ())) or unsaid} | about)
    return found + [{"source": key} for key in keys if key not in {of["source"] for of in found}]


def _told(resource: dict[str, Any]) -> list[list[Any]]:
    """The rows with units in their heads, else what a page calls the column; names beside codes."""
    fields = {str(field.get("name")): field for field in fields_of(resource)}
    columns = list(zip_longest(*resource["data"]))
    told = []
    for name, *cells in columns:
        about = fields.get(str(name), {})
        names = {str(x.get("value")): x.get("label") for x in _mappings(about.get("categories"))}
        said = about.get("unit") or (not names and about.get("title"))
        is_news = said and slugify(said) != slugify(name)
        told.append([f"{name} ({said})" if is_news else name, *cells])
        labels = [names.get(str(cell), cell) for cell in cells]
        if names and labels not in [rest for _, *rest in columns]:
            told.append([f"{name}_name", *labels])
    return [list(row) for row in zip(*told, strict=True)]


def files_of(
    output: "NotebookNode", resource: dict[str, Any], key: str, sources: list[dict[str, str]]
) -> list[tuple[str, str, bytes]]:
    """The downloads of one output, each with its kind and name: data, picture, where from."""
    files = []
    if resource:
        files.append(("data_csv", f"{key}.csv", _csv(_told(resource))))
    kind, picture = picture_of(output)
    if kind:
        files.append(("picture", f"{key}.{PICTURES[kind]}", picture))
    if sources:
        names = list(dict.fromkeys(name for about in sources for name in about))
        rows = [[about.get(name, "") for name in names] for about in sources]
        files.append(("where_from", f"{key}.sources.csv", _csv([names, *rows])))
    return files


def picture_of(output: "NotebookNode") -> tuple[str, bytes]:
    """The picture of an output, the best kind of it, decoded; empty when it is not what it says."""
    data = output.get("data", {})
    kind = next((kind for kind in PICTURES if kind in data), "")
    text = "".join(data.get(kind, ""))
    try:
        if kind == "image/svg+xml":
            return kind, text.encode()
        return kind, base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return kind, b""


def address(kind: str, picture: bytes) -> str:
    """A picture as an address that needs no file; in an image no script runs."""
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}" if picture else ""


def frames_of(output: "NotebookNode") -> dict[str, Any] | None:
    """The frames in an output's metadata, where they are of the right kinds."""
    frames = output.get("metadata", {}).get("frames")
    frames = frames if isinstance(frames, dict) else {}
    fits = all(isinstance(frames.get(name), kind) for name, kind in FRAMES.items())
    return frames if fits else None


def finding_in(output: "NotebookNode") -> dict[str, Any]:
    """The record of a finding in an output's metadata; empty where there is none."""
    record = output.get("metadata", {}).get("finding")
    if not isinstance(record, dict) or not record.get("key"):
        return {}
    values = record.get("values")
    return record | {
        "key": str(record["key"]),
        "values": values if isinstance(values, dict) else {},
    }
