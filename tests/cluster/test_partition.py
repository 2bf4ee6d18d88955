"""Partitions: placements computed by hand, and laws about batches and numbers."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import NOISE, CentroidPartition, CorePartition
from ilk.errors import UsageError


def column(*values: float):
    return np.array(values, dtype=float)[:, None]


def centroids() -> CentroidPartition:
    return CentroidPartition(np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 9.0]]), 1.0, variance=2.0)


def root(covariance):
    """The upper triangular R with R R' = inverse of the covariance."""
    return np.linalg.inv(np.linalg.cholesky(np.array(covariance))).T


def mixture() -> MixturePartition:
    middles = np.array([[0.0, 0.0], [3.0, 1.0], [-2.0, 2.0]])
    covariances = [[[1.0, 0.5], [0.5, 2.0]], [[0.5, 0.0], [0.0, 0.25]], [[1.0, -0.9], [-0.9, 1.0]]]
    weights = np.array([0.5, 0.3, 0.2])
    return MixturePartition(middles, 1.0, weights, middles, np.stack([*map(root, covariances)]))


def cores() -> CorePartition:
    points = np.array([[0.0, 0.0], [1.0, 0.0], [4.0, 0.0], [4.0, 2.0], [9.0, 9.0]])
    labels = np.array([0, 0, 1, 1, 2], dtype=np.int32)
    centers = np.array([[0.5, 0.0], [4.0, 1.0], [9.0, 9.0]])
    return CorePartition(centers, 1.0, points, labels, np.array([1.0, 2.5, 0.0]))


KINDS = [centroids, mixture, cores]


def test_clarity_of_centers_is_one_less_the_ratio_of_the_distances():
    placed = centroids().predict(np.array([[2.0, 0.0], [6.0, 0.0], [3.0, 0.0]]))
    assert placed.labels.tolist() == [0, 1, 0]
    assert placed.margin.tolist() == [1 - 2 / 4, 1.0, 0.0]


def test_a_mixture_is_placed_by_the_densities_of_another_library():
    model, values = mixture(), np.random.default_rng(0).normal(size=(200, 2)) * 3
    densities = np.stack(
        [
            weight * multivariate_normal(mean, np.linalg.inv(own @ own.T)).pdf(values)
            for weight, mean, own in zip(
                model.weights, model.means, model.precisions_cholesky, strict=True
            )
        ]
    )
    second, first = np.sort(densities, axis=0)[-2:]
    placed = model.predict(values)
    assert placed.labels.tolist() == densities.argmax(axis=0).tolist()
    assert placed.margin == pytest.approx(1 - second / first, abs=1e-9)


def test_a_cloud_of_two_weights_by_hand():
    # At 1 both densities differ by the weights alone: clarity 1 - 1/3.
    equal = np.ones((2, 1, 1))
    model = MixturePartition(column(0, 2), 0.0, np.array([0.75, 0.25]), column(0, 2), equal)
    placed = model.predict(column(1.0))
    assert (placed.labels[0], placed.margin[0]) == (0, pytest.approx(1 - 1 / 3, abs=1e-15))


def test_far_from_all_clouds_a_row_has_still_one():
    placed = mixture().predict(np.array([[1e6, 1e6], [-1e6, 1e6]]))
    assert np.isfinite(placed.margin).all()
    assert (placed.labels >= 0).all()


def test_the_nearest_core_in_reach_takes_a_row():
    placed = cores().predict(
        np.array(
            [
                [1.0, 1.0],  # 1 from (1, 0), the reach exactly; sqrt(10) from cluster 1
                [1.0, 1.01],  # out of reach of cluster 0, and of all others
                [2.1, 0.0],  # nearer to (1, 0), which does not reach so far
                [9.0, 9.0],  # a core without reach has itself
                [9.0, 9.001],
            ]
        )
    )
    assert placed.labels.tolist() == [0, -1, 1, 2, -1]
    assert placed.margin.tolist() == pytest.approx([1 - 1 / math.sqrt(10), 0.0, 0.0, 1.0, 0.0])


def test_a_tie_between_cores_goes_to_the_lower_number():
    labels = np.array([1, 0], dtype=np.int32)
    both = CorePartition(column(2, 0), 0.0, column(0, 2), labels, np.ones(2))
    placed = both.predict(column(1.0))
    assert (placed.labels[0], placed.margin[0]) == (0, 0.0)


def test_among_the_cores_of_a_single_cluster_all_is_clear():
    labels = np.zeros(2, dtype=np.int32)
    alone = CorePartition(column(1), 0.0, column(0, 2), labels, np.array([1.0]))
    placed = alone.predict(column(0.5, 3.5))
    assert (placed.labels.tolist(), placed.margin.tolist()) == ([0, -1], [1.0, 0.0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_assigned_alone_as_among_others(kind):
    values = np.random.default_rng(1).normal(size=(97, 2)) * 3
    together = kind().predict(values)
    alone = [kind().predict(values[i : i + 1]) for i in range(len(values))]
    assert together.labels.tolist() == [int(assignment.labels[0]) for assignment in alone]
    assert together.margin.tolist() == [float(assignment.margin[0]) for assignment in alone]
    in_chunks = kind().predict(values, chunk_cells=30)
    assert (in_chunks.labels == together.labels).all()
    assert (in_chunks.margin == together.margin).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_order_renames_the_clusters_and_moves_nothing(kind):
    model, values = kind(), np.random.default_rng(2).normal(size=(300, 2)) * 3
    turned = model.reorder([2, 0, 1])
    before, after = model.predict(values), turned.predict(values)
    assert np.array([2, 0, 1, -1])[after.labels].tolist() == before.labels.tolist()
    assert after.margin == pytest.approx(before.margin, abs=1e-12)
    assert (turned.centers == model.centers[[2, 0, 1]]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_cluster_left_out_is_as_if_it_had_never_been(kind):
    fewer = kind().reorder([1, 0])
    assert fewer.k == 2
    values = np.random.default_rng(3).normal(size=(300, 2)) * 3
    before, after = kind().predict(values).labels, fewer.predict(values).labels
    stayed = before < 2
    assert (after[stayed] == np.array([1, 0, -1])[before[stayed]]).all()
    if isinstance(fewer, MixturePartition):
        assert fewer.weights == pytest.approx([3 / 8, 5 / 8])


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_are_no_trouble(kind):
    assert kind().predict(np.empty((0, 2))).labels.tolist() == []


def test_rows_are_taken_in_chunks_of_bounded_memory():
    values, partition = np.zeros((100_000, 2)), centroids()
    results = 100_000 * (4 + 8)  # a label and a margin for each row
    tracemalloc.start()
    partition.predict(values, chunk_cells=3_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert results <= peak < 1.5 * results


def test_distances_to_centers_are_those_of_another_library():
    values = np.random.default_rng(4).normal(size=(50, 2)) * 5
    model = centroids()
    assert model.compute_distances(values) == pytest.approx(cdist(values, model.centers))


def test_memberships_of_centers_are_posteriors_of_equal_spheres():
    values = np.random.default_rng(5).normal(size=(50, 2)) * 3
    model = centroids()
    densities = np.stack([multivariate_normal(center, 2.0).pdf(values) for center in model.centers])
    assert model.compute_memberships(values) == pytest.approx((densities / densities.sum(0)).T)


def test_without_a_variance_a_row_belongs_to_one_cluster_or_to_those_it_lies_between():
    hard = CentroidPartition(np.array([[0.0], [4.0], [9.0]]), 0.0)
    assert hard.compute_memberships(column(1.0, 2.0)).round(9).tolist() == [
        [1, 0, 0],
        [0.5, 0.5, 0],
    ]


def test_memberships_of_a_mixture_are_the_posteriors_of_scikit_learn():
    model, values = mixture(), np.random.default_rng(6).normal(size=(200, 2)) * 3
    theirs = GaussianMixture(3)
    theirs.weights_, theirs.means_ = model.weights, model.means
    theirs.precisions_cholesky_ = model.precisions_cholesky
    memberships = model.compute_memberships(values)
    assert memberships == pytest.approx(theirs.predict_proba(values), abs=1e-12)
    assert model.score_rows(values) == pytest.approx(theirs.score_samples(values))
    score = model.summarize_scores(model.score_rows(values))
    assert score == pytest.approx(theirs.score(values))
    masses = np.exp(-(model.compute_distances(values) ** 2) / 2)
    assert masses / masses.sum(axis=1)[:, None] == pytest.approx(memberships, abs=1e-9)


def test_a_mixture_of_equal_spheres_measures_standard_deviations():
    means = np.array([[0.0, 0.0], [6.0, 8.0]])
    model = MixturePartition(means, 0.0, np.array([0.5, 0.5]), means, np.stack([np.eye(2) / 2] * 2))
    assert model.compute_distances(means) == pytest.approx(np.array([[0.0, 5.0], [5.0, 0.0]]))


def test_a_cluster_out_of_reach_is_farther_than_one_that_reaches():
    # (2.1, 0) is 1.1 from cluster 0, which reaches as far as 1, and 1.9 from cluster 1, its own.
    distances = cores().compute_distances(np.array([[2.1, 0.0], [1.0, 1.01]]))
    assert distances[0] == pytest.approx([2.5, 1.9, math.hypot(6.9, 9)])
    assert distances[0, 0] > 2.5
    # Noise is farther from all than any of them reaches.
    assert distances[1].min() > 2.5


def test_memberships_of_cores_have_the_variance_of_balls():
    # The mean of eps² over the core samples, 1, 1, 6.25, 6.25 and 0, over d + 2.
    variance = 14.5 / 5 / 4
    memberships = cores().compute_memberships(np.array([[1.0, 0.0], [1.0, 1.01]]))
    nearest = np.array([0.0, 3.0, math.hypot(8, 9)])
    masses = np.exp(-(nearest**2) / (2 * variance))
    assert memberships[0] == pytest.approx(masses / masses.sum())
    assert memberships[1].tolist() == [0.0, 0.0, 0.0]


def test_the_score_of_centers_is_that_of_k_means():
    values, model = np.random.default_rng(7).normal(size=(80, 2)), centroids()
    weights = np.arange(80.0)
    theirs = KMeans(3, init=model.centers, n_init=1).fit(values)
    ours = CentroidPartition(theirs.cluster_centers_, theirs.inertia_)
    scores = ours.score_rows(values)
    assert ours.summarize_scores(scores) == pytest.approx(theirs.score(values))
    weighted = ours.summarize_scores(scores, weights)
    assert weighted == pytest.approx(theirs.score(values, sample_weight=weights))


def test_cores_have_no_score():
    with pytest.raises(UsageError, match="neither centers nor a likelihood"):
        cores().score_rows(np.zeros((1, 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_own_cluster_is_the_nearest_and_the_most_probable(kind):
    grid = np.stack(np.meshgrid(np.arange(-6, 12) / 3, np.arange(-6, 32) / 3), -1).reshape(-1, 2)
    values = np.vstack([grid, np.random.default_rng(8).normal(size=(500, 2)) * 4])
    model = kind()
    labels = model.predict(values).labels
    inside = labels != NOISE
    distances, memberships = model.compute_distances(values), model.compute_memberships(values)
    assert (distances.argmin(axis=1) == labels)[inside].all()
    assert (memberships.argmax(axis=1) == labels)[inside].all()
    assert memberships.sum(axis=1) == pytest.approx(inside.astype(float), abs=1e-12)


def test_rounding_makes_no_tie():
    # The squared distances from 0 differ by their last digit, and their roots do not.
    angles = np.array([0.017, 0.034])
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    model = CentroidPartition(circle, 0.0, variance=1e30)
    middle = np.zeros((1, 2))
    assert model.predict(middle).labels.tolist() == [1]
    assert model.compute_distances(middle).argmin(axis=1).tolist() == [1]
    assert model.compute_memberships(middle).argmax(axis=1).tolist() == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_measured_alone_as_among_others(kind):
    model, values = kind(), np.random.default_rng(9).normal(size=(97, 2)) * 3
    for measure in (model.compute_distances, model.compute_memberships):
        together = measure(values)
        assert together.tolist() == [measure(values[i : i + 1])[0].tolist() for i in range(97)]
        assert together.tolist() == measure(values, chunk_cells=30).tolist()
        turned = getattr(model.reorder([2, 0, 1]), measure.__name__)(values)
        assert turned == pytest.approx(together[:, [2, 0, 1]], abs=1e-12)


def test_without_clusters_every_row_is_noise():
    nothing = cores().reorder([])
    values = np.zeros((3, 2))
    assert nothing.predict(values).labels.tolist() == [-1, -1, -1]
    assert nothing.compute_distances(values).shape == (3, 0)
    assert nothing.compute_memberships(values).shape == (3, 0)
