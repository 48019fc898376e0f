"""Countries: ISO 3166 alpha-3 codes from printed names and UN M49 numbers (CLDR's tables)."""

import csv
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.core import get_global

from .errors import DataError, candidates
from .places import fold

# Names that publications print (FAOSTAT's, for one) and CLDR does not.
_PRINTED = Path(__file__).with_suffix(".csv")
# Former countries share an alpha-2 successor with today's: they are not the code we want.
_FORMER = {"BUR", "ZAR", "DDR", "FXX", "TMP", "YMD"}


@lru_cache(maxsize=1)
def _alpha3() -> dict[str, str]:
    """Return the alpha-3 code of each alpha-2 code."""
    return {
        target[0]: code
        for code, target in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and len(target) == 1 and code not in _FORMER
    }


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Return the alpha-3 code of each name, folded."""
    territories = Locale("en").territories.items()
    known = {_folded(name): _alpha3()[code] for code, name in territories if code in _alpha3()}
    with _PRINTED.open(encoding="utf-8", newline="") as file:
        return known | {_folded(row["printed"]): row["iso3"] for row in csv.DictReader(file)}


def _folded(name: str) -> str:
    """Return a name folded, its "&" and "St." written out as publications do."""
    return fold(name).replace("’", "'").replace("&", "and").replace("st. ", "saint ")


def from_m49(code: str) -> str:
    """Return the ISO alpha-3 code of a UN M49 number, or raise DataError.

    >>> from_m49("076"), from_m49("76")
    ('BRA', 'BRA')
    """
    target = get_global("territory_aliases").get(str(code).zfill(3))
    if not target or len(target) != 1 or target[0] not in _alpha3():
        raise DataError(f"{code!r} is not the M49 number of one country")
    return _alpha3()[target[0]]


def is_known(name: str) -> bool:
    """Return whether a name is a country's, exactly ("Viet Nam", not "South America")."""
    return isinstance(name, str) and _folded(name) in _by_name()


def from_name(name: str) -> str:
    """Return the ISO alpha-3 code of an English country name, or raise DataError.

    >>> from_name("Republic of Korea")
    'KOR'
    """
    if not is_known(name):
        raise DataError(f"{name!r} is not a country{candidates(_folded(str(name)), _by_name())}")
    return _by_name()[_folded(name)]


def display(iso3: str, language: str) -> str:
    """Return a country's name in a language, or raise DataError for what is no code.

    >>> display("KOR", "es")
    'Corea del Sur'
    """
    for alpha2, alpha3 in _alpha3().items():
        if alpha3 == iso3:
            return Locale(language).territories[alpha2]
    raise DataError(f"{iso3!r} is not an ISO 3166 alpha-3 code")
