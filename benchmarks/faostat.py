"""Reading coffee in Peru out of a FAOSTAT bulk file: our reader against DuckDB.

    python benchmarks/faostat.py [rows]

Makes a file of 4,000,000 rows (by default) in the bulk layout in a temporary folder, reads it
five times with each in turn, every run in a process of its own, and prints medians as a table.
Needs the extra ``benchmark``. Fails when the two do not give the same rows.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = (
    "Area Code,Area Code (M49),Area,Item Code,Item Code (CPC),Item,Element Code,Element,"
    "Year Code,Year,Unit,Value,Flag,Note\n"
)
# FAO code, M49, name; the second is the trap: its M49 number is Peru's FAO code.
AREAS = [("170", "604", "Peru"), ("44", "170", "Colombia"), ("21", "076", "Brazil"),
         ("107", "384", "Côte d'Ivoire"), ("5000", "001", "World")]  # fmt: skip
ELEMENTS = [
    ("5312", "Area harvested", "ha"),
    ("5412", "Yield", "kg/ha"),
    ("5510", "Production", "t"),
]
YEARS = range(1961, 2025)
RUNS = 5
QUERY = """
SELECT Year, "Element Code", Value, Flag FROM read_csv(?, header=true, all_varchar=true)
WHERE "Item Code (CPC)" = '''01610' AND "Area Code (M49)" = '''604' AND Value IS NOT NULL
"""


def write(path: Path, size: int) -> None:
    """Write a bulk file: every item in every area, coffee the 400th of the items of each."""
    chance = random.Random(0)
    items = [(str(1000 + n), f"{20000 + n:05}", f'"Crop {n}, raw"') for n in range(1, 1000)]
    areas = AREAS + [(str(300 + n), f"{900 + n}", f"Area {n}") for n in range(1, 100)]
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(HEADER)
        while written < size:
            fao, m49, area = areas[written // (len(YEARS) * 3 * 400) % len(areas)]
            for n in range(400):
                code, cpc, item = items[n] if n else ("656", "01610", '"Coffee, green"')
                for year in YEARS:
                    hectares = chance.randrange(1000, 500_000)
                    tonnes = chance.randrange(500, 400_000)
                    figures = hectares, round(1000 * tonnes / hectares, 1), tonnes
                    for (element, name, unit), value in zip(ELEMENTS, figures, strict=True):
                        file.write(
                            f"{fao},'{m49},{area},{code},'{cpc},{item},{element},{name},{year},"
                            f"{year},{unit},{value:.6f},A,\n"
                        )
                        written += 1
                        if written == size:
                            return


def ours(path: str) -> list[list[str]]:
    from valuechains.extract.registry import FORMATS

    codes = {"area_ha": "5312", "yield_kg_per_ha": "5412", "production_t": "5510"}
    frame = FORMATS["faostat"].read(Path(path)).frame
    columns = frame["year"], frame["measure"].map(codes), frame["value"], frame["flag"]
    return [list(row) for row in zip(*columns, strict=True)]


def duckdb(path: str) -> list[list[str]]:
    import duckdb

    return [list(row) for row in duckdb.execute(QUERY, [path]).fetchall()]


READERS = {"valuechains": ours, "DuckDB": duckdb}


def run(reader: str, path: Path) -> dict:
    """Return rows, wall and CPU seconds (imports apart) and peak memory of one run."""
    command = [sys.executable, __file__, "--one", reader, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def one(reader: str, path: str) -> None:
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    rows = READERS[reader](path)
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"rows": rows, "wall": wall, "cpu": cpu, "mb": after.ru_maxrss / 1024}))


def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Production_Crops_Livestock_E_All_Data_(Normalized).csv"
        write(path, size)
        print(f"{size:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {RUNS} runs each\n")
        runs: dict[str, list[dict]] = {name: [] for name in READERS}
        for _ in range(RUNS):
            for name in READERS:
                runs[name].append(run(name, path))
    results = {json.dumps(sorted(single["rows"])) for found in runs.values() for single in found}
    if len(results) != 1:
        sys.exit("the readers do not give the same rows")
    print(f"The same {len(runs['DuckDB'][0]['rows']):,} rows from both.\n")
    print("| | wall s | CPU s | peak MB |\n|---|---|---|---|")
    medians = {
        name: [statistics.median(one[what] for one in found) for what in ("wall", "cpu", "mb")]
        for name, found in runs.items()
    }
    for name, (wall, cpu, mb) in medians.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {mb:.0f} |")
    ratios = [a / b for a, b in zip(*medians.values(), strict=True)]
    print("| ratio | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 4_000_000)
