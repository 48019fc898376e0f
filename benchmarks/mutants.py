"""Do the tests bite? Small faults, put one at a time into a copy of the project, must be noticed.

``make mutants``: seven guards are given what they are to find (SPOILINGS); then a seeded sample of
all places where the code that decides numbers can be changed (comparisons, arithmetic, conditions,
constants, calls left out), each run against the tests that run its line. A survivor is equivalent
(nothing that is promised changes: a reader judges) or a gap.
"""

import argparse
import ast
import hashlib
import importlib
import itertools
import multiprocessing
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

LIBRARY, PRESS = "lib/valuechains/", "lib/press/"
# The code that decides numbers, and which reports are made.
DECIDING = [LIBRARY + room for room in ("indicators", "extract", "tables", "select", "audit")]
DECIDING += [PRESS + name for name in ("plan", "editions", "parameters", "manifest", "digests")]
# Much of the press runs in processes of its own, whose lines are not seen.
OF_PRESS = "manifest", "translate", "foreign", "editions", "site", "run", "engine"
OF_PRESS = [f"tests/press/test_{name}.py" for name in OF_PRESS]
QUICKLY = ["-x", "-p", "no:cacheprovider", "-p", "tests.quick", "--assert=plain"]
SURVIVED = "SURVIVED"
LIMIT = 600  # seconds for the tests of a mutant; all tests together take some three minutes
FORKED, COPIES = multiprocessing.get_context("fork"), queue.SimpleQueue()
# What is spoiled, in which file, what stands there and instead, and the test to go red.
HERDS, YAML = "notebooks/04-camelids.ipynb", LIBRARY + "tables/declared/coffee_regional.yml"
NOTEBOOKS, TESTS = "tests/test_notebooks.py::test_", "tests/valuechains/test_"
SHOWS = f"{NOTEBOOKS}a_committed_notebook_shows_what_the_report_shows[04-camelids]"
ALT = f"{NOTEBOOKS}every_figure_has_words_and_data[04-camelids]"
WORDS = f"{NOTEBOOKS}every_message_is_translated_with_its_placeholders"
SIDECAR = "data/raw/report_eu_peru_2016/areas_of_work.csv.source.yml"
CLAIMS, PO = "data/processed/claims.csv", LIBRARY + "locale/es.po"
SPOILINGS = [
    ("a figure's data", HERDS, r'("data": "[a-z,]+\\n\d\d,\d{4},)', r"\g<1>1", SHOWS),
    ("a stored cell", HERDS, "(<tbody>[^<]+<tr><td[^>]+>Puno</td><td[^>]+>)", r"\g<1>1", SHOWS),
    ("an alt text", HERDS, '("alt": ")[^"]+', r"\1A figure", ALT),
    ("a translation", PO, r'\nmsgstr "{\w+}', r'\nmsgstr "', WORDS),
    ("a checksum", SIDECAR, "sha256: f", "sha256: 0", TESTS + "data.py"),
    ("a claim", CLAIMS, r"<= 12 \*", "> 12 *", TESTS + "claims.py"),
    ("a preference", YAML, r"(prefer: \[)(.*), (\w+)]", r"\1\3, \2]", TESTS + "door.py"),
]
PAIRS = [(ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn)]
PAIRS += [(ast.Is, ast.IsNot), (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.And, ast.Or)]
OTHER = dict([*PAIRS, *[(new, old) for old, new in PAIRS], (ast.BitAnd, ast.BitOr)])


def fault(node: ast.AST) -> dict[str, object]:
    """Return what to change in a node for a small fault; nothing where its kind has none."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        return {"ops": [OTHER[type(node.ops[0])](), *node.ops[1:]]}
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OTHER:
        return {"op": OTHER[type(node.op)]()}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        return {"operand": ast.UnaryOp(node.op, node.operand)}
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return {"value": not node.value}
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return {"value": node.value + 1}
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return {"value": node.value * 1.1} if node.value else {}
    if isinstance(node, ast.If | ast.IfExp):
        return {"test": ast.UnaryOp(ast.Not(), node.test)}
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return {"value": ast.Constant(None)}
    return {}


def mutants(name: str) -> list[tuple[str, ast.Module, ast.AST]]:
    """Return every place of a module that can be changed: (name, tree, node)."""
    tree = ast.parse(Path(name).read_text(encoding="utf-8"))
    passed_over = []  # the wording of errors, and types
    for node, field in itertools.product(ast.walk(tree), ("exc", "annotation", "returns")):
        passed_over += [getattr(node, field)] if getattr(node, field, None) else []
    unseen = {part for node in passed_over for part in ast.walk(node)}
    return [(name, tree, one) for one in ast.walk(tree) if one not in unseen and fault(one)]


def record(suite: str, code: str) -> tuple[str, float]:
    """Keep which lines each test of a file runs, as long as it and the code are the same."""
    digest = hashlib.sha256((code + Path(suite).read_text(encoding="utf-8")).encode()).hexdigest()
    ran = Path(f".cache/mutants/{Path(suite).stem}-{digest[:12]}")
    took = ran.with_suffix(".seconds")
    if not took.is_file():
        ran.parent.mkdir(parents=True, exist_ok=True)
        under = ["coverage", "run", "--source=lib", f"--data-file={ran}", f"--context={suite}"]
        command, began = [sys.executable, "-m", *under, "-m", "pytest", suite], time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.write_text(str(time.monotonic() - began))
    return str(ran), float(took.read_text())


def tests_of(name: str, node: ast.AST, ran: CoverageData, seconds: dict) -> list[str]:
    """Return the tests that run a node's lines, or any of its module; then all beside them."""
    contexts = ran.contexts_by_lineno(name)
    lines = set(range(node.lineno, node.end_lineno + 1)) & set(contexts)
    near = {one for line in lines for one in contexts[line]}
    # What also runs while a file is loaded (a constant, a default) concerns all of its module.
    if not near or any("|" not in one for one in near):
        near = {one for line in contexts for one in contexts[line] if "|" in one}
    # file|module.test; what another module calls a test (hypothesis does) stands for the file.
    own = re.compile(r"(.*/(\w+)\.py)\|\2\.(\w+)")
    tests = {own.sub(r"\1::\3", one).partition("|")[0] for one in near}
    files = sorted({test.partition("::")[0] for test in tests}, key=seconds.get)
    quick = [test for file in files for test in tests if test.startswith(file)]
    # Those beside them see what a fixture or a cache keeps of a line.
    return quick + files + (OF_PRESS if name.startswith(PRESS) else [])


def trial(root: Path, tests: list[str]) -> None:
    """Run tests in a copy, file by file; end this process with 1 as soon as one fails."""
    os.chdir(root)
    os.environ["PYTHONPATH"] = f"{root}/lib"
    sys.path[:0] = [f"{root}/lib", str(root)]
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    by_file = itertools.groupby(tests, lambda test: test.partition("::")[0])
    failed = any(pytest.main([*QUICKLY, *some]) != 0 for _, some in by_file)
    os._exit(failed)  # whatever threads and processes the tests have left


def result(task: tuple[str, str, str, list[str]]) -> str:
    """Put a text in the place of a file of a copy: does no test fail, and do they end?"""
    (_, name, text, tests), root = task, COPIES.get()
    whole = (root / name).read_text(encoding="utf-8")
    (root / name).write_text(text, encoding="utf-8")
    process = FORKED.Process(target=trial, args=(root, tests))
    process.start()
    process.join(LIMIT)
    has_ended = process.exitcode is not None
    process.kill()
    process.join()
    (root / name).write_text(whole, encoding="utf-8")
    COPIES.put(root)
    # On a busy machine tests without end may be only slow: they are told apart.
    return (SURVIVED if process.exitcode == 0 else "noticed ") if has_ended else "no end  "


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120, help="of mutants, drawn from all")
    parser.add_argument("--these", type=int, nargs="*", help="numbers of the sample, alone")
    asked = parser.parse_args()
    code = sorted(map(str, Path("lib").rglob("*.py")))
    code = [name for name in code if name.startswith(tuple(DECIDING))]
    every = [one for name in code for one in mutants(name)]
    drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    print(f"{len(drawn)} of {len(every)} mutants of {len(code)} modules, seed {asked.seed}")
    texts = "".join(Path(name).read_text(encoding="utf-8") for name in code)
    suites = OF_PRESS + sorted(map(str, Path("tests/valuechains").glob("test_*.py")))
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # Each mutant has a process of its own, forked from this one, which has loaded what all need.
    for name in ("geopandas", "hypothesis", "nbformat", "openpyxl", "pydantic", "seaborn"):
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        for place in ("one", "other"):
            ignored = shutil.ignore_patterns(".git", ".venv", ".cache", "own")
            COPIES.put(shutil.copytree(".", Path(folder, place), ignore=ignored))
        recorded = list(pool.map(record, suites, [texts] * len(suites)))
        seconds = dict(zip(suites, [one for _, one in recorded], strict=True))
        whole = Coverage(f"{folder}/whole", config_file="pyproject.toml")
        whole.combine([ran for ran, _ in recorded], keep=True)
        tries = []
        for what, name, pattern, new, test in SPOILINGS if not asked.these else []:
            text = re.sub(pattern, new, Path(name).read_text(encoding="utf-8"), count=1)
            tries.append((f"{name}: {what}", name, text, [test]))
        for number, (name, tree, node) in enumerate(drawn, 1):
            was, before = dict(vars(node)), ast.unparse(node).partition("\n")[0][:70]
            vars(node).update(fault(node))
            text, after = ast.unparse(tree), ast.unparse(node).partition("\n")[0][:70]
            vars(node).update(was)
            tests = tests_of(name, node, whole.get_data(), seconds)
            if not asked.these or number in asked.these:
                what = f"({number}) {name}:{node.lineno}  {before} -> {after}"
                tries.append((what, name, text, tests))
        left = []
        for one, found in zip(tries, pool.map(result, tries), strict=True):
            left += one[:1] if found == SURVIVED else []
            print(f"{found}  {one[0]}", flush=True)
    print(f"{len(left)} survived")
    return 1 if any("(" not in what for what in left) else 0


if __name__ == "__main__":
    sys.exit(main())
