from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ilk.formatting.colors import (
    NOISE_COLOR,
    SEGMENT_COLORS,
    TEXT_COLOR,
    choose_text_color,
    compute_contrast,
    get_difference_color,
    get_segment_color,
)

# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(color: str, vision: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of a color as somebody sees it."""
    rgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(vision @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def closest(colors: tuple[str, ...], vision: str) -> float:
    seen = [lab(color, VISION[vision]) for color in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


@pytest.mark.parametrize("vision", VISION)
def test_segments_keep_their_colors_apart_for_every_reader(vision: str) -> None:
    # A difference of 2.3 is just noticeable; lines and dots need several times as much.
    assert closest(SEGMENT_COLORS, vision) > 15


@pytest.mark.parametrize("vision", VISION)
def test_customers_without_a_segment_do_not_look_like_a_segment(vision: str) -> None:
    assert closest((*SEGMENT_COLORS, NOISE_COLOR), vision) > 8


def test_the_measure_of_difference_would_notice_a_bad_pair() -> None:
    assert closest(("#FF0000", "#FF0500"), "normal") < 3
    assert closest(("#8A6D00", "#5F8A00"), "deuteranopia") < closest(
        ("#8A6D00", "#5F8A00"), "normal"
    )


@pytest.mark.parametrize("color", [*SEGMENT_COLORS, NOISE_COLOR])
def test_numbers_on_a_segment_color_can_be_read(color: str) -> None:
    assert compute_contrast(choose_text_color(color), color) >= 4.5


@pytest.mark.parametrize("difference", np.linspace(-3, 3, 61))
def test_figures_in_the_heat_map_can_be_read(difference: float) -> None:
    color = get_difference_color(difference)
    assert compute_contrast(choose_text_color(color), color) >= 4.5


def test_a_larger_difference_has_a_deeper_color() -> None:
    for sign in (-1, 1):
        depths = [
            compute_contrast("#FFFFFF", get_difference_color(sign * z)) for z in (0, 0.5, 1, 1.5, 2)
        ]
        assert depths == sorted(depths)
        assert len(set(depths)) == len(depths)


@pytest.mark.parametrize("vision", VISION)
def test_above_and_below_look_different_to_every_reader(vision: str) -> None:
    assert (
        closest(
            (get_difference_color(-1), get_difference_color(0), get_difference_color(1)), vision
        )
        > 15
    )


def test_no_difference_is_the_middle() -> None:
    assert get_difference_color(None) == get_difference_color(0.0)


def test_contrast_agrees_with_published_values() -> None:
    # Two grays that are often quoted as the limits for text and for large text on white.
    assert compute_contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)
    assert compute_contrast("#949494", "#FFFFFF") == pytest.approx(3.03, abs=0.005)
    assert compute_contrast(TEXT_COLOR, "#FFFFFF") > 7


def test_segment_colors_repeat_only_after_all_were_used() -> None:
    assert [get_segment_color(n) for n in range(1, 13)] == list(SEGMENT_COLORS)
    assert get_segment_color(14) == get_segment_color(2)
