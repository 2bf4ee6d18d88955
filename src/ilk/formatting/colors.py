"""One color per segment, the same everywhere, and colors for differences."""

from __future__ import annotations

SEGMENT_COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#4B0092",
    "#6E3B00",
    "#DDCC77",
    "#003F5C",
    "#000000",
    "#444444",
)
"""Colors of segments 1 to 12. The first six are those of Okabe and Ito (2008); the others were
chosen to keep all twelve apart for readers with deuteranopia, protanopia or tritanopia."""

NOISE_COLOR = "#BDBDBD"
"""Color of customers without a segment (segment 0)."""

TEXT_COLOR = "#1F2933"
"""Text on white."""

_LOW_RGB, _MIDDLE_RGB, _HIGH_RGB = (33, 102, 172), (247, 247, 247), (200, 90, 0)


def get_segment_color(number: int) -> str:
    """The color of a segment; colors repeat after the twelfth.

    Examples
    --------
    >>> get_segment_color(1), get_segment_color(13), get_segment_color(0)
    ('#0072B2', '#0072B2', '#BDBDBD')
    """
    return SEGMENT_COLORS[(number - 1) % len(SEGMENT_COLORS)] if number else NOISE_COLOR


def get_difference_color(difference: float | None, limit: float = 2.0) -> str:
    """Blue below the overall average, orange above, nearly white in between.

    Parameters
    ----------
    difference : float or None
        Difference from all customers in standard deviations; ``None`` where there is none.
    limit : float
        Difference from which on the color is at its deepest.

    Examples
    --------
    >>> [get_difference_color(z) for z in (-2, 0, 5)]
    ['#2166AC', '#F7F7F7', '#C85A00']
    """
    depth = max(-1.0, min(1.0, (difference or 0.0) / limit))
    end = _HIGH_RGB if depth > 0 else _LOW_RGB
    mixed = (round(m + abs(depth) * (e - m)) for m, e in zip(_MIDDLE_RGB, end, strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def compute_contrast(first: str, second: str) -> float:
    """Contrast ratio of two colors, 1 to 21, as defined by WCAG 2.

    Examples
    --------
    >>> round(compute_contrast("#000000", "#FFFFFF"), 1)
    21.0
    """
    dark, light = sorted((_compute_luminance(first), _compute_luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def choose_text_color(background: str) -> str:
    """Black or white, whichever reads better on a background.

    Examples
    --------
    >>> choose_text_color("#0072B2"), choose_text_color("#E69F00")
    ('#FFFFFF', '#000000')
    """
    return max(("#FFFFFF", "#000000"), key=lambda color: compute_contrast(color, background))


def _compute_luminance(color: str) -> float:
    """Relative luminance of sRGB (WCAG 2)."""
    parts = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
