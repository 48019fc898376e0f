"""The model of `reports.yml`: checked before anything runs."""

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
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Column(_Model):
    """A column of an edition's table: a value of a finding, by the finding's key."""

    label: str
    finding: str
    value: str
    digits: int = Field(default=0, ge=0, le=6)
    percent: bool = False


class Edition(_Model):
    """Some notebooks with one set of parameters, or with one set for each of several items.

    `index_table` has the columns of the table in which the index lists its reports.
    """

    name: Name
    title: str
    notebooks: list[Stem] = Field(min_length=1)
    parameters: dict[str, Any] = {}
    for_each: dict[str, Any] = Field(default={}, max_length=1)
    index_table: list[Column] = []


class Data(_Model):
    """How the data that notebooks read are made: a command, run in the project's folder whenever
    a file below the folders `from` or `to` (relative to `reports.yml`) has changed."""

    command: list[str] = Field(min_length=1)
    sources: list[str] = Field(alias="from", min_length=1)
    made: str = Field(alias="to")


class Collection(_Model):
    """The whole of `reports.yml`.

    The first of the `languages` is the one that the notebooks are written in; for each other
    one there is a catalogue `<catalogues>/<language>.po` (relative to `reports.yml`), and every
    edition is made in it too. Further messages stand in the modules below the `sources` folders,
    and `words` names a function ("module:function", as `check` does) that returns those of the
    data. `preload` names third-party modules that most notebooks use; they are loaded once.
    Notebooks listed under `kernel` are always run in an ordinary kernel.

    A notebook is named by its path from the folder of `reports.yml`, without ".ipynb". Its
    parameter `language`, if it has one, chooses between the `languages`. Whatever it reads in the
    project, the folder that holds that of `reports.yml`, counts as read; files elsewhere don't.
    `publications` is a CSV (relative to `reports.yml`) with what is to be said of sources:
    `source`, `file`, anything else; `cite` is how the collection wants to be cited.
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


class _Loader(yaml.CSafeLoader):
    """YAML without what it does in silence: of a key given twice it takes the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                problem = f'the key "{one_line(key.value, 80)}" stands twice'
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:  # the 30th of February, a number of 5,000 digits, !!bool x
            problem = f"{shown(node.value)}: {error}"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


def _refuse_growth(text: str) -> None:
    """Refuse aliases, a few lines of which make gigabytes, and endless nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            problem = f"expected no alias (*name), and at most {DEEPEST} levels inside each other"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def load(path: Path) -> Collection:
    """Read and check `reports.yml`."""
    text = read_text(path)
    try:
        _refuse_growth(text)
        raw = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", error)
        place = f"line {mark.line + 1}: " if mark else ""
        raise CollectionError(f"{path}: not YAML: {place}{one_line(problem)}") from error
    try:
        return Collection.model_validate(raw)
    except ValidationError as error:
        raise CollectionError(f"{path}: {_first_problem(error, raw)}") from error


def _first_problem(error: ValidationError, raw: Any) -> str:
    """What pydantic found first, with the edition and the key that it stands in."""
    problem = error.errors()[0]
    location, where, model = list(problem["loc"]), "", Collection
    if location[:1] == ["editions"] and len(location) > 1:
        number = int(location[1])
        edition = raw["editions"][number]
        name = edition.get("name", "") if isinstance(edition, dict) else ""
        where = f"edition {one_line(name or number + 1, 80)}: "
        location, model = location[2:], Edition
    key = one_line(".".join(map(str, location)), 80) or "the file"
    if problem["type"] == "missing":
        return f"{where}{key} is missing"
    if problem["type"] == "extra_forbidden":
        return f'{where}unknown key "{key}": {nearest(key, list(model.model_fields))}'
    return f"{where}{key}: {problem['msg']}, got {shown(problem['input'])}"


def caption(pattern: str, parameters: dict[str, Any]) -> str:
    """How a parameter set is shown. Only whole names are replaced, no attributes or indexes."""

    def value(match: re.Match[str]) -> str:
        shown = parameters.get(match[1], "")
        return ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)

    return re.sub(r"\{(\w+)\}", value, pattern).strip(" ·–-,")
