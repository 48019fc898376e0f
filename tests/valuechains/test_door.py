"""``import valuechains as vc``: quick, one line for what is not there, examples that run."""

import doctest
import pkgutil
import pydoc
import re
import rlcompleter
import subprocess
import sys
import warnings
from html import unescape
from importlib import import_module

import pandas as pd
import pytest
from IPython.core.formatters import PlainTextFormatter
from matplotlib.figure import Figure as MatplotlibFigure
from PIL import Image

import valuechains as vc
from valuechains import lab, select
from valuechains.core import errors
from valuechains.core import language as tongue
from valuechains.core.errors import DataError, ValueChainsError
from valuechains.core.paths import ROOT
from valuechains.tables import own, words

MODULES = [module.name for module in pkgutil.walk_packages(vc.__path__, "valuechains.")]


def test_the_door_opens_quickly():
    code = (
        "import sys, valuechains as vc; here = vc.scope('Cusco', 2000, 2013)\n"
        "assert here.names == ['Cusco'] and not {'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(AttributeError, match=r"no 'lines' .did you mean line.*there are tables"):
        vc.lines  # noqa: B018
    for name, cure in (("hhi", r"there is vc\.indicators\.hhi"), ("language", "language='es' in")):
        with pytest.raises(AttributeError, match=cure):
            getattr(vc, name)
    with pytest.raises(DataError, match=r"^no table 'coffee'; there.*coffee_regional.*; vc.tab"):
        vc.load("coffee")
    with pytest.raises(DataError, match=r"^no table 'cofee_ico' \(did you mean coffee_ico"):
        vc.load("cofee_ico")
    with pytest.raises(AttributeError) as raised:
        vc.indicators.Gini  # noqa: B018
    assert len(raised.value._render_traceback_()) == 1  # what a notebook shows


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            lambda: vc.plot(PRICE),
            r"plot is no function: vc\.line\(rows\), vc\.bar, .*there are Figure",
        ),
        (lambda: vc.indicators.growth(PRICE), "growth.* there are .*cagr"),
        (lambda: vc.indicators.gini and vc.indicators.concentration(3), "is no function.* gini"),
        (lambda: select.camelids.herds, "no 'herds' .did you mean herd"),
        (lambda: vc.tables.load_all, "tables has no 'load_all'"),
        (lambda: select.camelids.herd("guanaco", HERE), "no species 'guanaco'; there are alpaca"),
        (lambda: select.camelids.yearbook("lama", "heads"), "no species 'lama' .did you mean ll"),
        (lambda: vc.load("prize"), "no table 'prize' .did you mean coffee_world_price"),
        (lambda: vc.pick("coffee_regional", "prize"), "did you mean farm_price_pen_per_kg"),
        (lambda: vc.line(PRICE, value="valeu"), "which column.* .did you mean value"),
        (lambda: vc.map(PRICE, years=(2005, 2007)), "no argument 'years' .did you mean year"),
        (lambda: vc.map(PRICE, year=(2005, 2007)), r"year is \(2005, 2007\), expected int"),
        (lambda: vc.line(PRICE).show(), r"show\(\) is for notebooks; .*save\('picture.png'\)"),
        (lambda: vc.line(PRICE).save("x.svg", data="x.xlsx"), r"x\.xlsx: data are saved as \.csv"),
        (lambda: vc.line(PRICE).save("x.svg", data="no/x.csv"), "in a folder that there is"),
    ],
)
def test_what_an_analyst_may_well_mistake_is_one_line(wrong, said):
    with pytest.raises(ValueChainsError, match=said):
        wrong()


def test_two_years_are_first_and_last_unless_they_are_a_list():
    name, cusco = "coffee_regional", vc.scope("Cusco", years=(2005, 2007))
    assert cusco == vc.scope("Cusco", 2005, 2007)
    for years in ({"years": (2005, 2007)}, {"year": (2005, 2007)}, {"year": range(2005, 2008)}):
        assert vc.pick(name, "price", "Cusco", **years)["year"].tolist() == [2005, 2006, 2007]
        assert {*vc.load(name, **years)["year"]} == {2005, 2006, 2007}
    assert vc.pick(name, "price", "Cusco", year=[2005, 2007])["year"].tolist() == [2005, 2007]
    seen = vc.coverage(name, "price", years=(2005, 2007))
    assert [*seen.data][:3] == ["2005", "2006", "2007"] and not seen.subtitle
    assert len(vc.where(name, "price", "Cusco", years=(2011, 2011)).chosen) == 1
    for careless, said in (
        (lambda: vc.pick(name, "price", years=(2005, 2006, 2007)), r"others year=\[…\]"),
        (lambda: vc.pick(name, "price", cusco, years=(2005, 2006)), "two are first and last"),
        (lambda: vc.scope("Cusco", years=[2005, 2007]), r"years is \[2005, 2007\], expected tuple"),
        (lambda: vc.scope("Cusco", 2005, years=(2005, 2007)), "expected departments, then first"),
    ):
        with pytest.raises(ValueChainsError, match=said):
            careless()


def test_a_figure_shows_itself_where_a_notebook_asks_it(monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr("IPython.get_ipython", object)
    monkeypatch.setattr("IPython.display.display", shown.append)
    figure, mine = vc.line(PRICE), MatplotlibFigure()
    figure.show()
    vc.line(PRICE, ax=mine.subplots()).show()
    assert shown == [figure, mine]
    figure.save(tmp_path / "x.svg", data=str(tmp_path / "y.csv"))
    assert {path.name for path in tmp_path.iterdir()} == {"x.svg", "y.csv"}


def test_a_citation_reads_as_text_in_a_cell():
    cited = vc.cite(["report_eu_peru_2016", "A <b> & c"])
    assert isinstance(cited, str) and cited == str(cited) and repr(cited) == str(cited)
    assert PlainTextFormatter()(cited) == cited and "\n" in cited
    assert cited._repr_html_().count("<p>") == 2 and "A &lt;b&gt; &amp; c." in cited._repr_html_()


def test_axes_of_ones_own_say_their_source_under_them():
    figure = MatplotlibFigure(layout="constrained")
    left, right = figure.subplots(1, 2)
    vc.line(PRICE, ax=left)
    vc.map({"Cusco": 3.0}, source="My own count", ax=right)
    assert left.get_xlabel() == "Source: EU–Peru report 2016."
    assert right.get_xlabel() == "Source: My own count."
    figure.draw_without_rendering()
    for ax in (left, right):  # there is room for both
        assert ax.xaxis.label.get_window_extent().y0 >= 0
        assert ax.get_tightbbox().y1 <= figure.bbox.y1


def test_completion_shows_what_is_ours_and_nothing_else():
    assert dir(vc) == sorted(vc.__all__)
    for module in (vc.tables, vc.indicators, vc.plot, select.camelids):
        assert not {"pd", "np", "Any", "places", "DataError", "t", "annotations"} & {*dir(module)}
    assert "herd" in dir(select.camelids) and "listed" in dir(vc.tables)
    assert {*rlcompleter.Completer({"vc": vc}).attr_matches("vc.t")} == {"vc.table(", "vc.tables("}
    assert {"tables", "load", "describe", "where", "cite", "scope", "map"} <= set(vc.__all__)
    assert all(getattr(vc, name).__doc__ for name in vc.__all__)
    rooms = {"indicators": {"hhi", "cagr"}, "plot": {"lines"}, "select": {"coffee"}}
    for room, names in rooms.items():
        assert names <= {*dir(import_module(f"valuechains.{room}"))}


def test_coverage_can_be_of_one_kind():
    alpacas = vc.coverage("camelid_herds", "heads", species="alpaca")
    assert alpacas.subtitle == "alpaca"
    assert vc.coverage("camelid_yearbooks", "heads").subtitle == "alpaca, llama"
    both = vc.coverage("camelid_herds", "heads", species=["alpaca", "vicuna"])
    assert len(alpacas.data) < len(both.data)


def test_the_list_of_tables_has_the_name_of_their_folder():
    import valuechains.tables.build  # noqa: F401

    assert vc.tables("Cofféé").index[0] == "coffee_regional" and len(vc.tables()) >= 60
    assert vc.tables("alpaca").index[0] == "camelid_yearbooks"
    assert vc.tables().loc["coffee_regional", "years"] == "2000–2016, 2019–2025"


def test_where_lists_all_figures_of_a_fact_in_the_order_of_the_table():
    fact = vc.where("coffee_regional", ubigeo="08", year=2011)
    order = ["production_t", "yield_kg_per_ha", "farm_price_pen_per_kg"]  # two sources
    assert fact.chosen["field"].tolist() == order


def test_a_figure_says_where_it_is_from_and_how_to_cite_it(tmp_path):
    fact = vc.where("coffee_regional", "farm_price_pen_per_kg", ubigeo="Cuzco", year=2011)
    assert "shown | farm_price_pen_per_kg | 8.89" in repr(fact) and "<table>" in fact._repr_html_()
    rows = vc.pick("coffee_regional", "production_t", vc.scope("Cusco", "Puno", 2005, 2010))
    figure = vc.line(rows)
    assert vc.cite(figure).startswith("crofils_minagri_boletin: C. Crofils")
    assert vc.cite(rows) == vc.cite(figure)
    figure.save(tmp_path / "coffee.svg", data=True)
    saved = pd.read_csv(tmp_path / "coffee.csv")
    assert len(saved) == len(rows) == 12
    heads = ["year", "ubigeo", "ubigeo_name", "value (t)", "source", "origin"]
    assert [*saved] == heads and {*saved["ubigeo_name"]} == {"Cusco", "Puno"}
    vc.bar({"Coffee": 4}, "Farms").save(tmp_path / "own.svg", data=True)
    assert [*pd.read_csv(tmp_path / "own.csv")] == ["label", "value (Farms)"]
    with pytest.raises(DataError, match=r"^no source 'report_eu_peru' \(did you mean report_eu"):
        vc.cite("report_eu_peru")


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (pd.DataFrame({"department": ["Cusko"], "n": [1]}), "'Cusko' is .* did you mean Cusco"),
        (pd.DataFrame({"department": ["Cusco"], "a": [1], "b": [2]}), "which column.* a, b"),
        (pd.DataFrame({"n": [1]}), "no column 'ubigeo' or 'department'; there are n: .*rename"),
        (pd.DataFrame({"department": ["Cusco"], "n": ["x"]}), "texts are no numbers"),
        (pd.DataFrame({"department": ["Cusco"], "n": [float("inf")]}), "holds inf"),
        (pd.DataFrame({"department": ["Cusco", None], "n": [1, 2]}), "'nan' is not a department"),
        (["Cusco"], r"frame is \['Cusco'\], expected DataFrame \| Series"),
    ],
)
def test_a_frame_that_cannot_be_a_map_is_refused_in_a_line(frame, error):
    with pytest.raises(ValueChainsError, match=error):
        vc.map(frame)


def test_a_chart_in_axes_of_ones_own_leaves_the_figure_as_it_is(tmp_path):
    mine = MatplotlibFigure(figsize=(9, 4), layout="constrained")
    left, right = mine.subplots(1, 2)
    rows = vc.pick("coffee_regional", "production_t", vc.scope("Cusco", "Tacna", 2010, 2013))
    line = vc.line(rows, "Coffee", ax=left)
    vc.map(pd.Series({"Cusco": 3.0, "Puno": -4.0}), ax=right)
    assert mine.get_size_inches().tolist() == [9, 4] and mine.axes == [left, right]
    assert left.get_title(loc="left") == "Coffee\nt" and len(line.data) == 4
    assert line._repr_mimebundle_()[0] == {"text/plain": line.alt}  # the picture is one's own
    assert vc.cite(line) == vc.cite(rows) and line.alt.endswith("No figure: Tacna.")
    line.save(tmp_path / "both.png", data=True)
    assert Image.open(tmp_path / "both.png").size == (900, 400)
    assert vc.bar(rows.query("year == 2013"), ax=left).ax is left
    wide = pd.DataFrame({"a": [1.0, 2.0]}, [2000, 2001])
    with pytest.raises(DataError, match="ax: this chart needs several axes"):
        vc.plot.panels({"08": wide, "21": wide}, "t", ax=left)


def test_default_titles_and_units_are_in_the_language_in_use(monkeypatch):
    monkeypatch.setattr(tongue, "_current", "es")
    known = {"Harvested area": "Superficie cosechada", "Animals": "Animales", "heads": "cabezas"}
    monkeypatch.setattr(tongue, "_catalogue", lambda _: known)
    assert known.keys() <= {*words()}  # of the data: they are in the catalogue
    assert vc.line(vc.pick("coffee_regional", "area_ha", "Cusco")).title == "Superficie cosechada"
    rows = vc.load("camelid_yearbooks").query("ubigeo == '08' and species == 'llama'")
    figure = vc.line(rows.drop_duplicates("year"), value="heads")
    assert (figure.title, figure.subtitle) == ("Animales", "cabezas")


def test_what_an_analyst_may_well_pass_is_drawn_or_refused():
    assert vc.map(pd.DataFrame({"UBIGEO": [8, 21], "n": [1, 2]})).said[0] == "Puno 2."
    assert vc.line(pd.Series([1.0, 2.0], ["2000", "2001"], name="Cuzco")).said[0][:5] == "Cusco"
    rows = vc.pick("coffee_regional", "production_t", ubigeo=["Cusco", "Puno"], year=[2011, 2012])
    assert len(rows) == 4 == len(vc.line(rows.groupby(["ubigeo", "year"])["value"].sum()).data)
    as_text = vc.map(rows.astype({"year": str}), year=2012)  # as many an own file has them
    assert as_text.alt == vc.map(rows, year=2012).alt
    by_year = pd.Series([3.0, 4.0], pd.Index([2010, 2011], name="year"), name="08")
    assert vc.bar(by_year).said == ["2010: 3.", "2011: 4."]
    for call, error in (
        (lambda: vc.bar(rows), "two rows of Cusco: one bar a place"),
        (lambda: vc.line(pd.DataFrame({"Cusco": [float("nan")]}, [2000])), "there is no figure"),
        (lambda: vc.pick("coffee_regional", "production_t", ubigeo="Kusco"), "did you mean Cusco"),
        (lambda: vc.where("coffee_regional", "cost"), "no figure .cost.; there are production_t"),
        (lambda: vc.pick("camelid_yearbooks", "price"), "no figure 'price'; there are fibre_"),
        (lambda: vc.map(rows, level="district"), "level is 'district', .*'department', 'province'"),
        (lambda: vc.cite(rows[["value"]]), "no source is named"),
        (lambda: vc.line(rows, color="red"), "line: .* argument 'color'; expected .*value, source"),
        (lambda: vc.line(rows, by="year"), "by='year': it names"),
        (lambda: vc.pick("coffee_regional", "price", ubigeo=[]), "ubigeo is an empty list"),
        (lambda: vc.pick("coffee_national", "area", "Cusco"), "no column 'ubigeo'"),
        (lambda: vc.where("coffee_regional", "Cusco", 2011), "no figure 'Cusco'.* come after it"),
        (lambda: vc.table(rows, {"ubigeo": 3}), "table: columns is {'ubigeo': 3}, expected"),
        (lambda: vc.line(rows.drop(columns="year")), "no column 'year'; there are ubigeo"),
        (lambda: vc.resolve("Departamento de Cusco"), "did you mean Cusco.$"),
        (
            lambda: vc.scope("Cusco", 2000, 2013, language="ES"),
            "'ES' is not there .did you mean es",
        ),
        (lambda: vc.load("coops"), "own ones: data/own/coops.csv, coops.yml$"),
        (lambda: vc.cite("nothing"), "no source 'nothing'"),
        (lambda: vc.coverage("camelid_herds", species="alpacca"), "did you mean alpaca"),
        (lambda: vc.tables("cofee_ico"), "no table has 'cofee_ico' in its name"),
        (lambda: vc.tables("cofee"), "no table has 'cofee' .* .did you mean coffee..;"),
        (lambda: vc.resolve("Cusco, Puno"), "did you mean .*Cusco.*Puno|Puno.*Cusco"),
        (lambda: vc.load("coffee_regional", 2011.0), "2011.0 is not a year, expected one such"),
        (lambda: vc.map({"Peru": 3}), "of Peru alone, expected departments"),
        (
            lambda: vc.line(pd.Series([1], pd.date_range("2000", periods=1))),
            "^Timestamp.*index.year",
        ),
        (lambda: vc.cite("My count"), "no source 'My count'; .*own tables go by name"),
    ):
        with pytest.raises(ValueChainsError, match=error):
            call()


def test_departments_and_years_are_given_in_any_way():
    name, field, names = "coffee_regional", "production", ["Cuzco", "21"]
    wanted = vc.pick(name, field, vc.scope(*names, 2005, 2007))
    for rows in (
        vc.pick(name, field, *names, 2005, 2007),
        vc.pick(name, field, names, [2005, 2007]),
        vc.pick(name, field, department=names, years=["2005", 2006, 2007]),
    ):
        pd.testing.assert_frame_equal(rows, wanted)
    fact = vc.where(name, "price", "Cusco", 2011)
    assert fact.chosen["origin"].item().endswith("coffee_price_yield.csv:14")
    assert len(vc.load(name, "Cusco", 2011)) == 2  # with its rival
    assert len(vc.load("value_added", "Cusco", 2010, activity="all", price_basis=2007)) == 1
    assert vc.describe(name, "price").index.tolist() == ["farm_price_pen_per_kg"]
    assert vc.pick(name, "price", ubigeo=["Cusco", "Tacna"]).attrs["missing"] == ["23"]


def test_nothing_is_left_out_in_silence(monkeypatch):
    monkeypatch.setattr(errors, "WARNED", set())  # other tests have been warned
    tacna = vc.line(vc.pick("coffee_regional", "price", ubigeo=["Cusco", "Tacna"]))
    assert tacna.note == "No figure: Tacna."
    assert vc.map({"Peru": 9, "Cusco": 3}, source="s").note == "Not on the map: Peru."
    gone = vc.bar({"department": ["Cusco", "Puno"], "farms": [3, None]})
    assert gone.note == "No figure: Puno. Source: not said (source='…' names it)."
    with pytest.warns(UserWarning, match=r"^coffee_ico: \d+ facts have several rows; sums .*pick"):
        vc.load("coffee_ico")
    with pytest.warns(UserWarning, match=r"several count_name .CENAGRO 1994, .*before sums"):
        vc.pick("camelid_herds", "heads", species="alpaca", year=[1994, 2012])
    with pytest.warns(UserWarning, match="facts have several rows"):  # whenever it is loaded
        vc.load("coffee_ico")
    with warnings.catch_warnings(action="error"):
        vc.pick("camelid_herds", "heads", count_name=["CENAGRO 1994", "CENAGRO 2012"])
    years = [*vc.coverage("camelid_herds").data]
    assert years[:3] == ["1994", "1995–1999", "2000"]  # a gap is seen as a gap
    assert "t, 2019." in vc.map(COUNTRY).alt and "Zero: Áncash" in vc.map(COUNTRY).alt
    crops = vc.pick("crop_output", "production_t", "Puno", crop=["potato", "quinoa"])
    assert vc.bar(crops, label="crop").title.endswith("(potato, quinoa)")
    crops = vc.pick("crop_output", "production_t", "Cusco", "Puno", crop=["potato", "quinoa"])
    assert vc.bar(crops, label="crop").said[3][:12] == "quinoa, Puno"


def test_a_language_is_that_of_a_scope_or_of_one_chart():
    spanish = vc.scope("Cusco", 2005, 2010, language="es")
    rows = vc.pick("coffee_regional", "price", spanish)
    for figure in (vc.line(rows), vc.line(PRICE, language="es"), vc.map(COUNTRY, selected=spanish)):
        assert figure.language == "es" and "Fuente: " in str([x.get_text() for x in figure.texts])
    assert "\nAño" in str(vc.table(rows.assign(n="Year"), {"n": ("n", "t")}))
    assert vc.line(PRICE).language == tongue.current() == "en"


def test_own_frames_take_names_or_codes_and_any_source():
    frame = pd.DataFrame({"departamento": ["Cuzco", "21"], "growth_pct": [-3.0, 4.0]})
    figure = vc.map(frame, source="my own count")
    assert figure.title == "Growth pct" and "Cusco −3." in figure.said
    assert vc.cite(figure) == vc.cite(frame.assign(source="my own count")) == "my own count."
    assert list(frame) == ["departamento", "growth_pct"]  # what is given stays as it is


def test_the_explorer_shows_what_its_code_makes(monkeypatch):
    view = vc.explore()
    view.regions.value, view.years.value = ("12", "22"), (2005, 2012)
    again = {}
    exec(view.code, again)
    assert "Junín" in view.code and again["map"].alt == view.made["map"].alt
    assert view.made["map"].alt.split('"')[0][:20] in view.shown["map"].value
    assert 'REGIONS="Junín,San Martín" START=2005 END=2012' in unescape(view.shown["code"].value)
    monkeypatch.setattr(lab, "OTHER", " ENV=mine")
    view.draw()
    assert "REPORT_LANGUAGE=en ENV=mine" in view.shown["code"].value
    view.table.value = "camelid_yearbooks"
    view.field.value, view.kind.value, view.years.value = "heads", "llama", (2015, 2020)
    assert "species='llama'" in view.code and view.made["lines"].data["year"].min() >= 2015
    view.regions.value = ()  # one line says what is missing, nothing stays from before
    assert view.shown["map"].value == "" and "regions: none given" in view.shown["lines"].value


def test_an_own_table_is_loaded_and_cited_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "OWN", tmp_path)
    (tmp_path / "coops.csv").write_text("departamento;year;coops\nCuzco;2024;7\n8;2023;5\n")
    (tmp_path / "coops.yml").write_text("title: Cooperatives\nsource: My count\nunit: coops\n")
    frame = vc.load("coops", names=True)
    assert frame["department"].tolist() == ["Cusco", "Cusco"]
    assert (
        vc.cite("coops") == vc.cite(vc.line(frame)) == "My count."
        and vc.line(frame).unit == "coops"
        and vc.line(frame).title == "Cooperatives"
    )
    joined = frame.merge(vc.load("department_area").drop_duplicates("ubigeo"), on="ubigeo")
    assert {"My count", "inei_1997"} <= set(vc.line(joined, value="coops").sources)
    (tmp_path / "coffee_ico.csv").touch()
    with pytest.warns(UserWarning, match="data/own/coffee_ico.csv is not read: that name is ours"):
        vc.load("coffee_ico")
    (tmp_path / "coffee_ico.csv").unlink()
    assert vc.describe("coops").loc["coops", ["unit", "years"]].tolist() == ["coops", "2023–2024"]
    assert vc.pick("coops", "coops", year=2024)["value"].tolist() == [7]
    (tmp_path / "coops.csv").write_text("department,year,n\nCusco,2010/11,7\n")
    assert vc.tables().loc["coops", "years"] == ""  # a crop year is none, and stops nothing
    (tmp_path / "coops.csv").write_text("department,n\nCusco,1,200\nPuno,2,300\n")
    with pytest.raises(DataError, match=r"coops\.csv, row 2: 3 cells, the header has 2"):
        vc.load("coops")
    text = "department;price;tonnes;note\nCusco;8,5;1.234,5;a\nPuno;9,25;;1,5 t\n"
    (tmp_path / "coops.csv").write_text(text)
    frame = vc.load("coops")
    assert frame["price"].tolist() == [8.5, 9.25] and frame["note"].tolist() == ["a", "1,5 t"]
    assert frame["tonnes"].iloc[0] == 1234.5
    text = "Región;Año;Precio (S/ kg);Producción t\nJUNIN;2010;7,25;12,5\nCuzco;2011;8,5;n.d.\n"
    (tmp_path / "coops.csv").write_text(text)
    frame = vc.load("coops")
    assert frame["ubigeo"].tolist() == ["12", "08"] and frame["year"].tolist() == [2010, 2011]
    assert vc.pick("coops", "produccion")["value"].tolist() == [12.5]
    assert vc.bar(vc.pick("coops", "precio", 2011)).title == "Precio (S/ kg)"
    for printed in ("8,500", "8.500"):  # where semicolons part cells a point may part thousands
        (tmp_path / "coops.csv").write_text(f"department;price\nCusco;{printed}\n")
        with pytest.raises(DataError, match=rf"price: '{printed}' can be English or Spanish"):
            vc.load("coops")
    (tmp_path / "coops.csv").write_text('department,n\nCusco,12\nPuno,"1,234"\n')
    with pytest.raises(DataError, match=r"coops\.csv, row 3: n: '1,234' can be English"):
        vc.load("coops")
    (tmp_path / "coops.csv").write_text('department,n\nCusco,12%\nPuno,"7,5 %"\n')
    assert vc.load("coops")["n"].tolist() == [12, 7.5]
    (tmp_path / "coops.csv").write_text("place,n\nCusco,12\nPuno,3\n")
    with pytest.warns(UserWarning, match="call column 'place' department"):
        vc.load("coops")
    (tmp_path / "coops.csv").write_text("departamento,año,price\nÁncash,2012,8.500\n")
    assert vc.load("coops")[["year", "price"]].to_numpy().tolist() == [[2012, 8.5]]
    (tmp_path / "coops.csv").write_bytes("departamento,n\nÁncash,8\n".encode("latin-1"))
    assert vc.load("coops")["ubigeo"].tolist() == ["02"]  # read where a name makes it certain
    (tmp_path / "coops.csv").write_bytes("departamento,n\nCafé,8\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"coops.csv, row 2: byte 0xe9 .* save the file as UTF-8"):
        vc.load("coops")
    (tmp_path / "coops.csv").write_text("department,n,farms\nCusco,7,9\n")
    assert vc.bar(vc.load("coops"), value="farms").unit == ""  # the unit of which of the two?
    (tmp_path / "coops.csv").write_text("department,n\nCusco,7\nPuno,9x\nJunín,n.d.\n")
    said = r"coops\.csv, row 3, column 'n': '9x' is no number like the others, so .* is text: mend"
    with pytest.warns(UserWarning, match=said):
        assert vc.load("coops")["n"].tolist() == ["7", "9x", "n.d."]
    with pytest.raises(DataError, match="coops: column 'n' is text, expected numbers in every"):
        vc.pick("coops", "n")
    (tmp_path / "coops.csv").write_text("department,year,n\nCuzco,2013,7\nPuno,13,8\n")
    with pytest.raises(DataError, match=r"coops.csv, row 3: 13 is no year"):
        vc.load("coops")
    (tmp_path / "coops.csv").write_text("ubigeo,province,n\n0801,0801,7\n")
    assert vc.load("coops")[["ubigeo", "province"]].values.tolist() == [["0801", "0801"]]
    (tmp_path / "coops.csv").write_text("department,n\nCuzko,7\n")
    said = r"coops.csv, row 2, column 'department': 'Cuzko' .* did you mean Cusco"
    with pytest.raises(DataError, match=said):
        vc.load("coops")
    assert "coops.csv, row 2" in vc.tables().loc["coops", "title"]  # and nothing else stops
    (tmp_path / "coops.yml").write_text("title: Cooperatives\nsource: S\nunit: {n: coops}\n")
    with pytest.raises(
        DataError, match=r"coops.yml: found .*{'n': 'coops'}}, expected three lines"
    ):
        vc.load("coops")
    (tmp_path / "coops.yml").unlink()
    with pytest.raises(DataError, match=r"coops.yml is missing: expected three lines .*`title"):
        vc.load("coops")


@pytest.mark.parametrize("name", ["valuechains", *MODULES])
def test_every_example_of_a_docstring_runs(name):
    assert doctest.testmod(import_module(name)).failed == 0


HERE = vc.scope("Cusco", "Puno", 2005, 2010)
PRICE = vc.pick("coffee_regional", "price", HERE)
COUNTRY = vc.pick("coffee_regional", "production", year=2019)
POTATO = vc.pick("crop_output", "production_t", crop="potato", ubigeo="Puno")
DATES = pd.DataFrame({"Cusco": [1.0, 2.0]}, index=pd.to_datetime(["2000-01-01", "2001-01-01"]))
PEN = "farm_price_pen_per_kg"


@pytest.mark.parametrize(
    ("careless", "said"),
    [
        (lambda: vc.line(DATES), "is no year"),
        (lambda: vc.line(pd.DataFrame({"Cusco": [1.0, 2.0]})), "0 is no year"),
        (lambda: vc.bar({"Cusco": 1, "Cuzco": 2}), "two rows of Cusco"),
        (lambda: vc.bar({"Cusco": 1, "Punno": 2}), "'Punno' is .* did you mean Puno"),
        (lambda: vc.bar({"department": ["Total"], "n": [3]}), "'Total' is no department: name it"),
        (lambda: vc.map(pd.Series({"080101": 5})), "codes of 6 digits: .* sum districts"),
        (lambda: vc.map(pd.Series({"0801": 5, "12": 4})), "codes of 2 and 4 digits"),
        # Row numbers are no codes of departments.
        (lambda: vc.bar(COUNTRY["value"]), r"row \d+ is no place: .*set_index\('dep"),
        (lambda: vc.map(pd.Series([3, 4], [1, 2])), "row 1 is no place"),
        (lambda: vc.map(pd.Series([3, 4], [8, 21])), r"row 8 is no place: as 'Cusco'"),
        (lambda: vc.map(PRICE.groupby("year")["value"].mean()), "row 2005 is no place"),
        (lambda: vc.pick("coffee_regional", "price", 8, 2011), r"8 is not .* mean '08' \(Cusco\)"),
        (lambda: vc.load("coffee_regional", "8"), r"'8' is not .* did you mean '08' \(Cusco\)"),
        (
            lambda: vc.load("coffee_regional", "Tacna", 2010),
            "Tacna, 2010; there are 2019–2025",
        ),
        (lambda: vc.load("camelid_herds", "Tumbes"), "no rows of Tumbes; there are Áncash, Ap"),
        # Columns are called as the analyst called them.
        (lambda: vc.bar({"region": ["Cusco"], "tons": ["x"]}, value="tons"), "'tons' holds 'x'"),
        (lambda: vc.map({"region": ["Cusco"], "tons": [float("nan")]}), r"no figure \(tons\)"),
        (lambda: vc.bar({"crop": ["cacao"], "tons": [3]}), "there are crop, tons: frame.rename"),
        (
            lambda: vc.line({"crop": ["a"], "tons": [3], "year": [2000]}),
            "tons, year; by=.…. or lab",
        ),
        (lambda: vc.line(PRICE.replace({"08": "Cusko"})), "'Cusko' is .* did you mean Cusco"),
        (lambda: vc.bar({"department": ["Cusko"], "n": [3]}), "'Cusko' is .* did you mean Cusco"),
        (
            lambda: vc.bar(pd.DataFrame([["Puno", 1, 2]], columns=["region", "t", "t"])),
            "two col.*'t'",
        ),
        (lambda: vc.indicators.coefficient_of_variation(pd.Series(["a"])), "expected numbers, fo"),
        (lambda: vc.finding("key", "In {place}", n=1), "'In {place}': no value is given for {pl"),
        (lambda: vc.finding("key", "In {place", place=1), "'In {place': expected '}'"),
        (lambda: vc.finding("key", "In {n:0}", n="abc"), "'In {n:0}': 'abc' is no number"),
        # A key is matched by its text; an area may be there with another only.
        (lambda: vc.pick("value_added", "value", "Lima", 2010, activity="all"), "'Callao, Lima'"),
        (lambda: vc.pick("coffee_regional", "price", "Cusco", 2001, 2003, 2005), r"year=\[…\]"),
        (lambda: vc.pick("coffee_regional", "price", HERE, 2011), r"\[2005, 2010, 2011\]: two"),
        (lambda: vc.map(PRICE), r"two rows of Cusco: one figure a place; vc.pick .* with year=…"),
        (lambda: vc.bar(PRICE, label="source"), "two rows of report_eu_peru_2016, Cusco"),
        (lambda: vc.line(vc.load("coffee_regional", 2011), value=PEN), "figures for .*vc.pick"),
        # Two species, or two counts, on one map would be compared.
        (lambda: vc.map(vc.pick("camelid_herds", "heads", year=2012)), "figures of several"),
        (lambda: vc.map({"Cusco": True}), "yes and no are no figures"),
        (lambda: vc.load("coffee_regional", "price"), r"'price' is a column, vc\.pick\('coffee_"),
        (lambda: vc.pick("swot", "Cusco"), r"swot has no figures: vc\.load\('swot'\)"),
        (lambda: vc.bar({"crop": ["a", "a"], "t": [1, 2]}, label="crop"), "two rows of a: one bar"),
        (lambda: vc.cite(None), r"source is None, expected str \| list \| DataFrame \| Figure"),
        # Each kind of argument, once: what it is, what is expected.
        (lambda: vc.line(PRICE, ax=3), "ax is 3, expected Axes"),
        (lambda: vc.map(PRICE, breaks=5), r"breaks is 5, expected Iterable\[float\]"),
        (lambda: vc.map(COUNTRY, breaks=[9, 3]), r"breaks are \[9, 3\], expected rising"),
        (lambda: vc.bar(COUNTRY, selected="Cusco"), r"selected is 'Cusco', .*\['Cusco', 'Puno'\]"),
        (lambda: vc.bar(COUNTRY, selected=["Cusko"]), "did you mean Cusco"),
        (lambda: vc.line(PRICE, value=["a"]), r"value is \['a'\], expected str"),
        (lambda: vc.line(PRICE, write="two"), "write is 'two', expected 'short'"),
        (lambda: vc.map(PRICE, year="2008"), "year is '2008', expected int"),
        (lambda: vc.map(PRICE, year=1900), "no figure of 1900; there are 2005"),
        (lambda: vc.line(PRICE).save("no folder/x.png"), "in a folder that there is"),
        (lambda: vc.load(["a"]), r"load: name is \['a'\], expected str"),
        (lambda: vc.pick("coffee_regional"), r"argument: 'field'; expected pick\(name, field"),
        (lambda: vc.tables(None), "no table has None"),
        (lambda: vc.indicators.hhi(PRICE), r"parts is DataFrame, .*; frame\['value'\]"),
        (lambda: vc.indicators.shares([1, 2]), "values is .1, 2., expected Series"),
        (lambda: vc.indicators.location_quotient(pd.Series([1.0])), "expected DataFrame"),
        (lambda: vc.where("coffee_regional", "area", ubigeo="Cusco", year=2005), "no figure there"),
        (lambda: vc.coverage("coffee_trade"), r"not by department and year: see vc\.describe"),
    ],
)
def test_what_would_mislead_is_refused_in_one_line(careless, said):
    with pytest.raises(ValueChainsError, match=said):
        careless()


def test_rows_that_were_joined_name_sources_and_no_row_of_one_alone():
    both = PRICE.merge(
        vc.pick("coffee_regional", "yield", HERE), on=["ubigeo", "year"], suffixes=("", "_y")
    )
    figure = vc.line(both.assign(value=both["value"] * both["value_y"]), "Revenue")
    assert "origin" not in figure.data and figure.sources == ["report_eu_peru_2016"]
    # A figure that was worked out of one row is still of that row.
    assert "origin" in vc.line(PRICE.assign(value=PRICE["value"] / 4)).data


def test_a_source_that_is_nearly_a_key_is_noticed():
    with pytest.warns(UserWarning, match=r"'midagri_anuario_pecuario' is no key.*did you mean mid"):
        figure = vc.map({"Cusco": 3.0}, "Farms", source="midagri_anuario_pecuario")
    assert figure.sources == ["midagri_anuario_pecuario"]


def test_a_column_goes_by_a_word_of_it_and_a_year_is_no_unit():
    frame = pd.DataFrame({"department": ["Cusco", "Puno"], "year": 2023, "farms_n": [3, 4], "x": 1})
    figure = vc.map(frame, "Farms", value="farms")
    assert figure.data["value"].tolist() == [3, 4] and figure.subtitle == "2023"
    assert figure.fields["value"]["title"] == "Farms"
    assert vc.map(vc.pick("monetary_poverty", "poverty", 2023)).unit == "%"


def test_a_series_by_year_is_a_line_and_a_dollar_is_a_dollar():
    rows = vc.pick("coffee_regional", "farm_price_pen_per_kg", HERE, ubigeo="Cusco")
    figure = vc.line(rows.set_index("year")["value"], "Price in US$ (US$ per kg)")
    assert figure.data["year"].tolist() == list(range(2005, 2011))
    assert not figure.texts[0].get_parse_math()


def test_figures_that_equal_others_by_chance_are_ones_own():
    mine = pd.DataFrame({"department": ["Cusco", "Puno"], "area_ha": [8, 13]})
    figure = vc.bar(mine, source="Own notes")
    assert figure.title == "Area ha" and not figure.unit
    assert vc.map({"Cusco": 3}, source="Own notes").title == "Value"


def test_a_total_is_no_country():
    assert vc.bar({"Cusco": 1, "Puno": 2, "Total": 3}).said[-1] == "Total: 3."
    assert vc.bar({"Cusco": 1, "Peru": 3}).said[-1] == "Peru: 3."


def test_a_chart_of_one_crop_says_which():
    assert vc.map(vc.pick("crop_output", "production_t", crop="potato")).title.endswith("(potato)")
    coffee = vc.map(vc.pick("crop_output", "production_t", crop="coffee")).title
    assert "parchment" in coffee and "parchment" not in vc.line(POTATO).title


def test_the_country_is_no_part_of_itself_but_can_be_asked_for():
    whole = vc.pick("coffee_regional", "production", ubigeo="Peru", year=2019)["value"].item()
    assert "00" not in {*COUNTRY["ubigeo"]}
    assert COUNTRY["value"].sum() == pytest.approx(whole, rel=0.01)


@pytest.mark.parametrize(
    ("reckoned", "unit"),
    [
        (lambda rows: rows.query("year > 2006").sort_values("year"), "PEN/kg"),
        (lambda rows: rows.set_index(["ubigeo", "year"])["value"], "PEN/kg"),
        (lambda rows: rows.replace({"ubigeo": {"08": "Cuzco"}}).astype({"year": str}), "PEN/kg"),
        (lambda rows: rows.pivot(index="year", columns="ubigeo", values="value"), ""),
        (lambda rows: rows.assign(year=rows["year"] + 1), ""),
        (lambda rows: rows.assign(ubigeo=rows["ubigeo"].map({"08": "21", "21": "08"})), ""),
        (lambda rows: rows.assign(value=rows["value"].to_numpy()[::-1]), ""),
        (lambda rows: rows.assign(value=rows["value"] / 3.3), ""),
        (lambda rows: rows.set_index(["ubigeo", "year"])["value"] * 1000, ""),
        (lambda rows: rows.assign(usd=rows["value"] / 3.3).drop(columns="value"), ""),
        (lambda rows: rows.groupby("year")["value"].mean(), ""),
    ],
)
def test_a_unit_is_printed_while_the_figures_are_those_that_were_picked(reckoned, unit):
    figure = vc.line(reckoned(PRICE))
    assert figure.unit == unit and ("Farm-gate" in figure.title) == bool(unit)
    assert vc.line(reckoned(PRICE), "In dollars", unit="US$/kg").unit == "US$/kg"
    said = "Own calculation from these sources." if figure.sources else "Source: not said"
    assert (figure.note or "").startswith(said) or unit


def test_frames_as_pandas_makes_them_are_drawn():
    own_rows = pd.DataFrame({"department": [" Cusco ", "Puno"], "n": ["1", "2"]})
    for frame in (own_rows, own_rows.astype({"department": "category"})):
        assert vc.map(frame, value="n").said[:2] == ["Puno 2.", "Cusco 1."]
    by_name = own_rows.astype({"n": int}).groupby("department").sum()
    assert vc.bar(by_name).said == ["Cusco: 1.", "Puno: 2."]
    assert vc.bar(by_name.rename_axis(None)).said == ["Cusco: 1.", "Puno: 2."]
    assert "1,000,000,000,000" in vc.map(pd.Series({"Cusco": 1e12})).alt


def test_codes_of_provinces_are_a_map_of_provinces():
    with pytest.raises(DataError, match=r"no boundaries of provinces yet.*`make add FILE="):
        vc.map(pd.Series({"0801": 3.0, "2101": 4.0}))


def test_help_is_about_what_an_analyst_calls():
    told = pydoc.plain(pydoc.render_doc(vc))
    assert len(told.splitlines()) < 250 and "traitlets" not in told and "vc.tables(" in told
    assert "breaks:" in pydoc.plain(pydoc.render_doc(vc.plot.map))


def test_a_chart_says_of_which_years_its_figures_are():
    rows = vc.pick("coffee_regional", "price")
    drawn = vc.map(rows, year=2011)
    assert drawn.subtitle == "PEN/kg, 2011"
    assert set(drawn.sources) == set(rows.query("year == 2011")["source"])
    assert vc.map(COUNTRY.groupby("ubigeo")["value"].sum()).subtitle == "t, 2019"
    mixed = pd.DataFrame({"department": ["Cusco", "Puno"], "year": [2000, 2003], "n": [3, 4]})
    assert vc.map(mixed).subtitle == vc.bar(mixed).subtitle == "2000, 2003"
    rows = vc.load("coffee_regional", "Cusco", 2011)
    cusco = vc.line(rows, value=PEN, by="source")
    assert len(cusco.said) == 2  # a line a source
    years = pd.DataFrame({"value": [1.0, 2.0]}, index=[2000, 2001])
    assert vc.line(years).said == vc.line(years["value"]).said
    summed = rows.groupby("year", as_index=False)[PEN].sum()
    assert vc.line(summed).said == [f"{PEN}: 17.8 in 2011."]


@pytest.mark.parametrize("year", ["Year", "Año", "anio"])
def test_years_of_an_own_frame_are_known_by_their_names(year):
    mine = pd.DataFrame({"Region": ["Cusco", "Cusco"], year: [2000, 2001], "members": [3, 5]})
    drawn = vc.line(mine, source="my count").data
    assert drawn[["ubigeo", "year", "value"]].values.tolist() == [["08", 2000, 3], ["08", 2001, 5]]


@pytest.mark.parametrize("value", ["ubigeo", "year"])
def test_a_place_or_a_year_is_no_value(value):
    with pytest.raises(DataError, match=r"which column\? value=…, one of value"):
        vc.line(vc.pick("coffee_regional", "price", "Cusco", 2000, 2005), value=value)


def test_the_explorer_offers_years_and_kinds_that_have_rows():
    explorer = vc.explore()
    for table in ("crop_output", "livestock_products", "department_population", "crop_areas"):
        explorer.table.value = table
        assert "<img" in explorer.shown["lines"].value, table
    assert explorer.years.value == (explorer.years.min, explorer.years.max) == (2015, 2016)
    explorer.table.value = "coffee_regional"
    assert "<img" in explorer.shown["map"].value


def test_each_cell_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = (ROOT / "README.md").read_text(encoding="utf-8").partition("| Cell |")[2]
    table = lab.partition("\n\n")[0].replace("vc.line(rows, ax=ax)", "vc.line(rows, ax=figure.ax)")
    cells = [cell for cell in re.findall(r"`([^`]+)`", table) if "vc." in cell or "figure" in cell]
    known, run = {"vc": vc}, [cell for cell in cells if "…" not in cell]
    for cell in run:
        exec(cell, known)
    assert len(run) > 12
    figure = known["figure"]
    assert figure.ax is figure.axes[0] and figure.save("price.PNG").stat().st_size > 1000
    (tmp_path / "price.PNG").unlink()
    assert {path.name for path in tmp_path.iterdir()} == {"price.csv", "price.svg"}


def test_a_word_that_is_no_table_names_those_about_it():
    with pytest.raises(DataError, match=r"coffee_regional \(Coffee by department, year and source"):
        vc.load("coffee")


def test_a_table_without_places_is_one_line():
    rows = vc.pick("coffee_world_price", "arabica_nominal")
    assert vc.line(rows).data["value"].tolist() == rows["value"].tolist()
    several = vc.load("coffee_national")  # a year from several sources
    with pytest.raises(DataError, match="by='…'"):
        vc.line(several, value="production_t")
