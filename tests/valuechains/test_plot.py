"""Figures: what they say, in words, in ink and in their data; not their pixels."""

import base64
import io
import itertools
import json
import re
import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import geopandas as gpd
import IPython
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from shapely.geometry import box

from press.content import is_harmless
from valuechains import plot
from valuechains.core import places
from valuechains.core.errors import DataError
from valuechains.door import cite
from valuechains.plot import figure as house
from valuechains.plot import geography
from valuechains.plot.rows import VERDICTS
from valuechains.plot.sources import source_line
from valuechains.report import finding
from valuechains.tables import load

SOURCE = "report_eu_peru_2016"
YEARS = range(2000, 2004)
WIDE = pd.DataFrame({"08": [3.1, 4.2, 3.0, 5.0], "21": [2.0, 2.5, None, 4.0]}, index=YEARS)
LONG = WIDE.rename_axis("year").reset_index().melt("year", var_name="ubigeo").dropna()
LONG = LONG.assign(source=SOURCE, origin="file.csv:2")


def frame(**columns):
    return pd.DataFrame(columns)


def by_year(first=2010, **series):
    """Return years × series."""
    wide = pd.DataFrame(series)
    return wide.set_axis(range(first, first + len(wide)))


def texts(figure):
    found = [*figure.texts, *(text for ax in figure.axes for text in ax.texts)]
    return {text.get_text() for text in found}


def legend(figure):
    where = figure.legends or [ax.get_legend() for ax in figure.axes if ax.get_legend()]
    return [text.get_text() for one in where for text in one.get_texts()]


def boxes(ax):
    """Return where texts stand, when none touches another."""
    ax.figure.draw_without_rendering()
    found = [Text.get_window_extent(text) for text in ax.texts if text.get_text()]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(found, 2))
    return found


def hues(patches):
    return [to_hex(patch.get_facecolor()).upper() for patch in patches]


# --- what all figures share ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subtitle", "head"),
    [
        ("Thousand people, by what is counted; not from zero", "Thousand people"),
        ("Places, 2013: a longer bar is worse", "Places"),
        ("Rank among the departments (1 is the largest)", "Rank among the departments"),
        ("Soles: of 2,010", "Soles"),
        ("S/ 1,000", "S/ 1,000"),
    ],
)
def test_without_a_unit_a_column_is_headed_by_the_opening_of_the_subtitle(subtitle, head):
    fields = plot.lines(LONG, "A title", subtitle)._repr_mimebundle_()[1]["data"]["schema"]
    assert {field.get("title") for field in fields["fields"] if field["name"] == "value"} == {head}


def test_a_figure_shows_itself_with_alt_text_finding_and_data():
    ahead = finding("ahead", "{region} ahead in {n} years", region="08", n=3, headline=True)
    figure = plot.lines(LONG, ahead, "in soles", unit="PEN/kg")
    data, metadata = figure._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == round(house.WIDTH_IN * house.DPI) == 1.25 * metadata["image/png"]["width"]
    assert metadata["image/png"]["alt"] == data["text/plain"] == figure.alt
    assert figure.alt.startswith("Cusco ahead in 3 years. in soles. Cusco: 3.1 in 2000, 5 in 2003;")
    assert "Source: EU–Peru report 2016." in texts(figure)
    assert figure.key == "ahead" and metadata["finding"] == ahead.record
    table = metadata["data"]
    assert table["profile"] == "tabular-data-resource" and table["name"] == "ahead"
    fields = {field["name"]: field for field in table["schema"]["fields"]}
    assert fields["value"] == {"name": "value", "type": "number", "unit": "PEN/kg"}
    assert fields["ubigeo"]["categories"][0] == {"value": "08", "label": "Cusco"}
    lines = table["data"].splitlines()
    assert lines[0] == ",".join(fields) == "year,ubigeo,value,source,origin"
    assert lines[1] == f"2000,08,3.1,{SOURCE},file.csv:2" and len(lines) == 8
    json.dumps(metadata)


def test_a_figure_says_the_unit_of_its_numbers():
    herd = frame(ubigeo=["08", "21"], year=2000, value=[0.2, 0.4], price_pen_per_kg=[7.0, 8.0])
    for figure, name, said in [
        (plot.bars(herd, "t", "Share of the herd", write="%1"), "value", {"unit": "1"}),
        (plot.bars(herd, "t", "Price", value="price_pen_per_kg"), "price_pen_per_kg", "PEN/kg"),
        (plot.lines(herd, "t", "Soles per kg"), "value", {"title": "Soles per kg"}),
        (plot.lines(herd, "t", "Soles per kg", unit="S/"), "value", {"unit": "S/"}),
    ]:
        _, metadata = figure._repr_mimebundle_()
        (field,) = [x for x in metadata["data"]["schema"]["fields"] if x["name"] == name]
        assert field["unit"] == said if isinstance(said, str) else said.items() <= field.items()


def test_a_figure_is_saved_with_its_data_as_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png", "a.svg", "b.svg"):
        plot.lines(LONG.assign(source="=1+1"), "A title").save(tmp_path / name, data=True)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files["a.png"] == files["b.png"] and files["a.svg"] == files["b.svg"]
    assert all(text in files["a.svg"] for text in (b"A title", b'id="a-title-', b"#a-title-"))
    saved = pd.read_csv(tmp_path / "a.csv", dtype={"ubigeo": str})
    assert saved["value (A title)"].tolist() == LONG["value"].tolist()
    assert set(saved["source"]) == {"'=1+1"}
    with pytest.raises(DataError, match=r"x\.gif: a figure is saved as"):
        plot.lines(LONG, "A title").save(tmp_path / "x.gif")


SVG = "{http://www.w3.org/2000/svg}"


def drawn(figure, path):
    """Return the marks of a figure, saved as SVG: row, region and words."""
    text = figure.save(path).read_text(encoding="utf-8")
    assert not re.search(r"\d\.\d{3}", text), "two decimals at most"
    found = ElementTree.fromstring(text).iter()
    marks = [element for element in found if "data-row" in element.attrib]
    words = [mark.find(f"{SVG}title").text.split("\n") for mark in marks]
    return [
        (int(mark.get("data-row")), mark.get("data-of"), *said)
        for mark, said in zip(marks, words, strict=True)
    ]


def test_a_mark_of_an_svg_is_a_row_of_the_data(tmp_path):
    herd = frame(ubigeo=["05", "21", "15", "08+09"], value=[40.5, 18, 17, 9], source=SOURCE)
    report = "EU–Peru report 2016"
    assert sorted(drawn(plot.map(herd, "t", unit="heads"), tmp_path / "m.svg")) == [
        (0, "05", "Ayacucho 40.5 heads", "rank 1 of 3 from the highest", report),
        (1, "21", "Puno 18 heads", "rank 2 of 3 from the highest", report),
        (2, "15", "Lima 17 heads", "rank 3 of 3 from the highest", report),
    ]
    for figure in (plot.lines(LONG, "t"), plot.panels(LONG.assign(x="of it"), "t", series="x")):
        found = drawn(figure, tmp_path / "l.svg")
        assert len(found) == len(LONG) == 7
        for row, region, words, source in found:
            about = figure.data.loc[row]
            assert region == about["ubigeo"] and source == report
            assert f"{house.region_name(region)}, {about['year']}: {about['value']:g}" in words
    shares = frame(label=["a", "a", "b"], part=["x", "y", "x"], value=[0.3, 0.7, 1.0])
    found = drawn(plot.stacked(shares, "t"), tmp_path / "s.svg")
    said = ["a, x: 30%", "a, y: 70%", "b, x: 100%"]
    assert sorted(found) == [(row, None, words) for row, words in enumerate(said)]
    bars = plot.bars(frame(label=["a", "b"], value=[1, 2], bound=["exact", "about"]), "t")
    assert drawn(bars, tmp_path / "b.svg") == [(0, None, "a: 1"), (1, None, "b: about 2")]


def test_a_figure_is_svg_where_the_environment_says_so_else_png(monkeypatch):
    monkeypatch.setenv("FIGURE_FORMAT", "svg")
    figure = plot.bars(frame(label=["<a>", "b & c"], value=[1, 2]), "A title", key="the key")
    data, metadata = figure._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "text/plain"} and is_harmless(data["image/svg+xml"])
    assert metadata["image/svg+xml"] == {"alt": figure.alt, "width": 528, "height": 104}
    assert 'width="528" height="104.16"' in data["image/svg+xml"]
    texts = re.findall(r"<text[^>]*>([^<]*)", data["image/svg+xml"])
    assert {"A title", "&lt;a&gt;", "b &amp; c", "2"} <= set(texts)
    assert figure.picture("png").startswith(b"\x89PNG")
    monkeypatch.setenv("FIGURE_FORMAT", "png")
    assert "image/png" in plot.lines(LONG, "t")._repr_mimebundle_()[0]


SLIPS = [
    (plot.lines, LONG.iloc[:0], r"nothing to draw: there is no figure \(value, year\)"),
    (plot.lines, LONG.assign(year="x"), "column 'year' holds 'x': numbers are drawn"),
    (plot.lines, LONG.drop(columns="value"), "no column 'value'; there are year, ubigeo"),
    (plot.lines, pd.concat([LONG, LONG]), "two figures for Cusco in 2000; vc.pick"),
    (plot.map, frame(ubigeo=["Atlantis"], value=[1.0]), "value: no boundary of 'Atlantis'"),
    (plot.map, frame(ubigeo=["08", "Cusco"], value=1.0), "two rows of Cusco: one figure a place"),
]


@pytest.mark.parametrize(("chart", "table", "message"), SLIPS)
def test_what_cannot_be_drawn_is_said_in_one_line(chart, table, message):
    with pytest.raises(DataError, match=message):
        chart(table, "t")


def test_no_text_is_below_ten_pixels_on_a_phone_or_cut_at_the_edge():
    # A phone of 390 px shows 358 of them across the figure's width.
    points_to_px = 358 / (house.WIDTH_IN * 72)
    rows = frame(label=list("ab"), value=[1, 2], low=[0, 1], high=[2, 3])
    long_line = ["MIDAGRI workbook for SEIA 2024, via CarloEduardo/FIDT_2024, AND WIDE LETTERS"]
    for figure in (
        plot.lines(WIDE, "t", "s", sources=long_line, note="n"),
        plot.panels({"08": WIDE}, "t"),
        plot.bars(rows, "t"),
        plot.ranges(rows, "t", names=["interval"]),
        plot.heatmap(WIDE.T, "t"),
        plot.map(frame(ubigeo=["08"], value=[2]), "t", unit="heads"),
    ):
        sizes = {text.get_size() for text in figure.findobj(Text) if text.get_text()}
        assert min(sizes) * points_to_px >= 10
        assert max(text.get_window_extent().x1 for text in figure.texts) <= figure.bbox.x1


def test_regions_keep_their_colour_and_a_source_line_names_yearbooks_once():
    assert house.colours(["08", "21"])["21"] == house.colours(["22", "21", "12"])["21"] == "#D55E00"
    assert len(set(house.colours([f"{n:02d}" for n in range(5, 13)]).values())) == 8
    line = source_line([f"midagri_anuario_{year}" for year in (2022, 2019, 2022)])
    assert line == "Source: MIDAGRI yearbook 2019, 2022."
    assert "via angelTCC/Produccion-Agricola-Nacional." in cite("midagri_anuario_2022")
    assert source_line(["my own count"]) == "Source: my own count."


def test_figures_do_not_need_pyplot():
    """Figures share no global state: pyplot knows none of them."""
    code = (
        "from valuechains import plot; import pandas as pd, matplotlib._pylab_helpers as h;"
        "plot.lines(pd.DataFrame({'08': [1.0, 2]}, index=[2000, 2001]), 't', 's');"
        "assert not h.Gcf.figs"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_picture_keeps_its_flat_colours_and_gives_rare_ones_the_nearest():
    # 120 greys of 2 pixels each, a red of 100, an orange of one, and white: the palette has 40.
    rgba = np.full((60, 60, 4), 255, dtype=np.uint8)
    rgba[:10, :10, :3] = (213, 94, 1)
    rgba[20:24, :, :3] = np.arange(240).reshape(4, 60, 1) // 2
    rgba[30, 30, :3] = (184, 134, 11)
    shown = np.asarray(house.flatten(rgba).convert("RGB")).astype(int)
    flat = [*range(20), *range(24, 60)]
    assert (shown[flat] == rgba[flat][..., :3]).all()
    # 37 of the 120 greys are kept, evenly: none is far from its own.
    assert np.abs(shown[20:24] - rgba[20:24, :, :3]).max() <= 2


# --- years --------------------------------------------------------------------------------------


def test_a_lone_point_of_a_series_without_a_source_is_drawn():
    table = frame(ubigeo=["08", "together"], year=2004, value=[3.0, 4.0], source=[SOURCE, None])
    figure = plot.lines(table, "t", quiet=["together"])
    points = [line.get_ydata() for line in figure.axes[0].lines if line.get_ls() == "None"]
    assert sorted(float(values[0]) for values in points) == [3, 4]
    # So is one between two gaps, of a series that has no markers.
    wide = pd.DataFrame(
        {"all": [1.0, 2.0, 3.0], "part": [None, 5.0, None]}, index=[2004, 2005, 2006]
    )
    figure = plot.panels({"08": wide}, "t", quiet=["part"])
    points = [line.get_ydata() for line in figure.axes[0].lines if line.get_ls() == "None"]
    assert [values.tolist() for values in points] == [[5.0]]


def test_lines_leave_gaps_and_label_ends_with_names_that_are_as_good_as_codes():
    figure = plot.lines(WIDE, "t", sources=[SOURCE])
    drawn = [line.get_ydata() for line in figure.axes[0].lines if len(line.get_ydata()) == 4]
    assert np.isnan(drawn[1][2])
    assert {"Cusco", "Puno"} <= texts(figure)
    named = LONG.assign(ubigeo=LONG["ubigeo"].map({"08": "Cuzco", "21": "PUNO"}))
    assert plot.lines(named, "t").alt == plot.lines(LONG, "t").alt
    # Ranks have the first on top.
    low, high = plot.lines(WIDE.round(), "t", inverted=True).axes[0].get_ylim()
    assert low > 5 and high < 1


def test_of_many_lines_those_that_end_highest_or_the_selected_ones_are_named():
    wide = by_year(**{code: [1.0, float(code)] for code in places.codes()})
    figure = plot.lines(wide, "t")
    named = [house.region_name(code) for code in ("20", "21", "22", "23", "24", "25")]
    assert sorted(text.get_text() for text in figure.axes[0].texts) == sorted(named)
    assert len(boxes(figure.axes[0])) == 6
    assert len(figure.axes[0].collections[0].get_segments()) == 19
    assert len(figure.said) == 7 and figure.said[-1] == "19 others: 1 to 19."
    assert figure.note == "In grey: 19 others." and len(figure.data) == 50
    figure = plot.lines(wide, "t", selected=["Cusco", "21"])
    assert {text.get_text() for text in figure.axes[0].texts} == {"Cusco", "Puno"}
    assert figure.note == "In grey: 23 others."
    assert not plot.lines(wide[[*places.codes()[:10]]], "t").note  # each has its own colour
    # Single years are points that can be seen.
    points = plot.lines(wide.iloc[1:], "t").axes[0].lines
    assert min(line.get_markersize() for line in points if line.get_marker() == "o") >= 3


def test_words_of_a_map_of_very_many_places_say_how_many_others_there_are(monkeypatch):
    monkeypatch.setattr(geography, "MOST_NAMED", 20)
    figure = plot.map(frame(ubigeo=places.codes(), value=range(1, 26)), "t")
    assert figure.said[0] == "Ucayali 25."
    assert figure.said[10:12] == ["15 others: 1 to 15.", "Departments without a figure: 0."]
    few = plot.map(frame(ubigeo=places.codes()[:20], value=range(1, 21)), "t")
    assert len(few.said) == 21


def test_kinds_of_source_have_their_markers():
    later = LONG["source"].mask(LONG["year"] > 2001, "midagri_anuario_2022")
    figure = plot.lines(LONG.assign(source=later), "t")
    assert legend(figure) == ["EU–Peru report", "MIDAGRI yearbook"]
    assert {line.get_marker() for line in figure.axes[0].lines} == {"None", "o", "s"}
    assert not legend(plot.lines(LONG, "t"))


def hollow(ax):
    """Return the points (x, y) of lines that are drawn hollow."""
    lines = [line for line in ax.lines if to_hex(line.get_markerfacecolor()) == "#ffffff"]
    return sorted(tuple(point) for line in lines for point in line.get_xydata().tolist())


def test_doubtful_points_are_hollow_and_said_to_be(tmp_path):
    is_doubtful = LONG["ubigeo"].eq("21") & LONG["year"].ge(2001)
    table = LONG.assign(is_doubtful=is_doubtful)
    # One without a word on it (a median beside them) is not.
    table = pd.concat([table, frame(ubigeo=["median"], year=2001, value=[3.3])])
    figure = plot.lines(table, "t")
    assert hollow(figure.axes[0]) == [(2001, 2.5), (2003, 4.0)]
    assert legend(figure) == ["hollow: doubtful"] and "is_doubtful" in figure.data
    said = {words for _, _, words, *_ in drawn(figure, tmp_path / "l.svg")}
    assert {"Puno, 2001: 2.5, doubtful", "Puno, 2000: 2", "Cusco, 2001: 4.2"} <= said
    # In wide frames a column of the years: of all series that have points.
    wide = by_year(nominal=[1.0, 2, 3], real=[2.0, 3, 4], is_doubtful=[False, True, False])
    figure = plot.panels({"08": wide}, "t", quiet=["nominal"])
    assert hollow(figure.axes[0]) == [(2011, 3.0)]
    assert legend(figure) == ["nominal", "real", "hollow: doubtful"]
    assert hollow(plot.lines(wide, "t", by="what").axes[0]) == [(2011, 2.0), (2011, 3.0)]
    # Nothing is said where there are none.
    certain = plot.lines(table.assign(is_doubtful=False), "t")
    assert not hollow(certain.axes[0]) and not legend(certain)


def test_end_labels_do_not_touch_and_stay_inside():
    figure = plot.lines(by_year(**{"08": [1, 2], "21": [1, 2.001], "12": [1, 2.002]}), "t")
    found = boxes(figure.axes[0])
    assert len(found) == 3 and max(one.x1 for one in found) <= figure.bbox.x1
    codes = places.codes()[:8]
    wide = by_year(**{code: [1, 1.01] for code in codes})
    ax = plot.panels({"Schooling": wide}, "t", selected=codes).axes[0]
    low, high = ax.get_ylim()
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert len(heights) == 8 and low < heights[0] and heights[-1] < high


def within(figure):
    """Assert that no text leaves the picture, in fonts a twentieth wider than ours too."""
    figure.draw_without_rendering()
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            found = Text.get_window_extent(text)
            more = 0.05 * found.width
            sides = {"left": (0, more), "right": (more, 0)}.get(text.get_ha(), (more / 2, more / 2))
            assert found.x0 - sides[0] >= figure.bbox.x0, text
            assert found.x1 + sides[1] <= figure.bbox.x1, text


@pytest.mark.parametrize("code", places.codes())
def test_the_name_of_a_department_never_leaves_the_picture(code):
    herds = {"Alpacas": by_year(**{code: [2e6, 2.1e6], "05": [1e5, 1.2e5]})}
    shares = {f"Poor people {n}": by_year(**{code: [0.2, 0.3]}) for n in range(3)}
    figure = plot.panels(herds | shares, "t", selected=[code], one_scale=False)
    within(figure)
    name = places.name(code)
    assert sum(line == name for line in legend(figure)) or {name} <= texts(figure)
    # Lines keep more than half of their panels.
    first, last = figure.axes[0].get_xlim()
    assert (2011 - first) / (last - first) > 0.5
    within(plot.lines(by_year(**{code: [1.0, 2.0], "by the price and the yield": [2.0, 3.0]}), "t"))


def test_regions_stand_out_of_the_others_and_other_years_are_shaded():
    wide = by_year(**{code: [0.5, 0.4, 0.3] for code in places.codes()})
    figure = plot.panels({"Gini": wide}, "t", selected=["08", "21"], years=(2011, 2012))
    ax = figure.axes[0]
    (others,) = ax.collections
    assert len(others.get_segments()) == 23
    lines = [line.get_color() for line in ax.lines]
    assert lines == list(house.colours(["08", "21"]).values())
    assert [patch.get_x() for patch in ax.patches if patch.get_width()] == [2009.5]
    assert "Gini, Cusco: 0.50 in 2010" in figure.alt


def test_panels_begin_at_zero_unless_told_and_show_the_years_of_all():
    for from_zero in (True, False):
        figure = plot.panels({"08": by_year(a=[1000.0, 1100.0])}, "t", from_zero=from_zero)
        low, high = figure.axes[0].get_ylim()
        assert (low == 0) == from_zero and low < 1000 and high > 1100
    wide = WIDE[["08"]].set_axis(["x"], axis=1)
    figure = plot.panels({"08": wide, "21": wide.loc[2002:]}, "t")
    assert figure.axes[0].get_xlim()[0] < 2000


def test_named_series_are_told_apart_without_colour():
    wide = by_year(nominal=[1.0, 2], real=[2.0, 3], world=[3.0, 4])
    figure = plot.panels({"08": wide}, "t", quiet=["nominal"])
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata())]
    assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 3
    assert legend(figure) == ["nominal", "real", "world"]


# --- rows ---------------------------------------------------------------------------------------


def test_bounds_are_hatched_and_named():
    rows = frame(label=["a\n1 / 2", "b"], value=[0.4, 0.2], bound=["more_than", "exact"])
    figure = plot.bars(rows, "t")
    hatches = {round(bar.get_width(), 2): bool(bar.get_hatch()) for bar in figure.axes[0].patches}
    assert hatches == {1: True, 0.5: False}
    assert "more than 0.40" in texts(figure) and "a, 1 / 2: more than 0.40. b: 0.20." in figure.alt


def test_bars_of_regions_chosen_have_their_colour():
    rows = frame(ubigeo=["08", "12", "08+21"], value=[1, 2, 3], tone=["", "highlight", ""])
    figure = plot.bars(rows, "t", selected=["08"])
    assert hues(figure.axes[0].patches) == ["#0072B2", house.INK, house.LIGHT]
    assert "Cusco, Puno: 3." in figure.alt


@pytest.mark.parametrize(("one_scale", "widths"), [(True, [1, 0.1]), (False, [1, 1])])
def test_groups_are_headings_with_a_scale_of_their_own_if_told(one_scale, widths):
    rows = frame(label=list("ab"), value=[10, 1], group=["x", "21"])
    figure = plot.bars(rows, "t", one_scale=one_scale)
    assert [bar.get_width() for bar in figure.axes[0].patches] == widths
    assert {"x", "Puno"} <= texts(figure) and "x: a: 10. Puno: b: 1." in figure.alt


def test_stacked_bars_fill_the_width_and_hatch_what_is_not_broken_down():
    table = pd.DataFrame({"a": [0.3, 0.5], "rest": [0.7, 0.5]}, index=["x", "y"])
    figure = plot.stacked(table, "t", tones={"rest": "open"}, write="%1")
    bars = figure.axes[0].patches
    assert [bar.get_x() for bar in bars] == pytest.approx([0, 0, 0.3, 0.5])
    assert [bar.get_width() for bar in bars] == [0.3, 0.5, 0.7, 0.5]
    assert [bool(bar.get_hatch()) for bar in bars] == [False, False, True, True]
    assert "x: a 30.0%, rest 70.0%." in figure.alt and legend(figure) == ["a", "rest"]


def test_intervals_are_bars_and_middles_are_diamonds():
    table = frame(label=["x", "y"], low=[0.1, 0.3], high=[0.2, 0.3], group="g")
    figure = plot.ranges(table, "t", write="%0")
    ax = figure.axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.1, 0])
    assert [layer.get_offsets()[:, 0].tolist() for layer in ax.collections] == [[0.3]]
    assert "g: x: 10%–20%. y: 30%." in figure.alt


def test_estimates_are_stamped_and_show_the_truth():
    table = frame(label=["X"], total=[10.0], low=[8.0], high=[12.0], truth=[11.0])
    look = {"names": ("estimate", "true"), "stamp": "SYNTHETIC", "note": "Made up."}
    figure = plot.ranges(table, "t", value="total", mark="truth", **look)
    ax = figure.axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(8, 4)]
    dots = [layer.get_offsets()[:, 0].tolist() for layer in ax.collections]
    assert [places for places in dots if places] == [[10], [11]]
    assert "X: 10 (8–12); true 11." in figure.alt and legend(figure) == ["estimate", "true"]
    assert {"SYNTHETIC", "Made up."} <= texts(figure)
    assert not any("Source" in text for text in texts(figure))


def test_open_ends_are_hatched():
    rows = frame(label=["FEAS\n? – 1999", "undated"], words="")
    rows = rows.assign(low=[1997, None], high=[1999, None], first=[1996, None], last=[1999, None])
    figure = plot.ranges(rows, "t", outer=("first", "last"), words="words", write="{:.0f}".format)
    bars = figure.axes[0].patches
    spans = {(bar.get_x(), bar.get_width()): bool(bar.get_hatch()) for bar in bars}
    assert spans[1996, 3] and not spans[1997, 2]
    assert "FEAS, ? – 1999. undated." in figure.alt


# --- points and cells ---------------------------------------------------------------------------


def points(n=30, named=12):
    rng, numbers = np.random.default_rng(1), np.arange(n)
    names = [f"crop number {i}" if i < named else "" for i in numbers]
    return frame(x=rng.random(n), y=rng.random(n) + 1, strong=numbers < named, label=names)


def test_names_of_a_scatter_stay_apart_and_inside():
    table = pd.concat([points().assign(region="08"), points(5, 2).assign(region="21")])
    figure = plot.scatter(table, "T", panel="region", strong="strong")
    for ax, many in zip(figure.axes, (12, 2), strict=True):
        found, edge = boxes(ax), ax.get_window_extent().padded(2)
        assert len(found) == many
        assert all(edge.contains(*one.min) and edge.contains(*one.max) for one in found)
    assert "Cusco: crop number 0 " in figure.alt and "Puno: crop number 0 " in figure.alt


def test_medians_are_those_of_the_panel_and_a_label_off_its_dot_has_a_line():
    table = points()
    across, up = plot.scatter(table, "T").axes[0].lines[:2]
    assert across.get_xdata()[0] == table["x"].median()
    assert up.get_ydata()[0] == table["y"].median()
    ax = plot.scatter(points(), "T", strong="strong").axes[0]
    named = [text for text in ax.texts if text.get_text()]
    for text, found in zip(named, boxes(ax), strict=True):
        dot = ax.transData.transform(text.xy)
        gap = np.hypot(*(dot - dot.clip(found.min, found.max))) * 72 / ax.figure.dpi
        assert gap < 7.5 or text.arrow_patch is not None
        # A name without a line is nearest to its own point.
        spots = ax.transData.transform(table[["x", "y"]])
        gaps = np.hypot(*(spots - spots.clip(found.min, found.max)).T) * 72 / ax.figure.dpi
        assert text.arrow_patch is not None or gaps.min() == pytest.approx(gap)
    assert any(text.arrow_patch for text in named) and len(named) == 12


def test_keys_stand_above_the_panel_and_in_the_alt_text():
    table = points(6, 2).assign(label=["1", "2", "", "", "", "coffee"], region="08")
    table["key"] = ["1 fig*", "2 prickly pear", "", "", "", ""]
    figure = plot.scatter(table, "T", panel="region", listed="key", log=True)
    found = {text.get_text().replace("\u00a0", " ") for text in figure.axes[0].texts}
    assert found == {"1 fig* · 2 prickly pear", "1", "2", "coffee"}
    assert "Cusco: 1 fig* " in figure.alt and " coffee " in figure.alt


def test_a_heat_map_shades_and_names_its_cells():
    columns = pd.MultiIndex.from_product([["p", "q"], ["S", "W"]])
    cells = pd.DataFrame([[1, 0, 0, 2], [0, 4, 3, 0]], index=["one", "two"], columns=columns)
    figure = plot.heatmap(cells, "t")
    ax = figure.axes[0]
    assert (ax.collections[0].get_array() > 0).sum() == 4
    assert figure.alt == "t. one: p S 1; q W 2. two: p W 4; q S 3."
    # Dark cells have light words, groups are named.
    by_word = {text.get_text(): text for text in ax.texts}
    assert to_hex(by_word["4"].get_color()) in ("#ffffff", "#fff") and {"p", "q"} <= set(by_word)
    flat = cells.set_axis(list("abcd"), axis=1)
    assert "Sum 7" in plot.heatmap(flat, "t", words=flat.map(str).assign(Sum=["3", "7"])).alt


@pytest.mark.parametrize("chain", ["coffee", "camelids"])
def test_a_chain_has_its_letters_where_they_hit(chain):
    names = ("chain_segments", "chain_problems", "problem_segments")
    tables = [rows[rows["chain"] == chain] for rows in map(load, names)]
    figure = plot.chain(tables, "A title", "a subtitle")
    ax = figure.axes[0]
    badges = [text for text in ax.texts if len(text.get_text()) == 1]
    # One badge a hit, and one a letter in the explanation.
    assert len(badges) == len(tables[2]) + len(tables[1]) == len(ax.lines)
    is_open = [line.get_markerfacecolor() == "white" for line in ax.lines]
    assert sum(is_open) == (tables[2]["hit_basis"] == "whole chain").sum()
    assert "Intermediation: " in figure.alt and "F: Market studies." in figure.alt
    assert figure.alt.count(" (whole chain)") == sum(is_open)
    right = max(one.x1 for one in boxes(ax))
    assert right < max(patch.get_window_extent().x1 for patch in ax.patches) < figure.bbox.x1


# Machado, Oliveira and Fernandes 2009: what is left of linear red, green and blue without a cone.
VISIONS = {
    "all cones": np.eye(3),
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.052]],
    "deuteranopia": [[0.3673, 0.8606, -0.228], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.969]],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
APART = 10  # ΔE: 2.3 is just seen between patches that touch


def lab(colour, vision):
    """Return a colour in CIELAB, as it is seen."""
    light = np.array(to_rgb(colour))
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    light = XYZ @ np.clip(np.array(VISIONS[vision]) @ light, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(light > 0.008856, np.cbrt(light), 7.787 * light + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_are_told_apart_by_colour_blind_readers(vision):
    regions = {*house.FIXED.values(), *house.PALETTE}
    scale = [*geography.BELOW[::-1], *house.SHADES]
    pairs = [*itertools.combinations(regions, 2), *itertools.pairwise(scale)]
    pairs += itertools.combinations(VERDICTS.values(), 2)
    apart = {pair: np.linalg.norm(lab(pair[0], vision) - lab(pair[1], vision)) for pair in pairs}
    assert min(apart.values()) > APART, min(apart, key=apart.get)


# --- maps ---------------------------------------------------------------------------------------


def test_map_hatches_missing_and_outlines_the_selected():
    herd = frame(ubigeo=["05", "21", "15"], value=[40_351, 18_158, 17_700])
    figure = plot.map(herd, "t", selected=["08", "21"], unit="heads")
    counts = legend(figure)
    assert "no figure  (22)" in counts
    assert sum(int(text.rsplit("(", 1)[1][:-1]) for text in counts) == 25
    assert {"Cusco", "Puno\n18,158", "40,351", "300 km"} <= texts(figure)
    assert figure.alt.endswith("Departments without a figure: 22.")


def test_no_words_on_a_map_cover_others():
    figure = plot.map(frame(ubigeo=places.codes(), value=0.44), "t", selected=["18", "23"])
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) > 20  # Callao's has no room
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_names_on_a_map_stand_within_it():
    prices = frame(ubigeo=places.codes(), value=2.7)
    for chosen in (["08", "17", "21"], ["24", "20"], ["23", "18", "04"], ["16", "25"]):
        ax = plot.map(prices, "t", selected=chosen).axes[0]
        room, width = ax.get_window_extent().padded(2), ax.get_position().width
        assert width > 0.95  # a name beside the map would make the map smaller
        for text in ax.texts:
            corners = text.get_window_extent().corners()
            assert all(room.contains(*corner) for corner in corners), text.get_text()


def contrast(one, other):
    """Return the contrast of two colours as WCAG 2 defines it."""
    light = np.array([to_rgb(one), to_rgb(other)])
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    dark, bright = sorted(light @ (0.2126, 0.7152, 0.0722) + 0.05)
    return bright / dark


def test_letters_on_a_map_can_be_read_on_every_class(tmp_path):
    # A figure in each class below zero and above it, and none.
    sizes = [-9, -4, -1.5, -0.5, 0.5, 1.5, 4, 9, 19, 40]
    values = frame(ubigeo=list(places.codes()), value=(sizes * 3)[:25])
    for chosen in ([], ["08", "25"]):
        figure = plot.map(values, "t", breaks=[1, 2, 5, 10, 20, 50], selected=chosen)
        layers = [x for x in figure.axes[0].collections if (x.get_gid() or "")[:5] == "rows-"]
        fills = {}
        for layer in layers:
            codes = values["ubigeo"][list(map(int, layer.get_gid().split("-")[1:]))]
            fills |= dict.fromkeys(codes, to_hex(layer.get_facecolor()[0]))
        labels = [text for text in figure.axes[0].texts if (text.get_gid() or "").count("-")]
        on_place = [text.get_gid().split("-") for text in labels if text.get_gid().count("-") == 2]
        assert len(on_place) > 15 and len(set(fills.values())) == 10
        for text in labels:
            _, place, *halo = text.get_gid().split("-")
            ground = fills[place] if halo else "white"
            assert contrast(text.get_color(), ground) >= 4.5, (place, text.get_text())
        # On a page a slider gives the letters the colour of the class's look.
        svg = figure.save(tmp_path / "map.svg").read_text(encoding="utf-8")
        looks = re.findall(r'fill="(#\w+)"[^>]*data-look="\d+" color="([#\w]+)"', svg)
        assert len(looks) == 12
        assert min(contrast(*look) for look in looks) >= 4.5


def test_letters_of_a_heat_map_can_be_read_on_every_shade():
    shades = pd.DataFrame({"a": [0.0, 0.8, 1.6], "b": [2.4, 3.2, 4.0]})
    ax = plot.heatmap(shades, "t", words=shades.map(str), most=4).axes[0]
    mesh, words = ax.collections[0], {text.get_text(): text.get_color() for text in ax.texts}
    mesh.update_scalarmappable()
    fills = list(map(to_hex, mesh.get_facecolor()))
    assert len(set(fills)) == 6
    for fill, value in zip(fills, shades.to_numpy().ravel(), strict=True):
        assert contrast(words[str(value)], fill) >= 4.5, (value, fill)


def test_map_names_a_joint_figure_and_dots_its_departments():
    herd = frame(ubigeo=["08+09+12+21", "21"], value=[779_824, 359_361], bound=["exact", "about"])
    figure = plot.map(herd, "t", write="0")
    counts = " ".join(" ".join(legend(figure)).split())
    assert "together 779,824: Cusco, Huancavelica, Junín, Puno (3)" in counts
    assert "(21)" in counts and "bound, not exact" in counts and "~359,361" in texts(figure)
    assert "Puno about 359,361." in figure.alt


@given(st.lists(st.floats(1e-4, 1e9), min_size=1, max_size=60))
def test_classes_of_a_map_are_round_and_none_is_empty(values):
    limits = geography.even_breaks(values)
    counts = np.bincount(np.searchsorted(limits, values), minlength=len(limits))
    assert 1 <= len(limits) <= 6 and limits == sorted({*limits})
    assert len(counts) == len(limits) and counts.min() > 0
    # Round: 1, 2 or 5 and zeros, or whole steps of so many (or 2.5) that few would span the values.
    steps = [step * 10.0**power for power in range(-9, 11) for step in (1, 2, 2.5, 5)]
    wide = [step for step in steps if 8 * step > max(values) - min(values)]
    are_steps = (all(abs(x / step - round(x / step)) < 1e-6 for x in limits) for step in wide)
    assert {*limits} <= {float(f"{x:.9g}") for x in steps} or any(are_steps)


def test_prices_that_are_near_each_other_are_told_apart():
    prices = [8.9, 7.5, 6.2, 5.7, 5.6, 5.0, 4.9, 4.7, 4.5, 4.4, 4.4, 4.4, 4.2, 2.7, 2.7, 2.6]
    assert geography.even_breaks(prices) == [4, 6, 8, 10]
    figure = plot.map(frame(ubigeo=places.codes()[:16], value=prices), "t")
    assert legend(figure)[:4] == ["8–10  (1)", "6–8  (2)", "4–6  (10)", "up to 4  (3)"]


def test_map_classes_are_the_same_for_every_count():
    breaks = plot.nice_breaks([3, 90_000])
    assert breaks == [5000, 10000, 20000, 50000, 100000]
    one, other = (
        plot.map(frame(ubigeo=["08"], value=[value]), "t", breaks=breaks).axes[0].get_legend()
        for value in (30_000, 50_000)
    )
    assert hues(one.get_patches()[:5]) == hues(other.get_patches()[:5])
    counts = frame(ubigeo=places.codes(), value=[5, 3, 3, 2, 2, 2, *[1] * 6, *[0] * 13])
    figure = plot.map(counts, "t", breaks=[1, 2, 3, 4, 5], whole=True)
    assert legend(figure) == ["5  (1)", "4  (0)", "3  (2)", "2  (3)", "1  (6)", "none  (13)"]
    with pytest.raises(DataError, match="above the last class limit"):
        plot.map(frame(ubigeo=["08"], value=[1e9]), "t", breaks=breaks)
    with pytest.raises(DataError, match="a map has 1 to 6 classes, not 7"):
        plot.map(frame(ubigeo=["08"], value=[1]), "t", breaks=range(1, 8))


def test_classes_of_one_name_are_still_classes():
    figure = plot.map(frame(ubigeo=["08", "21"], value=[1e-5, 9e-5]), "t")
    layers = [x for x in figure.axes[0].collections if (x.get_gid() or "")[:5] == "rows-"]
    assert len({to_hex(layer.get_facecolor()[0]) for layer in layers}) == 2


def test_a_map_of_figures_below_zero_has_classes_of_its_own_for_them():
    change = frame(ubigeo=["08", "12", "21", "22"], value=[-30.0, 15, 0, -4])
    figure = plot.map(change, "Change", breaks=[10, 20, 50])
    above = ["20–50  (0)", "10–20  (1)", "up to 10  (0)"]
    below = ["−10 to 0  (1)", "−20 to −10  (0)", "−50 to −20  (1)"]
    assert legend(figure) == [*above, "none  (1)", *below, "no figure  (21)"]
    assert "Junín 15. San Martín −4. Cusco −30." in figure.alt
    assert len(set(hues(figure.axes[0].get_legend().get_patches()[:7]))) == 7
    # Without breaks those of the sizes, the same on both sides.
    assert "−50 to −20  (1)" in legend(plot.map(change, "Change"))


def test_a_map_of_one_year_carries_the_others_as_frames(monkeypatch):
    monkeypatch.setenv("FIGURE_FORMAT", "svg")
    herd = frame(
        ubigeo=["08", "21", "08", "12"], year=[2001, 2001, 2002, 2002], value=[4.0, 9, 6, 0]
    )
    figure = plot.map(herd, "t", "Heads, 2002", year=2002, breaks=[5, 10], selected=["21"])
    assert legend(figure) == ["5–10  (1)", "up to 5  (0)", "none  (1)", "no figure  (23)"]
    assert figure.alt.startswith("t. Heads, 2002. Cusco 6.") and "Puno" not in figure.alt
    data, metadata = figure._repr_mimebundle_()
    frames = metadata["frames"]
    assert frames["names"] == ["2001", "2002"] and frames["shown"] == 1
    assert frames["marks"]["08"] == [[1, "Cusco 4"], [0, "Cusco 6"]]
    assert frames["marks"]["21"] == [[0, "Puno 9"], [3, "Puno: no figure"]]
    assert frames["marks"]["12"] == [[3, "Junín: no figure"], [2, "Junín 0"]]
    assert frames["texts"] == {
        **{"08": ["4", "6"], "21": ["9", ""], "under0": ["Heads, 2001", "Heads, 2002"]},
        **{"look0": ["5–10  (1)", "5–10  (1)"], "look1": ["up to 5  (1)", "up to 5  (0)"]},
        **{"look2": ["none  (0)", "none  (1)"], "look3": ["no figure  (23)", "no figure  (23)"]},
    }
    table = metadata["data"]
    assert table["schema"]["primaryKey"] == ["ubigeo", "year"]
    lines = ["ubigeo,year,value,bound,class", "08,2001,4.0,exact,up to 5", "21,2001,9.0,exact,5–10"]
    assert table["data"].splitlines()[:3] == lines
    # Each look and text stands in the picture, every place can be marked.
    svg = data["image/svg+xml"]
    assert is_harmless(svg) and len(re.findall(r'data-of="\d\d"', svg)) == 25
    assert set(re.findall(r'data-look="(\d)"', svg)) == {*"0123"}
    assert set(re.findall(r'data-text="(\w+)"', svg)) == set(frames["texts"])
    assert re.findall(r'data-text="21">([^<]*)', svg) == ["Puno", " "]  # 9 has its place there
    with pytest.raises(DataError, match="a map of several years draws exact figures"):
        plot.map(herd.assign(bound="about"), "t", year=2002)


def test_an_area_of_a_map_is_one_path_with_its_holes():
    square = box(0, 0, 4, 4).difference(box(1, 1, 2, 2))
    shapes = gpd.GeoDataFrame(geometry=[square.union(box(8, 0, 9, 1)), box(5, 5, 6, 6)])
    ax = Figure().subplots()
    geography.paint(ax, shapes, facecolor="red")
    path, other = ax.collections[0].get_paths()
    assert (path.codes == path.MOVETO).sum() == 3  # two outlines and a hole
    assert path.contains_point((3, 3)) and not path.contains_point((7, 7))
    assert (other.codes == other.MOVETO).sum() == 1
    geography.paint(ax, shapes.iloc[:0], facecolor="red")  # nothing chosen is nothing drawn


def test_a_figure_keeps_its_picture_when_pyplot_is_used_beside_it(monkeypatch):
    shown = DisplayFormatter()
    png = shown.formatters["image/png"]
    png.for_type(Figure, lambda figure: b"of pyplot")  # as %matplotlib inline does
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(display_formatter=shown))
    chart = plot.lines(WIDE, "t")
    data, about = shown.format(chart)
    assert data["image/png"] == chart._repr_mimebundle_()[0]["image/png"]
    assert about["image/png"]["alt"] == chart.alt
    assert shown.format(Figure())[0]["image/png"] == b"of pyplot"
