"""Departments side by side: from the processed tables to what the notebooks compare and draw.

The rules that choose a year, a source and a concept live here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from ..core import places
from ..core.language import listing, number, percent, t
from ..core.scope import Scope
from ..tables import load
from . import camelids as herds
from .coffee import names_line, spans
from .structure import REPORT, interval, nearest, poverty

COUNTRY = places.COUNTRY
# Whole counts first: a census with the people it missed, then as counted, then what is projected.
CONCEPTS = (
    "census, counted plus omitted", "census, counted", "projection", "projection, sum of districts",
    "estimate or projection", "estimate",
)  # fmt: skip


class Fact(NamedTuple):
    """One figure of every department in one year; ``column`` is where it was read."""

    label: str
    column: str
    year: int
    values: pd.Series
    peru: float
    sources: tuple[str, ...]
    write: Callable[[float], str]
    difference: Callable[[float], str]


def _places(digits: int) -> dict[str, Callable]:
    return {
        "write": lambda x: number(x, digits),
        "difference": lambda x: ("+" if x > 0 else "") + number(x, digits),
    }


def points(ratio: float) -> str:
    """Return a difference of two shares in percentage points, with its sign."""
    return t("{x} pp", x=("+" if ratio > 0 else "") + number(100 * ratio, 1))


def _ratio() -> dict[str, Callable]:
    return {"write": lambda x: percent(x, 1), "difference": points}


def _at(table: str, column: str, scope: Scope) -> pd.DataFrame:
    """Return the rows of a column in the year nearest to the scope's last, Peru's with them."""
    rows = load(table).dropna(subset=[column])
    return rows[rows["year"] == nearest(rows["year"], scope.end_year)]


def _fact(label: str, rows: pd.DataFrame, values: pd.Series, peru: float, **style) -> Fact:
    by_code = pd.Series(values.to_numpy(dtype=float), rows["ubigeo"])
    return Fact(
        label, str(values.name), int(rows["year"].iloc[0]),
        by_code.drop(COUNTRY, errors="ignore"), peru, (rows["source"].iloc[0],), **style,
    )  # fmt: skip


def _people(scope: Scope) -> Fact:
    """Return the people of every department, the concept of the count in its label.

    The complete list (25 departments of one source, year and concept) nearest to the scope's last
    year; in one year by the order of :data:`CONCEPTS`.
    """
    rows = load("department_population")
    rows = rows[rows["ubigeo"] != COUNTRY]
    size = rows.groupby(["source", "year", "concept"])["ubigeo"].transform("size")
    rows = rows[size == len(places.codes())]
    rows = rows[rows["year"] == nearest(rows["year"], scope.end_year)]
    concept = min(rows["concept"], key=CONCEPTS.index)
    rows = rows[rows["concept"] == concept].drop_duplicates("ubigeo")
    count = rows["population_persons"]
    label = t("People: {concept}", concept=t(concept))
    return _fact(label, rows, count, float(count.sum()), **_places(0))


def facts(scope: Scope) -> list[Fact]:
    """Return the figures that departments are compared by, each in its year."""
    count = _people(scope)
    area = herds.area()
    divided = load("department_divisions")
    divided = divided[divided["source"] != REPORT]
    divided = divided[divided["year"] == nearest(divided["year"], scope.end_year)]
    divided = divided.drop_duplicates("ubigeo")
    town = _at("department_land", "urban_population_persons", scope)
    urban, rural = (
        town[f"{kind}_population_persons"].astype("float64") for kind in ("urban", "rural")
    )
    land = float(area.sum())
    found = [
        Fact(t("Area, km²"), "area_km2", 2022, area, land, (herds.AREA,), **_places(0)),
        count,
        count._replace(
            label=t("People per km²"), values=count.values / area,
            peru=count.peru / land, sources=(*count.sources, herds.AREA), **_places(1),
        ),
        *(
            _fact(label, divided, divided[column], float(divided[column].sum()), **_places(0))
            for column, label in (("provinces_n", t("Provinces")), ("districts_n", t("Districts")))
        ),
        _fact(
            t("Urban people, with those missed"), town, urban / (urban + rural),
            urban.sum() / (urban.sum() + rural.sum()), **_ratio(),
        ),
    ]  # fmt: skip
    none = float("nan")
    for column, label, style, scale in (
        ("hdi_0_1", t("Human development index"), _places(3), 1),
        ("life_expectancy_years", t("Life expectancy, years"), _places(1), 1),
        ("secondary_completion_pct", t("Complete secondary education"), _ratio(), 100),
        ("schooling_years", t("Schooling, years (UNDP)"), _places(1), 1),
        ("family_income_pen_per_month", t("Family income per head, S/ a month (UNDP)"),
         _places(0), 1),
    ):  # fmt: skip
        rows = _at("department_development", column, scope)
        found.append(_fact(label, rows, rows[column] / scale, none, **style))
    for column, label, style in (
        ("mean_income_pen_per_month", t("Mean income, S/ a month (ENAHO)"), _places(0)),
        ("gini_0_1", t("Gini coefficient"), _places(3)),
        ("informal_share_0_1", t("Informal work"), _ratio()),
        ("unemployment_share_0_1", t("Unemployment"), _ratio()),
        ("illiteracy_share_0_1", t("Illiteracy"), _ratio()),
        ("schooling_years", t("Schooling, years (ENAHO)"), _places(1)),
        ("gdp_growth_ratio", t("Growth of GDP"), _ratio()),
    ):
        rows = _at("department_social", column, scope)
        found.append(_fact(label, rows, rows[column], none, **style))
    return [*found, _gdp_per_head(), *_land(scope)]


def _gdp_per_head() -> Fact:
    """Return GDP per head of the areas that the source lists.

    Peru's is the median of what their values and printed shares of it imply.
    """
    rows = load("department_economy").query("measure == 'GDP per head'")
    by_unit = {unit: part.set_index("ubigeo")["value"] for unit, part in rows.groupby("unit")}
    peru = (100 * by_unit["PEN"] / by_unit["pct of Peru"]).median()
    rows = rows[rows["unit"] == "PEN"]
    whole = rows["place"].isna()  # the province of Lima is not its department
    return _fact(t("GDP per head, S/"), rows[whole], rows.loc[whole, "value"], peru, **_places(0))


def _land(scope: Scope) -> list[Fact]:
    area = _at("department_land", "agricultural_area_ha", scope)
    crops, all_land = area["agricultural_area_ha"], area["territorial_area_ha"]
    farms = _at("department_land", "producers_n", scope)
    country = area["ubigeo"] == COUNTRY
    share, on_all = crops / all_land, t("Agricultural area over all land")
    return [
        _fact(t("Agricultural area, ha"), area, crops, crops[country].iloc[0], **_places(0)),
        _fact(on_all, area, share, share[country].iloc[0], **_ratio()),
        _fact(
            t("Agricultural producers in the register"), farms, farms["producers_n"],
            float(farms.loc[farms["ubigeo"] == COUNTRY, "producers_n"].iloc[0]), **_places(0),
        ),
    ]  # fmt: skip


def profile(scope: Scope) -> pd.DataFrame:
    """Return the comparison, written for a table: a row an indicator.

    Columns ``indicator``, ``year``, one for each code of the scope, ``difference`` (first less
    second, when there are two), ``peru`` (printed, or added up from the departments), ``median``
    of the departments, ``source``. Poverty has neither difference nor median: its figures are of
    groups.
    """
    rows = []
    for fact in facts(scope):
        values = fact.values.reindex(list(scope.regions))
        row = {code: fact.write(x) if pd.notna(x) else "" for code, x in values.items()}
        complete = fact.values.notna().sum() == len(places.codes())
        row |= {
            "indicator": fact.label,
            "year": str(fact.year),
            "peru": fact.write(fact.peru) if pd.notna(fact.peru) else "",
            "median": fact.write(fact.values.median()) if complete else "",
            "source": names_line(fact.sources),
        }
        if len(values) == 2 and values.notna().all():
            row["difference"] = fact.difference(values.iloc[0] - values.iloc[1])
        rows.append(row)
    groups = poverty(scope)
    for label, part in groups.groupby("measure", sort=False):
        row = {
            code: "; ".join(
                f"{one.place} {interval(one.low, one.high)}".strip()
                for one in part[part["ubigeo"] == code].itertuples()
            )
            for code in scope.regions
        }
        row |= {
            "indicator": label,
            "year": str(part["year"].iloc[0]),
            "source": names_line(part["source"]),
        }
        rows.append(row)
    columns = ["indicator", "year", *scope.regions, "difference", "peru", "median", "source"]
    return pd.DataFrame(rows, columns=columns, dtype=object).fillna("")


def disagreements(scope: Scope) -> pd.DataFrame:
    """Return facts that sources, concepts or years give differently, for a table.

    Columns ``fact``, ``year``, one for each code (text), ``source``. Equal figures are one row,
    with all their sources and years; a fact stays out unless some region has two different figures.
    """
    codes, rows = list(scope.regions), []

    def add(fact: str, table: pd.DataFrame, column: str, write: Callable, what: str = "") -> None:
        order = [key for key in ("source", "year", what) if key]
        found: dict[tuple, list] = {}
        for keys, part in table.dropna(subset=[column]).groupby(order, sort=False):
            values = part.drop_duplicates("ubigeo").set_index("ubigeo")[column].reindex(codes)
            written = tuple(write(x) if pd.notna(x) else "" for x in values)
            if any(written):
                called = f"{fact}: {t(keys[2])}" if what else fact
                found.setdefault((called, *written), []).append(keys)
        if any(len(set(one) - {""}) > 1 for one in list(zip(*found, strict=True))[1:]):
            for (called, *written), keys in found.items():
                years = dict.fromkeys(str(key[1]) for key in keys)
                rows.append(
                    dict(zip(codes, written, strict=True)) | {"fact": called}
                    | {"year": ", ".join(sorted(years)), "source": names_line(k[0] for k in keys)}
                )  # fmt: skip

    whole = _places(0)["write"]
    add(t("Area, km²"), load("department_area").assign(year=""), "area_km2", whole)
    counts = load("department_population")
    year = nearest(counts.loc[counts["concept"].str.startswith("census"), "year"], scope.end_year)
    near = counts[counts["year"].between(min(year, scope.end_year - 2), max(year, scope.end_year))]
    add(t("People"), near, "population_persons", whole, "concept")
    divided = load("department_divisions")
    add(t("Provinces"), divided, "provinces_n", whole)
    add(t("Districts"), divided, "districts_n", whole)
    developed, social = load("department_development"), load("department_social")
    town = load("department_land").dropna(subset=["urban_population_persons"])
    town = town.rename(columns={"urban_population_persons": "urban"})
    share = town["urban"] / (town["urban"] + town["rural_population_persons"])
    surveyed = social[social["year"].isin(town["year"])]
    both = pd.concat([town.assign(urban_share_0_1=share.astype("float64")), surveyed])
    add(t("Urban people"), both, "urban_share_0_1", _ratio()["write"])
    year = nearest(set(developed.dropna()["year"]) & set(social["year"]), scope.end_year)
    developed, surveyed = (one[one["year"] == year] for one in (developed, social))
    for label, first, second, write in (
        (t("Income, S/ a month"), "family_income_pen_per_month",
         "mean_income_pen_per_month", whole),
        (t("Schooling, years"), "schooling_years", "schooling_years", _places(1)["write"]),
    ):  # fmt: skip
        both = pd.concat([developed.assign(figure=developed[first]),
                          surveyed.assign(figure=surveyed[second])])  # fmt: skip
        add(label, both, "figure", write)
    growth = _growth()
    years = social[social["year"].isin(growth["year"])]
    add(t("Growth of GDP"), pd.concat([growth, years]), "gdp_growth_ratio", _ratio()["write"])
    columns = ["fact", "year", *codes, "source"]
    return pd.DataFrame(rows, columns=columns, dtype=object).fillna("")


def _growth() -> pd.DataFrame:
    growth = load("department_economy").query("measure == 'growth'")
    return growth.assign(gdp_growth_ratio=growth["value"] / 100)


def _facts_found() -> dict[str, pd.DataFrame]:
    """Return what is compared with the rows that a figure of it comes from.

    Those that are shown of Peru, whatever regions are chosen, have no ``ubigeo``.
    """
    economy = load("department_economy")
    economy = economy[economy["place"].isna()]
    head = economy[economy["measure"] == "GDP per head"]
    activity = economy[economy["measure"].isin(["value added", "GDP"])].groupby("activity")
    land, stated = load("department_land"), load("report_statistics")
    topic, social = stated.groupby("topic"), load("department_social")
    national = stated[stated["ubigeo"] == COUNTRY]
    return {
        t("Area"): load("department_area"),
        t("People"): load("department_population"),
        t("Provinces and districts"): load("department_divisions"),
        t("Urban people"): land.dropna(subset=["urban_population_persons"]),
        t("Human development"): load("department_development"),
        t("Income, inequality, informality"): social,
        t("Poverty of groups of departments"): load("department_poverty"),
        t("Poverty of districts"): load("district_poverty"),
        t("Growth of GDP"): pd.concat([social, _growth()]),
        t("GDP per head, S/"): pd.concat([head, head.assign(ubigeo="")]),
        t("GDP, share of Peru"): activity.get_group("all"),
        t("Manufacturing, {year} = 100", year=2007): activity.get_group("manufacturing"),
        t("Mining, share of Peru"): activity.get_group("mining"),
        t("Trade and hotels, share of Peru"): activity.get_group("trade, restaurants and hotels"),
        t("Agricultural area, producers"): land[land["urban_population_persons"].isna()],
        t("GDP by sector"): topic.get_group("GDP by sector"),
        t("Work by sector"): topic.get_group("labour by sector"),
        t("Territory and people by zone"): topic.get_group("territory by zone"),
        t("Peru: competitiveness, research, exports"): national.assign(ubigeo=""),
    }


def coverage(scope: Scope) -> pd.DataFrame:
    """Return what is compared, from which sources and years: a row a fact.

    Columns ``fact``, ``sources`` (that have a chosen region, or Peru's figure, with their years),
    ``without`` (regions that none of them has).
    """
    rows = []
    for called, every in _facts_found().items():
        own = every[every["ubigeo"].isin([*scope.regions, ""])]
        sources = []
        for source, part in own.groupby("source", sort=False):
            years = spans(sorted(set(part["year"].dropna()))) if "year" in part else ""
            sources.append(names_line([source]) + (f" ({years})" if years else ""))
        of_regions = every["ubigeo"].ne("").any()
        missing = [code for code in scope.regions if code not in set(own["ubigeo"]) and of_regions]
        rows.append(
            {
                "fact": called,
                "sources": "; ".join(sources),
                "without": listing([places.name(code) for code in missing]) if missing else "",
            }
        )
    return pd.DataFrame(rows)


def listed(values: pd.Series, write: Callable[[float], str], most: int = 3) -> str:
    """Return regions with their figures, largest first; of many, those of the ends."""
    known = values.dropna().sort_values(ascending=False)
    figures = known.map(write)
    if len(known) <= most:
        return listing([f"{places.name(code)} {x}" for code, x in figures.items()])
    first, last = (
        [places.name(code) for code in figures.index[figures == end]]
        for end in (figures.iloc[0], figures.iloc[-1])
    )
    if max(len(first), len(last)) > 2:
        return t("from {low} to {high}", low=figures.iloc[-1], high=figures.iloc[0])
    return t(
        "highest {first}, lowest {last}", first=f"{listing(first)} {figures.iloc[0]}",
        last=f"{listing(last)} {figures.iloc[-1]}",
    )  # fmt: skip


def ends(values: pd.Series, write: Callable[[float], str]) -> str:
    """Return the first and the last figure of a series by year, in words ("5 in 2001, …")."""
    known = values.dropna()
    years = dict.fromkeys((known.index[0], known.index[-1])) if len(known) else {}
    words = [t("{x} in {year}", x=write(known[year]), year=year) for year in years]
    return ", ".join(words) or t("no figure")
