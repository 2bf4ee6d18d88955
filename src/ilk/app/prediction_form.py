"""Prediction form: the fields that describe one new customer to a model."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ilk.features.encoder import CategoricalEncoding, NumericEncoding

if TYPE_CHECKING:
    from ilk.cluster.partition import Floats
    from ilk.model.model import SegmentModel
    from ilk.model.ranges import ColumnRange
    from ilk.report.sample_view import PlotSample
    from ilk.segments.segment import Figures

_USUAL_QUANTILES = (0.01, 0.99)
"""Quantiles between which a value counts as usual."""

_MIN_DIGITS = 3
"""Significant digits, at least, of the value that a field starts with."""

_RANGE_DEVIATIONS = 4
"""Standard deviations that the usual range is taken to span where it is not known."""


@dataclass(frozen=True)
class InputField:
    """One feature of a model as a field to fill in, starting with a usual value.

    For a number, ``low`` and ``high`` bound the usual values and ``step`` is a small change, all in
    original units and ``None`` where they are not known; ``is_integer`` says that it has no
    decimals. For a category, ``levels`` are those seen in training, the most frequent first.
    """

    column: str
    kind: Literal["number", "category"]
    value: float | str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    is_integer: bool = False
    levels: tuple[str, ...] = ()


def make_input_fields(
    model: SegmentModel, sample: PlotSample | None = None
) -> tuple[InputField, ...]:
    """A field for every feature of a model, in the order of the schema.

    The values that the fields start with describe a usual customer, to whom the model assigns a
    segment.

    Parameters
    ----------
    model : SegmentModel
    sample : PlotSample, optional
        Training rows, from which the median, the usual range and the number of decimals are taken.
        Without them a number starts with the value that fills gaps.

    Examples
    --------
    >>> import ilk
    >>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
    >>> income, score = make_input_fields(run.model, run.plot_sample)
    >>> income.value, income.low, income.high, income.step, income.is_integer
    (60.0, 16.0, 118.0, 1.0, True)
    >>> customer = {field.column: field.value for field in (income, score)}
    >>> run.model.predict(customer)["segment"].to_list()
    [1]
    """
    return tuple(
        _make_category_field(encoding, model.everyone)
        if isinstance(encoding, CategoricalEncoding)
        else _move_into_range(
            _make_number_field(encoding, model.everyone, _get_values(sample, encoding.name)),
            model.training.range_by_column.get(encoding.name),
        )
        for encoding in model.encoder.columns
    )


def _move_into_range(field: InputField, known: ColumnRange | None) -> InputField:
    """The field with a value of the training data: a rounded one, or 0 for a gap, may be none."""
    if known is None:
        return field
    return replace(field, value=min(max(float(field.value), known.minimum), known.maximum))


def _get_values(sample: PlotSample | None, column: str) -> Floats:
    """The values of a numeric column, without missing ones."""
    if sample is None:
        return np.empty(0)
    return sample.frame[column].drop_nulls().drop_nans().to_numpy()


def _make_number_field(encoding: NumericEncoding, everyone: Figures, values: Floats) -> InputField:
    if values.size:
        return _make_number_field_from_values(encoding.name, values)
    figures = next(number for number in everyone.numbers if number.column == encoding.name)
    value = (figures.mean or 0.0) if encoding.fill is None else encoding.fill
    step = _compute_step(_RANGE_DEVIATIONS * (figures.std or 0.0))
    return InputField(
        encoding.name, "number", _round_value(value, _count_decimals(value, step)), step=step
    )


def _make_number_field_from_values(column: str, values: Floats) -> InputField:
    """The field of a number whose training values are known."""
    value, is_integer = float(np.median(values)), _is_integer(values)
    usual, extremes = np.quantile(values, _USUAL_QUANTILES).tolist(), [values.min(), values.max()]
    step = 1.0 if is_integer else _compute_step(usual[1] - usual[0] or float(np.ptp(values)))
    decimals = 0 if is_integer else _count_decimals(value, step)
    # If nearly all values are equal, the only range is from the lowest to the highest value.
    ends = ([_round_value(end, decimals) for end in pair] for pair in (usual, extremes))
    low, high = next(((low, high) for low, high in ends if low < high), (None, None))
    return InputField(column, "number", _round_value(value, decimals), low, high, step, is_integer)


def _is_integer(values: Floats) -> bool:
    """Whether no value has decimals. Floats beyond 2**53 never have any, so they do not count."""
    return bool((values == np.floor(values)).all() and np.abs(values).max() < 2**53)


def _make_category_field(encoding: CategoricalEncoding, everyone: Figures) -> InputField:
    counts = next(
        dict(category.counts)
        for category in everyone.categories
        if category.column == encoding.name
    )
    levels = sorted(encoding.levels, key=lambda level: -counts.get(level, 0))
    return InputField(encoding.name, "category", levels[0], levels=tuple(levels))


def _compute_step(span: float) -> float | None:
    """The power of ten nearest to a hundredth of a range; none for an empty range."""
    return float(f"1e{round(math.log10(span / 100 or span))}") if span else None


def _count_decimals(value: float, step: float | None) -> int:
    """Decimals (negative for tens) that show a value to three digits and to its step."""
    wanted = [-round(math.log10(step))] if step else []
    if value:
        wanted.append(_MIN_DIGITS - 1 - math.floor(math.log10(abs(value))))
    return max(wanted, default=0)


def _round_value(value: float, decimals: int) -> float:
    """The value rounded; zero is never written with a minus."""
    return round(float(value), decimals) + 0.0
