"""A table nobody foresaw → rows of a processed table, as its sidecar says (``mapping.py``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from ...core import places
from ...core.errors import DataError, ValueChainsError, candidates
from ...extract.readers import values
from ...extract.readers.table import RawTable, Repair
from ...extract.sidecar import SUFFIX, Sidecar
from . import Read, check_between, frame, stack
from .mapping import NUMERIC, entries_of, needed, wide

# Figures in these units add up over departments; prices, yields and shares don't.
ADDITIVE = {"heads", "t", "ha", "km2", "persons", "USD", "thousand PEN"}
# Two sources of one fact: a slip of ten is none of the ways in which they can differ.
FACTOR = 5


def add(read: Read, name: str, made: pd.DataFrame, schema: dict) -> pd.DataFrame:
    """Return a processed table with the rows of every tidy file whose sidecar names it.

    Raises
    ------
    DataError
        When a sidecar can't be followed, a cell is not what its field holds, the departments of
        a file exceed its own national row, or a figure is far from other sources' of that fact.
    """
    spec, fields = schema["tables"][name], schema["fields"]
    parts = [
        _filled(table, read.sidecar(table), spec, fields)
        for table in read.every("tidy")
        if read.sidecar(table).table == name
    ]
    if not parts:
        return made
    for part in parts:
        _check_totals(part, spec, fields)
        _check_yield(part)
    out = stack([made, *parts])
    _check_others(out, stack(parts).index + len(made), spec, fields)
    return out


def check_tables(read: Read, known: dict) -> None:
    """Refuse a tidy file that feeds no table."""
    for table in read.every("tidy"):
        if str(name := read.sidecar(table).table) not in known:
            raise DataError(
                f"{table.file}{SUFFIX}: table {name!r}{candidates(str(name), known)}, expected "
                f"one of {', '.join(known)}"
            )


def _filled(table: RawTable, sidecar: Sidecar, spec: dict, fields: dict) -> pd.DataFrame:
    """Return the rows of one file in the fields of its table."""
    beside = f"{table.file}{SUFFIX}"
    entries = entries_of(sidecar.columns, spec, fields, beside)
    table = _skipped(table, sidecar.skip or [], beside)
    said = [constants for entry in entries.values() for constants in wide(entry).values()]
    cases = [one for place, one in enumerate(said) if one not in said[:place]] or [{}]
    parts = []
    for case in cases:
        given = entries | {field: {"value": value} for field, value in case.items()}
        cells = {
            field: _cells(table, field, entry, case, fields[field], beside)
            for field, entry in given.items()
        }
        parts.append(_assembled(table, cells, spec, fields))
    kept = pd.concat(parts)
    empty = ~table.frame.index.isin(kept.index)
    table.rejected |= dict.fromkeys(table.frame.index[empty], "no figure in it")
    for field in needed(spec):
        if kept[field].isna().any():
            row = kept.index[kept[field].isna()][0]
            column = entries.get(field, {}).get("column", field)
            raise table.error(row, column, f"no {field} in it")
    _check_names(table, entries.get("ubigeo", {}), kept)
    return kept


def _assembled(table: RawTable, cells: dict, spec: dict, fields: dict) -> pd.DataFrame:
    """Return the rows that have a figure, with the bound that was read with it."""
    out = {field: one for field, one in cells.items() if fields[field]["type"] not in NUMERIC}
    found = {field: one for field, one in cells.items() if field not in out}
    has_bound = "bound" in spec["fields"] and "bound" not in cells
    for field, quantities in found.items():
        out[field] = quantities.map(lambda one: one and one.value).astype("float64")
        if not has_bound or field in spec["key"]:
            for row, one in quantities.items():
                if one and one.bound != "exact":
                    raise table.error(row, field, f"{one.bound} where a plain number is expected")
    figures = [field for field in found if field not in spec["key"]]
    if has_bound:
        out["bound"] = pd.Series(
            {
                row: _bound(table, row, [found[field][row] for field in figures])
                for row in table.frame.index
            }
        )
    whole = frame(table, **out)
    return whole[whole[figures].notna().any(axis=1)] if figures else whole


def _bound(table: RawTable, row: int, figures: list[values.Quantity | None]) -> str:
    """Return the bound of a row's figures: one for all of them, or exact."""
    bounds = {one.bound for one in figures if one and one.value is not None} - {"exact"}
    if len(bounds) > 1:
        raise table.error(row, "bound", f"{' and '.join(sorted(bounds))} in one row")
    return bounds.pop() if bounds else "exact"


def _skipped(table: RawTable, skip: object, beside: str) -> RawTable:
    """Return a table without the rows that its sidecar leaves out."""
    for one in skip if isinstance(skip, list) else [skip]:
        if not isinstance(one, dict) or set(one) != {"column", "values", "reason"} or not all(
            [isinstance(one["values"], list), one["values"], one["reason"]]
        ):  # fmt: skip
            raise DataError(f"{beside}: skip: expected column, values (a list) and reason")
        cells = table.text(str(one["column"])).map(places.fold)
        for value in one["values"]:
            hit = cells == places.fold(str(value))
            if not hit.any():
                raise DataError(
                    f"{beside}: skip: no {value!r} in column {one['column']!r} of {table.file}"
                    f"{candidates(str(value), table.text(str(one['column'])))}"
                )
            table = table.where(~hit, str(one["reason"]))
            cells = cells[~hit]
    if table.frame.empty:
        raise DataError(f"{beside}: skip: leaves no row")
    return table


def _cells(
    table: RawTable, field: str, entry: dict, case: dict, of: dict, beside: str
) -> pd.Series:
    """Return a field of every row: text, or quantities where it is a number."""
    parser = _parser(field, entry, of)
    column = entry.get("column")
    if "columns" in entry:
        column = next((one for one, said in wide(entry).items() if said == case), None)
        if column is None:
            return pd.Series(None, index=table.frame.index, dtype=object)
    if column is None:
        try:
            constant = parser(str(entry["value"]).strip())
        except ValueChainsError as problem:
            raise DataError(f"{beside}: columns: {field}: {problem}") from None
        return pd.Series([constant] * len(table.frame), index=table.frame.index, dtype=object)
    found = table.parse(str(column), parser)
    _note_repairs(table, str(column), field, found, "style" not in entry)
    return found


def _parser(field: str, entry: dict, of: dict) -> Callable[[str], Any]:
    if of["type"] in NUMERIC:
        return lambda text: _quantity(text, entry, of)
    words = {str(one): str(ours) for one, ours in entry.get("words", {}).items()}
    is_open = not {"enum", "pattern"} & set(of)

    def term(text: str) -> str | None:
        if words and is_open and text not in words:
            raise DataError(f"{text!r} is none of the words {', '.join(words)}")
        text = words.get(text, " ".join(text.split()))
        if not text:
            return None
        if field == "ubigeo":
            return places.resolve_all(places.restored(text, 2) or text)
        if text not in of.get("enum", [text]):
            raise DataError(f"{text!r}{candidates(text, of['enum'])}, expected one of "
                            f"{', '.join(of['enum'])}; say which under `words`")  # fmt: skip
        if not re.fullmatch(of.get("pattern", "(?s:.*)"), text):
            raise DataError(f"{text!r}, expected text like {of['pattern']}")
        return text

    return term


def _quantity(text: str, entry: dict, of: dict) -> values.Quantity:
    """Return a figure in the unit of its field, between the field's bounds."""
    found = values.quantity(text, entry.get("style", "auto"))
    if found.value is None:
        return found
    unit = of.get("unit", "no unit").lower().replace("/", "_per_")
    if found.unit not in (None, unit):
        raise DataError(f"{text!r}: unit {found.unit}, expected {unit}")
    # In decimals: 1.001 times 1000 is 1001, not 1000.9999999999999.
    value = float(Decimal(repr(found.value)) * Decimal(str(entry.get("factor", 1))))
    low, high = of.get("minimum", float("-inf")), of.get("maximum", float("inf"))
    if not low <= value <= high:
        raise DataError(f"{text!r} gives {value:.15g}, expected {low:g} to {high:g}")
    if of["type"] == "integer" and value != int(value):
        raise DataError(f"{text!r} gives {value:.15g}, expected a whole number")
    return values.Quantity(value, found.bound, found.unit, found.footnote)


def _note_repairs(
    table: RawTable, column: str, field: str, found: pd.Series, undeclared: bool
) -> None:
    """Note codes that were restored and numbers that only one style writes so."""
    for row, text in table.text(column).items():
        one = found[row]
        if field == "ubigeo" and text.isdigit() and text != one:
            table.repairs.append(Repair(row, column, "read", text, one, "a UBIGEO code restored"))
        elif (
            isinstance(one, values.Quantity) and undeclared and re.search(r"\d[,.\s]\d{3}\b", text)
        ):
            now = f"{one.value:.15g}"
            if text != now:
                table.repairs.append(
                    Repair(row, column, "read", text, now, "the only number that is written so")
                )


def _check_names(table: RawTable, entry: dict, kept: pd.DataFrame) -> None:
    """Refuse codes that the file's own names of departments contradict (RENIEC's, not INEI's)."""
    column = entry.get("column")
    if column is None or not table.text(str(column)).str.isdigit().any():
        return
    codes = kept["ubigeo"][~kept.index.duplicated()]
    for other in table.frame.columns.drop(str(column)):
        named = table.text(other).map(places.named).reindex(codes.index)
        if named.notna().mean() > 0.5 and len(set(named.dropna())) > 1:
            for row in codes.index[named.notna() & (named != codes)]:
                name = table.frame.at[row, other]
                raise table.error(row, str(column), f"{codes[row]} is {places.name(codes[row])} "
                                  f"in INEI's codes, column {other!r} says {name!r}")  # fmt: skip


def _figures(spec: dict, fields: dict, part: pd.DataFrame) -> list[str]:
    return [
        one for one in part
        if one in fields and one not in spec["key"] and fields[one]["type"] in NUMERIC
    ]  # fmt: skip


def _check_totals(part: pd.DataFrame, spec: dict, fields: dict) -> None:
    """Refuse departments that add up to more than the file's national row (all: or less)."""
    rest = [one for one in spec["key"] if one not in ("ubigeo", "source") and one in part]
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


def _check_yield(part: pd.DataFrame) -> None:
    """Refuse a yield that is not production by area, where a table has all three."""
    if {"production_t", "area_ha", "yield_kg_per_ha"} <= set(part):
        ratio = part["yield_kg_per_ha"] * part["area_ha"] / (1000 * part["production_t"])
        check_between(ratio, 0.98, 1.02, "the yield over production by area", part["origin"])


def _check_others(out: pd.DataFrame, mine: pd.Index, spec: dict, fields: dict) -> None:
    """Refuse a figure that is far from what other sources give for the same fact."""
    key = [one for one in spec["key"] if one != "source"]
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
