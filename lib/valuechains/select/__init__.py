"""What of a table is shown for a scope, and which source is preferred: numbers and codes.

A module is loaded when it is first used (``select.coffee``), so that a report depends on those
that it uses only.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = [
    "camelids",
    "coffee",
    "crops",
    "economies",
    "fibre",
    "gaps",
    "prefer",
    "programmes",
    "trade",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"valuechains.select has no {name!r}; there are {', '.join(__all__)}")
    return import_module(f".{name}", __name__)
