"""An executed notebook as one self-contained page, with what stands beside it.

Whatever comes from data or parameters is text until it is proven harmless: Jinja escapes by
default, HTML passes a list of allowed tags. The order of a page is that of its notebook; a cell
of Markdown that is tagged `fold` begins a section that is folded on the screen and open on paper.
The findings marked as headline stand in a box after the first cell; one that is said by itself
right below is not said twice.

The same inputs give the same bytes: no date, no duration, no path of this machine.
"""

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode

from press.content import Reader, headings, share_shapes, show, text_of, titled
from press.job import Job, linked, slugify, titles
from press.manifest import FILES, PAGE, SUMMARY, VALUES
from press.outputs import (
    Publications,
    files_of,
    finding_of,
    frames_of,
    part,
    picture_of,
    sources_of,
    table_of,
    values_of,
)
from press.site import environment, words_of

CLASS = "class"  # the column of a figure's data that says in which class it draws a row
SHOWN = {"image", "table"}  # kinds of outputs that have downloads
REMOVED = {"parameters", "injected-parameters", "remove-cell", "hide-cell"}
NO_CODE = {"remove-input", "hide-input"}
NO_OUTPUT = {"remove-output", "hide-output"}
LONGEST_PRINTED = 60  # rows; of a longer table paper has their number and the name of its file
INSIDE = re.compile(r'(?<=<a href=")#([^"]{1,300})')  # by Jupyter's own names of headings
LINK = re.compile(r'(?s)<a href="([^":#?]{1,200})\.ipynb(#[^"]*)?"[^>]*>(.*?)</a>')
HEADING = re.compile(r"(?s)<h([1-6])[^>]*>(.*?)</h\1>")
# Raw cells of these kinds are shown as Markdown is, which may hold HTML.
RAW = {"text/html", "text/markdown"}
# Characters that a browser drops are shown by their pictures: ␀ for NUL.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
NO_FRAME = {"edition": "", "previous": [], "next": [], "languages": {}, "pages": {}, "cite": ""}
NO_FRAME |= {"heading": ""}


def tags_of(cell: NotebookNode) -> set[str]:
    """What a cell is tagged as, with hyphens; Jupyter's own marks for hidden parts too."""
    tags = {str(tag).lower().replace("_", "-") for tag in cell.metadata.get("tags", [])}
    jupyter = part(cell.metadata, "jupyter")
    if jupyter.get("source_hidden") or cell.metadata.get("hide_input"):
        tags.add("hide-input")
    if jupyter.get("outputs_hidden") or cell.metadata.get("collapsed"):
        tags.add("hide-output")
    return tags


def published(notebook: NotebookNode) -> NotebookNode:
    """The notebook beside its page: what the page leaves out by a tag `remove-…` is not in it.

    What is only hidden (`hide-…`) stays: whoever opens a notebook can unfold it.
    """
    copied = copy.deepcopy(notebook)
    copied.cells = [cell for cell in copied.cells if "remove-cell" not in tags_of(cell)]
    for cell in copied.cells:
        tags = tags_of(cell)
        if "remove-input" in tags:
            cell.source = ""
        if "outputs" in cell:
            streams = {tag.removeprefix("remove-") for tag in tags if tag.startswith("remove-")}
            is_kept = "output" not in streams
            cell.outputs = [x for x in cell.outputs if is_kept and x.get("name") not in streams]
    return copied


def _sources(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """The cells with their sources; the first H1 is left out, the header of the page shows it."""
    is_titled = False
    for cell in notebook.cells:
        title = next(titles(cell.source), None) if cell.cell_type == "markdown" else None
        if title and not is_titled:
            is_titled = True
            yield cell, cell.source[: title.start()] + cell.source[title.end() :]
        else:
            yield cell, cell.source


class _Page:
    """What the page and its summary are made of, noted while a notebook is gone through once."""

    def __init__(self, job: Job, folder: Path | None, publications: Publications) -> None:
        self.job, self.folder, self.known = job, folder, publications
        self.frame, self.words = NO_FRAME | job.frame, words_of(job.language)
        self.taken = {"key-findings", "about", "show-code"}
        self.lost: Counter[str] = Counter()
        self.summary: dict[str, list[Any]] = {"headings": [], "findings": [], "thumbnail": []}
        self.values: dict[str, dict[str, Any]] = {"findings": {}, "tables": {}, "maps": {}}
        self.files: dict[str, bytes] = {}
        self.publications: dict[str, dict[str, None]] = {}  # of each the dates of what was used
        self.sections: list[dict[str, Any]] = [{"fold": None, "level": 7, "blocks": []}]
        self.outputs: list[dict[str, Any]] = []

    def anchor(self, name: str) -> str:
        """An id that nothing else on the page has."""
        name = slugify(name)[:60].strip("-") or "part"
        free, number = name, 1
        while free in self.taken:
            number += 1
            free = f"{name}-{number}"
        self.taken.add(free)
        return free

    def named(self, lost: dict[str, int], in_place: tuple[str, ...] = ()) -> Markup:
        """What says that something is not shown, unless that stands in its place; it is counted."""
        self.lost.update(lost)
        kinds = ", ".join(kind for kind in lost if kind not in in_place)
        said = Markup('<p class="lost">{} {}</p>\n')
        return said.format(self.words["lost"], kinds) if kinds else Markup()

    def add(self, **block: Any) -> None:
        self.sections[-1]["blocks"].append(block)

    def add_cell(self, cell: NotebookNode, source: str, original: str) -> None:
        """Put a cell on the page; its headings have the anchors of those of the `original`.

        One address leads to the same place in every language.
        """
        tags = tags_of(cell)
        raw = cell.metadata.get("raw_mimetype", cell.metadata.get("format"))
        if REMOVED & tags or not source.strip():
            return
        if cell.cell_type == "markdown" or (cell.cell_type == "raw" and raw in RAW):
            self.add_prose(cell, source, original, "fold" in tags)
        elif cell.cell_type == "raw":
            self.add(kind="prose", html=self.named({"raw cell": 1}))
        else:
            streams = {tag.partition("-")[2] for tag in tags}  # remove-stderr, hide-stdout
            outputs = [] if NO_OUTPUT & tags else cell.outputs
            shown = [self.output(each) for each in outputs if each.get("name") not in streams]
            self.add(kind="code", code="" if NO_CODE & tags else source, outputs=shown)

    def add_prose(self, cell: NotebookNode, source: str, original: str, fold: bool) -> None:
        reader = Reader(self.words, self.folder, cell.get("attachments"))
        heads = HEADING.findall(Reader(self.words).markdown(original))
        names, levels = iter([slugify(text_of(text)) for _, text in heads]), []

        def with_id(match: re.Match[str]) -> str:
            level, text = max(2, int(match[1])), text_of(match[2])
            name = self.anchor(next(names, text))
            self.summary["headings"].append({"id": name, "text": text, "level": level})
            levels.append(level)
            return f'<h{level} id="{name}">{match[2]}</h{level}>'

        def to_page(link: re.Match[str]) -> str:  # of this edition; without one it is text
            slug = self.frame["pages"].get(linked(self.job.notebook, unescape(link[1])))
            href = environment().filters["page"](slug, self.job) if slug else ""
            return f'<a href="{href}{link[2] or ""}">{link[3]}</a>' if slug else link[3]

        html = reader.markdown(source)
        html = INSIDE.sub(lambda link: f"#{slugify(unquote(link[1]))[:60].strip('-')}", html)
        html = Markup(LINK.sub(to_page, HEADING.sub(with_id, html))).lstrip()
        html += self.named(reader.lost, ("picture", "formula"))
        level = min(levels[:1], default=7)
        if fold:
            head = HEADING.match(html)
            title = Markup(head[0]) if head else Markup("<p>{}</p>").format(self.words["more"])
            html = html.removeprefix(head[0] if head else "")
            self.sections.append({"fold": title, "level": level, "blocks": []})
        elif self.sections[-1]["fold"] and level <= self.sections[-1]["level"] and levels:
            self.sections.append({"fold": None, "level": 7, "blocks": []})
        if html.strip():
            self.add(kind="prose", html=html)

    def output(self, output: NotebookNode) -> dict[str, Any]:
        """One output for the template, with its anchor and downloads."""
        shown = show(output, self.words, self.folder)
        shown |= {"anchor": "", "files": [], "rows": 0, "note": self.named(shown["lost"])}
        self.outputs.append(shown)
        table, finding, heads = table_of(output), finding_of(output), self.summary["headings"]
        shown["opens"] = sum(head["level"] == 2 for head in heads) < 2  # below the box of findings
        if shown["kind"] not in SHOWN and not finding:
            return shown
        name = str(finding.get("key") or table.get("name") or shown["kind"])
        if name == "table" and heads:  # it has none of its own: by what it stands under
            name = f"{heads[-1]['id'][:54]}-{name}"
        key = shown["anchor"] = self.anchor(name)
        if finding:
            self.values["findings"][key] = finding
            plain = {name: about["value"] for name, about in finding["values"].items()}
            self.summary["findings"].append({**finding, "values": plain, "anchor": key})
        if shown["kind"] in SHOWN:
            self.add_files(output, shown, table)
        if shown["kind"] == "image":
            ids = set(re.findall(r' id="([^"]*)"', shown["svg"]))
            if ids & self.taken:  # of another figure: in an image they are its own
                shown["svg"] = ""
            self.taken |= ids
            shown["frames"] = frames_of(output) if shown["svg"] else None
        elif shown["kind"] == "table":
            under = heads[-1]["text"] if heads else self.job.title
            title = str(table.get("title", "")) or under
            shown["html"], shown["rows"] = titled(shown["html"], title)
            shown |= {"cut": shown["rows"] > LONGEST_PRINTED, "heads": headings(shown["html"])}
            number = sum(each["kind"] == "table" for each in self.outputs)
            shown["label"] = f"{self.words['table']} {number}"
        return shown

    def add_files(self, output: NotebookNode, shown: dict[str, Any], table: dict[str, Any]) -> None:
        """Put the downloads of an output beside the page, its numbers among the values."""
        sources = sources_of(table, self.known, self.words)
        for about in sources:
            name = about.get("short") or about.get("title") or about["source"]
            dates = self.publications.setdefault(name, {})
            dates |= dict.fromkeys(filter(None, [about.get("published")]))
        files = files_of(shown["anchor"], table, picture_of(output), sources)
        self.files |= {f"{FILES}/{name}": content for _, name, content in files}
        shown["files"] = [(name, self.words[kind]) for kind, name, _ in files]
        if table and (shown["kind"] == "table" or CLASS in table["data"][0]):
            kind = "tables" if shown["kind"] == "table" else "maps"
            self.values[kind][shown["anchor"]] = values_of(table)
        pictures = [name for kind, name, _ in files if kind == "picture"]
        if shown["kind"] == "image" and not self.summary["thumbnail"]:
            self.summary["thumbnail"] = [pictures[0], shown["alt"]]

    def say_once(self) -> None:
        """Let headlines said right below the box stand in it alone; it leads to what is beside."""
        found = {each["anchor"]: each for each in self.summary["findings"] if each["headline"]}
        opening = [output for output in self.outputs if output["opens"]]
        beside = [output for output in opening if output["kind"] in SHOWN][:1]
        for output in opening:
            if output["kind"] in SHOWN:
                beside = [output]
            elif beside and output["kind"] == "html" and output["anchor"] in found:
                found[output["anchor"]]["anchor"] = beside[0]["anchor"]
                output["kind"] = ""


def page(
    notebook: NotebookNode,
    job: Job,
    data: dict[str, str],
    libraries: dict[str, str],
    *,
    source: NotebookNode | None = None,
    publications: Publications | None = None,
    folder: Path | None = None,
    reports: str = "notebooks/reports.yml",
) -> tuple[dict[str, bytes], dict[str, int]]:
    """The page of an executed notebook, with what stands beside it; what it could not show.

    `data` are files with their sha256, `source` is the notebook before it was translated, `reports`
    is the file of the collection as a command names it.
    """
    made = _Page(job, folder, publications or [])
    originals = {cell.get("id"): text for cell, text in _sources(source)} if source else {}
    for cell, text in _sources(notebook):
        made.add_cell(cell, text, originals.get(cell.get("id"), ""))
    made.say_once()
    heading = Reader(made.words)
    made.heading = heading.title(made.frame["heading"])
    made.lost.update(heading.lost)
    drawn = [output for output in made.outputs if output.get("svg")]
    needed = {
        "filter": any(output["rows"] for output in made.outputs),
        "place": made.frame["languages"],
        "figure": any("data-row" in output["svg"] for output in drawn),
    }
    blocks = made.sections[0]["blocks"]
    opens = blocks and blocks[0]["kind"] == "prose"
    template = environment().get_template("page.html.j2")
    content = template.render(
        vars(made),
        lead=blocks.pop(0)["html"] if opens else "",  # the question
        scripts=[name for name, is_needed in needed.items() if is_needed],
        shapes=share_shapes(drawn),
        has_values=any(made.values.values()),
        data=data,
        versions=libraries,
        reports=reports,
    )
    content = UNSEEN.sub(lambda unseen: chr(0x2400 + ord(unseen[0])), content)
    files = {PAGE: content.encode(), **made.files}
    if any(made.values.values()):
        values = json.dumps(made.values, ensure_ascii=False)
        files[f"{FILES}/{VALUES}"] = f"{values}\n".encode("utf-8", "replace")
    summary = json.dumps(made.summary, ensure_ascii=False, indent=1, sort_keys=True)
    return files | {SUMMARY: f"{summary}\n".encode()}, dict(sorted(made.lost.items()))


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
