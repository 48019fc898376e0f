"""What surrounds a render in a process of its own. Light: the runner imports it too."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from press.job import Failure, Job, Result, Settings

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIMIT_VARIABLE = "PRESS_MEMORY"
RESERVE = 200  # MB more, once the limit is met, to say so


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

    Where the system has no such limit (macOS counts none of it) there is none.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = megabytes * 10**6
        if hard == resource.RLIM_INFINITY or soft < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def report_memory_errors(shell: Any) -> None:
    """Give a shell whose cell met the limit some more, or it could not even show the error."""

    def show(shell: Any, *error: Any, tb_offset: int | None = None) -> None:
        limit_memory(int(os.environ[LIMIT_VARIABLE]) + RESERVE)
        shell.showtraceback(error, tb_offset=tb_offset)

    shell.set_custom_exc((MemoryError,), show)


def start_clean(settings: Settings) -> None:
    """Leave nothing of the process that this one was forked from that a report could notice."""
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    if "numpy" in sys.modules:
        # or all forks would draw the same numbers; `random` sees to that itself
        sys.modules["numpy"].random.seed()
    os.environ[LIMIT_VARIABLE] = str(settings.memory)
    limit_memory(settings.memory)


def in_child(pipe: Connection, job: Job, settings: Settings, page: bool) -> None:
    """Make one report: says None through the pipe as it begins, the result at the end."""
    os.setsid()  # a terminal's Ctrl-C is for the runner; what the notebook starts ends with us
    _prctl(PR_SET_CHILD_SUBREAPER, 1)  # a daemon of the notebook's too
    # A cold one has an ear for the pipe, and ends its kernel's processes before itself.
    if settings.cold or not end_with_parent():
        threading.Thread(target=_end_with_pipe, args=(pipe,), daemon=True).start()
    if pipe.poll():  # the runner was gone before that
        return
    start_clean(settings)
    pipe.send(None)
    if settings.cold:  # a grammar for checking web addresses, a second long, that nobody needs
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from press.render import render

    mine = os.getpid()
    result = render(
        job, settings.root, settings.folder, settings.out.resolve(), cold=settings.cold, page=page
    )
    if os.getpid() != mine:  # a fork that the notebook did not end has nothing to say
        os._exit(0)
    pipe.send(_clear(result, settings))
    _end_with_pipe(pipe)  # the runner ends us: nothing that the notebook left can delay that


def _end_with_pipe(pipe: Connection) -> None:
    with contextlib.suppress(OSError):
        pipe.poll(None)
    end_tree(os.getpid())


def _clear(result: Result, settings: Settings) -> Result:
    """A failure by the memory limit, said in these words."""
    failure = result.failure
    if failure and failure.ename.endswith("MemoryError"):  # numpy has its own
        limit = f"needed more than {settings.memory:,} MB of memory"
        return replace(result, failure=replace(failure, ename="", evalue=limit))
    if failure and failure.ename == "DeadKernelError":
        died = f"its kernel died; the limit is {settings.memory:,} MB of memory"
        return replace(result, failure=Failure("", died))
    return result
