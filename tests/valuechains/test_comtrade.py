"""UN Comtrade files of three layouts: what is read, and what becomes of files that are wrong."""

# ruff: noqa: E501, SIM905  (one mutation a line; headers as they are printed)

import contextlib
import csv

import pandas as pd
import pytest
from hostile import TEXT_FILES, binary, each, slips
from published import Columns, as_csv, beside

from valuechains import tables
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract.registry import FORMATS
from valuechains.tables import build as making

comtrade = FORMATS["comtrade"]
read_comtrade = comtrade.read
FILE, NEW = "comtrade_new/TradeData.csv", "comtrade_2025/TradeData.csv"
CURRENT = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,"
    "flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,"
    "classificationCode,classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,"
    "isLeaf,customsCode,customsDesc,mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,"
    "isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,isNetWgtEstimated,"
    "grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,"
    "isAggregate"
).split(",")
BY_R = (
    ",Classification,Year,Period,Period_Desc_,Aggregate_Level,Is_Leaf_Code,Trade_Flow_Code,"
    "Trade_Flow,Reporter_Code,Reporter,Reporter_ISO,Partner_Code,Partner,Partner_ISO,"
    "X2nd_Partner_Code,X2nd_Partner,X2nd_Partner_ISO,Customs_Proc__Code,Customs,"
    "Mode_of_Transport_Code,Mode_of_Transport,Commodity_Code,Commodity,Qty_Unit_Code,Qty_Unit,Qty,"
    "Alt_Qty_Unit_Code,Alt_Qty_Unit,Alt_Qty,Netweight__kg_,Gross_weight__kg_,Trade_Value__US__,"
    "CIF_Trade_Value__US__,FOB_Trade_Value__US__,Flag"
).split(",")
OLD_SITE = (
    "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,"
    "Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,Commodity Code,"
    "Commodity,Netweight (kg),Trade Value (US$),Flag"
).split(",")
CODES_ONLY = (
    "Year,Reporter Code,Trade Flow Code,Partner Code,Classification,Commodity Code,"
    "Quantity Unit Code,Supplementary Quantity,Netweight (kg),Value,Estimation Code"
).split(",")
# Number, ISO code and name as Comtrade prints them, t and thousand US$ of 2021.
# 090111: 100 + 60 + 30 + 10 = 200 t, 390 + 240 + 120 + 50 = 800 thousand US$, 4 US$/kg.
PARTNERS = {
    "090111": {("0", "W00", "World"): (200, 800), ("276", "DEU", "Germany"): (100, 390),
               ("842", "USA", "USA"): (60, 240), ("384", "CIV", "Côte d'Ivoire"): (30, 120),
               ("490", "S19", "Other Asia, nes"): (10, 50)},
    "090112": {("0", "W00", "World"): (3, 15), ("757", "CHE", "Switzerland"): (3, 15)},
}  # fmt: skip
EXPECTED = {
    ("090111", "WLD", "World"): (200_000, 800_000), ("090111", "DEU", "Germany"): (100_000, 390_000),
    ("090111", "USA", "USA"): (60_000, 240_000), ("090111", "CIV", "Côte d'Ivoire"): (30_000, 120_000),
    ("090111", "", "Other Asia, nes"): (10_000, 50_000),
    ("090112", "WLD", "World"): (3_000, 15_000), ("090112", "CHE", "Switzerland"): (3_000, 15_000),
}  # fmt: skip


def row(hs6, partner, tonnes, thousands, year="2021", **more):
    code, iso3, name = partner
    return {"typeCode": "C", "freqCode": "A", "refPeriodId": f"{year}0101", "refYear": year,
            "refMonth": "52", "period": year, "reporterCode": "604", "reporterISO": "PER",
            "reporterDesc": "Peru", "flowCode": "X", "flowDesc": "Export", "partnerCode": code,
            "partnerISO": iso3, "partnerDesc": name, "partner2Code": "0", "partner2ISO": "W00",
            "partner2Desc": "World", "classificationCode": "H6", "classificationSearchCode": "HS",
            "isOriginalClassification": "true", "cmdCode": hs6, "cmdDesc": "Coffee; not roasted",
            "aggrLevel": str(len(hs6)), "isLeaf": "true", "customsCode": "C00",
            "customsDesc": "TOTAL CPC", "mosCode": "0", "motCode": "0", "motDesc": "TOTAL MOT",
            "netWgt": str(1000 * tonnes), "primaryValue": str(1000 * thousands)} | more  # fmt: skip


def flows(year="2021", factor=1, **more):
    return [
        row(hs6, partner, factor * tonnes, factor * thousands, year, **more)
        for hs6, partners in PARTNERS.items()
        for partner, (tonnes, thousands) in partners.items()
    ]


OTHERS = [
    row("0901", ("0", "W00", "World"), 203, 815), row("TOTAL", ("0", "W00", "World"), 0, 42_000),
    row("090111", ("0", "W00", "World"), 1, 4, flowCode="M", flowDesc="Import"),
    row("090111", ("0", "W00", "World"), 1, 4, flowCode="RX", flowDesc="Re-export"),
    row("090111", ("0", "W00", "World"), 900, 3000, reporterCode="76", reporterISO="BRA", reporterDesc="Brazil"),
    row("090111", ("276", "DEU", "Germany"), 70, 300, motCode="2100", motDesc="Water"),
    row("090111", ("276", "DEU", "Germany"), 70, 300, customsCode="C01"),
    row("090111", ("276", "DEU", "Germany"), 70, 300, partner2Code="528"),
    row("090111", ("276", "DEU", "Germany"), 9, 35, period="202105", freqCode="M"),
]  # fmt: skip


def current(found):
    """Return rows in the current layout, each ending with a comma that the header has not."""
    out = as_csv(
        [CURRENT, *([*(one.get(c, "") for c in CURRENT), ""] for one in found)], csv.QUOTE_ALL
    )
    head, _, body = out.partition(b"\n")
    return head + b"\n" + body.replace(b',""\n', b",\n")


def older(header, found):
    """Return rows in an older layout: `NA` for nothing, codes as numbers."""
    names = {
        "Classification": "classificationCode", "Year": "refYear", "Period": "period",
        "Aggregate Level": "aggrLevel", "Reporter Code": "reporterCode", "Reporter": "reporterDesc",
        "Reporter ISO": "reporterISO", "Partner Code": "partnerCode", "Partner": "partnerDesc",
        "Partner ISO": "partnerISO", "Netweight (kg)": "netWgt", "Trade Value (US$)": "primaryValue",
        "Netweight  kg ": "netWgt", "Trade Value  US  ": "primaryValue", "Value": "primaryValue",
        "Commodity": "cmdDesc", "Trade Flow": "flowDesc",
    }  # fmt: skip
    iso = {"W00": "WLD", "S19": ""}
    lines = [header]
    for number, one in enumerate(found, start=1):
        one = one | {"partnerISO": iso.get(one["partnerISO"], one["partnerISO"])}
        code = one["cmdCode"].lstrip("0")
        special = {"": str(number), "Trade Flow Code": "2", "Commodity Code": code}
        plain = [column.replace("_", " ") for column in header]
        lines.append([special.get(c, one.get(names.get(c), "NA")) for c in plain])
    return as_csv(lines)


def figures(table):
    rows = table.frame.assign(kg=table.frame["net_weight_kg"].replace("", "nan").astype(float))
    return {
        (one.hs6, one.partner_iso3, one.partner): (one.kg, float(one.value_usd))
        for one in rows.itertuples()
    }


def test_current_download(file):
    table = read_comtrade(file(current([*OTHERS, *flows()])))
    assert figures(table) == EXPECTED
    assert set(table.frame["edition"]) == {"H6"} and set(table.frame["year"]) == {"2021"}
    assert list(table.frame.index) == list(range(11, 18))  # 9 other rows after the header
    assert table.unused == {
        "imports and re-exports": 2, "other reporters": 1, "parts by mode of transport": 1,
        "parts by customs procedure": 1, "parts by second partner": 1, "months": 1,
        "other commodities": 2,
    }  # fmt: skip
    assert table.repairs == [] and table.rejected == {}


@pytest.mark.parametrize("header", [BY_R, OLD_SITE, [c.replace("_", ".") for c in BY_R]])
def test_older_layouts(file, header):
    table = read_comtrade(file(older([c.replace(".", "_") for c in header], flows()).replace(
        ",".join(c.replace(".", "_") for c in header).encode(), ",".join(header).encode(), 1)))  # fmt: skip
    assert figures(table) == EXPECTED
    assert [(one.row, one.was, one.now) for one in table.repairs] == [(2, "90111", "090111")]


def test_codes_only(file):
    found = figures(read_comtrade(file(older(CODES_ONLY, flows()))))
    coded, expected = ({key[:2]: one[key] for key in one} for one in (found, EXPECTED))
    assert coded == expected
    assert ("090111", "", "Other Asia, nes") in found  # the name of number 490


def test_a_second_edition_is_not_counted_twice(file):
    converted = flows(classificationCode="H5", isOriginalClassification="false")
    for found in (flows() + converted, converted + flows()):
        table = read_comtrade(file(current(found)))
        assert figures(table) == EXPECTED
        reason = "the flow under another edition of the HS; H6 is kept"
        assert [*table.rejected.values()] == 7 * [reason]
    # As reported wins over newer; without a mark the newer one does.
    newer = current(flows(isOriginalClassification="false") + flows(classificationCode="H5"))
    assert set(read_comtrade(file(newer)).frame["edition"]) == {"H5"}
    both = older(OLD_SITE, flows(classificationCode="H4") + flows(classificationCode="H3"))
    assert set(read_comtrade(file(both)).frame["edition"]) == {"H4"}


def test_the_european_union_is_no_partner_beside_its_members(file):
    union = row("090111", ("97", "EU2", "EU-28"), 100, 390)
    table = read_comtrade(file(current([*flows(), union])))
    assert figures(table) == EXPECTED
    assert table.rejected == {9: "a group of countries, which repeats its members"}


def test_a_weight_that_is_not_known(file):
    found = flows()
    found[4]["netWgt"], found[3]["netWgt"] = "0", ""
    table = read_comtrade(file(current(found)))
    assert table.frame["net_weight_kg"].tolist()[3:5] == ["", ""]
    assert [(one.row, one.was) for one in table.repairs] == [(6, "0")]


COLUMNS = Columns(CURRENT, lambda data: data.replace(b',""\n', b",\n"))
cells, cell, header, swapped = COLUMNS.cells, COLUMNS.cell, COLUMNS.renamed, COLUMNS.swapped


def times(column, factor, *numbers):
    """Multiply a column, or only some rows of it."""

    def change(found):
        at = CURRENT.index(column)
        for number, one in enumerate(found[1:], start=2):
            if not numbers or number in numbers:
                one[at] = repr(float(one[at]) * factor)

    return cells(change)


# Rows of the good file: 2 World, 3 Germany, 4 USA, 5 Côte d'Ivoire, 6 Other Asia; 7, 8 without caffeine.
MUTATIONS = TEXT_FILES | {
    "UTF-16": (lambda d: d.decode().encode("utf-16"), "refused"),
    "UTF-16 without its mark": (lambda d: d.decode().encode("utf-16-le"), "refused"),
    "Latin-1, as the site writes": (lambda d: d.decode().encode("latin-1"), "reported"),
    "CP437": (lambda d: d.decode().encode("cp437"), "refused"),
    "semicolons": (lambda d: d.replace(b",", b";"), "refused"),
    "no comma at the ends": (lambda d: d.replace(b",\n", b"\n"), "harmless"),
    "read and written with an index": (lambda d: b"," + d.replace(b'"C"', b'"0","C"'), "harmless"),
    "every column shifted by one": (cells(lambda f: [f[0], *([*one[1:-1], ""] for one in f[1:])]), "refused"),
    "columns shifted, their number kept": (cells(lambda f: [f[0], *(["", *one[:-2]] for one in f[1:])]), "refused"),
    "a column missing": (cells(lambda f: [one[:43] + one[44:] for one in f]), "refused"),
    "a header renamed": (header(primaryValue="valor"), "refused"),
    "the header of the flow renamed": (header(flowCode="flow"), "refused"),
    "a header twice": (header(fobvalue="primaryValue"), "refused"),
    "columns in another order": (swapped("netWgt", "partnerCode", labels_only=False), "harmless"),
    "labels refYear and period": (swapped("refYear", "period"), "harmless"),
    "a title above": (lambda d: b"UN Comtrade\n" + d, "refused"),
    "a row shifted": (cells(lambda f: (f[3].insert(5, ""), f[3].pop())[:0]), "refused"),
    "a row twice": (cells(lambda f: f.append(f[3])), "refused"),
    "a flow twice": (cells(lambda f: f.append([*f[3][:43], "5", *f[3][44:]])), "refused"),
    "two worlds": (cells(lambda f: f.append(f[1])), "refused"),
    "no world": (cells(lambda f: f.pop(1) and None), "refused"),
    "only the world": (cells(lambda f: f[:2]), "refused"),
    "a partner missing": (cells(lambda f: f.pop(3) and None), "refused"),
    "heading beside its subheadings": (cells(lambda f: f.append([*f[1][:20], "0901", f[1][21], "4", *f[1][23:]])), "reported"),
    "chapter beside its subheadings": (cells(lambda f: f.append([*f[1][:20], "09", f[1][21], "2", *f[1][23:]])), "reported"),
    "no code with its zero": (lambda d: d.replace(b'"0901', b'"901'), "reported"),
    "a year of two digits": (cells(lambda f: [[one.replace("2021", "21") for one in line] for line in f]), "refused"),
    "only months": (lambda d: d.replace(b'"52","2021"', b'"1","202101"'), "refused"),
    "only one means of transport": (lambda d: d.replace(b'"0","TOTAL MOT"', b'"2100","Water"'), "refused"),
    "a quote never closed": (lambda d: d.replace(b'"Germany"', b'"Germany', 1), "refused"),
    **{f"labels of {pair}": (swapped(*pair), "refused") for pair in (
        ("reporterCode", "partnerCode"), ("cmdCode", "partnerCode"), ("primaryValue", "cifvalue"),
    )},
    **{f"times {slip}": (times(*slip), "refused") for slip in (
        ("primaryValue", 10, 4), ("primaryValue", 1000, 6), ("primaryValue", 0.01, 3),
        ("primaryValue", 10, 2), ("netWgt", 10, 4), ("netWgt", 1000, 6),
    )},
}  # fmt: skip
ODD = ["n.a.", "240,000", "240.000", "2.4E+05", "=A1", "inf", "", "-240000"]
MUTATIONS |= each(cell, "refused", {
    (3, "partnerCode"): ["528", "9999", "0"],
    (3, "partnerISO"): ["NLD"], (3, "partnerDesc"): ["Netherlands", "World"],
    (3, "reporterISO"): ["BRA"], (3, "reporterCode"): ["76"], (3, "refYear"): ["2020"],
    (3, "period"): ["202101"], (3, "motCode"): ["2100"], (3, "customsCode"): ["C01"],
    (3, "partner2Code"): ["528"], (3, "classificationCode"): ["H5"], (4, "primaryValue"): ODD,
    (4, "netWgt"): ["-60000"], (4, "cmdCode"): ["90111.0", "090121"], (4, "aggrLevel"): ["4"],
    (4, "flowCode"): ["Q", "M"],
}) | each(cell, "reported", {
    (2, "cmdCode"): ["90111"], (4, "primaryValue"): ["240000,0", "2.4e+05"], (4, "netWgt"): ["0"],
})  # fmt: skip


test_no_mutation_changes_a_number_in_silence = slips(
    read_comtrade, binary, lambda: current(flows()), MUTATIONS
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (times("primaryValue", 10, 4), "exports of 090111 in 2021, row 2: value_usd of the partners adds up to 2,960,000, World is 800,000"),
        (cell(3, "partnerISO", "NLD"), "TradeData.csv, row 3: partner code 276 is DEU, its ISO code NLD"),
        (cell(4, "netWgt", "-60000"), "row 4, column 'net_weight_kg': -60000 is negative"),
        (cells(lambda f: f.pop(1) and None), "090111 in 2021: no total, World, beside 4 partners: download all"),
    ],
)  # fmt: skip
def test_refusals_say_where_and_what(file, change, message):
    with pytest.raises(DataError, match=message):
        read_comtrade(file(change(current(flows()))))


# --- in the project's table ---------------------------------------------------------------------

# Peru exported 191,623.87 t for 756.8 million US$ in 2021 (FAOSTAT): 960 times the figures above.
REAL = current(flows(factor=960))


def test_a_new_download_stands_beside_the_old_one(tmp_path):
    (table,) = beside(tmp_path, NEW, REAL, "comtrade", "coffee_trade")
    new = table[table["source"] == "comtrade_2025"]
    assert len(new) == 5  # without the two totals
    germany = new[new["partner_iso3"] == "DEU"].iloc[0]
    assert germany["role"] == "destination" and germany["product"] == "090111"
    assert (germany["value_usd"], germany["quantity_t"]) == (374_400_000, 96_000)
    rest = table[table["source"] != "comtrade_2025"].reset_index(drop=True)
    assert making._csv(rest) == (tables.PROCESSED / "coffee_trade.csv").read_bytes()


def test_flows_are_printed_in_whole_dollars(file):
    """Four partners of 25.4 US$ are 101.6: five figures rounded, up to half a dollar each."""
    partners = list(PARTNERS["090111"])

    def of_world(dollars):
        figures = dict.fromkeys(partners[1:], 25) | {partners[0]: dollars}
        values = {partner: str(usd) for partner, usd in figures.items()}
        found = [row("090111", one, 0, 0, primaryValue=usd) for one, usd in values.items()]
        return file(current(found))

    assert len(read_comtrade(of_world(102)).frame) == 5
    with pytest.raises(DataError, match="value_usd of the partners adds up to 100, World is 103"):
        read_comtrade(of_world(103))


SLIPS = {
    "all values ×10": times("primaryValue", 10), "all values ×1000": times("primaryValue", 1000),
    "all values ÷10": times("primaryValue", 0.1), "all weights ×10": times("netWgt", 10),
    "all weights ÷1000": times("netWgt", 0.001), "all weights ÷10": times("netWgt", 0.1),
    "weight and value changed for each other": swapped("netWgt", "primaryValue"),
    "weights and values ×10": lambda d: times("netWgt", 10)(times("primaryValue", 10)(d)),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_in_a_whole_column_are_seen_by_the_price(tmp_path, slip):
    seen = r"comtrade_2025/TradeData.csv:\d: (US\$ per kg|.* over FAOSTAT)"
    with pytest.raises(DataError, match=seen):
        beside(tmp_path, NEW, SLIPS[slip](REAL), "comtrade", "coffee_trade")


# A revision may change a figure by a third.
@pytest.mark.parametrize("times, is_far", [(1, False), (4 / 3, False), (1 / 15, True)])
def test_a_partner_far_off_is_seen_against_the_older_download(tmp_path, times, is_far):
    ours = pd.read_csv(RAW / "comtrade_2017" / "coffee_peru_partners.csv", dtype=str)
    ours = ours[(ours["year"] == "2015") & (ours["hs6"] == "090111")].set_index("partner_iso3")
    figures = ours[["net_weight_kg", "value_usd"]].loc[["WLD", "DEU"]].astype(int)
    world, germany = figures.loc["WLD"], (figures.loc["DEU"] * times).astype(int)
    found = [
        row("090111", partner, 0, 0, "2015", netWgt=str(kg), primaryValue=str(usd))
        for partner, (kg, usd) in {
            ("0", "W00", "World"): world,
            ("276", "DEU", "Germany"): germany,
            ("899", "_X", "Areas, nes"): world - germany,
        }.items()
    ]
    match = r"comtrade_20\d\d/.*: quantity_t over the lowest"
    with pytest.raises(DataError, match=match) if is_far else contextlib.nullcontext():
        beside(tmp_path, NEW, current(found), "comtrade", "coffee_trade")


# --- what a file says of itself -----------------------------------------------------------------


def test_describe_and_recognise(file):
    path = file(current(flows()), "new/TradeData_10_20_2025_9_30_9.csv")
    found = comtrade.describe(path)
    assert (found.key, found.said["short"]) == ("comtrade_2025", "UN Comtrade (2025 download)")
    # as `make add` names it
    plain = file(current(flows()), "new/tradedata-10-20-2027-9-30-9.csv")
    assert comtrade.describe(plain).key == "comtrade_2027"
    assert found.contents[0].startswith("2021 to 2021, 7 rows")
    assert comtrade.describe(file(older(BY_R, flows()), "new/x.csv")).key == "comtrade_2023"
    assert comtrade.recognise(path)
    for other in (b"", b"x", b"PK\x03\x04", b"year,flow,partner\n2013,export,x\n"):
        assert not comtrade.recognise(file(other))
