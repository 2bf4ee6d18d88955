"""Exact figures of every segment, as sums that merge.

Sums of floating-point numbers depend on their order; sums of integers do not. So each value is
first written as a whole number of tiny units (a power of two, fixed for its column by the largest
magnitude in it), and everything a profile holds is a Python integer. The merged profile of two
parts therefore equals the profile of the whole, however the rows were divided or ordered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.schema import Column
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures
from ilk.stats.moments import Floats, GroupSums, Moments, choose_exponent, compute_moments


@dataclass(frozen=True)
class Measure:
    """What is summed: a column, on its own scale or as log1p, in units of ``2 ** -exponent``."""

    column: str
    on_log_scale: bool
    exponent: int


@dataclass(frozen=True)
class Profile:
    """Exact figures of every segment, mergeable.

    ``groups`` maps a 0-based label to its sums; -1 holds customers without a segment. Segments are
    addressed by their 0-based label throughout. Customers are counted in units of
    ``2 ** -count_exponent``, which is 1 unless rows have weights that are not whole.

    Examples
    --------
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> frame = pl.DataFrame({"Age": [20.0, 30.0, 70.0]})
    >>> labels = np.array([0, 0, 1], dtype=np.int32)
    >>> profile = profile_batch(frame, labels, [age], magnitudes={"Age": 70.0})
    >>> profile.overall.numbers[0].mean, profile.compute_figures(0).numbers[0].mean, profile.k
    (40.0, 25.0, 2)
    """

    measures: tuple[Measure, ...]
    categories: tuple[str, ...]
    groups: Mapping[int, GroupSums]
    count_exponent: int = 0

    @property
    def k(self) -> int:
        """Number of segments."""
        return max(self.groups, default=-1) + 1

    @property
    def customers(self) -> int:
        """Number of customers, including those without a segment."""
        return self._round_count(sum(group.customers for group in self.groups.values()))

    @cached_property
    def overall(self) -> Figures:
        """Figures of everyone."""
        return self._compute_group_figures(self._everyone)

    def compute_figures(self, label: int) -> Figures:
        """Figures of one segment; empty ones if the label has no customers."""
        return self._compute_group_figures(self.groups.get(label, self._make_empty_sums()))

    def compute_effects(self, label: int) -> dict[str, float]:
        """Distance of a segment's means from everyone's, in standard deviations of everyone.

        Taken on the logarithmic scale for columns that are logged. 0.0 where a column has no
        spread or the segment no value.
        """
        group, everyone = self.groups.get(label, self._make_empty_sums()), self._everyone
        # A later measure of the same column is its logged one, which then stands.
        return {
            measure.column: part.compute_effect(whole, measure.exponent)
            for measure, part, whole in zip(
                self.measures, group.moments, everyone.moments, strict=True
            )
        }

    def compute_total_shares(self, label: int) -> dict[str, float | None]:
        """The part of everyone's total that a segment holds, by column.

        ``None`` where the total of everyone is not positive, or that of a segment is negative:
        such totals have no parts.
        """
        everyone = self._everyone
        part = self.groups.get(label, self._make_empty_sums())
        shares: dict[str, float | None] = {}
        for i, measure in enumerate(self.measures):
            totals = [group.moments[i].total for group in self.groups.values()]
            whole = everyone.moments[i].total
            # The first measure of a column is on its own scale.
            if measure.column not in shares:
                has_parts = whole > 0 and min(totals) >= 0
                shares[measure.column] = part.moments[i].total / whole if has_parts else None
        return shares

    def merge(self, other: Profile) -> Profile:
        """Profile of the customers of both.

        Raises
        ------
        ValueError
            When the two do not describe the same columns in the same units.
        """
        if (self.measures, self.categories, self.count_exponent) != (
            *(other.measures, other.categories, other.count_exponent),
        ):
            raise ValueError("profiles of different columns or magnitudes cannot be merged")
        groups = dict(self.groups)
        for label, group in other.groups.items():
            groups[label] = groups[label] + group if label in groups else group
        return replace(self, groups=groups)

    def repeat(self, times: int) -> Profile:
        """Profile of the same customers, each this many times."""
        groups = {label: group.repeat(times) for label, group in self.groups.items()}
        return replace(self, groups=groups)

    def _make_empty_sums(self) -> GroupSums:
        empty = tuple(Counter[str]() for _ in self.categories)
        return GroupSums(0, tuple(Moments() for _ in self.measures), empty)

    @cached_property
    def _everyone(self) -> GroupSums:
        return sum(self.groups.values(), start=self._make_empty_sums())

    def _compute_group_figures(self, group: GroupSums) -> Figures:
        numbers = tuple(
            NumberFigures(
                measure.column,
                mean=moments.mean(measure.exponent),
                std=moments.std(measure.exponent),
                missing=self._round_count(group.customers - moments.count),
            )
            for measure, moments in zip(self.measures, group.moments, strict=True)
            if not measure.on_log_scale
        )
        categories = tuple(
            CategoryFigures(
                name,
                tuple((level, self._round_count(count)) for level, count in _sort_by_count(counts)),
                self._round_count(group.customers - counts.total()),
            )
            for name, counts in zip(self.categories, group.levels, strict=True)
        )
        everyone = sum(part.customers for part in self.groups.values())
        share = group.customers / everyone if group.customers else 0.0
        return Figures(self._round_count(group.customers), share, numbers, categories)

    def _round_count(self, count: int) -> int:
        return round(math.ldexp(count, -self.count_exponent)) if self.count_exponent else count


def profile_batch(
    frame: pl.DataFrame,
    labels: NDArray[np.int32],
    columns: Iterable[Column],
    *,
    magnitudes: Mapping[str, float],
    log_columns: frozenset[str] = frozenset(),
) -> Profile:
    """Sum up one batch of labeled customers.

    Parameters
    ----------
    frame : polars.DataFrame
        Numbers as Float64, categories as String, null where missing; (n, columns).
    labels : array of int32, shape (n,)
        0-based segment of each row, -1 for none.
    columns : iterable of Column
        What to describe; columns that are neither numbers nor categories are left out.
    magnitudes : mapping
        Largest absolute value of each numeric column over *all* batches: it fixes the units.
    log_columns : frozenset of str
        Columns whose effects are to be taken on the log1p scale.

    Raises
    ------
    ValueError
        When a value exceeds its column's magnitude, or a magnitude is not finite.
    """
    columns = tuple(columns)
    numbers = [column.name for column in columns if column.kind == "number"]
    categories = tuple(column.name for column in columns if column.kind == "category")
    measures = tuple(_make_measures(numbers, magnitudes, log_columns))
    # Sixteen bits are sorted by their digits, which takes a fifth of the time.
    narrow = labels.astype(np.int16) if labels.max(initial=0) < 2**15 else labels
    order = np.argsort(narrow, kind="stable")
    present, starts, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    values = {name: frame[name].to_numpy()[order] for name in numbers}
    _check_magnitudes(values, magnitudes)
    sums = [
        compute_moments(
            _apply_scale(values[measure.column], measure), measure.exponent, starts.tolist()
        )
        for measure in measures
    ]
    counts = [_count_levels(frame[name], labels) for name in categories]
    groups = {
        label: GroupSums(
            size,
            tuple(column_sums[place] for column_sums in sums),
            tuple(level_counts.get(label, Counter()) for level_counts in counts),
        )
        for place, (label, size) in enumerate(zip(present.tolist(), sizes.tolist(), strict=True))
    }
    return Profile(measures, categories, groups)


def _make_measures(
    numbers: Iterable[str], magnitudes: Mapping[str, float], log_columns: frozenset[str]
) -> Iterable[Measure]:
    for name in numbers:
        magnitude = magnitudes[name]
        if not math.isfinite(magnitude):
            raise ValueError(f"the magnitude of {name!r} is {magnitude}, which is not finite")
        yield Measure(name, False, choose_exponent(magnitude))
        if name in log_columns:
            yield Measure(name, True, choose_exponent(math.log1p(magnitude)))


def _check_magnitudes(values: Mapping[str, Floats], magnitudes: Mapping[str, float]) -> None:
    """Refuse values that do not fit their units."""
    for name, cells in values.items():
        largest = float(np.fmax.reduce(np.abs(cells), initial=0.0))
        if not largest <= magnitudes[name]:
            raise ValueError(f"{name!r} contains {largest}, above its magnitude {magnitudes[name]}")


def _apply_scale(values: Floats, measure: Measure) -> Floats:
    """The values of a measure's column on the measure's scale."""
    return np.log1p(np.maximum(values, 0.0)) if measure.on_log_scale else values


def _count_levels(cells: pl.Series, labels: NDArray[np.int32]) -> dict[int, Counter[str]]:
    """How often each level occurs in each segment; missing cells are no level."""
    table = pl.DataFrame([pl.Series("label", labels), cells.alias("level")])
    counts: dict[int, Counter[str]] = {}
    for label, level, count in table.group_by("label", "level").len().iter_rows():
        if level is not None:
            counts.setdefault(label, Counter())[level] = count
    return counts


def _sort_by_count(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Levels with their counts, most frequent first, then by name."""
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
