"""Sensitive traits that show in the values of a column, whatever it is called."""

from __future__ import annotations

from ilk.columns.kinds import ColumnEvidence
from ilk.vocabulary.concepts import is_word

_MAX_LEVELS = 12

_LETTER_PAIRS = tuple(map(frozenset, ("fm", "mw", "fh", "mv", "km", "мж")))
"""Letters for the sexes in the languages of the vocabulary."""

_OTHER_LETTERS = frozenset("xdou")


def has_sensitive_levels(column: ColumnEvidence) -> bool:
    """Whether all levels of a column are those of a sensitive trait, such as Mr and Mrs.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"title": ["Mr", "Dr", "Ms"], "size": ["S", "M", "L"]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> [has_sensitive_levels(ColumnEvidence(name, summary)) for name in frame.columns]
    [True, False]
    """
    if not 2 <= column.n_levels <= _MAX_LEVELS or column.is_mostly_numbers:
        return False
    levels = [str(level).casefold().strip(" .") for level in column.texts.drop_nulls().unique()]
    letters = frozenset(levels)
    if any(pair <= letters <= pair | _OTHER_LETTERS for pair in _LETTER_PAIRS):
        return True
    telling = [level for level in levels if is_word(level, "sensitive_level")]
    others = [level for level in levels if level not in telling]
    return len(telling) >= 2 and all(is_word(level, "sensitive_filler") for level in others)
