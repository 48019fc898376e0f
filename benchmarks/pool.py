"""A cold pool over the public APIs: papermill with an ordinary kernel, then nbconvert's exporter.

`pool.py PREPARED OUT WORKERS` does with every notebook what the two commands do, without
starting Python anew for each.
"""

import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any


@cache
def exporter() -> Any:
    """One exporter a worker."""
    from nbconvert import HTMLExporter

    return HTMLExporter()


def report(path: Path, target: Path) -> None:
    """One notebook, executed and exported."""
    import papermill

    target.parent.mkdir(parents=True, exist_ok=True)
    parameters = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    papermill.execute_notebook(path, target, parameters, kernel_name="python3", progress_bar=False)
    html, _ = exporter().from_filename(str(target))
    target.with_suffix(".html").write_text(html, encoding="utf-8")


def main(prepared: Path, out: Path, workers: int) -> None:
    """Make them all."""
    paths = sorted(prepared.glob("*/*.ipynb"))
    targets = [out / path.relative_to(prepared) for path in paths]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(report, paths, targets))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
