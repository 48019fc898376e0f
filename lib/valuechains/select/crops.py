"""Crops by department: shares and location quotients, entry candidates and how firm they are.

The figures are of the one year of the ministry's workbook (``crop_output``). Callao has no row
there and is left out of everything. Tables are long, with codes of departments and keys of crops.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import NamedTuple

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.scope import Scope
from ..indicators.concentration import hhi, shares
from ..indicators.specialisation import (
    Complexity,
    complexity,
    density,
    entries,
    krugman,
    location_quotient,
    proximity,
)
from ..tables import load
from . import rows

COFFEE = "coffee"
VALUE, VALUE_2007 = "gross_value_thousand_pen", "gross_value_2007_thousand_pen"
# A crop of less than a ten-thousandth of the country's crop value says little of where it grows;
# one of less than half a percent of a department's is no strength of it.
LEAST_OF_COUNTRY, LEAST_OF_REGION = 0.0001, 0.005
# From this location quotient on a crop without specialisation is nearly one, and no entry.
NEARLY = 0.8
# So many candidates are shown and followed through the choices.
FIRST = 10
# Our choice and others: what :func:`landscape` is called with.
CHOICES = {
    "ours": {},
    "without fodder crops": {"fodder": False},
    "threshold 0.8": {"threshold": 0.8},
    "threshold 1.25": {"threshold": 1.25},
    "each crop its own neighbour": {"with_self": True},
    "at prices of 2007": {"measure": VALUE_2007},
    "with the smallest crops": {"least": 0.0},
}
# What makes a crop worth while: its complexity (PCI), or soles per tonne in the whole country.
WORTHS = ("complexity", "value")


def require(scope: Scope) -> None:
    """Refuse a scope without any region that has crops (ParameterError)."""
    if not _known(scope):
        raise ParameterError(f"no crops are recorded for {places.listing(scope.regions)}")


def _known(scope: Scope) -> list[str]:
    """Return the scope's regions that have crops."""
    known = set(load("crop_output")["ubigeo"])
    return [code for code in scope.regions if code in known]


def values(measure: str = VALUE, fodder: bool = True) -> pd.DataFrame:
    """Return values (thousand soles) as departments × crops; zero where none is recorded.

    >>> float(values().loc["21", "coffee"])
    113309.6
    """
    table = load("crop_output")
    if not fodder:
        table = table[~table["crop"].isin(rows("crops", crop_group="fodder")["crop"])]
    return table.pivot(index="ubigeo", columns="crop", values=measure).fillna(0.0)


def value_per_tonne() -> pd.Series:
    """Return soles per tonne by crop, over the whole country."""
    total = load("crop_output").groupby("crop")[[VALUE, "production_t"]].sum()
    return 1000 * total[VALUE] / total["production_t"]


def quotients(scope: Scope) -> pd.DataFrame:
    """Return what every crop that is grown weighs in the scope's regions.

    A row a region and crop, highest location quotient (``lq``) first. ``share`` is of the region's
    crop value, ``lq_2007`` at the national prices of 2007, ``rank`` by quotient among the region's
    crops of at least :data:`LEAST_OF_REGION` of its value.

    >>> coffee = quotients(Scope(("08",), 2000, 2013)).set_index("crop").loc["coffee"]
    >>> round(float(coffee["lq"]), 2), int(coffee["rank"])
    (1.53, 14)
    """
    table = rows("crop_output", scope).merge(load("crops")[["crop", "crop_group"]], on="crop")
    for name, measure in (("lq", VALUE), ("lq_2007", VALUE_2007)):
        wide = location_quotient(values(measure)).reset_index()
        table = table.merge(wide.melt("ubigeo", var_name="crop", value_name=name))
    table["share"] = table[VALUE] / table.groupby("ubigeo")[VALUE].transform("sum")
    table["national_share"] = table["crop"].map(shares(values().sum()))
    large = table[table["share"] >= LEAST_OF_REGION]
    table["rank"] = large.groupby("ubigeo")["lq"].rank(ascending=False, method="first")
    return in_order(table, scope, "lq")


def in_order(table: pd.DataFrame, scope: Scope, column: str) -> pd.DataFrame:
    """Return rows by region in the scope's order, then the largest of a column first."""
    place = table["ubigeo"].map(scope.regions.index)
    table = table.assign(place=place).sort_values(["place", column], ascending=[True, False])
    return table.drop(columns="place").reset_index(drop=True)


def strengths(scope: Scope, most: int = FIRST) -> pd.DataFrame:
    """Return the rows of :func:`quotients` that say what a region is relatively best at.

    The first `most` by rank, the specialisation with the largest share, and coffee; only crops that
    are large enough to have a rank.
    """
    table = quotients(scope).dropna(subset="rank")
    largest = table[table["lq"] >= 1].groupby("ubigeo")["share"].idxmax()
    is_shown = (table["rank"] <= most) | table.index.isin(largest) | (table["crop"] == COFFEE)
    return table[is_shown].reset_index(drop=True)


def summary(scope: Scope) -> pd.DataFrame:
    """Return a row a region: how specialised it is, how diverse and complex, coffee's place.

    ``special`` crops have a quotient of 1 or more, ``large`` ones also a rank; ``shared_with`` is
    the number of other departments with the same specialisation, on average.
    """
    table = quotients(scope)
    is_special = table["lq"] >= 1
    table = table.assign(
        is_special=is_special,
        is_large=is_special & table["rank"].notna(),
        fodder=table["share"].where(table["crop_group"] == "fodder"),
    )
    coffee = table[table["crop"] == COFFEE].set_index("ubigeo")
    coffee = coffee[["share", "national_share", "lq", "rank"]].add_prefix("coffee_")
    regions = table.groupby("ubigeo", sort=False).agg(
        special=("is_special", "sum"),
        large=("is_large", "sum"),
        ranked=("rank", "count"),
        fodder_share=("fodder", "sum"),
    )
    land = landscape()
    diversity = land.special.sum(axis=1)
    departments = pd.DataFrame(
        {
            "diversity": diversity,
            "diversity_rank": diversity.rank(ascending=False, method="min"),
            "shared_with": land.special.astype(float) @ land.special.sum() / diversity - 1,
            "eci": land.complexity.regions,
            "eci_rank": land.complexity.regions.rank(ascending=False),
        }
    )
    return regions.join([coffee, departments]).reset_index()


class Landscape(NamedTuple):
    """Who is specialised in what, how near crops are, and how complex."""

    lq: pd.DataFrame
    special: pd.DataFrame
    proximity: pd.DataFrame
    density: pd.DataFrame
    complexity: Complexity


@cache
def landscape(
    threshold: float = 1.0,
    with_self: bool = False,
    fodder: bool = True,
    measure: str = VALUE,
    least: float = LEAST_OF_COUNTRY,
) -> Landscape:
    """Return the landscape of crops of at least the share `least` of the country's value.

    Location quotients are of all crops of the measure, also where `least` then leaves some out.

    >>> landscape().special.shape
    (24, 136)
    """
    table = values(measure, fodder)
    kept = shares(table.sum()) >= least
    lq = location_quotient(table).loc[:, kept]
    special = lq >= threshold
    phi = proximity(special, with_self)
    return Landscape(lq, special, phi, density(special, phi), complexity(special))


def _entries(choice: str, region: str, by: str) -> pd.DataFrame:
    """Return the entries of a region under a choice, best first, with their ``place``."""
    land = landscape(**CHOICES[choice])
    worth = land.complexity.crops if by == "complexity" else value_per_tonne()
    table = entries(land.special, land.density, worth, region)
    table["place"] = table["is_candidate"].cumsum().where(table["is_candidate"])
    return table.assign(is_first=table["place"] <= FIRST).rename_axis("crop")


def candidates(scope: Scope, by: str = "complexity") -> pd.DataFrame:
    """Return the crops that the scope's regions are not specialised in, best entry first.

    Worth is one of :data:`WORTHS`. ``place`` is among the candidates (NaN: none), ``other_place``
    by the other worth; ``stays`` counts the other :data:`CHOICES` under which a candidate of the
    first :data:`FIRST` stays one (see also :func:`~valuechains.indicators.specialisation.entries`).

    >>> candidates(Scope(("21",), 2000, 2013), "value")["crop"].head(4).to_list()
    ['annatto', 'cocoa', 'maize_starchy', 'coffee']
    """
    (other,) = set(WORTHS) - {by}
    lq, lq_2007 = location_quotient(values()), location_quotient(values(VALUE_2007))
    parts = []
    for region in _known(scope):
        table = _entries("ours", region, by)
        choices = [_entries(choice, region, by) for choice in CHOICES if choice != "ours"]
        firsts = [part.index[part["is_first"]] for part in choices]
        stays = sum(table.index.isin(first).astype(int) for first in firsts)
        table["stays"] = pd.Series(stays, table.index).where(table["is_first"])
        table["other_place"] = _entries("ours", region, other)["place"]
        table["lq"], table["lq_2007"] = lq.loc[region], lq_2007.loc[region]
        parts.append(table.assign(ubigeo=region, is_nearly=table["lq"] >= NEARLY).reset_index())
    return pd.concat(parts, ignore_index=True)


def robustness(scope: Scope) -> pd.DataFrame:
    """Return how entry candidates and coffee change with the choices: a row a region and choice.

    For each of :data:`WORTHS`: how many of the first candidates (``of_…``) stay among the first
    (``stay_…``), and Spearman's ``correlation_…`` of the scores of the entries in both.
    """
    table = []
    for region, choice in itertools.product(_known(scope), CHOICES):
        lq = landscape(**CHOICES[choice]).lq.loc[region]
        place = int(lq.rank(ascending=False, method="min")[COFFEE])
        row = {"ubigeo": region, "choice": choice, "coffee_lq": lq[COFFEE], "coffee_rank": place}
        for by in WORTHS:
            ours, theirs = _entries("ours", region, by), _entries(choice, region, by)
            first = ours.index[ours["is_first"]]
            scores = pd.concat([ours["score"], theirs["score"]], axis=1).dropna().rank()
            row[f"of_{by}"] = len(first)
            row[f"stay_{by}"] = int(first.isin(theirs.index[theirs["is_first"]]).sum())
            row[f"correlation_{by}"] = scores.corr().iloc[0, 1]
        table.append(row | {"crops": len(lq)})
    return pd.DataFrame(table)


def differences(scope: Scope) -> pd.DataFrame:
    """Return Krugman's index of crop mixes of every pair of the scope's regions, largest first.

    And of each region with the ``rest`` of the country, itself left out.
    """
    table, known = values(), _known(scope)
    pairs = [(code, "rest", krugman(table.loc[code], table.drop(code).sum())) for code in known]
    for code, other in itertools.combinations(known, 2):
        pairs.append((code, other, krugman(table.loc[code], table.loc[other])))
    apart = pd.DataFrame(pairs, columns=["ubigeo", "other", "krugman"])
    return apart.sort_values("krugman", ascending=False, ignore_index=True)


def coffee_districts(scope: Scope) -> pd.DataFrame:
    """Return coffee of the scope's regions by district, largest first, with ``share`` of each."""
    table = rows("coffee_district", scope)
    total = table.groupby("ubigeo")["production_t"].transform("sum")
    return in_order(table.assign(share=table["production_t"] / total), scope, "production_t")


def coffee_concentration(scope: Scope) -> pd.DataFrame:
    """Return how concentrated a region's coffee is: a row a region with coffee.

    ``half_in`` of the largest districts grow half of it; ``hhi`` is of the districts.
    """
    table = coffee_districts(scope)
    table["is_in_half"] = table.groupby("ubigeo")["share"].cumsum() < 0.5
    provinces = table.groupby(["ubigeo", "province_name"])["share"].sum().reset_index()
    largest = provinces.sort_values("share").drop_duplicates("ubigeo", keep="last")
    largest = largest.rename(columns={"share": "province_share"})
    regions = table.groupby("ubigeo", sort=False).agg(
        production_t=("production_t", "sum"),
        districts=("share", "size"),
        half_in=("is_in_half", "sum"),
        hhi=("share", hhi),
    )
    regions["half_in"] += 1
    return regions.reset_index().merge(largest, on="ubigeo")
