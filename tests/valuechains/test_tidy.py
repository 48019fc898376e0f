"""A table nobody foresaw: its sidecar maps it, and what the sidecar does not say is refused."""

# ruff: noqa: E501  (one slip a line)

import copy
import csv
import re
import shutil
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hostile import LOCKED, SIGNS, TEXT_FILES, binary, each, slips
from hypothesis import example, given
from hypothesis import strategies as st
from published import linked, placed

from valuechains import tables
from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.core.paths import ROOT
from valuechains.extract import add as incoming
from valuechains.extract import sidecar
from valuechains.extract.ledger import Ledger
from valuechains.extract.raw import RawTable
from valuechains.extract.tidy import FORMAT, describe, read_tidy
from valuechains.tables import build as making
from valuechains.tables.fill import Filler, year_by_year
from valuechains.tables.model import Entry

LOCAL = [code for code in places.codes() if code != "07"]
# Heads of 24 departments, invented but for the alpacas that other sources give for 2012 too; Pasco
# has what is left of their national figure, 3,685,516.
KNOWN = {"04": 468392, "05": 230910, "08": 545454, "09": 308586, "21": 1459903}
ALPACAS = {code: 1000 * int(code) + 7 for code in LOCAL} | KNOWN | {"19": 0}
ALPACAS["19"] = 3685516 - sum(ALPACAS.values())
LLAMAS = {code: 100 * int(code) + 3 for code in LOCAL} | {"25": 0}  # printed as "-"


def spanish(number):
    return f"{number:,}".replace(",", ".")


def census():
    """Return a census table as a ministry would save it: titles, a total, dots, a source."""
    rows = [
        ["Cuadro 12. Perú: población de camélidos, según departamento, 2012", "", ""],
        ["", "", ""],
        ["Departamento", "Alpacas", "Llamas"],
        ["Total", spanish(sum(ALPACAS.values())), spanish(sum(LLAMAS.values()))],
        *([places.name(c).upper(), spanish(ALPACAS[c]), spanish(LLAMAS[c])] for c in LOCAL),
        ["Fuente: INEI, IV CENAGRO", "", ""],
    ]
    rows[-2][2] = "-"
    return rows


def text_of(rows):
    return "\n".join(";".join(row) for row in rows) + "\n"


def wide(change=lambda rows: rows):
    rows = census()
    return text_of(change(rows) or rows)


MAPPING = {
    "table": "camelid_herds",
    "columns": {
        "ubigeo": {"column": "Departamento"},
        "year": {"value": 2012},
        "count_name": {"value": "CENAGRO 2012"},
        "count_kind": {"value": "census"},
        "heads": {"columns": {"Alpacas": {"species": "alpaca"}, "Llamas": {"species": "llama"}}, "style": "es"},
    },
    "skip": [{"column": "Departamento", "values": ["Fuente: INEI, IV CENAGRO"], "reason": "the source"}],
}  # fmt: skip


def mapped(table, **headers):
    return {"table": table, "columns": {field: {"column": one} for field, one in headers.items()}}


def put(root, text, mapping=MAPPING, key="inei_cenagro_2012", name="camelids.csv", **more):
    """Write a raw file and its sidecar, as `make add` and its user would."""
    data = text if isinstance(text, bytes) else text.encode()
    fields = {"format": "tidy", "kind": "official statistics", "published": "2013-07-01"}
    return placed(root, f"{key}/{name}", data, **fields | mapping | more)


@lru_cache(maxsize=1)
def committed():
    return tables.load("camelid_herds")


def added(root, name="camelid_herds", made=None):
    """Return what a raw folder's tidy files add to the committed table, and the ledger."""
    ledger = Ledger(root)
    build = making.Build(ledger)
    build["coffee_national"] = tables.load("coffee_national")
    made = committed() if made is None else made
    out = build.finished(name, made)
    ledger.account({name: out})
    return out[~out["origin"].isin(made["origin"])], ledger


def test_a_census_of_all_departments_reaches_the_herds(tmp_path):
    put(tmp_path, wide())
    rows, ledger = added(tmp_path)
    assert len(rows) == 2 * 25 - 1  # 24 departments and the country, but for Ucayali's llamas
    figures = rows.set_index(["species", "ubigeo"])["heads"]
    assert figures["alpaca", "21"] == 1459903 and figures["llama", "21"] == 2103
    assert figures["llama", "00"] == sum(LLAMAS.values())
    assert set(rows["bound"]) == {"exact"} and set(rows["source"]) == {"inei_cenagro_2012"}
    # Titles are lines 1 and 2, the header line 3, the total line 4, Amazonas line 5.
    assert rows.iloc[1][["ubigeo", "origin"]].tolist() == ["01", "inei_cenagro_2012/camelids.csv:5"]
    (account,), rejected = (part.to_dict("records") for part in ledger.account({"h": rows}))
    assert (account["rows_in"], account["rows_kept"], account["rows_rejected"]) == (26, 25, 1)
    assert account["unused_reason"] == "above the header: 2"
    assert rejected[0]["reason"] == "the source" and ledger.repairs().empty


def test_long_table_with_words_factor_bounds_and_codes_without_their_zero(tmp_path):
    text = (
        "ubigeo\tEspecie\tAño\tMiles de cabezas\n"
        "080000\tAlpacas\t2019\t1.001\n"
        "8\tLlamas\t2019\tmore than 0.5\n"
        "\t\t\t\n"
        "21\tAlpacas\t2019\tn.d.\n"
    )
    words = {"Alpacas": "alpaca", "Llamas": "llama"}
    mapping = mapped("camelid_herds", ubigeo="ubigeo", species="Especie", year="Año")
    mapping["columns"]["species"]["words"] = words
    mapping["columns"]["count_name"] = {"value": "A survey"}
    mapping["columns"]["heads"] = {"column": "Miles de cabezas", "factor": 1000, "style": "en"}
    put(tmp_path, text.encode("utf-16"), mapping)
    rows, ledger = added(tmp_path)
    assert rows["heads"].tolist() == [1001, 500] and rows["ubigeo"].tolist() == ["08", "08"]
    assert rows["bound"].tolist() == ["exact", "more_than"]
    files, rejected = ledger.account({"herds": rows})
    assert rejected["row"].tolist() == ["5"] and files["unused_reason"].tolist() == ["empty row: 1"]


def test_two_measures_of_two_years_in_one_wide_table(tmp_path):
    text = 'Región,"t 2017","ha 2017","t 2018","ha 2018"\nCusco,"1,000","2,000",1500,3000\nPuno,10,20,,\n'
    mapping = mapped("coffee_regional", ubigeo="Región")
    for field, unit in (("production_t", "t"), ("area_ha", "ha")):
        years = {f"{unit} {year}": {"year": year} for year in (2017, 2018)}
        mapping["columns"][field] = {"columns": years, "style": "en"}
    put(tmp_path, text, mapping, "drea_2018")
    rows, _ = added(tmp_path, "coffee_regional", tables.load("coffee_regional"))
    assert rows[["ubigeo", "year", "production_t", "area_ha"]].to_numpy().tolist() == [
        ["08", 2017, 1000, 2000], ["08", 2018, 1500, 3000], ["21", 2017, 10, 20],
    ]  # fmt: skip


def test_each_figure_of_a_column_of_years_keeps_the_mark_of_its_year():
    cells = {"2023": ["1", "2"], "2023 status": "A", "2024": ["3", "–"], "2024 status": "P"}
    table = RawTable(Path("x.csv"), pd.DataFrame({"Región": ["Cusco", "Puno"]} | cells, [5, 6]))
    long = year_by_year(table).frame
    # Puno has no figure of 2024, so no row either.
    assert long[["Región", "year", "figure", "status"]].to_numpy().tolist() == [
        ["Cusco", "2023", "1", "A"], ["Puno", "2023", "2", "A"], ["Cusco", "2024", "3", "P"],
    ]  # fmt: skip
    assert long.index.tolist() == [5, 6, 5]


MONTHLY = """anho,mes,COD_UBIGEO,Dpto,Prov,COSECHA (ha),PRODUCCION(t),MTO_PRECCHAC (S/ x kg)
2018,5,080902,CUSCO,LA CONVENCION,120,96.5,8.10
2018,6,080902,CUSCO,LA CONVENCION,310,250.1,8.35
2018,6,080907,CUSCO,LA CONVENCION,90,70.2,8.50
2018,7,080907,CUSCO,LA CONVENCION,0,0,
2018,6,211207,PUNO,SANDIA,210,160,9.10
2018,7,211207,PUNO,SANDIA,95,71.5,9.30
2018,6,240101,TUMBES,TUMBES,1,0.5,7
"""
MONTHS = {
    "table": "coffee_regional",
    "summed": ["mes", "COD_UBIGEO"],
    "columns": {
        "ubigeo": {"column": "Dpto"},
        "year": {"column": "anho"},
        "production_t": {"column": "PRODUCCION(t)", "style": "en"},
        "area_ha": {"column": "COSECHA (ha)", "style": "en"},
        "farm_price_pen_per_kg": {
            "column": "MTO_PRECCHAC (S/ x kg)", "style": "en", "weighted_by": "production_t"
        },
    },
    "skip": [],
}  # fmt: skip


def test_rows_of_months_and_districts_are_added_up_as_declared(tmp_path):
    put(tmp_path, MONTHLY, MONTHS, "sisagri_2018", "monthly.csv")
    rows, ledger = added(tmp_path, "coffee_regional", tables.load("coffee_regional"))
    rows = rows.set_index("ubigeo")
    # (96.5 × 8.10 + 250.1 × 8.35 + 70.2 × 8.50) / 416.8; (160 × 9.10 + 71.5 × 9.30) / 231.5
    figures = rows[["production_t", "area_ha", "farm_price_pen_per_kg"]]
    assert figures.loc["08"].tolist() == pytest.approx([416.8, 520, 8.3173824])
    assert figures.loc["21"].tolist() == pytest.approx([231.5, 305, 9.1617711])
    assert figures.loc["24"].tolist() == [0.5, 1, 7]
    assert rows.at["08", "origin"] == "sisagri_2018/monthly.csv:2+3+4+5"
    assert ledger.account({"coffee_regional": rows})[0]["rows_kept"].tolist() == [7]


def test_rows_of_months_go_the_documented_way_into_the_figures(tmp_path):
    raw = linked(tmp_path / "raw")
    file = tmp_path / "monthly.csv"
    file.write_text(MONTHLY, encoding="utf-8")
    incoming.add(file, raw)
    guide = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    example = yaml.safe_load(re.search(r"```yaml\n(table: [^`]+summed:[^`]+)```", guide)[1])
    sidecar = raw / "monthly" / "monthly.csv.source.yml"
    about = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
    about |= {"publisher": "Nobody", "locator": "the file", "guessed": []} | example
    sidecar.write_text(yaml.safe_dump(about), encoding="utf-8")
    rows = making.Build(Ledger(raw))["coffee_regional"]
    ours = rows[rows["source"] == "monthly"].set_index("ubigeo")
    figures = ours[["production_t", "area_ha", "farm_price_pen_per_kg"]]
    assert figures.loc["08"].tolist() == pytest.approx([416.8, 520, 8.3173824])
    assert figures.loc["21"].tolist() == pytest.approx([231.5, 305, 9.1617711])
    assert ours.at["08", "origin"] == "monthly/monthly.csv:2+3+4+5"


def test_rows_that_are_added_up_may_lack_a_part_of_the_key(tmp_path):
    mapping = copy.deepcopy(MONTHS)
    mapping["columns"]["edition"] = {"column": "Edición"}
    head, _, body = MONTHLY.partition("\n")
    text = f"{head},Edición\n" + body.replace("\n", ",\n")
    put(tmp_path, text, mapping, "sisagri_2018", "monthly.csv")
    rows, _ = added(tmp_path, "coffee_regional", tables.load("coffee_regional"))
    assert rows["edition"].isna().all()
    figures = rows.set_index("ubigeo")["production_t"]
    assert figures.to_dict() == pytest.approx({"08": 416.8, "21": 231.5, "24": 0.5})


@pytest.mark.parametrize(
    "slip, change, expected",
    [
        ("not declared", lambda m: m.pop("summed"), "stands more than once"),
        ("a price added up", lambda m: m["columns"]["farm_price_pen_per_kg"].pop("weighted_by"),
         "farm_price_pen_per_kg (PEN/kg) is no figure to add up; its mean is weighted by one of"),
        ("a weight that is none", lambda m: m["columns"]["farm_price_pen_per_kg"].update(weighted_by="heads"),
         "say `weighted_by`"),
        ("months alone", lambda m: m.update(summed="mes"), ":4: 6 stands twice among the rows"),
        ("no column", lambda m: m.update(summed=["month"]), "no column 'month'"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_up_is_refused(tmp_path, slip, change, expected):
    mapping = copy.deepcopy(MONTHS)
    change(mapping)
    put(tmp_path, MONTHLY, mapping, "sisagri_2018", "monthly.csv")
    with pytest.raises(DataError, match=re.escape(expected)):
        added(tmp_path, "coffee_regional", tables.load("coffee_regional"))


def test_a_department_in_two_parts_is_a_declared_sum(tmp_path):
    def split(rows):
        at = next(n for n, row in enumerate(rows) if row[0] == "LIMA")
        heads = ALPACAS["15"] - 4000, LLAMAS["15"] - 3
        rows[at : at + 1] = [
            ["Lima Metropolitana", "4.000", "3"], ["Lima Provincias", *map(spanish, heads)]
        ]  # fmt: skip

    mapping = copy.deepcopy(MAPPING) | {"summed": "Departamento"}
    words = dict.fromkeys(("Lima Metropolitana", "Lima Provincias"), "Lima")
    mapping["columns"]["ubigeo"]["words"] = words
    put(tmp_path, wide(split), mapping)
    rows, _ = added(tmp_path)
    lima = rows[rows["ubigeo"] == "15"].set_index("species")["heads"]
    assert lima.to_dict() == {"alpaca": ALPACAS["15"], "llama": LLAMAS["15"]}
    mapping.pop("summed")
    put(tmp_path, wide(split), mapping)
    with pytest.raises(DataError, match="more than once"):
        added(tmp_path)


def test_two_departments_in_one_row_are_refused_where_a_table_has_one(tmp_path):
    mapping = mapped("coffee_regional", ubigeo="Región", year="Año", production_t="t")
    put(tmp_path, "Región,Año,t\nCusco y Puno,2018,5\n", mapping)
    with pytest.raises(DataError, match=r"row 2.*'08.21' are several departments, expected one"):
        added(tmp_path, "coffee_regional", tables.load("coffee_regional"))


@pytest.mark.parametrize("factor, declared", [(1.05, 1), (1.05, 1 / 1.05), (1.0, 1)])
def test_a_series_on_another_base_never_joins(tmp_path, factor, declared):
    coffee = tables.load("coffee_regional")
    known = coffee[(coffee["source"] == "crofils_minagri_boletin") & (coffee["ubigeo"] == "08")]
    lines = [f"{row.year},{row.production_t * factor:.3f}" for row in known.itertuples()]
    mapping = mapped("coffee_regional", year="year", production_t="t")
    mapping["columns"]["ubigeo"] = {"value": "Cusco"}
    mapping["columns"]["production_t"] |= {"style": "en", "factor": declared}
    put(tmp_path, "\n".join(["year,t", *lines]), mapping, "cusco_series", "coffee.csv")
    if factor * declared == 1:
        assert len(added(tmp_path, "coffee_regional", coffee)[0]) == len(known)
        return
    said = r"1\.05 times that of crofils_minagri_boletin in all 1[0-9] common"
    with pytest.raises(DataError, match=said):
        added(tmp_path, "coffee_regional", coffee)


@pytest.mark.parametrize(
    "data, reads",
    [
        ("Departamento;t\nJunín;5\nPuno;6\n".encode("cp1252"), True),
        ("Departamento;t\nHUÁNUCO;5\nPuno;6\n".encode("cp1252"), True),
        ("Departamento;t\nPuno;5\nCafé;6\n".encode("cp1252"), False),  # no name to be certain by
        ("Departamento;t\nJunín;5\nAzángaro;6\n".encode("mac_roman"), False),
        ("Departamento;t\nJunín;5\nCaf\u00d0;6\n".encode("cp1252"), False),  # a letter not Spanish
        ("Departamento;t\nJunín;5\nPuno;6\n".encode("cp850"), False),
    ],
)
def test_windows_1252_is_read_where_it_is_certain(tmp_path, data, reads):
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    if not reads:
        with pytest.raises(DataError, match=r"row [23]: byte 0x.. is no UTF-8"):
            read_tidy(path)
        return
    table = read_tidy(path)
    assert places.resolve(table.frame["Departamento"].iloc[0]) in ("10", "12")
    assert [(one.was, one.now) for one in table.repairs] == [("not UTF-8", "Windows-1252")]


def edit(old, new, count=1):
    def change(mapping):
        text = yaml.safe_dump(mapping, allow_unicode=True)
        assert old in text
        return yaml.safe_load(text.replace(old, new, count))

    return change


def columns(**entries):
    def change(mapping):
        kept = {k: v for k, v in (mapping["columns"] | entries).items() if v is not None}
        return mapping | {"columns": kept}

    return change


SIDECARS = {
    "unknown table": (edit("camelid_herds", "camelid_herd"), "table 'camelid_herd'.*camelid_herds"),
    "no table": (lambda m: {k: v for k, v in m.items() if k != "table"}, "table None"),
    "table that nothing feeds": (edit("camelid_herds", "sources"), "table 'sources'"),
    "no columns": (lambda m: m | {"columns": {}}, "columns {}, Dictionary should have at least 1"),
    "columns a list": (lambda m: m | {"columns": ["heads"]}, r"columns \['heads'\], expected a valid dictionary"),
    "unknown field": (columns(hed={"value": 1}), "'hed'.*heads"),
    "required field unmapped": (columns(count_name=None), "count_name missing"),
    "no figure": (columns(heads=None, species={"value": "alpaca"}), "expected a figure, one of heads"),
    "two ways": (columns(year={"value": 2012, "column": "Año"}), "year .*expected one of column, columns, value"),
    "no way": (columns(year={"style": "es"}), "year .*expected one of"),
    "text for an entry": (columns(year=2012), "year .*expected one of"),
    "unknown option": (columns(ubigeo={"column": "Departamento", "reads": "department"}), "'reads'"),
    "factor for text": (columns(ubigeo={"column": "Departamento", "factor": 10}), "'factor'"),
    "factor text": (columns(heads={"column": "Alpacas", "factor": "1000"}, species={"value": "alpaca"}), "factor '1000'"),
    "factor zero": (columns(heads={"column": "Alpacas", "factor": 0}, species={"value": "alpaca"}), "factor 0"),
    "style unknown": (edit("style: es", "style: fr"), "style 'fr'"),
    "missing column": (columns(ubigeo={"column": "Departamentos"}), "no column 'Departamentos'.*Departamento"),
    "missing wide column": (edit("Llamas:", "Llama:"), "no column 'Llama'.*Llamas"),
    "wide of nothing": (columns(heads={"columns": {"Alpacas": {}}}), "columns heads columns Alpacas {}, Dictionary should have at least 1"),
    "wide columns alike": (
        columns(heads={"columns": {"Alpacas": {"species": "alpaca"}, "Llamas": {"species": "alpaca"}}}),
        "each column must say other values",
    ),
    "wide columns of different fields": (
        columns(heads={"columns": {"Alpacas": {"species": "alpaca"}, "Llamas": {"basis": "x"}}}),
        "each column must say other values",
    ),
    "a word for nothing": (
        columns(ubigeo={"column": "Departamento", "words": {"Total": None}}),
        "ubigeo words Total None, expected text",
    ),
    "filled twice": (columns(species={"value": "alpaca"}), "species is filled twice"),
    "value not in the enum": (edit("species: llama", "species: lama"), "column 'value of species': 'lama'.*llama"),
    "value of a wrong type": (columns(year={"value": "MMXII"}), "column 'value of year': 'MMXII'"),
    "value out of bounds": (columns(year={"value": 20122}), "20122.*outside 1900 to 2100"),
    "value yes": (columns(count_name={"value": True}), "value True"),
    "value nothing": (columns(count_name={"value": None}), "count_name .*expected one of column"),
    "value of blanks": (columns(count_name={"value": " "}), "no count_name"),
    "skip names no row": (edit("IV CENAGRO", "V CENAGRO"), "no 'Fuente: INEI, V CENAGRO'.*IV CENAGRO"),
    "skip without a reason": (edit("reason: the source", "why: x"), "skip: 0: unknown field 'why'"),
    "skip an unknown column": (edit("- column: Departamento", "- column: Depto"), "no column 'Depto'"),
    "skip text": (lambda m: m | {"skip": "Total"}, "skip 'Total', expected"),
    "nothing skipped": (lambda m: m | {"skip": []}, "row 29, column 'Departamento'.*Fuente"),
    "wrong style": (edit("style: es", "style: en"), "row 4, column 'Alpacas'"),
    "factor ×10": (columns(heads=MAPPING["columns"]["heads"] | {"factor": 10}), "over the median of other sources is 10"),
    "factor ÷1000": (columns(heads=MAPPING["columns"]["heads"] | {"factor": 0.001}), "row 4, column 'Alpacas'.*whole number"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SIDECARS)
def test_a_sidecar_that_cannot_be_followed_is_refused(tmp_path, slip):
    change, message = SIDECARS[slip]
    put(tmp_path, wide(), change(MAPPING))
    with pytest.raises(DataError, match=message) as refusal:
        added(tmp_path)
    assert "camelids.csv" in str(refusal.value) and "\n" not in str(refusal.value)


def cell(row, column, text):
    def change(rows):
        rows[row - 1][column] = text

    return change


def scaled(column, factor):
    def change(rows):
        for row in rows[3:-1]:
            if row[column] != "-":
                number = int(row[column].replace(".", "")) * factor
                row[column] = spanish(int(number)) if number == int(number) else f"{number}"

    return change


PUNO, CUSCO, TOTAL = 24, 11, 4  # lines of the file: 01 stands in line 5, Callao is not there

CELLS = {
    "as it is": (lambda rows: None, "harmless"),
    "rows in another order": (lambda rows: rows[:4] + rows[4:-1][::-1] + rows[-1:], "harmless"),
    "columns swapped with their headers": (lambda rows: [[r[0], r[2], r[1]] for r in rows], "harmless"),
    "accents lost": (lambda rows: [[r[0].replace("Á", "A").replace("Í", "I"), *r[1:]] for r in rows], "harmless"),
    "shifted down": (lambda rows: [["", "", ""]] * 3 + rows, "reported"),
    "shifted right": (lambda rows: [["", *r] for r in rows], "harmless"),
    "an empty row inside": (lambda rows: [*rows[:9], ["", "", ""], *rows[9:]], "reported"),
    "a column missing": (lambda rows: [r[:2] for r in rows], "refused"),
    "a column too many": (lambda rows: [[*r, "x"] for r in rows], "refused"),  # its title is a row of two cells
    "a row cut": (lambda rows: [*rows[:9], rows[9][:2], *rows[10:]], "refused"),
    "an extra total": (lambda rows: [*rows[:-1], rows[3], rows[-1]], "refused"),
    "an extra subtotal": (lambda rows: [*rows[:-1], ["Sierra sur", "9", "9"], rows[-1]], "refused"),
    "a department doubled": (lambda rows: [*rows[:-1], rows[PUNO - 1], rows[-1]], "refused"),
    "a department missing": (lambda rows: rows[: PUNO - 1] + rows[PUNO:], "reported"),
    "two departments swapped": (lambda rows: [[{"PUNO": "ICA", "ICA": "PUNO"}.get(r[0], r[0]), *r[1:]] for r in rows], "refused"),
    "comma for every point": (lambda rows: [[r[0], r[1].replace(".", ","), r[2]] for r in rows], "refused"),
    "only the national row ×10": (lambda rows: [*rows[:3], ["Total", spanish(10 * sum(ALPACAS.values())), rows[3][2]], *rows[4:]], "refused"),
    "only the national row ÷10": (lambda rows: [*rows[:3], ["Total", rows[3][1], spanish(sum(LLAMAS.values()) // 10)], *rows[4:]], "refused"),
    "species swapped": (lambda rows: [*rows[:2], [rows[2][0], "Llamas", "Alpacas"], *rows[3:]], "refused"),
    **{f"alpacas ×{by}": (scaled(1, by), "refused") for by in (10, 100, 1000, 0.001)},
    **each(cell, "refused", {
        (3, 1): ["Alpaca"], (3, 2): ["Alpacas", ""], (PUNO, 0): ["cafere de Dios", ""],
        (PUNO, 1): ["1.459.9O3", "1459,903", "-5", "1.459.903 kg", "145.990"],
        # blank: all departments are there, and no longer add up
        (PUNO, 2): ["2103,5", "21.030", "210.300", "2.103.000", ""],
    }),
}  # fmt: skip


def read(path):
    rows, ledger = added(path.parents[1])
    found = ledger.tables[0]
    found.frame = rows.drop(columns="origin").sort_values(["species", "ubigeo"])
    # A department that is not in the file is seen in the account's number of rows.
    found.unused = found.unused | {"rows in": len(found.whole)}
    return found


test_slips_in_the_file = slips(read, lambda path, rows: put(path, text_of(rows)), census, CELLS)


FILES = TEXT_FILES | {
    "Windows-1252": (lambda data: data.decode().encode("cp1252"), "reported"),
    "CP437": (lambda data: data.decode().replace("Á", "á").replace("Í", "í").encode("cp437"), "refused"),
    "UTF-16": (lambda data: data.decode().encode("utf-16"), "harmless"),
    "UTF-16 without its mark": (lambda data: data.decode().encode("utf-16-le"), "refused"),
    "tabs": (lambda data: data.replace(b";", b"\t"), "harmless"),
    "a workbook": (lambda data: LOCKED, "refused"),
    "cut in a row": (lambda data: data[: data.rstrip().rfind(b"-;") - 1 if b"-;" in data else data.rindex(b"UCAYALI") + 9], "refused"),
    "an open quote": (lambda data: data.replace(b"CUSCO", b'"CUSCO'), "refused"),
}  # fmt: skip


test_slips_of_the_whole_file = slips(read_tidy, binary, lambda: wide().encode(), FILES)


def test_no_file_is_too_odd_to_be_recognised_or_not(file):
    for slip in FILES.keys() - {"cut in a row"}:
        FORMAT.recognise(file(FILES[slip][0](wide().encode()), "bad.csv"))


def llamas(**entries):
    """Return how a small table of llamas under D and H is mapped."""
    plain = {"ubigeo": {"column": "D"}, "heads": {"column": "H"}, "species": {"value": "llama"}}
    return columns(**plain | entries)(MAPPING) | {"skip": []}


COFFEE = mapped(
    "coffee_regional", ubigeo="D", year="Y", production_t="P", area_ha="A", yield_kg_per_ha="R"
)
SMALL = {
    # RENIEC numbers Callao last, so that Cusco is 07 there, and Huancavelica 08.
    "codes of RENIEC": ("D,Name,H\n07,CUSCO,1\n08,HUANCAVELICA,2\n20,PUNO,3\n", llamas(), "row 2, column 'D': 07 is not the code of Cusco, .* says"),
    "codes of RENIEC, two only": ("D,Name,H\n07,CUSCO,1\n20,PUNO,3\n", llamas(), "row 2, column 'D': 07 is not the code of Cusco"),
    "no code": ("D,N,H\n08,Cusco,5\n,Puno,6\n", llamas(), "row 3, column 'D': no ubigeo in it"),
    "no such code": ("D,N,H\n08,Cusco,5\n99,Puno,6\n", llamas(), "row 3, column 'D': '99' is not a department"),
    "half a code": ("D,N,H\n08,Cusco,5\n0,Puno,6\n", llamas(), "row 3, column 'D': '0' is not"),
    "a yield": ("D,Y,P,A,R\nCusco,2017,1000,2000,500\n", COFFEE, None),
    "a yield of something else": ("D,Y,P,A,R\nCusco,2017,1000,2000,50\n", COFFEE, r"camelids.csv:2: the yield over production by area is 0\.1"),
    "two bounds in a row": ("D;H;S\nCusco;more than 5;1\nPuno;more than 6;less than 2\n", llamas(share_printed_pct={"column": "S"}), "row 3, column 'S': expected one bound"),
    "a bound that would be lost": ("D;H\nCusco;more than 5\n", llamas(bound={"value": "exact"}), "row 2, column 'H': expected a plain number, not 'more than 5'"),
    "a bound of a year": ("D;H;Y\nCusco;5;about 2012\n", llamas(year={"column": "Y"}), "row 2, column 'Y': expected a plain number, not 'about 2012'"),
    "a number of two styles": ("D;H\nCusco;1.000\nPuno;2000000\n", llamas(), r"row 2, column 'H': '1.000' can be 1000|can be 1 "),
    "what one source has already": ("Año,n\n2010,4177000\n", mapped("alpaca_national", year="Año", heads="n"), "2010 stands more than once: edwarmelo.* and inei_cenagro_2012/camelids.csv:2"),
}  # fmt: skip


@pytest.mark.parametrize("case", SMALL)
def test_small_tables(tmp_path, case):
    text, mapping, message = SMALL[case]
    put(tmp_path, text, mapping)
    made = tables.load(mapping["table"])
    if message is None:
        assert len(added(tmp_path, mapping["table"], made)[0]) == text.count("\n") - 1
        return
    with pytest.raises(DataError, match=message):
        added(tmp_path, mapping["table"], made)


def test_numbers_of_an_undeclared_style_are_read_when_they_can_be_only_one(tmp_path):
    put(tmp_path, "D;H\nCusco;1.000.000\nPuno;2000000\n", llamas())
    rows, _ = added(tmp_path, made=committed().iloc[:0])
    assert rows["heads"].tolist() == [1e6, 2e6]


def test_corrections_reach_a_tidy_file(tmp_path):
    path = put(tmp_path, wide(cell(PUNO, 0, "PUÑO")))
    beside = path.with_name(path.name + sidecar.CORRECTIONS)
    one = {"rows": [PUNO], "column": "Departamento", "action": "override", "expected": "PUÑO", "value": "Puno", "reason": "typing error"}  # fmt: skip
    beside.write_text(yaml.safe_dump({"corrections": [one]}, allow_unicode=True), encoding="utf-8")
    rows, ledger = added(tmp_path)
    assert "21" in set(rows["ubigeo"]) and ledger.repairs()["action"].tolist() == ["override"]


def test_what_is_drafted_for_a_new_file(tmp_path):
    path = tmp_path / "Población Camélidos-2012.csv"
    path.write_text("Región;Año;Total\nCusco;2012;1.234.567\nPuno;2012;3\n", encoding="utf-8")
    assert FORMAT.recognise(path)
    found = describe(path)
    assert found.key == "poblacion_camelidos_2012"
    assert found.contents[:2] == ("2 rows", "columns: Región, Año, Total")
    drafted = {name: found.said[name] for name in ("table", "columns")}
    assert drafted == {
        "table": "?",
        "columns": {name: {"column": name} for name in ("Región", "Año", "Total")},
    }
    put(tmp_path, path.read_bytes(), drafted)
    with pytest.raises(DataError, match=r"camelids.csv.source.yml: table '\?'; there are"):
        added(tmp_path)
    put(tmp_path, path.read_bytes(), drafted | {"publisher": "?", "locator": "?"})
    with pytest.raises(DataError, match=r"source.yml: fill in publisher, locator in place of '\?'"):
        added(tmp_path)


# What a file is, and what is said of it when it is added; nothing of what is no table.
TAKEN = {
    "a,b\n": "no rows under the header",
    "a,b,c\nx,1,2\ny,1\n": "row 3: 2 cells, the header has 3",
    "Title\n\na;b\nCusco;1,5\n": "1 rows", "a,b\r1,2\r": "1 rows",
} | dict.fromkeys(["", "word\n", '{"a": 1,\n"b": []}\n', "<html>,\n,", "\0\0,\n"])  # fmt: skip


@pytest.mark.parametrize("text", TAKEN)
def test_a_table_is_known_and_what_is_wrong_in_it_is_said(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text, newline="")
    assert FORMAT.recognise(path) == bool(TAKEN[text])
    if TAKEN[text] == "1 rows":
        assert describe(path).contents[0] == "1 rows"
    elif TAKEN[text]:
        with pytest.raises(DataError, match=TAKEN[text]):
            describe(path)


CELL = st.text(SIGNS, max_size=8)


@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t"),
)
@example(rows=[["", ";", ","], ["", "", ";"]], delimiter=",")
def test_every_cell_comes_back_from_its_row_whatever_it_holds(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("tidy") / "x.csv"
    rows = [[f"x{cell}" for cell in row] for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([["A", "B", "C"], *rows])
    try:
        found = read_tidy(path)
    except DataError as refusal:
        # Where another delimiter cuts as many rows alike, rows do not fit the header.
        assert path.name in str(refusal)
    else:
        assert found.frame.to_numpy().tolist() == rows and list(found.frame) == ["A", "B", "C"]


@given(
    heads=st.integers(0, 10**9),
    style=st.sampled_from(["en", "es"]),
    factor=st.sampled_from([1, 10, 1000]),
)
def test_a_figure_is_read_as_it_was_written(tmp_path_factory, heads, style, factor):
    written = f"{heads:,}" if style == "en" else spanish(heads)
    field = tables.schema()["fields"]["heads"]
    found = Filler({}, "", None)._figure(
        written, Entry(column="x", style=style, factor=factor), field
    )
    assert found.value == heads * factor


# --- a dataset of its own: CSV, sidecar, declaration --------------------------------------------

RAIN = """title: Rain by department and year
key: [ubigeo, year]
fields:
  ubigeo:
  year:
  rain_mm: {type: number, unit: mm, minimum: 0, maximum: 20000, description: Rain in the year}
sources:
  - file: senamhi_2020/rain.csv
    columns: {ubigeo: Departamento, year: {value: 2019}, rain_mm: Lluvia (mm)}
checks:
  - between: {of: {rain_mm: [0.1, 10]}, relative: {to: median}}
"""


def toy(tmp_path, declaration=RAIN):
    """Return what makes a table of rain: its three files are all that it takes."""
    folder = tmp_path / "declared"
    folder.mkdir()
    shutil.copy(tables.DECLARED.with_name("fields.yml"), tmp_path)
    (folder / "rain.yml").write_text(declaration, encoding="utf-8")
    text = "Departamento,Lluvia (mm)\nCusco,700\nPuno,650.5\n"
    put(tmp_path / "raw", text, {}, "senamhi_2020", "rain.csv", format=None)
    return making.Build(Ledger(tmp_path / "raw"), folder)


def test_a_dataset_takes_a_file_its_sidecar_and_a_declaration(tmp_path):
    build = toy(tmp_path)
    rain = build["rain"]
    assert rain[["ubigeo", "year", "rain_mm"]].to_numpy().tolist() == [
        ["08", 2019, 700], ["21", 2019, 650.5],
    ]  # fmt: skip
    assert rain["origin"].tolist() == ["senamhi_2020/rain.csv:2", "senamhi_2020/rain.csv:3"]
    files, rejected = build.ledger.account({"rain": rain})
    assert files["rows_kept"].tolist() == [2] and rejected.empty


DECLARATIONS = {
    "unknown key": ("title:", "tittle:", r"rain.yml: unknown field 'tittle' .did you mean title"),
    "field of no table": ("  year:\n", "  yaer:\n", r"rain.yml: fields: yaer: not in fields.yml, where fields of several tables stand .did you mean year"),
    "field described twice": ("  year:\n", "  year: {type: integer, description: a year}\n", r"rain.yml: field 'year' is described elsewhere too: move it to fields.yml"),
    "key that is no field": ("key: [ubigeo, year]", "key: [ubigeo, yeer]", r"'yeer' is none of its fields .did you mean year"),
    "wrong type": ("type: number", "type: numbre", r"rain.yml: fields rain_mm type 'numbre' .did you mean number"),
    "option of a check": ("relative: {to: median}", "relativ: {to: median}", r"rain.yml: checks: between: unknown field 'relativ' .did you mean relative"),
    "unknown check": ("- between:", "- betwen:", r"rain.yml: checks: betwen: no such check .did you mean between"),
    "unknown reader": ("rain_mm: Lluvia (mm)}", "rain_mm: {column: Lluvia (mm), reader: low}}", r"rain.yml.*reader 'low'"),
    "unknown hook": ("    columns:", "    prepare: rainy\n    columns:", r"table rain, near .*rain.csv: .* no attribute 'rainy'"),
    "misspelt option": ("{value: 2019}", "{valeu: 2019}", r"rain.yml.*year.*expected one of column"),
    "unknown column": ("Lluvia (mm)}", "LLuvia}", r"rain.csv: no column 'LLuvia'.*; there are Lluvia"),
    "check that fails": ("[0.1, 10]", "[1.01, 10]", r"rain.csv:3: rain_mm over the median of its kind is 0.9633"),
}  # fmt: skip


@pytest.mark.parametrize("slip", DECLARATIONS)
def test_a_wrong_declaration_is_one_line(tmp_path, slip):
    old, new, message = DECLARATIONS[slip]
    assert old in RAIN
    with pytest.raises(DataError, match=message) as refusal:
        toy(tmp_path, RAIN.replace(old, new, 1))["rain"]
    assert "\n" not in str(refusal.value)
