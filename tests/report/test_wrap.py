from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.formatting.text import format_single_line
from ilk.report.wrap import measure_width, wrap_text


def bare(text: str) -> str:
    return "".join(text.split())


@given(st.text(max_size=200), st.integers(4, 40), st.integers(1, 5))
def test_no_line_is_wider_and_no_more_lines_than_asked(text: str, width: int, lines: int) -> None:
    shown = wrap_text(text, width, lines).split("\n")
    assert len(shown) <= lines
    assert max(map(measure_width, shown)) <= width


@given(st.text(max_size=100), st.integers(4, 40))
def test_with_enough_lines_nothing_is_lost(text: str, width: int) -> None:
    assert bare(wrap_text(text, width, lines=200)) == bare(format_single_line(text))


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("High-income low spenders", 30, ["High-income low spenders"]),
        ("High-income low spenders", 20, ["High-income", "low spenders"]),
        ("Total_Relationship_Count", 20, ["Total_", "Relationship_Count"]),
        ("abcdefghij", 4, ["abcd", "efg…"]),
        ("a b", 1, ["a", "b"]),
        ("", 5, [""]),
    ],
)
def test_breaks(text: str, width: int, shown: list[str]) -> None:
    assert wrap_text(text, width, lines=2).split("\n") == shown


def test_wide_letters_take_two_columns() -> None:
    assert wrap_text("顧客顧客", 4, lines=2) == "顧客\n顧客"
