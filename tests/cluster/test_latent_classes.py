from __future__ import annotations

import numpy as np
import pytest

from ilk.cluster.latent_classes import fit_latent_classes

BLOCKS = [slice(0, 2), slice(2, 4), slice(4, 6)]


def make_levels(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classes with 70 and 30%; each has its own level with 90% in every category."""
    truth = (random.random(n) < 0.3).astype(int)
    codes = np.where(random.random((n, 3)) < 0.9, truth[:, None], 1 - truth[:, None])
    return np.stack([1.0 - codes, codes], axis=2).reshape(n, 6), truth


def test_shares_and_probabilities_are_estimated_from_a_poor_start() -> None:
    random = np.random.default_rng(0)
    levels, truth = make_levels(random, 5_000)
    start = np.where(random.random(5_000) < 0.2, 1 - truth, truth)
    classes = fit_latent_classes(levels, np.ones(5_000), BLOCKS, start, 2)
    assert np.exp(classes.log_shares) == pytest.approx([0.7, 0.3], abs=0.03)
    assert np.exp(classes.log_probabilities[0, ::2]) == pytest.approx(0.9, abs=0.03)
    assert np.exp(classes.log_probabilities[1, 1::2]) == pytest.approx(0.9, abs=0.03)


def test_a_weight_of_n_is_n_copies() -> None:
    levels, truth = make_levels(np.random.default_rng(1), 100)
    weights = np.arange(1, 101) % 4 + 1
    weighted = fit_latent_classes(levels, weights.astype(float), BLOCKS, truth, 2)
    copies = [np.repeat(table, weights, axis=0) for table in (levels, truth)]
    copied = fit_latent_classes(copies[0], np.ones(len(copies[0])), BLOCKS, copies[1], 2)
    np.testing.assert_allclose(weighted.log_probabilities, copied.log_probabilities, atol=1e-9)


def test_one_class_is_independence_and_a_missing_value_counts_for_nothing() -> None:
    levels = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    classes = fit_latent_classes(levels, np.ones(4), [slice(0, 2)], np.zeros(4, dtype=int), 1)
    # Three rows with a level and one more with the overall shares, 2.5 and 1.5 of 4.
    expected = [np.log(2.625 / 4)] * 2 + [np.log(1.375 / 4), 0.0]
    np.testing.assert_allclose(classes.compute_log_likelihood(levels), expected)


def test_no_level_is_impossible_in_a_class() -> None:
    levels = np.repeat([[1.0, 0.0, 1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]], 9, axis=0)
    classes = fit_latent_classes(levels, np.ones(18), BLOCKS, np.repeat([0, 1], 9), 2)
    assert np.isfinite(classes.log_probabilities).all()
    assert classes.compute_posteriors(levels).sum(axis=1) == pytest.approx(np.ones(18))
