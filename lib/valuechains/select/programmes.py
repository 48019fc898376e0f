"""Programmes and agencies: where and when they worked, what the documents state that they reached.

All numbers are those of five documents. A department that none of them names is "not named",
which is less than "not reached". Programmes stand in the order of :data:`ORDER`.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import rows
from .prefer import nearest

# What the table calls IFAD's projects together, and figures of the country.
GROUP, CONTEXT = "IFAD projects", "context"
CREATIVE = "Creative industries"
# As they began, as far as the documents say; SIERRA SUR is the last of IFAD's four.
ORDER = (
    "FEAS",
    "MARENASS",
    "CORREDOR",
    "SIERRA SUR",
    CREATIVE,
    "Amazon aquaculture",
    "EU–Peru innovation systems",
    "Creative mapping",
    "Development agencies",
)
# How a theme stands in a later programme, and where it was learnt first.
HEEDED = {"silent": 1, "partly": 2, "heeded": 3, "learnt": 4}
# How long an open end is drawn; it says nothing of how long it was.
OPEN_YEARS = 3
POOREST = "target: the poorest of the country, one in"
CONTRIBUTION, HIRED = "contribution of farmer organisations", "services hired"
VOLUME = "financial volume"
# Programme, what is divided, by what: parts of a whole.
SHARES = (
    ("FEAS", CONTRIBUTION, HIRED),
    ("MARENASS", "communities with impact", "communities reached"),
    ("MARENASS", "households with impact", "households reached"),
    ("MARENASS", "households turned to the market", "households reached"),
    (GROUP, "households with significant benefits", "families managing public funds"),
    (GROUP, "funds administered by farmers", VOLUME),
    (CREATIVE, "initiatives at national fairs", "initiatives financed"),
)
# One thing per another; what has no divisor is stated per dollar.
AMOUNTS = (
    (GROUP, VOLUME, "families managing public funds"),
    ("FEAS", HIRED, "households reached"),
    ("FEAS", HIRED, "organisations that hired services"),
    ("FEAS", CONTRIBUTION, "organisations that hired services"),
    (GROUP, "asset gain per dollar, low", None),
    (GROUP, "asset gain per dollar, high", None),
    ("MARENASS", "households reached", "communities reached"),
    ("MARENASS", "households with impact", "communities with impact"),
    (CONTEXT, "peasant households, Southern Highlands", "peasant communities, Southern Highlands"),
)
# What single projects reached, and what is stated of IFAD's projects together.
TOTALS = (
    ("households", "households reached", "families managing public funds"),
    ("communities", "communities reached", "communities managing public funds"),
    (
        "organisations",
        "organisations that hired services",
        "farmer organisations managing public funds",
    ),
)
# The divisor of what is stated per dollar.
PER_DOLLAR = pd.Series({"value": 1, "bound": "exact", "unit": "usd", "origin": ""})


def ordered(table: str, **where: Any) -> pd.DataFrame:
    """Return rows of a table in the order of :data:`ORDER`, then of groups of programmes."""
    found, place = rows(table, **where), [*ORDER, GROUP, CONTEXT].index
    order = found["programme"].map(place).argsort(kind="stable")
    return found.iloc[order].reset_index(drop=True)


def overview() -> pd.DataFrame:
    """Return the table ``programmes`` with lists of ``departments`` (codes) and ``sectors``."""
    departments = rows("programme_places").groupby("programme")["ubigeo"].agg(list)
    sectors = rows("programme_lists", list_name="sectors").groupby("programme")["item"].agg(list)
    return ordered("programmes").assign(
        departments=[departments.get(programme, []) for programme in ORDER],
        sectors=[sectors.get(programme, []) for programme in ORDER],
    )


def timeline() -> pd.DataFrame:
    """Return :func:`overview` with the years that are sure, and how far an open end is drawn."""
    table = overview()
    start, end = (table[column].astype("float64") for column in ("start_year", "end_year"))
    # "2004 or later" bounds the beginning, but is no year in which it worked.
    begun = start.where(table["start_bound"] != "at_least")
    sure_from, sure_to = begun.fillna(end), end.fillna(begun)
    starts_dated, ends_dated = table["start_bound"].eq("exact"), table["end_bound"].eq("exact")
    earliest = start.where(begun.isna()).fillna(sure_from - OPEN_YEARS)
    open_from = sure_from.where(starts_dated, earliest)
    return table.assign(
        sure_from=sure_from,
        sure_to=sure_to,
        open_from=open_from,
        open_to=sure_to.where(ends_dated, sure_to.fillna(open_from) + OPEN_YEARS),
        is_dated=starts_dated & ends_dated,
    )


def overlap() -> pd.DataFrame:
    """Return all 25 departments with the number of ``programmes`` that name each."""
    named = rows("programme_places")["ubigeo"].value_counts()
    codes = pd.Index(places.codes(), name="ubigeo")
    return named.reindex(codes, fill_value=0).reset_index(name="programmes")


def coverage(scope: Scope) -> pd.DataFrame:
    """Return programmes × the scope's regions (columns: codes): what is said of each.

    Empty text where a document names other departments, missing where it names none at all.
    """
    said = rows("programme_places").pivot(index="programme", columns="ubigeo", values="coverage")
    said = said.fillna("").reindex(columns=list(scope.regions), fill_value="")
    return said.reindex(pd.Index(ORDER, name="programme"))


def stated(programme: str, measure: str) -> pd.Series:
    """Return the row of the number stated for a programme; of two, the exact one (or KeyError).

    >>> float(stated("MARENASS", "communities with impact").value)
    360.0
    """
    figures = rows("programme_outputs", programme=programme, measure=measure)
    if figures.empty:
        raise KeyError(f"{programme}: no {measure!r}")
    return figures.loc[figures["bound"].eq("exact").idxmax()]


def ratios(pairs: Iterable[tuple[str, str, str | None]]) -> pd.DataFrame:
    """Return :data:`SHARES` or :data:`AMOUNTS`: numbers stated for one programme, divided.

    What is divided by a rounded number is rounded too; ``is_stated``: as it stands, per dollar.
    """
    table = []
    for programme, measure, divisor in pairs:
        above = stated(programme, measure)
        below = PER_DOLLAR if divisor is None else stated(programme, divisor)
        row = {
            "programme": programme,
            "measure": measure,
            "is_stated": divisor is None,
            "above": above["value"],
            "above_bound": above["bound"],
            "unit_above": above["unit"],
            "below": below["value"],
            "below_bound": below["bound"],
            "unit_below": below["unit"],
            "value": above["value"] / below["value"],
            "bound": above["bound"] if below["bound"] == "exact" else "about",
            "source": above["source"],
            "origin": f"{above['origin']} {below['origin']}".strip(),
        }
        table.append(row)
    return pd.DataFrame(table)


def beside_totals() -> pd.DataFrame:
    """Return what projects reached (``figures``, ``sum``) beside all of IFAD's (``together``)."""
    table = pd.DataFrame(TOTALS, columns=["what", "measure", "whole"])
    parts = [ordered("programme_outputs", measure=measure) for measure in table["measure"]]
    return table.assign(
        figures=[list(part.itertuples()) for part in parts],
        sum=[part["value"].sum() for part in parts],
        together=[stated(GROUP, whole).value for whole in table["whole"]],
    )


def lessons() -> pd.DataFrame:
    """Return every challenge and lesson, theme by theme, those of IFAD's projects first."""
    themes = rows("lesson_themes")[["programme", "item_number", "theme"]]
    table = rows("programme_lessons").merge(themes, on=["programme", "item_number"])
    table["place"] = table["programme"].map([GROUP, *ORDER].index)
    return table.sort_values(["theme", "place", "item_number"])


def uptake() -> pd.DataFrame:
    """Return theme × programme, the most heeded first: :data:`HEEDED`, nothing where before."""
    table = rows("lesson_uptake")
    first = table.drop_duplicates("theme").assign(heeded="learnt")
    first["programme"] = first["learnt_by"]
    marks = pd.concat([table, first]).pivot(index="theme", columns="programme", values="heeded")
    heeded = (marks == "heeded").sum(axis=1).sort_values(ascending=False, kind="stable")
    order = [name for name in (GROUP, *ORDER) if name in marks]
    return marks.loc[heeded.index, order].fillna("")


def extreme_poverty() -> pd.DataFrame:
    """Return extreme poverty (%) of departments, or parts of them, in every year.

    Of a group its interval or middle (equal ends); the poorest hold a fifth of departments or more.
    """
    table = rows("department_poverty", measure="extreme").query("ubigeo != @places.COUNTRY")
    middle = table["poverty_midpoint_pct"]
    table = table.assign(
        low=table["poverty_low_pct"].fillna(middle),
        high=table["poverty_high_pct"].fillna(middle),
        is_middle=middle.notna(),
    )
    poorer = table.groupby("year")["high"].rank(ascending=False, method="min") - 1
    fifth = len(places.codes()) / stated(CREATIVE, POOREST)["value"]
    return table.assign(is_poorest=poorer < fifth)


def beside_poverty(scope: Scope) -> pd.DataFrame:
    """Return :func:`extreme_poverty` in the year nearest to the scope's last, poorest first.

    ``programmes`` that name it: how many, and for each ``whole``, ``part`` or nothing.
    """
    table = extreme_poverty()
    table = table[table["year"] == nearest(table["year"].unique(), scope.end_year)]
    marks = rows("programme_places").pivot(index="ubigeo", columns="programme", values="extent")
    marks = marks.fillna("").reindex(places.codes(), columns=ORDER, fill_value="")
    marks["programmes"] = marks.ne("").sum(axis=1)
    table = table.join(marks, on="ubigeo")
    return table.sort_values(["high", "programmes"], ascending=False, ignore_index=True)


def poverty_facts(poverty: pd.DataFrame) -> dict:
    """Return how many areas the poorest groups hold (``n``; ``least`` to ``most`` in all years).

    And which departments of creative industries, meant for the poorest ``one_in``, are in them.
    """
    counts = extreme_poverty().groupby("year")["is_poorest"].sum()
    creative = poverty[poverty[CREATIVE] != ""]
    return {
        "n": poverty["is_poorest"].sum(),
        "least": counts.min(),
        "most": counts.max(),
        "first": counts.index.min(),
        "last": counts.index.max(),
        "one_in": stated(CREATIVE, POOREST).value,
        "all": len(creative),
        "creative": creative.loc[creative["is_poorest"], "ubigeo"].to_list(),
    }
