"""The processed tables: what is declared of them, and reading them."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd
import yaml

from ..core.errors import DataError, there_are
from ..core.paths import PROCESSED, relative
from . import own

DTYPES = {"string": "str", "number": "float64", "integer": "Int64"}
DECLARED = Path(__file__).with_name("declared")
# Made of the ledger, not of raw rows; every other table closes with where its rows come from.
ACCOUNTS = ("sources", "source_names", "cleaning_report", "rejected_rows", "corrections")
ORIGINS = ("source", "origin")


class _Listing(ModuleType):
    """This folder, which, called, lists what there is: ``vc.tables()`` has its name."""

    def __call__(self, word: str = "") -> pd.DataFrame:
        return import_module("valuechains.door").tables(word)


sys.modules[__name__].__class__ = _Listing
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def declaration(path: Path, part: int = 0) -> dict:
    """Return one of the two YAML documents of a declaration: what the table is, how it is made."""
    documents = path.read_text(encoding="utf-8").split("\n---\n")
    try:
        return yaml.load(documents[part], Loader=_LOADER) if part < len(documents) else {}
    except yaml.YAMLError as problem:
        raise DataError(f"{relative(path)}: not YAML ({' '.join(str(problem).split())})") from None


@lru_cache(maxsize=4)
def schema(folder: Path = DECLARED) -> dict:
    """Return the field dictionary and the tables, as ``declared/*.yml`` say.

    ``tables``: {name: {title, key, fields (their names), optional, prefer, shown …}} and
    ``fields``: {name: {type, unit, description, minimum, maximum, enum, pattern}}.

    >>> schema()["tables"]["coffee_regional"]["key"]
    ['ubigeo', 'year', 'edition', 'source']
    >>> schema()["fields"]["yield_kg_per_ha"]["unit"]
    'kg/ha'
    """
    fields = declaration(folder.with_name("fields.yml"))
    tables = {}
    for path in sorted(folder.glob("*.yml")):
        table = declaration(path)
        described = {name: field for name, field in table["fields"].items() if field}
        for twice in fields.keys() & described:
            raise DataError(f"{relative(path)}: field {twice!r} is described elsewhere already")
        fields |= described
        names = [*table["fields"], *(ORIGINS if path.stem not in ACCOUNTS else ())]
        tables[path.stem] = table | {"fields": names}
    return {"tables": tables, "fields": fields}


def load(name: str, folder: Path = PROCESSED) -> pd.DataFrame:
    """Return a table of the project, typed by its declaration, or one of ``data/own``.

    >>> load("departments").query("ubigeo == '08'")["department_name"].item()
    'Cusco'
    """
    if name not in schema()["tables"]:
        mine = own.names()
        if name in mine:
            return own.load(name)
        known = [*schema()["tables"], *mine]
        raise DataError(f"no table {name!r}{there_are(name, known)}; vc.tables() lists all")
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


def words() -> list[str]:
    """Return the words that reports and charts show, for translation.

    Texts of the columns in ``shown``, titles and units of figures.
    """
    fields = schema()["fields"].values()
    figures = [field for field in fields if field["type"] == "number" or "unit" in field]
    titles = {field[part] for field in figures for part in ("description", "unit") if part in field}
    shown = {
        text.replace("_", " ")
        for name, spec in schema()["tables"].items()
        for column in spec.get("shown", ())
        for text in load(name)[column].dropna()
    }
    groups = load("fibre_trade")
    return sorted(shown | titles | set(groups.loc[groups["partner_iso3"].isna(), "partner_name"]))
