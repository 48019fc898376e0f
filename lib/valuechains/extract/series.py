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
        found: dict[int, dict[str, str]] = {}
        passed = 0
        for line, cells in _lines(path, start, delimiter):
            if not any(cells[1:]) and (not any(cells) or cells[0].startswith(tuple(self.footers))):
                continue
            if len(cells) != len(columns):
                problem = f"{len(cells)} cells, the header has {len(columns)}"
                raise DataError(f"{file}, row {line}: {problem}")
            row = dict(zip(columns, map(str.strip, cells), strict=True))
            if row["Country Code"] == self.country and row["Indicator Code"] in self.indicators:
                found[line] = row
            else:
                passed += 1
        frame = pd.DataFrame.from_dict(found, orient="index", columns=dict.fromkeys(columns))
        table = RawTable(path, frame.astype(object))
        self._check_rows(table)
        table.whole = table.frame = self._by_year(columns, frame, self._figures(table))
        if table.frame.empty:
            names = " or ".join(self.indicators)
            since = f"{self.country} from {self.first_year} on"
            raise DataError(f"{file}: no figure of {since} with {names}")
        table.unused = {"other countries and indicators": passed}
        return table

    def _check_rows(self, table: RawTable) -> None:
        """Refuse an indicator twice, in another unit, or with a figure beyond the years."""
        codes, names = table.frame["Indicator Code"], table.frame["Indicator Name"]
        table.refuse(codes.duplicated(), codes.name, "expected each indicator once")
        for code, units in self.indicators.items():
            named = names.str.contains("|".join(map(re.escape, units)), case=False)
            expected = f"expected a name with {' or '.join(units)}"
            table.refuse((codes == code) & ~named, names.name, expected)
        if "" in table.frame:
            table.refuse(table.frame[""] != "", "", "expected no figure beyond the years")

    def _figures(self, table: RawTable) -> pd.DataFrame:
        """Return the figures by line and year, blank where there is none."""

        def plain(cell: str) -> str:
            return "" if cell in values.MISSING else values.plain(cell, self.exponents)

        years = [name for name in table.frame if name.isdigit()]
        figures = pd.DataFrame({year: table.parse(year, plain) for year in years})
        known = figures != ""
        gap = ~known & known.cummax(axis=1) & known.loc[:, ::-1].cummax(axis=1)
        for year in years:
            table.refuse(gap[year], year, "a gap between two figures")
            printed = table.frame[year]
            for line in printed.index[known[year] & (printed != figures[year])]:
                was, now = printed[line], figures.at[line, year]
                table.repairs.append(Repair(line, year, "read", was, now, "written otherwise"))
        return figures

    def _by_year(
        self, columns: list[str], frame: pd.DataFrame, figures: pd.DataFrame
    ) -> pd.DataFrame:
        """Return a row a year, whose place are the cells of its figures."""
        wide = figures.set_axis(frame["Indicator Code"].to_numpy()).T
        wide = wide[(wide != "").any(axis=1) & (wide.index.astype(int) >= self.first_year)]
        letters = [get_column_letter(columns.index(year) + 1) for year in wide.index]
        cells = ["+".join(f"{letter}{line}" for line in frame.index) for letter in letters]
        wide = wide.reindex(columns=list(self.indicators), fill_value="")
        wide.insert(0, "year", wide.index)
        return wide.set_axis(cells)

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
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
        dated = [re.fullmatch(self.years, cell) for cell in cells]
        columns = [
            year[1] if year else known.get(cell.casefold().replace(*self.renamed), cell)
            for cell, year in zip(cells, dated, strict=True)
        ]
        years = [int(year[1]) for year in dated if year]
        chosen = any(year and year["chosen"] for year in dated)
        steps = {later - before for before, later in itertools.pairwise(years)}
        in_order = all(step == 1 or (step > 1 and chosen) for step in steps)
        pairs = zip(columns, dated, strict=True)
        labels = [name for name, year in pairs if name and not year]
        if sorted(labels) != sorted(self.labels) or not (years and in_order):
            raise DataError(
                f"{file}, row {hits[0] + 1}: expected the columns {', '.join(self.labels)} and "
                f"years in order, found {', '.join([*labels, *columns])[:200]}"
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
