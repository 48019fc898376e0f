"""Departments side by side: from the processed tables to what the notebooks compare and draw.

The rules that choose a year, a source and a concept live here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from . import herds, regions
from .language import listing, number, percent, t
from .scope import Scope
from .series import names_line, spans
from .structure import REPORT, interval, nearest, poverty
from .tables import load

COUNTRY = regions.COUNTRY
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


def _ratio(digits: int = 1) -> dict[str, Callable]:
    return {
        "write": lambda x: percent(x, digits),
        "difference": lambda x: t("{x} pp", x=("+" if x > 0 else "") + number(100 * x, digits)),
    }


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
    rows = rows[size == len(regions.codes())]
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
            t("Urban people"), town, urban / (urban + rural),
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
    """Return GDP per head of the areas that the source lists; Peru's follows from their shares."""
    rows = load("department_economy")
    rows = rows[
        (rows["measure"] == "GDP per head") & ~rows["ubigeo"].str.contains("+", regex=False)
    ]
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
        complete = fact.values.notna().sum() == len(regions.codes())
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
    """Return facts that sources or concepts give differently, for a table: a row a source.

    Columns ``fact``, ``year``, one for each code (text), ``source``.
    """
    rows = []

    def add(fact: str, table: pd.DataFrame, column: str, write: Callable, what: str = "") -> None:
        order = [key for key in ("source", "year", what) if key]
        for keys, part in table.dropna(subset=[column]).groupby(order, sort=False):
            values = part.drop_duplicates("ubigeo").set_index("ubigeo")[column]
            values = values.reindex(list(scope.regions))
            if values.notna().any():
                called = f"{fact}: {t(keys[2])}" if what else fact
                rows.append(
                    {code: write(x) if pd.notna(x) else "" for code, x in values.items()}
                    | {"fact": called, "year": str(keys[1]), "source": names_line([keys[0]])}
                )

    whole = _places(0)["write"]
    add(t("Area, km²"), load("department_area").assign(year=""), "area_km2", whole)
    counts = load("department_population")
    year = nearest(counts.loc[counts["concept"].str.startswith("census"), "year"], scope.end_year)
    near = counts[counts["year"].between(min(year, scope.end_year - 2), max(year, scope.end_year))]
    add(t("People"), near, "population_persons", whole, "concept")
    add(t("Provinces"), load("department_divisions"), "provinces_n", whole)
    add(t("Districts"), load("department_divisions"), "districts_n", whole)
    developed, social = load("department_development"), load("department_social")
    year = nearest(set(developed.dropna()["year"]) & set(social["year"]), scope.end_year)
    for label, first, second, write in (
        (t("Income, S/ a month"), "family_income_pen_per_month",
         "mean_income_pen_per_month", whole),
        (t("Schooling, years"), "schooling_years", "schooling_years", _places(1)["write"]),
    ):  # fmt: skip
        add(label, developed[developed["year"] == year], first, write)
        add(label, social[social["year"] == year], second, write)
    town = load("department_land").dropna(subset=["urban_population_persons"])
    urban, rural = (
        town[f"{kind}_population_persons"].astype("float64") for kind in ("urban", "rural")
    )
    survey = social[social["year"].isin(town["year"])]
    both = pd.concat([town.assign(urban_share_0_1=urban / (urban + rural)), survey])
    add(t("Urban people"), both, "urban_share_0_1", _ratio()["write"])
    growth = load("department_economy").query("measure == 'growth'")
    ratio = growth.assign(gdp_growth_ratio=growth["value"] / 100)
    years = social[social["year"].isin(ratio["year"])]
    add(t("Growth of GDP"), pd.concat([ratio, years]), "gdp_growth_ratio", _ratio()["write"])
    out = pd.DataFrame(rows, columns=["fact", "year", *scope.regions, "source"], dtype=object)
    # One row alone disagrees with nothing.
    stem = out["fact"].str.partition(":")[0] if len(out) else out["fact"]
    return out[stem.duplicated(keep=False)].fillna("")


def coverage(scope: Scope) -> pd.DataFrame:
    """Return what is compared, from which sources and years: a row a table.

    Columns ``fact``, ``sources`` (those with a figure of the regions or of Peru, with their
    years), ``without`` (regions that lack one of the facts or all).
    """
    words = {
        "department_area": t("Area"), "department_population": t("People"),
        "department_divisions": t("Provinces and districts"),
        "department_development": t("Human development"),
        "department_social": t("Income, inequality, informality"),
        "department_poverty": t("Poverty of groups of departments"),
        "district_poverty": t("Poverty of districts"),
        "department_economy": t("Value added, GDP, growth"),
        "department_land": t("Land, producers, urban people"),
        "report_statistics": t("Sectors, zones, innovation"),
    }  # fmt: skip
    rows = []
    for table, called in words.items():
        every = load(table)
        ours = {*scope.regions, COUNTRY}
        every = every[[bool(ours & set(codes.split("+"))) for codes in every["ubigeo"]]]
        sources = []
        for source, part in every.groupby("source", sort=False):
            years = spans(sorted(set(part["year"].dropna()))) if "year" in part else ""
            sources.append(names_line([source]) + (f" ({years})" if years else ""))
        # A table of several facts lacks a region where one of them does.
        kinds = [column for column in ("measure", "activity", "topic") if column in every]
        parts = [part for _, part in every.groupby(kinds)] if kinds else [every]
        parts = [part for part in parts if set(part["ubigeo"]) - {COUNTRY}]
        missing = [
            regions.name(code)
            for code in scope.regions
            if not all(part["ubigeo"].str.contains(code).any() for part in parts)
        ]
        rows.append(
            {
                "fact": called,
                "sources": "; ".join(sources),
                "without": listing(missing) if missing else "",
            }
        )
    return pd.DataFrame(rows)


def listed(values: pd.Series, write: Callable[[float], str], most: int = 3) -> str:
    """Return regions with their figures, largest first; of many, the first and the last."""
    known = values.dropna().sort_values(ascending=False)
    words = [f"{regions.name(code)} {write(x)}" for code, x in known.items()]
    if len(words) > most:
        tied = write(known.iloc[-1]) == write(known.iloc[-2])
        if tied or write(known.iloc[0]) == write(known.iloc[1]):
            return t("from {low} to {high}", low=write(known.iloc[-1]), high=write(known.iloc[0]))
        return t("highest {first}, lowest {last}", first=words[0], last=words[-1])
    return listing(words)
