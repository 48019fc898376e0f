"""Programmes: what the documents state, what follows from it, and how it is drawn."""

import pytest

from valuechains.core import places
from valuechains.core.scope import Scope
from valuechains.report import ratio_words, year_span
from valuechains.select import programmes
from valuechains.tables import load

HERE = Scope(("08", "21"), 2000, 2013)
DOCUMENTS = {
    "ifad_massler_2004", "sdgf_creative_peru", "report_eu_peru_2016", "bop_creative_peru",
    "rimisp_2022",
}  # fmt: skip

# Typed from the documents: programme, measure, value, bound.
STATED = """
FEAS|households reached|58000|exact
FEAS|organisations that hired services|500|exact
FEAS|services hired|7500000|exact
FEAS|contribution of farmer organisations|1000000|exact
MARENASS|households reached|88000|exact
MARENASS|communities reached|600|about
MARENASS|communities with impact|360|exact
MARENASS|share of communities with impact|60|exact
MARENASS|households with impact|48000|exact
MARENASS|households turned to the market|25000|exact
MARENASS|share of women's groups in organisations|18|about
MARENASS|share of Andean communities served|7|about
MARENASS|increase of income|64|at_most
MARENASS|capitalization of women's funds|50|about
MARENASS|prize of a winning household, from|20|exact
MARENASS|prize of a group or community|3000|at_most
CORREDOR|communities reached|650|about
CORREDOR|share of women in beneficiaries|20|exact
CORREDOR|micro-entrepreneurs|2300|exact
CORREDOR|artisans|1800|exact
CORREDOR|share of the area covered|35|exact
IFAD projects|financial volume|98600000|exact
IFAD projects|families managing public funds|180000|exact
IFAD projects|people in these families|1000000|almost
IFAD projects|farmer organisations managing public funds|1100|exact
IFAD projects|communities managing public funds|1000|exact
IFAD projects|households with significant benefits|100000|more_than
IFAD projects|funds administered by farmers|30000000|exact
context|rural poor of the highlands|4200000|exact
context|poverty of the rural highlands|73|exact
context|extreme poverty of the rural highlands|27|exact
context|share of the population in peasant communities|18|exact
context|peasant communities|5500|exact
context|peasant communities, Southern Highlands|4000|exact
context|peasant households, Southern Highlands|460000|exact
context|income of the rural poor of the highlands below the poverty line|30|exact
context|territory|1285000|exact
Creative industries|initiatives financed|94|exact
Creative industries|consortiums financed|3|exact
Creative industries|initiatives at national fairs|45|exact
Creative industries|tourism and food ventures with gardens|12|exact
Creative industries|artisan workshops for tourists|10|exact
Creative industries|gastronomical units|13|exact
Creative industries|collective brands|3|exact
Creative industries|public officials trained|400|exact
Creative industries|participants trained in economic development|435|exact
Creative industries|professionals certified as trainers|93|exact
Creative industries|professionals with a diploma|60|exact
Creative industries|municipal ordinances|11|exact
Creative industries|provincial ordinances|1|exact
Creative industries|regional ordinances|3|exact
Creative industries|projects followed up|14|exact
Creative industries|budget in the regional plan|2000000|exact
Creative mapping|sectors|3|exact
Development agencies|agencies created|15|exact
Development agencies|agencies of the project|7|exact
"""
PLACES = {
    "FEAS": {"Piura", "Cajamarca", "Puno", "Moquegua", "Tacna"},
    "MARENASS": {"Apurímac", "Ayacucho", "Cusco"},
    "CORREDOR": {"Cusco", "Puno"},
    "SIERRA SUR": set(),
    "Creative industries": {"Ayacucho", "Cusco", "Puno", "Lambayeque"},
    "Amazon aquaculture": {"San Martín", "Loreto"},
    "EU–Peru innovation systems": {"Cusco", "Puno"},
    "Creative mapping": {"Lima", "Cusco"},
    "Development agencies": {
        "Apurímac", "Ayacucho", "Cajamarca", "Cusco", "La Libertad", "Piura", "San Martín",
    },
}  # fmt: skip


@pytest.mark.parametrize("line", STATED.split("\n")[1:-1])
def test_numbers_are_those_of_the_documents(line):
    programme, measure, value, bound = line.split("|")
    found = programmes.stated(programme, measure)
    assert (found.value, found.bound) == (float(value), bound)


def test_investment_stands_twice():
    rows = load("programme_outputs").query("measure == 'financial volume'").set_index("section")
    assert rows["value"].to_dict() == {"Executive Summary": 1e8, "Implementation Process": 98.6e6}
    assert rows.loc["Executive Summary", "bound"] == "almost"
    with pytest.raises(KeyError, match="FEAS: no 'artisans'"):
        programmes.stated("FEAS", "artisans")


def test_places_are_those_of_the_documents():
    reached = load("programme_places")
    named = reached["ubigeo"].map(places.name).groupby(reached["programme"]).agg(set)
    assert named.to_dict() == {name: PLACES[name] for name in PLACES if PLACES[name]}
    is_part = reached["extent"].eq("part").groupby(reached["programme"]).all()
    assert set(is_part.index[is_part]) == {"FEAS", "MARENASS", "CORREDOR"}


def test_overlap_counts_programmes():
    overlap = programmes.overlap().set_index("ubigeo")["programmes"]
    assert len(overlap) == 25
    # Cusco stands in six lists above, Puno in four, Ayacucho in three, Junín in none.
    assert [overlap[code] for code in ("08", "21", "05", "12")] == [6, 4, 3, 0]
    assert overlap.sum() == sum(map(len, PLACES.values())) == 27


def test_coverage_is_missing_when_nothing_is_stated():
    coverage = programmes.coverage(Scope(("08", "07"), 2000, 2013))
    assert coverage.loc["MARENASS", "08"] == "13 provinces of the three departments"
    assert coverage.loc["FEAS", "08"] == coverage.loc["MARENASS", "07"] == ""
    assert coverage.loc["SIERRA SUR"].isna().all()


def test_shares_by_hand():
    table = programmes.ratios(programmes.SHARES).set_index("measure")
    assert table.loc["communities with impact", "value"] == pytest.approx(0.6)  # 360 / 600
    assert table.loc["communities with impact", "bound"] == "about"
    assert ratio_words(table.loc["communities with impact"]) == "360 / about 600"
    # 1.0 / 7.5; 45 / 94; more than 100,000 of 180,000
    assert table.loc["contribution of farmer organisations", "value"] == pytest.approx(2 / 15)
    assert table.loc["initiatives at national fairs", "value"] == pytest.approx(0.4787, abs=1e-4)
    assert table.loc["households with significant benefits", "bound"] == "more_than"
    assert table["value"].between(0, 1).all()


def test_amounts_by_hand():
    table = programmes.ratios(programmes.AMOUNTS)
    keys = ["programme", "measure", "unit_above", "unit_below"]
    value = table.set_index(keys)["value"]
    # 98.6 million / 180,000; 7.5 million / 58,000; 88,000 / 600; 460,000 / 4,000
    volume = value["IFAD projects", "financial volume", "usd", "households"]
    assert volume == pytest.approx(547.8, 1e-4)
    assert value["FEAS", "services hired", "usd", "households"] == pytest.approx(129.31, 1e-4)
    homes = value["MARENASS", "households reached", "households", "communities"]
    assert homes == pytest.approx(146.67, 1e-4)
    southern = "peasant households, Southern Highlands"
    assert value["context", southern, "households", "communities"] == 115
    assert table.loc[table["is_stated"], "value"].tolist() == [3, 5]


def test_parts_beside_totals():
    table = programmes.beside_totals().set_index("what")
    assert table["sum"].tolist() == [58000 + 88000, 600 + 650, 500]
    assert table["together"].tolist() == [180000, 1000, 1100]
    parts = table.loc["communities", "figures"]
    assert [(row.programme, row.value, row.bound) for row in parts] == [
        ("MARENASS", 600, "about"), ("CORREDOR", 650, "about"),
    ]  # fmt: skip


def test_timeline_is_solid_only_where_sure():
    years = programmes.timeline().set_index("programme")
    spans = years[["sure_from", "sure_to"]].fillna(0).astype(int).values.tolist()
    assert dict(zip(years.index, spans, strict=True)) == {
        "FEAS": [1999, 1999],  # completed in 1999
        "MARENASS": [2000, 2004],  # incomes surveyed from 2000; to close in mid 2004
        "CORREDOR": [2004, 2004],  # under way in 2004
        "SIERRA SUR": [0, 0],  # not yet operational in 2004
        "Creative industries": [0, 0],
        "Amazon aquaculture": [0, 0],
        "EU–Peru innovation systems": [2014, 2015],
        "Creative mapping": [2015, 2015],
        "Development agencies": [2016, 2022],
    }
    assert years.loc["CORREDOR", "open_from"] == 1997  # its loan was proposed then
    assert years.loc["FEAS", "open_to"] == 1999
    assert years.loc["MARENASS", "open_to"] > 2004  # its close is only expected
    stated = years[["start_year", "start_bound", "end_year", "end_bound"]]
    assert year_span(*stated.loc["MARENASS"]) == "by 2000 – about 2004"
    assert year_span(*stated.loc["Creative industries"]) == "no year stated"
    assert years.index[years["is_dated"]].to_list() == ["EU–Peru innovation systems"]


def test_poverty_stands_beside_programmes():
    table = programmes.beside_poverty(HERE)
    assert set(table["year"]) == {2013} and not table["is_middle"].any()
    cusco = table.set_index("ubigeo").loc["08"]
    assert (cusco["low"], cusco["high"], cusco["programmes"]) == (1.5, 2.6, 6)
    # A fifth of 25 departments is five; the second group makes them six.
    poorest = {places.name(code) for code in table.loc[table["is_poorest"], "ubigeo"]}
    assert poorest == {"Cajamarca", "Amazonas", "Ayacucho", "Huancavelica", "Huánuco", "Pasco"}
    # Lima is two areas, both of the department that the mapping names.
    assert table.loc[table["ubigeo"] == "15", "programmes"].tolist() == [1, 1]


def test_poorest_groups_change_with_the_year():
    counts = programmes.extreme_poverty().groupby("year")["is_poorest"].sum()
    # 2013: Cajamarca, then five with 12.2 to 15.5 %.
    assert counts[[2013, 2015, 2016]].tolist() == [6, 12, 8] and counts.min() >= 5


def test_how_many_areas_are_poorest_and_which_had_the_programme_for_them():
    facts = programmes.poverty_facts(programmes.beside_poverty(HERE))
    # The six of 2013 above; of the four departments of creative industries Ayacucho is one.
    assert (facts["n"], facts["all"], facts["creative"]) == (6, 4, ["05"])
    # The fund was for the poorest fifth: five areas in 2020, the last year, and twelve in 2015.
    assert (facts["one_in"], facts["least"], facts["most"]) == (5, 5, 12)
    assert (facts["first"], facts["last"]) == (2013, 2020)


@pytest.mark.parametrize(("end", "year"), [(1970, 2013), (2014, 2014), (2018, 2016), (2030, 2020)])
def test_poverty_of_the_nearest_year(end, year):
    table = programmes.beside_poverty(Scope(("08",), 1961, end))
    assert set(table["year"]) == {year}
    is_middle = table["is_middle"]
    assert is_middle.all() == (year == 2020)
    assert (table.loc[is_middle, "low"] == table.loc[is_middle, "high"]).all()


def test_lessons_are_of_every_document_and_theme():
    lessons = programmes.lessons()
    assert len(lessons) == 7 + 9 + 8 + 1 + 6 + 5
    assert set(lessons["source"]) == DOCUMENTS
    assert lessons["theme"].notna().all()


def test_what_later_programmes_heeded_by_hand():
    uptake = programmes.uptake()
    # Six themes were learnt by IFAD's projects before four later programmes, two by creative
    # industries before three.
    assert (uptake == "learnt").to_numpy().sum() == 8
    assert uptake.isin(["heeded", "partly", "silent"]).to_numpy().sum() == 6 * 4 + 2 * 3
    assert uptake.loc["Many actors together"].tolist() == ["learnt", *["heeded"] * 4]
    # What is learnt first was not to be heeded before.
    assert uptake.loc["Simple administration", "IFAD projects"] == ""
    assert set(programmes.HEEDED) == set(uptake.to_numpy().ravel()) - {""}
    # A step each on the scale of the chart, from what was passed over to what was learnt.
    steps = [programmes.HEEDED[how] for how in ("silent", "partly", "heeded", "learnt")]
    assert steps == [1, 2, 3, 4]
    # The theme that most programmes heeded stands first.
    assert (uptake == "heeded").sum(axis=1).tolist() == [4, 3, 2, 2, 2, 2, 1, 1]


def test_partners_are_named_for_known_programmes():
    partners = load("programme_lists").query("list_name in ['taken up by', 'co-funders']")
    assert partners["list_name"].value_counts().to_dict() == {"taken up by": 8, "co-funders": 7}
    assert set(partners["programme"]) == {
        "MARENASS", "CORREDOR", "Creative industries", "IFAD projects",
    }  # fmt: skip
    order = programmes.ordered("programme_lists")["programme"].unique()
    assert list(order) == [*[name for name in programmes.ORDER if name in order], "IFAD projects"]
