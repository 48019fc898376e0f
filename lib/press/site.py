"""The index of the site, and what no longer belongs to it."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

from press.digests import file_digest, key, write
from press.job import Failure, Plan
from press.manifest import PAGE, THUMBNAIL, Manifest


def departed(plan: Plan, manifest: Manifest) -> list[str]:
    """The reports that left `reports.yml`; those asked for by `--set` stay."""
    wanted = {job.slug for job in plan.jobs}
    known = manifest.jobs.items()
    return [slug for slug, entry in known if slug not in wanted and not entry["job"]["adhoc"]]


def index_state(plan: Plan, manifest: Manifest) -> str:
    """What the index is made of, hashed: titles, reports in their order, templates."""
    templates = sorted(Path(__file__).with_name("template").iterdir())
    shown = [file_digest(path) for path in templates]
    return key(plan.title, plan.about, plan.editions, _entries(plan, manifest), shown)


def _entries(plan: Plan, manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The known reports, those of the plan first, in its order."""
    order = dict.fromkeys([*(job.slug for job in plan.jobs), *manifest.jobs])
    return {slug: manifest.jobs[slug] for slug in order if slug in manifest.jobs}


def build_index(plan: Plan, manifest: Manifest) -> Path:
    """Write `index.html`, unless it shows the present state already; return its path."""
    path = manifest.out / "index.html"
    state = index_state(plan, manifest)
    if path.is_file() and manifest.index == state:
        return path
    import mistune  # not press.page's renderer, which takes seconds to load
    from markupsafe import Markup

    from press.templates import environment, language_of

    editions: dict[str, dict[str, Any]] = {}
    languages = set()
    for slug, entry in _entries(plan, manifest).items():
        job = entry["job"]
        name = job["edition"]
        title = plan.editions.get(name) or job["caption"] or name
        about = {"name": name, "title": title, "cards": []}
        editions.setdefault(name, about)["cards"].append(_card(slug, entry, manifest.out))
        languages.add(language_of(job["parameters"]))
    html = environment().get_template("index.html.j2")
    content = html.render(
        title=plan.title,
        about=Markup(mistune.create_markdown(escape=True)(plan.about)),
        language=languages.pop() if len(languages) == 1 else "en",
        editions=list(editions.values()),
    )
    write(path, content.encode())
    manifest.index = state
    manifest.save()
    return path


def _card(slug: str, entry: dict[str, Any], out: Path) -> dict[str, Any]:
    picture = out / (slug + THUMBNAIL)
    # embedded, because browsers disagree on whether a page on disk may load its neighbours
    thumbnail = base64.b64encode(picture.read_bytes()).decode() if picture.is_file() else ""
    return {
        "title": entry["job"]["title"],
        "caption": entry["job"]["caption"],
        "href": quote(slug + PAGE) if (out / (slug + PAGE)).is_file() else "",
        "thumbnail": thumbnail,
        "alt": entry.get("alt", ""),
        "error": str(Failure(**entry["error"])) if entry["status"] != "ok" else "",
    }
