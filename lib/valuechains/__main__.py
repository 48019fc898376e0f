"""``python -m valuechains``: make data/processed, take a file in, or print what is there."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until main answers an interrupt: just end

import datetime as dt
import errno
import hashlib
import json
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from .core.errors import DataError, ValueChainsError
from .core.paths import CACHE, PROCESSED, RAW

STAMP = CACHE / "data.json"
# What data/processed is made by; nothing else of the library can change it.
ROOMS = ("core", "extract", "tables")


def fingerprint() -> dict[str, str]:
    """Return a hash each of the raw files, the rooms that make the tables, and the tables."""
    package, found = Path(__file__).parent, {}
    rooms = [path for room in ROOMS for path in (package / room).rglob("*")]
    for part, paths in {
        "raw files": RAW.glob("*/*"),
        "the library": [path for path in rooms if path.suffix in (".py", ".yml", ".csv")],
        "the tables themselves": PROCESSED.glob("*"),
    }.items():
        total = hashlib.sha256()
        for path in sorted(path for path in paths if path.is_file()):
            with path.open("rb") as file:  # of any size: a bulk file has hundreds of megabytes
                total.update(path.as_posix().encode() + b"\0")
                total.update(hashlib.file_digest(file, "sha256").digest())
        found[part] = total.hexdigest()
    return found


def data() -> None:
    """Make data/processed, unless nothing it is made of changed; say why it is made."""
    try:
        known = json.loads(STAMP.read_text())
    except (FileNotFoundError, ValueError):  # not there, or half-written
        known = {}
    now = fingerprint()
    changed = [part for part in now if known.get(part) != now[part]]
    if not changed:
        return
    why = f"{' and '.join(changed)} changed" if known else "not made here before"
    print(f"Making data/processed ({why}) ...", flush=True)
    from .tables import build

    written = build.write(build.make())
    CACHE.mkdir(exist_ok=True)
    STAMP.write_text(json.dumps(fingerprint()))
    print("data/processed:", "\n  ".join(written) or "as the raw files give it")


def add(file: str) -> None:
    """Take a published file into data/raw and say what it is; boundaries are made maps at once."""
    from .extract import add as incoming
    from .extract.registry import FORMATS

    if not file:
        raise DataError("which file? make add FILE=path/of/the/file")
    print(incoming.add(Path(file)))
    if FORMATS["boundaries"].recognise(Path(file)):  # nothing of theirs is to be completed
        data()


def claims() -> None:
    """Print every statement of the documents with its verdict, then the counts."""
    from . import audit

    checked = audit.ledger()
    for row in audit.in_words(checked).itertuples():
        print(f"{row.verdict} · {row.where} · {row.says}\n    {row.why}")
    print(f"\n{audit.counts(checked, 'document').to_string()}\n{len(checked)} statements")


def fresh() -> None:
    """Print the raw files that are due for renewal, and what of sidecars is to be confirmed."""
    from .audit import vintages
    from .tables import load

    late = vintages.due(load("sources"), dt.date.today())
    print(late.to_string(index=False), f"{len(late)} raw files are due for renewal", sep="\n")
    for row in load("sources").dropna(subset="guessed").itertuples():
        print(f"to confirm in data/raw/{row.source}/{row.file}.source.yml: {row.guessed}")


def revisions() -> None:
    """Print every fact that sources give differently, the largest change first."""
    from .audit import vintages

    changed = vintages.revisions()
    print(changed.to_string(index=False, float_format="{:,.10g}".format))
    print(f"{len(changed)} facts differ between sources")


def once_more(lost: Any) -> None:
    """Repeat an interrupt that fell where Python can't raise one, as in the end of an object."""
    if lost.exc_type is KeyboardInterrupt:
        threading.Timer(0.01, os.kill, [os.getpid(), signal.SIGINT]).start()
    else:
        sys.__unraisablehook__(lost)


COMMANDS = {"data": data, "add": add, "claims": claims, "fresh": fresh, "revisions": revisions}


def main(arguments: list[str]) -> int:
    name, *files = arguments or [""]
    if name not in COMMANDS or len(files) != (name == "add"):
        print(f"usage: python -m valuechains {' | '.join(COMMANDS)} (add FILE)", file=sys.stderr)
        return 2
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.unraisablehook = once_more
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # held back by make until now
        COMMANDS[name](*files)
        return 0
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would find us at the door
        print("error: interrupted; what was there is as it was", file=sys.stderr)
        return 130
    except ValueChainsError as error:
        print(f"error: {str(error)[:2000]}", file=sys.stderr)
    except OSError as problem:
        file, cure = str(problem.filename or ""), ""
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):  # which does not say where
            file = file or f"{RAW.parent} or {tempfile.gettempdir()}"
            cure = "; free some space and run again: what was there is as it was"
        where = f"{file[:200]}{'…' * (len(file) > 200)}: " if file else ""
        print(f"error: {where}{problem.strerror or problem}{cure}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # who read what we print is gone: `| head -1`
    sys.exit(main(sys.argv[1:]))
