"""Figures: what they say, in words and in ink; not their pixels."""

import base64
import io
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image
from shapely.geometry import box

from valuechains import tables
from valuechains.core.errors import DataError
from valuechains.core.scope import Scope
from valuechains.plot import charts, comparisons, maps, style
from valuechains.select import camelids as herds
from valuechains.select import coffee as series

HERE = Scope(("08", "21"), 2000, 2013)
SOURCE = ["report_eu_peru_2016"]


@pytest.fixture
def price():
    return series.wide(series.measure("farm_price_pen_per_kg", HERE), HERE)


def texts(figure):
    found = [text.get_text() for text in figure.texts]
    for ax in figure.axes:
        found += [text.get_text() for text in ax.texts]
    return found


def test_a_plate_shows_itself_with_alt_text(price):
    figure = charts.lines(price, "A title", "in soles", SOURCE)
    data, metadata = figure._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == round(style.WIDTH_IN * style.DPI)
    assert metadata["image/png"]["alt"] == data["text/plain"] == figure.alt
    assert figure.alt.startswith("A title. in soles. Cusco: 3.1 in 2000, 4.2 in 2013;")
    assert "Source: EU–Peru report 2016." in texts(figure)


def test_the_same_figure_is_the_same_bytes(price):
    first, second = (
        charts.lines(price, "A title", "in soles", SOURCE)._repr_mimebundle_()[0] for _ in range(2)
    )
    assert first == second


def test_regions_keep_their_colour_in_any_company():
    assert style.colours(["08", "21"])["21"] == style.colours(["22", "21", "12"])["21"] == "#D55E00"
    eight = style.colours([f"{n:02d}" for n in range(5, 13)])
    assert len(set(eight.values())) == 8


def test_lines_leave_gaps_and_label_ends():
    scope = Scope(("08", "12"), 2013, 2020)
    wide = series.wide(series.measure("farm_price_pen_per_kg", scope), scope)
    figure = charts.lines(wide, "t", "s", SOURCE)
    drawn = figure.axes[0].lines[0].get_ydata()
    assert pd.isna(drawn[3:6]).all()
    assert {"Cusco", "Junín"} <= set(texts(figure))


def test_end_labels_do_not_touch():
    wide = pd.DataFrame(
        {code: [1.0, 2.0 + i / 1000] for i, code in enumerate(("08", "21", "12"))},
        index=[2000, 2001],
    )
    figure = charts.lines(wide, "t", "s", SOURCE, rust=False)
    figure.draw_without_rendering()
    boxes = [
        text.get_window_extent()
        for text in figure.axes[0].texts
        if text.get_text() in ("Cusco", "Puno", "Junín")
    ]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_rust_years_are_marked_only_where_they_are():
    wide = pd.DataFrame({"08": [1.0, 2.0]}, index=[2000, 2001])
    assert "rust" not in texts(charts.lines(wide, "t", "s", SOURCE))
    wide = pd.DataFrame({"08": [1.0, 2.0, 3.0, 4.0]}, index=range(2010, 2014))
    assert "rust" in texts(charts.lines(wide, "t", "s", SOURCE))


def test_contributions_add_up_to_the_marker(price):
    split = pd.DataFrame(
        {"price": [3.0, -1], "yield": [-1.0, -2], "change": [2.0, -3]}, index=[2001, 2002]
    )
    ax = charts.contributions({"08": split}, "t", "s", SOURCE).axes[0]
    tops = {}
    for bar in ax.patches:
        year = round(bar.get_x() + bar.get_width() / 2)
        tops[year] = tops.get(year, 0) + bar.get_height()
    assert tops == {2001: 2, 2002: -3}


def test_bounds_are_hatched_and_named():
    rows = pd.DataFrame({"label": ["a", "b"], "value": [0.4, 0.2], "bound": ["more_than", "exact"]})
    figure = comparisons.bars(rows, "t", "s", SOURCE)
    bars = figure.axes[0].patches
    assert [bool(bar.get_hatch()) for bar in bars] == [True, False]
    assert "more than 0.4" in " ".join(texts(figure))
    assert "a: more than 0.4" in figure.alt


def test_map_hatches_missing_and_outlines_the_selected():
    herd = herds.herd("vicuna", HERE)
    figure = maps.choropleth(
        herd,
        "heads",
        "t",
        "s",
        SOURCE,
        maps.nice_breaks(herds.heads("vicuna")),
        HERE.regions,
        "heads",
    )
    ax = figure.axes[0]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "no figure  (22)" in legend
    assert sum(int(text.rsplit("(", 1)[1][:-1]) for text in legend) == 25
    assert {"Cusco", "Puno\n18,158", "40,351"} <= set(texts(figure))
    assert "300 km" in texts(figure)
    assert figure.alt.endswith("Departments without a figure: 22.")


def test_map_names_a_joint_figure_and_dots_its_departments():
    herd = herds.herd("llama", HERE)
    figure = maps.choropleth(
        herd,
        "heads",
        "t",
        "s",
        SOURCE,
        maps.nice_breaks(herds.heads("llama")),
        HERE.regions,
        "heads",
    )
    legend = " ".join(text.get_text() for text in figure.axes[0].get_legend().get_texts())
    assert "together 779,824" in legend.replace("\n", " ")
    assert "(3)" in legend and "(21)" in legend


def test_map_classes_are_the_same_for_every_count():
    breaks = maps.nice_breaks([3, 90_000])
    assert breaks == [5000, 10000, 20000, 50000, 100000]
    figures = [
        maps.choropleth(
            pd.DataFrame({"ubigeo": ["08"], "x": [value]}), "x", "t", "s", SOURCE, breaks
        )
        for value in (30_000, 50_000)
    ]
    shades = [
        to_hex(figure.axes[0].get_legend().get_patches()[0].get_facecolor()) for figure in figures
    ]
    assert shades[0] == shades[1]
    with pytest.raises(DataError, match="above the last class limit"):
        maps.choropleth(pd.DataFrame({"ubigeo": ["08"], "x": [1e9]}), "x", "t", "s", SOURCE, breaks)


def test_source_line_names_yearbooks_once():
    line = style.source_line([f"midagri_anuario_{year}" for year in (2022, 2019, 2022)])
    assert line == "Source: MIDAGRI yearbook 2019, 2022."


def test_charts_do_not_need_pyplot():
    """Figures share no global state: pyplot knows none of them."""
    code = (
        "import valuechains.plot.charts as c, pandas as pd, matplotlib._pylab_helpers as h;"
        "wide = pd.DataFrame({'08': [1.0, 2]}, index=[2000, 2001]);"
        "c.lines(wide, 't', 's', ['report_eu_peru_2016']);"
        "assert not h.Gcf.figs"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_picture_keeps_its_flat_colours_and_gives_rare_ones_the_nearest():
    # 200 greys of 1 pixel each, one red of 100 pixels and white: more colours than the palette has.
    rgba = np.full((60, 60, 4), 255, dtype=np.uint8)
    rgba[:10, :10, :3] = (213, 94, 1)
    rgba[20, :60, :3] = np.arange(60)[:, None]
    rgba[21, :60, :3] = np.arange(60, 120)[:, None]
    rgba[22, :60, :3] = np.arange(120, 180)[:, None]
    shown = np.asarray(style._flat(rgba).convert("RGB")).astype(int)
    flat = np.ones((60, 60), dtype=bool)
    flat[20:23] = False
    assert (shown[flat] == rgba[flat][:, :3]).all()
    # 126 of the 180 greys are kept, the first ones; 126 to 179 become 125, except those that are
    # nearer to white, of which there are none below 190.
    assert (shown[22, :, 0] == np.minimum(np.arange(120, 180), 125)).all()


def test_a_layer_of_a_map_is_one_path_with_its_holes():
    square = box(0, 0, 4, 4).difference(box(1, 1, 2, 2))
    shapes = gpd.GeoDataFrame(geometry=[square.union(box(8, 0, 9, 1)), box(5, 5, 6, 6)])
    ax = Figure().subplots()
    maps.paint(ax, shapes, facecolor="red")
    (path,) = ax.collections[0].get_paths()
    assert (path.codes == path.MOVETO).sum() == 4  # two outlines and a hole, and the other area
    assert path.contains_point((3, 3)) and not path.contains_point((7, 7))
    maps.paint(ax, shapes.iloc[:0], facecolor="red")  # nothing chosen is nothing drawn


def test_a_table_that_one_changes_is_as_it_was_for_the_next(tmp_path):
    one = tables.load("coffee_regional")
    one.loc[0, "year"], one["source"] = 1, "x"
    assert tables.load("coffee_regional").loc[0, "year"] > 1
    assert "x" not in set(tables.load("coffee_regional")["source"])
    copy = tmp_path / "coffee_regional.csv"
    text = (tables.PROCESSED / copy.name).read_text(encoding="utf-8")
    copy.write_text(text, encoding="utf-8")
    assert len(tables.load("coffee_regional", tmp_path)) == len(one)
    copy.unlink()
    copy.write_text("".join(text.splitlines(keepends=True)[:3]), encoding="utf-8")
    assert len(tables.load("coffee_regional", tmp_path)) == 2
