from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.report.charts.label_placement import place_labels, spread_positions

FRAME = np.array([0.0, 0.0, 560.0, 370.0])


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return float(np.prod(np.maximum(sides, 0)))


@pytest.mark.parametrize("seed", range(8))
def test_twelve_names_cover_neither_each_other_nor_a_center(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform([20, 20], [540, 350], (12, 2))
    sizes = rng.uniform([60, 14], [110, 40], (12, 2))
    boxes = place_labels(points, sizes, 10, FRAME, rng.uniform(0, 400, (500, 2)))
    discs = np.hstack([points - 10, points + 10])
    for one, other in combinations(boxes, 2):
        assert overlap(one, other) == pytest.approx(0.0, abs=1e-6)
    for box in boxes:
        assert sum(overlap(box, disc) for disc in discs) == pytest.approx(0.0, abs=1e-6)
        assert overlap(box, FRAME) == pytest.approx(np.prod(box[2:] - box[:2]))
    assert boxes[:, 2:] - boxes[:, :2] == pytest.approx(sizes)


def test_centers_on_one_spot_still_get_names_apart() -> None:
    points = np.full((5, 2), 200.0)
    boxes = place_labels(points, np.full((5, 2), [80.0, 30.0]), 10, FRAME, [])
    assert all(overlap(*pair) == 0 for pair in combinations(boxes, 2))


def test_a_name_stands_beside_its_center_where_nothing_is_in_the_way() -> None:
    (box,) = place_labels([[100, 100]], [[40, 12]], 10, FRAME, [])
    assert box.tolist() == [110, 94, 150, 106]


def test_a_name_goes_where_it_hides_fewer_dots() -> None:
    dots = np.random.default_rng(0).uniform([105, 80], [200, 120], (100, 2))
    (box,) = place_labels([[100, 100]], [[40, 12]], 10, FRAME, dots)
    assert box[2] <= 100 or box[1] >= 100 or box[3] <= 100


def test_a_name_stays_in_the_frame() -> None:
    (box,) = place_labels([[550, 360]], [[80, 30]], 10, FRAME, [])
    assert box[2] <= 560
    assert box[3] <= 370


@given(
    st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=12).map(sorted),
    st.floats(0, 20),
)
def test_spread_out_keeps_order_distance_and_bounds(wanted: list[float], gap: float) -> None:
    positions = spread_positions(wanted, gap, 0.0, 100.0)
    possible = min(gap, 100.0 / max(len(wanted) - 1, 1))
    assert all(b - a >= possible - 1e-9 for a, b in pairwise(positions))
    assert positions[0] >= -1e-9
    assert positions[-1] <= 100 + 1e-9


@given(st.lists(st.integers(0, 20), min_size=1, max_size=10, unique=True).map(sorted))
def test_what_is_far_enough_apart_stays_where_it_is(wanted: list[int]) -> None:
    places = [5.0 * position for position in wanted]
    assert spread_positions(places, 5.0, 0.0, 100.0) == places
