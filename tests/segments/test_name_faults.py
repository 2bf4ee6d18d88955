"""Names of whole runs, read for the faults that make a name useless or wrong."""

from __future__ import annotations

import re

from ilk.segments.name_phrases import is_plain_word
from ilk.segments.wording import lower_text

FAULTS = {
    "a quoted level": re.compile(r"[“”\"']"),
    "a code of a column": re.compile(r"_|[A-Z]{2}\w*\d"),
    "mostly twice": re.compile(r"mostly.*mostly", re.IGNORECASE),
    "an answer without its question": re.compile(r"\b(yes|no|true|false)\b", re.IGNORECASE),
    "a cut": re.compile("…"),
    "a number in place of a difference": re.compile(r"group \d"),
    "average by default": re.compile("otherwise average"),
    "a stray dot": re.compile("\u0307"),
    "too many words": re.compile(r"(\S+ ){7}"),
}


def test_names_are_free_of_faults(described):
    faulty = {
        fault: segment.name
        for segment in described.segments
        for fault, pattern in FAULTS.items()
        if pattern.search(segment.name)
    }
    assert faulty == {}


def test_a_code_stands_only_beside_its_column(described):
    """Such as "occupation 1"; digits that a column or a level has in its own name are no codes."""
    for segment in described.segments:
        for reason in segment.name_reasons:
            trait = next(trait for trait in segment.traits if trait.text == reason.text)
            if trait.top is None or is_plain_word(trait.top):
                continue
            column = lower_text(re.sub(r"[\W_]+", " ", trait.column)).split()
            assert any(word in lower_text(reason.words) for word in column), reason


def test_names_are_short_and_different(described):
    names = [segment.name for segment in described.segments]
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) <= 60


def test_every_word_of_a_name_has_its_figures(described):
    for segment in described.segments:
        texts = {trait.text for trait in segment.traits}
        assert segment.name == "Average customers" or segment.name_reasons
        assert all(reason.text in texts for reason in segment.name_reasons)
