"""Maps of departments and provinces: equal areas, honest classes, gaps shown as gaps."""

import itertools
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
from ..core.errors import DataError
from ..core.language import bound_words, t, written
from ..core.paths import PROCESSED, relative
from ..indicators.spatial import contiguity
from . import figure as house

SEA, LAND, WATER, NO_FIGURE = "#EAF1F5", "#E4E2DE", "#BFD9E6", "#FAFAF7"
SIGNS = {"more_than": ">", "at_least": "≥", "about": "~", "almost": "<"}
MAP_IN, LEGEND_CHARACTERS = 5.9, 28  # height of the map, width of its legend
MARGIN_M = 110e3  # what is shown around the country
# Figures below zero: from light to dark like house.SHADES, of another hue.
BELOW = ("#F8DFC8", "#EBB483", "#D48545", "#A9591F", "#743609", "#431D02")
ZERO = {"facecolor": "white", "edgecolor": "#BBBBBB"}
MISSING = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4"}
DOTTED = {"facecolor": NO_FIGURE, "hatch": "....", "edgecolor": "#6B8E7F"}
LOOSE = {"facecolor": "#8A8A8A", "hatch": "\\\\\\\\", "edgecolor": "white", "lw": 0.7}


@lru_cache(maxsize=3)
def _layer(name: str) -> gpd.GeoDataFrame:
    path = PROCESSED / f"{name}.geojson"
    if not path.is_file() and name == "provinces":
        raise DataError(
            "no boundaries of provinces: `make add FILE=…` takes a GeoJSON, a GeoPackage or a "
            "zipped shapefile with their UBIGEO codes, then `make data`"
        )
    if not path.is_file():
        raise DataError(f"{relative(path)} is missing: run `make data`")
    # Read with json: a GeoJSON driver would be slower for so little.
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs(places.EQUAL_AREA)


def departments() -> gpd.GeoDataFrame:
    """Return the 25 departments (``ubigeo``, ``name``, ``geometry``) in an equal-area projection.

    Units are metres; Lake Titicaca belongs to no department.

    Examples
    --------
    >>> len(departments())
    25
    """
    return _layer("boundaries").copy()


def neighbours(codes: Iterable[str]) -> dict[str, list[str]]:
    """Return the departments that each code borders on, in INEI's order.

    Examples
    --------
    >>> neighbours(["07"])
    {'07': ['15']}
    """
    touches = contiguity(departments().set_index("ubigeo").geometry)
    return {code: list(touches.index[touches[code] > 0]) for code in codes}


def nice_breaks(values: Iterable[float], classes: int = 5) -> list[float]:
    """Return upper class limits on the ladder 1, 2, 5, 10 … that hold the largest value.

    Made from all the values that maps of one series show, so that its classes stay the same
    over the years.

    Examples
    --------
    >>> nice_breaks([3, 90_000])
    [5000.0, 10000.0, 20000.0, 50000.0, 100000.0]
    """
    largest = max((value for value in values if value > 0), default=1.0)
    ladder = [step * 10.0**power for power in range(-6, 12) for step in (1, 2, 5)]
    top = next(i for i, step in enumerate(ladder) if step >= largest)
    return ladder[max(top - classes + 1, 0) : top + 1]


def paint(ax: Axes, shapes: gpd.GeoDataFrame, **style: object) -> None:
    """Draw areas or lines; in a third of the time that ``GeoDataFrame.plot`` takes."""
    parts = shapely.get_parts(shapes.geometry)
    areas = shapely.get_dimensions(parts) == 2
    lines = shapely.get_parts(np.where(areas, shapely.boundary(parts), parts))
    points, line = shapely.get_coordinates(lines, return_index=True)
    steps = np.where(np.diff(line, prepend=-1), Path.MOVETO, Path.LINETO)
    ax.add_collection(PathCollection([Path(points, steps)], **style), autolim=False)


def ground(ax: Axes, shapes: gpd.GeoDataFrame) -> float:
    """Draw sea, land, borders, lakes and a scale bar; returns how many metres an inch stands for.

    There is sea on the left, where the legend stands.
    """
    base = _layer("basemap")
    left, bottom, right, top = shapes.total_bounds
    bottom, top, right = bottom - MARGIN_M / 3, top + MARGIN_M / 3, right + MARGIN_M
    inch = (top - bottom) / MAP_IN
    ax.set_facecolor(SEA)
    paint(ax, base[base["layer"] == "land"], facecolor=LAND, lw=0)
    paint(ax, base[base["layer"] == "border"], facecolor="none", edgecolor="white", lw=1, zorder=2)
    paint(ax, base[base["layer"] == "lake"], facecolor=WATER, lw=0, zorder=4)
    start, height = right - 360e3, bottom + 0.04 * (top - bottom)
    ax.plot([start, start + 300e3], [height] * 2, color=house.INK, lw=2, zorder=6)
    place = {"ha": "center", "va": "top", "zorder": 6, "path_effects": house.halo()}
    ax.text(start + 150e3, height - 0.006 * (top - bottom), "300 km", **place)
    left = min(left - MARGIN_M, right - inch * (house.WIDTH_IN - 0.12))
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    return inch


def classes(values: pd.Series, bounds: pd.Series, limits: list[float]) -> pd.Series:
    """Return the place of each value's class by its size, −1 for zero, missing as missing.

    A class holds its upper limit; "more than 50" belongs above it.
    """
    if len(limits) > len(house.SHADES):
        raise DataError(f"a map has at most {len(house.SHADES)} classes, not {len(limits)}")
    values, above = values.abs(), bounds.eq("more_than")
    below_limit = np.searchsorted(limits, values.fillna(0))
    above_limit = np.searchsorted(limits, values.fillna(0), side="right")
    place = pd.Series(np.where(above, above_limit, below_limit), index=values.index)
    if (place == len(limits)).any():
        most = values[place == len(limits)].max()
        raise DataError(f"{most:g} is above the last class limit {limits[-1]:g}")
    return place.mask(values == 0, -1).mask(values.isna())


def class_names(limits: list[float], write: str | Callable, whole: bool) -> list[str]:
    """Return what classes are called: their limit where they hold one whole number, or a span."""
    texts = [written(limit, write) for limit in limits]
    if whole:
        return texts
    spans = [f"{low}–{high}" for low, high in itertools.pairwise(texts)]
    return [t("up to {x}", x=texts[0]), *spans]


def names_below(limits: list[float], write: str | Callable, whole: bool) -> list[str]:
    """Return what classes below zero are called, the nearest to zero first."""
    if whole:
        return [written(-limit, write) for limit in limits]
    pairs = itertools.pairwise([0, *limits])
    return [t("{x} to {y}", x=written(-far, write), y=written(-near, write)) for near, far in pairs]


def paint_groups(ax: Axes, shapes: gpd.GeoDataFrame, groups: list[tuple]) -> list[Patch]:
    """Fill shapes by group (name, codes, style); returns the legend with their counts."""
    handles = []
    for name, codes, look in groups:
        style = {"edgecolor": "white", "lw": 0.7} | look
        if len(codes):
            paint(ax, shapes.loc[list(codes)], zorder=2, **style)
        called = f"{name}  ({len(codes)})"
        handles.append(Patch(**style, label=textwrap.fill(called, LEGEND_CHARACTERS)))
    return handles


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


def placed(frame: pd.DataFrame, value: str, known: pd.Index) -> pd.DataFrame:
    """Return the rows of a map with their codes as ``ubigeo``, each place once."""
    house.need(frame, [value], ["ubigeo"])
    codes = ["+".join(map_codes(str(text).split("+"))) for text in frame["ubigeo"]]
    for joined in codes:
        for place in joined.split("+"):
            if place not in known and place != places.COUNTRY:
                raise DataError(f"{value}: no boundary of {place!r}")
        if codes.count(joined) > 1:
            raise DataError(f"{value}: two rows of {joined!r}: a map shows one figure a place")
    table = frame.assign(ubigeo=codes).query("ubigeo != '00'").reset_index(drop=True)
    return table if "bound" in table else table.assign(bound="exact")


def map_codes(regions: Iterable[str]) -> list[str]:
    """Return the codes of regions given by code or name."""
    return [house.code(region) for region in regions]


@house.chart
def map(
    frame: pd.DataFrame,
    title: Any,
    subtitle: str = "",
    *,
    value: str = "value",
    breaks: Iterable[float] | None = None,
    selected: Iterable[str] = (),
    unit: str = "",
    write: str | Callable = "short",
    whole: bool = False,
    level: Literal["department", "province"] = "department",
    **shared: Any,
) -> house.Figure:
    """Return a map of a figure by department, or by province.

    A department without a row (or with a missing `value`) is hatched as "no figure"; zero is a
    class of its own; figures below it have the same classes in another hue; what is no exact
    ``bound`` is hatched. A row of joined codes (``08+09``) dots the departments that have no figure
    of their own and is named in the legend, which `unit` heads.

    Parameters
    ----------
    breaks : iterable of float, optional
        Upper limits of the classes, rising; :func:`nice_breaks` of the sizes by default.
    selected : iterable of str
        Codes outlined and named; on a map of provinces they can be departments too.
    whole : bool
        Each class holds one whole number, its upper limit.
    level : str
        ``province`` draws ``data/processed/provinces.geojson``; codes have four digits.

    Raises
    ------
    DataError
        When a figure is beyond the last class, a code has no polygon, two rows are of
        one place, or the provinces' boundaries are not there.

    Examples
    --------
    >>> map(pd.DataFrame({"ubigeo": ["Cusco"], "value": [3.0]}), "Heads").said
    ['Cusco 3.', 'Departments without a figure: 24.']
    """
    shapes = _layer("boundaries" if level == "department" else "provinces").set_index("ubigeo")
    table = placed(frame, value, shapes.index)
    is_joint = table["ubigeo"].str.contains("+", regex=False)
    single = table[~is_joint].set_index("ubigeo").reindex(shapes.index)
    values, bounds = single[value].astype(float), single["bound"].fillna("exact")
    is_below = values < 0
    default = nice_breaks(values.abs().dropna(), 3 if is_below.any() else 5)
    limits = list(breaks) if breaks is not None else default
    class_of = classes(values, bounds, limits)
    groups = [
        (name, class_of.index[(class_of == place) & ~is_below], {"facecolor": house.SHADES[place]})
        for place, name in enumerate(class_names(limits, write, whole))
    ][::-1]
    if (class_of == -1).any():
        groups.append((t("none"), class_of.index[class_of == -1], ZERO))
    if is_below.any():
        groups += [
            (name, class_of.index[(class_of == place) & is_below], {"facecolor": BELOW[place]})
            for place, name in enumerate(names_below(limits, write, whole))
        ]
    missing, together = values.index[values.isna()], []
    for joined, figure_of_all in table.loc[is_joint, ["ubigeo", value]].itertuples(index=False):
        codes = joined.split("+")
        names = ", ".join(sorted(shapes.loc[codes, "name"], key=places.fold))
        words = t("together {x}: {names}", x=written(figure_of_all, write), names=names)
        together.append(f"{words}.")
        if missing.isin(codes).any():
            groups.append((words, missing[missing.isin(codes)], DOTTED))
        missing = missing[~missing.isin(codes)]
    if len(missing):
        groups.append((t("no figure"), missing, MISSING))
    figure, axes = house.begin(title, subtitle, table, [value], MAP_IN, unit=unit, **shared)
    ax = axes[0, 0]
    inch = ground(ax, shapes)
    handles = paint_groups(ax, shapes, groups)
    loose = values.index[values.notna() & bounds.ne("exact")]
    if len(loose):
        paint(ax, shapes.loc[loose], zorder=3, **LOOSE | {"facecolor": "none"})
        handles.append(Patch(**LOOSE, label=f"{t('bound, not exact')}  ({len(loose)})"))
    named = shapes
    if level == "province":
        around = shapes.dissolve(shapes.index.str[:2])
        around["name"] = [places.name(place) for place in around.index]
        paint(ax, around, facecolor="none", edgecolor=house.INK, lw=0.6, zorder=4)
        named = pd.concat([shapes, around])
    chosen = [place for place in map_codes(selected) if place in named.index]
    words = {}
    for place, x in values[values != 0].dropna().sort_values(ascending=False).items():
        if level == "department" or place in chosen:
            words[place] = f"{SIGNS.get(bounds[place], '')}{written(x, write)}"
        said = [shapes.at[place, "name"], bound_words(bounds[place]), written(x, write)]
        figure.said.append(f"{' '.join(filter(None, said))}.")
    figure.said = figure.said[:25]
    for place in chosen:
        words[place] = f"{named.at[place, 'name']}\n{words.get(place, '')}".strip()
    texts = write_words(ax, named.representative_point(), words, chosen, inch)
    for place, text in texts.items():
        class_at = class_of.get(place, -1)
        shades = BELOW if is_below.get(place, False) else house.SHADES
        is_dark = class_at >= 0 and house.is_dark(shades[int(class_at)])
        text.set(color="white" if is_dark else house.INK)
        text.set_path_effects(house.halo(house.INK if is_dark else "white"))
    paint(ax, named.loc[chosen], facecolor="none", edgecolor=house.INK, lw=1.8, zorder=5)
    look = {"loc": "lower left", "alignment": "left", "handlelength": 1.6, "labelspacing": 0.35}
    ax.legend(handles=handles, title=textwrap.fill(unit, LEGEND_CHARACTERS), **look)
    figure.said += together
    if level == "department":
        figure.said.append(t("Departments without a figure: {n}.", n=len(missing)))
    else:
        figure.said.append(t("Provinces without a figure: {n}.", n=len(missing)))
    return house.finish(figure)
