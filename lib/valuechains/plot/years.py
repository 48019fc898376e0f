"""Charts of years: lines, small multiples, contributions to each year's change."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..core.errors import DataError
from ..core.language import t, written
from . import figure as house
from .sources import kinds

NOTES = ("source", "origin")
DASHES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
CONTEXT = {"color": house.GREY, "lw": 1.4, "ls": DASHES[1], "marker": ".", "ms": 4, "zorder": 2}
# A point between two gaps has no line: it needs a mark.
OTHERS = {"color": "#D8D8D8", "lw": 0.8, "marker": "o", "ms": 1.6, "zorder": 1}
PARTS = (
    {"facecolor": "#3B3B3B", "edgecolor": "white"},
    {"facecolor": "#B9B9B9", "edgecolor": "white", "hatch": "////"},
    {"facecolor": "white", "edgecolor": house.GREY, "hatch": "...."},
)


def by_year(frame: pd.DataFrame | Mapping, keys: list[str], value: str) -> pd.DataFrame:
    """Return a row a figure: ``year``, the `keys`, ``value``, ``source`` and ``origin`` if known.

    Parameters
    ----------
    frame : DataFrame or mapping
        Long; or wide, with years as its index and a column a series; or a mapping of the first
        of two keys to such frames.
    keys : list of str
        One or two columns: the series, or panel and series. A single one that is missing is the
        column of the departments, or the first text. So may `value` be the only number.
    """
    if isinstance(frame, Mapping):
        parts = [
            by_year(part, keys[1:], value).assign(**{keys[0]: name}) for name, part in frame.items()
        ]
        long = pd.concat(
            parts or [pd.DataFrame(columns=["year", "value", *keys])], ignore_index=True
        )
    elif "year" not in frame:
        long = frame.rename_axis(index="year", columns=None).reset_index()
        long = long.melt("year", var_name=keys[0], value_name="value")
    else:
        rest = frame.drop(columns=["year", *NOTES], errors="ignore")
        numbers, words = (
            list(rest.select_dtypes("number")),
            list(rest.select_dtypes(exclude="number")),
        )
        found = value if value in rest or len(numbers) != 1 else numbers[0]
        if len(keys) == 1 and keys[0] not in frame and words:
            regions = [name for name in ("ubigeo", "region", "department") if name in words]
            frame = frame.rename(columns={(regions or words)[0]: keys[0]})
        long = frame.rename(columns={found: "value"})
    house.need(long, ["value", "year"], keys)
    long = long[[name for name in ("year", *keys, "value", *NOTES) if name in long]]
    long = long.dropna(subset="value", ignore_index=True)
    return long.assign(**{key: [house.code(text) for text in long[key]] for key in keys})


def across(long: pd.DataFrame, series: str) -> pd.DataFrame:
    """Return years × series over every year between the first and the last: gaps stay gaps."""
    double = long[long.duplicated(["year", series])]
    if len(double):
        name, year = house.region_name(double.iloc[0][series]), double.iloc[0]["year"]
        raise DataError(f"two figures for {name} in {year}: one can be drawn")
    wide = long.pivot(index="year", columns=series, values="value").astype(float)
    years = range(int(wide.index.min()), int(wide.index.max()) + 1)
    return wide.reindex(index=years, columns=list(dict.fromkeys(long[series])))


def draw(ax: Axes, wide: pd.DataFrame, looks: Mapping[str, dict]) -> list[tuple]:
    """Draw series by year as their looks say, others in light grey; returns the ends of lines."""
    others = wide[[name for name in wide if name not in looks]]
    ax.plot(others.index, others, **OTHERS)
    ends = []
    for name in (name for name in looks if name in wide):
        ax.plot(wide.index, wide[name], **{"zorder": 3} | looks[name])
        known = wide[name].dropna()
        ends.append(
            (known.index[-1], known.iloc[-1], house.region_name(name), looks[name]["color"])
        )
    return ends


def room_for(ends: list[tuple], cols: int = 1) -> float:
    """Return the part of an axis that the labels of line ends take."""
    longest = max((len(text) for _, _, text, _ in ends), default=0)
    return min(0.55, (house.BOLD_IN * longest + 0.15) * cols / 4.9) if longest else 0


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
    long = by_year(frame, [by], value)
    wide = across(long, by)
    figure, axes = house.begin(title or value, subtitle, long, height, **shared)
    ax, hues = axes[0, 0], house.colours(wide)
    first, last = wide.index[0], wide.index[-1]
    ends = draw(ax, wide, {name: {"color": hue} for name, hue in hues.items()})
    kind_of = kinds(long["source"].dropna()) if "source" in long else {}
    found = list(dict.fromkeys(kind_of.values())) or [""]
    markers = dict(zip(found, itertools.cycle(house.MARKERS), strict=False))
    kind = long["source"].map(kind_of) if kind_of else [""] * len(long)
    for (name, of), points in long.groupby([by, pd.Series(kind)]):
        fill = hues[name] if of == found[0] else "white"
        look = {"color": hues[name], "mfc": fill, "ms": 5 if len(found) > 1 else 3, "zorder": 4}
        ax.plot(points["year"], points["value"], markers[of], **look)
    drawn = wide
    if context is not None and context.loc[first:last].notna().any():
        known = context.loc[first:last].dropna()
        gaps = known.reindex(range(int(known.index[0]), int(known.index[-1]) + 1))
        ax.plot(gaps.index, gaps, **CONTEXT)
        ends.append((known.index[-1], known.iloc[-1], context_label, house.GREY))
        drawn = wide.assign(context=known)
    highest, lowest = drawn.max(axis=None), drawn.min(axis=None)
    if inverted:
        ax.set_ylim(highest + 0.6, 0.3)
        ax.set_yticks(range(1, int(highest) + 1, 1 if highest < 12 else 2))
    else:  # room for the word on the shaded years
        ax.set_ylim(min(0, 1.1 * lowest), (1.15 if shade else 1.05) * max(highest, 1e-9))
        house.ticks(ax.yaxis, write)
    house.year_axis(ax, first, last, room_for(ends))
    house.shade_years(ax, first, last, shade)
    for name in wide:
        figure.said.append(house.describe(house.region_name(name), wide[name], write))
    labels = house.end_labels(ax, ends)
    shown = found if len(found) > 1 else []
    marks = [house.marker_handle(markers[name], filled=name == found[0]) for name in shown]
    house.finish(figure, marks, shown)
    house.move_apart(ax, labels)
    return figure


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
        Codes: then series are departments, these in their colours, all others light grey.
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
    long = by_year(frame, [panel, series], value)
    names, named = list(dict.fromkeys(long[panel])), list(dict.fromkeys(long[series]))
    chosen = [house.code(region) for region in selected or ()]
    cols = min(columns, len(names))
    rows = -(-len(names) // cols)
    height += 0.13 * max(len(chosen) - 4, 0)  # every line has its label
    shape = {"sharex": one_scale, "sharey": one_scale} | shared
    full = (height + 0.2) * rows + 0.15
    figure, axes = house.begin(title or panel, subtitle, long, full, rows, cols, **shape)
    hues, labelled = house.colours(chosen or names), []
    looks = series_looks(named, set(quiet), named if points is True else points or ())
    for region, marker in zip(chosen, itertools.cycle(house.MARKERS), strict=False):
        looks[region] = {"color": hues[region], "marker": marker, "ms": 4, "lw": 1.6}
    for ax, name in zip(axes.flat, names, strict=False):
        wide, called = across(long[long[panel] == name], series), house.region_name(name)
        how = write.get(name, "short") if isinstance(write, Mapping) else write
        hue = house.INK if chosen or called == name else hues[name]
        own = (
            {x: looks[x] for x in chosen}
            if chosen
            else {x: {"color": hue} | looks[x] for x in named}
        )
        ends = draw(ax, wide, own)
        for _, _, text, _ in ends:
            key = next(x for x in own if house.region_name(x) == text)
            said = f"{called}, {text}" if len(named) > 1 else called
            figure.said.append(house.describe(said, wide[key], how))
        ax.margins(y=0.12)
        if from_zero:
            shown = long["value"] if one_scale else long.loc[long[panel] == name, "value"]
            top = (1.22 if shade else 1.08) * max(shown.max(), 1e-9)
            ax.set_ylim(min(0, 1.08 * shown.min()), top)
        house.ticks(ax.yaxis, how, 4)
        span = long["year"] if one_scale else wide.index
        first, last = int(span.min()), int(span.max())
        room = room_for(ends, cols) if chosen else 0
        most = 7 if cols == 1 else 4 if not room else 3 if room < 0.4 else 2
        house.year_axis(ax, first, last, room, most)
        house.shade_years(ax, first, last, shade)
        if years:
            for left, right in ((first - 0.5, years[0] - 0.5), (years[1] + 0.5, last + 0.5)):
                ax.axvspan(left, max(left, right), color=house.PALE, lw=0, zorder=0)
        look = {"loc": "left", "color": hue, "weight": "bold", "pad": 4}
        ax.set_title(textwrap.fill(called, 50 // cols), **look)
        labelled.append((ax, house.end_labels(ax, ends if chosen else [])))
    for place in range(len(names), axes.size):
        axes.flat[place].set_visible(False)
        axes.flat[place - cols].tick_params(labelbottom=True)  # years for the one above
    shown = named if len(named) > 1 and not chosen else []
    handles = [Line2D([], [], **{"color": house.INK} | looks[name]) for name in shown]
    house.finish(figure, handles, shown)
    for ax, labels in labelled:
        house.move_apart(ax, labels)
    return figure


def series_looks(names: list[str], quiet: set, points: Iterable[str]) -> dict[str, dict]:
    """Return how named series are drawn: dash and marker by their place, grey where quiet."""
    looks = {}
    loud = [name for name in names if name not in quiet]
    for i, name in enumerate(loud):
        marker = house.MARKERS[i % len(house.MARKERS)]
        looks[name] = {"ls": DASHES[i % 4], "marker": marker, "ms": 4 if len(names) > 1 else 3}
        if name in points:
            looks[name] |= {"ls": "", "ms": 6, "mfc": "white" if i else None}
    for i, name in enumerate(name for name in names if name in quiet):
        looks[name] = {"color": house.GREY, "ls": DASHES[1 + i % 3], "lw": 1.5}
    return looks


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
    long = by_year(frame, [panel, part], value)
    regions, parts = (list(dict.fromkeys(long[name])) for name in (panel, part))
    shape = {"sharex": True, "sharey": True} | shared
    height = 1.75 * len(regions) + 0.3
    figure, axes = house.begin(title or panel, subtitle, long, height, len(regions), 1, **shape)
    hues, looks = house.colours(regions), dict(zip(parts, itertools.cycle(PARTS), strict=False))
    for ax, region in zip(axes.flat, regions, strict=True):
        wide = across(long[long[panel] == region], part)
        above = below = pd.Series(0.0, index=wide.index)
        for name, values in wide.fillna(0).items():
            start = above.where(values >= 0, below)
            ax.bar(wide.index, values, bottom=start, width=0.75, lw=0.4, **looks[name])
            above, below = above + values.clip(lower=0), below + values.clip(upper=0)
            words = {"name": house.region_name(region), "part": name}
            words["sum"] = written(values.sum(), write)
            figure.said.append(t("{name}: {part} {sum} in all.", **words))
        look = {"color": hues[region], "mec": "white", "mew": 0.6, "ms": 6, "zorder": 5}
        ax.plot(wide.index, wide.sum(axis=1, min_count=1), "D", **look)
        ax.axhline(0, color=house.INK, lw=0.8)
        look = {"loc": "left", "color": hues[region], "weight": "bold", "pad": 4}
        ax.set_title(house.region_name(region), **look)
        house.year_axis(ax, int(long["year"].min()), int(long["year"].max()))
    house.ticks(axes[0, 0].yaxis, write, 5)
    handles = [*(Patch(**look) for look in looks.values()), house.marker_handle("D", house.GREY)]
    return house.finish(figure, handles, [*parts, total or t("change")])
