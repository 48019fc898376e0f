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
    written = str(value)
    is_number = re.fullmatch(r"\s*[-+]?[\d.,\s]*%?", written)
    if isinstance(value, bool) or not isinstance(value, str | int | float | dt.date):
        problem = "text (in quotes if it reads like something else)"
    elif not written.strip():
        problem = "some text"
    elif not "".join(written.split()).isprintable():
        problem = "text without control characters"
    elif written.lstrip()[0] in "=+-@" and not is_number:
        problem = "text that does not begin with = + - or @ (a spreadsheet would run it)"
    else:
        return written
    raise ValueError(f"expected {problem}")


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
                raise _problem(f"{shown(key.value)} is given twice", key)
            keys.append(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as problem:  # the 30th of February, a number of 5,000 digits
            raise _problem(f"{shown(node.value)}: {problem}", node) from None


def _problem(said: str, node: yaml.Node | yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=said, problem_mark=node.start_mark)


def shown(value: object) -> str:
    """Return a wrong value for an error line, cut where it is long."""
    written = repr(value)
    return written if len(written) <= SHOWN else written[:SHOWN] + "…"


def read_yaml(path: Path, nodes: bool = False) -> Any:
    """Return what a YAML file in UTF-8 holds: plain values, nothing that runs or grows.

    With `nodes` the tree of `yaml.Node`, which knows its lines. DataError, one line with the file:
    it is missing, no regular file, larger than 1 MB, no YAML in UTF-8, has an alias, a key twice,
    or a date or number that there is not.
    """
    name = relative(path)
    if not path.is_file():  # to open a named pipe would wait for ever
        what = "expected a regular file" if path.exists() else "the file is missing"
        raise DataError(f"{name}: {what}")
    if path.stat().st_size > LARGEST:
        raise DataError(f"{name}: larger than {LARGEST:,} bytes")
    try:
        data = path.read_bytes()
        content = data.decode("utf-8")
        _refuse_growth(content)
        read = yaml.compose if nodes else yaml.load
        return read(content, Loader=_Loader)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise DataError(f"{name}: not YAML (line {line}: not UTF-8)") from None
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise DataError(f"{name}: not YAML (line {line}: {problem.problem})") from None
    except yaml.YAMLError as problem:
        raise DataError(f"{name}: not YAML ({' '.join(str(problem).split())})") from None


def _refuse_growth(content: str) -> None:
    """Refuse aliases (a few lines of them make gigabytes) and endless nesting."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise _problem(f"an alias, *{event.anchor}: expected the text itself", event)
        if depth > DEEPEST:
            raise _problem(f"more than {DEEPEST} levels inside each other", event)


def checked(model: type[Model], given: object, place: str) -> Model:
    """Return what `read_yaml` gave, or a part of it, as its model.

    DataError, one line for the first field that is wrong: `place` (the file, or file and part),
    field, value, what was expected and what may have been meant.

    >>> class Toy(Declared):
    ...     title: Text
    >>> checked(Toy, {"title": 2012}, "toy.yml").title
    '2012'
    """
    fields = ", ".join(model.model_fields)
    if not isinstance(given, dict):
        raise DataError(f"{place}: {shown(given)}, expected fields: {fields}")
    try:
        return model.model_validate(given)
    except ValidationError as refusal:
        errors = refusal.errors()
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    if unknown:
        *outer, field = unknown[0]
        known = {name for kind in Declared.__subclasses__() for name in kind.model_fields}
        near = candidates(str(field), known if outer else model.model_fields)
        there = "" if outer else f"; there are {fields}"
        within = "".join(f"{part}: " for part in outer)
        raise DataError(f"{place}: {within}unknown field {shown(field)}{near}{there}")
    missing = [": ".join(map(str, error["loc"])) for error in errors if error["type"] == "missing"]
    if missing:
        raise DataError(f"{place}: fields missing: {', '.join(missing)}")
    error = errors[0]
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    if not error["loc"]:  # a rule about several fields
        raise DataError(f"{place}: {said}")
    near = ""
    if error["type"] == "literal_error":
        near = candidates(str(error["input"]), re.findall("'([^']*)'", error["ctx"]["expected"]))
    field = " ".join(map(str, error["loc"]))
    raise DataError(f"{place}: {field} {shown(error['input'])}{near}, {said}")
