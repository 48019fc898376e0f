"""The collection's data are made before its reports, when something they are made of has changed.

How is said in `reports.yml` (see `editions.Data`). Light: it runs when nothing has changed.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from press.digests import IGNORED, file_digest
from press.job import CollectionError, Settings
from press.manifest import Manifest


def _declared(settings: Settings, manifest: Manifest) -> dict[str, Any] | None:
    """What `reports.yml` says of the data; from the manifest while that file is the same."""
    sha = file_digest(settings.reports)
    if manifest.data.get("reports") != sha:
        from press.editions import load

        data = load(settings.reports).data
        declared = data.model_dump() if data else None
        manifest.data = {"reports": sha, "declared": declared, "state": {}}
    return manifest.data["declared"]


def _state(settings: Settings, manifest: Manifest, folders: list[str]) -> dict[str, str | None]:
    """What every file below the folders is compared by."""
    found = {}
    root = settings.root
    for folder in folders:
        top = Path(os.path.normpath(settings.folder / folder))
        for path in sorted(top.rglob("*")):
            inside = Path(os.path.relpath(path, root))
            if path.is_file() and IGNORED.isdisjoint(inside.parts):
                found[inside.as_posix()] = manifest.digest(inside.as_posix())
    return found


def _folders(declared: dict[str, Any]) -> list[str]:
    return [*declared["sources"], declared["made"]]


def reason(settings: Settings, manifest: Manifest) -> str:
    """Why the data have to be made; empty if they are as the last run left them."""
    declared = _declared(settings, manifest)
    if declared is None:
        return ""
    before, now = manifest.data["state"], _state(settings, manifest, _folders(declared))
    if not before:
        return "not made by a run from here yet"
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return f"changed: {changed[0]}{more}" if changed else ""


def make(settings: Settings, manifest: Manifest) -> bool:
    """Make the data if they have to be; whether they were."""
    if not reason(settings, manifest):
        return False
    declared = manifest.data["declared"]
    command = [sys.executable if word == "python" else word for word in declared["command"]]
    try:
        code = subprocess.run(command, cwd=settings.root, check=False).returncode
    except OSError as error:
        raise CollectionError(f"data: {command[0]}: {error.strerror}") from error
    if code:
        raise CollectionError(f"the data could not be made, exit code {code}: no report was made")
    manifest.forget_digests()
    manifest.data["state"] = _state(settings, manifest, _folders(declared))
    return True
