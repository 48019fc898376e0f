"""Camelids: from the processed table of herds to what the notebooks draw.

The rules that choose between counts live here, once.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ..core import places
from ..core.errors import ParameterError
from ..core.language import bound_words, exact, number, percent, t
from ..core.scope import Scope
from ..tables import load
from .coffee import short_names
from .prefer import latest_first


def require(scope: Scope) -> None:
    """Refuse a scope with a region that has no camelid figure at all.

    Raises
    ------
    ParameterError
    """
    rows = load("camelid_herds")
    known = {code for codes in rows["ubigeo"] for code in codes.split("+")} - {places.COUNTRY}
    if missing := [code for code in scope.regions if code not in known]:
        raise ParameterError(
            f"no camelid figure for {places.listing(missing)}; there is {places.listing(known)}"
        )


def _of(species: str) -> pd.DataFrame:
    """Return the figures of a species, the preferred source of a fact first.

    Official statistics come before what others print of them, then the later publication.
    """
    rows = load("camelid_herds")
    kind = load("source_names").set_index("source")["kind"]
    order = latest_first(rows["source"])
    order.sort(key=lambda key: kind[key] != "official statistics")
    ranked = rows.sort_values("source", key=lambda keys: keys.map(order.index), kind="stable")
    return ranked[ranked["species"] == species]


def heads(species: str) -> pd.Series:
    """Return the heads of every department and count of a species, for classes that stay."""
    rows = _of(species)
    tables = [_herd_of(group) for _, group in rows.groupby(["count_name", "year"])]
    every = pd.concat(tables)
    return every.loc[~every["ubigeo"].str.contains("+", regex=False), "heads"].dropna()


class Herd(NamedTuple):
    """The herd of a species by department, from one count."""

    table: pd.DataFrame
    count_name: str
    year: int
    total: float
    total_bound: str


def herd(species: str, scope: Scope) -> Herd:
    """Return the herd of a species by department from one count.

    The count is the one inside the scope's years with figures for most departments (the latest
    where several tie). A count with a single figure ranks nobody: when no other lies inside the
    years, the one nearest to them is taken.

    Returns
    -------
    Herd
        ``table`` with columns ``ubigeo``, ``heads``, ``share`` (of the national figure of the
        same count), ``bound``, ``is_implied`` (heads worked out from a printed share),
        ``source``: heads as printed are preferred to heads implied by a share, and a joint
        figure of several departments keeps its joined codes. ``total`` is the national figure
        of the count (NaN when there is none), ``total_bound`` its bound.
    """
    rows = _of(species)
    local = rows[rows["ubigeo"] != places.COUNTRY]
    found = local.groupby(["count_name", "year"])["ubigeo"].nunique().reset_index(name="n")
    found = found[found["n"] > 1]
    years = found["year"]
    away = (scope.start_year - years).clip(lower=0) + (years - scope.end_year).clip(lower=0)
    best = found[away == away.min()].sort_values(["n", "year"]).iloc[-1]
    name, year = best["count_name"], int(best["year"])
    rows = rows[(rows["count_name"] == name) & (rows["year"] == year)]
    country = rows[(rows["ubigeo"] == places.COUNTRY) & rows["heads"].notna()]
    total = float(country["heads"].iloc[0]) if len(country) else float("nan")
    bound = country["bound"].iloc[0] if len(country) else "exact"
    return Herd(_herd_of(rows), name, year, total, bound)


def _herd_of(rows: pd.DataFrame) -> pd.DataFrame:
    country = rows[(rows["ubigeo"] == places.COUNTRY) & rows["heads"].notna()]
    total = float(country["heads"].iloc[0]) if len(country) else float("nan")
    total_bound = country["bound"].iloc[0] if len(country) else "exact"
    local = rows[rows["ubigeo"] != places.COUNTRY]
    # Heads first, then shares: sorted on whether heads are missing.
    local = local.assign(is_implied=local["heads"].isna()).sort_values("is_implied", kind="stable")
    local = local.drop_duplicates("ubigeo")
    printed = local["share_printed_pct"] / 100
    heads = local["heads"].fillna(printed * total)
    # A share of a total that is itself a bound can't be worked out.
    computed = heads / total if total_bound == "exact" else heads * float("nan")
    out = local.assign(heads=heads, share=printed.fillna(computed))
    return out[["ubigeo", "year", "heads", "share", "bound", "is_implied", "source"]].sort_values(
        "heads", ascending=False, ignore_index=True
    )


def shares(species: str, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return every published or computable share of departments in a species' national herd.

    Returns
    -------
    DataFrame
        ``ubigeo``, ``year``, ``count_name``, ``share`` (0–1), ``is_computed``, ``source``: one
        row a figure, so that sources that disagree stand side by side.
    """
    rows = _of(species)
    exact = rows[(rows["ubigeo"] == places.COUNTRY) & (rows["bound"] == "exact")]
    totals = exact.groupby(["count_name", "year"])["heads"].first()
    local = rows[rows["ubigeo"].isin(codes)].copy()
    keys = pd.MultiIndex.from_frame(local[["count_name", "year"]])
    total = totals.reindex(keys).to_numpy()
    local["is_computed"] = local["share_printed_pct"].isna()
    local["share"] = (local["share_printed_pct"] / 100).fillna(local["heads"] / total)
    local = local[local["share"].notna() & (local["bound"] == "exact")]
    return local[["ubigeo", "year", "count_name", "share", "is_computed", "source"]].sort_values(
        ["ubigeo", "year", "count_name", "is_computed"], ignore_index=True
    )


AREA = "jmcastagnetto_2022"


def area() -> pd.Series:
    """Return the area (km²) of the departments that densities use: CEPLAN's list, after INEI."""
    table = load("department_area")
    return table[table["source"] == AREA].set_index("ubigeo")["area_km2"]


def population(year: int) -> pd.DataFrame:
    """Return persons by department nearest to a year, from a list of all departments.

    Columns ``ubigeo``, ``year``, ``population_persons``, ``concept``, ``source``. Of lists of the
    same distance a census is taken before an estimate, then the earlier year.
    """
    rows = load("department_population")
    rows = rows[rows["ubigeo"] != places.COUNTRY]
    keys = ["year", "concept", "source"]
    lists = rows.groupby(keys)["ubigeo"].nunique().reset_index(name="n")
    lists = lists[lists["n"] == len(places.codes())].assign(
        away=lambda one: (one["year"] - year).abs(),
        is_estimate=lambda one: ~one["concept"].str.startswith("census"),
    )
    best = lists.sort_values(["away", "is_estimate", *keys]).iloc[0]
    return rows[(rows[keys] == best[keys]).all(axis=1)]


def densities(one: Herd) -> pd.DataFrame:
    """Return heads per km² and per thousand people of departments with a figure of their own.

    Columns ``ubigeo``, ``heads``, ``bound``, ``written`` (heads for a table; those implied by a
    share rounded to three figures, "about"), ``source``, ``heads_per_km2``,
    ``heads_per_thousand``, ``population_year`` and ``population_source``.
    """
    single = one.table[~one.table["ubigeo"].str.contains("+", regex=False)].dropna(subset="heads")
    people = population(one.year).set_index("ubigeo")
    of = single["ubigeo"].map
    return single.assign(
        heads_per_km2=single["heads"] / of(area()),
        heads_per_thousand=1000 * single["heads"] / of(people["population_persons"].astype(float)),
        written=[_written(row) for row in single.itertuples()],
        population_year=people["year"].iloc[0],
        population_source=people["source"].iloc[0],
    )


def _written(row: NamedTuple) -> str:
    if not row.is_implied:
        return f"{bound_words(row.bound)} {number(row.heads)}".strip()
    return f"{bound_words('about')} {number(float(f'{row.heads:.3g}'))}"


def contradictions(species: str, one: Herd) -> pd.DataFrame:
    """Return departments whose heads and share, both printed of one count, do not fit.

    Columns ``ubigeo``, ``heads``, ``share`` (0–1) and ``implied_heads`` (share × the count's
    total), where the two differ by more than a twentieth.
    """
    rows = _of(species)
    rows = rows[(rows["count_name"] == one.count_name) & (rows["year"] == one.year)]
    rows = rows[rows["ubigeo"] != places.COUNTRY]
    both = rows.groupby("ubigeo")[["heads", "share_printed_pct"]].first().dropna()
    both["share"] = both["share_printed_pct"] / 100
    both["implied_heads"] = both["share"] * one.total
    found = both[(both["heads"] / both["implied_heads"] - 1).abs() > 0.05]
    return found.drop(columns="share_printed_pct").reset_index()


def figures(scope: Scope) -> pd.DataFrame:
    """Return every herd figure of the scope's regions, of any year and count, for a table.

    Columns ``region``, ``species``, ``year``, ``count``, ``figure`` (heads or share, as
    published), ``source``. Joint figures of several departments stand under each of them.
    """
    rows = load("camelid_herds")
    found = [
        rows[rows["ubigeo"].str.split("+").map(lambda codes, one=code: one in codes)].assign(
            region=places.name(code)
        )
        for code in scope.regions
    ]
    table = pd.concat(found)
    joint = table["ubigeo"].str.contains("+", regex=False)
    return table.assign(
        species=table["species"].map(lambda one: t(one)),
        count=[t(one) for one in table["count_name"]],
        figure=[
            f"{bound_words(row.bound)} {exact(row.heads)}".strip()
            if pd.notna(row.heads)
            else percent(row.share_printed_pct / 100, 2)
            for row in table.itertuples()
        ],
        note=joint.map({True: t("together with others"), False: ""}),
        source=short_names(table["source"], unique=False),
    )


def statements(scope: Scope) -> pd.DataFrame:
    """Return statements on camelids of the scope's regions, written for a table."""
    rows = load("camelid_statements")
    rows = rows[rows["ubigeo"].isin(scope.regions)]
    units = {"pct": "%", "head": t("heads"), "quintal": t("quintals")}
    return rows.assign(
        region=rows["ubigeo"].map(places.name),
        species=[t(one) for one in rows["species"]],
        measure=[t(one.replace("_", " ")) for one in rows["measure"]],
        place=[t(one) if isinstance(one, str) else "" for one in rows["place"]],
        figure=[
            f"{bound_words(row.bound)} {exact(row.value)} {units.get(row.unit, row.unit)}".strip()
            for row in rows.itertuples()
        ],
        attributed_to=[t(one) for one in rows["attributed_to"]],
        source=short_names(rows["source"], unique=False),
    )
