"""What a yearbook's tables say twice must agree; the tolerance is what rounding in print allows.

In the yearbooks of 2019, 2020 and 2022 all of it holds to nine digits, but for the crops that
are refused for it.
"""

import pandas as pd

from ..core.places import COUNTRY as NATION
from .sheets import Grid

PRODUCTION, AREA, YIELD, PRICE = "production", "area", "yield", "price"
YEAR, MONTHS = 0, list(range(1, 13))


class Series(Grid):
    """One measure of a table: figures by area and period; period 0 is the year, 1 to 12 months."""

    noise = 1e-9

    @property
    def fine(self) -> float:
        """Half of the last digit in a ratio: whole numbers are taken as exact to a tenth."""
        return min(self.half, 0.05)

    @property
    def parts(self) -> pd.DataFrame:
        """The figures of the areas, without the country; blank is zero."""
        return self.data.drop(NATION).fillna(0.0)

    def agree(self, expected: pd.DataFrame, slack: pd.DataFrame | float, why: str) -> None:
        if self.what in (PRODUCTION, AREA):  # 2019 leaves the country's blank
            blank = self.data.index[self.data[YEAR].isna()].intersection([NATION])
            expected = expected.drop(blank, errors="ignore")
        super().agree(expected, slack, why)


Level = dict[str, Series]


def check(yearly: Level, months: Level) -> None:
    """Refuse tables of a crop that contradict each other."""
    year = months | yearly
    areas = year[PRODUCTION].rows.keys()
    for series in (*yearly.values(), *months.values()):
        for area in areas ^ series.rows.keys():
            there = series if area in series.rows else year[PRODUCTION]
            raise there.error(area, YEAR, f"{area} is not in every table of the crop")
        if series.what in (PRODUCTION, AREA):
            series.add_up(NATION, list(series.parts.index), "the sum of the areas")
            if len(series.columns) > 1:
                given = series.data[MONTHS].fillna(0.0)
                slack = series.half * (1 + (given > 0).sum(axis=1))
                sums = given.sum(axis=1).to_frame(YEAR)
                series.agree(sums, slack.to_frame(YEAR), "the sum of the months")
    _check_blank(year)
    for measure in yearly.keys() & months.keys():
        check_year(yearly[measure], months[measure], "the monthly table")
    for level, periods in ((year, [YEAR]), (months, [YEAR, *MONTHS])):
        if {PRODUCTION, AREA, YIELD} <= level.keys():
            _check_yields(level, [YEAR] if level is year else MONTHS)
        if {PRODUCTION, PRICE} <= level.keys():
            _check_prices(level, periods)


def check_year(series: Series, other: Series, why: str) -> None:
    """Compare the year's figures with those of another table, where both have an area."""
    expected = other.data[[YEAR]].loc[other.data.index.isin(series.data.index)]
    series.agree(expected.fillna(0.0), series.half + other.half, why)


def _check_blank(year: Level) -> None:
    """Refuse an area with only one of production and area; the country's may be blank."""
    blank = {name: year[name].data[YEAR].drop(NATION).isna() for name in (PRODUCTION, AREA)}
    for name, other in ((PRODUCTION, AREA), (AREA, PRODUCTION)):
        wrong = blank[name] & ~blank[other]
        year[name].refuse(wrong.to_frame(YEAR), "blank, but not what goes with it")


def _check_yields(level: Level, periods: list[int]) -> None:
    """Check yields as 1000 × production / area; 0 is printed where there is no area."""
    amount, land, ratio = (level[name] for name in (PRODUCTION, AREA, YIELD))
    tonnes, hectares = amount.data[periods], land.data[periods].copy()
    slack = pd.DataFrame(ratio.half, index=tonnes.index, columns=periods)
    slack.loc[NATION] += 0.01 * hectares.loc[NATION].isna()
    hectares.loc[NATION] = hectares.loc[NATION].fillna(land.parts[periods].sum())
    grown = (tonnes > 0) & (hectares > 0)
    expected = (1000 * tonnes / hectares).where(grown, 0.0)
    slack += (expected * (amount.fine / tonnes + land.fine / hectares)).where(grown, 0.0)
    ratio.agree(expected, slack, "production by area")


def _check_prices(level: Level, periods: list[int]) -> None:
    """Check the country's prices as the means of its areas', and a year's as that of its months."""
    price, amount = level[PRICE], level[PRODUCTION]
    prices, weights = price.parts[periods].T, amount.parts[periods].T
    mean, slack = (one.to_frame(NATION).T for one in _mean(price, amount, prices, weights))
    price.agree(mean, slack, "the mean weighted by production")
    if len(periods) > 1:
        prices, weights = (one.data[MONTHS].fillna(0.0) for one in (price, amount))
        mean, slack = (one.to_frame(YEAR) for one in _mean(price, amount, prices, weights))
        price.agree(mean, slack, "the mean of the months")


def _mean(
    price: Series, amount: Series, prices: pd.DataFrame, weights: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    """Return rows' mean prices weighted by production, the ministry's own rule, and their slack.

    Production without a price weighs in with 0, as the ministry has it.
    """
    whole = weights.sum(axis=1)
    mean = (prices * weights).sum(axis=1) / whole
    spread = prices.max(axis=1) - prices.min(axis=1)
    slack = 2 * price.half + spread * (weights > 0).sum(axis=1) * amount.fine / whole
    return mean.fillna(0.0), slack.fillna(0.0)
