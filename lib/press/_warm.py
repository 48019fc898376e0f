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
from types import TracebackType

from press.child import end_tree, end_with_parent

signal.signal(signal.SIGTERM, lambda *_: end_tree(os.getpid()))
end_with_parent(signal.SIGTERM)  # with the reports, and what they have started

os.environ["MPLBACKEND"] = "agg"

# jsonschema would build a grammar for checking web addresses, two seconds long, that no notebook
# needs; without the module it does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

for _name in (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.patheffects",
    "geopandas",
    "pyogrio",
    "babel.dates",
    "babel.lists",
    "babel.messages.pofile",
    "babel.numbers",
    "sqlite3",
    "IPython.core.magics",
    "papermill",
    "execnb.shell",
    "nbconvert.filters",
    "press.page",
    "press.render",
    "press.engine",
):
    with contextlib.suppress(ImportError):  # a collection need not use all of them
        importlib.import_module(_name)

if backends := sys.modules.get("matplotlib.backends"):
    backends.backend_registry.list_all()  # asks every installed package for backends
if page := sys.modules.get("press.page"):  # what is compiled or looked up at first use
    page.warm_up()
if sys.modules["rfc3987_syntax"] is None:
    del sys.modules["rfc3987_syntax"]  # a notebook may want it


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say nothing of a spare process that finds its pool closed: the run is simply over."""
    if not isinstance(error, FileNotFoundError | EOFError | ConnectionError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _hook  # the fork server calls it for a process that can't begin
gc.collect()
gc.freeze()  # the collector would touch, and so copy, every shared page in each child
