"""Sheets of names by years: MIDAGRI's livestock yearbook and bulletin, INEI's value added.

A table begins at a header cell (Región, Actividades). Above it stand title and unit, in its row or
below it the years, under it the names, each with its row of figures. In the other form of it a name
has a row a year, and every crop a column. Titles say what a table is, not the names of sheets.
Headers of years are misprinted at times: a year is what its place between two others says.
"""

from __future__ import annotations

import difflib
import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..core import places
from ..core.errors import DataError, ParameterError, candidates
from ..core.places import fold
from . import panel_checks
from .formats import Layout, raw
from .raw import RawTable, Repair
from .sheets import Grid, label, written
from .workbook import Sheet, Workbook, place

TOP = 60  # rows of a sheet in which a table begins
ABOVE, BELOW = 8, 3  # rows from the header up to the title, and down to the years
ALIKE = 0.8  # share of letters by which a mangled name is still known in its place


@dataclass
class Panel:
    """A table: where it stands and what its title says; then its figures.

    A grid has names in its rows and years in its columns, and is called by the part of the table
    that it is; or it has crops in its columns, and is called by its year.
    """

    sheet: Sheet
    row: int  # of the header
    column: int
    kind: str  # its name in the layout
    said: dict[str, str]  # what else the title says, in our words
    scale: float  # what one of the printed unit is in ours
    is_down: bool  # a row a name and year
    grids: dict[str, Grid] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)  # of each year: P, E or none
    printed: dict[str, str] = field(default_factory=dict)  # names as printed

    def error(self, problem: str) -> DataError:
        return self.sheet.error(self.row, self.column, f"{self.kind}: {problem}")


class Panels(Layout):
    """The layout of such workbooks.

    ``tables`` are known by patterns of their title (``titled``; in the place of SPECIES stand the
    patterns of ``terms``) and unit (``units``, each with its factor), and say the ``columns`` of
    their rows; without those they are only compared. ``parts`` are groups of years side by side.
    Rows are areas, or ``rows``: our names and the patterns of printed ones; with ``closed`` there
    are no others. Every table has to be there for each ``wanted`` word (that it is ``of``) once,
    but for ``optional`` ones; rows of those ``aside`` go nowhere. What must agree is declared too
    (:mod:`.panel_checks`).
    """

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        return any(self._titled(book.sheet(name, calculated=False)) for name in book.sheets)

    def table(self, path: Path) -> RawTable:
        repairs: list[Repair] = []
        unused: dict[str, int] = {}
        panels = self._panels(Workbook(path))
        for key, panel in panels.items():
            (self._read_down if panel.is_down else self._read_across)(panel, repairs, unused)
            for name, grid in panel.grids.items():
                grid.what = " ".join(filter(None, [*key, name]))
                panel_checks.check_table(grid, self.model_extra | self.tables[panel.kind], repairs)
        panel_checks.check_together(panels, self.ratios, repairs)
        last = max(max(panel.marks) for panel in panels.values())
        edition = {"edition": self.edition.format(last=last)}
        rows: dict[str, dict] = {}
        for panel in panels.values():
            if "columns" in self.tables[panel.kind]:
                made = (self._rows_down if panel.is_down else self._rows)(panel, edition)
                if panel.kind in self.aside:
                    unused[f"{panel.kind}: only compared"] = len(made)
                else:
                    rows |= made
        years = sorted({name for row in rows.values() for name in row if name[:1].isdigit()})
        table = raw(path, rows, repairs, unused)
        table.whole = table.frame = table.frame[[*self.output, *years]]
        return table

    # --- which tables there are

    def _titled(self, sheet: Sheet) -> list[tuple[int, int, str, dict[str, re.Match]]]:
        """Return headers over years that have a title of ours, with the kinds that it fits."""
        found, start = [], 0
        for row, cells in enumerate(sheet.cells[:TOP]):
            column = next((c for c, cell in enumerate(cells) if self._is_header(cell)), -1)
            if column < 0:
                continue
            # Not the title of the header above, which this one may repeat on another page.
            above = [line[: column + 2] for line in sheet.cells[max(start, row - ABOVE) : row]]
            start = row + 1
            lines = [next((x for x in line if isinstance(x, str) and x), "") for line in above]
            title = fold(" | ".join(filter(None, lines)))
            hits = {}
            for kind, table in self.tables.items():
                pattern = table["titled"]
                for name, terms in self.terms.items():
                    pattern = pattern.replace(name.upper(), f"(?P<{name}>{'|'.join(terms)})")
                if match := re.search(pattern, title):
                    hits[kind] = match
            if hits and (_is_down(sheet, row, column) or self._years(sheet, row, column)[1]):
                found.append((row, column, title, hits))
        return found

    def _is_header(self, cell: object) -> bool:
        return isinstance(cell, str) and bool(re.fullmatch(self.header, fold(cell)))

    def _panels(self, book: Workbook) -> dict[tuple[str, ...], Panel]:
        """Return the tables that are wanted, by kind and wanted words: none missing, none twice."""
        panels: dict[tuple[str, ...], Panel] = {}
        for sheet in map(book.sheet, book.sheets):
            for row, column, title, hits in self._titled(sheet):
                panel = self._panel(sheet, row, column, title, hits)
                if not panel or any(panel.said[x] not in self.wanted[x] for x in self.wanted):
                    continue
                key = (panel.kind, *(panel.said[name] for name in self.wanted))
                if key in panels:
                    raise panel.error(f"a second table, the first is in {panels[key].sheet.name!r}")
                panels[key] = panel
        for kind, table in self.tables.items():
            for words in itertools.product(*self.wanted.values()):
                is_one = set(words) <= set(table.get("of", words)) and not table.get("optional")
                if is_one and (kind, *words) not in panels:
                    what = " ".join((kind, *words))
                    raise DataError(f"{book.file}: no table {what}, as titles say{book.unread}")
        return panels

    def _panel(self, sheet: Sheet, row: int, column: int, title: str, hits: dict) -> Panel | None:
        """Return a table, of the kind that its unit says; nothing for one that is passed over."""
        unit = (re.findall(r"\(([^()]*)\)", title) or [""])[-1].strip()
        for kind, match in hits.items():
            scales = self.tables[kind]["units"]
            scale = next((scales[known] for known in scales if re.fullmatch(known, unit)), None)
            if scale is None:
                continue
            said = {}
            for name, text in match.groupdict().items():
                terms = self.terms.get(name, {})
                said[name] = next((terms[x] for x in terms if re.fullmatch(x, text)), text)
            if "department" in said:
                said["ubigeo"] = self._area(sheet, row, column, said["department"])
                said["printed_department"] = places.name(said["ubigeo"])
            is_down = _is_down(sheet, row, column)
            for name, pattern in self.must.items():
                if not re.fullmatch(pattern, said.get(name, pattern)):
                    problem = f"covers {said[name]}, expected the {name} {pattern}"
                    raise sheet.error(row, column, f"{kind}: {problem}")
            return Panel(sheet, row, column, kind, said, scale, is_down)
        if re.fullmatch(self.passed, unit):
            return None
        units = ", ".join(known for kind in hits for known in self.tables[kind]["units"])
        raise sheet.error(row, column, f"{title[-90:]!r}: unit {unit!r}, expected one of {units}")

    # --- years and names

    def _years(self, sheet: Sheet, row: int, column: int) -> tuple[int, dict[int, re.Match]]:
        """Return the row and the columns of a table's years, each as it is printed."""
        for line in range(row, min(row + BELOW, len(sheet.cells))):
            cells = enumerate(sheet.cells[line])
            found = {c: re.fullmatch(self.year, fold(label(x))) for c, x in cells if c > column}
            years = {c: match for c, match in found.items() if match}
            if len(years) > 1:
                return line, years
        return row, {}

    def _placed(
        self, panel: Panel, line: int, years: dict[int, re.Match], repairs: list[Repair]
    ) -> dict[str, int]:
        """Return the columns by year, one after the other; a misprint between two is put right."""
        sheet, columns = panel.sheet, list(years)
        first = int(years[columns[0]][1])
        fits = [int(years[column][1]) == first + n for n, column in enumerate(columns)]
        placed = {}
        for n, column in enumerate(columns):
            year = str(first + n)
            if not fits[n]:
                if n + 1 == len(columns) or not (fits[n - 1] and fits[n + 1]):
                    raise sheet.error(line, column, f"{panel.kind}: expected the year {year}")
                why = "a misprinted year, read by its place between two others"
                at, was = place(sheet.name, line, column), label(sheet.cells[line][column])
                repairs.append(Repair(at, panel.kind, "read", was, year, why))
            placed[year] = column
            panel.marks[year] = years[column]["mark"].upper()
        return placed

    def _names(
        self, panel: Panel, start: int, years: dict, repairs: list[Repair], unused: dict[str, int]
    ) -> dict[str, int]:
        """Return the rows of a table by their names, up to the notes below it."""
        sheet, known = panel.sheet, self.tables[panel.kind].get("rows", self.rows)
        rows: dict[str, int] = {}
        for row in range(start, len(sheet.cells)):
            cells = [sheet.cells[row][column] for column in years]
            column, text = _first_text(sheet, row, panel.column, min(years))
            if not text and any(isinstance(cell, float) and cell for cell in cells):
                raise sheet.error(row, min(years), "figures without a name")
            if text and re.match(self.notes, fold(text)):
                break
            if self._is_header(text):  # of the table's next page
                if [label(x)[:4] for x in cells] != [year[1] for year in years.values()]:
                    raise sheet.error(row, column, "other years than in the first header")
            elif text:
                if known:
                    name = self._row(sheet, row, column, known, rows, repairs)
                else:
                    name = self._area(sheet, row, column, text)
                if not name:
                    unused["other rows"] = unused.get("other rows", 0) + 1
                elif name in rows:
                    raise sheet.error(row, column, f"stands twice, also in row {rows[name] + 1}")
                else:
                    rows[name], panel.printed[name] = row, label(text)
        self._refuse_missing(panel, rows, known)
        return rows

    def _refuse_missing(self, panel: Panel, rows: dict, known: dict) -> None:
        expected = known or [places.COUNTRY, *places.codes()]
        if missing := [x for x in expected if x not in rows and x not in self.need_not]:
            names = ", ".join(missing if known else map(places.name, missing))
            raise panel.error(f"the table has no row of {names}")

    def _row(
        self, sheet: Sheet, row: int, column: int, known: dict, rows: dict, repairs: list[Repair]
    ) -> str:
        """Return our name of a row; a mangled one is known by its place, any other is none."""
        text = str(sheet.cells[row][column])
        hits = [name for name, pattern in known.items() if re.fullmatch(pattern, fold(text))]
        if hits or not self.closed:
            return hits[0] if hits else ""
        following = next((name for name in known if name not in rows), "")
        if difflib.SequenceMatcher(None, fold(text), fold(following)).ratio() < ALIKE:
            near = candidates(text, known)
            raise sheet.error(row, column, f"unknown{near}; there are {', '.join(known)}")
        at, why = place(sheet.name, row, column), "a mangled name, known by its place"
        repairs.append(Repair(at, "name", "read", text, following, why))
        return following

    def _area(self, sheet: Sheet, row: int, column: int, text: str) -> str:
        """Return the code of an area: of a department, the nation, or a part with one of ours."""
        bare = re.sub(r" +[0-9]+/?$", "", fold(text))
        if re.fullmatch(self.nation, bare):
            return places.COUNTRY
        try:
            return self.areas.get(bare) or places.resolve(bare)
        except ParameterError as problem:
            raise sheet.error(row, column, problem) from None

    # --- the figures

    def _read_across(self, panel: Panel, repairs: list[Repair], unused: dict[str, int]) -> None:
        """Read a table with a column a year; it may go on beside itself, or have several parts."""
        sheet, parts = panel.sheet, self.tables[panel.kind].get("parts")
        line, years = self._years(sheet, panel.row, panel.column)
        rows = self._names(panel, line + 1, years, repairs, unused)
        groups: dict[str, dict[int, re.Match]] = {}
        part = ""
        for column in years:
            if column - 1 in years:
                groups[part][column] = years[column]
                continue
            part = _above(panel, line, column) if parts else ""
            if groups.setdefault(part, {}) and not parts:
                self._refuse_other_names(panel, max(groups[part]) + 1, column, rows)
            groups[part][column] = years[column]
        beyond = max(years) + 1
        for row in rows.values():
            cells = (sheet.cells[line][beyond:][:1], sheet.cells[row][beyond:][:1])
            if cells[0] == [""] and isinstance((cells[1] or [""])[0], float):
                raise sheet.error(row, beyond, "a figure without a year above it")
        for part, name in (parts or {"": ""}).items():
            if part not in groups:
                raise panel.error(f"no years under {part!r}; there are {', '.join(groups)}")
            columns = self._placed(panel, line, groups[part], repairs)
            panel.grids[name] = Grid(sheet, rows, columns, panel.kind, repairs, panel.scale)

    def _refuse_other_names(self, panel: Panel, left: int, right: int, rows: dict) -> None:
        """Refuse columns between years that are not the names again."""
        for row in (panel.row, *rows.values()):
            again = _first_text(panel.sheet, row, left, right)[1]
            if fold(again) != fold(_first_text(panel.sheet, row, panel.column, left)[1]):
                raise panel.sheet.error(row, left, "not the name again, between two years")

    def _read_down(self, panel: Panel, repairs: list[Repair], unused: dict[str, int]) -> None:
        """Read a table with a row a name and year; blocks of crops repeat the names."""
        sheet, header = panel.sheet, panel.sheet.cells[panel.row]
        starts = [column for column, cell in enumerate(header) if self._is_header(cell)]
        rows = self._rows_by_year(panel, starts[0])
        for start in starts[1:]:
            if self._rows_by_year(panel, start) != rows:
                raise sheet.error(panel.row, start, "other areas or years than in the first block")
        beside = {column for start in starts for column in (start, start + 1)}
        crops: dict[str, int] = {}
        for column in range(starts[0], len(header)):
            name, body = label(header[column]), [sheet.cells[row][column] for row in rows.values()]
            if column in beside or not (name or any(isinstance(cell, float) for cell in body)):
                continue
            if not name or name in crops:
                problem = "stands twice in the header" if name else "figures without a header"
                raise sheet.error(panel.row, column, problem)
            crops[name] = column
        for year in sorted(panel.marks):
            here = {area: row for (area, of), row in rows.items() if of == year}
            self._refuse_missing(panel, here, {})
            panel.grids[year] = Grid(sheet, here, crops, panel.kind, repairs, panel.scale)

    def _rows_by_year(self, panel: Panel, column: int) -> dict[tuple[str, str], int]:
        """Return the rows of one block by area and year; the area stands in its first row."""
        sheet, area = panel.sheet, ""
        rows: dict[tuple[str, str], int] = {}
        for row in range(panel.row + 1, len(sheet.cells)):
            text, printed = (str(cell) for cell in sheet.cells[row][column : column + 2])
            year = re.fullmatch(self.year, fold(label(sheet.cells[row][column + 1])))
            if not year and (printed or (text and not re.match(self.notes, fold(text)))):
                raise sheet.error(row, column + 1, "expected a year")
            if not year:
                continue
            if text:
                area = self._area(sheet, row, column, text)
                panel.printed[area] = label(text)
            if (area, year[1]) in rows:
                raise sheet.error(row, column, f"{panel.printed[area]} {year[1]} stands twice")
            rows[area, year[1]] = row
            panel.marks[year[1]] = year["mark"].upper()
        return rows

    # --- the rows that are made of them

    def _rows(self, panel: Panel, edition: dict[str, str]) -> dict[str, dict]:
        """Return a row a name; its place is its row, or its cells where a row has several parts."""
        table, marks = self.tables[panel.kind], self.marks
        shared = edition | panel.said | table["columns"]
        shared |= {f"{year} status": marks[mark] for year, mark in panel.marks.items() if marks}
        rows = {}
        for part, grid in panel.grids.items():
            for name, row in grid.rows.items():
                ends = grid.at(name, min(grid.columns)), grid.at(name, max(grid.columns))
                at = "+".join(ends) if part else place(panel.sheet.name, row)
                named = {table["named"]: part} if part else {}
                if table.get("rows", self.rows):
                    named[table["named"]] = name if self.closed else panel.printed[name]
                else:
                    named |= {"ubigeo": name, "printed_name": panel.printed[name]}
                figures = {year: written(grid.data.at[name, year]) for year in grid.columns}
                rows[at] = shared | named | figures
        return rows

    def _rows_down(self, panel: Panel, edition: dict[str, str]) -> dict[str, dict]:
        """Return a row a crop and area; its place are the cells of its years."""
        table, grids = self.tables[panel.kind], panel.grids
        shared = edition | panel.said | table["columns"]
        first = next(iter(grids.values()))
        rows = {}
        for crop, area in itertools.product(first.columns, first.rows):
            at = "+".join(grid.at(area, crop) for grid in grids.values())
            named = {table["named"]: crop, "ubigeo": area, "printed_name": panel.printed[area]}
            figures = {year: written(grid.data.at[area, crop]) for year, grid in grids.items()}
            rows[at] = shared | named | figures
        return rows


def _is_down(sheet: Sheet, row: int, column: int) -> bool:
    """Return whether a column of years stands beside the names."""
    return fold(str(sheet.cells[row][column + 1 : column + 2])).strip("[]'") == "anos"


def _first_text(sheet: Sheet, row: int, start: int, end: int) -> tuple[int, str]:
    """Return the first text of a row's columns, and where it stands."""
    cells = enumerate(sheet.cells[row][start:end], start)
    return next(((column, x) for column, x in cells if isinstance(x, str) and x), (start, ""))


def _above(panel: Panel, line: int, column: int) -> str:
    """Return what stands above a group of years: of merged cells the first has the text."""
    texts = []
    for row in panel.sheet.cells[panel.row : line]:
        left = [x for x in row[panel.column + 1 : column + 1] if isinstance(x, str) and x]
        texts += left[-1:]
    return re.sub(" ?- ?", "-", fold(" ".join(texts)))
