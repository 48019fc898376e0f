"""What does a run leave that is ended at any moment? ``make kills``: fifty moments, seeded.

``make add``, ``make data`` and ``make reports`` (three reports), in a clone of what is committed,
are ended by a signal to the whole group, every fifth time in the first tenth of a second. After
each nothing is torn, no finished report is lost, nothing is left running, git sees no stray file,
there is no traceback; the next run ends with the bytes of one that nobody disturbed.
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

ROOT, SEED, MOMENTS = Path(__file__).resolve().parents[1], 1, int(os.environ.get("N", 50))
EDITION = "{name: small, title: Small, notebooks: [04-camelids, 05-fibre, method-glossary]}"
PLACES = ("data", "docs", ".cache/data.json", "reports/small")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
Files = dict[str, bytes]


def state(root: Path) -> Files:
    """Return the files that the targets make; those that begin with a point are nobody's."""
    files = [path for place in PLACES for path in [root / place, *(root / place).rglob("[!.]*")]]
    held = {path.relative_to(root).as_posix(): path for path in files if path.is_file()}
    return {name: path.read_bytes() for name, path in held.items() if "/.adding" not in name}


def put(root: Path, files: Files) -> None:
    """Make a clone's files what they were."""
    for place in (*PLACES[:2], ".cache", "reports"):
        shutil.rmtree(root / place, ignore_errors=True)
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def make(root: Path, target: str, number: int = 0, moment: float | None = None) -> str:
    """Run a target, and end it after so many seconds; what it said."""
    process = subprocess.Popen(
        ["make", *target.split(), f"ENV={sys.prefix}"], cwd=root, text=True, process_group=0,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        return process.communicate(timeout=moment)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, number)
        return process.communicate()[0]


def running(root: Path) -> list[str]:
    """Return the processes at work in a folder, once they have had five seconds to end."""
    found, end = [""], time.monotonic() + 5
    while found and time.monotonic() < end:
        places = [*Path("/proc").glob("[0-9]*/cwd")]
        found = [one.parent.name for one in places if f"{root}/" in f"{os.path.realpath(one)}/"]
    return found


def faults(root: Path, said: str, before: Files, after: Files) -> list[str]:
    """Return what should not be, after a run that was ended."""
    now = state(root)
    git = ["git", "status", "--porcelain", "-uall", "--", "."]
    seen = subprocess.run(git, cwd=root, capture_output=True, text=True, check=True).stdout
    strays = {line[3:] for line in seen.splitlines() if line.startswith("??")} - {*after}
    torn = [name for name in now if now[name] not in (before.get(name), after.get(name))]
    lost = [name for name in before if name in after and name not in now]
    finished = [line.split()[1] for line in said.splitlines() if line.startswith("ok  ")]
    lost += [slug for slug in finished if f"reports/{slug}.html" not in now]
    found = {"running": running(root), "torn": torn, "lost": lost, "git sees": strays}
    found["said"] = ["a traceback"] if "Traceback" in said else []
    return [f"{what}: {', '.join(sorted(names))}" for what, names in found.items() if names]


def main() -> int:
    chance, wrong = random.Random(SEED), 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # not ignored, as after `&`
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        subprocess.run(["git", "clone", "-q", ROOT, root], check=True)
        declared = root / "notebooks/reports.yml"
        head = declared.read_text(encoding="utf-8").partition("\neditions:")[0]
        declared.write_text(f"{head}\neditions:\n  - {EDITION}\n", encoding="utf-8")
        rows = (root / "data/raw/faostat_qcl_2025/coffee_peru.csv").read_bytes().splitlines(True)
        (root / "docs/shorter.csv").write_bytes(b"".join(rows[:-1]))
        states, seconds, targets = (
            [state(root)],
            [],
            ["add FILE=docs/shorter.csv", "data", "reports"],
        )
        for target in targets:
            began = time.monotonic()
            make(root, target)
            seconds.append(time.monotonic() - began)
            states.append(state(root))
        for number in range(MOMENTS):
            step, end = chance.randrange(len(targets)), SIGNALS[number % len(SIGNALS)]
            moment = chance.uniform(0, seconds[step] if number % 5 else 0.1)
            put(root, states[step])
            found = faults(root, make(root, targets[step], end, moment), *states[step : step + 2])
            make(root, targets[step])
            differ = {*state(root).items()} ^ {*states[step + 1].items()}
            found += sorted({f"other bytes: {name}" for name, _ in differ})
            wrong += bool(found)
            what = f"{targets[step].split()[0]:8} {end.name} after {moment:5.2f} s"
            print(f"{number + 1:2}  {what}  {'; '.join(found) or 'holds'}", flush=True)
    print(f"{MOMENTS - wrong} of {MOMENTS} moments hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
