"""From the processed tables to the series that the notebooks draw, with the source of each.

The rules that choose between sources live here, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.language import spans, t
from ..core.scope import FIRST_YEAR, LAST_YEAR, Scope
from ..indicators import shares
from ..tables import load
from .prefer import latest_first, preferred

REPORT = "report_eu_peru_2016"
# For one fact the first source that has it is taken: the report under study, then the yearbooks
# (printed tables; of two vintages the later), then the series rebuilt from monthly bulletins.
BULLETINS = "crofils_minagri_boletin"
COFFEE_PREFERENCE = (REPORT, "midagri_anuario", BULLETINS)


def _prefer(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows sorted by the documented preference of their source."""
    order = latest_first(rows["source"])
    rank = {
        key: next(i for i, one in enumerate(COFFEE_PREFERENCE) if key.startswith(one))
        for key in order
    }
    order.sort(key=rank.get)
    return rows.sort_values("source", key=lambda keys: keys.map(order.index), kind="stable")


def coffee(measure: str, scope: Scope, codes: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Return one measure of coffee in long form: ``ubigeo``, ``year``, ``value``, ``source``.

    Parameters
    ----------
    measure : str
        ``farm_price_pen_per_kg``, ``yield_kg_per_ha``, ``production_t`` or ``area_ha``.
    codes : tuple of str, optional
        Departments; those of the scope by default.

    Returns
    -------
    DataFrame
        At most one row a department and year, by :data:`COFFEE_PREFERENCE`. Years without a
        figure have no row: nothing is interpolated.
    """
    rows = load("coffee_regional")
    wanted = rows["ubigeo"].isin(codes or scope.regions) & rows["year"].between(
        scope.start_year, scope.end_year
    )
    rows = rows[wanted & rows[measure].notna()].rename(columns={measure: "value"})
    # Zero production is a figure; a zero price would be none, and the sources leave it blank.
    one_each = _prefer(rows).drop_duplicates(["ubigeo", "year"])
    return one_each[["ubigeo", "year", "value", "source", "sum_check"]].sort_values(
        ["ubigeo", "year"], ignore_index=True
    )


def require_coffee(scope: Scope, measure: str) -> None:
    """Refuse a scope in which a region has no figure of a measure of coffee (above zero).

    Raises
    ------
    ParameterError
        One line: the regions, the years, and what there is.
    """
    rows = load("coffee_regional")
    rows = rows[(rows["ubigeo"] != places.COUNTRY)]
    rows = rows[rows[measure].fillna(0) > 0]
    in_years = rows[rows["year"].between(scope.start_year, scope.end_year)]
    if in_years.empty:
        raise ParameterError(
            f"no coffee figures for {scope.years}; departments have "
            f"{rows['year'].min()} to {rows['year'].max()}"
        )
    if missing := [code for code in scope.regions if code not in set(in_years["ubigeo"])]:
        raise ParameterError(
            f"no coffee series for {places.listing(missing)} in {scope.years}; "
            f"there is {places.listing(set(in_years['ubigeo']))}"
        )


def report_against_bulletins() -> pd.DataFrame:
    """Return the report's farm prices beside the bulletin series where both have one.

    Columns ``ubigeo``, ``year``, ``report``, ``bulletins`` (PEN/kg) and ``difference``
    (bulletins over report, less one).
    """
    rows = load("coffee_regional")
    table = rows.pivot(
        index=["ubigeo", "year"], columns="source", values="farm_price_pen_per_kg"
    ).rename(columns={REPORT: "report", BULLETINS: "bulletins"})[["report", "bulletins"]]
    both = table.dropna().reset_index()
    return both.assign(difference=both["bulletins"] / both["report"] - 1)


def wide(long: pd.DataFrame, scope: Scope, values: str = "value") -> pd.DataFrame:
    """Return a long table as years × regions (all years of the scope, regions in its order).

    ``values="source"`` gives the source of each figure instead.
    """
    table = long.pivot(index="year", columns="ubigeo", values=values)
    years = pd.RangeIndex(scope.start_year, scope.end_year + 1, name="year")
    table = table.reindex(index=years, columns=list(scope.regions))
    return table.astype("float64") if values == "value" else table


def coffee_median(measure: str, scope: Scope, at_least: int = 5) -> pd.Series:
    """Return the median over all departments by year; missing below `at_least` departments."""
    grouped = coffee(measure, scope, places.codes()).groupby("year")["value"]
    years = pd.RangeIndex(scope.start_year, scope.end_year + 1, name="year")
    return grouped.median().where(grouped.count() >= at_least).reindex(years)


def coffee_coverage(scope: Scope, measures: Mapping[str, str]) -> pd.DataFrame:
    """Return which years of which measure come from which source, a row a region and source.

    ``measures`` maps columns to what they are called; columns: ``region``, ``measure``,
    ``years``, ``source`` (short name).
    """
    rows = []
    for measure, called in measures.items():
        found = coffee(measure, scope)
        publication = found["source"].str.replace(r"_\d{4}(_v\d+)?$", "", regex=True)
        for (code, _), group in found.groupby(["ubigeo", publication], sort=False):
            rows.append(
                {
                    "region": places.name(code),
                    "measure": called,
                    "years": spans(list(group["year"])),
                    "source": names_line(group["source"]),
                }
            )
    return pd.DataFrame(rows, columns=["region", "measure", "years", "source"])


def coffee_panel(measures: Mapping[str, str]) -> pd.DataFrame:
    """Return every figure of the department panel: ``measure``, ``ubigeo``, ``year``, ``source``.

    Departments that grew coffee in some year, all years; ``measures`` as above.
    """
    everything = Scope(places.codes(), FIRST_YEAR, LAST_YEAR)
    grown = coffee("production_t", everything)
    growers = grown.loc[grown["value"] > 0, "ubigeo"].unique()
    parts = [
        coffee(measure, everything, tuple(growers)).assign(measure=called)
        for measure, called in measures.items()
    ]
    return pd.concat(parts, ignore_index=True)[["measure", "ubigeo", "year", "source"]]


def by_year(table: str, column: str, scope: Scope) -> pd.Series:
    """Return a yearly series inside the scope's years, of each year the latest vintage."""
    rows = preferred(table, load(table), column).set_index("year")
    return rows[column].astype("float64").loc[scope.start_year : scope.end_year]


def year_sources(table: str, column: str, scope: Scope) -> list[str]:
    """Return the sources of a yearly series (:func:`by_year`)."""
    rows = preferred(table, load(table), column).set_index("year")
    return list(rows["source"].loc[scope.start_year : scope.end_year].unique())


def _releases(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a column of FAOSTAT's national coffee by year and release, the latest first."""
    rows = table[table["source"].str.startswith("faostat")]
    wide = rows.pivot(index="year", columns="source", values=column)
    return wide[latest_first(wide)]


def national_production() -> pd.DataFrame:
    """Return national production (t) by year: ``faostat`` and ``ministry`` side by side.

    FAOSTAT: the latest release that has the year; what the next one printed for the same year
    stays in ``faostat_older``.
    """
    table = load("coffee_national")
    releases = _releases(table, "production_t")
    first = releases.bfill(axis=1).iloc[:, 0]
    older = releases.where(releases.notna().cumsum(axis=1) > 1).bfill(axis=1).iloc[:, 0]
    ministry = table[table["source"] == "midagri_national_series"].set_index("year")
    return pd.DataFrame(
        {"faostat": first, "faostat_older": older, "ministry": ministry["production_t"]}
    )


def national_area_and_yield() -> tuple[pd.Series, pd.Series]:
    """Return FAOSTAT's harvested area (ha) and yield (kg/ha) of the country by year.

    The latest release that has the year; the yield of the years without a printed one is
    production by area.
    """
    table = load("coffee_national")
    area, printed, production = (
        _releases(table, column).bfill(axis=1).iloc[:, 0].dropna()
        for column in ("area_ha", "yield_kg_per_ha", "production_t")
    )
    return area, printed.combine_first(1000 * production / area)


def coffee_ranking(year: int) -> pd.DataFrame:
    """Return departments by production of a year: ``ubigeo``, ``value`` (t), ``share``, ``rank``.

    ``share`` is of the departments' sum; :func:`coffee_years` says where that sum falls short
    of the country.
    """
    scope = Scope(places.codes(), year, year)
    table = coffee("production_t", scope, places.codes())
    table = table[table["value"] > 0].sort_values("value", ascending=False, ignore_index=True)
    table["share"] = shares(table["value"])
    table["rank"] = table["value"].rank(ascending=False, method="min").astype(int)
    return table


def coffee_years(scope: Scope) -> pd.Series:
    """Return, by year with department production, how far departments add up to the country."""
    rows = load("coffee_regional")
    rows = rows[rows["production_t"].notna() & (rows["ubigeo"] != places.COUNTRY)]
    rows = rows[rows["year"].between(scope.start_year, scope.end_year)]
    return rows.groupby("year")["sum_check"].first().fillna("adds up")


def last_full_year(scope: Scope) -> int:
    """Return the scope's last year in which the departments add up to the country, or nearly.

    Raises
    ------
    ParameterError
    """
    years = coffee_years(scope)
    full = years.index[years != "months missing"]
    if not len(full):
        all_years = coffee_years(Scope(scope.regions, 1961, 2030))
        there = spans(list(all_years.index[all_years != "months missing"]))
        raise ParameterError(
            f"no year of {scope.years} has coffee of all departments; there are {there}"
        )
    return int(full[-1])


def coffee_standing(scope: Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rank and share (0–1) in production, years × regions of the scope.

    Years in which the departments do not add up to the country are left out.
    """
    years = coffee_years(scope)
    found = {
        year: coffee_ranking(int(year)).set_index("ubigeo")
        for year in years.index[years != "months missing"]
    }
    codes = list(scope.regions)
    span = pd.RangeIndex(scope.start_year, scope.end_year + 1, name="year")
    return tuple(
        pd.DataFrame({year: table[column].reindex(codes) for year, table in found.items()})
        .T.reindex(span)
        .astype("float64")
        for column in ("rank", "share")
    )


def coffee_map(year: int) -> pd.DataFrame:
    """Return production (t) of a year for maps: ``ubigeo``, ``value``, zero where none is grown.

    The yearbooks print the zeros. The bulletins list only departments with coffee, so in their
    years a department that they never name grows none, as the yearbooks confirm; one that they
    name in other years has no figure.
    """
    rows = load("coffee_regional")
    rows = rows[rows["production_t"].notna()]
    ever = set(rows.loc[rows["production_t"] > 0, "ubigeo"])
    table = coffee("production_t", Scope(places.codes(), year, year))[["ubigeo", "value"]]
    none = [code for code in places.codes() if code not in ever | set(table["ubigeo"])]
    return pd.concat([table, pd.DataFrame({"ubigeo": none, "value": 0.0})], ignore_index=True)


def coffee_sources(measure: str, scope: Scope) -> list[str]:
    """Return the sources of a measure over all departments in the scope's years."""
    return list(coffee(measure, scope, places.codes())["source"].unique())


def implied_area(scope: Scope) -> pd.DataFrame:
    """Return harvested area (ha) that the bulletins' production and the report's yield imply.

    Columns ``ubigeo``, ``year``, ``area_ha``, ``off`` (ratio to the region's median, less one):
    a check of the report's yields, which no other source has.
    """
    rows = load("coffee_regional")
    keys = ["ubigeo", "year"]
    crop = rows[rows["source"] == REPORT].set_index(keys)["yield_kg_per_ha"]
    grown = rows[rows["source"] == BULLETINS].set_index(keys)["production_t"]
    area = (1000 * grown / crop).dropna().rename("area_ha").reset_index()
    area["off"] = area["area_ha"] / area.groupby("ubigeo")["area_ha"].transform("median") - 1
    inside = area["year"].between(scope.start_year, scope.end_year)
    return area[inside & area["ubigeo"].isin(scope.regions)]


def side_by_side(columns: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return named series as the columns of one table over all their years, gaps kept."""
    together = pd.concat(columns, axis=1).sort_index()
    years = pd.RangeIndex(int(together.index.min()), int(together.index.max()) + 1)
    return together.reindex(years).astype("float64")


def names_line(keys: Iterable[str]) -> str:
    """Return the short names of sources on one line, the years of a yearbook together."""
    years: dict[str, list[str]] = {}
    for name in short_names(keys):
        stem, _, last = name.rpartition(" ")
        years.setdefault(*(stem, []) if last.isdigit() else (name, [])).append(last)
    return "; ".join(
        f"{stem} {', '.join(sorted(found))}" if found[0].isdigit() else stem
        for stem, found in years.items()
    )


def short_names(keys: Iterable[str], unique: bool = True) -> list[str]:
    """Return the short names of sources in the report's language, each once (or one a key)."""
    known = load("source_names").set_index("source")["short"]
    names = [t(known[key]) for key in keys]
    return list(dict.fromkeys(names)) if unique else names
