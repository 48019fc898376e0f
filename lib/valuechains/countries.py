"""Countries: ISO 3166 alpha-3 codes from printed names and UN M49 numbers (CLDR's tables)."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from .errors import DataError, candidates
from .regions import fold

# Names that publications print and CLDR does not.
_PRINTED = {
    "viet nam": "VN",
    "usa": "US",
    "united states of america": "US",
    "republic of korea": "KR",
    "turkey": "TR",
}
# Former countries share an alpha-2 successor with today's: they are not the code we want.
_FORMER = {"BUR", "ZAR", "DDR", "FXX", "TMP", "YMD"}


@lru_cache(maxsize=1)
def _alpha3() -> dict[str, str]:
    aliases = get_global("territory_aliases")
    return {
        target[0]: code
        for code, target in aliases.items()
        if len(code) == 3 and code.isalpha() and len(target) == 1 and code not in _FORMER
    }


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    territories = Locale("en").territories
    names = {fold(name): code for code, name in territories.items() if code in _alpha3()}
    return names | _PRINTED


def from_m49(code: str) -> str:
    """Return the ISO alpha-3 code of a UN M49 number (``"076"`` → ``"BRA"``)."""
    target = get_global("territory_aliases").get(code.zfill(3))
    if not target or len(target) != 1 or target[0] not in _alpha3():
        raise DataError(f"{code!r} is not the M49 number of one country")
    return _alpha3()[target[0]]


def is_known(name: str) -> bool:
    """Return whether a name is a country's, exactly."""
    return fold(name) in _by_name()


def from_name(name: str) -> str:
    """Return the ISO alpha-3 code of an English country name."""
    code = _by_name().get(fold(name))
    if code is None:
        raise DataError(f"{name!r} is not a country{candidates(fold(name), _by_name())}")
    return _alpha3()[code]


def display(iso3: str, language: str) -> str:
    """Return a country's name in a language (``"KOR"``, ``"es"`` → ``"Corea del Sur"``)."""
    for alpha2, alpha3 in _alpha3().items():
        if alpha3 == iso3:
            return Locale(language).territories[alpha2]
    raise DataError(f"{iso3!r} is not an ISO 3166 alpha-3 code")
