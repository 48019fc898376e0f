"""Crops by department: shares and location quotients, entry candidates and how firm they are.

Figures are of the one year of the ministry's workbook (``crop_output``), without Callao; with
animals, and by hectare, of the yearbook of 2016, without Lima's metropolis. Tables are long, with
codes of departments and keys of crops.
"""

import itertools
from collections import namedtuple
from functools import cache

import numpy as np
import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.scope import Scope
from ..indicators import hhi, shares
from ..indicators import specialisation as sp
from . import in_order, rows, shown

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
# The last year with animal products and with the area of every crop.
FARM_YEAR = 2016
# What makes a crop worth while: its complexity (PCI), or soles per tonne in the whole country.
WORTHS = ("complexity", "value")


def require(scope: Scope) -> None:
    """Refuse a scope without any region that has crops (ParameterError)."""
    if not _known(scope):
        raise ParameterError(f"no crops are recorded for {places.listing(scope.regions)}")


def _known(scope: Scope) -> list[str]:
    """Return the scope's regions that have crops."""
    return [code for code in scope.regions if code in set(rows("crop_output")["ubigeo"])]


def values(measure: str = VALUE, fodder: bool = True) -> pd.DataFrame:
    """Return values (thousand soles) as departments × crops; zero where none is recorded.

    >>> float(values().loc["21", "coffee"])
    113309.6
    """
    table = rows("crop_output").merge(rows("crops")[["crop", "crop_group"]])
    table = table if fodder else table[table["crop_group"] != "fodder"]
    return table.pivot(index="ubigeo", columns="crop", values=measure).fillna(0.0)


def _quotients(table: pd.DataFrame, called: str = "lq") -> pd.DataFrame:
    """Return location quotients of departments × goods as rows of department and good."""
    return sp.location_quotient(table).reset_index().melt("ubigeo", value_name=called)


def farm_output() -> pd.DataFrame:
    """Return what crops and animals were worth on the farm in :data:`FARM_YEAR`, with quotients.

    A row a department and ``good`` (crop or animal product) with a price: ``value_thousand_pen``,
    tonnes at the department's own price, ``share`` of all of the department's, ``lq``; of crops
    ``pen_per_ha``.

    >>> farm = farm_output().set_index(["ubigeo", "good"])
    >>> farm.loc[("21", "alpaca fibre"), ["share", "lq"]].round(3).to_list()
    [0.015, 9.203]
    """
    grown = shown("crop_areas", "production_t", year=FARM_YEAR)
    grown = grown.eval("value_thousand_pen = production_t * crop_price_pen_per_t / 1000")
    is_grown = grown["area_ha"] > 0
    grown["pen_per_ha"] = 1000 * grown["value_thousand_pen"] / grown["area_ha"].where(is_grown)
    grown["good"] = grown["crop"].fillna(grown["crop_printed"])
    kept = shown("livestock_products", "product_t", year=FARM_YEAR)
    kept = kept.eval("value_thousand_pen = product_t * product_price_pen_per_kg\ngood = product")
    table = pd.concat([grown.assign(is_animal=False), kept.assign(is_animal=True)])
    table = table[table["ubigeo"] != places.COUNTRY].dropna(subset="value_thousand_pen")
    wide = table.pivot(index="ubigeo", columns="good", values="value_thousand_pen").fillna(0.0)
    whole = table.groupby("ubigeo")["value_thousand_pen"].transform("sum")
    table = table.assign(share=table["value_thousand_pen"] / whole)
    return table.merge(_quotients(wide), on=["ubigeo", "good"])


def value_per_hectare() -> pd.Series:
    """Return soles per hectare by crop in :data:`FARM_YEAR`, over departments with price and area.

    >>> value_per_hectare()[["coffee", "potato"]].round().to_list()
    [4058.0, 15256.0]
    """
    grown = farm_output().dropna(subset="pen_per_ha")
    total = grown.groupby("good")[["value_thousand_pen", "area_ha"]].sum()
    return 1000 * total["value_thousand_pen"] / total["area_ha"]


@cache
def value_per_tonne() -> pd.Series:
    """Return soles per tonne by crop, over the whole country."""
    total = rows("crop_output").groupby("crop")[[VALUE, "production_t"]].sum()
    return 1000 * total[VALUE] / total["production_t"]


def quotients(scope: Scope) -> pd.DataFrame:
    """Return what every crop that is grown weighs in a region, the highest ``lq`` first.

    ``lq``, ``lq_2007`` at the national prices of 2007, ``share`` of the region's crop value,
    ``rank`` by quotient among its crops of at least :data:`LEAST_OF_REGION` of that.

    >>> coffee = quotients(Scope(("08",), 2000, 2013)).set_index("crop").loc["coffee"]
    >>> round(float(coffee["lq"]), 2), int(coffee["rank"])
    (1.53, 14)
    """
    table = rows("crop_output", scope).merge(rows("crops")[["crop", "crop_group"]], on="crop")
    table = table.merge(_quotients(values())).merge(_quotients(values(VALUE_2007), "lq_2007"))
    table["share"] = table[VALUE] / table.groupby("ubigeo")[VALUE].transform("sum")
    table["national_share"] = table["crop"].map(shares(values().sum()))
    large = table[table["share"] >= LEAST_OF_REGION]
    table["rank"] = large.groupby("ubigeo")["lq"].rank(ascending=False, method="first")
    return in_order(table, scope, "lq")


def strengths(scope: Scope, most: int = FIRST) -> pd.DataFrame:
    """Return the ranked rows of :func:`quotients` that say what a region is relatively best at.

    The first `most` by rank, the specialisation with the largest share, and coffee.
    """
    table = quotients(scope).dropna(subset="rank")
    largest = table[table["lq"] >= 1].groupby("ubigeo")["share"].idxmax()
    is_shown = (table["rank"] <= most) | table.index.isin(largest) | (table["crop"] == COFFEE)
    return table[is_shown].reset_index(drop=True)


def summary(scope: Scope) -> pd.DataFrame:
    """Return a row a region: how specialised it is, how diverse and complex, coffee's place.

    ``special``: quotient of 1 or more; ``shared_with``: with how many departments, on average.
    """
    table, land = quotients(scope), landscape()
    marks = table.assign(
        special=table["lq"] >= 1,
        ranked=table["rank"].notna(),
        large=(table["lq"] >= 1) & table["rank"].notna(),
        fodder_share=table["share"].where(table["crop_group"] == "fodder"),
    )
    columns = ["special", "large", "ranked", "fodder_share"]
    regions = marks.groupby("ubigeo", sort=False)[columns].sum()
    coffee = table[table["crop"] == COFFEE].set_index("ubigeo")
    coffee = coffee[["share", "national_share", "lq", "rank"]].add_prefix("coffee_")
    diversity, eci = land.special.sum(axis=1), land.complexity.regions
    departments = {
        "diversity": diversity,
        "diversity_rank": diversity.rank(ascending=False, method="min"),
        "shared_with": land.special.astype(float) @ land.special.sum() / diversity - 1,
        "eci": eci,
        "eci_rank": eci.rank(ascending=False),
    }
    return regions.join([coffee, pd.DataFrame(departments)]).reset_index()


Landscape = namedtuple("Landscape", ["lq", "special", "proximity", "density", "complexity"])


@cache
def landscape(
    threshold: float = 1.0,
    with_self: bool = False,
    fodder: bool = True,
    measure: str = VALUE,
    least: float = LEAST_OF_COUNTRY,
) -> Landscape:
    """Return who is specialised in what, how near crops are and how complex: the landscape.

    Of crops of at least the share `least` of the country's value: ``lq`` and ``special`` (regions ×
    crops), ``proximity`` (crops × crops), ``density`` (regions × crops), ``complexity``.
    Location quotients are of all crops of the measure, also where `least` then leaves some out.

    >>> landscape().special.shape
    (24, 136)
    """
    table = values(measure, fodder)
    kept = shares(table.sum()) >= least
    lq = sp.location_quotient(table).loc[:, kept]
    special = lq >= threshold
    phi = sp.proximity(special, with_self)
    return Landscape(lq, special, phi, sp.density(special, phi), sp.complexity(special))


@cache
def _entries(choice: str, region: str, by: str) -> pd.DataFrame:
    """Return the entries of a region under a choice, best first, with their ``place``."""
    land = landscape(**CHOICES[choice])
    worth = land.complexity.crops if by == "complexity" else value_per_tonne()
    table = sp.entries(land.special, land.density, worth, region)
    table["place"] = table["is_candidate"].cumsum().where(table["is_candidate"])
    return table.assign(is_first=table["place"] <= FIRST).rename_axis("crop")


def candidates(scope: Scope, by: str = "complexity") -> pd.DataFrame:
    """Return the crops that the scope's regions are not specialised in, best entry first.

    ``place`` among the candidates, ``other_place`` by the other of :data:`WORTHS`; ``stays``: the
    number of other :data:`CHOICES` under which one of the first :data:`FIRST` stays there;
    ``is_grown``: any of it in the department; ``pen_per_ha`` in the whole country.

    >>> candidates(Scope(("21",), 2000, 2013), "value")["crop"].head(4).to_list()
    ['annatto', 'cocoa', 'maize_starchy', 'coffee']
    """
    (other,) = set(WORTHS) - {by}
    lq, lq_2007 = landscape().lq, sp.location_quotient(values(VALUE_2007))
    per_hectare, parts = value_per_hectare(), []
    for region in _known(scope):
        table = _entries("ours", region, by)
        firsts = [_entries(choice, region, by)["is_first"] for choice in CHOICES]
        table = table.assign(
            ubigeo=region,
            stays=sum(first.reindex(table.index).eq(True) for first in firsts) - 1,  # less ours
            lq=lq.loc[region],
            lq_2007=lq_2007.loc[region],
            pen_per_ha=per_hectare,
            other_place=_entries("ours", region, other)["place"],
        )
        table["stays"] = table["stays"].where(table["is_first"])
        parts.append(table.reset_index())
    return pd.concat(parts, ignore_index=True).eval("is_nearly = lq >= @NEARLY\nis_grown = lq > 0")


def robustness(scope: Scope) -> pd.DataFrame:
    """Return how entry candidates and coffee change with the choices: a row a region and choice.

    By worth how many of the first candidates (``of_…``) ``stay_…``; Spearman's ``correlation_…``.
    """
    table = []
    for region, choice in itertools.product(_known(scope), CHOICES):
        lq = landscape(**CHOICES[choice]).lq.loc[region]
        place = int(lq.rank(ascending=False, method="min")[COFFEE])
        row = {"ubigeo": region, "choice": choice, "coffee_lq": lq[COFFEE], "coffee_rank": place}
        for by in WORTHS:
            ours, theirs = _entries("ours", region, by), _entries(choice, region, by)
            first = ours.index[ours["is_first"]]
            row[f"of_{by}"] = len(first)
            row[f"stay_{by}"] = len(first.intersection(theirs.index[theirs["is_first"]]))
            scores = pd.concat([ours["score"], theirs["score"]], axis=1, join="inner").rank()
            row[f"correlation_{by}"] = scores.corr().iloc[0, 1]
        table.append(row | {"crops": len(lq)})
    return pd.DataFrame(table)


def differences(scope: Scope) -> pd.DataFrame:
    """Return Krugman's index of pairs of regions, and of each and the ``rest`` of the country."""
    table, known = values(), _known(scope)
    mixes = {(code, "rest"): table.drop(code).sum() for code in known}
    mixes |= {(one, other): table.loc[other] for one, other in itertools.combinations(known, 2)}
    apart = [(*pair, sp.krugman(table.loc[pair[0]], mix)) for pair, mix in mixes.items()]
    apart = pd.DataFrame(apart, columns=["ubigeo", "other", "krugman"])
    return apart.sort_values("krugman", ascending=False, ignore_index=True)


def coffee_districts(scope: Scope) -> pd.DataFrame:
    """Return coffee of the scope's regions by district, largest first, with ``share`` of each.

    The ministry prints names without accents; those of the map of poverty stand in their place,
    by UBIGEO, where it has the district.
    """
    table = rows("coffee_district", scope).set_index("ubigeo_district")
    spelled = rows("district_poverty").set_index("ubigeo_district")
    table.update(spelled[["province_name", "district_name"]].map(places.capitalised))
    total = table.groupby("ubigeo")["production_t"].transform("sum")
    table = table.assign(share=table["production_t"] / total).reset_index()
    return in_order(table, scope, "production_t")


def coffee_concentration(scope: Scope) -> pd.DataFrame:
    """Return how concentrated a region's coffee is: half of it grows ``half_in`` districts."""
    table = coffee_districts(scope)
    provinces = table.groupby(["ubigeo", "province_name"], as_index=False)["share"].sum()
    provinces = provinces.rename(columns={"share": "province_share"})
    largest = provinces.sort_values("province_share").drop_duplicates("ubigeo", keep="last")
    # Districts before the one with which half is reached.
    table["is_before"] = table.groupby("ubigeo")["share"].cumsum() < 0.5
    regions = table.groupby("ubigeo", sort=False, as_index=False).agg(
        production_t=("production_t", "sum"),
        districts=("share", "size"),
        hhi=("share", hhi),
        half_in=("is_before", "sum"),
    )
    return regions.assign(half_in=regions["half_in"] + 1).merge(largest)


# Did nearness predict what was entered between these years? Tonnes of both are priced at the farm
# prices of the first, so that no price moves a quotient.
BEFORE, AFTER = 2016, 2023
# The file of 2016 has no row of Lima's metropolis, the workbook of 2023 none of Callao.
LEFT_OUT = ("07", "15")
# One name in 2016, several in 2023: organic banana apart from plantain, cane by its use.
SPLIT = ("cane_alcohol", "plantain")
WITHIN = 0.05  # two counts of a crop may miss each other by so much
THIRDS = ("far", "middle", "near")


@cache
def comparable() -> pd.Series:
    """Return the crops printed in both years: ``kept``, or why a crop is left out.

    ``split``: several names in 2023; ``short``: departments of 2016 below 95 % of Peru's tonnes;
    ``unlike``: bulletins and workbook differ by over 5 % on Peru's tonnes of 2023.

    >>> comparable()[["coffee", "cassava", "olive", "plantain"]].tolist()
    ['kept', 'short', 'unlike', 'split']
    """
    old = rows("crop_areas", year=BEFORE).dropna(subset="crop")
    is_country = old["ubigeo"] == places.COUNTRY
    covered = old[~is_country].groupby("crop")["production_t"].sum()
    covered = covered / old[is_country].set_index("crop")["production_t"]
    bulletin = shown("crop_production", "production_t", year=AFTER, ubigeo=places.COUNTRY)
    now = rows("crop_output").groupby("crop")["production_t"].sum()
    ratio = bulletin.dropna(subset="crop").set_index("crop")["production_t"] / now
    reason = pd.Series("kept", index=covered.index.intersection(now.index))
    reason[(ratio - 1).abs().reindex(reason.index) > WITHIN] = "unlike"
    reason[covered.reindex(reason.index) < 1 - WITHIN] = "short"
    reason[reason.index.isin(SPLIT)] = "split"
    return reason


def _values(table: pd.DataFrame) -> pd.DataFrame:
    """Return tonnes at Peru's farm prices of 2016: departments × comparable crops."""
    reason = comparable()
    kept = reason.index[reason == "kept"]
    peru = rows("crop_areas", year=BEFORE, ubigeo=places.COUNTRY).set_index("crop")
    table = table[~table["ubigeo"].isin([places.COUNTRY, *LEFT_OUT]) & table["crop"].isin(kept)]
    wide = table.pivot(index="ubigeo", columns="crop", values="production_t").fillna(0.0)
    return wide[kept] * peru.loc[kept, "crop_price_pen_per_t"]


@cache
def cells(threshold: float = 1.0) -> pd.DataFrame:
    """Return a row a department and crop: ``density`` and quotient (``lq``) of 2016, and its fate.

    ``was_grown``, ``is_grown``: any tonnes; ``was_special``, ``is_special``: quotient >= threshold.
    """
    before, after = _values(rows("crop_areas", year=BEFORE)), _values(rows("crop_output"))
    lq = sp.location_quotient(before)
    special = lq >= threshold
    wide = {
        "density": sp.density(special, sp.proximity(special)),
        "lq": lq,
        "was_special": special,
        "was_grown": before > 0,
        "is_grown": after > 0,
        "is_special": sp.location_quotient(after) >= threshold,
    }
    long = pd.DataFrame({name: part.unstack() for name, part in wide.items()})
    return long.dropna(subset="density").reset_index()


def rates(threshold: float = 1.0) -> pd.DataFrame:
    """Return how often crops were entered and left, a row an ``event``, as :func:`rate` has it.

    ``entered_new``: special in 2023, not grown in 2016; ``entered_grown``: grown, not special;
    ``entered_below``: of these a quotient below 0.8.
    """
    table = cells(threshold)
    was_open = table["was_grown"] & ~table["was_special"]
    events = {
        "entered_new": (~table["was_grown"], table["is_special"]),
        "entered_grown": (was_open, table["is_special"]),
        "entered_below": (was_open & (table["lq"] < NEARLY), table["is_special"]),
        "left": (table["was_special"], ~table["is_special"]),
        "begun": (~table["was_grown"], table["is_grown"]),
        "stopped": (table["was_grown"], ~table["is_grown"]),
    }
    parts = [rate(table[could].assign(happened=did)) for could, did in events.values()]
    return pd.DataFrame(parts).assign(event=list(events))


def rate(table: pd.DataFrame) -> dict[str, float]:
    """Return how often what could happen did (``happened``), by third of ``density``.

    Shares by third (``_n``, ``_events``); ``slope`` and ``p``, both effects taken out of both.
    """
    did = table["happened"].astype(float)
    third = np.ceil(3 * table["density"].rank(pct=True)).map(dict(enumerate(THIRDS, 1)))
    found = {"n": len(table), "events": did.sum()}
    for name, part in did.groupby(third):
        found |= {name: part.mean(), f"{name}_n": len(part), f"{name}_events": part.sum()}
    slope = sp.slope_without_effects(did, table["density"], table["ubigeo"], table["crop"])
    return found | slope._asdict()
