"""The house style and the scaffold that every chart and map shares.

A :class:`Figure` is a matplotlib figure with a title, what it shows in words (``alt``) and the
table it draws (``data``). It does not pass through pyplot: nothing is shared between figures, and
a figure shows itself as the last value of a cell. Its output's metadata holds

- ``image/png`` (or ``image/svg+xml``): ``alt`` and ``width``, ``height`` in CSS pixels;
- ``finding``: the record of the finding that is its title, where there is one;
- ``data``: what it draws as a Tabular Data Resource (:func:`resource`).

A chart function calls :func:`begin`, draws, and calls :func:`finish`.
"""

import base64
import functools
import io
import itertools
import json
import os
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
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
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator
from pandas.io.json import build_table_schema
from PIL import Image

from ..core import places
from ..core.errors import DataError
from ..core.language import t, written
from .sources import copies, names_line

# "png" or "svg": what figures are in notebooks and pages.
FORMAT = os.environ.get("VALUECHAINS_FIGURES", "png")
# 14 cm. A phone of 390 px shows 358 of them: a point is 0.9 px there, 11.1 points are 10 px.
WIDTH_IN, DPI, CSS_DPI = 5.5, 144, 96
TEXT, TITLE = 11.1, 13
# Height of a line, width of a character, of a bold one.
TEXT_IN, TITLE_IN, CHARACTER_IN, BOLD_IN = 0.192, 0.225, 0.08, 0.096

# Okabe and Ito's colours, told apart by colour-blind readers. The departments that reports name
# most keep theirs; others take a free one, and those of Cusco and Puno are nobody else's.
FIXED = {
    "08": "#0072B2",
    "21": "#D55E00",
    "06": "#009E73",
    "22": "#CC79A7",
    "12": "#B8860B",
    "01": "#56B4E9",
    "05": "#7F3C8D",
    "04": "#5B5B00",
}
PALETTE = (*FIXED.values(), "#8B2E3F", "#2F6F6F")[2:]
NEUTRAL = ("#222222", "#8A8A8A", "#B0B0B0")
INK, GREY, LIGHT, PALE = "#222222", "#767676", "#C9C9C9", "#F1ECE2"
TONES = {"highlight": INK, "rest": LIGHT}
# Light to dark, one hue family, told apart in grey print too.
SHADES = ("#E3EED1", "#B5D7A8", "#74B69A", "#35838D", "#1F4B6E", "#14213D")
MARKERS = ("o", "s", "^", "D", "v", "P")

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": LIGHT,
    "axes.grid": True,
    "axes.labelsize": TEXT,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": TEXT,
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "grid.color": "#E6E6E6",
    "hatch.linewidth": 0.6,
    "legend.fontsize": TEXT,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.hinting": "none",  # needed on coarse screens only, and slow
    "xtick.bottom": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.left": False,
}


class Figure(MatplotlibFigure):
    """A figure with header, source line, alt text and the data it draws.

    It has ``title``, ``subtitle``, ``key``, ``alt`` (the figure in words), ``data`` (one row a
    mark, with its source where known) and ``finding``, the record of the one that is its title.
    """

    @property
    def alt(self) -> str:
        """The figure in words: title, subtitle, what is drawn."""
        head = ". ".join(text.rstrip(".") for text in (self.title, self.subtitle) if text)
        return " ".join([f"{head}.", *self.said])

    def save(self, path: str | Path, data: bool = False) -> Path:
        """Write the picture (suffix ``.png`` or ``.svg``), with ``data`` a CSV beside it.

        In the CSV a text that a spreadsheet would run as a formula gets an apostrophe.
        """
        path = Path(path)
        if path.suffix == ".png":
            path.write_bytes(self._png())
        elif path.suffix == ".svg":
            path.write_text(self._svg(), encoding="utf-8")
        else:
            raise DataError(f"{path.name}: a figure is saved as .png or .svg")
        if data:
            self.data.map(_no_formula).to_csv(path.with_suffix(".csv"), index=False)
        return path

    def _png(self) -> bytes:
        with mpl.rc_context(STYLE):
            self.canvas.draw()
        file = io.BytesIO()
        flatten(np.asarray(self.canvas.buffer_rgba())).save(file, format="PNG", compress_level=9)
        return file.getvalue()

    def _svg(self) -> str:
        file = io.StringIO()
        with mpl.rc_context({**STYLE, "svg.hashsalt": self.key}):
            self.savefig(file, format="svg", metadata={"Date": None})
        # The ids of several figures on one page must not meet.
        return re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{self.key}-", file.getvalue())

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        if FORMAT == "svg":
            kind, picture = "image/svg+xml", self._svg()
        else:
            kind, picture = "image/png", base64.b64encode(self._png()).decode()
        width, height = (round(side * CSS_DPI) for side in self.get_size_inches())
        data = resource(self.data, self.key, self.title, self.unit)
        data["sources"] = [{"title": key} for key in dict.fromkeys(map(str, self.sources))]
        metadata = {
            kind: {"alt": self.alt, "width": width, "height": height},
            "data": data,
        }
        if self.finding:
            metadata["finding"] = self.finding
        return {kind: picture, "text/plain": self.alt}, metadata


def flatten(rgba: np.ndarray) -> Image.Image:
    """Return an opaque picture with its 96 commonest colours; a rare one gets the nearest.

    A palette makes a third of the bytes, and flat colours lose nothing by it. Much faster than
    a median cut, which spoils them besides.
    """
    pixels, colours_found = pd.factorize(rgba.view(np.uint32).ravel())
    commonest = np.argsort(-np.bincount(pixels), kind="stable")[:96]
    colours = colours_found.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.float32)
    palette = colours[commonest]
    # |a − b|² without what is the same for every b
    nearest = ((palette**2).sum(axis=1) - 2 * colours @ palette.T).argmin(axis=1)
    picture = Image.fromarray(nearest.astype(np.uint8)[pixels].reshape(rgba.shape[:2]))
    picture.putpalette(palette.astype(np.uint8).tobytes())
    return picture


def resource(frame: pd.DataFrame, name: str, title: str = "", unit: str = "") -> dict:
    """Return a frame as a Tabular Data Resource with its rows inline, the header row first.

    `unit` is that of the column ``value``.

    Examples
    --------
    >>> resource(pd.DataFrame({"year": [2011], "value": [7.5]}), "price")["data"]
    [['year', 'value'], [2011, 7.5]]
    """
    fields = build_table_schema(frame, index=False)["fields"]
    for field in fields:
        if unit and field["name"] == "value":
            field["unit"] = unit
    # to_json knows how JSON writes every kind of value, and a missing one.
    rows = json.loads(frame.to_json(orient="values", double_precision=15, default_handler=str))
    header = [field["name"] for field in fields]
    about = {"profile": "tabular-data-resource", "name": name, "title": title}
    return about | {"schema": {"fields": fields}, "data": [header, *rows]}


def _no_formula(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value


def chart(function: Callable) -> Callable:
    """Draw a chart in the house style."""

    @functools.wraps(function)
    def in_style(*args: Any, **kwargs: Any) -> Figure:
        with mpl.rc_context(STYLE):
            return function(*args, **kwargs)

    return in_style


def begin(
    title: Any,
    subtitle: str,
    table: pd.DataFrame,
    drawn: Iterable[str | None],
    height: float,
    rows: int = 1,
    cols: int = 1,
    *,
    sources: Iterable[str] = (),
    note: str = "",
    key: str = "",
    unit: str = "",
    **subplots: object,
) -> tuple[Figure, np.ndarray]:
    """Return a figure and its axes (2-d array); :func:`finish` writes header and footer.

    A title that is a finding (anything with ``key`` and ``record``) lends its key and record;
    else the key is made of the title. The figure keeps of `table` the columns `drawn`, places,
    years and sources. `sources` are keys, or any text, besides those in the column ``source``;
    `note` is a line under the axes, `unit` that of the column ``value``. `height` is that of the
    axes in inches.
    """
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI)
    FigureCanvasAgg(figure)  # one from the start: it keeps the sizes of texts
    figure.title, figure.subtitle, figure.note, figure.unit = str(title), subtitle, note, unit
    figure.finding = getattr(title, "record", None)
    figure.key = key or getattr(title, "key", "") or _slug(figure.title)
    kept = {"label", "ubigeo", "year", "bound", "source", "origin", *drawn}
    figure.data = table[[name for name in table if name in kept]].reset_index(drop=True)
    figure.sources = [*table.get("source", pd.Series(dtype=object)).dropna(), *sources]
    figure.said, figure.axes_in = [], height
    return figure, figure.subplots(rows, cols, squeeze=False, **subplots)


def finish(figure: Figure, handles: Sequence = (), labels: Sequence[str] = ()) -> Figure:
    """Write header, legend, note and source line, and give the axes their places for good."""
    room = WIDTH_IN - 0.12
    characters = int(room / CHARACTER_IN)
    head = textwrap.wrap(figure.title, int(room / BOLD_IN / TITLE * TEXT))
    sub = textwrap.wrap(figure.subtitle, characters)
    foot = textwrap.wrap(source_line(figure.sources), characters)
    foot += textwrap.wrap(figure.note, characters)
    longest = max((len(label) for label in labels), default=0)
    columns = max(1, int(room / (CHARACTER_IN * longest + 0.5)))
    foot_in = 0.08 + TEXT_IN * len(foot)
    bottom = foot_in + 0.24 * -(-len(labels) // columns)
    full = figure.axes_in + bottom + 0.14 + TITLE_IN * len(head) + TEXT_IN * len(sub)
    figure.set_size_inches(WIDTH_IN, full)
    y = _write(figure, head, full - 0.06, TITLE_IN, size=TITLE, weight="bold")
    _write(figure, sub, y, TEXT_IN, color="#444444")
    _write(figure, foot, foot_in, TEXT_IN, color="#666666")
    if labels:
        place = {"loc": "lower left", "bbox_to_anchor": (0, foot_in / full), "ncols": columns}
        gaps = {"handletextpad": 0.4, "columnspacing": 1.2, "borderpad": 0.1, "handlelength": 1.6}
        figure.legend(handles, labels, **place, **gaps)
    # To lay out costs as much as to draw: once is enough.
    figure.set_layout_engine("constrained", rect=(0, bottom / full, 1, figure.axes_in / full))
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    return figure


def _write(figure: Figure, lines: list[str], y: float, step: float, **look: object) -> float:
    """Write lines from `y` inches downward; returns where the next one would begin."""
    for line in lines:
        figure.text(0.06 / WIDTH_IN, y / figure.get_figheight(), line, va="top", **look)
        y -= step
    return y


def _slug(title: str) -> str:
    """Return the first words of a title as an id ("farm-price-of-coffee")."""
    bare = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", bare)[:8]) or "figure"


def source_line(keys: Iterable[str]) -> str:
    """Return "Source: …" with the short names of publications, each once; "" for none.

    Copies of third parties that were read in place of a publication are named.
    """
    keys = list(keys)
    names, via = names_line(keys), "; ".join(copies(keys))
    if via:
        return t("Source: {names}, via {copies}", names=names, copies=via) + "."
    return t("Source: {names}", names=names) + "." if names else ""


def need(frame: pd.DataFrame, numbers: Iterable[str], others: Iterable[str] = ()) -> None:
    """Raise a DataError when a frame is empty, lacks a column, or has text for numbers."""
    numbers = list(numbers)
    for column in (*numbers, *others):
        if column not in frame:
            known = ", ".join(str(name) for name in frame.columns)
            raise DataError(f"nothing to draw: there is no column {column!r} (there are {known})")
    for column in numbers:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            as_number = pd.to_numeric(frame[column], errors="coerce")
            wrong = frame[column][as_number.isna() & frame[column].notna()]
            if len(wrong):
                raise DataError(f"column {column!r} holds {wrong.iloc[0]!r}: numbers are drawn")
    if frame.empty or (numbers and frame[numbers].isna().all(axis=None)):
        raise DataError(f"nothing to draw: there is no figure ({', '.join(numbers)})")


def code(text: Any) -> str:
    """Return the UBIGEO code of a department's code or name, any other text as it is."""
    text = str(text)
    return text if text in places.codes() else places.named(text) or text


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
        values, spec = LogLocator(subs=(1, 2, 5)).tick_values(low, high), "short"
    elif callable(write):
        values, spec = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high), write
    else:
        values = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
        sign = "%" if str(write).lstrip("+").startswith("%") else ""
        step = (values[1] - values[0]) * (100 if sign else 1)
        spec = f"{sign}{max(0, -int(np.floor(np.log10(step) + 1e-9)))}"
    values = [value for value in values if low <= value <= high]
    axis.set_ticks(values, [written(value, spec) for value in values])


def year_axis(ax: Axes, first: int, last: int, room: float = 0.0, most: int = 6) -> None:
    """Give whole years on the x axis; `room` is the part of it kept free for labels."""
    years = MaxNLocator(most, integer=True, min_n_ticks=2).tick_values(first, last)
    years = [int(year) for year in years if first <= year <= last] or [first]
    ax.set_xticks(years, [str(year) for year in years])
    ax.set_xlim(first - 0.5, last + 0.5 + (last - first + 1) * room / (1 - room))
    ax.grid(axis="x", visible=False)


def is_dark(colour: Any) -> bool:
    """Return whether text on a colour is to be white."""
    return sum(to_rgb(colour)) < 1.5


def halo(colour: str = "white") -> list:
    """Return a halo, for text that stands on ink."""
    return [patheffects.withStroke(linewidth=2, foreground=colour)]


def marker_handle(marker: str, colour: str = INK, filled: bool = True) -> Line2D:
    """Return a marker for a legend."""
    return Line2D(
        [], [], ls="", marker=marker, color=colour, mfc=colour if filled else "white", ms=6
    )


def label_ends(ax: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write labels beside line ends (x, y, text, colour), apart where they would touch.

    After :func:`finish`: only then the axes have their size.
    """
    low, high = sorted(ax.get_ylim())
    left, right = ax.get_xlim()
    gap = TEXT_IN / (ax.get_position().height * ax.figure.get_figheight()) * (high - low)
    ends = sorted(ends, key=lambda end: end[1])
    spots = np.array([y for _, y, _, _ in ends], dtype=float)
    for _ in range(200):
        missing = np.clip(gap - np.diff(spots), 0, None)
        spots[:-1] -= missing / 2
        spots[1:] += missing / 2
        spots = spots.clip(low + gap / 3, high - gap / 3)
    look = {"va": "center", "weight": "bold", "zorder": 7, "path_effects": halo()}
    for (x, _, text, colour), spot in zip(ends, spots, strict=True):
        ax.text(x + 0.02 * (right - left), spot, text, color=colour, **look)


def describe(name: str, values: pd.Series, write: str | Callable = "short") -> str:
    """Return a series by year in words: first, last, lowest, highest."""
    known = values.dropna()
    words = {year: written(value, write) for year, value in known.items()}
    first, last = known.index[0], known.index[-1]
    if len(known) == 1:
        return t("{name}: {x} in {year}.", name=name, x=words[first], year=first)
    low, high = known.idxmin(), known.idxmax()
    ends = {"first": words[first], "y0": first, "last": words[last], "y1": last}
    extremes = {"low": words[low], "ylow": low, "high": words[high], "yhigh": high}
    sentence = "{name}: {first} in {y0}, {last} in {y1}; from {low} ({ylow}) to {high} ({yhigh})."
    return t(sentence, name=name, **ends, **extremes)
