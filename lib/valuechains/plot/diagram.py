"""The diagram of a value chain: segments from the first down, and the problems that hit them."""

import textwrap
from collections.abc import Iterable

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
def chain(figure: house.Figure, frames: Iterable[pd.DataFrame]) -> None:
    """Return a value chain from its first segment down, problems as letters where they hit.

    The frames are segments, problems and hits. Segments have the role ``segment``, or ``support``
    for actors around the chain. A badge is full where the basis of the hit is ``named``, else open:
    it hits the whole chain; problems are explained below the chain.

    >>> segments = pd.DataFrame({"segment_number": [1], "segment_role": "segment",
    ...     "segment": "Growers", "segment_actors": "families"})
    >>> problems = pd.DataFrame({"problem_letter": ["A"], "problem": "Credit",
    ...     "problem_meaning": "There is little."})
    >>> hits = pd.DataFrame({"problem_letter": ["A"], "segment_number": 1, "hit_basis": "named"})
    >>> chain([segments, problems, hits], "Coffee").said
    ['Growers: A.', 'A: Credit.']
    """
    segments, problems, hits = frames
    house.need(segments, ["segment_number"], ["segment_role", "segment", "segment_actors"])
    ax = figure.lay_out(hits, hits.columns, 0)[0, 0]
    figure.fields = {}  # numbers of segments are no figures
    ax.axis("off")
    y, before = 0.02, None
    for row in segments.sort_values("segment_number").itertuples():
        is_support = row.segment_role == "support"
        if before == "segment" and is_support:
            ax.text(0.05, y + 0.1, t("Around the chain"), color=house.GREY, va="center")
            y += 0.27
        elif before == "segment":
            ax.arrow(0.5, y - GAP, 0, GAP - 0.02, length_includes_head=True, **ARROW)
        tall = 0.42 + _text(ax, 0.16, y + 0.07, row.segment, row.segment_actors)
        shape, look = "round,pad=0,rounding_size=0.07", SUPPORT if is_support else SEGMENT
        ax.add_patch(FancyBboxPatch((0.05, y), WIDE - 0.1, tall, boxstyle=shape, **look))
        here = hits[hits["segment_number"] == row.segment_number].sort_values("problem_letter")
        for place, hit in enumerate(here.itertuples(), start=1 - len(here)):
            is_named = hit.hit_basis == "named"
            _badge(ax, WIDE - 0.28 + STEP * place, y + 0.17, hit.problem_letter, is_named)
        letters = here["problem_letter"]
        letters = letters.where(here["hit_basis"] == "named", letters + f" ({t('whole chain')})")
        figure.said.append(f"{t(row.segment)}: {', '.join(letters) or '–'}.")
        y, before = y + tall + (GAP / 2 if is_support else GAP), row.segment_role
    y += 0.1
    for row in problems.itertuples():
        _badge(ax, 0.2, y + 0.12, row.problem_letter, True)
        y += 0.36 + _text(ax, 0.44, y + 0.02, row.problem, row.problem_meaning)
        figure.said.append(f"{row.problem_letter}: {t(row.problem)}.")
    figure.axes_in = y
    ax.set(xlim=(0, WIDE), ylim=(y, 0))
    # Nothing but the axes has a say in the layout: they are to be as wide as the figure.
    for artist in ax.get_children():
        artist.set_in_layout(False)
    figure.finish()


def _text(ax: Axes, x: float, y: float, heading: str, words: str) -> float:
    """Write a heading and what is under it; returns the height of the latter."""
    lines = textwrap.wrap(t(words), CHARACTERS - int((x - 0.16) / house.CHARACTER_IN))
    ax.text(x, y, t(heading), weight="bold", va="top")
    ax.text(x, y + 0.26, "\n".join(lines), va="top", linespacing=1.2)
    return house.TEXT_IN * len(lines)


def _badge(ax: Axes, x: float, y: float, letter: str, is_full: bool) -> None:
    """Draw a problem's letter in a disc, open where the text does not name the segment."""
    fill, ink = (BADGE, "white") if is_full else ("white", BADGE)
    ax.plot(x, y, "o", ms=17, mfc=fill, mec=BADGE, mew=1.3)
    ax.text(x, y, letter, weight="bold", ha="center", va="center_baseline", color=ink)
