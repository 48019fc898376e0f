"""Slips in raw files: each is refused, with file and row; never a silently different number."""

# ruff: noqa: E501  (one slip a line)

import csv

import pytest
from published import linked, made, sealed

from valuechains import tables
from valuechains.core.errors import DataError
from valuechains.extract.ledger import Ledger
from valuechains.tables import build as making


@pytest.fixture
def clean(tmp_path):
    """Return a function: table, file, change of its rows → the table made from the changed file."""
    root = tmp_path / "raw"

    def run(table, name, change):
        path = linked(root, name.partition("/")[0]) / name
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        rows = change(rows) or rows
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        sealed(path)
        return made(root, table, *({"coffee_national"} - {table}))[0]

    return run


def cell(row, column, text):
    """Set one cell; rows count from 1, as in messages."""

    def change(rows):
        rows[row - 1][column] = text

    return change


def swap(first, second, header_rows=1):
    def change(rows):
        for row in rows[header_rows:]:
            row[first], row[second] = row[second], row[first]

    return change


def swapped_words(column, first, second):
    """Put one word of a column for another, and the other for the one."""
    other = {first: second, second: first}

    def change(rows):
        for row in rows:
            row[column] = other.get(row[column], row[column])

    return change


def both(first, second):
    def change(rows):
        first(rows)
        second(rows)

    return change


def without(row):
    return lambda rows: rows[: row - 1] + rows[row:]


def doubled(row):
    return lambda rows: [*rows, rows[row - 1]]


REPORT = "report_eu_peru_2016/coffee_price_yield.csv"
BOOK = "midagri_anuario_2022/coffee.csv"
HERDS = "report_eu_peru_2016/camelid_herds.csv"
BULLETINS = "crofils_minagri_boletin/coffee_by_department.csv"
WORLD = "wb_pink_sheet_2025_05/coffee_annual.csv"
NATION = "midagri_national_series/coffee_national.csv"

SLIPS = {
    "decimal comma": ("coffee_regional", REPORT, cell(5, 1, "1,63"), r"yield.csv, row 5, .*'1,63'"),
    "letter for a digit": ("coffee_regional", REPORT, cell(5, 0, "20O2"), "row 5.*'20O2'"),
    "price ×10": ("coffee_regional", REPORT, cell(5, 1, "16.3"), "yield.csv:5: the price over"),
    "price ÷10": ("coffee_regional", REPORT, cell(5, 2, "0.201"), "yield.csv:5: the price over"),
    "yield ×10": ("coffee_regional", REPORT, cell(5, 3, "7160"), r"7160|yield.csv:5"),
    "yield halved": ("coffee_regional", REPORT, cell(5, 3, "358"), "yield.csv:5: the yield by the implied area"),
    "regions swapped": ("coffee_regional", REPORT, swap(1, 2, 2), "the price over the bulletins'"),
    "price and yield swapped": ("coffee_regional", REPORT, swap(1, 3, 2), "coffee_price_yield.csv"),
    "a year missing": ("coffee_regional", REPORT, without(5), "26 rows with .*, expected 28"),
    "a cell blank": ("coffee_regional", REPORT, cell(5, 1, ""), "yield.csv:5: no farm_price"),
    "an empty row": ("coffee_regional", REPORT, lambda r: [*r, [""] * 5], "row 17: an empty row"),
    "a header renamed": ("coffee_regional", REPORT, cell(1, 1, "Price"), "no column 'Farm price"),
    "no national row": ("coffee_regional", BOOK, without(2), "no whole for .*expected a row of the country"),
    "two national rows": ("coffee_regional", BOOK, doubled(2), "csv:2 and midagri_anuario_2022/coffee.csv:29"),
    "a part too many": ("coffee_regional", BOOK, cell(9, 1, "99999"), "the nation's price over|add up to"),
    "department unknown": ("coffee_regional", BOOK, cell(9, 0, "cafere de Dios"), "row 9.*Madre"),
    "department doubled": ("coffee_regional", BULLETINS, doubled(2), "01, 2001.*stands more than"),
    "negative": ("coffee_regional", BULLETINS, cell(2, 3, "-5"), "row 2.*-5, which is outside"),
    "national ×10": ("coffee_national", NATION, cell(12, 2, "3315465.92"), "national.csv:12"),
    "national, thousands point": ("coffee_national", NATION, cell(12, 2, "331.546"), ":12"),
    "nominal and real swapped": ("coffee_world_price", WORLD, swap(1, 3), "deflator"),
    "both swapped": ("coffee_world_price", WORLD, both(swap(1, 3), swap(2, 4)),
                     "real over nominal before 1990"),
    "Arabica and Robusta swapped": ("coffee_world_price", WORLD,
                                    both(swap(1, 2), swap(3, 4)), "Robusta's"),
    "rate and index swapped": ("peru_prices", "wdi_ddf/exchange_rate_cpi.csv", swap(1, 2), "exchange"),
    "area ÷1000": ("department_area", "report_eu_peru_2016/regions.csv", cell(2, 1, "71.987"),
                   "regions.csv:2: area_km2 over"),
    "no total area": ("department_area", "perou_org/area.csv", without(27), "perou_org/area.csv"),
    "population ×10": ("department_population", "census2017_districts/population.csv",
                       cell(2, 3, "3794300"), "population.csv:2"),
    "provinces and districts swapped": ("department_divisions", "peru_geojson/divisions.csv",
                                        swap(3, 4), "divisions.csv, row 2.*outside 1 to 20"),
    "heads ÷1000": ("camelid_herds", HERDS, cell(2, 2, "118.678"), "row 2.*whole number"),
    "place blank": ("camelid_herds", HERDS, cell(3, 1, ""), "row 3, column 'Place'"),
    "share without its sign": ("camelid_herds", HERDS, cell(3, 2, "34 km2"), "row 3.*unit 'km2'"),
    "species unknown": ("camelid_herds", HERDS, cell(3, 0, "vicugna"), "row 3.*'vicugna'.*vicuna"),
    "herd and fibre swapped": ("alpaca_national", "edwarmelo_2026/alpaca_national.csv", swap(1, 2), "alpaca_national.csv:"),
    "herd ×1000": ("alpaca_national", "edwarmelo_2026/alpaca_national.csv", cell(2, 2, "2,697"), ":[23]:"),
    "m49 slip": ("coffee_trade", "faostat_tcl_2025/coffee_trade_2013.csv", cell(2, 3, "760"), "csv:2: SYR.*Brazil"),
    "weight and value swapped": ("coffee_trade", "comtrade_2017/coffee_peru_partners.csv", swap(5, 6), "per kg"),
    "a partner missing": ("coffee_trade", "comtrade_2017/coffee_peru_partners.csv", without(3), "adds up to"),
    "HDI ×10": ("department_development", "pnud_idh/human_development.csv", cell(2, 2, "3.846"), "row 2.*outside 0 to 1"),
    "HDI ÷10": ("department_development", "pnud_idh/human_development.csv", cell(2, 2, "0.03846"), "development.csv:2: hdi"),
    "schooling and income swapped": ("department_development", "pnud_idh/human_development.csv", swap(5, 6), "row 2.*outside 0 to 20"),
    "a department missing": ("department_development", "jmcastagnetto_2022/human_development.csv", without(2), "2019: nothing for Amazonas"),
    "share as per cent": ("department_social", "edutole_2024/social_indicators.csv", cell(2, 4, "90.9"), "row 2.*outside 0 to 1"),
    "Gini and informality swapped": ("department_social", "edutole_2024/social_indicators.csv", swap(2, 4), "row 2, column 'Gini'"),
    "extreme and total swapped": ("department_poverty", "jmcastagnetto_2022/poverty.csv", swap(2, 3), "extreme over total"),
    "low and high swapped": ("department_poverty", "inei_callao_2023/extreme_poverty.csv", swap(3, 4), "width of an interval|do not run"),
    "groups 1 and 2 swapped": ("department_poverty", "inei_callao_2023/extreme_poverty.csv", swapped_words(2, "1", "2"), r"extreme_poverty.csv:\d: groups do not run from the poorest"),
    "one member off its group": ("department_poverty", "inei_callao_2023/extreme_poverty.csv", cell(4, 3, "12.5"), "group 2 of 2013 has two"),
    "district low and high swapped": ("district_poverty", "perupobreza2018/poverty_districts.csv", swap(5, 6), "width of an interval"),
    "district in another department": ("district_poverty", "perupobreza2018/poverty_districts.csv", cell(2, 0, "020101"), "020101 stands more than once: .*csv:2 and"),
    "district people ×10": ("district_poverty", "perupobreza2018/poverty_districts.csv", cell(2, 4, "390510"), "population_persons of Amazonas"),
    "manufacturing ÷1000": ("department_economy", "inei_pbi_act04/manufacturing.csv", cell(2, 2, "116.522"), "manufacturing.csv:2"),
    "mining of Cusco as of Peru": ("department_economy", "inei_9_48/mining.csv", cell(51, 2, "164140137"), "share of Peru|of Peru in"),
    "soles and dollars swapped": ("department_economy", "wikipedia_es_pib/gdp_per_capita.csv", swap(2, 3), "soles per dollar"),
    "Puno and Peru swapped": ("department_economy", "inei_puno_pbi/gdp.csv", swap(1, 2), "gdp.csv:2: 21 over 00"),
    "agricultural area ×10": ("department_land", "midagri_seia_bd_2024/agricultural_area.csv", cell(2, 2, "5209954.2"), "agricultural_area_ha of 2018 add up"),
    "producers slip": ("department_land", "midagri_seia_bd_2024/producers.csv", cell(2, 2, "69652"), "producers_n of 2024 add up"),
    "urban and rural slip": ("department_land", "inei_shp_2017/urban_rural.csv", cell(2, 2, "205890"), "urban_rural.csv:2"),
    "zones beyond the whole": ("report_statistics", "report_eu_peru_2016/context.csv", cell(26, 5, "31%"), "the sum of the zones is 110"),
    "share without its unit": ("report_statistics", "report_eu_peru_2016/context.csv", cell(2, 6, "place"), "row 2.*expected the unit that its row names"),
    "exports ×10": ("coffee_trade_peru", "faostat_tcl_2025/coffee_trade_peru.csv", cell(30, 1, "999999"), ":30"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_refused_and_named(clean, slip):
    table, name, change, message = SLIPS[slip]
    with pytest.raises(DataError, match=message) as caught:
        clean(table, name, change)
    assert "\n" not in str(caught.value)


# One cell of a file, as it stands in memory: table, file, row, column, what is written there, what is said.
OURS, IFAD, COFFEE_2023 = "project_competitiveness", "ifad_massler_2004", "midagri_seia_bd_2024"
CROPS = f"{COFFEE_2023}/crop_output_by_department_2023.csv"
DISTRICTS = f"{COFFEE_2023}/coffee_by_district_2023.csv"
VALUE = "Gross value (thousand soles)"
CELLS = [
    ("competitive_gaps", "report_eu_peru_2016/competitive_gaps.csv", 4, "SPECIALIZATION", "HIGHEST", "'HIGHEST'.*; there are low"),
    ("gap_mechanisms", "report_eu_peru_2016/gap_mechanisms.csv", 2, "Mechanism", "Magic", r"Magic stands in only one"),
    ("gap_mechanisms", f"{OURS}/mechanism_kinds.csv", 2, "Mechanism", "Magic", r"stands in only one"),
    ("gap_mechanisms", "report_eu_peru_2016/gap_mechanisms.csv", 2, "Gap", "10", "10, which is outside 1 to 9"),
    ("swot", f"{OURS}/swot_areas.csv", 2, "Area", "Leadership", "Leadership is not in areas_of_work"),
    ("swot", f"{OURS}/swot_areas.csv", 2, "Number", "9", "strengths, [19].* stands in only one"),
    ("problem_segments", f"{OURS}/problem_segments.csv", 2, "Segment", "9", "csv:2: .*coffee, 9.* is not in chain_segments"),
    ("problem_segments", f"{OURS}/problem_segments.csv", 33, "Letter", "D", "csv:33: .*camelids, D is not in chain_problems"),
    ("answer_gaps", f"{OURS}/answer_gaps.csv", 2, "Number", "7", "csv:2: .*recommendations, 7.* is not in answers"),
    ("innovation_systems", f"{OURS}/innovation_gaps.csv", 2, "Gap", "10", "10, which is outside 1 to 9"),
    ("lesson_themes", f"{OURS}/lesson_themes.csv", 2, "Number", "9", "IFAD projects, 9.* is not in programme_lessons"),
    ("lesson_uptake", f"{OURS}/lesson_uptake.csv", 2, "Theme", "Luck", "Luck is not in lesson_themes"),
    ("council_actors", "report_eu_peru_2016/council_actors.csv", 2, "Members stated", "41", "members stated over members listed is 2.5"),
    ("programme_outputs", f"{IFAD}/programme_outputs.csv", 10, "Figure", "3,600", "communities with imp"),
    ("programme_outputs", f"{IFAD}/programme_outputs.csv", 11, "Figure", "600", "the percentage is 600"),
    ("programme_outputs", f"{IFAD}/programme_outputs.csv", 2, "Figure", "many", "'many' is not a number"),
    ("programme_outputs", f"{IFAD}/programme_outputs.csv", 2, "Figure", "", ":2: no value"),
    ("programme_outputs", f"{IFAD}/programme_outputs.csv", 2, "Unit", "heads", "'heads' is unknown"),
    ("programme_outputs", f"{IFAD}/programme_outputs.csv", 2, "Programme", "FAES", "FAES is not in programmes"),
    ("programme_places", f"{IFAD}/programme_places.csv", 2, "Department", "Piuru", "did you mean Piura"),
    ("programme_places", f"{IFAD}/programme_places.csv", 2, "Extent", "all", "'all'; there are whole"),
    ("programme_places", f"{IFAD}/programme_places.csv", 2, "Department", "Cusco y Puno", "'08.21' are several departments, expected one"),
    ("programmes", f"{IFAD}/programmes.csv", 2, "Last year", "199", "199, which is outside 1980 to 2030"),
    ("programmes", f"{IFAD}/programmes.csv", 4, "First year", "2010", "length in years is -6"),
    ("crop_output", CROPS, 1358, "Production (t)", "78481", "price of 2007 "),
    ("crop_output", CROPS, 1358, VALUE, "11330960", "kilogram .soles. is 1444"),
    ("crop_output", CROPS, 1358, VALUE, "1133.096", "over the country's is 0.01516"),
    ("crop_output", CROPS, 1358, "Code", "08", "08 is not the code of Puno"),
    ("crop_output", CROPS, 1358, "Crop", "CAFÉ", "'CAFÉ' is unknown"),
    ("crop_output", CROPS, 165, "Crop", "AJO", "garlic stands more than once"),  # Apurímac ANIS
    ("coffee_district", DISTRICTS, 121, "Production (t)", "57050.0", "production_t of Cusco"),
    ("coffee_district", DISTRICTS, 121, "Code", "21", "080408 is not in Puno"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "file", "row", "column", "text", "message"), CELLS)
def test_a_slip_of_one_cell_is_refused(table, file, row, column, text, message):
    read = Ledger()
    read.read(file).frame.loc[row, column] = text
    with pytest.raises(DataError, match=message):
        making.Build(read)[table]


def test_nothing_changed_is_nothing_refused(clean):
    made = clean("coffee_regional", REPORT, lambda rows: rows)
    assert making._csv(made) == (tables.PROCESSED / "coffee_regional.csv").read_bytes()


def test_what_no_check_foresaw_still_ends_in_one_line(monkeypatch):
    monkeypatch.setattr(making, "merged", lambda *rows: {}["x"])
    with pytest.raises(DataError, match=r"table coffee_national, near data/raw/.*csv: KeyError"):
        making.Build(Ledger())["coffee_national"]
