"""Imported once by the fork server: every report's process starts with these already loaded.

Third-party modules only: a change in the collection's own library must be seen by the next
report. No thread, event loop or socket may be started here, or the forks could hang.
"""

import contextlib
import gc
import importlib
import os
import signal
import sys

from press.digests import loaded_modules, versions
from press.system import end_tree, end_with_parent

# A session of its own: what is done to the group of the runner (its terminal is closed, it is
# killed) must not keep the server from ending the reports, and what they have started.
with contextlib.suppress(PermissionError):  # it leads one already
    os.setsid()
signal.signal(signal.SIGTERM, lambda *_: end_tree(os.getpid()))
end_with_parent(signal.SIGTERM)

os.environ["MPLBACKEND"] = "agg"
# What takes long to load, and no notebook needs: it is loaded where a notebook asks for it. The
# first would build a grammar for checking web addresses, two seconds long.
WITHOUT = ("rfc3987_syntax", "debugpy", "debugpy.server")
sys.modules.update({name: None for name in WITHOUT if name not in sys.modules})  # type: ignore

OURS = """
    IPython.core.completerlib IPython.core.logger IPython.core.magics IPython.core.oinspect
    ipykernel.debugger papermill.parameterize press.render
"""
# pyogrio because it can be listened to only once it is there. What is loaded finds a kernel, as in
# a cell: pandas shows fewer columns there than in a terminal.
with importlib.import_module("press.shell").kernel().shell.builtin_trap:
    for _name in f"{os.environ.get('PRESS_PRELOAD', '')} pyogrio {OURS}".split():
        # Where a notebook needs what can't be loaded, its cell says what is wrong.
        with contextlib.suppress(Exception):
            importlib.import_module(_name)

if backends := sys.modules.get("matplotlib.backends"):
    backends.backend_registry.list_all()  # asks every installed package for backends
importlib.import_module("press.page").warm_up()  # what is compiled or looked up at first use
versions(loaded_modules())
for _name in WITHOUT:
    if sys.modules[_name] is None:
        del sys.modules[_name]


def _hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """Say nothing of a spare process that finds its pool closed: the run is simply over."""
    if not isinstance(error, FileNotFoundError | EOFError | ConnectionError):
        sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]


sys.excepthook = _hook  # the fork server calls it for a process that can't begin
gc.collect()
gc.freeze()  # the collector would touch, and so copy, every shared page in each child
gc.set_threshold(10_000)  # of what a report makes little can be thrown away
