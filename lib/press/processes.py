"""A process of its own for every report: started warm, watched, and ended in any case."""

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import connection, forkserver, resource_tracker
from typing import Any

from press.job import Failure, Job, Result, Settings
from press.system import LIMIT_VARIABLE, adopt_orphans, end_tree, end_with_parent, limit_memory

LOOK = 0.2  # seconds between two looks at whether a report takes too long
PATIENCE = 1  # seconds for a fork server that no report can be started from to be gone
MUTE = 77  # exit code of a process that has no pipe any more to say how it went
PRELOAD_VARIABLE = "PRESS_PRELOAD"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")


@dataclass(eq=False)
class Report:
    """A report at work: its process, the pipe to it, and when it has to be finished."""

    job: Job
    settings: Settings
    process: Any = None
    pipe: Any = None
    deadline: float = 0.0
    begun: bool = False
    starts: int = 0


class Processes:
    """This machine as a place where reports are made; for one thread, as multiprocessing wants."""

    def __init__(self, settings: Settings) -> None:
        # A set has one order in every process; reports run side by side, so none has threads.
        os.environ["PYTHONHASHSEED"] = "0"
        os.environ |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
        self.settings, self.slots = settings, settings.slots
        self.running: list[Report] = []
        os.environ[PRELOAD_VARIABLE] = " ".join(settings.preload)
        forkserver.set_forkserver_preload(["press._warm"])
        resource_tracker.ensure_running()  # here, because it unblocks signals
        # A terminal's Ctrl-C goes to every process, but only we are to answer it.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        forkserver.ensure_running()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])

    def submit(self, job: Job, settings: Settings | None = None) -> Report:
        """Begin a report."""
        settings = settings or self.settings
        report = Report(job, replace(settings, cold=settings.cold or job.kernel))
        self.running.append(report)
        self._start(report)
        return report

    def finished(self, seconds: float = LOOK) -> Iterator[tuple[Report, Result]]:
        """Wait for so long at most; the reports that have ended since, with their results."""
        doors = [report.pipe for report in self.running if report.pipe]
        doors += [report.process.sentinel for report in self.running if report.process.pid]
        ready = connection.wait(doors, seconds)
        for report in list(self.running):
            result = self._look(report, ready)
            if result:
                self.end(report)
                yield report, result

    def end(self, report: Report) -> None:
        """Kill a report's process with all that it started, and forget it."""
        self.running.remove(report)
        report.pipe.close()
        if report.process.pid:
            end_tree(report.process.pid)
            report.process.join(5)
            with contextlib.suppress(ValueError):  # not to be killed: the disk does not answer
                report.process.close()

    def close(self) -> None:
        """End all processes at once, the fork server too."""
        server = forkserver._forkserver._forkserver_pid
        if server:
            end_tree(server)

    def _start(self, report: Report) -> None:
        """Start its process; should that fail, `_look` will see it dead."""
        context: Any = multiprocessing.get_context("forkserver")
        report.pipe, theirs = context.Pipe()
        arguments = (theirs, report.job, report.settings)
        report.process = context.Process(target=in_child, args=arguments)
        report.starts += 1
        report.deadline = time.monotonic() + report.settings.timeout
        try:
            report.process.start()
        except (EOFError, OSError):
            _await_end(forkserver._forkserver._forkserver_pid)
        theirs.close()

    def _look(self, report: Report, ready: list[Any]) -> Result | None:
        """The result of a report, or why there will be none; None while it is at work."""
        if report.pipe in ready:
            with contextlib.suppress(Exception):  # it died as it spoke, or a notebook did there
                result = report.pipe.recv()
                if result is None:
                    report.begun = True
                    report.deadline = time.monotonic() + report.settings.timeout
                return result
        elif report.process.pid and report.process.sentinel not in ready:
            late = time.monotonic() > report.deadline
            why = f"took longer than {report.settings.timeout:g} s"
            return Result(failure=Failure("", why)) if late else None
        if report.begun:
            return Result(failure=Failure("", _death(report.process)))
        if report.starts < 2:
            report.pipe.close()
            self._start(report)
            return None
        return Result(failure=Failure("", "its process could not be started"))


def _await_end(server: int | None) -> None:
    """Wait for a fork server that was killed to be gone: it comes anew only after that."""
    end = time.monotonic() + PATIENCE
    with contextlib.suppress(ChildProcessError):
        while server and time.monotonic() < end:
            if os.waitid(os.P_PID, server, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(LOOK / 10)


def _death(process: Any) -> str:
    process.join(LOOK)
    if process.exitcode in (None, MUTE):
        return "its process can no longer be heard: did a cell close its files?"
    how = f"signal {-process.exitcode}" if process.exitcode < 0 else f"exit code {process.exitcode}"
    return f"its process died, {how}"


def in_child(pipe: connection.Connection, job: Job, settings: Settings) -> None:
    """Make one report: says None through the pipe as it begins, the result at the end."""
    os.setsid()  # a terminal's Ctrl-C is for the runner; what the notebook starts ends with us
    adopt_orphans()  # a daemon of the notebook's ends with us too
    # A cold one has an ear for the pipe, and ends its kernel's processes before itself.
    if settings.cold or not end_with_parent():
        threading.Thread(target=_end_with_pipe, args=(pipe,), daemon=True).start()
    if pipe.poll():  # the runner was gone before that
        return
    _start_clean(settings)
    pipe.send(None)
    from press.render import render

    mine = os.getpid()
    result = render(job, settings)
    if os.getpid() != mine:  # a fork that the notebook did not end has nothing to say
        os._exit(0)
    try:
        pipe.send(_clear(result, settings))
    except OSError:
        os._exit(MUTE)
    _end_with_pipe(pipe)  # the runner ends us: nothing that the notebook left can delay that


def _start_clean(settings: Settings) -> None:
    """Leave nothing of the process that this one was forked from that a report could notice."""
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    multiprocessing.set_start_method(None, force=True)  # ours is not the notebook's
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    if "numpy" in sys.modules:
        # or all forks would draw the same numbers; `random` sees to that itself
        sys.modules["numpy"].random.seed()
    os.environ[LIMIT_VARIABLE] = str(settings.memory)
    limit_memory(settings.memory)


def _end_with_pipe(pipe: connection.Connection) -> None:
    with contextlib.suppress(OSError):
        pipe.poll(None)
    end_tree(os.getpid())


def _clear(result: Result, settings: Settings) -> Result:
    """A failure by a limit of the machine, said in these words."""
    failure = result.failure
    if failure and failure.ename.endswith("MemoryError"):  # numpy has its own
        limit = f"needed more than {settings.memory:,} MB of memory"
        return replace(result, failure=replace(failure, ename="", evalue=limit))
    if failure and "[Errno 28]" in failure.evalue:
        place = f"there, or in {tempfile.gettempdir()}, where what cells print is kept: free some"
        return replace(result, failure=replace(failure, evalue=f"{failure.evalue} ({place})"))
    if failure and failure.ename == "DeadKernelError":
        died = f"its kernel died; the limit is {settings.memory:,} MB of memory"
        return replace(result, failure=Failure("", died))
    return result
