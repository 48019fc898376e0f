"""The committed notebooks: as the reports are made, in both languages, with everything told.

`make reports` has executed every notebook already; what it made is compared here instead of
executing them again (ordinary kernels run two of them, and the lab's, in `make test`, by nbval).
"""

import ast
import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from html import unescape
from pathlib import Path

import pytest

from press.catalogue import extract
from press.translate import messages
from valuechains.audit.claims import VERDICTS
from valuechains.audit.words import called

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "lib" / "valuechains" / "locale" / "es.po"
# Those of the lab are in no report and have no Spanish; the explorer lives only in a kernel.
LAB = ("tour", "explore")
NOTEBOOKS = [p for p in sorted((ROOT / "notebooks").glob("*.ipynb")) if p.stem not in LAB]
PLACEHOLDER = re.compile(r"\{[^}]*\}")
DEFAULTS = {"regions": ["Cusco", "Puno"], "start_year": 2000, "end_year": 2013, "language": "en"}
# The profile is of the edition of today; a page with another number of figures than four or more.
TODAY = "10-department-profile"
FEWEST_FIGURES = {"09-report-audit": 1, TODAY: 2, "12-growth-and-structure": 3}
FEWEST_FIGURES |= {"13-did-nearness-predict": 1, "method-survey-estimates": 1}
GLOSSARY = "method-glossary"
FEWEST_FIGURES |= {GLOSSARY: 0}
TEXTS = ("text/markdown", "text/html", "text/plain")
of_each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_of(path):
    """Return the code cells of a notebook by their ids, in order; numbers to ten digits.

    Another numpy, as Python 3.12 has it, or `ruff format`, changes the last bit of some numbers.
    """
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\d+\.\d{9,}(e-\d+)?", lambda found: f"{float(found[0]):.10g}", text)
    cells = json.loads(text)["cells"]
    code = {cell["id"]: cell for cell in cells if cell["cell_type"] == "code"}
    code.pop("injected-parameters", None)
    return code


def is_method_page(path):
    return path.stem.startswith("method-")


def edition_of(path):
    """Return the edition that has a notebook with its default parameters."""
    return "methods" if is_method_page(path) else "today" if path.stem == TODAY else "eu-peru"


@pytest.fixture(scope="session")
def made():
    """Make the reports that are not up to date; a function: notebook, language → the report."""
    done = subprocess.run(
        [sys.executable, "-m", "press", "run"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr

    def report(path, language="en"):
        suffix = "" if language == "en" else f"-{language}"
        return code_of(ROOT / "reports" / f"{edition_of(path)}{suffix}" / path.name)

    return report


def shown(cell):
    """Return what a cell shows but for the bytes of pictures, which fonts may change.

    A picture is PNG in a committed notebook; in a report it is SVG, which has an image in HTML too.
    """
    outputs = []
    for output in cell["outputs"]:
        is_picture = any(kind.startswith("image/") for kind in output["data"])
        kinds = ("text/plain",) if is_picture else TEXTS
        data = {kind: content for kind, content in output["data"].items() if kind in kinds}
        about = output["metadata"].items()
        # Only an SVG has frames.
        told = {re.sub("^image/.*", "picture", kind): x for kind, x in about if kind != "frames"}
        outputs.append((data, told))
    return outputs


@of_each_notebook
def test_a_legend_of_verdicts_names_every_mark(path):
    marks = {called(verdict)[0] for verdict in VERDICTS if verdict != "unchecked"}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        assert "the mark of its verdict" not in text or marks <= set(text), path.name


@of_each_notebook
def test_a_committed_notebook_shows_what_the_report_shows(path, made):
    committed, report = code_of(path), made(path)
    assert list(committed) == list(report)
    for name, cell in committed.items():
        assert shown(cell) == shown(report[name]), f"{path.name}, {name}: run `make notebooks`"


@of_each_notebook
def test_a_notebook_is_as_it_was_run(path):
    code = list(code_of(path).values())
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        assert not [out for out in cell["outputs"] if out["output_type"] in ("error", "stream")]
    assert code[0]["metadata"]["tags"] == ["parameters"]
    parameters = ast.parse("".join(code[0]["source"])).body
    wanted = {"language": "en"} if is_method_page(path) else DEFAULTS
    if path.stem == TODAY:
        wanted = DEFAULTS | {"end_year": 2025}
    assert {node.target.id: ast.literal_eval(node.value) for node in parameters} == wanted
    assert all(isinstance(node, ast.AnnAssign) for node in parameters)  # papermill reads the types


@of_each_notebook
def test_every_figure_has_words_and_data(path):
    outputs = [out for cell in code_of(path).values() for out in cell["outputs"]]
    figures = [out for out in outputs if "image/png" in out.get("data", {})]
    assert len(figures) >= FEWEST_FIGURES.get(path.stem, 4)
    for output in figures:
        assert len(output["metadata"]["image/png"]["alt"]) > 60
        assert output["metadata"]["image/png"]["width"] < 700
        header, *rows = csv.reader(io.StringIO(output["metadata"]["data"]["data"]))
        assert rows and all(len(row) == len(header) for row in rows)


@of_each_notebook
def test_a_notebook_has_headline_findings(path):
    outputs = [out for cell in code_of(path).values() for out in cell["outputs"]]
    findings = [out["metadata"]["finding"] for out in outputs if "finding" in out["metadata"]]
    keys = [finding["key"] for finding in findings]
    assert len(keys) == len(set(keys))
    headlines = [finding for finding in findings if finding["headline"]]
    fewest = 0 if path.stem == GLOSSARY else 1 if is_method_page(path) else 3
    assert fewest <= len(headlines) <= 5


def digits(text):
    """Return the numbers that a message has in digits, whatever stands between them."""
    return Counter(re.findall(r"\d+", unicodedata.normalize("NFKC", text)))  # km² is km2


def test_every_message_is_translated_with_its_placeholders():
    found, known = extract(ROOT / "notebooks" / "reports.yml"), messages(CATALOGUE)
    assert not set(found) - set(known), "run `python -m press catalogue` and translate"
    assert not set(known) - set(found), "run `python -m press catalogue`"
    for english, spanish in known.items():
        assert Counter(PLACEHOLDER.findall(english)) == Counter(PLACEHOLDER.findall(spanish)), (
            english
        )
        assert digits(english) == digits(spanish), english
        if english.startswith(("#", "-")):
            assert re.match(r"[#-]+", english)[0] == re.match(r"[#-]+", spanish)[0]
            assert english.count("\n- ") == spanish.count("\n- ")


def numbers(cell):
    """Return the numbers that a cell shows, in whatever order its sentences have them."""
    texts = []
    for data, metadata in shown(cell):
        kinds = [kind for kind in TEXTS if kind in data][:1]
        texts += ["".join(data[kind]) for kind in kinds]
        texts += [part["alt"] for part in metadata.values() if "alt" in part]
    return Counter(re.findall(r"[−+]?\d[\d,.]*\d|\d", unescape("\n".join(texts))))


def values(cell):
    """Return the numbers of a cell's findings."""
    found = {}
    for _, metadata in shown(cell):
        record = metadata.get("finding", {"key": "", "values": {}})
        found[record["key"]] = {
            name: value for name, value in record["values"].items() if not isinstance(value, str)
        }
    return found


@of_each_notebook
def test_numbers_do_not_depend_on_the_language(path, made):
    english, spanish = made(path), made(path, "es")
    assert list(english) == list(spanish)
    for name, cell in english.items():
        assert numbers(cell) == numbers(spanish[name]), name
        assert values(cell).keys() == values(spanish[name]).keys()


def cells_of_tables(report):
    """Return the cells of a report's tables that begin with a small letter: words, no names."""
    outputs = [output for cell in report.values() for output in cell["outputs"]]
    pages = "".join("".join(output["data"].get("text/html", "")) for output in outputs)
    cells = {unescape(cell).strip(" *†") for cell in re.findall(r"<td[^>]*>([^<]*)<", pages)}
    return {cell for cell in cells if cell[:1].islower()}


@of_each_notebook
def test_a_word_in_a_table_is_translated(path, made):
    known = messages(CATALOGUE)
    alike = cells_of_tables(made(path)) & cells_of_tables(made(path, "es"))
    assert {word for word in alike if known.get(word) != word} == set()


@of_each_notebook
def test_the_spanish_page_is_spanish(path, made):
    made(path)
    edition = f"{edition_of(path)}-es"
    cells = json.loads((ROOT / "reports" / edition / path.name).read_text(encoding="utf-8"))[
        "cells"
    ]
    words = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    words = re.sub(r"\]\([^)]*\)", "]", words)  # an address is no word
    assert not re.search(r"\b(the|and|of|which|where)\b", words)
