"""Camelid fibre: quality and price, what a herd yields, and who exports it to whom.

The figures are national; they come from one-off publications that are never joined to a series.
"""

import pandas as pd

from . import rows

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
    table = rows("fibre_quality").sort_values("top_price_usd_per_kg", ascending=False)
    price = table.set_index("fibre_name")["top_price_usd_per_kg"]
    return table.assign(
        is_camelid=table["fibre_name"].str.contains("Vicuña|Alpaca"),
        fineness_um=table[["fineness_low_um", "fineness_high_um"]].mean(axis=1),
        over_cashmere=table["top_price_usd_per_kg"] / price["Cashmere"],
        vicuna_over=price["Vicuña"] / table["top_price_usd_per_kg"],
    ).reset_index(drop=True)


def trade() -> pd.DataFrame:
    """Return the table ``fibre_trade`` in the order of :data:`TRADE`, the largest share first.

    With ``share`` (0 to 1), as printed.
    """
    table = rows("fibre_trade").sort_values("share_printed_pct", ascending=False)
    table["share"] = table["share_printed_pct"] / 100
    return table.set_index(["role", "product"]).loc[TRADE].reset_index()


def exports(breakdown: str | None = None) -> pd.DataFrame:
    """Return the table ``camelid_exports``, of one ``breakdown`` or all.

    With ``value_musd`` (million US$), ``usd_per_kg`` (where tonnes are printed) and ``share`` (0 to
    1): as printed, else of the total of the same scope and period. A total of all products is a
    ``total``, whatever it was printed under.

    >>> len(exports()), len(exports("total"))
    (60, 15)
    """
    table = rows("camelid_exports").astype({"value_usd": "float64"})
    is_total = table["scope"] == "total"
    table["breakdown"] = table["breakdown"].mask(is_total, "total")
    table["scope"] = table["scope"].mask(is_total, table["item"])
    totals = table["value_usd"].where(table["breakdown"] == "total")
    totals = totals.groupby([table["period"], table["scope"]]).transform("max")
    table = table.assign(
        value_musd=(table["value_usd"] / 1e6).round(6),
        usd_per_kg=table["value_usd"] / 1000 / table["quantity_t"],
        share=(table["share_printed_pct"] / 100).fillna(table["value_usd"] / totals),
    )
    return table if breakdown is None else table[table["breakdown"] == breakdown]


def stages() -> pd.DataFrame:
    """Return exports by stage: a row a period, ``scope`` (raw material, value added) and ``item``.

    ``value_musd`` and ``share`` (0 to 1, of raw material and value added together); tops are raw
    material, as in the source. ``not itemised`` is what the stages named leave of what is printed
    for all; a raw material that isn't printed is the total less the value added.

    >>> stages().query("scope == 'value added'").groupby("period")["share"].sum().round(3).tolist()
    [0.524, 0.474, 0.409]
    """
    table = exports("product")[["period", "scope", "item", "value_musd", "source"]]
    is_sum = table["item"] == "all"
    sums = table[is_sum].pivot(index="period", columns="scope", values="value_musd")
    total = exports("total").query("scope == 'alpaca fibre and derivatives'")
    total = total.set_index("period")["value_musd"]
    sums["raw material"] = sums["raw material"].fillna(total - sums["value added"])
    named = table[~is_sum].groupby(["scope", "period"])["value_musd"].sum()
    rest = sums.unstack().sub(named, fill_value=0.0).rename("value_musd").reset_index()
    rest["source"] = rest["period"].map(table[is_sum].groupby("period")["source"].first())
    table = pd.concat([table[~is_sum], rest.assign(item="not itemised")], ignore_index=True)
    return table.assign(share=table["value_musd"] / table["period"].map(sums.sum(axis=1)))
