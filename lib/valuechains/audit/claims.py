"""The report under audit: what the source documents state, recomputed from ``data/processed``.

A statement carries an expression, never a verdict: the verdict follows from what the expression
gives (:mod:`valuechains.recompute`).
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

import pandas as pd
from IPython.display import Markdown

from ..core import places
from ..core.errors import DataError
from ..core.language import bound_words, exact, number, percent, t
from ..core.scope import Scope
from ..report.story import say
from ..select.coffee import names_line
from ..tables import load
from .recompute import evaluate

HOLDS, ROUGHLY, DIFFERS = "holds", "holds roughly", "differs"
CONTRADICTS, UNCHECKED = "contradicts itself", "cannot be checked with the data here"
MARKS = {HOLDS: "✓", ROUGHLY: "≈", DIFFERS: "≠", CONTRADICTS: "↯", UNCHECKED: "?"}


def judge(compare: str, stated: float | None, digits: int, found: Any) -> str:
    """Return ``holds``, ``holds roughly`` or ``differs``; the rules stand in docs/methods.md."""
    if compare in ("mostly", "always"):
        if not isinstance(found, (bool, Real)) or not 0 <= found <= 1:
            raise DataError(f"{compare!r} needs a share from 0 to 1 or a yes or no, not {found!r}")
        most, some = (2 / 3, found > 0.5) if compare == "mostly" else (1, found >= 0.9)
        return HOLDS if found >= most else ROUGHLY if some else DIFFERS
    if isinstance(found, bool) or not isinstance(found, Real) or found != found:
        raise DataError(f"{compare!r} needs a number, not {found!r}")
    # A hair less, for binary fractions: 14.3 is within 10 % of 13.
    near = abs(found - stated) * (1 - 1e-9)
    if compare == "is":
        # Half a unit of the last printed digit.
        exactly, roughly = near <= 0.5 * 10.0**-digits, near <= 0.05 * abs(stated)
    elif compare == "about":
        exactly, roughly = near <= 0.10 * abs(stated), near <= 0.20 * abs(stated)
    else:
        exactly = {
            "more than": found > stated, "at least": found >= stated,
            "less than": found < stated, "at most": found <= stated,
        }[compare]  # fmt: skip
        roughly = near <= 0.05 * abs(stated)
    return HOLDS if exactly else ROUGHLY if roughly else DIFFERS


def ledger(ids: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the statements (all, or those named) with what was found and the verdict.

    Returns
    -------
    DataFrame
        The columns of the table ``claims`` and ``found`` (a number, a share, a yes or no),
        ``verdict``, ``against`` (source keys of the rows used), ``reading_found`` and
        ``reading_verdict`` (of the fair other reading, where there is one).
    """
    statements = load("claims")
    wanted = statements if ids is None else statements[statements["claim"].isin(set(ids))]
    # As they stand in the documents, the one with most statements first.
    line = wanted["origin"].str.extract(r":(\d+)$")[0].astype(int)
    size = -wanted["document"].map(statements["document"].value_counts())
    wanted = wanted.assign(line=line, size=size).sort_values(["size", "line"], kind="stable")
    wanted = wanted.drop(columns=["line", "size"])
    return pd.DataFrame([_checked(row, statements) for row in wanted.to_dict("records")])


def _checked(row: dict[str, Any], statements: pd.DataFrame) -> dict[str, Any]:
    out = row | {
        "found": None, "verdict": UNCHECKED, "against": [], "reading_found": None,
        "reading_verdict": None,
    }  # fmt: skip
    for kind in ("", "reading_"):
        if not isinstance(expression := row[f"{kind}recompute"], str):
            continue
        try:
            found, used = evaluate(expression, statements, row["document"])
            verdict = judge(row["compare"], row["stated_value"], row["stated_digits"], found)
        except DataError as problem:
            raise DataError(f"{row['origin']}: claim {row['claim']}: {problem}") from None
        out |= {f"{kind}found": found, f"{kind}verdict": verdict}
        if not kind:
            out["against"] = sorted(used)
            # Measured against nothing but itself, a document does not differ: it disagrees.
            if verdict == DIFFERS and used == {row["document"]}:
                out["verdict"] = CONTRADICTS
    return out


def counts(checked: pd.DataFrame, by: str = "document") -> pd.DataFrame:
    """Return the number of statements by document or topic (rows) and verdict (columns).

    A statement counts for each of its topics.
    """
    keys = checked[by].str.split().explode()
    table = pd.crosstab(keys, checked["verdict"].loc[keys.index].to_numpy())
    return table.reindex(columns=list(MARKS), fill_value=0).rename_axis(columns="verdict")


def distance(row: Any) -> float:
    """Return how far the figure found is from the stated one, relative to the larger of them."""
    if row.stated_value != row.stated_value or isinstance(row.found, bool) or row.found is None:
        return float("nan")
    largest = max(abs(row.found), abs(row.stated_value))
    return abs(row.found - row.stated_value) / largest if largest else 0.0


def surprises(checked: pd.DataFrame) -> pd.DataFrame:
    """Return the statements that don't hold: contradictions first, then the furthest off."""
    wrong = checked[checked["verdict"].isin([CONTRADICTS, DIFFERS])]
    far = pd.Series([distance(row) for row in wrong.itertuples()], index=wrong.index, dtype=float)
    wrong = wrong.assign(distance=far.fillna(0))  # a yes or no has no distance
    wrong = wrong.assign(other=wrong["verdict"] != CONTRADICTS)
    return wrong.sort_values(["other", "distance"], ascending=[True, False], kind="stable")


def written(value: Any, row: Any) -> str:
    """Return a stated or found figure of a statement as the report's language writes it."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool) or (row.compare == "always" and value in (0, 1)):
        return t("yes") if value else t("no")
    if row.compare in ("mostly", "always"):
        return percent(float(value))
    if row.unit == "rank":
        return t("place {n:0}", n=value)
    if row.unit == "year":
        return str(int(value))
    digits = max(int(row.stated_digits), 0)
    # A figure that is found may need one more digit than the document printed.
    more = digits + (abs(value) < 1000)
    text = exact(value) if value == round(value, digits) else number(value, more)
    if row.unit == "%":
        return percent(float(value) / 100, len(text.partition(".")[2]))
    return f"{text} {t(row.unit)}" if isinstance(row.unit, str) else text


def called(verdict: str) -> str:
    """Return a verdict in the report's language."""
    return {
        HOLDS: t("holds"), ROUGHLY: t("holds roughly"), DIFFERS: t("differs"),
        CONTRADICTS: t("contradicts itself"),
        UNCHECKED: t("cannot be checked with the data here"),
    }[verdict]  # fmt: skip


def stated(row: Any) -> str:
    """Return the stated figure with its bound ("more than 25 bodies")."""
    bound = bound_words(row.compare.replace(" ", "_"))
    return f"{bound} {written(row.stated_value, row)}".strip()


def explain(row: Any) -> str:
    """Return why a statement has its verdict, in one computed sentence."""
    if row.verdict == UNCHECKED:
        return t(row.unchecked)
    own = row.against == [row.document]
    against = t("the document itself") if own else names_line(row.against)
    if isinstance(row.found, bool) or row.compare in ("mostly", "always"):
        text = t("found: {found} ({against})", found=written(row.found, row), against=against)
    else:
        text = t(
            "stated {stated}, found {found} ({against})", stated=stated(row),
            found=written(row.found, row), against=against,
        )  # fmt: skip
    if isinstance(row.reading_says, str):
        text += "; " + t(
            "{reading} Then: {found} ({verdict})", reading=t(row.reading_says),
            found=written(row.reading_found, row), verdict=called(row.reading_verdict),
        )  # fmt: skip
    return text + "."


def _named(says: str) -> set[str]:
    return {code for code in places.codes() if places.name(code) in says}


def by_region(checked: pd.DataFrame, here: Scope) -> dict[str, pd.DataFrame]:
    """Return the statements that name each of the report's regions."""
    return {
        places.name(code): checked[[code in _named(says) for says in checked["says"]]]
        for code in here.regions
    }


def notes(here: Scope, *topics: str) -> Markdown:
    """Return what the documents state on some topics, each with the mark of its verdict.

    Statements that name departments are left out unless one of the report's is among them.
    """
    statements = load("claims")
    wanted = [
        row.claim
        for row in statements[statements["recompute"].notna()].itertuples()
        if set(topics) & set(row.topics.split())
        and (not (named := _named(row.says)) or named & set(here.regions))
    ]
    return sentences(ledger(wanted))


def sentences(checked: pd.DataFrame) -> Markdown:
    """Return statements as a list: mark, verdict, what is stated, and what was found."""
    lines = [
        say(
            "- {mark} **{verdict}** · {says} {document}, {section}; *{explained}*",
            mark=MARKS[row.verdict], verdict=called(row.verdict), says=t(row.says),
            document=names_line([row.document]), section=row.section, explained=explain(row),
        ).data
        for row in checked.itertuples()
    ]  # fmt: skip
    return Markdown(
        "\n".join(lines)
        or t("The audited documents state nothing on this that can be checked here.")
    )
