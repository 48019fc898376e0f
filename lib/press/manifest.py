"""The manifest beside the pages: what each report was made of, and why one is stale.

This is on the path that runs when nothing has changed: standard library only.
"""

import contextlib
import json
import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from press.digests import code_digest, file_digest, key, naming, version, write
from press.job import Failure, Job, Plan, Result

PAGE, NOTEBOOK, FAILED = ".html", ".ipynb", ".failed.ipynb"
SUMMARY, FILES, PDF = ".json", ".files", ".pdf"
VALUES = "values.json"  # among the files
KEPT = ("jobs", "plan", "data", "index", "codes")
# What the press wrote bears its seal. What somebody else wrote, or a press that kept something
# else, counts as not there.
SHAPE = [6, *([each.name for each in fields(kind)] for kind in (Job, Failure, Plan))]

# Two names below the output folder: what leads out of it is never ours to remove.
SLUG = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def sealed(values: dict[str, Any]) -> str:
    """Plain values as a line of JSON, with a checksum of it."""
    text = json.dumps(values)[1:]
    return f'{{"seal": "{key(SHAPE, text)}", {text}\n'


def unsealed(line: str) -> dict[str, Any]:
    """The values of a line that `sealed` made; of any other a `ValueError`."""
    _, _, text = line.removesuffix("\n").partition(", ")
    if not line.startswith(f'{{"seal": "{key(SHAPE, text)}", '):
        raise ValueError("written by another version of the press, or by somebody else")
    return json.loads(f"{{{text}")


class Manifest:
    """`manifest.json` of the output folder: per report its job, state, files read, their hashes.

    While a run lasts each finished report is one line more in `manifest.log`: to write the whole
    anew for each would cost more with every report there is. `save` makes one file of both.
    Modules are compared by what they do; as that is slow to tell, it is kept in `codes`, by the
    checksums of their bytes.
    """

    def __init__(self, out: Path, root: Path) -> None:
        self.out, self.root = out, root
        self.path, self.log = out / "manifest.json", out / "manifest.log"
        self.jobs: dict[str, dict[str, Any]] = {}
        self.plan: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.index, self.warning = "", ""
        self.codes: dict[str, str] = {}
        self.digests: dict[str, str | None] = {}  # of files, each looked at once
        if not self.path.is_file():
            return
        try:
            kept = unsealed(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.warning = f"{self.path}: {error}, taken as empty: everything is made again"
            return
        vars(self).update({name: kept[name] for name in KEPT})
        if self.log.is_file():  # what a run that was killed had finished; its last line may be torn
            with contextlib.suppress(OSError, ValueError):
                for line in self.log.read_text(encoding="utf-8").splitlines():
                    self.jobs |= unsealed(line)
        self.jobs = {slug: entry for slug, entry in self.jobs.items() if SLUG.fullmatch(slug)}

    def save(self) -> None:
        """Write it, in one step."""
        write(self.path, sealed({name: getattr(self, name) for name in KEPT}).encode())
        self.log.unlink(missing_ok=True)

    def digest(self, name: str) -> str | None:
        """What a file of the project is compared by."""
        if name not in self.digests:
            digest = file_digest(self.root / name)
            self.digests[name] = self.settled(name, digest) if digest else None
        return self.digests[name]

    def settled(self, name: str, sha: str) -> str:
        """What a file that had this checksum is compared by: a module by what it did then."""
        if not name.endswith(".py"):
            return sha
        if sha not in self.codes and file_digest(self.root / name) == sha:
            self.codes[sha] = code_digest((self.root / name).read_bytes())
        return self.codes.get(sha, sha)

    def changed(self, files: dict[str, str]) -> str:
        """Which of the files are no longer what they were, in words; empty if none is."""
        names = [name for name, digest in files.items() if self.digest(name) != digest]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"changed: {names[0]}{more}" if names else ""

    def reason(self, job: Job) -> str:
        """Why a report has to be made; empty if it is fresh."""
        entry = self.jobs.get(job.slug)
        if entry is None:
            return "new"
        if entry["status"] != "ok":
            return f"failed last time: {Failure(**entry['error'])}"
        if not (self.has_page(job.slug) and (self.out / (job.slug + NOTEBOOK)).is_file()):
            return "page missing, or another"
        for name, value in asdict(job).items():
            if entry["job"][name] != value:
                return f"{name} changed"
        for name, then in entry["libraries"].items():
            if version(name) != then:
                return f"library {name} {then} → {version(name) or 'none'}"
        return self.changed(entry["files"])

    def has_page(self, slug: str) -> bool:
        """Whether the page that was made is there, and none that only says why there is none."""
        page, made = self.out / (slug + PAGE), self.jobs.get(slug, {}).get("page_bytes")
        return page.is_file() and page.stat().st_size == made

    def finished(self, job: Job, result: Result) -> None:
        """Put a report in its place and note it; a failure leaves the last good page alone."""
        if result.failure:
            if result.made:
                write(self.out / (job.slug + FAILED), result.made[NOTEBOOK])
            there = self.has_page(job.slug)
            if job.adhoc and not there:  # not remembered: it would make every later run fail
                return
            entry = self.jobs.get(job.slug, {"job": asdict(job), "files": {}})
            status = "stale" if there else "failed"
            self.jobs[job.slug] = entry | {"status": status, "error": asdict(result.failure)}
        else:
            self._put(job.slug, result.made)
            self.jobs[job.slug] = {
                "job": asdict(job),
                "status": "ok",
                "files": {name: self.settled(name, sha) for name, sha in result.files.items()},
                "libraries": result.libraries,
                "page_bytes": len(result.made[PAGE]),
            }
        with naming(self.log), self.log.open("a", encoding="utf-8") as log:
            log.write(sealed({job.slug: self.jobs[job.slug]}))

    def forget(self, slug: str) -> None:
        """Take a report's files away, and its folder if it was the last one there."""
        self._put(slug, {})
        del self.jobs[slug]

    def _put(self, slug: str, made: dict[str, bytes]) -> None:
        """Write a report's files; what stood there of it before, and no longer does, goes."""
        folder = self.out / (slug + FILES)
        wanted = {self.out / (slug + suffix): content for suffix, content in made.items()}
        for path, content in wanted.items():
            write(path, content)
        known = [self.out / (slug + s) for s in (PAGE, NOTEBOOK, SUMMARY, FAILED, PDF)]
        for path in [*known, *folder.glob("*")]:
            if path not in wanted:
                path.unlink(missing_ok=True)
        for place in (folder, folder.parent):
            with contextlib.suppress(OSError):  # there is none, or it is not empty
                place.rmdir()
