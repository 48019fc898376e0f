"""Trade: the World beside its partners, names beside codes, one measure printed in two units."""

from __future__ import annotations

from ...core import countries
from ...core.errors import DataError
from ...extract.raw import RawTable
from ..checks import Data, check_between, check_parts


def without_world(table: RawTable) -> RawTable:
    """Return the partners of UN Comtrade's exports, which add up to its World row.

    A hook because the World row is a total to check, and no partner to keep.
    """
    world = table.text("partner_iso3") == "WLD"
    value = table.numbers("value_usd")
    # Nothing costs so little or so much a kg, all partners together; samples do.
    price = value[world] / table.numbers("net_weight_kg")[world]
    check_between(price, 0.5, 15, "US$ per kg of all exports", table.origin())
    for (year, product), rows in value.groupby([table.text("year"), table.text("hs6")]):
        total = rows[world.loc[rows.index]]
        if len(total) != 1:
            raise DataError(f"{table.file}: {len(total)} World rows for {year}, {product}")
        parts = rows.drop(total.index)
        check_parts(parts, total.iloc[0], f"exports {year} {product}", table.file)
    reason = "the World total: checked against the partners' sum, not a partner"
    return table.where(~world, reason)


def volume_in_dollars(table: RawTable) -> RawTable:
    """Return the export volume in dollars; the report prints it in soles too."""
    is_volume = table.text("Statement") == "Export volume"
    unit = table.quantities("Figure", units=("usd", "pen", "pct", None))["unit"]
    reason = "no volume in dollars: the same in soles, or another measure"
    return table.where(is_volume & (unit == "usd"), reason)


def check_names(data: Data) -> None:
    """The code of a country is that of its printed name, where CLDR knows the name."""
    for row in data.frame.dropna(subset="partner_iso3").itertuples():
        name = row.partner_name
        if countries.is_known(name) and countries.from_name(name) != row.partner_iso3:
            raise DataError(f"{row.origin}: {row.partner_iso3} is not the code of {name}")


def check_peru(data: Data) -> None:
    """Peru's exports to all partners are FAOSTAT's: both come from its customs.

    Of the two HS codes the first is nearly all; the rest is decaffeinated.
    """
    rows = data.where({"role": "destination", "product": "090111"})
    customs = data.table("coffee_trade_peru").groupby("year")
    for (_, year), part in rows.groupby(["source", "year"]):
        for column, name in (("quantity_t", "export_t"), ("value_usd", "export_value_usd")):
            known = customs[name].median().get(year)
            if known and not 0.5 <= (ratio := part[column].sum() / known) <= 2:
                raise DataError(
                    f"{part['origin'].iloc[0]}: {column} of all exports over FAOSTAT's is "
                    f"{ratio:.4g}, expected 0.5 to 2"
                )
