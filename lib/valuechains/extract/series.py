"""Text files with a column a year: the World Bank's indicators, one row a country and indicator."""

import re
from pathlib import Path

from openpyxl.utils import get_column_letter

from ..core.errors import DataError
from .long import Cells, LongLayout
from .raw import RawTable
from .text import Rows, head


class Indicators(LongLayout):
    """What the layout declares: the country, its indicators, the database.

    ``years`` is the pattern of a year's header, whose group ``chosen`` says that years need not
    follow one another. An indicator's name must say the unit. ``database`` finds the name of the
    database in a file's first and last lines.
    """

    def text(self, path: Path) -> str:
        """Return the first and last lines of a file, where titles and footers stand."""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            both = head(path, 4096) + b"\n" + file.read()
        return both.decode("utf-8", "replace")

    def opened(self, path: Path) -> Rows:
        named = re.search(self.database, self.text(path))  # the bulk file names none: it is this
        rows = Rows(path, titled="Country Code", delimiters=",;\t", latin_too=False)
        if named and named[1] != self.title:
            raise DataError(f"{rows.file}: data of {named[1]!r}, not {self.title}")
        return rows

    def fits(self, path: Path) -> bool:
        return bool(super().locate(self.opened(path)))  # what is wrong with its years it says

    def locate(self, rows: Rows) -> dict[str, int]:
        """Return where the labels and the years stand; ``beyond`` has no name, and no figure."""
        at = super().locate(rows)
        for twice in [name for name in rows.header if rows.header.count(name) > 1]:
            raise rows.error(rows.top, f"more than one column {twice!r}, expected one")
        others = {name: n for n, name in enumerate(rows.header) if n not in at.values()}
        if "" in others:
            at["beyond"] = others.pop("")
        headers = list(filter(None, (re.fullmatch(self.years, name) for name in others)))
        years = [int(header[1]) for header in headers]
        is_chosen = any(header["chosen"] for header in headers)
        every = range(min(years, default=0), max(years, default=0) + 1)
        in_order = sorted(years) if is_chosen else list(every)
        if len(years) < len(others) or years != in_order:
            expected = "expected years in order beside the labels"
            raise rows.error(rows.top, f"{expected}, found {', '.join(rows.header)[:200]}")
        return at | dict(zip(map(str, years), others.values(), strict=True))

    def search(self, at: dict[str, int]) -> tuple[str, ...]:
        return tuple(self.indicators)

    def choose(self, cells: Cells) -> str:
        units = self.indicators.get(cells["indicator"])
        if cells["country"] != self.country or units is None:
            return self.others
        if not any(unit.casefold() in cells["name"].casefold() for unit in units):
            raise DataError(f"{cells['name']!r}, expected a name with {' or '.join(units)}")
        if cells.get("beyond"):
            raise DataError(f"{cells['beyond']!r}, expected no figure beyond the years")
        return ""

    def check(self, table: RawTable) -> None:
        """Refuse a gap between figures; make a row a year, whose place are the cells."""
        years = [name for name in table.frame if name.isdigit()]
        known = table.frame[years] != ""
        gap = (~known & known.cummax(axis=1) & known.loc[:, ::-1].cummax(axis=1)).any(axis=1)
        for row in gap.index[gap]:
            raise table.error(row, table.frame.at[row, "indicator"], "a gap between two figures")
        wide = table.frame.set_index("indicator")[years].T
        wide = wide[(wide != "").any(axis=1) & (wide.index.astype(int) >= self.first_year)]
        at = self.locate(self.opened(table.path))
        letters = [get_column_letter(at[year] + 1) for year in wide.index]
        cells = ["+".join(f"{column}{row}" for row in table.frame.index) for column in letters]
        wide = wide.reindex(columns=list(self.indicators), fill_value="")
        wide.insert(0, "year", wide.index)
        table.frame = wide.set_axis(cells)
