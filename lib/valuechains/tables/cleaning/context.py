"""What the report's chapter 5 says of Peru, Cusco and Puno: every figure, a row each."""

from __future__ import annotations

import pandas as pd

from ...core import places
from ...core.errors import DataError
from . import Read, check_between, frame, stack

REPORT = "report_eu_peru_2016"
UNITS = {
    "pct": "pct", "pen": "PEN", "persons": "persons", "place": "place", "places": "places",
    "countries": "countries", "zones": "zones", "actors": "actors",
}  # fmt: skip


def report(read: Read) -> pd.DataFrame:
    """Return every figure of the report's chapter 5, in the unit of its row.

    Export destinations are named there without a figure: their value is missing.
    """
    table = read(f"{REPORT}/context.csv")
    figures = table.quantities("Figure", units=(None, "pct", "pen"))
    unit = table.choice("Unit", UNITS)
    wrong = (figures["unit"] == "pct") & (unit != "pct")
    if wrong.any():
        raise table.error(
            wrong.idxmax(), "Figure", f"a share, but its unit is {unit[wrong].iloc[0]}"
        )
    parts = [
        frame(
            table,
            section=table.text("Section"),
            ubigeo=table.departments("Region"),
            year=table.counts("Year"),
            topic=table.text("Topic"),
            item=table.text("Item"),
            value=figures["value"],
            unit=unit,
            bound=figures["bound"],
            date_evidence=table.text("Dated"),
            attributed_to=table.text("Attributed to"),
        )
    ]
    basics = read(f"{REPORT}/regions.csv")
    code = basics.departments("Region")
    for topic, column, unit, with_year in (
        ("area", "Area (km2)", "km2", False),
        ("population", "Population", "persons", True),
        ("divisions", "Provinces", "provinces", False),
        ("divisions", "Districts", "districts", False),
    ):
        parts.append(
            frame(
                basics,
                section=code.map({"08": "5.2", "21": "5.3"}),
                ubigeo=code,
                year=basics.counts("Population year") if with_year else pd.NA,
                topic=topic,
                item=column.split(" (")[0].lower(),
                value=basics.counts(column).astype("float64"),
                unit=unit,
                bound="exact",
            )
        )
    out = stack(parts)
    shares = out[(out["unit"] == "pct") & out["value"].notna()]
    check_between(shares["value"], 0, 100, "a share", shares["origin"])
    for topic, whole in (("territory by zone", True), ("GDP by sector", False),
                         ("labour by sector", False), ("people by province", False)):  # fmt: skip
        for one, part in shares[shares["topic"] == topic].groupby("ubigeo")["value"]:
            total = part.sum()
            if total > 100.05 or (whole and total < 99.95):
                raise DataError(
                    f"{table.file}: {topic} of {places.name(one)} adds up to {total:g} %"
                )
    return out
