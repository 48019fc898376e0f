"""Text files with a column a year: the World Bank's indicators, one row a country and indicator."""

import re
from pathlib import Path

from openpyxl.utils import get_column_letter

from ..core.errors import DataError
from .long import Facts, LongLayout
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
        rows = Rows(path, titled="Country Code", delimiters=",;\t")
        if named and named[1] != self.title:
            raise DataError(f"{rows.file}: data of {named[1]!r}, not {self.title}")
        return rows

    def locate(self, rows: Rows) -> dict[str, int]:
        """Return where the labels and the years stand; ``beyond`` has no name, and no figure."""
        at = super().locate(rows)
        others = {name: n for n, name in enumerate(rows.header) if n not in at.values()}
        at |= {"beyond": others.pop("")} if "" in others else {}
        years = [re.fullmatch(self.years, name) for name in others] or [None]
        found = [int(year[1]) for year in years if year] or [0]
        is_chosen = any(year and year["chosen"] for year in years)
        every = sorted(found) if is_chosen else list(range(found[0], found[-1] + 1))
        if not all(years) or found != every or len(at) + len(others) < len(rows.header):
            expected = "expected years in order beside the labels"
            raise rows.error(rows.top, f"{expected}, found {', '.join(rows.header)[:200]}")
        return at | dict(zip(map(str, found), others.values(), strict=True))

    def search(self, at: dict[str, int]) -> tuple[str, ...]:
        return tuple(self.indicators)

    def choose(self, facts: Facts) -> None:
        rows = facts.frame
        is_ours = (rows["country"] == self.country) & rows["indicator"].isin(self.indicators)
        facts.frame = rows = rows[is_ours]
        if facts.rows.latin:
            raise facts.rows.error(facts.rows.latin, "not UTF-8: save the file as UTF-8")
        for code, units in self.indicators.items():
            named = rows["name"].str.contains("|".join(map(re.escape, units)), case=False)
            expected = f"{{name!r}}, expected a name with {' or '.join(units)}"
            facts.refuse_if((rows["indicator"] == code) & ~named, expected)
        if "beyond" in rows:
            facts.refuse_if(rows["beyond"] != "", "expected no figure beyond the years")

    def complete(self, facts: Facts) -> None:
        """Refuse a gap between figures; make a row a year, whose place are the cells."""
        years = [name for name in facts.frame if name.isdigit()]
        known = facts.frame[years] != ""
        gap = ~known & known.cummax(axis=1) & known.loc[:, ::-1].cummax(axis=1)
        facts.refuse_if(gap.any(axis=1), "a gap between two figures of {indicator}")
        wide = facts.frame.set_index("indicator")[years].T
        wide = wide[(wide != "").any(axis=1) & (wide.index.astype(int) >= self.first_year)]
        at = self.locate(facts.rows)
        letters = [get_column_letter(at[year] + 1) for year in wide.index]
        cells = ["+".join(f"{column}{row}" for row in facts.frame.index) for column in letters]
        wide = wide.reindex(columns=list(self.indicators), fill_value="")
        wide.insert(0, "year", wide.index)
        facts.frame = wide.set_axis(cells)
