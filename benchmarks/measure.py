"""What a command costs: wall time, CPU time and memory of it and of all its descendants (Linux)."""

import contextlib
import ctypes
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
EVERY = 0.5  # seconds between two looks at the memory; one costs some milliseconds a process


@dataclass(frozen=True)
class Cost:
    """Seconds, and MB of proportional set size (a page that n processes share counts 1/n each)."""

    wall: float
    cpu: float
    memory: float
    said: str = ""


def measure(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a command to its end and that of every process it started.

    This process becomes the one that orphans are given to, so that nobody's time is lost, not
    even that of a server that outlives the command.

    Raises
    ------
    RuntimeError
        When the command fails; with the end of what it said.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    peak, over = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(EVERY):
            peak = max(peak, sum(map(_memory, descendants(os.getpid()))))

    watcher = threading.Thread(target=watch)
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        watcher.start()
        try:
            begun = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = usage.ru_utime + usage.ru_stime + _orphans()
        except BaseException:  # an interrupt leaves nobody at work
            for pid in descendants(os.getpid()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            raise
        finally:
            over.set()
            watcher.join()
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]}: {process.returncode}\n{text[-2000:]}")
    return Cost(wall, cpu, peak, text)


def _orphans() -> float:
    """CPU seconds of the processes that were left, each awaited."""
    seconds = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds += usage.ru_utime + usage.ru_stime


def descendants(pid: int) -> list[int]:
    """Every process below one."""
    found, look = [], [pid]
    while look:
        here = look.pop()
        for task in Path(f"/proc/{here}/task").glob("*"):
            try:
                children = [int(child) for child in (task / "children").read_text().split()]
            except OSError:
                continue
            found += children
            look += children
    return found


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):  # it has just ended
        return 0.0


def median(costs: Iterable[Cost]) -> Cost:
    """The median of each of the costs of several runs."""
    rows = [(cost.wall, cost.cpu, cost.memory) for cost in costs]
    return Cost(*(statistics.median(column) for column in zip(*rows, strict=True)))


if __name__ == "__main__":
    cost = measure(sys.argv[1:], Path.cwd(), dict(os.environ))
    print(f"wall {cost.wall:.2f} s, CPU {cost.cpu:.2f} s, memory {cost.memory:.0f} MB")
