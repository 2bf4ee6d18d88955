"""Quantiles are those of NumPy, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ilk.stats.quantiles import compute_quantiles

numbers = st.floats(-1e9, 1e9)
shares = st.floats(0, 1)


@given(st.lists(numbers, min_size=1, max_size=30), st.lists(shares, min_size=1, max_size=4))
def test_quantiles_are_those_of_numpy(values, positions):
    array = np.array(values)
    assert compute_quantiles(array, *positions) == np.quantile(array, positions).tolist()
