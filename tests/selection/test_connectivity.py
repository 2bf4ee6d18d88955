"""Nearest neighbors in different clusters, by hand and on known shapes."""

from __future__ import annotations

import numpy as np
import pytest

from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows
from ilk.selection.connectivity import MAX_GRAPH_ROWS, N_NEIGHBORS, KNNGraph


def line(*places: float) -> WeightedRows:
    return WeightedRows(np.array(places)[:, None], np.ones(len(places)))


def rings(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Two rings, one inside the other, and which of them every row is on."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([circle, 4 * circle]), np.repeat([0, 1], n)


def test_every_row_of_a_line_is_paired_with_the_nearest():
    # 0 → 1, 1 → 0, 3 → 1, 8 → 9, 9 → 8
    graph = KNNGraph(line(0, 1, 3, 8, 9))
    assert graph.compute_cut_fraction(np.array([0, 0, 0, 1, 1])) == 0.0
    assert graph.compute_cut_fraction(np.array([0, 0, 1, 1, 1])) == 1 / 5
    assert graph.compute_cut_fraction(np.array([0, 1, 1, 1, 1])) == 2 / 5
    assert graph.compute_cut_fraction(np.array([0, 1, 0, 1, 0])) == 5 / 5


def test_pairs_with_noise_do_not_count():
    graph = KNNGraph(line(0, 1, 3, 8, 9))
    assert graph.compute_cut_fraction(np.array([0, 0, 1, -1, -1])) == 1 / 3
    assert graph.compute_cut_fraction(np.array([0, -1, 1, 1, 0])) == 2 / 2
    assert graph.compute_cut_fraction(np.full(5, -1)) is None


def test_of_two_clusterings_only_pairs_that_count_in_both_are_compared():
    graph = KNNGraph(line(0, 1, 3, 8, 9))
    ours, theirs = np.array([0, 0, 1, 1, 1]), np.array([0, 0, -1, 1, 1])
    assert graph.compute_cut_fraction(ours) == 1 / 5
    assert graph.compute_cut_fraction(ours, theirs) == 0 / 4


def test_a_boundary_on_a_line_is_counted_from_both_sides():
    # Every row of an even line has ten nearest neighbors, five on either side. Across the boundary
    # there are 5 + 4 + 3 + 2 + 1 pairs from each side; the ends do not count.
    n = 200
    graph = KNNGraph(line(*range(n)))
    cut = graph.compute_cut_fraction((np.arange(n) >= n // 2).astype(int))
    assert cut == 30 / (n * N_NEIGHBORS)


def test_rings_are_apart_and_k_means_cuts_them():
    values, truth = rings()
    rows = deduplicate_rows(values)
    order = np.lexsort(values.T[::-1])
    graph = KNNGraph(rows)
    assert graph.compute_cut_fraction(truth[order]) == 0.0
    halves = run_kmeans_for_ks(rows, [2], seed=0, restarts=5)[2].predict(rows.values).labels
    cut = graph.compute_cut_fraction(halves)
    assert cut is not None
    assert 0.005 < cut < 0.05


def test_a_row_n_times_is_n_rows():
    values = np.random.default_rng(0).normal(size=(60, 2))
    labels = (values[:, 0] > 0).astype(int)
    double = KNNGraph(WeightedRows(values, np.full(60, 2.0)))
    assert double.n_rows == 120
    # Of the ten nearest neighbors one is the copy of the row itself, and none is farther than the
    # fifth of the others: fewer pairs are across the boundary.
    once = KNNGraph(WeightedRows(values, np.ones(60))).compute_cut_fraction(labels)
    twice = double.compute_cut_fraction(labels)
    assert once is not None
    assert twice is not None
    assert twice < once


def test_ties_between_neighbors_are_decided_at_random_and_not_by_their_order():
    # Five hundred customers on one point, in two clusters: half of all pairs are cut.
    rows = WeightedRows(np.zeros((2, 1)), np.array([250.0, 250.0]))
    assert KNNGraph(rows).compute_cut_fraction(np.array([0, 1])) == pytest.approx(0.5, abs=0.05)


def test_a_larger_table_is_sampled_and_gives_about_the_same():
    draw = np.random.default_rng(1)
    small, large = (
        np.sort(draw.normal(size=(n, 1)), axis=0) for n in (MAX_GRAPH_ROWS, 8 * MAX_GRAPH_ROWS)
    )
    cuts = []
    for values in (small, large):
        graph = KNNGraph(WeightedRows(values, np.ones(len(values))))
        assert graph.n_rows == MAX_GRAPH_ROWS
        cuts.append(graph.compute_cut_fraction((values[:, 0] > 0).astype(int)))
    assert all(cut is not None and 0.0 < cut < 0.01 for cut in cuts)


def test_the_same_seed_gives_the_same_figure():
    values = np.random.default_rng(2).normal(size=(3 * MAX_GRAPH_ROWS, 3))
    rows, labels = WeightedRows(values, np.ones(len(values))), (values[:, 0] > 0.3).astype(int)
    assert KNNGraph(rows, seed=4).compute_cut_fraction(labels) == KNNGraph(
        rows, seed=4
    ).compute_cut_fraction(labels)
    assert KNNGraph(rows, seed=4).compute_cut_fraction(labels) != KNNGraph(
        rows, seed=5
    ).compute_cut_fraction(labels)


def test_two_rows_are_each_others_neighbors():
    graph = KNNGraph(line(0, 1))
    assert graph.compute_cut_fraction(np.array([0, 1])) == 1.0
    assert graph.compute_cut_fraction(np.array([0, 0])) == 0.0
