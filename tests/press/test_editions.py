"""What is written in reports.yml is checked before anything runs."""

import copy
import json
import os
import re

import pytest
import yaml
from toys import cells_to_json

from press.job import CollectionError, slugify
from press.plan import caption, make

A = "{name: a, title: T, notebooks: [one], %s}"
HEAD = 'title: T\ncaption: "{regions} · {start_year}"\ncheck: toyscope:check\neditions:\n'


def plan(toy, editions, asked=None):
    toy.reports(HEAD + editions)
    return make(toy.root / "notebooks/reports.yml", asked)


@pytest.fixture(autouse=True)
def _importable(toy, monkeypatch):
    monkeypatch.syspath_prepend(toy.root / "lib")
    for name in ("toyscope", "toylib"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("{name: a, title: T}", ["edition a", "notebooks is missing"]),
        ("{title: T, notebooks: [one]}", ["edition 1: name is missing"]),
        ("{name: 'A b', title: T, notebooks: [one]}", ["edition A b", "name", "'A b'"]),
        ("{name: ../up, title: T, notebooks: [one]}", ["edition ../up", "name"]),
        ("{name: a, title: T, notebooks: [../one]}", ["edition a", "notebook 1", "../one"]),
        ("{name: a, title: 3, notebooks: [one]}", ["edition a", "title", "string", "3"]),
        (A % "parameters: {regions: [1]}", ["regions", "expected list[str]", "[1]"]),
        (A % "parameters: {start_year: 3000}", ["edition a", "expected a year up to 2100"]),
        (A % "for_each: {regions: 5}", ["edition a", "for_each", "module:function"]),
        (A % "for_each: {regions: 'toyscope:none'}", ["edition a", "toyscope:none"]),
        (A % "for_each: {regions: ['Á', 'A']}", ["edition a", "two reports named a/one-a"]),
        ("{name: a, title: T, notebooks: [one", ["not YAML"]),
        ("!!python/object/apply:os.getcwd []", ["not YAML"]),
        (A % "parameters: {start_year: 010}", ["not YAML: line 5", "'010': expected a number"]),
        (A % "parameters: {start_year: 20:01}", ["'20:01': expected a number as 10, or text"]),
        (A % "parameters: {start_year: 2020-02-30}", ["not YAML: line 5", "'2020-02-30'", "day"]),
        (A % "parameters: {start_year: !!bool maybe}", ["not YAML: line 5", "'maybe'"]),
        (A % "parameters: {[a]: 1}", ["line 5: the key 'sequence': expected text, in quotes"]),
        (A % "parameters: {note: 2020-01-02}", ["edition a: parameters: note", "date in quotes"]),
        (A % "parameters: {note: .nan}", ["edition a: parameters: note", "numbers", "nan"]),
        (A % "for_each: {note: [2020-01-02]}", ["edition a: for_each.note", "date in quotes"]),
        (A % "parameters: {start_year: &a [*a]}", ["not YAML: line 5", "no alias"]),
        (A % f"parameters: {{note: {'[' * 30}{']' * 30}}}", ["not YAML: line 5", "20 levels"]),
        (A % f"parameters: {{start_year: {'9' * 5000}}}", ["not YAML: line 5", "'999", "…"]),
        (A % f"parameters: {{start_year: {'x' * 90_000}}}", ["expected a number, got 'xxx", "…"]),
        (A % f"{'k' * 900}: 1", ["edition a: unknown key", "kkk", "…"]),
        (
            A % "index_table: [{label: L, finding: f, value: v, digits: 7}]",
            ["edition a: index_table", "digits", "less than or equal to 6", "7"],
        ),
    ],
)
def test_error_is_one_line_that_names_the_place(toy, edition, expected):
    with pytest.raises(CollectionError) as caught:
        plan(toy, f" - {edition}\n")
    line = str(caught.value)
    assert "\n" not in line and len(line) < 500
    assert "reports.yml" in line
    for part in expected:
        assert part in line


def test_jobs_of_lists_functions_and_calls(toy):
    jobs = plan(
        toy,
        """
  - {name: each, title: E, notebooks: [one], for_each: {regions: "toyscope:all_regions"}}
  - {name: called, title: C, notebooks: [one], parameters: {regions: {call: "toyscope:largest"}}}
  - {name: years, title: Y, notebooks: [two], for_each: {start_year: [2001, 2002]}}
""",
    ).jobs
    assert [job.slug for job in jobs] == [
        "each/one-ancash",
        "each/one-puno",
        "called/one",
        "years/two-2001",
        "years/two-2002",
    ]
    assert jobs[0].parameters == {"regions": ["Áncash"], "start_year": 2000, "note": "n"}
    assert jobs[2].parameters["regions"] == ["Junín"]
    assert jobs[4].parameters == {"start_year": 2002}
    assert (jobs[0].title, jobs[0].caption) == ("Áncash: First question", "Áncash · 2000")


def test_publications_that_are_missing_stop_the_plan_and_are_named_from_the_project(toy):
    toy.editions(
        "name: e, title: E, notebooks: [one]", head="title: T\npublications: ../data/p.csv"
    )
    said = toy.press("run", expect=2)
    where = "notebooks/reports.yml: publications: notebooks/../data/p.csv"
    assert said == f"error: {where}: No such file or directory\n"


def test_set_makes_one_more_edition_from_text(toy):
    edition = " - {name: puno, title: T, notebooks: [one, two], parameters: {start_year: 1}}\n"
    jobs = plan(toy, edition, {"regions": "puno, cusco", "start_year": "2005"}).jobs
    assert [job.slug.partition("/")[2] for job in jobs[2:]] == ["one", "two"]
    assert jobs[2].edition == jobs[3].edition and jobs[2].edition.startswith("puno-cusco-2005-")
    assert jobs[2].parameters == {"regions": ["Puno", "Cusco"], "start_year": 2005, "note": "n"}
    assert jobs[2].adhoc and jobs[2].caption == "Puno, Cusco · 2005"
    # the same in other words is the same edition
    assert plan(toy, edition, {"start_year": "2005", "regions": "PUNO,Cusco"}).jobs == jobs
    # long names keep what tells them apart
    many = ",".join(f"Region number {n}" for n in range(9))
    names = {
        plan(toy, edition, {"regions": many, "start_year": year}).jobs[-1].edition
        for year in ("2001", "2002")
    }
    assert len(names) == 2
    # and so do those that their letters and digits don't tell apart
    for name, values in {"start_year": ("5", "-5", "0.5"), "note": ("a", "b")}.items():
        own = [plan(toy, edition, {name: value}).jobs[-1].edition for value in values]
        assert len(set(own)) == len(own), own


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"start_year": "x"}, "--set: one: start_year: expected a number, got 'x'"),
        ({"start_year": "1e999"}, "--set: one: start_year: expected a number, got '1e999'"),
        ({"start_year": "3000"}, "--set: start_year: expected a year up to 2100"),
    ],
)
def test_set_errors(toy, asked, expected):
    with pytest.raises(CollectionError, match=re.escape(expected)):
        plan(toy, " - {name: a, title: T, notebooks: [one]}\n", asked)


ANNOTATED = """
regions: list[str] = ["Puno"]  # departments, by name
limit: int | None = None  # rows at most
share: float = 1  # of the total
kind: "Literal['a', 'b']" = "a"
class_: Literal[1, 2] = 1
pair: tuple[int, int] = (1, 2)
ratio = 1
free = None
%matplotlib inline
names: "list" = []
signs = {"+", "-"}
mark = b"x"
endless = 1e999
"""


def test_the_annotation_of_a_parameter_decides(toy):
    toy.notebook("one", [("parameters", ANNOTATED), ("code", "limit")])
    head = " - {name: a, title: T, notebooks: [one], parameters: {%s}}\n"
    for good in (
        *("limit: 5", "limit: null", "share: 0.5", "share: 2", "names: [a, 1]", "kind: b"),
        *("ratio: 0.5", "ratio: 2", "free: x", "free: 0.5"),
    ):
        name, value = next(iter(yaml.safe_load(f"{{{good}}}").items()))
        assert plan(toy, head % good).jobs[0].parameters[name] == value
    for bad, expected in [
        ("limit: '5'", "limit: expected int | None, got '5'"),
        ("limit: 0.5", "limit: expected int | None, got 0.5"),
        ("share: true", "share: expected float, got True"),
        ("kind: c", "kind: expected Literal['a', 'b'], got 'c'"),
        ("ratio: true", "ratio: expected a number, got True"),
        ("ratio: '5'", "ratio: expected a number, got '5'"),
        ("regions: Puno", "regions: expected list[str], got 'Puno'"),
    ]:
        with pytest.raises(CollectionError, match=re.escape(expected)):
            plan(toy, head % bad)
    for text, value in {
        **{"limit=5": 5, "limit=None": None, "share=0.5": 0.5, "regions=a, b": ["A", "B"]},
        "regions=[a, 'b']": ["A", "B"],
        **{"ratio=0.5": 0.5, "ratio=2": 2, "free=5": 5, "free=0.5": 0.5, "free=NO": "NO"},
        **{"free=true": True, "free=None": None, "free=a,b": "a,b", "names=a, 1": ["a", "1"]},
        **{"class_=2": 2, "pair=3,4": [3, 4]},
    }.items():
        name, _, written = text.partition("=")
        asked = plan(toy, head % "", {name: written}).jobs[-1]
        assert asked.parameters[name] == value and type(asked.parameters[name]) is type(value), text


BOOK = json.loads(cells_to_json([("markdown", "# T"), ("parameters", "a = 1"), ("code", "a")]))


OLD = {"name": "python", "version": "2.7.16"}


def changed(*path, to):
    """The text of a notebook in which one value is another."""
    book = copy.deepcopy(BOOK)
    inner = book
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(book)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 100_000, "not a notebook that can be read"),
        (changed("cells", 1, "cell_type", to="kode"), "cell 2: cell_type: "),  # it would vanish
        ("[1]", "the file: "),
        ("{}", "nbformat is missing"),
        (changed("nbformat", to=3), "nbformat: Input should be 4, got 3"),
        (changed("cells", to={}), "cells: "),
        (changed("cells", 0, to=5), "cell 1: "),
        (changed("cells", 0, "source", to=5), "cell 1: source: "),
        (changed("cells", 0, "attachments", to={"a.png": 5}), "cell 1: attachments"),
        (changed("cells", 1, "source", to="a = '\ud800'"), "cell 2: half a character"),
        (changed("cells", 1, "metadata", "tags", to=5), "cell 2: metadata"),
        (changed("metadata", to={"kernelspec": {"name": "ir"}}), "ir (kernel ir): only Python"),
        (changed("metadata", to={"language_info": {"name": "julia"}}), "julia (kernel unknown)"),
        (changed("metadata", to={"kernelspec": {"name": "python2"}}), "python2 2 (kernel python2)"),
        (changed("metadata", "language_info", to=OLD), "python 2 (kernel python3): only Python 3"),
        (None, "expected a regular file"),
    ],
)
def test_what_is_no_notebook_of_python_is_refused(toy, text, expected):
    path = toy.root / "notebooks/one.ipynb"
    if text is None:  # a named pipe, which would be waited for
        path.unlink()
        os.mkfifo(path)
    else:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CollectionError) as caught:
        plan(toy, " - {name: a, title: T, notebooks: [one]}\n")
    line = str(caught.value)
    assert line.startswith(f"{path}: ") and expected in line and "\n" not in line
    assert len(line) < 500


def test_slugs_and_captions():
    assert slugify("Áncash & Junín/../x") == "ancash-junin-x"
    assert caption("{regions} · {a}–{b}", {"regions": ["Cusco", "Puno"], "a": 1, "b": 2}) == (
        "Cusco, Puno · 1–2"
    )
    assert caption("{x.__class__} {y}", {"x": 1, "y": "ok"}) == "{x.__class__} ok"


def test_error_stops_everything_before_anything_is_touched(toy):
    toy.reports(HEAD + " - {name: a, title: T, notebooks: [one], parameters: {starts: 1}}\n")
    said = toy.press("run", expect=2)
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert not toy.out.exists()
    assert toy.press("run", "--set", "nonsense", expect=2).startswith("error: ")
    assert "run makes one" in toy.press("stale", "--set", "start_year=1", expect=2)


def test_a_link_leads_to_the_edition_that_is_most_alike(toy):
    link = ("markdown", "# Two\n\n[one](one.ipynb)")
    toy.notebook("two", [link, ("parameters", "start_year = 2000\nregions = ['Cusco']")])
    editions = "".join(
        f"  - {{name: {name}, title: T, notebooks: [{stem}], parameters: {{start_year: {year}}}}}\n"
        for name, stem, year in (
            ("early", "one", 2001),
            ("late", "one", 2005),
            ("like-late", "two", 2005),
            ("like-none", "two", 2008),
        )
    )
    pages = {job.edition: job.frame["pages"] for job in plan(toy, editions).jobs}
    assert pages["like-late"] == {"one": "late/one"}
    assert pages["like-none"] == {"one": "early/one"}


def test_a_link_leads_to_the_edition_that_has_the_report_s_region(toy):
    link = ("markdown", "# Two\n\n[one](one.ipynb)")
    for stem, cell in (("one", ("markdown", "# One")), ("two", link)):
        toy.notebook(stem, [cell, ("parameters", "start_year = 2000\nregions = ['Cusco']")])
    editions = """
  - {name: pair, title: T, notebooks: [one], parameters: {regions: [Cusco, Puno]}}
  - {name: all, title: T, notebooks: [one], parameters: {start_year: 1990, regions: [Cusco, Lima]}}
  - {name: each, title: T, notebooks: [two], for_each: {regions: [[Puno], [Lima], [Ica]]}}
"""
    jobs = [job for job in plan(toy, editions).jobs if job.edition == "each"]
    assert [job.frame["pages"]["one"] for job in jobs] == ["pair/one", "all/one", "pair/one"]


@pytest.mark.parametrize("magic", ["%%time", "\n%%capture kept"])
def test_parameters_below_a_cell_magic_that_runs_them_are_taken(toy, magic):
    toy.notebook("one", [("parameters", f"{magic}\na = 1"), ("code", "print('a is', a)")])
    toy.editions("name: e, title: E, notebooks: [one], parameters: {a: 5}")
    toy.press("run")
    assert "a is 5" in toy.page("e/one")
