"""Profile: exact figures of every segment, as sums that merge.

Sums of floating-point numbers depend on their order; sums of integers do not. So each value is
first written as a whole number of tiny units (a power of two, fixed for its column by the largest
magnitude in it), and everything a profile holds is a Python integer. That is what makes the
profile of two parts, merged, equal the profile of the whole, however the rows were cut or ordered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.schema import Column
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures
from ilk.segments.sums import Group, Moments

# The largest magnitude of a column becomes about 2**79 units: finer than a double resolves for any
# value above 2**-26 of the largest, and 2**47 rows still fit in the 128 bits of a sum. A square of
# 158 bits would not fit, so units are split into two halves whose products do.
_BITS = 79
_HALF = 40

# The squares of so many of these add up within 63 bits.
_SMALL, _MOST = 2.0**20, 2**22


@dataclass(frozen=True)
class Measure:
    """What is summed: a column, on its own scale or as log1p, in units of ``2 ** -exponent``."""

    column: str
    logged: bool
    exponent: int


@dataclass(frozen=True)
class Profile:
    """Exact figures of every segment, mergeable.

    ``groups`` maps a 0-based label to its sums; -1 holds customers who fit nowhere. Segments are
    addressed by their 0-based label throughout.

    Examples
    --------
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> frame = pl.DataFrame({"Age": [20.0, 30.0, 70.0]})
    >>> labels = np.array([0, 0, 1], dtype=np.int32)
    >>> found = profile(frame, labels, [age], magnitudes={"Age": 70.0})
    >>> found.overall.numbers[0].mean, found.figures(0).numbers[0].mean, found.k
    (40.0, 25.0, 2)
    """

    measures: tuple[Measure, ...]
    categories: tuple[str, ...]
    groups: Mapping[int, Group]

    @property
    def k(self) -> int:
        """Number of segments."""
        return max(self.groups, default=-1) + 1

    @property
    def customers(self) -> int:
        """Number of customers, those who fit nowhere included."""
        return sum(group.customers for group in self.groups.values())

    @property
    def overall(self) -> Figures:
        """Figures of everyone."""
        return self._figures(self._everyone())

    def figures(self, label: int) -> Figures:
        """Figures of one segment; of nobody, if the label has no customers."""
        return self._figures(self.groups.get(label, self._nobody()))

    def effects(self, label: int) -> dict[str, float]:
        """Distance of a segment's means from everyone's, in standard deviations of everyone.

        Taken on the logarithmic scale for columns that are logged. 0.0 where a column has no
        spread or the segment no value.
        """
        group, everyone = self.groups.get(label, self._nobody()), self._everyone()
        # A later measure of the same column is its logged one, which then stands.
        return {
            measure.column: part.effect(whole, measure.exponent)
            for measure, part, whole in zip(
                self.measures, group.moments, everyone.moments, strict=True
            )
        }

    def merge(self, other: Profile) -> Profile:
        """Profile of the customers of both.

        Raises
        ------
        ValueError
            When the two do not describe the same columns in the same units.
        """
        if (self.measures, self.categories) != (other.measures, other.categories):
            raise ValueError("profiles of different columns or magnitudes cannot be merged")
        groups = dict(self.groups)
        for label, group in other.groups.items():
            groups[label] = groups[label] + group if label in groups else group
        return Profile(self.measures, self.categories, groups)

    def _nobody(self) -> Group:
        empty = tuple(Counter[str]() for _ in self.categories)
        return Group(0, tuple(Moments() for _ in self.measures), empty)

    def _everyone(self) -> Group:
        return sum(self.groups.values(), start=self._nobody())

    def _figures(self, group: Group) -> Figures:
        numbers = tuple(
            NumberFigures(
                measure.column,
                mean=moments.mean(measure.exponent),
                std=moments.std(measure.exponent),
                missing=group.customers - moments.count,
            )
            for measure, moments in zip(self.measures, group.moments, strict=True)
            if not measure.logged
        )
        categories = tuple(
            CategoryFigures(name, _ranked(counts), group.customers - counts.total())
            for name, counts in zip(self.categories, group.levels, strict=True)
        )
        share = group.customers / self.customers if group.customers else 0.0
        return Figures(group.customers, share, numbers, categories)


def profile(
    frame: pl.DataFrame,
    labels: NDArray[np.int32],
    columns: Iterable[Column],
    *,
    magnitudes: Mapping[str, float],
    logged: frozenset[str] = frozenset(),
) -> Profile:
    """Sum up one batch of labelled customers.

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
    logged : frozenset of str
        Columns whose effects are to be taken on the log1p scale.

    Raises
    ------
    ValueError
        When a value exceeds its column's magnitude, or a magnitude is not finite.
    """
    columns = tuple(columns)
    numbers = [column.name for column in columns if column.kind == "number"]
    categories = tuple(column.name for column in columns if column.kind == "category")
    measures = tuple(_measures(numbers, magnitudes, logged))
    _check_magnitudes(frame, numbers, magnitudes)
    small = _small_whole(frame, numbers)
    plain = [
        not measure.logged and measure.exponent >= 0 and measure.column in small
        for measure in measures
    ]
    units = frame.select(
        pl.Series("label", labels),
        *(
            part
            for i, measure in enumerate(measures)
            for part in (_whole(i, measure) if plain[i] else _halves(i, measure))
        ),
        *(pl.col(name).alias(f"c{j}") for j, name in enumerate(categories)),
    )
    sums = units.group_by("label").agg(
        pl.len(),
        *(
            total
            for i in range(len(measures))
            for total in (_whole_sums(i) if plain[i] else _sums(i))
        ),
        *(pl.col(f"c{j}").drop_nulls().value_counts() for j in range(len(categories))),
    )
    groups = {
        row["label"]: _group(row, measures, plain, len(categories)) for row in sums.to_dicts()
    }
    return Profile(measures, categories, groups)


def _measures(
    numbers: Iterable[str], magnitudes: Mapping[str, float], logged: frozenset[str]
) -> Iterable[Measure]:
    for name in numbers:
        magnitude = magnitudes[name]
        if not math.isfinite(magnitude):
            raise ValueError(f"the magnitude of {name!r} is {magnitude}, which is not finite")
        yield Measure(name, False, _exponent(magnitude))
        if name in logged:
            yield Measure(name, True, _exponent(math.log1p(magnitude)))


def _exponent(magnitude: float) -> int:
    """Power of two that brings the magnitude just under ``2 ** _BITS``."""
    return _BITS - math.frexp(magnitude)[1] if magnitude else 0


def _check_magnitudes(
    frame: pl.DataFrame, numbers: list[str], magnitudes: Mapping[str, float]
) -> None:
    """Refuse values that would not fit their units: sums of 128 bits wrap silently."""
    if not numbers or not frame.height:
        return
    for name, largest in frame.select(pl.col(numbers).abs().max()).to_dicts()[0].items():
        if largest is not None and not largest <= magnitudes[name]:
            raise ValueError(f"{name!r} holds {largest}, above its magnitude {magnitudes[name]}")


def _halves(i: int, measure: Measure) -> tuple[pl.Expr, pl.Expr]:
    """A measure's values in units, split into a high half and a low half of ``_HALF`` bits."""
    value = pl.col(measure.column)
    if measure.logged:
        value = value.clip(lower_bound=0.0).log1p()
    # Two steps, because a single factor may lie beyond the range of a double.
    step = measure.exponent // 2
    units = value * math.ldexp(1.0, step) * math.ldexp(1.0, measure.exponent - step)
    high = (units / 2.0**_HALF).floor()
    low = units - high * 2.0**_HALF
    return high.cast(pl.Int128).alias(f"h{i}"), low.cast(pl.Int128).alias(f"l{i}")


def _sums(i: int) -> tuple[pl.Expr, ...]:
    high, low = pl.col(f"h{i}"), pl.col(f"l{i}")
    return (
        high.count().alias(f"n{i}"),
        high.sum().alias(f"H{i}"),
        low.sum().alias(f"L{i}"),
        (high * high).sum().alias(f"HH{i}"),
        (high * low).sum().alias(f"HL{i}"),
        (low * low).sum().alias(f"LL{i}"),
    )


def _small_whole(frame: pl.DataFrame, numbers: list[str]) -> frozenset[str]:
    """Columns whose values are whole and so small that 64 bits hold the sums of their squares."""
    if not numbers or frame.height > _MOST:
        return frozenset()
    found = frame.select(
        ((pl.col(numbers) == pl.col(numbers).floor()) & (pl.col(numbers).abs() < _SMALL)).all()
    )
    return frozenset(name for name, whole in found.row(0, named=True).items() if whole)


def _whole(i: int, measure: Measure) -> tuple[pl.Expr]:
    return (pl.col(measure.column).cast(pl.Int64).alias(f"w{i}"),)


def _whole_sums(i: int) -> tuple[pl.Expr, ...]:
    value = pl.col(f"w{i}")
    return (
        value.count().alias(f"n{i}"),
        value.sum().alias(f"W{i}"),
        (value * value).sum().alias(f"WW{i}"),
    )


def _group(
    row: Mapping[str, Any], measures: Sequence[Measure], plain: Sequence[bool], categories: int
) -> Group:
    levels = (
        Counter({pair[f"c{j}"]: pair["count"] for pair in row[f"c{j}"]}) for j in range(categories)
    )
    moments = (
        _whole_moments(row, i, measure.exponent) if plain[i] else _moments(row, i)
        for i, measure in enumerate(measures)
    )
    return Group(row["len"], tuple(moments), tuple(levels))


def _whole_moments(row: Mapping[str, Any], i: int, exponent: int) -> Moments:
    return Moments(row[f"n{i}"], row[f"W{i}"] << exponent, row[f"WW{i}"] << 2 * exponent)


def _moments(row: Mapping[str, Any], i: int) -> Moments:
    total = (row[f"H{i}"] << _HALF) + row[f"L{i}"]
    squares = (row[f"HH{i}"] << 2 * _HALF) + (row[f"HL{i}"] << _HALF + 1) + row[f"LL{i}"]
    return Moments(row[f"n{i}"], total, squares)


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Levels with their counts, most frequent first, then by name."""
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
