"""People of the departments by year, and value added a head: one round of INEI's projections.

INEI counts Callao's economy with Lima's, so that the two are one area, ``07+15``, whose people
are those of both.
"""

import pandas as pd

from ..tables import load
from . import prefer, rows

# Departments whose figures INEI gives as one, in value added and in poverty.
LIMA_CALLAO = "07+15"


def people() -> pd.DataFrame:
    """Return the people of departments and Peru, and of Lima with Callao beside its two parts.

    INEI's estimates and projections by year, 2000 to 2026.

    >>> counted = people().query("year == 2023").set_index("ubigeo")["population_persons"]
    >>> int(counted["07+15"]) == int(counted["07"]) + int(counted["15"])
    True
    """
    table = prefer.preferred("people", load("people"), "population_persons")
    parts = table[table["ubigeo"].isin(LIMA_CALLAO.split("+"))]
    how = {"population_persons": "sum", "source": "first", "origin": " ".join}
    both = parts.groupby("year", as_index=False).agg(how).assign(ubigeo=LIMA_CALLAO)
    return pd.concat([table, both], ignore_index=True)


def value_added_per_head() -> pd.DataFrame:
    """Return value added with ``population_persons`` and ``thousand_pen_per_head``.

    In thousand soles at prices of 2007, by department and year.

    >>> table = value_added_per_head().query("year == 2023").set_index("ubigeo")
    >>> round(float(table.loc["07+15", "thousand_pen_per_head"]), 1)
    20.0
    """
    table = rows("value_added", price_basis="2007", activity="all")
    table = prefer.preferred("value_added", table, "value_added_thousand_pen")
    counted = people()[["ubigeo", "year", "population_persons"]]
    table = table.merge(counted, on=["ubigeo", "year"], validate="many_to_one")
    per_head = table["value_added_thousand_pen"] / table["population_persons"]
    return table.assign(thousand_pen_per_head=per_head.astype("float64"))
