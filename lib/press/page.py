"""An executed notebook as one self-contained page without scripts.

Whatever comes from data or parameters is text until it is proven harmless: Jinja escapes by
default, Markdown lets no raw HTML through, HTML outputs pass a list of allowed tags.

No pattern here may look back over a long line: each begins with fixed text or meets short text.
"""

import base64
import io
import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

import bleach
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from markupsafe import Markup, escape
from nbconvert.filters.ansi import ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from press.job import Job
from press.site import environment, words_of

# Tags by which a cell says what of it is not published; tools write them with "_" too.
NO_INPUT = {"parameters", "injected-parameters", "remove-cell", "hide-cell"}
NO_OUTPUT = NO_INPUT | {"remove-output", "hide-output"}
NO_INPUT = NO_INPUT | {"remove-input", "hide-input"}
THUMBNAIL_WIDTH = 360
LONG_TABLE = 25  # a table of so many rows can be filtered and sorted by the reader
LONGEST_NUMBER = 40  # characters
LONGEST_LINE = 10_000  # characters, of Markdown
COLOURED = {"k", "kn", "kc", "ow", "s1", "s2", "sa", "sb", "sd", "se", "si", "c1", "mi", "mf"}
IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
TAGS = """
    table caption thead tbody tfoot tr th td colgroup col
    a abbr b blockquote br code dd del details div dl dt em figcaption figure h2 h3 h4 h5 h6 hr i
    img li ol p pre s small span strong sub summary sup u ul
"""
ATTRIBUTES = {"class", "style", "colspan", "rowspan", "scope", "alt", "title", "lang"}
STYLES = ["color", "background-color", "text-align", "font-weight", "font-style"]
ROW = re.compile(r"(?s)<tr\b[^>]*>.*?</tr>")
CELL = re.compile(r"(?s)<(t[hd])\b([^>]*)>(.*?)</\1>")
NUMBER = re.compile(r"[-−+±<>≈~]?[\d.,\s]*\d[\d.,\s]*(%|x|×)?|NaN|nan|NaT|<NA>|None|[-–—]?")


class _Renderer(IPythonRenderer):
    """Markdown without raw HTML and without images from elsewhere."""

    def __init__(self, attachments: dict[str, Any] | None = None) -> None:
        super().__init__(
            escape=True,
            allow_harmful_protocols=False,  # type: ignore[arg-type]
            exclude_anchor_links=True,
            attachments=attachments,
        )

    def image(self, text: str, url: str, title: str | None = None) -> str:
        html = super().image(text, url, title)
        return html if 'src="data:image/' in html else str(escape(text))

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{escape(code)}</pre>"


def markdown(source: str, attachments: dict[str, Any] | None = None) -> Markup:
    """Markdown as HTML, by nbconvert's own renderer, which looks back over brackets."""
    if max(map(len, source.splitlines()), default=0) > LONGEST_LINE:
        return Markup("<p>{}</p>").format(source)
    return Markup(MarkdownWithMath(_Renderer(attachments)).render(source))


def _attribute(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay: nothing that runs, nothing that loads from elsewhere."""
    if name == "src":
        return tag == "img" and value.startswith("data:image/")
    if name == "href":
        return tag == "a"
    return name in ATTRIBUTES


@cache
def _cleaner() -> bleach.Cleaner:
    css = CSSSanitizer(allowed_css_properties=STYLES)
    return bleach.Cleaner(
        tags=set(TAGS.split()), attributes=_attribute, css_sanitizer=css, strip=True
    )


def clean_html(html: str) -> Markup:
    """HTML of an output, with allowed tags only; numbers in tables are marked as such."""
    for tag in ("style", "script"):  # the cleaner would keep their content as text
        html = re.sub(rf"(?is)<{tag}\b.*?(</{tag}\s*>|$)", "", html)
    cleaned = re.sub(r"<img(?![^>]* src=)[^>]*>", "", _cleaner().clean(html))
    return Markup(re.sub(r"(?s)<table\b.*?</table>", _mark_numbers, cleaned))


def _is_number(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and bool(NUMBER.fullmatch(text))


def _mark_numbers(table: re.Match[str]) -> str:
    """Give cells that hold numbers, and the headings over nothing else, the class "n"."""
    # pandas aligns whole rows to the right; our own rule per cell is better
    html = table[0].replace(' style="text-align: right;"', "")
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
            return f'<{kind} class="n"{attributes}>{content}</{kind}>' if marked else match[0]

        return CELL.sub(mark, row[0])

    return ROW.sub(mark_row, html)


def _image(output: NotebookNode, kind: str) -> dict[str, Any]:
    about = output.get("metadata", {}).get(kind)
    about = about if isinstance(about, dict) else {}
    data = "".join(output.data[kind])
    if kind == "image/svg+xml":
        data = base64.b64encode(data.encode()).decode()
    width = about.get("width")
    return {
        "kind": "image",
        "source": f"data:{kind};base64,{''.join(data.split())}",
        "alt": str(about.get("alt", "")),
        "width": width if isinstance(width, int) else None,
    }


def show(output: NotebookNode) -> dict[str, Any] | None:
    """What a page shows of one output, as `kind` and content for the template."""
    if output.output_type == "stream":
        kind = "messages" if output.name == "stderr" else "text"
        return {"kind": kind, "html": Markup(ansi2html(output.text))}
    if output.output_type == "error":
        return {"kind": "text", "html": escape(strip_ansi("\n".join(output.traceback)))}
    data = output.get("data", {})
    if "text/html" in data:
        html = clean_html("".join(data["text/html"]))
        kind = "table" if "<table" in html else "html"
        return {"kind": kind, "html": html, "long": html.count("<tr") > LONG_TABLE}
    if "text/markdown" in data:
        return {"kind": "html", "html": markdown("".join(data["text/markdown"]))}
    for kind in IMAGES:
        if kind in data:
            return _image(output, kind)
    text = "".join(data.get("text/latex", data.get("text/plain", "")))
    return {"kind": "text", "html": escape(text)} if text else None


def _highlight(source: str) -> Markup:
    """Code in colour; only what the style sheet colours is marked, or marks would be most of it."""

    def keep(match: re.Match[str]) -> str:
        return match[0] if match[1] in COLOURED else match[2]

    html = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return Markup(re.sub(r'<span class="(\w+)">([^<]*)</span>', keep, html))


def _is_hidden(cell: NotebookNode, tags: set[str], part: str) -> bool:
    """Whether a cell's "source" or "outputs" are not to be published."""
    marked = {tag.replace("_", "-") for tag in cell.metadata.get("tags", [])}
    folded = cell.metadata.get("jupyter")
    return bool(marked & tags) or (isinstance(folded, dict) and bool(folded.get(f"{part}_hidden")))


def _blocks(notebook: NotebookNode) -> Iterator[dict[str, Any]]:
    """The cells of the page in order; the first H1 is left out, the header shows it."""
    titled = False
    for cell in notebook.cells:
        no_input = _is_hidden(cell, NO_INPUT, "source")
        no_output = _is_hidden(cell, NO_OUTPUT, "outputs")
        if cell.cell_type == "markdown" and not no_input:
            source = cell.source if titled else re.sub(r"(?m)^# .*\n?", "", cell.source, count=1)
            titled = titled or source != cell.source
            if source.strip():
                yield {"kind": "markdown", "html": markdown(source, cell.get("attachments"))}
        elif cell.cell_type == "code" and cell.source.strip():
            listed = [] if no_output else map(show, cell.outputs)
            code = "" if no_input else _highlight(cell.source)
            yield {"kind": "code", "code": code, "outputs": list(filter(None, listed))}


def page(
    notebook: NotebookNode, job: Job, data: dict[str, str], libraries: dict[str, str]
) -> bytes:
    """The page of an executed notebook; data files with their sha256, libraries with versions."""
    parameters = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in job.parameters.items()
    }
    blocks = list(_blocks(notebook))
    outputs = [output for block in blocks for output in block.get("outputs", ())]
    html = environment().get_template("page.html.j2")
    return html.render(
        job=job,
        filters=any(output.get("long") for output in outputs),
        language=job.language,
        words=words_of(job.language),
        blocks=blocks,
        parameters=parameters,
        data=data,
        versions=libraries,
        up="../" * job.slug.count("/"),
    ).encode()


def thumbnail(notebook: NotebookNode) -> tuple[bytes, str]:
    """The first figure of a report, small, and its alt text; nothing where there is none."""
    for cell in notebook.cells:
        hidden = _is_hidden(cell, NO_OUTPUT, "outputs")
        for output in [] if hidden else cell.get("outputs", []):
            if "image/png" not in output.get("data", {}):
                continue
            try:
                image = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
                image = image.convert("RGBA")
            except (OSError, ValueError, TypeError):
                continue
            paper = Image.new("RGBA", image.size, "white")
            paper.alpha_composite(image)
            paper.thumbnail((THUMBNAIL_WIDTH, 4 * THUMBNAIL_WIDTH))
            target = io.BytesIO()
            paper.convert("RGB").quantize(64).save(target, "PNG")
            return target.getvalue(), _image(output, "image/png")["alt"]
    return b"", ""


def warm_up() -> None:
    """Compile and look up what a first page needs, before processes are forked."""
    shown = nbformat.v4.new_output("display_data", {"text/html": "<table></table>"})
    cells = [
        nbformat.v4.new_markdown_cell("*a*"),
        nbformat.v4.new_code_cell("a = 1", outputs=[shown]),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.validate(notebook)
    page(notebook, Job("a/a", "a", "a", {}, "a"), {}, {})
    Image.init()
