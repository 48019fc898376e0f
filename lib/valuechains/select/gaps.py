"""Competitive gaps: weights from a stated scale, how robust their order is, what answers them.

The report states relevance in words. A number for each word is a choice, and so are the weights
of the three elements: what holds under any choice is kept apart from what does not. Tables of
gaps are indexed by ``gap_number``. A share of weight is a ratio (0 to 1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.errors import DataError
from ..core.scope import Scope
from ..tables import load
from . import rows

LEVELS = ("low", "medium", "high", "very high")
ELEMENTS = ["specialization", "diversification", "global_context"]
EVEN, DOUBLING = (1, 2, 3, 4), (1, 2, 4, 8)
TOP = 3
DRAWS = 10_000
# A gap in the top in less than this share of the draws is seldom there.
SELDOM = 0.1
TOOLBOXES = ["mechanisms", "areas", "recommendations", "cluster"]
# The other four documents, as they were written.
OTHERS = ["demand-driven", "creative", "mapping", "agencies"]
CHAINS = ("coffee", "camelids")
SUBJECTS = ("regions", *CHAINS)
QUADRANTS = ("strengths", "weaknesses", "opportunities", "threats")
SWOT = pd.MultiIndex.from_product([SUBJECTS, QUADRANTS], names=["swot_subject", "quadrant"])


def levels() -> pd.DataFrame:
    """Return the stated relevance as places on :data:`LEVELS` (0 to 3), gap by element.

    >>> levels().loc[1].to_list()
    [2, 1, 0]
    """
    table = load("competitive_gaps").set_index("gap_number")
    words = table[[f"{element}_relevance" for element in ELEMENTS]].set_axis(ELEMENTS, axis=1)
    return words.apply(lambda column: column.map(LEVELS.index))


def totals(levels: pd.DataFrame, scale: Sequence[float] = EVEN) -> pd.Series:
    """Return the weight of each gap: the sum of its levels on a scale, elements alike."""
    return pd.Series(np.asarray(scale)[levels.to_numpy()].sum(axis=1), levels.index)


def ranking() -> pd.DataFrame:
    """Return the gaps, heaviest first, weighed on both scales.

    The table ``competitive_gaps`` and ``even``, ``rank``, ``doubling``, ``rank_doubling``; gaps
    that tie share the mean of their places.
    """
    even, doubling = totals(levels()), totals(levels(), DOUBLING)
    weighed = (
        load("competitive_gaps")
        .set_index("gap_number")
        .assign(
            even=even,
            rank=even.rank(ascending=False),
            doubling=doubling,
            rank_doubling=doubling.rank(ascending=False),
        )
    )
    return weighed.sort_values(["even", "doubling"], ascending=False)


def overtakes(first: pd.Series, second: pd.Series) -> int:
    """Return how many pairs of gaps stand in opposite order by two weights; a tie is no order."""
    before, after = first.to_numpy(), second[first.index].to_numpy()
    opposite = np.subtract.outer(before, before) * np.subtract.outer(after, after) < 0
    return int(opposite.sum()) // 2


def robustness(
    levels: pd.DataFrame,
    scale: Sequence[float] | None = None,
    draws: int = DRAWS,
    seed: int = 2016,
    top: int = TOP,
) -> pd.DataFrame:
    """Return how the order of gaps holds when the weights of the elements are random.

    ``top_share``: part of the draws in which the gap is among the first `top` or tied for the last
    of them; ``rank_best``, ``rank_middle``, ``rank_worst``: 5th, 50th and 95th percentile.

    Notes
    -----
    Weights are uniform on the simplex, Dirichlet(1, 1, 1). Without a `scale` (a value for each
    level) it is random too and rises from 0 to 1 in steps uniform on theirs. Where gaps tie for
    the last place all of them count, so that ``top_share`` adds up to `top` or more.
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
    sums = sum(
        values[:, :, element] * weights[:, element, None] for element in range(places.shape[1])
    )
    ahead = (sums[:, None, :] > sums[:, :, None]).sum(axis=2)
    tied = (sums[:, None, :] == sums[:, :, None]).sum(axis=2)
    rank = np.quantile(ahead + (tied + 1) / 2, (0.05, 0.5, 0.95), axis=0, method="inverted_cdf")
    table = pd.DataFrame(rank.T, levels.index, ["rank_best", "rank_middle", "rank_worst"])
    return table.assign(top_share=(ahead < top).mean(axis=0))


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
    """Return how many gaps (``gaps_n``), and what share of their weight, each answer reaches.

    `pairs` have a ``gap_number`` and the column `by` that names the answer; a pair counts once.
    The answer with most weight (``weight_share``) comes first.
    """
    each = pairs.drop_duplicates([by, "gap_number"])
    each = each.assign(weight=each["gap_number"].map(weights) / weights.sum())
    out = each.groupby(by).agg(gaps_n=("gap_number", "size"), weight_share=("weight", "sum"))
    return out.sort_values("weight_share", ascending=False, kind="stable")


def kinds_of_mechanism() -> pd.DataFrame:
    """Return how far each kind of mechanism reaches, the first by weight on even steps first.

    The columns of :func:`answered`, and ``doubling_share`` on doubling steps.
    """
    weighed, pairs = ranking(), load("gap_mechanisms")
    doubling = answered(pairs, "mechanism_kind", weighed["doubling"])["weight_share"]
    return answered(pairs, "mechanism_kind", weighed["even"]).assign(doubling_share=doubling)


def answers() -> pd.DataFrame:
    """Return every pair of a gap and an item that answers it, by our ``reading`` of it.

    The report's mechanisms are a toolbox beside those of ``answer_gaps``, read closely.
    """
    named = load("answers")[["toolbox", "item_number", "answer"]]
    items = load("answer_gaps").merge(named, on=["toolbox", "item_number"])
    mechanisms = load("gap_mechanisms").rename(columns={"mechanism": "answer"})
    mechanisms = mechanisms.assign(toolbox="mechanisms", reading="close")
    columns = ["toolbox", "gap_number", "answer", "reading", "source", "origin"]
    return pd.concat([mechanisms[columns], items[columns]], ignore_index=True)


def answer_counts(*readings: str) -> pd.DataFrame:
    """Return the number of items that answer each gap (rows, heaviest first), by toolbox.

    `readings` are ``close``, ``broad`` or both.
    """
    pairs = answers()
    pairs = pairs[pairs["reading"].isin(readings)]
    counts = pd.crosstab(pairs["gap_number"], pairs["toolbox"])
    return counts.reindex(index=ranking().index, columns=[*TOOLBOXES, *OTHERS], fill_value=0)


def coverage(weights: pd.Series) -> pd.DataFrame:
    """Return how far each of :data:`TOOLBOXES` and :data:`OTHERS` covers the gaps.

    The columns of :func:`answered`, read closely; ``items_n`` of the toolbox; ``open`` and
    ``open_broadly``: lists of the gaps left open by a close or broad reading, heaviest first.
    """
    pairs = answers()
    reach = answered(pairs[pairs["reading"] == "close"], "toolbox", weights)
    reach = reach.reindex([*TOOLBOXES, *OTHERS])
    reach["items_n"] = pairs.groupby("toolbox")["answer"].nunique()
    for column, readings in (("open", ["close"]), ("open_broadly", ["close", "broad"])):
        counts = answer_counts(*readings)
        reach[column] = [list(counts.index[counts[box] == 0]) for box in reach.index]
    return reach


def instruments() -> pd.DataFrame:
    """Return the instruments of the other four documents with ``gaps``, those answered closely.

    A row of ``answers`` an instrument; ``gaps`` is a list of gap numbers.
    """
    items = load("answers").set_index("toolbox").loc[OTHERS].reset_index()
    pairs = answers().query("reading == 'close'")
    gaps = pairs.groupby(["toolbox", "answer"])["gap_number"].agg(list)
    keys = zip(items["toolbox"], items["answer"], strict=True)
    return items.assign(gaps=[gaps.get(key, []) for key in keys])


def systems() -> pd.DataFrame:
    """Return the number of statements on innovation systems by gap, and place and aspect.

    Gaps stand heaviest first, then 0: statements that speak of none.

    >>> int(systems().to_numpy().sum())
    52
    """
    table = load("innovation_systems")
    counts = pd.crosstab(table["gap_number"].fillna(0), [table["ubigeo"], table["aspect"]])
    return counts.reindex([*ranking().index, 0], fill_value=0)


def hits() -> pd.DataFrame:
    """Return each problem of the chains with each segment that it hits.

    ``hit_basis``: ``named``, or the whole chain.
    """
    problems = load("chain_problems")[["chain", "problem_letter", "problem"]]
    segments = load("chain_segments")[["chain", "segment_number", "segment", "stage"]]
    return load("problem_segments").merge(problems).merge(segments)


def shared_problems() -> dict:
    """Return how many problems the two chains share, and pairs of a problem and a stage of work.

    Of a stage counts what the text names; ``x`` and ``places_x`` are Jaccard's index.
    """
    problems = load("chain_problems").groupby("chain")["problem"].agg(set)
    named = hits().query("hit_basis == 'named'")
    pairs = named["problem"] + ", " + named["stage"]
    places = pairs.groupby(named["chain"]).agg(set)
    shared, every = set.intersection(*problems), set.union(*problems)
    shared_places, every_place = set.intersection(*places), set.union(*places)
    return {
        "n": len(shared),
        "all": len(every),
        "names": sorted(shared),
        "x": len(shared) / len(every),
        "places_n": len(shared_places),
        "places_all": len(every_place),
        "places_x": len(shared_places) / len(every_place),
    }


def problems_of_one_chain() -> pd.DataFrame:
    """Return the problems that the text places at a stage of work in one chain only."""
    named = hits().query("hit_basis == 'named'")
    pairs = named.groupby(["problem", "stage", "chain"])["segment"].agg(list)
    pairs = pairs.rename("segments").reset_index()
    alone = pairs[~pairs.duplicated(["problem", "stage"], keep=False)]
    return alone.sort_values(["chain", "problem"], ascending=[False, True], kind="stable")


def swot() -> pd.DataFrame:
    """Return every statement of the analyses, in the order of the report.

    The table ``swot`` and ``second_area``: its other area, where another reading is possible.
    """
    table = load("swot").set_index(SWOT.names).loc[list(SWOT)].reset_index()
    return table.assign(second_area=table["other_area"].fillna(table["area_of_work"]))


def areas_of_work() -> pd.DataFrame:
    """Return the five areas with the number of ``statements``, and of ``statements_second``.

    The second number counts each statement in its second area.
    """
    table = load("areas_of_work")
    for column, area in (("statements", "area_of_work"), ("statements_second", "second_area")):
        counts = swot()[area].value_counts()
        table[column] = table["area_of_work"].map(counts).fillna(0).astype(int)
    return table


def swot_counts(column: str = "area_of_work") -> pd.DataFrame:
    """Return the number of statements by area, and by analysis and quadrant (columns).

    The five areas come first. ``column="second_area"`` counts a statement in its second area.
    """
    table, printed = swot(), load("areas_of_work")["area_of_work"].tolist()
    outside = sorted(set(table["area_of_work"]) - set(printed))
    counts = pd.crosstab(table[column], [table["swot_subject"], table["quadrant"]])
    return counts.reindex(index=printed + outside, columns=SWOT.rename([None, None]), fill_value=0)


def swot_facts() -> dict:
    """Return where weaknesses gather, by either reading, and what is of none of the five areas.

    Strengths and opportunities are ``good`` (``bright`` outside the areas), the others ``bad``
    (``dark`` outside); ``unsure`` weaknesses have a second reading.
    """
    table = swot()
    weaknesses = table[table["quadrant"] == "weaknesses"]
    first, second = (weaknesses[name].value_counts() for name in ("area_of_work", "second_area"))
    is_good = table["quadrant"].isin(["strengths", "opportunities"])
    is_outside = ~table["area_of_work"].isin(load("areas_of_work")["area_of_work"])
    return {
        "areas": first.index[first == first.max()].to_list(),
        "most": first.max(),
        "weaknesses": len(weaknesses),
        "unsure": weaknesses["other_area"].count(),
        "area_again": second.idxmax(),
        "most_again": second.max(),
        "outside": is_outside.sum(),
        "all": len(table),
        "bright": (is_outside & is_good).sum(),
        "good": is_good.sum(),
        "dark": (is_outside & ~is_good).sum(),
        "bad": (~is_good).sum(),
    }


def councils(scope: Scope) -> pd.DataFrame:
    """Return the kinds of members of the regional councils, the largest kind of a region first.

    ``members_listed_n`` are all of its list, ``members_stated_n`` those of which the text speaks.
    """
    kinds = rows("council_actors", scope).groupby(["ubigeo", "actor_kind"])
    table = kinds.agg(
        actors=("actor", list),
        members_n=("actor", "size"),
        members_stated_n=("members_stated_n", "first"),
        source=("source", "first"),
        origin=("origin", " ".join),
    ).reset_index()
    listed = table.groupby("ubigeo")["members_n"].transform("sum")
    table = table.assign(members_listed_n=listed, share=table["members_n"] / listed)
    table = table.sort_values("members_n", ascending=False, kind="stable")
    return table.sort_values(
        "ubigeo", key=lambda codes: codes.map(scope.regions.index), kind="stable"
    )
