"""``data/processed`` from ``data/raw``: the files, what corrections do to them, what changed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from pathlib import Path

import pandas as pd

from ..core.errors import DataError
from ..core.paths import PROCESSED, RAW
from ..extract import sources
from . import boundaries, check, schema
from .cleaning import (
    camelids,
    claims,
    coffee,
    competitiveness,
    context,
    crops,
    economies,
    prices,
    profiles,
    programmes,
    tidy,
    trade,
)

CLEANERS = {
    "departments": profiles.departments,
    "department_area": profiles.area,
    "department_population": profiles.population,
    "department_divisions": profiles.divisions,
    "department_development": economies.development,
    "department_social": economies.social,
    "department_poverty": economies.poverty,
    "district_poverty": economies.poverty_districts,
    "department_economy": economies.economy,
    "department_land": economies.land,
    "report_statistics": context.report,
    "coffee_regional": coffee.regional,
    "coffee_national": coffee.national,
    "coffee_world_price": prices.world_price,
    "peru_prices": prices.prices,
    "coffee_ico": prices.ico,
    "coffee_trade": trade.coffee_trade,
    "coffee_trade_peru": trade.coffee_trade_peru,
    "camelid_herds": camelids.herds,
    "camelid_statements": camelids.statements,
    "alpaca_national": camelids.alpaca_national,
    "fibre_quality": camelids.fibre_quality,
    "fibre_yield": camelids.fibre_yield,
    "fibre_trade": trade.fibre_trade,
    "camelid_exports": trade.camelid_exports,
    "programmes": programmes.programmes,
    "programme_places": programmes.places,
    "programme_lists": programmes.lists,
    "programme_outputs": programmes.outputs,
    "crops": crops.names,
    "crop_output": crops.output,
    "coffee_district": crops.coffee_district,
    "competitive_gaps": competitiveness.gaps,
    "gap_mechanisms": competitiveness.mechanisms,
    "areas_of_work": competitiveness.areas,
    "swot": competitiveness.swot,
    "chain_segments": competitiveness.segments,
    "chain_problems": competitiveness.problems,
    "problem_segments": competitiveness.problem_segments,
    "council_actors": competitiveness.councils,
    "roadmap": competitiveness.roadmap,
    "answers": competitiveness.answers,
    "answer_gaps": competitiveness.answer_gaps,
    "claims": claims.claims,
}
# Checks of a whole table, which rows of tables that nobody foresaw must pass too.
CHECKS = {"camelid_herds": camelids.check_herds}


def clean(name: str, ledger: sources.Ledger) -> pd.DataFrame:
    """Return a processed table: what its cleaning function makes, and what tidy files add.

    Raises
    ------
    DataError
    """
    try:
        made = CLEANERS[name](ledger)
        out = tidy.add(ledger, name, made, schema())
        if len(out) > len(made) and name in CHECKS:
            CHECKS[name](out)
        return check(name, out)
    except (LookupError, TypeError, ValueError) as problem:
        if isinstance(problem, DataError):
            raise
        # What no check foresaw still ends in one line that says where to look.
        last = ledger.tables[-1].file if ledger.tables else "data/raw"
        raise DataError(
            f"table {name}, near {last}: {type(problem).__name__}: {problem}"
        ) from problem


def make(raw: Path = RAW) -> dict[str, bytes]:
    """Return every file of ``data/processed`` as bytes, made from the raw files.

    Nothing is written: a refusal leaves what was there.
    """
    ledger = sources.Ledger(raw)
    tidy.check_tables(ledger, CLEANERS)
    made = {name: clean(name, ledger) for name in CLEANERS}
    layers = boundaries.make(ledger, made)
    kept, rejected = ledger.account(made)
    catalogue = sources.catalogue(raw)
    for name in CLEANERS:
        _refuse_future(made[name], catalogue)
    made["sources"] = check("sources", catalogue)
    made["source_names"] = check("source_names", sources.names(catalogue))
    made["cleaning_report"] = check("cleaning_report", kept)
    made["rejected_rows"] = check("rejected_rows", rejected)
    made["corrections"] = check("corrections", _with_effects(ledger.repairs(), made, raw))
    files = {f"{name}.csv": _csv(frame) for name, frame in made.items()}
    files |= layers
    package = {
        "profile": "tabular-data-package",
        "name": "andean-value-chains",
        "title": "Peru's coffee and camelid value chains, by department",
        "resources": [_resource(name, made[name], files[f"{name}.csv"]) for name in made]
        + [_geo_resource(name, data) for name, data in files.items() if name.endswith(".geojson")],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    return files | {"datapackage.json": text.encode()}


def _refuse_future(table: pd.DataFrame, catalogue: pd.DataFrame) -> None:
    """Refuse a year that had not come yet when its file was entered."""
    if not {"year", "source"} <= set(table):
        return
    entered = catalogue["entered"].astype(str).str[:4].astype(int)
    known = table["source"].map(entered.groupby(catalogue["source"]).max())
    late = (table["year"] > known).fillna(False)
    if late.any():
        row = table[late].iloc[0]
        raise DataError(
            f"{row.get('origin', row['source'])}: the year {row['year']} had not come yet when the "
            f"file was entered, in {known[late].iloc[0]}"
        )


def _with_effects(repairs: pd.DataFrame, made: dict[str, pd.DataFrame], raw: Path) -> pd.DataFrame:
    """Return the corrections with what the processed tables would hold without each of them."""
    effects = {}
    declared = repairs[~repairs["action"].isin(["read", "flag"])]
    for file, number in declared[["file", "number"]].drop_duplicates().itertuples(index=False):
        told = []
        for name in CLEANERS:
            origins = made[name].get("origin", pd.Series(dtype=str))
            if origins.str.contains(f"{file}:", regex=False).any():
                told += _differences(name, made[name], raw, (file, int(number)))
        effects[file, number] = "; ".join(told)
    keys = zip(repairs["file"], repairs["number"], strict=True)
    return repairs.assign(effect=[effects.get(key, "none") for key in keys]).drop(columns="number")


def _differences(name: str, table: pd.DataFrame, raw: Path, without: tuple[str, int]) -> list[str]:
    """Return what a table holds with a correction and would hold without it, fact by fact."""
    try:
        other = clean(name, sources.Ledger(raw, without))
    except DataError as refusal:
        return [f"{name} would be refused: {refusal}"]
    key = schema()["tables"][name]["key"]
    values = [one for one in table if one not in (*key, "origin")]
    both = [
        one.melt(id_vars=key, value_vars=values).dropna(subset="value") for one in (other, table)
    ]
    facts = (
        both[0]
        .merge(both[1], how="outer", on=[*key, "variable"], suffixes=("_without", "_with"))
        .astype(object)
    )
    changed = facts[facts["value_without"].ne(facts["value_with"])].fillna("none")
    return [
        f"{name} {', '.join(str(row[part]) for part in (*key, 'variable'))}: "
        f"{row['value_without']} without it, {row['value_with']} with it"
        for _, row in changed.iterrows()
    ]


def _csv(frame: pd.DataFrame) -> bytes:
    # repr is the shortest text that reads back as the same float, on every platform.
    text = frame.copy()
    for column in text.select_dtypes("float64"):
        text[column] = [
            "" if pd.isna(x) else repr(int(x)) if x == int(x) else repr(x) for x in text[column]
        ]
    return text.to_csv(index=False, lineterminator="\n").encode()


def _resource(name: str, frame: pd.DataFrame, data: bytes) -> dict:
    spec, fields = schema()["tables"][name], schema()["fields"]
    described = []
    for column in spec["fields"]:
        field = fields[column]
        constraints = {
            key: field[key] for key in ("minimum", "maximum", "enum", "pattern") if key in field
        }
        described.append(
            {"name": column, "type": field["type"], "description": field["description"]}
            | ({"unit": field["unit"]} if "unit" in field else {})
            | ({"constraints": constraints} if constraints else {})
        )
    resource = {
        "name": name,
        "title": spec["title"],
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "rows": len(frame),
        "schema": {"fields": described, "primaryKey": spec["key"], "missingValues": [""]},
    }
    if name in CLEANERS:
        resource["sources"] = [{"title": key} for key in sorted(set(frame["source"]))]
    return resource


def _geo_resource(name: str, data: bytes) -> dict:
    return {
        "name": name.removesuffix(".geojson"),
        "path": name,
        "format": "geojson",
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }


def changes(files: dict[str, bytes], folder: Path = PROCESSED) -> list[str]:
    """Return what would change in the tables there: rows that are new, gone or different."""
    lines = []
    for name in schema()["tables"]:
        path, data = folder / f"{name}.csv", files.get(f"{name}.csv", b"")
        if not path.is_file() or path.read_bytes() == data:
            continue
        key = schema()["tables"][name]["key"]
        old, new = (
            pd.read_csv(one, dtype=str, keep_default_na=False) for one in (path, io.BytesIO(data))
        )
        if not set(key) <= set(old) & set(new):
            continue  # its key is another one now
        rows = [{tuple(row[key]): tuple(row) for _, row in one.iterrows()} for one in (old, new)]
        both = rows[0].keys() & rows[1].keys()
        counts = {
            "new": len(rows[1]) - len(both),
            "gone": len(rows[0]) - len(both),
            "different": sum(rows[0][one] != rows[1][one] for one in both),
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        lines.append(f"{name}: {told or 'other columns'}")
    return lines


def write(files: dict[str, bytes], folder: Path = PROCESSED) -> list[str]:
    """Write files that differ from what is there, each in one step; remove what is not made."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, data in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == data:
            continue
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        changed.append(name)
    for path in (*folder.glob("*.csv"), *folder.glob("*.geojson")):
        if path.name not in files:
            path.unlink()
            changed.append(path.name)
    return changed
