"""Every report in two languages: nothing untranslated, and the same numbers."""

import re
from collections import Counter
from html import unescape
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from press.catalogue import extract
from press.translate import messages, translate

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "lib" / "valuechains" / "locale" / "es.po"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def test_every_message_is_translated_with_its_placeholders():
    found = extract(ROOT / "notebooks" / "reports.yml")
    known = messages(CATALOGUE)
    assert not set(found) - set(known), "run `python -m press catalogue` and translate"
    assert not set(known) - set(found), "run `python -m press catalogue`"
    for english, spanish in known.items():
        assert Counter(PLACEHOLDER.findall(english)) == Counter(PLACEHOLDER.findall(spanish)), (
            english
        )
        if english.startswith(("#", "-")):
            assert re.match(r"[#-]+", english)[0] == re.match(r"[#-]+", spanish)[0]
            assert english.count("\n- ") == spanish.count("\n- ")


def numbers(notebook):
    """The numbers that each code cell shows, in whatever order its sentences have them."""
    shown = []
    for cell in notebook.cells:
        texts = []
        for output in cell.get("outputs", []):
            assert output.output_type != "error", "\n".join(output.traceback)
            data = output.get("data", {})
            texts += [data.get(kind, "") for kind in ("text/markdown", "text/html")]
            texts.append(data.get("text/plain", "") if "image/png" in data else "")
        if cell.cell_type == "code":
            shown.append(Counter(re.findall(r"[−+]?\d[\d,.]*\d|\d", unescape("\n".join(texts)))))
    return shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_numbers_do_not_depend_on_the_language(path):
    english = nbformat.read(path, as_version=4)
    spanish = translate(english, messages(CATALOGUE))
    parameters = next(c for c in spanish.cells if "parameters" in c.metadata.get("tags", []))
    parameters.source = parameters.source.replace('language = "en"', 'language = "es"')
    for cell in spanish.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(spanish, kernel_name="python3", resources=resources).execute()
    assert numbers(spanish) == numbers(english)
    words = " ".join(cell.source for cell in spanish.cells if cell.cell_type == "markdown")
    assert not re.search(r"\b(the|and|of|which|where)\b", words)
