"""Charts of one row a label: bars, parts of a whole, dots, intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from ..core.errors import DataError
from ..core.language import bound_words, written
from . import figure as house

OPEN = {"facecolor": "white", "edgecolor": house.GREY, "hatch": "////", "lw": 0.7}
# Verdicts: told apart in grey print too.
VERDICTS = {"good": "#1F4B6E", "fair": "#74B69A", "bad": "#F0B27A", "worst": "#A63D2F"}
LABEL_CHARACTERS = 24


class Rows:
    """Where the rows of a table and the headings of its groups stand, in inches from the top."""

    def __init__(self, table: pd.DataFrame, lines: float = 1.0) -> None:
        wrapped = [text.split("\n") for text in table["label"]]
        self.labels = [
            "\n".join(textwrap.fill(line, LABEL_CHARACTERS) for line in lines) for lines in wrapped
        ]
        self.codes = list(table.get("ubigeo", table["label"]))
        self.headings: list[tuple[float, str, str]] = []
        self.y, y, before = np.zeros(len(table)), 0.0, None
        groups = table.get("group", pd.Series([None] * len(table)))
        for i, (text, group) in enumerate(zip(self.labels, groups, strict=True)):
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

    def draw(self, ax: Axes, hues: Mapping[str, str]) -> None:
        """Write labels and headings, names of regions in their colour; rows run downward."""
        ax.set_yticks(self.y, self.labels)
        for text, region in zip(ax.get_yticklabels(), self.codes, strict=True):
            if region in hues and text.get_text() == house.region_name(region):
                text.set(color=hues[region], weight="bold")
        ax.set_ylim(self.height, 0)
        ax.grid(axis="y", visible=False)
        edge = blended_transform_factory(ax.figure.transFigure, ax.transData)
        for y, text, group in self.headings:
            look = {"weight": "bold", "va": "top", "color": hues.get(group, house.INK)}
            look |= {"zorder": 8, "path_effects": house.halo()}
            ax.text(0.011, y, text, transform=edge, **look).set_in_layout(False)

    def room(self, words: Iterable[str]) -> float:
        """Return the part of the axes that the longest of some words takes."""
        longest = max((len(text) for text in words), default=0)
        return min(0.75, (house.CHARACTER_IN * longest + 0.15) / self.width)


def prepare(
    frame: pd.DataFrame, numbers: list[str], label: str | None, group: str | None
) -> pd.DataFrame:
    """Return the rows with ``label``, ``ubigeo`` where they are regions, and ``group`` if any.

    Without `label` it is the column of that name, else that of the departments, else the first
    text; a single number may have any name.
    """
    if label is None:
        words = list(frame.select_dtypes(exclude="number"))
        known = [name for name in ("label", "ubigeo", "region", "department") if name in frame]
        label = (known or words or ["label"])[0]
    if len(numbers) == 1 and numbers[0] not in frame:
        found = list(frame.drop(columns="year", errors="ignore").select_dtypes("number"))
        frame = frame.rename(columns={found[0]: numbers[0]}) if len(found) == 1 else frame
    house.need(frame, numbers, [label, *([group] if group else [])])
    regions = "ubigeo" if "ubigeo" in frame else label
    table = frame.reset_index(drop=True).assign(
        label=[house.region_name(house.code(text)) for text in frame[label]],
        ubigeo=[house.code(text) for text in frame[regions]],
    )
    group = group or ("group" if "group" in table else None)
    return table if group is None else table.assign(group=[house.code(x) for x in table[group]])


def kept(table: pd.DataFrame, columns: Iterable[str | None]) -> pd.DataFrame:
    """Return the columns of a table that a figure keeps as its data."""
    names = ["group", "label", "ubigeo", "year", *columns, "bound", "source", "origin"]
    return table[[name for name in dict.fromkeys(names) if name in table]]


def shades(
    table: pd.DataFrame, selected: Iterable[str] | None, rest: str = house.GREY
) -> tuple[pd.Series, dict[str, str]]:
    """Return the colour of each row, and those of the regions chosen."""
    hues = house.colours(house.code(region) for region in selected or ())
    plain = house.GREY if selected is None else rest
    tones = table["tone"] if "tone" in table else [""] * len(table)
    fills = [
        house.TONES.get(tone) or hues.get(region, plain)
        for tone, region in zip(tones, table["ubigeo"], strict=True)
    ]
    return pd.Series(fills, index=table.index), hues


def say(figure: house.Figure, table: pd.DataFrame, words: Iterable[str]) -> None:
    """Describe rows in words, each group once."""
    before = None
    groups = table.get("group", pd.Series([None] * len(table)))
    for name, group, text in zip(table["label"], groups, words, strict=True):
        if group != before:
            before = group
            figure.said.append(f"{house.region_name(group)}:")
        figure.said.append(f"{name}: {text}.".replace("\n", ", "))


def beside(ax: Axes, x: Iterable[float], y: Iterable[float], words: Iterable[str]) -> None:
    """Write words to the right of marks, with a halo where they stand on a grid."""
    on_grid = any(line.get_visible() for line in ax.get_xgridlines())
    look = {"va": "center", "zorder": 7, "path_effects": house.halo() if on_grid else None}
    for place, height, text in zip(x, y, words, strict=True):
        ax.annotate(text, (place, height), (7, 0), textcoords="offset points", **look)


def without_axis(ax: Axes) -> None:
    """Take away the x axis: the values stand beside the marks."""
    ax.grid(visible=False)
    ax.tick_params(axis="x", labelbottom=False, length=0)
    ax.spines["bottom"].set_visible(False)


@house.chart
def bars(
    frame: pd.DataFrame,
    title: Any = None,
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
    """Return horizontal bars in the order of the frame, their values beside them.

    Parameters
    ----------
    frame : DataFrame
        `label` (by default ``label``, else the names of ``ubigeo``) and `value`. Used where they
        are there: ``group`` (headings), ``ubigeo`` (rows of a region that is `selected` have its
        colour), ``tone`` (``highlight``, ``rest``), ``bound`` (other than ``exact``: hatched and
        named).
    one_scale : bool
        All groups share one scale; else each has its own.

    Examples
    --------
    >>> frame = pd.DataFrame({"ubigeo": ["12", "08"], "value": [0.4, 0.2]})
    >>> bars(frame, "Coffee", selected=["Cusco"], write="%0").said
    ['Junín: 40%.', 'Cusco: 20%.']
    """
    table = prepare(frame, [value], label, group).dropna(subset=value, ignore_index=True)
    rows, numbers = Rows(table), table[value]
    figure, axes = house.begin(
        title or value, subtitle, kept(table, [value]), rows.height, **shared
    )
    fills, hues = shades(table, selected, house.LIGHT)
    bounds = table["bound"].fillna("exact") if "bound" in table else numbers.map(lambda _: "exact")
    words = [
        f"{bound_words(bound)} {written(number, write)}".strip()
        for bound, number in zip(bounds, numbers, strict=True)
    ]
    groups = table["group"] if "group" in table and not one_scale else [0] * len(table)
    length = numbers / numbers.abs().groupby(groups).transform("max").clip(lower=1e-12)
    ax, loose = axes[0, 0], bounds.ne("exact")
    ax.barh(rows.y[~loose], length[~loose], 0.24, color=fills[~loose])
    look = {"color": "white", "edgecolor": fills[loose], "hatch": "////", "lw": 1}
    ax.barh(rows.y[loose], length[loose], 0.24, **look)
    say(figure, table, words)
    rows.draw(ax, hues)
    ax.set_xlim(min(0, 1.05 * length.min()), 1 / (1 - rows.room(words)))
    without_axis(ax)
    beside(ax, length.clip(lower=0), rows.y, words)
    return house.finish(figure)


@house.chart
def stacked(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    label: str = "label",
    part: str = "part",
    value: str = "value",
    open_parts: Iterable[str] = (),
    tones: Mapping[str, str] | None = None,
    write: str | Callable = "%0",
    **shared: Any,
) -> house.Figure:
    """Return bars of shares that add up to one, a row a bar, a part a segment.

    Parameters
    ----------
    frame : DataFrame
        Long (`label`, `part`, `value` from 0 to 1) or wide (labels × parts). Zero is not drawn.
    open_parts : iterable of str
        Parts drawn white and hatched: what is not broken down.
    tones : mapping, optional
        Part → ``good``, ``fair``, ``bad``, ``worst``, ``open``, where parts are verdicts; by
        default shades of one hue, from light to dark.

    Examples
    --------
    >>> wide = pd.DataFrame({"holds": [0.75], "differs": [0.25]}, index=["Report"])
    >>> stacked(wide, "Verdicts", tones={"holds": "good", "differs": "bad"}).said
    ['Report: holds 75%, differs 25%.']
    """
    if part not in frame:
        wide = frame.rename_axis(index=label, columns=None).reset_index()
        frame = wide.melt(label, var_name=part, value_name=value)
    house.need(frame, [value], [label, part])
    parts, names = (list(dict.fromkeys(frame[column])) for column in (part, label))
    steps = np.linspace(0, 4, len(parts)).round().astype(int)
    fills = {name: house.SHADES[step] for name, step in zip(parts, steps, strict=True)}
    fills |= {name: VERDICTS.get(tone, "") for name, tone in (tones or {}).items()}
    fills |= dict.fromkeys(open_parts, "")
    looks = {
        name: {"facecolor": fill, "edgecolor": "white", "lw": 0.8} if fill else OPEN
        for name, fill in fills.items()
    }
    rows = Rows(pd.DataFrame({"label": [house.region_name(house.code(x)) for x in names]}), 1.3)
    data = kept(frame, [label, part, value])
    figure, axes = house.begin(title or value, subtitle, data, rows.height, **shared)
    ax = axes[0, 0]
    for y, name, called in zip(rows.y, names, rows.labels, strict=True):
        shares = frame[frame[label] == name].set_index(part)[value]
        left, said = 0.0, []
        for one, share in shares[shares > 0].items():
            ax.barh(y, share, 0.32, left=left, **looks[one])
            text = written(share, write)
            if share * rows.width > house.CHARACTER_IN * len(text) + 0.1:
                is_dark = fills[one] and sum(to_rgb(fills[one])) < 1.5
                box = None if fills[one] else {"fc": "white", "ec": "none", "pad": 1.2}
                look = {"color": "white" if is_dark else house.INK, "weight": "bold", "bbox": box}
                ax.text(left + share / 2, y, text, ha="center", va="center", **look)
            said.append(f"{one} {text}")
            left += share
        figure.said.append(f"{called}: {', '.join(said)}.".replace("\n", " "))
    rows.draw(ax, {})
    ax.set_xlim(0, 1)
    without_axis(ax)
    return house.finish(figure, [Patch(**looks[name]) for name in parts], parts)


@house.chart
def dots(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    label: str | None = None,
    value: str = "value",
    group: str | None = None,
    selected: Iterable[str] | None = None,
    words: str | None = None,
    write: str | Callable = "short",
    around: float = 0,
    **shared: Any,
) -> house.Figure:
    """Return a dot a row on a stem, with its value (or the column `words`) beside it.

    Parameters
    ----------
    frame : DataFrame
        `label`, `value`; ``ubigeo`` and `selected` give regions their colours, `group` headings.
    around : float
        Where it is given, values are ratios: stems begin here, on a log axis around it.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["census", "ministry"], "value": [0.396, 0.42]})
    >>> dots(frame, "Share", write="%1").said
    ['census: 39.6%.', 'ministry: 42.0%.']
    """
    table = prepare(frame, [value], label, group).dropna(subset=value, ignore_index=True)
    rows, numbers = Rows(table), table[value]
    if around and (numbers <= 0).any():
        raise DataError(f"column {value!r}: ratios on a log axis are above zero")
    texts = [written(x, write) for x in numbers] if words is None else list(table[words])
    height = rows.height + 0.3
    figure, axes = house.begin(title or value, subtitle, kept(table, [value]), height, **shared)
    fills, hues = shades(table, selected)
    ax = axes[0, 0]
    ax.hlines(rows.y, around, numbers, color=house.LIGHT, lw=1.5, zorder=1)
    ax.scatter(numbers, rows.y, s=48, color=fills, zorder=3)
    say(figure, table, texts)
    rows.draw(ax, hues)
    if around:
        most = max(numbers.max() / around, around / numbers.min(), 1.5)
        ax.set_xscale("log")
        ax.axvline(around, color=house.INK, lw=1)
        ax.minorticks_off()
        steps = [x for x in (0.1, 0.2, 0.5, 1, 2, 5, 10) if 1 / most <= x <= most]
        ax.set_xticks([x * around for x in steps], [f"× {written(x, 'exact')}" for x in steps])
        # On a log axis too the words beside the last dot need their part of the width.
        first, last = around / most / 1.2, 1.1 * max(numbers.max(), around)
        ax.set_xlim(first, first * (last / first) ** (1 / (1 - rows.room(texts))))
        beside(ax, numbers.clip(lower=around), rows.y, texts)
    else:
        ax.set_xlim(0, 1.03 * numbers.max() / (1 - rows.room(texts)))
        house.ticks(ax.xaxis, write, 5)
        beside(ax, numbers, rows.y, texts)
    return house.finish(figure)


@house.chart
def ranges(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    label: str | None = None,
    low: str = "low",
    high: str = "high",
    value: str | None = None,
    outer: tuple[str, str] | None = None,
    mark: str | None = None,
    series: str | None = None,
    group: str | None = None,
    selected: Iterable[str] | None = None,
    words: str | None = None,
    write: str | Callable = "short",
    one_scale: bool = True,
    names: Sequence[str] = (),
    years: bool = False,
    shade: tuple[int, int, str] | None = None,
    axis: str = "",
    stamp: str = "",
    **shared: Any,
) -> house.Figure:
    """Return intervals as bars, one row a label.

    Parameters
    ----------
    frame : DataFrame
        `label`, `low`, `high`; where both are the same, an open diamond. ``tone``, ``ubigeo``
        with `selected`, `group` as in :func:`bars`.
    value, mark : str, optional
        Columns of a middle (a dot) and of a further figure (an open diamond).
    outer : (column, column), optional
        A wider interval, hatched; `low` and `high` may then be missing.
    series : str, optional
        Column of several intervals a label, each in a lane of its own, told by the legend.
    words : str, optional
        Column of what is written beside, for `years` under the label; the interval by default.
    one_scale : bool
        All groups share one scale; else each has its own, and there is no axis.
    names : sequence of str
        The legend: what the interval is, then `outer` or `mark`.
    years : bool
        The ends are whole years: both belong to the interval.
    shade : (first, last, label), optional
        Part of the axis that is shaded.
    stamp : str
        Written across the chart.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["vicuña"], "low": [12.0], "high": [13.5]})
    >>> ranges(frame, "Fineness, µm").said
    ['vicuña: 12–13.5.']
    """
    columns = [name for name in (low, high, *(outer or ()), value, mark) if name]
    table = prepare(frame, columns, label, group)
    data = kept(table, [series, *columns])
    if words:
        texts = list(table[words])
    else:
        texts = [interval(a, b, write) for a, b in zip(table[low], table[high], strict=True)]
    if value and not words:
        texts = [f"{written(x, write)} ({y})" for x, y in zip(table[value], texts, strict=True)]
    spoken = pd.Series(texts)
    if series:
        spoken = table[series] + " " + spoken
    if mark and names:
        spoken += [f"; {names[-1]} {written(x, write)}" for x in table[mark]]
    shown = table.drop_duplicates("label") if series else table
    if years:
        shown = shown.assign(
            label=[f"{x}\n{text}" for x, text in zip(shown["label"], texts, strict=True)]
        )
    lanes = list(dict.fromkeys(table[series])) if series else [""]
    rows = Rows(shown, max(1, 0.85 * len(lanes)))
    figure, axes = house.begin(title or low, subtitle, data, rows.height + 0.35, **shared)
    ax, half = axes[0, 0], 0.5 if years else 0
    fills, hues = shades(table, selected)
    y = rows.y
    if series:
        lane = table[series].map(lanes.index)
        y = table["label"].map(dict(zip(shown["label"], rows.y, strict=True)))
        y = (y + 0.2 * (lane - (len(lanes) - 1) / 2)).to_numpy()
        fills = lane.map(dict(enumerate((house.INK, house.GREY, house.LIGHT))))
    ends = table[columns] + [
        half if name in (high, *(outer or ())[1:]) else -half for name in columns
    ]
    if "group" in table and not one_scale:
        ends = ends.div(ends.max(axis=1).groupby(table["group"]).transform("max"), axis=0)
    if outer:
        ax.barh(y, ends[outer[1]] - ends[outer[0]], 0.16, left=ends[outer[0]], **OPEN)
    ax.barh(y, ends[high] - ends[low], 0.08 if value else 0.16, left=ends[low], color=fills, lw=0)
    is_point = ends[low].eq(ends[high])
    look = {"marker": "D", "s": 50, "facecolors": "white", "lw": 2, "zorder": 4}
    ax.scatter(ends.loc[is_point, low], y[is_point], edgecolors=fills[is_point], **look)
    if value:
        ax.scatter(ends[value], y, s=40, color=fills if series else house.INK, zorder=5)
    if mark:
        ax.scatter(ends[mark], y, **look | {"lw": 1.5, "edgecolors": house.INK, "zorder": 6})
    say(figure, table, spoken)
    rows.draw(ax, hues)
    lowest, highest = ends.min(axis=None), ends.max(axis=None)
    start = lowest if years or series or lowest > 0.4 * highest else min(0, lowest)
    start -= 0.03 * (highest - start) if start else 0
    is_beside = not (years or series)
    room = rows.room(texts) if is_beside else 0.03
    ax.set_xlim(start, highest + (highest - start) * room / (1 - room))
    if is_beside:
        beside(ax, ends.max(axis=1), y, texts)
    if shade:
        left, right = max(shade[0] - half, start), min(shade[1] + half, highest)
        if left < right:
            ax.axvspan(left, right, color=house.PALE, zorder=0, lw=0)
            look = {"ha": "center", "va": "bottom", "color": "#7A5A2E"}
            ax.text((left + right) / 2, 1, shade[2], transform=ax.get_xaxis_transform(), **look)
    if years:
        house.year_axis(ax, int(lowest + 1), int(highest))
        ax.grid(axis="x", visible=True)
    elif one_scale:
        house.ticks(ax.xaxis, write, 5)
    else:
        without_axis(ax)
    ax.set_xlabel(axis)
    if stamp:
        look = {"size": 30, "weight": "bold", "color": "#DDDDDD", "rotation": 10, "zorder": 1}
        ax.text(0.5, 0.5, stamp, transform=ax.transAxes, ha="center", va="center", **look)
    if series:
        handles = [Line2D([], [], color=x, lw=4, marker="o", ms=6) for x in dict.fromkeys(fills)]
        return house.finish(figure, handles, lanes)
    middle = Line2D([], [], color=house.GREY, lw=4, marker="o", mfc=house.INK, mec=house.INK, ms=6)
    handles = [middle if value else Patch(facecolor=house.GREY)]
    handles += [Patch(**OPEN)] if outer else []
    handles += [house.marker_handle("D", house.INK, filled=False)] if mark else []
    return house.finish(figure, handles[: len(names)], names)


def interval(low: float, high: float, write: str | Callable) -> str:
    """Return an interval in words, a point as its figure, "?" where there is none."""
    ends = [written(end, write) for end in (low, high) if pd.notna(end)]
    return "–".join(dict.fromkeys(ends)) or "?"
