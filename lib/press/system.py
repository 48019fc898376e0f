"""What the operating system does for us: signals, limits, the end of whole families of processes.

Light: every process of the press imports it.
"""

import contextlib
import ctypes
import glob
import math
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LIMIT_VARIABLE = "PRESS_MEMORY"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None)  # opened once: that takes as long as what it is asked for
# A user's interrupt, a polite end, a terminal that was closed or told to quit.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def _prctl(option: int, value: int) -> bool:
    """Ask the kernel of Linux for something; False elsewhere."""
    return hasattr(LIBC, "prctl") and LIBC.prctl(option, value) == 0


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
        for task in glob.glob(f"/proc/{member}/task/*/children"):  # noqa: PTH207  may vanish
            with contextlib.suppress(OSError):
                family += map(int, Path(task).read_text().split())
    ends = [(os.kill, member) for member in reversed(family)]
    ends.insert(-1, (os.killpg, pid))  # it may be our own: last but one, and we are the last
    for end, number in ends:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(number, signal.SIGKILL)


def limit_memory(megabytes: int) -> None:
    """Limit the memory that this process, and each that it starts, may map.

    No file that they write may be larger either: one without end would fill the disk.
    """
    for limit in (resource.RLIMIT_DATA, resource.RLIMIT_FSIZE):
        _, most = resource.getrlimit(limit)
        soft = megabytes * 10**6
        if most == resource.RLIM_INFINITY or soft < most:
            resource.setrlimit(limit, (soft, most))


def ignore_interrupts() -> None:
    """Leave a terminal's Ctrl-C to whoever started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Interrupts:
    """Answers the signals that ask this process to end: at once, or once something is finished.

    What comes within a second of an answer is the same again: make passes signals on.
    """

    asked = is_held = False
    answered = -math.inf  # by the monotonic clock
    number: int = signal.SIGINT  # of the last one

    def answer(self, number: int, frame: object) -> None:
        self.asked, self.number = True, number
        if not self.is_held and time.monotonic() > self.answered + 1:
            self.answered = time.monotonic()
            raise KeyboardInterrupt


_interrupts = _Interrupts()


def _once_more(lost: Any) -> None:
    """Repeat an interrupt that fell where Python can't raise one, as in the end of an object."""
    if lost.exc_type is KeyboardInterrupt:
        _interrupts.answered = -math.inf
        threading.Timer(0.01, os.kill, [os.getpid(), _interrupts.number]).start()
    else:
        sys.__unraisablehook__(lost)


def interrupt_on_signals() -> None:
    """Let whatever asks this process to end interrupt it; what `nohup` ignores stays ignored."""
    for number in ENDINGS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupts.answer)
    sys.unraisablehook = _once_more
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)  # make holds Ctrl-C back until now


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Finish what is inside before an interrupt takes effect."""
    _interrupts.is_held = True
    try:
        yield
    finally:
        _interrupts.is_held = False
    if _interrupts.asked:
        _interrupts.answered = time.monotonic()
        raise KeyboardInterrupt
