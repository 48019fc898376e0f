"""Makes and renews the catalogues of a collection: `python -m press catalogue`.

A message is a block of Markdown, or a literal in a call of one of the `KEYWORDS`; the code of a
collection looks the latter up itself, in the same catalogue.
"""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from press.digests import write
from press.editions import load
from press.job import Settings
from press.plan import call
from press.translate import BLOCKS

KEYWORDS = {"t": 0, "say": 0, "finding": 1}  # which of the arguments is the message
# Lines of a catalogue's header that say nothing, or change when nothing has changed.
UNUSED = ('"Project-', '"Report-', '"POT-', '"PO-', '"Last-', '"Language-Team', '"Generated-')


def _of_code(source: str) -> Iterator[str]:
    """The messages in calls of a keyword, also inside another such call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = KEYWORDS.get(node.func.id, len(node.args))
            for text in node.args[place : place + 1]:
                if isinstance(text, ast.Constant):
                    yield str(text.value)


def _of_notebook(path: Path) -> Iterator[str]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        yield from BLOCKS.split(text)[::2] if cell["cell_type"] == "markdown" else _of_code(text)


def extract(reports: Path) -> dict[str, list[str]]:
    """Every message of a collection, with the files that it stands in, in reading order."""
    collection = load(reports)
    titles = [collection.title, collection.cite, collection.about]
    for edition in collection.editions:
        titles += [edition.title, *(column.label for column in edition.index_table)]
    places = [(text, reports.name) for text in titles]
    stems = {stem for edition in collection.editions for stem in edition.notebooks}
    for path in (reports.with_name(f"{stem}.ipynb") for stem in sorted(stems)):
        places += [(text, path.name) for text in _of_notebook(path)]
    folders = [reports.parent / folder for folder in collection.sources]
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        places += [(text, path.name) for text in _of_code(path.read_text(encoding="utf-8"))]
    if collection.words:
        places += [(text, collection.words) for text in call(collection.words)]
    messages: dict[str, list[str]] = {}
    for text, place in dict.fromkeys(places):
        if text.strip():
            messages.setdefault(text, []).append(place)
    return messages


def update_all(settings: Settings) -> int:
    """Bring the catalogue of every language up to date, and say what they lack.

    Translations of messages that are still there are kept; the others are dropped.
    """
    reports, collection, template = settings.reports, load(settings.reports), Catalog()
    for text, places in extract(reports).items():
        template.add(text, locations=[(place, 0) for place in places])
    for language in collection.languages[1:]:
        path = reports.parent / collection.catalogues / f"{language}.po"
        catalogue = Catalog(language, fuzzy=False)
        if path.is_file():
            with path.open("rb") as file:
                catalogue = read_po(file, language)
        as_it_was = {"update_header_comment": False, "update_creation_date": False}
        catalogue.update(template, no_fuzzy_matching=True, **as_it_was)
        content = io.BytesIO()
        write_po(content, catalogue, width=0, include_lineno=False, ignore_obsolete=True)
        lines = content.getvalue().decode().splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith(UNUSED))
        write(path, f"{kept.rstrip()}\n".encode())
        lacking = [message.id for message in catalogue if message.id and not message.string]
        print(
            f"{path}: {len(template)} messages, {len(lacking)} without a translation",
            *lacking,
            sep="\n- ",
        )
    return 0
