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

from press.beside import address, finding_in, picture_of, resource_of
from press.digests import write
from press.job import CollectionError, Settings, one_line, read_json
from press.manifest import FAILED, NOTEBOOK, PAGE
from press.site import environment
from press.values import NUMBER, in_text, is_number, of_finding, tolerance

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
            heads = re.findall(r"(?m)^#{1,6} (.+)", "".join(cell["source"]))
            under = heads[-1] if heads else under
        for output in cell.get("outputs", []):
            finding = finding_in(output)
            table = resource_of(output)
            if name := finding.get("key") or table.get("name"):
                number = sum(key.partition("#")[0] == name for key in found) + 1
                drawn = _of_table(table)
                usual = dict(pair for pair in drawn.values() if is_number(pair[0]))
                found[name if number == 1 else f"{name}#{number}"] = {
                    "text": finding.get("text") or table.get("title") or under or name,
                    "figures": (_of_finding(finding, usual) if finding else {}) | drawn,
                    "picture": address(*picture_of(output)),
                }
    return found


def _of_finding(finding: dict[str, Any], drawn: dict[float, float]) -> Figures:
    """Each value of a finding; its usual change is that of the same figure among those `drawn`, or
    the median step of a series, else its tolerance."""
    figures: Figures = {}
    for name, about in of_finding(finding)["values"].items():
        value, half = about["value"], about.get("tolerance", 0.5)
        if isinstance(value, list) and len(value) > 1 and all(map(is_number, value)):
            usual = _median_step([value]) or half
            figures |= {f"{name}, {n}": (part, usual) for n, part in enumerate(value, 1)}
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            figures[name] = shown, drawn.get(value, half) if isinstance(value, float) else half
    return figures


def _of_table(resource: dict[str, Any]) -> Figures:
    """Each figure of a table, by its column and the words of its row; where the table has a key,
    each other cell, by that.

    Its usual change is the median one from one time to the next, where the table is a series.
    """
    head, *body = resource.get("data") or [[]]
    schema = resource.get("schema")
    key = schema.get("primaryKey") if isinstance(schema, dict) else None
    key = [name for name in key if name in head] if isinstance(key, list) else []
    places: dict[str, tuple[str, Any]] = {}
    series: dict[str, dict[str, list[float]]] = {}
    for row in body:
        cells = dict(zip(head, row, strict=False))
        about = key or [name for name, value in cells.items() if not is_number(value)]
        times = [str(cells[name]) for name in head if name in TIME]
        words = [str(cells[name]) for name in about if name not in {"origin", *TIME}]
        for name in cells.keys() - {*about, "origin", *TIME}:
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
    if not before or NUMBER.sub("#", str(old)) != NUMBER.sub("#", str(new)):
        return math.inf
    pairs = zip(before, after, strict=True)
    return max(abs(b["value"] - a["value"]) / a["tolerance"] for a, b in pairs)


def compare(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], float]:
    """What is different in words, the most surprising first, and how surprising that is."""
    found = []
    for name in {**old["figures"], **new["figures"]}:
        before, usual = old["figures"].get(name, (None, 1))
        after, _ = new["figures"].get(name, (None, 1))
        size = surprise(before, after, usual)
        if size:
            written = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in (before, after)]
            old_value, new_value = ("none" if text == "None" else text for text in written)
            found.append((size, f"{name}: {old_value} → {new_value}"))
    found.sort(key=lambda change: -change[0])
    if found or old["text"] == new["text"]:
        return [text for _, text in found], found[0][0] if found else 0.0
    return ["other words, same values"], 0.0


def changes(before: Reports, now: Reports) -> tuple[list[dict[str, Any]], int]:
    """Everything that is not as before, the most surprising first; and how much is as before.

    The same change in several reports (other languages, other editions) is listed once.
    """
    found: dict[Any, dict[str, Any]] = {}
    same = 0
    for slug in sorted({*before, *now}, key=Path):
        old, new = (shown_in(side[slug]()) if slug in side else {} for side in (before, now))
        for key in {**old, **new}:
            if key in old and key in new:
                what, size = compare(old[key], new[key])
            else:
                what, size = ["new" if key in new else "missing"], math.inf
            same += not what
            if what:
                texts = [side[key]["text"] if key in side else "" for side in (old, new)]
                change = {"report": slug, "key": key, "texts": texts, "what": what, "size": size}
                found.setdefault((key, *what), change | {"others": -1})["others"] += 1
    return sorted(found.values(), key=lambda change: -change["size"]), same


def _of_folder(folder: Path) -> Reports:
    """The executed notebooks of a reports folder."""
    paths = [path for path in folder.glob(f"*/*{NOTEBOOK}") if not path.name.endswith(FAILED)]
    slugs = {path: path.relative_to(folder).as_posix().removesuffix(NOTEBOOK) for path in paths}
    return {slug: partial(read_json, path) for path, slug in slugs.items()}


def _of_ref(settings: Settings, ref: str) -> Reports:
    """The notebooks that a git ref holds, in place of the reports with their default parameters."""
    from press.parameters import inspect

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(settings.folder), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

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
    lines = [counts]
    for change in found[:ON_TERMINAL]:
        old, new = change["texts"]
        others = f" and in {change['others']} more" if change["others"] else ""
        far = f" ({change['size']:.2g} × usual)" if 0 < change["size"] < math.inf else ""
        lines += [f"\n{change['report']} · {change['key']}{others}{far}", f"  {new or old}"]
        lines += [f"  was: {old}"] if old and new and old != new else []
        lines += [f"  {what}" for what in change["what"][:2]]
    if len(found) > ON_TERMINAL:
        lines.append(f"\n… and {len(found) - ON_TERMINAL} more")
    for line in lines:
        mark = re.match(r"\s*", line)[0]
        print(mark + "".join(filter(str.isprintable, one_line(line, 120))))
    for number, change in enumerate(found):
        pictures = []  # both beside each other, where they differ
        for side in (before, now) if number < WITH_PICTURES else ():
            shown = shown_in(side[change["report"]]()) if change["report"] in side else {}
            pictures.append(shown.get(change["key"], {}).get("picture", ""))
        change["pictures"] = pictures if len(set(pictures)) > 1 else []
        change["href"] = change["report"] + PAGE
    template, page = environment().get_template("index.diff.html.j2"), settings.out / "diff.html"
    write(page, template.render(changes=found, counts=counts).encode())
    print(f"\nAll of it, with pictures: {page}")
    return 0
