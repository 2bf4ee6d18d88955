"""Columns that an earlier segmentation or model left in a table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ilk.columns.kinds import ColumnEvidence
from ilk.vocabulary.concepts import has_word, join_name_words, split_name

_MIN_MACHINE_WORDS, _MIN_PARTS, _MIN_PART = 10, 3, 4
"""A name that a program made has so many words, with so many names of so many letters in it."""

_RFM_SCORE = re.compile(r"[rfm](score|quartile|quintile|quantile|rank|tile)?")
_MAX_SCORE = 10
_OWN_LABELS = frozenset({"segment", "segmentname"})
_OWN_COLUMNS = frozenset({"action", "margin"})
"""What ilk writes beside the labels of customers."""


def find_segmentations(columns: Iterable[ColumnEvidence]) -> frozenset[str]:
    """Find the columns that hold segments, RFM scores, or what ilk wrote beside its segments.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"R": [1, 5], "F": [2, 5], "M": [4, 5], "margin": [2.5, 3.5]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> sorted(find_segmentations(ColumnEvidence(name, summary) for name in frame.columns))
    ['F', 'M', 'R']
    """
    by_name = {column.name: column for column in columns}
    joined = {name: join_name_words(name) for name in by_name}
    named = {name for name in joined if has_word(name, "segmentation")}
    letters = {
        name: word[:1]
        for name, word in joined.items()
        if _RFM_SCORE.fullmatch(word) and by_name[name].n_levels <= _MAX_SCORE
    }
    own = {name for name, word in joined.items() if word in _OWN_COLUMNS}
    return frozenset(
        named
        | (letters.keys() if len(set(letters.values())) == len("rfm") else set())
        | (own if set(joined.values()) >= _OWN_LABELS else set())
    )


def is_machine_name(name: str, names: Iterable[str]) -> bool:
    """Whether a long name was put together from names of other columns.

    Examples
    --------
    >>> names = ["purchases", "purchases_frequency", "tenure", "income"]
    >>> is_machine_name("oneoff_purchases_frequency", names)
    False
    >>> is_machine_name("model_2_of_purchases_and_tenure_and_income_with_5_trees", names)
    True
    """
    if len(split_name(name)) < _MIN_MACHINE_WORDS:
        return False
    rest, n_parts = join_name_words(name), 0
    others = {join_name_words(other) for other in names} - {rest}
    for other in sorted(others, key=len, reverse=True):  # a part counts once: the longest first
        if len(other) >= _MIN_PART and other in rest:
            rest = rest.replace(other, " ", 1)
            n_parts += 1
    return n_parts >= _MIN_PARTS
