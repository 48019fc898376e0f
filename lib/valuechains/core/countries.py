"""Countries: ISO 3166 alpha-3 codes from printed names and UN M49 numbers (CLDR's tables)."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from .errors import DataError, candidates
from .places import fold

# Names that publications print (FAOSTAT's, for one) and CLDR does not.
_PRINTED = {
    "bolivia (plurinational state of)": "BO", "brunei darussalam": "BN", "cabo verde": "CV",
    "china, hong kong sar": "HK", "china, macao sar": "MO", "china, mainland": "CN",
    "china, taiwan province of": "TW", "congo": "CG", "democratic people's republic of korea": "KP",
    "democratic republic of the congo": "CD", "iran (islamic republic of)": "IR",
    "lao people's democratic republic": "LA", "micronesia (federated states of)": "FM",
    "myanmar": "MM", "netherlands (kingdom of the)": "NL", "palestine": "PS",
    "republic of korea": "KR", "republic of moldova": "MD", "russian federation": "RU",
    "saint vincent and the grenadines": "VC", "sao tome and principe": "ST",
    "syrian arab republic": "SY", "turkey": "TR",
    "united kingdom of great britain and northern ireland": "GB",
    "united republic of tanzania": "TZ", "united states of america": "US", "usa": "US",
    "venezuela (bolivarian republic of)": "VE", "viet nam": "VN",
}  # fmt: skip
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
    names = {_plain(name): code for code, name in territories.items() if code in _alpha3()}
    return names | _PRINTED


def _plain(name: str) -> str:
    """Return a name folded, its "&" and "St." written out as publications do."""
    folded = fold(name).replace("’", "'").replace("&", "and")
    return folded.replace("st. ", "saint ")


def from_m49(code: str) -> str:
    """Return the ISO alpha-3 code of a UN M49 number (``"076"`` → ``"BRA"``)."""
    target = get_global("territory_aliases").get(code.zfill(3))
    if not target or len(target) != 1 or target[0] not in _alpha3():
        raise DataError(f"{code!r} is not the M49 number of one country")
    return _alpha3()[target[0]]


def is_known(name: str) -> bool:
    """Return whether a name is a country's, exactly."""
    return _plain(name) in _by_name()


def from_name(name: str) -> str:
    """Return the ISO alpha-3 code of an English country name."""
    code = _by_name().get(_plain(name))
    if code is None:
        raise DataError(f"{name!r} is not a country{candidates(_plain(name), _by_name())}")
    return _alpha3()[code]


def display(iso3: str, language: str) -> str:
    """Return a country's name in a language (``"KOR"``, ``"es"`` → ``"Corea del Sur"``)."""
    for alpha2, alpha3 in _alpha3().items():
        if alpha3 == iso3:
            return Locale(language).territories[alpha2]
    raise DataError(f"{iso3!r} is not an ISO 3166 alpha-3 code")
