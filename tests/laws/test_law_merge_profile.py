"""Law: the profile of parts, merged, is the profile of the whole, to the last bit."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.schema import Column
from ilk.segments.profile import Profile, profile_batch

NUMBER = Column("x", kind="number", role="feature", reason="a number")
LEVEL = Column("g", kind="category", role="describe", reason="a category")

values = st.none() | st.floats(-1e12, 1e12) | st.floats(-1, 1) | st.sampled_from([0.1, 1e9 + 0.1])
rows = st.lists(
    st.tuples(values, st.none() | st.sampled_from("abc"), st.integers(-1, 3)), max_size=40
)


def profiled(part: list[tuple[float | None, str | None, int]]) -> Profile:
    frame = pl.DataFrame(
        part, schema={"x": pl.Float64, "g": pl.String, "l": pl.Int32}, orient="row"
    )
    return profile_batch(
        frame.drop("l"),
        frame["l"].to_numpy().astype(np.int32),
        [NUMBER, LEVEL],
        magnitudes={"x": 1e12},
        log_columns=frozenset({"x"}),
    )


@given(rows, st.lists(st.integers(0, 40), max_size=3), st.randoms())
@settings(max_examples=60, deadline=None)
def test_any_cut_in_any_order_gives_the_same_profile(part, cuts, random):
    whole = profiled(part)
    shuffled = random.sample(part, len(part))
    edges = [0, *sorted(min(cut, len(part)) for cut in cuts), len(part)]
    pieces = [profiled(shuffled[a:b]) for a, b in pairwise(edges)]

    merged = reduce(Profile.merge, pieces)

    assert merged == whole
    assert merged.overall == whole.overall
    for label in range(whole.k):
        assert merged.compute_figures(label) == whole.compute_figures(label)
        assert merged.compute_effects(label) == whole.compute_effects(label)


@given(rows, rows)
@settings(max_examples=30, deadline=None)
def test_merging_does_not_depend_on_who_merges_whom(a, b):
    assert profiled(a).merge(profiled(b)) == profiled(b).merge(profiled(a))


def test_profiles_in_different_units_do_not_merge():
    labels = np.array([0], dtype=np.int32)
    frame = pl.DataFrame({"x": [1.0]})
    small = profile_batch(frame, labels, [NUMBER], magnitudes={"x": 1.0})
    large = profile_batch(frame, labels, [NUMBER], magnitudes={"x": 1000.0})
    with pytest.raises(ValueError, match="different columns or magnitudes"):
        small.merge(large)
