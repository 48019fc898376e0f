"""Names of sources: what a source key is called in a figure, a table or a sentence."""

import re
from collections.abc import Iterable, Iterator

from ..core.language import t
from ..tables import load

ROW = re.compile(r"[^\s/:]+/\S+:[\d+]+")  # a raw row, as `origin` names it


def _parted(sources: Iterable[str]) -> Iterator[str]:
    for source in map(str, sources):
        yield from source.split() if ROW.match(source) else [source]


def publications(sources: Iterable[str]) -> list[str]:
    """Return the keys of sources that are keys, raw rows or any text, each once.

    >>> publications(["report/price.csv:3 report/price.csv:4", "Own notes/2026"])
    ['report', 'Own notes/2026']
    """
    keys = (x.partition("/")[0] if ROW.match(x) else x for x in _parted(sources))
    return list(dict.fromkeys(keys))


def listed(sources: Iterable[str]) -> list[dict[str, str]]:
    """Return what a resource says of its sources: each publication, of raw rows file and rows.

    >>> listed(["report/price.csv:3 report/price.csv:4", "Own notes"])
    [{'title': 'report', 'path': 'report/price.csv', 'rows': '3 4'}, {'title': 'Own notes'}]
    """
    used: dict[str, list[str]] = {}
    for source in dict.fromkeys(_parted(sources)):
        file, _, row = source.rpartition(":") if ROW.match(source) else (source, "", "")
        used.setdefault(file, []).append(row)
    return [
        {"title": file.partition("/")[0], "path": file, "rows": " ".join(rows)}
        if any(rows)
        else {"title": file}
        for file, rows in used.items()
    ]


def _known(column: str) -> dict[str, str]:
    names = load("source_names")
    pairs = zip(names["source"].tolist(), names[column].tolist(), strict=True)
    return {key: name for key, name in pairs if isinstance(name, str)}


def short_names(keys: Iterable[str], unique: bool = True) -> list[str]:
    """Return the short names of sources in the report's language, each once if `unique`.

    A key that no source has is its own name.

    >>> short_names(["report_eu_peru_2016", "my own count"])
    ['EU–Peru report 2016', 'my own count']
    """
    known = _known("short")
    names = [t(known.get(key, key)) for key in keys]
    return list(dict.fromkeys(names)) if unique else names


def names_line(keys: Iterable[str]) -> str:
    """Return the short names of sources on one line, the years of a yearbook together.

    >>> names_line(["midagri_anuario_2022", "midagri_anuario_2019"])
    'MIDAGRI yearbook 2019, 2022'
    """
    years: dict[str, list[str]] = {}
    for name in short_names(keys):
        title, year = _split_year(name)
        years.setdefault(title, []).append(year)
    return "; ".join(f"{title} {', '.join(sorted(of))}".strip() for title, of in years.items())


def source_line(keys: Iterable[str]) -> str:
    """Return "Source: …" with the short names of publications, each once; "" for none.

    Copies of third parties that were read in place of a publication are named.
    """
    keys, known = list(keys), _known("via")
    names, via = names_line(keys), dict.fromkeys(known[key] for key in keys if key in known)
    if via:
        return t("Source: {names}, via {copies}", names=names, copies="; ".join(via)) + "."
    return t("Source: {names}", names=names) + "." if names else ""


def kinds(keys: Iterable[str]) -> dict[str, str]:
    """Return the kind of each source key: its name without the year of the edition.

    >>> kinds(["midagri_anuario_2022"])
    {'midagri_anuario_2022': 'MIDAGRI yearbook'}
    """
    keys = list(dict.fromkeys(keys))
    names = short_names(keys, unique=False)
    return {key: _split_year(name)[0] for key, name in zip(keys, names, strict=True)}


def _split_year(name: str) -> tuple[str, str]:
    title, _, last = name.rpartition(" ")
    return (title, last) if last.isdigit() else (name, "")
