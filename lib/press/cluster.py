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
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import distributed
from distributed.core import Status

from press.digests import file_digest, files_below, key, versions
from press.editions import load
from press.job import CollectionError, Failure, Job, Result, Settings, one_line
from press.processes import Processes
from press.system import ENDINGS

PARTS = ("requirements.lock", "lib", "data")  # and the folder of the notebooks
PATIENCE = 5  # seconds until a scheduler has answered, or has a worker
LOOK = 1  # seconds between two looks at which workers there are
PATIENCE_OF_WORKER = 60  # seconds until it has found the scheduler
LIMITS = ("timeout", "memory", "cold", "page", "preload")  # what a run says of its reports
# The press that is at work, which may no longer be the one on disk.
OURS = {f"press/{path.name}": file_digest(path) for path in Path(__file__).parent.glob("*.py")}

for name in ("distributed", "distributed.client"):  # what matters of it is said in our words
    logging.getLogger(name).setLevel(logging.CRITICAL)


def state(settings: Settings) -> list[str]:
    """What the bytes of a report may depend on, each part with a checksum of what is in it."""
    modules = [*load(settings.reports).preload, "distributed", "jinja2", "papermill", "PIL"]
    parts: dict[str, Any] = {"libraries": versions(modules), "press": OURS}
    for place in (*(settings.root / part for part in PARTS), settings.folder):
        files = files_below(settings.root, [place])
        parts[place.name] = {name: file_digest(settings.root / name) for name in files}
    return [f"{part} {key(content)}" for part, content in parts.items()]


async def _tell(dask_worker: Any) -> None:
    """Let a worker tell what its working copy is now; what it told before counts no more."""
    before = dict.fromkeys(dask_worker.state.total_resources, 0)
    now = dict.fromkeys(state(dask_worker.copy), dask_worker.state.nthreads)
    await dask_worker.set_resources(**before | now)


def _render(job: Job, limits: dict[str, Any], name: str) -> Result:
    """Make a report on a worker, until nobody asks for it any more."""
    worker: Any = distributed.get_worker()

    def wanted() -> bool:
        task = worker.state.tasks.get(name)
        return worker.status == Status.running and task and task.state != "cancelled"

    result = worker.processes.make(job, replace(worker.copy, **limits), wanted)
    if not wanted():
        raise distributed.Reschedule
    return result


def _unanswered(address: str, error: Exception) -> CollectionError:
    """What to say when nothing is there, or something else: another protocol, no certificates."""
    known = isinstance(error, OSError | ValueError)
    why = "" if known else f": {one_line(error, 100)}"
    return CollectionError(f"no scheduler answers at {address}{why}")


class Cluster:
    """The workers of a scheduler as a place where reports are made (see `Processes`).

    A job asks for a worker that told the same of its working copy as is true of ours.
    """

    def __init__(self, settings: Settings) -> None:
        self.address, self.root = settings.scheduler, settings.root
        self.limits = {name: getattr(settings, name) for name in LIMITS}
        self.here = state(settings)
        self.refused: set[str] = set()
        self.lost = CollectionError(
            f"the scheduler at {self.address} is gone; what was finished is kept"
        )
        try:
            self.client = distributed.Client(
                self.address, timeout=PATIENCE, direct_to_workers=False
            )
            self.client.run(_tell, on_error="ignore")
        except Exception as error:
            raise _unanswered(self.address, error) from error

    @property
    def slots(self) -> int:
        """How many reports to hand out at a time: each worker has its next one at hand."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                workers = self.client.scheduler_info()["workers"]
            except OSError as error:
                raise self.lost from error
            threads = [
                about["nthreads"] for each, about in workers.items() if self._same(each, about)
            ]
            if threads:
                return 2 * sum(threads)
            if workers:
                break
            time.sleep(0.1)
        else:
            raise CollectionError(f"there is no worker at {self.address}")
        raise CollectionError(f"no worker at {self.address} can be used (see above)")

    def _same(self, worker: str, about: dict[str, Any]) -> bool:
        """Whether a worker has our working copy; if not it is told once which part is another."""
        other = [part.partition(" ")[0] for part in self.here if not about["resources"].get(part)]
        if other and worker not in self.refused:
            self.refused.add(worker)
            why = f"its {other[0]} is another one than here"
            print(f"warning: worker {about['name']} ({worker}) is refused: {why}", file=sys.stderr)
        return not other

    def submit(self, job: Job) -> Any:
        """Begin a report on one of the workers; on another one if that is lost."""
        name = f"{job.slug}-{time.monotonic_ns()}"
        asked = dict.fromkeys(self.here, 1)
        return self.client.submit(
            _render, job, self.limits, name, key=name, resources=asked, pure=False
        )

    def finished(self, running: Iterable[Any]) -> Iterator[tuple[Any, Result]]:
        """Wait for a moment; which of the reports have ended, and what came of them."""
        try:
            done = distributed.wait([*running], LOOK, "FIRST_COMPLETED").done
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
            yield future, result

    def _checked(self, result: Result) -> Result:
        """A result, unless its worker's copy has changed since it told of it."""
        for name, sha in result.files.items():
            if sha != file_digest(self.root / name):
                return Result(failure=Failure("", f"made where {name} is another one than here"))
        return result

    def close(self) -> None:
        """Leave the cluster: what is not finished is no longer wanted, and ended."""
        self.client.close(timeout=1)


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
        resources=dict.fromkeys(state(settings), settings.workers),
        name=f"{socket.gethostname()}-{time.time_ns()}",
        host=host,
        memory_limit=0,
        local_directory=scratch,
        dashboard=False,
    )
    worker.copy, worker.processes = settings, processes
    try:
        await asyncio.wait_for(worker.start(), PATIENCE_OF_WORKER)
        print(f"worker {worker.name} at {worker.address}", flush=True)
        await worker.finished()
    except asyncio.CancelledError:  # interrupted
        await worker.close()
        return 0
    except Exception as error:
        raise _unanswered(settings.scheduler, error) from error
    raise CollectionError(f"the scheduler at {settings.scheduler} is gone")
