"""Charts of one row a label: bars, parts of a whole, intervals.

Rows stand in the order of the frame. Besides the columns that are named in a call they use, where
they are there: ``label`` (else ``ubigeo``, by name), ``ubigeo`` (a row of a region that is
`selected` has its colour), ``group`` (headings), ``tone`` (``highlight``, ``rest``) and ``bound``.
"""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from ..core.language import bound_words, written
from . import figure as house

OPEN = {"facecolor": "white", "edgecolor": house.GREY, "hatch": "////", "lw": 0.7}
# Verdicts: told apart in grey print too.
VERDICTS = {
    "good": "#1F4B6E",
    "fair": "#74B69A",
    "weak": "#E3EED1",
    "bad": "#F0B27A",
    "worst": "#A63D2F",
}
LABEL_CHARACTERS = 24


class Rows:
    """A table's rows: labels, regions and groups, and where they stand (inches from the top)."""

    def __init__(
        self, frame: pd.DataFrame, label: str | None, group: str | None, lines: float = 1.0
    ) -> None:
        label = label or ("label" if "label" in frame else "ubigeo")
        group = group or ("group" if "group" in frame else None)
        house.need(frame, [], [label, *filter(None, [group])])
        self.regions = [house.code(x) for x in frame["ubigeo" if "ubigeo" in frame else label]]
        self.groups = [house.code(x) for x in frame[group]] if group else [""] * len(frame)
        self.columns = [label, group]
        self.labels = []
        for name in frame[label]:
            parts = house.region_name(house.code(name)).split("\n")
            self.labels.append("\n".join(textwrap.fill(part, LABEL_CHARACTERS) for part in parts))
        self.headings: list[tuple[float, str, str]] = []
        self.y, y, before = np.zeros(len(frame)), 0.0, ""
        for i, (text, group) in enumerate(zip(self.labels, self.groups, strict=True)):
            if group != before:
                name = textwrap.wrap(house.region_name(group), 52)
                y += 0.1 if i else 0
                self.headings.append((y, "\n".join(name), group))
                y, before = y + house.TEXT_IN * len(name) + 0.05, group
            height = max(0.25 * lines, house.TEXT_IN * (text.count("\n") + 1)) + 0.07
            self.y[i] = y + height / 2
            y += height
        self.height = y
        longest = max(len(line) for text in self.labels for line in text.split("\n"))
        self.width = house.WIDTH_IN - 0.25 - longest * house.CHARACTER_IN  # left for the axes

    def fills(
        self, frame: pd.DataFrame, selected: Iterable[str] | None, rest: str
    ) -> tuple[pd.Series, dict[str, str]]:
        """Return the colour of each row, and those of the regions chosen."""
        hues = house.colours(selected or ())
        plain = house.GREY if selected is None else rest
        fills = pd.Series([hues.get(region, plain) for region in self.regions], index=frame.index)
        if "tone" in frame:
            fills = frame["tone"].map(house.TONES).fillna(fills)
        return fills, hues

    def draw(self, ax: Axes, hues: Mapping[str, str], words: Sequence[str]) -> None:
        """Write labels and headings, regions in their colour, and say the `words` of each row."""
        ax.set_yticks(self.y, self.labels)
        for text, region in zip(ax.get_yticklabels(), self.regions, strict=True):
            if region in hues and text.get_text() == house.region_name(region):
                text.set(color=hues[region], weight="bold")
        ax.set_ylim(self.height, 0)
        ax.grid(axis="y", visible=False)
        edge = blended_transform_factory(ax.figure.transFigure, ax.transData)
        for y, text, group in self.headings:
            look = {"weight": "bold", "va": "top", "color": hues.get(group, house.INK)}
            look |= {"zorder": 8, "path_effects": house.halo()}
            ax.text(0.011, y, text, transform=edge, **look).set_in_layout(False)
        before = ""
        for name, group, text in zip(self.labels, self.groups, words, strict=True):
            if group != before:
                ax.figure.said.append(f"{house.region_name(group)}:")
                before = group
            said = f"{name}: {text}".removesuffix(": ")
            ax.figure.said.append(f"{said}.".replace("\n", ", "))

    def room(self, words: Iterable[str]) -> float:
        """Return the part of the axes that the longest of some words takes."""
        longest = max(len(text) for text in words)
        return min(0.75, (house.CHARACTER_IN * longest + 0.15) / self.width)

    def beside(self, ax: Axes, x: Iterable[float], words: Sequence[str]) -> None:
        """Write words to the right of marks."""
        look = {"va": "center", "zorder": 7, "path_effects": house.halo()}
        for place, height, text in zip(x, self.y, words, strict=True):
            ax.annotate(text, (place, height), (7, 0), textcoords="offset points", **look)


def without_axis(ax: Axes) -> None:
    """Take away the x axis: the values stand beside the marks."""
    ax.grid(visible=False)
    ax.tick_params(axis="x", labelbottom=False, length=0)
    ax.spines["bottom"].set_visible(False)


@house.chart
def bars(
    frame: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    *,
    label: str | None = None,
    value: str = "value",
    group: str | None = None,
    selected: Iterable[str] | None = None,
    write: str | Callable = "short",
    one_scale: bool = True,
    **shared: Any,
) -> house.Figure:
    """Return horizontal bars with their values beside them; bounds are hatched and named.

    All groups share one scale if `one_scale`; else each has its own.

    Examples
    --------
    >>> frame = pd.DataFrame({"ubigeo": ["12", "08"], "value": [0.4, 0.2]})
    >>> bars(frame, "Coffee", selected=["Cusco"], write="%0").said
    ['Junín: 40%.', 'Cusco: 20%.']
    """
    house.need(frame, [value])
    table = frame.dropna(subset=value, ignore_index=True)
    rows, numbers = Rows(table, label, group), table[value]
    drawn = [*rows.columns, value]
    figure, axes = house.begin(title, subtitle, table, drawn, rows.height, **shared)
    fills, hues = rows.fills(table, selected, house.LIGHT)
    bounds = table.get("bound", pd.Series("exact", index=table.index)).fillna("exact")
    words = [
        f"{bound_words(bound)} {written(number, write)}".strip()
        for bound, number in zip(bounds, numbers, strict=True)
    ]
    scales = [0] * len(table) if one_scale else rows.groups
    length = numbers / numbers.abs().groupby(scales).transform("max").clip(lower=1e-12)
    ax, loose = axes[0, 0], bounds.ne("exact")
    ax.barh(rows.y[~loose], length[~loose], 0.24, color=fills[~loose])
    look = {"color": "white", "edgecolor": fills[loose], "hatch": "////", "lw": 1}
    ax.barh(rows.y[loose], length[loose], 0.24, **look)
    rows.draw(ax, hues, words)
    ax.set_xlim(min(0, 1.05 * length.min()), 1 / (1 - rows.room(words)))
    without_axis(ax)
    rows.beside(ax, length.clip(lower=0), words)
    return house.finish(figure)


@house.chart
def stacked(
    frame: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    *,
    label: str = "label",
    part: str = "part",
    tones: Mapping[str, str] | None = None,
    write: str | Callable = "%0",
    **shared: Any,
) -> house.Figure:
    """Return bars of shares that add up to one, a row a bar, a part a segment.

    Parameters
    ----------
    frame : DataFrame
        Long (`label`, `part`, ``value`` from 0 to 1) or wide (labels × parts). Zero is not drawn.
    tones : mapping, optional
        Part → ``good``, ``fair``, ``weak``, ``bad``, ``worst``, or ``open`` (white and hatched: not
        broken down); by default shades of one hue, from light to dark.

    Examples
    --------
    >>> wide = pd.DataFrame({"holds": [0.75], "differs": [0.25]}, index=["Report"])
    >>> stacked(wide, "Verdicts", tones={"holds": "good", "differs": "bad"}).said
    ['Report: holds 75%, differs 25%.']
    """
    if part not in frame:
        wide = frame.rename_axis(index=label, columns=None).reset_index()
        frame = wide.melt(label, var_name=part)
    house.need(frame, ["value"], [label, part])
    parts, names = (list(dict.fromkeys(frame[column])) for column in (part, label))
    steps = np.linspace(0, 4, len(parts)).round().astype(int)
    fills = {name: house.SHADES[step] for name, step in zip(parts, steps, strict=True)}
    fills |= {name: VERDICTS.get(tone, "") for name, tone in (tones or {}).items()}
    looks = {
        name: {"facecolor": fill, "edgecolor": "white", "lw": 0.8} if fill else OPEN
        for name, fill in fills.items()
    }
    rows = Rows(pd.DataFrame({"label": names}), "label", None, 1.3)
    drawn = [label, part, "value"]
    figure, axes = house.begin(title, subtitle, frame, drawn, rows.height, **shared)
    ax, words = axes[0, 0], []
    for y, name in zip(rows.y, names, strict=True):
        shares = frame[(frame[label] == name) & (frame["value"] > 0)]
        left, said = 0.0, []
        for called, share in zip(shares[part], shares["value"], strict=True):
            ax.barh(y, share, 0.32, left=left, **looks[called])
            text = written(share, write)
            if share * rows.width > house.CHARACTER_IN * len(text) + 0.1:
                is_dark = house.is_dark(looks[called]["facecolor"])
                box = {"fc": "white", "ec": "none", "pad": 1.2} if looks[called] is OPEN else None
                look = {"color": "white" if is_dark else house.INK, "weight": "bold", "bbox": box}
                ax.text(left + share / 2, y, text, ha="center", va="center", **look)
            said.append(f"{called} {text}")
            left += share
        words.append(", ".join(said))
    rows.draw(ax, {}, words)
    ax.set_xlim(0, 1)
    without_axis(ax)
    return house.finish(figure, [Patch(**looks[name]) for name in parts], parts)


@house.chart
def ranges(
    frame: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    *,
    label: str | None = None,
    low: str = "low",
    high: str = "high",
    value: str | None = None,
    outer: Sequence[str] = (),
    mark: str | None = None,
    group: str | None = None,
    selected: Iterable[str] | None = None,
    words: str | None = None,
    write: str | Callable = "short",
    names: Sequence[str] = (),
    stamp: str = "",
    **shared: Any,
) -> house.Figure:
    """Return intervals as bars, those of one figure as open diamonds.

    Parameters
    ----------
    value, mark : str, optional
        Columns of a middle (a dot) and of a further figure (an open diamond).
    outer : (column, column), optional
        A wider interval, hatched; `low` and `high` may then be missing.
    words : str, optional
        Column of what is written beside; the interval by default.
    names : sequence of str
        The legend: what the interval is, then `outer` or `mark`.
    stamp : str
        Written across the chart.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["vicuña"], "low": [12.0], "high": [13.5]})
    >>> ranges(frame, "Fineness, µm").said
    ['vicuña: 12–13.5.']
    """
    columns = [name for name in (low, high, *outer, value, mark) if name]
    house.need(frame, columns)
    table = frame.reset_index(drop=True)
    rows, ends = Rows(table, label, group), table[columns]
    texts = [interval(*pair, write) for pair in zip(table[low], table[high], strict=True)]
    if value:
        texts = [f"{written(x, write)} ({y})" for x, y in zip(table[value], texts, strict=True)]
    texts = spoken = list(table[words]) if words else texts
    if mark:
        further = [f"{names[-1]} {written(x, write)}" for x in table[mark]]
        spoken = [f"{x}; {y}" for x, y in zip(texts, further, strict=True)]
    drawn, height = [*rows.columns, *columns], rows.height + 0.35
    figure, axes = house.begin(title, subtitle, table, drawn, height, **shared)
    ax, y = axes[0, 0], rows.y
    fills, hues = rows.fills(table, selected, house.GREY)
    if outer:
        ax.barh(y, ends[outer[1]] - ends[outer[0]], 0.16, left=ends[outer[0]], **OPEN)
    ax.barh(y, ends[high] - ends[low], 0.08 if value else 0.16, left=ends[low], color=fills, lw=0)
    is_point = ends[low].eq(ends[high])
    look = {"marker": "D", "s": 50, "facecolors": "white", "lw": 2, "zorder": 4}
    ax.scatter(ends.loc[is_point, low], y[is_point], edgecolors=fills[is_point], **look)
    if value:
        ax.scatter(ends[value], y, s=40, color=house.INK, zorder=5)
    if mark:
        ax.scatter(ends[mark], y, **look | {"lw": 1.5, "edgecolors": house.INK, "zorder": 6})
    rows.draw(ax, hues, spoken)
    lowest, highest, room = ends.min(axis=None), ends.max(axis=None), rows.room(texts)
    start = lowest if lowest > 0.4 * highest else min(0, lowest)
    start -= 0.03 * (highest - start) if start else 0
    ax.set_xlim(start, highest + (highest - start) * room / (1 - room))
    rows.beside(ax, ends.max(axis=1).fillna(start), texts)
    house.ticks(ax.xaxis, write, 5)
    if stamp:
        look = {"size": 30, "weight": "bold", "color": "#DDDDDD", "rotation": 10, "zorder": 1}
        ax.text(0.5, 0.5, stamp, transform=ax.transAxes, ha="center", va="center", **look)
    middle = Line2D([], [], color=house.GREY, lw=4, marker="o", mfc=house.INK, mec=house.INK, ms=6)
    handles = [middle if value else Patch(facecolor=house.GREY)]
    handles += [Patch(**OPEN)] if outer else []
    handles += [house.marker_handle("D", filled=False)] if mark else []
    return house.finish(figure, handles[: len(names)], names)


def interval(low: float, high: float, write: str | Callable) -> str:
    """Return an interval in words, a point as its figure, "?" where there is none."""
    ends = [written(end, write) for end in (low, high) if pd.notna(end)]
    return "–".join(dict.fromkeys(ends)) or "?"
