"""A matrix of shaded cells with words in them."""

import textwrap

import numpy as np
import pandas as pd
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
    heads = [textwrap.fill(head, 28 if is_upright else characters) for _, head in keys]
    above = house.TEXT_IN * (1 + max(head.count("\n") for head in heads))
    if is_upright:
        above = house.CHARACTER_IN * max(len(line) for head in heads for line in head.split("\n"))
    step = max(0.33, house.TEXT_IN * (1 + max(text.count("\n") for text in labels)) + 0.06)
    columns = [" ".join(key).strip() for key in keys]
    data = pd.DataFrame(words.to_numpy(), columns=columns).assign(row=list(frame.index))
    height = step * len(names) + above + 0.15 + (0.28 if keys[0][0] else 0)
    ax = figure.lay_out(data, ["row", *columns], height)[0, 0]
    limits = np.linspace(0.5, max(most or frame.max(axis=None), 1.5) + 0.5, 6)
    colours, norm = ListedColormap([EMPTY, *house.SHADES[:5]]), BoundaryNorm([-1, *limits], 6)
    shades = frame.reindex(columns=words.columns).astype(float).fillna(0).to_numpy()
    ax.pcolormesh(shades, cmap=colours, norm=norm, edgecolors="white", linewidths=1.5)
    for (row, column), text in np.ndenumerate(words.to_numpy()):
        ink = house.ink_on(colours(norm(shades[row, column])))
        ax.text(column + 0.5, row + 0.5, text, color=ink, ha="center", va="center")
    ax.set_xticks(np.arange(len(keys)) + 0.5, heads, rotation=90 if is_upright else 0)
    ax.set_yticks(np.arange(len(names)) + 0.5, labels, va="center")
    ax.set_ylim(len(names), 0)
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    groups = pd.Series([group for group, _ in keys])
    for start in groups.index[groups.ne(groups.shift(fill_value=""))]:
        ax.axvline(start, color="white", lw=8)
        place = {"textcoords": "offset points", "weight": "bold"}
        ax.annotate(groups[start], (start, 0), (4, 72 * above + 8), **place)
    for name, cells in zip(names, words.to_numpy(), strict=True):
        said = [f"{head} {text}" for head, text in zip(columns, cells, strict=True) if text]
        figure.said.append(f"{name}: {'; '.join(said) or '–'}.")
    figure.finish()
