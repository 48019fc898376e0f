"""The frame of all pages; the index of the site in each language, the editions' fronts, one zip.

What is heavy is loaded only to write them.
"""

import base64
import hashlib
import json
import shutil
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from press.digests import file_digest, key, write
from press.fronts import about_report, cells, read_json, search_data
from press.job import CollectionError, Plan
from press.manifest import FILES, NOTEBOOK, PAGE, SUMMARY, THUMBNAIL, Manifest

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("template")
RUNS = "run.json"  # when each report was made, how long it took, of which commit
ZIP = "site.zip"
SITE = ("index*.html", "search*.js", "edition-*.html")  # what is made here
LONGEST_TABLE = 100  # reports of an edition that the index lists; a larger one has only its front


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
    # The one script there is, and the hash by which a page's policy lets it and nothing else run.
    script = (TEMPLATES / "filter.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        "script": Markup(script),
        "script_hash": f"sha256-{digest}",
        "all_words": json.loads((TEMPLATES / "words.json").read_text(encoding="utf-8")),
        "index_words": json.loads((TEMPLATES / "index.words.json").read_text(encoding="utf-8")),
        "index_style": Markup((TEMPLATES / "index.css").read_text(encoding="utf-8")),
        "index_script": Markup((TEMPLATES / "index.js").read_text(encoding="utf-8")),
    }
    return environment


def words_of(language: str) -> dict[str, str]:
    """What the frame of a page says, in one of the languages that it is known in, or English."""
    known = environment().globals["all_words"]
    return known.get(language[:2], known["en"])


def departed(plan: Plan, manifest: Manifest) -> list[str]:
    """The reports that left `reports.yml`; those asked for by `--set` stay."""
    wanted = {job.slug for job in plan.jobs}
    known = manifest.jobs.items()
    return [slug for slug, entry in known if slug not in wanted and not entry["job"]["adhoc"]]


def index_state(plan: Plan, manifest: Manifest, left: dict[str, str]) -> str:
    """What the index and the fronts are made of, hashed: reports in their order, templates.

    `left` has the reports that are still to be made, and why.
    """
    shown = [file_digest(path) for path in sorted(TEMPLATES.iterdir())]
    about = plan.texts, plan.editions, plan.tables, left, file_digest(manifest.out / RUNS)
    return key(about, list(_entries(plan, manifest).items()), shown)


def _entries(plan: Plan, manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The reports, those of the plan first, in its order; one never made has the status "new"."""
    planned = [job for job in plan.jobs if not job.adhoc]
    return {job.slug: {"job": asdict(job), "status": "new"} for job in planned} | manifest.jobs


def _by_language(plan: Plan, manifest: Manifest) -> dict[str, dict[str, dict[str, Any]]]:
    """The reports in each language that there are reports in, the collection's first one first."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for slug, entry in _entries(plan, manifest).items():
        found.setdefault(entry["job"]["language"], {})[slug] = entry
    declared = {language: found[language] for language in plan.texts if language in found}
    return declared | found or {next(iter(plan.texts)): {}}


def _names(reports: dict[str, dict[str, dict[str, Any]]]) -> dict[str, str]:
    """The files of the site, beside the pages: of each language, and of each edition."""
    names = {}
    for number, (language, entries) in enumerate(reports.items()):
        end = f"-{language}" if number else ""
        names |= {f"index {language}": f"index{end}.html", f"search {language}": f"search{end}.js"}
        editions = dict.fromkeys(entry["job"]["edition"] for entry in entries.values())
        names |= {name: f"edition-{name}.html" for name in editions}
    return names


def build_index(plan: Plan, manifest: Manifest, left: dict[str, str]) -> Path:
    """Write the indexes, their search and the fronts, unless they show the present state already.

    The path of the first index is returned.
    """
    out, state = manifest.out, index_state(plan, manifest, left)
    by_language = _by_language(plan, manifest)
    names = _names(by_language)
    path = out / "index.html"
    if manifest.index == state and all((out / name).is_file() for name in names.values()):
        return path
    runs = read_json(out / RUNS).get("reports", {})
    for language, entries in by_language.items():
        reports = [
            about_report(slug, entry, out, left.get(slug, ""), runs.get(slug, {}))
            for slug, entry in entries.items()
        ]
        for name, content in _pages(plan, language, names, reports).items():
            write(out / name, content.encode())
    for pattern in SITE:
        for old in out.glob(pattern):
            if old.name not in names.values():
                old.unlink()
    manifest.index = state
    manifest.save()
    return path


def _pages(
    plan: Plan, language: str, names: dict[str, str], reports: list[dict[str, Any]]
) -> dict[str, str]:
    """The index in one language, its search, and the fronts of its editions, by file name."""
    import mistune  # not press.page's renderer, which takes seconds to load
    from markupsafe import Markup

    editions: dict[str, dict[str, Any]] = {}
    for report in reports:
        name, columns = report["edition"], plan.tables.get(report["edition"], [])
        title = plan.editions.get(name) or report["caption"] or name
        about = {"name": name, "title": title, "columns": columns, "front": names[name]}
        editions.setdefault(name, about | {"reports": []})["reports"].append(report)
        report["cells"] = cells(report, columns)
    for name, edition in editions.items():
        edition["listed"] = any(report["item"] for report in edition["reports"])
        for place, column in enumerate(edition["columns"]):
            if not any(report["cells"][place]["text"] for report in edition["reports"]):
                where = f"{name}: index_table: {column['label']}"
                what = f"the value {column['value']!r} of a finding {column['finding']!r}"
                print(f"warning: edition {where}: no report has {what}", file=sys.stderr)
    texts = plan.texts.get(language) or next(iter(plan.texts.values()))
    templates = environment()
    search = templates.get_template("index.search.js").render(data=Markup(search_data(reports)))
    known = templates.globals["index_words"]
    indexes = {key.partition(" ")[2]: name for key, name in names.items() if key[:6] == "index "}
    frame = {
        "title": texts["title"],
        "about": Markup(mistune.create_markdown(escape=True)(texts["about"])),
        "language": language,
        "others": {other: name for other, name in indexes.items() if other != language},
        "words": known.get(language[:2], known["en"]),
        "index": indexes[language],
        "search": names[f"search {language}"],
        "nonce": key(search)[:32],  # what is on a page can't know it, so can't run as a script
        "longest": LONGEST_TABLE,
    }
    index, front = (templates.get_template(f"index{part}.html.j2") for part in ("", ".front"))
    pages = {
        frame["search"]: search,
        frame["index"]: index.render(frame, editions=[*editions.values()]),
    }
    for edition in editions.values():
        pages[edition["front"]] = front.render(frame, edition=edition)
    return pages


def pack(manifest: Manifest) -> Path:
    """Put the site into one zip that opens from disk: the same pages make the same bytes.

    In it is what the index leads to, and nothing else that lies in the output folder.
    """
    import zipfile

    out = manifest.out
    if not (out / "index.html").is_file():
        raise CollectionError(f"{out}: there is no index.html: make the reports first")
    shown = {path.name for pattern in SITE for path in out.glob(pattern)}
    for slug in manifest.jobs:
        shown |= {slug + suffix for suffix in (PAGE, NOTEBOOK, THUMBNAIL, SUMMARY, FILES)}
    target, new = out / ZIP, out / f".{ZIP}.new"
    with zipfile.ZipFile(new, "w") as archive:
        for path in sorted(out.rglob("*")):
            name = path.relative_to(out).as_posix()
            led_to = shown & {name, name.rpartition("/")[0]}
            if not led_to or path.is_symlink() or not path.is_file():
                continue
            entry = zipfile.ZipInfo(f"{out.resolve().name}/{name}")  # dated 1980
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            with path.open("rb") as file, archive.open(entry, "w") as packed:
                shutil.copyfileobj(file, packed)
    new.replace(target)
    return target
