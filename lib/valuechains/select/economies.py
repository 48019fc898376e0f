"""Departments side by side, and one beside all others: land, people, incomes, poverty, sectors.

Tables are long: one figure a row, with its year, source and origin. What a figure is, is said by
a key (``hdi_0_1``, ``people_per_km2``); report.departments has the words for the keys. A comparison
takes :data:`INDICATORS` from one list of all departments near a year; a glance at a department
takes :data:`PROFILE` from its own last year. INEI's value added and the poverty rates count Callao
with Lima: both are then shown with the joint figure (``07+15``), which counts as one in ranks.
"""

from collections.abc import Iterable
from functools import cache, partial

import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import KEYS, accounts, figures, in_order, prefer, rows, shown

COUNTRY = places.COUNTRY
# A rank among fewer departments says little.
LEAST = 3
# No sampling error is published of the poor: bands of ten points tell them apart, not ranks.
POOR = "poverty_share"
# What gives the figures of the indicators of a department's profile: value added per head in
# thousand soles of 2007, the human development index of the method in use since 2017.
PROFILE = {
    "people": partial(figures, "people", "population_persons"),
    "value_added_per_head": accounts.per_head,
    POOR: partial(figures, "monetary_poverty", "poverty_pct / 100", poverty_column="actual"),
    "hdi_2017_0_1": partial(figures, "human_development", "hdi_0_1", method="2017-2024"),
    "coffee_production_t": partial(figures, "coffee_regional", "production_t"),
    "coffee_yield_kg_per_ha": partial(figures, "coffee_regional", "yield_kg_per_ha"),
    "coffee_price_pen_per_kg": partial(figures, "coffee_regional", "farm_price_pen_per_kg"),
    "alpaca_heads": partial(figures, "camelid_yearbooks", "heads", species="alpaca"),
    "llama_heads": partial(figures, "camelid_yearbooks", "heads", species="llama"),
    "alpaca_fibre_t": partial(figures, "camelid_yearbooks", "fibre_t", species="alpaca"),
}
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


def comparison(scope: Scope) -> pd.DataFrame:
    """Return what departments are compared by, each indicator in the year nearest to the last.

    And Peru (``"00"``) where its figure follows from theirs; shares and growth are ratios.

    >>> rows = comparison(Scope(("08",), 2000, 2013)).set_index(["indicator", "ubigeo"])
    >>> float(rows.loc[("hdi_0_1", "08"), "value"])
    0.4434
    """
    area = shown("department_area", "area_km2", ubigeo=places.codes()).assign(year=AREA_YEAR)
    people = prefer.whole_list("department_population", "population_persons", scope.end_year)
    people = people.merge(area[["ubigeo", "area_km2"]], on="ubigeo", validate="one_to_one")
    parts = [
        _indicator("area_km2", area, "area_km2", True),
        _indicator("population_persons", people, "population_persons", True),
        _indicator("people_per_km2", people, "population_persons / area_km2", True),
    ]
    for indicator, (name, measure) in INDICATORS.items():
        table = prefer.whole_list(name, measure.split()[0], scope.end_year)
        parts.append(_indicator(indicator, table, measure, name in COUNTS))
    # GDP per head of the areas that the source lists, without the province of Lima; Peru's is the
    # median of what their values and printed shares of it imply.
    gdp = rows("department_economy", measure="GDP per head").assign(indicator="gdp_per_head_pen")
    wide = gdp.pivot(index="ubigeo", columns="unit", values="value")
    peru = {"ubigeo": COUNTRY, "value": (100 * wide["PEN"] / wide["pct of Peru"]).median()}
    gdp = gdp[(gdp["unit"] == "PEN") & gdp["place"].isna()]
    every = pd.concat([*parts, gdp, gdp.head(1).assign(**peru, origin=None)], ignore_index=True)
    every = every[["indicator", *KEYS, "concept"]].astype({"value": float})
    of_departments = every["value"].where(every["ubigeo"] != COUNTRY).groupby(every["indicator"])
    return every.assign(rank=of_departments.rank(ascending=False, method="min"))


def _indicator(indicator: str, table: pd.DataFrame, measure: str, is_count: bool) -> pd.DataFrame:
    """Return a measure of departments, and Peru's where the departments' counts add up to it."""
    found = table.assign(indicator=indicator, value=table.eval(measure))
    if not is_count:
        return found
    # A department without one of the columns leaves Peru without a figure.
    total = table.sum(numeric_only=True, min_count=len(table)).to_frame().T
    peru = found.head(1).assign(ubigeo=COUNTRY, value=total.eval(measure).item(), origin=None)
    return pd.concat([found, peru])


def side_by_side(scope: Scope) -> pd.DataFrame:
    """Return the comparison for a table: a row an indicator, one column a code of the scope.

    ``difference``: first region less last; ``median`` where all 25 departments have a figure.
    """
    every = comparison(scope)
    wide = every.pivot(index="indicator", columns="ubigeo", values="value")
    departments = wide[list(places.codes())]
    table = departments[list(scope.regions)].assign(
        difference=wide[scope.regions[0]] - wide[scope.regions[-1]],
        peru=wide[COUNTRY],
        median=departments.median(axis=1).where(departments.notna().all(axis=1)),
    )
    indicators = every.groupby("indicator", sort=False)
    known = indicators[["concept", "year"]].first()
    known["sources"] = indicators["source"].unique().map(list)
    known.at["people_per_km2", "sources"] += known.at["area_km2", "sources"]
    return known.join(table).reset_index()


@cache
def over_time(*indicators: str) -> pd.DataFrame:
    """Return some of :data:`INDICATORS` or :data:`PROFILE` by year, of all departments and Peru.

    >>> alpacas = over_time("alpaca_heads").query("ubigeo == '21' and year == 2024")
    >>> int(alpacas["value"].item())
    2017990
    """
    parts = []
    for key in indicators:
        table = PROFILE[key]() if key in PROFILE else figures(*INDICATORS[key])
        parts.append(table[KEYS].assign(indicator=key))
    return pd.concat(parts, ignore_index=True).astype({"year": int})


def population(scope: Scope) -> pd.DataFrame:
    """Return all published counts of people of the scope's regions by ``kind``.

    The concepts of censuses, ``as quoted`` (by the report), or ``projected`` of any round.
    """
    table = rows("department_population", scope).rename(columns={"population_persons": "value"})
    is_printed = table["concept"].str.startswith(("census", "as"))
    order = prefer.order("department_population", table["source"])
    table = table.assign(
        kind=table["concept"].where(is_printed, "projected"),
        place=table["source"].map(order.index),
    ).sort_values(["ubigeo", "year", "place"], kind="stable")
    return table.drop_duplicates(["ubigeo", "year", "kind"])[["kind", *KEYS]]


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
    before = before[["year", "projected"]].set_axis(["before_year", "before"], axis=1)
    return counted.merge(before.assign(year=last), "left", on=["region", "year"])


def disagreements(scope: Scope) -> pd.DataFrame:
    """Return facts that sources, concepts or years give differently for a region of the scope.

    One column a code; figures equal as printed are one row with ``years``, ``sources``, ``origin``.
    """
    end, parts = scope.end_year, []
    for fact, name, measure in RIVALS:
        table = rows(name, measure="growth") if name == "department_economy" else rows(name)
        value = table.eval(measure).astype("float64").round(DIGITS.get(fact, 0))
        parts.append(table.assign(fact=fact, table=name, value=value).dropna(subset="value"))
    table = pd.concat(parts, ignore_index=True).fillna({"concept": "", "year": 0})
    # People: the years from the nearest census to the scope's last, and the two before that.
    is_people, counted = table["fact"] == "population_persons", table["concept"].str[:6] == "census"
    census = prefer.nearest(table.loc[counted, "year"], end)
    table = table[~is_people | table["year"].between(min(census, end - 2), max(census, end))]
    # Of a fact in two tables: their common year nearest to the scope's last.
    is_pair = table.groupby("fact")["table"].transform("nunique") == 2
    in_both = table.groupby(["fact", "year"])["table"].transform("nunique") == 2
    common = table[in_both].groupby("fact")["year"].agg(prefer.nearest, end)
    is_shown = ~is_pair | (table["year"] == table["fact"].map(common))
    table = table[is_shown & table["ubigeo"].isin(scope.regions)]
    keys = ["fact", "concept", "source", "year"]
    wide = table.pivot_table("value", keys, "ubigeo", "first", sort=False)
    codes = [code for code in scope.regions if code in wide]
    wide = wide.assign(origin=table.groupby(keys)["origin"].agg(" ".join)).reset_index()
    equal = wide.groupby(["fact", "concept", *codes], sort=False, dropna=False)
    lists = {"years": ("year", _each), "sources": ("source", _each), "origin": ("origin", " ".join)}
    table = equal.agg(**lists).reset_index()
    differs = table.groupby("fact")[codes].transform("nunique").gt(1).any(axis=1)
    return table[differs].reset_index(drop=True)


def _each(values: pd.Series) -> list:
    """Return the different values of a group, sorted; a year of 0 stands for none."""
    return sorted(value for value in values.unique() if value)


def poverty(scope: Scope) -> pd.DataFrame:
    """Return what is published of poverty, figures of groups, in the years nearest to the last.

    ``low`` and ``high`` (ratios; equal for the middle of a group); ``departments`` with the same.
    """
    kinds, table = ["measure", "figure_kind"], rows("department_poverty").fillna({"place": ""})
    for end in ("low", "high"):
        table[end] = table[f"poverty_{end}_pct"].fillna(table["poverty_midpoint_pct"]) / 100
    groups = table.groupby([*kinds, "year", "low", "high"])
    years = table.groupby(kinds)["year"].transform(prefer.nearest, scope.end_year)
    table = table.assign(departments=groups["ubigeo"].transform("nunique"))
    table = table[(table["year"] == years) & table["ubigeo"].isin(scope.regions)]
    columns = ["ubigeo", "place", *kinds, "year", "low", "high", "departments", "source", "origin"]
    return in_order(table[columns], scope).sort_values(kinds, kind="stable")


def by_district(scope: Scope) -> pd.DataFrame:
    """Return the people of the scope's regions and Peru by the poverty of their district.

    Shares by the middle of the districts' intervals (``value``) and by their ends, of classes
    named by their upper limit (``below_pct``), which hold their lower one.
    """
    table = rows("district_poverty").astype({"population_persons": float})
    table = pd.concat([table[table["ubigeo"].isin(scope.regions)], table.assign(ubigeo=COUNTRY)])
    limits, columns = [0, *CLASSES[:-1], 101], {}
    for name, end in (("value", "midpoint"), ("low", "low"), ("high", "high")):
        kind = pd.cut(table[f"poverty_{end}_pct"], limits, right=False, labels=CLASSES)
        people = table.groupby(["ubigeo", kind], observed=False)["population_persons"].sum()
        columns[name] = people / people.groupby("ubigeo").transform("sum")
    shares = pd.DataFrame(columns).rename_axis(["ubigeo", "below_pct"])
    shares = shares.reindex([*scope.regions, COUNTRY], level="ubigeo").reset_index()
    return shares.assign(year=table["year"].iloc[0])


def reported(topics: Iterable[str], codes: Iterable[str] = (COUNTRY,)) -> pd.DataFrame:
    """Return figures of the report's chapter 5 on topics, the largest first; shares as ratios."""
    table = rows("report_statistics").query("topic in @topics and ubigeo in @codes")
    value = table["value"].where(table["unit"] != "pct", table["value"] / 100)
    return table.assign(value=value).sort_values("value", ascending=False, ignore_index=True)


def report_shares(scope: Scope, topics: list[str]) -> pd.DataFrame:
    """Return the report's shares by region and topic, largest first, the unnamed ``rest`` last."""
    table = reported(topics, scope.regions)
    named = table.groupby(["ubigeo", "topic"])["value"].transform("sum")
    rest = table.assign(value=1 - named, item="rest", origin=None).query("value > 0.0005")
    table = pd.concat([table, rest.drop_duplicates(["ubigeo", "topic"])])
    table = table.sort_values("topic", key=lambda keys: keys.map(topics.index), kind="stable")
    return in_order(table, scope)


def glance(scope: Scope) -> pd.DataFrame:
    """Return :data:`PROFILE` of the scope's first region, in the last year up to the scope's end.

    ``rank`` among the ``n`` departments with more than zero in that ``year`` (1 is the largest;
    missing for fewer than :data:`LEAST` and for the poor), their ``median``, and a column for each
    further region of the scope, by code.

    >>> table = glance(Scope(("21",), 2000, 2025)).set_index("indicator")
    >>> int(table.loc["alpaca_heads", "rank"])
    1
    """
    known, table = over_time(*PROFILE).query("year <= @scope.end_year"), []
    for key, part in known.groupby("indicator", sort=False):
        codes = {code: accounts.counted_as(code, part["ubigeo"]) for code in scope.regions}
        first = codes.pop(scope.regions[0])
        own = part[part["ubigeo"] == first]
        # Without a figure of its own: the last year in which others have theirs.
        year = int(own["year"].max() if len(own) else part["year"].max())
        now = part[part["year"] == year].set_index("ubigeo")
        there = now["value"]
        departments = there[(there > 0) & (there.index != COUNTRY)]
        is_several = len(departments) >= LEAST
        ranks = departments.rank(ascending=False, method="min")
        row = {
            "indicator": key,
            "year": year,
            "value": there.get(first),
            "counted_as": first,
            "rank": ranks.get(first) if is_several and key != POOR else None,
            "n": len(departments),
            "median": departments.median() if is_several else None,
            "peru": there.get(COUNTRY),
            "source": now["source"].iloc[0],
            "origin": " ".join(now["origin"].dropna()),
        }
        table.append(row | {code: there.get(counted) for code, counted in codes.items()})
    return pd.DataFrame(table)


def through_time(scope: Scope, indicators: Iterable[str]) -> pd.DataFrame:
    """Return :func:`over_time` of all departments within the scope's years, for lines.

    Of the share of the poor, whose sampling error is not published, the ``bound`` is ``about``.
    Lima with Callao stands under the region of the scope that it is shown for.

    >>> table = through_time(Scope(("15",), 2010, 2020), ["value_added_per_head"])
    >>> "15" in set(table["ubigeo"]), "07+15" in set(table["ubigeo"])
    (True, False)
    """
    table = over_time(*indicators).query("ubigeo != @COUNTRY")
    table = table[table["year"].between(scope.start_year, scope.end_year)]
    joint = [code for code in scope.regions if code in accounts.LIMA_CALLAO.split("+")]
    table = table.replace({"ubigeo": {accounts.LIMA_CALLAO: joint[0]}}) if joint else table
    table = table.assign(bound=table["indicator"].eq(POOR).map({True: "about", False: "exact"}))
    return table.reset_index(drop=True)
