"""Follows the cells of a shell, in our own process or in an ordinary kernel: both give the same."""

import atexit
import contextlib
import importlib
import json
import os
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython

from press.digests import loaded_modules
from press.job import as_text
from press.recorder import Recorder
from press.streams import Stream
from press.system import LIMIT_VARIABLE, end_with_parent, limit_memory

KERNEL_VARIABLE = "PRESS_RECORD"
RESERVE = 200  # MB more, once the limit is met, to say so


class Watch:
    """Sends on what cells print; `line` is the line of the cell at which one failed, or 0."""

    def __init__(self, shell: Any) -> None:
        self.shell, self.line = shell, 0
        self.execute = shell.kernel.do_execute
        shell.kernel.do_execute = self._execute
        # A cell may put something else in their place, close them, or print past them.
        self.streams = [
            Stream(1, partial(self._say, "stdout")),
            Stream(2, partial(self._say, "stderr")),
        ]
        sys.stdout, sys.stderr = self.streams
        pack = shell.kernel.session.pack
        shell.kernel.session.pack = lambda content: pack(as_text(content))
        shell.ask_exit = _leave
        sys.breakpointhook = _pass_over
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._look)
        shell.set_custom_exc((MemoryError,), _show_memory_error)

    def _say(self, name: str, text: str) -> None:
        kernel = self.shell.kernel
        kernel.send_response(kernel.iopub_socket, "stream", {"name": name, "text": text})

    async def _execute(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run a cell; what it took away that every cell needs, sys.stdout, fails it alone."""
        streams = sys.stdout, sys.stderr
        try:
            return await self.execute(*args, **kwargs)
        except Exception as error:  # else an ordinary kernel would never answer
            sys.stdout, sys.stderr = streams
            about = {"ename": type(error).__name__, "evalue": str(error), "traceback": []}
            kernel = self.shell.kernel
            kernel.send_response(kernel.iopub_socket, "error", about)
            return {"status": "error", "execution_count": self.shell.execution_count, **about}

    def _begin(self, _: Any) -> None:
        self.shell._last_traceback = None
        for stream in self.streams:
            stream.printed = 0

    def _look(self, result: Any) -> None:
        for stream in (sys.__stdout__, sys.__stderr__, *self.streams):
            with contextlib.suppress(ValueError, AttributeError):  # it is closed, or none
                stream.flush()
        error = result.error_in_exec or result.error_before_exec
        if error is not None and self.shell._last_traceback is None:
            # A group of errors, the end of a debugger: IPython prints them, or says nothing.
            lines = traceback.format_exception(error)
            self.shell._showtraceback(type(error), error, lines)
        if isinstance(result.error_before_exec, SyntaxError):
            self.line = result.error_before_exec.lineno or 0
        for frame, line in traceback.walk_tb(getattr(result.error_in_exec, "__traceback__", None)):
            if frame.f_code.co_name == "<module>" and frame.f_globals is self.shell.user_ns:
                self.line = line
                return


def _leave() -> None:
    """Answer `exit` and `quit`: they would end the kernel, and with it all that tells where."""
    raise SystemExit("the notebook ended itself here")


def _pass_over(*_: object, **__: object) -> None:
    """Answer `breakpoint()`: a kernel without a debugger passes over it, without a word."""
    print("breakpoint() is passed over: nobody is there to debug", file=sys.stderr)


def _show_memory_error(shell: Any, *error: Any, tb_offset: int | None = None) -> None:
    """Give a shell whose cell met the limit some more, or it could not even show the error."""
    limit_memory(int(os.environ[LIMIT_VARIABLE]) + RESERVE)
    shell.showtraceback(error, tb_offset=tb_offset)


def in_kernel() -> None:
    """Prepare an ordinary kernel; what it read and loaded is written when it ends."""
    root, out, target, parent = json.loads(os.environ[KERNEL_VARIABLE])
    if end_with_parent() and os.getppid() != parent:
        os._exit(1)
    watch = Watch(get_ipython())
    with contextlib.suppress(ImportError):
        importlib.import_module("pyogrio")  # it can be listened to only once it is there
    recorder = Recorder(Path(root), Path(out)).start()

    def write() -> None:
        recorder.stop()
        modules = sorted(loaded_modules())
        account = {"files": recorder.files, "modules": modules, "line": watch.line}
        Path(target).write_text(json.dumps(account), encoding="utf-8")

    atexit.register(write)
