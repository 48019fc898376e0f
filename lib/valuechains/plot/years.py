"""Charts of years: lines, small multiples.

They take frames that are long (a row a figure: ``year``, ``value``, the column of the series, that
of the panels, ``source`` and ``origin`` where known) or wide (years × series), and small multiples
a mapping of panel to wide frames.
"""

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..core.errors import DataError
from . import figure as house
from .sources import kinds

DASHES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
# A point between two gaps has no line: it needs a mark.
OTHERS = {"color": "#D8D8D8", "lw": 0.8, "marker": "o", "ms": 1.6, "zorder": 1}


def by_year(frame: pd.DataFrame | Mapping, series: str, panel: str | None = None) -> pd.DataFrame:
    """Return a row a figure: ``year``, panel, series, ``value``, ``source``, ``origin``."""
    keys = [panel, series] if panel else [series]
    if isinstance(frame, Mapping):
        parts = [by_year(wide, series).assign(**{panel: name}) for name, wide in frame.items()]
        long = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=keys)
    elif "year" in frame:
        long = frame
    else:
        wide = frame.rename_axis(index="year", columns=None).reset_index()
        long = wide.melt("year", var_name=series)
    house.need(long, ["value", "year"], keys)
    columns = ["year", *keys, "value", "source", "origin"]
    long = long[[name for name in columns if name in long]]
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
    ax.plot(wide.index, wide.drop(columns=looks, errors="ignore"), **OTHERS)
    ends = []
    for name in wide.columns.intersection(list(looks), sort=False):
        ax.plot(wide.index, wide[name], **{"zorder": 3} | looks[name])
        known = wide[name].dropna()
        end = (known.index[-1], known.iloc[-1])
        ends.append((*end, house.region_name(name), looks[name]["color"]))
    return ends


def room_for(ends: list[tuple], cols: int = 1) -> float:
    """Return the part of an axis that the labels of line ends take."""
    longest = max((len(text) for _, _, text, _ in ends), default=0)
    return min(0.55, (house.BOLD_IN * longest + 0.15) * cols / 4.9) if longest else 0


@house.chart
def lines(
    frame: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    *,
    by: str = "ubigeo",
    quiet: Iterable[str] = (),
    inverted: bool = False,
    write: str | Callable = "short",
    **shared: Any,
) -> house.Figure:
    """Return a line chart of regions (or of other series) by year.

    Where figures are of several kinds of source, each kind has its marker.

    Parameters
    ----------
    by : str
        Column of the series.
    quiet : iterable of str
        Series in grey and dashed.
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
    long = by_year(frame, by)
    wide = across(long, by)
    figure, axes = house.begin(title, subtitle, long, [by, "value"], 3.0, **shared)
    ax, hues = axes[0, 0], house.colours(wide) | dict.fromkeys(quiet, house.GREY)
    first, last = wide.index[0], wide.index[-1]
    looks = {name: {"color": hues[name], "ls": DASHES[name in quiet]} for name in wide}
    ends = draw(ax, wide, looks)
    kind_of = kinds(long["source"].dropna()) if "source" in long else {}
    kind = long["source"].map(kind_of) if kind_of else pd.Series("", index=long.index)
    found = list(dict.fromkeys(kind.dropna()))
    kind = kind.fillna(found[0])  # a series without a source has its points too
    markers = dict(zip(found, itertools.cycle(house.MARKERS), strict=False))
    for (name, of), points in long.groupby([by, kind]):
        fill = hues[name] if of == found[0] else "white"
        look = {"color": hues[name], "mfc": fill, "ms": 5 if len(found) > 1 else 3, "zorder": 4}
        ax.plot(points["year"], points["value"], markers[of], **look)
    highest, lowest = long["value"].max(), long["value"].min()
    if inverted:
        ax.set_ylim(highest + 0.6, 0.3)
        ax.set_yticks(range(1, int(highest) + 1, 1 if highest < 12 else 2))
    else:
        ax.set_ylim(min(0, 1.1 * lowest), 1.05 * max(highest, 1e-9))
        house.ticks(ax.yaxis, write)
    house.year_axis(ax, first, last, room_for(ends))
    for name in wide:
        figure.said.append(house.describe(house.region_name(name), wide[name], write))
    shown = found if len(found) > 1 else []
    marks = [house.marker_handle(markers[name], filled=name == found[0]) for name in shown]
    house.finish(figure, marks, shown)
    house.label_ends(ax, ends)
    return figure


@house.chart
def panels(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
    title: Any,
    subtitle: str = "",
    *,
    panel: str = "ubigeo",
    series: str = "series",
    selected: Iterable[str] = (),
    quiet: Iterable[str] = (),
    points: bool = False,
    years: tuple[int, int] | None = None,
    one_scale: bool = True,
    from_zero: bool = True,
    write: Mapping[str, str] | None = None,
    columns: int = 2,
    **shared: Any,
) -> house.Figure:
    """Return small multiples: named series a region, or regions against all others an indicator.

    Parameters
    ----------
    selected : iterable of str
        Codes: then series are departments, these in their colours, all others light grey.
    quiet : iterable of str
        Named series in grey; the others have the colour of the region that is their panel.
    points : bool
        Named series are points without a line.
    years : (first, last), optional
        What lies outside these years is shaded.
    one_scale, from_zero : bool
        Panels share the value axis; it begins at zero.
    write : mapping, optional
        Panel → how its values are written; a percent spec makes a percent axis.

    Examples
    --------
    >>> wide = pd.DataFrame({"nominal": [3.0, 4.0], "real": [4.0, 3.5]}, index=[2000, 2001])
    >>> panels({"08": wide}, "Price", quiet=["nominal"]).said[0][:22]
    'Cusco, nominal: 3 in 2'
    """
    long = by_year(frame, series, panel)
    names, named = list(dict.fromkeys(long[panel])), list(dict.fromkeys(long[series]))
    chosen = list(house.colours(selected))
    cols = min(columns, len(names))
    rows = -(-len(names) // cols)
    height = 1.9 + 0.13 * max(len(chosen) - 4, 0)  # every line has its label
    drawn, shape = [panel, series, "value"], {"sharex": one_scale, "sharey": one_scale} | shared
    full = height * rows + 0.15
    figure, axes = house.begin(title, subtitle, long, drawn, full, rows, cols, **shape)
    hues, labelled = house.colours(chosen or names), []
    looks = series_looks(chosen or named, set(quiet), points)
    for region in chosen:
        looks[region] |= {"color": hues[region], "lw": 1.6, "ls": "-"}
    for ax, name in zip(axes.flat, names, strict=False):
        own = long[long[panel] == name]
        wide, called = across(own, series), house.region_name(name)
        how = (write or {}).get(name, "short")
        hue = house.INK if chosen or called == name else hues[name]
        ends = draw(ax, wide, {key: {"color": hue} | look for key, look in looks.items()})
        for key in wide.columns.intersection(list(looks), sort=False):
            said = f"{called}, {house.region_name(key)}" if len(named) > 1 else called
            figure.said.append(house.describe(said, wide[key], how))
        ax.margins(y=0.12)
        shown = long if one_scale else own
        if from_zero:
            top = 1.08 * max(shown["value"].max(), 1e-9)
            ax.set_ylim(min(0, 1.08 * shown["value"].min()), top)
        house.ticks(ax.yaxis, how, 4)
        first, last = int(shown["year"].min()), int(shown["year"].max())
        room = room_for(ends, cols) if chosen else 0
        most = 7 if cols == 1 else 4 if not room else 3 if room < 0.4 else 2
        house.year_axis(ax, first, last, room, most)
        if years:
            for left, right in ((first - 0.5, years[0] - 0.5), (years[1] + 0.5, last + 0.5)):
                ax.axvspan(left, max(left, right), color=house.PALE, lw=0, zorder=0)
        look = {"loc": "left", "color": hue, "weight": "bold", "pad": 4}
        ax.set_title(textwrap.fill(called, 42 // cols), **look)
        labelled.append((ax, ends))
    for place in range(len(names), axes.size):
        axes.flat[place].set_visible(False)
        axes.flat[place - cols].tick_params(labelbottom=True)  # years for the one above
    shown = named if len(named) > 1 and not chosen else []
    handles = [Line2D([], [], **{"color": house.INK} | looks[name]) for name in shown]
    house.finish(figure, handles, shown)
    for ax, ends in labelled if chosen else []:
        house.label_ends(ax, ends)
    return figure


def series_looks(names: list[str], quiet: set, points: bool) -> dict[str, dict]:
    """Return how named series are drawn: dash and marker by their place, grey where quiet."""
    looks = {}
    for i, name in enumerate(sorted(names, key=lambda name: name in quiet)):
        marker = house.MARKERS[i % len(house.MARKERS)]
        looks[name] = {"ls": DASHES[i % 4], "marker": marker, "ms": 4}
        if points:
            looks[name] |= {"ls": "", "ms": 6, "mfc": "white" if i else None}
        if name in quiet:
            looks[name] = {"color": house.GREY, "ls": DASHES[i % 4], "lw": 1.5}
    return looks
