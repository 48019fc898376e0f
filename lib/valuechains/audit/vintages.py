"""Which raw files are due for renewal, and which facts two sources or editions give differently."""

import datetime as dt

import pandas as pd

from ..tables import load, schema

UNITS = {"Y": "years", "M": "months", "D": "days"}
DUE = ["source", "file", "published", "renewal", "due", "days_late"]
REVISIONS = ["table", "fact", "field", "low", "low_source", "high", "high_source", "change"]


def due(sources: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Return the raw files whose renewal period has passed, the latest overdue first.

    Of the table ``sources``: ``published`` is a year, a month or a day (counted from its end);
    without it the day counts on which the file was entered. ``renewal`` is a number of years,
    months or days (``P1Y``, ``P6M``, ``P30D``), or ``none``; sidecars with others are refused.

    >>> columns = ["source", "file", "published", "renewal", "entered"]
    >>> files = pd.DataFrame([("yearbook", "a.csv", "2022", "P1Y", "2026-11-22")], columns=columns)
    >>> due(files, dt.date(2024, 1, 2))["days_late"].tolist()
    [2]
    """
    files = sources[sources["renewal"] != "none"]
    files = files.assign(published=files["published"].fillna(files["entered"]))
    days = []
    for published, renewal in zip(files["published"], files["renewal"], strict=True):
        period = pd.DateOffset(**{UNITS[renewal[-1]]: int(renewal[1:-1])})
        days.append((pd.Period(published).end_time.normalize() + period).date())
    files = files.assign(due=days, days_late=[(today - day).days for day in days])
    late = files.loc[files["days_late"] > 0, DUE]
    return late.sort_values(["days_late", "source", "file"], ascending=[False, True, True])


def revisions() -> pd.DataFrame:
    """Return every fact that two sources give differently, the largest relative change first.

    One row a table, fact (its key but for source and edition) and field: lowest and highest figure
    with their sources, and ``change``, the difference over the higher of the two in size. A figure
    and its rounding are no revision.
    """
    parts = []
    for name, spec in schema()["tables"].items():
        if "source" not in spec["key"]:
            continue
        key = [field for field in spec["key"] if field not in ("source", "edition")]
        table = load(name)
        figures = table.select_dtypes("number").columns.difference(spec["key"], sort=False)
        if "edition" in table:
            table["source"] = table["source"].str.cat(table["edition"].fillna(""), " ").str.strip()
        long = table.melt([*key, "source"], figures, "field", "figure").dropna(subset="figure")
        long, facts = long.astype({"figure": float}), [*key, "field"]
        ends = long.groupby(facts, dropna=False)["figure"].agg(["idxmin", "idxmax"])
        low, high = long.loc[ends["idxmin"]], long.loc[ends["idxmax"]]
        pairs = low.rename(columns={"figure": "low", "source": "low_source"})
        pairs = pairs.assign(high=high["figure"].array, high_source=high["source"].array)
        pairs = pairs[pairs["low"] < pairs["high"]]
        is_same = pd.Series(map(_is_same, pairs["low"], pairs["high"]), pairs.index, dtype=bool)
        fact = pairs[key].astype("string").agg(lambda row: ", ".join(row.dropna()), axis=1)
        parts.append(pairs.assign(table=name, fact=fact)[~is_same])
    table = pd.concat(parts)
    size = table[["low", "high"]].abs().max(axis=1)
    table = table.assign(change=(table["high"] - table["low"]) / size)[REVISIONS]
    return table.sort_values(
        ["change", "table", "fact", "field"], ascending=[False, True, True, True]
    )


def _is_same(low: float, high: float) -> bool:
    """Return whether one figure is the other as rounded in print."""
    decimals = min(0 if x == int(x) else len(repr(x).partition(".")[2]) for x in (low, high))
    is_near = abs(low - high) <= 0.001 * max(abs(low), abs(high))
    return is_near and round(low, decimals) == round(high, decimals)
