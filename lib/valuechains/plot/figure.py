"""The house style and the scaffold that every chart and map shares.

A chart is a function of a :class:`Figure` and a frame that lays out axes, draws and finishes;
:func:`chart` gives it ``title``, ``subtitle`` and the options of every figure:

- ``sources``: keys of sources, raw rows or any text, besides those in the column ``source``;
- ``note``: a line under the axes; ``unit``: that of the figures drawn;
- ``key``: the figure's id, by default that of the finding that is its title;
- ``ax``: axes of one's own figure, to draw in these in place of a figure of its own.
"""

import base64
import functools
import inspect
import io
import itertools
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import LogLocator, MaxNLocator
from pandas.io.json import build_table_schema
from PIL import Image

from ..core import places
from ..core.errors import DataError, there_are
from ..core.kinds import checked
from ..core.language import current, t, using, written
from ..tables import schema
from .sources import listed, names_line, publications, source_line
from .svg import Svg

# 14 cm. A phone of 390 px shows 358 of them: a point is 0.9 px there, 11.1 points are 10 px.
WIDTH_IN, DPI, CSS_DPI = 5.5, 120, 96
TEXT, TITLE, SMALL = 11.1, 13, 8
# Height of a line, width of a character, of a bold one.
TEXT_IN, TITLE_IN, CHARACTER_IN, BOLD_IN = 0.192, 0.225, 0.08, 0.096

# Most are Okabe and Ito's; colour-blind readers tell all of them apart, as a test computes. The
# departments that reports name most keep theirs; others take a free one, and those of Cusco and
# Puno are nobody else's.
FIXED = {
    "08": "#0072B2",
    "21": "#D55E00",
    "06": "#009E73",
    "22": "#CC79A7",
    "12": "#8C3C3C",
    "01": "#56B4E9",
    "05": "#7F3C8D",
    "04": "#5B5B00",
}
PALETTE = (*FIXED.values(), "#3B2F8F", "#1E5050")[2:]
NEUTRAL = ("#222222", "#8A8A8A", "#B0B0B0")
INK, GREY, LIGHT, PALE = "#222222", "#767676", "#C9C9C9", "#F1ECE2"
TONES = {"highlight": INK, "rest": LIGHT}
# Light to dark, one hue family, told apart in grey print too.
SHADES = ("#E3EED1", "#B5D7A8", "#74B69A", "#317C86", "#1F4B6E", "#14213D")
MARKERS = ("o", "s", "^", "D", "v", "P")
CHOOSE = "vc.pick takes one of two sources, with year=… one of two years; else add up your rows"
# Units of figures that no table holds as they are.
RECKONED = {"PEN/ha", "heads/km2", "thousand t", "thousand heads", "million USD"}
CODED = ("ubigeo", "region", "regions", "series", "row", "departments")  # may hold UBIGEO codes
HALO = {"gid": "halo"}  # of text that stands on ink

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": LIGHT,
    "axes.grid": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": TEXT,
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "grid.color": "#E6E6E6",
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "text.color": INK,
    "text.parse_math": False,  # a $ is a dollar
    "text.hinting": "none",  # needed on coarse screens only, and slow
    "xtick.bottom": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.left": False,
}


class Figure(MatplotlibFigure):
    """A figure with header, source line, the data it draws and what it shows in words.

    It has ``title``, ``subtitle``, ``key``, ``data`` (a row a mark, with its source where known),
    ``alt`` and ``finding``, the record of the one that is its title. The last value of a cell is
    shown as PNG, or as SVG where the environment's ``FIGURE_FORMAT`` is ``svg``, as on pages; what
    its output's metadata hold is in docs/architecture.md.

    Drawn in the axes `ax` of another figure it leaves the layout of that as it is, gives the axes
    title, subtitle and, as the x axis's label, its source, shows itself in words alone, and
    ``save`` writes the whole other figure.
    """

    def __init__(
        self,
        title: Any,
        subtitle: str = "",
        *,
        sources: Iterable = (),
        note: str = "",
        key: str = "",
        unit: str = "",
        ax: Axes | None = None,
    ) -> None:
        super().__init__(figsize=(WIDTH_IN, 1), dpi=DPI)
        FigureCanvasAgg(self)
        self.host, self.language = ax, current()
        self.wide_in = ax.bbox.width / ax.figure.dpi if ax else None  # of axes of one's own
        self.title, self.subtitle, self.note, self.unit = str(title), subtitle, note, unit
        self.finding = getattr(title, "record", None)
        words = re.findall(r"[a-z0-9]+", places.fold(self.title))[:8]
        self.key = key or getattr(title, "key", "") or "-".join(words) or "figure"
        self.inputs = list(sources)
        self.sources = publications(self.inputs)
        self.said: list[str] = []
        self.marks: dict[int, str] = {}  # what the mark of a row of the data shows
        self.fields: dict[str, dict] = {}  # unit or title of each column of figures
        self.frames: dict[str, Any] = {}
        self.row_key: list[str] = []  # the columns that say which row of the data a row is
        self.ranked: tuple[str | None, list[str]] = (None, [])  # a column, and rows by which

    @property
    def ax(self) -> Axes:
        """The axes that it is drawn in, the first of several."""
        return self.host or self.axes[0]

    def lay_out(
        self,
        table: pd.DataFrame,
        drawn: Iterable[str | None],
        height: float,
        rows: int = 1,
        cols: int = 1,
        **subplots: Any,
    ) -> np.ndarray:
        """Return axes (2-d array), `height` inches in all; keep what is `drawn` of a table."""
        kept = {"label", "ubigeo", "year", "bound", "source", "origin", *drawn}
        self.data = table[[name for name in table if name in kept]].reset_index(drop=True)
        numbers = self.data.select_dtypes("number").columns.intersection([*filter(None, drawn)])
        # Years, and how to read a figure, come after a stop of its subtitle.
        opening = re.split(r"[,:;] | \(", self.subtitle)[0]
        title = {"title": opening if re.search("[^\\W\\d]", opening) else self.title}
        self.fields = dict.fromkeys(numbers, {"unit": self.unit} if self.unit else title)
        sources = table.get("source", pd.Series(dtype=object)).dropna()
        self.sources = list(dict.fromkeys([*sources, *self.sources]))
        if self.host is not None:
            if rows * cols > 1:
                raise DataError("ax: this chart needs several axes, expected none of one's own")
            self.axes_in = self.host.bbox.height / self.host.figure.dpi
            return np.array([[self.host]])
        self.axes_in = height
        self.set_size_inches(WIDTH_IN, height)
        return self.subplots(rows, cols, squeeze=False, **subplots)

    def mark(self, artist: Any, words: Mapping[int, str]) -> None:
        """Let the marks of an artist say which rows of the data they are, and what these show."""
        artist.set_gid("-".join(map(str, ["rows", *words])))
        self.marks |= words

    def finish(self, handles: Sequence = (), labels: Sequence[str] = ()) -> None:
        """Write header, legend, note and source line, and give the axes their places for good."""
        if "is_doubtful" in self.data:
            handles = [*handles, marker_handle("o", filled=False)]
            labels = [*labels, t("hollow: doubtful")]
        if self.host is not None:
            self._finish_in_host(handles, labels)
            return
        head = _wrapped(self.title, size=TITLE, weight="bold")
        sub = _wrapped(self.subtitle)
        foot = _wrapped(source_line(self.sources)) + _wrapped(self.note)
        longest = max((len(label) for label in labels), default=0)
        columns = max(1, int((WIDTH_IN - 0.12) / (CHARACTER_IN * longest + 0.5)))
        foot_in = 0.08 + TEXT_IN * len(foot)
        bottom = foot_in + 0.24 * -(-len(labels) // columns)
        full = self.axes_in + bottom + 0.14 + TITLE_IN * len(head) + TEXT_IN * len(sub)
        self.set_size_inches(WIDTH_IN, full)
        under = full - 0.06 - TITLE_IN * len(head)
        for lines, top, step, look in (
            (head, full - 0.06, TITLE_IN, {"size": TITLE, "weight": "bold"}),
            (sub, under, TEXT_IN, {"color": "#444444"}),
            (foot, foot_in, TEXT_IN, {"color": "#666666"}),
        ):
            for i, line in enumerate(lines):
                text = self.text(0.06 / WIDTH_IN, (top - step * i) / full, line, va="top", **look)
                if lines is sub and self.frames:
                    names, texts = self.frames["names"], self.frames["texts"]
                    shown = names[self.frames["shown"]]
                    text.set_gid(f"text-under{i}")
                    texts[f"under{i}"] = [line.replace(shown, name) for name in names]
        if labels:
            place = {"loc": "lower left", "bbox_to_anchor": (0, foot_in / full), "ncols": columns}
            gaps = {"handletextpad": 0.4, "columnspacing": 1.2, "borderpad": 0.1}
            self.legend(handles, labels, handlelength=1.6, **place, **gaps)
        # To lay out costs as much as to draw: once is enough.
        self.set_layout_engine("constrained", rect=(0, bottom / full, 1, self.axes_in / full))
        self.get_layout_engine().execute(self)
        self.set_layout_engine("none")

    def _finish_in_host(self, handles: Sequence, labels: Sequence[str]) -> None:
        """Give axes of another figure title, legend and, under the axis, note and source line."""
        foot = [text for text in (source_line(self.sources), self.note) if text]
        self.said += foot
        letters = int(self.wide_in / BOLD_IN)
        lines = [textwrap.fill(text, letters) for text in (self.title, self.subtitle) if text]
        self.host.set_title("\n".join(lines), loc="left")
        # A label of the axis: every layout of matplotlib leaves room for it.
        below = textwrap.wrap(" ".join(foot), int(letters * TEXT / SMALL))
        below = "\n".join(filter(None, [self.host.get_xlabel(), *below]))
        self.host.set_xlabel(below, loc="left", size=SMALL, color=GREY)
        if labels:
            self.host.legend(handles, labels)

    @property
    def alt(self) -> str:
        """The figure in words: title, subtitle, what is drawn."""
        head = ". ".join(text.rstrip(".") for text in (self.title, self.subtitle) if text)
        return " ".join([f"{head}.", *self.said])

    @checked
    def save(self, path: str | Path, data: bool | str | Path = False) -> Path:
        """Write the picture (suffix ``.png`` or ``.svg``), with ``data`` a CSV beside it, or there.

        The CSV has units in its heads, and names beside codes, as the downloads of pages have; a
        text that a spreadsheet would run as a formula gets an apostrophe.
        """
        path = Path(path)
        kind = path.suffix[1:].lower()
        if kind not in ("png", "svg") or not path.parent.is_dir():
            raise DataError(f"{path}: a figure is saved as .png or .svg, in a folder that there is")
        file = Path(data) if isinstance(data, str | Path) else path.with_suffix(".csv")
        if file.suffix != ".csv" or not file.parent.is_dir():
            raise DataError(f"{file}: data are saved as .csv, in a folder that there is")
        path.write_bytes(self.picture(kind))
        if data:
            with_units(self.data, self.fields).map(_no_formula).to_csv(file, index=False)
        return path

    def show(self, *_: Any) -> None:
        """Show the figure in a notebook: needed where it is not the last value of a cell."""
        from IPython import display, get_ipython  # elsewhere than in a notebook it takes a while

        if get_ipython() is None:
            raise DataError("show() is for notebooks; elsewhere save('picture.png') writes a file")
        display.display(self if self.host is None else self.host.figure)

    def picture(self, kind: str) -> bytes:
        """Return the bytes of the picture as ``png`` or ``svg``."""
        file = io.BytesIO()
        if self.host is not None:
            self.host.figure.savefig(file, format=kind)
            return file.getvalue()
        with mpl.rc_context(STYLE), using(self.language):
            if kind == "svg":
                self.dpi = 72
                picture = Svg(*(72 * self.get_size_inches()), self.key, self.told())
                self.draw(picture)
                self.dpi = DPI
                return picture.written().encode()
            show_halos(self, True)
            canvas = FigureCanvasAgg(self)  # a copy of a figure has none
            canvas.draw()
            show_halos(self, False)
        picture = flatten(np.asarray(canvas.buffer_rgba()))
        picture.save(file, format="PNG", compress_level=9)
        return file.getvalue()

    def told(self) -> dict[int, tuple[str, str]]:
        """Return of each mark which region it is about, and what it shows, rank and source."""
        about = self.data.reindex(columns=["ubigeo", "source"]).astype(object).fillna("")
        regions, keys = about["ubigeo"].to_dict(), about["source"].to_dict()
        named = {each: names_line(each.split()) for each in {*keys.values()}}
        ranks, told, (value, by) = {}, {}, self.ranked
        if value and "ubigeo" in self.data:
            known = self.data[about["ubigeo"].isin(places.codes())].dropna(subset=value)
            for _, rows in known.groupby(by or known["ubigeo"].notna()):
                ranks |= _ranks(rows, value)
        for row, words in self.marks.items():
            lines = [f"{words} {self.unit}".rstrip(), ranks.get(row), named[keys[row]]]
            told[row] = regions[row], "\n".join(filter(None, lines))
        return told

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        # Once pyplot is used, its picture of any figure would stand for ours, without halos.
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        for formatter in shell.display_formatter.formatters.values() if shell else ():
            if MatplotlibFigure in formatter.type_printers:
                formatter.for_type(Figure, _in_bundle)
        if self.host is not None:
            return {"text/plain": self.alt}, {}
        width, height = (round(side * CSS_DPI) for side in self.get_size_inches())
        data = resource(self.data, self.key, self.title, self.fields, self.row_key)
        others = [key for key in self.sources if key not in publications(self.inputs)]
        data["sources"] = listed([*self.inputs, *others])
        if os.environ.get("FIGURE_FORMAT") == "svg":
            kind, picture = "image/svg+xml", self.picture("svg").decode()
        else:
            kind, picture = "image/png", base64.b64encode(self.picture("png")).decode()
        about = {kind: {"alt": self.alt, "width": width, "height": height}, "data": data}
        if self.finding:
            about["finding"] = self.finding
        if self.frames and kind == "image/svg+xml":
            about["frames"] = self.frames
        return {kind: picture, "text/plain": self.alt}, about


def _in_bundle(_: Figure) -> None:
    """Make no picture of a figure: its bundle has one."""


def chart(draw: Callable) -> Callable:
    """Make a chart of a function that draws a frame on a figure."""
    _, frame, *own = inspect.signature(draw).parameters.values()
    about = inspect.signature(Figure).parameters

    @functools.wraps(draw)
    def made(frame: Any, *title: Any, **options: Any) -> Figure:
        of_figure = {name: options.pop(name) for name in about.keys() & options.keys()}
        ax = of_figure.get("ax")
        with mpl.rc_context(STYLE if ax is None else {}):
            figure = Figure(*title, **of_figure)
            draw(figure, frame, **options)
        if is_ratio(options.get("write")):
            figure.fields = {name: {"unit": "1"} for name in figure.fields}
        if ax is not None:
            show_halos(ax, True)
        return figure

    made.__signature__ = inspect.Signature([frame, *about.values(), *own])
    return made


def _ranks(rows: pd.DataFrame, value: str) -> dict[int, str]:
    """Return the ranks of regions in words: of three or more, one figure each, all exact."""
    is_exact = rows["bound"].eq("exact").all() if "bound" in rows else True
    if len(rows) < 3 or not rows["ubigeo"].is_unique or not is_exact:
        return {}
    ranks, n = rows[value].rank(method="min", ascending=False).astype(int), len(rows)
    return {row: t("rank {rank} of {n} from the highest", rank=x, n=n) for row, x in ranks.items()}


def flatten(rgba: np.ndarray) -> Image.Image:
    """Return an opaque picture of 40 of its colours; each other one gets the nearest of them.

    A third of the bytes. Next is always the colour that is common and far from those before: of
    the commonest alone the small mark of a region would get another region's colour.
    """
    pixels, found = pd.factorize(rgba.view(np.uint32).ravel())
    colours = found.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.float32)
    weight, away = np.sqrt(np.bincount(pixels)), np.full(len(colours), 1e6, dtype=np.float32)
    nearest, palette = np.zeros(len(colours), dtype=np.uint8), []
    for place in range(min(40, len(colours))):
        palette.append(colours[(weight * away).argmax()])
        distance = ((colours - palette[-1]) ** 2).sum(axis=1)
        nearest[distance < away] = place
        away = np.minimum(away, distance)
    picture = Image.fromarray(nearest[pixels].reshape(rgba.shape[:2]))
    picture.putpalette(np.array(palette, dtype=np.uint8).tobytes())
    return picture


def resource(
    frame: pd.DataFrame,
    name: str,
    title: str = "",
    fields: Mapping[str, dict] | None = None,
    key: Iterable[str] = (),
) -> dict:
    """Return a frame as a Tabular Data Resource with its rows inline, as CSV: it is the shortest.

    `fields` say of columns more than name and type; one whose name ends in a unit has that, one of
    codes of regions has their names. The columns `key` say which row a row is.

    >>> resource(pd.DataFrame({"year": [2011], "value": [7.5]}), "price")["data"]
    'year,value\\n2011,7.5\\n'
    """
    columns, rows = build_table_schema(frame, index=False)["fields"], frame.map(_one_cell)
    for field in columns:
        called, unit = field["name"], unit_of(field["name"])
        field |= (fields or {}).get(called, {}) | ({"unit": unit} if unit else {})
        if called in CODED:
            codes = pd.Series(rows[called].dropna().astype(str).unique(), dtype=object)
            joint = codes.str.replace(" ", "+")
            names = pd.DataFrame({"value": codes, "label": joint.map(region_name)})
            labels = names[names["label"] != joint].to_dict("records")
            field |= {"categories": labels} if labels else {}
    about = {"profile": "tabular-data-resource", "name": name, "title": title, "format": "csv"}
    schema = {"fields": columns} | ({"primaryKey": list(key)} if key else {})
    return about | {"schema": schema, "data": rows.to_csv(index=False)}


def with_units(data: pd.DataFrame, fields: Mapping[str, dict]) -> pd.DataFrame:
    """Return data with units (else titles) in their heads, and the names of codes beside them.

    >>> list(with_units(pd.DataFrame({"ubigeo": ["08"], "area_ha": [2.0]}), {}))
    ['ubigeo', 'ubigeo_name', 'area_ha (ha)']
    """
    told = {}
    for field in resource(data, "", "", fields)["schema"]["fields"]:
        name = field["name"]
        names = {code["value"]: code["label"] for code in field.get("categories", [])}
        said = field.get("unit") or field.get("title")
        told[f"{name} ({said})" if said else name] = data[name]
        if names:
            told[f"{name}_name"] = data[name].replace(names)
    return pd.DataFrame(told)


def is_ratio(write: Any) -> bool:
    """Return whether figures are written as percentages of one."""
    return isinstance(write, str | Callable) and "%" in written(0.5, write)


@functools.cache
def unit_of(name: str) -> str | None:
    """Return the unit of what is named as the fields of tables are ("price_pen_per_kg")."""
    declared = {field["unit"] for field in schema()["fields"].values() if field.get("unit")}
    ends = {x.lower().replace("/", "_per_").replace(" ", "_"): x for x in declared | RECKONED}
    # A name that is one word is a count ("years"), or says of what its unit is.
    fits = [end for end in ends if name.endswith(f"_{end}") or (name == end and "_" in end)]
    return ends.get(max(fits, key=len, default=""))


def _one_cell(cell: Any) -> Any:
    """Return a cell of CSV: of a list the words that there are."""
    is_list = isinstance(cell, list | tuple)
    return " ".join(str(part) for part in cell if pd.notna(part)) if is_list else cell


def _no_formula(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value


def _wrapped(text: str, size: float = TEXT, **look: Any) -> list[str]:
    """Return the lines of a text as wide as the figure."""
    font, room = FontProperties(size=size, **look), WIDTH_IN - 0.12
    character = BOLD_IN * TITLE / TEXT if look else CHARACTER_IN
    for characters in range(int(room / character), 0, -1):
        lines = textwrap.wrap(text, characters)
        widths = [text_to_path.get_text_width_height_descent(x, font, False)[0] for x in lines]
        if max(widths, default=0) <= 72 * room:
            break
    return lines


def need(frame: pd.DataFrame, numbers: Iterable[str], others: Iterable[str] = ()) -> None:
    """Raise a DataError when a frame is empty, lacks a column, or has text for numbers.

    Columns are called as in the frame that was given, where ``attrs["named"]`` says how.
    """
    numbers, named = list(numbers), frame.attrs.get("named") or dict(zip(frame, frame, strict=True))
    for column in (*numbers, *others):
        if column not in frame:
            there = there_are(column, named.values())
            cures = {
                "ubigeo": f" or 'department'{there}: frame.rename(columns={{'…': 'department'}}), "
                "or in bars label='…'",
                "label": f"{there}; by='…' or label='…' names what lines or bars are of",
            }
            raise DataError(f"nothing to draw: no column {column!r}{cures.get(column, there)}")
    for name in numbers:
        as_number = pd.to_numeric(frame[name], errors="coerce").astype(float)
        for wrong in frame[name][~np.isfinite(as_number) & frame[name].notna()]:
            raise DataError(f"column {named.get(name, name)!r} holds {wrong!r}: numbers are drawn")
    if frame.empty or (numbers and frame[numbers].isna().all(axis=None)):
        called = ", ".join(str(named.get(column, column)) for column in numbers)
        raise DataError(f"nothing to draw: there is no figure ({called})")


def interval(low: float, high: float, write: str | Callable) -> str:
    """Return an interval in figures, equal ends as one, "?" where there is none.

    >>> interval(18.1, 27, "exact"), interval(0.5, 0.5, "%0"), interval(np.nan, np.nan, "2")
    ('18.1–27', '50%', '?')
    """
    ends = [written(end, write) for end in (low, high) if pd.notna(end)]
    return "–".join(dict.fromkeys(ends)) or "?"


def code(text: Any) -> str:
    """Return the UBIGEO code of a department's code or name, any other text as it is.

    A total is what it is of: only Peru by its own name is the country.
    """
    text = str(text).strip()
    found = text if text in places.codes() else places.named(text) or text
    return text if found == places.COUNTRY and places.fold(text) != "peru" else found


def region_name(key: str) -> str:
    """Return the name of a code, the names of joint codes ("08+21"), else the text as it is."""
    if key == places.COUNTRY:
        return t("Peru")
    parts = str(key).split("+")
    return places.listing(parts) if set(parts) <= set(places.codes()) else str(key)


def colours(regions: Iterable[str]) -> dict[str, str]:
    """Return one fixed colour a region, by code; what is no region is drawn in greys."""
    codes = [code(region) for region in regions]
    taken = {key: FIXED[key] for key in codes if key in FIXED}
    free = itertools.cycle(colour for colour in PALETTE if colour not in taken.values())
    greys = itertools.cycle(NEUTRAL)
    known = places.codes()
    return {key: taken.get(key) or next(free if key in known else greys) for key in codes}


def ticks(axis: mpl.axis.Axis, write: str | Callable = "short", most: int = 6) -> None:
    """Give an axis whose limits are set round ticks, percentages where `write` says so."""
    low, high = sorted(axis.get_view_interval())
    if axis.get_scale() == "log":
        values, write = LogLocator(subs=(1, 2, 5)).tick_values(low, high), "short"
    else:
        values = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
        if isinstance(write, str):
            sign, least = ("%", 100) if "%" in write else ("", 1)
            step = (values[1] - values[0]) * least
            write = f"{sign}{max(0, -int(np.floor(np.log10(step) + 1e-9)))}"
    values = [value for value in values if low <= value <= high]
    axis.set_ticks(values, [written(value, write) for value in values])


def year_axis(ax: Axes, first: int, last: int, most: int = 6) -> None:
    """Give whole years on the x axis."""
    years = MaxNLocator(most, integer=True, min_n_ticks=2).tick_values(first, last)
    years = [int(year) for year in years if first <= year <= last] or [first]
    ax.set_xticks(years, years)
    ax.set_xlim(first - 0.5, last + 0.5)
    ax.grid(axis="x", visible=False)


def show_halos(artist: Any, as_strokes: bool) -> None:
    """Give texts their halos as strokes; an SVG of ours makes them of the ids of texts."""
    for text in artist.findobj(Text):
        kind, *names = (text.get_gid() or "").split("-")
        if kind == HALO["gid"]:
            colour = names[1] if names[1:] else "white"
            stroke = patheffects.withStroke(linewidth=2, foreground=colour)
            text.set_path_effects([stroke] if as_strokes else [])


def ink_on(fill: str) -> str:
    """Return the colour of letters on a fill: dark or white, which has the more contrast.

    >>> ink_on("#E3EED1"), ink_on("#1F4B6E")
    ('#222222', 'white')
    """
    light = np.array(to_rgb(fill))
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    return INK if light @ (0.2126, 0.7152, 0.0722) > 0.21 else "white"


def marker_handle(marker: str, filled: bool = True) -> Line2D:
    """Return a marker for a legend."""
    return Line2D([], [], ls="", marker=marker, color=INK, mfc=INK if filled else "white", ms=6)


def label_ends(ax: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write labels beside line ends (x, y, text, colour), apart where they would touch.

    The axis gets longer by what they take. After ``finish``: only then the axes have their size.
    """
    if not ends:
        return
    low, high = ax.get_ylim()
    left, right = ax.get_xlim()
    ends = sorted(ends, key=itemgetter(1))
    look = {"va": "center", "weight": "bold", "zorder": 7, **HALO}
    texts = [ax.text(x, y, text, color=colour, **look) for x, y, text, colour in ends]
    for text in texts:
        # Other fonts of an SVG are up to a twentieth wider.
        share = 0.02 + 1.05 * text.get_window_extent().width / ax.bbox.width
        right = max(right, left + (text.get_position()[0] - left) / (1 - min(share, 0.8)))
    ax.set_xlim(left, right)
    gap = TEXT_IN * ax.figure.dpi / ax.bbox.height * abs(high - low)
    spots = np.array([y for _, y, _, _ in ends], dtype=float)
    for _ in range(200):
        missing = np.clip(gap - np.diff(spots), 0, None) / 2
        spots[:-1] -= missing
        spots[1:] += missing
        spots = spots.clip(min(low, high) + gap / 3, max(low, high) - gap / 3)
    for text, spot in zip(texts, spots, strict=True):
        text.set_position((text.get_position()[0] + 0.02 * (right - left), spot))


def rest(n: int, values: pd.Series, write: str | Callable = "short") -> str:
    """Return what the rest of a figure shows in words, its range."""
    low, high = (written(value, write) for value in (values.min(), values.max()))
    return t("{n} others: {low} to {high}.", n=n, low=low, high=high)


def describe(name: str, values: pd.Series, write: str | Callable = "short") -> str:
    """Return a series by year in words: first, last, lowest, highest."""
    values = values.dropna()
    years = [values.index[0], values.index[-1], values.idxmin(), values.idxmax()]
    figures = [written(values[year], write) for year in years]
    if len(values) == 1:
        return t("{name}: {x} in {year}.", name=name, x=figures[0], year=years[0])
    said = dict(zip(("first", "last", "low", "high"), figures, strict=True)) | {"name": name}
    said |= dict(zip(("y0", "y1", "y2", "y3"), years, strict=True))
    return t(
        "{name}: {first} in {y0}, {last} in {y1}; low {low} ({y2}), high {high} ({y3}).", **said
    )
