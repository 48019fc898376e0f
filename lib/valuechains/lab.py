"""The explorer of the lab: choose table, measure, places and years; see chart, map, ranking, table.

What is chosen becomes a few lines of code, and the pictures are what these lines make.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
import matplotlib as mpl

from . import door
from .core import language, places
from .core.errors import DataError, ValueChainsError
from .plot.figure import STYLE, Figure
from .plot.sources import short_names
from .tables import own, schema

# What tells figures of a fact apart, whatever the table: the preferred one is taken.
RANKED = ("ubigeo", "year", "source", "edition", "concept")
CODE = """\
import valuechains as vc

here = vc.scope({regions}, {start}, {end}, language={language!r})
rows = vc.pick({table!r}, {field!r}, here{more})
lines = vc.line(rows)
country = vc.pick({table!r}, {field!r}, year=int(rows["year"].max()){more})
country = country.query("ubigeo != '00'").sort_values("value", ascending=False)
map = vc.map(country, selected=here.regions)
ranking = vc.bar(country, selected=here.regions)
columns = {{"ubigeo": ("", "name"), "year": "", "value": (rows.attrs["unit"], "short")}}
table = vc.table(rows, columns | {{"source": ("", "source")}})
"""
EDITION = 'make reports REGIONS="{names}" START={start} END={end} REPORT_LANGUAGE={language}'


def choices() -> dict[str, list[str]]:
    """Return the tables with figures by department and year, and their measures.

    >>> choices()["coffee_regional"][-1]
    'farm_price_pen_per_kg'
    """
    found = {}
    for name in [*schema()["tables"], *own.names()]:
        try:
            frame = door.load(name)
        except DataError:  # an own table that vc.tables() says is wrong
            continue
        key = schema()["tables"].get(name, {}).get("key", ["ubigeo", "year"])
        fields = [field for field in frame.select_dtypes("number") if field not in key]
        if fields and {"ubigeo", "year"} <= {*frame} & {*key}:
            found[name] = fields
    return found


def kinds(name: str, field: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what else tells the figures of a table apart, as words and as keys.

    >>> kinds("camelid_yearbooks", "heads")[0]
    ('alpaca', {'species': 'alpaca'})
    """
    frame = door.load(name).dropna(subset=field)
    key = [column for column in schema()["tables"].get(name, {}).get("key", ()) if column in frame]
    apart = frame[[column for column in key if column not in RANKED]].drop_duplicates()
    rows = [
        {column: value for column, value in row.items() if isinstance(value, str)}
        for row in apart.to_dict("records")
    ]
    return [(" · ".join(row.values()), row) for row in rows] if len(apart.columns) else [("–", {})]


class Explorer(widgets.VBox):
    """Widgets and what they choose; ``seconds`` is how long the last change took in the kernel."""

    def __init__(self) -> None:
        self.measures, self.code, self.made, self.seconds = choices(), "", {}, 0.0
        self.is_filling = False
        names = [(places.name(code), code) for code in places.codes()]
        self.table = widgets.Dropdown(options=list(self.measures), description="Table")
        self.table.value = "coffee_regional"
        self.field = widgets.Dropdown(description="Measure")
        self.kind = widgets.Dropdown(description="Of")
        self.source = widgets.Dropdown(description="Source")
        self.regions = widgets.SelectMultiple(
            options=names, value=("08", "21"), rows=8, description="Places"
        )
        self.years = widgets.IntRangeSlider(
            value=(2000, 2013), min=1990, max=2025, continuous_update=False, description="Years"
        )
        self.language = widgets.Dropdown(options=language.available(), description="Language")
        self.shown = {name: widgets.HTML() for name in ("lines", "map", "ranking", "table", "code")}
        choosers = [self.table, self.field, self.kind, self.source, self.years, self.language]
        grid = widgets.Layout(grid_template_columns="repeat(2, minmax(0, 550px))", grid_gap="8px")
        pictures = [self.shown[name] for name in ("lines", "map", "ranking", "table")]
        super().__init__(
            [
                widgets.HBox([widgets.VBox(choosers), self.regions]),
                self.shown["code"],
                widgets.GridBox(pictures, layout=grid),
            ]
        )
        self._fill()
        for chooser in (*choosers, self.regions):
            chooser.observe(self._changed, "value")
        self.draw()

    def _fill(self) -> None:
        """Offer the measures of the table; of a measure its kinds and sources."""
        if list(self.field.options) != self.measures[self.table.value]:
            self.field.options = self.measures[self.table.value]
            self.field.value = self.field.options[-1]
        frame = door.load(self.table.value).dropna(subset=self.field.value)
        keys = list(frame["source"].unique())
        self.source.options = [("preferred", ""), *zip(short_names(keys, False), keys, strict=True)]
        self.kinds = dict(kinds(self.table.value, self.field.value))
        self.kind.options = list(self.kinds)
        self.source.value, self.kind.value = "", next(iter(self.kinds))

    def _changed(self, change: Mapping[str, Any]) -> None:
        """Offer what the new table or measure has, and draw once, whatever that changes."""
        if self.is_filling:
            return
        if change["owner"] in (self.table, self.field):
            self.is_filling = True
            self._fill()
            self.is_filling = False
        self.draw()

    def draw(self) -> None:
        """Make the code of what is chosen, run it, show what it makes or the line that refuses."""
        start = time.perf_counter()
        names = [places.name(code) for code in self.regions.value]
        more = self.kinds[self.kind.value] | (
            {"source": self.source.value} if self.source.value else {}
        )
        given = {"start": self.years.value[0], "end": self.years.value[1]}
        given |= {"language": self.language.value, "table": self.table.value}
        given |= {"field": self.field.value, "names": ",".join(names)}
        given["regions"] = ", ".join(repr(name) for name in names) or "''"
        given["more"] = "".join(f", {name}={value!r}" for name, value in more.items())
        self.code, made = CODE.format(**given), {}
        try:
            exec(self.code, made)
        except ValueChainsError as problem:
            made = dict.fromkeys(("lines", "map", "ranking", "table"), "")
            made["lines"] = escape(str(problem))
        self.made = made
        for name in ("lines", "map", "ranking", "table"):
            self.shown[name].value = _html(made[name])
        edition = f"As reports: {EDITION.format(**given)}"
        self.shown["code"].value = f"<pre>{escape(self.code)}\n{escape(edition)}</pre>"
        self.seconds = time.perf_counter() - start


def _html(made: Any) -> str:
    """Return a figure or a table as HTML, a text as it is."""
    if isinstance(made, str):
        return made
    if not isinstance(made, Figure):
        return made._repr_html_()
    file = io.BytesIO()  # packed quickly: it goes to the next window, not into a page
    with mpl.rc_context(STYLE):
        made.savefig(file, format="png", pil_kwargs={"compress_level": 1})
    picture = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(made.alt)}" src="data:image/png;base64,{picture}" width="528">'


def explore() -> Explorer:
    """Return the explorer of every table by department and year, for a notebook.

    >>> explore().made["lines"].key[:10]
    'farm-gate-'
    """
    return Explorer()
