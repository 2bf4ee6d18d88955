"""Which algorithm to use: when k-means is kept, when it is not, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ilk.cluster.weighted_rows import WeightedRows
from ilk.selection.algorithm_choice import is_usable, recommend_algorithm
from ilk.selection.algorithm_result import AlgorithmResult
from ilk.selection.connectivity import KNNGraph

LINKS = KNNGraph(WeightedRows(np.arange(40.0)[:, None], np.ones(40)))
LEFT, RIGHT = np.zeros(20, dtype=np.int32), np.ones(20, dtype=np.int32)
HALVES = np.concatenate([LEFT, RIGHT])
STRIPES = (np.arange(40) % 2).astype(np.int32)
WHOLE = np.zeros(40, dtype=np.int32)

KMEANS = AlgorithmResult(
    "kmeans",
    "k-means",
    4,
    noise_share=0.0,
    stability=0.97,
    effective_n_segments=3.9,
    cut_fraction=0.04,
    structure="clear",
    n_separated_groups=2,
)
HDBSCAN = AlgorithmResult(
    "hdbscan",
    "HDBSCAN",
    2,
    noise_share=0.0,
    stability=0.95,
    effective_n_segments=2.0,
    cut_fraction=0.0,
    structure="none",
)
DBSCAN = replace(HDBSCAN, algorithm="dbscan", title="DBSCAN")
WARD = replace(KMEANS, algorithm="ward", title="Ward's method")


def preferred(*entries: AlgorithmResult, cuts=STRIPES, whole=WHOLE):
    labels = {each.algorithm: whole for each in entries} | {"kmeans": cuts}
    return recommend_algorithm(entries, LINKS, labels)


def test_who_cuts_crowds_is_poor_where_another_finds_them_apart():
    found = preferred(KMEANS, DBSCAN, HDBSCAN)
    assert found.algorithm == "hdbscan"
    assert "k-means is poor here: 4% of neighbouring customers land in different" in found.reason
    assert preferred(KMEANS, DBSCAN).algorithm == "dbscan"


def test_the_order_of_the_entries_does_not_tell():
    assert preferred(HDBSCAN, KMEANS, DBSCAN) == preferred(KMEANS, DBSCAN, HDBSCAN)


@pytest.mark.parametrize(
    "change",
    [
        {"noise_share": 0.21},
        {"effective_n_segments": 1.4},
        {"stability": 0.59},
        {"cut_fraction": 0.02},
        {"rejection_reason": "every customer is noise"},
        {"k": 1},
    ],
)
def test_who_finds_half_the_customers_or_other_ones_each_time_cannot_be_preferred(change):
    assert preferred(KMEANS, replace(HDBSCAN, **change)).algorithm == "kmeans"


def test_round_clusters_that_touch_are_no_reason_to_leave_k_means():
    assert preferred(replace(KMEANS, n_separated_groups=2), HDBSCAN).algorithm == "hdbscan"
    found = preferred(replace(KMEANS, n_separated_groups=3), HDBSCAN)
    assert found.algorithm == "kmeans"
    assert "HDBSCAN parts fewer (0%)" in found.reason


def test_what_the_other_leaves_out_is_not_held_against_k_means():
    # Every link that k-means cuts has an end that is noise to the other.
    middle = np.concatenate([LEFT[:12], np.full(16, -1, dtype=np.int32), RIGHT[:12]])
    assert preferred(KMEANS, HDBSCAN, cuts=HALVES, whole=WHOLE).algorithm == "hdbscan"
    assert preferred(KMEANS, HDBSCAN, cuts=HALVES, whole=middle).algorithm == "kmeans"


def test_where_nobody_finds_segments_k_means_cuts_most_plainly():
    cloud = replace(KMEANS, structure="none", stability=0.4)
    lost = AlgorithmResult("hdbscan", "HDBSCAN", rejection_reason="every customer is noise")
    found = preferred(cloud, replace(WARD, structure="none"), lost)
    assert found.algorithm == "kmeans"
    assert found.reason.startswith("None of them finds segments: k-means")


def test_where_k_means_finds_none_those_who_find_them_apart_are_preferred():
    cloud = replace(KMEANS, structure="none")
    assert preferred(cloud, HDBSCAN).algorithm == "hdbscan"
    found = preferred(cloud, replace(HDBSCAN, cut_fraction=0.03))
    assert found.algorithm == "kmeans"
    assert found.reason.startswith("No algorithm finds segments that are apart")


def test_where_k_means_breaks_the_limits_another_is_taken():
    refused = AlgorithmResult(
        "kmeans", "k-means", rejection_reason="the smallest segment has 2% of the customers"
    )
    found = preferred(refused, WARD)
    assert found.algorithm == "ward"
    assert "the smallest segment has 2%" in found.reason
    assert preferred(refused).algorithm == "kmeans"


def test_structure_is_asked_of_those_who_look_for_round_segments():
    assert is_usable(HDBSCAN)
    assert not is_usable(replace(WARD, structure="none"))
