"""Camelid herds by department: the count that is shown, and shares and densities from it.

A census, a ministry's figure and an expert's estimate are different counts: a frame holds one
count of a species, or names the count in every row. They make no series in time.
"""

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.scope import Scope
from ..indicators import shares
from ..tables import load
from . import prefer

SPECIES = ("alpaca", "llama", "vicuna")
COUNT = ["species", "count_name", "year"]


def require(scope: Scope) -> None:
    """Refuse a scope with a region that has no camelid figure at all (ParameterError)."""
    known = {*load("camelid_herds")["ubigeo"].str.split("+").explode()} - {places.COUNTRY}
    known |= {*load("camelid_yearbooks").query("heads > 0")["ubigeo"]} - {places.COUNTRY}
    if missing := [code for code in scope.regions if code not in known]:
        raise ParameterError(
            f"no camelid figure for {places.listing(missing)}; there is {places.listing(known)}"
        )


def yearbook(species: str, column: str) -> pd.DataFrame:
    """Return the ministry's figures of a species by department (and Peru, ``00``) and year.

    ``ubigeo``, ``year``, ``value``, ``source``, ``origin`` of ``heads``, ``shorn_heads``,
    ``fibre_t``, ``fibre_price_pen_per_kg``, ``slaughtered_heads``, ``meat_t`` or
    ``live_price_pen_per_kg``, from the latest of the livestock yearbooks that has the year. A
    series of its own: no census and no expert's count is joined to it.

    >>> alpacas = yearbook("alpaca", "heads").query("year == 2024").set_index("ubigeo")["value"]
    >>> int(alpacas["00"]), round(float(alpacas["21"] / alpacas["00"]), 3)
    (4545820, 0.444)
    """
    table = load("camelid_yearbooks")
    table = table[table["species"] == species]
    table = prefer.preferred("camelid_yearbooks", table, column).rename(columns={column: "value"})
    return table[["ubigeo", "year", "value", "source", "origin"]].astype({"value": "float64"})


def change(species: str, scope: Scope, column: str = "heads") -> pd.DataFrame:
    """Return a figure of the yearbooks in the first and last of the scope's years that have it.

    A row a department, the largest first: ``first`` and ``last`` year, ``value_first``, ``value``
    (0 where a dash is printed), shares of the departments' sum (``share_first``, ``share``, 0 to
    1), ``points`` (the change of the share), ``source``. None for a scope without two years.

    >>> puno = change("alpaca", Scope(("21",), 2000, 2025)).iloc[0]
    >>> puno["ubigeo"], puno[["share_first", "share"]].astype(float).round(3).tolist()
    ('21', [0.553, 0.444])
    """
    table = yearbook(species, column)
    table = table[table["year"].between(scope.start_year, scope.end_year)]
    first, last = table["year"].min(), table["year"].max()
    if table["year"].nunique() < 2:
        return pd.DataFrame()
    departments = table[table["ubigeo"] != places.COUNTRY]
    wide = departments.pivot(index="ubigeo", columns="year", values="value")[[first, last]]
    wide = wide.fillna(0.0).set_axis(["value_first", "value"], axis=1)
    found = wide[wide.sum(axis=1) > 0].assign(first=first, last=last)
    found["share_first"], found["share"] = (shares(wide[name]) for name in wide)
    found["points"] = 100 * (found["share"] - found["share_first"])
    found["source"] = table["source"].iloc[0]
    return found.sort_values("value", ascending=False).reset_index()


def fibre_by_department(scope: Scope) -> pd.DataFrame:
    """Return alpaca fibre by department in the last of the scope's years that has it.

    ``fibre_t``, ``shorn_heads``, ``fibre_price_pen_per_kg``, ``kg_per_shorn`` (kilograms a shorn
    animal) and ``share`` of the departments' fibre; Peru is the row ``00``, without a share.
    """
    columns = ["fibre_t", "shorn_heads", "fibre_price_pen_per_kg"]
    parts = [
        yearbook("alpaca", column).set_index(["ubigeo", "year"])["value"] for column in columns
    ]
    table = pd.concat(parts, axis=1, keys=columns).reset_index().dropna(subset="fibre_t")
    table = table[table["year"].between(scope.start_year, scope.end_year) & (table["fibre_t"] > 0)]
    table = table[table["year"] == table["year"].max()].set_index("ubigeo")
    table["kg_per_shorn"] = 1000 * table["fibre_t"] / table["shorn_heads"]
    table["share"] = shares(table["fibre_t"].drop(places.COUNTRY, errors="ignore"))
    return table.sort_values("fibre_t", ascending=False).reset_index()


def _figures() -> pd.DataFrame:
    """Return the figures of departments with the national one of their count, preferred first.

    The table ``camelid_herds`` and ``is_joint`` (a figure of several departments together),
    ``total`` and ``total_bound`` (of the count), ``printed`` and ``share`` (0 to 1: as printed,
    and where none is printed as heads by total) and ``is_implied``: ``heads`` are share × total.
    """
    rows = load("camelid_herds").astype({"heads": "float64"})
    order = prefer.order("camelid_herds", rows["source"])
    rows = rows.iloc[rows["source"].map(order.index).argsort(kind="stable")]
    is_country = rows["ubigeo"] == places.COUNTRY
    national = rows[is_country].dropna(subset="heads").drop_duplicates(COUNT).set_index(COUNT)
    national = national[["heads", "bound"]].set_axis(["total", "total_bound"], axis=1)
    local = rows[~is_country].join(national, on=COUNT)
    printed = local["share_printed_pct"] / 100
    # A share of a total that is itself a bound can't be worked out.
    exact_total = local["total"].where(local["total_bound"] == "exact")
    return local.assign(
        is_joint=local["ubigeo"].str.contains("+", regex=False),
        printed=printed,
        share=printed.fillna(local["heads"] / exact_total),
        is_implied=local["heads"].isna(),
        heads=local["heads"].fillna(printed * local["total"]),
        total_bound=local["total_bound"].fillna("exact"),
    )


def counts() -> pd.DataFrame:
    """Return every count as :func:`herd`: heads as printed before heads that a share implies."""
    columns = [*COUNT, "ubigeo", "is_joint", "heads", "share", "bound", "is_implied"]
    columns += ["total", "total_bound", "source", "origin"]
    rows = _figures().sort_values("is_implied", kind="stable").drop_duplicates([*COUNT, "ubigeo"])
    return rows.sort_values("heads", ascending=False)[columns]


def herd(species: str, scope: Scope) -> pd.DataFrame:
    """Return the herd of a species by department from one count, the largest first.

    The count is that of :func:`prefer.fullest_count`. ``ubigeo`` has joined codes where
    ``is_joint``; ``share`` is of the national figure of the count, ``total`` (NaN when there is
    none), each with its bound; ``is_implied`` heads are worked out from a printed share.

    >>> alpacas = herd("alpaca", Scope(("08", "21"), 2000, 2013))
    >>> alpacas[["count_name", "ubigeo", "heads"]].head(1).values.tolist()
    [['CENAGRO 2012', '21', 1459903.0]]
    """
    rows = counts()
    rows = rows[rows["species"] == species]
    name, year = prefer.fullest_count(rows, scope)
    is_chosen = (rows["count_name"] == name) & (rows["year"] == year)
    return rows[is_chosen].reset_index(drop=True)


def herds(scope: Scope) -> pd.DataFrame:
    """Return the herds of all :data:`SPECIES`, one below the other (:func:`herd`)."""
    return pd.concat([herd(species, scope) for species in SPECIES], ignore_index=True)


def published_shares(species: str, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return every published or computable share of departments in a species' national herd.

    As :func:`herd`, and ``is_computed``; sources that disagree stand side by side.

    >>> published_shares("alpaca", ("04",))[["count_name", "share"]].round(3).values.tolist()
    [['SPAR 2010', 0.12], ['UNIDO 2010', 0.09], ['CENAGRO 2012', 0.127], ['CENAGRO 2012', 0.127]]
    """
    rows = _figures().dropna(subset="share")
    rows = rows.assign(is_computed=rows["printed"].isna())
    is_meant = (rows["species"] == species) & rows["ubigeo"].isin(codes)
    order = ["ubigeo", "year", "count_name", "is_computed"]
    return rows[is_meant & (rows["bound"] == "exact")].sort_values(order, ignore_index=True)


def beside_own_kind(species: str, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return exact figures of departments, each with the nearest in time of its own kind.

    A census beside another, a ministry's figure beside its yearbooks: ``count_name``, ``year`` and
    ``heads``, the same with ``_other``, and ``change`` between the two, a ratio less one. A figure
    without another of its kind is left out.

    >>> rows = beside_own_kind("alpaca", ("08",))
    >>> rows[["count_name", "year_other", "change"]].round(2).values.tolist()
    [['CONACS 2004', 2005, 0.42]]
    """
    columns = ["ubigeo", "count_kind", "count_name", "year", "heads", "source"]
    known = _figures().query("species == @species and bound == 'exact' and not is_joint")
    known = known.dropna(subset="heads").sort_values("is_implied", kind="stable")[columns]
    series = yearbook(species, "heads").rename(columns={"value": "heads"})
    series = series.assign(count_kind="ministry", count_name="Livestock yearbooks")
    every = pd.concat([known, series[columns]]).drop_duplicates(["ubigeo", "count_name", "year"])
    pairs = known.merge(every, on=["ubigeo", "count_kind"], suffixes=("", "_other"))
    pairs = pairs[pairs["ubigeo"].isin(codes) & (pairs["count_name"] != pairs["count_name_other"])]
    pairs["away"] = (pairs["year_other"] - pairs["year"]).abs()
    pairs = pairs.sort_values(["ubigeo", "year", "away"], kind="stable")
    pairs = pairs.drop_duplicates(["ubigeo", "count_name"]).drop(columns="away")
    return pairs.assign(change=pairs["heads_other"] / pairs["heads"] - 1)


def summary(herds: pd.DataFrame) -> pd.DataFrame:
    """Return a row a count: its ``figures`` (of how many departments), ``total``, ``sources``."""
    counts = herds.groupby([*COUNT, "total", "total_bound"], sort=False, dropna=False)
    return counts.agg(figures=("heads", "size"), sources=("source", " ".join)).reset_index()


def figures(scope: Scope) -> pd.DataFrame:
    """Return every herd figure of the scope's regions, of any year and count, as published.

    A joint figure stands under each of its departments (``region``).
    """
    rows = load("camelid_herds")
    members = rows.assign(region=rows["ubigeo"].str.split("+")).explode("region")
    return pd.concat([members[members["region"] == code] for code in scope.regions])
