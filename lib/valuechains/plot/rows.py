"""Charts of one row a label: bars, parts of a whole, intervals.

Rows stand in the order of the frame. Besides the columns that are named in a call they use, where
they are there: ``label`` (else ``ubigeo``, by name), ``ubigeo`` (a row of a region that is
`selected` has its colour), ``group`` (headings), ``tone`` (``highlight``, ``rest``) and ``bound``.
"""

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
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
        house.need(frame, [], [label, *filter(None, [group])])
        self.figure, self.columns = figure, [label, group]
        self.groups = [house.code(name) for name in frame[group]] if group else [""] * len(frame)
        self.regions = [house.code(x) for x in frame["ubigeo" if "ubigeo" in frame else label]]
        names = [house.region_name(house.code(name)) for name in frame[label]]
        self.labels = [
            "\n".join(textwrap.fill(part, 24) for part in name.split("\n")) for name in names
        ]
        self.headings, self.y, self.height, before = [], [], 0.0, ""
        for text, key in zip(self.labels, self.groups, strict=True):
            if key != before:
                name = textwrap.wrap(house.region_name(key), 52)
                self.height += 0.1 if before else 0
                self.headings.append((self.height, "\n".join(name), key))
                self.height, before = self.height + house.TEXT_IN * len(name) + 0.05, key
            tall = max(least, house.TEXT_IN * (text.count("\n") + 1)) + 0.07
            self.y.append(self.height + tall / 2)
            self.height += tall
        self.y = np.array(self.y)
        longest = max(len(line) for text in self.labels for line in text.split("\n"))
        self.width = figure.width_in(house.WIDTH_IN - 0.25 - longest * house.CHARACTER_IN)
        self.hues = house.colours(selected or ())
        fills = [self.hues.get(region, plain) for region in self.regions]
        self.fills = pd.Series(fills, index=frame.index)
        if "tone" in frame:
            self.fills = frame["tone"].map(house.TONES).fillna(self.fills)

    def draw(self, ax: Axes, said: Sequence[str], bars: Sequence = (), axis: bool = False) -> None:
        """Write labels and headings, regions in their colour; say something of each row and bar."""
        left = offset_copy(ax.get_yaxis_transform(), ax.figure, -7, units="points")
        for y, text, region in zip(self.y, self.labels, self.regions, strict=True):
            is_named = region in self.hues and text == house.region_name(region)
            look = {"color": self.hues[region], "weight": "bold"} if is_named else {}
            look |= {"ha": "right", "va": "center_baseline", "transform": left}
            ax.text(0, y, text, **look)  # ticks would take four times as long
        ax.set_yticks([])
        ax.set_ylim(self.height, 0)
        ax.grid(axis="y" if axis else "both", visible=False)
        if not axis:  # the values stand beside the marks
            ax.tick_params(axis="x", labelbottom=False, length=0)
            ax.spines["bottom"].set_visible(False)
        side = self.figure.transFigure if self.figure.ax is None else ax.transAxes
        edge = blended_transform_factory(side, ax.transData)
        for y, text, group in self.headings:
            look = {"weight": "bold", "va": "top", "color": self.hues.get(group, house.INK)}
            look |= house.HALO
            ax.text(0.011, y, text, transform=edge, in_layout=False, zorder=8, **look)
        before = ""
        for row, group in enumerate(self.groups):
            if group != before:
                self.figure.said.append(f"{house.region_name(group)}:")
                before = group
            words = f"{self.labels[row]}: {said[row]}".removesuffix(": ").replace("\n", ", ")
            self.figure.said.append(f"{words}.")
            for bar in bars[row : row + 1]:
                self.figure.mark(bar, {row: words})

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
    rows, numbers = Rows(figure, table, label, group, selected, plain), table[value]
    ax = figure.lay_out(table, [*rows.columns, value], rows.height)[0, 0]
    bounds = table.get("bound", pd.Series("exact", index=table.index)).fillna("exact")
    figures = numbers.map(lambda number: written(number, write))
    words = (bounds.map(bound_words) + " " + figures).str.strip().tolist()
    scales = [0] * len(table) if one_scale else rows.groups
    length = numbers / numbers.abs().groupby(scales).transform("max").clip(lower=1e-12)
    loose = bounds.ne("exact")
    drawn = ax.barh(rows.y, length, 0.24, color=rows.fills)
    for bar in itertools.compress(drawn, loose):
        bar.set(facecolor="white", edgecolor=bar.get_facecolor(), hatch="////", lw=1)
    figure.ranked = value, [*filter(None, rows.columns[1:])]
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
    row_of = {(row["label"], row["part"]): place for place, row in shown.iterrows()}
    wide = shown.pivot(index="label", columns="part", values="value").reindex(names, columns=parts)
    starts, handles = wide.fillna(0).cumsum(axis=1) - wide, []
    for name, step in zip(parts, np.linspace(0, 4, len(parts)).round().astype(int), strict=True):
        tone = (tones or {}).get(name)
        fill = VERDICTS.get(tone, house.SHADES[step])
        look = OPEN if tone == "open" else {"facecolor": fill, "edgecolor": "white", "lw": 0.8}
        drawn = ax.barh(rows.y, wide[name], 0.32, left=starts[name], **look)
        for bar, key in zip(drawn, names, strict=True):
            if (key, name) in row_of:
                words = f"{key}, {name}: {written(wide.at[key, name], write)}"
                figure.mark(bar, {row_of[key, name]: words.replace("\n", ", ")})
        texts = [written(share, write) if share > 0 else "" for share in wide[name]]
        least = [house.CHARACTER_IN * len(text) + 0.1 for text in texts]
        fitting = np.where(wide[name] * rows.width > least, texts, "")
        ink = "white" if sum(to_rgb(look["facecolor"])) < 1.5 else house.INK
        box = {"fc": "white", "ec": "none", "pad": 1.2} if look is OPEN else None
        ax.bar_label(drawn, fitting, label_type="center", color=ink, weight="bold", bbox=box)
        handles.append(Patch(**look))
    said = shown["part"] + " " + shown["value"].map(lambda share: written(share, write))
    said = said.groupby(shown["label"]).agg(", ".join).reindex(names, fill_value="")
    rows.draw(ax, list(said))
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
    texts = [interval(*pair, write) for pair in zip(table[low], table[high], strict=True)]
    if value:
        texts = [f"{written(x, write)} ({y})" for x, y in zip(table[value], texts, strict=True)]
    texts = said = list(table[words]) if words else texts
    y, fills, handles = rows.y, rows.fills, [Patch(facecolor=house.GREY)]
    if outer:
        ax.barh(y, ends[outer[1]] - ends[outer[0]], 0.16, left=ends[outer[0]], **OPEN)
        handles.append(Patch(**OPEN))
    look = {"left": ends[low], "color": fills, "lw": 0}
    drawn = ax.barh(y, ends[high] - ends[low], 0.08 if value else 0.16, **look)
    is_point = ends[low].eq(ends[high])
    look = {"marker": "D", "s": 50, "facecolors": "white"}
    at = (ends.loc[is_point, low], y[is_point])
    ax.scatter(*at, edgecolors=fills[is_point], lw=2, zorder=4, **look)
    if value:
        ax.scatter(ends[value], y, s=40, color=house.INK, zorder=5)
        dot = {"marker": "o", "mfc": house.INK, "mec": house.INK, "ms": 6}
        handles[0] = Line2D([], [], color=house.GREY, lw=4, **dot)
    if mark:
        ax.scatter(ends[mark], y, edgecolors=house.INK, lw=1.5, zorder=6, **look)
        handles.append(house.marker_handle("D", filled=False))
        further = [f"{names[-1]} {written(x, write)}" for x in table[mark]]
        said = [f"{x}; {y}" for x, y in zip(texts, further, strict=True)]
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


def interval(low: float, high: float, write: str | Callable) -> str:
    """Return an interval in words, a point as its figure, "?" where there is none."""
    ends = [written(end, write) for end in (low, high) if pd.notna(end)]
    return "–".join(dict.fromkeys(ends)) or "?"
