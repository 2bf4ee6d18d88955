"""Which columns depend on others: the level, the power, and two ways to the same p-value."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from ilk.selection.dependence import LEVEL, measure_dependence


def draw_noise(kind, random, n):
    if kind == "coin":
        return random.integers(2, size=n)
    if kind == "levels":
        n_levels = random.integers(2, 9)
        return random.choice(n_levels, n, p=random.dirichlet(np.ones(n_levels)))
    if kind == "normal":
        return random.normal(size=n)
    if kind == "lognormal":
        return random.lognormal(size=n)
    if kind == "uniform":
        return random.uniform(size=n)
    return random.poisson(random.choice([0.3, 1.0, 4.0]), n).astype(float)


NOISE = ("coin", "levels", "normal", "lognormal", "uniform", "counts")


@pytest.mark.thorough
@pytest.mark.parametrize(("n", "n_tables"), [(150, 200), (1000, 100)])
def test_independent_columns_are_rarely_called_dependent(n, n_tables):
    random = np.random.default_rng(n)
    n_false = sum(
        any(
            column.is_dependent
            for column in measure_dependence([draw_noise(kind, random, n) for kind in NOISE * 2])
        )
        for _ in range(n_tables)
    )
    # 1% of the tables are expected; more than this many happen in one run of ten thousand.
    assert n_false <= {200: 9, 100: 6}[n_tables]


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.99, 0.01), (1 / 3, 1 / 3, 1 / 3)])
def test_columns_that_tell_groups_apart_are_dependent_and_noise_is_not(shares):
    random = np.random.default_rng(len(shares))
    groups = random.choice(len(shares), 1000, p=shares)
    telling = list((random.normal(size=(1000, 2)) + 5.0 * groups[:, None]).T)
    noise = [draw_noise(kind, random, 1000) for kind in NOISE]
    found = [column.is_dependent for column in measure_dependence([*telling, *noise])]
    assert found == [True, True, *[False] * len(noise)]


def test_dependence_needs_no_line():
    x = np.random.default_rng(0).normal(size=300)
    assert abs(np.corrcoef(x, x**2)[0, 1]) < 0.3
    one, other = measure_dependence([x, x**2])
    assert one.is_dependent
    assert (one.partner, other.partner) == (1, 0)
    assert one.strength > 0.5


def test_two_categories_have_the_p_value_and_strength_of_pearsons_test():
    table = np.array([[30, 10], [20, 40]])
    one, other = (np.repeat([i for i, _ in np.ndindex(2, 2)], table.ravel()) for _ in range(2))
    other = np.repeat([j for _, j in np.ndindex(2, 2)], table.ravel())
    exact = chi2_contingency(table, correction=False)
    tail = min(
        fisher_exact(flipped, alternative="greater").pvalue for flipped in (table, table[:, ::-1])
    )
    dependence = measure_dependence([one, other])[0]
    # Two tests of the pair; the exact one has two levels on either side.
    assert dependence.p_value == pytest.approx(2 * min(exact.pvalue, 4 * tail))
    assert dependence.strength == pytest.approx(np.sqrt(exact.statistic / table.sum()))


def test_neither_the_order_of_rows_nor_of_columns_matters():
    random = np.random.default_rng(1)
    x = random.normal(size=400)
    columns = [x, x + random.normal(size=400), draw_noise("levels", random, 400)]
    order = random.permutation(400)
    straight = measure_dependence(columns)
    shuffled = measure_dependence([column[order] for column in reversed(columns)])
    expected = [column.p_value for column in reversed(straight)]
    assert [column.p_value for column in shuffled] == pytest.approx(expected)


def test_a_gap_in_the_data_may_depend_on_another_column():
    x = np.linspace(0.0, 1.0, 500)
    gappy = np.where(x > 0.8, np.nan, np.random.default_rng(2).normal(size=500))
    assert measure_dependence([x, gappy])[1].is_dependent


def test_a_column_alone_and_constant_columns_depend_on_nothing():
    [alone] = measure_dependence([np.arange(30.0)])
    assert (alone.partner, alone.p_value, alone.is_dependent) == (None, 1.0, False)
    assert not any(
        column.is_dependent for column in measure_dependence([np.zeros(30), np.arange(30.0)])
    )
    assert LEVEL == 0.01


def test_a_column_without_values_depends_on_nothing():
    empty, full = measure_dependence([np.full(50, np.nan), np.arange(50.0)])
    assert (empty.is_dependent, full.is_dependent) == (False, False)
