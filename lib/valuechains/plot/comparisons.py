"""Charts that compare: bars, parts, dots by source, intervals, fineness, concentration."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ..core.language import bound_words, number, percent, short, t
from .style import (
    FIXED,
    GREY,
    INK,
    LIGHT,
    MARKERS,
    STYLE,
    Plate,
    colours,
    label,
    legend_line,
    plate,
    ticks,
)

# A row that stands out, and one that is no holder of its own ("rest").
TONES = {"highlight": INK, "rest": LIGHT}


def bars(
    table: pd.DataFrame,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    write: Callable[[float], str] = short,
    one_scale: bool = True,
    note: str = "",
) -> Plate:
    """Return ranked horizontal bars.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``value``, and optionally ``color``, ``tone`` (``highlight``,
        ``rest``; grey by default), ``bound`` (a bound other than exact is hatched and named),
        ``group`` (panels, of one scale or each of its own).
    """
    groups = list(dict.fromkeys(table["group"])) if "group" in table else [None]
    parts = [table if g is None else table[table["group"] == g] for g in groups]
    heights = [max(len(part), 1) for part in parts]
    step = 0.27 + 0.14 * table["label"].str.count("\n").max()
    figure, axes = plate(
        title, subtitle, sources, step * sum(heights) + 0.42 * len(groups), len(groups), 1, note,
        height_ratios=heights,
    )  # fmt: skip
    with mpl.rc_context(STYLE):
        for ax, group, part in zip(axes.flat, groups, parts, strict=True):
            shades = part.get("color", part.get("tone", pd.Series("", index=part.index)).map(TONES))
            shades = shades.fillna(GREY)
            bounds = part["bound"] if "bound" in part else pd.Series("exact", index=part.index)
            longest = (table if one_scale else part)["value"].max()
            figure.alt += f" {group}:" if group else ""
            for place, (row, bound, shade) in enumerate(
                zip(part.itertuples(), bounds.fillna("exact"), shades, strict=True)
            ):
                loose = bound != "exact"
                ax.barh(
                    place, row.value, color="white" if loose else shade, edgecolor=shade,
                    hatch="////" if loose else "", height=0.72, lw=1,
                )  # fmt: skip
                words = f"{bound_words(bound)} {write(row.value)}".strip()
                ax.text(row.value + 0.012 * longest, place, words, va="center", size=9)
                figure.alt += f" {row.label}: {words}.".replace("\n", ", ")
            ax.set_yticks(range(len(part)), list(part["label"]))
            ax.set_ylim(len(part) - 0.4, -0.6)
            ax.set_xlim(0, 1.22 * longest)
            ax.grid(visible=False)
            ax.tick_params(axis="x", labelbottom=False, length=0)
            ax.spines["bottom"].set_visible(False)
            if group is not None:
                ax.set_title(
                    "\n".join(textwrap.wrap(group, 50)), loc="left", size=10.5, weight="bold"
                )
    return figure


def ratios(table: pd.DataFrame, title: str, subtitle: str, sources: Iterable[str]) -> Plate:
    """Return figures over what was expected of them, one dot a row, on a log axis around 1.

    ``table``: ``label``, ``ratio`` (positive), ``words`` (printed beside the dot).
    """
    lines = [textwrap.wrap(text, 88) for text in table["label"]]
    heights = np.cumsum([0] + [0.19 * len(text) + 0.3 for text in lines])
    figure, axes = plate(title, subtitle, sources, heights[-1] + 0.3)
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        ax.set_xscale("log")
        for top, text, row in zip(heights, lines, table.itertuples(), strict=False):
            place = top + 0.19 * len(text) + 0.08
            ax.text(
                0, top, "\n".join(text), size=8.6, va="top", transform=ax.get_yaxis_transform(),
                bbox={"fc": "white", "ec": "none", "pad": 1.5}, zorder=4,
            )  # fmt: skip
            ax.plot([1, row.ratio], [place, place], color=LIGHT, lw=1.5, zorder=1)
            ax.plot(row.ratio, place, "o", color=FIXED["21"], ms=6, zorder=3)
            side = 1 if row.ratio >= 1 else -1
            ax.annotate(
                row.words, (row.ratio, place), (6 * side, 0), textcoords="offset points",
                va="center", ha="left" if side > 0 else "right", size=9, weight="bold",
            )  # fmt: skip
            figure.alt += f" {row.label} {row.words}."
        most = 2.2 * max(table["ratio"].max(), 1 / table["ratio"].min(), 1.5)
        ax.set_xlim(1 / most, most)
        ax.set_ylim(heights[-1], -0.05)
        ax.axvline(1, color=INK, lw=1)
        ax.set_yticks([])
        ax.minorticks_off()
        steps = [x for x in (0.1, 0.2, 0.5, 1, 2, 5, 10) if 1 / most < x < most]
        ax.set_xticks(steps, [f"× {short(x)}" for x in steps])
    return figure


def dots(
    table: pd.DataFrame, title: str, subtitle: str, sources: Iterable[str], note: str = ""
) -> Plate:
    """Return shares by source as dots, one row a region.

    ``table``: ``ubigeo``, ``share`` (0–1), ``label`` (printed beside each dot).
    """
    codes = list(dict.fromkeys(table["ubigeo"]))
    hues = colours(codes)
    lanes = {code: table[table["ubigeo"] == code].sort_values("share") for code in codes}
    figure, axes = plate(
        title, subtitle, sources, 0.26 * len(table) + 0.3 * len(codes) + 0.4, note=note
    )
    ax = axes[0, 0]
    place, marks = 0.0, []
    with mpl.rc_context(STYLE):
        for code, lane in lanes.items():
            marks.append((place + (len(lane) - 1) / 2, label(code)))
            for row in lane.itertuples():
                ax.plot([0, row.share], [place, place], color="#DDDDDD", lw=1.2, zorder=1)
                ax.plot(row.share, place, "o", color=hues[code], ms=7, zorder=3)
                words = f"{percent(row.share, 1)}  {row.label}"
                ax.text(row.share + 0.012, place, words, va="center", size=9)
                figure.alt += f" {label(code)}, {row.label}: {percent(row.share, 1)}."
                place += 1
            place += 0.8
        ax.set_yticks([mark for mark, _ in marks], [name for _, name in marks])
        ax.set_ylim(place - 1.2, -0.7)
        ax.set_xlim(0, table["share"].max() + 0.42)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ticks(ax, "x", as_percent=True)
        ax.grid(axis="y", visible=False)
    return figure


def stacked(
    table: pd.DataFrame,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    shades: Mapping[str, str],
) -> Plate:
    """Return bars of shares that add up to one, a row a bar, a column a part.

    Parameters
    ----------
    table : DataFrame
        Index: what the bars are called; values 0 to 1. Zero is not drawn.
    shades : mapping of column to colour
        A white part is hatched: it stands for what is not broken down.
    """
    figure, axes = plate(title, subtitle, sources, 0.42 * len(table) + 0.35, legend=True)
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        for place, (name, parts) in enumerate(table.iterrows()):
            left = 0.0
            words = []
            for part, share in parts[parts > 0].items():
                shade = shades[part]
                loose = shade == "white"
                ax.barh(
                    place, share, left=left, color=shade, height=0.74, lw=0.8,
                    edgecolor=GREY if loose else "white", hatch="////" if loose else "",
                )  # fmt: skip
                if share >= 0.055:
                    dark = sum(to_rgb(shade)) < 1.5
                    ax.text(
                        left + share / 2, place, percent(share), ha="center", va="center", size=9.5,
                        color="white" if dark else INK, weight="bold",
                        bbox={"fc": "white", "ec": "none", "pad": 1.2} if loose else None,
                    )  # fmt: skip
                words.append(f"{part} {percent(share, 1)}")
                left += share
            figure.alt += f" {name}: {', '.join(words)}."
        ax.set_yticks(range(len(table)), list(table.index))
        ax.set_ylim(len(table) - 0.5, -0.5)
        ax.set_xlim(0, 1)
        ax.grid(visible=False)
        ax.tick_params(axis="x", labelbottom=False, length=0)
        ax.spines["bottom"].set_visible(False)
        handles = [
            Patch(fc=shade, ec=GREY if shade == "white" else "white",
                  hatch="////" if shade == "white" else "")
            for shade in shades.values()
        ]  # fmt: skip
        long = sum(map(len, shades)) > 52
        legend_line(figure, handles, list(shades), 8.2 if long else 9)
    return figure


def intervals(
    table: pd.DataFrame, title: str, subtitle: str, sources: Iterable[str], note: str = ""
) -> Plate:
    """Return published intervals as bars and published middles as diamonds, in panels.

    ``table``: ``group`` (panel), ``label``, ``low``, ``high`` (ratios; equal for a middle),
    ``color``, ``words`` (printed beside the mark).
    """
    groups = list(dict.fromkeys(table["group"]))
    parts = [table[table["group"] == group] for group in groups]
    heights = [len(part) + 0.6 for part in parts]
    figure, axes = plate(
        title, subtitle, sources, 0.29 * sum(heights) + 0.4 * len(groups), len(groups), 1, note,
        height_ratios=heights, sharex=True,
    )  # fmt: skip
    widest = table["high"].max()
    with mpl.rc_context(STYLE):
        for ax, group, part in zip(axes.flat, groups, parts, strict=True):
            figure.alt += f" {group}:"
            for place, row in enumerate(part.itertuples()):
                ax.plot([0, row.low], [place, place], color="#DDDDDD", lw=1, zorder=1)
                if row.low < row.high:
                    ax.plot(
                        [row.low, row.high], [place, place], color=row.color, lw=8,
                        solid_capstyle="butt", zorder=3,
                    )  # fmt: skip
                else:
                    ax.plot(row.low, place, "D", color=row.color, ms=7, mfc="white", mew=2)
                ax.text(row.high + 0.035 * widest, place, row.words, va="center", size=9)
                figure.alt += f" {row.label}, {row.words}."
            ax.set_yticks(range(len(part)), list(part["label"]))
            ax.set_ylim(len(part) - 0.4, -0.6)
            ax.set_xlim(0, 1.6 * widest)
            ax.xaxis.set_major_locator(MaxNLocator(5))
            ticks(ax, "x", as_percent=True)
            ax.grid(axis="y", visible=False)
            ax.set_title(group, loc="left", size=10.5, weight="bold")
    return figure


def fineness(table: pd.DataFrame, ours: Iterable[str], title: str, subtitle: str, sources) -> Plate:
    """Return fibre fineness (µm, as ranges) against top price (log scale), labelled directly."""
    ours = set(ours)
    figure, axes = plate(title, subtitle, sources, 4.0)
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        ax.set_yscale("log")
        for row in table.itertuples():
            colour = FIXED["21"] if row.fibre_name in ours else GREY
            middle = (row.fineness_low_um + row.fineness_high_um) / 2
            ax.plot(
                [row.fineness_low_um, row.fineness_high_um], [row.top_price_usd_per_kg] * 2,
                color=colour, lw=3, alpha=0.55, solid_capstyle="round",
            )  # fmt: skip
            ax.plot(middle, row.top_price_usd_per_kg, "o", color=colour, ms=7)
            words = f"{t(row.fibre_name)}  {short(row.top_price_usd_per_kg)}"
            crowded = (
                (table["fineness_low_um"] - row.fineness_high_um).between(0.01, 7)
                & ((table["top_price_usd_per_kg"] / row.top_price_usd_per_kg).between(0.76, 1.32))
            ).any()
            place, align = (
                (row.fineness_low_um - 0.8, "right")
                if crowded
                else (row.fineness_high_um + 0.8, "left")
            )
            ax.text(
                place, row.top_price_usd_per_kg, words, va="center", ha=align, size=9, color=colour
            )
            figure.alt += " " + t(
                "{name}: {low}–{high} µm, {price} US$ per kg.", name=row.fibre_name,
                low=number(row.fineness_low_um, 1), high=number(row.fineness_high_um, 1),
                price=number(row.top_price_usd_per_kg, 1),
            )  # fmt: skip
        ax.set_xlim(8, 43)
        ax.set_ylim(6, 1500)
        ax.set_yticks([10, 20, 50, 100, 200, 500, 1000])
        ax.minorticks_off()
        ticks(ax, "y")
        ax.set_xlabel(t("fibre diameter, µm (finer to the left)"))
    return figure


def concentration(
    curves: Mapping[str, pd.Series], title: str, subtitle: str, sources: Iterable[str], note=""
) -> Plate:
    """Return cumulative shares of the largest holders, one curve a name.

    ``curves``: name → shares (0–1), largest first; what is not published is not drawn.
    """
    figure, axes = plate(title, subtitle, sources, 3.1, note=note)
    ax = axes[0, 0]
    shades = ["#222222", "#0072B2", "#D55E00", "#009E73"]
    with mpl.rc_context(STYLE):
        ends = []
        for (name, parts), shade, marker in zip(curves.items(), shades, MARKERS, strict=False):
            total = parts.cumsum()
            places = np.arange(1, len(parts) + 1)
            ax.plot(places, total, color=shade, marker=marker, ms=5, mfc="white")
            ends.append((places[-1], total.iloc[-1], name, shade))
            figure.alt += " " + t(
                "{name}: the first {n} have {share}.", name=name, n=len(parts),
                share=percent(total.iloc[-1], 1),
            )  # fmt: skip
        most = max(len(parts) for parts in curves.values())
        ax.set_xlim(0.6, most + 0.3 * most + 0.6)
        ax.set_xticks(range(1, most + 1))
        ax.set_ylim(0, 1.04)
        ticks(ax, as_percent=True)
        ax.set_xlabel(t("departments, largest first"))
        for x, y, name, shade in ends:
            ax.text(x + 0.15, y, name, color=shade, size=9.5, va="center", weight="bold")
    return figure
