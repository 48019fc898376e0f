"""The commands: which reports are stale, making the data and those, notebooks in their place."""

import contextlib
import fcntl
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import asdict, replace
from typing import Any

from press.digests import file_digest, files_below, write
from press.job import CollectionError, Failure, Job, Plan, Result, Settings, trouble
from press.manifest import FAILED, NOTEBOOK, PAGE, Manifest
from press.recorder import Recorder
from press.site import RUNS, build_index, departed, earlier_runs, index_state, stand_in
from press.system import end_tree, ignore_interrupts, uninterrupted

LOOK = 0.5  # seconds between two looks at whether there are more workers, or none
# Something else stands where a report's files belong: no reason to end a run.
PLACE_TAKEN = (FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)


def opened(settings: Settings) -> Manifest:
    """What earlier runs left in the output folder; what can't be used of it is said."""
    manifest = Manifest(settings.out, settings.root)
    if manifest.warning:
        print(f"warning: {manifest.warning}", file=sys.stderr)
    return manifest


def _data_files(settings: Settings, declared: dict[str, Any]) -> Iterator[str]:
    """Every file that the data are made of, or are in."""
    folders = [settings.folder / name for name in (*declared["sources"], declared["made"])]
    return files_below(settings.root, folders)


def data_reason(settings: Settings, manifest: Manifest) -> str:
    """Why the data have to be made; empty if they are as the last run left them."""
    sha = file_digest(settings.reports)
    if manifest.data.get("reports", "") != sha:  # the manifest has what the file says
        from press.editions import load

        data = load(settings.reports).data
        declared = data.model_dump() if data else None
        manifest.data = {"reports": sha, "declared": declared, "state": {}}
    declared, before = manifest.data["declared"], manifest.data["state"]
    if declared and not before:
        return "not made by a run from here yet"
    there = dict.fromkeys(_data_files(settings, declared)) if declared else {}
    return manifest.changed(there | before)


def make_data(settings: Settings, manifest: Manifest) -> bool:
    """Make the collection's data if they have to be; whether they were."""
    if not data_reason(settings, manifest):
        return False
    declared = manifest.data["declared"]
    command = [sys.executable if word == "python" else word for word in declared["command"]]
    try:
        # An interrupt is answered by us alone.
        process = subprocess.Popen(command, cwd=settings.root, preexec_fn=ignore_interrupts)
    except OSError as error:
        raise CollectionError(f"data: {command[0]}: {error.strerror}") from error
    try:
        code = process.wait()
    except KeyboardInterrupt:
        end_tree(process.pid)
        raise
    if code:
        raise CollectionError(f"the data could not be made, exit code {code}: no report was made")
    manifest.digests.clear()  # every file is looked at anew
    files = _data_files(settings, declared)
    manifest.data["state"] = {name: manifest.digest(name) for name in files}
    return True


def _is_planned(settings: Settings, manifest: Manifest) -> bool:
    """Whether the plan of the last run still holds."""
    known = manifest.plan
    is_of_here = known and known["reports"] == str(settings.reports)
    return is_of_here and not manifest.changed(known["files"])


def plan_for(settings: Settings, manifest: Manifest, asked: dict[str, str]) -> Plan:
    """The plan, from the manifest as long as nothing that made it has changed.

    Planning may load the collection's library and data; what it reads is recorded, so that a run
    with nothing to do need not load it again. What earlier command lines asked for is renewed too.
    """
    if asked or not _is_planned(settings, manifest):
        from press.plan import make

        recorder = Recorder(settings.root, settings.out).start()
        plan = make(settings.reports, asked)
        recorder.stop()
        if not asked:
            files = {name: manifest.settled(name, sha) for name, sha in recorder.files.items()}
            here = str(settings.reports)
            manifest.plan = {"reports": here, "files": files, "plan": asdict(plan)}
    else:
        known = manifest.plan["plan"]
        plan = Plan(**known | {"jobs": [Job(**job) for job in known["jobs"]]})
    planned = {job.slug for job in plan.jobs}
    for job in [Job(**entry["job"]) for entry in manifest.jobs.values()]:
        there = (settings.folder / f"{job.notebook}{NOTEBOOK}").is_file()
        if job.adhoc and there and job.slug not in planned:
            plan.jobs.append(job)
    return plan


def stale_reports(jobs: list[Job], manifest: Manifest) -> dict[str, str]:
    """The reports that have to be made, and why."""
    reasons = {job.slug: manifest.reason(job) for job in jobs}
    return {slug: why for slug, why in reasons.items() if why}


@contextlib.contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """One run at a time in a checkout."""
    settings.out.mkdir(parents=True, exist_ok=True)
    with (settings.out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is at work in this checkout; waiting…", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_reports(
    jobs: list[Job], settings: Settings, keep: Callable[[Job, Result], None]
) -> list[str]:
    """Make all reports, and `keep` each as it ends. What to say of those that failed.

    Each that is finished is a line. Failures are told at the end, so that each is told once, where
    it is seen.
    """
    if settings.scheduler:
        from press.cluster import Cluster

        place: Any = Cluster(settings)
    else:
        from press.processes import Processes

        place = Processes(settings)
    waiting, running, failures = jobs[::-1], {}, {}
    try:
        while waiting or running:
            slots, ended = place.slots, []
            # Broken off while it has a lock, a library would leave that locked for good.
            with uninterrupted():
                while waiting and len(running) < slots:
                    job = waiting.pop()
                    running[place.submit(job)] = job
                for future in wait(running, LOOK, FIRST_COMPLETED).done:
                    job, result = running.pop(future), place.result(future)
                    try:
                        keep(job, result)
                    except PLACE_TAKEN as error:
                        result = Result(failure=Failure("", trouble(error)))
                    if result.failure:
                        failures[job.slug] = _failure(job, result, settings)
                    else:
                        left = len(waiting) + len(running)
                        ended.append(f"ok  {job.slug}  {result.seconds:.1f} s  {left} left")
            for line in ended:
                print(line, flush=True)
    finally:
        with uninterrupted():  # a second signal must not break off the clean-up
            place.close()
    return [failures[job.slug] for job in jobs if job.slug in failures]


def _failure(job: Job, result: Result, settings: Settings) -> str:
    """What to say of a report that failed: why, for which parameters, where it can be seen."""
    values = ", ".join(f"{name}={value!r}" for name, value in job.parameters.items())
    kept = f"{settings.out / job.slug}{FAILED}" if result.made and settings.page else ""
    lines = [f"FAILED  {job.slug}", str(result.failure), values, kept]
    return "\n        ".join(filter(None, lines))


def commit_of(settings: Settings) -> str:
    """The commit that the project stands at, "-dirty" when it is not quite that; "" without git."""
    command = ["git", "-C", str(settings.root), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def run(settings: Settings, asked: dict[str, str]) -> int:
    """Make the data and every stale report. Exit code 0, or 1 if one failed."""
    manifest = Manifest(settings.out, settings.root)
    if not (settings.scheduler or _is_planned(settings, manifest)):
        from press.editions import load
        from press.processes import begin

        begin(load(settings.reports).preload)  # the libraries load while we plan
    if not data_reason(settings, manifest):
        plan_for(settings, manifest, asked)  # all checks, nothing touched
    with locked(settings):
        return _run(settings, asked)


def _run(settings: Settings, asked: dict[str, str]) -> int:
    manifest = opened(settings)
    before = manifest.plan
    data_made = make_data(settings, manifest)
    plan = plan_for(settings, manifest, asked)
    gone = departed(plan, manifest)
    for slug in gone:
        manifest.forget(slug)
    stale = stale_reports(plan.jobs, manifest)
    if stale or gone or data_made or manifest.plan is not before:
        manifest.save()
    jobs = [job for job in plan.jobs if job.slug in stale]
    failures: list[str] = []
    made: dict[str, Any] = {}
    lost: Counter[str] = Counter()
    commit = commit_of(settings) if jobs else ""

    def keep(job: Job, result: Result) -> None:
        manifest.finished(job, result)
        lost.update(result.lost)
        if not result.failure:
            now = time.strftime("%Y-%m-%d %H:%M")
            made[job.slug] = {"date": now, "seconds": result.seconds, "commit": commit}
        elif not manifest.has_page(job.slug):
            write(settings.out / (job.slug + PAGE), stand_in(job, result.failure))

    try:
        if jobs:
            failures = make_reports(jobs, replace(settings, preload=tuple(plan.preload)), keep)
    finally:  # the index shows what there is, even after an interrupt
        with uninterrupted():
            if made or gone:  # no page says when it was made: same inputs, same bytes
                runs = earlier_runs(settings.out) | made
                runs = {slug: runs[slug] for slug in manifest.jobs if slug in runs}
                text = json.dumps({"reports": runs}, ensure_ascii=False, indent=1)
                write(settings.out / RUNS, f"{text}\n".encode())
            index = build_index(plan, manifest, stale_reports(jobs, manifest))
    if not jobs:
        print(f"all {len(plan.jobs)} reports are up to date: {index}")
        return 0
    unchanged, kernels = len(plan.jobs) - len(jobs), sum(job.kernel for job in jobs)
    counts = f"{len(made)} made, {unchanged} unchanged, {len(failures)} failed"
    counts += f", {len(gone)} removed" if gone else ""
    counts += f", {kernels} in an ordinary kernel" if kernels else ""
    kinds = ", ".join(f"{name} {times}" for name, times in sorted(lost.items()))
    counts += f", not shown, and named on their pages: {kinds}" if kinds else ""
    print("\n".join([f"{counts}: {index}", *failures]))
    return 1 if failures else 0


def show_stale(settings: Settings) -> int:
    """Print what a run would make, and exactly why."""
    manifest = opened(settings)
    why = data_reason(settings, manifest)
    lines = [f"data  to be made first, reports that read them after that: {why}"] if why else []
    plan = plan_for(settings, manifest, {})
    lines += [f"{slug}  {why}" for slug, why in stale_reports(plan.jobs, manifest).items()]
    left = f"no longer in {settings.reports.name}: to be removed"
    lines += [f"{slug}  {left}" for slug in departed(plan, manifest)]
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
        inspect(settings.folder / f"{stem}{NOTEBOOK}")  # one that can't be run stops us here
    jobs = [Job(stem, "", stem, {}, stem, kernel=stem in collection.kernel) for stem in stems]

    def keep(job: Job, result: Result) -> None:
        path = settings.folder / f"{job.notebook}{NOTEBOOK}"
        if not result.failure and path.read_bytes() != result.made[NOTEBOOK]:
            write(path, result.made[NOTEBOOK])

    preload = tuple(collection.preload)
    with locked(settings):
        failures = make_reports(jobs, replace(settings, page=False, preload=preload), keep)
    print("\n".join([f"{len(jobs) - len(failures)} executed, {len(failures)} failed", *failures]))
    return 1 if failures else 0
