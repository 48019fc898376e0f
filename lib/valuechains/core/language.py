"""The language of a report: its texts, and its numbers as people write them there."""

import re
import string
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, localcontext
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

from .errors import DataError, ParameterError, there_are

_CATALOGUES = Path(__file__).parents[1] / "locale"
# Peru writes 1,234.5 in both languages; CLDR's es_PE knows.
_LOCALES = {"en": "en_GB", "es": "es_PE"}
_current = "en"


def available() -> tuple[str, ...]:
    """Return the languages that a report can be in: English, and each with a catalogue."""
    return ("en", *sorted(path.stem for path in _CATALOGUES.glob("*.po")))


def check(language: str) -> str:
    """Return a language that a report can be in, or raise ParameterError."""
    known = available()
    if language not in known:
        raise ParameterError(
            f"language: {language!r} is not there{there_are(str(language).lower(), known)}"
        )
    return language


def use(language: str) -> None:
    """Set the language of everything that follows (a report has one)."""
    global _current
    _current = check(language)


@contextmanager
def using(language: str | None) -> Iterator[None]:
    """Speak a language for a while, that in use if none is given."""
    before = _current
    use(language or before)
    try:
        yield
    finally:
        use(before)


def current() -> str:
    """Return the language in use (``"en"``)."""
    return _current


@cache
def _catalogue(language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    with (_CATALOGUES / f"{language}.po").open("rb") as file:
        return {
            message.id: message.string
            for message in read_po(line for line in file if not line.startswith(b"#:"))
            if message.id and isinstance(message.id, str) and message.string and not message.fuzzy
        }


class _Localised(string.Formatter):
    """Writes ``{x:2}`` by :func:`written`, ``{x}`` as is."""

    def format_field(self, value: Any, spec: str) -> str:
        if spec and isinstance(value, str):
            raise DataError(f"{value!r} is no number, to be written as {spec!r}")
        return written(value, spec) if spec else str(value)


def t(text: str, /, **values: Any) -> str:
    """Return a text in the language in use, with values put in as :func:`written` writes them.

    >>> t("{n:0} heads, {share:%1} of {all}", n=1250, share=0.396, all="Peru's")
    "1,250 heads, 39.6% of Peru's"
    """
    translated = text if _current == "en" else _catalogue(_current).get(text, text)
    return _Localised().format(translated, **values) if values else translated


def number(value: float, digits: int = 0) -> str:
    """Return a number as the language in use writes it (1,234.5)."""
    return _decimal(value, digits, "", _LOCALES[_current])


def percent(ratio: float, digits: int = 0) -> str:
    """Return a ratio as a percentage (0.396 → ``39.6%``)."""
    return _decimal(ratio, digits, "%", _LOCALES[_current])


@lru_cache(maxsize=4096)
def _decimal(value: float, digits: int, unit: str, locale: str) -> str:
    """Return a number as text; an axis asks for each of its labels again and again."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + unit
    # a minus, as wide as a plus, not a hyphen; none before what rounds to nothing
    with localcontext(rounding=ROUND_HALF_UP):  # halves as people and spreadsheets round them
        text = format_decimal(value, format=pattern, locale=locale).replace("-", "−")
    return text if text.strip("−0.,%") else text.lstrip("−")


def short(value: float) -> str:
    """Return a number with about three figures that count (54.8, 0.74, 1,250, 14)."""
    if value == int(value) or abs(value) >= 100:
        return number(value)
    return number(value, 1 if abs(value) >= 1 else 2 if abs(value) >= 0.1 else 3)


def exact(value: float) -> str:
    """Return a number with every decimal that it has (35.05, 9, 1,250.4)."""
    return number(value, len(f"{value:.10f}".rstrip("0").partition(".")[2]))


def written(value: float, spec: str | Callable[[float], str] = "short") -> str:
    """Return a number as a spec asks.

    ``short``; ``exact``; ``2`` (decimals); ``%1`` (a ratio as a percentage); these two with ``+``
    in front of what is positive; or a function.

    >>> written(0.3964, "+%1"), written(1234.5, "0"), written(54.83), written(1234.5, "exact")
    ('+39.6%', '1,235', '54.8', '1,234.5')
    """
    if callable(spec):
        return spec(value)
    if spec in ("short", "exact"):
        return short(value) if spec == "short" else exact(value)
    form = re.fullmatch(r"(\+?)(%?)(\d*)", spec)
    if not form:
        raise DataError(f"write is {spec!r}, expected 'short', 'exact', '2' (decimals) or '%1'")
    text = _decimal(value, int(form[3] or 0), form[2], _LOCALES[_current])
    return f"+{text}" if form[1] and value > 0 and text.strip("0.,%") else text


def tolerance(spec: str | Callable[[float], str]) -> float | None:
    """Return half of the last digit that a spec writes; None where it depends on the number.

    >>> tolerance("+%1"), tolerance("0"), tolerance("short")
    (0.0005, 0.5, None)
    """
    if callable(spec) or spec in ("short", "exact"):
        return None
    return 0.5 / 10 ** (int(spec.lstrip("+%") or 0) + (2 if "%" in spec else 0))


def period(text: str) -> str:
    """Return a published period in words (``2016-01/2016-07`` → "January–July 2016")."""
    first, _, last = text.partition("/")
    if not last:
        return text
    (year, start), (_, end) = (part.split("-") for part in (first, last))
    months = Locale.parse(_LOCALES[_current]).months["format"]["wide"]
    return t("{start}–{end} {year}", start=months[int(start)], end=months[int(end)], year=year)


def spans(years: Iterable[int]) -> str:
    """Return years as spans (2001–2003, 2005)."""
    texts = []
    # Years that follow each other are as far from their places in the list.
    for _, run in groupby(enumerate(sorted(years)), key=lambda pair: pair[1] - pair[0]):
        first, *rest = [year for _, year in run]
        texts.append(f"{first}–{rest[-1]}" if rest else str(first))
    return ", ".join(texts)


def listing(items: list[str]) -> str:
    """Return names as a list in the language in use ("Cusco, Puno and Junín")."""
    from babel.lists import format_list

    text = format_list(items, locale=_LOCALES[_current]) if items else "–"
    # CLDR's pattern knows no "membrillo e higo".
    if _current == "es" and len(items) > 1 and re.match(r"h?[ií](?!e)", items[-1], re.IGNORECASE):
        text = text.removesuffix(f" y {items[-1]}") + f" e {items[-1]}"
    return text


def bound_words(bound: str) -> str:
    """Return a bound in words ("more than"), nothing for an exact figure."""
    words = {
        "more_than": t("more than"),
        "at_least": t("at least"),
        "less_than": t("less than"),
        "at_most": t("at most"),
        "almost": t("almost"),
        "about": t("about"),
    }
    return words.get(bound, "")
