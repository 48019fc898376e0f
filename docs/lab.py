"""Execute the two notebooks of the lab in their place (``make notebooks`` runs it).

A widget lives in its kernel only: stored, it would be an error on the page, so it is left out.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
LAB = ("tour", "explore")
WIDGET = "application/vnd.jupyter.widget-view+json"

if __name__ == "__main__":
    for name in LAB:
        path = NOTEBOOKS / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        resources = {"metadata": {"path": str(NOTEBOOKS)}}
        own = {"store_widget_state": False, "record_timing": False, "resources": resources}
        language = notebook.metadata["language_info"]
        NotebookClient(notebook, **own).execute()
        notebook.metadata["language_info"] = language  # not the version of this machine's Python
        for cell in notebook.cells:
            kept = [out for out in cell.get("outputs", []) if WIDGET not in out.get("data", {})]
            cell |= {"outputs": kept} if "outputs" in cell else {}
        nbformat.write(notebook, path)
