"""What a processed table must hold: limits of its fields, its key, and the checks it declares.

Declared checks are wide: they catch a slipped point, swapped columns or another unit, and let
any real change pass. Each names the first row that fails; missing values are let through.
``where`` restricts a check to rows with these values.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_type_hints

import pandas as pd
from pydantic import Field, create_model

from ..core import places
from ..core.declared import Declared, checked
from ..core.errors import DataError, candidates
from . import DTYPES, schema
from .model import NUMERIC

# Figures in these units add up over departments; prices, yields and shares don't.
ADDITIVE = {"heads", "t", "ha", "km2", "persons", "USD", "thousand PEN"}
# Two sources of one fact: a slip of ten is none of the ways in which they can differ.
FACTOR = 5
Fields = str | Sequence[str]
Where = dict[str, Any]


def check(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in its declared columns, types and order of rows.

    Raises
    ------
    DataError
        For a column too many, a value outside its field's limits, or a key that is not unique.
    """
    spec, fields = schema()["tables"][name], schema()["fields"]
    if unknown := set(frame) - set(spec["fields"]):
        raise DataError(f"{name}: columns without a field: {', '.join(sorted(unknown))}")
    out = frame.reindex(columns=spec["fields"])
    for column in out:
        try:
            out[column] = _typed(out[column], fields[column])
        except (ValueError, TypeError) as problem:
            raise DataError(f"{name}, {column}: {problem}") from None
        _check_values(name, out, column, fields[column])
    key = spec["key"]
    for column in set(key) - set(spec.get("optional", ())):
        if out[column].isna().any():
            row = out[out[column].isna()].iloc[0]
            raise DataError(f"{name}, {column}: nothing in {row.get('origin', 'a row')}")
    doubled = out.duplicated(key, keep=False)
    if doubled.any():
        same = out[(out[key].fillna("") == out.loc[doubled, key].iloc[0].fillna("")).all(axis=1)]
        what = ", ".join(str(value) for value in same[key].iloc[0].dropna())
        where = " and ".join(same["origin"]) if "origin" in same else f"{len(same)} rows"
        raise DataError(f"{name}: {what} stands more than once: {where}")
    return out.sort_values(key, kind="stable", na_position="first").reset_index(drop=True)


def _typed(column: pd.Series, field: dict) -> pd.Series:
    if field["type"] != "string":
        return pd.to_numeric(column).astype(DTYPES[field["type"]])
    filled = column.astype(object).where(column.notna(), "")
    return filled.astype(str).replace({"": None}).astype("str")


def _check_values(name: str, table: pd.DataFrame, column: str, field: dict) -> None:
    given = table[column].dropna()
    wrong, expected = pd.Series(False, index=given.index), []
    for bound, test in (("minimum", given.lt), ("maximum", given.gt)):
        if bound in field:
            wrong |= test(field[bound])
            expected.append(f"{bound} {field[bound]}")
    if "enum" in field:
        wrong |= ~given.isin(field["enum"])
        expected.append(f"one of {', '.join(field['enum'])}")
    if "pattern" in field:
        wrong |= ~given.map(lambda text: bool(re.fullmatch(field["pattern"], text)))
        expected.append(f"text like {field['pattern']}")
    if field.get("whole"):
        wrong |= given % 1 != 0
        expected.append("a whole number")
    if wrong.any():
        row = table.loc[wrong.idxmax()]
        raise DataError(
            f"{name}, {column}: {str(row[column])!r} in {row.get('origin', 'a row')}, "
            f"expected {' and '.join(expected)}"
        )


# --- declared checks -----------------------------------------------------------------------


class Against(Declared):
    """Figures of another table (or this one) that a figure is held against: one for each `by`."""

    table: str
    field: str
    over: str | None = None
    by: list[str]
    how: Literal["median", "max", "sum", "count", "less"] = "median"
    where: Where = Field(default_factory=dict)


class Data:
    """A table that is checked, beside the other tables."""

    def __init__(self, name: str, frame: pd.DataFrame, made: Callable) -> None:
        self.name, self.frame, self.made = name, frame.reset_index(drop=True), made

    def table(self, name: str) -> pd.DataFrame:
        """Return another table, or this one by its own name."""
        return self.frame if name == self.name else self.made(name)

    def where(self, wanted: Where, table: str = "") -> pd.DataFrame:
        """Return the rows with the wanted values."""
        rows = self.table(table or self.name)
        for field, value in wanted.items():
            if isinstance(value, str) and value.endswith("*"):
                rows = rows[rows[field].str.startswith(value[:-1])]
            else:
                rows = rows[rows[field].isin(value if isinstance(value, list) else [value])]
        return rows


def _listed(names: Fields) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def check_between(
    values: pd.Series, low: float, high: float, what: str, origins: pd.Series
) -> None:
    """Refuse values that no figure of their kind can have; the first one is named by its row."""
    values = values.astype("float64")
    wrong = (values < low) | (values > high)
    if wrong.any():
        row = wrong.idxmax()
        raise DataError(
            f"{origins[row]}: {what} is {values[row]:.4g}, expected {low:g} to {high:g}"
        )


def between(
    data: Data, of: Fields, low: float, high: float, over: Fields = (), plus: Fields = (),
    minus: Fields = (), times: float = 1, median: list[str] | None = None,
    against: Against | None = None, where: Where | None = None,
    least: dict[str, float] | None = None, before: int = 9999, what: str = "",
) -> None:  # fmt: skip
    """A figure (product of `of`, `plus` others, `times`, `over`, `minus`) from `low` to `high`.

    With `median` it is taken over the median of its rows with the same fields, with `against`
    over figures of another table (`how` is `less`: less those figures). Rows below a `least`
    figure, or not `before` a year, take no part.
    """
    rows = data.where(where or {})
    if "year" in rows:
        rows = rows[~(rows["year"] >= before)]
    for field, floor in (least or {}).items():
        rows = rows[rows[field] >= floor]
    values = rows[_listed(of)].prod(axis=1, skipna=False)
    values = (values + rows[_listed(plus)].sum(axis=1, skipna=False)) * times
    values = values / rows[_listed(over)].prod(axis=1, skipna=False)
    values = values - rows[_listed(minus)].sum(axis=1, skipna=False)
    names = [*_listed(of), *_listed(plus)]
    told = what or " and ".join(names) + "".join(f" over {name}" for name in _listed(over))
    if median is not None:
        keys = [rows[field] for field in median] or [pd.Series(0, index=rows.index)]
        values = values / values.groupby(keys).transform("median")
        told += f" over the median of its {' and '.join(median) or 'kind'}"
    if against:
        others = data.where(against.where, against.table).groupby(against.by)
        how = "median" if against.how == "less" else against.how
        known = others[against.field].agg(how)
        if against.over:
            known = known / others[against.over].agg(how)
        keys = rows[against.by[0]] if len(against.by) == 1 else pd.MultiIndex.from_frame(
            rows[against.by]
        )  # fmt: skip
        theirs = known.astype("float64").reindex(keys).to_numpy()
        values = values - theirs if against.how == "less" else values / theirs
        told = what or f"{told} over that of {against.table} ({how})"
    check_between(values, low, high, told, rows["origin"])


def near_median(
    data: Data, of: dict[str, tuple[float, float]], by: list[str], where: Where | None = None
) -> None:
    """Each figure over the median of its rows with the same `by` lies from low to high."""
    for field, (low, high) in of.items():
        between(data, field, low, high, median=by, where=where)


def steps(
    data: Data, of: dict[str, float], by: Sequence[str] = ("source",), where: Where | None = None,
    over: Fields = (),
) -> None:  # fmt: skip
    """A series by year, one for each `by`, grows or falls by no more than a factor in a year."""
    rows = data.where(where or {}).sort_values("year", kind="stable")
    for _, series in rows.groupby(list(by), dropna=False) if by else [((), rows)]:
        for field, factor in of.items():
            values = series[field] / series[_listed(over)].prod(axis=1, skipna=False)
            values = values[values.notna()]
            runs = series.loc[values.index, "year"].diff().ne(1).cumsum()
            ratio = values / values.groupby(runs).shift()
            what = f"{field} over the year before"
            check_between(ratio, 1 / factor, factor, what, series["origin"])


def vintages(
    data: Data, of: dict[str, float], by: list[str], least: float = 0, where: Where | None = None
) -> None:
    """Of one fact (`by`) several sources' figures lie within a factor, if above `least`.

    A revision passes; a slipped point, another unit or another base does not.
    """
    rows = data.where(where or {})
    for field, factor in of.items():
        known = rows[rows[field] > least].dropna(subset=[key for key in by if key != "product"])
        for _, part in known.groupby(by, dropna=False):
            low, high = part.loc[part[field].idxmin()], part.loc[part[field].idxmax()]
            if high[field] > factor * low[field]:
                raise DataError(
                    f"{high['origin']}: {field} is {high[field]:,.6g}, in {low['origin']} it is "
                    f"{low[field]:,.6g}, expected within a factor of {factor:g}"
                )


def complete(
    data: Data,
    by: Sequence[str] = (),
    of: Fields = (),
    where: Where | None = None,
    but: Sequence[str] = (),
) -> None:
    """All departments are there (with a figure `of`), in every group of rows `by`."""
    rows = data.where(where or {}).dropna(subset=_listed(of))
    rows = rows[~rows["source"].isin(but)]
    for keys, part in rows.groupby(list(by)) if by else [((), rows)]:
        if missing := set(places.codes()) - set(part["ubigeo"]):
            group = " ".join(f"{key:g}" if isinstance(key, float) else str(key) for key in keys)
            what = " ".join(filter(None, [data.name, *_listed(of), group]))
            raise DataError(f"{what}: nothing for {places.listing(missing)}")


def count(data: Data, rows: int, of: Fields = (), where: Where | None = None) -> None:
    """So many rows, each with all the figures `of`."""
    found = data.where(where or {})
    whole = found.dropna(subset=_listed(of))
    if len(found) != rows or len(whole) != rows:
        file = found["origin"].iloc[0] if len(found) else data.name
        raise DataError(f"{file}: {len(whole)} whole rows of {len(found)}, expected {rows}")


def given(data: Data, of: Fields) -> None:
    """No figure is missing."""
    for field in _listed(of):
        if (missing := data.frame[field].isna()).any():
            raise DataError(f"{data.frame.at[missing.idxmax(), 'origin']}: no {field}")


def check_parts(parts: pd.Series, total: float, what: str, within: float, origin: str) -> None:
    """Refuse parts that do not add up to the published total."""
    found = parts.sum()
    if abs(found - total) > within * total:
        raise DataError(
            f"{origin}: the parts of {what} add up to {found:,.2f}, the published total is "
            f"{total:,.2f}"
        )


def adds_up(
    data: Data, of: Fields, by: list[str], within: float = 0.0005, where: Where | None = None,
    part: str = "ubigeo", whole: str = places.COUNTRY, required: bool = False,
    if_complete: bool = False,
) -> None:  # fmt: skip
    """Parts (departments) add up to the row of the `whole` (the country), if there is one.

    The default share `within` allows for rounding in print. `required`: there must be one such
    row; `if_complete`: only lists of all departments can be added up.
    """
    for _, rows in data.where(where or {}).groupby(by):
        is_whole = rows[part] == whole
        origin, local = rows["origin"].iloc[0], rows[~is_whole]
        if is_whole.sum() != 1 and (required or is_whole.any()):
            raise DataError(f"{origin}: {is_whole.sum()} rows of {whole} (the whole), expected one")
        if not is_whole.any() or (if_complete and len(local) != len(places.codes())):
            continue
        for field in _listed(of):
            total = rows.loc[is_whole, field].iloc[0]
            if pd.notna(total):
                check_parts(local[field], total, field, within, origin)


def total(
    data: Data, of: str, by: list[str], expected: float, where: Where, at_most: bool = False
) -> None:
    """Parts add up to a known total, such as 100 % (`at_most`: or to less)."""
    for keys, rows in data.where(where).dropna(subset=of).groupby(by):
        found = rows[of].sum()
        if found > 1.0005 * expected or (not at_most and found < 0.9995 * expected):
            what = " of ".join(places.name(key) if key in places.codes() else key for key in keys)
            raise DataError(
                f"{rows['origin'].iloc[0]}: {what} adds up to {found:g}, not {expected:g}"
            )


def adds_up_to_table(
    data: Data, of: Fields, by: list[str], table: str, within: float = 0.0005,
    where: Where | None = None,
) -> None:  # fmt: skip
    """The rows of each `by` add up to the figure of another table, which has the same ones."""
    known = data.where(where or {}, table).set_index(by[0])
    known = known.drop(places.COUNTRY, errors="ignore")
    if other := set(known.index) ^ set(data.frame[by[0]]):
        raise DataError(
            f"{data.frame['origin'].iloc[0]}: {data.name} and {table} differ in "
            f"{places.listing(other)}"
        )
    for code, rows in data.frame.groupby(by[0]):
        for field in _listed(of):
            what = f"{field} of {places.name(code)}"
            check_parts(rows[field], known.at[code, field], what, within, rows["origin"].iloc[0])


def between_rows(
    data: Data, field: str, value: str, of: str, over: str, by: list[str], low: float, high: float,
    where: Where | None = None, median: bool = False, what: str = "",
) -> None:  # fmt: skip
    """The figure of one row (`field` says `of`) over that of another (`over`) of the same `by`.

    With `median` their ratio is taken over its median.
    """
    rows = data.where(where or {}).fillna(dict.fromkeys(by, ""))
    first, second = (rows[rows[field] == word].groupby(by) for word in (of, over))
    ratio = first[value].max() / second[value].max()
    if median:
        ratio = ratio / ratio.median()
    check_between(ratio, low, high, what or f"{of} over {over}", first["origin"].first())


def share_of_country(
    data: Data, of: str, low: float, near: tuple[float, float], where: Where
) -> None:
    """Departments have `low` to all of the country's figure of a year, and keep their shares."""
    rows = data.where(where)
    country = rows[rows["ubigeo"] == places.COUNTRY].set_index("year")[of]
    local = rows[rows["ubigeo"] != places.COUNTRY]
    share = local[of] / local["year"].map(country)
    ratio = share / share.groupby(local["ubigeo"]).transform("median")
    what = "the share of Peru over the department's median"
    check_between(ratio, *near, what, local["origin"])
    for year, together in share.groupby(local["year"]).sum().items():
        if not low <= together <= 1:
            file = local["origin"].iloc[0].rpartition(":")[0]
            raise DataError(f"{file}: departments have {together:.3f} of Peru in {year:g}")


def known(
    data: Data, of: list[str], table: str, fields: Sequence[str] = (), also: Sequence[str] = (),
    every: bool = False,
) -> None:  # fmt: skip
    """What rows speak of (`of`) stands in its own table (`fields` there, the same by default).

    `also` is known without standing there; `every`: all that stands there is spoken of here.
    """
    fields, there = list(fields or of), data.table(table)
    mine = data.frame.dropna(subset=of)
    sides = [(mine[~mine[of[0]].isin(also)], of, there, fields, table)]
    if every:
        sides.append((there, fields, mine, of, data.name))
    for rows, keys, others, theirs, name in sides:
        wanted = pd.MultiIndex.from_frame(others[theirs].astype(object))
        alone = rows[~pd.MultiIndex.from_frame(rows[keys].astype(object)).isin(wanted)]
        for _, row in alone.iloc[:1].iterrows():
            what = ", ".join(str(row[key]) for key in keys)
            raise DataError(f"{row['origin']}: {', '.join(keys)} {what} is not in {name}")


def in_department(data: Data, of: str = "ubigeo_district") -> None:
    """The code of a district begins with its department's."""
    rows = data.frame
    for row in rows.index[rows[of].str[:2] != rows["ubigeo"]][:1]:
        name = places.name(rows.at[row, "ubigeo"])
        raise DataError(f"{rows.at[row, 'origin']}: {rows.at[row, of]} is not in {name}")


def hook(data: Data, name: str) -> None:
    """Run a check of ``hooks/<module>.py``, named ``<module>.<function>``."""
    hooked(name)(data)


def hooked(name: str) -> Callable:
    """Return a function of the hooks by its name ``<module>.<function>``."""
    module, _, function = name.partition(".")
    return getattr(importlib.import_module(f"{__package__}.hooks.{module}"), function)


# --- what every tidy file must pass ---------------------------------------------------------


def _figures(spec: dict, fields: dict, part: pd.DataFrame) -> list[str]:
    return [
        field
        for field in part
        if field in fields and field not in spec["key"] and fields[field]["type"] in NUMERIC
    ]


def check_totals(part: pd.DataFrame, spec: dict, fields: dict) -> None:
    """Refuse departments that add up to more than the file's national row (all: or less)."""
    rest = [key for key in spec["key"] if key not in ("ubigeo", "source") and key in part]
    if "ubigeo" not in part or places.COUNTRY not in set(part["ubigeo"]):
        return
    covered = {code for codes in part["ubigeo"] for code in codes.split("+")}
    is_whole = covered >= set(places.codes()) - {"07"}  # Callao is a port, often left out
    for field in _figures(spec, fields, part):
        if fields[field].get("unit") not in ADDITIVE:
            continue
        known = part.dropna(subset=field)
        if "bound" in known:
            known = known[known["bound"] == "exact"]
        for _, fact in known.groupby(rest, dropna=False) if rest else [((), known)]:
            nation = fact[fact["ubigeo"] == places.COUNTRY]
            local = fact[fact["ubigeo"] != places.COUNTRY]
            if len(nation) != 1 or local.empty:
                continue
            total = nation[field].iloc[0]
            found = local[field].sum()
            if found > 1.005 * total or (is_whole and found < 0.995 * total):
                raise DataError(
                    f"{nation['origin'].iloc[0]}: {field}: the departments add up to "
                    f"{found:,.10g}, the national row says {total:,.10g}"
                )


def check_yield(part: pd.DataFrame) -> None:
    """Refuse a yield that is not production by area, where a table has all three."""
    if {"production_t", "area_ha", "yield_kg_per_ha"} <= set(part):
        ratio = part["yield_kg_per_ha"] * part["area_ha"] / (1000 * part["production_t"])
        check_between(ratio, 0.98, 1.02, "the yield over production by area", part["origin"])


def check_others(out: pd.DataFrame, mine: pd.Index, spec: dict, fields: dict) -> None:
    """Refuse a figure that is far from what other sources give for the same fact."""
    key = [field for field in spec["key"] if field != "source"]
    for field in _figures(spec, fields, out.loc[mine]):
        known = out.dropna(subset=field)
        ours = known[known.index.isin(mine)]
        rest = known.drop(ours.index).groupby(key, dropna=False)[field].median()
        rest = rest[rest > 0]
        if len(rest) and len(ours) and fields[field].get("minimum", -1) >= 0:
            keys = pd.MultiIndex.from_frame(ours[key]) if len(key) > 1 else pd.Index(ours[key[0]])
            ratio = ours[field] / rest.reindex(keys).to_numpy()
            what = f"{field} over the median of other sources"
            check_between(ratio, 1 / FACTOR, FACTOR, what, ours["origin"])


CHECKS = {
    function.__name__: function
    for function in (
        between, near_median, steps, vintages, complete, count, given, adds_up, total,
        adds_up_to_table, between_rows, share_of_country, known, in_department, hook,
    )
}  # fmt: skip


def _options(function: Callable) -> type[Declared]:
    """Return a check's options as a model, so that a wrong one is told like any wrong field."""
    hints = get_type_hints(function)
    given = list(inspect.signature(function).parameters.values())[1:]
    fields = {
        option.name: (hints[option.name], ... if option.default is option.empty else option.default)
        for option in given
    }
    return create_model(function.__name__, __base__=Declared, **fields)


def run(data: Data, declared: list[dict[str, Any]]) -> None:
    """Run the declared checks of a table.

    Raises
    ------
    DataError
        When a check fails, there is no check of that name, or it has no such option.
    """
    for one_check in declared:
        ((kind, given),) = one_check.items()
        where = f"declared/{data.name}.yml: checks: {kind}"
        if kind not in CHECKS:
            near = candidates(kind, CHECKS)
            raise DataError(f"{where}: no such check{near}; there are {', '.join(CHECKS)}")
        options = checked(
            _options(CHECKS[kind]), {"name": given} if kind == "hook" else given, where
        )
        CHECKS[kind](data, **dict(options))
