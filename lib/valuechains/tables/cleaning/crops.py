"""Crops: what each is called, output by department, and coffee by district.

The value at 2007 prices is production times one national price a crop; that makes every printed
production checkable against its value.
"""

from __future__ import annotations

import pandas as pd

from ...core import places
from ...core.errors import DataError
from ...extract.readers.table import RawTable
from . import Read, check_between, check_parts, frame

NAMES = "project_names/crops.csv"
OUTPUT = "midagri_seia_bd_2024/crop_output_by_department_2023.csv"
DISTRICTS = "midagri_seia_bd_2024/coffee_by_district_2023.csv"
COFFEE = "coffee"
# Lower case inside a name: "Valle de los Rios Apurimac".
SMALL_WORDS = ("de", "del", "el", "la", "las", "los", "y")


def names(read: Read) -> pd.DataFrame:
    """Return one row a crop: key, published name, Spanish and English name, group."""
    table = read(NAMES)
    return frame(
        table,
        crop=table.text("crop"),
        published_name=table.text("published_name"),
        crop_name_es=table.text("name_es"),
        crop_name_en=table.text("name_en"),
        crop_group=table.text("group"),
    )


def _amounts(table: RawTable) -> dict[str, pd.Series]:
    return {
        "production_t": table.numbers("Production (t)"),
        "gross_value_thousand_pen": table.numbers("Gross value (thousand soles)"),
        "gross_value_2007_thousand_pen": table.numbers(
            "Gross value at 2007 prices (thousand soles)"
        ),
    }


def _departments(table: RawTable, code: pd.Series, named: pd.Series) -> pd.Series:
    for row, (mine, other) in enumerate(zip(code, named, strict=True), start=2):
        if mine != other:
            raise table.error(row, "Code", f"{mine} is not the code of {places.name(other)}")
    return code


def output(read: Read) -> pd.DataFrame:
    """Return production and gross value by department, year and crop."""
    known = names(read).set_index("published_name")["crop"].to_dict()
    table = read(OUTPUT)
    out = frame(
        table,
        ubigeo=_departments(table, table.text("Code"), table.departments("Department")),
        year=table.years("Year"),
        crop=table.choice("Crop", known),
        **_amounts(table),
    )
    if unused := set(known.values()) - set(out["crop"]):
        raise DataError(f"data/raw/{NAMES}: no department grows {', '.join(sorted(unused))}")
    _check_prices(out)
    return out


def _check_prices(out: pd.DataFrame) -> None:
    """Check soles per kilogram, and each production against its value at the price of 2007.

    Farm prices of one crop differ between departments up to tenfold either way, more only where
    a few tonnes are grown.
    """
    price = out["gross_value_thousand_pen"] / out["production_t"]
    check_between(price, 0.02, 50, "the value of a kilogram (soles)", out["origin"])
    by_crop = out.groupby("crop")
    country = by_crop["gross_value_thousand_pen"].sum() / by_crop["production_t"].sum()
    ratio = (price / out["crop"].map(country)).where(out["production_t"] > 100)
    check_between(ratio, 0.1, 10, "the value of a kilogram over the country's", out["origin"])
    constant = out["gross_value_2007_thousand_pen"] / out["production_t"]
    check_between(
        constant / constant.groupby(out["crop"]).transform("median"), 0.999, 1.001,
        "the price of 2007 over the crop's", out["origin"],
    )  # fmt: skip


def coffee_district(read: Read) -> pd.DataFrame:
    """Return coffee (parchment) by district; the districts add up to their department."""
    table = read(DISTRICTS)
    district, department = table.text("District code"), table.text("Code")
    out = frame(
        table,
        ubigeo_district=district,
        ubigeo=_departments(table, department, district.str[:2]),
        year=table.years("Year"),
        province_name=table.text("Province").map(_capitalised),
        district_name=table.text("District").map(_capitalised),
        **_amounts(table),
    )
    whole = output(read).query("crop == @COFFEE").set_index("ubigeo")
    if set(whole.index) != set(out["ubigeo"]):
        missing = set(whole.index) ^ set(out["ubigeo"])
        raise DataError(f"{table.file}: coffee by district and by department differ in "
                        f"{places.listing(missing)}")  # fmt: skip
    for code, parts in out.groupby("ubigeo"):
        for column in _amounts(table):
            check_parts(
                parts[column], whole.at[code, column],
                f"the coffee of {places.name(code)} ({column})", origin=table.file,
            )  # fmt: skip
    return out


def _capitalised(name: str) -> str:
    """Return a name printed in capitals as a name ("SAN JUAN DEL ORO" → "San Juan del Oro")."""
    first, *rest = name.title().split()
    return " ".join([first, *(w.lower() if w.lower() in SMALL_WORDS else w for w in rest)])
