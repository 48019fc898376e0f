"""What a yearbook's tables say twice must agree; the tolerance is what rounding in print allows.

In the yearbooks of 2019, 2020 and 2022 all of it holds to nine digits, but for the crops that
are refused for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .sheets import Grid

PRODUCTION, AREA, YIELD, PRICE = "production", "area", "yield", "price"
NATION = "Nacional"
YEAR, MONTHS = 0, range(1, 13)


@dataclass(frozen=True)
class Series(Grid):
    """One measure of a table: figures by (area, period); period 0 is the year, 1 to 12 months."""

    measure: str
    noise = 1e-9

    @property
    def fine(self) -> float:
        """Half of the last digit in a ratio: whole numbers are taken as exact to a tenth."""
        return min(self.half, 0.05)

    def parts(self, period: int) -> list[float]:
        """Return the figures of the areas, without the country; blank is zero."""
        return [self.figures[area, period] or 0.0 for area in self.rows if area != NATION]

    def compare(self, row: str, column: int, expected: float, slack: float, what: str) -> None:
        blank = self.figures[row, column] is None and row == NATION
        if not (blank and self.measure in (PRODUCTION, AREA)):  # 2019 leaves them blank
            super().compare(row, column, expected, slack, f"{self.measure} of {row}: {what}")


def check(yearly: dict[str, Series], months: dict[str, Series]) -> None:
    """Refuse tables of a crop that contradict each other.

    Raises
    ------
    DataError
        Naming the cell: areas that not every table has, sums, yields, prices that don't agree.
    """
    year = months | yearly
    areas = set(year[PRODUCTION].rows)
    for series in (*yearly.values(), *months.values()):
        for area in sorted(areas ^ set(series.rows)):
            there = series if area in series.rows else year[PRODUCTION]
            raise there.error(area, YEAR, f"{area} is not in every table of the crop")
    for series in (*yearly.values(), *months.values()):
        if series.measure in (PRODUCTION, AREA):
            _check_sums(series)
    for area in sorted(areas):
        _check_blank(year, area)
        for measure in set(yearly) & set(months):
            series, other = yearly[measure], months[measure]
            check_same(series, other, area, "the year")
        _check_yield(year, area, YEAR)
        if {PRODUCTION, AREA, YIELD} <= set(months):
            for month in MONTHS:
                _check_yield(months, area, month)
        if {PRODUCTION, PRICE} <= set(months):
            _check_mean(months, area, YEAR, [(area, month) for month in MONTHS])
    for level in (year, months):
        if {PRODUCTION, PRICE} <= set(level):
            for period in level[PRODUCTION].columns.keys() & level[PRICE].columns.keys():
                parts = [(area, period) for area in areas if area != NATION]
                _check_mean(level, NATION, period, parts)


def check_same(series: Series, other: Series, area: str, what: str) -> None:
    """Compare the year's figure of an area with that of another table."""
    expected = other.figures[area, YEAR] or 0.0
    slack = series.half + other.half
    series.compare(area, YEAR, expected, slack, f"{what} in {other.at(area, YEAR)}")


def check_overview(series: Series, other: Series) -> None:
    """Compare with the overview of all crops, where it calls the crop by the same name.

    Only this sees a slip that all tables of the crop have in common (a whole sheet ×10).
    """
    for area in sorted(set(series.rows) & set(other.rows)):
        if other.figures[area, YEAR] is not None:
            check_same(series, other, area, "the overview")


def _check_blank(year: dict[str, Series], area: str) -> None:
    """Refuse an area with only one of production and area; the country's may be blank."""
    blank = [name for name in (PRODUCTION, AREA) if year[name].figures[area, YEAR] is None]
    if len(blank) == 1 and area != NATION:
        raise year[blank[0]].error(area, YEAR, f"no {blank[0]} of {area}")


def _check_sums(series: Series) -> None:
    """Check the country as the sum of its areas, and the year as the sum of its months."""
    for period in series.columns:
        series.add_up(NATION, period, series.parts(period), "the sum of the areas")
    if len(series.columns) > 1:
        for area in series.rows:
            months = [series.figures[area, month] or 0.0 for month in MONTHS]
            series.add_up(area, YEAR, months, "the sum of the months")


def _check_yield(level: dict[str, Series], area: str, period: int) -> None:
    """Check a yield as 1000 × production / area; 0 is printed where there is no area."""
    amount, land, ratio = (level[name] for name in (PRODUCTION, AREA, YIELD))
    tonnes, hectares = amount.figures[area, period], land.figures[area, period]
    slack = ratio.half
    if area == NATION and hectares is None:
        hectares, slack = sum(land.parts(period)), slack + 0.01
    expected = 0.0
    if tonnes and hectares:
        expected = 1000 * tonnes / hectares
        slack += expected * (amount.fine / tonnes + land.fine / hectares)
    ratio.compare(area, period, expected, slack, "production by area")


def _check_mean(level: dict[str, Series], area: str, period: int, parts: list[tuple]) -> None:
    """Check a price as the mean of others weighted by production, the ministry's own rule.

    Production without a price weighs in with 0, as the ministry has it.
    """
    price, amount = level[PRICE], level[PRODUCTION]
    weights = [amount.figures[part] or 0.0 for part in parts]
    whole = sum(weights)
    expected = slack = 0.0
    if whole:
        prices = [price.figures[part] or 0.0 for part in parts]
        expected = sum(one * weight for one, weight in zip(prices, weights, strict=True)) / whole
        grown = sum(weight > 0 for weight in weights)
        slack = price.half + (max(prices) - min(prices)) * grown * amount.fine / whole
    price.compare(area, period, expected, slack + price.half, "the mean weighted by production")
