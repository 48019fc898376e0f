"""Peru's coffee and camelid value chains: clean data, indicators, charts and maps.

``vc.tables("coffee")`` lists what there is, ``vc.describe(table)`` what its columns mean and how
many figures they have, ``vc.coverage(table)`` where. Departments go by name, old name or code, as
``vc.resolve("Qosqo")`` says, columns by name or a plain word of it.

>>> import valuechains as vc
>>> here = vc.scope("Cusco", "Puno", "Junín", 2000, 2013)  # or ubigeo=[…], year=[…] by name
>>> rows = vc.pick("coffee_regional", "price", here)
>>> figure = vc.line(rows, "Farm price of coffee")  # vc.bar, vc.map; your own frames too
>>> vc.cite(figure).partition(":")[0]  # figure.data, figure.save("price.svg", data=True)
'report_eu_peru_2016'
>>> vc.where("coffee_regional", "price", ubigeo="Cusco", year=2011).chosen["value"].item()
8.89
>>> shares = vc.pick("coffee_regional", "production", year=2013)["value"]
>>> round(vc.indicators.hhi(shares), 2)  # gini, cagr, location_quotient …: dir(vc.indicators)
0.17

``vc.explore()`` shows this as widgets. A report's notebook takes other departments, years and
language in its first code cell. The rooms behind this door: ``core``, ``extract``
(published files), ``tables``, ``select`` (what a page shows), ``plot``, ``report``, ``audit``.
"""

from .core.kinds import opened

_HOMES = {
    **dict.fromkeys(("tables", "indicators", "plot"), ""),  # folders; vc.tables() lists what is
    **dict.fromkeys(("load", "describe", "coverage", "pick", "where", "cite"), "door"),
    **dict.fromkeys(("line", "bar", "map"), "door"),
    "resolve": "core.places",
    "scope": "core.scope",
    "finding": "report",
    "table": "report",
    "explore": "lab",
}
__all__ = list(_HOMES)
__getattr__, __dir__ = opened(__name__, _HOMES)
