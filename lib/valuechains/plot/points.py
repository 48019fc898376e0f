"""Scatter charts whose names keep clear of each other."""

import textwrap
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..core.language import written
from . import figure as house

# Where a name may stand, as steps from its point (points of 1/72 inch); nearer places first.
STEPS = (7, 16, 28, 42)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
DIRECTIONS += ((0.5, 1), (-0.5, 1), (0.5, -1), (-0.5, -1))
REACHES = np.repeat(STEPS, len(DIRECTIONS))[:, None]
SIDES = np.tile(DIRECTIONS, (len(STEPS), 1))
ALONG = np.linspace(0, 1, 9)[:, None]  # a line from a name to its point, as so many dots
LINE = {"arrowstyle": "-", "color": house.GREY, "lw": 0.7, "shrinkB": 2, "patchA": None}
PLACE = {"textcoords": "offset points", "va": "bottom", "in_layout": False, "zorder": 6}
MEDIAN = {"color": house.GREY, "lw": 1, "ls": (0, (4, 3)), "zorder": 2}
# Of weak, strong and named points.
DOTS = (
    {"s": 22, "color": "white", "edgecolors": house.GREY, "lw": 0.8, "zorder": 3},
    {"s": 44, "edgecolors": "white", "lw": 0.6, "zorder": 4},
    {"s": 48, "color": "none", "edgecolors": house.INK, "lw": 1.1, "zorder": 5},
)


@house.chart
def scatter(
    figure: house.Figure,
    frame: pd.DataFrame,
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
) -> None:
    """Return scatter charts under one another, on one scale, with dashed lines at the medians.

    Points of a region (``ubigeo``, or its `panel`) that is `selected`, or of any panel that is a
    region, have its colour; those that are `strong` are filled and larger. An empty `label` is not
    written; what a short one stands for is `listed` above its panel. `across` and `up` say what the
    axes are; that the upward one is `log` is to be said in the subtitle.

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
            "x": frame[x].astype(float),
            "y": frame[y].astype(float),
            "name": frame[label].fillna(""),
            "strong": frame[strong].astype(bool) if strong else True,
            "listed": frame[listed].fillna("") if listed else "",
            "hue": [hues.get(region, house.GREY) for region in regions],
        }
    )
    table.index = range(len(table))
    called = table["listed"].where(table["listed"] != "", table["name"]) + " "
    told = table["x"].map(lambda x: written(x, write_x)) + ", "
    table["told"] = (called + told + table["y"].map(lambda y: written(y, write_y))).str.strip()
    panels = dict(iter(table.groupby(names, sort=False)))
    shape = {"rows": len(panels), "sharex": True, "sharey": True}
    height = 4.6 if len(panels) == 1 else 3.1 * len(panels) + 0.3
    axes = figure.lay_out(frame, [panel, label, listed, x, y, strong], height, **shape)[:, 0]
    figure.fields = {x: {"title": across}, y: {"title": up}}
    for ax, (name, part) in zip(axes, panels.items(), strict=True):
        bold, named = part[part["strong"]], part[part["name"] != ""]
        for dots, look in zip((part[~part["strong"]], bold, named), DOTS, strict=True):
            drawn = ax.scatter(dots["x"], dots["y"], **{"color": dots["hue"]} | look)
            if dots is not named:
                figure.mark(drawn, dots["told"].to_dict())
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
            figure.said.append(f"{point.told}.")
        ax.set_ylabel(textwrap.fill(up, 36))
        ax.margins(0.08)
    if log:
        axes[0].set_yscale("log")
        axes[0].minorticks_off()
    for ax in axes:
        house.ticks(ax.xaxis, write_x)
        house.ticks(ax.yaxis, write_y)
    axes[-1].set_xlabel(textwrap.fill(across, 58))
    figure.finish()
    for ax, part in zip(axes, panels.values(), strict=True):
        weight = np.where(part["strong"] & (strong is not None), "bold", "normal")
        hue = part["hue"].where(part["strong"], "#555555")
        write_names(ax, part.assign(hue=hue, weight=weight), part[["x", "y"]].median())


def write_names(ax: Axes, points: pd.DataFrame, middle: pd.Series) -> None:
    """Write names where they cover least, with a line where they do not touch their points.

    A name without a line is nearest to its own point; lines meet no names, lines or other points.
    """
    scale, frame, taken, drawn = ax.figure.dpi / 72, ax.get_window_extent(), [], []
    spots = ax.transData.transform(points[["x", "y"]].to_numpy())
    lines = ax.transData.transform(middle.to_numpy())
    # Those among many other names choose first.
    named = np.flatnonzero(points["name"] != "")
    away = np.linalg.norm(spots[named, None] - spots[named], axis=2)
    for own in named[np.argsort(-(away < STEPS[-1] * scale).sum(axis=1), kind="stable")]:
        point = points.iloc[own]
        spot, others = spots[own], np.delete(spots, own, axis=0)
        look = {"weight": point.weight, "color": point.hue, **house.HALO}
        trial = ax.text(0, 0, point["name"], **look)
        size = trial.get_window_extent().size
        trial.remove()
        # Where the text could stand, its near edge `reach` from its point.
        low = spot + REACHES * SIDES * (1, 0.8) * scale - size * (1 - SIDES) / 2
        high = low + size
        near = spot.clip(low, high)
        own_gaps = np.linalg.norm(spot - near, axis=1)
        dots = near[:, None] + (spot - near)[:, None] * ALONG
        marks = np.concatenate([others, *drawn])
        gaps = np.linalg.norm(marks - marks.clip(low[:, None], high[:, None]), axis=2)
        is_nearest = (gaps[:, : len(others)] > 1.5 * own_gaps[:, None]).all(axis=1)
        is_plain = is_nearest & (own_gaps < 1.05 * STEPS[0] * scale)
        meets = sum(((low < name[1]) & (high > name[0])).all(axis=1) for name in taken)
        # A line is long enough to be seen, and meets nothing on its way.
        ahead = marks[np.linalg.norm(marks - spot, axis=1) > 6 * scale]
        steps = np.linalg.norm(dots[:, :, None] - ahead, axis=3).min(axis=1, initial=np.inf)
        struck = (steps < 3 * scale).sum(axis=1)
        struck += sum(((dots > x[0]) & (dots < x[1])).all(axis=2).any(axis=1) for x in taken)
        is_bad_line = ~is_plain & ((struck > 0) | (own_gaps < 0.9 * STEPS[1] * scale))
        is_outside = ((low < frame.min) | (high > frame.max)).any(axis=1)
        is_struck = ((low < lines) & (high > lines)).any(axis=1)
        cost = REACHES[:, 0] / 30 + ~is_nearest + is_struck + 8 * (gaps < 2 * scale).sum(axis=1)
        best = (cost + 6 * is_bad_line + 10 * meets + 100 * is_outside).argmin()
        taken.append((low[best] - 2 * scale, high[best] + 2 * scale))
        drawn += [] if is_plain[best] else [dots[best]]
        at_edge = tuple((near[best] - low[best]) / size)
        arrow = None if is_plain[best] else LINE | {"relpos": at_edge}
        at, step = (point.x, point.y), (low[best] - spot) / scale
        ax.annotate(point["name"], at, step, arrowprops=arrow, **PLACE, **look)
