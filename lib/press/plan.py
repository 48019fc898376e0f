"""From the editions to the list of jobs, every one of them checked."""

import contextlib
import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from press.digests import files_below, key
from press.editions import Edition, load
from press.job import CollectionError, Job, Plan, nearest, one_line, read_text, shown, slugify
from press.parameters import Notebook, fits, inspect, merge, parse
from press.translate import messages

LONGEST_NAME = 80


class _Planner:
    """Turns editions into jobs; each notebook and each catalogue is read only once."""

    def __init__(self, reports: Path) -> None:
        self.reports, self.folder = reports, reports.parent
        self.collection = load(reports)
        self.catalogues: dict[str, str] = {}  # their paths; the first language has none
        self.words: dict[str, dict[str, str]] = {}
        for language in self.collection.languages[1:]:
            path = f"{self.collection.catalogues}/{language}.po"
            if not (self.folder / path).is_file():
                raise CollectionError(f"language {language}: no catalogue {self.folder / path}")
            self.catalogues[language] = path
            self.words[language] = messages(self.folder / path)
        if self.collection.publications:
            with _errors_within(f"{reports}: publications"):
                read_text(self.folder / self.collection.publications)
        named = dict.fromkeys(self.collection.kernel, "kernel")
        for edition in self.collection.editions:
            named |= dict.fromkeys(edition.notebooks, f"edition {edition.name}")
        self.notebooks = {stem: self.notebook(stem, where) for stem, where in named.items()}

    def notebook(self, stem: str, where: str) -> Notebook:
        """A notebook that `reports.yml` names."""
        path = self.folder / f"{stem}.ipynb"
        if path.exists():
            return inspect(path, stem)
        files = [name for name in files_below(self.folder, [self.folder]) if name[0] != "."]
        stems = [name.removesuffix(".ipynb") for name in files if name.endswith(".ipynb")]
        hint = nearest(stem, stems)
        raise CollectionError(f'{self.reports}: {where}: no notebook "{stem}": {hint}')

    def language(self, parameters: dict[str, Any]) -> str:
        """The language of a report: its parameter's, if the collection knows that one."""
        asked, known = parameters.get("language"), self.collection.languages
        return asked if asked in known else known[0]

    def say(self, text: str, language: str) -> str:
        """A title in a language."""
        known = self.words.get(language, {})
        return known.get(f"# {text}", "").removeprefix("# ") or known.get(text, text)

    def editions(self) -> Iterator[tuple[Edition, str]]:
        """The declared editions, and each again in every other language, which is named."""
        for language in ("", *self.catalogues):
            for edition in self.collection.editions:
                title = self.say(edition.title, language)
                name = f"{edition.name}-{language}".strip("-")
                yield edition.model_copy(update={"name": name, "title": title}), language

    def jobs(self, edition: Edition, language: str) -> Iterator[Job]:
        """The jobs of one edition, in order: each notebook for each item, if it has items."""
        given, items = {}, [None]
        for name, value in edition.parameters.items():
            with _errors_within(f"parameters: {name}"):
                called = isinstance(value, dict) and "call" in value
                given[name] = _plain(call(value["call"]) if called else value)
        for name, value in edition.for_each.items():
            with _errors_within(f"for_each.{name}"):
                items = _plain(call(value) if isinstance(value, str) else value)
                if not isinstance(items, list) or not items:
                    expected = 'expected a list or "module:function"'
                    raise CollectionError(f"{expected}, got {shown(items)}")
        for stem in edition.notebooks:
            for item in items:
                yield self.job(edition, self.notebooks[stem], given, item, language)

    def job(
        self,
        edition: Edition,
        notebook: Notebook,
        given: dict[str, Any],
        item: Any = None,
        language: str = "",
    ) -> Job:
        """One report of an edition, about one of its items if it has them."""
        is_plain = re.fullmatch(r"[\w.-]+", notebook.stem, re.ASCII)
        slug = f"{edition.name}/{notebook.stem if is_plain else _slug(notebook.stem)}"
        for name in edition.for_each:
            slug += f"-{_slug(item)[:LONGEST_NAME]}"
            kind = notebook.kinds.get(name)
            is_one_of_list = not fits(item, kind) and fits([item], kind)
            given = given | {name: [item] if is_one_of_list else item}
        if language and "language" in notebook.kinds:
            given = given | {"language": language}
        parameters = self.checked(notebook, given)
        language = language or self.language(parameters)
        title = self.say(notebook.title, language)
        title, frame = f"{item}: {title}" if edition.for_each else title, {}
        if "$" in title:
            from press.content import plain  # which takes long to load

            title, frame = plain(title), {"heading": title}
        return Job(
            slug=slug,
            edition=edition.name,
            notebook=notebook.stem,
            parameters=parameters,
            title=title,
            caption=caption(self.collection.caption, parameters),
            catalogue=self.catalogues.get(language, ""),
            kernel=notebook.stem in self.collection.kernel,
            language=language,
            item=str(item) if edition.for_each else "",
            frame=frame,
        )

    def checked(self, notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
        """The given parameters over the defaults, as the collection's own check returns them."""
        parameters = merge(notebook, given)
        if self.collection.check:
            checked = call(self.collection.check, dict(parameters))
            if not isinstance(checked, dict):
                raise CollectionError(f"{self.collection.check}: expected a dict back")
            parameters |= {name: v for name, v in checked.items() if name in notebook.kinds}
        return _plain(parameters)

    def own_jobs(self, texts: dict[str, str]) -> Iterator[Job]:
        """The jobs that `--set name=value …` asks for: all notebooks that know one of the names.

        Each takes what it knows of what was asked for. The edition's name is made of the checked
        values of the first: one edition has one name, however it was written.
        """
        known = {name for notebook in self.notebooks.values() for name in notebook.kinds}
        for name in texts:
            if name not in known:
                raise CollectionError(f'no parameter "{name}": {nearest(name, sorted(known))}')
        edition = Edition(name="set", title="", notebooks=["set"])
        for notebook in self.notebooks.values():
            kinds = notebook.kinds
            given = {name: parse(texts[name], kinds[name]) for name in texts if name in kinds}
            if not given:
                continue
            job = self.job(edition, notebook, given)
            if edition.name == "set":
                language = job.language if job.catalogue else ""
                about = slugify(f"{job.caption} {language}")[:60].rstrip("-") or "set"
                others = {name: text for name, text in texts.items() if name not in job.parameters}
                edition.name = f"{about}-{key(job.parameters, others)[:8]}"
            _, _, report = job.slug.partition("/")
            yield replace(job, slug=f"{edition.name}/{report}", edition=edition.name, adhoc=True)

    def framed(self, jobs: list[Job], titles: dict[str, str]) -> Iterator[Job]:
        """The jobs, each with its `frame`: what its page says and links to beside its content.

        That is the title of its edition, its neighbours there ([slug, title]), the pages that its
        notebook's links lead to, the same report in other languages, what the collection says, and
        its own title where that has a formula.
        """
        same: dict[tuple[str, str], dict[str, str]] = {}
        editions: dict[str, list[Job]] = {}
        for job in jobs:
            same.setdefault(self._report(job), {})[job.language] = job.slug
            editions.setdefault(job.edition, []).append(job)
        singles = {name: _single(fellows) for name, fellows in editions.items()}
        declared = [fellows for fellows in editions.values() if not fellows[0].adhoc]
        for name, fellows in editions.items():
            others = [each for each in declared if each[0].language == fellows[0].language]
            ways = [[], *([job.slug, job.title] for job in fellows), []]
            for before, job, after in zip(ways, fellows, ways[2:], strict=False):
                languages = same[self._report(job)]
                linked = self.notebooks[job.notebook].links
                # In the edition where it can, else in the one with the most parameters in common.
                pages = singles[name]
                for other in sorted(others, key=partial(_unlike, job)):
                    pages = singles[other[0].edition] | pages
                frame = {
                    "edition": titles.get(name) or job.caption,
                    "previous": before,
                    "next": after,
                    "languages": {c: slug for c, slug in languages.items() if c != job.language},
                    "pages": {stem: pages[stem] for stem in linked if stem in pages},
                    "cite": self.say(self.collection.cite, job.language),
                    "publications": self.collection.publications,
                }
                yield replace(job, frame=job.frame | frame)

    def _report(self, job: Job) -> tuple[str, str]:
        """What a job has in common with the same report in other languages."""
        end = f"-{job.language}" if job.language in self.catalogues else ""
        return job.edition.removesuffix(end), job.slug.partition("/")[2]


def _slug(text: object) -> str:
    """A name for a page; a checksum where no letter or digit of ASCII is left."""
    return slugify(text) or key(text)[:8]


def _unlike(job: Job, others: list[Job]) -> tuple[int, int]:
    """Return what an edition lacks of a report's parameters: items of lists, then whole values."""
    pairs = [(value, others[0].parameters.get(name)) for name, value in job.parameters.items()]
    lists = [pair for pair in pairs if all(isinstance(value, list) for value in pair)]
    lacking = sum(item not in theirs for mine, theirs in lists for item in mine)
    return lacking, sum(mine != theirs for mine, theirs in pairs)


def _single(jobs: list[Job]) -> dict[str, str]:
    """Return the slugs of notebooks that one report only is made of."""
    times = Counter(job.notebook for job in jobs)
    return {job.notebook: job.slug for job in jobs if times[job.notebook] == 1}


@contextlib.contextmanager
def _errors_within(where: str) -> Iterator[None]:
    """Say of an error where it is."""
    try:
        yield
    except CollectionError as error:
        raise CollectionError(f"{where}: {error}") from error


def make(reports: Path, asked: dict[str, str] | None = None) -> Plan:
    """Plan everything that `reports.yml` asks for, and this command line by `--set`."""
    planner = _Planner(reports)
    collection = planner.collection
    plan = Plan({}, {}, [], {}, {}, collection.preload)
    for language in collection.languages:
        titles = {"title": collection.title, "about": collection.about}
        plan.texts[language] = {name: planner.say(t, language) for name, t in titles.items()}
    for edition, language in planner.editions():
        if edition.name in plan.editions:
            raise CollectionError(f"{reports}: editions: two editions have the same name")
        plan.editions[edition.name] = edition.title
        with _errors_within(f"{reports}: edition {edition.name}"):
            plan.jobs.extend(planner.jobs(edition, language))
        language = language or planner.language(edition.parameters)
        plan.tables[edition.name] = [
            column.model_dump() | {"label": planner.say(column.label, language)}
            for column in edition.index_table
        ]
        if edition.index_map:
            plan.maps[edition.name] = _map(reports.parent / edition.index_map)
    with _errors_within("--set"):
        plan.jobs.extend(planner.own_jobs(asked or {}))
    for slug, times in Counter(job.slug for job in plan.jobs).items():
        if times > 1:
            where = f"{reports}: edition {slug.partition('/')[0]}"
            raise CollectionError(f"{where}: two reports named {slug}")
    return replace(plan, jobs=list(planner.framed(plan.jobs, plan.editions)))


def _map(path: Path) -> dict[str, Any]:
    """The view box and the outlines, by their ids, of a map in an SVG."""
    text = read_text(path)
    box = re.search(r'viewBox="([\d. -]+)"', text)
    outlines = dict(re.findall(r'<path id="([\w-]+)" d="([^"]+)"', text))
    if not (box and outlines):
        raise CollectionError(f'{path}: expected viewBox="…" and paths of <path id="…" d="…"/>')
    return {"box": box[1], "outlines": outlines}


def caption(pattern: str, parameters: dict[str, Any]) -> str:
    """How a parameter set is shown. Only whole names are replaced, no attributes or indexes."""

    def value(match: re.Match[str]) -> str:
        shown = parameters.get(match[1], "")
        return ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)

    return re.sub(r"\{(\w+)\}", value, pattern).strip(" ·–-,")


def call(place: str, *arguments: Any) -> Any:
    """What a function of the collection, named "module:function", returns."""
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", str(place)):
        raise CollectionError(f'expected "module:function", got {shown(place)}')
    module, _, name = place.partition(":")
    try:
        return getattr(importlib.import_module(module), name)(*arguments)
    except ValueError as error:  # what the collection says of its parameters
        raise CollectionError(one_line(error)) from error
    except (Exception, SystemExit) as error:
        raise CollectionError(f"{place}: {type(error).__name__}: {one_line(error)}") from error


def _plain(value: Any) -> Any:
    """Values as JSON knows them: NumPy's numbers and tuples become ordinary ones."""
    try:
        text = json.dumps(value, allow_nan=False, default=lambda other: other.tolist())
        return json.loads(text)
    except (AttributeError, TypeError, ValueError) as error:
        expected = "expected text (a date in quotes), numbers or lists"
        raise CollectionError(f"{expected}, got {shown(value)}") from error
