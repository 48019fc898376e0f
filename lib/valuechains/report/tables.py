"""Tables for reading: chosen columns under their headings, numbers in the report's language."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

import pandas as pd

from ..core.errors import DataError, candidates
from ..core.language import listing, t, tolerance, using, written
from ..plot.figure import code, is_ratio, region_name, resource
from ..plot.sources import listed, short_names
from .findings import Sentence

# How a cell of text is written: names of departments, of sources, words of the data.
WORDS = ("name", "source", "t", None)
ORIGIN = ("source", "sources", "origin")
LONG = 30  # lines of a table as plain text, which stands beside the HTML


class Table:
    """A table that shows itself; its output's metadata hold the data under ``data``.

    A column has a heading, or heading and spec: as :func:`valuechains.core.language.written` takes
    it; for text, which is left aligned, ``"name"`` (UBIGEO codes), ``"source"`` (source keys),
    ``"t"`` (words of the data, translated) or None (as it is); a list where each row has its own. A
    cell may hold a list; a missing value is an en dash. Nothing in the frame becomes markup. The
    data keep the frame's ``source``, ``sources`` and ``origin`` also where no column shows them;
    for a table that was computed, `sources` are those of what it was computed from: keys, or raw
    rows as in ``origin``. A caption may be a finding. The columns `key` say which row a row is,
    where its texts are not all of that kind.

    >>> frame = pd.DataFrame({"ubigeo": ["08"], "share": [0.396]})
    >>> print(table(frame, {"ubigeo": ("Region", "name"), "share": ("Share", "%1")}))
    Region | Share
    Cusco | 39.6%
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Mapping[str, str | tuple[str, Any]],
        caption: str | Sentence = "",
        key: Iterable[str] = (),
        sources: Iterable[str] = (),
    ) -> None:
        for name in columns:
            if name not in frame:
                raise DataError(f"a table has no column {name!r}{candidates(name, frame.columns)}")
        pairs = [(head, None) if isinstance(head, str) else head for head in columns.values()]
        kept = list(dict.fromkeys([*columns, *frame.columns.intersection(ORIGIN)]))
        self.title, self.caption, self.sources = caption, str(caption), list(sources)
        self.data = frame[kept].reset_index(drop=True)
        self.headings, self.specs = zip(*pairs, strict=True)
        self.columns, self.key = list(columns), list(key)
        with using(frame.attrs.get("language")):  # of the scope that its rows were picked with
            cells = []
            for name, spec in zip(columns, self.specs, strict=True):
                specs = spec if isinstance(spec, list) else [spec] * len(frame)
                cells.append(map(_cell, frame[name], specs))
            self.rows = list(map(list, zip(*cells, strict=True)))

    def __repr__(self) -> str:
        lines = [" | ".join(row) for row in (self.headings, *self.rows)]
        return "\n".join([self.caption, *lines] if self.caption else lines)

    def _line(self, tag: str, cells: list[str], scope: str = "") -> str:
        sides = ["left" if spec in WORDS else "right" for spec in self.specs]
        return "".join(
            f'<{tag}{scope} style="text-align:{side}">{escape(cell)}</{tag}>'
            for cell, side in zip(cells, sides, strict=True)
        )

    def _repr_html_(self) -> str:
        caption = f"<caption>{escape(self.caption)}</caption>\n" if self.caption else ""
        head = self._line("th", self.headings, ' scope="col"')
        body = "".join(f"<tr>{self._line('td', row)}</tr>\n" for row in self.rows)
        return (
            f"<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
        )

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        fields = {}
        for name, heading, spec in zip(self.columns, self.headings, self.specs, strict=True):
            fields[name] = {"title": heading}
            if isinstance(spec, str) and spec not in WORDS:
                fields[name] |= {"unit": "1"} if is_ratio(spec) else {}
                fields[name] |= {"tolerance": tolerance(spec)} if tolerance(spec) else {}
        data = resource(self.data, "table", self.caption, fields, self.key)
        if self.sources:
            data["sources"] = listed(x for x in self.sources if not _is_missing(x))
        metadata = {"data": data}
        if isinstance(self.title, Sentence) and self.title.key:
            metadata["finding"] = self.title.record
        lines = str(self).splitlines()
        plain = "\n".join(lines[:LONG] + ["…"] * (len(lines) > LONG))
        return {"text/html": self._repr_html_(), "text/plain": plain}, metadata


table = Table  # as a notebook calls it


def _cell(value: Any, spec: str | Callable | None) -> str:
    if isinstance(value, list | tuple):
        cells = [_cell(part, spec) for part in value if not _is_missing(part)]
        return (listing(cells) if spec == "name" else "; ".join(cells)) if cells else "–"
    if _is_missing(value):
        return "–"
    if spec == "name":
        return region_name(code(value))
    if spec == "source":
        return "; ".join(short_names(str(value).split()))
    if spec == "t":
        return t(str(value))
    if spec is None or (isinstance(value, str) and not callable(spec)):
        return str(value)
    return written(value, spec)


def _is_missing(value: Any) -> bool:
    return bool(pd.isna(value)) or value == ""
