"""Rules of UN Comtrade's files: annual exports by partner that add up to the world.

The older files are met as the API gave them, as R wrote them again (dots or underscores in the
names, a column of row numbers, ``NA``, a code without its leading zero), and as codes only. The
current download ends every row, but not its header, with a comma.

References
----------
United Nations Statistics Division, UN Comtrade: data items, trade flows, country codes.
"""

import re

import pandas as pd

from ..core import countries
from ..core.errors import DataError
from ..core.places import fold
from .long import Facts, LongLayout
from .raw import RawTable

FLOW = ["year", "hs6"]


class Comtrade(LongLayout):
    """Comtrade's layout: reporter, commodities, flows, and codes that are no country's.

    ``totals`` gives the code of the total for each column that can break a flow down; ``numbers``
    the countries that Comtrade numbers otherwise than M49, ``areas`` names for codes that are no
    country's.
    """

    def search(self, at: dict[str, int]) -> tuple[str, ...]:
        return tuple(code.lstrip("0") for code in self.commodities)

    def words(self, table: RawTable) -> dict[str, object]:
        return {"commodities": " and ".join(self.commodities)}

    def choose(self, facts: Facts) -> None:
        facts.set("hs6", ["commodity", "level"], self._commodity)
        facts.frame = facts.frame[facts.frame["hs6"].isin(self.commodities)]
        facts.set("flow", ["flow", "flow_name"], self._flow)
        facts.drop(facts.frame["flow"] != "Export", "imports and re-exports")
        facts.set("reporter", ["reporter", "reporter_iso3"], self._reporter)
        facts.drop(facts.frame["reporter"] != self.reporter, "other reporters")
        months = facts.frame["period"].notna() & (facts.frame["period"] != facts.frame["year"])
        facts.drop(months, "months")
        for by, total in self.totals.items():
            whole = facts.frame[by].isin([None, *self.missing, total])
            facts.drop(~whole, f"parts by {by}")
        facts.frame = facts.frame.assign(code=facts.frame["partner"])
        facts.set("partner", ["code", "partner_iso3", "partner_name"], self._partner)
        iso3, name = facts.frame["partner"].str[0], facts.frame["partner"].str[1]
        facts.frame = facts.frame.assign(partner=name, partner_iso3=iso3)
        facts.set("edition", ["edition"], lambda edition: edition or "")
        facts.set("original", ["original"], lambda text: (text or "").casefold() in ("true", "1"))

    def _commodity(self, printed: str, level: str | None) -> str:
        """Return the code of a commodity, with the zero that a number loses in front."""
        if not printed.isdecimal():
            if re.fullmatch("TOTAL|AG[0-9]", printed):
                return printed
            raise DataError(f"commodity code {printed!r}, expected digits")
        # Chapters, headings and subheadings have 2, 4 and 6 digits: an odd number lacks one.
        code = printed.zfill(len(printed) + len(printed) % 2)
        if level not in (None, *self.missing, str(len(code))):
            raise DataError(f"commodity code {printed!r} at level {level}")
        return code

    def _flow(self, flow: str, name: str | None) -> str:
        """Return whether a flow is an export; code and name must agree."""
        is_export = flow.casefold() in self.exports
        if not is_export and flow.casefold() not in self.other_flows:
            raise DataError(f"trade flow {flow!r} is unknown")
        if name is not None and (name.casefold() in self.exports) != is_export:
            raise DataError(f"trade flow {flow!r} with the name {name!r}")
        return "Export" if is_export else ""

    def _reporter(self, code: str, iso3: str | None) -> str:
        country = self._country(code)
        is_named = iso3 not in (None, *self.missing)
        if is_named and (iso3 == self.reporter) != (country == self.reporter):
            raise DataError(f"reporter code {code} with the ISO code {iso3}")
        return country

    def _country(self, code: str) -> str:
        """Return the ISO code of a number of Comtrade's; empty when it is no country of today."""
        if not code.isdecimal():
            raise DataError(f"country code {code!r}, expected a number")
        try:
            return self.numbers.get(code.lstrip("0")) or countries.from_m49(code)
        except DataError:
            return ""

    def _partner(self, code: str, iso3: str | None, name: str | None) -> tuple[str, str]:
        """Return the ISO code and the name of a partner; code, ISO code and name must agree."""
        is_world = code.strip("0") == ""
        if name and (fold(name) == "world") != is_world:
            raise DataError(f"partner code {code} with the name {name!r}; 0 is the world")
        if is_world:
            return "WLD", "World"
        country = self._country(code)
        named = countries.from_name(name) if name and countries.is_known(name) else country
        # What Comtrade prints for areas that are no country is no ISO code (S19, _X).
        printed = iso3 if country and re.fullmatch("[A-Z]{3}", iso3 or "") else country
        for said, what in ((named, f"its name {name!r}"), (printed, f"its ISO code {iso3}")):
            if said != country:
                raise DataError(f"partner code {code} is {country or 'no country'}, {what}")
        name = name or self.areas.get(code, "")
        if not country and not name:
            raise DataError(f"partner code {code} is unknown and has no name")
        return country, name or countries.display(country, "en")

    def complete(self, facts: Facts) -> None:
        facts.refuse_if(~(pd.to_numeric(facts.frame["value_usd"]) > 0), "no value in US dollars")
        was = facts.frame["net_weight_kg"]
        unknown = pd.to_numeric(was) == 0
        facts.frame = facts.frame.assign(net_weight_kg=was.mask(unknown, ""))
        why = "a weight of 0 beside a value: not known"
        facts.repair(unknown, "net_weight_kg", was, why)
        printed = facts.frame["commodity"]
        short = facts.frame["hs6"] != printed
        why = "the code's leading zero, here and in later rows"
        facts.repair(short & (short.cumsum() == 1), "hs6", printed, why)

    def check(self, facts: Facts) -> dict[int, str]:
        """Reject what repeats other rows; refuse partners that do not add up to the world."""
        whole = facts.frame
        # The edition in which the country reported, where the file tells, else the newest.
        flows = [whole[name] for name in FLOW]
        reported = whole["edition"].where(whole["original"].astype(bool), "")
        best = reported.groupby(flows).transform("max")
        best = best.mask(best == "", whole["edition"].groupby(flows).transform("max"))
        rejected = {
            row: self.groups[code] for row, code in whole["code"].items() if code in self.groups
        }
        for row, kept in best[whole["edition"] != best].items():
            rejected[row] = f"the flow under another edition of the HS; {kept} is kept"
        for (when, hs6), flow in whole.drop(index=list(rejected)).groupby(FLOW):
            check_world(flow, f"{facts.rows.file}: exports of {hs6} in {when}")
        return rejected


def check_world(flow: pd.DataFrame, what: str) -> None:
    """Refuse exports of a product in a year whose partners do not add up to the world."""
    world = flow["partner_iso3"] == "WLD"
    if world.all() or world.sum() != 1:
        lacks = f"{world.sum() or 'no'} total, World, beside {(~world).sum()} partners"
        raise DataError(f"{what}: {lacks}: download all partners with the world")
    for column in ("value_usd", "net_weight_kg"):
        figures = pd.to_numeric(flow[column])
        parts, total = figures[~world].sum(skipna=False), figures[world].iloc[0]
        if abs(parts - total) > 0.0005 * total + 0.5 * len(flow):
            raise DataError(
                f"{what}, row {world.idxmax()}: {column} of the partners adds up to "
                f"{parts:,.0f}, World is {total:,.0f}"
            )
