"""Departments compared: human development, income, poverty, value added, land.

Poverty by department is published in groups: a row says whether its figure is the interval of a
group or the middle of one; neither is a rate of the department. Value added comes in several
price bases, which the rows name and which are never joined.
"""

from __future__ import annotations

import pandas as pd

from ...core import places
from ...core.errors import DataError
from ...extract.readers.table import RawTable
from . import Read, check_between, check_parts, frame, stack

COUNTRY = places.COUNTRY
# Parts of a department, and areas of two, that sources name as if they were departments.
AREAS = {
    "Provincia de Lima": "15", "Región Lima": "15", "Área Lima Metropolitana": "07+15",
}  # fmt: skip


def _codes(table: RawTable, column: str) -> pd.Series:
    return table.parse(column, lambda text: AREAS.get(text) or places.resolve_all(text))


def _places(table: RawTable, column: str) -> pd.Series:
    """Return the names that are no whole department."""
    names = table.text(column)
    return names.where(names.isin(list(AREAS)), "")


def _check_near_median(out: pd.DataFrame, bounds: dict[str, tuple[float, float]]) -> None:
    """Check each figure against the median of its department's years."""
    for column, (low, high) in bounds.items():
        ratio = out[column] / out.groupby("ubigeo")[column].transform("median")
        check_between(ratio, low, high, f"{column} over the department's median", out["origin"])


def _check_complete(codes: pd.Series, what: str) -> None:
    if missing := set(places.codes()) - set(codes):
        raise DataError(f"{what}: nothing for {places.listing(missing)}")


def development(read: Read) -> pd.DataFrame:
    """Return the human development index and, for UNDP's series, the figures that it is made of."""
    series = read("pnud_idh/human_development.csv")
    later = read("jmcastagnetto_2022/human_development.csv")
    parts = [
        frame(
            series,
            ubigeo=series.departments("Department"),
            year=series.years("Year"),
            hdi_0_1=series.numbers("HDI", high=1),
            life_expectancy_years=series.numbers("Life expectancy (years)"),
            secondary_completion_pct=series.numbers("Secondary education completed (%)", high=100),
            schooling_years=series.numbers("Schooling (years)"),
            family_income_pen_per_month=series.numbers("Family income per head (S/ per month)"),
        ),
        frame(
            later,
            ubigeo=later.departments("Department"),
            year=later.years("Year"),
            hdi_0_1=later.numbers("HDI", high=1),
        ),
    ]
    out = stack(parts)
    for year, group in out.groupby("year"):
        _check_complete(group["ubigeo"], f"human development {year}")
    _check_near_median(
        out,
        {
            "hdi_0_1": (0.5, 1.5),
            "life_expectancy_years": (0.8, 1.15),
            "secondary_completion_pct": (0.5, 1.5),
            "schooling_years": (0.7, 1.2),
            "family_income_pen_per_month": (0.3, 1.6),
        },
    )
    return out


def social(read: Read) -> pd.DataFrame:
    """Return income, inequality, informality, work and schooling by department and year."""
    table = read("edutole_2024/social_indicators.csv")
    out = frame(
        table,
        ubigeo=table.departments("Department"),
        year=table.years("Year"),
        mean_income_pen_per_month=table.numbers("Mean income (S/ per month)"),
        gini_0_1=table.numbers("Gini", high=1),
        informal_share_0_1=table.numbers("Informality", high=1),
        unemployment_share_0_1=table.numbers("Unemployment", high=1),
        illiteracy_share_0_1=table.numbers("Illiteracy", high=1),
        schooling_years=table.numbers("Schooling (years)"),
        urban_share_0_1=table.numbers("Urban", high=1),
        gdp_growth_ratio=table.numbers("GDP growth", low=-0.5, high=2),
    )
    for year, group in out.groupby("year"):
        _check_complete(group["ubigeo"], f"social indicators {year}")
    _check_near_median(
        out,
        {
            "mean_income_pen_per_month": (0.5, 1.6),
            "gini_0_1": (0.75, 1.35),
            "informal_share_0_1": (0.8, 1.25),
            "unemployment_share_0_1": (0.2, 2.6),
            "illiteracy_share_0_1": (0.25, 2.2),
            "schooling_years": (0.8, 1.2),
            "urban_share_0_1": (0.75, 1.25),
        },
    )
    return out


def poverty(read: Read) -> pd.DataFrame:
    """Return poverty as published by groups of departments: intervals, or the middle of one."""
    middles = read("jmcastagnetto_2022/poverty.csv")
    intervals = read("inei_callao_2023/extreme_poverty.csv")
    parts = [
        frame(
            middles,
            ubigeo=middles.departments("Department"),
            place="",
            year=middles.years("Year"),
            measure=measure,
            figure_kind="group midpoint",
            poverty_midpoint_pct=middles.numbers(f"{measure.capitalize()} poverty (%)", high=100),
        )
        for measure in ("total", "extreme")
    ]
    total, extreme = (part["poverty_midpoint_pct"] for part in parts)
    check_between(extreme / total, 0, 1, "extreme over total poverty", parts[1]["origin"])
    low, high = (intervals.numbers(f"{end} (%)", high=100) for end in ("Low", "High"))
    parts.append(
        frame(
            intervals,
            ubigeo=_codes(intervals, "Area"),
            place=_places(intervals, "Area"),
            year=intervals.years("Year"),
            measure="extreme",
            figure_kind="group interval",
            poverty_group=intervals.counts("Group"),
            poverty_low_pct=low,
            poverty_high_pct=high,
        )
    )
    groups = parts[-1].groupby(["year", "poverty_group"])[["poverty_low_pct", "poverty_high_pct"]]
    for keys, ends in groups:
        if len(ends.drop_duplicates()) > 1:
            raise DataError(f"{intervals.file}: group {keys[1]} of {keys[0]} has two intervals")
    ordered = groups.first().reset_index().groupby("year")
    if (ordered["poverty_low_pct"].diff().gt(0) | ordered["poverty_high_pct"].diff().gt(0)).any():
        raise DataError(f"{intervals.file}: groups do not run from the poorest to the least poor")
    out = stack(parts)
    _check_ends(out)
    for (year, measure), group in out.groupby(["year", "measure"]):
        _check_complete(group["ubigeo"], f"{measure} poverty {year}")
    return out


def _check_ends(out: pd.DataFrame) -> None:
    width = out["poverty_high_pct"] - out["poverty_low_pct"]
    check_between(width, 0, 60, "the width of an interval", out["origin"])


def poverty_districts(read: Read) -> pd.DataFrame:
    """Return the interval of monetary poverty of each district, its middle, and its people."""
    table = read("perupobreza2018/poverty_districts.csv")
    code = table.text("UBIGEO")
    ubigeo = code.str[:2]
    for row, named in table.departments("Department").items():
        if named != ubigeo[row]:
            raise table.error(row, "UBIGEO", f"{code[row]} is not in {places.name(named)}")
    out = frame(
        table,
        ubigeo_district=code,
        ubigeo=ubigeo,
        province_name=table.text("Province"),
        district_name=table.text("District"),
        year=2018,
        poverty_low_pct=table.numbers("Low (%)", high=100),
        poverty_midpoint_pct=table.numbers("Middle (%)", high=100),
        poverty_high_pct=table.numbers("High (%)", high=100),
        population_persons=table.counts("Population 2020"),
    )
    _check_ends(out)
    middle = (out["poverty_low_pct"] + out["poverty_high_pct"]) / 2
    off = middle - out["poverty_midpoint_pct"]
    check_between(off, -0.051, 0.051, "the middle less the printed middle", out["origin"])
    people = read("inei_shp_2017/population.csv")
    projected = people.select(people.text("Year") == "2020")
    expected = pd.Series(
        list(projected.counts("Population")), list(projected.departments("Department"))
    )
    for one, part in out.groupby("ubigeo")["population_persons"]:
        check_parts(part, expected[one], f"the people of {places.name(one)}", 0, table.file)
    return out


def economy(read: Read) -> pd.DataFrame:
    """Return value added, GDP and growth of departments: each measure in its own price basis."""
    parts = []

    def add(name: str, place: str, column: str, low: float = 0, **about: object) -> pd.DataFrame:
        table = read(name)
        part = frame(
            table,
            ubigeo=_codes(table, place),
            place=_places(table, place),
            year=table.years("Year"),
            value=table.numbers(column, low=low),
            **about,
        )
        parts.append(part)
        return part

    made = add(
        "inei_pbi_act04/manufacturing.csv", "Department", "Value added (thousand soles of 2007)",
        measure="value added", activity="manufacturing", price_basis="2007",
        unit="thousand PEN",
    )  # fmt: skip
    ratio = made["value"] / made.groupby("ubigeo")["value"].transform("median")
    check_between(ratio, 0.3, 3, "value added over the department's median", made["origin"])
    for name, activity, low in (
        ("inei_9_48/mining.csv", "mining", 0.05),
        ("inei_9_60/trade_hotels.csv", "trade, restaurants and hotels", 0.85),
    ):
        old = add(
            name, "Department", "Value added (current soles)", measure="value added",
            activity=activity, price_basis="current", unit="PEN",
        )  # fmt: skip
        _check_shares(old, low)
    head = {"measure": "GDP per head", "activity": "all", "price_basis": "current"}
    wiki = "wikipedia_es_pib/gdp_per_capita.csv"
    pen = add(wiki, "Area", "GDP per head (S/)", unit="PEN", **head)
    usd = add(wiki, "Area", "GDP per head (US$)", unit="USD", **head)
    share = add(wiki, "Area", "Share of national (%)", unit="pct of Peru", **head)
    check_between(pen["value"] / usd["value"], 3.7, 3.75, "soles per dollar", pen["origin"])
    national = 100 * pen["value"] / share["value"]
    check_between(
        national / national.median(), 0.999, 1.001, "the implied GDP per head of Peru over that "
        "of the other areas", pen["origin"],
    )  # fmt: skip
    add(
        "inei_pbi_2015/growth.csv", "Department", "Growth (%)", low=-50, measure="growth",
        activity="all", price_basis="2007", unit="pct",
    )  # fmt: skip
    parts += _puno(read("inei_puno_pbi/gdp.csv"))
    return stack(parts)


def _check_shares(old: pd.DataFrame, low: float) -> None:
    """Check that departments stay below the country, and near their own share of other years."""
    country = old[old["ubigeo"] == COUNTRY].set_index("year")["value"]
    local = old[old["ubigeo"] != COUNTRY]
    share = local["value"] / local["year"].map(country)
    near = share / share.groupby(local["ubigeo"]).transform("median")
    check_between(near, 0.1, 7, "the share of Peru over the department's median", local["origin"])
    for year, total in share.groupby(local["year"]).sum().items():
        if not low <= total <= 1:
            file = local["origin"].iloc[0].rpartition(":")[0]
            raise DataError(f"{file}: departments have {total:.3f} of Peru in {year}")


def _puno(table: RawTable) -> list[pd.DataFrame]:
    both = [
        frame(
            table,
            ubigeo=code,
            place="",
            year=table.years("Year"),
            measure="GDP",
            activity="all",
            price_basis="1979",
            value=table.numbers(f"GDP of {name}"),
            unit="as printed, unit not clear",
        )
        for code, name in ((COUNTRY, "Peru"), ("21", "Puno"))
    ]
    share = both[1]["value"] / both[0]["value"]
    check_between(share, 0.015, 0.03, "Puno's share of Peru", both[1]["origin"])
    return both


def land(read: Read) -> pd.DataFrame:
    """Return agricultural area, producers, and urban and rural people of the departments."""
    area = read("midagri_seia_bd_2024/agricultural_area.csv")
    farms = read("midagri_seia_bd_2024/producers.csv")
    people = read("inei_shp_2017/urban_rural.csv")
    counted = read("inei_shp_2017/population.csv")
    parts = [
        frame(
            area,
            ubigeo=area.departments("Department"),
            year=area.years("Year"),
            agricultural_area_ha=area.numbers("Agricultural area (ha)"),
            territorial_area_ha=area.numbers("Territorial area (ha)"),
        ),
        frame(
            farms,
            ubigeo=farms.departments("Department"),
            year=farms.years("Year"),
            producers_n=farms.counts("Producers"),
        ),
        frame(
            people,
            ubigeo=people.departments("Department"),
            year=people.years("Year"),
            urban_population_persons=people.counts("Urban population"),
            rural_population_persons=people.counts("Rural population"),
        ),
    ]
    for part, columns in zip(
        parts[:2], (["agricultural_area_ha", "territorial_area_ha"], ["producers_n"]), strict=True
    ):
        by_code = part.set_index("ubigeo")[columns].astype("float64")
        for column in columns:
            check_parts(
                by_code[column].drop(COUNTRY), by_code.loc[COUNTRY, column], column, 1e-7,
                part["origin"].iloc[-1],
            )  # fmt: skip
    share = parts[0]["agricultural_area_ha"] / parts[0]["territorial_area_ha"]
    check_between(share, 0, 0.6, "agricultural over territorial area", parts[0]["origin"])
    total = counted.select(counted.text("Year") == "2017")
    census = pd.Series(list(total.counts("Population")), list(total.departments("Department")))
    both = parts[2]["urban_population_persons"] + parts[2]["rural_population_persons"]
    off = both - parts[2]["ubigeo"].map(census)
    check_between(off, -1, 1, "urban and rural less all people", parts[2]["origin"])
    out = stack(parts)
    for column in ("agricultural_area_ha", "producers_n", "urban_population_persons"):
        _check_complete(out.loc[out[column].notna(), "ubigeo"], column)
    return out
