"""What a page shows of one output, as `kind` and content for the template, and what it can't."""

import base64
import json
from collections import Counter
from typing import Any

from markupsafe import Markup, escape
from nbconvert.filters.ansi import ansi2html, strip_ansi
from nbformat import NotebookNode

from press.html import clean, text_of
from press.prose import Pictures, markdown, missing_picture

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
STATIC = ("text/html", "text/markdown", *IMAGES, "text/latex", "text/plain", "application/json")
# Tags and kinds of outputs that do something on a screen; a page has no use for them.
LIVE = {"script", "iframe", "canvas", "object", "embed", "video", "audio", "input", "select"}
LIVE |= {"textarea", "button", "form", "svg", "map"}
LONGEST_TEXT = 500_000  # characters of one output


def show(output: NotebookNode, words: dict[str, str]) -> dict[str, Any]:
    """One output: its `kind` ("" where there is nothing), `html`, and `lost`, counted by kind."""
    if output.output_type == "stream":
        kind = "messages" if output.name == "stderr" else "text"
        text, lost = _cut(_as_printed(output.text))
        return {"kind": kind, "html": Markup(ansi2html(text)), "lost": lost}
    if output.output_type == "error":
        text, lost = _cut(strip_ansi("\n".join(output.traceback)))
        return {"kind": "text", "html": escape(text), "lost": lost}
    data = output.get("data", {})
    lost: Counter[str] = Counter(sorted(kind for kind in data if kind not in STATIC))
    pictures = [_image(output, kind) for kind in IMAGES if kind in data]
    if "text/html" in data:
        html, dropped = clean(
            "".join(data["text/html"]), Pictures(), lambda url: missing_picture(url, words)
        )
        lost += dropped
        is_live = bool(LIVE & set(dropped))
        if is_live and pictures:
            return pictures[0]
        # What a frame holds is elsewhere; what is written beside it speaks of the frame.
        says = text_of(html) or "<img" in html
        if says and not (is_live and "iframe" in dropped):
            return {"kind": "table" if "<table" in html else "html", "html": html, "lost": lost}
    elif "text/markdown" in data:
        source = "".join(data["text/markdown"])
        html, dropped = markdown(source, Pictures(), words, escape_html=True)
        return {"kind": "html", "html": html, "lost": dropped}
    elif pictures:
        return pictures[0]
    elif "text/latex" in data:
        html, dropped = markdown("".join(data["text/latex"]), Pictures(), words)
        return {"kind": "html", "html": html, "lost": dropped}
    text = "".join(data.get("text/plain", ""))
    if "application/json" in data:
        text = json.dumps(data["application/json"], indent=1, ensure_ascii=False)
    text, cut = _cut(text)
    return {"kind": "text" if text else "", "html": escape(text), "lost": lost + cut}


def _as_printed(text: str) -> str:
    """A stream as a terminal shows it: what follows a carriage return takes the line's place."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)


def _cut(text: str) -> tuple[str, Counter[str]]:
    """A text of bounded length."""
    more = len(text) - LONGEST_TEXT
    return text[:LONGEST_TEXT], Counter(["text"] if more > 0 else [])


def _image(output: NotebookNode, kind: str) -> dict[str, Any]:
    about = output.get("metadata", {}).get(kind)
    about = about if isinstance(about, dict) else {}
    data = "".join(output.data[kind])
    if kind == "image/svg+xml":
        data = base64.b64encode(data.encode()).decode()
    sides = {side: about.get(side) for side in ("width", "height")}
    return {
        "kind": "image",
        "source": f"data:{kind};base64,{''.join(data.split())}",
        "alt": str(about.get("alt", "")),
        "lost": Counter(),
        **{side: size if isinstance(size, int) else None for side, size in sides.items()},
    }


def alt_of(output: NotebookNode) -> str:
    """The alt text of an output's picture."""
    kind = next((kind for kind in IMAGES if kind in output.get("data", {})), "")
    return _image(output, kind)["alt"] if kind else ""
