from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.cbook import boxplot_stats

from ilk.report.box_stats import BoxStats, compute_box_stats


def labels(*groups: int) -> np.ndarray:
    return np.array(groups, dtype=np.int32)


def test_hand_computed() -> None:
    # 1, 2, 4, 7, 8, 30: quartiles at 1.25, 2.5 and 3.75 steps from the first value, so
    # 2 + 0.25 * 2, 4 + 0.5 * 3 and 7 + 0.75 * 1. Fences 2.5 - 7.875 and 7.75 + 7.875: 30 is out.
    values = np.array([30.0, 1.0, 100.0, 8.0, 4.0, np.nan, 2.0, 7.0])
    assert compute_box_stats(values, labels(0, 0, 1, 0, 0, 0, 0, 0), 2) == (
        BoxStats(1, low=1.0, q1=2.5, median=5.5, q3=7.75, high=8.0, customers=6),
        BoxStats(2, low=100.0, q1=100.0, median=100.0, q3=100.0, high=100.0, customers=1),
    )


def test_a_value_just_at_the_fence_is_within_reach() -> None:
    # Quartiles 1 and 3 of 0, 1, 2, 3, 6: the fence is 3 + 1.5 * 2 = 6.
    assert (
        compute_box_stats(np.array([0.0, 1.0, 2.0, 3.0, 6.0]), labels(0, 0, 0, 0, 0), 1)[0].high
        == 6.0
    )


def test_a_segment_without_a_value_is_left_out() -> None:
    boxes = compute_box_stats(np.array([1.0, np.nan, 3.0]), labels(0, 1, 3), 5)
    assert [box.segment for box in boxes] == [1, 4]
    assert compute_box_stats(np.array([]), labels(), 3) == ()


def test_a_whisker_never_ends_inside_the_box() -> None:
    # The lower quartile, -242.5, lies between the outlier and the other values.
    (box,) = compute_box_stats(np.array([-1000.0, 10.0, 10.0, 10.0]), labels(0, 0, 0, 0), 1)
    assert (box.low, box.q1) == (-242.5, -242.5)


@settings(deadline=None)  # the first call loads libraries
@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=40))
def test_the_figures_are_those_that_matplotlib_draws(values: list[float]) -> None:
    (box,) = compute_box_stats(np.array(values), labels(*[0] * len(values)), 1)
    (drawn,) = boxplot_stats(values)
    assert [box.low, box.q1, box.median, box.q3, box.high] == pytest.approx(
        [drawn[key] for key in ("whislo", "q1", "med", "q3", "whishi")]
    )
    assert box.customers == len(values)
