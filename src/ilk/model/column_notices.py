"""What is odd about a column of new customers, in a sentence with its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ilk.columns.date_cells import DAYS_PER_YEAR
from ilk.columns.stand_ins import is_usual_stand_in
from ilk.errors import Notice, shorten
from ilk.formatting.numbers import format_count, format_number, format_percent
from ilk.model.cell_counts import CellCounts, Example, NumberCounts, UnseenExample
from ilk.model.drift import (
    MIN_EFFECT,
    are_dates_far,
    are_levels_shifted,
    are_more_missing,
    compute_mean_ratio,
    find_difference,
    find_only_level,
    find_swapped,
    is_constant,
    is_outside,
    is_shifted,
)
from ilk.model.ranges import ColumnRange

if TYPE_CHECKING:
    from ilk.model.training import TrainingRecord
    from ilk.schema import Column, DateConversion

_NOTED_RATIO = 2.0
"""From here on a change of the mean is told."""


def list_column_notices(training: TrainingRecord, counts: CellCounts) -> Iterator[Notice]:
    """At most one notice for each feature, on what may put the labels in doubt."""
    pairs = find_swapped(counts, training.bins, training.ranges)
    swapped = dict(pairs) | {other: one for one, other in pairs}
    for column in training.features:
        if column.name in swapped:
            message = _describe_swap(swapped[column.name]) if column.name in dict(pairs) else None
        elif _is_emptied(training, counts, column.name):
            message = _describe_emptied(training, counts, column.name)
        elif column.kind == "number":
            yield from _list_number_notices(training, counts, column)
            continue
        else:
            yield from _list_level_notices(training, counts, column.name)
            continue
        if message is not None:
            yield Notice("W_SHIFT", message, column.name)
    for source, _ in training.answer_texts:
        yield from _list_unseen_notices(training, counts, source, "an answer")


def _describe_swap(other: str) -> str:
    return (
        f"the values are those that '{other}' had in training, and the other way round; check "
        "whether the two columns are swapped"
    )


def _is_emptied(training: TrainingRecord, counts: CellCounts, name: str) -> bool:
    share, customers = _get_missing_share(training, name), _count_trained(training)
    return are_more_missing(counts.missing[name], counts.n_rows, share, customers)


def _describe_emptied(training: TrainingRecord, counts: CellCounts, name: str) -> str:
    share = format_percent(counts.missing[name] / counts.n_rows)
    trained = format_percent(_get_missing_share(training, name))
    customers = format_count(counts.missing[name], "customer")
    return f"{customers} ({share}) without a value, in training {trained}; check the column"


def _get_missing_share(training: TrainingRecord, name: str) -> float:
    figures = training.numbers.get(name) or training.categories.get(name)
    customers = _count_trained(training)
    return figures.missing / customers if figures is not None and customers else 0.0


def _count_trained(training: TrainingRecord) -> int:
    return training.everyone.customers if training.everyone is not None else 0


def _list_number_notices(
    training: TrainingRecord, counts: CellCounts, column: Column
) -> Iterator[Notice]:
    known, numbers = training.range_by_column.get(column.name), counts.numbers[column.name]
    if known is None:
        return
    if column.conversion is not None and _has_late_dates(column.conversion, numbers, known):
        is_doubt = are_dates_far(-numbers.minimum, known, column.conversion.unit)
        yield _build_late_notice(column, column.conversion, numbers, is_doubt=is_doubt)
        if is_doubt:
            return
        numbers = numbers.drop_low()
        counts = replace(counts, numbers={**counts.numbers, column.name: numbers})
    figures = training.numbers.get(column.name)
    # Times are computed here: they have no unit that a table could have changed.
    mean = None if figures is None or column.conversion is not None else figures.mean
    if is_constant(numbers, known):
        yield Notice("W_SHIFT", _describe_constant(numbers, known), column.name)
        return
    outside = numbers.n_outside
    are_outside = outside > 0 and (counts.n_rows == 1 or is_outside(numbers, known))
    are_mostly_outside = outside >= MIN_EFFECT * numbers.n_values
    if is_shifted(numbers, known, mean) and (are_mostly_outside or not are_outside):
        message = (
            _describe_outside(training, counts, known, mean, "check the unit")
            if are_mostly_outside
            else _describe_shift(numbers, known, mean)
        )
        yield Notice("W_SHIFT", message, column.name)
    elif are_outside:
        message = _describe_outside(training, counts, known, mean, _find_hint(numbers))
        yield Notice("W_RANGE", message, column.name)


def _find_hint(numbers: NumberCounts) -> str:
    if is_usual_stand_in(numbers.examples[0].value):
        return "clear such cells if they mean unknown"
    return "check the value" if numbers.n_outside == 1 else "check the values"


def _has_late_dates(conversion: DateConversion, numbers: NumberCounts, known: ColumnRange) -> bool:
    """Whether there are dates after the day to which they are counted, as in no training data."""
    return not conversion.ahead and numbers.n_negative > 0 and known.minimum >= 0


def _build_late_notice(
    column: Column, conversion: DateConversion, numbers: NumberCounts, *, is_doubt: bool
) -> Notice:
    latest = _find_date(conversion, numbers.minimum)
    message = (
        f"{format_count(numbers.n_negative, 'customer')} with a date after {conversion.as_of}, to "
        f"which the model counts; the latest is {latest}. "
    )
    message += "Correct it, or name" if is_doubt else "If the table is newer, name"
    code = "W_LATE_DATE" if is_doubt else "W_NEWER_DATE"
    return Notice(code, f"{message} the day of the table with {{as_of}}", column.name, ("as_of",))


def _find_date(conversion: DateConversion, time: float) -> str:
    """The date that lies so long before the day to which dates are counted."""
    day = date.fromisoformat(conversion.as_of)
    if conversion.layout == "year":
        return f"{day.year - time:.0f}"
    days = time if conversion.unit == "days" else time * DAYS_PER_YEAR
    return (day - timedelta(days=round(days))).isoformat()


def _describe_constant(numbers: NumberCounts, known: ColumnRange) -> str:
    value = format_number(numbers.minimum)
    return (
        f"all {format_count(numbers.n_values, 'value')} are {value}, in training they were "
        f"{_format_range(known)}; check the column"
    )


def _describe_shift(numbers: NumberCounts, known: ColumnRange, mean: float | None) -> str:
    difference = find_difference(numbers, known)
    share, trained = format_percent(difference.share), format_percent(difference.trained_share)
    value = format_number(difference.value)
    told = f"{share} of the values are at most {value}, in training {trained} were"
    return "; ".join((told, *_list_mean_changes(numbers, mean), "check the unit"))


def _list_mean_changes(numbers: NumberCounts, mean: float | None) -> list[str]:
    """How the mean changed, if it did by a factor of two or more."""
    ratio = compute_mean_ratio(numbers, mean)
    if ratio is None or mean is None or 1 / _NOTED_RATIO < ratio < _NOTED_RATIO:
        return []
    new, old = format_number(numbers.total / numbers.n_values), format_number(mean)
    times = format_number(max(ratio, 1 / ratio))
    return [f"the mean is {new} instead of {old}, {times} times {_describe_side(ratio)}"]


def _describe_side(ratio: float) -> str:
    return "as large" if ratio > 1 else "smaller"


def _describe_outside(
    training: TrainingRecord,
    counts: CellCounts,
    known: ColumnRange,
    mean: float | None,
    hint: str,
) -> str:
    numbers = counts.numbers[known.column]
    example = numbers.examples[0]
    if counts.n_rows == 1:
        value = format_number(example.value)
        return f"{value} is outside {_format_range(known)}, the range in training; {hint}"
    share = format_percent(numbers.n_outside / numbers.n_values)
    customers = format_count(numbers.n_outside, "customer")
    told = f"{customers} ({share}) outside {_format_range(known)}, the range in training"
    such_as = f"such as {_describe_example(training, example)}"
    return "; ".join((f"{told}, {such_as}", *_list_mean_changes(numbers, mean), hint))


def _describe_example(training: TrainingRecord, example: Example) -> str:
    return f"{format_number(example.value)} ({_describe_owner(training, example)})"


def _describe_owner(training: TrainingRecord, example: Example | UnseenExample) -> str:
    if example.customer is not None:
        return f"{training.id_column} {example.customer}"
    return f"row {example.row:,}"


def _format_range(known: ColumnRange) -> str:
    sign = " to " if known.minimum < 0 else "–"
    return f"{format_number(known.minimum)}{sign}{format_number(known.maximum)}"


def _list_unseen_notices(
    training: TrainingRecord, counts: CellCounts, name: str, what: str
) -> Iterator[Notice]:
    """That training did not see a value, or one of several answers, and an example of it."""
    if not (count := counts.unseen[name]):
        return
    share, customers = format_percent(count / counts.n_rows), format_count(count, "customer")
    example = counts.unseen_examples[name]
    such_as = f"such as {shorten(example.value)} ({_describe_owner(training, example)})"
    message = f"{customers} ({share}) with {what} that training did not see, {such_as}"
    yield Notice("W_UNSEEN_LEVEL", f"{message}; it counts as no {what.split()[1]}", name)


def _list_level_notices(
    training: TrainingRecord, counts: CellCounts, name: str
) -> Iterator[Notice]:
    """Levels that training did not see, or other shares of those that it did."""
    if counts.unseen[name]:
        yield from _list_unseen_notices(training, counts, name, "a value")
        return
    figures, n_filled = training.categories.get(name), counts.count_filled(name)
    if figures is None or name not in counts.levels:
        return
    trained = dict(figures.counts)
    if are_levels_shifted(counts.levels[name], n_filled, trained):
        new = {level: counts.levels[name][level] / n_filled for level in trained}
        old = {level: count / sum(trained.values()) for level, count in trained.items()}
        top = max(trained, key=lambda level: new[level] - old[level])
        message = (
            f"{format_percent(new[top])} of the values are '{top}', in training "
            f"{format_percent(old[top])} were; check the column"
        )
        yield Notice("W_SHIFT", message, name)
    elif (only := find_only_level(counts.levels[name], n_filled, trained)) is not None:
        share = format_percent(trained[only] / sum(trained.values()))
        message = (
            f"all {format_count(n_filled, 'value')} are '{only}', in training {share} were; unless "
            "these are a part of the customers, check the column"
        )
        yield Notice("W_ONE_LEVEL", message, name)
