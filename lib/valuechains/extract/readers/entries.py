"""A YAML list of entries → text cells that know their file, line and field."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from ...core.errors import DataError, candidates
from ...core.paths import relative
from .table import RawTable


def read_entries(path: Path, fields: tuple[str, ...]) -> RawTable:
    """Read a YAML file of one list (whatever stands beside it is a heading) as text.

    Rows are numbered by the line an entry starts on. A mapping inside an entry becomes columns
    ``outer.inner``, a list is joined with blanks, and each heading is a column that repeats.

    Raises
    ------
    DataError
        When it is no such file, or an entry has a field that is not among `fields`.
    """
    name = relative(path)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise DataError(f"{name}: the file is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise DataError(f"{name}: not YAML in UTF-8 ({' '.join(str(problem).split())})") from None
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    lists = [value for _, value in pairs if isinstance(value, yaml.SequenceNode)]
    if len(lists) != 1 or not lists[0].value:
        raise DataError(f"{name}: expected headings and one list of entries")
    head = {key.value: value.value for key, value in pairs if isinstance(value, yaml.ScalarNode)}
    rows = {}
    for entry in lists[0].value:
        line = entry.start_mark.line + 1
        if not isinstance(entry, yaml.MappingNode):
            raise DataError(f"{name}, row {line}: expected fields and values")
        row = dict(_cells(entry))
        if unknown := set(row) - set(fields):
            wrong = sorted(unknown)[0]
            raise DataError(
                f"{name}, row {line}: unknown field {wrong!r}{candidates(wrong, fields)}; "
                f"there are {', '.join(fields)}"
            )
        rows[line] = head | dict.fromkeys(fields, "") | row
    return RawTable(path, pd.DataFrame.from_dict(rows, orient="index", dtype=object))


def _cells(entry: yaml.MappingNode, outer: str = ""):
    for key, value in entry.value:
        if isinstance(value, yaml.MappingNode):
            yield from _cells(value, f"{outer}{key.value}.")
        elif isinstance(value, yaml.SequenceNode):
            yield outer + key.value, " ".join(str(one.value) for one in value.value)
        else:
            missing = value.tag == "tag:yaml.org,2002:null"
            yield outer + key.value, "" if missing else " ".join(value.value.split())
