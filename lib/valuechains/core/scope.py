"""What a report or an analysis is about, checked: regions, years, language.

Free of pandas, so that a whole edition is checked before anything heavy is loaded. Whatever is
wrong is a ParameterError of one line: the parameter, its value, what was expected.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Any

from . import language as languages
from . import places
from .errors import ParameterError, refuse_if, there_are

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

    def __post_init__(self) -> None:
        """Refuse names, and years in the wrong order: what :func:`scope` resolves and checks."""
        years = (self.start_year, self.end_year)
        is_ordered = all(isinstance(year, int) for year in years) and years[0] <= years[1]
        if not {*self.regions} <= {*places.codes()} or not is_ordered:
            raise ParameterError(
                f"Scope({self.regions!r}, {self.start_year!r}, {self.end_year!r}): expected codes "
                "and two years in order; scope('Cusco', 'Puno', 2000, 2013) takes names too"
            )

    @property
    def names(self) -> list[str]:
        """The regions' display names."""
        return [places.name(code) for code in self.regions]

    @property
    def years(self) -> str:
        """The years as text (``2000–2013``)."""
        return "–".join(str(year) for year in dict.fromkeys((self.start_year, self.end_year)))


def scope(*given: Any, years: tuple[int, int] | None = None, language: str = "en") -> Scope:
    """Return the scope of some departments (names or codes), from one year to another.

    First and last year stand last, or are ``years=(2000, 2013)``. The language is that of the
    figures picked with it, and of their charts.

    >>> scope("Cuzco", "Puno", 2000, 2013)
    Scope(regions=('08', '21'), start_year=2000, end_year=2013, language='en')
    """
    regions, ends = parted([*given, years or ()])
    if len(ends) != 2:
        found = ", ".join(map(repr, given)) or "nothing"
        raise ParameterError(
            "expected departments, then first and last year: scope('Cusco', 'Puno', 2000, 2013), "
            f"and by name language='en'; found {found}"
        )
    named = {"regions": regions, "start_year": ends[0], "end_year": ends[1]}
    return _checked(named | {"language": language})


def parted(given: Iterable[Any]) -> tuple[list[Any], list[int]]:
    """Return the departments and the years of what is given by position: lists, scopes too.

    >>> parted(["Cusco", ["21", 2000], 2013])
    (['Cusco', '21'], [2000, 2013])
    """
    regions, years = [], []
    for item in given:
        if isinstance(item, Scope):
            item = [*item.regions, item.start_year, item.end_year]
        if isinstance(item, Iterable) and not isinstance(item, str):
            found = parted(item)
            regions, years = regions + found[0], years + found[1]
        elif (isinstance(item, Real) and item > 99) or re.fullmatch(r"\d{4}", str(item)):
            years.append(_year("year", item))
        else:
            regions.append(item)
    return regions, years


def check(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked parameters: department names resolved, years and language valid."""
    if set(parameters) == {"language"}:  # a page that is about no region
        return {"language": languages.check(parameters["language"])}
    here = _checked(parameters)
    return asdict(here) | {"regions": here.names}


def _checked(parameters: Mapping[str, Any]) -> Scope:
    """Return the scope of some parameters."""
    for name in [name for name in parameters if name not in NAMES]:
        raise ParameterError(f"parameters: unknown {name!r}{there_are(name, NAMES)}")
    language = languages.check(parameters.get("language", "en"))
    for name in [name for name in NAMES[:3] if name not in parameters]:
        raise ParameterError(f"parameters: {name} is missing")
    regions = _regions(parameters["regions"])
    start, end = (_year(name, parameters[name]) for name in ("start_year", "end_year"))
    if start > end:
        raise ParameterError(
            f"start_year: {start} is after end_year {end} (each is the default unless given)"
        )
    return Scope(tuple(regions), start, end, language)


def _regions(given: Any) -> list[str]:
    names = given.split(",") if isinstance(given, str) else given
    is_list = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    if not is_list:
        raise ParameterError(f"regions: {given!r}, expected a list of texts, 'Cusco' or '08'")
    try:
        codes = [places.resolve(name) for name in names if name.strip()]
    except ParameterError as problem:
        raise ParameterError(f"regions: {problem}") from None
    problems = {
        f"{places.name(code)} is named {times} times": times > 1
        for code, times in Counter(codes).items()
    }
    problems |= {
        "none given; there are " + places.listing(places.codes()): not codes,
        "Perú is the whole country, not a department": places.COUNTRY in codes,
        f"{len(codes)} given; a figure can tell at most {MOST_REGIONS} apart": (
            len(codes) > MOST_REGIONS
        ),
    }
    refuse_if("regions", problems, ParameterError)
    return codes


def _year(name: str, given: Any) -> int:
    is_whole = isinstance(given, Integral) and not isinstance(given, bool)
    is_whole |= isinstance(given, str) and given.isascii() and given.strip().isdigit()
    if not is_whole:
        raise ParameterError(f"{name}: {given!r} is not a year, expected one such as 2000")
    if not FIRST_YEAR <= int(given) <= LAST_YEAR:
        raise ParameterError(f"{name}: {given} is outside {FIRST_YEAR} to {LAST_YEAR}")
    return int(given)


def from_notebook(
    namespace: Mapping[str, Any], require: Callable[[Scope], None] | None = None
) -> Scope:
    """Return the scope of the running notebook, from its variables (pass ``globals()``).

    ``require`` refuses a scope without the figures that the notebook needs, so that nothing is
    bound to a scope that later cells can't follow.
    """
    here = _checked(_given(namespace))
    if require is not None:
        require(here)
    languages.use(here.language)
    return here


def only_language(namespace: Mapping[str, Any]) -> None:
    """Set the language of a running notebook that is about no region (pass ``globals()``)."""
    languages.use(check(_given(namespace))["language"])


def _given(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the running notebook, those included that it does not have.

    Papermill only warns of these and makes the default report; so the cells that it injects (they
    begin ``# Parameters``) are read.
    """
    names = [name for name in NAMES if name in namespace]
    for source in namespace.get("In", []):
        if source.lstrip().startswith("# Parameters"):
            assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
            targets = [target for node in assigned for target in node.targets]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    return {name: namespace.get(name) for name in names}
