"""What ``import valuechains as vc`` opens: tables, where figures come from, charts of any frame."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from . import plot, report
from .core import places
from .core.errors import DataError, there_are
from .core.kinds import checked
from .core.language import spans, t
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


def _words(field: str, declared: dict[str, Any], about: str = "") -> dict[str, Any]:
    """Return the title and the unit of a field in the language in use."""
    title = t(declared.get("description", "")) or str(field).replace("_", " ").capitalize()
    if "coffee" not in about:
        title = title.partition(";")[0]  # "…; of coffee: parchment"
    return {"title": title, "unit": t(declared.get("unit", ""))}


def _stamp(figures: pd.Series | pd.DataFrame) -> str:
    """Return figures as text: an attribute by which a chart sees what was reckoned from them."""
    return np.unique(figures.to_numpy(float, na_value=np.nan)).tobytes().hex()


def load(name: str, names: bool = False) -> pd.DataFrame:
    """Return a table of the project, or of ``data/own``; with ``names`` departments by name too.

    >>> load("coffee_regional", names=True)["department"].iloc[0]
    'Peru'
    """
    frame = load_table(name)
    if name in schema()["tables"] and name in own.names():
        warnings.warn(f"data/own/{name}.csv is not read: that name is ours", stacklevel=2)
    frame.attrs["figures"] = _stamp(frame.select_dtypes("number"))
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
    wanted = [prefer.figure(name, field)] if field else []
    if not {"ubigeo", "year"} <= {*load(name)}:
        raise DataError(f"{name} is not by department and year: see vc.describe({name!r})")
    known = prefer.matching(name).dropna(subset=[*wanted, "year"])
    if name in schema()["tables"]:  # several keys in one cell; an own source is any text
        known = known.assign(source=known["source"].str.split()).explode("source")
    counts = known.astype({"year": int}).groupby(["ubigeo", "year"])["source"].nunique().unstack()
    title = f"{(*wanted, name)[0]}: sources by department and year"
    return plot.heatmap(counts, title, sources=known["source"])


def pick(
    name: str, field: str, here: Scope | None = None, source: str | None = None, **key: Any
) -> pd.DataFrame:
    """Return the figures of a column as they are shown: of each fact the preferred source.

    Rows of ``ubigeo``, ``year``, ``value``, ``source``, ``origin``, what else tells facts apart
    as columns too. A plain word will do for the column: ``price``. With a scope its departments and
    years, with a source that one alone; other columns by keyword (``year=2013``, ``ubigeo=["Cusco",
    "Puno"]``, ``species="alpaca"``). The country is a row beside departments if it is asked for.

    >>> rows = pick("coffee_regional", "production", Scope(("08", "12"), 2010, 2013))
    >>> rows["ubigeo"].unique().tolist(), len(rows)
    (['08', '12'], 8)
    """
    field = prefer.figure(name, field)
    frame = prefer.matching(name, **key | ({"source": source} if source else {}))
    if here is not None and "ubigeo" in frame:
        frame = frame[frame["ubigeo"].isin(here.regions)]
    if here is not None and "year" in frame:
        frame = frame[frame["year"].between(here.start_year, here.end_year)]
    rows = prefer.preferred(name, frame, field).dropna(subset=field)
    if rows.empty:
        raise DataError(f"{name}: no {field} there; vc.coverage({name!r}, {field!r}) shows what is")
    if "ubigeo" in rows and "ubigeo" not in key:
        is_part = rows["ubigeo"] != places.COUNTRY  # the sum of the others
        rows = rows[is_part] if is_part.any() else rows
    rows = rows.rename(columns={field: "value"})
    columns = dict.fromkeys(["ubigeo", *about(name)["key"], "value", "source", "origin"])
    rows = rows[[column for column in columns if column in rows]]
    rows.attrs = _words(field, _field(name, field), f"{name} {key}")
    facts = rows.columns.difference(["ubigeo", "year", "value", "edition", "source", "origin"])
    rows.attrs |= {"facts": facts.tolist(), "figures": _stamp(load_table(name)[field])}
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


def cite(source: str | list | pd.DataFrame | plot.Figure) -> str:
    """Return how to cite a source (by its key or short name), or all those of a figure or frame.

    >>> cite("EU–Peru report 2016").startswith("report_eu_peru_2016: ")
    True
    """
    given = source.sources if isinstance(source, plot.Figure) else source
    if isinstance(given, str) and given in schema()["tables"]:
        given = load(given)
    if isinstance(given, pd.DataFrame):
        given = _cited(given)
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


def _flat(frame: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return a series or a frame as rows: what its index names (places, years) in columns."""
    is_place = isinstance(frame, pd.Series) and frame.index.nlevels == 1
    frame = frame.to_frame(frame.name or "value") if isinstance(frame, pd.Series) else frame
    if frame.columns.nlevels > 1:
        raise DataError("columns of several levels: expected one, as pivot(values='value') makes")
    is_text = frame.index.inferred_type == "string" and not own.place_column(frame)
    frame = frame.rename_axis("ubigeo") if is_place or is_text else frame
    return frame.reset_index() if {*frame.index.names} - {None, *frame} else frame


@checked
def _chart(
    frame: pd.DataFrame | pd.Series, title: Any, value: str | int = "", unit: str = "", **more: Any
) -> tuple[pd.DataFrame, Any, dict[str, Any]]:
    """Return a frame with ``ubigeo`` and ``value``, a title, and what goes on to the chart."""
    frame = _flat(frame)
    column = own.place_column(frame)
    numbers = [name for name in frame.select_dtypes("number") if name not in ("year", column)]
    value = value or ("value" if "value" in frame else numbers[0] if len(numbers) == 1 else "")
    if value not in frame:
        known = ", ".join(str(name) for name in numbers)
        raise DataError(f"which column? value=…, one of {known or 'none: texts are no numbers'}")
    table = frame.drop(columns=[] if value == "value" else "value", errors="ignore")
    table = table.rename(columns={value: "value", column: "ubigeo"})
    figures = pd.to_numeric(table["value"], errors="coerce")
    if figures.count() == table["value"].count():  # texts of numbers are numbers
        table["value"] = figures
    told, known = dict(frame.attrs), np.frombuffer(bytes.fromhex(frame.attrs.get("figures", "")))
    declared = {} if value == "value" else schema()["fields"].get(value, {})
    if len(known) and not figures.dropna().isin(known).all():  # they were reckoned from those
        declared, told = {}, {name: told.get(name) for name in ("facts", "note")}
    words = _words(value, declared) | {name: text for name, text in told.items() if text}
    for fact in words.pop("facts", []):
        found = table[fact].dropna().unique() if fact in table and fact not in more.values() else []
        if len(found) > 1:
            said = ", ".join(str(one) for one in found[:4])
            raise DataError(f"figures of several {fact} ({said}): choose, as vc.pick(…, {fact}=…)")
        words["title"] += f" ({t(str(found[0]))})" if len(found) else ""
    named = [*np.atleast_1d(more.pop("sources", [])), *np.atleast_1d(more.pop("source", []))]
    drawn = table[table["year"] == more["year"]] if more.get("year") and "year" in table else table
    more["sources"] = [*(str(name) for name in named if name), *_cited(drawn)]
    more["unit"] = unit or words["unit"]
    more["note"] = " ".join(str(x) for x in (words.get("note"), more.get("note")) if x)
    if pd.api.types.is_list_like(more.get("selected")):
        more["selected"] = [
            x if str(x).isdecimal() else places.resolve(x) for x in more["selected"]
        ]
    return table, title or words["title"], more


def _when(table: pd.DataFrame, unit: str, year: int | None = None) -> str:
    """Return the subtitle of a chart: unit, and of which years its rows are, or the one drawn."""
    known = pd.to_numeric(table.get("year", pd.Series(dtype=float)), errors="coerce")
    years = str(year) if year else spans(known.dropna().astype(int).unique())
    return ", ".join(filter(None, [unit, years]))


def line(frame: Any, title: Any = "", subtitle: str = "", **more: Any) -> plot.Figure:
    """Return a line chart of a frame: rows of place and ``year``, or years × departments.

    Takes ``value=`` (the column), ``source=`` (a key or any text), ``unit=``, ``ax=`` (axes of your
    own figure, which keeps its layout) and what ``help(vc.plot.lines)`` says.

    >>> line(pd.DataFrame({"Cusco": [1.0, 2.0]}, index=[2000, 2001]), source="my count").sources
    ['my count']
    """
    if isinstance(frame, pd.Series) and frame.index.nlevels == 1:
        frame = frame.to_frame("value" if frame.name is None else frame.name)
    is_flat = isinstance(frame, pd.DataFrame) and frame.index.nlevels == frame.columns.nlevels == 1
    if is_flat and "year" not in frame and not own.place_column(frame):
        frame = frame.rename(columns={"value": t("figure")}).rename_axis(index="year", columns=None)
        frame = frame.reset_index().melt("year", var_name="ubigeo")
    table, title, more = _chart(frame, title, **more)
    plot.figure.need(table, ["value"], ["year"])
    return plot.lines(table, title, subtitle or more["unit"], **more)


def bar(frame: Any, title: Any = "", subtitle: str = "", **more: Any) -> plot.Figure:
    """Return bars of a frame, a row a department, or of ``label=``, a column of other names.

    Takes ``value=``, ``source=``, ``unit=``, ``ax=`` and what ``help(vc.plot.bars)`` says.

    >>> bar(pd.DataFrame({"department": ["Cuzco"], "farms": [3]})).said
    ['Cusco: 3.']
    """
    table, title, more = _chart(frame, title, **more)
    if "ubigeo" in table and not {"label", "group"} & {*more, *table}:
        places_named = table["ubigeo"].map(plot.figure.code)
        for place in places_named[places_named.duplicated()].map(plot.figure.region_name):
            raise DataError(f"two rows of {place}: one bar a place, choose or add them up")
    return plot.bars(table, title, subtitle or _when(table, more["unit"]), **more)


def map(frame: Any, title: Any = "", subtitle: str = "", **more: Any) -> plot.Figure:
    """Return a map of a frame, a row a department, or a province (codes of four digits).

    Takes ``value=``, ``source=``, ``unit=``, ``ax=``, ``selected=`` (what to outline) and what
    ``help(vc.plot.map)`` says. ``department`` or ``ubigeo``: names or codes.

    >>> map(pd.Series({"Cuzco": 3.0, "Puno": 4.0}, name="farms"), source="my count").title
    'Farms'
    """
    table, title, more = _chart(frame, title, **more)
    if "ubigeo" in table and len(table):
        given = table["ubigeo"].map(str)  # 8 is 08
        is_province = given.str.fullmatch(r"\d{4}").all()
        if more.setdefault("level", "province" if is_province else "department") == "department":
            table["ubigeo"] = [places.resolve_all(places.restored(x, 2) or x) for x in given]
    return plot.map(table, title, subtitle or _when(table, "", more.get("year")), **more)
