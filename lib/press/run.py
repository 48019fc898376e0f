"""The commands: which reports are stale, making those, executing notebooks in their place."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from press import data
from press.digests import key, write
from press.job import Job, Plan, Result, Settings
from press.manifest import FAILED, Manifest
from press.recorder import Recorder
from press.site import build_index, index_state, remove_departed
from press.system import uninterrupted


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
    files = {name: manifest.settled(name, sha) for name, sha in recorder.files.items()}
    manifest.plan = {"key": asked, "files": files, "plan": plan.as_json()}
    return plan


def stale_reports(plan: Plan, manifest: Manifest) -> dict[str, str]:
    """The reports that have to be made, and why.

    One of an earlier command line that never worked is not tried again: it would make every
    later run fail.
    """
    reasons = {}
    for job in plan.jobs:
        failed = manifest.jobs.get(job.slug, {}).get("status") == "failed"
        given_up = job.adhoc and failed and job.edition not in plan.asked
        why = "" if given_up else manifest.reason(job)
        if why:
            reasons[job.slug] = why
    return reasons


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


def run_jobs(jobs: list[Job], settings: Settings, done: Callable[[Job, Result], None]) -> None:
    """Render all jobs; `done` is called as each of them ends."""
    if settings.scheduler:
        from press.cluster import Cluster

        place: Any = Cluster(settings)
    else:
        from press.processes import Processes

        place = Processes(settings)
    waiting, running = list(reversed(jobs)), {}
    try:
        while waiting or running:
            while waiting and len(running) < place.slots:
                job = waiting.pop()
                running[place.submit(job)] = job
            for report, result in place.finished():
                with uninterrupted():
                    done(running.pop(report), result)
    finally:
        with uninterrupted():  # a second signal must not break off the clean-up
            place.close()


class Progress:
    """A bar with the time left on a terminal; one line per finished report elsewhere.

    Failures are kept for the end, so that each is told once, where it is seen.
    """

    def __init__(self, total: int) -> None:
        self.failures: dict[str, str] = {}
        self.bar = None
        if sys.stdout.isatty() and sys.stderr.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=total, unit="report")

    def step(self, job: Job, result: Result, kept: str = "") -> None:
        """One report is finished; `kept` is where a failed one can be looked at."""
        if result.failure:
            values = ", ".join(f"{name}={value!r}" for name, value in job.parameters.items())
            lines = [f"FAILED  {job.slug}", str(result.failure), values, kept]
            self.failures[job.slug] = "\n        ".join(filter(None, lines))
        if self.bar is not None:
            self.bar.set_postfix(failed=len(self.failures), refresh=False)
            self.bar.update()
        elif not result.failure:
            print(f"ok  {job.slug}  {result.seconds:.1f} s", flush=True)

    def close(self) -> None:
        """End the bar."""
        if self.bar is not None:
            self.bar.close()


def run(settings: Settings, new: list[dict[str, str]]) -> int:
    """Make the data and every stale report. Exit code 0, or 1 if one failed."""
    manifest = Manifest(settings.out, settings.root)
    if not data.reason(settings, manifest):
        plan_for(settings, manifest, new)  # all checks, nothing touched
    with locked(settings.out):
        manifest = Manifest(settings.out, settings.root)
        data_made = data.make(settings, manifest)
        before = manifest.plan
        plan = plan_for(settings, manifest, new)
        for warning in filter(None, [manifest.warning, *plan.warnings]):
            print(f"warning: {warning}", file=sys.stderr)
        gone = remove_departed(plan, manifest)
        stale = stale_reports(plan, manifest)
        if stale:
            manifest.save()
            jobs = [job for job in plan.jobs if job.slug in stale]
            return _make(plan, jobs, settings, manifest, len(gone))
        index = build_index(plan, manifest)
        if gone or data_made or manifest.plan is not before:  # or the next run would do it again
            manifest.save()
        if gone:
            print(f"{len(gone)} removed")
        print(f"all {len(plan.jobs)} reports are up to date: {index}")
        return 0


def _make(plan: Plan, jobs: list[Job], settings: Settings, manifest: Manifest, gone: int) -> int:
    """Make the stale reports; the index shows what there is, even after an interrupt."""
    progress = Progress(len(jobs))

    def done(job: Job, result: Result) -> None:
        manifest.finished(job, result)
        progress.step(job, result, f"{settings.out / job.slug}{FAILED}" if result.notebook else "")

    try:
        run_jobs(jobs, replace(settings, preload=tuple(plan.preload)), done)
    finally:
        progress.close()
        with uninterrupted():
            forget_failed_editions(plan, manifest)
            index = build_index(plan, manifest)
    failures = progress.failures
    counts = [
        f"{len(jobs) - len(failures)} made",
        f"{len(plan.jobs) - len(jobs)} unchanged",
        f"{len(failures)} failed",
    ]
    if gone:
        counts.append(f"{gone} removed")
    kernels = sum(job.kernel for job in jobs)
    if kernels:
        counts.append(f"{kernels} in an ordinary kernel")
    told = [failures[job.slug] for job in jobs if job.slug in failures]
    print("\n".join([f"{', '.join(counts)}: {index}", *told]))
    return 1 if failures else 0


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


def show_stale(settings: Settings) -> int:
    """Print what a run would make, and exactly why."""
    manifest = Manifest(settings.out, settings.root)
    data_reason = data.reason(settings, manifest)
    plan = plan_for(settings, manifest, [])
    reasons = stale_reports(plan, manifest)
    lines = [f"{slug}  {why}" for slug, why in reasons.items()]
    if data_reason:
        lines.insert(0, f"data  to be made first, reports that read them after that: {data_reason}")
    planned = {job.slug for job in plan.jobs}
    for slug, entry in manifest.jobs.items():
        if slug not in planned and not entry["adhoc"]:
            lines.append(f"{slug}  no longer in {settings.reports.name}: to be removed")
    if not lines and manifest.index != index_state(plan, manifest):
        lines.append("index.html  changed")
    if manifest.warning:
        print(f"warning: {manifest.warning}", file=sys.stderr)
    print("\n".join(lines) or f"all {len(plan.jobs)} reports are up to date")
    return 0


def run_notebooks(settings: Settings) -> int:
    """Execute every notebook of the folder in its place, at its default parameters."""
    from press.editions import load

    collection = load(settings.reports)
    paths = {path.stem: path for path in sorted(settings.folder.glob("*.ipynb"))}
    jobs = [Job(stem, "", stem, {}, stem, kernel=stem in collection.kernel) for stem in paths]
    progress = Progress(len(jobs))

    def done(job: Job, result: Result) -> None:
        progress.step(job, result)
        if not result.failure and paths[job.notebook].read_bytes() != result.notebook:
            write(paths[job.notebook], result.notebook)

    with locked(settings.out):
        run_jobs(jobs, replace(settings, page=False, preload=tuple(collection.preload)), done)
    progress.close()
    failures = progress.failures
    counts = f"{len(jobs) - len(failures)} executed, {len(failures)} failed"
    print("\n".join([counts, *(failures[job.slug] for job in jobs if job.slug in failures)]))
    return 1 if failures else 0
