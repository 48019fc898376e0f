"""The ledger of statements: what the documents state, recomputed from ``data/processed``.

A statement carries an expression, never a verdict: the verdict follows from what the expression
gives (:mod:`valuechains.audit.recompute`). The rules of the verdicts stand in docs/methods.md.
"""

import operator
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from ..core import places
from ..core.errors import DataError
from ..tables import load
from .recompute import best, evaluate

# What other sources bear out or not; what is only possible; what a document says against itself.
VERDICTS = "holds", "roughly", "differs", "possible", "consistent", "contradicts", "unchecked"
HOLDS, ROUGHLY, DIFFERS, POSSIBLE, CONSISTENT, CONTRADICTS, UNCHECKED = VERDICTS
TENDENCIES = ("mostly", "always")
_BOUNDS = {
    "more than": operator.gt,
    "at least": operator.ge,
    "less than": operator.lt,
    "at most": operator.le,
}


def judge(compare: str, stated: float | None, digits: int, found: Any) -> str:
    """Return ``holds``, ``roughly`` or ``differs`` for a figure stated and the one found.

    ``compare`` is ``is`` (as printed with so many decimal ``digits``), ``about``, a bound, or a
    tendency (``mostly``, ``always``: found is a share of cases, 0 to 1, or a yes or no). Figures of
    several periods or places (a dict) each count: all must hold, two thirds of them for roughly.

    >>> judge("is", 5.6, 1, 5.649), judge("about", 13, 0, 15.6), judge("always", None, 0, False)
    ('holds', 'roughly', 'differs')
    """
    if isinstance(found, dict) and compare not in TENDENCIES:
        verdicts = [judge(compare, stated, digits, figure) for figure in found.values()]
        fitting = sum(verdict != DIFFERS for verdict in verdicts)
        holds, roughly = set(verdicts) == {HOLDS}, fitting >= 2 / 3 * len(verdicts)
        return HOLDS if holds else ROUGHLY if roughly else DIFFERS
    found, is_share = middle(found), compare in TENDENCIES
    is_number = isinstance(found, Real) and not np.isnan(found)
    if not is_number or (not 0 <= found <= 1 if is_share else isinstance(found, bool)):
        needed = "a share from 0 to 1 or a yes or no" if is_share else "a number"
        raise DataError(f"{compare!r} needs {needed}, not {found!r}")
    if compare == "always":
        holds, roughly = found == 1, found >= 0.9
    elif compare == "mostly":
        holds, roughly = found >= 2 / 3, found > 0.5
    else:
        # A hair less, for binary fractions: 14.3 is within 10 % of 13.
        distance, size = abs(found - stated) * (1 - 1e-9), abs(stated)
        # Of a figure as printed half a unit of the last digit.
        within = {"is": 0.5 * 10.0**-digits, "about": 0.10 * size}
        bound = _BOUNDS.get(compare)
        holds = bound(found, stated) if bound else distance <= within[compare]
        roughly = distance <= (0.20 if compare == "about" else 0.05) * size
    return HOLDS if holds else ROUGHLY if roughly else DIFFERS


def middle(found: Any) -> Any:
    """Return a figure found, of several (a dict) their mean: of yes and no the share of yes."""
    return sum(found.values()) / len(found) if isinstance(found, dict) else found


def settle(verdict: str | None, test: str | None, is_own: bool) -> str:
    """Return the verdict of a statement from that of its test, and what kind of test it was.

    Nothing but the document's own figures can't confirm it; a ``condition`` that is met doesn't
    either, but one that is not refutes it; a ``proxy`` (another year, product or measure) that
    fits makes it possible, and one that doesn't refutes nothing.

    >>> settle("holds", "condition", False), settle("differs", "proxy", False)
    ('possible', 'unchecked')
    """
    if verdict is None:
        return UNCHECKED
    fits = verdict != DIFFERS
    if is_own:
        return CONSISTENT if fits else CONTRADICTS
    if test in ("condition", "proxy") and fits:
        return POSSIBLE
    return UNCHECKED if test == "proxy" else verdict


def ledger(claims: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the statements (all, or those named) with what was found and the verdict.

    The table ``claims`` and ``found`` (a number, a share, a yes or no, or a dict of several),
    ``verdict``, ``against`` (source keys of the rows used), ``is_own`` (the document's only),
    ``reading_found`` and ``reading_verdict`` (of the fair other reading, where there is one),
    ``regions`` (codes of the departments named). Documents with most statements first. A DataError
    names the file and line of a statement whose expression can't be evaluated.

    >>> ledger(["vicuna-most-expensive"])[["found", "verdict", "regions"]].values.tolist()
    [[True, 'consistent', '']]
    """
    best.cache_clear()  # the data may have been made anew
    statements = load("claims")
    wanted = statements if claims is None else statements[statements["claim"].isin(set(claims))]
    wanted = wanted.assign(
        size=wanted["document"].map(statements["document"].value_counts()),
        line=wanted["origin"].str.extract(r":(\d+)$")[0].astype(int),
    )
    ordered = wanted.sort_values(["size", "line"], ascending=[False, True], kind="stable")
    rows = ordered.drop(columns=["size", "line"]).to_dict("records")
    for row in rows:
        found, verdict, used = _checked(row, "recompute", statements)
        reading, reading_verdict, _ = _checked(row, "reading_recompute", statements)
        is_own = used == {row["document"]}
        row |= {"found": found, "verdict": settle(verdict, row["test_kind"], is_own)}
        row |= {"against": sorted(used), "is_own": is_own}
        row |= {"reading_found": reading, "reading_verdict": reading_verdict}
        row["regions"] = " ".join(named(row["says"]))
    return pd.DataFrame(rows)


def _checked(row: dict[str, Any], column: str, statements: pd.DataFrame) -> tuple[Any, Any, set]:
    """Return what an expression of a statement gives, its verdict and the sources it used."""
    if not isinstance(row[column], str):
        return None, None, set()
    try:
        found, used = evaluate(row[column], statements, row["document"])
        verdict = judge(row["compare"], row["stated_value"], row["stated_digits"], found)
    except DataError as problem:
        raise DataError(f"{row['origin']}: claim {row['claim']}: {problem}") from None
    return found, verdict, used


def named(says: str) -> list[str]:
    """Return the codes of the departments that a statement names."""
    return [code for code in places.codes() if places.name(code) in says]


def counts(checked: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the number of statements (``all``) and of each verdict, a row a key.

    ``by``: ``document``, ``topics`` or ``regions``; a statement counts for each of its keys.
    """
    keys = checked[by].str.split().explode().dropna()
    table = pd.crosstab(keys, checked["verdict"].loc[keys.index].to_numpy())
    table = table.reindex(columns=list(VERDICTS), fill_value=0).rename_axis(columns="verdict")
    return table.assign(all=table.sum(axis=1), checked=table.drop(columns=UNCHECKED).sum(axis=1))


def summary(checked: pd.DataFrame) -> dict[str, float]:
    """Return the number of statements: of each verdict, ``all``, ``checked`` and ``tested``.

    ``tested`` are those that other sources decide: they hold, at least roughly, or differ.
    ``own``: measured against their document only.
    """
    numbers = counts(checked.assign(whole="all"), "whole").loc["all"].to_dict()
    return numbers | {
        "tested": numbers[HOLDS] + numbers[ROUGHLY] + numbers[DIFFERS],
        "own": numbers[CONSISTENT] + numbers[CONTRADICTS],
    }


def surprises(checked: pd.DataFrame) -> pd.DataFrame:
    """Return the statements that don't hold: contradictions first, then the furthest off.

    With ``ratio`` (found over stated; none for a rank) and ``distance`` (their difference over
    the larger of them, 0 to 1; 0 for a yes or no, which comes last).
    """
    wrong = checked[checked["verdict"].isin([CONTRADICTS, DIFFERS])]
    stated = wrong["stated_value"]
    found = wrong["found"].map(middle).where(stated.notna()).astype(float)
    distance = (found - stated).abs() / np.maximum(found.abs(), stated.abs())
    ratio = (found / stated).where(wrong["unit"] != "rank")
    wrong = wrong.assign(distance=distance.fillna(0), ratio=ratio)
    # "contradicts" comes before "differs"
    return wrong.sort_values(["verdict", "distance"], ascending=[True, False], kind="stable")
