"""Computed sentences, findings and tables: nothing in the data becomes markup."""

import json
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

from valuechains.core import language
from valuechains.core.errors import DataError
from valuechains.core.language import listing, number, percent, short, t
from valuechains.report import finding, say, short_names, table


def test_numbers_are_written_as_asked():
    words = t("{a:0} of {b:2}, {c:%1}, {d}", a=1234.4, b=2, c=0.396, d=2011)
    assert words == "1,234 of 2.00, 39.6%, 2011"
    assert (number(1459903), number(-640.2, 1), percent(0.5)) == ("1,459,903", "−640.2", "50%")
    # A half goes up, as in a spreadsheet, also where its binary fraction lies below it.
    assert [number(x, 2) for x in (0.125, 2.665, -1.005)] == ["0.13", "2.67", "−1.01"]
    assert percent(0.625) == "63%"
    found = [short(x) for x in (1250.4, 54.83, 0.739, 0.0161, 14)]
    assert found == ["1,250", "54.8", "0.74", "0.016", "14"]
    assert listing(["Cusco", "Puno", "Junín"]) == "Cusco, Puno and Junín"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ("Cusco Puno Junín", "Cusco, Puno y Junín"),
        ("Junín Ica", "Junín e Ica"),
        ("arándano membrillo higo", "arándano, membrillo e higo"),
        ("agua hielo", "agua y hielo"),
    ],
)
def test_lists_read_well_in_spanish(items, words):
    language.use("es")
    try:
        assert listing(items.split()) == words
    finally:
        language.use("en")


def test_a_finding_knows_its_key_its_words_and_its_values():
    lead = namedtuple("Lead", ["region", "years"])("21", np.int64(8))
    sentence = "{region} ahead in {years} of {all} years"
    one = finding("ahead", sentence, lead, headline=True, all=14)
    assert str(one) == one.text == "Puno ahead in 8 of 14 years" and one.headline
    data, metadata = one._repr_mimebundle_()
    assert data == {"text/markdown": one.text, "text/plain": one.text}
    assert metadata == {"finding": one.record}
    values = {"region": "21", "years": 8, "all": 14}
    record = {"key": "ahead", "sentence": sentence, "text": one.text, "values": values}
    assert json.loads(json.dumps(one.record)) == record | {"headline": True}
    two = finding("k", "{regions}: {x:%1}", regions=["08", "21"], x=0.5)
    assert str(two) == "Cusco and Puno: 50.0%"


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, [], [1, None]])
def test_a_finding_without_all_its_values_is_none(value):
    assert finding("k", "{x}", x=value) is None
    assert finding("k", "{x}", {"x": 0}) is not None


def test_values_do_not_become_markdown_or_html():
    said = say("**{x}**", x="<b>*a*</b>")._repr_mimebundle_()[0]
    assert said == {"text/markdown": r"**\<b\>\*a\*\</b\>**", "text/plain": "<b>*a*</b>"}
    frame = pd.DataFrame({"a": ["<script>"], "b": [1.0]})
    data, metadata = table(frame, {"a": "A & B", "b": ("n", "0")}, "<i>")._repr_mimebundle_()
    html = data["text/html"]
    escaped = ("&lt;script&gt;", "A &amp; B", "<caption>&lt;i&gt;</caption>")
    assert "<script>" not in html and all(text in html for text in escaped)
    assert data["text/plain"] == "<i>\nA & B | n\n<script> | 1"
    assert metadata["data"]["data"] == "a,b\n<script>,1.0\n"


def test_a_table_keeps_its_sources_and_the_finding_that_is_its_caption():
    frame = pd.DataFrame({"a": [1], "source": ["book"], "origin": ["book/a.csv:2"], "b": [2]})
    ahead = finding("ahead", "{x} ahead", x="A", headline=True)
    data, metadata = table(frame, {"a": "a"}, ahead)._repr_mimebundle_()
    assert "<caption>A ahead</caption>" in data["text/html"] and "book" not in data["text/html"]
    assert metadata["finding"] == ahead.record
    assert metadata["data"]["data"] == "a,source,origin\n1,book,book/a.csv:2\n"


def test_a_computed_table_names_the_files_and_rows_of_what_it_was_computed_from():
    rows = ["book/a.csv:2 book/a.csv:3", "book/b.csv:4+5+9 book/b.csv:3", None, "letter"]
    _, metadata = table(pd.DataFrame({"a": [1]}), {"a": "a"}, sources=rows)._repr_mimebundle_()
    assert metadata["data"]["sources"] == [
        {"title": "book", "path": "book/a.csv", "rows": "2 3"},
        {"title": "book", "path": "book/b.csv", "rows": "4+5+9 3"},
        {"title": "letter"},
    ]


def test_missing_values_are_dashes_and_numbers_are_right_aligned():
    frame = pd.DataFrame({"a": [None], "b": [float("nan")], "c": ["08"], "d": [0.25]})
    columns = {"a": "a", "b": ("b", "2"), "c": ("c", "name"), "d": ("d", "+%1")}
    html = table(frame, columns)._repr_html_()
    assert html.count("–</td>") == 2
    assert 'text-align:left">Cusco</td>' in html and 'text-align:right">+25.0%</td>' in html
    schema = table(frame, columns, key=["c"])._repr_mimebundle_()[1]["data"]["schema"]
    assert schema["primaryKey"] == ["c"] and schema["fields"][2]["title"] == "c"
    assert [field.get("tolerance") for field in schema["fields"]] == [None, 0.005, None, 0.0005]
    with pytest.raises(DataError, match="a table has no column 'x'"):
        table(frame, {"x": "x"})


def test_names_of_sources_and_english_are_always_there():
    assert short_names(["faostat_qcl_2026", "my count"]) == ["FAOSTAT 2026", "my count"]
    assert language.available()[0] == "en"
