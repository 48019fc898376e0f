"""Crops: from the processed table of output to what the notebooks compare.

The rules that choose which crops count live here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import pandas as pd

from ..core import places
from ..core.language import listing, number, t
from ..core.scope import Scope
from ..indicators import shares
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

COFFEE = "coffee"
VALUE, VALUE_2007 = "gross_value_thousand_pen", "gross_value_2007_thousand_pen"
# A crop of less than a ten-thousandth of the country's crop value says little of where it grows;
# one of less than half a percent of a department's is no strength of it.
LEAST_OF_COUNTRY, LEAST_OF_REGION = 0.0001, 0.005
# From this location quotient on a crop without specialisation is nearly one, and no entry.
NEARLY = 0.8


def called(crop: str) -> str:
    """Return a crop's name in the report's language."""
    return t(_names()[crop])


@cache
def _names() -> dict[str, str]:
    return load("crops").set_index("crop")["crop_name_en"].to_dict()


def quotient(lq: float) -> str:
    """Return a location quotient in figures, with so many that what is below 1 reads below 1."""
    digits = 1 if lq >= 1.95 else 2
    while lq < 1 and number(lq, digits) == number(1, digits):
        digits += 1
    return number(lq, digits)


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


def fodder_share(region: str) -> float:
    """Return the share of fodder crops in a department's crop value (0–1)."""
    return 1 - values(fodder=False).loc[region].sum() / values().loc[region].sum()


def strengths(region: str, most: int = 10) -> tuple[pd.DataFrame, int]:
    """Return what a department is relatively best at, and how many small crops are left out.

    Returns
    -------
    DataFrame
        Crops of at least :data:`LEAST_OF_REGION` of the department's crop value by location
        quotient: the first `most`, the specialisation with the largest share, and coffee
        wherever it stands. ``crop``, ``lq``, ``lq_2007`` (at the national prices of 2007),
        ``share`` (of the department's value), ``rank``. Empty for a department without crops.
    int
        Specialised crops (quotient of 1 or more) below that share.
    """
    table = values()
    if region not in table.index:
        return pd.DataFrame(columns=["crop", "lq", "lq_2007", "share", "rank"]), 0
    found = pd.DataFrame(
        {
            "lq": location_quotient(table).loc[region],
            "lq_2007": location_quotient(values(VALUE_2007)).loc[region],
            "share": shares(table.loc[region]),
        }
    )
    small = int(((found["lq"] >= 1) & (found["share"] < LEAST_OF_REGION)).sum())
    found = found[found["share"] >= LEAST_OF_REGION].sort_values("lq", ascending=False)
    found["rank"] = range(1, len(found) + 1)
    largest = found.loc[found["lq"] >= 1, "share"].nlargest(1).index
    kept = (found["rank"] <= most) | found.index.isin([*largest, COFFEE])
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


def robustness(
    scope: Scope, worth: pd.Series | None = None, most: int = 10
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Return how entry candidates, by complexity or another worth, change with the choices.

    Returns
    -------
    DataFrame
        A row a variant and region: ``variant``, ``region``, ``stay`` (how many of the first
        `most` candidates stay among the first `most`), ``of``, ``rank_correlation`` (Spearman's,
        of the scores of the crops that are entries in both), ``coffee_lq``, ``coffee_rank``
        (among the ``crops`` of the landscape).
    dict of code to Series
        For each of a region's first `most` candidates, in how many other variants it stays.
    """
    rows, survival = [], {}
    found = variants()
    ours = next(iter(found.values()))
    for region in scope.regions:
        if region not in ours.lq.index:
            continue
        base = candidates(ours, region, worth)
        first = base[base["is_candidate"]].index[:most]
        survival[region] = pd.Series(-1, index=first)  # ours is one of the variants
        for variant, one in found.items():
            other = candidates(one, region, worth)
            stay = first.isin(other[other["is_candidate"]].index[:most])
            survival[region] += stay
            lq = one.lq.loc[region]
            score = pd.DataFrame({"base": base["score"], "other": other["score"]}).dropna().rank()
            rows.append(
                {
                    "variant": variant,
                    "region": places.name(region),
                    "stay": int(stay.sum()),
                    "of": len(first),
                    "rank_correlation": score.corr().iloc[0, 1],
                    "coffee_lq": lq[COFFEE],
                    "coffee_rank": int(lq.rank(ascending=False, method="min")[COFFEE]),
                    "crops": len(lq),
                }
            )
    return pd.DataFrame(rows), survival


def candidates(one: Landscape, region: str, worth: pd.Series | None = None) -> pd.DataFrame:
    """Return entry candidates of a department, by complexity or another worth of the crops."""
    return entries(
        one.special, one.density, one.complexity.crops if worth is None else worth, region
    )


def firmest(stays: Mapping[str, pd.Series]) -> dict[str, list[str]]:
    """Return by region the names of the candidates that stay under most other choices."""
    return {
        code: [called(crop) for crop in one.index[one == one.max()]]
        for code, one in stays.items()
        if len(one) and one.max() > 0
    }


def for_whom(firm: Mapping[str, list[str]]) -> str:
    """Return the firmest candidates in a line, for a title."""
    if len(firm) > 2:
        return t("crops for {n} regions, named in the table", n=len(firm))
    words = [
        t("{crops} for {name}", crops=listing(names), name=places.name(code))
        if len(names) < 3
        else t("{crop} and {n} more for {name}", crop=names[0], n=len(names) - 1,
               name=places.name(code))
        for code, names in firm.items()
    ]  # fmt: skip
    return "; ".join(words) or t("no candidate")


def shortlist(
    region: str, found: pd.DataFrame, stays: pd.Series, other: pd.DataFrame
) -> pd.DataFrame:
    """Return a department's first candidates, those of `stays`, for a table.

    Columns of :func:`candidates` and ``region``, ``crop``, ``place`` (by score), ``lq`` and
    ``lq_2007``, ``stays``, ``other_place`` (among the candidates by another worth, `other`;
    missing where it is none).
    """
    others = other.index[other["is_candidate"]]
    places = pd.Series(range(1, len(others) + 1), index=others)
    return found.loc[stays.index].assign(
        region=places.name(region),
        crop=[called(crop) for crop in stays.index],
        place=range(1, len(stays) + 1),
        lq=location_quotient(values()).loc[region],
        lq_2007=location_quotient(values(VALUE_2007)).loc[region],
        stays=stays,
        other_place=places.reindex(stays.index),
    )


def dots(found: pd.DataFrame, lq: pd.Series, most: int = 10) -> pd.DataFrame:
    """Return entry candidates as points of a chart: the first `most` numbered, coffee named.

    ``key`` says whose number it is, with a star where the location quotient is nearly 1.
    """
    first = {crop: i for i, crop in enumerate(found.index[found["is_candidate"]][:most], 1)}
    names = {COFFEE: called(COFFEE)} | {crop: str(i) for crop, i in first.items()}
    return pd.DataFrame(
        {
            "x": found["density"],
            "y": found["worth"],
            "strong": found["is_candidate"],
            "label": [names.get(crop, "") for crop in found.index],
            "key": [
                f"{first[crop]} {called(crop)}" + ("*" if lq[crop] >= NEARLY else "")
                if crop in first
                else ""
                for crop in found.index
            ],
        }
    )


def differences(scope: Scope) -> pd.DataFrame:
    """Return Krugman's index between the scope's regions, and of each with the rest of the country.

    Rows: the regions' names; columns: the same and, last, the rest of the country, without the
    region of the row. Regions without crops are left out.
    """
    table = values()
    mixes = {places.name(code): table.loc[code] for code in scope.regions if code in table.index}
    found = {other: {one: krugman(mixes[one], mixes[other]) for one in mixes} for other in mixes}
    total = table.sum()
    found[t("rest of the country")] = {one: krugman(mix, total - mix) for one, mix in mixes.items()}
    return pd.DataFrame(found)


def coffee_districts(region: str) -> pd.DataFrame:
    """Return a department's coffee by district, largest first, with ``share`` of the department."""
    rows = load("coffee_district")
    rows = rows[rows["ubigeo"] == region].sort_values("production_t", ascending=False)
    return rows.assign(share=shares(rows["production_t"]))
