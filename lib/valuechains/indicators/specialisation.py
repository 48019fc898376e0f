"""Specialisation of regions in crops: location quotients, relatedness, complexity, mixes, ranks.

Tables are of regions × crops. A `special` table says with true or false whether a region is
specialised in a crop, mostly ``location_quotient(values) >= 1``.
"""

from collections import namedtuple

import numpy as np
import pandas as pd

from ..core.errors import DataError, there_are
from .concentration import shares
from .inputs import takes

PERMUTATIONS, SEED = 9999, 2019


@takes("part", "values")
def location_quotient(values: pd.DataFrame) -> pd.DataFrame:
    """Return location quotients ``(x_rc / x_r) / (x_c / x)`` of amounts (Balassa 1965).

    NaN for a region, or a crop, without any value.

    >>> values = pd.DataFrame({"coffee": [30, 10], "maize": [10, 50]}, index=["08", "21"])
    >>> location_quotient(values)["coffee"].round(3).to_dict()
    {'08': 1.875, '21': 0.417}
    """
    if not (values >= 0).all(axis=None):
        raise DataError("location quotients need numbers that are not negative, without gaps")
    regional = values.div(values.sum(axis=1).replace(0, np.nan), axis=0)
    national = values.sum() / values.to_numpy().sum()
    return regional / national.replace(0, np.nan)


@takes("part", "special")
def proximity(special: pd.DataFrame, with_self: bool = False) -> pd.DataFrame:
    """Return how near crops are to each other: crops × crops, 0 to 1 (Hidalgo et al. 2007).

    ``φ_ij = regions specialised in both / the larger number of regions specialised in one``. A crop
    is its own neighbour `with_self` (1 on the diagonal, as in ecomplexity; else 0, as in EconGeo).

    >>> special = pd.DataFrame({"coffee": [True, True], "maize": [True, False]})
    >>> float(proximity(special).loc["coffee", "maize"])
    0.5
    """
    m = special.astype(float)
    larger = np.maximum.outer(m.sum().to_numpy(), m.sum().to_numpy())
    phi = (m.T @ m / larger).fillna(0.0)
    return phi if with_self else phi * (1 - np.eye(len(phi)))


@takes("part", "special")
@takes("", "phi")
def density(special: pd.DataFrame, phi: pd.DataFrame) -> pd.DataFrame:
    """Return the relatedness density: the share of a crop's neighbourhood that a region has.

    ``ω_rc = Σ_j M_rj φ_jc / Σ_j φ_jc`` with `phi` from :func:`proximity` (Hidalgo et al. 2007).

    >>> special = pd.DataFrame({"coffee": [True, True], "maize": [True, False]})
    >>> density(special, proximity(special))["maize"].tolist()
    [1.0, 1.0]
    """
    if {*special.columns} != {*phi.index}:
        raise DataError("phi: expected the crops of special down and across, as of proximity")
    return special.astype(float) @ phi / phi.sum().replace(0, np.nan)


Complexity = namedtuple("Complexity", ["regions", "crops"])


@takes("part", "special")
def complexity(special: pd.DataFrame) -> Complexity:
    """Return the economic complexity index of ``regions`` (ECI) and of ``crops`` (PCI).

    ECI: second eigenvector of ``D⁻¹ M U⁻¹ Mᵀ`` (D diversity, U ubiquity), rising with diversity;
    PCI: mean ECI of the regions specialised in a crop (Hidalgo and Hausmann 2009; Mealy and others
    2019). NaN without specialisation, and throughout where the eigenvector is not determined.

    >>> nested = pd.DataFrame({"x": [1, 1, 1], "y": [1, 1, 0], "z": [1, 0, 0]}) > 0
    >>> complexity(nested).crops.abs().round(2).to_dict()
    {'x': 1.22, 'y': 0.0, 'z': 1.22}
    """
    regions = pd.Series(np.nan, index=special.index)
    crops = pd.Series(np.nan, index=special.columns)
    kept = special.loc[special.any(axis=1), special.any(axis=0)]
    if len(kept) < 3:
        return Complexity(regions, crops)
    m = kept.to_numpy(dtype=float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    # The same eigenvalues as D⁻¹ M U⁻¹ Mᵀ, in a symmetric matrix.
    root = m / np.sqrt(diversity)[:, None]
    sizes, vectors = np.linalg.eigh((root / ubiquity) @ root.T)
    third, second, first = sizes[-3:]
    eci = vectors[:, -2] / np.sqrt(diversity)
    sign = np.corrcoef(eci, diversity)[0, 1] if np.ptp(diversity) else 0.0
    if min(first - second, second - third, second, abs(sign)) < 1e-9:
        return Complexity(regions, crops)
    eci *= np.sign(sign)
    pci = m.T @ eci / ubiquity
    regions[kept.index] = (eci - eci.mean()) / eci.std()
    crops[kept.columns] = (pci - pci.mean()) / pci.std()
    return Complexity(regions, crops)


@takes("part", "mix", "other")
def krugman(mix: pd.Series, other: pd.Series) -> float:
    """Return ``Σ |s_c − t_c|`` over the shares of two mixes of amounts (Krugman 1991).

    0 the same shares, 2 nothing in common; NaN where one has no amount.

    >>> krugman(pd.Series([3.0, 1.0]), pd.Series([1.0, 1.0]))
    0.5
    """
    return float((shares(mix) - shares(other)).abs().sum(skipna=False))


@takes("part", "special", "nearness")
@takes("", "worth")
def entries(
    special: pd.DataFrame, nearness: pd.DataFrame, worth: pd.Series, region: str
) -> pd.DataFrame:
    """Return the crops that a region does not specialise in, as entry candidates, best first.

    Of `nearness` (relatedness density) and `worth` (complexity, value per tonne): ``score``, the
    mean of the two percentile ranks among these crops (0 to 1); ``is_candidate``, both above their
    medians (Balland, Boschma, Crespo and Rigby 2019).

    >>> special = pd.DataFrame({"x": [False], "y": [False], "z": [True]})
    >>> near, worth = special + [0.4, 0.2, 0.9], pd.Series({"x": 3.0, "y": 2.0, "z": 1.0})
    >>> entries(special, near, worth, 0)["score"].to_dict()
    {'x': 1.0, 'y': 0.5}
    """
    if region not in special.index.intersection(nearness.index):
        raise DataError(f"region: {region!r} is not there{there_are(region, special.index)}")
    both = pd.DataFrame({"density": nearness.loc[region], "worth": worth})
    both = both.reindex(special.columns[~special.loc[region].astype(bool)]).dropna()
    above = (both > both.median()).all(axis=1)
    both = both.assign(score=both.rank(pct=True).mean(axis=1), is_candidate=above)
    return both.sort_values(["score", "density"], ascending=False)


@takes("", "values")
def without_effects(values: pd.Series, regions: pd.Series, crops: pd.Series) -> pd.Series:
    """Return residuals of least squares on a constant for each region and each crop.

    They sum to zero over every region and over every crop.

    >>> values = pd.Series([1.0, 0.0, 0.0, 0.0])
    >>> regions, crops = pd.Series(list("AABB")), pd.Series(list("xyxy"))
    >>> without_effects(values, regions, crops).round(2).tolist()
    [0.25, -0.25, -0.25, 0.25]
    """
    for name, series in {"values": values, "regions": regions, "crops": crops}.items():
        if not series.index.equals(values.index) or series.isna().any():
            raise DataError(f"{name}: expected the index of values, without gaps")
    both = pd.concat([pd.get_dummies(regions), pd.get_dummies(crops)], axis=1).to_numpy(float)
    levels = np.linalg.lstsq(both, values.to_numpy(float))[0]
    return values - both @ levels


Slope = namedtuple("Slope", ["slope", "p"])


def slope_without_effects(
    values: pd.Series, other: pd.Series, regions: pd.Series, crops: pd.Series
) -> Slope:
    """Return the slope of values on another series, both :func:`without_effects`, beside chance.

    ``p``, two-sided: the share of seeded shuffles that give a slope as large (Frisch and Waugh
    1933; Freedman and Lane 1983). NaN where nothing is left of the other.

    >>> values, regions, crops = pd.Series([1.0, 0, 0, 0]), pd.Series(list("AABB")), list("xyxy")
    >>> round(slope_without_effects(values, values / 2, regions, pd.Series(crops)).slope, 6)
    2.0
    """
    rest = without_effects(values, regions, crops).to_numpy()
    other = without_effects(other, regions, crops).to_numpy()
    size = other @ other
    if size < 1e-12:
        return Slope(float("nan"), float("nan"))
    slope, rng = float(other @ rest / size), np.random.default_rng(SEED)
    dealt = np.array([other @ rng.permutation(rest) for _ in range(PERMUTATIONS)]) / size
    larger = int((np.abs(dealt) >= abs(slope) - 1e-12).sum())
    return Slope(slope, (1 + larger) / (1 + PERMUTATIONS))


Mobility = namedtuple("Mobility", ["spearman", "mean_change", "n"])


@takes("part", "before", "after")
def rank_mobility(before: pd.Series, after: pd.Series) -> Mobility:
    """Return how far ranks moved: ``spearman``, their correlation, and their ``mean_change``.

    Of the ``n`` with a value in both; equal values share their mean rank. NaN below three.

    >>> round(rank_mobility(pd.Series([9, 5, 1]), pd.Series([5, 9, 1])).mean_change, 2)
    0.67
    """
    both = pd.DataFrame({"before": before, "after": after}).dropna().rank(ascending=False)
    change = float((both["after"] - both["before"]).abs().mean())
    determined = len(both) >= 3 and both.nunique().min() > 1
    spearman = float(both.corr().iloc[0, 1]) if determined else float("nan")
    return Mobility(spearman, change, len(both))
