"""One report: a job in, the executed notebook and its page out, as bytes.

The same on this machine and on a cluster; `run` gives it a process of its own.
"""

import contextlib
import copy
import json
import logging
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from press.fingerprint import versions
from press.job import Failure, Job, Result, one_line
from press.record import KERNEL_VARIABLE, Recorder
from press.translate import messages, translate

INJECTED = "injected-parameters"
LONGEST_SOCKET = 104  # bytes that a socket's path may have, on macOS; a few more on Linux


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook; cells without an id get one from their place, always the same."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell.get("id") or f"cell-{place}" for place, cell in enumerate(raw["cells"], 1)]
    notebook = nbformat.reads(json.dumps(raw), as_version=4)
    for cell, name in zip(notebook.cells, ids, strict=True):
        cell["id"] = name
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


def execute(
    source: NotebookNode, job: Job, folder: Path, *, kernel: Path | None = None
) -> NotebookNode:
    """Run a notebook through papermill, in this process or in an ordinary kernel.

    That kernel is spoken to by sockets in the (empty) folder `kernel`, if its path is short enough:
    free ports, the default, are looked for before they are taken, and another may be faster.
    """
    import papermill
    from papermill.engines import papermill_engines

    from press.engine import PressEngine

    papermill_engines.register("press", PressEngine)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    more: dict[str, Any] = {}
    if kernel:
        from traitlets.config import Config

        os.environ.pop("MPLBACKEND", None)  # a kernel sets its own, unless one is set
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        hook = "__import__('press.record').record.in_kernel()"
        manager = {"transport": "ipc", "connection_file": str(kernel / "kernel.json")}
        fits = len(os.fsencode(kernel / "kernel-ipc-5")) < LONGEST_SOCKET
        more = {
            "config": Config(KernelManager=manager if fits else {}),
            "extra_arguments": [f"--IPKernelApp.exec_lines={hook}", "--log-level=CRITICAL"],
        }
    return papermill.execute_notebook(
        copy.deepcopy(source),
        None,
        parameters=job.parameters,
        engine_name="nbclient" if kernel else "press",
        kernel_name="python3",
        language="python",
        cwd=folder,
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        **more,
    )


def clean(executed: NotebookNode, source: NotebookNode, root: Path) -> NotebookNode:
    """Drop what differs between two runs of the same inputs: times, process ids, folders."""
    executed.metadata = copy.deepcopy(source.metadata)
    executed.metadata.pop("papermill", None)
    executed.nbformat_minor = source.nbformat_minor
    for cell in executed.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        tags = cell.metadata.get("tags")
        if tags == []:
            del cell.metadata["tags"]
        elif tags and INJECTED in tags:
            cell["id"] = INJECTED
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                text = re.sub(r"\S*[/\\]ipykernel_\d+[/\\]\d+\.py", "<cell>", output.text)
                text = re.sub(r"<ipython-input-\d+-[0-9a-f]+>", "<cell>", text)
                output.text = text.replace(f"{root}{os.sep}", "")
    return executed


def _failure(error: Exception, source: NotebookNode | None) -> Failure:
    """Describe an error by the cell of the notebook as it stands on disk."""
    name, value = type(error).__name__, str(error)
    if not hasattr(error, "cell_index") or source is None:
        return Failure(name, one_line(value))
    lines = [
        line
        for line in error.source.splitlines()  # type: ignore[attr-defined]
        if line.strip() and not line.startswith(("import ", "from "))
    ]
    place = next(
        (n for n, cell in enumerate(source.cells, 1) if cell.source == error.source),  # type: ignore[attr-defined]
        error.cell_index + 1,
    )
    first = one_line(lines[0] if lines else "", 80)
    return Failure(error.ename, one_line(error.evalue), place, first)  # type: ignore[attr-defined]


def render(
    job: Job,
    root: Path,
    folder: Path,
    out: Path,
    *,
    cold: bool = False,
    page: bool = True,
) -> Result:
    """Make one report.

    Parameters
    ----------
    root, folder, out
        The project, the folder of its notebooks, where the cells run, and that of the outputs.
    cold
        Use an ordinary kernel.
    page
        Make the page and the thumbnail as well as the executed notebook.

    Returns
    -------
    Result
        A report that fails is a result too; nothing is raised.
    """
    begun = time.perf_counter()
    recorder = Recorder(root, out).start()
    source = None
    try:
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch, "files.json")
            os.environ[KERNEL_VARIABLE] = json.dumps(
                [str(root), str(out), str(report), os.getpid()]
            )
            path = folder / f"{job.notebook}.ipynb"
            source = read_notebook(path)
            if job.catalogue:
                source = translate(source, messages(folder / job.catalogue))
            kernel = Path(scratch) if cold else None
            executed = clean(execute(source, job, folder, kernel=kernel), source, root)
            with contextlib.suppress(OSError):
                recorder.files |= json.loads(report.read_text(encoding="utf-8"))
        notebook = (nbformat.writes(executed) + "\n").encode()
        html, picture, alt = b"", b"", ""
        if page:
            from press import page as pages
            from press.templates import TEMPLATES

            for template in ("page.html.j2", "style.css"):  # read before the fork
                recorder.note(TEMPLATES / template)
            recorder.note_modules()
            files = dict(sorted(recorder.files.items()))
            data = {name: sha for name, sha in files.items() if name.startswith("data/")}
            html = pages.page(executed, job, data, versions())
            picture, alt = pages.thumbnail(executed)
        seconds = round(time.perf_counter() - begun, 3)
        return Result(seconds, dict(sorted(recorder.files.items())), notebook, html, picture, alt)
    except Exception as error:  # whatever went wrong is the answer to this job
        seconds = round(time.perf_counter() - begun, 3)
        return Result(seconds, failure=_failure(error, source))
    finally:
        recorder.active = False
