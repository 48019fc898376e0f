"""Which raw files are due for renewal, and which facts two sources or editions give differently."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from ..core.errors import DataError
from ..tables import load, schema

_DURATION = re.compile(r"P(\d+)([YMD])")
_UNITS = {"Y": "years", "M": "months", "D": "days"}
DUE = ["source", "file", "published", "renewal", "due", "days_late"]
REVISIONS = ["table", "fact", "field", "low", "low_source", "high", "high_source", "change"]


def due(sources: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Return the raw files whose renewal period has passed, the latest overdue first.

    Parameters
    ----------
    sources : DataFrame
        The table ``sources``: ``published`` is a year, a month or a day (counted from its end),
        ``renewal`` an ISO 8601 duration in years, months or days, or ``none``. Without a date
        of publication the day counts on which the file was entered.

    Raises
    ------
    DataError
        For a renewal or a date that can't be read, with the file.

    Examples
    --------
    >>> columns = ["source", "file", "published", "renewal", "entered"]
    >>> files = pd.DataFrame([("yearbook", "a.csv", "2022", "P1Y", "2026-11-22")], columns=columns)
    >>> due(files, dt.date(2024, 1, 2))["days_late"].tolist()
    [2]
    """
    rows = []
    for file in sources[sources["renewal"] != "none"].itertuples():
        name = f"data/raw/{file.source}/{file.file}"
        duration = _DURATION.fullmatch(file.renewal)
        if not duration:
            raise DataError(f"{name}: renewal {file.renewal!r}, expected P1Y, P6M, P30D or none")
        since = file.published if isinstance(file.published, str) else file.entered
        try:
            # The end of a year, a month or a day: the latest that it can have been published.
            published = pd.Period(since).end_time.normalize()
        except ValueError:
            raise DataError(f"{name}: published {since!r} is no date") from None
        period = pd.DateOffset(**{_UNITS[duration[2]]: int(duration[1])})
        when = (published + period).date()
        if when < today:
            late = (today - when).days
            rows.append((file.source, file.file, since, file.renewal, when, late))
    out = pd.DataFrame(rows, columns=DUE)
    return out.sort_values(["days_late", "source", "file"], ascending=[False, True, True])


def revisions() -> pd.DataFrame:
    """Return every fact that two sources give differently, the largest relative change first.

    Returns
    -------
    DataFrame
        One row a table, fact (its key but for the source) and field: lowest and highest figure
        with their sources, and ``change``, the difference over the higher of the two in size.
        A figure and its rounding are no revision.
    """
    rows = []
    fields = schema()["fields"]
    for name, spec in schema()["tables"].items():
        fact = [field for field in spec["key"] if field != "source"]
        if "source" not in spec["key"]:
            continue
        table = load(name)
        for field in spec["fields"]:
            if field in spec["key"] or fields[field]["type"] == "string":
                continue
            known = table.dropna(subset=[field])
            known = known[known.duplicated(fact, keep=False)]
            for key, group in known.groupby(fact, dropna=False):
                low, high = group.loc[group[field].idxmin()], group.loc[group[field].idxmax()]
                if _is_same(float(low[field]), float(high[field])):
                    continue
                size = max(abs(low[field]), abs(high[field]))
                rows.append(
                    {
                        "table": name,
                        "fact": ", ".join(str(value) for value in key if not pd.isna(value)),
                        "field": field,
                        "low": low[field],
                        "low_source": low["source"],
                        "high": high[field],
                        "high_source": high["source"],
                        "change": (high[field] - low[field]) / size,
                    }
                )
    out = pd.DataFrame(rows, columns=REVISIONS)
    return out.sort_values(
        ["change", "table", "fact", "field"], ascending=[False, True, True, True]
    )


def _is_same(low: float, high: float) -> bool:
    """Return whether two figures are equal, or one is the other as rounded in print."""
    decimals = min(0 if x == int(x) else len(repr(x).partition(".")[2]) for x in (low, high))
    is_near = abs(low - high) <= 0.001 * max(abs(low), abs(high))
    return low == high or (is_near and round(low, decimals) == round(high, decimals))
