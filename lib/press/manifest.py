"""The manifest beside the pages: what each report was made of, and why one is stale.

This is on the path that runs when nothing has changed: standard library only.
"""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from press.digests import code_digest, file_digest, version, write
from press.job import Job, Result

FORMAT = 2  # a manifest written by another version of the press counts as empty
PAGE, NOTEBOOK, THUMBNAIL, FAILED = ".html", ".ipynb", ".png", ".failed.ipynb"


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
    Modules are compared by what they do; as that is slow to tell, it is kept in `codes`, by the
    checksums of their bytes.
    """

    KEPT = ("jobs", "plan", "data", "adhoc", "index", "codes")

    def __init__(self, out: Path, root: Path) -> None:
        self.out, self.root, self.path = out, root, out / "manifest.json"
        self.log = out / "manifest.log"
        self.jobs: dict[str, dict[str, Any]] = {}
        self.plan: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.adhoc: list[dict[str, str]] = []
        self.index = ""
        self.codes: dict[str, str] = {}
        self.warning = ""
        self._digests: dict[str, str | None] = {}
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if raw["format"] == FORMAT:
                self.jobs = {slug: dict(entry) for slug, entry in raw["jobs"].items()}
                vars(self).update({name: raw[name] for name in self.KEPT[1:]})
                self._replay()
            else:
                self.warning = f"{self.path}: of another version of the press, taken as empty: "
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self.warning = f"{self.path}: not readable, taken as empty: "
            self.jobs = {}
        if self.warning:
            self.warning += "everything is made again"

    def _replay(self) -> None:
        """Take in what a run that was killed had finished; its last line may be torn."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            for line in self.log.read_text(encoding="utf-8").splitlines():
                self.jobs |= json.loads(line)

    def save(self) -> None:
        """Write it, in one step."""
        raw = {"format": FORMAT} | {name: getattr(self, name) for name in self.KEPT}
        write(self.path, (json.dumps(raw, ensure_ascii=False) + "\n").encode())
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

    def changed(self, files: dict[str, str]) -> list[str]:
        """Those of the files that are no longer what they were."""
        return [name for name, digest in files.items() if self.digest(name) != digest]

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
        for name, then in entry["libraries"].items():
            if version(name) != then:
                return f"library {name} {then} → {version(name) or 'none'}"
        return ""

    def finished(self, job: Job, result: Result) -> None:
        """Put a report in its place and note it; a failure leaves the last good page alone."""
        path = self.out / job.slug
        about = {
            "edition": job.edition,
            "notebook": job.notebook,
            "title": job.title,
            "caption": job.caption,
            "adhoc": job.adhoc,
        }
        if result.failure:
            if result.notebook:
                write(path.with_name(path.name + FAILED), result.notebook)
            there = path.with_name(path.name + PAGE).is_file()
            entry = self.jobs.get(job.slug, {"parameters": job.parameters, "files": {}} | about)
            state = {"status": "stale" if there else "failed", "error": asdict(result.failure)}
            self.jobs[job.slug] = entry | state
        else:
            self._put(path, THUMBNAIL, result.thumbnail)
            self._put(path, NOTEBOOK, result.notebook)
            self._put(path, PAGE, result.page)
            self._put(path, FAILED, b"")
            self.jobs[job.slug] = about | {
                "status": "ok",
                "parameters": job.parameters,
                "files": {name: self.settled(name, sha) for name, sha in result.files.items()},
                "libraries": result.libraries,
                "page_bytes": len(result.page),
                "seconds": result.seconds,
                "alt": result.alt,
            }
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({job.slug: self.jobs[job.slug]}) + "\n")

    def _put(self, path: Path, suffix: str, content: bytes) -> None:
        """Write one of a report's files; without content there is none."""
        target = path.with_name(path.name + suffix)
        if content:
            write(target, content)
        else:
            target.unlink(missing_ok=True)

    def forget(self, slug: str) -> None:
        """Take a report's pages away, and its folder if it was the last one there."""
        path = self.out / slug
        for suffix in (PAGE, NOTEBOOK, THUMBNAIL, FAILED):
            self._put(path, suffix, b"")
        if path.parent != self.out and path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
        del self.jobs[slug]
