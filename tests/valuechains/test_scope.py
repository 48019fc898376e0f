"""Parameters: one clear line for each thing that can be wrong with them."""

import json
from pathlib import Path

import pytest

from valuechains.core import language, places, scope
from valuechains.core.errors import ParameterError
from valuechains.select import editions

GOOD = {"regions": ["Cusco", "Puno"], "start_year": 2000, "end_year": 2013}


def test_a_good_scope_is_normalised():
    assert scope.check(GOOD | {"regions": "cuzco, PUNO"}) == GOOD | {"language": "en"}
    assert scope.check(GOOD | {"start_year": "2000"})["start_year"] == 2000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"regoins": ["Cusco"]}, r"unknown 'regoins' \(did you mean regions\?\)"),
        ({"regions": ["Cusko"]}, "regions: 'Cusko' is not a department .* did you mean Cusco"),
        ({"regions": []}, "regions: none given"),
        ({"regions": ["Cusco", "Cuzco"]}, "regions: Cusco is named 2 times"),
        ({"regions": ["Perú"]}, "the whole country"),
        ({"regions": 8}, "regions: 8, expected a list"),
        ({"regions": [f"{n:02d}" for n in range(1, 10)]}, "9 given; a figure can tell at most 8"),
        ({"start_year": 2014}, "start_year: 2014 is after end_year 2013"),
        ({"start_year": "2o00"}, "start_year: '2o00' is not a year"),
        ({"start_year": True}, "start_year: True is not a year"),
        ({"end_year": 20013}, "end_year: 20013 is outside"),
        ({"language": "fr"}, "language: 'fr' is not there; there are en"),
    ],
)
def test_a_bad_parameter_is_named_in_one_line(change, message):
    with pytest.raises(ParameterError, match=message) as caught:
        scope.check(GOOD | change)
    assert "\n" not in str(caught.value)


def test_a_missing_parameter_is_named():
    with pytest.raises(ParameterError, match="end_year is missing"):
        scope.check({"regions": ["Cusco"], "start_year": 2000})


def test_a_name_that_papermill_injected_is_checked_and_an_analysts_variable_is_no_parameter():
    cells = ["", 'regions = ["Cusco"]', '# Parameters\nregoins = ["Lima"]\n']
    with pytest.raises(ParameterError, match="unknown 'regoins'"):
        scope.from_notebook(GOOD | {"language": "en", "In": cells, "regoins": ["Lima"]})
    here = scope.from_notebook(GOOD | {"language": "en", "In": ["", "x = 1"], "x": 1, "year": 2})
    assert (here.regions, here.years, here.names) == (("08", "21"), "2000–2013", ["Cusco", "Puno"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("Cusco", 2000), "expected departments, then first and last year: scope"),
        (("Cusco", "Puno"), "first and last year: scope.*; found 'Cusco', 'Puno'"),
        (("Cusko", 2000, 2013), "did you mean Cusco"),
    ],
)
def test_an_analyst_opens_a_scope_or_reads_what_is_wrong(given, message):
    here = scope.scope("cuzco", "21", 2000, 2013)
    assert (here.regions, here.years, here.language) == (("08", "21"), "2000–2013", "en")
    with pytest.raises(ParameterError, match=message):
        scope.scope(*given)


@pytest.mark.parametrize("given", [(("Junín",), 2000, 2013), (("12",), 2013, 2000), ("12", 1, 2)])
def test_a_scope_made_directly_is_checked_too(given):
    with pytest.raises(ParameterError, match=r"Scope\(.*: expected codes and two years in order"):
        scope.Scope(*given)
    for code in places.codes():
        assert scope.Scope((code,), 2000, 2001).names == [places.name(code)]


def test_a_scope_that_is_refused_leaves_the_language_as_it_was():
    def refuse(_):
        raise ParameterError("no figures")

    with pytest.raises(ParameterError, match="no figures"):
        scope.from_notebook(GOOD | {"language": "es"}, require=refuse)
    assert language.current() == "en"


@pytest.mark.parametrize("stem", ["02-coffee-prices", "03-coffee-world", "06-specialisation"])
def test_after_a_refused_region_a_notebook_keeps_the_scope_that_it_had(stem):
    path = Path(__file__).parents[2] / "notebooks" / f"{stem}.ipynb"
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]}
    variables = GOOD | {"language": "en"}
    exec(cells["scope"], variables)
    before = dict(variables)
    variables["regions"] = ["Callao"]
    with pytest.raises(ParameterError, match="Callao"):
        exec(cells["scope"], variables)
    assert variables == before | {"regions": ["Callao"]}


def test_an_unknown_language_is_refused_with_the_nearest():
    for use in (language.use, lambda name: scope.scope("Cusco", 2000, 2013, language=name)):
        with pytest.raises(ParameterError, match="language: 'de' is not there; there are en, es"):
            use("de")
        with pytest.raises(ParameterError, match="did you mean es"):
            use("esp")
    assert language.current() == "en"


def test_departments_for_editions_come_from_the_data():
    every = editions.departments()
    assert len(every) == 25 and every[:2] == ["Amazonas", "Áncash"] and "Perú" not in every
    largest = editions.largest_and_report()
    assert largest[:2] == ["Cusco", "Puno"] and len(largest) == 6
    assert set(largest[2:]) == {"Cajamarca", "San Martín", "Junín", "Amazonas"}
