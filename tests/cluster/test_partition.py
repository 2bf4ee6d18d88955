"""Partitions: placements computed by hand, and laws about batches and numbers."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import CentroidPartition, CorePartition


def column(*values: float):
    return np.array(values, dtype=float)[:, None]


def centroids() -> CentroidPartition:
    return CentroidPartition(np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 9.0]]), 1.0)


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
