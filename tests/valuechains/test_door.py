"""``import valuechains as vc``: quick, and one line for what is not there."""

import subprocess
import sys

import pytest

import valuechains as vc
from valuechains.core.errors import DataError


def test_the_door_opens_quickly():
    code = (
        "import sys, valuechains as vc; here = vc.scope('Cusco', 2000, 2013)\n"
        "assert here.names == ['Cusco'] and not {'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_every_name_of_the_door_is_there():
    assert all(callable(getattr(vc, name)) for name in vc.__all__) and dir(vc) == sorted(vc.__all__)
    assert vc.map.__name__ == "map" and vc.line.__name__ == "lines"


def test_what_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(AttributeError, match=r"no 'lines' \(did you mean line\?\); there are load"):
        vc.lines  # noqa: B018
    with pytest.raises(DataError, match=r"^no table 'coffee' \(did you mean coffee_ico .*; there"):
        vc.load("coffee")
