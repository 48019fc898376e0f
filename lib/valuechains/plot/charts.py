"""Charts of years: lines, small multiples, contributions, who is ahead."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Mapping

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..core.language import number, t
from ..core.places import fold
from .style import (
    GREY,
    INK,
    MARKERS,
    STYLE,
    Plate,
    colours,
    describe,
    end_labels,
    label,
    legend_line,
    mark_rust,
    move_apart,
    plate,
    ticks,
    year_axis,
)


def draw_lines(
    ax: Axes,
    wide: pd.DataFrame,
    hues: Mapping[str, str],
    labels: Mapping[str, str],
    sources: pd.DataFrame | None = None,
    context: pd.Series | None = None,
    context_label: str = "",
) -> tuple[str, list[Text]]:
    """Draw a years × regions table; gaps stay gaps. Returns its description and its labels.

    ``sources`` (same shape, source keys) gives each point the marker of its source.
    """
    ends = []
    if context is not None and context.notna().any():
        ax.plot(
            context.index, context, color=GREY, lw=1.4, ls=(0, (4, 2)), marker=".", ms=4, zorder=2
        )
        last = context.dropna().index[-1]
        ends.append((last, context[last], context_label, GREY))
    keys = [] if sources is None else _keys(sources)
    for code in wide:
        column = wide[code]
        if not column.notna().any():
            continue
        ax.plot(wide.index, column, color=hues[code], zorder=3)
        for key in keys or [None]:
            marker = _marker(key) if len(keys) > 1 else "o"
            chosen = column if key is None else column[_family(sources[code]) == key]
            ax.plot(
                chosen.index, chosen, ls="", marker=marker, color=hues[code], zorder=4,
                mfc=hues[code] if marker == "o" else "white",
                ms=2 if len(wide) > 30 else 4 if key is None else 5,
            )  # fmt: skip
        last = column.dropna().index[-1]
        ends.append((last, column[last], labels[code], hues[code]))
    ticks(ax)
    everything = wide if context is None else wide.assign(context=context)
    ax.set_ylim(0, 1.12 * max(everything.max(axis=None), 1e-9))  # room for the word "rust"
    year_axis(ax, int(wide.index.min()), int(wide.index.max()))
    if len(keys) > 1:
        handles = [
            Line2D([], [], ls="", marker=m, color=INK, mfc=INK if m == "o" else "white", ms=5)
            for m in map(_marker, keys)
        ]
        legend_line(ax.figure, handles, [_called(key) for key in keys])
    words = " ".join(describe(labels[code], wide[code]) for code in wide)
    return words, end_labels(ax, ends)


# Sources of one kind share a marker: the order of their keys is that of MARKERS.
FAMILIES = ("report_eu_peru_2016", "crofils_minagri_boletin", "midagri_anuario")


def _marker(family: str) -> str:
    return MARKERS[FAMILIES.index(family)]


def _called(family: str) -> str:
    names = (t("EU–Peru report"), t("MINAGRI bulletins"), t("MIDAGRI yearbooks"))
    return names[FAMILIES.index(family)]


def _family(keys: pd.Series) -> pd.Series:
    return keys.map(lambda key: next((one for one in FAMILIES if str(key).startswith(one)), None))


def _keys(sources: pd.DataFrame) -> list[str]:
    found = set(pd.concat([_family(sources[code]) for code in sources]).dropna())
    return [key for key in FAMILIES if key in found]


def coverage(
    long: pd.DataFrame, title: str, subtitle: str, sources: Iterable[str], marked: Iterable[str]
) -> Plate:
    """Return which department has a figure in which year and of what kind of source.

    Parameters
    ----------
    long : DataFrame
        A row a figure: ``measure`` (one panel each), ``ubigeo``, ``year``, ``source``.
    marked : iterable of str
        UBIGEO codes of the regions that stand out.
    """
    rows = sorted(long["ubigeo"].unique(), key=lambda code: fold(label(code)), reverse=True)
    measures, hues = list(long["measure"].unique()), colours(marked)
    keys = [key for key in FAMILIES if (_family(long["source"]) == key).any()]
    figure, axes = plate(
        title, subtitle, sources, (0.155 * len(rows) + 0.45) * -(-len(measures) // 2),
        -(-len(measures) // 2), 2, legend=True, sharex=True, sharey=True,
    )  # fmt: skip
    with mpl.rc_context(STYLE):
        for ax, measure in zip(axes.flat, measures, strict=False):
            part = long[long["measure"] == measure]
            for key in keys:
                here = part[_family(part["source"]) == key]
                shades = [hues.get(code, GREY) for code in here["ubigeo"]]
                ax.scatter(
                    here["year"], [rows.index(code) for code in here["ubigeo"]], s=11,
                    marker=_marker(key), color=shades, lw=0.8,
                    facecolors=shades if _marker(key) == "o" else "white",
                )  # fmt: skip
            ax.set_title(measure, size=10.5, loc="left")
            ax.set_yticks(range(len(rows)), [label(code) for code in rows], size=8.5)
            for code, text in zip(rows, ax.get_yticklabels(), strict=False):
                if code in hues:
                    text.set(color=hues[code], weight="bold")
            ax.set_ylim(-0.7, len(rows) - 0.3)
            year_axis(ax, int(long["year"].min()), int(long["year"].max()), labels=False, most=4)
        for ax in axes.flat[len(measures) :]:
            ax.set_visible(False)
        handles = [
            Line2D([], [], ls="", marker=_marker(key), color=INK, ms=4,
                   mfc=INK if _marker(key) == "o" else "white")
            for key in keys
        ]  # fmt: skip
        legend_line(figure, handles, [_called(key) for key in keys])
    counts = long.groupby("measure", sort=False).size()
    figure.alt += " " + "; ".join(f"{name}: {number(n, 0)}" for name, n in counts.items()) + "."
    return figure


def lines(
    wide: pd.DataFrame,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    point_sources: pd.DataFrame | None = None,
    context: pd.Series | None = None,
    context_label: str = "",
    height: float = 3.3,
    rust: bool = True,
    inverted: bool = False,
    note: str = "",
) -> Plate:
    """Return a line chart of a years × regions table (columns: UBIGEO codes)."""
    several = point_sources is not None and len(_keys(point_sources)) > 1
    years = wide.dropna(how="all").index
    wide = wide.loc[years.min() : years.max()]
    context = None if context is None else context.loc[years.min() : years.max()]
    figure, axes = plate(title, subtitle, sources, height, note=note, legend=several)
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        if rust:
            mark_rust(ax, int(wide.index.min()), int(wide.index.max()))
        names = {code: label(code) for code in wide}
        words, labels = draw_lines(
            ax, wide, colours(wide), names, point_sources, context, context_label
        )
        figure.alt += f" {words}"
        if inverted:
            _from_one_down(ax, int(wide.max(axis=None)))
        figure.settle()
        move_apart(ax, labels)
    return figure


def _from_one_down(ax: Axes, worst: int) -> None:
    """Turn a y axis of ranks: 1 on top, every rank a tick as long as they fit."""
    ax.set_ylim(worst + 0.6, 0.3)
    ax.set_yticks(range(1, worst + 1, 1 if worst < 12 else 2))


def panels(
    tables: Mapping[str, pd.DataFrame],
    styles: Mapping[str, Mapping],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    panel_height: float = 1.9,
    rust: bool = True,
    one_scale: bool = True,
    from_zero: bool = True,
    cols: int = 2,
    note: str = "",
) -> Plate:
    """Return small multiples, one panel a region, each with the same named series.

    Parameters
    ----------
    tables : mapping of code (or title) to DataFrame
        Years × series names.
    styles : mapping of series name to matplotlib line properties
        ``color=None`` is the region's own colour.
    """
    cols = min(cols, len(tables))
    rows = -(-len(tables) // cols)
    figure, axes = plate(
        title, subtitle, sources, panel_height * rows + 0.35, rows, cols, note,
        legend=len(styles) > 1, sharex=True, sharey=one_scale,
    )  # fmt: skip
    hues = colours(tables)
    tallest = max(table.max(axis=None) for table in tables.values())
    with mpl.rc_context(STYLE):
        for ax, (code, table) in zip(axes.flat, tables.items(), strict=False):
            shade = hues[code] if label(code) != code else INK
            first, last = int(table.index.min()), int(table.index.max())
            if rust:
                mark_rust(ax, first, last)
            for name, style in styles.items():
                ax.plot(
                    table.index, table[name], **{"marker": "o", "ms": 3, **style}
                    | {"color": style.get("color") or shade},
                )  # fmt: skip
                called = f"{label(code)}, {name}" if len(styles) > 1 else label(code)
                figure.alt += " " + describe(called, table[name])
            ax.set_title(label(code), loc="left", color=shade, size=10.5, weight="bold")
            ticks(ax)
            if from_zero:
                ax.set_ylim(0, 1.08 * (tallest if one_scale else table.max(axis=None)))
            else:
                ax.margins(y=0.1)
            year_axis(ax, first, last, labels=False, most=4 if cols > 1 else 7)
        for place in range(len(tables), axes.size):
            axes.flat[place].set_visible(False)
            axes.flat[place - cols].tick_params(labelbottom=True)  # years for the one above
        handles = [
            Line2D([], [], **{"marker": "o", "ms": 3, **s} | {"color": s.get("color") or INK})
            for s in styles.values()
        ]
        if len(styles) > 1:
            legend_line(figure, handles, list(styles))
    return figure


def multiples(
    tables: Mapping[str, pd.DataFrame],
    codes: Iterable[str],
    years: tuple[int, int],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    as_percent: Iterable[str] = (),
    note: str = "",
) -> Plate:
    """Return small multiples of indicators, the chosen regions against all the others.

    Parameters
    ----------
    tables : mapping of panel title to DataFrame
        Years × departments; those not in `codes` are drawn in light grey, each panel with its own
        years and scale (which need not begin at zero).
    years : (int, int)
        The report's years; what lies outside them is shaded.
    as_percent : iterable of str
        Panels whose values are ratios.
    """
    codes = list(codes)
    cols = min(2, len(tables))
    rows = -(-len(tables) // cols)
    panel = 1.95 + 0.12 * max(len(codes) - 4, 0)  # every line has its label
    figure, axes = plate(title, subtitle, sources, panel * rows + 0.1, rows, cols, note)
    hues, ends = colours(codes), []
    with mpl.rc_context(STYLE):
        for ax, (called, wide) in zip(axes.flat, tables.items(), strict=False):
            first, last = int(wide.index.min()), int(wide.index.max())
            # A point between two gaps has no line: it needs a mark.
            ax.plot(
                wide.index, wide.drop(columns=codes, errors="ignore"), color="#D8D8D8", lw=0.8,
                marker="o", ms=1.6, zorder=1,
            )  # fmt: skip
            figure.alt += f" {called}:"
            labels = []
            for code, marker in zip(codes, itertools.cycle(MARKERS), strict=False):
                if code not in wide:
                    continue
                own = wide[code]
                ax.plot(own.index, own, color=hues[code], marker=marker, ms=3.6, lw=1.6, zorder=3)
                end = own.last_valid_index()
                labels.append((end, own[end], label(code), hues[code]))
                figure.alt += " " + describe(label(code), own)
            ticks(ax, as_percent=called in set(as_percent))
            wanted = max((len(text) for _, _, text, _ in labels), default=0) * 0.093 * cols + 0.1
            room = min(wanted / 5.6, 0.6)
            year_axis(ax, first, last, labels=False, most=4 if room < 0.3 else 2)
            ax.set_xlim(first - 0.6, last + 0.6 + (last - first + 1.2) * room / (1 - room))
            start, stop = first - 0.6, last + 0.6
            for left, right in (
                (start, min(years[0] - 0.5, stop)), (max(years[1] + 0.5, start), stop)
            ):  # fmt: skip
                if left < right:
                    ax.axvspan(left, right, color="#F3F1EC", lw=0, zorder=0)
            ax.set_title(textwrap.fill(called, 33), loc="left", size=9.5, weight="bold")
            ends.append((ax, end_labels(ax, labels)))
        for ax in axes.flat[len(tables) :]:
            ax.set_visible(False)
        figure.settle()
        for ax, labels in ends:
            move_apart(ax, labels)
    return figure


def contributions(
    splits: Mapping[str, pd.DataFrame], title: str, subtitle: str, sources: Iterable[str]
) -> Plate:
    """Return each year's change split in two stacked parts, one panel a region.

    ``splits``: code → DataFrame with columns ``price``, ``yield``, ``change`` by year.
    """
    figure, axes = plate(
        title, subtitle, sources, 1.9 * len(splits) + 0.4, len(splits), 1, legend=True,
        sharex=True, sharey=True,
    )  # fmt: skip
    parts = {"price": (t("price"), "#3B3B3B", ""), "yield": (t("yield"), "#B9B9B9", "////")}
    hues = colours(splits)
    with mpl.rc_context(STYLE):
        for ax, (code, split) in zip(axes.flat, splits.items(), strict=True):
            above = pd.Series(0.0, index=split.index)
            below = above.copy()
            for part, (called, colour, hatch) in parts.items():
                value = split[part].fillna(0)
                start = above.where(value >= 0, below)
                ax.bar(
                    split.index, value, bottom=start, color=colour, hatch=hatch, width=0.75,
                    edgecolor="white", lw=0.4, label=called,
                )  # fmt: skip
                above += value.clip(lower=0)
                below += value.clip(upper=0)
                figure.alt += " " + t(
                    "{name}: {part} {sum} in all.", name=label(code), part=called,
                    sum=number(split[part].sum()),
                )  # fmt: skip
            ax.plot(
                split.index, split["change"], ls="", marker="D", ms=4.5, color=hues[code],
                mec="white", mew=0.6, label=t("change"), zorder=5,
            )  # fmt: skip
            ax.axhline(0, color=INK, lw=0.8)
            ax.set_title(label(code), loc="left", color=hues[code], size=10.5, weight="bold")
            ticks(ax)
            year_axis(ax, int(split.index.min()), int(split.index.max()), labels=False)
        handles, labels = axes.flat[0].get_legend_handles_labels()
        legend_line(figure, handles, labels)
    return figure


def leaders(leader: pd.Series, codes: Iterable[str], title: str, subtitle: str, sources) -> Plate:
    """Return a strip of years in which each region has the highest value."""
    codes = list(codes)
    figure, axes = plate(title, subtitle, sources, 0.32 * len(codes) + 0.45)
    ax, hues = axes[0, 0], colours(codes)
    with mpl.rc_context(STYLE):
        for row, code in enumerate(codes):
            years = leader.index[leader == code]
            ax.scatter(leader.index, [row] * len(leader), s=16, color="#E3E3E3", zorder=2)
            ax.scatter(years, [row] * len(years), s=105, marker="s", color=hues[code], zorder=3)
            figure.alt += " " + t("{name}: ahead in {n} years.", name=label(code), n=len(years))
        ax.set_yticks(range(len(codes)), [label(code) for code in codes])
        ax.set_ylim(len(codes) - 0.5, -0.5)
        ax.grid(visible=False)
        year_axis(ax, int(leader.index.min()), int(leader.index.max()), labels=False)
    return figure
