"""Charts of points: scatter with names that keep clear of each other, concentration curves."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..core.language import t, written
from . import figure as house

# Where a name may stand, as steps from its point (points of 1/72 inch); nearer places first.
STEPS = (7, 16, 28, 42)
CURVES = (house.INK, house.SHADES[3], house.GREY, house.SHADES[2])
MEDIAN = {"color": house.GREY, "lw": 1, "ls": (0, (4, 3)), "zorder": 2}
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
    regions = [house.code(name) for name in table["ubigeo"]] if "ubigeo" in table else names
    hues = house.colours(house.code(name) for name in selected or dict.fromkeys(names))
    table = table.assign(
        name_=table[label].fillna(""),
        strong_=table[strong].astype(bool) if strong else True,
        key_=table[listed].fillna("") if listed else "",
        hue_=[hues.get(region, house.GREY) for region in regions],
    )
    panels = dict(iter(table.groupby(names, sort=False)))
    kept = dict.fromkeys(["ubigeo", panel, label, listed, x, y, strong, "source", "origin"])
    data = table[[name for name in kept if name in table]]
    full, shape = height * len(panels) + 0.3, {"sharex": True, "sharey": True} | shared
    figure, axes = house.begin(title or up, subtitle, data, full, len(panels), 1, **shape)
    for ax, (name, part) in zip(axes.flat, panels.items(), strict=True):
        weak, bold, named = part[~part["strong_"]], part[part["strong_"]], part[part["name_"] != ""]
        ax.scatter(weak[x], weak[y], s=22, color="white", edgecolors=house.GREY, lw=0.8, zorder=3)
        look = {"color": bold["hue_"], "edgecolors": "white", "lw": 0.6, "zorder": 4}
        ax.scatter(bold[x], bold[y], s=44, **look)
        ring = {"color": "none", "edgecolors": house.INK, "lw": 1.1, "zorder": 5}
        ax.scatter(named[x], named[y], s=48, **ring)
        ax.axvline(part[x].median(), **MEDIAN)
        ax.axhline(part[y].median(), **MEDIAN)
        # No name is broken at the end of a line.
        keys = "\u00a0· ".join(key.replace(" ", "\u00a0") for key in part["key_"] if key)
        lines = textwrap.wrap(keys, 56)
        look = {"textcoords": "offset points", "va": "bottom", "linespacing": 1.25}
        ax.annotate("\n".join(lines), (0, 1), (0, 5), "axes fraction", **look)
        if name:
            look = {"loc": "left", "color": hues.get(name, house.INK), "weight": "bold"}
            pad = (11 if lines else 6) + 72 * house.TEXT_IN * len(lines)
            ax.set_title(house.region_name(name), pad=pad, **look)
            figure.said.append(f"{house.region_name(name)}:")
        ax.set_ylabel(textwrap.fill(up, 36))
        for _, point in named.iterrows():
            called = point["key_"] or point["name_"]
            across_, up_ = written(point[x], write_x), written(point[y], write_y)
            figure.said.append(f"{called} {across_}, {up_}.")
        ax.margins(0.08)
    if log:
        axes[0, 0].set_yscale("log")
        axes[0, 0].minorticks_off()
    for ax in axes.flat:
        house.ticks(ax.xaxis, write_x)
        house.ticks(ax.yaxis, write_y)
    axes[-1, 0].set_xlabel(textwrap.fill(across, 58))
    house.finish(figure)
    for ax, part in zip(axes.flat, panels.values(), strict=True):
        spots, taken = ax.transData.transform(part[[x, y]].to_numpy(dtype=float)), []
        for i, (_, point) in enumerate(part.iterrows()):
            look = {"color": point["hue_"] if point["strong_"] else "#555555"}
            look["weight"] = "bold" if strong and point["strong_"] else "normal"
            if point["name_"]:
                write_name(ax, point["name_"], (point[x], point[y]), i, spots, taken, look)
    return figure


def write_name(
    ax: Axes, words: str, point: tuple, own: int, spots: np.ndarray, taken: list, look: dict
) -> None:
    """Write a label where it covers least, with a line where it is not plain whose it is.

    `spots` are all points in pixels, `own` the one to be named; `taken` holds the boxes of the
    names that are written, and gets this one.
    """
    scale, frame, spot = ax.figure.dpi / 72, ax.get_window_extent(), spots[own]
    others = np.delete(spots, own, axis=0)
    look = look | {"zorder": 6, "path_effects": house.halo()}
    trial = ax.text(0, 0, words, **look)
    size = trial.get_window_extent().size
    trial.remove()
    best = None
    for reach, side in itertools.product(STEPS, DIRECTIONS):
        # The near edge of the text stands `reach` from its point.
        corner = (
            spot + np.multiply(side, (1, 0.8)) * reach * scale - size * (1 - np.array(side)) / 2
        )
        box = np.array([corner, corner + size])
        gaps = np.hypot(*(others - others.clip(*box)).T)
        mine = np.hypot(*(spot - spot.clip(*box)))
        is_nearest = (gaps > 1.5 * mine).all()
        overlaps = [(box[0] < other[1]).all() and (box[1] > other[0]).all() for other in taken]
        cost = reach / 30 + 0.6 * (not is_nearest) + 3 * (gaps < mine).any() + 10 * sum(overlaps)
        cost += 1.5 * (gaps < 2 * scale).sum()
        cost += 100 * ((box < frame.min).any() + (box > frame.max).any())
        if best is None or cost < best[0]:
            best = (cost, box, is_nearest and reach == STEPS[0] and 0 in side)
    _, box, is_plain = best
    taken.append(box + 2 * scale * np.array([[-1], [1]]))
    near = tuple((spot.clip(*box) - box[0]) / size)
    line = {"arrowstyle": "-", "color": house.GREY, "lw": 0.7, "shrinkB": 2, "patchA": None}
    place = {"textcoords": "offset points", "va": "bottom", "ha": "left", "in_layout": False}
    arrow = None if is_plain else line | {"relpos": near}
    ax.annotate(words, point, (box[0] - spot) / scale, arrowprops=arrow, **place, **look)


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
    data = frame.sort_values(value, ascending=False, kind="stable").dropna(subset=value)
    figure, axes = house.begin(title or value, subtitle, data, 3.1, **shared)
    ax, ends = axes[0, 0], []
    for i, name in enumerate(dict.fromkeys(frame[series])):
        total, hue = data.loc[data[series] == name, value].cumsum(), CURVES[i % len(CURVES)]
        ax.plot(
            range(1, len(total) + 1), total, house.MARKERS[i % 6], ls="-", color=hue, mfc="white"
        )
        ends.append((len(total), total.iloc[-1], name, hue))
        words = {"name": name, "n": len(total), "share": written(total.iloc[-1], "%1")}
        figure.said.append(t("{name}: the first {n} have {share}.", **words))
    most, room = max(end[0] for end in ends), house.BOLD_IN * max(len(end[2]) for end in ends) / 4.7
    ax.set(xlim=(0.6, most + 0.5 + most * room / (1 - room)), ylim=(0, 1.04))
    ax.set_xticks(range(1, most + 1, -(-most // 12)))
    house.ticks(ax.yaxis, "%0")
    ax.set_xlabel(axis or t("departments, largest first"))
    labels = house.end_labels(ax, ends)
    house.finish(figure)
    house.move_apart(ax, labels)
    return figure
