"""Declared corrections: they expect a value, say what they change, and leave the raw file alone."""

import pytest
import yaml
from published import linked

from valuechains.core.errors import DataError
from valuechains.extract.corrections import correct
from valuechains.extract.ledger import Ledger
from valuechains.extract.raw import read_table
from valuechains.extract.sidecar import CORRECTIONS
from valuechains.tables import build as making

TEXT = "department,head,year\nCusco,1.234,2012\nPunno,50,2012\nTotal,1284,2012\n"


@pytest.fixture
def corrected(tmp_path):
    def make(*corrections):
        path = tmp_path / "demo" / "herds.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(TEXT, encoding="utf-8")
        beside = path.with_name("herds.csv.corrections.yml")
        beside.write_text(yaml.safe_dump({"corrections": list(corrections)}), encoding="utf-8")
        return correct(read_table(path), beside)

    return make


def one(**changed):
    return {
        "rows": [2], "column": "head", "action": "override", "expected": "1.234",
        "value": "1234", "reason": "a point for thousands",
    } | changed  # fmt: skip


def without(*fields, **changed):
    return {name: value for name, value in one(**changed).items() if name not in fields}


def test_each_action(corrected):
    table = corrected(
        one(),
        one(rows=[3], column="department", action="override", expected="Punno", value="Puno"),
        one(rows=[3], expected="50", value=5),
        without("value", rows=[4], action="drop", expected="1284", reason="the sum"),
        without("value", rows=[2], column="year", action="flag", expected="2012"),
    )
    assert table.frame.to_dict("index") == {
        2: {"department": "Cusco", "head": "1234", "year": "2012"},
        3: {"department": "Puno", "head": "5", "year": "2012"},
    }
    assert table.rejected == {4: "correction: the sum"}
    assert list(table.whole.index) == [2, 3, 4]  # the account still knows the dropped row
    assert [(r.row, r.column, r.action, r.was, r.now) for r in table.repairs] == [
        (2, "head", "override", "1.234", "1234"),
        (3, "department", "override", "Punno", "Puno"),
        (3, "head", "override", "50", "5"),
        (4, "head", "drop", "1284", ""),
        (2, "year", "flag", "2012", "2012"),
    ]


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (one(expected="1"), "correction 1: herds.csv, row 2, column 'head' holds '1.234'.*'1'"),
        (one(rows=[9]), "herds.csv has no row 9"),
        (one(rows=["2"]), "herds.csv has no row '2'"),
        (without("value", action="drop", rows=[2, 2]), "one stands twice"),
        (one(column="heads"), r"no column 'heads' \(did you mean head\?\)"),
        (one(action="delete"), "action 'delete', expected 'drop', 'override'"),
        (one(reason=""), "reason '', expected text"),
        (without("reason"), "fields missing: reason"),
        (one(reason="=1+1"), "reason '=1.1', expected text .* that does not begin with ="),
        (one(value="@sum"), "value '@sum', expected text .* that does not begin with ="),
        (one(rows=[2, 2]), r"correction 1: rows \[2, 2\]: one stands twice, expected each once"),
        (without("rows"), "fields missing: rows"),
        (one(rows=[True]), "rows 0 int True, expected a list of rows"),
        (one(reason=False), "reason False, expected text"),  # written: no
        (without("expected"), "fields missing: expected"),
        (without("value"), "override with value None"),
        (one(action="drop"), "drop with value '1234'"),
        (one(rows=2), "rows 2, expected a list"),
        (one(rows=[[2]]), r"rows 0 int \[2\], expected a list of rows: a number, or a place"),
        (one(action=["drop"]), r"action \['drop'\].*expected 'drop', 'override'"),
        (one(note="x"), "unknown field 'note'; there are rows, column"),
        (one(action="scale"), "action 'scale', expected 'drop', 'override'"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(corrected, correction, message):
    with pytest.raises(DataError, match=message):
        corrected(correction)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "a: 1",
        "a: [",
        "corrections: []",
        "corrections: {a: 1}",
        "corrections: [1]",
        "corrections: [{rows: [2], rows: [3]}]",
        "corrections: [{expected: 2020-13-01}]",
    ],
)
def test_a_file_of_corrections_that_is_none(tmp_path, text):
    path = tmp_path / "herds.csv"
    path.write_text(TEXT, encoding="utf-8")
    beside = tmp_path / "herds.csv.corrections.yml"
    beside.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"herds.csv.corrections.yml.*(expected|not YAML|unknown)"):
        correct(read_table(path), beside)


def test_its_effect_stands_in_the_processed_tables(tmp_path):
    file = "midagri_anuario_2022/coffee.csv"
    root = linked(tmp_path / "raw", "midagri_anuario_2022")
    # Puno 2022: 13.9907 soles; the correction and its reason are made up for this test.
    lines = (root / file).read_text(encoding="utf-8").splitlines()
    row = next(n for n, text in enumerate(lines, 1) if text.startswith("Puno"))
    price = lines[row - 1].split(",")[4]
    given = one(rows=[row], column="Precio en chacra (S/. / kg)", expected=price, value="14")
    beside = root / (file + CORRECTIONS)
    beside.write_text(yaml.safe_dump({"corrections": [given]}), encoding="utf-8")
    build = making.Build(Ledger(root))
    build["coffee_regional"]
    told = making.with_effects(build.ledger.repairs(), build)
    told = told.query("action == 'override'").squeeze()
    assert told[["file", "row", "was", "now"]].tolist() == [file, str(row), price, "14"]
    expected = f"21, 2022, midagri_anuario_2022: {price} without it, 14 with it"
    assert told["effect"] == f"coffee_regional {expected}"


def test_a_year_to_come_is_refused(tmp_path):
    root = linked(tmp_path / "raw")
    (root / "midagri_anuario_2022").rename(root / "midagri_anuario_2099")
    with pytest.raises(DataError, match=r"_2099/coffee.csv:\d+: .*2099 had not come"):
        making.Build(Ledger(root))["coffee_regional"]
