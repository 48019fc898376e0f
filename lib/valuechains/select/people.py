"""People of the departments by year, and value added a head: one round of INEI's projections.

INEI counts Callao's economy with Lima's, so that the two are one area, ``07+15``, whose people
are those of both.
"""

from __future__ import annotations

import pandas as pd

from ..tables import load
from . import prefer

# Departments whose figures INEI gives as one, in value added and in poverty.
LIMA_CALLAO = "07+15"


def people() -> pd.DataFrame:
    """Return the people of every department, of Peru and of Lima with Callao, by year.

    ``ubigeo``, ``year``, ``population_persons``, ``source``, ``origin``; the joint area ``07+15``
    stands beside its two parts. INEI's estimates and projections, 2000 to 2026.

    >>> rows = people().query("year == 2023").set_index("ubigeo")["population_persons"]
    >>> int(rows["07+15"]) == int(rows["07"]) + int(rows["15"])
    True
    """
    rows = prefer.preferred("people", load("people"), "population_persons")
    parts = rows[rows["ubigeo"].isin(LIMA_CALLAO.split("+"))]
    how = {"population_persons": "sum", "source": "first", "origin": " ".join}
    both = parts.groupby("year", as_index=False).agg(how).assign(ubigeo=LIMA_CALLAO)
    return pd.concat([rows, both], ignore_index=True)


def value_added_per_head(price_basis: str, activity: str = "all") -> pd.DataFrame:
    """Return value added a head in thousand soles, by department and year.

    The columns of ``value_added`` with ``population_persons`` and ``thousand_pen_per_head``; at
    prices of ``2007`` or ``current`` ones.

    >>> rows = value_added_per_head("2007").query("year == 2023").set_index("ubigeo")
    >>> round(float(rows.loc["07+15", "thousand_pen_per_head"]), 1)
    20.0
    """
    rows = load("value_added")
    rows = rows[(rows["price_basis"] == price_basis) & (rows["activity"] == activity)]
    rows = prefer.preferred("value_added", rows, "value_added_thousand_pen")
    counted = people()[["ubigeo", "year", "population_persons"]]
    table = rows.merge(counted, on=["ubigeo", "year"], validate="many_to_one")
    per_head = table["value_added_thousand_pen"] / table["population_persons"]
    return table.assign(thousand_pen_per_head=per_head.astype("float64"))
