"""From the editions to the list of jobs, every one of them checked."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

from press.digests import key
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
from press.job import CollectionError, Job, Plan, one_line
from press.translate import messages

LONGEST_NAME = 80


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
                    self.notebooks[stem] = self._notebook(f"edition {edition.name}", stem)
        for stem in self.collection.kernel:
            self._notebook("kernel", stem)

    def _notebook(self, where: str, stem: str) -> Notebook:
        path = self.reports.with_name(f"{stem}.ipynb")
        if path.is_file():
            return inspect(path)
        there = sorted(other.stem for other in path.parent.glob("*.ipynb"))
        hint = nearest(stem, there)
        raise CollectionError(f'{self.reports}: {where}: notebooks: no notebook "{stem}": {hint}')

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
            slug += f"-{slugify(item)[:LONGEST_NAME]}"
            kind = notebook.kinds.get(name)
            many = kind is list or get_origin(kind) is list
            given = given | {name: [item] if many else item}
        if not re.fullmatch(r"[a-z0-9-]+/\w[\w.-]*", slug) or ".." in slug:
            raise CollectionError(f"unsafe name {slug!r}")
        if adhoc:  # a notebook takes what it knows of what was asked for
            given = {name: value for name, value in given.items() if name in notebook.kinds}
        parameters = self._checked(notebook, given)
        language = str(parameters.get("language", self.collection.languages[0]))
        title = self.say(notebook.title, language)
        return Job(
            slug=slug,
            edition=edition.name,
            notebook=notebook.stem,
            parameters=parameters,
            title=f"{item}: {title}" if edition.for_each else title,
            caption=caption(self.collection.caption, parameters),
            adhoc=adhoc,
            catalogue=self.catalogue(language),
            kernel=notebook.stem in self.collection.kernel,
        )

    def _checked(self, notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
        """The given parameters over the defaults, as the collection's own check returns them."""
        parameters = merge(notebook, given)
        if self.collection.check:
            checked = call(self.collection.check, dict(parameters))
            if not isinstance(checked, dict):
                raise CollectionError(f"{self.collection.check}: expected a dict back")
            parameters |= {name: v for name, v in checked.items() if name in notebook.kinds}
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
                more = {
                    "name": f"{edition.name}-{language}",
                    "title": self.say(edition.title, language),
                    "parameters": edition.parameters | {"language": language},
                }
                yield edition.model_copy(update=more)

    def adhoc(self, texts: dict[str, str]) -> Edition:
        """The edition that `--set name=value …` asks for: all notebooks that know a name."""
        names = sorted({name for notebook in self.notebooks.values() for name in notebook.kinds})
        given: dict[str, Any] = {}
        for name, text in texts.items():
            known = [n for n in self.notebooks.values() if name in n.kinds]
            if not known:
                raise CollectionError(f'--set: no parameter "{name}": {nearest(name, names)}')
            try:
                given[name] = parse(text, known[0].kinds[name])
            except CollectionError as error:
                raise CollectionError(f"--set {name}: {error}") from error
        stems = [s for s, notebook in self.notebooks.items() if set(given) & set(notebook.kinds)]
        name = self._adhoc_name(self.notebooks[stems[0]], given)
        return Edition(name=name, title="", notebooks=stems, parameters=given)

    def _adhoc_name(self, notebook: Notebook, given: dict[str, Any]) -> str:
        """A name made of the checked values: one edition has one name, however it was written."""
        known = {name: value for name, value in given.items() if name in notebook.kinds}
        try:
            parameters = self._checked(notebook, known)
        except CollectionError as error:
            raise CollectionError(f"--set: {error}") from error
        language = str(parameters.get("language", ""))
        if language not in self.collection.languages[1:]:
            language = ""
        shown = caption(self.collection.caption, parameters) or str(sorted(given.items()))
        name = slugify(f"{shown} {language}") or "set"
        if len(name) > LONGEST_NAME:
            name = f"{name[:60].rstrip('-')}-{key(name)[:8]}"
        taken = {edition.name for edition in self.editions()}
        return f"set-{name}" if name in taken else name


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
        is_new = number >= len(adhoc) - fresh
        try:
            edition = planner.adhoc(texts)
            more = list(planner.jobs(edition, adhoc=True))
        except CollectionError as error:
            if is_new:
                raise
            warnings.append(f"not renewed: {error}")
            continue
        if is_new:
            asked.append(edition.name)
        if edition.name not in editions:  # else the same was asked for in other words
            editions[edition.name] = more[0].caption or edition.title
            jobs += more
    seen: set[str] = set()
    for job in jobs:
        if job.slug in seen:
            raise CollectionError(f"{reports}: edition {job.edition}: two reports named {job.slug}")
        seen.add(job.slug)
    return Plan(
        planner.collection.title,
        editions,
        jobs,
        warnings,
        planner.collection.about,
        asked,
        planner.collection.preload,
    )


def _value(value: Any) -> Any:
    """A parameter's value; the mapping {call: "module:function"} stands for what that returns."""
    if isinstance(value, dict) and set(value) == {"call"}:
        if not re.fullmatch(PLACE, str(value["call"])):
            raise CollectionError(f'call: expected "module:function", got {value["call"]!r}')
        value = call(value["call"])
    return _plain(value)


def call(place: str, *arguments: Any) -> Any:
    """What a function of the collection, named "module:function", returns."""
    module, _, name = place.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise CollectionError(f"{place}: {one_line(error)}") from error
    try:
        return function(*arguments)
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
        return {str(name): _plain(item) for name, item in value.items()}
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise CollectionError(f"expected text, numbers or lists, got {one_line(repr(value), 80)}")
