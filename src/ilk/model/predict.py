"""Prediction: segments for new customers, frame by frame, and what was odd about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from ilk.errors import Notice
from ilk.formatting.numbers import format_count
from ilk.model.model import SegmentModel
from ilk.progress import AdvanceCallback
from ilk.recipe import Reading
from ilk.tables.base import Source
from ilk.tables.map_frames import DistributedSource
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject


@dataclass(frozen=True)
class Prediction:
    """Labelled new customers, and what there is to know about them.

    ``customers`` holds the id (or ``row``), ``segment``, ``segment_name``, ``action`` and
    ``clarity`` of every row, in the order read.
    """

    customers: pl.DataFrame
    rejects: tuple[Reject, ...]
    notices: tuple[Notice, ...]

    @property
    def labels(self) -> pl.DataFrame:
        """The id (or ``row``), segment and name: the columns of ``customers.csv``."""
        return select_label_columns(self.customers)


class Labelling:
    """New customers labelled as they are read: no more than a few frames are held.

    Parameters
    ----------
    model : SegmentModel
    source : Source

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> labelling = Labelling(model, open_source(ilk.demo.load("mall")))
    >>> [frame.shape for frame in labelling.label_frames()], labelling.notices
    ([(200, 5)], ())
    """

    def __init__(self, model: SegmentModel, source: Source) -> None:
        self._model = model
        self._source = source
        self._unseen = Counter[str]()
        self._is_missing = Counter[str]()

    def label_frames(self, advance: AdvanceCallback = lambda rows: None) -> Iterator[pl.DataFrame]:
        """Yield the columns of :attr:`Prediction.customers`; tell ``advance`` the rows done."""
        self._unseen.clear()
        self._is_missing.clear()
        for frame, assignments in self._model.label_batches(self._source):
            self._unseen.update(assignments.unseen)
            self._is_missing.update(assignments.missing)
            advance(frame.height)
            yield frame

    def write_remote(
        self, source: DistributedSource, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Have a distributed source write id, segment and name as a folder of part files."""
        numerals = self._source.number_format
        for unseen, missing in source.map_frames(_AnomalyCounter(self._model, numerals)):
            self._unseen.update(unseen)
            self._is_missing.update(missing)
        source.write_frames(self._model.make_labeller(numerals), path, table_format)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was odd, complete when the frames have been passed."""
        odd = _make_notices(self._unseen, self._is_missing, self._source.rejects)
        return (*self._source.notices, *odd)


def predict(model: SegmentModel, customers: object, reading: Reading | None = None) -> Prediction:
    """Label new customers with a model, and say what was odd about them.

    Parameters
    ----------
    model : SegmentModel
    customers : path, data frame, Source or mapping
        See :meth:`SegmentModel.predict`.
    reading : Reading, optional
        How to read a text file; what it leaves open is detected.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> predict(model, {"Annual Income (k$)": 85, "Spending Score (1-100)": None}).notices[0].column
    'Spending Score (1-100)'
    """
    source = model.open_customers(customers, reading)
    labelling = Labelling(model, source)
    labelled = pl.concat(labelling.label_frames())
    return Prediction(labelled, source.rejects, labelling.notices)


def select_label_columns(customers: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``customers.csv`` alone: without the action and the clarity."""
    return customers.drop("action", "clarity")


@dataclass(frozen=True)
class _AnomalyCounter:
    """Counts in a frame the categories not seen in training and the missing values."""

    model: SegmentModel
    number_format: NumberFormat

    def __call__(self, frame: pl.DataFrame, first_row: int) -> tuple[Counter[str], Counter[str]]:
        found = self.model.assign(frame, self.number_format, first_row=first_row)
        return Counter(found.unseen), Counter(found.missing)


def _make_notices(
    unseen: Counter[str], missing: Counter[str], rejects: Sequence[Reject]
) -> Iterator[Notice]:
    if rejects:
        first = f"the first is line {rejects[0].line}: {rejects[0].reason}"
        yield Notice(
            "W_REJECTED", f"{format_count(len(rejects), 'row')} could not be read; {first}"
        )
    for column, count in (+missing).items():
        yield Notice(
            "W_MISSING_VALUES", f"{count:,} without a value, treated as in training", column
        )
    for column, count in (+unseen).items():
        yield Notice(
            "W_UNSEEN_LEVEL", f"{count:,} with a category that training did not see", column
        )
