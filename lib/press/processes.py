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

    def start(self) -> None:
        """Start its process; should that fail, `Processes` will see it dead."""
        context: Any = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=in_child, args=(theirs, self.job, self.settings))
        self.starts += 1
        self.deadline = time.monotonic() + self.settings.timeout
        server, end = forkserver._forkserver._forkserver_pid, time.monotonic() + PATIENCE
        try:
            self.process.start()
        except (EOFError, OSError):  # the server was killed: it comes anew only when it is gone
            with contextlib.suppress(ChildProcessError):
                how = os.WEXITED | os.WNOHANG | os.WNOWAIT
                while server and time.monotonic() < end and not os.waitid(os.P_PID, server, how):
                    time.sleep(LOOK / 10)
        theirs.close()

    def look(self, ready: list[Any]) -> Result | None:
        """Its result, or why there will be none; None while it is at work."""
        if self.pipe in ready:
            with contextlib.suppress(Exception):  # it died as it spoke, or a notebook did there
                result = self.pipe.recv()
                if result is None:
                    self.begun = True
                    self.deadline = time.monotonic() + self.settings.timeout
                return result
        elif self.process.pid and self.process.sentinel not in ready:
            late = time.monotonic() > self.deadline
            return _failed(f"took longer than {self.settings.timeout:g} s") if late else None
        if self.begun:
            self.process.join(LOOK)
            code = self.process.exitcode
            if code in (None, MUTE):
                return _failed("its process can no longer be heard: did a cell close its files?")
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            return _failed(f"its process died, {how}")
        if self.starts < 2:
            self.pipe.close()
            self.start()
            return None
        return _failed("its process could not be started")


def _failed(why: str) -> Result:
    return Result(failure=Failure("", why))


class Processes:
    """This machine as a place where reports are made; for one thread, as multiprocessing wants."""

    def __init__(self, settings: Settings) -> None:
        # A set has one order in every process; reports run side by side, so none has threads.
        os.environ["PYTHONHASHSEED"] = "0"
        os.environ |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
        self.settings, self.slots = settings, settings.workers
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
        report.start()
        return report

    def finished(self, seconds: float = LOOK) -> Iterator[tuple[Report, Result]]:
        """Wait for so long at most; the reports that have ended since, with their results."""
        doors = [report.pipe for report in self.running if report.pipe]
        doors += [report.process.sentinel for report in self.running if report.process.pid]
        ready = connection.wait(doors, seconds)
        for report in list(self.running):
            result = report.look(ready)
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


def in_child(pipe: connection.Connection, job: Job, settings: Settings) -> None:
    """Make one report: says None through the pipe as it begins, the result at the end."""
    os.setsid()  # a terminal's Ctrl-C is for the runner; what the notebook starts ends with us
    adopt_orphans()  # a daemon of the notebook's ends with us too
    # A cold one has an ear for the pipe, and ends its kernel's processes before itself.
    if settings.cold or not end_with_parent():
        threading.Thread(target=_end_with_pipe, args=(pipe,), daemon=True).start()
    if pipe.poll():  # the runner was gone before that
        return
    # Nothing stays of the process that this one was forked from that a report could notice.
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
        return _failed(f"its kernel died; the limit is {settings.memory:,} MB of memory")
    return result
