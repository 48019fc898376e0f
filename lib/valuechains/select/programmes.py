"""Programmes and agencies: where and when they worked, what the documents state that they reached.

All numbers are those of four documents. A department that none of them names is "not named",
which is less than "not reached".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from ..core import places
from ..core.scope import Scope
from ..tables import load

# What the table calls IFAD's projects together, and figures of the country.
GROUP, CONTEXT = "IFAD projects", "context"
# As they began, as far as the documents say; SIERRA SUR is the last of IFAD's four.
ORDER = (
    "FEAS",
    "MARENASS",
    "CORREDOR",
    "SIERRA SUR",
    "Creative industries",
    "Creative mapping",
    "Development agencies",
)
# How long an open end is drawn; it says nothing of how long it was.
OPEN_YEARS = 3
POOREST = "target: the poorest of the country, one in"
CONTRIBUTION, HIRED = "contribution of farmer organisations", "services hired"
VOLUME = "financial volume"
# Programme, what is divided, by what: parts of a whole.
SHARES = (
    ("FEAS", CONTRIBUTION, HIRED),
    ("MARENASS", "communities with impact", "communities reached"),
    ("MARENASS", "households with impact", "households reached"),
    ("MARENASS", "households turned to the market", "households reached"),
    (GROUP, "households with significant benefits", "families managing public funds"),
    (GROUP, "funds administered by farmers", VOLUME),
    ("Creative industries", "initiatives at national fairs", "initiatives financed"),
)
# One thing per another; what has no divisor is stated per dollar.
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
# Programme, the number stated, the list whose items are named (None: its departments).
COUNTED = (
    ("FEAS", "departments at the start", None),
    ("Creative industries", "regions", None),
    ("Creative industries", "studies", "studies"),
    ("Creative mapping", "regions", None),
    ("Creative mapping", "sectors", "sectors"),
    ("Development agencies", "agencies of the project", None),
    ("Development agencies", "agencies created", None),
)
# What single projects reached, and what is stated of IFAD's projects together.
TOTALS = (
    ("households", ("FEAS", "MARENASS"), "households reached", "families managing public funds"),
    (
        "communities",
        ("MARENASS", "CORREDOR"),
        "communities reached",
        "communities managing public funds",
    ),
    (
        "farmer organisations",
        ("FEAS",),
        "organisations that hired services",
        "farmer organisations managing public funds",
    ),
)


class Figure(NamedTuple):
    """A number that a document states, with its bound and the raw row that it was read from."""

    value: float
    bound: str
    unit: str
    source: str
    origin: str


PER_DOLLAR = Figure(1, "exact", "usd", "", "")


def overview() -> pd.DataFrame:
    """Return the table ``programmes`` in the order of :data:`ORDER`, a row each.

    Beside its columns ``departments`` (list of UBIGEO codes named) and ``sectors`` (list).
    """
    table = load("programmes").set_index("programme").loc[list(ORDER)].reset_index()
    named, lists = load("programme_places"), load("programme_lists")
    departments = named.groupby("programme")["ubigeo"].agg(list)
    sectors = lists[lists["list_name"] == "sectors"].groupby("programme")["item"].agg(list)
    return table.assign(
        departments=[departments.get(programme, []) for programme in ORDER],
        sectors=[sectors.get(programme, []) for programme in ORDER],
    )


def timeline() -> pd.DataFrame:
    """Return the years of each programme: which are sure, how far an open end is drawn.

    Returns
    -------
    DataFrame
        ``programme``, ``start_year``, ``start_bound``, ``end_year``, ``end_bound``;
        ``sure_from``, ``sure_to``, ``open_from``, ``open_to`` (years, missing where none is
        stated), ``is_dated`` (both ends stated), ``source``, ``origin``.

    Examples
    --------
    >>> timeline().set_index("programme").loc["Creative mapping", "is_dated"].item()
    False
    """
    table = overview()
    start, end = (table[column].astype("float64") for column in ("start_year", "end_year"))
    # "2004 or later" bounds the beginning, but is no year in which it worked.
    begun = start.where(table["start_bound"] != "at_least")
    sure_from, sure_to = begun.fillna(end), end.fillna(begun)
    starts_dated, ends_dated = table["start_bound"].eq("exact"), table["end_bound"].eq("exact")
    earliest = start.where(begun.isna()).fillna(sure_from - OPEN_YEARS)
    open_from = sure_from.where(starts_dated, earliest)
    open_to = sure_to.where(ends_dated, sure_to.fillna(open_from) + OPEN_YEARS)
    columns = ["programme", "start_year", "start_bound", "end_year", "end_bound"]
    return table[[*columns, "source", "origin"]].assign(
        sure_from=sure_from,
        sure_to=sure_to,
        open_from=open_from,
        open_to=open_to,
        is_dated=starts_dated & ends_dated,
    )


def reached() -> pd.DataFrame:
    """Return the departments named for each programme: ``programme``, ``ubigeo``, ``extent`` …

    ``extent`` is ``whole`` or ``part``, ``coverage`` says it in the document's sense.
    """
    table = load("programme_places")
    return table.sort_values("programme", key=_place_in_order, kind="stable", ignore_index=True)


def _place_in_order(programmes: pd.Series) -> pd.Series:
    order = [*ORDER, GROUP, CONTEXT]
    return programmes.map(order.index)


def overlap() -> pd.DataFrame:
    """Return all 25 departments with the programmes that name each.

    Columns ``ubigeo``, ``programmes`` (number, 0 when none does), ``names`` (list).
    """
    named = reached().groupby("ubigeo")
    names = named["programme"].agg(list)
    codes = list(places.codes())
    return pd.DataFrame(
        {
            "ubigeo": codes,
            "programmes": [len(names.get(code, [])) for code in codes],
            "names": [names.get(code, []) for code in codes],
        }
    )


def coverage(scope: Scope) -> pd.DataFrame:
    """Return programmes × the scope's regions (columns: codes): what is said of each.

    Empty text where a document names other departments, missing where it names none at all.
    """
    named = reached().set_index(["programme", "ubigeo"])["coverage"]
    stated_for = set(named.index.get_level_values("programme"))
    return pd.DataFrame(
        {
            code: [
                named.get((programme, code), "") if programme in stated_for else None
                for programme in ORDER
            ]
            for code in scope.regions
        },
        index=pd.Index(ORDER, name="programme"),
    )


def stated(programme: str, measure: str) -> Figure:
    """Return the number stated for a programme; of two, the exact one.

    Raises
    ------
    KeyError
        When the documents state none.

    Examples
    --------
    >>> float(stated("MARENASS", "communities with impact").value)
    360.0
    """
    table = load("programme_outputs")
    rows = table[(table["programme"] == programme) & (table["measure"] == measure)]
    if rows.empty:
        raise KeyError(f"{programme}: no {measure!r}")
    exact_first = rows.sort_values("bound", key=_is_loose, kind="stable")
    row = exact_first.iloc[0]
    return Figure(row["value"], row["bound"], row["unit"], row["source"], row["origin"])


def _is_loose(bounds: pd.Series) -> pd.Series:
    return bounds != "exact"


def ratio(programme: str, above: str, below: str) -> float:
    """Return one number stated for a programme over another.

    Examples
    --------
    >>> float(ratio("MARENASS", "communities with impact", "communities reached"))
    0.6
    """
    return stated(programme, above).value / stated(programme, below).value


def ratios(pairs: Iterable[tuple[str, str, str | None]]) -> pd.DataFrame:
    """Return :data:`SHARES` or :data:`AMOUNTS`: numbers stated for one programme, divided.

    Returns
    -------
    DataFrame
        ``programme``, ``measure``, ``above``, ``above_bound``, ``below``, ``below_bound`` (the
        two numbers), ``unit_above``, ``unit_below``, ``is_stated`` (as it stands, per dollar),
        ``value``, ``bound`` (what is divided by a rounded number is rounded too), ``source``,
        ``origin``.
    """
    rows = []
    for programme, measure, divisor in pairs:
        above = stated(programme, measure)
        below = stated(programme, divisor) if divisor else PER_DOLLAR
        rows.append(
            {
                "programme": programme,
                "measure": measure,
                "above": above.value,
                "above_bound": above.bound,
                "below": below.value,
                "below_bound": below.bound,
                "unit_above": above.unit,
                "unit_below": below.unit,
                "is_stated": divisor is None,
                "value": above.value / below.value,
                "bound": above.bound if below.bound == "exact" else "about",
                "source": above.source,
                "origin": f"{above.origin} {below.origin}".strip(),
            }
        )
    return pd.DataFrame(rows)


def counted() -> pd.DataFrame:
    """Return where a document states a number and names what it counts (:data:`COUNTED`).

    Columns ``programme``, ``measure``, ``stated``, ``named``, ``source``.
    """
    departments, lists = load("programme_places"), load("programme_lists")
    rows = []
    for programme, measure, list_name in COUNTED:
        named = departments if list_name is None else lists[lists["list_name"] == list_name]
        figure = stated(programme, measure)
        rows.append(
            {
                "programme": programme,
                "measure": measure,
                "stated": figure.value,
                "named": int((named["programme"] == programme).sum()),
                "source": figure.source,
            }
        )
    return pd.DataFrame(rows)


def beside_totals() -> pd.DataFrame:
    """Return what single projects reached beside what is stated of IFAD's four together.

    Columns ``what``, ``figures`` (by programme), ``sum``, ``together``.
    """
    rows = []
    for what, programmes, measure, whole in TOTALS:
        figures = {programme: stated(programme, measure) for programme in programmes}
        rows.append(
            {
                "what": what,
                "figures": figures,
                "sum": sum(figure.value for figure in figures.values()),
                "together": stated(GROUP, whole).value,
            }
        )
    return pd.DataFrame(rows)


def outputs() -> pd.DataFrame:
    """Return every number stated of reach, means and results, programme by programme."""
    table = load("programme_outputs")
    return table.sort_values("programme", key=_place_in_order, kind="stable", ignore_index=True)


def _extreme_poverty() -> pd.DataFrame:
    table = load("department_poverty")
    return table[(table["measure"] == "extreme") & (table["ubigeo"] != places.COUNTRY)]


def beside_poverty(scope: Scope) -> pd.DataFrame:
    """Return extreme poverty and the programmes that name each department, poorest first.

    Extreme poverty of the year nearest to the scope's last one (the later of two). It is
    published for groups of departments: the interval of a group, or the middle of one.

    Returns
    -------
    DataFrame
        ``ubigeo``, ``place`` (part of a department, where it stands in two), ``year``, ``low``,
        ``high`` (%; the same for a middle), ``is_middle``, ``is_poorest`` (in the poorest groups
        that make a fifth of the departments or more), ``programmes`` (number), ``source``,
        ``origin``, and for each of :data:`ORDER` ``whole``, ``part`` or nothing.
    """
    rows = _extreme_poverty()
    away = (rows["year"] - scope.end_year).abs()
    rows = rows[rows["year"] == rows.loc[away == away.min(), "year"].max()]
    extents = load("programme_places").pivot(index="ubigeo", columns="programme", values="extent")
    marks = extents.fillna("").reindex(index=rows["ubigeo"], columns=list(ORDER), fill_value="")
    middle = rows["poverty_midpoint_pct"]
    table = rows[["ubigeo", "place", "year", "source", "origin"]].assign(
        low=rows["poverty_low_pct"].fillna(middle),
        high=rows["poverty_high_pct"].fillna(middle),
        is_middle=middle.notna(),
        programmes=marks.ne("").sum(axis=1).to_numpy(),
        **marks.set_axis(rows.index),
    )
    table["is_poorest"] = _in_poorest_groups(table["high"])
    return table.sort_values(["high", "programmes"], ascending=False, ignore_index=True)


def _in_poorest_groups(high: pd.Series) -> pd.Series:
    """Return what is in the poorest groups that hold a fifth of the departments or more."""
    fifth = len(places.codes()) / stated("Creative industries", POOREST).value
    poorer = [(high > value).sum() for value in high]
    return pd.Series(poorer, index=high.index) < fifth


def poorest_counts() -> pd.Series:
    """Return by year how many areas the poorest groups hold (see :func:`beside_poverty`)."""
    rows = _extreme_poverty()
    high = rows["poverty_high_pct"].fillna(rows["poverty_midpoint_pct"])
    counts = {
        year: int(_in_poorest_groups(group).sum()) for year, group in high.groupby(rows["year"])
    }
    return pd.Series(counts, name="areas").rename_axis("year")


def poverty_facts(scope: Scope) -> dict:
    """Return how many areas the poorest groups hold, and what of them creative industries reach.

    ``n`` areas in ``year``; ``least`` to ``most`` from ``first`` to ``last``; ``end``: the scope's
    last year. ``all`` departments of the programme for creative industries, meant for the poorest
    one in ``one_in``, of which ``creative`` (codes) are in the poorest groups.
    """
    poverty, counts = beside_poverty(scope), poorest_counts()
    creative = poverty[poverty["Creative industries"] != ""]
    return {
        "n": int(poverty["is_poorest"].sum()),
        "year": int(poverty["year"].iloc[0]),
        "least": counts.min(),
        "most": counts.max(),
        "first": counts.index.min(),
        "last": counts.index.max(),
        "end": scope.end_year,
        "one_in": stated("Creative industries", POOREST).value,
        "all": len(creative),
        "creative": creative.loc[creative["is_poorest"], "ubigeo"].to_list(),
    }
