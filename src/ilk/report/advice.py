"""Advice above the segments: what goes for all of them, and for which line of business it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ilk.errors import Spelling, spell_parameter
from ilk.formatting.text import join_words
from ilk.schema import Schema
from ilk.segments.playbook import list_telling_names
from ilk.segments.playbook_file import load_playbook
from ilk.segments.segment import Segment
from ilk.segments.traits import find_column_meanings

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


def write_advice_notes(
    segments: Sequence[Segment], schema: Schema, spell: Spelling = spell_parameter
) -> list[str]:
    """What is said once, above the segments: the line of business, and why advice is missing."""
    notes = (describe_sector(segments, schema), describe_silence(segments, schema, spell))
    return [note for note in notes if note]


def describe_silence(
    segments: Sequence[Segment], schema: Schema, spell: Spelling = spell_parameter
) -> str:
    """Why most segments have no action, where that is because of names that tell nothing.

    Examples
    --------
    >>> from ilk.schema import Column
    >>> from ilk.segments.segment import Figures
    >>> columns = [Column(name, "number", "feature", "") for name in ("X1", "X2")]
    >>> pair = [Segment(i, "", "", Figures(1, 0.5, (), ()), ()) for i in (1, 2)]
    >>> describe_silence(pair, Schema(tuple(columns))).split(": ")[0]
    '2 of 2 segments have no advice'
    """
    silent = sum(not segment.action for segment in segments)
    unknown = _list_unknown(schema)
    if len(segments) < 2 or 2 * silent <= len(segments) or not unknown:
        return ""
    several = len(unknown) > 1
    names = f"names of {join_words(unknown)} do" if several else f"name of {unknown[0]} does"
    return (
        f"{silent} of {len(segments)} segments have no advice: the {names} not tell ilk what "
        f"{'they mean' if several else 'it means'}. Give the columns readable English names with "
        f"{spell('labels', None)}."
    )


def _list_unknown(schema: Schema) -> list[str]:
    """The first columns used for segmentation that stand for nothing in the playbook."""
    known = find_column_meanings(schema.features, load_playbook())
    return [
        column.name
        for column in schema.features
        if column.name not in known
        and column.meaning != "yes_no"
        and column.answer is None
        and not column.is_value
    ][:_MAX_NAMED_COLUMNS]


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
