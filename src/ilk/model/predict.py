"""Segments for new customers, batch by batch, and what was odd about them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from ilk.errors import Notice, NoticeWarning
from ilk.features.describe import describe_extremes
from ilk.formatting.numbers import format_count, format_percent
from ilk.model.assign import AssignedRows, CellCounts
from ilk.model.labels import label_source
from ilk.tables.write_table import write_table

if TYPE_CHECKING:
    from ilk.model.model import SegmentModel
    from ilk.progress import AdvanceCallback
    from ilk.recipe import Reading
    from ilk.tables.base import Source


_DOUBTS = frozenset({"W_UNSEEN_LEVEL", "W_REJECTED"})


@dataclass(frozen=True)
class Prediction:
    """Labeled new customers, and what there is to know about them.

    ``customers`` is what :meth:`ilk.SegmentModel.predict` returns: the id (or ``row``),
    ``segment``, ``segment_name``, ``action`` and ``margin`` of every row, in the order read.
    """

    customers: pl.DataFrame
    notices: tuple[Notice, ...]

    @property
    def labels(self) -> pl.DataFrame:
        """The label columns: id (or ``row``), segment and its name."""
        return select_label_columns(self.customers)


class BatchPredictor:
    """Labels new customers while they are read, and counts what is odd about them.

    Parameters
    ----------
    model : SegmentModel
    source : Source

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> predictor = BatchPredictor(model, open_source(ilk.demo.load("mall")))
    >>> [table.shape for table in predictor.iter_tables()], predictor.notices
    ([(200, 5)], ())
    """

    def __init__(self, model: SegmentModel, source: Source) -> None:
        self._model = model
        self._source = source
        self._cell_counts = CellCounts()

    def iter_tables(self, advance: AdvanceCallback = lambda rows: None) -> Iterator[pl.DataFrame]:
        """Yield the rows of :attr:`Prediction.customers`, and tell ``advance`` how many they are.

        Only a few batches are held at a time.
        """
        self._cell_counts = CellCounts()
        for table, cell_counts in self._model.predict_batches(self._source):
            self._cell_counts += cell_counts
            advance(table.height)
            yield table
        self._cell_counts.check_levels()

    def write(
        self, path: Path, table_format: Literal["csv", "parquet"], advance: AdvanceCallback
    ) -> int:
        """Write the label columns to one file, and return how many rows it has."""
        tables = map(select_label_columns, self.iter_tables(advance))
        return write_table(tables, path, table_format)

    def write_parts(
        self, path: Path, table_format: Literal["csv", "parquet"], advance: AdvanceCallback
    ) -> int:
        """Have Spark's executors write the label columns as a folder of files."""
        model = self._model
        labels, self._cell_counts = label_source(
            self._source,
            model.assigner,
            model.schema.id,
            AssignedRows.count_cells,
            advance,
        )
        self._cell_counts.check_levels()
        labels.write(model, path, table_format)
        return labels.n_rows

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was odd, complete when all rows have been read."""
        return (*self._source.notices, *_make_notices(self._model, self._cell_counts, self._source))


def predict(model: SegmentModel, customers: object, reading: Reading | None = None) -> Prediction:
    """Label new customers with a model, and say what was odd about them.

    Parameters
    ----------
    model : SegmentModel
    customers : path, data frame, Source or mapping
        See :meth:`ilk.SegmentModel.predict`.
    reading : Reading, optional
        How to read a text file; whatever it leaves out is detected.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> predict(model, {"Annual Income (k$)": 85, "Spending Score (1-100)": None}).notices[0].column
    'Spending Score (1-100)'
    """
    predictor = BatchPredictor(model, model.open_customers(customers, reading))
    table = pl.concat(predictor.iter_tables())
    return Prediction(table, predictor.notices)


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


def select_label_columns(customers: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``customers.csv``: all but the action and the margin."""
    return customers.drop("action", "margin")


def _make_notices(model: SegmentModel, cell_counts: CellCounts, source: Source) -> Iterator[Notice]:
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
    if extremes := describe_extremes(model.encoder, cell_counts.low, cell_counts.high):
        yield Notice("W_OUTLIERS", f"counted as the limit, as in training: {extremes}")
