"""Every report in a process of its own: begun clean, limited, and ended by whatever happens.

Notebooks whose names begin with "cold" run in ordinary kernels, beside the others.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toys import patience

DEAF = "import signal; [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)]"
# A process of the notebook's, and a daemon: in a session of its own, its parent gone.
STARTS = """
import os, subprocess
subprocess.Popen(["sleep", "600"])
subprocess.run(["sh", "-c", "setsid sleep 600 &"])
"""
# Cells that never end: in Python, in the system, in C without giving up the interpreter's lock.
MATCH = "import re; re.match('(a+)+b', 'a' * 99)"
BUSY = {
    "loop": f"{DEAF}\n{{}}\nwhile True: pass",
    "sleep": f"{DEAF}\n{{}}\nimport time; time.sleep(600)",
    "match": f"{STARTS}\n{DEAF}\n{{}}\n{MATCH}",
    "cold": f"{STARTS}\n{{}}\n{MATCH}",
}


@pytest.fixture(autouse=True)
def _fresh(toy):
    toy.fresh = True


def collection(toy, head: str = "title: T", **cells: str) -> None:
    """Notebooks of one cell each, and the second of the toy first of all."""
    for name, cell in cells.items():
        toy.cell(name, cell)
    cold = ", ".join(name for name in cells if name.startswith("cold"))
    names = ", ".join(["two", *cells])
    toy.editions(f"name: e, title: E, notebooks: [{names}]", head=f"{head}\nkernel: [{cold}]")


LONG = [
    pytest.param(name, marks=pytest.mark.long)
    for name in ("SIGHUP", "SIGQUIT", "SIGKILL", "parent")
]


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", *LONG])
def test_whatever_ends_a_run_ends_all_at_once_and_keeps_what_is_finished(toy, how):
    mark = "open('{}.begun', 'w').close()"
    collection(toy, **{name: cell.format(mark.format(name)) for name, cell in BUSY.items()})
    if how == "parent":  # make, when that alone is killed
        toy.environment["PRESS_ATTACHED"] = "1"
    before = ["sh", "-c", '"$@"; true', "sh"] if how == "parent" else []
    process = toy.start("run", "--workers", "5", before=before)
    toy.wait(lambda: len(list(toy.root.glob("notebooks/*.begun"))) == len(BUSY))
    toy.wait(lambda: "e/two" in toy.manifest()["jobs"])
    assert len(toy.processes()) > 8
    begun = time.monotonic()
    if how in {"parent", "SIGTERM"}:
        process.send_signal(signal.SIGKILL if how == "parent" else signal.SIGTERM)
    else:  # as a terminal does: to the whole group
        os.killpg(process.pid, getattr(signal, how))
    toy.wait(lambda: toy.processes() == [], 2)
    assert time.monotonic() - begun < patience(2)
    _, err = process.communicate(timeout=patience(20))
    if how not in {"parent", "SIGKILL"}:
        assert (process.returncode, err) == (130, "interrupted; what was finished is kept\n")
        assert "e/two.html" in (toy.out / "index.html").read_text()
        assert not [path for path in toy.out.rglob(".*") if path.name != ".lock"]
        assert toy.press("stale").startswith("e/loop  new\n")


LOST = """
import signal, sys, time, press.run
from press.__main__ import main
class Late:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
def work(*_):
    Late()
    time.sleep(60)
press.run.show_stale = work
sys.exit(main(["stale"]))
"""


def test_an_interrupt_that_python_would_lose_comes_once_more():
    ended = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=50)
    assert (ended.returncode, ended.stderr) == (130, "interrupted; what was finished is kept\n")


TWICE = """
import signal, sys, press.__main__, press.run
def passed_on(*_):
    signal.raise_signal(signal.SIGTERM)
press.run.show_stale = press.__main__.exec = passed_on
sys.exit(press.__main__.main(["stale"]))
"""


def test_a_signal_that_make_passes_on_is_answered_once():
    ended = subprocess.run(
        [sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=50
    )
    assert (ended.returncode, ended.stderr) == (130, "interrupted; what was finished is kept\n")


@pytest.mark.long
def test_interrupt_while_the_fork_server_comes_up(toy):
    process = toy.start("run")
    toy.wait(lambda: len(toy.processes()) > 2)  # with multiprocessing's tracker
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=patience(20))
    toy.wait(lambda: toy.processes() == [], 2)
    assert time.monotonic() - begun < patience(2)
    assert (process.returncode, err) == (130, "interrupted; what was finished is kept\n")


def test_killed_fork_server_fails_only_what_was_running(toy):
    collection(toy, slow="open('begun', 'w').close()\nwhile True: pass", last="1")
    process = toy.start("run", "--workers", "1")
    toy.wait((toy.root / "notebooks/begun").exists)
    for pid in toy.processes():
        if b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes():
            parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == process.pid:
                os.kill(pid, signal.SIGKILL)
    out, err = process.communicate(timeout=patience(30))
    assert "2 made, 0 unchanged, 1 failed" in out, (out, err, process.returncode)
    assert "FAILED  e/slow\n        cell 2: its process died" in out
    assert toy.processes() == []


def test_what_cells_do_to_their_process_ends_with_it_and_fails_them_alone(toy):
    much, more = "x = numpy.ones(10**9)", "while True: x.append(bytes(10**5))"
    own = "class Clear(ValueError):\n    def _render_traceback_(self): return ['one line']\n"
    group = "raise ExceptionGroup('g', [ValueError('a')])"  # which IPython only prints
    taken = "import sys; sys.stdout = None\n3"
    ends = {"quit": "quit()", "exit": "exit", "sys": "import sys; sys.exit(0)"}
    collection(
        toy,
        slow="import time; time.sleep(600)",
        starts=STARTS,
        cold_starts=STARTS,
        forks="import os\npid = os.fork()\n0",
        closes="import os; os.closerange(3, 256)",
        killed="import os; os.kill(os.getpid(), 9)",
        ended="import os; os._exit(3)",
        cold_ended="import os; os._exit(3)",
        crashed="import os; os.kill(os.getpid(), 11)",
        cold_crashed="import os; os.kill(os.getpid(), 11)",
        cold_killed="import os; os.kill(os.getpid(), 9)",
        much=f"import numpy\n{much}",
        cold_much=f"import numpy\n{much}",
        more=f"# grows\nx = []\n{more}",
        cold_more=f"# grows\nx = []\n{more}",
        fits="x = bytes(3 * 10**8)",
        group=group,
        cold_group=group,
        debugger="import bdb; raise bdb.BdbQuit",
        shut="import sys; sys.stdout.close()\nprint(1)",
        unwritten="display({'application/json': {1: object()}}, raw=True)",
        taken=taken,
        cold_taken=taken,
        past="import sys; print('be' 'side', file=sys.__stdout__)",
        gone="import os; os.mkdir('d'); os.chdir('d'); os.rmdir('../d')",
        clear=f"{own}raise Clear('bad')",
        cold_port="get_ipython().kernel.parent.transport",  # many would look for the same port
        **ends,
        **{f"cold_{name}": cell for name, cell in ends.items() if name != "sys"},
    )
    said = toy.press("run", "--memory", "900", "--timeout", f"{patience(5):.0f}", expect=1)
    assert "8 made, 0 unchanged, 25 failed, 11 in an ordinary kernel" in said
    assert "Kernel died" not in said  # said once, in our words
    assert toy.processes() == [] and "ipc" in toy.page("e/cold_port")
    assert "beside" in toy.page("e/past")
    limit = "needed more than 900 MB of memory"
    short = "signal 9 (Killed); the system does that where memory is short"
    expected = {
        "closes": "cell 2: its process can no longer be heard",
        **dict.fromkeys(("killed", "cold_killed"), f"cell 2: its process died, {short}\n"),
        **dict.fromkeys(("ended", "cold_ended"), "cell 2: its process died, exit code 3\n"),
        **dict.fromkeys(
            ("crashed", "cold_crashed"),
            "cell 2: its process died, signal 11 (Segmentation fault)\n",
        ),
        "clear": "cell 2, line 3 (raise Clear('bad')): Clear: bad\n",
        "slow": "cell 2: took longer than ",
        **dict.fromkeys(("group", "cold_group"), f"cell 2, line 1 ({group}): ExceptionGroup: g (1"),
        "debugger": "cell 2, line 1 (import bdb; raise bdb.BdbQuit): BdbQuit",
        "shut": "cell 2, line 2 (print(1)): ValueError: I/O operation on closed file",
        **dict.fromkeys(
            ("taken", "cold_taken"), "cell 2: AttributeError: 'NoneType' object has no"
        ),
        **dict.fromkeys(("much", "cold_much"), f"cell 2, line 2 ({much}): {limit}\n"),
        **dict.fromkeys(("more", "cold_more"), f"cell 2, line 3 ({more}): {limit}\n"),
        **{name: f"cell 2, line 1 ({cell}): SystemExit" for name, cell in ends.items()},
        "cold_quit": "cell 2, line 1 (quit()): SystemExit: the notebook ended itself here",
        "cold_exit": "cell 2, line 1 (exit): SystemExit: the notebook ended itself here",
    }
    for name, why in expected.items():
        assert f"FAILED  e/{name}\n        {why}" in said, name


# Loaded by the fork server too: what it forks ends before it begins.
FALTERS = """
import os, sys
if "multiprocessing.forkserver" in " ".join(sys.orig_argv):
    os.register_at_fork(after_in_child=lambda: os._exit(3))
"""


def test_a_report_that_cannot_be_started_fails(toy):
    (toy.root / "lib/sitecustomize.py").write_text(FALTERS)
    assert "FAILED  pair/one\n        its process died, exit code 3" in toy.press("run", expect=1)


STATE = """
import hashlib, os, signal, sys, threading
import matplotlib, numpy, random
settings = {k: v for k, v in matplotlib.rcParams.items() if k != "backend"}
print(hashlib.sha256(repr(settings).encode()).hexdigest())
print([signal.getsignal(n) is h for n, h in [
    (signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGPIPE, signal.SIG_IGN), (signal.SIGCHLD, signal.SIG_DFL)]])
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), numpy.geterr(), sys.getrecursionlimit())
print([os.environ[f"{n}_NUM_THREADS"] for n in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")])
print(set("collections of letters"), matplotlib.get_backend(), os.getcwd()[-9:])
"""
LEAVES = """
import matplotlib, numpy, os, random, signal, sys, threading, time
matplotlib.rcParams["lines.linewidth"] = 9
numpy.random.seed(1); random.seed(1); numpy.seterr(all="raise"); os.environ["LEFT"] = "x"
signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.setrecursionlimit(50_000)
threading.Thread(target=time.sleep, args=(600,)).start()
"""
DRAWS = """
import json, numpy, os, random, sys, threading
fds = [os.path.realpath(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")]
state = [random.random(), numpy.random.random(), numpy.random.default_rng().random()]
threads = [thread.name for thread in threading.enumerate()]
_ = open(f"{start_year}.json", "w").write(json.dumps([state, sys.stdin.read(), threads,
    os.environ.get("LEFT"), [fd for fd in fds if "/fd" not in fd], fds]))
"""


def test_every_report_begins_clean(toy):
    toy.environment["OPENBLAS_NUM_THREADS"] = "4"  # is not for reports side by side
    # pages of draws are the same: what they drew goes to a file
    draws = {name: f"start_year = '{name}'{DRAWS}" for name in "ab"}
    head = "title: T\npreload: [numpy, matplotlib.pyplot]"
    collection(toy, head, leaves=LEAVES, state=STATE, **draws)
    books = {}
    for way in ("--workers=1", "--workers=2", "--cold"):
        toy.press("run", way, "--out", f"reports{way}")
        books[way] = {
            path.name: path.read_bytes()
            for path in (toy.root / f"reports{way}").rglob("*.*")
            if path.suffix in {".html", ".ipynb", ".png"} and path.parent.name == "e"
        }
        if way == "--cold":
            continue
        a, b = (json.loads((toy.root / f"notebooks/{n}.json").read_text()) for n in "ab")
        assert not set(a[0]) & set(b[0])  # no two reports draw the same numbers
        for _, given, threads, left, files, fds in (a, b):
            assert (given, left) == ("", None)
            assert threads == ["MainThread"]
            # standard streams (files without a name), the pipe to the runner, multiprocessing's
            # two, an event loop; PROJ's table of coordinate systems, which opens again after a fork
            named = {Path(file).name for file in files if not file.endswith("(deleted)")}
            assert named <= {"null", "proj.db"}
            assert len(fds) < 22
    assert books["--workers=1"] == books["--workers=2"] == books["--cold"]
    assert len(books["--cold"]) == 10
    state = json.loads(books["--cold"]["state.ipynb"])["cells"][-1]["outputs"][0]["text"]
    assert state[1:4:2] == ["[True, True, True, True]\n", "['1', '1', '1', '1']\n"]


def resident(pid: int) -> float:
    """MB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000


@pytest.mark.long
def test_runner_keeps_nothing_of_finished_reports(toy):
    toy.cell("one", "for _ in range(4): display('x' * 480_000)")
    years = list(range(27))
    toy.editions(f"name: e, title: E, notebooks: [one], for_each: {{start_year: {years}}}")
    process = toy.start("run")
    assert process.stdout
    sizes = [resident(process.pid) for line in process.stdout if line.startswith("ok")]
    assert len(sizes) == 27
    assert sum(path.stat().st_size for path in (toy.out / "e").iterdir()) > 100e6
    assert sizes[-1] - sizes[9] < 15
    process.communicate()


def test_two_runs_at_once_do_the_work_once(toy):
    runs = [toy.start("run") for _ in range(2)]
    said = [run.communicate(timeout=patience(60)) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sorted("2 made" in out for out, _ in said) == [False, True]
    assert sum("all 2 reports are up to date" in out for out, _ in said) == 1
    waits = "another run is at work in this checkout; waiting…\n"
    assert sorted(err for _, err in said) == ["", waits]
