"""What may stay of the HTML in outputs and Markdown; what may not is counted by name.

No pattern here may look back over a long line: each begins with fixed text or meets short text.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import count

import bleach
from markupsafe import Markup, escape

LONG_TABLE = 25  # rows; what comes after them is folded
LONGEST_NUMBER = 40  # characters
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
ATTRIBUTES = {"class", "style", "colspan", "rowspan", "scope", "alt", "title", "lang", "width"}
PROTOCOLS = ("http", "https", "mailto", "data", "attachment")
# Looks that may stay: colours, also as bars in cells, and how text stands.
STYLE = re.compile(
    r"(color|background-color|background|text-align|font-weight|font-style)\s*:"
    r"\s*((?:[\w#.,% -]|(?:rgba?|hsla?|linear-gradient)\(|\)){1,400})\s*"
)
STYLER_RULE = re.compile(r"(#T_[^{}<>]{1,100000})\{([^{}<>]{0,2000})\}")
ROW = re.compile(r"(?s)<tr\b[^>]*>.*?</tr>")
CELL = re.compile(r"(?s)<(t[hd])\b([^>]*)>(.*?)</\1>")
NUMBER = re.compile(r"[-−+±<>≈~]?[\d.,\s]*\d[\d.,\s]*(%|x|×)?|NaN|nan|NaT|<NA>|None|[-–—]?")


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
    return bleach.Cleaner(
        tags=set(TAGS.split()),
        attributes=_attribute,
        protocols=PROTOCOLS,
        css_sanitizer=_Css(),  # type: ignore[arg-type]
        strip=True,
        strip_comments=True,
    )


def clean(
    html: str, picture: Callable[[str], str], missing: Callable[[str], str]
) -> tuple[Markup, Counter[str]]:
    """HTML with allowed tags only, and how often each other tag stood there.

    `picture` returns what an address of a picture is replaced by (`data:image/…`), or nothing;
    then `missing` says in HTML what is not there.
    """
    html = _with_styles(html)
    dropped: Counter[str] = Counter()
    # Their content is no text; what stands in them counts for nothing.
    for start, end in (("<!--", "-->"), ("<style", "</style"), ("<script", "</script")):
        pattern = rf"(?is){re.escape(start)}.*?({re.escape(end)}\s*>?|$)"
        html, times = re.subn(pattern, "", html)
        if start == "<script" and times:
            dropped["script"] = times
    tags = (tag.lower() for tag in re.findall(r"<([a-zA-Z][\w-]{0,40})", html))
    known = {*TAGS.split(), *PLAIN.split()}
    dropped.update(tag for tag in tags if tag not in known)

    def embed(tag: re.Match[str]) -> str:
        address = re.search(r' src="([^"]*)"', tag[0])
        url = Markup(address[1]).unescape() if address else ""
        data = picture(url)
        if data and address:
            return tag[0].replace(address[0], f' src="{escape(data)}"')
        dropped["picture"] += 1
        return missing(url)

    cleaned = re.sub(r"<img\b[^>]*>", embed, _cleaner().clean(html))
    return Markup(re.sub(r"(?s)<table\b.*?</table>", _mark_numbers, cleaned)), dropped


def _with_styles(html: str) -> str:
    """HTML in which the rules of a pandas Styler stand at the cells that they are for."""
    if 'id="T_' not in html:
        return html
    styles: dict[str, str] = {}
    for selectors, rule in STYLER_RULE.findall(html):
        for selector in selectors.split(","):
            name = selector.strip().removeprefix("#")
            styles[name] = styles.get(name, "") + " ".join(rule.split())
    return re.sub(
        r' id="(T_\w{1,80})"',
        lambda found: f' style="{escape(styles[found[1]])}"' if found[1] in styles else "",
        html,
    )


def text_of(html: str) -> str:
    """What cleaned HTML says, without tags."""
    return Markup(re.sub(r"<[^<>]*>", "", html)).unescape().strip()


def _is_number(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and bool(NUMBER.fullmatch(text))


def _mark_numbers(table: re.Match[str]) -> str:
    """Give cells that hold numbers, and the headings over nothing else, the class "n"."""
    # whole rows or cells are aligned by those who wrote them; our own rule per cell is better
    html = re.sub(r' style="text-align: ?(?:right|left);?"', "", table[0])
    figures, words = set(), set()
    for row in ROW.findall(html):
        for column, (kind, _, content) in enumerate(CELL.findall(row)):
            if kind == "td":
                (figures if _is_number(content.strip()) else words).add(column)

    def mark_row(row: re.Match[str]) -> str:
        columns = count()

        def mark(match: re.Match[str]) -> str:
            kind, attributes, content = match.groups()
            column, text = next(columns), content.strip()
            if kind == "th":
                marked = column in figures - words and "span" not in attributes
            else:
                marked = text and _is_number(text)
            if not marked:
                return match[0]
            if ' class="' in attributes:
                attributes = attributes.replace(' class="', ' class="n ', 1)
            else:
                attributes = f' class="n"{attributes}'
            return f"<{kind}{attributes}>{content}</{kind}>"

        return CELL.sub(mark, row[0])

    return ROW.sub(mark_row, html)


def with_caption(table: Markup, caption: str) -> Markup:
    """A table with a caption; its own goes before."""
    head = re.search(r"<table\b[^>]*>", table)
    if not head or not caption or "<caption" in table:
        return table
    titled = Markup("<caption>{}</caption>").format(caption)
    return table[: head.end()] + titled + table[head.end() :]


def folded(table: Markup) -> tuple[Markup, int]:
    """A table whose rows after the first `LONG_TABLE` are their own body; the number of rows."""
    start = max(table.find("<tbody"), 0)
    rows = list(re.finditer(r"</tr>", table[start:]))
    if len(rows) <= LONG_TABLE or table.count("<table") != 1:
        return table, 0
    place = start + rows[LONG_TABLE - 1].end()
    rest = Markup('</tbody><tbody class="rest">')
    return table[:place] + rest + table[place:], len(rows)
