"""The page: readable by everyone, and nothing from data becomes HTML."""

import base64
import hashlib
import itertools
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

from press import page as pages
from press import parameters
from press.content import LONG_TABLE, show
from press.content import Reader as ContentReader
from press.job import Job
from press.outputs import finding_of, table_of, values_of
from press.page import published
from press.render import _publications, clean
from press.site import words_of
from press.translate import translate

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


LONG = 100_000  # characters without a blank
# What a pattern might look back over: digits, blanks, tags, separators of paths, marks of Markdown.
PIECES = ["x", "1", "1,", " ", "<", "<br>", "<table", "<td>1", "/", "/ipykernel_1", "\x1b["]
PIECES += "*_#["


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
    html = pages.page(notebook, Job("a/a", "a", "a", {}, title), {}, {})[0][".html"]
    assert len(html) > LONG
    translate(notebook, {})
    assert time.process_time() - begun < 6, "a pattern looks back over a long line"


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


def test_page_is_accessible_self_contained_and_says_how_to_make_it_again(made):
    toy = made
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
    assert "<td>1.5</td>" in html
    again = "python -m press run --reports notebooks/reports.yml --set regions=Cusco,Puno"
    assert again in html and "--set start_year=2001" in html
    assert "jupyter lab notebooks/one.ipynb" in html and str(toy.root) not in html
    index = Reader((toy.out / "index.html").read_text(encoding="utf-8"))
    (thumbnail,) = index.all("img")
    assert thumbnail["alt"] == image["alt"]
    assert [a["href"] for a in index.all("a")] == [
        *("#pair", "edition-pair.html", "pair/one.html", "pair/two.html")
    ]


def test_long_tables_can_be_filtered_and_nothing_else_may_run():
    short, long = (
        made(code(shows({"text/html": f"<table>{'<tr><td>1</td></tr>' * rows}</table>"})))[1]
        for rows in (25, 26)
    )
    assert "<script" not in short and "script-src" not in short
    assert f"tbody tr:nth-child(n+{LONG_TABLE + 1}){{display:none}}" in long  # the style agrees
    page = Reader(long)
    assert [a["data-filter"] for a in page.all("div") if "data-filter" in a]
    (script,) = re.findall(r"(?s)<script>(.*?)</script>", long)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] for a in page.all("meta") if "http-equiv" in a]
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy


def test_on_a_phone_the_cells_of_a_wide_table_say_their_heading():
    def styles(heads, look=""):
        row = f"<tr>{len(heads) * '<td>1</td>'}</tr>"
        row = f"<thead><tr>{''.join(f'<th {look}>{head}</th>' for head in heads)}</tr></thead>{row}"
        page = Reader(made(code(shows({"text/html": f"<table>{row}</table>"})))[1])
        return [a.get("style") for a in page.all("div") if "table" in a.get("class", "")]

    right = "style='text-align:right'"
    assert styles(["a", "b"]) == styles(["a", "b", "c"], right) == [None]
    assert styles(["a", "b'}", "c"]) == [r"--h1:'a: ';--h2:'b\'}: ';--h3:'c: ';"]
    broken = "--h1:'a: ';--h2:'b ;background:url(//x): ';--h3:'c: ';"
    assert styles(["a", "b\n;background:url(//x)", "c"]) == [broken]


def test_hostile_values_stay_text(toy):
    links, alt = "[x](javascript:alert(3)) ![a](http://h/i)", "{'image/png': {'alt': note}}"
    toy.notebook(
        "one",
        [
            ("markdown", f"# Title {HOSTILE}\n\n{HOSTILE} {links}"),
            ("parameters", 'note = ""\nlanguage = "en"\nstart_year = 1\nregions = ["a"]'),
            ("code", "from IPython.display import HTML, Markdown\nMarkdown(note)"),
            ("code", "import pandas as pd\nframe = pd.DataFrame({note: [note]})\nframe"),
            ("code", "HTML(frame.to_html(escape=False) + '<style>p{color:red}</style>')"),
            ("code", "display(HTML('<p onclick=alert(1) style=\"background:url(//h/x)\">p</p>'))"),
            ("code", "print(note); import sys; print(note, file=sys.stderr)"),
            ("code", "display({'image/png': 'iVBORw0KGgo='}, raw=True)"),
            ("code", "display({'application/javascript': 'x()'}, raw=True)"),
            ("code", f"display({{'image/png': 'AAAA'}}, raw=True, metadata={alt})"),
        ],
    )
    quoted = HOSTILE.replace("'", "''")
    toy.reports(
        "languages: [es]\ntitle: '" + quoted + "'\ncaption: '{note}'\neditions:\n"
        "  - name: e\n    title: '" + quoted + "'\n    notebooks: [one]\n"
        "    parameters: {note: '" + quoted + "', language: 'es'}\n"
    )
    lost = "application/javascript 1, picture 3, script 3"
    assert f"not shown, and named on their pages: {lost}" in toy.press("run")
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
resource = {{"name": "price", "title": "Price", "sources": [{{"title": "census"}}],
    "schema": {{"fields": [
    {{"name": "region", "categories": [{{"value": "-1", "label": "Puno"}}]}},
    {{"name": "value", "unit": "S/ per kg", "title": "Price"}},
    {{"name": "source"}}, {{"name": "origin"}}]}}, "data": [["region", "value", "source", "origin"],
    ["=cmd|'/c calc'!A1", -5.5, "report", "report/a.csv:3"],
    ["-1", None, "report", "report/a.csv:12 report/a.csv:3"]]}}
record = {{"key": "ahead", "sentence": "{{r}} ahead", "text": "Puno ahead", "values": {{"r": "21"}},
    "headline": True, "unit": "years"}}
picture = {{"image/png": {png!r}, "text/plain": "f"}}
display(picture, raw=True, metadata={{"image/png": {{"alt": "A"}}, "data": resource,
    "finding": record}})
text = "\\n".join([
    "region,value,source,origin", "=cmd|'/c calc'!A1,-5.5,report,report/a.csv:3",
    "-1,,report,report/a.csv:12 report/a.csv:3"])
display({{"text/html": "<table><tr><td>1</td></tr></table>"}}, raw=True,
    metadata={{"data": resource | {{"format": "csv", "data": text}}}})
"""
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0"
    "lEQVR4nGP8//8/AwMDAA7/Av+4xZ6ZAAAAAElFTkSuQmCC"
)


@pytest.mark.parametrize(("rows", "said"), [("", "whole file"), ("40 2 3+4", '"2–4, 40"')])
def test_a_file_among_the_sources_is_named_without_the_others_of_its_publication(rows, said):
    source = {"title": "report", "path": "report/b.csv", "rows": rows}
    resource = {"data": [["value"], [1]], "sources": [source]}
    known = [{"source": "report", "file": "a.csv"}, {"source": "report", "file": "b.csv"}]
    shown = shows({"text/html": "<table><tr><td>1</td></tr></table>"}, data=resource)
    page, _ = made(code(shown), publications=known)
    written = page.beside[".files/table.sources.csv"].decode()
    assert written == f"source,file,rows\nreport,b.csv,{said}\n"
    # Rows that do not say themselves where they are from name the file that does.
    assert page.beside[".files/table.csv"] == b"value,where_from\n1,table.sources.csv\n"


def test_heads_of_a_download_say_units_or_titles_and_names_stand_beside_codes_once():
    codes = {"name": "code", "title": "Region", "categories": [{"value": "08", "label": "Cusco"}]}
    fields = [codes, {"name": "n", "title": "Heads"}, {"name": "share", "unit": "1", "title": "S"}]
    for label, head in [("Cusco", "code"), ("Puno", "code,code_name")]:
        rows = [["code", "n", "share", "label"], ["08", 3, 0.5, label]]
        shown = shows({"text/html": "<table><tr><td>1</td></tr></table>"})
        shown.metadata["data"] = {"name": "x", "schema": {"fields": fields}, "data": rows}
        page, _ = made(code(shown))
        assert page.beside[".files/x.csv"].decode().startswith(f"{head},n (Heads),share (S),label")


def test_publications_are_named_in_the_language_of_the_page(tmp_path):
    known = tmp_path / "sources.csv"
    known.write_text("source,short\nreport,The report\ncensus,INEI 2012\n,Nothing\n")
    names = [row["short"] for row in _publications(known, {"The report": "El informe"})]
    assert names == ["El informe", "INEI 2012"]


def test_data_picture_and_sources_stand_beside_the_page(toy):
    toy.notebook(
        "one",
        [
            ("markdown", "# Title\n\nWhich *region* is ahead?"),
            ("parameters", "start_year = 1\nregions = ['a']\nlanguage = 'en'"),
            ("markdown", "## Farm prices"),
            ("code", FIGURE.format(png=PNG)),
        ],
    )
    (toy.root / "data/sources.csv").write_text(
        "source,file,title,published\nreport,a.csv,The report,2016\nreport,b.csv,The report,2017\n"
        "census,c.csv,The census,\nother,d.csv,Other,2020\n"
    )
    toy.reports(
        "title: T\npublications: ../data/sources.csv\neditions:\n"
        "  - {name: pair, title: The pair, notebooks: [one]}\n"
    )
    toy.press("run")
    folder = toy.out / "pair/one.files"
    files = [path.name for path in sorted(folder.iterdir())]
    beside = "ahead.csv ahead.png ahead.sources.csv price.csv price.sources.csv values.json"
    assert files == beside.split()
    assert (folder / "price.csv").read_bytes() == (folder / "ahead.csv").read_bytes()
    # a text that a spreadsheet would run is held back, a number never
    assert (folder / "ahead.csv").read_text(encoding="utf-8").splitlines() == [
        "region,region_name,value (S/ per kg),source,origin",
        "'=cmd|'/c calc'!A1,'=cmd|'/c calc'!A1,-5.5,report,report/a.csv:3",
        "-1,Puno,,report,report/a.csv:12 report/a.csv:3",
    ]
    assert (folder / "ahead.sources.csv").read_text(encoding="utf-8").splitlines() == [
        "source,file,rows,title,published",
        'report,a.csv,"3, 12",The report,2016',
        "census,c.csv,not said which,The census,",
    ]
    assert (folder / "ahead.png").read_bytes() == base64.b64decode(PNG)
    page = Reader(toy.page("pair/one"))
    links = [a["href"] for a in page.all("a") if "download" in a]
    assert links == [f"one.files/{name}" for name in files if name != "values.json"]
    assert 'href="one.files/values.json">Its numbers' in toy.page("pair/one")
    publications = "<dt>The census</dt><dd>–</dd>\n<dt>The report</dt><dd>2016</dd>\n</dl>"
    assert publications in toy.page("pair/one")
    assert ">Its numbers (JSON)<" in toy.page("pair/one")
    values = json.loads((folder / "values.json").read_text(encoding="utf-8"))
    assert values["findings"]["ahead"]["values"] == {"r": {"value": "21"}} and not values["maps"]
    price = {"name": "value", "title": "Price", "unit": "S/ per kg"}
    assert values["tables"]["price"]["columns"][1] == price
    summary = json.loads((toy.out / "pair/one.json").read_text(encoding="utf-8"))
    finding = {"key": "ahead", "headline": True, "text": "Puno ahead", "sentence": "{r} ahead"}
    assert summary == {
        "headings": [{"id": "farm-prices", "level": 2, "text": "Farm prices"}],
        "findings": [finding | {"values": {"r": "21"}, "anchor": "ahead"}],
        "thumbnail": ["ahead.png", "A"],
    }
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) and {"farm-prices", "ahead", "price"} <= set(ids)
    assert {"href": "#ahead"} in page.all("a")
    # what is said of a source is part of what the page was made of
    (toy.root / "data/sources.csv").write_text("source,file,title\nreport,a.csv,Another\n")
    assert "pair/one" in toy.press("stale")


class Made(NamedTuple):
    beside: dict
    lost: dict


def made(*cells, folder=None, parameters=None, language="en", **more):
    """The page of a notebook with these cells, made without running it, and its text."""
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    job = Job("a/one", "a", "one", {"language": language} | (parameters or {}), "One")
    files, lost = pages.page(notebook, job, {}, {}, folder=folder, **more)
    return Made(files, lost), files[".html"].decode()


def code(*outputs, tags=(), source="secret_code = 1", **metadata):
    metadata |= {"tags": list(tags)} if tags else {}
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def shows(data, /, **metadata):
    return nbformat.v4.new_output("display_data", data, metadata=metadata)


def html_of(text):
    return code(shows({"text/html": text}))


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def prose(text, **more):
    return nbformat.v4.new_markdown_cell(text, **more)


HTML, TEXT = "text/html", "text/plain"
WIDGET = "application/vnd.jupyter.widget-view+json"
LIVE = {
    "plotly": {HTML: "<div><script>draw()</script><div id='p'></div></div>"},
    "plotly alone": {"application/vnd.plotly.v1+json": {"data": []}},
    "altair": {"application/vnd.vegalite.v5+json": {}, TEXT: "alt.Chart(...)"},
    "folium": {
        HTML: "<p>Make this Notebook Trusted<iframe srcdoc='x'></iframe></p>",
        TEXT: "<Map>",
    },
    "widget": {WIDGET: {"model_id": "1"}, TEXT: "IntSlider(value=1)"},
    "script": {"application/javascript": "alert(1)"},
    "video": {HTML: "<video src='v.mp4'></video>", TEXT: "<Video>"},
    "pdf": {"application/pdf": "JVBERi0=", TEXT: "<PDF>"},
}


@pytest.mark.parametrize("name", LIVE)
def test_what_a_page_cannot_show_is_named_in_its_place_and_counted(name):
    page, html = made(code(shows(LIVE[name])))
    assert sum(page.lost.values()) >= 1
    (note,) = re.findall(r'<p class="lost">Not shown on this page: (.+?)</p>', html)
    assert all(kind in note for kind in page.lost)
    text = LIVE[name].get(TEXT, "")
    assert not text or f"{text.replace('<', '&lt;').replace('>', '&gt;')}</pre>" in html
    assert "Trusted" not in html and "alert(1)" not in html
    picture, html = made(code(shows(LIVE[name] | {"image/png": PNG})))
    if HTML in LIVE[name] or TEXT not in LIVE[name]:
        assert "<img src=" in html and not picture.lost, "a picture in the bundle goes before"


MARK = '<path d="M0 0" data-row="0"><title>a &lt;b&gt;</title></path>'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" viewBox="0 0 9 9">{MARK}</svg>'


def figure(svg):
    return code(shows({"image/svg+xml": svg}, **{"image/svg+xml": {"alt": 'A "b"', "width": 9}}))


def test_an_svg_of_plain_shapes_stands_in_the_page_and_has_the_script():
    page, html = made(figure(SVG))
    assert f'<svg role="img" aria-label="A &#34;b&#34;" {SVG[5:]}</figure>' in html
    assert page.beside[".files/image.svg"].decode() == SVG
    (script,) = re.findall(r"(?s)<script>(.*?)</script>", html)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\"" in html
    assert len(script) <= 6_000 and "innerHTML" not in script
    assert "<script" not in made(figure(SVG.replace(MARK, "")))[1]


@pytest.mark.parametrize(
    "wrong",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p>p</p></foreignObject>",
        "<style>*{display:none}</style>",
        "<image href='data:image/png;base64,AA'/>",
        "<a href='#x'><path d='M0 0'/></a>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<path d='M0 0' onclick='alert(1)'/>",
        "<path d='M0 0' style='fill:red'/>",
        "<use href='http://h/x.svg#a'/>",
        "<use xmlns:x='http://www.w3.org/1999/xlink' x:href='#a'/>",
        "<path fill='url(http://h/x)' d='M0 0'/>",
        "<title><script>alert(1)</script></title>",
        "<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
        "<p xmlns='http://www.w3.org/1999/xhtml'>p</p>",
        "<!-- --><![CDATA[<script>alert(1)</script>]]>",
        "<text>open",
    ],
)
def test_any_other_svg_is_an_image_in_which_nothing_runs(wrong):
    html = made(figure(SVG.replace(MARK, wrong)))[1]
    (image,) = Reader(html).all("img")
    assert image["src"].startswith("data:image/svg+xml;base64,") and image["alt"] == 'A "b"'
    assert "alert(1)" not in html and "<svg" not in html and "<script" not in html


FRAMES = {"label": "Year", "names": ["1", "2"], "shown": 0, "marks": {}, "texts": {}}


@pytest.mark.parametrize(("wrong", "kept"), [({}, 1), ({"names": "12"}, 0), ({"texts": None}, 0)])
def test_frames_of_a_figure_stand_beside_it_as_data(wrong, kept):
    frames = FRAMES | {"label": HOSTILE} | wrong
    _, html = made(code(shows({"image/svg+xml": SVG}, frames=frames)))
    found = [json.loads(a["data-frames"]) for a in Reader(html).all("figure") if "data-frames" in a]
    assert found == kept * [FRAMES | {"label": HOSTILE}]
    assert HOSTILE not in html


def test_ids_of_figures_never_meet_and_what_they_repeat_is_written_once():
    shape = "M0 0" + "l1 1" * 60
    land = SVG.replace(MARK, f'<path id="a" d="M0 0"/><path d="{shape}" fill="red"/>{MARK}')
    again = land.replace('id="a"', 'id="b"').replace("red", "blue")
    html = made(figure(land), figure(again), figure(land))[1]
    page = Reader(html)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) and {"a", "b"} < set(ids)
    assert len(page.all("img")) == 1  # the third has the ids of the first
    assert html.count(shape) == 1
    assert [use["fill"] for use in page.all("use") if use["href"] == "#shape-0"] == ["red", "blue"]


LATEX = "\\begin{tabular}{l}a & b \\\\ \\hline\\end{tabular} <b>x</b>"
STYLER = """<style>#T_a #T_a_row0_col0 .pd-t::after {content: "a tip";}</style>
<table id="T_a"><tr><td id="T_a_row0_col0">7<span class="pd-t"></span></td></tr></table>"""
LINKS = [prose("3. third\n4. [fourth](#1.-Año-de-lluvia)"), prose("## 1. Año de lluvia")]
LINKED = ['<ol start="3">', '<h2 id="1-ano-de-lluvia">', '<a href="#1-ano-de-lluvia">fourth</a>']
BOTH = [stream("out"), stream("err", "stderr")]
# Cells; what stands on the page, what does not, and what is named as lost.
STANDS = {
    "a table with a script": (
        [html_of("<table><tr><td>7</td></tr></table><script>sort()</script><input>")],
        ['<td>7</td>'], [], {"input": 1, "script": 1},
    ),
    "looks alone": (
        [html_of("<section><font>looks</font> only</section><!-- <form> -->")],
        ["looks only"], [], {},
    ),
    "computed Markdown": (
        [code(shows({"text/markdown": "**a** <b>x</b> <script>y</script>"}))],
        ["<strong>a</strong> &lt;b&gt;x"], [], {},
    ),
    "what a browser drops": ([code(stream("a\0b\x0bc\td"))], ["a␀b␋c\td"], [], {}),
    "numbered lists, links to headings": (LINKS, LINKED, [], {}),
    "tasks": (
        [prose("- [ ] to do\n- [x] done\n")], ["<li>☐ to do</li>", "<li>☑ done</li>"], [], {}
    ),
    "footnotes": (
        [prose("Rust[^1].\n\n[^1]: A fungus.\n")],
        ["Rust<sup>1</sup>.", "<p>A fungus.</p>"], ["[^1]", "<a href=\"#fn"], {},
    ),
    "links to files": (
        [prose("[data](a/b.csv), [site](https://x.y/z.csv), [above](#h), [all](../index.html#x)")],
        ["data, <a href=\"https://x.y/z.csv\">site</a>", "<a href=\"#h\">", "index.html#x"],
        ["b.csv"],
        {"link to a file": 1},
    ),
    **{f"the picture {broken!r}": (
        [code(shows({"image/png": broken, "text/plain": "<Figure>"}))],
        ["&lt;Figure&gt;</pre>"], ["<img"], {"picture": 1},
    ) for broken in ("", "no base64!")},
    "lines of a formula": (
        [prose("$$\\begin{aligned}a &= 1\\\\ b &= 2\\end{aligned}$$ $R \\& D$")],
        ["<mtr>", "<mi>&amp;</mi>"], ["<code>"], {},
    ),
    "lines of a formula that are not known": (
        [code(shows({"text/latex": "\\begin{eqnarray}a &=& 1\\end{eqnarray}"}))],
        ["<code>"], ["<math"], {"formula": 1},
    ),
    "a book in one cell": (
        [prose("x" * 600_000)], [], ["x" * 500_001],
        {
            "text after 500,000 characters": 1,
            "marks of Markdown in a line over 10,000 characters": 1,
        },
    ),
    "no formula": (
        [code(shows({"text/latex": LATEX, "text/plain": "t"}))],
        ["\\hline", "&lt;b&gt;x"], ["<math"], {"formula": 1},
    ),
    "tooltips of a Styler": (
        [html_of(STYLER)], ['<td>7</td>'], [], {"text in a style (a tooltip)": 1}
    ),
    **{tag: ([code(*BOTH, tags=[tag])], [">out</pre>"], [">err</pre>"], {})
       for tag in ("remove-stderr", "Remove_stderr", "hide-stderr")},
}  # fmt: skip


@pytest.mark.parametrize("case", STANDS)
def test_what_stands_on_a_page_and_what_is_named_as_lost(case):
    cells, there, not_there, lost = STANDS[case]
    page, html = made(*cells)
    assert page.lost == lost
    assert [part for part in there if part not in html] == []
    assert [part for part in not_there if part in html] == []
    assert all(re.search(f"Not shown on this page: .*{re.escape(kind)}", html) for kind in lost)


def test_markdown_has_its_pictures_its_markup_and_its_formulas(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "logo.png").write_bytes(base64.b64decode(PNG))
    (tmp_path / "secret.png").symlink_to("/etc/hostname")
    cell = prose(
        "Logo: ![the logo](logo.png)\n\nPasted: <img src='attachment:a.png' width='24' alt='p'>\n\n"
        "CO<sub>2</sub>, m<sup>2</sup>, yield is $\\hat{y} = 3$, from US$ 3 to US$ 4.\n\n"
        "$$\\frac{a}{b} < c$$\n\n$\\unknown{$ [t](javascript:x)"
        "\n\n![m](attachment:a%20b.png)"
        "\n\n![gone](gone.png) ![far](http://h/i.png) ![out](../secret.png) <form>f</form>",
        attachments={name: {"image/png": PNG} for name in ("a.png", "a b.png")},
    )
    computed = code(shows({"text/markdown": "![computed](logo.png)"}))
    page, html = made(cell, computed, folder=folder)
    images = Reader(html).all("img")
    assert [image["alt"] for image in images] == ["the logo", "p", "m", "computed"]
    assert {image["src"] for image in images} == {f"data:image/png;base64,{PNG}"}
    assert images[1]["width"] == "24"
    assert "CO<sub>2</sub>, m<sup>2</sup>" in html and "from US$ 3 to US$ 4" in html
    assert html.count("<math") == 2 and "<mfrac>" in html and "&lt;" in html
    for name in ("gone.png", "http://h/i.png", "../secret.png"):
        assert f'<span class="lost">[picture not found: {name}]</span>' in html
    assert page.lost == {"picture": 3, "form": 1, "formula": 1}
    assert "Not shown on this page: form</p>" in html
    assert "javascript:" not in html


def test_numbers_stand_to_the_right_where_their_table_says_so():
    tags = itertools.product(("td", "th scope='col'"), ("left", "right"))
    cells = "".join(f'<{tag} style="text-align:{side}">7</td>' for tag, side in tags)
    _, html = made(html_of(f"<table><tr>{cells}</tr></table>"))
    there = ["<td>", '<td class="n">', '<th scope="col">', '<th scope="col" class="n">']
    assert re.findall("<t[dh][^>]*>", html) == there


def test_colours_of_a_styler_stay_and_no_attribute_stands_twice():
    html = (
        "<style>#T_a1_row0_col0, #T_a1_row0_col1 {background-color: #440154;color: #f1f1f1;}"
        "#T_a1_row0_col0 {background: url(//h/x);font-weight: bold}"
        "#T_a1_row0_col1 {background: linear-gradient(90deg, red 50.0%, transparent 50.0%)}"
        '</style><table id="T_a1"><tbody><tr><td id="T_a1_row0_col0" class="data row0">1</td>'
        '<td id="T_a1_row0_col1" class="data">2</td></tr></tbody></table>'
    )
    page, html = made(code(shows({"text/html": html})))
    style = "background-color: #440154; color: #f1f1f1"
    first, second = Reader(html).all("td")
    assert first == {"class": "data row0", "style": f"{style}; font-weight: bold"}
    bar = "background: linear-gradient(90deg, red 50.0%, transparent 50.0%)"
    assert second == {"class": "data", "style": f"{style}; {bar}"}
    assert not re.search(r"<[^>]* class=[^>]* class=", html) and "url(" not in html
    assert not page.lost


def test_a_progress_bar_is_printed_once():
    printed = stream("10%\r50%\r100%\r\ndone\nnext\r")
    notebook = nbformat.v4.new_notebook(cells=[code(printed)])
    clean(notebook, notebook, Path())
    assert notebook.cells[0].outputs[0].text == "100%\ndone\nnext"


@pytest.mark.parametrize(
    "heading", ["# The title ##", "The title\n=====", "# <a id='x'></a>The *[title](x.md)*"]
)
def test_the_title_is_a_heading_and_no_comment_in_code(tmp_path, heading):
    cell = prose(f"```bash\n# install\n```\n\n{heading}\n\n~~~\n## b\n~~~\n\n## Data")
    path = tmp_path / "one.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
    assert parameters.inspect(path).title == "The title"
    _, html = made(cell, source=nbformat.v4.new_notebook(cells=[cell]))
    assert "install" in html and "The title" not in html and '<h2 id="data">Data</h2>' in html


@pytest.mark.parametrize(
    "wrong", [{"schema": 5}, {"schema": {"fields": [5]}}, {"sources": 5}, {"sources": ["a"]}]
)
@pytest.mark.parametrize("rows", ["a\n1\n", [["a"], [1]]])
def test_metadata_of_another_shape_loses_no_data(rows, wrong):
    about = {"data": {"data": rows, "name": "x"} | wrong}
    page, _ = made(code(nbformat.v4.new_output("display_data", {"image/png": PNG}, metadata=about)))
    assert page.beside[".files/x.csv"] == b"a\n1\n"


def test_raw_cells_are_shown_or_named():
    cells = [nbformat.v4.new_raw_cell(text) for text in ("---\nauthor: x\n---", "<b>bold</b>")]
    cells[1].metadata["raw_mimetype"] = "text/html"
    page, html = made(cells[0], prose("Why?"), cells[1])
    assert "Why?" in html and "<b>bold</b>" in html
    assert page.lost == {"raw cell": 1} and "Not shown on this page: raw cell" in html


UNSEEN = (
    '<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script><image href="http://h/i.png"/>'
)
UNSEEN += '<image href="data:image/png;base64,AA"/><use href="#a"/></svg>'


def test_what_an_image_of_an_svg_does_not_show_is_named():
    page, html = made(figure(UNSEEN))
    assert page.lost == {"script": 1, "image": 1}
    assert re.search("Not shown on this page: (script, image|image, script)</p>", html)
    assert len(Reader(html).all("img")) == 1


@pytest.mark.parametrize(
    ("tags", "metadata", "has_code", "has_output"),
    [
        ([], {}, True, True),
        (["remove-input"], {}, False, True),
        (["Hide_input"], {}, False, True),
        ([], {"hide_input": True}, False, True),
        ([], {"jupyter": {"source_hidden": True}}, False, True),
        (["remove_output"], {}, True, False),
        (["hide-output"], {}, True, False),
        ([], {"jupyter": {"outputs_hidden": True}}, True, False),
        ([], {"collapsed": True}, True, False),
        (["hide-cell"], {}, False, False),
        (["remove_cell"], {}, False, False),
    ],
)
def test_what_is_tagged_as_hidden_is_not_published(tags, metadata, has_code, has_output):
    stream = nbformat.v4.new_output("stream", text="its output")
    _, html = made(code(stream, tags=tags, **metadata))
    assert ("secret_code" in html) == has_code and ("its output" in html) == has_output
    page, _ = made(code(shows({"image/png": PNG}), tags=tags, **metadata))
    assert (".files/image.png" in page.beside) == has_output  # a thumbnail to the index


def test_an_anchor_stays_and_what_no_browser_shows_is_not_printed():
    _, html = made(prose("# One\n\n<a name=z></a>There. [to there](#z)"))
    assert '<a name="z"></a>' in html and '<a href="#z">to there</a>' in html
    sound = shows({"text/html": "<audio controls>Your browser can't</audio><template>t</template>"})
    page, html = made(prose("# One"), code(sound))
    assert "browser can" not in html and page.lost == {"audio": 1, "template": 1}
    frame = {"text/html": "<iframe src=x></iframe>", "text/plain": "<lib.IFrame at 0x7fa8d6>"}
    page, html = made(prose("# One"), code(shows(frame)))
    assert "0x7fa8d6" not in html and page.lost == {"iframe": 1}


def test_the_notebook_beside_a_page_holds_nothing_that_was_to_be_removed():
    def cells(*tags):
        output = nbformat.v4.new_output("stream", name="stderr", text="said")
        cell = nbformat.v4.new_code_cell("secret = 1", outputs=[output], metadata={"tags": tags})
        kept = published(nbformat.v4.new_notebook(cells=[cell])).cells
        return [(cell.source, len(cell.outputs)) for cell in kept]

    whole = ("secret = 1", 1)
    assert cells() == cells("hide-input") == cells("hide-output") == [whole]
    assert cells("remove_cell") == []
    assert cells("remove-input") == [("", 1)]
    assert cells("remove-output") == cells("remove-stderr") == [("secret = 1", 0)]


def test_what_stands_right_below_the_box_is_not_said_twice():
    finding = {"key": "k", "text": "A finding", "headline": True, "values": {}}
    said = code(shows({"text/markdown": "A finding"}, finding=finding))
    other = finding | {"key": "l", "text": "Another"}
    later = code(shows({"text/markdown": "Another"}, finding=other))
    table = code(shows({"text/html": "<table><tr><td>1</td></tr></table>"}))
    cells = [prose("# One\n\nWhat?"), prose("## First"), said, table, prose("## Next"), later]
    _, html = made(*cells)
    assert html.count("A finding") == 1 and '<a href="#first-table">A finding</a>' in html
    assert html.count("Another") == 2 and 'id="l"' in html
    _, alone = made(prose("# One\n\nWhat?"), said)
    assert alone.count("A finding") == 2


def test_a_page_begins_with_what_it_found_and_folds_what_is_tagged():
    finding = {"key": "k", "text": "A **finding** <b>", "headline": True, "values": {}}
    cells = [
        prose("# One\n\nWhat is it?"),
        code(shows({"text/markdown": "A finding"}, finding=finding)),
        prose("## First"),
        prose("## Data used\n\nTables.", metadata={"tags": ["fold"]}),
        code(shows({"text/plain": "inside"})),
        prose("### Still inside"),
        prose("## After\n\nEnd."),
    ]
    _, html = made(*cells)
    page = Reader(html)
    places = ["What is it?", 'id="key-findings"', 'href="#k"', 'id="k"', 'id="first"', "<details"]
    order = [html.index(place) for place in places[:-1]]
    assert order == sorted(order)
    assert '<a href="#k">A **finding** &lt;b&gt;</a>' in html
    (fold,) = re.findall(r'(?s)<details class="fold">(.*?)</details>', html)
    assert '<summary><h2 id="data-used">Data used</h2></summary>' in fold
    assert "inside" in fold and "Still inside" in fold and "After" not in fold
    assert [a["href"] for a in page.all("a")][1:5] == ["#k", "#first", "#data-used", "#after"]


def test_the_same_place_has_the_same_anchor_in_every_language():
    english = prose("# One\n\nRain\n---\n\n## Farm prices")
    spanish = prose("# Uno\n\nLluvia\n---\n\n## Precios en chacra")
    spanish["id"] = english["id"]
    notebook = nbformat.v4.new_notebook(cells=[english])
    _, html = made(spanish, source=notebook, language="es")
    assert '<h2 id="farm-prices">Precios en chacra</h2>' in html and 'id="rain"' in html


def test_pages_lead_to_their_neighbours_and_other_languages(toy):
    english = ("parameters", "language = 'en'")
    links = "[two](two.ipynb#there) [no](no.ipynb) [3](three.ipynb)"
    toy.notebook("one", [("markdown", f"# One\n\n{links}"), english])
    toy.notebook("two", [("markdown", "# Two"), english])
    toy.notebook("three", [("markdown", "# Three"), english])
    (toy.root / "notebooks/es.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "# Two"\nmsgstr "# Dos"\n'
    )
    toy.reports(
        "title: T\nlanguages: [en, es]\ncatalogues: .\ncite: Cite me.\neditions:\n"
        "  - {name: pair, title: The pair, notebooks: [one, two]}\n"
        "  - {name: words, title: Words, notebooks: [three]}\n"
    )
    toy.press("run")
    html = toy.page("pair/one")
    page = Reader(html)
    alternate = {"rel": "alternate", "hreflang": "es", "href": "../pair-es/one.html"}
    assert alternate in page.all("link")
    assert {"href": "../pair-es/one.html", "hreflang": "es", "lang": "es"} in page.all("a")
    assert {"rel": "next", "href": "../pair/two.html"} in page.all("a")
    assert {"href": "../pair/two.html#there"} in page.all("a")
    assert {"href": "../words/three.html"} in page.all("a")  # the only one of its notebook
    assert ".ipynb" not in html.replace("one.ipynb", "") and ">no<" not in html
    assert "Cite me." in html and "Español" in html and "The pair" in html
    spanish = Reader(toy.page("pair-es/one"))
    assert spanish.all("html") == [{"lang": "es"}]
    assert {"rel": "next", "href": "../pair-es/two.html"} in spanish.all("a")
    assert "Dos" in toy.page("pair-es/one")
    # a neighbour's title is the plan's, not read from its page: only what shows it is made again
    toy.notebook("two", [("markdown", "# Other"), english])
    stale = toy.press("stale")
    assert "pair/one  frame changed" in stale and "pair/two" in stale


def test_values_have_unit_and_tolerance():
    sentence = "{region}: {share:%1} of {heads:0} in {years}, {price} a kg, {gaps:+%}; {others}"
    values = {"region": "21", "share": 0.394, "heads": 3e6, "years": ["2004", "2012"]}
    values |= {"price": 5.25, "gaps": [0.1, -0.2], "others": ["Cusco 24.7%", "Puno −1,250"]}
    record = {"key": "a", "sentence": sentence, "text": "Puno …", "values": values}
    found = finding_of(shows({}, finding=record | {"units": {"price": "PEN/kg"}}))
    assert found.pop("values") == {
        "region": {"value": "21"},
        "share": {
            "value": 0.394,
            "unit": "1",
            "tolerance": 0.0005,
        },  # half of the last digit of 39.4%
        "heads": {"value": 3e6, "unit": None, "tolerance": 0.5},
        "years": {"value": ["2004", "2012"]},
        "price": {
            "value": 5.25,
            "unit": "PEN/kg",
            "tolerance": 0.005,
        },  # printed as it is: of the third digit
        "gaps": {"value": [0.1, -0.2], "unit": "1", "tolerance": 0.005},
        "others": {
            "value": ["Cusco 24.7%", "Puno −1,250"],
            "numbers": [
                {"value": 24.7, "unit": "%", "tolerance": 0.05},
                {"value": -1250.0, "unit": None, "tolerance": 0.5},
            ],
        },
    }
    assert found == {"key": "a", "headline": False, "text": "Puno …", "sentence": sentence}


@pytest.mark.parametrize(
    ("numbers", "tolerance"),
    [
        ([0.0007, 0.0012, 0.5], 0.00005),  # kept to four decimals, of which three count in none
        ([0.0, 0.0031, 0.00254], 0.000005),  # a zero says nothing of the others
        ([9.7947, 4.075], 0.005),
        ([2007, 2025], 0.5),
        ([1e-05, 2e-05], 0.000005),
        ([0.5], 0.0005),  # one number alone was not rounded with others
    ],
)
def test_a_tolerance_is_not_finer_than_what_a_list_was_rounded_to(numbers, tolerance):
    record = {"key": "a", "sentence": "A", "values": {"series": numbers}}
    series = finding_of(shows({}, finding=record))["values"]["series"]
    assert series == {"value": numbers, "unit": None, "tolerance": pytest.approx(tolerance)}


@pytest.mark.parametrize("code", ["08", "07+15", ["07+15", "21"]])
def test_codes_are_no_numbers(code):
    record = {"key": "a", "sentence": "In {region}", "values": {"region": code}}
    assert finding_of(shows({}, finding=record))["values"] == {"region": {"value": code}}


def test_columns_have_unit_and_tolerance():
    share = {"name": "share", "title": "Share", "unit": "1", "tolerance": 0.02}
    fields = [{"name": "ubigeo"}, share, {"name": "value"}, {"name": "origin"}]
    rows = [["08", 0.2, 120.0, "a:1"], ["21", None, 7.5, ""]]
    data = [["ubigeo", "share", "value", "origin"], *rows]
    about = {"title": "T", "schema": {"fields": fields}, "data": data}
    table = values_of(table_of(shows({}, data=about)))
    assert table["rows"] == [["08", 0.2, 120.0], ["21", None, 7.5]]
    assert table["columns"] == [{"name": "ubigeo"}, share, {"name": "value", "tolerance": 0.005}]


@pytest.mark.parametrize(
    ("title", "said", "shown"),
    [
        (r"Heat of $CO_{2}$ in *two* US$ 3", "Heat of CO2 in two US$ 3", "<mi>C</mi>"),
        (r"$10^3$ $\alpha$ &lt;t>", "10^3 α &lt;t&gt;", "<msup><mn>10</mn><mn>3</mn></msup>"),
        (r"A $\nosuch{x}$", r"A \nosuch{x}", r"<code>\nosuch{x}</code>"),
    ],
)
def test_a_formula_in_the_title_is_mathml_on_the_page_and_text_elsewhere(toy, title, said, shown):
    toy.notebook("two", [("markdown", f"# {title}"), ("code", "1")])
    toy.editions("name: e, title: E, notebooks: [two, one]")
    counts = toy.press("run")
    page, index = toy.page("e/two"), (toy.out / "index.html").read_text(encoding="utf-8")
    assert f"<title>{said}</title>" in page and said in index and said in toy.page("e/one")
    (heading,) = re.findall("<h1>(.*)</h1>", page)
    assert shown in heading and "$C" not in heading
    assert ("formula 1" in counts) == ("nosuch" in title)


def test_a_table_of_markdown_with_uneven_rows_is_one_and_loses_no_cell():
    words = words_of("en")
    uneven = "| a | b |\n|---|--:|\n| 1 |\n| 2 | 3 | 4 \\| 5 |\n| 6 | 7 |\n\nafter | it"
    reader = ContentReader(words)
    html = reader.markdown(uneven)
    rows = [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row) for row in html.split("<tr>")[1:]]
    assert rows == [["a", "b", ""], ["1", "", ""], ["2", "3", "4 | 5"], ["6", "7", ""]]
    assert "<p>after | it</p>" in html and not reader.lost
    without = "a | b\n---|---\n1\n\nx | y\n:-:|:--\n2 | 3 | 4"
    assert ContentReader(words).markdown(without).count("<td") == 3
    code = "```\na | b\n---|---\n1 | 2 | 3\n```"
    assert "a | b\n---|---\n1 | 2 | 3\n" in ContentReader(words).markdown(code)
    for none in ("| a |\n|---|---|\n| b |", "|-|\n" * 50_000 + "|" * 9_000):
        assert "<td" not in ContentReader(words).markdown(none)
    formula = ContentReader(words).markdown("| a | b |\n|--|--|\n| $|x|$ | 1 |")
    assert "<math" in formula and "<td" not in formula


def test_a_pasted_picture_makes_no_line_too_long_and_a_line_too_long_is_named():
    pasted = "A" * 20_000
    reader = ContentReader(words_of("en"))
    html = reader.markdown(f"## Next\n\n![x](data:image/png;base64,{pasted}) *y*")
    assert f'src="data:image/png;base64,{pasted}"' in html and "<em>y</em>" in html
    assert "<h2>Next</h2>" in html and not reader.lost
    reader.markdown("## Next\n\n" + "word " * 5000)
    assert list(reader.lost) == ["marks of Markdown in a line over 10,000 characters"]


@pytest.mark.parametrize(
    ("html", "lost"),
    [
        ('<div id="p1" data-root-id="p1"></div>', {"HTML without text": 1}),
        ("<style>.a {color: red}</style>", {}),
    ],
)
def test_html_that_shows_nothing_is_named_and_no_name_of_a_class_stands_for_it(html, lost):
    data = {"text/html": html, "text/plain": "<IPython.core.display.HTML object>"}
    shown = show(nbformat.v4.new_output("display_data", data), words_of("en"))
    assert (shown["html"], shown["kind"], dict(shown["lost"])) == ("", "", lost)
