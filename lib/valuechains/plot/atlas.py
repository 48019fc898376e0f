"""Maps of places, not of figures: where departments lie, and which form clusters."""

from __future__ import annotations

from collections.abc import Iterable

import matplotlib as mpl
import pandas as pd
from matplotlib import patheffects
from matplotlib.patches import Patch
from shapely.geometry import box

from ..core import places
from ..core.language import t
from .maps import NO_FIGURE, departments, finish, ground, neighbours, outline, paint, scale_bar
from .style import INK, STYLE, Plate, colours, plate

# The closer map shows so much around the departments chosen, and names inside what fills more than
# this part of it; neighbours only while there is room.
MARGIN_M, OWN_PART, TINY_PART, ROOM_M2 = 110e3, 0.002, 0.012, 1.5e12
# Sign of a department against the mean of all, sign of its neighbours' mean; colour, hatch.
CLUSTERS = {
    "high-high": ("+ / +", "#B5482A", ""),
    "low-low": ("− / −", "#3B6FA0", ""),
    "low-high": ("− / +", "#A9C8E3", "////"),
    "high-low": ("+ / −", "#F0B79B", "////"),
}


def locator(codes: Iterable[str], title: str, sources: Iterable[str]) -> Plate:
    """Return two maps of departments: in the country, and nearer by among their neighbours."""
    codes = list(codes)
    shapes = departments().set_index("ubigeo")
    around, hues = neighbours(codes), colours(codes)
    near = {other for others in around.values() for other in others} - set(codes)
    left, bottom, right, top = shapes.loc[codes].total_bounds
    frame = box(left - MARGIN_M, bottom - MARGIN_M, right + MARGIN_M, top + MARGIN_M)
    subtitle = t("Coloured: the departments compared")
    if frame.area <= ROOM_M2:
        subtitle += "; " + t("in small type: neighbours, where there is room")
    figure, axes = plate(title, subtitle, sources, 3.9, 1, 2, width_ratios=(1, 1.75))
    with mpl.rc_context(STYLE):
        for ax in axes.flat:
            ground(ax, shapes)
            rest = shapes.drop(index=codes)
            paint(ax, rest, facecolor=NO_FIGURE, edgecolor="#B9B9B9", lw=0.7, zorder=2)
            for code in codes:
                own = shapes.loc[[code]]
                paint(ax, own, facecolor=hues[code], edgecolor="white", lw=1, zorder=3)
        whole, close = axes.flat
        whole.plot(*frame.exterior.xy, color=INK, lw=1, zorder=6)
        close.set_xlim(*frame.bounds[::2])
        close.set_ylim(*frame.bounds[1::2])
        for code in (*codes, *sorted(near)):
            part = shapes.geometry[code].intersection(frame)
            place, own = part.representative_point(), code in codes
            tiny = part.area < (OWN_PART if own else TINY_PART) * frame.area
            if not own and (tiny or frame.area > ROOM_M2):
                continue
            inside = own and not tiny
            close.annotate(
                places.name(code), (place.x, place.y), ha="right" if tiny else "center",
                va="center", xytext=(-10 if tiny else 0, 0), textcoords="offset points",
                size=10 if own else 8.5, weight="bold" if own else "normal", zorder=6,
                color="white" if inside else hues.get(code, INK),
                path_effects=[
                    patheffects.withStroke(linewidth=2, foreground=INK if inside else "white")
                ],
            )  # fmt: skip
        width_km = (frame.bounds[2] - frame.bounds[0]) / 1e3
        length_km = next(km for km in (300, 100, 50) if 4 * km < width_km or km == 50)
        scale_bar(close, length_km, left=True)
    for code, others in around.items():
        figure.alt += " " + t(
            "{name} borders on {names}.", name=places.name(code), names=places.listing(others)
        )
    return figure


def clusters(
    local: pd.DataFrame,
    title: str,
    subtitle: str,
    sources: Iterable[str],
    selected: Iterable[str] = (),
    level: float = 0.05,
    note: str = "",
) -> Plate:
    """Return a map of local Moran's I, as :func:`valuechains.spatial.local_moran` gives it.

    Every department with a value carries its two signs; only those with a ``p`` up to `level`
    are coloured, the others are grey.
    """
    figure, axes = plate(title, subtitle, sources, height=5.9, note=note)
    shapes = departments().set_index("ubigeo")
    kind = local["quadrant"].reindex(shapes.index)
    is_cluster = local["p"].reindex(shapes.index) <= level
    called = {
        "high-high": t("high among high"), "low-low": t("low among low"),
        "low-high": t("low among high"), "high-low": t("high among low"),
    }  # fmt: skip
    ax, handles, edges = axes[0, 0], [], {"edgecolor": "white", "lw": 0.7}
    with mpl.rc_context(STYLE):
        ground(ax, shapes)
        groups = {
            f"{signs}  {called[one]}": ((kind == one) & is_cluster, colour, hatch)
            for one, (signs, colour, hatch) in CLUSTERS.items()
        } | {
            t("no cluster told from chance"): (kind.notna() & ~is_cluster, "#CFCFCB", ""),
            t("no figure"): (kind.isna(), NO_FIGURE, "////"),
        }
        for words, (which, colour, hatch) in groups.items():
            style = edges | {"facecolor": colour, "hatch": hatch}
            style |= {"edgecolor": "#C4C4C4"} if colour == NO_FIGURE else {}
            if which.any():
                paint(ax, shapes[which], zorder=2, **style)
                found = places.listing(which.index[which])
                figure.alt += f" {words}: {found}."
            handles.append(Patch(**style, label=f"{words}  ({which.sum()})"))
        signs = {code: CLUSTERS[one][0] for code, one in kind.dropna().items()}
        outline(shapes, list(selected), signs, ax, set())
        finish(ax, handles, t("department / its neighbours"))
    return figure
