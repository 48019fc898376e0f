"""Runs a notebook's cells in this very process, with the outputs that an ordinary kernel gives.

Starting a kernel costs half a second and each cell several milliseconds of messages. Here the
kernel's own class runs the cells, without sockets: its messages go straight to nbclient, which
makes outputs of them.
"""

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache, lru_cache, partial
from types import SimpleNamespace
from typing import Any

import traitlets
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from press.watch import Watch

INLINE = "module://matplotlib_inline.backend_inline"


class _Session(Session):
    """Hands every message of the kernel over instead of sending it."""

    receive = traitlets.Any()

    def send(  # type: ignore[override]
        self, stream: Any, message: Any, content: Any = None, parent: Any = None, *_: Any, **__: Any
    ) -> None:
        if isinstance(message, str):
            message = self.msg(message, content, parent)
        self.receive(message)


async def _run_cells(kernel: Any, client: NotebookClient) -> None:
    for index, cell in enumerate(client.nb.cells):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or "skip-execution" in tags:
            continue
        cell.outputs = []
        client.on_cell_execute(cell=cell, cell_index=index)
        kernel.session.receive = partial(client.process_message, cell=cell, cell_index=index)
        client.clear_before_next_output = False
        reply = await kernel.do_execute(cell.source, silent=False, cell_id=cell.id)
        cell.execution_count = reply["execution_count"]
        if reply["status"] == "error" and "raises-exception" not in tags:
            return


@cache
def kernel() -> IPythonKernel:
    """The kernel; made before the reports' processes are forked, because it takes long."""
    quiet = Config(HistoryManager={"enabled": False})  # no database, and no thread for it
    log, given = logging.getLogger(), os.environ.get("IPYTHONDIR")
    with tempfile.TemporaryDirectory() as nobodys:  # no home is needed, no profile counts
        os.environ["IPYTHONDIR"] = nobodys
        made = IPythonKernel.instance(session=_Session(), log=log, config=quiet)
    del os.environ["IPYTHONDIR"]
    os.environ.update({"IPYTHONDIR": given} if given else {})
    made.shell_channel_thread = SimpleNamespace(parent_thread=None)
    IPKernelApp.instance(log=log).kernel = made  # `%matplotlib` and others look for it there
    # A cell is transformed as often as somebody asks, which is twice.
    made.shell.transform_cell = lru_cache(1)(made.shell.transform_cell)
    return made


def run(notebook: NotebookNode, begin: Callable[..., None]) -> int:
    """Run a notebook in place, until a cell fails; the line of that cell, or 0.

    Each cell that is to run is told to `begin`, as nbclient does.
    """
    # Figures of pyplot are shown as in a kernel: chosen here, loaded only when first used.
    os.environ["MPLBACKEND"] = INLINE
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = INLINE
    ours = kernel()
    IPKernelApp.instance().init_path()  # modules beside the notebook are found
    watch = Watch(ours.shell)  # the process is this notebook's from here on
    loop = asyncio.new_event_loop()  # `asyncio.run` would change what an interrupt does
    asyncio.set_event_loop(loop)
    client = NotebookClient(notebook, on_cell_execute=begin)
    loop.run_until_complete(_run_cells(ours, client))
    return watch.line
