"""Printed figures: number styles, bounds, units, footnotes; nothing is guessed."""

import pytest
from hostile import SIGNS
from hypothesis import given
from hypothesis import strategies as st

from valuechains.core.errors import DataError
from valuechains.extract.values import interval, number, quantity

READ = {
    "en": {"118,678": 118678, "1,234.5": 1234.5, "3.10": 3.1, "-30,230": -30230},
    "es": {"1.234,5": 1234.5, "118.678": 118678, "0,684": 0.684, "251 938": 251938},
    "auto": {"1.234,5": 1234.5, "1,234,567": 1234567, "12.5": 12.5},
}
# A group of two digits or one that begins with zero, two kinds of separator, other digits.
ODD = ["1 234,567", "1,234 567", "１２", "٣"]
REFUSED = {
    "en": ["", "1,23", "1.234,5", "12,34,567", "3.1O", "1e5", "NaN", "0,123", *ODD],
    "es": ["1.234.5", "1,234.5", "1 234.567"],
    "auto": ["1,234", "1.234", "12.500"],  # could be either
}


@pytest.mark.parametrize("style", READ)
def test_number_styles(style):
    assert {text: number(text, style) for text in READ[style]} == READ[style]


@pytest.mark.parametrize(
    "style, text", [(style, text) for style in REFUSED for text in REFUSED[style]]
)
def test_number_refuses_the_other_style(style, text):
    said = "say which number style" if style == "auto" else "is not a number written like"
    with pytest.raises(DataError, match=said):
        number(text, style)


@given(st.integers(-(10**12), 10**12), st.integers(0, 3), st.sampled_from(["en", "es"]))
def test_number_round_trip(units, digits, style):
    """Any number written in a style reads back as itself in that style."""
    value = units / 10**digits
    text = f"{value:,.{digits}f}"
    if style == "es":
        text = text.translate(str.maketrans(",.", ".,"))
    assert number(text, style) == pytest.approx(value, rel=1e-12)


@given(st.text(alphabet="0123456789.,- \u00a0", max_size=12))
def test_number_never_reads_a_text_two_ways(text):
    """What `auto` accepts, no single style reads as another value."""
    try:
        found = number(text, "auto")
    except DataError:
        return
    for style in ("en", "es"):
        try:
            assert number(text, style) == found
        except DataError:
            continue


SPANISH = ("más de 50.000", "S/ 3,20", "cerca de 12,5 libras")


@pytest.mark.parametrize(
    ("text", "value", "bound", "unit"),
    [
        ("more than 50,000", 50000, "more_than", None),
        ("over 40%", 40, "more_than", "pct"),
        ("no more than 7", 7, "at_most", None),
        ("almost 30%", 30, "almost", "pct"),
        ("approximately 140 million dollars", 140e6, "about", "usd"),
        ("420 million nuevos soles", 420e6, "exact", "pen"),
        ("20 thousand tonnes", 20_000, "exact", "t"),
        ("20 mil toneladas", 20_000, "exact", "t"),
        ("hasta 1 millón", 1e6, "at_most", None),
        ("2 millones", 2e6, "exact", None),
        ("around a hundred", 100, "about", None),
        ("more than a thousand tonnes", 1000, "more_than", "t"),
        ("a hundred thousand", 100_000, "exact", None),
        ("más de cien", 100, "more_than", None),
        ("3.5 pounds/year", 3.5, "exact", "lb_per_year"),
        ("S/ 3.20", 3.2, "exact", "pen"),
        ("S/. 3.20", 3.2, "exact", "pen"),
        ("US$ 850", 850, "exact", "usd"),
        ("12 kg", 12, "exact", "kg"),
        ("5 lb", 5, "exact", "lb"),
        ("251,938 1/", 251938, "exact", None),
        ("251,938 p/", 251938, "exact", None),
        ("251,938*", 251938, "exact", None),
        (">50,000", 50000, "more_than", None),
        ("-", None, "exact", None),
        ("n.d.", None, "exact", None),
        ("…", None, "exact", None),
        ("", None, "exact", None),
        ("- 1/", None, "exact", None),
        ("más de 50.000", 50000, "more_than", None),
        ("S/ 3,20", 3.2, "exact", "pen"),
        ("cerca de 12,5 libras", 12.5, "about", "lb"),
    ],
)
def test_quantity(text, value, bound, unit):
    found = quantity(text, "es" if text in SPANISH else "en")
    assert (found.value, found.bound, found.unit) == (value, bound, unit)


@pytest.mark.parametrize(
    "text",
    ["50,000 heads", "fifty", "12341/", "3.5 pounds per", "more", "over", "p/", "*", "s/", "5 t/"],
)
def test_quantity_refuses_what_it_can_not_read(text):
    with pytest.raises(DataError):
        quantity(text)


@given(st.text(f"{SIGNS}\n\0", max_size=20))
def test_quantity_reads_or_refuses(text):
    """Any text is a figure, missing, or a DataError: nothing else escapes."""
    try:
        found = quantity(text)
    except DataError:
        return
    assert found.value is None or isinstance(found.value, float)


def test_interval():
    assert interval("10-15") == (10, 15)
    assert interval("22.5") == (22.5, 22.5)
    with pytest.raises(DataError, match="falls"):
        interval("15-10")
    with pytest.raises(DataError):
        interval("5-")
