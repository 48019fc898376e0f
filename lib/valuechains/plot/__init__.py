"""Figures: lines, bars, points, cells, maps, diagrams. See ``plot.figure`` for what all share.

A module is loaded when it is first used, so that a report depends on the charts that it draws.
"""

from ..core.kinds import opened

_HOMES = {
    **dict.fromkeys(("departments", "map", "neighbours", "nice_breaks"), "geography"),
    **dict.fromkeys(("bars", "ranges", "stacked"), "rows"),
    **dict.fromkeys(("lines", "panels"), "years"),
    "Figure": "figure",
    "chain": "diagram",
    "heatmap": "cells",
    "scatter": "points",
}
__all__ = list(_HOMES)
__getattr__, __dir__ = opened(__name__, _HOMES)
