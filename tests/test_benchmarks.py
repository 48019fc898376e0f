"""The benchmark itself: it must see a difference, and every process."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("it reads /proc", allow_module_level=True)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import batch

PNG = {"data": {"image/png": "QUJD\n"}, "metadata": {}, "output_type": "display_data"}


def put(path, outputs, **cell):
    cells = [
        {"cell_type": "markdown", "source": "# a"},
        {"cell_type": "code", "source": "1", "outputs": outputs} | cell,
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells}))


def test_same_outputs_in_other_lines_are_the_same_and_others_are_not(tmp_path):
    stream = {"output_type": "stream", "name": "stdout"}
    put(tmp_path / "a/e/one.ipynb", [stream | {"text": "x\ny\n"}, PNG], id="1")
    put(tmp_path / "b/e/one.ipynb", [stream | {"text": ["x\n", "y\n"]}, PNG], id="2")

    def found():
        return batch.differences(tmp_path / "a", tmp_path / "b", batch.outputs, ".ipynb")

    assert found() == []
    put(tmp_path / "b/e/one.ipynb", [stream | {"text": "x\nz\n"}, PNG])
    assert len(found()) == 1 and "not as in" in found()[0]
    put(tmp_path / "b/e/one.ipynb", [stream | {"text": "x\ny\n"}])
    assert "not as in" in found()[0]
    (tmp_path / "b/e/one.ipynb").unlink()
    assert "not made" in found()[0]


def test_pictures_of_the_floor_are_compared_with_those_of_the_notebook(tmp_path):
    put(tmp_path / "a/e/one.ipynb", [PNG])
    floor = tmp_path / "f/e/one.json"
    floor.parent.mkdir(parents=True)
    for kept, wrong in ((["QUJD"], 0), (["QUJE"], 1), ([], 1)):
        floor.write_text(json.dumps(kept))
        found = batch.differences(tmp_path / "a", tmp_path / "f", batch.pictures, ".json")
        assert len(found) == wrong


def test_a_touched_table_differs_in_one_digit(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1.25,x\n2.19,y 3\n")
    batch.touch(path)
    assert path.read_text() == "a,b\n1.25,x\n2.10,y 3\n"


def measured(folder, code):
    """What measuring a command says: in a process of its own, which waits for all its children."""
    command = [sys.executable, str(Path(batch.__file__).with_name("measure.py"))]
    command += [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_time_of_a_process_that_outlives_the_command_counts(tmp_path):
    # The child of a child burns 0.5 s of CPU, with some 100 MB, after the command has ended.
    burn = "import time; x = b'x' * 10**8; time.sleep(2)\nwhile time.process_time() < 0.5: pass"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}])"
    done = measured(tmp_path, start)
    assert done.returncode == 0, done.stderr
    wall, cpu, memory = map(float, re.findall(r"[\d.]+", done.stdout))
    assert 0.5 <= cpu < 2 and memory > 95
    assert wall < 2


def test_a_command_that_fails_is_no_measurement(tmp_path):
    done = measured(tmp_path, "raise SystemExit('broken')")
    assert done.returncode and "RuntimeError" in done.stderr and "broken" in done.stderr


def test_an_interrupt_leaves_nobody_at_work(tmp_path):
    code = (
        f"import sys; sys.path.insert(0, {str(Path(batch.__file__).parent)!r})\n"
        "import os, pathlib; from measure import measure\n"
        "command = ['sh', '-c', 'echo $$ > pid; sleep 60']\n"
        f"measure(command, pathlib.Path({str(tmp_path)!r}), dict(os.environ))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stderr=subprocess.DEVNULL,
        # What a shell starts in the background would ignore the interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    pid = tmp_path / "pid"
    while not (pid.is_file() and pid.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) != 0
    state = Path(f"/proc/{pid.read_text().strip()}/stat")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it is gone
        # Or it has ended, and whoever inherits it has not asked for it yet.
        assert state.read_text().rpartition(") ")[2][0] == "Z"


def test_parameter_sets_are_all_different():
    sets = [json.dumps(edition["parameters"], sort_keys=True) for edition in batch.alike(400)]
    assert len(sets) == len(set(sets)) == 200


@pytest.mark.long
def test_the_floor_draws_what_the_reports_show(tmp_path):
    copy = batch.Copy(tmp_path / "project")
    copy.reports(batch.sample(2))
    prepared = copy.prepare()
    sets = [json.loads(path.read_text()) for path in prepared.glob("*/*.json")]
    assert len(sets) == 2 and sets[0] | {"language": "es"} == sets[1] | {"language": "es"}
    run = batch.ways(copy, prepared)
    ours, floor = tmp_path / "ours", tmp_path / "floor"
    costs = run[batch.OURS](ours), run[batch.FLOOR](floor)
    assert all(cost.cpu > 0.5 and cost.memory > 50 for cost in costs)
    assert len(list(ours.glob("*/*.html"))) == 2
    assert batch.differences(ours, floor, batch.pictures, ".json") == []
