"""Raw tables → rows of a processed table, as its declaration or a file's sidecar maps them.

The steps of one raw file: rows of other tables are passed over, rows to skip are left out with
their reason, every field is read cell by cell, and each row keeps its source and origin.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from ..core import places
from ..core.errors import DataError, ValueChainsError, candidates
from ..extract import values
from ..extract.raw import RawTable, Repair
from .hooks.readers import READERS
from .model import FIGURES_ONLY, NUMERIC, WORDS_ONLY, Entry, Factor, Mapping, Source

EMPTY = "no figure in it"


def needed(spec: dict) -> list[str]:
    """Return the fields without which a row of a table is none."""
    return [field for field in spec["key"] if field not in ("source", *spec.get("optional", ()))]


def check_mapping(mapping: Mapping, spec: dict, fields: dict, where: str) -> None:
    """Refuse fields that the table does not have, fills twice, or needs and does not get.

    Raises
    ------
    DataError
    """
    known = [field for field in spec["fields"] if field not in ("source", "origin")]
    filled = set()
    for field, entry in mapping.columns.items():
        place = f"{where}: columns: {field}"
        constants = set(next(iter((entry.columns or {}).values()), {}))
        for name in {field, *constants}:
            if name not in known:
                near = candidates(name, known)
                raise DataError(
                    f"{place}: field {name!r}{near}, expected one of {', '.join(known)}"
                )
        if both := constants & set(mapping.columns):
            raise DataError(f"{place}: {', '.join(sorted(both))} is filled twice")
        numeric = fields[field]["type"] in NUMERIC
        for option in WORDS_ONLY if numeric else FIGURES_ONLY:
            if option in entry.model_fields_set and not (numeric and option == "reader"):
                kind = "a figure" if numeric else "text"
                raise DataError(f"{place}: {option!r}: not for {kind}, as {field} is")
        filled |= {field, *constants}
    beside = getattr(mapping, "beside", None)
    filled |= set(beside.columns) if beside else set()
    if missing := [field for field in needed(spec) if field not in filled]:
        raise DataError(f"{where}: columns: {', '.join(missing)} missing: the table needs it")
    figures = [f for f in known if f not in spec["key"] and fields[f]["type"] in NUMERIC]
    if figures and not filled & {*figures, *(beside.columns if beside else ())}:
        raise DataError(f"{where}: columns: expected a figure, one of {', '.join(figures)}")


def selected(table: RawTable, source: Source) -> RawTable:
    """Return the rows of a file that are for this table; the others feed another one."""
    for column, words in source.rows.items():
        table = table.select(table.text(column).isin(words))
    if source.long:
        table = table.select(table.text(source.long.column).isin(list(source.long.words)))
    return table


class Filler:
    """Reads the rows of one raw file into the fields of a processed table.

    Parameters
    ----------
    lookup : callable
        Name of a processed table → the table, for words that another table gives a key to.
    is_declared : bool
        Whether the mapping is a declaration of ours: numbers are then written in English unless
        it says otherwise, and a row without a figure stays. In a sidecar's file the style is
        read off each number, and rows without a figure are left out.
    """

    def __init__(
        self, spec: dict, fields: dict, where: str, lookup: Callable, is_declared: bool
    ) -> None:
        self.spec, self.fields, self.where = spec, fields, where
        self.lookup, self.is_declared = lookup, is_declared
        self.claimed: dict[str | None, set[str]] = {}  # units that the fields take of a column

    def fill(self, table: RawTable, mapping: Mapping) -> pd.DataFrame:
        """Return the rows of one file in the fields of its table.

        Raises
        ------
        DataError
            For a cell that is not what its field holds, or a key without a value.
        """
        table = self._skipped(table, mapping)
        for entry in mapping.columns.values():
            units = [entry.unit] if isinstance(entry.unit, str) else entry.unit
            self.claimed.setdefault(entry.column, set()).update(units)
        parts = [self._part(part, entries) for part, entries in self._cases(table, mapping)]
        kept = pd.concat(parts)
        empty = ~table.frame.index.isin(kept.index)
        table.rejected |= dict.fromkeys(table.frame.index[empty], EMPTY)
        for field in needed(self.spec):
            if field in kept and kept[field].isna().any():
                row = kept.index[kept[field].isna()][0]
                entry = mapping.columns.get(field)
                raise table.error(row, (entry and entry.column) or field, f"no {field} in it")
        self._check_names(table, mapping, kept)
        return kept

    def _cases(self, table: RawTable, mapping: Mapping) -> list[tuple[RawTable, dict]]:
        """Return the parts of a wide or long table, each with the entries that fill its fields."""
        entries = mapping.columns
        if long := getattr(mapping, "long", None):
            names = table.text(long.column)
            plain = {f: entry for f, entry in entries.items() if f not in long.words.values()}
            return [
                (table.select(names == word), plain | {field: entries[field]})
                for word, field in long.words.items()
            ]
        constants: list[dict] = []
        for entry in entries.values():
            constants += [said for said in (entry.columns or {}).values() if said not in constants]
        cases = []
        for said in constants or [{}]:
            given = {}
            for field, entry in entries.items():
                hit = [name for name, of in (entry.columns or {}).items() if of == said]
                if entry.columns is None:
                    given[field] = entry
                elif hit:
                    given[field] = entry.model_copy(update={"column": hit[0], "columns": None})
            given |= {field: Entry(value=value) for field, value in said.items()}
            cases.append((table, given))
        return cases

    def _part(self, table: RawTable, entries: dict[str, Entry]) -> pd.DataFrame:
        """Return the rows that have a figure, with the bound that was read with it."""
        cells = {field: self._cells(table, field, entry) for field, entry in entries.items()}
        quantities = {
            field: column
            for field, column in cells.items()
            if self.fields[field]["type"] in NUMERIC and not entries[field].reader
        }
        out = {field: column for field, column in cells.items() if field not in quantities}
        has_bound = "bound" in self.spec["fields"] and "bound" not in cells
        bounded = {entry.column for entry in entries.values() if entry.reader == "bound"}
        key, types = self.spec["key"], {f: self.fields[f]["type"] for f in quantities}
        figures = [field for field in quantities if field not in key or types[field] == "number"]
        for field, column in quantities.items():
            out[field] = column.map(lambda one: one and one.value).astype("float64")
            if (has_bound and field in figures) or entries[field].column in bounded:
                continue
            for row, quantity in column.items():
                if quantity and quantity.bound != "exact":
                    raise table.error(
                        row, field, f"{quantity.bound} where a plain number is expected"
                    )
        if {"value", "unit"} <= set(cells):
            for row, quantity in quantities["value"].items():
                unit = str(cells["unit"][row])
                if quantity.unit and quantity.unit != unit.lower():
                    column = entries["value"].column or "value"
                    raise table.error(row, column, f"printed in {quantity.unit}, not in {unit}")
        if has_bound:
            read = pd.DataFrame({field: quantities[field] for field in figures})
            out["bound"] = pd.Series(
                {row: _bound(table, row, list(read.loc[row])) for row in table.frame.index},
                dtype=object,
            )
        out |= {"source": table.source, "origin": table.origin()}
        rows = pd.DataFrame(out, index=table.frame.index)
        if self.is_declared or not figures:
            return rows
        return rows[rows[figures].notna().any(axis=1)]

    def _skipped(self, table: RawTable, mapping: Mapping) -> RawTable:
        """Return a table without the rows that its mapping leaves out."""
        for skip in mapping.skip:
            cells = table.text(skip.column).map(places.fold)
            for value in skip.values:
                hit = cells == places.fold(value)
                if not hit.any():
                    near = candidates(value, table.text(skip.column))
                    raise DataError(
                        f"{self.where}: skip: no {value!r} in column {skip.column!r} of "
                        f"{table.file}{near}"
                    )
                table, cells = table.where(~hit, skip.reason), cells[~hit]
        if table.frame.empty:
            raise DataError(f"{self.where}: skip: leaves no row")
        return table

    def _cells(self, table: RawTable, field: str, entry: Entry) -> pd.Series:
        """Return a field of every row: text, or quantities where it is a number."""
        parser = self._parser(field, entry)
        index, constant = table.frame.index, entry.value
        if entry.folder and (entry.column is None or entry.column not in table.frame):
            match = re.search(entry.folder, table.source)
            if not match:
                raise DataError(f"{self.where}: {field}: no {entry.folder} in {table.source}")
            constant = match[0]
        if constant is not None:
            try:
                cell = parser(constant.strip())
            except ValueChainsError as problem:
                raise DataError(f"{self.where}: columns: {field}: {problem}") from None
            return pd.Series([cell] * len(index), index=index, dtype=object)
        found = table.parse(entry.column, parser)
        if isinstance(entry.factor, Factor):
            scale = entry.factor.words
            factors = table.choice(entry.factor.column, {word: word for word in scale}).map(scale)
            found = pd.Series(
                [_scaled(cell, factor) for cell, factor in zip(found, factors, strict=True)],
                index=index, dtype=object,
            )  # fmt: skip
        self._note_repairs(table, field, entry, found)
        return found

    def _parser(self, field: str, entry: Entry) -> Callable[[str], Any]:
        """Return the function that reads a cell of a field."""
        limits = self.fields[field]
        if entry.reader:
            if entry.reader not in READERS:
                near = candidates(entry.reader, READERS)
                raise DataError(f"{self.where}: columns: {field}: reader {entry.reader!r}{near}, "
                                f"expected one of {', '.join(READERS)}")  # fmt: skip
            return READERS[entry.reader]
        if limits["type"] in NUMERIC:
            return lambda text: self._quantity(text, entry, limits)
        words = dict(entry.words)
        if entry.lookup:
            known = self.lookup(entry.lookup.table)
            words |= dict(zip(known[entry.lookup.column], known[entry.lookup.key], strict=True))
        is_open = entry.lookup or not {"enum", "pattern"} & set(limits)

        def term(text: str) -> str | None:
            if entry.other is not None and text not in words:
                return entry.other or None
            if words and is_open and text not in words:
                near = candidates(text, words)
                listed = ", ".join(list(words)[:40])
                raise DataError(f"{text!r} is unknown{near}; there are {listed}")
            text = words.get(text, text)
            if not text:
                return None
            if field == "ubigeo":
                text = places.resolve_all(places.restored(text, 2) or text)
                if self.is_declared and "+" in text and not self.spec.get("joint_areas"):
                    raise DataError(f"{text!r} are several departments, expected one")
            return _checked(text, limits)

        return term

    def _quantity(self, text: str, entry: Entry, limits: dict) -> values.Quantity | None:
        """Return a figure in the unit of its field, between the field's limits."""
        read = values.quantity(text, entry.style or ("en" if self.is_declared else "auto"))
        if read.value is None:
            return read
        unit = limits.get("unit", "no unit").lower().replace("/", "_per_")
        printed = read.unit or "none"
        if entry.unit and printed not in self.claimed[entry.column]:
            known = " or ".join(sorted(self.claimed[entry.column]))
            raise DataError(f"{text!r}: unit {printed!r}, expected {known}")
        if entry.unit and printed not in entry.unit:
            return values.Quantity(None)  # another field takes the figures in this unit
        if not entry.unit and read.unit not in (None, unit):
            raise DataError(f"{text!r}: unit {read.unit!r}, expected {unit}")
        scaled = read if isinstance(entry.factor, Factor) else _scaled(read, entry.factor)
        if entry.rounded:
            scaled = dataclasses.replace(scaled, value=float(round(scaled.value)))
        low = limits.get("minimum", float("-inf")) if entry.minimum is None else entry.minimum
        high = limits.get("maximum", float("inf")) if entry.maximum is None else entry.maximum
        if not low <= scaled.value <= high:
            raise DataError(
                f"{text!r} gives {scaled.value:.15g}, which is outside {low:g} to {high:g}"
            )
        if (limits["type"] == "integer" or limits.get("whole")) and scaled.value % 1 != 0:
            raise DataError(f"{text!r} gives {scaled.value:.15g}, expected a whole number")
        return scaled

    def _note_repairs(self, table: RawTable, field: str, entry: Entry, found: pd.Series) -> None:
        """Note codes that were restored and numbers that only one style writes so."""
        is_guess = not self.is_declared and entry.style is None
        for row, text in table.text(entry.column).items():
            cell, why = found[row], ""
            if field == "ubigeo" and text.isdigit() and text != cell and not entry.reader:
                now, why = cell, "a UBIGEO code restored"
            elif is_guess and isinstance(cell, values.Quantity):
                now = f"{cell.value:.15g}" if cell.value is not None else text
                if text != now and re.search(r"\d[,.\s]\d{3}\b", text):
                    why = "the only number that is written so"
            if why:
                table.repairs.append(Repair(row, entry.column, "read", text, now, why))

    def _check_names(self, table: RawTable, mapping: Mapping, kept: pd.DataFrame) -> None:
        """Refuse codes that the file's own names of departments contradict (RENIEC's codes)."""
        entry = mapping.columns.get("ubigeo")
        column = entry.column if entry else None
        if column is None or not table.text(column).str.isdigit().any():
            return
        codes = kept["ubigeo"][~kept.index.duplicated()]
        for other in table.frame.columns.drop(column):
            named = table.text(other).map(places.named).reindex(codes.index)
            if named.notna().mean() <= 0.5 or len(set(named.dropna())) < 2:
                continue
            for row in codes.index[named.notna() & (named != codes)]:
                raise table.error(
                    row, column, f"{codes[row]} is not the code of {places.name(named[row])}, "
                    f"which column {other!r} says",
                )  # fmt: skip


def _checked(text: str, limits: dict) -> str:
    if text not in limits.get("enum", [text]):
        near = candidates(text, limits["enum"])
        raise DataError(
            f"{text!r}{near}, expected one of {', '.join(limits['enum'])}; say which under `words`"
        )
    if not re.fullmatch(limits.get("pattern", "(?s:.*)"), text):
        raise DataError(f"{text!r}, expected text like {limits['pattern']}")
    return text


def _scaled(read: values.Quantity, factor: float) -> values.Quantity:
    """Return a figure times a factor, in decimals: 1.001 times 1000 is 1001."""
    if read.value is None or factor == 1:
        return read
    value = float(Decimal(repr(read.value)) * Decimal(repr(factor)))
    return dataclasses.replace(read, value=value)


def _bound(table: RawTable, row: object, figures: list[values.Quantity | None]) -> str:
    """Return the bound of a row's figures: one for all of them, or exact."""
    bounds = {one.bound for one in figures if one and one.value is not None} - {"exact"}
    if len(bounds) > 1:
        raise table.error(row, "bound", f"{' and '.join(sorted(bounds))} in one row")
    return bounds.pop() if bounds else "exact"


def beside(rows: pd.DataFrame, others: pd.DataFrame, on: list[str], partial: bool) -> pd.DataFrame:
    """Return rows with those of a second file beside them, both named in the origin.

    Raises
    ------
    DataError
        When a row stands in only one of the two (`partial`: when only in the second).
    """
    both = rows.merge(
        others.drop(columns="source"), on=on, how="outer", suffixes=("", "_beside"), indicator=True
    )
    alone = both[both["_merge"].isin(["right_only"] if partial else ["right_only", "left_only"])]
    if len(alone):
        row = alone.iloc[0]
        place = row["origin"] if row["_merge"] == "left_only" else row["origin_beside"]
        what = ", ".join(str(row[key]) for key in on)
        raise DataError(
            f"{place}: {what} stands in only one of the two tables that belong together"
        )
    both["origin"] = both["origin"].str.cat(both["origin_beside"].fillna(""), sep=" ").str.strip()
    return both.drop(columns=["origin_beside", "_merge"])


def merged(rows: pd.DataFrame, spec: dict, within: float | None) -> pd.DataFrame:
    """Return one row a key and source, its figures and origins side by side.

    Of a figure that several rows have the first is kept, if the others differ by no more than
    the share `within` (they may be rounded); without it a figure may stand once only.

    Raises
    ------
    DataError
    """
    key = [field for field in dict.fromkeys([*spec["key"], "source"]) if field in rows]
    grouped = rows.groupby(key, sort=False, dropna=False)
    how = {}
    for column in rows.columns.drop(key):
        if rows[column].dtype == "float64":
            how[column] = "first"
            first = grouped[column].transform("first")
            twice = rows[column].notna() & (grouped[column].cumcount() > 0)
            twice &= grouped[column].transform("count") > 1
            wrong = twice if within is None else (rows[column] / first - 1).abs() > within
            for row in wrong[wrong].index[:1]:
                raise DataError(
                    f"{rows.at[row, 'origin']}: {column} {rows.at[row, column]:g} stands twice, "
                    f"{first[row]:g} before"
                )
        else:
            how[column] = " ".join if column == "origin" else _joined
    return grouped.agg(how).reset_index()


def _joined(words: pd.Series) -> str | None:
    return " ".join(sorted(set(words.dropna()))) or None
