"""Who sells and who buys coffee: trading partners and their shares."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..core.countries import display
from ..core.language import current
from ..indicators import shares
from ..tables import load
from .prefer import latest_first


def of_peru() -> pd.DataFrame:
    """Return Peru's trade in green coffee by year, of the latest release that has the year."""
    table = load("coffee_trade_peru")
    order = latest_first(table["source"])
    table = table.sort_values("source", key=lambda keys: keys.map(order.index), kind="stable")
    return table.drop_duplicates("year").set_index("year").sort_index()


def years(role: str, scope_name: str) -> list[int]:
    """Return the years in which partners of a role are known."""
    rows = load("coffee_trade")
    known = rows.loc[(rows["role"] == role) & (rows["scope"] == scope_name), "year"]
    return sorted(int(year) for year in known.unique())


def shares_of(role: str, scope_name: str, year: int) -> pd.DataFrame:
    """Return partners of coffee trade with ``share`` (0–1), largest first.

    A printed share stays as printed; where values are published it is the value over their sum
    over all partners and products. Of several sources the latest is taken that is nearly as full
    as the fullest: a release for a few countries is no list of the world's.
    """
    rows = load("coffee_trade")
    rows = rows[(rows["role"] == role) & (rows["scope"] == scope_name) & (rows["year"] == year)]
    full = rows["source"].value_counts()
    source = next(iter(latest_first(full.index[full >= 0.9 * full.max()])), "")
    rows = rows[rows["source"] == source]
    if rows["share_printed_pct"].notna().all():
        out = rows.assign(share=rows["share_printed_pct"] / 100)
    else:
        grouped = rows.groupby(["partner_name", "partner_iso3"], dropna=False)["value_usd"].sum()
        out = grouped.reset_index().assign(
            share=lambda frame: shares(frame["value_usd"]), source=source
        )
    return out.sort_values("share", ascending=False, ignore_index=True)


def largest(
    role: str, year: int, scopes: Mapping[str, str], rest: str, n: int = 6, always: str = ""
) -> pd.DataFrame:
    """Return the `n` largest partners of a role in each product scope, with the rest, for bars.

    Parameters
    ----------
    scopes : mapping of scope to its panel's title
    rest : str
        What the rest is called.
    always : str
        ISO code of a country that has a row whatever its share (its rank beside its name), and
        stands out.

    Returns
    -------
    DataFrame
        ``label``, ``iso3``, ``value`` (share, 0–1), ``group``, ``source``, ``tone``. Groups of
        countries ("Europe") overlap with their members and are left out.
    """
    parts = []
    for scope, group in scopes.items():
        single = shares_of(role, scope, year).dropna(subset="partner_iso3")
        rank = single["share"].rank(ascending=False, method="min")
        top = pd.concat([single.nlargest(n, "share"), single[single["partner_iso3"] == always]])
        top = top.drop_duplicates("partner_iso3")
        rows = [
            {
                "label": display(row.partner_iso3, current())
                + (f" ({rank[row.Index]:.0f}.)" if rank[row.Index] > n else ""),
                "iso3": row.partner_iso3,
                "value": row.share,
            }
            for row in top.itertuples()
        ]
        rows.append({"label": rest, "iso3": "", "value": 1 - top["share"].sum()})
        parts.append(pd.DataFrame(rows).assign(group=group, source=single["source"].iloc[0]))
    tones = {always: "highlight", "": "rest"}
    return pd.concat(parts, ignore_index=True).assign(tone=lambda frame: frame["iso3"].map(tones))
