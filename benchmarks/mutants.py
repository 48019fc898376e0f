"""Do the tests bite? Small faults, put one at a time into a copy of the project, must be noticed.

``make mutants``: seven guards are given what they are to find (SPOILINGS); then a seeded sample of
all places where the code that decides numbers can be changed (comparisons, arithmetic, conditions,
constants, calls left out), each run against the tests of its own room. A survivor is equivalent
(nothing that is promised changes: a reader judges) or a gap. mutmut changes functions only, not
the constants beside them, and cosmic-ray gives all mutants one command; neither draws a sample.
"""

import argparse
import ast
import contextlib
import copy
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARY, PRESS = "lib/valuechains/", "lib/press/"
# Beginnings of modules' names and their tests (test_….py), the quick ones first.
READERS = "values workbook incoming table tidy data"
TESTS = {
    LIBRARY + "indicators/": "indicators specialisation spatial survey profile reference",
    LIBRARY + "select/": "regions camelids economies gaps measured nearness profile "
    "programmes door figures claims series specialisation data",
    LIBRARY + "audit/": "claims vintages",
    LIBRARY + "tables/": "table boundaries tidy declared door economies vintages mutations data",
    LIBRARY + "extract/": f"declared corrections series panels {READERS}",
    LIBRARY + "extract/boundaries": f"boundary_files boundaries {READERS}",
    LIBRARY + "extract/comtrade": f"comtrade {READERS}",
    LIBRARY + "extract/faostat": f"faostat {READERS}",
    LIBRARY + "extract/ledger": READERS,
    LIBRARY + "extract/series": f"wdi {READERS}",
    LIBRARY + "extract/sheets": f"ico midagri {READERS}",
    LIBRARY + "extract/text": f"faostat wdi {READERS}",
    LIBRARY + "extract/long": f"faostat wdi comtrade {READERS}",
    LIBRARY + "extract/prices": f"pinksheet ico {READERS}",
    LIBRARY + "extract/countries": f"ico wdi {READERS}",
    LIBRARY + "extract/yearbook": f"midagri {READERS}",
    LIBRARY + "extract/titled": f"panels midagri {READERS}",
    PRESS + "plan": "editions manifest foreign run",
    PRESS + "editions": "editions foreign run",
    PRESS + "parameters": "editions engine run",
    PRESS + "manifest": "manifest run site",
    PRESS + "digests": "manifest run",
}
# What is spoiled, in which file, what stands there and instead, and the tests to go red.
HERDS, YAML = "notebooks/04-camelids.ipynb", LIBRARY + "tables/declared/coffee_regional.yml"
NOTEBOOKS = "tests/test_notebooks.py::test_"
SHOWS = f"{NOTEBOOKS}a_committed_notebook_shows_what_the_report_shows[04-camelids]"
ALT = f"{NOTEBOOKS}every_figure_has_words_and_data[04-camelids]"
WORDS = f"{NOTEBOOKS}every_message_is_translated_with_its_placeholders"
REPORT = "report_eu_peru_2016"
SIDECAR = f"data/raw/{REPORT}/areas_of_work.csv.source.yml"
SPOILINGS = [
    ("a figure's data", HERDS, r'("data": "[a-z,]+\\n\d\d,\d{4},)', r"\g<1>1", SHOWS),
    ("a stored cell", HERDS, "(<tbody>[^<]+<tr><td[^>]+>Puno</td><td[^>]+>)", r"\g<1>1", SHOWS),
    ("an alt text", HERDS, '("alt": ")[^"]+', r"\1A figure", ALT),
    ("a translation", LIBRARY + "locale/es.po", r'\nmsgstr "{\w+}', r'\nmsgstr "', WORDS),
    ("a checksum", SIDECAR, "sha256: f", "sha256: 0", "data"),
    ("a claim", "data/processed/claims.csv", r"<= 12 \*", "> 12 *", "claims"),
    ("a preference", YAML, r"(prefer: \[)(.*), (\w+)]", r"\1\3, \2]", "door"),
]  # fmt: skip
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


class Replace(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def tests_of(room: str, names: str) -> list[str]:
    """Return tests as pytest wants them; of a file of a room's tests its short name is enough."""
    folder = "press" if room.startswith(PRESS) else "valuechains"
    short = f"tests/{folder}/test_{{}}.py"
    return [name if name.startswith("tests/") else short.format(name) for name in names.split()]


class Copy:
    """A copy of what git knows of the project, with the reports that were made of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        for name in listed.stdout.decode().rstrip("\0").split("\0"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
        if (ROOT / "reports").is_dir():
            shutil.copytree(ROOT / "reports", root / "reports")

    def notices(self, what: str, name: str, text: str, tests: list[str]) -> bool:
        """Put a text in the place of a file, run tests, put it back: does one fail, or hang?"""
        began, whole = time.monotonic(), (self.root / name).read_text(encoding="utf-8")
        (self.root / name).write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
            cwd=self.root, stdout=subprocess.DEVNULL, start_new_session=True,
            env=os.environ | {"PYTHONPATH": f"{self.root}/lib", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        try:
            failed = process.wait(900) in (1, 2)  # failures; errors of imports
        except subprocess.TimeoutExpired:
            failed = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        (self.root / name).write_text(whole, encoding="utf-8")
        said = "noticed " if failed else "SURVIVED"
        print(f"{said} {time.monotonic() - began:4.0f} s  {name}{what}", flush=True)
        return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120, help="of mutants, drawn from all")
    parser.add_argument("--first", type=int, default=1, help="of the sample: go on with this one")
    parser.add_argument("--only", default="", help="a beginning of modules' names")
    parser.add_argument("--sure", action="store_true", help="that the tests pass: don't try first")
    asked = parser.parse_args()
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "lib").rglob("*.py"))
    files = [name for name in files if name.startswith(tuple(TESTS))]
    every = [one for name in files if name.startswith(asked.only) for one in mutants(name)]
    drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    print(f"{len(drawn)} of {len(every)} mutants of {len(files)} modules, seed {asked.seed}")
    drawn = drawn[asked.first - 1 :]
    with tempfile.TemporaryDirectory() as folder:
        here, seen, killed = Copy(Path(folder)), 0, 0
        if not asked.sure:
            text = (ROOT / files[0]).read_text(encoding="utf-8")
            used = {test for room in TESTS for test in tests_of(room, TESTS[room])}
            if here.notices(": nothing changed", files[0], text, sorted(used)):
                return 1
        for what, name, pattern, new, tests in SPOILINGS if asked.first == 1 else []:
            text, many = re.subn(pattern, new, (ROOT / name).read_text(encoding="utf-8"), count=1)
            assert many, f"{name} has no place for {what}"
            seen += here.notices(f": {what}", name, text, tests_of(LIBRARY, tests))
        for name, tree, node, new in drawn:
            text = ast.unparse(ast.fix_missing_locations(Replace(node, new).visit(tree)))
            Replace(new, node).visit(tree)
            parts = [ast.unparse(one).partition("\n")[0][:70] for one in (node, new)]
            room = max((begin for begin in TESTS if name.startswith(begin)), key=len)
            what = f":{node.lineno}  {' -> '.join(parts)}"
            killed += here.notices(what, name, text, tests_of(room, TESTS[room]))
    print(f"{seen} spoilings noticed; {killed} of {len(drawn)} mutants killed")
    return 0 if asked.first > 1 or seen == len(SPOILINGS) else 1


if __name__ == "__main__":
    sys.exit(main())
