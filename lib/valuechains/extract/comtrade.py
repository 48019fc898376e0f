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
from .long import Cells, LongLayout, check_year, country, country_named
from .raw import RawTable
from .sheets import fold

FLOW, WORLD = ["year", "hs6"], "WLD"


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

    def choose(self, cells: Cells) -> str:
        cells["hs6"] = self._commodity(cells["commodity"], cells["level"])
        if cells["hs6"] not in self.commodities:
            return self.others
        cells["flow"] = self._flow(cells["flow"], cells["flow_name"])
        if cells["flow"] != "Export":
            return "imports and re-exports"
        if self._country("reporter", cells["reporter"], cells["reporter_iso3"]) != self.reporter:
            return "other reporters"
        if cells["period"] not in (None, cells["year"]):
            return "months"
        for by, total in self.totals.items():
            if cells[by] not in (None, *self.missing, total):
                return f"parts by {by}"
        check_year(cells["year"], None)
        cells["code"], cells["edition"] = cells["partner"], cells["edition"] or ""
        cells["partner_iso3"], cells["partner"] = self._partner(
            cells["code"], cells["partner_iso3"], cells["partner_name"]
        )
        return ""

    def _commodity(self, printed: str, level: str | None) -> str:
        """Return the code of a commodity, with the zero that a number loses in front."""
        if re.fullmatch("TOTAL|AG[0-9]", printed):
            return printed
        # Chapters, headings and subheadings have 2, 4 and 6 digits: an odd number lacks one.
        code = printed.zfill(len(printed) + len(printed) % 2)
        if not printed.isdecimal() or level not in (None, *self.missing, str(len(code))):
            raise DataError(f"commodity code {printed!r} at level {level or '?'}, expected digits")
        return code

    def _flow(self, flow: str, name: str | None) -> str:
        """Return whether a flow is an export; code and name must agree."""
        is_export = flow.casefold() in self.exports
        if not is_export and flow.casefold() not in self.other_flows:
            raise DataError(f"trade flow {flow!r} is unknown")
        if name is not None and (name.casefold() in self.exports) != is_export:
            raise DataError(f"trade flow {flow!r} with the name {name!r}")
        return "Export" if is_export else ""

    def _country(self, what: str, code: str, printed: str | None) -> str:
        """Return the ISO code of a number of Comtrade's; empty when it is no country of today."""
        if not code.isdecimal():
            raise DataError(f"{what} code {code!r}, expected a number")
        iso3 = self.numbers.get(code.lstrip("0")) or country(code)
        # What Comtrade prints for areas that are no country is no ISO code (S19, _X).
        if iso3 and re.fullmatch("[A-Z]{3}", printed or "") and printed != iso3:
            raise DataError(f"{what} code {code} is {iso3}, its ISO code {printed}")
        return iso3

    def _partner(self, code: str, printed: str | None, name: str | None) -> tuple[str, str]:
        """Return the ISO code and the name of a partner; code, ISO code and name must agree."""
        is_world = code.strip("0") == ""
        if name and (fold(name) == "world") != is_world:
            raise DataError(f"partner code {code} with the name {name!r}; 0 is the world")
        if is_world:
            return WORLD, "World"
        iso3 = self._country("partner", code, printed)
        if country_named(name) not in ("", iso3):
            raise DataError(f"partner code {code} is {iso3 or 'no country'}, its name {name!r}")
        name = name or self.areas.get(code)
        if not name and not iso3:
            raise DataError(f"partner code {code} is unknown and has no name")
        return iso3, name or countries.display(iso3, "en")

    def check(self, table: RawTable) -> None:
        """Reject what repeats other rows; refuse partners that do not add up to the world."""
        whole = table.frame
        table.refuse(~(pd.to_numeric(whole["value_usd"]) > 0), "value_usd", "expected US dollars")
        weights = whole["net_weight_kg"]
        for row in weights.index[pd.to_numeric(weights) == 0]:
            why = "a weight of 0 beside a value: not known"
            table.note(row, "net_weight_kg", weights[row], "", why)
            whole.at[row, "net_weight_kg"] = ""
        short = whole.index[whole["hs6"] != whole["commodity"]]
        for row in short[:1]:
            why = "the code's leading zero, here and in later rows"
            table.note(row, "hs6", whole.at[row, "commodity"], whole.at[row, "hs6"], why)
        # The edition in which the country reported, where the file tells, else the newest.
        flows = [whole[name] for name in FLOW]
        is_reported = whole["original"].str.casefold().isin(["true", "1"])
        best = whole["edition"].where(is_reported, "").groupby(flows).transform("max")
        best = best.mask(best == "", whole["edition"].groupby(flows).transform("max"))
        for row, code in whole["code"].items():
            if code in self.groups:
                table.rejected[row] = self.groups[code]
        for row, kept in best[whole["edition"] != best].items():
            table.rejected[row] = f"the flow under another edition of the HS; {kept} is kept"
        for (when, hs6), flow in whole.drop(index=list(table.rejected)).groupby(FLOW):
            check_world(flow, f"{table.file}: exports of {hs6} in {when}")


def check_world(flow: pd.DataFrame, what: str) -> None:
    """Refuse exports of a product in a year whose partners do not add up to the world."""
    world = flow["partner_iso3"] == WORLD
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
