"""An executed notebook as one self-contained page without scripts.

Whatever comes from data or parameters is text until it is proven harmless: Jinja escapes by
default, Markdown lets no raw HTML through, HTML outputs pass a list of allowed tags.
"""

import base64
import io
import re
from collections.abc import Iterator
from functools import cache
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

from press.fingerprint import versions
from press.job import Job
from press.templates import WORDS, environment, language_of

HIDDEN_TAGS = {"parameters", "injected-parameters", "remove-cell"}
THUMBNAIL_WIDTH = 360
# A table of so many rows can be filtered and sorted by the reader.
LONG_TABLE = 25
COLOURED = {"k", "kn", "kc", "ow", "s1", "s2", "sa", "sb", "sd", "se", "si", "c1", "mi", "mf"}
IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
_TABLE_TAGS = "table caption thead tbody tfoot tr th td colgroup col"
_TEXT_TAGS = (
    "a abbr b blockquote br code dd del details div dl dt em figcaption figure h2 h3 h4 h5 h6 hr i "
    "img li ol p pre s small span strong sub summary sup u ul"
)
_NUMBER = re.compile(r"[-−+±<>≈~]?\s*[\d.,\s  ]*\d[\d.,\s  ]*(%|x|×)?|NaN|nan|NaT|<NA>|None|[-–—]?")


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
    """Markdown as HTML, by nbconvert's own renderer."""
    return Markup(MarkdownWithMath(_Renderer(attachments)).render(source))


def _attribute(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay: nothing that runs, nothing that loads from elsewhere."""
    if name == "src":
        return tag == "img" and value.startswith("data:image/")
    if name == "href":
        return tag == "a"
    return name in {"class", "style", "colspan", "rowspan", "scope", "alt", "title", "lang"}


@cache
def _cleaner() -> bleach.Cleaner:
    styles = ["color", "background-color", "text-align", "font-weight", "font-style"]
    return bleach.Cleaner(
        tags={*_TABLE_TAGS.split(), *_TEXT_TAGS.split()},
        attributes=_attribute,
        css_sanitizer=CSSSanitizer(allowed_css_properties=styles),
        strip=True,
    )


def clean_html(html: str) -> Markup:
    """HTML of an output, with allowed tags only; numbers in tables are marked as such."""
    for tag in ("style", "script"):  # the cleaner would keep their content as text
        html = re.sub(rf"(?is)<{tag}\b.*?(</{tag}\s*>|$)", "", html)
    cleaned = re.sub(r"<img(?![^>]* src=)[^>]*>", "", _cleaner().clean(html))
    return Markup(re.sub(r"(?s)<table\b.*?</table>", lambda m: _mark(m[0]), cleaned))


def _mark(table: str) -> str:
    """Give cells that hold numbers, and the headings over nothing else, the class "n"."""
    numeric: dict[int, bool] = {}
    rows = list(re.finditer(r"(?s)<tr\b[^>]*>.*?</tr>", table))
    cell = re.compile(r"(?s)<(t[hd])\b([^>]*)>(.*?)</\1>")
    for row in rows:
        for column, match in enumerate(cell.finditer(row[0])):
            if match[1] == "td":
                number = bool(_NUMBER.fullmatch(match[3].strip()))
                numeric[column] = numeric.get(column, True) and number

    def mark_row(row: re.Match[str]) -> str:
        columns = iter(range(10_000))

        def mark_cell(match: re.Match[str]) -> str:
            column, value = next(columns), match[3].strip()
            heading = match[1] == "th" and "span" not in match[2]
            if (heading and numeric.get(column)) or (
                match[1] == "td" and _NUMBER.fullmatch(value) and value
            ):
                return f'<{match[1]} class="n"{match[2]}>{match[3]}</{match[1]}>'
            return match[0]

        # pandas aligns whole rows to the right; our own rule per cell is better
        return cell.sub(mark_cell, row[0].replace(' style="text-align: right;"', ""))

    return re.sub(r"(?s)<tr\b[^>]*>.*?</tr>", mark_row, table)


def _image(output: NotebookNode, kind: str) -> dict[str, Any]:
    about = output.get("metadata", {}).get(kind) or {}
    alt = about.get("alt", "") if isinstance(about, dict) else ""
    width = about.get("width") if isinstance(about, dict) else None
    data = output.data[kind]
    data = "".join(data) if isinstance(data, list) else data
    if kind == "image/svg+xml":
        data = base64.b64encode(data.encode()).decode()
    return {
        "kind": "image",
        "source": f"data:{kind};base64,{''.join(data.split())}",
        "alt": str(alt),
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
    html = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    mark = re.compile(r'<span class="(\w+)">([^<]*)</span>')
    return Markup(mark.sub(lambda m: m[0] if m[1] in COLOURED else m[2], html))


def _blocks(notebook: NotebookNode) -> Iterator[dict[str, Any]]:
    """The cells of the page in order; the first H1 is left out, the header shows it."""
    heading = re.compile(r"\A(.*?)^# [^\n]*\n?", re.DOTALL | re.MULTILINE)
    titled = False
    for cell in notebook.cells:
        if HIDDEN_TAGS & set(cell.metadata.get("tags", [])):
            continue
        if cell.cell_type == "markdown":
            source = cell.source if titled else heading.sub(r"\1", cell.source)
            titled = titled or source != cell.source
            if source.strip():
                yield {"kind": "markdown", "html": markdown(source, cell.get("attachments"))}
        elif cell.cell_type == "code" and cell.source.strip():
            code = _highlight(cell.source)
            outputs = [shown for output in cell.outputs if (shown := show(output))]
            yield {"kind": "code", "code": code, "outputs": outputs}


def page(
    notebook: NotebookNode, job: Job, data: dict[str, str], libraries: dict[str, str]
) -> bytes:
    """The page of an executed notebook.

    Parameters
    ----------
    data
        The data files that were read, with their sha256.
    libraries
        Versions of the libraries, for the provenance box.
    """
    language = language_of(job.parameters)
    parameters = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in job.parameters.items()
    }
    blocks = list(_blocks(notebook))
    outputs = [output for block in blocks for output in block.get("outputs", ())]
    html = (
        environment()
        .get_template("page.html.j2")
        .render(
            job=job,
            filters=any(output.get("long") for output in outputs),
            language=language,
            words=WORDS.get(language[:2], WORDS["en"]),
            blocks=blocks,
            parameters=parameters,
            data=data,
            versions=libraries,
            up="../" * job.slug.count("/"),
        )
    )
    return html.encode()


def thumbnail(notebook: NotebookNode) -> tuple[bytes, str]:
    """The first figure of a report, small, and its alt text; nothing where there is none."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" not in output.get("data", {}):
                continue
            shown = _image(output, "image/png")
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
            return target.getvalue(), shown["alt"]
    return b"", ""


def warm_up() -> None:
    """Compile and look up what a first page needs, before processes are forked."""
    picture = io.BytesIO()
    Image.new("RGB", (9, 9)).save(picture, "PNG")
    shown = {"image/png": base64.b64encode(picture.getvalue()).decode()}
    cells = [nbformat.v4.new_markdown_cell("*a*"), nbformat.v4.new_code_cell("a = 1")]
    cells[1].outputs = [
        nbformat.v4.new_output("display_data", data)
        for data in ({"text/html": "<table></table>"}, shown)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.validate(notebook)
    page(notebook, Job("a/a", "a", "a", {}, "a"), {}, versions())
    thumbnail(notebook)
