"""What ``import valuechains as vc`` opens: tables, where figures come from, charts of any frame."""

import warnings
from typing import Any

import pandas as pd

from . import plot, report
from .core import places
from .core.errors import DataError, there_are
from .core.language import t
from .core.scope import Scope
from .select import prefer
from .tables import EXTENT, Listing, about, extent, own, schema
from .tables import load as load_table


def _field(name: str, field: str) -> dict[str, Any]:
    """Return what is declared of a field; all figures of an own table have its unit."""
    if name in schema()["tables"]:
        return schema()["fields"].get(field, {})
    is_figure = field not in ("ubigeo", "source", "origin", "year")
    return {"unit": about(name)["unit"]} if is_figure else {}


def _words(field: str, declared: dict[str, Any]) -> dict[str, str]:
    """Return the title and the unit of a field in the language in use."""
    title = t(declared.get("description", "")) or field.replace("_", " ").capitalize()
    return {"title": title, "unit": t(declared.get("unit", ""))}


def load(name: str, names: bool = False) -> pd.DataFrame:
    """Return a table of the project, or of ``data/own``; with ``names`` departments by name too.

    >>> load("coffee_regional", names=True)["department"].iloc[0]
    'Peru'
    """
    frame = load_table(name)
    if name in schema()["tables"] and name in own.names():
        warnings.warn(f"data/own/{name}.csv is not read: that name is ours", stacklevel=2)
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
        declared, filled = _field(name, field), frame.dropna(subset=field)
        limits = [str(declared[end]) for end in ("minimum", "maximum") if end in declared]
        cited = report.names_line(filled["source"]) if "source" in frame else ""
        rows[field] = [declared.get("unit", ""), " to ".join(limits), len(filled)]
        rows[field] += [*extent(filled), cited, declared.get("description", "")]
    columns = ["unit", "limits", "figures", *EXTENT, "cited", "meaning"]
    return Listing(pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("field"))


def coverage(name: str, field: str | None = None) -> plot.Figure:
    """Return a picture of what has figures: how many sources a department and year.

    >>> coverage("department_poverty").title
    'department_poverty: sources by department and year'
    """
    wanted = [field] if field else []
    known = prefer.matching(name, *wanted, "ubigeo", "year").dropna(subset=[*wanted, "year"])
    if name in schema()["tables"]:  # several keys in one cell; an own source is any text
        known = known.assign(source=known["source"].str.split()).explode("source")
    counts = known.astype({"year": int}).groupby(["ubigeo", "year"])["source"].nunique().unstack()
    title = f"{field or name}: sources by department and year"
    return plot.heatmap(counts, title, sources=known["source"])


def pick(
    name: str, field: str, here: Scope | None = None, source: str | None = None, **key: Any
) -> pd.DataFrame:
    """Return the figures of a column as they are shown: of each fact the preferred source.

    Rows of ``ubigeo``, ``year``, ``value``, ``source``, ``origin``, what else tells facts apart
    as columns too. With a scope its departments and years, with a source that one alone; other
    columns by keyword (``year=2013``, ``ubigeo=["Cusco", "Puno"]``, ``species="alpaca"``).

    >>> rows = pick("coffee_regional", "production_t", Scope(("08", "12"), 2010, 2013))
    >>> rows["ubigeo"].unique().tolist(), len(rows)
    (['08', '12'], 8)
    """
    if not isinstance(here, Scope | None):
        raise DataError(f"{here!r} is no scope: vc.scope('Cusco', 2000, 2013), or ubigeo='Cusco'")
    key |= {"source": source} if source is not None else {}
    frame = prefer.matching(name, field, **key)
    if here is not None and "ubigeo" in frame:
        frame = frame[frame["ubigeo"].isin(here.regions)]
    if here is not None and "year" in frame:
        frame = frame[frame["year"].between(here.start_year, here.end_year)]
    rows = prefer.preferred(name, frame, field).dropna(subset=field)
    if rows.empty:
        raise DataError(f"{name}: no {field} there; vc.coverage({name!r}, {field!r}) shows what is")
    rows = rows.rename(columns={field: "value"})
    columns = dict.fromkeys(["ubigeo", *about(name)["key"], "value", "source", "origin"])
    rows = rows[[column for column in columns if column in rows]]
    rows.attrs = _words(field, _field(name, field))
    facts = rows.columns.difference(["ubigeo", "year", "value", "edition", "source", "origin"])
    rows.attrs["facts"] = facts.tolist()
    missing = {*here.regions} - {*rows["ubigeo"]} if here is not None and "ubigeo" in rows else ()
    if missing:
        rows.attrs["note"] = t("No figure: {regions}.", regions=places.listing(missing))
    return rows


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
    if name in own.names() and name not in schema()["tables"]:
        raise DataError(f"{name} is your own: `origin` in vc.load({name!r}) names file and row")
    return Found(*prefer.where(name, field, **key))


def cite(source: Any) -> str:
    """Return how to cite a source (by its key or short name), or all those of a figure or frame.

    >>> cite("EU–Peru report 2016").startswith("report_eu_peru_2016: ")
    True
    """
    given = source.sources if isinstance(source, plot.Figure) else source
    if isinstance(given, str) and given in schema()["tables"]:
        given = load(given)
    if isinstance(given, pd.DataFrame):
        given = _cited(given)
    if not isinstance(given, str | list):
        raise DataError(f"expected a source, a table, a frame or a figure, found {given!r:.80}")
    ledger, lines = load("sources"), []
    for key in [given] if isinstance(given, str) else dict.fromkeys(given):
        rows = ledger[(ledger["source"] == key) | (ledger["short"] == key)]
        if rows.empty:
            if isinstance(source, str):
                known = dict.fromkeys([*ledger["source"], *ledger["short"].dropna()])
                raise DataError(f"no source {key!r}{there_are(key, known)}")
            lines.append(f"{key}.")
        for (of, publisher, title), files in rows.groupby(["source", "publisher", "title"]):
            told = {column: files[column].dropna().unique() for column in files}
            at = "; ".join(told["locator"]) if len(told["locator"]) < 4 else f"{len(files)} files"
            parts = [f"{publisher}: {title}", ", ".join(told["published"]), at]
            parts.append(f"licence: {'; '.join(told['licence'])}")
            lines.append(f"{of}: {'. '.join(filter(None, parts))}.")
    if not lines:
        raise DataError("no source is named there: charts take source='…', a key or any text")
    return "\n".join(lines)


def _cited(frame: pd.DataFrame) -> list[str]:
    """Return the sources of rows, of both where two tables were joined."""
    return frame.filter(regex="^source(_.*)?$|_source$").melt()["value"].dropna().unique().tolist()


def _ready(
    frame: Any, title: Any, *, value: str = "", source: Any = "", unit: str = "", **more: Any
) -> tuple[pd.DataFrame, Any, dict[str, Any]]:
    """Return a frame with ``ubigeo`` and ``value``, a title, and what goes on to the chart."""
    if isinstance(frame, pd.Series):
        frame = frame.rename_axis("ubigeo").reset_index(name=frame.name or "value")
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a frame or a series, as vc.pick returns, found {frame!r}")
    column = own.place_column(frame)
    numbers = [name for name in frame.select_dtypes("number") if name not in ("year", column)]
    value = value or ("value" if "value" in frame else numbers[0] if len(numbers) == 1 else "")
    if value not in frame:
        known = ", ".join(str(name) for name in numbers)
        raise DataError(f"which column? value=…, one of {known or 'none: texts are no numbers'}")
    table = frame.drop(columns=[] if value == "value" else "value", errors="ignore")
    table = table.rename(columns={value: "value", column: "ubigeo"})
    words = _words(value, {} if value == "value" else schema()["fields"].get(value, {}))
    words |= {name: text for name, text in frame.attrs.items() if text}
    for fact in words.pop("facts", []):
        found = table[fact].dropna().unique() if fact in table and fact not in more.values() else []
        if len(found) > 1:
            said = ", ".join(str(one) for one in found[:4])
            raise DataError(f"figures of several {fact} ({said}): choose, as vc.pick(…, {fact}=…)")
        words["title"] += f" ({t(str(found[0]))})" if len(found) else ""
    named = [source] if isinstance(source, str) and source else list(source or ())
    more["unit"] = unit or words["unit"]
    more["sources"] = [*more.get("sources", ()), *named, *_cited(table)]
    more["note"] = " ".join(filter(None, [words.get("note"), more.get("note")]))
    return table, title or words["title"], more


def _when(table: pd.DataFrame, unit: str) -> str:
    """Return the subtitle of a chart: unit, and the year where all rows are of one."""
    years = table["year"].dropna().unique() if "year" in table else []
    return ", ".join([*filter(None, [unit]), *(str(year) for year in years if len(years) == 1)])


def line(frame: Any, title: Any = "", subtitle: str = "", **more: Any) -> plot.Figure:
    """Return a line chart of a frame: rows of place and ``year``, or years × departments.

    Takes ``value=`` (the column), ``source=`` (a key or any text), ``unit=``, ``ax=`` (axes of your
    own figure, which keeps its layout) and what ``help(vc.plot.lines)`` says.

    >>> line(pd.DataFrame({"Cusco": [1.0, 2.0]}, index=[2000, 2001]), source="my count").sources
    ['my count']
    """
    if isinstance(frame, pd.Series):
        named = frame.name if frame.name not in (None, "value") else t("figure")
        frame = frame.to_frame(named) if frame.index.nlevels == 1 else frame.reset_index()
    if isinstance(frame, pd.DataFrame) and "year" not in frame:
        if own.place_column(frame):
            plot.figure.need(frame, [], ["year"])
        frame = frame.rename_axis(index="year", columns=None).reset_index()
        frame = frame.melt("year", var_name="ubigeo")
    table, title, more = _ready(frame, title, **more)
    return plot.lines(table, title, subtitle or more["unit"], **more)


def bar(frame: Any, title: Any = "", subtitle: str = "", **more: Any) -> plot.Figure:
    """Return bars of a frame, a row a department, or of ``label=``, a column of other names.

    Takes ``value=``, ``source=``, ``unit=``, ``ax=`` and what ``help(vc.plot.bars)`` says.

    >>> bar(pd.DataFrame({"department": ["Cuzco"], "farms": [3]})).said
    ['Cusco: 3.']
    """
    table, title, more = _ready(frame, title, **more)
    if "ubigeo" in table and not {"label", "group"} & {*more, *table}:
        places_named = table["ubigeo"].map(plot.figure.code)
        for place in places_named[places_named.duplicated()].map(plot.figure.region_name):
            raise DataError(f"two rows of {place}: one bar a place, choose or add them up")
    return plot.bars(table, title, subtitle or _when(table, more["unit"]), **more)


def map(frame: Any, title: Any = "", subtitle: str = "", **more: Any) -> plot.Figure:
    """Return a map of a frame, a row a department (``level="province"`` where there are shapes).

    Takes ``value=``, ``source=``, ``unit=``, ``ax=``, ``selected=`` (what to outline) and what
    ``help(vc.plot.map)`` says. ``department`` or ``ubigeo``: names or codes.

    >>> map(pd.Series({"Cuzco": 3.0, "Puno": 4.0}, name="farms"), source="my count").title
    'Farms'
    """
    table, title, more = _ready(frame, title, **more)
    if more.get("level", "department") == "department" and "ubigeo" in table:
        given = table["ubigeo"].map(str)  # 8 is 08
        table["ubigeo"] = [places.resolve_all(places.restored(x, 2) or x) for x in given]
    return plot.map(table, title, subtitle or _when(table, ""), **more)
