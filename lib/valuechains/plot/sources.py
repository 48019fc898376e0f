"""Names of sources: what a source key is called in a figure, a table or a sentence."""

from collections.abc import Iterable

from ..core.language import t
from ..tables import load


def short_names(keys: Iterable[str], unique: bool = True) -> list[str]:
    """Return the short names of sources in the report's language, each once if `unique`.

    A key that no source has is its own name.

    Examples
    --------
    >>> short_names(["report_eu_peru_2016", "my own count"])
    ['EU–Peru report 2016', 'my own count']
    """
    known = dict(load("source_names").set_index("source")["short"])
    names = [t(known.get(key, key)) for key in keys]
    return list(dict.fromkeys(names)) if unique else names


def names_line(keys: Iterable[str]) -> str:
    """Return the short names of sources on one line, the years of a yearbook together.

    Examples
    --------
    >>> names_line(["midagri_anuario_2022", "midagri_anuario_2019"])
    'MIDAGRI yearbook 2019, 2022'
    """
    years: dict[str, list[str]] = {}
    for name in short_names(keys):
        title, year = split_year(name)
        years.setdefault(title, []).append(year)
    return "; ".join(f"{title} {', '.join(sorted(of))}".strip() for title, of in years.items())


def copies(keys: Iterable[str]) -> list[str]:
    """Return from whose copies publications were read, each once.

    Examples
    --------
    >>> copies(["midagri_anuario_2022", "report_eu_peru_2016"])
    ['angelTCC/Produccion-Agricola-Nacional']
    """
    known = load("source_names").set_index("source")["via"].dropna()
    return list(dict.fromkeys(known[key] for key in keys if key in known))


def split_year(name: str) -> tuple[str, str]:
    """Return a name and the year that ends it, if one does (``("FAOSTAT", "2025")``)."""
    title, _, last = name.rpartition(" ")
    return (title, last) if last.isdigit() else (name, "")


def kinds(keys: Iterable[str]) -> dict[str, str]:
    """Return the kind of each source key: its name without the year of the edition.

    Examples
    --------
    >>> kinds(["midagri_anuario_2022", "midagri_anuario_2019"])["midagri_anuario_2019"]
    'MIDAGRI yearbook'
    """
    keys = list(dict.fromkeys(keys))
    names = short_names(keys, unique=False)
    return {key: split_year(name)[0] for key, name in zip(keys, names, strict=True)}
