"""Camelids: which figures are herds, and which count each of them belongs to.

Needed because a figure is a herd of whole departments in a known year only by three columns
together, and because a count is named inside a sentence ("CENAGRO IV 2012, preliminary results").
"""

from __future__ import annotations

import re

from ...extract.raw import RawTable
from . import with_columns

# Which count a published basis belongs to, and what kind of count that is; the first that fits.
COUNTS = (
    (r"CENAGRO IV 2012, preliminary", "CENAGRO 2012 (preliminary)", "preliminary census"),
    (r"CENAGRO IV 2012", "CENAGRO 2012", "census"),
    (r"CENAGRO III 1994", "CENAGRO 1994", "census"),
    (r"vicuña census 2025", "Census 2025 (preliminary)", "preliminary census"),
    (r"vicuña census 2012", "Census 2012", "census"),
    (r"CONACS \(2004\)", "CONACS 2004", "ministry"),
    (r"CONACS \(2000\)", "CONACS 2000", "ministry"),
    (r"UNIDO", "UNIDO 2010", "statement"),
    (r"SPAR", "SPAR 2010", "projection"),
    (r"MIDAGRI 2019", "MIDAGRI 2019", "ministry"),
    (r"MIDAGRI figure quoted in 2024", "MIDAGRI (quoted 2024)", "ministry"),
    (r"", "Statement", "statement"),
)


def _count(basis: str) -> tuple[str, str]:
    return next((name, kind) for pattern, name, kind in COUNTS if re.search(pattern, basis))


def with_counts(table: RawTable) -> RawTable:
    """Return a table with the count of each figure, and whether it is a herd ("yes", "no")."""
    counts = table.text("Basis").map(_count)
    is_herd = table.text("Measure").isin(["population", "share of country"])
    is_herd &= (table.text("Place") == "") & (table.text("Year") != "")
    return with_columns(
        table,
        count_name=counts.str[0],
        count_kind=counts.str[1],
        is_herd=is_herd.map({True: "yes", False: "no"}),
    )


def of_the_report(table: RawTable) -> RawTable:
    """Return the report's table, all herds, with the count of each figure."""
    counts = table.text("Attributed to").map(_count)
    return with_columns(table, count_name=counts.str[0], count_kind=counts.str[1])
