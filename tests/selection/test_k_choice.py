"""Whether there are segments: data without groups of every kind, and groups of every kind."""

from __future__ import annotations

import gzip
from functools import partial

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import spearmanr

import ilk
from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.selection.gap import (
    MAX_NULL_ROWS,
    N_DRAWS,
    TableFit,
    compare_with_null,
    compute_null_comparison,
)
from ilk.selection.null_models import MAX_DISCRETE_VALUES, NullModels, spread_discrete_values
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k
from ilk.selection.valley_test import ValleyTest


def standardized(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def correlated(random, n, d):
    mixed = np.linalg.cholesky(0.3 * np.eye(d) + 0.7)
    return random.normal(size=(n, d)) @ mixed.T


UNGROUPED = {
    "even": lambda random, n, d: random.uniform(size=(n, d)),
    "round": lambda random, n, d: random.normal(size=(n, d)),
    "long": lambda random, n, d: random.normal(size=(n, d)) * np.linspace(1, 5, d),
    "correlated": correlated,
    "skewed": lambda random, n, d: standardized(random.lognormal(size=(n, d))),
    "ratings": lambda random, n, d: random.integers(1, 6, size=(n, d)).astype(float),
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize("kind", UNGROUPED)
def test_data_without_groups_are_not_clear(kind, d, seed):
    values = UNGROUPED[kind](np.random.default_rng(seed), 200, d)
    assert sweep_k(values, SelectionSettings(k_max=8, restarts=2)).structure in ("none", "weak")


@pytest.mark.parametrize("kind", UNGROUPED)
def test_many_rows_without_groups_are_not_clear(kind):
    values = UNGROUPED[kind](np.random.default_rng(3), 2_500, 2)
    assert sweep_k(values, SelectionSettings(k_max=5, restarts=1)).structure in ("none", "weak")


@pytest.mark.parametrize(("n", "d", "k"), [(200, 2, 4), (200, 10, 3), (1_000, 5, 6)])
def test_groups_far_apart_are_clear_and_counted(n, d, k):
    random = np.random.default_rng(n + d)
    centers = np.zeros((k, d))
    while min(np.linalg.norm(a - b) for i, a in enumerate(centers) for b in centers[:i]) < 8:
        centers = random.normal(size=(k, d)) * 8
    values = centers[random.integers(k, size=n)] + random.normal(size=(n, d))
    choice, _ = sweep_k(values, SelectionSettings(k_max=8)).select()
    assert (choice.k, choice.structure) == (k, "clear")


def test_customers_made_without_groups_have_none():
    run = ilk.fit(ilk.demo.load("customers"))
    assert run.selection.structure == "none"
    assert run.selection.verdict.startswith("No natural groups found. These")
    assert run.selection.reasons[0].startswith("No number of segments passed every test: random")


def test_the_mall_is_clear(data_dir):
    mall = np.loadtxt(data_dir / "Mall_Customers.csv", delimiter=",", skiprows=1, usecols=(3, 4))
    choice, _ = sweep_k(standardized(mall)).select()
    assert (choice.k, choice.structure) == (5, "clear")


def test_one_category_alone_is_no_structure():
    # Rows pile up on four levels, but nothing depends on them.
    random = np.random.default_rng(5)
    levels = np.eye(4)[random.integers(4, size=400)]
    values = np.hstack([random.normal(size=(400, 3)), levels])
    choice, _ = sweep_k(values, SelectionSettings(k_max=8, blocks=(slice(3, 7),))).select()
    assert choice.structure == "none"
    # As four numbers, the levels would be taken for groups.
    assert (
        sweep_k(values, SelectionSettings(k_max=8)).select()[0].chosen_candidate.silhouette_gain
        is not None
    )


def test_nothing_is_tested_in_a_fast_run():
    values = np.random.default_rng(1).normal(size=(60, 2))
    sweep = sweep_k(values, SelectionSettings(fast=True))
    assert sweep.structure == "untested"
    assert {candidate.silhouette_gain for candidate in sweep.candidates} == {None}
    assert sweep.select()[0].stability == ()


@pytest.mark.parametrize("draw", ["draw_uniform_box", "draw_correlated_marginals"])
def test_random_tables_keep_ranges_discrete_values_and_categories(draw):
    random = np.random.default_rng(2)
    ratings = random.integers(1, 6, size=(500, 1)).astype(float)
    values = np.hstack(
        [random.lognormal(size=(500, 1)), ratings, np.eye(3)[random.integers(3, size=500)]]
    )
    drawn = next(getattr(NullModels(values, [slice(2, 5)]), draw)(np.random.default_rng(0)))
    assert drawn.shape == values.shape
    assert set(drawn[:, 1]) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert set(map(tuple, drawn[:, 2:])) == set(map(tuple, values[:, 2:]))
    share = values[:, 2:].mean(axis=0)
    assert drawn[:, 2:].mean(axis=0) == pytest.approx(share, abs=0.08)


def test_random_tables_have_independent_categories():
    levels = np.eye(3)[np.random.default_rng(3).integers(3, size=900)]
    drawn = next(
        NullModels(
            np.hstack([levels, levels]), [slice(0, 3), slice(3, 6)]
        ).draw_correlated_marginals(np.random.default_rng(0))
    )
    # Of two categories that were the same, a third of the customers has the same level by chance.
    same = (drawn[:, :3] == drawn[:, 3:]).all(axis=1).mean()
    assert same == pytest.approx(1 / 3, abs=0.06)


def test_a_unimodal_marginal_fills_the_gap_between_two_peaks():
    random = np.random.default_rng(4)
    column = np.concatenate([random.normal(-4, 1, 1_000), random.normal(4, 1, 1_000)])
    drawn = next(
        NullModels(column[:, None]).draw_correlated_marginals(np.random.default_rng(0))
    ).ravel()
    between = int(np.count_nonzero(abs(column) < 1))
    assert np.count_nonzero(abs(drawn) < 1) > 10 * max(between, 1)
    assert column.min() <= drawn.min()
    assert drawn.max() <= column.max()


@pytest.mark.parametrize("shape", [np.exp, np.tanh, np.round])
def test_random_tables_keep_the_rank_correlations(shape):
    values = shape(correlated(np.random.default_rng(7), 2_000, 4))
    drawn = next(NullModels(values).draw_correlated_marginals(np.random.default_rng(0)))
    ranks = [spearmanr(table).statistic for table in (values, drawn)]
    np.testing.assert_allclose(ranks[1], ranks[0], atol=0.06)


def test_more_correlated_columns_than_rows_have_random_tables():
    values = correlated(np.random.default_rng(8), 12, 30)
    drawn = next(NullModels(values).draw_correlated_marginals(np.random.default_rng(0)))
    assert np.isfinite(drawn).all()
    assert (drawn.min(axis=0) >= values.min(axis=0)).all()


@pytest.mark.parametrize(
    "shape", [lambda x: x, np.exp, ndtr, lambda x: np.digitize(x, [-1.2, -0.4, 0.4, 1.2])]
)
def test_ten_correlated_columns_without_groups_are_no_better_than_random(shape):
    values = standardized(shape(correlated(np.random.default_rng(4), 400, 10)).astype(float))
    choice, _ = sweep_k(values, SelectionSettings(k_max=6, restarts=2)).select()
    assert choice.structure == "none"


def test_two_groups_on_the_diagonal_of_ten_columns_are_clear():
    random = np.random.default_rng(9)
    places = random.integers(2, size=(300, 1)) * 6 / np.sqrt(10)
    values = standardized(places + random.normal(size=(300, 10)))
    choice, _ = sweep_k(values, SelectionSettings(k_max=6, restarts=2)).select()
    assert (choice.k, choice.structure) == (2, "clear")


def test_a_uniform_box_has_the_direction_of_the_data():
    values = np.random.default_rng(6).normal(size=(1_000, 2)) @ np.array([[3.0, 3.0], [-0.2, 0.2]])
    drawn = next(NullModels(values).draw_uniform_box(np.random.default_rng(0)))
    assert np.corrcoef(drawn[:, 0], drawn[:, 1]).min() > 0.95


def test_the_gap_and_its_error_by_hand():
    """Ten random tables whose logarithms of the inertia are 1, 3, 1, 3 … beside data with 0."""
    boxes = [TableFit(np.exp(1 + 2 * (i % 2)), 0.2) for i in range(N_DRAWS)]
    marginals = [TableFit(1.0, 0.3) for _ in range(N_DRAWS)]
    null = compute_null_comparison(TableFit(1.0, 0.5), boxes, marginals)
    assert null.gap == pytest.approx(2.0)
    assert null.gap_error == pytest.approx(1.1**0.5)
    assert null.null_silhouette == pytest.approx(0.3)


def test_the_margin_is_above_the_mean_and_a_standard_deviation_by_hand():
    marginals = [TableFit(1.0, 0.3 + 0.1 * (-1) ** i) for i in range(N_DRAWS)]
    boxes = [TableFit(1.0, 0.35) for _ in range(N_DRAWS)]
    null = compute_null_comparison(TableFit(1.0, 0.5), boxes, marginals)
    assert null.null_silhouette == pytest.approx(0.4)


def test_the_gap_statistic_finds_known_groups_by_its_authors_rule(data_dir):
    with gzip.open(data_dir / "known_answers" / "hepta.data.gz") as file:
        nulls = compare_with_null(deduplicate_rows(np.loadtxt(file)), range(2, 11))
    gaps = {k: float(null.gap or 0.0) for k, null in nulls.items()}
    assert max(gaps, key=lambda k: gaps[k]) == 7
    # Their rule: the smallest K from which another cluster gains no more than its error.
    stops = [
        k for k in range(2, 10) if gaps[k] >= gaps[k + 1] - float(nulls[k + 1].gap_error or 0.0)
    ]
    assert 7 in stops


def test_the_comparison_with_random_data_does_not_depend_on_the_range():
    rows = deduplicate_rows(np.random.default_rng(1).normal(size=(150, 3)))
    narrow, wide = compare_with_null(rows, [2, 3]), compare_with_null(rows, range(2, 9))
    for k in (1, 2, 3):
        assert narrow[k].gap == pytest.approx(wide[k].gap, abs=1e-9)
        assert narrow[k].null_silhouette == pytest.approx(wide[k].null_silhouette, abs=1e-9)


def test_the_sampled_rows_represent_their_weights():
    rows = WeightedRows(
        np.array([[0.0], [1.0]]), np.array([3.0 * MAX_NULL_ROWS, 1.0 * MAX_NULL_ROWS])
    )
    drawn = subsample_indices(rows, MAX_NULL_ROWS, seed=0)
    assert len(drawn) == MAX_NULL_ROWS
    assert np.count_nonzero(drawn == 0) == pytest.approx(0.75 * MAX_NULL_ROWS, rel=0.05)


def test_discrete_values_are_spread_and_other_columns_left():
    random = np.random.default_rng(0)
    values = np.column_stack([random.integers(1, 6, 500), random.normal(size=500)]).astype(float)
    spread = spread_discrete_values(values, seed=0)
    assert (abs(spread[:, 0] - values[:, 0]) <= 0.5).all()
    assert len(set(spread[:, 0])) > MAX_DISCRETE_VALUES
    assert (spread[:, 1] == values[:, 1]).all()


def groups(values, k, blocks=()):
    test = ValleyTest(deduplicate_rows(values), partial(run_restarts, starts=10, seed=0), blocks)
    return test.find_separations([k])[k].n_groups


def test_a_valley_separates_two_groups_and_no_data_without_groups():
    random = np.random.default_rng(1)
    normal = random.normal(size=(400, 3))
    apart = normal + 6.0 * (np.arange(400) % 2)[:, None]
    assert [groups(apart, k) for k in (2, 3)] == [2, 2]
    assert [groups(normal, k) for k in (2, 3, 6)] == [1, 1, 1]


def test_groups_that_touch_are_one_group_with_a_third_apart():
    random = np.random.default_rng(2)
    touching = np.concatenate([random.normal(0, 1, (200, 2)), random.normal(2, 1, (200, 2))])
    apart = random.normal(20, 1, (200, 2))
    assert groups(np.concatenate([touching, apart]), 3) == 2


def test_levels_of_a_category_have_no_valley_between_them():
    random = np.random.default_rng(3)
    values = np.hstack([random.normal(size=(300, 1)), 9 * np.eye(2)[random.integers(2, size=300)]])
    assert groups(values, 2) == 2
    assert groups(values, 2, blocks=[slice(1, 3)]) == 1
    assert groups(values[:, 1:], 2, blocks=[slice(0, 2)]) == 1


def test_discrete_values_have_no_valley_between_them():
    values = np.random.default_rng(4).integers(1, 5, size=(400, 1)).astype(float)
    assert groups(values, 4) == 1


def test_a_dense_point_beside_another_is_apart():
    assert groups(np.repeat([[0.0, 0.0], [5.0, 5.0]], 30, axis=0), 2) == 1  # two discrete values
    random = np.random.default_rng(5)
    spots = np.concatenate([np.zeros((40, 2)), random.normal(9, 0.5, size=(400, 2))])
    assert groups(spots, 2) == 2


def test_two_near_groups_beside_far_ones_are_separated():
    # By the silhouette alone the two near ones would be one segment.
    random = np.random.default_rng(8)
    centers = np.array([[0.0, 0.0], [7.0, 0.0], [60.0, 0.0], [0.0, 60.0]])
    values = centers[np.arange(240) % 4] + random.normal(size=(240, 2))
    choice, _ = sweep_k(values).select()
    assert (
        max(choice.multi_cluster_candidates, key=lambda candidate: candidate.silhouette or 0.0).k
        == 3
    )
    assert (choice.k, choice.chosen_candidate.n_separated_groups) == (4, 4)
    assert any(
        "Gaps with few customers separate all four segments" in reason for reason in choice.reasons
    )


def rings(random, n=600):
    """Two interlocked rings."""
    turn = random.uniform(0, 2 * np.pi, n)
    flat = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(n)])
    upright = np.column_stack([1 + np.cos(turn), np.zeros(n), np.sin(turn)])
    return np.where((np.arange(n) % 2)[:, None], flat, upright) + random.normal(0, 0.05, (n, 3))


def test_segments_of_any_shape_are_clear_where_no_neighbors_are_cut():
    sweep = sweep_k(rings(np.random.default_rng(9)), SelectionSettings(algorithm="hdbscan"))
    assert (sweep.recommended_k, sweep.structure) == (2, "clear")
    assert sweep.candidates[-1].cut_fraction == 0.0
    reason = sweep.select()[0].reasons[0]
    assert reason.startswith("The segments are clearly apart, whatever their shape")


@pytest.mark.parametrize("seed", range(4))
def test_a_density_method_finds_no_structure_without_groups(seed):
    values = np.random.default_rng(seed).uniform(size=(300, 2))
    assert sweep_k(values, SelectionSettings(algorithm="hdbscan")).structure == "none"
    alone = sweep_k(values, SelectionSettings(algorithm="dbscan"))
    assert (alone.recommended_k, alone.structure) == (1, "none")


def test_a_dense_edge_is_no_group_of_its_own():
    """The density between them is lower than at the edge, but as high as everywhere else."""
    even, edge = np.linspace(0, 10, 1000), np.linspace(10, 10.2, 500)
    assert groups(np.concatenate([even, edge])[:, None], 2) == 1
    assert groups(np.concatenate([even, edge + 10])[:, None], 2) == 2


def test_many_columns_make_no_valleys():
    cloud = np.random.default_rng(6).normal(size=(300, 100))
    assert [groups(cloud, k) for k in (2, 4, 6)] == [1, 1, 1]


@pytest.mark.thorough
def test_groups_in_many_columns_are_found_and_not_divided():
    random = np.random.default_rng(7)
    centers = random.normal(size=(4, 100))
    values = centers[np.arange(300) % 4] + random.normal(size=(300, 100))
    sweep = sweep_k(standardized(values))
    assert (sweep.recommended_k, sweep.structure) == (4, "clear")


def test_a_small_group_is_proved_by_the_gap_around_it():
    random = np.random.default_rng(9)
    values = random.normal(size=(1000, 2))
    values[:100] += 5.0
    sweep = sweep_k(standardized(values))
    assert (sweep.recommended_k, sweep.structure) == (2, "clear")
    assert sweep.candidates[1].smallest_share == pytest.approx(0.1, abs=0.01)
