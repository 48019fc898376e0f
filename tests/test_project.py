"""The project itself: what it depends on, what may import what, what must never be committed."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_conda_users_get_the_same_dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(one["pip"] for one in conda if isinstance(one, dict))
    listed = [one for one in (*conda, *pip) if isinstance(one, str)]
    assert "-e ." in listed
    assert "python=3.12" in listed
    ours = {one for one in listed if one not in ("pip", "-e .") and not one.startswith("python=")}
    assert ours == set(project["dependencies"])


def test_lock_pins_every_dependency_with_hashes_and_no_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locks = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-browser.lock": project["dependency-groups"]["browser"],
    }
    for name, dependencies in locks.items():
        lock = (ROOT / name).read_text()
        assert "://" not in lock and "--index" not in lock and "--find-links" not in lock
        pinned = re.findall(r"^([a-z0-9._-]+)==\S+", lock, flags=re.M)
        blocks = re.split(r"^(?=[a-z0-9._-]+==)", lock, flags=re.M)[1:]
        assert len(blocks) == len(pinned) and all("--hash=sha256:" in block for block in blocks)
        named = (re.split(r"[>=<~!\[]", one)[0] for one in dependencies)
        assert {each.replace("_", "-") for each in named} <= set(pinned)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_the_library_and_the_press_do_not_know_each_other():
    for path in (ROOT / "lib" / "valuechains").rglob("*.py"):
        assert not [name for name in imports(path) if name.split(".")[0] == "press"], path
    for path in (ROOT / "lib" / "press").rglob("*"):
        if path.suffix in (".py", ".j2", ".html", ".css"):
            assert "valuechains" not in path.read_text(encoding="utf-8"), path
            assert not re.search(r"\b(coffee|Peru|camelid)", path.read_text(encoding="utf-8")), path


def test_checks_of_parameters_need_no_pandas():
    code = "import sys, valuechains.core.scope; assert not {'pandas', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nothing_of_one_machine_is_committed():
    path_of_a_machine = re.compile(r"(?<![\w.])/(work|tmp|root|home|opt|Users)/[\w.-]+")
    for path in tracked():
        if path.suffix in (".png", ".xls", ".xlsx") or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        assert not path_of_a_machine.search(text), path


def test_every_notebook_is_in_an_edition_and_in_the_readme():
    editions = yaml.safe_load((ROOT / "notebooks" / "reports.yml").read_text())["editions"]
    made = {name for edition in editions for name in edition["notebooks"]}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {path.stem for path in NOTEBOOKS} == made | {"tour", "explore"}  # these two in the lab
    assert all(f"(notebooks/{path.name})" in readme for path in NOTEBOOKS)


@pytest.mark.parametrize("name", ["tour", "explore"])
def test_notebooks_of_the_lab_are_committed_as_they_ran(name):
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_bytes())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert not [output for output in outputs if "widget-view" in str(output.get("data", {}).keys())]


def test_readme_and_help_agree_on_the_commands():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.M))
    assert {"reports", "test", "lab", "data", "notebooks", "check", "clean", "help"} <= targets
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, flags=re.M))
    assert {"reports", "test"} <= named <= targets


def test_only_the_command_line_sets_what_is_made():
    # What `make test` itself hands down would speak in the output.
    quiet = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    shell = quiet | {"TIMEOUT": "3", "START": "1", "MEMORY": "8G", "SCHEDULER": "x"}
    make = ["make", "-n", "-o", ".venv/.ready", "reports"]

    def last(*more):
        done = subprocess.run(
            [*make, *more], cwd=ROOT, env=shell, capture_output=True, text=True, check=True
        )
        return done.stdout.split("press run")[1].split()

    assert last() == []
    assert last("TIMEOUT=9") == ["--timeout", '"$TIMEOUT"']


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_data_dictionary_and_corrections_are_generated():
    for name, text in script("dictionary").GENERATED.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text(), "make data"


def test_pictures_of_the_readme_are_the_notebooks():
    module = script("pictures")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in module.PICTURES:
        assert f"docs/{name}.png" in readme
        # Fonts are drawn alike with the locked versions only: bytes as committed, not as drawn.
        assert (ROOT / "docs" / f"{name}.png").read_bytes() == module.picture(name)
    drawn = (ROOT / "notebooks/departments.svg").read_text(encoding="utf-8")
    assert drawn == module.outlines(), "make notebooks"
