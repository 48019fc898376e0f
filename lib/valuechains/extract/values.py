"""Numbers, units, bounds and footnote marks, as publications print them.

One cell can't settle whether ``1,234`` is Spanish or English: the caller says which style a file
uses, and with ``style="auto"`` a cell that could be either is refused.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

from ..core.errors import DataError

KG_PER_LB = 0.45359237  # the international pound, exactly

Style = Literal["en", "es", "auto"]

_MARKS = "- – — … ... .. . n.d. n.d nd n/d s.d. s/d n.a. na n/a"
MISSING = {"", *_MARKS.split()}


def _ours(**printed: str) -> dict[str, str]:
    return {word: ours for ours, words in printed.items() for word in words.split("|")}


BOUNDS = _ours(
    at_most="no more than|not more than|up to|hasta|at most|como máximo|≤|<=",
    at_least="no less than|at least|al menos|por lo menos|≥|>=",
    more_than="more than|over|above|más de|mas de|>",
    less_than="less than|under|below|menos de|<",
    almost="almost|nearly|casi",
    about="approximately|about|around|some|ca.|cerca de|alrededor de|aproximadamente|unos|~|≈",
)
UNITS = _ours(
    pct="%|per cent|percent|por ciento",
    lb_per_year="pounds/year|lb/year",
    lb="pounds|pound|libras|lbs|lb",
    kg="kilograms|kilogramos|kilos|kg",
    kg_per_ha="kg/ha",
    t="tonnes|toneladas|t",
    ha="ha",
    km2="km2",
    usd="us dollars|us$|usd|dollars|dólares",
    pen="nuevos soles|soles|s/.|s/|pen",
)
MULTIPLES = {"thousand": 1e3, "mil": 1e3, "million": 1e6, "millones": 1e6, "millón": 1e6}
WORDS = {"a hundred": 100.0, "a thousand": 1000.0, "cien": 100.0}


def _any(words: Iterable[str]) -> str:
    # "no more than" comes before "more than".
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


# A word is not cut out of another one: a bound of letters has a blank after it, and between a unit
# and the figure there is no letter.
_QUANTITY = re.compile(
    rf"(?:(?P<bound>{_any(BOUNDS)})(?:(?<=\W)|(?= )))?\s*"
    rf"(?:(?P<before>{_any(UNITS)})(?![^\W\d_]))?\s*"
    rf"(?P<number>{_any(WORDS)}|.*?)(?: (?P<multiple>{_any(MULTIPLES)}))?\s*"
    rf"(?:(?<![^\W\d_])(?P<after>{_any(UNITS)}))?"
)
# 1/ and the like need a blank before them; of letters only those that mark a figure's status.
_FOOTNOTE = re.compile(r"(?:\s+[0-9]{1,2}/|\s*[perabc]/|\s*\*+)$")
# One kind of separator throughout, and no group begins with zero: "0,123" is no 123.
_POINTS = {"en": (".", ","), "es": (",", ".")}  # the decimal point, and what parts thousands
_FORMS = {
    style: re.compile(
        rf"[+-]?[0-9]+(?:[{point}][0-9]+)?"
        rf"|[+-]?[1-9][0-9]{{0,2}}(?:([{group} \u00a0\u202f])[0-9]{{3}})(?:\1[0-9]{{3}})*"
        rf"(?:[{point}][0-9]+)?"
    )
    for style, (point, group) in _POINTS.items()
}
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class Quantity(NamedTuple):
    """One printed figure: value (None when missing), bound, unit (None when bare)."""

    value: float | None
    bound: str = "exact"
    unit: str | None = None


def number(text: str, style: Style = "en") -> float:
    """Return a printed number as float.

    >>> number("1.234,5", "es")
    1234.5
    """
    readings = {}
    for name, (point, group) in _POINTS.items():
        if style in ("auto", name) and _FORMS[name].fullmatch(text):
            bare = re.sub(r"\s", "", text).replace(group, "")
            readings[name] = float(bare.replace(point, "."))
    if not readings or float("inf") in readings.values():
        named = {"en": "1,234.5", "es": "1.234,5", "auto": "1,234.5 or 1.234,5"}[style]
        raise DataError(f"{text!r} is not a number written like {named}")
    if len(set(readings.values())) > 1:
        raise DataError(
            f"{text!r} can be {readings['en']:g} (English) or {readings['es']:g} (Spanish): "
            "say which number style the file uses"
        )
    return min(readings.values())


def plain(text: str, exponents: str = "") -> str:
    """Return a figure that is not negative in plain digits, as a raw table has it; none as "".

    What is written otherwise is read where only one reading is possible; `exponents` is a
    pattern of those that the file's publisher writes.

    >>> plain("1.234,5"), plain("88350")
    ('1234.5', '88350')
    """
    if text.startswith("-"):
        raise DataError(f"{text} is negative")
    if not text or _PLAIN.fullmatch(text):
        return text
    if exponents and re.fullmatch(exponents, text):
        return f"{Decimal(text):f}"
    return repr(number(text, "auto"))


def quantity(text: str, style: Style = "en") -> Quantity:
    """Return a printed figure with its bound and unit; a footnote's mark is passed over.

    ``-``, ``n.d.`` and ``…`` are missing. Units are named, never converted here.

    >>> quantity("more than 50,000").bound, quantity("S/ 3,20", "es").unit
    ('more_than', 'pen')
    """
    if _PLAIN.fullmatch(text):  # most cells are a number and nothing else
        return Quantity(number(text, style))
    printed = " ".join(text.split()).casefold()
    rest = _FOOTNOTE.sub("", printed).strip()
    if printed and not rest:
        raise DataError(f"{text!r} is a footnote mark without a figure")
    if rest in MISSING:
        return Quantity(None)
    found = _QUANTITY.fullmatch(rest)
    bare, unit = found["number"], UNITS.get(found["before"] or found["after"])
    if found["before"] and found["after"]:
        raise DataError(f"{text!r} has two units")
    try:
        value = WORDS.get(bare) or number(bare, style)
    except DataError as error:
        raise DataError(str(error).replace(repr(bare), repr(text), 1)) from None
    value *= MULTIPLES.get(found["multiple"], 1.0)
    return Quantity(value, BOUNDS.get(found["bound"], "exact"), unit)


def interval(text: str) -> tuple[float, float]:
    """Return the ends of a printed range.

    >>> interval("10-15"), interval("22.5")
    ((10.0, 15.0), (22.5, 22.5))
    """
    low, dash, high = text.replace("–", "-").partition("-")
    ends = number(low.strip()), number((high if dash else low).strip())
    if ends[0] > ends[1]:
        raise DataError(f"{text!r} is a range that falls")
    return ends
