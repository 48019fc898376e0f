"""Maps of departments and provinces: equal areas, honest classes, gaps shown as gaps."""

import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path

from ..core import places
from ..core.errors import DataError, there_are
from ..core.language import bound_words, t, written
from ..core.paths import PROCESSED, relative
from ..indicators.spatial import contiguity
from . import figure as house

SEA, LAND, WATER, NO_FIGURE = "#EAF1F5", "#E4E2DE", "#BFD9E6", "#FAFAF7"
SIGNS = {"more_than": ">", "at_least": "≥", "about": "~", "almost": "<"}
MAP_IN, LEGEND_CHARACTERS = 5.9, 28  # height of the map, width of its legend
MARGIN_M = 110e3  # what is shown around the country
# Figures below zero: from light to dark like house.SHADES, of another hue.
BELOW = ("#E6C3C3", "#EBB483", "#D48545", "#A9591F", "#743609", "#431D02")
ZERO = {"facecolor": "white", "edgecolor": "#BBBBBB"}
MISSING = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4"}
DOTTED = {"facecolor": NO_FIGURE, "hatch": "....", "edgecolor": "#6B8E7F"}
LOOSE = {"facecolor": "#8A8A8A", "hatch": "\\\\\\\\", "edgecolor": "white", "lw": 0.7}


@lru_cache(maxsize=3)
def _layer(name: str) -> gpd.GeoDataFrame:
    path = PROCESSED / f"{name}.geojson"
    if not path.is_file():
        cure = "run `make data`"
        if name == "provinces":
            cure = (
                "`make add FILE=…` takes a file of polygons with their UBIGEO codes, then " + cure
            )
        raise DataError(f"no boundaries, {relative(path)} is missing: {cure}")
    # Read with json: a GeoJSON driver would be slower for so little.
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs(places.EQUAL_AREA)


def departments() -> gpd.GeoDataFrame:
    """Return the 25 departments (``ubigeo``, ``name``, ``geometry``) in an equal-area projection.

    Units are metres; Lake Titicaca belongs to no department.

    >>> len(departments())
    25
    """
    return _layer("boundaries").copy()


def neighbours(codes: Iterable[str]) -> dict[str, list[str]]:
    """Return the departments that each code borders on, in INEI's order.

    >>> neighbours(["07"])
    {'07': ['15']}
    """
    touches = contiguity(departments().set_index("ubigeo").geometry)
    return {code: list(touches.index[touches[code] > 0]) for code in codes}


def nice_breaks(values: Iterable[float], classes: int = 5) -> list[float]:
    """Return upper class limits on the ladder 1, 2, 5, 10 … that hold the largest value.

    Made from all the values that maps of one series show, so that its classes stay the same
    over the years.

    >>> nice_breaks([3, 90_000])
    [5000.0, 10000.0, 20000.0, 50000.0, 100000.0]
    """
    largest = max((value for value in values if value > 0), default=1.0)
    ladder = [step * 10.0**power for power in range(-6, 12) for step in (1, 2, 5)]
    top = next(i for i, step in enumerate(ladder) if step >= largest)
    return ladder[max(top - classes + 1, 0) : top + 1]


def paint(ax: Axes, shapes: gpd.GeoDataFrame, **style: object) -> PathCollection:
    """Draw areas or lines; in a third of the time that ``GeoDataFrame.plot`` takes."""
    paths = []
    for shape in shapes.geometry:
        parts = shapely.get_parts(shape)
        areas = shapely.get_dimensions(parts) == 2
        lines = shapely.get_parts(np.where(areas, shapely.boundary(parts), parts))
        points, line = shapely.get_coordinates(lines, return_index=True)
        paths.append(Path(points, np.where(np.diff(line, prepend=-1), Path.MOVETO, Path.LINETO)))
    return ax.add_collection(PathCollection(paths, **style), autolim=False)


def ground(ax: Axes, shapes: gpd.GeoDataFrame) -> float:
    """Draw sea, land, borders, lakes and a scale bar; returns how many metres an inch stands for.

    There is sea on the left, where the legend stands.
    """
    base = _layer("basemap")
    left, bottom, right, top = shapes.total_bounds
    bottom, top, right = bottom - MARGIN_M / 3, top + MARGIN_M / 3, right + MARGIN_M
    inch = (top - bottom) / MAP_IN
    ax.set_facecolor(SEA)
    limits = (min(left - MARGIN_M, right - inch * (house.WIDTH_IN - 0.12)), bottom, right, top)
    base = base.assign(geometry=shapely.clip_by_rect(base.geometry, *limits))
    paint(ax, base[base["layer"] == "land"], facecolor=LAND, lw=0)
    paint(ax, base[base["layer"] == "border"], facecolor="none", edgecolor="white", lw=1, zorder=2)
    paint(ax, base[base["layer"] == "lake"], facecolor=WATER, lw=0, zorder=4)
    start, height = right - 360e3, bottom + 0.04 * (top - bottom)
    ax.plot([start, start + 300e3], [height] * 2, color=house.INK, lw=2, zorder=6)
    place = {"ha": "center", "va": "top", "zorder": 6, **house.halo()}
    ax.text(start + 150e3, height - 0.006 * (top - bottom), "300 km", **place)
    ax.set(xlim=(limits[0], right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    return inch


def classes(values: pd.Series, bounds: pd.Series, limits: list[float]) -> pd.Series:
    """Return the number of each value's class by its size, from 1; below zero −1, −2 …; 0 for zero.

    A class holds its upper limit; "more than 50" belongs above it.
    """
    if len(limits) > len(house.SHADES):
        raise DataError(f"a map has at most {len(house.SHADES)} classes, not {len(limits)}")
    sizes = values.abs()
    lower, upper = (np.searchsorted(limits, sizes.fillna(0), side) for side in ("left", "right"))
    number = pd.Series(np.where(bounds.eq("more_than"), upper, lower) + 1, index=values.index)
    if (number > len(limits)).any():
        most = sizes[number > len(limits)].max()
        raise DataError(f"{most:g} is above the last class limit {limits[-1]:g}")
    return number * np.sign(values)


def shade(number: int) -> str:
    """Return the colour of a class."""
    return house.SHADES[number - 1] if number > 0 else BELOW[-number - 1] if number else "white"


def class_name(number: int, limits: list[float], write: str | Callable, whole: bool) -> str:
    """Return what a class is called: its limit where it holds one whole number, or a span."""
    if not number:
        return t("none")
    near, far = ([0, *limits][abs(number) - step] for step in (1, 0))
    if number < 0:
        return t("{x} to {y}", x=written(-far, write), y=written(-near, write))
    if whole:
        return written(far, write)
    if number == 1:
        return t("up to {x}", x=written(far, write))
    return f"{written(near, write)}–{written(far, write)}"


def write_words(
    ax: Axes, spots: gpd.GeoSeries, words: Mapping[str, str], chosen: list[str], inch: float
) -> dict[str, Any]:
    """Write words on places, on those chosen always, on others where they meet none before."""
    texts, taken = {}, []
    for place in sorted(words, key=lambda place: place not in chosen):
        lines, x, y = words[place].split("\n"), spots[place].x, spots[place].y
        wide = house.CHARACTER_IN * max(len(line) for line in lines) * inch / 2
        tall = house.TEXT_IN * len(lines) * inch / 2
        box = shapely.box(x - wide, y - tall, x + wide, y + tall)
        if place in chosen or not any(box.intersects(other) for other in taken):
            taken.append(box)
            weight = "bold" if place in chosen else "normal"
            look = {"ha": "center", "va": "center", "weight": weight, "zorder": 6}
            texts[place] = ax.text(x, y, words[place], **look)
    return texts


def placed(frame: pd.DataFrame, value: str, known: pd.Index, by: list[str]) -> pd.DataFrame:
    """Return the rows of a map with their codes as ``ubigeo``, each place once (a year)."""
    house.need(frame, [value, *by], ["ubigeo"])
    parts = [[house.code(x) for x in str(text).split("+")] for text in frame["ubigeo"]]
    codes = pd.Series(["+".join(part) for part in parts], index=frame.index)
    for place in {place for part in parts for place in part} - {*known, places.COUNTRY}:
        raise DataError(f"{value}: no boundary of {place!r}")
    table = frame.assign(ubigeo=codes)[codes != places.COUNTRY].reset_index(drop=True)
    table = table if "bound" in table else table.assign(bound="exact")
    for place in table["ubigeo"][table.duplicated(["ubigeo", *by])].map(house.region_name):
        raise DataError(f"{value}: two rows of {place}: one figure a place, choose or add them up")
    is_whole = table["ubigeo"].isin(known) & table["bound"].eq("exact")
    if by and not is_whole.all():
        raise DataError(f"{value}: a map of several years draws exact figures of single places")
    return table


@house.chart
def map(
    figure: house.Figure,
    frame: pd.DataFrame,
    *,
    value: str = "value",
    breaks: Iterable[float] | None = None,
    selected: Iterable[str] = (),
    write: str | Callable = "short",
    whole: bool = False,
    level: Literal["department", "province"] = "department",
    year: int | None = None,
) -> None:
    """Return a map of a figure by department, or by province.

    A department without a row (or with a missing `value`) is hatched as "no figure"; zero is a
    class of its own; figures below it have the same classes in another hue; what is no exact
    ``bound`` is hatched. A row of joined codes (``08+09``) dots the departments that have no figure
    of their own and is named in the legend, which the figure's ``unit`` heads.

    `breaks` are the rising upper limits of the classes, by default :func:`nice_breaks` of the
    sizes; if `whole` each class holds one whole number. Codes that are `selected` are outlined and
    named. The `level` ``province`` draws ``data/processed/provinces.geojson`` (codes of four
    digits; departments can be selected too). If there is a `year`, the frame has rows of it and of
    others: it is drawn, with the classes of all; on a page a slider shows the others.

    >>> map(pd.DataFrame({"ubigeo": ["Cusco"], "value": [3.0]}), "Heads").said
    ['Cusco 3.', 'Departments without a figure: 24.']
    """
    layers = {"department": "boundaries", "province": "provinces"}
    if level not in layers:
        raise DataError(f"there is no level {level!r}{there_are(level, layers)}")
    shapes = _layer(layers[level]).set_index("ubigeo")
    named = shapes
    if level == "province":
        around = shapes.dissolve(shapes.index.str[:2])
        around["name"] = [places.name(place) for place in around.index]
        named = pd.concat([shapes, around])
    chosen = [place for place in (house.code(x) for x in selected) if place in named.index]
    by = [] if year is None else ["year"]
    table = placed(frame, value, shapes.index, by)
    is_joint = table["ubigeo"].str.contains("+", regex=False)
    single = table[~is_joint].dropna(subset=value).astype({value: float})
    single = single.sort_values(value, ascending=False, kind="stable")
    is_below = (single[value] < 0).any()
    default = nice_breaks(single[value].abs(), 3 if is_below else 5)
    limits = list(breaks) if breaks is not None else default
    single["class"], n = classes(single[value], single["bound"], limits), len(limits)
    labels = {}
    for row, place, bound, x in single[["ubigeo", "bound", value]].itertuples():
        words = written(x, write)
        said = [shapes.at[place, "name"], bound_words(bound), words]
        figure.marks[row] = " ".join(filter(None, said))
        is_labelled = x != 0 and (level == "department" or place in chosen)
        labels[row] = f"{SIGNS.get(bound, '')}{words}" if is_labelled else ""
    drawn = single[single["year"] == year] if by else single
    row_of = pd.Series(drawn.index, drawn["ubigeo"]).reindex(shapes.index)
    class_of, bounds = (row_of.map(drawn[name]) for name in ("class", "bound"))
    groups, numbers = [], []
    for number in range(n, -n - 1, -1):
        if number > 0 or (number < 0 and is_below) or (single["class"] == number).any():
            look = {"facecolor": shade(number)} if number else ZERO
            groups.append((class_name(number, limits, write, whole), class_of == number, look))
            numbers.append(number)
    missing, together = class_of.isna(), []
    for joined, figure_of_all in table.loc[is_joint, ["ubigeo", value]].itertuples(index=False):
        codes = joined.split("+")
        names = ", ".join(sorted(shapes.loc[codes, "name"], key=places.fold))
        words = t("together {x}: {names}", x=written(figure_of_all, write), names=names)
        together.append(f"{words}.")
        dotted = missing & missing.index.isin(codes)
        groups += [(words, dotted, DOTTED)] if dotted.any() else []
        missing &= ~dotted
    loose = bounds.notna() & bounds.ne("exact")
    is_missing = missing.any() or (by and single.groupby("year").size().min() < len(shapes))
    groups += [(t("no figure"), missing, MISSING)] if is_missing else []
    groups += [(t("bound, not exact"), loose, LOOSE)] if loose.any() else []
    # The source line is of what is drawn, the data are of all years.
    ax = figure.lay_out(table.loc[table["year"] == year] if by else table, [value], MAP_IN)[0, 0]
    figure.data = table[figure.data.columns]
    figure.ranked = value, by
    inch, handles = ground(ax, shapes), []
    for name, mask, look in groups:
        style = {"edgecolor": "white", "lw": 0.7} | look
        handles.append(Patch(**style, label=legend_line(name, mask.sum())))
        over = {"zorder": 3, "facecolor": "none"} if look is LOOSE else {"zorder": 2}
        painted = paint(ax, shapes[mask], **style | over)
        if look is MISSING:
            painted.set_gid("-".join(["regions", *shapes.index[mask]]))
        elif look is not LOOSE:
            rows = row_of[mask].dropna().astype(int)
            figure.mark(painted, {row: figure.marks[row] for row in rows})
    if level == "province":
        paint(ax, around, facecolor="none", edgecolor=house.INK, lw=0.6, zorder=4)
    figure.said += [f"{figure.marks[row]}." for row in drawn.index[drawn[value] != 0]]
    words = {}
    for row in [*drawn.index, *single.index]:  # room for the longest of all years
        place = single.at[row, "ubigeo"]
        if len(labels[row]) > len(words.get(place, "")):
            words[place] = labels[row]
    for place in chosen:
        words[place] = f"{named.at[place, 'name']}\n{words.get(place, '')}".strip()
    texts = write_words(ax, named.representative_point(), words, chosen, inch)
    for place, text in texts.items():
        ink, paper = inks(int(class_of.fillna(0).get(place, 0)))
        text.set(color=ink, **house.halo(paper))
        if by:
            label = labels.get(row_of.get(place)) or " "
            label = f"{named.at[place, 'name']}\n{label}" if place in chosen else label
            text.set(text=label, gid=f"halo-{paper}-{place}")
    paint(ax, named.loc[chosen], facecolor="none", edgecolor=house.INK, lw=1.8, zorder=5)
    look = {"loc": "lower left", "alignment": "left", "handlelength": 1.6, "labelspacing": 0.35}
    title = textwrap.fill(figure.unit, LEGEND_CHARACTERS)
    legend = ax.legend(handles=handles, title=title, **look)
    if by:
        for look in range(len(groups)):
            legend.get_patches()[look].set_gid(f"look-{look}")
            legend.get_texts()[look].set_gid(f"text-look{look}")
        rows = single.assign(label=labels, words=pd.Series(figure.told()).str[1])
        rows["look"] = rows["class"].map({number: look for look, number in enumerate(numbers)})
        figure.frames = frames(rows, shapes["name"], year, [name for name, *_ in groups], texts)
        figure.frames["inks"] = [inks(int(number)) for number in [*numbers, 0]]
    sentence = {
        "department": t("Departments without a figure: {n}.", n=missing.sum()),
        "province": t("Provinces without a figure: {n}.", n=missing.sum()),
    }
    figure.said[25:] = [*together, sentence[level]]
    figure.finish()


def inks(number: int) -> tuple[str, str]:
    """Return the colours of words on a class, and around them."""
    return ("white", house.INK) if house.is_dark(shade(number)) else (house.INK, "white")


def legend_line(name: str, places_in_it: int) -> str:
    """Return a class in the legend, with how many places are in it."""
    return textwrap.fill(f"{name}  ({places_in_it})", LEGEND_CHARACTERS)


def frames(
    rows: pd.DataFrame, names: pd.Series, year: int, groups: list[str], labelled: Iterable[str]
) -> dict[str, Any]:
    """Return the years of a map as frames: of each place its look, words and label in every year.

    A look is a place in the legend (`groups`); the last is that of places without a figure.
    """
    years = sorted(rows["year"].unique().tolist())
    every = pd.MultiIndex.from_product([names.index, years])
    rows = rows.set_index(["ubigeo", "year"]).reindex(every)
    lacking = pd.Series(every.get_level_values(0).map(names), every) + f": {t('no figure')}"
    rows = rows.fillna({"label": "", "look": len(groups) - 1, "words": lacking})
    rows = rows.astype({"look": int})
    texts = {place: rows.loc[place, "label"].tolist() for place in labelled}
    for look, name in enumerate(groups):
        counts = rows["look"].eq(look).groupby(level=1).sum()
        texts[f"look{look}"] = [legend_line(name, n).splitlines()[-1] for n in counts]
    marks = {place: rows.loc[place, ["look", "words"]].values.tolist() for place in names.index}
    years, shown = [str(each) for each in years], years.index(year)
    return {"label": t("Year"), "names": years, "shown": shown, "marks": marks, "texts": texts}
