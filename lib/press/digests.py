"""What tells whether something has changed: checksums of files, code, values; versions.

This is on the path that runs when nothing has changed: standard library only.
"""

import ast
import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

# Folders whose files are nobody's input.
IGNORED = {".venv", ".git", ".cache", ".ipynb_checkpoints", "__pycache__", ".pytest_cache"}
IGNORED |= {"site-packages"}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def key(*values: Any) -> str:
    """One short hash of plain values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def file_digest(path: str | Path) -> str | None:
    """Sha256 of a file, or None; of a notebook only what goes in counts, not its outputs."""
    try:  # to open a named pipe would wait for ever
        if not Path(path).is_file():
            return None
        content = Path(path).read_bytes()
    except OSError:
        return None
    if str(path).endswith(".ipynb"):
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
            cells = json.loads(content)["cells"]
            inputs = [[c["cell_type"], "".join(c["source"]), c["metadata"]] for c in cells]
            content = json.dumps(inputs, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def files_below(root: Path, places: Iterable[Path]) -> Iterator[str]:
    """The files at or below some places, as paths relative to a project; not what tools leave."""
    for place in places:
        top = Path(os.path.normpath(place))
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            name = Path(os.path.relpath(path, root))
            made = any(part in IGNORED or part.endswith(".egg-info") for part in name.parts)
            if path.is_file() and not made:
                yield name.as_posix()


def code_digest(content: bytes) -> str:
    """Sha256 of what a Python module does: comments, docstrings and layout don't count."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return hashlib.sha256(content).hexdigest()
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def version(name: str) -> str | None:
    """The installed version of a package, or None; "python" is the interpreter."""
    if name == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


packages_of_modules = cache(importlib.metadata.packages_distributions)


def versions(modules: Iterable[str]) -> dict[str, str]:
    """Versions of Python and of the packages that modules belong to, by their names."""
    known = packages_of_modules()
    packages = {package for name in modules for package in known.get(name.partition(".")[0], ())}
    found = {name: version(name) for name in ["python", *sorted(packages, key=str.lower)]}
    return {name: number for name, number in found.items() if number}


def loaded_modules() -> set[str]:
    """The top-level names of all modules that this process has loaded."""
    return {name.partition(".")[0] for name in list(sys.modules)}


def write(path: Path, content: bytes) -> None:
    """Put a file in its place in one step: readers see the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    try:
        with naming(path):
            temporary.write_bytes(content)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say of an error of the system which path it is about, whatever stands there meanwhile."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise
