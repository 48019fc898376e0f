"""One department beside all others: each indicator with rank, country and median.

Figures of INEI and the poverty rates count Callao with Lima: both are then shown with the joint
figure (``07+15``), which counts as one in ranks.
"""

from functools import cache, partial

import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import accounts, figures

# A rank among fewer departments says little.
LEAST = 3
# No sampling error is published of the poor: bands of ten points tell them apart, not ranks.
SURVEY = "poverty_share"
YEARBOOKS = partial(figures, "camelid_yearbooks")
COFFEE = partial(figures, "coffee_regional")
# What gives the figures of an indicator.
INDICATORS = {
    "people": partial(figures, "people", "population_persons"),
    "value_added_per_head": accounts.per_head,
    SURVEY: partial(figures, "monetary_poverty", "poverty_pct / 100", poverty_column="actual"),
    "hdi_0_1": partial(figures, "human_development", "hdi_0_1", method="2017-2024"),
    "coffee_production_t": partial(COFFEE, "production_t"),
    "coffee_yield_kg_per_ha": partial(COFFEE, "yield_kg_per_ha"),
    "coffee_price_pen_per_kg": partial(COFFEE, "farm_price_pen_per_kg"),
    "alpaca_heads": partial(YEARBOOKS, "heads", species="alpaca"),
    "llama_heads": partial(YEARBOOKS, "heads", species="llama"),
    "alpaca_fibre_t": partial(YEARBOOKS, "fibre_t", species="alpaca"),
}


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
    parts = [known().assign(indicator=key) for key, known in INDICATORS.items()]
    table = pd.concat(parts, ignore_index=True).drop(columns="people")
    return table.astype({"year": int})


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
    row = {
        "indicator": key,
        "year": year,
        "value": there.get(first),
        "counted_as": first,
        "rank": ranks.get(first) if is_several and key != SURVEY else None,
        "n": len(departments),
        "median": departments.median() if is_several else None,
        "peru": there.get(places.COUNTRY),
        "source": now["source"].iloc[0],
    }
    further = (there.get(other) for other in others)
    return row | dict(zip(scope.regions[1:], further, strict=True))


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
    joint = [code for code in scope.regions if code in accounts.LIMA_CALLAO.split("+")]
    table = table.replace({"ubigeo": {accounts.LIMA_CALLAO: joint[0]}}) if joint else table
    is_survey = table["indicator"] == SURVEY
    table = table.assign(bound=is_survey.map({True: "about", False: "exact"}))
    place = table["indicator"].map(indicators.index)
    return table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
