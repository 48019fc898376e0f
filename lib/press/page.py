"""An executed notebook as one self-contained page, with what stands beside it.

Whatever comes from data or parameters is text until it is proven harmless: Jinja escapes by
default, HTML passes a list of allowed tags. The order of a page is that of its notebook; a cell
of Markdown that is tagged `fold` begins a section that is folded on the screen and open on paper.
The findings marked as headline stand in a box after the first cell.

The same inputs give the same bytes: no date, no duration, no path of this machine.
"""

import io
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from press.beside import files_of, finding_of, picture_bytes, resource_of
from press.html import LONG_TABLE, folded, text_of, with_caption
from press.job import Job, slugify
from press.manifest import PAGE
from press.outputs import alt_of, show
from press.prose import Pictures, markdown
from press.site import environment, words_of

REMOVED = {"parameters", "injected-parameters", "remove-cell", "hide-cell"}
NO_CODE = {"remove-input", "hide-input"}
NO_OUTPUT = {"remove-output", "hide-output"}
FOLD = "fold"
THUMBNAIL_WIDTH = 360
WORDY = 120  # characters a row: such a table takes all the width there is
LONGEST_PRINTED = 60  # rows; of a longer table only those that are not folded are printed
COLOURED = {"k", "kn", "kc", "ow", "s1", "s2", "sa", "sb", "sd", "se", "si", "c1", "mi", "mf"}
LINK = re.compile(r'(?s)<a href="([\w.-]{1,80})\.ipynb(#[^"]*)?"[^>]*>(.*?)</a>')
HEADING = re.compile(r"(?s)<h([1-6])[^>]*>(.*?)</h\1>")


class Page(NamedTuple):
    """A page, what stands beside it (`.json`, `.files/…`), and what it could not show."""

    html: bytes
    beside: dict[str, bytes]
    lost: dict[str, int]


def tags_of(cell: NotebookNode) -> set[str]:
    """What a cell is tagged as, with hyphens; Jupyter's own marks for hidden parts too."""
    metadata = cell.metadata
    tags = {str(tag).replace("_", "-") for tag in metadata.get("tags", [])}
    jupyter = metadata.get("jupyter") if isinstance(metadata.get("jupyter"), dict) else {}
    tags |= {"hide-input"} if jupyter.get("source_hidden") else set()
    return tags | ({"hide-output"} if jupyter.get("outputs_hidden") else set())


def without_title(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """The cells with their sources; the first H1 is left out, the header of the page shows it."""
    titled = False
    for cell in notebook.cells:
        source = cell.source
        if cell.cell_type == "markdown" and not titled:
            source = re.sub(r"(?m)^# .*\n?", "", source, count=1)
            titled = source != cell.source
        yield cell, source


def anchors(notebook: NotebookNode) -> dict[str, list[str]]:
    """The anchors of the headings in each cell, made of a notebook's own words.

    A translation of it keeps them: one address leads to the same place in every language.
    """
    found = {}
    for cell, source in without_title(notebook):
        heads = [line.lstrip("#") for line in source.splitlines() if re.match("#{1,6} ", line)]
        found[cell.get("id", "")] = [slugify(head) for head in heads]
    return found


def _highlight(source: str) -> Markup:
    """Code in colour; only what the style sheet colours is marked, or marks would be most of it."""

    def keep(match: re.Match[str]) -> str:
        return match[0] if match[1] in COLOURED else match[2]

    html = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return Markup(re.sub(r'<span class="(\w+)">([^<]*)</span>', keep, html))


class _Maker:
    """Goes through a notebook once, and notes what the page and its summary are made of."""

    def __init__(self, job: Job, anchors: dict[str, list[str]], folder: Path | None) -> None:
        self.job, self.anchors, self.folder = job, anchors, folder
        self.language = job.language
        self.words = words_of(self.language)
        self.publications: list[dict[str, str]] = []
        self.taken: set[str] = {"key-findings", "about", "show-code"}
        self.lost: Counter[str] = Counter()
        self.headings: list[dict[str, Any]] = []
        self.findings: list[dict[str, Any]] = []
        self.figures: list[dict[str, Any]] = []
        self.tables: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.sections: list[dict[str, Any]] = [{"fold": None, "blocks": []}]
        self.filters = False

    def anchor(self, name: str) -> str:
        """An id that nothing else on the page has."""
        name = slugify(name)[:60].strip("-") or "part"
        free, number = name, 1
        while free in self.taken:
            number += 1
            free = f"{name}-{number}"
        self.taken.add(free)
        return free

    def go_through(self, notebook: NotebookNode) -> None:
        """Make the sections of the page of a notebook's cells."""
        for cell, source in without_title(notebook):
            tags = tags_of(cell)
            if REMOVED & tags or not source.strip():
                continue
            if cell.cell_type == "markdown":
                self._add_prose(cell, source, FOLD in tags)
            elif cell.cell_type == "code":
                self._add_code(cell, source, tags)

    def _add_prose(self, cell: NotebookNode, source: str, fold: bool) -> None:
        pictures = Pictures(self.folder, cell.get("attachments"))
        html, lost = markdown(source, pictures, self.words)
        self.lost += lost
        known = list(self.anchors.get(cell.get("id", ""), ()))
        before = len(self.headings)

        def with_id(match: re.Match[str]) -> str:
            level, text = max(2, int(match[1])), text_of(match[2])
            name = self.anchor(known.pop(0) if known else text)
            self.headings.append({"id": name, "text": text, "level": level})
            return f'<h{level} id="{name}">{match[2]}</h{level}>'

        html = Markup(LINK.sub(self._to_page, HEADING.sub(with_id, html)))
        level = self.headings[before]["level"] if len(self.headings) > before else 7
        section = self.sections[-1]
        if fold:
            head = HEADING.match(html.lstrip())
            title = Markup(head[0]) if head else Markup("<p>{}</p>").format(self.words["more"])
            html = html.lstrip()[len(head[0]) if head else 0 :]
            self.sections.append({"fold": title, "level": level, "blocks": []})
        elif section["fold"] and level <= section["level"] and level < 7:
            self.sections.append({"fold": None, "blocks": []})
        if html.strip():
            self.sections[-1]["blocks"].append({"kind": "prose", "html": html})

    def _to_page(self, link: re.Match[str]) -> str:
        """A link to a notebook leads to its page in this edition; without one it is text."""
        slug = self.job.frame.get("pages", {}).get(link[1])
        href = up_from(self.job) + quote(f"{slug}{PAGE}") + (link[2] or "")
        return f'<a href="{href}">{link[3]}</a>' if slug else link[3]

    def _add_code(self, cell: NotebookNode, source: str, tags: set[str]) -> None:
        outputs = [] if NO_OUTPUT & tags else [self._shown(output) for output in cell.outputs]
        code = "" if NO_CODE & tags else _highlight(source)
        self.sections[-1]["blocks"].append({"kind": "code", "code": code, "outputs": outputs})

    def _shown(self, output: NotebookNode) -> dict[str, Any]:
        """One output for the template, with its anchor and downloads."""
        shown = show(output, self.words)
        self.lost += shown["lost"]
        shown |= {"anchor": "", "files": [], "rows": 0}
        shown["note"] = ", ".join(shown["lost"])
        resource = resource_of(output)
        record = output.get("metadata", {}).get("finding")
        key = record.get("key", "") if isinstance(record, dict) else ""
        if shown["kind"] in {"image", "table"} or key:
            shown["anchor"] = self.anchor(str(key or resource.get("name") or shown["kind"]))
        finding = finding_of(output, shown["anchor"])
        if finding:
            self.findings.append(finding)
        if shown["kind"] not in {"image", "table"}:
            return shown
        files = files_of(output, shown["anchor"], self.publications)
        self.files |= files
        shown["files"] = [(name, self.words[_kind_of(name)]) for name in files]
        about = {"key": str(key or resource.get("name", "")), "anchor": shown["anchor"]}
        first = next(iter(files), "")
        if shown["kind"] == "image":
            picture = next((name for name in files if _kind_of(name) == "picture"), "")
            self.figures.append(about | {"alt": shown["alt"], "file": picture})
        else:
            title = str(resource.get("title", "")) or self._heading()
            shown["html"], shown["rows"] = folded(with_caption(shown["html"], title))
            shown["cut"] = shown["rows"] > LONGEST_PRINTED
            shown["wide"] = len(text_of(shown["html"])) > WORDY * shown["html"].count("<tr")
            self.filters = self.filters or shown["rows"] > 0
            shown["label"] = f"{self.words['table']} {len(self.tables) + 1}"
            self.tables.append(about | {"title": title, "file": first})
        return shown

    def _heading(self) -> str:
        """The heading that the present place stands under."""
        return self.headings[-1]["text"] if self.headings else self.job.title

    def summary(self) -> dict[str, Any]:
        """What other pages know of this one (see `press.beside`)."""
        blocks = self.sections[0]["blocks"]
        lead = blocks[0]["html"] if blocks and blocks[0]["kind"] == "prose" else ""
        question = re.search(r"(?s)<p>(.*?)</p>", lead)
        return {
            "title": self.job.title,
            "question": text_of(question[1]) if question else "",
            "language": self.language,
            "headings": self.headings,
            "findings": self.findings,
            "figures": self.figures,
            "tables": self.tables,
            "lost": dict(sorted(self.lost.items())),
        }


def _kind_of(name: str) -> str:
    """What a download is, by its name: where from, data or picture."""
    if name.endswith(".sources.csv"):
        return "where_from"
    return "data_csv" if name.endswith(".csv") else "picture"


def page(
    notebook: NotebookNode,
    job: Job,
    data: dict[str, str],
    libraries: dict[str, str],
    *,
    anchors: dict[str, list[str]] | None = None,
    publications: list[dict[str, str]] | None = None,
    folder: Path | None = None,
    reports: str = "notebooks/reports.yml",
) -> Page:
    """The page of an executed notebook; data files with their sha256, libraries with versions.

    `anchors` are those of the notebook before it was translated, `publications` what the
    collection says of its sources, `folder` is that of the notebooks, `reports` the collection's
    file as a command names it.
    """
    maker = _Maker(job, anchors or {}, folder)
    maker.publications = publications or []
    maker.go_through(notebook)
    summary = maker.summary()
    stem = job.slug.rpartition("/")[2]
    html = environment().get_template("page.html.j2")
    content = html.render(
        job=job,
        filters=maker.filters,
        language=maker.language,
        words=maker.words,
        sections=maker.sections,
        lead=_lead(maker.sections[0]["blocks"]),
        headlines=[finding for finding in maker.findings if finding["headline"]],
        contents=[head for head in maker.headings if head["level"] == 2],
        long_table=LONG_TABLE,
        links=_links(job),
        parameters={name: _shown_value(value) for name, value in job.parameters.items()},
        data=data,
        versions=libraries,
        commands=_commands(job, reports),
        stem=quote(stem),
        up=up_from(job),
    )
    beside = {f".files/{name}": content for name, content in maker.files.items()}
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True)
    return Page(content.encode(), beside | {".json": f"{text}\n".encode()}, summary["lost"])


def _lead(blocks: list[dict[str, Any]]) -> Markup:
    """The question: the prose that a page begins with, taken from its blocks."""
    return blocks.pop(0)["html"] if blocks and blocks[0]["kind"] == "prose" else Markup()


def up_from(job: Job) -> str:
    """The way from a page to the folder of all pages."""
    return "../" * job.slug.count("/")


def _shown_value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _commands(job: Job, reports: str) -> dict[str, str]:
    """The command that makes a page again, and the one that opens its notebook."""
    given = []
    for name, value in job.parameters.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        given += ["--set", f"{name}={text}"]
    folder = reports.rpartition("/")[0] or "."
    return {
        "again": shlex.join(["python", "-m", "press", "run", "--reports", reports, *given]),
        "lab": shlex.join(["jupyter", "lab", f"{folder}/{job.notebook}.ipynb"]),
    }


def _links(job: Job) -> dict[str, Any]:
    """Where a page leads: its edition, its neighbours, itself in other languages."""

    def link(slug: str) -> str:
        return up_from(job) + quote(slug + PAGE)

    frame = job.frame
    ways = {side: frame.get(side) for side in ("previous", "next")}
    return {
        "cite": frame.get("cite", ""),
        "edition": frame.get("edition", ""),
        "edition_name": quote(job.edition),
        "languages": {code: link(slug) for code, slug in frame.get("languages", {}).items()},
        **{side: (link(way[0]), way[1]) if way else None for side, way in ways.items()},
    }


def thumbnail(notebook: NotebookNode) -> tuple[bytes, str]:
    """The first figure of a report, small, and its alt text; nothing where there is none."""
    for cell in notebook.cells:
        hidden = (REMOVED | NO_OUTPUT) & tags_of(cell)
        for output in [] if hidden else cell.get("outputs", []):
            if "image/png" not in output.get("data", {}):
                continue
            try:
                image = Image.open(io.BytesIO(picture_bytes(output, "image/png")))
                image = image.convert("RGBA")
            except (OSError, ValueError, TypeError):
                continue
            paper = Image.new("RGBA", image.size, "white")
            paper.alpha_composite(image)
            paper.thumbnail((THUMBNAIL_WIDTH, 4 * THUMBNAIL_WIDTH))
            target = io.BytesIO()
            paper.convert("RGB").quantize(64).save(target, "PNG")
            return target.getvalue(), alt_of(output)
    return b"", ""


def warm_up() -> None:
    """Compile and look up what a first page needs, before processes are forked."""
    shown = nbformat.v4.new_output("display_data", {"text/html": "<table></table>"})
    cells = [
        nbformat.v4.new_markdown_cell("*a* $a$"),
        nbformat.v4.new_code_cell("a = 1", outputs=[shown]),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.validate(notebook)
    page(notebook, Job("a/a", "a", "a", {}, "a"), {}, {})
    Image.init()
