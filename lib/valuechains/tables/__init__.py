"""The processed tables: what there is and is declared of them, and reading them."""

import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import yaml

from ..core import places
from ..core.errors import DataError, candidates, there_are
from ..core.kinds import opened
from ..core.language import spans
from ..core.paths import PROCESSED, relative
from . import own

DTYPES = {"string": "str", "number": "float64", "integer": "Int64"}
DECLARED = Path(__file__).with_name("declared")
# Made of the ledger, not of raw rows; every other table closes with where its rows come from.
ACCOUNTS = ("sources", "source_names", "cleaning_report", "rejected_rows", "corrections")
ORIGINS = ("source", "origin")
EXTENT = ["years", "departments", "sources"]
# Columns that say of what kind the figures of a row are.
KINDS = ["species", "product", "crop", "activity", "measure", "topic", "fibre_name", "item"]


class _Listing(ModuleType):
    """This folder, which, called, lists what there is: ``vc.tables()`` has its name."""

    def __call__(self, word: str = "") -> pd.DataFrame:
        return listed(word)


sys.modules[__name__].__class__ = _Listing
_NAMES = ("Listing", "about", "declaration", "extent", "listed", "load", "schema", "words")
__getattr__, __dir__ = opened(__name__, dict.fromkeys(_NAMES, ""))


def declaration(path: Path, whole: bool = False) -> dict:
    """Return what a table is, as its declaration says above its ``sources``; or the whole of it.

    Ours may have aliases, and reports load no pydantic: what others write `read_yaml` reads.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return yaml.load(text if whole else text.partition("\nsources:")[0], yaml.CSafeLoader)
    except yaml.YAMLError as problem:
        raise DataError(f"{relative(path)}: not YAML ({' '.join(str(problem).split())})") from None


@lru_cache(maxsize=4)
def schema(folder: Path = DECLARED) -> dict:
    """Return the field dictionary and the tables, as ``declared/*.yml`` say.

    ``tables``: {name: {title, key, fields, optional, prefer, shown …}} and all their ``fields``:
    {name: {type, unit, description, minimum, maximum, enum, pattern}}.

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
            message = "is described elsewhere too: move it to fields.yml"
            raise DataError(f"{relative(path)}: field {twice!r} {message}")
        fields |= described
        names = [*table["fields"], *(ORIGINS if path.stem not in ACCOUNTS else ())]
        table["fields"] = {name: fields[name] for name in names if name in fields}
        tables[path.stem] = table
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
        ours = schema()["tables"]
        titled = [f"{x} ({ours[x]['title']})" for x in ours if x.startswith(f"{name}_")]
        known = f"; there are {', '.join(titled)}" if titled else there_are(name, [*ours, *mine])
        cure = f"vc.tables() lists all; own ones: data/own/{name}.csv, {name}.yml"
        raise DataError(f"no table {name!r}{known}; {cure}")
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise DataError(f"{relative(path)} is missing: run `make data`")
    state = path.stat()
    # A shallow copy: pandas copies a column when one of its owners writes to it.
    return _read(path, state.st_ino, state.st_mtime_ns).copy(deep=False)


@lru_cache(maxsize=64)
def _read(path: Path, *state: int) -> pd.DataFrame:
    """Read a table once, until the file changes (its inode or time, `state`)."""
    fields = schema()["tables"][path.stem]["fields"]
    types = {name: DTYPES[field["type"]] for name, field in fields.items()}
    return pd.read_csv(
        path, dtype=types, keep_default_na=False, na_values={field: [""] for field in types}
    )


class Listing(pd.DataFrame):
    """A frame that the lab shows whole: every row, every text."""

    def _repr_html_(self) -> str:
        with pd.option_context("display.max_rows", None, "display.max_colwidth", None):
            return super()._repr_html_()


def about(name: str) -> dict[str, Any]:
    """Return what is declared of a table, of the project's or of one's own."""
    return schema()["tables"].get(name) or own.about(name) | {"key": ["ubigeo", "year"]}


def listed(word: str = "") -> pd.DataFrame:
    """Return what there is, a row a table: title, rows, years, departments, sources, fields.

    With a word (``"coffee"``), only the tables that have it in their name, title or fields, or as
    the kind of a row (``"llama"``): first those called so, and of these those of most departments.
    A table of ``data/own`` that can't be read says why in its title.

    >>> int(listed("coffee").loc["coffee_regional", "departments"])
    25
    """
    found, parts = {}, [part.removesuffix("s") for part in places.fold(str(word)).split()]
    for name in dict.fromkeys([*schema()["tables"], *own.names()]):
        try:
            frame, title = load(name), about(name)["title"]
        except DataError as problem:
            frame, title = pd.DataFrame(), str(problem)
        fields = [field for field in frame if field not in ("source", "origin")]
        kinds = frame.filter(KINDS).melt()["value"].dropna().unique()
        text = places.fold(" ".join([name, title, *fields, *kinds]))
        if all(part in text for part in parts):
            found[name] = [title, len(frame), *extent(frame), ", ".join(fields)]
    if not found:
        near = candidates(word, {*"_".join(schema()["tables"]).split("_")})
        message = f"no table has {word!r} in its name, title, fields or kinds{near}"
        raise DataError(f"{message}; vc.tables() has all")
    columns = ["title", "rows", *EXTENT, "fields"]
    table = pd.DataFrame.from_dict(found, "index", columns=columns).rename_axis("table")
    if word:  # first the tables that are about it
        names = (table.index + " " + table["title"]).map(places.fold)
        table["is_about"] = [all(part in name for part in parts) for name in names]
        table = table.sort_values(["is_about", "departments"], ascending=False, kind="stable")
    return Listing(table[columns])


def extent(frame: pd.DataFrame) -> list[Any]:
    """Return the years, the number of departments and that of sources of some rows."""
    part = frame.reindex(columns=["year", "ubigeo", "source"])
    years = pd.to_numeric(part["year"], errors="coerce").dropna().unique()  # of an own table: text
    codes = part["ubigeo"][part["ubigeo"].isin(places.codes())]
    return [spans(int(year) for year in years), codes.nunique(), part["source"].nunique()]


def words() -> list[str]:
    """Return, for translation, texts of columns in ``shown``, and what figures are called."""
    figures = [x for x in schema()["fields"].values() if x["type"] == "number" or "unit" in x]
    titles = {field[part] for field in figures for part in ("description", "unit") if part in field}
    shown = {
        text.replace("_", " ")
        for name, spec in schema()["tables"].items()
        for column in spec.get("shown", ())
        for text in load(name)[column].dropna()
        if any(letter.isalpha() for letter in text)
    }
    groups = load("fibre_trade")
    return sorted(shown | titles | set(groups.loc[groups["partner_iso3"].isna(), "partner_name"]))
