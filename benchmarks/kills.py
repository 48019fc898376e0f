"""What does a run leave that is ended at any moment? ``make kills``: fifty moments, seeded.

``make add``, ``make data`` and ``make reports`` (three reports, two languages), in a clone of what
is committed, are ended by a signal to the whole group, every fifth time in the first tenth of a
second. After each nothing is torn, no finished report is lost, nothing is left running, git sees
no stray file, there is no traceback; the next run ends with the bytes of one left in peace.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT, SEED, MOMENTS = Path(__file__).resolve().parents[1], 1, 50
EDITION = "{name: small, title: Small, notebooks: [04-camelids, 05-fibre, method-glossary]}"
PLACES = ("data", "docs", ".cache/data.json", "reports/small", "reports/small-es")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
TARGETS = ("add FILE=docs/shorter.csv", "data", "reports")
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


def state(root: Path) -> dict[str, bytes]:
    """Return the files that the targets make; those that begin with a point are nobody's."""
    files = [path for place in PLACES for path in [root / place, *(root / place).rglob("[!.]*")]]
    held = {path.relative_to(root).as_posix(): path for path in files if path.is_file()}
    return {name: path.read_bytes() for name, path in held.items() if "/.adding" not in name}


def make(root: Path, target: str, number: int = 0, moment: float | None = None) -> str:
    """Run a target, and end it after so many seconds; what it said."""
    command = ["make", *target.split(), f"ENV={sys.prefix}"]
    process = subprocess.Popen(command, cwd=root, process_group=0, **PIPES)
    try:
        return process.communicate(timeout=moment)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, number)
        return process.communicate()[0]


def faults(root: Path, said: str, before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Return what should not be, after a run that was ended and had five seconds to be gone."""
    left, end = ["?"], time.monotonic() + 5
    while left and time.monotonic() < end:
        ways = {one: f"{os.path.realpath(one)}/" for one in Path("/proc").glob("[0-9]*/cwd")}
        left = [one.parent.name for one, way in ways.items() if way.startswith(f"{root}/")]
    git, now, lines = ["git", "status", "--porcelain", "-uall"], state(root), said.splitlines()
    seen = subprocess.run(git, cwd=root, check=True, **PIPES).stdout.splitlines()
    lost = before.keys() & after.keys() - now.keys()
    lost |= {f"reports/{one.split()[1]}.html" for one in lines if one[:4] == "ok  "} - now.keys()
    torn = [name for name in now if now[name] not in (before.get(name), after.get(name))]
    strays = {line[3:] for line in seen if line.startswith("??")} - {*after}
    found = {"running": left, "torn": torn, "lost": lost, "stray": strays}
    found["traceback"] = [line for line in lines if line.startswith("Traceback")]
    return [f"{what}: {', '.join(sorted(names))}" for what, names in found.items() if names]


with tempfile.TemporaryDirectory() as folder:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # not ignored, as after `&`
    root, chance, held = Path(folder).resolve(), random.Random(SEED), 0
    subprocess.run(["git", "clone", "-q", ROOT, root], check=True)
    declared = root / "notebooks/reports.yml"
    head = declared.read_text(encoding="utf-8").partition("\neditions:")[0]
    declared.write_text(f"{head}\neditions:\n  - {EDITION}\n", encoding="utf-8")
    rows = (root / "data/raw/faostat_qcl_2025/coffee_peru.csv").read_bytes().splitlines(True)
    (root / "docs/shorter.csv").write_bytes(b"".join(rows[:-1]))
    states, clock = [state(root)], [time.monotonic()]
    for target in TARGETS:
        make(root, target)
        states.append(state(root))
        clock.append(time.monotonic())
    for number in range(MOMENTS):
        step, end = chance.randrange(len(TARGETS)), SIGNALS[number % len(SIGNALS)]
        moment = chance.uniform(0, clock[step + 1] - clock[step] if number % 5 else 0.1)
        for place in (*PLACES[:2], ".cache", "reports"):
            shutil.rmtree(root / place, ignore_errors=True)
        for name, content in states[step].items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        found = faults(root, make(root, TARGETS[step], end, moment), *states[step : step + 2])
        make(root, TARGETS[step])
        differ = {*state(root).items()} ^ {*states[step + 1].items()}
        found += sorted({f"other bytes: {name}" for name, _ in differ})
        held += not found
        what = f"{TARGETS[step][:7]:8} {end.name} after {moment:5.2f} s "
        print(what, found or "holds", flush=True)
    print(f"{held} of {MOMENTS} moments hold")
