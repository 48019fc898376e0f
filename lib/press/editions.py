"""The model of `reports.yml`: checked before anything runs."""

import contextlib
import re
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from press.job import CollectionError, nearest, one_line, read_text, shown

DEEPEST = 20  # levels of lists and mappings inside each other
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
# The path of a notebook below the folder of `reports.yml`: no part is hidden, or leads upwards.
PART = r"\w[^/\\\x00-\x1f]*"
Stem = Annotated[str, StringConstraints(pattern=rf"^{PART}(/{PART})*$", max_length=200)]
OTHER_BASE = re.compile(r"[-+]?0\w|.*:")  # 010 would be read as 8, 10:30 as 630
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Column(_Model):
    """A column of an edition's table on the index: a finding's value, and the one with its year."""

    label: str
    finding: str
    value: str
    digits: int = Field(default=0, ge=0, le=6)
    percent: bool = False
    year: str = ""


class Edition(_Model):
    """Some notebooks with one set of parameters, or with one set for each of several items.

    `index_map` is an SVG of paths whose ids are the items in lower case, with hyphens.
    """

    name: Name
    title: str
    notebooks: list[Stem] = Field(min_length=1)
    parameters: dict[str, Any] = {}
    for_each: dict[str, Any] = Field(default={}, max_length=1)
    index_table: list[Column] = []
    index_map: str = ""


class Data(_Model):
    """How the data that notebooks read are made: a command, run in the project's folder whenever
    a file below the folders `from` or `to` (relative to `reports.yml`) has changed."""

    command: list[str] = Field(min_length=1)
    sources: list[str] = Field(alias="from", min_length=1)
    made: str = Field(alias="to")


class Collection(_Model):
    """The whole of `reports.yml`; paths in it are relative to its folder.

    The notebooks are written in the first of the `languages`; every edition is made in each other
    one too, by a catalogue `<catalogues>/<language>.po`, and a notebook's parameter `language`, if
    it has one, says which. Further messages stand in the modules below the `sources` folders, and
    in what the function `words` ("module:function", as `check`) returns. `preload` names third-
    party modules that most notebooks use, `kernel` the notebooks that need an ordinary kernel.
    `publications` is a CSV with what is to be said of sources: `source` (key), `file`, `short` (its
    name), `published`, anything else; `cite` is how the collection wants to be cited. What a
    notebook reads in the folder that holds that of `reports.yml` counts as read.
    """

    title: str
    about: str = ""
    caption: str = ""
    check: str = ""
    languages: list[Language] = Field(default=["en"], min_length=1)
    catalogues: str = "locale"
    sources: list[str] = []
    words: str = ""
    data: Data | None = None
    preload: list[str] = []
    kernel: list[Stem] = []
    publications: str = ""
    cite: str = ""
    editions: list[Edition] = Field(min_length=1)


def _wrong(problem: str, node: Any) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


class _Loader(yaml.CSafeLoader):
    """YAML without what it does in silence: the last of two keys, numbers to another base."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if key.tag.endswith(":merge"):
                raise _wrong("<<: expected the keys themselves", key)
            said = shown(key.value if isinstance(key, yaml.ScalarNode) else key.id)
            if not key.tag.endswith(":str"):
                raise _wrong(f"the key {said}: expected text, in quotes", key)
            if str(key.value) in seen:
                raise _wrong(f'the key "{one_line(key.value, 80)}" stands twice', key)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        is_number = node.tag.endswith((":int", ":float")) and isinstance(node.value, str)
        if is_number and OTHER_BASE.match(node.value):
            raise _wrong(f"{shown(node.value)}: expected a number as 10, or text in quotes", node)
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:  # the 30th of February, a number of 5,000 digits, !!bool x
            raise _wrong(f"{shown(node.value)}: {error}", node) from None


def load(path: Path) -> Collection:
    """Read and check `reports.yml`."""
    text, depth, raw = read_text(path), 0, None
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            # a few lines of aliases make gigabytes, and nesting may be endless
            if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                most = f"at most {DEEPEST} levels inside each other"
                raise _wrong(f"expected no alias (*name), and {most}", event)
        raw = yaml.load(text, Loader=_Loader)
        return Collection.model_validate(raw)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", error)
        place = f"line {mark.line + 1}: " if mark else ""
        raise CollectionError(f"{path}: not YAML: {place}{one_line(problem)}") from error
    except ValidationError as error:
        raise CollectionError(f"{path}: {refusal(error, raw)}") from error


def refusal(error: Exception, raw: Any) -> str:
    """What is wrong with a file, in one line: of a model its first problem, and where that is."""
    if not isinstance(error, ValidationError):
        return one_line(error)
    problem, where, model = error.errors()[0], [], Collection
    for step in problem["loc"]:
        with contextlib.suppress(LookupError, TypeError):  # a name that pydantic gave
            raw = raw[step]
        if isinstance(step, int) and where:
            name = raw.get("name") if isinstance(raw, dict) else None
            where[-1] = f"{where[-1].removesuffix('s')} {one_line(name or step + 1, 80)}"
        else:
            model = MODELS.get(" ".join(where[-1:]).partition(" ")[0], model)
            where.append(one_line(step, 80))
    place = ": ".join(where) or "the file"
    if problem["type"] == "missing":
        return f"{place} is missing"
    if problem["type"] == "extra_forbidden":
        *within, key = where
        known = nearest(key, list(model.model_fields))
        return ": ".join([*within, f'unknown key "{key}": {known}'])
    expected = re.sub(r" or instance of \w+", "", problem["msg"])
    return f"{place}: {expected}, got {shown(problem['input'])}"


# What stands below a key of `reports.yml`, for the names that may have been meant.
MODELS = {"edition": Edition, "index_table": Column, "data": Data}
