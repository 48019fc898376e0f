"""`python -m press doctor`: is everything there that a run needs, and what to do if not."""

import platform
import re
import shutil
import sys
import tempfile

from packaging.requirements import Requirement

from press.digests import version
from press.job import Settings
from press.run import show_stale

LEAST_FREE = 2_000_000_000  # bytes; a full set of reports with its caches has less


def examine(settings: Settings) -> int:
    """Print what is wrong with environment and disk (exit code 1), and what a run would make."""
    findings = [_environment(settings)]
    written = settings.out.resolve()  # or, where it is still to be made, what is to hold it
    written = next(place for place in (written, *written.parents) if place.exists())
    for place in dict.fromkeys(map(str, (settings.root, written, tempfile.gettempdir()))):
        free = shutil.disk_usage(place).free
        cure = "" if free >= LEAST_FREE else f"free some, {LEAST_FREE / 1e9:.0f} GB are advised"
        findings.append(("disk", f"{free / 1e9:,.1f} GB free at {place}", cure))
    for name, found, cure in findings:
        print(f"{'do ' if cure else 'ok '}  {name:<12} {found}{': ' if cure else ''}{cure}")
    show_stale(settings)
    return int(any(cure for _, _, cure in findings))


def _environment(settings: Settings) -> tuple[str, str, str]:
    """What was looked at, what was found, and what to do; nothing to do where all is well."""
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
