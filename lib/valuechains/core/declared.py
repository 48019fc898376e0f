"""Declarations in YAML (sidecars, layouts, tables): read safely and checked by a model."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from .errors import DataError, candidates
from .paths import relative

LARGEST = 1_000_000  # bytes; the longest declaration of the project has 70,000
DEEPEST = 20  # levels of lists and mappings inside each other
SHOWN = 80  # characters of a wrong value that an error line shows


def text(value: object) -> str:
    """Return text as a declaration gives it, a number or a date as it is written.

    The texts of sidecars reach CSV files, and a spreadsheet runs what begins like a formula.

    >>> text(2012), text("-5")
    ('2012', '-5')
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | dt.date):
        raise ValueError("expected text (in quotes if it reads like something else)")
    written = str(value)
    if not written.strip():
        raise ValueError("expected some text")
    if not "".join(written.split()).isprintable():
        raise ValueError("expected text without control characters")
    is_number = re.fullmatch(r"\s*[-+]?[\d.,\s]*%?", written)
    if written.lstrip()[0] in "=+-@" and not is_number:
        raise ValueError(
            "expected text that does not begin with = + - or @ (a spreadsheet would run it)"
        )
    return written


Text = Annotated[str, BeforeValidator(text)]


class Declared(BaseModel):
    """A declaration: a field that is not known is refused, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """YAML without what it does in silence: of a key given twice it takes the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys: list = []
        for key, _ in node.value:
            if key.value in keys:
                said = f"{shown(key.value)} is given twice"
                raise yaml.MarkedYAMLError(problem=said, problem_mark=key.start_mark)
            keys.append(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as problem:  # the 30th of February, a number of 5,000 digits
            said = f"{shown(node.value)}: {problem}"
            raise yaml.MarkedYAMLError(problem=said, problem_mark=node.start_mark) from None


def shown(value: object) -> str:
    """Return a wrong value for an error line, cut where it is long."""
    written = repr(value)
    return written if len(written) <= SHOWN else written[:SHOWN] + "…"


def read_yaml(path: Path, nodes: bool = False) -> Any:
    """Return what a YAML file in UTF-8 holds: plain values, nothing that runs or grows.

    Its values, or (`nodes`) the tree of `yaml.Node`, which knows its lines. An alias, a key twice,
    a date that there is not, or more than 1 MB is refused in one line that names the file.
    """
    name = relative(path)
    if path.exists() and not path.is_file():  # to open a named pipe would wait for ever
        raise DataError(f"{name}: expected a regular file")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise DataError(f"{name}: larger than {LARGEST:,} bytes")
        content = data.decode("utf-8")
        _refuse_growth(content)
        return (yaml.compose if nodes else yaml.load)(content, Loader=_Loader)
    except FileNotFoundError:
        raise DataError(f"{name}: the file is missing") from None
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise DataError(f"{name}: not YAML (line {line}: not UTF-8)") from None
    except yaml.YAMLError as problem:
        mark, said = getattr(problem, "problem_mark", None), getattr(problem, "problem", problem)
        place = f"line {mark.line + 1}: " if mark else ""
        raise DataError(f"{name}: not YAML ({place}{' '.join(str(said).split())})") from None


def _refuse_growth(content: str) -> None:
    """Refuse aliases (a few lines of them make gigabytes) and endless nesting."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            said = f"an alias, *{event.anchor}: expected the text itself"
            raise yaml.MarkedYAMLError(problem=said, problem_mark=event.start_mark)
        if depth > DEEPEST:
            said = f"more than {DEEPEST} levels inside each other"
            raise yaml.MarkedYAMLError(problem=said, problem_mark=event.start_mark)


def checked(model: type[Model], given: object, place: str) -> Model:
    """Return a declaration as its model, or refuse it in one line for the first wrong field.

    The line says the `place` (the file, or file and part), field, value, what was expected and
    what may have been meant.

    >>> class Toy(Declared):
    ...     title: Text
    >>> checked(Toy, {"title": 2012}, "toy.yml").title
    '2012'
    >>> checked(Toy, {"title": "x", "titel": "y"}, "toy.yml")
    Traceback (most recent call last):
    valuechains.core.errors.DataError: toy.yml: unknown field 'titel' (did you mean title?); \
there are title
    """
    fields = ", ".join(model.model_fields)
    if not isinstance(given, dict):
        raise DataError(f"{place}: {shown(given)}, expected fields: {fields}")
    try:
        return model.model_validate(given)
    except ValidationError as refusal:
        errors = refusal.errors()
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    missing = [": ".join(map(str, error["loc"])) for error in errors if error["type"] == "missing"]
    if unknown:
        *outer, field = unknown[0]
        known = {name for kind in Declared.__subclasses__() for name in kind.model_fields}
        near = candidates(str(field), known if outer else model.model_fields)
        there = "" if outer else f"; there are {fields}"
        within = "".join(f"{part}: " for part in outer)
        raise DataError(f"{place}: {within}unknown field {shown(field)}{near}{there}")
    if missing:
        raise DataError(f"{place}: fields missing: {', '.join(map(str, missing))}")
    error = errors[0]
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    if not error["loc"]:  # a rule about several fields
        raise DataError(f"{place}: {said}")
    near = ""
    if error["type"] == "literal_error":
        near = candidates(str(error["input"]), re.findall("'([^']*)'", error["ctx"]["expected"]))
    field = " ".join(map(str, error["loc"]))
    raise DataError(f"{place}: {field} {shown(error['input'])}{near}, {said}")
