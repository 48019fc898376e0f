"""Maps of the departments: equal areas, honest classes, gaps shown as gaps."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Literal

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path

from ..core import places
from ..core.errors import DataError
from ..core.language import bound_words, short, t
from ..core.paths import PROCESSED, relative
from ..indicators.spatial import contiguity
from .style import INK, STYLE, WIDTH_IN, Plate, plate

SEA, LAND, WATER, NO_FIGURE = "#EAF1F5", "#E4E2DE", "#BFD9E6", "#FAFAF7"
LEGEND = 0.4  # of a map's width, on its left, where there is no ocean for it
# Light to dark, one hue family, told apart in grey print too.
SHADES = ("#E3EED1", "#B5D7A8", "#74B69A", "#35838D", "#1F4B6E", "#14213D")


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
    """Return the departments that each code borders on, in INEI's order."""
    touches = contiguity(departments().set_index("ubigeo").geometry)
    return {code: list(touches.index[touches[code] > 0]) for code in codes}


def nice_breaks(values: Iterable[float], classes: int = 5) -> list[float]:
    """Return upper class limits on the ladder 1, 2, 5, 10 … that hold the largest value.

    Made from all the values that maps of one series show, so that its classes stay the same
    over the years.
    """
    largest = max((value for value in values if value > 0), default=1.0)
    ladder = [step * 10.0**power for power in range(-6, 12) for step in (1, 2, 5)]
    top = next(i for i, step in enumerate(ladder) if step >= largest)
    return ladder[max(top - classes + 1, 0) : top + 1]


def choropleth(
    frame: pd.DataFrame,
    column: str,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    breaks: list[float],
    selected: Iterable[str] = (),
    unit: str = "",
    write: Callable[[float], str] = short,
    note: str = "",
    whole: bool = False,
    level: Literal["department", "province"] = "department",
    within: Iterable[str] = (),
) -> Plate:
    """Return a map of a figure by department, or by province.

    Parameters
    ----------
    frame : DataFrame
        ``ubigeo`` (four digits for a province), `column`, optionally ``bound``. A department
        without a row (or with a missing value) is hatched as "no figure"; zero is a class of its
        own. A row of joined codes (``08+09``) dots the departments that have no figure of their
        own and is named in the legend.
    breaks : list of float
        Upper limits of the classes, rising; the last holds the largest value.
    selected : iterable of str
        Codes outlined and named; on a map of provinces they can be departments too.
    whole : bool
        Each class holds one whole number, its upper limit.
    level : str
        ``province`` draws ``data/processed/provinces.geojson``. Figures are written on the
        selected ones only, or on all of those `within`.
    within : iterable of str
        Departments to draw; the whole country by default.

    Raises
    ------
    DataError
        When a figure is above the last class, a code has no polygon, or the provinces'
        boundaries are not there.
    """
    shapes = LEVELS[level]().set_index("ubigeo")
    given = {code for codes in frame["ubigeo"] for code in codes.split("+")}
    if unknown := sorted(given - set(shapes.index) - {places.COUNTRY}):
        raise DataError(f"{column}: no boundary of the {level} {unknown[0]!r}")
    if within := list(within):
        shapes = shapes[shapes.index.str[:2].isin(within)]
    frame = frame[frame["ubigeo"].map(lambda codes: set(codes.split("+")) <= set(shapes.index))]
    around = _around(shapes) if level == "province" else None
    figure, axes = plate(title, subtitle, sources, _height(shapes) if within else 5.9, note=note)
    joint = frame[frame["ubigeo"].str.contains("+", regex=False)]
    single = frame.drop(joint.index).set_index("ubigeo")
    values = single[column].reindex(shapes.index).astype("float64")
    bounds = (
        single["bound"].reindex(shapes.index) if "bound" in single else values.map(lambda _: None)
    )
    if values.max() > breaks[-1] or (values[bounds == "more_than"] >= breaks[-1]).any():
        raise DataError(f"{column}: {values.max():g} is above the last class limit {breaks[-1]:g}")
    # A class holds its upper limit; "more than 50" belongs above it.
    above = bounds.isin(["more_than"])
    classes = pd.Series(
        np.where(
            above,
            np.searchsorted(breaks, values.fillna(0), side="right"),
            np.searchsorted(breaks, values.fillna(0)),
        ),
        index=values.index,
    )
    classes = classes.mask(values == 0, -1).mask(values.isna())
    partly = {code for codes in joint["ubigeo"] for code in codes.split("+")}
    partly &= set(values.index[values.isna()])
    ax = axes[0, 0]
    with mpl.rc_context(STYLE):
        ground(ax, shapes)
        if within:  # room for the legend, which the Pacific gives to the whole country
            left, right = ax.get_xlim()
            ax.set_xlim(left - LEGEND * (right - left), right)
        handles = _fill(shapes, classes, breaks, partly, joint, column, write, ax, whole)
        handles += _open(
            shapes, values.index[values.notna() & ~bounds.fillna("exact").eq("exact")], ax
        )
        dark = set(classes.index[classes >= len(breaks) - 2])
        signs = bounds.map({"more_than": ">", "at_least": "≥", "about": "~", "almost": "<"})
        figures = {
            code: ("" if pd.isna(signs[code]) else signs[code]) + write(value)
            for code, value in values.items()
            if value > 0
        }
        if around is not None:
            around.boundary.plot(ax=ax, color=INK, lw=0.6, zorder=4)
        if around is not None and not within:
            figures = {code: figures.get(code, "") for code in selected}
        outline(pd.concat([shapes, around]), list(selected), figures, ax, dark)
        finish(ax, handles, unit)
    known = values.dropna().sort_values(ascending=False)
    figure.alt += " " + " ".join(
        f"{shapes.at[code, 'name']} {bound_words(bounds[code] or 'exact')} {write(value)}".replace(
            "  ", " "
        )
        + "."
        for code, value in known[known > 0].head(25).items()
    )
    for row in joint.itertuples():
        figure.alt += f" {_together(row, shapes, column, write)}."
    without = int(values.isna().sum()) - len(partly)
    figure.alt += " " + (
        t("Departments without a figure: {n}.", n=without)
        if level == "department"
        else t("Provinces without a figure: {n}.", n=without)
    )
    return figure


def _height(shapes: gpd.GeoDataFrame) -> float:
    """Return the height (inches) that a part of the country and its legend need."""
    left, bottom, right, top = shapes.total_bounds
    return min(5.9, max(2.8, WIDTH_IN * (top - bottom) / (right - left) / (1 + LEGEND)))


def _around(provinces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the departments that provinces make."""
    codes = provinces.index.str[:2]
    around = provinces.dissolve(codes)
    return around.assign(name=[places.name(code) for code in around.index])


def panels(
    members: Mapping[str, pd.Series],
    title: str,
    subtitle: str,
    sources: Iterable[str],
    selected: Iterable[str] = (),
    note: str = "",
) -> Plate:
    """Return small maps, one a name: departments named as such filled, those in part hatched.

    ``members``: name → ``"whole"`` or ``"part"`` by UBIGEO code; an empty series is a panel that
    says that the departments are not stated.
    """
    cols = 3
    rows = -(-(len(members) + 1) // cols)
    figure, axes = plate(title, subtitle, sources, 2.85 * rows, rows, cols, note)
    figure.get_layout_engine().set(h_pad=0.1)
    shapes = departments().set_index("ubigeo")
    styles = {
        "whole": {"facecolor": SHADES[3], "edgecolor": "white"},
        "part": {"facecolor": SHADES[0], "edgecolor": SHADES[3], "hatch": "/////"},
    }
    with mpl.rc_context(STYLE):
        for ax, (name, found) in zip(axes.flat, members.items(), strict=False):
            ground(ax, shapes)
            paint(ax, shapes, facecolor="white", edgecolor="#CFCFCF", lw=0.5)
            for extent, style in styles.items():
                if len(codes := found.index[found == extent]):
                    paint(ax, shapes.loc[codes], lw=0.5, zorder=3, **style)
            chosen = shapes.loc[list(selected)]
            paint(ax, chosen, facecolor="none", edgecolor=INK, lw=1.3, zorder=5)
            if found.empty:
                ax.text(
                    0.5, 0.5, "\n".join(textwrap.wrap(t("departments not stated"), 14)), size=9,
                    transform=ax.transAxes, ha="center", va="center", zorder=6,
                    path_effects=[patheffects.withStroke(linewidth=2, foreground="white")],
                )  # fmt: skip
            ax.set_title(name, loc="left", size=9.5, weight="bold")
            figure.alt += f" {name}: {places.listing(found.index) or t('departments not stated')}."
        for ax in axes.flat[len(members) :]:
            ax.set_axis_off()
        grey = {"facecolor": "white", "edgecolor": "#CFCFCF"}
        axes.flat[len(members)].legend(
            handles=[
                Patch(**styles["whole"], label=t("department named")),
                Patch(**styles["part"], label=t("part of it named")),
                Patch(**grey, label=t("not named")),
                Patch(facecolor="none", edgecolor=INK, label=t("chosen here")),
            ],
            loc="center", fontsize=9, borderpad=0,
        )  # fmt: skip
    return figure


def _together(row, shapes, column: str, write: Callable[[float], str]) -> str:
    named = ", ".join(sorted(shapes.loc[row.ubigeo.split("+"), "name"], key=places.fold))
    return t("together {x}: {names}", x=write(getattr(row, column)), names=named)


def paint(ax: Axes, shapes: gpd.GeoDataFrame, **style: object) -> None:
    """Draw areas or lines; in a third of the time that ``GeoDataFrame.plot`` takes."""
    shapes = shapely.get_parts(shapes.geometry)
    areas = shapely.get_dimensions(shapes) == 2
    lines = shapely.get_parts(np.where(areas, shapely.boundary(shapes), shapes))
    places, line = shapely.get_coordinates(lines, return_index=True)
    steps = np.where(np.diff(line, prepend=-1), Path.MOVETO, Path.LINETO)
    ax.add_collection(PathCollection([Path(places, steps)], **style), autolim=False)


def ground(ax: Axes, shapes: gpd.GeoDataFrame) -> None:
    base = _layer("basemap")
    left, bottom, right, top = shapes.total_bounds
    ax.set_facecolor(SEA)
    paint(ax, base[base["layer"] == "land"], facecolor=LAND, lw=0)
    paint(ax, base[base["layer"] == "border"], facecolor="none", edgecolor="white", lw=1, zorder=2)
    paint(ax, base[base["layer"] == "lake"], facecolor=WATER, lw=0, zorder=4)
    ax.set_xlim(left - 110e3, right + 110e3)
    ax.set_ylim(bottom - 40e3, top + 40e3)
    ax.set_aspect("equal")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _open(shapes, codes: pd.Index, ax: Axes) -> list[Patch]:
    """Hatch the departments whose figure is a bound or rounded in words."""
    if not len(codes):
        return []
    style = {"facecolor": "none", "edgecolor": "white", "hatch": "\\\\\\\\", "lw": 0.7}
    paint(ax, shapes.loc[codes], zorder=3, **style)
    return [
        Patch(**style | {"facecolor": "#8A8A8A"}, label=t("bound, not exact") + f"  ({len(codes)})")
    ]


def _fill(shapes, classes, breaks, partly, joint, column, write, ax, whole) -> list[Patch]:
    handles = []
    edges = {"edgecolor": "white", "lw": 0.7}

    def draw(codes: pd.Index, label: str, always: bool = False, **style: object) -> None:
        if len(codes):
            paint(ax, shapes.loc[codes], zorder=2, **edges | style)
        if len(codes) or always:
            handles.append(Patch(**edges | style, label=f"{label}  ({len(codes)})"))

    shades = SHADES[-len(breaks) :] if len(breaks) > len(SHADES) - 1 else SHADES[: len(breaks)]
    low = 0.0
    for place, (high, shade) in enumerate(zip(breaks, shades, strict=True)):
        if whole:
            label = write(high)
        else:
            label = f"{write(low)}–{write(high)}" if place else t("up to {x}", x=write(high))
        draw(classes.index[classes == place], label, always=True, facecolor=shade)
        low = high
    handles.reverse()
    draw(classes.index[classes == -1], t("none"), facecolor="white", edgecolor="#BBBBBB")
    for row in joint.itertuples():
        own = [c for c in row.ubigeo.split("+") if c in partly]
        label = "\n".join(textwrap.wrap(_together(row, shapes, column, write), 30))
        draw(
            pd.Index(own), label, facecolor=NO_FIGURE, hatch="....",
            edgecolor="#6B8E7F",
        )  # fmt: skip
    missing = classes.index[classes.isna() & ~classes.index.isin(list(partly))]
    draw(missing, t("no figure"), facecolor=NO_FIGURE, hatch="////", edgecolor="#C4C4C4")
    return handles


def outline(shapes, selected, figures: Mapping[str, str], ax, dark) -> None:
    """Outline and name the selected departments; write every figure on its department."""
    if selected:
        paint(ax, shapes.loc[selected], facecolor="none", edgecolor=INK, lw=1.8, zorder=5)
    for code, shape in shapes.geometry.items():
        name = shapes.at[code, "name"] if code in selected else ""
        words = "\n".join(filter(None, [name, figures.get(code, "")]))
        if words:
            place = shape.representative_point()
            ink, halo = ("white", INK) if code in dark else (INK, "white")
            ax.text(
                place.x, place.y, words, color=ink, ha="center", va="center",
                size=8.8 if name else 8,
                weight="bold" if name else "normal", zorder=6,
                path_effects=[patheffects.withStroke(linewidth=2, foreground=halo)],
            )  # fmt: skip


def finish(ax: Axes, handles: list[Patch], heading: str) -> None:
    ax.legend(
        handles=handles, loc="lower left", fontsize=8.5, title=heading, title_fontsize=8.5,
        alignment="left", handlelength=1.6, labelspacing=0.45, borderpad=0.2,
    )  # fmt: skip
    west, east = ax.get_xlim()
    scale_bar(ax, 300 if east - west > 1e6 else 100)


def scale_bar(ax: Axes, length_km: int = 300, left: bool = False) -> None:
    """Draw a scale bar in a lower corner (the projection's units are metres)."""
    west, east = ax.get_xlim()
    bottom = ax.get_ylim()[0]
    span = ax.get_ylim()[1] - bottom
    start = west + 200 * length_km if left else east - 1200 * length_km
    height = bottom + 0.034 * span
    ax.plot([start, start + length_km * 1e3], [height] * 2, color=INK, lw=2, zorder=6)
    ax.text(
        start + length_km * 500, height - 0.006 * span, f"{length_km} km", ha="center",
        va="top", size=8, zorder=6,
    )  # fmt: skip
