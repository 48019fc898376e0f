"""Scatter charts whose names keep clear of each other."""

import itertools
import textwrap
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..core.language import written
from . import figure as house

# Where a name may stand, as steps from its point (points of 1/72 inch); nearer places first.
STEPS = (7, 16, 28, 42)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
MEDIAN = {"color": house.GREY, "lw": 1, "ls": (0, (4, 3)), "zorder": 2}


@house.chart
def scatter(
    frame: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    *,
    x: str = "x",
    y: str = "y",
    label: str = "label",
    panel: str | None = None,
    strong: str | None = None,
    listed: str | None = None,
    selected: Iterable[str] = (),
    across: str = "",
    up: str = "",
    write_x: str | Callable = "short",
    write_y: str | Callable = "short",
    log: bool = False,
    **shared: Any,
) -> house.Figure:
    """Return scatter charts under one another, on one scale, with dashed lines at the medians.

    Points of a region (``ubigeo``, or its `panel`) that is `selected`, or of any panel that is a
    region, have its colour; those that are `strong` are filled and larger. An empty `label` is not
    written; what a short one stands for is `listed` above its panel. `across` and `up` say what the
    axes are; that the upward one is `log` is to be said in the subtitle.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1, 2, 3], "y": [1.0, 4, 9], "label": ["", "a", ""]})
    >>> scatter(frame, "Squares", across="n", up="n²").said
    ['a 2, 4.']
    """
    house.need(frame, [x, y], [label])
    names = [house.code(name) for name in frame[panel]] if panel else [""] * len(frame)
    regions = [house.code(name) for name in frame["ubigeo"]] if "ubigeo" in frame else names
    hues = house.colours(selected or dict.fromkeys(names))
    table = pd.DataFrame(
        {
            "x": frame[x],
            "y": frame[y],
            "name": frame[label].fillna(""),
            "strong": frame[strong].astype(bool) if strong else True,
            "listed": frame[listed].fillna("") if listed else "",
            "hue": [hues.get(region, house.GREY) for region in regions],
        }
    )
    panels = dict(iter(table.groupby(names, sort=False)))
    drawn, shape = [panel, label, listed, x, y, strong], {"sharex": True, "sharey": True} | shared
    height = 4.6 if len(panels) == 1 else 3.1 * len(panels) + 0.3
    figure, axes = house.begin(title, subtitle, frame, drawn, height, len(panels), **shape)
    for ax, (name, part) in zip(axes.flat, panels.items(), strict=True):
        weak, bold, named = part[~part["strong"]], part[part["strong"]], part[part["name"] != ""]
        look = {"color": "white", "edgecolors": house.GREY, "lw": 0.8, "zorder": 3}
        ax.scatter(weak["x"], weak["y"], s=22, **look)
        look = {"color": bold["hue"], "edgecolors": "white", "lw": 0.6, "zorder": 4}
        ax.scatter(bold["x"], bold["y"], s=44, **look)
        look = {"color": "none", "edgecolors": house.INK, "lw": 1.1, "zorder": 5}
        ax.scatter(named["x"], named["y"], s=48, **look)
        ax.axvline(part["x"].median(), **MEDIAN)
        ax.axhline(part["y"].median(), **MEDIAN)
        # No name is broken at the end of a line.
        keys = "\u00a0· ".join(key.replace(" ", "\u00a0") for key in part["listed"] if key)
        lines = textwrap.wrap(keys, 56)
        look = {"textcoords": "offset points", "va": "bottom", "linespacing": 1.25}
        ax.annotate("\n".join(lines), (0, 1), (0, 5), "axes fraction", **look)
        if name:
            look = {"loc": "left", "color": hues.get(name, house.INK), "weight": "bold"}
            pad = (11 if lines else 6) + 72 * house.TEXT_IN * len(lines)
            ax.set_title(house.region_name(name), pad=pad, **look)
            figure.said.append(f"{house.region_name(name)}:")
        for point in named.itertuples():
            place = f"{written(point.x, write_x)}, {written(point.y, write_y)}"
            figure.said.append(f"{point.listed or point.name} {place}.")
        ax.set_ylabel(textwrap.fill(up, 36))
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
        spots, taken = ax.transData.transform(part[["x", "y"]].to_numpy(dtype=float)), []
        for i, point in enumerate(part.itertuples()):
            look = {"color": point.hue if point.strong else "#555555"}
            look["weight"] = "bold" if strong and point.strong else "normal"
            if point.name:
                write_name(ax, point.name, (point.x, point.y), i, spots, taken, look)
    return figure


def write_name(
    ax: Axes, words: str, point: tuple, own: int, spots: np.ndarray, taken: list, look: dict
) -> None:
    """Write a label where it covers least, with a line where it does not touch its point.

    `spots` are all points in pixels, `own` the one to be named; `taken` holds the boxes of the
    names that are written, and gets this one.
    """
    scale, frame, spot = ax.figure.dpi / 72, ax.get_window_extent(), spots[own]
    others = np.delete(spots, own, axis=0)
    look = look | {"zorder": 6, "path_effects": house.halo()}
    trial = ax.text(0, 0, words, **look)
    size = trial.get_window_extent().size
    trial.remove()
    tried = []
    for reach, side in itertools.product(STEPS, DIRECTIONS):
        # The near edge of the text stands `reach` from its point.
        step = np.multiply(side, (1, 0.8)) * reach * scale
        corner = spot + step - size * (1 - np.array(side)) / 2
        box = np.array([corner, corner + size])
        gaps = np.hypot(*(others - others.clip(*box)).T)
        is_nearest = (gaps > 1.5 * np.hypot(*(spot - spot.clip(*box)))).all()
        meets = [(box[0] < other[1]).all() and (box[1] > other[0]).all() for other in taken]
        is_outside = (box[0] < frame.min).any() or (box[1] > frame.max).any()
        cost = reach / 30 + (not is_nearest) + 2 * (gaps < 2 * scale).sum()
        cost += 10 * sum(meets) + 100 * is_outside
        tried.append((cost, box, is_nearest and reach == STEPS[0]))
    _, box, is_plain = min(tried, key=itemgetter(0))
    taken.append(box + 2 * scale * np.array([[-1], [1]]))
    near = tuple((spot.clip(*box) - box[0]) / size)
    line = {"arrowstyle": "-", "color": house.GREY, "lw": 0.7, "shrinkB": 2, "patchA": None}
    place = {"textcoords": "offset points", "va": "bottom", "ha": "left", "in_layout": False}
    arrow = None if is_plain else line | {"relpos": near}
    ax.annotate(words, point, (box[0] - spot) / scale, arrowprops=arrow, **place, **look)
