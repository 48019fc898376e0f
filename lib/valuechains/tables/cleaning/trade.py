"""Trade: who exports and buys coffee and camelid fibre.

Two product scopes of coffee are kept apart: "coffee, all forms" (the report, after the Atlas of
Economic Complexity: roasters such as Germany count) and "green coffee" (FAOSTAT, UN Comtrade).
Shares that a source prints stand in ``share_printed_pct``; shares that we compute never do.
"""

from __future__ import annotations

import pandas as pd

from ...core import countries
from ...core.errors import DataError
from ...extract.readers.table import RawTable
from . import Read, check_between, check_parts, check_steps, check_vintages, frame, stack

ALL_FORMS, GREEN = "coffee, all forms", "green coffee"
_COFFEE_ROLES = {
    "Main exporters of coffee in 2013 (%total)": "exporter",
    "Main importers of coffee in 2013 (%total)": "importer",
    "Main countries of destination of coffee from Peru (2013)": "destination",
    "Share of global production (2013), in the paragraph on exporters": "producer",
}
_FIBRE_ROLES = {
    "Main exporters of fibers in 2013 (% total)": ("exporter", "fibres"),
    "Main importers of fibers in 2013 (% total)": ("importer", "fibres"),
    "Main countries of destination of textile fibers from Peru (2013)": ("destination", "fibres"),
    "Target markets of finished textile products": ("destination", "finished textiles"),
    "Main customers of alpaca fiber": ("destination", "alpaca fibre"),
}
MEASURES = [
    "export_t", "export_value_thousand_usd", "import_t", "import_value_thousand_usd",
]  # fmt: skip
_GROUPS = {"Europe", "China, Germany and Italy", "Other Asia, nes"}
COLUMNS = [
    "year", "role", "scope", "product", "partner_name", "partner_iso3", "value_usd", "quantity_t",
    "share_printed_pct", "bound", "source", "origin",
]  # fmt: skip


def _iso3(name: str) -> str | None:
    return None if name in _GROUPS else countries.from_name(name)


def _printed_shares(read: Read, name: str, roles: dict, **columns: object) -> pd.DataFrame:
    table = read(name)
    shares = table.quantities("Share", units=("pct",))
    return frame(
        table,
        year=2013,
        role=table.choice("Table", roles),
        partner_name=table.text("Country"),
        partner_iso3=table.parse("Country", _iso3),
        share_printed_pct=shares["value"],
        bound=shares["bound"],
        **columns,
    )


def coffee_trade(read: Read) -> pd.DataFrame:
    """Return exporters, importers and destinations of coffee, by year, scope and source."""
    report = _printed_shares(
        read, "report_eu_peru_2016/coffee_trade_2013.csv", _COFFEE_ROLES, scope=ALL_FORMS
    )
    peru = coffee_trade_peru(read)
    downloads = [
        *(_faostat_download(one) for one in _faostat_trade(read)),
        *(_comtrade_download(one, peru) for one in read.every("comtrade")),
    ]
    out = stack([report, _faostat(read), _comtrade(read), *downloads]).reindex(columns=COLUMNS)
    # A container more or less changes small flows by any factor.
    named, fact = out.dropna(subset="partner_iso3"), ["year", "role", "scope", "product"]
    for column, least in (("quantity_t", 1000), ("value_usd", 1e6)):
        check_vintages(named, [*fact, "partner_iso3"], column, 1.5, least)
    return out


def _faostat_trade(read: Read) -> list[RawTable]:
    """Return the rows of trade of every FAOSTAT file that has some."""
    parts = (one.select(one.text("measure").isin(MEASURES)) for one in read.every("faostat"))
    return [one for one in parts if len(one.frame)]


def _flows(table: RawTable, key: list[str]) -> pd.DataFrame:
    """Return one row a year and area of a FAOSTAT table, its measures side by side."""
    long = frame(
        table,
        year=table.years("year"),
        partner_name=table.text("area"),
        partner_iso3=table.text("iso3").replace({"": None}),
        measure=table.text("measure"),
        value=table.numbers("value"),
    )
    grouped = long.groupby(key, dropna=False)
    wide = long.pivot(index=key, columns="measure", values="value").reindex(columns=MEASURES)
    return wide.assign(source=table.source, origin=grouped["origin"].agg(" ".join)).reset_index()


def _faostat_download(table: RawTable) -> pd.DataFrame:
    parts = []
    for role in ("export", "import"):
        flow = table.select(table.text("measure").str.startswith(role))
        wide = _flows(flow, ["year", "partner_name", "partner_iso3"])
        wide = wide.assign(
            role=f"{role}er",
            scope=GREEN,
            value_usd=1000 * wide[f"{role}_value_thousand_usd"],
            quantity_t=wide[f"{role}_t"],
        )
        # The dearest and the cheapest of 2013 lie within a factor of three of the median.
        large = wide[wide["quantity_t"] >= 5000]
        unit_value = large["value_usd"] / large["quantity_t"]
        ratio = unit_value / unit_value.groupby(large["year"]).transform("median")
        check_between(ratio, 1 / 8, 8, f"US$ per t over the median {role}er's", large["origin"])
        parts.append(wide)
    return stack(parts).reindex(columns=COLUMNS)


def _faostat(read: Read) -> pd.DataFrame:
    table = read("faostat_tcl_2025/coffee_trade_2013.csv")
    return frame(
        table,
        year=table.years("year"),
        role=table.choice("flow", {"export": "exporter", "import": "importer"}),
        scope=GREEN,
        partner_name=table.text("country"),
        partner_iso3=_codes(table),
        value_usd=1000 * table.numbers("value_thousand_usd"),
        quantity_t=table.numbers("quantity_t"),
    )


def _codes(table: RawTable) -> pd.Series:
    """Return ISO codes from M49 numbers, checked against the names where CLDR knows them."""
    codes = table.parse("m49", countries.from_m49)
    for row, name in table.text("country").items():
        if countries.is_known(name) and countries.from_name(name) != codes[row]:
            raise table.error(row, "m49", f"{codes[row]} is not the code of {name}")
    return codes


def _partners(table: RawTable) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return the destinations of a Comtrade table, their US$ per kg, and which are the World."""
    whole = frame(
        table,
        year=table.years("year"),
        role="destination",
        scope=GREEN,
        product=table.text("hs6"),
        partner_name=table.text("partner"),
        partner_iso3=table.text("partner_iso3").replace({"": None}),
        value_usd=table.numbers("value_usd"),
        quantity_t=table.numbers("net_weight_kg") / 1000,
    )
    unit_value = whole["value_usd"] / whole["quantity_t"] / 1000
    return whole, unit_value, whole["partner_iso3"] == "WLD"


def _comtrade(read: Read) -> pd.DataFrame:
    table = read("comtrade_2017/coffee_peru_partners.csv")
    table.choice("flow", {"Export": "destination"})  # refuses what is no export
    whole, unit_value, world = _partners(table)
    check_between(unit_value, 0.3, 100, "US$ per kg", whole["origin"])
    for (year, product), group in whole.groupby(["year", "product"]):
        total = group.loc[world, "value_usd"]
        if len(total) != 1:
            raise DataError(f"{table.file}: {len(total)} World rows for {year}, {product}")
        check_parts(
            group.loc[~world, "value_usd"], total.iloc[0], f"exports {year} {product}",
            origin=table.file,
        )  # fmt: skip
    table.where(~world, "the World total: checked against the partners' sum, not a partner")
    return whole[~world]


def _comtrade_download(table: RawTable, peru: pd.DataFrame) -> pd.DataFrame:
    """Return the partners of a Comtrade file, whose sum its reader found to be the World's.

    The World's exports are held against FAOSTAT's for Peru in that year, where there are some:
    both come from Peru's customs.
    """
    whole, unit_value, world = _partners(table)
    # Samples of a few kg cost anything.
    check_between(unit_value[whole["quantity_t"] >= 1], 0.3, 100, "US$ per kg", whole["origin"])
    check_between(unit_value[world], 0.5, 15, "US$ per kg of all exports", whole["origin"])
    total = whole[world & (whole["product"] == "090111")]  # nearly all: the rest is decaffeinated
    for column, name in (("quantity_t", "export_t"), ("value_usd", "export_value_usd")):
        customs = total["year"].map(peru.groupby("year")[name].median())
        check_between(
            total[column] / customs, 0.5, 2, f"{column} of all exports over FAOSTAT's",
            whole["origin"],
        )  # fmt: skip
    table.where(~world, "the World total: checked against the partners' sum, not a partner")
    return whole[~world]


def coffee_trade_peru(read: Read) -> pd.DataFrame:
    """Return Peru's exports and imports of green coffee by year and release of FAOSTAT."""
    out = stack([_peru_transcribed(read), *map(_peru_download, _faostat_trade(read))])
    for _, series in out.sort_values("year").groupby("source"):
        unit_value = series["export_value_usd"] / series["export_t"] / 1000
        check_between(unit_value, 0.3, 15, "US$ per kg exported", series["origin"])
        check_steps(unit_value, 3, "US$ per kg exported", series["origin"])
        check_steps(series["export_t"], 3, "the exports", series["origin"])
    for column in ("export_t", "export_value_usd", "import_t", "import_value_usd"):
        check_vintages(out, ["year"], column, 1.5, 1e6 if column.endswith("usd") else 1000)
    return out


def _peru_download(table: RawTable) -> pd.DataFrame:
    wide = _flows(table.select(table.text("iso3") == "PER"), ["year"])
    return wide.assign(
        export_value_usd=1000 * wide["export_value_thousand_usd"],
        import_value_usd=1000 * wide["import_value_thousand_usd"],
    ).drop(columns=["export_value_thousand_usd", "import_value_thousand_usd"])


def _peru_transcribed(read: Read) -> pd.DataFrame:
    table = read("faostat_tcl_2025/coffee_trade_peru.csv")
    return frame(
        table,
        year=table.years("year"),
        export_t=table.numbers("export_t"),
        export_value_usd=1000 * table.numbers("export_value_thousand_usd"),
        import_t=table.numbers("import_t"),
        import_value_usd=1000 * table.numbers("import_value_thousand_usd"),
    )


def fibre_trade(read: Read) -> pd.DataFrame:
    """Return exporters, importers and destinations of fibres, 2013, as the report prints them.

    The Atlas's "fibres" are not alpaca fibre: ``product`` keeps the scopes apart.
    """
    name = "report_eu_peru_2016/fibre_trade_2013.csv"
    out = _printed_shares(read, name, _FIBRE_ROLES)
    out["product"] = [product for _, product in out["role"]]
    out["role"] = [role for role, _ in out["role"]]
    return out


_SCALE = {"thousand US$": 1e3, "million US$": 1e6, "": 1.0}
PRESS = (
    "camarapuno_2016_adex", "ellysium", "exportapymes_adex", "gestion_2024_adex",
    "gestion_2024_adex_mayo", "gestion_2025_adex", "h2g", "larepublica_2025_adex",
    "perulactea_2019", "peru21_promperu", "peruinforma_mincetur", "rpp_2024_adex",
)  # fmt: skip


def camelid_exports(read: Read) -> pd.DataFrame:
    """Return exports of camelid fibre and products as published, by period, scope and breakdown.

    Press releases of several bodies: scopes differ and must not be joined into one series.
    """
    parts = []
    for source in PRESS:
        table = read(f"{source}/alpaca_exports.csv")
        tonnes = table.quantities("Quantity (t)")
        scale = table.choice("Value unit", {unit: unit for unit in _SCALE}).map(_SCALE)
        parts.append(
            frame(
                table,
                period=table.text("Period"),
                scope=table.text("Scope"),
                breakdown=table.text("Breakdown"),
                item=table.text("Item"),
                value_usd=table.numbers("Value") * scale.astype("float64"),
                quantity_t=tonnes["value"],
                share_printed_pct=table.numbers("Share (%)", high=100),
                change_printed_pct=table.numbers("Change on year (%)", low=-100),
                bound=tonnes["bound"],
            )
        )
    return stack([*parts, _report_chain(read)])


def _report_chain(read: Read) -> pd.DataFrame:
    period, scope = "2013 (published)", "camelid chain"
    companies = read("report_eu_peru_2016/camelid_companies.csv")
    shares = companies.quantities("Share of exports", units=("pct",))
    chain = read("report_eu_peru_2016/camelid_chain.csv")
    figures = chain.quantities("Figure", units=("usd", "pen", "pct", None))
    in_dollars = (chain.text("Statement") == "Export volume") & (figures["unit"] == "usd")
    volume = chain.where(in_dollars, "no volume in dollars: the same in soles, or another measure")
    figures = figures[in_dollars]
    return stack(
        [
            frame(
                companies,
                period=period,
                scope=scope,
                breakdown="company",
                item=companies.text("Company"),
                share_printed_pct=shares["value"],
                bound=shares["bound"],
            ),
            frame(
                volume,
                period=period,
                scope=scope,
                breakdown="total",
                item="",
                value_usd=figures["value"],
                bound=figures["bound"],
            ),
        ]
    )
