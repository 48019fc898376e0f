"""UN Comtrade, annual exports by partner: the API and downloads until 2022, and the current one.

The older files are met as the API gave them, as R wrote them again (dots or underscores in the
names, a column of row numbers, ``NA``, a code without its leading zero), and as codes only. The
current download ends every row, but not its header, with a comma.

References
----------
United Nations Statistics Division, UN Comtrade: data items, trade flows, country codes.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd

from ...core import countries
from ...core.errors import DataError
from ...core.places import fold
from . import values
from .formats import Format, Found, recogniser
from .rows import Rows
from .table import RawTable, Repair

COFFEE = ("090111", "090112")  # not roasted; the second without its caffeine
PERU = "PER"
# Our column: its names in lower case without blanks and marks, older files first.
NEEDED = {
    "year": ("year", "refyear"),
    "flow": ("tradeflowcode", "flowcode", "tradeflow"),
    "reporter": ("reportercode",),
    "partner": ("partnercode",),
    "commodity": ("commoditycode", "cmdcode"),
    "net_weight_kg": ("netweightkg", "netwgt"),
    "value_usd": ("tradevalueus", "primaryvalue", "value"),
}
OPTIONAL = {
    "period": ("period",),
    "flow_name": ("tradeflow", "flowdesc"),
    "reporter_iso3": ("reporteriso",),
    "partner_name": ("partner", "partnerdesc"),
    "partner_iso3": ("partneriso",),
    "edition": ("classification", "classificationcode"),
    "original": ("isoriginalclassification",),
    "level": ("aggregatelevel", "aggrlevel"),
    "second partner": ("2ndpartnercode", "x2ndpartnercode", "partner2code"),
    "customs procedure": ("customsproccode", "customscode"),
    "mode of transport": ("modeoftransportcode", "motcode"),
    "mode of supply": ("moscode",),
}
# A row that is broken down by one of these repeats a part of the total, which has this code.
TOTALS = {"second partner": "0", "customs procedure": "C00", "mode of transport": "0",
          "mode of supply": "0"}  # fmt: skip
EXPORTS = {"2", "x", "export", "exports"}
OTHER_FLOWS = {"1", "3", "4", "m", "rm", "rx", "import", "imports", "re-export", "re-exports",
               "re-import", "re-imports"}  # fmt: skip
WORLD, EUROPEAN_UNION = "0", "97"
# Comtrade's own numbers for some countries (the others are M49), and for areas that are none.
NUMBERS = {"251": "FRA", "381": "ITA", "579": "NOR", "699": "IND", "757": "CHE", "842": "USA"}
AREAS = {
    "490": "Other Asia, nes",
    "568": "Other Europe, nes",
    "577": "Other Africa, nes",
    "837": "Bunkers",
    "838": "Free Zones",
    "839": "Special Categories",
    "899": "Areas, nes",
}
MISSING = {"", "NA", "N/A"}
COLUMNS = ["year", "partner", "iso3", "hs6", "edition", "net_weight_kg", "value_usd"]


def read_comtrade(
    path: Path, commodities: tuple[str, ...] = COFFEE, reporter: str = PERU
) -> RawTable:
    """Read a country's annual exports of some commodities by partner.

    Parameters
    ----------
    commodities : tuple of str
        Subheadings of the Harmonized System, six digits.
    reporter : str
        ISO 3166 alpha-3 code.

    Returns
    -------
    RawTable
        Columns ``year``, ``partner``, ``iso3`` (``WLD`` for the world, empty for what is no
        country of today), ``hs6``, ``edition`` (``H0`` to ``H6``), ``net_weight_kg`` (may be
        missing), ``value_usd``. The European Union, which repeats its members, and a second
        edition of the Harmonized System are rejected with the reason.

    Raises
    ------
    DataError
        For a file of another layout, a code that contradicts its name, a figure that is none or
        negative, a flow twice, or partners that do not add up to the world.
    """
    rows = Rows(path, comma_ends=True)
    at = _columns(rows)
    kept, unused, repairs = {}, Counter(), []
    rejected: dict[int | str, str] = {}
    originals: set[int] = set()
    for row, cells in rows.holding(*(code.lstrip("0").encode() for code in commodities)):
        cell = {name: cells[column].strip().strip("'") for name, column in at.items()}
        try:
            code = _commodity(cell)
            if code not in commodities:
                continue
            if why := _passed_over(cell, reporter):
                unused[why] += 1
                continue
            if not re.fullmatch("(19|20)[0-9]{2}", cell["year"]):
                raise DataError(f"year {cell['year']!r}, expected four digits from 1900")
            iso3, partner = _partner(cell)
            weight = _figure(row, "net_weight_kg", cell, repairs)
            value = _figure(row, "value_usd", cell, repairs)
            if not value:
                raise DataError("no value in US dollars")
        except DataError as problem:
            raise rows.error(row, str(problem)) from None
        if float(weight or 1) == 0 and float(value) > 0:
            repairs.append(Repair(row, "net_weight_kg", "read", weight, "",
                                  "a weight of 0 beside a value: not known"))  # fmt: skip
            weight = ""
        if code != cell["commodity"] and all(one.column != "hs6" for one in repairs):
            repairs.append(Repair(row, "hs6", "read", cell["commodity"], code,
                                  "the code's leading zero, here and in later rows"))  # fmt: skip
        if cell["partner"] == EUROPEAN_UNION:
            rejected[row] = "a group of countries, which repeats its members"
        if cell.get("original", "").casefold() in ("true", "1"):
            originals.add(row)
        kept[row] = [cell["year"], partner, iso3, code, cell.get("edition", ""), weight, value]
    if not kept:
        raise DataError(
            f"{rows.file}: {rows.count:,} rows, no annual export of {' or '.join(commodities)} by "
            f"{reporter}" + "".join(f"; {n:,} of {why}" for why, n in unused.items())
        )
    whole = pd.DataFrame.from_dict(kept, orient="index", columns=COLUMNS, dtype=object)
    rejected |= _other_editions(whole, originals)
    table = RawTable(path, whole)
    table.frame = whole.drop(index=list(rejected))
    table.rejected, table.repairs = rejected, repairs
    _check(rows, table.frame)
    if rows.latin:
        table.repairs.append(
            Repair(rows.latin, "partner", "read", "not UTF-8", "Latin-1",
                   "names in this and later rows; codes decide")
        )  # fmt: skip
    unused["other commodities"] = rows.count - len(kept) - unused.total()
    table.unused = {why: n for why, n in unused.items() if n}
    return table


def _columns(rows: Rows) -> dict[str, int]:
    """Return where our columns stand."""
    names = [re.sub("[^0-9a-z]", "", one.casefold()) for one in rows.header]
    at = {}
    for column, known in (NEEDED | OPTIONAL).items():
        found = [one for one in known if one in names]
        if found and names.count(found[0]) > 1:
            raise DataError(f"{rows.file}, row 1: more than one column for {column!r}")
        if found:
            at[column] = names.index(found[0])
        elif column in NEEDED:
            there = ", ".join(rows.header)[:200]
            raise DataError(f"{rows.file}, row 1: no column for {column!r} ({' or '.join(known)}); "
                            f"there are {there}")  # fmt: skip
    return at


def _commodity(cell: dict[str, str]) -> str:
    """Return the code of a commodity, with the zero that a number loses in front."""
    code = cell["commodity"]
    if not code.isdecimal():
        if code == "TOTAL" or re.fullmatch("AG[0-9]", code):
            return code
        raise DataError(f"commodity code {code!r}, expected digits")
    # Chapters, headings and subheadings have 2, 4 and 6 digits: an odd number lacks one.
    code = code.zfill(len(code) + len(code) % 2)
    level = cell.get("level", "")
    if level not in MISSING and level != str(len(code)):
        raise DataError(f"commodity code {cell['commodity']!r} at level {level}")
    return code


def _passed_over(cell: dict[str, str], reporter: str) -> str:
    """Return why a row of the commodity is none of the reporter's yearly exports, or nothing."""
    flow = cell["flow"].casefold()
    if flow not in EXPORTS | OTHER_FLOWS:
        raise DataError(f"trade flow {cell['flow']!r} is unknown")
    name = cell.get("flow_name", flow).casefold()
    if (name in EXPORTS) != (flow in EXPORTS):
        raise DataError(f"trade flow {cell['flow']!r} with the name {cell['flow_name']!r}")
    if flow not in EXPORTS:
        return "imports and re-exports"
    iso3, country = cell.get("reporter_iso3", ""), _country(cell["reporter"])
    if iso3 not in MISSING and (iso3 == reporter) != (country == reporter):
        raise DataError(f"reporter code {cell['reporter']} with the ISO code {iso3}")
    if country != reporter:
        return "other reporters"
    if cell.get("period", cell["year"]) != cell["year"]:
        return "months"
    for by, total in TOTALS.items():
        if cell.get(by, "") not in MISSING | {total}:
            return f"parts by {by}"
    return ""


def _country(code: str) -> str:
    """Return the ISO code of a number of Comtrade's; empty when it is no country of today."""
    if not code.isdecimal():
        raise DataError(f"country code {code!r}, expected a number")
    try:
        return NUMBERS.get(code.lstrip("0")) or countries.from_m49(code)
    except DataError:
        return ""


def _partner(cell: dict[str, str]) -> tuple[str, str]:
    """Return the ISO code and the name of a partner; code, ISO code and name must agree."""
    code, iso3 = cell["partner"], cell.get("partner_iso3", "")
    name = cell.get("partner_name", "")
    if code.strip("0") == "":
        if name and fold(name) != "world":
            raise DataError(f"partner code 0, the world, with the name {name!r}")
        return "WLD", "World"
    if fold(name) == "world":
        raise DataError(f"partner code {code} with the name of the world, 0")
    country = _country(code)
    if country:
        # What Comtrade prints for areas that are no country is no ISO code (S19, _X).
        if re.fullmatch("[A-Z]{3}", iso3) and iso3 != country:
            raise DataError(f"partner code {code} is {country}, its ISO code {iso3}")
        if name and countries.is_known(name) and countries.from_name(name) != country:
            raise DataError(f"partner code {code} is {country}, its name {name!r}")
        return country, name or countries.display(country, "en")
    if name and countries.is_known(name):
        raise DataError(f"partner code {code} is no country's, the name is {name!r}")
    if not (name := name or AREAS.get(code, "")):
        raise DataError(f"partner code {code} is unknown and has no name")
    return "", name


def _figure(row: int, column: str, cell: dict[str, str], repairs: list[Repair]) -> str:
    """Return a figure as text, empty when it is missing; what was put right goes to `repairs`."""
    text = cell[column]
    if text in MISSING:
        return ""
    # R writes 100000 as 1e+05, exactly; a spreadsheet's 1.2E+08 is rounded and is refused.
    exact = re.fullmatch(r"[0-9](?:\.[0-9]+)?e\+[0-9]{2}", text)
    value, plain = (float(text), False) if exact else values.dotted(text)
    if value < 0:
        raise DataError(f"{column} is {text}, expected no negative figure")
    if plain:
        return text
    repairs.append(Repair(row, column, "read", text, repr(value), "a number written otherwise"))
    return repr(value)


def _other_editions(whole: pd.DataFrame, originals: set[int]) -> dict[int | str, str]:
    """Return the rows of a flow's second edition of the Harmonized System, with the reason.

    The edition in which the country reported is kept where the file tells, else the newest.
    """
    out = {}
    for _, flow in whole.groupby(["year", "hs6"]):
        reported = flow.loc[flow.index.isin(originals), "edition"]
        best = max(reported if len(reported) else flow["edition"])
        for row in flow.index[flow["edition"] != best]:
            out[row] = f"the flow under another edition of the HS; {best} is kept"
    return out


def _check(rows: Rows, table: pd.DataFrame) -> None:
    """Refuse a flow twice, and partners that do not add up to the world (half a unit each)."""
    twice = table.duplicated(["year", "hs6", "partner"])
    if twice.any():
        one = table[twice].iloc[0]
        raise rows.error(twice.idxmax(), f"exports of {one['hs6']} to {one['partner']} in "
                         f"{one['year']} stand twice")  # fmt: skip
    for (year, hs6), flow in table.groupby(["year", "hs6"]):
        world = flow["iso3"] == "WLD"
        what = f"{rows.file}: exports of {hs6} in {year}"
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


@recogniser
def recognise(path: Path) -> bool:
    """Return whether a file has the header of a UN Comtrade file."""
    return bool(_columns(Rows(path)))


def describe(path: Path) -> Found:
    """Return what a UN Comtrade file holds of Peru's coffee.

    Notes
    -----
    The file does not say when it was downloaded. The current site names it by the day; else the
    year is taken to be two after the last with figures.
    """
    table = read_comtrade(path)
    years = sorted(set(table.frame["year"]))
    day = re.search(r"(?i)tradedata[-_][0-9]{1,2}[-_][0-9]{1,2}[-_](20[0-9]{2})", path.name)
    release = day[1] if day else int(years[-1]) + 2
    passed = "; ".join(f"{n:,} passed over: {why}" for why, n in table.unused.items())
    return Found(
        key=f"comtrade_{release}",
        publisher="United Nations Statistics Division",
        title="UN Comtrade, annual exports by partner",
        short=f"UN Comtrade ({release} download)",
        locator=f"reporter Peru, exports of HS {' and '.join(COFFEE)}, {', '.join(years)}",
        licence="UN Comtrade terms of use",
        renewal="P1Y",
        contents=(
            f"exports of Peru, HS {', '.join(sorted(set(table.frame['hs6'])))}, by partner",
            f"years {', '.join(years)}",
            f"{table.frame['partner'].nunique() - 1} partners",
            f"{len(table.frame):,} rows" + f" ({passed})" * bool(passed),
        ),
    )


FORMAT = Format("comtrade", recognise, describe, read_comtrade, feeds=("coffee_trade",))
