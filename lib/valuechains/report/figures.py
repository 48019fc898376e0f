"""Stated figures in words: bounds, intervals, years known in part, partners by their place."""

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from ..core.countries import display
from ..core.language import bound_words, current, short, t, written


def bounded(value: float | str, bound: str = "exact", unit: str = "") -> str:
    """Return a figure with its bound in words, and its unit where its measure does not name it.

    >>> bounded(600, "about"), bounded(30, "more_than", "pct")
    ('about 600', 'more than 30%')
    """
    units = {
        "pct": "%",
        "usd": " " + t("US$"),
        "pen": " " + t("soles"),
        "km2": " km²",
        "times": " ×",
        "years": " " + t("years"),
    }
    figure = value if isinstance(value, str) else short(value)
    return f"{bound_words(bound)} {figure}{units.get(unit, '')}".strip()


def ratio_words(row: Any) -> str:
    """Return the two figures of a ratio of ``select.programmes.ratios``, or that it is stated."""
    if row.is_stated:
        return t("as stated, project not named")
    return f"{bounded(row.above, row.above_bound)} / {bounded(row.below, row.below_bound)}"


def with_bounds(
    values: Iterable[float], bounds: Iterable[str], spec: str | Callable = "exact"
) -> list[str]:
    """Return figures as a table writes them, each with its bound; nothing for a missing one.

    >>> with_bounds([50000, 14.9, float("nan")], ["more_than", "exact", "exact"])
    ['more than 50,000', '14.9', '']
    """
    return [
        bounded(written(value, spec), bound) if pd.notna(value) else ""
        for value, bound in zip(values, bounds, strict=True)
    ]


def year_span(start: float, start_bound: str, end: float, end_bound: str) -> str:
    """Return the years of something as far as they are known, a question mark where not.

    >>> year_span(2000, "at_most", 2004, "about")
    'by 2000 – about 2004'
    """
    if pd.isna(start) and pd.isna(end):
        return t("no year stated")
    says = {"at_least": t("{year} or later"), "at_most": t("by {year}"), "about": t("about {year}")}
    years = [
        "?" if pd.isna(year) else says.get(bound, "{year}").replace("{year}", str(int(year)))
        for year, bound in ((start, start_bound), (end, end_bound))
    ]
    return " – ".join(years)


def partner_names(largest: pd.DataFrame, rest: str) -> list[str]:
    """Return the names of the partners in ``select.coffee.largest``, for bars.

    A rank stands beside the name of a partner that is shown above its place; `rest` is what the row
    without a country is called.

    >>> rows = pd.DataFrame({"partner_iso3": ["BRA", "PER", ""], "rank": [1, 9, None]})
    >>> partner_names(rows, "rest of the world")
    ['Brazil', 'Peru (no. 9)', 'rest of the world']
    """
    names = [display(code, current()) if code else rest for code in largest["partner_iso3"]]
    ranks = enumerate(zip(names, largest["rank"], strict=True), start=1)
    return [
        t("{name} (no. {rank:0})", name=name, rank=rank) if rank > place else name
        for place, (name, rank) in ranks
    ]
