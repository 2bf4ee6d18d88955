"""Stability against scikit-learn, by hand, and on data with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from sklearn.metrics import adjusted_rand_score

from ilk.cluster.algorithms import ALGORITHMS, Algorithm
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.errors import InputError
from ilk.formatting.text import STABILITY_LABELS, label_stability
from ilk.selection.stability import (
    StabilityTest,
    compute_adjusted_rand,
    compute_best_jaccard,
    count_overlaps,
    measure_stability,
)

labelings = st.integers(2, 5).flatmap(
    lambda k: st.lists(
        st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=3, max_size=60
    )
)


@given(labelings)
def test_the_agreement_is_the_adjusted_rand_index(pairs):
    ours, theirs = (np.array(labels) for labels in zip(*pairs, strict=True))
    agreement = compute_adjusted_rand(count_overlaps(ours, theirs, 5))
    assert agreement == pytest.approx(adjusted_rand_score(ours, theirs), abs=1e-12)


def compute_jaccard(ours, theirs):
    return compute_best_jaccard(count_overlaps(np.array(ours), np.array(theirs), 2)).tolist()


def test_the_jaccard_of_a_case_by_hand():
    # Ours: 4 and 2 rows. Theirs hold 3 + 1 and 1 + 1 of them: 3 / 5 and 1 / 3 at best.
    assert compute_jaccard([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 1]) == [3 / 5, 1 / 3]


def test_more_or_fewer_new_clusters_than_ours():
    assert compute_jaccard([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2]) == [2 / 4, 1.0]
    assert compute_jaccard([0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0]) == [4 / 6, 2 / 6]


def test_noise_is_lost_members_and_no_cluster():
    # 3 of our 4 rows are clustered again, one is lost; all five of noise are noise again.
    assert compute_jaccard([0, 0, 0, 0, -1, -1], [0, 0, 0, -1, -1, -1]) == [3 / 4, 0.0]
    assert compute_jaccard([0, 0, 1, 1], [-1, -1, -1, -1]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("jaccard", "words"),
    [
        (1.0, "very stable"),
        (0.85, "very stable"),
        (0.849, "stable"),
        (0.75, "stable"),
        (0.749, "moderately stable"),
        (0.599, "not stable"),
        (0.0, "not stable"),
    ],
)
def test_the_usual_labels(jaccard, words):
    assert label_stability(jaccard) == words
    assert [least for least, _ in STABILITY_LABELS] == [0.85, 0.75, 0.60]


def blobs(apart, seed=1, n=300):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centers = apart * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    return deduplicate_rows(centers[labels] + random.normal(size=(n, 2)))


def measure(rows, k, name="kmeans", seed=0):
    algorithm = ALGORITHMS[name]
    result = algorithm.fit(rows, k if algorithm.takes_k else None, 0)
    return measure_stability(rows, algorithm, result.partition, seed=seed)


def test_groups_far_apart_are_stable_and_every_search_finds_them():
    stability = measure(blobs(12), 3)
    assert stability.jaccard.tolist() == [1.0, 1.0, 1.0]
    assert stability.seed_agreement == pytest.approx(1.0)


def test_halves_of_a_group_are_not_stable_and_the_other_groups_are():
    stability = measure(blobs(12), 4)
    assert sorted(stability.jaccard)[2] > 0.75
    assert stability.minimum < 0.75
    assert stability.minimum == min(stability.jaccard)
    assert stability.mean == pytest.approx(stability.jaccard.mean())


def draw_quasi_normal(n, d):
    """Evenly spread points with the quantiles of the normal distribution, the same in R."""
    primes = np.array([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])[:d]
    return ndtri(np.outer(np.arange(1, n + 1), np.sqrt(primes)) % 1)


def draw_touching_groups():
    cases = np.arange(1, 201)
    shifts = np.column_stack([cases % 3 == 0, cases % 3 == 1])
    return draw_quasi_normal(200, 2) + 2.5 * shifts


# p <- c(2, 3, 5, 7, 11, 13, 17, 19, 23, 29)
# x <- qnorm(outer(1:200, sqrt(p)) %% 1)
# y <- x[, 1:2] + 2.5 * cbind(1:200 %% 3 == 0, 1:200 %% 3 == 1)
# mean(clusterboot(x or y, B=500, clustermethod=kmeansCBI, krange=k, runs=20, seed=1)$bootmean)
@pytest.mark.parametrize(
    ("values", "k", "clusterboot"),
    [
        (draw_quasi_normal(200, 10), 3, 0.488),
        (draw_touching_groups(), 3, 0.921),
        (draw_touching_groups(), 4, 0.671),
        (draw_touching_groups(), 5, 0.702),
    ],
)
def test_the_stability_is_that_of_clusterboot(values, k, clusterboot):
    assert measure(deduplicate_rows(values), k).mean == pytest.approx(clusterboot, abs=0.03)


def test_the_rivals_of_the_agreement_have_ten_starts():
    # Of single starts on these four groups many end in poor solutions.
    random = np.random.default_rng(3)
    centers = np.array([[0.0, 0.0], [4.0, 0.0], [30.0, 0.0], [34.0, 0.0], [60.0, 0.0], [64.0, 0.0]])
    rows = deduplicate_rows(centers[np.arange(240) % 6] + random.normal(0, 0.5, size=(240, 2)))
    assert measure(rows, 6).seed_agreement == pytest.approx(1.0)
    assert measure(deduplicate_rows(draw_quasi_normal(200, 10)), 3).seed_agreement < 0.65


def test_each_k_is_measured_once():
    rows, kmeans = blobs(3), ALGORITHMS["kmeans"]
    test = StabilityTest(rows, kmeans)
    partition = kmeans.fit(rows, 3, 0).partition
    assert test.measure(partition) is test.measure(partition)
    assert test.measure(partition).jaccard.tolist() == measure(rows, 3).jaccard.tolist()


def test_the_seed_decides_the_resamples():
    rows = blobs(2)
    first, again, other = (measure(rows, 3, seed=seed).jaccard for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("name", ["ward", "mixture", "bisecting", "hdbscan"])
def test_any_algorithm_finds_groups_again(name):
    assert measure(blobs(12), 3, name).minimum > 0.9


def test_an_algorithm_that_finds_nothing_on_a_resample_has_no_overlap():
    rows = deduplicate_rows(np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None])
    partition = ALGORITHMS["ward"].fit(rows, 2, 0).partition

    def fail(rows, ks, seed):
        raise InputError("E_NO_CLUSTERS", "every row is noise", way_out="Take another algorithm.")

    stability = measure_stability(rows, Algorithm("none", "none", True, fail), partition)
    assert stability.jaccard.tolist() == [0.0, 0.0]
