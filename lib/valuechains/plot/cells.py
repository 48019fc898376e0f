"""Charts of cells: a matrix of shaded words, and what is known of which department and year.

seaborn draws them; it is imported when the first one is drawn.
"""

from __future__ import annotations

import itertools
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
        long = frame.dropna(subset=value)
        shown = {"index": row, "columns": column}
        words = long.pivot(values=words, **shown) if isinstance(words, str) else words
        order = [list(dict.fromkeys(long[name])) for name in (row, column)]
        frame = long.pivot(values=value, **shown).reindex(index=order[0], columns=order[1])
    if words is None:
        words = frame.map(lambda x: "" if pd.isna(x) or not x else number(x))
    words = words.fillna("").reindex(index=frame.index)
    house.need(frame, list(frame.columns))
    shade = frame.reindex(columns=words.columns).astype(float).replace(0, np.nan)
    names = [house.region_name(house.code(name)) for name in frame.index]
    heads = [name[-1] if isinstance(name, tuple) else str(name) for name in words]
    groups = [name[0] if isinstance(name, tuple) else "" for name in words]
    labels = [textwrap.fill(name, 22) for name in names]
    room = (
        house.WIDTH_IN
        - 0.3
        - house.CHARACTER_IN * max(len(x) for text in labels for x in text.split("\n"))
    )
    cell = room / len(heads)
    upright = max(len(word) for head in heads for word in head.split()) * house.CHARACTER_IN > cell
    heads = [
        textwrap.fill(x, 24 if upright else max(2, int(cell / house.CHARACTER_IN))) for x in heads
    ]
    lines = [line for head in heads for line in head.split("\n")]
    above = (
        house.CHARACTER_IN * max(map(len, lines))
        if upright
        else house.TEXT_IN * (1 + max(h.count("\n") for h in heads))
    )
    step = max(0.33, house.TEXT_IN * (1 + max(text.count("\n") for text in labels)) + 0.06)
    height = step * len(names) + above + 0.15 + (0.28 if any(groups) else 0)
    data = words.melt(ignore_index=False, value_name="words").rename_axis(index=row).reset_index()
    figure, axes = house.begin(title or value, subtitle, data, height, **shared)
    ax = axes[0, 0]
    colours_map = ListedColormap(house.SHADES[:5])
    limits = {"vmin": 0.5, "vmax": max(most or frame.max(axis=None), 1.5) + 0.5}
    _cells(ax, shade, colours_map, words, **limits)
    ax.set_yticks(np.arange(len(names)) + 0.5, labels, rotation=0)
    ax.set_xticks(np.arange(len(heads)) + 0.5, heads, rotation=90 if upright else 0)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    starts = [i for i, (a, b) in enumerate(itertools.pairwise(["", *groups])) if a != b]
    for start in starts:
        ax.axvline(start, color="white", lw=8)
        ax.annotate(
            groups[start],
            (start, 0),
            (4, 72 * above + 8),
            textcoords="offset points",
            weight="bold",
        )
    _highlight(ax, list(frame.index), selected)
    for name, (_, cells) in zip(names, words.iterrows(), strict=True):
        said = [
            f"{' '.join(key) if isinstance(key, tuple) else key} {x}"
            for key, x in cells.items()
            if x
        ]
        figure.said.append(f"{name}: {'; '.join(said) or '–'}.")
    return house.finish(figure)


def _cells(
    ax: Axes, shade: pd.DataFrame, colour: ListedColormap, words: Any, **limits: float
) -> None:
    """Shade cells and write words in them; a missing one is nearly white."""
    import seaborn

    ax.set_facecolor(EMPTY)
    plain = {"cmap": colour, "cbar": False, "linewidths": 1.5, "linecolor": "white", "fmt": ""}
    empty = {"xticklabels": False, "yticklabels": False}
    annotations = None if words is None else words.to_numpy()
    seaborn.heatmap(
        shade, ax=ax, annot=annotations, annot_kws={"size": 11.1}, **plain, **empty, **limits
    )
    if words is not None:  # seaborn writes nothing in cells without a shade
        for (y, x), word in np.ndenumerate(annotations):
            if word and np.isnan(shade.iat[y, x]):
                ax.text(x + 0.5, y + 0.5, word, ha="center", va="center")
    ax.set(xlabel="", ylabel="")
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _highlight(ax: Axes, rows: list, selected: Iterable[str] | None) -> None:
    hues = house.colours(house.code(region) for region in selected or ())
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
    table = frame.reset_index(drop=True)
    table = table.assign(**{row: [house.code(name) for name in table[row]]})
    kind_of = kinds(table["source"])
    found = list(dict.fromkeys(kind_of.values()))
    steps = dict(zip(found, np.linspace(1, 5, len(found)).round().astype(int), strict=True))
    rows = sorted(table[row].unique(), key=lambda name: fold(house.region_name(name)))
    panels = list(dict.fromkeys(table[panel])) if panel in table else [""]
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    cols = min(2, len(panels))
    tall = -(-len(panels) // cols)
    kept = [name for name in (panel, row, "year", "source") if name in table]
    figure, axes = house.begin(
        title or panel, subtitle, table[kept], (0.182 * len(rows) + 0.5) * tall, tall, cols,
        sharey=True, sharex=True, **shared,
    )  # fmt: skip
    for i, (ax, name) in enumerate(zip(axes.flat, panels, strict=False)):
        part = table[table[panel] == name] if name else table
        shade = part.assign(step=part["source"].map(kind_of).map(steps))
        shade = shade.drop_duplicates([row, "year"]).pivot(index=row, columns="year", values="step")
        shade = shade.reindex(index=rows, columns=list(years)).astype(float)
        _cells(ax, shade, ListedColormap(house.SHADES), None, vmin=-0.5, vmax=5.5)
        ax.set_title(name, loc="left", weight="bold", pad=4)
        ax.set_yticks(
            np.arange(len(rows)) + 0.5, [house.region_name(name) for name in rows], rotation=0
        )
        ax.tick_params(length=0, labelleft=i % cols == 0)
        if i % cols == 0:
            _highlight(ax, rows, selected)
        marks = [i for i, year in enumerate(years) if year % 5 == 0 or len(years) < 5]
        ax.set_xticks(
            [mark + 0.5 for mark in marks], [str(years[mark]) for mark in marks], rotation=0
        )
        figure.said.append(f"{name}: {number(len(part))}.".removeprefix(": "))
    for ax in axes.flat[len(panels) :]:
        ax.set_visible(False)
    return house.finish(
        figure, [Patch(facecolor=house.SHADES[steps[name]]) for name in found], found
    )
