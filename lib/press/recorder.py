"""What a process that runs cells reads: recorded, not declared by hand.

The process is a report's own, or that of an ordinary kernel.
"""

import contextlib
import functools
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from press.digests import IGNORED, file_digest

GDAL_READERS = ("read_dataframe", "read_arrow", "open_arrow", "read_info", "read_bounds")


class Recorder:
    """Collects every file that this process reads below the project's folder, but for the output.

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
            for name in GDAL_READERS:
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
        with contextlib.suppress(ValueError):  # it is no compiled module
            full = importlib.util.source_from_cache(full)
        parts = Path(full[len(root) :]).parts
        digest = file_digest(full) if IGNORED.isdisjoint(parts) else None
        if digest:
            self.files["/".join(parts)] = digest

    def stop(self) -> None:
        """Record also the modules that were loaded before we began, and listen no more."""
        for module in list(sys.modules.values()):
            # __main__ is the command line, which no page depends on
            file = getattr(module, "__file__", None)
            is_ours = isinstance(file, str) and file.startswith(self.roots)
            if is_ours and module.__name__ not in ("__main__", "__mp_main__"):
                self.note(file)
        self.active = False

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        # Every `id()` of a library is an event too: those that are none of ours go first.
        if event == "open" and self.active:
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if not writes and not set(mode or "") & set("wax+"):
                self.note(path)
        elif event == "sqlite3.connect" and self.active:
            self.note(arguments[0])

    def _listening(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def listening(path: object, *args: Any, **kwargs: Any) -> Any:
            self.note(path)
            if str(path).endswith(".shp"):  # a shapefile is several files of one stem
                for part in Path(str(path)).parent.glob(f"{Path(str(path)).stem}.*"):
                    self.note(part)
            return function(path, *args, **kwargs)

        return listening
