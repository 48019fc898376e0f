"""Collections of other people: other folders, names and parameters, no translations."""

import json
import os

import pytest
from toys import cells_to_json

from press.job import CollectionError
from press.plan import make

BAD_DATE = b'msgid ""\nmsgstr "PO-Revision-Date: 2020-13-01 10:00+0000\\n"\n'
READS = "import csv\nfrom pathlib import Path\nprint(list(csv.reader(Path({!r}).open())))"


def place(root, **files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_notebooks_in_folders_with_blanks_and_accents_and_data_elsewhere(toy):
    cells = [
        (
            "markdown",
            "# Año de *lluvia* (mm)\n\n[Otro](Otro%20año.ipynb#x), [top](<../Arriba.ipynb>)",
        ),
        ("parameters", "estación = 'Puno'\naño: int = 2001"),
        (
            "code",
            "import ayuda\nprint(estación, año, ayuda.__name__)\n"
            + READS.format("../insumos/lluvia.csv"),
        ),
    ]
    folder = "informes/análisis de clima"
    place(
        toy.root,
        **{
            f"{folder}/Año lluvioso.ipynb": cells_to_json(cells),
            f"{folder}/Otro año.ipynb": cells_to_json([("markdown", "# Otro")]),
            "informes/Arriba.ipynb": cells_to_json([("markdown", "# Arriba")]),
            f"{folder}/ayuda.py": "",
            "informes/insumos/lluvia.csv": "mm\n7\n",
            "informes/todo.yml": "title: 'Clima: años'\ncaption: '{estación}, {año}'\neditions:\n"
            " - name: base\n   title: Básico\n   notebooks: ['análisis de clima/Año lluvioso']\n"
            "   for_each: {estación: [Puno, 'Áncash norte']}\n"
            " - {name: mas, title: Más, notebooks: ['análisis de clima/Otro año', Arriba]}\n",
        },
    )
    options = ("--reports", "informes/todo.yml", "--out", "mi salida")
    assert "4 made" in toy.press("run", *options)
    toy.out = toy.root / "mi salida"
    slug = "base/analisis-de-clima-ano-lluvioso-ancash-norte"
    page = toy.page(slug)
    assert "<h1>Áncash norte: Año de lluvia (mm)</h1>" in page and "Áncash norte 2001 ayuda" in page
    assert "<dt>informes/insumos/lluvia.csv</dt>" in page and "ayuda.py</dt>" not in page
    assert 'href="../mas/analisis-de-clima-otro-ano.html#x">Otro</a>' in page
    assert 'href="../mas/Arriba.html">top</a>' in page
    assert f'href="{slug}.html"' in (toy.out / "index.html").read_text()
    place(toy.root, **{"informes/insumos/lluvia.csv": "mm\n8\n"})
    assert toy.press("stale", *options).count("changed: informes/insumos/lluvia.csv") == 2
    place(toy.root, **{f"{folder}/ayuda.py": "x = 1"})
    assert toy.press("stale", *options).count("ayuda.py and 1 more") == 2
    assert "3 made" in toy.press("run", *options, "--set", "año=1999")
    assert "3 executed, 0 failed" in toy.press("notebooks", *options[:2], "--out", "mi salida")


def test_a_flat_collection_whose_parameter_language_means_something_else(toy):
    cells = [
        ("markdown", "# Tree"),
        ("parameters", "language = 'julia'\ntop = None"),
        ("code", "print(language, top)\n" + READS.format("prices.csv")),
    ]
    reports = "title: T\neditions:\n - {name: a, title: A, notebooks: [tree], %s}\n"
    given = "parameters: {language: R, top: 3}"
    place(toy.root, **{"x/tree.ipynb": cells_to_json(cells), "x/prices.csv": "a\n"})
    place(toy.root, **{"x/reports.yml": reports % given})
    toy.press("run", "--reports", "x/reports.yml", "--out", "x/out")
    toy.out = toy.root / "x/out"
    page = toy.page("a/tree")
    assert '<html lang="en">' in page and "R 3" in page and "<dt>x/prices.csv</dt>" in page


def test_translations_without_a_parameter_language(toy):
    toy.notebook("two", [("markdown", "# A tree"), ("code", "1")])
    toy.editions("name: e, title: E, notebooks: [two]", head="title: T\nlanguages: [qu, es]")
    place(toy.root, **{"notebooks/locale/es.po": 'msgid "# A tree"\nmsgstr "# Un árbol"\n'})
    assert "2 made" in toy.press("run")
    assert '<html lang="qu">' in toy.page("e/two") and "<h1>A tree</h1>" in toy.page("e/two")
    assert '<html lang="es">' in toy.page("e-es/two") and "<h1>Un árbol" in toy.page("e-es/two")


def refused(toy, editions, head="title: T"):
    toy.editions(editions, head=head)
    with pytest.raises(CollectionError) as caught:
        make(toy.root / "notebooks/reports.yml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("content", [b"caf\xe9", BAD_DATE, None])
def test_a_catalogue_that_is_none_is_named(toy, content):
    path = toy.root / "notebooks/locale/es.po"
    path.parent.mkdir()
    if content is None:  # a named pipe, which would be waited for
        os.mkfifo(path)
    else:
        path.write_bytes(content)
    said = refused(toy, "name: e, title: E, notebooks: [two]", "title: T\nlanguages: [en, es]")
    assert "locale/es.po" in said


def test_slips_in_what_nobody_reads_are_no_news(toy):
    book = json.loads(cells_to_json([("code", "1")]))
    del book["cells"][0]["outputs"]
    (toy.root / "notebooks/two.ipynb").write_text(json.dumps(book))
    head = "title: T\npreload: [../x, no_such_module]"
    toy.editions("name: e, title: E, notebooks: [two]", head=head)
    toy.fresh = True
    assert toy.press("run").count("\n") == 2


@pytest.mark.parametrize("name", ["../two", "a/../two", "/two", ".two", "a\\two", "a//two"])
def test_no_notebook_from_elsewhere(toy, name):
    assert "notebook 1: " in refused(toy, f"name: e, title: E, notebooks: ['{name}']")


def test_file_names_that_are_not_utf8(toy):
    for folder in ("notebooks", "data"):
        path = toy.root / folder / os.fsdecode(b"caf\xe9.ipynb")
        path.write_text(cells_to_json([("code", "1")]))
    toy.cell("two", "import os\nopen(os.fsencode('../data/caf') + b'\\xe9.ipynb').read()")
    toy.editions("name: e, title: E, notebooks: [two]")
    assert "1 made" in toy.press("run") and "up to date" in toy.press("run")
    assert any(
        "\udce9" in name
        for name in json.loads((toy.out / "manifest.json").read_text())["jobs"]["e/two"]["files"]
    )
    toy.editions("name: e, title: E, notebooks: [three]")
    assert 'no notebook "three"' in toy.press("run", expect=2)
