"""The diagram of a value chain: segments from the first down, and the problems that hit them."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from ..core.language import t
from . import figure as house

BADGE = "#8B2E3F"
# Inches: the axes of the diagram are drawn to scale.
WIDE, GAP, STEP = house.WIDTH_IN - 0.15, 0.22, 0.31


@house.chart
def chain(
    segments: pd.DataFrame,
    problems: pd.DataFrame,
    hits: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    **shared: Any,
) -> house.Figure:
    """Return a value chain from its first segment down, problems as letters where they hit.

    Parameters
    ----------
    segments : DataFrame
        ``segment_number``, ``segment_role`` (``segment``, or ``support`` for actors around the
        chain), ``segment``, ``segment_actors``.
    problems : DataFrame
        ``problem_letter``, ``problem``, ``problem_meaning``: explained below the chain.
    hits : DataFrame
        ``problem_letter``, ``segment_number``, ``hit_basis``: a full badge where it is
        ``named``, else an open one.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment_number": [1], "segment_role": "segment",
    ...     "segment": "Growers", "segment_actors": "families"})
    >>> problems = pd.DataFrame({"problem_letter": ["A"], "problem": "Credit",
    ...     "problem_meaning": "There is little."})
    >>> hits = pd.DataFrame({"problem_letter": ["A"], "segment_number": 1, "hit_basis": "named"})
    >>> chain(segments, problems, hits, "Coffee").said
    ['Growers: A.', 'A: Credit.']
    """
    house.need(segments, ["segment_number"], ["segment_role", "segment", "segment_actors"])
    chars = int((WIDE - 0.3) / house.CHARACTER_IN)
    boxes = [
        (row, textwrap.wrap(t(row.segment_actors), chars))
        for row in segments.sort_values("segment_number").itertuples()
    ]
    key = [(row, textwrap.wrap(t(row.problem_meaning), chars - 4)) for row in problems.itertuples()]
    tall = sum(0.42 + house.TEXT_IN * len(lines) + GAP for _, lines in boxes) + 0.4
    height = tall + sum(0.34 + house.TEXT_IN * len(lines) for _, lines in key)
    figure, axes = house.begin(title or "", subtitle, hits, height, **shared)
    ax = axes[0, 0]
    ax.set_xlim(0, WIDE)
    ax.set_ylim(height, 0)
    ax.axis("off")
    y, before = 0.02, None
    for row, lines in boxes:
        is_support = row.segment_role == "support"
        if before == "segment" and is_support:
            ax.text(0.05, y + 0.1, t("Around the chain"), color=house.GREY, va="center")
            y += 0.27
        elif before == "segment":
            arrow = {
                "width": 0.05,
                "head_width": 0.17,
                "head_length": 0.1,
                "lw": 0,
                "color": house.GREY,
            }
            ax.arrow(0.5, y - GAP, 0, GAP - 0.02, length_includes_head=True, **arrow)
        box = 0.4 + house.TEXT_IN * len(lines)
        look = {"facecolor": house.SHADES[0], "edgecolor": house.SHADES[3], "lw": 1}
        if is_support:
            look |= {"facecolor": "white", "edgecolor": house.GREY, "ls": "--"}
        shape = "round,pad=0,rounding_size=0.07"
        ax.add_patch(FancyBboxPatch((0.05, y), WIDE - 0.1, box, boxstyle=shape, **look))
        ax.text(0.16, y + 0.07, t(row.segment), weight="bold", va="top")
        ax.text(0.16, y + 0.31, "\n".join(lines), va="top", linespacing=1.2)
        here = hits[hits["segment_number"] == row.segment_number].sort_values("problem_letter")
        for i, hit in enumerate(reversed(list(here.itertuples()))):
            _badge(
                ax, WIDE - 0.28 - STEP * i, y + 0.19, hit.problem_letter, hit.hit_basis == "named"
            )
        figure.said.append(f"{t(row.segment)}: {', '.join(here['problem_letter']) or '–'}.")
        y, before = y + box + (GAP / 2 if is_support else GAP), row.segment_role
    y += 0.1
    for row, lines in key:
        _badge(ax, 0.2, y + 0.12, row.problem_letter, True)
        ax.text(0.44, y + 0.02, t(row.problem), weight="bold", va="top")
        ax.text(0.44, y + 0.24, "\n".join(lines), va="top", linespacing=1.2)
        figure.said.append(f"{row.problem_letter}: {t(row.problem)}.")
        y += 0.34 + house.TEXT_IN * len(lines)
    figure.axes_in = y
    ax.set_ylim(y, 0)
    return house.finish(figure)


def _badge(ax: Axes, x: float, y: float, letter: str, is_full: bool) -> None:
    """Draw a problem's letter in a disc, open where the text does not name the segment."""
    ax.plot(x, y, "o", ms=17, mfc=BADGE if is_full else "white", mec=BADGE, mew=1.3)
    colour = "white" if is_full else BADGE
    ax.text(x, y, letter, weight="bold", ha="center", va="center_baseline", color=colour)
