"""The manifest and its log: what a killed run had finished is known to the next one."""

import json

import pytest

from press.digests import files_below
from press.job import Failure, Job, Result
from press.manifest import Manifest, sealed


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
    assert again.reason(job("one")) == ""
    assert again.reason(job("two")) == "failed last time: cell 2: KeyError: x"
    again.save()
    assert not again.log.exists()
    assert Manifest(tmp_path, tmp_path).jobs == manifest.jobs


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *[((name,), value) for name in ("jobs", "plan", "data", "codes") for value in ([1], 5)],
        *[(("jobs", "e/one"), value) for value in (None, {}, {"status": "ok"})],
        *[(("jobs", "e/one", "job", name), 5) for name in ("slug", "title", "parameters")],
        (("jobs", "e/one", "files"), {"data/one.csv": [1]}),
        (("jobs", "../x"), {}),
        (("index",), {"state": "x"}),
        ((), []),
        ((), {}),
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


def test_what_changed_is_named_and_the_rest_counted(tmp_path):
    then = dict.fromkeys(("a.csv", "b.csv", "c.csv"), "what it was")
    manifest = Manifest(tmp_path, tmp_path)
    said = [manifest.changed(dict(list(then.items())[:count])) for count in range(4)]
    more = "changed: a.csv and {} more"
    assert said == ["", "changed: a.csv", more.format(1), more.format(2)]


def test_what_a_report_no_longer_has_goes(tmp_path):
    manifest = Manifest(tmp_path, tmp_path)
    files = {".html": b"p", ".ipynb": b"{}", ".json": b"{}", ".files/a.csv": b"a"}
    manifest.finished(job("one"), Result(made=files | {".files/b.csv": b"b"}))
    manifest.finished(job("one"), Result(made=files))
    left = sorted(str(path.relative_to(tmp_path / "e")) for path in tmp_path.glob("e/**/*"))
    assert left == ["one.files", "one.files/a.csv", "one.html", "one.ipynb", "one.json"]
    manifest.finished(job("one"), Result(made={".html": b"p", ".ipynb": b"{}"}))
    assert sorted(path.name for path in tmp_path.glob("e/**/*")) == ["one.html", "one.ipynb"]
    manifest.forget("e/one")
    assert not (tmp_path / "e").exists() and not manifest.jobs


@pytest.mark.parametrize("slug", ["../x", "e/../../x", "/away/x", "e", ".../x"])
def test_a_forged_name_that_leads_out_of_the_folder_is_nobodys(tmp_path, slug):
    manifest = Manifest(tmp_path, tmp_path)
    manifest.save()
    manifest.finished(job("one"), Result(1.0, made={".ipynb": b"{}", ".html": b"<p>"}))
    with manifest.log.open("a", encoding="utf-8") as log:
        log.write(sealed({slug: manifest.jobs["e/one"]}))
    manifest = Manifest(tmp_path, tmp_path)
    assert set(manifest.jobs) == {"e/one"}
    manifest.jobs[slug] = manifest.jobs["e/one"]
    manifest.save()
    assert set(Manifest(tmp_path, tmp_path).jobs) == {"e/one"}


def test_what_tools_leave_is_no_input(tmp_path):
    for name in ("a.py", "__pycache__/a.pyc", "x.egg-info/PKG-INFO", "below/b.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert list(files_below(tmp_path, [tmp_path])) == ["a.py", "below/b.py"]
