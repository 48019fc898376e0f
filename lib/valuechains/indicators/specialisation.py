"""Specialisation: pure functions on regions × crops tables. Formulas in docs/methods.md.

A `special` table says with true or false which region is specialised in which crop, mostly
``location_quotient(values) >= 1``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from ..core.errors import DataError
from .concentration import shares


def location_quotient(values: pd.DataFrame) -> pd.DataFrame:
    """Return the location quotient (Balassa's revealed comparative advantage).

    Parameters
    ----------
    values : DataFrame
        Regions × crops, amounts that are not negative, without gaps.

    Returns
    -------
    DataFrame
        Of the same shape; NaN for a region, or a crop, without any value.

    Notes
    -----
    ``(x_rc / x_r) / (x_c / x)``. Its mean over the crops, weighted with their national shares,
    is one in every region (Balassa 1965).
    """
    if values.isna().any(axis=None) or (values < 0).any(axis=None):
        raise DataError("location quotients need amounts that are not negative, without gaps")
    mine = values.div(values.sum(axis=1).replace(0, np.nan), axis=0)
    national = values.sum() / values.to_numpy().sum()
    return mine / national.replace(0, np.nan)


def proximity(special: pd.DataFrame, with_self: bool = False) -> pd.DataFrame:
    """Return the proximity of crops (crops × crops, 0 to 1).

    Parameters
    ----------
    with_self : bool
        Whether a crop is as near as can be to itself (1 on the diagonal, as in ecomplexity) or
        does not count as its own neighbour (0, as in EconGeo and econcomplex).

    Notes
    -----
    ``φ_ij = regions specialised in both / the larger number of regions specialised in one``
    (Hidalgo, Klinger, Barabási and Hausmann 2007). A crop in which no region is specialised is
    near to none, itself included.
    """
    m = special.to_numpy(dtype=float)
    count = m.sum(axis=0)
    larger = np.maximum(count[:, None], count[None, :])
    phi = np.divide(m.T @ m, larger, out=np.zeros_like(larger), where=larger > 0)
    if not with_self:
        np.fill_diagonal(phi, 0)
    return pd.DataFrame(phi, index=special.columns, columns=special.columns)


def density(special: pd.DataFrame, phi: pd.DataFrame) -> pd.DataFrame:
    """Return the relatedness density of every crop in every region (0 to 1).

    Notes
    -----
    ``ω_rc = Σ_j M_rj φ_jc / Σ_j φ_jc``: the share of a crop's neighbourhood in which the region
    is specialised. Whether the crop itself is part of it follows from the diagonal of `phi`.
    NaN for a crop without neighbours.
    """
    m = special.to_numpy(dtype=float)
    around = phi.to_numpy().sum(axis=0)
    found = np.divide(
        m @ phi.to_numpy(), around, out=np.full(special.shape, np.nan), where=around > 0
    )
    return pd.DataFrame(found, index=special.index, columns=special.columns)


class Complexity(NamedTuple):
    """Economic complexity of regions and crops, each with mean 0 and standard deviation 1."""

    regions: pd.Series
    crops: pd.Series


def complexity(special: pd.DataFrame) -> Complexity:
    """Return the economic complexity index of regions (ECI) and crops (PCI).

    Returns
    -------
    Complexity
        NaN for a region specialised in nothing and a crop in which no region is; NaN throughout
        where the index is not determined: the table falls into parts that share no crop, the
        second eigenvalue is zero or not single, or nothing correlates with diversity.

    Notes
    -----
    ECI is the second eigenvector of ``D⁻¹ M U⁻¹ Mᵀ`` (D diversity, U ubiquity), PCI the mean
    ECI of the regions specialised in a crop; both are standardised, and the sign is such that
    ECI and diversity correlate positively (Hidalgo and Hausmann 2009; Mealy, Farmer and
    Teytelboym 2019).
    """
    kept = special.loc[special.any(axis=1), special.any(axis=0)]
    nothing = Complexity(
        pd.Series(np.nan, index=special.index), pd.Series(np.nan, index=special.columns)
    )
    if len(kept) < 3:
        return nothing
    m = kept.to_numpy(dtype=float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    # The same eigenvalues as D⁻¹ M U⁻¹ Mᵀ, in a symmetric matrix.
    root = m / np.sqrt(diversity)[:, None]
    sizes, vectors = np.linalg.eigh((root / ubiquity) @ root.T)
    third, second, first = sizes[-3:]
    if first - second < 1e-9 or second - third < 1e-9 or second < 1e-9:
        return nothing
    eci = vectors[:, -2] / np.sqrt(diversity)
    sign = np.corrcoef(eci, diversity)[0, 1] if np.ptp(diversity) else 0.0
    if abs(sign) < 1e-9:
        return nothing
    eci *= np.sign(sign)
    return Complexity(
        _standardised(pd.Series(eci, index=kept.index)).reindex(special.index),
        _standardised(pd.Series(m.T @ eci / ubiquity, index=kept.columns)).reindex(special.columns),
    )


def _standardised(values: pd.Series) -> pd.Series:
    return (values - values.mean()) / values.std(ddof=0)


def krugman(mine: pd.Series, other: pd.Series) -> float:
    """Return Krugman's index of how two mixes differ: 0 the same shares, 2 nothing in common.

    ``Σ |s_c − t_c|`` over the shares of two series of amounts with the same crops (Krugman
    1991); NaN where one of them has no amount.
    """
    return float((shares(mine) - shares(other)).abs().sum(skipna=False))


def entries(
    special: pd.DataFrame, nearness: pd.DataFrame, worth: pd.Series, region: str
) -> pd.DataFrame:
    """Return the crops that a region does not specialise in, as entry candidates, best first.

    Parameters
    ----------
    nearness : DataFrame
        Relatedness density, regions × crops.
    worth : Series
        What makes a crop worth while (its complexity, its value per tonne).

    Returns
    -------
    DataFrame
        Index: crops with both figures. ``density``, ``worth``; ``score``, the mean of the two
        percentile ranks among these crops (0 to 1); ``is_candidate``, both above their medians.
    """
    known = pd.DataFrame({"density": nearness.loc[region], "worth": worth})
    known = known.loc[special.columns[~special.loc[region]]].dropna()
    places = known.rank(pct=True)
    known["is_candidate"] = (known > known.median()).all(axis=1)
    known["score"] = places.mean(axis=1)
    return known.sort_values(["score", "density"], ascending=False)


class Mobility(NamedTuple):
    """How far ranks moved between two years."""

    spearman: float
    mean_change: float
    n: int


def rank_mobility(before: pd.Series, after: pd.Series) -> Mobility:
    """Return Spearman's rank correlation and the mean change of rank (in places).

    Of those with a value in both; equal values share their mean rank. The correlation is NaN
    below three, or where all are equal.
    """
    both = pd.DataFrame({"before": before, "after": after}).dropna().rank(ascending=False)
    change = float((both["after"] - both["before"]).abs().mean())
    single = both.nunique().min() < 2 if len(both) else True
    spearman = float("nan") if len(both) < 3 or single else both.corr().iloc[0, 1]
    return Mobility(float(spearman), change, len(both))
