"""The ledger of statements: what a statement needs depends on how it is to be compared."""

from __future__ import annotations

from ...extract.raw import RawTable
from ...extract.values import quantity
from . import with_columns


def checked(table: RawTable) -> RawTable:
    """Return statements with their decimals: those said, else those printed."""
    table.choice("document", {table.path.stem: ""})
    value = table.parse("value", lambda text: quantity(text).value)
    valued = ~table.text("compare").isin(["mostly", "always"])
    checked_here = table.text("recompute") != ""
    needs = (
        (value.isna() == valued, "value", "expected a value, and none with mostly or always"),
        (checked_here == (table.text("unchecked") != ""), "recompute", "either this or unchecked"),
        (
            (table.text("reading.says") == "") != (table.text("reading.recompute") == ""),
            "reading.says",
            "a reading needs what it says and how it is recomputed",
        ),
    )
    for wrong, column, problem in needs:
        if wrong.any():
            raise table.error(wrong.idxmax(), column, problem)
    digits = table.text("digits")
    decimals = table.text("value").str.partition(".")[2].str.len().astype(str)
    return with_columns(table, digits=digits.where(digits != "", decimals))
