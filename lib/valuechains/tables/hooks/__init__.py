"""What a declaration can't say: short functions, each with the reason that it is needed."""

import pandas as pd

from ...extract.raw import RawTable


def with_columns(table: RawTable, **columns: pd.Series) -> RawTable:
    """Return a raw table with further columns of text, for the declaration to read."""
    out = table.select(pd.Series(True, index=table.frame.index))
    out.frame = table.frame.assign(**columns)
    return out
