"""A warm process gives what an ordinary kernel gives, and says what it read."""

import json

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
    ("code", "import warnings\nwarnings.warn('careful')"),
    ("code", "import asyncio\nawait asyncio.sleep(0)\n3"),
    ("code", "   "),
    (
        "code",
        "import os, time\nos.system('echo of a child')\n"
        "time.sleep(0.5)\nasyncio.get_running_loop().is_running(), get_ipython().kernel is None",
    ),
    ("code", "import geopandas\nlen(geopandas.read_file('../data/shape.geojson'))"),
]
POINT = {"type": "Point", "coordinates": [0, 0]}
FEATURE = {"type": "Feature", "properties": {"a": 1}, "geometry": POINT}
GEOJSON = json.dumps({"type": "FeatureCollection", "features": [FEATURE]})


def test_warm_equals_cold(toy):
    toy.notebook("one", RICH)
    (toy.root / "data/shape.geojson").write_text(GEOJSON)
    read = {}
    books = {}
    for way in ((), ("--cold",)):
        toy.press("run", "--out", f"reports{way}", *way)
        toy.out = toy.root / f"reports{way}"
        books[way] = (toy.out / "pair/one.ipynb").read_bytes()
        read[way] = set(toy.manifest()["jobs"]["pair/one"]["files"])
    assert books[()] == books[("--cold",)]
    assert read[()] == read[("--cold",)]
    cells = {cell["id"]: cell for cell in json.loads(books[()])["cells"]}
    assert set(cells) == {f"c{n}" for n in range(len(RICH))} | {"injected-parameters"}
    kinds = [o.get("name", o["output_type"]) for o in cells["c2"]["outputs"]]
    assert kinds == ["stdout", "stderr", "display_data", "stdout", "execute_result"]
    injected = "".join(cells["c2"]["outputs"][-1]["data"]["text/plain"])
    assert "start_year = 2001" in injected  # In[2] holds the injected cell
    assert cells["c11"]["outputs"][0]["text"] == ["of a child\n"]
    assert cells["c11"]["outputs"][1]["data"]["text/plain"] == ["(True, False)"]
    about = cells["c4"]["outputs"][0]["metadata"]
    assert about == {"image/png": {"alt": 'Three "points" <rising>', "width": 200}}
    assert "image/png" in cells["c5"]["outputs"][-1]["data"]  # pyplot's figure, shown by itself
    # files read in Python, in C (GDAL), and as modules; nothing that only lies there
    wanted = {"data/one.csv", "data/shape.geojson", "lib/toylib.py", "notebooks/one.ipynb"}
    assert read[()] == wanted


def test_traceback_of_the_collection_is_honoured(toy):
    own = "class Clear(ValueError):\n    def _render_traceback_(self): return ['one clear line']\n"
    toy.notebook("one", [("parameters", "start_year = 1"), ("code", own + "raise Clear('bad')")])
    said = toy.press("run", expect=1)
    assert "cell 2, line 3 (raise Clear('bad')): Clear: bad" in said


def test_same_inputs_same_bytes(toy):
    def all_bytes():
        found = toy.out.rglob("*")
        return {p: p.read_bytes() for p in found if p.suffix in {".html", ".ipynb", ".png"}}

    toy.press("run")
    first = all_bytes()
    (toy.out / "manifest.json").write_text("{broken")
    said = toy.press("run")
    assert "taken as empty" in said
    assert "2 made" in said
    assert len(first) == 6
    assert all_bytes() == first


def test_notebooks_in_place(toy):
    toy.notebook("bad", [("code", "1 / 0")])
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
