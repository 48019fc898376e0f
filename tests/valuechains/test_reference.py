"""Indicators against the libraries that have them, where the extra `reference` is installed."""

import numpy as np
import pandas as pd
import pytest

from valuechains import indicators
from valuechains.indicators import spatial, specialisation
from valuechains.plot import geography as maps
from valuechains.select import crops

RNG = np.random.default_rng(5)


def random_tables(n=40):
    for _ in range(n):
        size = RNG.integers(5, 25), RNG.integers(5, 40)
        table = pd.DataFrame(RNG.lognormal(0, 2, size)).where(RNG.random(size) < 0.6, 0.0)
        if table.sum(axis=1).min() > 0 and table.sum().min() > 0:
            yield table
    yield crops.values()


def test_specialisation_is_that_of_econcomplex():
    ec = pytest.importorskip("econcomplex")
    for table in random_tables():
        lq = specialisation.location_quotient(table)
        assert np.allclose(lq, ec.rca(table))
        special = lq >= 1
        phi = specialisation.proximity(special)
        assert np.allclose(phi, ec.proximity(table)["product"])
        density = specialisation.density(special, phi).fillna(0)
        assert np.allclose(100 * density, ec.relatedness_density(table))
        mix = [specialisation.krugman(row, table.sum()) for _, row in table.iterrows()]
        assert np.allclose(mix, ec.krugman_index(table))
        # Theirs is (HHI − 1/n) / (1 − 1/n).
        least = 1 / table.shape[1]
        hhi = [(indicators.hhi(row) - least) / (1 - least) for _, row in table.iterrows()]
        assert np.allclose(hhi, ec.herfindahl(table))
        eci, pci = specialisation.complexity(special)
        if eci.notna().all() and pci.notna().all():
            theirs = ec.eci_pci(table, method="eigenvector")
            assert np.allclose(eci, theirs[0])
            # There the sign of PCI follows ubiquity, here it follows ECI.
            assert np.allclose(pci, theirs[1]) or np.allclose(pci, -theirs[1])


def test_gini_is_that_of_inequality():
    library = pytest.importorskip("inequality.gini")
    for _ in range(50):
        parts = RNG.lognormal(0, 1, RNG.integers(2, 30))
        assert indicators.gini(parts) == pytest.approx(library.Gini(parts).g)


def test_moran_is_that_of_esda():
    esda, graph = pytest.importorskip("esda"), pytest.importorskip("libpysal.graph")
    shapes = maps.departments().set_index("ubigeo").geometry
    neighbours = spatial.contiguity(shapes)
    for rook in (False, True):
        theirs = graph.Graph.build_contiguity(shapes, rook=rook)
        assert (theirs.sparse.toarray() == neighbours).all(axis=None)
    for kept in (shapes.drop("07"), shapes.drop("15")):  # without Lima, Callao is an island
        values = pd.Series(RNG.lognormal(size=len(kept)), index=kept.index)
        weights = graph.Graph.build_contiguity(kept, rook=False).transform("r")
        ours, theirs = spatial.moran(values, neighbours), esda.Moran(values, weights)
        assert ours.i == pytest.approx(theirs.I)
        assert ours.p == pytest.approx(min(1, 2 * theirs.p_sim), abs=0.1)  # theirs: one-sided
        local = spatial.local_moran(values, neighbours)
        assert np.allclose(local["i"], esda.Moran_Local(values, weights).Is)
