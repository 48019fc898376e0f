"""Text files with a column a year: the World Bank's indicators, one row a country and indicator.

Read line by line: the bulk file has over 200 MB.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from openpyxl.utils import get_column_letter

from ..core.errors import DataError
from ..core.paths import relative
from . import values
from .formats import Layout
from .raw import RawTable, Repair
from .text import head, refuse_no_text


class Series(Layout):
    """What the layout declares: labels before the years, the country, its indicators.

    ``renamed`` are a word of the header and ours for it; ``years`` is the pattern of a year's
    header, whose group ``chosen`` says that years need not follow one another. An indicator's
    name must say the unit. ``footers`` begin lines below the table; ``database`` finds the name
    of the database in a file's first and last lines.
    """

    def fits(self, path: Path) -> bool:
        return bool(self._header(path)) and self._database(path) == self.title

    def text(self, path: Path) -> str:
        return _ends(path)

    def _database(self, path: Path) -> str:
        """Return the database that a file names (the bulk file names none: it is this one)."""
        named = re.search(self.database, _ends(path))
        return named[1] if named else self.title

    def table(self, path: Path) -> RawTable:
        columns, start, delimiter = self._header(path)
        file = relative(path)
        if self._database(path) != self.title:
            raise DataError(f"{file}: data of {self._database(path)!r}, expected {self.title}")
        series: dict[str, tuple[int, dict[str, str]]] = {}
        repairs: list[Repair] = []
        passed = 0
        for line, cells in _lines(path, start, delimiter):
            if not any(cells[1:]) and (not any(cells) or cells[0].startswith(tuple(self.footers))):
                continue
            if len(cells) != len(columns):
                raise DataError(
                    f"{file}, row {line}: {len(cells)} cells, the header has {len(columns)}"
                )
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            code = row["Indicator Code"]
            if row["Country Code"] != self.country or code not in self.indicators:
                passed += 1
                continue
            problem = ""
            if code in series:
                problem = f"{self.country}, {code} stands more than once"
            elif not any(
                unit.casefold() in row["Indicator Name"].casefold()
                for unit in self.indicators[code]
            ):
                expected = " or ".join(map(repr, self.indicators[code]))
                problem = f"{row['Indicator Name']!r}, expected it with {expected}"
            elif row.get(""):
                problem = "a figure without a year"
            if problem:
                raise DataError(f"{file}, row {line}: {problem}")
            figures = {name: cell for name, cell in row.items() if name.isdigit()}
            series[code] = line, self._figures(f"{file}, row {line}", line, figures, repairs)
        return self._by_year(path, columns, series, repairs, passed)

    def _by_year(
        self, path: Path, columns: list[str], series: dict, repairs: list[Repair], passed: int
    ) -> RawTable:
        """Return a row a year, whose place are the cells of its figures."""
        rows = {}
        for column, year in enumerate(columns):
            if not year.isdigit() or int(year) < self.first_year:
                continue
            row = {code: figures[year] for code, (_, figures) in series.items()}
            if any(row.values()):
                cells = (f"{get_column_letter(column + 1)}{line}" for line, _ in series.values())
                rows["+".join(cells)] = {"year": year} | row
        if not rows:
            raise DataError(
                f"{relative(path)}: no figure of {self.country} from {self.first_year} on with "
                f"{' or '.join(self.indicators)}"
            )
        frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
        table = RawTable(path, frame.reindex(columns=["year", *self.indicators], fill_value=""))
        table.repairs = repairs
        table.unused = {"other countries and indicators": passed}
        return table

    def _figures(
        self, place: str, line: int, printed: dict[str, str], repairs: list[Repair]
    ) -> dict[str, str]:
        """Return the figures of a row by year, blank where there is none."""
        out = {}
        for year, cell in printed.items():
            try:
                out[year] = "" if cell in values.MISSING else values.plain(cell, self.exponents)
            except DataError as problem:
                raise DataError(f"{place}, column {year!r}: {problem}") from None
            if out[year] not in ("", cell):
                repairs.append(Repair(line, year, "read", cell, out[year], "written otherwise"))
        known = [year for year in out if out[year]]
        for year in out:
            if not out[year] and known and known[0] < year < known[-1]:
                raise DataError(f"{place}, column {year!r}: a gap between two figures")
        return out

    def _header(self, path: Path) -> tuple[list[str], int, str]:
        """Return the names of the columns, the number of the header's line, and the delimiter.

        Years are plain (``1990``), a column too many is blank.
        """
        file = relative(path)
        text = head(path).decode(refuse_no_text(path), "replace")
        lines = list(itertools.islice(io.StringIO(text, newline=""), 20))
        hits = [n for n, line in enumerate(lines) if self.labels[1].casefold() in line.casefold()]
        if not hits:
            raise DataError(f"{file}: no header with {', '.join(self.labels)} and years")
        line = lines[hits[0]]
        delimiter = max(",;\t", key=line.count)
        known = {label.casefold(): label for label in self.labels}
        columns, years, chosen = [], [], False
        for cell in map(str.strip, next(csv.reader([line], delimiter=delimiter))):
            name = cell.casefold().replace(*self.renamed)
            columns.append(known.get(name, cell))
            if year := re.fullmatch(self.years, cell):
                columns[-1] = year[1]
                years.append(int(year[1]))
                chosen = chosen or bool(year["chosen"])
        steps = {later - before for before, later in itertools.pairwise(years)}
        in_order = all(step == 1 or (step > 1 and chosen) for step in steps)
        strange = [name for name in columns if name not in ("", *self.labels, *map(str, years))]
        once = all(columns.count(label) == 1 for label in self.labels)
        if not (years and in_order and once) or strange:
            raise DataError(
                f"{file}, row {hits[0] + 1}: expected the columns {', '.join(self.labels)} and "
                f"years in order, found {', '.join([*strange, *columns])[:200]}"
            )
        return columns, hits[0] + 1, delimiter


def _ends(path: Path) -> str:
    """Return the first and last lines of a file, where titles and footers stand."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        both = head(path, 4096) + b"\n" + file.read()
    return both.replace(b"\0", b"").decode("utf-8", "replace")  # the ASCII of UTF-16 as well


def _lines(path: Path, start: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows under the header, each with its line."""
    file, line = relative(path), start
    with path.open(encoding=refuse_no_text(path), newline="") as opened:
        try:
            for _ in range(start):
                opened.readline()
            for cells in (reader := csv.reader(opened, delimiter=delimiter, strict=True)):
                line = start + reader.line_num
                yield line, cells
        except UnicodeDecodeError as problem:
            raise DataError(
                f"{file}, after row {line}: byte {problem.object[problem.start]:#04x} is no UTF-8: "
                "save the file as UTF-8"
            ) from None
        except csv.Error as problem:
            raise DataError(f"{file}, row {line + 1}: not a row of cells ({problem})") from None
