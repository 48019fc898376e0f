"""Transcribed tables and their sidecars: cells know their place, and every refusal names it."""

import hashlib
import os
from contextlib import nullcontext

import pandas as pd
import pytest
import yaml

from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.extract.ledger import Ledger
from valuechains.extract.raw import departments_in, read_table
from valuechains.extract.sidecar import FIELDS, catalogue, raw_files, read_sidecar, sidecars
from valuechains.tables import build, checks, hooks, schema


@pytest.fixture
def write(tmp_path):
    def make(text, name="demo/table.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return path

    return make


def test_two_header_rows_are_joined_and_rows_keep_their_number(write):
    text = "Year,Price (S/ kg),,Yield,\n,Cusco,Puno,Cusco,Puno\n2000,3.10,3.83,540,785\n"
    table = read_table(write(text), 2)
    price, both = "Price (S/ kg)", ("Cusco", "Puno")
    joined = [f"{name} | {place}" for name in (price, "Yield") for place in both]
    assert list(table.frame) == ["Year", *joined]
    assert table.origin().to_dict() == {3: "demo/table.csv:3"}
    assert table.numbers("Yield | Puno").to_dict() == {3: 785.0}
    assert list(read_table(write("\ufeffYear,x\n2000,1\n")).frame) == ["Year", "x"]  # its mark
    with pytest.raises(DataError, match="row 3: 5 cells, the header has 6"):
        read_table(write(text.replace("Puno\n", "Puno,Junín\n")), 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table.csv: empty"),
        ("Year,x\n", "no rows under the header"),
        ("Year,x\n2000\n", "row 2: 1 cells, the header has 2"),
        ("Year,x\n,\n2000,1\n", "row 2: an empty row"),
        ("Year,Year\n2000,1\n", "the header has Year more than once"),
        (
            'Year,x\n2000,1\n2001,"1\n2002,1\n',
            r"row 3: not a table delimited by .* a quote not closed",
        ),
        ("Regi\udcf3n,x\nJunín,1\n", r"table.csv, row 1: byte 0xf3 is no UTF-8"),
    ],
)
def test_broken_files_are_refused(write, text, message):
    with pytest.raises(DataError, match=message):
        read_table(write(text))


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda t: t.numbers("x"), r"row 3, column 'x': 'abc' is not a number"),
        (lambda t: t.numbers("y"), r"row 3, column 'y': '-4', expected a plain number from 0"),
        (lambda t: t.numbers("z"), r"row 3, column 'z': 'more than 5', expected a plain number"),
        (lambda t: t.numbers("u"), r"row 2, column 'u': '5 kg', expected a plain number"),
        (lambda t: t.refuse(t.text("u") != "5 kg", "u", "expected it"), "row 3, .*it, not '5 lb'"),
        (lambda t: t.numbers("long"), r"row 3, column 'long': 'y{299}…$"),
        (lambda t: t.text("k"), r"no column 'k'; there are Year"),
        (lambda t: t.text("Yaer"), r"no column 'Yaer' \(did you mean Year\?\)"),
    ],
)
def test_a_bad_cell_is_named(write, read, message):
    table = read_table(
        write(f"Year,x,y,z,u,long\n2000,1,2,3,5 kg,1\n12,abc,-4,more than 5,5 lb,{'y' * 100_000}\n")
    )
    with pytest.raises(DataError, match=message):
        read(table)


def test_a_column_of_departments_has_them_in_most_of_its_cells():
    names = ["Cusco", "Puno"] * 10
    frame = pd.DataFrame(
        {"half": [*names[:10], *"abcdefghij"], "most": [*names[:11], *"abcdefghi"]}
    )
    found = departments_in(frame)
    assert list(found) == ["most"]
    assert found["most"].dropna().tolist() == [*["08", "21"] * 5, "08"]


def side(path, text=None, **changes):
    """Write a sidecar: its fields with some changed, or a text in its place."""
    fields = dict.fromkeys(FIELDS, "x") | {"kind": "report", "published": 2025, "notes": []}
    fields |= {"entered": "2026-11-22", "renewal": "none"}
    fields["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    beside = path.with_name(path.name + ".source.yml")
    beside.write_text(text or yaml.safe_dump(fields | changes), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "0" * 64}, "the raw file or its sidecar was changed"),
        ({"kind": "reports"}, r"kind 'reports' \(did you mean report\?\), expected 'official"),
        ({"entered": "last spring"}, "entered 'last spring', expected a day like 2025-05-31"),
        ({"entered": "2026-11-31"}, "entered '2026-11-31', expected a day"),
        ({"entered": None}, "entered None, expected a day"),
        ({"published": "2025-13"}, "published '2025-13', expected a year, a month or a day"),
        ({"published": "last spring"}, "published 'last spring', expected a year"),
        ({"published": 20250531}, "published 20250531, expected a year"),
        ({"published": ["2025"]}, r"published \['2025'\], expected a year"),
        ({"renewal": "every year"}, "renewal 'every year', expected none or a time like P1Y"),
        ({"short": None}, "short None, expected text"),
        ({"licence": False}, "licence False, expected text"),  # written: no
        ({"title": "=1+1"}, "title '=1.1', expected text .* that does not begin with ="),
        ({"notes": ["fine", "@x"]}, "notes 1 '@x', expected text .* that does not begin with ="),
        ({"notes": "one"}, "notes 'one', expected a valid list"),
        ({"guessed": ["lisence"]}, r"guessed 0 'lisence' .did you mean licence.*expected 'publ"),
        ({"lisence": "MIT"}, r"unknown field 'lisence' \(did you mean licence\?\)"),
        ({"text": "publisher: x"}, "fields missing: title, short"),
        ({"text": "title: x\ntitle: y"}, r"not YAML \(line 2: 'title' is given twice\)"),
        ({"text": "entered: 2026-02-30"}, r"not YAML \(line 1: '2026-02-30': day is out"),
        ({"text": "- x"}, r"table.csv.source.yml: \['x'\], expected fields: publisher"),
    ],
)
def test_a_wrong_sidecar_is_refused_in_one_line(write, changes, message):
    path = side(write("Year,x\n2000,1\n"), **changes)
    with pytest.raises(DataError, match=message) as refusal:
        read_sidecar(path)
    assert str(refusal.value).startswith("table.csv") and "\n" not in str(refusal.value)


def test_a_sidecar_is_needed_and_may_leave_lists_open(write, tmp_path):
    path = write("Year,x\n2000,1\n")
    with pytest.raises(DataError, match=r"no table.csv.source.yml beside it"):
        read_sidecar(path)
    side(path, notes=None, guessed=None, published="2004-05", title=2012)
    row = catalogue(sidecars(tmp_path)).iloc[0]
    told = [row[field] for field in ("notes", "guessed", "published", "title")]
    assert told == ["", "", "2004-05", "2012"]


def test_what_is_no_plain_file_under_raw_is_refused(write, tmp_path):
    path = side(write("Year,x\n2000,1\n"))
    write("x", "demo/.hidden")
    write("x", ".adding-1/table.csv")  # what a killed `make add` leaves
    assert raw_files(tmp_path) == [path]
    os.mkfifo(tmp_path / "demo" / "pipe.csv")
    for read in (raw_files, lambda root: Ledger(root).read("demo/pipe.csv")):
        with pytest.raises(DataError, match=r"pipe\.csv: expected a regular file"):
            read(tmp_path)
    (tmp_path / "demo" / "pipe.csv").unlink()
    os.mkfifo(tmp_path / "demo" / "table.csv.corrections.yml")
    with pytest.raises(DataError, match=r"corrections\.yml: expected a regular file"):
        Ledger(tmp_path).read("demo/table.csv")
    (tmp_path / "demo" / "table.csv.corrections.yml").unlink()
    path.rename(path.with_name(os.fsdecode(b"regi\xf3n.csv")))
    with pytest.raises(
        DataError, match=r"regi\?n\.csv: expected a regular file whose name is UTF-8"
    ):
        raw_files(tmp_path)


def test_every_row_is_kept_or_rejected_with_a_reason(write, tmp_path):
    side(write("Year,x\n2000,1\n2001,2\n2002,3\n"))
    ledger = Ledger(tmp_path)
    table = ledger.read("demo/table.csv")
    kept = table.where(table.numbers("x") > 1, "too small")
    made = {"t": pd.DataFrame({"origin": kept.origin()})}
    files, rejected = ledger.account(made)
    assert files.iloc[0].tolist() == ["demo/table.csv", 3, 2, 1, 0, ""]
    assert rejected.iloc[0].tolist() == ["demo/table.csv", "2", "too small", "2000 · 1"]
    with pytest.raises(DataError, match="row 4: neither kept nor rejected"):
        ledger.account({"t": made["t"].iloc[:1]})
    with pytest.raises(DataError, match="row 2: both kept and rejected"):
        ledger.account({"t": pd.DataFrame({"origin": table.origin()})})


def test_a_row_of_several_counts_as_these(write, tmp_path):
    side(write("Year,x\n2000,1\n2001,2\n"))
    ledger = Ledger(tmp_path)
    table = ledger.read("demo/table.csv")
    table.whole = table.frame = table.frame.set_axis(["F7+F8", "F9"])
    files, _ = ledger.account({"t": pd.DataFrame({"origin": table.origin()})})
    assert files.loc[0, ["rows_in", "rows_kept"]].tolist() == [3, 3]
    with pytest.raises(DataError, match="row F8: neither kept nor rejected"):
        ledger.account({"t": pd.DataFrame({"origin": ["demo/table.csv:F7", "demo/table.csv:F9"]})})


# --- how far figures may be apart: each check lets the first ratios pass and refuses the others ---


def yield_over_production_by_area(*ratios):
    rows = [{"production_t": 2.0, "area_ha": 4.0, "yield_kg_per_ha": 500 * r} for r in ratios]
    checks.check_yield(pd.DataFrame(rows).assign(origin="x.csv:2"))


def departments_over_the_nation(*ratios):
    rows = [{"ubigeo": code, "production_t": ratios[0]} for code in places.codes()]
    rows = pd.DataFrame([*rows, {"ubigeo": "00", "production_t": 25.0}])
    rows = rows.assign(year=2001, source="x", origin="x.csv:2")
    spec = {"key": ["ubigeo", "year", "source"], "fields": schema()["fields"]}
    checks.check_totals(rows, spec)


def declared_parts_over_the_whole(*ratios):
    rows = [{"ubigeo": "08", "heads": 1000 * ratios[0]}, {"ubigeo": "00", "heads": 1000.0}]
    rows = pd.DataFrame(rows).assign(year=2001, origin="x.csv:2")
    build.check_declared(
        checks.Data("toy", rows, {}), [{"adds_up": {"of": "heads", "by": ["year"]}}]
    )


def a_series_over_that_of_another_source(*ratios, field="heads", theirs=100.0):
    figures = [*(theirs * ratio for ratio in ratios), *[theirs] * len(ratios)]
    rows = pd.DataFrame({field: figures, "year": 2 * [*range(2001, 2001 + len(ratios))]})
    rows["source"] = ["mine"] * len(ratios) + ["theirs"] * len(ratios)
    mine = rows.assign(origin="x.csv:2").index[: len(ratios)]
    spec = {"key": ["year", "source"], "fields": schema()["fields"]}
    checks.check_others(rows.assign(origin="x.csv:2"), mine, spec)


def a_series_of_half_a_tonne_over_that_of_another_source(*ratios):
    a_series_over_that_of_another_source(*ratios, field="production_t", theirs=0.5)


@pytest.mark.parametrize(
    ("check", "passes", "refused"),
    [
        (yield_over_production_by_area, [0.981, 1.019], [0.979]),
        (yield_over_production_by_area, [1], [1.021]),
        (departments_over_the_nation, [0.9951], [0.9949]),
        (departments_over_the_nation, [1.0049], [1.0051]),
        (declared_parts_over_the_whole, [0.9996], [0.9994]),
        (declared_parts_over_the_whole, [1.0004], [1.0006]),
        # A slip of ten is refused; nobody else has counted so differently.
        (a_series_over_that_of_another_source, [4.9, 1], [5.1, 1]),
        (a_series_over_that_of_another_source, [0.21, 1], [0.19, 1]),
        (a_series_of_half_a_tonne_over_that_of_another_source, [4.9, 1], [5.1, 1]),
        # The same multiple in three years is another unit, in two it may be chance.
        (a_series_over_that_of_another_source, [1.2, 1.2], [1.2, 1.2, 1.2]),
        (a_series_over_that_of_another_source, [1.2, 1.2, 1.207], [1.2, 1.2, 1.205]),
        (a_series_over_that_of_another_source, [1.004, 1.004, 1.004], [1.006, 1.006, 1.006]),
    ],
)
def test_how_far_figures_may_be_apart(check, passes, refused):
    check(*passes)
    with pytest.raises(DataError, match=r"x\.csv:2"):
        check(*refused)


@pytest.mark.parametrize("to", ["median", "lowest", "year before"])
def test_figures_of_no_place_are_compared_with_each_other(to):
    rows = pd.DataFrame({"heads": [10.0, 11.0, 99.0], "year": [2001, 2002, 2003], "place": None})
    data = checks.Data("toy", rows.assign(origin=["x.csv:2", "x.csv:3", "x.csv:4"]), {})
    limits = {"of": {"heads": [0.5, 2]}, "relative": {"to": to, "by": ["place"]}}
    with pytest.raises(DataError, match=rf"x\.csv:4: heads over the {to} of its place is 9"):
        build.check_declared(data, [{"between": limits}])


@pytest.mark.parametrize(
    ("later", "times", "is_refused"), [(5, 2.9, 0), (5, 3.1, 1), (6, 5.9, 0), (6, 6.1, 1)]
)
def test_the_price_of_a_yearbook_is_near_the_last_one_before(later, times, is_refused):
    """Within a factor of three; of six where more than five years lie between."""
    common = {"production_t": 10.0, "area_ha": 10.0, "origin": "x.csv:2"}
    price = "farm_price_pen_per_kg"
    before = common | {"year": 2010, "ubigeo": "00", "source": hooks.BULLETINS, price: 2.0}
    book = before | {"year": 2010 + later, "source": "midagri_anuario_2015", price: 2.0 * times}
    rows = pd.DataFrame([before, book, book | {"ubigeo": "08"}]).astype({"year": "Int64"})
    data = checks.Data("coffee_regional", rows, {"coffee_national": rows})
    refused = pytest.raises(DataError, match="in other sources is") if is_refused else nullcontext()
    with refused:
        hooks.check_yearbooks(data)


@pytest.mark.parametrize(
    ("later", "times", "is_refused"), [(0, 1.19, 0), (0, 1.21, 1), (1, 1.9, 0), (1, 2.1, 1)]
)
@pytest.mark.parametrize("column", ["production_t", "area_ha"])
def test_the_country_of_a_yearbook_is_near_other_sources(later, times, is_refused, column):
    """Within a fifth of the same year's figure; within a factor of two of the nearest year's."""
    common = {"production_t": 10.0, "area_ha": 10.0, "farm_price_pen_per_kg": 2.0}
    common |= {"ubigeo": "00", "origin": "x.csv:2"}
    national = pd.DataFrame([common | {"year": 2010, "source": "faostat"}])
    book = common | {"year": 2010 + later, "source": "midagri_anuario_2015", column: 10.0 * times}
    rows = pd.DataFrame([book, book | {"ubigeo": "08"}]).astype({"year": "Int64"})
    data = checks.Data("coffee_regional", rows, {"coffee_national": national})
    said = f"{column} of the country over that of 2010 in other sources is {times}"
    refused = pytest.raises(DataError, match=said) if is_refused else nullcontext()
    with refused:
        hooks.check_yearbooks(data)
