"""FAOSTAT files of several vintages: what is read, and what becomes of files that are wrong."""

# ruff: noqa: E501, SIM905  (one mutation a line; headers as they are printed)

import contextlib
import csv
import tracemalloc

import pandas as pd
import pytest
from hostile import TEXT_FILES, binary, each, slips
from hypothesis import given
from hypothesis import strategies as st
from published import Columns, as_csv, beside

from valuechains import tables
from valuechains.core.errors import DataError
from valuechains.core.paths import RAW
from valuechains.extract import text as rows
from valuechains.extract.registry import FORMATS
from valuechains.tables import build as making

faostat = FORMATS["faostat"]
read_faostat = faostat.read
FILE = "faostat_new/FAOSTAT_data.csv"
TRADE, CROPS = "faostat_tcl_2027/bulk.csv", "faostat_qcl_2027/bulk.csv"
WEBSITE = (
    "Domain Code,Domain,Area Code (M49),Area,Element Code,Element,Item Code (CPC),Item,Year Code,"
    "Year,Unit,Value,Flag,Flag Description,Note"
).split(",")
BULK = (
    "Area Code,Area Code (M49),Area,Item Code,Item Code (CPC),Item,Element Code,Element,Year Code,"
    "Year,Unit,Value,Flag,Note"
).split(",")
OLD = (
    "Domain Code,Domain,Area Code (FAO),Area,Element Code,Element,Item Code (FAO),Item,Year Code,"
    "Year,Unit,Value,Flag,Flag Description"
).split(",")
COFFEE, MAIZE = ("656", "01610", "Coffee, green"), ("56", "0112", "Maize (corn)")
# M49's 170 is Colombia, FAO's 170 is Peru.
AREAS = {"Peru": ("170", "604"), "Colombia": ("44", "170"), "Côte d'Ivoire": ("107", "384"),
         "China": ("351", "159"), "World": ("5000", "001")}  # fmt: skip
# 1000 * 150000 / 200000 = 750; 1000 * 160000.5 / 210000 = 761.907; 1000 * 180000 / 220000 = 818.18
PERU = {2001: (200_000, 750.0, 150_000), 2002: (210_000, 761.9, 160_000.5),
        2003: (220_000, 818.2, 180_000)}  # fmt: skip
ELEMENTS = [
    ("5312", "Area harvested", "ha"),
    ("5412", "Yield", "kg/ha"),
    ("5510", "Production", "t"),
]


def facts(areas=AREAS):
    """Return one dict a row of coffee and maize, in FAOSTAT's order."""
    out = []
    for area, (fao, m49) in areas.items():
        for code, cpc, item in (COFFEE, MAIZE):
            for place, (element, name, unit) in enumerate(ELEMENTS):
                for year, values in PERU.items():
                    out.append(
                        {"Domain Code": "QCL", "Domain": "Crops and livestock products",
                         "Area Code (M49)": m49, "Area Code": fao, "Area Code (FAO)": fao,
                         "Area": area, "Element Code": element, "Element": name,
                         "Item Code (CPC)": cpc, "Item Code": code, "Item Code (FAO)": code,
                         "Item": item, "Year Code": str(year), "Year": str(year), "Unit": unit,
                         "Value": str(values[place]), "Flag": "A",
                         "Flag Description": "Official figure", "Note": ""}
                    )  # fmt: skip
    return out


def website(found):
    return as_csv([WEBSITE, *([row[c] for c in WEBSITE] for row in found)], csv.QUOTE_ALL)


def bulk(found):
    lines = [BULK]
    for one in found:
        row = one | {"Value": one["Value"] and f"{float(one['Value']):.6f}"}
        lines.append([f"'{row[c]}" if c.endswith(("(M49)", "(CPC)")) else row[c] for c in BULK])
    return b"\xef\xbb\xbf" + as_csv(lines)


def figures(table):
    rows = table.frame[["year", "measure", "value"]].itertuples(index=False)
    return {(int(year), measure): float(value) for year, measure, value in rows}


MEASURES = ("area_ha", "yield_kg_per_ha", "production_t")
EXPECTED = {(year, one): float(PERU[year][n]) for year in PERU for n, one in enumerate(MEASURES)}


def test_website_download(file):
    table = read_faostat(file(website(facts())))
    assert figures(table) == EXPECTED
    assert table.frame.iloc[0].to_dict() == {
        "iso3": "PER", "area": "Peru", "year": "2001", "measure": "area_ha", "value": "200000",
        "flag": "A",
    }  # fmt: skip
    # Rows 2 to 10 are Peru's coffee; 4 other areas with 9 rows of coffee, 45 rows of maize.
    assert list(table.frame.index) == list(range(2, 11))
    assert table.unused == {"other areas": 36, "other items": 45}
    assert table.repairs == []


def test_a_long_stretch_of_blank_lines_is_not_the_end(file):
    header, _, rows = bulk(facts()).partition(b"\n")
    table = read_faostat(file(header + b"\n" + b"\n" * 700_000 + rows))
    assert figures(table) == EXPECTED
    assert min(table.frame.index) > 700_000


def test_bulk_file_keeps_peru_apart_from_colombia(file):
    table = read_faostat(file(bulk(facts())))
    assert figures(table) == EXPECTED
    assert set(table.frame["iso3"]) == {"PER"}
    of_colombia = dict.fromkeys(("production_t", "area_ha", "yield_kg_per_ha"), "COL")
    colombia = read_faostat(file(bulk(facts())), only=of_colombia)
    assert figures(colombia) == EXPECTED and set(colombia.frame["iso3"]) == {"COL"}


def test_older_download_with_fao_codes_and_hectograms(file):
    found = [
        {**row, "Element Code": "5419", "Unit": "hg/ha", "Value": f"{float(row['Value']) * 10:.0f}"}
        if row["Element"] == "Yield" else {**row, "Unit": row["Unit"].replace("t", "tonnes")}
        for row in facts(areas={"Peru": AREAS["Peru"], "Brazil": ("21", "076")})
    ]  # fmt: skip
    table = read_faostat(file(as_csv([OLD, *([row[c] for c in OLD] for row in found)])))
    assert figures(table) == EXPECTED
    assert [(one.row, one.was, one.now) for one in table.repairs] == [
        (5, "7500", "750.0"), (6, "7619", "761.9"), (7, "8182", "818.2"),
    ]  # fmt: skip


def test_another_crop(file):
    maize = {"item": "Maize (corn)", "fao_item": "56", "cpc": "0112"}
    assert figures(read_faostat(file(bulk(facts())), item=maize)) == EXPECTED


def test_an_item_whose_code_is_part_of_another_is_not_mixed_up(file):
    found = facts()
    for row in found:
        if row["Item"] == "Maize (corn)":
            row |= {"Item Code (CPC)": "01610.01", "Item Code": "6560", "Value": "1"}
    assert figures(read_faostat(file(bulk(found)))) == EXPECTED


COLUMNS = Columns(WEBSITE)
cells, cell, header, swapped = COLUMNS.cells, COLUMNS.cell, COLUMNS.renamed, COLUMNS.swapped


def times(factor, *wanted):
    """Multiply figures: of rows by their numbers, or of whole elements by their names."""

    def change(found):
        for number, row in enumerate(found[1:], start=2):
            if number in wanted or (row[5] in wanted and row[7] == "Coffee, green"):
                row[11] = repr(float(row[11]) * factor)

    return cells(change)


def hectograms(data):
    text = data.decode().replace('"5412","Yield"', '"5419","Yield"').replace("kg/ha", "100 g/ha")
    return times(10, "Yield")(text.encode())


# Rows of the good file: 2-4 area, 5-7 yield, 8-10 production of Peru; then maize; then Colombia.
MUTATIONS = TEXT_FILES | {
    "UTF-16": (lambda d: d.decode().encode("utf-16"), "refused"),
    "UTF-16 without its mark": (lambda d: d.decode().encode("utf-16-le"), "refused"),
    "Latin-1": (lambda d: d.decode().encode("latin-1"), "reported"),
    "CP437": (lambda d: d.decode().encode("cp437"), "refused"),
    "semicolons": (lambda d: d.replace(b",", b";"), "refused"),
    "a column missing": (cells(lambda f: [r[:11] + r[12:] for r in f]), "refused"),
    "a needed header renamed": (header(Value="Valor"), "refused"),
    "a code's header renamed": (header(Element_Code="Element code"), "refused"),
    "the area codes' header renamed": (header(**{"Area_Code_(M49)": "Area Code (FAO)"}), "refused"),
    "a header twice": (header(Note="Value"), "refused"),
    "columns in another order": (swapped("Area", "Value", labels_only=False), "harmless"),
    "labels Year and Year Code": (swapped("Year", "Year Code"), "harmless"),
    "a title above": (lambda d: b"FAOSTAT\n" + d, "refused"),
    "a row shifted right": (cells(lambda f: f[4].insert(3, "")), "refused"),
    "a row shifted, its length kept": (cells(lambda f: (f[4].insert(3, ""), f[4].pop())[:0]), "refused"),
    "a cell lost": (cells(lambda f: f[4].pop(3) and None), "refused"),
    "a table shifted by one": (cells(lambda f: [f[0], *([*r[1:], r[0]] for r in f[1:])]), "refused"),
    "one more world row": (cells(lambda f: f.append(f[-1])), "reported"),
    "a row twice": (cells(lambda f: f.append(f[8])), "refused"),
    "a figure twice": (cells(lambda f: f.append([*f[8][:11], "9", *f[8][12:]])), "refused"),
    "a decimal comma": (cell(9, "Value", "160000,5"), "reported"),
    "yields in hectograms": (hectograms, "reported"),
    "yields called hectograms": (lambda d: d.replace(b"kg/ha", b"hg/ha"), "refused"),
    "production called thousand t": (lambda d: d.replace(b'"t"', b'"1000 t"'), "refused"),
    "no leading zeros": (lambda d: d.replace(b'"01610"', b'"1610"'), "harmless"),
    "apostrophes": (lambda d: d.replace(b'"604"', b"\"'604\""), "harmless"),
    "a line end in a note": (cell(4, "Note", "two\nlines"), "harmless"),
    "a quote never closed": (lambda d: d.replace(b'"Peru"', b'"Peru', 1), "refused"),
    "a quote inside": (lambda d: d.replace(b'"Peru"', b'"Pe"ru"', 1), "refused"),
    "no row of coffee": (lambda d: d.replace(b"Coffee, green", b"Tea").replace(b"01610", b"01620"),
                         "refused"),
    "seed, which FAO no longer prints": (cells(lambda f: f.append(
        [*f[8][:4], "5525", "Seed", *f[8][6:]])), "reported"),
    **{f"labels of {pair}": (swapped(*pair), "refused") for pair in (
        ("Year", "Value"), ("Element Code", "Item Code (CPC)"), ("Area", "Item"), ("Unit", "Flag"),
        ("Year", "Element Code"),
    )},
    **{f"times {slip}": (times(*slip), "refused") for slip in (
        (10, 8), (1000, 8), (0.01, 8), (10, 3), (10, 5), (1000, "Production"),
        (0.1, "Area harvested"), (10, "Yield"),
    )},
}  # fmt: skip
ODD = ["n.d.", "15O000", "150,000", "150.000", "1.5E+05", "NaN", "=B2*3", "-150000", ""]
MUTATIONS |= each(cell, "refused", {
    (8, "Value"): ODD, (8, "Unit"): ["kg", ""], (8, "Element"): ["Producción"],
    (8, "Element Code"): ["5312"], (8, "Area Code (M49)"): ["170", "x", "001"],
    (8, "Area"): ["Colombia"], (8, "Item Code (CPC)"): ["01620"], (8, "Item"): ["Coffee, roasted"],
    (8, "Year"): ["2001-2003", "2004"],
})  # fmt: skip


test_no_mutation_changes_a_number_in_silence = slips(
    read_faostat, binary, lambda: website(facts()), MUTATIONS
)


def test_what_no_reader_can_know_to_be_wrong_is_kept_as_it_stands(file):
    flagged = read_faostat(file(cell(8, "Flag", "E")(website(facts()))))
    assert "E" in set(flagged.frame["flag"])


@pytest.mark.parametrize("factor", [10, 0.1])
def test_every_measure_and_every_year_is_checked_against_the_other_two(file, factor):
    for row in range(2, 11):
        with pytest.raises(DataError, match=r"FAOSTAT_data.csv, row \d+: a yield of .* Peru"):
            read_faostat(file(times(factor, row)(website(facts()))))


@pytest.mark.parametrize(("printed", "is_right"), [("512.4", 1), ("512.5", 0), ("512.3", 0)])
def test_the_last_digit_of_a_yield_is_checked(file, printed, is_right):
    """153,730 t from 300,000 ha are 512.433 kg/ha."""
    figures = {"Area harvested": "300000", "Yield": printed, "Production": "153730"}
    found = [row | {"Value": figures[row["Element"]]} for row in facts()]
    refused = pytest.raises(DataError, match=f"a yield of {printed} kg/ha in Peru 2001")
    with contextlib.nullcontext() if is_right else refused:
        read_faostat(file(website(found)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (cell(8, "Value", "-5"), "FAOSTAT_data.csv, row 8, column 'value': -5 is negative"),
        (cell(8, "Unit", "kg"), "row 8: .*'production 5510 kg' .did you mean production 5510 t"),
        (cell(8, "Area", "Colombia"), "row 8: area code 604 is PER, the name is Colombia"),
        (cell(8, "Element", "Prodution"), "row 8: element 'Prodution'.* .did you mean pr"),
        (cells(lambda f: f.append(f[8])), "row 92: production_t Peru 2002 stands in an earlier"),
        (header(Value="Valor"), "row 1: no column Value; there are Domain Code"),
        # far below
        (lambda data: data + b"x" * 1_500_000 + b"\n", "row 92: longer than 1 MB"),
        (lambda data: data + b"a\n" * 300_000 + b"\0\n", "row 300092: zero bytes"),
        (lambda data: data + b'"open,\n' + b"a\n" * 900_000, "row 92: a quote that is never clos"),
        (lambda data: data + b"a\n" * 9 + b"a,b", "row 101: 2 cells"),
    ],
)
def test_refusals_say_where_and_what(file, change, message):
    with pytest.raises(DataError, match=message):
        read_faostat(file(change(website(facts()))))


# --- trade ------------------------------------------------------------------------------------

FLOWS = {"export_t": ("5910", "Export quantity", "t"), "export": ("5922", "Export value", "1000 USD"),
         "import_t": ("5610", "Import quantity", "t"), "import": ("5622", "Import value", "1000 USD")}  # fmt: skip


def trade_row(area, m49, year, flow, value):
    code, element, unit = FLOWS[flow]
    return {"Area Code": "170" if m49 == "604" else "1", "Area Code (M49)": m49, "Area": area,
            "Item Code": "656", "Item Code (CPC)": "01610", "Item": "Coffee, green",
            "Element Code": code, "Element": element, "Year Code": str(year), "Year": str(year),
            "Unit": unit, "Value": str(value), "Flag": "A", "Note": ""}  # fmt: skip


@pytest.fixture(scope="module")
def trade():
    """The project's two transcriptions of FAOSTAT's trade, in the layout they came from."""
    folder = RAW / "faostat_tcl_2025"
    peru = pd.read_csv(folder / "coffee_trade_peru.csv", dtype=str)
    rows = [
        trade_row("Peru", "604", one.year, flow, value)
        for one in peru.itertuples()
        for flow, value in (
            ("export_t", one.export_t), ("export", one.export_value_thousand_usd),
            ("import_t", one.import_t), ("import", one.import_value_thousand_usd),
        )
        if value == value
    ]  # fmt: skip
    for one in pd.read_csv(folder / "coffee_trade_2013.csv", dtype=str).itertuples():
        if one.country != "Peru":
            rows.append(trade_row(one.country, one.m49, 2013, f"{one.flow}_t", one.quantity_t))
            rows.append(trade_row(one.country, one.m49, 2013, one.flow, one.value_thousand_usd))
    return rows


def test_trade_reads_every_country_and_passes_over_groups(file, trade):
    groups = [
        trade_row("World", "001", 2013, "export", 1), trade_row("China", "159", 2013, "export", 1),
        trade_row("USSR", "810", 1985, "import", 7), trade_row("Peru", "604", 1960, "import", ""),
    ]  # fmt: skip
    groups[-1]["Flag"] = "M"
    table = read_faostat(file(bulk([*trade, *groups])))
    assert table.unused == {"no country: World": 1, "no country: China": 1, "no figure": 1}
    assert table.frame.iloc[-1].tolist()[:3] == ["", "USSR", "1985"]
    brazil = table.frame[(table.frame["iso3"] == "BRA")]
    assert set(brazil["value"].astype(float)) >= {4582238, 1699147}  # as the transcription has it


def test_a_new_release_of_trade_stands_beside_the_old_one(tmp_path, trade):
    wanted = ("coffee_trade", "coffee_trade_peru")
    table, peru = beside(tmp_path, TRADE, bulk(trade), "faostat", *wanted)
    keys, columns = ["year", "role", "partner_iso3"], ["value_usd", "quantity_t"]
    old = table[table["source"] == "faostat_tcl_2025"].set_index(keys)[columns]
    new = table[table["source"] == "faostat_tcl_2027"].set_index(keys)[columns]
    pd.testing.assert_frame_equal(new.loc[old.index], old)
    assert set(new.index.get_level_values("year")) == set(range(1961, 2024))
    old, new = (
        peru[peru["source"] == f"faostat_tcl_{year}"].drop(columns=["source", "origin"])
        for year in (2025, 2027)
    )
    pd.testing.assert_frame_equal(new.reset_index(drop=True), old.reset_index(drop=True))


SLIPS = {
    "Peru's exports ×10": (lambda r: r["Area"] == "Peru" and r["Year"] == "1999" and r["Element"] == "Export quantity", 10),
    "Peru's value ×10": (lambda r: r["Area"] == "Peru" and r["Year"] == "1961" and r["Element"] == "Export value", 10),
    "all values ×1000": (lambda r: r["Element"] == "Export value", 1000),
    "all values ÷10": (lambda r: r["Unit"] == "1000 USD", 0.1),
    "all tonnes ×10": (lambda r: r["Unit"] == "t", 10),
    "everything ×10": (lambda r: True, 10),
    "Brazil's value ×10": (lambda r: r["Area"] == "Brazil" and r["Element"] == "Export value", 10),
    "Germany's tonnes ÷100": (lambda r: r["Area"] == "Germany" and r["Element"] == "Import quantity", 0.01),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_in_trade_are_refused(tmp_path, trade, slip):
    which, factor = SLIPS[slip]
    rows = [{**r, "Value": str(float(r["Value"]) * factor)} if which(r) else r for r in trade]
    with pytest.raises(DataError, match=r"faostat_tcl_20\d\d/\S+:\d+"):
        beside(tmp_path, TRADE, bulk(rows), "faostat", "coffee_trade")


# --- production in the project's table --------------------------------------------------------


@pytest.fixture(scope="module")
def release():
    """All years of the two releases at hand as one newer file of the bulk layout."""
    found = {}
    for key in ("faostat_qcl_2025", "faostat_qcl_2026"):
        with (RAW / key / "coffee_peru.csv").open(encoding="utf-8", newline="") as file:
            found |= {(row["Element"], row["Year"]): row for row in csv.DictReader(file)}
    names = {name: code for code, name, _ in ELEMENTS}
    return [
        {**row, "Area Code": "170", "Item Code": "656", "Year Code": row["Year"], "Note": "",
         "Element Code": names[row["Element"]]}
        for row in found.values()
    ]  # fmt: skip


def test_a_new_release_of_production_stands_beside_the_old_ones(tmp_path, release):
    (table,) = beside(tmp_path, CROPS, bulk(release), "faostat", "coffee_national")
    new = table[table["source"] == "faostat_qcl_2027"].set_index("year")
    assert len(new) == 64
    # FAOSTAT as shared/figures has it: 2013 and, in the release of 2026, 2022.
    assert new.loc[2013, ["production_t", "area_ha"]].tolist() == [256241.43, 399523]
    assert new.loc[2022, "production_t"] == 357346.42
    rest = table[table["source"] != "faostat_qcl_2027"].reset_index(drop=True)
    assert making._csv(rest) == (tables.PROCESSED / "coffee_national.csv").read_bytes()


@pytest.mark.parametrize("factor", [10, 0.1])
@pytest.mark.parametrize("years", [("2015",), tuple(map(str, range(1961, 2025)))])
def test_a_slip_in_all_three_is_seen_against_others(tmp_path, file, release, factor, years):
    rows = [
        {**r, "Value": str(float(r["Value"]) * factor)}
        if r["Year"] in years and r["Element"] != "Yield" else r
        for r in release
    ]  # fmt: skip
    read_faostat(file(bulk(rows)))  # production and area agree with the yield
    with pytest.raises(DataError, match=r"faostat_qcl_20\d\d/\S+csv:\d+"):
        beside(tmp_path, CROPS, bulk(rows), "faostat", "coffee_national")


# --- what a file says of itself ---------------------------------------------------------------


def test_describe(file, trade):
    found = faostat.describe(file(website(facts()), "new/FAOSTAT_data_en_8-24-2025.csv"))
    assert (found.key, found.said["short"], found.said["published"]) == (
        "faostat_qcl_2025",
        "FAOSTAT 2025",
        None,
    )
    # as `make add` names it
    plain = faostat.describe(file(website(facts()), "new/faostat-data-en-8-24-2027.csv"))
    assert plain.key == "faostat_qcl_2027"
    assert found.contents[0].startswith("2001 to 2003, 9 rows")
    # 2023 is the last year of trade: released in 2024 at the earliest, met in 2025.
    assert faostat.describe(file(bulk(trade), "new/Trade.csv")).key == "faostat_tcl_2025"


def test_recognise(file):
    assert faostat.recognise(file(website(facts()))) and faostat.recognise(file(bulk(facts())))
    for other in (b"", b"year,flow,country\n2013,export,Brazil\n", b"PK\x03\x04rest"):
        assert not faostat.recognise(file(other))
    assert not faostat.recognise(file(bytes(100)).with_name("missing.csv"))


# --- large files ------------------------------------------------------------------------------

LARGE = 40_000_000


@pytest.mark.parametrize("filling", [b"\0", b"0", b"0,0,0\n", b'"'])
def test_40_mb_of_zeros_are_refused_at_once(tmp_path, filling):
    path = tmp_path / "zeros.csv"
    block = filling * (10_000_000 // len(filling))
    with path.open("wb") as file:
        file.writelines([block] * (LARGE // len(block)))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"^zeros.csv"):
        read_faostat(path)
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_a_large_file_needs_the_memory_of_what_is_kept(file):
    data = website(facts())
    other = data.splitlines(keepends=True)[-1]
    path = file(data + other * 400_000)  # 60 MB of maize
    tracemalloc.start()
    table = read_faostat(path)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()
    assert figures(table) == EXPECTED
    assert table.unused["other items"] == 400_045


text = st.text(st.sampled_from('ab",\n é'), max_size=6)
tables_of_text = st.lists(st.lists(text, min_size=3, max_size=3), min_size=1, max_size=20)


@given(tables_of_text, st.integers(1, 40), st.booleans())
def test_rows_are_those_of_the_csv_module_whatever_the_blocks(
    tmp_path_factory, body, block, quoted
):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    style = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    path.write_bytes(as_csv([["x", "y", "z"], *body], style))
    expected, line = [], 2
    for cells in body:
        if any("a" in one for one in cells):
            expected.append((line, cells))
        line += 1 + sum(one.count("\n") for one in cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BLOCK", block)
        found = rows.Rows(path)
        assert list(found.holding("a")) == expected
    assert found.count == len(body)
