from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.demo.draws import RandomStream, reflect_into_bounds, round_to_integers


def test_numbers_come_from_the_upper_halves_of_the_raw_words() -> None:
    raw = [int(word) >> 32 for word in np.random.PCG64(7).random_raw(4)]
    assert RandomStream(7).draw_integers(0, 2**30 - 1, 4).tolist() == [word >> 2 for word in raw]


def test_one_seed_gives_one_stream_and_another_seed_another() -> None:
    assert (
        RandomStream(1).draw_normal(0, 1, 5).tolist()
        == RandomStream(1).draw_normal(0, 1, 5).tolist()
    )
    assert (
        RandomStream(1).draw_normal(0, 1, 5).tolist()
        != RandomStream(2).draw_normal(0, 1, 5).tolist()
    )


@given(low=st.integers(-50, 50), width=st.integers(0, 9), seed=st.integers(0, 2**32))
def test_whole_numbers_reach_both_ends_and_nothing_beyond(low: int, width: int, seed: int) -> None:
    drawn = RandomStream(seed).draw_integers(low, low + width, 500)
    assert set(drawn.tolist()) == set(range(low, low + width + 1))


def test_a_bell_has_the_mean_and_spread_asked_for() -> None:
    drawn = RandomStream(3).draw_normal(40.0, 8.0, 40_000)
    assert drawn.mean() == pytest.approx(40.0, abs=0.15)
    assert drawn.std() == pytest.approx(8.0, abs=0.1)
    assert np.mean(np.abs(drawn - 40) < 8) == pytest.approx(0.683, abs=0.01)


def test_skewed_values_are_positive_with_the_median_and_log_spread_asked_for() -> None:
    drawn = RandomStream(4).draw_lognormal(100.0, 0.5, 40_000)
    assert drawn.min() > 0
    assert np.median(drawn) == pytest.approx(100.0, rel=0.02)
    assert np.log(drawn).std() == pytest.approx(0.5, abs=0.01)


def test_options_come_in_proportion_to_their_weights() -> None:
    drawn = RandomStream(5).draw_options(("a", "b"), (3, 1), 40_000)
    assert np.mean(drawn == "a") == pytest.approx(0.75, abs=0.01)


def test_a_shuffle_is_every_number_once() -> None:
    assert sorted(RandomStream(6).draw_permutation(100).tolist()) == list(range(100))
    assert RandomStream(6).draw_permutation(100).tolist() != list(range(100))


@given(st.lists(st.floats(-300, 300), min_size=1))
def test_folding_keeps_values_within_bounds_and_leaves_inner_ones_alone(raw: list[float]) -> None:
    values = np.array(raw)
    folded = reflect_into_bounds(values, 0, 100)
    assert np.all((folded >= 0) & (folded <= 100))
    inner = (values >= 0) & (values <= 100)
    np.testing.assert_allclose(folded[inner], values[inner], atol=1e-9)


def test_rounding_gives_whole_numbers() -> None:
    assert round_to_integers(np.array([1.2, 2.5, 3.5, -0.6])).tolist() == [1, 2, 4, -1]
