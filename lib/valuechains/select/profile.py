"""One department beside all others: each indicator with rank, country and median.

Figures of INEI and the poverty rates count Callao with Lima: both are then shown with the joint
figure (``07+15``), which counts as one in ranks.
"""

from functools import cache

import pandas as pd

from ..core import places
from ..core.scope import Scope
from ..tables import load
from . import accounts, camelids, people, prefer, rows

# A rank among fewer departments says little.
LEAST = 3
JOINT = people.LIMA_CALLAO
KEPT = ["indicator", "ubigeo", "year", "value", "source", "origin"]


def _coffee(column: str) -> pd.DataFrame:
    table = prefer.preferred("coffee_regional", load("coffee_regional"), column)
    return table.rename(columns={column: "value"})


@cache
def series() -> pd.DataFrame:
    """Return every indicator of every department and of Peru (``00``) by year, long.

    People; value added a head (thousand soles of 2007); the share of the poor (0 to 1, computed
    from the survey ENAHO); the human development index of the method in use since 2017; tonnes,
    kg/ha and soles per kg of coffee; alpacas, llamas, tonnes of alpaca fibre.

    >>> alpacas = series().query("indicator == 'alpaca_heads' and ubigeo == '21' and year == 2024")
    >>> int(alpacas["value"].item())
    2017990
    """
    counted = people.people()
    poor = rows("monetary_poverty", poverty_column="actual")
    parts = {
        "people": counted[counted["ubigeo"] != JOINT],
        "value_added_per_head": people.value_added_per_head(),
        "poverty_share": poor.assign(value=poor["poverty_pct"] / 100),
        "hdi_0_1": rows("human_development", method="2017-2024"),
        "coffee_production_t": _coffee("production_t"),
        "coffee_yield_kg_per_ha": _coffee("yield_kg_per_ha"),
        "coffee_price_pen_per_kg": _coffee("farm_price_pen_per_kg"),
        "alpaca_heads": camelids.yearbook("alpaca", "heads"),
        "llama_heads": camelids.yearbook("llama", "heads"),
        "alpaca_fibre_t": camelids.yearbook("alpaca", "fibre_t"),
    }
    columns = {"people": "population_persons", "value_added_per_head": "thousand_pen_per_head"}
    columns |= {"hdi_0_1": "hdi_0_1"}
    named = [
        part.rename(columns={columns.get(key): "value"}).assign(indicator=key)
        for key, part in parts.items()
    ]
    table = pd.concat(named, ignore_index=True)[KEPT].dropna(subset="value")
    return table.astype({"value": "float64", "year": int})


def glance(scope: Scope) -> pd.DataFrame:
    """Return each indicator of the scope's first region, in the last year up to the scope's end.

    ``rank`` among the ``n`` departments with more than zero in that ``year`` (1 is the largest;
    missing for fewer than :data:`LEAST` and for the poor), their ``median``, and a column for each
    further region of the scope, by code.

    >>> table = glance(Scope(("21",), 2000, 2025)).set_index("indicator")
    >>> int(table.loc["alpaca_heads", "rank"])
    1
    """
    table = series().query("year <= @scope.end_year")
    parts = table.groupby("indicator", sort=False)
    return pd.DataFrame([_row(key, part, scope) for key, part in parts])


def _row(key: str, part: pd.DataFrame, scope: Scope) -> dict:
    first, *others = (accounts.counted_as(code, part["ubigeo"]) for code in scope.regions)
    own = part[part["ubigeo"] == first]
    # Without a figure of its own: the last year in which others have theirs.
    year = int(own["year"].max() if len(own) else part["year"].max())
    now = part[part["year"] == year].set_index("ubigeo")
    there = now["value"]
    departments = there[(there > 0) & (there.index != places.COUNTRY)]
    is_several = len(departments) >= LEAST
    ranks = departments.rank(ascending=False, method="min")
    # No sampling error is published of the poor: bands of ten points tell them apart, not ranks.
    row = {
        "indicator": key,
        "year": year,
        "value": there.get(first),
        "counted_as": first,
        "rank": ranks.get(first) if is_several and key != "poverty_share" else None,
        "n": len(departments),
        "median": departments.median() if is_several else None,
        "peru": there.get(places.COUNTRY),
        "source": now["source"].iloc[0],
    }
    figures = (there.get(other) for other in others)
    return row | dict(zip(scope.regions[1:], figures, strict=True))


def through_time(scope: Scope, indicators: list[str]) -> pd.DataFrame:
    """Return chosen indicators of all departments by year, within the scope's years.

    Of the share of the poor, whose sampling error is not published, the ``bound`` is ``about``.
    Lima with Callao stands under the region of the scope that it is shown for.

    >>> table = through_time(Scope(("15",), 2010, 2020), ["value_added_per_head"])
    >>> "15" in set(table["ubigeo"]), "07+15" in set(table["ubigeo"])
    (True, False)
    """
    table = series().query("indicator in @indicators and ubigeo != @places.COUNTRY")
    table = table[table["year"].between(scope.start_year, scope.end_year)]
    joint = [code for code in scope.regions if code in JOINT.split("+")]
    table = table.replace({"ubigeo": {JOINT: joint[0]}}) if joint else table
    is_survey = table["indicator"] == "poverty_share"
    table = table.assign(bound=is_survey.map({True: "about", False: "exact"}))
    place = table["indicator"].map(indicators.index)
    return table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
