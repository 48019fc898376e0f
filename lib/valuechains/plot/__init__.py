"""Figures: lines, bars, points, cells, maps, diagrams. See ``plot.figure`` for what all share.

Names are loaded when they are first used: geopandas takes a while.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "figure": ("Figure",),
    "sources": ("names_line", "short_names"),
    "years": ("contributions", "lines", "panels"),
    "rows": ("bars", "dots", "ranges", "stacked"),
    "points": ("concentration", "scatter"),
    "cells": ("coverage", "heatmap"),
    "diagram": ("chain",),
    "geography": (
        "clusters",
        "departments",
        "locator",
        "map",
        "neighbours",
        "nice_breaks",
        "provinces",
        "small_maps",
    ),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"valuechains.plot has no {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
