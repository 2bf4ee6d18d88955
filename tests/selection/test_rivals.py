"""Whether another algorithm than k-means is clearly right: told where it is, and only there."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score

from ilk.cluster.partition import Floats
from ilk.selection.rivals import find_better_algorithm, sweep_better_algorithm
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k

SETTINGS = SelectionSettings(k_max=5)


def draw_rare_group() -> tuple[Floats, np.ndarray]:
    """A round group of 975 rows and one of 25, seven standard deviations away."""
    random = np.random.default_rng(3)
    labels = np.arange(1000) < 25
    return random.normal(size=(1000, 3)) + 4.04 * labels[:, None], labels


def draw_moons() -> tuple[Floats, np.ndarray]:
    values, labels = make_moons(900, noise=0.06, random_state=1)
    return (values - values.mean(axis=0)) / values.std(axis=0), labels


def draw_round_groups() -> Floats:
    centers = 7 * np.array([[0, 0], [1, 0], [0, 1]])
    return np.random.default_rng(2).normal(size=(600, 2)) + centers[np.arange(600) % 3]


@pytest.mark.parametrize(
    ("draw", "algorithm"),
    [pytest.param(draw_rare_group, "mixture", marks=pytest.mark.thorough), (draw_moons, "hdbscan")],
)
def test_an_algorithm_that_finds_the_true_groups_is_told_where_k_means_does_not(draw, algorithm):
    values, truth = draw()
    kmeans = sweep_k(values, SETTINGS)
    better = find_better_algorithm(values, kmeans, SETTINGS)
    assert better is not None
    assert (better.algorithm, better.better_k) == (algorithm, 2)
    selection, partition = sweep_better_algorithm(values, kmeans, SETTINGS, better).select()
    assert selection.structure == "clear"
    assert adjusted_rand_score(truth, partition.predict(values).labels) > 0.97
    _, partition = kmeans.select()
    assert adjusted_rand_score(truth, partition.predict(values).labels) < 0.5


@pytest.mark.parametrize(
    "values", [draw_round_groups(), np.random.default_rng(3).normal(size=(400, 3))]
)
def test_nothing_is_told_of_round_groups_and_of_a_cloud(values):
    assert find_better_algorithm(values, sweep_k(values, SETTINGS), SETTINGS) is None


def test_rows_that_count_twice_are_as_good_as_rows_that_stand_there_twice():
    values, _ = draw_rare_group()
    values = values[:600]
    twice = np.repeat(values, 2, axis=0)
    weights = np.full(len(values), 2.0)
    kmeans = sweep_k(twice, SETTINGS)
    assert find_better_algorithm(values, kmeans, SETTINGS, weights) == find_better_algorithm(
        twice, kmeans, SETTINGS
    )


def test_the_gaps_between_few_different_values_are_none():
    random = np.random.default_rng(4)
    counts = random.integers(0, 3, size=(600, 1)) * 2.0
    values = np.hstack([random.normal(size=(600, 2)), counts])
    assert find_better_algorithm(values, sweep_k(values, SETTINGS), SETTINGS) is None


@pytest.mark.parametrize("n_distinct", [2, 3, 9])
def test_nothing_is_tried_among_few_different_rows(n_distinct):
    values = (np.arange(60) % n_distinct).astype(float)[:, None]
    assert find_better_algorithm(values, sweep_k(values, SETTINGS), SETTINGS) is None


def test_nothing_is_tried_where_nothing_was_tested():
    values, _ = draw_moons()
    settings = SelectionSettings(fast=True)
    assert find_better_algorithm(values, sweep_k(values, settings), settings) is None
