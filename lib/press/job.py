"""What is asked of a render, and what comes back: plain values that pass between processes.

With them, what all of the press needs to speak of them: names, values cut for an error line, files.
"""

import difflib
import errno
import json
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

MOST_PRINTED = 500_000  # characters of what a cell prints: no page should be longer than a book


class CollectionError(ValueError):
    """What is wrong with a collection, or with the cluster to make it on, in one line."""

    def __str__(self) -> str:
        return one_line(super().__str__(), 2000)


@dataclass(frozen=True)
class Job:
    """One report: a notebook (its path from the folder of `reports.yml`) with its parameters.

    `slug` ("edition/notebook-item") is also the path of the page below the output folder. `adhoc`
    marks what was asked for on the command line, `kernel` asks for an ordinary kernel. `catalogue`
    is the path of the translations for a report in another language than its notebook; `item` is
    what it is about, in an edition with one report for each of several. `frame` is what a page says
    and links to beside its content (see `plan.framed`).
    """

    slug: str
    edition: str
    notebook: str
    parameters: dict[str, Any]
    title: str
    caption: str = ""
    adhoc: bool = False
    catalogue: str = ""
    kernel: bool = False
    language: str = "en"
    item: str = ""
    frame: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Why a report could not be made; cells and lines count from 1, 0 means no single one."""

    ename: str
    evalue: str
    cell: int = 0
    line: int = 0
    source: str = ""

    def __str__(self) -> str:
        line = f", line {self.line} ({self.source})" if self.line else ""
        cell = f"cell {self.cell}{line}" if self.cell else ""
        return ": ".join(filter(None, [cell, self.ename, self.evalue]))


@dataclass(frozen=True)
class Result:
    """A finished report, or the failure with the notebook as far as it went.

    `made` has the report's files by the ends of their names (".html", ".files/price.csv"). `files`
    maps what was read to its sha256, `libraries` what was loaded to its version; `lost` counts by
    kind what the page could not show.
    """

    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    made: dict[str, bytes] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    failure: Failure | None = None


@dataclass(frozen=True)
class Settings:
    """Where things are and how to run them; `reports` is the path of `reports.yml`.

    `timeout` (seconds) and `memory` (MB) are the limits of each report, `scheduler` is the address
    of a Dask cluster, empty for this machine. Without `page` only notebooks are executed.
    `preload` names the modules to load before processes are forked.
    """

    reports: Path
    out: Path
    workers: int = 1
    timeout: int = 600
    memory: int = 2000
    cold: bool = False
    scheduler: str = ""
    page: bool = True
    preload: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of the notebooks."""
        return self.reports.parent.resolve()

    @property
    def root(self) -> Path:
        """The project: the folder that holds the folder of the notebooks."""
        return self.folder.parent


@dataclass(frozen=True)
class Plan:
    """What a collection asks for; the first of the languages in `texts` is its own.

    `editions` maps names to titles, `tables` to the columns of an edition's table on the index,
    `maps` to the view box of a map and its outlines by item.
    """

    texts: dict[str, dict[str, str]]
    editions: dict[str, str]
    jobs: list[Job]
    tables: dict[str, list[dict[str, Any]]]
    maps: dict[str, dict[str, Any]]
    preload: list[str]


def one_line(text: object, limit: int = 300) -> str:
    """Fold any text into one line of bounded length, without what a terminal would obey."""
    line = "".join(letter if letter.isprintable() else " " for letter in str(text))
    line = " ".join(line.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def slugify(text: object) -> str:
    """Fold any text into lower-case ASCII letters, digits and hyphens."""
    letters = unicodedata.normalize("NFKD", str(text))
    folded = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")


def linked(stem: str, link: str) -> str:
    """The notebook, by its path from `reports.yml`, that a link in another one leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(stem), unquote(link)))


FENCED = re.compile(r"(?ms)^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\1|\Z)")
# "# Title", or a line above "=====".
TITLE = re.compile(r"(?m)^# (.*)\n?|^(?![\s>|#=-])(.+)\n==+[ \t\r]*(?:\n|$)")

# As pandoc reads it: "US$ 3 and US$ 4" is none.
FORMULA = re.compile(r"(?<![\\$\w])\$(?P<math_inline_tex>[^\s$](?:[^$]*[^\s\\$])?)\$(?![\d$])")


def titles(markdown: str) -> Iterator[re.Match[str]]:
    """The headings of the first level; a comment in a block of code is none."""
    return TITLE.finditer(unfenced(markdown))


def unfenced(markdown: str) -> str:
    """Markdown with blanks in place of its blocks of code."""
    return FENCED.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), markdown)


def as_text(value: Any) -> Any:
    """Values whose texts can be written: half of a pair of code units becomes its number."""
    if isinstance(value, dict):
        return {as_text(name): as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_text(part) for part in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def shown(value: object) -> str:
    """A wrong value for an error line, cut where it is long."""
    return one_line(repr(value), 80)


def nearest(name: str, names: list[str]) -> str:
    """The end of an error line: the closest of the names there are, and the first of all."""
    close = difflib.get_close_matches(name[:80], names, 1, 0.5)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return f"{guess}(there is: {one_line(', '.join(names) or 'none')})"


def read_text(path: Path) -> str:
    """The text of a file in UTF-8; one that is missing, no file or no text is an error."""
    if path.exists() and not path.is_file():  # to open a named pipe would wait for ever
        raise CollectionError(f"{path}: expected a regular file")
    try:
        content = path.read_bytes()
        return content.decode()
    except OSError as error:
        raise CollectionError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CollectionError(f"{path}: line {line} is not UTF-8") from error


def read_json(path: Path) -> dict[str, Any]:
    """A file's mapping; empty when it is not there or is something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def trouble(error: OSError) -> str:
    """What the system refused, of which path, and what to do where that is known."""
    where = f"{error.filename}: " if error.filename else ""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    cure = "; free some space and run again: what was finished is kept" if full else ""
    return f"{where}{error.strerror or error}{cure}"
