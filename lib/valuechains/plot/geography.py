"""Maps of departments and provinces: equal areas, honest classes, gaps shown as gaps."""

import itertools
import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
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
LETTER_IN, BOLD_IN = 0.088, 0.115  # widths of a digit and of a bold letter on a map
MARGIN_M = 110e3  # what is shown around the country
# Figures below zero: from light to dark like house.SHADES, of another hue.
BELOW = ("#E6C3C3", "#EBB483", "#D48545", "#A9591F", "#743609", "#431D02")
EDGE = {"edgecolor": "white", "lw": 0.7}
ZERO = {"facecolor": "white", "edgecolor": "#BBBBBB"}
MISSING = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4"}
DOTTED = {"facecolor": NO_FIGURE, "hatch": "....", "edgecolor": "#6B8E7F"}
LOOSE = {"facecolor": "#8A8A8A", "hatch": "\\\\\\\\", "edgecolor": "white", "lw": 0.7}


@lru_cache(maxsize=3)
def _layer(name: str) -> gpd.GeoDataFrame:
    path = PROCESSED / f"{name}.geojson"
    if not path.is_file():
        cure = f"{relative(path)} is missing: run `make data`"
        if name == "provinces":
            cure = "there are no boundaries of provinces yet: download a GeoJSON, GeoPackage or "
            cure += "zipped shapefile of them with UBIGEO codes (INEI, IGN), then `make add FILE=…`"
            cure += " and `make data`; the same call draws the map then"
        raise DataError(cure)
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
    highest = max(12, int(np.log10(largest)) + 2)
    ladder = [step * 10.0**power for power in range(-6, highest) for step in (1, 2, 5)]
    top = next(i for i, step in enumerate(ladder) if step >= largest)
    return ladder[max(top - classes + 1, 0) : top + 1]


@lru_cache(maxsize=500)
def outline(shape: shapely.Geometry) -> Path:
    """Return the way around areas, or along lines; maps of a session have many in common."""
    parts = shapely.get_parts(shape)
    areas = shapely.get_dimensions(parts) == 2
    lines = shapely.get_parts(np.where(areas, shapely.boundary(parts), parts))
    points, line = shapely.get_coordinates(lines, return_index=True)
    return Path(points, np.where(np.diff(line, prepend=-1), Path.MOVETO, Path.LINETO))


def paint(ax: Axes, shapes: gpd.GeoDataFrame, **style: object) -> PathCollection:
    """Draw areas or lines; in a third of the time that ``GeoDataFrame.plot`` takes."""
    paths = [outline(shape) for shape in shapes.geometry]
    return ax.add_collection(PathCollection(paths, **style), autolim=False)


def ground(figure: house.Figure, ax: Axes, shapes: gpd.GeoDataFrame) -> float:
    """Draw sea, land, borders, lakes and a scale bar; returns how many metres an inch stands for.

    There is sea on the left, where the legend stands.
    """
    base = _layer("basemap")
    left, bottom, right, top = shapes.total_bounds
    bottom, top, right = bottom - MARGIN_M / 3, top + MARGIN_M / 3, right + MARGIN_M
    inch = (top - bottom) / figure.axes_in
    width = figure.width_in(house.WIDTH_IN - 0.12)
    ax.set_facecolor(SEA)
    limits = (min(left - MARGIN_M, right - inch * width), bottom, right, top)
    base = base.assign(geometry=shapely.clip_by_rect(base.geometry, *limits))
    paint(ax, base[base["layer"] == "land"], facecolor=LAND, lw=0)
    paint(ax, base[base["layer"] == "border"], facecolor="none", edgecolor="white", lw=1, zorder=2)
    paint(ax, base[base["layer"] == "lake"], facecolor=WATER, lw=0, zorder=4)
    start, height = right - 360e3, bottom + 0.98 * (top - bottom)
    ax.plot([start, start + 300e3], [height] * 2, color=house.INK, lw=2, zorder=6)
    place = {"ha": "center", "va": "top", "zorder": 6, **house.HALO}
    ax.text(start + 150e3, height - 0.006 * (top - bottom), "300 km", **place)
    ax.set(xlim=(limits[0], right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    return inch


def classes(values: pd.Series, bounds: pd.Series, limits: list[float]) -> pd.Series:
    """Return the number of each value's class by its size, from 1; below zero −1, −2 …; 0 for zero.

    A class holds its upper limit; "more than 50" belongs above it.
    """
    if not 0 < len(limits) <= len(house.SHADES):
        raise DataError(f"a map has 1 to {len(house.SHADES)} classes, not {len(limits)}")
    if limits[0] <= 0 or sorted({*limits}) != [*limits]:
        raise DataError(f"breaks are {limits}, expected rising limits above zero")
    sizes = values.abs()
    lower, upper = (np.searchsorted(limits, sizes.fillna(0), side) for side in ("left", "right"))
    number = pd.Series(np.where(bounds.eq("more_than"), upper, lower) + 1, index=values.index)
    if (number > len(limits)).any():
        most = sizes[number > len(limits)].max()
        raise DataError(f"{most:g} is above the last class limit {limits[-1]:g}")
    return number * np.sign(values)


def shade(number: int) -> dict[str, str]:
    """Return how a class is drawn."""
    hues = house.SHADES if number > 0 else BELOW
    return {"facecolor": hues[abs(number) - 1]} if number else ZERO


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
    ax: Axes, shapes: gpd.GeoSeries, words: Mapping[str, str], chosen: list[str], inch: float
) -> dict[str, Any]:
    """Write words on places where these are widest, else at another spot, else not at all.

    Words on places that are chosen are always written, and first; if need be beside their place.
    """
    texts, taken = {}, []
    for place in sorted(words, key=lambda place: place not in chosen):
        lines, shape = words[place].split("\n"), shapes[place]
        letter = BOLD_IN if place in chosen else LETTER_IN
        wide = letter * max(len(line) for line in lines) * inch / 2
        tall = house.TEXT_IN * len(lines) * inch / 2
        widest = shapely.get_point(shapely.maximum_inscribed_circle(shape, 5e3), 0)
        spots = [(spot.x, spot.y) for spot in (widest, shape.representative_point())]
        if place in chosen:
            sides = itertools.product((0, tall), (2 * wide, -2 * wide))
            spots += [(widest.x + across, widest.y - down) for down, across in sides]
        boxes = [shapely.box(x - wide, y - tall, x + wide, y + tall) for x, y in spots]
        free = [box for box in boxes if not any(box.intersects(other) for other in taken)]
        if free or place in chosen:
            box = free[0] if free else boxes[0]
            taken.append(box)
            weight = "bold" if place in chosen else "normal"
            look = {"ha": "center", "va": "center", "weight": weight, "zorder": 6}
            at = box.centroid
            texts[place] = ax.text(at.x, at.y, words[place], gid=house.HALO["gid"], **look)
    return texts


def placed(frame: pd.DataFrame, value: str, known: pd.Index, by: list[str]) -> pd.DataFrame:
    """Return the rows of a map with their codes as ``ubigeo``, each place once (a year)."""
    house.need(frame, [value, *by], ["ubigeo"])
    parts = [[house.code(x) for x in str(text).split("+")] for text in frame["ubigeo"]]
    codes = pd.Series(["+".join(part) for part in parts], index=frame.index)
    # A province that the boundaries do not know may be younger than they are.
    is_code = codes.str.fullmatch(r"\d" * len(known[0])) & codes.str[:2].isin(places.codes())
    known = {*known, *codes[is_code], places.COUNTRY}
    for place in {place for part in parts for place in part} - known:
        raise DataError(f"{value}: no boundary of {place!r}")
    table = frame.assign(ubigeo=codes)[codes != places.COUNTRY].reset_index(drop=True)
    table = table if "bound" in table else table.assign(bound="exact")
    for place in table["ubigeo"][table.duplicated(["ubigeo", *by])].map(house.region_name):
        raise DataError(f"{value}: two rows of {place}: one figure a place; {house.CHOOSE}")
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
    digits; departments can be selected too); a province without a boundary is named in a note. If
    there is a `year`, the frame has rows of it and of others: it is drawn, with the classes of all;
    on a page a slider shows the others.

    >>> map(pd.DataFrame({"ubigeo": ["Cusco"], "value": [3.0]}), "Heads").said
    ['Cusco 3.', 'Departments without a figure: 24.']
    """
    shapes = _layer("boundaries" if level == "department" else "provinces").set_index("ubigeo")
    around = shapes.iloc[:0] if level == "department" else shapes.dissolve(shapes.index.str[:2])
    around = around.assign(name=[places.name(place) for place in around.index])
    named, by = pd.concat([shapes, around]), [] if year is None else ["year"]
    chosen = [place for place in (house.code(x) for x in selected) if place in named.index]
    table = placed(frame, value, shapes.index, by)
    single, limits = classified(table, value, breaks, shapes["name"], write)
    drawn = single[single["year"] == year] if by else single
    if drawn.empty:
        raise DataError(f"no figure of {year}{there_are(year, sorted(single['year'].unique()))}")
    figure.marks |= single["words"].to_dict()
    labels = single["label"].where(single["ubigeo"].isin(chosen) | (level == "department"), "")
    here = drawn.assign(row=drawn.index, label=labels).set_index("ubigeo")
    here = shapes[["name"]].join(here[["row", "class", "bound", "label"]])
    found = set(single["class"])
    below = range(-1, -len(limits) - 1, -1) if min(found) < 0 else ()
    numbers = [*range(len(limits), 0, -1), *([0] if 0 in found else []), *below]
    name_of = {number: class_name(number, limits, write, whole) for number in numbers}
    has_gaps = bool(by) and single.groupby("year").size().min() < len(shapes)
    groups = [(name_of[x], here["class"] == x, shade(x)) for x in numbers]
    others, sentences = without_class(table, value, here, write)
    groups += [x for x in others if x[1].any() or (x[2] is MISSING and has_gaps)]
    lacking = [x for x in table["ubigeo"] if "+" not in x and x not in shapes.index]
    if lacking:
        codes = ", ".join(lacking)
        sentences.insert(-1, t("No boundary: {n} ({codes}).", n=len(lacking), codes=codes))
        figure.note = f"{figure.note} {sentences[-2]}".strip()
    # The source line is of what is drawn, the data are of all years.
    ax = figure.lay_out(table.loc[table["year"] == year] if by else table, [value], MAP_IN)[0, 0]
    figure.data = table[figure.data.columns].assign(**{"class": single["class"].map(name_of)})
    figure.row_key = ["ubigeo", *by]
    figure.ranked = value, by
    inch = ground(figure, ax, shapes)
    for _, holds, look in groups:
        over = {"zorder": 3, "facecolor": "none"} if look is LOOSE else {"zorder": 2}
        painted = paint(ax, shapes[holds], **EDGE | look | over)
        if look is MISSING:
            painted.set_gid("-".join(["regions", *shapes.index[holds]]))
        elif look is not LOOSE:
            rows = here.loc[holds, "row"].dropna().astype(int)
            figure.mark(painted, {row: figure.marks[row] for row in rows})
    paint(ax, around, facecolor="none", edgecolor=house.INK, lw=0.6, zorder=4)
    # There is room for the longest label of all years; what stands there is that of the one drawn.
    rows = [*drawn.index, *single.index]
    every = labels[rows].groupby(single.loc[rows, "ubigeo"], sort=False)
    longest = with_names(every.agg(partial(max, key=len)), named["name"], chosen)
    texts = write_words(ax, named.geometry, longest, chosen, inch)
    now = here["label"].fillna("").replace("", " ")  # a line is kept free for other years
    now = with_names(now, named["name"], chosen)
    for place, text in texts.items() if by else ():
        text.set(text=now[place], gid=f"{house.HALO['gid']}-{place}")
    paint(ax, named.loc[chosen], facecolor="none", edgecolor=house.INK, lw=1.8, zorder=5)
    explain(ax, groups, figure.unit)
    if by:
        years = single["year"].agg(["min", "max"]).astype(str)
        called = figure.subtitle.replace(str(year), "–".join(dict.fromkeys(years)))
        figure.fields = {value: figure.fields[value] | {"title": called}}
        look_of = {number: look for look, number in enumerate(numbers)}
        words = pd.Series(figure.told()).str[1]
        rows = single.assign(label=labels, words=words, look=single["class"].map(look_of))
        figure.frames = frames(rows, shapes["name"], year, [name for name, _, _ in groups], texts)
    figure.said += [f"{words}." for words in drawn["words"][drawn[value] != 0]]
    figure.said[25:] = sentences
    figure.finish()


def explain(ax: Axes, groups: list[tuple[str, pd.Series, dict]], unit: str) -> None:
    """Write the legend of a map: each class with its number of places; a slider changes these."""
    names = [legend_line(name, holds.sum()) for name, holds, _ in groups]
    patches = [Patch(**EDGE | look) for _, _, look in groups]
    place = {"loc": "lower left", "alignment": "left", "handlelength": 1.6, "labelspacing": 0.35}
    title = textwrap.fill(unit, LEGEND_CHARACTERS)
    legend = ax.legend(patches, names, title=title, **place)
    for look, patch in enumerate(legend.get_patches()):
        patch.set_gid(f"look-{look}")
    for look, text in enumerate(legend.get_texts()):
        text.set_gid(f"text-look{look}")


def classified(
    table: pd.DataFrame,
    value: str,
    breaks: Iterable[float] | None,
    names: pd.Series,
    write: str | Callable,
) -> tuple[pd.DataFrame, list[float]]:
    """Return the figures of single places, the largest first, and the limits of their classes.

    Columns: ``class``, ``label`` (what is written on the place), ``words`` (what its mark says).
    """
    single = table[table["ubigeo"].isin(names.index)].dropna(subset=value).astype({value: float})
    single = single.sort_values(value, ascending=False, kind="stable")
    if breaks is None:
        breaks = nice_breaks(single[value].abs(), 3 if (single[value] < 0).any() else 5)
    limits, words, labels = list(breaks), [], []
    for place, bound, x in single[["ubigeo", "bound", value]].itertuples(index=False):
        text = written(x, write)
        words.append(" ".join(filter(None, [names[place], bound_words(bound), text])))
        labels.append(f"{SIGNS.get(bound, '')}{text}" if x else "")
    found = {"class": classes(single[value], single["bound"], limits)}
    return single.assign(label=labels, words=words, **found), limits


def with_names(labels: pd.Series, names: pd.Series, chosen: list[str]) -> dict[str, str]:
    """Return the labels of places that have one, those of chosen places under their names."""
    words = labels[labels != ""].to_dict()
    for place in chosen:
        words[place] = "\n".join(filter(None, [names[place], words.get(place)]))
    return words


def without_class(
    table: pd.DataFrame, value: str, here: pd.DataFrame, write: str | Callable
) -> tuple[list[tuple], list[str]]:
    """Return what the legend says of places without an exact figure of their own, and the words.

    A line of the legend: its text, which places it holds, how these are drawn.
    """
    missing, groups, said = here["bound"].isna(), [], []
    is_joint = table["ubigeo"].str.contains("+", regex=False)
    for joined, total in table.loc[is_joint, ["ubigeo", value]].itertuples(index=False):
        codes = joined.split("+")
        called = ", ".join(sorted(here.loc[codes, "name"], key=places.fold))
        words = t("together {x}: {names}", x=written(total, write), names=called)
        said.append(f"{words}.")
        groups.append((words, missing & missing.index.isin(codes), DOTTED))
        missing = missing & ~missing.index.isin(codes)
    groups.append((t("no figure"), missing, MISSING))
    is_loose = here["bound"].notna() & here["bound"].ne("exact")
    groups.append((t("bound, not exact"), is_loose, LOOSE))
    if (here["class"] == 0).any():
        zeros = ", ".join(sorted(here.loc[here["class"] == 0, "name"], key=places.fold))
        said.append(t("Zero: {names}.", names=zeros))
    n = missing.sum()
    if len(here.index[0]) == 2:
        return groups, [*said, t("Departments without a figure: {n}.", n=n)]
    return groups, [*said, t("Provinces without a figure: {n}.", n=n)]


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
