"""What is due for renewal, and where sources disagree: dates and differences worked by hand."""

import datetime as dt

import pandas as pd
import pytest

from valuechains.audit import recompute, vintages
from valuechains.select import prefer

FILES = pd.DataFrame(
    [
        ("yearbook", "a.csv", "2022", "P1Y", "2026-11-22"),  # from 2022-12-31: due 2023-12-31
        ("monthly", "b.csv", "2026-08", "P3M", "2026-11-22"),  # from 2026-08-31: due 2026-11-30
        ("daily", "c.csv", "2026-10-01", "P30D", "2026-11-22"),  # due 2026-10-31
        ("undated", "d.csv", None, "P1Y", "2026-11-22"),  # from when it was entered: 2027-11-22
        ("report", "e.csv", "1990", "none", "2026-11-22"),
    ],
    columns=["source", "file", "published", "renewal", "entered"],
)


def test_files_are_due_when_their_period_has_passed():
    late = vintages.due(FILES, dt.date(2026, 11, 22))
    assert list(late["source"]) == ["yearbook", "daily"]
    assert list(late["due"]) == [dt.date(2023, 12, 31), dt.date(2026, 10, 31)]
    # 2024 has 366 days, 2025 365; to 22 November 2026 it is 326 more
    assert list(late["days_late"]) == [366 + 365 + 326, 22]
    december = vintages.due(FILES, dt.date(2026, 12, 1))
    assert list(december["source"]) == ["yearbook", "daily", "monthly"]
    assert vintages.due(FILES, dt.date(2023, 12, 31)).empty


def test_facts_that_sources_give_differently_come_largest_change_first(monkeypatch):
    kinds = {"ubigeo": "string", "area": "number", "note": "string", "source": "string"}
    fields = {name: {"type": kind} for name, kind in kinds.items()}
    tables = {
        "areas": {"key": ["ubigeo", "source"], "fields": fields},
        "names": {"key": ["ubigeo"], "fields": fields},
    }
    old = [("08", 90.0, "x"), ("21", 50.0, "x"), ("04", 1.0, "x"), ("05", -4.0, "x")]
    new = [("08", 100.0, "y"), ("21", 50.0, "z"), ("04", None, "x"), ("05", -2.0, "x")]
    rows = [(*row, "old") for row in old] + [(*row, "new") for row in new]
    frame = pd.DataFrame(rows, columns=list(fields))
    monkeypatch.setattr(vintages, "schema", lambda: {"tables": tables})
    monkeypatch.setattr(vintages, "load", lambda name: frame)
    found = vintages.revisions()
    assert list(found["fact"]) == ["05", "08"]
    assert list(found["change"]) == pytest.approx([2 / 4, 10 / 100])
    assert list(found["low_source"]) == ["old", "old"] and list(found["high"]) == [-2, 100]


def test_the_largest_revision_of_the_tables():
    found = vintages.revisions().set_index(["table", "fact", "field"])
    area = found.loc[("coffee_national", "2017", "area_ha")]
    assert (area["low"], area["high"]) == (383_118, 424_129)
    assert area["change"] == pytest.approx((424_129 - 383_118) / 424_129)
    assert found["change"].is_monotonic_decreasing


def test_of_one_fact_the_latest_vintage_that_has_it(monkeypatch):
    """``new`` is of 2025 and has no figure for 2001, ``old`` is of 2020."""
    rows = pd.DataFrame(
        [(2001, 1.0, "old"), (2001, None, "new"), (2002, 2.0, "old"), (2002, 3.0, "new")],
        columns=["year", "price", "source"],
    )
    names = pd.DataFrame({"source": ["old", "new"], "vintage": ["2020", "2025-05-02"], "kind": ""})
    spec = {"prices": {"key": ["year", "source"], "prefer": "latest"}, "facts": {"key": ["year"]}}
    monkeypatch.setattr(prefer, "schema", lambda: {"tables": spec})
    monkeypatch.setattr(prefer, "load", {"source_names": names}.__getitem__)
    found = prefer.preferred("prices", rows, "price")
    assert found.to_numpy().tolist() == [[2001, 1, "old"], [2002, 3, "new"]]
    assert prefer.preferred("facts", rows, "price") is rows


def test_statements_are_recomputed_from_the_latest_vintage(monkeypatch):
    rows = pd.DataFrame(
        {"year": [2012, 2012], "exchange_rate_pen_per_usd": [2.6, 2.7], "source": ["old", "new"]}
    ).assign(origin=["old/rates.csv:2", "new/rates.csv:2"])
    names = pd.DataFrame({"source": ["old", "new"], "vintage": ["2020", "2025"], "kind": ""})
    monkeypatch.setattr(prefer, "load", {"source_names": names}.__getitem__)
    monkeypatch.setattr(recompute, "load", {"peru_prices": rows}.__getitem__)
    data = recompute.Data(pd.DataFrame({"claim": []}), "book")
    assert data.figure("peru_prices", "exchange_rate_pen_per_usd", year=2012) == 2.7
    assert data.sources == {"new"}
