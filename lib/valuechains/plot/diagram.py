"""The diagram of a value chain: segments from the first down, and the problems that hit them."""

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from ..core.language import t
from . import figure as house

BADGE = "#8B2E3F"
# Inches: the axes of the diagram are drawn to scale.
WIDE, GAP, STEP = house.WIDTH_IN - 0.1, 0.22, 0.31
CHARACTERS = int((WIDE - 0.5) / house.CHARACTER_IN)
SEGMENT = {"facecolor": house.SHADES[0], "edgecolor": house.SHADES[3], "lw": 1}
SUPPORT = {"facecolor": "white", "edgecolor": house.GREY, "lw": 1, "ls": "--"}
ARROW = {"width": 0.05, "head_width": 0.17, "head_length": 0.1, "lw": 0, "color": house.GREY}


@house.chart
def chain(
    segments: pd.DataFrame,
    problems: pd.DataFrame,
    hits: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    **shared: Any,
) -> house.Figure:
    """Return a value chain from its first segment down, problems as letters where they hit.

    Segments have the role ``segment``, or ``support`` for actors around the chain. A badge is full
    where the basis of the hit is ``named``, else open; problems are explained below the chain.

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
    figure, axes = house.begin(title, subtitle, hits, list(hits), 0, **shared)
    ax = axes[0, 0]
    ax.axis("off")
    y, before = 0.02, None
    for row in segments.sort_values("segment_number").itertuples():
        lines = textwrap.wrap(t(row.segment_actors), CHARACTERS)
        is_support = row.segment_role == "support"
        if before == "segment" and is_support:
            ax.text(0.05, y + 0.1, t("Around the chain"), color=house.GREY, va="center")
            y += 0.27
        elif before == "segment":
            ax.arrow(0.5, y - GAP, 0, GAP - 0.02, length_includes_head=True, **ARROW)
        box = 0.42 + house.TEXT_IN * len(lines)
        shape, look = "round,pad=0,rounding_size=0.07", SUPPORT if is_support else SEGMENT
        ax.add_patch(FancyBboxPatch((0.05, y), WIDE - 0.1, box, boxstyle=shape, **look))
        _text(ax, 0.16, y + 0.07, t(row.segment), lines)
        here = hits[hits["segment_number"] == row.segment_number].sort_values("problem_letter")
        x = WIDE - 0.28 - STEP * len(here)
        for hit in here.itertuples():
            x += STEP
            _badge(ax, x, y + 0.17, hit.problem_letter, hit.hit_basis == "named")
        figure.said.append(f"{t(row.segment)}: {', '.join(here['problem_letter']) or '–'}.")
        y, before = y + box + (GAP / 2 if is_support else GAP), row.segment_role
    y += 0.1
    for row in problems.itertuples():
        lines = textwrap.wrap(t(row.problem_meaning), CHARACTERS - 3)
        _badge(ax, 0.2, y + 0.12, row.problem_letter, True)
        _text(ax, 0.44, y + 0.02, t(row.problem), lines)
        figure.said.append(f"{row.problem_letter}: {t(row.problem)}.")
        y += 0.36 + house.TEXT_IN * len(lines)
    figure.axes_in = y
    ax.set(xlim=(0, WIDE), ylim=(y, 0))
    # Nothing but the axes has a say in the layout: they are to be as wide as the figure.
    for artist in ax.get_children():
        artist.set_in_layout(False)
    return house.finish(figure)


def _text(ax: Axes, x: float, y: float, heading: str, lines: list[str]) -> None:
    ax.text(x, y, heading, weight="bold", va="top")
    ax.text(x, y + 0.26, "\n".join(lines), va="top", linespacing=1.2)


def _badge(ax: Axes, x: float, y: float, letter: str, is_full: bool) -> None:
    """Draw a problem's letter in a disc, open where the text does not name the segment."""
    ax.plot(x, y, "o", ms=17, mfc=BADGE if is_full else "white", mec=BADGE, mew=1.3)
    colour = "white" if is_full else BADGE
    ax.text(x, y, letter, weight="bold", ha="center", va="center_baseline", color=colour)
