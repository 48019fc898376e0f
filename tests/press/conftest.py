"""Every test of the press has a collection of its own, and leaves no process."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from toys import Toy, patience

# What a shell's `&` or nohup ignores, every run that a test starts would ignore too.
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy = Toy(tmp_path_factory.mktemp("made"))
    toy.press("run")
    return toy.root


@pytest.fixture
def made(toy: Toy, _made_once: Path) -> Toy:
    """A collection whose reports are made."""
    shutil.copytree(_made_once, toy.root, dirs_exist_ok=True)
    return toy
