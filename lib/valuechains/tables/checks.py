"""What a processed table must hold: limits of its fields, its key, and the checks it declares.

Declared checks are wide: they catch a slipped point, swapped columns or another unit, and let
any real change pass. Each names the first row that fails; missing values are let through.
``where`` restricts a check to rows with these values.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import pandas as pd
from pydantic import Field

from ..core import places
from ..core.declared import Declared
from ..core.errors import DataError, refuse_if, there_are
from . import DTYPES
from .model import NUMERIC, Listed

# Figures in these units add up over departments; prices, yields and shares don't.
ADDITIVE = {"heads", "t", "ha", "km2", "persons", "USD", "thousand PEN"}
# Two sources of one fact: a slip of ten is none of the ways in which they can differ.
FACTOR = 5
YEARS, ALIKE = 3, 0.005  # common years of a series on another base, and how alike ratios are

Where = dict[str, Any]


# --- what refuses ---------------------------------------------------------------------------


class Data(NamedTuple):
    """A table that is checked, beside the other tables."""

    name: str
    frame: pd.DataFrame
    made: Mapping[str, pd.DataFrame]

    def where(self, wanted: Where | None = None, table: str = "") -> pd.DataFrame:
        """Return the rows with the wanted values, of this table or of another one.

        A value that ends in ``*`` stands for all that begin so. Figures are floats: what is
        missing is then neither less nor more than anything.
        """
        rows = self.frame if table in ("", self.name) else self.made[table]
        rows = rows.astype(dict.fromkeys(rows.select_dtypes("Int64"), "float64"))
        for field, value in (wanted or {}).items():
            if isinstance(value, str) and value.endswith("*"):
                rows = rows[rows[field].str.startswith(value[:-1], na=False)]
            else:
                rows = rows[rows[field].isin(value if isinstance(value, list) else [value])]
        return rows.reset_index(drop=True)


def refuse(rows: pd.DataFrame, message: str) -> None:
    """Refuse the first of some rows: where it is from, and what is `message` with its values."""
    for row in rows.head(1).to_dict("records"):
        raise DataError(f"{row['origin']}: {message.format(**row)}")


def refuse_outside(figures: pd.Series, low: float, high: float, what: str, rows: Any) -> None:
    """Refuse the first of some figures that no figure of its kind can be, by its row's origin."""
    found = pd.DataFrame({"figure": figures.astype("float64"), "origin": rows["origin"]})
    message = f"{what} is {{figure:.4g}}, expected {low:g} to {high:g}"
    refuse(found.query("figure < @low or figure > @high"), message)


# --- the fields and the key of every table --------------------------------------------------


def wrong_value(value: str | float, field: dict) -> str:
    """Return what is wrong with a value of a field, or nothing."""
    if isinstance(value, str):
        if value not in field.get("enum", [value]):
            return f"{value!r}{there_are(value, field['enum'])}; say which under `words`"
        is_alike = re.fullmatch(field.get("pattern", "(?s:.*)"), value)
        return "" if is_alike else f"{value!r}, expected text like {field['pattern']}"
    low, high = field.get("minimum", float("-inf")), field.get("maximum", float("inf"))
    if not low <= value <= high:
        return f"{value:.15g}, which is outside {low:g} to {high:g}"
    is_whole = field["type"] == "integer" or field.get("whole")
    return f"{value:.15g}, expected a whole number" if is_whole and value % 1 != 0 else ""


def check(name: str, frame: pd.DataFrame, spec: dict) -> pd.DataFrame:
    """Return a table in its declared columns, types and order of rows.

    A column too many, a value outside its field's limits, or a key that is not unique is refused;
    ``spec`` is what :func:`~valuechains.tables.schema` says of the table.
    """
    fields, key = spec["fields"], spec["key"]
    unknown = sorted(set(frame) - set(fields))
    refuse_if(name, {f"columns without a field: {', '.join(unknown)}": unknown})
    out = frame.reset_index(drop=True).reindex(columns=list(fields))
    origins = out.get("origin", pd.Series("a row", out.index))
    for column, field in fields.items():
        cells = out[column].replace("", None)
        try:
            cells = cells if field["type"] == "string" else pd.to_numeric(cells)
            out[column] = cells.astype(DTYPES[field["type"]])
        except (ValueError, TypeError) as problem:
            raise DataError(f"{name}, {column}: {problem}") from None
        missing = "" if column not in key or column in spec.get("optional", ()) else "nothing"
        for row, value in out[column].drop_duplicates().items():
            wrong = wrong_value(value, field) if pd.notna(value) else missing
            if wrong:
                raise DataError(f"{name}, {column}: {wrong} in {origins[row]}")
    for keys, same in out[out.duplicated(key, keep=False)].groupby(key, dropna=False):
        what = ", ".join(str(value) for value in keys if pd.notna(value))
        both = " and ".join(origins[same.index])
        raise DataError(f"{name}: {what} stands more than once: {both}")
    return out.sort_values(key, kind="stable", na_position="first").reset_index(drop=True)


def check_years(table: pd.DataFrame, entered: Mapping[str, int]) -> None:
    """Refuse a year that had not come yet when the last file of its source was entered."""
    rows = table.reindex(columns=["year", "source", "origin"])
    rows["entered"] = rows["source"].map(entered)
    message = "the year {year} had not come yet when the file was entered, in {entered:g}"
    refuse(rows[(rows["year"] > rows["entered"]).fillna(False)], message)


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
    rows, of_what = data.where(where), []
    rows = rows.query(when) if when else rows
    if against:
        others = data.where(against.where, against.table)
        figures = list(others.select_dtypes("number").columns.difference(against.by))
        known = others.groupby(against.by, dropna=False)[figures].agg(against.how)
        other = known.eval(against.field).astype("float64").rename("other").reset_index()
        rows = rows.merge(other, on=against.by, how="left")
        of_what = [f" of {value}" for value in (where or {}).values()]
        of_what.append(f" ({against.how} {against.field} of {against.table or 'its own'} rows)")
    if relative:
        rows = rows.sort_values("year", kind="stable") if "year" in rows else rows
        of_what.append(f" over the {relative.to} of its {' and '.join(relative.by) or 'kind'}")
    for expression, (low, high) in of.items():
        figure = rows.eval(expression).astype("float64")
        figure = _over(rows, figure, relative) if relative else figure
        refuse_outside(figure, low, high, what or "".join([expression, *of_what]), rows)


def _over(rows: pd.DataFrame, figure: pd.Series, relative: Relative) -> pd.Series:
    """Return figures over the median, or the lowest, of their group, or over the year before."""
    keys = [rows[key] for key in relative.by] or [pd.Series("all", rows.index)]
    groups = figure.groupby(keys, dropna=False)
    if relative.to == "year before":
        years = rows["year"].groupby(keys, dropna=False).diff()
        return (figure / groups.shift()).where(years == 1)
    return figure / groups.transform("median" if relative.to == "median" else "min")


def complete(data: Data, by: Sequence[str] = (), of: Listed = (), but: Sequence[str] = ()) -> None:
    """All departments are there (with a figure `of`), in every group of rows `by`."""
    rows = data.frame[~data.frame["source"].isin(but)].assign(table=data.name)
    for keys, part in rows.groupby(["table", *by]):
        missing = set(places.codes()) - set(part.dropna(subset=list(of))["ubigeo"])
        what = " ".join(map(_named, (*keys, *of)))
        refuse_if(what, {f"nothing for {places.listing(missing)}": missing})


def whole(data: Data, rows: int | None = None, of: Listed = (), where: Where | None = None) -> None:
    """All the figures `of` are there, in so many `rows`."""
    found, fields = data.where(where), ", ".join(of)
    refuse(found[found[list(of)].isna().any(axis=1)], f"no {fields}")
    place = next(iter(found["origin"]), data.name)
    if rows not in (None, len(found)):
        raise DataError(f"{place}: {len(found)} rows with {fields or 'a figure'}, expected {rows}")


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

    The whole is the country's row among the departments', or the row of another `table`, which has
    the same `by` (`required`: there has to be one; fewer than `least` parts are not added up). The
    default allows for rounding.
    """
    rows = data.where(where)
    is_country = rows["ubigeo"] == places.COUNTRY
    full, grouped = rows[is_country], rows[~is_country].groupby(by, dropna=False)
    if table:
        full = data.where(table_where, table)
        full = full[full["ubigeo"] != places.COUNTRY]
    sums = grouped[list(of)].sum().assign(n=grouped.size(), origin=grouped["origin"].first())
    both = sums.reset_index().merge(full, on=by, how="outer", suffixes=("", "_whole"))
    both["keys"] = [" of ".join(map(_named, keys)) for keys in both[by].to_numpy()]
    if required:
        expected = f"expected a row {f'in {table}' if table else 'of the country'}"
        refuse(both[both["origin_whole"].isna()], f"no whole for {{keys}}: {expected}")
    both = both[both["n"].fillna(0) >= least]
    both = both.assign(origin=both["origin"].fillna(both["origin_whole"]))
    for field in of:
        both["found"], both["whole"] = both[field].fillna(0.0), both[f"{field}_whole"]
        # Sums of floats: exactly one is one to eleven digits.
        is_off = "found < (@low - 1e-11) * whole or found > (@high + 1e-11) * whole"
        sums_say = "{keys} add up to {found:,.2f}, the published total is {whole:,.2f}"
        refuse(both.query(is_off), f"the parts of {field} of {sums_say}")


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
    mine = data.where().dropna(subset=of).set_index(of)["origin"]
    there = data.where(None, table).set_index(list(fields or of))["origin"]
    unknown = mine[~mine.index.isin([*there.index, *also])]
    unspoken = there[~there.index.isin([*mine.index, *also])] if every else there[:0]
    for rows, name in ((unknown, table), (unspoken, data.name)):
        for key, origin in rows.items():
            what = ", ".join(map(str, key)) if isinstance(key, tuple) else key
            raise DataError(f"{origin}: {', '.join(of)} {what} is not in {name}")


def in_department(data: Data) -> None:
    """The code of a district begins with its department's."""
    rows = data.frame[data.frame["ubigeo_district"].str[:2] != data.frame["ubigeo"]]
    refuse(rows.assign(name=rows["ubigeo"].map(places.name)), "{ubigeo_district} is not in {name}")


# --- what every tidy file must pass ---------------------------------------------------------


def _figures(spec: dict, part: pd.DataFrame) -> dict[str, dict]:
    """Return the fields of the figures that some rows have, by name."""
    own = part.columns.difference(spec["key"]).intersection(spec["fields"])
    fields = {name: spec["fields"][name] for name in own}
    return {name: field for name, field in fields.items() if field["type"] in NUMERIC}


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
        others = out[out[field] > 0].drop(index=mine, errors="ignore")
        both = out.loc[mine].merge(others, on=key, suffixes=("", "_theirs"))
        both["ratio"] = both[field] / both[f"{field}_theirs"]
        median = both.groupby(key, dropna=False)[f"{field}_theirs"].transform("median")
        what = f"{field} over the median of other sources"
        refuse_outside(both[field] / median, 1 / FACTOR, FACTOR, what, both)
        if "year" not in key:
            continue
        apart = both.columns.intersection(["source_theirs", "edition_theirs", *key])
        series = both.groupby(list(apart.drop("year")), dropna=False)
        ratios = series["ratio"].agg(low="min", usual="median", high="max", years="count")
        ratios["origin"] = series["origin"].first()
        spread = ratios[["low", "high"]].sub(ratios["usual"], axis=0).abs().max(axis=1)
        is_other = (spread < ALIKE * ratios["usual"]) & ((ratios["usual"] - 1).abs() > ALIKE)
        message = "is {usual:.5g} times that of {source_theirs} in all {years} common years"
        cure = "on another base or in another unit: declare the `factor` that makes them one"
        off = ratios[is_other & (ratios["years"] >= YEARS)].reset_index()
        refuse(off, f"{field} {message}, {cure}")
