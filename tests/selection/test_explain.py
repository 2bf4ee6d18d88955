"""Verdict: the sentence about the numbers of segments that come near the best."""

from __future__ import annotations

import pytest

from ilk.selection.candidates import Candidate
from ilk.selection.explain import explain_selection
from ilk.selection.rule import recommend_k

LEFT_OUT = "So flat a lead says little, and those above twice the smallest are left out"


def candidate(k: int, lead: float, elbow: float = 0.0) -> Candidate:
    """A number of segments that beats chance by ``lead``; all have the same silhouette."""
    return Candidate(
        *("kmeans", k, 1.0, elbow, 0.5, 0.0, 0.5, 40.0, 0.5),
        chosen=False,
        silhouette_gain=lead,
        n_separated_groups=2,
        stability=0.9,
    )


def told(*tried: Candidate) -> str:
    return explain_selection(tried, recommend_k(tried).k, "clear")[1]


def test_nothing_near_is_told():
    alone = told(candidate(3, 0.11), candidate(5, 0.3))
    assert alone == "No other number of segments comes near the lead over chance of K = 5."


def test_the_best_is_not_among_those_that_come_near_it():
    one = told(candidate(4, 0.19), candidate(5, 0.2, elbow=1.0))
    assert one.startswith("The lead over chance is largest at K = 5; K = 4 comes near it, and of")
    two = told(candidate(4, 0.19), candidate(5, 0.2, elbow=1.0), candidate(7, 0.18))
    assert "K = 4 and 7 come near it, and of" in two


@pytest.mark.parametrize(
    ("tried", "numbers", "end"),
    [
        ((4, 6, 9), "K = 6 and 9 come", "; of the others with practically the best silhouette"),
        ((2, 5, 9), "K = 5 and 9 come", "."),
    ],
)
def test_numbers_left_out_as_too_large_are_named(tried, numbers, end):
    smallest, middle, largest = tried
    said = told(candidate(smallest, 0.2), candidate(middle, 0.19, 1.0), candidate(largest, 0.18))
    assert numbers in said
    assert LEFT_OUT + end in said
