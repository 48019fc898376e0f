"""How the sidecar of a table that nobody foresaw maps it to a processed one.

.. code-block:: yaml

    format: tidy
    table: camelid_herds
    columns:
      ubigeo: {column: Departamento, words: {Lima Provincias: Lima}}
      year: {value: 2012}
      count_name: {value: CENAGRO 2012}
      heads: {columns: {Alpacas: {species: alpaca}, Llamas: {species: llama}}, style: es}
    skip:
      - {column: Departamento, values: ["Fuente: INEI"], reason: the source under the table}

Each field of the table is filled from a ``column``, a ``value`` for all rows, or ``columns`` of
a wide table, which say what they are of. ``words`` puts our terms in the place of published
ones, ``style`` says how numbers are written (``en``, ``es``), ``factor`` what they are multiplied
with. Types, units, bounds and allowed words are those of ``schema.yml``; the bound of a figure
("more than 5,000") is read with it. A row without any figure is left out.
"""

from __future__ import annotations

from ...core.errors import DataError, candidates

WAYS = {"column", "columns", "value"}
NUMERIC = ("number", "integer")


def entries_of(columns: object, spec: dict, fields: dict, beside: str) -> dict[str, dict]:
    """Return the checked entries of a sidecar's ``columns``."""
    known = [one for one in spec["fields"] if one not in ("source", "origin")]
    if not isinstance(columns, dict) or not columns:
        raise DataError(f"{beside}: columns: expected the table's fields, {', '.join(known)}")
    said = set()
    for field, entry in columns.items():
        where = f"{beside}: columns: {field}"
        ways = WAYS & set(entry) if isinstance(entry, dict) else set()
        if len(ways) != 1:
            raise DataError(f"{where}: expected one of column, columns, value")
        of = entry.get("columns", {})
        if not isinstance(of, dict) or not all(
            isinstance(one, dict) and one for one in of.values()
        ):
            raise DataError(f"{where}: expected {{<column>: {{<field>: <value>}}, …}}")
        said_of = list(of.values())
        constants = {one for each in said_of for one in each}
        if any(set(one) != constants for one in said_of) or any(
            one in said_of[:place] for place, one in enumerate(said_of)
        ):
            raise DataError(f"{where}: each column must say other values of the same fields")
        for one in {field, *constants}:
            if one not in known:
                raise DataError(
                    f"{where}: field {one!r}{candidates(str(one), known)}, expected one of "
                    f"{', '.join(known)}"
                )
        if both := constants & set(columns):
            raise DataError(f"{where}: {', '.join(sorted(both))} is filled twice")
        said |= {field, *constants}
        _check_entry(entry, fields[field], where)
    if missing := [one for one in needed(spec) if one not in said]:
        raise DataError(f"{beside}: columns: {', '.join(missing)} missing: the table needs it")
    figures = [one for one in known if one not in spec["key"] and fields[one]["type"] in NUMERIC]
    if figures and not said & set(figures):
        raise DataError(f"{beside}: columns: expected a figure, one of {', '.join(figures)}")
    return columns


def _check_entry(entry: dict, field: dict, where: str) -> None:
    numeric = field["type"] in NUMERIC
    allowed = WAYS | ({"style", "factor"} if numeric else {"words"})
    if wrong := sorted(str(one) for one in set(entry) - allowed):
        raise DataError(f"{where}: {wrong[0]!r}{candidates(wrong[0], allowed)}, expected "
                        f"{', '.join(sorted(allowed))}")  # fmt: skip
    if entry.get("style", "en") not in ("en", "es"):
        raise DataError(f"{where}: style {entry['style']!r}, expected en or es")
    factor = entry.get("factor", 1)
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor < 1e12:
        raise DataError(f"{where}: factor {factor!r}, expected a number above 0")
    if not isinstance(entry.get("words", {}), dict):
        raise DataError(f"{where}: words: expected {{<published>: <ours>}}")
    ours = [entry.get("value", ""), *entry.get("words", {}).values()]
    for value in (*ours, *(one for of in wide(entry).values() for one in of.values())):
        if isinstance(value, bool | dict | list) or value is None:
            raise DataError(f"{where}: value {value!r}, expected text or a number (quote a word)")


def needed(spec: dict) -> list[str]:
    """Return the fields without which a row of a table is none."""
    return [one for one in spec["key"] if one not in ("source", *spec.get("optional", ()))]


def wide(entry: dict) -> dict[str, dict]:
    """Return what each column of a wide entry says of its figures."""
    return {str(column): of or {} for column, of in entry.get("columns", {}).items()}
