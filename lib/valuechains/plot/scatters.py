"""Scatter charts: named points, medians as quadrants, labels that keep clear of each other."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from itertools import product

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from ..core.language import short
from .style import GREY, INK, STYLE, Plate, colours, label, plate, ticks

# Where a name may stand, as steps from its point (points of 1/72 inch); nearer places first.
STEPS = (7, 16, 28, 42)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


def scatter(
    panels: Mapping[str, pd.DataFrame],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    across: str,
    up: str,
    write_across: Callable[[float], str] = short,
    write_up: Callable[[float], str] = short,
    as_percent: bool = False,
    log: bool = False,
    panel_height: float = 3.1,
    note: str = "",
) -> Plate:
    """Return scatter charts under one another, one a region, on one scale.

    Named dots are ringed; dashed lines stand at the medians of each panel.

    Parameters
    ----------
    panels : mapping of code (or title) to DataFrame
        ``x``, ``y``, ``label`` (empty: not named), ``strong`` (filled and larger), optionally
        ``color`` (else the region's) and ``key``, what a label stands for, listed above the panel.
    across, up : str
        What the axes are.
    as_percent : bool
        Write the x axis in percent.
    log : bool
        A log scale on the y axis (say so in the subtitle).
    """
    figure, axes = plate(
        title, subtitle, sources, panel_height * len(panels) + 0.3, len(panels), 1, note,
        sharex=True, sharey=True,
    )  # fmt: skip
    hues, shades = colours(panels), []
    with mpl.rc_context(STYLE):
        for ax, (code, points) in zip(axes.flat, panels.items(), strict=True):
            shade = hues[code] if label(code) != code else INK
            shades.append(points.get("color", pd.Series(shade, index=points.index)))
            strong = points["strong"]
            ax.scatter(
                points.loc[~strong, "x"], points.loc[~strong, "y"], s=20, color="white",
                edgecolors=GREY, linewidths=0.8, zorder=3,
            )  # fmt: skip
            ax.scatter(
                points.loc[strong, "x"], points.loc[strong, "y"], s=42, color=shades[-1][strong],
                edgecolors="white", linewidths=0.6, zorder=4,
            )  # fmt: skip
            named = points[points["label"] != ""]
            ax.scatter(
                named["x"], named["y"], s=46, color="none", edgecolors=INK, linewidths=1.1, zorder=5
            )
            line = {"color": GREY, "lw": 1, "ls": (0, (4, 3)), "zorder": 2}
            ax.axvline(points["x"].median(), **line)
            ax.axhline(points["y"].median(), **line)
            keys = points.get("key", pd.Series("", index=points.index))
            # No name is broken at the end of a line.
            words = "\u00a0· ".join(key.replace(" ", "\u00a0") for key in keys[keys != ""])
            listed = textwrap.wrap(words, 72)
            if listed:
                ax.annotate(
                    "\n".join(listed), (0, 1), (0, 5), "axes fraction",
                    textcoords="offset points", size=9, va="bottom", linespacing=1.25,
                )  # fmt: skip
            if code:
                ax.set_title(
                    label(code), loc="left", color=shades[-1].iloc[0], size=10.5, weight="bold",
                    pad=6 + 12 * len(listed),
                )  # fmt: skip
            ax.set_ylabel(up, size=9.5)
            figure.alt += f" {label(code)}:" if code else ""
            for row in named.assign(label=keys.where(keys != "", points["label"])).itertuples():
                figure.alt += f" {row.label} {write_across(row.x)}, {write_up(row.y)}."
        if log:
            axes[0, 0].set_yscale("log")
            axes[0, 0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes[0, 0].minorticks_off()
        for ax in axes.flat:
            ax.margins(0.08)
            ticks(ax, "x", as_percent)
            ticks(ax)
        axes[-1, 0].set_xlabel(across, size=9.5)
        figure.settle()
        for ax, points, own in zip(axes.flat, panels.values(), shades, strict=True):
            _name(ax, points, own)
    return figure


def _name(ax: Axes, points: pd.DataFrame, shades: pd.Series) -> None:
    """Write the labels where they cover least, with a line where it is not plain whose they are."""
    named = points["label"] != ""
    places = ax.transData.transform(points[["x", "y"]].to_numpy(dtype=float))
    frame, scale, taken = ax.get_window_extent(), ax.figure.dpi / 72, []
    for own in np.flatnonzero(named):
        row, place, shade = points.iloc[own], places[own], shades.iloc[own]
        others = np.delete(places, own, axis=0)
        style = {
            "size": 8.8, "weight": "bold" if row.strong else "normal", "zorder": 6,
            "color": shade if row.strong else "#555555", "va": "bottom", "ha": "left",
            "path_effects": [patheffects.withStroke(linewidth=2, foreground="white")],
        }  # fmt: skip
        trial = ax.annotate(row.label, (row.x, row.y), (0, 0), textcoords="offset points", **style)
        size = trial.get_window_extent()
        trial.remove()
        best = None
        for reach, (right, above) in product(STEPS, DIRECTIONS):
            # The near edge of the text stands `reach` from its point.
            x = place[0] + right * reach * scale - size.width * (1 - right) / 2
            y = place[1] + above * reach * scale * 0.8 - size.height * (1 - above) / 2
            box = np.array([[x, y], [x + size.width, y + size.height]])
            gaps = np.hypot(*(others - others.clip(*box)).T)
            mine = np.hypot(*(place - place.clip(*box)))
            # Whose name it is must be plain, or a line says so.
            is_nearest = (gaps > 1.5 * mine).all()
            cost = (
                reach / 30
                + 0.6 * (not is_nearest)
                + 3 * (gaps < mine).any()
                + 1.5 * (gaps < 2 * scale).sum()
                + 10 * sum(_overlap(box, other) for other in taken)
                + 100 * (box < frame.min).any()
                + 100 * (box > frame.max).any()
            )
            if best is None or cost < best[0]:
                best = (cost, box, is_nearest and reach == STEPS[0] and not right * above)
        _, box, is_plain = best
        taken.append(box + 2 * scale * np.array([[-1], [1]]))
        near = (place.clip(*box) - box[0]) / (box[1] - box[0])
        line = {"arrowstyle": "-", "color": GREY, "lw": 0.7, "shrinkB": 2, "patchA": None}
        text = ax.annotate(
            row.label, (row.x, row.y), (box[0] - place) / scale, textcoords="offset points",
            arrowprops=None if is_plain else line | {"relpos": tuple(near)}, **style,
        )  # fmt: skip
        text.set_in_layout(False)


def _overlap(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one[0] < other[1]).all() and (one[1] > other[0]).all())
