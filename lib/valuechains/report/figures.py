"""Stated figures in words: bounds, intervals, years that are known in part."""

from __future__ import annotations

import pandas as pd

from ..core.language import bound_words, exact, short, t


def bounded(value: float, bound: str = "exact") -> str:
    """Return a figure with its bound in words.

    Examples
    --------
    >>> bounded(600, "about")
    'about 600'
    """
    return f"{bound_words(bound)} {short(value)}".strip()


def interval(low: float, high: float) -> str:
    """Return percentages as an interval, with the decimals they have; one figure where equal.

    Examples
    --------
    >>> interval(18.1, 27)
    '18.1–27%'
    """
    ends = exact(low) if low == high else f"{exact(low)}–{exact(high)}"
    return f"{ends}%"


def year_span(start: float, start_bound: str, end: float, end_bound: str) -> str:
    """Return the years of something as far as they are known, a question mark where not.

    Examples
    --------
    >>> year_span(2000, "at_most", 2004, "about")
    'by 2000 – about 2004'
    """
    if pd.isna(start) and pd.isna(end):
        return t("no year stated")
    return f"{_year(start, start_bound)} – {_year(end, end_bound)}"


def _year(year: float, bound: str) -> str:
    if pd.isna(year):
        return "?"
    words = {
        "at_least": t("{year} or later", year=int(year)),
        "at_most": t("by {year}", year=int(year)),
        "about": t("about {year}", year=int(year)),
    }
    return words.get(bound, str(int(year)))
