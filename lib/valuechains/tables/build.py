"""``data/processed`` from ``data/raw``: what the declarations make of the files, what changed."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ..core.declared import checked
from ..core.errors import DataError, refuse_if, there_are
from ..core.paths import PROCESSED, RAW
from ..extract import sidecar
from ..extract.ledger import Ledger
from ..extract.raw import RawTable
from . import ACCOUNTS, DECLARED, boundaries, checks, hooks, schema
from .fill import Filler, beside, check_mapping, in_one_file, merged, selected, summed, year_by_year
from .model import Source, makings
from .refuse import Data, refuse

TEMPORARY = ".new-"  # begins the name of a file that is being written; git ignores it


class Build(dict):
    """Processed tables by name, each made and checked when it is first asked for.

    >>> Build(Ledger())["fibre_yield"]["fibre_yield_lb_per_year"].tolist()
    [5.0, 3.5]
    """

    def __init__(self, ledger: Ledger, folder: Path = DECLARED) -> None:
        super().__init__()
        self.ledger, self.specs, self.makings = ledger, schema(folder)["tables"], makings(folder)
        dated = sorted(ledger.sidecars.items(), key=lambda item: item[1].entered)
        self.entered = {path.parent.name: says.entered.year for path, says in dated}
        for table in ledger.every("tidy"):
            wanted, where = ledger.sidecars[table.path].table, f"{table.file}{sidecar.SUFFIX}"
            unknown = f"table {wanted!r}{there_are(wanted, self.makings)}"
            refuse_if(where, {unknown: wanted not in self.makings})

    def __missing__(self, name: str) -> pd.DataFrame:
        """Make a table; those that it speaks of are made when they are asked for, in the same way.

        A year that had not come yet when its file was entered is refused.
        """
        try:
            table = self.finished(name, self._rows(name))
            dated = table.reindex(columns=["year", "source", "origin"])
            dated["entered"] = dated["source"].map(self.entered)
            is_future = (dated["year"] > dated["entered"]).fillna(False)
            said = "the year {year} had not come yet when the file was entered, in {entered:g}"
            refuse(dated[is_future], said)
        except (LookupError, TypeError, ValueError) as problem:
            if isinstance(problem, DataError):
                raise
            # What no check foresaw still ends in one line that says where to look.
            last = self.ledger.tables[-1].file if self.ledger.tables else "data/raw"
            raise DataError(
                f"table {name}, near {last}: {type(problem).__name__}: {problem}"
            ) from problem
        self[name] = table
        return table

    def finished(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows as a table that holds what it must, those of tidy files included."""
        rows = self._with_tidy(name, rows)
        refuse_if(f"table {name}", {f"no row; declared/{name}.yml names its files": rows.empty})
        table = checks.check(name, rows, self.specs[name])
        checks.run(Data(name, table, self), self.makings[name].checks)
        return table

    def _rows(self, name: str) -> pd.DataFrame:
        """Return the rows of the raw files that a declaration names."""
        making, parts = self.makings[name], []
        for source in making.sources:
            tables = self.ledger.every(source.layout) if source.layout else []
            for file in source.file:  # as published goes before transcribed
                for found in self.ledger.matching(file) if "*" in file else [file]:
                    tables.append(self.ledger.read(found, source.entries, source.header_rows))
            for table in tables:
                prepared = getattr(hooks, source.prepare)(table) if source.prepare else table
                wanted = selected(prepared, source)
                if len(wanted.frame):
                    parts.append(self._filled(name, wanted, source, f"declared/{name}.yml"))
        rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        if parts and making.merge is not None:
            # A printed year goes before a mean, in the order of the sources.
            rows = rows.sort_values("year", kind="stable")
            rows = merged(rows, self.specs[name], making.merge)
        return rows

    def _filled(self, name: str, table: RawTable, source: Source, where: str) -> pd.DataFrame:
        """Return the rows of one raw file in the fields of a table."""
        spec = self.specs[name]
        check_mapping(source, spec, where)
        filler = Filler(spec, where, self)
        rows = filler.fill(year_by_year(table) if source.years_across else table, source)
        if source.long:
            rows = merged(rows.sort_index(kind="stable"), spec, None)
        if source.summed:
            rows = summed(rows, table, source, spec)
        if source.summed or source.years_across:
            rows["origin"] = rows["origin"].map(in_one_file)
        if source.beside:
            others = filler.fill(self.ledger.read(*source.beside.file), source.beside)
            rows = beside(rows, others, source.beside.partial)
        return rows

    def _with_tidy(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with those of every tidy file whose sidecar names the table, below them."""
        spec, parts = self.specs[name], [rows]
        for table in self.ledger.every("tidy"):
            says, where = self.ledger.sidecars[table.path], f"{table.file}{sidecar.SUFFIX}"
            if says.table == name:
                given = {"columns": says.columns, "skip": says.skip or [], "summed": says.summed}
                parts.append(self._filled(name, table, checked(Source, given, where), where))
                checks.check_totals(parts[-1], spec)
                checks.check_yield(parts[-1])
        out = pd.concat(parts, ignore_index=True)
        if len(parts) > 1:
            checks.check_others(out, out.index[len(rows) :], spec)
        return out


def make(raw: Path = RAW) -> dict[str, bytes]:
    """Return every file of ``data/processed`` as bytes, made from the raw files.

    Nothing is written: a refusal leaves what was there.
    """
    ledger = Ledger(raw)
    build = Build(ledger)
    made = {name: build[name] for name in build.makings}
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
    specs = schema()["tables"]
    made |= {name: checks.check(name, frame, specs[name]) for name, frame in accounts.items()}
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
    for column, field in spec["fields"].items():
        about = {"name": column, "type": field["type"], "description": field["description"]}
        about |= {"unit": field["unit"]} if "unit" in field else {}
        limits = ("minimum", "maximum", "enum", "pattern")
        constraints = {limit: field[limit] for limit in limits if limit in field}
        described.append(about | ({"constraints": constraints} if constraints else {}))
    sources = [{"title": key} for key in sorted(set(frame.get("source", ())))]
    return {
        "name": name,
        "title": spec["title"],
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "hash": _hash(data),
        "rows": len(frame),
        "schema": {"fields": described, "primaryKey": spec["key"], "missingValues": [""]},
    } | ({} if name in ACCOUNTS else {"sources": sources})


def write(files: dict[str, bytes], folder: Path = PROCESSED) -> list[str]:
    """Write files that differ from what is there, each in one step; remove what is not made.

    Returns what changed: of a table how many rows are new, and gone (a changed row is both). What
    a killed run left half-written (:data:`TEMPORARY`) is swept first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{TEMPORARY}*"):
        left.unlink()
    changed = []
    for name, data in files.items():
        path, temporary = folder / name, folder / f"{TEMPORARY}{os.getpid()}-{name}"
        before = path.read_bytes() if path.is_file() else b""
        if before == data:
            continue
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:  # interrupted, or the disk is full
            temporary.unlink(missing_ok=True)
        old, new = set(before.splitlines()), set(data.splitlines())
        rows = f": {len(new - old)} rows new, {len(old - new)} gone"
        changed.append(name + (rows if name.endswith(".csv") else ""))
    for path in (*folder.glob("*.csv"), *folder.glob("*.geojson")):
        if path.name not in files:
            path.unlink()
            changed.append(f"{path.name}: gone")
    return changed
