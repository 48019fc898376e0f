"""Declared corrections of a raw file: ``<file>.corrections.yml`` beside it.

The raw file stays as published. Each correction names its rows as the messages do (``12``, or
``cafe!7`` and ``cafe!Q7`` in a workbook), the wrong text that it expects to find, and why:

.. code-block:: yaml

    corrections:
      - {rows: [12], column: Total, action: override, expected: "1.234", value: "1234", reason: …}

``drop`` leaves the rows out, ``override`` and ``rename`` put `value` in the cells' place,
``scale`` multiplies them by `value`, ``flag`` only marks them; ``rename`` without rows renames
the column.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path

import pandas as pd
import yaml

from ...core.errors import DataError, candidates
from ...core.paths import relative
from .table import RawTable, Repair

ACTIONS = {"drop": False, "override": True, "scale": True, "rename": True, "flag": False}
FIELDS = {"rows", "column", "action", "expected", "value", "reason"}


def correct(table: RawTable, beside: Path, without: int = 0) -> RawTable:
    """Return a raw table with its declared corrections made, each noted in ``repairs``.

    Parameters
    ----------
    without : int
        The number of a correction that is not made, to see what it changes.

    Raises
    ------
    DataError
        When a correction can't be read, or the file no longer holds what it expects.
    """
    if not beside.is_file():
        return table
    frame, dropped = table.frame.copy(), {}
    for number, one in enumerate(_entries(beside), start=1):
        name = f"{relative(beside)}, correction {number}"
        if number != without:
            frame = _apply(frame, _checked(one, name), table, dropped, name, number)
    out = RawTable(table.path, frame.drop(index=list(dropped)))
    out.whole, out.unused, out.repairs = table.whole, table.unused, table.repairs
    out.rejected = table.rejected | dropped
    return out


def _entries(beside: Path) -> list:
    try:
        read = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise DataError(
            f"{relative(beside)}: not YAML ({' '.join(str(problem).split())})"
        ) from None
    entries = read.get("corrections") if isinstance(read, dict) and len(read) == 1 else None
    if not isinstance(entries, list) or not entries:
        raise DataError(f"{relative(beside)}: expected `corrections:` and a list of them")
    return entries


def _checked(one: object, name: str) -> dict:
    """Return a correction whose fields are what its action needs."""
    if not isinstance(one, dict) or not set(one) <= FIELDS:
        wrong = sorted(map(str, set(one) - FIELDS)) if isinstance(one, dict) else [repr(one)]
        raise DataError(f"{name}: {', '.join(wrong)}: expected {', '.join(sorted(FIELDS))}")
    if str(action := one.get("action")) not in ACTIONS:
        raise DataError(f"{name}: action {action!r}, expected one of {', '.join(ACTIONS)}")
    needed = FIELDS if ACTIONS[action] else FIELDS - {"value"}
    if action == "rename" and "rows" not in one:
        needed = {"column", "action", "value", "reason"}
    # An empty cell can be expected; nothing else may be left open.
    if lacking := sorted(
        field for field in needed
        if one.get(field) in (None, []) or (one[field] == "" and field != "expected")
    ):  # fmt: skip
        raise DataError(f"{name}: {action} needs {', '.join(lacking)}")
    if "value" in one and not ACTIONS[action]:
        raise DataError(f"{name}: {action} takes no value")
    rows = one.get("rows", [])
    if not isinstance(rows, list) or not all(isinstance(row, int | str) for row in rows):
        raise DataError(f"{name}: rows {rows!r}, expected a list of rows")
    return one


def _apply(
    frame: pd.DataFrame, one: dict, table: RawTable, dropped: dict, name: str, number: int
) -> pd.DataFrame:
    column, action, reason = str(one["column"]), one["action"], one["reason"]
    if column not in frame:
        raise DataError(f"{name}: {table.file} has no column {column!r}"
                        f"{candidates(column, frame.columns)}")  # fmt: skip
    if action == "rename" and "rows" not in one:
        if one["value"] in frame:
            raise DataError(f"{name}: {table.file} has a column {one['value']!r} already")
        table.repairs.append(
            Repair("header", column, action, column, str(one["value"]), reason, number)
        )
        return frame.rename(columns={column: str(one["value"])})
    for row in one["rows"]:
        if row not in frame.index or row in dropped:
            raise DataError(f"{name}: {table.file} has no row {row}")
        was = frame.at[row, column]
        if was.strip() != str(one["expected"]).strip():
            raise DataError(
                f"{name}: {table.file}, row {row}, column {column!r} holds {was!r}, the "
                f"correction expects {str(one['expected'])!r}: the file has changed, look again"
            )
        if action == "drop":
            dropped[row] = f"correction: {reason}"
        elif action == "scale":
            frame.at[row, column] = _scaled(was, one["value"], f"{name}, row {row}")
        elif action != "flag":
            frame.at[row, column] = str(one["value"])
        now = "" if action == "drop" else frame.at[row, column]
        table.repairs.append(Repair(row, column, action, was, now, reason, number))
    return frame


def _scaled(text: str, factor: object, name: str) -> str:
    """Return a plain number times a factor, exactly (no binary rounding)."""
    try:
        product = Decimal(text.strip()) * Decimal(str(factor))
    except InvalidOperation:
        raise DataError(f"{name}: {text!r} times {factor!r}: expected two plain numbers") from None
    if not product.is_finite():
        raise DataError(f"{name}: {text!r} times {factor!r} is no number")
    return f"{product.normalize():f}"
