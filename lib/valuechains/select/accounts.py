"""Regional accounts: what the economies of departments are made of, and how they grew.

INEI's value added by activity, and people by year. Shares are of current prices, growth is at
prices of 2007. Lima and Callao are one area there, ``07+15``, under whose figures both stand
(``counted_as``).
"""

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.scope import Scope
from ..indicators import cagr, shift_share
from . import figures, in_order, rows, shown

# Departments whose figures INEI gives as one, in value added and in poverty.
LIMA_CALLAO = "07+15"
AMOUNT = "value_added_thousand_pen"
WHOLE = "all"  # the activity that is the sum of the others
REST = "other activities"  # services that the accounts do not name
# An activity below this share is no strength of a department.
LARGE = 0.05
# INEI's activities by the names that the report gives them.
REPORTED = {
    "agriculture, hunting and forestry": "agriculture",
    "construction": "construction",
    "manufacturing": "manufacturing",
    "mining and hydrocarbons": "oil, gas and mining",
    "trade": "trade",
}


def require(scope: Scope) -> None:
    """Refuse a scope of whose regions none has two years of accounts (ParameterError)."""
    if growth(scope).empty:
        years = rows("value_added", price_basis="2007")["year"]
        raise ParameterError(
            f"no value added of {places.listing(scope.regions)} in two years of {scope.years}; "
            f"there are {years.min()} to {years.max()}"
        )


def counted_as(code: str, known: pd.Series) -> str:
    """Return the code under which a department is counted: its own, or Lima's with Callao's.

    >>> counted_as("07", pd.Series(["08", "07+15"])), counted_as("07", pd.Series(["07", "15"]))
    ('07+15', '07')
    """
    is_part = code in LIMA_CALLAO.split("+") and code not in set(known)
    return LIMA_CALLAO if is_part else code


def people() -> pd.DataFrame:
    """Return the people of departments and Peru, and of Lima with Callao beside its two parts.

    INEI's estimates and projections of one round by year, 2000 to 2026.

    >>> counted = people().query("year == 2023").set_index("ubigeo")["value"]
    >>> int(counted["07+15"]) == int(counted["07"]) + int(counted["15"])
    True
    """
    table = figures("people", "population_persons")
    parts = table[table["ubigeo"].isin(LIMA_CALLAO.split("+"))].groupby("year", as_index=False)
    both = parts.agg({"value": "sum", "source": "first", "origin": " ".join})
    return pd.concat([table, both.assign(ubigeo=LIMA_CALLAO)], ignore_index=True)


def per_head() -> pd.DataFrame:
    """Return value added a head, thousand soles at prices of 2007, by department and year.

    >>> table = per_head().query("year == 2023").set_index("ubigeo")
    >>> round(float(table.loc["07+15", "value"]), 1)
    20.0
    """
    heads = people()[["ubigeo", "year", "value"]].rename(columns={"value": "people"})
    table = figures("value_added", AMOUNT, price_basis="2007", activity=WHOLE)
    table = table.merge(heads, on=["ubigeo", "year"], validate="many_to_one")
    return table.assign(value=table["value"] / table["people"])


def activities(price_basis: str) -> pd.DataFrame:
    """Return value added of the activities, taxes and duties left out, with each ``share``."""
    table = shown("value_added", AMOUNT, price_basis=price_basis)
    inside = table.loc[table["ubigeo"] != places.COUNTRY, "activity"]
    table = table[table["activity"].isin(inside) & (table["activity"] != WHOLE)]
    whole = table.groupby(["ubigeo", "year"])[AMOUNT].transform("sum")
    return table.assign(share=table[AMOUNT] / whole)


def _beside_peru(price_basis: str, scope: Scope) -> pd.DataFrame:
    """Return the activities of the scope's regions, and Peru's, in their first and last year."""
    table = activities(price_basis)
    codes = {code: counted_as(code, table["ubigeo"]) for code in scope.regions}
    table = table[table["year"].between(scope.start_year, scope.end_year)]
    peru = table[table["ubigeo"] == places.COUNTRY].set_index(["year", "activity"])
    peru = peru[[AMOUNT, "share"]].set_axis(["peru", "peru_share"], axis=1)
    regions = pd.DataFrame(codes.items(), columns=["ubigeo", "counted_as"])
    table = regions.merge(table.rename(columns={"ubigeo": "counted_as"}))
    years = table.groupby("ubigeo")["year"]
    table = table.assign(first=years.transform("min"), last=years.transform("max"))
    ends = table[(table["year"] == table["first"]) | (table["year"] == table["last"])]
    return ends.merge(peru.reset_index(), on=["year", "activity"])


def structure(scope: Scope) -> pd.DataFrame:
    """Return the economies of the scope's regions by activity, the largest share of each first.

    Of the ``last`` year within the scope: ``share`` (0 to 1) of value added at current prices,
    ``peru_share``, ``lq`` (share over Peru's share); ``share_first`` of the ``first`` year.

    >>> mining = structure(Scope(("03",), 2000, 2025)).iloc[0]
    >>> mining["activity"], int(mining["last"])
    ('oil, gas and mining', 2023)
    """
    table = _beside_peru("current", scope)
    before = table[table["year"] == table["first"]].set_index(["ubigeo", "activity"])["share"]
    table = table[table["year"] == table["last"]].eval("lq = share / peru_share")
    table = table.join(before.rename("share_first"), on=["ubigeo", "activity"])
    return in_order(table, scope, "share")


def growth(scope: Scope) -> pd.DataFrame:
    """Return how the regions grew between two years, and why: a row a region.

    Value added at prices of 2007: ``growth`` from ``first`` to ``last`` (a ratio), the sum of
    ``national``, ``mix`` and ``own`` (:func:`~valuechains.indicators.growth.shift_share`);
    ``a_year``, ``peru_a_year`` and the same per head: compound growth a year.

    >>> row = growth(Scope(("08",), 2000, 2013)).iloc[0]
    >>> bool(abs(row["national"] + row["mix"] + row["own"] - row["growth"]) < 1e-12)
    True
    """
    table, heads = _beside_peru("2007", scope), people().set_index(["ubigeo", "year"])["value"]
    found = []
    for region, part in table[table["first"] < table["last"]].groupby("ubigeo", sort=False):
        wide = part.pivot(index="activity", columns="year", values=[AMOUNT, "peru"])
        own, peru, code = wide[AMOUNT], wide["peru"], part["counted_as"].iloc[0]
        first, last = own.columns
        parts = shift_share(own[first], own[last], peru[first], peru[last]).sum()
        row = {"ubigeo": region, "counted_as": code, "first": first, "last": last}
        row |= (parts / own[first].sum()).to_dict()
        for name, amounts, place in (("", own.sum(), code), ("peru_", peru.sum(), places.COUNTRY)):
            row[f"{name}a_year"] = cagr(amounts)
            row[f"{name}per_head_a_year"] = cagr(amounts / heads[place])
        found.append(row)
    return pd.DataFrame(found)


def in_short(scope: Scope) -> pd.DataFrame:
    """Return what the regions live from and how they grew: a row a region.

    ``largest`` named activity with ``share`` and ``share_first``, and the columns of
    :func:`growth`. Empty without two years of accounts.

    >>> row = in_short(Scope(("21",), 2000, 2013)).iloc[0]
    >>> row["largest"], round(float(row["share"]), 3)
    ('agriculture', 0.204)
    """
    grown, largest = growth(scope), structure(scope).query("activity != @REST")
    largest = largest.drop_duplicates("ubigeo").rename(columns={"activity": "largest"})
    columns = ["ubigeo", "largest", "share", "share_first"]
    return grown.merge(largest[columns]) if len(grown) else grown


def beside_report(scope: Scope) -> pd.DataFrame:
    """Return the report's shares of GDP by sector with INEI's ``share`` of the same year.

    Both 0 to 1, of a region and ``item`` as the report names it (``reported``); INEI's is of value
    added at current prices, in accounts of a later edition.

    >>> mining = beside_report(Scope(("08",), 2000, 2013)).iloc[0]
    >>> mining["item"], round(float(mining["reported"]), 3), round(float(mining["share"]), 3)
    ('mining and hydrocarbons', 0.224, 0.453)
    """
    report = rows("report_statistics", scope, topic="GDP by sector")
    report = report.assign(activity=report["item"].map(REPORTED), reported=report["value"] / 100)
    inei = activities("current")[["ubigeo", "year", "activity", "share", "source", "origin"]]
    keys = ["ubigeo", "year", "activity"]
    both = report.drop(columns="value").merge(inei, on=keys, suffixes=("", "_inei"))
    for name in ("source", "origin"):
        both[name] += " " + both.pop(f"{name}_inei")
    return in_order(both, scope, "reported")
