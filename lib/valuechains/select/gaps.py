"""Competitive gaps: weights from a stated scale, how robust their order is, what answers them.

The report states relevance in words. A number for each word is a choice, and so are the weights
of the three elements: what holds under any choice is kept apart from what does not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from ..core.errors import DataError
from ..core.scope import Scope
from ..tables import load

LEVELS = ("low", "medium", "high", "very high")
ELEMENTS = ("specialization", "diversification", "global_context")
EVEN, DOUBLING = (1, 2, 3, 4), (1, 2, 4, 8)
TOP = 3
DRAWS = 10_000
# A gap in the top in less than this share of the draws is seldom there.
SELDOM = 0.1
TOOLBOXES = ("mechanisms", "areas", "recommendations", "cluster", "demand-driven")
CHAINS = ("coffee", "camelids")
SUBJECTS = ("regions", *CHAINS)
QUADRANTS = ("strengths", "weaknesses", "opportunities", "threats")
PATHS = ("escalation", "cluster", "guideline")


def levels() -> pd.DataFrame:
    """Return the stated relevance as places on :data:`LEVELS` (0 to 3), gap by element.

    Examples
    --------
    >>> levels().loc[1].to_list()
    [2, 1, 0]
    """
    table = load("competitive_gaps").set_index("gap_number")
    place = {level: number for number, level in enumerate(LEVELS)}
    return pd.DataFrame({name: table[f"{name}_relevance"].map(place) for name in ELEMENTS})


def names() -> pd.Series:
    """Return the short name of each gap by its number."""
    return load("competitive_gaps").set_index("gap_number")["gap"]


def totals(levels: pd.DataFrame, scale: Sequence[float] = EVEN) -> pd.Series:
    """Return the weight of each gap: the sum of its levels on a scale, elements alike."""
    return sum(levels[element].map(dict(enumerate(scale))) for element in levels)


def ranks(weights: pd.Series) -> pd.Series:
    """Return places from the heaviest (1); gaps that tie share the mean of their places."""
    return weights.rank(ascending=False, method="average")


def ranking() -> pd.DataFrame:
    """Return the gaps, heaviest first, weighed on both scales.

    Columns ``gap``, ``even``, ``rank``, ``doubling``, ``rank_doubling``, ``source``, ``origin``;
    index ``gap_number``.
    """
    table = load("competitive_gaps").set_index("gap_number")[["gap", "source", "origin"]]
    even, doubling = totals(levels()), totals(levels(), DOUBLING)
    weighed = table.assign(
        even=even, rank=ranks(even), doubling=doubling, rank_doubling=ranks(doubling)
    )
    return weighed.sort_values(["even", "doubling"], ascending=False)


def scale_facts() -> dict[str, int]:
    """Return that ``n`` of ``all`` gaps change rank between the scales, and ``pairs`` cross."""
    weighed = ranking()
    return {
        "n": int((weighed["rank"] != weighed["rank_doubling"]).sum()),
        "all": len(weighed),
        "pairs": overtakes(weighed["even"], weighed["doubling"]),
    }


def twins(levels: pd.DataFrame) -> list[list[int]]:
    """Return groups of gaps with the same levels throughout: nothing tells them apart."""
    groups = levels.groupby(list(levels)).groups.values()
    return [list(numbers) for numbers in groups if len(numbers) > 1]


def overtakes(first: pd.Series, second: pd.Series) -> int:
    """Return how many pairs of gaps stand in opposite order by two weights; a tie is no order."""
    signs = []
    for weights in (first, second[first.index]):
        values = weights.to_numpy()
        signs.append(np.sign(values[:, None] - values))
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
    sums = sum(
        values[:, :, element] * weights[:, element, None] for element in range(places.shape[1])
    )
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


def mechanism_reach() -> pd.DataFrame:
    """Return kinds of mechanism × gaps (1 where one is named), heaviest first on both sides.

    With ``weight_share``, the kind's share of the gaps' weight on even steps.
    """
    weighed, pairs = ranking(), mechanisms()
    reach = answered(pairs, "mechanism_kind", weighed["even"])
    named = pd.crosstab(pairs["mechanism_kind"], pairs["gap_number"]).clip(upper=1)
    named = named.loc[reach.index, weighed.index]
    return named.assign(weight_share=reach["weight_share"])


def mechanism_facts() -> dict:
    """Return how much of the gaps' weight the first kinds of mechanism reach.

    ``kind`` and ``second`` (kinds), ``share`` and ``next`` (of the weight on even steps, 0–1),
    ``other`` (the first kind's on doubling steps), ``gaps_n`` and ``all`` (gaps), and by printed
    name: ``n`` gaps at most, ``names`` of those mechanisms.
    """
    weighed, pairs = ranking(), mechanisms()
    kinds = answered(pairs, "mechanism_kind", weighed["even"])
    doubling = answered(pairs, "mechanism_kind", weighed["doubling"])
    printed = answered(pairs, "mechanism", weighed["even"])["gaps_n"]
    first, second = kinds.index[:2]
    return {
        "kind": first,
        "gaps_n": int(kinds.loc[first, "gaps_n"]),
        "all": len(weighed),
        "share": kinds.loc[first, "weight_share"],
        "other": doubling.loc[first, "weight_share"],
        "second": second,
        "next": kinds.loc[second, "weight_share"],
        "n": int(printed.max()),
        "names": printed.index[printed == printed.max()].to_list(),
    }


def answers() -> pd.DataFrame:
    """Return every pair of a gap and an item that answers it.

    Columns ``toolbox``, ``gap_number``, ``answer``, ``reading`` (``close`` or ``broad``),
    ``source``, ``origin``. The mechanisms of the report's own table are a toolbox beside those
    of ``answer_gaps``.
    """
    items = load("answer_gaps").merge(
        load("answers")[["toolbox", "item_number", "answer"]], on=["toolbox", "item_number"]
    )
    mechanisms = load("gap_mechanisms").rename(columns={"mechanism": "answer"})
    mechanisms = mechanisms.assign(toolbox="mechanisms", reading="close")
    columns = ["toolbox", "gap_number", "answer", "reading", "source", "origin"]
    return pd.concat([mechanisms[columns], items[columns]], ignore_index=True)


def coverage(weights: pd.Series) -> pd.DataFrame:
    """Return how far each toolbox covers the gaps, read closely and broadly.

    Returns
    -------
    DataFrame
        Index: :data:`TOOLBOXES`. ``items_n``, ``gaps_n`` and ``weight_share`` (0–1) read
        closely; ``open`` and ``open_broadly``: numbers of the gaps left open, heaviest first.
    """
    pairs = answers()
    close = pairs[pairs["reading"] == "close"]
    reach = answered(close, "toolbox", weights).reindex(TOOLBOXES)
    items = pairs.groupby("toolbox")["answer"].nunique().reindex(TOOLBOXES)
    order = ranking().index
    left_open, left_open_broadly = [], []
    for toolbox in TOOLBOXES:
        closely = set(close.loc[close["toolbox"] == toolbox, "gap_number"])
        broadly = set(pairs.loc[pairs["toolbox"] == toolbox, "gap_number"])
        left_open.append([gap for gap in order if gap not in closely])
        left_open_broadly.append([gap for gap in order if gap not in broadly])
    return reach.assign(items_n=items, open=left_open, open_broadly=left_open_broadly)


def answer_counts(reading: str = "close") -> pd.DataFrame:
    """Return the number of items that answer each gap (rows, heaviest first), by toolbox.

    ``reading="broad"`` counts those read closely and those read broadly.
    """
    pairs = answers()
    if reading == "close":
        pairs = pairs[pairs["reading"] == "close"]
    counts = pd.crosstab(pairs["gap_number"], pairs["toolbox"])
    return counts.reindex(index=ranking().index, columns=list(TOOLBOXES), fill_value=0)


def instruments() -> pd.DataFrame:
    """Return the instruments of the demand-driven projects with the gaps each answers closely.

    Columns ``answer``, ``gaps`` (list of gap numbers), ``source``, ``origin``.
    """
    items = load("answers")
    items = items[items["toolbox"] == "demand-driven"]
    pairs = answers()
    pairs = pairs[(pairs["toolbox"] == "demand-driven") & (pairs["reading"] == "close")]
    gaps = pairs.groupby("answer")["gap_number"].agg(list)
    columns = items[["answer", "source", "origin"]]
    return columns.assign(gaps=[gaps.get(answer, []) for answer in items["answer"]])


def jaccard(first: Collection, second: Collection) -> float:
    """Return what two sets share over what they have together (NaN when both are empty).

    Examples
    --------
    >>> jaccard({1, 2}, {2, 3})
    0.3333333333333333
    """
    first, second = set(first), set(second)
    together = first | second
    return len(first & second) / len(together) if together else float("nan")


def mechanisms() -> pd.DataFrame:
    """Return the mechanisms named for each gap, as printed and by our kinds."""
    return load("gap_mechanisms")


def gaps_with_mechanisms() -> pd.DataFrame:
    """Return the gaps, heaviest first: ``gap``, ``gap_meaning``, ``mechanisms`` (list, printed)."""
    meaning = load("competitive_gaps").set_index("gap_number")["gap_meaning"]
    printed = mechanisms().groupby("gap_number")["mechanism"].agg(list)
    return ranking()[["gap", "source", "origin"]].assign(gap_meaning=meaning, mechanisms=printed)


def segments(chain: str) -> pd.DataFrame:
    """Return the segments of a chain and the actors around them, from the first one down."""
    table = load("chain_segments")
    return table[table["chain"] == chain]


def problems(chain: str) -> pd.DataFrame:
    """Return the problems of a chain, by the report's letters."""
    table = load("chain_problems")
    return table[table["chain"] == chain]


def hits(chain: str | None = None) -> pd.DataFrame:
    """Return each problem with the segments it hits, of one chain or both.

    Columns ``chain``, ``problem_letter``, ``problem``, ``segment_number``, ``segment``,
    ``stage``, ``hit_basis`` (``named``, or the whole chain), ``source``, ``origin``.
    """
    problems = load("chain_problems")[["chain", "problem_letter", "problem"]]
    segments = load("chain_segments")[["chain", "segment_number", "segment", "stage"]]
    table = load("problem_segments").merge(problems).merge(segments)
    return table if chain is None else table[table["chain"] == chain]


def most_hit(chain: str) -> pd.DataFrame:
    """Return the segments of a chain that most problems hit by name: ``segment``, ``problems``."""
    struck = hits(chain)
    struck = struck[struck["hit_basis"] == "named"]
    counts = struck.groupby("segment").size().rename("problems").reset_index()
    return counts[counts["problems"] == counts["problems"].max()]


def shared_problems() -> dict:
    """Return what the two chains have in common.

    ``n`` of ``all`` problems (``names``, Jaccard index ``x``), and ``places_n`` of
    ``places_all`` pairs of a problem and a stage whose segment the text names (``places_x``).
    """
    problems = load("chain_problems").groupby("chain")["problem"].agg(set)
    named = hits()
    named = named[named["hit_basis"] == "named"]
    pairs = {
        chain: set(rows[["problem", "stage"]].itertuples(index=False, name=None))
        for chain, rows in named.groupby("chain")
    }
    return {
        "n": len(problems["coffee"] & problems["camelids"]),
        "all": len(problems["coffee"] | problems["camelids"]),
        "names": sorted(problems["coffee"] & problems["camelids"]),
        "x": jaccard(problems["coffee"], problems["camelids"]),
        "places_n": len(pairs["coffee"] & pairs["camelids"]),
        "places_all": len(pairs["coffee"] | pairs["camelids"]),
        "places_x": jaccard(pairs["coffee"], pairs["camelids"]),
    }


def problems_of_one_chain() -> pd.DataFrame:
    """Return the problems that the text places at a stage of work in one chain only.

    Columns ``chain``, ``problem``, ``stage``, ``segments`` (list, as the chain calls them).
    """
    named = hits()
    named = named[named["hit_basis"] == "named"]
    pairs = named.groupby(["problem", "stage", "chain"])["segment"].agg(list).rename("segments")
    pairs = pairs.reset_index()
    alone = ~pairs.duplicated(["problem", "stage"], keep=False)
    return pairs[alone].sort_values(
        ["chain", "problem", "stage"], ascending=[False, True, True], ignore_index=True
    )


def areas_of_work() -> pd.DataFrame:
    """Return the five areas of work with the statements of the SWOTs that belong to each.

    Columns of ``areas_of_work`` with ``statements`` and ``statements_second`` (numbers; the
    second where each statement goes to its other area).
    """
    table = load("areas_of_work")
    first, second = (swot_counts(column).sum(axis=1) for column in ("area_of_work", "other_area"))
    area = table["area_of_work"]
    return table.assign(statements=area.map(first), statements_second=area.map(second))


def swot_counts(column: str = "area_of_work") -> pd.DataFrame:
    """Return the number of statements by area, and by analysis and quadrant (columns).

    Parameters
    ----------
    column : str
        ``other_area`` counts a statement in its second area where it has one.
    """
    table = load("swot")
    area = table[column].fillna(table["area_of_work"])
    printed = load("areas_of_work")["area_of_work"].tolist()
    outside = sorted(set(table["area_of_work"]) - set(printed))
    counts = pd.crosstab(area, [table["swot_subject"], table["quadrant"]])
    columns = pd.MultiIndex.from_product([SUBJECTS, QUADRANTS])
    return counts.reindex(index=printed + outside, columns=columns, fill_value=0)


def swot_facts() -> dict:
    """Return where weaknesses gather, by either reading, and what is of none of the five areas.

    ``areas``, ``most`` of ``weaknesses``; ``unsure`` with a second reading, by which they gather
    in ``area_again`` (``most_again``); ``outside`` of ``all`` statements: ``bright`` of ``good``
    (strengths, opportunities) and ``dark`` of ``bad`` (weaknesses, threats).
    """
    counts, second = swot_counts(), swot_counts("other_area")
    weak, weak_again = (
        table.xs("weaknesses", axis=1, level=1).sum(axis=1) for table in (counts, second)
    )
    statements = load("swot")
    weaknesses = statements[statements["quadrant"] == "weaknesses"]
    outside = counts.drop(index=load("areas_of_work")["area_of_work"])
    is_good = counts.columns.get_level_values(1).isin(["strengths", "opportunities"])
    return {
        "areas": weak.index[weak == weak.max()].to_list(),
        "most": int(weak.max()),
        "weaknesses": len(weaknesses),
        "unsure": int(weaknesses["other_area"].notna().sum()),
        "area_again": weak_again.idxmax(),
        "most_again": int(weak_again.max()),
        "outside": int(outside.to_numpy().sum()),
        "all": len(statements),
        "bright": int(outside.loc[:, is_good].to_numpy().sum()),
        "good": int(counts.loc[:, is_good].to_numpy().sum()),
        "dark": int(outside.loc[:, ~is_good].to_numpy().sum()),
        "bad": int(counts.loc[:, ~is_good].to_numpy().sum()),
    }


def swot() -> pd.DataFrame:
    """Return every statement of the analyses, in the order of the report."""
    table = load("swot")
    places = {name: place for place, name in enumerate((*SUBJECTS, *QUADRANTS))}
    return table.sort_values(
        ["swot_subject", "quadrant", "item_number"],
        key=lambda column: column.map(places) if column.dtype == "str" else column,
        ignore_index=True,
    )


def studied() -> list[str]:
    """Return the UBIGEO codes of the regions that the report studied."""
    return sorted(load("council_actors")["ubigeo"].unique())


def councils(scope: Scope) -> pd.DataFrame:
    """Return the members of the councils of the scope's regions, in its order of regions."""
    members = load("council_actors")
    members = members[members["ubigeo"].isin(scope.regions)]
    order = members["ubigeo"].map(list(scope.regions).index)
    return members.assign(order=order).sort_values(["order", "item_number"], ignore_index=True)


def council_shares(scope: Scope) -> pd.DataFrame:
    """Return the share of each kind of member: ``ubigeo``, ``actor_kind``, ``share`` (0–1) …

    Region by region, the largest kind first, with ``members_n``, ``source`` and ``origin``.
    """
    kinds = councils(scope).groupby(["order", "ubigeo", "actor_kind"])
    shares = kinds.agg(
        members_n=("actor", "size"), source=("source", "first"), origin=("origin", " ".join)
    ).reset_index()
    listed = shares.groupby("ubigeo")["members_n"].transform("sum")
    shares = shares.assign(share=shares["members_n"] / listed)
    return shares.sort_values(
        ["order", "members_n"], ascending=[True, False], kind="stable", ignore_index=True
    )


def council_members(scope: Scope) -> pd.DataFrame:
    """Return the members by region and kind: ``ubigeo``, ``actor_kind``, ``actors`` (list)."""
    kinds = councils(scope).groupby(["order", "ubigeo", "actor_kind"])
    return kinds["actor"].agg(list).rename("actors").reset_index()


def council_sizes(scope: Scope) -> pd.DataFrame:
    """Return each council's ``members_stated_n`` in the text and ``members_listed_n``."""
    groups = councils(scope).groupby(["order", "ubigeo"])
    sizes = groups.agg(
        members_stated_n=("members_stated_n", "first"), members_listed_n=("actor", "size")
    )
    return sizes.reset_index()


def roadmap() -> pd.DataFrame:
    """Return the phases and guidelines, path by path (:data:`PATHS`)."""
    table = load("roadmap")
    order = table["path"].map(PATHS.index)
    return table.assign(order=order).sort_values(["order", "item_number"], ignore_index=True)
