"""What ``import valuechains as vc`` opens: tables, where figures come from, charts of any frame."""

import inspect
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from . import plot, report
from .core import places
from .core.errors import DataError, candidates, there_are, warn_once
from .core.language import spans, t, using
from .core.scope import Scope
from .select import prefer
from .tables import EXTENT, Listing, about, extent, own, schema
from .tables import load as load_table

COUNTED = ("count_name", "method", "price_basis")  # how figures were got, not what they are of


def _field(name: str, field: str) -> dict[str, Any]:
    """Return what is declared of a field; the unit of an own table is that of its only figures."""
    if name in schema()["tables"]:
        return schema()["fields"].get(field, {})
    told = about(name)
    is_all = prefer.figures(name) == [field]
    return {"unit": told["unit"], "description": told["title"]} if is_all else {}


def _stands(name: str, field: str, rows: pd.DataFrame) -> bool:
    """Return whether each ``value``, with its place, year and kind, is a figure of a table."""
    declared = schema()["tables"].get(name, {"fields": [field]})  # an own table has any fields
    known = load_table(name) if field in declared["fields"] else rows.iloc[:0]
    keys = {"ubigeo", "year", *prefer.fact_of(name)} & {*known} & {*rows}
    if field not in known or not keys:
        return False
    facts = []
    for frame, column in ((rows, "value"), (known, field)):
        texts = [frame[key].astype(str).str.removesuffix(".0") for key in keys]
        facts.append({*zip(*texts, frame[column], strict=True)})
    return facts[0] <= facts[1]


def load(name: str, *given: Any, names: bool = False, **key: Any) -> pd.DataFrame:
    """Return a table of the project, or of ``data/own``; with ``names`` departments by name too.

    All of it: the country beside its departments, and a row of each source that states a fact; a
    warning says so once. So sums and means are of :func:`pick`, which takes one figure a fact; this
    one takes departments, years and other columns as that does.

    >>> load("coffee_regional", names=True)["department"].iloc[0]
    'Peru'
    """
    frame = prefer.matching(name, *given, **key)
    if name in schema()["tables"] and name in own.names():
        warn_once(f"own {name}", f"data/own/{name}.csv is not read: that name is ours", 3)
    fact = [key for key in prefer.fact_of(name) if key in frame]
    n = len(frame.loc[frame.duplicated(fact), fact].drop_duplicates()) if fact else 0
    twice = [f"{n} facts have several rows"] if n > 1 else []
    if "year" in frame and {places.COUNTRY} < {*frame.get("ubigeo", [])}:
        twice.append("Peru stands beside its departments")
    if twice:
        cure = f"sums and means are of vc.pick({name!r}, …)"
        warnings.warn(f"{name}: {', '.join(twice)}; {cure}", stacklevel=3)
    frame.attrs["table"] = name
    if names and "ubigeo" in frame:
        called = {code: plot.figure.region_name(code) for code in frame["ubigeo"].dropna().unique()}
        frame.insert(frame.columns.get_loc("ubigeo") + 1, "department", frame["ubigeo"].map(called))
    return frame


def describe(name: str, field: str | None = None) -> pd.DataFrame:
    """Return the fields of a table, or one: unit, limits, what has figures, sources, meaning.

    ``by_year`` draws how many departments have a figure, a bar a year, all years of the table.

    >>> describe("coffee_regional").loc["farm_price_pen_per_kg", ["unit", "limits"]].tolist()
    ['PEN/kg', '0.2 to 50']
    >>> describe("coffee_regional", "area")["by_year"].item()
    '···············▆▆··████···'
    """
    frame, rows = load_table(name), {}
    wanted = [field if field in frame else prefer.figure(name, field)] if field else [*frame]
    for column in wanted:
        declared, filled = _field(name, column), frame.dropna(subset=column)
        limits = [str(declared[end]) for end in ("minimum", "maximum") if end in declared]
        cited = report.names_line(filled["source"]) if "source" in frame else ""
        rows[column] = [declared.get("unit", ""), " to ".join(limits), len(filled)]
        rows[column] += [
            _by_year(filled, frame),
            *extent(filled),
            cited,
            declared.get("description", ""),
        ]
    columns = ["unit", "limits", "figures", "by_year", *EXTENT, "cited", "meaning"]
    return Listing(pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("field"))


def _by_year(filled: pd.DataFrame, frame: pd.DataFrame) -> str:
    """Return in how many departments rows are, as bars of text: a year each of all of the table."""
    years = pd.to_numeric(frame.get("year", pd.Series(dtype=float)), errors="coerce").dropna()
    if years.empty:
        return ""
    facts = filled.drop_duplicates([key for key in ("ubigeo", "year") if key in filled])
    counts = pd.to_numeric(facts["year"], errors="coerce").value_counts()
    counts = counts.reindex(range(int(years.min()), int(years.max()) + 1), fill_value=0)
    heights = np.ceil(8 * counts / max(counts.max(), 1)).astype(int)
    return "".join("·▁▂▃▄▅▆▇█"[height] for height in heights)


def coverage(name: str, field: str | None = None, *given: Any, **key: Any) -> plot.Figure:
    """Return how many sources a department and year has, of rows as :func:`pick` takes them.

    >>> coverage("department_poverty").title
    'department_poverty: sources by department and year'
    """
    wanted = [prefer.figure(name, field)] if field else []
    if not {"ubigeo", "year"} <= {*load_table(name)}:
        raise DataError(f"{name} is not by department and year: see vc.describe({name!r})")
    known = prefer.matching(name, *given, **key).dropna(subset=[*wanted, "year"])
    if name in schema()["tables"]:  # several keys in one cell; an own source is any text
        known = known.assign(source=known["source"].str.split()).explode("source")
    counts = known.astype({"year": int}).groupby(["ubigeo", "year"])["source"].nunique().unstack()
    # Years without any figure are one empty column.
    gaps = [spans(range(x + 1, y)) for x, y in pairwise(sorted(counts)) if y > x + 1]
    counts = counts.reindex(columns=sorted([*counts, *gaps], key=str))
    title = f"{(*wanted, name)[0]}: sources by department and year"
    facts = [fact for fact in prefer.fact_of(name) if fact not in ("ubigeo", "year", *COUNTED)]
    kinds = [t(str(kind)) for fact in facts for kind in known[fact].dropna().unique()[:4]]
    return plot.heatmap(counts, title, ", ".join(kinds), sources=known["source"])


def pick(name: str, field: str, *given: Any, source: str | None = None, **key: Any) -> pd.DataFrame:
    """Return the figures of a column as they are shown: of each fact the preferred source.

    Rows of ``ubigeo``, ``year``, ``value``, ``source``, ``origin``, what else tells facts apart
    as columns too. A plain word will do for the column: ``price``. By position departments, then a
    year or the first and the last (also ``years=(2000, 2013)``), or a scope; with a source that one
    alone; other columns by keyword, a list is these alone (``year=[2001, 2013]``,
    ``ubigeo=["Cusco", "Puno"]``, ``species="alpaca"``). The country is a row beside departments if
    it is asked for.

    >>> rows = pick("coffee_regional", "production", "Cusco", "Junín", 2010, 2013)
    >>> rows["ubigeo"].unique().tolist(), len(rows)
    (['08', '12'], 8)
    """
    field = prefer.figure(name, field)
    frame = prefer.matching(name, *given, **key | ({"source": source} if source else {}))
    asked = frame.attrs["asked"]
    rows = prefer.preferred(name, frame, field).dropna(subset=field)
    if rows.empty:
        raise DataError(f"{name}: no {field} there; vc.coverage({name!r}, {field!r}) shows what is")
    if "ubigeo" in rows and not asked:
        is_part = rows["ubigeo"] != places.COUNTRY  # the sum of the others
        rows = rows[is_part] if is_part.any() else rows
    rows = rows.rename(columns={field: "value"})
    columns = dict.fromkeys(["ubigeo", *about(name)["key"], "value", "source", "origin"])
    rows = rows[[column for column in columns if column in rows]]
    facts = rows.columns.difference(["ubigeo", "year", "value", "edition", "source", "origin"])
    rows.attrs = {"table": name, "field": field, "facts": facts.tolist()}
    for fact in facts.intersection(COUNTED).difference([*key]):
        found = rows[fact].unique().tolist()
        if len(found) > 1:
            said = f"{name}: figures of several {fact} ({', '.join(str(x) for x in found[:4])})"
            said += f": before sums choose, as vc.pick(…, {fact}={found[0]!r})"
            warn_once(f"{name} {fact}", said, stacklevel=3)
    rows.attrs["missing"] = sorted({*asked} - {*rows.get("ubigeo", asked)})
    rows.attrs["language"] = "".join(x.language for x in given if isinstance(x, Scope))
    return rows


def where(name: str, field: str | None = None, *given: Any, **key: Any) -> report.Table:
    """Return where the figures of a fact are taken from: raw file and row, rule, rivals.

    A table that shows itself, with ``rule``, ``chosen`` and ``rivals`` as
    :class:`valuechains.select.prefer.Where` has them. The key is that of the table without its
    source, as :func:`pick` takes it.

    >>> fact = where("coffee_regional", "price", "Cusco", 2011)
    >>> fact.chosen["origin"].item()
    'report_eu_peru_2016/coffee_price_yield.csv:14'
    """
    if name in own.names() and name not in schema()["tables"]:
        raise DataError(f"{name} is your own: `origin` in vc.load({name!r}) names file and row")
    rule, chosen, rivals = prefer.where(name, field, *given, **key)
    rows = pd.concat([chosen.assign(shown="shown"), rivals.assign(shown="rival")])
    heads = {column: column for column in ("shown", *chosen)} | {"value": ("value", "exact")}
    said = "; ".join(f"{name}: {of}" for name, of in rule.items()) or "sources side by side"
    made = report.table(rows, heads, f"origin: file in data/raw, and row. Rule: {said}")
    made.rule, made.chosen, made.rivals = rule, chosen, rivals
    return made


class Citation(str):
    """Text that a cell shows as it is printed."""

    __repr__ = str.__str__

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in self.splitlines())


def cite(source: str | list | pd.DataFrame | plot.Figure) -> Citation:
    """Return how to cite a source (its key or short name), or those of a figure, frame or table.

    >>> cite("EU–Peru report 2016").startswith("report_eu_peru_2016: ")
    True
    """
    keys = source.sources if isinstance(source, plot.Figure) else source
    if isinstance(keys, str):
        keys = load_table(keys) if keys in {*schema()["tables"], *own.names()} else [keys]
    keys = _cited(keys) if isinstance(keys, pd.DataFrame) else dict.fromkeys(keys)
    ledger, lines = load_table("sources"), []
    for key in keys:
        rows = ledger[(ledger["source"] == key) | (ledger["short"] == key)]
        if rows.empty and isinstance(source, str) and source == key:
            known = dict.fromkeys([*ledger["source"], *ledger["short"].dropna()])
            raise DataError(f"no source {key!r}{there_are(key, known)}; own tables go by name")
        if rows.empty:
            lines.append(f"{key}.")
        for (of, publisher, title), files in rows.groupby(["source", "publisher", "title"]):
            told = {column: files[column].dropna().unique() for column in files}
            at = "; ".join(told["locator"]) if len(told["locator"]) < 4 else f"{len(files)} files"
            parts = [f"{publisher}: {title}", ", ".join(told["published"]), at]
            parts += [f"via {copy}" for copy in told["via"]]
            parts.append(f"licence: {'; '.join(told['licence'])}")
            lines.append(f"{of}: {'. '.join(filter(None, parts))}.")
    if not lines:
        raise DataError("no source is named there: charts take source='…', a key or any text")
    return Citation("\n".join(lines))


def _cited(frame: pd.DataFrame) -> list[str]:
    """Return the sources of rows, of both where two tables were joined."""
    return frame.filter(regex="^source(_.*)?$|_source$").melt()["value"].dropna().unique().tolist()


def _flat(frame: pd.DataFrame | pd.Series | Mapping, home: str) -> pd.DataFrame:
    """Return what is given as rows: what its index names (places, years) in columns.

    Without a year and places it is years × places where lines are drawn. Names that are not said to
    be of departments are a ``label``, of anything.
    """
    if isinstance(frame, Mapping):
        is_rows = any(pd.api.types.is_list_like(value) for value in frame.values())
        frame = pd.DataFrame(frame) if is_rows else pd.Series(frame)
    by_year, index = home == "lines", frame.index
    is_place = isinstance(frame, pd.Series) and index.nlevels == 1 and not by_year
    is_row = index.name is None and index.inferred_type in ("integer", "floating")
    if is_place and len(frame) and (is_row or (home, index.name) == ("map", "year")):
        raise DataError(f"row {index[0]} is no place: as 'Cusco' or '08', set_index('department')")
    if isinstance(frame, pd.Series):
        frame = frame.to_frame("value" if frame.name in (None, "") else frame.name)
    if frame.columns.nlevels > 1:
        raise DataError("columns of several levels: expected one, as pivot(values='value') makes")
    for double in frame.columns[frame.columns.duplicated()]:
        raise DataError(f"two columns are called {double!r}: frame.columns = […] names each apart")
    has_place = own.place_column(frame) is not None
    if by_year and index.nlevels == 1 and "year" not in frame and not has_place:
        called = _called(frame.columns)
        frame = frame.rename(columns={"value": t("figure")}).rename_axis(index="year", columns=None)
        return frame.reset_index().melt("year", var_name=called)
    if is_place or (index.inferred_type == "string" and not has_place):
        frame = frame.rename_axis("ubigeo" if home == "map" else _called(index))
    return frame.reset_index() if {*frame.index.names} - {None, *frame} else frame


def _called(names: pd.Index) -> str:
    """Return what names are: those of departments, or a label of anything."""
    is_code = names.name is None and all(str(name).isdecimal() for name in names)
    return "ubigeo" if is_code or places.fold(str(names.name)) in places.COLUMNS else "label"


def _code(place: Any, level: str = "") -> str:
    """Return the code of a department, or of several; that of a province or district as it is."""
    text = str(place).strip()
    if level == "province":  # whose names the boundaries know
        return places.restored(text, 4) or text
    if places.named(text) == places.COUNTRY and places.fold(text) != "peru":
        cure = "name it Peru if it is the country's, else leave it out"
        raise DataError(f"{text!r} is no department: {cure}")
    is_part = text.isdecimal() and len(text) in (4, 6) and text[-4:] != "0000"
    return text if is_part else places.resolve_all(places.restored(text, 2) or text)


def _check_names(names: Iterable[Any]) -> None:
    """Refuse, among names of departments, one that stands twice or is nearly another's."""
    codes = {name: plot.figure.code(name) for name in names}
    found = [code for code in codes.values() if code in places.codes()]
    for name, code in codes.items():
        if found.count(code) > 1:
            raise DataError(f"two rows of {places.name(code)}; {plot.figure.CHOOSE}")
        if found and code not in found and places.is_nearly_one(str(name)):
            places.resolve(str(name))  # says which is meant


def _chart(draw: Callable) -> Callable:
    """Make a chart of any frame of one of rows; options are checked, its language is spoken."""
    home = {"line": "lines", "bar": "bars"}.get(draw.__name__, draw.__name__)

    def chart(
        frame: pd.DataFrame | pd.Series | Mapping,
        title: Any = "",
        subtitle: str = "",
        *,
        value: str | int = "",
        source: Any = "",
        unit: str = "",
        language: str = "",
        **more: Any,
    ) -> plot.Figure:
        known = ["value", "source", "language", *inspect.signature(getattr(plot, home)).parameters]
        for name in more.keys() - {*known}:
            said = f"{draw.__name__}: there is no argument {name!r}{candidates(name, known)}"
            raise DataError(f"{said}; expected {', '.join(dict.fromkeys(known))}")
        selected = more.get("selected")
        if isinstance(selected, Scope):
            language, more["selected"] = language or selected.language, selected.regions
        elif pd.api.types.is_list_like(selected):
            more["selected"] = [x if str(x).isdecimal() else places.resolve(x) for x in selected]
        with using(language or getattr(frame, "attrs", {}).get("language")):
            rows = _flat(frame, home)
            table, title, more = _ready(rows, title, value, source, unit, **more)
            return draw(table, title, subtitle, **more)

    chart.__name__, chart.__doc__ = draw.__name__, draw.__doc__
    return chart


def _value_column(frame: pd.DataFrame, value: str | int) -> str | int:
    """Return the column to draw: the one given, or with that word, ``value``, or the only one."""
    places_and_years = ["year", "label", own.place_column(frame)]
    numbers = frame.select_dtypes("number").columns.difference(places_and_years, sort=False)
    if not value:
        value = "value" if "value" in frame else numbers[0] if len(numbers) == 1 else ""
    worded = [name for name in numbers if str(value) in str(name).split("_")]
    if value not in frame and len(worded) == 1:
        return worded[0]
    if value not in frame or value in ("year", own.place_column(frame)):
        known = ", ".join(str(name) for name in numbers) or "none: texts are no numbers"
        raise DataError(f"which column? value=…, one of {known}{candidates(value, numbers)}")
    return value


def _rows(frame: pd.DataFrame, value: str | int, level: str) -> pd.DataFrame:
    """Return rows with codes as ``ubigeo`` and figures as ``value``.

    What an error line calls the columns is in ``attrs["named"]``: pandas copies it with every step.
    """
    place = own.place_column(frame)
    table = frame.drop(columns=[] if value == "value" else "value", errors="ignore")
    named = [*table]
    table = table.rename(columns={value: "value", place: "ubigeo"})
    table.attrs = {"named": dict(zip(table, named, strict=True))}
    if place is not None:
        codes = {text: _code(text, level) for text in table["ubigeo"].unique()}
        table["ubigeo"] = table["ubigeo"].map(codes)
        lengths = sorted({len(code) for code in codes.values() if code.isdecimal()})
        if len(lengths) > 1 or 6 in lengths:
            cure = "expected departments (two digits) or provinces (four); sum districts to these"
            raise DataError(f"codes of {' and '.join(str(n) for n in lengths)} digits: {cure}")
    elif "label" in table:
        _check_names(table["label"].unique())
    if pd.api.types.is_bool_dtype(table["value"]):
        raise DataError("yes and no are no figures: expected numbers, such as frame.astype(int)")
    for column in [*{"year"} & {*table}, "value"]:
        figures = pd.to_numeric(table[column].astype(object), errors="coerce")  # a date is none
        if figures.count() == table[column].count():  # texts of numbers are numbers
            table[column] = figures
    return table


def _kinds(table: pd.DataFrame, told: Mapping, chosen: Iterable) -> list[str]:
    """Return of what kind the figures are (species, crop …), in words; several are refused."""
    words = []
    for fact in told.get("facts", []):
        found = [str(x) for x in table.get(fact, pd.Series(dtype=str)).dropna().unique()]
        if len(found) > 1 and fact not in chosen:
            said = f"figures of several {fact} ({', '.join(found[:4])}): choose"
            raise DataError(f"{said}, as vc.pick(…, {fact}={found[0]!r})")
        rest = ", …" if len(found) > 3 else ""
        words += [f"{', '.join(t(x) for x in found[:3])}{rest}"] if found else []
    return words


def _named_sources(sources: Iterable, cited: list[str]) -> list[str]:
    """Return the sources that are given, and those of the rows; notice what is nearly a key."""
    given = [str(name) for name in sources if name]
    keys = [*load_table("source_names")["source"], *own.names()]
    for name in given:
        if re.fullmatch(r"[a-z]+_\w+", name) and name not in keys:
            said = f"source {name!r} is no key, and is printed as it stands"
            warn_once(name, f"{said}{candidates(name, keys)}", stacklevel=5)
    return [*given, *cited]


def _ready(
    frame: pd.DataFrame, title: Any, value: str | int, source: Any, unit: str, **more: Any
) -> tuple[pd.DataFrame, Any, dict[str, Any]]:
    """Return a frame with ``ubigeo`` and ``value``, a title, and what goes on to the chart."""
    if "year" not in frame:  # "Year", "Año"
        frame = frame.rename(columns={x: "year" for x in frame if places.fold(str(x)) in own.YEAR})
    told, value = frame.attrs, _value_column(frame, value)
    table = _rows(frame, value, more.get("level", ""))
    known = table[pd.to_numeric(table["value"].astype(object), errors="coerce").notna()]

    # What a table says of its figures is believed of rows that stand in it, place, year and figure.
    field = told.get("field", value) if value == "value" else value
    tables = schema()["tables"] if _cited(frame) else []  # own figures may equal others by chance
    tables = [told["table"]] if "table" in told else tables
    home = next((name for name in tables if _stands(name, field, known)), "")
    declared = _field(home, field) if home else {}
    if not home and "table" not in told:  # joined: the rows are of one of its figures alone
        table = table.drop(columns="origin", errors="ignore")
    if home and "year" not in table and "year" in load_table(home):
        years = load_table(home)["year"].dropna().unique()
        years = [x for x in years if _stands(home, field, known.assign(year=x))]
        table = table.assign(year=years[0]) if len(years) == 1 else table

    kinds = _kinds(table, told, more.values())
    plain = str(field if home else value).replace("_", " ")
    words = t(declared.get("description", "")) or plain[:1].upper() + plain[1:]
    if "coffee" not in home and "coffee" not in {*table.get("crop", [])}:
        words = words.partition(";")[0]  # "…; of coffee: parchment"
    title = title or words + "".join(f" ({kind})" for kind in kinds)

    is_one = np.isscalar(more.get("year")) and "year" in table
    cited = _cited(table[table["year"] == more["year"]] if is_one else frame)
    given = [*np.atleast_1d(more.get("sources", [])), *np.atleast_1d(source)]
    more["sources"] = _named_sources(given, cited)

    notes, named = [more.get("note", "")], "ubigeo" if "ubigeo" in table else "label"
    names = {*told.get("missing", []), *table.get(named, [])} - {*known.get(named, [])}
    if names and len(known):
        missing = [plot.figure.region_name(code) for code in sorted(names, key=str)]
        notes.append(t("No figure: {regions}.", regions=", ".join(missing)))
    if not more["sources"]:
        notes.append(t("Source: not said (source='…' names it)."))
    elif not home and ("table" in told or len(frame.filter(regex="^origin").columns)):
        notes.append(t("Own calculation from these sources."))
    more["note"] = " ".join(filter(None, notes))
    more["unit"] = unit or t(declared.get("unit", "").replace("pct", "%"))
    return table, title, more


def _when(table: pd.DataFrame, unit: str, year: int | None = None) -> str:
    """Return the subtitle of a chart: unit, and of which years its rows are, or the one drawn."""
    known = pd.to_numeric(table.get("year", pd.Series(dtype=float)), errors="coerce")
    years = str(year) if year else spans(known.dropna().astype(int).unique())
    return ", ".join(filter(None, [unit, years]))


@_chart
def line(table: pd.DataFrame, title: Any, subtitle: str, **more: Any) -> plot.Figure:
    """Return a line chart of a frame: rows of place and ``year``, or years × departments.

    Takes ``value=`` (the column), ``source=`` (a key or any text), ``unit=``, ``language=``
    (``"es"``), ``ax=`` (axes of your own figure, which keeps its layout), ``selected=`` (which are
    named, the others grey: names, or a scope) and what ``help(vc.plot.lines)`` says.

    >>> line(pd.DataFrame({"Cusco": [1.0, 2.0]}, index=[2000, 2001]), source="my count").sources
    ['my count']
    """
    plot.figure.need(table, ["value"], ["year"])
    is_plain = {*table} <= {"year", "value", "source", "origin"}
    if is_plain and not table["year"].duplicated().any():  # one line, of the country or of prices
        called = table.attrs["named"]["value"]
        table = table.assign(label=t("figure") if called == "value" else called)
    more.setdefault("by", "ubigeo" if "ubigeo" in table else "label")
    return plot.lines(table, title, subtitle or more["unit"], **more)


@_chart
def bar(table: pd.DataFrame, title: Any, subtitle: str, **more: Any) -> plot.Figure:
    """Return bars of a frame, a row a department, or of ``label=``, a column of other names.

    Takes ``value=``, ``source=``, ``unit=``, ``language=``, ``ax=``, ``selected=`` (which have
    their colour: names, or a scope) and what ``help(vc.plot.bars)`` says.

    >>> bar({"department": ["Cuzco"], "farms": [3]}).said
    ['Cusco: 3.']
    """
    label = more.get("label") or ("label" if "label" in table else "ubigeo")
    if "ubigeo" not in table and label in table and "group" not in {*more, *table}:
        for name in table.loc[table[label].duplicated(), label]:
            raise DataError(f"two rows of {name}: one bar each; {plot.figure.CHOOSE}")
    if {"ubigeo", label} <= {*table} and "group" not in {*more, *table}:
        named = table["ubigeo"].map(plot.figure.region_name)
        if table[label].duplicated().any() and label != "ubigeo":  # a crop of two departments
            named = table["label"] = table[label].astype(str) + ", " + named
            more["label"] = "label"
        for name in named[named.duplicated() & table[label].duplicated()]:
            raise DataError(f"two rows of {name}: one bar a place; {plot.figure.CHOOSE}")
    return plot.bars(table, title, subtitle or _when(table, more["unit"]), **more)


@_chart
def map(table: pd.DataFrame, title: Any, subtitle: str, **more: Any) -> plot.Figure:
    """Return a map of a frame, a row a department, or a province (codes of four digits).

    Takes ``value=``, ``source=``, ``unit=``, ``language=``, ``ax=``, ``selected=`` (what to
    outline: names, or a scope) and what ``help(vc.plot.map)`` says. ``department`` or ``ubigeo``:
    names or codes.

    >>> map({"Cuzco": 3.0, "Puno": 4.0}, "Farms", source="my count").title
    'Farms'
    """
    if "ubigeo" in table and len(table):
        is_province = table["ubigeo"].str.len().eq(4).all()
        more.setdefault("level", "province" if is_province else "department")
        if (table["ubigeo"] == places.COUNTRY).any():
            note = t("Not on the map: {place}.", place=t("Peru"))
            more["note"] = f"{more['note']} {note}".strip()
    return plot.map(table, title, subtitle or _when(table, more["unit"], more.get("year")), **more)
