"""Competitive gaps: weights from a stated scale, how robust their order is, what answers them.

The report states relevance in words. A number for each word is a choice, and so are the weights
of the three elements: what holds under any choice is kept apart from what does not. Tables of
gaps are indexed by ``gap_number``. A share of weight is a ratio (0 to 1).

Which indicator speaks of a gap or of a step of the road map, and which direction is better, is this
project's reading (tables ``gap_measures``, ``roadmap_measures``). Without one stands the figure
needed, in no region.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from ..core import places
from ..core.scope import Scope
from . import accounts, coffee, figures, in_order, prefer, rows

LEVELS = ("low", "medium", "high", "very high")
ELEMENTS = ["specialization", "diversification", "global_context"]
EVEN, DOUBLING = (1, 2, 3, 4), (1, 2, 4, 8)
TOP = 3
DRAWS, SEED = 10_000, 2016
# A gap in the top in less than this share of the draws is seldom there.
SELDOM = 0.1
TOOLBOXES = ["mechanisms", "areas", "recommendations", "cluster"]
# The other four documents, as they were written.
OTHERS = ["demand-driven", "creative", "mapping", "agencies"]
SWOT = pd.MultiIndex.from_product(
    [
        ("regions", "coffee", "camelids"),
        ("strengths", "weaknesses", "opportunities", "threats"),
    ]
)


def levels() -> pd.DataFrame:
    """Return the stated relevance as places on :data:`LEVELS` (0 to 3), gap by element.

    >>> levels().loc[1].to_list()
    [2, 1, 0]
    """
    words = rows("competitive_gaps").set_index("gap_number")
    words = words[[f"{element}_relevance" for element in ELEMENTS]].set_axis(ELEMENTS, axis=1)
    return words.map(LEVELS.index)


def totals(levels: pd.DataFrame, scale: Sequence[float] = EVEN) -> pd.Series:
    """Return the weight of each gap: the sum of its levels on a scale, elements alike."""
    return levels.replace(dict(enumerate(scale))).sum(axis=1)


def ranking() -> pd.DataFrame:
    """Return the table of gaps, heaviest first, with its weights ``even`` and ``doubling``.

    ``rank``, ``rank_doubling``: gaps that tie share the mean of their places.
    """
    weights = pd.DataFrame({"even": totals(levels()), "doubling": totals(levels(), DOUBLING)})
    weights[["rank", "rank_doubling"]] = weights.rank(ascending=False)
    table = rows("competitive_gaps").set_index("gap_number").join(weights)
    return table.sort_values(["even", "doubling"], ascending=False)


def robustness(
    levels: pd.DataFrame, scale: Sequence[float] | None = None, draws: int = DRAWS
) -> pd.DataFrame:
    """Return how the order of gaps holds when the weights of the elements are random.

    ``top_share``: part of the draws in which the gap is among the first :data:`TOP` or tied for the
    last; ``rank_best``, ``rank_middle``, ``rank_worst``: 5th, 50th, 95th percentile. Weights are
    Dirichlet(1, 1, 1); so are the steps of a scale from 0 to 1 where no `scale` is given.
    """
    random = np.random.default_rng(SEED)
    degrees = levels.to_numpy()
    weights = random.dirichlet(np.ones(degrees.shape[1]), draws)
    if scale is None:
        steps = random.dirichlet(np.ones(len(LEVELS) - 1), draws)
        values = np.pad(steps.cumsum(axis=1), ((0, 0), (1, 0)))[:, degrees]
    else:
        values = np.broadcast_to(np.asarray(scale, dtype=float)[degrees], (draws, *degrees.shape))
    # Summed element by element: gaps of the same levels tie exactly.
    sums = sum(values[:, :, place] * weights[:, place, None] for place in range(degrees.shape[1]))
    ahead = (sums[:, None, :] > sums[:, :, None]).sum(axis=2)
    tied = (sums[:, None, :] == sums[:, :, None]).sum(axis=2)
    rank = np.quantile(ahead + (tied + 1) / 2, (0.05, 0.5, 0.95), axis=0, method="inverted_cdf")
    table = pd.DataFrame(rank.T, levels.index, ["rank_best", "rank_middle", "rank_worst"])
    return table.assign(top_share=(ahead < TOP).mean(axis=0))


def outweighs(levels: pd.DataFrame) -> pd.DataFrame:
    """Return whether the gap of a row never weighs less than that of a column, but may weigh more.

    Its level is at least as high for every element, and higher for one.
    """
    degrees = levels.to_numpy()
    not_less = (degrees[:, None, :] >= degrees[None, :, :]).all(axis=2)
    return pd.DataFrame(not_less & ~not_less.T, index=levels.index, columns=levels.index)


def answered(pairs: pd.DataFrame, by: str, weights: pd.Series) -> pd.DataFrame:
    """Return how many gaps (``gaps_n``), and what share of their weight, each answer reaches.

    `by` is the column that names the answer; that with most weight (``weight_share``) comes first.
    """
    each = pairs.drop_duplicates([by, "gap_number"])
    weight = each["gap_number"].map(weights) / weights.sum()
    answers = each.assign(weight=weight).groupby(by)
    reach = answers.agg(gaps_n=("gap_number", "size"), weight_share=("weight", "sum"))
    return reach.sort_values("weight_share", ascending=False, kind="stable")


def answers() -> pd.DataFrame:
    """Return every pair of a gap and an item that answers it, by our ``reading`` of it.

    The report's mechanisms are a toolbox beside those of ``answer_gaps``, read closely.
    """
    items = rows("answer_gaps").merge(rows("answers")[["toolbox", "item_number", "answer"]])
    mechanisms = rows("gap_mechanisms").assign(toolbox="mechanisms", reading="close")
    mechanisms = mechanisms.rename(columns={"mechanism": "answer"})
    columns = ["toolbox", "gap_number", "answer", "reading", "source", "origin"]
    return pd.concat([mechanisms, items], ignore_index=True)[columns]


def answer_counts(*readings: str) -> pd.DataFrame:
    """Return the number of items that answer each gap (rows, heaviest first), by toolbox.

    `readings` are ``close``, ``broad`` or both.
    """
    pairs = answers().query("reading in @readings")
    counts = pd.crosstab(pairs["gap_number"], pairs["toolbox"])
    return counts.reindex(index=ranking().index, columns=[*TOOLBOXES, *OTHERS], fill_value=0)


def coverage(weights: pd.Series) -> pd.DataFrame:
    """Return how far each of :data:`TOOLBOXES` and :data:`OTHERS` covers the gaps.

    :func:`answered`, read closely; ``items_n``; lists of the gaps left ``open`` (read broadly:
    ``open_broadly``), heaviest first.
    """
    pairs = answers()
    reach = answered(pairs.query("reading == 'close'"), "toolbox", weights)
    reach = reach.reindex([*TOOLBOXES, *OTHERS])
    reach["items_n"] = pairs.groupby("toolbox")["answer"].nunique()
    for column, readings in (("open", ["close"]), ("open_broadly", ["close", "broad"])):
        counts = answer_counts(*readings)
        reach[column] = [list(counts.index[counts[box] == 0]) for box in reach.index]
    return reach


def instruments() -> pd.DataFrame:
    """Return the instruments of the other documents, with lists of the ``gaps`` they answer."""
    pairs = answers().query("reading == 'close'")
    gaps = pairs.groupby(["toolbox", "answer"])["gap_number"].agg(list).rename("gaps")
    items = rows("answers").set_index("toolbox").loc[OTHERS].reset_index()
    items = items.join(gaps, on=["toolbox", "answer"])
    return items.assign(gaps=items["gaps"].fillna("").map(list))


def hits() -> pd.DataFrame:
    """Return each problem of the chains with each segment that it hits."""
    problems = rows("chain_problems")[["chain", "problem_letter", "problem"]]
    segments = rows("chain_segments")[["chain", "segment_number", "segment", "stage"]]
    return rows("problem_segments").merge(problems).merge(segments)


def swot() -> pd.DataFrame:
    """Return every statement in the report's order; ``second_area`` is its other possible one."""
    table = rows("swot").set_index(["swot_subject", "quadrant"]).loc[list(SWOT)].reset_index()
    return table.assign(second_area=table["other_area"].fillna(table["area_of_work"]))


def councils(scope: Scope) -> pd.DataFrame:
    """Return the kinds of members of the regional councils, the largest kind of a region first.

    ``members_listed_n`` are of its list, ``members_stated_n`` those of which the text speaks.
    """
    table = rows("council_actors", scope).groupby(["ubigeo", "actor_kind"], as_index=False)
    table = table.agg(
        actors=("actor", list),
        members_n=("actor", "size"),
        members_stated_n=("members_stated_n", "first"),
        source=("source", "first"),
        origin=("origin", " ".join),
    )
    listed = table.groupby("ubigeo")["members_n"].transform("sum")
    table = table.assign(members_listed_n=listed, share=table["members_n"] / listed)
    return in_order(table, scope, "members_n")


# The last year of the report's own figures: indicators are compared with it.
BASE_YEAR = 2013


def _farm_over_world_price() -> pd.DataFrame:
    """Return the farm price of coffee over the world price, both in soles; none if doubtful."""
    table = coffee.farm_price()
    return table.assign(value=table["over_world"].mask(table["is_doubtful"]))


def _value_added_exports() -> pd.DataFrame:
    """Return the share of Peru's alpaca exports with value added, January to May of each year."""
    table = rows("camelid_exports", breakdown="product").set_index("period")
    total = table[table["scope"] == "total"]
    worked = table[(table["scope"] == "value added") & (table["item"] == "all")]["value_usd"]
    years = total.index.str[:4].astype(int)
    return total.assign(value=worked / total["value_usd"], year=years, ubigeo=places.COUNTRY)


def _coffee_world_share() -> pd.DataFrame:
    """Return Peru's share of the exports of green coffee of all countries, by value (BACI)."""
    peru = coffee.baci()[0].reset_index().rename(columns={"share": "value"})
    return peru.assign(ubigeo=places.COUNTRY)


# Of poverty the lower end of the band of ten points (0 to 1) that the share of the poor is in; of
# fibre kilograms for each alpaca shorn.
SERIES = {
    "farm_over_world_price": _farm_over_world_price,
    "coffee_yield": partial(figures, "coffee_regional", "yield_kg_per_ha"),
    "fibre_per_shorn_alpaca": partial(
        figures, "camelid_yearbooks", "fibre_t * 1000 / shorn_heads", species="alpaca"
    ),
    "value_added_exports": _value_added_exports,
    "coffee_world_share": _coffee_world_share,
    "poverty": partial(
        figures, "monetary_poverty", "poverty_pct // 10 / 10", poverty_column="actual"
    ),
}


def measured(scope: Scope) -> pd.DataFrame:
    """Return each indicator of a gap near 2013 and in its last year, for the scope's regions.

    With ``ubigeo`` (``00`` where only Peru is known), ``year_before``, ``before``, ``year_after``,
    ``after`` (NaN: none), ``moved`` (1 the better way, -1 the other, 0 neither), ``source``.

    >>> table = measured(Scope(("21",), 2000, 2013)).set_index("indicator")
    >>> table.loc["value_added_exports", ["before", "after"]].astype(float).round(3).tolist()
    [0.524, 0.409]
    """
    return _beside(rows("gap_measures"), scope)


def steps(scope: Scope) -> pd.DataFrame:
    """Return the same of the road map's steps, with the columns of ``roadmap_measures``.

    >>> table = steps(Scope(("21",), 2000, 2013)).set_index("indicator")
    >>> table.loc["coffee_world_share", ["year_before", "year_after"]].astype(int).iloc[0].tolist()
    [2013, 2024]
    """
    road, known = rows("roadmap"), _beside(rows("roadmap_measures"), scope)
    return road[["path", "item_number", "step"]].merge(known, on=["path", "item_number"])


def _beside(measures: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    table = []
    for measure in measures.to_dict("records"):
        if pd.isna(measure["indicator"]):
            table.append(measure)
            continue
        series = SERIES[measure["indicator"]]()
        is_national = set(series["ubigeo"]) == {places.COUNTRY}
        for code in [places.COUNTRY] if is_national else scope.regions:
            own = series[series["ubigeo"] == accounts.counted_as(code, series["ubigeo"])]
            table.append(measure | {"ubigeo": code} | _change(own, measure["better"]))
    return pd.DataFrame(table)


def _change(series: pd.DataFrame, better: str) -> dict:
    """Return the figure nearest to 2013, the last one after it, and which way it moved."""
    known = series.dropna(subset="value").set_index("year")[["value", "source", "origin"]]
    if known.empty:
        return {"source": None}
    first, last = prefer.nearest(known.index, BASE_YEAR), int(known.index.max())
    before, after = known["value"].astype("float64")[[first, last]]
    used = known.loc[list(dict.fromkeys([first, last]))]
    found = {name: " ".join(dict.fromkeys(used[name])) for name in ("source", "origin")}
    found |= {"year_before": first, "before": before}
    if last == first:
        return found
    change = round(after - before, 9) * (1 if better == "up" else -1)
    return found | {"year_after": last, "after": after, "moved": int(np.sign(change))}
