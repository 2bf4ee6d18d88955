"""Numbers for people: a half is rounded up, on every surface in the same way."""

from __future__ import annotations

import numpy as np
import pytest

from ilk.formatting.numbers import format_fixed, format_number, format_percent


@pytest.mark.parametrize("half", range(1, 200, 2))
def test_every_half_of_a_percent_is_rounded_up(half: int) -> None:
    share = half / 200
    percent = float(format_percent(share).removesuffix("%"))
    near_an_end = share < 0.01 or share > 0.99
    assert percent == half / 2 + (0 if near_an_end else 0.5)
    assert format_percent(np.float64(share)) == format_percent(share)


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.125, 0, "13%"),
        (-0.125, 0, "-13%"),
        (0.1249, 0, "12%"),
        (0.0755, 1, "7.6%"),
        (0.005, 1, "0.5%"),
        (0.995, 0, "99.5%"),
        (1 - 1e-12, 0, "100%"),
        (2.5, 0, "250%"),
        (0.0, 1, "0%"),
    ],
)
def test_shares(share: float, decimals: int, text: str) -> None:
    assert format_percent(share, decimals) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (0.5545, 3, "0.555"),
        (-0.001, 2, "0.00"),
        (1234.5, 0, "1,235"),
        (1e300, 0, f"{1e300:,.0f}"),
        (float("inf"), 2, "inf"),
    ],
)
def test_figures_of_tables(value: float, decimals: int, text: str) -> None:
    assert format_fixed(value, decimals) == text


def test_numbers_in_sentences() -> None:
    assert [format_number(x) for x in (2.125, 20.25, 200.5, -20.25)] == [
        *("2.13", "20.3", "201", "-20.3")
    ]
