"""Text from outside made fit for a reader, and numbers and stability in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ilk.formatting.numbers import format_count

_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories: control, format, surrogate, private use, line and paragraph separators."""

_MAX_LISTED = 6
"""Columns that a sentence names."""

_NUMBER_WORDS = (
    *("No", "One", "Two", "Three", "Four", "Five"),
    *("Six", "Seven", "Eight", "Nine", "Ten"),
)

_CASE_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DIGIT_BOUNDARY = re.compile(r"(?<=[A-Za-z])(?=\d)")
_WORD = re.compile(r"[^\W_]+")


def split_words(name: str, *, split_digits: bool = False) -> list[str]:
    """Split a name such as a column's into its words, at signs and where the case changes.

    With ``split_digits``, digits after a letter begin a word too.

    Examples
    --------
    >>> split_words("CustomerID"), split_words("Annual Income (k$)")
    (['Customer', 'ID'], ['Annual', 'Income', 'k'])
    >>> split_words("Change_Q4"), split_words("Change_Q4", split_digits=True)
    (['Change', 'Q4'], ['Change', 'Q', '4'])
    """
    spaced = _CASE_BOUNDARY.sub(" ", name)
    return _WORD.findall(_DIGIT_BOUNDARY.sub(" ", spaced) if split_digits else spaced)


def format_single_line(text: str) -> str:
    r"""The text in one line, without characters that control a terminal or the writing direction.

    Examples
    --------
    >>> format_single_line("High\nincome \x1b[31m")
    'High income [31m'
    """
    kept = "".join(
        letter for letter in text if letter.isspace() or not is_control_character(letter)
    )
    return " ".join(kept.split())


def is_control_character(character: str) -> bool:
    r"""Whether a character controls a terminal, a line or the writing direction.

    Examples
    --------
    >>> [is_control_character(letter) for letter in ("a", " ", "\n", "\u202e")]
    [False, False, True, True]
    """
    return unicodedata.category(character) in _CONTROL_CATEGORIES


def spell_number(number: int) -> str:
    """A number as it stands at the start of a sentence: in words up to ten.

    Examples
    --------
    >>> spell_number(5), spell_number(20)
    ('Five', '20')
    """
    return _NUMBER_WORDS[number] if number < len(_NUMBER_WORDS) else str(number)


def join_words(words: Sequence[str], conjunction: str = "and") -> str:
    """At least one word, as a list in a sentence.

    Examples
    --------
    >>> join_words(["Age"]), join_words(["Age", "Income", "Score"])
    ('Age', 'Age, Income and Score')
    >>> join_words(["csv", "parquet"], "or")
    'csv or parquet'
    """
    return f" {conjunction} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def list_columns(names: Sequence[str]) -> str:
    """At least one column name, in quotes, as a list in a sentence; of many the first six.

    Examples
    --------
    >>> list_columns(["Age", "Income"]), list_columns([f"x{i}" for i in range(9)])
    ("'Age' and 'Income'", "'x0', 'x1', 'x2', 'x3', 'x4', 'x5' and 3 other columns")
    """
    listed = [f"'{name}'" for name in names[:_MAX_LISTED]]
    if len(names) > _MAX_LISTED:
        listed.append(format_count(len(names) - _MAX_LISTED, "other column"))
    return join_words(listed)


def format_literal(value: object) -> str:
    """A value as Python writes it, texts in double quotes unless they hold some.

    Examples
    --------
    >>> print(format_literal("Income (k$)"), format_literal('5" pipe'), format_literal(["a", 0.5]))
    "Income (k$)" '5" pipe' ["a", 0.5]
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(format_literal, value))}]"
    if isinstance(value, dict):
        entries = (f"{format_literal(key)}: {format_literal(one)}" for key, one in value.items())
        return f"{{{', '.join(entries)}}}"
    text = repr(value)
    # Where repr chose single quotes and there is no double one, no quote stands inside.
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text


STABILITY_LABELS = (
    (0.85, "very stable"),
    (0.75, "stable"),
    (0.60, "moderately stable"),
)
"""Lowest Jaccard coefficient of each label; a segment below the last is not stable."""

UNSTABLE_LABEL = "not stable"


def label_stability(jaccard: float) -> str:
    """A stability (Jaccard coefficient) in words.

    Examples
    --------
    >>> label_stability(0.9), label_stability(0.6), label_stability(0.3)
    ('very stable', 'moderately stable', 'not stable')
    """
    return next((words for least, words in STABILITY_LABELS if jaccard >= least), UNSTABLE_LABEL)
