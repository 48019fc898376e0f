"""The house style: what every chart and map has in common.

A figure is a :class:`Plate`: a matplotlib figure that carries its alt text, made from the data
that it draws. Titles say what the figure shows; the source line stands under the axes. Plates
don't pass through pyplot: nothing is shared between figures, and a plate shows itself as the
last value of a cell.
"""

from __future__ import annotations

import base64
import io
import itertools
import textwrap
from collections.abc import Iterable

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator
from PIL import Image

from ..core import places
from ..core.language import number, percent, short, t
from ..select.coffee import names_line

# Okabe and Ito's colours, told apart by colour-blind readers. The departments that reports name
# most keep theirs; others take a free one, and those of Cusco and Puno are nobody else's.
FIXED = {
    "08": "#0072B2", "21": "#D55E00", "06": "#009E73", "22": "#CC79A7", "12": "#B8860B",
    "01": "#56B4E9", "05": "#7F3C8D", "04": "#5B5B00",
}  # fmt: skip
PALETTE = (*FIXED.values(), "#8B2E3F", "#2F6F6F")[2:]
NEUTRAL = ("#222222", "#8A8A8A", "#B0B0B0")
INK, GREY, LIGHT = "#222222", "#767676", "#C9C9C9"
# Narrow enough for a phone, where 358 of the figure's 446 points are left.
WIDTH_IN, DPI = 6.2, 165
LEGEND_IN = 0.24
RUST = (2012, 2013)
MARKERS = ("o", "s", "^", "D")


STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "xtick.bottom": False,
    "ytick.left": False,
    "grid.linestyle": "-",
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.labelsize": 10.5,
    "axes.edgecolor": LIGHT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": "#E6E6E6",
    "text.color": INK,
    "text.hinting": "none",  # needed on coarse screens only, and slow
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
}


class Plate(Figure):
    """A figure with header, source line and alt text, that shows itself in a notebook."""

    alt = ""

    def settle(self) -> None:
        """Give the axes their places once and for all: to lay out costs as much as to draw."""
        with mpl.rc_context(STYLE):
            self.get_layout_engine().execute(self)
        self.set_layout_engine("none")

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        with mpl.rc_context(STYLE):
            self.canvas.draw()
        data = io.BytesIO()
        _flat(np.asarray(self.canvas.buffer_rgba())).save(data, format="PNG", compress_level=6)
        png = base64.b64encode(data.getvalue()).decode()
        return {"image/png": png, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def _flat(rgba: np.ndarray) -> Image.Image:
    """Return an opaque picture with its 128 commonest colours; a rare one gets the nearest.

    A palette makes a third of the bytes, and flat colours lose nothing by it. Much faster than
    a median cut, which spoils them besides.
    """
    places, found = pd.factorize(rgba.view(np.uint32).ravel())
    commonest = np.argsort(-np.bincount(places), kind="stable")[:128]
    colours = found.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.float32)
    palette = colours[commonest]
    # |a − b|² without what is the same for every b
    nearest = ((palette**2).sum(axis=1) - 2 * colours @ palette.T).argmin(axis=1)
    picture = Image.fromarray(nearest.astype(np.uint8)[places].reshape(rgba.shape[:2]))
    picture.putpalette(palette.astype(np.uint8).tobytes())
    return picture


def plate(
    title: str,
    subtitle: str,
    sources: Iterable[str],
    height: float = 3.6,
    rows: int = 1,
    cols: int = 1,
    note: str = "",
    legend: bool = False,
    **subplots: object,
) -> tuple[Plate, np.ndarray]:
    """Return an empty plate and its axes (2-d array), header and footer set.

    Parameters
    ----------
    sources : iterable of str
        Source keys; their short names make the source line.
    height : float
        Inches for the axes; header and footer come on top.
    legend : bool
        Keep a line free above the source line for :func:`legend_line`.
    """
    head = textwrap.wrap(title, 55)
    sub = textwrap.wrap(subtitle, 78)
    keys = list(sources)  # none for what is made up
    foot = (textwrap.wrap(source_line(keys), 86) if keys else []) + textwrap.wrap(note, 86)
    top = 0.1 + 0.24 * len(head) + 0.19 * len(sub) + 0.08
    bottom = 0.1 + 0.16 * len(foot) + (LEGEND_IN if legend else 0)
    full = height + top + bottom
    with mpl.rc_context(STYLE):
        figure = Plate(figsize=(WIDTH_IN, full), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)  # one from the start: it keeps the sizes of texts
        figure.get_layout_engine().set(rect=(0, bottom / full, 1, height / full))
        y = 1 - 0.08 / full
        for lines, size, step, weight, colour in (
            (head, 12.5, 0.24, "bold", INK),
            (sub, 10, 0.19, "normal", "#444444"),
        ):
            for line in lines:
                figure.text(0.012, y, line, size=size, weight=weight, color=colour, va="top")
                y -= step / full
        for place, line in enumerate(reversed(foot)):
            height_here = (0.06 + 0.16 * place) / full
            figure.text(0.012, height_here, line, size=8.2, color="#666666", va="bottom")
        axes = figure.subplots(rows, cols, squeeze=False, **subplots)
    figure.alt = f"{title}. {subtitle}."
    return figure, axes


def legend_line(figure: Plate, handles: list, labels: list[str], size: float = 9) -> None:
    """Write a legend as one line between the axes and the source line."""
    bottom = figure.get_layout_engine().get()["rect"][1] * figure.get_figheight() - LEGEND_IN
    figure.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0.0, bottom / figure.get_figheight()),
        ncols=len(labels), fontsize=size, handletextpad=0.5, columnspacing=1.4, borderpad=0.1,
    )  # fmt: skip


def source_line(keys: Iterable[str]) -> str:
    """Return "Source: …" with the short names of publications, each once."""
    return t("Source: {names}", names=names_line(keys)) + "."


def colours(codes: Iterable[str]) -> dict[str, str]:
    """Return one fixed colour a region; what is no region is drawn in greys."""
    codes = list(codes)
    taken = {code: FIXED[code] for code in codes if code in FIXED}
    free = iter(colour for colour in PALETTE if colour not in taken.values())
    greys = itertools.cycle(NEUTRAL)
    known = places.codes()
    return {code: taken.get(code) or next(free if code in known else greys) for code in codes}


def label(key: str) -> str:
    """Return a region's name for a code, else the key as it is."""
    return places.name(key) if key in places.codes() else key


class _Numbers(Formatter):
    """Ticks with the decimals that their step needs, in the report's language."""

    def __init__(self, as_percent: bool) -> None:
        self.as_percent = as_percent

    def format_ticks(self, values: Iterable[float]) -> list[str]:
        values = list(values)
        is_even = len(values) > 1 and self.axis.get_scale() == "linear"
        step = (values[1] - values[0] if is_even else 1) * (100 if self.as_percent else 1)
        digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
        return [(percent if self.as_percent else number)(value, digits) for value in values]

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self.format_ticks([value])[0]


def ticks(ax: Axes, axis: str = "y", as_percent: bool = False) -> None:
    """Give round ticks, with the decimals that they need, in the report's language."""
    which = ax.yaxis if axis == "y" else ax.xaxis
    if which.get_scale() == "linear":
        which.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    which.set_major_formatter(_Numbers(as_percent))


def year_axis(ax: Axes, first: int, last: int, labels: bool = True, most: int = 7) -> None:
    """Give whole years on the x axis, with room for labels at the right end."""
    found = MaxNLocator(most, integer=True, min_n_ticks=2).tick_values(first, last)
    ax.set_xticks([year for year in found if first <= year <= last] or [first])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
    room = 0.28 * max(last - first, 3) if labels else 0.5
    ax.set_xlim(first - 0.5, last + room)
    ax.grid(axis="x", visible=False)


def mark_rust(ax: Axes, first: int, last: int) -> None:
    """Mark the coffee rust years, where they are inside the axis."""
    start, end = max(first, RUST[0]), min(last, RUST[1])
    if start <= end and last - first > 2:
        ax.axvspan(start - 0.5, end + 0.5, color="#F1E6D6", zorder=0, lw=0)
        ax.text(
            (start + end) / 2, 0.99, t("rust"), transform=ax.get_xaxis_transform(),
            ha="center", va="top", size=8.5, color="#7A5A2E",
        )  # fmt: skip


def end_labels(ax: Axes, ends: list[tuple[float, float, str, str]]) -> list[Text]:
    """Write labels beside line ends (x, y, text, colour); :func:`move_apart` comes after layout."""
    span = ax.get_xlim()[1] - ax.get_xlim()[0]
    return [
        ax.text(
            x + 0.02 * span, y, text, color=colour, size=9.5, va="center", weight="bold",
            zorder=7, path_effects=[patheffects.withStroke(linewidth=2, foreground="white")],
        )
        for x, y, text, colour in sorted(ends, key=lambda end: end[1])
    ]  # fmt: skip


def move_apart(ax: Axes, labels: list[Text]) -> None:
    """Move the end labels of settled axes, lowest first, apart where they would touch."""
    low, high = ax.get_ylim()
    height_in = ax.get_position().height * ax.figure.get_figheight()
    gap = 0.165 / max(height_in, 0.5) * abs(high - low)
    places = [label.get_position()[1] for label in labels]
    for _ in range(200):
        before = list(places)
        places[0] = max(places[0], min(low, high) + gap / 3)
        places[-1] = min(places[-1], max(low, high) - gap / 3)
        for i in range(len(places) - 1):
            missing = gap - (places[i + 1] - places[i])
            if missing > 1e-9:
                places[i] -= missing / 2
                places[i + 1] += missing / 2
        if places == before:
            break
    for label, place in zip(labels, places, strict=True):
        label.set_y(place)


def describe(name: str, values: pd.Series) -> str:
    """Return a series in words: first, last, lowest, highest."""
    known = values.dropna()
    if known.empty:
        return t("{name}: no figure.", name=name)
    if len(known) == 1:
        return t("{name}: {x} in {year}.", name=name, x=short(known.iloc[0]), year=known.index[0])
    return t(
        "{name}: {first} in {y0}, {last} in {y1}; from {low} ({ylow}) to {high} ({yhigh}).",
        name=name, first=short(known.iloc[0]), y0=known.index[0], last=short(known.iloc[-1]),
        y1=known.index[-1], low=short(known.min()), ylow=known.idxmin(),
        high=short(known.max()), yhigh=known.idxmax(),
    )  # fmt: skip
