"""Tables of a yearbook's sheets, found by what they say: title, header words, names of areas.

A table begins at a header cell "Región". Above it stands its title ("Perú: Producción mensual de
café pergamino, según región. Año: 2022 (t)", in one line or several), in its row (and up to three
more) the measures or months with their units, below the country and its areas. Sheet names,
cell addresses and the numbers of the tables are not trusted: they vary and err.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ...core import places
from ...core.errors import DataError, ParameterError
from . import values
from .table import Repair
from .workbook import Sheet, place

NATION, LIMA_METROPOLITAN = "Nacional", "Lima Metropolitana"
OVERVIEW = "principales cultivos"  # the wide tables region × crop
MEASURES = {
    "production_t": r"produccion",
    "sown_ha": r"(?:superficie |area )?sembrada|siembras?",
    "area_ha": r"(?:superficie |area )?cosechada|superficie",
    "yield_kg_per_ha": r"rendimiento(?: promedio)?",
    "farm_price_pen_per_kg": r"precios?(?: promedio)?(?: pagado)?(?: al productor)?(?: en chacra)?",
}
# What a unit is worth in the unit of our column.
UNITS = {
    "production_t": {"t": 1, "tm": 1, "toneladas": 1, "tonelada": 1, "milesdet": 1000,
                     "milest": 1000, "milesdetoneladas": 1000, "kg": 0.001},
    "area_ha": {"ha": 1, "has": 1, "hectareas": 1, "milesdeha": 1000, "milesha": 1000},
    "yield_kg_per_ha": {"kg/ha": 1, "kgxha": 1, "kgporha": 1, "t/ha": 1000, "txha": 1000},
    "farm_price_pen_per_kg": {
        f"{money}{per}{mass}": worth
        for money in ("s/", "soles", "nuevossoles", "pen")
        for per in ("/", "x", "por", "")
        for mass, worth in (("kg", 1), ("kilogramo", 1), ("t", 0.001), ("tm", 0.001))
    },
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
         "setiembre septiembre", "octubre", "noviembre", "diciembre"), start=1)
    for full in names.split()
    for name in (full, full[:3])
}  # fmt: skip
_HEADER = re.compile(r"(?:region(?:es)?|departamentos?)(?: ?/ ?[a-z]+)?(?: ?[0-9]/| ?\*+)?")
fold = lru_cache(maxsize=20_000)(places.fold)  # a yearbook repeats its words
_ANY = "|".join(MEASURES.values())
_TITLE = re.compile(
    rf"(?P<measures>(?:{_ANY})(?:(?:,| y| e|, y) (?:{_ANY}))*)(?: mensual| anual| promedio)*"
    r" del? (?:cultivo del? )?(?:la |el |los |las )?(?P<crop>[^.:]+?),?"
    r" (?:segun|por) (?:region|departamento).*"
)
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_CAMPAIGN = re.compile(r"[0-9]{4} ?[-/–] ?[0-9]{2,4}")
_NOTE = ("fuent", "elabora", "nota")


@dataclass(frozen=True)
class Head:
    """A table of one crop as its title says it; its cells are not read yet."""

    sheet: Sheet
    row: int  # of the header cell "Región"
    column: int
    title: str  # folded
    crop: str  # folded, without punctuation
    measures: tuple[str, ...]

    @property
    def origin(self) -> str:
        return place(self.sheet.name, self.row, self.column)

    @property
    def year(self) -> int | None:
        """The calendar year that the title names; None when it names none, or several."""
        years = set(_YEAR.findall(self.title))
        return int(years.pop()) if len(years) == 1 and not _CAMPAIGN.search(self.title) else None

    def error(self, problem: str) -> DataError:
        return DataError(f"{self.sheet.file}, {self.origin}: {problem}")


@dataclass(frozen=True)
class Series:
    """One measure of a table: figures by (area, period); period 0 is the year, 1 to 12 months."""

    head: Head
    measure: str
    rows: dict[str, int]
    columns: dict[int, int]
    figures: dict[tuple[str, int], float | None]

    def at(self, area: str, period: int = 0) -> str:
        """Return the cell of a figure."""
        return place(self.head.sheet.name, self.rows[area], self.columns[period])

    def row_of(self, area: str) -> str:
        return place(self.head.sheet.name, self.rows[area])

    def error(self, area: str, period: int, problem: str) -> DataError:
        return self.head.sheet.error(self.rows[area], self.columns[period], problem)

    def parts(self, period: int = 0) -> dict[str, float]:
        """Return the figures of the areas, without the country; blank is zero."""
        return {area: self.figures[area, period] or 0.0 for area in self.rows if area != NATION}

    @cached_property
    def half(self) -> float:
        """Half of the last printed digit: what rounding can change a figure by."""
        digits = (repr(one).partition(".")[2] for one in self.figures.values() if one)
        return 0.5 * 10.0 ** -max((min(len(one), 6) for one in digits if one != "0"), default=0)

    @property
    def fine(self) -> float:
        """The same for a ratio: whole numbers are taken as exact to a tenth."""
        return min(self.half, 0.05)

    def slack(self, parts: Iterable[float]) -> float:
        """Return how far rounding can take a total from the sum of its parts (0 is exact)."""
        return self.half * (1 + sum(part > 0 for part in parts))


def name_of(crop: str) -> str:
    """Return a crop's name as it is compared: folded, without punctuation."""
    return " ".join(re.sub(r"[^a-z0-9ñ ]", " ", fold(crop)).split())


def heads(sheet: Sheet) -> Iterator[Head]:
    """Yield the tables by region of a sheet whose title names measures of a crop.

    The blocks in which an overview of many crops goes on have no title of their own.
    """
    last = None
    for row, cells in enumerate(sheet.cells):
        for column, cell in enumerate(cells):
            if not isinstance(cell, str) or not _HEADER.fullmatch(fold(cell)):
                continue
            if title := _title(sheet, row, column):
                named = re.findall(_ANY, title["measures"])
                crop = name_of(re.sub(r",? *(?:ano *)?(?:19|20)[0-9]{2}.*", "", title["crop"]))
                last = Head(sheet, row, column, title[0], crop, tuple(map(_measure, named)))
                yield last
            elif last and last.crop.startswith(OVERVIEW) and last.column == column:
                yield replace(last, row=row)


def _measure(words: str) -> str:
    """Return the column that a header's or title's words begin to name, or nothing."""
    return next(
        (one for one, pattern in MEASURES.items() if re.match(rf"(?:{pattern})\b", words)), ""
    )


def _title(sheet: Sheet, row: int, column: int) -> re.Match | None:
    """Return the nearest title above a header cell (up to eight rows; no figures in between).

    It may begin further left, but not over a table that stands there.
    """
    text = ""
    left = next((one for one in range(column, 0, -1) if sheet.cells[row][one - 1] != ""), 0)
    for above in range(row - 1, max(row - 9, -1), -1):
        line = sheet.cells[above][left : column + 6]
        words = [one for one in line if isinstance(one, str) and one]
        if any(isinstance(one, float) for one in line[column - left :]) or any(
            fold(one).startswith(_NOTE) for one in words
        ):
            return None
        text = fold(" ".join([*words, text]))
        if found := _TITLE.search(text):
            return found
    return None


def read_table(head: Head, repairs: list[Repair]) -> list[Series]:
    """Return a table's series: one a measure in a yearly table, one with its months in a monthly.

    Raises
    ------
    DataError
        Naming the cell, for whatever is not as such a table has it.
    """
    first = _first(head)
    rows = _areas(head, first, repairs)
    return [
        _series(head, measure, rows, columns, first, repairs)
        for measure, columns in _columns(head, first).items()
        if measure in UNITS
    ]


def overview(head: Head) -> dict[str, int]:
    """Return the column of every crop in (a block of) an overview of many crops."""
    first, width = _first(head), len(head.sheet.cells[head.row])
    return {name_of(_words(head, one, first)): one for one in range(head.column + 1, width)}


def read_column(head: Head, column: int) -> Series:
    """Return one crop's figures of the year from an overview."""
    first = _first(head)
    rows = _areas(head, first, [])
    return _series(head, head.measures[0], rows, {0: column}, first, [])


def _series(
    head: Head, measure: str, rows: dict[str, int], columns: dict[int, int], first: int,
    repairs: list[Repair],
) -> Series:  # fmt: skip
    worth = _unit(head, measure, columns[0], first)
    figures = {
        (area, period): _figure(head, row, column, measure, worth, repairs)
        for area, row in rows.items()
        for period, column in columns.items()
    }
    return Series(head, measure, rows, columns, figures)


def _first(head: Head) -> int:
    """Return the first row below the header."""
    cells = head.sheet.cells
    for row in range(head.row + 1, min(head.row + 5, len(cells))):
        if cells[row][head.column]:
            return row
    raise head.error("no rows under the header")


def _columns(head: Head, first: int) -> dict[str, dict[int, int]]:
    """Return the columns of each measure by period (0 the year, 1 to 12 its months)."""
    words = {
        column: _words(head, column, first)
        for column in range(head.column + 1, len(head.sheet.cells[head.row]))
    }
    start = next((column for column, text in words.items() if text), head.column)
    end = next((column for column, text in words.items() if column > start and not text), None)
    bare = {column: re.sub(r"^(?:ano )?20[0-9]{2} |\(.*?\)|[.]", "", text).strip()
            for column, text in words.items() if end is None or column < end}  # fmt: skip
    monthly = any(text in MONTHS for text in bare.values())
    found: dict[str, dict[int, int]] = {}
    for column, text in bare.items():
        measure, period = _measure(text), 0
        if monthly:
            measure, period = head.measures[0], MONTHS.get(text, 0)
            if not period and not re.match(r"total|promedio|anual|ano\b", text):
                continue
        if measure and period in found.setdefault(measure, {}):
            raise head.sheet.error(head.row, column, f"{text!r} stands twice in the header")
        if measure:
            found[measure][period] = column
    for measure in head.measures:
        for period in range(13) if monthly else range(1):
            if period not in found.get(measure, {}):
                what = f"month {period}" if period else "the year"
                raise head.error(f"the table has no column of {measure}, {what}")
    return found


def _words(head: Head, column: int, first: int) -> str:
    rows = range(head.row, first)
    return fold(" ".join(str(head.sheet.cells[row][column]) for row in rows))


def factor(unit: str, measure: str) -> float | None:
    """Return what a printed unit is worth in the unit of our column; None when unknown."""
    return UNITS[measure].get(re.sub(r"[ .]", "", unit))


def _unit(head: Head, measure: str, column: int, first: int) -> float:
    """Return the factor from the printed unit to ours: in the column's header, else the title."""
    words = _words(head, column, first)
    own = [] if head.crop.startswith(OVERVIEW) else re.findall(r"\(([^()]*)\)", words)
    bare = re.sub(rf"^(?:{MEASURES[measure]})", "", words)
    for unit in own or [bare, *re.findall(r"\(([^()]*)\)", head.title)]:
        if worth := factor(unit, measure):
            return worth
    raise DataError(
        f"{head.sheet.file}, {place(head.sheet.name, head.row, column)}: no unit of {measure} in "
        f"{words!r} or {head.title!r}, expected one like {', '.join(list(UNITS[measure])[:3])}"
    )


def _areas(head: Head, first: int, repairs: list[Repair]) -> dict[str, int]:
    """Return the row of the country and of every area.

    Raises
    ------
    DataError
        For an unknown name, one that stands twice, or a department that is missing.
    """
    sheet, column = head.sheet, head.column
    known = [NATION, *map(places.name, places.codes())]
    rows: dict[str, int] = {}
    for row in range(first, len(sheet.cells)):
        text = str(sheet.cells[row][column])
        if not any(one != "" for one in sheet.cells[row][column + 1 : column + 5]):
            # An empty row, a footnote, or an area without any figure.
            if fold(text).startswith(_NOTE) or len(rows) >= len(known):
                break
            if not text:
                continue
        elif not text:
            raise sheet.error(row, column, "expected the name of the area of these figures")
        area = _area(sheet, row, column, repairs)
        if area in rows:
            raise sheet.error(row, column, f"stands twice, also in row {rows[area] + 1}")
        rows[area] = row
    if missing := [one for one in known if one not in rows]:
        raise head.error(f"the table has no row of {', '.join(missing)}")
    return rows


def _area(sheet: Sheet, row: int, column: int, repairs: list[Repair]) -> str:
    text = re.sub(r" +[0-9]/$", "", str(sheet.cells[row][column]))  # a footnote's mark
    if fold(text) == fold(LIMA_METROPOLITAN):
        return LIMA_METROPOLITAN
    if re.fullmatch(r"\S+re de dios", fold(text)):
        # The publisher's replacing of "Mad" by a sheet's name; no other area ends like this.
        now = places.name("17")
        if fold(text) != fold(now):
            repairs.append(Repair(place(sheet.name, row, column), "region", "read", text, now,
                                  "a name mangled by a replacement of 'Mad'"))  # fmt: skip
        return now
    try:
        code = places.resolve(text)
    except ParameterError as problem:
        raise sheet.error(row, column, str(problem)) from None
    return NATION if code == places.COUNTRY else places.name(code)


def _figure(
    head: Head, row: int, column: int, measure: str, worth: float, repairs: list[Repair]
) -> float | None:
    sheet = head.sheet
    value = sheet.cells[row][column]
    if isinstance(value, str):
        if value.casefold() in values.MISSING:
            return None
        try:
            number = values.number(value, "auto")
        except DataError as problem:
            raise sheet.error(row, column, f"{measure}: {problem}") from None
        repairs.append(Repair(place(sheet.name, row, column), measure, "read", value,
                              repr(number), "a number stored as text"))  # fmt: skip
        value = number
    if isinstance(value, dt.date | dt.time | dt.timedelta) or not 0 <= value < 1e12:
        raise sheet.error(row, column, f"{measure}: expected a number from 0")
    # Twelve digits: a product by 0.001 must not show the noise of binary fractions.
    return value if worth == 1 else float(f"{value * worth:.12g}")
