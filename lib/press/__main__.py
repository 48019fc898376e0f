"""`python -m press run | stale | diff BASE | pdf EDITION | site | notebooks | catalogue | …`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until we can answer an interrupt: just end

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn

from press.job import CollectionError, Settings, shown, trouble
from press.system import end_with_parent, interrupt_on_signals

INTERRUPTED, UNHEARD = 130, 141  # as a shell says it: 128 and the signal's number
# The function that does each of them; some load what others have no use for.
COMMANDS = {
    "run": "press.run:run",
    "stale": "press.run:show_stale",
    "diff": "press.diff:show",
    "pdf": "press.pdf:make",
    "site": "press.site:pack",
    "notebooks": "press.run:run_notebooks",
    "catalogue": "press.catalogue:update_all",
    "worker": "press.cluster:serve",
    "doctor": "press.doctor:examine",
}


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)


def _assigned(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    is_text = not any("\ud800" <= letter <= "\udfff" for letter in value)
    if not (equals and name.isidentifier() and is_text):
        raise CollectionError(f"--set: expected NAME=VALUE, got {shown(text)}")
    return name, value


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Refuse in one line, without the usage."""
        raise CollectionError(message)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m press", description=__doc__)
    option = parser.add_argument
    option("command", choices=COMMANDS)
    option("about", nargs="?", default="", help="diff: a folder or a git ref; pdf: an edition")
    option("--reports", type=Path, default=Path("notebooks/reports.yml"))
    option("--out", type=Path, default=Path("reports"))
    option("--set", action="append", default=[], metavar="NAME=VALUE", help="one more edition")
    cores = os.cpu_count() or 1
    option("--workers", type=_natural, default=cores, help="processes (default: cores)")
    option("--timeout", type=_natural, default=600, help="seconds for one report")
    option("--memory", type=_natural, default=2000, help="MB for one report")
    cold = os.environ.get("COLD", "") not in {"", "0"}
    option("--cold", action="store_true", default=cold, help="ordinary kernels (also: COLD=1)")
    option("--scheduler", default="", help="address of a Dask scheduler: tcp://…")
    option("--host", default="127.0.0.1", help="address that a worker listens at")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says how it went."""
    for name in ("stdin", "stdout", "stderr"):  # closed by whoever started us
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open("r" if name == "stdin" else "w")  # noqa: SIM115
            setattr(sys, name, nothing)
    for stream in (sys.stdout, sys.stderr):  # whatever a file or a parameter is called
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        options = vars(_parser().parse_args(arguments))
        command, about, host, given = (options.pop(n) for n in ("command", "about", "host", "set"))
        interrupt_on_signals()
        if os.environ.pop("PRESS_ATTACHED", ""):  # by make: to end when that is killed
            end_with_parent(signal.SIGTERM)
        asked = dict(map(_assigned, given))
        if asked and command != "run":
            raise CollectionError(f"--set: {command} knows no edition of one's own, run makes one")
        if len(asked) < len(given):
            raise CollectionError("--set: a parameter is given twice")
        more = {"run": [asked], "worker": [host], "diff": [about], "pdf": [about]}
        module, _, name = COMMANDS[command].partition(":")
        function = getattr(importlib.import_module(module), name)
        code = function(Settings(**options), *more.get(command, []))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # who read what we print is gone: `| head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return UNHEARD
    except KeyboardInterrupt:
        # Where it came while a library had text executed (dataclasses do), Python would remember it
        # and end by the signal after all; the next text that is executed makes it forget.
        exec("")
        print("interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    except (CollectionError, OSError) as error:  # such as a full disk: the run can't go on
        said = trouble(error) if isinstance(error, OSError) else error
        print(f"error: {said}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
