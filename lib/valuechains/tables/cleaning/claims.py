"""The ledger of statements: what the source documents say, in our words, to be recomputed."""

from __future__ import annotations

import pandas as pd

from ...core.errors import DataError
from ...extract.readers.values import quantity
from . import Read, frame, stack

DOCUMENTS = (
    "report_eu_peru_2016", "ifad_massler_2004", "sdgf_creative_peru", "bop_creative_peru",
    "rimisp_2022",
)  # fmt: skip
COMPARISONS = (
    "is", "about", "more than", "less than", "at least", "at most", "mostly", "always",
)  # fmt: skip
FIELDS = (
    "id", "section", "says", "value", "digits", "unit", "compare", "recompute", "unchecked",
    "topics", "reading.says", "reading.recompute",
)  # fmt: skip


def claims(read: Read) -> pd.DataFrame:
    """Return one row a statement: the stated value, how it is compared, how it is recomputed."""
    parts = []
    for document in DOCUMENTS:
        table = read(f"claims/{document}.yml", FIELDS)
        for column, expected in (("document", {document}), ("compare", set(COMPARISONS))):
            table.choice(column, {one: one for one in expected})
        value = table.parse("value", lambda text: quantity(text).value)
        valued = ~table.text("compare").isin(["mostly", "always"])
        decimals = table.text("value").str.partition(".")[2].str.len()
        given = table.parse("digits", lambda text: int(text) if text else None)
        checked = table.text("recompute") != ""
        for wrong, column, problem in (
            (value.isna() == valued, "value", "expected a value, and none with mostly or always"),
            (checked == (table.text("unchecked") != ""), "recompute", "either this or unchecked"),
            (
                (table.text("reading.says") == "") != (table.text("reading.recompute") == ""),
                "reading.says",
                "a reading needs what it says and how it is recomputed",
            ),
        ):
            if wrong.any():
                raise table.error(wrong.idxmax(), column, problem)
        parts.append(
            frame(
                table,
                claim=table.text("id"),
                document=document,
                section=table.text("section"),
                says=table.text("says"),
                stated_value=value.astype("float64"),
                stated_digits=given.fillna(decimals).astype("Int64"),
                unit=table.text("unit"),
                compare=table.text("compare"),
                recompute=table.text("recompute"),
                unchecked=table.text("unchecked"),
                topics=table.text("topics"),
                reading_says=table.text("reading.says"),
                reading_recompute=table.text("reading.recompute"),
            )
        )
    out = stack(parts)
    doubled = out[out["claim"].duplicated(keep=False)]
    if len(doubled):
        raise DataError(
            f"{' and '.join(doubled['origin'][:2])}: two claims {doubled['claim'].iloc[0]!r}"
        )
    return out
