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

from press.digests import key
from press.editions import (
    Edition,
    Notebook,
    caption,
    inspect,
    is_list,
    load,
    merge,
    nearest,
    parse,
)
from press.job import CollectionError, Job, Plan, one_line, slugify
from press.translate import messages

LONGEST_NAME = 80


class _Planner:
    """Turns editions into jobs; each notebook is inspected only once."""

    def __init__(self, reports: Path) -> None:
        self.reports, self.collection = reports, load(reports)
        editions = self.collection.editions
        wanted = {stem: f"edition {each.name}" for each in editions for stem in each.notebooks}
        there = sorted(path.stem for path in reports.parent.glob("*.ipynb"))
        for stem, where in (dict.fromkeys(self.collection.kernel, "kernel") | wanted).items():
            if stem not in there:
                what = f'{where}: notebooks: no notebook "{stem}": {nearest(stem, there)}'
                raise CollectionError(f"{reports}: {what}")
        self.notebooks = {stem: inspect(reports.with_name(f"{stem}.ipynb")) for stem in wanted}
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

    def say(self, text: str, language: str) -> str:
        """A title in a language."""
        known = self.words.get(language, {})
        return known.get(f"# {text}", "").removeprefix("# ") or known.get(text, text)

    def editions(self) -> Iterator[Edition]:
        """The declared editions, and each again in every other language."""
        yield from self.collection.editions
        for language in self.collection.languages[1:]:
            for edition in self.collection.editions:
                more = {
                    "name": f"{edition.name}-{language}",
                    "title": self.say(edition.title, language),
                    "parameters": edition.parameters | {"language": language},
                }
                yield edition.model_copy(update=more)

    def jobs(self, edition: Edition) -> Iterator[Job]:
        """The jobs of one edition, in order."""
        given = {name: _value(value) for name, value in edition.parameters.items()}
        items: list[Any] = [None]
        for name, listed in edition.for_each.items():
            items = _plain(call(listed) if isinstance(listed, str) else listed)
            if not isinstance(items, list) or not items:
                raise CollectionError(
                    f'for_each.{name}: expected a list or "module:function", got {items!r}'
                )
        for stem in edition.notebooks:
            for item in items:
                yield self._job(edition, self.notebooks[stem], given, item)

    def _job(self, edition: Edition, notebook: Notebook, given: dict[str, Any], item: Any) -> Job:
        slug = f"{edition.name}/{notebook.stem}"
        for name in edition.for_each:
            if not slugify(item):
                raise CollectionError(f"for_each.{name}: {item!r} has no letter or digit in it")
            slug += f"-{slugify(item)[:LONGEST_NAME]}"
            given = given | {name: [item] if is_list(notebook.kinds.get(name)) else item}
        parameters = self.checked(notebook, given)
        language = str(parameters.get("language", self.collection.languages[0]))
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
            item=str(item) if edition.for_each else "",
        )

    def texts(self) -> dict[str, dict[str, str]]:
        """Title of the collection and what it is about, in every language."""
        titled = {"title": self.collection.title, "about": self.collection.about}
        return {
            language: {name: self.say(text, language) for name, text in titled.items()}
            for language in self.collection.languages
        }

    def table(self, edition: Edition) -> list[dict[str, Any]]:
        """The columns of an edition's table, named in its language."""
        language = str(edition.parameters.get("language", self.collection.languages[0]))
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
                yield replace(self._job(named, notebook, given, None), adhoc=True)

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
                language = str(job.parameters.get("language", self.collection.languages[0]))
                frame = {
                    "edition": titles.get(name) or job.caption,
                    "previous": ways[place - 1] if place else [],
                    "next": ways[place + 1] if place + 1 < len(ways) else [],
                    "languages": self._same(job, language, slugs),
                    "pages": {name: pages[name] for name in linked if name in pages},
                    "cite": self.say(self.collection.cite, language),
                    "publications": self.collection.publications,
                }
                yield replace(job, frame=frame)

    def _same(self, job: Job, language: str, slugs: set[str]) -> dict[str, str]:
        """The same report in other languages, by their codes: its slug."""
        first, *others = self.collection.languages
        base = job.edition.removesuffix(f"-{language}") if language in others else job.edition
        editions = {first: base} | {code: f"{base}-{code}" for code in others}
        rest = job.slug.partition("/")[2]
        same = {code: f"{name}/{rest}" for code, name in editions.items() if code != language}
        return {code: slug for code, slug in same.items() if slug in slugs}

    def _own_name(self, parameters: dict[str, Any]) -> str:
        """A name made of the checked values: one edition has one name, however it was written."""
        language = str(parameters.get("language", ""))
        shown = caption(self.collection.caption, parameters) or str(parameters)
        name = slugify(f"{shown} {language if self.catalogue(language) else ''}") or "set"
        if len(name) > LONGEST_NAME:
            name = f"{name[:60].rstrip('-')}-{key(name)[:8]}"
        taken = {edition.name for edition in self.editions()}
        return f"set-{name}" if name in taken else name


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
    editions = list(planner.editions())
    titles = {edition.name: edition.title for edition in editions}
    if len(titles) < len(editions):
        raise CollectionError(f"{reports}: editions: two editions have the same name")
    jobs: list[Job] = []
    for edition in editions:
        with _errors_within(f"{reports}: edition {edition.name}"):
            jobs += planner.jobs(edition)
    if asked:
        with _errors_within("--set"):
            jobs += planner.own_jobs(asked)
    jobs = list(planner.framed(jobs, titles))
    for slug, times in Counter(job.slug for job in jobs).items():
        if times > 1:
            where = f"{reports}: edition {slug.partition('/')[0]}"
            raise CollectionError(f"{where}: two reports named {slug}")
    tables = {edition.name: planner.table(edition) for edition in editions if edition.index_table}
    return Plan(planner.texts(), titles, jobs, tables, planner.collection.preload)


def _value(value: Any) -> Any:
    """A parameter's value; the mapping {call: "module:function"} stands for what that returns."""
    return _plain(call(value["call"]) if isinstance(value, dict) and "call" in value else value)


def call(place: str, *arguments: Any) -> Any:
    """What a function of the collection, named "module:function", returns."""
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", str(place)):
        raise CollectionError(f'expected "module:function", got {place!r}')
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
        return json.loads(json.dumps(value, default=lambda other: other.tolist()))
    except (AttributeError, TypeError, ValueError) as error:
        shown = one_line(repr(value), 80)
        raise CollectionError(f"expected text, numbers or lists, got {shown}") from error
