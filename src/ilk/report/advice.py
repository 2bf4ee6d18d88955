"""Advice above the segments: what goes for all of them, and for which line of business it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ilk.formatting.text import join_words
from ilk.schema import Schema
from ilk.segments.playbook import list_telling_names
from ilk.segments.playbook_file import load_playbook
from ilk.segments.segment import Segment

_MAX_NAMED_COLUMNS = 4
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[^a-z])")


def split_shared_advice(segments: Iterable[Segment]) -> tuple[list[str], list[Segment]]:
    """What the actions of all segments have in common, and the segments without it.

    Actions that a person wrote are left alone.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> half = Figures(1, 0.5, (), ())
    >>> one = Segment(1, "A", "Call them. Measure sales.", half, (), goal="grow")
    >>> two = Segment(2, "B", "Write to them. Measure sales.", half, (), goal="keep")
    >>> shared, (first, second) = split_shared_advice([one, two])
    >>> shared, first.action
    (['For all segments: measure sales.'], 'Call them.')
    """
    segments = list(segments)
    advice = [_SENTENCE_END.split(segment.action) for segment in segments]
    if len(segments) < 2 or not all(segment.goal for segment in segments):
        return [], segments
    shared = [text for text in advice[0] if text and all(text in own for own in advice[1:])]
    rest = [
        replace(segment, action=" ".join(text for text in own if text not in shared))
        for segment, own in zip(segments, advice, strict=True)
    ]
    return ([f"For all segments: {_lower_first(' '.join(shared))}"] if shared else []), rest


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def describe_sector(segments: Sequence[Segment], schema: Schema) -> str:
    """Which line of business the actions are meant for, and by which columns it was recognized.

    Empty where no line of business is clear, and where the actions are not those of ilk.

    Examples
    --------
    >>> from ilk.schema import Column
    >>> from ilk.segments.segment import Figures
    >>> columns = [Column(name, "number", "feature", "") for name in ("Credit_Limit", "Loan")]
    >>> one = Segment(1, "All", "Call them.", Figures(1, 1.0, (), ()), (), goal="keep")
    >>> describe_sector([one], Schema(tuple(columns)))
    'The advice is for banking and cards, judging by Credit_Limit and Loan.'
    """
    playbook = load_playbook()
    columns = list_telling_names(schema.profile_columns)
    sector = playbook.find_sector(columns)
    if sector is None or not any(segment.goal for segment in segments):
        return ""
    named = playbook.list_sector_columns(sector, columns)[:_MAX_NAMED_COLUMNS]
    title = playbook.sectors[sector].title
    return f"The advice is for {title}, judging by {join_words(named)}."
