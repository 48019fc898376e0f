"""The site of thousands of reports: its sizes, and what a run costs that has nothing to make.

The reports are toys (a page of a few bytes, a summary with five findings), noted in a manifest as
if they had been made; the plan, the indexes, the search and the checks are the press's own.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from measure import measure

from press.digests import file_digest
from press.manifest import Manifest
from press.plan import make

LIB = Path(__file__).resolve().parents[1] / "lib"
REPORTS = """
title: Toys
about: One. Two. Three.
caption: "{{place}}"
languages: [en, es]
editions:
  - name: each
    title: One for each place
    notebooks: [toy]
    for_each: {{place: {places}}}
    index_table:
      - {{label: People, finding: finding-0, value: people}}
"""
PARAMETERS = {
    "cell_type": "code",
    "execution_count": None,
    "id": "a",
    "metadata": {"tags": ["parameters"]},
    "outputs": [],
    "source": 'place = "a"\nlanguage = "en"',
}
NOTEBOOK = {"cells": [PARAMETERS], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
INPUTS = 60  # files that a report was made of


def collection(root: Path, reports: int) -> Path:
    """A project with so many reports, half of them in each language, all of them up to date."""
    notebooks, out = root / "notebooks", root / "reports"
    (notebooks / "locale").mkdir(parents=True)
    (notebooks / "locale/es.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n', encoding="utf-8"
    )
    (notebooks / "toy.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    places = json.dumps([f"Place number {n}" for n in range(reports // 2)])
    (notebooks / "reports.yml").write_text(REPORTS.format(places=places), encoding="utf-8")
    inputs = [f"data/{n}.csv" for n in range(INPUTS)]
    (root / "data").mkdir()
    for name in inputs:
        (root / name).write_text(name, encoding="utf-8")
    files = {name: file_digest(root / name) for name in inputs}
    manifest = Manifest(out, root)
    for number, job in enumerate(make(notebooks / "reports.yml").jobs):
        page = out / f"{job.slug}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<p>", encoding="utf-8")
        page.with_suffix(".ipynb").write_text("{}", encoding="utf-8")
        summary = {
            "headings": [{"id": f"h{n}", "text": f"Heading number {n}"} for n in range(8)],
            "findings": [
                {
                    "key": f"finding-{n}",
                    "text": f"{job.item} has {number} people, finding {n} of 5 of its kind",
                    "anchor": f"finding-{n}",
                    "headline": n < 4,
                    "values": {"people": number},
                }
                for n in range(5)
            ],
        }
        page.with_suffix(".json").write_text(json.dumps(summary), encoding="utf-8")
        manifest.jobs[job.slug] = {
            "job": asdict(job),
            "status": "ok",
            "files": files,
            "libraries": {"python": ".".join(map(str, sys.version_info[:3]))},
            "page_bytes": 3,
            "alt": "",
            "lost": {},
        }
    manifest.save()
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="*", default=[1000, 2000, 4000])
    print("| reports | first site, CPU s | MB | nothing changed, CPU s | MB ", end="")
    print("| index kB | front kB | search kB |\n" + "|--:" * 8 + "|")
    for reports in parser.parse_args().reports:
        with tempfile.TemporaryDirectory(prefix="press-site-") as folder:
            root = Path(folder).resolve()
            out = collection(root, reports)
            command = [sys.executable, "-m", "press", "run"]
            environment = os.environ | {"PYTHONPATH": str(LIB)}
            first, again = (measure(command, root, environment) for _ in range(2))
            names = ("index.html", "edition-each.html", "search.js")
            sizes = " | ".join(f"{(out / name).stat().st_size / 1000:.0f}" for name in names)
            print(
                f"| {reports} | {first.cpu:.1f} | {first.memory:.0f} "
                f"| {again.cpu:.2f} | {again.memory:.0f} | {sizes} |",
                flush=True,
            )
            assert "up to date" in again.said, again.said
    return 0


if __name__ == "__main__":
    sys.exit(main())
