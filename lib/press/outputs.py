"""What a page shows of one output, as `kind` and content for the template, and what it can't."""

import base64
import json
from collections import Counter
from typing import Any

from markupsafe import Markup, escape
from nbconvert.filters.ansi import ansi2html, strip_ansi
from nbformat import NotebookNode

from press.html import Pictures, clean, text_of
from press.prose import markdown

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
STATIC = ("text/html", "text/markdown", *IMAGES, "text/latex", "text/plain", "application/json")
# Tags and kinds of outputs that do something on a screen; a page has no use for them.
LIVE = {"script", "iframe", "canvas", "object", "embed", "video", "audio", "input", "select"}
LIVE |= {"textarea", "button", "form", "svg", "map"}


def show(output: NotebookNode, pictures: Pictures) -> dict[str, Any]:
    """One output: its `kind` ("" where there is nothing), `html`, and `lost`, counted by kind."""
    lost: Counter[str] = Counter()
    if output.output_type == "stream":
        kind = "messages" if output.name == "stderr" else "text"
        return {"kind": kind, "html": Markup(ansi2html(output.text)), "lost": lost}
    if output.output_type == "error":
        text = strip_ansi("\n".join(output.traceback))
        return {"kind": "text", "html": escape(text), "lost": lost}
    data = output.get("data", {})
    lost.update(sorted(kind for kind in data if kind not in STATIC))
    picture = image(output)
    if "text/html" in data:
        html, dropped = clean("".join(data["text/html"]), pictures)
        is_live = bool(LIVE & set(dropped))
        if is_live and picture:
            return picture
        lost += dropped
        # What a frame holds is elsewhere; what is written beside it speaks of the frame.
        says = text_of(html) or "<img" in html
        if says and not (is_live and "iframe" in dropped):
            return {"kind": "table" if "<table" in html else "html", "html": html, "lost": lost}
    elif "text/markdown" in data:
        html, dropped = markdown("".join(data["text/markdown"]), pictures, escape_html=True)
        return {"kind": "html", "html": html, "lost": dropped}
    elif picture:
        return picture
    elif "text/latex" in data:
        html, dropped = markdown("".join(data["text/latex"]), pictures)
        return {"kind": "html", "html": html, "lost": dropped}
    text = "".join(data.get("text/plain", ""))
    if "application/json" in data:
        text = json.dumps(data["application/json"], indent=1, ensure_ascii=False)
    return {"kind": "text" if text else "", "html": escape(text), "lost": lost}


def image(output: NotebookNode) -> dict[str, Any] | None:
    """The picture of an output, the best kind of it, with its alt text and size."""
    kind = next((kind for kind in IMAGES if kind in output.get("data", {})), "")
    if not kind:
        return None
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
