"""Scatter charts and the map of clusters: what they say, in words and in ink."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from valuechains import atlas, crops, herds, maps, scatters, spatial
from valuechains.scope import Scope

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


def test_dots_name_the_best_candidates_and_coffee():
    found = crops.candidates(crops.landscape(), "21")
    dots = crops.dots(found, 3)
    assert (dots["label"] != "").sum() == 4 and dots.loc["coffee", "label"] == "coffee"
    assert dots["strong"].sum() == found["is_candidate"].sum()
    assert set(dots.index[dots["label"] != ""]) - {"coffee"} == set(
        found.index[found["is_candidate"]][:3]
    )


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
    assert one.loc["21", "heads_per_person"] == pytest.approx(1_459_903 / 1_377_122)
    assert one.loc["21", "heads_per_km2"] == pytest.approx(1_459_903 / 66_997, rel=1e-3)
    llamas = herds.densities(herds.herd("llama", Scope(("21",), 2000, 2013)))
    assert not llamas["ubigeo"].str.contains("+", regex=False).any()
