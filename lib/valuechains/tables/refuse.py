"""What refuses a figure, for cells, hooks and declared checks: limits, ranges, sums."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..core.errors import DataError, there_are

Where = dict[str, Any]


def wrong_value(value: str | float, field: dict) -> str:
    """Return what is wrong with a value of a field, or nothing."""
    if isinstance(value, str):
        if value not in field.get("enum", [value]):
            return f"{value!r}{there_are(value, field['enum'])}; say which under `words`"
        is_alike = re.fullmatch(field.get("pattern", "(?s:.*)"), value)
        return "" if is_alike else f"{value!r}, expected text like {field['pattern']}"
    low, high = field.get("minimum", float("-inf")), field.get("maximum", float("inf"))
    if not low <= value <= high:
        return f"{value:.15g}, which is outside {low:g} to {high:g}"
    is_whole = field["type"] == "integer" or field.get("whole")
    return f"{value:.15g}, expected a whole number" if is_whole and value % 1 != 0 else ""


class Data:
    """A table that is checked, beside the other tables."""

    def __init__(self, name: str, frame: pd.DataFrame, made: Mapping[str, pd.DataFrame]) -> None:
        self.name, self.frame, self.made = name, _as_float(frame).reset_index(drop=True), made

    def where(self, wanted: Where | None, table: str = "") -> pd.DataFrame:
        """Return the rows with the wanted values, of this table or of another one."""
        rows = self.frame if table in ("", self.name) else _as_float(self.made[table])
        for field, value in (wanted or {}).items():
            if isinstance(value, str) and value.endswith("*"):
                rows = rows[rows[field].str.startswith(value[:-1]).fillna(False).astype(bool)]
            else:
                rows = rows[rows[field].isin(value if isinstance(value, list) else [value])]
        return rows


def _as_float(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in whose figures nothing is not a number: so it is less and more than none."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("Int64"), "float64"))


def refuse(rows: pd.DataFrame, said: str) -> None:
    """Refuse the first of some rows: where it is from, and what is `said` with its values."""
    for row in rows.head(1).to_dict("records"):
        raise DataError(f"{row['origin']}: {said.format(**row)}")


def check_between(
    values: pd.Series, low: float, high: float, what: str, origins: pd.Series
) -> None:
    """Refuse values that no figure of their kind can have."""
    rows = pd.DataFrame({"figure": values.astype("float64"), "origin": origins})
    rows = rows.assign(what=what, low=low, high=high)
    is_wrong = (rows["figure"] < low) | (rows["figure"] > high)
    refuse(rows[is_wrong], "{what} is {figure:.4g}, expected {low:g} to {high:g}")
