"""The UBIGEO codes and names of features, found among their attributes by content."""

from __future__ import annotations

import re

import pandas as pd

from ...core import places
from ...core.errors import DataError, ParameterError
from .table import Repair

DIGITS = {"district": 6, "province": 4, "department": 2}  # the finest level first
MOST = {"district": 1700, "province": 180, "department": 22}  # all but a few of 1,800, 195 and 25
SMALL_WORDS = {"de", "del", "el", "la", "las", "los", "y"}


def texts_of(column: pd.Series) -> pd.Series:
    """Return attributes as text: whole numbers without ``.0``, nothing as ``""``."""

    def text(value: object) -> str:
        if pd.isna(value):
            return ""
        if isinstance(value, float) and value == int(value):
            return str(int(value))
        return str(value).strip()

    return column.map(text).astype(object)


def _code(text: str, level: str) -> str | None:
    """Return a code of a level, if the text can be one."""
    code = places.restored(text, DIGITS[level])
    if code is None or code[:2] not in places.codes():
        return None
    # No department has more than 20 provinces; district numbers run on to 50 and more.
    return code if not code[2:] or (1 <= int(code[2:4]) <= 20 and code[4:] != "00") else None


def _tells_apart(codes: pd.Series, level: str) -> bool:
    """Return whether codes are those of the features (or of parts), and no small numbers."""
    return codes.nunique() > 0.8 * len(codes) or codes.nunique() >= MOST[level]


def codes_of(
    texts: dict[str, pd.Series], name: str, repairs: list[Repair]
) -> tuple[str, pd.Series]:
    """Return the level of the features and their codes, by what the columns hold."""
    names = {
        column: found
        for column, text in texts.items()
        if (found := text.map(places.named).replace(places.COUNTRY, None)).notna().mean() > 0.5
    }
    if "gn_a1_code" in texts:
        return "department", _natural_earth(texts, names, name, repairs)
    for level in DIGITS:
        coded = {}
        for column, text in texts.items():
            codes = text.map(lambda one, level=level: _code(one, level))
            if codes.notna().mean() > 0.8 and _tells_apart(codes, level):
                agrees = all(
                    (named.isna() | (named == codes.str[:2])).all() for named in names.values()
                )
                coded[column] = (agrees, text.str.startswith("0").any(), codes)
        if coded:
            best = max(coded.values(), key=lambda one: one[:2])[:2]
            column, *others = [one for one, found in coded.items() if found[:2] == best]
            codes, text = coded[column][2], texts[column]
            for place in codes.index[codes.isna()]:
                raise DataError(f"{name}, {place}: {column} {text[place]!r}, expected a UBIGEO "
                                f"code of a {level}")  # fmt: skip
            for other in others:
                if level != "district" and not coded[other][2].equals(codes):
                    raise DataError(f"{name}: {column} and {other} could both be codes of the "
                                    f"{level}s, and differ")  # fmt: skip
            _compare(codes, text, names, texts, name)
            if (changed := codes != text).any():
                was, now = text[changed].iloc[0], codes[changed].iloc[0]
                repairs.append(Repair("header", column, "read", was, now,
                                      f"UBIGEO codes restored: {changed.sum()}"))  # fmt: skip
            return level, codes
    if not names:
        raise DataError(f"{name}: no column with UBIGEO codes of departments or provinces (nor "
                        f"names of departments); there are {', '.join(texts)}")  # fmt: skip
    column = max(names, key=lambda one: (names[one].notna().mean(), names[one].nunique()))
    return "department", _resolved(texts[column], column, names, texts, name)


def _resolved(text: pd.Series, column: str, names: dict, texts: dict, name: str) -> pd.Series:
    codes = {}
    for place, one in text.items():
        try:
            codes[place] = places.resolve(one)
        except ParameterError as problem:
            raise DataError(f"{name}, {place}: {column}: {problem}") from None
    _compare(pd.Series(codes), text, names, texts, name)
    return pd.Series(codes)


def _compare(codes: pd.Series, text: pd.Series, names: dict, texts: dict, name: str) -> None:
    """Refuse a code that a name of its department contradicts (RENIEC's codes, not INEI's)."""
    for column, named in names.items():
        for place in codes.index[named.notna() & (named != codes.str[:2])]:
            code = codes[place][:2]
            raise DataError(
                f"{name}, {place}: {text[place]!r} is {places.name(code)} in INEI's codes, "
                f"{column} says {texts[column][place]!r}"
            )


def natural_earth_code(properties: dict) -> str:
    """Return the UBIGEO code of a Natural Earth admin-1 feature of Peru.

    ``gn_a1_code`` holds INEI's number (``PE.21`` is Puno, whose ``name`` reads "Callao"); Lima's
    capital province stands apart as ``PE.LMA``. Names are not used: two features are "Callao".
    """
    code = str(properties.get("gn_a1_code"))
    if code == "PE.LMA":
        return "15"
    country, _, number = code.partition(".")
    if country != "PE" or not number.isdigit() or not 1 <= int(number) <= 25:
        raise DataError(
            f"feature {properties.get('adm1_code')}: gn_a1_code {code!r}, expected PE.01 to PE.25"
        )
    return number.zfill(2)


def _natural_earth(texts: dict, names: dict, name: str, repairs: list[Repair]) -> pd.Series:
    codes = pd.Series(index=texts["gn_a1_code"].index, dtype=object)
    for place, text in texts["gn_a1_code"].items():
        try:
            codes[place] = natural_earth_code({"gn_a1_code": text, "adm1_code": place})
        except DataError as problem:
            raise DataError(f"{name}, {problem}") from None
    known = names.copy()
    for column, named in names.items():
        for place in codes.index[(codes == "21") & (named == "07")]:
            known[column] = named.mask(codes == "21")
            repairs.append(Repair(place, column, "read", texts[column][place], places.name("21"),
                                  "Natural Earth calls two features Callao"))  # fmt: skip
    _compare(codes, texts["gn_a1_code"], known, texts, name)
    return codes


def names_of(texts: dict, codes: pd.Series, repairs: list[Repair]) -> pd.Series:
    """Return the names of provinces, as a column of names gives them, else their codes."""
    headers = [one for one in texts if re.search(r"nom.*prov|prov|name_2|shapename", one.lower())]
    headers += [one for one in texts if re.fullmatch(r"name|nom(bre)?", one.lower())]
    for column in headers:
        text = texts[column]
        if text.str.contains(r"[^\W\d_]{2}").all() and text.nunique() > 0.8 * len(text):
            out = {}
            for place, was in text.items():
                mended = _mended(was)
                if mended != was:
                    repairs.append(
                        Repair(place, column, "read", was, mended, "UTF-8 read as Latin-1")
                    )
                out[place] = _written(mended)
            return pd.Series(out)
    return codes


def _mended(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _written(name: str) -> str:
    """Return a name in capitals as names are written (``"Daniel Alcides Carrión"``)."""
    if not name.isupper():
        return name
    words = [one if one in SMALL_WORDS else one.capitalize() for one in name.lower().split()]
    return " ".join([words[0].capitalize(), *words[1:]])
