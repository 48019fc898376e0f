"""A tiny collection, made anew for each test: two notebooks, a library, two tables."""

import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from press.manifest import sealed

LIB, LIGHT = Path(__file__).parents[2] / "lib", Path(__file__).with_name("light")


def patience(seconds: float) -> float:
    """So many seconds on a machine with nothing else to do, more on one that is busy."""
    return seconds * max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


ONE = [
    ("markdown", "# First *question*\n\nText with `code`."),
    ("parameters", 'regions = ["Cusco", "Puno"]\nstart_year = 2000\nnote = "n"'),
    ("code", "from toylib import table\nframe = table('one.csv')\nframe"),
    ("code", "from toylib import figure\nfigure()"),
    ("code", "print(regions, start_year, note)"),
]
TWO = [
    ("markdown", "# Second"),
    ("parameters", "start_year = 2000"),
    ("code", "from toylib import table\ntable('two.csv')"),
]
# A picture of 2 by 1 pixels: what every report loads is not what is tested here.
LIBRARY = """
import csv, html
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0"
    "lEQVR4nGP8//8/AwMDAA7/Av+4xZ6ZAAAAAElFTkSuQmCC"
)

class table:
    def __init__(self, name):
        with open(DATA / name, newline="") as file:
            self.rows = list(csv.reader(file))

    def __repr__(self):
        return repr(self.rows)

    def _repr_html_(self):
        rows = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in self.rows]
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"

class Figure:
    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": PNG, "text/plain": "f"}
        return data, {"image/png": {"alt": 'Three "points" <rising>', "width": 200}}

def figure():
    return Figure()
"""
SCOPE = """
def check(parameters):
    if parameters.get("start_year", 2000) > 2100:
        raise ValueError("start_year: expected a year up to 2100")
    regions = parameters.get("regions")
    return parameters | ({"regions": [r.title() for r in regions]} if regions else {})

def all_regions():
    import html
    return ["Áncash", "Puno"]

def largest():
    return ["Junín"]
"""
REPORTS = """
title: Toy collection
caption: "{regions} · {start_year}"
check: toyscope:check
editions:
  - name: pair
    title: The pair
    notebooks: [one, two]
    parameters: {start_year: 2001}
"""


def cells_to_json(cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = new_notebook(metadata={"kernelspec": kernel})
    for place, (kind, source) in enumerate(cells):
        cell = new_markdown_cell(source) if kind == "markdown" else new_code_cell(source)
        cell.metadata = {"tags": ["parameters"]} if kind == "parameters" else {}
        book.cells.append(cell | {"id": f"c{place}"})
    return json.dumps(book, indent=1) + "\n"


@functools.cache
def warm() -> subprocess.Popen[str]:
    """The process that forks commands (see warm.py): one for all tests that run here."""
    light = os.pathsep.join(map(str, (LIB, LIGHT)))
    own = {"PYTHONPATH": light, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(Path(__file__).with_name("warm.py"))]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, env=os.environ | own)


class Toy:
    """The collection in a folder, and the command line over it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out = root / "reports"
        for name in ("notebooks", "data", "lib"):
            (root / name).mkdir()
        self.reports(REPORTS)
        self.notebook("one", ONE)
        self.notebook("two", TWO)
        (root / "data/one.csv").write_text("name,tonnes\nCusco,1.5\nPuno,2.5\n")
        (root / "data/two.csv").write_text("name,tonnes\nCusco,10\n")
        (root / "lib/toylib.py").write_text(LIBRARY)
        (root / "lib/toyscope.py").write_text(SCOPE)
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, (LIB, root / "lib", LIGHT))),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for name in ("COLD", "PYTEST_CURRENT_TEST"):  # with the latter kernels don't listen to fd 1
            self.environment.pop(name, None)
        self.fresh = False  # where processes are what is tested: commands with an own interpreter

    def with_geodata(self) -> None:
        """Let notebooks read boundaries: the real pyogrio is loaded."""
        real = self.environment["PYTHONPATH"].removesuffix(f"{os.pathsep}{LIGHT}")
        self.environment["PYTHONPATH"], self.fresh = real, True

    def reports(self, text: str) -> None:
        (self.root / "notebooks/reports.yml").write_text(text)

    def notebook(self, stem: str, cells: list[tuple[str, str]]) -> Path:
        path = self.root / f"notebooks/{stem}.ipynb"
        path.write_text(cells_to_json(cells))
        return path

    def cell(self, stem: str, code: str) -> Path:
        """A notebook of one cell of code and a parameter."""
        return self.notebook(stem, [("parameters", "start_year = 1"), ("code", code)])

    def editions(self, *lines: str, head: str = "title: T") -> None:
        """A `reports.yml` of these editions, each without its braces."""
        listed = "".join(f"  - {{{line}}}\n" for line in lines)
        self.reports(f"{head}\neditions:\n{listed}")

    def start(
        self, *arguments: str, before: Sequence[str] = (), folder: Path | None = None
    ) -> subprocess.Popen[str]:
        """Begin a command, here or in a copy of the collection."""
        folder = folder or self.root
        path = self.environment["PYTHONPATH"].replace(str(self.root), str(folder))
        return subprocess.Popen(
            [*before, sys.executable, "-m", "press", *arguments],
            cwd=folder,
            env=self.environment | {"PYTHONPATH": path},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # What a shell starts in the background would ignore the interrupt.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def press(self, *arguments: str, expect: int = 0) -> str:
        """What a command says, on standard output and then on the other."""
        if self.fresh:
            process = self.start(*arguments)
            out, err = process.communicate(timeout=patience(60))
            code = process.returncode
        else:
            code, out, err = self._forked(*arguments)
        assert code == expect, f"exit {code}\n{out}\n{err}"
        return out + err

    def _forked(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code and the outputs of a command that a warm process is asked for."""
        server = warm()
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            asked = {
                "arguments": arguments,
                "folder": str(self.root),
                "environment": self.environment,
                "output": [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)],
            }
            print(json.dumps(asked), file=server.stdin, flush=True)
            assert select.select([server.stdout], [], [], patience(60))[0], "waited in vain"
            code = int(server.stdout.readline())
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def processes(self, folder: Path | None = None) -> list[int]:
        """The processes at work in the folder, however they were started."""
        folder = folder or self.root
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                dead = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
                if (entry / "cwd").readlink().is_relative_to(folder) and not dead:
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def wait(
        self,
        condition: Callable[[], object],
        seconds: float = 60,
        run: subprocess.Popen[str] | None = None,
    ) -> None:
        """Wait until something is so; not if the run that is to bring it about has ended."""
        end = time.monotonic() + patience(seconds)
        while not condition():
            assert run is None or run.poll() is None, run.communicate()
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    def page(self, slug: str) -> str:
        return (self.out / f"{slug}.html").read_text(encoding="utf-8")

    def manifest(self) -> dict:
        found = json.loads((self.out / "manifest.json").read_text())
        if (log := self.out / "manifest.log").exists():  # while a run lasts, or after its death
            for line in log.read_text().splitlines():
                found["jobs"] |= json.loads(line)
        found["jobs"].pop("seal", None)
        return found

    def put_manifest(self, found: dict) -> None:
        found.pop("seal")
        (self.out / "manifest.json").write_text(sealed(found))
