"""One report: a job in, the executed notebook and its page out, as bytes.

The same on this machine and on a cluster; `processes` gives it a process of its own.
"""

import csv
import time
from dataclasses import replace
from pathlib import Path

import nbformat

from press import page as pages
from press.beside import Publications
from press.digests import loaded_modules, versions
from press.job import Failure, Job, Result, Settings, as_text, one_line
from press.manifest import NOTEBOOK, THUMBNAIL
from press.notebook import execute, read_notebook
from press.recorder import Recorder
from press.site import TEMPLATES
from press.translate import messages, translate

# Part of what makes the cells' outputs and the page, whatever else a collection uses.
ALWAYS = ("IPython", "nbclient", "nbconvert", "papermill")


def render(job: Job, settings: Settings) -> Result:
    """Make one report; one that fails is a result too, nothing is raised."""
    begun = time.perf_counter()
    try:
        result = _make(job, settings)
    except Exception as error:  # whatever went wrong is the answer to this job
        result = Result(failure=Failure(type(error).__name__, one_line(error)))
    return replace(result, seconds=round(time.perf_counter() - begun, 3))


def _make(job: Job, settings: Settings) -> Result:
    recorder = Recorder(settings.root, settings.out.resolve()).start()
    folder = settings.folder  # now: its path may be relative, and running changes the folder
    source = read_notebook(folder / f"{job.notebook}{NOTEBOOK}")
    anchors = pages.anchors(source)
    if job.catalogue:
        source = translate(source, messages(folder / job.catalogue))
    executed, failure, account = execute(source, job, settings)
    made = {NOTEBOOK: (nbformat.writes(executed) + "\n").encode()}
    if failure or not settings.page:
        return Result(made=made, failure=failure)
    publications = job.frame.get("publications")
    page, lost = pages.page(
        executed,
        job,
        _data(recorder.files | account["files"]),
        versions([*settings.preload, *ALWAYS]),
        anchors=anchors,
        publications=_publications(folder / publications) if publications else [],
        folder=(folder / job.notebook).parent,
        reports=f"{folder.name}/{settings.reports.name}",
    )
    picture, alt = pages.thumbnail(executed)
    made |= {THUMBNAIL: picture} if picture else {}
    for template in TEMPLATES.iterdir():  # some were read before the fork
        if not template.name.startswith("index."):
            recorder.note(template)
    recorder.stop()  # the page reads pictures, and what is said of publications
    libraries = versions(loaded_modules() | set(account["modules"]))
    files = dict(sorted((recorder.files | account["files"]).items()))
    return Result(files=files, libraries=libraries, made=made | page, lost=lost, alt=alt)


def _publications(path: Path) -> Publications:
    """What a collection says of its publications, from a CSV with a column `source`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("source")]


def _data(files: dict[str, str]) -> dict[str, str]:
    """Of the files that were read, those that a page names: no code, and nothing beside code."""
    code = (".py", ".ipynb", ".po", ".mo")
    packages = tuple(name.removesuffix("__init__.py") for name in files if "/__init__.py" in name)
    return {
        as_text(name): sha
        for name, sha in sorted(files.items())
        if not name.endswith(code) and not name.startswith(packages)
    }
