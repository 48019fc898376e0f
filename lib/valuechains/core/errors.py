"""The errors a user of the collection can meet: one clear line each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


class ValueChainsError(ValueError):
    """Wrong data or parameters. Its text is one line that says what was wrong and what there is."""

    def _render_traceback_(self) -> list[str]:
        # IPython asks the exception itself: in a notebook the one line says it all.
        return [f"{type(self).__name__}: {self}"]


class DataError(ValueChainsError):
    """A file or a cell in ``data/`` that can't be what it should be."""


class ParameterError(ValueChainsError):
    """A parameter of a report that can't be used."""


def refuse_if(where: str, problems: Mapping[str, object]) -> None:
    """Refuse a file or a row for the first problem that it has (problem: is it so?)."""
    for problem, is_so in problems.items():
        if is_so:
            raise DataError(f"{where}: {problem}")


def candidates(wrong: str, known: Iterable[str], n: int = 3) -> str:
    """Return ``" (did you mean A or B?)"``, or nothing when no known name is near."""
    near = difflib.get_close_matches(wrong, list(known), n=n, cutoff=0.6)
    return f" (did you mean {' or '.join(near)}?)" if near else ""
