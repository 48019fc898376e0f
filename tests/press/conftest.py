"""Every test of the press has a collection of its own, and leaves no process."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from toys import Toy, patience


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    toy = Toy(tmp_path)
    yield toy
    end = time.monotonic() + patience(2)
    while (left := toy.processes(tmp_path)) and time.monotonic() < end:
        time.sleep(0.02)
    for number in left:
        os.kill(number, signal.SIGKILL)
    assert not left, "processes outlived the test"
