"""Words: text from outside made fit for a reader, and numbers in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories: control, format, surrogate, private use, line and paragraph separators."""

_NUMBER_WORDS = (
    *("No", "One", "Two", "Three", "Four", "Five"),
    *("Six", "Seven", "Eight", "Nine", "Ten"),
)


def one_line(text: str) -> str:
    r"""The text in one line, without characters that steer a terminal or turn the writing round.

    Examples
    --------
    >>> one_line("High\nincome \x1b[31m")
    'High income [31m'
    """
    kept = "".join(letter for letter in text if letter.isspace() or not steers(letter))
    return " ".join(kept.split())


def steers(character: str) -> bool:
    r"""Whether a character is none to read: it steers a terminal, ends a line or turns the writing.

    Examples
    --------
    >>> [steers(letter) for letter in ("a", " ", "\n", "\u202e")]
    [False, False, True, True]
    """
    return unicodedata.category(character) in _CONTROL_CATEGORIES


def number_word(number: int) -> str:
    """A number as it begins a sentence: in words up to ten.

    Examples
    --------
    >>> number_word(5), number_word(20)
    ('Five', '20')
    """
    return _NUMBER_WORDS[number] if number < len(_NUMBER_WORDS) else str(number)


def listed(words: Sequence[str]) -> str:
    """Words in a row, of at least one.

    Examples
    --------
    >>> listed(["Age"]), listed(["Age", "Income", "Score"])
    ('Age', 'Age, Income and Score')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


BANDS = ((0.85, "very stable"), (0.75, "stable"), (0.60, "a pattern, with uncertain members"))
"""Least Jaccard coefficient, and what it says; below the last a segment dissolves."""

DISSOLVED = "not stable"


def band(jaccard: float) -> str:
    """What a stability says in words.

    Examples
    --------
    >>> band(0.9), band(0.6), band(0.3)
    ('very stable', 'a pattern, with uncertain members', 'not stable')
    """
    return next((words for least, words in BANDS if jaccard >= least), DISSOLVED)
