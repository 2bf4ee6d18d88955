"""Ladders: columns with few different values, such as ratings from 1 to 5."""

from __future__ import annotations

import numpy as np

from ilk.cluster.partition import Floats

FEW = 50
"""Different values up to which a column is a ladder: heaps on its rungs are not segments."""


def between_rungs(values: Floats, seed: int) -> Floats:
    """The same table, with the values of ladders spread evenly over the room around their rung.

    A customer who rates 4 may feel like 3.6 or 4.4. Without this every rung would stand apart
    from the next by an empty valley.

    Examples
    --------
    >>> spread = between_rungs(np.array([[1.0], [2.0], [4.0]]), seed=0).ravel()
    >>> low, high = np.array([0.5, 1.5, 3.0]), np.array([1.5, 3.0, 5.0])
    >>> bool(((low <= spread) & (spread <= high)).all())
    True
    """
    generator = np.random.default_rng(seed)
    spread = values.copy()
    for column in spread.T:
        rungs, places = np.unique(column, return_inverse=True)
        if 2 <= len(rungs) <= FEW:
            half = np.diff(rungs) / 2
            low = rungs - np.concatenate([half[:1], half])
            high = rungs + np.concatenate([half, half[-1:]])
            column[:] = generator.uniform(low[places], high[places])
    return spread
