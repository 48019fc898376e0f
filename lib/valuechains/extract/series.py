"""Text files with a column a year: the World Bank's indicators, one row a country and indicator."""

import re
from pathlib import Path

import pandas as pd

from ..core.errors import DataError
from . import values
from .formats import Layout
from .raw import RawTable, Repair
from .text import Rows, head
from .workbook import place


class Series(Layout):
    """What the layout declares: labels before the years, the country, its indicators.

    ``renamed`` are a word of the header and ours for it; ``years`` is the pattern of a year's
    header, whose group ``chosen`` says that years need not follow one another. An indicator's
    name must say the unit. ``database`` finds the name of the database in a file's first and last
    lines.
    """

    def fits(self, path: Path) -> bool:
        return bool(self._opened(path)) and self._database(path) == self.title

    def text(self, path: Path) -> str:
        """Return the first and last lines of a file, where titles and footers stand."""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            both = head(path, 4096) + b"\n" + file.read()
        return both.decode("utf-8", "replace")

    def _database(self, path: Path) -> str:
        """Return the database that a file names (the bulk file names none: it is this one)."""
        named = re.search(self.database, self.text(path))
        return named[1] if named else self.title

    def table(self, path: Path) -> RawTable:
        rows, columns = self._opened(path)
        if self._database(path) != self.title:
            raise DataError(f"{rows.file}: data of {self._database(path)!r}, not {self.title}")
        found: dict[int, dict[str, str]] = {}
        for line, cells in rows.holding(*self.indicators):
            row = dict(zip(columns, map(str.strip, cells), strict=True))
            if row["Country Code"] == self.country and row["Indicator Code"] in self.indicators:
                found[line] = row
        if rows.latin:
            raise rows.error(rows.latin, "not UTF-8: save the file as UTF-8")
        frame = pd.DataFrame.from_dict(found, orient="index", columns=dict.fromkeys(columns))
        table = RawTable(path, frame.astype(object))
        self._check_rows(table)
        table.whole = table.frame = self._by_year(columns, frame, self._figures(table))
        if table.frame.empty:
            names = " or ".join(self.indicators)
            since = f"{self.country} from {self.first_year} on"
            raise DataError(f"{rows.file}: no figure of {since} with {names}")
        table.unused = {"other countries and indicators": rows.count - len(found)}
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
        ends = [place("", 0, columns.index(year))[1:-1] for year in wide.index]
        cells = ["+".join(f"{end}{line}" for line in frame.index) for end in ends]
        wide = wide.reindex(columns=list(self.indicators), fill_value="")
        wide.insert(0, "year", wide.index)
        return wide.set_axis(cells)

    def _opened(self, path: Path) -> tuple[Rows, list[str]]:
        """Return the rows of a file and what its columns are: labels, years, blank for none."""
        rows = Rows(path, titled=self.labels[1], delimiters=",;\t")
        known = {label.casefold(): label for label in self.labels}
        columns, years, is_chosen = [], [], False
        for name in rows.header:
            year = re.fullmatch(self.years, name)
            columns.append(
                year[1] if year else known.get(name.casefold().replace(*self.renamed), name)
            )
            years += [int(year[1])] if year else []
            is_chosen = is_chosen or bool(year and year["chosen"])
        every = list(range(years[0], years[-1] + 1)) if years else []
        in_order = years == (sorted(set(years)) if is_chosen else every)
        labels = [name for name in columns if name and not name.isdigit()]
        if sorted(labels) != sorted(self.labels) or not (years and in_order):
            expected = f"expected the columns {', '.join(self.labels)} and years in order"
            raise rows.error(rows.top, f"{expected}, found {', '.join(columns)[:200]}")
        return rows, columns
