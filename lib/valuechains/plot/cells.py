"""Charts of cells: a matrix of shaded words, and what is known of which department and year.

seaborn draws them; it is imported when the first one is drawn.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from ..core.language import number
from ..core.places import fold
from . import figure as house
from .sources import kinds

EMPTY = "#F4F4F2"


@house.chart
def heatmap(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    row: str = "row",
    column: str = "column",
    value: str = "value",
    words: pd.DataFrame | str | None = None,
    most: float | None = None,
    selected: Iterable[str] | None = None,
    **shared: Any,
) -> house.Figure:
    """Return a matrix of shaded cells with words in them.

    Parameters
    ----------
    frame : DataFrame
        Wide: numbers that shade the cells, 0 or missing for none; columns of two levels stand in
        groups. Or long (`row`, `column`, `value`).
    words : DataFrame or column name, optional
        What the cells say; the numbers by default. Columns that `frame` lacks are not shaded.
    most : float, optional
        What the darkest shade stands for; the largest number by default.
    selected : iterable of str, optional
        Regions among the rows whose names have their colour.

    Examples
    --------
    >>> heatmap(pd.DataFrame({"S": [1, 0], "W": [2, 3]}, index=["land", "credit"]), "SWOT").said
    ['land: S 1; W 2.', 'credit: W 3.']
    """
    if row in frame and column in frame:
        shown = {"index": row, "columns": column}
        words = frame.pivot(values=words, **shown) if isinstance(words, str) else words
        order = [list(dict.fromkeys(frame[name])) for name in (row, column)]
        frame = frame.pivot(values=value, **shown).reindex(index=order[0], columns=order[1])
    house.need(frame, list(frame.columns))
    if words is None:
        words = frame.map(lambda x: "" if pd.isna(x) or not x else number(x))
    words = words.reindex(index=frame.index).fillna("")
    keys = [name if isinstance(name, tuple) else ("", str(name)) for name in words]
    names = [house.region_name(house.code(name)) for name in frame.index]
    labels = [textwrap.fill(name, 22) for name in names]
    longest = max(len(line) for text in labels for line in text.split("\n"))
    cell = (house.WIDTH_IN - 0.3 - house.CHARACTER_IN * longest) / len(keys)
    characters = max(2, int(cell / house.CHARACTER_IN))
    upright = max(len(word) for _, head in keys for word in head.split()) > characters
    heads = [textwrap.fill(head, 24 if upright else characters) for _, head in keys]
    lines = [line for head in heads for line in head.split("\n")]
    rows_of_head = max(head.count("\n") for head in heads) + 1
    above = (
        house.CHARACTER_IN * max(len(line) for line in lines)
        if upright
        else house.TEXT_IN * rows_of_head
    )
    step = max(0.33, house.TEXT_IN * (1 + max(text.count("\n") for text in labels)) + 0.06)
    height = step * len(names) + above + 0.15 + (0.28 if keys[0][0] else 0)
    data = pd.DataFrame(words.to_numpy(), columns=[" ".join(key).strip() for key in keys])
    data.insert(0, row, list(frame.index))
    figure, axes = house.begin(title or value, subtitle, data, height, **shared)
    ax = axes[0, 0]
    shade = frame.reindex(columns=words.columns).astype(float).replace(0, np.nan)
    limits = (0.5, max(most or frame.max(axis=None), 1.5) + 0.5)
    draw_cells(ax, shade, ListedColormap(house.SHADES[:5]), limits, words.to_numpy())
    name_rows(ax, frame.index, labels, selected)
    ax.set_xticks(np.arange(len(heads)) + 0.5, heads, rotation=90 if upright else 0)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    for start, (group, _) in enumerate(keys):
        if group and (not start or group != keys[start - 1][0]):
            ax.axvline(start, color="white", lw=8)
            place = {"textcoords": "offset points", "weight": "bold"}
            ax.annotate(group, (start, 0), (4, 72 * above + 8), **place)
    for name, cells in zip(names, words.to_numpy(), strict=True):
        said = [f"{' '.join(key).strip()} {x}" for key, x in zip(keys, cells, strict=True) if x]
        figure.said.append(f"{name}: {'; '.join(said) or '–'}.")
    return house.finish(figure)


def draw_cells(
    ax: Axes,
    shade: pd.DataFrame,
    colours: ListedColormap,
    limits: tuple,
    words: np.ndarray | None = None,
) -> None:
    """Shade cells and write words in them; one without a shade is nearly white."""
    import seaborn

    look = {"cmap": colours, "cbar": False, "linewidths": 1.5, "linecolor": "white", "fmt": ""}
    look |= {"xticklabels": False, "yticklabels": False, "annot_kws": {"size": house.TEXT}}
    seaborn.heatmap(shade, ax=ax, annot=words, vmin=limits[0], vmax=limits[1], **look)
    if words is not None:  # seaborn writes nothing in cells without a shade
        for y, x in np.argwhere(shade.isna().to_numpy()):
            ax.text(x + 0.5, y + 0.5, words[y, x], ha="center", va="center")
    ax.set(xlabel="", ylabel="", facecolor=EMPTY)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def name_rows(ax: Axes, rows: Iterable, labels: list[str], selected: Iterable[str] | None) -> None:
    """Write the names of rows, regions that are chosen in their colour."""
    hues = house.colours(house.code(region) for region in selected or ())
    ax.set_yticks(np.arange(len(labels)) + 0.5, labels, rotation=0)
    for text, name in zip(ax.get_yticklabels(), rows, strict=True):
        if house.code(name) in hues:
            text.set(color=hues[house.code(name)], weight="bold")


@house.chart
def coverage(
    frame: pd.DataFrame,
    title: Any = None,
    subtitle: str = "",
    *,
    row: str = "ubigeo",
    panel: str = "measure",
    selected: Iterable[str] | None = None,
    **shared: Any,
) -> house.Figure:
    """Return which department has a figure in which year and of what kind of source.

    Parameters
    ----------
    frame : DataFrame
        A row a figure: `row`, ``year``, ``source`` and, for several panels, `panel`.

    Examples
    --------
    >>> frame = pd.DataFrame({"ubigeo": ["08", "08"], "year": [2000, 2001], "source": "my count"})
    >>> coverage(frame, "What is known").said
    ['2.']
    """
    house.need(frame, ["year"], [row, "source"])
    table = frame.assign(**{row: [house.code(name) for name in frame[row]]})
    table = table if panel in table else table.assign(**{panel: ""})
    kind_of = kinds(table["source"])
    found = list(dict.fromkeys(kind_of.values()))
    steps = dict(zip(found, np.linspace(1, 5, len(found)).round().astype(int), strict=True))
    table["step"] = table["source"].map(kind_of).map(steps).astype(float)
    rows = sorted(table[row].unique(), key=lambda name: fold(house.region_name(name)))
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    parts = dict(iter(table.groupby(panel, sort=False)))
    cols = min(2, len(parts))
    tall = -(-len(parts) // cols)
    height = (0.182 * len(rows) + 0.5) * tall
    data = table[[panel, row, "year", "source"]]
    figure, axes = house.begin(title or panel, subtitle, data, height, tall, cols, **shared)
    for i, (ax, (name, part)) in enumerate(zip(axes.flat, parts.items(), strict=False)):
        shade = part.drop_duplicates([row, "year"]).pivot(index=row, columns="year", values="step")
        shade = shade.reindex(index=rows, columns=list(years))
        draw_cells(ax, shade, ListedColormap(house.SHADES), (-0.5, 5.5))
        ax.set_title(name, loc="left", weight="bold", pad=4)
        labels = [house.region_name(name) if i % cols == 0 else "" for name in rows]
        name_rows(ax, rows, labels, selected)
        marks = [place for place, year in enumerate(years) if year % 5 == 0 or len(years) < 5]
        ax.set_xticks(
            [mark + 0.5 for mark in marks], [str(years[mark]) for mark in marks], rotation=0
        )
        ax.tick_params(length=0)
        figure.said.append(f"{name}: {number(len(part))}.".removeprefix(": "))
    for ax in axes.flat[len(parts) :]:
        ax.set_visible(False)
    return house.finish(figure, [Patch(facecolor=house.SHADES[steps[x]]) for x in found], found)
