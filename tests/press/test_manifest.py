"""The manifest and its log: what a killed run had finished is known to the next one."""

import json
from dataclasses import asdict

import pytest

from press.job import Failure, Job, Result
from press.manifest import Manifest


def job(name):
    return Job(f"e/{name}", "e", name, {"start_year": 1}, name)


def test_finished_reports_are_known_without_a_save(tmp_path):
    manifest = Manifest(tmp_path, tmp_path)
    manifest.save()
    before = manifest.path.read_bytes()
    manifest.finished(job("one"), Result(1.0, made={".ipynb": b"{}", ".html": b"<p>"}))
    manifest.finished(job("two"), Result(failure=Failure("KeyError", "x", 2)))
    assert manifest.path.read_bytes() == before  # it would grow with every report there is
    again = Manifest(tmp_path, tmp_path)
    assert again.jobs == manifest.jobs and set(again.jobs) == {"e/one", "e/two"}
    assert again.reason(job("one")) == "" and again.reason(job("two")) == "failed last time"
    again.save()
    assert not again.log.exists()
    assert Manifest(tmp_path, tmp_path).jobs == manifest.jobs


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *[
            ((name,), value)
            for name in ("jobs", "plan", "data", "codes")
            for value in ([1], "x", 5)
        ],
        *[(("jobs", "e/one"), value) for value in (None, [], {}, {"status": "ok"})],
        *[(("jobs", "e/one", "job"), value) for value in ({}, {"slug": "e/one"}, [], "x")],
        *[(("jobs", "e/one", "job", name), 5) for name in ("slug", "title", "parameters", "adhoc")],
        *[(("jobs", "e/one", name), 5) for name in ("status", "files", "libraries", "alt")],
        (("jobs", "e/one", "files"), {"data/one.csv": [1]}),
        (("jobs", "e/one"), {"job": asdict(job("one")), "status": "failed", "error": {"x": "y"}}),
        (("jobs", "../x"), {}),
        (("plan",), {"reports": "r", "files": {}, "plan": {"title": "T", "jobs": [1]}}),
        (("index",), {"state": "x"}),
        (("data",), {"reports": "r", "declared": {"command": 5}, "state": {}}),
        ((), []),
        ((), 5),
    ],
)
def test_a_manifest_of_another_shape_counts_as_empty(tmp_path, path, value):
    manifest = Manifest(tmp_path, tmp_path)
    manifest.finished(job("one"), Result(1.0, made={".ipynb": b"{}", ".html": b"<p>"}))
    manifest.save()
    raw = whole = json.loads(manifest.path.read_text())
    for step in path[:-1]:
        raw = raw[step]
    if path:
        raw[path[-1]] = value
    manifest.path.write_text(json.dumps(whole if path else value))
    again = Manifest(tmp_path, tmp_path)
    assert "taken as empty" in again.warning and "\n" not in again.warning
    assert (again.jobs, again.plan, again.data) == ({}, {}, {})


def test_a_torn_last_line_of_the_log_costs_that_report_only(tmp_path):
    manifest = Manifest(tmp_path, tmp_path)
    manifest.save()
    for name in ("one", "two"):
        manifest.finished(job(name), Result(1.0, made={".ipynb": b"{}", ".html": b"<p>"}))
    manifest.log.write_bytes(manifest.log.read_bytes()[:-20])
    again = Manifest(tmp_path, tmp_path)
    assert list(again.jobs) == ["e/one"] and not again.warning
