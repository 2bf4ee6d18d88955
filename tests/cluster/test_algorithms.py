"""Every algorithm: published answers, and the laws that all of them have to keep."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from ilk.cluster import density, hierarchy, mixture
from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import CentroidPartition, CorePartition, compute_squared_distances
from ilk.cluster.result import finalize
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows
from ilk.errors import InputError, UsageError
from ilk.recipe import resolve_recipe

NAMES = list(ALGORITHMS)
TAKING_K = [name for name in NAMES if ALGORITHMS[name].takes_k]
SAMPLING: dict[str, Callable[..., Any]] = {
    "ward": hierarchy.fit_ward,
    "mixture": mixture.fit_mixture,
    "dbscan": density.fit_dbscan,
    "hdbscan": density.fit_hdbscan,
}
COUNTING = [name for name in NAMES if not ALGORITHMS[name].takes_k]


def blobs(sizes=(150, 100, 50), spread=0.5, seed=0):
    """Round groups far apart, the largest first."""
    random = np.random.default_rng(seed)
    middles = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 3.0], [0.0, 9.0, -3.0]])
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return middles[groups] + random.normal(size=(len(groups), 3)) * spread, groups


def touching(n=240, seed=3):
    """Groups that run into each other: every algorithm draws another boundary."""
    values, _ = blobs((n // 2, n // 3, n // 6), spread=2.2, seed=seed)
    return values


def fit(name, values, k=3, weights=None, seed=0):
    algorithm = ALGORITHMS[name]
    return algorithm.fit(deduplicate_rows(values, weights), k if algorithm.takes_k else None, seed)


def read(data_dir, name):
    with gzip.open(data_dir / "known_answers" / f"{name}.data.gz") as file:
        values = np.loadtxt(file)
    with gzip.open(data_dir / "known_answers" / f"{name}.labels.gz") as file:
        return values, np.loadtxt(file, dtype=int)


def agreement(name, values, truth):
    partition = fit(name, values, len(np.unique(truth))).partition
    return adjusted_rand_score(truth, partition.predict(values).labels)


@pytest.mark.parametrize("name", NAMES)
def test_only_segments_that_are_given_by_their_centers_can_be_refined(name):
    values, _ = blobs()
    if isinstance(fit(name, values).partition, CentroidPartition):
        assert resolve_recipe({"algorithm": name, "polish": 1}).polish == 1
    else:
        with pytest.raises(UsageError, match=f"segments of {name} have no centers") as caught:
            resolve_recipe({"algorithm": name, "polish": 1})
        assert caught.value.code == "E_POLISH"


@pytest.mark.parametrize("scale", ["raw", "standardized"])
@pytest.mark.parametrize(
    ("name", "data", "least"),
    [
        ("dbscan", "chainlink", 1.0),
        ("hdbscan", "chainlink", 1.0),
        ("dbscan", "lsun", 0.99),
        ("hdbscan", "lsun", 0.99),
        ("dbscan", "hepta", 1.0),
        ("hdbscan", "hepta", 1.0),
        ("hdbscan", "unbalance", 0.99),
        ("hdbscan", "s1", 0.95),
        ("mixture", "lsun", 1.0),
        ("mixture", "tetra", 1.0),
        ("mixture", "unbalance", 1.0),
        ("mixture", "s1", 0.985),
        ("mixture", "chainlink", 0.9),
        ("ward", "hepta", 1.0),
        ("ward", "tetra", 0.99),
        ("ward", "unbalance", 0.99),
        ("ward", "s1", 0.98),
        ("bisecting", "hepta", 1.0),
        ("bisecting", "s1", 0.98),
    ],
)
def test_published_answers_are_found(data_dir, name, data, least, scale):
    values, truth = read(data_dir, data)
    if scale == "standardized":
        values = (values - values.mean(axis=0)) / values.std(axis=0)
    assert agreement(name, values, truth) >= least


@pytest.mark.parametrize("name", NAMES)
def test_groups_far_apart_are_found_largest_first(name):
    values, groups = blobs()
    result = fit(name, values)
    labels = result.partition.predict(values).labels
    kept = labels >= 0
    assert (labels[kept] == groups[kept]).all()
    assert kept.mean() > 0.95
    assert result.relabeled_share < 0.03


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_where_the_partition_places_the_rows(name):
    rows = deduplicate_rows(touching())
    result = ALGORITHMS[name].fit(rows, 3 if ALGORITHMS[name].takes_k else None, 0)
    assert (result.partition.predict(rows.values).labels == result.labels).all()
    assert set(result.labels.tolist()) - {-1} == set(range(result.partition.k))
    sizes = np.bincount(result.labels[result.labels >= 0])
    assert (np.diff(sizes) <= 0).all()
    assert 0 <= result.relabeled_share < 0.3


@pytest.mark.parametrize("name", NAMES)
def test_inertia_is_that_of_the_centers_without_noise(name):
    rows = deduplicate_rows(touching())
    result = ALGORITHMS[name].fit(rows, 3 if ALGORITHMS[name].takes_k else None, 0)
    squared = compute_squared_distances(rows.values, result.partition.centers)
    inside = result.labels >= 0
    own = squared[result.labels[inside], np.flatnonzero(inside)]
    assert result.partition.inertia == pytest.approx(own.sum(), rel=1e-12)


@pytest.mark.parametrize("name", ["kmeans", "mixture", "dbscan", "hdbscan"])
def test_centers_are_the_means_of_their_rows(name):
    values = touching()
    result = fit(name, values)
    labels = result.partition.predict(values).labels
    for label, center in enumerate(result.partition.centers):
        assert center == pytest.approx(values[labels == label].mean(axis=0), abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_row_order_and_threads_change_no_byte(name):
    values = touching()
    turned = values[np.random.default_rng(9).permutation(len(values))]
    first = fit(name, values)
    with threadpool_limits(1):
        second = fit(name, turned)
    assert first.partition.centers.tobytes() == second.partition.centers.tobytes()
    assert first.partition.inertia == second.partition.inertia
    assert first.relabeled_share == second.relabeled_share
    placed, again = (result.partition.predict(values) for result in (first, second))
    assert placed.margin.tobytes() == again.margin.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_copies_of_a_row_are_its_weight(name):
    values = touching(120)
    weights = np.random.default_rng(4).integers(1, 5, size=len(values))
    copied = fit(name, np.repeat(values, weights, axis=0))
    weighted = fit(name, values, weights=weights.astype(float))
    assert copied.partition.centers.tobytes() == weighted.partition.centers.tobytes()
    alone = fit(name, values)
    assert alone.partition.centers.tobytes() != weighted.partition.centers.tobytes()


@pytest.mark.parametrize("name", COUNTING)
def test_noise_fits_nowhere(name):
    values, _ = blobs()
    far = np.array([[40.0, 40.0, 40.0], [-30.0, 0.0, 0.0]])
    result = fit(name, np.vstack([values, far]))
    placed = result.partition.predict(np.vstack([far, far + 1000.0]))
    assert placed.labels.tolist() == [-1] * 4
    assert placed.margin.tolist() == [0.0] * 4
    assert np.abs(result.partition.centers).max() < 10


@pytest.mark.parametrize("name", SAMPLING)
@pytest.mark.parametrize("limit", [150, 299])
def test_beyond_the_limit_a_sample_is_fitted_and_all_rows_are_labeled(name, limit):
    values, groups = blobs((400, 300, 200))
    rows = deduplicate_rows(values)
    if name in COUNTING:
        result = SAMPLING[name](rows, 0, max_rows=limit)
        assert len(result.partition.core_samples) <= limit
    else:
        result = SAMPLING[name](rows, [3], 0, max_rows=limit)[3]
    assert len(result.labels) == 900
    labels = result.partition.predict(values).labels
    kept = labels >= 0
    assert (labels[kept] == groups[kept]).all()
    assert kept.mean() > 0.9


@pytest.mark.parametrize("name", TAKING_K)
def test_one_number_of_clusters_does_not_depend_on_the_others(name):
    rows = deduplicate_rows(touching())
    together = ALGORITHMS[name].fit_all(rows, [2, 3, 4], 0)
    alone = ALGORITHMS[name].fit(rows, 3, 0)
    assert list(together) == [2, 3, 4]
    assert together[3].partition.centers.tobytes() == alone.partition.centers.tobytes()


@pytest.mark.parametrize("name", TAKING_K)
def test_more_clusters_than_different_rows_are_refused(name):
    with pytest.raises(InputError, match="only 2 customers differ"):
        fit(name, np.array([[0.0], [1.0], [1.0]]), 3)


@pytest.mark.parametrize("name", TAKING_K)
def test_the_number_of_clusters_is_required_where_one_is_taken(name):
    with pytest.raises(UsageError, match="needs the number of segments"):
        ALGORITHMS[name].fit(deduplicate_rows(touching()), None, 0)


@pytest.mark.parametrize("name", TAKING_K)
@pytest.mark.parametrize("k", [1, 4])
def test_one_cluster_and_one_of_each_row(name, k):
    result = fit(name, np.array([[0.0, 0.0], [0.0, 1.0], [5.0, 0.0], [9.0, 9.0]]), k)
    assert result.partition.k == k
    assert sorted(set(result.labels.tolist())) == list(range(k))


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_too_few_rows_for_a_dense_region_are_refused(name, n):
    values = np.random.default_rng(0).normal(size=(n, 3)) * 10.0 ** np.arange(n)[:, None]
    with pytest.raises(InputError, match="found no dense region among") as caught:
        fit(name, values)
    assert caught.value.code == "E_NO_CLUSTERS"


@pytest.mark.parametrize("name", NAMES)
def test_few_values_with_many_copies(name):
    # A spend of 0 for most, categories: distances of 0, columns without a spread in a cluster.
    table = np.repeat([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [7.0, 0.0, 1.0]], [500, 300, 100], axis=0)
    result = fit(name, table)
    assert np.bincount(result.partition.predict(table).labels).tolist() == [500, 300, 100]
    assert result.relabeled_share == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_far_from_zero_and_on_uneven_scales(name):
    values, groups = blobs()
    result = fit(name, values * 50.0 + 1e7)
    labels = result.partition.predict(values * 50.0 + 1e7).labels
    kept = labels >= 0
    assert (labels[kept] == groups[kept]).all()


def test_names_are_those_of_the_option_and_titles_are_for_people():
    assert NAMES == ["kmeans", "bisecting", "mixture", "ward", "dbscan", "hdbscan"]
    assert len({algorithm.title for algorithm in ALGORITHMS.values()}) == len(NAMES)


def test_ward_is_that_of_scikit_learn():
    values = touching()
    rows = deduplicate_rows(values)
    for k in (2, 3, 5, 12):
        theirs = AgglomerativeClustering(k).fit_predict(rows.values)
        tree = hierarchy.build_ward_merges(rows)
        assert adjusted_rand_score(theirs, hierarchy.cut_tree(tree, k)) == 1.0


def test_a_row_that_ward_leaves_with_the_farther_center_changes():
    # Merged in turn: 8 and 9.9, 12 and 15, then 18.2 to these. The centers are 8.95 and 15.07, and
    # 12 lies nearer to the first.
    rows = WeightedRows(np.array([[8.0], [9.9], [12.0], [15.0], [18.2]]), np.ones(5))
    result = hierarchy.fit_ward(rows, [2], 0)[2]
    assert result.partition.centers.ravel().tolist() == pytest.approx([8.95, 45.2 / 3])
    assert result.labels.tolist() == [0, 0, 0, 1, 1]
    assert result.relabeled_share == 1 / 5


def test_the_share_that_changes_counts_weights_of_the_rows_seen():
    rows = WeightedRows(np.array([[0.0], [1.0], [9.0]]), np.array([3.0, 1.0, 4.0]))
    seen = WeightedRows(rows.values[:2], rows.weights[:2])
    two = CentroidPartition(np.array([[0.0], [9.0]]), 0.0)
    assert finalize(rows, two, seen, np.array([1, 0])).relabeled_share == 3 / 4


def test_a_cluster_without_rows_is_dropped():
    middles = np.array([[0.0], [50.0], [9.0]])
    components = MixturePartition(middles, 0.0, np.full(3, 1 / 3), middles, np.ones((3, 1, 1)))
    rows = WeightedRows(np.array([[0.5], [8.0], [9.0]]), np.ones(3))
    result = finalize(rows, components, rows, np.array([0, 2, 2]))
    assert result.partition.k == 2
    assert result.partition.centers.tolist() == [[8.5], [0.5]]
    assert isinstance(result.partition, MixturePartition)
    assert result.partition.weights.tolist() == [0.5, 0.5]
    assert (result.labels.tolist(), result.relabeled_share) == ([1, 0, 0], 0.0)
    assert result.partition.inertia == 0.5


def test_core_rows_and_noise_keep_the_labels_of_dbscan():
    rows = deduplicate_rows(np.vstack([touching(), [[50.0, 0.0, 0.0]]]))
    result = density.fit_dbscan(rows, 0)
    assert isinstance(result.partition, CorePartition)
    eps, least = float(result.partition.eps[0]), density.choose_min_samples(rows)
    theirs = DBSCAN(eps=eps, min_samples=least).fit(rows.values)
    cores = theirs.core_sample_indices_
    assert (result.labels[cores] >= 0).all()
    assert adjusted_rand_score(theirs.labels_[cores], result.labels[cores]) == 1.0
    assert (result.labels[theirs.labels_ < 0] == -1).all()


def test_the_radius_is_the_upper_fence_of_the_box_plot():
    # 0 1 2 … 20: the nearest but itself is 1 away for all; quartiles 1 and 1.
    rows = WeightedRows(np.arange(21.0)[:, None], np.ones(21))
    distances = density.compute_core_distances(rows, 2)
    assert density.choose_eps(distances, rows) == 1.0
    distances[:7] = 3.0  # more than a quarter: the third quartile
    assert density.choose_eps(distances, rows) == 3.0 + 1.5 * 2.0


def test_copies_count_as_neighbors():
    rows = WeightedRows(np.array([[0.0], [1.0], [5.0]]), np.array([3.0, 1.0, 1.0]))
    assert density.compute_core_distances(rows, 3).tolist() == [0.0, 1.0, 5.0]
    assert density.compute_core_distances(rows, 5).tolist() == [5.0, 4.0, 5.0]


def test_a_mixture_finds_the_flat_groups_that_k_means_cuts():
    random = np.random.default_rng(5)
    flat = random.normal(size=(400, 2)) * [8.0, 0.2] + np.repeat([[0, 0], [0, 3]], 200, axis=0)
    truth = np.repeat([0, 1], 200)
    assert agreement("mixture", flat, truth) == 1.0
    assert agreement("kmeans", flat, truth) < 0.5


def test_slanted_groups_have_full_and_straight_ones_diagonal_covariances():
    random = np.random.default_rng(6)
    straight = random.normal(size=(600, 2)) + np.repeat([[0, 0], [9, 9]], 300, axis=0)
    slanted = straight @ np.array([[1.0, 0.9], [0.0, 0.3]])
    off = [
        fit("mixture", values, 2).partition.precisions_cholesky[:, 0, 1]
        for values in (straight, slanted)
    ]
    assert (off[0] == 0).all()
    assert (off[1] != 0).all()


def test_units_of_the_columns_mean_nothing_to_a_mixture():
    random = np.random.default_rng(7)
    values = random.normal(size=(600, 2)) * [3.0, 0.4] + np.repeat([[0, 0], [0, 2]], 300, axis=0)
    slanted = values @ np.array([[1.0, 0.9], [-0.5, 0.3]])
    units = np.array([1.0, 2.0**12])
    first, second = fit("mixture", slanted, 2), fit("mixture", slanted * units, 2)
    assert (first.labels == second.labels).all()
    assert second.partition.predict(slanted * units).margin == pytest.approx(
        first.partition.predict(slanted).margin, abs=1e-6
    )


def test_copies_are_shares_of_a_mixture():
    table = np.repeat([[0.0, 0.0], [0.0, 1.0], [7.0, 0.0]], [500, 300, 100], axis=0)
    partition = fit("mixture", table).partition
    assert partition.weights == pytest.approx([5 / 9, 3 / 9, 1 / 9], abs=1e-6)
