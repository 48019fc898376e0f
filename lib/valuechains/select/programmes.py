"""Programmes and agencies: where they worked, what they reached, per household and dollar.

All numbers are those of the four documents; a department that none of them names is "not
named", which is less than "not reached".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from ..core import places
from ..core.language import bound_words, listing, short, t
from ..core.scope import Scope
from ..tables import load
from .coffee import short_names

# What the table calls IFAD's projects together, and figures of the country.
GROUP, CONTEXT = "IFAD projects", "context"
# As they began, as far as the documents say; SIERRA SUR is the last of IFAD's four.
ORDER = (
    "FEAS", "MARENASS", "CORREDOR", "SIERRA SUR", "Creative industries", "Creative mapping",
    "Development agencies",
)  # fmt: skip


def programmes() -> pd.DataFrame:
    """Return the table of programmes in the order of :data:`ORDER`, with a ``name`` to show."""
    rows = load("programmes").set_index("programme").loc[list(ORDER)].reset_index()
    return rows.assign(name=[t(one) for one in rows["programme"]])


def overview() -> pd.DataFrame:
    """Return one row a programme in words: who, when, where, sectors; for a table."""
    places, lists = load("programme_places"), load("programme_lists")
    named = places.groupby("programme")["ubigeo"].apply(places.listing)
    sectors = lists[lists["list_name"] == "sectors"].groupby("programme")["item"]
    together = sectors.apply(lambda items: ", ".join(t(one) for one in items))
    rows = programmes()
    return rows.assign(
        who=[
            "; ".join(t(one) for one in (row.funded_by, row.carried_out_by) if isinstance(one, str))
            for row in rows.itertuples()
        ],
        full=[t(one) for one in rows["full_name"]],
        years=[
            f"{t(row.start_evidence)}; {t(row.end_evidence)}"
            if isinstance(row.end_evidence, str)
            else t(row.start_evidence)
            for row in rows.itertuples()
        ],
        where=rows["programme"].map(named).fillna(t("not stated")),
        sectors=rows["programme"].map(together),
        source=short_names(rows["source"], unique=False),
    )


# How long an open end is drawn; it says nothing of how long it was.
OPEN_YEARS = 3
POOREST = "target: the poorest of the country, one in"


def timeline() -> pd.DataFrame:
    """Return the years of each programme: which are sure, how far an open end is drawn.

    Columns ``name``, ``words`` ("by 2000 – about 2004"), ``sure_from``, ``sure_to``, ``open_from``,
    ``open_to`` (missing where no year is stated), ``is_dated`` (both ends stated).
    """
    rows = programmes()
    start, end = (rows[column].astype("float64") for column in ("start_year", "end_year"))
    begun = start.where(rows["start_bound"] != "at_least")
    sure_from, sure_to = begun.fillna(end), end.fillna(begun)
    dated = rows["start_bound"].eq("exact"), rows["end_bound"].eq("exact")
    open_from = sure_from.where(dated[0], start.where(begun.isna()).fillna(sure_from - OPEN_YEARS))
    open_to = sure_to.where(dated[1], sure_to.fillna(open_from) + OPEN_YEARS)
    words = [
        f"{year_words(row.start_bound, row.start_year)} – {year_words(row.end_bound, row.end_year)}"
        for row in rows.itertuples()
    ]
    none = start.isna() & end.isna()
    return pd.DataFrame(
        {
            "name": rows["name"],
            "words": pd.Series(words).mask(none, t("no year stated")),
            "sure_from": sure_from,
            "sure_to": sure_to,
            "open_from": open_from,
            "open_to": open_to,
            "is_dated": dated[0] & dated[1],
        }
    )


def year_words(bound: str, year: int) -> str:
    """Return a year with its bound in words, a question mark where it is missing."""
    if pd.isna(year):
        return "?"
    return {
        "at_least": t("{year} or later", year=year),
        "at_most": t("by {year}", year=year),
        "about": t("about {year}", year=year),
    }.get(bound, str(year))


def reached() -> dict[str, pd.Series]:
    """Return, by programme name, ``whole`` or ``part`` by UBIGEO code of the departments named."""
    places = load("programme_places")
    return {
        t(one): places[places["programme"] == one].set_index("ubigeo")["extent"] for one in ORDER
    }


def overlap() -> pd.DataFrame:
    """Return all 25 departments with the number of programmes that name each.

    Columns ``ubigeo``, ``programmes`` (0 when none does), ``names``.
    """
    places = load("programme_places").sort_values("programme", key=lambda s: s.map(ORDER.index))
    grouped = places.groupby("ubigeo")["programme"]
    codes = pd.Index(places.codes(), name="ubigeo")
    return pd.DataFrame(
        {
            "programmes": grouped.nunique().reindex(codes, fill_value=0),
            "names": grouped.apply(lambda found: ", ".join(t(one) for one in found)).reindex(codes),
        }
    ).reset_index()


def reach(scope: Scope) -> pd.DataFrame:
    """Return programmes × the scope's regions (columns: codes): what is said of each, in words."""
    places = load("programme_places").set_index(["programme", "ubigeo"])["coverage"]
    known = places.index.get_level_values("programme")
    return pd.DataFrame(
        {
            code: [
                t(places[(one, code)])
                if (one, code) in places.index
                else ""
                if one in known
                else t("not stated")
                for one in ORDER
            ]
            for code in scope.regions
        },
        index=[t(one) for one in ORDER],
    )


def beside_poverty(scope: Scope) -> pd.DataFrame:
    """Return extreme poverty and the programmes that name each department, poorest first.

    Extreme poverty of the year nearest to the scope's last one (the later of two). It is
    published for groups of departments: the interval of a group, or the middle of one.

    Returns
    -------
    DataFrame
        ``ubigeo``, ``label``, ``year``, ``low``, ``high`` (%; the same for a middle),
        ``is_middle``, ``is_poorest`` (in the poorest groups that make a fifth of the
        departments or more), ``programmes``, ``source``, and for each of :data:`ORDER`
        ``whole``, ``part`` or nothing. Lima is two areas in some years.
    """
    rows = load("department_poverty").query("measure == 'extreme' and ubigeo != '00'")
    away = (rows["year"] - scope.end_year).abs()
    rows = rows[rows["year"] == rows.loc[away == away.min(), "year"].max()]
    places = load("programme_places").pivot(index="ubigeo", columns="programme", values="extent")
    marks = places.fillna("").reindex(index=rows["ubigeo"], columns=list(ORDER), fill_value="")
    middle = rows["poverty_midpoint_pct"]
    areas = {"Región Lima": t("Lima, region"), "Provincia de Lima": t("Lima, province")}
    out = pd.DataFrame(
        {
            "ubigeo": rows["ubigeo"],
            "label": rows["place"].map(areas).fillna(rows["ubigeo"].map(places.name)),
            "year": rows["year"],
            "low": rows["poverty_low_pct"].fillna(middle),
            "high": rows["poverty_high_pct"].fillna(middle),
            "is_middle": middle.notna(),
            "programmes": marks.ne("").sum(axis=1).to_numpy(),
            "source": rows["source"],
        }
    )
    out = out.assign(is_poorest=_poorest(out["high"]), **marks.set_axis(out.index))
    return out.sort_values(["high", "programmes"], ascending=False, ignore_index=True)


def _poorest(high: pd.Series) -> pd.Series:
    """Return what is in the poorest groups that hold a fifth of the departments or more."""
    fifth = len(places.codes()) / stated("Creative industries", POOREST).value
    return high.map(lambda one: (high > one).sum() < fifth)


def poorest_counts() -> pd.Series:
    """Return by year how many areas the poorest groups hold (see :func:`beside_poverty`)."""
    rows = load("department_poverty").query("measure == 'extreme' and ubigeo != '00'")
    high = rows["poverty_high_pct"].fillna(rows["poverty_midpoint_pct"])
    return high.groupby(rows["year"]).agg(lambda one: int(_poorest(one).sum()))


class Figure(NamedTuple):
    """A number that a document states."""

    value: float
    bound: str
    unit: str
    source: str


def stated(programme: str, measure: str) -> Figure:
    """Return the number stated for a programme; of two, the exact one (KeyError for none)."""
    rows = load("programme_outputs")
    rows = rows[(rows["programme"] == programme) & (rows["measure"] == measure)]
    if rows.empty:
        raise KeyError(f"{programme}: no {measure!r}")
    row = rows.sort_values("bound", key=lambda bounds: bounds != "exact", kind="stable").iloc[0]
    return Figure(row["value"], row["bound"], row["unit"], row["source"])


def _words(figure: Figure) -> str:
    return f"{bound_words(figure.bound)} {short(figure.value)}".strip()


CONTRIBUTION, HIRED = "contribution of farmer organisations", "services hired"
VOLUME = "financial volume"
# Programme, what is divided, by what: parts of a whole first, then one thing per another.
SHARES = (
    ("FEAS", CONTRIBUTION, HIRED),
    ("MARENASS", "communities with impact", "communities reached"),
    ("MARENASS", "households with impact", "households reached"),
    ("MARENASS", "households turned to the market", "households reached"),
    (GROUP, "households with significant benefits", "families managing public funds"),
    (GROUP, "funds administered by farmers", VOLUME),
    ("Creative industries", "initiatives at national fairs", "initiatives financed"),
)
AMOUNTS = (
    (GROUP, VOLUME, "families managing public funds"),
    ("FEAS", HIRED, "households reached"),
    ("FEAS", HIRED, "organisations that hired services"),
    ("FEAS", CONTRIBUTION, "organisations that hired services"),
    (GROUP, "asset gain per dollar, low", None),
    (GROUP, "asset gain per dollar, high", None),
    ("MARENASS", "households reached", "communities reached"),
    ("MARENASS", "households with impact", "communities with impact"),
    (
        CONTEXT,
        "peasant households, Southern Highlands",
        "peasant communities, Southern Highlands",
    ),
)


PER_DOLLAR = Figure(1, "exact", "usd", "")


def ratios(pairs: Iterable[tuple[str, str, str | None]]) -> pd.DataFrame:
    """Return :data:`SHARES` or :data:`AMOUNTS`: numbers stated for one programme, divided.

    What is divided by nothing is stated per dollar.

    Returns
    -------
    DataFrame
        ``programme``, ``measure`` (in words), ``group`` (the unit: "US$ per household"),
        ``arithmetic`` ("360 / about 600"), ``value``, ``bound``, ``source``.
    """
    rows = []
    for programme, above, below in pairs:
        top = stated(programme, above)
        base = stated(programme, below) if below else PER_DOLLAR
        rows.append(
            {
                "programme": "" if programme == CONTEXT else t(programme),
                "measure": t(above),
                "group": per(top.unit, base.unit),
                "arithmetic": f"{_words(top)} / {_words(base)}"
                if below
                else t("as stated, project not named"),
                "value": top.value / base.value,
                # What is divided by a rounded number is rounded too.
                "bound": top.bound if base.bound == "exact" else "about",
                "source": top.source,
            }
        )
    return pd.DataFrame(rows)


def per(above: str, below: str) -> str:
    """Return the unit of a ratio in words ("US$ per household")."""
    return {
        ("usd", "households"): t("US$ per household"),
        ("usd", "organisations"): t("US$ per farmer organisation"),
        ("usd", "usd"): t("Asset dollars per dollar spent"),
        ("households", "communities"): t("Households per community"),
    }.get((above, below), t("share"))


def gain() -> tuple[Figure, Figure]:
    """Return the lowest and the highest gain in assets per dollar; which project is not said."""
    return tuple(stated(GROUP, f"asset gain per dollar, {end}") for end in ("low", "high"))


def counted() -> pd.DataFrame:
    """Return where a document states a number and names what it counts.

    Columns ``programme``, ``what``, ``stated``, ``named``, ``source``.
    """
    places, lists = load("programme_places"), load("programme_lists")
    rows = [
        ("FEAS", t("departments at the start"), "departments at the start", None),
        ("Creative industries", t("regions"), "regions", None),
        ("Creative industries", t("studies"), "studies", "studies"),
        ("Creative mapping", t("regions"), "regions", None),
        ("Creative mapping", t("sectors"), "sectors", "sectors"),
        ("Development agencies", t("agencies of the project"), "agencies of the project", None),
        ("Development agencies", t("agencies created"), "agencies created", None),
    ]
    found = []
    for programme, what, measure, listed in rows:
        rows_named = places if listed is None else lists[lists["list_name"] == listed]
        figure = stated(programme, measure)
        found.append(
            {
                "programme": t(programme),
                "what": what,
                "stated": figure.value,
                "named": int((rows_named["programme"] == programme).sum()),
                "source": short_names([figure.source])[0],
            }
        )
    return pd.DataFrame(found)


def beside_totals() -> pd.DataFrame:
    """Return what single projects reached beside what is stated of IFAD's four together.

    Columns ``what``, ``parts`` (their sum in words), ``sum``, ``together``.
    """
    rows = [
        (
            t("households"),
            ("FEAS", "MARENASS"),
            "households reached",
            "families managing public funds",
        ),
        (
            t("communities"),
            ("MARENASS", "CORREDOR"),
            "communities reached",
            "communities managing public funds",
        ),
        (
            t("farmer organisations"),
            ("FEAS",),
            "organisations that hired services",
            "farmer organisations managing public funds",
        ),
    ]
    return pd.DataFrame(
        {
            "what": what,
            "parts": " + ".join(f"{t(one)} {_words(stated(one, measure))}" for one in parts),
            "sum": sum(stated(one, measure).value for one in parts),
            "together": stated(GROUP, whole).value,
        }
        for what, parts, measure, whole in rows
    )


def outputs() -> pd.DataFrame:
    """Return the numbers of reach, means and results in words, for a table: context last."""
    rows = load("programme_outputs")
    rank = {one: place for place, one in enumerate((*ORDER, GROUP, CONTEXT))}
    rows = rows.sort_values("programme", key=lambda names: names.map(rank), kind="stable")
    return rows.assign(
        name=[t(one) for one in rows["programme"]],
        what=[t(one) for one in rows["measure"]],
        figure=[
            f"{bound_words(row.bound)} {short(row.value)} {unit_words(row.unit)}".strip()
            for row in rows.itertuples()
        ],
        where=[
            listing([places.name(one) for one in code.split("+")]) if isinstance(code, str) else ""
            for code in rows["ubigeo"]
        ],
        source=short_names(rows["source"], unique=False),
    )


def unit_words(unit: str) -> str:
    """Return a unit in words; those that the measure names already have none."""
    return {"pct": "%", "usd": t("US$"), "pen": t("soles"), "km2": "km²", "times": "×",
            "years": t("years")}.get(unit, "")  # fmt: skip
