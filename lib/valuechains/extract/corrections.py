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
        if len(set(self.rows)) < len(self.rows):
            raise ValueError(f"rows {self.rows}: one stands twice, expected each once")
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
        where = f"{name}, correction {number}"
        correction = checked(Correction, given, where)
        column, action, expected = correction.column, correction.action, correction.expected
        if column not in frame:
            near = candidates(column, frame.columns)
            raise DataError(f"{where}: {table.file} has no column {column!r}{near}")
        for row in correction.rows:
            if row not in frame.index:
                raise DataError(f"{where}: {table.file} has no row {row!r}")
            was = frame.at[row, column]
            if was.strip() != expected.strip():
                raise DataError(
                    f"{where}: {table.file}, row {row}, column {column!r} holds {was!r}, the "
                    f"correction expects {expected!r}: the file has changed, look again"
                )
            now = {"drop": "", "flag": was}.get(action, correction.value)
            frame.at[row, column] = now
            if action == "drop":
                table.rejected[row] = f"correction: {correction.reason}"
                frame = frame.drop(index=row)
            table.repairs.append(Repair(row, column, action, was, now, correction.reason))
    table.frame = frame
    return table
