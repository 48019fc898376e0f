"""An executed notebook as one self-contained page, with what stands beside it.

Whatever comes from data or parameters is text until it is proven harmless: Jinja escapes by
default, HTML passes a list of allowed tags. The order of a page is that of its notebook; a cell
of Markdown that is tagged `fold` begins a section that is folded on the screen and open on paper.
The findings marked as headline stand in a box after the first cell; one that is said by itself
right below is not said twice.

The same inputs give the same bytes: no date, no duration, no path of this machine.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode

from press.beside import Publications, files_of, finding_in, frames_of, resource_of, sources_of
from press.content import Reader, headings, share_shapes, show, text_of, titled
from press.job import Job, linked, slugify, titles
from press.manifest import FILES, PAGE, SUMMARY, VALUES
from press.site import environment, words_of
from press.values import of_finding, of_table

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


def tags_of(cell: NotebookNode) -> set[str]:
    """What a cell is tagged as, with hyphens; Jupyter's own marks for hidden parts too."""
    tags = {str(tag).lower().replace("_", "-") for tag in cell.metadata.get("tags", [])}
    jupyter = cell.metadata.get("jupyter")
    jupyter = jupyter if isinstance(jupyter, dict) else {}
    is_hidden = jupyter.get("source_hidden") or cell.metadata.get("hide_input")
    tags |= {"hide-input"} if is_hidden else set()
    return tags | ({"hide-output"} if jupyter.get("outputs_hidden") else set())


def _without_title(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """The cells with their sources; the first H1 is left out, the header of the page shows it."""
    titled = False
    for cell in notebook.cells:
        source = cell.source
        is_searched = cell.cell_type == "markdown" and not titled
        title = next(titles(source), None) if is_searched else None
        if title:
            source = source[: title.start()] + source[title.end() :]
            titled = True
        yield cell, source


def anchors(notebook: NotebookNode) -> dict[str, list[str]]:
    """The anchors of the headings in each cell, made of a notebook's own words.

    A translation of it keeps them: one address leads to the same place in every language.
    """
    reader, found = Reader(words_of("en")), {}
    for cell, source in _without_title(notebook):
        if cell.cell_type == "markdown":
            heads = HEADING.findall(reader.markdown(source))
            found[cell.get("id", "")] = [slugify(text_of(head)) for _, head in heads]
    return found


class _Maker:
    """Goes through a notebook once, and notes what the page and its summary are made of."""

    def __init__(self, job: Job, frame: dict[str, Any], folder: Path | None) -> None:
        self.job, self.frame, self.folder = job, frame, folder
        self.words = words_of(job.language)
        self.taken = {"key-findings", "about", "show-code"}
        self.lost: Counter[str] = Counter()
        self.headings: list[dict[str, Any]] = []
        self.findings: list[dict[str, Any]] = []
        self.thumbnail: list[str] = []  # file and words of the first figure
        self.tables = 0
        self.files: dict[str, bytes] = {}
        self.publications: dict[str, dict[str, None]] = {}  # of each the dates of what was used
        self.values: dict[str, dict[str, Any]] = {"findings": {}, "tables": {}, "maps": {}}
        self.sections: list[dict[str, Any]] = [{"fold": None, "blocks": []}]

    def _anchor(self, name: str) -> str:
        """An id that nothing else on the page has."""
        name = slugify(name)[:60].strip("-") or "part"
        free, number = name, 1
        while free in self.taken:
            number += 1
            free = f"{name}-{number}"
        self.taken.add(free)
        return free

    def _named(self, lost: Iterable[str]) -> Markup:
        """What says in its place that something is not shown; empty for nothing."""
        kinds = ", ".join(lost)
        said = Markup('<p class="lost">{} {}</p>\n')
        return said.format(self.words["lost"], kinds) if kinds else Markup()

    def add_prose(self, cell: NotebookNode, source: str, known: list[str], fold: bool) -> None:
        """Put Markdown on the page, its headings with the `known` anchors as far as they go."""
        reader = Reader(self.words, self.folder, cell.get("attachments"))
        html = reader.markdown(source)
        self.lost += reader.lost
        names, before = iter(known), len(self.headings)

        def with_id(match: re.Match[str]) -> str:
            level, text = max(2, int(match[1])), text_of(match[2])
            name = self._anchor(next(names, text))
            self.headings.append({"id": name, "text": text, "level": level})
            return f'<h{level} id="{name}">{match[2]}</h{level}>'

        def to_page(link: re.Match[str]) -> str:  # of this edition; without one it is text
            slug = self.frame["pages"].get(linked(self.job.notebook, unescape(link[1])))
            href = environment().filters["page"](slug, self.job) if slug else ""
            return f'<a href="{href}{link[2] or ""}">{link[3]}</a>' if slug else link[3]

        html = INSIDE.sub(lambda link: f"#{slugify(unquote(link[1]))[:60].strip('-')}", html)
        html = Markup(LINK.sub(to_page, HEADING.sub(with_id, html)))
        html += self._named(kind for kind in reader.lost if kind not in ("picture", "formula"))
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

    def add_output(self, output: NotebookNode, publications: Publications) -> dict[str, Any]:
        """One output for the template, with its anchor and downloads."""
        shown = show(output, self.words, self.folder)
        self.lost.update(shown["lost"])
        shown |= {"anchor": "", "files": [], "rows": 0, "note": self._named(shown["lost"])}
        resource = resource_of(output)
        record = finding_in(output)
        has_data = shown["kind"] in SHOWN
        if has_data or record:
            name = str(record.get("key") or resource.get("name") or shown["kind"])
            if name == "table" and self.headings:  # it has none of its own: by what it stands under
                name = f"{self.headings[-1]['id'][:54]}-{name}"
            shown["anchor"] = self._anchor(name)
        if record:
            finding = of_finding(record)
            self.values["findings"][shown["anchor"]] = finding
            self.findings.append({**finding, "values": record["values"], "anchor": shown["anchor"]})
        if not has_data:
            return shown
        sources = sources_of(resource, publications, self.words)
        for about in sources:
            name = about.get("short") or about.get("title") or about["source"]
            dates = self.publications.setdefault(name, {})
            dates |= dict.fromkeys(filter(None, [about.get("published")]))
        files = files_of(output, resource, shown["anchor"], sources)
        self.files |= {name: content for _, name, content in files}
        shown["files"] = [(name, self.words[kind]) for kind, name, _ in files]
        if resource and (shown["kind"] == "table" or CLASS in resource["data"][0]):
            kind = "tables" if shown["kind"] == "table" else "maps"
            self.values[kind][shown["anchor"]] = of_table(resource)
        if shown["kind"] == "image":
            ids = set(re.findall(r' id="([^"]*)"', shown["svg"]))
            if ids & self.taken:  # of another figure: in an image they are its own
                shown["svg"] = ""
            self.taken |= ids
            shown["frames"] = frames_of(output) if shown["svg"] else None
            picture = next(name for kind, name, _ in files if kind == "picture")
            self.thumbnail = self.thumbnail or [picture, shown["alt"]]
            return shown
        under = self.headings[-1]["text"] if self.headings else self.job.title
        title = str(resource.get("title", "")) or under
        shown["html"], shown["rows"] = titled(shown["html"], title)
        shown["cut"] = shown["rows"] > LONGEST_PRINTED
        shown["heads"] = headings(shown["html"])
        self.tables += 1
        shown["label"] = f"{self.words['table']} {self.tables}"
        return shown


def _say_once(opening: list[dict[str, Any]], findings: list[dict[str, Any]]) -> None:
    """Let headlines said right below the box stand in it alone; it leads to what is beside them."""
    headlines = {finding["anchor"]: finding for finding in findings if finding["headline"]}
    beside = next((output for output in opening if output["kind"] in SHOWN), None)
    for output in opening:
        if output["kind"] in SHOWN:
            beside = output
        elif beside and output["kind"] == "html" and output["anchor"] in headlines:
            headlines[output["anchor"]]["anchor"] = beside["anchor"]
            output["kind"] = ""


def page(
    notebook: NotebookNode,
    job: Job,
    data: dict[str, str],
    libraries: dict[str, str],
    *,
    anchors: dict[str, list[str]] | None = None,
    publications: Publications | None = None,
    folder: Path | None = None,
    reports: str = "notebooks/reports.yml",
) -> tuple[dict[str, bytes], dict[str, int]]:
    """The page of an executed notebook, with what stands beside it; what it could not show.

    `data` are files with their sha256, `anchors` those of the notebook before it was translated,
    `reports` is the file of the collection as a command names it.
    """
    frame = NO_FRAME | job.frame
    maker = _Maker(job, frame, folder)
    opening: list[dict[str, Any]] = []  # outputs below the box and the first heading
    for cell, source in _without_title(notebook):
        tags = tags_of(cell)
        if REMOVED & tags or not source.strip():
            continue
        raw = cell.metadata.get("raw_mimetype", cell.metadata.get("format"))
        if cell.cell_type == "markdown" or (cell.cell_type == "raw" and raw in RAW):
            known = (anchors or {}).get(cell.get("id", ""), [])
            maker.add_prose(cell, source, known, "fold" in tags)
        elif cell.cell_type == "code":
            streams = {tag.partition("-")[2] for tag in tags}  # remove-stderr, hide-stdout
            outputs = [] if NO_OUTPUT & tags else cell.outputs
            outputs = [output for output in outputs if output.get("name") not in streams]
            made = [maker.add_output(output, publications or []) for output in outputs]
            opening += made if sum(head["level"] == 2 for head in maker.headings) < 2 else []
            code = "" if NO_CODE & tags else source
            maker.sections[-1]["blocks"].append({"kind": "code", "code": code, "outputs": made})
        else:
            maker.lost["raw cell"] += 1
            note = maker._named(["raw cell"])
            maker.sections[-1]["blocks"].append({"kind": "prose", "html": note})
    _say_once(opening, maker.findings)
    blocks = maker.sections[0]["blocks"]
    opens = blocks and blocks[0]["kind"] == "prose"
    lead = blocks.pop(0)["html"] if opens else ""  # the question
    summary = {name: getattr(maker, name) for name in ("headings", "findings", "thumbnail")}
    shown = [output for s in maker.sections for b in s["blocks"] for output in b.get("outputs", [])]
    has_values = any(maker.values.values())
    inlined = [output for output in shown if output.get("svg")]
    shapes = share_shapes(inlined)
    needed = {"filter": any(output["rows"] for output in shown), "place": frame["languages"]}
    needed["figure"] = any("data-row" in output["svg"] for output in inlined)
    content = (
        environment()
        .get_template("page.html.j2")
        .render(
            job=job,
            frame=frame,
            scripts=[name for name, is_needed in needed.items() if is_needed],
            shapes=shapes,
            words=maker.words,
            sections=maker.sections,
            lead=lead,
            summary=summary,
            has_values=has_values,
            data=data,
            publications=dict(sorted(maker.publications.items())),
            versions=libraries,
            reports=reports,
        )
    )
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True)
    files = {f"{FILES}/{name}": content for name, content in maker.files.items()}
    content = UNSEEN.sub(lambda found: chr(0x2400 + ord(found[0])), content)
    if has_values:
        values = json.dumps(maker.values, ensure_ascii=False)
        files[f"{FILES}/{VALUES}"] = f"{values}\n".encode("utf-8", "replace")
    return {PAGE: content.encode(), **files, SUMMARY: f"{text}\n".encode()}, dict(
        sorted(maker.lost.items())
    )


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
