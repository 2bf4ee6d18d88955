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
    "clear",
    noise_share=0.0,
    effective_n_segments=2.0,
    cut_fraction=0.0,
)
DBSCAN = replace(HDBSCAN, algorithm="dbscan")
WARD = replace(KMEANS, algorithm="ward")


MIXTURE = replace(
    change(KMEANS, algorithm="mixture", k=2, n_separated_groups=2, cut_fraction=0.004),
    algorithm="mixture",
    effective_n_segments=1.06,
)
"""A rare group beside the others, with a gap between them that is proved."""


def recommend(*results: AlgorithmResult, kmeans_labels=STRIPES, other_labels=WHOLE):
    labels = {result.algorithm: other_labels for result in results} | {"kmeans": kmeans_labels}
    return recommend_algorithm(results, GRAPH, labels)


@pytest.mark.parametrize("structure", ["none", "weak"])
def test_a_rare_group_is_recommended_where_its_gap_is_proved(structure):
    kmeans = change(KMEANS, structure=structure, n_separated_groups=1)
    recommendation = recommend(kmeans, MIXTURE)
    assert (recommendation.algorithm, recommendation.better_k) == ("mixture", 2)
    assert recommendation.reason.startswith(
        "Gaussian mixture: two segments with a gap between them (tested at the 1% level"
    )
    unproved = change(MIXTURE, n_separated_groups=1)
    assert recommend(kmeans, unproved).algorithm == "kmeans"
    beats_random_data = change(unproved, silhouette_gain=0.2)
    assert recommend(kmeans, beats_random_data).algorithm == "mixture"


def test_why_a_rare_group_is_not_recommended_is_told():
    unproved = change(MIXTURE, n_separated_groups=1, largest_share=0.99, structure="weak")
    reason = recommend(replace(KMEANS, structure="none"), unproved).reason
    assert reason.startswith(
        "k-means finds no natural groups. Gaussian mixture finds two weak segments, but one "
        "segment holds 99% of the customers, and no gap around it is proved."
    )


def test_segments_divided_across_do_not_follow_gaps():
    # Gaps separate the segments of k-means, but each has parts of both of the other's.
    kmeans = change(KMEANS, k=2, n_separated_groups=2)
    across = np.concatenate([HALVES[10:], HALVES[:10]])
    assert recommend(kmeans, HDBSCAN, kmeans_labels=HALVES, other_labels=HALVES).better_k is None
    assert recommend(kmeans, HDBSCAN, kmeans_labels=STRIPES, other_labels=across).better_k == 2


def test_segments_that_k_means_joins_are_told():
    halves = change(KMEANS, k=2, n_separated_groups=2, cut_fraction=0.0)
    quarters = (np.arange(40) // 10).astype(np.int32)
    four = change(MIXTURE, k=4, n_separated_groups=4, effective_n_segments=4.0)
    recommendation = recommend(halves, four, kmeans_labels=HALVES, other_labels=quarters)
    assert recommendation.better_k == 4
    assert recommendation.reason.endswith("k-means joins some of them: it finds only two.")


def test_of_segments_that_are_apart_most_are_preferred_and_then_those_of_everyone():
    kmeans = change(KMEANS, structure="none")
    three = change(HDBSCAN, k=3)
    assert recommend(kmeans, MIXTURE, three).algorithm == "hdbscan"
    assert recommend(kmeans, MIXTURE, HDBSCAN).algorithm == "mixture"
    splinters = replace(change(DBSCAN, k=6), algorithm="dbscan")
    assert recommend(kmeans, splinters, three).algorithm == "hdbscan"


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
    assert recommendation.reason.endswith("k-means finds no natural groups here.")
    recommendation = recommend(unstructured, replace(HDBSCAN, cut_fraction=0.03, structure="weak"))
    assert recommendation.algorithm == "kmeans"
    assert recommendation.reason.startswith(
        "k-means finds no natural groups. HDBSCAN finds two weak segments, but 3% of neighboring "
    )


def test_where_k_means_breaks_the_limits_another_is_recommended():
    rejected = AlgorithmResult(
        "kmeans", rejection_reason="the smallest segment has 2% of the customers"
    )
    recommendation = recommend(rejected, WARD)
    assert recommendation.algorithm == "ward"
    assert "k-means was ruled out: the smallest segment has 2%" in recommendation.reason
    assert recommend(rejected).algorithm == "kmeans"


def test_structure_is_required_of_every_algorithm():
    assert is_usable(HDBSCAN)
    assert not is_usable(replace(HDBSCAN, structure="none"))
    assert not is_usable(replace(WARD, structure="none"))
