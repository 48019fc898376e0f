"""A notebook's title and parameters, read without running it; values checked by their types."""

import ast
import contextlib
import json
import re
import typing
from dataclasses import dataclass, field
from html import unescape
from inspect import formatannotation
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from press.editions import refusal
from press.job import FORMULA, CollectionError, linked, nearest, one_line, read_text, shown, titles

NUMBER = int | float
DEFAULTS = {str: str, int: NUMBER, float: float, bool: bool, dict: dict}
NAMES = {kind.__name__: kind for kind in (str, int, float, bool, list, dict)}
NAMES |= {"typing": typing, "List": list, "Dict": dict}
NAMES |= {name: getattr(typing, name) for name in ("Any", "Literal", "Optional", "Union")}


class _Tags(BaseModel):
    tags: list[str] = []


class _Cell(BaseModel):
    cell_type: typing.Literal["markdown", "code", "raw"]
    source: str | list[str]
    metadata: _Tags
    attachments: dict[str, dict[str, str | list[str]]] = {}


class _Named(BaseModel):
    name: str = ""
    language: str = ""
    version: str = ""


class _About(BaseModel):
    kernelspec: _Named = _Named()
    language_info: _Named = _Named()


class _File(BaseModel):
    """What is looked at of a notebook's file."""

    nbformat: typing.Literal[4]
    nbformat_minor: int
    cells: list[_Cell]
    metadata: _About


@dataclass
class Notebook:
    """A notebook's title, and of its parameters the types and those defaults that are literals.

    `links` are the notebooks that its Markdown links to.
    """

    stem: str
    title: str = ""
    kinds: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)


def inspect(path: Path, stem: str = "") -> Notebook:
    """Read a notebook's first H1, and the parameters in its cell tagged `parameters`.

    What is no notebook, or one of another language than Python, is refused.
    """
    text, raw = read_text(path), None
    try:
        raw = json.loads(text)
        file = _File.model_validate(raw)
    except (ValueError, RecursionError) as error:
        why = refusal(error, raw)
        raise CollectionError(f"{path}: not a notebook that can be read: {why}") from error
    kernel = file.metadata.kernelspec
    language = kernel.language or file.metadata.language_info.name or kernel.name or "python"
    is_old = file.metadata.language_info.version.startswith("2.") or kernel.name == "python2"
    if "py" not in language.lower() or is_old:
        named = one_line(f"{language}{' 2' * is_old} (kernel {kernel.name or 'unknown'})", 80)
        raise CollectionError(f"{path}: a notebook of {named}: only Python 3 is run")
    found = Notebook(stem or path.stem)
    headings, tagged = [], []
    for number, cell in enumerate(file.cells, 1):
        text = "".join(cell.source)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise CollectionError(f"{path}: cell {number}: half a character (a lone surrogate)")
        if cell.cell_type == "markdown":
            headings += [one[1] or one[2] or "" for one in titles(text)]
            for link in re.findall(r"\]\(<?([^:#?<>\"\n]{1,200}?)\.ipynb\b", text):
                found.links.append(linked(found.stem, link))
        elif cell.cell_type == "code" and "parameters" in cell.metadata.tags:
            tagged.append(str(number))
            try:
                _read_parameters(text, found)
            except (SyntaxError, ValueError, RecursionError) as error:
                raise CollectionError(f"{path}: parameters cell: {one_line(error)}") from error
    if len(tagged) > 1:
        cells = " and ".join(tagged)
        raise CollectionError(f'{path}: cells {cells} are tagged "parameters", expected one cell')
    heading = (headings or [path.stem])[0].strip().rstrip("#").rstrip()
    parts = FORMULA.split(heading)  # every other one is a formula, in which no mark is Markdown's
    parts[::2] = map(_unmarked, parts[::2])
    found.title = "$".join(parts).strip()
    return found


def _unmarked(markdown: str) -> str:
    text = re.sub(r"</?[a-zA-Z][^<>]*>|!?\[([^][]*)\]\([^()]*\)", r"\1", markdown)
    return unescape(re.sub(r"[*`]+|\b_+(?!\w)|(?<!\w)_+\b", "", text))


def _read_parameters(source: str, found: Notebook) -> None:
    """Note the type and the default of each parameter: its annotation counts, else its default."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # perhaps only a magic: %matplotlib inline, or one that times the cell
        from IPython.core.inputtransformer2 import TransformerManager

        source = re.sub(r"^\s*%%(time|capture)\b.*", "", source)
        if source.lstrip().startswith("%%"):
            wrong = f"got the cell magic {shown(source.split()[0])}"
            raise ValueError(f"expected assignments in Python, {wrong}") from None
        tree = ast.parse(TransformerManager().transform_cell(source))
    for node in tree.body:
        annotation = getattr(node, "annotation", None)
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                found.kinds[target.id] = Any
                with contextlib.suppress(TypeError, ValueError):  # no literal, or none of JSON
                    default = ast.literal_eval(node.value)
                    found.kinds[target.id] = _kind_of(default)
                    json.dumps(default, allow_nan=False)
                    found.defaults[target.id] = default
                if annotation:
                    found.kinds[target.id] = _annotated(annotation, found.kinds[target.id])


def _kind_of(default: Any) -> Any:
    """The type that a default stands for: 1 for any number, None for anything."""
    if isinstance(default, list | tuple):
        return list[_kind_of(default[0])] if default else list
    return DEFAULTS.get(type(default), Any)


def _annotated(node: ast.expr, other: Any) -> Any:
    """The type that an annotation names, `list[str]` and `int | None` too; the other if unknown."""
    text = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    try:
        kind = eval(str(text), {"__builtins__": {}}, NAMES)
        TypeAdapter(kind)
    except Exception:  # the name of another type
        return other
    return kind


def fits(value: Any, kind: Any) -> bool:
    """Whether a parameter of this type can have this value."""
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def merge(notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
    """The given parameters over the notebook's own, each checked for its name and type."""
    for name, value in given.items():
        if name not in notebook.kinds:
            unknown = f'{notebook.stem} has no parameter "{one_line(name, 80)}"'
            raise CollectionError(f"{unknown}: {nearest(name, list(notebook.kinds))}")
        kind = notebook.kinds[name]
        if not fits(value, kind):
            named = "a number" if kind == NUMBER else formatannotation(kind)
            wrong = f"{notebook.stem}: {name}: expected {named}"
            raise CollectionError(f"{wrong}, got {shown(value)}")
    return notebook.defaults | given


def parse(text: str, kind: Any) -> Any:
    """A value from the command line, in the first reading that a parameter's type allows.

    It is nothing (`None`, `null`), text, as JSON writes it, or a list: `a, b` or `[a, b]`.
    """
    listed = re.fullmatch(r"\s*\[(.*)\]\s*", text)
    parts = [part.strip() for part in (listed[1] if listed else text).split(",") if part.strip()]
    parts = [part.strip("'\"") for part in parts] if listed else parts
    readings = [text, _as_json(text), parts, [_as_json(part) for part in parts]]
    if kind is Any or _as_json(text) is None:  # which would be text otherwise
        readings.insert(0, _as_json(text))
    return next((reading for reading in readings if fits(reading, kind)), text)


def _as_json(text: str) -> Any:
    """A number, true, null or more as JSON, YAML or Python write it; else the text."""
    words = {"True": "true", "False": "false", "None": "null"}
    try:
        value = json.loads(words.get(text, text))
        json.dumps(value, allow_nan=False)  # 1e999 would be endless
        return value
    except (ValueError, RecursionError):
        return text
