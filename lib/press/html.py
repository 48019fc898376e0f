"""What may stay of the HTML in outputs and Markdown; what may not is counted by name.

No pattern here may look back over a long line: each begins with fixed text or meets short text.
"""

import base64
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import bleach
from markupsafe import Markup, escape

LONG_TABLE = 25  # rows; what comes after them is folded
LONGEST_NUMBER = 40  # characters
LARGEST_PICTURE = 5_000_000  # bytes
PICTURES = {f".{kind}": kind for kind in ("png", "jpeg", "gif", "webp")}
PICTURES |= {".jpg": "jpeg", ".svg": "svg+xml"}
TAGS = """
    table caption thead tbody tfoot tr th td colgroup col
    a abbr b blockquote br code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i
    img ins kbd li mark ol p pre q s samp small span strong sub summary sup u ul var
"""
# Tags that are dropped without a loss: their text stays, or they are about looks only.
PLAIN = """
    html head body meta title link style font center section article header footer main nav aside
    tt time cite address dfn bdi bdo wbr label fieldset legend picture source base noscript
"""
ALLOWED = set(TAGS.split())
KNOWN = ALLOWED | set(PLAIN.split())
ATTRIBUTES = {"class", "style", "colspan", "rowspan", "scope", "alt", "title", "lang", "width"}
PROTOCOLS = ("http", "https", "mailto", "data", "attachment")
# Looks that may stay: colours, also as bars in cells, and how text stands.
STYLE = re.compile(
    r"(color|background-color|background|text-align|font-weight|font-style)\s*:"
    r"\s*((?:[\w#.,% -]|(?:rgba?|hsla?|linear-gradient)\(|\)){1,400})\s*"
)
# What holds no text; what stands in it counts for nothing.
HIDDEN = re.compile(
    r"(?is)<!--.*?(?:-->|$)|<style.*?(?:</style\s*>?|$)|<script.*?(?:</script\s*>?|$)"
)
STYLER_RULE = re.compile(r"(#T_[^{}<>]{1,100000})\{([^{}<>]{0,2000})\}")
ROW = re.compile(r"(?s)<tr\b[^>]*>.*?</tr>")
CELL = re.compile(r"(?s)<(t[hd])\b([^>]*)>(.*?)</\1>")
NUMBER = re.compile(r"[-−+±<>≈~]?[\d.,\s]*\d[\d.,\s]*(%|x|×)?|NaN|nan|NaT|<NA>|None|[-–—]?")


class Pictures:
    """The pictures that a page may show: below the project's folder, or in the notebook itself."""

    def __init__(self, words: dict[str, str], folder: Path | None = None, attached: Any = None):
        self.words, self.folder, self.attached = words, folder, attached or {}

    def data(self, url: str) -> str:
        """A picture as a `data:` address; empty for what is missing, too large, or elsewhere."""
        if url.startswith("data:image/"):
            return url
        if url.startswith("attachment:"):
            bundle = self.attached.get(unquote(url.removeprefix("attachment:")), {})
            kind = next((kind for kind in bundle if kind.startswith("image/")), "")
            return f"data:{kind};base64,{''.join(''.join(bundle[kind]).split())}" if kind else ""
        if self.folder is None or not url or ":" in url or url.startswith("//"):
            return ""
        try:
            path = (self.folder / unquote(url)).resolve()
            is_ours = path.is_relative_to(self.folder.resolve().parent) and path.is_file()
            kind = PICTURES.get(path.suffix.lower(), "")
            if not (is_ours and kind) or path.stat().st_size > LARGEST_PICTURE:
                return ""
            return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        except (OSError, ValueError):
            return ""

    def missing(self, url: str) -> str:
        """What stands in the place of a picture that can't be shown."""
        shown = re.sub(r"^(.{60}).+", r"\1…", url or "?")
        lost = Markup('<span class="lost">[{} {}]</span>')
        return str(lost.format(self.words["no_picture"], shown))


class _Css:
    """The harmless part of a style, for bleach."""

    def sanitize_css(self, style: str) -> str:
        parts = (STYLE.fullmatch(part.strip()) for part in style[:4000].split(";"))
        return "; ".join(f"{part[1]}: {part[2].strip()}" for part in parts if part)


def _attribute(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay: nothing that runs, nothing that loads."""
    if name == "src":
        return tag == "img"  # `clean` looks at each
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith(("data:", "attachment:"))
    if name == "width":
        return tag == "img" and value.isdecimal()
    return name in ATTRIBUTES


@cache
def _cleaner() -> bleach.Cleaner:
    css: Any = _Css()
    return bleach.Cleaner(ALLOWED, _attribute, PROTOCOLS, strip=True, css_sanitizer=css)


def clean(html: str, pictures: Pictures) -> tuple[Markup, Counter[str]]:
    """HTML with allowed tags only, and how often each other tag stood there."""
    html = _with_styles(html)
    scripts = sum(part[:7].lower() == "<script" for part in HIDDEN.findall(html))
    html = HIDDEN.sub("", html)
    tags = (tag.lower() for tag in re.findall(r"<([a-zA-Z][\w-]{0,40})", html))
    dropped = Counter({"script": scripts})
    dropped.update(tag for tag in tags if tag not in KNOWN)

    def embed(tag: re.Match[str]) -> str:
        address = re.search(r' src="([^"]*)"', tag[0])
        url = Markup(address[1]).unescape() if address else ""
        data = pictures.data(url)
        if data and address:
            return tag[0].replace(address[0], f' src="{escape(data)}"')
        dropped["picture"] += 1
        return pictures.missing(url)

    cleaned = re.sub(r"<img\b[^>]*>", embed, _cleaner().clean(html))
    return Markup(re.sub(r"(?s)<table\b.*?</table>", _mark_numbers, cleaned)), +dropped


def _with_styles(html: str) -> str:
    """HTML in which the rules of a pandas Styler stand at the cells that they are for."""
    if 'id="T_' not in html:
        return html
    styles: dict[str, str] = {}
    for selectors, rule in STYLER_RULE.findall(html):
        for selector in selectors.split(","):
            name = selector.strip().removeprefix("#")
            styles[name] = styles.get(name, "") + " ".join(rule.split())

    def styled(found: re.Match[str]) -> str:
        return f' style="{escape(styles[found[1]])}"' if found[1] in styles else ""

    return re.sub(r' id="(T_\w{1,80})"', styled, html)


def text_of(html: str) -> str:
    """What cleaned HTML says, without tags."""
    return Markup(re.sub(r"<[^<>]*>", "", html)).unescape().strip()


def _is_number(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and bool(NUMBER.fullmatch(text))


def _mark_numbers(table: re.Match[str]) -> str:
    """Give cells that hold numbers, and the headings over nothing else, the class "n"."""
    # whole rows or cells are aligned by those who wrote them; our own rule per cell is better
    html = re.sub(r' style="text-align: ?(?:right|left);?"', "", table[0])
    cells = [
        (column, kind, attributes, text.strip())
        for row in ROW.findall(html)
        for column, (kind, attributes, text) in enumerate(CELL.findall(row))
    ]
    figures = {column for column, kind, _, text in cells if kind == "td" and _is_number(text)}
    figures -= {column for column, kind, _, text in cells if kind == "td" and not _is_number(text)}
    marks = iter(
        [
            bool(text) and _is_number(text)
            if kind == "td"
            else column in figures and "span" not in attributes
            for column, kind, attributes, text in cells
        ]
    )

    def mark(cell: re.Match[str]) -> str:
        kind, attributes, content = cell.groups()
        if not next(marks):
            return cell[0]
        attributes = attributes.replace(' class="', ' class="n ', 1)
        attributes = attributes if ' class="' in attributes else f' class="n"{attributes}'
        return f"<{kind}{attributes}>{content}</{kind}>"

    return ROW.sub(lambda row: CELL.sub(mark, row[0]), html)


def titled(table: Markup, caption: str) -> tuple[Markup, int]:
    """A table with a caption (its own goes before), long ones with a body for what is folded.

    The number of rows is 0 where nothing is folded.
    """
    head = re.search(r"<table\b[^>]*>", table)
    if head and caption and "<caption" not in table:
        written = Markup("<caption>{}</caption>").format(caption)
        table = table[: head.end()] + written + table[head.end() :]
    start = max(table.find("<tbody"), 0)
    ends = [row.end() for row in re.finditer(r"</tr>", table[start:])]
    if len(ends) <= LONG_TABLE or table.count("<table") != 1:
        return table, 0
    place = start + ends[LONG_TABLE - 1]
    return table[:place] + Markup('</tbody><tbody class="rest">') + table[place:], len(ends)
