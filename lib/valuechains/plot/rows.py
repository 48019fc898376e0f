"""Charts of one row a label: bars, parts of a whole, intervals.

Rows stand in the order of the frame. Besides the columns that are named in a call they use, where
they are there: ``label`` (else ``ubigeo``, by name), ``ubigeo`` (a row of a region that is
`selected` has its colour), ``group`` (headings), ``tone`` (``highlight``, ``rest``) and ``bound``.
"""

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory, offset_copy

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


class Rows:
    """A table's rows: labels, regions and groups, and where they stand (inches from the top)."""

    def __init__(
        self,
        figure: house.Figure,
        frame: pd.DataFrame,
        label: str | None = None,
        group: str | None = None,
        selected: Iterable[str] | None = None,
        plain: str = house.GREY,
        least: float = 0.25,
    ) -> None:
        label = label or ("label" if "label" in frame else "ubigeo")
        group = group or ("group" if "group" in frame else None)
        self.figure, self.columns = figure, [name for name in (label, group) if name]
        house.need(frame, [], self.columns)
        self.hues = house.colours(selected or ())
        self.regions = frame["ubigeo" if "ubigeo" in frame else label].map(house.code)
        self.fills = self.regions.map(lambda region: self.hues.get(region, plain))
        if "tone" in frame:
            self.fills = frame["tone"].map(house.TONES).fillna(self.fills)
        names = frame[label].map(house.code).map(house.region_name)
        self.labels = [
            "\n".join(textwrap.fill(part, 24) for part in name.split("\n")) for name in names
        ]
        self.names = names.str.replace("\n", ", ").tolist()  # in words
        self.headings, self.y, self.height, before = {}, [], 0.0, ""
        self.groups = list(frame[group].map(house.code)) if group else [""] * len(frame)
        for row, (text, key) in enumerate(zip(self.labels, self.groups, strict=True)):
            if key != before:
                self.height += 0.1 if before else 0
                self.headings[row] = self.height, key
                words = textwrap.wrap(house.region_name(key), 52)
                self.height, before = self.height + house.TEXT_IN * len(words) + 0.05, key
            tall = max(least, house.TEXT_IN * (text.count("\n") + 1)) + 0.07
            self.y.append(self.height + tall / 2)
            self.height += tall
        self.y = np.array(self.y)
        longest = max(len(line) for text in self.labels for line in text.split("\n"))
        self.width = figure.wide_in or house.WIDTH_IN - 0.25 - longest * house.CHARACTER_IN

    def draw(self, ax: Axes, said: Iterable[str], bars: Iterable = (), axis: bool = False) -> None:
        """Write labels and headings, regions in their colour; say something of each row and bar."""
        left = offset_copy(ax.get_yaxis_transform(), ax.figure, -7, units="points")
        for y, text, region in zip(self.y, self.labels, self.regions, strict=True):
            look = {"ha": "right", "va": "center_baseline", "transform": left}
            if region in self.hues and text == house.region_name(region):
                look |= {"color": self.hues[region], "weight": "bold"}
            ax.text(0, y, text, **look)  # ticks would take four times as long
        side = self.figure.transFigure if self.figure.host is None else ax.transAxes
        look = {"transform": blended_transform_factory(side, ax.transData), "weight": "bold"}
        look |= {"va": "top", "in_layout": False, "zorder": 8, **house.HALO}
        for y, group in self.headings.values():
            name = textwrap.fill(house.region_name(group), 52)
            ax.text(0.011, y, name, color=self.hues.get(group, house.INK), **look)
        ax.set(yticks=[], ylim=(self.height, 0))
        ax.grid(axis="y" if axis else "both", visible=False)
        if not axis:  # the values stand beside the marks
            ax.tick_params(axis="x", labelbottom=False, length=0)
            ax.spines["bottom"].set_visible(False)
        words = []
        for row, (label, text) in enumerate(zip(self.names, said, strict=True)):
            if row in self.headings:
                self.figure.said.append(f"{house.region_name(self.headings[row][1])}:")
            words.append(f"{label}: {text}".removesuffix(": ").replace("\n", ", "))
            self.figure.said.append(f"{words[row]}.")
        for row, bar in enumerate(bars):
            self.figure.mark(bar, {row: words[row]})

    def beside(self, ax: Axes, ends: Iterable[float], words: Sequence[str]) -> None:
        """Write words to the right of marks, and make room for them on an axis with limits."""
        longest = max(len(text) for text in words)
        room = min(0.75, (house.CHARACTER_IN * longest + 0.15) / self.width)
        start, end = ax.get_xlim()
        ax.set_xlim(start, end + (end - start) * room / (1 - room))
        beside = offset_copy(ax.transData, ax.figure, 7, units="points")
        look = {"transform": beside, "va": "center", "zorder": 8, **house.HALO}
        for x, y, text in zip(ends, self.y, words, strict=True):
            ax.text(x, y, text, **look)


@house.chart
def bars(
    figure: house.Figure,
    frame: pd.DataFrame,
    *,
    label: str | None = None,
    value: str = "value",
    group: str | None = None,
    selected: Iterable[str] | None = None,
    write: str | Callable = "short",
    one_scale: bool = True,
) -> None:
    """Return horizontal bars with their values beside them; bounds are hatched and named.

    All groups share one scale if `one_scale`; else each has its own.

    >>> frame = pd.DataFrame({"ubigeo": ["12", "08"], "value": [0.4, 0.2]})
    >>> bars(frame, "Coffee", selected=["Cusco"], write="%0").said
    ['Junín: 40%.', 'Cusco: 20%.']
    """
    house.need(frame, [value])
    table = frame.dropna(subset=value, ignore_index=True)
    plain = house.GREY if selected is None else house.LIGHT
    table = table.assign(bound=table["bound"].fillna("exact") if "bound" in table else "exact")
    rows, sizes = Rows(figure, table, label, group, selected, plain), table[value].abs()
    ax = figure.lay_out(table[frame.columns], [*rows.columns, value], rows.height)[0, 0]
    figures = table[value].map(partial(written, spec=write))
    words = (table["bound"].map(bound_words) + " " + figures).str.strip()
    scales = [0] * len(table) if one_scale else rows.groups
    length = table[value] / sizes.groupby(scales).transform("max").clip(lower=1e-12)
    drawn = ax.barh(rows.y, length, 0.24, color=rows.fills)
    for bar in itertools.compress(drawn, table["bound"].ne("exact")):
        bar.set(facecolor="white", edgecolor=bar.get_facecolor(), hatch="////", lw=1)
    figure.ranked = value, rows.columns[1:]
    rows.draw(ax, words, drawn)
    ax.set_xlim(min(0, 1.05 * length.min()), 1)
    rows.beside(ax, length.clip(lower=0), words)
    figure.finish()


@house.chart
def stacked(
    figure: house.Figure,
    frame: pd.DataFrame,
    *,
    tones: Mapping[str, str] | None = None,
    write: str | Callable = "%0",
) -> None:
    """Return bars of shares that add up to one, a row a bar, a part a segment.

    The frame is long (``label``, ``part``, ``value`` from 0 to 1) or wide (labels × parts); zero is
    not drawn. Parts have shades of one hue, from light to dark, or `tones`: ``good``, ``fair``,
    ``weak``, ``bad``, ``worst``, or ``open`` (white and hatched: not broken down).

    >>> wide = pd.DataFrame({"holds": [0.75], "differs": [0.25]}, index=["Report"])
    >>> stacked(wide, "Verdicts", tones={"holds": "good", "differs": "bad"}).said
    ['Report: holds 75%, differs 25%.']
    """
    if "part" not in frame:
        wide = frame.rename_axis(index="label", columns=None).reset_index()
        frame = wide.melt("label", var_name="part")
    house.need(frame, ["value"], ["label", "part"])
    names, parts = frame["label"].unique(), frame["part"].unique()
    rows = Rows(figure, pd.DataFrame({"label": names}), least=0.325)
    ax = figure.lay_out(frame, ["part", "value"], rows.height)[0, 0]
    figure.fields = {"value": {"unit": "1"}}
    shown = figure.data[figure.data["value"] > 0]
    shown = shown.sort_values("part", key=pd.Index(parts).get_indexer, kind="stable")
    shown = shown.assign(text=shown["value"].map(partial(written, spec=write)))
    starts = shown.groupby("label")["value"].cumsum() - shown["value"]
    y, handles = shown["label"].map(dict(zip(names, rows.y, strict=True))), []
    for name, step in zip(parts, np.linspace(0, 4, len(parts)).round().astype(int), strict=True):
        tone, own = (tones or {}).get(name), shown[shown["part"] == name]
        fill = VERDICTS.get(tone, house.SHADES[step])
        look = OPEN if tone == "open" else {"facecolor": fill, "edgecolor": "white", "lw": 0.8}
        handles.append(Patch(**look))
        drawn = ax.barh(y[own.index], own["value"], 0.32, left=starts[own.index], **look)
        for bar, row, key, text in zip(drawn, own.index, own["label"], own["text"], strict=True):
            figure.mark(bar, {row: f"{key}, {name}: {text}".replace("\n", " ")})
        fits = own["value"] * rows.width > house.CHARACTER_IN * own["text"].str.len() + 0.1
        ink = house.ink_on(look["facecolor"])
        box = {"fc": "white", "ec": "none", "pad": 1.2} if look is OPEN else None
        texts = own["text"].where(fits, "")
        ax.bar_label(drawn, texts, label_type="center", color=ink, weight="bold", bbox=box)
    said = (shown["part"] + " " + shown["text"]).groupby(shown["label"]).agg(", ".join)
    rows.draw(ax, said.reindex(names, fill_value=""))
    ax.set_xlim(0, 1)
    figure.finish(handles, parts)


@house.chart
def ranges(
    figure: house.Figure,
    frame: pd.DataFrame,
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
) -> None:
    """Return intervals as bars, those of one figure as open diamonds.

    `value` and `mark` are columns of a middle (a dot) and of a further figure (an open diamond),
    `outer` those of a wider interval, hatched (`low` and `high` may then be missing), `words` what
    is written beside (by default the interval). `names` are the legend: what the interval is, then
    `outer` or `mark`. A `stamp` is written across the chart.

    >>> frame = pd.DataFrame({"label": ["vicuña"], "low": [12.0], "high": [13.5]})
    >>> ranges(frame, "Fineness, µm").said
    ['vicuña: 12–13.5.']
    """
    columns = [name for name in (low, high, *outer, value, mark) if name]
    house.need(frame, columns)
    table = frame.reset_index(drop=True)
    rows, ends = Rows(figure, table, label, group, selected), table[columns]
    ax = figure.lay_out(table, [*rows.columns, *columns], rows.height + 0.35)[0, 0]
    texts = [house.interval(*pair, write) for pair in zip(table[low], table[high], strict=True)]
    if value:
        texts = [f"{written(x, write)} ({y})" for x, y in zip(table[value], texts, strict=True)]
    texts = said = list(table[words]) if words else texts
    handles = [Patch(facecolor=house.GREY)]
    if outer:
        ax.barh(rows.y, ends[outer[1]] - ends[outer[0]], 0.16, left=ends[outer[0]], **OPEN)
        handles.append(Patch(**OPEN))
    look = {"left": ends[low], "color": rows.fills, "lw": 0}
    drawn = ax.barh(rows.y, ends[high] - ends[low], 0.08 if value else 0.16, **look)
    is_point = ends[low].eq(ends[high])
    diamond = {"marker": "D", "s": 50, "facecolors": "white"}
    look = diamond | {"edgecolors": rows.fills[is_point], "lw": 2, "zorder": 4}
    ax.scatter(ends.loc[is_point, low], rows.y[is_point], **look)
    if value:
        ax.scatter(ends[value], rows.y, s=40, color=house.INK, zorder=5)
        dot = {"marker": "o", "mfc": house.INK, "mec": house.INK, "ms": 6}
        handles[0] = Line2D([], [], color=house.GREY, lw=4, **dot)
    if mark:
        ax.scatter(ends[mark], rows.y, edgecolors=house.INK, lw=1.5, zorder=6, **diamond)
        handles.append(house.marker_handle("D", filled=False))
        pairs = zip(texts, table[mark], strict=True)
        said = [f"{text}; {names[-1]} {written(x, write)}" for text, x in pairs]
    rows.draw(ax, said, drawn, axis=True)
    lowest, highest = ends.min(axis=None), ends.max(axis=None)
    start = lowest if lowest > 0.4 * highest else min(0, lowest)
    start -= 0.03 * (highest - start) if start else 0
    ax.set_xlim(start, highest)
    rows.beside(ax, ends.max(axis=1).fillna(start), texts)
    house.ticks(ax.xaxis, write, 5)
    if stamp:
        look = {"size": 30, "weight": "bold", "color": "#DDDDDD", "rotation": 10, "zorder": 1}
        ax.text(0.5, 0.5, stamp, transform=ax.transAxes, ha="center", va="center", **look)
    figure.finish(handles[: len(names)], names)
