"""Do the tests bite? Small faults, put one at a time into a copy of the project, must be noticed.

``make mutants``: seven guards are given what they are to find (SPOILINGS); then a seeded sample of
all places where the code that decides numbers can be changed (comparisons, arithmetic, conditions,
constants, calls left out), each run against the tests that run its line. A survivor is equivalent
(nothing that is promised changes: a reader judges) or a gap. mutmut changes functions only, not
the constants beside them, and cosmic-ray gives all mutants one command; neither draws a sample.
"""

import argparse
import ast
import copy
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coverage import Coverage, CoverageData

ROOT = Path(__file__).resolve().parents[1]
LIBRARY, PRESS = "lib/valuechains/", "lib/press/"
# The code that decides numbers, and which reports are made.
DECIDING = [LIBRARY + room for room in ("indicators", "extract", "tables", "select", "audit")]
DECIDING += [PRESS + name for name in ("plan", "editions", "parameters", "manifest", "digests")]
# Much of the press runs in processes of its own, whose lines are not seen.
OF_PRESS = "manifest", "foreign", "editions", "site", "run", "engine"
OF_PRESS = [f"tests/press/test_{name}.py" for name in OF_PRESS]
# What is spoiled, in which file, what stands there and instead, and the test to go red.
HERDS, YAML = "notebooks/04-camelids.ipynb", LIBRARY + "tables/declared/coffee_regional.yml"
NOTEBOOKS, TESTS = "tests/test_notebooks.py::test_", "tests/valuechains/test_"
SHOWS = f"{NOTEBOOKS}a_committed_notebook_shows_what_the_report_shows[04-camelids]"
ALT = f"{NOTEBOOKS}every_figure_has_words_and_data[04-camelids]"
WORDS = f"{NOTEBOOKS}every_message_is_translated_with_its_placeholders"
SIDECAR = "data/raw/report_eu_peru_2016/areas_of_work.csv.source.yml"
CLAIMS = "data/processed/claims.csv"
SPOILINGS = [
    ("a figure's data", HERDS, r'("data": "[a-z,]+\\n\d\d,\d{4},)', r"\g<1>1", SHOWS),
    ("a stored cell", HERDS, "(<tbody>[^<]+<tr><td[^>]+>Puno</td><td[^>]+>)", r"\g<1>1", SHOWS),
    ("an alt text", HERDS, '("alt": ")[^"]+', r"\1A figure", ALT),
    ("a translation", LIBRARY + "locale/es.po", r'\nmsgstr "{\w+}', r'\nmsgstr "', WORDS),
    ("a checksum", SIDECAR, "sha256: f", "sha256: 0", TESTS + "data.py"),
    ("a claim", CLAIMS, r"<= 12 \*", "> 12 *", TESTS + "claims.py"),
    ("a preference", YAML, r"(prefer: \[)(.*), (\w+)]", r"\1\3, \2]", TESTS + "door.py"),
]
PAIRS = [(ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn)]
PAIRS += [(ast.Is, ast.IsNot), (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.And, ast.Or)]
OTHER = dict([*PAIRS, *[(new, old) for old, new in PAIRS], (ast.BitAnd, ast.BitOr)])


def changed(node: ast.AST) -> ast.AST | None:
    """Return a node with a small fault in it; nothing where this kind of node has none."""
    other = copy.deepcopy(node)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        other.ops[0] = OTHER[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OTHER:
        other.op = OTHER[type(node.op)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        return other.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        other.value = not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        other.value = node.value * 1.1 if isinstance(node.value, float) else node.value + 1
    elif isinstance(node, ast.If | ast.IfExp):
        other.test = ast.UnaryOp(ast.Not(), other.test)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.Pass()
    return None if ast.unparse(other) == ast.unparse(node) else other


class Replace(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def mutants(name: str) -> list[tuple[str, ast.Module, ast.AST, ast.AST]]:
    """Return every place of a module that can be changed: (name, tree, node, faulty node)."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    passed_over = []  # the wording of errors, and types
    for node in ast.walk(tree):
        fields = ("exc", "annotation", "returns")
        passed_over += [getattr(node, field) for field in fields if getattr(node, field, None)]
    unseen = {part for node in passed_over for part in ast.walk(node)}
    faulty = [(node, changed(node)) for node in ast.walk(tree) if node not in unseen]
    return [(name, tree, node, new) for node, new in faulty if new is not None]


def fails(root: Path, tests: list[str], seconds: float, *under: str) -> bool:
    """Run tests in a copy of the project: does one fail, or take longer than it may?"""
    command = ["timeout", "-s", "KILL", str(seconds), sys.executable, *under, "-m", "pytest"]
    command += ["-x", "-p", "no:cacheprovider", "-p", "tests.quick", *tests]
    environment = os.environ | {"PYTHONPATH": f"{root}/lib", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.DEVNULL)
    return ended.returncode not in (0, 4)  # 4: there is no such test


def record(suite: str, kept: Path) -> float:
    """Keep which lines each test of a file runs; return how many seconds the file takes."""
    ran = kept / Path(suite).with_suffix(".ran").name
    took = ran.with_suffix(".seconds")
    if not took.is_file():
        began = time.monotonic()
        under = ["coverage", "run", "--source=lib", f"--data-file={ran}", f"--context={suite}"]
        if fails(ROOT, [suite], 3600, "-m", *under):
            raise SystemExit(f"{suite} fails with nothing changed")
        took.write_text(str(time.monotonic() - began))
    return float(took.read_text())


def tests_of(name: str, node: ast.AST, ran: CoverageData, seconds: dict) -> list[list[str]]:
    """Return the tests that run a node's lines, or else any of its file; then all beside them.

    What a fixture or a cache keeps of a line is seen by tests that don't run it themselves.
    """
    contexts = ran.contexts_by_lineno(name)  # file|module.test; of fixtures and imports the file
    lines = {line: [one for one in contexts[line] if "|" in one] for line in contexts}
    near = set().union(*(lines.get(line, []) for line in range(node.lineno, node.end_lineno + 1)))
    tests = sorted(re.sub(r"\|.*\.", "::", one) for one in near or set().union(*lines.values()))
    tests.sort(key=lambda test: seconds[test.partition("::")[0]])
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    return [tests, files + OF_PRESS if name.startswith(PRESS) else files]


def survivors(root: Path, tries: Iterator[tuple]) -> set[str]:
    """Put texts, one at a time, in the place of files of a copy: which do no tests notice?"""
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv", ".cache", "own"))
    survived = set()
    for what, name, text, runs, seconds in tries:
        began, whole = time.monotonic(), (root / name).read_text(encoding="utf-8")
        (root / name).write_text(text, encoding="utf-8")
        failed = any(fails(root, tests, seconds) for tests in runs if tests)
        (root / name).write_text(whole, encoding="utf-8")
        said = "noticed " if failed else "SURVIVED"
        print(f"{said} {time.monotonic() - began:4.0f} s  {name}{what}", flush=True)
        survived |= set() if failed else {what}
    return survived


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120, help="of mutants, drawn from all")
    parser.add_argument("--these", type=int, nargs="*", help="numbers of the sample, alone")
    asked = parser.parse_args()
    code = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "lib").rglob("*.py"))
    code = [name for name in code if name.startswith(tuple(DECIDING))]
    every = [one for name in code for one in mutants(name)]
    drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    print(f"{len(drawn)} of {len(every)} mutants of {len(code)} modules, seed {asked.seed}")
    texts = [path.read_bytes() for path in sorted((ROOT / "tests").rglob("*.py"))]
    texts += [(ROOT / name).read_bytes() for name in code]
    kept = ROOT / ".cache/mutants" / hashlib.sha256(b"".join(texts)).hexdigest()[:12]
    kept.mkdir(parents=True, exist_ok=True)
    suites = sorted((ROOT / "tests/valuechains").glob("test_*.py"))
    suites = OF_PRESS + [path.relative_to(ROOT).as_posix() for path in suites]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        seconds = dict(zip(suites, pool.map(record, suites, [kept] * len(suites)), strict=True))
        whole = Coverage(f"{folder}/whole", config_file="pyproject.toml")
        whole.combine([str(path) for path in kept.glob("*.ran")], keep=True)
        tries = []
        for what, name, pattern, new, test in SPOILINGS if not asked.these else []:
            text, many = re.subn(pattern, new, (ROOT / name).read_text(encoding="utf-8"), count=1)
            assert many, f"{name} has no place for {what}"
            tries.append((f": {what}", name, text, [[test]], 900))
        for number, (name, tree, node, new) in enumerate(drawn, 1):
            text = ast.unparse(ast.fix_missing_locations(Replace(node, new).visit(tree)))
            Replace(new, node).visit(tree)
            parts = [ast.unparse(one).partition("\n")[0][:70] for one in (node, new)]
            runs = tests_of(name, node, whole.get_data(), seconds)
            limit = 60 + 10 * sum(seconds[file] for file in runs[-1])
            if not asked.these or number in asked.these:
                what = f":{node.lineno}  {' -> '.join(parts)}  ({number})"
                tries.append((what, name, text, runs, limit))
        left = iter(tries)  # whoever is done takes the next
        copies = [Path(folder, "one"), Path(folder, "other")]
        survived = set().union(*pool.map(survivors, copies, [left, left]))
    print(f"{len(tries) - len(survived)} of {len(tries)} noticed")
    return 1 if any(f": {what}" in survived for what, *_ in SPOILINGS) else 0


if __name__ == "__main__":
    sys.exit(main())
