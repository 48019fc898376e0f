"""Declared corrections of a raw file: ``<file>.corrections.yml`` beside it.

The raw file stays as published. Each correction names its rows as the messages do (``12``, or
``cafe!7`` and ``cafe!Q7`` in a workbook), the wrong text that it expects to find, and why:

.. code-block:: yaml

    corrections:
      - {rows: [12], column: Total, action: override, expected: "1.234", value: "1234", reason: …}

``drop`` leaves the rows out, ``override`` puts `value` in the cells' place, ``flag`` only marks
them.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import BeforeValidator, Field, StrictInt, StrictStr, model_validator

from ..core.declared import Declared, Text, checked, read_yaml, text
from ..core.errors import DataError, candidates
from ..core.paths import relative
from .raw import RawTable, Repair


class Correction(Declared):
    """One correction; `value` is what an override, and nothing else, puts in the cell's place."""

    rows: list[StrictInt | StrictStr] = Field(
        min_length=1, description="a list of rows: a number, or a place like cafe!7"
    )
    column: Text
    action: Literal["drop", "override", "flag"]
    # The text of a cell can be empty.
    expected: Annotated[str, BeforeValidator(lambda cell: text(cell) if cell != "" else cell)]
    value: Text | None = None
    reason: Text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.value is None) == (self.action == "override"):
            raise ValueError(f"{self.action} with value {self.value!r}: only override needs one")
        return self


class Corrections(Declared):
    """What a file of corrections holds."""

    corrections: list[Any] = Field(min_length=1, description="a list of some")


def correct(table: RawTable, beside: Path) -> RawTable:
    """Return a raw table with its declared corrections made, each noted in ``repairs``.

    `beside` is the file of corrections (there may be none).
    """
    if not beside.exists():
        return table
    name, frame = relative(beside), table.frame.copy()  # ``whole`` stays as published
    declared = checked(Corrections, read_yaml(beside), name).corrections
    for number, given in enumerate(declared, start=1):
        correction = checked(Correction, given, f"{name}, correction {number}")
        for row in correction.rows:
            was = _cell(frame, row, correction, f"{name}, correction {number}: {table.file}")
            now = {"drop": "", "flag": was}.get(correction.action, correction.value)
            frame.at[row, correction.column] = now
            if correction.action == "drop":
                table.rejected[row] = f"correction: {correction.reason}"
                frame = frame.drop(index=row)
            what = (correction.column, correction.action, was, now, correction.reason)
            table.repairs.append(Repair(row, *what))
    table.frame = frame
    return table


def _cell(frame: pd.DataFrame, row: int | str, correction: Correction, where: str) -> str:
    """Return the text of a cell, which must be what its correction expects."""
    column, expected = correction.column, correction.expected
    if column not in frame:
        raise DataError(f"{where} has no column {column!r}{candidates(column, frame.columns)}")
    if row not in frame.index:
        raise DataError(f"{where} has no row {row}")
    if frame.at[row, column].strip() != expected.strip():
        raise DataError(
            f"{where}, row {row}, column {column!r} holds {frame.at[row, column]!r}, the "
            f"correction expects {expected!r}: the file has changed, look again"
        )
    return frame.at[row, column]
