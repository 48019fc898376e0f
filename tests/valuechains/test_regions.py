"""Department names resolve exactly, never by guess."""

from contextlib import suppress

import pytest
from hostile import SIGNS
from hypothesis import given, settings
from hypothesis import strategies as st

from valuechains.core import countries, places
from valuechains.core.errors import DataError, ParameterError


def test_there_are_24_departments_and_callao():
    assert places.codes() == tuple(f"{n:02d}" for n in range(1, 26))
    assert [places.name(code) for code in ("08", "21", "07", "00")] == [
        "Cusco", "Puno", "Callao", "Perú",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Cuzco", "08"), ("QOSQO", "08"), (" cusco ", "08"), ("08", "08"), ("Ancash", "02"),
        ("APURÍMAC", "03"), ("huanuco", "10"), ("San  Martin", "22"), ("Nacional", "00"),
    ],
)  # fmt: skip
def test_resolve(text, code):
    assert places.resolve(text) == code


@given(
    st.sampled_from(places.codes()), st.sampled_from([str.upper, str.lower, str.title, places.fold])
)
def test_case_and_accents_do_not_matter(code, change):
    assert places.resolve(change(places.name(code))) == code


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Cusko", "did you mean Cusco"),
        ("cafere de Dios", "did you mean Madre de Dios"),
        ("", "there are"),
        ("Lima Metropolitana", "is not a department"),
        ("8", "is not a department"),
        ("26", "there are"),
    ],
)
def test_unknown_names_are_refused_with_candidates(text, hint):
    with pytest.raises(ParameterError, match=hint):
        places.resolve(text)


@given(st.text(f"{SIGNS}\n\0", min_size=1, max_size=12))
@settings(max_examples=30)
def test_any_other_text_is_refused(text):
    with suppress(ParameterError):
        assert places.name(places.resolve(text))


def test_joint_areas():
    assert places.resolve_all("Puno, Cusco, Huancavelica and Junín") == "08+09+12+21"
    assert places.resolve_all("Puno + Cusco") == "08+21"


def test_countries():
    assert countries.from_m49("076") == "BRA"
    assert countries.from_m49("76") == "BRA"
    assert countries.from_name("Viet Nam") == countries.from_name("Vietnam") == "VNM"
    assert countries.from_name("South Korea") == "KOR"
    assert countries.display("KOR", "es") == "Corea del Sur"
    with pytest.raises(DataError, match="did you mean"):
        countries.from_name("Germny")
    with pytest.raises(DataError, match="M49"):
        countries.from_m49("001")


@pytest.mark.parametrize("wrong", [8, None, ["Cusco"], 8.0, b"Cusco", True])
def test_what_is_no_text_is_refused_in_one_line(wrong):
    for function in (places.resolve, places.resolve_all, places.name):
        with pytest.raises(ParameterError, match=r"is not a department"):
            function(wrong)
    with pytest.raises(DataError, match="is not a country"):
        countries.from_name(wrong)
    assert not countries.is_known(wrong)
