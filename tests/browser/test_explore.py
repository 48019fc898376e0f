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
# What the explorer shows: the code, and the bytes of the map.
SHOWN = """() => {
  const code = document.querySelector(".jupyter-widgets pre");
  return [code.textContent, document.querySelectorAll(".jupyter-widgets img")[1].src];
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
        """Choose places; what is shown then, and the milliseconds until it was."""
        (_, before), begun = page.evaluate(SHOWN), time.perf_counter()
        page.locator(".widget-select-multiple select").select_option(label=[*regions])
        page.wait_for_function(f"before => ({SHOWN})()[1] !== before", arg=before, polling=10)
        return page.evaluate(SHOWN), 1000 * (time.perf_counter() - begun)

    code, _ = page.evaluate(SHOWN)
    assert "vc.scope('Cusco', 'Puno', 2000, 2013" in code
    choose("Piura")
    (code, picture), _ = choose("Junín")
    assert "vc.scope('Junín', 2000, 2013" in code
    names = ("Amazonas", "Pasco", "Cusco", "Piura", "Junín")
    taken = sorted(choose("Puno", name)[1] for name in names)
    print(f"\na change takes {taken[2]:.0f} ms ({taken[0]:.0f} to {taken[-1]:.0f}) once warm")
    # The code that is shown makes the same map in an interpreter of its own.
    code = code.partition("As reports")[0] + "from valuechains.lab import _html\nprint(_html(map))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f'src="{picture}"' in made.stdout
    context.close()
