"""The messages that users are likeliest to meet: each is provoked, and has its cure in the docs."""

from pathlib import Path

import pytest
from toys import cells_to_json

from press import __main__ as command_line

DOCS = (Path(__file__).parents[2] / "docs/messages.md").read_text(encoding="utf-8")
ONE = "{name: a, title: T, notebooks: [one%s"
R = b'{"cells": [], "metadata": {"kernelspec": {"name": "ir"}}, "nbformat": 4, "nbformat_minor": 5}'
PARAMETERS = [("parameters", "a = 1"), ("parameters", "b = 2")]

# What has to be said, and what differs from the toy collection: its editions (None: no file), its
# second notebook (the file, its cells, or one), or what is asked for.
EDITIONS = {
    "reports.yml: No such file or directory": None,
    "not YAML: line ": ONE % "",
    '"notebooks" stands twice': ONE % "], notebooks: [two]}",
    "the key 'on': expected text, in quotes": ONE % "], parameters: {on: 1}}",
    "<<: expected the keys themselves": ONE % "], <<: {title: x}}",
    'unknown key "note": ': ONE % "], note: x}",
    "title is missing": "{name: a, notebooks: [one]}",
    'no notebook "onee": did you mean "one"?': ONE % "e]}",
    "start_year: expected a number, got '2'": ONE % "], parameters: {start_year: '2'}}",
    'one has no parameter "region": did you mean "regions"?': ONE % "], parameters: {region: [P]}}",
    "expected text (a date in quotes), numbers": ONE % "], parameters: {note: 2020-01-02}}",
    "two reports named a/one-x": ONE % "], for_each: {note: [x, X]}}",
    'expected a list or "module:function"': ONE % "], for_each: {regions: 5}}",
    "two editions have the same name": ONE % "]}\n  - {name: a, title: U, notebooks: [two]}",
}
NOTEBOOKS = {
    "not a notebook that can be read: ": b"{",
    "(kernel ir): only Python 3 is run": R,
    'are tagged "parameters", expected one cell': cells_to_json(PARAMETERS).encode(),
    "parameters cell: invalid syntax": cells_to_json([("parameters", "a =")]).encode(),
    "expected assignments in Python, got the cell magic": cells_to_json(
        [("parameters", "%%bash\nx=1")]
    ).encode(),
    "line 1 is not UTF-8": b"caf\xe9",
}
# What is said in the summary of a run of these cells, each in a notebook of its own.
CELLS = {
    "cell 2, line 1 (1 / 0): ZeroDivisionError: division by zero": "1 / 0",
    "took longer than 1 s": "import time; time.sleep(60)",
    "needed more than 800 MB of memory": "x = bytearray(10**9)",
    "its process died, signal 9": "import os; os.kill(os.getpid(), 9)",
    "SystemExit: the notebook ended itself here": "quit()",
    "not shown, and named on their pages: script 1": "from IPython.display import HTML\n"
    "HTML('<script>1</script>')",
}
ASKED = {
    "--set: expected NAME=VALUE, got 'x'": "run --set x",
    '--set: no parameter "regoins": did you mean "regions"?': "run --set regoins=Puno",
    "--set: a parameter is given twice": "run --set note=a --set note=b",
    "expected a whole number above 0, got '-3'": "run --workers -3",
    "no scheduler answers at tcp://127.0.0.1:9": "run --scheduler tcp://127.0.0.1:9",
    "worker: of which scheduler? ": "worker",
    "is neither a folder nor a git ref": "diff nowhere",
    'no edition "nowhere" is made': "pdf nowhere",
    "there is no index.html: make the reports first": "site",
}


def has_its_cure(message):
    return f"| `{message.strip()}` |" in DOCS


@pytest.mark.parametrize("message", [*EDITIONS, *NOTEBOOKS, *ASKED])
def test_a_message_says_what_it_must_and_has_its_cure_in_the_docs(
    toy, monkeypatch, capsys, message
):
    editions = toy.root / "notebooks/reports.yml"
    if message in NOTEBOOKS:
        (toy.root / "notebooks/two.ipynb").write_bytes(NOTEBOOKS[message])
    elif EDITIONS.get(message):
        toy.reports(f"title: T\neditions:\n  - {EDITIONS[message]}\n")
    elif message in EDITIONS:
        editions.unlink()
    monkeypatch.chdir(toy.root)
    monkeypatch.syspath_prepend(toy.root / "lib")
    monkeypatch.setattr("press.cluster.PATIENCE", 0.1)
    monkeypatch.setattr(command_line, "interrupt_on_signals", lambda: None)
    monkeypatch.setattr("press.processes.begin", lambda preload: None)  # it ends with its process
    assert command_line.main(ASKED.get(message, "run").split()) == 2
    said = "".join(capsys.readouterr())
    assert message in said and said.count("\n") == 1 and has_its_cure(message)


def test_what_a_run_says_of_its_cells_has_its_cure_in_the_docs(toy):
    slow, said = "took longer than 1 s", ""
    for name, messages, limit in (
        ("soon", [message for message in CELLS if message != slow], ("--memory", "800")),
        ("slow", [slow], ("--timeout", "1")),
    ):
        for number, message in enumerate(messages):
            toy.cell(f"{name}{number}", CELLS[message])
        names = ", ".join(f"{name}{number}" for number in range(len(messages)))
        toy.editions(f"name: {name}, title: E, notebooks: [{names}]")
        said += toy.press("run", *limit, expect=1)
    for message in CELLS:
        assert message in said and has_its_cure(message), message
    assert "Traceback" not in said
