"""Published files in the columns of our extracts, until `extract` gives them so (then delete)."""

from __future__ import annotations

import pandas as pd

from ...extract.readers.pinksheet import COFFEE, KINDS
from ...extract.readers.table import RawTable
from ...extract.sources import Ledger

ICO = {
    "1a": ("Crop year", "Total production (thousand 60-kg bags)"),
    "2a": ("Calendar year", "Exports (thousand 60-kg bags)"),
    "3a": ("Calendar year", "Price paid to growers (US cents/lb)"),
}
YEARBOOK = {
    "region": "Región", "production_t": "Producción (t)", "area_ha": "Superficie (ha)",
    "yield_kg_per_ha": "Rendimiento (kg/ha)", "farm_price_pen_per_kg": "Precio en chacra (S/. / kg)",
}  # fmt: skip
VALUES = {
    "export_thousand_usd": "export_value_thousand_usd",
    "import_thousand_usd": "import_value_thousand_usd",
}


def every(ledger: Ledger, layout: str) -> list[RawTable]:
    """Return every file of a layout, in the columns of our extracts."""
    return [part for table in ledger.every(layout) for part in NOW[layout](table)]


def _with(table: RawTable, frame: pd.DataFrame) -> RawTable:
    out = table.select(pd.Series(True, index=table.frame.index))
    out.frame = frame
    return out


def _yearbook(table: RawTable) -> list[RawTable]:
    return [_with(table, table.frame.rename(columns=YEARBOOK))]


def _ico(table: RawTable) -> list[RawTable]:
    year, value = ICO[table.text("table").iloc[0]]
    return [_with(table, table.frame.rename(columns={"year": year, "value": value}))]


def _comtrade(table: RawTable) -> list[RawTable]:
    return [_with(table, table.frame.rename(columns={"iso3": "partner_iso3"}).assign(flow="Export"))]


def _faostat(table: RawTable) -> list[RawTable]:
    return [_with(table, table.frame.assign(measure=table.frame["measure"].replace(VALUES)))]


def _pink_sheet(table: RawTable) -> list[RawTable]:
    parts = []
    for kind, basis in zip(KINDS[1:], ("nominal", "real 2010"), strict=True):
        part = table.select(table.text("prices") == kind)
        names = {f"{name} ($/kg)": f"{name}, {basis} ($/kg)" for name in COFFEE}
        parts.append(_with(part, part.frame.rename(columns=names | {"period": "Year"})))
    months = table.select(table.text("prices") == "monthly nominal")
    year = months.text("period").str[:4]
    prices = pd.DataFrame({name: months.numbers(f"{name} ($/kg)") for name in COFFEE})
    whole = prices.notna().groupby(year).transform("sum").eq(12)
    months.where(whole.any(axis=1), "a year without all of its twelve months: no mean")
    rows = {}
    for one, part in prices.where(whole)[whole.any(axis=1)].groupby(year):
        means = {f"{k}, nominal ($/kg)": "" if pd.isna(v) else repr(v) for k, v in part.mean().items()}
        rows["+".join(part.index)] = {"Year": one} | means
    parts.append(_with(months, pd.DataFrame.from_dict(rows, orient="index", dtype=object)))
    columns = [f"{name}, {basis} ($/kg)" for basis in ("nominal", "real 2010") for name in COFFEE]
    for part in parts:
        part.frame = part.frame.reindex(columns=["Year", *columns], fill_value="")
    return [part for part in parts if len(part.frame)]


def _wdi(table: RawTable) -> list[RawTable]:
    years = [year for year in table.frame if year.isdigit() and int(year) >= 1990]
    frame = table.frame[years].set_axis(table.text("Indicator Code")).T
    frame = frame[(frame != "").any(axis=1)].rename_axis("year").reset_index()
    rows = "+".join(map(str, table.frame.index))
    out = _with(table, frame.rename_axis(columns=None))
    place = f"{table.source}/{table.path.name}:{rows}"
    out.origin = lambda: pd.Series(place, index=out.frame.index)
    return [out]


NOW = {"midagri_yearbook": _yearbook, "ico": _ico, "comtrade": _comtrade, "faostat": _faostat,
       "pink_sheet": _pink_sheet, "wdi": _wdi}  # fmt: skip
