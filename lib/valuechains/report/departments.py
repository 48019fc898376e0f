"""Words for what departments are compared by, for crops, and for the report's figures on them.

`select.economies` and `select.crops` return numbers and keys. What a key is called and how its
figures are written stands in ``words.csv``; functions on frames return them with columns of text.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd

from .. import tables
from ..core import places
from ..core.language import exact, number, percent, t, written
from ..plot.figure import interval, region_name
from ..select.crops import COFFEE
from .figures import bounded


@cache
def _vocabulary() -> pd.DataFrame:
    path = Path(__file__).with_name("words.csv")
    return pd.read_csv(path, index_col="key", keep_default_na=False)


def messages() -> list[str]:
    """Return every word of the data and of ``words.csv``, for translation (``reports.yml``)."""
    return sorted({*tables.words(), *_vocabulary()["words"]})


def words() -> dict[str, str]:
    """Return what keys are called: indicators, facts, accounts, kinds of counts, choices."""
    return {key: t(text) for key, text in _vocabulary()["words"].items()}


def spec(key: str) -> str:
    """Return how the figures of an indicator or account are written.

    >>> spec("informal_share_0_1"), spec("hdi_0_1"), spec("area_km2")
    ('%1', '3', '0')
    """
    return _vocabulary().at[key, "spec"]


def heads(*columns: str) -> dict[str, tuple[str, object]]:
    """Return what ``table`` takes for some columns: heading, and how figures are written.

    >>> heads("ubigeo", "share")
    {'ubigeo': ('Region', 'name'), 'share': ('Share of crop value', '%1')}
    """
    called, functions = words(), {"year": str, "quotient": quotient, "": None}
    return {key: (called[key], functions.get(spec(key), spec(key))) for key in columns}


def of_each(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a frame whose rows are of different things with what ``table`` takes for its figures.

    The column `key` says what a row is of. ``label`` is its name, with the ``concept`` of a count
    of people; ``spec`` how its figures are written, ``spec_difference`` how a difference of two is:
    with its sign, in percentage points between shares.
    """
    rows, specs = frame.assign(label=frame[key].map(words())), frame[key].map(spec)
    is_people = rows[key] == "population_persons"
    if is_people.any():
        kinds = [t("People: {concept}", concept=t(kind)) for kind in rows.loc[is_people, "concept"]]
        rows.loc[is_people, "label"] = kinds
    rows["spec"] = [band if how == "band" else how for how in specs]
    rows["spec_difference"] = [_points if how[:1] == "%" else "+" + how for how in specs]
    return rows


def _points(ratio: float) -> str:
    return t("{x:+1} pp", x=100 * ratio)


def band(ratio: float) -> str:
    """Return the ten points that a share is in (0.37 → ``30 to 40%``)."""
    return t("{x} to {y}", x=int(10 * ratio) * 10, y=percent(int(10 * ratio + 1) / 10))


def share(ratio: float) -> str:
    """Return a share, a small one with two decimals (0.0015 → ``0.15%``)."""
    return percent(ratio, 2 if ratio < 0.05 else 0)


def by_region(values: pd.Series, spec: str) -> list[str]:
    """Return the figures of regions, the largest first.

    >>> by_region(pd.Series({"21": 0.394, "08": 0.443}), "3")
    ['0.443 in Cusco', '0.394 in Puno']
    """
    known = values.dropna().sort_values(ascending=False)
    return in_regions([written(value, spec) for value in known], known.index)


def poverty(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.economies.poverty`` with ``what``, ``label`` and ``words`` for a figure."""
    kinds = (frame["measure"] + ", " + frame["figure_kind"]).map(words())
    ends = zip(100 * frame["low"], 100 * frame["high"], frame["departments"], strict=True)
    return frame.assign(
        what=kinds + ", " + frame["year"].astype(str),
        label=frame["place"].where(frame["place"].astype(bool), frame["ubigeo"].map(region_name)),
        words=[
            t("{x}, group of {n}", x=interval(low, high, "exact") + "%", n=n)
            for low, high, n in ends
        ],
    )


def district_classes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.economies.by_district`` with the names of regions and classes."""
    classes = {
        20: t("below {x}", x=percent(0.2)),
        40: t("{x} to {y}", x=20, y=percent(0.4)),
        60: t("{x} to {y}", x=40, y=percent(0.6)),
        100: t("{x} or more", x=percent(0.6)),
    }
    parts = frame["below_pct"].astype(int).map(classes)
    return frame.assign(label=frame["ubigeo"].map(region_name), part=parts)


def report_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return figures of the report's chapter 5 with ``label``, ``group`` and ``tone``."""
    known, years = words(), frame["year"].astype("string")
    labels = frame["item"].replace("rest", t("not named")).map(t)
    dates = frame["date_evidence"].map(t, na_action="ignore").fillna(years)
    groups = frame["topic"].map(known).fillna(frame["topic"].map(t))
    of_regions = frame["ubigeo"].map(region_name) + ": " + groups + (", " + years).fillna("")
    return frame.assign(
        label=labels.where(frame["topic"] != "exports", labels + ", " + dates),
        group=groups.where(frame["ubigeo"] == places.COUNTRY, of_regions),
        tone=frame["item"].map({"rest": "rest", "Peru": "highlight"}).fillna(""),
    )


def stated(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.economies.stated`` as text: ``fact``, and ``figure`` with bound and unit."""
    units = {
        "pct": "{x}%",
        "PEN": t("{x} million soles"),
        "km2": t("{x} km²"),
        "place": t("place {x}"),
    }
    facts, figures = [], []
    for row in frame.itertuples():
        facts.append(": ".join(t(text) for text in dict.fromkeys((row.topic, row.item))))
        value = exact(row.value / 1e6 if row.unit == "PEN" else row.value)
        figures.append(bounded(units.get(row.unit, "{x}").format(x=value), row.bound))
    return frame.assign(fact=facts, figure=figures)


def in_regions(names: Iterable[str], codes: Iterable[str], shares: Iterable = ()) -> list[str]:
    """Return what is where, with its share of the region's where given.

    >>> in_regions(["potato"], ["08"], [0.3698])
    ['potato in Cusco (37%)']
    """
    pairs = zip(names, codes, strict=True)
    texts = [t("{what} in {name}", what=what, name=places.name(code)) for what, code in pairs]
    parts = zip(texts, shares, strict=False)
    return [f"{text} ({percent(share)})" for text, share in parts] or texts


@cache
def _crops() -> dict[str, str]:
    return tables.load("crops").set_index("crop")["crop_name_en"].to_dict()


def crop(key: str) -> str:
    """Return a crop's name in the report's language."""
    return t(_crops()[key])


def quotient(lq: float) -> str:
    """Return a location quotient in figures; what is below 1 never reads 1.

    >>> quotient(14.46), quotient(1.526), quotient(0.99986)
    ('14.5', '1.53', '<1.00')
    """
    is_just_below = lq < 1 and number(lq, 2) == number(1, 2)
    return f"<{number(1, 2)}" if is_just_below else number(lq, 1 if lq >= 1.95 else 2)


def crop_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows on crops with ``crop`` in the report's language, ``label`` and ``tone``.

    The label carries the location quotient; a near specialisation has a star behind its name, a
    crop that nobody grows there a dagger.
    """
    names, stars = frame["crop"].map(crop), ""
    if "is_nearly" in frame:
        stars = frame["is_nearly"].map({True: "*", False: ""})
        stars += frame["is_grown"].map({True: "", False: "†"})
    return _labelled(frame, names, frame["crop"]).assign(crop=names + stars)


def goods(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.crops.farm_output`` with ``name``, ``label`` with the quotient, ``tone``."""
    names = frame["crop"].map(_crops()).fillna(frame["crop_printed"]).fillna(frame["product"])
    return _labelled(frame, names.map(t), frame["good"]).assign(name=names.map(t))


def _labelled(frame: pd.DataFrame, names: pd.Series, keys: pd.Series) -> pd.DataFrame:
    labels = names + " (×\u00a0" + frame["lq"].map(quotient) + ")"
    return frame.assign(label=labels, tone=keys.map({COFFEE: "highlight"}).fillna(""))


def candidates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return entry candidates for a chart: the first numbered and ``listed``, coffee named."""
    rows = crop_rows(frame).assign(key=frame["crop"], x=frame["density"], y=frame["worth"])
    numbers = frame["place"].where(frame["is_first"]).map("{:.0f}".format, na_action="ignore")
    others = rows["crop"].where(frame["crop"] == COFFEE)
    listed = (numbers + " " + rows["crop"]).fillna("")
    return rows.assign(label=numbers.fillna(others).fillna(""), listed=listed)


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.gaps.measured`` with figures as text with their years, and its way in words.

    >>> from ..core.scope import Scope
    >>> from ..select import gaps
    >>> rows = measured(gaps.measured(Scope(("08",), 2000, 2013))).set_index("indicator")
    >>> rows.loc["coffee_yield", ["before", "after", "moved"]].to_list()
    ['684 (2013)', '546 (2022)', 'worse']
    """
    texts = {}
    for side in ("before", "after"):
        figures = frame[["indicator", side, f"year_{side}"]].to_numpy()
        texts[side] = [
            t("no figure") if pd.isna(value) else f"{written(value, spec(key))} ({year:.0f})"
            for key, value, year in figures
        ]
    ways = {1: t("better"), 0: t("same band"), -1: t("worse")}
    return frame.assign(moved=frame["moved"].map(ways), **texts)


def robustness(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.crops.robustness`` with the choices in words, and places as "7 of 10"."""
    rows = frame.assign(choice=frame["choice"].map(words()), coffee_place=frame["coffee_rank"])
    wholes = {"stay_complexity": "of_complexity", "stay_value": "of_value", "coffee_place": "crops"}
    for part, whole in wholes.items():
        pairs = zip(rows[part], rows[whole], strict=True)
        rows[part] = [t("{n:0} of {all:0}", n=n, all=all_) for n, all_ in pairs]
    return rows
