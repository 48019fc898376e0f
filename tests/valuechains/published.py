"""Small published files for tests: workbooks cell by cell, and a data/raw that one is added to."""

import copy
import csv
import hashlib
import io
import shutil

import openpyxl
import yaml

from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract import add as incoming
from valuechains.extract.ledger import Ledger
from valuechains.extract.sidecar import SUFFIX
from valuechains.tables import build as making
from valuechains.tables import load


def save(path, sheets, hidden=()):
    """Write a workbook: sheet name → rows of cells (None is an empty one); .xlsx if not said."""
    path = path if path.suffix else path.with_suffix(".xlsx")
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


def as_csv(rows, quoting=csv.QUOTE_MINIMAL):
    """Return rows as the bytes of a CSV; the header is never quoted, as publishers do."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(rows[0])
    csv.writer(out, lineterminator="\n", quoting=quoting).writerows(rows[1:])
    return out.getvalue().encode()


def changed(change):
    """Return a mutation: a function that changes a deep copy of its argument, or replaces it."""

    def mutated(good):
        one = copy.deepcopy(good)
        other = change(one)
        return other if type(other) is type(one) else one

    return mutated


class Columns:
    """Mutations of a delimited file, its columns by their names; rows count from 1."""

    def __init__(self, header, written=lambda data: data):
        self.header, self.written = header, written

    def cells(self, change):
        """Return a mutation of the file's bytes: a change of its list of rows."""

        def mutate(data):
            found = list(csv.reader(io.StringIO(data.decode())))
            return self.written(as_csv(change(found) or found, csv.QUOTE_ALL))

        return mutate

    def cell(self, row, column, text):
        def change(found):
            found[row - 1][self.header.index(column)] = text

        return self.cells(change)

    def renamed(self, **names):
        def change(found):
            found[0] = [names.get(one.replace(" ", "_"), one) for one in found[0]]

        return self.cells(change)

    def swapped(self, one, other, labels_only=True):
        """Swap two columns' labels, or the columns whole."""
        a, b = self.header.index(one), self.header.index(other)

        def change(found):
            for row in found[:1] if labels_only else found:
                row[a], row[b] = row[b], row[a]

        return self.cells(change)


def first(sheets):
    """Return the name of a workbook's first sheet with something in it."""
    return next(name for name, rows in sheets.items() if rows)


def put(row, column, value, sheet=None):
    """Set one cell of a workbook (by default of its first sheet), counted from 1 as in messages."""
    return changed(
        lambda sheets: sheets[sheet or first(sheets)][row - 1].__setitem__(column - 1, value)
    )


def rows_of(change, sheet=None):
    """Change the rows of a workbook's sheet (by default of its first)."""

    def of_sheet(sheets):
        name = sheet or first(sheets)
        return sheets | {name: change(sheets[name])}

    return changed(of_sheet)


def renamed(new, old=None):
    """Rename a workbook's sheet (by default its first)."""

    def of_sheets(sheets):
        was = old or first(sheets)
        return {new if name == was else name: rows for name, rows in sheets.items()}

    return changed(of_sheets)


def project(folder, *keys):
    """Return a data/raw with some of the project's publications (patterns of folders)."""
    for key in keys:
        for found in RAW.glob(key):
            shutil.copytree(found, folder / found.name)
    return folder


def linked(root, *changed):
    """Return a data/raw of links to the project's folders; those to be changed are copied."""
    root.mkdir()
    for folder in RAW.iterdir():
        if folder.name in changed:
            shutil.copytree(folder, root / folder.name)
        else:
            (root / folder.name).symlink_to(folder)
    return root


def placed(root, name, data, format, **more):
    """Put a file of a format in a raw folder, as `make add` does; return its path.

    `more` are fields of its sidecar.
    """
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    texts = dict.fromkeys(("publisher", "title", "locator", "obtained", "licence"), "a test")
    fields = {
        "short": path.parent.name, "kind": "dataset", "renewal": "none", "entered": "2026-11-22",
        "published": None, "address": None, "notes": [], "format": format,
    }  # fmt: skip
    sealed(path, **texts | fields | more)
    return path


def sealed(path, **fields):
    """Write a file's checksum into its sidecar, as somebody who edits both would.

    The other `fields` are, where none is given, those that it has.
    """
    beside = path.with_name(path.name + SUFFIX)
    fields = fields or yaml.safe_load(beside.read_text(encoding="utf-8"))
    fields["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    beside.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")


def add(root, path):
    """Put a file into a data/raw as `make add` does; return its place."""
    before = {*root.glob(f"*/*{SUFFIX}")}
    incoming.add(path, root)
    (beside,) = {*root.glob(f"*/*{SUFFIX}")} - before
    return beside.with_name(beside.name.removesuffix(SUFFIX))


def made(root, table, *known):
    """Return a processed table as made from a data/raw, and the ledger that read it.

    Tables that it is compared with are the committed ones where they are `known`.
    """
    build = making.Build(Ledger(root))
    build |= {name: load(name) for name in known}
    return build[table], build.ledger


def beside(folder, name, data, format, *tables):
    """Return tables as made from the project's raw files and one more."""
    root = folder / "raw"
    if not root.exists():
        linked(root)
    placed(root, name, data, format)
    return [made(root, table)[0] for table in tables]


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
