from __future__ import annotations

from dataclasses import replace

from ilk.report.html import render_html
from ilk.report.outcome_table import rank_outcomes
from ilk.report.summary import find_missing_fields
from ilk.report.terminal import render_segments_table
from ilk.segments.worth import OutcomeFigures, ValueFigures
from ilk.stats.intervals import compute_wilson_interval


def outcome(count: int, known: int = 40) -> OutcomeFigures:
    low, high = compute_wilson_interval(count, known)
    return OutcomeFigures("Churn", "churn", True, count, known, 0.3, low, high)


def add_worth(made, counts=(4, 12, 30, 8, 10)):
    value = ValueFigures("rev", "revenue", "$", 50.0, 0.2, 10.0, 10.0)
    segments = tuple(
        replace(segment, values=(value,), outcomes=(outcome(count),))
        for segment, count in zip(made.segments, counts, strict=True)
    )
    return replace(made, segments=segments)


def test_the_highest_rate_stands_first_and_chance_is_no_claim(five):
    (ranking,) = rank_outcomes(add_worth(five).segments)
    assert [row.number for row in ranking.segments] == [3, 2, 5, 4, 1]
    assert [row.outcome.position for row in ranking.segments] == [
        "above",
        "unclear",
        "unclear",
        "unclear",
        "below",
    ]


def test_money_and_outcome_open_every_card(five):
    summary = add_worth(five).summary
    assert find_missing_fields(summary) == []
    assert summary["segments"][2]["worth"] == [
        "Holds 20% of revenue: $10 per head, the same as overall.",
        "Churn: 75% (30 of 40), 2.5 times the overall 30%.",
    ]
    page = render_html(summary, {})
    assert "Churn by segment" in page
    card = page.index("Churn: 75% (30 of 40)")
    assert card < page.index("What they are like", card)
    assert render_segments_table(summary).row_count == 5


def test_an_empty_action_leaves_no_trace(five):
    silent = replace(five, segments=tuple(replace(segment, action="") for segment in five.segments))
    assert "What to do" not in render_html(silent.summary, {})
