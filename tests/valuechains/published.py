"""Small published files for tests: workbooks cell by cell, and a data/raw that one is added to."""

import copy
import shutil

import openpyxl

from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract import add as incoming
from valuechains.extract.ledger import Ledger
from valuechains.extract.sidecar import SUFFIX
from valuechains.tables import build as making


def save(path, sheets, hidden=()):
    """Write a workbook: sheet name → rows of cells (None is an empty one)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    if len(hidden) == len(sheets):
        book.create_sheet("Cover")
    book.save(path)
    return path


def changed(change):
    """Return a mutation: a function that changes a deep copy of its argument, or replaces it."""

    def mutated(good):
        one = copy.deepcopy(good)
        other = change(one)
        return other if type(other) is type(one) else one

    return mutated


def project(folder, *keys):
    """Return a data/raw with some of the project's publications (patterns of folders)."""
    for key in keys:
        for found in RAW.glob(key):
            shutil.copytree(found, folder / found.name)
    return folder


def add(root, path):
    """Put a file into a data/raw as `make add` does; return its place."""
    before = {*root.glob(f"*/*{SUFFIX}")}
    incoming.add(path, root)
    (beside,) = {*root.glob(f"*/*{SUFFIX}")} - before
    return beside.with_name(beside.name.removesuffix(SUFFIX))


def made(root, table):
    """Return a processed table as made from a data/raw, and the ledger that read it."""
    ledger = Ledger(root)
    return making.Build(ledger).table(table), ledger


def fate(root, table, good):
    """Return what happens to a processed table: ``harmless``, ``reported`` or ``refused``."""
    try:
        found, ledger = made(root, table)
    except DataError as refusal:
        assert "\n" not in str(refusal) and "data/raw" not in str(refusal)[-9:]
        return "refused"
    if found.drop(columns=["source", "origin"]).equals(good.drop(columns=["source", "origin"])):
        return "harmless"
    assert len(ledger.repairs()) or any(one.rejected for one in ledger.tables), "silent"
    return "reported"
