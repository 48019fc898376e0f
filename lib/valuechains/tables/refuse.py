"""What refuses a figure, for cells, hooks and declared checks: limits, ranges, rows at fault."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

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


class Data(NamedTuple):
    """A table that is checked, beside the other tables."""

    name: str
    frame: pd.DataFrame
    made: Mapping[str, pd.DataFrame]

    def where(self, wanted: Where | None = None, table: str = "") -> pd.DataFrame:
        """Return the rows with the wanted values, of this table or of another one.

        A value that ends in ``*`` stands for all that begin so. Figures are floats: what is
        missing is then neither less nor more than anything.
        """
        rows = self.frame if table in ("", self.name) else self.made[table]
        rows = rows.astype(dict.fromkeys(rows.select_dtypes("Int64"), "float64"))
        for field, value in (wanted or {}).items():
            if isinstance(value, str) and value.endswith("*"):
                rows = rows[rows[field].str.startswith(value[:-1], na=False)]
            else:
                rows = rows[rows[field].isin(value if isinstance(value, list) else [value])]
        return rows.reset_index(drop=True)


def refuse(rows: pd.DataFrame, said: str) -> None:
    """Refuse the first of some rows: where it is from, and what is `said` with its values."""
    for row in rows.head(1).to_dict("records"):
        raise DataError(f"{row['origin']}: {said.format(**row)}")


def refuse_outside(figures: pd.Series, low: float, high: float, what: str, rows: Any) -> None:
    """Refuse the first of some figures that no figure of its kind can be, by its row's origin."""
    found = pd.DataFrame({"figure": figures.astype("float64"), "origin": rows["origin"]})
    said = f"{what} is {{figure:.4g}}, expected {low:g} to {high:g}"
    refuse(found.query("figure < @low or figure > @high"), said)
