"""What a package opens: names that are loaded when they are first used (pandas takes a while).

What kinds of arguments a function expects its annotations say; one line refuses others.
"""

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from importlib import import_module
from numbers import Integral, Real
from types import ModuleType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from .errors import DataError, MissingNameError, there_are

CLASSES = {int: Integral, float: Real, bool: object}  # those of numpy too
HINTS = {
    "Scope": "vc.scope('Cusco', 'Puno', 2000, 2013), or by name ubigeo=['Cusco', 'Puno']",
    "Iterable[str]": "['Cusco', 'Puno']",
    "Series": "frame['value'], pd.Series([1, 2])",
}


def checked(function: Callable) -> Callable:
    """Return a function that refuses arguments it does not have, or of another kind."""
    signature, called = inspect.signature(function), function.__name__.lower()

    @functools.wraps(function)
    def careful(*args: Any, **named: Any) -> Any:
        try:
            given = signature.bind(*args, **named).arguments
        except TypeError as problem:
            takes = ", ".join(str(x).partition(":")[0] for x in signature.parameters.values())
            raise DataError(f"{called}: {problem}; expected {called}({takes})") from None
        for name, value in given.items():
            kind = signature.parameters[name].annotation
            if not fits(value, kind):
                shown = type(value).__name__ if hasattr(value, "shape") else f"{value!r:.60}"
                words = re.sub(r"[\w.]+\.", "", inspect.formatannotation(kind))
                hint = "".join(f"; {HINTS[word]}" for word in HINTS if word in words)
                raise DataError(f"{called}: {name} is {shown}, expected {words}{hint}")
        return function(*args, **named)

    return careful


def fits(value: Any, kind: Any) -> bool:
    """Return whether a value is of the kind of an annotation; text is no list of letters.

    >>> fits(["Cusco"], Iterable[str]), fits("Cusco", Iterable[str]), fits(2008, int | None)
    (True, False, True)
    """
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return isinstance(value, str) and value in parts
    if origin is Mapping:
        pairs = value.items() if isinstance(value, Mapping) and parts else ()
        are = [fits(key, parts[0]) and fits(item, parts[1]) for key, item in pairs]
        return isinstance(value, Mapping) and all(are)
    if origin is tuple and parts and isinstance(value, tuple):
        return len(value) == len(parts) and all(map(fits, value, parts))
    if origin in (Iterable, Sequence):
        is_list = isinstance(value, Iterable) and not isinstance(value, str)
        is_list = is_list and (origin is Iterable or hasattr(value, "__getitem__"))
        items = value if parts and isinstance(value, Sized) else ()
        is_flat = getattr(value, "ndim", 1) == 1
        return is_list and is_flat and all(fits(item, parts[0]) for item in items)
    return kind in (Any, inspect.Parameter.empty) or isinstance(value, CLASSES.get(kind, origin))


class Room(ModuleType):
    """A module of ours, which, called like a function, names those that it has."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        draw = ": vc.line(rows), vc.bar, vc.map draw" if self.__name__.endswith(".plot") else ""
        raise DataError(f"{self.__name__} is no function{draw}{there_are('', dir(self))}")


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
            raise MissingNameError(f"{package} has no {name!r}{cure}")
        module = import_module(f".{homes[name] or name}", package)
        if "__dir__" not in vars(module):
            homes_of = {x: getattr(of, "__module__", "") for x, of in vars(module).items()}
            own = [x for x, of in homes_of.items() if of == module.__name__ and x[0] != "_"]
            module.__getattr__, module.__dir__ = opened(module.__name__, dict.fromkeys(own, ""))
        found = getattr(module, name) if homes[name] else module
        return checked(found) if homes[name] and name.islower() else found

    if type(sys.modules[package]) is ModuleType:
        sys.modules[package].__class__ = Room
    return find, homes.keys
