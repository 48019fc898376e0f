"""``data/processed`` from ``data/raw``: what the declarations make of the files, what changed."""

import hashlib
import inspect
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import create_model

from ..core.declared import Declared, checked
from ..core.errors import DataError, refuse_if, there_are
from ..core.paths import PROCESSED, RAW
from ..extract import sidecar
from ..extract.ledger import Ledger
from ..extract.raw import RawTable
from . import ACCOUNTS, DECLARED, boundaries, checks, hooks, schema
from .fill import Filler, beside, check_mapping, in_one_file, merged, summed
from .model import Source, makings

GENERAL = "between", "adds_up", "whole", "complete", "known", "in_department"
OURS = "check_partner_names", "check_peru", "check_poverty_groups", "check_yearbooks"
CHECKS = {name: getattr(checks, name) for name in GENERAL}
CHECKS |= {name: getattr(hooks, name) for name in OURS}
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
            says, where = ledger.sidecars[table.path], f"{table.file}{sidecar.SUFFIX}"
            wanted, drafted = says.table, [x for x in sidecar.FIELDS if getattr(says, x) == "?"]
            refuse_if(where, {f"fill in {', '.join(drafted)} in place of '?'": drafted})
            if wanted not in self.makings:
                raise DataError(f"{where}: table {wanted!r}{there_are(wanted, self.makings)}")

    def __missing__(self, name: str) -> pd.DataFrame:
        """Make a table; those that it speaks of are made when they are asked for, just so."""
        try:
            self[name] = self.finished(name, self._rows(name))
        except (AttributeError, LookupError, TypeError, ValueError) as problem:
            if isinstance(problem, DataError):
                raise
            # What no check foresaw still ends in one line that says where to look.
            last = self.ledger.tables[-1].file if self.ledger.tables else "data/raw"
            message = f"table {name}, near {last}: {type(problem).__name__}: {problem}"
            raise DataError(message) from problem
        return self[name]

    def finished(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows, and those of tidy files, as a table that holds what it must."""
        spec = self.specs[name]
        parts = [rows, *self._tidy(name)]
        out = pd.concat(parts, ignore_index=True)
        refuse_if(f"table {name}", {f"no row; declared/{name}.yml names its files": out.empty})
        if len(parts) > 1:
            checks.check_others(out, out.index[len(rows) :], spec)
        table = checks.check(name, out, spec)
        checks.check_years(table, self.entered)
        check_declared(checks.Data(name, table, self), self.makings[name].checks)
        return table

    def _rows(self, name: str) -> pd.DataFrame:
        """Return the rows of the raw files that a declaration names."""
        making, parts = self.makings[name], [pd.DataFrame()]
        for source in making.sources:
            tables = self.ledger.every(source.layout) if source.layout else []
            for file in source.file:  # as published goes before transcribed
                for found in self.ledger.matching(file) if "*" in file else [file]:
                    tables.append(self.ledger.read(found, source.entries, source.header_rows))
            for table in tables:
                wanted = getattr(hooks, source.prepare)(table) if source.prepare else table
                for column, words in (*source.rows.items(), *source.long.items()):
                    # The others feed another table.
                    wanted = wanted.select(wanted.text(column).isin(list(words)))
                if len(wanted.frame):
                    parts.append(self._filled(name, wanted, source, f"declared/{name}.yml"))
        rows = pd.concat(parts, ignore_index=True)
        if making.merge is not None:
            # A printed year goes before a mean, in the order of the sources.
            rows = rows.sort_values("year", kind="stable")
            rows = merged(rows, self.specs[name], making.merge)
        return rows

    def _tidy(self, name: str) -> Iterator[pd.DataFrame]:
        """Yield the rows of each tidy file whose sidecar names the table."""
        for table in self.ledger.every("tidy"):
            says, where = self.ledger.sidecars[table.path], f"{table.file}{sidecar.SUFFIX}"
            if says.table == name:
                given = says.model_dump(include={"columns", "skip", "summed"}, exclude_none=True)
                rows = self._filled(name, table, checked(Source, given, where), where)
                checks.check_totals(rows, self.specs[name])
                checks.check_yield(rows)
                yield rows

    def _filled(self, name: str, table: RawTable, source: Source, where: str) -> pd.DataFrame:
        """Return the rows of one raw file in the fields of a table."""
        spec = self.specs[name]
        check_mapping(source, spec, where)
        filler = Filler(spec, where, self)
        rows = filler.fill(table, source)
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


def check_declared(data: checks.Data, declared: Sequence[dict[str, Any]]) -> None:
    """Run the declared checks of a table, each with the options that it has.

    A function's options are checked as a model is, so that a wrong one is told like a wrong field.
    """
    for one_check in declared:
        ((kind, given),) = one_check.items()
        where = f"declared/{data.name}.yml: checks: {kind}"
        if kind not in CHECKS:
            raise DataError(f"{where}: no such check{there_are(kind, CHECKS)}")
        options = list(inspect.signature(CHECKS[kind]).parameters.values())[1:]
        needed = {x.name: (x.annotation, ...) for x in options if x.default is x.empty}
        fields = {x.name: (x.annotation, x.default) for x in options} | needed
        model = create_model(kind, __base__=Declared, **fields)
        CHECKS[kind](data, **dict(checked(model, given, where)))


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
        facts = []
        changed = made if repair["action"] == "override" else {}
        for name, table in changed.items():
            rows = table[table["origin"].str.contains(place)]
            for key in rows[schema()["tables"][name]["key"]].itertuples(index=False):
                facts.append(f"{name} {', '.join(str(part) for part in key if pd.notna(part))}")
        text = f"{'; '.join(facts)}: {repair['was']} without it, {repair['now']} with it"
        effects.append(text if facts else "none")
    return repairs.assign(effect=effects)


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n", float_format=_shortest).encode()


def _shortest(figure: float) -> str:
    """Return the shortest text that reads back as the same float, on every platform."""
    return repr(int(figure)) if figure == int(figure) else repr(float(figure))


def _resource(name: str, frame: pd.DataFrame, data: bytes) -> dict:
    spec, described = schema()["tables"][name], []
    for column, field in spec["fields"].items():
        parts, limits = ("type", "description", "unit"), ("minimum", "maximum", "enum", "pattern")
        about = {"name": column} | {part: field[part] for part in parts if part in field}
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
        old, new = set(before.splitlines()[1:]), set(data.splitlines()[1:])
        rows = f": {len(new - old)} rows new, {len(old - new)} gone"
        changed.append(name + (rows if name.endswith(".csv") else ""))
    for path in (*folder.glob("*.csv"), *folder.glob("*.geojson")):
        if path.name not in files:
            path.unlink()
            changed.append(f"{path.name}: gone")
    return changed
