"""The parameters of a report, checked: regions, years, language.

Free of pandas, so that a whole edition is checked before anything heavy is loaded.
"""

from __future__ import annotations

import ast
import csv
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import language, places
from .errors import ParameterError, candidates
from .paths import PROCESSED

FIRST_YEAR, LAST_YEAR = 1961, 2030
# A figure can hold so many colours apart.
MOST_REGIONS = 8
NAMES = ("regions", "start_year", "end_year", "language")


@dataclass(frozen=True)
class Scope:
    """What a report is about: UBIGEO codes in the order given, first and last year, language."""

    regions: tuple[str, ...]
    start_year: int
    end_year: int
    language: str = "en"

    @property
    def names(self) -> list[str]:
        """The regions' display names."""
        return [places.name(code) for code in self.regions]

    @property
    def years(self) -> str:
        """The years as text (``2000–2013``)."""
        if self.start_year == self.end_year:
            return str(self.start_year)
        return f"{self.start_year}–{self.end_year}"


def check(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked parameters: department names resolved, years and language valid.

    Raises
    ------
    ParameterError
        One line: the parameter, its value, what was expected.
    """
    for name in parameters:
        if name not in NAMES:
            raise ParameterError(
                f"unknown parameter {name!r}{candidates(name, NAMES)}; there are {', '.join(NAMES)}"
            )
    if set(parameters) == {"language"}:  # a page that is about no region
        return {"language": _language(parameters["language"])}
    for name in NAMES[:3]:
        if name not in parameters:
            raise ParameterError(f"parameter {name} is missing")
    wanted = _regions(parameters["regions"])
    start, end = (_year(name, parameters[name]) for name in ("start_year", "end_year"))
    if start > end:
        raise ParameterError(
            f"start_year {start} is after end_year {end} (each is the default unless given)"
        )
    return {
        "regions": [places.name(code) for code in wanted],
        "start_year": start,
        "end_year": end,
        "language": _language(parameters.get("language", "en")),
    }


def _language(given: Any) -> str:
    if given not in language.available():
        raise ParameterError(
            f"language: {given!r} is not there; there is {', '.join(language.available())}"
        )
    return given


def _regions(given: Any) -> list[str]:
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)) or not all(isinstance(one, str) for one in names):
        raise ParameterError(f"regions: {given!r}, expected a list of department names")
    names = [one for one in names if one.strip()]
    if not names:
        raise ParameterError("regions: none given; there are " + places.listing(places.codes()))
    try:
        found = [places.resolve(one) for one in names]
    except ParameterError as problem:
        raise ParameterError(f"regions: {problem}") from None
    code, times = Counter(found).most_common(1)[0]
    if times > 1:
        raise ParameterError(f"regions: {places.name(code)} is named {times} times")
    if places.COUNTRY in found:
        raise ParameterError("regions: Perú is the whole country, not a department")
    if len(found) > MOST_REGIONS:
        raise ParameterError(
            f"regions: {len(found)} given; a figure can tell at most {MOST_REGIONS} apart"
        )
    return found


def _year(name: str, given: Any) -> int:
    whole = isinstance(given, int) and not isinstance(given, bool)
    text = given.strip() if isinstance(given, str) else ""
    if not whole and not (text.isascii() and text.isdigit()):
        raise ParameterError(f"{name}: {given!r} is not a year")
    year = int(given)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ParameterError(f"{name}: {year} is outside {FIRST_YEAR} to {LAST_YEAR}")
    return year


def from_notebook(
    namespace: Mapping[str, Any], require: Callable[[Scope], None] | None = None
) -> Scope:
    """Return the scope of the running notebook, from its variables (pass ``globals()``).

    ``require`` refuses a scope without the figures that the notebook needs, so that nothing is
    bound to a scope that later cells can't follow.

    Papermill only warns of a parameter that the notebook does not have and makes the default
    report; so the cell that it injects is read, and a name that is no parameter is refused.
    """
    checked = check(_given(namespace))
    language.use(checked["language"])
    codes = tuple(places.resolve(name) for name in checked["regions"])
    scope = Scope(codes, checked["start_year"], checked["end_year"], checked["language"])
    if require is not None:
        require(scope)
    return scope


def only_language(namespace: Mapping[str, Any]) -> None:
    """Set the language of a running notebook that is about no region (pass ``globals()``)."""
    language.use(check(_given(namespace))["language"])


def _given(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the running notebook, those included that it does not have."""
    given = {name: namespace[name] for name in NAMES if name in namespace}
    for name in _injected(namespace.get("In", [])):
        given.setdefault(name, namespace.get(name))
    return given


def _injected(history: list[str]) -> list[str]:
    """Return the names assigned in cells that papermill injected (they begin ``# Parameters``)."""
    names = []
    for source in history:
        if source.lstrip().startswith("# Parameters"):
            for node in ast.parse(source).body:
                if isinstance(node, ast.Assign):
                    names += [one.id for one in node.targets if isinstance(one, ast.Name)]
    return names


def _rows(table: str) -> list[dict[str, str]]:
    path = PROCESSED / f"{table}.csv"
    if not path.is_file():
        raise ParameterError(f"data/processed/{path.name} is missing: run `make data`")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def coffee_departments() -> list[str]:
    """Return the departments with coffee in any year, alphabetically (for ``reports.yml``)."""
    grow = {
        row["ubigeo"]
        for row in _rows("coffee_regional")
        if float(row["production_t"] or 0) > 0 or row["farm_price_pen_per_kg"]
    }
    return _display(grow)


def largest_coffee_departments(n: int = 4) -> list[str]:
    """Return the `n` departments with the largest production in the last year there is."""
    rows = [
        row
        for row in _rows("coffee_regional")
        if row["production_t"] and row["ubigeo"] != places.COUNTRY
    ]
    last = max(row["year"] for row in rows)
    ranked = sorted(
        (row for row in rows if row["year"] == last), key=lambda row: -float(row["production_t"])
    )
    return [places.name(row["ubigeo"]) for row in ranked[:n]]


def largest_and_report() -> list[str]:
    """Return the report's two regions and the four largest coffee departments."""
    return list(dict.fromkeys(["Cusco", "Puno", *largest_coffee_departments()]))


def camelid_departments() -> list[str]:
    """Return the departments with a camelid figure of their own, alphabetically."""
    return _display({row["ubigeo"] for row in _rows("camelid_herds") if "+" not in row["ubigeo"]})


def _display(found: set[str]) -> list[str]:
    return sorted((places.name(code) for code in found - {places.COUNTRY}), key=places.fold)
