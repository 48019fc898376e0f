"""An analyst's own tables: ``data/own/<name>.csv`` beside ``<name>.yml`` (title, source, unit).

They are read when they are asked for, never by ``make data``, and git leaves them alone.
"""

from functools import partial

import pandas as pd

from ..core import places
from ..core.errors import DataError, warn_once
from ..core.paths import ROOT, relative
from ..extract import values

OWN = ROOT / "data" / "own"
YEAR = {"year", "ano", "anio"}  # names of a column of years, folded


def names() -> list[str]:
    """Return the names of the own tables."""
    return sorted(path.stem for path in OWN.glob("*.csv"))


def about(name: str) -> dict[str, str]:
    """Return what the sidecar says: ``title``, ``source`` (as figures cite it), ``unit``."""
    from ..core.declared import read_yaml  # whoever has no own table does without

    path, parts = OWN / f"{name}.yml", ("title", "source", "unit")
    wanted = "expected three lines of text in UTF-8, `title: …`, `source: …` and `unit: …`"
    if not path.is_file():
        raise DataError(f"{relative(path)} is missing: {wanted}")
    fields = read_yaml(path)
    texts = [fields.get(part) for part in parts] if isinstance(fields, dict) else [None]
    if any(isinstance(text, dict | list | None) for text in texts):
        raise DataError(f"{relative(path)}: found {fields!r:.90}, {wanted}")
    return dict(zip(parts, map(str, texts), strict=True))


def place_column(frame: pd.DataFrame) -> str | None:
    """Return the first column that names departments, if there is one."""
    called = {places.fold(str(column)): column for column in frame}
    return next((called[name] for name in places.COLUMNS if name in called), None)


def load(name: str) -> pd.DataFrame:
    """Return an own table; departments by name or code as ``ubigeo``, each row with its source."""
    from ..extract.tidy import read_tidy

    fields, table = about(name), read_tidy(OWN / f"{name}.csv")
    for column in table.frame.columns.intersection(["source", "origin"]):
        raise DataError(f"{table.file}: rename the column {column!r}, each row gets one of ours")
    # Where semicolons part cells, 1.250 may be a thousand and more.
    has_commas = b";" not in table.path.read_bytes().partition(b"\n")[0]
    frame, place = pd.DataFrame(index=table.frame.index), place_column(table.frame)
    for column in table.frame:
        cells = table.text(column).replace("", None)
        if place is None and cells.fillna("").map(places.named).notna().all():
            said = f"{table.file}: call column {column!r} department, and charts know its places"
            warn_once(said, said, stacklevel=2)
        if column == place:
            frame.insert(0, "ubigeo", table.parse(column, _department))
        elif places.fold(column) in places.COLUMNS:
            frame[column] = cells
        else:
            is_year = places.fold(column) in YEAR and "year" not in frame
            frame["year" if is_year else column] = _figures(
                cells, has_commas or is_year, table.file
            )
    years = pd.to_numeric(frame.get("year", pd.Series(dtype=float)), errors="coerce").dropna()
    for row, year in years[~years.between(1500, 2100)].items():
        raise DataError(f"{table.file}, row {row}: {year:g} is no year, expected one such as 2013")
    origin = [f"{table.file}:{row}" for row in frame.index]
    return frame.assign(source=fields["source"], origin=origin).reset_index(drop=True)


def _department(text: str) -> str:
    is_province = text.isdecimal() and len(text) == 4
    return text if is_province else places.resolve(places.restored(text, 2) or text)


def _figures(cells: pd.Series, has_commas: bool, file: str) -> pd.Series:
    """Return a column of figures like 8,5 or 1.234,5 (``n.d.``: none); text stays as it is.

    Where most cells are figures a warning names the first that is none.
    """
    bare = cells.mask(cells.isin(values.MISSING))
    if bare.str.fullmatch(r"0\d+").any():  # a code, such as a province's 0801
        return cells
    plain = pd.to_numeric(bare, errors="coerce")
    if has_commas and plain.notna().equals(bare.notna()):
        return plain
    numbers = [partial(_number, style=style) for style in ("en", "es")]
    read = [bare.map(number, na_action="ignore").astype("float64") for number in numbers]
    whole = [figures for figures in read if figures.count() == bare.count()]
    if len(whole) == 2 and not whole[0].equals(whole[1]):
        row = bare.index[whole[0].ne(whole[1]) & bare.notna()][0]
        shown = f"{cells.name}: {bare[row]!r} can be English or Spanish"
        raise DataError(f"{file}, row {row}: {shown}: write its figures like 1234.5")
    fullest = max(read, key=pd.Series.count)
    if not whole and 2 * fullest.count() >= bare.count():
        row, text = next(bare[fullest.isna() & bare.notna()].items())
        what = f"{file}, row {row}, column {cells.name!r}: {text!r} is no number like the others"
        warn_once(what, f"{what}, so the column is text: mend it, or leave it empty", stacklevel=2)
    return whole[0] if whole else cells


def _number(text: str, style: values.Style) -> float | None:
    """Return a printed number (of a percentage too), or None for other text."""
    try:
        return values.number(text.removesuffix("%").rstrip(), style)
    except DataError:
        return None
