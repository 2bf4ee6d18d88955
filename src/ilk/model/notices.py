"""What the user should know about new customers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ilk.errors import Notice, NoticeWarning
from ilk.features.describe import describe_extremes
from ilk.formatting.numbers import format_count, format_percent
from ilk.model.assign import CellCounts

if TYPE_CHECKING:
    from ilk.features.encoder import Encoder
    from ilk.tables.base import Source

_DOUBTS = frozenset({"W_UNSEEN_LEVEL", "W_REJECTED"})


def list_prediction_notices(
    encoder: Encoder, cell_counts: CellCounts, source: Source
) -> Iterator[Notice]:
    """What was odd about new customers."""
    if rejects := source.rejects:
        first = f"the first is line {rejects[0].line}: {rejects[0].reason}"
        yield Notice(
            "W_REJECTED", f"{format_count(len(rejects), 'row')} could not be read; {first}"
        )
    for column, count in (+cell_counts.missing).items():
        yield Notice(
            "W_MISSING_VALUES",
            f"{format_count(count, 'customer')} without a value, treated as in training",
            column,
        )
    yield from list_unseen_levels(cell_counts)
    if extremes := describe_extremes(encoder, cell_counts.low, cell_counts.high):
        yield Notice("W_OUTLIERS", f"counted as the limit, as in training: {extremes}")


def list_unseen_levels(cell_counts: CellCounts) -> Iterator[Notice]:
    """A notice for every column with levels that training did not see."""
    for column, count in (+cell_counts.unseen).items():
        share = format_percent(count / cell_counts.n_rows)
        customers = format_count(count, "customer")
        yield Notice(
            "W_UNSEEN_LEVEL",
            f"{customers} ({share}) with a value that training did not see; it counts as no value",
            column,
        )


def warn(notices: Iterable[Notice]) -> None:
    """Give notices that put segments in doubt as warnings of Python.

    What the library returns has no place for them. The others say what was treated as in training.
    """
    for notice in notices:
        if notice.code not in _DOUBTS:
            continue
        about = "" if notice.column is None else f"{notice.column}: "
        message = f"{about}{notice.message} [{notice.code}]"
        warnings.warn(message, NoticeWarning, stacklevel=3)  # noqa: TID251 - a frame holds none
