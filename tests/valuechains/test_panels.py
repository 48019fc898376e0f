"""Sheets of names by years, on small workbooks of our own: read right, reported or refused.

They have the quirks of the published ones: headers misprinted, two columns of names, years that
the title does not name, a second page below or beside the first, dashes, notes, stray figures.
"""

import functools
from contextlib import nullcontext

import pandas as pd
import pytest
from biff8 import sheets_as_xls
from published import changed, save

from valuechains.core import paths, places
from valuechains.core.errors import DataError
from valuechains.extract.registry import FORMATS
from valuechains.extract.sheets import Grid
from valuechains.extract.workbook import Sheet

FOOT = [["P Preliminar"], ["Fuente: Direcciones Regionales", None, None, 1778775.0]]
CODES = [code for code in places.codes() if code != "07"]
YEARS = [2005, 2006, 2007, 2008, 2009]
# heads, shorn (share), kg a shorn animal, slaughtered (share), kg of meat: of two departments.
HERDS = {"21": (2000, 0.5, 2.0, 0.1, 25), "08": (900, 0.6, 1.5, 0.1, 30)}


def herd(code, measure, year):
    """Return a figure: herds grow by a hundredth of 2005 a year, in whole heads."""
    heads, shorn, fibre, slaughtered, meat = HERDS[code]
    now = round(heads * (1 + (year - 2005) / 100))
    values = {"herd": now, "shorn": round(now * shorn), "slaughtered": round(now * slaughtered)}
    values["fibre"] = round(values["shorn"] * fibre / 1000, 3)
    values["meat"] = round(values["slaughtered"] * meat / 1000, 3)
    prices = {"21": (4.5, 14.0), "08": (5.0, 15.5)}[code]
    values["live_price"], values["fibre_price"] = prices
    return values[measure]


TITLES = {
    "herd": ("POBLACIÓN DE {0}S", "Unidades"),
    "slaughtered": ("PRODUCCIÓN DE {0}S", "Unidades"),
    "meat": ("PRODUCCIÓN DE CARNE DE {0}", "Toneladas"),
    "live_price": ("PRECIO RECIBIDO POR EL PRODUCTOR DE {0}S", "Soles / kg"),
    "shorn": ("{0}S ESQUILADAS", "Unidades"),
    "fibre": ("PRODUCCIÓN DE FIBRA DE {0}", "Toneladas"),
    "fibre_price": ("PRECIO RECIBIDO POR EL PRODUCTOR DE FIBRA DE {0}", "Soles x Kg"),
}


def livestock():
    """Return a yearbook: sheet → rows. Its titles name 2007 as the first year, its columns 2005."""
    book = {"1. INDICADORES": [["Índice"]]}
    for species in ("ALPACA", "LLAMA"):
        for measure, (title, unit) in TITLES.items():
            number = 36 + len(book) - 1
            title = f"C.{number}  PERÚ: {title.format(species)} POR  AÑO, SEGÚN REGIÓN, 2007-2009"
            rows = [[], [title], [f"({unit})"], [], ["Región", None, *YEARS[:-1], "2009 P"]]
            given = [[herd(code, measure, year) for year in YEARS] for code in HERDS]
            nation = ["Total Nacional", None, *(round(sum(x), 3) for x in zip(*given, strict=True))]
            if measure.endswith("price"):
                nation = ["Promedio", None, *given[0]]
            rows += [nation, []]
            for code in CODES:
                values = given[list(HERDS).index(code)] if code in HERDS else [0, 0, "-", "-", "-"]
                rows.append([None, places.name(code), *values])
            book[f"C {number}"] = rows + FOOT
    title = "C.50 PERÚ: PRODUCCIÓN DE ALPACAS POR MES, SEGÚN REGIÓN, 2009P"
    book["C 50"] = [[title], ["(Unidades)"], ["Región", "Ene-Dic", "Ene"], ["Nacional", 5, 5]]
    return book


def read(folder, name, book):
    """Read a book as .xls, which is written ten times as fast as .xlsx."""
    sheets = {}
    for sheet, rows in book.items():
        cells = ((r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row))
        sheets[sheet] = {
            (row, column): cell if isinstance(cell, str) else float(cell)
            for row, column, cell in cells
            if cell is not None
        }
    path = folder / f"{name}.xls"
    path.write_bytes(sheets_as_xls(sheets))
    return FORMATS[name].read(path)


def series(table, **where):
    """Return the figures of one row by year."""
    rows = table.frame
    for column, value in where.items():
        rows = rows[rows[column] == value]
    (row,) = rows.to_dict("records")
    return {year: row[year] for year in row if year.isdigit()}


def test_a_livestock_yearbook(tmp_path):
    table = read(tmp_path, "midagri_livestock", livestock())
    assert len(table.frame) == 2 * 7 * 25 and table.repairs == []
    assert set(table.frame["edition"]) == {"2009"}
    puno = series(table, species="alpaca", variable="herd", ubigeo="21")
    assert [float(puno[year]) for year in puno] == [2000, 2020, 2040, 2060, 2080]
    tumbes = series(table, species="llama", variable="fibre", ubigeo="24")
    assert list(tumbes.values()) == ["0.0", "0.0", "", "", ""]
    assert "C_36!6" in table.frame.index and table.frame.loc["C_36!6", "ubigeo"] == "00"
    path = save(tmp_path / "again.xlsx", livestock())
    claims = [name for name, form in FORMATS.items() if form.recognise(path)]
    assert claims[0] == "midagri_livestock"
    found = FORMATS["midagri_livestock"].describe(path)
    assert found.key == "midagri_livestock_2009"
    assert found.contents[0].startswith("2005 to 2009, 350 rows: edition, species")


def put(sheet, row, column, value):
    """Return a change of one cell (row and column as in the sheet, from 1)."""

    def change(book):
        rows = book[sheet]
        while len(rows[row - 1]) < column:
            rows[row - 1].append(None)
        rows[row - 1][column - 1] = value

    return changed(change)


def times(sheet, factor, rows=range(6, 33)):
    def change(book):
        for row in rows:
            book[sheet][row - 1] = [
                x * factor if isinstance(x, int | float) else x for x in book[sheet][row - 1]
            ]

    return changed(change)


def swap(sheet, one, other, columns):
    """Swap cells of two rows: with the names the rows stand in another order, without all errs."""

    def change(book):
        a, b = book[sheet][one - 1], book[sheet][other - 1]
        a[columns], b[columns] = b[columns], a[columns]

    return changed(change)


def without(sheet, row=None):
    def change(book):
        if row:
            del book[sheet][row - 1]
        else:
            del book[sheet]

    return changed(change)


def insert(sheet, row, cells):
    return changed(lambda book: book[sheet].insert(row - 1, cells))


def line(sheet, row, cells):
    return changed(lambda book: book[sheet].__setitem__(row - 1, cells))


def shorter(sheet):
    return changed(lambda book: [row.pop() for row in book[sheet][4:32] if len(row) > 2])


def slipped(sheet, rows=range(6, 33)):
    """The figures stand a year too early, and the last year has none."""

    def change(book):
        for row in rows:
            cells = book[sheet][row - 1]
            if len(cells) > 3:
                book[sheet][row - 1] = [*cells[:2], *cells[3:], None]

    return changed(change)


def unfinished(book):
    """No figures of the last year, as of Apurímac and Ica since 2024."""
    for rows in book.values():
        for row in rows[8:21]:
            row[3:] = [None]


def copied(sheet):
    return changed(lambda book: book.update({"C 99": book[sheet]}))


def both(*changes):
    return lambda book: functools.reduce(lambda now, change: change(now), changes, book)


def in_unit(sheet, row, unit, rows):
    """Print a table in thousands of its unit."""
    return both(put(sheet, row, 1, unit), times(sheet, 0.001, rows))


def named(old, new):
    def change(book):
        for rows in book.values():
            for row in rows:
                row[:] = [x.replace(old, new) if isinstance(x, str) else x for x in row]

    return changed(change)


def renamed(book):
    """Sheets in another order and under other names: titles say what they are."""
    return {f"Hoja{n}": rows for n, rows in enumerate(reversed(book.values()))}


# Row 5 has the years, 6 the nation, 8 and on the departments: Cusco 14, Puno 27.
CUSCO, PUNO = 8 + CODES.index("08"), 8 + CODES.index("21")
MISPRINTS = ["Región", None, 2005, 2007, 2008, 2008, "2009 P"]
LIVESTOCK = {
    "a misprinted year": (put("C 38", 5, 5, "2008"), "read C_38!E5 2008 2007"),
    "two misprinted years": (line("C 38", 5, MISPRINTS), "C_38!D5: 2007.0: meat: expected"),
    "the last year misprinted": (put("C 38", 5, 7, "2008 P"), "C_38!G5: '2008 P': meat: expected"),
    "the first year misprinted": (put("C 38", 5, 3, 2015), "expected the year 2016"),
    "a year without a header": (put("C 36", 5, 7, None), "C_36!G6: 3016.0: a figure without"),
    "a hole in the header": (put("C 36", 5, 4, None), "C_36!D5: '': not the name again, between"),
    "figures a year too early": (slipped("C 36"), "C_36!G6: '': herd alpaca: no figure of the nat"),
    "a word for a year": (put("C 36", 5, 4, "dos mil seis"), "not the name again, between"),
    "a table that ends earlier": (shorter("C 49"), "of 2008, other tables of the workbook are not"),
    "a digit slip": (put("C 36", PUNO, 5, 2140), "C_36!E6: 2958.0: herd alpaca: its parts"),
    "a small slip": (put("C 36", PUNO, 5, 2045), "flag C_36!E6 2958"),
    "an extra zero": (put("C 40", PUNO, 3, 10000), "C_40!C6: 1540.0: shorn alpaca: its parts"),
    "a table times ten": (times("C 41", 10), "C_41!C6: 28.1: fibre alpaca: over shorn not from"),
    "meat in kilograms": (times("C 38", 1000), "meat alpaca: over slaughtered not from"),
    "a price times ten": (put("C 42", CUSCO, 3, 155), "more than 5 times the mean"),
    "a price a tenth": (
        put("C 42", CUSCO, 3, 1.55),
        "more than 5 times the mean, or less than one",
    ),
    "a price a quarter": (put("C 42", CUSCO, 3, 3.6), "OTHER FIGURES"),
    "prices a pound in one year": (put("C 42", 6, 3, 6.35), "flag C_42!C6 6.35"),
    "swapped figures": (swap("C 36", CUSCO, CUSCO + 1, slice(2, 7)), "shorn alpaca: over herd not"),
    "swapped names": (swap("C 36", CUSCO, PUNO, slice(1, 2)), "flag C_36!A5"),
    "a missing department": (without("C 36", PUNO), "C_36!A5: 'Región': herd: the table has"),
    "a department twice": (put("C 36", PUNO, 2, "Cusco"), "'Cusco': stands twice, also in row 14"),
    "no department": (put("C 36", PUNO, 2, "Punno"), "is not a department of Peru"),
    "Callao": (insert("C 36", 9, [None, "Callao", *["-"] * 5]), "rows 351"),
    "a footnote's mark": (put("C 36", PUNO, 2, "Puno 1/"), "same"),
    "names in capitals": (put("C 36", 6, 1, "TOTAL NACIONAL"), "same"),
    "figures without a name": (insert("C 36", 9, [None, None, *[5] * 5]), "figures without a name"),
    "an empty row more": (insert("C 36", 9, []), "same"),
    "a wrong unit": (put("C 41", 3, 1, "(Quintales)"), "unit 'quintales', expected one of ton"),
    "no unit": (put("C 41", 3, 1, None), "unit '', expected one of"),
    "prices a pound": (put("C 42", 3, 1, "(Soles / libra)"), "unit 'soles / libra'"),
    "thousands of heads": (in_unit("C 36", 3, "(Miles de unidades)", range(6, 33)), "same"),
    "heads called thousands": (
        put("C 36", 3, 1, "(Miles de unidades)"),
        "C_37!C6: 290.0: slaughtered alpaca: over herd not from 0.01 to 0.4",
    ),
    "no sheet": (without("C 49"), "no table fibre_price llama, as titles say"),
    "a table twice": (copied("C 36"), "a second table, the first is in 'C 36'"),
    "other sheets": (renamed, "same figures"),
    "a number as text": (put("C 36", PUNO, 4, "2 020"), "read C_36!D27 2 020 2020.0"),
    "text for a number": (put("C 36", PUNO, 4, "dos mil"), "C_36!D27: 'dos mil': "),
    "an error": (put("C 36", PUNO, 4, "#N/A"), "C_36!D27: '#N/A'"),
    "a negative number": (put("C 36", PUNO, 4, -2020), "expected a number from 0"),
    "a mean of nothing": (put("C 39", 6, 4, 45), "more than 5 times the mean, or less than one"),
}


def outcome(folder, name, book, good):
    """Return what became of a workbook: refused, reported, more rows, other or the same figures."""
    try:
        table = read(folder, name, book)
    except DataError as refusal:
        assert "\n" not in str(refusal) and f"{name}.xls" in str(refusal)
        return str(refusal)
    said = [f"{one.action} {one.row} {one.was} {one.now}" for one in table.repairs]
    if said:
        return "; ".join(said)
    if len(table.frame) != len(good.frame):
        return f"rows {len(table.frame)}"
    ours, theirs = (
        sorted(one.drop(columns="printed_name", errors="ignore").to_csv(index=False).splitlines())
        for one in (table.frame, good.frame)
    )
    return "same figures" if ours == theirs else "OTHER FIGURES"


# --- INEI's value added

ACTIVITIES = [
    "Agricultura, Ganadería, Caza y Silvicultura",
    "Extracción de Petróleo, Gas y Minerales",
    "Manufactura",
    "Electricidad, Gas y Agua",
    "Construcción",
    "Comercio",
    "Transporte, Almacen., Correo y Mensajería",
    "Alojamiento y Restaurantes",
    "Telecom. y Otros Serv. de Información",
    "Administración Pública y Defensa",
    "Otros Actividades/1",
]
BASES = ["Constantes de 2007", "Corrientes"]


def economy(name="Puno"):
    """Return a department's workbook: values, shares and changes at both kinds of prices."""
    book = {}
    for basis in BASES:
        values = [[100.0 * (n + 1), 110.0 * (n + 1), 121.0 * (n + 2)] for n in range(11)]
        total = [sum(column) for column in zip(*values, strict=True)]
        shares = [[100 * x / y for x, y in zip(row, total, strict=True)] for row in values]
        for unit, body, last in (
            ("Miles de soles", values, total),
            ("Estructura porcentual", shares, [100.0] * 3),
            ("Variación porcentual del índice de precios", [["…", 10, 1]] * 11, ["…", 10, 1]),
        ):
            book[f"cuadro{len(book) + 1}"] = [
                [f"Cuadro Nº {len(book) + 1}", None, "#REF!"],
                [f"{name}: Valor Agregado Bruto"],
                ["por Años, según Actividades Económicas"],
                [f"Valores a Precios {basis}"],
                [f"({unit})"],
                [None, 8],
                ["Actividades", 2023, "2024P/", "2025E/"],
                [],
                *([label, *row] for label, row in zip(ACTIVITIES, body, strict=True)),
                [None, 0, 0, 0],
                ["Valor Agregado Bruto", *last],
                [],
                ["Fuente: Instituto Nacional de Estadística e Informática", None, 1778775],
            ]
    return book


def test_value_added(tmp_path):
    table = read(tmp_path, "inei_value_added", economy("Madre de Dios"))
    assert len(table.frame) == 24 and not table.repairs and set(table.frame["ubigeo"]) == {"17"}
    trade = series(table, price_basis="current", activity="Comercio")
    assert list(map(float, trade.values())) == [600, 660, 847]
    statuses = [table.frame[f"{year} status"].iloc[0] for year in (2023, 2024, 2025)]
    assert statuses == ["A", "P", "E"]
    rest = "Otras actividades (incl. pesca y acuicultura)"
    rest = series(table, price_basis="current", activity=rest)
    assert float(rest["2025"]) == 121 * 12
    path = save(tmp_path / "pbi_dep16_17.xlsx", economy("Madre de Dios"))
    assert FORMATS["inei_value_added"].describe(path).key == "inei_pbi_2007_2025"
    # The next edition, of 2026, does not come among the files that were published in that year.
    later = {
        sheet: [*rows[:6], ["Actividades", 2024, "2025P/", "2026E/"], *rows[7:]]
        for sheet, rows in economy().items()
    }
    path = save(tmp_path / "pbi_dep20_18.xlsx", later)
    key = FORMATS["inei_value_added"].describe(path).key
    assert key == "inei_pbi_2007_2026" and not (paths.RAW / key).exists()


ECONOMY = {
    "a digit slip": (put("cuadro4", 14, 3, 680), "cuadro4!C21: 7260.0: current: its parts add up"),
    "a digit slip and the total's": (
        both(put("cuadro4", 14, 3, 666), put("cuadro4", 21, 3, 7266)),
        "cuadro4!C14: 666.0: current: over shares of current not from",
    ),
    "swapped figures": (swap("cuadro1", 9, 10, slice(1, 4)), "constant: over shares of const"),
    "swapped names": (swap("cuadro1", 9, 10, slice(0, 1)), "over shares of constant not from"),
    "swapped rows": (swap("cuadro1", 9, 10, slice(0, 4)), "flag cuadro1!A7"),
    "an activity missing": (without("cuadro1", 12), "cuadro1!A7: 'Actividades': constant: the"),
    "an unknown activity": (put("cuadro1", 12, 1, "Pesca"), "cuadro1!A12: 'Pesca': unknown"),
    "a mangled activity": (
        put("cuadro1", 18, 1, "Administración PúblPas y Defensa"),
        "same figures",
    ),
    "millions": (in_unit("cuadro1", 5, "(Millones de soles)", range(9, 22)), "same figures"),
    "a wrong unit": (put("cuadro1", 5, 1, "(Miles de dólares)"), "unit 'miles de dolares'"),
    "other prices": (named("Constantes de 2007", "Constantes de 2015"), "no table constant"),
    "two departments": (put("cuadro4", 2, 1, "Cusco: Valor Agregado Bruto"), "of cusco, other"),
    "no department": (named("Puno:", "Región 20:"), "is not a department of Peru"),
    "a year twice": (put("cuadro1", 7, 3, "2023P/"), "read cuadro1!C7 2023P/ 2024"),
    "another mark": (put("cuadro1", 7, 3, "2024R/"), "cuadro1!C7: '2024R/': not the name again"),
    "shares alone": (without("cuadro1"), "no table constant"),
    "no shares": (both(without("cuadro2"), without("cuadro5")), "same figures"),
    "a table times ten": (
        times("cuadro4", 10, range(9, 22)),
        "cuadro1!B9: 100.0: constant: over current not from 0.12 to 8",
    ),
    "thousands called millions": (
        put("cuadro1", 5, 1, "(Millones de soles)"),
        "cuadro1!B9: 100.0: constant: over current not from",
    ),
    "no figures of the last year": (changed(unfinished), "OTHER FIGURES"),
    "a total too many": (insert("cuadro1", 15, ["Subtotal", 1, 1, 1]), "'Subtotal': unknown"),
}


# --- the bulletin

AREAS = ["07", *CODES, "15M"]
CROPS = [["Café  pergamino", "Quinua"], ["Palta", "Olivo"]]
PRICES = {"Café pergamino": 4.0, "Alpaca": 3.0, "Llama": 2.0}
PRICES |= {"Fibra de alpaca": 9.0, "Fibra de llama": 5.0, "Lana": 6.0}


def tonnes(area, crop, year):
    return {"08": 500.25, "21": 40.5, "15": 7.0, "15M": 0.125}.get(area, 0.0) * (crop + 1) + (
        year - 2023
    )


def bulletin():
    """Return a bulletin: two blocks of crops, two pages of the series, beside and below."""
    title = "PERÚ: PRODUCCIÓN DE PRINCIPALES CULTIVOS POR REGIÓN, ENERO-DICIEMBRE 2023/2024"
    crops = [[f"C.18  {title}"], ["(Tonelada)", None, None, None, "continúa C.18"], []]
    crops.append(["Región", "Años", *CROPS[0], "Región", "Años", *CROPS[1]])
    names = {"00": "Total Nacional", "15M": "Lima Metropolitana"}
    for area in ["00", *AREAS]:
        for year in (2023, 2024):
            parts = [area] if area != "00" else AREAS
            given = [sum(tonnes(one, crop, year) for one in parts) for crop in range(4)]
            name = names.get(area) or places.name(area)
            left = [name if year == 2023 else None, f"{year}p" if area == "00" else year]
            crops.append([*left, *given[:2], *left, *given[2:]])
    crops += [[None] * 7 + ["sigue…"], ["P Preliminar"]]
    title = "PERÚ: VALOR BRUTO DE LA PRODUCCIÓN AGROPECUARIA, POR REGIÓN, ENERO-DICIEMBRE 2023-2024"
    region = [[f"C.3   {title}"], ["(Millones de soles a precios 2007)"], []]
    region += [["Región", "Agropecuaria", *[None] * 5, "Agrícola", *[None] * 5, "Pecuario"]]
    region += [[None, *["Enero - Diciembre", None, None, "Diciembre", None, None] * 3]]
    region += [[None, *["2023 p", "2024 p", "Var. %"] * 6]]
    for area in ["00", *CODES]:
        value = [24.0, 25.0] if area == "00" else [1.0, 25 / 24]
        row = [part * x for part in (3, 2, 1) for x in (*value, 4.2, *value, 4.2)]
        region.append(["Sector/Subsector" if area == "00" else places.name(area), *row])
    book = {"indicad": [["INDICADORES ECONOMICOS"]], "c-3": [*region, ["P Provisional"]]}
    value = pages("C.6 PERÚ: VALOR DE LA PRODUCCIÓN (VBP)", "Millones de soles a precios 2007")
    quantity = pages("C.7 PERÚ: PRODUCCIÓN", "Miles de toneladas")
    return book | {"c-6": value, "c-7": quantity, "c-18": crops}


SECTORS = {"Sector Agropecuario": 30, "Subsector agrícola": 20, "Subsector pecuario": 10}


def pages(title, unit):
    """Return a series of products, its years in two pages beside and below each other."""
    years, label, is_value = list(range(2000, 2025)), "Principales productos", "VALOR" in title
    what = "AGROPECUARIA POR SUBSECTORES Y PRINCIPALES PRODUCTOS, ENERO - DICIEMBRE 2000-2024"
    head = [label, None, *years[:12], label, None, *years[12:]]
    rows = [[f"{title} {what}"], [f"({unit})"], [], head]
    for product, factor in (SECTORS | PRICES).items():
        named = [None, product] if product in PRICES else [product, None]
        price = factor if is_value else 1
        figures = [(year - 1990) * 2.5 * price for year in years]
        if product in SECTORS and not is_value:
            figures = [None] * len(years)
        rows.append([*named, *figures[:12], *named, *figures[12:]])
        if product == "Subsector agrícola":
            rows += [[None] * 20 + ["sigue…"], ["continúa"], list(head)]
    rows.append([None, "Otros", *[9.0] * 12, None, "Otros", *[9.0] * 13])
    return [*rows, ["P Preliminar"], [None] * 30 + [14.7]]


def test_a_bulletin(tmp_path):
    table = read(tmp_path, "midagri_bulletin", bulletin())
    assert len(table.frame) == 4 * 27 + 9 + 6
    assert table.unused == {"other rows": 7, "value by region: only compared": 75}
    assert set(table.frame["edition"]) == {"2024-12"} and not table.repairs
    coffee = {"crop_printed": "Café pergamino"}
    cusco = series(table, ubigeo="08", **coffee)
    assert [float(cusco[year]) for year in ("2023", "2024")] == [500.25, 501.25]
    assert series(table, ubigeo="15M", **coffee)["2023"] == "0.125"
    wool = series(table, product_printed="Lana", unit="million PEN of 2007")
    assert float(wool["2000"]) == 10 * 2.5 * 6 and float(wool["2024"]) == 34 * 2.5 * 6
    all_tables = FORMATS["midagri_bulletin"].read(tmp_path / "midagri_bulletin.xls", aside=[])
    tumbes = series(all_tables, product_printed="Subsector pecuario", ubigeo="24")
    assert [float(tumbes[year]) for year in ("2023", "2024")] == pytest.approx([1, 25 / 24])
    assert "c-18!C7+c-18!C8" in table.frame.index


BULLETIN = {
    "a digit slip in a crop": (
        put("c-18", 21, 3, 50.25),
        "c-18!C5: 547.875: crops 2023: its parts",
    ),
    "a slip of a thousandth": (put("c-18", 21, 3, 500.251), "its parts add up to 547.876"),
    "other areas in a block": (put("c-18", 21, 5, "Puno"), "stands twice"),
    "an area missing": (
        both(without("c-18", 21), without("c-18", 21)),
        "c-18!A4: 'Región': crops: the table has no row of Cusco",
    ),
    "a year missing": (without("c-18", 22), "the table has no row of"),
    # Once the crops of such a block were not there at all, and nothing said so.
    "a first block with another head": (
        put("c-18", 4, 1, "Departamento"),
        "c-18!A5: 'Total Nacional': crops: 'Total Nacional' is not a number",
    ),
    "a second block with another head": (
        put("c-18", 4, 5, "Departamento"),
        "c-18!E5: 'Total Nacional': crops: 'Total Nacional' is not a number",
    ),
    "a crop twice": (put("c-18", 4, 8, "Quinua"), "c-18!H4: 'Quinua': stands twice in the header"),
    "a crop without a name": (put("c-18", 4, 8, None), "c-18!H4: '': figures without a header"),
    "kilograms": (put("c-18", 2, 1, "(Kilogramo)"), "unit 'kilogramo', expected one of ton"),
    "a year's part": (named("ENERO-DICIEMBRE", "ENERO-OCTUBRE"), "covers enero-octubre"),
    "a slip in the series": (put("c-7", 11, 5, 99.0), "value: over quantity not from 0.9"),
    "a slip in a sector": (put("c-6", 5, 5, 99.0), "c-6!E5: 99.0: value: its parts add up to"),
    "series apart": (put("c-6", 4, 17, 2016), "c-6!A9: 'Principales productos': other years than"),
    # Once the years of such a page were not there, and nothing said so.
    "a first page with another head": (
        put("c-6", 4, 1, "Productos"),
        "c-6!C5: 750.0: figures without a name",
    ),
    "another page's years": (put("c-6", 9, 5, 2004), "c-6!A9: 'Principales productos': other"),
    "other names beside": (put("c-6", 12, 16, "Lana"), "c-6!O12: '': not the name again"),
    "a product missing": (without("c-7", 15), "quantity: the table has no row of Fibra de llama"),
    "a slip in a region's value": (put("c-3", 8, 2, 33.0), "c-3!B7: 72.0: value by region"),
    "no year's column": (put("c-3", 5, 2, "Enero - Noviembre"), "no years under 'agropecuaria"),
}
SLIPS = {
    "midagri_livestock": (livestock, LIVESTOCK),
    "inei_value_added": (economy, ECONOMY),
    "midagri_bulletin": (bulletin, BULLETIN),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    return {name: read(folder, name, make()) for name, (make, _) in SLIPS.items()}


@pytest.mark.parametrize("name, slip", [(name, x) for name in SLIPS for x in SLIPS[name][1]])
def test_slips(tmp_path, good, name, slip):
    make, slips = SLIPS[name]
    change, expected = slips[slip]
    assert expected in outcome(tmp_path, name, change(make()), good[name])


@pytest.mark.parametrize("name", SLIPS)
def test_workbooks_of_both_kinds_read_the_same(tmp_path, good, name):
    path = save(tmp_path / "new.xlsx", SLIPS[name][0]())
    new, old = FORMATS[name].read(path), good[name]
    assert FORMATS[name].recognise(path) and FORMATS[name].recognise(old.path)
    assert old.frame.equals(new.frame) and old.unused == new.unused


@pytest.mark.parametrize(
    ("sum_of_parts", "is_refused"), [(10.4, False), (10.6, True), (9.6, False), (9.4, True)]
)
def test_figures_agree_within_their_slack_and_zero_is_exact(sum_of_parts, is_refused):
    grid = Grid(Sheet("x.xlsx", "s", [[0.0, 10.0]]), {"r": 0}, {"a": 0, "b": 1}, "t")
    expected = pd.DataFrame([[0.0, sum_of_parts]], ["r"], ["a", "b"])
    refused = pytest.raises(DataError, match=r"B1: 10\.0: t: the parts") if is_refused else None
    with refused or nullcontext():
        grid.agree(expected, 0.5, "the parts")
    with pytest.raises(DataError, match=r"A1: 0\.0"):
        grid.agree(expected.assign(a=0.1), 0.5, "the parts")


@pytest.mark.parametrize(
    ("part", "total", "is_refused"),
    [
        # Whole numbers: each of nineteen and their total is printed to half a unit, ten in all.
        (100.0, 1910.0, False),
        (100.0, 1911.0, True),
        # Of one decimal the half is 0.05, one in all.
        (100.1, 1902.8, False),
        (100.1, 1903.0, True),
    ],
)
def test_a_total_is_missed_by_no_more_than_its_parts_were_rounded(part, total, is_refused):
    rows = {f"part {n}": n for n in range(19)} | {"all": 19}
    cells = [[part]] * 19 + [[total]]
    grid = Grid(Sheet("x.xlsx", "s", cells), rows, {"t": 0}, "t")
    refused = pytest.raises(DataError, match=r"A20: 19.*the sum gives 190") if is_refused else None
    with refused or nullcontext():
        grid.add_up("all", list(rows)[:19], "the sum")
