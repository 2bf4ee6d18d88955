"""Segments for new customers, batch by batch, and what was odd about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from ilk.errors import Notice
from ilk.model.assign import AssignedRows, CellCounts
from ilk.model.labels import label_source
from ilk.model.notices import list_prediction_notices
from ilk.tables.write_table import write_table

if TYPE_CHECKING:
    from ilk.model.model import SegmentModel
    from ilk.progress import AdvanceCallback
    from ilk.recipe import Reading
    from ilk.tables.base import Source


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
        return (
            *self._source.notices,
            *list_prediction_notices(self._model.encoder, self._cell_counts, self._source),
        )


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


def select_label_columns(customers: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``customers.csv``: all but the action and the margin."""
    return customers.drop("action", "margin")
