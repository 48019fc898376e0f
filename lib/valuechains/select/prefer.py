"""What is due for renewal, and what sources and their vintages give differently."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import pandas as pd

from ..core.errors import DataError
from ..tables import load, schema

_DURATION = re.compile(r"P(\d+)([YMD])")
_UNITS = {"Y": "years", "M": "months", "D": "days"}
DUE = ["source", "file", "published", "renewal", "due", "days_late"]
REVISIONS = ["table", "fact", "field", "low", "low_source", "high", "high_source", "change"]


def latest_first(sources: Iterable[str]) -> list[str]:
    """Return publications by vintage, the latest first: of one fact it is preferred.

    Of two of the same day the one that was added later (``_v2``) goes first.
    """
    vintage = load("source_names").set_index("source")["vintage"]
    return sorted(set(sources), key=lambda key: (vintage[key], key), reverse=True)


def preferred(name: str, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows of a table that a column is taken from.

    In a table with ``prefer: latest`` (``schema.yml``) one row a fact: of the sources that have
    it, the latest vintage. In any other table all of them.
    """
    spec = schema()["tables"].get(name, {})
    if spec.get("prefer") != "latest":
        return rows
    fact = [field for field in spec["key"] if field != "source"]
    known = rows.dropna(subset=[column])
    order = latest_first(known["source"])
    dated = known.sort_values("source", key=lambda keys: keys.map(order.index), kind="stable")
    return dated.drop_duplicates(fact).sort_values(fact, kind="stable")


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
    """
    rows = []
    for one in sources[sources["renewal"] != "none"].itertuples():
        name = f"data/raw/{one.source}/{one.file}"
        found = _DURATION.fullmatch(one.renewal)
        if not found:
            raise DataError(f"{name}: renewal {one.renewal!r}, expected P1Y, P6M, P30D or none")
        since = one.published if isinstance(one.published, str) else one.entered
        try:
            # The end of a year, a month or a day: the latest that it can have been published.
            published = pd.Period(since).end_time.normalize()
        except ValueError:
            raise DataError(f"{name}: published {since!r} is no date") from None
        when = (published + pd.DateOffset(**{_UNITS[found[2]]: int(found[1])})).date()
        if when < today:
            late = (today - when).days
            rows.append((one.source, one.file, since, one.renewal, when, late))
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
    for name, spec in schema()["tables"].items():
        fields = schema()["fields"]
        key = [field for field in spec["key"] if field != "source"]
        if len(key) == len(spec["key"]):
            continue
        table = load(name)
        numeric = [
            field for field in spec["fields"]
            if field not in spec["key"] and fields[field]["type"] in ("number", "integer")
        ]  # fmt: skip
        for field in numeric:
            known = table.dropna(subset=[field])
            known = known[known.duplicated(key, keep=False)]
            for fact, part in known.groupby(key, dropna=False):
                low, high = part.loc[part[field].idxmin()], part.loc[part[field].idxmax()]
                size = max(abs(low[field]), abs(high[field]))
                if not _same(float(low[field]), float(high[field])):
                    text = ", ".join(str(value) for value in fact if not pd.isna(value))
                    rows.append(
                        (name, text, field, low[field], low["source"], high[field],
                         high["source"], (high[field] - low[field]) / size)
                    )  # fmt: skip
    out = pd.DataFrame(rows, columns=REVISIONS)
    return out.sort_values(
        ["change", "table", "fact", "field"], ascending=[False, True, True, True]
    )


def _same(one: float, other: float) -> bool:
    """Return whether two figures are equal, or one is the other as rounded in print."""
    decimals = min(0 if x == int(x) else len(repr(x).partition(".")[2]) for x in (one, other))
    near = abs(one - other) <= 0.001 * max(abs(one), abs(other))
    return one == other or (near and round(one, decimals) == round(other, decimals))
