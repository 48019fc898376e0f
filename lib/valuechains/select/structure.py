"""Departments: people, poverty, value added and the report's figures, ready to compare and draw.

The rules that choose a year, a source and a concept live here and in ``economies``, once.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ..core import places
from ..core.language import bound_words, exact, number, percent, t
from ..core.scope import Scope
from ..indicators import shares
from ..tables import load

COUNTRY, REPORT = places.COUNTRY, "report_eu_peru_2016"
# Upper limits of the poverty of a district (per cent, middle of its interval).
CLASSES = (20, 40, 60, 100)
# Shares of departments in the value added of 1996 are those of 1995, carried over.
LAST_MEASURED = 1995


def nearest(years: Iterable[int], wanted: int) -> int:
    """Return the year nearest to the wanted one, the earlier of two equally near."""
    return min(map(int, years), key=lambda year: (abs(year - wanted), year))


def poverty(scope: Scope) -> pd.DataFrame:
    """Return what is published of poverty for the scope's regions: figures of groups.

    Columns ``ubigeo``, ``place`` (part of the department, or empty), ``measure`` (in words, with
    what the figure is), ``year``, ``low`` and ``high`` (ratios; equal for the middle of a group),
    ``departments`` (that have the same figure), ``source``.
    """
    rows = load("department_poverty")
    rows["place"] = rows["place"].fillna("")
    middle = rows["poverty_midpoint_pct"]
    rows["low"] = rows["poverty_low_pct"].fillna(middle) / 100
    rows["high"] = rows["poverty_high_pct"].fillna(middle) / 100
    keys = ["measure", "figure_kind", "year", "low", "high"]
    rows["departments"] = rows.groupby(keys)["ubigeo"].transform("nunique")
    words = {
        ("extreme", "group interval"): t("Extreme poverty, interval of the group"),
        ("extreme", "group midpoint"): t("Extreme poverty, middle of the group"),
        ("total", "group midpoint"): t("Total poverty, middle of the group"),
    }
    parts = []
    for (measure, kind), called in words.items():
        part = rows[(rows["measure"] == measure) & (rows["figure_kind"] == kind)]
        part = part[part["year"] == nearest(part["year"], scope.end_year)]
        parts += [part[part["ubigeo"] == code].assign(measure=called) for code in scope.regions]
    columns = ["ubigeo", "place", "measure", "year", "low", "high", "departments", "source"]
    return pd.concat(parts, ignore_index=True)[columns]


def interval(low: float, high: float) -> str:
    """Return a published interval, or the middle of one, as text."""
    if low == high:
        return percent(low, 2)
    return f"{number(100 * low, 1)}–{percent(high, 1)}"


def by_district(scope: Scope, column: str = "poverty_midpoint_pct") -> pd.DataFrame:
    """Return the share of people by the poverty of their district: regions and Peru × classes.

    A class (:data:`CLASSES`) holds its lower limit. ``column`` takes the ends of the districts'
    intervals instead of their middle.
    """
    rows = load("district_poverty")
    limits = pd.cut(rows[column], [0, *CLASSES[:-1], 101], right=False, labels=list(CLASSES))
    table = rows.groupby(["ubigeo", limits], observed=False)["population_persons"].sum().unstack()
    table.loc[COUNTRY] = table.sum()
    return table.loc[[*scope.regions, COUNTRY]].astype("float64").apply(shares, axis=1)


def population(scope: Scope) -> dict[str, pd.DataFrame]:
    """Return the people of each region of the scope by year, a column a concept, all years."""
    rows = load("department_population")
    kinds = rows["concept"].where(rows["concept"].str.startswith(("census", "as")), "projected")
    rows = rows.assign(kind=kinds)
    years = pd.RangeIndex(int(rows["year"].min()), int(rows["year"].max()) + 1, name="year")
    found = {}
    for code in scope.regions:
        own = rows[rows["ubigeo"] == code]
        wide = own.pivot_table("population_persons", "year", "kind", "first")
        columns = ["census, counted", "census, counted plus omitted", "projected", "as quoted"]
        found[code] = wide.reindex(index=years, columns=columns).astype("float64")
    return found


def population_sources(scope: Scope) -> list[str]:
    """Return the sources of :func:`population`."""
    rows = load("department_population")
    return list(rows.loc[rows["ubigeo"].isin(scope.regions), "source"].unique())


def yearly(table: str, column: str) -> pd.DataFrame:
    """Return a column as years × departments; a year without a figure is a gap."""
    wide = load(table).dropna(subset=[column]).pivot(index="year", columns="ubigeo", values=column)
    years = pd.RangeIndex(int(wide.index.min()), int(wide.index.max()) + 1, name="year")
    return wide.reindex(years).astype("float64")


def accounts(scope: Scope) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return what regional accounts give by year: title → (years × departments, source).

    Only series that have a region of the scope: an index of manufacturing at prices of
    2007; shares of Peru in mining, in trade, restaurants and hotels (both to 1995), and in GDP.
    Rows of Lima with Callao are left out.
    """
    rows = load("department_economy")
    rows = rows[~rows["ubigeo"].str.contains("+", regex=False)]
    words = {
        "manufacturing": t("Manufacturing, {year} = 100", year=2007),
        "mining": t("Mining, share of Peru"),
        "trade, restaurants and hotels": t("Trade and hotels, share of Peru"),
        "all": t("GDP, share of Peru"),
    }
    found = {}
    for activity, called in words.items():
        part = rows[(rows["activity"] == activity) & rows["measure"].isin(["value added", "GDP"])]
        wide = part.pivot(index="year", columns="ubigeo", values="value")
        if COUNTRY in wide:
            wide = wide.div(wide[COUNTRY], axis=0).drop(columns=COUNTRY)
            if activity != "all":
                wide = wide.loc[:LAST_MEASURED]
        else:
            wide = 100 * wide / wide.loc[2007]
        if set(wide) & set(scope.regions):
            found[called] = wide, part["source"].iloc[0]
    return found


def reported(topics: Iterable[str], ubigeo: str = COUNTRY) -> pd.DataFrame:
    """Return figures of the report's chapter 5 on some topics, largest first; shares as ratios."""
    rows = load("report_statistics")
    rows = rows[rows["topic"].isin(list(topics)) & (rows["ubigeo"] == ubigeo)]
    value = rows["value"].where(rows["unit"] != "pct", rows["value"] / 100)
    return rows.assign(value=value).sort_values("value", ascending=False, ignore_index=True)


def sectors(scope: Scope, hues: dict[str, str]) -> pd.DataFrame:
    """Return the report's shares by sector, for bars; what it leaves unnamed is a row too."""
    parts = []
    for code in scope.regions:
        for topic, called in (("GDP by sector", t("GDP")), ("labour by sector", t("work"))):
            rows = reported([topic], code)
            if rows.empty:
                continue
            part = pd.DataFrame(
                {
                    "label": [t(item) for item in rows["item"]],
                    "value": rows["value"],
                    "color": hues[code],
                    "what": f"{places.name(code)}, {called}",
                }
            )
            rest = 1 - part["value"].sum()
            if rest > 0.0005:
                last = {"label": t("not named"), "value": rest, "tone": "rest"}
                part = pd.concat([part, pd.DataFrame([last])])
            group = t(
                "{name}, {what}, {year}", name=places.name(code), what=called,
                year=rows["year"].iloc[0],
            )  # fmt: skip
            parts.append(part.assign(group=group))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def zones(scope: Scope) -> dict[str, pd.DataFrame]:
    """Return territory and people by zone: code → (territory, people) × zones, and the unnamed."""
    found = {}
    for code in scope.regions:
        topics = {"territory by zone": t("Territory"), "people by zone": t("People")}
        rows = {
            called: reported([topic], code).set_index("item")["value"]
            for topic, called in topics.items()
        }
        table = pd.DataFrame(rows).T.reindex(list(topics.values()))
        if table.empty or table.shape[1] == 0:
            continue
        table = table[table.loc[t("Territory")].sort_values(ascending=False).index].fillna(0)
        table.columns = [t(item) for item in table]
        found[code] = table.assign(**{t("not given"): (1 - table.sum(axis=1)).round(6)})
    return found


DRAWN = ("GDP by sector", "labour by sector", "territory by zone", "people by zone")


def stated(scope: Scope) -> pd.DataFrame:
    """Return what else the report's chapter 5 states of the scope's regions, for a table.

    Columns ``region``, ``fact``, ``year``, ``figure`` (with its bound and unit), ``section``.
    """
    rows = load("report_statistics")
    rows = rows[rows["ubigeo"].isin(scope.regions) & ~rows["topic"].isin(DRAWN)]
    units = {
        "pct": lambda x: f"{exact(x)}%",
        "PEN": lambda x: t("{x} million soles", x=exact(x / 1e6)),
        "km2": lambda x: t("{x} km²", x=exact(x)),
        "place": lambda x: t("place {x}", x=exact(x)),
    }
    return pd.DataFrame(
        {
            "region": [places.name(code) for code in rows["ubigeo"]],
            "fact": [
                t(row.topic) if row.topic == row.item else f"{t(row.topic)}: {t(row.item)}"
                for row in rows.itertuples()
            ],
            "year": rows["year"].astype(object),
            "figure": [
                f"{bound_words(row.bound)} {units.get(row.unit, exact)(row.value)}".strip()
                for row in rows.itertuples()
            ],
            "section": rows["section"],
        }
    )
