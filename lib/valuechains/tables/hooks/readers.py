"""How single cells are read that no list of words can foresee, by the name a declaration uses."""

from __future__ import annotations

import re

from ...core import countries, places
from ...core.errors import DataError
from ...extract import values

# Lower case inside a name: "Valle de los Rios Apurimac".
SMALL_WORDS = ("de", "del", "el", "la", "las", "los", "y")
# Areas of trade that are no country.
GROUPS = {"Europe", "China, Germany and Italy", "Other Asia, nes"}


def department_of_code(text: str) -> str:
    """Return the department that a longer UBIGEO code begins with ("080408" → "08")."""
    return places.resolve(text[:2])


def capitalised(text: str) -> str:
    """Return a name printed in capitals as a name ("SAN JUAN DEL ORO" → "San Juan del Oro")."""
    first, *rest = text.title().split()
    small = [word.lower() if word.lower() in SMALL_WORDS else word for word in rest]
    return " ".join([first, *small])


def country(text: str) -> str | None:
    """Return the ISO 3166 code of a printed country name; a group of countries has none."""
    return None if text in GROUPS else countries.from_name(text)


def start_of_crop_year(text: str) -> float:
    """Return the year a crop year begins in ("1990/91" → 1990): Peru's harvest lies in it."""
    match = re.fullmatch(r"(\d{4})/(\d{2})", text)
    if not match or int(match[2]) != (int(match[1]) + 1) % 100:
        raise DataError(f"{text!r} is not a crop year like 1990/91")
    return int(match[1])


def calendar_year(text: str) -> float:
    """Return a year of four digits, and nothing that only looks like one."""
    if not re.fullmatch(r"\d{4}", text):
        raise DataError(f"{text!r} is not a year")
    return int(text)


def bound(text: str) -> str | None:
    """Return the bound of a figure that has a field of its own for it ("up to 2000")."""
    quantity = values.quantity(text)
    return quantity.bound if quantity.value is not None else None


def kg_of_pounds(text: str) -> float:
    """Return a printed figure in pounds as kilograms (the international pound)."""
    quantity = values.quantity(text)
    if quantity.value is None or not str(quantity.unit).startswith("lb"):
        raise DataError(f"{text!r}: expected a figure in pounds")
    return quantity.value * values.KG_PER_LB


def low_end(text: str) -> float:
    """Return the low end of a printed range ("10-15" → 10)."""
    return values.interval(text)[0]


def high_end(text: str) -> float:
    """Return the high end of a printed range ("10-15" → 15)."""
    return values.interval(text)[1]


READERS = {
    "department_of_code": department_of_code,
    "capitalised": capitalised,
    "country": country,
    "m49": countries.from_m49,
    "start_of_crop_year": start_of_crop_year,
    "calendar_year": calendar_year,
    "bound": bound,
    "kg_of_pounds": kg_of_pounds,
    "low_end": low_end,
    "high_end": high_end,
}
