"""Peru's 24 departments and Callao: INEI codes (UBIGEO), names, aliases.

Kept free of pandas: parameters are checked before the heavy libraries are loaded.
"""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from .errors import ParameterError
from .paths import RAW

COUNTRY = "00"
# Equal areas, centred on Peru; shapes and lengths are true to about 1 % inside the country.
EQUAL_AREA = "+proj=laea +lat_0=-9.25 +lon_0=-75 +datum=WGS84 +units=m +no_defs"
_NAMES = RAW / "project_names" / "departments.csv"


def fold(name: str) -> str:
    """Return a name without case, accents or doubled blanks: the form that is compared."""
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return ({code: display name}, {folded name or alias: code})."""
    with _NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["ubigeo"]: row["name"] for row in rows}
    known: dict[str, str] = {}
    for row in rows:
        for text in (row["name"], *filter(None, row["aliases"].split("|"))):
            if known.setdefault(fold(text), row["ubigeo"]) != row["ubigeo"]:
                raise ParameterError(f"{_NAMES.name}: {text!r} names two departments")
    return names, known


def codes() -> tuple[str, ...]:
    """Return the 25 department codes in INEI's order."""
    return tuple(code for code in _table()[0] if code != COUNTRY)


def name(code: str) -> str:
    """Return the display name of a code (``"08"`` → ``"Cusco"``, ``"00"`` → ``"Perú"``)."""
    names, _ = _table()
    try:
        return names[code]
    except KeyError:
        raise ParameterError(
            f"{code!r} is not a department code; there are 01 to 25 (and {COUNTRY} for Peru)"
        ) from None


def resolve(text: str) -> str:
    """Return the UBIGEO code of a department name, alias or code.

    Exact after case and accent folding; never a guess.

    Raises
    ------
    ParameterError
        With the nearest names, when nothing matches exactly.
    """
    names, known = _table()
    wanted = text.strip()
    if wanted in names:
        return wanted
    code = known.get(fold(wanted))
    if code is None:
        display = {fold(n): n for n in names.values()} | {a: names[c] for a, c in known.items()}
        near = difflib.get_close_matches(fold(wanted), list(display), n=3, cutoff=0.6)
        hint = " or ".join(dict.fromkeys(display[one] for one in near))
        raise ParameterError(
            f"{text!r} is not a department of Peru"
            + (f"; did you mean {hint}?" if hint else "; there are " + listing(codes()))
        )
    return code


def named(text: str) -> str | None:
    """Return the code of a department's name or alias (never of a code), if it is one."""
    return _table()[1].get(fold(text))


def restored(text: str, digits: int) -> str | None:
    """Return a UBIGEO code of so many digits without its padding, its lost zero put back.

    ``"8"`` and ``"080000"`` are the department ``"08"``; ``"10100"`` is the province ``"0101"``.
    """
    whole = text.zfill(len(text) + len(text) % 2)
    is_code = whole.isascii() and whole.isdigit() and len(whole) in (digits, 6) and whole.strip("0")
    return whole[:digits] if is_code and not whole[digits:].strip("0") else None


def resolve_all(text: str) -> str:
    """Return the sorted codes of a joint area, joined by ``+`` (``"Puno, Cusco and Junín"``)."""
    parts = text.replace(" and ", ",").replace(" y ", ",").replace("+", ",").split(",")
    found = [resolve(part) for part in parts]
    if len(set(found)) < len(found):
        raise ParameterError(f"{text!r} names a department twice")
    return "+".join(sorted(found))


def listing(of: Iterable[str]) -> str:
    """Return the display names of codes, alphabetically, as one line."""
    return ", ".join(sorted((name(code) for code in of), key=fold))
