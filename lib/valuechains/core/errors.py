"""The errors a user of the collection can meet: one clear line each."""

import difflib
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

WARNED: set[str] = set()  # what a warning was given of


class ValueChainsError(ValueError):
    """Wrong data or parameters. Its text is one line that says what was wrong and what there is."""

    def __str__(self) -> str:
        # A name that it speaks of may have lines, or what a terminal would obey.
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in super().__str__())

    def _render_traceback_(self) -> list[str]:
        # IPython asks the exception itself: in a notebook the one line says it all.
        return [f"{type(self).__name__}: {self}"]


class DataError(ValueChainsError):
    """A file or a cell in ``data/`` that can't be what it should be."""


class ParameterError(ValueChainsError):
    """A parameter of a report that can't be used."""


class MissingNameError(ValueChainsError, AttributeError):
    """A name that a package does not have."""


def refuse_if(
    where: str, problems: Mapping[str, object], error: type[ValueChainsError] = DataError
) -> None:
    """Refuse a file, row or parameter for the first problem that it has (problem: is it so?)."""
    for problem, is_so in problems.items():
        if is_so:
            raise error(f"{where}: {problem}")


def warn_once(about: str, text: str, stacklevel: int = 1) -> None:
    """Warn of something the first time it is met; `stacklevel` is that of the caller."""
    if about not in WARNED:
        WARNED.add(about)
        warnings.warn(text, stacklevel=stacklevel + 1)


def candidates(wrong: Any, known: Iterable) -> str:
    """Return ``" (did you mean A or B?)"``, or nothing when no name, or word of one, is near."""
    texts = [str(name) for name in known]
    near = difflib.get_close_matches(str(wrong), texts, cutoff=0.6)
    words = "_".join(texts).split("_")
    if not near and wrong not in words:
        words = difflib.get_close_matches(str(wrong), words, 3, 0.75)
        near = [text for text in texts if {*words} & {*text.split("_")}][:3]
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def there_are(wrong: Any, known: Iterable) -> str:
    """Return the candidates and what there is: what holds the wrong text, else the first 80.

    >>> there_are("Crofils", ["FAOSTAT", "Crofils et al. 2025"])
    '; there are Crofils et al. 2025'
    """
    texts = [str(name) for name in known]
    found = [text for text in texts if str(wrong).casefold() in text.casefold()] or texts
    # Of several that hold it none is the nearest.
    near = "" if 1 < len(found) < len(texts) else candidates(wrong, texts)
    more = " …" if len(found) > 80 else ""
    return f"{near}; there are {', '.join(found[:80])}{more}"
