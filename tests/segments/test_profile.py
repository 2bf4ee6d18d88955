from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.schema import Column
from ilk.segments.profile import Profile, profile_batch
from ilk.segments.segment import CategoryFigures


def number(name: str) -> Column:
    return Column(name, kind="number", role="feature", reason="a number")


def category(name: str) -> Column:
    return Column(name, kind="category", role="describe", reason="a category")


def profile_of(values: Sequence[float | None], labels: list[int], **options: object) -> Profile:
    known = [abs(value) for value in values if value is not None]
    frame = pl.DataFrame({"x": values}, schema={"x": pl.Float64})
    return profile_batch(
        frame,
        np.array(labels, dtype=np.int32),
        [number("x")],
        magnitudes={"x": max(known, default=0.0)},
        **options,  # type: ignore[arg-type]
    )


def test_a_small_case_computed_by_hand():
    frame = pl.DataFrame(
        {"spend": [2.0, 4.0, 9.0, None, -5.0], "channel": ["web", "shop", "web", None, "web"]}
    )
    labels = np.array([0, 0, 0, 1, 1], dtype=np.int32)

    profile = profile_batch(
        frame, labels, [number("spend"), category("channel")], magnitudes={"spend": 9}
    )

    first, second = profile.compute_figures(0), profile.compute_figures(1)
    assert (first.customers, first.share) == (3, 0.6)
    assert first.numbers[0].mean == 5.0
    assert first.numbers[0].std == math.sqrt(26 / 3)
    assert first.numbers[0].missing == 0
    assert first.categories == (CategoryFigures("channel", (("web", 2), ("shop", 1)), missing=0),)
    assert (second.numbers[0].mean, second.numbers[0].std, second.numbers[0].missing) == (-5, 0, 1)
    assert second.categories == (CategoryFigures("channel", (("web", 1),), missing=1),)
    assert profile.overall.numbers[0].mean == 2.5
    assert profile.overall.categories[0].counts == (("web", 3), ("shop", 1))
    assert profile.k == 2


def test_levels_of_equal_frequency_stand_in_alphabetical_order():
    frame = pl.DataFrame({"g": ["b", "c", "a", "c"]})
    profile = profile_batch(frame, np.zeros(4, dtype=np.int32), [category("g")], magnitudes={})
    assert profile.compute_figures(0).categories[0].counts == (("c", 2), ("a", 1), ("b", 1))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_means_and_deviations_agree_with_exact_fractions(values):
    figures = profile_of(values, [0] * len(values)).compute_figures(0).numbers[0]
    # Units are 2**-79 of the largest magnitude; what is left is the rounding of the result.
    unit = max(map(abs, values)) * 2.0**-78
    assert figures.mean == pytest.approx(statistics.mean(values), rel=1e-15, abs=unit)
    assert figures.std == pytest.approx(statistics.pstdev(values), rel=1e-14, abs=math.sqrt(unit))


def test_a_spread_survives_beside_a_billion_times_larger_level():
    values = [1e9 + noise for noise in (0.25, 0.5, 0.75, 1.0)]
    assert profile_of(values, [0] * 4).compute_figures(0).numbers[0].std == math.sqrt(0.078125)


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e-9, 1.0, 1e15, 1e300, 1.7e308])
def test_figures_hold_at_any_scale(size):
    figures = profile_of([size, size, -size, -size], [0, 0, 0, 0]).compute_figures(0).numbers[0]
    assert (figures.mean, figures.std) == (0.0, size)


def test_customers_of_no_segment_count_among_everyone_and_in_no_segment():
    profile = profile_of([1.0, 2.0, 30.0], [0, 1, -1])
    assert profile.k == 2
    assert profile.overall.numbers[0].mean == 11.0
    assert [profile.compute_figures(label).share for label in range(2)] == [1 / 3, 1 / 3]


def test_an_empty_segment_has_no_means():
    figures = profile_of([1.0], [1]).compute_figures(0)
    assert (figures.customers, figures.share, figures.numbers[0].mean) == (0, 0.0, None)


def test_no_rows_at_all():
    profile = profile_of([], [])
    assert (profile.k, profile.customers, profile.overall.numbers[0].mean) == (0, 0, None)


def test_effects_are_in_standard_deviations_of_everyone():
    profile = profile_of([0.0, 2.0, 4.0, 6.0], [0, 0, 1, 1])
    assert profile.compute_effects(0) == {"x": pytest.approx(-2 / math.sqrt(5))}
    assert profile.compute_effects(1) == {"x": pytest.approx(2 / math.sqrt(5))}


def test_effects_of_logged_columns_are_taken_on_the_logarithms():
    values = [math.expm1(power) for power in (0.0, 2.0, 4.0, 6.0)]
    profile = profile_of(values, [0, 0, 1, 1], log_columns=frozenset({"x"}))
    assert profile.compute_effects(1) == {"x": pytest.approx(2 / math.sqrt(5))}
    assert profile.compute_figures(1).numbers[0].mean == pytest.approx((values[2] + values[3]) / 2)


def test_a_column_without_spread_sets_nobody_apart():
    assert profile_of([3.0, 3.0], [0, 1]).compute_effects(0) == {"x": 0.0}


def test_input_is_left_as_it_was():
    frame = pl.DataFrame({"x": [1.5, None]})
    labels = np.array([0, 1], dtype=np.int32)
    profile_batch(frame, labels, [number("x")], magnitudes={"x": 1.5})
    assert frame.equals(pl.DataFrame({"x": [1.5, None]}))
    assert labels.tolist() == [0, 1]


def test_a_repeated_profile_is_that_of_repeated_rows():
    frame = pl.DataFrame({"x": [1.5, None, -7.0], "channel": ["web", "shop", None]})
    labels = np.array([0, 0, 1], dtype=np.int32)
    columns = [number("x"), category("channel")]
    once = profile_batch(frame, labels, columns, magnitudes={"x": 7.0})
    thrice = profile_batch(
        pl.concat([frame] * 3), np.tile(labels, 3), columns, magnitudes={"x": 7.0}
    )
    assert once.repeat(3) == thrice


def test_counts_in_halves_are_rounded_for_figures():
    profile = replace(profile_of([1.0, 3.0, None, 8.0, 9.0], [0, 0, 0, 1, 1]), count_exponent=1)
    first = profile.compute_figures(0)
    assert (first.customers, first.share, profile.customers) == (2, 0.6, 2)
    assert (first.numbers[0].mean, first.numbers[0].std) == (2.0, 1.0)
    with pytest.raises(ValueError, match="cannot be merged"):
        profile.merge(replace(profile, count_exponent=0))


def test_a_value_above_its_magnitude_is_refused():
    with pytest.raises(ValueError, match=r"'x' contains 2\.0, above its magnitude 1\.0"):
        profile_batch(
            pl.DataFrame({"x": [2.0]}),
            np.zeros(1, dtype=np.int32),
            [number("x")],
            magnitudes={"x": 1.0},
        )


def test_an_infinite_magnitude_is_refused():
    with pytest.raises(ValueError, match="magnitude of 'x' is inf"):
        profile_of([math.inf], [0])


@pytest.mark.parametrize("large", [0.5, 2.0**21, 1e30])
def test_whole_numbers_add_up_with_others_to_the_same_sums(large):
    whole = pl.DataFrame({"x": [3.0, -7.0, 1_000_000.0, None]})
    other = pl.DataFrame({"x": [large, 0.25]})
    labels = {frame.height: np.zeros(frame.height, dtype=np.int32) for frame in (whole, other)}
    magnitudes = {"x": max(large, 1_000_000.0)}
    apart = [
        profile_batch(frame, labels[frame.height], [number("x")], magnitudes=magnitudes)
        for frame in (whole, other)
    ]
    both = pl.concat([whole, other])
    zeros = np.zeros(both.height, dtype=np.int32)
    together = profile_batch(both, zeros, [number("x")], magnitudes=magnitudes)
    assert apart[0].merge(apart[1]) == together
