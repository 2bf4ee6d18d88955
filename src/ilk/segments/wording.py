"""How answers, reliability and borderline cases are written for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ilk.formatting.answers import NO_WORDS, YES_WORDS
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import label_stability

if TYPE_CHECKING:
    from ilk.segments.segment import Segment


_YES = YES_WORDS | {"y", "t", "1", "1.0"}
_NO = NO_WORDS | {"n", "f", "0", "0.0"}


MIN_TESTED_CUSTOMERS = 10
"""Customers below which nothing is said on how stable a segment is."""

BORDERLINE_MARGIN = 0.2
"""Margin below which a customer is borderline: almost as close to another segment."""

NOISE_MESSAGE = (
    "This customer fits no segment: none is close enough, or a value is missing that the segments "
    "are based on."
)
"""What is said of a customer in segment 0: noise to a density method, or with a value missing."""


def describe_margin(margin: float) -> str:
    """How clearly a customer belongs to the segment, in words.

    Parameters
    ----------
    margin : float
        0.0 on the boundary between two segments, 1.0 at the center of one.

    Examples
    --------
    >>> [describe_margin(margin) for margin in (0.8, 0.3, 0.05)]
    ['Clear match', 'Fairly clear match', 'Borderline: almost as close to another segment']
    """
    if margin >= 0.5:
        return "Clear match"
    if margin >= BORDERLINE_MARGIN:
        return "Fairly clear match"
    return "Borderline: almost as close to another segment"


def explain_margin(margin: float) -> str:
    """:func:`describe_margin` with the figure, and what the figure means.

    Examples
    --------
    >>> explain_margin(0.8)
    'Clear match (margin 0.80; 0 is the boundary to the next segment, 1 the center of its own)'
    """
    return (
        f"{describe_margin(margin)} (margin {margin:.2f}; 0 is the boundary to the next segment, "
        "1 the center of its own)"
    )


def read_answer(level: str) -> bool | None:
    """What the level of a yes/no column says; ``None`` if it is no such answer.

    Examples
    --------
    >>> read_answer("Yes"), read_answer("0"), read_answer("nein"), read_answer("maybe")
    (True, False, False, None)
    """
    text = level.strip().lower()
    return True if text in _YES else False if text in _NO else None


def lower_text(text: str) -> str:
    """The text in lower case, without the stray dot that the Turkish İ would leave.

    Examples
    --------
    >>> lower_text("GELİR")
    'gelir'
    """
    return text.replace("İ", "i").lower()


def capitalize(text: str) -> str:
    """The text with its first letter in upper case and the rest untouched.

    Examples
    --------
    >>> capitalize("high income, mostly VIP")
    'High income, mostly VIP'
    """
    return text[:1].upper() + text[1:]


def clip_text(text: str, limit: int) -> str:
    """The text on one line, and cut to a number of characters.

    Examples
    --------
    >>> clip_text("a very long label", 12), clip_text("short", 12)
    ('a very long…', 'short')
    """
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def find_duplicate_texts(texts: Iterable[str]) -> list[list[int]]:
    """Positions of texts that differ only in upper and lower case, group by group.

    Examples
    --------
    >>> find_duplicate_texts(["Loyal", "New", "loyal", "Lost"])
    [[0, 2]]
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        groups[text.casefold()].append(i)
    return [group for group in groups.values() if len(group) > 1]


def describe_confidence(segment: Segment) -> list[str]:
    """How stable the segment is, and how many of its customers are borderline; what is known.

    Examples
    --------
    >>> from ilk.segments.segment import Figures, Segment
    >>> figures = Figures(70, 0.5, (), ())
    >>> gold = Segment(1, "Gold", "Call.", figures, (), 0.97, borderline_share=0.13)
    >>> for sentence in describe_confidence(gold):
    ...     print(sentence)
    Very stable: 97% overlap in repeat tests.
    13% are borderline.
    """
    sentences = []
    # The overlap of a few customers with a few others is no evidence.
    if segment.stability is not None and segment.figures.customers >= MIN_TESTED_CUSTOMERS:
        label = capitalize(label_stability(segment.stability))
        overlap = format_percent(segment.stability)
        sentences.append(f"{label}: {overlap} overlap in repeat tests.")
    if segment.borderline_share is not None:
        share = segment.borderline_share
        borderline = (
            f"{format_percent(share)} are borderline" if share else "No borderline customers"
        )
        sentences.append(f"{borderline}.")
    return sentences
