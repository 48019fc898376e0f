"""The explorer in JupyterLab, as an analyst uses it: choose, see the map change, take the code."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 120_000  # milliseconds, on a busy machine
LINES, MAP, RANKING = range(3)
# What the explorer shows: the code, and the bytes of its pictures.
SHOWN = """() => {
  const pictures = [...document.querySelectorAll(".jupyter-widgets img")].map(each => each.src);
  return [document.querySelector(".jupyter-widgets pre").textContent, pictures];
}"""


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab over a copy of the explorer."""
    shutil.copy(ROOT / "notebooks/explore.ipynb", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    server = [f"--port={port}", "--port-retries=0", "--no-browser", "--allow-root"]
    server += ["--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path}"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *server],
            env=os.environ | own | {"JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "spaces")},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(PATIENCE // 200):
            try:
                urllib.request.urlopen(f"{address}/api")
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def test_choose_a_region_see_the_map_change_and_take_the_code(browser, lab):
    context = browser.new_context(viewport={"width": 1400, "height": 1600})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{lab}/lab/tree/explore.ipynb?reset")
    page.get_by_text("| Idle").wait_for()  # the kernel, before it is asked for anything
    page.get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".jupyter-widgets img").nth(1).wait_for()

    def choose(*regions):
        """Choose places; what is shown then, milliseconds until each picture was another."""
        (_, before), begun, taken = page.evaluate(SHOWN), time.perf_counter(), []
        page.locator(".widget-select-multiple select").select_option(label=[*regions])
        for place in (LINES, MAP, RANKING):
            other = f"before => ({SHOWN})()[1][{place}] !== before"
            page.wait_for_function(other, arg=before[place], polling=10)
            taken.append(1000 * (time.perf_counter() - begun))
        return page.evaluate(SHOWN), taken

    code, _ = page.evaluate(SHOWN)
    assert "vc.scope('Cusco', 'Puno', 2000, 2013" in code
    choose("Piura")
    (code, pictures), _ = choose("Junín")
    assert "vc.scope('Junín', 2000, 2013" in code
    # Once the explorer is warm; the middle one of five changes.
    names = ("Amazonas", "Pasco", "Cusco", "Piura", "Junín")
    first, then, last = sorted(choose("Puno", name)[1] for name in names)[2]
    print(f"\na change: lines after {first:.0f} ms, map {then:.0f}, ranking {last:.0f}")
    # The code that is shown makes the same map in an interpreter of its own.
    code = code.partition("As reports")[0] + "from valuechains.lab import _html\nprint(_html(map))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f'src="{pictures[MAP]}"' in made.stdout
    context.close()
