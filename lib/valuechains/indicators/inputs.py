"""What no indicator can be made of: one line says which argument, what it is, what is expected."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.errors import DataError
from ..core.places import fold

WHOLES = ("00", "peru", "total", "all")


def check(by: str = "", **given: pd.Series | pd.DataFrame | Sequence) -> None:
    """Refuse arguments that are not figures of the same labels, each label once.

    By ``year`` their index is years, and no column is one; by ``part`` no label is a year either,
    or a total that would count as one of its parts.

    >>> check("part", parts=pd.Series({"Cusco": 1.0, "Total": 3.0}))
    Traceback (most recent call last):
    valuechains.core.errors.DataError: parts: 'Total' is no part, expected parts without it
    """
    tables = {name: pd.DataFrame(values) for name, values in given.items()}
    first = next(iter(tables.values())).index
    for name, table in tables.items():
        is_frame = isinstance(given[name], pd.DataFrame)
        for labels in (table.index, table.columns) if is_frame else (table.index,):
            kind, is_column = labels.inferred_type, labels is table.columns
            if labels.nlevels > 1 or kind == "mixed-integer":
                raise DataError(f"{name}: labels of several levels or kinds, expected one")
            # Rows of a table may have any numbers.
            is_row = kind == "integer" and not is_column and labels.name != "year"
            twice = labels[:0] if is_row and by != "year" and len(given) == 1 else labels
            for label in twice[twice.duplicated()]:
                raise DataError(f"{name}: {label!r} stands more than once, expected each once")
            for label in labels if by and not is_row and (is_column or by == "part") else ():
                text = fold(str(label))
                if text == "year" or (text.isdecimal() and 1900 <= int(text) <= 2100):
                    raise DataError(f"{name}: {label!r} is a year, expected none there")
                if by == "part" and text in WHOLES:
                    raise DataError(f"{name}: {label!r} is no part, expected parts without it")
        years = table.index
        is_year = (
            pd.api.types.is_integer_dtype(years) and years.to_series().between(1000, 2999).all()
        )
        if by == "year" and len(years) and not is_year:
            raise DataError(f"{name}: by {years.dtype}, expected by year (set_index('year'))")
        for column, kind in table.dtypes.items():
            if not pd.api.types.is_numeric_dtype(kind):
                where = f"{name}: {column}" if is_frame else name
                raise DataError(f"{where}: expected numbers, found {kind}")
        if np.isinf(table.to_numpy(float, na_value=np.nan)).any():
            raise DataError(f"{name}: inf is no figure, expected numbers")
        if by != "year" and len(table) and len(first) and not table.index.isin(first).any():
            raise DataError(f"{name}: {table.index[0]!r}, expected labels such as {first[0]!r}")
