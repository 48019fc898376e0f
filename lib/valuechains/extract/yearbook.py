"""MIDAGRI's yearbook "Producción Agrícola" (.xls, .xlsx) → a crop's figures by department.

A crop has a sheet with its tables, in one of two forms: field crops monthly tables of area,
production, yield and price, whose first column is the year's figure; tree crops a yearly table
and monthly ones of production and price. A table begins at a header cell "Región"; above it
stands its title, in its row (and up to three more) the measures or months with their units,
below the country and its areas. Sheet names, cell addresses and the numbers of the tables are
not trusted: they vary and err. What the tables say twice is compared (`checks.py` of this room
is :mod:`.agree`), so a slip in one cell, row, column or table is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from ..core import places
from ..core.declared import Declared
from ..core.errors import DataError, ParameterError, candidates
from . import agree
from .agree import AREA, NATION, PRICE, PRODUCTION, YIELD, Series
from .layout import Layout
from .raw import RawTable, Repair
from .sheets import figure, written
from .workbook import Sheet, Workbook, place

LIMA_METROPOLITAN = "Lima Metropolitana"
fold = lru_cache(maxsize=20_000)(places.fold)  # a yearbook repeats its words


class Measure(Declared):
    """A measure: its column, the pattern of its words, and of its units with their factors."""

    column: str = ""
    words: str
    units: dict[str, float] = {}


@dataclass(frozen=True)
class Head:
    """A table of one crop as its title says it; its cells are not read yet."""

    sheet: Sheet
    row: int  # of the header cell "Región"
    column: int
    title: str  # folded
    crop: str  # folded, without punctuation
    measures: tuple[str, ...]
    year: int | None  # None when the title names none, or several

    def error(self, problem: str) -> DataError:
        return DataError(
            f"{self.sheet.file}, {place(self.sheet.name, self.row, self.column)}: {problem}"
        )


class Yearbook(Layout):
    """What the layout declares: the words of titles and headers, measures with their units.

    ``header`` is the cell at which a table begins, ``titled`` finds its measures and crop
    (``MEASURES`` stands for all words of measures), ``forms`` are words for the form in which a
    crop is weighed, ``overview`` begins the name of what is no crop: the wide tables.
    """

    crop: str
    header: str
    titled: str
    measures: dict[str, Measure]
    months: dict[str, int]
    whole_year: str
    campaign: str
    forms: tuple[str, ...]
    overview: str
    note: tuple[str, ...]
    mangled: str

    def fits(self, path: Path) -> bool:
        book = Workbook(path)
        sheets = (book.sheet(name, calculated=False) for name in book.sheets)
        return any(next(self.heads(sheet), None) for sheet in sheets)

    def table(self, path: Path) -> RawTable:
        return Opened(self, path).read(self.crop)

    def notes(self, path: Path) -> tuple[str, ...]:
        book = Opened(self, path)
        refused = []
        for crop in book.crops:
            try:
                book.read(max((head.crop for head in crop), key=len))
            except DataError as problem:
                refused.append(f"crop refused: {str(problem).partition(', ')[2]}")
        return f"{len(book.crops) - len(refused)} crops pass the checks", *refused

    # --- where tables are

    def name_of(self, crop: str) -> str:
        """Return a crop's name as it is compared: folded, without punctuation."""
        return " ".join(re.sub(r"[^a-z0-9ñ ]", " ", fold(crop)).split())

    def bare(self, name: str) -> str:
        """Return a crop's name without the form it is weighed in."""
        return " ".join(word for word in name.split() if word not in self.forms)

    def measure_of(self, words: str) -> str:
        """Return the measure that a header's or title's words begin to name, or nothing."""
        for name, measure in self.measures.items():
            if re.match(rf"(?:{measure.words})\b", words):
                return name
        return ""

    def heads(self, sheet: Sheet) -> Iterator[Head]:
        """Yield the tables by region of a sheet whose title names measures of a crop.

        The blocks in which an overview of many crops goes on have no title of their own.
        """
        words = "|".join(measure.words for measure in self.measures.values())
        titled = re.compile(self.titled.replace("MEASURES", f"(?:{words})"))
        last = None
        for row, cells in enumerate(sheet.cells):
            for column, cell in enumerate(cells):
                if not isinstance(cell, str) or not re.fullmatch(self.header, fold(cell)):
                    continue
                if title := self._title(sheet, row, column, titled):
                    named = [self.measure_of(one) for one in re.findall(words, title["measures"])]
                    crop = re.sub(r",? *(?:ano *)?(?:19|20)[0-9]{2}.*", "", title["crop"])
                    years = set(re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", title[0]))
                    if len(years) != 1 or re.search(self.campaign, title[0]):
                        years = {"0"}
                    last = Head(sheet, row, column, title[0], self.name_of(crop), tuple(named),
                                int(years.pop()) or None)  # fmt: skip
                    yield last
                elif last and last.crop.startswith(self.overview) and last.column == column:
                    yield replace(last, row=row)

    def _title(self, sheet: Sheet, row: int, column: int, titled: re.Pattern) -> re.Match | None:
        """Return the nearest title above a header cell (up to eight rows; no figures in between).

        It may begin further left, but not over a table that stands there.
        """
        text = ""
        left = column
        while left and sheet.cells[row][left - 1] == "":
            left -= 1
        for above in range(row - 1, max(row - 9, -1), -1):
            line = sheet.cells[above][left : column + 6]
            words = [cell for cell in line if isinstance(cell, str) and cell]
            if any(isinstance(cell, float) for cell in line[column - left :]) or any(
                fold(word).startswith(self.note) for word in words
            ):
                return None
            text = fold(" ".join([*words, text]))
            if title := titled.search(text):
                return title
        return None

    # --- what stands in them

    def series(self, head: Head, repairs: list[Repair]) -> list[Series]:
        """Return a table's series: one a measure in a yearly table, one with its months else."""
        first = _first(head)
        rows = self._areas(head, first, repairs)
        return [
            self._series(head, measure, rows, columns, first, repairs)
            for measure, columns in self._columns(head, first).items()
            if self.measures[measure].units
        ]

    def overview_of(self, head: Head) -> Iterator[tuple[tuple[str, str], int]]:
        """Yield the column of every crop in (a block of) an overview of many crops."""
        first = _first(head)
        for column in range(head.column + 1, len(head.sheet.cells[head.row])):
            crop = self.bare(self.name_of(_words(head, column, first)))
            yield (head.measures[0], crop), column

    def one_column(self, head: Head, column: int) -> Series:
        """Return one crop's figures of the year from an overview."""
        first = _first(head)
        rows = self._areas(head, first, [])
        return self._series(head, head.measures[0], rows, {0: column}, first, [])

    def _series(
        self, head: Head, measure: str, rows: dict, columns: dict, first: int, repairs: list[Repair]
    ) -> Series:
        scale = self._unit(head, measure, columns[0], first)
        figures = {
            (area, period): figure(head.sheet, row, column, measure, repairs, scale)
            for area, row in rows.items()
            for period, column in columns.items()
        }
        return Series(head.sheet, rows, columns, figures, measure)

    def _columns(self, head: Head, first: int) -> dict[str, dict[int, int]]:
        """Return the columns of each measure by period (0 the year, 1 to 12 its months)."""
        texts: dict[int, str] = {}
        for column in range(head.column + 1, len(head.sheet.cells[head.row])):
            words = _words(head, column, first)
            if not words and texts:
                break
            if words:
                texts[column] = re.sub(r"^(?:ano )?20[0-9]{2} |\(.*?\)|[.]", "", words).strip()
        monthly = any(text in self.months for text in texts.values())
        columns: dict[str, dict[int, int]] = {}
        for column, text in texts.items():
            measure, period = self.measure_of(text), 0
            if monthly:
                measure, period = head.measures[0], self.months.get(text, 0)
                if not period and not re.match(self.whole_year, text):
                    continue
            if measure and period in columns.setdefault(measure, {}):
                raise head.sheet.error(head.row, column, f"{text!r} stands twice in the header")
            if measure:
                columns[measure][period] = column
        for measure in head.measures:
            for period in range(13) if monthly else range(1):
                if period not in columns.get(measure, {}):
                    what = f"month {period}" if period else "the year"
                    raise head.error(f"the table has no column of {measure}, {what}")
        return columns

    def factor(self, unit: str, measure: str) -> float | None:
        """Return what a printed unit is worth in the unit of our column; None when unknown."""
        unit = re.sub(r"[ .]", "", unit)
        for pattern, factor in self.measures[measure].units.items():
            if re.fullmatch(pattern, unit):
                return factor
        return None

    def _unit(self, head: Head, measure: str, column: int, first: int) -> float:
        """Return the factor of the unit: in the column's header, else in the title."""
        words = _words(head, column, first)
        own = re.findall(r"\(([^()]*)\)", words)
        if head.crop.startswith(self.overview) or not own:
            bare = re.sub(rf"^(?:{self.measures[measure].words})", "", words)
            own = [bare, *re.findall(r"\(([^()]*)\)", head.title)]
        for unit in own:
            if factor := self.factor(unit, measure):
                return factor
        raise head.error(f"no unit of {measure} in {words!r} or {head.title!r}")

    def _areas(self, head: Head, first: int, repairs: list[Repair]) -> dict[str, int]:
        """Return the row of the country and of every area; none twice, none missing."""
        sheet, column = head.sheet, head.column
        known = [NATION, *map(places.name, places.codes())]
        rows: dict[str, int] = {}
        for row in range(first, len(sheet.cells)):
            text = str(sheet.cells[row][column])
            if not any(cell != "" for cell in sheet.cells[row][column + 1 : column + 5]):
                # An empty row, a footnote, or an area without any figure.
                if fold(text).startswith(self.note) or len(rows) >= len(known):
                    break
                if not text:
                    continue
            elif not text:
                raise sheet.error(row, column, "expected the name of the area of these figures")
            area = self._area(sheet, row, column, repairs)
            if area in rows:
                raise sheet.error(row, column, f"stands twice, also in row {rows[area] + 1}")
            rows[area] = row
        if missing := [area for area in known if area not in rows]:
            raise head.error(f"the table has no row of {', '.join(missing)}")
        return rows

    def _area(self, sheet: Sheet, row: int, column: int, repairs: list[Repair]) -> str:
        text = re.sub(r" +[0-9]/$", "", str(sheet.cells[row][column]))  # a footnote's mark
        if fold(text) == fold(LIMA_METROPOLITAN):
            return LIMA_METROPOLITAN
        if re.fullmatch(self.mangled, fold(text)):
            now = places.name("17")
            if fold(text) != fold(now):
                why = "a name mangled by a replacement of 'Mad'"
                at = place(sheet.name, row, column)
                repairs.append(Repair(at, "Región", "read", text, now, why))
            return now
        try:
            code = places.resolve(text)
        except ParameterError as problem:
            raise sheet.error(row, column, problem) from None
        return NATION if code == places.COUNTRY else places.name(code)


class Opened:
    """An opened yearbook: the tables of each crop, found by their titles.

    Raises
    ------
    DataError
        When the file is no workbook, or has no table of a crop by region.
    """

    def __init__(self, layout: Yearbook, path: Path) -> None:
        self.layout, self.book = layout, Workbook(path)
        heads = [
            head for name in self.book.sheets for head in layout.heads(self.book.sheet(name))
        ]
        wide = [head for head in heads if head.crop.startswith(layout.overview)]
        self.crops = list(_groups([head for head in heads if head not in wide]))
        years = Counter(head.year for crop in self.crops for head in crop if head.year)
        if not years:
            raise DataError(f"{self.book.file}: no table of a crop by region with a year")
        self.year = years.most_common(1)[0][0]
        self.overviews = {
            key: (head, column)
            for head in wide
            if head.year == self.year
            for key, column in layout.overview_of(head)
        }

    def crop(self, name: str) -> list[Head]:
        """Return the tables of one crop; none, or more than one of that name, is refused."""
        layout, wanted = self.layout, self.layout.name_of(name)
        names = {tuple(sorted({head.crop for head in crop})): crop for crop in self.crops}
        names = {key + (crop[0].sheet.name,): crop for crop in self.crops
                 for key in [tuple(sorted({head.crop for head in crop}))]}  # fmt: skip
        hits = [key for key in names if wanted in key[:-1]]
        hits = hits or [
            key for key in names if layout.bare(wanted) in map(layout.bare, key[:-1])
        ]
        if len(hits) == 1:
            return names[hits[0]]
        if hits:
            there = " and ".join(f"{key[-2]} (sheet {key[-1]})" for key in hits)
            raise DataError(f"{self.book.file}: crop {name!r} stands there as {there}")
        known = sorted({one for key in names for one in key[:-1]})
        near = [one for one in known if wanted and wanted in one.split()]
        hint = f" (there are {', '.join(near)})" if near else candidates(wanted, known)
        hidden = f"; {len(self.book.hidden)} sheets are hidden" if self.book.hidden else ""
        raise DataError(f"{self.book.file}: no tables of the crop {name!r}{hint}{hidden}")

    def read(self, crop: str) -> RawTable:
        """Return a crop's figures by area, a row where its production stands.

        Yield and price are blank where the sheet prints 0: no crop.
        """
        tables = [head for head in self.crop(crop) if head.measures != ("sown",)]
        repairs: list[Repair] = []
        months: dict[str, Series] = {}
        yearly: dict[str, Series] = {}
        for head in tables:
            if head.year != self.year:
                raise head.error(f"the title {head.title!r}: expected the year {self.year}")
            for series in self.layout.series(head, repairs):
                level = months if len(series.columns) > 1 else yearly
                if series.measure in level:
                    raise head.error(f"a second table of {series.measure}")
                level[series.measure] = series
        year = months | yearly
        sheet = f"{self.book.file}, sheet {tables[0].sheet.name!r}"
        for measure in (PRODUCTION, AREA, YIELD):
            if measure not in year:
                raise DataError(f"{sheet}: no table of {measure} of {crop}")
        agree.check(yearly, months)
        names = {self.layout.bare(head.crop) for head in tables}
        for measure, name in self.overviews:
            if measure in year and name in names:
                other = self.layout.one_column(*self.overviews[measure, name])
                agree.check_overview(year[measure], other)
        if not any(year[PRODUCTION].figures.values()):
            raise DataError(f"{sheet}: no production of {crop} anywhere")
        rows = self._rows(year, repairs)
        table = RawTable(self.book.path, pd.DataFrame.from_dict(rows, "index", dtype=object))
        table.repairs = repairs
        return table

    def _rows(self, year: dict[str, Series], repairs: list[Repair]) -> dict[str, dict]:
        production = year[PRODUCTION]
        columns = {name: measure.column for name, measure in self.layout.measures.items()}
        rows = {}
        for area, row in production.rows.items():
            at = place(production.sheet.name, row)
            rows[at] = {"Región": area, "year": str(self.year)}
            for measure in (PRODUCTION, AREA, YIELD, PRICE):
                value = year[measure].figures[area, 0] if measure in year else None
                if value == 0 and measure in (YIELD, PRICE):
                    value = None
                    if production.figures[area, 0]:
                        why = f"0 beside a production is no {measure}"
                        repairs.append(Repair(at, columns[measure], "read", "0.0", "", why))
                rows[at][columns[measure]] = written(value)
        if PRICE not in year:
            why = "the crop has no table of prices"
            repairs.append(Repair(next(iter(rows)), columns[PRICE], "read", "", "", why))
        return rows


def _groups(heads: list[Head]) -> Iterator[list[Head]]:
    """Yield the tables of one crop: of one name in one sheet.

    A shorter name ("arroz" among tables of "arroz cáscara") is the same crop where it stands for
    the tables that the longer one lacks.
    """
    groups: dict[tuple[str, str], list[Head]] = {}
    for head in heads:
        groups.setdefault((head.sheet.name, head.crop), []).append(head)
    for sheet, name in sorted(groups, key=lambda key: len(key[1])):
        for longer in [key for key in groups if key[0] == sheet and key[1].startswith(name + " ")]:
            there = {head.measures for head in groups[longer]}
            if not there & {head.measures for head in groups[sheet, name]}:
                groups[longer] += groups.pop((sheet, name))
                break
    yield from groups.values()


def _first(head: Head) -> int:
    """Return the first row below the header."""
    cells = head.sheet.cells
    for row in range(head.row + 1, min(head.row + 5, len(cells))):
        if cells[row][head.column]:
            return row
    raise head.error("no rows under the header")


def _words(head: Head, column: int, first: int) -> str:
    rows = range(head.row, first)
    return fold(" ".join(str(head.sheet.cells[row][column]) for row in rows))
