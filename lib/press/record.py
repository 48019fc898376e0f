"""Which files of the project a process reads: recorded while it runs, not declared by hand."""

import atexit
import contextlib
import functools
import hashlib
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

IGNORED = frozenset(
    {
        ".venv",
        ".git",
        ".cache",
        ".ipynb_checkpoints",
        ".pytest_cache",
        "site-packages",
        "__pycache__",
    }
)
KERNEL_VARIABLE = "PRESS_RECORD"


def digest(path: str | Path) -> str | None:
    """Sha256 of a file, or None where there is none.

    Of a notebook only what goes in counts, not the outputs that it was committed with.
    """
    try:
        content = Path(path).read_bytes()
    except OSError:
        return None
    if str(path).endswith(".ipynb"):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            cells = json.loads(content)["cells"]
            inputs = [[c["cell_type"], "".join(c["source"]), c["metadata"]] for c in cells]
            content = json.dumps(inputs, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


class Recorder:
    """Collects every regular file below `root` that this process opens for reading.

    Parameters
    ----------
    root
        Folder of the project; what lies outside is not recorded.
    out
        The output folder: what lies there is no input.

    Notes
    -----
    A file is hashed as it is opened, before it is read: when somebody changes it in between,
    the report counts as stale next time, never as fresh.
    """

    def __init__(self, root: Path, out: Path) -> None:
        # both spellings, so that no link has to be followed for each of thousands of paths
        self.roots = os.path.abspath(root) + os.sep, os.path.realpath(root) + os.sep  # noqa: PTH100
        self.out = os.path.abspath(out) + os.sep  # noqa: PTH100
        self.files: dict[str, str] = {}
        self._seen: set[str] = set()
        self.active = True

    def start(self) -> "Recorder":
        """Begin to listen. An audit hook can't be removed: `active = False` only silences it."""
        sys.addaudithook(self._audit)
        # GDAL opens files in C, where the interpreter sees nothing.
        if pyogrio := sys.modules.get("pyogrio"):
            for name in ("read_dataframe", "read_arrow", "open_arrow", "read_info", "read_bounds"):
                setattr(pyogrio, name, self._listening(getattr(pyogrio, name)))
        return self

    def note(self, path: object) -> None:
        """Record one file, if it is ours."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        root = next((root for root in self.roots if full.startswith(root)), None)
        if root is None or full in self._seen or full.startswith(self.out):
            return
        self._seen.add(full)  # first, because hashing it opens it again
        if full.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                self.note(importlib.util.source_from_cache(full))
            return
        inside = Path(full[len(root) :]).parts
        if IGNORED.isdisjoint(inside):
            found = digest(full)
            if found:
                self.files["/".join(inside)] = found

    def note_modules(self) -> None:
        """Record the modules that were loaded before we began to listen."""
        for module in list(sys.modules.values()):
            # __main__ is the command line, which no page depends on
            if not getattr(module, "__name__", "").startswith(("__main__", "__mp_main__")):
                self.note(getattr(module, "__file__", None))

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+")
            if not writes and not (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
                self.note(path)
        elif event == "sqlite3.connect":
            self.note(arguments[0])

    def _listening(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(path: object, *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, str | os.PathLike):
                self.note(path)
                if str(path).endswith(".shp"):  # a shapefile is several files of one stem
                    for part in Path(path).parent.glob(f"{Path(path).stem}.*"):
                        self.note(part)
            return function(path, *args, **kwargs)

        return wrapped


def in_kernel() -> None:
    """Record in an ordinary kernel (`--cold`); what was read is written when the kernel ends."""
    from IPython.core.getipython import get_ipython

    from press.child import end_with_parent, report_memory_errors

    root, out, target, parent = json.loads(os.environ[KERNEL_VARIABLE])
    if end_with_parent() and os.getppid() != parent:
        os._exit(1)
    report_memory_errors(get_ipython())
    with contextlib.suppress(ImportError):
        importlib.import_module("pyogrio")  # it can be listened to only once it is there
    recorder = Recorder(Path(root), Path(out)).start()

    def write() -> None:
        recorder.note_modules()
        recorder.active = False
        Path(target).write_text(json.dumps(recorder.files), encoding="utf-8")

    atexit.register(write)
