"""Regional accounts: what the economies of departments are made of, and how they grew.

INEI's value added by activity. Shares are of current prices, growth is at prices of 2007. Lima and
Callao are one area there, under whose figures both stand (``counted_as``).
"""

from __future__ import annotations

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.scope import Scope
from ..indicators import cagr, location_quotient, shift_share
from . import people, prefer, rows

AMOUNT = "value_added_thousand_pen"
WHOLE = "all"  # the activity that is the sum of the others


def require(scope: Scope) -> None:
    """Refuse a scope of whose regions none has two years of accounts (ParameterError)."""
    table = _activities("2007")
    if not any(len(set(_ends(table, code, scope)[1])) == 2 for code in scope.regions):
        raise ParameterError(
            f"no value added of {places.listing(scope.regions)} in two years of {scope.years}; "
            f"there are {table['year'].min()} to {table['year'].max()}"
        )


def counted_as(code: str, known: pd.Series) -> str:
    """Return the code under which a department is counted: its own, or Lima's with Callao's.

    >>> counted_as("07", pd.Series(["08", "07+15"])), counted_as("07", pd.Series(["07", "15"]))
    ('07+15', '07')
    """
    joint = people.LIMA_CALLAO
    return joint if code in joint.split("+") and code not in set(known) else code


def _activities(price_basis: str) -> pd.DataFrame:
    """Return value added of the activities, taxes and duties left out, with ``(ubigeo, year)``."""
    table = rows("value_added", price_basis=price_basis)
    inside = table.loc[table["ubigeo"] != places.COUNTRY, "activity"]
    table = table[table["activity"].isin(inside) & (table["activity"] != WHOLE)]
    return prefer.preferred("value_added", table, AMOUNT)


def _ends(table: pd.DataFrame, code: str, scope: Scope) -> tuple[str, list[int]]:
    """Return under which code a region is counted, and its first and last year in the scope."""
    code = counted_as(code, table["ubigeo"])
    years = table.loc[table["ubigeo"] == code, "year"]
    years = years[years.between(scope.start_year, scope.end_year)]
    return code, [int(years.min()), int(years.max())] if len(years) else []


def structure(scope: Scope) -> pd.DataFrame:
    """Return the economies of the scope's regions by activity, the largest share of each first.

    ``ubigeo``, ``counted_as``, ``activity``, ``first`` and ``last`` year within the scope,
    ``share`` and ``share_first`` (0 to 1) of value added at current prices, ``peru_share``,
    ``lq`` (share over Peru's share, of the last year), ``obs_status``, ``source``, ``origin``.

    >>> mining = structure(Scope(("03",), 2000, 2025)).iloc[0]
    >>> mining["activity"], int(mining["last"])
    ('oil, gas and mining', 2023)
    """
    table = _activities("current")
    parts = []
    for region in scope.regions:
        code, ends = _ends(table, region, scope)
        if not ends:
            continue
        wide = table[table["ubigeo"].isin([code, places.COUNTRY])]
        wide = wide.pivot(index="activity", columns=["year", "ubigeo"], values=AMOUNT)
        wide = wide.div(wide.sum())
        part = table[(table["ubigeo"] == code) & (table["year"] == ends[1])].set_index("activity")
        part = part.assign(
            ubigeo=region,
            counted_as=code,
            first=ends[0],
            last=ends[1],
            share_first=wide[ends[0], code],
            share=wide[ends[1], code],
            peru_share=wide[ends[1], places.COUNTRY],
        )
        part["lq"] = part["share"] / part["peru_share"]
        parts.append(part.sort_values("share", ascending=False).reset_index())
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def quotients(scope: Scope) -> pd.DataFrame:
    """Return location quotients of activities: departments × activities, of one year.

    The last year up to the scope's end in which every department has its figures: current prices,
    against the sum of the departments. Lima stands for Lima with Callao.
    """
    table = _activities("current")
    table = table[(table["ubigeo"] != places.COUNTRY) & (table["year"] <= scope.end_year)]
    full = table.groupby("year")["ubigeo"].nunique()
    year = full.index[full == full.max()].max()
    table = table[table["year"] == year].replace({"ubigeo": {people.LIMA_CALLAO: "15"}})
    wide = location_quotient(table.pivot(index="ubigeo", columns="activity", values=AMOUNT))
    wide.attrs["year"] = int(year)
    return wide


def growth(scope: Scope) -> pd.DataFrame:
    """Return how the regions grew, and why: the parts of classic shift-share (Dunn 1960).

    A row a region with figures: ``first`` and ``last`` year, ``growth`` over them (a ratio),
    which is the sum of ``national`` (had all grown as the country), ``mix`` (its activities grew
    faster or slower in the country) and ``own`` (faster or slower than these activities
    elsewhere); ``a_year``, ``peru_a_year`` and the same per head: compound growth a year. Value
    added at prices of 2007.

    >>> row = growth(Scope(("08",), 2000, 2013)).iloc[0]
    >>> bool(abs(row["national"] + row["mix"] + row["own"] - row["growth"]) < 1e-12)
    True
    """
    table = _activities("2007")
    heads = people.people().pivot(index="year", columns="ubigeo", values="population_persons")
    found = []
    for region in scope.regions:
        code, ends = _ends(table, region, scope)
        if len(set(ends)) < 2:
            continue
        wide = table[table["ubigeo"].isin([code, places.COUNTRY])].pivot(
            index="activity", columns=["ubigeo", "year"], values=AMOUNT
        )
        own, peru = wide[code][ends], wide[places.COUNTRY][ends]
        parts = shift_share(own[ends[0]], own[ends[1]], peru[ends[0]], peru[ends[1]]).sum()
        row = {"ubigeo": region, "counted_as": code, "first": ends[0], "last": ends[1]}
        row |= (parts / own[ends[0]].sum()).to_dict()
        for name, amounts in (("", own.sum()), ("peru_", peru.sum())):
            row[f"{name}a_year"] = cagr(amounts)
            place = code if name == "" else places.COUNTRY
            per_head = amounts / heads.loc[ends, place].astype("float64")
            row[f"{name}per_head_a_year"] = cagr(per_head)
        found.append(row)
    return pd.DataFrame(found)
