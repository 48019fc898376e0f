"""Raw tables → rows of a processed table, as its declaration or a file's sidecar maps them.

The steps of one raw file: rows to skip are left out with their reason, wide and long tables become
parts with one figure a field, every field of a part is read cell by cell, and each row keeps its
source and origin.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any

import pandas as pd

from ..core import places
from ..core.errors import DataError, candidates, refuse_if, there_are
from ..extract import values
from ..extract.raw import RawTable, check_codes
from . import ORIGINS
from .checks import refuse, wrong_value
from .model import FIGURES_ONLY, LIMITS, NUMERIC, READERS, WORDS_ONLY, Entry, Source

EMPTY = "no figure in it"
NO_FIGURE = values.Quantity(None)
PER_SOMETHING = re.compile("[/%]|index")  # units of figures that can't be added up


def check_mapping(mapping: Source, spec: dict, where: str) -> None:
    """Refuse fields that the table does not have, fills twice, or needs and does not get."""
    known = [field for field in spec["fields"] if field not in ORIGINS]
    numeric = [field for field in known if spec["fields"][field]["type"] in NUMERIC]
    figures = [field for field in numeric if field not in spec["key"]]
    filled, twice, wrong = set(mapping.columns), set(), []
    for field, entry in mapping.columns.items():
        if entry:
            by_headers = set().union(*entry.columns.values())  # of a wide table
            twice |= by_headers & mapping.columns.keys()
            filled |= by_headers
            foreign = entry.model_fields_set & (WORDS_ONLY if field in numeric else FIGURES_ONLY)
            wrong += [f"{field}: {option!r}" for option in foreign]
    given = filled | {"source"} | (mapping.beside.columns.keys() if mapping.beside else set())
    unknown = sorted(filled.difference(known))
    missing = sorted(set(spec["key"]) - given - set(spec.get("optional", ())))
    near = candidates("".join(unknown[:1]), known)
    problems = {
        f"fields {unknown}{near}, expected {', '.join(known)}": unknown,
        f"{', '.join(sorted(twice))} is filled twice": twice,
        f"{', '.join(wrong)}: not for a field of its kind (text, or a figure)": wrong,
        f"{', '.join(missing)} missing: the table needs it": missing,
        f"expected a figure, one of {', '.join(figures)}": figures and not given & {*figures},
    }
    refuse_if(f"{where}: columns", problems)


def year_by_year(table: RawTable) -> RawTable:
    """Return a table whose headers are years as a long one, ``year`` beside ``figure``.

    What a column ``2023 status`` says of a year stands in ``status``. A cell without a figure is
    no row.
    """
    years = [column for column in table.frame if re.fullmatch(r"\d{4}", column)]
    rest = table.frame.columns.drop(years)
    long = table.having(table.frame.melt(rest, years, "year", "figure", ignore_index=False))
    marks = table.frame[rest.intersection([f"{year} status" for year in years], sort=False)]
    if len(marks.columns):
        long.frame["status"] = marks.melt(ignore_index=False)["value"].array
    return long.select(~long.text("figure").isin(values.MISSING))


def entries_of(table: RawTable, mapping: Source) -> dict[str, Entry]:
    """Return where each field stands; what is only named in the column of its name."""
    columns = reversed(table.frame.columns)
    headers = {places.fold(header).replace(" ", "_"): header for header in columns}
    found = {}
    for field, entry in mapping.columns.items():
        names = places.COLUMNS if field == "ubigeo" else (field,)
        column = next((headers[name] for name in names if name in headers), field)
        found[field] = entry or Entry(column=column)
    return found


def cases(
    table: RawTable, mapping: Source, entries: dict[str, Entry]
) -> Iterator[tuple[RawTable, dict[str, Entry]]]:
    """Yield the parts of a wide or long table, each with the entries that fill its fields."""
    if mapping.long:
        ((column, field_of),) = mapping.long.items()
        shared = {name: entries[name] for name in entries if name not in field_of.values()}
        for word, field in field_of.items():
            yield table.select(table.text(column) == word), shared | {field: entries[field]}
        return
    shared = {field: entry for field, entry in entries.items() if not entry.columns}
    parts = {} if len(shared) < len(entries) else {(): shared}  # by what their columns say
    for field, entry in entries.items():
        for column, words in entry.columns.items():
            constants = {name: Entry(value=value) for name, value in words.items()}
            part = parts.setdefault(tuple(sorted(words.items())), constants | shared)
            part[field] = entry.model_copy(update={"column": column, "columns": {}})
    for part in parts.values():
        yield table, part


class Filler:
    """Reads the rows of one raw file into the fields of a processed table.

    ``made`` are processed tables by name, for words that one of them gives a key to; ``where`` is
    the file that says how. In a declaration of ours numbers are written in English unless it says
    otherwise, and a row without a figure stays. In a sidecar's file the style is read off each
    number, and rows without a figure are left out.
    """

    def __init__(self, spec: dict, where: str, made: Mapping[str, pd.DataFrame]) -> None:
        self.spec, self.where, self.made = spec, where, made
        self.is_declared = where.startswith("declared/")

    def fill(self, table: RawTable, mapping: Source) -> pd.DataFrame:
        """Return the rows of one file in the fields of its table."""
        for skip in mapping.skip:
            cells = table.text(skip.column).map(places.fold)
            wanted = {places.fold(value): value for value in skip.values}
            for missing in wanted.keys() - set(cells):
                value, near = wanted[missing], candidates(wanted[missing], table.text(skip.column))
                column = f"column {skip.column!r} of {table.file}{near}"
                raise DataError(f"{self.where}: skip: no {value!r} in {column}")
            table = table.where(~cells.isin(wanted), skip.reason)
        long = year_by_year(table) if mapping.years_across else table
        entries = entries_of(long, mapping)
        kept = pd.concat([self._part(*case) for case in cases(long, mapping, entries)])
        empty = table.frame.index.difference(kept.index, sort=False)
        table.rejected |= dict.fromkeys(empty, EMPTY)
        column = entries["ubigeo"].column if "ubigeo" in entries else None
        if column and table.text(column).str.isdigit().any():
            check_codes(table, column, kept["ubigeo"].groupby(level=0, sort=False).first())
        return kept

    def _part(self, table: RawTable, entries: dict[str, Entry]) -> pd.DataFrame:
        """Return the rows that have a figure, with the bound that was read with it."""
        types = {field: self.spec["fields"][field]["type"] for field in entries}
        columns, cells = {}, {}
        for field, entry in entries.items():
            columns[field] = entry.column or f"value of {field}"
            if entry.value is not None:
                table = table.having(table.frame.assign(**{columns[field]: entry.value}))
            cells[field] = table.parse(columns[field], self._reader(field, entries))
        out = pd.DataFrame(cells, index=table.frame.index)
        numbers = [x for x in entries if types[x] in NUMERIC and not entries[x].reader]
        figures = [x for x in numbers if types[x] == "number" or x not in self.spec["key"]]
        quantities = out[numbers]
        out[numbers] = quantities.map(attrgetter("value")).astype("float64")
        bounds = quantities.map(attrgetter("bound"))
        bounds = bounds.mask(bounds == "exact")
        # Where a row has a bound of its own, or another field reads it, a figure may have one.
        bounded = [columns[field] for field in entries if entries[field].reader == "bound"]
        if figures and "bound" in self.spec["fields"] and "bound" not in entries:
            bounded += [columns[field] for field in figures]
            is_several = bounds[figures].nunique(axis=1).gt(1)
            table.refuse(is_several, columns[figures[-1]], "expected one bound for all of a row")
            out["bound"] = bounds[figures].bfill(axis=1).iloc[:, 0].fillna("exact")
        for field in numbers:
            if columns[field] not in bounded:
                table.refuse(bounds[field].notna(), columns[field], "expected a plain number")
        if {"value", "unit"} <= entries.keys():
            units = quantities["value"].map(attrgetter("unit"))
            is_other = units.notna() & (units != out["unit"].str.lower())
            table.refuse(is_other, columns["value"], "expected the unit that its row names")
        out = out.assign(source=table.source, origin=table.origin())
        return out if self.is_declared or not figures else out.dropna(subset=figures, how="all")

    def _reader(self, field: str, entries: dict[str, Entry]) -> Callable[[str], Any]:
        """Return the function that reads a cell of a field."""
        entry, limits = entries[field], self.spec["fields"][field]
        if entry.reader:
            return READERS[entry.reader]
        if limits["type"] in NUMERIC:
            # The units in which this field or another one takes the column's figures.
            units = set().union(*(x.unit for x in entries.values() if x.column == entry.column))
            return partial(self._figure, entry=entry, limits=limits, claimed=units)
        words = dict(entry.words)
        if entry.lookup:
            table, column = entry.lookup
            words |= dict(zip(self.made[table][column], self.made[table][field], strict=True))
        return partial(self._word, field=field, entry=entry, words=words)

    def _word(self, text: str, field: str, entry: Entry, words: dict[str, str]) -> str | None:
        """Return our term for a printed word, one of those that the field may hold."""
        limits = self.spec["fields"][field]
        is_open = entry.lookup or not {"enum", "pattern"} & set(limits)
        if words and is_open and entry.other is None and text not in words:
            raise DataError(f"{text!r} is unknown{there_are(text, words)}")
        text = words.get(text, text if entry.other is None else entry.other)
        if not text:
            if field in self.spec["key"] and field not in self.spec.get("optional", ()):
                raise DataError(f"no {field} in it: the table needs it")
            return None
        if field == "ubigeo":
            text = places.resolve_all(places.restored(text, 2) or text)
            if "+" in text and not self.spec.get("joint_areas"):
                raise DataError(f"{text!r} are several departments, expected one")
        if wrong := wrong_value(text, limits):
            raise DataError(wrong)
        return text

    def _figure(
        self, text: str, entry: Entry, limits: dict, claimed: set[str] = frozenset()
    ) -> values.Quantity:
        """Return a figure in the unit of its field, between the field's limits."""
        read = values.quantity(text, entry.style or ("en" if self.is_declared else "auto"))
        if read.value is None or (entry.zero_is_none and read.value == 0):
            return NO_FIGURE
        own = {"none", limits.get("unit", "none").lower().replace("/", "_per_")}
        taken, printed = claimed if entry.unit else own, read.unit or "none"
        if printed not in taken:
            raise DataError(f"{text!r}: unit {printed!r}, expected {' or '.join(sorted(taken))}")
        if entry.unit and printed not in entry.unit:
            return NO_FIGURE  # another field takes the figures in this unit
        # In decimals: 1.001 times 1000 is 1001.
        value = float(Decimal(repr(read.value)) * Decimal(repr(entry.factor)))
        value = float(round(value)) if entry.rounded else value
        narrower = entry.model_dump(include=LIMITS, exclude_none=True)
        if wrong := wrong_value(value, limits | narrower):
            raise DataError(f"{text!r} gives {wrong}")
        return read._replace(value=value)


def beside(rows: pd.DataFrame, others: pd.DataFrame, partial: bool) -> pd.DataFrame:
    """Return rows with those of a second file beside them, by the fields of both.

    A row that stands in only one of the two (`partial`: only in the second) is refused.
    """
    on = [field for field in others if field in rows and field not in ORIGINS]
    others = others.drop(columns="source")
    both = rows.merge(others, on=on, how="outer", suffixes=("", "_beside"), indicator=True)
    alone = both[both["_merge"].isin(["right_only"] if partial else ["right_only", "left_only"])]
    alone = alone.assign(origin=alone["origin"].fillna(alone["origin_beside"]))
    what = ", ".join(f"{{{key}}}" for key in on)
    refuse(alone, f"{what} stands in only one of the two tables that belong together")
    both["origin"] = both["origin"].str.cat(both["origin_beside"].fillna(""), sep=" ").str.strip()
    return both.drop(columns=["origin_beside", "_merge"])


def merged(rows: pd.DataFrame, spec: dict, within: float | None) -> pd.DataFrame:
    """Return one row a key and source, its figures and origins side by side.

    Of a figure that several rows have the first is kept, if the others differ by no more than
    the share `within` (they may be rounded); without it a figure may stand once only.
    """
    key = [field for field in dict.fromkeys([*spec["key"], "source"]) if field in rows]
    grouped = rows.groupby(key, sort=False, dropna=False)
    how = dict.fromkeys(rows.columns.drop(key), _joined) | {"origin": " ".join}
    for column in rows.select_dtypes("float64").columns.difference(key, sort=False):
        how[column] = "first"
        first = grouped[column].transform("first")
        is_wrong = (rows[column] / first - 1).abs() > (within or 0)
        if within is None:
            is_wrong = rows[column].notna() & (grouped[column].transform("count") > 1)
        message = column + " {figure:g} stands more than once, first as {first:g}"
        refuse(rows.assign(figure=rows[column], first=first)[is_wrong], message)
    return grouped.agg(how).reset_index()


def summed(rows: pd.DataFrame, table: RawTable, mapping: Source, spec: dict) -> pd.DataFrame:
    """Return rows with those of one key added up: months, districts, parts of a department.

    The raw columns ``summed`` tell the parts apart. What is a figure per something can't be added
    up: it is the mean weighted by another field. Where a part has no figure, the whole has none.
    """
    key = [field for field in spec["key"] if field in rows]
    parts = pd.DataFrame({name: table.text(name) for name in mapping.summed}).reindex(rows.index)
    is_doubled = pd.concat([rows[key], parts.add_prefix("part ")], axis=1).duplicated()
    named = rows.assign(part=parts.agg(", ".join, axis=1))
    refuse(named[is_doubled], "{part} stands twice among the rows that are added up")
    is_several = rows.duplicated(key, keep=False)
    alone, rows = rows[~is_several], rows[is_several].copy()
    figures = rows.select_dtypes("float64").columns.difference(key)
    how = dict.fromkeys(rows.columns.drop(key), "first") | {"origin": " ".join}
    how |= dict.fromkeys(figures, partial(pd.Series.sum, skipna=False))
    entries = {field: entry for field, entry in mapping.columns.items() if entry}
    weights = {field: entries[field].weighted_by for field in figures if field in entries}
    for field in figures:
        weight, unit = weights.get(field), spec["fields"][field].get("unit", "")
        if weight not in (None, *rows) or (not weight and PER_SOMETHING.search(unit)):
            known = ", ".join(figures.drop(field))
            said = f"{field} ({unit}) is no figure to add up; its mean is weighted by one of"
            raise DataError(f"{table.file}: {said} {known}: say `weighted_by`")
        if weight:  # what weighs nothing may have no price
            rows[field] = (rows[field] * rows[weight]).mask(rows[weight] == 0, 0.0)
    whole = rows.groupby(key, sort=False, dropna=False).agg(how).reset_index()
    for field, weight in weights.items():
        if weight:
            whole[field] = whole[field] / whole[weight].where(whole[weight] > 0)
    return pd.concat([alone, whole], ignore_index=True)


def in_one_file(origin: str) -> str:
    """Return the rows of one file that a row was made from with the file named once.

    >>> in_one_file("ministry/herds.csv:2 ministry/herds.csv:27")
    'ministry/herds.csv:2+27'
    """
    rows = [place.rpartition(":") for place in origin.split(" ")]
    return f"{rows[0][0]}:{'+'.join(row for _, _, row in rows)}"


def _joined(words: pd.Series) -> str | None:
    return " ".join(sorted(set(words.dropna()))) or None
