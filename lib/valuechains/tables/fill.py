"""Raw tables → rows of a processed table, as its declaration or a file's sidecar maps them.

The steps of one raw file: rows of other tables are passed over, rows to skip are left out with
their reason, every field is read cell by cell, and each row keeps its source and origin.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any

import pandas as pd

from ..core import places
from ..core.errors import DataError, candidates, refuse_if, there_are
from ..extract import values
from ..extract.raw import RawTable, departments_in
from . import ORIGINS
from .model import FIGURES_ONLY, NUMERIC, WORDS_ONLY, Entry, Source
from .own import PLACES
from .readers import READERS
from .refuse import refuse, wrong_value

EMPTY = "no figure in it"
PER_SOMETHING = re.compile("[/%]|index")  # units of figures that can't be added up


def check_mapping(mapping: Source, spec: dict, where: str) -> None:
    """Refuse fields that the table does not have, fills twice, or needs and does not get."""
    known = [field for field in spec["fields"] if field not in ORIGINS]
    numeric = {field for field in known if spec["fields"][field]["type"] in NUMERIC}
    entries = {field: entry for field, entry in mapping.columns.items() if entry}
    wide = {
        field for entry in entries.values() for said in entry.columns.values() for field in said
    }
    filled = {*mapping.columns, *wide}
    given = filled | {*(mapping.beside.columns if mapping.beside else ())}
    unknown, twice = sorted(filled - {*known}), sorted(wide & {*mapping.columns})
    missing = sorted({*spec["key"]} - {*given, "source", *spec.get("optional", ())})
    figures = [field for field in known if field in numeric and field not in spec["key"]]
    wrong = [
        f"{field}: {option!r}"
        for field, entry in entries.items()
        for option in sorted(entry.model_fields_set)
        if option in (WORDS_ONLY if field in numeric else FIGURES_ONLY)
    ]
    near = candidates("".join(unknown[:1]), known)
    problems = {
        f"fields {unknown}{near}, expected {', '.join(known)}": unknown,
        f"{', '.join(twice)} is filled twice": twice,
        f"{', '.join(wrong)}: not for a field of its kind (text, or a figure)": wrong,
        f"{', '.join(missing)} missing: the table needs it": missing,
        f"expected a figure, one of {', '.join(figures)}": figures and not given & {*figures},
    }
    refuse_if(f"{where}: columns", problems)


def selected(table: RawTable, source: Source) -> RawTable:
    """Return the rows of a file that are for this table; the others feed another one."""
    for column, words in (*source.rows.items(), *source.long.items()):
        table = table.select(table.text(column).isin(list(words)))
    return table


def year_by_year(table: RawTable) -> RawTable:
    """Return a table whose headers are years as a long one, ``year`` beside ``figure``.

    What a column ``2023 status`` says of a year stands in ``status``. A cell without a figure is
    no row; a row without any is rejected.
    """
    years = [column for column in table.frame if re.fullmatch(r"\d{4}", column)]
    rest = table.frame.columns.drop(years)
    long = table.having(table.frame.melt(rest, years, "year", "figure", ignore_index=False))
    marks = table.frame[rest.intersection([f"{year} status" for year in years], sort=False)]
    if len(marks.columns):
        long.frame["status"] = marks.melt(ignore_index=False)["value"].array
    long = long.select(~long.text("figure").isin(values.MISSING))
    is_empty = ~table.frame.index.isin(long.frame.index)
    table.rejected |= dict.fromkeys(table.frame.index[is_empty], EMPTY)
    return long


def entries_of(table: RawTable, mapping: Source) -> dict[str, Entry]:
    """Return where each field stands; what is only named in the column of its name."""
    columns = reversed(table.frame.columns)
    headers = {places.fold(header).replace(" ", "_"): header for header in columns}
    found = {}
    for field, entry in mapping.columns.items():
        names = PLACES if field == "ubigeo" else (field,)
        column = next((headers[name] for name in names if name in headers), field)
        found[field] = entry or Entry(column=column)
    return found


def cases(
    table: RawTable, mapping: Source, entries: dict[str, Entry]
) -> Iterator[tuple[RawTable, dict[str, Entry]]]:
    """Yield the parts of a wide or long table, each with the entries that fill its fields."""
    for column, by_word in mapping.long.items():
        plain = {field: entry for field, entry in entries.items() if field not in by_word.values()}
        for word, field in by_word.items():
            yield table.select(table.text(column) == word), plain | {field: entries[field]}
        return
    wide = [said for entry in entries.values() for said in entry.columns.values()]
    for case in dict.fromkeys([tuple(sorted(said.items())) for said in wide] or [()]):
        given = {field: Entry(value=value) for field, value in case}
        for field, entry in entries.items():
            if not entry.columns:
                given[field] = entry
            for name, said in entry.columns.items():
                if said == dict(case):
                    given[field] = entry.model_copy(update={"column": name, "columns": {}})
        yield table, given


class Filler:
    """Reads the rows of one raw file into the fields of a processed table.

    ``made`` are processed tables by name, for words that one of them gives a key to; ``where`` is
    the file that says how. In a declaration of ours numbers are written in English unless it says
    otherwise, and a row without a figure stays. In a sidecar's file the style is read off each
    number, and rows without a figure are left out.
    """

    def __init__(self, spec: dict, where: str, made: dict[str, pd.DataFrame]) -> None:
        self.spec, self.where, self.made = spec, where, made
        self.is_declared = where.startswith("declared/")
        self.claimed: dict[str | None, set[str]] = {}  # units that the fields take of a column

    def fill(self, table: RawTable, mapping: Source) -> pd.DataFrame:
        """Return the rows of one file in the fields of its table."""
        for skip in mapping.skip:
            for value in skip.values:
                cells = table.text(skip.column)
                is_hit = cells.map(places.fold) == places.fold(value)
                near = f"{skip.column!r} of {table.file}{candidates(value, cells)}"
                unknown = f"skip: no {value!r} in column {near}"
                refuse_if(self.where, {unknown: not is_hit.any()})
                table = table.where(~is_hit, skip.reason)
        entries = entries_of(table, mapping)
        for entry in entries.values():
            self.claimed.setdefault(entry.column, set()).update(entry.unit)
        kept = pd.concat([self._part(*case) for case in cases(table, mapping, entries)])
        is_empty = ~table.frame.index.isin(kept.index)
        table.rejected |= dict.fromkeys(table.frame.index[is_empty], EMPTY)
        self._check_names(table, entries, kept)
        return kept

    def _part(self, table: RawTable, entries: dict[str, Entry]) -> pd.DataFrame:
        """Return the rows that have a figure, with the bound that was read with it."""
        cells, columns = {}, {}
        for field, entry in entries.items():
            columns[field] = entry.column or f"value of {field}"
            if entry.value is not None:
                table = table.having(table.frame.assign(**{columns[field]: entry.value}))
            cells[field] = table.parse(columns[field], self._parser(field, entry))
        out, figures = dict(cells), []
        has_bound = "bound" in self.spec["fields"] and "bound" not in cells
        noted = {entry.column for entry in entries.values() if entry.reader == "bound"}
        bounds = pd.Series("exact", index=table.frame.index)
        for field, entry in entries.items():
            kind = self.spec["fields"][field]["type"]
            if kind not in NUMERIC or entry.reader:
                continue
            out[field] = cells[field].map(attrgetter("value")).astype("float64")
            said = cells[field].map(attrgetter("bound"))
            is_bound = (said != "exact") & out[field].notna()
            if field not in self.spec["key"] or kind == "number":
                figures.append(field)
            if has_bound and field in figures:
                is_other = is_bound & (bounds != "exact") & (bounds != said)
                table.refuse(is_other, columns[field], "expected one bound for all of a row")
                bounds = said.where(is_bound, bounds)
            elif entry.column not in noted:
                table.refuse(is_bound, columns[field], "expected a plain number")
        if {"value", "unit"} <= set(cells):
            printed, unit = cells["value"].map(attrgetter("unit")), cells["unit"].astype(str)
            is_other = printed.notna() & (printed != unit.str.lower())
            table.refuse(is_other, columns["value"], "expected the unit that its row names")
        if has_bound:
            out["bound"] = bounds
        out |= {"source": table.source, "origin": table.origin()}
        rows = pd.DataFrame(out, index=table.frame.index)
        return rows if self.is_declared or not figures else rows.dropna(subset=figures, how="all")

    def _parser(self, field: str, entry: Entry) -> Callable[[str], Any]:
        """Return the function that reads a cell of a field."""
        limits = self.spec["fields"][field]
        if entry.reader:
            return READERS[entry.reader]
        if limits["type"] in NUMERIC:
            return partial(self._quantity, entry=entry, limits=limits)
        words = dict(entry.words)
        if entry.lookup:
            table, column = entry.lookup
            words |= dict(zip(self.made[table][column], self.made[table][field], strict=True))
        is_open = entry.lookup or not {"enum", "pattern"} & set(limits)
        is_needed = field in self.spec["key"] and field not in self.spec.get("optional", ())

        def term(text: str) -> str | None:
            if entry.other is not None and text not in words:
                return entry.other or None
            if words and is_open and text not in words:
                raise DataError(f"{text!r} is unknown{there_are(text, words)}")
            text = words.get(text, text)
            if not text and is_needed:
                raise DataError(f"no {field} in it")
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
        if read.value is None or (entry.zero_is_none and read.value == 0):
            return values.Quantity(None)
        unit = limits.get("unit", "none").lower().replace("/", "_per_")
        taken = self.claimed[entry.column] if entry.unit else {"none", unit}
        printed = read.unit or "none"
        expected = f"unit {printed!r}, expected {' or '.join(sorted(taken))}"
        refuse_if(repr(text), {expected: printed not in taken})
        if entry.unit and printed not in entry.unit:
            return values.Quantity(None)  # another field takes the figures in this unit
        # In decimals: 1.001 times 1000 is 1001.
        value = float(Decimal(repr(read.value)) * Decimal(repr(entry.factor)))
        if entry.rounded:
            value = float(round(value))
        narrower = entry.model_dump(include={"minimum", "maximum"}, exclude_none=True)
        if wrong := wrong_value(value, limits | narrower):
            raise DataError(f"{text!r} gives {wrong}")
        return read._replace(value=value)

    def _check_names(self, table: RawTable, entries: dict[str, Entry], kept: pd.DataFrame) -> None:
        """Refuse codes that the file's own names of departments contradict (RENIEC's codes)."""
        column = entries["ubigeo"].column if "ubigeo" in entries else None
        if column is None or not table.text(column).str.isdigit().any():
            return
        codes = kept["ubigeo"][~kept.index.duplicated()]
        texts = table.frame[~table.frame.index.duplicated()].drop(columns=column)
        named = departments_in(texts.loc[codes.index])
        for other in named.loc[:, named.nunique().gt(1)]:
            for row in codes.index[named[other].notna() & (named[other] != codes)]:
                said = f"{places.name(named.at[row, other])}, which column {other!r} says"
                raise table.error(row, column, f"{codes[row]} is not the code of {said}")


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
        said = column + " {figure:g} stands more than once, first as {first:g}"
        refuse(rows.assign(figure=rows[column], first=first)[is_wrong], said)
    return grouped.agg(how).reset_index()


def summed(rows: pd.DataFrame, table: RawTable, mapping: Source, spec: dict) -> pd.DataFrame:
    """Return rows with those of one key added up: months, districts, parts of a department.

    The raw columns ``summed`` tell the parts apart. What is a figure per something can't be added
    up: it is the mean weighted by another field. Where a part has no figure, the whole has none.
    """
    key = [field for field in spec["key"] if field in rows]
    parts = pd.DataFrame({column: table.text(column) for column in mapping.summed})
    parts = parts.reindex(rows.index)
    is_doubled = pd.concat([rows[key], parts.add_prefix("part ")], axis=1).duplicated()
    said = "{said} stands twice among the rows that are added up"
    refuse(rows.assign(said=parts.agg(", ".join, axis=1))[is_doubled], said)
    is_several = rows.duplicated(key, keep=False)
    alone, rows = rows[~is_several], rows[is_several].copy()
    figures = rows.select_dtypes("float64").columns.difference(key)
    whole_sum = partial(pd.Series.sum, skipna=False)
    how = dict.fromkeys(rows.columns.drop(key), "first") | {"origin": " ".join}
    weights = {}
    for field in figures:
        how[field] = whole_sum
        entry, unit = mapping.columns.get(field), spec["fields"][field].get("unit", "")
        weight = entry.weighted_by if entry else None
        if weight not in (None, *rows) or (not weight and PER_SOMETHING.search(unit)):
            known = ", ".join(figures.drop(field))
            said = f"{field} ({unit}) is no figure to add up; its mean is weighted by one of"
            raise DataError(f"{table.file}: {said} {known}: say `weighted_by`")
        if weight:
            weights[field] = weight
            # What weighs nothing may have no price.
            rows[field] = (rows[field] * rows[weight]).mask(rows[weight] == 0, 0.0)
    whole = rows.groupby(key, sort=False, dropna=False).agg(how).reset_index()
    for field, weight in weights.items():
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
