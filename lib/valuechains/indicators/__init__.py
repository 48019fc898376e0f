"""Pure functions on numbers: growth, concentration, specialisation, space, surveys.

``dir(indicators)`` names them all; formulas and references are in ``docs/methods.md`` too. An
indicator that is not determined is NaN, and what can't be its input is a DataError. A module is
loaded when it is first used, so that a report depends on those that it uses only.
"""

from ..core.kinds import opened

_MODULES = {
    "concentration": "gini hhi hhi_bounds shares",
    "growth": "PassThrough cagr coefficient_of_variation deflate gap_split leader pass_through "
    "revenue_split shift_share summary years_ahead",
    "spatial": "contiguity local_moran moran",
    "specialisation": "complexity density entries krugman location_quotient proximity "
    "rank_mobility slope_without_effects without_effects",
    "survey": "expand",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}
__all__ = sorted(_HOMES)
__getattr__, __dir__ = opened(__name__, _HOMES, growth="a rate a year is cagr(series)")
