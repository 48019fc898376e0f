"""Jobs → clean processes: many at once, each with a time limit, none able to harm another."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from press.fingerprint import Manifest, key, write
from press.job import Failure, Job, Plan, Result, Settings
from press.record import Recorder
from press.site import build_index, remove_departed


def plan_for(settings: Settings, manifest: Manifest, new: list[dict[str, str]]) -> Plan:
    """The plan, from the manifest as long as nothing that made it has changed.

    Planning may load the collection's library and data ("one report for every item"); what it
    reads is recorded, so that a run with nothing to do need not load it again.
    """
    adhoc = [texts for texts in manifest.adhoc if texts not in new] + new
    asked = key(str(settings.reports), adhoc, len(new))
    known = manifest.plan
    if known and known["key"] == asked and not manifest.changed(known["files"]):
        return Plan.from_json(known["plan"])
    from press.plan import make

    recorder = Recorder(settings.root, settings.out).start()
    plan = make(settings.reports, adhoc, fresh=len(new))
    recorder.note_modules()
    recorder.active = False
    manifest.adhoc = adhoc
    manifest.plan = {"key": asked, "files": recorder.files, "plan": plan.as_json()}
    return plan


def reason(job: Job, plan: Plan, manifest: Manifest) -> str:
    """Why a report has to be made; empty if it is fresh.

    A report of an earlier command line that never worked is not tried again: it would make
    every later run fail.
    """
    failed = manifest.jobs.get(job.slug, {}).get("status") == "failed"
    if job.adhoc and failed and job.edition not in plan.asked:
        return ""
    return manifest.reason(job)


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """One run at a time in a checkout."""
    from filelock import FileLock, Timeout

    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("another run is at work in this checkout; waiting…", file=sys.stderr, flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Finish what is inside before an interrupt takes effect."""
    caught: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {n: signal.signal(n, lambda number, _: caught.append(number)) for n in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:
        raise KeyboardInterrupt


class Local:
    """This machine as a place where reports are made, several at once."""

    def __init__(self, settings: Settings, *, page: bool) -> None:
        from concurrent.futures import ThreadPoolExecutor

        from press.processes import Processes

        self.slots = settings.slots
        self.processes = Processes(cold=settings.cold)
        self.threads = ThreadPoolExecutor(self.slots)
        self.render = partial(self.processes.render, settings=settings, page=page)

    def submit(self, job: Job) -> Any:
        """Begin a report, or put it in line."""
        return self.threads.submit(self.render, job)

    def finished(self, futures: Iterable[Any]) -> Iterator[tuple[Any, Result]]:
        """Wait until some are, with their results."""
        from concurrent.futures import FIRST_COMPLETED, wait

        for future in wait(futures, return_when=FIRST_COMPLETED).done:
            yield future, future.result()

    def close(self) -> None:
        """End what still runs, at once."""
        self.processes.stop()
        self.threads.shutdown(cancel_futures=True)


def run_jobs(
    jobs: list[Job], settings: Settings, done: Callable[[Job, Result], None], *, page: bool = True
) -> None:
    """Render all jobs; `done` is called here, in this process, as each of them ends."""
    if settings.scheduler:
        from press.cluster import Cluster

        place: Any = Cluster(settings, page=page)
    else:
        place = Local(settings, page=page)
    waiting, running = list(reversed(jobs)), {}
    try:
        while waiting or running:
            while waiting and len(running) < place.slots:
                job = waiting.pop()
                running[place.submit(job)] = job
            for future, result in place.finished(running):
                with uninterrupted():
                    done(running.pop(future), result)
    finally:
        with uninterrupted():  # a second signal must not break off the clean-up
            place.close()


class Progress:
    """A bar with the time left on a terminal; one line per finished report elsewhere."""

    def __init__(self, total: int) -> None:
        self.bar = None
        if sys.stdout.isatty() and sys.stderr.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=total, unit="report")

    def step(self, slug: str, result: Result) -> None:
        """Say that one report is finished."""
        line = f"FAILED  {slug}" if result.failure else f"ok  {slug}  {result.seconds:.1f} s"
        if self.bar is None:
            print(line, flush=True)
            return
        self.bar.update()
        if result.failure:
            self.bar.write(line)

    def close(self) -> None:
        """End the bar."""
        if self.bar is not None:
            self.bar.close()


def failed_lines(slug: str, job: Job, failure: Failure) -> str:
    """A failure for the closing summary."""
    values = ", ".join(f"{name}={value!r}" for name, value in job.parameters.items())
    return f"FAILED  {slug}\n        {failure}\n        {values}"


def run(settings: Settings, new: list[dict[str, str]]) -> int:
    """Make every stale report. Exit code 0, or 1 if one failed."""
    plan_for(settings, Manifest(settings.out, settings.root), new)  # all checks, nothing touched
    with locked(settings.out):
        manifest = Manifest(settings.out, settings.root)
        before = manifest.plan
        plan = plan_for(settings, manifest, new)
        for warning in filter(None, [manifest.warning, *plan.warnings]):
            print(f"warning: {warning}", file=sys.stderr)
        gone = remove_departed(plan, manifest)
        stale = [job for job in plan.jobs if reason(job, plan, manifest)]
        if not stale:
            index = build_index(plan, manifest)
            if gone or manifest.plan is not before:  # or the next run would plan again
                manifest.save()
            if gone:
                print(f"{len(gone)} removed")
            print(f"all {len(plan.jobs)} reports are up to date: {index}")
            return 0
        manifest.save()
        return _make(plan, stale, settings, manifest, len(gone))


def forget_failed_editions(plan: Plan, manifest: Manifest) -> None:
    """An edition of the command line of which nothing could be made leaves no trace."""
    for name in plan.asked:
        jobs = [job for job in plan.jobs if job.edition == name and job.slug in manifest.jobs]
        if jobs and all(manifest.jobs[job.slug]["status"] == "failed" for job in jobs):
            for job in jobs:
                manifest.forget(job.slug)
            manifest.adhoc = manifest.adhoc[:-1]
            manifest.plan = {}
            manifest.save()


def _make(plan: Plan, stale: list[Job], settings: Settings, manifest: Manifest, gone: int) -> int:
    """Make the stale reports; the index shows what there is, even after an interrupt."""
    progress = Progress(len(stale))
    failed: dict[str, str] = {}

    def done(job: Job, result: Result) -> None:
        manifest.finished(job, result)
        progress.step(job.slug, result)
        if result.failure:
            failed[job.slug] = failed_lines(job.slug, job, result.failure)

    try:
        run_jobs(stale, settings, done)
    finally:
        progress.close()
        with uninterrupted():
            forget_failed_editions(plan, manifest)
            index = build_index(plan, manifest)
    counts = f"{len(stale) - len(failed)} made, {len(plan.jobs) - len(stale)} unchanged"
    removed = f", {gone} removed" if gone else ""
    told = [failed[job.slug] for job in stale if job.slug in failed]
    print("\n".join([f"{counts}, {len(failed)} failed{removed}: {index}", *told]))
    return 1 if failed else 0


def show_stale(settings: Settings) -> int:
    """Print which reports a run would make, and exactly why."""
    manifest = Manifest(settings.out, settings.root)
    plan = plan_for(settings, manifest, [])
    reasons = {job.slug: reason(job, plan, manifest) for job in plan.jobs}
    for slug, why in reasons.items():
        if why:
            print(f"{slug}  {why}")
    for slug, entry in manifest.jobs.items():
        if slug not in reasons and not entry["adhoc"]:
            print(f"{slug}  no longer in {settings.reports.name}: to be removed")
    if not any(reasons.values()):
        print(f"all {len(reasons)} reports are up to date")
    return 0


def run_notebooks(settings: Settings) -> int:
    """Execute every notebook of the folder in its place, at its default parameters."""
    paths = {path.stem: path for path in sorted(settings.folder.glob("*.ipynb"))}
    jobs = [Job(stem, "", stem, {}, stem) for stem in paths]
    progress = Progress(len(jobs))
    failed: list[str] = []

    def done(job: Job, result: Result) -> None:
        progress.step(job.slug, result)
        if result.failure:
            failed.append(failed_lines(job.slug, job, result.failure).rstrip())
        elif paths[job.notebook].read_bytes() != result.notebook:
            write(paths[job.notebook], result.notebook)

    with locked(settings.out):
        run_jobs(jobs, settings, done, page=False)
    progress.close()
    print("\n".join([f"{len(jobs) - len(failed)} executed, {len(failed)} failed", *failed]))
    return 1 if failed else 0
