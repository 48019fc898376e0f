"""What ``import valuechains as vc`` opens: tables, where figures come from, charts of any frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import plot, report
from .core import places
from .core.errors import DataError, candidates
from .core.language import spans
from .core.scope import Scope
from .select import prefer
from .tables import load as load_table
from .tables import own, schema

COUNTED = ("number", "integer")


def tables(word: str = "") -> pd.DataFrame:
    """Return what there is, a row a table: title, rows, years, departments, sources, fields.

    With a word, only the tables that have it in their name, title or fields. A table of
    ``data/own`` that can't be read says why in its title.

    >>> int(tables("coffee").loc["coffee_regional", "departments"])
    25
    """
    known, found = schema()["tables"], {}
    for name in [*known, *(own_name for own_name in own.names() if own_name not in known)]:
        try:
            frame, title = load(name), _about(name)["title"]
        except DataError as problem:
            frame, title = pd.DataFrame(), str(problem)
        fields = [field for field in frame if field not in ("source", "origin")]
        if places.fold(word) in places.fold(" ".join([name, title, *fields])):
            found[name] = [title, len(frame), *_extent(frame), ", ".join(fields)]
    columns = ["title", "rows", "years", "departments", "sources", "fields"]
    return pd.DataFrame.from_dict(found, "index", columns=columns).rename_axis("table")


def _about(name: str) -> dict[str, Any]:
    """Return what is declared of a table, of the project's or of one's own."""
    return schema()["tables"].get(name) or own.about(name)


def _extent(frame: pd.DataFrame) -> list[Any]:
    """Return the years, the number of departments and that of sources of some rows."""
    years = frame["year"].dropna().unique() if "year" in frame else []
    codes = frame[frame["ubigeo"].isin(places.codes())]["ubigeo"] if "ubigeo" in frame else []
    sources = frame["source"].nunique() if "source" in frame else 0
    return [spans(int(year) for year in years) if len(years) else "", len(set(codes)), sources]


def load(name: str, names: bool = False) -> pd.DataFrame:
    """Return a table of the project, or of ``data/own``; with ``names`` departments by name too.

    >>> load("coffee_regional", names=True)["department"].iloc[0]
    'Peru'
    """
    known, mine = schema()["tables"], own.names()
    if name not in known and name not in mine:
        near = [table for table in [*known, *mine] if str(name) in table][:6]
        hint = f"; there are {', '.join(near)}" if near else candidates(str(name), [*known, *mine])
        raise DataError(f"no table {name!r}{hint}; vc.tables() lists all")
    frame = load_table(name) if name in known else own.load(name)
    if names and "ubigeo" in frame:
        called = {code: plot.figure.region_name(code) for code in frame["ubigeo"].dropna().unique()}
        frame.insert(frame.columns.get_loc("ubigeo") + 1, "department", frame["ubigeo"].map(called))
    return frame


def describe(name: str) -> pd.DataFrame:
    """Return the fields of a table: unit, limits, what has figures, sources, what each means.

    >>> describe("coffee_regional").loc["farm_price_pen_per_kg", ["unit", "limits"]].tolist()
    ['PEN/kg', '0.2 to 50']
    """
    frame, rows = load(name), {}
    for field in frame:
        declared = schema()["fields"].get(field, {}) if name in schema()["tables"] else {}
        unit, filled = declared.get("unit", ""), frame.dropna(subset=field)
        if not declared and field not in ("ubigeo", "source", "origin", "year"):
            unit = _about(name)["unit"]
        limits = [declared[end] for end in ("minimum", "maximum") if end in declared]
        extent = [len(filled), *_extent(filled)]
        cited = report.names_line(filled["source"]) if "source" in frame else ""
        rows[field] = [unit, " to ".join(str(limit) for limit in limits), *extent, cited]
        rows[field].append(declared.get("description", ""))
    columns = ["unit", "limits", "figures", "years", "departments", "sources", "cited", "meaning"]
    return pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("field")


def coverage(name: str, field: str | None = None) -> plot.Figure:
    """Return a picture of what has figures: how many sources a department and year.

    >>> coverage("department_poverty").title
    'department_poverty: sources by department and year'
    """
    frame = load(name)
    _need(name, frame, [*filter(None, [field]), "ubigeo", "year"])
    known = frame.dropna(subset=[*filter(None, [field]), "year"])
    if name in schema()["tables"]:  # several keys in one cell; an own source is any text
        known = known.assign(source=known["source"].str.split()).explode("source")
    counts = (
        known["source"].groupby([known["ubigeo"], known["year"].astype(int)]).nunique().unstack()
    )
    title = f"{field or name}: sources by department and year"
    return plot.heatmap(counts, title, sources=known["source"])


def _need(name: str, frame: pd.DataFrame, fields: list[str]) -> None:
    """Refuse a table that lacks a column."""
    for field in fields:
        if field not in frame:
            near = candidates(str(field), frame)
            raise DataError(f"{name} has no column {field!r}{near}; there are {', '.join(frame)}")


def pick(
    name: str, field: str, here: Scope | None = None, source: str | None = None, **key: Any
) -> pd.DataFrame:
    """Return the figures of a column as they are shown: of each fact the preferred source.

    Rows of ``ubigeo``, ``year``, ``value``, ``source``, ``origin``, what else tells facts apart
    as columns too. With a scope its departments and years, with a source that one alone; other
    columns by keyword (``year=2013``, ``species="alpaca"``).

    >>> rows = pick("coffee_regional", "production_t", Scope(("08", "12"), 2010, 2013))
    >>> rows["ubigeo"].unique().tolist(), len(rows)
    (['08', '12'], 8)
    """
    frame = load(name)
    if source is not None:
        key["source"] = source
    if "ubigeo" in key:
        key["ubigeo"] = plot.figure.code(key["ubigeo"])
    _need(name, frame, [field, *key])
    for column, wanted in key.items():
        there = frame[column].dropna().unique()
        if wanted not in there:
            raise DataError(f"{name}: nothing with {column} {wanted!r}{_near(wanted, there)}")
        frame = frame[frame[column] == wanted]
    if here is not None and "ubigeo" in frame:
        frame = frame[frame["ubigeo"].isin(here.regions)]
    if here is not None and "year" in frame:
        frame = frame[frame["year"].between(here.start_year, here.end_year)]
    rows = prefer.preferred(name, frame, field).dropna(subset=field)
    if rows.empty:
        raise DataError(f"{name}: no {field} there; vc.coverage({name!r}, {field!r}) shows what is")
    rows = rows.rename(columns={field: "value"})
    keys = schema()["tables"].get(name, {}).get("key", ["ubigeo", "year"])
    columns = [*(column for column in keys if column != "source"), "value", "source", "origin"]
    rows = rows[[column for column in dict.fromkeys(columns) if column in rows]]
    rows.attrs = dict(zip(("title", "unit"), _titled(name, field), strict=True))
    return rows


def _near(wanted: Any, there: Any) -> str:
    """Return the nearest of some values, else the first few."""
    texts = sorted(str(value) for value in there)
    return candidates(str(wanted), texts) or f"; there is {', '.join(texts[:12])}"


def _titled(name: str, field: str) -> tuple[str, str]:
    """Return title and unit of a column: as declared, or its name with blanks."""
    declared = schema()["fields"].get(field, {})
    unit = declared.get("unit", "") if name in schema()["tables"] else own.about(name)["unit"]
    return declared.get("description") or field.replace("_", " ").capitalize(), unit


class Found(prefer.Where):
    """Which figures are shown, by which rule, which others there are; it shows itself."""

    def _table(self) -> report.Table:
        shown, rivals = self.chosen.assign(shown="shown"), self.rivals.assign(shown="rival")
        rows = pd.concat([shown, rivals], ignore_index=True)
        heads = {column: (column, "exact" if column == "value" else None) for column in rows}
        rule = "; ".join(f"{name}: {of}" for name, of in self.rule.items())
        caption = f"origin: file in data/raw, and row. Rule: {rule or 'sources side by side'}"
        return report.table(rows, {"shown": heads.pop("shown")} | heads, caption)

    def __repr__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def where(name: str, field: str | None = None, **key: Any) -> Found:
    """Return where the figures of a fact are taken from: raw file and row, rule, rivals.

    The key is that of the table without its source; departments by name or code.

    >>> fact = where("coffee_regional", "farm_price_pen_per_kg", ubigeo="Cusco", year=2011)
    >>> fact.chosen["origin"].item()
    'report_eu_peru_2016/coffee_price_yield.csv:14'
    """
    places_named = {"ubigeo": plot.figure.code(key["ubigeo"])} if "ubigeo" in key else {}
    return Found(*prefer.where(name, field, **key | places_named))


def cite(source: Any) -> str:
    """Return how to cite a source (by its key or short name), or all those of a figure or frame.

    >>> cite("EU–Peru report 2016").startswith("report_eu_peru_2016: ")
    True
    """
    given = getattr(source, "sources", source)
    if isinstance(given, pd.DataFrame):
        given = given["source"].dropna()
    keys = [given] if isinstance(given, str) else list(dict.fromkeys(given))
    ledger, lines = load("sources"), []
    for key in keys:
        rows = ledger[(ledger["source"] == key) | (ledger["short"] == key)]
        mine = [own.about(name)["source"] for name in own.names()] if rows.empty else []
        if rows.empty and isinstance(source, str) and key not in mine:
            raise DataError(f"no source {key!r}{_near(key, ledger['source'].unique())}")
        if rows.empty:
            lines.append(f"{key}.")
        for (of, publisher, title), files in rows.groupby(["source", "publisher", "title"]):
            parts_in = files["locator"].dropna().unique()
            places_in = "; ".join(parts_in) if len(parts_in) < 4 else f"{len(files)} files"
            dates = ", ".join(files["published"].dropna().unique())
            licence = "; ".join(files["licence"].dropna().unique())
            parts = [f"{publisher}: {title}", dates, places_in, f"licence: {licence}"]
            lines.append(f"{of}: {'. '.join(filter(None, parts))}.")
    return "\n".join(lines)


def _ready(frame: Any, title: Any, value: str, source: Any, more: dict) -> tuple:
    """Return a frame with ``ubigeo`` and ``value``, a title, and what goes on to the chart."""
    if isinstance(frame, pd.Series):
        frame = frame.rename_axis("ubigeo").reset_index(name=frame.name or "value")
    table = frame.copy(deep=False)
    column = next((name for name in own.PLACES if name in table), None)
    numbers = [name for name in table.select_dtypes("number") if name != "year"]
    value = value or ("value" if "value" in table else numbers[0] if len(numbers) == 1 else "")
    if value not in table:
        raise DataError(
            f"which column? value=…, one of {', '.join(str(name) for name in numbers) or 'none'}"
        )
    if value != "value":
        table = table.drop(columns="value", errors="ignore").rename(columns={value: "value"})
    if column and column != "ubigeo" and "ubigeo" not in table:
        table = table.rename(columns={column: "ubigeo"})
    declared = schema()["fields"].get(value, {})
    words = declared.get("description") or value.replace("_", " ").capitalize()
    unit = more.pop("unit", "") or frame.attrs.get("unit") or declared.get("unit", "")
    title = title or frame.attrs.get("title") or words
    sources = [source] if isinstance(source, str) and source else list(source or ())
    return table, title, more | {"unit": unit, "sources": [*more.get("sources", ()), *sources]}


def _when(table: pd.DataFrame, unit: str) -> str:
    """Return the subtitle of a chart: unit, and the year where all rows are of one."""
    years = table["year"].dropna().unique() if "year" in table else []
    return ", ".join([*filter(None, [unit]), *(str(year) for year in years if len(years) == 1)])


def line(
    frame: Any,
    title: Any = "",
    subtitle: str = "",
    *,
    value: str = "",
    source: Any = "",
    **more: Any,
) -> plot.Figure:
    """Return a line chart of a frame: rows of place and ``year``, or years × departments.

    ``value`` names the column (the only one of numbers by default), ``source`` is any text or
    key; ``by`` names another column of series; more as :func:`valuechains.plot.lines` takes it.

    >>> line(pd.DataFrame({"Cusco": [1.0, 2.0]}, index=[2000, 2001]), source="my count").sources
    ['my count']
    """
    if not isinstance(frame, Mapping) and "year" not in frame:
        frame = frame.rename_axis(index="year", columns=None).reset_index()
        frame = frame.melt("year", var_name="ubigeo")
    table, title, more = _ready(frame, title, value, source, more)
    return plot.lines(table, title, subtitle or more["unit"], **more)


def bar(
    frame: Any,
    title: Any = "",
    subtitle: str = "",
    *,
    value: str = "",
    source: Any = "",
    **more: Any,
) -> plot.Figure:
    """Return bars of a frame, a row a department; arguments as for :func:`line`.

    >>> bar(pd.DataFrame({"department": ["Cuzco"], "farms": [3]})).said
    ['Cusco: 3.']
    """
    table, title, more = _ready(frame, title, value, source, more)
    return plot.bars(table, title, subtitle or _when(table, more["unit"]), **more)


def map(
    frame: Any,
    title: Any = "",
    subtitle: str = "",
    *,
    value: str = "",
    source: Any = "",
    **more: Any,
) -> plot.Figure:
    """Return a map of a frame, a row a department; arguments as for :func:`line`.

    ``level="province"`` where boundaries of provinces were added; more as
    :func:`valuechains.plot.map` takes it.

    >>> map(pd.Series({"Cuzco": 3.0, "Puno": 4.0}, name="farms"), source="my count").title
    'Farms'
    """
    table, title, more = _ready(frame, title, value, source, more)
    if more.get("level", "department") == "department" and "ubigeo" in table:
        table["ubigeo"] = [
            "+".join(places.resolve(x) for x in str(text).split("+")) for text in table["ubigeo"]
        ]
    return plot.map(table, title, subtitle or _when(table, ""), **more)
