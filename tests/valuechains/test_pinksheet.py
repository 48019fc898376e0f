"""The World Bank's Pink Sheet: monthly and annual workbooks, as published and as mutilated."""

# ruff: noqa: E501  (one mutation a line)

import datetime as dt

import hostile
import pytest
from published import add, changed, fate, made, project, put, renamed, rows_of, save

from valuechains.core.errors import DataError
from valuechains.extract.registry import FORMATS
from valuechains.tables import load

FORMAT = FORMATS["pink_sheet"]
read_pink_sheet, describe, recognise = FORMAT.read, FORMAT.describe, FORMAT.recognise
ARABICA, ROBUSTA = "Coffee, Arabica, nominal ($/kg)", "Coffee, Robusta, nominal ($/kg)"
REAL = "Coffee, Arabica, real 2010 ($/kg)"
NAMES = [None, "Coal, South African **", "Coffee, Arabica", "Coffee, Robusta", "Lamb **"]
UNITS = [None, "($/mt)", "($/kg)", "($/kg)", "($/kg)"]
PERIODS = [f"{year}M{month:02}" for year in (2020, 2021, 2022) for month in range(1, 13)][:26]


def titles(kind):
    return [
        ["World Bank Commodity Price Data (The Pink Sheet)"], [kind],
        ["(annual series are available in nominal and real dollars)"],
        ["Updated on May 02, 2025"],
    ]  # fmt: skip


def month(number):
    """Arabica 3.01, 3.02, … 3.26; Robusta 1.51, …: the means of 2020 are 3.065 and 1.565."""
    return [round(3 + number / 100, 2), round(1.5 + number / 100, 2)]


def monthly():
    rows = [[one, "…", *month(i), 4.5] for i, one in enumerate(PERIODS, start=1)]
    head = [*titles("monthly prices in nominal US dollars, 1960 to present"), NAMES, UNITS]
    notes = [["Series Description"], [None, "Coffee (ICO), International Coffee Organization"]]
    return {"AFOSHEET": [], "Monthly Prices": [*head, *rows], "Description": notes}


def annual(first=2009):
    """Real is nominal over 0.9 before 2010, over 1 in 2010 and over 1.1 after it."""
    nominal = [[first + i, ".." if i else "…", 3 + i / 10, 1.5 + i / 20, 4.5] for i in range(4)]
    deflators = zip(nominal, (0.9, 1, 1.1, 1.1), strict=True)
    real = [[y, c, a / d, r / d, x] for (y, c, a, r, x), d in deflators]
    return {
        f"Annual Prices ({name})": [
            *titles(f"annual prices, 1960 to present, {basis} US dollars"),
            *([], [], NAMES, UNITS),
            *rows,
        ]
        for name, basis, rows in (("Nominal", "nominal", nominal), ("Real", "real 2010", real))
    }


def test_months_are_read_with_their_places(tmp_path):
    path = save(tmp_path / "m.xlsx", monthly(), hidden=("AFOSHEET",))
    assert [n for n, one in FORMATS.items() if one.recognise(path)] == ["pink_sheet"]
    table = read_pink_sheet(path)
    # Names stand in row 5, units in row 6, the first month in row 7: the years end in 18 and 30.
    years = range(7, 19), range(19, 31)
    first, second = ("+".join(f"Monthly_Prices!{row}" for row in rows) for rows in years)
    assert list(table.frame.index) == [first, second] and table.repairs == []
    assert table.frame["Year"].tolist() == ["2020", "2021"] and set(table.frame[REAL]) == {""}
    prices = table.frame.loc[first, [ARABICA, ROBUSTA]].astype(float)
    assert list(prices) == pytest.approx([3.065, 1.565])
    assert table.rejected == {
        "Monthly_Prices!31+Monthly_Prices!32": "a year without all of its twelve months: no mean"
    }


def test_what_a_workbook_says_of_itself(tmp_path):
    found = describe(save(tmp_path / "m.xlsx", monthly()))
    assert (found.key, found.said["published"]) == ("wb_pink_sheet_2025_05", "2025-05-02")
    assert found.said["short"] == "World Bank Pink Sheet, May 2025"
    assert found.contents[0].startswith("2020 to 2021, 2 rows: Year, Coffee, Arabica, nominal")
    undated = monthly()
    undated["Monthly Prices"][3] = ["as of today"]
    found = describe(save(tmp_path / "u.xlsx", undated))
    assert (found.key, found.said["published"]) == ("wb_pink_sheet_to_2021", None)


def test_annual_prices_of_other_years_are_read_nominal_and_real(tmp_path):
    frame = read_pink_sheet(save(tmp_path / "a.xlsx", annual(2031))).frame
    assert list(frame.index) == [
        f"Annual_Prices_({k})!{r}" for k in ("Nominal", "Real") for r in (9, 10, 11, 12)
    ]
    assert frame["Year"].tolist() == ["2031", "2032", "2033", "2034"] * 2
    assert frame.at["Annual_Prices_(Nominal)!10", ARABICA] == "3.1"
    assert float(frame.at["Annual_Prices_(Real)!11", REAL]) == pytest.approx(3.2 / 1.1)


def test_another_commodity(tmp_path):
    path = save(tmp_path / "m.xlsx", monthly())
    lamb = read_pink_sheet(path, commodities=("Lamb",)).frame
    assert lamb["Lamb, nominal ($/kg)"].tolist() == ["4.5", "4.5"]


MONTHLY = {
    "sheet missing": (changed(lambda s: s.pop("Monthly Prices") and s), "refused"),
    "sheet renamed": (renamed("Hoja1", "Monthly Prices"), "harmless"),
    "sheet doubled": (changed(lambda s: s.update({"Monthly Prices 2": s["Monthly Prices"]})), "refused"),
    "sheet named real": (renamed("Monthly Prices (Real)", "Monthly Prices"), "refused"),
    "no title": (rows_of(lambda r: [[], *r[2:]]), "refused"),
    "no names": (rows_of(lambda r: r[:4] + r[5:]), "refused"),
    "no units": (rows_of(lambda r: r[:5] + r[6:]), "refused"),
    "column missing": (rows_of(lambda r: [row[:2] + row[3:] for row in r]), "refused"),
    "columns moved": (rows_of(lambda r: [[*row[:1], *row[:0:-1]] for row in r]), "harmless"),
    "shifted right": (rows_of(lambda r: [[None, *row] for row in r]), "harmless"),
    "shifted down": (rows_of(lambda r: [[], [], *r]), "harmless"),
    "a row shifted left": (rows_of(lambda r: [*r[:9], r[9][1:], *r[10:]]), "refused"),
    "a row shifted right": (rows_of(lambda r: [*r[:9], [None, *r[9]], *r[10:]]), "refused"),
    "codes under the units": (rows_of(lambda r: [*r[:6], [None, "COAL", "COFFEE_ARABIC", "COFFEE_ROBUS", "LAMB"], *r[6:]]), "harmless"),
    "notes at the end": (rows_of(lambda r: [*r, [], ["Source: World Bank"]]), "harmless"),
    "a mean at the end": (rows_of(lambda r: [*r, ["Average", None, 3.1, 1.6, 4.5]]), "refused"),
    "a mean inside": (rows_of(lambda r: [*r[:18], ["2020", None, 3.065, 1.565, 4.5], *r[18:]]), "refused"),
    "an empty row inside": (rows_of(lambda r: [*r[:18], [], *r[18:]]), "harmless"),
    "a month doubled": (rows_of(lambda r: [*r[:10], r[9], *r[10:]]), "refused"),
    "a month missing": (rows_of(lambda r: [*r[:10], *r[11:]]), "refused"),
    "months out of order": (rows_of(lambda r: [*r[:10], r[11], r[10], *r[12:]]), "refused"),
    **hostile.each(put, "refused", {
        (2, 1): ["monthly prices in real 2015 US dollars"], (5, 3): ["Coffee, Mild"],
        (5, 5): ["Coffee, Arabica"], (6, 3): ["($/bag)", None], (7, 1): [None],
        (12, 1): ["2020M13", dt.date(2020, 6, 1), None],
        (12, 3): ["3,061", "3.O6", -3.06, 0, None, "…", "#N/A", True, "=3+0.06"],
    }),
    **hostile.each(put, "reported", {(12, 3): ["3.06", "3,06"]}),
    **hostile.each(put, "harmless", {
        (5, 3): [" Coffee,  Arabica **"], (5, 2): ["Lamb"], (6, 3): ["( $/kg )"],
    }),
    "a number above the names": (rows_of(lambda r: [*r[:3], ["Updated in", None, 2025], *r[4:]]), "harmless"),
    "formula beside": (put(2, 2, "=1+1", "Description"), "harmless"),
}  # fmt: skip
ANNUAL = {
    "no real prices": (changed(lambda s: s.pop("Annual Prices (Real)") and s), "refused"),
    "sheets' names swapped": (changed(lambda s: dict(zip(s, reversed(s.values()), strict=True))), "refused"),
    "years missing": (rows_of(lambda r: [*r[:9], *r[10:]], "Annual Prices (Real)"), "refused"),
    "real of 2015": (put(2, 1, "annual prices, 1960 to present, real 2015 US dollars", "Annual Prices (Real)"), "refused"),
    **{f"the first year {year!r}": (put(9, 1, year, "Annual Prices (Nominal)"), expected) for year, expected in (
        ("2009", "harmless"), ("2009 p/", "refused"), (2009.5, "refused"),
    )},
}  # fmt: skip


test_a_mutated_monthly_workbook = hostile.slips(read_pink_sheet, save, monthly, MONTHLY)
test_a_mutated_annual_workbook = hostile.slips(read_pink_sheet, save, annual, ANNUAL)


def test_a_hidden_sheet_is_not_read(tmp_path):
    path = save(tmp_path / "m.xlsx", monthly(), hidden=("Monthly Prices",))
    assert not recognise(path)
    with pytest.raises(DataError, match=r"m\.xlsx: no sheet titled .* hidden: Monthly Prices"):
        read_pink_sheet(path)


# ---- the table that is made of it -------------------------------------------------------------


def later(extra_year=2025):
    """Months of 2023 to 2025 at the known yearly means (2025: 8 and 5 US$), two of 2026."""
    known = load("coffee_world_price").set_index("year")
    rows = []
    for year in (2023, 2024, 2025, 2026):
        for number in range(1, 13 if year < 2026 else 3):
            columns = ["arabica_nominal_usd_per_kg", "robusta_nominal_usd_per_kg"]
            a, r = (8.0, 5.0) if year > 2024 else known.loc[year, columns]
            rows.append([f"{year}M{number:02}", "…", float(a), float(r), 4.5])
    sheets = monthly()
    sheets["Monthly Prices"][6:] = rows
    sheets["Monthly Prices"][3] = ["Updated on March 03, 2026"]
    return sheets


def world(tmp_path, sheets):
    tmp_path.mkdir(exist_ok=True)
    root = project(tmp_path / "raw", "wb_pink*")
    return root, add(root, save(tmp_path / "CMO Historical Data.xlsx", sheets))


def test_a_later_vintage_stands_beside_the_first(tmp_path):
    root, file = world(tmp_path, later())
    assert file.parent.name == "wb_pink_sheet_2026_03"
    out, ledger = made(root, "coffee_world_price")
    new = out[out["source"] == "wb_pink_sheet_2026_03"].set_index("year")
    assert list(new.index) == [2023, 2024, 2025] and len(out) == 65 + 3
    assert new.at[2025, "arabica_nominal_usd_per_kg"] == 8
    assert new["arabica_real_usd_2010_per_kg"].isna().all()
    assert new.at[2025, "origin"] == f"wb_pink_sheet_2026_03/{file.name}:" + "+".join(
        f"Monthly_Prices!{row}" for row in range(31, 43)
    )
    counts, _ = ledger.account({"coffee_world_price": out})
    account = counts.set_index("file").loc[f"wb_pink_sheet_2026_03/{file.name}"]
    assert account[["rows_in", "rows_kept", "rows_rejected"]].tolist() == [38, 36, 2]


def test_files_of_one_publication_make_one_row_a_year(tmp_path):
    root = project(tmp_path / "raw", "wb_pink*")
    sheets = later()
    sheets["Monthly Prices"][6][2] += 0.0006  # the mean of 2023 moves by 0.00005, under 0.1 %
    folder = root / "wb_pink_sheet_2025_05"
    path = save(folder / "monthly.xlsx", sheets)
    add(root, path)
    out, _ = made(root, "coffee_world_price")
    row = out.set_index("year").loc[2023]
    assert len(out) == 66 and out["source"].nunique() == 1
    before = load("coffee_world_price").set_index("year").at[2023, "arabica_nominal_usd_per_kg"]
    assert row["arabica_nominal_usd_per_kg"] == pytest.approx(before + 0.00005)
    assert row["arabica_real_usd_2010_per_kg"] > 3  # from the transcription: months have none
    assert row["origin"].count(" ") == 1


def times(factor, columns=(2, 3), rows=slice(6, None)):
    def change(sheets):
        for row in sheets["Monthly Prices"][rows]:
            for column in columns:
                row[column] *= factor

    return changed(change)


CLEANED = {
    "as it is": (changed(lambda s: None), "harmless"),
    **{f"a cell ×{f:g}": (times(f, (2,), slice(20, 21)), "refused") for f in (10, 0.1)},
    **{f"a year ×{f:g}": (times(f, (2,), slice(18, 30)), "refused") for f in (10, 0.1)},
    **{f"a column ×{f:g}": (times(f, (3,)), "refused") for f in (10, 0.1)},
    **{f"all ×{f:g}": (times(f), "refused") for f in (10, 0.1)},
    "the unit alone": (put(6, 3, "($/mt)"), "refused"),
    "both units alone": (changed(lambda s: s["Monthly Prices"].__setitem__(5, [None, "($/mt)", "(¢/lb)", "(¢/lb)", None])), "refused"),
    "columns swapped": (changed(lambda s: s["Monthly Prices"].__setitem__(4, [None, "Coal", "Coffee, Robusta", "Coffee, Arabica", "Lamb"])), "refused"),
    "a year moved": (rows_of(lambda r: [*r[:6], *[[f"{int(x[0][:4]) - 1}{x[0][4:]}", *x[1:]] for x in r[6:]]]), "refused"),
    "the last month of a year missing": (rows_of(lambda r: r[:41]), "reported"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEANED)
def test_a_slip_that_only_the_table_shows(tmp_path, good, name):
    change, expected = CLEANED[name]
    try:
        root, _ = world(tmp_path / "bad", change(later()))
    except DataError:
        assert expected == "refused"
        return
    assert fate(root, "coffee_world_price", good) == expected


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return made(world(tmp_path_factory.mktemp("good"), later())[0], "coffee_world_price")[0]


def test_a_slip_in_the_real_prices_shows_in_the_deflator(tmp_path):
    sheets = annual(2009)
    known = load("coffee_world_price").set_index("year")
    for name, basis in (("Nominal", "nominal_usd"), ("Real", "real_usd_2010")):
        for row in sheets[f"Annual Prices ({name})"][8:]:
            kinds = ("arabica", "robusta")
            row[2:4] = [float(known.at[row[0], f"{kind}_{basis}_per_kg"]) for kind in kinds]
    root, _ = world(tmp_path, sheets)
    out, _ = made(root, "coffee_world_price")
    assert len(out) == 65 + 4
    sheets["Annual Prices (Real)"][9][2] *= 1.2
    root, _ = world(tmp_path / "bad", sheets)
    with pytest.raises(DataError, match=r"_\(Real\)!10: Arabica's deflator over Robusta's"):
        made(root, "coffee_world_price")
