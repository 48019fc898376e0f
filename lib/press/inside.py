"""What is set up inside the process that runs the cells: the report's own, or a kernel's."""

import atexit
import contextlib
import importlib
import json
import os
import traceback
from pathlib import Path
from typing import Any

from press.digests import loaded_modules
from press.recorder import Recorder
from press.system import end_with_parent, limit_memory

KERNEL_VARIABLE = "PRESS_RECORD"
LIMIT_VARIABLE = "PRESS_MEMORY"
RESERVE = 200  # MB more, once the limit is met, to say so
# jsonschema would build a grammar for checking web addresses, two seconds long, that no notebook
# needs; without this module it does without.
GRAMMAR = "rfc3987_syntax"


class Watch:
    """Follows the cells of a shell: `line` is the line of the cell at which one failed, or 0."""

    def __init__(self, shell: Any) -> None:
        self.shell, self.line = shell, 0
        shell.events.register("post_run_cell", self._look)
        shell.set_custom_exc((MemoryError,), show_memory_error)

    def _look(self, result: Any) -> None:
        if isinstance(result.error_before_exec, SyntaxError):
            self.line = result.error_before_exec.lineno or 0
        for frame, line in traceback.walk_tb(getattr(result.error_in_exec, "__traceback__", None)):
            if frame.f_code.co_name == "<module>" and frame.f_globals is self.shell.user_ns:
                self.line = line
                return


def show_memory_error(shell: Any, *error: Any, tb_offset: int | None = None) -> None:
    """Give a shell whose cell met the limit some more, or it could not even show the error."""
    limit_memory(int(os.environ[LIMIT_VARIABLE]) + RESERVE)
    shell.showtraceback(error, tb_offset=tb_offset)


def in_kernel() -> None:
    """Prepare an ordinary kernel; what it read and loaded is written when it ends."""
    from IPython.core.getipython import get_ipython

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
