"""Programmes and agencies: when, where, in what sectors, and the numbers stated of them.

Four documents, one folder each. What a document states of several projects together, or of the
country, keeps its own name among the programmes and says so in ``concerns``.
"""

from __future__ import annotations

import pandas as pd

from ...core.errors import DataError
from ...core.places import resolve_all
from ...extract.readers.table import RawTable
from . import Read, check_between, frame, stack

# In the order in which they began, as far as that is known.
DOCUMENTS = ("ifad_massler_2004", "sdgf_creative_peru", "bop_creative_peru", "rimisp_2022")
GROUP, CONTEXT = "IFAD projects", "context"
UNITS = (
    "agencies", "axes", "brands", "communities", "departments", "goals", "households",
    "initiatives", "consortiums", "km2", "objectives", "ordinances", "organisations", "pct", "pen",
    "persons", "projects", "provinces", "rank", "sectors", "share", "studies", "thirds", "times",
    "units", "universities", "usd", "ventures", "workshops", "years", "zones",
)  # fmt: skip
# Of one programme the first can't be more than the second.
PARTS = (
    ("contribution of farmer organisations", "services hired"),
    ("communities with impact", "communities reached"),
    ("households with impact", "households reached"),
    ("households turned to the market", "households with impact"),
    ("initiatives at national fairs", "initiatives financed"),
    ("funds administered by farmers", "financial volume"),
    ("agencies of the project", "agencies created"),
)


def _years(table: RawTable, column: str) -> pd.DataFrame:
    found = table.quantities(column)
    for row, year in found["value"].dropna().items():
        if year != int(year) or not 1980 <= year <= 2030:
            raise table.error(row, column, f"{year:g} is not a year between 1980 and 2030")
    return found


def programmes(read: Read) -> pd.DataFrame:
    """Return one row a programme: names, who funds and runs it, first and last year, state."""
    parts = []
    for document in DOCUMENTS:
        table = read(f"{document}/programmes.csv")
        first, last = _years(table, "First year"), _years(table, "Last year")
        parts.append(
            frame(
                table,
                programme=table.text("Programme"),
                full_name=table.text("Full name"),
                funded_by=table.text("Funded or commissioned by"),
                carried_out_by=table.text("Carried out by"),
                start_year=first["value"],
                start_bound=first["bound"].where(first["value"].notna()),
                start_evidence=table.text("First year, how known"),
                end_year=last["value"],
                end_bound=last["bound"].where(last["value"].notna()),
                end_evidence=table.text("Last year, how known"),
                state=table.text("State"),
                state_year=table.counts("State in"),
                section=table.text("Section"),
            )
        )
    out = stack(parts)
    check_between(
        out["end_year"] - out["start_year"], 0, 40, "the programme's length in years", out["origin"]
    )
    return out


def _known(out: pd.DataFrame, read: Read, also: tuple[str, ...] = ()) -> pd.DataFrame:
    known = {*also}
    for document in DOCUMENTS:
        known |= set(read(f"{document}/programmes.csv").text("Programme"))
    wrong = ~out["programme"].isin(known)
    if wrong.any():
        row = out[wrong].iloc[0]
        raise DataError(f"{row['origin']}: {row['programme']!r} is no programme of the documents")
    return out


def places(read: Read) -> pd.DataFrame:
    """Return the departments that a document names for a programme, whole or in part."""
    parts = []
    for document in DOCUMENTS:
        table = read(f"{document}/programme_places.csv")
        parts.append(
            frame(
                table,
                programme=table.text("Programme"),
                ubigeo=table.departments("Department"),
                extent=table.choice("Extent", {"whole": "whole", "part": "part"}),
                coverage=table.text("Coverage"),
                section=table.text("Section"),
            )
        )
    return _known(stack(parts), read)


def lists(read: Read) -> pd.DataFrame:
    """Return what the documents list for a programme: its sectors, studies, fairs."""
    parts = []
    for document in DOCUMENTS:
        table = read(f"{document}/programme_sectors.csv")
        parts.append(
            frame(
                table,
                programme=table.text("Programme"),
                list_name="sectors",
                item=table.text("Sector"),
                section=table.text("Section"),
            )
        )
    table = read("sdgf_creative_peru/programme_lists.csv")
    parts.append(
        frame(
            table,
            programme=table.text("Programme"),
            list_name=table.text("List"),
            item=table.text("Item"),
            section=table.text("Section"),
        )
    )
    return _known(stack(parts), read)


def outputs(read: Read) -> pd.DataFrame:
    """Return the numbers of reach, means and results: of a programme, the four, their context."""
    parts = []
    for document in DOCUMENTS:
        table = read(f"{document}/programme_outputs.csv")
        figures = table.quantities("Figure")
        named = table.text("Programme")
        parts.append(
            frame(
                table,
                programme=named,
                concerns=named.map({GROUP: "group", CONTEXT: "context"}).fillna("programme"),
                measure=table.text("Measure"),
                value=figures["value"],
                unit=table.choice("Unit", {one: one for one in UNITS}),
                bound=figures["bound"],
                ubigeo=table.parse("Department", lambda text: resolve_all(text or "Peru")),
                period=table.text("Period"),
                section=table.text("Section"),
            ).assign(
                ubigeo=lambda rows, table=table: rows["ubigeo"].where(
                    table.text("Department") != ""
                )
            )
        )
    out = _known(stack(parts), read, (GROUP, CONTEXT))
    if (missing := out["value"].isna()).any():
        raise DataError(f"{out.loc[missing.idxmax(), 'origin']}: no figure")
    check_between(out["value"].where(out["unit"] == "pct"), 0, 100, "the percentage", out["origin"])
    values = out.groupby(["programme", "measure"])["value"].max().unstack()
    origins = out.groupby("programme")["origin"].first()
    for part, whole in PARTS:
        check_between(values[part] / values[whole], 0, 1, f"{part} over {whole}", origins)
    return out
