"""``data/processed`` from ``data/raw``: what the declarations make of the files, what changed."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from ..core.declared import checked
from ..core.errors import DataError, there_are
from ..core.paths import PROCESSED, RAW
from ..extract import sidecar
from ..extract.ledger import Ledger
from ..extract.raw import RawTable
from . import ACCOUNTS, DECLARED, boundaries, checks, hooks, schema
from .checks import check
from .fill import Filler, beside, check_mapping, in_one_file, merged, selected, summed, year_by_year
from .model import NUMERIC, Making, Source, makings
from .refuse import Data, refuse

TEMPORARY = ".new-"  # begins the name of a file that is being written; git ignores it


class Build:
    """Makes processed tables from the raw files that a ledger reads, each once.

    >>> Build(Ledger()).table("fibre_yield")["fibre_yield_lb_per_year"].tolist()
    [5.0, 3.5]
    """

    def __init__(self, ledger: Ledger, folder: Path = DECLARED) -> None:
        self.ledger, self.folder = ledger, folder
        self.tables, self.fields = schema(folder)["tables"], schema(folder)["fields"]
        self.makings = makings(folder)
        self.made: dict[str, pd.DataFrame] = {}
        for table in ledger.every("tidy"):
            wanted = ledger.sidecars[table.path].table
            if wanted not in self.makings:
                known = there_are(wanted, self.makings)
                raise DataError(f"{table.file}{sidecar.SUFFIX}: table {wanted!r}{known}")

    def table(self, name: str) -> pd.DataFrame:
        """Return a processed table, made and checked; those that it speaks of are made first."""
        if name not in self.made:
            for other in sorted(_tables_in(self.makings[name].model_dump()) - {name}):
                self.table(other)
            self.made[name] = self._made(name)
        return self.made[name]

    def _made(self, name: str) -> pd.DataFrame:
        try:
            table = check(name, self._rows(name), schema(self.folder))
            self._refuse_future(table)
            return table
        except (LookupError, TypeError, ValueError) as problem:
            if isinstance(problem, DataError):
                raise
            # What no check foresaw still ends in one line that says where to look.
            last = self.ledger.tables[-1].file if self.ledger.tables else "data/raw"
            raise DataError(
                f"table {name}, near {last}: {type(problem).__name__}: {problem}"
            ) from problem

    def _refuse_future(self, table: pd.DataFrame) -> None:
        """Refuse a year that had not come yet when its file was entered."""
        if not {"year", "source"} <= set(table):
            return
        sidecars = sorted(self.ledger.sidecars.items(), key=lambda item: item[1].entered)
        entered = {path.parent.name: beside.entered.year for path, beside in sidecars}
        rows = table.assign(entered=table["source"].map(entered))
        rows = rows[(rows["year"] > rows["entered"]).fillna(False)]
        refuse(rows, "the year {year} had not come yet when the file was entered, in {entered:g}")

    def _rows(self, name: str) -> pd.DataFrame:
        making, where = self.makings[name], f"declared/{name}.yml"
        parts = [
            self._filled(name, table, source, where)
            for source in making.sources
            for table in self._files(source)
            if len(table.frame)
        ]
        rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        if parts and making.merge is not None:
            # A printed year goes before a mean, in the order of the sources.
            rows = merged(rows.sort_values("year", kind="stable"), self.tables[name], making.merge)
        return self.with_tidy(name, rows, making)

    def _files(self, source: Source) -> Iterator[RawTable]:
        """Yield the raw files that a declared source names, with the rows that it takes."""
        tables = self.ledger.every(source.layout) if source.layout else []
        for name in source.file:  # as published goes before transcribed
            for file in self.ledger.matching(name) if "*" in name else [name]:
                tables.append(self.ledger.read(file, source.entries, source.header_rows))
        for table in tables:
            prepared = getattr(hooks, source.prepare)(table) if source.prepare else table
            yield selected(prepared, source)

    def _filled(self, name: str, table: RawTable, source: Source, where: str) -> pd.DataFrame:
        """Return the rows of one raw file in the fields of a table."""
        spec, fields = self.tables[name], self.fields
        check_mapping(source, spec, fields, where)
        filler = Filler(spec, fields, where, self.made, is_declared=where.startswith("declared/"))
        rows = filler.fill(year_by_year(table) if source.years_across else table, source)
        if source.long:
            rows = merged(rows.sort_index(kind="stable"), spec, None)
        if source.summed:
            rows = summed(rows, table, source, spec, fields)
        if source.summed or source.years_across:
            rows["origin"] = rows["origin"].map(in_one_file)
        if source.beside:
            others = filler.fill(self.ledger.read(source.beside.file), source.beside)
            rows = beside(rows, others, source.beside.partial)
        return rows

    def with_tidy(self, name: str, rows: pd.DataFrame, making: Making) -> pd.DataFrame:
        """Return the rows of a table with those of tidy files below, all of them checked."""
        parts = self._tidy(name)
        out = pd.concat([rows, *parts], ignore_index=True)
        if out.empty:
            raise DataError(f"table {name}: no row; declared/{name}.yml names its raw files")
        if parts:
            checks.check_others(out, out.index[len(rows) :], self.tables[name], self.fields)
        typed = out.reindex(columns=self.tables[name]["fields"])
        for column in typed:
            if self.fields[column]["type"] in NUMERIC:
                typed[column] = pd.to_numeric(typed[column]).astype("float64")
        checks.run(Data(name, typed, self.made), making.checks)
        return out

    def _tidy(self, name: str) -> list[pd.DataFrame]:
        """Return the rows of every tidy file whose sidecar names a table."""
        spec, parts = self.tables[name], []
        for table in self.ledger.every("tidy"):
            says, where = self.ledger.sidecars[table.path], f"{table.file}{sidecar.SUFFIX}"
            if says.table != name:
                continue
            if not isinstance(says.columns, dict) or not says.columns:
                known = ", ".join(spec["fields"])
                raise DataError(f"{where}: columns: expected the table's fields, {known}")
            given = {"columns": says.columns, "skip": says.skip or [], "summed": says.summed}
            parts.append(self._filled(name, table, checked(Source, given, where), where))
            checks.check_totals(parts[-1], spec, self.fields)
            checks.check_yield(parts[-1])
        return parts


def _tables_in(declared: object) -> set[str]:
    """Return the tables that a declaration names, wherever it does (``table: crops``)."""
    if isinstance(declared, list | tuple):
        return set().union(*map(_tables_in, declared))
    if not isinstance(declared, dict):
        return set()
    named = declared.get("table")
    inside = set().union(*map(_tables_in, declared.values()))
    return inside | ({named} if isinstance(named, str) else set())


def make(raw: Path = RAW) -> dict[str, bytes]:
    """Return every file of ``data/processed`` as bytes, made from the raw files.

    Nothing is written: a refusal leaves what was there.
    """
    ledger = Ledger(raw)
    build = Build(ledger)
    made = {name: build.table(name) for name in build.makings}
    layers = boundaries.make(ledger, made)
    kept, rejected = ledger.account(made)
    catalogue = sidecar.catalogue(ledger.sidecars)
    accounts = {
        "sources": catalogue,
        "source_names": sidecar.names(catalogue),
        "cleaning_report": kept,
        "rejected_rows": rejected,
        "corrections": with_effects(ledger.repairs(), made),
    }
    made |= {name: check(name, frame) for name, frame in accounts.items()}
    files = {f"{name}.csv": _csv(frame) for name, frame in made.items()}
    resources = [_resource(name, made[name], files[f"{name}.csv"]) for name in made]
    for name, layer in layers.items():
        about = {"name": name.removesuffix(".geojson"), "path": name, "format": "geojson"}
        resources.append(about | {"hash": _hash(layer)})
    package = {
        "profile": "tabular-data-package",
        "name": "andean-value-chains",
        "title": "Peru's coffee and camelid value chains, by department",
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    return files | layers | {"datapackage.json": text.encode()}


def _hash(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def with_effects(repairs: pd.DataFrame, made: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what was put right, with the facts of the tables made that each correction reaches."""
    effects = []
    for repair in repairs.to_dict("records"):
        place = rf"{re.escape(repair['file'])}:(?:\S+\+)?{re.escape(repair['row'])}(?![^ +])"
        told = []
        for name, table in made.items() if repair["action"] == "override" else ():
            rows = table[table["origin"].str.contains(place)]
            for key in rows[schema()["tables"][name]["key"]].itertuples(index=False):
                told.append(f"{name} {', '.join(str(part) for part in key if pd.notna(part))}")
        said = f"{'; '.join(told)}: {repair['was']} without it, {repair['now']} with it"
        effects.append(said if told else "none")
    return repairs.assign(effect=effects)


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n", float_format=_shortest).encode()


def _shortest(figure: float) -> str:
    """Return the shortest text that reads back as the same float, on every platform."""
    return repr(int(figure)) if figure == int(figure) else repr(float(figure))


def _resource(name: str, frame: pd.DataFrame, data: bytes) -> dict:
    spec, described = schema()["tables"][name], []
    for column in spec["fields"]:
        field = schema()["fields"][column]
        limits = ("minimum", "maximum", "enum", "pattern")
        constraints = {limit: field[limit] for limit in limits if limit in field}
        about = {"name": column, "type": field["type"], "description": field["description"]}
        about |= {"unit": field["unit"]} if "unit" in field else {}
        described.append(about | ({"constraints": constraints} if constraints else {}))
    resource = {
        "name": name,
        "title": spec["title"],
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "hash": _hash(data),
        "rows": len(frame),
        "schema": {"fields": described, "primaryKey": spec["key"], "missingValues": [""]},
    }
    if name not in ACCOUNTS:
        resource["sources"] = [{"title": key} for key in sorted(set(frame["source"]))]
    return resource


def changes(files: dict[str, bytes], folder: Path = PROCESSED) -> list[str]:
    """Return how many rows of each table there are new, and gone (a changed row is both)."""
    told = []
    for name, data in files.items():
        path = folder / name
        if path.is_file() and name.endswith(".csv"):
            old, new = set(path.read_bytes().splitlines()), set(data.splitlines())
            if old != new:
                told.append(f"{name}: {len(new - old)} rows new, {len(old - new)} gone")
    return told


def write(files: dict[str, bytes], folder: Path = PROCESSED) -> list[str]:
    """Write files that differ from what is there, each in one step; remove what is not made.

    What a killed run left half-written (:data:`TEMPORARY`) is swept first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{TEMPORARY}*"):
        left.unlink()
    changed = []
    for name, data in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == data:
            continue
        temporary = folder / f"{TEMPORARY}{os.getpid()}-{name}"
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:  # interrupted, or the disk is full
            temporary.unlink(missing_ok=True)
        changed.append(name)
    for path in (*folder.glob("*.csv"), *folder.glob("*.geojson")):
        if path.name not in files:
            path.unlink()
            changed.append(path.name)
    return changed
