"""Segments of several algorithms side by side."""

from __future__ import annotations

import numpy as np
import pytest

from ilk.report.algorithm_table import (
    HEADERS,
    format_panel_title,
    format_result,
    list_rejections,
    make_results_table,
    match_labels,
    render_comparison_table,
)
from ilk.report.terminal import render_algorithms_table
from ilk.selection.algorithm_choice import AlgorithmRecommendation
from ilk.selection.candidates import AlgorithmResult, Candidate
from ilk.selection.compare import AlgorithmComparison
from ilk.selection.explain import SINGLE_CLUSTER
from ilk.selection.explain_algorithm import explain_kmeans

TWO = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
ONE = Candidate("dbscan", 1, 9.0, *(None,) * 6, chosen=True)
SINGLE = AlgorithmResult("dbscan", ONE, noise_share=0.02, rejection_reason=SINGLE_CLUSTER)


def compare(*results: AlgorithmResult, recommended: str) -> AlgorithmComparison:
    recommendation = AlgorithmRecommendation(recommended, "")
    return AlgorithmComparison(results, recommendation, 9, 9, np.zeros((9, 2)))


def test_one_cluster_is_no_segments_wherever_it_is_told() -> None:
    comparison = compare(AlgorithmResult("kmeans", TWO), SINGLE, recommended="kmeans")
    row = dict(zip(HEADERS, format_result(SINGLE), strict=True))
    assert (row.pop("Algorithm"), row.pop("Structure")) == ("DBSCAN", "no segments")
    assert set(row.values()) == {"–"}
    assert make_results_table(comparison)["k"].to_list() == [2, None]
    assert format_panel_title(SINGLE, recommended=True) == "DBSCAN: no segments"
    assert list_rejections(comparison) == [
        "DBSCAN: no segments, because it found only one cluster."
    ]


def test_nothing_is_marked_where_nothing_has_segments() -> None:
    for comparison, marks in (
        (compare(SINGLE, recommended="dbscan"), 0),
        (compare(SINGLE, AlgorithmResult("kmeans", TWO), recommended="kmeans"), 1),
    ):
        assert make_results_table(comparison)["preferred"].sum() == marks
        assert ("font-weight:700" in render_comparison_table(comparison)) == bool(marks)
        rows = render_algorithms_table(comparison).rows
        assert [row.style for row in rows].count("bold") == marks


def test_a_share_in_the_table_is_the_one_in_the_reason() -> None:
    kmeans = AlgorithmResult("kmeans", TWO, "weak", cut_fraction=0.0755)
    assert dict(zip(HEADERS, format_result(kmeans), strict=True))["Split"] == "7.6%"
    assert "7.6% of neighboring customers" in explain_kmeans(kmeans)


def test_like_segments_get_the_same_number_whatever_they_were_called():
    random = np.random.default_rng(0)
    first = random.integers(5, size=200, dtype=np.int32)
    renamed = random.permutation(5).astype(np.int32)[first]
    assert (match_labels(first, renamed) == first).all()


@pytest.mark.parametrize("k", [2, 7])
def test_fewer_and_more_segments_stay_what_they_are(k):
    random = np.random.default_rng(k)
    first = random.integers(4, size=300, dtype=np.int32)
    other = random.integers(-1, k, size=300, dtype=np.int32)
    matched = match_labels(first, other)
    assert (matched == -1).sum() == (other == -1).sum()
    pairs = set(zip(other.tolist(), matched.tolist(), strict=True))
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs}) == k + 1
    assert matched.max() < max(4, k)
