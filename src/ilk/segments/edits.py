"""Names and actions of segments that a person wrote in place of the generated ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ilk.errors import UsageError, shorten
from ilk.formatting.text import format_single_line, is_control_character
from ilk.segments.segment import Segment, Segments
from ilk.segments.wording import find_duplicate_texts

NAME_LIMIT = 80
"""Most characters of a name written by hand."""

ACTION_LIMIT = 500
"""Most characters of an action written by hand."""

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that Persian, Indian scripts and emoji are written with."""


@dataclass(frozen=True)
class Edits:
    """New names and new actions, by the number of the segment.

    Examples
    --------
    >>> Edits(names={2: "Big spenders"}).merge(Edits(names={2: "Our best"}, actions={1: "Write."}))
    Edits(names={2: 'Our best'}, actions={1: 'Write.'})
    """

    names: Mapping[int, str] = field(default_factory=dict)
    actions: Mapping[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.names or self.actions)

    def merge(self, later: Edits) -> Edits:
        """These edits and later ones, which take precedence."""
        names, actions = {**self.names, **later.names}, {**self.actions, **later.actions}
        return Edits(dict(sorted(names.items())), dict(sorted(actions.items())))


def edit(segments: Segments, names: Mapping[int, str], actions: Mapping[int, str]) -> Segments:
    """Segments with new names and actions; everything else stays.

    Parameters
    ----------
    segments : Segments
    names, actions : mapping of int to str
        The new texts by the number of the segment. Spaces around them are dropped. A text that
        the segment already has is no edit, and is not checked.

    Raises
    ------
    UsageError
        If there is no segment of that number; if a text is empty, longer than 80 characters (an
        action: 500), or contains a line break or another control character; or if two segments
        would have the same name.

    Examples
    --------
    >>> import ilk
    >>> segments = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).segments
    >>> edit(segments, {2: " Big spenders "}, {2: "Invite them."})[1].name
    'Big spenders'
    """
    own_names = {segment.number: segment.name for segment in segments}
    own_actions = {segment.number: segment.action for segment in segments}
    new_names = _check_texts("name", names, own_names, NAME_LIMIT)
    new_actions = _check_texts("action", actions, own_actions, ACTION_LIMIT)
    edited = Segments(
        _edit_segment(segment, new_names.get(segment.number), new_actions.get(segment.number))
        for segment in segments
    )
    _check_different(edited, new_names)
    return edited


def _edit_segment(segment: Segment, name: str | None, action: str | None) -> Segment:
    """The segment with what is new, without the reasons and the goal of what was there before."""
    if name is not None and name != segment.name:
        segment = replace(segment, name=name, name_reasons=())
    if action is not None and action != segment.action:
        segment = replace(segment, action=action, goal="")
    return segment


def find_edits(before: Sequence[Segment], after: Sequence[Segment]) -> Edits:
    """The edits that turn some segments into the same ones with other names or actions.

    Examples
    --------
    >>> import ilk
    >>> segments = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).segments
    >>> find_edits(segments, edit(segments, {1: segments[0].name, 2: "Big spenders"}, {}))
    Edits(names={2: 'Big spenders'}, actions={})
    """
    pairs = list(zip(before, after, strict=True))
    return Edits(
        {new.number: new.name for old, new in pairs if new.name != old.name},
        {new.number: new.action for old, new in pairs if new.action != old.action},
    )


def _check_texts(
    kind: str, texts: Mapping[int, str], current: Mapping[int, str], limit: int
) -> dict[int, str]:
    """The new texts, without surrounding spaces, after a check that each can be shown."""
    for number in texts:
        if number not in current:
            raise _build_error(
                number, "there is no such segment", f"The segments are 1 to {len(current)}."
            )
    return {
        number: _check_text(kind, text, limit, number)
        for number, text in texts.items()
        if text != current[number]
    }


def _check_text(kind: str, text: str, limit: int, number: int) -> str:
    if not isinstance(text, str):
        raise _build_error(number, f"the {kind} {shorten(text)} is not text", "Put it in quotes.")
    text = text.strip()
    if not format_single_line(text):
        raise _build_error(number, f"the {kind} is empty", "Write one, or leave the segment out.")
    if len(text) > limit:
        problem = f"the {kind} has {len(text):,} characters"
        raise _build_error(number, problem, f"Shorten it to {limit}.")
    for character in text:
        if is_control_character(character) and character not in _JOINERS:
            problem = f"the {kind} contains the control character U+{ord(character):04X}"
            raise _build_error(number, problem, "Write it on one line, in plain text.")
    return text


def _check_different(segments: Sequence[Segment], names: Mapping[int, str]) -> None:
    """Refuse a name that another segment has, or that looks the same."""
    seen = [unicodedata.normalize("NFC", format_single_line(segment.name)) for segment in segments]
    for group in find_duplicate_texts(seen):
        alike = [segments[position] for position in group]
        given = [segment for segment in alike if segment.number in names]
        if given:
            segment = given[-1]
            other = next(candidate for candidate in alike if candidate is not segment)
            raise _build_error(
                segment.number,
                f"segment {other.number} is also called {shorten(other.name)}",
                "Give each segment a name of its own.",
            )


def _build_error(number: object, problem: str, way_out: str) -> UsageError:
    return UsageError("E_SEGMENT_EDIT", problem, place=f"segment {number!r}", way_out=way_out)
