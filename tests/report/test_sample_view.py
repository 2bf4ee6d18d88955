"""Principal components by hand and by covariance; fewer rows that still represent all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ilk
from ilk.report.sample_view import PlotSample, project_to_plane


def view(labels, values=None) -> PlotSample:
    labels = np.asarray(labels, dtype=np.int32)
    numbers = np.arange(len(labels), dtype=float)
    values = numbers[:, None] if values is None else np.asarray(values, dtype=float)
    return PlotSample(pl.DataFrame({"row": numbers, "plan": ["a"] * len(labels)}), values, labels)


def test_components_by_hand():
    # Along (1, 1): ±2√2; across it: ±√2. Variances 8 and 2 of 10.
    points, shares = project_to_plane(np.array([[7.0, 7], [3, 3], [4, 6], [6, 4]]))
    root = 2**0.5
    assert points == pytest.approx(
        np.array([[2 * root, 0], [-2 * root, 0], [0, -root], [0, root]]), abs=1e-12
    )
    assert shares == pytest.approx((0.8, 0.2))


def test_components_are_those_of_the_covariance():
    values = np.random.default_rng(0).normal(size=(50, 4)) @ np.diag([4.0, 3.0, 2.0, 1.0])
    points, shares = project_to_plane(values)
    spreads = np.sort(np.linalg.eigvalsh(np.cov(values.T)))[::-1]
    assert points.var(axis=0, ddof=1) == pytest.approx(spreads[:2])
    assert np.asarray(np.corrcoef(points.T))[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert shares == pytest.approx(tuple(spreads[:2] / spreads.sum()))


def test_one_feature_has_one_component():
    points, shares = project_to_plane(np.array([[0.0], [1.0], [2.0]]))
    assert abs(points[:, 0]).tolist() == [1.0, 0.0, 1.0]
    assert points[:, 1].tolist() == [0.0, 0.0, 0.0]
    assert shares == pytest.approx((1.0,))


def test_rows_that_are_all_alike_have_no_spread():
    points, shares = project_to_plane(np.array([[3.0, 3], [3, 3]]))
    assert points.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert shares == (0.0,)


def test_what_was_left_out_before_clustering_belongs_to_the_whole():
    values = np.array([[7.0, 7], [3, 3], [4, 6], [6, 4]])
    assert project_to_plane(values, 0.5)[1] == pytest.approx((0.4, 0.1))
    sample = replace(view([0] * 4, values), explained_variance=0.5)
    assert sample.subsample(2).explained_variance == 0.5


def test_the_numbers_are_the_numeric_columns():
    columns = ilk.fit(ilk.demo.load("mall"), describe=["Gender", "Age"]).plot_sample.numeric_columns
    assert sorted(columns) == ["Age", "Annual Income (k$)", "Spending Score (1-100)"]


@settings(deadline=None)  # the first call loads libraries
@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=8).filter(any),
    st.integers(0, 600),
    st.randoms(use_true_random=False),
)
def test_few_rows_stand_for_all(sizes, limit, random):
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    random.shuffle(labels)
    whole = view(labels)
    few = whole.subsample(limit)
    rows = few.frame["row"].to_list()
    assert len(rows) <= limit
    assert rows == sorted(set(rows))
    assert few.labels.tolist() == [labels[int(row)] for row in rows]
    assert few.values[:, 0].tolist() == rows
    kept = np.bincount(few.labels, minlength=len(sizes))
    floor = min(20, limit // sum(size > 0 for size in sizes))
    assert all(have >= min(size, floor) for have, size in zip(kept, sizes, strict=True))
    assert whole.subsample(limit).frame.equals(few.frame)


def test_a_view_that_is_small_enough_is_kept_whole():
    whole = view([0, 1, 1])
    assert whole.subsample(3) is whole


def test_large_segments_keep_rows_in_proportion():
    kept = np.bincount(view([0] * 6000 + [1] * 3000 + [2] * 15).subsample(615).labels)
    # 20, 20 and 15 first; of the other 560, two thirds and a third.
    assert kept.tolist() == [20 + 373, 20 + 186, 15]


def test_a_segment_without_rows_takes_no_room_from_the_others():
    kept = np.bincount(view([0] * 1000 + [2] * 12).subsample(20).labels)
    assert kept.tolist() == [10, 0, 10]


def test_the_rows_of_a_segment_come_from_all_over_it():
    rows = view([0] * 1000).subsample(10).frame["row"].to_list()
    assert rows == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]
