"""The same edition on a Dask cluster of this machine: workers with working copies of their own."""

import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest
from toys import Toy, patience

SLOW = [
    ("parameters", "start_year = 1"),
    ("code", "import time\nopen(f'{start_year}.begun', 'w').close()\nwhile True: pass"),
]
STEP = [("parameters", "start_year = 1"), ("code", "import time; time.sleep(0.5); start_year")]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


class Cluster:
    """A scheduler, and workers in copies of the toy collection."""

    def __init__(self, toy) -> None:
        self.toy = toy
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self.workers: list[subprocess.Popen[str]] = []
        self.scheduler = subprocess.Popen(
            f"{sys.executable} -m distributed.cli.dask_scheduler --host {self.address} "
            "--no-dashboard --dashboard-address 127.0.0.1:0".split(),
            stderr=subprocess.DEVNULL,
            cwd=toy.root.parent,
            env=toy.environment,
        )
        toy.wait(lambda: listens(port))

    def copy(self, name: str) -> Path:
        """A working copy of the collection as it is now."""
        folder = self.toy.root.parent / name
        for part in ("lib", "data", "notebooks"):
            shutil.copytree(self.toy.root / part, folder / part)
        if (lock := self.toy.root / "requirements.lock").exists():
            shutil.copy(lock, folder)
        return folder

    def join(self, *folders: Path, count: int = 1) -> None:
        """Start a worker in each folder, and wait until they are there."""
        options = f"worker --workers {count} --scheduler {self.address}".split()
        begun = [self.toy.start(*options, folder=folder) for folder in folders]
        for worker in begun:
            assert worker.stdout
            assert select.select([worker.stdout], [], [], patience(60))[0], "waited in vain"
            assert worker.stdout.readline().startswith("worker ")
        self.workers += begun

    def run(self, *more: str, expect: int = 0) -> str:
        return self.toy.press("run", "--scheduler", self.address, *more, expect=expect)

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.terminate()
        for process in [*self.workers, self.scheduler]:
            process.wait(patience(10))


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    (tmp_path / "here").mkdir()
    return Toy(tmp_path / "here")


@pytest.fixture
def cluster(toy) -> Iterator[Cluster]:
    cluster = Cluster(toy)
    yield cluster
    cluster.end()
    toy.wait(lambda: toy.processes(toy.root.parent) == [], 2)


def pages(folder: Path) -> dict[str, bytes]:
    """What belongs to reports; the index says when each was made."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.glob("*/**/*.*"))
        if path.suffix in {".html", ".ipynb", ".png"}
    }


def test_same_bytes_and_the_same_failure_as_here(toy, cluster):
    toy.cell("bad", "1 / 0")
    toy.cell("dies", "import os; os._exit(3)")
    toy.editions(
        "name: e, title: E, notebooks: [one, two, bad, dies]",
        "name: y, title: Y, notebooks: [two], for_each: {start_year: [1, 2, 3, 4]}",
    )
    cluster.join(cluster.copy("a"), count=2)
    said = cluster.run("--out", "far", "--memory", "1500", expect=1)
    here = toy.press("run", "--out", "near", "--memory", "1500", expect=1)
    assert len(pages(toy.root / "near")) == 16
    assert pages(toy.root / "near") == pages(toy.root / "far")
    far, near = (text.split(" failed")[1] for text in (said, here))
    assert far.replace("far/", "") == near.replace("near/", "")
    assert "cell 2, line 1 (1 / 0): ZeroDivisionError" in said
    assert "its process died, exit code 3" in said
    # both kept the same account of what each report had read
    toy.out = toy.root / "far"
    assert toy.press("stale", "--out", "far") == toy.press("stale", "--out", "near")
    assert cluster.run("--out", "far", expect=1).count("ok  ") == 0


@pytest.mark.long
def test_workers_that_end_lose_nothing(toy, cluster):
    toy.notebook("step", STEP)
    years = list(range(1, 9))
    toy.editions(f"name: e, title: E, notebooks: [step], for_each: {{start_year: {years}}}")
    cluster.join(cluster.copy("a"), cluster.copy("b"), cluster.copy("c"))
    process = toy.start("run", "--scheduler", cluster.address)
    toy.wait(lambda: any(toy.out.rglob("*.html")), run=process)
    cluster.workers[0].kill()
    cluster.workers[1].terminate()
    out, err = process.communicate(timeout=patience(30))
    assert process.returncode == 0, out + err
    assert cluster.workers[1].wait(patience(10)) == 0
    done = [line.split()[1] for line in out.splitlines() if line.startswith("ok")]
    assert sorted(done) == [f"e/step-{n}" for n in years]  # each of them once
    assert "8 made, 0 unchanged, 0 failed" in out


@pytest.mark.long
def test_other_copies_are_refused_and_one_that_changes_meanwhile(toy, cluster):
    toy.cell("slow", "open('begun', 'w').close()\nimport time; time.sleep(1)")
    toy.editions("name: e, title: E, notebooks: [slow, two]")
    (toy.root / "requirements.lock").write_text("numpy==2\n")
    same, lock, code = (cluster.copy(name) for name in ("same", "lock", "code"))
    (lock / "requirements.lock").write_text("numpy==1\n")
    with (code / "lib/toylib.py").open("a") as file:
        file.write("# other\n")
    cluster.join(lock, code)
    said = cluster.run(expect=2)
    assert "is refused: its requirements.lock is another one than here\n" in said
    assert "is refused: its lib is another one than here\n" in said
    assert said.endswith(f"error: no worker at {cluster.address} can be used (see above)\n")
    assert not (toy.out / "e").exists()
    cluster.join(same)
    said = cluster.run()
    assert "2 made" in said
    assert said.count("is refused") == 2
    (same / "notebooks/begun").unlink()
    (toy.out / "manifest.json").unlink()
    process = toy.start("run", "--scheduler", cluster.address)
    toy.wait((same / "notebooks/begun").exists, run=process)
    (same / "data/two.csv").write_text("name,tonnes\nCusco,11\n")
    out, err = process.communicate(timeout=patience(30))
    assert "1 made, 0 unchanged, 1 failed" in out, out + err
    assert "e/two\n        made where data/two.csv is another one than here" in out


def test_what_counts_of_a_copy(toy):
    from press.cluster import state
    from press.job import Settings

    def now():
        return state(Settings(toy.root / "notebooks/reports.yml", toy.out))

    def other():
        return [part.split()[0] for part, before in zip(now(), here, strict=True) if part != before]

    here = now()
    book = toy.root / "notebooks/one.ipynb"
    book.write_text(book.read_text().replace('"execution_count": null', '"execution_count": 1'))
    (toy.root / "lib/__pycache__").mkdir()
    (toy.root / "lib/__pycache__/toylib.pyc").touch()
    assert other() == []  # outputs and compiled modules do not matter
    (toy.root / "data/one.csv").unlink()
    toy.notebook("two", STEP)
    assert other() == ["data", "notebooks"]


@pytest.mark.long
def test_run_that_ends_early_leaves_the_workers_free(toy, cluster):
    toy.notebook("slow", SLOW)
    toy.editions(
        "name: e, title: E, notebooks: [two]",
        "name: s, title: S, notebooks: [slow], for_each: {start_year: [1, 2]}",
    )
    away = cluster.copy("a")
    cluster.join(away, count=2)
    idle = len(toy.processes(toy.root.parent))
    for how in (signal.SIGINT, signal.SIGKILL):
        process = toy.start("run", "--scheduler", cluster.address)
        toy.wait(
            lambda: len([*away.rglob("*.begun")]) == 2 and "e/two" in toy.manifest()["jobs"],
            run=process,
        )
        process.send_signal(how)
        ended = time.monotonic()
        _, err = process.communicate(timeout=patience(20))
        toy.wait(lambda: len(toy.processes(toy.root.parent)) == idle, 2)
        assert time.monotonic() - ended < patience(3)
        if how == signal.SIGINT:
            assert (process.returncode, err) == (130, "interrupted; what was finished is kept\n")
        for mark in away.rglob("*.begun"):
            mark.unlink()
    toy.editions("name: e, title: E, notebooks: [two]")
    (away / "notebooks/reports.yml").write_bytes((toy.root / "notebooks/reports.yml").read_bytes())
    (toy.out / "manifest.json").unlink()
    assert "1 made" in cluster.run()
    (worker,) = cluster.workers
    worker.terminate()
    _, err = worker.communicate(timeout=patience(5))
    assert (worker.returncode, err) == (0, "")


HURRIED = """
import sys
if "--scheduler" in sys.orig_argv:
    import press.cluster
    press.cluster.PATIENCE = {}
"""


@pytest.mark.long
def test_lost_scheduler(toy, cluster):
    toy.fresh = True  # only a new interpreter looks for a sitecustomize
    hurry = toy.root / "lib/sitecustomize.py"
    hurry.write_text(HURRIED.format(patience(1)))
    assert cluster.run(expect=2) == f"error: there is no worker at {cluster.address}\n"
    hurry.unlink()
    toy.notebook("slow", SLOW)
    toy.editions("name: e, title: E, notebooks: [two, slow]")
    away = cluster.copy("a")
    cluster.join(away, count=2)
    process = toy.start("run", "--scheduler", cluster.address)
    toy.wait(lambda: (toy.out / "e/two.html").exists() and any(away.rglob("*.begun")), run=process)
    cluster.scheduler.kill()
    _, err = process.communicate(timeout=patience(20))
    gone = f"error: the scheduler at {cluster.address} is gone"
    assert (process.returncode, err) == (2, f"{gone}; what was finished is kept\n")
    assert "e/two.html" in (toy.out / "index.html").read_text()
    assert cluster.workers[0].wait(patience(10)) == 2
    assert cluster.workers[0].stderr.read() == f"{gone}\n"
    hurry.write_text(HURRIED.format(patience(1)))
    assert cluster.run(expect=2) == f"error: no scheduler answers at {cluster.address}\n"


def test_whatever_a_lost_scheduler_is_asked_for_is_one_line(toy, cluster):
    from press.cluster import Cluster as Place
    from press.job import CollectionError, Job, Settings

    here = Settings(toy.root / "notebooks/reports.yml", toy.out, scheduler=cluster.address)
    place, job = Place(here), Job("e/two", "e", "two", {}, "Two")
    begun = place.submit(job)
    cluster.scheduler.kill()
    assert wait([begun], patience(10)).done == {begun}  # cancelled: the connection is lost
    place.client.close()  # as it does itself when it has looked in vain for a while
    for ask in (lambda: place.slots, lambda: place.submit(job), lambda: place.result(begun)):
        with pytest.raises(CollectionError, match="is gone; what was finished is kept"):
            ask()


@pytest.mark.parametrize("command", ["run", "worker"])
def test_something_else_at_the_address(toy, command):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        process = toy.start(command, "--scheduler", address)
        connection, _ = other.accept()
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)
        _, err = process.communicate(timeout=patience(30))
        connection.close()
    assert process.returncode == 2
    assert err.startswith(f"error: no scheduler answers at {address}") and err.count("\n") == 1
