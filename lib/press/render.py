"""One report: a job in, the executed notebook and its page out, as bytes.

The same on this machine and on a cluster; `processes` gives it a process of its own. A notebook
with its parameters is read, run, and freed of what differs between two runs.
"""

import contextlib
import copy
import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from press import page as pages
from press.content import image
from press.digests import loaded_modules, versions
from press.job import MOST_PRINTED, Failure, Job, Result, Settings, as_text, one_line, read_text
from press.manifest import NOTEBOOK
from press.outputs import LEFT_OUT, Publications
from press.recorder import Recorder
from press.site import TEMPLATES
from press.translate import messages, translate
from press.watch import KERNEL_VARIABLE

Begin = Callable[..., None]  # is told of each cell that is to run, as nbclient does
INJECTED = "injected-parameters"
MOST_SHOWN, MOST_OUTPUTS = 30_000_000, 2_000  # characters and outputs that a cell shows
# Part of what makes the cells' outputs and the page, whatever else a collection uses.
ALWAYS = ("IPython", "nbclient", "nbconvert", "papermill")


def render(job: Job, settings: Settings, tell: Callable[[int], None]) -> Result:
    """Make one report; one that fails is a result too, nothing is raised.

    The number of each cell is told as it begins, then 0: no cell that ends us is unknown.
    """
    begun = time.perf_counter()
    try:
        result = _make(job, settings, tell)
    except Exception as error:  # whatever went wrong is the answer to this job
        result = Result(failure=Failure(type(error).__name__, one_line(error)))
    return replace(result, seconds=round(time.perf_counter() - begun, 3))


def _make(job: Job, settings: Settings, tell: Callable[[int], None]) -> Result:
    recorder = Recorder(settings.root, settings.out.resolve()).start()
    notebooks = settings.folder  # now: its path may be relative, and running changes the folder
    folder = (notebooks / job.notebook).parent
    original = read_notebook(notebooks / f"{job.notebook}{NOTEBOOK}")
    known = messages(notebooks / job.catalogue) if job.catalogue else {}
    source = translate(original, known)
    executed = _with_parameters(source, job.parameters)

    def begin(cell: NotebookNode, cell_index: int) -> None:
        with contextlib.suppress(OSError):  # a cell has closed the pipe
            tell(_number(cell, source))

    account = _run(executed, folder, settings, begin)
    begin(NotebookNode(id=""), 0)
    clean(executed, source, settings.root)
    failure = _failure_in(executed, source, account["line"])
    if failure or not settings.page:
        return Result(made={NOTEBOOK: written(executed)}, failure=failure)
    publications = job.frame.get("publications")
    made, lost = pages.page(
        executed,
        job,
        _data(recorder.files | account["files"]),
        versions([*settings.preload, *ALWAYS]),
        source=original if job.catalogue else None,
        publications=_publications(notebooks / publications, known) if publications else [],
        folder=folder,
        reports=f"{notebooks.name}/{settings.reports.name}",
    )
    for template in TEMPLATES.iterdir():  # some were read before the fork
        if not template.name.startswith("index."):
            recorder.note(template)
    recorder.stop()  # the page reads pictures, and what is said of publications
    return Result(
        files=dict(sorted((recorder.files | account["files"]).items())),
        libraries=versions(loaded_modules() | set(account["modules"])),
        made=made | {NOTEBOOK: written(pages.published(executed))},
        lost=lost,
    )


def _publications(path: Path, known: dict[str, str]) -> Publications:
    """What a collection says of its publications, from a CSV with a column `source`.

    Their short names are in the page's language where the catalogue has them.
    """
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    named = [row for row in rows if row.get("source")]
    for row in named:
        if row.get("short") in known:
            row["short"] = known[row["short"]]
    return named


def _data(files: dict[str, str]) -> dict[str, str]:
    """Of the files that were read, those that a page names: no code, and nothing beside code."""
    code = (".py", ".ipynb", ".po", ".mo")
    packages = tuple(name.removesuffix("__init__.py") for name in files if "/__init__.py" in name)
    return {
        as_text(name): sha
        for name, sha in sorted(files.items())
        if not name.endswith(code) and not name.startswith(packages)
    }


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook; cells without an id of their own get one from their place."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["nbformat_minor"] = max(raw["nbformat_minor"], 5)
    taken = {None, ""}
    for place, cell in enumerate(raw["cells"], 1):
        cell["id"] = f"cell-{place}" if cell.get("id") in taken else cell["id"]
        taken.add(cell["id"])
        is_run = "skip-execution" not in cell["metadata"].get("tags", ())
        if is_run and "outputs" in cell:  # what it showed last time is not carried along
            cell["outputs"] = []
    return nbformat.v4.reads(json.dumps(raw))  # its slips in what we don't read are no news


def _with_parameters(source: NotebookNode, parameters: dict[str, Any]) -> NotebookNode:
    """A copy of a notebook, with the cell that papermill injects."""
    from papermill.parameterize import parameterize_notebook

    notebook = copy.deepcopy(source)
    notebook.metadata["papermill"] = {}
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    about = {"kernel_name": "python3", "language": "python"}
    return parameterize_notebook(notebook, parameters, **about) if parameters else notebook


def _run_in_kernel(notebook: NotebookNode, folder: Path, scratch: Path, begin: Begin) -> None:
    """Run a notebook in place in an ordinary kernel, until a cell fails.

    It is spoken to by sockets in a folder: free ports are looked for before they are taken.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from traitlets.config import Config

    logging.disable()  # a kernel that dies is our failure, and no line of nbclient's beside it
    os.environ.pop("MPLBACKEND", None)  # a kernel sets its own, unless one is set
    os.environ["IPYTHONDIR"] = str(scratch)  # there need be no home, nor does its profile count
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    manager = {"transport": "ipc", "connection_file": str(scratch / "kernel.json")}
    hook = "__import__('press.watch').watch.in_kernel()"
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=None,
        record_timing=False,
        on_cell_execute=begin,
        resources={"metadata": {"path": str(folder)}},
        config=Config(KernelManager=manager),
        extra_arguments=[f"--IPKernelApp.exec_lines={hook}", "--log-level=CRITICAL"],
    )
    # What is put into an output of ipywidgets stands in its cell, as all else: no page shows it.
    client.comm_open_handlers.clear()
    kernel = client.create_kernel_manager()
    try:
        with contextlib.suppress(CellExecutionError):
            client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except DeadKernelError as error:
        raise DeadKernelError(kernel.provisioner.process.returncode) from error


def written(notebook: NotebookNode) -> bytes:
    """An executed notebook as a file; where an output is an SVG, it becomes an image in HTML too.

    A viewer that does not trust a notebook shows no SVG, but images.
    """
    picture = Markup('<img src="{source}" alt="{alt}">')
    for output in [output for cell in notebook.cells for output in cell.get("outputs", [])]:
        data = output.get("data", {})
        if "image/svg+xml" in data and not {"text/html", "image/png"} & set(data):
            data["text/html"] = str(picture.format(**image(output)))
    return (nbformat.writes(notebook) + "\n").encode()


def clean(executed: NotebookNode, source: NotebookNode, root: Path) -> None:
    """Drop what differs between two runs of the same inputs: process ids, folders, our marks.

    What would make a page too large is cut.
    """
    executed.metadata = copy.deepcopy(source.metadata)
    executed.metadata.pop("papermill", None)
    executed.nbformat_minor = source.nbformat_minor
    for cell in executed.cells:
        tags = cell.metadata.get("tags", [])
        cell["id"] = INJECTED if INJECTED in tags else cell["id"]
        for name in ["papermill", "execution", *([] if tags else ["tags"])]:
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            outputs = [_same(output, root) for output in _joined(cell.outputs)]
            cell.outputs = _limited(outputs)


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs, in which neighbouring pieces of one stream are one, as a terminal shows them.

    A progress bar goes back in its line, and writes over what was.
    """
    joined = []
    for _, group in groupby(enumerate(outputs), lambda pair: pair[1].get("name", pair[0])):
        pieces = [output for _, output in group]
        if pieces[0].output_type == "stream":
            lines = "".join(piece.text for piece in pieces).split("\n")
            pieces[0].text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
        joined.append(pieces[0])
    return joined


def _same(output: NotebookNode, root: Path) -> NotebookNode:
    """An output as every run gives it, its texts cut where they are too long."""
    # All patterns begin with fixed text: a search never looks back over a long line.
    temporary = re.escape(os.path.join(tempfile.gettempdir(), "ipykernel_"))  # noqa: PTH118
    cell_file = rf"{temporary}\d+[/\\]\d+\.py|<ipython-input-\d+-[0-9a-f]+>"
    in_words = r"\(\d+\.py(?=, line \d+\))"  # an error of syntax has the name alone
    if output.output_type == "stream":
        text = re.sub(cell_file, "<cell>", _cut(output.text))
        output.text = text.replace(f"{root}{os.sep}", "")
    elif output.output_type == "error":
        output.evalue = re.sub(in_words, "(<cell>", _cut(output.evalue))
        output.traceback = [re.sub(cell_file, "<cell>", _cut(line)) for line in output.traceback]
    elif "text/plain" in output.data:
        output.data["text/plain"] = _cut(output.data["text/plain"])
    return from_dict(as_text(output))


def _limited(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs of a cell; one that would make a page too large is named instead."""
    kept, shown = [], 0
    errors = [output for output in outputs[MOST_OUTPUTS:] if output.output_type == "error"]
    rest = len(outputs) - MOST_OUTPUTS - len(errors)
    if rest > 0:
        left_out = f"{LEFT_OUT}: {rest:,} more outputs of this cell]\n"
        note = new_output("stream", name="stderr", text=left_out)
        outputs = [*outputs[:MOST_OUTPUTS], note, *errors]
    for output in outputs:
        try:
            size = 0 if output.output_type == "error" else len(json.dumps(output))
        except (TypeError, ValueError) as error:  # an ordinary kernel refuses it in the cell
            output, size = new_output("error", ename=type(error).__name__, evalue=str(error)), 0
        if size and shown + size > MOST_SHOWN:
            left_out = f"{LEFT_OUT}: more than {MOST_SHOWN:,} characters are shown by this cell]\n"
            output, size = new_output("stream", name="stderr", text=left_out), 0
        shown += size
        kept.append(output)
    return kept


def _cut(text: str) -> str:
    if len(text) <= MOST_PRINTED:
        return text
    return f"{text[:MOST_PRINTED]}\n{LEFT_OUT}: more than {MOST_PRINTED:,} characters]\n"


def _failure_in(executed: NotebookNode, source: NotebookNode, line: int) -> Failure | None:
    """The failure that ended a run, by the cell of the notebook as it stands on disk."""
    for cell in executed.cells:
        errors = [o for o in cell.get("outputs", []) if o.output_type == "error"]
        if errors and "raises-exception" not in cell.metadata.get("tags", []):
            lines = ["", *cell.source.splitlines()]
            text = one_line(lines[line], 80) if line < len(lines) else ""
            where = _number(cell, source), line, text
            return Failure(errors[0].ename, one_line(errors[0].evalue), *where)
    return None


def _number(cell: NotebookNode, source: NotebookNode) -> int:
    """Which cell of the notebook on disk this one is, from 1; 0 if it stands only in the run."""
    ids = [each.id for each in source.cells]
    return ids.index(cell.id) + 1 if cell.id in ids else 0


def _run(notebook: NotebookNode, folder: Path, settings: Settings, begin: Begin) -> dict[str, Any]:
    """Run a notebook in place, here or in a kernel: what the latter read, and where it failed."""
    account: dict[str, Any] = {"files": {}, "modules": [], "line": 0}
    if settings.page:  # for figures that can be drawn as either: notebooks show PNG everywhere
        os.environ["FIGURE_FORMAT"] = "svg"
    if not settings.cold:
        from press import shell

        os.chdir(folder)
        account["line"] = shell.run(notebook, begin)
        os.chdir(folder)  # the cells may have gone elsewhere, and taken that away
        return account
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "account.json")
        about = [str(settings.root), str(settings.out.resolve()), str(target), os.getpid()]
        os.environ[KERNEL_VARIABLE] = json.dumps(about)
        _run_in_kernel(notebook, folder, Path(scratch), begin)
        return json.loads(target.read_text(encoding="utf-8")) if target.is_file() else account
