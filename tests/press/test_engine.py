"""A warm process gives what an ordinary kernel gives, and says what it read."""

import json
import shutil
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook, new_output
from toys import REPORTS

from press.render import LEFT_OUT, MOST_OUTPUTS, MOST_SHOWN, clean

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RICH = [
    ("markdown", "# Rich"),
    ("parameters", 'start_year = 2000\nregions = ["a"]'),
    (
        "code",
        "import sys\nprint('a'); print('b', file=sys.stderr); print('c')\ndisplay('shown')\n"
        "print('d')\nlen(In), In[1], In[2], Out, get_ipython().execution_count",
    ),
    (
        "code",
        "from toylib import table, figure\ndisplay(figure()); print('x', flush=True)\n"
        "table('one.csv')",
    ),
    ("code", "figure()"),
    ("code", "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('t')"),
    (
        "code",
        "from IPython.display import HTML, Markdown, clear_output\n"
        "handle = display('first', display_id='k')\nhandle.update('second')",
    ),
    (
        "code",
        "print('gone'); clear_output(); display(Markdown('**m**'), metadata={'k': 1}); HTML('h')",
    ),
    ("code", "import warnings\nwarnings.warn('careful')\nbreakpoint()"),
    ("code", "import asyncio\nawait asyncio.sleep(0)\n3"),
    ("code", "   "),
    (
        "code",
        "import os, time\nos.system('echo of a child')\n"
        "time.sleep(0.5)\nasyncio.get_running_loop().is_running(), get_ipython().kernel is None",
    ),
    (
        "code",
        "import helper, multiprocessing\n%matplotlib inline\n"
        "print(multiprocessing.get_start_method())\n"
        "for i in range(3): print(i, end='\\r')\nprint('\\n50%\\r100%\\r\\n', 'half \\ud800')\n"
        # An ordinary kernel may notice a child's words a moment later.
        "_ = os.system('echo child; echo warns >&2'); time.sleep(0.5)",
    ),
    ("code", "HTML('<p>\\ud800</p>')"),
    ("code", "print('many' * 1_000_000)\n'y' * 3_000_000"),
    ("code", "import ctypes\n_ = ctypes.CDLL(None).puts(b'from C')\ntime.sleep(0.2)"),
    ("code", "import geopandas, pandas\npandas.DataFrame([range(30)])"),
    ("code", "len(geopandas.read_file('../data/shape.geojson'))"),
    ("code", "os.close(1); os.close(2)\nprint('closed')\n_ = os.system('echo nowhere')"),
    (
        "code",
        "async def late():\n    await asyncio.sleep(0.05)\n    print('late')\n"
        "task = asyncio.create_task(late())\nprint('now')",
    ),
    (
        "code",
        "await task\nsys.stdout.buffer.write(b'bytes\\n')\nprint('text')\n"
        "child = multiprocessing.get_context('fork').Process(target=print, args=['a fork'])\n"
        "child.start(); child.join()\nprint('its parent')",
    ),
    (
        "code",
        "from ipywidgets import Output\nwith Output():\n    print('inside'); display('shown')",
    ),
]
POINT = {"type": "Point", "coordinates": [0, 0]}
FEATURE = {"type": "Feature", "properties": {"a": 1}, "geometry": POINT}
GEOJSON = json.dumps({"type": "FeatureCollection", "features": [FEATURE]})


def test_warm_equals_cold(toy):
    toy.notebook("one", RICH)
    toy.with_geodata()
    (toy.root / "data/shape.geojson").write_text(GEOJSON)
    (toy.root / "notebooks/helper.py").touch()
    toy.environment |= {"HOME": str(toy.root / "nowhere")}
    toy.environment.pop("IPYTHONDIR", None)
    shutil.copy(NOTEBOOKS / "04-camelids.ipynb", toy.root / "notebooks")
    toy.reports(REPORTS + "  - {name: real, title: Real, notebooks: [04-camelids]}\n")
    read, books = {}, {}
    for way in ("--workers=2", "--cold"):
        toy.out = toy.root / f"reports{way}"
        assert "IPython" not in toy.press("run", "--out", toy.out.name, way)
        files = [path for path in toy.out.glob("*/**/*") if path.is_file()]
        books[way] = {path.relative_to(toy.out).as_posix(): path.read_bytes() for path in files}
        read[way] = set(toy.manifest()["jobs"]["pair/one"]["files"])
    warm, cold = books.values()
    assert warm == cold
    assert read["--workers=2"] == read["--cold"]
    pictures = [name for name in warm if name.endswith(".svg")]
    assert len(pictures) == warm["real/04-camelids.html"].count(b"<svg role") > 3
    cells = {cell["id"]: cell for cell in json.loads(warm["pair/one.ipynb"])["cells"]}
    assert set(cells) == {f"c{n}" for n in range(len(RICH))} | {"injected-parameters"}
    kinds = [o.get("name", o["output_type"]) for o in cells["c2"]["outputs"]]
    assert kinds == ["stdout", "stderr", "display_data", "stdout", "execute_result"]
    injected = "".join(cells["c2"]["outputs"][-1]["data"]["text/plain"])
    assert "start_year = 2001" in injected  # In[2] holds the injected cell
    assert cells["c11"]["outputs"][0]["text"] == ["of a child\n"]
    assert cells["c11"]["outputs"][1]["data"]["text/plain"] == ["(True, False)"]
    assert "is passed over" in "".join(cells["c8"]["outputs"][0]["text"])
    about = cells["c4"]["outputs"][0]["metadata"]
    assert about == {"image/png": {"alt": 'Three "points" <rising>', "width": 200}}
    assert "image/png" in cells["c5"]["outputs"][-1]["data"]  # pyplot's figure, shown by itself
    start, _, folded, half, child = cells["c12"]["outputs"][0]["text"]
    assert (start, folded, half) == ("fork\n", "100%\n", " half \\ud800\n")
    assert cells["c12"]["outputs"][1]["text"] == ["warns\n"] and child == "child\n"
    assert cells["c13"]["outputs"][0]["data"]["text/html"] == ["<p>\\ud800</p>"]
    printed, shown = cells["c14"]["outputs"]
    for much, note in (printed["text"], shown["data"]["text/plain"]):
        assert len(much) == 500_001 and note == f"{LEFT_OUT}: more than 500,000 characters]\n"
    assert cells["c15"]["outputs"][0]["text"] == ["from C\n"]
    assert cells["c18"]["outputs"][0]["text"] == ["closed\n"]
    assert cells["c19"]["outputs"][0]["text"] == ["now\n"]
    words = ["late\n", "bytes\n", "text\n", "a fork\n", "its parent\n"]
    assert cells["c20"]["outputs"][0]["text"] == words
    assert [o["output_type"] for o in cells["c21"]["outputs"]] == ["stream", "display_data"]
    assert "<th>...</th>" in "".join(cells["c16"]["outputs"][0]["data"]["text/html"])
    # files read in Python, in C (GDAL), and as modules; nothing that only lies there
    wanted = {"data/one.csv", "data/shape.geojson", "lib/toylib.py", "notebooks/one.ipynb"}
    assert read["--cold"] == wanted | {"notebooks/helper.py"}


def test_a_cell_that_shows_too_much_is_cut_and_says_so():
    shown = new_output("display_data", {"text/html": "z" * (MOST_SHOWN // 2)})
    error = new_output("error", ename="E", evalue="e", traceback=["t"])
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[shown, shown, error])])
    clean(notebook, notebook, Path())
    first, second, last = notebook.cells[0].outputs
    assert first == shown and last.ename == "E"
    cut = f"{LEFT_OUT}: more than {MOST_SHOWN:,} characters are shown by this cell]\n"
    assert second.text == cut


def test_an_error_of_syntax_names_the_cell():
    said = "invalid syntax (3046560625.py, line 1)"
    error = new_output("error", ename="SyntaxError", evalue=said, traceback=["t"])
    notebook = new_notebook(cells=[new_code_cell("x = (", outputs=[error])])
    clean(notebook, notebook, Path())
    assert notebook.cells[0].outputs[0].evalue == "invalid syntax (<cell>, line 1)"


def test_of_very_many_outputs_the_rest_is_counted_and_an_error_kept():
    dots = [new_output("display_data", {"text/plain": "."}) for _ in range(MOST_OUTPUTS + 3)]
    error = new_output("error", ename="E", evalue="e", traceback=["t"])
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[*dots, error])])
    clean(notebook, notebook, Path())
    *shown, note, last = notebook.cells[0].outputs
    assert len(shown) == MOST_OUTPUTS and last.ename == "E"
    assert note.text == f"{LEFT_OUT}: 3 more outputs of this cell]\n"


def test_what_a_cell_prints_beyond_all_measure_is_named_and_counted(toy):
    cells = {
        "once": "print('y' * 11_000_000)",
        "child": "import os\nos.system('yes | head -c 11000000')",
        "bar": "for n in range(1_100_000): print(f'\\r{n:9}', end='')\nprint('\\rlast')",
        "full": "print('z' * 9_999_999); print('last')",
    }
    for name, code in cells.items():
        toy.cell(name, code)
    toy.editions(f"name: e, title: E, notebooks: [{', '.join(cells)}]")
    assert (
        "4 made, 0 unchanged, 0 failed, not shown, and named on their pages: output too long 4"
        in toy.press("run")
    )
    for name, shown in {"once": "y" * 500_000, "child": "y\n" * 250_000, "full": "z"}.items():
        assert f'<pre class="text" tabindex="0">{shown}' in toy.page(f"e/{name}"), name
    for name in cells:
        assert LEFT_OUT in toy.page(f"e/{name}"), name


def test_same_inputs_same_bytes(made):
    def all_bytes():
        # The index says when reports were made.
        found = set(made.out.rglob("*")) - {made.out / "index.html"}
        return {p: p.read_bytes() for p in found if p.suffix in {".html", ".ipynb", ".svg", ".png"}}

    first = all_bytes()
    (made.out / "manifest.json").write_text("{broken")
    said = made.press("run")
    assert "taken as empty" in said and "2 made" in said
    assert len(first) == 6 and all_bytes() == first


def test_notebooks_in_place(toy):
    toy.notebook("bad", [("code", "1 / 0")])
    toy.notebook("draft", [("code", "1 / 0")])  # in no edition: left alone
    declared = toy.root / "notebooks/reports.yml"
    declared.write_text(declared.read_text().replace("[one, two]", "[one, two, bad]"))
    before = (toy.root / "notebooks/bad.ipynb").read_bytes()
    said = toy.press("notebooks", expect=1)
    assert "2 executed, 1 failed" in said
    assert "cell 1, line 1 (1 / 0): ZeroDivisionError" in said
    assert (toy.root / "notebooks/bad.ipynb").read_bytes() == before
    path = toy.root / "notebooks/one.ipynb"
    book = json.loads(path.read_text())
    assert book["cells"][4]["outputs"][0]["text"] == ["['Cusco', 'Puno'] 2000 n\n"]
    assert "execution" not in json.dumps([c["metadata"] for c in book["cells"]])
    stamp = path.stat().st_mtime_ns
    toy.press("notebooks", expect=1)
    assert path.stat().st_mtime_ns == stamp
