"""A process of its own for every report: started warm, watched, and ended in any case."""

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import connection, forkserver, resource_tracker
from typing import Any

from press.job import Failure, Job, Result, Settings
from press.system import LIMIT_VARIABLE, adopt_orphans, end_tree, end_with_parent, limit_memory

LOOK = 0.2  # seconds between two looks at whether a report takes too long, or is still wanted
PATIENCE = 5  # seconds for a process that was killed to be gone
MUTE = 77  # exit code of a process that has no pipe any more to say how it went
PRELOAD_VARIABLE = "PRESS_PRELOAD"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")


def begin(preload: Iterable[str]) -> None:
    """Start the process that loads the libraries, and that all reports are forked from."""
    # A set has one order in every process; reports run side by side, so none has threads.
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
    os.environ[PRELOAD_VARIABLE] = " ".join(preload)
    forkserver.set_forkserver_preload(["press._warm"])
    resource_tracker.ensure_running()  # here, because it unblocks signals
    # A terminal's Ctrl-C goes to every process, but only we are to answer it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    forkserver.ensure_running()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


class Processes:
    """This machine as a place where reports are made, each followed by a thread of its own.

    Whatever of multiprocessing looks at other processes too is done by one thread at a time.
    """

    result = staticmethod(Future.result)  # of a report that has ended

    def __init__(self, settings: Settings) -> None:
        begin(settings.preload)
        self.settings, self.slots = settings, settings.workers
        self.pool = ThreadPoolExecutor(settings.workers)
        self.lock, self.closed = threading.Lock(), False

    def submit(self, job: Job) -> Future[Result]:
        """Begin a report."""
        return self.pool.submit(self.make, job, self.settings)

    def make(
        self, job: Job, settings: Settings, wanted: Callable[[], bool] = lambda: True
    ) -> Result:
        """Make a report in a process of its own, which ends with it, as long as it is wanted."""
        context: Any = multiprocessing.get_context("forkserver")
        settings = replace(settings, cold=settings.cold or job.kernel)
        pipe, theirs = context.Pipe()
        process = context.Process(target=in_child, args=(theirs, job, settings))
        cell = 0  # the one that it told to have begun
        try:
            with contextlib.suppress(Exception):  # it died as it spoke, or a notebook did there
                with self.lock, theirs:
                    if not self.closed:
                        process.start()
                end = time.monotonic() + settings.timeout
                while wanted():
                    ready = connection.wait([pipe, process.sentinel], LOOK)
                    if pipe in ready:
                        said = pipe.recv()
                        if isinstance(said, int):
                            cell = said
                            continue
                        failure = said.failure
                        if failure:
                            failure = replace(failure, cell=failure.cell or cell)
                        return replace(said, failure=failure)
                    if ready:
                        break
                    if time.monotonic() > end:
                        late = Failure("", f"took longer than {settings.timeout:g} s", cell)
                        return Result(failure=late)
            return Result(failure=Failure("", self._why_silent(process), cell))
        finally:
            pipe.close()
            self._end(process)

    def _why_silent(self, process: Any) -> str:
        """Why a process will say no more."""
        if not process.pid:
            return "its process could not be started"
        connection.wait([process.sentinel], LOOK)
        with self.lock:
            code = process.exitcode
        if code in (None, MUTE):
            return "its process can no longer be heard: did a cell close its files?"
        return _death(code)

    def _end(self, process: Any) -> None:
        """Kill a process with all that it started, and forget it."""
        if process.pid:
            end_tree(process.pid)
            connection.wait([process.sentinel], PATIENCE)
            with self.lock, contextlib.suppress(ValueError):  # the disk does not answer: it stays
                process.close()

    def close(self) -> None:
        """End all processes at once, the fork server too."""
        self.closed = True
        # Whoever is starting a report can't go on then; but it may have begun another server.
        for turn in (contextlib.nullcontext(), self.lock):
            with turn:
                if server := forkserver._forkserver._forkserver_pid:
                    end_tree(server)
        self.pool.shutdown()


def in_child(pipe: connection.Connection, job: Job, settings: Settings) -> None:
    """Make one report, and say through the pipe what came of it."""
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
    if "numpy" in sys.modules:
        # or all forks would draw the same numbers; `random` sees to that itself
        sys.modules["numpy"].random.seed()
    os.environ[LIMIT_VARIABLE] = str(settings.memory)
    limit_memory(settings.memory)
    from press.render import render

    mine = os.getpid()
    result = render(job, settings, pipe.send)
    if os.getpid() != mine:  # a fork that the notebook did not end has nothing to say
        os._exit(0)
    if result.failure:
        result = replace(result, failure=_in_our_words(result.failure, settings))
    try:
        pipe.send(result)
    except OSError:
        os._exit(MUTE)
    _end_with_pipe(pipe)  # the runner ends us: nothing that the notebook left can delay that


def _end_with_pipe(pipe: connection.Connection) -> None:
    with contextlib.suppress(OSError):
        pipe.poll(None)
    end_tree(os.getpid())


def _death(code: int) -> str:
    """How a process ended, by its exit code: a negative one is a signal's."""
    if code >= 0:
        return f"its process died, exit code {code}"
    why = "; the system does that where memory is short" if code == -signal.SIGKILL else ""
    return f"its process died, signal {-code} ({signal.strsignal(-code)}){why}"


def _in_our_words(failure: Failure, settings: Settings) -> Failure:
    """A failure; where a limit of the machine was met it says so."""
    limit, said = f"{settings.memory:,} MB of memory", failure.evalue
    if failure.ename.endswith("MemoryError"):  # numpy has its own
        return replace(failure, ename="", evalue=f"needed more than {limit}")
    if failure.ename == "DeadKernelError":
        return replace(failure, ename="", evalue=_death(int(said)))
    if "[Errno 28]" in said:
        place = f"there, or in {tempfile.gettempdir()}, where what cells print is kept: free some"
        return replace(failure, evalue=f"{said} ({place})")
    return failure
