"""The ministry's yearbook: found by its titles, whatever the layout; every slip is seen."""

import shutil

import hostile
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import made, placed, project
from yearbooks import NATION, at, field, monthly, overview, put, save, tree, yearbook, yearly

from valuechains import tables
from valuechains.core.errors import DataError
from valuechains.extract.registry import FORMATS
from valuechains.extract.yearbook import name_of

FORMAT = FORMATS["midagri_yearbook"]
UNITS = {
    "production": {"t": 1, "tm": 1, "toneladas": 1, "milesdetoneladas": 1000, "kg": 0.001},
    "area": {"ha": 1, "has": 1, "hectareas": 1, "milesdeha": 1000},
    "yield": {"kg/ha": 1, "kgxha": 1, "t/ha": 1000},
    "price": {"s//kg": 1, "s/xkg": 1, "solesporkg": 1, "nuevossoleskg": 1, "s//t": 0.001},
}
read_yearbook, describe, recognise = FORMAT.read, FORMAT.describe, FORMAT.recognise
MEASURES = [
    "Producción (t)", "Superficie (ha)", "Rendimiento (kg/ha)", "Precio en chacra (S/. / kg)"
]  # fmt: skip


def figures(table):
    """Return a raw table as numbers by region."""
    return table.frame.set_index("Región")[MEASURES].apply(pd.to_numeric)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("yearbook")


@pytest.fixture(scope="module")
def good(folder):
    return save(yearbook(), folder / "2022.xlsx")


# --- a yearbook as those at hand


@pytest.mark.parametrize("ending", [".xlsx", ".xls"])
@pytest.mark.parametrize("crop", ["café( pergamino)?", "PAPA", "Maiz amarillo duro", "papaya"])
def test_reads_a_crop_by_department(folder, ending, crop):
    table = read_yearbook(save(yearbook(), folder / f"all{ending}"), crop=crop)
    assert list(table.frame.columns) == ["Región", "year", *MEASURES]
    assert set(table.frame["year"]) == {"2022"} and len(table.frame) == 27
    found = figures(table)
    assert list(found.index[:3]) == ["Nacional", "Amazonas", "Áncash"]
    assert list(found.loc["Nacional"]) == pytest.approx(list(NATION.values()), rel=1e-12)
    assert list(found.loc["Puno"]) == [200, 250, 800, 9.5]
    # (10.5 × 4 + 7.5 × 6) / 18 = 87 / 18
    assert list(found.loc["Madre de Dios"]) == pytest.approx([18, 27, 18000 / 27, 87 / 18])
    # No crop: zeros are the sheet's, a yield and a price there are none.
    tumbes = table.frame.set_index("Región").loc["Tumbes"]
    assert list(tumbes[MEASURES]) == ["0.0", "0.0", "", ""]


def test_rows_stand_where_the_production_stands_and_the_file_describes_itself(good):
    coffee, potato = read_yearbook(good), read_yearbook(good, crop="papa")
    assert list(coffee.frame.index[:2]) == ["cafe!6", "cafe!7"]
    assert list(potato.frame.index[:2]) == ["Papa!74", "Papa!75"]
    assert [(one.row, one.was, one.now) for one in coffee.repairs] == [
        ("cafe!A58", "cafere de Dios", "Madre de Dios"),
        ("cafe!A92", "cafere de Dios", "Madre de Dios"),
    ]
    assert recognise(good)
    found = describe(good)
    assert (found.key, found.said["short"]) == ("midagri_anuario_2022", "MIDAGRI yearbook 2022")
    assert found.contents[0].startswith("2022 to 2022, 27 rows: Región, year, Producción (t), ")
    assert found.said["locator"] == "cafe!6 and below (café, by region)"


def test_another_workbook_is_none(folder):
    prices = {(0, 0): "Monthly", (4, 1): "Coffee, Arabica", (5, 0): "1960M01", (5, 1): 0.94}
    other = save({"Monthly Prices": prices}, folder / "prices.xlsx")
    assert not recognise(other)
    with pytest.raises(DataError, match=r"prices\.xlsx: no table of a crop by region"):
        read_yearbook(other)
    for name, (change, _) in hostile.WORKBOOK_FILES.items():
        broken = folder / f"{name}.xlsx"
        broken.write_bytes(change(other.read_bytes()))
        assert not recognise(broken), name
    assert not recognise(folder / "none.xlsx")


# --- years that are not at hand


def future(year=2024):
    """Return a yearbook laid out anew: other place, order, words, units and sheet names."""
    cells = {}
    header = {
        "soles": ("Precio promedio al productor en chacra (Soles por kg)", ""),
        "hectares": ("Superficie cosechada (miles de ha)", ""),
        "tonnes": ("PRODUCCIÓN (t)", ""),
        "kg_per_ha": ("Rendimiento promedio", "t/ha"),
    }
    yearly(cells, 5, 19, ("MINISTERIO DE DESARROLLO AGRARIO Y RIEGO", "Anuario estadístico",
        "Cuadro 12", "PERÚ: PRODUCCION, SUPERFICIE COSECHADA,",
        "RENDIMIENTO Y PRECIO EN CHACRA DE CAFE", f"POR DEPARTAMENTO, {year} P/"), header,
        lambda area: area.upper().replace("Á", "A"))  # fmt: skip
    for (row, column), value in list(cells.items()):
        if isinstance(value, float | int) and column in (21, 23):
            cells[row, column] = value / 1000
    monthly(cells, 60, f"Cuadro 1. Producción mensual de café pergamino por región, {year} (kg)",
            "tonnes")  # fmt: skip
    for (row, column), value in list(cells.items()):
        if row >= 60 and not isinstance(value, str):
            cells[row, column] = value * 1000
    names = ("Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio", "Agosto",
             "Setiembre", "Octubre", "Noviembre", "Diciembre")  # fmt: skip
    put(cells, 62, 2, names)
    monthly(cells, 95, f"Precio en chacra mensual de café pergamino, según región. Año {year} "
            "(S/ / t)", "soles", "Promedio anual")  # fmt: skip
    for (row, column), value in list(cells.items()):
        if row >= 95 and not isinstance(value, str):
            cells[row, column] = value * 1000
    return {
        "Portada": {(0, 0): f"ANUARIO {year}"},
        "Café": cells,
        "Papas nativas": field("papa nativa", year),
    }


@pytest.mark.parametrize("ending", [".xlsx", ".xls"])
def test_reads_a_layout_that_is_not_at_hand(folder, good, ending):
    path = save(future(), folder / f"2024{ending}")
    table = read_yearbook(path)
    assert set(table.frame["year"]) == {"2024"}
    pd.testing.assert_frame_equal(figures(table), figures(read_yearbook(good)), rtol=1e-9)
    assert describe(path).key == "midagri_anuario_2024"


def test_a_yearly_table_alone_is_enough(folder, good):
    cells = {key: value for key, value in tree("café", 2030).items() if key[0] < 36}
    table = read_yearbook(save({"x": cells}, folder / "2030.xlsx"))
    assert set(table.frame["year"]) == {"2030"}
    pd.testing.assert_frame_equal(figures(table), figures(read_yearbook(good)))


def test_a_crop_without_a_table_of_prices_has_none_and_it_is_said(folder, good):
    title = "Cuadro 8 Perú: Producción, superficie cosechada y rendimiento de café, según región"
    header = {"tonnes": ("Producción", "(t)"), "hectares": ("Superficie", "(ha)")}
    cells = {}
    yearly(cells, 1, 0, (title, "2022"), header | {"kg_per_ha": ("Rendimiento", "(kg/ha)")})
    table = read_yearbook(save({"cafe": cells}, folder / "priceless.xlsx"))
    expected = figures(read_yearbook(good)).assign(**{MEASURES[3]: float("nan")})
    pd.testing.assert_frame_equal(figures(table), expected)
    (repair,) = table.repairs
    assert (repair.column, repair.now) == (MEASURES[3], "")
    assert repair.reason == "the crop has no table of prices"


def test_the_country_may_be_blank(folder, good):
    sheets = yearbook()
    del sheets["cafe"][at("S6")]
    table = read_yearbook(save(sheets, folder / "blank.xlsx"))
    expected = figures(read_yearbook(good))
    expected.loc["Nacional", MEASURES[1]] = float("nan")
    pd.testing.assert_frame_equal(figures(table), expected)


# --- which crop


def crops(folder, **sheets):
    return save({name: tree(crop, 2022) for name, crop in sheets.items()}, folder / "crops.xlsx")


@pytest.mark.parametrize(
    "wanted, there, message",
    [
        ("papa", ["papaya", "papa nativa", "papa seca"], "there are papa nativa, papa seca"),
        ("arveja", ["arveja grano seco", "arveja grano verde"], "there are arveja grano seco, arv"),
        ("kafé", ["café"], "did you mean cafe"),
        ("café", ["café pergamino", "cafe"], None),
        ("café( pergamino)?", ["café pergamino", "café"], "a second table of production"),
        ("arroz( cáscara)?", ["arroz cáscara", "arroz pilado"], None),
        ("", ["café"], "no crop ''"),
    ],
)  # fmt: skip
def test_a_crop_is_one_crop_or_refused(folder, wanted, there, message):
    path = crops(folder, **dict(zip("ABC", there, strict=False)))
    if message is None:
        assert len(read_yearbook(path, crop=wanted).frame) == 27
        return
    with pytest.raises(DataError, match=message):
        read_yearbook(path, crop=wanted)


def test_papa_is_not_papaya(folder):
    path = crops(folder, A="papaya", B="papa", C="papa nativa")
    for wanted, first in (("papa", "B!6"), ("PAPA NATIVA", "C!6")):
        assert read_yearbook(path, crop=wanted).frame.index[0] == first


def test_a_shorter_name_completes_the_longer_one(folder):
    cells = field("arroz cáscara", 2022)
    cells[at("A37")] = cells[at("A37")].replace("arroz cáscara", "arroz")
    path = save({"Arroz": cells}, folder / "arroz.xlsx")
    rice = read_yearbook(path, crop="Arroz( cáscara)?")
    assert figures(rice).loc["Puno", MEASURES[1]] == 250


def test_two_crops_in_one_sheet(folder):
    cells = tree("café", 2022)
    for (row, column), value in tree("cacao", 2022).items():
        cells[row + 110, column] = value
    path = save({"dos": cells}, folder / "two.xlsx")
    assert read_yearbook(path, crop="cacao").frame.index[0] == "dos!116"
    assert read_yearbook(path, crop="café").frame.index[0] == "dos!6"


def test_only_an_overview_goes_on_in_blocks_without_a_title(folder, good):
    sheets = yearbook()
    for (row, column), value in tree("café pergamino", 2022).items():
        if 3 <= row < 36:  # a header and figures, far below any title
            sheets["cafe"][row + 200, column] = value * 2 if isinstance(value, float) else value
    table = read_yearbook(save(sheets, folder / "more.xlsx"))
    pd.testing.assert_frame_equal(figures(table), figures(read_yearbook(good)))


@pytest.mark.parametrize(("blank", "other"), [("R", "S"), ("S", "R")])
def test_a_blank_is_no_zero(folder, blank, other):
    """Ucayali, in row 32, grew none: a blank beside a zero may be a figure that was forgotten."""
    sheets = {"cafe": tree("café", 2022)}
    del sheets["cafe"][at(f"{blank}32")]
    with pytest.raises(DataError, match=rf"cafe!{blank}32: '': .*blank, but not what goes with it"):
        read_yearbook(save(sheets, folder / "blank.xlsx"))
    del sheets["cafe"][at(f"{other}32")]
    table = read_yearbook(save(sheets, folder / "blank.xlsx"))
    assert figures(table).loc["Ucayali", MEASURES[:2]].isna().all()


@pytest.mark.parametrize("years", ["2021 y 2022", "2021-22"])
def test_tables_of_two_years_are_of_none(folder, years):
    with pytest.raises(DataError, match="no table of a crop by region with a year"):
        read_yearbook(save({"cafe": tree("café", years)}, folder / "two_years.xlsx"))


# --- slips


def cell(place, value, sheet="cafe"):
    """Set (or with None empty) one cell."""

    def change(sheets):
        sheets[sheet][at(place)] = value
        if value is None:
            del sheets[sheet][at(place)]

    return change


def scaled(first, last, factor):
    """Multiply the numbers of a range."""

    def change(sheets):
        (top, left), (bottom, right) = at(first), at(last)
        for (row, column), value in sheets["cafe"].items():
            if top <= row <= bottom and left <= column <= right and not isinstance(value, str):
                sheets["cafe"][row, column] = value * factor

    return change


def replaced(was, now):
    def change(sheets):
        cells = sheets["cafe"]
        hits = [key for key, value in cells.items() if isinstance(value, str) and was in value]
        assert hits
        for key in hits:
            cells[key] = cells[key].replace(was, now)

    return change


def moved(rows, columns, first="A1", last="ZZ999"):
    def change(sheets):
        (top, left), (bottom, right) = at(first), at(last)
        cells = sheets["cafe"]
        part = {key: cells.pop(key) for key in list(cells)
                if top <= key[0] <= bottom and left <= key[1] <= right}  # fmt: skip
        cells |= {(row + rows, column + columns): value for (row, column), value in part.items()}

    return change


def row_out(place):
    """Delete a row of the yearly table, those below move up."""

    def change(sheets):
        row = at(place)[0]
        cells = sheets["cafe"]
        for column in range(16, 21):
            cells.pop((row, column), None)
        moved(-1, 0, f"Q{row + 2}", "U36")(sheets)

    return change


def row_in(place, *values):
    """Insert a row into the yearly table."""

    def change(sheets):
        row, column = at(place)
        moved(1, 0, f"Q{row + 1}", "U36")(sheets)
        put(sheets["cafe"], row, column, values)

    return change


def both(*changes):
    def change(sheets):
        for one in changes:
            one(sheets)

    return change


def swapped(first, second):
    def change(sheets):
        cells = sheets["cafe"]
        cells[at(first)], cells[at(second)] = cells[at(second)], cells[at(first)]

    return change


def without(sheet):
    return lambda sheets: sheets.pop(sheet)


def copied(sheets):
    sheets["cafe (2)"] = dict(sheets["cafe"])


WHOLE = [scaled("A1", "N68", 10), scaled("R6", "S33", 10)]  # tonnes and hectares
# Cusco stands in row 14 of the yearly table (Q14: tonnes in R, ha S, kg/ha T, price U), in row 48
# of the monthly tonnes (May in G), in row 82 of the monthly prices.
SLIPS = {
    "a title's Cuadro number": (replaced("Cuadro 354", "Cuadro 9"), "harmless"),
    "no Cuadro number": (replaced("Cuadro 354", ""), "harmless"),
    # "Reported" are here the places of the mangled names, which move.
    "another sheet name": (lambda s: s.update({"x": s.pop("cafe")}), "reported"),
    "sheet names with blanks": (lambda s: s.update({" Hoja 1": s.pop("cafe")}), "reported"),
    "sheets in another order": (lambda s: s.update({"Papa": s.pop("Papa")}), "harmless"),
    "other sheets missing": (without("Papa"), "harmless"),
    "an index missing": (without("Indice"), "harmless"),
    "an overview missing": (without("producción"), "harmless"),
    # Of 2021 it says ten times the coffee of 2022, which is another year.
    "an overview of the year before": (
        lambda s: s.update({"2021": overview(["Café", "Ajo"], 2021)}), "harmless"
    ),
    "crop named without its form": (replaced(" de café pergamino", " de cafe"), "harmless"),
    "yearly table shifted": (moved(0, 3, "Q1", "U36"), "harmless"),
    "all shifted": (moved(5, 2), "reported"),
    "yearly table lower": (moved(110, 0, "Q1", "U36"), "harmless"),
    "accents": (replaced("Ancash", "ÁNCASH"), "harmless"),
    "months with points": (replaced("Set", "Sep."), "harmless"),
    "figures of another crop": (cell("C40", 77, "Papa"), "harmless"),
    "a note below": (cell("Q38", "P/ Preliminar"), "harmless"),
    "unit by another word": (replaced("(S/. / kg)", "(Soles / kg)"), "harmless"),
    "Madre de Dios mangled": (replaced("cafere de Dios", "MADre de Dios"), "reported"),
    **{
        f"{what} ×{factor:g}": (scaled(first, last, factor), "refused")
        for factor in (10, 1000, 0.1)
        for what, first, last in (
            ("one production", "R14", "R14"), ("one area", "S14", "S14"),
            ("one yield", "T14", "T14"), ("one price", "U14", "U14"),
            ("the smallest production", "R24", "R24"), ("the smallest area", "S24", "S24"),
            ("all productions", "R6", "R33"), ("all areas", "S6", "S33"),
            ("all yields", "T6", "T33"), ("all prices", "U6", "U33"),
            ("the country's production", "R6", "R6"), ("the country's area", "S6", "S6"),
            ("the country's yield", "T6", "T6"), ("the country's price", "U6", "U6"),
            ("the country's row", "R6", "U6"), ("Cusco's row", "R14", "U14"),
            ("Cusco's tonnes and hectares", "R14", "S14"),
            ("all tonnes and hectares of the year", "R6", "S33"),
            ("one month", "G48", "G48"), ("one monthly price", "G82", "G82"),
            ("May", "G40", "G66"), ("the prices of May", "G74", "G100"),
            ("the year in the months", "B40", "B66"), ("all months", "A40", "N66"),
            ("all monthly prices", "A74", "N100"), ("the monthly table's country", "B40", "N40"),
        )
    },
    "a whole sheet ×10": (both(*WHOLE), "refused"),  # the overview sees it
    # A year's means agree with each other, in both tables; only the months say otherwise.
    "the year's prices ×10": (both(scaled("U6", "U33", 10), scaled("B74", "B100", 10)), "refused"),
    "two productions swapped": (swapped("R14", "R28"), "refused"),
    "two rows' names swapped": (swapped("Q14", "Q28"), "refused"),
    "two months swapped": (swapped("G48", "H48"), "refused"),
    "two headers swapped": (swapped("R4", "S4"), "refused"),
    "months' headers swapped": (swapped("G39", "H39"), "refused"),
    "no yearly table": (lambda s: [s["cafe"].pop(key) for key in list(s["cafe"]) if key[1] > 15],
                        "refused"),
    "no sheet": (without("cafe"), "refused"),
    "two sheets": (copied, "refused"),
    "a header renamed": (replaced("Rendimiento", "Productividad"), "refused"),
    "a column missing": (both(cell("T4", None), cell("T5", None)), "refused"),
    "months in kilograms": (replaced("2022 (t)", "2022 (kg)"), "refused"),
    "months in no unit": (replaced("2022 (t)", "2022"), "refused"),
    "another year": (replaced("2022", "2021"), "refused"),
    "another year in one title": (replaced("región. 2022", "región. 2021"), "refused"),
    "no year": (replaced("región. 2022", "región."), "refused"),
    "two years": (replaced("región. 2022", "región. 2021-22"), "refused"),
    "a department missing": (row_out("Q14"), "refused"),
    "a department without coffee missing": (row_out("Q8"), "refused"),
    "the country missing": (row_out("Q6"), "refused"),
    "Lima Metropolitana missing in one table": (row_out("Q22"), "refused"),
    "a department twice": (row_in("Q15", "Cusco", 300, 500.5, 300000 / 500.5, 7), "refused"),
    "a department twice, zeros": (row_in("Q15", "Callao", 0, 0, 0, 0), "refused"),
    "two countries": (row_in("Q33", "Nacional", 1018, 1177.5, 864.5, 6.57), "refused"),
    "a total": (row_in("Q33", "Total", 1018, 1177.5, 864.5, 6.57), "refused"),
    "a total below the footnotes": (cell("R40", 1018), "harmless"),
    "a part of the country": (row_in("Q12", "Costa", 0, 0, 0, 0), "refused"),
    "a heading": (row_in("Q12", "Sierra"), "refused"),
    "an unknown name": (replaced("Cusco", "Cuzcoo"), "refused"),
    "an empty row": (row_in("Q14"), "harmless"),
    "zeros": (scaled("A1", "ZZ200", 0), "refused"),
    **hostile.each(cell, "refused", {
        ("R6",): ["1,018"], ("R14",): ["trescientos", "3OO", "300 p/", -300, 1e300, "-", None],
        ("S14",): [None], ("T14",): [None, "#DIV/0!"], ("U14",): [None], ("U6",): [None],
        ("U15",): ["9,5"],  # Huancavelica has no coffee
        ("G48",): [None, -100], ("G82",): [None],
        ("Q4",): [None], ("S4",): [None, "Producción "], ("G39",): [None, "Jun"], ("Q14",): [None],
        ("R5",): [None, "(quintales)", "(kg)"], ("S5",): ["(miles de ha)"], ("T5",): ["(t/ha)"],
        ("U5",): ["(S/. / t)"],
    }),
    **hostile.each(cell, "reported", {
        ("R14",): ["300.0"], ("R6",): ["1,018.0", "1.018,0"], ("U13",): ["0,0"],
    }),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(good):
    return read_yearbook(good)


@pytest.mark.parametrize("slip", SLIPS)
def test_no_slip_passes_in_silence(folder, rows, slip):
    change, expected = SLIPS[slip]
    sheets = yearbook()
    del sheets["MAD"], sheets["papaya"]  # other crops, whose sheets take time to read
    change(sheets)
    path = save(sheets, folder / "slip.xls")
    assert hostile.verdict(read_yearbook, path, rows) == expected


@pytest.mark.parametrize("ending", [".xlsx", ".xls"])
@pytest.mark.parametrize("name", hostile.WORKBOOK_FILES)
def test_no_broken_file_passes(folder, rows, ending, name):
    change, expected = hostile.WORKBOOK_FILES[name]
    path = save(yearbook(), folder / f"broken{ending}")
    path.write_bytes(change(path.read_bytes()))
    assert hostile.verdict(read_yearbook, path, rows) == expected


@pytest.mark.parametrize(
    "ending, place, bytes_",
    [
        (".xls", 48, b"\x00\xff\xff\xff"),  # the directory's sector: past the end
        (".xls", 76, b"\x00\xff\xff\x0f"),  # the allocation table's
        (".xls", 30, b"\xff\xff"),  # the size of a sector
        (".xlsx", -22 + 16, b"\x05\x00\x00\x00"),  # where the zip's directory begins
    ],
)
def test_no_damaged_container_passes(folder, rows, ending, place, bytes_):
    path = save(yearbook(), folder / f"damaged{ending}")
    data = bytearray(path.read_bytes())
    data[place : place + len(bytes_) or None] = bytes_
    path.write_bytes(data)
    assert not recognise(path)
    assert hostile.verdict(read_yearbook, path, rows) == "refused"


@pytest.mark.parametrize(("ending", "named"), [(".xlsx", "wrong.xls"), (".xls", "wrong.xlsx")])
def test_a_workbook_is_known_by_its_content(folder, rows, ending, named):
    path = folder / named
    path.write_bytes(save(yearbook(), folder / f"right{ending}").read_bytes())
    assert read_yearbook(path).frame.equals(rows.frame)


def test_a_formula_without_its_result_and_a_hidden_sheet(folder, rows):
    path = save(yearbook(), folder / "excel.xlsx")
    book = openpyxl.load_workbook(path)
    book["Papa"].sheet_state = "hidden"
    book.save(path)
    assert hostile.verdict(read_yearbook, path, rows) == "harmless"
    with pytest.raises(DataError, match=r"no crop 'papa'.*; hidden: Papa"):
        read_yearbook(path, crop="papa")
    book["cafe"]["R6"] = "=SUM(R7:R32)"
    book.save(path)
    assert recognise(path)
    with pytest.raises(DataError, match="cafe!R6: a formula without its result"):
        read_yearbook(path)


# Corner and size of every block of figures of the coffee sheet.
BLOCKS = {"the year": ("R6", 27, 4), "tonnes": ("B40", 27, 13), "prices": ("B74", 27, 13)}


@pytest.fixture(scope="module")
def alone(folder):
    """Return coffee alone: a small file, read often."""
    return read_yearbook(save({"cafe": tree("café", 2022)}, folder / "alone.xls"))


@given(
    block=st.sampled_from(sorted(BLOCKS)),
    where=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
    change=st.one_of(st.floats(-1, -0.1), st.floats(0.1, 2000)),
)
@settings(max_examples=40)
def test_no_figure_changes_in_silence(folder, alone, block, where, change):
    """One figure changed anywhere, by 10 % or more, is refused.

    Only a department's price in a month without production changes nothing of the year.
    """
    corner, height, width = BLOCKS[block]
    place = tuple(
        first + int(share * size)
        for first, share, size in zip(at(corner), where, (height, width), strict=True)
    )
    cells = tree("café", 2022)
    was = cells[place]
    cells[place] = was * (1 + change) if was else 1 + abs(change)  # beyond what rounding can do
    path = save({"cafe": cells}, folder / "changed.xls")
    unsold = block == "prices" and was == 0 and min(place[0] - 73, place[1] - 1) > 0
    expected = "harmless" if unsold else "refused"
    assert hostile.verdict(read_yearbook, path, alone) == expected


@given(st.text(alphabet="abñÑÁéíüZ (),.-"))
def test_names_are_compared_alike_however_written(text):
    assert name_of(text) == name_of(name_of(text)) == name_of(f"  {text.upper()} ")


@pytest.mark.parametrize("measure", UNITS)
def test_units_read_with_blanks_and_points(measure):
    for unit, worth in UNITS[measure].items():
        assert {FORMAT.factor(x.join(["", *unit, ""]), measure) for x in (" ", ".", "")} == {worth}


# --- a sheet that is wrong as a whole: seen by the overview, or for coffee by other sources


@pytest.fixture(scope="module")
def raw(folder):
    """Return a copy of the raw data that coffee is made from."""
    return project(folder / "raw", "report_eu_peru_2016", "crofils_*", "midagri_*")


def panel_with(root, path, key):
    """Return the panel of coffee with a yearbook put among its raw files."""
    shutil.rmtree(root / key, ignore_errors=True)
    placed(root, f"{key}/{path.name}", path.read_bytes(), "midagri_yearbook")
    return made(root, "coffee_regional", "coffee_national")[0]


def coffee_2024(**factors):
    """Return the sheet of coffee alone, with the country's level of 2022, times factors."""
    cells = tree("café pergamino", 2024)
    for (row, column), value in list(cells.items()):
        if isinstance(value, str):
            continue
        yearly_part = column >= 16
        what = "RSTU"[column - 17] if yearly_part else "R" if row < 70 else "U"
        # 1018 t of the table, at 864.5 kg/ha, become 358,000 t and 414,000 ha.
        level = {"R": 352, "S": 352, "T": 1, "U": 2}[what]
        cells[row, column] = value * level * factors.get(what, 1)
    return {"cafe": cells}


def test_a_yearbook_feeds_the_panel_beside_a_second_vintage(folder, raw):
    path = save(coffee_2024(), folder / "anuario.xls")
    panel_with(raw, path, "midagri_anuario_2024")
    panel = panel_with(raw, path, "midagri_anuario_2024_v2")
    shutil.rmtree(raw / "midagri_anuario_2024_v2")
    again = panel["source"] == "midagri_anuario_2024_v2"
    assert panel.loc[again, "production_t"].sum() == pytest.approx(2 * 1018 * 352)
    panel = panel[~again]
    new = panel[panel["source"] == "midagri_anuario_2024"].set_index("ubigeo")
    assert len(new) == 26 and set(new["year"]) == {2024}
    assert new.at["00", "production_t"] == pytest.approx(1018 * 352)
    assert new.at["21", "farm_price_pen_per_kg"] == 19
    assert new.at["21", "origin"] == "midagri_anuario_2024/anuario.xls:cafe!28"
    before = tables.load("coffee_regional")
    old = panel[panel["source"] != "midagri_anuario_2024"].reset_index(drop=True)
    pd.testing.assert_frame_equal(old, before, check_dtype=False)


@pytest.mark.parametrize("times", [10, 0.1])
@pytest.mark.parametrize("what", ["RS", "U", "RSU"])
def test_a_sheet_wrong_as_a_whole_is_refused(folder, raw, what, times):
    path = save(coffee_2024(**dict.fromkeys(what, times)), folder / "anuario.xls")
    with pytest.raises(DataError, match=r"anuario\.xls"):
        panel_with(raw, path, "midagri_anuario_2024")
