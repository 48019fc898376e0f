"""The floor: the same cells as plain code in warm forked processes; no notebook, no page.

`floor.py PREPARED OUT WORKERS` runs every `PREPARED/*/*.ipynb` with the parameters beside it and
keeps what its figures were drawn to.
"""

import ast
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

PICTURES = ("image/svg+xml", "image/png")  # a bundle has one of them


def run_cells(path: Path) -> list[str]:
    """Run a notebook's code; its figures, drawn when and as a notebook would."""
    figures: list[str] = []

    def display(*values: Any) -> None:
        for value in values:
            if bundle := getattr(value, "_repr_mimebundle_", None):
                data = bundle()[0]  # a sentence has one too, without a picture
                figures.extend(data[kind].strip() for kind in PICTURES if kind in data)
            elif text := getattr(value, "_repr_html_", getattr(value, "_repr_markdown_", None)):
                text()

    space: dict[str, Any] = {"__name__": "__main__", "display": display}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(path), "exec"), space)
        if last:
            value = eval(compile(ast.Expression(last.value), str(path), "eval"), space)
            if value is not None:
                display(value)
        if "parameters" in cell["metadata"].get("tags", []):
            space |= json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return figures


def keep(figures: list[str], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures), encoding="utf-8")


def main(prepared: Path, out: Path, workers: int) -> int:
    """Run them all, so many at once; prints the seconds without the imports."""
    import press._warm  # noqa: F401  the same third-party modules, loaded once

    begun = time.perf_counter()
    waiting, running, failed = sorted(prepared.glob("*/*.ipynb")), 0, 0
    while waiting or running:
        if waiting and running < workers:
            path = waiting.pop(0)
            if os.fork() == 0:
                try:
                    keep(run_cells(path), out / path.relative_to(prepared).with_suffix(".json"))
                    os._exit(0)
                except Exception:
                    traceback.print_exc()
                    os._exit(1)
            running += 1
            continue
        failed += os.wait()[1] != 0
        running -= 1
    print(f"{time.perf_counter() - begun:.3f}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
