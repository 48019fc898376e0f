"""The index of the site, and what no longer belongs to it."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

from press.fingerprint import PAGE, THUMBNAIL, Manifest, key, write
from press.job import Failure, Plan


def remove_departed(plan: Plan, manifest: Manifest) -> list[str]:
    """Take away the pages of jobs that left `reports.yml`; those asked for by `--set` stay."""
    wanted = {job.slug for job in plan.jobs}
    gone = [s for s, entry in manifest.jobs.items() if s not in wanted and not entry["adhoc"]]
    for slug in gone:
        manifest.forget(slug)
    return gone


def build_index(plan: Plan, manifest: Manifest) -> Path:
    """Write `index.html`, unless it shows the present state already; return its path."""
    path = manifest.out / "index.html"
    order = {job.slug: None for job in plan.jobs} | dict.fromkeys(manifest.jobs)
    entries = {slug: manifest.jobs[slug] for slug in order if slug in manifest.jobs}
    state = key(plan.title, plan.about, plan.editions, entries)
    if path.is_file() and manifest.index == state:
        return path
    import mistune  # not press.page's renderer, which takes seconds to load
    from markupsafe import Markup

    from press.templates import environment, language_of

    editions: dict[str, dict[str, Any]] = {}
    for slug, entry in entries.items():
        title = plan.editions.get(entry["edition"], entry["edition"])
        about = {"name": entry["edition"], "title": title, "cards": []}
        edition = editions.setdefault(entry["edition"], about)
        edition["cards"].append(_card(slug, entry, manifest.out))
    languages = {language_of(entry["parameters"]) for entry in entries.values()}
    html = (
        environment()
        .get_template("index.html.j2")
        .render(
            title=plan.title,
            about=Markup(mistune.create_markdown(escape=True)(plan.about)),
            language=languages.pop() if len(languages) == 1 else "en",
            editions=list(editions.values()),
        )
    )
    write(path, html.encode())
    manifest.index = state
    manifest.save()
    return path


def _card(slug: str, entry: dict[str, Any], out: Path) -> dict[str, Any]:
    picture = out / (slug + THUMBNAIL)
    # embedded, because browsers disagree on whether a page on disk may load its neighbours
    thumbnail = base64.b64encode(picture.read_bytes()).decode() if picture.is_file() else ""
    return {
        "title": entry["title"],
        "caption": entry["caption"],
        "href": quote(slug + PAGE) if (out / (slug + PAGE)).is_file() else "",
        "thumbnail": thumbnail,
        "alt": entry.get("alt", ""),
        "error": str(Failure(**entry["error"])) if entry["status"] != "ok" else "",
    }
