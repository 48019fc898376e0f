"""Rules of UN Comtrade's files: annual exports by partner that add up to the world.

The older files are met as the API gave them, as R wrote them again (dots or underscores in the
names, a column of row numbers, ``NA``, a code without its leading zero), and as codes only. The
current download ends every row, but not its header, with a comma.

References
----------
United Nations Statistics Division, UN Comtrade: data items, trade flows, country codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from ..core import countries
from ..core.errors import DataError
from ..core.places import fold
from .long import Cell, LongLayout, Passed
from .raw import RawTable, Repair
from .text import Rows


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

    def wanted(self, cell: Cell) -> bool:
        return self._commodity(cell) in self.commodities

    def _commodity(self, cell: Cell) -> str:
        """Return the code of a commodity, with the zero that a number loses in front."""
        code = cell["commodity"]
        if not code.isdecimal():
            if code == "TOTAL" or re.fullmatch("AG[0-9]", code):
                return code
            raise DataError(f"commodity code {code!r}, expected digits")
        # Chapters, headings and subheadings have 2, 4 and 6 digits: an odd number lacks one.
        code = code.zfill(len(code) + len(code) % 2)
        if cell.get("level", "") not in (*self.missing, str(len(code))):
            raise DataError(f"commodity code {cell['commodity']!r} at level {cell['level']}")
        return code

    def record(self, cell: Cell, area: Callable) -> dict:
        self._refuse_other_flows(cell)
        if cell.get("period", cell["year"]) != cell["year"]:
            raise Passed("months")
        for by, total in self.totals.items():
            if cell.get(by, "") not in (*self.missing, total):
                raise Passed(f"parts by {by}")
        iso3, partner = area(
            cell["partner"], cell.get("partner_iso3", ""), cell.get("partner_name", "")
        )
        return {
            "flow": "Export",
            "partner": partner,
            "partner_iso3": iso3,
            "hs6": self._commodity(cell),
            "edition": cell.get("edition", ""),
            "net_weight_kg": cell["net_weight_kg"],
            "value_usd": cell["value_usd"],
            "code": cell["partner"],
            "original": cell.get("original", "").casefold() in ("true", "1"),
        }

    def _refuse_other_flows(self, cell: Cell) -> None:
        """Pass over what is none of the reporter's exports; code and name must agree."""
        flow = cell["flow"].casefold()
        name = cell.get("flow_name", flow).casefold()
        if flow not in (*self.exports, *self.other_flows):
            raise DataError(f"trade flow {cell['flow']!r} is unknown")
        if (name in self.exports) != (flow in self.exports):
            raise DataError(f"trade flow {cell['flow']!r} with the name {cell['flow_name']!r}")
        if flow not in self.exports:
            raise Passed("imports and re-exports")
        iso3, country = cell.get("reporter_iso3", ""), self._country(cell["reporter"])
        if iso3 not in self.missing and (iso3 == self.reporter) != (country == self.reporter):
            raise DataError(f"reporter code {cell['reporter']} with the ISO code {iso3}")
        if country != self.reporter:
            raise Passed("other reporters")

    def _country(self, code: str) -> str:
        """Return the ISO code of a number of Comtrade's; empty when it is no country of today."""
        if not code.isdecimal():
            raise DataError(f"country code {code!r}, expected a number")
        try:
            return self.numbers.get(code.lstrip("0")) or countries.from_m49(code)
        except DataError:
            return ""

    def area(self, code: str, iso3: str, name: str) -> tuple[str, str]:
        """Return the ISO code and the name of a partner; code, ISO code and name must agree."""
        world = code.strip("0") == ""
        if name and (fold(name) == "world") != world:
            raise DataError(f"partner code {code} with the name {name!r}; 0 is the world")
        if world:
            return "WLD", "World"
        country = self._country(code)
        named = countries.from_name(name) if name and countries.is_known(name) else ""
        if named and named != country:
            raise DataError(f"partner code {code} is {country or 'no country'}, its name {name!r}")
        # What Comtrade prints for areas that are no country is no ISO code (S19, _X).
        if country and re.fullmatch("[A-Z]{3}", iso3) and iso3 != country:
            raise DataError(f"partner code {code} is {country}, its ISO code {iso3}")
        if country:
            return country, name or countries.display(country, "en")
        name = name or self.areas.get(code, "")
        if not name:
            raise DataError(f"partner code {code} is unknown and has no name")
        return "", name

    def complete(self, row: int, cell: Cell, record: dict, repairs: list[Repair]) -> None:
        if not float(record["value_usd"] or 0):
            raise DataError("no value in US dollars")
        if record["net_weight_kg"] and not float(record["net_weight_kg"]):
            why = "a weight of 0 beside a value: not known"
            repairs.append(Repair(row, "net_weight_kg", "read", record["net_weight_kg"], "", why))
            record["net_weight_kg"] = ""
        if record["hs6"] != cell["commodity"] and all(one.column != "hs6" for one in repairs):
            why = "the code's leading zero, here and in later rows"
            repairs.append(Repair(row, "hs6", "read", cell["commodity"], record["hs6"], why))

    def check(self, rows: Rows, table: RawTable) -> None:
        """Reject what repeats other rows; refuse partners that do not add up to the world."""
        whole = table.frame
        for row, code in whole["code"].items():
            if code in self.groups:
                table.rejected[row] = self.groups[code]
        for _, flow in whole.groupby(["year", "hs6"]):
            # The edition in which the country reported, where the file tells, else the newest.
            reported = flow.loc[flow["original"].astype(bool), "edition"]
            best = max(reported if len(reported) else flow["edition"])
            for row in flow.index[flow["edition"] != best]:
                table.rejected[row] = f"the flow under another edition of the HS; {best} is kept"
        rest = whole.drop(index=list(table.rejected))
        for (when, hs6), flow in rest.groupby(["year", "hs6"]):
            _check_sums(flow, f"{rows.file}: exports of {hs6} in {when}")


def _check_sums(flow: pd.DataFrame, what: str) -> None:
    """Refuse a flow whose partners do not add up to the world (half a unit each)."""
    world = flow["partner_iso3"] == "WLD"
    if world.all() or not world.any():
        lacks = "only the total, World, without partners" if world.all() else "no total, World"
        raise DataError(f"{what}: {lacks}: download all partners with the world")
    for column in ("value_usd", "net_weight_kg"):
        figures = flow[column].replace("", "nan").astype("float64")
        parts, total = figures[~world].sum(skipna=False), figures[world].iloc[0]
        if abs(parts - total) > 0.0005 * total + 0.5 * len(flow):
            raise DataError(
                f"{what}, row {world.idxmax()}: {column} of the partners adds up to "
                f"{parts:,.0f}, World is {total:,.0f}"
            )
