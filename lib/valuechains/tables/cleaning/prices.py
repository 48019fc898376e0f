"""World prices of coffee, what ICO has of Peru, Peru's exchange rate and consumer prices.

Vintages stand side by side: of one fact the latest that has it is taken when it is used
(``prefer: latest`` in ``schema.yml``). Files of one publication make one row a year.
"""

from __future__ import annotations

import pandas as pd

from ...core.errors import DataError
from ...extract.readers.table import RawTable
from ...extract.readers.values import KG_PER_LB
from . import Read, check_between, check_steps, check_vintages, frame, merge_files, stack, trade
from .coffee import national

# Far outside what a kg has cost in any month since 1960 (Arabica 0.78 to 9.05 US$).
LEVELS = {"arabica": (0.3, 30), "robusta": (0.2, 20)}
INDICATORS = {"PA.NUS.FCRF": "exchange_rate_pen_per_usd", "FP.CPI.TOTL": "cpi_2010_100"}
ICO = {
    "1a": "production_thousand_60kg_bags",
    "2a": "export_thousand_60kg_bags",
    "3a": "grower_price_us_cents_per_lb",
}
_TRANSCRIBED = {
    "1a": ("total_production.csv", "Crop year", "Total production (thousand 60-kg bags)"),
    "2a": ("exports.csv", "Calendar year", "Exports (thousand 60-kg bags)"),
    "3a": ("prices_to_growers.csv", "Calendar year", "Price paid to growers (US cents/lb)"),
}


def world_price(read: Read) -> pd.DataFrame:
    """Return yearly world prices of green coffee, nominal and in US dollars of 2010."""
    books = read.every("pink_sheet")
    transcribed = read.matching("wb_pink_sheet_*/coffee_annual.csv")
    parts = map(_prices, [*books, *transcribed])  # as published goes before transcribed
    out = merge_files(stack(parts).sort_values("year", kind="stable"), ["year"])
    _check_world_price(out)
    return out


def _prices(table: RawTable) -> pd.DataFrame:
    return frame(
        table,
        year=table.years("Year"),
        **{
            f"{kind.lower()}_{basis}_usd{suffix}_per_kg": table.numbers(
                f"Coffee, {kind}, {basis}{' 2010' if suffix else ''} ($/kg)"
            )
            for kind in ("Arabica", "Robusta")
            for basis, suffix in (("nominal", ""), ("real", "_2010"))
        },
    )


def _check_world_price(out: pd.DataFrame) -> None:
    deflators = []
    for kind, (low, high) in LEVELS.items():
        nominal, real = out[f"{kind}_nominal_usd_per_kg"], out[f"{kind}_real_usd_2010_per_kg"]
        for _, rows in out.groupby("source"):
            check_steps(nominal[rows.index], 3, f"{kind}, nominal,", out["origin"])
        check_between(nominal, low, high, f"{kind}, US$ per kg,", out["origin"])
        deflators.append(real / nominal)
    check_between(
        deflators[0] / deflators[1], 0.99, 1.01, "Arabica's deflator over Robusta's", out["origin"]
    )
    early, base = out["year"] < 1990, out["year"] == 2010
    check_between(deflators[0][early], 1, 10, "real over nominal before 1990", out["origin"])
    check_between(deflators[0][base], 0.995, 1.005, "real over nominal in 2010", out["origin"])
    ratio = out["arabica_nominal_usd_per_kg"] / out["robusta_nominal_usd_per_kg"]
    check_between(ratio, 0.9, 4, "Arabica's price over Robusta's", out["origin"])
    for kind in LEVELS:
        check_vintages(out, ["year"], f"{kind}_nominal_usd_per_kg", 1.02)
        check_vintages(out, ["year"], f"{kind}_real_usd_2010_per_kg", 1.25)


def prices(read: Read) -> pd.DataFrame:
    """Return Peru's exchange rate (soles per US dollar) and consumer price index (2010 = 100)."""
    parts = []
    for table in [*read.every("wdi"), *read.matching("wdi_*/exchange_rate_cpi.csv")]:
        figures = {column: table.numbers(code) for code, column in INDICATORS.items()}
        parts.append(frame(table, year=table.years("year"), **figures))
    out = merge_files(stack(parts).sort_values("year", kind="stable"), ["year"])
    for _, rows in out.groupby("source"):
        for _, run in rows.groupby(rows["year"].diff().ne(1).cumsum()):
            # The first years are those of the hyperinflation: consumer prices rose fivefold.
            rate, index = run["exchange_rate_pen_per_usd"], run["cpi_2010_100"]
            check_steps(rate, 4.5, "the exchange rate", out["origin"])
            check_steps(index, 5.5, "the price index", out["origin"])
    base = out.loc[out["year"] == 2010, "cpi_2010_100"]
    check_between(base, 99.99, 100.01, "the price index of 2010", out["origin"])
    check_vintages(out, ["year"], "exchange_rate_pen_per_usd", 1.02)
    check_vintages(out, ["year"], "cpi_2010_100", 1.02)
    return out


def ico(read: Read) -> pd.DataFrame:
    """Return what ICO has of Peru: production by crop year, exports, price paid to growers.

    ``year`` of a crop year is the one it begins in: Peru's (April group) runs from April to
    March, so that the harvest lies in that year.
    """
    parts = []
    for table in read.every("ico"):
        number = table.text("table").iloc[0]
        parts.append(_ico(table, number, *_TRANSCRIBED[number][1:]))
    for number, (file, year, value) in _TRANSCRIBED.items():
        for table in read.matching(f"ico_historical_{number}*/{file}"):
            parts.append(_ico(table, number, year, value))
    out = stack(parts).reindex(columns=["year", "crop_year", *ICO.values(), "source", "origin"])
    _check_ico(out, read)
    return out


def _ico(table: RawTable, number: str, year: str, value: str) -> pd.DataFrame:
    printed = table.text(year)
    years = table.parse(year, _crop_year if number == "1a" else _calendar_year).astype("int64")
    return frame(
        table,
        year=years,
        crop_year=printed if number == "1a" else None,
        **{ICO[number]: table.numbers(value)},
    )


def _calendar_year(text: str) -> int:
    if not (len(text) == 4 and text.isdigit()):
        raise DataError(f"{text!r} is not a year")
    return int(text)


def _crop_year(text: str) -> int:
    start, _, end = text.partition("/")
    if not end.isdigit() or int(end) != (_calendar_year(start) + 1) % 100 or len(end) != 2:
        raise DataError(f"{text!r} is not a crop year like 1990/91")
    return int(start)


def _check_ico(out: pd.DataFrame, read: Read) -> None:
    """Check ICO's figures against the other sources of the same: units, slips of the point.

    Tonnes of production are parchment in FAOSTAT and green in ICO, crop years are no calendar
    years: hence the wide bounds. A thousand bags of 60 kg are 60 t.
    """
    grown = national(read).groupby("year")["production_t"].median()
    sold = trade.coffee_trade_peru(read).groupby("year")["export_t"].median()
    world = world_price(read).groupby("year")["arabica_nominal_usd_per_kg"].median()
    production, exports, price = (out[column] for column in ICO.values())
    for found, other, low, high, what in (
        (60 * production, grown, 0.35, 1.5, "the production over FAOSTAT's"),
        (60 * exports, sold, 0.8, 1.2, "the exports over FAOSTAT's"),
        (price / 100 / KG_PER_LB, world, 0.1, 1.2, "the growers' price over the world's"),
    ):
        check_between(found / out["year"].map(other), low, high, what, out["origin"])
    # Late crop years are estimates that are revised.
    for column, factor in zip(ICO.values(), (1.25, 1.1, 1.1), strict=True):
        check_vintages(out, ["year"], column, factor)
