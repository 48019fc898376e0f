"""The frame of all pages, and the index of the site; what is heavy is loaded only to write it."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from press.digests import file_digest, key, write
from press.job import Failure, Plan
from press.manifest import PAGE, THUMBNAIL, Manifest

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("template")


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


def index_state(plan: Plan, manifest: Manifest) -> str:
    """What the index is made of, hashed: titles, reports in their order, templates."""
    shown = [file_digest(path) for path in sorted(TEMPLATES.iterdir())]
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

    editions: dict[str, dict[str, Any]] = {}
    languages = set()
    for slug, entry in _entries(plan, manifest).items():
        job = entry["job"]
        name = job["edition"]
        title = plan.editions.get(name) or job["caption"] or name
        about = {"name": name, "title": title, "cards": []}
        editions.setdefault(name, about)["cards"].append(_card(slug, entry, manifest.out))
        languages.add(job["language"])
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
