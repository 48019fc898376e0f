"""What an output of a notebook says of itself, and the files beside a page that are made of that.

In `<stem>.files/` are `<key>.csv` (what a figure or table shows), its picture,
`<key>.sources.csv` (publications with the rows that were used) and `values.json` (for other
programs); in `<stem>.json` is all that other pages know of this one (`page.page` makes it).

A figure or table says what it shows in its output's metadata, under `data`: a Tabular Data Resource
(https://specs.frictionlessdata.io/tabular-data-resource/) with its rows inline, the header first,
as lists or as CSV. In its columns, `source` holds keys of publications and `origin` raw rows
(`folder/file:row`), both with blanks between several; publications that are not in a column stand
in its `sources`, each by its key (`title`), where only a file of it was used with that (`path`) and
its `rows`. A field may have `title`, `unit` and `tolerance`, one of codes their names as
`categories` (`value`, `label`); `primaryKey` are the columns that say which row a row is, else
these are the texts. A figure that draws its rows in classes (a map) says in which: `class`.

A finding stands under `finding`: `key`, `text`, `sentence`, `values`, `units`, `headline`.

A figure that is an SVG may say under `frames` how its marks look at other times (or places, …), one
of which it shows: `label` (of the choice), `names` (of the frames), `shown` (the number of the one
that is drawn), `marks` (by their `data-of`: in each frame its look and words), `texts` (by their
`data-text`: one a frame). A look is the fill and stroke of the shape with that `data-look`, such as
a legend has; its `color` is that of the texts of a mark that have a `stroke`, around which it is.

In `values.json` a number has a unit where one is said, and a tolerance: half of the last digit that
is printed, else half of the third digit that counts, and of a list that was rounded no less than
half of its last decimal. What a sentence prints as a percentage is a ratio.
"""

import base64
import contextlib
import csv
import io
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import repeat, zip_longest
from typing import TYPE_CHECKING, Any

from press.job import slugify

if TYPE_CHECKING:
    from nbformat import NotebookNode  # which takes seconds to load

LEFT_OUT = "[left out here"  # how the line begins that stands for what was cut
PICTURES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
PICTURES |= {"image/webp": "webp", "image/gif": "gif"}
# What a spreadsheet takes for a formula, full width too; a text that is a number is none.
FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
IS_NUMBER = re.compile(r"[+\-]?\d[\d.,]*%?")
NUMBER = re.compile(r"([-−]?\b\d[\d,]*(?:\.\d+)?)(%?)")  # in a text
PRINTED = re.compile(r"\{(\w+):\+?(%?)(\d*)\}")  # how a sentence prints a value: a ratio as %
FRAMES = {"label": str, "names": list, "shown": int, "marks": dict, "texts": dict}
ORIGIN = {"source", "sources", "origin"}  # columns that say where a row is from
Publications = list[dict[str, str]]  # `source` (key), `file` (its name), and anything else


def part(whole: Any, *path: str, kind: type = dict) -> Any:
    """What stands in mappings at the end of a path; empty where anybody wrote another kind.

    >>> part({"schema": {"fields": 5}}, "schema", "fields", kind=list)
    []
    """
    for name in path:
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole if isinstance(whole, kind) else kind()


def _mappings(whole: Any, *path: str) -> list[dict[str, Any]]:
    return [each for each in part(whole, *path, kind=list) if isinstance(each, dict)]


def table_of(output: "NotebookNode") -> dict[str, Any]:
    """The Tabular Data Resource of an output, its rows as lists, its `fields` by their names.

    It is empty where there is none.
    """
    about = part(output, "metadata", "data")
    fields = {str(field.get("name")): field for field in _mappings(about, "schema", "fields")}
    rows = about.get("data")
    if isinstance(rows, str):
        head, *body = list(csv.reader(io.StringIO(rows))) or [[]]
        are_numbers = [fields.get(name, {}).get("type") in ("integer", "number") for name in head]
        rows = [head, *(list(map(_typed, row, are_numbers)) for row in body)]
    is_table = isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)
    return about | {"fields": fields, "data": rows} if is_table else {}


def _typed(text: str, is_number: bool) -> Any:
    """What a cell of CSV holds: a number where it is one in a column of numbers."""
    if is_number and text:
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text or None


def rows_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of each row, by their columns."""
    head, *body = table.get("data", [[]])
    return [dict(zip(head, row, strict=False)) for row in body]


def picture_of(output: "NotebookNode") -> tuple[str, bytes]:
    """The picture of an output, the best kind of it, decoded; empty when it is not what it says."""
    data = output.get("data", {})
    kind = next((kind for kind in PICTURES if kind in data), "")
    text = "".join(data.get(kind, ""))
    if kind == "image/svg+xml":
        return kind, text.encode()
    try:
        return kind, base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return kind, b""


def address(kind: str, picture: bytes) -> str:
    """A picture as an address that needs no file; in an image no script runs."""
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}" if picture else ""


def frames_of(output: "NotebookNode") -> dict[str, Any] | None:
    """The frames of a figure, where they are of the right kinds."""
    frames = part(output, "metadata", "frames")
    return frames if all(isinstance(frames.get(name), FRAMES[name]) for name in FRAMES) else None


def finding_of(output: "NotebookNode") -> dict[str, Any]:
    """The finding that an output says, empty where it says none.

    Each of its values comes with what is known of it: what its sentence prints of it, which is a
    ratio where that is a percentage, its unit where the record's `units` name one.
    """
    record = part(output, "metadata", "finding")
    if not record.get("key"):
        return {}
    sentence, units = str(record.get("sentence") or ""), part(record, "units")
    printed = {name: (percent, int(n or 0)) for name, percent, n in PRINTED.findall(sentence)}
    values = {}
    for name, value in part(record, "values").items():
        values[name], listed = {"value": value}, value if isinstance(value, list) else [value]
        numbers = [n for text in listed if isinstance(text, str) for n in in_text(text)]
        if listed and all(map(is_number, listed)):
            percent, digits = printed.get(name, ("", None))
            half = _half(listed) if digits is None else 0.5 / 10 ** (digits + 2 * bool(percent))
            values[name] |= {"unit": "1" if percent else units.get(name), "tolerance": half}
        elif numbers:
            values[name]["numbers"] = numbers
    said = {"key": str(record["key"]), "headline": bool(record.get("headline"))}
    text = str(record.get("text") or sentence or record["key"])
    return said | {"text": text, "sentence": sentence, "values": values}


def is_number(value: Any) -> bool:
    """Whether a value is a figure that can be shown; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def tolerance(value: Any) -> float:
    """Half a unit: of whole numbers, or of the third digit that counts."""
    if not is_number(value) or isinstance(value, int) or not value:
        return 0.5
    return 0.5 * 10 ** (math.floor(math.log10(abs(value))) - 2)


def _half(numbers: list[Any]) -> float:
    """The finest tolerance of numbers, no finer than the decimals that a list was rounded to."""
    kept = max(-Decimal(str(number)).as_tuple().exponent for number in numbers)
    finest = min(map(tolerance, numbers))
    return finest if len(numbers) == 1 else max(finest, 0.5 / 10**kept)


def in_text(text: str) -> list[dict[str, Any]]:
    """The numbers in words, with their last digit ("Cusco 24.7%"); no codes ("21", "07+15")."""
    found, is_code = [], all(map(str.isdecimal, text.split("+")))
    for number, percent in [] if is_code else NUMBER.findall(text):
        value = float(number.replace(",", "").replace("−", "-"))
        half = 0.5 / 10 ** len(number.partition(".")[2])
        found.append({"value": value, "unit": "%" if percent else None, "tolerance": half})
    return found


def values_of(table: dict[str, Any]) -> dict[str, Any]:
    """The columns of a table with unit and tolerance, and its rows without where they are from."""
    rows, columns = rows_of(table), []
    for name in [name for name in table["data"][0] if name not in ORIGIN]:
        about = table["fields"].get(str(name), {})
        column = {"name": name} | {key: about[key] for key in ("title", "unit") if about.get(key)}
        numbers = [row[name] for row in rows if is_number(row.get(name))]
        if numbers:
            column["tolerance"] = about.get("tolerance") or min(map(tolerance, numbers))
        columns.append(column)
    shown = [[row.get(column["name"]) for column in columns] for row in rows]
    return {"title": table.get("title", ""), "columns": columns, "rows": shown}


def _words(value: Any) -> list[str]:
    """The keys in a cell: a list of them, or a text with blanks between them."""
    return [str(word) for word in value] if isinstance(value, list) else str(value or "").split()


def sources_of(table: dict[str, Any], known: Publications, words: dict[str, str]) -> Publications:
    """The publications behind a table, each file with the rows used, as far as they are said."""
    listed = _mappings(table, "sources")
    # The rows of each file.
    used = {str(source.get("path")): set(_words(source.get("rows"))) for source in listed}
    keys = dict.fromkeys(str(source["title"]) for source in listed if source.get("title"))
    for row in rows_of(table):
        keys |= dict.fromkeys([*_words(row.get("source")), *_words(row.get("sources"))])
        for place in _words(row.get("origin")):
            path, _, number = place.rpartition(":")
            used.setdefault(path, set()).add(number)
    files: dict[str, Publications] = {}
    for about in known:
        files.setdefault(about["source"], []).append(about)
    found = []
    for key, abouts in files.items():
        read = [about for about in abouts if f"{key}/{about.get('file', '')}" in used]
        for about in read:
            rows = _ranges(used[f"{key}/{about.get('file', '')}"]) or words["whole"]
            found.append({"source": key, "file": "", "rows": rows} | about)
        if key in keys and not read:  # no file is said: what is true of all of them
            same = [pair for pair in abouts[0].items() if all(pair in x.items() for x in abouts)]
            found.append({"source": key, "file": "", "rows": words["unsaid"]} | dict(same))
    return found + [{"source": key} for key in keys if key not in files]


def _ranges(rows: Iterable[str]) -> str:
    """Numbers of rows, neighbouring ones as one: "2–26, 40"; of a sum ("3+4") all of its rows."""
    single = {number for row in rows for number in row.split("+")}
    runs: list[list[int]] = []
    for number in sorted(int(number) for number in single if number.isdecimal()):
        if not runs or number > runs[-1][1] + 1:
            runs.append([number, number])
        runs[-1][1] = number
    said = [f"{first}–{last}" if first < last else f"{first}" for first, last in runs]
    return ", ".join(said + sorted(other for other in single if not other.isdecimal()))


def files_of(
    key: str, table: dict[str, Any], picture: tuple[str, bytes], sources: list[dict[str, str]]
) -> list[tuple[str, str, bytes]]:
    """The downloads of an output, each with its kind and name: data, picture, where from."""
    files, (kind, content) = [], picture
    if table:
        told = _told(table)
        if sources and not ORIGIN.intersection(table["data"][0]):
            where = ["where_from", *repeat(f"{key}.sources.csv", len(told) - 1)]
            told = [(*row, said) for row, said in zip(told, where, strict=True)]
        files.append(("data_csv", f"{key}.csv", _csv(told)))
    if kind:
        files.append(("picture", f"{key}.{PICTURES[kind]}", content))
    if sources:
        names = list(dict.fromkeys(name for about in sources for name in about))
        rows = [[about.get(name, "") for name in names] for about in sources]
        files.append(("where_from", f"{key}.sources.csv", _csv([names, *rows])))
    return files


def _told(table: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows with units in their heads, else what a page calls the column; names beside codes."""
    columns, told = list(zip_longest(*table["data"])), []
    for name, *cells in columns:
        about = table["fields"].get(str(name), {})
        codes = _mappings(about, "categories")
        names = {str(code.get("value")): code.get("label") for code in codes}
        unit = about.get("unit") if about.get("unit") != "1" else ""
        said = unit or (not names and about.get("title"))
        is_news = said and slugify(said) != slugify(name)
        told.append([f"{name} ({said})" if is_news else name, *cells])
        labels = [names.get(str(cell), cell) for cell in cells]
        if names and labels not in [rest for _, *rest in columns]:
            told.append([f"{name}_name", *labels])
    return list(zip(*told, strict=True))


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([map(_cell, row) for row in rows])
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    """A cell; a text that a spreadsheet would run gets an apostrophe, a number never."""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    runs = isinstance(value, str) and FORMULA.match(value) and not IS_NUMBER.fullmatch(value[:50])
    return f"'{value}" if runs else value
