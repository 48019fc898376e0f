"""Charts of points: scatter with names that keep clear of each other, concentration curves."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from ..core.language import t, written
from . import figure as house

# Where a name may stand, as steps from its point (points of 1/72 inch); nearer places first.
STEPS = (7, 16, 28, 42)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


@house.chart
def scatter(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    x: str = "x",
    y: str = "y",
    label: str = "label",
    panel: str | None = None,
    strong: str | None = None,
    listed: str | None = None,
    selected: Iterable[str] | None = None,
    across: str = "",
    up: str = "",
    write_x: str | Callable = "short",
    write_y: str | Callable = "short",
    log: bool = False,
    height: float = 3.1,
    **shared: Any,
) -> house.Figure:
    """Return scatter charts under one another, on one scale, with dashed lines at the medians.

    Parameters
    ----------
    frame : DataFrame
        `x`, `y`, `label` (empty: not named). Points of a region (``ubigeo``, or its `panel`)
        that is `selected`, or of any panel that is a region, have its colour.
    strong : str, optional
        Boolean column: filled and larger.
    listed : str, optional
        Column with what a short label stands for, written above its panel.
    across, up : str
        What the axes are.
    log : bool
        A log scale on the y axis (say so in the subtitle).

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1, 2, 3], "y": [1.0, 4, 9], "label": ["", "a", ""]})
    >>> scatter(frame, "Squares", across="n", up="n²").said
    ['a 2, 4.']
    """
    house.need(frame, [x, y], [label])
    table = frame.reset_index(drop=True)
    names = [house.code(name) for name in table[panel]] if panel else [""] * len(table)
    panels = {name: part for name, part in table.groupby(names, sort=False)}
    kept = ["ubigeo", panel, label, listed, x, y, strong, "source", "origin"]
    data = table[[name for name in dict.fromkeys(kept) if name in table]]
    figure, axes = house.begin(
        title or up, subtitle, data, height * len(panels) + 0.3, len(panels), 1,
        sharex=True, sharey=True, **shared,
    )  # fmt: skip
    hues = house.colours(house.code(name) for name in selected or panels)
    marks = []
    for ax, (name, part) in zip(axes.flat, panels.items(), strict=True):
        own = [house.code(region) for region in part.get("ubigeo", [name] * len(part))]
        shades = pd.Series([hues.get(region, house.GREY) for region in own], index=part.index)
        is_strong = part[strong].astype(bool) if strong else pd.Series(True, index=part.index)
        named = part[label].fillna("") != ""
        marks.append((ax, part, named, shades, is_strong))
        weak = part[~is_strong]
        ax.scatter(weak[x], weak[y], s=22, color="white", edgecolors=house.GREY, lw=0.8, zorder=3)
        look = {"color": shades[is_strong], "edgecolors": "white", "lw": 0.6, "zorder": 4}
        ax.scatter(part.loc[is_strong, x], part.loc[is_strong, y], s=44, **look)
        ring = {"color": "none", "edgecolors": house.INK, "lw": 1.1, "zorder": 5}
        ax.scatter(part.loc[named, x], part.loc[named, y], s=48, **ring)
        for line, middle in ((ax.axvline, part[x].median()), (ax.axhline, part[y].median())):
            line(middle, color=house.GREY, lw=1, ls=(0, (4, 3)), zorder=2)
        keys = part[listed].fillna("") if listed else pd.Series("", index=part.index)
        lines = _listing(keys[keys != ""])
        look = {"textcoords": "offset points", "va": "bottom", "linespacing": 1.25}
        ax.annotate("\n".join(lines), (0, 1), (0, 5), "axes fraction", **look)
        if name:
            hue = hues.get(name, house.INK)
            pad = (11 if lines else 6) + 72 * house.TEXT_IN * len(lines)
            ax.set_title(house.region_name(name), loc="left", color=hue, weight="bold", pad=pad)
            figure.said.append(f"{house.region_name(name)}:")
        ax.set_ylabel(textwrap.fill(up, 36))
        spoken = keys.where(keys != "", part[label])[named]
        for words, (_, point) in zip(spoken, part[named].iterrows(), strict=True):
            figure.said.append(
                f"{words} {written(point[x], write_x)}, {written(point[y], write_y)}."
            )
        ax.margins(0.08)
    if log:
        axes[0, 0].set_yscale("log")
        axes[0, 0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes[0, 0].minorticks_off()
    for ax in axes.flat:
        house.ticks(ax.xaxis, write_x)
        house.ticks(ax.yaxis, write_y)
    axes[-1, 0].set_xlabel(textwrap.fill(across, 52))
    house.finish(figure)
    for ax, part, named, shades, is_strong in marks:
        spots = ax.transData.transform(part[[x, y]].to_numpy(dtype=float))
        for i in np.flatnonzero(named):
            row = part.iloc[i]
            hue = shades.iloc[i] if is_strong.iloc[i] else "#555555"
            weight = "bold" if is_strong.iloc[i] and strong else "normal"
            _name(ax, row[label], (row[x], row[y]), i, spots, {"color": hue, "weight": weight})
    return figure


def _listing(keys: Iterable[str]) -> list[str]:
    """Return what short labels stand for as lines in which no name is broken."""
    words = "\u00a0· ".join(key.replace(" ", "\u00a0") for key in keys)
    return textwrap.wrap(words, int((house.WIDTH_IN - 0.9) / house.CHARACTER_IN))


def _name(ax: Axes, words: str, point: tuple, own: int, spots: np.ndarray, look: dict) -> None:
    """Write a label where it covers least, with a line where it is not plain whose it is."""
    scale, frame, spot = ax.figure.dpi / 72, ax.get_window_extent(), spots[own]
    others = np.delete(spots, own, axis=0)
    taken = ax.__dict__.setdefault("taken_by_names", [])
    look = look | {"zorder": 6, "va": "bottom", "ha": "left", "path_effects": house.halo()}
    trial = ax.annotate(words, point, (0, 0), textcoords="offset points", **look)
    size = trial.get_window_extent()
    trial.remove()
    best = None
    for reach, (right, above) in itertools.product(STEPS, DIRECTIONS):
        # The near edge of the text stands `reach` from its point.
        left = spot[0] + right * reach * scale - size.width * (1 - right) / 2
        bottom = spot[1] + above * reach * scale * 0.8 - size.height * (1 - above) / 2
        box = np.array([[left, bottom], [left + size.width, bottom + size.height]])
        gaps = np.hypot(*(others - others.clip(*box)).T)
        mine = np.hypot(*(spot - spot.clip(*box)))
        is_nearest = (gaps > 1.5 * mine).all()
        overlaps = [(box[0] < other[1]).all() and (box[1] > other[0]).all() for other in taken]
        cost = reach / 30 + 0.6 * (not is_nearest) + 3 * (gaps < mine).any()
        cost += 1.5 * (gaps < 2 * scale).sum() + 10 * sum(overlaps)
        cost += 100 * (box < frame.min).any() + 100 * (box > frame.max).any()
        if best is None or cost < best[0]:
            best = (cost, box, is_nearest and reach == STEPS[0] and not right * above)
    _, box, is_plain = best
    taken.append(box + 2 * scale * np.array([[-1], [1]]))
    near = tuple((spot.clip(*box) - box[0]) / (box[1] - box[0]))
    line = {
        "arrowstyle": "-",
        "color": house.GREY,
        "lw": 0.7,
        "shrinkB": 2,
        "patchA": None,
        "relpos": near,
    }
    place = {"textcoords": "offset points", "arrowprops": None if is_plain else line}
    text = ax.annotate(words, point, (box[0] - spot) / scale, **place, **look)
    text.set_in_layout(False)


@house.chart
def concentration(
    frame: pd.DataFrame | Mapping[str, pd.Series],
    title: Any = None,
    subtitle: str = "",
    *,
    series: str = "series",
    value: str = "share",
    axis: str = "",
    **shared: Any,
) -> house.Figure:
    """Return cumulative shares of the largest holders, one curve a series.

    Parameters
    ----------
    frame : DataFrame or mapping
        Long (`series`, `value` from 0 to 1) or {name: shares}. What is not published is not drawn.
    axis : str
        What the holders are; "departments, largest first" by default.

    Examples
    --------
    >>> concentration({"alpacas": pd.Series([0.4, 0.1])}, "Herds").said
    ['alpacas: the first 2 have 50.0%.']
    """
    if isinstance(frame, Mapping):
        parts = [pd.DataFrame({series: name, value: shares}) for name, shares in frame.items()]
        frame = pd.concat(parts) if parts else pd.DataFrame({series: [], value: []}, dtype=float)
    house.need(frame, [value], [series])
    curves = {
        name: part[value].dropna().sort_values(ascending=False).cumsum()
        for name, part in frame.groupby(series, sort=False)
    }
    figure, axes = house.begin(title or value, subtitle, frame, 3.1, **shared)
    ax, ends = axes[0, 0], []
    hues = (house.INK, house.SHADES[3], house.GREY, house.SHADES[2])
    looks = zip(itertools.cycle(hues), itertools.cycle(house.MARKERS), strict=True)
    for (name, total), (hue, marker) in zip(curves.items(), looks, strict=False):
        ax.plot(range(1, len(total) + 1), total, color=hue, marker=marker, ms=5, mfc="white")
        ends.append((len(total), total.iloc[-1], name, hue))
        words = {"name": name, "n": len(total), "share": written(total.iloc[-1], "%1")}
        figure.said.append(t("{name}: the first {n} have {share}.", **words))
    most = max(len(total) for total in curves.values())
    room = min(0.45, (house.BOLD_IN * max(len(name) for name in curves) + 0.1) / 4.7)
    ax.set_xlim(0.6, most + 0.4 + most * room / (1 - room))
    ax.set_xticks(range(1, most + 1, -(-most // 12)))
    ax.set_ylim(0, 1.04)
    house.ticks(ax.yaxis, "%0")
    ax.set_xlabel(axis or t("departments, largest first"))
    labels = house.end_labels(ax, ends)
    house.finish(figure)
    house.move_apart(ax, labels)
    return figure
