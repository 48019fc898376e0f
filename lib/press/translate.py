"""A gettext catalogue (.po) applied to a notebook's Markdown, and made from a collection.

A message is a block of Markdown (between blank lines) or a literal in a call of `t` or `say`;
the code of a collection looks the latter up itself, in the same catalogue.
"""

import ast
import copy
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

KEYWORDS = {"t", "say"}
_BLOCKS = re.compile(r"(\n[ \t]*\n\s*)")


def messages(path: Path) -> dict[str, str]:
    """The translations of a catalogue; fuzzy and empty ones are left out."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {
            message.id: message.string
            for message in read_po(file)
            if message.id and isinstance(message.id, str) and message.string and not message.fuzzy
        }


def translate_text(text: str, known: dict[str, str]) -> str:
    """Markdown with each of its blocks in the other language, where the catalogue has it."""
    return "".join(known.get(block, block) for block in _BLOCKS.split(text))


def translate(notebook: "NotebookNode", known: dict[str, str]) -> "NotebookNode":
    """A copy of a notebook with its Markdown in the other language."""
    other = copy.deepcopy(notebook)
    for cell in other.cells:
        if cell.cell_type == "markdown":
            cell.source = translate_text(cell.source, known)
    return other


def _of_code(source: str) -> Iterator[str]:
    """The literals given first to a call of a keyword, also inside another such call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            text = node.args[0]
            if node.func.id in KEYWORDS and isinstance(text, ast.Constant):
                yield str(text.value)


def extract(reports: Path, sources: list[Path]) -> dict[str, list[str]]:
    """Every message of a collection, with the files that it stands in, in reading order.

    Parameters
    ----------
    sources
        Folders of the collection's Python modules.
    """
    from press.editions import load
    from press.plan import call

    found: dict[str, list[str]] = {}

    def add(text: str, place: Path) -> None:
        places = found.setdefault(text, [])
        if place.name not in places:
            places.append(place.name)

    collection = load(reports)
    for title in (collection.title, *(edition.title for edition in collection.editions)):
        add(title, reports)
    for path in sorted(reports.parent.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            blocks = _BLOCKS.split(text)[::2] if cell["cell_type"] == "markdown" else _of_code(text)
            for block in blocks:
                if block.strip():
                    add(block, path)
    for path in sorted(path for folder in sources for path in folder.rglob("*.py")):
        for text in _of_code(path.read_text(encoding="utf-8")):
            add(text, path)
    for text in call(collection.words) if collection.words else []:
        add(text, Path(collection.words or ""))
    return found


def update(path: Path, language: str, found: dict[str, list[str]]) -> int:
    """Bring a catalogue up to date with the messages of a collection; how many lack a translation.

    Translations of messages that are still there are kept; the others are dropped.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    known = messages(path) if path.is_file() else {}
    catalogue = Catalog(locale=language, header_comment=f"# {language}", fuzzy=False)
    for text, places in found.items():
        catalogue.add(text, known.get(text, ""), locations=[(place, 0) for place in places])
    content = io.BytesIO()
    write_po(content, catalogue, width=0, omit_header=False, include_lineno=False)
    # The header's dates would change the file although nothing changed.
    keep = ('"Language:', '"Plural-Forms', '"MIME', '"Content')
    header, _, body = content.getvalue().decode().partition("\n\n")
    lines = [line for line in header.splitlines() if line[0] != '"' or line.startswith(keep)]
    lines += ["", *body.splitlines()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return sum(text not in known for text in found)


def update_all(reports: Path) -> int:
    """Update the catalogue of every language of a collection, and say what they lack."""
    from press.editions import load

    collection = load(reports)
    found = extract(reports, [reports.parent / folder for folder in collection.sources])
    for language in collection.languages[1:]:
        path = reports.parent / collection.catalogues / f"{language}.po"
        lacking = update(path, language, found)
        print(f"{path}: {len(found)} messages, {lacking} without a translation")
    return 0
