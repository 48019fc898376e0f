"""MIDAGRI's yearbook "Producción Agrícola" (.xls, .xlsx) → a crop's figures by department.

A crop has a sheet with its tables, in one of two forms: field crops monthly tables of area,
production, yield and price, whose first column is the year's figure; tree crops a yearly table
and monthly ones of production and price. What the tables say twice must agree (`check`), within
what rounding in print allows, so a slip in one cell, row, column or table is refused.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from ..core import places
from ..core.errors import DataError, there_are
from .raw import RawTable
from .sheets import NOISE, Grid, Titled, fold, written
from .workbook import Sheet, Workbook, place

PRODUCTION, AREA, YIELD, PRICE = "production", "area", "yield", "price"
YEAR, MONTHS = 0, list(range(1, 13))


class AreaSeries(Grid):
    """One measure of a table: figures by area and period; period 0 is the year, 1 to 12 months."""

    noise = NOISE

    @property
    def fine(self) -> float:
        """Half of the last digit in a ratio: whole numbers are taken as exact to a tenth."""
        return min(self.half, 0.05)

    @property
    def parts(self) -> pd.DataFrame:
        """The figures of the areas, without the country; blank is zero."""
        return self.data.drop(places.COUNTRY).fillna(0.0)

    def agree(self, expected: pd.DataFrame, slack: pd.DataFrame | float, why: str) -> None:
        if self.what in (PRODUCTION, AREA):  # 2019 leaves the country's blank
            blank = self.data.index[self.data[YEAR].isna()].intersection([places.COUNTRY])
            expected = expected.drop(blank, errors="ignore")
        super().agree(expected, slack, why)


Level = dict[str, AreaSeries]
SOWN = ("sown",)  # a table of these alone says nothing of the harvest


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


class Yearbook(Titled):
    """The yearbook's layout: where tables are, and what stands in them.

    ``crop`` is a pattern of the names that the tables and the overview have for the crop.
    """

    def table(self, path: Path) -> RawTable:
        """Return a crop's figures by area, a row where its production stands."""
        book = Workbook(path)
        heads = [head for name in book.sheets for head in self.heads(book.sheet(name))]
        wide = [head for head in heads if head.crop.startswith(self.overview)]
        single = [head for head in heads if not head.crop.startswith(self.overview)]
        years = Counter(head.year for head in single if head.year)
        if not years:
            raise DataError(f"{book.file}: no table of a crop by region with a year")
        is_crop = re.compile(fold(self.crop)).fullmatch
        tables = [head for head in single if is_crop(head.crop) and head.measures != SOWN]
        if not tables:
            there = there_are(fold(self.crop), sorted({head.crop for head in single}))
            raise DataError(f"{book.file}: no crop {self.crop!r}{there}{book.unread}")
        edition = years.most_common(1)[0][0]
        months: Level = {}
        yearly: Level = {}
        for head in tables:
            if head.year != edition:
                raise head.error(f"the title {head.title!r}: expected the year {edition}")
            for series in self._series(head, self._columns(head)):
                level = months if len(series.columns) > 1 else yearly
                if series.what in level:
                    raise head.error(f"a second table of {series.what}")
                level[series.what] = series
        year = months | yearly
        if missing := {PRODUCTION, AREA, YIELD} - year.keys():
            raise tables[0].error(f"no table of {' and '.join(sorted(missing))} of {self.crop}")
        check(yearly, months)
        for head in wide:
            if head.year == edition and head.measures[0] in year:
                self._check_overview(head, year[head.measures[0]], is_crop)
        if not year[PRODUCTION].data.to_numpy().any():
            raise tables[0].error(f"no production of {self.crop} anywhere")
        return book.table(self._rows(edition, year), {})

    def _check_overview(self, head: Head, series: AreaSeries, is_crop: Callable) -> None:
        """Compare a crop with the overview of all: only that sees a slip which all its tables
        share (a whole sheet ×10).
        """
        for column in range(head.column + 1, len(head.sheet.cells[head.row])):
            if is_crop(name_of(head.words(column))):
                (other,) = self._series(head, {series.what: {YEAR: column}})
                other.data = other.data.dropna()
                check_year(series, other, "the overview of all crops")

    def _rows(self, edition: str, year: Level) -> dict[str, dict]:
        """Return a row an area; yield and price are blank where the sheet prints 0: no crop."""
        production = year[PRODUCTION]
        rows = {}
        for area, row in production.rows.items():
            at = place(production.sheet.name, row)
            rows[at] = {"Región": self.printed.get(area) or places.name(area), "year": edition}
            for measure in (PRODUCTION, AREA, YIELD, PRICE):
                column, series = self.measures[measure]["column"], year.get(measure)
                value = series.data.at[area, YEAR] if series else None
                if value == 0 and measure in (YIELD, PRICE):
                    value = None
                    if production.data.at[area, YEAR]:
                        why = f"0 beside a production is no {measure}"
                        series.sheet.note(series.rows[area], series.columns[YEAR], column, "", why)
                rows[at][column] = written(value)
        if PRICE not in year:
            column, why = self.measures[PRICE]["column"], "the crop has no table of prices"
            production.sheet.note(max(production.rows.values()), 0, column, "", why)
        return rows

    def measure_of(self, words: str) -> str:
        """Return the measure that a header's or title's words begin to name, or nothing."""
        measures = self.measures.items()
        hits = (name for name, of in measures if re.match(rf"(?:{of['words']})\b", words))
        return next(hits, "")

    def heads(self, sheet: Sheet) -> Iterator[Head]:
        """Yield the tables by region of a sheet whose title names measures of a crop.

        The blocks in which an overview of many crops goes on have no title of their own.
        """
        words = "|".join(measure["words"] for measure in self.measures.values())
        titled = re.compile(self.titled.replace("MEASURES", f"(?:{words})"))
        last = None
        for row, column in self.headers(sheet):
            title = self._title(sheet, row, column, titled)
            if title:
                measures = [self.measure_of(text) for text in re.findall(words, title[1])]
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

    def _series(self, head: Head, columns: dict) -> list[AreaSeries]:
        """Return a table's series: one a measure in a yearly table, one with its months else."""
        figures = next(iter(columns.values())).values()
        rows = self.names(head, head.first(), figures, partial(self.area, head.sheet), ())
        return [
            AreaSeries(head.sheet, rows, of, measure, self._unit(head, measure, of[YEAR]))
            for measure, of in columns.items()
            if "units" in self.measures[measure]
        ]

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
                measure = head.measures[0] if period or re.match(self.whole_year, text) else ""
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


def check(yearly: Level, months: Level) -> None:
    """Refuse tables of a crop that contradict each other."""
    year = months | yearly
    areas = year[PRODUCTION].rows.keys()
    for series in (*yearly.values(), *months.values()):
        for area in areas ^ series.rows.keys():
            there = series if area in series.rows else year[PRODUCTION]
            raise there.error(area, YEAR, f"{area} is not in every table of the crop")
        if series.what in (PRODUCTION, AREA):
            series.add_up(places.COUNTRY, list(series.parts.index), "the sum of the areas")
            if len(series.columns) > 1:
                series.add_up(YEAR, MONTHS, "the sum of the months", axis=1)
    _check_blank(year)
    for measure in yearly.keys() & months.keys():
        check_year(yearly[measure], months[measure], "the monthly table")
    for level, periods in ((year, [YEAR]), (months, [YEAR, *MONTHS])):
        if {PRODUCTION, AREA, YIELD} <= level.keys():
            _check_yields(level, [YEAR] if level is year else MONTHS)
        if {PRODUCTION, PRICE} <= level.keys():
            _check_prices(level, periods)


def check_year(series: AreaSeries, other: AreaSeries, why: str) -> None:
    """Compare the year's figures with those of another table, where both have an area."""
    expected = other.data[[YEAR]].loc[other.data.index.isin(series.data.index)]
    series.agree(expected.fillna(0.0), series.half + other.half, why)


def _check_blank(year: Level) -> None:
    """Refuse an area with only one of production and area; the country's may be blank."""
    blank = {name: year[name].data[YEAR].drop(places.COUNTRY).isna() for name in (PRODUCTION, AREA)}
    for name, other in ((PRODUCTION, AREA), (AREA, PRODUCTION)):
        wrong = blank[name] & ~blank[other]
        year[name].refuse(wrong.to_frame(YEAR), "blank, but not what goes with it")


def _check_yields(level: Level, periods: list[int]) -> None:
    """Check yields as 1000 × production / area; 0 is printed where there is no area."""
    amount, land, ratio = (level[name] for name in (PRODUCTION, AREA, YIELD))
    tonnes, hectares = amount.data[periods], land.data[periods].copy()
    slack = pd.DataFrame(ratio.half, index=tonnes.index, columns=periods)
    slack.loc[places.COUNTRY] += 0.01 * hectares.loc[places.COUNTRY].isna()
    hectares.loc[places.COUNTRY] = hectares.loc[places.COUNTRY].fillna(land.parts[periods].sum())
    grown = (tonnes > 0) & (hectares > 0)
    expected = (1000 * tonnes / hectares).where(grown, 0.0)
    slack += (expected * (amount.fine / tonnes + land.fine / hectares)).where(grown, 0.0)
    ratio.agree(expected, slack, "production by area")


def _check_prices(level: Level, periods: list[int]) -> None:
    """Check the country's prices as the means of its areas', and a year's as that of its months."""
    price, amount = level[PRICE], level[PRODUCTION]
    prices, weights = price.parts[periods].T, amount.parts[periods].T
    mean, slack = (x.to_frame(places.COUNTRY).T for x in _mean(price, amount, prices, weights))
    price.agree(mean, slack, "the mean weighted by production")
    if len(periods) > 1:
        prices, weights = (x.data[MONTHS].fillna(0.0) for x in (price, amount))
        mean, slack = (x.to_frame(YEAR) for x in _mean(price, amount, prices, weights))
        price.agree(mean, slack, "the mean of the months")


def _mean(
    price: AreaSeries, amount: AreaSeries, prices: pd.DataFrame, weights: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    """Return rows' mean prices weighted by production, the ministry's own rule, and their slack.

    Production without a price weighs in with 0, as the ministry has it.
    """
    whole = weights.sum(axis=1)
    mean = (prices * weights).sum(axis=1) / whole
    spread = prices.max(axis=1) - prices.min(axis=1)
    slack = 2 * price.half + spread * (weights > 0).sum(axis=1) * amount.fine / whole
    return mean.fillna(0.0), slack.fillna(0.0)
