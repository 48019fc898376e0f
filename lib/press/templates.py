"""The templates' environment, and the words of a page's frame."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).with_name("template")


@cache
def environment() -> Environment:
    """The templates; built once, before the reports' processes are forked."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    # The one script there is, and the hash by which a page's policy lets it and nothing else run.
    script = (TEMPLATES / "filter.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {"script": Markup(script), "script_hash": f"sha256-{digest}"}
    return environment


@cache
def _all_words() -> dict[str, dict[str, str]]:
    return json.loads((TEMPLATES / "words.json").read_text(encoding="utf-8"))


def words(language: str) -> dict[str, str]:
    """What the frame of a page says, in one of the languages that it is known in, or English."""
    return _all_words().get(language[:2], _all_words()["en"])


def language_of(parameters: dict[str, Any]) -> str:
    """The page's language, from the parameter of that name."""
    language = parameters.get("language", "en")
    known = isinstance(language, str) and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", language)
    return language if known else "en"
