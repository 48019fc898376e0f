"""Competitive gaps, mechanisms, SWOT, problems of the chains, councils, road map: words as data.

What the report prints and what we read into it stand in different raw files; a row of a
processed table that rests on both names both in its ``origin``.
"""

from __future__ import annotations

import pandas as pd

from ...core.errors import DataError
from ...extract.readers.table import RawTable
from . import Read, check_between, frame, stack

REPORT, DEMAND, OURS = "report_eu_peru_2016", "ifad_massler_2004", "project_competitiveness"
RELEVANCE = {"LOW": "low", "MEDIUM": "medium", "HIGH": "high", "VERY HIGH": "very high"}
QUADRANTS = {"S": "strengths", "W": "weaknesses", "O": "opportunities", "T": "threats"}
CHAINS = {one: one for one in ("coffee", "camelids")}
GAPS_N = 9
# Where the items of each toolbox are printed.
TOOLBOXES = {
    "areas": (f"{REPORT}/areas_of_work.csv", "Area", "6.3"),
    "recommendations": (f"{REPORT}/recommendations.csv", "Recommendation", "7.2.2"),
    "cluster": (f"{REPORT}/launch_reasons.csv", "Reason", "8.1"),
    "demand-driven": (f"{DEMAND}/demand_driven.csv", "Instrument", None),
}


def _read_into(printed: pd.DataFrame, ours: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return printed rows with our reading of each beside them, refusing what has no partner."""
    both = printed.merge(
        ours.drop(columns="source"), on=keys, how="outer", suffixes=("", "_ours"), indicator=True
    )
    if (alone := both[both["_merge"] != "both"]).size:
        row = alone.iloc[0]
        here = row["origin"] if row["_merge"] == "left_only" else row["origin_ours"]
        what = ", ".join(str(row[key]) for key in keys)
        raise DataError(f"{here}: {what} stands in only one of the printed and our own table")
    both["origin"] = both["origin"].str.cat(both["origin_ours"], sep=" ")
    return both.drop(columns=["origin_ours", "_merge"])


def _check_known(rows: pd.DataFrame, known: pd.DataFrame, keys: list[str], what: str) -> None:
    """Refuse rows that speak of something that its own table does not have."""
    there = pd.MultiIndex.from_frame(known[keys])
    if (alone := rows[~pd.MultiIndex.from_frame(rows[keys]).isin(there)]).size:
        row = alone.iloc[0]
        raise DataError(f"{row['origin']}: no {what} {', '.join(str(row[key]) for key in keys)}")


def _numbers(table: RawTable, column: str, most: int) -> pd.Series:
    return table.numbers(column, low=1, high=most).astype("int64")


def gaps(read: Read) -> pd.DataFrame:
    """Return the nine competitive gaps with their stated relevance for three elements."""
    table = read(f"{REPORT}/competitive_gaps.csv")
    out = frame(
        table,
        gap_number=_numbers(table, "Number", GAPS_N),
        gap=table.text("Gap"),
        gap_meaning=table.text("What it is"),
        specialization_relevance=table.choice("SPECIALIZATION", RELEVANCE),
        diversification_relevance=table.choice("DIVERSIFICATION", RELEVANCE),
        global_context_relevance=table.choice("GLOBAL CONTEXT", RELEVANCE),
    )
    if len(out) != GAPS_N:
        raise DataError(f"{table.file}: {len(out)} gaps, the report has {GAPS_N}")
    return out


def mechanisms(read: Read) -> pd.DataFrame:
    """Return the mechanisms named for each gap, as printed and by our kinds."""
    table, kinds = read(f"{REPORT}/gap_mechanisms.csv"), read(f"{OURS}/mechanism_kinds.csv")
    printed = frame(
        table, gap_number=_numbers(table, "Gap", GAPS_N), mechanism=table.text("Mechanism")
    )
    ours = frame(kinds, mechanism=kinds.text("Mechanism"), mechanism_kind=kinds.text("Kind"))
    if without := set(gaps(read)["gap_number"]) - set(printed["gap_number"]):
        raise DataError(f"{table.file}: no mechanism for gap {min(without)}")
    return _read_into(printed, ours, ["mechanism"])


def areas(read: Read) -> pd.DataFrame:
    """Return the five areas of work."""
    table = read(f"{REPORT}/areas_of_work.csv")
    return frame(
        table,
        item_number=_numbers(table, "Number", 5),
        area_of_work=table.text("Area"),
        area_meaning=table.text("What it is for"),
    )


def swot(read: Read) -> pd.DataFrame:
    """Return the statements of the three SWOT analyses, each with our reading of its area."""
    table, read_as = read(f"{REPORT}/swot.csv"), read(f"{OURS}/swot_areas.csv")
    keys = [
        {
            "swot_subject": one.choice("Subject", CHAINS | {"regions": "regions"}),
            "quadrant": one.choice("Quadrant", QUADRANTS),
            "item_number": _numbers(one, "Number", 9),
        }
        for one in (table, read_as)
    ]
    known = {area: area for area in areas(read)["area_of_work"]}
    known["Outside the five areas"] = "Outside the five areas"
    ours = frame(
        read_as,
        **keys[1],
        area_of_work=read_as.choice("Area", known),
        other_area=read_as.choice("Other area", known | {"": ""}),
    )
    printed = frame(
        table, **keys[0], statement=table.text("Statement"), section=table.text("Section")
    )
    return _read_into(printed, ours, list(keys[0]))


def segments(read: Read) -> pd.DataFrame:
    """Return the segments of both chains in order, and the actors around them."""
    table, stages = read(f"{REPORT}/chain_segments.csv"), read(f"{OURS}/segment_stages.csv")
    printed = frame(
        table,
        chain=table.choice("Chain", CHAINS),
        segment_number=_numbers(table, "Number", 9),
        segment_role=table.text("Role"),
        segment=table.text("Segment"),
        segment_actors=table.text("Actors"),
    )
    ours = frame(
        stages,
        chain=stages.choice("Chain", CHAINS),
        segment_number=_numbers(stages, "Segment", 9),
        stage=stages.text("Stage"),
    )
    return _read_into(printed, ours, ["chain", "segment_number"])


def problems(read: Read) -> pd.DataFrame:
    """Return the problems of both chains with the letters that each chain gives them."""
    table = read(f"{REPORT}/chain_problems.csv")
    return frame(
        table,
        chain=table.choice("Chain", CHAINS),
        problem_letter=table.text("Letter"),
        problem=table.text("Problem"),
        problem_meaning=table.text("As the text has it"),
    )


def problem_segments(read: Read) -> pd.DataFrame:
    """Return which segments each problem hits, as we read the text."""
    table = read(f"{OURS}/problem_segments.csv")
    out = frame(
        table,
        chain=table.choice("Chain", CHAINS),
        problem_letter=table.text("Letter"),
        segment_number=_numbers(table, "Segment", 9),
        hit_basis=table.text("Basis"),
    )
    _check_known(out, segments(read), ["chain", "segment_number"], "segment")
    _check_known(out, problems(read), ["chain", "problem_letter"], "problem")
    _check_known(problems(read), out, ["chain", "problem_letter"], "segment hit by problem")
    return out


def councils(read: Read) -> pd.DataFrame:
    """Return the members of the regional councils of science and technology, by our kinds."""
    table, kinds = read(f"{REPORT}/council_actors.csv"), read(f"{OURS}/actor_kinds.csv")
    printed = frame(
        table,
        ubigeo=table.departments("Region"),
        item_number=_numbers(table, "Number", 40),
        actor=table.text("Actor"),
        members_stated_n=table.counts("Members stated"),
    )
    listed = printed.groupby("ubigeo")["item_number"].transform("size")
    ratio = (listed / printed["members_stated_n"]).astype("float64")
    # The list of Puno has one actor more than its sentence says; several would be a slip.
    check_between(ratio, 0.9, 1.1, "members listed over members stated", printed["origin"])
    ours = frame(
        kinds,
        ubigeo=kinds.departments("Region"),
        item_number=_numbers(kinds, "Number", 40),
        actor_kind=kinds.text("Kind"),
    )
    return _read_into(printed, ours, ["ubigeo", "item_number"])


def roadmap(read: Read) -> pd.DataFrame:
    """Return the phases of section 8, the roadmap of a cluster and its guidelines."""
    table = read(f"{REPORT}/roadmap_phases.csv")
    return frame(
        table,
        path=table.text("Path"),
        item_number=_numbers(table, "Number", 3),
        step=table.text("Step"),
        step_meaning=table.text("What it does"),
        section=table.text("Section"),
    )


def answers(read: Read) -> pd.DataFrame:
    """Return the items of the toolboxes: areas of work, recommendations, cluster, IFAD's."""
    parts = []
    for toolbox, (name, column, section) in TOOLBOXES.items():
        table = read(name)
        parts.append(
            frame(
                table,
                toolbox=toolbox,
                item_number=_numbers(table, "Number", 20),
                answer=table.text(column),
                section=section or table.text("Section"),
            )
        )
    return stack(parts)


def answer_gaps(read: Read) -> pd.DataFrame:
    """Return which gaps an item of a toolbox answers, as we read it, with the reason."""
    table = read(f"{OURS}/answer_gaps.csv")
    out = frame(
        table,
        toolbox=table.text("Toolbox"),
        item_number=_numbers(table, "Number", 20),
        gap_number=_numbers(table, "Gap", GAPS_N),
        reading=table.text("Reading"),
        mapping_reason=table.text("Reason"),
    )
    _check_known(out, answers(read), ["toolbox", "item_number"], "item")
    return out
