"""Charts of years: lines, small multiples, contributions to each year's change."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ..core.errors import DataError
from ..core.language import t, written
from . import figure as house
from .sources import kinds

OTHERS = "#D8D8D8"
DASHES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))


def by_year(frame: pd.DataFrame, series: str, value: str) -> pd.DataFrame:
    """Return a frame as one row a figure: ``year``, `series`, ``value``, ``source``, ``origin``.

    A wide frame has years as its index and a column a series. Of a long one the column `series`
    may be missing where there is only one text column; so may `value`. Departments' names become
    their codes.
    """
    if "year" not in frame:
        long = frame.rename_axis(index="year").reset_index()
        long = long.melt("year", var_name=series, value_name="value")
    else:
        notes = [name for name in ("source", "origin") if name in frame]
        rest = frame.drop(columns=["year", *notes])
        numbers = list(rest.select_dtypes("number"))
        words = [name for name in rest if name not in numbers]
        if value not in rest and len(numbers) == 1:
            value = numbers[0]
        if series not in rest:
            known = [name for name in ("ubigeo", "region", "department") if name in words] or words
            series = known[0] if known else series
        house.need(frame, [value, "year"], [series])
        long = frame[["year", series, value, *notes]].rename(columns={value: "value"})
    house.need(long, ["value"])
    long = long.dropna(subset="value").reset_index(drop=True)
    return long.assign(**{series: [house.code(text) for text in long[series]]})


def across(long: pd.DataFrame, series: str, value: str = "value") -> pd.DataFrame:
    """Return years × series over every year between the first and the last: gaps stay gaps."""
    double = long[long.duplicated(["year", series])]
    if len(double):
        row = double.iloc[0]
        raise DataError(
            f"two figures for {house.region_name(row[series])} in {row['year']}: one can be drawn"
        )
    wide = long.pivot(index="year", columns=series, values=value)
    years = range(int(wide.index.min()), int(wide.index.max()) + 1)
    return wide.reindex(index=years, columns=list(dict.fromkeys(long[series])))


@house.chart
def lines(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    value: str = "value",
    by: str = "ubigeo",
    context: pd.Series | None = None,
    context_label: str = "",
    shade: tuple[int, int, str] | None = None,
    inverted: bool = False,
    write: str | Callable = "short",
    height: float = 3.1,
    **shared: Any,
) -> house.Figure:
    """Return a line chart of regions (or of other series) by year.

    Parameters
    ----------
    frame : DataFrame
        Long (``year``, `by`, `value`, ``source``) or wide (years × codes or names). Where the
        figures are of several kinds of source, each kind has its marker.
    context : Series by year, optional
        A grey dashed line called `context_label`, within the frame's years.
    shade : (first, last, label), optional
        Years marked behind the lines.
    inverted : bool
        The values are ranks: 1 stands on top.
    **shared
        ``sources``, ``note``, ``key``, ``unit``: see :func:`valuechains.plot.figure.begin`.

    Raises
    ------
    DataError
        When there is nothing to draw, or two figures for one year.

    Examples
    --------
    >>> lines(pd.DataFrame({"Cusco": [3.1, 4.2]}, index=[2000, 2001]), "Price").alt
    'Price. Cusco: 3.1 in 2000, 4.2 in 2001; from 3.1 (2000) to 4.2 (2001).'
    """
    long = by_year(frame, by, value)
    by = next(name for name in long if name not in ("year", "value", "source", "origin"))
    wide = across(long, by)
    if title is None:
        title = (value if value != "value" else by).replace("_", " ").capitalize()
    figure, axes = house.begin(title, subtitle, long, height, **shared)
    ax, hues = axes[0, 0], house.colours(wide)
    first, last = int(wide.index.min()), int(wide.index.max())
    ends, highest, lowest = [], wide.max(axis=None), wide.min(axis=None)
    house.shade_years(ax, first, last, shade)
    if context is not None and (context := context.loc[first:last].dropna()).size:
        look = {
            "color": house.GREY,
            "lw": 1.4,
            "ls": DASHES[1],
            "marker": ".",
            "ms": 4,
            "zorder": 2,
        }
        ax.plot(context.index, context, **look)
        ends.append((context.index[-1], context.iloc[-1], context_label, house.GREY))
        highest, lowest = max(highest, context.max()), min(lowest, context.min())
    kind_of = kinds(long["source"].dropna()) if "source" in long else {}
    found = list(dict.fromkeys(kind_of.values()))
    markers = dict(zip(found, itertools.cycle(house.MARKERS), strict=False))
    for region in wide:
        values, hue = wide[region].dropna(), hues[region]
        ax.plot(wide.index, wide[region], color=hue, zorder=3)
        own = long[long[by] == region]
        kind = own["source"].map(kind_of) if "source" in own else pd.Series("", index=own.index)
        for name, points in own.groupby(kind):
            marker = markers.get(name, "o")
            fill = hue if marker == "o" else "white"
            size = 5 if len(found) > 1 else 2 if len(wide) > 30 else 4
            ax.plot(points["year"], points["value"], marker, color=hue, mfc=fill, ms=size, zorder=4)
        ends.append((values.index[-1], values.iloc[-1], house.region_name(region), hue))
        figure.said.append(house.describe(house.region_name(region), wide[region], write))
    house.ticks(ax.yaxis, write)
    longest = max(len(text) for _, _, text, _ in ends)
    house.year_axis(ax, first, last, min(0.45, (house.BOLD_IN * longest + 0.1) / 4.9))
    if inverted:
        ax.set_ylim(highest + 0.6, 0.3)
        ax.set_yticks(range(1, int(highest) + 1, 1 if highest < 12 else 2))
    else:
        # room for the word on the shaded years
        ax.set_ylim(min(0, 1.1 * lowest), (1.15 if shade else 1.05) * max(highest, 1e-9))
    labels = house.end_labels(ax, ends)
    if len(found) > 1:
        handles = [
            house.marker_handle(markers[name], filled=markers[name] == "o") for name in found
        ]
        house.finish(figure, handles, found)
    else:
        house.finish(figure)
    house.move_apart(ax, labels)
    return figure


def by_panel(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame], panel: str, series: str, value: str
) -> pd.DataFrame:
    """Return small multiples as one long frame; a mapping holds a wide frame a panel."""
    if isinstance(frame, Mapping):
        parts = [by_year(wide, series, value).assign(**{panel: key}) for key, wide in frame.items()]
        if not parts:
            raise DataError("nothing to draw: there is no panel")
        return pd.concat(parts, ignore_index=True)
    house.need(frame, [value, "year"], [panel, series])
    notes = [name for name in ("source", "origin") if name in frame]
    long = frame[["year", panel, series, value, *notes]].rename(columns={value: "value"})
    long = long.dropna(subset="value").reset_index(drop=True)
    columns = {name: [house.code(text) for text in long[name]] for name in (panel, series)}
    return long.assign(**columns)


@house.chart
def panels(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
    title: Any = None,
    subtitle: str = "",
    *,
    panel: str = "ubigeo",
    series: str = "series",
    value: str = "value",
    selected: Iterable[str] | None = None,
    quiet: Iterable[str] = (),
    points: Iterable[str] | bool = (),
    years: tuple[int, int] | None = None,
    shade: tuple[int, int, str] | None = None,
    one_scale: bool = True,
    from_zero: bool = True,
    write: str | Callable | Mapping[str, str] = "short",
    columns: int = 2,
    height: float = 1.7,
    **shared: Any,
) -> house.Figure:
    """Return small multiples: named series a region, or regions against all others an indicator.

    Parameters
    ----------
    frame : DataFrame or mapping
        Long (``year``, `panel`, `series`, `value`) or {panel: years × series}.
    selected : iterable of str, optional
        Codes: then series are departments, these in their house.colours, all others light grey.
    quiet : iterable of str
        Named series in grey; the others have the colour of the region that is their panel.
    points : iterable of str, or True
        Named series drawn as points without a line.
    years : (first, last), optional
        What lies outside these years is shaded.
    shade : (first, last, label), optional
        Years marked behind the lines.
    one_scale, from_zero : bool
        Panels share the value axis; it begins at zero.
    write : spec, or mapping of panel to spec
        A percent spec makes a percent axis.

    Examples
    --------
    >>> wide = pd.DataFrame({"nominal": [3.0, 4.0], "real": [4.0, 3.5]}, index=[2000, 2001])
    >>> panels({"08": wide}, "Price", quiet=["nominal"]).said[0][:22]
    'Cusco, nominal: 3 in 2'
    """
    long = by_panel(frame, panel, series, value)
    names = list(dict.fromkeys(long[panel]))
    series_names = list(dict.fromkeys(long[series]))
    cols = min(columns, len(names))
    rows = -(-len(names) // cols)
    chosen = [house.code(region) for region in selected or ()]
    height += 0.13 * max(len(chosen) - 4, 0)  # every line has its label
    figure, axes = house.begin(
        title or panel, subtitle, long, (height + 0.2) * rows + 0.15, rows, cols,
        sharex=one_scale, sharey=one_scale, **shared,
    )  # fmt: skip
    is_named = selected is None
    hues = house.colours(names if is_named else chosen)
    looks = _looks(series_names, set(quiet), points)
    labelled = []
    for ax, name in zip(axes.flat, names, strict=False):
        wide = across(long[long[panel] == name], series)
        first, last = int(wide.index.min()), int(wide.index.max())
        how = write.get(name, "short") if isinstance(write, Mapping) else write
        house.shade_years(ax, first, last, shade)
        hue = hues[name] if is_named and house.region_name(name) != name else house.INK
        ends = []
        if is_named:
            for one in wide:
                ax.plot(wide.index, wide[one], **{"color": hue, **looks[one]})
                said = (
                    f"{house.region_name(name)}, {one}"
                    if len(series_names) > 1
                    else house.region_name(name)
                )
                figure.said.append(house.describe(said, wide[one], how))
        else:
            # A point between two gaps has no line: it needs a mark.
            others = wide.drop(columns=chosen, errors="ignore")
            ax.plot(others.index, others, color=OTHERS, lw=0.8, marker="o", ms=1.6, zorder=1)
            figure.said.append(f"{house.region_name(name)}:")
            drawn = [region for region in chosen if region in wide]
            for region, marker in zip(drawn, itertools.cycle(house.MARKERS), strict=False):
                own = wide[region].dropna()
                look = {"color": hues[region], "marker": marker, "ms": 4, "lw": 1.6, "zorder": 3}
                ax.plot(wide.index, wide[region], **look)
                ends.append((own.index[-1], own.iloc[-1], house.region_name(region), hues[region]))
                figure.said.append(house.describe(house.region_name(region), wide[region], how))
        house.ticks(ax.yaxis, how, 4)
        ax.set_title(
            textwrap.fill(house.region_name(name), 50 // cols),
            loc="left",
            color=hue,
            weight="bold",
            pad=4,
        )
        longest = max((len(text) for _, _, text, _ in ends), default=0)
        room = min(0.55, (house.BOLD_IN * longest + 0.1) * cols / 4.9) if longest else 0
        house.year_axis(
            ax, first, last, room, 7 if cols == 1 else 4 if not room else 3 if room < 0.4 else 2
        )
        if from_zero:
            top = long["value"].max() if one_scale else wide.max(axis=None)
            bottom = long["value"].min() if one_scale else wide.min(axis=None)
            ax.set_ylim(min(0, 1.08 * bottom), (1.22 if shade else 1.08) * max(top, 1e-9))
        else:
            ax.margins(y=0.12)
        if years:
            _shade_outside(ax, first, last, years)
        labelled.append((ax, house.end_labels(ax, ends)))
    for place in range(len(names), axes.size):
        axes.flat[place].set_visible(False)
        axes.flat[place - cols].tick_params(labelbottom=True)  # years for the one above
    shown = is_named and len(series_names) > 1
    handles = [
        axes.flat[0].plot([], [], **{"color": house.INK, **looks[name]})[0] for name in series_names
    ] if shown else []  # fmt: skip
    house.finish(figure, handles, series_names if shown else ())
    for ax, labels in labelled:
        house.move_apart(ax, labels)
    return figure


def _looks(names: list[str], quiet: set, points: Iterable[str] | bool) -> dict:
    """Return how each named series is drawn: dash and marker by its place, grey where quiet."""
    looks = {}
    loud = [name for name in names if name not in quiet]
    markers = dict(zip(loud, itertools.cycle(house.MARKERS), strict=False))
    for i, name in enumerate(names):
        look = {"ms": 3 if len(names) == 1 else 4, "lw": 1.8}
        if points is True or (points is not False and name in points):
            look |= {
                "ls": "",
                "marker": markers.get(name, "x"),
                "mfc": "none" if i else None,
                "ms": 6,
            }
        elif name in quiet:
            look |= {"color": house.GREY, "ls": DASHES[1 + i % 3], "lw": 1.5}
        else:
            look |= {"ls": DASHES[loud.index(name) % 4], "marker": markers[name]}
        looks[name] = {key: value for key, value in look.items() if value is not None}
    return looks


def _shade_outside(ax: Axes, first: int, last: int, years: tuple[int, int]) -> None:
    """Shade what lies outside the years chosen."""
    start, stop = first - 0.5, last + 0.5
    before, after = min(years[0] - 0.5, stop), max(years[1] + 0.5, start)
    for left, right in ((start, before), (after, stop)):
        if left < right:
            ax.axvspan(left, right, color=house.PALE, lw=0, zorder=0)


@house.chart
def contributions(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
    title: Any = None,
    subtitle: str = "",
    *,
    panel: str = "ubigeo",
    part: str = "part",
    value: str = "value",
    total: str = "",
    write: str | Callable = "0",
    **shared: Any,
) -> house.Figure:
    """Return each year's change as stacked parts with a diamond at their sum, a panel a region.

    Parameters
    ----------
    frame : DataFrame or mapping
        Long (``year``, `panel`, `part`, `value`) or {code: years × parts}.
    total : str
        What the sum of the parts is called; "change" by default.

    Examples
    --------
    >>> split = pd.DataFrame({"price": [3.0, -1], "yield": [-1.0, -2]}, index=[2001, 2002])
    >>> contributions({"08": split}, "Change").said
    ['Cusco: price 2 in all.', 'Cusco: yield −3 in all.']
    """
    long = by_panel(frame, panel, part, value)
    regions, parts = (list(dict.fromkeys(long[name])) for name in (panel, part))
    height = 1.75 * len(regions) + 0.3
    figure, axes = house.begin(
        title or panel, subtitle, long, height, len(regions), 1, sharex=True, sharey=True, **shared
    )
    hues = house.colours(regions)
    looks = [("#3B3B3B", ""), ("#B9B9B9", "////"), ("white", "....")]
    styles = {
        name: {"facecolor": colour, "hatch": hatch, "edgecolor": "white" if colour != "white" else house.GREY}
        for name, (colour, hatch) in zip(parts, itertools.cycle(looks), strict=False)
    }  # fmt: skip
    for ax, region in zip(axes.flat, regions, strict=True):
        wide = across(long[long[panel] == region], part)
        above = pd.Series(0.0, index=wide.index)
        below = above.copy()
        for name, values in wide.fillna(0).items():
            start = above.where(values >= 0, below)
            ax.bar(wide.index, values, bottom=start, width=0.75, lw=0.4, **styles[name])
            above += values.clip(lower=0)
            below += values.clip(upper=0)
            words = {
                "name": house.region_name(region),
                "part": name,
                "sum": written(values.sum(), write),
            }
            figure.said.append(t("{name}: {part} {sum} in all.", **words))
        change = wide.sum(axis=1, min_count=1)
        look = {"color": hues[region], "mec": "white", "mew": 0.6, "ms": 6, "zorder": 5}
        ax.plot(wide.index, change, "D", **look)
        ax.axhline(0, color=house.INK, lw=0.8)
        ax.set_title(
            house.region_name(region), loc="left", color=hues[region], weight="bold", pad=4
        )
        house.ticks(ax.yaxis, write, 5)
        house.year_axis(ax, int(long["year"].min()), int(long["year"].max()))
    handles = [*(Patch(**styles[name]) for name in parts), house.marker_handle("D", house.GREY)]
    return house.finish(figure, handles, [*parts, total or t("change")])
