"""Starts the command line as a fork of a process that has loaded what it loads.

`python -m press run` of a tiny collection takes three seconds of work, nearly all of it imports:
those of the command, and once more those of its fork server. A test of what pages say, or of what
is stale, needs neither anew. Each line read is a request: arguments, folder, environment and the
files for the output; each line written is the exit code. Both processes are forked before anything
of the collection is loaded, and run the press's own code.
"""

import atexit
import fcntl
import importlib
import json
import multiprocessing.util
import os
import runpy
import signal
import socket
import sys


def as_started(folder: str, environment: dict[str, str]) -> None:
    """Be what a new interpreter is in this folder and environment."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.excepthook = sys.__excepthook__
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    given = environment["PYTHONPATH"].split(os.pathsep)
    sys.path[:] = [folder, *given, *(path for path in sys.path if path not in OWN)]
    del sys.modules["press._warm"]  # the fork server's own, with what it does to its process


def spare_server() -> None:
    """Fork what becomes the fork server when multiprocessing starts one, in place of that."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        message, files, *_ = socket.recv_fds(theirs, 1 << 20, 2)
        if not message:  # the command ended without one
            os._exit(0)
        theirs.close()
        asked = json.loads(message)
        os.environ.clear()
        os.environ.update(asked["environment"])
        moved = [fcntl.fcntl(file, fcntl.F_DUPFD, 100) for file in files]  # out of the way
        for file, number in zip(moved, asked["files"], strict=True):
            os.dup2(file, number)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        exec(asked["code"])
        os._exit(0)
    theirs.close()
    started = multiprocessing.util.spawnv_passfds

    def start(path: str, words: list[str], files: list[int]) -> int:
        if "forkserver" not in words[-1] or ours.fileno() < 0:
            return started(path, words, files)
        asked = {"environment": dict(os.environ), "files": files, "code": words[-1]}
        socket.send_fds(ours, [json.dumps(asked).encode()], files)
        ours.close()
        return pid

    multiprocessing.util.spawnv_passfds = start


def serve() -> None:
    """Answer requests; comes back only in a process that is to be the command."""
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            for number, path in enumerate([os.devnull, *asked["output"]]):
                file = os.open(path, os.O_RDWR)
                os.dup2(file, number)
                os.close(file)
            as_started(asked["folder"], asked["environment"])
            spare_server()
            sys.argv[1:] = asked["arguments"]
            return
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    os._exit(0)


OWN = [*os.environ["PYTHONPATH"].split(os.pathsep), os.path.dirname(__file__)]  # noqa: PTH120
for name in ("press._warm", "press.plan", "press.run", "press.diff"):
    importlib.import_module(name)
serve()
try:
    runpy.run_module("press", run_name="__main__", alter_sys=True)
except SystemExit as end:  # without taking apart all that was loaded
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(end.code)
