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
from . import ORIGINS
from .model import FIGURES_ONLY, NUMERIC, WORDS_ONLY, Entry, Mapping, Source
from .readers import READERS
from .refuse import wrong_value

EMPTY = "no figure in it"


def needed(spec: dict) -> list[str]:
    """Return the fields without which a row of a table is none."""
    return [field for field in spec["key"] if field not in ("source", *spec.get("optional", ()))]


def check_mapping(mapping: Mapping, spec: dict, fields: dict, where: str) -> None:
    """Refuse fields that the table does not have, fills twice, or needs and does not get."""
    where = f"{where}: columns"
    known = [field for field in spec["fields"] if field not in ORIGINS]
    constants = {field for entry in mapping.columns.values() for field in entry.wide_fields()}
    filled = [*mapping.columns, *sorted(constants)]
    for field in filled:
        if field not in known:
            near = candidates(field, known)
            raise DataError(f"{where}: field {field!r}{near}, expected one of {', '.join(known)}")
        if filled.count(field) > 1:
            raise DataError(f"{where}: {field} is filled twice")
    for field, entry in mapping.columns.items():
        is_figure = fields[field]["type"] in NUMERIC
        for option in entry.model_fields_set & (WORDS_ONLY if is_figure else FIGURES_ONLY):
            kind = "a figure" if is_figure else "text"
            raise DataError(f"{where}: {field}: {option!r}: not for {kind}")
    beside = getattr(mapping, "beside", None)
    filled += beside.columns if beside else ()
    if missing := set(needed(spec)) - set(filled):
        raise DataError(f"{where}: {', '.join(missing)} missing: the table needs it")
    figures = [f for f in known if f not in spec["key"] and fields[f]["type"] in NUMERIC]
    if figures and not set(filled) & set(figures):
        raise DataError(f"{where}: expected a figure, one of {', '.join(figures)}")


def selected(table: RawTable, source: Source) -> RawTable:
    """Return the rows of a file that are for this table; the others feed another one."""
    for column, words in source.rows.items():
        table = table.select(table.text(column).isin(words))
    if source.long:
        table = table.select(table.text(source.long.column).isin(list(source.long.words)))
    return table


def year_by_year(table: RawTable) -> list[RawTable]:
    """Return a table whose headers are years in one part a year, ``year`` beside ``figure``.

    What a column ``2023 status`` says of a year stands in ``status``. A cell without a figure is
    no row; a row without any is rejected.
    """
    years = [column for column in table.frame if re.fullmatch(r"\d{4}", column)]
    has_figure = {year: ~table.text(year).isin(values.MISSING) for year in years}
    table.rejected |= dict.fromkeys(table.frame.index[~pd.DataFrame(has_figure).any(axis=1)], EMPTY)
    parts = []
    for year in years:
        part = table.select(has_figure[year])
        frame = part.frame
        part.frame = frame.drop(columns=years).assign(year=year, figure=frame[year])
        if f"{year} status" in frame:
            part.frame["status"] = frame[f"{year} status"]
        parts.append(part)
    return [part for part in parts if len(part.frame)]


class Filler:
    """Reads the rows of one raw file into the fields of a processed table.

    Parameters
    ----------
    made : mapping
        Processed tables by name, for words that one of them gives a key to.
    is_declared : bool
        Whether the mapping is a declaration of ours: numbers are then written in English unless
        it says otherwise, and a row without a figure stays. In a sidecar's file the style is
        read off each number, and rows without a figure are left out.
    """

    def __init__(
        self, spec: dict, fields: dict, where: str, made: dict[str, pd.DataFrame], is_declared: bool
    ) -> None:
        self.spec, self.fields, self.where = spec, fields, where
        self.made, self.is_declared = made, is_declared
        self.claimed: dict[str | None, set[str]] = {}  # units that the fields take of a column

    def fill(self, table: RawTable, mapping: Mapping) -> pd.DataFrame:
        """Return the rows of one file in the fields of its table."""
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
        wide = [said for entry in entries.values() for said in (entry.columns or {}).values()]
        constants = [said for place, said in enumerate(wide) if said not in wide[:place]]
        cases = []
        for said in constants or [{}]:
            given = {field: Entry(value=value) for field, value in said.items()}
            for field, entry in entries.items():
                if entry.columns is None:
                    given[field] = entry
                for name, of in (entry.columns or {}).items():
                    if of == said:
                        given[field] = entry.model_copy(update={"column": name, "columns": None})
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
        figures = [
            field
            for field in quantities
            if field not in self.spec["key"] or self.fields[field]["type"] == "number"
        ]
        has_bound = "bound" in self.spec["fields"] and "bound" not in cells
        noted = {entry.column for entry in entries.values() if entry.reader == "bound"}
        bounds = pd.Series("exact", index=table.frame.index)
        out = dict(cells)
        for field, column in quantities.items():
            out[field] = column.map(lambda figure: figure.value).astype("float64")
            said = column.map(lambda figure: figure.bound)[out[field].notna()]
            for row, bound in said[said != "exact"].items():
                if has_bound and field in figures:
                    if bounds[row] not in ("exact", bound):
                        both = " and ".join(sorted([bounds[row], bound]))
                        raise table.error(row, "bound", f"{both} in one row")
                    bounds[row] = bound
                elif entries[field].column not in noted:
                    raise table.error(row, field, f"{bound} where a plain number is expected")
        if {"value", "unit"} <= set(cells):
            for row, figure in cells["value"].items():
                unit = str(cells["unit"][row])
                if figure.unit not in (None, unit.lower()):
                    column = entries["value"].column or "value"
                    raise table.error(row, column, f"printed in {figure.unit}, not in {unit}")
        if has_bound:
            out["bound"] = bounds
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
        return table

    def _cells(self, table: RawTable, field: str, entry: Entry) -> pd.Series:
        """Return a field of every row: text, or quantities where it is a number."""
        parser = self._parser(field, entry)
        if entry.value is not None:
            try:
                cell = parser(entry.value.strip())
            except ValueChainsError as problem:
                raise DataError(f"{self.where}: columns: {field}: {problem}") from None
            return pd.Series([cell] * len(table.frame), index=table.frame.index, dtype=object)
        cells = table.parse(entry.column, parser)
        self._note_repairs(table, field, entry, cells)
        return cells

    def _parser(self, field: str, entry: Entry) -> Callable[[str], Any]:
        """Return the function that reads a cell of a field."""
        limits = self.fields[field]
        if entry.reader:
            return READERS[entry.reader]
        if limits["type"] in NUMERIC:
            return lambda text: self._quantity(text, entry, limits)
        words = dict(entry.words)
        if entry.lookup:
            known = self.made[entry.lookup.table]
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
            if wrong := wrong_value(text, limits):
                raise DataError(wrong)
            return text

        return term

    def _quantity(self, text: str, entry: Entry, limits: dict) -> values.Quantity | None:
        """Return a figure in the unit of its field, between the field's limits."""
        read = values.quantity(text, entry.style or ("en" if self.is_declared else "auto"))
        if read.value is None:
            return read
        if entry.zero_is_none and read.value == 0:
            return values.Quantity(None)
        unit = limits.get("unit", "no unit").lower().replace("/", "_per_")
        printed = read.unit or "none"
        if entry.unit and printed not in self.claimed[entry.column]:
            known = " or ".join(sorted(self.claimed[entry.column]))
            raise DataError(f"{text!r}: unit {printed!r}, expected {known}")
        if entry.unit and printed not in entry.unit:
            return values.Quantity(None)  # another field takes the figures in this unit
        if not entry.unit and read.unit not in (None, unit):
            raise DataError(f"{text!r}: unit {read.unit!r}, expected {unit}")
        # In decimals: 1.001 times 1000 is 1001.
        value = float(Decimal(repr(read.value)) * Decimal(repr(entry.factor)))
        if entry.rounded:
            value = float(round(value))
        narrower = {
            bound: getattr(entry, bound)
            for bound in ("minimum", "maximum")
            if getattr(entry, bound) is not None
        }
        if wrong := wrong_value(value, limits | narrower):
            raise DataError(f"{text!r} gives {wrong}")
        return dataclasses.replace(read, value=value)

    def _note_repairs(self, table: RawTable, field: str, entry: Entry, found: pd.Series) -> None:
        """Note codes that were restored and numbers that only one style writes so."""
        is_guess = not self.is_declared and entry.style is None
        if not is_guess and (field != "ubigeo" or entry.reader):
            return
        for row, text in table.text(entry.column).items():
            cell, why = found[row], ""
            is_code = field == "ubigeo" and not entry.reader and text.isdigit()
            if is_code and text not in (cell, *entry.words):
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
            names = table.text(other)
            named = names.map({name: places.named(name) for name in names.unique()})
            named = named.reindex(codes.index)
            if named.notna().mean() <= 0.5 or len(set(named.dropna())) < 2:
                continue
            for row in codes.index[named.notna() & (named != codes)]:
                raise table.error(
                    row,
                    column,
                    f"{codes[row]} is not the code of {places.name(named[row])}, "
                    f"which column {other!r} says",
                )


def beside(rows: pd.DataFrame, others: pd.DataFrame, on: list[str], partial: bool) -> pd.DataFrame:
    """Return rows with those of a second file beside them, both named in the origin.

    A row that stands in only one of the two (`partial`: only in the second) is refused.
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
    """
    key = [field for field in dict.fromkeys([*spec["key"], "source"]) if field in rows]
    grouped = rows.groupby(key, sort=False, dropna=False)
    how = {}
    for column in rows.columns.drop(key):
        how[column] = " ".join if column == "origin" else _joined
        if rows[column].dtype == "float64":
            how[column] = "first"
            first = grouped[column].transform("first")
            wrong = (rows[column] / first - 1).abs() > (within or 0)
            if within is None:
                wrong = rows[column].notna() & (grouped[column].transform("count") > 1)
            for row in wrong[wrong].index[:1]:
                raise DataError(
                    f"{rows.at[row, 'origin']}: {column} {rows.at[row, column]:g} stands more than "
                    f"once, first as {first[row]:g}"
                )
    return grouped.agg(how).reset_index()


def summed(
    rows: pd.DataFrame, table: RawTable, mapping: Mapping, spec: dict, fields: dict
) -> pd.DataFrame:
    """Return rows with those of one key added up: months, districts, parts of a department.

    The raw columns ``summed`` tell the parts apart. What is a figure per something can't be added
    up: it is the mean weighted by another field. Where a part has no figure, the whole has none.
    """
    key = [field for field in spec["key"] if field in rows]
    for column in mapping.summed:
        rows = rows.assign(**{f"part {column}": table.text(column).reindex(rows.index)})
    parts = [f"part {column}" for column in mapping.summed]
    doubled = rows.duplicated([*key, *parts])
    if doubled.any():
        row = rows[doubled].iloc[0]
        said = ", ".join(map(str, row[parts]))
        raise DataError(f"{row['origin']}: {said} stands twice among the rows that are added up")
    rows = rows.drop(columns=parts)
    several = rows.duplicated(key, keep=False)
    alone, rows = rows[~several], rows[several]
    how = dict.fromkeys(rows.columns.drop(key), "first") | {"origin": " ".join}
    weights = {}
    for field in rows.select_dtypes("float64").columns.difference(key):
        how[field] = _whole_sum
        entry, unit = mapping.columns.get(field), fields[field].get("unit", "")
        weight = entry.weighted_by if entry else None
        if weight not in (None, *rows.columns) or (not weight and re.search("[/%]|index", unit)):
            known = ", ".join(rows.select_dtypes("float64").columns.drop(field))
            expected = f"its mean is weighted by one of {known}: say `weighted_by`"
            raise DataError(f"{table.file}: {field} ({unit}) is no figure to add up; {expected}")
        if weight:
            weights[field] = weight
            # What weighs nothing may have no price.
            products = (rows[field] * rows[weight]).mask(rows[weight] == 0, 0.0)
            rows = rows.assign(**{field: products})
    whole = rows.groupby(key, sort=False, dropna=False).agg(how).reset_index()
    for field, weight in weights.items():
        whole[field] = whole[field] / whole[weight].where(whole[weight] > 0)
    return pd.concat([alone, whole], ignore_index=True)


def _whole_sum(figures: pd.Series) -> float:
    """Return the sum of parts; where one is missing there is none."""
    return figures.sum(skipna=False)


def in_one_file(origin: str) -> str:
    """Return the rows of one file that a row was made from with the file named once.

    >>> in_one_file("ministry/herds.csv:2 ministry/herds.csv:27")
    'ministry/herds.csv:2+27'
    """
    rows = [place.rpartition(":") for place in origin.split(" ")]
    return f"{rows[0][0]}:{'+'.join(row for _, _, row in rows)}"


def _joined(words: pd.Series) -> str | None:
    return " ".join(sorted(set(words.dropna()))) or None
