"""Spatial clustering: neighbours, Moran's I and its local form, as in esda.

Values are by region; one without a value is left out, also as a neighbour. The weights of a
region's `neighbours` (:func:`contiguity`) add up to one; an island has none and counts among the
values. A ``p`` is two-sided, of seeded permutations. Everything is missing for fewer than three
values, for equal ones, or where all are islands.
"""

from collections import namedtuple

import numpy as np
import pandas as pd
import shapely

from ..core.errors import DataError
from .inputs import takes

PERMUTATIONS, SEED = 9999, 2019


def contiguity(shapes: pd.Series) -> pd.DataFrame:
    """Return who touches whom, a shared point is enough (queen contiguity): zeros and ones.

    >>> squares = pd.Series([shapely.box(x, 0, x + 1, 1) for x in (0, 1, 5)], index=list("abc"))
    >>> contiguity(squares).to_numpy().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    polygons = np.asarray(shapes)
    for wrong in polygons[~shapely.is_geometry(polygons)]:
        raise DataError(f"shapes: {wrong!r}, expected areas, as plot.departments() has them")
    touches = shapely.intersects(polygons[:, None], polygons[None, :])
    np.fill_diagonal(touches, False)
    return pd.DataFrame(touches.astype(float), index=shapes.index, columns=shapes.index)


Moran = namedtuple("Moran", ["i", "expected", "p", "n", "islands"])


@takes("", "values")
@takes("", "neighbours")
def _prepared(values: pd.Series, neighbours: pd.DataFrame) -> tuple:
    """Return deviations, row-standardised weights and islands of those with a value."""
    if not neighbours.index.equals(neighbours.columns) or not (neighbours >= 0).all(axis=None):
        raise DataError("neighbours: expected weights, the same places down and across")
    known = values.dropna()
    missing = known.index.difference(neighbours.index)
    if len(missing):
        raise DataError(f"no neighbours are known for {', '.join(map(str, missing))}")
    w = neighbours.loc[known.index, known.index].to_numpy()
    count = w.sum(axis=1)
    weights = np.divide(w, count[:, None], out=np.zeros_like(w), where=count[:, None] > 0)
    z = (known - known.mean()).to_numpy(dtype=float)
    is_flat = len(known) < 3 or not count.any() or np.ptp(known) < 1e-12 * np.abs(known).max()
    return known.index, z, weights, list(known.index[count == 0]), is_flat


def moran(values: pd.Series, neighbours: pd.DataFrame) -> Moran:
    """Return Moran's I: ``n / S₀ · Σ_ij w_ij z_i z_j / Σ_i z_i²`` (Moran 1950).

    ``i``, what is ``expected`` by chance, ``p``, the ``n`` values and the ``islands`` among them.

    >>> row = pd.DataFrame(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> round(moran(pd.Series([1, 2, 3, 4]), row).i, 2)
    0.4
    """
    index, z, weights, islands, is_flat = _prepared(values, neighbours)
    n = len(index)
    if is_flat:
        return Moran(float("nan"), float("nan"), float("nan"), n, islands)
    scale = n / weights.sum() / (z @ z)
    i = scale * (z @ weights @ z)
    rng = np.random.default_rng(SEED)
    shuffled = rng.permuted(np.tile(z, (PERMUTATIONS, 1)), axis=1)
    by_chance = scale * np.einsum("pi,pi->p", shuffled @ weights.T, shuffled)
    return Moran(float(i), -1 / (n - 1), _pseudo_p(by_chance, i), n, islands)


def _pseudo_p(by_chance: np.ndarray, i: float) -> float:
    """Return twice the share of draws as extreme as what was observed, one added to both counts."""
    # The margin keeps a draw that is the same arrangement from falling beside it by rounding.
    margin = 1e-12 * max(1.0, abs(i))
    above = (by_chance >= i - margin).sum()
    below = (by_chance <= i + margin).sum()
    return float(min(1.0, 2 * (min(above, below) + 1) / (len(by_chance) + 1)))


def local_moran(values: pd.Series, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Return Anselin's local Moran's I of every region with a value.

    ``i``: ``(n − 1) z_i Σ_j w_ij z_j / Σ_j z_j²`` (Anselin 1995); ``quadrant``, its value and its
    neighbours' mean against the mean of all; ``p``: the others are dealt out over its neighbours.
    An island has ``i`` only.

    >>> row = pd.DataFrame(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> local_moran(pd.Series([1, 2, 3, 4]), row)["quadrant"].tolist()
    ['low-low', 'low-low', 'high-high', 'high-high']
    """
    index, z, weights, islands, is_flat = _prepared(values, neighbours)
    out = pd.DataFrame({"i": np.nan, "quadrant": None, "p": np.nan}, index=index)
    if is_flat:
        return out
    n, lag, rng = len(z), weights @ z, np.random.default_rng(SEED)
    scale = (n - 1) / (z @ z)
    out["i"] = scale * z * lag
    for place, region in enumerate(index):
        if region in islands:
            continue
        others = np.delete(z, place)
        k = int((weights[place] > 0).sum())
        dealt = rng.permuted(np.tile(others, (PERMUTATIONS, 1)), axis=1)[:, :k]
        by_chance = scale * z[place] * dealt.mean(axis=1)
        out.loc[region, "p"] = _pseudo_p(by_chance, out.at[region, "i"])
        mine, around = ("high" if x > 0 else "low" for x in (z[place], lag[place]))
        out.loc[region, "quadrant"] = f"{mine}-{around}"
    return out
