"""Camelid fibre: quality and price, what a herd yields, and who exports it to whom.

The figures are national; they come from one-off publications that are never joined to a series.
"""

from __future__ import annotations

import pandas as pd

from ..core import places
from ..tables import load

# The four products whose shares must not be mixed, in the order in which they are shown.
TRADE = [
    ("exporter", "fibres"),
    ("importer", "fibres"),
    ("destination", "fibres"),
    ("destination", "finished textiles"),
    ("destination", "alpaca fibre"),
]


def quality() -> pd.DataFrame:
    """Return the table ``fibre_quality`` by top price (US$/kg), the dearest first.

    With ``is_camelid``, ``fineness_um`` (middle of the range), ``over_cashmere``, ``vicuna_over``
    (ratios of top prices).

    >>> quality()[["fibre_name", "over_cashmere"]].head(1).values.tolist()
    [['Vicuña', 10.625]]
    """
    table = load("fibre_quality").sort_values("top_price_usd_per_kg", ascending=False)
    price = table.set_index("fibre_name")["top_price_usd_per_kg"]
    return table.assign(
        is_camelid=table["fibre_name"].str.contains("Vicuña|Alpaca"),
        fineness_um=table[["fineness_low_um", "fineness_high_um"]].mean(axis=1),
        over_cashmere=table["top_price_usd_per_kg"] / price["Cashmere"],
        vicuna_over=price["Vicuña"] / table["top_price_usd_per_kg"],
    ).reset_index(drop=True)


def yields() -> pd.DataFrame:
    """Return the table ``fibre_yield``, the smallest yield first.

    With ``gap_kg`` and ``gap`` (0 to 1): how much less than the largest.
    """
    table = load("fibre_yield").sort_values("fibre_yield_kg_per_year", ignore_index=True)
    kilograms = table["fibre_yield_kg_per_year"]
    gap = kilograms.max() - kilograms
    return table.assign(gap_kg=gap, gap=gap / kilograms.max())


def herd_and_fibre() -> pd.DataFrame:
    """Return Peru's alpacas and their fibre by year, as one compilation has them.

    ``measure``: ``heads``, ``fibre_t`` or ``fibre_kg_per_head`` (of the whole herd); ``year``,
    ``value``, ``source``, ``origin``.
    """
    table = load("alpaca_national").astype({"heads": "float64", "fibre_t": "float64"})
    table["fibre_kg_per_head"] = 1000 * table["fibre_t"] / table["heads"]
    measures = ["heads", "fibre_t", "fibre_kg_per_head"]
    return table.melt(["year", "source", "origin"], measures, "measure")


def trade() -> pd.DataFrame:
    """Return the table ``fibre_trade`` in the order of :data:`TRADE`, the largest share first.

    With ``share`` (0 to 1), as printed.
    """
    table = load("fibre_trade").sort_values("share_printed_pct", ascending=False)
    table["share"] = table["share_printed_pct"] / 100
    return table.set_index(["role", "product"]).loc[TRADE].reset_index()


def exports(breakdown: str | None = None) -> pd.DataFrame:
    """Return the table ``camelid_exports`` with ``value_musd`` (million US$), ``share`` (0 to 1).

    Of one ``breakdown`` (``total``, ``destination``, ``product``, ``company``, ``department``) or
    all. A total of all products is a total, whatever it was printed under.

    >>> len(exports()), len(exports("total"))
    (60, 15)
    """
    table = load("camelid_exports")
    is_total = table["scope"] == "total"
    table = table.assign(
        breakdown=table["breakdown"].mask(is_total, "total"),
        scope=table["scope"].mask(is_total, table["item"]),
        value_musd=(table["value_usd"].astype("float64") / 1e6).round(6),
        share=table["share_printed_pct"] / 100,
    )
    return table if breakdown is None else table[table["breakdown"] == breakdown]


def departments() -> pd.DataFrame:
    """Return exports by department in the period with figures for most of them, largest first.

    The columns of :func:`exports`, ``ubigeo`` and ``share`` (0 to 1) of their sum.
    """
    table = exports("department")
    fullest = table.groupby("period")["item"].nunique().idxmax()
    table = table[table["period"] == fullest].sort_values("value_usd", ascending=False)
    share = table["value_musd"] / table["value_musd"].sum()
    return table.assign(ubigeo=table["item"].map(places.resolve), share=share)
