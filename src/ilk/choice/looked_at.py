"""Looked at: the rows that a test is made on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.rows import Rows


def looked_at(rows: Rows, most: int, seed: int) -> NDArray[np.intp]:
    """Positions of at most ``most`` rows, equal ones as often as they are there, in order.

    Examples
    --------
    >>> rows = Rows(np.array([[1.0], [2.0]]), np.array([3.0, 1.0]))
    >>> looked_at(rows, 10, seed=0).tolist(), len(looked_at(rows, 2, seed=0))
    ([0, 0, 0, 1], 2)
    """
    each = np.repeat(np.arange(len(rows)), rows.weights.astype(np.intp))
    if len(each) > most:
        each = np.sort(np.random.default_rng(seed).choice(each, most, replace=False))
    return each
