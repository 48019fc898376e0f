"""The papermill engine for warm processes: a notebook's cells run in this very process.

Starting a kernel costs half a second and each cell several milliseconds of messages. Here an
IPython shell (execnb's) runs the cells directly, and its outputs are collected as an ordinary
kernel and nbclient would collect them.
"""

import io
import os
import sys
from contextlib import contextmanager
from typing import Any

import nbformat
from execnb.shell import CaptureShell
from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from papermill.engines import Engine

from press.child import report_memory_errors

INLINE = "module://matplotlib_inline.backend_inline"


class _Stream(io.TextIOBase):
    """Standard output or error: held back until something else is shown, as a kernel does."""

    def __init__(self, shell: "Shell", name: str) -> None:
        self.shell, self.name, self.encoding_name = shell, name, "utf-8"
        self.parts: list[str] = []

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.encoding_name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.parts.append(text)
        return len(text)

    def flush(self) -> None:
        text, self.parts = "".join(self.parts), []
        if text:
            self.shell.emit({"output_type": "stream", "name": self.name, "text": text})


class _Publisher(DisplayPublisher):
    """Collects what `display()` shows."""

    def publish(  # type: ignore[override]
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        self.shell.show("display_data", data, metadata, transient=transient, update=update)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.flush()
        self.shell.clear_next = True
        if not wait:
            self.shell.clear()


class _Hook(DisplayHook):
    """Collects the value of a cell's last expression."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        self.shell.show("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(CaptureShell):
    """execnb's shell with the outputs, and their order, of an ordinary kernel."""

    displayhook_class = _Hook
    display_pub_class = _Publisher
    compiler_class = XCachingCompiler  # tracebacks and warnings name cells as in a kernel
    # CaptureShell silences these because it reports errors otherwise.
    showtraceback = InteractiveShell.showtraceback
    showsyntaxerror = InteractiveShell.showsyntaxerror

    def __init__(self) -> None:
        super().__init__(mpl_format=None)
        self.outputs: list[NotebookNode] = []
        self.displays: dict[str, list[NotebookNode]] = {}
        self.clear_next = False
        self.streams = [_Stream(self, "stdout"), _Stream(self, "stderr")]

    def emit(self, output: dict[str, Any]) -> NotebookNode:
        """Add an output to the cell that runs; neighbouring pieces of one stream are one."""
        if self.clear_next:
            self.clear()
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
            return last
        self.outputs.append(nbformat.from_dict(output))
        return self.outputs[-1]

    def clear(self) -> None:
        """Forget the outputs of the cell that runs (IPython's `clear_output`)."""
        self.outputs.clear()
        self.clear_next = False

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()

    def show(
        self,
        kind: str,
        data: dict[str, Any],
        metadata: dict[str, Any] | None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **more: Any,
    ) -> None:
        """Add a rich output, or put it in the place of those with the same display id."""
        self.flush()
        content = {"data": json_clean(encode_images(data)), "metadata": json_clean(metadata or {})}
        name = (transient or {}).get("display_id")
        if name:
            for earlier in self.displays.get(name, ()):
                earlier.update(nbformat.from_dict(content))
        if not update:
            output = self.emit({"output_type": kind, **content, **more})
            if name:
                self.displays.setdefault(name, []).append(output)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.flush()
        self.emit(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": str(evalue),
                "traceback": stb,
            }
        )

    @contextmanager
    def capturing(self) -> Any:
        """Let the streams of the process end in the outputs."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.streams  # type: ignore[assignment]
        try:
            yield
        finally:
            self.flush()
            sys.stdout, sys.stderr = before

    def execute_cell(self, cell: NotebookNode) -> bool:
        """Run one code cell; its outputs and number are written into it. True if it went well."""
        self.outputs = cell.outputs = []
        cell.execution_count = self.execution_count
        with self.capturing():
            # IPython's own entry, on this thread: execnb's would put streams before displays.
            result = InteractiveShell.run_cell(
                self, cell.source, store_history=True, cell_id=cell.get("id")
            )
        cell.outputs = self.outputs
        return result.success and not any(o.output_type == "error" for o in cell.outputs)


def use_inline_figures() -> None:
    """Figures of pyplot are shown as in a kernel: chosen here, loaded only when first used."""
    os.environ["MPLBACKEND"] = INLINE
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = INLINE


class PressEngine(Engine):
    """Runs the notebook in the shell above, until a cell fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
        use_inline_figures()
        shell = Shell()
        report_memory_errors(shell)
        for index, cell in enumerate(nb_man.nb.cells):
            tags = cell.metadata.get("tags", [])
            if cell.cell_type != "code" or not cell.source.strip() or "skip-execution" in tags:
                continue
            nb_man.cell_start(cell, index)
            went_well = shell.execute_cell(cell)
            if not went_well and "raises-exception" not in tags:
                nb_man.cell_exception(cell, cell_index=index)
                break
            nb_man.cell_complete(cell, cell_index=index)
        shell.close()
