"""One notebook, several languages: a catalogue made from the collection and applied to it."""

import json

import nbformat

from press import translate
from press.plan import make

SCOPE_WITH_WORDS = """
def t(text):
    return text

def words():
    return ["tonnes of data"]

LABEL = t("a label")
"""
NOTEBOOK = [
    ("markdown", "# A question\n\nFirst block.\n\n- one\n- two"),
    ("parameters", 'start_year = 2000\nlanguage = "en"'),
    ("code", "from toywords import t\nprint(t(t('a sentence')), language)"),
    ("code", "if False: finding('lead', 'Puno {where}', where=1)"),
]
REPORTS = """
title: T
languages: [en, es]
sources: [../lib]
words: toywords:words
editions:
  - {name: e, title: An edition, notebooks: [one]}
"""


def collection(toy, monkeypatch):
    (toy.root / "lib/toywords.py").write_text(SCOPE_WITH_WORDS)
    monkeypatch.syspath_prepend(toy.root / "lib")
    toy.notebook("one", NOTEBOOK)
    (toy.root / "notebooks/two.ipynb").unlink()
    toy.reports(REPORTS)
    return toy.root / "notebooks/locale/es.po"


def test_catalogue_has_every_message_and_keeps_translations(toy, monkeypatch):
    path = collection(toy, monkeypatch)
    assert "9 messages, 9 without" in toy.press("catalogue")
    text = path.read_text()
    for message in (
        *("T", "An edition", "# A question", "First block.", "a sentence", "a label"),
        *("tonnes of data", "Puno {where}"),
    ):
        assert f'msgid "{message}"' in text, message
    assert 'msgid "lead"' not in text  # the key of a finding is no message
    assert '"- one\\n"' in text
    path.write_text(
        text.replace('msgid "First block."\nmsgstr ""', 'msgid "First block."\nmsgstr "Primero."')
    )
    before = path.read_text()
    said = toy.press("catalogue")
    assert "8 without a translation" in said
    assert "\n- a label\n" in said and "First block." not in said  # what is lacking is listed
    assert path.read_text() == before
    assert translate.messages(path) == {"First block.": "Primero."}


def test_every_edition_is_made_in_every_language(toy, monkeypatch):
    path = collection(toy, monkeypatch)
    toy.press("catalogue")
    text = path.read_text()
    pairs = {"First block.": "Primero.", "# A question": "# Una pregunta"}
    for english, spanish in (pairs | {"An edition": "Una edición"}).items():
        empty = f'msgid "{english}"\nmsgstr '
        text = text.replace(f'{empty}""', f'{empty}"{spanish}"')
    path.write_text(text)
    assert "2 made" in toy.press("run")
    page = toy.page("e-es/one")
    assert '<html lang="es">' in page and "<h1>Una pregunta</h1>" in page and "Primero." in page
    assert "a sentence es" in page
    assert '<html lang="en">' in toy.page("e/one") and "First block." in toy.page("e/one")
    assert "Una edición" in (toy.out / "index-es.html").read_text()
    # the catalogue is an input of the pages made with it, and of no other
    path.write_text(text.replace("Primero.", "Lo primero."))
    assert toy.press("stale") == "e-es/one  changed: notebooks/locale/es.po\n"


def test_an_edition_of_ones_own_has_its_language_in_its_name(toy, monkeypatch):
    reports = collection(toy, monkeypatch).parents[1] / "reports.yml"
    toy.reports("caption: '{start_year}'" + REPORTS)
    toy.press("catalogue")
    names = [make(reports, {"language": code}).jobs[-1].edition for code in ("en", "es")]
    assert names[0].startswith("2000-") and names[1].startswith("2000-es-")


def test_a_language_without_a_catalogue_is_refused(toy, monkeypatch):
    collection(toy, monkeypatch)
    assert "language es: no catalogue" in toy.press("run", expect=2)


def test_code_and_numbers_are_left_alone():
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("A\n\nB 1"), nbformat.v4.new_code_cell("A")]
    )
    other = translate.translate(notebook, {"A": "Á"})
    assert [cell.source for cell in other.cells] == ["Á\n\nB 1", "A"]
    assert notebook.cells[0].source == "A\n\nB 1"
    assert json.dumps(translate.translate(notebook, {})) == json.dumps(notebook)
