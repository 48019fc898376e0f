"""World Development Indicators: the download, the bulk file and the databank's layout."""

# ruff: noqa: E501  (one mutation a line)

import csv
import io

import hostile
import pytest
from published import add, changed, fate, made, project

from valuechains.core.errors import DataError
from valuechains.extract.registry import FORMATS
from valuechains.tables import load

FORMAT = FORMATS["wdi"]
read_wdi, describe, recognise = FORMAT.read, FORMAT.describe, FORMAT.recognise
RATE = "Official exchange rate (LCU per US$, period average)"
CPI = "Consumer price index (2010 = 100)"
YEARS = [1960, 1961, *range(2008, 2013)]


def text(rows, delimiter=",", quoting=csv.QUOTE_ALL):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)
    return out.getvalue()


def download():
    """As downloaded: title lines, a column too many. Six years of figures, the last year none."""
    return [
        ["Data Source", "World Development Indicators", ""], [], ["Last Updated Date", "2025-07-01", ""], [],
        ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *range(2008, 2015), ""],
        ["Türkiye", "TUR", CPI, "FP.CPI.TOTL", *[90.5] * 7, ""],
        ["Peru", "PER", RATE, "PA.NUS.FCRF", "2.92440833", "3.0115", "2.82513333", "2.75409166", "2.63755833", "2.70185", "", ""],
        ["Peru", "PER", CPI, "FP.CPI.TOTL", "95.7003", "98.5106", "100", "103.3698", "107.1472", "110.1555", "", ""],
        ["Peru", "PER", "GDP growth (annual %)", "NY.GDP.MKTP.KD.ZG", "9.1", *[""] * 6, ""],
    ]  # fmt: skip


def databank():
    """As exported from the databank: years chosen, `..` for missing, footer lines."""
    labels = ["Country Name", "Country Code", "Series Name", "Series Code"]
    return [
        [*labels, *[f"{year} [YR{year}]" for year in (1990, 2000, 2010, 2024, 2025)]],
        ["Peru", "PER", CPI, "FP.CPI.TOTL", "3.14317", "79.16189", "100", "163.02509", ".."],
        ["Peru", "PER", RATE, "PA.NUS.FCRF", "0.18788583333", "3.49", "2.82513333", "3.7525", ".."],
        [""] * 9, [""] * 9,
        ["Data from database: World Development Indicators", *[""] * 8],
        ["Last Updated: 07/15/2025", *[""] * 8],
    ]  # fmt: skip


def save(path, rows, **how):
    path.write_text(text(rows, **how), encoding="utf-8-sig")
    return path


def test_the_download_is_read_line_by_line(tmp_path):
    path = save(tmp_path / "API_PER.csv", download())
    assert next(n for n, one in FORMATS.items() if one.recognise(path)) == "wdi"
    table = read_wdi(path)
    # The rates stand in line 7, the index in line 8; 2008 in column E. 2014 has no figure.
    assert list(table.frame.index) == [f"{column}7+{column}8" for column in "EFGHIJ"]
    assert table.frame.loc["F7+F8"].tolist() == ["2009", "3.0115", "98.5106"]
    assert table.unused == {"other countries and indicators": 2}
    turkey = read_wdi(path, country="TUR").frame
    assert turkey.iloc[0].tolist() == ["2008", "", "90.5"] and len(turkey) == 7


def test_indicators_are_known_in_any_case(tmp_path):
    rows = [[cell.upper() if cell in (RATE, CPI) else cell for cell in row] for row in download()]
    assert len(read_wdi(save(tmp_path / "upper.csv", rows)).frame) == 6


def test_the_databank_s_layout_and_the_bulk_file(tmp_path):
    bank = read_wdi(save(tmp_path / "bank.csv", databank())).frame
    assert bank["year"].tolist() == ["1990", "2000", "2010", "2024"]
    assert bank.loc["H2+H3"].tolist() == ["2024", "3.7525", "163.02509"]
    rows = [row[:-1] for row in download()[4:]]
    bulk = read_wdi(save(tmp_path / "WDICSV.csv", rows, quoting=csv.QUOTE_MINIMAL)).frame
    downloaded = read_wdi(save(tmp_path / "d.csv", download())).frame
    assert bulk.reset_index(drop=True).equals(downloaded.reset_index(drop=True))


def test_what_a_file_says_of_itself(tmp_path):
    found = describe(save(tmp_path / "a.csv", download()))
    assert (found.key, found.said["published"]) == ("wdi_2025_07", "2025-07-01")
    assert found.said["short"] == "World Development Indicators, July 2025"
    assert found.contents[0] == "2008 to 2013, 6 rows: year, PA.NUS.FCRF, FP.CPI.TOTL"
    assert describe(save(tmp_path / "b.csv", databank())).said["published"] == "2025-07-15"
    assert describe(save(tmp_path / "c.csv", download()[4:])).key == "wdi_to_2013"
    assert found.said["locator"] == "PA.NUS.FCRF and FP.CPI.TOTL, Peru, 2008 to 2013"
    rates = [row for row in download() if CPI not in row]  # nothing is said to be of it that is not
    alone = describe(save(tmp_path / "d.csv", rates))
    assert alone.contents[0] == "2008 to 2013, 6 rows: year, PA.NUS.FCRF"
    assert alone.said["locator"] == "PA.NUS.FCRF, Peru, 2008 to 2013"


def test_tiny_numbers_of_other_currencies_are_plain_digits(tmp_path):
    rows = download()
    rows[6][4] = "2.68000000023809E-08"
    found = read_wdi(save(tmp_path / "a.csv", rows)).frame
    assert found["PA.NUS.FCRF"].iloc[0] == "0.0000000268000000023809"


def test_a_quote_that_ends_within_a_cell_is_refused(tmp_path):
    path = save(tmp_path / "a.csv", download())
    path.write_text(path.read_text().replace('"Peru","PER"', '"Peru"s,"PER"', 1))
    with pytest.raises(DataError, match=r"a\.csv, row 7: not a row delimited by ','"):
        read_wdi(path)


def test_a_year_that_stands_twice_is_named_as_such_when_the_file_is_added(tmp_path):
    rows = download()
    rows[4][6] = rows[4][5]
    path = save(tmp_path / "a.csv", rows)
    assert recognise(path)
    with pytest.raises(
        DataError, match=r"a\.csv, row 5: more than one column .2009., expected one"
    ):
        describe(path)


def put(row, column, value):
    return changed(lambda rows: rows[row - 1].__setitem__(column - 1, value))


def each(change):
    return changed(lambda rows: [change(row) if len(row) > 4 else row for row in rows])


DOWNLOAD = {
    "another database": (put(1, 2, "Global Economic Monitor"), "refused"),
    "column missing": (each(lambda r: [r[0], *r[2:]]), "refused"),
    "header in capitals": (put(5, 2, "COUNTRY CODE"), "harmless"),
    "columns moved": (each(lambda r: [r[2], r[3], r[0], r[1], *r[4:]]), "harmless"),
    "year missing": (each(lambda r: r[:6] + r[7:]), "refused"),
    "no years": (each(lambda r: r[:4]), "refused"),
    "years out of order": (changed(lambda r: r[4].__setitem__(slice(4, 6), ["2009", "2008"])), "refused"),
    "no title lines": (changed(lambda r: r[4:]), "harmless"),
    "blank lines": (changed(lambda r: [*r[:6], [], *r[6:]]), "reported"),
    "a row shifted left": (changed(lambda r: r[6].pop(4)), "refused"),
    "a row shifted right": (changed(lambda r: r[6].insert(4, "1")), "refused"),
    "a figure beyond the years": (put(7, 12, "2.8"), "refused"),
    "country doubled": (changed(lambda r: r.append(r[6])), "refused"),
    "a revised row under the first": (changed(lambda r: r.append([*r[6][:4], "9", *r[6][5:]])), "refused"),
    "no row of the country": (changed(lambda r: [row for row in r if row[:1] != ["Peru"]]), "refused"),
    "country code lost": (changed(lambda r: [row.__setitem__(1, "") for row in r[6:]] and None), "refused"),
    "decimal comma": (put(7, 5, "2,92440833"), "reported"),
    "both": (put(7, 6, "1,003.0115"), "reported"),
    "missing at the end as points": (put(7, 11, ".."), "harmless"),
    "sum row": (changed(lambda r: r.append(["World", "WLD", CPI, "FP.CPI.TOTL", *["100"] * 7, ""])), "reported"),
    **hostile.each(put, "refused", {
        (5, 3): ["Indicator Code"], (5, 4): ["Indicator"], (5, 6): ["2008", "", "2009p"],
        (7, 3): ["Official exchange rate (LCU per US$, end of period)"],
        (7, 6): ["3,011", "3.O115", "-3.0115", "3 %", "", "..", "=3+0.0115"],
        (8, 3): ["Consumer price index (2015 = 100)"],
    }),
}  # fmt: skip
DATABANK = {
    "a year twice": (put(1, 6, "1990 [YR1990]"), "refused"),
    "years that differ": (put(1, 6, "2000 [YR2001]"), "refused"),
    "no footer": (changed(lambda r: r[:3]), "reported"),
    "a note": (changed(lambda r: [*r[:3], ["Note: …", *[""] * 8], *r[3:]]), "reported"),
    "rows cut": (changed(lambda r: [*r[:2], r[2][:5], *r[3:]]), "refused"),
}  # fmt: skip


test_a_mutated_download = hostile.slips(read_wdi, save, download, DOWNLOAD)
test_a_mutated_databank = hostile.slips(read_wdi, save, databank, DATABANK)
# What becomes of the download in an encoding, or with another delimiter.
WRITTEN = dict.fromkeys(["latin-1", "cp437", "utf-16", "utf-16-le"], "refused")
WRITTEN |= dict.fromkeys([";", "\t"], "harmless")
test_encodings_and_delimiters = hostile.slips(
    read_wdi, hostile.binary, lambda: text(download()).encode(), {
        how: (lambda _, how=how: text(download(), how).encode() if len(how) == 1
              else text(download()).encode(how), expected)
        for how, expected in WRITTEN.items()
    },
)  # fmt: skip


def test_files_of_other_kinds_are_not_claimed(tmp_path):
    rows = download()
    rows[0][1] = "Global Economic Monitor"
    assert not recognise(save(tmp_path / "gem.csv", rows))
    bank = databank()
    bank[5][0] = "Data from database: Africa Development Indicators"
    assert not recognise(save(tmp_path / "adi.csv", bank))
    labels = ["Country Name", "Country Code", "Year", "Value"]
    assert not recognise(save(tmp_path / "long.csv", [labels, ["Peru", "PER", 2010, 1]]))


# ---- the table that is made of it -------------------------------------------------------------


def world(folder, rows):
    folder.mkdir()
    root = project(folder / "raw", "wdi_ddf")
    add(root, save(folder / "API_PER_DS2.csv", rows))
    return root


def test_a_later_vintage_stands_beside_the_first(tmp_path):
    rows = databank()
    rows[1][-1], rows[2][-1] = "165.5", "3.6"  # 2025 is new
    root = world(tmp_path / "a", rows)
    out, ledger = made(root, "peru_prices")
    new = out[out["source"] == "wdi_2025_07"].set_index("year")
    assert len(out) == 35 + 5 and list(new.index) == [1990, 2000, 2010, 2024, 2025]
    assert new.loc[2025, ["exchange_rate_pen_per_usd", "cpi_2010_100"]].tolist() == [3.6, 165.5]
    known = load("peru_prices").set_index("year")
    assert new.at[1990, "cpi_2010_100"] == known.at[1990, "cpi_2010_100"] == 3.14317
    assert new.at[2025, "origin"] == "wdi_2025_07/api-per-ds2.csv:I2+I3"
    ledger.account({"peru_prices": out})


def test_years_of_other_currencies_are_left_out(tmp_path):
    rows = databank()
    rows[0][4] = "1989 [YR1989]"
    rows[1][4], rows[2][4] = "0.0411", "0.0026661"
    out, _ = made(world(tmp_path / "a", rows), "peru_prices")
    assert out["year"].min() == 1990


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return made(world(tmp_path_factory.mktemp("good") / "a", download()), "peru_prices")[0]


CLEANED = {
    "as it is": (changed(lambda r: None), "harmless"),
    **{f"rate, a cell ×{f:g}": (put(7, 6, f"{3.0115 * f:.7f}"), "refused") for f in (10, 0.1)},
    **{f"index, a cell ×{f:g}": (put(8, 6, f"{98.5106 * f:.7f}"), "refused") for f in (10, 0.1)},
    **{f"rate ×{f:g}": (changed(lambda r, f=f: r[6].__setitem__(slice(4, 10), [f"{float(x) * f:.9f}" for x in r[6][4:10]])), "refused") for f in (10, 0.1)},
    **{f"index ×{f:g}": (changed(lambda r, f=f: r[7].__setitem__(slice(4, 10), [f"{float(x) * f:.9f}" for x in r[7][4:10]])), "refused") for f in (10, 0.1)},
    "rows swapped": (changed(lambda r: (r[6].__setitem__(slice(2, 4), [CPI, "FP.CPI.TOTL"]), r[7].__setitem__(slice(2, 4), [RATE, "PA.NUS.FCRF"]))), "refused"),
    "years moved": (changed(lambda r: r[4].__setitem__(slice(4, 11), range(2009, 2016))), "refused"),
    "years before 1990 only": (changed(lambda r: r[4].__setitem__(slice(4, 11), range(1970, 1977))), "refused"),
    "a row shifted left, blank at its end": (changed(lambda r: (r[6].pop(4), r[6].append(""))), "refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEANED)
def test_a_slip_that_only_the_table_shows(tmp_path, good, name):
    change, expected = CLEANED[name]
    try:
        root = world(tmp_path / "bad", change(download()))
    except DataError:  # the layout sees it already
        assert expected == "refused"
        return
    assert fate(root, "peru_prices", good) == expected


def test_the_download_of_the_spanish_site(tmp_path):
    rate = "Tasa de cambio oficial (UMN por US$, promedio para un período)"
    words = {RATE: rate, CPI: "Índice (2010 = 100)"}
    rows = [[words.get(cell, cell) for cell in row] for row in download()]
    spanish = read_wdi(save(tmp_path / "API_PA.NUS.FCRF_DS2_es_csv_v2_1.csv", rows))
    english = read_wdi(save(tmp_path / "API_PA.NUS.FCRF_DS2_en_csv_v2_1.csv", download()))
    assert spanish.frame.equals(english.frame)
