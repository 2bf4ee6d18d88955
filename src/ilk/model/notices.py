"""What the user should know about new customers."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

from ilk.columns.totals import are_enough_totals, is_total
from ilk.errors import GateError, Notice, NoticeWarning, shorten
from ilk.features.describe import describe_extremes
from ilk.formatting.numbers import format_count
from ilk.formatting.text import join_words
from ilk.model.cell_counts import CellCounts, EndRow
from ilk.model.column_notices import list_column_notices
from ilk.tables.map_frames import DistributedSource

if TYPE_CHECKING:
    from ilk.model.training import TrainingRecord
    from ilk.tables.base import Source

DOUBTS = frozenset(
    {
        *("W_UNSEEN_LEVEL", "W_REJECTED", "W_RANGE", "W_SHIFT", "W_LATE_DATE"),
        *("W_IDS", "W_TOTALS"),
    }
)
"""Notices that put labels in doubt. The others say what was treated as in training."""


def list_prediction_notices(
    training: TrainingRecord, counts: CellCounts, source: Source
) -> Iterator[Notice]:
    """What was odd about new customers who were read from a source."""
    if rejects := source.rejects:
        first = f"the first is line {rejects[0].line}: {rejects[0].reason}"
        yield Notice(
            "W_REJECTED", f"{format_count(len(rejects), 'row')} could not be read; {first}"
        )
    yield from _list_id_notices(training, counts)
    # The rows of Spark have no order.
    totals = None if isinstance(source, DistributedSource) else _find_totals(counts)
    if totals is not None:
        name = f" ({shorten(totals.label)})" if totals.label else ""
        message = f"row {totals.row:,}{name} holds the totals of the others, but is labeled as a "
        yield Notice("W_TOTALS", f"{message}customer; remove it")
        counts = counts.drop_row(totals, training.range_by_column)
    yield from list_cell_notices(training, counts)


def list_cell_notices(training: TrainingRecord, counts: CellCounts) -> Iterator[Notice]:
    """What was odd about the columns of new customers, at most one notice that doubts each."""
    doubts = list(list_column_notices(training, counts))
    told = {notice.column for notice in doubts}
    empty = {notice.column for notice in doubts if counts.missing[notice.column or ""]}
    for column, count in (+counts.missing).items():
        if column not in empty or counts.count_filled(column):
            yield Notice(
                "W_MISSING_VALUES",
                f"{format_count(count, 'customer')} without a value, treated as in training",
                column,
            )
    yield from doubts
    low, high = (
        {name: count for name, count in side.items() if name not in told}
        for side in (counts.low, counts.high)
    )
    if extremes := describe_extremes(training.encoder, low, high):
        yield Notice("W_OUTLIERS", f"counted as the limit, as in training: {extremes}")


def _list_id_notices(training: TrainingRecord, counts: CellCounts) -> Iterator[Notice]:
    """What is wrong with the IDs of a table; one customer needs none."""
    name = training.id_column
    if name is None or counts.n_rows < 2:
        return
    if counts.ids is None:
        message = "the column of customer IDs is missing; the labels have row numbers instead"
        yield Notice("W_IDS", message, name)
        return
    faults = []
    if n_repeated := counts.ids.counter.n_repeated:
        ids = format_count(n_repeated, "customer ID")
        faults.append(f"{ids} {'appears' if n_repeated == 1 else 'appear'} more than once")
    if n_blank := counts.ids.n_blank:
        customers = format_count(counts.n_rows, "customer")
        faults.append(f"{n_blank:,} of {customers} {'has' if n_blank == 1 else 'have'} no ID")
    if faults:
        yield Notice("W_IDS", join_words(faults), name)


def _find_totals(counts: CellCounts) -> EndRow | None:
    """The last or the first row, if its numbers are the sums or means of the others."""
    if counts.n_rows <= 3:
        return None
    return next((end for end in reversed(counts.ends) if _has_totals(end, counts)), None)


def _has_totals(end: EndRow, counts: CellCounts) -> bool:
    is_named = end.label is not None
    are_totals = [
        is_total(
            value,
            counts.numbers[name].total - value,
            counts.numbers[name].size - abs(value),
            counts.numbers[name].n_values - 1,
            may_be_mean=is_named,
        )
        for name, value in end.numbers.items()
    ]
    return are_enough_totals(are_totals, is_named=is_named)


def warn(notices: Iterable[Notice]) -> None:
    """Give notices that put segments in doubt as warnings of Python.

    What the library returns has no place for them. The others say what was treated as in training.
    """
    for notice in notices:
        if notice.code not in DOUBTS:
            continue
        about = "" if notice.column is None else f"{notice.column}: "
        message = f"{about}{notice.message} [{notice.code}]"
        level = _count_own_frames() + 1
        warnings.warn(message, NoticeWarning, stacklevel=level)  # noqa: TID251 - a frame holds none


def _count_own_frames() -> int:
    """How many calls within ilk led to the caller of this function: a warning is about the next."""
    frame: FrameType | None = sys._getframe(1)
    count = 0
    while frame is not None and frame.f_globals["__name__"].partition(".")[0] == "ilk":
        frame, count = frame.f_back, count + 1
    return count


def check_doubts(notices: Iterable[Notice]) -> None:
    """Refuse customers about whom there is any notice that puts their labels in doubt.

    Raises
    ------
    GateError
        ``E_DOUBTS``.

    Examples
    --------
    >>> check_doubts([Notice("W_MISSING_VALUES", "3 customers without a value", "Age")])
    """
    doubts = [notice for notice in notices if notice.code in DOUBTS]
    if not doubts:
        return
    listed = join_words(
        [f"{doubt.code} ({doubt.column})" if doubt.column else doubt.code for doubt in doubts]
    )
    raise GateError(
        "E_DOUBTS",
        f"{format_count(len(doubts), 'warning')} put{'s' if len(doubts) == 1 else ''} the labels "
        f"in doubt: {listed}",
        place="{strict}",
        way_out="Correct the table, or leave that out to read the warnings and get labels anyway.",
        options={"strict": True},
    )
