"""Diagrams: a value chain with its problems, a matrix of words, ranges of ranks."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrow, FancyBboxPatch, Rectangle

from ..core.language import short, t
from .maps import SHADES
from .style import GREY, INK, LIGHT, MARKERS, STYLE, Plate, legend_line, plate

BADGE = "#8B2E3F"
# Inches: the axes of a diagram are drawn to scale.
WIDE, LINE, GAP, STEP = 6.0, 0.165, 0.22, 0.29


def chain(
    segments: pd.DataFrame,
    problems: pd.DataFrame,
    hits: pd.DataFrame,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    note: str = "",
) -> Plate:
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
    """
    boxes = [
        (row, textwrap.wrap(t(row.segment_actors), 62))
        for row in segments.sort_values("segment_number").itertuples()
    ]
    key = [(row, textwrap.wrap(t(row.problem_meaning), 76)) for row in problems.itertuples()]
    tall = sum(0.36 + LINE * len(lines) + GAP for _, lines in boxes) + 0.3
    height = tall + sum(0.3 + LINE * len(lines) for _, lines in key)
    figure, axes = plate(title, subtitle, sources, height, note=note)
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        ax.set_xlim(0, WIDE)
        ax.set_ylim(height, 0)
        ax.axis("off")
        y, before = 0.02, None
        for row, lines in boxes:
            support = row.segment_role == "support"
            if before == "segment" and support:
                ax.text(0.05, y + 0.1, t("Around the chain"), size=9.5, color=GREY, va="center")
                y += 0.24
            elif before == "segment":
                ax.add_patch(
                    FancyArrow(
                        0.5,
                        y - GAP,
                        0,
                        GAP - 0.02,
                        width=0.05,
                        head_width=0.17,
                        head_length=0.1,
                        length_includes_head=True,
                        color=GREY,
                        lw=0,
                    )
                )
            box = 0.36 + LINE * len(lines)
            ax.add_patch(
                FancyBboxPatch(
                    (0.05, y),
                    WIDE - 0.1,
                    box,
                    boxstyle="round,pad=0,rounding_size=0.07",
                    facecolor="white" if support else SHADES[0],
                    edgecolor=GREY if support else SHADES[3],
                    lw=1,
                    ls="--" if support else "-",
                )
            )
            ax.text(0.16, y + 0.07, t(row.segment), size=10.5, weight="bold", va="top")
            ax.text(0.16, y + 0.29, "\n".join(lines), size=9, va="top", linespacing=1.2)
            here = hits[hits["segment_number"] == row.segment_number].sort_values("problem_letter")
            for i, hit in enumerate(reversed(list(here.itertuples()))):
                _badge(ax, WIDE - 0.28 - STEP * i, y + box / 2, hit)
            figure.alt += f" {t(row.segment)}: {', '.join(here['problem_letter']) or '–'}."
            y, before = y + box + (GAP / 2 if support else GAP), row.segment_role
        y += 0.1
        for row, lines in key:
            _badge(ax, 0.2, y + 0.12, row)
            ax.text(0.42, y + 0.03, t(row.problem), size=10, weight="bold", va="top")
            ax.text(0.42, y + 0.23, "\n".join(lines), size=9, va="top", linespacing=1.2)
            figure.alt += f" {row.problem_letter}: {t(row.problem)}."
            y += 0.3 + LINE * len(lines)
    return figure


def _badge(ax: Axes, x: float, y: float, hit: object) -> None:
    """Draw a problem's letter in a disc, open where the text does not name the segment."""
    is_open = getattr(hit, "hit_basis", "named") != "named"
    ax.plot(x, y, "o", ms=16, mfc="white" if is_open else BADGE, mec=BADGE, mew=1.3)
    ax.text(
        x, y, hit.problem_letter, size=9.5, weight="bold", ha="center", va="center_baseline",
        color=BADGE if is_open else "white",
    )  # fmt: skip


def matrix(
    words: pd.DataFrame,
    shades: pd.DataFrame,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    note: str = "",
) -> Plate:
    """Return a table of short words on shaded cells.

    Parameters
    ----------
    words, shades : DataFrame
        Same rows and columns: what a cell says, and its shade from 0 (none) to 5 (darkest).
        Columns of two levels stand in groups; many columns have their names upright.
    """
    groups = words.columns.nlevels > 1
    last = [column[-1] if groups else column for column in words]
    widest = max(len(name) for name in last)
    upright = len(last) > 6 and widest > 2
    rows = [textwrap.wrap(name, 25) for name in words.index]
    heads = [textwrap.wrap(name, 24 if upright else max(2, 62 // len(last))) for name in last]
    head_in = 0.075 * max(len(line) for head in heads for line in head) if upright else 0.35
    row_in = max(0.36, 0.17 * max(len(row) for row in rows) + 0.02)
    height = row_in * len(rows) + head_in + 0.25
    figure, axes = plate(title, subtitle, sources, height, note=note)
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        firsts = [column[0] if groups else None for column in words]
        shift = np.cumsum([0, *(a != b for a, b in itertools.pairwise(firsts))]) * 0.4
        for y, (name, cells) in enumerate(words.iterrows()):
            figure.alt += f" {name}:"
            for x, (column, word) in enumerate(cells.items()):
                shade = int(shades.loc[name, column])
                ax.add_patch(
                    Rectangle(
                        (x + shift[x], y),
                        1,
                        1,
                        facecolor=SHADES[shade - 1] if shade else "#F4F4F2",
                        edgecolor="white",
                        lw=2,
                    )
                )
                ax.text(
                    x + shift[x] + 0.5, y + 0.5, word, ha="center", va="center",
                    size=10, color="white" if shade > 3 else INK,
                )  # fmt: skip
                where = " ".join(column) if groups else column
                figure.alt += f" {where} {word};" if word else ""
        for x in sorted({firsts.index(one) for one in firsts if groups}):
            ax.text(x + shift[x], -0.75, firsts[x], size=10, weight="bold", va="bottom")
        ax.set_xlim(0, len(last) + shift[-1])
        ax.set_ylim(len(rows), 0)
        ax.set_yticks(np.arange(len(rows)) + 0.5, ["\n".join(row) for row in rows])
        ax.set_xticks(
            np.arange(len(last)) + shift + 0.5, ["\n".join(head) for head in heads],
            rotation=90 if upright else 0, size=9.5,
        )  # fmt: skip
        ax.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
        ax.tick_params(axis="y", labelsize=9.5)
        ax.grid(visible=False)
        ax.spines["bottom"].set_visible(False)
    return figure


def ranges(
    tables: Mapping[str, pd.DataFrame],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    note: str = "",
) -> Plate:
    """Return ranges of ranks as lines with their middle, one row an item, one mark a table.

    ``tables``: name → columns ``rank_best``, ``rank_middle``, ``rank_worst``, indexed by label
    in the order drawn.
    """
    labels = list(next(iter(tables.values())).index)
    figure, axes = plate(
        title, subtitle, sources, 0.4 * len(labels) + 0.5, note=note, legend=True
    )  # fmt: skip
    ax = axes[0, 0]
    hues = ("#0072B2", "#D55E00", INK)
    handles = []
    with mpl.rc_context(STYLE):
        for i, (table, hue, marker) in enumerate(zip(tables.values(), hues, MARKERS, strict=False)):
            lanes = np.arange(len(labels)) + 0.3 * (i - (len(tables) - 1) / 2)
            ax.hlines(lanes, table["rank_best"], table["rank_worst"], color=hue, lw=3, alpha=0.45)
            (handle,) = ax.plot(table["rank_middle"], lanes, marker, color=hue, ms=6)
            handles.append(handle)
        for label in labels:
            spans = [
                f"{name} {short(table.loc[label, 'rank_best'])}–"
                f"{short(table.loc[label, 'rank_worst'])}"
                for name, table in tables.items()
            ]
            figure.alt += f" {label}: {'; '.join(spans)}."
        for y in np.arange(len(labels) - 1) + 0.5:
            ax.axhline(y, color=LIGHT, lw=0.6, zorder=0)
        ax.set_yticks(range(len(labels)), ["\n".join(textwrap.wrap(one, 25)) for one in labels])
        ax.set_ylim(len(labels) - 0.5, -0.5)
        ax.set_xlim(0.7, len(labels) + 0.3)
        ax.set_xticks(range(1, len(labels) + 1))
        ax.set_xlabel(t("rank, the heaviest first"))
        ax.grid(axis="y", visible=False)
        legend_line(figure, handles, list(tables))
    return figure
