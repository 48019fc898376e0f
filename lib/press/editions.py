"""The model of `reports.yml`: editions, checked, become jobs. Nothing runs before all is well."""

import ast
import difflib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from press.job import CollectionError, one_line

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Stem = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=80)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
PLACE = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
UNKNOWN = object()  # the default of a parameter that is not a literal


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Edition(_Model):
    """Some notebooks with one set of parameters, or with one set for each of several items."""

    name: Name
    title: str
    notebooks: list[Stem] = Field(min_length=1)
    parameters: dict[str, Any] = {}
    for_each: dict[str, Any] = Field(default={}, max_length=1)

    @field_validator("for_each")
    @classmethod
    def _items(cls, value: dict[str, Any]) -> dict[str, Any]:
        for items in value.values():
            if not (items and isinstance(items, list)) and not re.fullmatch(PLACE, str(items)):
                raise ValueError('expected a list or "module:function"')
        return value


class Collection(_Model):
    """The whole of `reports.yml`.

    The first of the `languages` is the one that the notebooks are written in; for each other
    one there is a catalogue `<catalogues>/<language>.po` (relative to `reports.yml`), and every
    edition is made in it too. Further messages stand in the modules below the `sources` folders,
    and `words` names a function that returns those of the data.
    """

    title: str
    about: str = ""
    caption: str = ""
    check: Annotated[str, StringConstraints(pattern=PLACE)] | None = None
    languages: list[Language] = Field(default=["en"], min_length=1)
    catalogues: str = "locale"
    sources: list[str] = []
    words: Annotated[str, StringConstraints(pattern=PLACE)] | None = None
    editions: list[Edition] = Field(min_length=1)


@dataclass(frozen=True)
class Notebook:
    """What the press wants to know of a notebook: its title and its parameters' defaults."""

    stem: str
    title: str
    defaults: dict[str, Any] = field(default_factory=dict)


def slugify(text: object) -> str:
    """Fold any text into lower-case ASCII letters, digits and hyphens."""
    letters = unicodedata.normalize("NFKD", str(text))
    folded = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")


def nearest(name: str, names: list[str]) -> str:
    """The end of an error line: the closest of the names there are, and all of them."""
    close = difflib.get_close_matches(name, names, 1, 0.5)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return f"{guess}(there is: {', '.join(names) or 'none'})"


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is refused: the last one would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(key.value) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key.value}" stands twice', key.start_mark
                )
        return super().construct_mapping(node, deep)


def load(path: Path) -> Collection:
    """Read and check `reports.yml`."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        return Collection.model_validate(raw)
    except OSError as error:
        raise CollectionError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise CollectionError(f"{path}: not YAML: {one_line(error)}") from error
    except ValidationError as error:
        first = error.errors()[0]
        location = list(first["loc"])
        where = ""
        if location[:1] == ["editions"] and len(location) > 1:
            edition = raw["editions"][location[1]]
            name = edition.get("name", "") if isinstance(edition, dict) else ""
            where, location = f"edition {name or int(location[1]) + 1}: ", location[2:]
        key = ".".join(map(str, location)) or "the file"
        if first["type"] == "missing":
            line = f"{key} is missing"
        elif first["type"] == "extra_forbidden":
            fields = Edition.model_fields if where else Collection.model_fields
            line = f'unknown key "{key}": {nearest(key, list(fields))}'
        else:
            line = f"{key}: {first['msg']}, got {one_line(repr(first['input']), 80)}"
        raise CollectionError(f"{path}: {where}{line}") from error


def inspect(path: Path) -> Notebook:
    """Read a notebook's first H1 and the literals assigned in its cell tagged `parameters`."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CollectionError(f"{path}: not a notebook: {one_line(error)}") from error
    title, defaults = path.stem, {}
    for cell in cells:
        source = "".join(cell["source"])
        heading = re.search(r"^# +(.+?)\s*#*\s*$", source, re.MULTILINE)
        if cell["cell_type"] == "markdown" and heading and title == path.stem:
            title = re.sub(r"[*_`]+(\S.*?\S|\S)[*_`]+", r"\1", heading[1])
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            try:
                defaults = dict(_assigned(ast.parse(source)))
            except SyntaxError as error:
                raise CollectionError(f"{path}: parameters cell: {one_line(error)}") from error
    return Notebook(path.stem, title, defaults)


def _assigned(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                try:
                    yield target.id, ast.literal_eval(node.value)
                except ValueError:
                    yield target.id, UNKNOWN


def _fits(value: Any, default: Any) -> bool:
    """Whether a value is of its default's type (an integer does for a float)."""
    if default is UNKNOWN or default is None:
        return True
    if isinstance(default, list | tuple):
        return isinstance(value, list) and all(_fits(item, default[0]) for item in value if default)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


def merge(notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
    """The given parameters over the notebook's own, each checked for its name and type."""
    for name, value in given.items():
        if name not in notebook.defaults:
            hint = nearest(name, list(notebook.defaults))
            raise CollectionError(f'{notebook.stem} has no parameter "{name}": {hint}')
        default = notebook.defaults[name]
        if not _fits(value, default):
            kind = type(default).__name__
            if isinstance(default, list | tuple) and default:
                kind = f"list of {type(default[0]).__name__}"
            raise CollectionError(f"{notebook.stem}: {name}: expected {kind}, got {value!r}")
    defaults = {name: v for name, v in notebook.defaults.items() if v is not UNKNOWN}
    return defaults | given


def caption(pattern: str, parameters: dict[str, Any]) -> str:
    """How a parameter set is shown. Only whole names are replaced, no attributes or indexes."""

    def value(match: re.Match[str]) -> str:
        found = parameters.get(match[1], "")
        return ", ".join(map(str, found)) if isinstance(found, list) else str(found)

    return re.sub(r"\{(\w+)\}", value, pattern).strip(" ·–-,")


def parse(text: str, default: Any) -> Any:
    """A value from the command line, read by the type of the notebook's default."""
    if isinstance(default, list | tuple):
        items = [item.strip() for item in text.split(",") if item.strip()]
        return [parse(item, default[0] if default else "") for item in items]
    if isinstance(default, bool):
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        raise CollectionError(f"expected true or false, got {text!r}")
    if isinstance(default, int | float):
        try:
            if not text.isascii() or "_" in text:
                raise ValueError
            return type(default)(text)
        except ValueError:
            kind = "a whole number" if isinstance(default, int) else "a number"
            raise CollectionError(f"expected {kind}, got {text!r}") from None
    return text
