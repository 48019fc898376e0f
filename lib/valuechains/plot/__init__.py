"""Figures: lines, bars, points, cells, maps, diagrams. See ``plot.figure`` for what all share.

A module is loaded when it is first used, so that a report depends on the charts that it draws.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    **dict.fromkeys(("departments", "map", "neighbours", "nice_breaks"), "geography"),
    **dict.fromkeys(("bars", "ranges", "stacked"), "rows"),
    **dict.fromkeys(("lines", "panels"), "years"),
    "Figure": "figure",
    "chain": "diagram",
    "heatmap": "cells",
    "kinds": "sources",
    "scatter": "points",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"valuechains.plot has no {name!r}; there are {', '.join(__all__)}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
