"""Did nearness predict? Crops that departments entered and left between 2016 and 2023.

Tonnes of the yearbook 2016 and the workbook of 2023, both at Peru's farm prices of 2016, so that no
price moves a quotient; only crops and departments that both years have alike.
"""

from functools import cache

import numpy as np
import pandas as pd

from ..core import places
from ..indicators import density, location_quotient, proximity, slope_without_effects
from . import rows, shown
from .crops import NEARLY

BEFORE, AFTER = 2016, 2023
# The file of 2016 has no row of Lima's metropolis, the workbook of 2023 none of Callao.
LEFT_OUT = ("07", "15")
# One name in 2016, several in 2023: organic banana apart from plantain, cane by its use.
SPLIT = ("cane_alcohol", "plantain")
WITHIN = 0.05  # two counts of a crop may miss each other by so much
THIRDS = ("far", "middle", "near")


@cache
def comparable() -> pd.Series:
    """Return the crops printed in both years: ``kept``, or why a crop is left out.

    ``split``: several names in 2023; ``short``: departments of 2016 below 95 % of Peru's tonnes;
    ``unlike``: bulletins and workbook differ by over 5 % on Peru's tonnes of 2023.

    >>> comparable()[["coffee", "cassava", "olive", "plantain"]].tolist()
    ['kept', 'short', 'unlike', 'split']
    """
    old = rows("crop_areas", year=BEFORE).dropna(subset="crop")
    is_country = old["ubigeo"] == places.COUNTRY
    covered = old[~is_country].groupby("crop")["production_t"].sum()
    covered = covered / old[is_country].set_index("crop")["production_t"]
    bulletin = shown("crop_production", "production_t", year=AFTER, ubigeo=places.COUNTRY)
    now = rows("crop_output").groupby("crop")["production_t"].sum()
    ratio = bulletin.dropna(subset="crop").set_index("crop")["production_t"] / now
    reason = pd.Series("kept", index=covered.index.intersection(now.index))
    reason[(ratio - 1).abs().reindex(reason.index) > WITHIN] = "unlike"
    reason[covered.reindex(reason.index) < 1 - WITHIN] = "short"
    reason[reason.index.isin(SPLIT)] = "split"
    return reason


def _values(table: pd.DataFrame) -> pd.DataFrame:
    """Return tonnes at Peru's farm prices of 2016: departments × comparable crops."""
    reason = comparable()
    kept = reason.index[reason == "kept"]
    peru = rows("crop_areas", year=BEFORE, ubigeo=places.COUNTRY).set_index("crop")
    table = table[~table["ubigeo"].isin([places.COUNTRY, *LEFT_OUT]) & table["crop"].isin(kept)]
    wide = table.pivot(index="ubigeo", columns="crop", values="production_t").fillna(0.0)
    return wide[kept] * peru.loc[kept, "crop_price_pen_per_t"]


@cache
def cells(threshold: float = 1.0) -> pd.DataFrame:
    """Return a row a department and crop: ``density`` and quotient (``lq``) of 2016, and its fate.

    ``was_grown``, ``is_grown``: any tonnes; ``was_special``, ``is_special``: quotient >= threshold.
    """
    before, after = _values(rows("crop_areas", year=BEFORE)), _values(rows("crop_output"))
    lq = location_quotient(before)
    special = lq >= threshold
    wide = {"density": density(special, proximity(special)), "lq": lq, "was_special": special}
    wide |= {"was_grown": before > 0, "is_grown": after > 0}
    wide["is_special"] = location_quotient(after) >= threshold
    long = pd.DataFrame({name: part.unstack() for name, part in wide.items()})
    return long.dropna(subset="density").reset_index()


def rates(threshold: float = 1.0) -> pd.DataFrame:
    """Return how often crops were entered and left, a row an ``event``, as :func:`rate` has it.

    ``entered_new``: special in 2023, not grown in 2016; ``entered_grown``: grown, not special;
    ``entered_below``: of these a quotient below 0.8.
    """
    table = cells(threshold)
    was_open = table["was_grown"] & ~table["was_special"]
    events = {
        "entered_new": (~table["was_grown"], table["is_special"]),
        "entered_grown": (was_open, table["is_special"]),
        "entered_below": (was_open & (table["lq"] < NEARLY), table["is_special"]),
        "left": (table["was_special"], ~table["is_special"]),
        "begun": (~table["was_grown"], table["is_grown"]),
        "stopped": (table["was_grown"], ~table["is_grown"]),
    }
    parts = [rate(table[could].assign(happened=did)) for could, did in events.values()]
    return pd.DataFrame(parts).assign(event=list(events))


def rate(table: pd.DataFrame) -> dict[str, float]:
    """Return how often what could happen did (``happened``), by third of ``density``.

    Shares by third (``_n``, ``_events``); ``slope`` and ``p``, both effects taken out of both.
    """
    did = table["happened"].astype(float)
    third = np.ceil(3 * table["density"].rank(pct=True)).map(dict(enumerate(THIRDS, 1)))
    found = {"n": len(table), "events": did.sum()}
    for name, part in did.groupby(third):
        found |= {name: part.mean(), f"{name}_n": len(part), f"{name}_events": part.sum()}
    slope = slope_without_effects(did, table["density"], table["ubigeo"], table["crop"])
    return found | slope._asdict()
