"""One number: gaps filled, clipped, log-transformed and scaled; fitted once and reversible."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.recipe import Recipe
from ilk.stats.outliers import count_outliers

Floats = NDArray[np.float64]
Bounds = tuple[float | None, float | None]

HIGH_SKEWNESS = 1.0
"""Skewness beyond this is called high (M. G. Bulmer, *Principles of Statistics*, 1979, p. 63)."""

CLIP_QUANTILES = (0.01, 0.99)
"""Quantiles at which values are clipped on request."""


@dataclass(frozen=True)
class NumericEncoding:
    """How one number is encoded: ``(log1p(clip(value)) - center) / scale``.

    ``fill`` replaces a missing value, in original units; ``None`` means that a row without a
    value is not usable. ``lower`` and ``upper`` are the bounds of the clip, each ``None`` for no
    bound.
    ``log`` takes the logarithm of 1 + value; a negative value, which the training data did not
    have, counts as 0.

    Examples
    --------
    >>> income = NumericEncoding("income", 50.0, None, None, False, center=60.0, scale=20.0)
    >>> income.encode(np.array([80.0, np.nan])).tolist()
    [1.0, -0.5]
    """

    name: str
    fill: float | None
    lower: float | None
    upper: float | None
    log: bool
    center: float
    scale: float

    @property
    def column_names(self) -> tuple[str, ...]:
        """Name of the one encoded column."""
        return (self.name,)

    @property
    def is_clipped(self) -> bool:
        """Whether there is any bound."""
        return self.lower is not None or self.upper is not None

    def encode(self, values: Floats) -> Floats:
        """Encode values in original units, shape (n,); a missing value without fill stays NaN."""
        filled = _fill_missing(values, self.fill)
        return (
            _take_log(_clip_values(filled, self.lower, self.upper), self.log) - self.center
        ) / self.scale

    def find_clipped(self, values: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which values in original units are below the lower, and above the upper bound."""
        return (
            values < (-math.inf if self.lower is None else self.lower),
            values > (math.inf if self.upper is None else self.upper),
        )

    def encode_into(self, values: Floats, columns: Floats) -> None:
        """Encode values into ``columns``, shape (1, n); 0 stands for a missing one without fill."""
        encoded = self.encode(values)
        np.copyto(columns[0], encoded)
        if self.fill is None:
            columns[0][np.isnan(encoded)] = 0.0

    def decode(self, encoded: Floats) -> Floats:
        """Original units of encoded values, shape (n,): exact where nothing was clipped."""
        values = encoded * self.scale + self.center
        return np.expm1(values) if self.log else values


def fit_numeric(name: str, values: Floats, recipe: Recipe) -> NumericEncoding:
    """Fit the encoding of one number.

    Parameters
    ----------
    name : str
        The column.
    values : ndarray, shape (n,)
        Its values in original units, NaN where missing; at least one is not.
    recipe : Recipe
        ``missing``, ``outliers``, ``skew`` and ``scale``.

    Examples
    --------
    >>> fit_numeric("age", np.array([20.0, 30.0, 40.0]), Recipe()).center
    30.0
    """
    # Sorted, so that sums come out the same to the last bit whatever the order of the rows.
    ordered = np.sort(values)
    present = ordered[~np.isnan(ordered)]
    fill = _compute_fill(present, recipe)
    filled = np.sort(_fill_missing(ordered, fill))
    # A gap filled with 0 is a value like any other; the median and the mean are in the middle.
    counted = filled if recipe.missing == "zero" else present
    plain = _find_bounds(counted, filled, recipe)
    # A long tail has no outliers once it is straightened, and may have others.
    straight = _bound_outliers(counted, log=True) if recipe.outliers == "auto" else plain
    log = _needs_log(_clip_values(filled, *plain), _clip_values(filled, *straight), recipe)
    lower, upper = straight if log else plain
    clipped = _clip_values(filled, lower, upper)
    center, scale = _fit_center_and_scale(_take_log(clipped, log), recipe)
    return NumericEncoding(name, fill, lower, upper, log, center, scale)


def compute_skewness(values: Floats) -> float:
    """Population skewness: the third central moment over the 3/2 power of the second.

    Examples
    --------
    >>> round(compute_skewness(np.array([0.0, 0.0, 0.0, 1.0])), 4)
    1.1547
    """
    deviations = values - values.mean()
    spread = np.sqrt(np.mean(deviations * deviations))
    if spread == 0:
        return 0.0
    units = deviations / spread
    return float(np.mean(units * units * units))


def _compute_fill(present: Floats, recipe: Recipe) -> float | None:
    if recipe.missing == "drop":
        return None
    if recipe.missing == "zero":
        return 0.0
    return float(np.median(present) if recipe.missing == "median" else np.mean(present))


def _fill_missing(values: Floats, fill: float | None) -> Floats:
    return values if fill is None else np.where(np.isnan(values), fill, values)


def _find_bounds(values: Floats, filled: Floats, recipe: Recipe) -> Bounds:
    """The bounds of the clip in original units."""
    if recipe.outliers == "none":
        return None, None
    if recipe.outliers == "clip":
        lower, upper = np.quantile(filled, CLIP_QUANTILES)
        return float(lower), float(upper)
    return _bound_outliers(values, log=False)


def _bound_outliers(values: Floats, *, log: bool) -> Bounds:
    """The smallest and the largest of sorted values that are no outliers."""
    below, above = count_outliers(_take_log(values, log))
    return (
        float(values[below]) if below else None,
        float(values[len(values) - 1 - above]) if above else None,
    )


def _clip_values(values: Floats, lower: float | None, upper: float | None) -> Floats:
    return values if lower is None and upper is None else np.clip(values, lower, upper)


def _take_log(values: Floats, log: bool) -> Floats:
    return np.log1p(np.maximum(values, 0.0)) if log else values


def _needs_log(values: Floats, straight: Floats, recipe: Recipe) -> bool:
    """Whether the logarithm is requested, or at least halves a high skewness.

    Negative values have none. That of their sizes, with the sign put back, would move small gains
    and small losses apart: a gap around 0 that is not in the data. ``values`` are clipped as they
    would be without the logarithm, ``straight`` as with it.
    """
    if recipe.skew == "none" or values[0] < 0:
        return False
    if recipe.skew == "log1p":
        return True
    before = abs(compute_skewness(values))
    logged = compute_skewness(_take_log(straight, log=True))
    return bool(before > HIGH_SKEWNESS and abs(logged) <= before / 2)


def _fit_center_and_scale(values: Floats, recipe: Recipe) -> tuple[float, float]:
    """Center and scale of sorted values; a constant column is only moved to 0."""
    low, high = float(values[0]), float(values[-1])
    if recipe.scale == "none":
        return 0.0, 1.0
    if low == high:
        return low, 1.0
    # Brought near 1 by a power of two, which is exact: the squares of tiny numbers would be 0.
    exponent = math.frexp(max(abs(low), abs(high)))[1]
    center, scale = _fit_rescaled(np.ldexp(values, -exponent), recipe)
    return math.ldexp(center, exponent), math.ldexp(scale, exponent) or high - low


def _fit_rescaled(values: Floats, recipe: Recipe) -> tuple[float, float]:
    if recipe.scale == "minmax":
        return float(values[0]), float(values[-1] - values[0])
    if recipe.scale == "standard":
        return float(values.mean()), float(values.std())
    quarter, median, three_quarters = np.quantile(values, (0.25, 0.5, 0.75))
    # Where more than half of the values are equal, the middle half has no spread.
    spread = three_quarters - quarter or values.std()
    return float(median), float(spread)
