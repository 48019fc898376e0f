"""Peru's coffee and camelid value chains: clean data, indicators, charts and maps.

``vc.tables("coffee")`` lists what there is, ``vc.describe(table)`` the columns with unit and source
(``vc.describe(table, "price")`` one), ``vc.coverage(table)`` where there are figures. Departments
go by name, old name or code, as ``vc.resolve("Qosqo")`` says, columns by name or a word of it.
``vc.load`` has all rows, Peru and rival sources too; ``vc.pick`` one figure a fact.

>>> import valuechains as vc
>>> rows = vc.pick("coffee_regional", "price", "Cusco", "Puno", 2000, 2013)  # or a vc.scope(…)
>>> figure = vc.line(rows, "Farm price of coffee")  # vc.bar, vc.map; your own frames too
>>> vc.cite(figure).partition(":")[0]  # figure.data, figure.save("price.svg", data=True)
'report_eu_peru_2016'
>>> vc.where("coffee_regional", "price", "Cusco", 2011).chosen["value"].item()  # file, row, rule
8.89
>>> vc.line(rows, language="es").alt[:19]  # a scope has a language, a chart can
'Precio en chacra de'
>>> shares = vc.pick("coffee_regional", "production", 2013)["value"]
>>> round(vc.indicators.hhi(shares), 2)  # gini, cagr, location_quotient …: dir(vc.indicators)
0.17

``vc.explore()`` shows this as widgets. A table of your own is ``data/own/NAME.csv`` beside
``NAME.yml`` of three lines: title, source, unit. A report's notebook takes other departments, years
and language in its first code cell. The rooms behind this door: ``core``, ``extract``
(published files), ``tables``, ``select`` (what a page shows), ``plot``, ``report``, ``audit``.
"""

from .core.kinds import opened
from .indicators import __all__ as _formulas

_HOMES = {
    **dict.fromkeys(("tables", "indicators", "plot"), ""),  # folders; vc.tables() lists what is
    **dict.fromkeys(("load", "describe", "coverage", "pick", "where", "cite"), "door"),
    **dict.fromkeys(("line", "bar", "map"), "door"),
    "table": "report",
    "resolve": "core.places",
    "scope": "core.scope",
    "finding": "report",
    "explore": "lab",
}
__all__ = list(_HOMES)
_CURES = {name: f"there is vc.indicators.{name}" for name in _formulas}
_CURES["growth"] = "a rate a year is vc.indicators.cagr(series)"
_CURES["language"] = "language='es' in vc.scope(…) or in a chart: vc.line(rows, language='es')"
__getattr__, __dir__ = opened(__name__, _HOMES, **_CURES)
