"""MIDAGRI's yearbook "Producción Agrícola" (.xls, .xlsx) → a crop's figures by department.

A crop has a sheet with its tables, in one of two forms: field crops monthly tables of area,
production, yield and price, whose first column is the year's figure; tree crops a yearly table
and monthly ones of production and price. What the tables say twice is compared in :mod:`.agree`,
so a slip in one cell, row, column or table is refused.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..core import places
from ..core.errors import DataError, there_are
from . import agree
from .agree import AREA, PRICE, PRODUCTION, YEAR, YIELD, Series
from .formats import raw
from .raw import RawTable, Repair
from .sheets import written
from .titled import Titled, fold, headers
from .workbook import Sheet, Workbook, place


@dataclass(frozen=True)
class Head:
    """A table of one crop as its title says it; its cells are not read yet."""

    sheet: Sheet
    row: int  # of the header cell "Región"
    column: int
    title: str  # folded
    crop: str  # folded, without punctuation
    measures: tuple[str, ...]
    year: str  # empty when the title names none, or several

    def error(self, problem: str) -> DataError:
        return self.sheet.error(self.row, self.column, problem)

    def first(self) -> int:
        """Return the first row below the header."""
        for row in range(self.row + 1, min(self.row + 5, len(self.sheet.cells))):
            if self.sheet.cells[row][self.column]:
                return row
        raise self.error("no rows under the header")

    def words(self, column: int) -> str:
        """Return what the header says of a column."""
        rows = range(self.row, self.first())
        return fold(" ".join(str(self.sheet.cells[row][column]) for row in rows))


def name_of(crop: str) -> str:
    """Return a crop's name as it is compared: folded, without punctuation."""
    return " ".join(re.sub(r"[^a-z0-9ñ ]", " ", fold(crop)).split())


def names_of(crop: list[Head]) -> list[str]:
    """Return the names that the tables of a crop use, the longest first."""
    return sorted({head.crop for head in crop}, key=len, reverse=True)


class Yearbook(Titled):
    """The yearbook's layout: where tables are, and what stands in them."""

    def table(self, path: Path) -> RawTable:
        return Book(self, path).read(self.crop)

    def bare(self, name: str) -> str:
        """Return a crop's name without the form it is weighed in."""
        return " ".join(word for word in name.split() if word not in self.forms)

    def measure_of(self, words: str) -> str:
        """Return the measure that a header's or title's words begin to name, or nothing."""
        measures = self.measures.items()
        hits = (name for name, one in measures if re.match(rf"(?:{one['words']})\b", words))
        return next(hits, "")

    def heads(self, sheet: Sheet) -> Iterator[Head]:
        """Yield the tables by region of a sheet whose title names measures of a crop.

        The blocks in which an overview of many crops goes on have no title of their own.
        """
        words = "|".join(measure["words"] for measure in self.measures.values())
        titled = re.compile(self.titled.replace("MEASURES", f"(?:{words})"))
        last = None
        for row, column in headers(self, sheet):
            title = self._title(sheet, row, column, titled)
            if title:
                measures = [self.measure_of(one) for one in re.findall(words, title[1])]
                crop = re.sub(self.ends_crop, "", title["crop"])
                years = set(re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", title[0]))
                several = len(years) > 1 or re.search(self.campaign, title[0])
                year = "" if several else "".join(years)
                last = Head(sheet, row, column, title[0], name_of(crop), tuple(measures), year)
                yield last
            elif last and last.crop.startswith(self.overview) and last.column == column:
                yield replace(last, row=row)

    def _title(self, sheet: Sheet, row: int, column: int, titled: re.Pattern) -> re.Match | None:
        """Return the nearest title above a header cell (up to eight rows; no figures in between).

        It may begin further left, but not over a table that stands there.
        """
        text, left = "", column
        while left and sheet.cells[row][left - 1] == "":
            left -= 1
        for above in range(row - 1, max(row - 9, -1), -1):
            line = sheet.cells[above][left : column + 6]
            words = [cell for cell in line if isinstance(cell, str) and cell]
            figures = any(isinstance(cell, float) for cell in line[column - left :])
            if figures or any(re.match(self.notes, fold(word)) for word in words):
                return None
            text = fold(" ".join([*words, text]))
            if title := titled.search(text):
                return title
        return None

    def series(self, head: Head, repairs: list[Repair]) -> list[Series]:
        """Return a table's series: one a measure in a yearly table, one with its months else."""
        columns = self._columns(head)
        rows = self.areas_of(head, columns[head.measures[0]].values(), repairs)
        return [
            self.one(head, measure, rows, columns[measure], repairs)
            for measure in columns
            if "units" in self.measures[measure]
        ]

    def one(
        self, head: Head, measure: str, rows: dict, columns: dict, repairs: list[Repair]
    ) -> Series:
        """Return the series of one measure."""
        scale = self._unit(head, measure, columns[YEAR])
        return Series(head.sheet, rows, columns, measure, repairs, scale)

    def areas_of(self, head: Head, columns: list[int], repairs: list[Repair]) -> dict[str, int]:
        """Return the row of the country and of every area."""

        def named(row: int, column: int, text: str, rows: dict) -> str:
            return self.area(head.sheet, row, column, text, repairs)

        return self.names(head, head.first(), columns, named, ())

    def _columns(self, head: Head) -> dict[str, dict[int, int]]:
        """Return the columns of each measure by period (0 the year, 1 to 12 its months)."""
        beside = range(head.column + 1, len(head.sheet.cells[head.row]))
        words = {column: head.words(column) for column in beside}
        first = next((column for column in beside if words[column]), 0)
        filled = itertools.takewhile(words.get, range(first, beside.stop))
        no_word = r"^(?:ano )?20[0-9]{2} |\(.*?\)|[.]"
        texts = {column: re.sub(no_word, "", words[column]).strip() for column in filled}
        monthly = any(text in self.months for text in texts.values())
        columns: dict[str, dict[int, int]] = {measure: {} for measure in head.measures}
        for column, text in texts.items():
            measure, period = self.measure_of(text), YEAR
            if monthly:
                period = self.months.get(text, YEAR)
                whole = period or re.match(self.whole_year, text)
                measure = head.measures[0] if whole else ""
            if measure and period in columns.setdefault(measure, {}):
                raise head.sheet.error(head.row, column, f"{text!r} stands twice in the header")
            if measure:
                columns[measure][period] = column
        for measure in head.measures:
            if missing := set(range(13) if monthly else [YEAR]) - set(columns[measure]):
                raise head.error(f"no column of {measure}, month {min(missing)} (0 is the year)")
        return columns

    def factor(self, unit: str, measure: str) -> float:
        """Return what a printed unit is worth in the unit of our column; 0 when unknown."""
        unit = re.sub(r"[ .]", "", unit)
        units = self.measures[measure]["units"]
        return next((units[pattern] for pattern in units if re.fullmatch(pattern, unit)), 0)

    def _unit(self, head: Head, measure: str, column: int) -> float:
        """Return the factor of the unit: in the column's header, else in the title."""
        words = head.words(column)
        units = re.findall(r"\(([^()]*)\)", words)
        if head.crop.startswith(self.overview) or not units:
            bare = re.sub(rf"^(?:{self.measures[measure]['words']})", "", words)
            units = [bare, *re.findall(r"\(([^()]*)\)", head.title)]
        factors = [self.factor(unit, measure) for unit in units]
        if not any(factors):
            raise head.error(f"no unit of {measure} in {words!r} or {head.title!r}")
        return next(filter(None, factors))


class Book:
    """An opened yearbook: the tables of each crop, found by their titles."""

    def __init__(self, layout: Yearbook, path: Path) -> None:
        self.layout, self.book = layout, Workbook(path)
        heads = [head for name in self.book.sheets for head in layout.heads(self.book.sheet(name))]
        wide = [head for head in heads if head.crop.startswith(layout.overview)]
        self.crops = list(_groups([head for head in heads if head not in wide]))
        years = Counter(head.year for head in heads if head.year and head not in wide)
        if not years:
            raise DataError(f"{self.book.file}: no table of a crop by region with a year")
        self.year = years.most_common(1)[0][0]
        self.overviews = {
            (head.measures[0], layout.bare(name_of(head.words(column)))): (head, column)
            for head in wide
            if head.year == self.year
            for column in range(head.column + 1, len(head.sheet.cells[head.row]))
        }

    def crop(self, name: str) -> list[Head]:
        """Return the tables of one crop; none, or more than one of that name, is refused."""
        bare, wanted = self.layout.bare, name_of(name)
        hits = [crop for crop in self.crops if wanted in names_of(crop)]
        hits = hits or [crop for crop in self.crops if bare(wanted) in map(bare, names_of(crop))]
        if len(hits) == 1:
            return hits[0]
        known = sorted({one for crop in hits or self.crops for one in names_of(crop)})
        sheets = "".join(f", sheet {crop[0].sheet.name}" for crop in hits)
        there = there_are(wanted, known) + sheets + self.book.unread
        raise DataError(f"{self.book.file}: no one crop is called {name!r}{there}")

    def read(self, crop: str) -> RawTable:
        """Return a crop's figures by area, a row where its production stands.

        Yield and price are blank where the sheet prints 0: no crop.
        """
        tables = [head for head in self.crop(crop) if head.measures != ("sown",)]
        repairs: list[Repair] = []
        months: agree.Level = {}
        yearly: agree.Level = {}
        for head in tables:
            if head.year != self.year:
                raise head.error(f"the title {head.title!r}: expected the year {self.year}")
            for series in self.layout.series(head, repairs):
                level = months if len(series.columns) > 1 else yearly
                if series.what in level:
                    raise head.error(f"a second table of {series.what}")
                level[series.what] = series
        year = months | yearly
        if missing := {PRODUCTION, AREA, YIELD} - year.keys():
            raise tables[0].error(f"no table of {' and '.join(sorted(missing))} of {crop}")
        agree.check(yearly, months)
        names = {self.layout.bare(head.crop) for head in tables}
        for measure, name in self.overviews:
            if measure in year and name in names:
                # Only this sees a slip that all tables of the crop share (a whole sheet ×10).
                head, column = self.overviews[measure, name]
                rows = self.layout.areas_of(head, [column], [])
                other = self.layout.one(head, measure, rows, {YEAR: column}, [])
                other.data = other.data.dropna()
                agree.check_year(year[measure], other, "the overview of all crops")
        if not year[PRODUCTION].data.to_numpy().any():
            raise tables[0].error(f"no production of {crop} anywhere")
        rows = self._rows(year, repairs)
        return raw(self.book.path, rows, repairs, {})

    def _rows(self, year: agree.Level, repairs: list[Repair]) -> dict[str, dict]:
        production = year[PRODUCTION]
        rows = {}
        for area, row in production.rows.items():
            at = place(production.sheet.name, row)
            name = self.layout.printed.get(area) or places.name(area)
            rows[at] = {"Región": name, "year": self.year}
            for measure in (PRODUCTION, AREA, YIELD, PRICE):
                column = self.layout.measures[measure]["column"]
                value = year[measure].data.at[area, YEAR] if measure in year else None
                if value == 0 and measure in (YIELD, PRICE):
                    value = None
                    if production.data.at[area, YEAR]:
                        why = f"0 beside a production is no {measure}"
                        repairs.append(Repair(at, column, "read", "0.0", "", why))
                rows[at][column] = written(value)
        if PRICE not in year:
            why = "the crop has no table of prices"
            repairs.append(Repair(next(iter(rows)), column, "read", "", "", why))
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
