"""What is given to make is text: it arrives as it is, and nothing in it is ever run."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOSTILE = "us$price.csv $(shell touch pwned)${HOME}`touch pwned`;touch pwned #'\"\\$$x"
ECHO = "#!/bin/sh\nfor word; do echo \"<$word>\"; done\nenv | grep '^[A-Z]*='\n"


@pytest.fixture
def make(tmp_path):
    """Runs make in an empty folder, with an environment whose python tells what it is given."""
    python = tmp_path / "a prefix/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(ECHO)
    python.chmod(0o755)

    def run(*arguments, prefix="a prefix", **environment):
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(
            ["make", "-s", "-f", ROOT / "Makefile", *arguments, f"ENV={prefix}"],
            cwd=tmp_path,
            env=outside | environment,
            text=True,
            capture_output=True,
        )
        assert not list(tmp_path.rglob("pwned"))
        return done.stdout + done.stderr

    return run


@pytest.mark.parametrize(
    ("target", "variable", "option"),
    [
        ("reports", "REGIONS", "<--set>\n<regions={}>"),
        ("reports", "START", "<--set>\n<start_year={}>"),
        ("reports", "END", "<--set>\n<end_year={}>"),
        ("reports", "REPORT_LANGUAGE", "<--set>\n<language={}>"),
        ("reports", "MEMORY", "<--memory>\n<{}>"),
        ("reports", "TIMEOUT", "<--timeout>\n<{}>"),
        ("reports", "SCHEDULER", "<--scheduler>\n<{}>"),
        ("worker", "LISTEN", "<--host>\n<{}>"),
        ("scheduler", "LISTEN", "<--host>\n<{}>"),
        ("add", "FILE", "<add>\n<{}>"),
        ("diff", "BASE", "<diff>\n<{}>"),
        ("pdf", "EDITION", "<pdf>\n<{}>"),
        ("reports", "COLD", "\nCOLD={}\n"),
        ("reports", "PYTHON", "\nPYTHON={}\n"),
    ],
)
def test_a_value_arrives_as_it_is(make, target, variable, option):
    assert option.format(HOSTILE) in make(target, f"{variable}={HOSTILE}")


def test_what_is_no_variable_or_comes_from_elsewhere(make, tmp_path):
    assert "unknown variable REGION;" in make("reports", f"REGION={HOSTILE}")
    said = make("reports", START=HOSTILE, TIMEOUT="3", COLD=HOSTILE, LC_ALL=HOSTILE)
    assert "<run>\n" in said and "<--" not in said and f"\nCOLD={HOSTILE}\n" in said
    assert f"error: ENV: there is no {tmp_path}/{HOSTILE}/bin/python" in make(
        "stale", prefix=HOSTILE
    )
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    assert "not found" in make("stale", f"PYTHON={HOSTILE}", prefix="")


def test_an_environment_of_ones_own_is_used_by_every_target(make, tmp_path):
    (tmp_path / "notebooks").mkdir()
    targets = "reports stale doctor test lab data add notebooks check scheduler worker diff site"
    for target in f"{targets} pdf check-browser".split():
        said = make(target)
        assert "<-m>\n" in said and f"\nPYTHONPATH={tmp_path}/lib\n" in said, said
