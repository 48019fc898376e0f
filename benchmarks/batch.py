"""The batch against plainer ways of making the same reports: one command, one answer.

Everything runs in a copy of the project in a temporary folder. Ways take turns, each as a
command measured from its start to its end; their executed notebooks must have the same outputs.
"""

import argparse
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from floor import PICTURES
from measure import Cost, measure, median

from press.plan import make
from press.render import read_notebook
from press.translate import messages, translate

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "performance.md"
MARKS = "<!-- benchmark -->\n", "<!-- /benchmark -->"
CORES = os.cpu_count() or 1
BIN = Path(sys.executable).parent
PLAIN, MAKE, POOL, OURS, FLOOR = (
    "commands, one after the other", f"commands, `make -j{CORES}`", "cold pool over the APIs",
    "`python -m press run`", "floor: the cells as plain code",
)  # fmt: skip
ALIKE = ["Cajamarca", "Cusco", "Huánuco", "Junín", "Pasco", "Puno"]


class Copy:
    """A copy of the project, with an environment in which it is what is imported."""

    def __init__(self, root: Path) -> None:
        self.root, self.notebooks = root, root / "notebooks"
        for name in ("data", "lib", "notebooks"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("*.pyc"))
        settings = yaml.safe_load((ROOT / "notebooks/reports.yml").read_text(encoding="utf-8"))
        mine = ("MPLBACKEND", "PYTHONDONTWRITEBYTECODE", "COLD")
        self.environment = {k: v for k, v in os.environ.items() if k not in mine} | {
            "PRESS_PRELOAD": " ".join(settings["preload"]),  # for the floor, which forks itself
            "PYTHONPATH": str(root / "lib"), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "FIGURE_FORMAT": "svg",  # as our command has them drawn
            "MPLCONFIGDIR": str(root / ".cache/mpl"), "IPYTHONDIR": str(root / ".cache/ipython"),
        }  # fmt: skip
        # What a first use would compile or look up is not a cost of any of the ways.
        once = f"{sys.executable} -m compileall -q lib && {sys.executable} -c 'import press._warm'"
        subprocess.run(once, shell=True, cwd=root, env=self.environment, check=True)

    def cost(self, *command: str) -> Cost:
        """Run a command where notebooks run."""
        return measure([sys.executable, *command], self.notebooks, self.environment)

    def reports(self, editions: list[dict[str, Any]]) -> None:
        """Write a `reports.yml` of these editions, of data that are there; else like our own."""
        text = (ROOT / "notebooks/reports.yml").read_text(encoding="utf-8")
        content = yaml.safe_load(text) | ({"editions": editions} if editions else {})
        del content["data"]
        # JSON is YAML, and has no aliases, which `reports.yml` may not have.
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (self.notebooks / "reports.yml").write_text(text, encoding="utf-8")

    def press(self, out: Path) -> Cost:
        """Make the reports by our own command."""
        return self.cost("-m", "press", "run", "--reports", "reports.yml", "--out", str(out))

    def prepare(self) -> Path:
        """Put each report's notebook, translated, and its parameters where other ways take them."""
        folder = self.root / "prepared"
        for job in make(self.notebooks / "reports.yml").jobs:
            path = folder / f"{job.slug}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            source = read_notebook(self.notebooks / f"{job.notebook}.ipynb")
            if job.catalogue:
                source = translate(source, messages(self.notebooks / job.catalogue))
            path.write_text(json.dumps(source), encoding="utf-8")
            path.with_suffix(".json").write_text(json.dumps(job.parameters), encoding="utf-8")
        return folder


def editions(sets: list[tuple[str, list[str], int, int]]) -> list[dict[str, Any]]:
    """One edition a parameter set; the press makes each in both languages."""
    return [
        {
            "name": f"set-{number:03}", "title": f"Set {number}", "notebooks": [notebook],
            "parameters": {"regions": regions, "start_year": start, "end_year": end},
        }
        for number, (notebook, regions, start, end) in enumerate(sets, 1)
    ]  # fmt: skip


def spread(items: list[Any], count: int) -> list[Any]:
    """So many of them, at even distances."""
    return [items[int((place + 0.5) * len(items) / count)] for place in range(count)]


def sample(reports: int) -> list[dict[str, Any]]:
    """The project's own reports, evenly spaced over the full edition, in both languages."""
    jobs = make(ROOT / "notebooks/reports.yml").jobs
    jobs = [job for job in jobs if not job.catalogue and "regions" in job.parameters]
    chosen = spread(jobs, max(reports // 2, 1))
    names = ("regions", "start_year", "end_year")
    return editions([(job.notebook, *(job.parameters[name] for name in names)) for job in chosen])


def alike(reports: int) -> list[dict[str, Any]]:
    """The coffee notebook with as many different parameter sets, of one mix at every number."""
    years = [(2000 + i % 4, 2010 + i % 5) for i in range(20)]
    pairs = list(map(list, itertools.combinations(ALIKE, 2)))
    sets = [("02-coffee-prices", regions, *year) for year in years for regions in pairs]
    return editions(spread(sets, reports // 2))


def commands(prepared: Path, out: Path) -> Iterator[tuple[Path, str]]:
    """Each report's page and the two plain commands that make it."""
    for path in sorted(prepared.glob("*/*.ipynb")):
        target = out / path.relative_to(prepared)
        parameters = path.with_suffix(".json").read_text(encoding="utf-8")
        yield (
            target.with_suffix(".html"),
            f"mkdir -p {target.parent} && papermill {path} {target} -k python3 "
            f"--no-progress-bar -y {shlex.quote(parameters)} && "
            f"jupyter nbconvert --log-level=ERROR --to html {target}",
        )


def write_plain(prepared: Path, out: Path) -> None:
    """The plain commands as a script and as a Makefile."""
    made = list(commands(prepared, out))
    script = "".join(f"{line}\n" for _, line in made)
    (out.parent / f"{out.name}.sh").write_text(f"set -e\n{script}", encoding="utf-8")
    rules = "".join(f"{page}:\n\t{line}\n" for page, line in made).replace("$", "$$")
    pages = " ".join(str(page) for page, _ in made)
    (out.parent / f"{out.name}.mk").write_text(f"all: {pages}\n{rules}", encoding="utf-8")


def ways(copy: Copy, prepared: Path) -> dict[str, Callable[[Path], Cost]]:
    """Each way as a function of the folder that it writes into."""
    here = Path(__file__).parent

    def plain(out: Path, *shell: str) -> Cost:
        write_plain(prepared, out)
        return measure([*shell], copy.notebooks, copy.environment)

    return {
        PLAIN: lambda out: plain(out, "sh", f"{out}.sh"),
        MAKE: lambda out: plain(out, "make", f"-j{CORES}", "-f", f"{out}.mk"),
        POOL: lambda out: copy.cost(str(here / "pool.py"), str(prepared), str(out), str(CORES)),
        OURS: copy.press,
        FLOOR: lambda out: copy.cost(str(here / "floor.py"), str(prepared), str(out), str(CORES)),
    }


def outputs(path: Path) -> list[Any]:
    """What a notebook's cells say and gave, without times and ids."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [["".join(cell["source"]), strip(cell.get("outputs", []))] for cell in cells]


def strip(found: Any) -> Any:
    """Text in one piece, however a notebook's file has it in lines."""
    if isinstance(found, dict):
        # Ours has an SVG again as HTML, for viewers of notebooks that show none.
        kept = found.keys() - ({"text/html"} if "image/svg+xml" in found else set())
        return {key: strip(found[key]) for key in found if key in kept}
    if isinstance(found, list):
        is_text = found and all(isinstance(part, str) for part in found)
        return "".join(found) if is_text else [strip(part) for part in found]
    return found


def pictures(path: Path) -> list[str]:
    """The figures of an executed notebook, or those that the floor kept."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return content
    found = [output for cell in content["cells"] for output in cell.get("outputs", [])]
    bundles = [strip(output["data"]) for output in found if "data" in output]
    return [bundle[kind].strip() for bundle in bundles for kind in PICTURES if kind in bundle]


def differences(
    reference: Path, other: Path, read: Callable[[Path], Any], suffix: str
) -> list[str]:
    """Reports of `reference` that are not the same in another way's folder."""
    wrong = []
    for path in sorted(reference.glob("*/*.ipynb")):
        twin = (other / path.relative_to(reference)).with_suffix(suffix)
        if not twin.is_file():
            wrong.append(f"{twin}: not made")
        elif read(path) != read(twin):
            wrong.append(f"{twin}: not as in {path}")
    return wrong


def pages(out: Path) -> dict[Path, int]:
    """When each page was last written."""
    return {path.relative_to(out): path.stat().st_mtime_ns for path in out.glob("*/*.html")}


def readers(out: Path, name: str) -> set[Path]:
    """The pages that the manifest says have read a file."""
    jobs = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["jobs"]
    return {Path(f"{slug}.html") for slug, job in jobs.items() if name in job["files"]}


def touch(path: Path) -> None:
    """Change a file as little as its kind allows: a figure, a name, a blank."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":  # the last decimal of the last row that has one
        *_, last = re.finditer(r"\.\d*(\d)(?=[,\n])", text)
        text = text[: last.start(1)] + str((int(last[1]) + 1) % 10) + text[last.end(1) :]
    elif path.suffix == ".py":
        text += "\nchanged = True\n"
    else:
        notebook = json.loads(text)
        notebook["cells"][0]["source"] = ["".join(notebook["cells"][0]["source"]), " "]
        text = json.dumps(notebook)
    path.write_text(text, encoding="utf-8")


def compare_ways(copy: Copy, reports: int, rounds: int, wrong: list[str]) -> Iterator[str]:
    """The first table: the same reports in each of the ways."""
    mix = sample(reports)
    copy.reports(mix)
    prepared = copy.prepare()
    made = ways(copy, prepared)
    costs: dict[str, list[Cost]] = {way: [] for way in made}
    for turn in range(rounds):
        folders = {way: copy.root / f"out-{turn}-{place}" for place, way in enumerate(made)}
        for way, run in made.items():
            if way != PLAIN or turn == 0:  # the slowest by far, and nothing in it warms up
                costs[way].append(run(folders[way]))
                say(f"round {turn + 1}: {way}: {costs[way][-1].wall:.1f} s")
        for way in (MAKE, POOL, OURS):
            if folders[PLAIN].is_dir():
                wrong += differences(folders[PLAIN], folders[way], outputs, ".ipynb")
        wrong += differences(folders[OURS], folders[FLOOR], pictures, ".json")
        for way in made:
            if way != PLAIN:
                shutil.rmtree(folders[way])
    found = {way: median(several) for way, several in costs.items()}
    bare = median(Cost(float(c.said.split()[-1]), c.cpu, c.memory) for c in costs[FLOOR])
    plain, floor = found[MAKE], found[FLOOR]
    yield f"| {2 * len(mix)} reports, executed and as HTML | runs | wall s "
    yield f"| CPU s | peak MB | wall / floor | CPU / floor | wall / make -j{CORES} |\n"
    yield "|---|" + "--:|" * 7 + "\n"
    for way, cost in found.items():
        yield f"| {way} | {len(costs[way])} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.memory:.0f} "
        yield f"| {cost.wall / floor.wall:.2f} | {cost.cpu / floor.cpu:.2f} "
        yield f"| {cost.wall / plain.wall:.2f} |\n"
    yield f"\nThe floor without its imports, which ours has too, takes {bare.wall:.1f} s.\n\n"


def compare_sizes(copy: Copy, sizes: list[int]) -> Iterator[str]:
    """The second table: what a report costs when there are more of them."""
    first = None
    yield "| reports, all different | wall s | CPU s | peak MB | wall s each | CPU s each "
    yield "| CPU each / first |\n|--:|" + "--:|" * 6 + "\n"
    for size in sizes:
        copy.reports(alike(size))
        out = copy.root / f"size-{size}"
        cost = copy.press(out)
        count = len(pages(out))
        first = first or cost.cpu / count
        say(f"{count} reports: {cost.wall:.1f} s")
        yield f"| {count} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.memory:.0f} "
        yield f"| {cost.wall / count:.3f} | {cost.cpu / count:.3f} "
        yield f"| {cost.cpu / count / first:.3f} |\n"
        shutil.rmtree(out)
    yield "\n"


def compare_changes(copy: Copy, wrong: list[str]) -> Iterator[str]:
    """The third table: the full edition, then again after nothing or one thing has changed."""
    copy.reports([])
    out = copy.root / "full"
    full = copy.press(out)
    say(f"full edition: {full.wall:.1f} s")
    copy.cost("-m", "valuechains", "data")
    python = shlex.quote(sys.executable)
    reports = f"{python} -m press run --reports reports.yml --out {shlex.quote(str(out))}"
    both = ["sh", "-ec", f"{python} -m valuechains data; {reports}"]
    again = median(measure(both, copy.notebooks, copy.environment) for _ in range(5))
    yield "| the full edition | reports made | wall s | CPU s | share of the first run |\n"
    yield "|---|" + "--:|" * 4 + "\n"
    yield f"| first run | {len(pages(out))} | {full.wall:.1f} | {full.cpu:.1f} | 100 % |\n"
    yield f"| nothing changed, check of the data included | 0 | {again.wall:.2f} | {again.cpu:.2f} "
    yield f"| {100 * again.wall / full.wall:.2f} % |\n"
    for name in (
        "data/processed/fibre_quality.csv",
        "lib/valuechains/select/camelids.py",
        "notebooks/05-fibre.ipynb",
    ):
        before, expected = pages(out), readers(out, name)
        touch(copy.root / name)
        cost = copy.press(out)
        made = {page for page, when in pages(out).items() if before.get(page) != when}
        if made != expected or not made:
            wrong.append(f"{name} changed: made {len(made)}, but {len(expected)} read it")
        say(f"{name} changed: {len(made)} made, {cost.wall:.1f} s")
        yield f"| `{name}` changed | {len(made)} | {cost.wall:.1f} | {cost.cpu:.1f} "
        yield f"| {100 * cost.wall / full.wall:.0f} % |\n"


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=24, help="of the first table")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each way (plain: one)")
    parser.add_argument(
        "--sizes", type=int, nargs="*", help="of the second table (24 100 400; one round: 24 100)"
    )
    parser.add_argument("--no-changes", action="store_true", help="without the third table")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {TARGET.name}")
    options = parser.parse_args()
    sizes = options.sizes
    if sizes is None:
        sizes = [24, 100, 400] if options.rounds > 1 else [24, 100]
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="press-benchmark-") as folder:
        copy = Copy(Path(folder).resolve() / "project")
        text = "".join(compare_ways(copy, options.reports, options.rounds, wrong))
        text += "".join(compare_sizes(copy, sizes)) if sizes else ""
        text += "" if options.no_changes else "".join(compare_changes(copy, wrong))
    print(text)
    if options.write:
        content = TARGET.read_text(encoding="utf-8")
        before, rest = content.split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        TARGET.write_text("".join([before, MARKS[0], text, MARKS[1], after]), encoding="utf-8")
    for line in wrong:
        say(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
