"""The manifest and its log: what a killed run had finished is known to the next one."""

from press.job import Failure, Job, Result
from press.manifest import Manifest


def job(name):
    return Job(f"e/{name}", "e", name, {"start_year": 1}, name)


def test_finished_reports_are_known_without_a_save(tmp_path):
    manifest = Manifest(tmp_path, tmp_path)
    manifest.save()
    before = manifest.path.read_bytes()
    manifest.finished(job("one"), Result(1.0, notebook=b"{}", page=b"<p>"))
    manifest.finished(job("two"), Result(failure=Failure("KeyError", "x", 2)))
    assert manifest.path.read_bytes() == before  # it would grow with every report there is
    again = Manifest(tmp_path, tmp_path)
    assert again.jobs == manifest.jobs and set(again.jobs) == {"e/one", "e/two"}
    assert again.reason(job("one")) == "" and again.reason(job("two")) == "failed last time"
    again.save()
    assert not again.log.exists()
    assert Manifest(tmp_path, tmp_path).jobs == manifest.jobs


def test_a_torn_last_line_of_the_log_costs_that_report_only(tmp_path):
    manifest = Manifest(tmp_path, tmp_path)
    manifest.save()
    for name in ("one", "two"):
        manifest.finished(job(name), Result(1.0, notebook=b"{}", page=b"<p>"))
    manifest.log.write_bytes(manifest.log.read_bytes()[:-20])
    again = Manifest(tmp_path, tmp_path)
    assert list(again.jobs) == ["e/one"] and not again.warning
