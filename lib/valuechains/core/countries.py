"""Countries: ISO 3166 alpha-3 codes from printed names and UN M49 numbers (CLDR's tables)."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from .errors import DataError, candidates
from .places import fold

# Names that publications print (FAOSTAT's, for one) and CLDR does not, by alpha-2 code.
_PRINTED = {
    "BO": "bolivia (plurinational state of)",
    "BN": "brunei darussalam",
    "CV": "cabo verde",
    "HK": "china, hong kong sar",
    "MO": "china, macao sar",
    "CN": "china, mainland",
    "TW": "china, taiwan province of",
    "CG": "congo",
    "KP": "democratic people's republic of korea",
    "CD": "democratic republic of the congo",
    "IR": "iran (islamic republic of)",
    "LA": "lao people's democratic republic",
    "FM": "micronesia (federated states of)",
    "MM": "myanmar",
    "NL": "netherlands (kingdom of the)",
    "PS": "palestine",
    "KR": "republic of korea",
    "MD": "republic of moldova",
    "RU": "russian federation",
    "VC": "saint vincent and the grenadines",
    "ST": "sao tome and principe",
    "SY": "syrian arab republic",
    "TR": "turkey",
    "GB": "united kingdom of great britain and northern ireland",
    "TZ": "united republic of tanzania",
    "US": "united states of america|usa",
    "VE": "venezuela (bolivarian republic of)",
    "VN": "viet nam",
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
    names = {_plain(name): code for code, name in territories.items() if code in _alpha3()}
    printed = {name: code for code, text in _PRINTED.items() for name in text.split("|")}
    return names | printed


def _plain(name: str) -> str:
    """Return a name folded, its "&" and "St." written out as publications do."""
    folded = fold(name).replace("’", "'").replace("&", "and")
    return folded.replace("st. ", "saint ")


def from_m49(code: str) -> str:
    """Return the ISO alpha-3 code of a UN M49 number.

    Raises
    ------
    DataError
        For what is not the number of one country.

    Examples
    --------
    >>> from_m49("076"), from_m49("76")
    ('BRA', 'BRA')
    """
    target = get_global("territory_aliases").get(str(code).zfill(3))
    if not target or len(target) != 1 or target[0] not in _alpha3():
        raise DataError(f"{code!r} is not the M49 number of one country")
    return _alpha3()[target[0]]


def is_known(name: str) -> bool:
    """Return whether a name is a country's, exactly.

    Examples
    --------
    >>> is_known("Viet Nam"), is_known("South America")
    (True, False)
    """
    return isinstance(name, str) and _plain(name) in _by_name()


def from_name(name: str) -> str:
    """Return the ISO alpha-3 code of an English country name.

    Raises
    ------
    DataError
        With the nearest names, when nothing matches exactly.

    Examples
    --------
    >>> from_name("Republic of Korea")
    'KOR'
    """
    if not is_known(name):
        near = candidates(_plain(str(name)), _by_name())
        raise DataError(f"{name!r} is not a country{near}")
    return _alpha3()[_by_name()[_plain(name)]]


def display(iso3: str, language: str) -> str:
    """Return a country's name in a language.

    Raises
    ------
    DataError
        For what is no code of a country.

    Examples
    --------
    >>> display("KOR", "es")
    'Corea del Sur'
    """
    for alpha2, alpha3 in _alpha3().items():
        if alpha3 == iso3:
            return Locale(language).territories[alpha2]
    raise DataError(f"{iso3!r} is not an ISO 3166 alpha-3 code")
