"""``import valuechains as vc``: quick, one line for what is not there, examples that run."""

import doctest
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import valuechains as vc
from valuechains.core.errors import DataError

MODULES = [module.name for module in pkgutil.walk_packages(vc.__path__, "valuechains.")]


def test_the_door_opens_quickly():
    code = (
        "import sys, valuechains as vc; here = vc.scope('Cusco', 2000, 2013)\n"
        "assert here.names == ['Cusco'] and not {'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_is_not_there_is_refused_with_the_nearest():
    assert all(callable(getattr(vc, name)) for name in vc.__all__)
    with pytest.raises(AttributeError, match=r"no 'lines' \(did you mean line\?\); there are load"):
        vc.lines  # noqa: B018
    with pytest.raises(DataError, match=r"^no table 'coffee' \(did you mean coffee_ico .*; there"):
        vc.load("coffee")


@pytest.mark.parametrize("name", ["valuechains", *MODULES])
def test_every_example_of_a_docstring_runs(name):
    assert doctest.testmod(import_module(name)).failed == 0
