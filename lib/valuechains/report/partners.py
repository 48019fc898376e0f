"""Trading partners by name, in the report's language."""

import pandas as pd

from ..core.countries import display
from ..core.language import current, t


def partner_names(largest: pd.DataFrame, rest: str) -> list[str]:
    """Return the names of the partners in ``select.trade.largest``, for bars.

    A rank stands beside the name of a partner that is shown above its place; `rest` is what the row
    without a country is called.

    >>> rows = pd.DataFrame({"partner_iso3": ["BRA", "PER", ""], "rank": [1, 9, None]})
    >>> partner_names(rows, "rest of the world")
    ['Brazil', 'Peru (no. 9)', 'rest of the world']
    """
    names = [display(code, current()) if code else rest for code in largest["partner_iso3"]]
    ranks = enumerate(zip(names, largest["rank"], strict=True), start=1)
    return [
        t("{name} (no. {rank:0})", name=name, rank=rank) if rank > place else name
        for place, (name, rank) in ranks
    ]
