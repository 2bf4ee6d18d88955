"""Segments of several algorithms side by side."""

from __future__ import annotations

import numpy as np
import pytest

from ilk.report.algorithm_table import match_labels


def test_like_segments_get_the_same_number_whatever_they_were_called():
    random = np.random.default_rng(0)
    first = random.integers(5, size=200, dtype=np.int32)
    renamed = random.permutation(5).astype(np.int32)[first]
    assert (match_labels(first, renamed) == first).all()


@pytest.mark.parametrize("k", [2, 7])
def test_fewer_and_more_segments_stay_what_they_are(k):
    random = np.random.default_rng(k)
    first = random.integers(4, size=300, dtype=np.int32)
    other = random.integers(-1, k, size=300, dtype=np.int32)
    matched = match_labels(first, other)
    assert (matched == -1).sum() == (other == -1).sum()
    pairs = set(zip(other.tolist(), matched.tolist(), strict=True))
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs}) == k + 1
    assert matched.max() < max(4, k)
