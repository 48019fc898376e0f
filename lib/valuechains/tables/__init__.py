"""The processed tables: their schema, reading them, checking them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pandas as pd
import yaml

from ..core.errors import DataError, candidates
from ..core.paths import PROCESSED, relative

DTYPES = {"string": "str", "number": "float64", "integer": "Int64"}


@lru_cache(maxsize=1)
def schema() -> dict:
    """Return the field dictionary and the tables (``schema.yml``)."""
    text = Path(__file__).with_name("schema.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def load(name: str, folder: Path = PROCESSED) -> pd.DataFrame:
    """Return a processed table, typed by its schema (text, ``float64``, ``Int64``).

    Raises
    ------
    DataError
        For an unknown table or one that was not made yet.
    """
    known = schema()["tables"]
    if name not in known:
        raise DataError(f"no table {name!r}{candidates(name, known)}; there are {', '.join(known)}")
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise DataError(f"{relative(path)} is missing: run `make data`")
    state = path.stat()
    # A shallow copy: pandas copies a column when one of its owners writes to it.
    return _read(path, state.st_ino, state.st_mtime_ns).copy(deep=False)


@lru_cache(maxsize=64)
def _read(path: Path, *state: int) -> pd.DataFrame:
    """Read a table once, until the file changes (its inode or time, `state`)."""
    fields = schema()["fields"]
    types = {
        field: DTYPES[fields[field]["type"]] for field in schema()["tables"][path.stem]["fields"]
    }
    return pd.read_csv(
        path, dtype=types, keep_default_na=False, na_values={field: [""] for field in types}
    )


# Columns whose text reports show: their words belong in the catalogues.
SHOWN = {
    "source_names": ["short"],
    "camelid_exports": ["scope"],
    "camelid_statements": ["species", "measure", "place", "unit", "attributed_to"],
    "camelid_herds": ["count_name"],
    "department_population": ["concept"],
    "claims": ["says", "unit", "unchecked", "reading_says"],
    "crops": ["crop_name_en"],
    "report_statistics": ["topic", "item", "date_evidence"],
    "fibre_quality": ["fibre_name", "textile_use"],
    "fibre_yield": ["producers"],
    "programmes": [
        "programme",
        "full_name",
        "funded_by",
        "carried_out_by",
        "start_evidence",
        "end_evidence",
    ],
    "programme_places": ["coverage"],
    "programme_lists": ["item"],
    "programme_outputs": ["programme", "measure"],
    "competitive_gaps": [
        "gap",
        "gap_meaning",
        "specialization_relevance",
        "global_context_relevance",
    ],
    "gap_mechanisms": ["mechanism", "mechanism_kind"],
    "areas_of_work": ["area_of_work", "area_meaning"],
    "swot": ["quadrant", "statement", "area_of_work"],
    "chain_segments": ["segment", "segment_actors", "stage"],
    "chain_problems": ["problem", "problem_meaning"],
    "council_actors": ["actor", "actor_kind"],
    "roadmap": ["step", "step_meaning"],
    "answers": ["answer"],
}


def words() -> list[str]:
    """Return the words of the data that reports show, for translation."""
    found = {
        text.replace("_", " ")
        for name, columns in SHOWN.items()
        for column in columns
        for text in load(name)[column].dropna()
    }
    groups = load("fibre_trade")
    return sorted(found | set(groups.loc[groups["partner_iso3"].isna(), "partner_name"]))


def check(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in its schema's columns, types and order of rows.

    Raises
    ------
    DataError
        For a column too many, a value outside its field's bounds, or a key that is not unique.
    """
    spec, fields = schema()["tables"][name], schema()["fields"]
    if unknown := set(frame) - set(spec["fields"]):
        raise DataError(f"{name}: columns without a field: {', '.join(sorted(unknown))}")
    out = frame.reindex(columns=spec["fields"])
    for column in out:
        field = fields[column]
        try:
            out[column] = _typed(out[column], field)
        except (ValueError, TypeError) as problem:
            raise DataError(f"{name}, {column}: {problem}") from None
        _check_values(name, out, column, field)
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
    wrong = pd.Series(False, index=given.index)
    expected = []
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
    if wrong.any():
        row = table.loc[wrong.idxmax()]
        raise DataError(
            f"{name}, {column}: {str(row[column])!r} in {row.get('origin', 'a row')}, "
            f"expected {' and '.join(expected)}"
        )
