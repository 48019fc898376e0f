"""Competitive gaps and the road map beside measured indicators: where they stood in 2013, and now.

Which indicator speaks of one, and which direction is better, is this project's reading (tables
``gap_measures``, ``roadmap_measures``). Without one stands the figure needed, in no region.
"""

import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import accounts, camelids, coffee, prefer, rows, trade

# The last year of the report's own figures.
BASE_YEAR = 2013


def _farm_over_world_price() -> pd.DataFrame:
    """Return the farm price of parchment coffee over the world price of Arabica, both in soles."""
    price = coffee.measure("farm_price_pen_per_kg", coffee.EVERYTHING)
    dollars = coffee.yearly("coffee_world_price", "arabica_nominal_usd_per_kg", coffee.EVERYTHING)
    rate = coffee.yearly("peru_prices", "exchange_rate_pen_per_usd", coffee.EVERYTHING)
    return price.assign(value=price["value"] / price["year"].map(dollars["value"] * rate["value"]))


def _coffee_yield() -> pd.DataFrame:
    return coffee.measure("yield_kg_per_ha", coffee.EVERYTHING)


def _fibre_per_shorn_alpaca() -> pd.DataFrame:
    """Return kilograms of fibre for each alpaca shorn."""
    fibre, shorn = (camelids.yearbook("alpaca", name) for name in ("fibre_t", "shorn_heads"))
    table = fibre.merge(shorn[["ubigeo", "year", "value"]], on=["ubigeo", "year"])
    return table.assign(value=1000 * table["value_x"] / table["value_y"])[table["value_y"] > 0]


def _value_added_exports() -> pd.DataFrame:
    """Return the share of Peru's alpaca exports with value added, January to May of each year."""
    table = rows("camelid_exports", breakdown="product").set_index("period")
    total = table[table["scope"] == "total"]
    worked = table[(table["scope"] == "value added") & (table["item"] == "all")]["value_usd"]
    years = total.index.str[:4].astype(int)
    return total.assign(value=worked / total["value_usd"], year=years, ubigeo=places.COUNTRY)


def _coffee_world_share() -> pd.DataFrame:
    """Return Peru's share of the exports of green coffee of all countries, by value (BACI)."""
    peru = trade.baci()[0].reset_index().rename(columns={"share": "value"})
    return peru.assign(ubigeo=places.COUNTRY)


def _poverty() -> pd.DataFrame:
    """Return the lower end of the band of ten points (0 to 1) that the share of the poor is in."""
    table = rows("monetary_poverty", poverty_column="actual")
    return table.assign(value=table["poverty_pct"] // 10 / 10)


SERIES = {
    "farm_over_world_price": _farm_over_world_price,
    "coffee_yield": _coffee_yield,
    "fibre_per_shorn_alpaca": _fibre_per_shorn_alpaca,
    "value_added_exports": _value_added_exports,
    "coffee_world_share": _coffee_world_share,
    "poverty": _poverty,
}


def gaps(scope: Scope) -> pd.DataFrame:
    """Return each indicator of a gap near 2013 and in its last year, for the scope's regions.

    The columns of ``gap_measures`` with ``ubigeo`` (``00`` where only Peru is known),
    ``year_before``, ``before``, ``year_after``, ``after`` (NaN: no figure, or none later),
    ``moved`` (1 the better way, -1 the other way, 0 neither) and ``source`` of the figures.

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
    for measure in measures.itertuples():
        if pd.isna(measure.indicator):
            table.append(measure._asdict())
            continue
        series = SERIES[measure.indicator]().dropna(subset="value")
        is_national = set(series["ubigeo"]) == {places.COUNTRY}
        for code in [places.COUNTRY] if is_national else scope.regions:
            own = series[series["ubigeo"] == accounts.counted_as(code, series["ubigeo"])]
            table.append(measure._asdict() | {"ubigeo": code} | _change(own, measure.better))
    return pd.DataFrame(table).drop(columns="Index")


def _change(series: pd.DataFrame, better: str) -> dict:
    """Return the figure nearest to 2013, the last one after it, and which way it moved."""
    figures = series.set_index("year")["value"].astype("float64")
    if figures.empty:
        return {"source": None}
    first, last = prefer.nearest(figures.index, BASE_YEAR), int(figures.index.max())
    before = {"year_before": first, "before": figures[first]}
    sources = series.loc[series["year"].isin([first, last]), "source"].unique()
    if last == first:
        return before | {"source": sources[0]}
    change = round(figures[last] - figures[first], 9) * (1 if better == "up" else -1)
    after = {"year_after": last, "after": figures[last], "moved": int(change > 0) - int(change < 0)}
    return before | after | {"source": " ".join(sources)}
