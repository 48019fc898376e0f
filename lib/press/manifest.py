"""The manifest beside the pages: what each report was made of, and why one is stale.

This is on the path that runs when nothing has changed: standard library only.
"""

import contextlib
import json
import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_origin

from press.digests import code_digest, file_digest, naming, version, write
from press.job import Failure, Job, Plan, Result

FORMAT = 5  # a manifest written by another version of the press counts as empty
PAGE, NOTEBOOK, THUMBNAIL, FAILED = ".html", ".ipynb", ".png", ".failed.ipynb"
SUMMARY, FILES = ".json", ".files"
KEPT = ("jobs", "plan", "data", "index", "codes")

# The shape that the press gives it; what has another one was written by somebody else.
TEXTS = {str: (str, type(None))}
JOB = {each.name: get_origin(each.type) or each.type for each in fields(Job)}
ENTRY = {"job": JOB, "status": str, "files": TEXTS}
MADE = ENTRY | {"libraries": {str: str}, "page_bytes": int, "alt": str, "lost": {str: int}}
FAILURE = {each.name: each.type for each in fields(Failure)}
PLAN = {"texts": {str: {str: str}}, "editions": {str: str}, "jobs": [JOB], "tables": {str: [dict]}}
DECLARED = {"command": [str], "sources": [str], "made": str}
WRONG = (OSError, ValueError, TypeError, KeyError, RecursionError)
SLUG = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def _check(value: Any, shape: Any) -> None:
    """Refuse plain values of another shape: a type, the parts of a mapping, or any number."""
    if isinstance(shape, dict) and isinstance(value, dict):
        parts = dict.fromkeys(value, shape[str]) if str in shape else shape
        for name, part in parts.items():
            _check(value[name], part)
    elif isinstance(shape, list) and isinstance(value, list):
        for each in value:
            _check(each, shape[0])
    elif isinstance(shape, dict | list) or not isinstance(value, shape):
        raise ValueError("not of the shape that the press gives it")


def _checked(entries: Any) -> dict[str, dict[str, Any]]:
    """What is known of reports; a name that leads out of the output folder is refused too."""
    _check(entries, {str: ENTRY})
    for slug, entry in entries.items():
        _check(entry, MADE if entry["status"] == "ok" else ENTRY | {"error": FAILURE})
        Failure(**entry.get("error", {"ename": "", "evalue": ""}))
        if slug != Job(**entry["job"]).slug or not SLUG.fullmatch(slug):
            raise ValueError(f"a report named {slug[:80]!r}")
    return entries


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
        self.index = ""
        self.codes: dict[str, str] = {}
        self.warning = ""
        self._digests: dict[str, str | None] = {}
        if not self.path.is_file():
            return
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if raw["format"] != FORMAT:
                raise ValueError("of another version of the press")
            _checked(raw["jobs"])
            _check(raw, {"index": str, "codes": {str: str}, "plan": dict, "data": dict})
            if raw["plan"]:
                _check(raw["plan"], {"reports": str, "files": TEXTS, "plan": PLAN})
                Plan.from_json(raw["plan"]["plan"])
            if raw["data"]:
                _check(raw["data"], {"declared": (dict, type(None)), "state": TEXTS})
                if raw["data"]["declared"]:
                    _check(raw["data"]["declared"], DECLARED)
            vars(self).update({name: raw[name] for name in KEPT})
        except WRONG as error:
            why = f"{self.path}: {error or 'not readable'}, taken as empty"
            self.warning = f"{why}: everything is made again"
            return
        if self.log.is_file():  # what a run that was killed had finished; its last line may be torn
            with contextlib.suppress(*WRONG):
                for line in self.log.read_text(encoding="utf-8").splitlines():
                    self.jobs |= _checked(json.loads(line))

    def save(self) -> None:
        """Write it, in one step."""
        raw = {"format": FORMAT} | {name: getattr(self, name) for name in KEPT}
        write(self.path, (json.dumps(raw) + "\n").encode())
        self.log.unlink(missing_ok=True)

    def digest(self, name: str) -> str | None:
        """What a file of the project is compared by; each is read once in a run."""
        if name not in self._digests:
            digest = file_digest(self.root / name)
            self._digests[name] = self.settled(name, digest) if digest else None
        return self._digests[name]

    def forget_digests(self) -> None:
        """Look at every file anew: the data have just been made."""
        self._digests.clear()

    def settled(self, name: str, sha: str) -> str:
        """What a file that had this checksum is compared by: a module by what it does.

        A module that has been changed since is not, so that it counts as changed.
        """
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
            return "failed last time"
        page, notebook = (self.out / (job.slug + suffix) for suffix in (PAGE, NOTEBOOK))
        if not (page.is_file() and notebook.is_file()):
            return "missing page"
        if page.stat().st_size != entry["page_bytes"]:  # put there by a run that died just then
            return "other page"
        for name, value in asdict(job).items():
            if entry["job"][name] != value:
                return f"{name} changed"
        for name, then in entry["libraries"].items():
            if version(name) != then:
                return f"library {name} {then} → {version(name) or 'none'}"
        return self.changed(entry["files"])

    def finished(self, job: Job, result: Result) -> None:
        """Put a report in its place and note it; a failure leaves the last good page alone.

        What the command line asked for, and never worked, is not remembered: it would make every
        later run fail.
        """
        if result.failure:
            if result.notebook:
                self._put(job.slug, FAILED, result.notebook)
            there = (self.out / (job.slug + PAGE)).is_file()
            if job.adhoc and not there:
                return
            entry = self.jobs.get(job.slug, {"job": asdict(job), "files": {}})
            status = "stale" if there else "failed"
            self.jobs[job.slug] = entry | {"status": status, "error": asdict(result.failure)}
        else:
            self._put(job.slug, THUMBNAIL, result.thumbnail)
            self._put(job.slug, NOTEBOOK, result.notebook)
            self._put(job.slug, PAGE, result.page)
            self._put_beside(job.slug, result.beside)
            self._put(job.slug, FAILED, b"")
            self.jobs[job.slug] = {
                "job": asdict(job),
                "status": "ok",
                "files": {name: self.settled(name, sha) for name, sha in result.files.items()},
                "libraries": result.libraries,
                "page_bytes": len(result.page),
                "alt": result.alt,
                "lost": result.lost,
            }
        line = json.dumps({job.slug: self.jobs[job.slug]}) + "\n"
        with naming(self.log), self.log.open("a", encoding="utf-8") as log:
            log.write(line)

    def _put(self, slug: str, suffix: str, content: bytes) -> None:
        """Write one of a report's files; without content there is none."""
        target = self.out / (slug + suffix)
        if content:
            write(target, content)
        else:
            target.unlink(missing_ok=True)

    def _put_beside(self, slug: str, beside: dict[str, bytes]) -> None:
        """Write what stands beside a page; what stood there before, and no longer does, goes."""
        for suffix, content in beside.items():
            self._put(slug, suffix, content)
        self._put(slug, SUMMARY, beside.get(SUMMARY, b""))
        folder = self.out / (slug + FILES)
        kept = {self.out / (slug + suffix) for suffix in beside}
        for path in folder.iterdir() if folder.is_dir() else ():
            if path not in kept:
                path.unlink()
        with contextlib.suppress(OSError):  # there is none, or it is not empty
            folder.rmdir()

    def forget(self, slug: str) -> None:
        """Take a report's pages away, and its folder if it was the last one there."""
        self._put_beside(slug, {})
        for suffix in (PAGE, NOTEBOOK, THUMBNAIL, FAILED):
            self._put(slug, suffix, b"")
        with contextlib.suppress(OSError):  # it is not empty
            (self.out / slug).parent.rmdir()
        del self.jobs[slug]
