"""From the editions to the list of jobs, every one of them checked."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from press.editions import (
    PLACE,
    Collection,
    Edition,
    Notebook,
    caption,
    inspect,
    load,
    merge,
    nearest,
    parse,
    slugify,
)
from press.fingerprint import key
from press.job import CollectionError, Job, Plan, one_line
from press.translate import messages


class _Planner:
    """Turns editions into jobs; each notebook is inspected and each name resolved only once."""

    def __init__(self, reports: Path) -> None:
        self.reports = reports
        self.collection: Collection = load(reports)
        self.notebooks: dict[str, Notebook] = {}
        self.words: dict[str, dict[str, str]] = {}
        for edition in self.collection.editions:
            for stem in edition.notebooks:
                if stem not in self.notebooks:
                    self.notebooks[stem] = self._notebook(edition, stem)

    def _notebook(self, edition: Edition, stem: str) -> Notebook:
        path = self.reports.with_name(f"{stem}.ipynb")
        if not path.is_file():
            there = sorted(found.stem for found in path.parent.glob("*.ipynb"))
            raise CollectionError(
                f'{self.reports}: edition {edition.name}: notebooks: no notebook "{stem}": '
                f"{nearest(stem, there)}"
            )
        return inspect(path)

    def jobs(self, edition: Edition, *, adhoc: bool = False) -> Iterator[Job]:
        """The jobs of one edition, in order."""
        prefix = "--set" if adhoc else f"{self.reports}: edition {edition.name}"
        try:
            given = {name: _value(value) for name, value in edition.parameters.items()}
            items: list[Any] = [None]
            for name, listed in edition.for_each.items():
                items = _plain(call(listed) if isinstance(listed, str) else listed)
                if not isinstance(items, list) or not items:
                    raise CollectionError(f"for_each.{name}: expected a list, got {items!r}")
            for stem in edition.notebooks:
                for item in items:
                    yield self._job(edition, self.notebooks[stem], given, item, adhoc)
        except CollectionError as error:
            raise CollectionError(f"{prefix}: {error}") from error

    def _job(
        self, edition: Edition, notebook: Notebook, given: dict[str, Any], item: Any, adhoc: bool
    ) -> Job:
        slug = f"{edition.name}/{notebook.stem}"
        for name in edition.for_each:
            if not slugify(item):
                raise CollectionError(f"for_each.{name}: {item!r} has no letter or digit in it")
            slug += f"-{slugify(item)[:80]}"
            many = isinstance(notebook.defaults.get(name), list)
            given = given | {name: [item] if many else item}
        if adhoc:  # a notebook takes what it knows of what was asked for
            given = {name: v for name, v in given.items() if name in notebook.defaults}
        parameters = self._checked(notebook, given)
        shown = caption(self.collection.caption, parameters)
        language = str(parameters.get("language", self.collection.languages[0]))
        catalogue = self.catalogue(language)
        title = self.say(notebook.title, language)
        if edition.for_each:
            title = f"{item}: {title}"
        return Job(
            slug, edition.name, notebook.stem, parameters, title, shown, adhoc, catalogue
        )  # fmt: skip

    def _checked(self, notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
        """The given parameters over the defaults, as the collection's own check returns them."""
        parameters = merge(notebook, given)
        if self.collection.check:
            checked = call(self.collection.check, dict(parameters))
            if not isinstance(checked, dict):
                raise CollectionError(f"{self.collection.check}: expected a dict back")
            parameters |= {name: v for name, v in checked.items() if name in notebook.defaults}
        return _plain(parameters)

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
        if language not in self.words:
            path = self.catalogue(language)
            self.words[language] = messages(self.reports.parent / path) if path else {}
        heading = self.words[language].get(f"# {text}", "").removeprefix("# ")
        return heading or self.words[language].get(text, text)

    def editions(self) -> Iterator[Edition]:
        """The declared editions, and each again in every other language."""
        yield from self.collection.editions
        for language in self.collection.languages[1:]:
            for edition in self.collection.editions:
                yield edition.model_copy(
                    update={
                        "name": f"{edition.name}-{language}",
                        "title": self.say(edition.title, language),
                        "parameters": edition.parameters | {"language": language},
                    }
                )

    def adhoc(self, texts: dict[str, str]) -> Edition:
        """The edition that `--set name=value …` asks for: all notebooks that know a name."""
        names = sorted({name for book in self.notebooks.values() for name in book.defaults})
        given: dict[str, Any] = {}
        for name, text in texts.items():
            known = [b for b in self.notebooks.values() if name in b.defaults]
            if not known:
                raise CollectionError(f'--set: no parameter "{name}": {nearest(name, names)}')
            try:
                given[name] = parse(text, known[0].defaults[name])
            except CollectionError as error:
                raise CollectionError(f"--set {name}: {error}") from error
        stems = [s for s, book in self.notebooks.items() if set(given) & set(book.defaults)]
        return Edition(
            name=self._adhoc_name(stems[0], given), title="", notebooks=stems, parameters=given
        )

    def _adhoc_name(self, stem: str, given: dict[str, Any]) -> str:
        """A name made of the checked values: one edition has one name, however it was written."""
        known = {name: v for name, v in given.items() if name in self.notebooks[stem].defaults}
        try:
            parameters = self._checked(self.notebooks[stem], known)
        except CollectionError as error:
            raise CollectionError(f"--set: {error}") from error
        language = str(parameters.get("language", ""))
        if language not in self.collection.languages[1:]:
            language = ""
        shown = caption(self.collection.caption, parameters) or str(sorted(given.items()))
        name = slugify(f"{shown} {language}") or "set"
        if len(name) > 80:
            name = f"{name[:60].rstrip('-')}-{key(name)[:8]}"
        if name in {edition.name for edition in self.editions()}:
            name = f"set-{name}"
        return name


def make(reports: Path, adhoc: list[dict[str, str]], fresh: int = 0) -> Plan:
    """Plan everything that `reports.yml` and the command lines so far ask for.

    Parameters
    ----------
    adhoc
        The `--set` of this run and of earlier ones, as text.
    fresh
        How many at the end of it are new: an error there stops the run, while an earlier one
        that has become impossible is only left as it is, with a warning.
    """
    planner = _Planner(reports)
    declared = list(planner.editions())
    editions = {edition.name: edition.title for edition in declared}
    if len(editions) < len(declared):
        raise CollectionError(f"{reports}: editions: two editions have the same name")
    jobs = [job for edition in declared for job in planner.jobs(edition)]
    warnings, asked = [], []
    for number, texts in enumerate(adhoc):
        try:
            edition = planner.adhoc(texts)
            if edition.name in editions:  # the same asked for in other words
                if number >= len(adhoc) - fresh:
                    asked.append(edition.name)
                continue
            more = list(planner.jobs(edition, adhoc=True))
        except CollectionError as error:
            if number >= len(adhoc) - fresh:
                raise
            warnings.append(f"not renewed: {error}")
            continue
        editions[edition.name] = more[0].caption or edition.title
        if number >= len(adhoc) - fresh:
            asked.append(edition.name)
        jobs += more
    seen: set[str] = set()
    for job in jobs:
        if job.slug in seen:
            raise CollectionError(f"{reports}: edition {job.edition}: two reports named {job.slug}")
        if not re.fullmatch(r"[a-z0-9-]+/\w[\w.-]*", job.slug) or ".." in job.slug:
            raise CollectionError(f"{reports}: edition {job.edition}: unsafe name {job.slug!r}")
        seen.add(job.slug)
    return Plan(planner.collection.title, editions, jobs, warnings, planner.collection.about, asked)


def _value(value: Any) -> Any:
    """A parameter's value; the mapping {call: "module:function"} stands for what that returns."""
    if isinstance(value, dict) and set(value) == {"call"}:
        if not re.fullmatch(PLACE, str(value["call"])):
            raise CollectionError(f'call: expected "module:function", got {value["call"]!r}')
        value = call(value["call"])
    return _plain(value)


def _resolve(place: str) -> Any:
    """The object that a name "module:function" stands for."""
    module, _, name = place.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise CollectionError(f"{place}: {one_line(error)}") from error


def call(place: str, *arguments: Any) -> Any:
    try:
        return _resolve(place)(*arguments)
    except CollectionError:
        raise
    except ValueError as error:
        raise CollectionError(one_line(error)) from error
    except (Exception, SystemExit) as error:
        raise CollectionError(f"{place}: {type(error).__name__}: {one_line(error)}") from error


def _plain(value: Any) -> Any:
    """Values as JSON knows them: NumPy's numbers and tuples become ordinary ones."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise CollectionError(f"expected text, numbers or lists, got {one_line(repr(value), 80)}")
