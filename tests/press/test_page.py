"""The page: readable by everyone, and nothing from data becomes HTML."""

import base64
import hashlib
import json
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
    html = pages.page(notebook, Job("a/a", "a", "a", {}, title), {}, {}).html
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
    assert [a["href"] for a in index.all("a")] == [
        *("#pair", "edition-pair.html", "pair/one.html", "pair/two.html"),
    ]


def test_long_tables_can_be_filtered_and_nothing_else_may_run(toy):
    rows = "import pandas as pd\npd.DataFrame({'a': range(%d)})"
    for name, count in (("one", 25), ("two", 26)):
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
        assert all("nonce" in script for script in page.all("script"))
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


FIGURE = """
from IPython.display import display
resource = {{"name": "price", "title": "Price", "schema": {{"fields": [
    {{"name": "region"}}, {{"name": "value", "unit": "S/ per kg"}}, {{"name": "source"}},
    {{"name": "origin"}}]}}, "data": [["region", "value", "source", "origin"],
    ["=cmd|'/c calc'!A1", -5.5, "report", "report/a.csv:3"],
    ["-1", None, "report", "report/a.csv:12 report/a.csv:3"]]}}
record = {{"key": "ahead", "sentence": "{{r}} ahead", "text": "Puno ahead", "values": {{"r": "21"}},
    "headline": True, "unit": "years"}}
picture = {{"image/png": {png!r}, "text/plain": "f"}}
display(picture, raw=True, metadata={{"image/png": {{"alt": "A"}}, "data": resource,
    "finding": record}})
display({{"text/html": "<table><tr><td>1</td></tr></table>"}}, raw=True,
    metadata={{"data": resource}})
"""
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0"
    "lEQVR4nGP8//8/AwMDAA7/Av+4xZ6ZAAAAAElFTkSuQmCC"
)


def figure_notebook(toy):
    toy.notebook(
        "one",
        [
            ("markdown", "# Title\n\nWhich *region* is ahead?"),
            ("parameters", "start_year = 1\nregions = ['a']\nlanguage = 'en'"),
            ("markdown", "## Farm prices"),
            ("code", FIGURE.format(png=PNG)),
        ],
    )


def test_data_picture_and_sources_stand_beside_the_page(toy):
    figure_notebook(toy)
    (toy.root / "data/sources.csv").write_text(
        "source,file,title,sha256\nreport,a.csv,The report,ab\nreport,b.csv,The report,cd\n"
    )
    toy.reports(
        "title: T\npublications: ../data/sources.csv\neditions:\n"
        "  - {name: pair, title: The pair, notebooks: [one]}\n"
    )
    toy.press("run")
    folder = toy.out / "pair/one.files"
    assert sorted(path.name for path in folder.iterdir()) == [
        "ahead.csv",
        "ahead.png",
        "ahead.sources.csv",
        "price.csv",
        "price.sources.csv",
    ]
    # a text that a spreadsheet would run is held back, a number never
    assert (folder / "ahead.csv").read_text(encoding="utf-8").splitlines() == [
        "region,value (S/ per kg),source,origin",
        "'=cmd|'/c calc'!A1,-5.5,report,report/a.csv:3",
        "-1,,report,report/a.csv:12 report/a.csv:3",
    ]
    assert (folder / "ahead.sources.csv").read_text(encoding="utf-8").splitlines() == [
        "source,file,title,sha256,rows",
        "report,a.csv,The report,ab,3 12",
    ]
    assert (folder / "ahead.png").read_bytes() == base64.b64decode(PNG)
    page = Reader(toy.page("pair/one"))
    links = [a["href"] for a in page.all("a") if "download" in a]
    assert links == [f"one.files/{path.name}" for path in sorted(folder.iterdir())]
    # what is said of a source is part of what the page was made of
    (toy.root / "data/sources.csv").write_text("source,file,title\nreport,a.csv,Another\n")
    assert "pair/one" in toy.press("stale")
    # what the page no longer has goes
    toy.cell("one", "1")
    toy.press("run")
    assert not folder.exists() and (toy.out / "pair/one.json").is_file()
    toy.editions("name: pair, title: T, notebooks: [two]")
    toy.press("run")
    assert not (toy.out / "pair/one.json").exists()


def test_the_summary_says_what_other_pages_need(toy):
    figure_notebook(toy)
    toy.press("run")
    summary = json.loads((toy.out / "pair/one.json").read_text(encoding="utf-8"))
    assert summary == {
        "title": "Title",
        "question": "Which region is ahead?",
        "language": "en",
        "headings": [{"id": "farm-prices", "level": 2, "text": "Farm prices"}],
        "findings": [
            {
                "key": "ahead",
                "sentence": "Puno ahead",
                "headline": True,
                "values": {"r": "21"},
                "unit": "years",
                "anchor": "ahead",
            }
        ],
        "figures": [{"key": "ahead", "anchor": "ahead", "alt": "A", "file": "ahead.png"}],
        "tables": [{"key": "price", "anchor": "price", "title": "Price", "file": "price.csv"}],
        "lost": {},
    }
    page = Reader(toy.page("pair/one"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) and {"farm-prices", "ahead", "price"} <= set(ids)
    assert {"href": "#ahead"} in page.all("a")
