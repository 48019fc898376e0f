"""From a survey of firms to totals of their sector: stratified expansion (Cochran 1977, ch. 5).

Ask some firms of every stratum (a sector in a region), know how many there are, and the totals of
turnover or jobs follow, with intervals that say how far a sample of that size can be off.
"""

import math

import numpy as np
import pandas as pd

from ..core.errors import DataError, refuse_if, there_are
from .inputs import check

ALL = "all"
# Points and weights of the numerical integral in `t_quantile`.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)


def t_quantile(level: float, degrees_of_freedom: float) -> float:
    """Return the t that Student's t stays within, on both sides of zero, with a probability.

    With t = √ν tan φ the density becomes c cosᵛ⁻¹ φ, c = Γ((ν + 1)/2) / (√π Γ(ν/2)): Newton's
    steps on its Gauss–Legendre integral. Right to seven figures for levels up to 0.999.

    >>> round(t_quantile(0.95, 4), 6)
    2.776445
    """
    power = degrees_of_freedom - 1
    log_c = math.lgamma((power + 2) / 2) - math.lgamma((power + 1) / 2) - math.log(math.pi) / 2
    density_at_zero = 2 * math.exp(log_c)
    angle = 0.0
    for _ in range(100):
        inside = angle / 2 * WEIGHTS @ np.cos(angle / 2 * (NODES + 1)) ** power
        step = (level / density_at_zero - inside) / math.cos(angle) ** power
        angle += step
        if abs(step) < 1e-15:
            break
    return math.sqrt(degrees_of_freedom) * math.tan(angle)


def expand(
    sample: pd.DataFrame, frame_counts: pd.Series, value: str, level: float = 0.95
) -> pd.DataFrame:
    """Return estimated totals of a value by stratum and in all, with confidence intervals.

    `sample` has a row for each firm asked, drawn at random within its ``stratum``; a missing value
    is a firm that did not answer, taken to be like those that did. `frame_counts` says how many
    ``firms`` (N) each stratum (index) has; ``n`` answered.

    Strata, then ``"all"``: total N ȳ; variance g s², g = N (N − n) / n; Student's t with n − 1
    degrees of freedom, of the sum (Σ g s²)² / Σ (g² s⁴ / (n − 1)) (Cochran 1977, eq. 5.16).

    >>> firms = pd.DataFrame({"stratum": ["a", "a"], "turnover": [10.0, 14.0]})
    >>> expand(firms, pd.Series({"a": 5}), "turnover")["total"].tolist()
    [60.0, 60.0]
    """
    refuse_if("level", {f"{level!r} is not between 0 and 1": not 0 < level < 1})
    for column in ("stratum", value):
        if column not in sample:
            raise DataError(f"sample: no column {column!r}{there_are(column, sample)}")
    check(frame_counts=frame_counts)
    check(**{value: sample[value]})
    firms = frame_counts.astype("float64")
    problems = {
        "the frame has no stratum": firms.empty,
        f"the frame needs each stratum once, and none called {ALL!r}": ALL in firms.index,
    }
    for name in sorted(set(sample["stratum"]) - set(firms.index), key=str):
        problems[f"no stratum {name!r} in the frame{there_are(name, firms.index)}"] = True
    refuse_if("frame_counts", problems)
    groups = sample[value].astype("float64").groupby(sample["stratum"])
    columns = {"firms": firms, "asked": groups.size(), "answered": groups.count()}
    out = pd.DataFrame({**columns, "mean": groups.mean()}, index=firms.index)
    out = out.fillna({"asked": 0, "answered": 0})
    for name, (whole, asked, answered, _) in out.iterrows():
        problems = {
            f"{whole:g} firms, expected a whole number from 1": not whole >= 1 or whole % 1,
            f"{asked:.0f} firms asked, it has {whole:.0f}": asked > whole,
            "no answer; join it with another one": answered == 0,
            f"one answer of {whole:.0f} firms; join it with another one": answered == 1 < whole,
        }
        refuse_if(f"stratum {name!r}", problems)
    n = out["answered"]
    # One firm that is the whole of its stratum has no spread, and needs none.
    spread = groups.var(ddof=1).reindex(firms.index).where(n < firms, 0.0)
    variance = firms * (firms - n) / n * spread
    out["total"] = firms * out["mean"]
    out["standard_error"] = np.sqrt(variance)
    out["degrees_of_freedom"] = (n - 1).where(variance > 0)
    parts = (variance**2 / (n - 1))[variance > 0].sum()
    everything = {
        **out[["firms", "asked", "answered", "total"]].sum(),
        "mean": out["total"].sum() / firms.sum(),
        "standard_error": np.sqrt(variance.sum()),
        "degrees_of_freedom": variance.sum() ** 2 / parts if parts else np.nan,
    }
    out = pd.concat([out, pd.DataFrame(everything, index=[ALL])])
    # Without an error there are no degrees of freedom, and nothing to widen.
    known = out["degrees_of_freedom"].dropna()
    quantiles = pd.Series([t_quantile(level, x) for x in known], known.index, float)
    width = (quantiles.reindex(out.index) * out["standard_error"]).fillna(0.0)
    out = out.assign(low=out["total"] - width, high=out["total"] + width)
    return out.astype({"firms": int, "asked": int, "answered": int})
