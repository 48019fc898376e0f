"""What a notebook says between its figures: computed sentences and plain tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown

from ..core.language import t

_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


def say(text: str, /, **values: Any) -> Markdown:
    """Return a sentence in the report's language, its numbers put in by code.

    ``say("{name}: {share:%1}", …)``; see :func:`valuechains.language.t`. Text among the values
    is shown as it is: nothing in it becomes markup.
    """
    safe = {
        key: value.translate(_SPECIAL) if isinstance(value, str) else value
        for key, value in values.items()
    }
    return Markdown(t(text, **safe))


def table(frame: pd.DataFrame, columns: Mapping[str, tuple[str, Callable | None]]) -> HTML:
    """Return a table as HTML: chosen columns under their headings.

    Parameters
    ----------
    columns : mapping of column to (heading, how to write a value)
        ``None`` writes text as it is, left aligned; numbers are right aligned. A missing value
        is an en dash.
    """
    head = "".join(
        f'<th scope="col"{_aligned(write)}>{escape(heading)}</th>'
        for heading, write in columns.values()
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_aligned(write)}>{_cell(row[column], write)}</td>"
            for column, (_, write) in columns.items()
        )
        + "</tr>\n"
        for _, row in frame.iterrows()
    )
    return HTML(f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>")


def _aligned(write: Callable | None) -> str:
    return f' style="text-align:{"right" if write else "left"}"'


def _cell(value: Any, write: Callable | None) -> str:
    missing = value is None or (not isinstance(value, str) and pd.isna(value)) or value == ""
    return "–" if missing else escape(write(value) if write else str(value))
