"""Workbooks that ask for more memory than a table needs are refused before it is taken."""

import faulthandler
import re
import zipfile

import openpyxl
import pytest
from biff8 import sheets_as_xls
from published import placed, save

from valuechains.core.errors import DataError
from valuechains.extract import add as incoming
from valuechains.extract import limits, workbook
from valuechains.extract.ledger import Ledger
from valuechains.extract.limits import within_limits
from valuechains.extract.workbook import Workbook, _reading

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


def sheet(path):
    faulthandler.disable()  # the process that reads may be ended: no need to say where
    return Workbook(path).sheet("Exports").cells


def refused(path, message):
    with pytest.raises(DataError, match=message) as caught:
        within_limits(path, sheet)
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
    refused(path, r"far.xlsx.* (more than 2,000,000 cells|takes more than 1.5 GB of memory)")


def test_a_far_cell_of_excel_97(tmp_path):
    path = tmp_path / "far.xls"
    path.write_bytes(sheets_as_xls({"Exports": {(0, 0): "x", (65535, 255): 1.0}}))
    refused(path, r"far.xls, sheet 'Exports': more than 2,000,000 cells")


def test_a_workbook_of_very_many_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_SHEETS", 2)
    path = save(tmp_path / "many.xlsx", {name: [["a"]] for name in "ABC"})
    with pytest.raises(DataError, match="3 sheets, expected at most 2"):
        Workbook(path)


def test_an_error_is_one_line_whatever_names_it_speaks_of():
    assert str(DataError("sheet 'a\nb'\x1b: no")) == r"sheet 'a\nb'\x1b: no"


class PanicException(BaseException):
    """As calamine's own, which has no public name."""


def test_a_panic_of_the_reader_is_an_error_line_and_ctrl_c_stays_what_it_is():
    with (
        pytest.raises(DataError, match=r"^toys\.xls \(index out of range\)$"),
        _reading("toys.xls"),
    ):
        raise PanicException("index\nout of range")
    with pytest.raises(KeyboardInterrupt), _reading("toys.xls"):
        raise KeyboardInterrupt


@pytest.mark.long
def test_a_workbook_without_end_is_refused_however_it_came_into_the_project(tmp_path, monkeypatch):
    """By `make add`, or put under data/raw by hand and read by `make data`."""
    path = save(tmp_path / "bomb.xlsx", ROWS)
    cells = b"<row>" + 8_000_000 * b"<c/>" + b"</row>"
    changed(path, lambda xml: xml.replace(b"</sheetData>", cells + b"</sheetData>"))
    monkeypatch.setattr(limits, "MEMORY", 100_000_000)
    for format in ("ico", "boundaries"):
        placed(tmp_path / "raw", "by_hand/bomb.xlsx", path.read_bytes(), format)
        with pytest.raises(DataError, match=r"bomb.xlsx: (takes more than 0.1 GB|0 layers)"):
            Ledger(tmp_path / "raw").every(format)


def test_a_zip_that_lies_about_what_it_unpacks_to(tmp_path):
    path = changed(save(tmp_path / "bomb.xlsx", ROWS), lambda xml: xml + b" " * 50_000_000)
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


def test_a_workbook_of_no_format_is_called_one(tmp_path):
    path = save(tmp_path / "coops.xlsx", {"Coops": [["Cusco", 1]]})
    with pytest.raises(DataError, match=r"coops\.xlsx: a workbook; by its content none of the"):
        incoming.add(path, tmp_path)


def test_cells_without_their_places_are_counted(tmp_path):
    """Places (``r``) may be left out: a cell stands beside the one before, a row below."""
    rows = {"Exports": [["Year", "2018"], ["Peru", 4063.9], ["Chile", "#N/A"]]}
    path = save(tmp_path / "bare.xlsx", rows)
    changed(path, lambda xml: re.sub(rb' r="[A-Z]*[0-9]+"', b"", xml))
    assert sheet(path)[1:] == [["Peru", 4063.9], ["Chile", "#N/A"]]
