"""The site around the pages: index, fronts, search, comparison with before, one zip."""

import json
import re
import shutil
import subprocess
import zipfile
from types import SimpleNamespace

import pytest
from test_page import Reader
from toys import Toy

from press import diff
from press.site import MOST, _cells, _editions, environment

FINDINGS = """
import csv
from toylib import DATA, PNG

def rows(name):
    with open(DATA / name, newline="") as file:
        return [[row[0], int(row[1]), float(row[2])] for row in list(csv.reader(file))[1:]]

class Shown:
    def __init__(self, key, sentence, headline=False, drawn=None, **values):
        text = sentence.format(**values)
        sentence = sentence.replace(":.1f}", ":1}")
        self.finding = {"key": key, "sentence": sentence, "text": text, "values": values,
                        "headline": headline}
        self.drawn, self.text = drawn, text

    def _repr_mimebundle_(self, include=None, exclude=None):
        about = {"finding": self.finding}
        if not self.drawn:
            return {"text/markdown": self.text, "text/plain": self.text}, about
        about["data"] = {"name": "drawn", "data": [["name", "year", "tonnes"], *self.drawn]}
        about["image/png"] = {"alt": self.text}
        return {"image/png": PNG, "text/plain": self.text}, about
"""
MINE = """from toyfindings import Shown, rows
mine = [row for row in rows('one.csv') if row[0] in regions]
last = mine[-1][2]
GREW = '{name} grew {tonnes:.1f} t'"""
CELLS = [
    ("markdown", "# Harvests of &lt;b>&amp;&lt;/b>\n\nWhat grew?\n\n## Árboles y café"),
    ("parameters", 'regions = ["Cusco"]\nlanguage = "en"'),
    ("code", MINE),
    ("code", "Shown('last', GREW, True, mine, name=regions[0], tonnes=last)"),
    ("code", "Shown('line', 'As a line', series=[row[2] for row in mine], verdict='holds')"),
    ("code", "Shown('size', 'Large' if last > 30 else 'Small', size=last > 30)"),
]
SECOND = [("markdown", "# Second"), ("parameters", 'language = "en"')]
REPORTS = """
title: Toy <collection>
about: One. Two. Three.
caption: "{regions}"
languages: [en, es]
editions:
  - name: main
    title: The main one
    notebooks: [one, two]
  - name: each
    title: One each
    notebooks: [one]
    for_each: {regions: [Cusco, Puno]}
    index_map: map.svg
    index_table:
      - {label: Tonnes, finding: last, value: tonnes, digits: 1}
      - {label: Verdict, finding: line, value: verdict}
"""
MAP = """<svg viewBox="0 0 9 9" onload="evil()">
<path id="puno" d="M1,2 3,4Z"/><path id="lima" d="M5,6 7,8Z"/><script>evil()</script></svg>"""
BROWSER = """#!/bin/sh
for word; do case $word in --print-to-pdf=*) echo "$*" > "${word#*=}";; esac; done
"""
YEARS = "name,year,tonnes\n" + "".join(
    f"{name},{year},{start + year - 2000}\n"
    for name, start in (("Cusco", 10), ("Puno", 20))
    for year in range(2000, 2006)
)


@pytest.fixture(scope="module")
def _site_once(tmp_path_factory):
    toy = Toy(tmp_path_factory.mktemp("site"))
    (toy.root / "lib/toyfindings.py").write_text(FINDINGS)
    (toy.root / "data/one.csv").write_text(YEARS)
    (toy.root / "notebooks/locale").mkdir()
    (toy.root / "notebooks/locale/es.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Toy <collection>"\nmsgstr "Colección"\n\nmsgid "Tonnes"\nmsgstr "Toneladas"\n'
    )
    toy.notebook("one", CELLS)
    toy.notebook("two", [*SECOND, ("code", "1")])
    toy.reports(REPORTS)
    (toy.root / "notebooks/map.svg").write_text(MAP)
    toy.press("run")
    return toy.root


@pytest.fixture
def site(toy, _site_once):
    shutil.copytree(_site_once, toy.root, dirs_exist_ok=True)
    return toy


def read(site, name):
    return (site.out / name).read_text(encoding="utf-8")


def test_index_in_each_language_with_states_and_table(site):
    english, spanish = read(site, "index.html"), read(site, "index-es.html")
    page = Reader(english)
    assert page.all("html") == [{"lang": "en"}]
    assert Reader(spanish).all("html") == [{"lang": "es"}]
    assert "<h1>Toy &lt;collection&gt;</h1>" in english and "<h1>Colección</h1>" in spanish
    links = [a["href"] for a in page.all("a")]
    assert {"index-es.html", "edition-main.html", "edition-each.html", "main/one.html"} <= {*links}
    assert "main-es/one.html" not in links and "main-es/one.html" in spanish
    for href in links:
        assert href.startswith("#") or (site.out / href.partition("#")[0]).is_file(), href
    # The table: the item leads to its page, columns are values of findings.
    assert ">Tonnes</th>" in english and ">Toneladas</th>" in spanish
    row = re.search(r'(?s)<th scope="row"><a href="each/one-puno.html">Puno</a>.*?</tr>', english)
    assert '<td class="n">25.0</td>' in row[0] and "<td>holds</td>" in row[0]
    assert english.count("2 reports · up to date") == 2
    assert english.count('data-filter="') == 1


def test_front_leads_from_each_key_finding_to_its_place(site):
    front = read(site, "edition-main.html")
    ((anchor, sentence),) = re.findall(r'<li><a href="main/one.html#([^"]+)">([^<]+)</a>', front)
    assert sentence == "Cusco grew 15.0 t"
    assert f'id="{anchor}"' in site.page("main/one")
    assert '<a href="../edition-main.html">' in site.page("main/one")
    assert '<a href="../index-es.html">' in site.page("main-es/one")
    assert "As a line" not in front  # no headline
    assert [image["src"] for image in Reader(front).all("img")] == ["main/one.files/last.png"]
    assert "data:" not in front and '<a href="index.html">' in front
    spanish = read(site, "edition-main-es.html")
    assert '<a href="index-es.html">' in spanish and "<link rel=" in spanish
    assert '<a href="edition-main.html" lang="en" hreflang="en">English</a>' in spanish


def test_only_what_knows_the_mark_of_the_page_may_run(site):
    for name in ("index.html", "index-es.html", "edition-each.html"):
        page = Reader(read(site, name))
        (policy,) = [a["content"] for a in page.all("meta") if "http-equiv" in a]
        (nonce,) = {script["nonce"] for script in page.all("script")}
        assert policy.startswith("default-src 'none'; ") and f"script-src 'nonce-{nonce}'" in policy
        assert not [script for script in page.all("script") if "src" in script]
    assert read(site, "index.html").count("search.js") == 1
    assert 'data-source="search-es.js"' in read(site, "index-es.html")


def test_search_has_titles_findings_and_headings(site):
    data = json.loads(re.search(r"reports = (.*);\n", read(site, "search.js"))[1])
    assert data[0][3] == [["Árboles y café", "arboles-y-cafe"]]
    found = {href: (title, findings) for href, title, findings, _ in data}
    title, findings = found["each/one-puno.html"]
    assert title == "Puno: Harvests of <b>&</b> · Puno"
    assert [text for text, _ in findings] == ["Puno grew 25.0 t", "As a line", "Small"]
    names = ["main/one", "main/two", "each/one-cusco", "each/one-puno"]
    assert set(found) == {f"{name}.html" for name in names}


def test_index_says_what_is_stale_failed_or_not_made_and_when(site):
    run = {"date": "2026-11-28 10:30", "seconds": 1.25, "commit": "abc"}
    other = {"date": "2026-11-27 09:15", "seconds": 2, "commit": "def"}
    runs = {"main/two": run, "each/one-cusco": run, "main/one": other}
    (site.out / "run.json").write_text(json.dumps({"reports": runs}))
    site.notebook("two", [*SECOND, ("code", "1/0")])
    site.press("run", expect=1)
    index = read(site, "index.html")
    assert '<strong class="state">stale</strong>: cell 3, line 1 (1/0): ZeroDivisionError' in index
    assert 'class="state">stale: 1</strong>' in index
    dates = "2026-11-27 – 2026-11-28 · 4.5 s if made one after another · abc, def<"
    assert f"Made: {dates}" in index and '<strong class="state">stale</strong>' in index
    (site.out / "main/two.html").unlink()
    site.press("run", expect=1)
    assert '<strong class="state">failed</strong>: cell 3' in read(site, "index.html")
    # Its neighbours lead to a page that says so, until there is one again.
    (way,) = re.findall('rel="next" href="([^"]+)"', site.page("main/one"))
    assert way == "../main/two.html" and "two.html" not in read(site, "index.html")
    assert "failed</strong>: cell 3, line 1 (1/0): ZeroDivisionError" in site.page("main/two")
    assert '<a href="../edition-main.html">The main one</a>' in site.page("main/two")
    assert "stale" not in read(site, "edition-each.html")


def test_the_map_leads_to_the_reports_and_nothing_else_of_its_file_is_taken(site):
    for name, folder in (("index.html", "each"), ("edition-each-es.html", "each-es")):
        (drawn,) = re.findall('(?s)<svg class="map" viewBox="0 0 9 9".*?</svg>', read(site, name))
        (shape,) = re.findall(r'(?s)<a href="(\S+)"><path d="(.*?)"/><text.*?>(\w+)</text>', drawn)
        assert shape == (f"{folder}/one-puno.html", "M1,2 3,4Z", "Puno")
        assert "evil" not in read(site, name)
    (site.root / "notebooks/map.svg").write_text("<svg/>")
    assert "map.svg: expected viewBox=" in site.press("run", expect=2)


def test_a_series_is_a_line_beside_its_figure_with_its_gaps():
    column = {"finding": "f", "value": "share", "digits": 0, "percent": True, "year": ""}
    series = {"years": [2001, 2002, 2004], "series": [0.1, 0.3, 0.2]}

    def cell(**values):
        return _cells({"values": {"f": {"share": 0.2} | values}}, [column])[0]

    line = {"path": "M1 14.0L20 2.0M59 8.0", "words": "2001–2004: 10% → 20%"}
    assert cell(**series) == {"text": "20%", "number": True, "line": line, "year": ""}
    for wrong in ({}, {"series": "x"}, {"series": [1, 2]}, {"years": [1, None, 3]}):
        assert cell(**(series | wrong if wrong else {}))["line"] is None
    assert cell(**series | {"share": 10**400})["number"] is False


def test_a_column_says_its_year_once_and_other_years_beside_their_figures():
    columns = [{"label": "X", "finding": "f", "value": "x", "digits": 0, "percent": False}]
    columns.append(columns[0] | {"year": "when"})
    columns[0]["year"] = ""
    values = [{"x": 1, "when": "2025"}, {"x": 2, "when": 2023}, {"x": 3, "when": "2025"}]
    values += [{"when": "2023"}, {"when": "2023"}, {"x": 5}]
    plan = SimpleNamespace(tables={"e": columns}, editions={}, maps={})
    about = {"edition": "e", "caption": "", "item": "x", "title": "T", "headlines": []}
    about |= {"state": "fresh", "href": ""}
    (edition,) = _editions(plan, [about | {"values": {"f": each}} for each in values])
    assert edition["years"] == ["", "2025"]
    page = environment().get_template("index.parts.html.j2").module
    words = environment().globals["index_words"]["en"]
    table = page.table(edition, words)
    assert table.count("<br>") == 1 and '<br><span class="quiet">2025</span></th>' in table
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table)
    assert cells[1::2] == ["1", "2 (2023)", "3", "", "", "5"]
    assert cells[::2] == ["1", "2", "3", "", "", "5"]


@pytest.mark.parametrize(("n", "most"), [(2, MOST // 2), (12, MOST // 12), (2 * MOST, 1)])
def test_the_front_of_a_large_edition_has_the_first_findings_of_each_report(n, most):
    plan = SimpleNamespace(tables={}, editions={}, maps={})
    found = [{"text": f"Finding {i}", "href": f"page.html#f{i}"} for i in range(MOST)]
    about = {"edition": "e", "caption": "", "item": "", "title": "T", "href": "page.html"}
    about |= {"state": "fresh", "headlines": found, "thumbnail": "", "fronts": {"en": "e.html"}}
    (edition,) = _editions(plan, [dict(about) for _ in range(n)])
    front = environment().get_template("index.front.html.j2")
    words = environment().globals["index_words"]
    names = ["title", "index", "language", "nonce"]
    frame = dict.fromkeys(names, "") | {"words": words["en"], "all_words": words}
    page = front.render(frame, edition=edition)
    assert re.findall(r"page.html#f(\d+)", page) == [str(i) for i in range(most)] * n


def test_a_column_that_no_finding_fills_is_named(site):
    site.reports(REPORTS.replace("value: verdict", "value: verdit"))
    said = "warning: edition each: index_table: Verdict: no report has the value 'verdit' of a"
    assert f"{said} finding 'line'\n" in site.press("run")
    shutil.rmtree(site.out)  # no report is made: that none has the value is no news
    none = "error: no scheduler answers at nowhere\n"
    assert site.press("run", "--scheduler", "nowhere", expect=2) == none


WRONG_RUNS = [{"date": "2026-11-28"}, {"date": 20261128, "seconds": 1, "commit": ""}]
WRONG_RUNS += [{"date": "2026-11-28", "seconds": "1", "commit": ""}]


@pytest.mark.parametrize("wrong", [5, {"main/two": 5}, *({"main/two": run} for run in WRONG_RUNS)])
def test_when_reports_were_made_is_not_known_where_somebody_else_wrote_it(site, wrong):
    (site.out / "run.json").write_text(json.dumps({"reports": wrong}))
    assert "up to date" in site.press("run")


def test_nothing_changed_writes_nothing_and_a_lost_file_comes_back(site):
    before = {path: path.stat().st_mtime_ns for path in site.out.rglob("*") if path.is_file()}
    site.press("run")
    after = {path: path.stat().st_mtime_ns for path in site.out.rglob("*") if path.is_file()}
    changed = {path.name for path in after if after[path] != before.get(path)}
    assert changed <= {".lock", "run.json"}
    (site.out / "search.js").unlink()
    site.press("run")
    assert (site.out / "search.js").is_file()
    site.reports(REPORTS.replace("name: main", "name: other"))
    site.press("run")
    fronts = {path.name for path in site.out.glob("edition-*.html")}
    assert "edition-other.html" in fronts and "edition-main.html" not in fronts


def test_the_diff_shows_one_changed_figure_where_it_is_and_nowhere_else(site):
    before = site.root / "before"
    shutil.copytree(site.out, before)
    said = site.press("diff", "before").splitlines()
    assert "0 changed, 18 as before, in 8 reports against before" in said[0]
    raw = site.root / "data/one.csv"
    raw.write_text(raw.read_text().replace("Puno,2005,25", "Puno,2005,27.5"))
    site.press("run")
    said = site.press("diff", "before")
    # In two languages: listed once. The series moves by 1 a year, so this is 2.5 usual changes.
    assert "2 changed, 14 as before" in said
    assert "each/one-puno · last and in 1 more (2.5 × usual)\n" in said
    assert "  Puno grew 27.5 t\n  was: Puno grew 25.0 t\n" in said
    assert "  tonnes: 25 → 27.5\n" in said and "  tonnes, Puno, 2005: 25 → 27.5\n" in said
    assert "  series, 6: 25 → 27.5\n" in said
    assert "cusco" not in said and "Small" not in said
    html = read(site, "diff.html")
    assert html.count("<section") == 2 and "Puno grew 27.5 t" in html and "<script" not in html
    # Other words are the most surprising.
    raw.write_text(raw.read_text().replace("27.5", "31"))
    site.press("run")
    first, *_ = re.findall(r"each\S* · (\w+)", site.press("diff", "before"))
    assert first == "size"


def test_the_diff_with_a_ref_reads_its_executed_notebooks(site):
    site.press("notebooks")
    git = ["git", "-c", "user.name=n", "-c", "user.email=e", "-C", str(site.root)]
    for words in (["init", "-q"], ["add", "notebooks"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    assert "0 changed, 6 as before, in 3 reports against HEAD" in site.press("diff", "HEAD")
    raw = site.root / "data/one.csv"
    raw.write_text(raw.read_text().replace("Cusco,2005,15", "Cusco,2005,14"))
    site.press("run")
    assert "each/one-cusco · last and in 1 more (1 × usual)\n" in site.press("diff", "HEAD")
    assert "neither a folder nor a git ref" in site.press("diff", "no-such", expect=2)
    assert "BASE is missing" in site.press("diff", expect=2)


@pytest.mark.parametrize(
    ("old", "new", "usual", "expected"),
    [
        (1, 1, 1, 0),
        (1.0, 1.0 + 1e-12, 1, 0),
        (8, 9, 0.5, 2),
        ("Puno 40%", "Puno 42%", 1, 4),
        ("S/ 1,250.5", "S/ 1,250.6", 1, 2),
        ("1,001", "999", 1, float("inf")),  # no number where it is text of digits alone
        ("holds", "differs", 1, float("inf")),
        ("Cusco, Puno", "Puno, Cusco", 1, float("inf")),
        (True, False, 1, float("inf")),
        (None, 3, 1, float("inf")),
    ],
)
def test_surprise_by_hand(old, new, usual, expected):
    assert diff.surprise(old, new, usual) == pytest.approx(expected)


def test_a_cell_of_a_table_with_a_key_is_compared_in_words_too():
    def told(verdict, classed):
        table = {"name": "ledger", "schema": {"primaryKey": ["says"]}}
        rows = [["says", "verdict", "origin"], ["a", verdict, "f:1"], ["b", "holds", "f:2"]]
        drawn = {"name": "map", "schema": {"primaryKey": ["ubigeo", "year"]}}
        places = [["ubigeo", "year", "value", "class"], ["08", 2011, 5.0, classed]]
        outputs = [{"metadata": {"data": table | {"data": rows}}}]
        outputs.append({"metadata": {"data": drawn | {"data": places}}})
        return {"one": lambda: {"cells": [{"outputs": outputs}]}}

    found, same = diff.changes(told("holds", "up to 5"), told("differs", "5–10"))
    assert same == 0 and [change["what"] for change in found] == [
        ["verdict, a: holds → differs"],
        ["class, 08, 2011: up to 5 → 5–10"],
    ]
    assert diff.changes(told("holds", "up to 5"), told("holds", "up to 5")) == ([], 2)


def test_the_zip_has_the_site(site):
    assert "no executed report in common" in site.press("diff", ".", expect=2)
    (site.out / "main/mine.html").write_text("no report")
    assert site.press("site") == "reports/site.zip\n"
    with zipfile.ZipFile(site.out / "site.zip") as archive:
        names = archive.namelist()
    wanted = ("index.html", "search-es.js", "main/one.files/last.png")
    assert {f"reports/{name}" for name in wanted} <= set(names)
    assert not [n for n in names if re.search(r"manifest|\.lock|run\.json|failed|diff|zip|mine", n)]
    shutil.rmtree(site.out)
    assert "make the reports first" in site.press("site", expect=2)


def test_pages_as_pdf_where_there_is_a_browser(site):
    path, tools = site.environment["PATH"], site.root / "tools"
    site.environment["PATH"] = str(tools)
    assert "error: no browser to print with here" in site.press("pdf", "main", expect=2)
    tools.mkdir()
    browser = tools / "chromium"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    assert site.press("pdf", "main") == "reports/main/one.pdf\nreports/main/two.pdf\n"
    assert "/reports/main/two.html\n" in (site.out / "main/two.pdf").read_text()
    assert 'did you mean "main"' in site.press("pdf", "mai", expect=2)
    # A page that is made again is no longer the one on paper.
    site.environment["PATH"] = path
    (site.out / "main/two.html").unlink()
    site.press("run")
    assert [pdf.name for pdf in site.out.rglob("*.pdf")] == ["one.pdf"]
