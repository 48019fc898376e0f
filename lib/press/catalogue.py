"""Makes and renews the catalogues of a collection: `python -m press catalogue`.

A message is a block of Markdown, or a literal in a call of `t` or `say`; the code of a
collection looks the latter up itself, in the same catalogue.
"""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from press.editions import load
from press.plan import call
from press.translate import BLOCKS, messages

KEYWORDS = {"t", "say"}


def _of_code(source: str) -> Iterator[str]:
    """The literals given first to a call of a keyword, also inside another such call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            text = node.args[0]
            if node.func.id in KEYWORDS and isinstance(text, ast.Constant):
                yield str(text.value)


def _of_notebook(path: Path) -> Iterator[str]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield from (block for block in BLOCKS.split(text)[::2] if block.strip())
        else:
            yield from _of_code(text)


def extract(reports: Path) -> dict[str, list[str]]:
    """Every message of a collection, with the files that it stands in, in reading order."""
    collection = load(reports)
    titles = [collection.title, *(edition.title for edition in collection.editions)]
    places = [(text, reports.name) for text in titles]
    for path in sorted(reports.parent.glob("*.ipynb")):
        places += [(text, path.name) for text in _of_notebook(path)]
    folders = [reports.parent / folder for folder in collection.sources]
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        places += [(text, path.name) for text in _of_code(path.read_text(encoding="utf-8"))]
    if collection.words:
        places += [(text, collection.words) for text in call(collection.words)]
    found: dict[str, list[str]] = {}
    for text, place in dict.fromkeys(places):
        if text.strip():
            found.setdefault(text, []).append(place)
    return found


def update(path: Path, language: str, found: dict[str, list[str]]) -> int:
    """Bring a catalogue up to date with the messages of a collection; how many lack a translation.

    Translations of messages that are still there are kept; the others are dropped.
    """
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
    collection = load(reports)
    found = extract(reports)
    for language in collection.languages[1:]:
        path = reports.parent / collection.catalogues / f"{language}.po"
        lacking = update(path, language, found)
        print(f"{path}: {len(found)} messages, {lacking} without a translation")
    return 0
