"""Every report in a process of its own: begun clean, limited, and ended by whatever happens."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from toys import patience

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PARAMETERS = ("parameters", "start_year = 1")
DEAF = "import signal; [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)]"
# Cells that never end: in Python, in the system, in C without giving up the interpreter's lock.
BUSY = {
    "loop": "while True: pass",
    "sleep": "import time; time.sleep(600)",
    "match": "import re; re.match('(a+)+b', 'a' * 99)",
}


def collection(toy, **cells: str) -> None:
    """Notebooks of one cell each, and the second of the toy first of all."""
    for name, cell in cells.items():
        toy.cell(name, cell)
    names = ", ".join(["two", *cells])
    toy.reports(f"title: T\neditions:\n - {{name: e, title: E, notebooks: [{names}]}}\n")


def busy(toy, *arguments: str):
    """A run whose reports are all busy for ever but for the first, which is finished."""
    mark = "open('{}.begun', 'w').close()"
    collection(toy, **{n: f"{DEAF}\n{mark.format(n)}\n{cell}" for n, cell in BUSY.items()})
    process = toy.start("run", "--workers", "4", *arguments)
    toy.wait(
        lambda: (
            all((toy.root / f"notebooks/{name}.begun").exists() for name in BUSY)
            and "e/two" in (toy.manifest()["jobs"] if (toy.out / "manifest.json").exists() else ())
        )
    )
    return process


@pytest.mark.parametrize("way", [(), ("--cold",)], ids=["warm", "cold"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_all_at_once_and_keeps_what_is_finished(toy, way, how):
    process = busy(toy, *way)
    assert len(toy.processes()) > 4
    begun = time.monotonic()
    process.send_signal(how)
    out, err = process.communicate(timeout=patience(20))
    toy.wait(lambda: toy.processes() == [], 2)
    assert time.monotonic() - begun < patience(2)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert "e/two.html" in (toy.out / "index.html").read_text()
    assert toy.press("stale").startswith("e/loop  new\n")
    assert not [p for p in toy.out.rglob(".*") if p.name != ".lock"]


@pytest.mark.parametrize("way", [(), ("--cold",)], ids=["warm", "cold"])
def test_nothing_outlives_a_killed_run(toy, way):
    process = busy(toy, *way)
    process.kill()
    toy.wait(lambda: toy.processes() == [], 2)
    process.communicate()


def test_interrupt_while_the_fork_server_comes_up(toy):
    process = toy.start("run")
    toy.wait(lambda: len(toy.processes()) > 2)  # with multiprocessing's tracker
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the run
    _, err = process.communicate(timeout=patience(20))
    toy.wait(lambda: toy.processes() == [], 2)
    assert time.monotonic() - begun < patience(2)
    assert (process.returncode, err) == (130, "interrupted; what was finished is kept\n")


def test_killed_fork_server_fails_only_what_was_running(toy):
    mark = "open('begun', 'w').close()"
    collection(toy, slow=f"{mark}\n{BUSY['loop']}", last="1")
    process = toy.start("run", "--workers", "1")
    toy.wait((toy.root / "notebooks/begun").exists)
    for pid in toy.processes():
        if b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes():
            parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == process.pid:
                os.kill(pid, signal.SIGKILL)
    out, _ = process.communicate(timeout=patience(30))
    assert "2 made, 0 unchanged, 1 failed" in out
    assert "FAILED  e/slow\n        its process died" in out
    assert toy.processes() == []


# A process of the notebook's, and a daemon: in a session of its own, its parent gone.
STARTS = """
import os, subprocess
subprocess.Popen(["sleep", "600"])
subprocess.run(["sh", "-c", "setsid sleep 600 &"])
"""


@pytest.mark.parametrize("way", [(), ("--cold",)], ids=["warm", "cold"])
def test_what_a_notebook_starts_ends_with_it(toy, way):
    collection(toy, starts=STARTS)
    assert "2 made" in toy.press("run", *way)
    assert toy.processes() == []


@pytest.mark.parametrize("way", [(), ("--cold",)], ids=["warm", "cold"])
@pytest.mark.parametrize("how", ["SIGINT", "SIGHUP", "SIGQUIT", "SIGKILL", "its parent's"])
def test_what_a_notebook_starts_ends_with_the_run(toy, way, how):
    collection(toy, starts=f"{STARTS}open('begun', 'w').close()\n{BUSY['match']}")
    if how == "its parent's":  # make, when that alone is killed
        toy.environment["PRESS_ATTACHED"] = "1"
        process = toy.start("run", *way, before=["sh", "-c", '"$@"; true', "sh"])
    else:
        process = toy.start("run", *way)
    toy.wait((toy.root / "notebooks/begun").exists)
    if how == "its parent's":
        process.kill()
    else:  # as a terminal does: to the whole group
        os.killpg(process.pid, getattr(signal, how))
    toy.wait(lambda: toy.processes() == [], 2)
    process.communicate()


def test_fork_that_a_notebook_does_not_end_and_pipe_that_it_closes(toy):
    closes = "import os; os.closerange(3, 256)"
    collection(toy, forks="import os\npid = os.fork()\n0", closes=closes)
    said = toy.press("run", expect=1)
    assert "2 made, 0 unchanged, 1 failed" in said
    assert "e/closes\n        its process can no longer be heard" in said


@pytest.mark.parametrize("way", [(), ("--cold",)], ids=["warm", "cold"])
def test_report_that_needs_too_much_memory_fails_alone(toy, way):
    collection(
        toy,
        much="import numpy\nx = numpy.ones(10**9)",
        more="# grows\nx = []\nwhile True: x.append(bytes(10**5))",
        fits="x = bytes(3 * 10**8)",
    )
    said = toy.press("run", "--memory", "900", *way, expect=1)
    assert "2 made, 0 unchanged, 2 failed" in said
    cell = "needed more than 900 MB of memory"
    assert f"FAILED  e/much\n        cell 2, line 2 (x = numpy.ones(10**9)): {cell}\n" in said
    assert (
        f"FAILED  e/more\n        cell 2, line 3 (while True: x.append(bytes(10**5))): {cell}\n"
        in said
    )


def test_dead_kernel_is_named(toy):
    collection(toy, dies="import os; os.kill(os.getpid(), 9)")
    said = toy.press("run", "--cold", expect=1)
    assert "FAILED  e/dies\n        its kernel died; the limit is 2,000 MB of memory\n" in said


# Loaded by the fork server too: what it forks ends before it begins.
FALTERS = """
import os, sys
def falter():
    with open(os.path.dirname(__file__) + "/starts", "a") as file:
        file.write("x")
    if os.path.getsize(file.name) <= {times}:
        os._exit(3)
if "multiprocessing.forkserver" in " ".join(sys.orig_argv):
    os.register_at_fork(after_in_child=falter)
"""


@pytest.mark.parametrize(("times", "made", "starts"), [(1, 1, 2), (9, 0, 2)])
def test_only_a_failure_to_start_is_tried_again_and_only_once(toy, times, made, starts):
    toy.editions("name: e, title: E, notebooks: [two]")
    (toy.root / "lib/sitecustomize.py").write_text(FALTERS.format(times=times))
    said = toy.press("run", expect=1 - made)
    assert f"{made} made" in said
    assert ("e/two\n        its process could not be started" in said) == (not made)
    assert len((toy.root / "lib/starts").read_text()) == starts
    # a report that fails is not
    (toy.root / "lib/starts").unlink()
    (toy.root / "lib/sitecustomize.py").write_text(FALTERS.format(times=0))
    toy.cell("two", "1 / 0")
    toy.press("run", expect=1)
    assert (toy.root / "lib/starts").read_text() == "x"


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
    collection(
        toy, leaves=LEAVES, state=STATE, a=f"start_year = 'a'{DRAWS}", b=f"start_year = 'b'{DRAWS}"
    )
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


@pytest.mark.parametrize(("way", "kernel"), [((), None), (("--cold",), "ipc")])
def test_ordinary_kernels_are_spoken_to_without_ports(toy, way, kernel):
    # Ports are looked for before they are taken: of many kernels at once one would not start.
    collection(toy, a="app = get_ipython().kernel.parent\nprint(app and app.transport)")
    toy.press("run", *way)
    cells = json.loads((toy.out / "e/a.ipynb").read_text())["cells"]
    assert cells[-1]["outputs"][0]["text"] == [f"{kernel}\n"]


def test_real_reports_have_the_same_bytes_warm_and_cold(toy):
    stems = ("02-coffee-prices", "04-camelids")
    for stem in stems:
        shutil.copy(NOTEBOOKS / f"{stem}.ipynb", toy.root / "notebooks")
    toy.reports(f"title: T\neditions:\n - {{name: e, title: E, notebooks: [{', '.join(stems)}]}}\n")
    books = []
    for way in ("--workers=2", "--cold"):
        toy.press("run", way, "--out", f"reports{way}")
        folder = toy.root / f"reports{way}/e"
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        books.append({str(path.relative_to(folder)): path.read_bytes() for path in files})
    assert {f"{stem}{end}" for stem in stems for end in (".html", ".ipynb", ".png")} < set(books[0])
    assert books[0] == books[1]


def resident(pid: int) -> float:
    """MB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000


def test_runner_keeps_nothing_of_finished_reports(toy):
    toy.cell("one", "'x' * 1_900_000")
    toy.reports(
        "title: T\neditions:\n - {name: e, title: E, notebooks: [one], for_each: {start_year: "
        f"{list(range(45))}}}}}\n"
    )
    process = toy.start("run")
    assert process.stdout
    sizes = []
    for line in process.stdout:
        if line.startswith("ok"):
            sizes.append(resident(process.pid))
    assert len(sizes) == 45
    made = sum(path.stat().st_size for path in (toy.out / "e").iterdir()) / 1e6
    assert made > 100
    assert sizes[-1] - sizes[9] < 15
    process.communicate()


def test_two_runs_at_once_do_the_work_once(toy):
    runs = [toy.start("run") for _ in range(2)]
    said = [run.communicate(timeout=patience(60)) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sorted("2 made" in out for out, _ in said) == [False, True]
    assert sum("all 2 reports are up to date" in out for out, _ in said) == 1
    assert sum("waiting" in err for _, err in said) == 1
