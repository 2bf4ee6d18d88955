"""Value and outcomes of every segment, from the exact sums of a profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ilk.schema import Column, Outcome
from ilk.segments.column_labels import split_column_name
from ilk.segments.profile import Profile
from ilk.segments.segment import Figures, NumberFigures
from ilk.segments.wording import read_answer
from ilk.segments.worth import OutcomeFigures, ValueFigures
from ilk.stats.intervals import compute_wilson_interval
from ilk.vocabulary.concepts import is_word


def measure_values(
    profile: Profile, label: int, columns: Iterable[Column], labels: Mapping[str, str]
) -> tuple[ValueFigures, ...]:
    """What a segment is worth, by every column of value in which it has figures.

    ``labels`` are the short names of the columns.

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> from ilk.segments.profile import profile_batch
    >>> revenue = Column("revenue", "number", "describe", "a number", unit="$", is_value=True)
    >>> frame = pl.DataFrame({"revenue": [10.0, 30.0, 60.0]})
    >>> labels = np.array([0, 0, 1], dtype=np.int32)
    >>> profile = profile_batch(frame, labels, [revenue], magnitudes={"revenue": 60.0})
    >>> (large,) = measure_values(profile, 1, [revenue], {"revenue": "revenue"})
    >>> large.share, large.total, large.mean
    (0.6, 60.0, 60.0)
    """
    shares = profile.compute_total_shares(label)
    part, whole = profile.compute_figures(label), profile.overall
    overall = {figures.column: figures for figures in whole.numbers}
    units = {column.name: column.unit for column in columns if column.is_value}
    return tuple(
        ValueFigures(
            figures.column,
            labels[figures.column],
            units[figures.column],
            total=figures.mean * (part.customers - figures.missing),
            share=shares[figures.column],
            mean=figures.mean,
            overall=overall[figures.column].mean or 0.0,
            unknown=figures.missing,
        )
        for figures in part.numbers
        if figures.column in units and figures.mean is not None
    )


def measure_outcomes(
    profile: Profile, label: int, columns: Iterable[Column], labels: Mapping[str, str]
) -> tuple[OutcomeFigures, ...]:
    """How many of a segment's customers came to each outcome.

    ``labels`` are the short names of the columns.

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> from ilk.segments.profile import profile_batch
    >>> churn = Column("Churn", "category", "describe", "", outcome=Outcome("Yes", is_bad=True))
    >>> frame = pl.DataFrame({"Churn": ["Yes", "No", "No", "No"]})
    >>> labels = np.array([0, 0, 1, 1], dtype=np.int32)
    >>> profile = profile_batch(frame, labels, [churn], magnitudes={})
    >>> (left,) = measure_outcomes(profile, 0, [churn], {"Churn": "churn"})
    >>> left.count, left.known, left.overall, left.position
    (1, 2, 0.25, 'unclear')
    """
    part, whole = profile.compute_figures(label), profile.overall
    measured = []
    for column in columns:
        if column.outcome is None:
            continue
        own, everyone = (_count(figures, column.name, column.outcome) for figures in (part, whole))
        if own is not None and everyone is not None and everyone[1]:
            low, high = compute_wilson_interval(*own)
            measured.append(
                OutcomeFigures(
                    column.name,
                    name_outcome(labels[column.name], column.outcome.level),
                    column.outcome.is_bad,
                    count=own[0],
                    known=own[1],
                    overall=everyone[0] / everyone[1],
                    low=low,
                    high=high,
                    unknown=part.customers - own[1],
                )
            )
    return tuple(measured)


def name_outcome(label: str, level: str) -> str:
    """What an outcome is called: the column, or the level where it is the better word.

    Examples
    --------
    >>> name_outcome("churn", "Yes"), name_outcome("attrition", "Attrited Customer")
    ('churn', 'attrition')
    >>> name_outcome("status", "Closed"), name_outcome("résilié", "oui")
    ('closed', 'résilié')
    """
    words = split_column_name(level)
    stems = {word[:5] for word in split_column_name(label)}
    if read_answer(level) or is_word(level, "yes") or not words:
        return label
    if any(word[:5] in stems for word in words):
        return label
    return " ".join(words)


def _count(figures: Figures, column: str, outcome: Outcome) -> tuple[int, int] | None:
    """Customers with the outcome, and those for whom it is known; ``None`` without the column."""
    for category in figures.categories:
        if category.column == column:
            counts = dict(category.counts)
            return counts.get(outcome.level, 0), sum(counts.values())
    for number in figures.numbers:
        if number.column == column:
            return _count_flag(number, figures.customers, outcome)
    return None


def _count_flag(number: NumberFigures, customers: int, outcome: Outcome) -> tuple[int, int] | None:
    """The same for a column of the numbers 0 and 1."""
    known, mean = customers - number.missing, number.mean or 0.0
    if not 0.0 <= mean <= 1.0 or outcome.level not in ("0", "1", "0.0", "1.0"):
        return None
    ones = round(known * mean)
    return (ones if outcome.level.startswith("1") else known - ones), known
