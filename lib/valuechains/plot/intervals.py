"""Charts of intervals: years of programmes, poverty beside programmes, estimates beside truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import matplotlib as mpl
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..core.language import exact, t
from .style import FIXED, GREY, INK, STYLE, Plate, colours, legend_line, plate, ticks, year_axis


def timeline(
    rows: pd.DataFrame, first: int, last: int, title: str, subtitle: str, sources: Iterable[str]
) -> Plate:
    """Return bars of years, one a row: solid where sure, hatched where an end is open.

    Parameters
    ----------
    rows : DataFrame
        ``name``, ``words`` (written beside the bar), ``sure_from`` and ``sure_to``,
        ``open_from`` and ``open_to`` (years, or missing).
    first, last : int
        The years of the report, shaded.
    """
    low, high = int(rows["open_from"].min()) - 1, int(rows["open_to"].max()) + 1
    figure, axes = plate(title, subtitle, sources, 0.38 * len(rows) + 0.6, legend=True)
    ax = axes[0, 0]
    solid = {"facecolor": INK, "edgecolor": INK, "lw": 0.6}
    hatched = {"facecolor": "white", "edgecolor": GREY, "hatch": "/////", "lw": 0.6}
    with mpl.rc_context(STYLE):
        start, end = max(first, low), min(last, high)
        if start <= end:
            ax.axvspan(start - 0.5, end + 0.5, color="#E8F0F6", zorder=0, lw=0)
            ax.text((start + end) / 2, -0.75, f"{start}–{end}", ha="center", size=8.5, color=GREY)
        for place, row in enumerate(rows.itertuples()):
            for left, right, style in (
                (row.open_from, row.open_to, hatched),
                (row.sure_from, row.sure_to, solid),
            ):
                if pd.notna(left):
                    ax.barh(place, right - left + 1, left=left - 0.5, height=0.5, zorder=3, **style)
            right = row.open_to if pd.notna(row.open_to) else low
            ax.text(right + 0.9, place, row.words, va="center", size=9, zorder=5)
            figure.alt += f" {row.name}: {row.words}."
        ax.set_yticks(range(len(rows)), list(rows["name"]))
        ax.set_ylim(len(rows) - 0.5, -1.1)
        year_axis(ax, low, high, labels=False)
        ax.set_xlim(low - 0.5, high + 13)
        ax.grid(axis="y", visible=False)
        handles = [Patch(**solid), Patch(**hatched)]
        legend_line(figure, handles, [t("years that are sure"), t("open: earlier or later")])
    return figure


def beside(
    table: pd.DataFrame,
    names: Mapping[str, str],
    selected: Iterable[str],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    note: str = "",
) -> Plate:
    """Return intervals of a percentage, one row a department, and beside them marks in columns.

    Parameters
    ----------
    table : DataFrame
        ``ubigeo``, ``label``, ``low``, ``high`` (the same for a point, %), and a column of
        ``"whole"``, ``"part"`` or nothing for each key of `names`.
    names : mapping of column to heading
    selected : iterable of str
        Codes whose rows have their colour.
    """
    figure, axes = plate(
        title, subtitle, sources, 0.215 * len(table) + 1.5, 1, 2, note, legend=True, sharey=True,
        width_ratios=[1, 1.1],
    )  # fmt: skip
    left, right = axes[0]
    hues = colours(selected)
    with mpl.rc_context(STYLE):
        for place, row in enumerate(table.to_dict("records")):
            shade = hues.get(row["ubigeo"], GREY)
            ends = [row["low"], row["high"]]
            left.plot(ends, [place, place], color=shade, lw=4, solid_capstyle="butt")
            if ends[0] == ends[1]:
                left.plot(ends[0], place, "o", color=shade, ms=5)
            named = [column for column in names if row[column]]
            for column, extent in ((one, row[one]) for one in named):
                right.plot(
                    list(names).index(column), place, "s", ms=8, color=shade, mew=1.4,
                    mfc=shade if extent == "whole" else "white",
                )  # fmt: skip
            figure.alt += " " + t(
                "{name}: {share} %, named for {n}.", name=row["label"], n=len(named),
                share="–".join(dict.fromkeys(map(exact, ends))),
            )  # fmt: skip
        left.set_yticks(range(len(table)), list(table["label"]), size=9)
        for text, code in zip(left.get_yticklabels(), table["ubigeo"], strict=True):
            if code in hues:
                text.set(color=hues[code], weight="bold")
        left.set_ylim(len(table) - 0.4, -0.6)
        left.set_xlim(-0.04 * table["high"].max(), 1.06 * table["high"].max())
        ticks(left, "x")
        left.set_xlabel("%")
        right.set_xticks(range(len(names)), list(names.values()), rotation=90, size=9)
        right.xaxis.tick_top()
        right.tick_params(length=0, labelleft=False)
        right.set_xlim(-0.6, len(names) - 0.4)
        marks = [
            Line2D([], [], ls="", marker="s", ms=8, color=GREY),
            Line2D([], [], ls="", marker="s", ms=8, color=GREY, mfc="white", mew=1.4),
        ]
        legend_line(figure, marks, [t("department named"), t("part of it named")])
    return figure


def estimates(
    panels: Mapping[str, pd.DataFrame],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    stamp: str,
    note: str,
) -> Plate:
    """Return estimates with their intervals beside what is true, one panel a name.

    Parameters
    ----------
    panels : mapping of title to DataFrame
        Index: labels; columns ``total``, ``low``, ``high``, ``truth``. Each its own scale.
    stamp : str
        Written across every panel ("synthetic").
    """
    figure, axes = plate(
        title, subtitle, sources, sum(0.27 * len(one) + 0.6 for one in panels.values()),
        len(panels), 1, note, legend=True,
    )  # fmt: skip
    with mpl.rc_context(STYLE):
        for ax, (name, table) in zip(axes.flat, panels.items(), strict=True):
            figure.alt += f" {name}:"
            for place, row in enumerate(table.itertuples()):
                ax.plot([row.low, row.high], [place, place], color=GREY, lw=3, zorder=3)
                ax.plot(row.total, place, "o", color=INK, ms=6, zorder=4)
                ax.plot(row.truth, place, "D", color=FIXED["21"], mfc="white", ms=6, zorder=5)
                figure.alt += " " + t(
                    "{name}: {total:0} ({low:0} to {high:0}), true {truth:0}.", name=row.Index,
                    total=row.total, low=row.low, high=row.high, truth=row.truth,
                )  # fmt: skip
            ax.set_yticks(range(len(table)), list(table.index))
            ax.set_ylim(len(table) - 0.4, -0.6)
            ax.set_xlim(
                min(0, 1.05 * table["low"].min()), 1.06 * table[["high", "truth"]].max(axis=None)
            )
            ticks(ax, "x")
            ax.grid(axis="y", visible=False)
            ax.set_title(name, loc="left", size=10.5, weight="bold")
            ax.text(
                0.5, 0.5, stamp, transform=ax.transAxes, ha="center", va="center", size=26,
                weight="bold", color="#DDDDDD", rotation=10, zorder=1,
            )  # fmt: skip
        marks = [
            Line2D([], [], color=GREY, lw=3, marker="o", mfc=INK, mec=INK, ms=6),
            Line2D([], [], ls="", marker="D", color=FIXED["21"], mfc="white", ms=6),
        ]
        legend_line(figure, marks, [t("estimate and interval"), t("true total")])
    return figure
