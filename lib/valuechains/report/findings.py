"""Sentences that code computes: findings, and what is said between figures."""

import string
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError
from ..core.language import listing, t
from ..plot.figure import region_name, unit_of

_MARKUP = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})
LISTS = (list, tuple, pd.Index, pd.Series, np.ndarray)


class Sentence:
    """A computed sentence, that shows itself in a notebook; a finding where it has a key.

    `text` is in the report's language, without markup (``str()`` of it), `markdown` the same with
    its markup. `values` are as given: numbers, texts, UBIGEO codes of regions.
    """

    def __init__(
        self, sentence: str, values: Mapping[str, Any], key: str = "", headline: bool = False
    ) -> None:
        self.sentence, self.values, self.key, self.headline = sentence, values, key, headline
        words = {name: _in_words(name, value) for name, value in values.items()}
        # Nothing in a value becomes markup.
        texts = {name: word for name, word in words.items() if isinstance(word, str)}
        safe = words | {name: text.translate(_MARKUP) for name, text in texts.items()}
        try:
            for _, name, _, _ in string.Formatter().parse(sentence):
                if name is not None and name not in values:
                    raise DataError(f"no value is given for {{{name}}}")
            self.markdown = t(sentence, **safe)
            self.text = t(t(sentence).replace("**", ""), **words)
        except ValueError as problem:
            raise DataError(f"{sentence!r}: {problem}") from None

    def __str__(self) -> str:
        return self.text

    @property
    def record(self) -> dict[str, Any]:
        """Key, sentence, text, values, their units where names say them, and headline, for JSON."""
        units = {name: unit_of(name) for name in self.values if unit_of(name)}
        return ({"units": units} if units else {}) | {
            "key": self.key,
            "sentence": self.sentence,
            "text": self.text,
            "values": {name: _plain(value) for name, value in self.values.items()},
            "headline": self.headline,
        }

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        metadata = {"finding": self.record} if self.key else {}
        return {"text/markdown": self.markdown, "text/plain": self.text}, metadata


def finding(
    key: str, sentence: str, values: Any = None, /, headline: bool = False, **more: Any
) -> Sentence | None:
    """Return a finding, or None when any of its values is missing.

    `key` names it on its page and through time ("farm-price-ahead"); its record is in the metadata
    of its output, whether it stands by itself or is a figure's title. Values come in a mapping or
    NamedTuple, or by keyword, into an English sentence as :func:`valuechains.core.language.t` takes
    it ("{share:%1}"): words of the data, which are translated; lists; UBIGEO codes, written as
    names, where the value's name ends in ``region`` or ``regions``. Three to five findings are a
    page's `headline`.

    >>> str(finding("ahead", "{region} ahead in {n} of {all} years", region="21", n=8, all=14))
    'Puno ahead in 8 of 14 years'
    >>> finding("ahead", "{region} ahead", region=None) is None
    True
    >>> finding("grown", "{production_t:0} t", production_t=7.2).record["units"]
    {'production_t': 't'}
    """
    given = _given(values, more)
    if any(_is_missing(value) for value in given.values()):
        return None
    return Sentence(sentence, given, key, headline)


def say(sentence: str, values: Any = None, /, **more: Any) -> Sentence:
    """Return a computed sentence that is no finding; values as for :func:`finding`.

    Markdown in the sentence is markup; text among the values is shown as it is.

    >>> say("**{region}**: {share:%1} of the herd", region="21", share=0.396).text
    'Puno: 39.6% of the herd'
    """
    return Sentence(sentence, _given(values, more))


def _given(values: Any, more: dict[str, Any]) -> dict[str, Any]:
    given = values._asdict() if hasattr(values, "_asdict") else values
    return dict(() if given is None else given) | more


def _is_missing(value: Any) -> bool:
    if isinstance(value, LISTS):
        return len(value) == 0 or any(_is_missing(part) for part in value)
    return bool(pd.isna(value))


def _in_words(name: str, value: Any) -> Any:
    """Return a value as it is put into a sentence: names for codes, lists as lists of words."""
    if isinstance(value, LISTS):
        return listing([str(_in_words(name, part)) for part in value])
    if name.endswith(("region", "regions")) and isinstance(value, str):
        # Joint codes are several names; a text that is no code stays a text.
        return listing([t(region_name(part)) for part in value.split("+")])
    return t(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, LISTS):
        return [_plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, bool | int | float | str) else str(value)
