"""A process of its own for every report: started warm, watched, and ended in any case."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from multiprocessing import connection, forkserver, resource_tracker
from typing import Any

from press.child import end_tree, in_child
from press.job import Failure, Job, Result, Settings

LOOK = 0.2  # seconds between two looks at whether a report is still wanted
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",  # a set has one order in every process
    # the reports run side by side already
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
}


class Processes:
    """Starts and watches the reports' processes, for any number of threads at once.

    Notes
    -----
    To be made by the main thread: the fork server ends with the thread that starts it. Where
    the system can't fork, all reports have ordinary kernels.
    """

    def __init__(self, *, cold: bool) -> None:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        self._forks = "forkserver" in multiprocessing.get_all_start_methods()
        if self._forks and not cold:
            forkserver.set_forkserver_preload(["press._warm"])
            resource_tracker.ensure_running()  # here, because it unblocks signals
            # A terminal's Ctrl-C goes to every process, but only we are to answer it.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            forkserver.ensure_running()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        self._running: set[Any] = set()
        self._stopped = False
        # multiprocessing keeps its list of children for one thread only
        self._lock = threading.Lock()

    def render(
        self,
        job: Job,
        settings: Settings,
        *,
        page: bool = True,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Result:
        """Make one report, and wait for it.

        A process that dies before the report begins is started once more, a report that fails is
        not. Raises `CancelledError` when stopped, or no longer `wanted`.
        """
        settings = replace(settings, cold=settings.cold or not self._forks)
        for _ in range(2):
            result = self._attempt(job, settings, page, wanted)
            if result:
                return result
        return Result(failure=Failure("", "its process could not be started"))

    def stop(self) -> None:
        """End all processes at once, the fork server too; nothing can be rendered any more."""
        self._stopped = True
        # First, because a thread may wait for it to come up, and holds the lock as it does.
        server = forkserver._forkserver._forkserver_pid
        if server:
            end_tree(server)
        with self._lock:
            for process in self._running:
                end_tree(process.pid)

    def _attempt(
        self, job: Job, settings: Settings, page: bool, wanted: Callable[[], bool]
    ) -> Result | None:
        """One process; None if it died before the report began."""
        context: Any = multiprocessing.get_context("spawn" if settings.cold else "forkserver")
        ours, theirs = context.Pipe()
        with contextlib.closing(ours), contextlib.closing(theirs):
            process = context.Process(target=in_child, args=(theirs, job, settings, page))
            with self._lock:
                if self._stopped:
                    raise CancelledError
                try:
                    process.start()
                except (EOFError, OSError):
                    return None
                self._running.add(process)
            theirs.close()
            try:
                return self._watch(process, ours, settings.timeout, wanted)
            finally:
                self._end(process)

    def _watch(
        self, process: Any, pipe: Any, timeout: float, wanted: Callable[[], bool]
    ) -> Result | None:
        begun, end = False, time.monotonic() + timeout
        while time.monotonic() < end:
            if not wanted():
                raise CancelledError
            ready = connection.wait([pipe, process.sentinel], LOOK)
            with contextlib.suppress(Exception):  # it died as it spoke, or a notebook did there
                if pipe in ready:
                    result = pipe.recv()
                    if result:
                        return result
                    begun, end = True, time.monotonic() + timeout
                    continue
            if ready:
                if self._stopped:
                    raise CancelledError
                return Result(failure=Failure("", self._death(process))) if begun else None
        return Result(failure=Failure("", f"took longer than {timeout:g} s"))

    def _death(self, process: Any) -> str:
        with self._lock:
            process.join(LOOK)
            code = process.exitcode
        if code is None:
            return "its process can no longer be heard: did a cell close its files?"
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"its process died, {how}"

    def _end(self, process: Any) -> None:
        """Kill a process with all that it started, and forget it."""
        end_tree(process.pid)
        connection.wait([process.sentinel], 5)
        with self._lock:
            self._running.discard(process)
            process.join(0)
            with contextlib.suppress(ValueError):  # not to be killed: the disk does not answer
                process.close()
