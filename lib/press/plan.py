"""From the editions to the list of jobs, every one of them checked."""

import contextlib
import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from press.digests import IGNORED, key
from press.editions import Edition, caption, load
from press.job import CollectionError, Job, Plan, nearest, one_line, shown, slugify
from press.parameters import Notebook, inspect, is_list, merge, parse
from press.translate import messages

LONGEST_NAME = 80


class _Planner:
    """Turns editions into jobs; each notebook is inspected only once."""

    def __init__(self, reports: Path) -> None:
        self.reports, self.collection = reports, load(reports)
        named = [(stem, "kernel") for stem in self.collection.kernel]
        for edition in self.collection.editions:
            named += [(stem, f"edition {edition.name}") for stem in edition.notebooks]
        self.notebooks: dict[str, Notebook] = {}
        for stem, where in named:
            path = reports.parent / f"{stem}.ipynb"
            if not path.exists():
                hint = nearest(stem, notebooks_below(reports.parent))
                what = f'{where}: notebooks: no notebook "{stem}": {hint}'
                raise CollectionError(f"{reports}: {what}")
            if stem not in self.notebooks:
                self.notebooks[stem] = inspect(path, stem)
        self.words = {
            language: messages(reports.parent / self.catalogue(language))
            for language in self.collection.languages[1:]
        }

    def catalogue(self, language: str) -> str:
        """The path of a language's catalogue; empty when the notebooks' own words stay."""
        if language not in self.collection.languages[1:]:
            return ""
        path = f"{self.collection.catalogues}/{language}.po"
        if not (self.reports.parent / path).is_file():
            raise CollectionError(f"language {language}: no catalogue {self.reports.parent / path}")
        return path

    def language(self, parameters: dict[str, Any]) -> str:
        """The language of a report: its parameter's, if the collection knows that one."""
        asked = parameters.get("language")
        return asked if asked in self.collection.languages else self.collection.languages[0]

    def say(self, text: str, language: str) -> str:
        """A title in a language."""
        known = self.words.get(language, {})
        return known.get(f"# {text}", "").removeprefix("# ") or known.get(text, text)

    def editions(self) -> Iterator[tuple[Edition, str]]:
        """The declared editions, and each again in every other language, which is named."""
        for edition in self.collection.editions:
            yield edition, ""
        for language in self.collection.languages[1:]:
            for edition in self.collection.editions:
                more = {
                    "name": f"{edition.name}-{language}",
                    "title": self.say(edition.title, language),
                }
                yield edition.model_copy(update=more), language

    def jobs(self, edition: Edition, language: str) -> Iterator[Job]:
        """The jobs of one edition, in order."""
        given = {}
        for name, value in edition.parameters.items():
            with _errors_within(f"parameters: {name}"):
                given[name] = _value(value)
        items: list[Any] = [None]
        for name, listed in edition.for_each.items():
            with _errors_within(f"for_each.{name}"):
                items = _plain(call(listed) if isinstance(listed, str) else listed)
            if not isinstance(items, list) or not items:
                expected = 'expected a list or "module:function"'
                raise CollectionError(f"for_each.{name}: {expected}, got {shown(items)}")
        for stem in edition.notebooks:
            for item in items:
                yield self._job(edition, self.notebooks[stem], given, item, language)

    def _job(
        self,
        edition: Edition,
        notebook: Notebook,
        given: dict[str, Any],
        item: Any = None,
        language: str = "",
    ) -> Job:
        stem = notebook.stem
        is_plain = re.fullmatch(r"[\w.-]+", stem, re.ASCII)
        slug = f"{edition.name}/{stem if is_plain else slugify(stem) or key(stem)[:8]}"
        for name in edition.for_each:
            if not slugify(item):
                problem = f"{shown(item)} has no letter or digit in it"
                raise CollectionError(f"for_each.{name}: {problem}")
            slug += f"-{slugify(item)[:LONGEST_NAME]}"
            given = given | {name: [item] if is_list(notebook.kinds.get(name)) else item}
        if language and "language" in notebook.kinds:
            given = given | {"language": language}
        parameters = self.checked(notebook, given)
        language = language or self.language(parameters)
        title = self.say(notebook.title, language)
        return Job(
            slug=slug,
            edition=edition.name,
            notebook=notebook.stem,
            parameters=parameters,
            title=f"{item}: {title}" if edition.for_each else title,
            caption=caption(self.collection.caption, parameters),
            catalogue=self.catalogue(language),
            kernel=notebook.stem in self.collection.kernel,
            language=language,
            item=str(item) if edition.for_each else "",
        )

    def texts(self) -> dict[str, dict[str, str]]:
        """Title of the collection and what it is about, in every language."""
        titled = {"title": self.collection.title, "about": self.collection.about}
        return {
            language: {name: self.say(text, language) for name, text in titled.items()}
            for language in self.collection.languages
        }

    def table(self, edition: Edition, language: str) -> list[dict[str, Any]]:
        """The columns of an edition's table, named in its language."""
        language = language or self.language(edition.parameters)
        return [
            column.model_dump() | {"label": self.say(column.label, language)}
            for column in edition.index_table
        ]

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
            given = {
                name: parse(text, kinds[name]) for name, text in texts.items() if name in kinds
            }
            if given:
                edition = edition or self._own_name(self.checked(notebook, given))
                named = Edition(name=edition, title="", notebooks=[notebook.stem])
                yield replace(self._job(named, notebook, given), adhoc=True)

    def framed(self, jobs: list[Job], titles: dict[str, str]) -> Iterator[Job]:
        """The jobs, each with what its page says and links to beside its content."""
        editions: dict[str, list[Job]] = {}
        for job in jobs:
            editions.setdefault(job.edition, []).append(job)
        slugs = {job.slug for job in jobs}
        for name, fellows in editions.items():
            times = Counter(job.notebook for job in fellows)
            pages = {job.notebook: job.slug for job in fellows if times[job.notebook] == 1}
            ways = [[job.slug, job.title] for job in fellows]
            for place, job in enumerate(fellows):
                linked = self.notebooks[job.notebook].links
                frame = {
                    "edition": titles.get(name) or job.caption,
                    "previous": ways[place - 1] if place else [],
                    "next": ways[place + 1] if place + 1 < len(ways) else [],
                    "languages": self._same(job, slugs),
                    "pages": {name: pages[name] for name in linked if name in pages},
                    "cite": self.say(self.collection.cite, job.language),
                    "publications": self.collection.publications,
                }
                yield replace(job, frame=frame)

    def _same(self, job: Job, slugs: set[str]) -> dict[str, str]:
        """The same report in other languages, by their codes: its slug."""
        first, *others = self.collection.languages
        language = job.language
        base = job.edition.removesuffix(f"-{language}") if language in others else job.edition
        editions = {first: base} | {code: f"{base}-{code}" for code in others}
        rest = job.slug.partition("/")[2]
        same = {code: f"{name}/{rest}" for code, name in editions.items() if code != language}
        return {code: slug for code, slug in same.items() if slug in slugs}

    def _own_name(self, parameters: dict[str, Any]) -> str:
        """A name made of the checked values: one edition has one name, however it was written."""
        language = self.language(parameters)
        about = caption(self.collection.caption, parameters) or str(parameters)
        name = slugify(f"{about} {language if self.catalogue(language) else ''}") or "set"
        if len(name) > LONGEST_NAME:
            name = f"{name[:60].rstrip('-')}-{key(name)[:8]}"
        taken = {edition.name for edition, _ in self.editions()}
        return f"set-{name}" if name in taken else name


@contextlib.contextmanager
def _errors_within(where: str) -> Iterator[None]:
    """Say of an error where it is."""
    try:
        yield
    except CollectionError as error:
        raise CollectionError(f"{where}: {error}") from error


def notebooks_below(folder: Path, out: Path | None = None) -> list[str]:
    """The notebooks of a folder, as `reports.yml` names them; not what tools or the press left."""
    found = []
    for path in folder.rglob("*.ipynb"):
        name = path.relative_to(folder).with_suffix("")
        hidden = any(part in IGNORED or part.startswith(".") for part in name.parts)
        if not hidden and not (out and path.is_relative_to(out)):
            found.append(name.as_posix())
    return sorted(found)


def make(reports: Path, asked: dict[str, str] | None = None) -> Plan:
    """Plan everything that `reports.yml` asks for, and this command line by `--set`."""
    planner = _Planner(reports)
    editions = list(planner.editions())
    titles = {edition.name: edition.title for edition, _ in editions}
    if len(titles) < len(editions):
        raise CollectionError(f"{reports}: editions: two editions have the same name")
    jobs: list[Job] = []
    for edition, language in editions:
        with _errors_within(f"{reports}: edition {edition.name}"):
            jobs += planner.jobs(edition, language)
    if asked:
        with _errors_within("--set"):
            jobs += planner.own_jobs(asked)
    jobs = list(planner.framed(jobs, titles))
    for slug, times in Counter(job.slug for job in jobs).items():
        if times > 1:
            where = f"{reports}: edition {slug.partition('/')[0]}"
            raise CollectionError(f"{where}: two reports named {slug}")
    tables = {
        edition.name: planner.table(edition, language)
        for edition, language in editions
        if edition.index_table
    }
    return Plan(planner.texts(), titles, jobs, tables, planner.collection.preload)


def _value(value: Any) -> Any:
    """A parameter's value; the mapping {call: "module:function"} stands for what that returns."""
    return _plain(call(value["call"]) if isinstance(value, dict) and "call" in value else value)


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
