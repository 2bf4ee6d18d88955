"""Keys: how many ids differ, and how many stand on several rows, in memory and on disk."""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.columns.distinct import DistinctCounter
from ilk.errors import OutputError

hashes = st.lists(
    st.integers(0, 2**64 - 1) | st.sampled_from([0, 7, 2**58, 2**63, 2**64 - 1]), max_size=40
)


def of(values: list[int]) -> DistinctCounter:
    return DistinctCounter.of(np.array(values, dtype=np.uint64))


@given(hashes, st.lists(st.integers(0, 40), max_size=3), st.sampled_from([0, 5, 100]))
def test_counts_are_those_of_a_counter_however_the_values_are_cut(values, cuts, in_memory):
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    merged = of([])
    for start, end in pairwise(edges):
        merged = DistinctCounter.merge([merged, of(values[start:end])], in_memory)
    counts = Counter(values)
    assert merged.n_distinct == len(counts)
    assert merged.n_repeated == sum(count > 1 for count in counts.values())
    assert merged == of(values[::-1])


def test_what_is_on_disk_is_not_in_memory_and_travels_whole():
    merged = DistinctCounter.merge([of([3, 1]), of([2, 1])], max_in_memory=2)
    assert merged.buffered == ()
    again = pickle.loads(pickle.dumps(merged))
    assert (again == merged, again.n_distinct, again.n_repeated) == (True, 3, 1)
    assert DistinctCounter.merge([merged, of([9])]) != merged


def test_a_full_disk_is_told(monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        DistinctCounter.merge([of([1]), of([2])], max_in_memory=1)
    assert caught.value.place == tempfile.gettempdir()
