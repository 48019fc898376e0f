"""A matrix of shaded cells with words in them."""

import textwrap

import numpy as np
import pandas as pd
import seaborn
from matplotlib.colors import BoundaryNorm, ListedColormap

from ..core.language import number
from . import figure as house

EMPTY = "#F4F4F2"


@house.chart
def heatmap(
    figure: house.Figure,
    frame: pd.DataFrame,
    *,
    words: pd.DataFrame | None = None,
    most: float | None = None,
) -> None:
    """Return a matrix of shaded cells with words in them.

    The frame's numbers shade the cells, 0 or missing not at all, `most` (else the largest) the
    darkest; columns of two levels stand in groups. `words` are what cells say, by default the
    numbers; its columns that the frame lacks are not shaded.

    >>> heatmap(pd.DataFrame({"S": [1, 0], "W": [2, 3]}, index=["land", "credit"]), "SWOT").said
    ['land: S 1; W 2.', 'credit: W 3.']
    """
    house.need(frame, frame.columns)
    if words is None:
        words = frame.map(number).mask(frame.isna() | (frame == 0), "")
    words = words.reindex(index=frame.index).fillna("")
    keys = [name if isinstance(name, tuple) else ("", str(name)) for name in words]
    names = [house.region_name(house.code(name)) for name in frame.index]
    labels = [textwrap.fill(name, 22) for name in names]
    longest = max(len(line) for text in labels for line in text.split("\n"))
    cell = (house.WIDTH_IN - 0.3 - house.CHARACTER_IN * longest) / len(keys)
    characters = max(2, int(cell / house.CHARACTER_IN))
    # Digits are wide letters: four of them fill the room of five.
    lengths = [len(word) + word.isdecimal() for _, head in keys for word in head.split()]
    is_upright = max(lengths) > characters
    heads = [textwrap.wrap(head, 28 if is_upright else characters) for _, head in keys]
    above = house.TEXT_IN * max(len(lines) for lines in heads)
    if is_upright:
        above = house.CHARACTER_IN * max(len(line) for lines in heads for line in lines)
    step = max(0.33, house.TEXT_IN * (1 + max(text.count("\n") for text in labels)) + 0.06)
    columns = [" ".join(key).strip() for key in keys]
    data = pd.DataFrame(words.to_numpy(), columns=columns).assign(row=list(frame.index))
    height = step * len(names) + above + 0.15 + (0.28 if keys[0][0] else 0)
    # seaborn would draw it to see whether labels touch: not what is not visible yet.
    ax = figure.lay_out(data, ["row", *columns], height, subplot_kw={"visible": False})[0, 0]
    limits = np.linspace(0.5, max(most or frame.max(axis=None), 1.5) + 0.5, 6)
    seaborn.heatmap(
        frame.reindex(columns=words.columns).astype(float).fillna(0),
        annot=words.to_numpy(),
        fmt="",
        cmap=ListedColormap([EMPTY, *house.SHADES[:5]]),
        norm=BoundaryNorm([-1, *limits], 6),
        cbar=False,
        linewidths=1.5,
        xticklabels=["\n".join(lines) for lines in heads],
        yticklabels=labels,
        ax=ax,
    )
    # seaborn's own ink is white on the middle green, at a contrast of 2.4.
    shades = ax.collections[-1].get_facecolors()
    for text, shade in zip(ax.texts[-words.size :], shades, strict=True):
        text.set_color(house.ink_on(shade))
    ax.set(xlabel="", ylabel="", visible=True)
    ax.grid(visible=False)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.tick_params(axis="x", rotation=90 if is_upright else 0)
    ax.tick_params(axis="y", rotation=0)
    groups = pd.Series([group for group, _ in keys])
    for start in groups.index[groups.ne(groups.shift(fill_value=""))]:
        ax.axvline(start, color="white", lw=8)
        place = {"textcoords": "offset points", "weight": "bold"}
        ax.annotate(groups[start], (start, 0), (4, 72 * above + 8), **place)
    for name, cells in zip(names, words.to_numpy(), strict=True):
        said = [f"{head} {text}" for head, text in zip(columns, cells, strict=True) if text]
        figure.said.append(f"{name}: {'; '.join(said) or '–'}.")
    figure.finish()
