"""Competitive gaps and the road map beside measured indicators: where they stood in 2013, and now.

Which indicator speaks of one, and which direction is better, is this project's reading (tables
``gap_measures``, ``roadmap_measures``). Without one stands the figure needed, in no region.
"""

from functools import partial

import numpy as np
import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import accounts, coffee, figures, prefer, rows

# The last year of the report's own figures.
BASE_YEAR = 2013


def _farm_over_world_price() -> pd.DataFrame:
    """Return the farm price of parchment coffee over the world price of Arabica, both in soles."""
    price = figures("coffee_regional", "farm_price_pen_per_kg")
    world = figures("coffee_world_price", "arabica_nominal_usd_per_kg").set_index("year")
    rate = figures("peru_prices", "exchange_rate_pen_per_usd").set_index("year")
    return price.assign(value=price["value"] / price["year"].map(world["value"] * rate["value"]))


def _value_added_exports() -> pd.DataFrame:
    """Return the share of Peru's alpaca exports with value added, January to May of each year."""
    table = rows("camelid_exports", breakdown="product").set_index("period")
    total = table[table["scope"] == "total"]
    worked = table[(table["scope"] == "value added") & (table["item"] == "all")]["value_usd"]
    years = total.index.str[:4].astype(int)
    return total.assign(value=worked / total["value_usd"], year=years, ubigeo=places.COUNTRY)


def _coffee_world_share() -> pd.DataFrame:
    """Return Peru's share of the exports of green coffee of all countries, by value (BACI)."""
    peru = coffee.baci()[0].reset_index().rename(columns={"share": "value"})
    return peru.assign(ubigeo=places.COUNTRY)


# Of poverty the lower end of the band of ten points (0 to 1) that the share of the poor is in; of
# fibre kilograms for each alpaca shorn.
SERIES = {
    "farm_over_world_price": _farm_over_world_price,
    "coffee_yield": partial(figures, "coffee_regional", "yield_kg_per_ha"),
    "fibre_per_shorn_alpaca": partial(
        figures, "camelid_yearbooks", "fibre_t * 1000 / shorn_heads", species="alpaca"
    ),
    "value_added_exports": _value_added_exports,
    "coffee_world_share": _coffee_world_share,
    "poverty": partial(
        figures, "monetary_poverty", "poverty_pct // 10 / 10", poverty_column="actual"
    ),
}


def gaps(scope: Scope) -> pd.DataFrame:
    """Return each indicator of a gap near 2013 and in its last year, for the scope's regions.

    With ``ubigeo`` (``00`` where only Peru is known), ``year_before``, ``before``, ``year_after``,
    ``after`` (NaN: none), ``moved`` (1 the better way, -1 the other, 0 neither), ``source``.

    >>> table = gaps(Scope(("21",), 2000, 2013)).set_index("indicator")
    >>> table.loc["value_added_exports", ["before", "after"]].astype(float).round(3).tolist()
    [0.524, 0.409]
    """
    return _beside(rows("gap_measures"), scope)


def steps(scope: Scope) -> pd.DataFrame:
    """Return the same of the road map's steps, with the columns of ``roadmap_measures``.

    >>> table = steps(Scope(("21",), 2000, 2013)).set_index("indicator")
    >>> table.loc["coffee_world_share", ["year_before", "year_after"]].astype(int).iloc[0].tolist()
    [2013, 2024]
    """
    road = rows("roadmap")[["path", "item_number", "step"]]
    return road.merge(_beside(rows("roadmap_measures"), scope), on=["path", "item_number"])


def _beside(measures: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    table = []
    for measure in measures.to_dict("records"):
        if pd.isna(measure["indicator"]):
            table.append(measure)
            continue
        series = SERIES[measure["indicator"]]()
        is_national = set(series["ubigeo"]) == {places.COUNTRY}
        for code in [places.COUNTRY] if is_national else scope.regions:
            own = series[series["ubigeo"] == accounts.counted_as(code, series["ubigeo"])]
            table.append(measure | {"ubigeo": code} | _change(own, measure["better"]))
    return pd.DataFrame(table)


def _change(series: pd.DataFrame, better: str) -> dict:
    """Return the figure nearest to 2013, the last one after it, and which way it moved."""
    known = series.dropna(subset="value").set_index("year")[["value", "source", "origin"]]
    if known.empty:
        return {"source": None}
    first, last = prefer.nearest(known.index, BASE_YEAR), int(known.index.max())
    before, after = known["value"].astype("float64")[[first, last]]
    used = known.loc[list(dict.fromkeys([first, last]))]
    found = {name: " ".join(dict.fromkeys(used[name])) for name in ("source", "origin")}
    found |= {"year_before": first, "before": before}
    if last == first:
        return found
    change = round(after - before, 9) * (1 if better == "up" else -1)
    return found | {"year_after": last, "after": after, "moved": int(np.sign(change))}
