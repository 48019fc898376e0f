"""The page: readable by everyone, and nothing from data becomes HTML."""

import base64
import hashlib
import re
import time
from html.parser import HTMLParser

import nbformat
import pytest

from press import page as pages
from press import parameters
from press.job import Job
from press.notebook import clean
from press.translate import translate

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


LONG = 200_000  # characters without a blank
# What a pattern might look back over: digits, blanks, tags, separators of paths, marks of Markdown.
PIECES = ["x", "1", "1,", " ", "<", "<table", "<td>1", "/", "/ipykernel_1", "\x1b[", *"*_#["]


@pytest.mark.parametrize("piece", PIECES)
def test_long_lines_take_no_time(tmp_path, piece):
    text = piece * (LONG // len(piece)) + "q"
    outputs = [
        nbformat.v4.new_output("stream", text=text),
        nbformat.v4.new_output("error", ename="E", evalue=text, traceback=[text]),
        nbformat.v4.new_output("display_data", {"text/plain": text}),
        nbformat.v4.new_output("display_data", {"text/html": f"<table><td>{text}</table>"}),
    ]
    cells = [nbformat.v4.new_code_cell("1", outputs=outputs), nbformat.v4.new_markdown_cell("# t")]
    cells[1].source = f"# {text}\n \n{piece} \n{text}"
    notebook = nbformat.v4.new_notebook(cells=cells)
    path = tmp_path / "one.ipynb"
    path.write_text(nbformat.writes(notebook))
    begun = time.process_time()
    title = parameters.inspect(path).title
    clean(notebook, notebook, tmp_path)
    html = pages.page(notebook, Job("a/a", "a", "a", {}, title), {}, {})
    assert len(html) > LONG
    translate(notebook, {})
    assert time.process_time() - begun < 4, "a pattern looks back over a long line"


class Reader(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_page_is_accessible_and_self_contained(toy):
    toy.press("run")
    html = toy.page("pair/one")
    page = Reader(html)
    assert page.all("html") == [{"lang": "en"}]
    assert "<title>First question · Cusco, Puno · 2001</title>" in html
    assert len(page.all("h1")) == 1
    (image,) = page.all("img")
    assert image["alt"] == 'Three "points" <rising>'
    assert image["width"] == "200"
    assert {"href": "../index.html"} in page.all("a")
    for name in ("src", "href", "action", "data", "srcset"):
        values = [a[name] for _, a in page.tags if name in a]
        assert not [v for v in values if re.match(r"(https?:)?//", v)]
    assert not page.all("script")
    assert "url(" not in html
    assert "default-src 'none'" in html
    figures = sum(len(image["src"]) for image in page.all("img"))
    assert len(html.encode()) - figures <= 60_000
    # the injected cell is provenance, not content; the data that were read are named
    assert "# Parameters" not in html
    assert re.search(r"<dt>start_year</dt><dd>2001</dd>", html)
    assert re.search(r'<dt>data/one.csv</dt><dd><code title="sha256 \w{64}">\w{12}<', html)
    assert re.search(r'<td class="n">1.5</td>', html)
    index = Reader((toy.out / "index.html").read_text(encoding="utf-8"))
    (thumbnail,) = index.all("img")
    assert thumbnail["alt"] == image["alt"]
    assert [a["href"] for a in index.all("a")] == ["#pair", "pair/one.html", "pair/two.html"]
    assert not index.all("script")


def test_long_tables_can_be_filtered_and_nothing_else_may_run(toy):
    rows = "import pandas as pd\npd.DataFrame({'a': range(%d)})"
    for name, count in (("one", 24), ("two", 25)):
        toy.notebook(
            name,
            [
                ("markdown", "# T"),
                ("parameters", "start_year = 1\nregions = ['a']\nlanguage = 'en'"),
                ("code", rows % count),
            ],
        )
    toy.press("run")
    assert "<script" not in toy.page("pair/one") and "script-src" not in toy.page("pair/one")
    html = toy.page("pair/two")
    page = Reader(html)
    assert [a["data-filter"] for a in page.all("div") if "data-filter" in a]
    (script,) = re.findall(r"(?s)<script>(.*?)</script>", html)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] for a in page.all("meta") if "http-equiv" in a]
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy


def test_hostile_values_stay_text(toy):
    toy.notebook(
        "one",
        [
            (
                "markdown",
                f"# Title {HOSTILE}\n\n{HOSTILE} [x](javascript:alert(3)) ![a](http://h/i)",
            ),
            ("parameters", 'note = ""\nlanguage = "en"\nstart_year = 1\nregions = ["a"]'),
            ("code", "from IPython.display import HTML, Markdown\nMarkdown(note)"),
            ("code", "import pandas as pd\nframe = pd.DataFrame({note: [note]})\nframe"),
            ("code", "HTML(frame.to_html(escape=False) + '<style>p{color:red}</style>')"),
            ("code", "display(HTML('<p onclick=alert(1) style=\"background:url(//h/x)\">p</p>'))"),
            ("code", "print(note); import sys; print(note, file=sys.stderr)"),
            ("code", "display({'image/png': 'iVBORw0KGgo='}, raw=True)"),
            (
                "code",
                "display({'image/png': 'AA'}, raw=True, metadata={'image/png': {'alt': note}})",
            ),
        ],
    )
    quoted = HOSTILE.replace("'", "''")
    toy.reports(
        "languages: [es]\ntitle: '" + quoted + "'\ncaption: '{note}'\neditions:\n"
        "  - name: e\n    title: '" + quoted + "'\n    notebooks: [one]\n"
        "    parameters: {note: '" + quoted + "', language: 'es'}\n"
    )
    toy.press("run")
    for html in (toy.page("e/one"), (toy.out / "index.html").read_text(encoding="utf-8")):
        page = Reader(html)
        assert page.all("html") == [{"lang": "es"}]
        assert not page.all("script")
        assert "&lt;script&gt;alert(1)" in html
        for _, attributes in page.tags:
            assert not [name for name in attributes if name.startswith("on")]
            assert "url(" not in (attributes.get("style") or "")
            for name in ("src", "href"):
                value = attributes.get(name) or ""
                assert not value.startswith(("javascript:", "http", "//", "x"))
    assert "color:red" not in html
    images = Reader(toy.page("e/one")).all("img")
    assert [image["alt"] for image in images] == ["", HOSTILE]
    assert "Acerca de esta página" in toy.page("e/one")


def test_what_a_cell_hides_is_not_published():
    folded = {"jupyter": {"source_hidden": True, "outputs_hidden": False}}
    shown = {
        (False, False): [{"tags": ["remove-cell"]}, {"tags": ["hide_cell"]}],
        (False, True): [{"tags": ["remove-input"]}, {"tags": ["hide_input"]}, folded],
        (True, False): [{"tags": ["remove_output"]}, {"jupyter": {"outputs_hidden": True}}],
        (True, True): [{}, {"tags": ["hide"]}],
    }
    for expected, listed in shown.items():
        for metadata in listed:
            outputs = [nbformat.v4.new_output("stream", text="said")]
            cell = nbformat.v4.new_code_cell("asked", metadata=metadata, outputs=outputs)
            notebook = nbformat.v4.new_notebook(cells=[cell])
            html = pages.page(notebook, Job("a/a", "a", "a", {}, "T"), {}, {}).decode()
            assert ("asked" in html, "said" in html) == expected, metadata
