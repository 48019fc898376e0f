"""Markdown as HTML: local pictures embedded, formulas as MathML, HTML in it made harmless."""

import base64
import html
import re
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote
from xml.etree.ElementTree import Element, tostring

import mistune
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathInlineParser,
)

from press.html import clean

LONGEST_LINE = 10_000  # characters
LARGEST_PICTURE = 5_000_000  # bytes
KINDS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".gif": "gif",
    ".webp": "webp",
    ".svg": "svg+xml",
}
MATH_TAGS = """
    math mrow mi mo mn mtext mspace ms mfrac msqrt mroot mstyle merror mpadded mphantom msub msup
    msubsup munder mover munderover mmultiscripts mtable mtr mtd menclose
"""
MATH_ATTRIBUTES = """
    display mathvariant stretchy fence form lspace rspace width height depth columnalign accent
    linethickness minsize maxsize movablelimits displaystyle scriptlevel separator columnlines
"""
PLACE = "\ue000{}\ue001"  # where a formula will stand: characters that mean nothing to anyone


class Pictures:
    """The pictures that a page may show: below the project's folder, or in the notebook itself."""

    def __init__(self, folder: Path | None = None, attachments: dict[str, Any] | None = None):
        self.folder, self.attachments = folder, attachments or {}

    def __call__(self, url: str) -> str:
        """A picture as a `data:` address; empty for what is missing, too large, or elsewhere."""
        if url.startswith("data:image/"):
            return url
        if url.startswith("attachment:"):
            bundle = self.attachments.get(unquote(url.removeprefix("attachment:")), {})
            kind = next((kind for kind in bundle if kind.startswith("image/")), "")
            return f"data:{kind};base64,{''.join(''.join(bundle[kind]).split())}" if kind else ""
        if self.folder is None or not url or ":" in url or url.startswith("//"):
            return ""
        try:
            path = (self.folder / unquote(url)).resolve()
            is_ours = path.is_relative_to(self.folder.resolve().parent) and path.is_file()
            kind = KINDS.get(path.suffix.lower(), "")
            if not (is_ours and kind) or path.stat().st_size > LARGEST_PICTURE:
                return ""
            return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        except (OSError, ValueError):
            return ""


class _Inline(MathInlineParser):
    """Formulas as pandoc reads them: "US$ 3 and US$ 4" is none."""

    SPECIFICATION: ClassVar = {
        **MathInlineParser.SPECIFICATION,
        "inline_math_tex": (
            r"(?<![\\$\w])\$(?P<math_inline_tex>[^\s$](?:[^$]*[^\s\\$])?)\$(?![\d$])"
        ),
    }


class _Renderer(IPythonRenderer):
    """Keeps formulas apart, because they are made of tags that no output may have."""

    def __init__(self, escape_html: bool) -> None:
        super().__init__(
            escape=escape_html,
            allow_harmful_protocols=False,  # type: ignore[arg-type]
            exclude_anchor_links=True,
        )
        self.formulas: list[str] = []
        self.unread = 0

    def _formula(self, tex: str, display: str) -> str:
        mathml = formula(tex, display)
        self.unread += mathml is None
        self.formulas.append(mathml or str(Markup("<code>{}</code>").format(tex)))
        return PLACE.format(len(self.formulas) - 1)

    def inline_math(self, body: str) -> str:
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        return self._formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return mistune.HTMLRenderer.image(self, text, url, title)

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{escape(code)}</pre>"


def formula(tex: str, display: str) -> str | None:
    """A formula as MathML, or None where it can't be read."""
    from latex2mathml.converter import convert_to_element

    try:
        tree: Element = convert_to_element(tex.strip(), display=display)  # type: ignore[arg-type]
    except Exception:  # what it raises for TeX that it does not know
        return None
    for node in tree.iter():
        if node.tag not in MATH_TAGS.split():
            return None
        node.text, node.tail = html.unescape(node.text or ""), html.unescape(node.tail or "")
        node.attrib = {k: v for k, v in node.attrib.items() if k in MATH_ATTRIBUTES.split()}
    return tostring(tree, encoding="unicode")


def markdown(
    source: str, pictures: Pictures, words: dict[str, str], escape_html: bool = False
) -> tuple[Markup, Counter[str]]:
    """Markdown as HTML, and what could not be shown, by kind; it is named where it would stand.

    With `escape_html`, for texts that a notebook computed, tags in it are text.
    """
    if max(map(len, source.splitlines()), default=0) > LONGEST_LINE:
        return Markup("<p>{}</p>").format(source), Counter()
    renderer = _Renderer(escape_html)
    source = source.replace("\ue000", "").replace("\ue001", "")
    rendered = MarkdownWithMath(renderer, inline=_Inline()).render(source)
    shown, lost = clean(rendered, pictures, lambda url: missing_picture(url, words))
    for place, mathml in enumerate(renderer.formulas):
        shown = Markup(shown.replace(PLACE.format(place), Markup(mathml)))
    lost["formula"] += renderer.unread
    return shown, +lost


def missing_picture(url: str, words: dict[str, str]) -> str:
    """What stands in the place of a picture that can't be shown."""
    shown = re.sub(r"^(.{60}).+", r"\1…", url or "?")
    return str(Markup('<span class="lost">[{} {}]</span>').format(words["no_picture"], shown))
