"""What is different from before: the findings, figures and tables of two sets of reports compared.

Before is another reports folder, or the executed notebooks that a git ref holds; nothing is built.
Read are the records in the outputs' metadata (`finding`, `data`), the same in both.
"""

import json
import math
import re
import statistics
import subprocess
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from press.digests import write
from press.job import CollectionError, Settings, one_line, read_json
from press.manifest import FAILED, NOTEBOOK, PAGE
from press.outputs import (
    NUMBER,
    address,
    finding_of,
    in_text,
    is_number,
    part,
    picture_of,
    rows_of,
    table_of,
    tolerance,
)
from press.site import environment

TIME = {"date", "month", "period", "year"}  # columns of a table along which it is a series
ON_TERMINAL, WITH_PICTURES = 6, 40  # so many changes are shown
Reports = dict[str, Callable[[], dict[str, Any]]]  # by slug, what reads the executed notebook
Figures = dict[str, tuple[Any, float]]  # values by name, each with its usual change


def shown_in(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What outputs say of themselves, by the key of the finding, or the name of the data.

    A table without a title is called like the heading that it stands under.
    """
    found: dict[str, dict[str, Any]] = {}
    under = ""
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") == "markdown":
            under = [under, *re.findall(r"(?m)^#{1,6} (.+)", "".join(cell["source"]))][-1]
        for output in cell.get("outputs", []):
            finding, table = finding_of(output), table_of(output)
            name = finding.get("key") or table.get("name")
            number = sum(key.partition("#")[0] == name for key in found) + 1
            drawn = _of_table(table)
            if name:
                found[name if number == 1 else f"{name}#{number}"] = {
                    "text": finding.get("text") or table.get("title") or under or name,
                    "figures": _of_finding(finding, drawn) | drawn,
                    "picture": address(*picture_of(output)),
                }
    return found


def _of_finding(finding: dict[str, Any], drawn: Figures) -> Figures:
    """Each value of a finding; its usual change is that of the same figure among those `drawn`, or
    the median step of a series, else its tolerance."""
    usual = {value: step for value, step in drawn.values() if is_number(value)}
    figures: Figures = {}
    for name, about in finding.get("values", {}).items():
        value, half = about["value"], about.get("tolerance", 0.5)
        if isinstance(value, list) and len(value) > 1 and all(map(is_number, value)):
            step = _median_step([value]) or half
            figures |= {f"{name}, {n}": (number, step) for n, number in enumerate(value, 1)}
        elif isinstance(value, list):
            figures[name] = ", ".join(map(str, value)), half
        else:
            figures[name] = value, usual.get(value, half) if isinstance(value, float) else half
    return figures


def _of_table(table: dict[str, Any]) -> Figures:
    """Each figure of a table, by its column and the words of its row; where the table has a key,
    each other cell, by that.

    Its usual change is the median one from one time to the next, where the table is a series.
    """
    places: dict[str, tuple[str, Any]] = {}
    series: dict[str, dict[str, list[float]]] = {}
    for cells in rows_of(table):
        key = [name for name in part(table, "schema", "primaryKey", kind=list) if name in cells]
        key = key or [name for name, value in cells.items() if not is_number(value)]
        times = [str(cells[name]) for name in cells if name in TIME]
        words = [str(cells[name]) for name in key if name not in {"origin", *TIME}]
        for name in [name for name in cells if name not in {*key, "origin", *TIME}]:
            place = ", ".join([name, *words, *times])
            while place in places:  # rows that differ in figures only
                place += "'"
            places[place] = name, cells[name]
            if times and is_number(cells[name]):
                series.setdefault(name, {}).setdefault(str(words), []).append(cells[name])
    usual = {name: _median_step(lines.values()) for name, lines in series.items()}
    return {p: (value, usual.get(name) or tolerance(value)) for p, (name, value) in places.items()}


def _median_step(lines: Iterable[list[float]]) -> float:
    """The median change from one point to the next, where there is one; 0 of nothing."""
    steps = [abs(b - a) for line in lines for a, b in pairwise(line)]
    return statistics.median([step for step in steps if step] or [0.0])


def surprise(old: Any, new: Any, usual: float) -> float:
    """How many usual changes lie between two values; infinite for other words."""
    if old == new:
        return 0.0
    if is_number(old) and is_number(new):
        return 0.0 if math.isclose(old, new, rel_tol=1e-9) else abs(new - old) / usual
    before, after = in_text(str(old)), in_text(str(new))
    if not (before and after) or NUMBER.sub("#", str(old)) != NUMBER.sub("#", str(new)):
        return math.inf
    pairs = zip(before, after, strict=True)
    return max(abs(b["value"] - a["value"]) / a["tolerance"] for a, b in pairs)


def compare(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], float]:
    """What is different in words, the most surprising first, and how surprising that is."""
    if not (old and new):
        return ["new" if new else "missing"], math.inf
    found = []
    for name in {**old["figures"], **new["figures"]}:
        before, usual = old["figures"].get(name, (None, 1))
        after, _ = new["figures"].get(name, (None, 1))
        found.append((surprise(before, after, usual), f"{name}: {_said(before)} → {_said(after)}"))
    found = sorted([change for change in found if change[0]], key=lambda change: -change[0])
    if not found:
        return ["other words, same values"] if old["text"] != new["text"] else [], 0.0
    return [text for _, text in found], found[0][0]


def _said(value: Any) -> str:
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def changes(before: Reports, now: Reports) -> tuple[list[dict[str, Any]], int]:
    """Everything that is not as before, the most surprising first; and how much is as before.

    The same change in several reports (other languages, other editions) is listed once.
    """
    found: dict[Any, dict[str, Any]] = {}
    same = 0
    for slug in sorted({*before, *now}, key=Path):
        old, new = (shown_in(side[slug]()) if slug in side else {} for side in (before, now))
        for key in {**old, **new}:
            what, size = compare(old.get(key, {}), new.get(key, {}))
            texts = [side.get(key, {}).get("text", "") for side in (old, new)]
            change = {"report": slug, "key": key, "texts": texts, "what": what, "size": size}
            if what:
                found.setdefault((key, *what), change | {"others": -1})["others"] += 1
            same += not what
    return sorted(found.values(), key=lambda change: -change["size"]), same


def _of_folder(folder: Path) -> Reports:
    """The executed notebooks of a reports folder."""
    paths = [path for path in folder.glob(f"*/*{NOTEBOOK}") if not path.name.endswith(FAILED)]
    slugs = {path: path.relative_to(folder).as_posix().removesuffix(NOTEBOOK) for path in paths}
    return {slug: partial(read_json, path) for path, slug in slugs.items()}


def _of_ref(settings: Settings, ref: str) -> Reports:
    """The notebooks that a git ref holds, in place of the reports with their default parameters."""
    from press.parameters import inspect

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(settings.folder), *words], capture_output=True)
        return "" if done.returncode else done.stdout.decode("utf-8", "replace")

    def load(name: str) -> dict[str, Any]:
        return json.loads(git("show", f"{commit}:./{name}") or "{}")

    commit = git("rev-parse", "--verify", "-q", f"{ref}^{{commit}}").strip()
    if not commit:
        raise CollectionError(f"diff: {ref!r} is neither a folder nor a git ref")
    held = git("ls-tree", "--name-only", commit, "./").splitlines()
    found: Reports = {}
    for entry in read_json(settings.out / "manifest.json").get("jobs", {}).values():
        job = entry["job"]
        name = f"{job['notebook']}{NOTEBOOK}"
        if name in held and job["parameters"] == inspect(settings.folder / name).defaults:
            found[job["slug"]] = partial(load, name)
    return found


def show(settings: Settings, base: str) -> int:
    """Compare the reports with `base`, on one screen and one page."""
    if not base:
        raise CollectionError("diff: BASE is missing: a reports folder, or a git ref such as HEAD")
    now, is_folder = _of_folder(settings.out), Path(base).is_dir()
    before = _of_folder(Path(base)) if is_folder else _of_ref(settings, base)
    if not is_folder:
        now = {slug: read for slug, read in now.items() if slug in before}
    if not before.keys() & now.keys():
        raise CollectionError(f"diff: {settings.out} and {base} have no executed report in common")
    found, same = changes(before, now)
    counts = f"{len(found)} changed, {same} as before, in {len(now)} reports against {base}"
    for number, change in enumerate(found):
        sides = [side for side in (before, now) if number < WITH_PICTURES]
        notebooks = [side[change["report"]]() if change["report"] in side else {} for side in sides]
        pictures = [shown_in(each).get(change["key"], {}).get("picture", "") for each in notebooks]
        # Both beside each other, where they differ.
        change["pictures"] = pictures if len(set(pictures)) > 1 else []
        change["href"] = change["report"] + PAGE
    template, page = environment().get_template("index.diff.html.j2"), settings.out / "diff.html"
    write(page, template.render(changes=found, counts=counts).encode())
    more = len(found) - ON_TERMINAL
    print("\n\n".join([counts, *map(_on_terminal, found[:ON_TERMINAL])]))
    print(f"\n… and {more} more\n" * (more > 0) + f"\nAll of it, with pictures: {page}")
    return 0


def _on_terminal(change: dict[str, Any]) -> str:
    """A change in a few short lines, without what a terminal would obey."""
    old, new = change["texts"]
    others = f" and in {change['others']} more" if change["others"] else ""
    far = f" ({change['size']:.2g} × usual)" if 0 < change["size"] < math.inf else ""
    lines = [new or old, f"was: {old}" if old and new and old != new else "", *change["what"][:2]]
    head = one_line(f"{change['report']} · {change['key']}{others}{far}", 120)
    return "\n".join([head, *(f"  {one_line(line, 120)}" for line in lines if line)])
