"""The wording of the audit: verdicts, stated and found figures in the report's language."""

from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from ..core.language import bound_words, exact, number, percent, t
from ..core.scope import Scope
from ..report import names_line, say
from ..tables import load
from .claims import POSSIBLE, TENDENCIES, ledger, named


def called(verdict: str) -> str:
    """Return a verdict in the report's language, with its mark.

    >>> called("roughly")
    '≈ holds roughly'
    """
    words = {
        "holds": "✓ " + t("holds"),
        "roughly": "≈ " + t("holds roughly"),
        "differs": "≠ " + t("differs"),
        "possible": "◇ " + t("possible"),
        "consistent": "= " + t("agrees with itself"),
        "contradicts": "↯ " + t("contradicts itself"),
        "unchecked": "? " + t("cannot be checked with the data here"),
    }
    return words[verdict]


def _written(value: Any, row: Any) -> str:
    """Return a stated or found figure of a statement as text, of several each."""
    if isinstance(value, dict):
        return "; ".join(f"{t(key)}: {_written(figure, row)}" for key, figure in value.items())
    if value is None or np.isnan(value):
        return "–"
    if isinstance(value, bool) or (row.compare == "always" and value in (0, 1)):
        return t("yes") if value else t("no")
    if row.compare in TENDENCIES:
        return percent(float(value))
    if row.unit == "rank":
        return t("rank {n:0}", n=value)
    if row.unit == "year":
        return str(int(value))
    digits = max(int(row.stated_digits), 0)
    # A figure found may need one more digit than was printed; of hundredths nothing hangs on it.
    more = digits + (digits < 2 and (abs(value) < 1000 or value % 1 == 0.5))
    text = exact(value) if value == round(value, digits) else number(value, more)
    if row.unit == "%":
        return percent(float(value) / 100, len(text.partition(".")[2]))
    return f"{text} {t(row.unit)}" if isinstance(row.unit, str) else text


def _stated(row: Any) -> str:
    """Return the figure that a statement states, with its bound ("more than 25 bodies")."""
    bound = bound_words(row.compare.replace(" ", "_"))
    return f"{bound} {_written(row.stated_value, row)}".strip()


def _why(row: Any) -> str:
    """Return why a statement has its verdict, in one or two computed sentences."""
    if not isinstance(row.recompute, str):
        return t(row.unchecked)
    against = t("the document itself") if row.is_own else names_line(row.against)
    figures = {"stated": _stated(row), "found": _written(row.found, row), "against": against}
    is_trend = row.compare in TENDENCIES  # yes or no, or a share: nothing stated to compare with
    text = (
        t("found: {found} ({against}).", **figures)
        if is_trend
        else t("stated {stated}, found {found} ({against}).", **figures)
    )
    if row.verdict == POSSIBLE and row.test_kind == "condition":
        text += " " + t("That must be so if the statement is true; it doesn't show that it is.")
    elif row.test_kind == "proxy" and not row.is_own:
        text += " " + t("By a stand-in.")
    if isinstance(row.reading_says, str):
        verdict = called(row.reading_verdict).partition(" ")[2]
        reading = {"reading": t(row.reading_says), "verdict": verdict}
        reading["again"] = _written(row.reading_found, row)
        text += " " + (
            t("But {reading} it {verdict}.", **reading)
            if is_trend
            else t("But {reading} it is {again}, and {verdict}.", **reading)
        )
    if isinstance(row.cause, str):
        text += " " + t("Shared cause: {cause}.", cause=t(row.cause))
    return text


def in_words(checked: pd.DataFrame) -> pd.DataFrame:
    """Return statements as text for a table; ``where`` is document and section.

    >>> in_words(ledger(["vicuna-most-expensive"]))["why"].item()
    'found: yes (the document itself).'
    """
    rows = []
    for row in checked.itertuples():
        where = f"{names_line([row.document])}, {t(row.section)}"
        figures = _stated(row), _written(row.found, row)
        rows.append((called(row.verdict), where, t(row.says), *figures, _why(row)))
    columns = ["verdict", "where", "says", "stated", "found", "why"]
    return pd.DataFrame(rows, columns=columns, index=checked.index)


class Statements(Markdown):
    """A list of statements as Markdown; where none is shown, its text without the markup."""

    def __repr__(self) -> str:
        return self.data.replace("\\", "").replace("**", "").replace("*", "")


def sentences(checked: pd.DataFrame) -> Statements:
    """Return statements as a list: verdict, what is stated, and what was found."""
    lines = [
        say("- **{verdict}** · {says} {where}; *{why}*", **row).markdown
        for row in in_words(checked).to_dict("records")
    ]
    nothing = t("The audited documents state nothing on this that can be checked here.")
    return Statements("\n".join(lines) or nothing)


def notes(scope: Scope, *topics: str) -> Statements:
    """Return what the documents state on some topics, each with its verdict, as a list.

    Statements that name departments are left out unless one of the report's is among them.
    """
    statements = load("claims").dropna(subset="recompute")
    on_topic = statements["topics"].map(lambda words: bool(set(topics) & set(words.split())))
    regions = statements["says"].map(named)
    ours = regions.map(lambda codes: not codes or bool(set(codes) & set(scope.regions)))
    return sentences(ledger(statements.loc[on_topic & ours, "claim"]))
