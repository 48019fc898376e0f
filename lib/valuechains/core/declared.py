"""Declarations in YAML (sidecars, layouts, tables): read safely and checked by a model."""

import datetime as dt
import math
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from .errors import DataError, candidates, refuse_if, there_are
from .paths import relative

LARGEST = 1_000_000  # bytes; the longest declaration of the project has 70,000
DEEPEST = 20  # levels of lists and mappings inside each other
SHOWN = 80  # characters of a wrong value that an error line shows
OTHER_BASE = re.compile(r"[-+]?0\w|.*:")  # 010101 would be read as 4161, 10:30 as 630


def text(value: object) -> str:
    """Return text as a declaration gives it, a number or a date as it is written.

    The texts of sidecars reach CSV files, and a spreadsheet runs what begins like a formula.

    >>> text(2012), text("-5")
    ('2012', '-5')
    """
    written = str(value)
    is_text = isinstance(value, str | int | float | dt.date) and not isinstance(value, bool)
    is_text = is_text and (not isinstance(value, float) or math.isfinite(value))
    is_number = re.fullmatch(r"\s*[-+]?[\d.,\s]*%?", written)
    beginning = unicodedata.normalize("NFKC", written).lstrip()[:1]  # of wide signs too
    runs = beginning in {"=", "+", "-", "@"} and not is_number
    if not is_text or runs or not written.strip() or not "".join(written.split()).isprintable():
        raise ValueError(
            "expected text (in quotes if it reads like something else) without control characters "
            "that does not begin with = + - or @ (a spreadsheet would run it)"
        )
    return written


Text = Annotated[str, BeforeValidator(text)]


class Declared(BaseModel):
    """A declaration; the description of a field says what is expected there, for `checked`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """YAML without what it does in silence: the last of two keys, numbers to another base."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        first = {}
        for key, _ in node.value:
            if key.tag.endswith(":merge"):
                raise _refusal("<<: expected the keys themselves", key)
            name = shown(key.value if isinstance(key, yaml.ScalarNode) else key.id)
            if not key.tag.endswith((":str", ":int", ":float")):  # yes, null, a date, a list
                raise _refusal(f"the key {name}: expected text, in quotes", key)
            if first.setdefault(str(key.value), key) is not key:
                raise _refusal(f"{shown(key.value)} is given twice", key)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        is_number = node.tag.endswith((":int", ":float")) and isinstance(node.value, str)
        if is_number and OTHER_BASE.match(node.value):
            raise _refusal(f"{shown(node.value)}: expected a number as 10, or text in quotes", node)
        try:
            return super().construct_object(node, deep)
        except ValueError as problem:  # the 30th of February, a number of 5,000 digits
            raise _refusal(f"{shown(node.value)}: {problem}", node) from None


def _refusal(problem: str, at: yaml.Node | yaml.Event) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)


def shown(value: object) -> str:
    """Return a wrong value for an error line, cut where it is long."""
    written = repr(value)
    return written if len(written) <= SHOWN else written[:SHOWN] + "…"


def read_yaml(path: Path, nodes: bool = False) -> Any:
    """Return what a YAML file in UTF-8 holds: plain values, or the tree of its `nodes`.

    An alias, a key twice, a date that there is not, or more than 1 MB is refused.
    """
    is_file = path.is_file()  # a pipe would be read for ever
    problems = {
        "the file is missing": not path.exists(),
        "expected a regular file": not is_file,
        f"larger than {LARGEST:,} bytes": is_file and path.stat().st_size > LARGEST,
    }
    refuse_if(relative(path), problems)
    data = path.read_bytes()
    try:
        return _parsed(data.decode("utf-8"), nodes)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise DataError(f"{relative(path)}: not YAML (line {line}: not UTF-8)") from None
    except yaml.YAMLError as problem:
        mark, message = getattr(problem, "problem_mark", None), getattr(problem, "problem", problem)
        message = (f"line {mark.line + 1}: " if mark else "") + " ".join(str(message).split())
        raise DataError(f"{relative(path)}: not YAML ({message})") from None


@lru_cache(maxsize=512)  # many are read more than once
def _parsed(content: str, nodes: bool) -> Any:
    """Read YAML without aliases (a few lines of them make gigabytes) and endless nesting."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(f"an alias, *{event.anchor}: expected the text itself", event)
        if depth > DEEPEST:
            raise _refusal(f"more than {DEEPEST} levels inside each other", event)
    loader = _Loader(content)
    tree = loader.get_single_node()
    return tree if nodes or not tree else loader.construct_document(tree)


def checked(model: type[Model], given: object, place: str | Path) -> Model:
    """Return a declaration as its model, or refuse it for its first wrong field.

    The line says the `place` (the file, or file and part), field, value, what was expected and
    what may have been meant.

    >>> class Toy(Declared):
    ...     title: Text
    >>> checked(Toy, {"title": 2012}, "toy.yml").title
    '2012'
    """
    place = relative(place) if isinstance(place, Path) else place
    if not isinstance(given, dict):
        fields = ", ".join(model.model_fields)
        raise DataError(f"{place}: {shown(given)}, expected fields: {fields}")
    try:
        return model.model_validate(given)
    except ValidationError as refusal:
        errors = refusal.errors()
    missing = [": ".join(map(str, error["loc"])) for error in errors if error["type"] == "missing"]
    error = next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])
    where = [str(part) for part in error["loc"]]  # empty for a rule about several fields
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    said = said.replace("expected a valid string", "expected text (a word like yes in quotes)")
    if error["type"] == "extra_forbidden":
        inner = {name for kind in Declared.__subclasses__() for name in kind.model_fields}
        outer = there_are(where[-1], model.model_fields)
        near = candidates(where[-1], inner) if where[1:] else outer
        said = ": ".join([*where[:-1], f"unknown field {shown(where[-1])}{near}"])
    elif error["type"] == "invalid_key":
        said = f"the key {' '.join(where)}: expected text, in quotes"
    elif missing:
        said = f"fields missing: {', '.join(missing)}"
    elif where:
        near, field = "", model.model_fields.get(where[0])
        if error["type"] == "literal_error":
            near = candidates(str(error["input"]), re.findall("'([^']*)'", said))
        elif field and field.description:
            said = f"expected {field.description}"
        said = f"{' '.join(where)} {shown(error['input'])}{near}, {said}"
    raise DataError(f"{place}: {said}")
