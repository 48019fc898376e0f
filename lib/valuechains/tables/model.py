"""What a table's declaration, or the sidecar of a tidy file, may say.

A declaration (``declared/<table>.yml``) describes the table first (title, key, fields, preference):
that is all that reports read. From ``sources`` on it says how the table is made: where each field
comes from in which raw files, and ``checks``.

A field is filled from the ``column`` of the raw file that has its name (written alone: ``year``) or
another one (``year: Calendar year``), a ``value`` for all rows, or ``columns`` of a wide table,
which say what they are of; of a table with ``years_across`` the columns whose headers are years
read as one column ``figure`` beside ``year``; of a ``long`` table the words of a column say which
of its fields a row has a figure of. Rows of one key are added up where ``summed`` names
the raw columns in which they differ (two parts of a department). ``words`` puts our terms in the
place of published ones and ``other`` is the term for any word that is not there; ``reader`` names
one of :data:`READERS`, for cells that no list of words can foresee; ``lookup`` names a processed
table and its column of words, beside which our term stands in the field's own. Of figures,
``style`` says how they are written (``en``, ``es``), ``unit`` in which printed units they are taken
(``none``: without one), ``weighted_by`` the field that their mean is weighted with where rows are
added up (a price with production), ``factor`` what they are multiplied with, ``rounded`` to whole
ones, ``zero_is_none`` that a printed 0 is no figure (a price). There are no conditions.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..core import countries, places
from ..core.declared import Declared, checked
from ..core.errors import DataError, candidates
from ..extract import values
from . import ACCOUNTS, ORIGINS, declaration

NUMERIC = ("number", "integer")
LIMITS = {"minimum", "maximum"}
WORDS_ONLY = {"words", "other", "lookup"}
FIGURES_ONLY = {"style", "factor", "unit", "weighted_by", "rounded", "zero_is_none"} | LIMITS


# Areas of trade that are no country.
GROUPS = {"Europe", "China, Germany and Italy", "Other Asia, nes"}


def country(text: str) -> str | None:
    """Return the ISO 3166 code of a printed country name; a group of countries has none.

    >>> country("Viet Nam"), country("Europe")
    ('VNM', None)
    """
    return None if text in GROUPS else countries.from_name(text)


def encoded_twice(text: str) -> str:
    """Return text whose accents were encoded twice (UTF-8 taken for Latin-1) as it was meant.

    >>> encoded_twice("TÃ¼rkiye"), encoded_twice("Perú")
    ('Türkiye', 'Perú')
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def start_of_crop_year(text: str) -> float:
    """Return the year a crop year begins in: Peru's harvest lies in it.

    >>> start_of_crop_year("1990/91")
    1990
    """
    match = re.fullmatch(r"(\d{4})/(\d{2})", text)
    if not match or int(match[2]) != (int(match[1]) + 1) % 100:
        raise DataError(f"{text!r} is not a crop year like 1990/91")
    return int(match[1])


def bound(text: str) -> str | None:
    """Return the bound of a figure that has a field of its own for it.

    >>> bound("up to 2000")
    'at_most'
    """
    quantity = values.quantity(text)
    return quantity.bound if quantity.value is not None else None


def _kg_of_pounds(text: str) -> float:
    return values.quantity(text).value * values.KG_PER_LB


def _low_end(text: str) -> float:
    return values.interval(text)[0]


def _high_end(text: str) -> float:
    return values.interval(text)[1]


READERS = {
    "capitalised": places.capitalised,
    "country": country,
    "m49": countries.from_m49,
    "encoded_twice": encoded_twice,
    "start_of_crop_year": start_of_crop_year,
    "bound": bound,
    "kg_of_pounds": _kg_of_pounds,
    "low_end": _low_end,
    "high_end": _high_end,
}


def _words(value: Any) -> Any:
    """Words that are ours as they are printed may stand in a list."""
    return {word: word for word in value} if isinstance(value, list) else value


def _listed(value: Any) -> Any:
    """One column may be written alone."""
    return value if isinstance(value, list | tuple) else [value]


Words = Annotated[dict[str, str], BeforeValidator(_words)]
Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Constants = Annotated[dict[str, str], Field(min_length=1)]


class Entry(Declared, coerce_numbers_to_str=True):
    """Where one field comes from."""

    column: str | None = None
    columns: dict[str, Constants] = Field(default_factory=dict)
    value: str | None = None
    words: Words = Field(default_factory=dict)
    other: str | None = None
    reader: Literal[tuple(READERS)] | None = None
    lookup: tuple[str, str] | None = None
    style: Literal["en", "es"] | None = None
    factor: Annotated[float, Field(gt=0, lt=1e12, strict=True)] = 1
    unit: Listed = ()
    rounded: bool = False
    zero_is_none: bool = False
    weighted_by: str | None = None
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, given: Any) -> Any:
        given = {"column": given} if isinstance(given, str) else given
        ways = ("column", "columns", "value")
        if sum(isinstance(given, dict) and given.get(way) is not None for way in ways) != 1:
            raise ValueError(f"expected one of {', '.join(ways)}")
        return given

    @model_validator(mode="after")
    def _wide_columns_differ(self) -> Self:
        groups = [tuple(sorted(words.items())) for words in self.columns.values()]
        if len(set(groups)) < len(groups) or len({tuple(dict(words)) for words in groups}) > 1:
            raise ValueError("each column must say other values of the same fields")
        return self


class Skip(Declared, coerce_numbers_to_str=True):
    """Rows that are left out: those with one of the `values` in a `column`, and why."""

    column: str
    values: Annotated[list[str], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]


class Source(Declared, coerce_numbers_to_str=True):
    """Raw files that feed a table, a path or pattern below ``data/raw`` or a layout, and how.

    A field that is only named has the column of its name. Rows of a second file may stand
    `beside` them, by the fields of both; those for some of them only are `partial`.
    """

    columns: Annotated[dict[str, Entry | None], Field(min_length=1)]
    skip: tuple[Skip, ...] = ()
    summed: Listed = ()
    long: Annotated[dict[str, Words], Field(max_length=1)] = Field(default_factory=dict)
    file: Listed = ()
    layout: str | None = None
    header_rows: int = 1
    entries: tuple[str, ...] = ()
    prepare: str | None = None
    rows: dict[str, list[str]] = Field(default_factory=dict)
    years_across: bool = False
    beside: Self | None = None
    partial: bool = False


class FieldOf(Declared):
    """A field of the dictionary: type, unit, what it is, what it may hold."""

    type: Literal["string", "number", "integer"]
    description: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    enum: list[str] | None = None
    pattern: str | None = None
    whole: bool = False


class Table(Declared):
    """What a table is, and (from ``sources`` on) how it is made."""

    title: str
    key: list[str]
    fields: dict[str, FieldOf | None]
    optional: tuple[str, ...] = ()
    joint_areas: bool = False
    shown: tuple[str, ...] = ()
    # Sources of one fact in the order in which they are taken, by the beginning of their keys; of
    # one beginning, and of those not named, the latest vintage goes first.
    prefer: Literal["latest"] | tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()  # of counts of people, the preferred one first
    sources: tuple[Source, ...] = ()
    merge: float | None = None  # files of one publication may differ by that share
    checks: tuple[Annotated[dict[str, Any], Field(min_length=1, max_length=1)], ...] = ()


@lru_cache(maxsize=4)
def makings(folder: Path) -> dict[str, Table]:
    """Return how each table is made; a declaration that can't be is refused by file and key."""
    made, shared = {}, declaration(folder.with_name("fields.yml"))
    for name, field in shared.items():
        checked(FieldOf, field, f"fields.yml: {name}")
    for path in sorted(folder.glob("*.yml")):
        where = f"declared/{path.name}"
        table = checked(Table, declaration(path, whole=True), where)
        named = {name for name, field in table.fields.items() if field is None}
        for name in named - shared.keys():
            near = f", where fields of several tables stand{candidates(name, shared)}"
            raise DataError(f"{where}: fields: {name}: not in fields.yml{near}")
        for name in {*table.key, *table.optional, *table.shown} - {*table.fields, *ORIGINS}:
            near = candidates(name, table.fields)
            raise DataError(f"{where}: {name!r} is none of its fields{near}")
        if path.stem not in ACCOUNTS:
            made[path.stem] = table
    return made
