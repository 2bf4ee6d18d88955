"""Which algorithm to use: when k-means is recommended, when another, and the reason given."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from ilk.cluster.weighted_rows import WeightedRows
from ilk.selection.algorithm_choice import is_usable, recommend_algorithm
from ilk.selection.candidates import AlgorithmResult, Candidate
from ilk.selection.connectivity import KNNGraph

GRAPH = KNNGraph(WeightedRows(np.arange(40.0)[:, None], np.ones(40)))
LEFT, RIGHT = np.zeros(20, dtype=np.int32), np.ones(20, dtype=np.int32)
HALVES = np.concatenate([LEFT, RIGHT])
STRIPES = (np.arange(40) % 2).astype(np.int32)
WHOLE = np.zeros(40, dtype=np.int32)


def candidate(algorithm: str, k: int, stability: float, n_separated_groups: int | None = None):
    return Candidate(
        *(algorithm, k, 9.0, 0.3, 0.5, 0.0, 0.6, 40.0, 0.5),
        stability=stability,
        n_separated_groups=n_separated_groups,
        chosen=True,
    )


def change(result: AlgorithmResult, **changes) -> AlgorithmResult:
    """The same result with other figures, of its own or of its candidate."""
    assert result.candidate is not None
    own = {name: changes.pop(name) for name in list(changes) if name in OWN_FIELDS}
    assert result.candidate is not None
    return replace(result, candidate=replace(result.candidate, **changes), **own)


OWN_FIELDS = {field.name for field in fields(AlgorithmResult)}
KMEANS = AlgorithmResult(
    "kmeans",
    candidate("kmeans", 4, 0.97, n_separated_groups=2),
    "clear",
    noise_share=0.0,
    effective_n_segments=3.9,
    cut_fraction=0.04,
)
HDBSCAN = AlgorithmResult(
    "hdbscan",
    candidate("hdbscan", 2, 0.95),
    "none",
    noise_share=0.0,
    effective_n_segments=2.0,
    cut_fraction=0.0,
)
DBSCAN = replace(HDBSCAN, algorithm="dbscan")
WARD = replace(KMEANS, algorithm="ward")


def recommend(*results: AlgorithmResult, kmeans_labels=STRIPES, other_labels=WHOLE):
    labels = {result.algorithm: other_labels for result in results} | {"kmeans": kmeans_labels}
    return recommend_algorithm(results, GRAPH, labels)


def test_another_is_recommended_where_k_means_cuts_through_dense_regions():
    recommendation = recommend(KMEANS, DBSCAN, HDBSCAN)
    assert recommendation.algorithm == "hdbscan"
    assert recommendation.reason.startswith(
        "HDBSCAN: two segments that are clearly apart, whatever their shape"
    )
    assert "k-means does worse: its boundaries cut through dense regions" in recommendation.reason
    assert recommend(KMEANS, DBSCAN).algorithm == "dbscan"


def test_the_order_of_the_results_does_not_matter():
    assert recommend(HDBSCAN, KMEANS, DBSCAN) == recommend(KMEANS, DBSCAN, HDBSCAN)


@pytest.mark.parametrize(
    "changes",
    [
        {"noise_share": 0.21},
        {"effective_n_segments": 1.4},
        {"stability": 0.59},
        {"cut_fraction": 0.02},
        {"rejection_reason": "every customer is noise"},
        {"k": 1},
    ],
)
def test_an_algorithm_without_usable_segments_is_not_recommended(changes):
    assert recommend(KMEANS, change(HDBSCAN, **changes)).algorithm == "kmeans"


def test_round_clusters_that_touch_are_no_reason_against_k_means():
    assert recommend(change(KMEANS, n_separated_groups=2), HDBSCAN).algorithm == "hdbscan"
    recommendation = recommend(change(KMEANS, n_separated_groups=3), HDBSCAN)
    assert recommendation.algorithm == "kmeans"
    assert "HDBSCAN has fewer" in recommendation.reason
    assert "the boundaries of k-means follow visible gaps" in recommendation.reason


def test_the_noise_of_another_is_not_counted_against_k_means():
    # Every pair that k-means separates has an end that is noise to the other.
    middle = np.concatenate([LEFT[:12], np.full(16, -1, dtype=np.int32), RIGHT[:12]])
    assert recommend(KMEANS, HDBSCAN, kmeans_labels=HALVES).algorithm == "hdbscan"
    recommendation = recommend(KMEANS, HDBSCAN, kmeans_labels=HALVES, other_labels=middle)
    assert recommendation.algorithm == "kmeans"
    assert "No other algorithm does clearly better" in recommendation.reason


def test_where_nobody_finds_segments_k_means_is_recommended():
    unstructured = change(KMEANS, structure="none", stability=0.4)
    noise = AlgorithmResult("hdbscan", rejection_reason="every customer is noise")
    recommendation = recommend(unstructured, replace(WARD, structure="none"), noise)
    assert recommendation.algorithm == "kmeans"
    assert recommendation.reason.startswith("No algorithm finds natural groups. k-means")


def test_where_k_means_finds_none_another_with_separate_segments_is_recommended():
    unstructured = replace(KMEANS, structure="none")
    recommendation = recommend(unstructured, HDBSCAN)
    assert recommendation.algorithm == "hdbscan"
    assert recommendation.reason.endswith("k-means finds no usable segments here.")
    recommendation = recommend(unstructured, replace(HDBSCAN, cut_fraction=0.03))
    assert recommendation.algorithm == "kmeans"
    assert recommendation.reason.startswith("No algorithm finds clearly separate segments.")


def test_where_k_means_breaks_the_limits_another_is_recommended():
    rejected = AlgorithmResult(
        "kmeans", rejection_reason="the smallest segment has 2% of the customers"
    )
    recommendation = recommend(rejected, WARD)
    assert recommendation.algorithm == "ward"
    assert "k-means was ruled out: the smallest segment has 2%" in recommendation.reason
    assert recommend(rejected).algorithm == "kmeans"


def test_structure_is_required_of_algorithms_for_round_segments():
    assert is_usable(HDBSCAN)
    assert not is_usable(replace(WARD, structure="none"))
