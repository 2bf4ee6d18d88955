"""The progress bar says in words how far a step is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ilk.cli.console import ProgressBar
from ilk.progress import format_pace


@pytest.mark.parametrize(
    ("done", "total", "seconds", "words"),
    [
        (0, 1000, 0.0, "0 of 1,000 rows"),
        (0, 1000, 5.0, "0 of 1,000 rows"),
        (500, 1000, 10.0, "500 of 1,000 rows, 50 rows/s, 10 s left"),
        (1, 1000, 1.0, "1 of 1,000 rows, 1 rows/s, 17 min left"),
        (1, 10_000, 1.0, "1 of 10,000 rows, 1 rows/s, 2 h 47 min left"),
        (1000, 1000, 10.0, "1,000 rows, 100 rows/s"),
        # The total of a text file is an estimate.
        (1200, 1000, 10.0, "1,200 rows, 120 rows/s"),
        (2_500_000, None, 5.0, "2,500,000 rows, 500,000 rows/s"),
    ],
)
def test_pace_in_words(done: int, total: int | None, seconds: float, words: str) -> None:
    assert format_pace(done, total, seconds) == words


@pytest.mark.parametrize("total", [2000, None])
def test_the_bar_shows_rows_and_pace_and_goes_away(total: int | None) -> None:
    screen = io.StringIO()
    bar = ProgressBar(Console(file=screen, force_terminal=True, width=120))
    with bar.step("Labeling the customers", total) as advance:
        advance(400)
        advance(600)
    shown = screen.getvalue()
    assert "Labeling the customers" in shown
    assert "1,000 of 2,000 rows, " in shown if total else "1,000 rows, " in shown
    assert "rows/s" in shown
    assert list(bar.timings) == ["Labeling the customers"]
