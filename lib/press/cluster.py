"""The same jobs on a Dask cluster: a job goes out, the finished report comes back as bytes.

No file is shared and none is sent. Every worker has a working copy of its own, and makes
reports only for a run whose copy is the same: lock file, versions, code, data, notebooks.
"""

import asyncio
import logging
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import distributed
from distributed.core import Status

from press.digests import file_digest, files_below, versions
from press.editions import load
from press.job import CollectionError, Failure, Job, Result, Settings, one_line
from press.processes import Processes
from press.system import ENDINGS

PARTS = ("requirements.lock", "lib", "data")  # and the folder of the notebooks
PATIENCE = 5  # seconds until a scheduler has answered, or has a worker
PATIENCE_OF_WORKER = 60  # seconds until it has found the scheduler
LOOK = 1  # seconds between two looks at which workers there are
PAUSE = 0.02  # seconds between a worker's looks at its processes
LIMITS = ("timeout", "memory", "cold", "page", "preload")  # what a run says of its reports
# The press that is at work, which may no longer be the one on disk.
OURS = {f"press/{path.name}": file_digest(path) for path in Path(__file__).parent.glob("*.py")}

for name in ("distributed", "distributed.client"):  # what matters of it is said in our words
    logging.getLogger(name).setLevel(logging.CRITICAL)


def state(settings: Settings) -> dict[str, str | None]:
    """What the bytes of a report may depend on: versions, and the sha256 of every file."""
    modules = [*load(settings.reports).preload, "distributed", "jinja2", "papermill", "PIL"]
    places = [*(settings.root / part for part in PARTS), settings.folder]
    files = {name: file_digest(settings.root / name) for name in files_below(settings.root, places)}
    return {**versions(modules), **OURS, **files}


def difference(here: dict[str, str | None], there: dict[str, str | None]) -> str:
    """What is not the same in two copies, the first of it by name; empty if they are."""
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    more = f", and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]} differs{more}" if names else ""


def _state_of_worker(dask_worker: Any) -> dict[str, str | None]:
    return state(dask_worker.copy)


async def _render(job: Job, limits: dict[str, Any], key: str) -> Result:
    """Make a report on a worker, until nobody asks for it any more.

    On the worker's only thread, between its other duties: processes are started by one thread.
    """
    worker: Any = distributed.get_worker()
    report = worker.processes.submit(job, replace(worker.copy, **limits))
    while report not in worker.results:
        await asyncio.sleep(PAUSE)
        task = worker.state.tasks.get(key)
        wanted = worker.status == Status.running and task and task.state != "cancelled"
        if not wanted and report in worker.processes.running:
            worker.processes.end(report)
            raise asyncio.CancelledError
        worker.results |= worker.processes.finished(0)
    return worker.results.pop(report)


def _unanswered(address: str, error: Exception) -> CollectionError:
    """What to say when nothing is there, or something else: another protocol, no certificates."""
    known = isinstance(error, OSError | ValueError)
    why = "" if known else f": {one_line(error, 100)}"
    return CollectionError(f"no scheduler answers at {address}{why}")


class Cluster:
    """The workers of a scheduler as a place where reports are made (see `Processes`)."""

    def __init__(self, settings: Settings) -> None:
        self.address, self.root = settings.scheduler, settings.root
        self.limits = {name: getattr(settings, name) for name in LIMITS}
        self.here = state(settings)
        self.known: dict[str, str] = {}  # workers, and why they are refused; empty if accepted
        self.threads: dict[str, int] = {}  # of those that are accepted and there
        self.running: list[Any] = []
        self.looked = 0.0
        self.lost = CollectionError(
            f"the scheduler at {self.address} is gone; what was finished is kept"
        )
        try:
            self.client = distributed.Client(
                self.address, timeout=PATIENCE, direct_to_workers=False
            )
        except Exception as error:
            raise _unanswered(self.address, error) from error
        try:
            self._await_workers(f"no worker has joined the scheduler at {self.address}")
        except BaseException:
            self.close()
            raise

    @property
    def slots(self) -> int:
        """How many reports to hand out at a time: each worker has its next one at hand."""
        return 2 * sum(self.threads.values())

    def submit(self, job: Job) -> Any:
        """Begin a report on one of the workers; on another one if that is lost."""
        key = f"{job.slug}-{time.monotonic_ns()}"
        future = self.client.submit(
            _render, job, self.limits, key, key=key, workers=list(self.threads), pure=False
        )
        self.running.append(future)
        return future

    def finished(self) -> Iterator[tuple[Any, Result]]:
        """Wait for a moment; the reports that have ended since, with their results."""
        if time.monotonic() - self.looked > LOOK:
            self._look()
            if not self.threads:
                self._await_workers(f"no worker is left at {self.address}")
        try:
            done = distributed.wait(self.running, LOOK, "FIRST_COMPLETED").done
        except TimeoutError:
            return
        except (distributed.CancelledError, OSError) as error:
            raise self.lost from error
        for future in done:
            try:
                result = self._checked(future.result(timeout=PATIENCE))
            except TimeoutError:  # its worker is lost: it is made again
                continue
            except distributed.CancelledError as error:
                raise self.lost from error
            except Exception as error:
                result = Result(failure=Failure(type(error).__name__, one_line(error)))
            self.running.remove(future)
            yield future, result

    def close(self) -> None:
        """Leave the cluster: what is not finished is no longer wanted, and ended."""
        self.client.close(timeout=1)

    def _checked(self, result: Result) -> Result:
        """A result, unless its worker's copy has changed since it was accepted."""
        for name, sha in result.files.items():
            if sha != (self.here.get(name) or file_digest(self.root / name)):
                return Result(failure=Failure("", f"made where {name} is another one than here"))
        return result

    def _await_workers(self, why: str) -> None:
        """Wait until there is a worker that can be used: one may be too busy to answer at once."""
        end = time.monotonic() + PATIENCE
        while not self.threads:
            there = self._look()
            if not self.threads and there and all(self.known.get(worker) for worker in there):
                raise CollectionError(f"no worker at {self.address} can be used (see above)")
            if time.monotonic() > end:
                raise CollectionError(why)
            time.sleep(0.1)

    def _look(self) -> list[str]:
        """See which workers there are, and what working copy those have that are new."""
        try:
            there = self.client.scheduler_info()["workers"]
            new = [address for address in there if address not in self.known]
            asked = self.client.run(_state_of_worker, workers=new, on_error="return") if new else {}
        except OSError as error:
            raise self.lost from error
        for address, answer in asked.items():
            if isinstance(answer, OSError):
                continue  # it has just left, or is asked again
            failed = isinstance(answer, Exception)  # it was not started by the press
            why = one_line(answer, 100) if failed else difference(self.here, answer)
            self.known[address] = why
            if why:
                name = there[address]["name"]
                print(f"warning: worker {name} ({address}) is refused: {why}", file=sys.stderr)
        accepted = [address for address in there if self.known.get(address) == ""]
        self.threads = {address: there[address]["nthreads"] for address in accepted}
        self.looked = time.monotonic()
        return list(there)


def serve(settings: Settings, host: str) -> int:
    """Be a worker, until interrupted or the scheduler ends; the exit code says which."""
    if not settings.scheduler:
        raise CollectionError("worker: of which scheduler? --scheduler tcp://address:8786")
    settings = replace(settings, preload=tuple(load(settings.reports).preload))
    processes = Processes(settings)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            return asyncio.run(_serve(settings, host, processes, scratch))
    finally:
        processes.close()


async def _serve(settings: Settings, host: str, processes: Processes, scratch: str) -> int:
    serving: Any = asyncio.current_task()
    for number in ENDINGS:
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    worker: Any = distributed.Worker(
        settings.scheduler,
        nthreads=settings.workers,
        name=f"{socket.gethostname()}-{time.time_ns()}",
        host=host,
        memory_limit=0,
        local_directory=scratch,
        dashboard=False,
    )
    worker.copy, worker.processes, worker.results = settings, processes, {}
    try:
        await asyncio.wait_for(worker.start(), PATIENCE_OF_WORKER)
        print(f"worker {worker.name} at {worker.address}", flush=True)
        await worker.finished()
    except asyncio.CancelledError:  # interrupted
        processes.close()
        await worker.close()
        return 0
    except Exception as error:
        raise _unanswered(settings.scheduler, error) from error
    raise CollectionError(f"the scheduler at {settings.scheduler} is gone")
