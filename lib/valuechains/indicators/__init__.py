"""Pure functions on numbers: growth, concentration, specialisation, space, surveys.

``dir(indicators)`` names them all, ``help(indicators.hhi)`` explains one. What is missing (NaN)
stays missing: an indicator that is not determined is NaN, and what can't be its input is a
DataError. Formulas and their references are in ``docs/methods.md`` too. A module is loaded when it
is first used, so that a report depends on those that it uses only.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..core.errors import candidates

_MODULES = {
    "concentration": "concentration_ratio gini hhi hhi_bounds hhi_normalised shares",
    "growth": "PassThrough cagr coefficient_of_variation deflate gap_split leader pass_through "
    "revenue_split shift_share summary years_ahead",
    "spatial": "contiguity local_moran moran",
    "specialisation": "complexity density entries krugman location_quotient proximity "
    "rank_mobility slope_without_effects without_effects",
    "survey": "draw expand synthetic_firms",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        near = candidates(name.lower(), __all__)
        raise AttributeError(f"indicators has no {name!r}{near}; there are {', '.join(__all__)}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
