"""How single cells are read that no list of words can foresee, by the name a declaration uses."""

import re

from ..core import countries, places
from ..core.errors import DataError
from ..extract import values

# Areas of trade that are no country.
GROUPS = {"Europe", "China, Germany and Italy", "Other Asia, nes"}


def country(text: str) -> str | None:
    """Return the ISO 3166 code of a printed country name; a group of countries has none.

    >>> country("Viet Nam"), country("Europe")
    ('VNM', None)
    """
    return None if text in GROUPS else countries.from_name(text)


def encoded_twice(text: str) -> str:
    """Return text whose accents were encoded twice (UTF-8 taken for Latin-1) as it was meant.

    >>> encoded_twice("TÃ¼rkiye"), encoded_twice("Perú")
    ('Türkiye', 'Perú')
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def start_of_crop_year(text: str) -> float:
    """Return the year a crop year begins in: Peru's harvest lies in it.

    >>> start_of_crop_year("1990/91")
    1990
    """
    match = re.fullmatch(r"(\d{4})/(\d{2})", text)
    if not match or int(match[2]) != (int(match[1]) + 1) % 100:
        raise DataError(f"{text!r} is not a crop year like 1990/91")
    return int(match[1])


def bound(text: str) -> str | None:
    """Return the bound of a figure that has a field of its own for it.

    >>> bound("up to 2000")
    'at_most'
    """
    quantity = values.quantity(text)
    return quantity.bound if quantity.value is not None else None


def _kg_of_pounds(text: str) -> float:
    return values.quantity(text).value * values.KG_PER_LB


def _low_end(text: str) -> float:
    return values.interval(text)[0]


def _high_end(text: str) -> float:
    return values.interval(text)[1]


READERS = {
    "capitalised": places.capitalised,
    "country": country,
    "m49": countries.from_m49,
    "encoded_twice": encoded_twice,
    "start_of_crop_year": start_of_crop_year,
    "bound": bound,
    "kg_of_pounds": _kg_of_pounds,
    "low_end": _low_end,
    "high_end": _high_end,
}
