"""Small yearbooks for the tests, laid out like the ministry's, with figures checked by hand.

===============  ============  ===========================  =====  ==========  ========
department       tonnes        price (S/ per kg)            ha     kg/ha       S/ per kg
===============  ============  ===========================  =====  ==========  ========
Cusco            300 (100+200) 6, 7.5                       500.5  599.400…    7
Puno             200 (50+150)  8, 10                        250    800         9.5
San Martín       500 (400+100) 5, 6                         400    1250        5.2
Madre de Dios    18 (10.5+7.5) 4, 6                         27     666.666…    4.8333…
Nacional         1018          (2100+1900+2600+87)/1018     1177.5 864.543…    6.56876…
===============  ============  ===========================  =====  ==========  ========
"""

from functools import cache

from biff8 import sheets_as_xls
from openpyxl import Workbook as Excel
from openpyxl.utils import column_index_from_string

from valuechains.core import places

MONTHS = ("Ene", "Feb", "Mar", "Abr", "May", "Jun", "Jul", "Ago", "Set", "Oct", "Nov", "Dic")
# month: (tonnes, soles per kg), and hectares of the year
GROWERS = {
    "Cusco": ({5: (100, 6), 6: (200, 7.5)}, 500.5),
    "Puno": ({5: (50, 8), 7: (150, 10)}, 250),
    "San Martín": ({6: (400, 5), 7: (100, 6)}, 400),
    "Madre de Dios": ({4: (10.5, 4), 5: (7.5, 6)}, 27),
}
NATION = {"tonnes": 1018, "hectares": 1177.5, "kg_per_ha": 1018000 / 1177.5, "soles": 6687 / 1018}
AREAS = sorted(
    [places.name(code) for code in places.codes()] + ["Lima Metropolitana"], key=places.fold
)
FOOT = ("Fuente : Gerencias/Direcciones Regionales de Agricultura - SIEA", "Elaboración : MIDAGRI")


def ratio(above, below):
    return above / below if below else 0


@cache
def months_of(area, what):
    """Return the year's and the months' figures of an area: tonnes, soles, hectares or kg/ha.

    The year's hectares are those of its first month, so that they add up.
    """
    grown, hectares = GROWERS.get(area, ({}, 0))
    if area == "Nacional":
        parts = {one: (months_of(one, "tonnes"), months_of(one, "soles"),
                       months_of(one, "hectares")) for one in GROWERS}  # fmt: skip
        tonnes = [sum(part[0][i] for part in parts.values()) for i in range(13)]
        money = [sum(part[0][i] * part[1][i] for part in parts.values()) for i in range(13)]
        land = [sum(part[2][i] for part in parts.values()) for i in range(13)]
    else:
        tonnes = [grown.get(month, (0, 0))[0] for month in range(1, 13)]
        soles = [grown.get(month, (0, 0))[1] for month in range(1, 13)]
        land = [hectares if month == min(grown, default=0) else 0 for month in range(1, 13)]
        money = [a * b for a, b in zip(tonnes, soles, strict=True)]
        tonnes, money, land = ([sum(one), *one] for one in (tonnes, money, land))
    return {
        "tonnes": tonnes,
        "hectares": land,
        "soles": [ratio(a, b) for a, b in zip(money, tonnes, strict=True)],
        "kg_per_ha": [ratio(1000 * a, b) for a, b in zip(tonnes, land, strict=True)],
    }[what]


def put(cells, row, column, *lines):
    """Write lines of cells from a corner."""
    for i, line in enumerate(lines):
        for j, value in enumerate(line):
            if value != "":
                cells[row + i, column + j] = value


def monthly(cells, row, title, what, first="Total", names=lambda area: area):
    """Write a monthly table: title, header, country, areas, footnotes."""
    lines = [[title], [], ["Región", first, *MONTHS]]
    for area in ("Nacional", *AREAS):
        figures = months_of(area, what)
        lines.append([names(area), *figures])
    put(cells, row, 0, *lines, *([text] for text in FOOT))


YEARLY = {
    "tonnes": ("Producción ", "(t)"),
    "hectares": ("Superficie", "(ha)"),
    "kg_per_ha": ("Rendimiento", "(kg/ha)"),
    "soles": ("Precio en chacra", "(S/. / kg)"),
}


def yearly(cells, row, column, title, header=YEARLY, names=lambda area: area):
    """Write a yearly table with a title and a header of two rows each."""
    rows = [[names(area), *(months_of(area, key)[0] for key in header)]
            for area in ("Nacional", *AREAS)]  # fmt: skip
    head = [["Región", *(one[0] for one in header.values())],
            ["", *(one[1] for one in header.values())]]  # fmt: skip
    put(cells, row, column, *([line] for line in title), *head, *rows, *([text] for text in FOOT))


def tree(crop, year, mangled="cafere de Dios"):
    """Return the sheet of a tree crop: yearly table at Q2, monthly ones at A37 and A71."""
    cells = {}
    plain = {"Áncash": "Ancash", "Apurímac": "Apurimac"}
    yearly(cells, 1, 16, ("Cuadro 354     Perú: Producción, superficie cosechada, rendimiento y "
           f"precio en chacra de {crop}", f"                      según región. {year}"),
           names=lambda area: plain.get(area, area))  # fmt: skip
    for row, title, what, first in (
        (36, f"Producción mensual de {crop}, según región. Año: {year} (t)", "tonnes", "Total"),
        (70, f"Precio promedio en chacra mensual de {crop}, según región. Año: {year} (Soles/kg)",
         "soles", "Promedio"),
    ):  # fmt: skip
        monthly(cells, row, f"Cuadro 353     Perú: {title}", what, first,
                lambda area: mangled if area == "Madre de Dios" else area)  # fmt: skip
    return cells


def field(crop, year):
    """Return the sheet of a field crop: five monthly tables, one below the other."""
    cells = {}
    for row, title, what, first in (
        (1, f"Superficie sembrada mensual de {crop}, según región. Campaña agrícola: {year - 1}-"
            f"{year % 100} (ha)", "hectares", "Total"),
        (36, f"Superficie cosechada mensual de {crop}, según región. Año: {year} (ha)",
         "hectares", "Total"),
        (70, f"Producción mensual de {crop}, según región. Año: {year} (t)", "tonnes", "Total"),
        (104, f"Rendimiento promedio mensual de {crop}, según región. Año: {year} (kg/ha)",
         "kg_per_ha", "Promedio"),
        (138, f"Precio promedio en chacra mensual de {crop}, según región. Año: {year} (S/ x kg)",
         "soles", "Promedio"),
    ):  # fmt: skip
        monthly(cells, row, f"Cuadro 7     Perú: {title}", what, first)
    return cells


def overview(crops, year):
    """Return the wide sheet region × crop, in two blocks of which the second has no title.

    There is ten times as much of the first crop as of the others.
    """
    cells = {}
    title = f"'Cuadro 3 Perú: Producción de principales cultivos, según región, {year} (t)"
    for row, some, first in ((0, crops[:2], title), (33, crops[2:], "(continúa cuadro 2)")):
        times = [10 if crop == crops[0] else 1 for crop in some]
        figures = (
            [area, *(months_of(area, "tonnes")[0] * factor for factor in times)]
            for area in ("Nacional", *AREAS)
        )
        put(cells, row, 0, [first], [], ["Región", *some], [], *figures)
    return cells


def yearbook(year=2022):
    """Return a yearbook's sheets: an index, an overview, tree crops and a field crop."""
    index = {(3, 1): "Cuadro 353", (3, 2): "Café: Producción mensual, según región (t)"}
    return {
        "Indice": index,
        "producción": overview(["Ajo ", "Papa", "Café  pergamino"], year),
        "TRANSTORIOS": {(2, 0): "CULTIVOS TRANSITORIOS"},
        "Papa": field("papa", year),
        "MAD": field("maíz amarillo duro", year),
        "cafe": tree("café pergamino", year),
        "papaya": tree("papaya", year, "papre de Dios"),
    }


def save(sheets, path):
    """Write sheets as .xlsx or .xls, by the path's ending."""
    if path.suffix == ".xls":
        path.write_bytes(sheets_as_xls(sheets))
        return path
    book = Excel()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for (row, column), value in cells.items():
            sheet.cell(row + 1, column + 1, value)
    book.save(path)
    return path


def at(place):
    """Return (row, column) of a cell's name (``Q7`` → 6, 16)."""
    name = place.rstrip("0123456789")
    return int(place[len(name) :]) - 1, column_index_from_string(name) - 1
