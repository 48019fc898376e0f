"""Camelids: herds by species, department and source; alpaca fibre; what fibre is worth.

No full department table of any census is public. What there is are single figures — heads or
shares, some of them bounds — from a dozen publications, so every figure stays a row with its
``count_name`` (the census, projection or statement it belongs to), basis and source.
"""

from __future__ import annotations

import re

import pandas as pd

from ...core import places
from ...core.errors import DataError
from ...extract.readers import values
from ...extract.readers.table import RawTable
from . import Read, check_between, check_steps, frame, stack

REPORT = "report_eu_peru_2016"
PRESS = (
    "agraria_2014", "agraria_2025_cusco", "agraria_llama", "andina_2014", "andina_2022",
    "carpio_2017", "correo_ayacucho_llamas", "correo_puno_capital", "desco_2013",
    "desco_spar_2010", "diarioviral_arequipa", "efe_2025", "elcomercio_junin",
    "elcomercio_puno", "emcad_2015", "gestion_2014_cusco", "inei_1994_junin", "inei_1994_lima",
    "infobae_2025", "larepublica_2024", "latinanoticias_2025", "localnewswave_cusco",
    "losandes_vicuna", "perulactea_2019", "pymetv_2024", "space_statistics_2026", "virus_alpaca",
)  # fmt: skip
SPECIES = {
    "vicuna": "vicuna", "Vicuñas": "vicuna", "llama": "llama", "Llamas": "llama",
    "alpaca": "alpaca", "Alpacas": "alpaca", "guanaco": "guanaco",
    "alpaca_llama_auquenido": "alpaca and llama",
}  # fmt: skip
# Which count a published basis belongs to, and what kind of count that is.
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


MEASURES = (
    "population", "share of country", "share_of_department", "change_1994_2012",
    "fibre_production", "fibre_collected", "herd", "fibre_per_head_tui", "fibre_per_head_dam",
    "fibre_per_head_sire", "offtake_saca", "share_of_national_fibre",
)  # fmt: skip


def _count(basis: str) -> tuple[str, str]:
    return next((name, kind) for pattern, name, kind in COUNTS if re.search(pattern, basis))


def _figures(table: RawTable) -> dict[str, pd.Series]:
    """Return heads (whole numbers) and printed shares as two columns, from one of figures."""
    shares = table.quantities("Figure", units=(None, "pct"))
    is_share = shares["unit"] == "pct"
    for row, value in shares["value"].mask(is_share).dropna().items():
        if value != int(value):
            raise table.error(row, "Figure", f"{value:g} heads: expected a whole number")
    return {
        "heads": shares["value"].mask(is_share),
        "share_printed_pct": shares["value"].where(is_share),
        "bound": shares["bound"],
    }


def _is_herd(table: RawTable) -> pd.Series:
    """Return which rows are a herd of whole departments in a known year."""
    measure = table.choice("Measure", {one: one for one in MEASURES})
    place, year = table.text("Place"), table.text("Year")
    return measure.isin(["population", "share of country"]) & (place == "") & (year != "")


def herds(read: Read) -> pd.DataFrame:
    """Return herds by species, year, department (or joint departments), count and source."""
    report = read(f"{REPORT}/camelid_herds.csv")
    parts = [
        frame(
            report,
            species=report.choice("Species", SPECIES),
            year=report.years("Year"),
            ubigeo=report.parse("Place", places.resolve_all),
            basis=report.text("Attributed to"),
            **_figures(report),
        )
    ]
    for source in PRESS:
        whole = read(f"{source}/camelids.csv")
        table = whole.select(_is_herd(whole))
        if len(table.frame):
            parts.append(
                frame(
                    table,
                    species=table.choice("Species", SPECIES),
                    year=table.years("Year"),
                    ubigeo=table.parse("Department", places.resolve_all),
                    basis=table.text("Basis"),
                    **_figures(table),
                )
            )
    out = stack(parts)
    check_herds(out)
    counts = out["basis"].map(_count)
    out.insert(2, "count_name", counts.str[0])
    out.insert(3, "count_kind", counts.str[1])
    return out


def check_herds(out: pd.DataFrame) -> None:
    """Refuse part of an animal, or a department with more than any national figure has."""
    for row in out.index[out["heads"].notna() & (out["heads"] % 1 != 0)]:
        raise DataError(f"{out.at[row, 'origin']}: {out.at[row, 'heads']:.15g} heads: expected a "
                        "whole number")  # fmt: skip
    most = out[out["ubigeo"] == places.COUNTRY].groupby("species")["heads"].max()
    ratio = out["heads"] / out["species"].map(most)
    check_between(ratio, 0, 1, "the herd over the largest national figure", out["origin"])


def statements(read: Read) -> pd.DataFrame:
    """Return figures that are no herd of whole departments in a known year, as stated."""
    parts = []
    for source in PRESS:
        whole = read(f"{source}/camelids.csv")
        table = whole.select(~_is_herd(whole))
        if not len(table.frame):
            continue
        figures = table.quantities("Figure", units=(None, "pct"))
        parts.append(
            frame(
                table,
                species=table.choice("Species", SPECIES),
                measure=table.text("Measure"),
                year=table.counts("Year"),
                date_evidence=table.text("Date evidence"),
                ubigeo=table.parse("Department", places.resolve_all),
                place=table.text("Place"),
                value=figures["value"],
                unit=table.text("Unit"),
                bound=figures["bound"],
                attributed_to=table.text("Basis"),
            )
        )
    return stack(parts)


def alpaca_national(read: Read) -> pd.DataFrame:
    """Return Peru's alpaca herd (heads) and fibre (t) by year."""
    table = read("edwarmelo_2026/alpaca_national.csv")
    out = frame(
        table,
        year=table.years("year"),
        fibre_t=table.numbers("alpaca_fibre_t"),
        heads=(1e6 * table.numbers("alpaca_population_million_head")).round(),
    )
    check_steps(out["heads"], 1.25, "the herd", out["origin"])
    check_steps(out["fibre_t"], 1.5, "the fibre", out["origin"])
    per_head = 1000 * out["fibre_t"] / out["heads"]
    check_between(per_head, 0.3, 3, "kg of fibre per head", out["origin"])
    return out


def fibre_quality(read: Read) -> pd.DataFrame:
    """Return fineness (µm), top price and use of animal fibres, as the report prints them."""
    table = read(f"{REPORT}/fibre_characteristics.csv")
    ends = table.parse("Fineness (microns)", values.interval)
    return frame(
        table,
        fibre_name=table.text("Fiber"),
        fineness_low_um=ends.str[0].astype("float64"),
        fineness_high_um=ends.str[1].astype("float64"),
        top_price_usd_per_kg=table.numbers("Top price (US$/kg)"),
        textile_use=table.text("Use in textiles"),
    )


def fibre_yield(read: Read) -> pd.DataFrame:
    """Return alpaca fibre a year of small and large producers, as printed (lb) and in kg."""
    table = read(f"{REPORT}/fibre_yield.csv")
    pounds = table.quantities("Yield", units=("lb_per_year",))["value"]
    return frame(
        table,
        producers=table.text("Producers"),
        fibre_yield_lb_per_year=pounds,
        fibre_yield_kg_per_year=pounds * values.KG_PER_LB,
    )
