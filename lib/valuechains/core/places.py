"""Peru's 24 departments and Callao: INEI codes (UBIGEO), names, aliases.

Kept free of pandas: parameters are checked before the heavy libraries are loaded. A name is matched
exactly but for case and accents, never guessed; what is none is a ParameterError with the nearest
names.
"""

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from .errors import ParameterError
from .paths import RAW

COUNTRY = "00"
# Columns, and keywords, that name departments (folded: Región too); they become `ubigeo`.
COLUMNS = ("ubigeo", "department", "department_name", "departamento", "region", "depto", "dpto")
# Lower case inside a name: "Valle de los Rios Apurimac".
SMALL_WORDS = ("de", "del", "el", "la", "las", "los", "y")
# Equal areas, centred on Peru; shapes and lengths are true to about 1 % inside the country.
EQUAL_AREA = "+proj=laea +lat_0=-9.25 +lon_0=-75 +datum=WGS84 +units=m +no_defs"
_NAMES = RAW / "project_names" / "departments.csv"


def fold(name: str) -> str:
    """Return a name without case, accents or doubled blanks: the form that is compared.

    >>> fold(" SAN  MARTÍN")
    'san martin'
    """
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return ({code: display name}, {folded name or alias: code})."""
    with _NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known: dict[str, str] = {}
    for row in rows:
        for text in (row["name"], *filter(None, row["aliases"].split("|"))):
            if known.setdefault(fold(text), row["ubigeo"]) != row["ubigeo"]:
                raise ParameterError(f"{_NAMES.name}: {text!r} names two departments")
    return {row["ubigeo"]: row["name"] for row in rows}, known


def codes() -> tuple[str, ...]:
    """Return the 25 department codes in INEI's order (``("01", "02", …)``)."""
    return tuple(code for code in _table()[0] if code != COUNTRY)


def name(code: str) -> str:
    """Return the display name of a code of a department or the country (``"Cusco"``)."""
    names, _ = _table()
    if not isinstance(code, str) or code not in names:
        raise ParameterError(f"{code!r} is not a department's code: 01 to 25, {COUNTRY} for Peru")
    return names[code]


def resolve(text: str) -> str:
    """Return the UBIGEO code of a department name, alias or code.

    >>> resolve("CUZCO"), resolve("08")
    ('08', '08')
    """
    names, known = _table()
    wanted = text.strip() if isinstance(text, str) else ""
    code = wanted if wanted in names else known.get(fold(wanted))
    if code is None:
        raise ParameterError(f"{text!r} is not a department of Peru{_hint(text)}")
    return code


def _hint(text: object) -> str:
    """Return what may have been meant by what names no department."""
    names, known = _table()
    code = restored(str(text), 2)
    if code in names:
        return f"; did you mean {code!r} ({names[code]})?"
    if not isinstance(text, str):
        return ": expected its name or its code as text, like 'Cusco' or '08'"
    # A name within what is asked for ("Departamento de Cusco") goes before one that is spelt alike.
    wanted = fold(text)
    near = [name for name in known if f" {name} " in f" {wanted.replace(',', ' ')} "]
    near = near or difflib.get_close_matches(wanted, list(known), n=3, cutoff=0.65)
    meant = " or ".join(dict.fromkeys(names[known[name]] for name in near))
    return f"; did you mean {meant}?" if meant else f"; there are {listing(codes())}"


def is_nearly_one(text: str) -> bool:
    """Return whether a name is that of a department but for a letter or two."""
    return bool(difflib.get_close_matches(fold(text), list(_table()[1]), 1, 0.85))


def named(text: str) -> str | None:
    """Return the code of a department's name or alias (never of a code), if it is one."""
    return _table()[1].get(fold(text))


def restored(text: str, digits: int) -> str | None:
    """Return a UBIGEO code of so many digits without its padding, its lost zero put back.

    >>> restored("8", 2), restored("080000", 2), restored("10100", 4), restored("0801", 2)
    ('08', '08', '0101', None)
    """
    whole = text.zfill(len(text) + len(text) % 2)
    is_code = whole.isascii() and whole.isdigit() and len(whole) in (digits, 6) and whole.strip("0")
    return whole[:digits] if is_code and not whole[digits:].strip("0") else None


def resolve_all(text: str) -> str:
    """Return the sorted codes of a joint area, joined by ``+``; a name may not be there twice.

    >>> resolve_all("Puno, Cusco and Junín")
    '08+12+21'
    """
    if not isinstance(text, str):
        return resolve(text)  # says what is wrong with it
    found = [resolve(part) for part in re.split(r" and | y |\+|,", text)]
    if len(set(found)) < len(found):
        raise ParameterError(f"{text!r} names a department twice")
    return "+".join(sorted(found))


def capitalised(text: str) -> str:
    """Return a name printed in capitals as names are written ("San Juan del Oro")."""
    first, *rest = text.title().split()
    small = [word.lower() if word.lower() in SMALL_WORDS else word for word in rest]
    return " ".join([first, *small])


def listing(codes: Iterable[str]) -> str:
    """Return the display names of codes, alphabetically, as one line ("Apurímac, Puno")."""
    return ", ".join(sorted((name(code) for code in codes), key=fold))
