"""From the editions to the list of jobs, every one of them checked."""

import contextlib
import importlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from press.digests import files_below, key
from press.editions import Edition, load
from press.job import CollectionError, Job, Plan, nearest, one_line, read_text, shown, slugify
from press.parameters import Notebook, fits, inspect, merge, parse
from press.translate import messages

LONGEST_NAME = 80


class _Planner:
    """Turns editions into jobs; each notebook is inspected only once."""

    def __init__(self, reports: Path) -> None:
        self.reports, self.collection = reports, load(reports)
        self.first, *self.others = self.collection.languages
        named = dict.fromkeys(self.collection.kernel, "kernel")
        for edition in self.collection.editions:
            named |= dict.fromkeys(edition.notebooks, f"edition {edition.name}")
        self.notebooks: dict[str, Notebook] = {}
        for stem, where in named.items():
            path = reports.parent / f"{stem}.ipynb"
            if not path.exists():
                hint = nearest(stem, _notebooks_below(reports.parent))
                raise CollectionError(f'{reports}: {where}: no notebook "{stem}": {hint}')
            self.notebooks[stem] = inspect(path, stem)
        self.words = {code: messages(reports.parent / self.catalogue(code)) for code in self.others}

    def catalogue(self, language: str) -> str:
        """The path of a language's catalogue; empty when the notebooks' own words stay."""
        if language not in self.others:
            return ""
        path = f"{self.collection.catalogues}/{language}.po"
        if not (self.reports.parent / path).is_file():
            raise CollectionError(f"language {language}: no catalogue {self.reports.parent / path}")
        return path

    def language(self, parameters: dict[str, Any]) -> str:
        """The language of a report: its parameter's, if the collection knows that one."""
        asked = parameters.get("language")
        return asked if asked in self.collection.languages else self.first

    def say(self, text: str, language: str) -> str:
        """A title in a language."""
        known = self.words.get(language, {})
        return known.get(f"# {text}", "").removeprefix("# ") or known.get(text, text)

    def editions(self) -> Iterator[tuple[Edition, str]]:
        """The declared editions, and each again in every other language, which is named."""
        yield from ((edition, "") for edition in self.collection.editions)
        for language in self.others:
            for edition in self.collection.editions:
                title = self.say(edition.title, language)
                named = {"name": f"{edition.name}-{language}", "title": title}
                yield edition.model_copy(update=named), language

    def jobs(self, edition: Edition, language: str) -> Iterator[Job]:
        """The jobs of one edition, in order."""
        given = {}
        for name, value in edition.parameters.items():
            with _errors_within(f"parameters: {name}"):
                called = isinstance(value, dict) and "call" in value
                given[name] = _plain(call(value["call"]) if called else value)
        items: list[Any] = [None]
        for name, listed in edition.for_each.items():
            with _errors_within(f"for_each.{name}"):
                items = _plain(call(listed) if isinstance(listed, str) else listed)
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
        stem = notebook.stem
        is_plain = re.fullmatch(r"[\w.-]+", stem, re.ASCII)
        slug = f"{edition.name}/{stem if is_plain else _slug(stem)}"
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
        return Job(
            slug=slug,
            edition=edition.name,
            notebook=stem,
            parameters=parameters,
            title=f"{item}: {title}" if edition.for_each else title,
            caption=caption(self.collection.caption, parameters),
            catalogue=self.catalogue(language),
            kernel=stem in self.collection.kernel,
            language=language,
            item=str(item) if edition.for_each else "",
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

        Each takes what it knows of what was asked for.
        """
        known = {name for notebook in self.notebooks.values() for name in notebook.kinds}
        for name in texts:
            if name not in known:
                hint = nearest(name, sorted(known))
                raise CollectionError(f'no parameter "{name}": {hint}')
        edition = ""
        for notebook in self.notebooks.values():
            kinds = notebook.kinds
            given = {name: parse(texts[name], kinds[name]) for name in texts if name in kinds}
            if given:
                edition = edition or self._own_name(self.checked(notebook, given), texts)
                named = Edition(name=edition, title="", notebooks=[notebook.stem])
                yield replace(self.job(named, notebook, given), adhoc=True)

    def _own_name(self, parameters: dict[str, Any], asked: dict[str, str]) -> str:
        """A name made of the checked values: one edition has one name, however it was written."""
        language = self.language(parameters)
        about = caption(self.collection.caption, parameters)
        name = slugify(f"{about} {language if self.catalogue(language) else ''}")[:60]
        others = {other: text for other, text in asked.items() if other not in parameters}
        return f"{name.rstrip('-') or 'set'}-{key(parameters, others)[:8]}"

    def framed(self, jobs: list[Job], titles: dict[str, str]) -> Iterator[Job]:
        """The jobs, each with its `frame`: what its page says and links to beside its content.

        That is the title of its edition, its neighbours there ([slug, title]), the pages that its
        notebook's links lead to, the same report in other languages, and what the collection says.
        """
        same: dict[tuple[str, str], dict[str, str]] = {}
        for job in jobs:
            same.setdefault(self._report(job), {})[job.language] = job.slug
        for name, group in groupby(jobs, lambda job: job.edition):
            fellows = list(group)
            # In the edition where it can, else anywhere: of a glossary there is one.
            speakers = [job for job in jobs if job.language == fellows[0].language]
            pages = _single(speakers) | _single(fellows)
            ways = [[], *([job.slug, job.title] for job in fellows), []]
            for before, job, after in zip(ways, fellows, ways[2:], strict=False):
                languages = same[self._report(job)]
                linked = self.notebooks[job.notebook].links
                frame = {
                    "edition": titles.get(name) or job.caption,
                    "previous": before,
                    "next": after,
                    "languages": {c: slug for c, slug in languages.items() if c != job.language},
                    "pages": {stem: pages[stem] for stem in linked if stem in pages},
                    "cite": self.say(self.collection.cite, job.language),
                    "publications": self.collection.publications,
                }
                yield replace(job, frame=frame)

    def _report(self, job: Job) -> tuple[str, str]:
        """What a job has in common with the same report in other languages."""
        end = f"-{job.language}" if job.language in self.others else ""
        return job.edition.removesuffix(end), job.slug.partition("/")[2]


def _slug(text: object) -> str:
    """A name for a page; a checksum where no letter or digit of ASCII is left."""
    return slugify(text) or key(text)[:8]


def _single(jobs: Iterable[Job]) -> dict[str, str]:
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


def _notebooks_below(folder: Path) -> list[str]:
    """The notebooks of a folder, as `reports.yml` names them; not what tools left."""
    names = [name for name in files_below(folder, [folder]) if name.endswith(".ipynb")]
    return [name.removesuffix(".ipynb") for name in names if not name.startswith(".")]


def make(reports: Path, asked: dict[str, str] | None = None) -> Plan:
    """Plan everything that `reports.yml` asks for, and this command line by `--set`."""
    planner = _Planner(reports)
    collection = planner.collection
    jobs: list[Job] = []
    titles: dict[str, str] = {}
    tables: dict[str, list[dict[str, Any]]] = {}
    maps: dict[str, dict[str, Any]] = {}
    for edition, language in planner.editions():
        if edition.name in titles:
            raise CollectionError(f"{reports}: editions: two editions have the same name")
        titles[edition.name] = edition.title
        with _errors_within(f"{reports}: edition {edition.name}"):
            jobs += planner.jobs(edition, language)
        language = language or planner.language(edition.parameters)
        columns = [column.model_dump() for column in edition.index_table]
        named = [column | {"label": planner.say(column["label"], language)} for column in columns]
        tables |= {edition.name: named} if named else {}
        if edition.index_map:
            maps[edition.name] = _map(reports.parent / edition.index_map)
    if asked:
        with _errors_within("--set"):
            jobs += planner.own_jobs(asked)
    for slug, times in Counter(job.slug for job in jobs).items():
        if times > 1:
            where = f"{reports}: edition {slug.partition('/')[0]}"
            raise CollectionError(f"{where}: two reports named {slug}")
    titled = {"title": collection.title, "about": collection.about}
    texts = {
        language: {name: planner.say(text, language) for name, text in titled.items()}
        for language in collection.languages
    }
    return Plan(texts, titles, [*planner.framed(jobs, titles)], tables, maps, collection.preload)


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
