from __future__ import annotations

import numpy as np
import pytest

from ilk.cluster.mixed_classes import find_category_blocks
from ilk.cluster.mixture import fit_mixture
from ilk.cluster.weighted_rows import deduplicate_rows

SCALE = 2**0.5


def make_rows(n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    """Two groups, 80 and 20%, that four categories and a number tell: encoded rows and truth."""
    random = np.random.default_rng(0)
    truth = (random.random(n) < 0.2).astype(int)
    codes = np.where(random.random((n, 4)) < 0.8, truth[:, None], random.integers(3, size=(n, 4)))
    levels = [SCALE * (column[:, None] == np.arange(3)) for column in codes.T]
    return np.column_stack([2.0 * truth + random.normal(size=n), *levels]), truth


def test_categories_are_found_among_encoded_columns() -> None:
    values, _ = make_rows()
    assert find_category_blocks(values) == [slice(i, i + 3) for i in (1, 4, 7, 10)]
    gaps = values.copy()
    gaps[:5, 1:4] = 0.0
    assert find_category_blocks(gaps) == find_category_blocks(values)
    assert find_category_blocks(values[:, :1]) == []


def test_latent_classes_find_groups_of_unequal_size() -> None:
    values, truth = make_rows()
    result = fit_mixture(deduplicate_rows(values), [2], seed=0)[2]
    labels = result.partition.predict(values).labels
    assert (labels == truth).mean() > 0.93
    # The Gaussian form of the classes assigns every row as the classes do.
    assert result.relabeled_share == 0.0


def test_the_margin_is_that_of_the_probabilities_of_the_classes() -> None:
    values, _ = make_rows()
    result = fit_mixture(deduplicate_rows(values), [2], seed=0)[2]
    assignment = result.partition.predict(values)
    probability = 1 / (2 - assignment.margin)  # of the more probable class
    assert ((probability >= 0.5) & (probability <= 1.0)).all()
    share = np.bincount(assignment.labels, minlength=2).max() / len(values)
    expected = np.where(assignment.labels == 0, probability, 1 - probability).mean()
    # At the maximum of the likelihood the mean probability of a class is its share.
    assert expected == pytest.approx(share, abs=0.03)
