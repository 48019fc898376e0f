"""What a processed table must hold: limits of its fields, its key, and the checks it declares.

Declared checks are wide: they catch a slipped point, swapped columns or another unit, and let
any real change pass. Each names the first row that fails; missing values are let through.
``where`` restricts a check to rows with these values.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
from pydantic import Field, create_model

from ..core import places
from ..core.declared import Declared, checked
from ..core.errors import DataError, refuse_if, there_are
from . import DTYPES
from .hooks import check_partner_names, check_peru, check_poverty_groups, check_yearbooks
from .model import NUMERIC, Listed
from .refuse import Data, Where, check_between, refuse, wrong_value

# Figures in these units add up over departments; prices, yields and shares don't.
ADDITIVE = {"heads", "t", "ha", "km2", "persons", "USD", "thousand PEN"}
# Two sources of one fact: a slip of ten is none of the ways in which they can differ.
FACTOR = 5
YEARS, ALIKE = 3, 0.005  # common years of a series on another base, and how alike ratios are


def check(name: str, frame: pd.DataFrame, spec: dict) -> pd.DataFrame:
    """Return a table in its declared columns, types and order of rows.

    A column too many, a value outside its field's limits, or a key that is not unique is refused;
    ``spec`` is what :func:`~valuechains.tables.schema` says of the table.
    """
    fields = spec["fields"]
    unknown = sorted(set(frame) - set(fields))
    refuse_if(name, {f"columns without a field: {', '.join(unknown)}": unknown})
    out, key = frame.reset_index(drop=True).reindex(columns=list(fields)), spec["key"]
    origins = out.get("origin", pd.Series("a row", out.index))
    for column in out:
        try:
            if fields[column]["type"] == "string":
                filled = out[column].astype(object).where(out[column].notna(), "").astype(str)
                out[column] = filled.replace({"": None}).astype("str")
            else:
                out[column] = pd.to_numeric(out[column]).astype(DTYPES[fields[column]["type"]])
        except (ValueError, TypeError) as problem:
            raise DataError(f"{name}, {column}: {problem}") from None
        for row, value in out[column].dropna().drop_duplicates().items():
            if wrong := wrong_value(value, fields[column]):
                raise DataError(f"{name}, {column}: {wrong}, in {origins[row]}")
        if column in key and column not in spec.get("optional", ()):
            for origin in origins[out[column].isna()]:
                raise DataError(f"{name}, {column}: nothing in {origin}")
    for keys, same in out[out.duplicated(key, keep=False)].groupby(key, dropna=False):
        what = ", ".join(str(value) for value in keys if pd.notna(value))
        raise DataError(
            f"{name}: {what} stands more than once: {' and '.join(origins[same.index])}"
        )
    return out.sort_values(key, kind="stable", na_position="first").reset_index(drop=True)


# --- declared checks -----------------------------------------------------------------------


class Reference(Declared):
    """Rows that a figure is held against: of another `table` or this one, by `by`."""

    table: str = ""
    field: str
    by: list[str]
    how: Literal["median", "max", "sum", "count"] = "median"
    where: Where = Field(default_factory=dict)


class Relative(Declared):
    """What of the rows with the same `by` a figure is divided by."""

    to: Literal["median", "lowest", "year before"]
    by: tuple[str, ...] = ()


def between(
    data: Data,
    of: dict[str, tuple[float, float]],
    against: Reference | None = None,
    relative: Relative | None = None,
    where: Where | None = None,
    when: str = "",
    what: str = "",
) -> None:
    """Figures, each `of` which has its limits, lie between them.

    They are expressions of fields, and of ``other``, the figure of other rows that `against`
    names; `relative`: over those of rows like theirs. Only rows `when` a condition holds count.
    """
    rows = data.where(where)
    if when:
        rows = rows.query(when)
    if against:
        others = data.where(against.where, against.table)
        figures = others.select_dtypes("number").columns.difference(against.by)
        known = others.groupby(against.by, dropna=False)[list(figures)].agg(against.how)
        other = known.eval(against.field).astype("float64").rename("other").reset_index()
        rows = rows.merge(other, on=against.by, how="left")
    if relative and relative.to == "year before":
        rows = rows.sort_values("year", kind="stable")
    for expression, (low, high) in of.items():
        figure = rows.eval(expression).astype("float64")
        told = expression
        if against:
            told = " of ".join([expression, *map(str, (where or {}).values())])
            told += f" ({against.how} {against.field} of {against.table or 'its own'} rows)"
        if relative:
            figure = _relative(rows, figure, relative)
            told += f" over the {relative.to} of its {' and '.join(relative.by) or 'kind'}"
        check_between(figure, low, high, what or told, rows["origin"])


def _relative(rows: pd.DataFrame, figure: pd.Series, relative: Relative) -> pd.Series:
    """Return figures over the median, or the lowest, of their group, or over the year before."""
    figure = figure.dropna()
    rows = rows.loc[figure.index]
    keys = [rows[key] for key in relative.by] or [pd.Series(0, index=rows.index)]
    groups = figure.groupby(keys, dropna=False)
    if relative.to == "year before":
        years = rows["year"] - rows["year"].groupby(keys, dropna=False).shift()
        return (figure / groups.shift()).where(years == 1)
    return figure / groups.transform("median" if relative.to == "median" else "min")


def complete(data: Data, by: Sequence[str] = (), of: Listed = (), but: Sequence[str] = ()) -> None:
    """All departments are there (with a figure `of`), in every group of rows `by`."""
    rows = data.frame.dropna(subset=list(of))
    rows = rows[~rows["source"].isin(but)]
    for keys, part in rows.groupby(list(by)) if by else [((), rows)]:
        missing = set(places.codes()) - set(part["ubigeo"])
        what = " ".join([data.name, *of, *map(_named, keys)])
        refuse_if(what, {f"nothing for {places.listing(missing)}": missing})


def whole(data: Data, rows: int | None = None, of: Listed = (), where: Where | None = None) -> None:
    """All the figures `of` are there, in so many `rows`."""
    found, fields = data.where(where), ", ".join(of)
    refuse(found[found[list(of)].isna().any(axis=1)], f"no {fields}")
    place = found["origin"].iloc[0] if len(found) else data.name
    counted = f"{len(found)} rows with {fields or 'a figure'}, expected {rows}"
    refuse_if(place, {counted: rows is not None and len(found) != rows})


def adds_up(
    data: Data,
    of: Listed,
    by: list[str],
    low: float = 0.9995,
    high: float = 1.0005,
    where: Where | None = None,
    table: str = "",
    table_where: Where | None = None,
    required: bool = False,
    least: int = 0,
) -> None:
    """The parts of each `by` add up to the whole: their sum over it lies from `low` to `high`.

    The whole is the country's row among the departments' (`required`: there has to be one; a list
    of no more than `least` rows is not added up), or the row of another `table`, which has the
    same `by`. The default allows for rounding.
    """
    rows = data.where(where)
    is_country = rows["ubigeo"] == places.COUNTRY
    if table:
        full, parts = data.where(table_where, table), rows
        full = full[full["ubigeo"] != places.COUNTRY]
        other = set(full["ubigeo"]) ^ set(rows["ubigeo"])
        differ = f"{data.name} and {table} differ in {places.listing(other)}"
        refuse_if(rows["origin"].iloc[0], {differ: other})
    else:
        groups = is_country.groupby([rows[key] for key in by], dropna=False)
        totals, size = groups.transform("sum"), groups.transform("size")
        is_wrong = (totals > 1) | (totals < int(required))
        refuse(rows.assign(n=totals)[is_wrong], "{n} rows of the country, expected one")
        full, parts = rows[is_country & (size > least)], rows[~is_country]
    sums = parts.groupby(by, dropna=False).agg(dict.fromkeys(of, "sum") | {"origin": "first"})
    both = full.merge(sums.reset_index(), on=by, how="left", suffixes=("", "_of_parts"))
    both["origin"] = both["origin_of_parts"].fillna(both["origin"])
    both["keys"] = [" of ".join(map(_named, keys)) for keys in both[by].to_numpy()]
    for field in of:
        both["found"], both["whole"] = both[f"{field}_of_parts"].fillna(0.0), both[field]
        # Sums of floats: exactly one is one to eleven digits.
        is_less = both["found"] < (low - 1e-11) * both["whole"]
        is_more = both["found"] > (high + 1e-11) * both["whole"]
        told = "{keys} add up to {found:,.2f}, the published total is {whole:,.2f}"
        refuse(both[is_less | is_more], f"the parts of {field} of {told}")


def _named(key: object) -> str:
    """Return a key in words: a year, a department by its name."""
    if key in places.codes():
        return places.name(str(key))
    return f"{key:g}" if isinstance(key, float) else str(key)


def known(
    data: Data,
    of: list[str],
    table: str,
    fields: Sequence[str] = (),
    also: Sequence[str] = (),
    every: bool = False,
) -> None:
    """What rows speak of (`of`) stands in its own table (`fields` there, the same by default).

    `also` is known without standing there; `every`: all that stands there is spoken of here.
    """
    mine = data.frame.dropna(subset=of).set_index(of)["origin"]
    there = data.where(None, table).set_index(list(fields or of))["origin"]
    for rows, others, name in [(mine, there, table), (there, mine, data.name)][: 1 + every]:
        for key, origin in rows[~rows.index.isin([*others.index, *also])].items():
            what = ", ".join(map(str, key)) if isinstance(key, tuple) else key
            raise DataError(f"{origin}: {', '.join(of)} {what} is not in {name}")


def in_department(data: Data) -> None:
    """The code of a district begins with its department's."""
    rows = data.frame[data.frame["ubigeo_district"].str[:2] != data.frame["ubigeo"]]
    refuse(rows.assign(name=rows["ubigeo"].map(places.name)), "{ubigeo_district} is not in {name}")


# --- what every tidy file must pass ---------------------------------------------------------


def _figures(spec: dict, part: pd.DataFrame) -> dict[str, dict]:
    """Return the fields of the figures that some rows have, by name."""
    fields = spec["fields"].items()
    known = {name: field for name, field in fields if name in part and name not in spec["key"]}
    return {name: field for name, field in known.items() if field["type"] in NUMERIC}


def check_totals(part: pd.DataFrame, spec: dict) -> None:
    """Refuse departments that add up to more than the file's national row (all: or less)."""
    if "ubigeo" not in part:
        return
    covered = set(part["ubigeo"].str.split("+").explode())
    is_whole = covered >= set(places.codes()) - {"07"}  # Callao is a port, often left out
    low = 0.995 if is_whole else float("-inf")
    exact = part[part["bound"] == "exact"] if "bound" in part else part
    by = [key for key in spec["key"] if key not in ("ubigeo", "source") and key in part]
    for field, about in _figures(spec, part).items():
        if about.get("unit") in ADDITIVE:
            rows = Data("", exact.dropna(subset=field), {})
            adds_up(rows, [field], by or ["source"], low, 1.005, least=1)


def check_yield(part: pd.DataFrame) -> None:
    """Refuse a yield that is not production by area, where a table has all three."""
    if {"production_t", "area_ha", "yield_kg_per_ha"} <= set(part):
        of = {"yield_kg_per_ha * area_ha / (1000 * production_t)": (0.98, 1.02)}
        between(Data("", part, {}), of, what="the yield over production by area")


def check_others(out: pd.DataFrame, mine: pd.Index, spec: dict) -> None:
    """Refuse a figure that is far from what other sources give for the same fact.

    A series that is the same multiple of theirs in every common year (three or more) is one on
    another base or in another unit; it never joins them as it is.
    """
    key = [field for field in spec["key"] if field not in ("source", "edition")]
    for field, about in _figures(spec, out).items():
        if about.get("minimum", -1) < 0:
            continue
        known = out[out[field] > 0].drop(index=mine, errors="ignore")
        ours = out.loc[mine].dropna(subset=field)
        against = Reference(table="theirs", field=field, by=key)
        of = {f"{field} / other": (1 / FACTOR, FACTOR)}
        what = f"{field} over the median of other sources"
        between(Data("", ours, {"theirs": known}), of, against, what=what)
        both = ours.merge(known, on=key, suffixes=("", "_theirs"))
        both["ratio"] = both[field] / both[f"{field}_theirs"]
        if "year" in key:
            apart = [name for name in ("source_theirs", "edition_theirs", *key) if name in both]
            apart.remove("year")
            how = {end: ("ratio", end) for end in ("min", "median", "max", "size")}
            series = both.groupby(apart, dropna=False).agg(**how, origin=("origin", "first"))
            usual = series["median"]
            off = series[["min", "max"]].sub(usual, axis=0).abs().max(axis=1)
            is_alike = (off < ALIKE * usual) & ((usual - 1).abs() > ALIKE)
            series = series[is_alike & (series["size"] >= YEARS)].reset_index()
            said = "is {median:.5g} times that of {source_theirs} in all {size} common years"
            cure = "on another base or in another unit: declare the `factor` that makes them one"
            refuse(series, f"{field} {said}, {cure}")


GENERAL = between, adds_up, whole, complete, known, in_department
OURS = check_partner_names, check_peru, check_poverty_groups, check_yearbooks
CHECKS = {function.__name__: function for function in (*GENERAL, *OURS)}


def run(data: Data, declared: list[dict[str, Any]]) -> None:
    """Run the declared checks of a table, each with the options that it has.

    A function's options are checked as a model is, so that a wrong one is told like a wrong field.
    """
    for one_check in declared:
        ((kind, given),) = one_check.items()
        where = f"declared/{data.name}.yml: checks: {kind}"
        refuse_if(where, {f"no such check{there_are(kind, CHECKS)}": kind not in CHECKS})
        fields = {}
        for option in list(inspect.signature(CHECKS[kind]).parameters.values())[1:]:
            default = ... if option.default is option.empty else option.default
            fields[option.name] = option.annotation, default
        model = create_model(kind, __base__=Declared, **fields)
        CHECKS[kind](data, **dict(checked(model, given, where)))
