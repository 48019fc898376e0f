"""Charts of years: lines, small multiples.

They take frames that are long (a row a figure: ``year``, ``value``, the column of the series, that
of the panels, ``source`` and ``origin`` where known) or wide (years × series), and small multiples
a mapping of panel to wide frames. Points are hollow where a column ``is_doubtful`` of theirs is
true, in wide frames those of all series of a year.
"""

import itertools
import textwrap
from collections.abc import Callable, Iterable, Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from ..core import places
from ..core.errors import DataError
from ..core.language import t, written
from . import figure as house
from .sources import kinds

MOST_LINES, HIGHEST = 10, 6  # of more than the first, these are named
DASHES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
OTHERS = {"colors": "#D8D8D8", "linewidths": 0.8, "zorder": 1}
LONE = {"color": "#D8D8D8", "marker": "o", "ms": 1.6, "ls": "", "zorder": 1}


def by_year(frame: pd.DataFrame | Mapping, series: str, panel: str | None = None) -> pd.DataFrame:
    """Return a row a figure: ``year``, panel, series, ``value``, its bound, source and origin."""
    if isinstance(frame, Mapping):
        parts = [by_year(wide, series).assign(**{panel: name}) for name, wide in frame.items()]
        frame = pd.concat(parts or [pd.DataFrame(columns=["year", series, panel, "value"])])
    elif "year" not in frame:
        wide = frame.rename_axis(index="year", columns=None).reset_index()
        frame = wide.melt(wide.columns.intersection(["year", "is_doubtful"]), var_name=series)
    keys = [panel, series] if panel else [series]
    for wrong in {"year", "value"} & {*keys}:
        raise DataError(f"by={wrong!r}: it names the column that tells lines of a year apart")
    house.need(frame, ["value", "year"], keys)
    columns = ["year", *keys, "value", "bound", "is_doubtful", "source", "origin"]
    long = frame[[name for name in dict.fromkeys(columns) if name in frame]]
    long = long.dropna(subset=["value", "year"], ignore_index=True)
    house.need(long, ["value"])
    # Years are texts in many a file of one's own.
    years = pd.to_numeric(long["year"], errors="coerce")
    for wrong in long["year"][~(years.between(1000, 3000) & (years % 1 == 0))]:
        raise DataError(f"{wrong!r} is no year: expected a column `year`, or an index (index.year)")
    is_doubtful = pd.Series(long.get("is_doubtful", False), index=long.index).eq(True)
    named = {key: long[key].map(house.code) for key in keys}
    return long.assign(year=years, is_doubtful=is_doubtful, **named)


def drawn_of(long: pd.DataFrame, *columns: str) -> list[str]:
    """Return the columns that a chart draws: what is doubtful where anything is."""
    return [*columns, "value", *(["is_doubtful"] if long["is_doubtful"].any() else [])]


def draw(
    figure: house.Figure,
    ax: Axes,
    points: pd.DataFrame,
    series: str,
    looks: Mapping[str, dict],
    names: Mapping[str, str],
    write: str | Callable,
) -> list[tuple]:
    """Draw and tell series by year as their looks say, others in light grey; return line ends.

    The points of a series with a look have their words in the figure.
    """
    for name, year in points.loc[points.duplicated(["year", series]), [series, "year"]].values:
        raise DataError(f"two figures for {house.region_name(name)} in {year}; {house.CHOOSE}")
    wide = points.pivot(index="year", columns=series, values="value").astype(float)
    # Every year between the first and the last: gaps stay gaps.
    years = range(int(wide.index.min()), int(wide.index.max()) + 1)
    wide = wide.reindex(index=years, columns=points[series].unique())
    # A point between two gaps has no line: it needs a mark.
    lone = wide.where(wide.shift().isna() & wide.shift(-1).isna())
    others = [name for name in wide if name not in looks]
    lines = LineCollection([wide[name].reset_index() for name in others], **OTHERS)
    regions = [name if name in places.codes() else "" for name in others]
    lines.set_gid("-".join(["regions", *regions]))
    ax.add_collection(lines)
    dots = lone[others].melt(ignore_index=False)["value"].dropna().sort_index(kind="stable")
    if len(dots):
        ax.plot(dots.index, dots, **LONE | {"ms": 4 if len(years) == 1 else 1.6})
    ends = []
    for name in wide.columns.drop(others):
        figure.said.append(house.describe(names[name], wide[name], write))
        (line,) = ax.plot(wide.index, wide[name], **{"zorder": 3} | looks[name])
        dots = lone[name].dropna()
        if "marker" not in looks[name] and len(dots):
            ax.plot(dots.index, dots, **LONE | {"color": looks[name]["color"], "ms": 3})
        rows = points[points[series] == name].sort_values("year")
        texts = [written(value, write) for value in rows["value"]]
        words = [f"{names[name]}, {x}: {text}" for x, text in zip(rows["year"], texts, strict=True)]
        unsure = rows[rows["is_doubtful"]]
        said = dict(zip(rows.index, words, strict=True))
        figure.mark(line, said | {row: f"{said[row]}, {t('doubtful')}" for row in unsure.index})
        if len(unsure) and looks[name].get("marker", "None") != "None":
            look = looks[name] | {"ls": "", "mfc": "white", "zorder": 4}
            ax.plot(unsure["year"], unsure["value"], **look)
        last = wide[name].last_valid_index()
        ends.append((last, wide.at[last, name], house.region_name(name), looks[name]["color"]))
    return ends


@house.chart
def lines(
    figure: house.Figure,
    frame: pd.DataFrame,
    *,
    by: str = "ubigeo",
    quiet: Iterable[str] = (),
    selected: Iterable[str] = (),
    inverted: bool = False,
    write: str | Callable = "short",
) -> None:
    """Return a line chart of regions (or of other series, the column `by`) by year.

    Where figures are of several kinds of source, each kind has its marker. Series that are `quiet`
    are grey and dashed; `inverted` values are ranks: 1 stands on top. If some are `selected`, or
    there are more than ten (then the six that end highest), these are named, the others thin and
    grey.

    >>> lines(pd.DataFrame({"Cusco": [3.1, 4.2]}, index=[2000, 2001]), "Price").alt
    'Price. Cusco: 3.1 in 2000, 4.2 in 2001; low 3.1 (2000), high 4.2 (2001).'
    """
    long = by_year(frame, by)
    last = long.sort_values("year").groupby(by)["value"].last().sort_values().index
    chosen = [house.code(name) for name in selected]
    if not chosen:
        chosen = last[-HIGHEST:] if len(last) > MOST_LINES else last
    drawn = [name for name in long[by].unique() if name in chosen]
    others = long.loc[~long[by].isin(drawn), "value"]
    if len(others):
        n = len(last) - len(drawn)
        figure.note = f"{figure.note} {t('In grey: {n} others.', n=n)}".strip()
    ax = figure.lay_out(long, drawn_of(long, by), 3.0)[0, 0]
    figure.ranked = "" if inverted else "value", ["year"]
    hues = house.colours(drawn) | dict.fromkeys(quiet, house.GREY)
    # Those without a colour are told apart by their dashes; markers are of kinds of source.
    plain = [name for name in drawn if hues[name] in house.NEUTRAL]
    dashes = dict.fromkeys(drawn, "-") | dict(zip(plain, itertools.cycle(DASHES), strict=False))
    dashes |= dict.fromkeys(quiet, DASHES[1])
    looks = {x: {"color": hues[x], "ls": dashes[x], "marker": "None"} for x in drawn}
    ends = draw(figure, ax, long, by, looks, {x: house.region_name(x) for x in drawn}, write)
    if len(others):
        figure.said.append(house.rest(n, others, write))
    sources = long.get("source", pd.Series(index=long.index, dtype=object))
    kind = sources.map(kinds(sources.dropna()).get)
    found = list(kind.dropna().unique()) or [""]
    kind = kind.fillna(found[0])  # a series without a source has its points too
    markers = dict(zip(found, itertools.cycle(house.MARKERS), strict=False))
    named = long[long[by].isin(drawn)]
    for (name, of, is_unsure), points in named.groupby([by, kind, "is_doubtful"]):
        size = 5 if len(found) > 1 or is_unsure else 3
        look = {"color": hues[name], "mfc": "white" if is_unsure else hues[name], "ms": size}
        (marks,) = ax.plot(points["year"], points["value"], markers[of], zorder=4, **look)
        figure.mark(marks, {row: figure.marks[row] for row in points.index})
    lowest, highest = long["value"].agg(["min", "max"])
    if inverted:
        ax.set_ylim(highest + 0.6, 0.3)
        ax.set_yticks(range(1, int(highest) + 1, 1 if highest < 12 else 2))
    else:
        ax.set_ylim(min(0, 1.1 * lowest), 1.05 * max(highest, 1e-9))
        house.ticks(ax.yaxis, write)
    house.year_axis(ax, long["year"].min(), long["year"].max())
    shown = found if len(found) > 1 else []
    figure.finish([house.marker_handle(markers[x]) for x in shown], shown)
    house.label_ends(ax, ends)


@house.chart
def panels(
    figure: house.Figure,
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
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
    tell: Mapping[str, Callable] | None = None,
    columns: int = 2,
) -> None:
    """Return small multiples: named series a region, or regions against all others an indicator.

    With `selected` codes series are departments, these in their colours, all others light grey,
    with their names at the ends of their lines, or in a legend where these are long for a panel;
    else they have the colour of the region that is their panel, those that are `quiet` grey, and
    `points` no lines. What lies outside the `years` (first, last) is shaded. Panels share the value
    axis if `one_scale`; it begins at zero if `from_zero`. `write` says how the values of a panel
    are written; a percent spec makes a percent axis; `tell` how its marks say them, if otherwise.

    >>> wide = pd.DataFrame({"nominal": [3.0, 4.0], "real": [4.0, 3.5]}, index=[2000, 2001])
    >>> panels({"08": wide}, "Price", quiet=["nominal"]).said[0][:22]
    'Cusco, nominal: 3 in 2'
    """
    long = by_year(frame, series, panel)
    names, named = list(long[panel].unique()), list(long[series].unique())
    chosen = [region for region in house.colours(selected) if region in named]
    cols = min(columns, len(names))
    rows = -(-len(names) // cols)
    longest = max((len(house.region_name(region)) for region in chosen), default=0)
    is_long = longest * house.BOLD_IN > 0.3 * 4.9 / cols
    height = 1.9 + 0.13 * max(len(chosen) - 4, 0)  # every line has its label
    shape = {"rows": rows, "cols": cols, "sharex": one_scale, "sharey": one_scale}
    axes = figure.lay_out(long, drawn_of(long, panel, series), height * rows + 0.15, **shape)
    figure.ranked = "value", ["year", panel]
    if write:  # panels of several kinds say each what it is
        figure.fields = {}
    hues, labelled = house.colours(chosen or names), {}
    looks = series_looks(chosen or named, set(quiet), points)
    for region in chosen:
        looks[region] |= {"color": hues[region], "lw": 1.6, "ls": "-"}
    for ax, name in zip(axes.flat, names, strict=False):
        own, called = long[long[panel] == name], house.region_name(name)
        how = (write or {}).get(name, "short")
        hue = house.INK if chosen or called == name else hues[name]
        inked = {key: {"color": hue} | look for key, look in looks.items()}
        names_of = {x: f"{called}, {house.region_name(x)}" if named[1:] else called for x in named}
        ends = draw(figure, ax, own, series, inked, names_of, (tell or {}).get(name, how))
        labelled[ax] = ends if chosen and not is_long else []
        shown = long if one_scale else own
        ax.margins(y=0.12)
        if from_zero:
            low, high = 1.08 * shown["value"].agg(["min", "max"])
            ax.set_ylim(min(0, low), max(high, 1e-9))
        house.ticks(ax.yaxis, how, 4)
        first, last = shown["year"].min(), shown["year"].max()
        house.year_axis(ax, first, last, 7 if cols == 1 else 2 if labelled[ax] else 4)
        for left, right in ((first, years[0]), (years[1] + 1, last + 1)) if years else ():
            ax.axvspan(left - 0.5, max(left, right) - 0.5, color=house.PALE, lw=0, zorder=0)
        ax.set_title(textwrap.fill(called, 38 // cols), loc="left", color=hue, weight="bold", pad=4)
    for place in range(len(names), axes.size):
        axes.flat[place].set_visible(False)
        axes.flat[place - cols].tick_params(labelbottom=True)  # years for the one above
    shown = (chosen if is_long else []) if chosen else named if len(named) > 1 else []
    handles = [Line2D([], [], **{"color": house.INK} | looks[name]) for name in shown]
    figure.finish(handles, [house.region_name(name) for name in shown])
    for ax, ends in labelled.items():
        house.label_ends(ax, ends)


def series_looks(names: list[str], quiet: set, points: bool) -> dict[str, dict]:
    """Return how named series are drawn: dash and marker by their place, grey where quiet."""
    looks = {}
    for i, name in enumerate(sorted(names, key=quiet.__contains__)):
        looks[name] = {"ls": DASHES[i % 4], "marker": house.MARKERS[i % 6], "ms": 4}
        if points:
            looks[name] |= {"ls": "", "ms": 6, "mfc": "white" if i else None}
        if name in quiet:
            looks[name] = {"color": house.GREY, "ls": DASHES[i % 4], "lw": 1.5}
    return looks
