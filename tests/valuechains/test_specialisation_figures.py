"""Scatter charts and the map of clusters: what they say, in words and in ink."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.text import Text

from valuechains.indicators import spatial
from valuechains.plot import atlas, maps, scatters
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
