"""Numbers, units, bounds and footnote marks, as publications print them.

Spanish and English number formats differ in a way that one cell can't settle: ``1,234`` is
a thousand in one and one and a bit in the other. So the caller says which style a file uses;
with ``style="auto"`` a cell that could be either is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..core.errors import DataError

KG_PER_LB = 0.45359237  # the international pound, exactly

Style = Literal["en", "es", "auto"]

MISSING = {"", "-", "–", "—", "…", "...", "..", ".", "n.d.", "n.d", "nd", "n/d", "s.d.", "s/d",
           "n.a.", "na", "n/a"}  # fmt: skip

# Longest first, so that "no more than" is not read as "more than".
BOUNDS = {
    "no more than": "at_most", "not more than": "at_most", "up to": "at_most", "hasta": "at_most",
    "at most": "at_most", "como máximo": "at_most", "≤": "at_most", "<=": "at_most",
    "no less than": "at_least", "at least": "at_least", "al menos": "at_least",
    "por lo menos": "at_least", "≥": "at_least", ">=": "at_least",
    "more than": "more_than", "over": "more_than", "above": "more_than", "más de": "more_than",
    "mas de": "more_than", ">": "more_than",
    "less than": "less_than", "under": "less_than", "below": "less_than", "menos de": "less_than",
    "<": "less_than",
    "almost": "almost", "nearly": "almost", "casi": "almost",
    "approximately": "about", "about": "about", "around": "about", "some": "about", "ca.": "about",
    "cerca de": "about", "alrededor de": "about", "aproximadamente": "about", "unos": "about",
    "~": "about", "≈": "about",
}  # fmt: skip

UNITS = {
    "%": "pct", "per cent": "pct", "percent": "pct", "por ciento": "pct",
    "pounds/year": "lb_per_year", "lb/year": "lb_per_year", "pounds": "lb", "pound": "lb",
    "libras": "lb", "lbs": "lb", "lb": "lb",
    "kilograms": "kg", "kilogramos": "kg", "kilos": "kg", "kg/ha": "kg_per_ha", "kg": "kg",
    "tonnes": "t", "toneladas": "t", "t": "t", "ha": "ha", "km2": "km2",
    "us dollars": "usd", "us$": "usd", "usd": "usd", "dollars": "usd", "dólares": "usd",
    "nuevos soles": "pen", "soles": "pen", "s/.": "pen", "s/": "pen", "pen": "pen",
}  # fmt: skip

MULTIPLES = {"thousand": 1e3, "mil": 1e3, "million": 1e6, "millones": 1e6, "millón": 1e6}
WORDS = {"a hundred": 100.0, "a thousand": 1000.0, "cien": 100.0}

# 1/ and the like need a blank before them; of letters only those that mark a figure's status.
_FOOTNOTE = re.compile(
    r"(?:\s+(?P<digits>[0-9]{1,2})/|\s*(?P<letter>[perabc])/|\s*(?P<stars>\*+))$"
)
# One kind of separator throughout, and no group begins with zero: "0,123" is no 123.
_GROUPED = {
    "en": re.compile(
        r"[+-]?[1-9][0-9]{0,2}(?:([, \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?"
    ),
    "es": re.compile(
        r"[+-]?[1-9][0-9]{0,2}(?:([. \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:,[0-9]+)?"
    ),
}
_PLAIN = {
    "en": re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?"),
    "es": re.compile(r"[+-]?[0-9]+(?:,[0-9]+)?"),
}


@dataclass(frozen=True)
class Quantity:
    """One printed figure: value (None when missing), bound, unit (None when bare), footnote."""

    value: float | None
    bound: str = "exact"
    unit: str | None = None
    footnote: str | None = None


def number(text: str, style: Style = "en") -> float:
    """Return a printed number as float.

    Raises
    ------
    DataError
        When the text is no number of that style; with ``auto`` also when both styles read it
        and differ.
    """
    readings = {}
    for one in ("en", "es") if style == "auto" else (style,):
        if _PLAIN[one].fullmatch(text) or _GROUPED[one].fullmatch(text):
            decimal, group = (".", ",") if one == "en" else (",", ".")
            bare = re.sub(rf"[\s{re.escape(group)}]", "", text).replace(decimal, ".")
            readings[one] = float(bare)
    if not readings:
        named = {"en": "1,234.5", "es": "1.234,5", "auto": "1,234.5 or 1.234,5"}[style]
        raise DataError(f"{text!r} is not a number written like {named}")
    if len(set(readings.values())) > 1:
        raise DataError(
            f"{text!r} can be {readings['en']:g} (English) or {readings['es']:g} (Spanish): "
            "say which number style the file uses"
        )
    return next(iter(readings.values()))


def dotted(text: str) -> tuple[float, bool]:
    """Return a number of a file that writes ``1234.5``, and whether it is written so.

    A cell that somebody wrote otherwise is read where only one reading is possible.

    Raises
    ------
    DataError
        When the text is no number, or could be two.
    """
    if _PLAIN["en"].fullmatch(text):
        return float(text), True
    return number(text, "auto"), False


def quantity(text: str, style: Style = "en") -> Quantity:
    """Return a printed figure with its bound, unit and footnote mark.

    Reads ``"118,678"``, ``"more than 50,000"``, ``"S/ 3,20"``, ``"3.5 pounds/year"``,
    ``"approximately 140 million dollars"``, ``"251 938 p/"``; ``-``, ``n.d.`` and ``…`` are
    missing. Units are named, never converted here.

    Raises
    ------
    DataError
        When anything in the text is left unread.
    """
    rest = " ".join(text.split()).strip().casefold()
    footnote = None
    if match := _FOOTNOTE.search(rest):
        footnote = match["digits"] or match["letter"] or match["stars"]
        rest = rest[: match.start()].strip()
    if rest in MISSING:
        if footnote and not rest:
            raise DataError(f"{text!r} is a footnote mark without a figure")
        return Quantity(None, footnote=footnote)
    bound = "exact"
    for words in sorted(BOUNDS, key=len, reverse=True):
        if rest.startswith(words) and (not words[-1].isalpha() or rest[len(words) :][:1] == " "):
            bound, rest = BOUNDS[words], rest[len(words) :].strip()
            break
    unit, rest = _unit(rest)
    multiple = 1.0
    for word, factor in MULTIPLES.items():
        if rest.endswith(" " + word):
            multiple, rest = factor, rest.removesuffix(word).strip()
            break
    if rest in WORDS:
        return Quantity(WORDS[rest] * multiple, bound, unit, footnote)
    try:
        return Quantity(number(rest, style) * multiple, bound, unit, footnote)
    except DataError as error:
        raise DataError(str(error).replace(repr(rest), repr(text), 1)) from None


def _unit(rest: str) -> tuple[str | None, str]:
    for words in sorted(UNITS, key=len, reverse=True):
        if rest.endswith(words) and not rest[: -len(words)][-1:].isalpha():
            return UNITS[words], rest.removesuffix(words).strip()
        if rest.startswith(words) and not rest[len(words) :][:1].isalpha():
            return UNITS[words], rest.removeprefix(words).strip()
    return None, rest


def interval(text: str, style: Style = "en") -> tuple[float, float]:
    """Return the ends of a printed range (``"10-15"`` → 10, 15; ``"22.5"`` → 22.5, 22.5)."""
    low, dash, high = text.replace("–", "-").partition("-")
    ends = number(low.strip(), style), number((high if dash else low).strip(), style)
    if ends[0] > ends[1]:
        raise DataError(f"{text!r} is a range that falls")
    return ends
