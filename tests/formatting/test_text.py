"""Words: what is shown on one line has nothing in it that steers, and numbers are words to ten."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.formatting.text import format_single_line, is_control_character, spell_number


@given(st.text())
def test_one_line_has_no_character_that_steers(text: str) -> None:
    kinds = {unicodedata.category(letter) for letter in format_single_line(text)}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@pytest.mark.parametrize(
    "letter", ["\n", "\t", "\x1b", "\x00", "\u202e", "\u2028", "\u2029", "\ue000", "\ud800"]
)
def test_what_is_not_to_be_read_steers(letter: str) -> None:
    assert is_control_character(letter)


@pytest.mark.parametrize("letter", [" ", "a", "é", "顧", "ع", "🛒", "<"])
def test_what_is_to_be_read_does_not(letter: str) -> None:
    assert not is_control_character(letter)


def test_number_words() -> None:
    assert [spell_number(n) for n in (0, 9, 10, 11)] == ["No", "Nine", "Ten", "11"]
