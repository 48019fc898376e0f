"""Packages whose names are loaded when they are first used: pandas and matplotlib take a while."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .errors import there_are


def opened(package: str, homes: Mapping[str, str]) -> tuple[Callable, Callable]:
    """Return ``__getattr__`` and ``__dir__`` for names and their modules ("": it is one itself).

    >>> find, names = opened("valuechains.core", {"resolve": "places"})
    >>> find("resolve")("Cuzco"), names()
    ('08', dict_keys(['resolve']))
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"{package} has no {name!r}{there_are(name, homes)}")
        module = import_module(f".{homes[name] or name}", package)
        return getattr(module, name) if homes[name] else module

    return find, homes.keys
