"""Files are read in a process with limits: no check foresees all that a crafted one can ask for."""

import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from ..core.errors import DataError
from ..core.paths import relative

# What may be taken beside what this process has, to read a file: bytes, seconds of the processor.
MEMORY, SECONDS = 1_500_000_000, 60


def within_limits(path: Path, read: Callable[..., Any], *options: Any) -> Any:
    """Return what a function reads of a file; one that asks for too much is refused."""
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), _limit) as process:
            return process.submit(read, path, *options).result()
    except (BrokenProcessPool, MemoryError):
        raise DataError(
            f"{relative(path)}: takes more than {MEMORY / 1e9:g} GB of memory or {SECONDS} seconds "
            "to read, which no statistics need: a cell far from the tables (delete it), damaged, "
            "or made to do so"
        ) from None


def _limit() -> None:
    """Limit this process; what it is ended for goes to nobody's terminal."""
    memory = Path("/proc/self/statm")  # Linux; elsewhere what this process has counts too
    pages = int(memory.read_text().split()[5]) if memory.exists() else 0
    most = MEMORY + pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
