"""What cells print, and with them child processes and code in C, in the order it was written."""

import io
import os
import sys
import tempfile
from collections.abc import Callable

from press.job import MOST_PRINTED
from press.outputs import LEFT_OUT
from press.system import LIBC

MOST = 20 * MOST_PRINTED  # bytes that a cell may print before the rest is not even kept
REST = f"\n{LEFT_OUT}: what a cell prints after {MOST:,} characters]\n"


class Stream(io.TextIOWrapper):
    """Standard output or error of a process: a file, what is new in it sent on when flushed."""

    def __init__(self, number: int, send: Callable[[str], None]) -> None:
        self.send, self.owner, self.place, self.printed = send, os.getpid(), 0, 0
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  lasts as long as the stream
        os.dup2(self.file.fileno(), number)
        # Past the number, which a cell may close or send elsewhere.
        raw = os.fdopen(self.file.fileno(), "wb", buffering=0, closefd=False)
        super().__init__(raw, "utf-8", "backslashreplace", write_through=True)  # type: ignore[arg-type]

    def write(self, text: str) -> int:
        """Write, up to far more than any page shows."""
        before, self.printed = self.printed, self.printed + len(text)
        super().write(text[: max(MOST - before, 0)])
        if before <= MOST < self.printed:
            super().write(REST)
        return len(text)

    def flush(self) -> None:
        if not self.closed:
            super().flush()
        LIBC.fflush(None)
        if os.getpid() != self.owner:  # a fork has only to write: its parent sends it on
            return
        if sys.stdout is not self and isinstance(sys.stdout, Stream):
            sys.stdout.flush()  # always first: nobody knows which of the two was
        size = os.fstat(self.file.fileno()).st_size
        written = os.pread(self.file.fileno(), min(size - self.place, MOST), self.place)
        rest = REST if size - self.place > len(written) else ""
        self.place = size
        if written:
            self.send(written.decode("utf-8", "replace") + rest)
