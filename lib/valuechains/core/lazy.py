"""Packages whose names are loaded when they are first used: pandas and matplotlib take a while."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .errors import there_are
from .kinds import checked


def opened(package: str, homes: Mapping[str, str], **cures: str) -> tuple[Callable, Callable]:
    """Return ``__getattr__`` and ``__dir__`` for names and their modules ("": it is one itself).

    Functions, and classes with the name of one, check what kinds of arguments they are given.

    >>> find, names = opened("valuechains.core", {"resolve": "places"})
    >>> find("resolve")("Cuzco"), names()
    ('08', dict_keys(['resolve']))
    """

    def find(name: str) -> Any:
        if name not in homes:
            cure = f"; {cures[name]}" if name in cures else there_are(name, homes)
            raise AttributeError(f"{package} has no {name!r}{cure}")
        module = import_module(f".{homes[name] or name}", package)
        found = getattr(module, name) if homes[name] else module
        return checked(found) if homes[name] and name.islower() else found

    return find, homes.keys
