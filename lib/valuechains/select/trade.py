"""Who sells and who buys coffee: trading partners and their shares, in numbers and codes."""

import pandas as pd

from ..indicators import gini, hhi, hhi_bounds, shares
from . import rows, shown
from .prefer import fullest


def baci() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return Peru's exports of green coffee by CEPII's BACI, and who buys them, by year.

    The first has Peru's ``share`` of the exports of all countries and its ``rank``. The second has
    of each buyer (``partner_iso3``) the ``share`` of Peru's exports, and only flows that are among
    the world's largest: a scope of its own, beside FAOSTAT's and the report's.

    >>> peru, buyers = baci()
    >>> buyers.query("year == 2013").set_index("partner_iso3")["share"].round(3).to_dict()
    {'DEU': 0.323, 'USA': 0.229}
    """
    table = shown("baci_coffee", "export_value_usd")
    by_year = table.groupby("year")["export_value_usd"]
    rank = by_year.rank(ascending=False, method="min")
    table = table.assign(share=table["export_value_usd"] / by_year.transform("sum"), rank=rank)
    peru = table[table["partner_iso3"] == "PER"].set_index("year")
    flows = shown("baci_coffee_flows", "value_usd", exporter_iso3="PER")
    flows = flows.rename(columns={"importer_iso3": "partner_iso3"})
    share = flows["value_usd"] / flows["year"].map(peru["export_value_usd"])
    flows = flows.assign(share=share).sort_values(["year", "share"], ascending=[True, False])
    return peru, flows[["year", "partner_iso3", "value_usd", "share", "source", "origin"]]


def partners(role: str, product_scope: str, year: int) -> pd.DataFrame:
    """Return partners of coffee trade with their share, the largest first.

    A printed share stays as printed; where values are published (``value_usd``) it is the value
    over their sum over all partners and products. Roles are ``exporter``, ``importer``,
    ``destination`` (of Peru's exports), product scopes ``green coffee`` and ``coffee, all forms``,
    never mixed. Groups of countries have no ``partner_iso3``.

    >>> partners("importer", "coffee, all forms", 2013)["share"].tolist()[:2]
    [0.6, 0.18]
    """
    listed = rows("coffee_trade", role=role, scope=product_scope, year=year)
    listed = fullest("coffee_trade", listed)
    keys = ["partner_name", "partner_iso3", "year", "source"]
    if listed["share_printed_pct"].notna().all():
        table = listed.assign(share=listed["share_printed_pct"] / 100)[[*keys, "share", "origin"]]
    else:
        products = listed.groupby(keys, dropna=False, as_index=False)
        table = products.agg(value_usd=("value_usd", "sum"), origin=("origin", " ".join))
        table["share"] = shares(table["value_usd"])
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def largest(role: str, product_scope: str, year: int, n: int = 6, always: str = "") -> pd.DataFrame:
    """Return the `n` largest partners, one that is always shown, and the rest, for bars.

    Groups of countries ("Europe") overlap with their members and are left out. The rest has
    ``partner_iso3`` ``""`` and no rank.

    >>> largest("exporter", "green coffee", 2013, n=2, always="PER")["partner_iso3"].tolist()
    ['BRA', 'VNM', 'PER', '']
    """
    countries = partners(role, product_scope, year).dropna(subset="partner_iso3")
    countries = countries.assign(rank=countries["share"].rank(ascending=False, method="min"))
    # The partners stand the largest first: the first n are the largest.
    shown = {*countries["partner_iso3"].head(n), always}
    top = countries[countries["partner_iso3"].isin(shown)]
    rest = {"partner_iso3": "", "year": year, "share": 1 - top["share"].sum(), "tone": "rest"}
    rest["source"] = top["source"].iloc[0]
    top = top.assign(tone=top["partner_iso3"].eq(always).map({True: "highlight", False: ""}))
    columns = ["partner_iso3", "year", "share", "rank", "source", "origin", "tone"]
    table = pd.concat([top, pd.DataFrame([rest])], ignore_index=True)[columns]
    return table.assign(scope=product_scope)


def concentration() -> pd.DataFrame:
    """Return how concentrated every known list of partners is.

    ``n`` shares known; ``low`` and ``high`` of the HHI, the same where every share is known.

    >>> rows = concentration().set_index(["role", "scope", "year"])
    >>> rows.loc[("exporter", "coffee, all forms", 2013), ["low", "high"]].round(3).tolist()
    [0.058, 0.081]
    """
    order = ["scope", "role", "year"]
    # Of producers a single share is known, which is no list.
    lists = rows("coffee_trade").query("role != 'producer'")[order].drop_duplicates()
    table = []
    for row in lists.sort_values(order, ascending=[False, True, True]).to_dict("records"):
        known = partners(row["role"], row["scope"], row["year"])
        if "value_usd" in known:
            index = hhi(known["share"])
            row |= {"low": index, "high": index, "gini": gini(known["share"])}
        else:
            known = known.dropna(subset="partner_iso3")
            row["low"], row["high"] = hhi_bounds(known["share"])
        table.append(row | {"n": len(known)})
    return pd.DataFrame(table)
