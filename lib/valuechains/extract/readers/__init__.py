"""Published formats → rows. Each reader keeps the cell's place, for messages and records.

A raw file whose sidecar says ``format: <name>`` is read by the reader of that name, wherever it
lies; no code names the file.
"""

from ...core.errors import DataError, candidates
from .. import boundaries, tidy
from ..formats import Format
from . import comtrade, faostat, ico, midagri, pinksheet, wdi

# Asked in this order; tidy takes any table.
MODULES: tuple = (faostat, comtrade, wdi, midagri, pinksheet, ico, boundaries, tidy)
FORMATS: dict[str, Format] = {one.FORMAT.name: one.FORMAT for one in MODULES}


def known(name: str, file: str) -> Format:
    """Return a format by the name that a sidecar gives.

    Raises
    ------
    DataError
    """
    if name not in FORMATS:
        raise DataError(
            f"{file}: format {name!r}{candidates(str(name), FORMATS)}, "
            f"expected one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]
