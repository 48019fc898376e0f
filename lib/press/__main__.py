"""`python -m press run | stale | diff BASE | site | notebooks | catalogue | worker | doctor`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until we can answer an interrupt: just end

import argparse
import os
import sys
from pathlib import Path

from press import run
from press.job import ClusterError, CollectionError, Settings, shown, trouble
from press.system import end_with_parent, interrupt_on_signals

INTERRUPTED = 130
COMMANDS = ("run", "stale", "diff", "site", "notebooks", "catalogue", "worker", "doctor")


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m press", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("base", nargs="?", default="", help="diff: a reports folder, or a git ref")
    parser.add_argument("--reports", type=Path, default=Path("notebooks/reports.yml"))
    parser.add_argument("--out", type=Path, default=Path("reports"))
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="one more edition"
    )
    parser.add_argument("--workers", type=_natural, default=0, help="processes (default: cores)")
    parser.add_argument("--timeout", type=_natural, default=600, help="seconds for one report")
    parser.add_argument("--memory", type=_natural, default=2000, help="MB for one report")
    cold = os.environ.get("COLD", "") not in {"", "0"}
    parser.add_argument(
        "--cold", action="store_true", default=cold, help="ordinary kernels (also: COLD=1)"
    )
    parser.add_argument("--scheduler", default="", help="address of a Dask scheduler: tcp://…")
    parser.add_argument("--host", default="127.0.0.1", help="address that a worker listens at")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says how it went."""
    for stream in (sys.stdout, sys.stderr):  # whatever a file or a parameter is called
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    options = vars(_parser().parse_args(arguments))
    command, base, host, given = (options.pop(n) for n in ("command", "base", "host", "set"))
    settings = Settings(**options)
    try:
        interrupt_on_signals()
        if os.environ.pop("PRESS_ATTACHED", ""):  # by make: to end when that is killed
            end_with_parent(signal.SIGTERM)
        if command == "stale":
            return run.show_stale(settings)
        if command == "diff":
            from press.diff import show

            return show(settings, base)
        if command == "site":
            from press.manifest import Manifest
            from press.site import pack

            print(pack(Manifest(settings.out, settings.root)))
            return 0
        if command == "notebooks":
            return run.run_notebooks(settings)
        if command == "doctor":
            from press.doctor import examine

            return examine(settings)
        if command == "worker":
            from press.cluster import serve

            return serve(settings, host)
        if command == "catalogue":
            from press.catalogue import update_all

            return update_all(settings.reports)
        return run.run(settings, dict(map(_assigned, given)))
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    except (ClusterError, CollectionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # a full disk, a folder that is not ours: the run can't go on
        print(f"error: {trouble(error)}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
