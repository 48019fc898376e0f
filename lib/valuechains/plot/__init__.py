"""Figures: lines, bars, points, cells, maps, diagrams. See ``plot.figure`` for what all share."""

from .cells import heatmap
from .diagram import chain
from .figure import Figure
from .geography import departments, map, neighbours, nice_breaks
from .points import scatter
from .rows import bars, ranges, stacked
from .sources import kinds, names_line, short_names
from .years import lines, panels

__all__ = [
    "Figure",
    "bars",
    "chain",
    "departments",
    "heatmap",
    "kinds",
    "lines",
    "map",
    "names_line",
    "neighbours",
    "nice_breaks",
    "panels",
    "ranges",
    "scatter",
    "short_names",
    "stacked",
]
