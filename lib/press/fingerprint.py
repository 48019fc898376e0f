"""What a report depends on, hashed: the manifest beside the pages, and why a report is stale.

This is the path that runs when nothing has changed: standard library only.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from press.job import Job, Result
from press.record import digest

LIBRARIES = (
    "numpy",
    "pandas",
    "matplotlib",
    "geopandas",
    "nbconvert",
    "papermill",
    "execnb",
    "ipython",
)
FORMAT = 1  # of the manifest: one written by another version of the press counts as empty
PAGE, NOTEBOOK, THUMBNAIL = ".html", ".ipynb", ".png"


@cache
def versions() -> dict[str, str]:
    """Python and the libraries that compute, draw and print; those that are there."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write(path: Path, content: bytes) -> None:
    """Put a file in its place in one step: readers see the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class Manifest:
    """`manifest.json`: per report its parameters, state, files read and their hashes.

    Parameters
    ----------
    out
        The output folder.
    root
        The project that the recorded paths are relative to.

    Notes
    -----
    While a run lasts each finished report is one line more in `manifest.log`: to write the whole
    anew for each would cost more with every report there is. `save` makes one file of both.
    """

    def __init__(self, out: Path, root: Path) -> None:
        self.out, self.root, self.path = out, root, out / "manifest.json"
        self.log = out / "manifest.log"
        self.jobs: dict[str, dict[str, Any]] = {}
        self.plan: dict[str, Any] = {}
        self.adhoc: list[dict[str, str]] = []
        self.index = ""
        self.warning = ""
        self._digests: dict[str, str | None] = {}
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if raw["format"] != FORMAT:
                raise ValueError
            self.jobs = {slug: dict(entry) for slug, entry in raw["jobs"].items()}
            self.plan, self.adhoc, self.index = raw["plan"], raw["adhoc"], raw["index"]
            self._replay()
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self.warning = f"{self.path}: not readable, taken as empty: everything is made again"
            self.jobs = {}

    def _replay(self) -> None:
        """Take in what a run that was killed had finished; its last line may be torn."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            for line in self.log.read_text(encoding="utf-8").splitlines():
                self.jobs |= json.loads(line)

    def save(self) -> None:
        """Write it, in one step."""
        raw = {
            "format": FORMAT,
            "plan": self.plan,
            "adhoc": self.adhoc,
            "index": self.index,
            "jobs": self.jobs,
        }
        write(self.path, (json.dumps(raw, ensure_ascii=False) + "\n").encode())
        self.log.unlink(missing_ok=True)

    def digest(self, name: str) -> str | None:
        """Sha256 of a file of the project; each is read once in a run."""
        if name not in self._digests:
            self._digests[name] = digest(self.root / name)
        return self._digests[name]

    def changed(self, files: dict[str, str]) -> list[str]:
        """Those of the files that are no longer what they were."""
        return [name for name, sha in files.items() if self.digest(name) != sha]

    def reason(self, job: Job) -> str:
        """Why a report has to be made; empty if it is fresh."""
        entry = self.jobs.get(job.slug)
        if entry is None:
            return "new"
        if entry["status"] != "ok":
            return "failed last time"
        page, notebook = (self.out / (job.slug + suffix) for suffix in (PAGE, NOTEBOOK))
        if not (page.is_file() and notebook.is_file()):
            return "missing page"
        if page.stat().st_size != entry["page_bytes"]:  # put there by a run that died just then
            return "other page"
        if entry["parameters"] != job.parameters:
            return "parameters changed"
        if entry["caption"] != job.caption or entry["title"] != job.title:
            return "title changed"
        if changed := self.changed(entry["files"]):
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            return f"changed: {changed[0]}{more}"
        now, then = versions(), entry["libraries"]
        for name in sorted(now | then, key=lambda name: (name != "python", name)):
            if now.get(name) != then.get(name):
                return f"library {name} {then.get(name, 'none')} → {now.get(name, 'none')}"
        return ""

    def finished(self, job: Job, result: Result) -> None:
        """Put a report in its place and note it; a failure leaves the last good page alone."""
        about = {
            "edition": job.edition,
            "notebook": job.notebook,
            "title": job.title,
            "caption": job.caption,
            "adhoc": job.adhoc,
        }
        if result.failure:
            page = self.out / (job.slug + PAGE)
            entry = self.jobs.get(job.slug, {"parameters": job.parameters, "files": {}} | about)
            state = {"status": "stale" if page.is_file() else "failed"}
            self.jobs[job.slug] = entry | state | {"error": asdict(result.failure)}
        else:
            write(self.out / (job.slug + NOTEBOOK), result.notebook)
            if result.thumbnail:
                write(self.out / (job.slug + THUMBNAIL), result.thumbnail)
            else:
                (self.out / (job.slug + THUMBNAIL)).unlink(missing_ok=True)
            write(self.out / (job.slug + PAGE), result.page)
            self.jobs[job.slug] = about | {
                "status": "ok",
                "parameters": job.parameters,
                "files": result.files,
                "libraries": versions(),
                "page_bytes": len(result.page),
                "seconds": result.seconds,
                "alt": result.alt,
            }
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({job.slug: self.jobs[job.slug]}) + "\n")

    def forget(self, slug: str) -> None:
        """Take a report's pages away, and its folder if it was the last one there."""
        for suffix in (PAGE, NOTEBOOK, THUMBNAIL):
            (self.out / (slug + suffix)).unlink(missing_ok=True)
        folder = (self.out / slug).parent
        if folder != self.out and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        del self.jobs[slug]


def key(*values: Any) -> str:
    """One short hash of plain values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
