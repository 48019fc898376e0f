"""Transcribed tables: cells know their place, and every refusal names it."""

import hashlib

import pytest
import yaml

from valuechains.core.errors import DataError
from valuechains.extract import ledger, sidecar
from valuechains.extract.raw import read_table


@pytest.fixture
def write(tmp_path):
    def make(text, name="demo/table.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_two_header_rows_are_joined_and_rows_keep_their_number(write):
    table = read_table(
        write("Year,Price (S/ kg),,Yield,\n,Cusco,Puno,Cusco,Puno\n2000,3.10,3.83,540,785\n"), 2
    )
    assert list(table.frame) == [
        "Year", "Price (S/ kg) | Cusco", "Price (S/ kg) | Puno", "Yield | Cusco", "Yield | Puno",
    ]  # fmt: skip
    assert table.origin().to_dict() == {3: "demo/table.csv:3"}
    assert table.numbers("Yield | Puno").to_dict() == {3: 785.0}


def test_byte_order_mark_is_no_part_of_the_header(write):
    assert list(read_table(write("\ufeffYear,x\n2000,1\n")).frame) == ["Year", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table.csv: empty"),
        ("Year,x\n", "no rows under the header"),
        ("Year,x\n2000\n", "row 2: 1 cells, the header has 2"),
        ("Year,Year\n2000,1\n", "the header has Year more than once"),
        ('Year,x\n2000,"1\n', "not a table delimited by"),
    ],
)
def test_broken_files_are_refused(write, text, message):
    with pytest.raises(DataError, match=message):
        read_table(write(text))


def test_other_encodings_are_refused(write):
    path = write("x")
    path.write_bytes("Región,x\nJunín,1\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"table.csv, row 1: byte 0xf3 is no UTF-8"):
        read_table(path)


@pytest.mark.parametrize(
    ("column", "read", "message"),
    [
        ("x", lambda t: t.numbers("x"), r"row 3, column 'x': 'abc' is not a number"),
        ("y", lambda t: t.numbers("y"), r"row 3, column 'y': -4 is outside 0 to inf"),
        ("z", lambda t: t.numbers("z"), r"row 3, column 'z': more_than where a plain number"),
        ("d", lambda t: t.departments("d"), r"row 3, column 'd': 'Cusko' is not .* Cusco\?"),
        ("Year", lambda t: t.years("Year"), r"row 3, column 'Year': 12 is outside 1900"),
        ("u", lambda t: t.quantities("u", units=("kg",)), r"row 3.*unit 'lb', expected kg"),
        ("u", lambda t: t.choice("u", {"5 kg": "five"}), r"row 3.*'5 lb' is unknown"),
        ("k", lambda t: t.text("k"), r"no column 'k'; there are Year"),
        ("Yaer", lambda t: t.text("Yaer"), r"no column 'Yaer' \(did you mean Year\?\)"),
    ],
)
def test_a_bad_cell_is_named(write, column, read, message):
    table = read_table(
        write("Year,x,y,z,d,u\n2000,1,2,3,Cuzco,5 kg\n12,abc,-4,more than 5,Cusko,5 lb\n")
    )
    with pytest.raises(DataError, match=message):
        read(table)


def side(path, **changes):
    fields = dict.fromkeys(sidecar.FIELDS, "x") | {
        "kind": "report",
        "published": 2025,
        "entered": "2026-11-22",
        "notes": [],
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    path.with_name(path.name + ".source.yml").write_text(yaml.safe_dump(fields | changes))


def test_sidecar_is_checked(write):
    path = write("Year,x\n2000,1\n")
    with pytest.raises(DataError, match=r"no table.csv.source.yml beside it"):
        sidecar.read_sidecar(path)
    side(path, sha256="0" * 64)
    with pytest.raises(DataError, match="the raw file or its sidecar was changed"):
        sidecar.read_sidecar(path)
    side(path, kind="rumour")
    with pytest.raises(DataError, match="kind 'rumour', expected one of"):
        sidecar.read_sidecar(path)
    side(path, entered="last spring")
    with pytest.raises(DataError, match="entered 'last spring', expected a day like"):
        sidecar.read_sidecar(path)
    side(path, lisence="MIT")
    with pytest.raises(DataError, match="unknown: lisence"):
        sidecar.read_sidecar(path)
    side(path)
    assert sidecar.read_sidecar(path)["kind"] == "report"


def test_every_row_is_kept_or_rejected_with_a_reason(write, tmp_path):
    path = write("Year,x\n2000,1\n2001,2\n2002,3\n")
    side(path)
    ledger = ledger.Ledger(tmp_path)
    table = ledger("demo/table.csv")
    kept = table.where(table.numbers("x") > 1, "too small")
    import pandas as pd

    made = {"t": pd.DataFrame({"origin": kept.origin()})}
    files, rejected = ledger.account(made)
    assert files.iloc[0].to_dict() == {
        "file": "demo/table.csv", "rows_in": 3, "rows_kept": 2, "rows_rejected": 1,
        "rows_unused": 0, "unused_reason": "",
    }  # fmt: skip
    assert rejected.iloc[0].to_dict() == {
        "file": "demo/table.csv", "row": "2", "reason": "too small", "cells": "2000 · 1",
    }  # fmt: skip
    with pytest.raises(DataError, match="row 4: neither kept nor rejected"):
        ledger.account({"t": made["t"].iloc[:1]})
    with pytest.raises(DataError, match="row 2: both kept and rejected"):
        ledger.account({"t": pd.DataFrame({"origin": table.origin()})})
