"""Competitive gaps: weights from a stated scale, how robust their order is, what answers them.

The report states relevance in words. A number for each word is a choice, and so are the weights
of the three elements: what holds under any choice is kept apart from what does not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from ..core.errors import DataError
from ..tables import load

LEVELS = ("low", "medium", "high", "very high")
ELEMENTS = ("specialization", "diversification", "global_context")
EVEN, DOUBLING = (1, 2, 3, 4), (1, 2, 4, 8)
TOP = 3
DRAWS = 10_000
# A gap in the top in less than this share of the draws is seldom there.
SELDOM = 0.1


def levels() -> pd.DataFrame:
    """Return the stated relevance as places on :data:`LEVELS` (0 to 3), gap by element."""
    table = load("competitive_gaps").set_index("gap_number")
    place = {level: number for number, level in enumerate(LEVELS)}
    return pd.DataFrame({one: table[f"{one}_relevance"].map(place) for one in ELEMENTS})


def names() -> pd.Series:
    """Return the short name of each gap by its number."""
    return load("competitive_gaps").set_index("gap_number")["gap"]


def totals(levels: pd.DataFrame, scale: Sequence[float] = EVEN) -> pd.Series:
    """Return the weight of each gap: the sum of its levels on a scale, elements alike."""
    return levels.map(lambda place: scale[place]).sum(axis=1)


def ranks(weights: pd.Series) -> pd.Series:
    """Return places from the heaviest (1); gaps that tie share the mean of their places."""
    return weights.rank(ascending=False, method="average")


def overtakes(one: pd.Series, other: pd.Series) -> int:
    """Return how many pairs of gaps stand in opposite order by two weights; a tie is no order."""
    signs = [np.sign(x.to_numpy()[:, None] - x.to_numpy()) for x in (one, other[one.index])]
    return int((signs[0] * signs[1] < 0).sum()) // 2


def robustness(
    levels: pd.DataFrame,
    scale: Sequence[float] | None = None,
    draws: int = DRAWS,
    seed: int = 2016,
    top: int = TOP,
) -> pd.DataFrame:
    """Return how the order of gaps holds when the weights of the elements are random.

    Parameters
    ----------
    levels : DataFrame of int
        Gap by element, places on the scale (0 is the lowest).
    scale : sequence of float, optional
        The value of each place; without one it is random too, in every draw.

    Returns
    -------
    DataFrame
        Index as `levels`. ``top_share``: part of the draws in which the gap is among the first
        `top` or tied for the last of them; ``rank_best``, ``rank_middle``, ``rank_worst``: 5th,
        50th and 95th percentile.

    Notes
    -----
    Weights are uniform on the simplex, Dirichlet(1, 1, 1); a random scale rises from 0 to 1 in
    steps uniform on theirs. Where gaps tie for the last place all of them count, so that
    ``top_share`` adds up to `top` or more. Adding to a scale or stretching it changes no rank.
    """
    if not 1 <= top <= len(levels):
        raise DataError(f"the first {top} of {len(levels)} gaps: expected 1 to {len(levels)}")
    random = np.random.default_rng(seed)
    places = levels.to_numpy()
    weights = random.dirichlet(np.ones(places.shape[1]), draws)
    if scale is None:
        steps = random.dirichlet(np.ones(len(LEVELS) - 1), draws)
        values = np.pad(steps.cumsum(axis=1), ((0, 0), (1, 0)))[:, places]
    else:
        values = np.broadcast_to(np.asarray(scale, dtype=float)[places], (draws, *places.shape))
    # Summed element by element: gaps of the same levels tie exactly.
    sums = sum(values[:, :, i] * weights[:, i, None] for i in range(places.shape[1]))
    ahead = (sums[:, None, :] > sums[:, :, None]).sum(axis=2)
    tied = (sums[:, None, :] == sums[:, :, None]).sum(axis=2)
    rank = np.quantile(ahead + (tied + 1) / 2, (0.05, 0.5, 0.95), axis=0, method="inverted_cdf")
    columns = ("rank_best", "rank_middle", "rank_worst")
    return pd.DataFrame(
        {"top_share": (ahead < top).mean(axis=0), **dict(zip(columns, rank, strict=True))},
        index=levels.index,
    )


def outweighs(levels: pd.DataFrame) -> pd.DataFrame:
    """Return whether the gap of a row never weighs less than that of a column, but may weigh more.

    Whatever the weights and the rising scale: its level is at least as high for every element, and
    higher for one. The two tie where the elements that tell them apart weigh nothing.
    """
    places = levels.to_numpy()
    not_less = (places[:, None, :] >= places[None, :, :]).all(axis=2)
    more = (places[:, None, :] > places[None, :, :]).any(axis=2)
    return pd.DataFrame(not_less & more, index=levels.index, columns=levels.index)


def answered(pairs: pd.DataFrame, by: str, weights: pd.Series) -> pd.DataFrame:
    """Return how many gaps, and what share of their weight, each answer reaches.

    Parameters
    ----------
    pairs : DataFrame
        ``gap_number`` and the column `by` that names the answer; a pair counts once.

    Returns
    -------
    DataFrame
        Index: answers, the one with most weight first. ``gaps_n``, ``weight_share`` (0–1).
    """
    each = pairs.drop_duplicates([by, "gap_number"])
    each = each.assign(weight=each["gap_number"].map(weights) / weights.sum())
    out = each.groupby(by).agg(gaps_n=("gap_number", "size"), weight_share=("weight", "sum"))
    return out.sort_values("weight_share", ascending=False, kind="stable")


def answers() -> pd.DataFrame:
    """Return every pair of a gap and an item that answers it.

    Columns ``toolbox``, ``gap_number``, ``answer``, ``reading`` (``close`` or ``broad``).
    The mechanisms of the report's own table are a toolbox beside those of ``answer_gaps``.
    """
    items = load("answer_gaps").merge(
        load("answers")[["toolbox", "item_number", "answer"]], on=["toolbox", "item_number"]
    )
    mechanisms = load("gap_mechanisms").rename(columns={"mechanism": "answer"})
    columns = ["toolbox", "gap_number", "answer", "reading"]
    return pd.concat(
        [mechanisms.assign(toolbox="mechanisms", reading="close")[columns], items[columns]]
    )


def jaccard(one: Collection, other: Collection) -> float:
    """Return what two sets share over what they have together (NaN when both are empty)."""
    one, other = set(one), set(other)
    return len(one & other) / len(one | other) if one | other else float("nan")


def hits() -> pd.DataFrame:
    """Return each problem with the segments it hits: ``problem``, ``segment``, ``stage``."""
    rows = load("problem_segments")
    rows = rows.merge(load("chain_problems")[["chain", "problem_letter", "problem"]])
    return rows.merge(load("chain_segments")[["chain", "segment_number", "segment", "stage"]])


def swot_counts(column: str = "area_of_work") -> pd.DataFrame:
    """Return the number of statements by area, and by analysis and quadrant (columns).

    Parameters
    ----------
    column : str
        ``other_area`` counts a statement in its second area where it has one.
    """
    rows = load("swot")
    area = rows[column].fillna(rows["area_of_work"])
    printed = load("areas_of_work")["area_of_work"].tolist()
    order = pd.MultiIndex.from_product(
        [
            ["regions", "coffee", "camelids"],
            ["strengths", "weaknesses", "opportunities", "threats"],
        ]
    )
    counts = pd.crosstab(area, [rows["swot_subject"], rows["quadrant"]])
    outside = sorted(set(rows["area_of_work"]) - set(printed))
    return counts.reindex(index=printed + outside, columns=order, fill_value=0)
