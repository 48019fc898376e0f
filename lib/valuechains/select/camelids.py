"""Camelids: the count of a herd that is shown, shares from it; fibre, its price and exports.

A census, a ministry's figure and an expert's estimate are different counts: a frame holds one
count of a species, or names the count in every row. They make no series in time. The ministry's
livestock yearbooks (:func:`yearbook`) are a series of their own. What is published of the quality,
the price and the exports of fibre is national, from publications that make no series either.
"""

import pandas as pd

from ..core import places
from ..core.errors import ParameterError, there_are
from ..core.scope import Scope
from ..indicators import shares
from . import figures, prefer, rows, shown

SPECIES = ("alpaca", "llama", "vicuna")
COUNT = ["species", "count_name", "year"]
EVERYWHERE = [*places.codes(), places.COUNTRY]


def require(scope: Scope) -> None:
    """Refuse a scope with a region that has no camelid figure at all (ParameterError)."""
    known = {*rows("camelid_herds")["ubigeo"].str.split("+").explode()}
    known |= {*rows("camelid_yearbooks").query("heads > 0")["ubigeo"]}
    if missing := [code for code in scope.regions if code not in known]:
        there = places.listing(known - {places.COUNTRY})
        raise ParameterError(f"no camelid figure for {places.listing(missing)}; there is {there}")


def _check(species: str) -> None:
    if species not in SPECIES:
        raise ParameterError(f"no species {species!r}{there_are(species, SPECIES)}")


def yearbook(species: str, measure: str, scope: Scope | None = None) -> pd.DataFrame:
    """Return the ministry's figures of a species by department (and Peru, ``00``) and year.

    ``value`` of ``heads``, ``shorn_heads``, ``fibre_t``, ``fibre_price_pen_per_kg`` and the other
    columns, within the scope's years; a dash, no animals or no figure, has no row.

    >>> alpacas = yearbook("alpaca", "heads").query("year == 2024").set_index("ubigeo")["value"]
    >>> int(alpacas["00"]), round(float(alpacas["21"] / alpacas["00"]), 3)
    (4545820, 0.444)
    """
    _check(species)
    return figures("camelid_yearbooks", measure, scope, species=species, ubigeo=EVERYWHERE)


def change(species: str, scope: Scope, column: str = "heads") -> pd.DataFrame:
    """Return a figure of the yearbooks in the first and last of the scope's years that have it.

    A row a department, the largest first: ``first`` and ``last`` year, ``value_first``, ``value``
    (missing without a row in the yearbook), shares of the departments' sum (``share_first``,
    ``share``, 0 to 1), ``points`` (the change of the share), ``source`` and ``origin``. No row for
    a scope without two years.

    >>> puno = change("alpaca", Scope(("21",), 2000, 2025)).iloc[0]
    >>> puno["ubigeo"], puno[["share_first", "share"]].astype(float).round(3).tolist()
    ('21', [0.553, 0.444])
    """
    table = yearbook(species, column, scope).query("ubigeo != @places.COUNTRY")
    if table["year"].nunique() < 2:
        return pd.DataFrame()
    ends = {"first": table["year"].min(), "last": table["year"].max()}
    table = table[table["year"].isin(ends.values())]
    wide = table.pivot(index="ubigeo", columns="year", values="value")
    wide = wide[wide.sum(axis=1) > 0].set_axis(["value_first", "value"], axis=1).assign(**ends)
    wide["share_first"], wide["share"] = shares(wide["value_first"]), shares(wide["value"])
    wide["points"] = 100 * (wide["share"] - wide["share_first"])
    named = table.groupby("ubigeo").agg({"source": "first", "origin": " ".join})
    return wide.join(named).sort_values("value", ascending=False).reset_index()


def fibre_by_department(scope: Scope) -> pd.DataFrame:
    """Return alpaca fibre by department in the last of the scope's years that has it.

    The yearbook's rows with ``kg_per_shorn`` (kilograms a shorn animal) and ``share`` of the
    departments' fibre; Peru is the row ``00``, without a share.
    """
    table = shown("camelid_yearbooks", "fibre_t", scope, species="alpaca", ubigeo=EVERYWHERE)
    table = table.query("fibre_t > 0 and year == year.max()").set_index("ubigeo")
    of_departments = shares(table["fibre_t"].drop(places.COUNTRY, errors="ignore"))
    table = table.eval("kg_per_shorn = 1000 * fibre_t / shorn_heads").assign(share=of_departments)
    return table.sort_values("fibre_t", ascending=False).reset_index()


def counts() -> pd.DataFrame:
    """Return every count of departments with the national one, the preferred source first.

    The table ``camelid_herds`` and ``is_joint`` (a figure of several departments, whose codes are
    joined), ``total`` and ``total_bound`` (of the count), ``share`` (0 to 1: as printed, else, as
    ``is_computed`` says, heads by total) and ``is_implied``: ``heads`` are share × total.
    """
    table = prefer.best_first("camelid_herds", rows("camelid_herds")).astype({"heads": "float64"})
    is_country = table["ubigeo"] == places.COUNTRY
    national = table[is_country].dropna(subset="heads").drop_duplicates(COUNT).set_index(COUNT)
    total = national[["heads", "bound"]].set_axis(["total", "total_bound"], axis=1)
    local = table[~is_country].join(total, on=COUNT)
    printed = local["share_printed_pct"] / 100
    # A share of a total that is itself a bound can't be worked out.
    exact_total = local["total"].where(local["total_bound"] == "exact")
    return local.assign(
        is_joint=local["ubigeo"].str.contains("+", regex=False),
        is_computed=printed.isna(),
        share=printed.fillna(local["heads"] / exact_total),
        is_implied=local["heads"].isna(),
        heads=local["heads"].fillna(printed * local["total"]),
        total_bound=local["total_bound"].fillna("exact"),
    )


def herd(species: str, scope: Scope) -> pd.DataFrame:
    """Return the herd of a species by department from one of :func:`counts`, the largest first.

    The count is that of :func:`prefer.fullest_count`; printed heads go before implied ones.

    >>> alpacas = herd("alpaca", Scope(("08", "21"), 2000, 2013))
    >>> alpacas[["count_name", "ubigeo", "heads"]].head(1).values.tolist()
    [['CENAGRO 2012', '21', 1459903.0]]
    """
    _check(species)
    table = counts().query("species == @species").sort_values("is_implied", kind="stable")
    table = table.drop_duplicates([*COUNT, "ubigeo"])
    name, year = prefer.fullest_count(table, scope)
    table = table[(table["count_name"] == name) & (table["year"] == year)]
    return table.sort_values("heads", ascending=False, ignore_index=True)


def published_shares(species: str, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return every published or computable share of departments in a species' national herd.

    As :func:`counts`; sources that disagree stand side by side.

    >>> published_shares("alpaca", ("04",))[["count_name", "share"]].round(3).values.tolist()
    [['SPAR 2010', 0.12], ['UNIDO 2010', 0.09], ['CENAGRO 2012', 0.127], ['CENAGRO 2012', 0.127]]
    """
    _check(species)
    table = counts().query("species == @species and ubigeo in @codes and bound == 'exact'")
    order = ["ubigeo", "year", "count_name", "is_computed"]
    return table.dropna(subset="share").sort_values(order, ignore_index=True)


def beside_own_kind(species: str, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return exact figures of departments, each with the nearest in time of its own kind.

    A census beside another, a ministry's figure beside its yearbooks: ``count_name``, ``year`` and
    ``heads``, the same with ``_other``, and ``change`` between the two, a ratio less one. A figure
    without another of its kind is left out, and so is the later of two that are each other's.

    >>> table = beside_own_kind("alpaca", ("08",))
    >>> table[["count_name", "year_other", "change"]].round(2).values.tolist()
    [['CONACS 2004', 2005, 0.42]]
    """
    columns = ["ubigeo", "count_kind", "count_name", "year", "heads", "origin"]
    known = counts().query("species == @species and bound == 'exact' and not is_joint")
    known = known.dropna(subset="heads").sort_values("is_implied", kind="stable")[columns]
    books = yearbook(species, "heads").rename(columns={"value": "heads"})
    books = books.assign(count_kind="ministry", count_name="Livestock yearbooks")[columns]
    every = pd.concat([known, books]).drop_duplicates(["ubigeo", "count_name", "year"])
    pairs = known.merge(every, on=["ubigeo", "count_kind"], suffixes=("", "_other"))
    pairs = pairs.query("ubigeo in @codes and count_name != count_name_other")
    is_again = pairs["count_name_other"].isin(known["count_name"])  # said from the earlier one
    pairs = pairs[~is_again | (pairs["year_other"] > pairs["year"])]
    pairs = pairs.eval("change = heads_other / heads - 1\naway = abs(year_other - year)")
    pairs["origin"] += " " + pairs["origin_other"]
    pairs = pairs.sort_values(["ubigeo", "year", "away"], kind="stable")
    return pairs.drop_duplicates(["ubigeo", "count_name"]).drop(columns="away")


def summary(herds: pd.DataFrame) -> pd.DataFrame:
    """Return a row a count: for how many departments (``figures``), ``total``, ``sources``."""
    table = herds.groupby([*COUNT, "total", "total_bound"], sort=False, dropna=False)
    lists = {"sources": ("source", " ".join), "origin": ("origin", " ".join)}
    return table.agg(figures=("heads", "size"), **lists).reset_index()


def published(scope: Scope) -> pd.DataFrame:
    """Return every herd figure of the scope's regions, of any year and count, as published.

    A joint figure stands under each of its departments (``region``).
    """
    table = rows("camelid_herds")
    members = table.assign(region=table["ubigeo"].str.split("+")).explode("region")
    return pd.concat([members[members["region"] == code] for code in scope.regions])


def quality() -> pd.DataFrame:
    """Return the table ``fibre_quality`` by top price (US$/kg), the dearest first.

    With ``is_camelid``, ``fineness_um`` (middle of the range), ``over_cashmere``, ``vicuna_over``
    (ratios of top prices).

    >>> quality()[["fibre_name", "over_cashmere"]].head(1).values.tolist()
    [['Vicuña', 10.625]]
    """
    table = rows("fibre_quality").sort_values("top_price_usd_per_kg", ascending=False)
    price = table.set_index("fibre_name")["top_price_usd_per_kg"]
    return table.assign(
        is_camelid=table["fibre_name"].str.contains("Vicuña|Alpaca"),
        fineness_um=table[["fineness_low_um", "fineness_high_um"]].mean(axis=1),
        over_cashmere=table["top_price_usd_per_kg"] / price["Cashmere"],
        vicuna_over=price["Vicuña"] / table["top_price_usd_per_kg"],
    ).reset_index(drop=True)


def exports() -> pd.DataFrame:
    """Return the table ``camelid_exports``.

    With ``value_musd`` (million US$), ``usd_per_kg`` (where tonnes are printed) and ``share`` (0 to
    1): as printed, else of the total of the same scope and period. A total of all products is a
    ``total``, whatever it was printed under.

    >>> exports().query("item == 'China'")["share"].round(3).tolist()[1:]
    [0.703, 0.331, 0.334]
    """
    table = rows("camelid_exports").astype({"value_usd": "float64"})
    is_total = table["scope"] == "total"
    table["breakdown"] = table["breakdown"].mask(is_total, "total")
    table["scope"] = table["scope"].mask(is_total, table["item"])
    totals = table["value_usd"].where(table["breakdown"] == "total")
    totals = totals.groupby([table["period"], table["scope"]]).transform("max")
    return table.assign(
        value_musd=(table["value_usd"] / 1e6).round(6),
        usd_per_kg=table["value_usd"] / 1000 / table["quantity_t"],
        share=(table["share_printed_pct"] / 100).fillna(table["value_usd"] / totals),
    )


def stages() -> pd.DataFrame:
    """Return exports by stage: a row a period, ``scope`` (raw material, value added) and ``item``.

    ``value_musd`` and ``share`` (0 to 1, of raw material and value added together); tops are raw
    material, as in the source. ``not itemised`` is what the stages named leave of what is printed
    for all; a raw material that isn't printed is the total less the value added.

    >>> stages().query("scope == 'value added'").groupby("period")["share"].sum().round(3).tolist()
    [0.524, 0.474, 0.409]
    """
    table = exports().set_index("period")
    total = table.query("breakdown == 'total' and scope == 'alpaca fibre and derivatives'")
    table = table[table["breakdown"] == "product"].reset_index()
    whole, named = table[table["item"] == "all"], table[table["item"] != "all"]
    sums = whole.pivot(index="period", columns="scope", values="value_musd")
    sums["raw material"] = sums["raw material"].fillna(total["value_musd"] - sums["value added"])
    of_named = named.groupby(["scope", "period"])["value_musd"].sum()
    rest = sums.unstack().sub(of_named, fill_value=0.0).rename("value_musd")
    rest = rest.reset_index().assign(item="not itemised")
    printed = whole.groupby("period", as_index=False).agg({"source": "first", "origin": " ".join})
    columns = ["period", "scope", "item", "value_musd", "source", "origin"]
    table = pd.concat([named, rest.merge(printed, on="period")], ignore_index=True)[columns]
    return table.assign(share=table["value_musd"] / table["period"].map(sums.sum(axis=1)))
