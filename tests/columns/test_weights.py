"""The column of weights: whole units, whatever the weights."""

from __future__ import annotations

import numpy as np
import pytest

from ilk.columns.weights import RowWeights


@pytest.mark.parametrize(
    "weights",
    [
        np.array([1.0, 7.0]),
        np.array([0.25, 0.5]),
        np.array([1e-9, 3e-9]),
        np.array([2.0**70, 2.0**60]),
        np.array([1e9 + 0.5, 1.0]),
    ],
)
def test_units_keep_the_proportions(weights):
    column = RowWeights.of(weights)
    units = column.count_units(weights)
    assert units.min() >= 1
    assert np.ldexp(units.astype(float), -column.exponent) == pytest.approx(
        weights, abs=weights.max() * 2.0**-40
    )


def test_whole_weights_are_their_own_units():
    weights = np.array([1.0, 2.0**53])
    assert RowWeights.of(weights).exponent == 0
    assert RowWeights.of(weights).count_units(weights).tolist() == [1, 2**53]
