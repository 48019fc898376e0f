"""The collection's data are made before its reports, when something they are made of has changed.

How is said in `reports.yml` (see `editions.Data`). Light: it runs when nothing has changed.
"""

import subprocess
import sys

from press.digests import file_digest, files_below
from press.job import CollectionError, Settings
from press.manifest import Manifest


def _state(settings: Settings, manifest: Manifest) -> dict[str, str | None]:
    """What every file that the data are made of, or are in, is compared by."""
    declared = manifest.data["declared"]
    folders = [settings.folder / name for name in (*declared["sources"], declared["made"])]
    return {name: manifest.digest(name) for name in files_below(settings.root, folders)}


def reason(settings: Settings, manifest: Manifest) -> str:
    """Why the data have to be made; empty if they are as the last run left them."""
    sha = file_digest(settings.reports)
    if manifest.data.get("reports") != sha:  # the manifest has what the file says
        from press.editions import load

        data = load(settings.reports).data
        declared = data.model_dump() if data else None
        manifest.data = {"reports": sha, "declared": declared, "state": {}}
    if not manifest.data["declared"]:
        return ""
    before = manifest.data["state"]
    if not before:
        return "not made by a run from here yet"
    new = dict.fromkeys(_state(settings, manifest))
    return manifest.changed(new | before)


def make(settings: Settings, manifest: Manifest) -> bool:
    """Make the data if they have to be; whether they were."""
    if not reason(settings, manifest):
        return False
    command = manifest.data["declared"]["command"]
    command = [sys.executable if word == "python" else word for word in command]
    try:
        code = subprocess.run(command, cwd=settings.root, check=False).returncode
    except OSError as error:
        raise CollectionError(f"data: {command[0]}: {error.strerror}") from error
    if code:
        raise CollectionError(f"the data could not be made, exit code {code}: no report was made")
    manifest.forget_digests()
    manifest.data["state"] = _state(settings, manifest)
    return True
