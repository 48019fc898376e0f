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
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from ..core.errors import DataError
from ..core.language import bound_words, written
from .figure import (
    CHARACTER_IN,
    GREY,
    INK,
    LIGHT,
    MARKERS,
    PALE,
    SHADES,
    TEXT_IN,
    TONES,
    WIDTH_IN,
    Figure,
    begin,
    chart,
    code,
    colours,
    finish,
    halo,
    marker_handle,
    need,
    region_name,
    ticks,
)

STEM = "#DDDDDD"
# Verdicts: told apart in grey print too.
VERDICTS = {
    "good": "#1F4B6E",
    "fair": "#74B69A",
    "bad": "#F0B27A",
    "worst": "#A63D2F",
    "open": "white",
}


class Rows:
    """Where rows and the headings of their groups stand, in inches from the top of the axes."""

    def __init__(self, labels: Sequence[str], groups: Sequence[str] | None, lines: int = 1) -> None:
        longest = max((len(line) for text in labels for line in text.split("\n")), default=1)
        self.chars = min(longest, 24)
        self.labels = [
            "\n".join(textwrap.fill(line, 24) for line in text.split("\n")) for text in labels
        ]
        self.y, self.headings, y, before = [], [], 0.0, None
        for i, text in enumerate(self.labels):
            if groups is not None and groups[i] != before:
                before = groups[i]
                heading = textwrap.wrap(
                    region_name(before), int((WIDTH_IN - 0.2) / CHARACTER_IN / 1.15)
                )
                y += 0.1 if self.headings else 0
                self.headings.append((y, "\n".join(heading), before))
                y += TEXT_IN * len(heading) + 0.07
            height = max(0.25 * lines, TEXT_IN * (text.count("\n") + 1)) + 0.07
            self.y.append(y + height / 2)
            y += height
        self.height = y
        self.axes_in = WIDTH_IN - 0.25 - self.chars * CHARACTER_IN  # width that is left

    def draw(self, ax: Axes, hues: Mapping[str, str], codes: Sequence[str]) -> None:
        """Write the labels, those of `hues` in colour, and the headings; rows run downward."""
        ax.set_yticks(self.y, self.labels)
        for text, region in zip(ax.get_yticklabels(), codes, strict=True):
            if region in hues:
                text.set(color=hues[region], weight="bold")
        ax.set_ylim(self.height, 0)
        ax.grid(axis="y", visible=False)
        edge = blended_transform_factory(ax.figure.transFigure, ax.transData)
        for y, text, group in self.headings:
            look = {"weight": "bold", "va": "top", "color": hues.get(group, INK), "zorder": 8}
            ax.text(0.011, y, text, transform=edge, **look).set_in_layout(False)

    def room(self, words: Iterable[str]) -> float:
        """Return the part of the width that the longest of some words takes."""
        longest = max((len(line) for text in words for line in text.split("\n")), default=0)
        return min(0.75, (CHARACTER_IN * longest + 0.12) / self.axes_in)


def prepare(
    frame: pd.DataFrame, numbers: list[str], name: str | None, group: str | None
) -> tuple[pd.DataFrame, list[str] | None]:
    """Return the rows with a column ``label``, and the group of each row where there are groups."""
    if name is None:
        known = [
            column for column in ("label", "ubigeo", "region", "department") if column in frame
        ]
        words = list(frame.select_dtypes(exclude="number"))
        name = (known or words or ["label"])[0]
    if len(numbers) == 1 and numbers[0] not in frame:
        found = list(frame.drop(columns="year", errors="ignore").select_dtypes("number"))
        frame = frame.rename(columns={found[0]: numbers[0]}) if len(found) == 1 else frame
    need(frame, numbers, [name, *([group] if group else [])])
    frame = frame.reset_index(drop=True)
    table = frame.assign(label=[region_name(code(text)) for text in frame[name]])
    if "ubigeo" in table or name in ("region", "department"):
        table["ubigeo"] = [code(text) for text in table.get("ubigeo", frame[name])]
    group = group or ("group" if "group" in table else None)
    return table, None if group is None else [code(text) for text in table[group]]


def shades(table: pd.DataFrame, selected: Iterable[str] | None, rest: str) -> tuple[list, dict]:
    """Return the colour of each row, and those of the regions chosen."""
    hues = colours(code(region) for region in selected or ())
    plain = GREY if selected is None else rest
    own = [hues.get(region, plain) for region in table.get("ubigeo", [""] * len(table))]
    tones = table.get("tone", pd.Series("", index=table.index))
    return [TONES.get(tone, hue) for tone, hue in zip(tones, own, strict=True)], hues


def drawn(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the columns of a table that a figure keeps as its data."""
    kept = ["ubigeo", "year", "label", *columns, "bound", "source", "origin"]
    return table[[name for name in dict.fromkeys(kept) if name in table]]


@chart
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
) -> Figure:
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
    table, groups = prepare(frame, [value], label, group)
    rows = Rows(list(table["label"]), groups)
    numbers = table[value] if value in table else table["value"]
    bounds = table.get("bound", pd.Series("exact", index=table.index)).fillna("exact")
    texts = [
        f"{bound_words(bound)} {written(number, write)}".strip() if pd.notna(number) else "–"
        for bound, number in zip(bounds, numbers, strict=True)
    ]
    figure, axes = begin(
        title or value, subtitle, drawn(table, [value, group or "group"]), rows.height, **shared
    )
    ax = axes[0, 0]
    fills, hues = shades(table, selected, LIGHT)
    largest = numbers.abs().groupby(groups or [0] * len(table)).transform("max")
    scaled = numbers / (numbers.abs().max() if one_scale else largest)
    for y, size, fill, bound, words in zip(
        rows.y, scaled.fillna(0), fills, bounds, texts, strict=True
    ):
        loose = bound != "exact"
        hatch = "////" if loose else ""
        ax.barh(y, size, 0.24, color="white" if loose else fill, edgecolor=fill, hatch=hatch, lw=1)
        ax.text(max(size, 0) + 0.012, y, words, va="center")
    _say(figure, table["label"], groups, texts)
    rows.draw(ax, hues, list(table.get("ubigeo", table["label"])))
    ax.set_xlim(min(0, 1.05 * scaled.min()), 1 / (1 - rows.room(texts)))
    _bare(ax)
    return finish(figure)


def _say(figure: Figure, labels: Iterable[str], groups: list | None, texts: Iterable[str]) -> None:
    """Describe rows in words, each group once."""
    before = None
    for i, (name, words) in enumerate(zip(labels, texts, strict=True)):
        if groups is not None and groups[i] != before:
            before = groups[i]
            figure.said.append(f"{region_name(before)}:")
        figure.said.append(f"{name}: {words}.".replace("\n", ", "))


def _bare(ax: Axes) -> None:
    """Take away the x axis: the values stand beside the marks."""
    ax.grid(visible=False)
    ax.tick_params(axis="x", labelbottom=False, length=0)
    ax.spines["bottom"].set_visible(False)


@chart
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
) -> Figure:
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
    if value not in frame or part not in frame:
        wide = frame.rename_axis(index=label, columns=part)
        frame = wide.stack().rename(value).reset_index()
    need(frame, [value], [label, part])
    parts, names = list(dict.fromkeys(frame[part])), list(dict.fromkeys(frame[label]))
    steps = np.linspace(0, len(SHADES) - 2, len(parts)).round().astype(int)
    fills = {name: SHADES[step] for name, step in zip(parts, steps, strict=True)}
    fills |= dict.fromkeys(open_parts, "white")
    fills |= {name: VERDICTS[tone] for name, tone in (tones or {}).items()}
    looks = {
        name: {"facecolor": fill, "edgecolor": GREY, "hatch": "////", "lw": 0.8}
        if fill == "white"
        else {"facecolor": fill, "edgecolor": "white", "lw": 0.8}
        for name, fill in fills.items()
    }
    rows = Rows([region_name(code(name)) for name in names], None, lines=1.3)
    figure, axes = begin(
        title or value, subtitle, drawn(frame, [label, part, value]), rows.height, **shared
    )
    ax = axes[0, 0]
    for y, name in zip(rows.y, names, strict=True):
        left, words = 0.0, []
        shares = frame[frame[label] == name].set_index(part)[value]
        for one, share in shares[shares > 0].items():
            ax.barh(y, share, 0.32, left=left, **looks[one])
            text = written(share, write)
            if share * rows.axes_in > CHARACTER_IN * len(text) + 0.06:
                is_dark = sum(to_rgb(fills[one])) < 1.5
                box = {"fc": "white", "ec": "none", "pad": 1.2} if fills[one] == "white" else None
                look = {"color": "white" if is_dark else INK, "weight": "bold", "bbox": box}
                ax.text(left + share / 2, y, text, ha="center", va="center", **look)
            words.append(f"{one} {text}")
            left += share
        figure.said.append(f"{region_name(code(name))}: {', '.join(words)}.")
    rows.draw(ax, {}, names)
    ax.set_xlim(0, 1)
    _bare(ax)
    return finish(figure, [Patch(**looks[name]) for name in parts], parts)


@chart
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
    around: float | None = None,
    **shared: Any,
) -> Figure:
    """Return a dot a row on a stem, with its value (or the column `words`) beside it.

    Parameters
    ----------
    frame : DataFrame
        `label`, `value`; ``ubigeo`` and `selected` give regions their colours, `group` headings.
    around : float, optional
        Values are ratios: stems begin here, on a log axis around it.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["census", "ministry"], "value": [0.396, 0.42]})
    >>> dots(frame, "Share", write="%1").said
    ['census: 39.6%.', 'ministry: 42.0%.']
    """
    table, groups = prepare(frame, [value], label, group)
    rows = Rows(list(table["label"]), groups)
    texts = [written(x, write) for x in table[value]] if words is None else list(table[words])
    figure, axes = begin(
        title or value,
        subtitle,
        drawn(table, [value, group or "group"]),
        rows.height + 0.3,
        **shared,
    )
    ax, start = axes[0, 0], around or 0
    fills, hues = shades(table, selected, GREY)
    if around:
        if (table[value] <= 0).any():
            raise DataError(f"column {value!r}: ratios on a log axis are above zero")
        ax.set_xscale("log")
    for y, x, fill, text in zip(rows.y, table[value], fills, texts, strict=True):
        ax.plot([start, x], [y, y], color=STEM if not around else LIGHT, lw=1.5, zorder=1)
        ax.plot(x, y, "o", color=fill, ms=7, zorder=3)
        side = -1 if around and x < around else 1
        place = {"ha": "left" if side > 0 else "right", "va": "center", "path_effects": halo()}
        ax.annotate(text, (x, y), (8 * side, 0), textcoords="offset points", **place)
    _say(figure, table["label"], groups, texts)
    rows.draw(ax, hues, list(table.get("ubigeo", table["label"])))
    if around:
        most = 3 * max(table[value].max() / around, around / table[value].min(), 1.5)
        ax.set_xlim(around / most, around * most)
        ax.axvline(around, color=INK, lw=1)
        ax.minorticks_off()
        steps = [x for x in (0.1, 0.2, 0.5, 1, 2, 5, 10) if 1 / most < x < most]
        ax.set_xticks([x * around for x in steps], [f"× {written(x)}" for x in steps])
    else:
        ax.set_xlim(0, 1.03 * table[value].max() / (1 - rows.room(texts)))
        ticks(ax.xaxis, write, 5)
    return finish(figure)


@chart
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
    names: Sequence[str] = (),
    years: bool = False,
    shade: tuple[int, int, str] | None = None,
    axis: str = "",
    stamp: str = "",
    **shared: Any,
) -> Figure:
    """Return intervals as bars, one row a label.

    Parameters
    ----------
    frame : DataFrame
        `label`, `low`, `high`; where both are the same, an open diamond. ``tone``, ``ubigeo``
        with `selected`, `group` as in :func:`bars`.
    value : str, optional
        Column of a middle, drawn as a dot.
    outer : (column, column), optional
        A wider interval around, hatched; `low` and `high` may then be missing.
    mark : str, optional
        Column of a further figure, an open diamond.
    series : str, optional
        Column of several intervals a label, each in a lane of its own.
    words : str, optional
        Column of what is written beside; the interval by default.
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
    table, groups = prepare(
        frame, [low, high, *([value] if value else []), *(outer or ())], label, group
    )
    lanes = list(dict.fromkeys(table[series])) if series else [None]
    names_of_rows = table["label"] if series is None else table["label"].drop_duplicates()
    rows = Rows(
        list(names_of_rows), groups if series is None else None, lines=max(1, 0.85 * len(lanes))
    )
    at = dict(zip(names_of_rows, rows.y, strict=True))
    texts = (
        list(table[words])
        if words
        else [_interval(a, b, write) for a, b in zip(table[low], table[high], strict=True)]
    )
    columns = [low, high, value, *(outer or ()), mark, series, group or "group"]
    figure, axes = begin(
        title or low, subtitle, drawn(table, columns), rows.height + 0.35, **shared
    )
    ax = axes[0, 0]
    fills, hues = shades(table, selected, GREY)
    lane_hues = dict(zip(lanes, (INK, GREY, LIGHT), strict=False))
    widths = table[[name for name in columns[:5] if name in table and name not in (series,)]]
    widths = widths.select_dtypes("number")
    half = 0.5 if years else 0
    for i, row in enumerate(table.to_dict("records")):
        lane = lanes.index(row[series]) if series else 0
        y = (rows.y[i] if series is None else at[row["label"]]) + 0.2 * (
            lane - (len(lanes) - 1) / 2
        )
        fill = lane_hues[row[series]] if series else fills[i]
        if outer and pd.notna(row[outer[0]]):
            size = row[outer[1]] - row[outer[0]] + 2 * half
            look = {"facecolor": "white", "edgecolor": GREY, "hatch": "/////", "lw": 0.6}
            ax.barh(y, size, 0.16, left=row[outer[0]] - half, zorder=2, **look)
        if pd.notna(row[low]) and (years or row[low] < row[high]):
            size = row[high] - row[low] + 2 * half
            ax.barh(
                y, size, 0.07 if value else 0.16, left=row[low] - half, color=fill, lw=0, zorder=3
            )
        elif pd.notna(row[low]):
            ax.plot(row[low], y, "D", color=fill, ms=7, mfc="white", mew=2, zorder=4)
        if value:
            ax.plot(row[value], y, MARKERS[lane], color=fill if series else INK, ms=6, zorder=5)
        if mark:
            ax.plot(row[mark], y, "D", color=INK, mfc="white", ms=7, zorder=6)
        if series is None:
            end = np.nanmax([row[name] for name in widths] or [0]) + half
            place = {"va": "center", "path_effects": halo(), "zorder": 7}
            text = texts[i] if pd.notna(end) else f"  {texts[i]}"
            x = end if pd.notna(end) else widths.min(axis=None)
            ax.annotate(text, (x, y), (6, 0), textcoords="offset points", **place)
    if series:
        texts = [f"{lane} {text}" for lane, text in zip(table[series], texts, strict=True)]
    _say(figure, table["label"], groups, texts)
    rows.draw(
        ax,
        hues,
        [
            code(name)
            for name in (table.get("ubigeo", table["label"]) if series is None else names_of_rows)
        ],
    )
    lowest, highest = widths.min(axis=None) - half, widths.max(axis=None) + half
    start = (
        lowest - 0.03 * (highest - lowest)
        if years or series or lowest > 0.4 * highest
        else min(0, lowest)
    )
    room = 0.03 if series else rows.room(texts)
    ax.set_xlim(start, highest + (highest - start) * room / (1 - room))
    if shade:
        left, right = max(shade[0] - half, start), min(shade[1] + half, highest)
        if left < right:
            ax.axvspan(left, right, color=PALE, zorder=0, lw=0)
            look = {
                "ha": "center",
                "va": "bottom",
                "color": "#7A5A2E",
                "transform": ax.get_xaxis_transform(),
            }
            ax.text((left + right) / 2, 1.0, shade[2], **look)
    if years:
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    else:
        ticks(ax.xaxis, write, 5)
    ax.set_xlabel(axis)
    if stamp:
        look = {"size": 30, "weight": "bold", "color": "#DDDDDD", "rotation": 10, "zorder": 1}
        ax.text(0.5, 0.5, stamp, transform=ax.transAxes, ha="center", va="center", **look)
    if series:
        handles = [
            Line2D([], [], color=lane_hues[lane], lw=5, marker=marker, ms=6)
            for lane, marker in zip(lanes, MARKERS, strict=False)
        ]
        return finish(figure, handles, lanes)
    return finish(figure, _range_handles(value, outer, mark)[: len(names)], names)


def _interval(low: float, high: float, write: str | Callable) -> str:
    """Return an interval in words, a point as its figure, "?" where there is none."""
    ends = [written(end, write) for end in (low, high) if pd.notna(end)]
    return "–".join(dict.fromkeys(ends)) or "?"


def _range_handles(value: str | None, outer: tuple | None, mark: str | None) -> list:
    """Return what stands in the legend of intervals."""
    inner = Line2D([], [], color=GREY, lw=4, marker="o", mfc=INK, mec=INK, ms=6)
    handles = [inner if value else Patch(facecolor=INK)]
    if outer:
        handles.append(Patch(facecolor="white", edgecolor=GREY, hatch="/////"))
    if mark:
        handles.append(marker_handle("D", INK, filled=False))
    return handles
