"""Peru's coffee and camelid value chains: clean data, indicators, charts and maps.

>>> import valuechains as vc
>>> here = vc.scope("Cusco", "Puno", 2000, 2013)
>>> rows = vc.load("coffee_regional").query("source == 'report_eu_peru_2016'")
>>> rows = rows.query("ubigeo in @here.regions").rename(columns={"farm_price_pen_per_kg": "value"})
>>> top = rows.loc[rows["value"].idxmax()]
>>> best = vc.finding("best", "Best price: {region}, {y}", region=top["ubigeo"], y=top["year"])
>>> figure = vc.line(rows, best, "Farm price of coffee, S/ per kg")  # figure.save("price.png")
>>> figure.title
'Best price: Puno, 2012'
>>> vc.where("coffee_regional", "production_t", ubigeo="08", year=2013).chosen["source"].item()
'crofils_minagri_boletin'

The rooms behind this door: ``core``, ``indicators`` (formulas), ``extract`` (published files),
``tables`` (``vc.load``), ``select`` (what a page shows), ``plot``, ``report`` (words), ``audit``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .core.errors import candidates

# Loaded when they are first used: pandas and matplotlib take a while.
_HOMES = {
    **dict.fromkeys(("tables", "load", "describe", "coverage", "pick", "where", "cite"), "door"),
    **dict.fromkeys(("line", "bar", "map"), "door"),
    "scope": "core.scope",
    "finding": "report",
    "table": "report",
    "explore": "lab",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        near = candidates(name, __all__)
        raise AttributeError(f"valuechains has no {name!r}{near}; there are {', '.join(__all__)}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
