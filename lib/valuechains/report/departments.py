"""Words for what departments are compared by, for crops, and for the report's figures on them.

`select.economies` and `select.crops` return numbers and keys. Here a key gets its words, a column
its heading, and figures that stand in one table but are of different things get written.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ..core import places
from ..core.language import bound_words, exact, number, percent, t, written
from ..select.crops import COFFEE
from ..tables import load
from .figures import interval, with_bounds


def words() -> dict[str, str]:
    """Return what keys are called: indicators, facts, accounts, kinds of counts, choices."""
    return {
        "area_km2": t("Area, km²"),
        "population_persons": t("People"),
        "people_per_km2": t("People per km²"),
        "provinces_n": t("Provinces"),
        "districts_n": t("Districts"),
        "urban_share_0_1": t("Urban people, with those missed"),
        "urban": t("Urban people"),
        "hdi_0_1": t("Human development index"),
        "life_expectancy_years": t("Life expectancy, years"),
        "secondary_share_0_1": t("Complete secondary education"),
        "schooling_years": t("Schooling, years (UNDP)"),
        "survey_schooling_years": t("Schooling, years (ENAHO)"),
        "schooling": t("Schooling, years"),
        "family_income_pen_per_month": t("Family income per head, S/ a month (UNDP)"),
        "mean_income_pen_per_month": t("Mean income, S/ a month (ENAHO)"),
        "income_pen_per_month": t("Income, S/ a month"),
        "gini_0_1": t("Gini coefficient"),
        "informal_share_0_1": t("Informal work"),
        "unemployment_share_0_1": t("Unemployment"),
        "illiteracy_share_0_1": t("Illiteracy"),
        "gdp_growth_ratio": t("Growth of GDP"),
        "agricultural_area_ha": t("Agricultural area, ha"),
        "agricultural_share_0_1": t("Agricultural area over all land"),
        "producers_n": t("Agricultural producers in the register"),
        "gdp_per_head_pen": t("GDP per head, S/"),
        "manufacturing": t("Manufacturing, {year} = 100", year=2007),
        "mining": t("Mining, share of Peru"),
        "trade, restaurants and hotels": t("Trade and hotels, share of Peru"),
        "all": t("GDP, share of Peru"),
        "GDP by sector": t("GDP by sector"),
        "labour by sector": t("Work by sector"),
        "territory by zone": t("Territory by zone"),
        "people by zone": t("People by zone"),
        "research and development over GDP": t("Research and development over GDP"),
        "exports": t("Share of Peru's exports"),
        "census, counted": t("census, counted"),
        "census, counted plus omitted": t("with those missed"),
        "projected": t("estimated or projected"),
        "as quoted": t("the report"),
        "extreme, group interval": t("Extreme poverty, interval of the group"),
        "extreme, group midpoint": t("Extreme poverty, middle of the group"),
        "total, group midpoint": t("Total poverty, middle of the group"),
        "ours": t("as above"),
        "without fodder crops": t("without fodder crops"),
        "threshold 0.8": t("threshold 0.8"),
        "threshold 1.25": t("threshold 1.25"),
        "each crop its own neighbour": t("each crop its own neighbour"),
        "at prices of 2007": t("at prices of 2007"),
        "with the smallest crops": t("with the smallest crops"),
        "alpaca": t("Alpacas"),
        "llama": t("Llamas"),
        "vicuna": t("Vicuñas"),
    }


def spec(key: str) -> str:
    """Return how the figures of an indicator or account are written, by its unit.

    >>> spec("informal_share_0_1"), spec("hdi_0_1"), spec("area_km2")
    ('%1', '3', '0')
    """
    if key in ("hdi_0_1", "gini_0_1"):
        return "3"
    if key.endswith(("share_0_1", "ratio")) or key in (
        "urban",
        "mining",
        "all",
        "trade, restaurants and hotels",
    ):
        return "%1"
    return "1" if key.endswith(("years", "schooling", "per_km2", "manufacturing")) else "0"


def heads(*columns: str) -> dict[str, tuple[str, object]]:
    """Return what ``table`` takes for some columns: heading, and how figures are written.

    >>> heads("ubigeo", "share")
    {'ubigeo': ('Region', 'name'), 'share': ('Share of crop value', '%1')}
    """
    known = {
        "ubigeo": (t("Region"), "name"),
        "region": (t("Region"), "name"),
        "year": (t("Year"), str),
        "label": (t("Indicator"), None),
        "fact": (t("Fact"), None),
        "sources": (t("Source"), "source"),
        "years": (t("Year"), str),
        "figure": (t("Figure"), "short"),
        "section": (t("Section"), "short"),
        "difference": (t("Difference"), "short"),
        "peru": (t("Peru"), "short"),
        "median": (t("Median department"), "short"),
        "over_median": (t("Over the median department's"), "%0"),
        "counted": (t("Counted"), "0"),
        "whole": (t("With those missed"), "0"),
        "before_year": (t("Year before"), str),
        "before": (t("Estimated or projected for it"), "0"),
        "crop": (t("Crop"), None),
        "rank": (t("Rank by quotient"), "0"),
        "share": (t("Share of crop value"), "%1"),
        "lq": (t("Location quotient"), quotient),
        "lq_2007": (t("The same at prices of 2007"), quotient),
        "special": (t("Crops with a quotient of 1 or more"), "0"),
        "large": (t("Of these with half a percent of the crop value"), "0"),
        "small": (t("Of these smaller"), "0"),
        "fodder_share": (t("Fodder crops together"), "%1"),
        "coffee_share": (t("Coffee: share of crop value"), "%1"),
        "coffee_lq": (t("Coffee: location quotient"), quotient),
        "coffee_rank": (t("Coffee: rank by quotient"), "0"),
        "ranked": (t("Crops with a rank"), "0"),
        "diversity": (t("Specialised in so many of the crops measured"), "0"),
        "diversity_rank": (t("Place by diversity"), "0"),
        "shared_with": (t("Other departments with the same, on average"), "1"),
        "eci": (t("Complexity (ECI)"), "2"),
        "eci_rank": (t("Place by complexity"), "0"),
        "place": (t("No."), "0"),
        "density": (t("Relatedness density"), "%0"),
        "complexity": (t("Complexity (PCI)"), "2"),
        "value": (t("Soles per tonne"), "0"),
        "stays": (t("Stays, under so many other choices"), "0"),
        "other_place": (t("No. by the other measure"), "0"),
        "coffee_by_complexity": (t("Coffee as an entry candidate by complexity: No."), "0"),
        "coffee_by_value": (t("By value per tonne: No."), "0"),
        "choice": (t("Choice"), None),
        "stay_complexity": (t("By complexity: first candidates that stay"), "short"),
        "correlation_complexity": (t("Rank correlation"), "2"),
        "stay_value": (t("By value: first candidates that stay"), "short"),
        "correlation_value": (t("Rank correlation"), "2"),
        "coffee_place": (t("Coffee: place by quotient, all crops of the row"), "short"),
        "production_t": (t("Coffee, t"), "0"),
        "districts": (t("Districts with coffee"), "0"),
        "half_in": (t("Districts with half of it"), "0"),
        "province_name": (t("Largest province"), None),
        "province_share": (t("Its share"), "%1"),
        "hhi": (t("HHI of the districts"), "2"),
        "count": (t("Species and count"), None),
        "heads": (t("Heads"), "short"),
        "heads_per_km2": (t("Heads per km²"), "2"),
        "heads_per_thousand": (t("Heads per thousand people"), "short"),
        "population_year": (t("People in"), str),
    }
    return {column: known[column] for column in columns}


def in_words(frame: pd.DataFrame, key: str, columns: Iterable[str]) -> pd.DataFrame:
    """Return a frame whose rows are of different things with its figures as text, for ``table``.

    Parameters
    ----------
    key : str
        The column with what a row is of, a key of :func:`words`; it becomes ``label``, with the
        ``concept`` of a count of people.
    columns : iterable of str
        Columns of figures, written by :func:`spec`; ``difference`` with its sign, and in percentage
        points where the row's figures are shares.
    """
    known, rows = words(), frame.astype(object)
    rows["label"] = [known[name] for name in frame[key]]
    for place in frame.index[frame[key] == "population_persons"]:
        rows.at[place, "label"] = t("People: {concept}", concept=t(frame.at[place, "concept"]))
    for column in columns:
        sign = "+" if column == "difference" else ""
        figures = zip(frame[column], frame[key], strict=True)
        rows[column] = ["" if pd.isna(x) else _figure(x, sign, spec(name)) for x, name in figures]
    return rows


def _figure(value: float, sign: str, how: str) -> str:
    is_points = sign and how.startswith("%")
    return t("{x:+1} pp", x=100 * value) if is_points else written(value, sign + how)


def share(ratio: float) -> str:
    """Return a share, a small one with two decimals (0.0015 → ``0.15%``)."""
    return percent(ratio, 2 if ratio < 0.05 else 0)


def by_region(values: pd.Series, spec: str) -> list[str]:
    """Return regions with their figures, the largest first ("Cusco 0.443").

    >>> by_region(pd.Series({"21": 0.394, "08": 0.443}), "3")
    ['Cusco 0.443', 'Puno 0.394']
    """
    known = values.dropna().sort_values(ascending=False)
    return [f"{places.name(code)} {written(value, spec)}" for code, value in known.items()]


def poverty(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.economies.poverty`` with ``what``, ``label`` and ``words`` for a figure."""
    known, rows = words(), list(frame.itertuples())
    return frame.assign(
        what=[f"{known[f'{row.measure}, {row.figure_kind}']}, {row.year}" for row in rows],
        label=[row.place or places.name(row.ubigeo) for row in rows],
        words=[
            t("{x}, group of {n}", x=interval(100 * row.low, 100 * row.high), n=row.departments)
            for row in rows
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
    parts = [classes[limit] for limit in frame["below_pct"]]
    return frame.assign(label=frame["ubigeo"].map(places.name), part=parts)


def report_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return figures of the report's chapter 5 with ``label`` (what a row is) and ``group``."""
    known, labels, groups = words(), [], []
    for row in frame.itertuples():
        label = t("not named") if row.item == "rest" else t(row.item)
        date = row.year if pd.isna(row.date_evidence) else t(row.date_evidence)
        labels.append(f"{label}, {date}" if row.topic == "exports" else label)
        group = known.get(row.topic, t(row.topic))
        year = "" if pd.isna(row.year) else f", {row.year}"
        is_national = row.ubigeo == places.COUNTRY
        groups.append(group if is_national else f"{places.name(row.ubigeo)}: {group}{year}")
    tones = frame["item"].map({"rest": "rest", "Peru": "highlight"}).fillna("")
    return frame.assign(label=labels, group=groups, tone=tones)


def stated(frame: pd.DataFrame) -> pd.DataFrame:
    """Return figures of the report as text: ``fact``, and ``figure`` with bound and unit."""
    units = {
        "pct": "{x}%",
        "PEN": t("{x} million soles"),
        "km2": t("{x} km²"),
        "place": t("place {x}"),
    }
    facts, figures = [], []
    for row in frame.itertuples():
        facts.append(t(row.topic) if row.topic == row.item else f"{t(row.topic)}: {t(row.item)}")
        value = exact(row.value / 1e6 if row.unit == "PEN" else row.value)
        figure = units.get(row.unit, "{x}").format(x=value)
        figures.append(f"{bound_words(row.bound)} {figure}".strip())
    return frame.assign(fact=facts, figure=figures)


def in_regions(names: Iterable[str], codes: Iterable[str], shares: Iterable = ()) -> list[str]:
    """Return what is where, with its share of the region's where given ("potato in Cusco (37%)").

    >>> in_regions(["potato"], ["08"], [0.3698])
    ['potato in Cusco (37%)']
    """
    pairs = zip(names, codes, strict=True)
    texts = [t("{what} in {name}", what=what, name=places.name(code)) for what, code in pairs]
    shares = [f" ({percent(share)})" for share in shares] or [""] * len(texts)
    return [text + share for text, share in zip(texts, shares, strict=True)]


def crop(key: str) -> str:
    """Return a crop's name in the report's language."""
    return t(load("crops").set_index("crop").at[key, "crop_name_en"])


def quotient(lq: float) -> str:
    """Return a location quotient in figures, with so many that what is below 1 reads below 1.

    >>> quotient(14.46), quotient(1.526), quotient(0.99986)
    ('14.5', '1.53', '0.9999')
    """
    digits = 1 if lq >= 1.95 else 2
    while lq < 1 and number(lq, digits) == number(1, digits):
        digits += 1
    return number(lq, digits)


def crop_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows on crops with ``crop`` in the report's language, ``label`` and ``tone``.

    The label carries the location quotient; a near specialisation has a star behind its name.
    """
    names = [crop(key) for key in frame["crop"]]
    labels = [f"{name} (× {quotient(lq)})" for name, lq in zip(names, frame["lq"], strict=True)]
    tones = frame["crop"].map({COFFEE: "highlight"}).fillna("")
    stars = frame["is_nearly"].map({True: "*", False: ""}) if "is_nearly" in frame else ""
    return frame.assign(crop=pd.Series(names, frame.index) + stars, label=labels, tone=tones)


def candidates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return entry candidates for a chart: the first numbered and ``listed``, coffee named."""
    rows = crop_rows(frame).assign(key=frame["crop"], x=frame["density"], y=frame["worth"])
    numbers = frame["place"].where(frame["is_first"]).map("{:.0f}".format, na_action="ignore")
    others = rows["crop"].where(frame["crop"] == COFFEE)
    listed = (numbers + " " + rows["crop"]).fillna("")
    return rows.assign(label=numbers.fillna(others).fillna(""), listed=listed)


def pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.crops.differences`` with a ``label`` for each pair."""
    rest = t("rest of the country")
    others = [rest if code == "rest" else places.name(code) for code in frame["other"]]
    return frame.assign(label=frame["ubigeo"].map(places.name) + " – " + others)


def herd_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.camelids.densities`` with ``count`` (species and count) and ``heads``."""
    frame = frame.sort_values(["species", "heads_per_thousand"], ascending=[True, False])
    known, rows = words(), list(frame.itertuples())
    counts = [f"{known[row.species]}, {t(row.count_name)}" for row in rows]
    return frame.assign(count=counts, heads=with_bounds(frame["heads_shown"], frame["bound_shown"]))


def doubts(frame: pd.DataFrame) -> list[str]:
    """Return sentences on ``select.camelids.contradictions``."""
    return [
        t(
            "{name}: {heads:0} heads ({species}) as printed; {share:%1} of the same count, "
            "as printed elsewhere, would be about {implied:0}.",
            name=places.name(row.ubigeo),
            heads=row.heads,
            species=t(row.species),
            share=row.share,
            implied=float(f"{row.implied_heads:.3g}"),
        )
        for row in frame.itertuples()
    ]


def points(across: pd.Series, up: pd.Series) -> pd.DataFrame:
    """Return two figures of departments as named points: ``ubigeo``, ``label``, ``x``, ``y``."""
    both = pd.DataFrame({"x": across, "y": up}).rename_axis("ubigeo").reset_index()
    return both.assign(label=both["ubigeo"].map(places.name))


def robustness(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``select.crops.robustness`` with the choices in words, and places as "7 of 10"."""
    rows = frame.assign(choice=frame["choice"].map(words()), coffee_place=frame["coffee_rank"])
    wholes = {"stay_complexity": "of_complexity", "stay_value": "of_value", "coffee_place": "crops"}
    for part, whole in wholes.items():
        pairs = zip(rows[part], rows[whole], strict=True)
        rows[part] = [t("{n:0} of {all:0}", n=n, all=all_) for n, all_ in pairs]
    return rows
