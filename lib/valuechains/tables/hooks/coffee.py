"""Coffee: what the ministry's yearbooks must hold as a whole."""

from __future__ import annotations

import pandas as pd

from ...core import places
from ...core.errors import DataError
from ...extract.raw import RawTable
from ..checks import Data, check_between
from . import with_columns

YEARBOOKS = {"source": "midagri_anuario*"}
BULLETINS = "crofils_minagri_boletin"
PRICE = "farm_price_pen_per_kg"


def yearbook(table: RawTable) -> RawTable:
    """Return a yearbook's rows with their year, without a part of Lima.

    A hook because that part must have no coffee, and a transcribed yearbook names its year in its
    folder only.
    """
    if "year" not in table.frame:
        table = with_columns(table, year=table.source[-4:])
    part = table.text("Región") == "Lima Metropolitana"
    if table.numbers("Producción (t)")[part].sum() > 0:
        raise DataError(f"{table.file}: Lima Metropolitana has coffee: add it to Lima")
    return table.where(~part, "part of Lima (15), which has a row of its own; no coffee")


def check_yearbooks(data: Data) -> None:
    """Compare each yearbook as a whole with itself and with other sources.

    The nation's price is the departments' mean weighted with production (the ministry's rule).
    A sheet all ×10 agrees with itself: so the country's production and area lie within 20 % of
    what other publications say of the year (revisions stay below 10 %), or within a factor of
    two of the nearest year they have; its price within a factor of three of the last one before
    (six after more than five years). A hook because the nearest year is looked for.
    """
    rows = data.where(YEARBOOKS)
    others = data.table("coffee_national")
    before = data.where({"source": BULLETINS}).groupby("year")[PRICE].median().dropna()
    country = rows[rows["ubigeo"] == places.COUNTRY].sort_values("year", kind="stable")
    for _, nation in country.iterrows():
        book = (rows["source"] == nation["source"]) & (rows["year"] == nation["year"])
        local = rows[book & (rows["ubigeo"] != places.COUNTRY)]
        weighted = (local[PRICE] * local["production_t"]).sum() / local["production_t"].sum()
        _check(nation[PRICE] / weighted, 1.01, "the nation's price over the departments'", nation)
        for column in ("production_t", "area_ha"):
            known = others.groupby("year")[column].median().dropna()
            near = min(known.index, key=lambda year, to=nation["year"]: abs(year - to))
            what = f"{column} of the country over that of {near} in other sources"
            factor = 1.2 if near == nation["year"] else 2
            _check(local[column].sum() / known[near], factor, what, nation)
        earlier = [year for year in before.index if year <= nation["year"]]
        if earlier:
            factor = 3 if nation["year"] - max(earlier) <= 5 else 6
            what = f"{PRICE} of the country over that of {max(earlier):g} in other sources"
            _check(nation[PRICE] / before[max(earlier)], factor, what, nation)
        before[nation["year"]] = nation[PRICE]


def _check(ratio: float, factor: float, what: str, row: pd.Series) -> None:
    check_between(pd.Series([ratio]), 1 / factor, factor, what, pd.Series([row["origin"]]))
