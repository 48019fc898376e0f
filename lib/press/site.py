"""The frame of all pages; the index of the site in each language, the editions' fronts, one zip.

What is heavy is loaded only to write them.
"""

import base64
import hashlib
import json
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from press.digests import file_digest, key, write
from press.job import CollectionError, Failure, Job, Plan, Settings, read_json, slugify
from press.manifest import FILES, NOTEBOOK, PAGE, SUMMARY, Manifest
from press.outputs import is_number, part

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("template")
RUNS = "run.json"  # when each report was made, how long it took, of which commit
RUN = {"date": str, "seconds": (int, float), "commit": str}
ZIP = "site.zip"
SITE = ("index*.html", "search*.js", "edition-*.html")  # what is made here
LONGEST_TABLE = 100  # reports of an edition that the index lists; a larger one has only its front
SCRIPTS = ("filter", "figure", "place")  # of pages; their comments and indentation stay here
MOST = 24  # findings of an edition on its front, which is to fit one screen
FEWEST = 3  # findings that stand for a report none of whose findings is a headline


def _page_from(slug: str, job: Job) -> str:
    """The way from one page to another."""
    return "../" * job.slug.count("/") + quote(slug + PAGE)


def _text(value: Any, between: str = ", ") -> str:
    return between.join(map(str, value)) if isinstance(value, list) else str(value)


@cache
def environment() -> "Environment":
    """The templates; built once, before the reports' processes are forked."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The scripts there are, and the hashes by which a page's policy lets them and nothing else run.
    code = {name: (TEMPLATES / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS}
    code = {name: re.sub(r"(?m)^\s*(//.*)?\n?", "", text) for name, text in code.items()}
    digests = {name: hashlib.sha256(text.encode()).digest() for name, text in code.items()}
    environment.filters |= {"page": _page_from, "text": _text, "shell": shlex.quote}
    environment.globals |= {
        "slug": slugify,
        "code": {name: Markup(text) for name, text in code.items()},
        "hashes": {name: base64.b64encode(digest).decode() for name, digest in digests.items()},
        "all_words": read_json(TEMPLATES / "words.json"),
        "index_words": read_json(TEMPLATES / "index.words.json"),
    }
    return environment


def words_of(language: str, kind: str = "all_words") -> dict[str, str]:
    """What the frame of a page says, in one of the languages that it is known in, or English."""
    known = environment().globals[kind]
    return known.get(language[:2], known["en"])


def departed(plan: Plan, manifest: Manifest) -> list[str]:
    """The reports that left `reports.yml`; those asked for by `--set` stay."""
    wanted = {job.slug for job in plan.jobs}
    known = manifest.jobs.items()
    return [slug for slug, entry in known if slug not in wanted and not entry["job"]["adhoc"]]


def _entries(plan: Plan, manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The reports, those of the plan first, in its order; one never made has the status "new"."""
    planned = [job for job in plan.jobs if not job.adhoc]
    return {job.slug: {"job": asdict(job), "status": "new"} for job in planned} | manifest.jobs


def _files(out: Path) -> list[str]:
    return sorted(path.name for pattern in SITE for path in out.glob(pattern))


def index_state(plan: Plan, manifest: Manifest, left: dict[str, str]) -> str:
    """What the index and the fronts are made of, and which of them are there, hashed.

    `left` has the reports that are still to be made, and why.
    """
    shown = [file_digest(path) for path in [*sorted(TEMPLATES.iterdir()), manifest.out / RUNS]]
    about = plan.texts, plan.editions, plan.tables, plan.maps, left
    return key(about, [*_entries(plan, manifest).items()], shown, _files(manifest.out))


def build_index(plan: Plan, manifest: Manifest, left: dict[str, str]) -> Path:
    """Write the indexes, their search and the fronts, unless they show the present state already.

    The path of the first index is returned.
    """
    out = manifest.out
    if manifest.index != index_state(plan, manifest, left):
        pages = _pages(plan, manifest, left)
        for name, content in pages.items():
            write(out / name, content.encode())
        for name in set(_files(out)) - set(pages):
            (out / name).unlink()
        manifest.index = index_state(plan, manifest, left)
        manifest.save()
    return out / "index.html"


def earlier_runs(out: Path) -> dict[str, dict[str, Any]]:
    """When each report was made, as far as a file of ours says so."""
    runs = part(read_json(out / RUNS), "reports")
    return {
        slug: run
        for slug, run in runs.items()
        if all(isinstance(part(run).get(name), kind) for name, kind in RUN.items())
    }


def _made(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The first and last day on which reports were made, how long that took, of which commits."""
    days = sorted(run["date"].partition(" ")[0] for run in runs.values())
    commits = sorted({run["commit"] for run in runs.values()} - {""})
    return {
        "dates": " – ".join(dict.fromkeys(days[:1] + days[-1:])),
        "seconds": sum(run["seconds"] for run in runs.values()),
        "commits": ", ".join(commits),
    }


def _about(slug: str, entry: dict[str, Any], manifest: Manifest, why: str) -> dict[str, Any]:
    """One report for the templates, its key findings with links to their places.

    `why` says why it is not up to date.
    """
    job, known = entry["job"], read_json(manifest.out / (slug + SUMMARY))
    href = quote(slug + PAGE) if manifest.has_page(slug) else ""
    findings = [
        found | {"href": f"{href}#{quote(found['anchor'])}"} for found in known.get("findings", [])
    ]
    picture, alt = (href and known.get("thumbnail")) or ("", "")
    if entry.get("error"):
        why = str(Failure(**entry["error"]))
    absent = "waiting" if entry["status"] == "new" else "failed"
    languages = job["frame"].get("languages", {}).items()
    return job | {
        "href": href,
        "headings": known.get("headings", []),
        "findings": findings,
        "headlines": [each for each in findings if each["headline"]] or findings[:FEWEST],
        "fronts": {code: f"edition-{other.partition('/')[0]}.html" for code, other in languages},
        "values": {found["key"]: found["values"] for found in findings},
        "thumbnail": picture and quote(f"{slug}{FILES}/{picture}"),
        "alt": alt,
        "state": absent if not href else "stale" if why else "fresh",
        "why": why,
    }


def stand_in(job: Job, failure: Failure) -> bytes:
    """What stands where a report could not be made, so that no link to it is dead."""
    words = words_of(job.language, "index_words")
    template = environment().get_template("index.failed.html.j2")
    return template.render(job=job, failure=failure, words=words).encode()


def _cells(report: dict[str, Any], columns: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A report's row in the table of its edition: the values of findings that its columns name."""
    row, drawn = [], set()
    for column in columns:
        values = report["values"].get(column["finding"], {})
        value = values.get(column["value"], "")
        is_figure = is_number(value)
        text = _figure(value, column) if is_figure else _text(value)
        line = _line(values, column) if is_figure and column["finding"] not in drawn else None
        drawn.add(column["finding"])
        year = _text(values.get(column["year"], "")) if text else ""
        row.append({"text": text, "number": is_figure, "line": line, "year": year})
    return row


def _usual_year(cells: Iterable[dict[str, Any]]) -> str:
    """The year that most figures of a column are of; the others say theirs beside them."""
    years = [cell["year"] for cell in cells if cell["year"]]
    return max(years, key=years.count, default="")


def _figure(value: float, column: dict[str, Any]) -> str:
    text = f"{value:,.{column['digits']}{'%' if column['percent'] else 'f'}}"
    return text.replace("-", "−")


def _line(values: dict[str, Any], column: dict[str, Any]) -> dict[str, str] | None:
    """The `series` of a finding over its `years`, as a path in a box of 60 by 16, and in words.

    It has its own scale; a year without a figure is a gap.
    """
    years, series = part(values, "years", kind=list), part(values, "series", kind=list)
    if not len(years) == len(series) >= FEWEST or not all(map(is_number, [*years, *series])):
        return None
    low, wide = min(series), (max(series) - min(series)) or 1
    path, before = "", None
    for year, value in zip(years, series, strict=True):
        x, y = 58 * (year - years[0]) / (years[-1] - years[0] or 1), 12 * (value - low) / wide
        path += f"{'L' if before == year - 1 else 'M'}{x + 1:.0f} {14 - y:.1f}"
        before = year
    first, last = (_figure(series[end], column) for end in (0, -1))
    return {"path": path, "words": f"{years[0]}–{years[-1]}: {first} → {last}"}


def _pages(plan: Plan, manifest: Manifest, left: dict[str, str]) -> dict[str, str]:
    """The index in each language that there are reports in, its search, the fronts of its editions.

    They come by file name, the first language is the collection's.
    """
    entries = _entries(plan, manifest).items()
    reports = [_about(slug, entry, manifest, left.get(slug, "")) for slug, entry in entries]
    spoken = dict.fromkeys(report["language"] for report in reports)
    languages = [language for language in plan.texts | spoken if language in spoken]
    ends = {language: f"-{language}" if place else "" for place, language in enumerate(languages)}
    made, pages = _made(earlier_runs(manifest.out)), {}
    for language, end in ends.items():
        mine = [report for report in reports if report["language"] == language]
        others = {other: f"index{end}.html" for other, end in ends.items() if other != language}
        about = {"language": language, "others": others, "made": made}
        pages |= _pages_in(plan, mine, about, f"index{end}.html", f"search{end}.js")
    return pages


def _pages_in(
    plan: Plan, reports: list[dict[str, Any]], about: dict[str, Any], index: str, search: str
) -> dict[str, str]:
    """The index in one language, its search, and the fronts of its editions, by file name."""
    import mistune  # not press.page's renderer, which takes seconds to load
    from markupsafe import Markup

    editions = _editions(plan, reports)
    templates, language = environment(), about["language"]
    texts = plan.texts.get(language) or next(iter(plan.texts.values()))
    entries = [_entry(report) for report in reports if report["href"]]
    data = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    script = templates.get_template("index.search.js").render(data=Markup(data))
    frame = about | {
        "index": index,
        "search": search,
        "title": texts["title"],
        "about": Markup(mistune.create_markdown(escape=True)(texts["about"])),
        "words": words_of(language, "index_words"),
        "nonce": key(script)[:32],  # what is on a page can't know it, so can't run as a script
        "longest": LONGEST_TABLE,
        "editions": editions,
    }
    template = templates.get_template("index.front.html.j2")
    fronts = {each["front"]: template.render(frame, edition=each) for each in editions}
    first = templates.get_template("index.html.j2").render(frame)
    return {search: script, index: first, **fronts}


def _entry(report: dict[str, Any]) -> list[Any]:
    """What the search looks through of a report: its title, findings and headings."""
    title = " · ".join(filter(None, [report["title"], report["caption"]]))
    findings = [[found["text"], found["anchor"]] for found in report["findings"]]
    headings = [[heading["text"], heading["id"]] for heading in report["headings"]]
    return [report["href"], title, findings, headings]


def _editions(plan: Plan, reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The editions with their reports, each with its row in the table on the index."""
    editions = []
    for name in dict.fromkeys(report["edition"] for report in reports):
        mine = [report for report in reports if report["edition"] == name]
        columns = plan.tables.get(name, [])
        for report in mine:
            report["cells"] = _cells(report, columns)
        years = []
        for column, *cells in zip(columns, *(report["cells"] for report in mine), strict=True):
            years.append(_usual_year(cells))
            is_empty = not any(cell["text"] for cell in cells)
            if is_empty and all(report["href"] for report in mine):  # else it is yet to come
                where = f"{name}: index_table: {column['label']}"
                what = f"the value {column['value']!r} of a finding {column['finding']!r}"
                print(f"warning: edition {where}: no report has {what}", file=sys.stderr)
        title = plan.editions.get(name) or mine[0]["caption"] or name
        about = {"name": name, "title": title, "front": f"edition-{name}.html", "columns": columns}
        about |= {"years": years, "most": max(1, MOST // len(mine))}
        listed = any(report["item"] for report in mine)
        editions.append(about | {"map": plan.maps.get(name), "listed": listed, "reports": mine})
    return editions


def pack(settings: Settings) -> int:
    """Put the site into one zip that opens from disk.

    In it is what the index leads to, and nothing else that lies in the output folder.
    """
    import zipfile

    out = settings.out
    if not (out / "index.html").is_file():
        raise CollectionError(f"{out}: there is no index.html: make the reports first")
    slugs, suffixes = Manifest(out, settings.root).jobs, (PAGE, NOTEBOOK, SUMMARY, FILES)
    shown = {*_files(out), *(slug + suffix for slug in slugs for suffix in suffixes)}
    target, new = out / ZIP, out / f".{ZIP}.new"
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(out.rglob("*")):
            name = path.relative_to(out).as_posix()
            is_led_to = shown & {name, name.rpartition("/")[0]}
            if is_led_to and path.is_file() and not path.is_symlink():
                archive.write(path, f"{out.resolve().name}/{name}")
    new.replace(target)
    print(target)
    return 0
