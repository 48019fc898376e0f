"""Stale by content, honest about failures, nothing lost and nothing left behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
from toys import LIB, REPORTS, patience

from press import processes, run, system
from press.job import Settings


def test_nothing_changed_runs_and_imports_nothing_heavy(toy):
    toy.editions('name: e, title: E, notebooks: [one], for_each: {regions: "toyscope:all_regions"}')
    assert "2 made, 0 unchanged, 0 failed" in toy.press("run")
    code = (
        "import sys, time; begun = time.perf_counter(); from press.__main__ import main\n"
        "assert main(['run']) == 0\nheavy = {'pandas', 'nbconvert', 'papermill', 'matplotlib', "
        "'IPython', 'pydantic', 'yaml', 'numpy', 'toyscope', 'dask', 'distributed', 'tornado'}\n"
        "heavy &= set(sys.modules)\n"
        "print(heavy, time.perf_counter() - begun)"
    )
    command, look = [sys.executable, "-c", code], {"cwd": toy.root, "env": toy.environment}
    first, second = subprocess.check_output(command, text=True, **look).splitlines()
    assert first == f"all 2 reports are up to date: {Path('reports/index.html')}"
    heavy, seconds = second.rsplit(" ", 1)
    assert heavy == "set()"
    assert float(seconds) < patience(1)


def test_hundreds_of_unchanged_reports_are_quick(made):
    manifest = made.manifest()
    entry = manifest["jobs"].pop("pair/one")
    (job,) = [j for j in manifest["plan"]["plan"]["jobs"] if j["slug"] == "pair/one"]
    jobs = manifest["plan"]["plan"]["jobs"] = []
    for number in range(400):
        slug = f"pair/one-{number}"
        jobs.append(job | {"slug": slug})
        manifest["jobs"][slug] = entry | {"job": jobs[-1]}
        for suffix in (".html", ".ipynb"):
            (made.out / f"{slug}{suffix}").hardlink_to(made.out / f"pair/one{suffix}")
    made.put_manifest(manifest)
    made.press("run")  # pages of the second notebook are taken away, the index is made
    begun = time.perf_counter()
    assert "all 400 reports are up to date" in made.press("run")
    assert time.perf_counter() - begun < patience(1.5)


def test_stale_by_content_and_exact_about_why(made):
    root, library = made.root, made.root / "lib/toylib.py"

    def stale():
        return made.press("stale")

    fresh = "all 2 reports are up to date\n"
    assert stale() == fresh
    os.utime(root / "data/one.csv", (1, 1))
    (root / "data/other.csv").write_text("x")
    before = library.read_text()
    library.write_text(before + "# x\n")
    assert stale() == fresh
    library.write_text(before + "x = 1\n")
    assert "pair/one  changed: lib/toylib.py\npair/two" in stale()
    library.write_text(before)
    (root / "data/two.csv").write_text("name,tonnes\nCusco,11\n")
    assert stale() == "pair/two  changed: data/two.csv\n"
    assert "1 made, 1 unchanged" in made.press("run")
    # put there by a run that died before it was noted
    (made.out / "pair/one.html").write_text("of other data")
    assert stale() == "pair/one  page missing, or another\n"
    (made.out / "pair/one.html").unlink()
    manifest = made.manifest()
    manifest["jobs"]["pair/two"]["libraries"]["Jinja2"] = "0.1"
    made.put_manifest(manifest)
    assert "pair/one  page missing, or another\npair/two  library Jinja2 0.1 → " in stale()
    reports = root / "notebooks/reports.yml"
    reports.write_text(reports.read_text().replace("2001", "2002"))
    assert "pair/two  parameters changed" in stale()
    path = made.out / "manifest.json"
    path.write_text(path.read_text().replace('"seal": "', '"seal": "9'))
    said = stale()
    assert "pair/one  new\npair/two  new\n" in said and said.count("another version") == 1


def test_the_press_itself_and_its_templates_count(toy):
    shutil.copytree(LIB / "press", toy.root / "lib/press")
    toy.fresh = True
    toy.environment["PYTHONPATH"] = str(toy.root / "lib")
    toy.press("run")
    for name in ("filter.js", "style.css", "page.html.j2", "words.json"):
        path = toy.root / "lib/press/template" / name
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        assert f"pair/one  changed: lib/press/template/{name}\npair/two" in toy.press("stale")
        path.write_bytes(before)
    assert "up to date" in toy.press("stale")
    path = toy.root / "lib/press/template/index.html.j2"
    path.write_text(path.read_text().replace("<header>", "<!-- other --><header>"))
    assert toy.press("stale") == "index.html  changed\n"
    assert "up to date" in toy.press("run") and "up to date" in toy.press("stale")
    assert "<!-- other -->" in (toy.out / "index.html").read_text()


MAKE = """
from pathlib import Path
raw = Path("raw/two.txt").read_text()
assert "bad" not in raw, raw
Path("data/two.csv").write_text(f"name,tonnes\\nCusco,{raw}\\n")
print("two made")
"""


def test_data_are_made_first_and_stale_says_so(toy):
    (toy.root / "raw").mkdir()
    (toy.root / "raw/two.txt").write_text("10")
    (toy.root / "raw/make.py").write_text(MAKE)
    data = "data: {command: [python, raw/make.py], from: [../raw], to: ../data}\ntitle:"
    path = toy.root / "notebooks/reports.yml"
    path.write_text(path.read_text().replace("title:", data, 1))
    first = "data  to be made first, reports that read them after that: "
    assert f"{first}not made by a run from here yet\n" in toy.press("stale")
    assert "two made" in toy.press("run")
    assert "two made" not in toy.press("run") and "up to date" in toy.press("stale")
    (toy.root / "raw/make.py").write_text(f"# a comment\n{MAKE}")
    assert toy.press("stale") == "all 2 reports are up to date\n"
    (toy.root / "raw/two.txt").write_text("11")
    assert toy.press("stale") == f"{first}changed: raw/two.txt\n"
    said = toy.press("run")
    assert "two made" in said and "1 made, 1 unchanged" in said
    (toy.root / "data/two.csv").unlink()  # what was made counts too
    assert "two made" in toy.press("run") and "up to date" in toy.press("stale")
    (toy.root / "raw/two.txt").write_text("bad")
    assert "error: the data could not be made, exit code 1" in toy.press("run", expect=2)
    assert (toy.root / "data/two.csv").read_text().endswith("11\n")


def test_failure_keeps_the_last_good_page_and_the_others(made):
    toy = made
    good = toy.page("pair/one")
    failing = ("code", "# why\nx = {}\nx['<b>missing']")
    toy.notebook("one", [("markdown", "# First"), ("parameters", "start_year = 1"), failing])
    (toy.root / "data/two.csv").write_text("name,tonnes\nCusco,12\n")
    said = toy.press("run", expect=1)
    why = "cell 3, line 3 (x['<b>missing']): KeyError: '<b>missing'"
    assert "ok  pair/two" in said and "1 made, 0 unchanged, 1 failed" in said
    assert f"FAILED  pair/one\n        {why}" in said and "start_year=2001" in said
    assert toy.page("pair/one") == good
    index = (toy.out / "index.html").read_text(encoding="utf-8")
    assert '<strong class="state">stale</strong>: cell 3' in index
    assert "&lt;b&gt;missing" in index
    assert toy.press("stale").startswith("pair/one  failed last time: cell 3, line 3 (")


def test_job_that_left_takes_its_pages_with_it_but_asked_for_ones_stay(toy):
    toy.press("run", "--set", "regions=Puno,Áncash")
    (asked_for,) = toy.out.glob("puno-ancash-2000-*/one.html")
    text = (toy.root / "notebooks/reports.yml").read_text()
    toy.reports(text.replace("[one, two]", "[two]") + "  - {name: o, title: O, notebooks: [one]}\n")
    assert "pair/one  no longer in reports.yml" in toy.press("stale")
    # the neighbour is made too: it led to the page that left
    assert "2 made, 1 unchanged, 0 failed, 1 removed" in toy.press("run")
    left = sorted(path.name for path in (toy.out / "pair").iterdir())
    assert left == ["two.html", "two.ipynb", "two.json"]
    assert asked_for.is_file()
    (toy.root / "data/one.csv").write_text("name,tonnes\n")
    assert "2 made, 1 unchanged" in toy.press("run")  # the one asked for is renewed too


def test_an_edition_of_the_command_line_that_failed_does_not_fail_later_runs(toy):
    toy.cell("one", "assert start_year < 2050")
    asked = ("run", "--set", "start_year=2060")
    assert "3 made, 0 unchanged, 1 failed" in toy.press(*asked, expect=1)
    assert "all 3 reports are up to date" in toy.press("run")
    (folder,) = toy.out.glob("2060-*")
    assert f"{folder.name}/two.html" in (toy.out / "index.html").read_text()
    # what never worked is tried when it is asked for again
    kept = sorted(path.name for path in folder.glob("one*"))
    assert kept == ["one.failed.ipynb", "one.html"]  # which says why
    assert f"{folder.name}/one" not in (toy.out / "index.html").read_text()
    assert f"{folder.name}/one" not in toy.manifest()["jobs"]
    assert "1 failed" in toy.press(*asked, expect=1)


def test_folder_that_cannot_be_written_is_named(toy):
    toy.out.write_text("a file")
    assert toy.press("run", expect=2) == "error: reports: File exists\n"


def test_something_else_in_a_place_of_a_report_fails_it_alone(toy):
    (toy.out / "pair/one.html").mkdir(parents=True)
    said = toy.press("run", expect=1)
    assert "ok  pair/two" in said and "1 made, 0 unchanged, 1 failed" in said
    assert "FAILED  pair/one\n        reports/pair/one.html: Is a directory\n" in said


def test_full_disk_names_the_path_and_what_to_do(toy):
    cell = "with open('/dev/full', 'w') as file: file.write('x')"
    toy.cell("two", cell)
    toy.out.mkdir()
    for name in ("index.html", "manifest.json"):
        (toy.out / f".{name}.new").symlink_to("/dev/full")
        said = toy.press("run", expect=2)
        cure = "No space left on device; free some space and run again: what was finished is kept"
        assert said.endswith(f"error: reports/{name}: {cure}\n") and "Traceback" not in said
        (toy.out / f".{name}.new").unlink(missing_ok=True)
    (toy.out / "manifest.json").unlink(missing_ok=True)
    said = toy.press("run", expect=1)
    assert f"cell 2, line 1 ({cell}): OSError: [Errno 28] No space left on device (" in said
    assert f"{tempfile.gettempdir()}, where" in said


def test_an_interrupt_in_the_first_moments_is_no_traceback(toy):
    makefile = (LIB.parent / "Makefile").read_text()
    hold = re.search(r"HOLD := .* echo (env .*)\)\n", makefile)[1].split()  # as make does
    for moment in (0.01, 0.03, 0.06, 0.1, 0.2):
        process = toy.start("run", before=hold)
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=patience(30))
        line = "interrupted; what was finished is kept\n"
        assert (process.returncode, err) in {(130, line), (-signal.SIGINT, "")}


def test_a_reader_that_leaves_ends_a_run_without_a_word_and_what_is_finished_stays(toy):
    toy.environment.pop("PYTHONUNBUFFERED", None)
    for command in ("run", "stale", "doctor"):
        process = toy.start(command, "--workers", "1")
        process.stdout.close()
        assert (process.stderr.read(), process.wait(patience(30))) == ("", 141)
        process.stderr.close()
    assert (toy.out / "index.html").is_file() and "pair/one" in toy.manifest()["jobs"]


MAKES_DATA = """
import subprocess, time
children = [subprocess.Popen(["sleep", "600"])]
open("begun", "w").close()
try:
    time.sleep(600)
except KeyboardInterrupt:
    print("error: interrupted", flush=True)
"""


def test_an_interrupt_while_the_data_are_made_is_answered_in_one_line(toy):
    toy.fresh = True
    toy.reports("data: {command: [python, make.py], from: [../raw], to: ../data}" + REPORTS)
    (toy.root / "make.py").write_text(MAKES_DATA)
    process = toy.start("run")
    toy.wait((toy.root / "begun").exists, run=process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    said = process.communicate(timeout=patience(30))
    assert said == ("", "interrupted; what was finished is kept\n") and process.returncode == 130
    toy.wait(lambda: toy.processes() == [], 2)


def test_the_doctor_says_what_to_do(toy):
    lock = toy.root / "requirements.lock"
    pinned = "".join(f"{name}=={version(name)} \\\n" for name in ("papermill", "pyyaml"))
    lock.write_text(f"{pinned}tzdata==0 ; sys_platform == 'win32'\n".replace("tzdata", "no-such"))
    toy.cell("two", "1 / 0")
    toy.press("run", expect=1)
    said = toy.press("doctor")
    assert said.startswith("ok   environment ") and "every package as in" in said
    assert "ok   disk " in said
    elsewhere = toy.press("doctor", "--out", f"{toy.root.parent}/none/yet")
    assert f"free at {toy.root.parent}\n" in elsewhere
    assert "pair/two  failed last time: cell 2, line 1 (1 / 0): ZeroDivision" in said
    lock.write_text("papermill==0\nmissing==1\n")
    (toy.root / "data/one.csv").write_text("")
    said = toy.press("doctor", expect=1)
    assert "do   environment " in said and ": papermill " in said
    assert "pinned ==0 and 1 more" in said and "pair/one  changed: data/one.csv" in said
    toy.reports("title: T")
    assert "notebooks/reports.yml: editions is missing" in toy.press("doctor", expect=2)


def test_an_interrupt_never_breaks_off_what_may_have_a_lock(monkeypatch, tmp_path):
    seen = []

    class Place:
        slots = 1
        submit = staticmethod(lambda job: job.slug)
        close = staticmethod(lambda: seen.append("closed"))

    def waits(*_):  # as `concurrent.futures.wait` does: with locks that its threads need
        system._interrupts.answer(signal.SIGINT, None)
        seen.append("let go")
        return SimpleNamespace(done=[])

    monkeypatch.setattr(processes, "Processes", lambda settings: Place)
    monkeypatch.setattr(run, "wait", waits)
    monkeypatch.setattr(system, "_interrupts", system._Interrupts())
    with pytest.raises(KeyboardInterrupt):
        run.make_reports([SimpleNamespace(slug="a")], Settings(tmp_path, tmp_path), None)
    assert seen == ["let go", "closed"]
