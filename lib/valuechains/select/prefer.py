"""Which source, vintage, year or concept a figure is taken from: every such choice is made here.

A table declares what it prefers: ``prefer`` is ``latest`` or a list of beginnings of source keys
(or kinds of source), the best first, and within one the latest edition, then the latest vintage;
``concepts`` orders what was counted (a census before an estimate). A table that declares neither
keeps its sources side by side. :func:`where` tells what was chosen, and what else there is.
"""

import re
from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..core import places
from ..core.errors import DataError, candidates, there_are
from ..core.scope import Scope, parted
from ..tables import extent, load, schema


def nearest(years: Iterable[int], wanted: int) -> int:
    """Return the year nearest to the wanted one, the earlier of two equally near.

    >>> nearest([2007, 2012, 2022], 2017)
    2012
    """
    return min(map(int, years), key=lambda year: (abs(year - wanted), year))


def order(table: str, sources: Iterable[str]) -> list[str]:
    """Return sources as a table prefers them, the preferred first; those it does not name last.

    Of two alike the later vintage, of one day the later key (``_v2``).

    >>> order("coffee_regional", ["crofils_minagri_boletin", "report_eu_peru_2016"])
    ['report_eu_peru_2016', 'crofils_minagri_boletin']
    """
    return list(_declared(table, sources))


def _declared(table: str, sources: Iterable[str]) -> dict[str, int]:
    """Return the place of each source in what a table prefers, the preferred first.

    All are alike where it is the latest, and then in the order of :func:`order`.
    """
    known = load("source_names")
    vintage = dict(zip(known["source"], known["vintage"], strict=True))
    kind = dict(zip(known["source"], known["kind"], strict=True))
    unknown = [key for key in sources if key not in vintage]
    if unknown:
        near = candidates(str(unknown[0]), vintage)
        raise DataError(f"{table}: there is no source {unknown[0]!r}{near}")
    wanted = schema()["tables"][table].get("prefer", "latest")
    names, places = [] if wanted == "latest" else wanted, {}
    for key in sorted(set(sources), key=lambda key: (vintage[key], key), reverse=True):
        fits = [key.startswith(name) or kind[key] == name for name in names]
        places[key] = fits.index(True) if True in fits else len(names)
    return dict(sorted(places.items(), key=lambda place: place[1]))


def fact_of(table: str) -> list[str]:
    """Return the columns of a table's key that make a fact, whoever states it, in any edition."""
    spec = schema()["tables"].get(table, {"key": []})
    ranked = ["source", "edition", *(["concept"] if "concepts" in spec else [])]
    return [column for column in spec["key"] if column not in ranked]


def _ranks(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the places of each row's concept and source: the columns to sort by, in order."""
    declared, ranks = _declared(table, rows["source"].unique()), pd.DataFrame(index=rows.index)
    if concepts := schema()["tables"][table].get("concepts"):
        ranks["concept"] = rows["concept"].map(_places(concepts))
    if "edition" in rows:
        ranks["declared"] = rows["source"].map(declared)
        ranks["edition"] = rows["edition"].fillna("").rank(method="dense", ascending=False)
    return ranks.assign(source=rows["source"].map(_places(declared)))


def best_first(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a table, those of its preferred concepts and sources first."""
    ranks = _ranks(table, rows)
    return rows.loc[ranks.sort_values(list(ranks), kind="stable").index]


def _places(ordered: Iterable[str]) -> dict[str, int]:
    return {key: place for place, key in enumerate(ordered)}


def preferred(table: str, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return, of rows of a table, the one of each fact that a column is taken from.

    All rows where the table declares no preference.

    >>> rows = load("coffee_regional").query("ubigeo == '08' and year == 2011")
    >>> preferred("coffee_regional", rows, "farm_price_pen_per_kg")["source"].item()
    'report_eu_peru_2016'
    """
    spec = schema()["tables"].get(table, {})
    if not spec.keys() & {"prefer", "concepts"}:
        return rows
    if column not in rows:
        raise DataError(f"{table} has no column {column!r}{there_are(column, spec['fields'])}")
    known, fact = rows.dropna(subset=[column]), fact_of(table)
    if known.duplicated(fact).any():
        known = best_first(table, known).drop_duplicates(fact)
    return known.sort_values(fact, kind="stable")


def whole_list(table: str, column: str, year: int) -> pd.DataFrame:
    """Return the 25 departments from the list (source, year, concept) nearest to a year.

    Of two equally near the better concept, then the earlier year, then the preferred source.

    >>> whole_list("department_divisions", "districts_n", 2013)["source"].unique().tolist()
    ['peru_geojson']
    """
    rows = load(table).dropna(subset=[column])
    rows = rows[rows["ubigeo"].isin(places.codes())]
    keys = [key for key in ("year", "source", "concept") if key in rows]
    rows = rows[rows.groupby(keys)["ubigeo"].transform("size") == len(places.codes())]
    ranks = _ranks(table, rows).assign(away=(rows["year"] - year).abs(), year=rows["year"])
    first = [name for name in ("away", "concept", "year", "source") if name in ranks]
    best = ranks.sort_values(first, kind="stable").index[0]
    return rows[(rows[keys] == rows.loc[best, keys]).all(axis=1)]


def fullest(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one source: the preferred one that is nearly as full as the fullest.

    A release for a few countries is no list of the world's partners.

    >>> rows = pd.DataFrame({"source": ["faostat_qcl_2026"] + 5 * ["faostat_qcl_2025"]})
    >>> fullest("coffee_trade", rows)["source"].unique().tolist()
    ['faostat_qcl_2025']
    """
    count = rows["source"].value_counts()
    full = order(table, count.index[count >= 0.9 * count.max()])
    return rows[rows["source"] == full[0]] if full else rows


Where = namedtuple("Where", ["rule", "chosen", "rivals"])


def where(table: str, field: str | None = None, *given: Any, **key: Any) -> Where:
    """Return where the figures of a fact are taken from, and which others there are.

    ``rule``: ``concepts`` and ``prefer`` of the table; empty where it keeps its sources side by
    side, and every figure is chosen. ``chosen`` and ``rivals`` (the next best first): ``field``,
    ``value``, ``concept`` and ``edition`` (where there are), ``source``, ``origin``.

    The key is that of the table without its source (and its concept, where these are ranked); a
    DataError tells of a table, column or value that is not there, and of several facts.

    >>> fact = where("coffee_regional", "farm_price_pen_per_kg", ubigeo="08", year=2011)
    >>> fact.chosen[["value", "origin"]].to_numpy().tolist()
    [[8.89, 'report_eu_peru_2016/coffee_price_yield.csv:14']]
    >>> fact.rivals[["value", "source"]].to_numpy().tolist()
    [[8.8872, 'crofils_minagri_boletin']]
    """
    rows, fact = matching(table, *given, **key), fact_of(table)
    wanted = figures(table) if field is None else [figure(table, field)]
    if len(rows[fact].drop_duplicates()) > 1:
        said = ", ".join(map(str, (*given, *key.values()))) or "no place or year"
        raise DataError(f"{table}: several facts with {said}, expected {', '.join(fact)} of one")
    words = [name for name in ("concept", "edition", "source", "origin") if name in rows]
    long = rows.melt(words, wanted, "field").dropna(subset="value")
    if long.empty:
        raise DataError(f"{table}: no figure there; vc.coverage({table!r}) shows what is")
    long = best_first(table, long)
    long = long.iloc[long["field"].map(wanted.index).argsort(kind="stable")]
    long = long[["field", "value", *words]].astype({"value": float})
    spec = schema()["tables"][table]
    rule = {name: spec[name] for name in ("concepts", "prefer") if name in spec}
    is_rival = long.duplicated("field") & bool(rule)
    return Where(rule, long[~is_rival], long[is_rival])


def figures(table: str) -> list[str]:
    """Return the columns of a table, or of one's own, that hold figures: numbers, no keys."""
    keys = schema()["tables"].get(table, {}).get("key", ["ubigeo", "year"])
    return [name for name in load(table).select_dtypes("number") if name not in keys]


def figure(table: str, name: str) -> str:
    """Return the column of figures with a name, or the only one with it among its words.

    >>> figure("coffee_regional", "price")
    'farm_price_pen_per_kg'
    """
    known, plain = figures(table), "_".join(places.fold(name).split())
    words = {column: re.sub(r"\W+", "_", places.fold(column)) for column in known}
    found = [column for column in known if f"_{plain}_" in f"_{words[column]}_"]
    found = [name] if name in known else found
    if len(found) != 1:
        cure = "; departments and years come after it" if places.named(name) else ""
        if name in load(table).select_dtypes(exclude="number"):
            raise DataError(f"{table}: column {name!r} is text, expected numbers in every cell")
        if not known:
            raise DataError(f"{table} has no figures: vc.load({table!r}) has its rows")
        raise DataError(f"{table} has no figure {name!r}{there_are(name, found or known)}{cure}")
    return found[0]


def matching(table: str, *given: Any, **key: Any) -> pd.DataFrame:
    """Return the rows of a table with a value (or one of a list) in its columns.

    What stands by position is a scope, or departments and then one year, or first and last; so is
    a tuple ``years=(2000, 2013)``, while a list ``year=[2000, 2013]`` is these years alone. The
    codes of departments that are asked for are in ``attrs["asked"]``.

    >>> matching("coffee_regional", ubigeo=["Cusco", "21"], year=2022)["ubigeo"].tolist()
    ['08', '08', '21', '21']
    """
    spans = [name for name in ("year", "years") if isinstance(key.get(name), tuple)]
    given = (*given, *(key.pop(name) for name in spans))
    regions, years = parted(given)
    for place in regions:
        if str(place) in "_".join(figures(table)).split("_"):
            raise DataError(f"{table}: {place!r} is a column, vc.pick({table!r}, {place!r}) has it")
    asked = [places.resolve_all(place) for place in regions]
    if len(years) > 2:
        raise DataError(f"{table}: {years}: two are first and last (a scope's), others year=[…]")
    # What a scope says counts where the table has it.
    is_scope = all(isinstance(here, Scope) for here in given)
    rows, span = load(table), range(min(years), max(years) + 1) if years else []
    for column, wanted in (("ubigeo", asked), ("year", span)):
        if wanted and column in rows:
            known = rows[column] if column == "ubigeo" else pd.to_numeric(rows[column], "coerce")
            rows = rows[known.isin(wanted)]
        elif wanted and not is_scope:
            raise DataError(f"{table} has no column {column!r}; there are {', '.join(rows)}")
    if given and rows.empty:
        every = load(table)
        codes = every.get("ubigeo", pd.Series(dtype=str)).astype(str)
        joint = [code for code in codes.unique() if "+" in code and {*code.split("+")} & {*asked}]
        # The years of these departments, or which others the table has.
        of_these = every[codes.isin(asked)] if asked and len(codes) else every
        there = extent(of_these)[0] or places.listing({*codes} & {*places.codes()})
        cure = f"are {there}; vc.coverage({table!r}) shows all"
        raise DataError(
            f"{table}: no rows of {', '.join(map(str, [*regions, *years]))}; there "
            + (f"is {places.listing(joint[0].split('+'))!r}" if joint else cure)
        )
    plain = dict.fromkeys((*places.COLUMNS, "departments", "regions"), "ubigeo")
    plain["years"] = "year"
    for name, value in key.items():
        column = name if name in rows else plain.get(name, name)
        if column not in rows:
            raise DataError(f"{table} has no column {column!r}{there_are(column, rows)}")
        wanted = list(value) if pd.api.types.is_list_like(value) else [value]
        if not wanted:
            raise DataError(f"{table}: {column} is an empty list; leave it out to have all")
        if column == "ubigeo":
            wanted = [places.resolve_all(place) for place in wanted]
            asked += wanted
        there = {str(known): known for known in rows[column].dropna().unique().tolist()}
        wanted = [there.get(str(value), value) for value in wanted]  # 2007 and "2007" are one
        for value in wanted:
            if value not in there.values():
                raise DataError(f"{table}: no {column} {value!r}{there_are(value, sorted(there))}")
        rows = rows[rows[column].isin(wanted)]
    rows.attrs["asked"] = asked
    return rows


def fullest_count(rows: pd.DataFrame, scope: Scope) -> tuple[str, int]:
    """Return name and year of the count with figures for most departments in the scope's years.

    The latest where several tie; without any inside, the nearest. One figure makes no count.

    >>> rows = load("camelid_herds").query("species == 'vicuna' and ubigeo != '00'")
    >>> fullest_count(rows, Scope(("08",), 2005, 2012))
    ('CONACS 2000', 2000)
    """
    departments = rows.groupby(["count_name", "year"])["ubigeo"].nunique()
    counts = departments[departments > 1].reset_index(name="n")
    away = (counts["year"] - counts["year"].clip(scope.start_year, scope.end_year)).abs()
    best = counts[away == away.min()].sort_values(["n", "year"]).iloc[-1]
    return best["count_name"], int(best["year"])
