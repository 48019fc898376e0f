"""ICO's historical tables 1a, 2a and 3a: as published and as mutilated."""

# ruff: noqa: E501  (one mutation a line)

import hostile
import pytest
from published import add, changed, made, project, put, renamed, rows_of, save

from valuechains.core.errors import DataError
from valuechains.extract.registry import FORMATS
from valuechains.tables import load

ICO = FORMATS["ico"]
read_ico, describe = ICO.read, ICO.describe


def production():
    """Two groups: 60,000.5 + 1,000 + 0 and 10,000.25 + 7 make 71,007.75 thousand bags in 2018/19."""
    return {"Production": [
        ["Crop year", None, "2018/19", "2019/20"], [],
        ["April group", None, 61000.5, 62900.5],
        ["Brazil", "(A/R)", 60000.5, 61900.5],
        ["Paraguay", 0, 0, 0],
        ["Peru", "(A)", 1000, 1000],
        [], ["July group", None, 10007.25, 10007.25],
        ["Tanzania", "(A/R)", 10000.25, 10000.25],
        ["Zambia", "(A)", 7, 7],
        [], ["Total", None, 71007.75, 72907.75],
    ]}  # fmt: skip


def exports():
    return {"Exports": [
        ["Calendar years", "2018", "2019"],
        ["Brazil", 35637.3585892, 40697.8637087],
        ["Peru", 4063.938661, 3771.9458818],
        ["Viet Nam", 31385.0655789, 27400.1618174],
        [],
        ["Total", 71086.3628291, 71869.9714079],
    ]}  # fmt: skip


def growers():
    return {"Prices to growers": [
        ["Calendar years", 2014.0, "2015", "2016"], [],
        ["Colombian Milds", None, None, None],
        ["Colombia", 110.5, 100.25, 105], ["Kenya", None, None, None],
        [], ["Other Milds"],
        ["Peru", 125.6877, None, 78.8416], ["Uganda", 70, 71, 72],
        [" "], ["Robustas"],
        ["Uganda", 60, 61, 62.5], ["Viet Nam", 80, 81, None],
    ]}  # fmt: skip


BAGS, EXPORTS, PRICE = (table["value"] for table in list(ICO.tables.values())[:3])
BOOKS = {"1a": production, "2a": exports, "3a": growers}


def test_production_by_crop_year_is_read_cell_by_cell(tmp_path):
    path = save(tmp_path / "1a.xlsx", production())
    assert [n for n, one in FORMATS.items() if one.recognise(path)] == ["ico"]
    table = read_ico(path)
    assert table.frame.to_dict("index") == {
        "Production!C6": {"table": "1a", "Crop year": "2018/19", BAGS: "1000.0"},
        "Production!D6": {"table": "1a", "Crop year": "2019/20", BAGS: "1000.0"},
    }
    assert table.unused == {"figures of other countries, groups and totals": 14}


def test_exports_and_prices_with_a_country_in_two_groups(tmp_path):
    frame = read_ico(save(tmp_path / "2a.xlsx", exports())).frame
    assert frame[EXPORTS].tolist() == ["4063.938661", "3771.9458818"]
    path = save(tmp_path / "3a.xlsx", growers())
    prices = read_ico(path).frame
    assert prices["Calendar year"].tolist() == ["2014", "2016"]  # a blank is no figure
    both = read_ico(path, country="Uganda").frame
    assert both.loc["Prices_to_growers!D9"].tolist() == ["3a", "2016", "72.0"]
    assert both.loc["Prices_to_growers!B12"].tolist() == ["3a", "2014", "60.0"]


def test_what_a_table_says_of_itself(tmp_path):
    found = describe(save(tmp_path / "3a.xlsx", growers()))
    assert (found.key, found.said["published"]) == ("ico_historical_3a_2016", None)
    assert found.contents[0].startswith("2014 to 2016, 2 rows")


def test_titles_with_the_unit_and_another_span_of_years(tmp_path):
    sheets = production()
    sheets["Production"][0][2:] = ["1998/99", "1999/00"]
    title = ["Total production by all exporting countries"]
    sheets["Production"][:0] = [title, ["In thousand 60kg bags"], []]
    frame = read_ico(save(tmp_path / "1a.xlsx", sheets)).frame
    assert frame["Crop year"].to_dict() == {"Production!C9": "1998/99", "Production!D9": "1999/00"}


def scaled(factor, *rows):
    def change(sheets):
        for number, row in enumerate(next(iter(sheets.values()))[1:], start=2):
            if not rows or number in rows:
                row[1:] = [x * factor if isinstance(x, (int, float)) else x for x in row[1:]]

    return changed(change)


def total_too(row, column, factor):
    """A slip that whoever made it carried into the totals: only other sources can show it."""

    def change(rows):
        extra = rows[row - 1][column - 1] * (factor - 1)
        for one in rows:
            if one and one[0] in (rows[row - 1][0], "April group", "Total"):
                one[column - 1] += extra

    return changed(lambda sheets: change(next(iter(sheets.values()))))


FACTORS = (0.001, 0.01, 0.1, 10, 100, 1000)
MUTATIONS = {
    "1a": {
        "sheet renamed": (renamed("Sheet1"), "refused"),
        "exportable production": (renamed("Exportable production"), "refused"),
        "consumption": (renamed("Domestic consumption"), "refused"),
        "a second table": (changed(lambda s: s | {"More": s["Production"]}), "refused"),
        "a sheet of notes": (changed(lambda s: s | {"Notes": [["Crop year means …"]]}), "harmless"),
        "year missing": (rows_of(lambda r: [row[:2] + row[3:] for row in r[:1]] + r[1:]), "refused"),
        "shifted right": (rows_of(lambda r: [[None, *row] for row in r]), "harmless"),
        "shifted down": (rows_of(lambda r: [[], [], *r]), "harmless"),
        "a row shifted right": (rows_of(lambda r: [*r[:5], ["Peru", "(A)", None, 1000, 1000], *r[6:]]), "refused"),
        "no separators": (rows_of(lambda r: [row for row in r if row]), "harmless"),
        "more separators": (rows_of(lambda r: [*r[:4], [], *r[4:]]), "harmless"),
        "country missing": (rows_of(lambda r: [row for row in r if row[:1] != ["Peru"]]), "refused"),
        "another missing": (rows_of(lambda r: [row for row in r if row[:1] != ["Zambia"]]), "refused"),
        "country doubled": (rows_of(lambda r: [*r[:6], r[5], *r[6:]]), "refused"),
        "no Total": (rows_of(lambda r: r[:-1]), "refused"),
        "a second Total": (rows_of(lambda r: [*r, r[-1]]), "refused"),
        "a Total inside": (rows_of(lambda r: [*r[:6], ["Total", None, 61000.5, 62900.5], *r[6:]]), "refused"),
        "a World row": (rows_of(lambda r: [*r[:-1], ["World", None, 71007.75, 72907.75], r[-1]]), "refused"),
        "notes under the Total": (rows_of(lambda r: [*r, [], ["© ICO"]]), "harmless"),
        "figures under the Total": (rows_of(lambda r: [*r, [None, None, 1, 2]]), "refused"),
        "a figure beyond the years": (rows_of(lambda r: [*r[:5], [*r[5], 5], *r[6:]]), "refused"),
        "in tonnes": (rows_of(lambda r: [["In tonnes"], *r]), "refused"),
        "in million bags": (rows_of(lambda r: [["In million 60-kg bags"], *r]), "refused"),
        **hostile.each(put, "refused", {
            (1, 1): ["Season", "Calendar years"], (1, 4): ["2019/21", "2020/21", "2018/19", None],
            (3, 1): ["First group"], (4, 3): [60000.4], (6, 1): ["Pérou"], (6, 2): [1000],
            (6, 3): ["1.000", "1OOO", -1000, None, 0, "-", "=1000", *(1000 * f for f in FACTORS)],
            (12, 3): [71008],
        }),
        **hostile.each(put, "reported", {(6, 3): ["1000.0", "1000,0"]}),
        **hostile.each(put, "harmless", {(6, 1): ["PERÚ"]}),
        **{f"a row ×{f:g}": (scaled(f, 6), "refused") for f in FACTORS},
        **{f"all ×{f:g}": (scaled(f), "refused") for f in FACTORS},
    },
    "2a": {
        "re-exports": (renamed("Re-exports"), "refused"),
        "imports": (renamed("Imports"), "refused"),
        "crop years": (put(1, 1, "Crop year"), "refused"),
        "years as numbers": (rows_of(lambda r: [[r[0][0], 2018, 2019.0], *r[1:]]), "harmless"),
        "country doubled": (rows_of(lambda r: [*r[:3], r[2], *r[3:]]), "refused"),
        "no Total": (rows_of(lambda r: r[:-1]), "refused"),
        "a slip of the last digit": (put(3, 2, 4063.938671), "refused"),
        "decimal comma": (put(3, 2, "4063,938661"), "reported"),
        **{f"a cell ×{f:g}": (put(3, 2, 4063.938661 * f), "refused") for f in FACTORS},
        **{f"all ×{f:g}": (scaled(f), "refused") for f in FACTORS},
    },
    "3a": {
        "retail prices": (renamed("Retail prices"), "refused"),
        "in US$/lb": (rows_of(lambda r: [["US$/lb"], *r]), "refused"),
        "unit in the title": (rows_of(lambda r: [["Prices paid to growers"], ["in US cents per lb"], *r]), "harmless"),
        "country doubled in its group": (rows_of(lambda r: [*r[:8], r[7], *r[8:]]), "refused"),
        "decimal comma": (put(8, 2, "125,6877"), "reported"),
        **hostile.each(put, "refused", {(7, 1): ["Milder Milds"], (8, 1): [None], (8, 2): [0, -1, "n.d.p."]}),
        **{f"all ×{f:g}": (scaled(f), "refused") for f in FACTORS},
    },
}  # fmt: skip


test_production = hostile.slips(read_ico, save, production, MUTATIONS["1a"])
test_exports = hostile.slips(read_ico, save, exports, MUTATIONS["2a"])
test_prices = hostile.slips(read_ico, save, growers, MUTATIONS["3a"])


def test_a_hidden_table_is_not_read_and_an_error_is_no_empty_cell(tmp_path):
    path = save(tmp_path / "1a.xlsx", production(), hidden=("Production",))
    with pytest.raises(
        DataError, match=r"1a\.xlsx: tables of countries by years: none; .*; hidden: Production"
    ):
        read_ico(path)
    book = growers()
    book["Prices to growers"][7][1] = "#N/A"  # openpyxl writes it as an error
    with pytest.raises(DataError, match=r"Prices_to_growers!B8: '#N/A'"):
        read_ico(save(tmp_path / "errors.xlsx", book))


# ---- the table that is made of it -------------------------------------------------------------


def known(table):
    """The published figures of 2018 and 2019 (3a: 2014 and 2016), which the tests' tables repeat."""
    sheets = BOOKS[table]()
    (rows,) = sheets.values()
    if table == "1a":
        for row in rows:
            if row and row[0] in ("Peru", "April group", "Total"):
                row[2], row[3] = row[2] + 3263.3391, row[3] + 2836.3817
    return sheets


def world(folder, table, sheets):
    root = project(folder / "raw", "ico*")
    return root, add(root, save(folder / f"{table}.xlsx", sheets))


# What coffee by ICO is compared with.
OTHERS = ("coffee_national", "coffee_trade_peru", "coffee_world_price")


@pytest.mark.parametrize("table", BOOKS)
def test_a_later_edition_stands_beside_the_first(tmp_path, table):
    root, file = world(tmp_path, table, known(table))
    out, _ = made(root, "coffee_ico", *OTHERS)
    new = out[out["source"] == file.parent.name].drop(columns=["source", "origin"])
    new = new.dropna(axis=1, how="all")
    old = out[out["source"] == f"ico_historical_{table}"].merge(new[["year"]])[new.columns]
    assert len(out) == 85 + 2 and len(new) == 2
    for column in new.columns[-1:]:
        assert new[column].tolist() == pytest.approx(old[column].tolist(), abs=0.00006)


CLEANED = {
    "1a, Peru and totals ×10": ("1a", total_too(6, 3, 10)),
    "1a, Peru and totals ÷10": ("1a", total_too(6, 3, 0.1)),
    "2a, Peru and totals ×10": ("2a", total_too(3, 2, 10)),
    "2a, Peru and totals ÷10": ("2a", total_too(3, 2, 0.1)),
    **{f"3a, a cell ×{f:g}": ("3a", put(8, 2, 125.6877 * f)) for f in (10, 0.1)},
    "3a, years moved": ("3a", rows_of(lambda r: [[r[0][0], 2015, 2016, 2017], *r[1:]])),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEANED)
def test_a_slip_that_only_other_sources_show(tmp_path, name):
    table, change = CLEANED[name]
    root, file = world(tmp_path, table, change(known(table)))
    with pytest.raises(DataError, match=rf"{file.name}(:\S+: |, \S+!\w+, .*outside)"):
        made(root, "coffee_ico", *OTHERS)


def test_what_is_transcribed_is_checked_too(tmp_path):
    out, _ = made(project(tmp_path / "raw", "ico*"), "coffee_ico", *OTHERS)
    assert len(out) == 85 and out["crop_year"].notna().sum() == 30
    # 119.1823 US cents/lb in 2010 over 4.3200 US$/kg: 1.191823 / 0.45359237 / 4.32 = 0.608.
    price = out.set_index("year")["grower_price_us_cents_per_lb"].dropna()
    arabica = load("coffee_world_price").set_index("year")["arabica_nominal_usd_per_kg"]
    assert price[2010] / 100 / 0.45359237 / arabica[2010] == pytest.approx(0.608, abs=0.001)
