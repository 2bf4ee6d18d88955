"""Stability against scikit-learn, by hand, and on data with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from ilk.cluster.algorithms import ALGORITHMS, Algorithm
from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.errors import InputError
from ilk.formatting.text import STABILITY_LABELS, label_stability
from ilk.selection.stability import (
    compute_adjusted_rand,
    compute_best_jaccard,
    count_overlaps,
    measure_refit_stability,
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
    agreement = compute_adjusted_rand(count_overlaps(ours, theirs[None], 5))
    assert agreement == pytest.approx(adjusted_rand_score(ours, theirs), abs=1e-12)


def test_the_jaccard_of_a_case_by_hand():
    # Ours: 4 and 2 rows. Theirs hold 3 + 1 and 1 + 1 of them: 3 / 5 and 1 / 3 at best.
    overlaps = np.array([[[3, 1], [1, 1]]])
    assert compute_best_jaccard(overlaps).tolist() == pytest.approx([3 / 5, 1 / 3])


def test_the_best_is_taken_per_run_and_then_averaged():
    same, split = [[4, 0], [0, 4]], [[2, 2], [2, 2]]
    best = compute_best_jaccard(np.array([same, split]))
    assert best.tolist() == pytest.approx([(1 + 1 / 3) / 2] * 2)


def test_noise_is_lost_members_and_no_cluster():
    # The last row and column are noise: 3 of our 4 rows are clustered again, one is lost.
    overlaps = np.array([[[3, 1], [0, 5]]])
    assert compute_best_jaccard(overlaps, with_noise=True).tolist() == [3 / 4]


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


def stabilities(rows, ks, seed=0):
    partitions = run_kmeans_for_ks(rows, ks, seed=0, restarts=3)
    return measure_stability(rows, {k: partitions[k].centers for k in ks}, seed=seed)


def test_groups_far_apart_are_stable_and_every_start_finds_them():
    stability = stabilities(blobs(12), [3])[3]
    assert stability.jaccard.tolist() == [1.0, 1.0, 1.0]
    assert stability.seed_agreement == pytest.approx(1.0)


def test_halves_of_a_group_are_not_stable_and_the_other_groups_are():
    stability = stabilities(blobs(12), [4])[4]
    assert sorted(stability.jaccard)[2] > 0.9
    assert stability.minimum < 0.85
    assert stability.minimum == min(stability.jaccard)
    assert stability.mean == pytest.approx(stability.jaccard.mean())


def test_parts_of_data_without_groups_are_not_stable():
    # From the known centers alone, k-means would stay where it is.
    stability = stabilities(blobs(0), [5])[5]
    assert stability.mean < 0.8
    assert stability.seed_agreement < 0.8


def test_the_stability_of_a_k_does_not_depend_on_the_others():
    rows = blobs(3)
    together, alone = stabilities(rows, [2, 3, 5])[3], stabilities(rows, [3])[3]
    assert together.jaccard == pytest.approx(alone.jaccard, abs=0.03)


def test_the_seed_decides_the_resamples():
    rows = blobs(2)
    first, again, other = (stabilities(rows, [3], seed)[3].jaccard for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("name", ["ward", "mixture", "bisecting", "hdbscan"])
def test_any_algorithm_finds_groups_again(name):
    rows, algorithm = blobs(12), ALGORITHMS[name]
    result = algorithm.fit(rows, 3 if algorithm.takes_k else None, 0)
    assert measure_refit_stability(rows, algorithm, result.partition).minimum > 0.9


def test_an_algorithm_that_finds_nothing_on_a_half_has_no_overlap():
    rows = deduplicate_rows(np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None])
    partition = ALGORITHMS["ward"].fit(rows, 2, 0).partition

    def fail(rows, ks, seed):
        raise InputError("E_NO_CLUSTERS", "every row is noise", way_out="Take another algorithm.")

    stability = measure_refit_stability(rows, Algorithm("none", "none", True, fail), partition)
    assert stability.jaccard.tolist() == [0.0, 0.0]
