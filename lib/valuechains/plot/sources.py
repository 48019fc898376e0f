"""Names of sources: what a source key is called in a figure, a table or a sentence."""

import re
from collections.abc import Iterable, Iterator

from ..core.language import spans, t
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


def short_names(keys: Iterable[str], unique: bool = True) -> list[str]:
    """Return the short names of sources in the report's language, each once if `unique`.

    A key that no source has is its own name.

    >>> short_names(["report_eu_peru_2016", "my own count"])
    ['EU–Peru report 2016', 'my own count']
    """
    known = load("source_names").set_index("source")["short"].to_dict()
    names = [t(known.get(key, key)) for key in keys]
    return list(dict.fromkeys(names)) if unique else names


def names_line(keys: Iterable[str]) -> str:
    """Return the short names of sources on one line, the years of a yearbook together.

    >>> names_line(f"midagri_anuario_{year}" for year in (2022, 2016, 2021))
    'MIDAGRI yearbook 2016, 2021–2022'
    """
    years: dict[str, list[int]] = {}
    for name in short_names(keys):
        title, year = _split_year(name)
        years.setdefault(title, []).extend([int(year)] if year else [])
    return "; ".join(f"{title} {spans(of)}".strip() for title, of in years.items())


def source_line(keys: Iterable[str]) -> str:
    """Return "Source: …" with the short names of publications, each once; "" for none.

    Of copies that were read in their place the downloads and :func:`valuechains.cite` tell.
    """
    names = names_line(keys)
    return t("Source: {names}", names=names) + "." if names else ""


def kinds(keys: Iterable[str]) -> dict[str, str]:
    """Return the kind of each source key: its name without the year of the edition.

    >>> kinds(["midagri_anuario_2022"])
    {'midagri_anuario_2022': 'MIDAGRI yearbook'}
    >>> [*kinds(["wb_pink_sheet_2025_05"]).values()]
    ['World Bank Pink Sheet, May 2025']
    """
    keys = list(dict.fromkeys(keys))
    names = short_names(keys, unique=False)
    return {key: _split_year(name)[0] for key, name in zip(keys, names, strict=True)}


def _split_year(name: str) -> tuple[str, str]:
    title, _, last = name.rpartition(" ")
    is_year = last.isdigit() and "," not in title  # "…, May 2025" is a day or month
    return (title, last) if is_year else (name, "")
