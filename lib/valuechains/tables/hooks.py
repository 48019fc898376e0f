"""What a declaration can't say: preparing a raw table, or checking one, by a function's name.

Each is needed for a reason: a figure is a herd of whole departments in a known year only by three
columns together, and its count is named inside a sentence; what a statement needs depends on how
it is compared; a yearbook is held against the nearest year; totals are checked and not kept.
"""

import re

import numpy as np
import pandas as pd

from ..core import countries, places
from ..core.errors import DataError
from ..extract.comtrade import check_world
from ..extract.raw import RawTable
from ..extract.values import quantity
from .checks import Data, refuse, refuse_outside

# Which count a published basis belongs to, and what kind of count that is; the first that fits.
COUNTS = (
    (r"CENAGRO IV 2012, preliminary", "CENAGRO 2012 (preliminary)", "preliminary census"),
    (r"CENAGRO IV 2012", "CENAGRO 2012", "census"),
    (r"CENAGRO III 1994", "CENAGRO 1994", "census"),
    (r"vicuña census 2025", "Census 2025 (preliminary)", "preliminary census"),
    (r"vicuña census 2012", "Census 2012", "census"),
    (r"CONACS \(2004\)", "CONACS 2004", "ministry"),
    (r"CONACS \(2000\)", "CONACS 2000", "ministry"),
    (r"UNIDO", "UNIDO 2010", "statement"),
    (r"SPAR", "SPAR 2010", "projection"),
    (r"MIDAGRI 2019", "MIDAGRI 2019", "ministry"),
    (r"MIDAGRI figure quoted in 2024", "MIDAGRI (quoted 2024)", "ministry"),
    (r"", "Statement", "statement"),
)


def camelid_counts(table: RawTable) -> RawTable:
    """Return a table with the count of each figure, and whether it is a herd ("yes", "no").

    The report's own table has herds only.
    """
    is_report = "Attributed to" in table.frame
    counts = [
        next((name, kind) for pattern, name, kind in COUNTS if re.search(pattern, basis))
        for basis in table.text("Attributed to" if is_report else "Basis")
    ]
    named = pd.DataFrame(counts, table.frame.index, ["count_name", "count_kind"])
    if is_report:
        return table.having(table.frame.assign(**named))
    is_herd = table.text("Measure").isin(["population", "share of country"])
    is_herd &= (table.text("Place") == "") & (table.text("Year") != "")
    return table.having(table.frame.assign(**named, is_herd=np.where(is_herd, "yes", "no")))


def checked_claims(table: RawTable) -> RawTable:
    """Return statements with their decimals: those said, else those printed."""
    value = table.parse("value", lambda text: quantity(text).value)
    is_trend, is_there = table.text("compare").isin(["mostly", "always"]), table.frame != ""
    is_other = table.text("document") != table.path.stem
    table.refuse(is_other, "document", "expected the file's own name")
    expected = "expected a value, and none with mostly or always"
    table.refuse(value.isna() != is_trend, "value", expected)
    is_wrong = is_there["recompute"] == is_there["unchecked"]
    table.refuse(is_wrong, "recompute", "either this or unchecked")
    is_half = is_there["reading.says"] != is_there["reading.recompute"]
    expected = "a reading needs what it says and how it is recomputed"
    table.refuse(is_half, "reading.says", expected)
    digits = table.text("digits")
    decimals = table.text("value").str.partition(".")[2].str.len().astype(str)
    return table.having(table.frame.assign(digits=digits.where(digits != "", decimals)))


YEARBOOKS = {"source": "midagri_anuario*"}
BULLETINS = "crofils_minagri_boletin"
PRICE = "farm_price_pen_per_kg"


def coffee_yearbook(table: RawTable) -> RawTable:
    """Return a yearbook's rows with their year, without a part of Lima, which has no coffee.

    A transcribed yearbook names its year in its folder only.
    """
    if "year" not in table.frame:
        table = table.having(table.frame.assign(year=table.source[-4:]))
    is_part = table.text("Región") == "Lima Metropolitana"
    if table.numbers("Producción (t)")[is_part].sum() > 0:
        raise DataError(f"{table.file}: Lima Metropolitana has coffee: add it to Lima")
    return table.where(~is_part, "part of Lima (15), which has a row of its own; no coffee")


def check_yearbooks(data: Data) -> None:
    """Compare each yearbook as a whole with itself and with other sources.

    The nation's price is the departments' mean weighted with production (the ministry's rule).
    A sheet all ×10 agrees with itself: so the country's production and area lie within 20 % of
    what other publications say of the year (revisions stay below 10 %), or within a factor of
    two of the nearest year they have; its price within a factor of three of the last one before
    (six after more than five years).
    """
    rows, others = data.where(YEARBOOKS), data.where(None, "coffee_national")
    national = others.groupby("year")[["production_t", "area_ha"]].median()
    prices = data.where({"source": BULLETINS}).groupby("year")[PRICE].median().dropna()
    for (year, _), book in rows.groupby(["year", "source"]):
        is_country = book["ubigeo"] == places.COUNTRY
        nation, local = book[is_country], book[~is_country]
        mean = (local[PRICE] * local["production_t"]).sum() / local["production_t"].sum()
        what = "the nation's price over the departments'"
        refuse_outside(nation[PRICE] / mean, 1 / 1.01, 1.01, what, nation)
        for column in national:
            known = national[column].dropna()
            near = known.index[np.abs(known.index - year).argmin()]
            ratio = pd.Series(local[column].sum() / known[near], nation.index)
            factor = 1.2 if near == year else 2
            what = f"{column} of the country over that of {near:g} in other sources"
            refuse_outside(ratio, 1 / factor, factor, what, nation)
        before = prices[prices.index <= year].sort_index()
        for last, price in before.tail(1).items():
            factor = 3 if year - last <= 5 else 6
            what = f"{PRICE} of the country over that of {last:g} in other sources"
            refuse_outside(nation[PRICE] / price, 1 / factor, factor, what, nation)
        prices[year] = nation[PRICE].max()


def without_poultry_yield(table: RawTable) -> RawTable:
    """Return the animal products without the yield of other poultry, which is none of one animal.

    A hook because the rows are known by two columns together.
    """
    is_poultry = table.text("product_printed") == "Otras gallináceas vivas"
    is_yield = table.text("variable_printed").str.startswith("Rendimiento")
    return table.where(~(is_poultry & is_yield), "no yield of one animal: 612,071 kg for Peru")


def without_world(table: RawTable) -> RawTable:
    """Return the partners of UN Comtrade's exports, which add up to its World row.

    A hook because the World row is a total to check, and no partner to keep.
    """
    is_world = table.text("partner_iso3") == "WLD"
    # Nothing costs so little or so much a kg, all partners together; samples do.
    price = (table.numbers("value_usd") / table.numbers("net_weight_kg"))[is_world]
    rows = pd.DataFrame({"origin": table.origin()})
    refuse_outside(price, 0.5, 15, "US$ per kg of all exports", rows)
    for (year, product), flow in table.frame.groupby(["year", "hs6"]):
        check_world(flow, f"{table.file}: exports of {product} in {year}")
    reason = "the World total: checked against the partners' sum, not a partner"
    return table.where(~is_world, reason)


def check_partner_names(data: Data) -> None:
    """The code of a country is that of its printed name, where CLDR knows the name."""
    rows = data.where().dropna(subset="partner_iso3")
    rows = rows[rows["partner_name"].map(countries.is_known)]
    is_other = rows["partner_name"].map(countries.from_name) != rows["partner_iso3"]
    refuse(rows[is_other], "{partner_iso3} is not the code of {partner_name}")


def check_peru(data: Data) -> None:
    """Peru's exports to all partners are FAOSTAT's: both come from its customs.

    Of the two HS codes the first is nearly all; the rest is decaffeinated.
    """
    rows = data.where({"role": "destination", "product": "090111"})
    how = {"quantity_t": "sum", "value_usd": "sum", "origin": "first"}
    sums = rows.groupby(["source", "year"]).agg(how).reset_index()
    customs = data.where(None, "coffee_trade_peru").groupby("year").median(numeric_only=True)
    both = sums.merge(customs, on="year")
    for column, name in (("quantity_t", "export_t"), ("value_usd", "export_value_usd")):
        ratio = both[column] / both[name]
        refuse_outside(ratio, 0.5, 2, f"{column} of all exports over FAOSTAT's", both)


def check_poverty_groups(data: Data) -> None:
    """Refuse a group with two intervals, or groups that do not run from the poorest down."""
    rows = data.where({"figure_kind": "group interval"})
    ends = ["poverty_low_pct", "poverty_high_pct"]
    groups = rows.groupby(["year", "poverty_group"])
    is_double = (groups[ends].transform("nunique") > 1).any(axis=1)
    refuse(rows[is_double], "group {poverty_group:g} of {year:g} has two intervals")
    is_falling = groups[ends].first().groupby("year").diff() > 0
    if is_falling.any(axis=None):
        refuse(rows, "groups do not run from the poorest to the least poor")
