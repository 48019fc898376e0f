"""`make add`: recognised by content, never overwriting, a sidecar to complete, one line if not."""

import datetime as dt
import gzip

import pytest
import yaml

from valuechains import incoming, sources
from valuechains.errors import DataError
from valuechains.readers.formats import Format, Found
from valuechains.readers.table import read_table

TODAY = dt.date(2027, 3, 1)
GOOD = b"TOY,year,value\nx,2024,1\n"


def describe(path):
    if b"broken" in path.read_bytes():
        raise DataError(f"{path.name}, row 2: 'broken', expected a year")
    return Found(
        "toy_2024", "Toy office", "Toy tables 2024", "Toys 2024", "whole file", "not stated", "P1Y",
        ("1 table, 2024", "1 row"),
    )  # fmt: skip


@pytest.fixture
def raw(monkeypatch, tmp_path):
    toy = Format("toy", lambda p: p.read_bytes().startswith(b"TOY"), describe, read_table, ("t",))
    for module in (incoming, sources.known.__globals__):
        known = module if isinstance(module, dict) else vars(module)
        monkeypatch.setitem(known, "FORMATS", {"toy": toy})
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.fixture
def file(tmp_path):
    def make(data=GOOD, name="Cuadros en Excel_ PRODUCCIÓN (2).csv"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return make


def everything(raw):
    return {p.relative_to(raw).as_posix(): p.read_bytes() for p in raw.rglob("*") if p.is_file()}


def test_a_file_gets_its_place_and_a_sidecar_to_complete(raw, file):
    told = incoming.add(file(), raw, TODAY)
    name = "toy_2024/cuadros-en-excel-produccion-2-.csv"
    assert told.splitlines()[:4] == [
        "Toy tables 2024: Toy office", "  1 table, 2024", "  1 row", "  feeds t",
    ]  # fmt: skip
    assert everything(raw).keys() == {name, name + sources.SUFFIX}
    assert (raw / name).read_bytes() == GOOD
    fields = sources.sidecar(raw / name)  # complete and checked already
    assert fields["format"] == "toy" and fields["entered"] == TODAY
    assert set(fields["guessed"]) >= {"licence", "publisher", "published"}
    (table,) = sources.Ledger(raw).every("toy")
    assert table.frame.at[2, "year"] == "2024"


def test_a_second_vintage_stands_beside_the_first(raw, file):
    incoming.add(file(), raw, TODAY)
    before = everything(raw)
    incoming.add(file(GOOD.replace(b",1", b",2")), raw, TODAY)
    after = everything(raw)
    assert before.items() <= after.items()
    assert {name.split("/")[0] for name in after} == {"toy_2024", "toy_2024_v2"}
    names = sources.names(sources.catalogue(raw))
    assert list(names["short"]) == ["Toys 2024", "Toys 2024 (vintage 2)"]
    with pytest.raises(DataError, match="the same file is in the project: cuadros"):
        incoming.add(file(), raw, TODAY)
    assert everything(raw) == after


def test_a_file_in_its_folder_only_gets_a_sidecar(raw, file):
    (raw / "toy_2024").mkdir()
    path = file(name="raw/toy_2024/toys.csv")
    assert "written: toys.csv" in incoming.add(path, raw, TODAY)
    assert everything(raw).keys() == {"toy_2024/toys.csv", "toy_2024/toys.csv.source.yml"}
    with pytest.raises(DataError, match=r"toys.csv: has a sidecar already"):
        incoming.add(path, raw, TODAY)


def test_gzip_is_unpacked(raw, file):
    incoming.add(file(gzip.compress(GOOD), "Toys.CSV.gz"), raw, TODAY)
    assert (raw / "toy_2024" / "toys.csv").read_bytes() == GOOD


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"something else", "toys.csv: by its content none of the formats toy"),
        (GOOD + b"broken", "toys.csv, row 2: 'broken'"),
        (GOOD + b"x,2024\n", "toys.csv, row 3: 2 cells"),
        (gzip.compress(GOOD)[:-9], "not a whole gzip file"),
    ],
)
def test_what_cannot_be_added_leaves_nothing(raw, file, data, message):
    with pytest.raises(DataError, match=message):
        incoming.add(file(data, "toys.csv"), raw, TODAY)
    assert everything(raw) == {}


def test_no_file(raw, tmp_path):
    with pytest.raises(DataError, match="no such file"):
        incoming.add(tmp_path / "missing.csv", raw, TODAY)


def test_guessed_fields_are_fields(raw, file):
    incoming.add(file(), raw, TODAY)
    (beside,) = raw.rglob("*.source.yml")
    fields = yaml.safe_load(beside.read_text(encoding="utf-8"))
    beside.write_text(yaml.safe_dump(fields | {"guessed": ["lisence"]}), encoding="utf-8")
    with pytest.raises(DataError, match=r"guessed \['lisence'\], expected a list"):
        sources.catalogue(raw)
