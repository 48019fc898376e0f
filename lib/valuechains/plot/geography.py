"""Maps of departments and provinces: equal areas, honest classes, gaps shown as gaps."""

import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from itertools import chain, pairwise, product
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from ..core import places
from ..core.errors import DataError, candidates, there_are
from ..core.language import bound_words, t, written
from ..core.paths import PROCESSED, relative
from ..indicators import contiguity
from . import figure as house

SEA, LAND, WATER, NO_FIGURE = "#EAF1F5", "#E4E2DE", "#BFD9E6", "#FAFAF7"
SIGNS = {"more_than": ">", "at_least": "≥", "about": "~", "almost": "<"}
MAP_IN, LEGEND_CHARACTERS = 5.9, 28  # height of the map, width of its legend
LETTER_IN, BOLD_IN = 0.088, 0.115  # widths of a digit and of a bold letter on a map
MOST_NAMED = 25  # places in words; of more than these the first ten
MARGIN_M = 110e3  # what is shown around the country
# Figures below zero: from light to dark like house.SHADES, of another hue.
BELOW = ("#E6C3C3", "#EBB483", "#D48545", "#A9591F", "#743609", "#431D02")
EDGE = {"edgecolor": "white", "lw": 0.7}
ZERO = {"facecolor": "white", "edgecolor": "#BBBBBB"}
MISSING = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4"}
DOTTED = {"facecolor": NO_FIGURE, "hatch": "....", "edgecolor": "#6B8E7F"}
LOOSE = {"facecolor": "#8A8A8A", "hatch": "\\\\\\\\", "edgecolor": "white", "lw": 0.7}
NOT_MADE = "is missing: run `make data`"
NO_PROVINCES = (
    "there are no boundaries of provinces yet: download a GeoJSON, GeoPackage or zipped shapefile "
    "of them with UBIGEO codes (INEI, IGN), then `make add FILE=…`"
)


@lru_cache(maxsize=3)
def _layer(name: str) -> gpd.GeoDataFrame:
    path = PROCESSED / f"{name}.geojson"
    if not path.is_file():
        raise DataError(NO_PROVINCES if name == "provinces" else f"{relative(path)} {NOT_MADE}")
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


def even_breaks(values: Iterable[float], classes: int = 5) -> list[float]:
    """Return round upper class limits: of :func:`nice_breaks`, or at equal distances.

    Those by which the figures spread more evenly; each class has one.

    >>> even_breaks([5.1, 6.2, 7.3, 7.9, 8.8, 9.6])
    [6.0, 7.0, 8.0, 9.0, 10.0]
    """
    sizes = np.array([value for value in values if value > 0])
    if not len(sizes):
        return nice_breaks(sizes)
    steps = MaxNLocator(classes, steps=[1, 2, 2.5, 5, 10]).tick_values(sizes.min(), sizes.max())
    best, least = [], np.inf
    for limits in (nice_breaks(sizes, classes), [float(f"{x:.9g}") for x in steps[1:]]):
        counts = np.bincount(np.searchsorted(limits, sizes), minlength=len(limits))
        if (counts**2).sum() < least and len(limits) <= len(house.SHADES):
            best, least = np.array(limits)[counts > 0].tolist(), (counts**2).sum()
    return best


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
    width = figure.wide_in or house.WIDTH_IN - 0.12
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


def classified(
    values: pd.Series, bounds: pd.Series, limits: list[float], write: str | Callable, whole: bool
) -> tuple[pd.Series, dict[Any, tuple[str, dict]]]:
    """Return the class of each value, and of classes name and style, in the legend's order.

    A class holds its upper limit; "more than 50" belongs above it. Zero is a class; figures below
    it have classes by their size.
    """
    if not 0 < len(limits) <= len(house.SHADES):
        raise DataError(f"a map has 1 to {len(house.SHADES)} classes, not {len(limits)}")
    if limits[0] <= 0 or sorted({*limits}) != [*limits]:
        raise DataError(f"breaks are {limits}, expected rising limits above zero")
    sizes = values.abs()
    least = sizes.mask(bounds.eq("more_than"), np.nextafter(sizes, np.inf))
    if least.max() > limits[-1]:
        raise DataError(f"{sizes.max():g} is above the last class limit {limits[-1]:g}")
    number = (np.searchsorted([0, *limits], least) * np.sign(values)).astype(int)
    names, styles = {0: t("none")}, {0: ZERO}
    for n, (near, far) in enumerate(pairwise([0, *limits]), start=1):
        names[n] = f"{written(near, write)}–{written(far, write)}"
        names[-n] = t("{x} to {y}", x=written(-far, write), y=written(-near, write))
        if whole:
            names[n] = written(far, write)
        elif n == 1:
            names[n] = t("up to {x}", x=written(far, write))
        styles |= {n: {"facecolor": house.SHADES[n - 1]}, -n: {"facecolor": BELOW[n - 1]}}
    has_zero, has_less = (number == 0).any(), (number < 0).any()
    shown = [n for n in sorted(names, reverse=True) if n > 0 or (has_less if n else has_zero)]
    return number.astype(object), {n: (names[n], styles[n]) for n in shown}


def write_words(
    ax: Axes,
    shapes: gpd.GeoSeries,
    words: Mapping[str, str],
    chosen: list[str],
    inch: float,
    fills: Mapping[str, str],
) -> dict[str, Text]:
    """Write words on places where these are widest, else at another spot, else not at all.

    Words on places that are chosen are always written, and first; if need be beside their place.
    Those that stand on their place are dark or light, as its fill asks for.
    """
    texts, taken, inside = {}, [], shapely.box(*ax.viewLim.extents)
    for place in sorted(words, key=lambda place: place not in chosen):
        is_chosen, lines, shape = place in chosen, words[place].split("\n"), shapes[place]
        letter = BOLD_IN if is_chosen else LETTER_IN
        wide = letter * max(len(line) for line in lines) * inch / 2
        tall = house.TEXT_IN * len(lines) * inch / 2
        widest = shapely.get_point(shapely.maximum_inscribed_circle(shape, 5e3), 0)
        spots = [(spot.x, spot.y) for spot in (widest, shape.representative_point())]
        if is_chosen:
            sides = [*product((0, tall), (2 * wide, -2 * wide))]
            sides += product((-2 * tall, 2 * tall, 0), wide * np.array([0, 1, -1, 2, -2, 4, -4]))
            spots += [(widest.x + across, widest.y - down) for down, across in sides]
        boxes = [shapely.box(x - wide, y - tall, x + wide, y + tall) for x, y in spots]
        boxes = [box for box in boxes if inside.contains(box)] or boxes
        free = [box for box in boxes if not any(box.intersects(other) for other in taken)]
        if free or is_chosen:
            taken.append((free or boxes)[0])
            at, weight = taken[-1].centroid, "bold" if is_chosen else "normal"
            look = {"ha": "center", "va": "center", "weight": weight, "zorder": 6}
            look["gid"] = f"{house.HALO['gid']}-{place}"
            if place in fills and taken[-1].intersection(shape).area > 0.5 * taken[-1].area:
                look["color"] = house.ink_on(fills[place])
                halo = fills[place] if look["color"] == "white" else "white"
                look["gid"] += f"-{halo}"
            texts[place] = ax.text(at.x, at.y, words[place], **look)
    return texts


def placed(frame: pd.DataFrame, value: str, names: pd.Series, by: list[str]) -> pd.DataFrame:
    """Return the rows of a map with their codes as ``ubigeo``, each place once (a year)."""
    house.need(frame, [value, *by], ["ubigeo"])
    value = frame.attrs.get("named", {}).get(value, value)  # as error lines call it
    known, texts = names.index, frame["ubigeo"].astype(str).str.split("+")
    called = {places.fold(name): code for code, name in names.items()}
    parts = [[called.get(places.fold(x), house.code(x)) for x in text] for text in texts]
    codes = pd.Series(["+".join(part) for part in parts], index=frame.index)
    # A province that the boundaries do not know may be younger than they are.
    is_code = codes.str.fullmatch(r"\d" * len(known[0])) & codes.str[:2].isin(places.codes())
    for place in {*chain(*parts)} - {*known, *codes[is_code], places.COUNTRY}:
        cure = "; provinces go by codes of four digits or names" if len(known[0]) == 4 else ""
        raise DataError(f"{value}: no boundary of {place!r}{candidates(place, names)}{cure}")
    table = frame.assign(ubigeo=codes, bound=frame.get("bound", "exact"))
    table = table[codes != places.COUNTRY].reset_index(drop=True)
    if table.empty:
        raise DataError(f"{value}: of Peru alone, expected departments")
    for place in table["ubigeo"][table.duplicated(["ubigeo", *by])].map(house.region_name):
        raise DataError(f"{value}: two rows of {place}: one figure a place; {house.CHOOSE}")
    is_plain = table["bound"].eq("exact") & ~table["ubigeo"].str.contains("+", regex=False)
    if by and not is_plain.all():
        raise DataError(f"{value}: a map of several years draws exact figures of single places")
    return table


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    """Return an outline without the slivers that neighbours leave between them."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shape))
    return shapely.union_all(shapely.polygons(rings))


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

    `breaks` are the rising upper limits of the classes, by default :func:`even_breaks` of the
    sizes; if `whole` each class holds one whole number. Codes that are `selected` are outlined and
    named. The `level` ``province`` draws ``data/processed/provinces.geojson`` (codes of four
    digits; departments can be selected too); a province without a boundary is named in a note. If
    there is a `year`, the frame has rows of it and of others: it is drawn, with the classes of all;
    on a page a slider shows the others.

    >>> map(pd.DataFrame({"ubigeo": ["Cusco"], "value": [3.0]}), "Heads").said
    ['Cusco 3.', 'Departments without a figure: 24.']
    """
    is_province = level == "province"
    shapes = _layer("provinces" if is_province else "boundaries").set_index("ubigeo")
    around = shapes.dissolve(shapes.index.str[:2]) if is_province else shapes.iloc[:0]
    around = around.assign(name=[places.name(place) for place in around.index])
    around = around.set_geometry(around.geometry.map(_filled))
    named, by = pd.concat([shapes, around]), [] if year is None else ["year"]
    chosen = [place for place in (house.code(x) for x in selected) if place in named.index]
    table = placed(frame, value, shapes["name"], by)
    own = singles(table[table["ubigeo"].isin(shapes.index)], value, shapes["name"], write)
    if is_province:  # there is room for the labels of those that are chosen
        own["label"] = own["label"].where(own["ubigeo"].isin(chosen), "")
    if breaks is None:
        breaks = even_breaks(own[value].abs(), 3 if (own[value] < 0).any() else 5)
    own["class"], legend = classified(own[value], own["bound"], list(breaks), write, whole)
    # What every place shows, in each of the years; only a map of one year has joint figures.
    parts = dict(iter(own.groupby("year"))) if by else {None: own}
    if year not in parts:
        raise DataError(f"no figure of {year}{there_are(year, parts)}")
    scenes = {}
    for each, part in parts.items():
        rows = part.assign(row=part.index).set_index("ubigeo")
        scenes[each] = shapes[["name"]].join(rows[["row", "bound", "class", "label", "words"]])
    here, drawn = scenes[year], parts[year]
    sentences = join_places(table, value, here, legend, write)
    zeros = drawn.loc[drawn[value] == 0, "ubigeo"].map(shapes["name"])
    if len(zeros):
        sentences.append(t("Zero: {names}.", names=", ".join(sorted(zeros, key=places.fold))))
    codes = [x for x in table["ubigeo"] if "+" not in x and x not in shapes.index]
    if codes:
        lacking = t("No boundary: {n} ({codes}).", n=len(codes), codes=", ".join(codes))
        figure.note = f"{figure.note} {lacking}".strip()
        sentences.append(lacking)
    n, no_figure = here["class"].isna().sum(), t("no figure")
    sentences.append(
        t("Provinces without a figure: {n}.", n=n)
        if is_province
        else t("Departments without a figure: {n}.", n=n)
    )
    told = drawn[drawn[value] != 0]
    figure.said += [f"{words}." for words in told["words"]]
    if len(told) > MOST_NAMED:
        figure.said[10:] = [house.rest(len(told) - 10, told[value][10:], write)]
    figure.said += sentences
    if any(scene["class"].isna().any() for scene in scenes.values()):
        legend[no_figure] = no_figure, MISSING
    for each, scene in scenes.items():
        words = scene["name"] + f": {no_figure}"
        scenes[each] = scene.fillna({"class": no_figure, "label": "", "words": words})
    here = scenes[year]
    # The source line is of what is drawn, the data are of all years.
    ax = figure.lay_out(table[table["year"] == year] if by else table, [value], MAP_IN)[0, 0]
    class_of = own["class"].map(lambda key: legend[key][0])
    figure.data = table[figure.data.columns].assign(**{"class": class_of})
    if is_province:
        figure.data.insert(1, "province", figure.data["ubigeo"].map(shapes["name"]))
    figure.row_key, figure.ranked = ["ubigeo", *by], (value, by)
    figure.marks |= own["words"].to_dict()
    inch = ground(figure, ax, shapes)
    for key, (_, style) in legend.items():
        part = here[here["class"] == key]
        painted = paint(ax, shapes.loc[part.index], **EDGE | style, zorder=2)
        rows = part["row"].dropna().astype(int)
        figure.mark(painted, own.loc[rows, "words"].to_dict())
        if style is MISSING:
            painted.set_gid("-".join(["regions", *part.index]))
    is_loose = here["bound"].fillna("exact").ne("exact")
    paint(ax, shapes[is_loose], **LOOSE | {"facecolor": "none"}, zorder=3)
    paint(ax, around, facecolor="none", edgecolor=house.INK, lw=0.6, zorder=4)
    # There is room for the longest label of all years; what stands there is that of the one drawn.
    labels = pd.concat([drawn, own]).groupby("ubigeo", sort=False)["label"]
    longest = with_names(labels.agg(partial(max, key=len)), named["name"], chosen)
    fills = here["class"].map({key: look["facecolor"] for key, (_, look) in legend.items()})
    texts = write_words(ax, named.geometry, longest, chosen, inch, fills)
    paint(ax, named.loc[chosen], facecolor="none", edgecolor=house.INK, lw=1.8, zorder=5)
    lines = {each: legend_lines(scene["class"], legend) for each, scene in scenes.items()}
    if by:
        now = with_names(here["label"].replace("", " "), named["name"], chosen)
        for place, text in texts.items():
            text.set_text(now[place])
        told = {row: words for row, (_, words) in figure.told().items()}
        figure.frames = frames(scenes, told, list(legend), texts, lines)
        figure.frames["shown"] = list(scenes).index(year)
    styles = [style for _, style in legend.values()]
    if is_loose.any():
        lines[year] += legend_lines(is_loose, {True: (t("bound, not exact"), LOOSE)})
        styles.append(LOOSE)
    explain(ax, lines[year], styles, figure.unit)
    for artist in (*ax.texts, ax.get_legend()):  # within the axes: there is nothing to lay out
        artist.set_in_layout(False)
    figure.finish()


def singles(
    table: pd.DataFrame, value: str, names: pd.Series, write: str | Callable
) -> pd.DataFrame:
    """Return the figures of single places, the largest first, in words and as labels."""
    own = table.dropna(subset=value).astype({value: float})
    own = own.sort_values(value, ascending=False, kind="stable")
    texts = own[value].map(lambda x: written(x, write))
    bounds = (own["bound"].map(bound_words) + " ").str.lstrip()
    own["words"] = own["ubigeo"].map(names) + " " + bounds + texts
    own["label"] = (own["bound"].map(SIGNS).fillna("") + texts).where(own[value] != 0, "")
    return own


def join_places(
    table: pd.DataFrame, value: str, here: pd.DataFrame, legend: dict, write: str | Callable
) -> list[str]:
    """Give the places of joint figures that have none of their own a class; return the words."""
    said = []
    is_joint = table["ubigeo"].str.contains("+", regex=False)
    for joined, total in table.loc[is_joint, ["ubigeo", value]].itertuples(index=False):
        codes = joined.split("+")
        names = ", ".join(sorted(here.loc[codes, "name"], key=places.fold))
        words = t("together {x}: {names}", x=written(total, write), names=names)
        said.append(f"{words}.")
        is_part = here["class"].isna() & here.index.isin(codes)
        if is_part.any():
            here.loc[is_part, "class"] = words
            legend[words] = words, DOTTED
    return said


def with_names(labels: pd.Series, names: pd.Series, chosen: list[str]) -> dict[str, str]:
    """Return the labels of places that have one, those of chosen places under their names."""
    words = labels[labels != ""].to_dict()
    for place in chosen:
        words[place] = "\n".join(filter(None, [names[place], words.get(place)]))
    return words


def legend_lines(classes: pd.Series, legend: Mapping[Any, tuple[str, dict]]) -> list[str]:
    """Return classes in the legend, each with how many places are in it."""
    lines = [f"{name}  ({classes.eq(key).sum()})" for key, (name, _) in legend.items()]
    return [textwrap.fill(line, LEGEND_CHARACTERS) for line in lines]


def explain(ax: Axes, lines: list[str], styles: list[dict], unit: str) -> None:
    """Write the legend of a map; a slider changes it."""
    patches = [Patch(**EDGE | style) for style in styles]
    place = {"loc": "lower left", "alignment": "left", "handlelength": 1.6, "labelspacing": 0.35}
    legend = ax.legend(patches, lines, title=textwrap.fill(unit, LEGEND_CHARACTERS), **place)
    for look, patch in enumerate(legend.get_patches()):
        patch.set_gid(f"look-{look}-{house.ink_on(patch.get_facecolor())}")
        legend.get_texts()[look].set_gid(f"text-look{look}")


def frames(
    scenes: Mapping[int, pd.DataFrame],
    told: Mapping[int, str],
    classes: list,
    labelled: Iterable[str],
    lines: Mapping[int, list[str]],
) -> dict[str, Any]:
    """Return the years of a map as frames: of each place its look, words and label in every year.

    A look is the number of a class. What a place without a figure says is in the scenes alone.
    """
    marks: dict[str, list] = {place: [] for place in next(iter(scenes.values())).index}
    for scene in scenes.values():
        for place, row in scene.iterrows():
            words = told.get(row["row"], row["words"])
            marks[place].append([classes.index(row["class"]), words])
    texts = {place: [x.at[place, "label"] for x in scenes.values()] for place in labelled}
    for look in range(len(classes)):
        texts[f"look{look}"] = [each[look].splitlines()[-1] for each in lines.values()]
    names = [str(year) for year in scenes]
    return {"label": t("Year"), "names": names, "marks": marks, "texts": texts}
