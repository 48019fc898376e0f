"""The same jobs on a Dask cluster: a job goes out, the finished report comes back as bytes.

No file is shared and none is sent. Every worker has a working copy of its own, and makes
reports only for a run whose copy is the same: lock file, versions, code, data, notebooks.
"""

import asyncio
import contextlib
import logging
import socket
import sys
import tempfile
import time
from concurrent.futures import CancelledError, Future
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
PATIENCE_OF_WORKER = 60  # seconds until it has found the scheduler
# The press that is at work, which may no longer be the one on disk.
OURS = {f"press/{path.name}": file_digest(path) for path in Path(__file__).parent.glob("*.py")}

# What matters of it is said in our words, and what it leaves behind when it is cut off does not.
for name in ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio"):
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


def _render(job: Job, settings: Settings) -> Result:
    """Make a report on a worker, until nobody asks for it any more."""
    worker: Any = distributed.get_worker()
    name = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(name)
        return worker.status == Status.running and task and task.state != "cancelled"

    here = replace(settings, reports=worker.copy.reports, out=worker.copy.out)
    result = worker.processes.make(job, here, wanted)
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

    A job asks for a worker that told the same of its working copy as is true of ours. Whatever
    Dask raises while it is asked for something means that the scheduler is gone.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.here = settings, state(settings)
        self.refused: set[str] = set()
        gone = f"the scheduler at {settings.scheduler} is gone; what was finished is kept"
        self.lost = CollectionError(gone)
        try:
            about = {"timeout": PATIENCE, "direct_to_workers": False}
            self.client = distributed.Client(settings.scheduler, **about)
            self.client.run(_tell, on_error="ignore")
        except Exception as error:
            raise _unanswered(settings.scheduler, error) from error
        asked = dict.fromkeys(self.here, 1)
        self.executor = self.client.get_executor(pure=False, resources=asked)

    @property
    def slots(self) -> int:
        """How many reports to hand out at a time: each worker has its next one at hand."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                # What the client knows by itself may lack the workers, or be of a moment ago.
                workers = self.client.sync(self.client.scheduler.identity, n_workers=-1)["workers"]
            except Exception as error:
                raise self.lost from error
            usable = [about for each, about in workers.items() if self._same(each, about)]
            if usable:
                return 2 * sum(about["nthreads"] for about in usable)
            address = self.settings.scheduler
            if workers:
                raise CollectionError(f"no worker at {address} can be used (see above)")
            if time.monotonic() > end:
                raise CollectionError(f"there is no worker at {address}")
            time.sleep(0.1)

    def _same(self, worker: str, about: dict[str, Any]) -> bool:
        """Whether a worker has our working copy; if not it is told once which part is another."""
        other = [part.partition(" ")[0] for part in self.here if not about["resources"].get(part)]
        if other and worker not in self.refused:
            self.refused.add(worker)
            why = f"its {other[0]} is another one than here"
            print(f"warning: worker {about['name']} ({worker}) is refused: {why}", file=sys.stderr)
        return not other

    def submit(self, job: Job) -> Future[Result]:
        """Begin a report on one of the workers; on another one if that is lost."""
        try:
            return self.executor.submit(_render, job, self.settings)
        except Exception as error:
            raise self.lost from error

    def result(self, future: Future[Result]) -> Result:
        """What came of a report, unless its worker's copy has changed since it told of it."""
        try:
            result = future.result()
        except CancelledError as error:
            raise self.lost from error
        except Exception as error:
            return Result(failure=Failure(type(error).__name__, one_line(error)))
        for name, sha in result.files.items():
            if sha != file_digest(self.settings.root / name):
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
    except asyncio.CancelledError:  # interrupted, perhaps because the whole cluster ends
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker.close(timeout=PATIENCE), 2 * PATIENCE)
        return 0
    except Exception as error:
        raise _unanswered(settings.scheduler, error) from error
    raise CollectionError(f"the scheduler at {settings.scheduler} is gone")
