"""K-means: published optima, scikit-learn's restarts, and laws about order, weights and threads."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.partition import CentroidPartition, compute_squared_distances
from ilk.cluster.weighted_rows import deduplicate_rows, sum_accurately
from ilk.errors import InputError


def fit_one(values, k: int, *, weights=None, restarts: int = 10) -> CentroidPartition:
    rows = deduplicate_rows(values, weights)
    return run_kmeans_for_ks(rows, [k], seed=0, restarts=restarts)[k]


def standardized(values):
    # Columns lie together, so that their means are summed pairwise: the published digits need it.
    values = np.asfortranarray(values)
    return (values - values.mean(axis=0)) / values.std(axis=0)


def mall(data_dir: Path, columns=(3, 4)):
    return np.loadtxt(data_dir / "Mall_Customers.csv", delimiter=",", skiprows=1, usecols=columns)


def known(data_dir: Path, name: str):
    with gzip.open(data_dir / "known_answers" / f"{name}.data.gz") as file:
        return np.loadtxt(file)


def test_the_mall_to_the_last_digit(data_dir):
    values = mall(data_dir)
    assert repr(fit_one(standardized(values), 5).inertia) == "65.56840815571681"
    assert repr(fit_one(values, 5).inertia) == "44448.45544793371"


@pytest.mark.parametrize(
    ("k", "inertia"),
    [(1, 269981.28), (2, 181363.596), (3, 106348.373), (4, 73679.789), (6, 37233.8145)],
)
def test_the_elbow_curve_of_the_mall(data_dir, k, inertia):
    digits = len(str(inertia).split(".")[1])
    assert round(fit_one(mall(data_dir), k).inertia, digits) == inertia


def test_the_mall_with_age(data_dir):
    assert round(fit_one(mall(data_dir, (2, 3, 4)), 6).inertia, 4) == 58300.4433


@pytest.mark.parametrize(
    ("name", "k", "best"),
    [
        ("s1", 15, 8.917615616867e12),
        ("s3", 15, 1.688977744318e13),
        ("a1", 20, 1.2146257522e10),
        ("unbalance", 8, 2.14492062848e11),
    ],
)
def test_published_optima_are_reached(data_dir, name, k, best):
    assert fit_one(known(data_dir, name), k).inertia <= best * 1.0001


def wholesale(data_dir: Path):
    path = data_dir / "Wholesale_customers.csv"
    return np.log1p(np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(2, 8)))


@pytest.mark.parametrize("read", [mall, lambda folder: mall(folder, (2, 3, 4)), wholesale])
def test_no_worse_than_fifty_restarts(data_dir, read):
    values = standardized(read(data_dir))
    for k, partition in run_kmeans_for_ks(
        deduplicate_rows(values), range(2, 13), seed=0, restarts=10
    ).items():
        with threadpool_limits(1):  # threads wait for each other on so few rows
            peer = KMeans(k, n_init=50, random_state=1).fit(values)
        assert partition.inertia <= peer.inertia_ * 1.0001, k


def test_the_partition_of_one_k_does_not_depend_on_the_others(data_dir):
    rows = deduplicate_rows(standardized(mall(data_dir)))
    alone = run_kmeans_for_ks(rows, [5], seed=0, restarts=10)[5]
    among = run_kmeans_for_ks(rows, range(1, 9), seed=0, restarts=10)[5]
    assert alone.centers.tobytes() == among.centers.tobytes()


tables = st.tuples(st.integers(0, 10_000), st.integers(8, 60), st.integers(1, 3), st.integers(1, 4))


@settings(max_examples=25, deadline=None)
@given(tables)
def test_row_order_changes_no_byte(case):
    seed, n, d, k = case
    values = np.random.default_rng(seed).normal(size=(n, d))
    turned = values[np.random.default_rng(seed + 1).permutation(n)]
    first, second = (fit_one(table, k, restarts=2) for table in (values, turned))
    assert first.centers.tobytes() == second.centers.tobytes()
    assert first.inertia == second.inertia


@settings(max_examples=25, deadline=None)
@given(tables)
def test_copies_of_a_row_are_its_weight(case):
    seed, n, d, k = case
    random = np.random.default_rng(seed)
    values, weights = random.normal(size=(n, d)), random.integers(1, 4, size=n)
    copied = fit_one(np.repeat(values, weights, axis=0), k, restarts=2)
    weighted = fit_one(values, k, restarts=2, weights=weights.astype(float))
    assert copied.centers.tobytes() == weighted.centers.tobytes()


def test_the_largest_cluster_comes_first(data_dir):
    values = standardized(mall(data_dir))
    sizes = np.bincount(fit_one(values, 5).predict(values).labels)
    assert sizes.tolist() == [81, 39, 35, 23, 22]


def test_centers_are_the_means_of_their_rows(data_dir):
    values = standardized(mall(data_dir))
    partition = fit_one(values, 6)
    labels = partition.predict(values).labels
    for label, center in enumerate(partition.centers):
        assert center == pytest.approx(values[labels == label].mean(axis=0), abs=1e-12)


def test_as_many_clusters_as_different_rows():
    values = np.array([[1.0], [2.0], [2.0], [7.0]])
    partition = fit_one(values, 3)
    assert partition.inertia == 0.0
    assert sorted(partition.centers.ravel()) == [1.0, 2.0, 7.0]


def test_more_clusters_than_different_rows_are_refused():
    with pytest.raises(InputError, match="only 2 customers differ"):
        fit_one(np.array([[1.0], [2.0], [2.0]]), 3)


@given(st.integers(0, 1_000), st.integers(1, 5), st.integers(1, 40))
def test_a_row_is_placed_alone_as_among_others(seed, k, n):
    random = np.random.default_rng(seed)
    partition = CentroidPartition(random.normal(size=(k, 3)), 0.0)
    values = random.normal(size=(n, 3))
    together = partition.predict(values)
    alone = [partition.predict(values[i : i + 1]) for i in range(n)]
    assert together.labels.tolist() == [int(assignment.labels[0]) for assignment in alone]
    assert together.margin.tolist() == [float(assignment.margin[0]) for assignment in alone]


def test_a_tie_goes_to_the_lower_number():
    partition = CentroidPartition(np.array([[2.0], [0.0]]), 0.0)
    placed = partition.predict(np.array([[1.0]]))
    assert (placed.labels[0], placed.margin[0]) == (0, 0.0)


def test_beside_a_single_center_no_other_comes_into_question():
    placed = CentroidPartition(np.array([[0.0]]), 0.0).predict(np.array([[3.0]]))
    assert (placed.labels[0], placed.margin[0]) == (0, 1.0)


def test_distances_keep_their_digits_far_from_zero():
    values = np.array([[1e8 + 1.0]])
    assert compute_squared_distances(values, np.array([[1e8]]))[0, 0] == 1.0


def test_a_total_is_rounded_once():
    terms = np.array([1.0, 1e100, 1.0, -1e100] * 1000)
    assert sum_accurately(terms) == 2000.0
