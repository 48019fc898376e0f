"""Coffee: years with figures, ranks and shares, the fall after a harvest, who sells and buys it.

Tables have a row a figure: ``ubigeo``, ``year``, ``value``, ``source``, ``origin``.
"""

from collections.abc import Iterable

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.language import spans
from ..core.scope import FIRST_YEAR, LAST_YEAR, Scope
from ..indicators import gini, hhi, hhi_bounds, shares
from . import figures, prefer, rows, shown

TABLE = "coffee_regional"
REPORT, BULLETINS = "report_eu_peru_2016", "crofils_minagri_boletin"
INCOMPLETE = "months missing"
KG_PER_LB = 0.45359237
# Parchment above this share of the price of green coffee: one of the two prices is doubtful.
DOUBTFUL = 0.8
EVERYTHING = Scope(places.codes(), FIRST_YEAR, LAST_YEAR)


def require(scope: Scope, column: str = "farm_price_pen_per_kg") -> None:
    """Refuse, with a ParameterError, a scope in which a region has no figure above zero."""
    table = figures(TABLE, column, EVERYTHING).query("value > 0")
    years = table["year"]
    known = set(table.loc[years.between(scope.start_year, scope.end_year), "ubigeo"])
    there = f"is {places.listing(known)}" if known else f"are {years.min()} to {years.max()}"
    if missing := [code for code in scope.regions if code not in known]:
        raise ParameterError(
            f"no coffee series for {places.listing(missing)} in {scope.years}; there {there}"
        )


def require_production(scope: Scope) -> None:
    """Refuse a scope with a region without production, or without a year of all departments."""
    require(scope, "production_t")
    if not full_years(scope):
        there = spans(full_years(EVERYTHING))
        raise ParameterError(
            f"no year of {scope.years} has coffee of all departments; there are {there}"
        )


def world_price() -> pd.Series:
    """Return the world price of Arabica by year, soles per kg of green coffee."""
    dollars = figures("coffee_world_price", "arabica_nominal_usd_per_kg").set_index("year")
    rate = figures("peru_prices", "exchange_rate_pen_per_usd").set_index("year")
    return dollars["value"] * rate["value"]


def farm_price(scope: Scope | None = None) -> pd.DataFrame:
    """Return farm prices, soles per kg of parchment; ``over_world`` (a ratio), ``is_doubtful``.

    >>> farm_price(Scope(("21",), 2013, 2013))[["value", "over_world"]].round(2).values.tolist()
    [[7.49, 0.9]]
    """
    table = figures(TABLE, "farm_price_pen_per_kg", scope)
    over_world = table["value"] / table["year"].map(world_price()).astype("float64")
    return table.assign(over_world=over_world, is_doubtful=over_world > DOUBTFUL)


def median(prices: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return the median over departments by year; missing for fewer than five departments."""
    by_year = prices.groupby("year")["value"]
    years = pd.RangeIndex(scope.start_year, scope.end_year + 1, name="year")
    return by_year.median().where(by_year.count() >= 5).reindex(years)


def coverage(scope: Scope, columns: Iterable[str]) -> pd.DataFrame:
    """Return which years of a measure come from which publication, a row a region and publication.

    ``years`` and ``sources`` are lists; the yearbooks are one row.
    """
    table = pd.concat(figures(TABLE, column, scope).assign(measure=column) for column in columns)
    table["publication"] = table["source"].str.replace(r"_\d{4}(_v\d+)?$", "", regex=True)
    groups = table.groupby(["measure", "ubigeo", "publication"], sort=False)
    lists = {"years": groups["year"].agg(list), "sources": groups["source"].unique().map(list)}
    return pd.DataFrame(lists | {"origin": groups["origin"].agg(" ".join)}).reset_index()


def national(column: str) -> pd.DataFrame:
    """Return the country's production (t), area (ha) or yield (kg/ha) by year and publisher.

    FAOSTAT's are of the latest release that has the year; the other publisher is MIDAGRI.
    """
    sources = rows("coffee_national")["source"].unique()
    faostat = [source for source in sources if source.startswith("faostat")]
    publishers = {"FAOSTAT": faostat, "MIDAGRI": {*sources} - {*faostat}}
    return pd.concat(
        figures("coffee_national", column, source=keys).assign(publisher=name)
        for name, keys in publishers.items()
    )


def full_years(scope: Scope) -> list[int]:
    """Return the years in which the departments' production adds up to the country, or nearly."""
    table = shown(TABLE, "production_t", scope, ubigeo=[*places.codes(), places.COUNTRY])
    return sorted({*table["year"]} - {*table.loc[table["sum_check"] == INCOMPLETE, "year"]})


def ranking(*years: int) -> pd.DataFrame:
    """Return the departments that grow coffee by production of each year, the largest first.

    ``share`` is of the departments' sum, which falls short of the country but in
    :func:`full_years`.

    >>> ranking(2013)["ubigeo"].tolist()[:3]
    ['12', '06', '22']
    """
    table = figures(TABLE, "production_t", EVERYTHING, year=years).query("value > 0")
    by_year = table.groupby("year")["value"]
    table["share"] = table["value"] / by_year.transform("sum")
    table["rank"] = by_year.rank(ascending=False, method="min").astype(int)
    return table.sort_values(["year", "rank"], ignore_index=True)


def fall(first: int, until: int) -> pd.DataFrame:
    """Return how far production fell below that of a year, a row a department and Peru (``00``).

    Tonnes of parchment: ``before`` (in `first`), ``low`` and ``low_year`` (the least of the years
    after it, to `until`), ``loss`` (the largest first), ``latest`` and ``latest_year``; ``change``
    from before to low, a ratio less one. Peru is FAOSTAT's.

    >>> fall(2011, 2016).set_index("ubigeo").loc["00", ["before", "low", "low_year"]].tolist()
    [331547.0, 222047.0, 2014.0]
    """
    peru = national("production_t").query("publisher == 'FAOSTAT'").assign(ubigeo=places.COUNTRY)
    table = pd.concat([figures(TABLE, "production_t", EVERYTHING), peru]).query("year >= @first")
    wide = table.pivot(index="year", columns="ubigeo", values="value")
    wide = wide.loc[:, wide.loc[first] > 0]
    after = wide.loc[first + 1 : until]
    found = {"before": wide.loc[first], "low": after.min(), "low_year": after.idxmin()}
    last = table.sort_values("year").groupby("ubigeo")[["year", "value"]].last()
    found = pd.DataFrame(found).join(last.set_axis(["latest_year", "latest"], axis=1))
    found = found.eval("loss = before - low\nchange = low / before - 1")
    return found.sort_values("loss", ascending=False).reset_index()


def grown(year: int) -> pd.DataFrame:
    """Return production (t) of a year for maps, zero where none is grown.

    The yearbooks from 2019 on print the zeros. The bulletins and the yearbook of 2016 list only
    departments with coffee, so in their years a department that is never named grows none, as the
    later yearbooks confirm; one that is named in other years has no figure.
    """
    ever = set(rows(TABLE).query("production_t > 0")["ubigeo"])
    table = figures(TABLE, "production_t", EVERYTHING, year=year).drop(columns="year")
    none = [code for code in places.codes() if code not in ever | set(table["ubigeo"])]
    zeros = pd.DataFrame({"ubigeo": none, "value": 0.0, "source": table["source"].min()})
    return pd.concat([table, zeros], ignore_index=True)


def implied_area(scope: Scope) -> pd.DataFrame:
    """Return harvested area (ha) that the bulletins' production and the report's yield imply.

    A check of the report's yields, which no other source has: ``off`` is the ratio to the region's
    median of all years, less one.
    """
    bulletins = rows(TABLE, scope, source=BULLETINS).set_index(["ubigeo", "year"])
    report = rows(TABLE, scope, source=REPORT).set_index(["ubigeo", "year"])
    area = 1000 * bulletins["production_t"] / report["yield_kg_per_ha"]
    area = area.dropna().rename("area_ha").reset_index()
    area["off"] = area["area_ha"] / area.groupby("ubigeo")["area_ha"].transform("median") - 1
    return area[area["year"].between(scope.start_year, scope.end_year)]


def baci() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return Peru's exports of green coffee by CEPII's BACI, and who buys them, by year.

    The first has Peru's ``share`` of the exports of all countries and its ``rank``. The second has
    of each buyer (``partner_iso3``) the ``share`` of Peru's exports, and only flows that are among
    the world's largest: a scope of its own, beside FAOSTAT's and the report's.

    >>> peru, buyers = baci()
    >>> buyers.query("year == 2013").set_index("partner_iso3")["share"].round(3).to_dict()
    {'DEU': 0.323, 'USA': 0.229}
    """
    table = shown("baci_coffee", "export_value_usd")
    by_year = table.groupby("year")["export_value_usd"]
    rank = by_year.rank(ascending=False, method="min")
    table = table.assign(share=table["export_value_usd"] / by_year.transform("sum"), rank=rank)
    peru = table[table["partner_iso3"] == "PER"].set_index("year")
    flows = shown("baci_coffee_flows", "value_usd", exporter_iso3="PER")
    flows["share"] = flows["value_usd"] / flows["year"].map(peru["export_value_usd"])
    flows = flows.rename(columns={"importer_iso3": "partner_iso3"})
    flows = flows.sort_values(["year", "share"], ascending=[True, False])
    return peru, flows[["year", "partner_iso3", "value_usd", "share", "source", "origin"]]


def partners(role: str, product_scope: str, year: int) -> pd.DataFrame:
    """Return partners of coffee trade with their share, the largest first.

    A printed share stays as printed; where values are published (``value_usd``) it is the value
    over their sum over all partners and products. Roles are ``exporter``, ``importer``,
    ``destination`` (of Peru's exports), product scopes ``green coffee`` and ``coffee, all forms``,
    never mixed. Groups of countries have no ``partner_iso3``.

    >>> partners("importer", "coffee, all forms", 2013)["share"].tolist()[:2]
    [0.6, 0.18]
    """
    listed = prefer.fullest(
        "coffee_trade", rows("coffee_trade", role=role, scope=product_scope, year=year)
    )
    keys = ["partner_name", "partner_iso3", "year", "source"]
    if listed["share_printed_pct"].notna().all():
        table = listed.assign(share=listed["share_printed_pct"] / 100)[[*keys, "share", "origin"]]
    else:
        products = listed.groupby(keys, dropna=False, as_index=False)
        table = products.agg(value_usd=("value_usd", "sum"), origin=("origin", " ".join))
        table["share"] = shares(table["value_usd"])
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def largest(role: str, product_scope: str, year: int, n: int = 6, always: str = "") -> pd.DataFrame:
    """Return the `n` largest partners, one that is always shown, and the rest, for bars.

    Groups of countries ("Europe") overlap with their members and are left out. The rest has
    ``partner_iso3`` ``""`` and no rank.

    >>> largest("exporter", "green coffee", 2013, n=2, always="PER")["partner_iso3"].tolist()
    ['BRA', 'VNM', 'PER', '']
    """
    countries = partners(role, product_scope, year).dropna(subset="partner_iso3")
    countries["rank"] = countries["share"].rank(ascending=False, method="min")
    countries["tone"] = countries["partner_iso3"].eq(always).map({True: "highlight", False: ""})
    # The partners stand the largest first: the first n are the largest.
    top = countries[(countries["tone"] != "") | (countries["rank"].index < n)]
    rest = {"partner_iso3": "", "year": year, "share": 1 - top["share"].sum(), "tone": "rest"}
    rest["source"] = top["source"].iloc[0]
    table = pd.concat([top, pd.DataFrame([rest])], ignore_index=True).assign(scope=product_scope)
    return table[["partner_iso3", "year", "share", "rank", "source", "origin", "tone", "scope"]]


def concentration() -> pd.DataFrame:
    """Return how concentrated every known list of partners is.

    ``n`` shares known; ``low`` and ``high`` of the HHI, the same where every share is known.

    >>> rows = concentration().set_index(["role", "scope", "year"])
    >>> rows.loc[("exporter", "coffee, all forms", 2013), ["low", "high"]].round(3).tolist()
    [0.058, 0.081]
    """
    order, table = ["scope", "role", "year"], []
    # Of producers a single share is known, which is no list.
    lists = rows("coffee_trade").query("role != 'producer'")[order].drop_duplicates()
    lists = lists.sort_values(order, ascending=[False, True, True])
    for product_scope, role, year in lists.itertuples(index=False):
        known = partners(role, product_scope, year)
        if "value_usd" in known:
            measures = {"low": hhi(known["share"]), "gini": gini(known["share"])}
            measures["high"] = measures["low"]
        else:
            known = known.dropna(subset="partner_iso3")
            measures = dict(zip(("low", "high"), hhi_bounds(known["share"]), strict=True))
        table.append(
            {"scope": product_scope, "role": role, "year": year, "n": len(known)} | measures
        )
    return pd.DataFrame(table)
