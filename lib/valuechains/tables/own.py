"""An analyst's own tables: ``data/own/<name>.csv`` beside ``<name>.yml`` (title, source, unit).

They are read when they are asked for, never by ``make data``, and git leaves them alone.
"""

import csv
from functools import partial
from typing import Any

import pandas as pd
import yaml

from ..core import places
from ..core.errors import DataError, ParameterError
from ..core.paths import ROOT, relative
from ..extract import values

OWN = ROOT / "data" / "own"
YEAR = {"year", "ano", "anio"}  # names of a column of years, folded


def names() -> list[str]:
    """Return the names of the own tables."""
    return sorted(path.stem for path in OWN.glob("*.csv"))


def about(name: str) -> dict[str, str]:
    """Return what the sidecar says: ``title``, ``source`` (as figures cite it), ``unit``."""
    path = OWN / f"{name}.yml"
    wanted = "expected three lines of text in UTF-8, `title: …`, `source: …` and `unit: …`"
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{relative(path)} is missing: {wanted}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        fields = None
    said = [fields.get(x) for x in ("title", "source", "unit")] if type(fields) is dict else [None]
    if any(isinstance(text, dict | list | None) for text in said):
        raise DataError(f"{relative(path)}: found {fields!r:.90}, {wanted}")
    return {field: str(text) for field, text in fields.items()}


def place_column(frame: pd.DataFrame) -> str | None:
    """Return the first column that names departments, if there is one."""
    called = {str(column).casefold(): column for column in frame}
    return next((called[name] for name in places.COLUMNS if name in called), None)


def load(name: str) -> pd.DataFrame:
    """Return an own table; departments by name or code as ``ubigeo``, each row with its source."""
    path, fields = OWN / f"{name}.csv", about(name)
    text: Any = dict.fromkeys(places.COLUMNS, str)
    try:
        with path.open(encoding="utf-8-sig") as file:
            if ";" in file.readline():  # as where 1.250 may be a thousand and more
                text = str
        frame = pd.read_csv(path, dtype=text, encoding="utf-8-sig", sep=None, engine="python")
    except UnicodeDecodeError:
        raise DataError(f"{relative(path)}: not in UTF-8: save it as “CSV UTF-8”") from None
    except (csv.Error, ValueError) as problem:  # a ParserError is a ValueError
        why = " ".join(str(problem).split())
        raise DataError(f"{relative(path)}: not a table as CSV in UTF-8 ({why})") from None
    if not isinstance(frame.index, pd.RangeIndex):
        cure = "a number like 1,200 stands in quotes"
        raise DataError(f"{relative(path)}: rows have more cells than the header; {cure}")
    for name in frame.columns.intersection(["source", "origin"]):
        raise DataError(f"{relative(path)}: rename the column {name!r}, each row gets one of ours")
    years = [name for name in frame if places.fold(str(name)) in YEAR]
    frame = frame.rename(columns=dict.fromkeys(years[:1], "year"))
    origin = [f"{relative(path)}:{row + 2}" for row in range(len(frame))]
    column = place_column(frame)
    if column:
        codes = []
        for row, place in zip(origin, frame[column], strict=True):
            try:
                codes.append(places.resolve(places.restored(str(place), 2) or place))
            except ParameterError as problem:
                raise DataError(f"{row}: {column}: {problem}") from None
        frame = frame.drop(columns=column)
        frame.insert(0, "ubigeo", codes)
    for name in frame.select_dtypes("str").columns.difference(places.COLUMNS):
        frame[name] = _numbers(frame[name], relative(path))
    figures = frame.select_dtypes("number").columns.difference(["year"])
    frame.attrs = {"unit": fields["unit"] if len(figures) == 1 else ""}  # of several, which one's?
    return frame.assign(source=fields["source"], origin=origin)


def _numbers(cells: pd.Series, file: str) -> pd.Series:
    """Return a column of figures like 8,5 or 1.234,5 (``n.d.``: none); text stays as it is."""
    bare = cells.str.strip()
    bare = bare.mask(bare.isin(values.MISSING))
    read = {}
    for style in ("en", "es") if bare.notna().any() else ():
        try:
            number = partial(values.number, style=style)
            read[style] = bare.map(number, na_action="ignore").astype("float64")
        except DataError:
            continue
    if len(read) == 2 and not read["en"].equals(read["es"]):
        shown = f"{cells.name}: {bare.dropna().iloc[0]!r} can be English or Spanish"
        raise DataError(f"{file}: {shown}: write its figures like 1234.5")
    return next(iter(read.values()), cells)
