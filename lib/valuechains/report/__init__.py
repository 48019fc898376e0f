"""Words: computed sentences, findings and tables for reading."""

from ..core.language import bound_words
from ..plot.figure import interval
from ..plot.sources import names_line, short_names
from .figures import bounded, partner_names, ratio_words, with_bounds, year_span
from .findings import Sentence, finding, say
from .tables import Table, table

__all__ = [
    "Sentence",
    "Table",
    "bound_words",
    "bounded",
    "finding",
    "interval",
    "names_line",
    "partner_names",
    "ratio_words",
    "say",
    "short_names",
    "table",
    "with_bounds",
    "year_span",
]
