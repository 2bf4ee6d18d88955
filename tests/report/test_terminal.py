from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.table import Table

from ilk.report.terminal import render_columns_table, render_segments_table
from ilk.schema import ROLE_LABELS

if TYPE_CHECKING:
    from tests.report.conftest import Made


def shown(table: Table, width: int) -> str:
    console = Console(width=width, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width", [100, 60, 40])
def test_segments_are_complete_at_any_width(five: Made, width: int) -> None:
    text = shown(render_segments_table(five.summary), width)
    assert max(len(line) for line in text.splitlines()) <= width
    for segment in five.segments:
        assert f" {segment.figures.customers} " in text
        assert segment.action.split()[-1] in text
    wide = shown(render_segments_table(five.summary), 100)
    assert all(name in wide for name in five.names)


def test_segments_say_how_reliable_they_are_where_that_is_known(five: Made) -> None:
    assert "repeat tests" not in shown(render_segments_table(five.summary), 100)
    sure = tuple(
        replace(segment, stability=0.5, borderline_share=0.25) for segment in five.segments
    )
    text = shown(render_segments_table(replace(five, segments=sure).summary), 100)
    assert text.count("Not stable: 50% overlap in repeat tests. 25% are borderline.") == 5


def test_columns_with_use_reason_and_gaps(five: Made) -> None:
    text = shown(render_columns_table(five.summary), 100)
    assert re.search(rf"{ROLE_LABELS['id']} +every row has its own value", text)
    assert "a number; 3 missing values" in text
    assert ROLE_LABELS["describe"] in text


def test_a_long_column_name_is_folded_not_cut(twelve: Made) -> None:
    text = shown(render_columns_table(twelve.summary), 50)
    first = bare("".join(line[:20] for line in text.splitlines()))
    assert "Naive_Bayes" in first
    assert "…" not in text


def test_names_from_outside_steer_nothing(twelve: Made) -> None:
    text = shown(render_segments_table(twelve.summary), 120)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[31m" in text  # what follows the escape is text, not markup
