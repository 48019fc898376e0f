"""Departments side by side: territory, people, incomes, poverty, sectors, the report's figures.

Tables are long: one figure a row, with its year, source and origin. What a figure is, is said by
a key (``hdi_0_1``, ``people_per_km2``); report.economies has the words for the keys.
"""

from collections.abc import Iterable

import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import figures, in_order, prefer, rows, shown

COUNTRY = places.COUNTRY
KEYS = ["ubigeo", "year", "value", "source", "origin"]
LAND, UNDP, SURVEY = "department_land", "department_development", "department_social"
URBAN = "urban_population_persons / (urban_population_persons + rural_population_persons)"
# What departments are compared by: key -> table, and how it follows from the table's columns.
INDICATORS = {
    "provinces_n": ("department_divisions", "provinces_n"),
    "districts_n": ("department_divisions", "districts_n"),
    "urban_share_0_1": (LAND, URBAN),
    "hdi_0_1": (UNDP, "hdi_0_1"),
    "life_expectancy_years": (UNDP, "life_expectancy_years"),
    "secondary_share_0_1": (UNDP, "secondary_completion_pct / 100"),
    "schooling_years": (UNDP, "schooling_years"),
    "family_income_pen_per_month": (UNDP, "family_income_pen_per_month"),
    "mean_income_pen_per_month": (SURVEY, "mean_income_pen_per_month"),
    "gini_0_1": (SURVEY, "gini_0_1"),
    "informal_share_0_1": (SURVEY, "informal_share_0_1"),
    "unemployment_share_0_1": (SURVEY, "unemployment_share_0_1"),
    "illiteracy_share_0_1": (SURVEY, "illiteracy_share_0_1"),
    "survey_schooling_years": (SURVEY, "schooling_years"),
    "gdp_growth_ratio": (SURVEY, "gdp_growth_ratio"),
    "agricultural_area_ha": (LAND, "agricultural_area_ha"),
    "agricultural_share_0_1": (LAND, "agricultural_area_ha / territorial_area_ha"),
    "producers_n": (LAND, "producers_n"),
}
# Tables of counts: Peru's figure is worked out from the departments' sums.
COUNTS = ("department_divisions", LAND)
# Facts that sources give differently: fact, table, and how it follows from the table's columns.
RIVALS = [
    ("area_km2", "department_area", "area_km2"),
    ("population_persons", "department_population", "population_persons"),
    ("provinces_n", "department_divisions", "provinces_n"),
    ("districts_n", "department_divisions", "districts_n"),
    ("urban", LAND, URBAN),
    ("urban", SURVEY, "urban_share_0_1"),
    ("income_pen_per_month", UNDP, "family_income_pen_per_month"),
    ("income_pen_per_month", SURVEY, "mean_income_pen_per_month"),
    ("schooling", UNDP, "schooling_years"),
    ("schooling", SURVEY, "schooling_years"),
    ("hdi_0_1", UNDP, "hdi_0_1"),
    ("hdi_0_1", "human_development", "hdi_0_1"),
    ("gdp_growth_ratio", "department_economy", "value / 100"),
    ("gdp_growth_ratio", SURVEY, "gdp_growth_ratio"),
]
# Decimals with which they are compared (none where nothing is said).
DIGITS = {"urban": 3, "schooling": 1, "hdi_0_1": 3, "gdp_growth_ratio": 3}
# The list of areas (CEPLAN, after INEI) is of this year.
AREA_YEAR = 2022
# Upper limits of the poverty of a district (per cent).
CLASSES = (20, 40, 60, 100)
# Topics of the report's chapter 5 that are drawn, in parts that should make a whole.
DRAWN = ("GDP by sector", "labour by sector")


def _figures(
    indicator: str, table: pd.DataFrame, value: pd.Series, peru: float | None = None
) -> pd.DataFrame:
    """Return the figures of an indicator as long rows; Peru's, where worked out, as the last."""
    figures = table.assign(indicator=indicator, value=value.astype("float64"))
    if peru is not None:
        country = figures.iloc[[0]].assign(ubigeo=COUNTRY, value=float(peru), origin=None)
        figures = pd.concat([figures, country])
    return figures.reindex(columns=["indicator", *KEYS, "concept"])


def comparison(scope: Scope) -> pd.DataFrame:
    """Return what departments are compared by, each indicator in the year nearest to the last.

    And Peru (``"00"``) where its figure follows from theirs; shares and growth are ratios.

    >>> rows = comparison(Scope(("08",), 2000, 2013)).set_index(["indicator", "ubigeo"])
    >>> float(rows.loc[("hdi_0_1", "08"), "value"])
    0.4434
    """
    area = shown("department_area", "area_km2", ubigeo=places.codes()).assign(year=AREA_YEAR)
    people = prefer.whole_list("department_population", "population_persons", scope.end_year)
    count, km2 = people["population_persons"], area.set_index("ubigeo")["area_km2"]
    per_km2 = count / people["ubigeo"].map(km2)
    parts = [
        _figures("area_km2", area, area["area_km2"], km2.sum()),
        _figures("population_persons", people, count, count.sum()),
        _figures("people_per_km2", people, per_km2, count.sum() / km2.sum()),
    ]
    for indicator, (name, expression) in INDICATORS.items():
        table = prefer.whole_list(name, expression.split()[0], scope.end_year)
        # A department without one of the columns leaves Peru without a figure.
        total = table.sum(numeric_only=True, min_count=len(table)).to_frame().T
        peru = total.eval(expression).item() if name in COUNTS else None
        parts.append(_figures(indicator, table, table.eval(expression), peru))
    # GDP per head of the areas that the source lists, without the province of Lima; Peru's is the
    # median of what their values and printed shares of it imply.
    gdp = rows("department_economy", measure="GDP per head")
    wide = gdp.pivot(index="ubigeo", columns="unit", values="value")
    peru = (100 * wide["PEN"] / wide["pct of Peru"]).median()
    gdp = gdp[(gdp["unit"] == "PEN") & gdp["place"].isna()]
    parts.append(_figures("gdp_per_head_pen", gdp, gdp["value"], peru))
    every = pd.concat(parts, ignore_index=True)
    departments = every[every["ubigeo"] != COUNTRY]
    every["rank"] = departments.groupby("indicator")["value"].rank(ascending=False, method="min")
    return every


def profile(scope: Scope) -> pd.DataFrame:
    """Return the comparison for a table: a row an indicator, one column a code of the scope.

    ``difference``: first region less last; ``median`` where all 25 departments have a figure.
    """
    every = comparison(scope)
    wide = every.pivot(index="indicator", columns="ubigeo", values="value")
    departments = wide[list(places.codes())]
    table = departments[list(scope.regions)].copy()
    table["difference"] = table.iloc[:, 0] - table.iloc[:, -1]
    table["peru"] = wide[COUNTRY]
    table["median"] = departments.median(axis=1).where(departments.notna().all(axis=1))
    indicators = every.groupby("indicator")
    table[["concept", "year"]] = indicators[["concept", "year"]].first()
    table["sources"] = indicators["source"].unique().map(list)
    table.at["people_per_km2", "sources"] += table.at["area_km2", "sources"]
    return table.reindex(every["indicator"].unique()).reset_index()


def over_time(indicators: Iterable[str]) -> pd.DataFrame:
    """Return some of :data:`INDICATORS` by year, of all departments."""
    parts = [figures(*INDICATORS[key]).assign(indicator=key) for key in indicators]
    return pd.concat(parts, ignore_index=True)


def population(scope: Scope) -> pd.DataFrame:
    """Return all published counts of people of the scope's regions by ``kind``.

    The concepts of censuses, ``as quoted`` (by the report), or ``projected`` of any round.
    """
    table = rows("department_population", scope).rename(columns={"population_persons": "value"})
    printed = table["concept"].str.startswith(("census", "as"))
    table["kind"] = table["concept"].where(printed, "projected")
    order = prefer.order("department_population", table["source"])
    table = table.sort_values("source", key=lambda keys: keys.map(order.index), kind="stable")
    table = table.drop_duplicates(["ubigeo", "year", "kind"]).sort_values(["ubigeo", "year"])
    return table[["kind", *KEYS]]


def censuses(scope: Scope) -> pd.DataFrame:
    """Return what censuses ``counted`` in the scope's regions: a row a region and census.

    Of the last also ``whole`` (with those missed) and the last figure projected ``before`` it.
    """
    names = {"census, counted": "counted", "census, counted plus omitted": "whole"}
    wide = population(scope).pivot(index=["ubigeo", "year"], columns="kind", values="value")
    wide = wide.rename(columns=names).rename_axis(["region", "year"]).reset_index()
    counted = wide.dropna(subset="counted")[["region", "year", "counted", "whole"]]
    last = counted.dropna(subset="whole")["year"].max()
    before = wide[wide["year"] < last].dropna(subset="projected").groupby("region").last()
    before = before.reset_index()[["region", "year", "projected"]]
    before = before.set_axis(["region", "before_year", "before"], axis=1)
    return counted.merge(before.assign(year=last), "left")


def disagreements(scope: Scope) -> pd.DataFrame:
    """Return facts that sources, concepts or years give differently for a region of the scope.

    One column a code; figures equal as printed are one row with ``years`` and ``sources``.
    """
    end, parts = scope.end_year, []
    for fact, name, expression in RIVALS:
        table = rows(name)
        table = table[table["measure"] == "growth"] if name == "department_economy" else table
        value = table.eval(expression).astype("float64").round(DIGITS.get(fact, 0))
        parts.append(table.assign(fact=fact, table=name, value=value).dropna(subset=["value"]))
    table = pd.concat(parts, ignore_index=True).fillna({"concept": "", "year": 0})
    # People: the years from the nearest census to the scope's last, and the two before that.
    is_people, counted = table["fact"] == "population_persons", table["concept"].str[:6] == "census"
    census = prefer.nearest(table.loc[counted, "year"], end)
    table = table[~is_people | table["year"].between(min(census, end - 2), max(census, end))]
    # Of a fact in two tables: their common year nearest to the scope's last.
    is_pair = table.groupby("fact")["table"].transform("nunique") == 2
    in_both = table.groupby(["fact", "year"])["table"].transform("nunique") == 2
    common = table[in_both].groupby("fact")["year"].agg(prefer.nearest, end)
    table = table[~is_pair | (table["year"] == table["fact"].map(common))]
    table = table[table["ubigeo"].isin(scope.regions)]
    keys = ["fact", "concept", "source", "year"]
    wide = table.pivot_table("value", keys, "ubigeo", "first", sort=False).reset_index()
    codes = [code for code in scope.regions if code in wide]
    equal = wide.groupby(["fact", "concept", *codes], sort=False, dropna=False)
    table = equal.agg(years=("year", _each), sources=("source", _each)).reset_index()
    differs = table.groupby("fact")[codes].transform("nunique").gt(1).any(axis=1)
    return table[differs].reset_index(drop=True)


def _each(values: pd.Series) -> list:
    """Return the different values of a group, sorted; a year of 0 stands for none."""
    return sorted(value for value in values.unique() if value)


def poverty(scope: Scope) -> pd.DataFrame:
    """Return what is published of poverty, figures of groups, in the years nearest to the last.

    ``low`` and ``high`` (ratios; equal for the middle of a group); ``departments`` with the same.
    """
    table = rows("department_poverty").fillna({"place": ""})
    for end in ("low", "high"):
        table[end] = table[f"poverty_{end}_pct"].fillna(table["poverty_midpoint_pct"]) / 100
    kinds = ["measure", "figure_kind"]
    groups = table.groupby([*kinds, "year", "low", "high"])
    table["departments"] = groups["ubigeo"].transform("nunique")
    years = table.groupby(kinds)["year"].transform(prefer.nearest, scope.end_year)
    table = table[(table["year"] == years) & table["ubigeo"].isin(scope.regions)]
    columns = ["ubigeo", "place", *kinds, "year", "low", "high", "departments", "source", "origin"]
    return in_order(table[columns], scope).sort_values(kinds, kind="stable")


def by_district(scope: Scope) -> pd.DataFrame:
    """Return the people of the scope's regions and Peru by the poverty of their district.

    Shares by the middle of the districts' intervals (``value``) and by their ends, of classes
    named by their upper limit (``below_pct``), which hold their lower one.
    """
    table = rows("district_poverty")
    table = pd.concat([table[table["ubigeo"].isin(scope.regions)], table.assign(ubigeo=COUNTRY)])
    limits, columns = [0, *CLASSES[:-1], 101], {}
    for name, end in (("value", "midpoint"), ("low", "low"), ("high", "high")):
        kind = pd.cut(table[f"poverty_{end}_pct"], limits, right=False, labels=CLASSES)
        people = table["population_persons"].astype("float64")
        people = people.groupby([table["ubigeo"], kind], observed=False).sum()
        columns[name] = people / people.groupby("ubigeo").transform("sum")
    shares = pd.DataFrame(columns).rename_axis(["ubigeo", "below_pct"])
    shares = shares.reindex([*scope.regions, COUNTRY], level="ubigeo").reset_index()
    return shares.assign(year=table["year"].iloc[0], source=table["source"].iloc[0])


def reported(topics: Iterable[str], codes: Iterable[str] = (COUNTRY,)) -> pd.DataFrame:
    """Return figures of the report's chapter 5 on topics, the largest first; shares as ratios."""
    table = rows("report_statistics").query("topic in @topics and ubigeo in @codes")
    value = table["value"].where(table["unit"] != "pct", table["value"] / 100)
    return table.assign(value=value).sort_values("value", ascending=False, ignore_index=True)


def report_shares(scope: Scope, topics: list[str]) -> pd.DataFrame:
    """Return the report's shares by region and topic, largest first, the unnamed ``rest`` last."""
    table = reported(topics, scope.regions)
    named = table.groupby(["ubigeo", "topic"])["value"].transform("sum")
    rest = table.assign(value=1 - named, item="rest", origin=None)
    rest = rest[rest["value"] > 0.0005].drop_duplicates(["ubigeo", "topic"])
    table = pd.concat([table, rest])
    table = table.sort_values("topic", key=lambda keys: keys.map(topics.index), kind="stable")
    return in_order(table, scope)
