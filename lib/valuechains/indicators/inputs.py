"""What no indicator can be made of: one line says which argument, what it is, what is expected."""

import functools
import inspect
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ..core.errors import refuse_if
from ..core.places import COLUMNS, fold

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
        rows, is_frame = table.index, isinstance(given[name], pd.DataFrame)
        for labels in (rows, table.columns) if is_frame else (rows,):
            is_mixed = labels.nlevels > 1 or labels.inferred_type == "mixed-integer"
            refuse_if(name, {"labels of several levels or kinds, expected one": is_mixed})
            # Rows of a table may have any numbers.
            is_number = rows is labels and rows.inferred_type == "integer" and rows.name != "year"
            may_repeat = is_number and by != "year" and len(given) == 1
            is_name = not is_number and (by == "part" or (by == "year" and labels is not rows))
            for label, is_repeated in zip(labels.tolist(), labels.duplicated(), strict=True):
                text = fold(str(label)) if is_name else ""
                is_year = text == "year" or (text.isdecimal() and 1900 <= int(text) <= 2100)
                problems = {
                    "stands more than once, expected each once": is_repeated and not may_repeat,
                    "is a year, expected none there": is_year,
                    "names places, expected them as the index": is_name and text in COLUMNS,
                    "is no part, expected parts without it": by == "part" and text in WHOLES,
                }
                refuse_if(name, {f"{label!r} {what}": is_so for what, is_so in problems.items()})
        is_whole = is_numeric_dtype(rows) and (rows.to_series() % 1 == 0).all()
        is_by_year = is_whole and rows.to_series().between(1000, 2999).all()
        if by == "year" and len(rows):
            said = f"by {rows.dtype}, expected by year (set_index('year'); of dates index.year)"
            refuse_if(name, {said: not is_by_year})
        for column, kind in table.dtypes.items():
            where = f"{name}: {column}" if is_frame else name
            refuse_if(where, {f"expected numbers, found {kind}": not is_numeric_dtype(kind)})
        is_infinite = np.isinf(table.to_numpy(float, na_value=np.nan)).any()
        refuse_if(name, {"inf is no figure, expected numbers": is_infinite})
        if by != "year" and len(rows) and len(first):
            unlike = f"{rows[0]!r}, expected labels such as {first[0]!r}"
            refuse_if(name, {unlike: not rows.isin(first).any()})


def takes(by: str, *names: str) -> Callable:
    """Make a function refuse, as :func:`check` does, what is given for some of its arguments."""

    def checking(function: Callable) -> Callable:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def careful(*args: object, **named: object) -> object:
            given = signature.bind(*args, **named).arguments
            check(by, **{name: given[name] for name in names})
            return function(*args, **named)

        return careful

    return checking
