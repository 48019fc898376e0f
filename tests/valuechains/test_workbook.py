"""Workbooks that ask for more memory than a table needs are refused before it is taken."""

import re
import resource
import zipfile

import openpyxl
import pytest
from biff8 import sheets_as_xls
from published import save

from valuechains.core.errors import DataError
from valuechains.extract import workbook
from valuechains.extract.workbook import Workbook

SHEET = "xl/worksheets/sheet1.xml"
ROWS = {"Exports": [["Calendar years", "2018", "2019"], ["Peru", 4063.9, 3771.9]]}


def changed(path, change, name=SHEET):
    """Rewrite one member of an .xlsx file."""
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in members.items():
            archive.writestr(one, data)
    return path


def refused(path, message):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match=message) as caught:
        Workbook(path).sheet("Exports")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB
    assert "\n" not in str(caught.value)


# The rectangle from A1 would have 16,384 × 1,048,576 cells: half a terabyte.
FAR = {
    "as written": b'<row><c r="XFD1048576"><v>1</v></c></row>',
    "in single quotes": b"<row><c r='XFD1048576'><v>1</v></c></row>",
    "blanks around": b"<row><c  r = 'XFD1048576' ><v>1</v></c ></row>",
    "300,000 columns": b"<row>" + 300_000 * b"<c><v>1</v></c>" + b"</row>",
    "a row whose cell has no place": b"<row r='1048576'><c><v>1</v></c></row>",
}


@pytest.mark.parametrize("far", FAR)
def test_a_cell_far_away(tmp_path, far):
    path = save(tmp_path / "far.xlsx", ROWS)
    changed(path, lambda xml: xml.replace(b"</sheetData>", FAR[far] + b"</sheetData>"))
    last = {"300,000 columns": "XFD3", "a row whose cell has no place": "C1048576"}
    last = last.get(far, "XFD1048576")
    refused(path, f"far.xlsx, sheet 'Exports': more than 2,000,000 cells from A1 to {last}")


def test_a_far_cell_of_excel_97(tmp_path):
    path = tmp_path / "far.xls"
    path.write_bytes(sheets_as_xls({"Exports": {(0, 0): "x", (65535, 255): 1.0}}))
    with pytest.raises(DataError, match=r"far.xls, sheet 'Exports': more than 2,000,000 cells"):
        Workbook(path).sheet("Exports")


def test_more_cells_than_a_table_has(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 5)
    refused(save(tmp_path / "many.xlsx", ROWS), r"many.xlsx, sheet 'Exports': more than 5 cells")


LONG = {
    "cells": b"<row>" + 400 * b"<c><v>1</v></c>" + b"</row>",
    "parts of a cell": b"<row><c>" + 1000 * b"<v>1</v>" + b"</c></row>",
    "what is no row": 1500 * b"<q/>",
}


@pytest.mark.parametrize("long", LONG)
def test_a_row_of_more_than_the_parser_may_keep(tmp_path, monkeypatch, long):
    monkeypatch.setattr(workbook, "LONGEST_ROW", 3_000)
    path = save(tmp_path / "long.xlsx", ROWS)
    Workbook(path).sheet("Exports")
    changed(path, lambda xml: xml.replace(b"</sheetData>", LONG[long] + b"</sheetData>"))
    refused(path, "long.xlsx, sheet 'Exports': a row of .* MB, expected at most")


def test_a_zip_that_unpacks_to_too_much_or_lies_about_it(tmp_path):
    path = changed(save(tmp_path / "bomb.xlsx", ROWS), lambda xml: xml + b" " * 150_000_000)
    refused(path, r"bomb.xlsx: unpacks to 150 MB, expected at most 100 MB")
    data = path.read_bytes()
    size = (zipfile.ZipFile(path).getinfo(SHEET).file_size).to_bytes(4, "little")
    assert data.count(size) == 2  # in the member's own header and in the directory
    path.write_bytes(data.replace(size, (5000).to_bytes(4, "little")))
    refused(path, r"bomb.xlsx: not a whole Excel workbook")


def test_what_an_error_or_an_uncalculated_formula_leaves(tmp_path):
    path = save(tmp_path / "errors.xlsx", {"Exports": [["#N/A", 1], ["x", 2]]})
    assert Workbook(path).sheet("Exports").cells[0] == ["#N/A", 1.0]
    book = openpyxl.load_workbook(path)
    book["Exports"]["B2"] = "=1+1"
    book.save(path)
    with pytest.raises(DataError, match="Exports!B2: a formula without its result"):
        Workbook(path).sheet("Exports")
    assert Workbook(path).sheet("Exports", calculated=False).cells[1][0] == "x"
    assert not re.search("formula", str(Workbook(path).sheets))
