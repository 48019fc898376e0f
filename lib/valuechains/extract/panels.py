"""Sheets of names by years: MIDAGRI's livestock yearbook and bulletin, INEI's value added.

Names have a row each and years a column; in the other form of a table a name has a row a year, and
every crop a column. Headers of years are misprinted at times: a year is what its place between two
others says.
"""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from ..core import places
from ..core.errors import DataError, there_are
from .raw import RawTable
from .sheets import NOISE, Grid, Titled, first_text, fold, half_digit, label, written
from .workbook import Sheet, Workbook, place

TOP = 60  # rows of a sheet in which a table begins
ABOVE, BELOW = 8, 3  # rows from the header up to the title, and down to the years


@dataclass
class Panel:
    """A table: where it stands, what its title says, its figures by the name of their grid.

    A grid has names in its rows and years in its columns, and is called by the part of the table
    that it is; or it has crops in its columns, and is called by its year.
    """

    sheet: Sheet
    row: int  # of the header
    column: int
    kind: str  # its name in the layout
    words: dict[str, str]  # what else the title says, in our words
    table: dict  # what the layout says of it, else of all tables, and the factor of its unit
    is_down: bool  # a row a name and year
    others: int = 0  # rows that have no name of ours
    grids: dict[str, Grid] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)  # of each year: P, E or none
    printed: dict[str, str] = field(default_factory=dict)  # names as printed

    def error(self, problem: str) -> DataError:
        return self.sheet.error(self.row, self.column, f"{self.kind}: {problem}")


class Panels(Titled):
    """The layout of such workbooks.

    ``tables`` are known by patterns of their title (``titled``; in the place of SPECIES stand the
    patterns of ``terms``) and unit (``units``, each with its factor), and say the ``columns`` of
    their rows; without those they are only compared. ``parts`` are groups of years side by side.
    Rows are areas, or ``rows``: our names and the patterns of printed ones; with ``closed`` there
    are no others. Every table has to be there for each ``wanted`` word (that it is ``of``) once,
    but for ``optional`` ones; rows of those ``aside`` go nowhere. What must agree is declared
    too (`check_table`, `check_ratio`).
    """

    terms: dict[str, dict[str, str]] = Field({})
    wanted: dict[str, list[str]] = Field({})
    must: dict[str, str] = Field({})
    passed: str = "(?!)"
    rows: dict[str, str] = Field({})
    closed: bool = False
    aside: tuple[str, ...] = ()
    marks: dict[str, str] = Field({})
    rounded: float = 0
    within: float = 0

    def table(self, path: Path) -> RawTable:
        book = Workbook(path)
        panels = self._panels(book)
        for key, panel in panels.items():
            (self._read_down if panel.is_down else self._read_across)(panel)
            for name, grid in panel.grids.items():
                grid.what = " ".join(filter(None, [*key, name]))
                check_table(grid, panel.table)
        check_alike(panels.values())
        for rule in self.ratios:
            check_ratio(panels, rule)
        edition = self.edition.format(last=max(max(panel.marks) for panel in panels.values()))
        rows: dict[str, dict] = {}
        unused = {"other rows": sum(panel.others for panel in panels.values())}
        for panel in panels.values():
            made = self._rows(panel, edition) if "columns" in panel.table else {}
            if panel.kind in self.aside:
                unused[f"{panel.kind}: only compared"] = len(made)
            else:
                rows |= made
        years = sorted({name for row in rows.values() for name in row if name[:1].isdigit()})
        table = book.table(rows, unused)
        table.whole = table.frame = table.frame[[*self.output, *years]]
        return table

    # --- which tables there are

    def heads(self, sheet: Sheet) -> Iterator[tuple[int, int, str, dict[str, re.Match]]]:
        """Yield headers over years that have a title of ours, with the kinds that it fits."""
        start = 0
        for row, column in self.headers(sheet):
            if row >= TOP or row < start:
                continue
            # Not the title of the header above, which this one may repeat on another page.
            above = range(max(start, row - ABOVE), row)
            start = row + 1
            lines = (first_text(sheet, line, 0, column + 2)[1] for line in above)
            title = fold(" | ".join(filter(None, [sheet.name, *lines, sheet.cells[row][column]])))
            hits = {}
            for kind, table in self.tables.items():
                pattern = table["titled"]
                for name, terms in self.terms.items():
                    pattern = pattern.replace(name.upper(), f"(?P<{name}>{'|'.join(terms)})")
                if match := re.search(pattern, title):
                    hits[kind] = match
            if hits and (_is_down(sheet, row, column) or self._years(sheet, row)[1]):
                yield row, column, title, hits

    def _panels(self, book: Workbook) -> dict[tuple[str, ...], Panel]:
        """Return the tables that are wanted, by kind and wanted words: none missing, none twice."""
        panels: dict[tuple[str, ...], Panel] = {}
        for sheet in map(book.sheet, book.sheets):
            for head in self.heads(sheet):
                panel = self._panel(sheet, *head)
                if not panel or any(panel.words[x] not in self.wanted[x] for x in self.wanted):
                    continue
                key = (panel.kind, *(panel.words[name] for name in self.wanted))
                if key in panels:
                    raise panel.error(f"a second table, the first is in {panels[key].sheet.name!r}")
                panels[key] = panel
        for kind, *words in itertools.product(self.tables, *self.wanted.values()):
            table = self.tables[kind]
            is_one = set(words) <= set(table.get("of", words)) and not table.get("optional")
            if is_one and (kind, *words) not in panels:
                what = " ".join((kind, *words))
                raise DataError(f"{book.file}: no table {what}, as titles say{book.unread}")
        return panels

    def _panel(self, sheet: Sheet, row: int, column: int, title: str, hits: dict) -> Panel | None:
        """Return a table, of the kind that its unit says; nothing for one that is passed over."""
        unit = (re.findall(r"\(([^()]*)\)", title) or [""])[-1].strip()
        units = [(kind, *known) for kind in hits for known in self.tables[kind]["units"].items()]
        fits = [(kind, scale) for kind, known, scale in units if re.fullmatch(known, unit)]
        if not fits and re.fullmatch(self.passed, unit):
            return None
        if not fits:
            there = ", ".join(known for _, known, _ in units)
            problem = f"{title[-90:]!r}: unit {unit!r}, expected one of {there}"
            raise sheet.error(row, column, problem)
        kind, scale = fits[0]
        words = {}
        for name, text in hits[kind].groupdict().items():
            terms = self.terms.get(name, {})
            words[name] = next((terms[x] for x in terms if re.fullmatch(x, text)), text)
            if not re.fullmatch(self.must.get(name, ".*"), text):
                problem = f"{kind}: covers {text}, expected the {name} {self.must[name]}"
                raise sheet.error(row, column, problem)
        if "department" in words:
            words["ubigeo"] = self.area(sheet, row, column, words["department"])
            words["printed_department"] = places.name(words["ubigeo"])
        table = dict(self) | {"scale": scale} | self.tables[kind]
        return Panel(sheet, row, column, kind, words, table, _is_down(sheet, row, column))

    # --- years, names and figures

    def _years(self, sheet: Sheet, row: int) -> tuple[int, dict[int, re.Match]]:
        """Return the row and all columns of a table's years, each as it is printed."""
        for line in range(row, min(row + BELOW, len(sheet.cells))):
            texts = (fold(label(cell)) for cell in sheet.cells[line])
            found = {c: re.fullmatch(self.year, text) for c, text in enumerate(texts)}
            years = {c: match for c, match in found.items() if match}
            if len(years) > 1:
                return line, years
        return row, {}

    def _placed(self, panel: Panel, line: int, years: dict[int, re.Match]) -> dict[str, int]:
        """Return the columns by year, one after the other; a misprint between two is put right."""
        sheet, first = panel.sheet, int(next(iter(years.values()))[1])
        fits = [int(year[1]) == first + n for n, year in enumerate(years.values())]
        placed = {}
        for n, (column, printed) in enumerate(years.items()):
            year = str(first + n)
            if not fits[n]:
                if n + 1 == len(years) or not (fits[n - 1] and fits[n + 1]):
                    raise sheet.error(line, column, f"{panel.kind}: expected the year {year}")
                why = "a misprinted year, read by its place between two others"
                sheet.note(line, column, panel.kind, year, why)
            placed[year] = column
            panel.marks[year] = printed["mark"].upper()
        return placed

    def _read_across(self, panel: Panel) -> None:
        """Read a table with a column a year; it may go on beside itself, or have several parts."""
        sheet, parts = panel.sheet, panel.table.get("parts")
        line, years = self._years(sheet, panel.row)
        named = partial(self._name, panel, years)
        rows = self.names(panel, line + 1, years, named, panel.table["rows"])
        groups: dict[str, dict[int, re.Match]] = {}
        part = ""
        for column, year in years.items():
            if column - 1 not in years:
                part = _above(panel, line, column) if parts else ""
                if part in groups and not parts:
                    _refuse_other_names(panel, max(groups[part]) + 1, column, rows)
            groups.setdefault(part, {})[column] = year
        beyond = max(years) + 1
        if sheet.cells[line][beyond : beyond + 1] == [""]:
            for row in rows.values():
                if isinstance(sheet.cells[row][beyond], float):
                    raise sheet.error(row, beyond, "a figure without a year above it")
        for part, name in (parts or {"": ""}).items():
            if part not in groups:
                raise panel.error(f"no years under {part!r}; there are {', '.join(groups)}")
            placed = self._placed(panel, line, groups[part])
            panel.grids[name] = Grid(sheet, rows, placed, panel.kind, panel.table["scale"])

    def _name(
        self, panel: Panel, years: dict[int, re.Match], row: int, column: int, text: str
    ) -> str:
        """Return our name of a row; nothing for a row of no name of ours, or a repeated header."""
        sheet, known = panel.sheet, panel.table["rows"]
        if self.is_header(text):  # of the table's next page
            printed = [label(sheet.cells[row][at])[:4] for at in years]
            if printed != [year[1] for year in years.values()]:
                raise sheet.error(row, column, "other years than in the first header")
            return ""
        if known:
            name = next((x for x in known if re.fullmatch(known[x], fold(text))), "")
            if self.closed and not name:
                raise sheet.error(row, column, f"unknown{there_are(text, known)}")
        else:
            name = self.area(sheet, row, column, text)
        panel.others += not name
        panel.printed[name] = label(text)
        return name

    def _read_down(self, panel: Panel) -> None:
        """Read a table with a row a name and year; blocks of crops repeat the names."""
        sheet, header = panel.sheet, panel.sheet.cells[panel.row]
        starts = [column for column, cell in enumerate(header) if self.is_header(cell)]
        rows = self._rows_by_year(panel, starts[0])
        for start in starts[1:]:
            if self._rows_by_year(panel, start) != rows:
                raise sheet.error(panel.row, start, "other areas or years than in the first block")
        crops: dict[str, int] = {}
        for column, head in enumerate(header):
            name, body = label(head), [sheet.cells[row][column] for row in rows.values()]
            is_name = column in starts or column - 1 in starts
            if is_name or not (name or any(isinstance(cell, float) for cell in body)):
                continue
            if not name or name in crops:
                problem = "stands twice in the header" if name else "figures without a header"
                raise sheet.error(panel.row, column, problem)
            crops[name] = column
        for year in sorted(panel.marks):
            here = {area: row for (area, of), row in rows.items() if of == year}
            self.refuse_missing(panel, here, [places.COUNTRY, *places.codes()])
            panel.grids[year] = Grid(sheet, here, crops, panel.kind, panel.table["scale"])

    def _rows_by_year(self, panel: Panel, column: int) -> dict[tuple[str, str], int]:
        """Return the rows of one block by area and year; the area stands in its first row."""
        sheet, area = panel.sheet, ""
        rows: dict[tuple[str, str], int] = {}
        for row in range(panel.row + 1, len(sheet.cells)):
            text, printed = (label(cell) for cell in sheet.cells[row][column : column + 2])
            year = re.fullmatch(self.year, fold(printed))
            if not year and (printed or (text and not re.match(self.notes, fold(text)))):
                raise sheet.error(row, column + 1, "expected a year")
            if not year:
                continue
            if text:
                area = self.area(sheet, row, column, text)
                panel.printed[area] = text
            if (area, year[1]) in rows:
                raise sheet.error(row, column, f"{panel.printed[area]} {year[1]} stands twice")
            rows[area, year[1]] = row
            panel.marks[year[1]] = year["mark"].upper()
        return rows

    def _rows(self, panel: Panel, edition: str) -> dict[str, dict]:
        """Return a row a name, of each part or crop: its place is its row, or its first and last
        cell where others stand in it too.
        """
        shared = {"edition": edition} | panel.words | panel.table["columns"]
        if self.marks:
            shared |= {f"{year} status": self.marks[mark] for year, mark in panel.marks.items()}
        figures: dict[tuple[str, str], dict[str, str]] = {}
        cells: dict[tuple[str, str], list[str]] = {}
        for called, grid in panel.grids.items():
            for column, name in itertools.product(grid.columns, grid.rows):
                part, year = (column, called) if panel.is_down else (called, column)
                figures.setdefault((part, name), {})[year] = written(grid.data.at[name, column])
                cells.setdefault((part, name), []).append(grid.at(name, column))
        rows = {}
        for (part, name), by_year in figures.items():
            named = {panel.table["named"]: part} if part else {}
            if panel.table["rows"]:
                named[panel.table["named"]] = name if self.closed else panel.printed[name]
            else:
                named |= {"ubigeo": name, "printed_name": panel.printed[name]}
            at = f"{cells[part, name][0]}+{cells[part, name][-1]}"
            at = at if part else place(panel.sheet.name, panel.grids[""].rows[name])
            rows[at] = shared | named | by_year
        return rows


def _is_down(sheet: Sheet, row: int, column: int) -> bool:
    """Return whether a column of years stands beside the names."""
    return [fold(label(cell)) for cell in sheet.cells[row][column + 1 : column + 2]] == ["anos"]


def _refuse_other_names(panel: Panel, left: int, right: int, rows: dict) -> None:
    """Refuse columns between years that are not the names again."""
    for row in (panel.row, *rows.values()):
        again = first_text(panel.sheet, row, left, right)[1]
        if fold(again) != fold(first_text(panel.sheet, row, panel.column, left)[1]):
            raise panel.sheet.error(row, left, "not the name again, between two years")


def _above(panel: Panel, line: int, column: int) -> str:
    """Return what stands above a group of years: of merged cells the first has the text."""
    texts = []
    for row in panel.sheet.cells[panel.row : line]:
        texts += [x for x in row[panel.column + 1 : column + 1] if isinstance(x, str) and x][-1:]
    return re.sub(" ?- ?", "-", fold(" ".join(texts)))


def check_table(grid: Grid, rules: dict[str, Any]) -> None:
    """Compare a table with itself, as its layout says.

    ``sums`` are totals and their parts (none: all rows that it does not name), missed by no more
    than the share ``within``; ``rounded`` whether they are rounded in print. With ``mean`` the
    nation's row is one, and that many times it, or one over it, is no price of a department.
    """
    sums = rules["sums"]
    named = {*sums, *itertools.chain(*sums.values())}
    for total in sums.keys() & set(grid.rows):
        parts = sums[total] or [name for name in grid.rows if name not in named]
        if total == places.COUNTRY:
            grid.refuse(grid.data.loc[[total]].isna(), "no figure of the nation")
        given, printed = grid.data.loc[parts].fillna(0.0), grid.data.loc[total].fillna(0.0)
        rounding = given.map(half_digit).max() * (1 + (given > 0).sum()) * rules["rounded"]
        off = (given.sum() - printed).abs()
        for column in off.index[off > rounding + NOISE * printed]:
            message = f"its parts add up to {given[column].sum():.10g}"
            if off[column] > rules["within"] * printed[column]:
                raise grid.error(total, column, message)
            grid.flag(total, column, message)
    if "mean" in rules:
        prices, most = grid.data.where(grid.data > 0), rules["mean"]  # 0 is no price
        parts, mean = prices.drop(index=places.COUNTRY), prices.loc[places.COUNTRY]
        far = (parts / mean > most) | (parts / mean < 1 / most)
        grid.refuse(far, f"more than {most} times the mean, or less than one over it")
        for column in mean.index[(mean < parts.min()) | (mean > parts.max())]:
            grid.flag(places.COUNTRY, column, "a mean outside of what it is the mean of")


def check_alike(panels: Collection[Panel]) -> None:
    """Refuse tables of a workbook that do not end in the same year, or are of two departments.

    One whose names stand in another order is reported: two of them may be swapped.
    """
    grids = [next(iter(panel.grids.values())) for panel in panels]
    orders = Counter(tuple(grid.rows) for grid in grids)
    first = next(iter(panels))
    for panel, grid in zip(panels, grids, strict=True):
        for what in (max(panel.marks), panel.words.get("department")):
            if what not in (max(first.marks), first.words.get("department")):
                raise panel.error(f"of {what}, other tables of the workbook are not")
        alike = [order for order in orders if set(order) == set(grid.rows)]
        if tuple(grid.rows) != max(alike, key=orders.get):
            why = "names in another order than in other tables of the workbook"
            panel.sheet.note(panel.row, panel.column, grid.what, "", why, "flag")


def check_ratio(panels: dict[tuple[str, ...], Panel], rule: dict[str, Any]) -> None:
    """Refuse figures `of` one table that are not from `low` to `high` times those it is `over`.

    Only where these are at `least` so many (``for``: of these words alone); with ``steady`` after
    the ratio is divided by the median of its row (1) or column (0).
    """
    least = rule.get("least", 0)
    for (kind, *words), panel in panels.items():
        over = panels.get((rule["over"], *words))
        if kind != rule["of"] or not over or not set(words) <= set(rule.get("for", words)):
            continue
        above, below = panel.grids[""], over.grids[""].data.reindex_like(panel.grids[""].data)
        ratio = above.data / below.where(below >= least)
        if "steady" in rule:
            ratio = ratio.div(ratio.median(axis=rule["steady"]), axis=1 - rule["steady"])
        slack = over.grids[""].half / below
        wrong = (ratio < rule["low"] - slack) | (ratio > rule["high"] + slack)
        wrong |= (below.fillna(0) < least) & (above.data > rule["high"] * least)
        what = f"over {rule['over']} not from {rule['low']} to {rule['high']}"
        above.refuse(wrong, what + " times the usual" * ("steady" in rule))
