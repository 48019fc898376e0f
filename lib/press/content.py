"""What may stay of outputs and Markdown on a page; what may not is counted by name.

No pattern here may look back over a long line: each begins with fixed text or meets short text.
"""

import json
import re
from collections import Counter, defaultdict
from contextlib import suppress
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

import mistune
import nh3
from markupsafe import Markup, escape
from mistune.plugins import import_plugin
from nbconvert.filters.ansi import ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import MarkdownWithMath, MathInlineParser
from nbformat import NotebookNode

from press.job import FORMULA, MOST_PRINTED, unfenced
from press.outputs import LEFT_OUT, PICTURES, address, part, picture_of

LONG_TABLE = 25  # rows; the style sheet folds what comes after them
LARGEST_PICTURE = 5_000_000  # bytes
FILES = {f".{kind}": f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp")}
FILES |= {".jpg": "image/jpeg", ".svg": "image/svg+xml"}
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
MATH_TAGS = """
    math mrow mi mo mn mtext mspace ms mfrac msqrt mroot mstyle merror mpadded mphantom msub msup
    msubsup munder mover munderover mmultiscripts mtable mtr mtd menclose
"""
MATH = set(MATH_TAGS.split())
FLAT = {"math", "mrow", "mi", "mn", "mo", "mtext", "msub"}  # a formula of these can be read aloud
ALLOWED = set(TAGS.split()) | MATH
KNOWN = ALLOWED | set(PLAIN.split())
MATH_LOOKS = """
    display mathvariant stretchy fence form lspace rspace width height depth columnalign accent
    linethickness minsize maxsize movablelimits displaystyle scriptlevel separator columnlines
"""
# Nothing that runs, nothing that loads; `clean` looks at each picture's `src`.
ATTRIBUTES = {tag: set(MATH_LOOKS.split()) for tag in MATH}
ATTRIBUTES |= {"a": {"href", "name"}, "img": {"src", "width"}, "ol": {"start"}, "li": {"value"}}
ATTRIBUTES["*"] = {"class", "style", "colspan", "rowspan", "scope", "alt", "title", "lang"}
PROTOCOLS = {"http", "https", "mailto", "data", "attachment"}
# How Python writes what has no words of its own: the address is another one in each run.
NO_WORDS = re.compile(r"<[\w.]+( object)? at 0x[0-9a-fA-F]+>|<[\w.]+ object>")
# What they hold is for no reader, or speaks of what the page lacks.
UNSPOKEN = {"script", "style", "template", "audio", "video"}
# Looks that may stay: colours, also as bars in cells, and how text stands.
STYLE = re.compile(
    r"(color|background-color|background|text-align|font-weight|font-style)\s*:"
    r"\s*((?:[\w#.,% -]|(?:rgba?|hsla?|linear-gradient)\(|\)){1,400})\s*"
)
# What holds no text; what stands in it counts for nothing, but text that a style sheet would write.
HIDDEN = re.compile(
    r"(?is)<!--.*?(?:-->|$)|<style.*?(?:</style\s*>?|$)|<script.*?(?:</script\s*>?|$)"
    r'|<span class="pd-t"></span>'
)
WRITTEN = re.compile(r"""\bcontent:\s*["'][^"'\s]""")
PASTED = re.compile(r"data:(image/[a-z+.-]{1,20});base64,([A-Za-z0-9+/=]{1000,})")
BAR = re.compile(r"(?<!\\)\|")  # between two cells of Markdown
TAG = re.compile(r"<([a-zA-Z][\w-]{0,40})")
IMAGE = re.compile(r'(<img\b[^>]*?)(?: src="([^"]*)"([^>]*))?>')
STYLER_RULE = re.compile(r"(#T_[^{}<>]{1,100000})\{([^{}<>]{0,2000})\}")
STYLED = re.compile(r' id="(T_\w{1,80})"')
CELL = re.compile(r"(?s)<t[hd]\b([^>]*)>(.*?)</t[hd]>")
# How a cell is aligned by those who wrote it: to the right are figures.
ALIGNED = re.compile(r'(<t[hd](?: scope="\w+")?) style="text-align: (?:left|(right))"')
STATIC = ("text/html", "text/markdown", *PICTURES, "text/latex", "text/plain", "application/json")
# Tags and kinds of outputs that do something on a screen; a page has no use for them.
LIVE = {"script", "iframe", "canvas", "object", "embed", "video", "audio", "input", "select"}
LIVE |= {"textarea", "button", "form", "svg", "map"}
LONGEST_LINE = 10_000  # characters
MOST_CELLS = 100_000  # of a table of Markdown that are made even
TOO_LONG = "output too long"  # cut, or left out as a whole
# To a file beside the notebook, which is not beside the page; a page may be one of the site.
FILE_LINK = re.compile(
    r'(?s)<a href="(?![#?]|//|[\w+.-]+:|[^"]*\.(?:ipynb|html))[^"]{1,300}"[^>]*>(.*?)</a>'
)
PLUGINS = [*map(import_plugin, (*MarkdownWithMath.DEFAULT_PLUGINS, "footnotes"))]
SVG = "{http://www.w3.org/2000/svg}"
SVG_TAGS = "svg g defs path rect use text title clipPath pattern"
SVG_ATTRIBUTES = """
    id d x y width height viewBox transform href clip-path patternUnits data-row data-of data-look
    data-text fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap
    stroke-linejoin paint-order color font-family font-size font-weight text-anchor
"""
# In another syntax than an element's: a parser of XML and one of HTML could read it differently.
SVG_STRANGE = re.compile(r"<[!?]|</?\w+:")
# What leads away, and what XML has no place for; passes quickly over long paths.
SVG_AWAY = re.compile(r"[(\x00-\x1f](?:(?<!\()|(?<=[uU][rR][lL]\()(?!#[\w-]+\)))")
SVG_UNSEEN = re.compile(
    r"""(?i)<(?:\w{1,40}:)?(script|iframe|video|audio|canvas|(?:image|use)(?=\s[^<>]*href=["'](?!\#|data:)))"""
)
# What maps repeat.
SHAPE = re.compile(r'<path d="([^"]{200,})"([^<>]*?)(?:/>|>(<title>[^<]*</title>)</path>)')


class Reader:
    """Makes of what a notebook shows what a page may show; what is `lost` is counted by kind.

    Pictures may lie below the project's folder, or be attached to the cell.
    """

    def __init__(self, words: dict[str, str], folder: Path | None = None, attached: Any = None):
        self.words, self.folder, self.attached = words, folder, dict(attached or {})
        self.lost: Counter[str] = Counter()

    def clean(self, html: str) -> Markup:
        """HTML with allowed tags only."""
        html = _with_styles(html)
        hidden, html = HIDDEN.findall(html), HIDDEN.sub("", html)
        scripts = ["script" for part in hidden if part[:7].lower() == "<script"]
        sheets = [part for part in hidden if part[:6].lower() == "<style"]
        tips = ["text in a style (a tooltip)" for sheet in sheets for _ in WRITTEN.findall(sheet)]
        tags = [tag.lower() for tag in TAG.findall(html)]
        self.lost.update(tag for tag in [*tags, *scripts, *tips] if tag not in KNOWN)
        cleaned = IMAGE.sub(self._with_picture, _cleaned(html))
        cleaned, links = FILE_LINK.subn(r"\1", cleaned)
        self.lost.update({"link to a file": links} if links else {})
        aligned = ALIGNED.sub(lambda cell: cell[1] + (' class="n"' if cell[2] else ""), cleaned)
        return Markup(aligned)

    def markdown(self, source: str, escape_html: bool = False) -> Markup:
        """Markdown as HTML; with `escape_html`, for what a notebook computed, tags are text."""
        if len(source) > MOST_PRINTED:
            self.lost[f"text after {MOST_PRINTED:,} characters"] += 1
            source = source[:MOST_PRINTED]
        source = PASTED.sub(self._attach, source)
        if max(map(len, source.splitlines()), default=0) > LONGEST_LINE:
            self.lost[f"marks of Markdown in a line over {LONGEST_LINE:,} characters"] += 1
            return Markup("<p>{}</p>").format(source)
        renderer = _Renderer(self, escape_html)
        return self.clean(
            MarkdownWithMath(renderer, None, _Inline(), PLUGINS).render(_even(source))
        )

    def title(self, text: str) -> Markup:
        """A line of text, in which nothing but formulas is marked up."""
        parts = FORMULA.split(text)  # every other one is a formula
        parts[::2] = map(escape, parts[::2])
        parts[1::2] = map(_Renderer(self, True).inline_math, parts[1::2])
        return self.clean("".join(parts))

    def _attach(self, pasted: re.Match[str]) -> str:
        """A picture that stands in the text itself, as one that is attached: its line is short."""
        name = f"pasted-{len(self.attached)}"
        self.attached[name] = {pasted[1]: pasted[2]}
        return f"attachment:{name}"

    def _with_picture(self, tag: re.Match[str]) -> str:
        """A tag with its picture inside it, or what says that there is none."""
        url = unescape(tag[2] or "")
        data = self._data(url)
        if data:
            return f'{tag[1]} src="{escape(data)}"{tag[3]}>'
        self.lost["picture"] += 1
        shown = url[:60] + "…" if len(url) > 61 else url or "?"
        lost = Markup('<span class="lost">[{} {}]</span>')
        return str(lost.format(self.words["no_picture"], shown))

    def _data(self, url: str) -> str:
        """A picture as a `data:` address; empty for what is missing, too large, or elsewhere."""
        if url.startswith("attachment:"):
            bundle = self.attached.get(unquote(url.removeprefix("attachment:")), {})
            pictures = [(kind, bundle[kind]) for kind in bundle if kind.startswith("image/")]
            return "".join(
                f"data:{kind};base64,{''.join(''.join(picture).split())}"
                for kind, picture in pictures[:1]
            )
        if url.startswith("data:image/") or ":" in url or self.folder is None:
            return url if url.startswith("data:image/") else ""
        with suppress(OSError, ValueError):
            path = (self.folder / unquote(url)).resolve()
            is_ours = path.is_relative_to(self.folder.resolve().parent) and path.is_file()
            kind = FILES.get(path.suffix.lower())
            if is_ours and kind and path.stat().st_size <= LARGEST_PICTURE:
                return address(kind, path.read_bytes())
        return ""


def _even(source: str) -> str:
    """Markdown in which each row of a table has as many cells as the longest one of that table.

    Others cut what is more than the header has; nothing is to vanish here.
    """
    lines, seen, end = source.split("\n"), unfenced(source).split("\n"), 0
    for place, line in enumerate(seen):
        if place <= end or not {"|", "-"} <= set(line) <= set("|-: \t\r"):
            continue
        end = next((n for n in range(place, len(seen)) if "|" not in seen[n]), len(seen))
        table = [row.strip() for row in seen[place - 1 : end]]
        rows = [BAR.split(row.removeprefix("|").removesuffix("|")) for row in table]
        most = max(map(len, rows))
        has_bar = any("|" in formula for formula in FORMULA.findall("\n".join(table)))
        if has_bar or len(rows[0]) != len(rows[1]) or most * len(rows) > MOST_CELLS:
            continue
        for number, row in enumerate(rows if {most} != set(map(len, rows)) else []):
            more = ["---" if number == 1 else " "] * (most - len(row))
            lines[place - 1 + number] = f"|{'|'.join(row + more)}|"
    return "\n".join(lines)


def _allowed(tag: str, name: str, value: str) -> str | None:
    """What may stay of an attribute: harmless looks, no address that holds a page of its own."""
    if name == "style":
        parts = (STYLE.fullmatch(part.strip()) for part in value[:4000].split(";"))
        return "; ".join(f"{part[1]}: {part[2].strip()}" for part in parts if part) or None
    is_page = name == "href" and value.strip().lower().startswith(("data:", "attachment:"))
    return None if is_page else value


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=ALLOWED,
        clean_content_tags=UNSPOKEN,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes=PROTOCOLS,
        link_rel=None,
    )


def _with_styles(html: str) -> str:
    """HTML in which the rules of a pandas Styler stand at the cells that they are for."""
    styles: defaultdict[str, str] = defaultdict(str)
    for selectors, rule in STYLER_RULE.findall(html):
        for selector in selectors.split(","):
            styles[selector.strip().removeprefix("#")] += " ".join(rule.split())

    def styled(cell: re.Match[str]) -> str:
        return f' style="{escape(styles[cell[1]])}"' if cell[1] in styles else ""

    return STYLED.sub(styled, html)


def text_of(html: str) -> str:
    """What cleaned HTML says, without tags."""
    return Markup(re.sub(r"<[^<>]*>", "", html)).unescape().strip()


def plain(text: str) -> str:
    """A line of text without dollars: a formula is its letters, or its TeX if it is no mere row."""
    parts = FORMULA.split(text)
    for place in range(1, len(parts), 2):
        html = Reader({}).title(f"${parts[place]}$")
        if FLAT.issuperset(TAG.findall(html)):
            parts[place] = text_of(html)
    return "".join(parts)


def titled(table: Markup, caption: str) -> tuple[Markup, int]:
    """A table with a caption (its own goes before), and the number of its rows if it is long."""
    head = re.search(r"<table\b[^>]*>", table)
    if head and caption and "<caption" not in table:
        written = Markup("<caption>{}</caption>").format(caption)
        table = table[: head.end()] + written + table[head.end() :]
    rows = table.count("</tr>", max(table.find("<tbody"), 0))
    is_long = rows > LONG_TABLE and table.count("<table") == 1
    return table, rows if is_long else 0


def headings(table: Markup) -> list[str]:
    """The headings of a table that is too wide for a phone: one of many columns; else none."""
    head = re.search(r"(?s)<thead.*?</thead>", table)
    cells = CELL.findall(head[0]) if head and head[0].count("<tr") == 1 else []
    words = [attributes for attributes, _ in cells if 'class="n' not in attributes]
    if "span=" in table or (len(words) < 3 and len(cells) < 4):
        return []
    # In CSS a line's end would be a string's.
    return [" ".join(text_of(text).split()) for _, text in cells]


class _Inline(MathInlineParser):
    """Takes for a formula what ours is."""

    SPECIFICATION: ClassVar = MathInlineParser.SPECIFICATION | {"inline_math_tex": FORMULA.pattern}


class _Renderer(mistune.HTMLRenderer):
    """Writes formulas as MathML, and counts those that it can't read."""

    def __init__(self, reader: Reader, escape_html: bool) -> None:
        # No address is changed here: `attachment:` is read, and nh3 judges all that is left.
        super().__init__(escape_html, allow_harmful_protocols=True)
        self.lost = reader.lost

    def inline_math(self, body: str, display: str = "inline") -> str:
        from latex2mathml.converter import convert_to_element

        try:
            tex = body.strip().replace("{aligned}", "{align*}")
            tree: Element = convert_to_element(tex, display=display)  # type: ignore[arg-type]
            if any((node.text or "").startswith("\\") or node.text == "&" for node in tree.iter()):
                raise ValueError("a command that is none of mathematics")
        except Exception:  # whatever is raised for TeX that is not known
            self.lost["formula"] += 1
            return f"<code>{escape(tex)}</code>"
        for node in tree.iter():
            node.text, node.tail = unescape(node.text or ""), unescape(node.tail or "")
        return tostring(tree, encoding="unicode")

    def block_math(self, body: str) -> str:
        return self.inline_math(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def footnote_ref(self, key: str, index: int) -> str:
        # Its note stands below the cell; the same numbers begin again in the next one.
        return f"<sup>{index}</sup>"

    def footnote_item(self, text: str, key: str, index: int) -> str:
        return f"<li>{text}</li>\n"

    def footnotes(self, text: str) -> str:
        return f"<ol>{text}</ol>\n"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text.removeprefix('<p>')}</li>\n"


def show(output: NotebookNode, words: dict[str, str], folder: Path | None = None) -> dict[str, Any]:
    """One output: its `kind` ("" where there is nothing), `html`, and `lost`, counted by kind."""
    data, reader = output.get("data", {}), Reader(words, folder)
    if output.output_type == "stream":
        kind = "messages" if output.name == "stderr" else "text"
        lost = {TOO_LONG: 1} if LEFT_OUT in output.text else {}
        return {"kind": kind, "html": Markup(ansi2html(output.text)), "lost": lost}
    if output.output_type == "error":
        return {"kind": "text", "html": strip_ansi("\n".join(output.traceback)), "lost": {}}
    picture = image(output)
    reader.lost.update(sorted(kind for kind in data if kind not in STATIC))
    reader.lost.update(["picture"] if not picture and set(PICTURES) & set(data) else [])
    html = reader.clean("".join(data.get("text/html", "")))
    if picture and (LIVE & set(reader.lost) or not {"text/html", "text/markdown"} & set(data)):
        return picture
    written = "".join(data.get("text/markdown") or data.get("text/latex") or "")
    # What a frame holds is elsewhere; what is written beside it speaks of the frame.
    if (text_of(html) or "<img" in html) and "iframe" not in reader.lost:
        kind = "table" if "<table" in html else "html"
    elif written:
        kind, html = "html", reader.markdown(written, escape_html=True)
    else:
        html = "".join(data.get("text/plain", ""))
        if "application/json" in data:
            html = json.dumps(data["application/json"], indent=1, ensure_ascii=False)
        reader.lost.update([TOO_LONG] if LEFT_OUT in html else [])
        written = HIDDEN.sub("", "".join(data.get("text/html", ""))).strip()
        reader.lost.update(["HTML without text"] if written and not reader.lost else [])
        if (reader.lost or "text/html" in data) and NO_WORDS.fullmatch(html):
            html = ""
        kind = "text" if html else ""
    return {"kind": kind, "html": html, "lost": reader.lost}


def image(output: NotebookNode) -> dict[str, Any] | None:
    """The picture of an output, the best kind of it, with its alt text and size."""
    kind, picture = picture_of(output)
    about = part(output, "metadata", kind)
    svg = picture.decode() if kind == "image/svg+xml" else ""
    shown = {
        "kind": "image",
        "svg": svg if is_harmless(svg) else "",
        "source": address(kind, picture),
        "alt": str(about.get("alt", "")),
        "lost": Counter(SVG_UNSEEN.findall(svg)),
        "width": part(about, "width", kind=int) or None,
        "height": part(about, "height", kind=int) or None,
    }
    return shown if picture else None


@cache
def is_harmless(svg: str) -> bool:
    """Whether an SVG is of plain shapes and text, none of which runs, loads or styles anything."""
    if not svg.startswith("<svg ") or SVG_STRANGE.search(svg):
        return False
    try:
        elements = list(fromstring(svg).iter())
    except ParseError:
        return False
    tags, attributes = {f"{SVG}{tag}" for tag in SVG_TAGS.split()}, set(SVG_ATTRIBUTES.split())
    return all(
        element.tag in tags
        and attributes.issuperset(element.attrib)
        and not any(map(SVG_AWAY.search, element.attrib.values()))
        and element.get("href", "#").startswith("#")
        and not (element.tag == f"{SVG}title" and len(element))
        for element in elements
    )


def share_shapes(pictures: list[dict[str, Any]]) -> Markup:
    """Let SVGs use the long paths that several of them draw; what they use, written once."""
    drawn = Counter(match[1] for shown in pictures for match in SHAPE.finditer(shown["svg"]))
    names = {shape: f"shape-{n}" for n, shape in enumerate(drawn) if drawn[shape] > 1}

    def use(path: re.Match[str]) -> str:
        name, title = names.get(path[1]), path[3] or ""
        return f'<use href="#{name}"{path[2]}>{title}</use>' if name else path[0]

    for shown in pictures:
        shown["svg"] = SHAPE.sub(use, shown["svg"])
    paths = "".join(f'<path id="{name}" d="{shape}"/>' for shape, name in names.items())
    head = '<svg width="0" height="0" class="unseen" aria-hidden="true">'
    return Markup(f"{head}<defs>{paths}</defs></svg>" if paths else "")
