"""The model of `reports.yml`, and of a notebook's parameters: checked before anything runs."""

import ast
import contextlib
import difflib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from press.job import CollectionError, one_line

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Stem = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=80)]
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
    Notebooks listed under `kernel` are always run in an ordinary kernel. `publications` is a CSV
    (relative to `reports.yml`) with what is to be said of sources: `source`, `file`, anything else;
    `cite` is how the collection wants to be cited.
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


@dataclass(frozen=True)
class Notebook:
    """A notebook's title, and of its parameters the types and those defaults that are literals."""

    stem: str
    title: str
    kinds: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)  # the notebooks that its Markdown links to


def nearest(name: str, names: list[str]) -> str:
    """The end of an error line: the closest of the names there are, and all of them."""
    close = difflib.get_close_matches(name, names, 1, 0.5)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return f"{guess}(there is: {', '.join(names) or 'none'})"


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is refused: the last one would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                problem = f'the key "{key.value}" stands twice'
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def load(path: Path) -> Collection:
    """Read and check `reports.yml`."""
    raw = None
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        return Collection.model_validate(raw)
    except OSError as error:
        raise CollectionError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise CollectionError(f"{path}: not YAML: {one_line(error)}") from error
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
        where, location, model = (f"edition {name or number + 1}: ", location[2:], Edition)
    key = ".".join(map(str, location)) or "the file"
    if problem["type"] == "missing":
        return f"{where}{key} is missing"
    if problem["type"] == "extra_forbidden":
        return f'{where}unknown key "{key}": {nearest(key, list(model.model_fields))}'
    return f"{where}{key}: {problem['msg']}, got {one_line(repr(problem['input']), 80)}"


def inspect(path: Path) -> Notebook:
    """Read a notebook's first H1, and the parameters in its cell tagged `parameters`."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CollectionError(f"{path}: not a notebook: {one_line(error)}") from error
    kinds: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    headings, links = [], []
    for cell, text in zip(cells, texts, strict=True):
        if cell["cell_type"] == "markdown":
            headings += [line[2:] for line in text.splitlines() if line.startswith("# ")]
            links += re.findall(r"\]\(([\w.-]{1,80})\.ipynb\b", text)
        elif "parameters" in cell.get("metadata", {}).get("tags", []):
            try:
                _read_parameters(text, kinds, defaults)
            except SyntaxError as error:
                raise CollectionError(f"{path}: parameters cell: {one_line(error)}") from error
    heading = (headings or [path.stem])[0].strip().rstrip("#").rstrip()
    title = re.sub(r"[*`]+|\b_+(?!\w)|(?<!\w)_+\b", "", heading)
    return Notebook(path.stem, title, kinds, defaults, links)


KINDS = {kind.__name__: kind for kind in (str, int, float, bool, list, dict)}


def _read_parameters(source: str, kinds: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Note the type and the default of each parameter: its annotation counts, else its default."""
    for node in ast.parse(source).body:
        annotation = getattr(node, "annotation", None)
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                kinds[target.id] = Any
                with contextlib.suppress(ValueError):  # it is no literal
                    defaults[target.id] = ast.literal_eval(node.value)
                    kinds[target.id] = _kind_of(defaults[target.id])
                if annotation:
                    kinds[target.id] = _annotated(annotation)


def _kind_of(default: Any) -> Any:
    """The type that a default stands for; anything goes for None."""
    if isinstance(default, list | tuple):
        return list[_kind_of(default[0])] if default else list
    return KINDS.get(type(default).__name__, Any)


def _annotated(node: ast.expr) -> Any:
    """The type that an annotation names, `list[str]` and `int | None` too; Any if unknown."""
    text = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    try:
        return eval(str(text), {"__builtins__": {}}, KINDS)
    except Exception:  # the name of another type
        return Any


def is_list(kind: Any) -> bool:
    """Whether a parameter of this type holds several values."""
    return kind is list or get_origin(kind) is list


def merge(notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
    """The given parameters over the notebook's own, each checked for its name and type."""
    for name, value in given.items():
        if name not in notebook.kinds:
            hint = nearest(name, list(notebook.kinds))
            raise CollectionError(f'{notebook.stem} has no parameter "{name}": {hint}')
        kind = notebook.kinds[name]
        try:
            TypeAdapter(kind).validate_python(value, strict=True)
        except ValidationError as error:
            named = kind.__name__ if isinstance(kind, type) and not get_origin(kind) else str(kind)
            expected = named.replace("[", " of ").replace("]", "")
            message = f"{notebook.stem}: {name}: expected {expected}, got {value!r}"
            raise CollectionError(message) from error
    return notebook.defaults | given


def parse(text: str, kind: Any) -> Any:
    """A value from the command line, read by the type of a parameter; as it is if that fails."""
    if is_list(kind):
        (inner,) = getattr(kind, "__args__", (str,))
        return [parse(item.strip(), inner) for item in text.split(",") if item.strip()]
    try:
        return TypeAdapter(kind).validate_strings(text)
    except ValidationError:
        return text


def caption(pattern: str, parameters: dict[str, Any]) -> str:
    """How a parameter set is shown. Only whole names are replaced, no attributes or indexes."""

    def value(match: re.Match[str]) -> str:
        shown = parameters.get(match[1], "")
        return ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)

    return re.sub(r"\{(\w+)\}", value, pattern).strip(" ·–-,")
