"""Peru's coffee and camelid value chains: clean data, indicators, charts and maps.

>>> import valuechains as vc
>>> here = vc.scope("Cusco", "Puno", 2000, 2013)
>>> rows = vc.pick("coffee_regional", "farm_price_pen_per_kg", here)
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

from .core.lazy import opened

_HOMES = {
    "tables": "",  # the folder, which lists what there is when it is called
    **dict.fromkeys(("load", "describe", "coverage", "pick", "where", "cite"), "door"),
    **dict.fromkeys(("line", "bar", "map"), "door"),
    "scope": "core.scope",
    "finding": "report",
    "table": "report",
    "explore": "lab",
}
__all__ = list(_HOMES)
__getattr__, __dir__ = opened(__name__, _HOMES)
