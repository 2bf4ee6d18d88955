"""Stability against scikit-learn, cases computed by hand, and data with known answers."""

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
    _compute_adjusted_rand,
    _compute_best_jaccard,
    _count_overlaps,
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
    ours, theirs = (np.array(each) for each in zip(*pairs, strict=True))
    expected = adjusted_rand_score(ours, theirs)
    assert _compute_adjusted_rand(_count_overlaps(ours, theirs[None], 5)) == pytest.approx(
        expected, abs=1e-12
    )


def test_the_jaccard_of_a_case_by_hand():
    # Ours: 4 and 2 rows. Theirs hold 3 + 1 and 1 + 1 of them: 3 / 5 and 1 / 3 at best.
    shared = np.array([[[3, 1], [1, 1]]])
    assert _compute_best_jaccard(shared).tolist() == pytest.approx([3 / 5, 1 / 3])


def test_the_best_is_taken_per_run_and_then_averaged():
    same, split = [[4, 0], [0, 4]], [[2, 2], [2, 2]]
    assert _compute_best_jaccard(np.array([same, split])).tolist() == pytest.approx(
        [(1 + 1 / 3) / 2] * 2
    )


def test_rows_that_fit_nowhere_are_lost_members_and_no_cluster():
    # The last row and column fit nowhere: 3 of our 4 are found again, one is lost.
    shared = np.array([[[3, 1], [0, 5]]])
    assert _compute_best_jaccard(shared, with_noise=True).tolist() == [3 / 4]


@pytest.mark.parametrize(
    ("jaccard", "words"),
    [
        (1.0, "very stable"),
        (0.85, "very stable"),
        (0.849, "stable"),
        (0.75, "stable"),
        (0.749, "a pattern, with uncertain members"),
        (0.599, "not stable"),
        (0.0, "not stable"),
    ],
)
def test_the_usual_bands(jaccard, words):
    assert label_stability(jaccard) == words
    assert [least for least, _ in STABILITY_LABELS] == [0.85, 0.75, 0.60]


def blobs(apart, seed=1, n=300):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centers = apart * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    return deduplicate_rows(centers[labels] + random.normal(size=(n, 2)))


def sure(rows, ks, seed=0):
    found = run_kmeans_for_ks(rows, ks, seed=0, restarts=3)
    return measure_stability(rows, {k: found[k].centers for k in ks}, seed=seed)


def test_groups_far_apart_come_back_and_every_start_finds_them():
    found = sure(blobs(12), [3])[3]
    assert found.jaccard.tolist() == [1.0, 1.0, 1.0]
    assert found.seed_agreement == pytest.approx(1.0)


def test_cutting_a_group_in_two_does_not_come_back_and_the_others_do():
    found = sure(blobs(12), [4])[4]
    assert sorted(found.jaccard)[2] > 0.9
    assert found.minimum < 0.85
    assert found.minimum == min(found.jaccard)
    assert found.mean == pytest.approx(found.jaccard.mean())


def test_slices_of_a_cloud_are_not_sure():
    # Going on from the centres found alone, k-means would stay where it is.
    found = sure(blobs(0), [5])[5]
    assert found.mean < 0.8
    assert found.seed_agreement < 0.8


def test_what_a_k_gives_does_not_depend_on_the_others():
    rows = blobs(3)
    assert sure(rows, [2, 3, 5])[3].jaccard == pytest.approx(sure(rows, [3])[3].jaccard, abs=0.03)


def test_the_seed_makes_the_draws():
    rows = blobs(2)
    assert (sure(rows, [3])[3].jaccard == sure(rows, [3])[3].jaccard).all()
    assert (sure(rows, [3])[3].jaccard != sure(rows, [3], seed=1)[3].jaccard).any()


@pytest.mark.parametrize("name", ["ward", "mixture", "bisecting", "hdbscan"])
def test_any_algorithm_finds_groups_again(name):
    rows, algorithm = blobs(12), ALGORITHMS[name]
    fitted = algorithm.fit(rows, 3 if algorithm.takes_k else None, 0)
    assert measure_refit_stability(rows, algorithm, fitted.partition).minimum > 0.9


def test_an_algorithm_that_finds_nothing_on_a_half_agrees_with_nothing():
    rows = deduplicate_rows(np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None])
    partition = ALGORITHMS["ward"].fit(rows, 2, 0).partition

    def nothing(rows, ks, seed):
        raise InputError("E_NO_CLUSTERS", "every row is noise", way_out="Take another algorithm.")

    found = measure_refit_stability(rows, Algorithm("none", "none", True, nothing), partition)
    assert found.jaccard.tolist() == [0.0, 0.0]
