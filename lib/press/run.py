"""The commands: which reports are stale, making those, executing notebooks in their place."""

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from press import data
from press.digests import write
from press.fronts import read_json
from press.job import Job, Plan, Result, Settings
from press.manifest import FAILED, Manifest
from press.recorder import Recorder
from press.site import RUNS, build_index, departed, index_state
from press.system import uninterrupted


def plan_for(settings: Settings, manifest: Manifest, asked: dict[str, str]) -> Plan:
    """The plan, from the manifest as long as nothing that made it has changed.

    Planning may load the collection's library and data ("one report for every item"); what it
    reads is recorded, so that a run with nothing to do need not load it again. What earlier
    command lines asked for, and got, is renewed with all else.
    """
    known = manifest.plan
    here = str(settings.reports)
    if asked or not known or known["reports"] != here or manifest.changed(known["files"]):
        from press.plan import make

        recorder = Recorder(settings.root, settings.out).start()
        plan = make(settings.reports, asked)
        recorder.stop()
        if not asked:
            files = {name: manifest.settled(name, sha) for name, sha in recorder.files.items()}
            manifest.plan = {"reports": here, "files": files, "plan": asdict(plan)}
    else:
        plan = Plan.from_json(known["plan"])
    planned = {job.slug for job in plan.jobs}
    earlier = [Job(**entry["job"]) for entry in manifest.jobs.values() if entry["job"]["adhoc"]]
    for job in earlier:
        if job.slug not in planned and (settings.folder / f"{job.notebook}.ipynb").is_file():
            plan.jobs.append(job)
    return plan


def stale_reports(plan: Plan, manifest: Manifest) -> dict[str, str]:
    """The reports that have to be made, and why."""
    reasons = {job.slug: manifest.reason(job) for job in plan.jobs}
    return {slug: why for slug, why in reasons.items() if why}


@contextlib.contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """One run at a time in a checkout."""
    from filelock import FileLock, Timeout

    settings.out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.out / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("another run is at work in this checkout; waiting…", file=sys.stderr, flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def make_reports(
    jobs: list[Job], settings: Settings, done: Callable[[Job, Result], None]
) -> dict[str, str]:
    """Make all reports; `done` is called as each of them ends. What to say of those that failed.

    A bar with the time left is shown on a terminal, elsewhere one line per finished report.
    Failures are told at the end, so that each is told once, where it is seen.
    """
    from tqdm import tqdm

    if settings.scheduler:
        from press.cluster import Cluster

        place: Any = Cluster(settings)
    else:
        from press.processes import Processes

        place = Processes(settings)
    waiting, running, failures = list(reversed(jobs)), {}, {}
    bar = tqdm(total=len(jobs), unit="report", disable=None if sys.stdout.isatty() else True)
    try:
        while waiting or running:
            while waiting and len(running) < place.slots:
                job = waiting.pop()
                running[place.submit(job)] = job
            for report, result in place.finished():
                with uninterrupted():
                    job = running.pop(report)
                    done(job, result)
                if result.failure:
                    failures[job.slug] = _failure(job, result, settings)
                elif bar.disable:
                    print(f"ok  {job.slug}  {result.seconds:.1f} s", flush=True)
                bar.update()
    finally:
        bar.close()
        with uninterrupted():  # a second signal must not break off the clean-up
            place.close()
    return {job.slug: failures[job.slug] for job in jobs if job.slug in failures}


def _failure(job: Job, result: Result, settings: Settings) -> str:
    """What to say of a report that failed: why, for which parameters, where it can be seen."""
    values = ", ".join(f"{name}={value!r}" for name, value in job.parameters.items())
    kept = f"{settings.out / job.slug}{FAILED}" if result.notebook and settings.page else ""
    lines = [f"FAILED  {job.slug}", str(result.failure), values, kept]
    return "\n        ".join(filter(None, lines))


def commit_of(settings: Settings) -> str:
    """The commit that the project stands at, "-dirty" when it is not quite that; "" without git."""
    command = ["git", "-C", str(settings.root), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def note_runs(manifest: Manifest, made: dict[str, Any]) -> None:
    """Say in `run.json` when each report was made, how many seconds it took, of which commit.

    A report's page says nothing of it: the same inputs give the same bytes.
    """
    runs = read_json(manifest.out / RUNS).get("reports", {}) | made
    runs = {slug: runs[slug] for slug in manifest.jobs if slug in runs}
    text = json.dumps({"reports": runs}, ensure_ascii=False, indent=1)
    write(manifest.out / RUNS, f"{text}\n".encode())


def run(settings: Settings, asked: dict[str, str]) -> int:
    """Make the data and every stale report. Exit code 0, or 1 if one failed."""
    manifest = Manifest(settings.out, settings.root)
    if not data.reason(settings, manifest):
        plan_for(settings, manifest, asked)  # all checks, nothing touched
    with locked(settings):
        manifest = Manifest(settings.out, settings.root)
        if manifest.warning:
            print(f"warning: {manifest.warning}", file=sys.stderr)
        before = manifest.plan
        data_made = data.make(settings, manifest)
        plan = plan_for(settings, manifest, asked)
        gone = departed(plan, manifest)
        for slug in gone:
            manifest.forget(slug)
        stale = stale_reports(plan, manifest)
        if stale or gone or data_made or manifest.plan is not before:
            manifest.save()
        jobs = [job for job in plan.jobs if job.slug in stale]
        failures: dict[str, str] = {}
        made: dict[str, Any] = {}
        lost: Counter[str] = Counter()
        commit = commit_of(settings) if jobs else ""

        def done(job: Job, result: Result) -> None:
            manifest.finished(job, result)
            lost.update(result.lost)
            if not result.failure:
                now = time.strftime("%Y-%m-%d %H:%M")
                made[job.slug] = {"date": now, "seconds": result.seconds, "commit": commit}

        try:
            if jobs:
                preload = tuple(plan.preload)
                failures = make_reports(jobs, replace(settings, preload=preload), done)
        finally:  # the index shows what there is, even after an interrupt
            with uninterrupted():
                if made or gone:
                    note_runs(manifest, made)
                left = stale_reports(replace(plan, jobs=jobs), manifest)
                index = build_index(plan, manifest, left)
    counts = [
        f"{len(jobs) - len(failures)} made",
        f"{len(plan.jobs) - len(jobs)} unchanged",
        f"{len(failures)} failed",
    ]
    kernels = sum(job.kernel for job in jobs)
    counts += [f"{len(gone)} removed"] if gone else []
    counts += [f"{kernels} in an ordinary kernel"] if kernels else []
    kinds = ", ".join(f"{name} {times}" for name, times in sorted(lost.items()))
    counts += [f"not shown, and named on their pages: {kinds}"] if kinds else []
    if jobs:
        print("\n".join([f"{', '.join(counts)}: {index}", *failures.values()]))
    else:
        print(f"all {len(plan.jobs)} reports are up to date: {index}")
    return 1 if failures else 0


def show_stale(settings: Settings) -> int:
    """Print what a run would make, and exactly why."""
    manifest = Manifest(settings.out, settings.root)
    if manifest.warning:
        print(f"warning: {manifest.warning}", file=sys.stderr)
    lines = []
    data_reason = data.reason(settings, manifest)
    if data_reason:
        lines.append(f"data  to be made first, reports that read them after that: {data_reason}")
    plan = plan_for(settings, manifest, {})
    lines += [f"{slug}  {why}" for slug, why in stale_reports(plan, manifest).items()]
    for slug in departed(plan, manifest):
        lines.append(f"{slug}  no longer in {settings.reports.name}: to be removed")
    if not lines and manifest.index != index_state(plan, manifest, {}):
        lines.append("index.html  changed")
    print("\n".join(lines) or f"all {len(plan.jobs)} reports are up to date")
    return 0


def run_notebooks(settings: Settings) -> int:
    """Execute every notebook of the editions in its place, at its default parameters."""
    from press.editions import load
    from press.parameters import inspect

    collection = load(settings.reports)
    stems = sorted({stem for edition in collection.editions for stem in edition.notebooks})
    for stem in stems:
        inspect(settings.folder / f"{stem}.ipynb")  # one that can't be run stops us here
    jobs = [Job(stem, "", stem, {}, stem, kernel=stem in collection.kernel) for stem in stems]

    def done(job: Job, result: Result) -> None:
        path = settings.folder / f"{job.notebook}.ipynb"
        if not result.failure and path.read_bytes() != result.notebook:
            write(path, result.notebook)

    with locked(settings):
        preload = tuple(collection.preload)
        failures = make_reports(jobs, replace(settings, page=False, preload=preload), done)
    counts = f"{len(jobs) - len(failures)} executed, {len(failures)} failed"
    print("\n".join([counts, *failures.values()]))
    return 1 if failures else 0
