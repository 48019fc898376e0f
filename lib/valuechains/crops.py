"""Crops: from the processed table of output to what the notebooks compare.

The rules that choose which crops count live here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import pandas as pd

from . import regions
from .indicators import shares
from .language import t
from .scope import Scope
from .specialisation import (
    Complexity,
    complexity,
    density,
    entries,
    krugman,
    location_quotient,
    proximity,
)
from .tables import load

COFFEE = "coffee"
VALUE, VALUE_2007 = "gross_value_thousand_pen", "gross_value_2007_thousand_pen"
# A crop of less than a ten-thousandth of the country's crop value says little of where it grows;
# one of less than half a percent of a department's is no strength of it.
LEAST_OF_COUNTRY, LEAST_OF_REGION = 0.0001, 0.005


def called(crop: str) -> str:
    """Return a crop's name in the report's language."""
    return t(_names()[crop])


@cache
def _names() -> dict[str, str]:
    return load("crops").set_index("crop")["crop_name_en"].to_dict()


def values(measure: str = VALUE, fodder: bool = True) -> pd.DataFrame:
    """Return departments × crops of the year of the workbook; zero where none is recorded.

    A department without any row (Callao) has no row here either.
    """
    rows = load("crop_output")
    if not fodder:
        groups = load("crops").set_index("crop")["crop_group"]
        rows = rows[rows["crop"].map(groups) != "fodder"]
    return rows.pivot(index="ubigeo", columns="crop", values=measure).fillna(0.0)


def year() -> int:
    """Return the year of the crop figures."""
    return int(load("crop_output")["year"].max())


def source() -> list[str]:
    """Return the source of the crop figures."""
    return sorted(set(load("crop_output")["source"]))


def value_per_tonne() -> pd.Series:
    """Return soles per tonne by crop, over the whole country."""
    total = load("crop_output").groupby("crop")[[VALUE, "production_t"]].sum()
    return 1000 * total[VALUE] / total["production_t"]


def strengths(region: str, most: int = 10, fodder: bool = True) -> tuple[pd.DataFrame, int]:
    """Return what a department is relatively best at, and how many small crops are left out.

    Returns
    -------
    DataFrame
        Crops of at least :data:`LEAST_OF_REGION` of the department's crop value by location
        quotient, the first `most` and coffee wherever it stands: ``crop``, ``lq``, ``share``
        (of the department's value), ``rank``. Empty for a department without crops.
    int
        Specialised crops (quotient of 1 or more) below that share.
    """
    table = values(fodder=fodder)
    if region not in table.index:
        return pd.DataFrame(columns=["crop", "lq", "share", "rank"]), 0
    found = pd.DataFrame(
        {"lq": location_quotient(table).loc[region], "share": shares(table.loc[region])}
    )
    small = int(((found["lq"] >= 1) & (found["share"] < LEAST_OF_REGION)).sum())
    found = found[found["share"] >= LEAST_OF_REGION].sort_values("lq", ascending=False)
    found["rank"] = range(1, len(found) + 1)
    kept = (found["rank"] <= most) | (found.index == COFFEE)
    return found[kept].rename_axis("crop").reset_index(), small


class Coffee(NamedTuple):
    """Coffee's place among a department's crops; ``rank`` is 0 below the least share."""

    lq: float
    share: float
    national_share: float
    rank: int
    ranked: int


def coffee(region: str) -> Coffee:
    """Return coffee's location quotient, shares of crop value (0–1), and rank by quotient."""
    table = values()
    found, _ = strengths(region, most=table.shape[1])
    place = found.loc[found["crop"] == COFFEE, "rank"]
    return Coffee(
        location_quotient(table).loc[region, COFFEE], shares(table.loc[region])[COFFEE],
        shares(table.sum())[COFFEE], int(place.iloc[0]) if len(place) else 0, len(found),
    )  # fmt: skip


class Landscape(NamedTuple):
    """Who is specialised in what, how near crops are, and how complex."""

    lq: pd.DataFrame
    special: pd.DataFrame
    proximity: pd.DataFrame
    density: pd.DataFrame
    complexity: Complexity


def landscape(
    threshold: float = 1.0,
    with_self: bool = False,
    fodder: bool = True,
    measure: str = VALUE,
    least: float = LEAST_OF_COUNTRY,
) -> Landscape:
    """Return the landscape of crops of at least the share `least` of the country's value.

    Location quotients are of all the crops of the measure, also where `least` then leaves some
    out.
    """
    table = values(measure, fodder)
    kept = shares(table.sum()) >= least
    lq = location_quotient(table).loc[:, kept]
    special = lq >= threshold
    phi = proximity(special, with_self)
    return Landscape(lq, special, phi, density(special, phi), complexity(special))


def variants() -> Mapping[str, Landscape]:
    """Return the landscape under other choices, each under what it is called; the first is ours."""
    return {
        t("as above"): landscape(),
        t("without fodder crops"): landscape(fodder=False),
        t("threshold 0.8"): landscape(threshold=0.8),
        t("threshold 1.25"): landscape(threshold=1.25),
        t("each crop its own neighbour"): landscape(with_self=True),
        t("at prices of 2007"): landscape(measure=VALUE_2007),
        t("with the smallest crops"): landscape(least=0.0),
    }


def robustness(scope: Scope, most: int = 10) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Return how entry candidates change with the choices.

    Returns
    -------
    DataFrame
        A row a variant and region: ``variant``, ``region``, ``stay`` (how many of the first
        `most` candidates stay among the first `most`), ``of``, ``rank_correlation`` (Spearman's,
        of the scores of the crops that are entries in both), ``coffee_lq``, ``coffee_rank``
        (among the crops of the landscape).
    dict of code to Series
        For each of a region's first `most` candidates, in how many other variants it stays.
    """
    rows, survival = [], {}
    found = variants()
    ours = next(iter(found.values()))
    for region in scope.regions:
        if region not in ours.lq.index:
            continue
        base = candidates(ours, region)
        first = base[base["is_candidate"]].index[:most]
        survival[region] = pd.Series(-1, index=first)  # ours is one of the variants
        for variant, one in found.items():
            other = candidates(one, region)
            stay = first.isin(other[other["is_candidate"]].index[:most])
            survival[region] += stay
            lq = one.lq.loc[region]
            score = pd.DataFrame({"base": base["score"], "other": other["score"]}).dropna().rank()
            rows.append(
                {
                    "variant": variant,
                    "region": regions.name(region),
                    "stay": int(stay.sum()),
                    "of": len(first),
                    "rank_correlation": score.corr().iloc[0, 1],
                    "coffee_lq": lq[COFFEE],
                    "coffee_rank": lq.rank(ascending=False, method="min")[COFFEE],
                }
            )
    return pd.DataFrame(rows), survival


def candidates(one: Landscape, region: str, worth: pd.Series | None = None) -> pd.DataFrame:
    """Return entry candidates of a department, by complexity or another worth of the crops."""
    return entries(
        one.special, one.density, one.complexity.crops if worth is None else worth, region
    )


def dots(found: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return entry candidates as points of a chart, the first `most` and coffee named."""
    named = {*found.index[found["is_candidate"]][:most], COFFEE}
    return pd.DataFrame(
        {
            "x": found["density"],
            "y": found["worth"],
            "strong": found["is_candidate"],
            "label": [called(crop) if crop in named else "" for crop in found.index],
        }
    )


def differences(scope: Scope) -> pd.DataFrame:
    """Return Krugman's index between the scope's regions, and of each with the whole country.

    A square table with the regions' names and, last, Peru; regions without crops are left out.
    """
    table = values()
    codes = [code for code in scope.regions if code in table.index]
    mixes = {regions.name(code): table.loc[code] for code in codes}
    mixes[regions.name(regions.COUNTRY)] = table.sum()
    return pd.DataFrame(
        {one: {other: krugman(mixes[one], mixes[other]) for other in mixes} for one in mixes}
    )


def coffee_districts(region: str) -> pd.DataFrame:
    """Return a department's coffee by district, largest first, with ``share`` of the department."""
    rows = load("coffee_district")
    rows = rows[rows["ubigeo"] == region].sort_values("production_t", ascending=False)
    return rows.assign(share=shares(rows["production_t"]))
