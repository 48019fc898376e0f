"""`make add`: recognised by content, never overwriting, a sidecar to complete, one line if not."""

import datetime as dt
import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from valuechains.__main__ import main
from valuechains.core.errors import DataError
from valuechains.extract import add as incoming
from valuechains.extract import limits, registry
from valuechains.extract.formats import Format, unnamed
from valuechains.extract.ledger import Ledger
from valuechains.extract.raw import read_table
from valuechains.extract.sidecar import SUFFIX, catalogue, names, raw_files, read_sidecar, sidecars
from valuechains.extract.workbook import HEAD, Workbook

TODAY = dt.date(2027, 3, 1)
GOOD = b"TOY,year,value\nx,2024,1\n"


def describe(path):
    if b"broken" in path.read_bytes():
        raise DataError(f"{path.name}, row 2: 'broken', expected a year")
    read_table(path)
    said = {"title": "Toy tables 2024", "publisher": "Toy office", "short": "Toys 2024"}
    return unnamed(path, ("1 table, 2024", "1 row"), **said)._replace(key="toy_2024")


@pytest.fixture
def raw(monkeypatch, tmp_path):
    toy = Format("toy", lambda p: p.read_bytes().startswith(b"TOY"), describe, read_table, ("t",))
    for module in (incoming, registry):
        monkeypatch.setattr(module, "FORMATS", {"toy": toy})
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


def test_a_reader_that_leaves_is_no_trouble():
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "valuechains", "fresh"]
    pipes = {"stdout": writer, "stderr": subprocess.PIPE}
    done = subprocess.run(command, **pipes, env=environment, check=False)
    os.close(writer)
    assert (done.stderr, done.returncode) == (b"", -signal.SIGPIPE)


def test_a_file_gets_its_place_and_a_sidecar_to_complete(raw, file):
    told = incoming.add(file(), raw, TODAY)
    name = "toy_2024/cuadros-en-excel-produccion-2-.csv"
    assert told.startswith("Toy tables 2024: Toy office\n  1 table, 2024\n  1 row\n  feeds t\n")
    assert everything(raw).keys() == {name, name + SUFFIX}
    assert (raw / name).read_bytes() == GOOD
    fields = read_sidecar(raw / name)  # complete and checked already
    assert fields.format == "toy" and fields.entered == TODAY
    assert set(fields.guessed) >= {"licence", "publisher", "published"}
    (table,) = Ledger(raw).every("toy")
    assert table.frame.at[2, "year"] == "2024"


def test_a_second_vintage_stands_beside_the_first(raw, file):
    incoming.add(file(), raw, TODAY)
    before = everything(raw)
    incoming.add(file(GOOD.replace(b",1", b",2")), raw, TODAY)
    after = everything(raw)
    assert before.items() <= after.items()
    assert {name.split("/")[0] for name in after} == {"toy_2024", "toy_2024_v2"}
    assert list(names(catalogue(sidecars(raw)))["short"]) == ["Toys 2024", "Toys 2024 (vintage 2)"]
    with pytest.raises(DataError, match="the same file is in the project: cuadros"):
        incoming.add(file(), raw, TODAY)
    assert everything(raw) == after


@pytest.mark.parametrize("link", [False, True])
def test_a_file_in_its_folder_only_gets_a_sidecar(raw, file, tmp_path, link):
    (raw / "toy_2024").mkdir()
    path = given = file(name="raw/toy_2024/toys.csv")
    if link:  # a link counts as the file
        given = tmp_path / "link.csv"
        given.symlink_to(path)
    assert "written: toys.csv" in incoming.add(given, raw, TODAY)
    assert everything(raw).keys() == {"toy_2024/toys.csv", "toy_2024/toys.csv.source.yml"}
    with pytest.raises(DataError, match=r"toys.csv: has a sidecar already"):
        incoming.add(path, raw, TODAY)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"something else", "toys.csv: by its content none of the formats toy"),
        (GOOD + b"broken", "toys.csv, row 2: 'broken'"),
        (GOOD + b"x,2024\n", "toys.csv, row 3: 2 cells"),
        (gzip.compress(GOOD, mtime=0)[:-9], "not a whole gzip file"),
        (b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 20, "not a whole gzip file"),
        (b"", "toys.csv: empty"),
        (bytes(1000), "toys.csv: empty, or holds nothing but zeros"),
    ],
)
def test_what_cannot_be_added_leaves_nothing(raw, file, data, message):
    with pytest.raises(DataError, match=message):
        incoming.add(file(data, "toys.csv"), raw, TODAY)
    assert everything(raw) == {}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("toys.source.yml", "toys-source.yml"),  # else it would be taken for a sidecar
        ("x" * 240 + ".csv", "x" * 100 + ".csv"),  # else its sidecar's name would be too long
        ("玩具", "file"),
        ("Toys.CSV.gz", "toys.csv"),  # unpacked
    ],
)
def test_any_name_becomes_a_plain_one(raw, file, name, kept):
    incoming.add(file(gzip.compress(GOOD) if name.endswith("gz") else GOOD, name), raw, TODAY)
    assert [(path.name, path.read_bytes()) for path in raw_files(raw)] == [(kept, GOOD)]
    catalogue(sidecars(raw))


def test_a_blank_in_a_name_is_refused(raw, file):
    """Origins are separated by blanks: its rows would count as neither kept nor rejected."""
    (raw / "toy_2024").mkdir()
    path = file(name="raw/toy_2024/my toys.csv")
    with pytest.raises(DataError, match=r"my toys\.csv: .* whose name is UTF-8 without a blank"):
        incoming.add(path, raw, TODAY)
    assert everything(raw).keys() == {"toy_2024/my toys.csv"}


@pytest.mark.parametrize("name", ["x" * 300, ".", "none.csv"])
def test_the_command_says_in_one_line_what_is_wrong_with_a_path(capsys, name):
    assert main(["add", name]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1 and len(said) < 300


def test_an_interrupt_ends_in_one_line(capsys, monkeypatch, file):
    def interrupted(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(incoming, "add", interrupted)
    assert main(["add", str(file())]) == 130
    assert capsys.readouterr().err == "error: interrupted; what was there is as it was\n"


def test_what_is_no_file_is_refused(raw, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("missing.csv", "raw", "pipe.csv", "https://example.org/x.csv"):
        expected = f"{Path(name).name}: no such file, or no regular file .an address. download"
        with pytest.raises(DataError, match=expected):
            incoming.add(Path(name) if ":" in name else tmp_path / name, raw, TODAY)


def test_a_name_that_is_not_utf8_is_told_with_a_question_mark(raw, file):
    incoming.add(file(name=os.fsdecode(b"regi\xf3n.csv")), raw, TODAY)
    (path,) = raw_files(raw)
    assert path.name == "regi-n.csv"
    assert read_sidecar(path).obtained == "File regi?n.csv, added on 2027-03-01"


def test_half_an_addition_is_never_a_vintage(raw, file):
    """Killed at any moment, what is there is no raw file, and the next run starts afresh."""
    left = raw / ".adding-killed"
    left.mkdir()
    (left / "toys.csv").write_bytes(GOOD[:9])
    (raw / "toy_2024").mkdir()  # an empty folder is no vintage either
    incoming.add(file(), raw, TODAY)
    assert [path.parent.name for path in raw_files(raw)] == ["toy_2024"]
    assert catalogue(sidecars(raw))["source"].tolist() == ["toy_2024"]
    # What lies there for an hour belongs to no run that goes on.
    os.utime(left, (0, 0))
    incoming.add(file(GOOD.replace(b",1", b",2")), raw, TODAY)
    assert not left.exists()


@pytest.mark.parametrize("step", ["copyfile", "rename"])
def test_an_addition_that_fails_leaves_nothing(raw, file, monkeypatch, step):
    def full(*paths):
        raise OSError(28, "No space left on device")

    owner = incoming.shutil if step == "copyfile" else incoming.Path
    monkeypatch.setattr(owner, step, full)
    with pytest.raises(OSError, match="No space"):
        incoming.add(file(), raw, TODAY)
    assert list(raw.iterdir()) == []


@pytest.mark.parametrize("where", ["data or ", "/full/packed.csv: "])
def test_a_full_disk_is_named_with_what_to_do(monkeypatch, capsys, where):
    """What is written in pieces does not say where."""
    named = (None,) if where == "data or " else ("/full/packed.csv",)

    def full(_):
        raise OSError(28, "No space left on device", *named)

    monkeypatch.setattr(incoming, "add", full)
    assert main(["add", "toys.csv"]) == 1
    said = capsys.readouterr().err
    assert where in said and said.count("\n") == 1
    assert "No space left on device; free some space and run again: what was there is" in said


def test_an_unknown_format_in_a_sidecar_is_refused(raw, file):
    incoming.add(file(), raw, TODAY)
    (beside,) = raw.rglob("*" + SUFFIX)
    beside.write_text(beside.read_text().replace("format: toy", "format: tov"))
    with pytest.raises(DataError, match=r"format 'tov' \(did you mean toy\?\); there are toy"):
        Ledger(raw).every("toy")


def endless(path):
    while True:
        pass


@pytest.mark.parametrize(
    "asks", [lambda path: bytearray(2 * 10**9), endless], ids=["memory", "time"]
)
def test_a_file_that_asks_for_too_much_is_refused_in_one_line(raw, file, monkeypatch, asks, capfd):
    """Whatever reads it: no check foresees all that a crafted workbook can ask for."""
    monkeypatch.setattr(limits, "SECONDS", 1)
    greedy = Format("greedy", asks, describe, read_table, ())
    monkeypatch.setattr(incoming, "FORMATS", {"greedy": greedy})
    with pytest.raises(DataError, match=r"toys.csv: takes more than 1.5 GB of memory or 1 seconds"):
        incoming.add(file(name="toys.csv"), raw, TODAY)
    assert everything(raw) == {} and capfd.readouterr().err == ""


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.3, 1])
def test_an_interrupt_at_work_is_no_traceback(seconds):
    hold = ["env", "--block-signal=INT"]  # as make does
    process = subprocess.Popen(
        [*hold, sys.executable, "-m", "valuechains", "claims"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)[1]
    assert said in ("", "error: interrupted; what was there is as it was\n")


# What a shell's `&` ignores stays ignored.
LOST = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
from valuechains.__main__ import COMMANDS, main
class Late:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
def work():
    Late()
    time.sleep(60)
COMMANDS["claims"] = work
raise SystemExit(main(["claims"]))
"""


def test_an_interrupt_that_python_would_lose_comes_once_more():
    # At the end of an object, or in a callback of its importer, it can only say "ignored".
    ended = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=50)
    assert ended.returncode == 130
    assert ended.stderr == "error: interrupted; what was there is as it was\n"


TWICE = """
import builtins, signal, valuechains.__main__ as command
signal.signal(signal.SIGINT, signal.SIG_DFL)
def once_more(*said, **where):
    signal.raise_signal(signal.SIGINT)
    builtins.print(*said, **where)
command.COMMANDS["claims"] = lambda: signal.raise_signal(signal.SIGINT)
command.print = once_more
raise SystemExit(command.main(["claims"]))
"""


def test_a_second_interrupt_changes_nothing():
    ended = subprocess.run(
        [sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=50
    )
    assert ended.returncode == 130
    assert ended.stderr == "error: interrupted; what was there is as it was\n"


def test_a_workbook_of_nobody_is_looked_at_once_and_read_once(tmp_path, monkeypatch):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("far")
    for number in range(HEAD + 500):
        sheet.append([number, "x"])
    book.save(tmp_path / "toys.xlsx")
    read, reads = Workbook.sheet, []

    def counted(self, name, **how):
        found = read(self, name, **how)
        reads.append(len(found.cells))
        return found

    monkeypatch.setattr(Workbook, "sheet", counted)
    with pytest.raises(DataError, match=r"toys\.xlsx: a workbook; by its content none"):
        incoming._read(tmp_path / "toys.xlsx")
    assert reads == [HEAD, HEAD + 500]
