"""Scatter charts and the map of clusters: what they say, in words and in ink."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from valuechains.core.scope import Scope
from valuechains.indicators import spatial
from valuechains.plot import atlas, maps, scatters
from valuechains.select import camelids as herds
from valuechains.select import crops

SOURCE = ["midagri_seia_bd_2024"]


def points(n=30, named=12):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "x": rng.random(n), "y": rng.random(n) + 1, "strong": np.arange(n) < named,
            "label": [f"crop number {i}" if i < named else "" for i in range(n)],
        }
    )  # fmt: skip


def test_names_of_a_scatter_stay_apart_and_inside():
    figure = scatters.scatter({"08": points(), "21": points(5, 2)}, "T", "S", SOURCE, "x", "y")
    figure.draw_without_rendering()
    for ax, many in zip(figure.axes, (12, 2), strict=True):
        boxes = [Text.get_window_extent(text) for text in ax.texts]  # without its line
        assert len(boxes) == many
        assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
        frame = ax.get_window_extent().padded(2)
        assert all(frame.contains(*box.min) and frame.contains(*box.max) for box in boxes)
    assert "Cusco: crop number 0 " in figure.alt and "Puno: crop number 0 " in figure.alt


def test_medians_are_those_of_the_panel():
    table = points()
    ax = scatters.scatter({"08": table}, "T", "S", SOURCE, "x", "y").axes[0]
    across, up = ax.lines[:2]
    assert across.get_xdata()[0] == table["x"].median()
    assert up.get_ydata()[0] == table["y"].median()


def test_a_label_that_does_not_touch_its_dot_has_a_line():
    figure = scatters.scatter({"08": points()}, "T", "S", SOURCE, "x", "y")
    figure.draw_without_rendering()
    ax, table = figure.axes[0], points()
    for text in ax.texts:
        if not text.get_text():
            continue
        dot = ax.transData.transform(text.xy)
        box = Text.get_window_extent(text)
        gap = np.hypot(*(dot - dot.clip(box.min, box.max))) * 72 / figure.dpi
        assert gap < 7.5 or text.arrow_patch is not None
    assert any(text.arrow_patch for text in ax.texts) and len(table) == 30


def test_keys_stand_above_the_panel_and_in_the_alt_text():
    table = points(6, 2).assign(label=["1", "2", "", "", "", "coffee"])
    table["key"] = ["1 fig*", "2 prickly pear", "", "", "", ""]
    figure = scatters.scatter({"08": table}, "T", "S", SOURCE, "x", "y")
    figure.draw_without_rendering()
    texts = {text.get_text().replace("\u00a0", " ") for text in figure.axes[0].texts}
    assert texts == {"1 fig* · 2 prickly pear", "1", "2", "coffee"}
    assert "Cusco: 1 fig* " in figure.alt and " coffee " in figure.alt


def test_dots_number_the_best_candidates_and_name_coffee():
    land = crops.landscape()
    found, lq = crops.candidates(land, "08"), land.lq.loc["08"]
    dots = crops.dots(found, lq, 3)
    # Alfalfa 0.83 and kiwicha 0.89 are nearly specialisations, quince is not grown; coffee is one.
    assert dots.loc[dots["key"] != "", "key"].tolist() == [
        "1 alfalfa*", "2 kiwicha (amaranth)*", "3 quince",
    ]  # fmt: skip
    assert set(dots["label"]) == {"", "1", "2", "3"}
    assert dots["strong"].sum() == found["is_candidate"].sum()
    dots = crops.dots(crops.candidates(land, "21"), land.lq.loc["21"], 3)
    assert dots.loc["coffee", ["label", "key"]].tolist() == ["coffee", ""]
    dear = crops.candidates(land, "21", crops.value_per_tonne())
    assert crops.dots(dear, land.lq.loc["21"]).loc["coffee", "key"] == "4 coffee"


def test_map_of_clusters_colours_only_what_chance_would_not_do():
    lq = crops.landscape().lq["coffee"]
    neighbours = spatial.contiguity(maps.departments().set_index("ubigeo").geometry)
    local = spatial.local_moran(lq, neighbours)
    figure = atlas.clusters(local, "T", "S", SOURCE, ["08"])
    legend = figure.axes[0].get_legend()
    counts = [int(text.get_text().rsplit("(", 1)[1][:-1]) for text in legend.get_texts()]
    assert sum(counts) == 25 and counts[-1] == 1  # Callao has no crops
    assert sum(counts[:4]) == (local["p"] <= 0.05).sum()
    shades = [to_hex(patch.get_facecolor()) for patch in legend.get_patches()]
    assert len(set(shades)) == len(shades)
    hatches = [bool(patch.get_hatch()) for patch in legend.get_patches()]
    assert hatches == [False, False, True, True, False, True]
    signs = [text.get_text() for text in figure.axes[0].texts]
    assert (
        "Cusco\n+ / −" in signs and signs.count("− / −") == (local["quadrant"] == "low-low").sum()
    )
    assert "low among high: La Libertad." in figure.alt


def test_people_are_those_of_the_nearest_full_list():
    # 2012: the estimate of that year; 2008: the census of 2007; 2018: 2017 has two censuses;
    # 2005: the census of 2007, as near as the estimates of 2003.
    for year, found in ((2012, 2012), (2008, 2007), (2018, 2017), (1950, 1993), (2005, 2007)):
        table = herds.population(year)
        assert len(table) == 25 and set(table["year"]) == {found}
    assert set(herds.population(2008)["concept"]) == {"census, counted"}
    assert set(herds.population(2018)["concept"]) == {"census, counted"}


def test_densities_by_hand():
    # Puno, CENAGRO 2012: 1,459,903 alpacas; 1,377,122 people in 2012, 66,997 km² (CEPLAN).
    one = herds.densities(herds.herd("alpaca", Scope(("21",), 2000, 2013))).set_index("ubigeo")
    assert one.loc["21", "heads_per_thousand"] == pytest.approx(1000 * 1_459_903 / 1_377_122)
    assert one.loc["21", "written"] == "1,459,903"
    assert one.loc["21", "heads_per_km2"] == pytest.approx(1_459_903 / 66_997, rel=1e-3)
    llamas = herds.densities(herds.herd("llama", Scope(("21",), 2000, 2013)))
    assert not llamas["ubigeo"].str.contains("+", regex=False).any()
    # 35.7 % of 1,006,614 is 359,361: three figures, as the share has.
    assert llamas.set_index("ubigeo").loc["21", "written"] == "about 359,000"
    # UNIDO's shares of 2010 are of no total: no heads, no density.
    assert herds.densities(herds.herd("alpaca", Scope(("04",), 2010, 2011))).empty


def test_heads_and_share_of_one_count_that_do_not_fit():
    # Ayacucho: 230,910 heads printed; 2.8 % of 3,685,516 is 103,194. Arequipa's 12.7 % fits.
    here = Scope(("21",), 2000, 2013)
    found = herds.contradictions("alpaca", herds.herd("alpaca", here))
    assert found["ubigeo"].tolist() == ["05"]
    assert found["heads"].item() == 230_910 and found["share"].item() == pytest.approx(0.028)
    assert found["implied_heads"].item() == pytest.approx(103_194.4, abs=0.1)
    assert herds.contradictions("vicuna", herds.herd("vicuna", here)).empty
