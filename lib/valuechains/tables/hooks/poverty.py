"""Poverty by groups of departments: members of a group share its interval, groups are ordered."""

from __future__ import annotations

from ...core.errors import DataError
from ..checks import Data


def check_groups(data: Data) -> None:
    """Refuse a group with two intervals, or groups that do not run from the poorest down."""
    rows = data.where({"figure_kind": "group interval"})
    ends = ["poverty_low_pct", "poverty_high_pct"]
    file = rows["origin"].iloc[0].rpartition(":")[0]
    for (year, group), part in rows.groupby(["year", "poverty_group"])[ends]:
        if len(part.drop_duplicates()) > 1:
            raise DataError(f"{file}: group {group:g} of {year:g} has two intervals")
    first = rows.groupby(["year", "poverty_group"])[ends].first()
    if (first.groupby("year").diff() > 0).any(axis=None):
        raise DataError(f"{file}: groups do not run from the poorest to the least poor")
