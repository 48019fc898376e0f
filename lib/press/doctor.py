"""`python -m press doctor`: is everything there that a run needs, and what to do if not."""

import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator

from packaging.requirements import Requirement

from press.digests import version
from press.job import CollectionError, Settings
from press.manifest import FAILED, Manifest
from press.run import data_reason, plan_for, stale_reports

LEAST_FREE = 2_000_000_000  # bytes; a full set of reports with its caches has less

# What was looked at, what was found, and what to do; nothing to do where all is well.
Finding = tuple[str, str, str]


def examine(settings: Settings) -> int:
    """Print what was found; exit code 1 if there is something to do."""
    findings = [_environment(settings), *_reports(settings)]
    for place in dict.fromkeys([str(settings.root), tempfile.gettempdir()]):
        free = shutil.disk_usage(place).free
        cure = "" if free >= LEAST_FREE else f"free some, {LEAST_FREE / 1e9:.0f} GB are advised"
        findings.append(("disk", f"{free / 1e9:,.1f} GB free at {place}", cure))
    for name, found, cure in findings:
        print(f"{'do ' if cure else 'ok '}  {name:<12} {found}{': ' if cure else ''}{cure}")
    return int(any(cure for _, _, cure in findings))


def _environment(settings: Settings) -> Finding:
    lock = settings.root / "requirements.lock"
    where = f"Python {platform.python_version()} in {sys.prefix}"
    if not lock.is_file():
        return "environment", f"{where}, no {lock.name} to compare it with", ""
    lines = re.findall(r"(?m)^[A-Za-z0-9][^\\\n]*", lock.read_text(encoding="utf-8"))
    pins = [pin for pin in map(Requirement, lines) if not pin.marker or pin.marker.evaluate()]
    wrong = [
        f"{pin.name} {version(pin.name) or 'is missing'}, pinned {pin.specifier}"
        for pin in pins
        if version(pin.name) not in [each.version for each in pin.specifier]
    ]
    if not wrong:
        return "environment", f"{where}, every package as in {lock.name}", ""
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return "environment", f"{where}: {wrong[0]}{more}", f"install again from {lock.name}"


def _reports(settings: Settings) -> Iterator[Finding]:
    manifest = Manifest(settings.out, settings.root)
    if manifest.warning:
        yield "last run", manifest.warning, "run again"
    try:
        why = data_reason(settings, manifest)
        plan = plan_for(settings, manifest, {})
    except CollectionError as error:
        yield "collection", str(error), f"mend {settings.reports}"
        return
    yield "data", why or "as they were made", "they are made by the next run" if why else ""
    stale = stale_reports(plan, manifest)
    failed = [slug for slug, entry in manifest.jobs.items() if entry["status"] != "ok"]
    for slug in failed:
        yield "last run", f"{slug} failed", f"look at {settings.out / slug}{FAILED}, then run again"
    waiting = len(stale) - len(set(failed) & set(stale))
    said = f"{len(plan.jobs) - len(stale)} of {len(plan.jobs)} up to date"
    yield "reports", said, f"run again for the {waiting} others" if waiting else ""
