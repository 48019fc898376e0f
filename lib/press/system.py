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
LIBC = ctypes.CDLL(None)  # opened once: that takes as long as what it is asked for
# A user's interrupt, a polite end, a terminal that was closed or told to quit.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def _prctl(option: int, value: int) -> bool:
    """Ask the kernel of Linux for something; False elsewhere."""
    with contextlib.suppress(OSError, AttributeError):
        return LIBC.prctl(option, value) == 0
    return False


def end_with_parent(number: int = signal.SIGKILL) -> bool:
    """Be signalled as soon as the thread that started this process is dead; False if we can't."""
    return _prctl(PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become, on Linux, the parent of every descendant whose own parent ends."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_tree(pid: int) -> None:
    """Kill a process with its group and, on Linux, with all that came of it in other groups."""
    family = [pid]
    for member in family:  # which grows as it goes
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for task in Path(f"/proc/{member}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    family += map(int, task.read_text().split())
    ends = [(os.kill, member) for member in reversed(family)]
    ends.insert(-1, (os.killpg, pid))  # it may be our own: last but one, and we are the last
    for end, number in ends:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(number, signal.SIGKILL)


def limit_memory(megabytes: int) -> None:
    """Limit the memory that this process, and each that it starts, may map, where there is a limit.

    No file that they write may be larger either: one without end would fill the disk.
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
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)  # make holds Ctrl-C back until now


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Finish what is inside before an interrupt takes effect."""
    caught: list[int] = []
    handlers = {number: signal.getsignal(number) for number in ENDINGS}
    ours = {n: handler for n, handler in handlers.items() if handler not in (None, signal.SIG_IGN)}
    for number in ours:
        signal.signal(number, lambda number, frame: caught.append(number))
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
    if caught:
        raise KeyboardInterrupt
