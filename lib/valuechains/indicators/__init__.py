"""Pure functions on numbers: growth, concentration, specialisation, space, surveys.

Formulas and their references are in ``docs/methods.md`` too.
"""

from .concentration import (
    Bounds,
    concentration_ratio,
    gini,
    hhi,
    hhi_bounds,
    hhi_normalised,
    shares,
)
from .growth import (
    Leader,
    PassThrough,
    cagr,
    coefficient_of_variation,
    deflate,
    leader,
    pass_through,
    revenue_split,
    summary,
    years_ahead,
)
from .spatial import Moran, contiguity, local_moran, moran
from .specialisation import (
    Complexity,
    Mobility,
    complexity,
    density,
    entries,
    krugman,
    location_quotient,
    proximity,
    rank_mobility,
)
from .survey import draw, expand, synthetic_firms

__all__ = [
    "Bounds",
    "Complexity",
    "Leader",
    "Mobility",
    "Moran",
    "PassThrough",
    "cagr",
    "coefficient_of_variation",
    "complexity",
    "concentration_ratio",
    "contiguity",
    "deflate",
    "density",
    "draw",
    "entries",
    "expand",
    "gini",
    "hhi",
    "hhi_bounds",
    "hhi_normalised",
    "krugman",
    "leader",
    "local_moran",
    "location_quotient",
    "moran",
    "pass_through",
    "proximity",
    "rank_mobility",
    "revenue_split",
    "shares",
    "summary",
    "synthetic_firms",
    "years_ahead",
]
