"""Every format that files in ``data/raw`` can have: the layouts, boundaries, any table."""

from __future__ import annotations

from pathlib import Path

from ..core.declared import checked, read_yaml
from ..core.errors import DataError, candidates
from . import boundaries, tidy
from .comtrade import Comtrade
from .countries import Countries
from .faostat import Faostat
from .formats import Format
from .layout import Layout
from .panels import Panels
from .prices import Prices
from .series import Series
from .yearbook import Yearbook

ENGINES = (Faostat, Comtrade, Series, Panels, Yearbook, Prices, Countries)
FOLDER = Path(__file__).with_name("layouts")
# A file is recognised by the first that it fits; tidy takes any table.
ORDER = (
    *("faostat", "comtrade", "wdi", "midagri_livestock", "midagri_bulletin"),
    *("inei_value_added", "midagri_yearbook", "pink_sheet", "ico"),
)


def layout(name: str) -> Layout:
    """Return a layout by its name.

    Examples
    --------
    >>> layout("faostat").feeds
    ('coffee_national', 'coffee_trade', 'coffee_trade_peru')
    """
    fields = read_yaml(FOLDER / f"{name}.yml")
    engines = {engine.__name__.casefold(): engine for engine in ENGINES}
    return checked(engines[fields["engine"]], fields, f"layouts/{name}.yml")


LAYOUTS = {name: layout(name) for name in ORDER}
FORMATS: dict[str, Format] = {name: one.format() for name, one in LAYOUTS.items()}
FORMATS |= {one.FORMAT.name: one.FORMAT for one in (boundaries, tidy)}


def known(name: str, file: str) -> Format:
    """Return a format by the name that a sidecar gives."""
    if name not in FORMATS:
        near, there = candidates(str(name), FORMATS), ", ".join(FORMATS)
        raise DataError(f"{file}: format {name!r}{near}, expected one of {there}")
    return FORMATS[name]
