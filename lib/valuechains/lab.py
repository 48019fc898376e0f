"""The explorer of the lab: choose table, measure, places and years; see chart, map, ranking, table.

What is chosen becomes a few lines of code, and the pictures are what these lines make.
"""

import base64
import sys
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from .core import language, places
from .core.errors import ValueChainsError
from .core.paths import ROOT
from .plot import Figure
from .plot.sources import short_names
from .select import prefer
from .tables import about, listed, load

SHOWN = ("lines", "map", "ranking", "table")
# What tells figures of a fact apart, whatever the table: the preferred one is taken.
RANKED = ("ubigeo", "year", "source", "edition")
CODE = """\
import valuechains as vc

here = vc.scope({regions}, {years}, language={language!r})
rows = vc.pick({table!r}, {field!r}, here{more})
lines = vc.line(rows)
country = vc.pick({table!r}, {field!r}, year=int(rows["year"].max()){more})
country = country.sort_values("value", ascending=False)
map = vc.map(country, selected=here)
ranking = vc.bar(country, selected=here)
columns = {{"ubigeo": ("", "name"), "year": "", "value": (lines.unit, "short")}}
table = vc.table(rows, columns | {{"source": ("", "source")}})
"""
EDITION = 'As reports: make reports REGIONS="{}" START={} END={} REPORT_LANGUAGE={}'
OTHER = "" if Path(sys.prefix) == ROOT / ".venv" else f" ENV={sys.prefix}"  # of an environment


def choices() -> dict[str, list[str]]:
    """Return the tables with figures by department and year, and their measures."""
    readable = listed().query("rows > 0").index
    keys = {name: {*load(name)} & {*about(name)["key"]} for name in readable}
    found = {name: prefer.figures(name) for name in keys if {"ubigeo", "year"} <= keys[name]}
    return {name: fields for name, fields in found.items() if fields}


class Explorer(widgets.VBox):
    """Every table by department and year as widgets, with the code of what is chosen.

    >>> explore().table.value
    'coffee_regional'
    """

    def __init__(self) -> None:
        self.measures, self.is_filling = choices(), False
        titles = ("Table", "Measure", "Of", "Source", "Language")
        choosers = [widgets.Dropdown(description=title) for title in titles]
        self.table, self.field, self.kind, self.source, self.language = choosers
        self.table.options, self.language.options = list(self.measures), language.available()
        self.table.value, self.language.value = "coffee_regional", "en"
        names = [(places.name(code), code) for code in places.codes()]
        self.regions = widgets.SelectMultiple(options=names, value=("08", "21"), rows=8)
        self.years = widgets.IntRangeSlider(
            value=(2000, 2013), min=1990, max=2025, continuous_update=False, description="Years"
        )
        self.years.layout.width = "360px"  # else the last figure of the years is cut off
        self.shown = {name: widgets.HTML() for name in (*SHOWN, "code")}
        grid = widgets.Layout(grid_template_columns="repeat(2, minmax(0, 550px))", grid_gap="8px")
        pictures = widgets.GridBox([self.shown[name] for name in SHOWN], layout=grid)
        choice = widgets.HBox([widgets.VBox([*choosers, self.years]), self.regions])
        super().__init__([choice, self.shown["code"], pictures])
        for chooser in (*choosers, self.years, self.regions):
            chooser.observe(self._changed, "value")
        self._changed({"owner": self.table})

    def _changed(self, change: dict[str, Any]) -> None:
        """Offer what a new table, measure or kind has, and draw once, whatever that changes."""
        if not self.is_filling:
            self.is_filling = True
            if change["owner"] in (self.table, self.field):
                self._fill()
            if change["owner"] in (self.table, self.field, self.kind):
                self._fit()
            self.is_filling = False
            self.draw()

    def _rows(self) -> pd.DataFrame:
        """Return the figures of the measure, of the departments chosen if they have any."""
        frame = load(self.table.value).dropna(subset=self.field.value)
        chosen = frame["ubigeo"].isin(self.regions.value)
        return frame[chosen] if chosen.any() else frame

    def _fill(self) -> None:
        """Offer the measures of the table; of a measure its kinds (alpacas, llamas) and sources."""
        name, measures = self.table.value, self.measures[self.table.value]
        if list(self.field.options) != measures:
            self.field.options, self.field.value = measures, measures[-1]
        frame = self._rows()
        keys = list(frame["source"].unique())
        self.source.options = [("preferred", ""), *zip(short_names(keys, False), keys, strict=True)]
        apart = [key for key in about(name)["key"] if key in frame and key not in RANKED]
        sizes = frame.groupby(apart, dropna=False).size() if apart else pd.Series([len(frame)])
        rows = sizes.sort_values(ascending=False, kind="stable").reset_index()[apart]
        kinds = [
            {x: of for x, of in row.items() if isinstance(of, str)}
            for row in rows.to_dict("records")
        ]
        self.kinds = {" · ".join(kind.values()) or "–": kind for kind in kinds}
        self.kind.options = sorted(self.kinds)
        self.source.value, self.kind.value = "", next(iter(self.kinds))

    def _fit(self) -> None:
        """Let the years reach as far as the kind; those chosen stay, as far as it has them."""
        frame = self._rows()
        for key, of in self.kinds[self.kind.value].items():
            frame = frame[frame[key] == of]
        first, last = int(frame["year"].min()), int(frame["year"].max())
        chosen = max(first, self.years.value[0]), min(last, self.years.value[1])
        # The slider refuses a value outside its ends, so they part before they meet.
        self.years.min, self.years.max = min(first, self.years.min), max(last, self.years.max)
        self.years.value = chosen if frame["year"].between(*chosen).any() else (first, last)
        self.years.min, self.years.max = first, last

    def draw(self) -> None:
        """Make the code of what is chosen, run it, show what each line makes, or what refuses."""
        self.made = {}
        names = [places.name(code) for code in self.regions.value]
        more = self.kinds[self.kind.value] | {"source": self.source.value or None}
        self.code = CODE.format(
            regions=", ".join(repr(name) for name in names) or "''",
            years=", ".join(str(year) for year in self.years.value),
            language=self.language.value,
            table=self.table.value,
            field=self.field.value,
            more="".join(f", {name}={value!r}" for name, value in more.items() if value),
        )
        edition = EDITION.format(",".join(names), *self.years.value, self.language.value) + OTHER
        self.shown["code"].value = f"<pre>{escape(self.code)}\n{escape(edition)}</pre>"
        try:
            for step in self.code.splitlines():
                exec(step, self.made)
                name = step.partition(" = ")[0]
                if name in SHOWN:
                    self.shown[name].value = _html(self.made[name])
        except ValueChainsError as problem:
            for name in SHOWN:
                self.shown[name].value = escape(str(problem)) if name == "lines" else ""


def _html(made: Any) -> str:
    """Return a figure or a table as HTML."""
    if not isinstance(made, Figure):
        return made._repr_html_()
    picture = base64.b64encode(made.picture("svg")).decode()  # in half the time of a PNG
    look = 'width="528" style="max-width: 100%"'
    return f'<img alt="{escape(made.alt)}" src="data:image/svg+xml;base64,{picture}" {look}>'


explore = Explorer  # as a notebook calls it
