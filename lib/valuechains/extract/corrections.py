"""Declared corrections of a raw file: ``<file>.corrections.yml`` beside it.

The raw file stays as published. Each correction names its rows as the messages do (``12``, or
``cafe!7`` and ``cafe!Q7`` in a workbook), the wrong text that it expects to find, and why:

.. code-block:: yaml

    corrections:
      - {rows: [12], column: Total, action: override, expected: "1.234", value: "1234", reason: …}

``drop`` leaves the rows out, ``override`` puts `value` in the cells' place, ``flag`` only marks
them.
"""

from __future__ import annotations

import copy
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from ..core.declared import Declared, Text, checked, read_yaml, text
from ..core.errors import DataError, candidates
from ..core.paths import relative
from .raw import RawTable, Repair


def _row(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected a row: a number, or a place like cafe!7")
    return value


def _cell(value: object) -> str:
    """Return the text of a cell that is expected: it can be empty."""
    return "" if value == "" else text(value)


class Correction(Declared):
    """One correction; which fields it needs depends on its action."""

    rows: Annotated[list[Annotated[int | str, BeforeValidator(_row)]], Field(min_length=1)]
    column: Text
    action: Literal["drop", "override", "flag"]
    expected: Annotated[str, BeforeValidator(_cell)]
    value: Text | None = None
    reason: Text

    @model_validator(mode="after")
    def _complete(self) -> Correction:
        if (self.value is None) == (self.action == "override"):
            needs = "needs value" if self.value is None else "takes no value"
            raise ValueError(f"{self.action} {needs}")
        return self


class Corrections(Declared):
    """What a file of corrections holds."""

    corrections: list[Any]


def correct(table: RawTable, beside: Path, without: int = 0) -> RawTable:
    """Return a raw table with its declared corrections made, each noted in ``repairs``.

    `beside` is the file of corrections (there may be none), `without` the number of one (from 1)
    that is not made, to see what it changes.
    """
    if not beside.exists():
        return table
    name = relative(beside)
    out = copy.copy(table)
    out.frame, out.rejected = table.frame.copy(), dict(table.rejected)
    declared = checked(Corrections, read_yaml(beside), name).corrections
    if not declared:
        raise DataError(f"{name}: corrections [], expected at least one")
    for number, given in enumerate(declared, start=1):
        place = f"{name}, correction {number}"
        correction = checked(Correction, given, place)
        if number != without:
            _apply(out, correction, number, place)
    return out


def _apply(table: RawTable, correction: Correction, number: int, place: str) -> None:
    """Change a table as a correction says, and note it."""
    frame, column, action = table.frame, correction.column, correction.action
    if column not in frame:
        near = candidates(column, frame.columns)
        raise DataError(f"{place}: {table.file} has no column {column!r}{near}")
    note = partial(Repair, column=column, action=action, reason=correction.reason, number=number)
    for row in correction.rows:
        if row not in table.frame.index:
            raise DataError(f"{place}: {table.file} has no row {row}")
        was = frame.at[row, column]
        if was.strip() != correction.expected.strip():
            raise DataError(
                f"{place}: {table.file}, row {row}, column {column!r} holds {was!r}, the "
                f"correction expects {correction.expected!r}: the file has changed, look again"
            )
        now = {"drop": "", "flag": was}.get(action, correction.value)
        table.repairs.append(note(row=row, was=was, now=now))
        if action == "drop":
            table.rejected[row] = f"correction: {correction.reason}"
            table.frame = table.frame.drop(index=row)
        else:
            frame.at[row, column] = now
