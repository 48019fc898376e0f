"""Computed sentences and tables: nothing in the data becomes markup."""

import pandas as pd

from valuechains.core import language
from valuechains.core.language import listing, number, percent, short, t
from valuechains.report.story import say, table


def test_numbers_are_written_as_asked():
    assert (
        t("{a:0} of {b:2}, {c:%1}, {d}", a=1234.4, b=2, c=0.396, d=2011)
        == "1,234 of 2.00, 39.6%, 2011"
    )
    assert (number(1459903), number(-640.2, 1), percent(0.5)) == ("1,459,903", "−640.2", "50%")
    assert [short(x) for x in (1250.4, 54.83, 0.739, 0.0161, 14)] == [
        "1,250",
        "54.8",
        "0.74",
        "0.016",
        "14",
    ]
    assert listing(["Cusco", "Puno", "Junín"]) == "Cusco, Puno, and Junín"
    language.use("es")
    try:
        assert listing(["Cusco", "Puno", "Junín"]) == "Cusco, Puno y Junín"
        assert listing(["Junín", "Ica"]) == "Junín e Ica"
        assert listing(["arándano", "membrillo", "higo"]) == "arándano, membrillo e higo"
        assert listing(["agua", "hielo"]) == "agua y hielo"
    finally:
        language.use("en")


def test_values_do_not_become_markdown_or_html():
    assert say("{x}", x="<b>*a*</b>").data == r"\<b\>\*a\*\</b\>"
    html = table(
        pd.DataFrame({"a": ["<script>"], "b": [1.0]}), {"a": ("A & B", None), "b": ("n", number)}
    ).data
    assert "<script>" not in html and "&lt;script&gt;" in html and "A &amp; B" in html


def test_missing_values_are_dashes():
    html = table(
        pd.DataFrame({"a": [None], "b": [float("nan")]}), {"a": ("a", None), "b": ("b", number)}
    ).data
    assert html.count("–</td>") == 2


def test_english_is_always_there():
    assert language.available()[0] == "en"
