"""What the operating system does for us: signals, limits, the end of whole families of processes.

Light: every process of the press imports it.
"""

import contextlib
import ctypes
import os
import signal
from collections.abc import Iterator
from pathlib import Path

LIMIT_VARIABLE = "PRESS_MEMORY"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# A user's interrupt, a polite end, a terminal that was closed or told to quit.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def _prctl(option: int, value: int) -> bool:
    """Ask the kernel of Linux for something; False elsewhere."""
    with contextlib.suppress(OSError, AttributeError):
        return ctypes.CDLL(None).prctl(option, value) == 0
    return False


def end_with_parent(number: int = signal.SIGKILL) -> bool:
    """Let the kernel signal this process, busy as it may be, as soon as its parent is dead.

    Linux only; False elsewhere. The parent is the thread that started this process.
    """
    return _prctl(PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become, on Linux, the parent of every descendant whose own parent ends."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_tree(pid: int) -> None:
    """Kill a process with its group and, on Linux, with all that came of it in other groups."""
    family = [pid]
    for member in family:  # which grows as it goes
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                family += map(int, task.read_text().split())
    ends = [(os.kill, member) for member in reversed(family)]
    ends.insert(-1, (os.killpg, pid))  # it may be our own: last but one, and we are the last
    for end, number in ends:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(number, signal.SIGKILL)


def limit_memory(megabytes: int) -> None:
    """Limit the writable memory that this process, and each that it starts, may map.

    No file that they write may be larger either: one without end would fill the disk. Where the
    system has no such limit (macOS counts no memory) there is none.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft = megabytes * 10**6
        for limit in (resource.RLIMIT_DATA, resource.RLIMIT_FSIZE):
            _, hard = resource.getrlimit(limit)
            if hard == resource.RLIM_INFINITY or soft < hard:
                resource.setrlimit(limit, (soft, hard))


def interrupt_on_signals() -> None:
    """Let whatever asks this process to end interrupt it; what `nohup` ignores stays ignored."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for number in ENDINGS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Finish what is inside before an interrupt takes effect."""
    caught: list[int] = []

    def wait(number: int, frame: object) -> None:
        caught.append(number)

    before = {}
    for number in ENDINGS:
        if signal.getsignal(number) not in (None, signal.SIG_IGN):
            before[number] = signal.signal(number, wait)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:
        raise KeyboardInterrupt
