"""Markdown as HTML: local pictures embedded, formulas as MathML, HTML in it made harmless."""

import html
from collections import Counter
from typing import ClassVar
from xml.etree.ElementTree import Element, tostring

import mistune
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathInlineParser,
)

from press.html import Pictures, clean

LONGEST_LINE = 10_000  # characters
MATH_TAGS = """
    math mrow mi mo mn mtext mspace ms mfrac msqrt mroot mstyle merror mpadded mphantom msub msup
    msubsup munder mover munderover mmultiscripts mtable mtr mtd menclose
"""
MATH_ATTRIBUTES = """
    display mathvariant stretchy fence form lspace rspace width height depth columnalign accent
    linethickness minsize maxsize movablelimits displaystyle scriptlevel separator columnlines
"""
PLACE = "\ue000{}\ue001"  # where a formula will stand: characters that mean nothing to anyone


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
        harmful: list[str] | bool = False
        super().__init__(escape_html, harmful, exclude_anchor_links=True)  # type: ignore[arg-type]
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
    source: str, pictures: Pictures, escape_html: bool = False
) -> tuple[Markup, Counter[str]]:
    """Markdown as HTML, and what could not be shown, by kind; it is named where it would stand.

    With `escape_html`, for texts that a notebook computed, tags in it are text.
    """
    if max(map(len, source.splitlines()), default=0) > LONGEST_LINE:
        return Markup("<p>{}</p>").format(source), Counter()
    renderer = _Renderer(escape_html)
    source = source.replace("\ue000", "").replace("\ue001", "")
    rendered = MarkdownWithMath(renderer, inline=_Inline()).render(source)
    shown, lost = clean(rendered, pictures)
    for place, mathml in enumerate(renderer.formulas):
        shown = Markup(shown.replace(PLACE.format(place), Markup(mathml)))
    lost["formula"] += renderer.unread
    return shown, +lost
