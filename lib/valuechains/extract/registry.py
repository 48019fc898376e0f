"""Every format that files in ``data/raw`` can have: the layouts, boundaries, any table."""

from pathlib import Path

from ..core.declared import checked, read_yaml
from ..core.errors import DataError, there_are
from . import boundaries, tidy
from .comtrade import Comtrade
from .faostat import Faostat
from .formats import Format, Layout
from .ico import Ico
from .panels import Panels
from .prices import Prices
from .series import Indicators
from .yearbook import Yearbook

# A file is recognised by the first that it fits; tidy takes any table.
ENGINES = {
    "faostat": Faostat,
    "comtrade": Comtrade,
    "wdi": Indicators,
    "midagri_livestock": Panels,
    "midagri_bulletin": Panels,
    "inei_value_added": Panels,
    "midagri_yearbook": Yearbook,
    "pink_sheet": Prices,
    "ico": Ico,
}
LAYOUTS = Path(__file__).with_name("layouts")
FORMATS: dict[str, Format | Layout] = {
    name: checked(engine, {"name": name} | read_yaml(LAYOUTS / f"{name}.yml"), f"{name}.yml")
    for name, engine in ENGINES.items()
}
FORMATS |= {module.FORMAT.name: module.FORMAT for module in (boundaries, tidy)}


def known(name: str, file: str) -> Format | Layout:
    """Return a format by the name that a sidecar gives."""
    if name not in FORMATS:
        raise DataError(f"{file}: format {name!r}{there_are(name, FORMATS)}")
    return FORMATS[name]
