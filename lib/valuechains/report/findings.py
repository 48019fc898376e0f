"""Sentences that code computes: findings, and what is said between figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..core import places
from ..core.language import listing, t

_MARKUP = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


class Sentence:
    """A computed sentence, that shows itself in a notebook.

    Attributes
    ----------
    sentence : str
        English, with its places for values.
    values : dict
        Numbers, texts, UBIGEO codes of regions.
    text : str
        The sentence in the report's language, without markup; ``str()`` of it.
    markdown : str
        The same with its markup, for a list or a text made of several.
    """

    def __init__(self, sentence: str, values: Mapping[str, Any]) -> None:
        self.sentence, self.values = sentence, dict(values)
        words = {name: _in_words(name, value) for name, value in self.values.items()}
        # Nothing in a value becomes markup.
        safe = {
            name: word.translate(_MARKUP) if isinstance(word, str) else word
            for name, word in words.items()
        }
        self.markdown = t(sentence, **safe)
        self.text = t(t(sentence).replace("**", ""), **words)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        return {"text/markdown": self.markdown, "text/plain": self.text}, {}


class Finding(Sentence):
    """A sentence with a key: title of a figure, key finding of a page, entry of the index.

    The metadata of its output hold its record under ``finding``, whether it stands by itself or is
    a figure's title.
    """

    def __init__(self, key: str, sentence: str, values: Mapping[str, Any], headline: bool) -> None:
        super().__init__(sentence, values)
        self.key, self.headline = key, headline

    @property
    def record(self) -> dict[str, Any]:
        """Key, sentence, text, values and headline, as JSON has them."""
        return {
            "key": self.key,
            "sentence": self.sentence,
            "text": self.text,
            "values": {name: _plain(value) for name, value in self.values.items()},
            "headline": self.headline,
        }

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        return super()._repr_mimebundle_()[0], {"finding": self.record}


def finding(
    key: str, sentence: str, values: Any = None, /, headline: bool = False, **more: Any
) -> Finding | None:
    """Return a finding, or None when any of its values is missing.

    Parameters
    ----------
    key : str
        Names the finding on its page and through time ("farm-price-ahead").
    sentence : str
        English; values as :func:`valuechains.core.language.t` takes them ("{share:%1}").
    values : mapping or NamedTuple, optional
        Values by name, besides those by keyword. ``region``, ``regions`` and what ends so may be
        UBIGEO codes; they are written as names. A list is written as a list of words; words of
        the data are translated.
    headline : bool
        One of the three to five findings that stand on top of the page.

    Examples
    --------
    >>> str(finding("ahead", "{region} ahead in {n} of {all} years", region="21", n=8, all=14))
    'Puno ahead in 8 of 14 years'
    >>> finding("ahead", "{region} ahead", region=None) is None
    True
    """
    given = _given(values, more)
    if any(_is_missing(value) for value in given.values()):
        return None
    return Finding(key, sentence, given, headline)


def say(sentence: str, values: Any = None, /, **more: Any) -> Sentence:
    """Return a computed sentence that is no finding; values as for :func:`finding`.

    Markdown in the sentence is markup; text among the values is shown as it is.

    Examples
    --------
    >>> say("**{region}**: {share:%1} of the herd", region="21", share=0.396)
    Sentence('Puno: 39.6% of the herd')
    """
    return Sentence(sentence, _given(values, more))


def _given(values: Any, more: dict[str, Any]) -> dict[str, Any]:
    given = (
        values._asdict() if hasattr(values, "_asdict") else dict(() if values is None else values)
    )
    return given | more


def _is_missing(value: Any) -> bool:
    if isinstance(value, list | tuple | pd.Index | pd.Series | np.ndarray):
        return len(value) == 0 or any(_is_missing(part) for part in value)
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def _in_words(name: str, value: Any) -> Any:
    """Return a value as it is put into a sentence: names for codes, lists as lists of words."""
    is_list = isinstance(value, list | tuple | pd.Index | pd.Series | np.ndarray)
    parts = list(value) if is_list else [value]
    if name.endswith(("region", "regions")):
        known = {*places.codes(), places.COUNTRY}
        parts = [places.name(part) if part in known else part for part in parts]
    parts = [t(part) if isinstance(part, str) else part for part in parts]
    return listing([str(part) for part in parts]) if is_list else parts[0]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, list | tuple | pd.Index | pd.Series | np.ndarray):
        return [_plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, bool | int | float | str) else str(value)
