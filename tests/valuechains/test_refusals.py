"""The messages of `make add` and of sidecars: each is provoked, and has its cure in the docs."""

from pathlib import Path

import hostile
import pytest
import yaml

from valuechains.__main__ import main
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract.sidecar import SUFFIX, read_sidecar

DOCS = (Path(__file__).parents[2] / "docs/messages.md").read_text(encoding="utf-8")
KNOWN = RAW / "faostat_qcl_2025/coffee_peru.csv"
FAO = KNOWN.read_bytes()

# What has to be said, and the content of the file that is added.
ADDED = {
    "x.csv: no such file": None,
    "by its content none of the formats": b"something else",
    "zero bytes in it; by its content none": FAO + b"\0",
    "a first row of more than 65,536 bytes": b"c," * 300_000,
    "a PDF: type its table into a CSV": b"%PDF-1.4\n",
    "is no UTF-8: save the file as UTF-8": b"region,t\nCusco,1\nJun\xa1n,2\n",
    "row 128: a quote that is never closed": FAO + b'"x',
    "row 2, column 'value': 'many' is not a number": FAO.replace(b"88350", b"many"),
    "the same file is in the project": FAO,
    "the workbook is locked with a password": hostile.LOCKED,
    "a web page or XML; expected": hostile.WEB_PAGE,
    "not a whole Excel workbook": b"PK\3\4" + bytes(99),
}
SIDECARS = {
    "not YAML (line 2: 'short' is given twice)": b"short: x\nshort: y\n",
    "not YAML (line 1: an alias, *a": b"notes: [&a x, *a]\n",
    "expected a day like 2025-05-31": {"entered": "31/05/2025"},
    "does not begin with = + - or @": {"title": "=1+1"},
    "its SHA-256 is ": {"sha256": "0"},
    "no x.csv.source.yml beside it": None,
}


@pytest.mark.parametrize("message", [*ADDED, *SIDECARS])
def test_a_message_says_what_it_must_and_has_its_cure_in_the_docs(tmp_path, capsys, message):
    path = tmp_path / "x.csv"
    content = ADDED.get(message) or SIDECARS.get(message)
    if message in ADDED:
        if content:
            path.write_bytes(content)
        assert main(["add", str(path)]) == 1
        said = capsys.readouterr().err
    else:
        path.write_bytes(FAO)
        if isinstance(content, dict):
            fields = yaml.safe_load(KNOWN.with_name(KNOWN.name + SUFFIX).read_text())
            content = yaml.safe_dump(fields | content).encode()
        if content:
            path.with_name(path.name + SUFFIX).write_bytes(content)
        with pytest.raises(DataError) as caught:
            read_sidecar(path)
        said = f"{caught.value}\n"
    assert message in said and said.count("\n") == 1 and len(said) < 700
    assert f"| `{message.strip()}` |" in DOCS
